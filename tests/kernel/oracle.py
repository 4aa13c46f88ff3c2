"""Values of terms, computed by definition and sharing nothing with the kernel but the records.

`Exact` works modulo the prime 2^61 - 1: tanh and sigmoid are arbitrary functions u of the values they meet, of which
only u' = 1 - u^2 and u' = u - u^2 is known. `Floating` works with real numbers and knows norms. Derivatives are in
forward mode.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from symgrad.kernel import term as t
from symgrad.kernel.affine import Affine
from symgrad.kernel.certificate import Context, Statement

PRIME = 2**61 - 1
START = -7  # states at this time and before are given, not computed, unless the context says otherwise
Matrix = list[list[Any]]
Times = Mapping[str, int]
Tangent = Callable[[t.Symbol, Times], Matrix | None]


class UnsupportedError(Exception):
    """The oracle has no value for this term."""


def time_of(one: Affine, times: Times) -> int:
    return one.constant + sum(value * times[name] for name, value in one.coefficients)


@dataclass
class Exact:
    """One random point: sizes, a context whose recurrences are run, and everything else drawn by name from the seed."""

    sizes: Mapping[str, int]
    seed: int = 0
    context: Context = field(default_factory=Context)
    times: Times = field(default_factory=dict)  # the times of the claim, at which a loss reads its node
    given: dict[tuple[object, ...], Matrix] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.definitions = {one.head.name: one for one in self.context.recurrence}
        self.short = {one.head.name: one for one in self.context.abbreviations}
        self.losses = {one.name: one for one in self.context.losses}
        self.before = START if self.context.start is None else self.context.start - 1
        self.drawn: dict[object, Any] = {}

    # the field
    def reduce(self, value: Any) -> Any:
        return value % PRIME

    def rational(self, value: Fraction) -> Any:
        return value.numerator * pow(value.denominator, -1, PRIME) % PRIME

    def random(self, key: object) -> Any:
        return random.Random(f"{self.seed} {key}").randrange(PRIME)

    def apply(self, function: str, value: Any) -> Any:
        name, primes = function.rstrip("'"), function.count("'")
        if name not in ("tanh", "sigmoid") or primes > 1:
            return self._drawn((function, value))
        at_zero = Fraction(0) if name == "tanh" else Fraction(1, 2)
        u = self.rational(at_zero) if value == 0 else self._drawn((name, value))
        if not primes:
            return u
        return self.reduce(1 - u * u if name == "tanh" else u - u * u)

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
            pivot = max(range(place, size), key=lambda one: abs(rows[one][place]))
            if rows[pivot][place] == 0:
                raise UnsupportedError("singular")
            rows[place], rows[pivot] = rows[pivot], rows[place]
            factor = self.reciprocal(rows[place][place])
            rows[place] = [self.reduce(one * factor) for one in rows[place]]
            for other in range(size):
                if other != place:
                    ratio = rows[other][place]
                    rows[other] = [self.reduce(a - ratio * c) for a, c in zip(rows[other], rows[place], strict=True)]
        return [row[size:] for row in rows]

    def reciprocal(self, value: Any) -> Any:
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
        return self.folded(self.multiplied, [self.identity(term.shape), *[self.value(term.body, times)] * exponent])

    def symbol(self, term: t.Symbol, times: Times) -> Matrix:
        here = tuple(time_of(one, times) for one in term.times)
        key = (term.name, *here)
        if key not in self.given:
            known = self.definitions.get(term.name) or self.short.get(term.name)
            if known is None or (term.name in self.definitions and here[0] <= self.before):
                found = self.filled(term.shape, lambda a, c: self.random((*key, a, c)))
            else:
                found = self.value(known.body, self.inside(known.head, here))
            self.given[key] = found
        return self.given[key]

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
            unit = self.filled(term.wrt.shape, lambda a, c, entry=entry: self.rational(Fraction((a, c) == entry)))
            tangents = _Tangents(self, start, unit, ranges, term.direct)
            found[entry] = [row[0] for row in tangents.of(term.of, times)]
        if columns == 1:
            return [found[row, 0] for row in range(rows)]
        return [[found[row, column][0] for column in range(columns)] for row in range(rows)]


@dataclass
class _Tangents:
    """Derivatives along one direction `unit` of the node `start`; held nodes stand still, and (direct) all others."""

    world: Exact
    start: tuple[object, ...]
    unit: Matrix
    held: list[tuple[str, int, int]]
    direct: bool
    known: dict[tuple[object, ...], Matrix] = field(default_factory=dict)

    def of(self, term: t.Term, times: Times) -> Matrix:
        if self.direct and isinstance(term, t.Symbol) and term.name in self.world.definitions:
            known = self.world.definitions[term.name]
            return self.along(known.body, self.world.inside(known.head, (time_of(term.times[0], times),)))
        return self.along(term, times)

    def along(self, term: t.Term, times: Times) -> Matrix:
        world = self.world
        match term:
            case t.Symbol():
                return self.symbol(term, times)
            case t.Sum():
                return world.folded(world.added, [self.along(one, times) for one in term.terms])
            case t.Scale():
                return self.leibniz((term.scalar, term.body), times, lambda a, c: world.scaled(a[0][0], c))
            case t.Product():
                return self.leibniz(term.factors, times, world.multiplied)
            case t.Hadamard():
                return self.leibniz(term.factors, times, world.overlaid)
            case t.EntrywisePower() if term.exponent:
                return self.leibniz((term.body,) * term.exponent, times, world.overlaid)
            case t.Entrywise():
                slope = world.value(t.Entrywise(term.function + "'", term.body), times)
                return world.overlaid(slope, self.along(term.body, times))
            case t.Transpose():
                return [list(row) for row in zip(*self.along(term.body, times), strict=True)]
            case t.Diagonal():
                column = self.along(term.body, times)
                return world.filled(term.shape, lambda a, c: column[a][0] if a == c else world.rational(Fraction(0)))
            case t.ComponentSum():
                found = [self.along(term.body, inner) for inner in world.entries(term, times)]
                return world.folded(world.added, found)
            case t.Trace():
                body = self.along(term.body, times)
                return [[world.reduce(sum(body[a][a] for a in range(len(body))))]]
            case t.IndexedSum():
                return world.written_out(term, [self.along(term.body, inner) for inner in world.range(term, times)])
            case t.Number() | t.Ones() | t.Zero() | t.Identity() | t.Basis() | t.EntrywisePower():
                return world.constant(term.shape, 0)
            case _:
                raise UnsupportedError(f"derivative of {type(term).__name__}")

    def leibniz(self, factors: tuple[t.Term, ...], times: Times, how: Callable[[Matrix, Matrix], Matrix]) -> Matrix:
        values = [self.world.value(one, times) for one in factors]
        moved = []
        for place, one in enumerate(factors):
            moved.append(self.world.folded(how, [*values[:place], self.along(one, times), *values[place + 1 :]]))
        return self.world.folded(self.world.added, moved)

    def symbol(self, term: t.Symbol, times: Times) -> Matrix:
        world = self.world
        here = (term.name, *(time_of(one, times) for one in term.times))
        if here not in self.known:
            self.known[here] = self._symbol(term, here)
        return self.known[here] or world.constant(term.shape, 0)

    def _symbol(self, term: t.Symbol, here: tuple[Any, ...]) -> Matrix:
        world = self.world
        zero = world.constant(term.shape, 0)
        if here == self.start:
            return self.unit
        if any(here[0] == name and low <= here[1] <= high for name, low, high in self.held):
            return zero
        if self.direct:
            return zero
        if term.name in world.losses:
            loss = world.losses[term.name]
            size, _ = world.shape(loss.on.shape)
            slope = [[world.random(("slope", *here, a)) for a in range(size)]]
            return world.multiplied(
                slope, self.along(loss.on, {**world.times, **dict(zip(loss.times, here[1:], strict=True))})
            )
        known = world.definitions.get(term.name) or world.short.get(term.name)
        if known is None or (term.name in world.definitions and here[1] <= world.before):
            return zero
        return self.along(known.body, world.inside(known.head, here[1:]))


class Floating(Exact):
    """The same over the real numbers, with norms; entries are drawn from [-spread, spread]."""

    spread = 1.0

    def reduce(self, value: Any) -> Any:
        return value

    def rational(self, value: Fraction) -> Any:
        return float(value)

    def random(self, key: object) -> Any:
        return random.Random(f"{self.seed} {key}").uniform(-self.spread, self.spread)

    def reciprocal(self, value: Any) -> Any:
        return 1 / value

    def apply(self, function: str, value: Any) -> Any:
        name, primes = function.rstrip("'"), function.count("'")
        u = math.tanh(value) if name == "tanh" else (1 + math.tanh(value / 2)) / 2
        if name not in ("tanh", "sigmoid") or primes > 1:
            raise UnsupportedError(function)
        return u if not primes else (1 - u * u if name == "tanh" else u - u * u)

    def magnitude(self, kind: str, body: Matrix) -> Any:
        import numpy

        values = numpy.linalg.svd(numpy.array(body), compute_uv=False)
        match kind:
            case "spectral_norm":
                return float(values[0])
            case "least_singular_value":
                return float(values[-1])
            case "spectral_radius":
                return float(max(abs(numpy.linalg.eigvals(numpy.array(body)))))
        entries = [abs(a) for row in body for a in row]
        return max(entries) if kind == "largest_entry" else min(entries)

    def simple(self, term: t.Term, times: Times) -> Matrix:
        """A supremum is taken over a grid that reaches so far that tanh and the sigmoid are 1 there, and 0."""
        if not isinstance(term, t.Extremum):
            return super().simple(term, times)
        found = []
        for step in range(-4000, 4001):
            self.given[(term.variable,)] = [[step / 50]]
            found.append(self.value(term.body, times)[0][0])
        del self.given[(term.variable,)]
        return [[max(found)]]

    def related(self, relation: str, left: float, right: float) -> bool:
        slack = 1e-9 * (1 + abs(left) + abs(right))
        match relation:
            case "=":
                return abs(left - right) <= slack
            case "<=" | "<":
                return left <= right + slack
            case _:
                return right <= left + slack
