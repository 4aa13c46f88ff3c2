"""Values of terms by autograd: a network is run as it is written, and every derivative is a library's.

Nothing of the kernel is used but its records.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import Any

import autograd.numpy as np
from autograd import jacobian

from symgrad.kernel import term as t
from symgrad.kernel.affine import Affine, affine
from symgrad.kernel.certificate import Context, Law

from .functions import KNOWN, Array, Function, hash_of, is_slope, quiet, slope, some_function, with_function

Times = Mapping[str, int]
Key = tuple[Any, ...]
START = -7
"""Where a model says nothing of a first step, states at this time and before are given."""


class NoValueError(Exception):
    """A term that has no value here."""


def time_of(one: Affine, times: Times) -> int:
    return one.constant + sum(value * times[name] for name, value in one.coefficients)


@dataclass(frozen=True)
class Point:
    """Sizes and times, and a seed from which everything is drawn that the context does not define.

    `given` are values that were found otherwise; names in `positive` are drawn above 0.
    """

    context: Context
    sizes: Mapping[str, int]
    times: Times
    seed: int = 0
    spread: float = 1.0
    positive: frozenset[str] = frozenset()
    given: Mapping[Key, Array] = field(default_factory=dict)

    def shape(self, shape: t.Shape) -> tuple[int, int]:
        rows, columns = (self.sizes[size] if isinstance(size, str) else size for size in shape)
        return rows, columns

    def drawn(self, key: Key, shape: t.Shape) -> Array:
        if key in self.given:
            return self.given[key]
        values = np.random.RandomState(hash_of(f"{self.seed} {key}")).uniform(-1.0, 1.0, self.shape(shape))
        return 0.75 + values / 2 if key[0] in self.positive else self.spread * values

    @property
    def run(self) -> Run:
        return Run(self)


@dataclass
class Run:
    """The network run once; the nodes in `moved` have other values than their definitions say.

    With `behind`, every node that is not moved has the value it has there, whatever it is computed from; abbreviations
    and losses are no nodes.
    """

    point: Point
    moved: Mapping[Key, Array] = field(default_factory=dict)
    behind: Run | None = None
    known: dict[Key, Array] = field(default_factory=dict)

    def __post_init__(self) -> None:
        context = self.point.context
        self.nodes = {one.head.name: one for one in context.recurrence}
        self.short = {one.head.name: one for one in context.abbreviations}
        self.losses = {one.name: one for one in context.losses}
        self.laws = {one.function: one for one in context.laws}
        self.before = START if context.start is None else context.start - 1

    def value(self, term: t.Term, times: Times | None = None) -> Array:
        """The value of a term, a matrix. Raises NoValueError."""
        times = self.point.times if times is None else times
        match term:
            case t.Symbol():
                return self.symbol(term, times)
            case t.Gradient():
                return self.gradient(term, times)
            case t.OrderedProduct() | t.IndexedSum():
                return self.written_out(term, times)
            case t.ComponentSum(index=index):
                rows, _ = self.point.shape((term.rows, 1))
                return reduce(np.add, [self.value(term.body, {**times, index: here + 1}) for here in range(rows)])
            case t.Extremum(variable=variable):
                return self.supremum(term, variable, times)
            case t.Power():
                body, exponent = self.value(term.body, times), time_of(term.exponent, times)
                return reduce(np.matmul, [body] * exponent, np.eye(len(body)))
            case t.Basis():
                rows, _ = self.point.shape(term.shape)
                return np.eye(rows)[:, [time_of(term.place, times) - 1]]
            case t.Number() | t.Ones() | t.Zero() | t.Identity():
                return self.constant(term)
            case _:
                return self.operation(term, [self.value(one, times) for one in t.parts(term)])

    def constant(self, term: t.Term) -> Array:
        match term:
            case t.Number(value=value):
                return np.array([[float(value)]])
            case t.Identity():
                return np.eye(*self.point.shape(term.shape))
            case _:
                return np.full(self.point.shape(term.shape), float(isinstance(term, t.Ones)))

    def operation(self, term: t.Term, parts: list[Array]) -> Array:
        match term:
            case t.Sum():
                return reduce(np.add, parts)
            case t.Scale() | t.Hadamard():
                return reduce(np.multiply, parts)
            case t.Product():
                return reduce(np.matmul, parts)
            case t.Transpose():
                return parts[0].T
            case t.Inverse():
                return np.linalg.inv(parts[0])
            case t.Diagonal():
                return np.eye(len(parts[0])) * parts[0]
            case t.DiagonalPart():
                return np.sum(np.eye(len(parts[0])) * parts[0], axis=1, keepdims=True)
            case t.Trace():
                return np.reshape(np.trace(parts[0]), (1, 1))
            case t.Determinant():
                return np.reshape(np.linalg.det(parts[0]), (1, 1))
            case t.Softmax():
                return np.exp(parts[0]) / np.sum(np.exp(parts[0]), axis=0, keepdims=True)
            case t.Entrywise(function=function):
                return self.function(function)(parts[0])
            case t.EntrywisePower(exponent=exponent):
                return parts[0] ** exponent
            case t.Magnitude(kind=kind):
                return np.reshape(magnitude(kind, parts[0]), (1, 1))
            case _:
                raise NoValueError(type(term).__name__)

    def written_out(self, term: t.OrderedProduct | t.IndexedSum, times: Times) -> Array:
        steps = range(time_of(term.lower, times), time_of(term.upper, times) + 1)
        found = [self.value(term.body, {**times, term.index: here}) for here in steps]
        if isinstance(term, t.IndexedSum):
            return reduce(np.add, found, np.zeros(self.point.shape(term.shape)))
        return reduce(np.matmul, found, np.eye(*self.point.shape(term.shape)))

    def supremum(self, term: t.Extremum, variable: str, times: Times) -> Array:
        """Over a grid that reaches so far that tanh and the sigmoid are 1 there, and 0."""
        grid = (np.array([[step / 50]]) for step in range(-2000, 2001))
        return np.reshape(max(self.beside({(variable,): x}).value(term.body, times)[0, 0] for x in grid), (1, 1))

    # functions
    def function(self, name: str) -> Function:
        """A function by its name; one of which nothing is known is some smooth function, the same every time."""
        base = name.rstrip("'")
        whole = next((law.function[:-1] for law in self.laws.values() if is_slope(law, base)), "")
        if whole:
            found = self.function(whole + "'")
        elif base in self.laws:
            found = self.lawful(self.laws[base])
        elif base + "'" in self.laws:
            found = self.solving(self.laws[base + "'"])
        else:
            found = KNOWN.get(base) or some_function(base)
        for _ in range(len(name) - len(base)):
            found = slope(found)
        return found

    def lawful(self, law: Law) -> Function:
        """The function that a law says, entry by entry."""

        def at(x: Array) -> Array:
            return self.beside({(law.variable,): np.reshape(x, (1, 1))}).value(law.body)

        return lambda x: np.reshape(np.concatenate([at(one) for one in np.ravel(x)]), np.shape(x))

    def solving(self, law: Law) -> Function:
        """A known function whose derivative is what a law says. Raises NoValueError if there is none."""
        point, base = np.array([[-0.7], [0.2], [1.1]]), law.function.rstrip("'")
        if isinstance(law.body, t.Entrywise) and is_slope(law, law.body.function):
            return some_function(base)
        for name, known in KNOWN.items():
            renamed = replace(law, body=with_function(law.body, base, name))
            if np.allclose(slope(known)(np.abs(point)), self.lawful(renamed)(np.abs(point))):
                return known
        raise NoValueError(f"no function is known here whose derivative is {law}")

    # nodes
    def beside(self, moved: Mapping[Key, Array], behind: Run | None = None) -> Run:
        """The network run again with some nodes moved further."""
        return Run(self.point, {**self.moved, **moved}, behind or self.behind)

    def symbol(self, term: t.Symbol, times: Times) -> Array:
        key = (term.name, *(time_of(one, times) for one in term.times))
        if key in self.moved:
            return self.moved[key]
        if key not in self.known:
            stands = self.behind is not None and term.name not in {*self.short, *self.losses}
            self.known[key] = self.behind.symbol(term, times) if stands else self.computed(term, key)
        return self.known[key]

    def computed(self, term: t.Symbol, key: Key) -> Array:
        name, *here = key
        if name in self.losses:
            loss = self.losses[name]
            times = {**self.point.times, **dict(zip(loss.times, here, strict=True))}
            return self.some_loss(key, self.value(loss.on, times))
        known = self.nodes.get(name) or self.short.get(name)
        if known is None or (name in self.nodes and here and here[0] <= self.before):
            return self.point.drawn(key, term.shape)
        return self.value(known.body, {one.variables[0]: at for one, at in zip(known.head.times, here, strict=True)})

    def some_loss(self, key: Key, node: Array) -> Array:
        """A differentiable function of a node that nothing is special about."""
        random = np.random.RandomState(hash_of(f"{self.point.seed} loss {key}"))
        slopes, other, more = (random.uniform(-1.0, 1.0, np.shape(node)) for _ in range(3))
        return np.reshape(np.sum(slopes * node) + np.sum(other * node) * np.sum(more * node) / 2, (1, 1))

    # derivatives
    def gradient(self, term: t.Gradient, times: Times) -> Array:
        """The Jacobian transposed; of a scalar, in the shape of what it is derived by."""
        wrt = (term.wrt.name, *(time_of(one, times) for one in term.wrt.times))
        here = self.value(term.wrt, times)
        body, at = self.differentiated(term, times)
        still = dict(self.still(term, times))

        def along(x: Array) -> Array:
            run = self.beside({**still, wrt: np.reshape(x, np.shape(here))}, self if term.direct else None)
            return np.ravel(run.value(body, at))

        with quiet():
            slopes = jacobian(along)(np.ravel(here))
        return np.reshape(slopes[0], np.shape(here)) if len(slopes) == 1 else slopes.T

    def differentiated(self, term: t.Gradient, times: Times) -> tuple[t.Term, Times]:
        """What is to be run: of a direct derivative the definition of the node, with what it names held."""
        if not (term.direct and isinstance(term.of, t.Symbol) and term.of.name in self.nodes):
            return term.of, times
        known = self.nodes[term.of.name]
        pairs = zip(known.head.times, term.of.times, strict=True)
        return known.body, {one.variables[0]: time_of(at, times) for one, at in pairs}

    def still(self, term: t.Gradient, times: Times) -> Iterator[tuple[Key, Array]]:
        """The nodes that are held, with their values."""
        for one in term.held:
            head = self.nodes[one.name].head
            for here in range(time_of(one.lower, times), time_of(one.upper, times) + 1):
                yield (one.name, here), self.symbol(replace(head, times=(affine(here),)), times)


def magnitude(kind: str, body: Array) -> Array:
    if kind == "spectral_norm" and 1 in body.shape:
        return np.sqrt(np.sum(body * body))
    if kind == "spectral_radius":
        return np.max(np.abs(np.linalg.eigvals(body)))
    if kind in ("largest_entry", "smallest_entry"):
        return (np.max if kind == "largest_entry" else np.min)(np.abs(body))
    values = np.linalg.svd(body, compute_uv=False)
    return np.max(values) if kind == "spectral_norm" else np.min(values)
