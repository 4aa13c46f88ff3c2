"""Values of terms, computed by definition and sharing nothing with the kernel but the records.

`Exact` works modulo the prime 2^61 - 1: tanh, exp and others are arbitrary functions of the values they meet, of which
only the derivatives are known. In `floating.py` are real numbers. Derivatives are in forward mode.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Self

from symgrad.kernel import term as t
from symgrad.kernel.affine import Affine
from symgrad.kernel.certificate import Context, Law, Loss, Statement

from .duals import Dual, derivative, plain, slope_at

PRIME = 2**61 - 1
START = -7  # states at this time and before are given, not computed, unless the context says otherwise
Matrix = list[list[Any]]
Times = Mapping[str, int]
LAW_LEVEL = 100  # of the dual numbers that a declared function is differentiated with


class UnsupportedError(Exception):
    """The oracle has no value for this term."""


def time_of(one: Affine, times: Times) -> int:
    return one.constant + sum(value * times[name] for name, value in one.coefficients)


@dataclass
class Exact:
    """One random point: sizes, a context whose recurrences are run, and everything else drawn by name from the seed."""

    sizes: Mapping[str, int]
    seed: object = 0
    context: Context = field(default_factory=Context)
    times: Times = field(default_factory=dict)  # the times of the claim, at which a loss reads its node
    given: dict[tuple[object, ...], Matrix] = field(default_factory=dict)
    level = 0

    def __post_init__(self) -> None:
        self.base: Self | None = None
        self.direction: Direction | None = None
        self.laws = {one.function.rstrip("'"): one for one in self.context.laws}
        self.definitions = {one.head.name: one for one in self.context.recurrence}
        self.short = {one.head.name: one for one in self.context.abbreviations}
        self.losses = {one.name: one for one in self.context.losses}
        self.before = START if self.context.start is None else self.context.start - 1
        self.drawn: dict[object, Any] = {}

    # the field
    def reduce(self, value: Any) -> Any:
        if isinstance(value, Dual):
            return Dual(value.level, self.reduce(value.real), self.reduce(value.slope))
        return value % PRIME

    def rational(self, value: Fraction) -> Any:
        return value.numerator * pow(value.denominator, -1, PRIME) % PRIME

    def random(self, key: object) -> Any:
        return random.Random(f"{self.seed} {key}").randrange(PRIME)

    def apply(self, function: str, value: Any) -> Any:
        """A function of a number, by the laws of the context, by what is known of it, or else any value at all."""
        name, order = function.rstrip("'"), function.count("'")
        if isinstance(value, Dual):
            inner = self.apply(function + "'", value.real) * value.slope
            return self.reduce(Dual(value.level, self.apply(function, value.real), inner))
        law = self.laws.get(name)
        if law is not None and order >= law.function.count("'"):
            return self._by_law(law, order - law.function.count("'"), value)
        if name == "reciprocal" and not order:
            return self.reciprocal(value)
        try:
            return self.reduce(derivative(name, order, value, self))
        except KeyError:
            return self.unknown(function, value)

    def _by_law(self, law: Law, order: int, value: Any) -> Any:
        """A derivative of what a law says: by dual numbers, one level for each order."""
        for level in range(order):
            value = Dual(LAW_LEVEL + level, value, 1)
        hidden = self.given.get((law.variable,))
        self.given[(law.variable,)] = [[value]]
        found = self.value(law.body, {})[0][0]
        del self.given[(law.variable,)]
        self.given |= {(law.variable,): hidden} if hidden is not None else {}
        for level in reversed(range(order)):
            found = slope_at(LAW_LEVEL + level, found)
        return found

    def known(self, name: str, value: Any) -> Any:
        """Any value at all, but 0 for tanh(0) and 1/2 for sigmoid(0)."""
        if value == 0 and name in ("tanh", "sigmoid"):
            return self.rational(Fraction(name == "sigmoid", 2))
        return self._drawn((name, value))

    def unknown(self, function: str, value: Any) -> Any:
        return self._drawn((function, value))

    def _drawn(self, key: object) -> Any:
        if key not in self.drawn:
            self.drawn[key] = self.random(key)
        return self.drawn[key]

    def magnitude(self, kind: str, body: Matrix) -> Any:
        raise UnsupportedError("norms have no value modulo a prime")

    def inverse(self, body: Matrix) -> Matrix:
        """Gauss and Jordan."""
        size = len(body)
        rows = [[*row, *(self.rational(Fraction(a == c)) for c in range(size))] for a, row in enumerate(body)]
        for place in range(size):
            pivot = max(range(place, size), key=lambda one: abs(plain(rows[one][place])))
            if plain(rows[pivot][place]) == 0:
                raise UnsupportedError("singular")
            rows[place], rows[pivot] = rows[pivot], rows[place]
            factor = self.reciprocal(rows[place][place])
            rows[place] = [self.reduce(one * factor) for one in rows[place]]
            for other in range(size):
                if other != place:
                    ratio = rows[other][place]
                    rows[other] = [self.reduce(a - ratio * c) for a, c in zip(rows[other], rows[place], strict=True)]
        return [row[size:] for row in rows]

    def determinant(self, body: Matrix) -> Any:
        """Along the first row; for small matrices only."""
        if len(body) > 5:
            raise UnsupportedError("a determinant that is too large")
        if len(body) == 1:
            return body[0][0]
        minors = ([[*row[:place], *row[place + 1 :]] for row in body[1:]] for place in range(len(body)))
        signed = ((-1) ** place * self.determinant(minor) for place, minor in enumerate(minors))
        return self.reduce(sum(a * c for a, c in zip(body[0], signed, strict=True)))

    def reciprocal(self, value: Any) -> Any:
        if isinstance(value, Dual):
            return self.apply("reciprocal", value)
        if value == 0:
            raise UnsupportedError("one over zero")
        return self.inverted(value)

    def inverted(self, value: Any) -> Any:
        return pow(value, -1, PRIME)

    # values
    def shape(self, shape: t.Shape) -> tuple[int, int]:
        rows, columns = (self.sizes[size] if isinstance(size, str) else size for size in shape)
        return rows, columns

    def filled(self, shape: t.Shape, entry: Callable[[int, int], Any]) -> Matrix:
        rows, columns = self.shape(shape)
        return [[entry(a, c) for c in range(columns)] for a in range(rows)]

    def constant(self, shape: t.Shape, value: int) -> Matrix:
        return self.filled(shape, lambda a, c: self.rational(Fraction(value)))

    def identity(self, shape: t.Shape) -> Matrix:
        return self.filled(shape, lambda a, c: self.rational(Fraction(a == c)))

    def entries(self, term: t.ComponentSum, times: Times) -> list[Times]:
        return [{**times, term.index: place + 1} for place in range(self.shape((term.rows, 1))[0])]

    def unit(self, term: t.Basis, times: Times) -> Matrix:
        place = time_of(term.place, times)
        if not 1 <= place <= self.shape(term.shape)[0]:
            raise UnsupportedError("an index beyond the last entry")
        return self.filled(term.shape, lambda a, c: self.rational(Fraction(a + 1 == place)))

    def multiplied(self, left: Matrix, right: Matrix) -> Matrix:
        columns = list(zip(*right, strict=True))
        return [
            [self.reduce(sum(a * c for a, c in zip(row, column, strict=True))) for column in columns] for row in left
        ]

    def combined(self, one: Matrix, other: Matrix, how: Callable[[Any, Any], Any]) -> Matrix:
        return [
            [self.reduce(how(a, c)) for a, c in zip(row, twin, strict=True)]
            for row, twin in zip(one, other, strict=True)
        ]

    def added(self, one: Matrix, other: Matrix) -> Matrix:
        return self.combined(one, other, lambda a, c: a + c)

    def overlaid(self, one: Matrix, other: Matrix) -> Matrix:
        return self.combined(one, other, lambda a, c: a * c)

    def scaled(self, factor: Any, body: Matrix) -> Matrix:
        return [[self.reduce(factor * a) for a in row] for row in body]

    def value(self, term: t.Term, times: Times) -> Matrix:
        match term:
            case t.Number():
                return [[self.rational(term.value)]]
            case t.Symbol():
                return self.symbol(term, times)
            case t.Ones() | t.Zero():
                return self.constant(term.shape, int(isinstance(term, t.Ones)))
            case t.Identity():
                return self.identity(term.shape)
            case t.Basis():
                return self.unit(term, times)
            case t.ComponentSum():
                return self.folded(self.added, [self.value(term.body, inner) for inner in self.entries(term, times)])
            case t.Sum():
                return self.folded(self.added, [self.value(one, times) for one in term.terms])
            case t.Product():
                return self.folded(self.multiplied, [self.value(one, times) for one in term.factors])
            case t.Hadamard():
                return self.folded(self.overlaid, [self.value(one, times) for one in term.factors])
            case t.OrderedProduct() | t.IndexedSum():
                return self.written_out(term, [self.value(term.body, inner) for inner in self.range(term, times)])
            case t.Gradient():
                return self.gradient(term, times)
            case _:
                return self.simple(term, times)

    def simple(self, term: t.Term, times: Times) -> Matrix:
        match term:
            case t.Scale():
                return self.scaled(self.value(term.scalar, times)[0][0], self.value(term.body, times))
            case t.Transpose():
                return [list(row) for row in zip(*self.value(term.body, times), strict=True)]
            case t.Inverse():
                return self.inverse(self.value(term.body, times))
            case t.Diagonal():
                body = self.value(term.body, times)
                return self.filled(term.shape, lambda a, c: body[a][0] if a == c else self.rational(Fraction(0)))
            case t.DiagonalPart():
                body = self.value(term.body, times)
                return [[body[a][a]] for a in range(len(body))]
            case t.Trace():
                body = self.value(term.body, times)
                return [[self.reduce(sum(body[a][a] for a in range(len(body))))]]
            case t.Entrywise():
                return [[self.apply(term.function, a) for a in row] for row in self.value(term.body, times)]
            case t.Power():
                return self.raised(term, times)
            case t.EntrywisePower():
                body = self.value(term.body, times)
                return self.folded(self.overlaid, [self.constant(term.shape, 1), *[body] * term.exponent])
            case t.Magnitude():
                return [[self.magnitude(term.kind, self.value(term.body, times))]]
            case t.Determinant():
                return [[self.determinant(self.value(term.body, times))]]
            case t.Softmax():
                columns = zip(*self.value(t.Entrywise("exp", term.body), times), strict=True)
                shares = [[self.reduce(a * self.reciprocal(self.reduce(sum(one)))) for a in one] for one in columns]
                return [list(row) for row in zip(*shares, strict=True)]
            case _:
                raise UnsupportedError(type(term).__name__)

    def folded(self, how: Callable[[Matrix, Matrix], Matrix], items: list[Matrix]) -> Matrix:
        total = items[0]
        for one in items[1:]:
            total = how(total, one)
        return total

    def range(self, term: t.OrderedProduct | t.IndexedSum, times: Times) -> list[Times]:
        lower, upper = time_of(term.lower, times), time_of(term.upper, times)
        return [{**times, term.index: here} for here in range(lower, upper + 1)]

    def written_out(self, term: t.OrderedProduct | t.IndexedSum, items: list[Matrix]) -> Matrix:
        if isinstance(term, t.IndexedSum):
            return self.folded(self.added, [self.constant(term.shape, 0), *items])
        return self.folded(self.multiplied, [self.identity(term.shape), *items])

    def raised(self, term: t.Power, times: Times) -> Matrix:
        exponent = time_of(term.exponent, times)
        if exponent < 0:
            raise UnsupportedError("a negative power")
        match term.body:
            case t.Magnitude(kind="spectral_norm", body=column) if column.shape[1] == 1 and exponent % 2 == 0:
                squared = t.Product((t.Transpose(column), column))
                return self.folded(
                    self.multiplied, [self.identity(term.shape), *[self.value(squared, times)] * (exponent // 2)]
                )
        return self.folded(self.multiplied, [self.identity(term.shape), *[self.value(term.body, times)] * exponent])

    def symbol(self, term: t.Symbol, times: Times) -> Matrix:
        here = tuple(time_of(one, times) for one in term.times)
        key = (term.name, *here)
        if key not in self.given:
            if self.direction is not None:
                self.given[key] = self.moved(self.direction, term, key, times)
            else:
                drawn = self._computed(term, key)
                self.given[key] = drawn or self.filled(term.shape, lambda a, c: self.random((*key, a, c)))
        return self.given[key]

    def _computed(self, term: t.Symbol, here: tuple[Any, ...]) -> Matrix | None:
        """The value by a definition, if there is one for that time."""
        known = self.definitions.get(term.name) or self.short.get(term.name)
        if known is None or (term.name in self.definitions and here[1:] and here[1] <= self.before):
            return None
        return self.value(known.body, self.inside(known.head, here[1:]))

    def inside(self, head: t.Symbol, here: tuple[int, ...]) -> Times:
        return dict(zip((one.variables[0] for one in head.times), here, strict=True))

    def holds(self, statement: Statement) -> bool:
        """Whether a statement holds at this point; strict relations are taken as weak ones."""
        left, right = self.value(statement.left, self.times), self.value(statement.right, self.times)
        pairs = ((a, c) for row, twin in zip(left, right, strict=True) for a, c in zip(row, twin, strict=True))
        return all(self.related(statement.relation, a, c) for a, c in pairs)

    def related(self, relation: str, left: Any, right: Any) -> bool:
        if relation != "=":
            raise UnsupportedError("no order modulo a prime")
        return bool(left == right)

    # derivatives
    def gradient(self, term: t.Gradient, times: Times) -> Matrix:
        """Row j is the transposed derivative of `of` along entry j of `wrt`; of a scalar, entry by entry of `wrt`."""
        start = (term.wrt.name, *(time_of(one, times) for one in term.wrt.times))
        ranges = [(one.name, time_of(one.lower, times), time_of(one.upper, times)) for one in term.held]
        rows, columns = self.shape(term.wrt.shape)
        found: dict[tuple[int, int], list[Any]] = {}
        for entry in ((row, column) for row in range(rows) for column in range(columns)):
            unit = [[int((a, c) == entry) for c in range(columns)] for a in range(rows)]
            world = self.toward(Direction(start, unit, ranges, term.direct))
            value = world.explicit(term.of, times) if term.direct else world.value(term.of, times)
            found[entry] = [self.reduce(slope_at(world.level, row[0])) for row in value]
        if columns == 1:
            return [found[row, 0] for row in range(rows)]
        return [[found[row, column][0] for column in range(columns)] for row in range(rows)]

    def toward(self, direction: Direction) -> Self:
        """The same world with dual numbers, in which one node moves."""
        world = copy.copy(self)
        world.base, world.direction, world.level, world.given = self, direction, self.level + 1, {}
        return world

    def explicit(self, term: t.Term, times: Times) -> Matrix:
        """A node by its definition, another term as it is."""
        if not isinstance(term, t.Symbol) or term.name not in self.definitions:
            return self.value(term, times)
        known = self.definitions[term.name]
        return self.value(known.body, self.inside(known.head, tuple(time_of(one, times) for one in term.times)))

    def moved(self, direction: Direction, term: t.Symbol, here: tuple[Any, ...], times: Times) -> Matrix:
        """A symbol where one node moves: held nodes stand still, and (direct) all others."""
        assert self.base is not None
        still = self.base.symbol(term, times)
        if here == direction.start:
            return self.combined(still, direction.unit, lambda a, c: Dual(self.level, a, c))
        if direction.direct or any(here[0] == name and low <= here[1] <= up for name, low, up in direction.held):
            return still
        if term.name in self.losses:
            return [[Dual(self.level, still[0][0], self._of_loss(self.losses[term.name], here[1:]))]]
        return self._computed(term, here) or still

    def _of_loss(self, loss: Loss, here: tuple[int, ...]) -> Any:
        if self.level > 1:
            raise UnsupportedError("a loss is differentiated once")
        node = self.value(loss.on, {**self.times, **dict(zip(loss.times, here, strict=True))})
        entries = [(slope_at(1, a), (row, at)) for row, line in enumerate(node) for at, a in enumerate(line)]
        return self.reduce(sum(a * self.random(("slope", loss.name, *here, *place)) for a, place in entries))


@dataclass
class Direction:
    """What moves, and along what; what is held, and whether all else is."""

    start: tuple[object, ...]
    unit: Matrix
    held: list[tuple[str, int, int]]
    direct: bool
