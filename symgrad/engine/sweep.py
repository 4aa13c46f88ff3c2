"""Reverse mode on a batch of instances: cotangents go from what is derived back to what it is derived by.

One case for each kind of term, as on the back page of a calculus book. Only suggests, like the values in `batch.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import TYPE_CHECKING

from ..instances.instance import Key
from ..instances.interval import UndefinedError
from ..instances.scope import Times, arguments, concrete, is_computed, span
from ..kernel.term import (
    SCALAR,
    Basis,
    ComponentSum,
    Determinant,
    Diagonal,
    DiagonalPart,
    Entrywise,
    EntrywisePower,
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
    Zero,
)

if TYPE_CHECKING:
    from .batch import Array, Batch

SMALL_STEP = 1e-30


def gradient(batch: Batch, term: Gradient, times: Times) -> Array:
    """The derivative in gradient layout on every instance; UndefinedError where there is none."""
    wrt = batch.key(term.wrt, times)
    of = batch.key(term.of, times) if isinstance(term.of, Symbol) else None
    held = frozenset((one.name, (time,)) for one in term.held for time in span(one.lower, one.upper, times))
    if wrt in held or of in held or wrt[0] in batch.scope.abbreviations or wrt[0] in batch.scope.losses:
        raise UndefinedError("a derivative of or by something that is not free")
    tag = (of, wrt, held, term.direct)
    found = batch.gradients.get(tag) if of else None
    if found is None:
        try:
            found = Sweep(batch, wrt, held, direct=term.direct).gradient(term, times)
        except _NestedError:
            found = _by_complex_steps(batch, term, times)
        if of:
            batch.gradients[tag] = found
    return found


class _NestedError(UndefinedError):
    """A derivative of a derivative, for which one sweep is not enough."""


def _by_complex_steps(batch: Batch, term: Gradient, times: Times) -> Array:
    """The derivative of a derivative, from a tiny imaginary step in each direction (Squire and Trapp, Using complex
    variables to estimate derivatives of real functions, 1998)."""
    key, here = batch.key(term.wrt, times), batch.value(term.wrt, times)
    if term.held or batch.np.iscomplexobj(here) or any(map(batch.np.iscomplexobj, batch.nodes.values())):
        raise UndefinedError("a derivative of a derivative that is not a plain one of second order")
    rows, columns = here.shape[-2:]
    slopes = []
    for place in range(rows * columns):
        nudged = batch.copy()
        unit = batch.np.eye(rows * columns)[place].reshape(rows, columns)
        nudged.nodes[key] = here + 1j * SMALL_STEP * unit
        slopes.append(batch.np.imag(nudged.value(term.of, times)) / SMALL_STEP)
    stacked = batch.np.stack(slopes, axis=1)
    found: Array = stacked[..., 0] if term.of.shape != SCALAR else stacked.reshape(batch.count, rows, columns)
    return found


class Sweep:
    """One reverse sweep: cotangents of all nodes, from what is derived back to the node that it is derived by."""

    def __init__(self, batch: Batch, wrt: Key, held: frozenset[Key], *, direct: bool) -> None:
        self.batch, self.wrt, self.held, self.direct = batch, wrt, held, direct
        self.cotangents: dict[Key, Array] = {}

    def gradient(self, term: Gradient, times: Times) -> Array:
        """The derivative in gradient layout, from one cotangent for each output."""
        batch = self.batch
        batch.value(term.of, times)
        outputs = concrete(term.of.shape[0], batch.sizes)
        unit = batch.np.broadcast_to(batch.np.eye(outputs)[:, :, None], (batch.count, outputs, outputs, 1))
        if self.direct:
            self._pull_definition(term.of, times, unit)
        else:
            self.pull(term.of, times, unit)
            self._sweep()
        rows, columns = (concrete(size, batch.sizes) for size in term.wrt.shape)
        found: Array = self.cotangents.get(self.wrt, batch.np.zeros((batch.count, outputs, rows, columns)))
        return found[..., 0].swapaxes(-1, -2) if columns == 1 else found[:, 0]

    def _sweep(self) -> None:
        """Nodes were first computed after all that they read, so the reverse of that order is safe."""
        scope = self.batch.scope
        for key in reversed(tuple(self.batch.nodes)):
            stops = key == self.wrt or key in self.held or not is_computed(key, scope.recurrence, self.batch.start)
            if key in self.cotangents and not stops:
                found = scope.recurrence[key[0]]
                self.pull(found.body, arguments(found, key[1]), self.cotangents.pop(key))

    def _pull_definition(self, of: Term, times: Times, cotangent: Array) -> None:
        scope = self.batch.scope
        if isinstance(of, Symbol):
            name, where = self.batch.key(of, times)
            if name in scope.abbreviations:
                found = scope.abbreviations[name]
                return self._pull_definition(found.body, arguments(found, where), cotangent)
            if is_computed((name, where), scope.recurrence, self.batch.start):
                found = scope.recurrence[name]
                return self.pull(found.body, arguments(found, where), cotangent)
        return self.pull(of, times, cotangent)

    def pull(self, term: Term, times: Times, cotangent: Array) -> None:
        """Hand a cotangent down to the nodes inside a term."""
        batch = self.batch
        match term:
            case Number() | Ones() | Zero() | Identity() | Basis():
                return
            case Symbol():
                self._pull_symbol(term, times, cotangent)
            case Sum():
                for one in term.terms:
                    self.pull(one, times, cotangent)
            case Scale():
                scalar, body = self._value(term.scalar, times), self._value(term.body, times)
                self.pull(term.body, times, scalar * cotangent)
                self.pull(term.scalar, times, (body * cotangent).sum(axis=(-2, -1), keepdims=True))
            case Hadamard():
                for place, one in enumerate(term.factors):
                    others = term.factors[:place] + term.factors[place + 1 :]
                    self.pull(one, times, reduce(batch.np.multiply, (self._value(x, times) for x in others), cotangent))
            case IndexedSum() | ComponentSum():
                for one, where in batch.factors(term, times):
                    self.pull(one, where, cotangent)
            case Product() | OrderedProduct() | Power():
                self._pull_factors(tuple(batch.factors(term, times)), cotangent)
            case Gradient():
                raise _NestedError("a derivative of a derivative")
            case _:
                self._pull_unary(term, times, cotangent)

    def _value(self, term: Term, times: Times) -> Array:
        return self.batch.value(term, times)[:, None]

    def _pull_factors(self, factors: Sequence[tuple[Term, Times]], cotangent: Array) -> None:
        """The cotangent of a factor is L^T C R^T, with L and R the products on its left and right."""
        values = [self._value(one, where).swapaxes(-1, -2) for one, where in factors]
        for place, (one, where) in enumerate(factors):
            found = reduce(lambda right, left: left @ right, values[:place], cotangent)
            found = reduce(lambda left, right: left @ right, reversed(values[place + 1 :]), found)
            self.pull(one, where, found)

    def _pull_unary(self, term: Term, times: Times, cotangent: Array) -> None:
        np = self.batch.np
        match term:
            case Transpose():
                self.pull(term.body, times, cotangent.swapaxes(-1, -2))
            case Inverse():
                found = self._value(term, times).swapaxes(-1, -2)
                self.pull(term.body, times, -(found @ cotangent @ found))
            case Diagonal():
                self.pull(term.body, times, np.einsum("...ii->...i", cotangent)[..., None])
            case DiagonalPart() | Trace():
                self.pull(term.body, times, cotangent * np.eye(self._value(term.body, times).shape[-1]))
            case Entrywise():
                slope = self.batch.apply(term.function + "'", self._value(term.body, times))
                self.pull(term.body, times, slope * cotangent)
            case Determinant():
                adjugate = self._value(term, times) * self._value(Inverse(term.body), times)
                self.pull(term.body, times, cotangent * adjugate.swapaxes(-1, -2))
            case Softmax():
                found = self._value(term, times)
                self.pull(term.body, times, found * (cotangent - (found * cotangent).sum(axis=-2, keepdims=True)))
            case Magnitude("spectral_norm") if 1 in term.body.shape:
                body, length = self._value(term.body, times), self._value(term, times)
                self.pull(term.body, times, cotangent * body / np.where(length == 0, 1.0, length))
            case EntrywisePower():
                if term.exponent:
                    slope = term.exponent * self._value(term.body, times) ** (term.exponent - 1.0)
                    self.pull(term.body, times, slope * cotangent)
            case _:
                raise UndefinedError(f"no derivative of a {type(term).__name__}")

    def _pull_symbol(self, symbol: Symbol, times: Times, cotangent: Array) -> None:
        batch, scope = self.batch, self.batch.scope
        key = batch.key(symbol, times)
        if symbol.name in scope.abbreviations:
            found = scope.abbreviations[symbol.name]
            self.pull(found.body, arguments(found, key[1]), cotangent)
        elif symbol.name in scope.losses:
            self.pull(*scope.read_by(key), batch.given_value(key)[:, None] * cotangent)
        elif key in self.cotangents:
            self.cotangents[key] = self.cotangents[key] + cotangent
        else:
            self.cotangents[key] = cotangent
