"""The mistake of a whole text: derivatives written in another layout than the one that is declared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from ..engine.tidy import tidy
from ..kernel.certificate import Statement
from ..kernel.term import Gradient, ShapeError, Term, Transpose, map_parts, walk
from ..notation.dialect import Layout


def vector_derivatives(term: Term) -> bool:
    return any(isinstance(one, Gradient) and _of_vector(one) for one in walk(term))


def _of_vector(one: Gradient) -> bool:
    return one.of.shape[0] != 1


OTHERS: Mapping[Layout, tuple[Layout, ...]] = {
    "gradient": ("columns", "jacobian"),
    "columns": ("gradient",),
    "jacobian": ("columns", "gradient"),
    "mixed": (),
}
"""The layouts that a text may mean instead of the one that is declared."""


def other_layouts(wrong: Statement, declared: Layout) -> Iterator[tuple[Statement, Layout]]:
    """The statement as it would be read in the other layouts, if it has the derivative of a vector in it."""
    for layout in OTHERS[declared] if any(map(vector_derivatives, (wrong.left, wrong.right))) else ():
        try:
            left, right = (tidy(_transposed(side, {declared, layout})) for side in (wrong.left, wrong.right))
        except ShapeError:
            continue
        if left.shape == right.shape:
            yield replace(wrong, left=left, right=right), layout


def _transposed(term: Term, layouts: set[Layout]) -> Term:
    """The derivatives that two layouts write differently, transposed: those of vectors, of scalars, or both."""
    if isinstance(term, Gradient):
        kind: set[Layout] = {"columns", "jacobian"} if _of_vector(term) else {"jacobian"}
        return Transpose(term) if len(layouts & kind) == 1 else term
    return map_parts(term, lambda part: _transposed(part, layouts))
