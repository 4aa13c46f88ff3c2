"""Values to try on a cell of the grid: simple and telling ones first, then random small rationals.

Random matrices are not symmetric and do not commute. Hypotheses that give a parameter a value, or its norm a bound,
are met by construction; whether all of them hold is judged elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from fractions import Fraction
from random import Random

from ..instances.forward import Forward
from ..instances.instance import Instance, Key, Rows, Value
from ..instances.interval import UndefinedError
from ..instances.matrix import exact
from ..instances.measures import spectral_norm
from ..instances.scope import Scope, Times, at, concrete, windows
from ..kernel.certificate import FLIPPED, Context, Relation, Statement
from ..kernel.term import SCALAR, Entrywise, Magnitude, Shape, Symbol, Term, walk
from .grid import Cell

SMALL = tuple(map(Fraction, ("1/2", "-1/2", "1", "-1", "1/4", "-3/4", "3/2", "1/3")))
WIDE = tuple(map(Fraction, (2, -2, 3, -3, 1, -1, 4, 10)))
BELOW = tuple(map(Fraction, ("1/2", "9/10", "999/1000")))
ABOVE = tuple(map(Fraction, ("1001/1000", "2", "5")))
INITIAL = tuple(Fraction(1, bottom) for bottom in (2, 3, 4))
Values = dict[Key, Rows]
Style = Callable[[int, int, Random], Rows]


def _fill(rows: int, columns: int, entry: Callable[[int, int], Fraction | int]) -> Rows:
    return tuple(tuple(Fraction(entry(i, j)) for j in range(columns)) for i in range(rows))


def small(rows: int, columns: int, random: Random) -> Rows:
    return _fill(rows, columns, lambda i, j: random.choice(SMALL))


def wide(rows: int, columns: int, random: Random) -> Rows:
    return _fill(rows, columns, lambda i, j: random.choice(WIDE))


def zero(rows: int, columns: int, random: Random) -> Rows:
    return _fill(rows, columns, lambda i, j: 0)


def ones(rows: int, columns: int, random: Random) -> Rows:
    return _fill(rows, columns, lambda i, j: 1)


def initial(rows: int, columns: int, random: Random) -> Rows:
    """A state that tanh and sigmoid can both reach."""
    return _fill(rows, columns, lambda i, j: random.choice(INITIAL))


def large(rows: int, columns: int, random: Random) -> Rows:
    return _fill(rows, columns, lambda i, j: random.choice((4, 6, 8)))


def identity(rows: int, columns: int, random: Random) -> Rows:
    return _fill(rows, columns, lambda i, j: i == j)


def double(rows: int, columns: int, random: Random) -> Rows:
    return _fill(rows, columns, lambda i, j: 2 * (i == j))


def half(rows: int, columns: int, random: Random) -> Rows:
    return _fill(rows, columns, lambda i, j: Fraction(i == j, 2))


def nilpotent(rows: int, columns: int, random: Random) -> Rows:
    return _fill(rows, columns, lambda i, j: 5 * (j == i + 1))


def diagonal(rows: int, columns: int, random: Random) -> Rows:
    return _fill(rows, columns, lambda i, j: (2, Fraction(1, 2), -1)[i % 3] if i == j else 0)


def rotation(rows: int, columns: int, random: Random) -> Rows:
    """An orthogonal matrix: a turn by the angle of (3, 4, 5) in the first plane."""
    turn = {(0, 0): Fraction(3, 5), (0, 1): Fraction(-4, 5), (1, 0): Fraction(4, 5), (1, 1): Fraction(3, 5)}
    return _fill(rows, columns, lambda i, j: turn.get((i, j), i == j) if min(rows, columns) > 1 else i == j)


def symmetric(rows: int, columns: int, random: Random) -> Rows:
    values = {(i, j): random.choice(SMALL) for i in range(rows) for j in range(columns)}
    return _fill(rows, columns, lambda i, j: values.get((min(i, j), max(i, j)), values[i, j]))


def shift(rows: int, columns: int, random: Random) -> Rows:
    return _fill(rows, columns, lambda i, j: j == i + 1)


MATRICES: tuple[Style, ...] = (small, identity, double, nilpotent, zero, diagonal, half, rotation, symmetric, wide)
VECTORS: tuple[Style, ...] = (small, zero, large, wide)
DESIGNED: tuple[tuple[Style, Style], ...] = (
    (ones, ones),
    (small, small),
    (small, zero),
    (identity, zero),
    (double, zero),
    (nilpotent, zero),
    (diagonal, zero),
    (zero, large),
    (double, large),
    (wide, small),
    (nilpotent, small),
    (rotation, zero),
    (symmetric, small),
    (symmetric, small),
)
OF_NORM_ONE: tuple[Style, ...] = (identity, rotation, shift, identity)


class Proposer:
    """Proposes the values of one cell."""

    def __init__(self, statement: Statement, context: Context, cell: Cell) -> None:
        self.context, self.cell = context, cell
        self.scope = Scope(context, dict(cell.times))
        self.sizes = dict(cell.sizes)
        sides: list[tuple[Term, Times]] = [(side, self.scope.times) for side in (statement.left, statement.right)]
        self.last = self.scope.latest((statement.left, statement.right), cell.start)
        for one in context.hypotheses:
            for times in windows(one, cell.start + 1, self.last, self.scope.times, self.sizes):
                sides += [(one.statement.left, times), (one.statement.right, times)]
        needed = self.scope.given(sides, cell.start)
        self.shapes: dict[Key, Shape] = {key: needed[key] for key in sorted(needed)}
        self.quiet = any(self._is_state(one.statement) for one in context.hypotheses)

    def instance(self, values: Mapping[Key, Rows]) -> Instance:
        found = tuple(Value(*key, values[key]) for key in sorted(values))
        return Instance(self.cell.sizes, self.cell.times, self.cell.start, found)

    def proposals(self, random: Random, count: int, *, designed: bool) -> list[Values]:
        """Values that meet what the hypotheses say of parameters, as far as this is known to be done."""
        if not self.shapes:
            return [{}]
        styles = DESIGNED if designed else ()
        found = [self._styled(matrices, vectors, random) for matrices, vectors in styles]
        found += [self._mixed(random) for _ in range(count)]
        if self.quiet:
            found = [one for values in found for one in (self._quiet(values), self._without_drive(values), values)]
        return [self.adjusted(values, random) for values in found]

    def adjusted(self, values: Values, random: Random) -> Values:
        """The same values after every hypothesis that fixes or bounds a parameter."""
        found = dict(values)
        for one in self.context.hypotheses:
            for times in windows(one, self.cell.start, self.last, self.scope.times, self.sizes):
                with suppress(UndefinedError):
                    self._adjust(one.statement, times, found, random)
        return found

    def draw(self, key: Key, random: Random) -> Rows:
        """A random value in a random style."""
        return self._value(key, random.choice(MATRICES), random.choice(VECTORS), random)

    def changed(self, values: Values, random: Random) -> Values:
        """A neighbour: one value is drawn again, doubled, halved, or has an entry set to 0."""
        key = random.choice(sorted(values))
        rows = values[key]
        change = random.choice(("draw", "double", "halve", "clear"))
        if change == "draw":
            rows = self.draw(key, random)
        elif change == "clear":
            place = random.randrange(len(rows)), random.randrange(len(rows[0]))
            rows = _fill(len(rows), len(rows[0]), lambda i, j: 0 if (i, j) == place else rows[i][j])
        elif key[0] not in self.scope.recurrence:
            rows = _scaled(Fraction(2) if change == "double" else Fraction(1, 2), rows)
        return self.adjusted({**values, key: rows}, random)

    def plain(self, key: Key) -> tuple[Rows, ...]:
        """The simplest values that there are."""
        if key[0] in self.scope.recurrence:
            return (self._initial(key),)
        rows, columns = (concrete(size, self.sizes) for size in self.shapes[key])
        return tuple(_fill(rows, columns, entry) for entry in (lambda i, j: 0, lambda i, j: i == j, lambda i, j: 1))

    def _styled(self, matrices: Style, vectors: Style, random: Random) -> Values:
        return {key: self._value(key, matrices, vectors, random) for key in self.shapes}

    def _mixed(self, random: Random) -> Values:
        return {key: self.draw(key, random) for key in self.shapes}

    def _value(self, key: Key, matrices: Style, vectors: Style, random: Random) -> Rows:
        shape = self.shapes[key]
        rows, columns = (concrete(size, self.sizes) for size in shape)
        if key[0] in self.scope.losses:
            return (ones if matrices is ones else small)(rows, columns, random)
        if key[0] in self.scope.recurrence:
            return self._initial(key) if vectors in (zero, ones) else initial(rows, columns, random)
        if shape == SCALAR:
            return random.choice((small, wide))(rows, columns, random)
        return (vectors if shape[1] == 1 else matrices)(rows, columns, random)

    def _initial(self, key: Key) -> Rows:
        """The simplest value that a state can have: 0, or 1/2 for a sigmoid."""
        rows, columns = (concrete(size, self.sizes) for size in self.shapes[key])
        body = self.scope.recurrence[key[0]].body
        is_gate = isinstance(body, Entrywise) and body.function == "sigmoid"
        return _fill(rows, columns, lambda i, j: Fraction(is_gate, 2))

    def _is_state(self, statement: Statement) -> bool:
        sides = (statement.left, statement.right)
        return statement.relation == "=" and any(
            isinstance(part, Symbol) and part.name in self.scope.recurrence for side in sides for part in walk(side)
        )

    def _quiet(self, values: Values) -> Values:
        """Nothing drives the network: inputs, biases and initial states are 0."""
        found = dict(values)
        for key, shape in self.shapes.items():
            if key[0] in self.scope.recurrence:
                found[key] = self._initial(key)
            elif shape[1] == 1 and shape != SCALAR and key[0] not in self.scope.losses:
                found[key] = _scaled(Fraction(0), values[key])
        return found

    def _without_drive(self, values: Values) -> Values:
        """The states that a hypothesis fixes are cut off: the parameters in their definitions are 0."""
        names = {
            part.name
            for one in self.context.hypotheses
            for side in (one.statement.left, one.statement.right)
            for node in walk(side)
            if isinstance(node, Symbol) and node.name in self.scope.recurrence
            for part in walk(self.scope.recurrence[node.name].body)
            if isinstance(part, Symbol) and not part.times
        }
        return {key: _scaled(Fraction(0), rows) if key[0] in names else rows for key, rows in values.items()}

    def _adjust(self, statement: Statement, times: Times, values: Values, random: Random) -> None:
        left, relation, right = statement.left, statement.relation, statement.right
        if isinstance(right, Symbol | Magnitude) and not isinstance(left, Symbol | Magnitude):
            left, relation, right = right, FLIPPED[relation], left
        match left:
            case Symbol() if relation == "=":
                self._assign(self._key(left, times), right, times, values)
            case Magnitude("spectral_norm", Symbol() as body):
                self._bound(self._key(body, times), relation, right, times, values, random)
            case _:
                return

    def _key(self, symbol: Symbol, times: Times) -> Key:
        return symbol.name, tuple(at(time, times) for time in symbol.times)

    def _assign(self, key: Key, value: Term, times: Times, values: Values) -> None:
        if key in values:
            found = Forward(self.context, self.instance(values)).value(value, times)
            if all(entry.is_point for row in found for entry in row):
                values[key] = tuple(tuple(entry.lo for entry in row) for row in found)

    def _bound(self, key: Key, relation: Relation, bound: Term, times: Times, values: Values, random: Random) -> None:
        """Scale a parameter so that its norm is on the right side of the bound."""
        if key not in values:
            return
        limit = Forward(self.context, self.instance(values)).value(bound, times)[0][0].lo
        rows = values[key]
        if relation == "=" or (relation in (">", ">=") and not any(map(any, rows))):
            rows = random.choice(OF_NORM_ONE)(len(rows), len(rows[0]), random)
        norm = spectral_norm(exact(rows))
        if relation == "=":
            values[key] = _scaled(limit, rows)
        elif relation in ("<", "<=") and norm.hi >= limit > 0:
            values[key] = _scaled(limit * random.choice(BELOW) / _rounded_up(norm.hi), rows)
        elif relation in (">", ">=") and 0 < norm.lo <= limit:
            values[key] = _scaled(_rounded_up(limit / norm.lo) * random.choice(ABOVE), rows)


def _rounded_up(value: Fraction) -> Fraction:
    """The next thousandth, so that numbers stay short."""
    return Fraction(-(-1000 * value.numerator // value.denominator), 1000)


def _scaled(factor: Fraction, rows: Rows) -> Rows:
    return tuple(tuple(factor * entry for entry in row) for row in rows)
