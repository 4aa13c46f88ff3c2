"""Limits that are zero because a geometric bound squeezes them."""

from __future__ import annotations

from ..kernel.affine import Affine, affine
from ..kernel.certificate import Lemma, Statement
from ..kernel.term import Limit, Number, Power, number, substitute_times
from .bounds import prove_bound
from .equations import Workspace
from .trail import Stuck, Trail

NAME = "geometric bound"


def prove_limit(work: Workspace, statement: Statement) -> Trail:
    """lim f(k) = 0: for some hypothesis q < 1, prove f(k) <= q^k for all k >= 0."""
    at = statement.left
    if not isinstance(at, Limit) or statement.right != number(0):
        raise Stuck("the normal forms differ, and the left side is not a limit that is said to be 0")
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
    raise Stuck("no hypothesis says that a ratio is below 1")


def _is_variable(bound: Affine) -> bool:
    return len(bound.variables) == 1 and bound == affine(bound.variables[0])
