"""The gradients of a run by its parameters, against a network that autograd runs and derives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import autograd
import autograd.numpy as np
import numpy
import pytest
import sympy
from sympy import MatrixExpr

from symgrad.cells import CELLS, Cell, rnn_output, vanilla_rnn
from symgrad.cells.cell import CellError, T
from symgrad.engine.run import Run, run_gradients
from symgrad.engine.unroll import Node
from symgrad.expressions.bridge import to_term
from symgrad.expressions.nodes import Gradient, Signal
from tests.cells.test_models import STEPS
from tests.engine.numeric import Values, evaluator, random_values, run

Array = Any
SIZES = {"n": 3, "m": 2, "p": 2}
SEEN = {name: "y" if name == "rnn-output" else "h" for name in CELLS}


@pytest.mark.parametrize("step_loss", ["l", None])
@pytest.mark.parametrize("length", [1, 2, 4])
@pytest.mark.parametrize("name", CELLS)
def test_every_parameter_has_the_gradient_of_autograd(name: str, length: int, step_loss: str | None) -> None:
    cell, of = CELLS[name](), SEEN[name]
    found = run_gradients(cell, of, length, step_loss=step_loss, last=T)
    values = run(found.graph, random_values(cell, length - 1, SIZES, seed=length))
    weights = numpy.random.default_rng(7).normal(size=(length, len(values.node(Node(of, 0))), 1))
    if step_loss is None:
        weights[:-1] = 0
    ours = evaluated(found, values, weights)
    loss = loss_of(name, of, values, weights, length)
    names = {str(one.wrt): one for one, _ in found.parameters()}
    assert set(names) == set(values.constants)
    for parameter, value in values.constants.items():
        theirs = autograd.grad(lambda x, key=parameter: loss(values.constants | {key: x}))(value)
        numpy.testing.assert_allclose(ours[names[parameter]], theirs, rtol=1e-9, atol=1e-12)


def loss_of(name: str, of: str, values: Values, weights: Array, length: int) -> Callable[[dict[str, Array]], Array]:
    """The sum of a random linear function of what each step gives, run from the states before the first step."""

    def loss(constants: dict[str, Array]) -> Array:
        state = {node.name: value for node, value in values.nodes.items() if node.step == -1}
        total = 0.0
        for step in range(length):
            state = STEPS[name](constants, state, values.node(Node("x", step)))
            total = total + np.sum(weights[step] * state[of])
        return total

    return loss


def evaluated(found: Run, values: Values, weights: Array) -> dict[MatrixExpr, Array]:
    """The value of every gradient, one after the other."""
    known: dict[MatrixExpr, Array] = {}
    last = found.graph.depth
    for name, value in found.assignments():
        known[name] = _value(value, known, values, weights, last)
    for name, terms in found.parameters():
        known[name] = sum(_value(one, known, values, weights, last) for one in terms)
    return known


def _value(expr: MatrixExpr, known: dict[MatrixExpr, Array], values: Values, weights: Array, last: int) -> Array:
    """The value at the time t of the last step; a gradient that is not known is that of a loss by what it sees."""
    inside = {one for one in sympy.preorder_traversal(expr) if isinstance(one, Gradient)}
    names = {one: sympy.MatrixSymbol(f"g{place}", *one.shape) for place, one in enumerate(inside)}
    given = {f"g{place}": _given(one, known, weights, last) for place, one in enumerate(inside)}
    inner = Values(values.sizes, values.constants | given, values.nodes)
    return evaluator(to_term(expr.xreplace(names)))(inner, last)


def _given(one: Gradient, known: dict[MatrixExpr, Array], weights: Array, last: int) -> Array:
    if one in known:
        return known[one]
    assert isinstance(one.wrt, Signal)
    return weights[int(one.wrt.times[0] - T) + last]


def test_the_equations_of_a_vanilla_network() -> None:
    found = run_gradients(rnn_output(), "y", 2, step_loss="l", last=sympy.Integer(2))
    assert [f"{name} = {value}" for name, value in found.assignments() if "x[" not in str(name)] == [
        "grad(L, y[2]) = grad(l[2], y[2])",
        "grad(L, h[2]) = V.T*grad(L, y[2])",
        "grad(L, y[1]) = grad(l[1], y[1])",
        "grad(L, h[1]) = W.T*diag(1 - HadamardPower(h[2], 2))*grad(L, h[2]) + V.T*grad(L, y[1])",
    ]
    sums = {str(name): " + ".join(map(str, terms)) for name, terms in found.parameters()}
    assert sums["grad(L, V)"] == "grad(L, y[1])*h[1].T + grad(L, y[2])*h[2].T"
    assert sums["grad(L, b)"].count("diag(1 - HadamardPower(h[") == 2


@pytest.mark.parametrize("cell", [CELLS["lstm"](), CELLS["gru"]()], ids=str)
def test_a_long_run_stays_shared(cell: Cell) -> None:
    few, many = (sum(1 for _ in run_gradients(cell, "h", length, step_loss="l").assignments()) for length in (30, 300))
    assert many == 10 * few


def test_refused() -> None:
    with pytest.raises(ValueError, match="cannot unroll"):
        run_gradients(vanilla_rnn(), "h", 0)
    with pytest.raises(CellError, match="has no equation for q"):
        run_gradients(vanilla_rnn(), "q", 3)
