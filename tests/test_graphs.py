"""Pictures of declared models: outputs and losses above the states, feed-forward networks from left to right."""

from __future__ import annotations

import pytest

from symgrad.notation.declarations import declare_lines
from symgrad.notation.read import read_statement
from symgrad.notation.setting import Setting
from symgrad.page.figures import HALF_HEIGHT, Graph, Node, unrolled
from symgrad.page.layered import layered
from symgrad.page.printing import Printer

PROFILES = ("rnn", "rnn-output", "residual", "linear", "lstm", "lstm-peepholes", "gru", "gru-cho", "goodfellow")
NET = """size n, m, p
W : n x m
V : p x n
x : m
a, h, b : n
y, c : p
a = W x + b
h = \\tanh(a)
y = V h + c
L : scalar
L depends on y"""
BATCH = """size N, n, m
X : N x m
W : m x n
A, H : N x n
b : n
A = X W + \\mathbf{1} b^T
H = \\tanh(A)"""
RESIDUAL = """size n
W, V : n x n
x, h, y, z : n
h = \\tanh(W x)
y = V h + x
L : scalar
L = \\|y - z\\|^2"""


def setting(text: str) -> Setting:
    return declare_lines(text, "<test>")


def recurrent(text: str) -> Graph:
    found = setting(text)
    graph = unrolled(found.context(), Printer(found.dialect))
    assert graph is not None
    return graph


def network(text: str) -> Graph:
    found = setting(text)
    graph = layered(found.context(), Printer(found.dialect))
    assert graph is not None
    return graph


def named(graph: Graph) -> dict[str, Node]:
    return {node.label.plain: node for node in graph.nodes}


def apart(graph: Graph) -> bool:
    """Whether all boxes are inside the drawing and none covers another."""
    boxes = [(one.left, one.left + 2 * one.half_width, one.bottom, one.top) for one in graph.nodes]
    inside = all(a >= 0 and b <= graph.width and c >= 0 and d <= graph.height for a, b, c, d in boxes)
    pairs = [(one, other) for place, one in enumerate(boxes) for other in boxes[place + 1 :]]
    return inside and all(
        one[1] <= other[0] or other[1] <= one[0] or one[3] <= other[2] or other[3] <= one[2] for one, other in pairs
    )


@pytest.mark.parametrize("profile", PROFILES)
def test_every_shipped_model_can_be_drawn(profile: str) -> None:
    assert apart(recurrent(f"use {profile}"))


@pytest.mark.parametrize("text", [NET, BATCH, RESIDUAL])
def test_boxes_of_a_network_are_apart(text: str) -> None:
    assert apart(network(text))


def test_outputs_and_the_losses_of_all_steps_are_above_the_states() -> None:
    graph = recurrent("use rnn-output")
    nodes = named(graph)
    assert nodes["x[τ]"].top < nodes["h[τ]"].bottom
    assert nodes["h[τ]"].top < nodes["y[τ]"].bottom and nodes["y[τ]"].top < nodes["ℓ[τ]"].bottom
    assert [node.label.plain for node in graph.nodes if node.kind == "loss"] == ["ℓ[τ-k]", "ℓ[τ-k+1]", "ℓ[τ]"]
    assert {edge.label.plain for edge in graph.edges if edge.label} == {"W", "U", "V"}


def test_a_network_runs_from_left_to_right_with_weights_on_its_arrows() -> None:
    graph = network(NET)
    places = [named(graph)[name].at for name in ("x", "a", "h", "y", "L")]
    assert [x for x, _ in places] == sorted(x for x, _ in places) and len({y for _, y in places}) == 1
    assert [edge.label.plain if edge.label else "" for edge in graph.edges] == ["W", "", "V", ""]
    assert named(graph)["x"].kind == "input" and named(graph)["L"].kind == "loss"
    assert graph.title == "the network" and recurrent("use rnn").title == "the unrolled network"


def test_the_samples_of_a_batch_are_what_goes_through() -> None:
    graph = network(BATCH)
    assert set(named(graph)) == {"X", "A", "H"}
    assert [edge.label.plain for edge in graph.edges if edge.label] == ["W"]


def test_a_path_past_others_is_an_arc_above_them() -> None:
    graph = network(RESIDUAL)
    x, y = named(graph)["x"], named(graph)["y"]
    arc = next(edge for edge in graph.edges if edge.points[1][1] > y.top)
    assert arc.points[0][0] == x.at[0] and abs(arc.points[3][0] - y.at[0]) < y.half_width
    assert graph.height > y.at[1] + HALF_HEIGHT + 0.5
    assert named(graph)["z"].at[1] < y.at[1]


def test_no_picture_without_nodes_or_of_too_many() -> None:
    names = [f"a_{letter}" for letter in "abcdefghijklmnop"]
    chain = "\n".join(f"{name} = \\tanh({before})" for before, name in zip(["x", *names], names, strict=False))
    many = setting(f"size n\nx, {', '.join(names)} : n\n{chain}")
    assert layered(many.context(), Printer(many.dialect)) is None
    for text in ("size n", "use rnn"):
        found = setting(text)
        assert layered(found.context(), Printer(found.dialect)) is None
    assert unrolled(setting(NET).context(), Printer(setting(NET).dialect)) is None


def test_a_product_under_a_sum_is_not_drawn() -> None:
    """Its times are those that are summed over, and the picture has none such."""
    found = setting("use rnn-output")
    claim = read_statement(
        r"\nabla_{h_t} L = \sum_{s=t}^{\tau} \Bigl[\prod_{j=t+1}^{s} W^\top \operatorname{diag}(1 - h_j^2)\Bigr]"
        r" V^\top \nabla_{y_s} \ell_s",
        found.dialect,
    )
    graph = unrolled(found.context([claim]), Printer(found.dialect), claim)
    assert graph is not None and not [edge for edge in graph.edges if edge.kind == "backward"]
    assert {"h[t]", "h[t+1]", "h[τ]"} <= set(named(graph))
