"""Limits that are zero because a geometric bound squeezes them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import chain

from ..kernel.affine import Affine, affine
from ..kernel.certificate import Lemma, Statement
from ..kernel.term import (
    SCALAR,
    Limit,
    Magnitude,
    Number,
    Power,
    Term,
    Zero,
    number,
    substitute_times,
    walk,
)
from .bounds import prove_bound
from .laws import NORM
from .long_run import bounds_from_above, path
from .resolve import Workspace
from .trail import StuckError, Trail

NAME = "geometric bound"


def prove_limit(work: Workspace, statement: Statement) -> Trail:
    """lim f(k) = 0: for some q < 1, by hypothesis or in numbers, prove f(k) <= q^k for all k >= 0.

    Of a matrix or vector f(k), by its norm; of a product of Jacobians, also by the bound of one step.
    """
    at = statement.left
    if not isinstance(at, Limit) or statement.relation != "=" or statement.right not in (number(0), Zero(at.shape)):
        raise StuckError("of limits, only those that are said to be 0 can be proved")
    depth = next((one.variables[0] for one in work.context.assumptions if _is_variable(one)), "")
    body = substitute_times(at.body, {at.index: affine(depth)})
    measured = body if at.shape == SCALAR else Magnitude(NORM, body)
    for bound in chain(_by_ratios(work, at, measured, depth), _by_steps(work, measured)) if depth else ():
        work.lemmas[bound.name] = bound
        final = work.trail(at)
        try:
            final.apply("vanishing", at, {depth: affine(at.index)}, bound.name)
        except StuckError:
            continue
        return final
    raise StuckError("no ratio is seen to be below 1 that bounds this")


def _by_ratios(work: Workspace, at: Limit, measured: Term, depth: str) -> Iterator[Lemma]:
    for ratio in _ratios(work, at):
        bound = Statement(measured, "<=", Power(ratio, affine(depth)))
        with suppress(StuckError):
            trail = prove_bound(work, bound.left, bound.relation, bound.right)
            yield Lemma(NAME, bound, trail.chain)


def _by_steps(work: Workspace, measured: Term) -> Iterator[Lemma]:
    """The bound of a product of Jacobians that is the same at every step."""
    if not isinstance(measured, Magnitude) or measured.kind != NORM:
        return
    with suppress(StuckError):
        found = path(work.context, measured.body)
        for bound in bounds_from_above(found):
            if bound.uniform and isinstance(bound.whole.statement.right, Power):
                work.lemmas.update(bound.known)
                yield bound.lemmas[-1]


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
