"""Limits that are zero because a geometric bound squeezes them."""

from __future__ import annotations

from ..kernel.affine import Affine, affine
from ..kernel.certificate import Lemma, Statement
from ..kernel.term import Limit, Number, Power, number, substitute_times
from .bounds import prove_bound
from .resolve import Workspace
from .trail import StuckError, Trail

NAME = "geometric bound"


def prove_limit(work: Workspace, statement: Statement) -> Trail:
    """lim f(k) = 0: for some hypothesis q < 1, prove f(k) <= q^k for all k >= 0."""
    at = statement.left
    if not isinstance(at, Limit) or statement.relation != "=" or statement.right != number(0):
        raise StuckError("of limits, only those that are said to be 0 can be proved")
    depth = next((one.variables[0] for one in work.context.assumptions if _is_variable(one)), "")
    for one in work.context.hypotheses:
        if depth and one.statement.relation == "<" and isinstance(one.statement.right, Number):
            body = substitute_times(at.body, {at.index: affine(depth)})
            bound = Statement(body, "<=", Power(one.statement.left, affine(depth)))
            trail = prove_bound(work, bound.left, bound.relation, bound.right)
            work.lemmas[NAME] = Lemma(NAME, bound, trail.chain)
            final = work.trail(at)
            final.apply("vanishing", at, {depth: affine(at.index)}, NAME)
            return final
    raise StuckError("no hypothesis says that a ratio is below 1")


def _is_variable(bound: Affine) -> bool:
    return len(bound.variables) == 1 and bound == affine(bound.variables[0])
