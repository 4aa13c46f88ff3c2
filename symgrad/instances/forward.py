"""The value of any term on an instance, enclosed in intervals. Derivatives go forward: slopes travel with the values.

A pass carries the derivative of every node with respect to one node through the recurrences; held nodes have slope 0.
No rule of the kernel and no reverse sweep is used here, so this is a second opinion on both.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce

from ..kernel.certificate import Context
from ..kernel.term import (
    SCALAR,
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
    Limit,
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
    walk,
)
from .dual import MAX_EXPONENT, Dual, applied, bilinear, inverted, linear, plus, raised
from .functions import extremum
from .instance import Instance, Key
from .interval import ONE, ZERO, UndefinedError, point
from .matrix import (
    Matrix,
    diagonal,
    exact,
    filled,
    hadamard,
    identity,
    is_zero,
    multiply,
    scaled,
    trace,
    transpose,
)
from .measures import MEASURES
from .scope import MissingError, Scope, Times, arguments, at, concrete, is_computed, run_through, span

MAX_VISITS = 200_000


class Forward:
    """Evaluates terms of one context on one instance. `value` raises UndefinedError where a term has no value."""

    def __init__(self, context: Context, instance: Instance) -> None:
        self.scope = Scope(context, dict(instance.times))
        self.sizes = dict(instance.sizes)
        self.start = instance.start
        self.given = instance.lookup()
        bodies = (one.body for one in (*context.recurrence, *context.abbreviations))
        parts = (part for body in bodies for part in walk(body) if isinstance(part, Symbol))
        self.shared = {part.name for part in parts if not part.times}
        self.plain = Pass(self)
        self.passes: dict[tuple[Key, frozenset[Key], bool], Pass] = {}
        self.visits = 0

    def value(self, term: Term, times: Times | None = None) -> Matrix:
        """The matrix of intervals that encloses the value, at the times of the instance unless others are given."""
        try:
            return self.plain.term(term, self.scope.times if times is None else times).value
        except RecursionError:
            raise UndefinedError("the term or the network is too deep to be run") from None

    def visit(self) -> None:
        self.visits += 1
        if self.visits > MAX_VISITS:
            raise UndefinedError("too much work for one instance")

    def input(self, key: Key, rows: int, columns: int) -> Matrix:
        found = self.given.get(key)
        if found is None:
            raise MissingError(*key)
        if len(found) != rows or len(found[0]) != columns:
            raise UndefinedError(f"the value of {key[0]} is not {rows} x {columns}")
        return exact(found)

    def gradient(self, term: Gradient, times: Times) -> Matrix:
        """The derivative in gradient layout: a row for each direction."""
        wrt = self.key(term.wrt, times)
        if wrt[0] in self.scope.abbreviations or wrt[0] in self.scope.losses:
            raise UndefinedError(f"a derivative by {wrt[0]}, which is not a node of the network")
        held = frozenset((one.name, (time,)) for one in term.held for time in span(one.lower, one.upper, times))
        of = self.key(term.of, times) if isinstance(term.of, Symbol) else None
        if wrt in held or of in held:
            raise UndefinedError("a derivative of or by a node that is held fixed")
        chosen = self.passes.setdefault((wrt, held, term.direct), Pass(self, wrt, held, direct=term.direct))
        rows, columns = (concrete(size, self.sizes) for size in term.shape)
        found = chosen.outer(term.of, times).slopes
        if not found:
            return filled(rows, columns, ZERO)
        if len(found) == rows:
            return tuple(transpose(slope)[0] for slope in found)
        return tuple(tuple(slope[0][0] for slope in found[i * columns : (i + 1) * columns]) for i in range(rows))

    def key(self, symbol: Symbol, times: Times) -> Key:
        return symbol.name, tuple(at(time, times) for time in symbol.times)


class Pass:
    """One way to go forward: which node has slope 1, which are held; direct: every other node stands still."""

    def __init__(
        self, forward: Forward, wrt: Key | None = None, held: frozenset[Key] = frozenset(), *, direct: bool = False
    ) -> None:
        self.forward, self.wrt, self.held, self.direct = forward, wrt, held, direct
        self.nodes: dict[Key, Dual] = {}

    def outer(self, of: Term, times: Times) -> Dual:
        """What is derived. Direct means through the definition of a node, not through the nodes that it uses."""
        scope = self.forward.scope
        if not (self.direct and isinstance(of, Symbol)):
            return self.term(of, times)
        key = self.forward.key(of, times)
        if of.name in scope.abbreviations:
            found = scope.abbreviations[of.name]
            return self.outer(found.body, arguments(found, key[1]))
        if is_computed(key, scope.recurrence, self.forward.start):
            found = scope.recurrence[of.name]
            return self.term(found.body, arguments(found, key[1]))
        return self.term(of, times)

    def term(self, term: Term, times: Times) -> Dual:
        """A term and its slopes at concrete times."""
        self.forward.visit()
        match term:
            case Number() | Ones() | Zero() | Identity():
                return Dual(self._constant(term))
            case Basis():
                return Dual(self._basis(term, times))
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
                return linear(_diagonal_part, self.term(term.body, times))
            case Trace():
                return linear(lambda matrix: ((trace(matrix),),), self.term(term.body, times))
            case _:
                return self._other(term, times)

    def _other(self, term: Term, times: Times) -> Dual:
        match term:
            case Inverse():
                return inverted(self.term(term.body, times))
            case Entrywise():
                return applied(term.function, self.term(term.body, times))
            case EntrywisePower():
                return raised(self.term(term.body, times), term.exponent)
            case Power():
                return self._power(term, times)
            case OrderedProduct() | IndexedSum() | ComponentSum():
                return self._range(term, times)
            case Magnitude():
                return Dual(((MEASURES[term.kind](self._still(term.body, times)),),))
            case Extremum():
                return Dual(((extremum(term, times, lambda part: self._still(part, times, SCALAR)[0][0]),),))
            case Gradient() if self.wrt is None:
                return Dual(self.forward.gradient(term, times))
            case Gradient():
                raise UndefinedError("a derivative of a derivative")
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

    def _folded(self, join: Callable[[Matrix, Matrix], Matrix], terms: Sequence[Term], times: Times) -> Dual:
        return reduce(lambda left, right: bilinear(join, left, right), (self.term(one, times) for one in terms))

    def _still(self, term: Term, times: Times, shape: object = None) -> Matrix:
        """The value of a part that may not depend on what is derived by, for want of a rule."""
        found = self.term(term, times)
        if not all(is_zero(slope) for slope in found.slopes):
            raise UndefinedError("a derivative of a magnitude or of an extremum")
        if shape is not None and term.shape != shape:
            raise UndefinedError("a matrix where a number is needed")
        return found.value

    def _power(self, term: Power, times: Times) -> Dual:
        exponent = at(term.exponent, times)
        if not 0 <= exponent <= MAX_EXPONENT:
            raise UndefinedError(f"a power of {exponent}")
        body = self.term(term.body, times)
        unit = Dual(identity(len(body.value)))
        return reduce(lambda left, right: bilinear(multiply, left, right), [body] * exponent, unit)

    def _basis(self, term: Basis, times: Times) -> Matrix:
        rows, place = concrete(term.rows, self.forward.sizes), at(term.place, times)
        if not 1 <= place <= rows:
            raise UndefinedError(f"a vector of {rows} has no entry {place}")
        return _unit(filled(rows, 1, ZERO), place - 1, 0)

    def _range(self, term: OrderedProduct | IndexedSum | ComponentSum, times: Times) -> Dual:
        rows, columns = (concrete(size, self.forward.sizes) for size in term.shape)
        indices = run_through(term, times, self.forward.sizes)
        found = (self.term(term.body, {**times, term.index: i}) for i in indices)
        if isinstance(term, IndexedSum | ComponentSum):
            return reduce(plus, found, Dual(filled(rows, columns, ZERO)))
        return reduce(lambda left, right: bilinear(multiply, left, right), found, Dual(identity(rows)))

    def _symbol(self, symbol: Symbol, times: Times) -> Dual:
        scope = self.forward.scope
        key = self.forward.key(symbol, times)
        if symbol.name in scope.abbreviations:
            found = scope.abbreviations[symbol.name]
            return self.term(found.body, arguments(found, key[1]))
        if key not in self.nodes:
            self.nodes[key] = self._node(key, symbol)
        return self.nodes[key]

    def _node(self, key: Key, symbol: Symbol) -> Dual:
        if symbol.name in self.forward.scope.losses:
            return self._loss(key)
        if self.wrt is None:
            return self._run(key, symbol)
        if key == self.wrt:
            value = self.forward.plain.term_at(key, symbol)
            return Dual(value, tuple(_unit(value, i, j) for i, row in enumerate(value) for j in range(len(row))))
        if self.direct or key in self.held:
            return Dual(self.forward.plain.term_at(key, symbol))
        return self._run(key, symbol)

    def term_at(self, key: Key, symbol: Symbol) -> Matrix:
        """The value of a node, computed once."""
        if key not in self.nodes:
            self.nodes[key] = self._node(key, symbol)
        return self.nodes[key].value

    def _run(self, key: Key, symbol: Symbol) -> Dual:
        forward = self.forward
        if is_computed(key, forward.scope.recurrence, forward.start):
            found = forward.scope.recurrence[key[0]]
            return self.term(found.body, arguments(found, key[1]))
        before = forward.scope.first is None and key[0] in forward.scope.recurrence
        if before and self.wrt is not None and self.wrt[0] in forward.shared:
            # It is given here, but it has read the same name at all earlier times.
            raise UndefinedError(f"how {key[0]} depends on {self.wrt[0]} is settled at the first step of all")
        rows, columns = (concrete(size, forward.sizes) for size in symbol.shape)
        return Dual(forward.input(key, rows, columns))

    def _loss(self, key: Key) -> Dual:
        """A loss that is linear in its node, with the gradient that the instance gives under the name of the loss."""
        node = self.term(*self.forward.scope.read_by(key))
        slope = self.forward.input(key, len(node.value), len(node.value[0]))
        return linear(lambda matrix: multiply(transpose(slope), matrix), node)


def _scaled(scalar: Matrix, body: Matrix) -> Matrix:
    return scaled(scalar[0][0], body)


def _diagonal_part(matrix: Matrix) -> Matrix:
    return tuple((row[i],) for i, row in enumerate(matrix))


def _unit(like: Matrix, row: int, column: int) -> Matrix:
    """The matrix of the same shape with 1 in one place and 0 elsewhere."""
    return tuple(tuple(ONE if (i, j) == (row, column) else ZERO for j in range(len(one))) for i, one in enumerate(like))
