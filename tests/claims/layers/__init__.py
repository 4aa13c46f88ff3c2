"""Layers and losses: feed-forward networks, softmax, norms, quotients; each true claim with false ones next to it."""

from __future__ import annotations

from . import dense, forms, functions, inverses, losses, normalization
from .words import Row

TABLES: dict[str, dict[str, Row]] = {
    "dense": dense.DENSE,
    "batches": dense.ROWS,
    "residual": dense.RESIDUALS,
    "losses": losses.LOSSES | losses.MORE_LOSSES,
    "regression": forms.REGRESSION,
    "forms": forms.FORMS | forms.MORE_FORMS,
    "normalization": normalization.NORMALIZATION | normalization.MORE_NORMALIZATION,
    "batch normalization": normalization.BATCH_NORMS,
    "attention": normalization.ATTENTIONS,
    "self-attention": normalization.SELF_ATTENTION,
    "inverses": inverses.INVERSES | inverses.MORE_INVERSES,
    "functions": functions.FUNCTIONS | functions.MORE_FUNCTIONS,
    "differentials": inverses.DIFFERENTIALS,
}
LAYERS = {f"{table}: {name}": row for table, rows in TABLES.items() for name, row in rows.items()}
