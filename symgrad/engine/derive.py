"""A gradient worked out: as far as the strategies bring it, with the certificate of every step."""

from __future__ import annotations

from ..kernel.certificate import Certificate, Context, Lemma, Statement
from ..kernel.check import check
from ..kernel.term import Term
from .expand import apply_hypotheses, unfold_abbreviations
from .parameters import share_out
from .prove import Attempt, needed
from .resolve import Workspace, resolve
from .trail import StuckError


def derive(term: Term, context: Context, name: str = "gradient") -> tuple[Statement, Attempt]:
    """term = what its gradients come to: closed forms for all depths where one step back closes on itself.

    Gradients that have no closed form are left standing, in terms of those of the states. Raises StuckError past the
    budget, or if there is nothing to work out.
    """
    work = Workspace(context)
    trail = work.trail(term)
    unfold_abbreviations(trail)
    apply_hypotheses(trail)
    share_out(trail)
    resolve(work, trail)
    if not trail.steps:
        raise StuckError("nothing in this term can be worked out further")
    statement = Statement(term, "=", trail.current)
    lemmas = needed((*work.lemmas.values(), Lemma(name, statement, trail.chain)))
    certificate = Certificate(context, lemmas)
    judgement = check(certificate)
    return statement, Attempt(certificate, judgement, judgement.reason)
