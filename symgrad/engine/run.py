"""The gradients of the loss of a whole run by all parameters, at a concrete length, as a shared graph.

The loss is the sum of one for each step, or one of the last. Every node gets one equation, every parameter a sum over
the steps; what is the same at all steps is worked out once, so that the time grows with the length.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import sympy
from sympy import Expr, MatrixExpr

from ..cells.cell import Cell, T
from ..expressions.bridge import to_sympy
from ..expressions.build import total
from ..expressions.derivatives import in_values
from ..expressions.nodes import Gradient, as_matrix
from ..kernel.affine import affine
from ..kernel.calculus import handed_down
from ..kernel.certificate import Definition
from ..kernel.term import SCALAR, Symbol, walk
from ..kernel.term import Gradient as GradientTerm
from .backprop import Contribution, backwards, local_gradients
from .pullbacks import compose
from .templates import NOW, Clock, Template, template
from .unroll import Node, UnrolledGraph, unroll

Assignment = tuple[MatrixExpr, MatrixExpr]


@dataclass(frozen=True)
class Run:
    """The nodes that the loss depends on, each with the edges that lead there, from the last step backwards.

    `of` is the name of the nodes that the losses see: that of its step each, called `step_loss`, or the last one alone.
    """

    graph: UnrolledGraph
    of: str
    loss: str
    step_loss: str | None
    edges: tuple[tuple[Node, tuple[Contribution, ...]], ...] = field(repr=False)

    def assignments(self) -> Iterator[Assignment]:
        """(name, value) of the gradient by every node, each after those that it uses."""
        for node, edges in self.edges:
            step = node.step - self.graph.depth
            yield self._name(node.name).at(step), self._equation(node, edges).at(step)

    def parameters(self) -> Iterator[tuple[MatrixExpr, tuple[MatrixExpr, ...]]]:
        """The gradient by each parameter, as its name and its terms, step by step from the first one."""
        shares = [(*share, one.head.name) for one in self.graph.cell.recurrence for share in self._shares(one)]
        reached = {node for node, _ in self.edges}
        for parameter in dict.fromkeys(symbol for symbol, _, _ in shares):
            own = [(made, name) for symbol, made, name in shares if symbol == parameter]
            places = (
                (made, step) for step in range(self.graph.depth + 1) for made, name in own if (name, step) in reached
            )
            terms = tuple(made.at(step - self.graph.depth) for made, step in places)
            yield Gradient(self._loss, as_matrix(to_sympy(parameter))), terms

    @cached_property
    def _loss(self) -> Expr:
        return sympy.Symbol(self.loss, real=True)

    @cached_property
    def _clock(self) -> Clock:
        return Clock(self.graph.last)

    @cached_property
    def _templates(self) -> dict[tuple[object, ...], Template]:
        return {}

    def _now(self, name: str, lag: int = 0) -> MatrixExpr:
        """The gradient by a node, at the time NOW or some steps later."""
        return Gradient(self._loss, self.graph.symbol(Node(name, 0)).at(NOW + lag))

    def _name(self, name: str) -> Template:
        if (name,) not in self._templates:
            self._templates[name,] = template(self._now(name), self._clock)
        return self._templates[name,]

    def _equation(self, node: Node, edges: tuple[Contribution, ...]) -> Template:
        sees = node.name == self.of and (self.step_loss is not None or node.step == self.graph.depth)
        kind = (node.name, sees, *((one.consumer.name, one.consumer.step - node.step) for one in edges))
        if kind not in self._templates:
            own = (self._own(node),) if sees else ()
            terms = (self._term(one, one.consumer.step - node.step) for one in edges)
            self._templates[kind] = template(total(*own, *terms), self._clock)
        return self._templates[kind]

    def _own(self, node: Node) -> MatrixExpr:
        """The gradient of the loss that sees a node, by this node."""
        if self.step_loss is None:
            return self._now(node.name)
        loss = to_sympy(Symbol(self.step_loss, SCALAR, (affine("t"),)))
        return Gradient(loss.xreplace({T: NOW}), self.graph.symbol(node).at(NOW))

    def _term(self, edge: Contribution, lag: int) -> MatrixExpr:
        return compose(edge.local.value.xreplace({T: NOW + lag}), self._now(edge.consumer.name, lag))

    def _shares(self, definition: Definition) -> Iterator[tuple[Symbol, Template]]:
        """What the gradient by a node hands down to each parameter in its equation."""
        read = dict.fromkeys(one for one in walk(definition.body) if isinstance(one, Symbol) and not one.times)
        body = to_sympy(definition.body)
        for one in read:
            cotangent = GradientTerm(Symbol(self.loss, SCALAR), definition.head)
            share = handed_down(definition.body, one, cotangent)
            if share is not None:
                value = in_values(as_matrix(to_sympy(share)), {body: as_matrix(to_sympy(definition.head))})
                yield one, template(value.xreplace({T: NOW}), self._clock)


def run_gradients(
    cell: Cell, of: str, length: int, *, loss: str = "L", step_loss: str | None = None, last: Expr | None = None
) -> Run:
    """The gradients of a loss by all nodes and parameters of a run of that many steps, up to the time `last`.

    The loss sees the last node called `of`; with `step_loss` it is the sum of a loss of that name of each of them.
    Raises CellError for an unknown name, ValueError for a length below 1, UnderivableError as `backprop_through_time`.
    """
    cell.update(of)
    graph = unroll(cell, length - 1, last)
    table = local_gradients(cell, in_states=True)
    seen = {Node(of, step) for step in (range(length) if step_loss is not None else (length - 1,))}
    edges: dict[Node, tuple[Contribution, ...]] = {}
    for node in backwards(graph):
        users = [user for user in graph.consumers(node) if user in edges]
        if users or node in seen:
            edges[node] = tuple(
                Contribution(user, table[node.name, user.name, user.step - node.step], False) for user in users
            )
    return Run(graph, of, loss, step_loss, tuple(edges.items()))


__all__ = ["Run", "run_gradients"]
