"""Back-propagation through time: the unrolled graph is walked from its end, and each node gets one cotangent.

The graph stays shared: a cotangent is an equation in the cotangents of the node's consumers, multiplied out only when
asked for. Edges that leave a hidden state before the last step are crossings; the formal variable zeta counts them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal, NamedTuple

import sympy
from sympy import Expr, MatrixExpr

from ..cells.cell import Cell, T, Update, reads
from ..expressions.build import total
from ..expressions.derivatives import in_values
from ..expressions.nodes import Gradient
from .pullbacks import Application, LocalGradient, UnderivableError, compose, differentiate, local_gradient
from .templates import NOW, Clock, Template, template
from .unroll import Node, UnrolledGraph, unroll

Paths = Literal["all", "direct", "hidden"]
CROSSING = sympy.Symbol("zeta", real=True)
MAX_PATHS = 5_000


class Step(NamedTuple):
    """One step shown: by `rule`, left = right."""

    rule: str
    left: MatrixExpr
    right: MatrixExpr


@dataclass(frozen=True, slots=True)
class Contribution:
    """An edge walked backwards. `local` is the direct derivative of the consumer, written at time t."""

    consumer: Node
    local: LocalGradient
    crossing: bool


@dataclass(frozen=True, slots=True)
class Cotangent:
    """The gradient by one node: the sum of its contributions; the last node has none, it is where the walk starts."""

    node: Node
    contributions: tuple[Contribution, ...]

    @property
    def rules(self) -> tuple[str, ...]:
        """The names of the rules used for this node."""
        if not self.contributions:
            return ("self",)
        local = (rule for one in self.contributions for rule in one.local.rules)
        return tuple(dict.fromkeys(("chain_rule", *local)))


class Parts(NamedTuple):
    """A cotangent in two parts: over the paths without a crossing, and over those with one. None stands for zero."""

    direct: MatrixExpr | None
    hidden: MatrixExpr | None


class Path(NamedTuple):
    """One way through the graph, from the node of the derivative to the end, with its product of local derivatives."""

    nodes: tuple[Node, ...]
    value: MatrixExpr
    crossings: int


@dataclass(frozen=True)
class Backpropagation:
    """The gradient of `end`, or of a loss that depends on it alone, by `start`: cotangents from the end backwards."""

    graph: UnrolledGraph
    start: Node
    end: Node
    loss: str | None
    hidden: tuple[str, ...]
    cotangents: tuple[Cotangent, ...] = field(repr=False)
    _locals: dict[Contribution, MatrixExpr] = field(default_factory=dict, repr=False, compare=False)
    _templates: dict[tuple[object, ...], Template] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def of(self) -> Expr | MatrixExpr:
        """What is differentiated: the loss, or the node at the end."""
        return self.graph.symbol(self.end) if self.loss is None else sympy.Symbol(self.loss, real=True)

    @cached_property
    def seed(self) -> MatrixExpr:
        """The cotangent of the end itself: the identity, or the gradient of the loss by it."""
        symbol = self.graph.symbol(self.end)
        return sympy.Identity(symbol.shape[0]) if self.loss is None else Gradient(self.of, symbol)

    def gradient(self, node: Node) -> MatrixExpr:
        """The name of a node's cotangent."""
        if (node.name,) not in self._templates:
            now = Gradient(self.of, self.graph.symbol(node).at(NOW))
            self._templates[node.name,] = template(now, self._clock)
        return self._templates[node.name,].at(node.step - self.graph.depth)

    @cached_property
    def _clock(self) -> Clock:
        return Clock(self.graph.last)

    def local(self, one: Contribution) -> MatrixExpr:
        """The direct derivative along an edge, at its own time."""
        if one not in self._locals:
            self._locals[one] = one.local.value.xreplace({T: self.graph.time(one.consumer.step)})
        return self._locals[one]

    def equation(self, one: Cotangent, marked: bool = False) -> MatrixExpr:
        """The cotangent in terms of those of the consumers; `marked` puts zeta on each crossing."""
        if not one.contributions:
            return self.seed
        edges = ((e.consumer.name, e.consumer.step - one.node.step, e.crossing) for e in one.contributions)
        kind = (one.node.name, marked, *edges)
        if kind not in self._templates:
            terms = (self._at_now(edge, one.node.step, marked) for edge in one.contributions)
            self._templates[kind] = template(total(*terms), self._clock)
        return self._templates[kind].at(one.node.step - self.graph.depth)

    def _at_now(self, edge: Contribution, step: int, marked: bool) -> MatrixExpr:
        """One term of an equation, the node being at the time NOW: all nodes of a name have the same."""
        time = NOW + edge.consumer.step - step
        user = self.graph.symbol(edge.consumer).at(time)
        mark = (CROSSING,) if marked and edge.crossing else ()
        return compose(*mark, edge.local.value.xreplace({T: time}), Gradient(self.of, user))

    def _term(self, edge: Contribution, cotangent: MatrixExpr, marked: bool = False) -> MatrixExpr:
        return compose(*((CROSSING,) if marked and edge.crossing else ()), self.local(edge), cotangent)

    def assignments(self, marked: bool = False) -> Iterator[tuple[MatrixExpr, MatrixExpr]]:
        """(name, value) of every cotangent, each after those that it uses; the last is the gradient asked for."""
        return ((self.gradient(one.node), self.equation(one, marked)) for one in self.cotangents)

    def steps(self, one: Cotangent) -> Iterator[Step]:
        """How a cotangent is found: the chain rule over the consumers, the pullback of each edge, then the value."""
        name, node = self.gradient(one.node), self.graph.symbol(one.node)
        edges = [(edge, Gradient(self.graph.symbol(edge.consumer), node, direct=True)) for edge in one.contributions]
        if edges:
            yield Step("chain_rule", name, total(*(compose(by, self.gradient(e.consumer)) for e, by in edges)))
        for edge, by in edges:
            now = {T: self.graph.time(edge.consumer.step)}
            for rule, of, value in edge.local.applications:
                yield Step(rule, Gradient(of.xreplace(now), node, direct=True), value.xreplace(now))
            yield Step("pullback", by, self.local(edge))
        yield Step("substitute" if edges else "self", name, self.equation(one))

    def path_counts(self, avoiding: Iterable[Node] = ()) -> tuple[int, ...]:
        """Number of paths by crossings: entry c is the coefficient of zeta^c. Paths through `avoiding` do not count."""
        avoided = set(avoiding)
        counts: dict[Node, tuple[int, ...]] = {}
        for one in self.cotangents:
            if one.node in avoided:
                counts[one.node] = ()
            elif not one.contributions:
                counts[one.node] = (1,)
            else:
                shifted = ((0,) * edge.crossing + counts[edge.consumer] for edge in one.contributions)
                counts[one.node] = _added(shifted)
        return counts[self.start] if self.cotangents else ()

    @cached_property
    def _number_of_paths(self) -> int:
        return sum(self.path_counts())

    def paths(self) -> Iterator[Path]:
        """Every path, in the order of the graph. Raises ValueError if there are more than 5,000."""
        self._refuse_many()
        found = {one.node: one for one in self.cotangents}
        return self._paths_from(found, self.start) if found else iter(())

    def _paths_from(self, found: dict[Node, Cotangent], node: Node) -> Iterator[Path]:
        if node == self.end:
            yield Path((node,), self.seed, 0)
        for edge in found[node].contributions:
            for rest in self._paths_from(found, edge.consumer):
                yield Path((node, *rest.nodes), self._term(edge, rest.value), edge.crossing + rest.crossings)

    def expression(self, paths: Paths = "all", marked: bool = False) -> MatrixExpr:
        """One SymPy expression, dim start x dim of: all paths, those without a crossing, or those with one.

        Cotangents that are used twice appear twice; raises ValueError if there are more than 5,000 paths.
        """
        if paths == "direct":
            return self._direct()
        self._refuse_many()
        values: dict[Node, Parts] = {}
        for one in self.cotangents:
            values[one.node] = self._split(one, values, marked) if one.contributions else Parts(self.seed, None)
        found = values.get(self.start, Parts(None, None))
        return _sum_of(found if paths == "all" else found[1:]) or self._zero()

    def _direct(self) -> MatrixExpr:
        values: dict[Node, MatrixExpr | None] = {self.end: self.seed}
        for one in self.cotangents:
            kept = [(edge, values[edge.consumer]) for edge in one.contributions if not edge.crossing]
            if one.contributions:
                values[one.node] = _sum_of([self._term(edge, value) for edge, value in kept if value is not None])
        return values.get(self.start) or self._zero()

    def _zero(self) -> MatrixExpr:
        return sympy.ZeroMatrix(*self.gradient(self.start).shape)

    def _split(self, one: Cotangent, values: dict[Node, Parts], marked: bool) -> Parts:
        direct: list[MatrixExpr] = []
        hidden: list[MatrixExpr] = []
        for edge in one.contributions:
            kept, crossed = values[edge.consumer]
            if edge.crossing:
                kept, crossed = None, _sum_of([kept, crossed])
            if kept is not None:
                direct.append(self._term(edge, kept))
            if crossed is not None:
                hidden.append(self._term(edge, crossed, marked))
        return Parts(_sum_of(direct), _sum_of(hidden))

    def _refuse_many(self) -> None:
        if self._number_of_paths > MAX_PATHS:
            raise ValueError(f"{self._number_of_paths} paths are too many to write out; use `assignments`")


