"""Back-propagation through time against an oracle that shares nothing with it, and the counts of its paths."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import autograd
import autograd.numpy as np
import numpy
import pytest
import sympy

from symgrad.cells import Cell, Update, lstm, vanilla_rnn
from symgrad.cells.cell import CellError, T
from symgrad.engine.backprop import CROSSING, Backpropagation, backprop_through_time, reverse
from symgrad.engine.unroll import Node, UnrolledGraph, unroll
from symgrad.expressions.bridge import to_term
from symgrad.expressions.build import entrywise, hadamard, matrix, product, scaled, signal, total, vector
from symgrad.expressions.nodes import AsScalar, Gradient, Signal
from symgrad.kernel import term as kernel

from .numeric import NumericError, Values, cotangents, evaluator, gradient_norms, random_values, run

SIZES = {"n": 3, "m": 2}
Array = Any


def sigmoid(a: Array) -> Array:
    return 1 / (1 + np.exp(-a))


def rnn_oracle(values: Values, depth: int, name: str, held: bool) -> Callable[[Array], dict[str, Array]]:
    """The last states as a function of one state at step 0, written out by hand."""
    c, x = values.constants, {node.step: value for node, value in values.nodes.items() if node.name == "x"}

    def forward(start: Array) -> dict[str, Array]:
        h = start
        for step in range(1, depth + 1):
            h = np.tanh(c["W"] @ h + c["U"] @ x[step] + c["b"])
        return {"h": h}

    return forward


def lstm_oracle(values: Values, depth: int, name: str, held: bool) -> Callable[[Array], dict[str, Array]]:
    """As above; with `held`, the hidden states before the last are constants."""
    c, known = values.constants, run(unroll(lstm(), depth), values).nodes

    def forward(start: Array) -> dict[str, Array]:
        h, s = known[Node("h", 0)], known[Node("s", 0)]
        if name == "s":
            s, h = start, known[Node("o", 0)] * np.tanh(start)
        else:
            h = start
        for step in range(1, depth + 1):
            before = known[Node("h", step - 1)] if held else h
            x = known[Node("x", step)]
            a = {gate: c[f"W_{gate}"] @ before + c[f"U_{gate}"] @ x + c[f"b_{gate}"] for gate in "eioz"}
            s = sigmoid(a["e"]) * s + sigmoid(a["i"]) * np.tanh(a["z"])
            h = sigmoid(a["o"]) * np.tanh(s)
        return {"h": h, "s": s}

    return forward


def oracle_gradient(cell: Cell, values: Values, depth: int, of: str, wrt: str, held: bool = False) -> Array:
    """Gradient layout: dim wrt x dim of."""
    make = rnn_oracle if cell.name == "rnn" else lstm_oracle
    forward = make(values, depth, wrt, held)
    start = run(unroll(cell, depth), values).nodes[Node(wrt, 0)]
    jacobian = autograd.jacobian(lambda flat: forward(flat[:, None])[of][:, 0])(start[:, 0])
    return jacobian.T


CASES = [(vanilla_rnn(), "h", "h"), (lstm(), "h", "s"), (lstm(), "s", "s"), (lstm(), "h", "h"), (lstm(), "s", "h")]
NAMES = [f"{cell.name}: {of} by {wrt}" for cell, of, wrt in CASES]


@pytest.mark.parametrize("depth", range(1, 6))
@pytest.mark.parametrize(("cell", "of", "wrt"), CASES, ids=NAMES)
def test_total_gradient_is_that_of_autograd(cell: Cell, of: str, wrt: str, depth: int) -> None:
    values = random_values(cell, depth, SIZES, seed=depth, scale=1.5)
    found = backprop_through_time(cell, of, wrt, depth)
    ours = cotangents(found.cotangents, run(found.graph, values))[found.start]
    numpy.testing.assert_allclose(ours, oracle_gradient(cell, values, depth, of, wrt), rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("depth", range(1, 6))
@pytest.mark.parametrize("of", ["h", "s"])
def test_cell_state_path_is_what_remains_when_hidden_states_are_held(of: str, depth: int) -> None:
    cell, values = lstm(), random_values(lstm(), depth, SIZES, seed=7 * depth)
    found = backprop_through_time(cell, of, "s", depth, hidden=("h",))
    ours = cotangents(found.cotangents, run(found.graph, values), direct=True)[found.start]
    wanted = oracle_gradient(cell, values, depth, of, "s", held=True)
    numpy.testing.assert_allclose(ours, wanted, rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("in_states", [False, True])
@pytest.mark.parametrize(("cell", "of", "wrt"), CASES, ids=NAMES)
def test_one_expression_has_the_value_of_the_shared_graph(cell: Cell, of: str, wrt: str, in_states: bool) -> None:
    depth = 3
    found = backprop_through_time(cell, of, wrt, depth, hidden=("h",), last=T, in_states=in_states)
    values = run(found.graph, random_values(cell, depth, SIZES, seed=3))
    shared = cotangents(found.cotangents, values)[found.start]
    numpy.testing.assert_allclose(_value(found.expression(), values, depth), shared, rtol=1e-11)
    parts = [_value(found.expression(kind), values, depth) for kind in ("direct", "hidden")]
    numpy.testing.assert_allclose(sum(parts), shared, rtol=1e-11)
    paths = [_value(one.value, values, depth) for one in found.paths()]
    numpy.testing.assert_allclose(sum(paths), shared, rtol=1e-11)
    uncut = found.expression(marked=True).xreplace({CROSSING: sympy.S.Zero})
    numpy.testing.assert_allclose(_value(uncut, values, depth), parts[0], atol=1e-15)


def _value(expr: sympy.MatrixExpr, values: Values, step: int) -> Array:
    return evaluator(to_term(expr))(values, step)


@pytest.mark.parametrize(
    ("depth", "total", "avoiding_the_last_cell_state"),
    [(1, 5, 1), (2, 24, 5), (3, 115, 24), (4, 551, 115), (5, 2640, 551), (6, 12649, 2640), (7, 60605, 12649)],
)
def test_number_of_paths(depth: int, total: int, avoiding_the_last_cell_state: int) -> None:
    found = backprop_through_time(lstm(), "h", "s", depth, loss="L", hidden=("h",))
    counts = found.path_counts()
    assert (counts[0], sum(counts[1:])) == (1, total - 1)
    avoiding = found.path_counts([Node("s", depth)])
    assert (avoiding[0], sum(avoiding)) == (0, avoiding_the_last_cell_state)


def test_every_path_runs_along_edges_and_counts_its_crossings() -> None:
    found = backprop_through_time(lstm(), "h", "s", 2, loss="L", hidden=("h",))
    edges = set(found.graph.edges())
    paths = list(found.paths())
    assert len({path.nodes for path in paths}) == len(paths) == 24
    for path in paths:
        assert all(pair in edges for pair in zip(path.nodes, path.nodes[1:], strict=False))
        assert path.crossings == sum(node.name == "h" and node.step < 2 for node in path.nodes)


def test_the_cell_state_path_of_the_sheet() -> None:
    found = backprop_through_time(lstm(), "h", "s", 2, loss="L", hidden=("h",), in_states=True)
    assert str(found.expression("direct")) == (
        "diag(e[tau - 1])*diag(e[tau])*diag(1 - HadamardPower(tanh(s[tau]), 2))*diag(o[tau])*grad(L, h[tau])"
    )


def test_equation_one_at_a_depth_of_two() -> None:
    found = backprop_through_time(vanilla_rnn(), "h", "h", 2, loss="L", in_states=True).expression()
    w = kernel.Transpose(kernel.Symbol("W", ("n", "n")))
    h = [kernel.Symbol("h", ("n", 1), (kernel.affine("tau") - lag,)) for lag in (1, 0)]
    squares = [kernel.Diagonal(_one_minus_square(one)) for one in h]
    loss = kernel.Gradient(kernel.Symbol("L", (1, 1)), h[1])
    assert to_term(found) == kernel.Product((w, squares[0], w, squares[1], loss))


def _one_minus_square(vector: kernel.Term) -> kernel.Term:
    return kernel.Sum((kernel.Ones(("n", 1)), kernel.Scale(kernel.number(-1), kernel.EntrywisePower(vector, 2))))


def test_a_hundred_steps_stay_shared() -> None:
    found = backprop_through_time(lstm(), "h", "s", 100, loss="L", hidden=("h",))
    assert len(found.cotangents) == 6 * 100 + 2
    assert len(found.path_counts()) == 101
    with pytest.raises(ValueError, match="too many to write out"):
        found.expression()
    assert str(found.expression("direct")).count("diag(e[") == 100


def test_assignments_use_only_what_was_assigned_before() -> None:
    found = backprop_through_time(lstm(), "h", "s", 4, loss="L")
    known: set[sympy.Basic] = set()
    for name, value in found.assignments():
        used = {one for one in sympy.preorder_traversal(value) if isinstance(one, Gradient)}
        assert used <= known or not known
        known.add(name)
    assert name == found.gradient(found.start)


@pytest.mark.parametrize("marked", [False, True])
def test_assignments_put_into_each_other_give_the_expression(marked: bool) -> None:
    found = backprop_through_time(lstm(), "h", "s", 2, loss="L", hidden=("h",), last=T)
    values = run(found.graph, random_values(lstm(), 2, SIZES, seed=5))
    known = {found.gradient(found.end): found.seed}
    for one, value in found.assignments(marked):
        known.setdefault(one, value.xreplace(known))
    final = known[found.gradient(found.start)]
    seed = {found.seed: sympy.MatrixSymbol("g", found.seed.shape[0], 1)}
    values.constants |= {"g": numpy.array([[1.0], [-2.0], [0.5]]), "zeta": numpy.array([[0.25]])}
    numpy.testing.assert_allclose(
        _value(final.xreplace(seed), values, 2), _value(found.expression(marked=marked).xreplace(seed), values, 2)
    )


def test_steps_name_their_rules_and_end_in_the_equation() -> None:
    found = backprop_through_time(vanilla_rnn(), "h", "h", 1, loss="L", in_states=True)
    last = found.cotangents[-1]
    steps = list(found.steps(last))
    assert [one.rule for one in steps] == [
        "chain_rule", "product", "sum", "entrywise", "entrywise_derivative", "pullback", "substitute",
    ]  # fmt: skip
    assert steps[-1].right == found.equation(last)
    assert last.rules == ("chain_rule", "product", "sum", "entrywise", "entrywise_derivative")
    assert all(to_term(one.left).shape == to_term(one.right).shape for one in steps)


def test_a_node_that_is_used_twice_gets_the_sum() -> None:
    found = backprop_through_time(lstm(), "h", "s", 1, loss="L")
    by_name = {one.node: one for one in found.cotangents}
    assert {edge.consumer for edge in by_name[Node("s", 0)].contributions} == {Node("s", 1), Node("h", 0)}
    assert len(by_name[Node("h", 0)].contributions) == 4


def test_depth_zero_and_nodes_without_a_path() -> None:
    same = backprop_through_time(lstm(), "h", "h", 0)
    assert same.expression() == sympy.Identity(same.seed.shape[0])
    assert backprop_through_time(lstm(), "h", "s", 0).path_counts() == (1,)
    none = backprop_through_time(lstm(), "e", "o", 0)
    assert none.cotangents == () and none.path_counts() == ()
    assert isinstance(none.expression(), sympy.ZeroMatrix)


def test_the_gradient_by_an_input() -> None:
    found = backprop_through_time(vanilla_rnn(), "h", "x", 1)
    values = run(found.graph, random_values(vanilla_rnn(), 1, SIZES, seed=4))
    ours = cotangents(found.cotangents, values)[found.start]
    c, h = values.constants, values.nodes
    slopes = [np.diag(1 - h[Node("h", step)][:, 0] ** 2) for step in (0, 1)]
    numpy.testing.assert_allclose(ours, c["U"].T @ slopes[0] @ c["W"].T @ slopes[1], rtol=1e-12)


def test_norms_over_k_come_from_one_walk() -> None:
    cell, values = lstm(), random_values(lstm(), 6, SIZES, seed=11)
    norms = gradient_norms(cell, "s", "s", values, 6)
    assert norms[0] == 1.0
    walked = cotangents(reverse(unroll(cell, 6), Node("s", 6)), run(unroll(cell, 6), values))
    assert norms[4] == numpy.linalg.norm(walked[Node("s", 2)], 2)
    direct = gradient_norms(cell, "s", "s", values, 6, hidden=("h",), direct=True)
    gates = run(unroll(cell, 6), values).nodes
    path = numpy.prod([gates[Node("e", step)] for step in range(1, 7)], axis=0)
    assert direct[6] == pytest.approx(float(path.max()))


@pytest.mark.parametrize(("of", "wrt"), [("q", "s"), ("h", "q"), ("x", "h")])
def test_an_unknown_name_is_refused(of: str, wrt: str) -> None:
    with pytest.raises(CellError, match="has no equation"):
        backprop_through_time(lstm(), of, wrt, 1)


def test_a_missing_value_is_named() -> None:
    graph = unroll(vanilla_rnn(), 1)
    with pytest.raises(NumericError, match="h has no value at step -1"):
        run(graph, Values(SIZES, {"W": numpy.eye(3)}))


def test_the_graph_tells_its_edges() -> None:
    graph = unroll(lstm(), 2)
    assert graph.predecessors(Node("s", 2)) == (Node("e", 2), Node("s", 1), Node("i", 2), Node("z", 2))
    assert graph.consumers(Node("h", 2)) == ()
    assert graph.consumers(Node("s", 1)) == (Node("s", 2), Node("h", 1))
    assert set(graph.sources()) == {Node("x", 0), Node("x", 1), Node("x", 2), Node("h", -1), Node("s", -1)}
    assert str(graph.symbol(Node("h", 0))) == "h[tau - 2]"
    assert isinstance(graph.symbol(Node("x", 1)), Signal)
    assert str(graph.expression(Node("h", 1))) == "HadamardProduct(o[tau - 1], tanh(s[tau - 1]))"
    for edge in graph.edges():
        assert edge.target in graph.consumers(edge.source) or edge.source.step < 0


@pytest.mark.parametrize("depth", [-1, 10**9])
def test_a_depth_out_of_bounds_is_refused(depth: int) -> None:
    with pytest.raises(ValueError, match="cannot unroll"):
        unroll(lstm(), depth)


def test_backpropagation_is_a_value() -> None:
    one, other = (backprop_through_time(lstm(), "h", "s", 2, loss="L") for _ in range(2))
    assert isinstance(one, Backpropagation) and one == other


def gru() -> Cell:
    """A gated recurrent unit: the reset gate stands inside a product, the update gate is used twice."""
    n, h, x = "n", signal("h", "n"), signal("x", "m")

    def gate(letter: str, function: str, state: sympy.MatrixExpr) -> Update:
        W, U, b = matrix(f"W_{letter}", n, n), matrix(f"U_{letter}", n, "m"), vector(f"b_{letter}", n)
        return Update(signal(letter, n)[T], entrywise(function, total(product(W, state), product(U, x[T]), b)))

    reset, update = (gate(letter, "sigmoid", h[T - 1]) for letter in ("r", "u"))
    candidate = gate("g", "tanh", hadamard(reset.head, h[T - 1]))
    kept = hadamard(update.head, h[T - 1])
    rest = hadamard(total(sympy.OneMatrix(*update.head.shape), scaled(-1, update.head)), candidate.head)
    return Cell("gru", (x,), (reset, update, candidate, Update(h[T], total(kept, rest))))


def two_lags() -> Cell:
    """A state that reads itself one and two steps back, a square, and an inner product."""
    h, a, x = signal("h", "n"), signal("a", "n"), signal("x", "m")
    W, V, U = matrix("W", "n", "n"), matrix("V", "n", "n"), matrix("U", "n", "m")
    inside = total(product(W, h[T - 1]), product(V, sympy.HadamardPower(h[T - 2], 2)), product(U, x[T]))
    extra = scaled(AsScalar(product(sympy.Transpose(h[T - 1]), h[T - 2])), a[T])
    return Cell("two lags", (x,), (Update(a[T], entrywise("tanh", inside)), Update(h[T], total(a[T], extra))))


@pytest.mark.parametrize("depth", [1, 2, 4])
@pytest.mark.parametrize(("cell", "wrt"), [(gru(), "h"), (two_lags(), "h"), (two_lags(), "a"), (gru(), "u")])
def test_any_cell_agrees_with_differences(cell: Cell, wrt: str, depth: int) -> None:
    graph = unroll(cell, depth)
    values = run(graph, random_values(cell, depth, SIZES, seed=2))
    found = cotangents(backprop_through_time(cell, "h", wrt, depth).cotangents, values)[Node(wrt, 0)]
    start, step = values.nodes[Node(wrt, 0)], 1e-6
    moved = [[_rerun(graph, values, Node(wrt, 0), start + by * unit) for by in (step, -step)] for unit in _units(3)]
    differences = numpy.array([(up - down)[:, 0] / (2 * step) for up, down in moved])
    numpy.testing.assert_allclose(found, differences, rtol=1e-6, atol=1e-8)


def _units(size: int) -> list[Array]:
    return [numpy.eye(size)[:, [place]] for place in range(size)]


def _rerun(graph: UnrolledGraph, values: Values, start: Node, value: Array) -> Array:
    """The last h when one node has another value."""
    moved = Values(values.sizes, values.constants, {**values.nodes, start: value})
    for node in graph.nodes[graph.nodes.index(start) + 1 :]:
        moved.nodes[node] = evaluator(to_term(graph.cell.update(node.name).body))(moved, node.step)
    return moved.nodes[Node("h", graph.depth)]


@pytest.mark.parametrize("marked", [False, True])
def test_an_equation_is_what_sympy_itself_would_build(marked: bool) -> None:
    found = backprop_through_time(lstm(), "h", "s", 3, loss="L", hidden=("h",), last=T + 2, in_states=True)
    for name, value in found.assignments(marked):
        assert built_anew(name) == name and built_anew(value) == value
        assert to_term(value).shape == to_term(name).shape or marked


def built_anew(expr: sympy.Basic) -> sympy.Basic:
    return expr.func(*map(built_anew, expr.args)) if expr.args else expr
