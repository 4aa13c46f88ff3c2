"""Limits that are zero because a geometric bound squeezes them."""

from __future__ import annotations

from collections.abc import Iterator

from ..kernel.affine import Affine, affine
from ..kernel.certificate import Lemma, Statement
from ..kernel.term import Limit, Number, Power, Term, number, substitute_times, walk
from .bounds import prove_bound
from .resolve import Workspace
from .trail import StuckError, Trail

NAME = "geometric bound"


def prove_limit(work: Workspace, statement: Statement) -> Trail:
    """lim f(k) = 0: for some q < 1, by hypothesis or in numbers, prove f(k) <= q^k for all k >= 0."""
    at = statement.left
    if not isinstance(at, Limit) or statement.relation != "=" or statement.right != number(0):
        raise StuckError("of limits, only those that are said to be 0 can be proved")
    depth = next((one.variables[0] for one in work.context.assumptions if _is_variable(one)), "")
    for ratio in _ratios(work, at) if depth else ():
        body = substitute_times(at.body, {at.index: affine(depth)})
        bound = Statement(body, "<=", Power(ratio, affine(depth)))
        try:
            trail = prove_bound(work, bound.left, bound.relation, bound.right)
        except StuckError:
            continue
        work.lemmas[NAME] = Lemma(NAME, bound, trail.chain)
        final = work.trail(at)
        final.apply("vanishing", at, {depth: affine(at.index)}, NAME)
        return final
    raise StuckError("no ratio is seen to be below 1 that bounds this")


def _ratios(work: Workspace, at: Limit) -> Iterator[Term]:
    """What a hypothesis says to be below a number, and numbers from 0 to 1 that stand to the power of the index."""
    for one in work.context.hypotheses:
        if one.statement.relation == "<" and isinstance(one.statement.right, Number):
            yield one.statement.left
    for inner in walk(at.body):
        if isinstance(inner, Power) and isinstance(inner.body, Number) and 0 < inner.body.value < 1:
            yield inner.body


def _is_variable(bound: Affine) -> bool:
    return len(bound.variables) == 1 and bound == affine(bound.variables[0])