def _sum_of(terms: Iterable[MatrixExpr | None]) -> MatrixExpr | None:
    found = [one for one in terms if one is not None]
    return total(*found) if found else None


def _added(rows: Iterable[tuple[int, ...]]) -> tuple[int, ...]:
    found = list(rows)
    width = max(map(len, found), default=0)
    return tuple(sum(row[place] for row in found if place < len(row)) for place in range(width))


def backprop_through_time(
    cell: Cell,
    of: str,
    wrt: str,
    depth: int,
    *,
    loss: str | None = None,
    hidden: tuple[str, ...] = (),
    last: Expr | None = None,
    in_states: bool = False,
) -> Backpropagation:
    """The total gradient of of[last] by wrt[last - depth] through the unrolled cell.

    With `loss`, the gradient of a loss of that name which depends on of[last] alone. `hidden` names the states whose
    outgoing edges before the last step are crossings. With `in_states`, tanh'(W h[t-1] + ...) is written 1 - h[t]^2.
    Raises CellError for an unknown name, UnderivableError for an equation that is not in the table of pullbacks.
    """
    graph = unroll(cell, depth, last)
    cell.update(of)
    start, end = Node(wrt, 0), Node(of, depth)
    graph.symbol(start)
    walked = reverse(graph, end, hidden, in_states=in_states)
    return Backpropagation(graph, start, end, loss, hidden, _needed(start, walked))


