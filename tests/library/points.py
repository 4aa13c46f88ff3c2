"""Points at which a claim can be tried: random sizes and times, and values that satisfy what the claim assumes.

Equations between values are solved by Gauss and Newton from a random start; inequalities by trying again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from random import Random

import autograd.numpy as np
from autograd import jacobian

from symgrad.kernel import term as t
from symgrad.kernel.certificate import Condition, Context, Statement

from .functions import Array
from .values import Key, Point, Run, Times, time_of

SIZES = (2, 3, 4, 5)
STEPS = range(-1, 6)
AROUND = range(-2, 9)
SPREADS = (0.5, 1.0, 1.6)
TRIES = 200
ROUNDS = 30
EXACT, CLOSE = 1e-12, 1e-7


class NoPointError(Exception):
    """No values were found that satisfy what a claim assumes."""


def points(statement: Statement, context: Context, count: int, seed: int = 0) -> Iterator[Point]:
    """Some points for a claim, each with other sizes and other times. Raises NoPointError."""
    random = Random(seed)
    for _ in range(count):
        yield next(_candidates(statement, context, random))


def _candidates(statement: Statement, context: Context, random: Random) -> Iterator[Point]:
    sizes, times = _sizes(statement, context), _times(statement, context)
    spots = [one for one in times if _allowed(context, one)]
    positive = frozenset(
        one.term.name for one in context.conditions if one.kind == "positive" and isinstance(one.term, t.Symbol)
    )
    for place in range(TRIES if spots else 0):
        chosen = dict(zip(sizes, random.sample(SIZES, len(sizes)), strict=True))
        spot = random.choice(spots)
        spread = random.choice(SPREADS) * 2.0 ** -(place // 10)
        drawn = Point(context, chosen, spot, random.randrange(2**32), spread, positive)
        found = _solved(drawn)
        if found is not None and _holds(found):
            yield found
    raise NoPointError(f"no point in {TRIES} tries")


def _terms(statement: Statement, context: Context) -> Iterator[t.Term]:
    yield from (statement.left, statement.right)
    for one in (*context.recurrence, *context.abbreviations):
        yield from (one.head, one.body)
    for assumed in context.hypotheses:
        yield from (assumed.statement.left, assumed.statement.right)
    yield from (loss.on for loss in context.losses)


def _sizes(statement: Statement, context: Context) -> list[str]:
    found = {size for term in _terms(statement, context) for one in t.walk(term) for size in one.shape}
    return sorted(size for size in found if isinstance(size, str))


def indices(statement: Statement) -> dict[str, t.Size]:
    """The free indices of entries, with the size that they run through."""
    found: dict[str, t.Size] = {}
    for side in (statement.left, statement.right):
        for one in t.walk(side):
            if isinstance(one, t.Basis):
                found |= dict.fromkeys(one.place.variables, one.rows)
    free = t.free_times(statement.left) | t.free_times(statement.right)
    return {name: size for name, size in sorted(found.items()) if name in free}


def _times(statement: Statement, context: Context) -> list[dict[str, int]]:
    names = t.free_times(statement.left) | t.free_times(statement.right)
    names = names.union(*(one.variables for one in context.assumptions), *(loss.fixed for loss in context.losses))
    ordered = sorted(names - set(indices(statement)))
    return [dict(zip(ordered, here, strict=True)) for here in product(STEPS, repeat=len(ordered))]


def _allowed(context: Context, times: dict[str, int]) -> bool:
    return all(time_of(one, times) >= 0 for one in context.assumptions)


def _solved(point: Point) -> Point | None:
    """The point moved so that the equations among what is assumed hold. None if they are not met."""
    equations = [(one, times) for one, times in _assumed(point) if one.relation == "="]
    unknowns = _free(point, equations)
    if not equations or not unknowns:
        return point
    shapes = [np.shape(value) for value in unknowns.values()]
    ends = np.cumsum([rows * columns for rows, columns in shapes])

    def moved(x: Array) -> Point:
        parts = [np.reshape(x[end - a * b : end], (a, b)) for end, (a, b) in zip(ends, shapes, strict=True)]
        return replace(point, given=dict(zip(unknowns, parts, strict=True)))

    def residual(x: Array) -> Array:
        run = moved(x).run
        off = (run.value(one.left, times) - run.value(one.right, times) for one, times in equations)
        return np.concatenate([np.ravel(one) for one in off])

    x = np.concatenate([np.ravel(value) for value in unknowns.values()])
    for _ in range(ROUNDS):
        off = residual(x)
        if np.max(np.abs(off)) < EXACT:
            return moved(x)
        x = x - np.linalg.lstsq(jacobian(residual)(x), off, rcond=None)[0]
    return None


def _assumed(point: Point) -> Iterator[tuple[Statement, Times]]:
    """What is assumed, at the times that it is assumed for; for all times, those around the point."""
    for one in point.context.hypotheses:
        yield from ((one.statement, times) for times in _everywhere(one.forall, point))


def _everywhere(names: tuple[str, ...], point: Point) -> Iterator[Times]:
    for here in product(AROUND, repeat=len(names)):
        yield {**point.times, **dict(zip(names, here, strict=True))}


def _free(point: Point, equations: list[tuple[Statement, Times]]) -> dict[Key, Array]:
    """The values without a definition that the equations speak of."""
    run, found = point.run, {}
    for one, times in equations:
        for part in (*t.walk(one.left), *t.walk(one.right)):
            if isinstance(part, t.Symbol) and part.name not in {*run.nodes, *run.short}:
                found[part.name, *(time_of(at, times) for at in part.times)] = run.value(part, times)
    return found


def _holds(point: Point) -> bool:
    run = point.run
    pairs = ((run.value(one.left, times), one.relation, run.value(one.right, times)) for one, times in _assumed(point))
    conditions = ((one, times) for one in point.context.conditions for times in _everywhere(one.forall, point))
    return all(related(*pair) for pair in pairs) and all(_satisfied(*one, run) for one in conditions)


def _satisfied(condition: Condition, times: Times, run: Run) -> bool:
    value = run.value(condition.term, times)
    match condition.kind:
        case "positive":
            return bool(np.min(value) > CLOSE)
        case "nonzero":
            return bool(np.min(np.abs(value)) > CLOSE)
        case "invertible":
            return bool(np.min(np.linalg.svd(value, compute_uv=False)) > 0.05)


def related(left: Array, relation: str, right: Array) -> bool:
    """Whether a relation holds in floats; a strict one counts as a weak one."""
    slack = CLOSE * (1 + np.abs(left) + np.abs(right))
    match relation:
        case "=":
            return bool(np.all(np.abs(left - right) <= slack))
        case "<=" | "<":
            return bool(np.all(left <= right + slack))
        case _:
            return bool(np.all(right <= left + slack))


def holds(statement: Statement, point: Point) -> bool:
    """Whether a statement holds at a point, for all entries that it speaks of. Raises NoValueError."""
    run, counted = point.run, indices(statement)
    ranges = (range(1, point.shape((rows, 1))[0] + 1) for rows in counted.values())
    spots = ({**point.times, **dict(zip(counted, here, strict=True))} for here in product(*ranges))
    sides = ((run.value(statement.left, spot), run.value(statement.right, spot)) for spot in spots)
    return all(related(left, statement.relation, right) for left, right in sides)
