"""Values made to meet what is assumed: signs, values and norms of parameters, equations that are linear in one of them.

Only suggests: whether an instance meets all that is assumed is judged elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from fractions import Fraction
from functools import partial
from random import Random

from ..instances.forward import Forward
from ..instances.instance import Instance, Key, Rows
from ..instances.interval import UndefinedError
from ..instances.matrix import exact, inverse
from ..instances.measures import spectral_norm
from ..instances.scope import Scope, Times, assumptions, at, windows
from ..kernel.certificate import FLIPPED, Condition, Context, Hypothesis, Relation, Statement
from ..kernel.term import Magnitude, Symbol, Term, walk
from .styles import OF_NORM_ONE, SPECIAL, Values, fill, identity, small

BELOW = tuple(map(Fraction, ("1/2", "9/10", "999/1000")))
ABOVE = tuple(map(Fraction, ("1001/1000", "2", "5")))
PASSES = 2
MAX_UNKNOWNS = 9
ATTEMPTS = 4


class Adjuster:
    """Changes values until they meet what a context assumes, as far as this is known to be done."""

    def __init__(self, context: Context, instance: Callable[[Mapping[Key, Rows]], Instance], last: int) -> None:
        self.context, self.instance, self.last = context, instance, last
        # A multiple of values with the right signs solves many equations, but a solution seldom has the right signs.
        self.assumed = sorted(assumptions(context), key=_is_equation)

    def adjusted(self, values: Values, random: Random) -> Values:
        """The same values after all that is assumed has been looked at, twice: one change may undo another."""
        found = dict(values)
        for _ in range(PASSES if len(self.assumed) > 1 else 1):
            for one in self.assumed:
                with suppress(UndefinedError):
                    self._meet(one, found, random)
        return found

    def _meet(self, one: Hypothesis | Condition, values: Values, random: Random) -> None:
        start = self.instance(values)
        for times in windows(one, start.start, self.last, dict(start.times), dict(start.sizes)):
            with suppress(UndefinedError):
                if isinstance(one, Condition):
                    self._condition(one, times, values, random)
                else:
                    self._hypothesis(one.statement, times, values, random)

    def _condition(self, one: Condition, times: Times, values: Values, random: Random) -> None:
        if not isinstance(one.term, Symbol) or (key := _key(one.term, times)) not in values:
            return
        rows = values[key]
        match one.kind:
            case "positive":
                values[key] = fill(len(rows), len(rows[0]), lambda i, j: abs(rows[i][j]) or 1)
            case "nonzero":
                values[key] = fill(len(rows), len(rows[0]), lambda i, j: rows[i][j] or 1)
            case "invertible":
                if not _is_invertible(rows):
                    values[key] = next(one for one in self._regular(len(rows), random) if _is_invertible(one))

    def _regular(self, size: int, random: Random) -> Iterator[Rows]:
        """Matrices that mostly have an inverse, and in the end one that has."""
        yield from (small(size, size, random) for _ in range(ATTEMPTS))
        yield identity(size, size, random)

    def _hypothesis(self, statement: Statement, times: Times, values: Values, random: Random) -> None:
        left, relation, right = statement.left, statement.relation, statement.right
        if isinstance(right, Symbol | Magnitude) and not isinstance(left, Symbol | Magnitude):
            left, relation, right = right, FLIPPED[relation], left
        match left:
            case Symbol() if (key := _key(left, times)) in values and left not in walk(right):
                self._compare(key, relation, right, times, values)
            case Magnitude("spectral_norm", Symbol() as body) if (key := _key(body, times)) in values:
                self._bound(key, relation, right, times, values, random)
            case _ if relation == "=":
                self._solve(statement, times, values, random)

    def _value(self, term: Term, times: Times, values: Values) -> Rows | None:
        """The value of a term if it is exact."""
        found = Forward(self.context, self.instance(values)).value(term, times)
        if all(entry.is_point for row in found for entry in row):
            return tuple(tuple(entry.lo for entry in row) for row in found)
        return None

    def _compare(self, key: Key, relation: Relation, side: Term, times: Times, values: Values) -> None:
        """Put each entry on the right side of a value, as far from it as it was."""
        limit, rows = self._value(side, times, values), values[key]
        if limit is None:
            return
        sign = {"=": 0, ">": 1, ">=": 1}.get(relation, -1)
        least = int(relation in ("<", ">"))
        apart = fill(len(rows), len(rows[0]), lambda i, j: abs(rows[i][j] - limit[i][j]) or least)
        values[key] = fill(len(rows), len(rows[0]), lambda i, j: limit[i][j] + sign * apart[i][j])

    def _bound(self, key: Key, relation: Relation, bound: Term, times: Times, values: Values, random: Random) -> None:
        """Scale a parameter so that its norm is on the right side of the bound."""
        limit = Forward(self.context, self.instance(values)).value(bound, times)[0][0].lo
        rows = values[key]
        if relation == "=" or (relation in (">", ">=") and not any(map(any, rows))):
            rows = random.choice(OF_NORM_ONE)(len(rows), len(rows[0]), random)
        norm = spectral_norm(exact(rows))
        if relation == "=":
            values[key] = scaled(limit, rows)
        elif relation in ("<", "<=") and norm.hi >= limit > 0:
            values[key] = scaled(limit * random.choice(BELOW) / _rounded_up(norm.hi), rows)
        elif relation in (">", ">=") and 0 < norm.lo <= limit:
            values[key] = scaled(_rounded_up(limit / norm.lo) * random.choice(ABOVE), rows)

    def _solve(self, statement: Statement, times: Times, values: Values, random: Random) -> None:
        """Make an equation hold by a change of one of the values in it."""
        sides = (statement.left, statement.right)
        scope = Scope(self.context, times)
        inside = {key for side in sides for key, _ in scope.mentions(side, times)}
        if any(key[1] and key[0] in scope.recurrence for key in inside):
            return
        needed = scope.given([(side, times) for side in sides], self.instance(values).start)
        keys = sorted(set(needed) & set(values))
        random.shuffle(keys)

        def residual(key: Key, rows: Rows) -> list[Fraction] | None:
            changed = {**values, key: rows}
            left, right = (self._value(side, times, changed) for side in sides)
            if left is None or right is None:
                return None
            return [a - b for row, other in zip(left, right, strict=True) for a, b in zip(row, other, strict=True)]

        for key in keys[:ATTEMPTS]:
            found = _root(partial(residual, key), values[key], random)
            if found is not None:
                values[key] = found
                return


Residual = Callable[[Rows], list[Fraction] | None]


def _root(residual: Residual, rows: Rows, random: Random) -> Rows | None:
    """Rows near the given ones with residual 0: a multiple of them, a solution of linear equations, or special ones."""
    height, width = len(rows), len(rows[0])
    start = residual(rows)
    if start is None or not any(start):
        return None
    units = [_unit(height, width, divmod(place, width)) for place in range(height * width)]
    random.shuffle(units)
    for directions in ([rows], units[:MAX_UNKNOWNS]):
        found = _by_linear_equations(residual, rows, start, directions)
        if found is not None and any(map(any, found)):
            return found
    special = (random.choice(SPECIAL)(height, width, random) for _ in range(ATTEMPTS))
    return next((one for one in special if _is_zero(residual(one))), None)


def _by_linear_equations(residual: Residual, rows: Rows, start: list[Fraction], directions: list[Rows]) -> Rows | None:
    """A step along the directions, on the guess that the residual is linear in them."""
    columns = []
    for direction in directions:
        there = residual(_plus(rows, Fraction(1), direction))
        if there is None:
            return None
        columns.append([after - before for after, before in zip(there, start, strict=True)])
    steps = solution(columns, [-one for one in start])
    if steps is None:
        return None
    for step, direction in zip(steps, directions, strict=True):
        rows = _plus(rows, step, direction)
    return rows if _is_zero(residual(rows)) else None


def solution(columns: list[list[Fraction]], right: list[Fraction]) -> list[Fraction] | None:
    """Numbers x with sum of x_j column_j = right, the rest 0 where there is a choice; None if there are none."""
    rows = [[*row, value] for *row, value in zip(*columns, right, strict=True)]
    pivots: list[int] = []
    for column in range(len(columns)):
        done = len(pivots)
        below = next((i for i in range(done, len(rows)) if rows[i][column]), None)
        if below is None:
            continue
        rows[done], rows[below] = rows[below], rows[done]
        rows[done] = [one / rows[done][column] for one in rows[done]]
        for i in (i for i in range(len(rows)) if i != done and rows[i][column]):
            rows[i] = [a - rows[i][column] * b for a, b in zip(rows[i], rows[done], strict=True)]
        pivots.append(column)
    if any(row[-1] for row in rows[len(pivots) :]):
        return None
    known = {column: rows[i][-1] for i, column in enumerate(pivots)}
    return [known.get(column, Fraction(0)) for column in range(len(columns))]


def _unit(rows: int, columns: int, place: tuple[int, int]) -> Rows:
    return fill(rows, columns, lambda i, j: (i, j) == place)


def _is_zero(residual: list[Fraction] | None) -> bool:
    return residual is not None and not any(residual)


def _plus(rows: Rows, factor: Fraction, direction: Rows) -> Rows:
    return fill(len(rows), len(rows[0]), lambda i, j: rows[i][j] + factor * direction[i][j])


def _is_invertible(rows: Rows) -> bool:
    try:
        return bool(inverse(exact(rows)))
    except UndefinedError:
        return False


def _is_equation(assumed: Hypothesis | Condition) -> bool:
    return isinstance(assumed, Hypothesis) and assumed.statement.relation == "="


def _key(symbol: Symbol, times: Times) -> Key:
    return symbol.name, tuple(at(time, times) for time in symbol.times)


def _rounded_up(value: Fraction) -> Fraction:
    """The next thousandth, so that numbers stay short."""
    return Fraction(-(-1000 * value.numerator // value.denominator), 1000)


def scaled(factor: Fraction, rows: Rows) -> Rows:
    return tuple(tuple(factor * entry for entry in row) for row in rows)