def reverse(
    graph: UnrolledGraph, end: Node, hidden: tuple[str, ...] = (), *, in_states: bool = False
) -> tuple[Cotangent, ...]:
    """The cotangents of all nodes, inputs included, that the end depends on; each after those that it uses."""
    table = local_gradients(graph.cell, in_states)
    reached: dict[Node, Cotangent] = {end: Cotangent(end, ())}
    for node in backwards(graph):
        edges = [
            Contribution(user, table[node.name, user.name, user.step - node.step], node.name in hidden)
            for user in graph.consumers(node)
            if user in reached
        ]
        if edges and node != end:
            reached[node] = Cotangent(node, tuple(edges))
    return tuple(reached.values())


def backwards(graph: UnrolledGraph) -> Iterator[Node]:
    """All nodes, inputs included, each before what it is computed from."""
    inputs = tuple(one.name for one in graph.cell.inputs)
    order = tuple(reversed(graph.cell.order()))
    return (Node(name, step) for step in range(graph.depth, -1, -1) for name in (*order, *inputs))


def local_gradients(cell: Cell, in_states: bool) -> dict[tuple[str, str, int], LocalGradient]:
    """(read name, reading name, lag) -> the direct derivative of the reader at time t."""
    shapes = {one.name: one[T] for one in cell.inputs} | {one.head.name: one.head for one in cell.updates}
    found: dict[tuple[str, str, int], LocalGradient] = {}
    for update in cell.updates:
        for read in reads(update.body):
            local = differentiate(update.body, shapes[read.name].at(T - read.lag))
            found[read.name, update.head.name, read.lag] = _in_states(local, update) if in_states else local
    return found


def _in_states(local: LocalGradient, update: Update) -> LocalGradient:
    value = in_values(local.value, {update.body: update.head})
    if value == local.value:
        return local
    last = Application("entrywise_derivative", local.of, value)
    return replace(local, value=value, applications=(*local.applications, last))


def _needed(start: Node, cotangents: tuple[Cotangent, ...]) -> tuple[Cotangent, ...]:
    """Those on some path from `start`."""
    found = {one.node: one for one in cotangents}
    wanted, waiting = set(), [start]
    while waiting:
        node = waiting.pop()
        if node in found and node not in wanted:
            wanted.add(node)
            waiting.extend(edge.consumer for edge in found[node].contributions)
    return tuple(one for one in cotangents if one.node in wanted)


__all__ = [
    "CROSSING",
    "Backpropagation",
    "Contribution",
    "Cotangent",
    "Path",
    "Step",
    "UnderivableError",
    "backprop_through_time",
    "local_gradient",
    "reverse",
]
