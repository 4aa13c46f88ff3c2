"""Fast values of terms on many instances at once, in floats, with derivatives by reverse mode.

Only suggests: what it finds is confirmed by `symgrad.instances`, which goes forward and in intervals. A value is an
array (instances, rows, columns); a cotangent is one more axis deep, (instances, outputs, rows, columns).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from typing import TYPE_CHECKING, Any, TypeAlias

from ..instances.functions import extremum, lookup
from ..instances.instance import Key
from ..instances.interval import Interval, UndefinedError, point
from ..instances.scope import MissingError, Scope, Times, arguments, at, concrete, is_computed, run_through
from ..kernel.certificate import Context
from ..kernel.term import (
    Basis,
    ComponentSum,
    Diagonal,
    DiagonalPart,
    Entrywise,
    EntrywisePower,
    Extremum,
    Gradient,
    Hadamard,
    Identity,
    IndexedSum,
    Inverse,
    Magnitude,
    Number,
    Ones,
    OrderedProduct,
    Power,
    Product,
    Scale,
    Sum,
    Symbol,
    Term,
    Trace,
    Transpose,
    Zero,
)
from .sweep import gradient

if TYPE_CHECKING:
    import numpy as np

    Array: TypeAlias = np.ndarray[Any, np.dtype[np.float64]]
    Mask: TypeAlias = np.ndarray[Any, np.dtype[np.bool_]]

MAX_EXPONENT = 64
MAX_VISITS = 20_000
SINGULAR = 1e-9
HUGE = 1e100


class Batch:
    """Evaluates terms of one context on several instances of the same sizes and times."""

    def __init__(
        self,
        context: Context,
        sizes: Mapping[str, int],
        times: Times,
        start: int,
        given: Mapping[Key, Array],
        count: int,
    ) -> None:
        import numpy

        self.np = numpy
        self.scope = Scope(context, times)
        self.sizes, self.start, self.given, self.count = sizes, start, given, count
        self.nodes: dict[Key, Array] = {}
        self.gradients: dict[object, Array] = {}
        self.visits = 0

    def value(self, term: Term, times: Times) -> Array:
        """The value on every instance; UndefinedError where the term has none."""
        self.visits += 1
        if self.visits > MAX_VISITS:
            raise UndefinedError("too much work for one batch")
        match term:
            case Number():
                return self._filled(term, float(term.value))
            case Ones():
                return self._filled(term, 1.0)
            case Zero():
                return self._filled(term, 0.0)
            case Identity():
                return self._eye(concrete(term.rows, self.sizes))
            case Basis():
                return self._basis(term, times)
            case Symbol():
                return self._symbol(term, times)
            case Gradient():
                return gradient(self, term, times)
            case Extremum():
                found = extremum(term, times, lambda part: self._interval(part, times))
                return self._filled(term, float(found.lo))
            case _:
                return self._algebra(term, times)

    def _algebra(self, term: Term, times: Times) -> Array:
        match term:
            case Sum():
                return reduce(self.np.add, (self.value(one, times) for one in term.terms))
            case Scale():
                return self.value(term.scalar, times) * self.value(term.body, times)
            case Product() | OrderedProduct() | Power():
                return self._chain(term, [self.value(one, where) for one, where in self.factors(term, times)])
            case Hadamard():
                return reduce(self.np.multiply, (self.value(one, times) for one in term.factors))
            case IndexedSum() | ComponentSum():
                found = (self.value(one, where) for one, where in self.factors(term, times))
                return reduce(self.np.add, found, self._filled(term, 0.0))
            case Transpose() | Inverse() | Diagonal() | DiagonalPart() | Trace() | Entrywise() | EntrywisePower():
                return self._unary(term, self.value(term.body, times))
            case Magnitude():
                return self._magnitude(term.kind, self.value(term.body, times))
            case _:
                raise UndefinedError(f"no value for a {type(term).__name__}")

    def _unary(self, term: Term, body: Array) -> Array:
        match term:
            case Transpose():
                return body.swapaxes(-1, -2)
            case Inverse():
                return self._inverse(body)
            case Diagonal():
                return body * self.np.eye(body.shape[-2])
            case DiagonalPart():
                found: Array = self.np.einsum("...ii->...i", body)[..., None]
                return found
            case Trace():
                return self._spread(self.np.einsum("...ii->...", body))
            case Entrywise():
                return self.apply(term.function, body)
            case EntrywisePower():
                return body ** float(term.exponent)
            case _:
                raise UndefinedError(f"no value for a {type(term).__name__}")

    def _filled(self, term: Term, value: float) -> Array:
        rows, columns = (concrete(size, self.sizes) for size in term.shape)
        return self.np.full((self.count, rows, columns), value)

    def _eye(self, size: int) -> Array:
        return self.np.broadcast_to(self.np.eye(size), (self.count, size, size))

    def _basis(self, term: Basis, times: Times) -> Array:
        rows, place = concrete(term.rows, self.sizes), at(term.place, times)
        if not 1 <= place <= rows:
            raise UndefinedError(f"a vector of {rows} has no entry {place}")
        return self._eye(rows)[:, :, place - 1 : place]

    def _interval(self, term: Term, times: Times) -> Interval:
        found = self.value(term, times)
        if found.shape[-2:] != (1, 1) or not self.np.isfinite(found).all() or not (found == found[0]).all():
            raise UndefinedError("a coefficient under an extremum that is not one number")
        return point(round(found[0, 0, 0] * 2**40)) * point(2**40).reciprocal()

    def factors(
        self, term: Product | OrderedProduct | IndexedSum | ComponentSum | Power, times: Times
    ) -> Iterator[tuple[Term, Times]]:
        """The factors or summands in order, each with the times that it is taken at."""
        match term:
            case Product():
                yield from ((one, times) for one in term.factors)
            case Power():
                exponent = at(term.exponent, times)
                if not 0 <= exponent <= MAX_EXPONENT:
                    raise UndefinedError(f"a power of {exponent}")
                yield from [(term.body, times)] * exponent
            case OrderedProduct() | IndexedSum() | ComponentSum():
                for index in run_through(term, times, self.sizes):
                    yield term.body, {**times, term.index: index}

    def _chain(self, term: Term, factors: Sequence[Array]) -> Array:
        if not factors:
            return self._eye(concrete(term.shape[0], self.sizes))
        found: Array = reduce(self.np.matmul, factors)
        return found

    def _inverse(self, body: Array) -> Array:
        """The inverse; not a number where there is none."""
        finite = (abs(body) < HUGE).all(axis=(-2, -1))
        regular = self._spread(finite & (abs(self.np.linalg.det(body)) > SINGULAR))
        found = self.np.linalg.inv(self.np.where(regular, body, self.np.eye(body.shape[-1])))
        return self.np.where(regular, found, self.np.nan)

    def _spread(self, values: Any) -> Any:
        return values[..., None, None]

    def apply(self, name: str, body: Array) -> Array:
        _, polynomial = lookup(name)
        half = 0.5 * self.np.tanh(0.5 * body) + 0.5
        u = self.np.tanh(body) if name.startswith("tanh") else half
        return sum((float(one) * u**i for i, one in enumerate(polynomial)), self.np.zeros_like(u))

    def _magnitude(self, kind: str, body: Array) -> Array:
        np, axes = self.np, (-2, -1)
        finite = self._spread((abs(body) < HUGE).all(axis=axes))
        safe = np.where(finite, body, 0.0)
        match kind:
            case "spectral_norm":
                found = np.linalg.svd(safe, compute_uv=False).max(axis=-1)
            case "least_singular_value":
                found = np.linalg.svd(safe, compute_uv=False).min(axis=-1)
            case "spectral_radius":
                found = abs(np.linalg.eigvals(safe)).max(axis=-1)
            case "largest_entry":
                found = abs(safe).max(axis=axes)
            case _:
                found = abs(safe).min(axis=axes)
        measured: Array = np.where(finite, self._spread(found), np.nan)
        return measured

    def _symbol(self, symbol: Symbol, times: Times) -> Array:
        key = self.key(symbol, times)
        if symbol.name in self.scope.abbreviations:
            found = self.scope.abbreviations[symbol.name]
            return self.value(found.body, arguments(found, key[1]))
        if key not in self.nodes:
            self.nodes[key] = self._node(key)
        return self.nodes[key]

    def _node(self, key: Key) -> Array:
        if key[0] in self.scope.losses:
            return self.given_value(key).swapaxes(-1, -2) @ self.value(*self.scope.read_by(key))
        if is_computed(key, self.scope.recurrence, self.start):
            found = self.scope.recurrence[key[0]]
            return self.value(found.body, arguments(found, key[1]))
        return self.given_value(key)

    def given_value(self, key: Key) -> Array:
        if key not in self.given:
            raise MissingError(*key)
        return self.given[key]

    def key(self, symbol: Symbol, times: Times) -> Key:
        return symbol.name, tuple(at(time, times) for time in symbol.times)
