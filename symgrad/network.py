"""A random network run from the recurrences of a context, and the value of any term on it. For pictures only.

NumPy is imported when a network is made. Gradients are computed backwards through the unrolled recurrences, with every
path or without those through held nodes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from .kernel.affine import Affine, affine
from .kernel.certificate import Context, Definition
from .kernel.term import (
    Diagonal,
    Entrywise,
    EntrywisePower,
    Extremum,
    Gradient,
    Hadamard,
    Identity,
    Magnitude,
    Number,
    Ones,
    OrderedProduct,
    Power,
    Product,
    Scale,
    Size,
    Sum,
    Symbol,
    Term,
    Transpose,
    Zero,
    substitute_times,
    walk,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

_PROBES = (0.0, 0.5, -0.5, 2.0, -2.0, 40.0, -40.0)
_Key = tuple[str, int]


class UnmeasurableError(ValueError):
    """A term that has no value on a random network here."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How the parameters are drawn.

    `norms` gives the spectral norm of a square parameter (a random orthogonal matrix times that number), `fills` the
    constant value of a parameter. Others are Gaussian with deviation `spread` / sqrt(columns), inputs with `inputs`.
    """

    norms: Mapping[str, float] = field(default_factory=dict)
    fills: Mapping[str, float] = field(default_factory=dict)
    spread: float = 1.0
    inputs: float = 1.0


class Network:
    """One random network, run from zero states at time 0 up to the time `last`."""

    def __init__(self, context: Context, settings: Settings, size: int, last: int, seed: int) -> None:
        import numpy

        self.np = numpy
        self.settings = settings
        self.size = size
        self.last = last
        self.recurrence = {one.head.name: one for one in context.recurrence}
        self.abbreviations = {one.head.name: one for one in context.abbreviations}
        self._random = numpy.random.default_rng(seed)
        self._parameters: dict[str, Array] = {}
        self._nodes: dict[_Key, Array] = {}
        self._swept: list[tuple[Symbol, frozenset[_Key], dict[_Key, Array]]] = []
        self._bodies: dict[_Key, Term] = {}
        for time in range(1, last + 1):
            for name in self.recurrence:
                self._node(name, time)

    def curve(self, term: Term, steps: int) -> tuple[float, ...]:
        """The values of a scalar term at k = 0, ..., steps; the largest k first, whose sweeps serve the others."""
        return tuple(reversed([self._scalar(term, k) for k in range(steps, -1, -1)]))

    def _scalar(self, term: Term, k: int) -> float:
        times = {"k": affine(k), "tau": affine(self.last), "t": affine(self.last)}
        return self._number(substitute_times(term, times))

    def _number(self, term: Term) -> float:
        return float(self.value(term)[0, 0])

    def value(self, term: Term) -> Array:
        """The value of a term whose times are numbers; raises UnmeasurableError on what has none here."""
        match term:
            case Number():
                return self.np.full((1, 1), float(term.value))
            case Ones() | Zero():
                return self.np.full(self._shape(term), float(isinstance(term, Ones)))
            case Identity():
                return self.np.eye(self._shape(term)[0])
            case Symbol():
                return self._symbol(term)
            case Gradient():
                return self._gradient(term)
            case Magnitude():
                return self.np.full((1, 1), self._magnitude(term))
            case Extremum():
                return self.np.full((1, 1), max(self._probe(term, x) for x in _PROBES))
            case _:
                return self._compound(term)

    def _compound(self, term: Term) -> Array:
        match term:
            case Sum():
                return self._total(term)
            case Scale():
                return self._number(term.scalar) * self.value(term.body)
            case Product():
                return self._chain([self.value(part) for part in term.factors])
            case Hadamard():
                return self._entrywise_product(list(term.factors))
            case Transpose():
                return self.value(term.body).T
            case Diagonal():
                return self.np.diag(self.value(term.body)[:, 0])
            case Entrywise():
                return self._applied(term.function, term.body)
            case EntrywisePower():
                return self._entrywise_product([term.body] * term.exponent) if term.exponent else self._ones(term)
            case Power():
                return self._power(term)
            case OrderedProduct():
                return self._ordered(term)
            case _:
                raise UnmeasurableError(f"a {type(term).__name__} cannot be plotted")

    def _ones(self, term: Term) -> Array:
        return self.np.ones(self._shape(term))

    def _power(self, term: Power) -> Array:
        power: Array = self.np.linalg.matrix_power(self.value(term.body), term.exponent.constant)
        return power

    def _total(self, term: Sum) -> Array:
        total = self.value(term.terms[0])
        for part in term.terms[1:]:
            total = total + self.value(part)
        return total

    def _entrywise_product(self, factors: list[Term]) -> Array:
        total = self.value(factors[0])
        for factor in factors[1:]:
            total = total * self.value(factor)
        return total

    def _chain(self, factors: list[Array]) -> Array:
        total = factors[-1]
        for factor in reversed(factors[:-1]):
            total = factor @ total
        return total

    def _ordered(self, term: OrderedProduct) -> Array:
        total = self.np.eye(self._shape(term)[0])
        for place in range(term.lower.constant, term.upper.constant + 1):
            total = total @ self.value(substitute_times(term.body, {term.index: affine(place)}))
        return total

    def _applied(self, name: str, body: Term) -> Array:
        """An entrywise function; a sigmoid is a tanh of half the argument, which does not overflow."""
        at = self.value(body)
        wide: Array = self.np.tanh(at)
        half: Array = self.np.tanh(at / 2)
        match name:
            case "tanh":
                return wide
            case "tanh'":
                return 1 - wide * wide
            case "sigmoid":
                return 0.5 + 0.5 * half
            case "sigmoid'":
                return 0.25 - 0.25 * half * half
            case _:
                raise UnmeasurableError(f"the function {name} cannot be plotted")

    def _magnitude(self, term: Magnitude) -> float:
        value = self.value(term.body)
        match term.kind:
            case "spectral_norm":
                return float(self.np.linalg.norm(value, 2))
            case "least_singular_value":
                return float(self.np.linalg.svd(value, compute_uv=False)[-1])
            case "largest_entry":
                return float(abs(value).max())
            case "smallest_entry":
                return float(abs(value).min())
            case _:
                return float(abs(self.np.linalg.eigvals(value)).max())

    def _probe(self, term: Extremum, x: float) -> float:
        self._parameters[term.variable] = self.np.full((1, 1), x)
        return self._number(term.body)

    def _shape(self, term: Term) -> tuple[int, int]:
        rows, columns = (self._rows(size) for size in term.shape)
        return rows, columns

    def _rows(self, size: Size) -> int:
        return size if isinstance(size, int) else self.size

    def _symbol(self, symbol: Symbol) -> Array:
        if symbol.name in self.abbreviations:
            return self.value(_unfolded(self.abbreviations[symbol.name], symbol))
        if symbol.times:
            return self._node(symbol.name, symbol.times[0].constant, symbol)
        if symbol.name not in self._parameters:
            self._parameters[symbol.name] = self._parameter(symbol)
        return self._parameters[symbol.name]

    def _parameter(self, symbol: Symbol) -> Array:
        shape = self._shape(symbol)
        if symbol.name in self.settings.fills:
            return self.np.full(shape, self.settings.fills[symbol.name])
        drawn: Array = self._random.standard_normal(shape)
        if symbol.name in self.settings.norms:
            orthogonal, upper = self.np.linalg.qr(drawn)
            scaled: Array = self.settings.norms[symbol.name] * orthogonal * self.np.sign(self.np.diag(upper))
            return scaled
        return drawn * (self.settings.spread / math.sqrt(shape[1]))

    def _node(self, name: str, time: int, symbol: Symbol | None = None) -> Array:
        key = (name, time)
        if key not in self._nodes:
            self._nodes[key] = self._computed(name, time, symbol)
        return self._nodes[key]

    def _computed(self, name: str, time: int, symbol: Symbol | None) -> Array:
        definition = self.recurrence.get(name)
        if definition is None:
            shape = self._shape(symbol) if symbol is not None else (self.size, 1)
            return self.settings.inputs * self._random.standard_normal(shape)
        if time <= 0:
            return self.np.zeros(self._shape(definition.head))
        return self.value(self._body(name, time))

    def _body(self, name: str, time: int) -> Term:
        if (name, time) not in self._bodies:
            head = self.recurrence[name].head
            self._bodies[name, time] = _unfolded(self.recurrence[name], replace(head, times=(affine(time),)))
        return self._bodies[name, time]

    def _gradient(self, term: Gradient) -> Array:
        """One sweep back from `of` gives the derivative by every node before it; sweeps are kept."""
        if term.direct or not isinstance(term.of, Symbol):
            raise UnmeasurableError("only total derivatives of nodes can be plotted")
        key = (term.wrt.name, term.wrt.times[0].constant)
        held = frozenset((one.name, time) for one in term.held for time in _span(one.lower, one.upper))
        found = self._kept(term.of, held, key[1])
        if found is None:
            found = self._sweep(term.of, held)
            self._swept.append((term.of, held, found))
        return found.get(key, self.np.zeros(self._shape(term)))

    def _kept(self, of: Symbol, held: frozenset[_Key], since: int) -> dict[_Key, Array] | None:
        """A sweep that holds the same nodes, apart from nodes too early to matter."""
        for other, others_held, found in self._swept:
            if other == of and held <= others_held and all(time < since for _, time in others_held - held):
                return found
        return None

    def _sweep(self, of: Symbol, held: frozenset[_Key]) -> dict[_Key, Array]:
        found = {(of.name, of.times[0].constant): self.np.eye(self._shape(of)[0])}
        computed = [key for key in self._nodes if key[0] in self.recurrence and key[1] > 0]
        for name, time in reversed(computed):
            if (name, time) in found and (name, time) not in held:
                self._pull(self._body(name, time), found[name, time], found)
        return found

    def _pull(self, term: Term, cotangent: Array, found: dict[_Key, Array]) -> None:
        """Add the derivative through this term to every node that it reads."""
        if not any(isinstance(part, Symbol) and part.name in self.recurrence for part in walk(term)):
            return
        match term:
            case Symbol():
                key = (term.name, term.times[0].constant)
                found[key] = found[key] + cotangent if key in found else cotangent
            case Sum():
                for part in term.terms:
                    self._pull(part, cotangent, found)
            case Scale():
                self._pull(term.body, self._number(term.scalar) * cotangent, found)
            case Product():
                matrix = self._chain([self.value(part) for part in term.factors[:-1]])
                self._pull(term.factors[-1], matrix.T @ cotangent, found)
            case Hadamard():
                for place, part in enumerate(term.factors):
                    others = [one for other, one in enumerate(term.factors) if other != place]
                    self._pull(part, self._entrywise_product(others) * cotangent, found)
            case Entrywise():
                slope = self._applied(f"{term.function}'", term.body)
                self._pull(term.body, slope * cotangent, found)
            case _:
                raise UnmeasurableError(f"no derivative of a {type(term).__name__} for a plot")


def _unfolded(definition: Definition, at: Symbol) -> Term:
    names = (time.variables[0] for time in definition.head.times)
    return substitute_times(definition.body, dict(zip(names, at.times, strict=True)))


def _span(lower: Affine, upper: Affine) -> range:
    return range(lower.constant, upper.constant + 1)
