"""The unrolled graph run forwards in floats, and its cotangents backwards: an oracle for the symbolic gradients.

Nothing here proves anything. Every value is a two-dimensional array; a scalar is 1 x 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from typing import TYPE_CHECKING, Any

from symgrad.cells.cell import Cell
from symgrad.engine.backprop import Cotangent, reverse
from symgrad.engine.pullbacks import LocalGradient
from symgrad.engine.unroll import Node, UnrolledGraph, unroll
from symgrad.expressions.bridge import to_term
from symgrad.expressions.indices import size_to_term
from symgrad.kernel import term as kernel
from symgrad.kernel.term import Size, Term

if TYPE_CHECKING:
    import numpy

    Array = numpy.ndarray[Any, Any]


class NumericError(ValueError):
    """A term that has no float value here, or a value that is missing."""


@dataclass(slots=True)
class Values:
    """Sizes by name, constants by name, and the values of nodes: inputs and early states given, the others computed."""

    sizes: dict[str, int]
    constants: dict[str, Array]
    nodes: dict[Node, Array] = field(default_factory=dict)

    def size(self, size: Size) -> int:
        return size if isinstance(size, int) else self.sizes[size]

    def constant(self, name: str) -> Array:
        if name not in self.constants:
            raise NumericError(f"{name} has no value")
        return self.constants[name]

    def node(self, node: Node) -> Array:
        if node not in self.nodes:
            raise NumericError(f"{node.name} has no value at step {node.step}")
        return self.nodes[node]


Evaluator = Callable[[Values, int], "Array"]


def evaluator(term: Term) -> Evaluator:
    """A function of the values and of the step that stands for t. Raises NumericError for terms it does not know."""
    import numpy as np

    match term:
        case kernel.Number(value=value):
            return _always(np.array([[float(value)]]))
        case kernel.Symbol(name=name, times=()):
            return lambda values, step: values.constant(name)
        case kernel.Symbol():
            return _node(term)
        case kernel.Ones(size=(rows, columns)):
            return lambda values, step: np.ones((values.size(rows), values.size(columns)))
        case kernel.Zero(size=(rows, columns)):
            return lambda values, step: np.zeros((values.size(rows), values.size(columns)))
        case kernel.Identity(rows=rows):
            return lambda values, step: np.eye(values.size(rows))
        case _:
            return _operation(_numpy_operation(term), [evaluator(one) for one in kernel.parts(term)])


def _always(value: Array) -> Evaluator:
    return lambda values, step: value


def _operation(operation: Callable[..., Array], arguments: list[Evaluator]) -> Evaluator:
    return lambda values, step: operation(*(one(values, step) for one in arguments))


def _node(symbol: kernel.Symbol) -> Evaluator:
    time = symbol.times[0]
    if len(symbol.times) != 1 or time.coefficients != (("t", 1),):
        raise NumericError(f"{symbol.name}[{time}] is not at t plus a number")
    return lambda values, step: values.node(Node(symbol.name, step + time.constant))


def _numpy_operation(term: Term) -> Callable[..., Array]:
    import numpy as np

    match term:
        case kernel.Sum():
            return lambda *terms: reduce(np.add, terms)
        case kernel.Scale():
            return lambda scalar, body: scalar[0, 0] * body
        case kernel.Product():
            return lambda *factors: reduce(np.matmul, factors)
        case kernel.Hadamard():
            return lambda *factors: reduce(np.multiply, factors)
        case kernel.Transpose():
            return np.transpose
        case kernel.Inverse():
            return np.linalg.inv
        case kernel.Diagonal():
            return lambda body: np.diag(body[:, 0])
        case kernel.DiagonalPart():
            return lambda body: np.diag(body)[:, None]
        case kernel.Trace():
            return lambda body: np.array([[np.trace(body)]])
        case kernel.Entrywise(function=function):
            return _function(function)
        case kernel.EntrywisePower(exponent=power):
            return lambda body: body**power
        case kernel.Power(exponent=exponent) if exponent.is_constant:
            return lambda body: np.linalg.matrix_power(body, exponent.constant)
        case kernel.Magnitude(kind="spectral_norm"):
            return lambda body: np.array([[np.linalg.norm(body, 2)]])
        case _:
            raise NumericError(f"a {type(term).__name__} is not evaluated here")


def _function(name: str) -> Callable[[Array], Array]:
    import numpy as np

    def sigmoid(x: Array) -> Array:
        return 0.5 * (1 + np.tanh(0.5 * x))

    known: Mapping[str, Callable[[Array], Array]] = {
        "tanh": np.tanh,
        "tanh'": lambda x: 1 - np.tanh(x) ** 2,
        "sigmoid": sigmoid,
        "sigmoid'": lambda x: sigmoid(x) * (1 - sigmoid(x)),
        "exp": np.exp,
        "exp'": np.exp,
        "log": np.log,
        "log'": lambda x: 1 / x,
        "sin": np.sin,
        "sin'": np.cos,
        "cos": np.cos,
        "cos'": lambda x: -np.sin(x),
    }
    if name not in known:
        raise NumericError(f"the function {name} is not evaluated here")
    return known[name]


def run(graph: UnrolledGraph, values: Values) -> Values:
    """The values with those of all nodes of the graph added, computed forwards."""
    steps = {update.head.name: evaluator(to_term(update.body)) for update in graph.cell.updates}
    found = Values(values.sizes, values.constants, dict(values.nodes))
    for node in graph.nodes:
        found.nodes[node] = steps[node.name](found, node.step)
    return found


def cotangents(
    walked: Iterable[Cotangent], values: Values, seed: Array | None = None, *, direct: bool = False
) -> dict[Node, Array]:
    """The value of every cotangent, dim node x dim of, for values that `run` gave.

    `seed` is the cotangent of the end, the identity unless told otherwise; `direct` leaves the crossings out.
    """
    import numpy as np

    evaluators: dict[LocalGradient, Evaluator] = {}
    found: dict[Node, Array] = {}
    for one in walked:
        if not one.contributions:
            found[one.node] = np.eye(len(values.node(one.node))) if seed is None else seed
        for edge in one.contributions:
            if edge.consumer in found and not (direct and edge.crossing):
                if edge.local not in evaluators:
                    evaluators[edge.local] = evaluator(to_term(edge.local.value))
                term = evaluators[edge.local](values, edge.consumer.step) @ found[edge.consumer]
                found[one.node] = found[one.node] + term if one.node in found else term
    return found


def gradient_norms(
    cell: Cell, of: str, wrt: str, values: Values, depth: int, *, hidden: tuple[str, ...] = (), direct: bool = False
) -> list[float]:
    """Spectral norms of the gradient of of[tau] by wrt[tau - k], for k = 0 ... depth; 0 where no path is left.

    `values` holds the constants, and the inputs and early states that a graph of this depth needs (`random_values`).
    With `direct`, only the paths that use no edge out of a `hidden` state before the last step.
    """
    import numpy as np

    graph = unroll(cell, depth)
    walked = reverse(graph, Node(of, depth), hidden)
    found = cotangents(walked, run(graph, values), direct=direct)
    steps = (found.get(Node(wrt, depth - k)) for k in range(depth + 1))
    return [0.0 if one is None else float(np.linalg.norm(one, 2)) for one in steps]


def random_values(cell: Cell, depth: int, sizes: Mapping[str, int], seed: int, scale: float = 1.0) -> Values:
    """Constants of variance scale^2 / columns, inputs of variance 1, early states in (-1/2, 1/2), all from one seed."""
    import numpy as np

    random = np.random.default_rng(seed)
    values = Values(dict(sizes), {})
    for name, rows, columns in _constants(cell):
        shape = (values.size(rows), values.size(columns))
        values.constants[name] = random.normal(size=shape) * scale / np.sqrt(shape[1])
    inputs = {one.name for one in cell.inputs}
    graph = unroll(cell, depth)
    for node in graph.sources():
        size = tuple(values.size(size_to_term(one)) for one in graph.symbol(node).shape)
        values.nodes[node] = random.normal(size=size) if node.name in inputs else random.uniform(-0.5, 0.5, size)
    return values


def _constants(cell: Cell) -> tuple[tuple[str, Size, Size], ...]:
    walked = (part for one in cell.recurrence for part in kernel.walk(one.body))
    symbols = (part for part in walked if isinstance(part, kernel.Symbol) and not part.times)
    return tuple(dict.fromkeys((one.name, *one.size) for one in symbols))


__all__ = ["NumericError", "Values", "cotangents", "evaluator", "gradient_norms", "random_values", "run"]
