"""A cell: named states, each with the equation that computes it at time t; shapes and times are checked.

The letters of a cell are both SymPy's and the kernel's. What is indexed by time and has no equation is an input.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import sympy
from sympy import Expr, MatrixExpr

from ..expressions.bridge import to_sympy, to_term
from ..expressions.build import Family, time
from ..expressions.nodes import Signal, as_matrix
from ..kernel.affine import affine
from ..kernel.certificate import Definition
from ..kernel.term import Symbol, show_shape, substitute_times, walk

T = time("t")


class CellError(ValueError):
    """Equations that are not a cell: the message names the equation and what is wrong with it."""


class Update(NamedTuple):
    """The equation head = body at time t."""

    head: Signal
    body: Expr | MatrixExpr


class Read(NamedTuple):
    """One node's use of another: for an equation of a[t], the name b and the lag l of an argument b[t - l]."""

    name: str
    lag: int


@dataclass(frozen=True, slots=True)
class Cell:
    """A recurrent cell: its inputs, and its updates in textbook order.

    Raises ShapeError if an equation does not fit, CellError if it reads the future, itself, or what is not declared.
    """

    name: str
    inputs: tuple[Family, ...]
    updates: tuple[Update, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "updates", tuple(Update(*one) for one in self.updates))
        _check(self)

    @property
    def names(self) -> tuple[str, ...]:
        """The names that have an equation, in textbook order."""
        return tuple(one.head.name for one in self.updates)

    @property
    def recurrence(self) -> tuple[Definition, ...]:
        """The equations as definitions of the kernel."""
        return tuple(_definition(one) for one in self.updates)

    @classmethod
    def from_recurrence(cls, name: str, definitions: Iterable[Definition]) -> Cell:
        """The inverse of `recurrence`; families without a definition become inputs.

        Raises CellError unless each head is at one time variable and each argument at that time less a constant.
        """
        found = tuple(definitions)
        updates = tuple(Update(*_at_t(one)) for one in found)
        heads = {one.head.name for one in found}
        read = (part for one in found for part in walk(one.body) if isinstance(part, Symbol) and part.times)
        inputs = {one.name: Family(one.name, *one.size) for one in read if one.name not in heads}
        return cls(name, tuple(inputs.values()), updates)

    def update(self, name: str) -> Update:
        """The equation of a name. Raises CellError if it has none."""
        for one in self.updates:
            if one.head.name == name:
                return one
        raise CellError(f"the cell {self.name} has no equation for {name}; it has {', '.join(self.names)}")

    def order(self) -> tuple[str, ...]:
        """The names in an order in which one time step can be computed: textbook order where that is possible."""
        done: list[str] = []
        waiting = list(self.names)
        while waiting:
            ready = next((name for name in waiting if not self._same_step(name) - set(done)), None)
            if ready is None:
                raise CellError(f"in the cell {self.name}, {', '.join(waiting)} depend on each other at one time")
            waiting.remove(ready)
            done.append(ready)
        return tuple(done)

    def _same_step(self, name: str) -> set[str]:
        return {read.name for read in reads(self.update(name).body) if read.lag == 0 and read.name in self.names}

    def __str__(self) -> str:
        return "\n".join(f"{head} = {body}" for head, body in self.updates)


def reads(body: Expr | MatrixExpr) -> tuple[Read, ...]:
    """The time-indexed arguments of an equation at time t, each once, in the order in which they are written."""
    return tuple(dict.fromkeys(Read(one.name, _lag(one)) for one in signals(body)))


def signals(expr: Expr | MatrixExpr) -> Iterator[Signal]:
    """The time-indexed names in an expression, from left to right."""
    return (one for one in sympy.preorder_traversal(expr) if isinstance(one, Signal))


def _lag(one: Signal) -> int:
    lag = T - one.times[0]
    if len(one.times) != 1 or not lag.is_Integer:
        raise CellError(f"{one} is not at a time t - l with a constant l")
    if lag < 0:
        raise CellError(f"{one} is later than the time t of the equation")
    return int(lag)


def _check(cell: Cell) -> None:
    if len(set(cell.names)) != len(cell.names):
        raise CellError(f"the cell {cell.name} has two equations for one name: {', '.join(cell.names)}")
    shapes = {one.name: one[T].shape for one in cell.inputs} | {one.head.name: one.head.shape for one in cell.updates}
    for update in cell.updates:
        _definition(update)
        _check_arguments(update, shapes)
    cell.order()


def _check_arguments(update: Update, shapes: dict[str, tuple[Expr, Expr]]) -> None:
    if update.head.times != (T,):
        raise CellError(f"the left side {update.head} is not at time t")
    for one in signals(update.body):
        _lag(one)
        if one.name not in shapes:
            raise CellError(f"in the equation of {update.head}, {one.name} is neither an input nor has it an equation")
        if one.shape != shapes[one.name]:
            raise CellError(f"in the equation of {update.head}, {one} does not have the shape of {one.name}[t]")


def _definition(update: Update) -> Definition:
    head, body = to_term(update.head), to_term(update.body)
    if not isinstance(head, Symbol) or head.shape != body.shape:
        shapes = f"{show_shape(head.shape)}, but its equation is {show_shape(body.shape)}"
        raise CellError(f"{update.head} is {shapes}: {update.body}")
    return Definition(head, body)


def _at_t(definition: Definition) -> tuple[Signal, Expr | MatrixExpr]:
    head = definition.head
    if len(head.times) != 1 or len(head.times[0].variables) != 1 or str(head.times[0]) != head.times[0].variables[0]:
        raise CellError(f"the left side {as_matrix(to_sympy(head))} is not a name at one time variable")
    to_t = {head.times[0].variables[0]: affine("t")}
    return as_matrix(to_sympy(substitute_times(head, to_t))), to_sympy(substitute_times(definition.body, to_t))


__all__ = ["Cell", "CellError", "Read", "T", "Update", "reads", "signals"]
