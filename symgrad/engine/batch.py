"""Fast values of terms on many instances at once, in floats, with derivatives by reverse mode.

Only suggests: what it finds is confirmed by `symgrad.instances`, which goes forward and in intervals. A value is an
array (instances, rows, columns); a cotangent is one more axis deep, (instances, outputs, rows, columns).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from typing import TYPE_CHECKING, Any, TypeAlias

from ..instances.extrema import extremum
from ..instances.functions import NAMES, split
from ..instances.instance import Key
from ..instances.interval import Interval, UndefinedError, point
from ..instances.scope import MissingError, Scope, Times, arguments, at, concrete, is_computed, run_through
from ..kernel.certificate import Context, Law
from ..kernel.term import (
    SCALAR,
    Basis,
    ComponentSum,
    Determinant,
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
    Softmax,
    Sum,
    Symbol,
    Term,
    Trace,
    Transpose,
    Unary,
    Zero,
)
from .floats import by_name, softmax
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
        functions: Mapping[str, str] | None = None,
    ) -> None:
        """`functions` says which known function an arbitrary one stands for."""
        import numpy

        self.np = numpy
        self.context, self.functions = context, functions or {}
        self.scope = Scope(context, times)
        self.sizes, self.start, self.given, self.count = sizes, start, given, count
        self.nodes: dict[Key, Array] = {}
        self.gradients: dict[object, Array] = {}
        self.visits = 0

    def copy(self) -> Batch:
        """The same instances before anything is computed."""
        start, given, functions = self.start, self.given, self.functions
        return Batch(self.context, self.sizes, self.scope.times, start, given, self.count, functions)

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
                found = extremum(term, times, lambda part: self._interval(part, times), self.functions)
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
            case Magnitude():
                return self._magnitude(term.kind, self.value(term.body, times))
            case Unary() | Entrywise() | EntrywisePower():
                return self._unary(term, self.value(term.body, times))
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
            case Determinant():
                return self._spread(self.np.linalg.det(body))
            case Softmax():
                return softmax(body)
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
        regular = self._spread(determinant_size(body) > SINGULAR)
        found = self.np.linalg.inv(self.np.where(regular, body, self.np.eye(body.shape[-1])))
        return self.np.where(regular, found, self.np.nan)

    def _spread(self, values: Any) -> Any:
        return values[..., None, None]

    def apply(self, name: str, body: Array) -> Array:
        """A function of each entry; on complex numbers, whose imaginary parts are infinitely small, to first order."""
        if self.np.iscomplexobj(body):
            found: Array = self.apply(name, body.real) + 1j * body.imag * self.apply(name + "'", body.real)
            return found
        base, order = split(name)
        if base in NAMES or base in self.functions:
            return by_name(self.functions.get(base, base) + "'" * order, body)
        laws = {law.function: law for law in self.context.laws}
        for known in range(order, -1, -1):
            if base + "'" * known in laws:
                return self._by_law(laws[base + "'" * known], order - known, body)
        raise UndefinedError(f"nothing is known of the function {name}")

    def _by_law(self, law: Law, order: int, body: Array) -> Array:
        """What a law says, or the derivative of that, of the given order: every entry is an instance of its own."""
        given: dict[Key, Array] = {(law.variable, ()): body.reshape(-1, 1, 1)}
        inner = Batch(Context(laws=self.context.laws), {}, {}, 0, given, body.size, self.functions)
        variable = Symbol(law.variable, SCALAR)
        term = reduce(lambda found, _: Gradient(found, variable), range(order), law.body)
        return inner.value(term, {}).reshape(body.shape)

    def _magnitude(self, kind: str, body: Array) -> Array:
        np, axes = self.np, (-2, -1)
        if kind == "spectral_norm" and 1 in body.shape[-2:]:
            found = (body * body).sum(axis=axes, keepdims=True)
            return found**0.5
        if np.iscomplexobj(body):
            raise UndefinedError("a derivative of a magnitude")
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
            found = self.given_value(key) * self.value(*self.scope.read_by(key))
            return found.sum(axis=(-2, -1), keepdims=True)
        if is_computed(key, self.scope.recurrence, self.start):
            definition = self.scope.recurrence[key[0]]
            return self.value(definition.body, arguments(definition, key[1]))
        return self.given_value(key)

    def given_value(self, key: Key) -> Array:
        if key not in self.given:
            raise MissingError(*key)
        return self.given[key]

    def key(self, symbol: Symbol, times: Times) -> Key:
        return symbol.name, tuple(at(time, times) for time in symbol.times)


def determinant_size(body: Array) -> Array:
    """The absolute value of the determinant; not a number where that is out of reach."""
    import numpy as np

    finite = np.all(abs(body) < HUGE, axis=(-2, -1), keepdims=True)
    found: Array = np.where(finite[..., 0, 0], abs(np.linalg.det(np.where(finite, body, 0.0))), np.nan)
    return found
