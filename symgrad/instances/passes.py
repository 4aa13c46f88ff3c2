"""One pass over a network, forwards: the values of terms, with slopes in every direction of one node.

Held nodes have slope 0. No rule of the kernel and no reverse sweep is used here, so this is a second opinion on both.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial, reduce
from math import prod
from typing import TYPE_CHECKING

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
    Limit,
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
    Zero,
)
from .dual import (
    Value,
    applied,
    bilinear,
    determinant,
    dual,
    inverted,
    is_still,
    leaf,
    linear,
    parted,
    plus,
    plus_all,
    power,
    product,
    raised,
    softmax,
    squared_length,
)
from .extrema import extremum
from .instance import Key
from .interval import ONE, ZERO, Interval, UndefinedError, point
from .matrix import (
    Matrix,
    diagonal,
    diagonal_part,
    filled,
    hadamard,
    identity,
    multiply,
    placed,
    scaled,
    trace,
    transpose,
    unit,
)
from .measures import MEASURES
from .scope import Times, arguments, at, concrete, is_computed, run_through, span

if TYPE_CHECKING:
    from .forward import Forward

MAX_ORDER = 3
MAX_DIRECTIONS = 1_000


class Pass:
    """One way to go forward: which node has slope 1, which are held; direct: every other node stands still.

    A pass above another one has slopes of a higher order, and its values come from the one below, with their slopes.
    """

    def __init__(
        self,
        forward: Forward,
        below: Pass | None = None,
        wrt: Key = ("", ()),
        held: frozenset[Key] = frozenset(),
        *,
        direct: bool = False,
    ) -> None:
        self.forward, self.below, self.wrt, self.held, self.direct = forward, below, wrt, held, direct
        self.order: int = below.order + 1 if below else 0
        self.directions = 1
        self.above: dict[tuple[Key, frozenset[Key], bool], Pass] = {}
        self.nodes: dict[Key, Value] = {}

    def gradient(self, term: Gradient, times: Times) -> Value:
        """The derivative in gradient layout: a row for each direction."""
        chosen = self._over(term, times)
        rows, columns = (concrete(size, self.forward.sizes) for size in term.shape)
        _, slopes = parted(chosen.outer(term.of, times), chosen.order)
        width = columns if term.of.shape == SCALAR else 1
        places = (partial(placed, place=divmod(i, width), rows=rows, columns=columns) for i in range(len(slopes)))
        return plus_all(map(linear, places, slopes), filled(rows, columns, ZERO))

    def _over(self, term: Gradient, times: Times) -> Pass:
        """The pass above this one that a derivative needs. UndefinedError where there is no such derivative."""
        scope, wrt = self.forward.scope, self.key(term.wrt, times)
        if wrt[0] in scope.abbreviations or wrt[0] in scope.losses:
            raise UndefinedError(f"a derivative by {wrt[0]}, which is not a node of the network")
        held = frozenset((one.name, (time,)) for one in term.held for time in span(one.lower, one.upper, times))
        of = self.key(term.of, times) if isinstance(term.of, Symbol) else None
        if wrt in held or of in held:
            raise UndefinedError("a derivative of or by a node that is held fixed")
        tag = (wrt, held, term.direct)
        if tag not in self.above:
            self.above[tag] = Pass(self.forward, self, wrt, held, direct=term.direct)
            self.above[tag].directions = self.directions * prod(self._shape(term.wrt))
        if self.above[tag].directions > MAX_DIRECTIONS or self.order == MAX_ORDER:
            raise UndefinedError("too many derivatives of derivatives")
        return self.above[tag]

    def outer(self, of: Term, times: Times) -> Value:
        """What is derived. Direct means through the definition of a node, not through the nodes that it uses."""
        scope = self.forward.scope
        if not (self.direct and isinstance(of, Symbol)):
            return self.term(of, times)
        key = self.key(of, times)
        if of.name in scope.abbreviations:
            found = scope.abbreviations[of.name]
            return self.outer(found.body, arguments(found, key[1]))
        if self._is_computed(key):
            if any(one.wrt == key or one.direct or one.held for one in self._others()):
                raise UndefinedError("a derivative with nodes held fixed of a derivative through nodes")
            return self._run(key)
        return self.term(of, times)

    def term(self, term: Term, times: Times) -> Value:
        """A term and its slopes at concrete times."""
        self.forward.visit()
        match term:
            case Number() | Ones() | Zero() | Identity():
                return self._constant(term)
            case Basis():
                return self._basis(term, times)
            case Symbol():
                return self._symbol(term, times)
            case Sum():
                return reduce(plus, (self.term(one, times) for one in term.terms))
            case Scale():
                return bilinear(_scaled, self.term(term.scalar, times), self.term(term.body, times))
            case Product():
                return self._folded(multiply, term.factors, times)
            case Hadamard():
                return self._folded(hadamard, term.factors, times)
            case Transpose():
                return linear(transpose, self.term(term.body, times))
            case Diagonal():
                return linear(diagonal, self.term(term.body, times))
            case DiagonalPart():
                return linear(diagonal_part, self.term(term.body, times))
            case Trace():
                return linear(lambda matrix: ((trace(matrix),),), self.term(term.body, times))
            case _:
                return self._other(term, times)

    def _other(self, term: Term, times: Times) -> Value:
        match term:
            case Inverse():
                return inverted(self.term(term.body, times))
            case Determinant():
                return determinant(self.term(term.body, times))
            case Entrywise():
                return applied(self.forward.apply, term.function, self.term(term.body, times))
            case Softmax():
                return softmax(self.forward.apply, self.term(term.body, times))
            case EntrywisePower():
                return raised(self.term(term.body, times), term.exponent)
            case Power():
                return self._power(term, times)
            case OrderedProduct() | IndexedSum() | ComponentSum():
                return self._range(term, times)
            case Magnitude():
                return self._magnitude(term, times)
            case Extremum():
                found = extremum(term, times, lambda part: self._number(part, times), self.forward.functions)
                return ((found,),)
            case Gradient():
                return self.gradient(term, times)
            case Limit():
                raise UndefinedError("a limit has no value on an instance")
            case _:
                raise UndefinedError(f"no value for a {type(term).__name__}")

    def _constant(self, term: Number | Ones | Zero | Identity) -> Matrix:
        rows, columns = (concrete(size, self.forward.sizes) for size in term.shape)
        match term:
            case Number():
                return ((point(term.value),),)
            case Ones():
                return filled(rows, columns, ONE)
            case Zero():
                return filled(rows, columns, ZERO)
            case Identity():
                return identity(rows)

    def _folded(self, join: Callable[[Matrix, Matrix], Matrix], terms: Sequence[Term], times: Times) -> Value:
        return reduce(lambda left, right: bilinear(join, left, right), (self.term(one, times) for one in terms))

    def _still(self, term: Term, times: Times) -> Matrix:
        """The value of a part that may not depend on what is derived by, for want of a rule."""
        found = self.term(term, times)
        if not is_still(found):
            raise UndefinedError("a derivative of a magnitude or of an extremum")
        return leaf(found)

    def _number(self, term: Term, times: Times) -> Interval:
        if term.shape != SCALAR:
            raise UndefinedError("a matrix where a number is needed")
        return self._still(term, times)[0][0]

    def _magnitude(self, term: Magnitude, times: Times) -> Value:
        """Only the length of a vector has a derivative here, away from 0."""
        if term.kind == "spectral_norm" and 1 in term.body.shape:
            found = self.term(term.body, times)
            if not is_still(found):
                return applied(self.forward.apply, "sqrt", squared_length(found))
        return ((MEASURES[term.kind](self._still(term.body, times)),),)

    def _power(self, term: Power, times: Times) -> Value:
        exponent = at(term.exponent, times)
        match term.body:
            case Magnitude("spectral_norm", body) if 1 in body.shape and exponent % 2 == 0:
                return power(squared_length(self.term(body, times)), exponent // 2)
        return power(self.term(term.body, times), exponent)

    def _basis(self, term: Basis, times: Times) -> Matrix:
        rows, place = concrete(term.rows, self.forward.sizes), at(term.place, times)
        if not 1 <= place <= rows:
            raise UndefinedError(f"a vector of {rows} has no entry {place}")
        return unit(rows, 1, place - 1, 0)

    def _range(self, term: OrderedProduct | IndexedSum | ComponentSum, times: Times) -> Value:
        rows, columns = (concrete(size, self.forward.sizes) for size in term.shape)
        indices = run_through(term, times, self.forward.sizes)
        found = (self.term(term.body, {**times, term.index: i}) for i in indices)
        if isinstance(term, IndexedSum | ComponentSum):
            return plus_all(found, filled(rows, columns, ZERO))
        return product(found, identity(rows))

    def _symbol(self, symbol: Symbol, times: Times) -> Value:
        scope = self.forward.scope
        key = self.key(symbol, times)
        if symbol.name in scope.abbreviations:
            found = scope.abbreviations[symbol.name]
            return self.term(found.body, arguments(found, key[1]))
        return self.node(key, symbol)

    def key(self, symbol: Symbol, times: Times) -> Key:
        return symbol.name, tuple(at(time, times) for time in symbol.times)

    def node(self, key: Key, symbol: Symbol) -> Value:
        """The value of a node, computed once."""
        if key not in self.nodes:
            self.nodes[key] = self._node(key, symbol)
        return self.nodes[key]

    def _node(self, key: Key, symbol: Symbol) -> Value:
        forward = self.forward
        if symbol.name in forward.scope.losses:
            return self._loss(key)
        if self.below is None:
            return self._run(key) if self._is_computed(key) else forward.input(key, *self._shape(symbol))
        if key == self.wrt:
            rows, columns = self._shape(symbol)
            units = tuple(unit(rows, columns, i, j) for i in range(rows) for j in range(columns))
            return dual(self.order, self.below.node(key, symbol), units)
        if self.direct or key in self.held:
            return self.below.node(key, symbol)
        if self._is_computed(key):
            return self._chained(key, symbol)
        if forward.scope.first is None and key[0] in forward.scope.recurrence and self.wrt[0] in forward.shared:
            # It is given here, but it has read the same name at all earlier times.
            raise UndefinedError(f"how {key[0]} depends on {self.wrt[0]} is settled at the first step of all")
        return self.below.node(key, symbol)

    def _chained(self, key: Key, symbol: Symbol) -> Value:
        """A node that is computed, as far as the passes below do not make it stand still."""
        others = self._others()
        found = self._run(key)
        if any(one.wrt == key for one in others):
            if parted(found, self.order)[1]:
                raise UndefinedError(f"a derivative by {key[0]} of a derivative through it")
            return self.below.node(key, symbol) if self.below else found
        if any(one.direct or one.held for one in others):
            raise UndefinedError("a derivative with nodes held fixed of a derivative through nodes")
        return found

    def _others(self) -> list[Pass]:
        """The passes below that have slopes."""
        below = self.below
        return [] if below is None or below.below is None else [below, *below._others()]

    def _is_computed(self, key: Key) -> bool:
        return is_computed(key, self.forward.scope.recurrence, self.forward.start)

    def _run(self, key: Key) -> Value:
        found = self.forward.scope.recurrence[key[0]]
        return self.term(found.body, arguments(found, key[1]))

    def _shape(self, symbol: Symbol) -> tuple[int, int]:
        rows, columns = (concrete(size, self.forward.sizes) for size in symbol.shape)
        return rows, columns

    def _loss(self, key: Key) -> Value:
        """A loss that is linear in its node, with the gradient that the instance gives under the name of the loss."""
        node = self.term(*self.forward.scope.read_by(key))
        like = leaf(node)
        slope = transpose(self.forward.input(key, len(like), len(like[0])))
        return linear(lambda matrix: ((trace(multiply(slope, matrix)),),), node)


def _scaled(scalar: Matrix, body: Matrix) -> Matrix:
    return scaled(scalar[0][0], body)
