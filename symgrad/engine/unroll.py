"""The unrolled graph of a cell: one node for each name and time step, its equation, and the edges between them.

Which names read which, and how many steps back, is also told for symbolic times (`consumers`, `predecessors`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from sympy import Expr, MatrixExpr

from ..cells.cell import Cell, Read, T, reads
from ..expressions.build import time
from ..expressions.nodes import Signal

MAX_NODES = 200_000


class Node(NamedTuple):
    """A name at a step of the unrolled graph; step 0 is the earliest that has equations."""

    name: str
    step: int


class Edge(NamedTuple):
    """`target` is computed from `source`."""

    source: Node
    target: Node


def predecessors(cell: Cell, name: str) -> tuple[Read, ...]:
    """What name[t] is computed from: (b, l) for each argument b[t - l]. Raises CellError if it has no equation."""
    return reads(cell.update(name).body)


def consumers(cell: Cell, name: str) -> tuple[Read, ...]:
    """What reads name[t]: (a, l) for each equation of a[t + l] that name[t] stands in, in textbook order."""
    return tuple(
        Read(update.head.name, read.lag) for update in cell.updates for read in reads(update.body) if read.name == name
    )


@dataclass(frozen=True)
class UnrolledGraph:
    """`depth + 1` copies of a cell: steps 0 ... depth, step i at the time `last - depth + i`."""

    cell: Cell
    depth: int
    last: Expr = field(default_factory=lambda: time("tau"))

    def __post_init__(self) -> None:
        if not 0 <= self.depth <= MAX_NODES // max(1, len(self.cell.updates)) - 1:
            raise ValueError(f"cannot unroll {self.cell.name} to a depth of {self.depth}")

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """The computed nodes, each after what it is computed from."""
        order = self.cell.order()
        return tuple(Node(name, step) for step in range(self.depth + 1) for name in order)

    @cached_property
    def _reads(self) -> Mapping[str, tuple[Read, ...]]:
        return {name: predecessors(self.cell, name) for name in self.cell.names}

    @cached_property
    def _consumers(self) -> Mapping[str, tuple[Read, ...]]:
        families = (*self.cell.names, *(one.name for one in self.cell.inputs))
        return {name: consumers(self.cell, name) for name in families}

    def predecessors(self, node: Node) -> tuple[Node, ...]:
        """The nodes in the equation of a node; those before step 0, and inputs, have no equation in this graph."""
        return tuple(Node(read.name, node.step - read.lag) for read in self._reads.get(node.name, ()))

    def consumers(self, node: Node) -> tuple[Node, ...]:
        """The nodes in whose equation a node stands."""
        found = (Node(read.name, node.step + read.lag) for read in self._consumers.get(node.name, ()))
        return tuple(one for one in found if 0 <= one.step <= self.depth)

    def sources(self) -> tuple[Node, ...]:
        """Inputs and the states before step 0, in the order in which they are first read."""
        computed = set(self.nodes)
        read = (one for node in self.nodes for one in self.predecessors(node))
        return tuple(dict.fromkeys(one for one in read if one not in computed))

    def edges(self) -> Iterator[Edge]:
        """All edges, in the order of `nodes`."""
        return (Edge(source, node) for node in self.nodes for source in self.predecessors(node))

    def time(self, step: int) -> Expr:
        return self.last - self.depth + step

    def symbol(self, node: Node) -> Signal:
        """The node as a SymPy signal, such as h[tau - 2]."""
        families = {one.name: one[T] for one in self.cell.inputs}
        head = families[node.name] if node.name in families else self.cell.update(node.name).head
        return head.at(self.time(node.step))

    def expression(self, node: Node) -> Expr | MatrixExpr:
        """The right side of a node's equation. Raises CellError for an input."""
        return self.cell.update(node.name).body.xreplace({T: self.time(node.step)})


def unroll(cell: Cell, depth: int, last: Expr | None = None) -> UnrolledGraph:
    """The graph of steps 0 ... depth; step `depth` is at the time `last` (tau unless told otherwise).

    Raises ValueError for a negative depth, or one with more than 200,000 nodes.
    """
    return UnrolledGraph(cell, depth, time("tau") if last is None else last)
