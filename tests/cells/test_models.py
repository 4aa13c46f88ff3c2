"""The shipped models: the same in SymPy and in their profile, derived as autograd derives them, and proved."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import autograd
import autograd.numpy as np
import numpy
import pytest

from symgrad.cells import CELLS, Cell
from symgrad.engine.backprop import backprop_through_time
from symgrad.engine.unroll import Node, unroll
from symgrad.judge import derived
from symgrad.judged import judge_document
from symgrad.kernel.affine import affine
from symgrad.kernel.certificate import Context
from symgrad.kernel.term import Gradient, Symbol, walk
from symgrad.notation.declarations import declare_all
from symgrad.notation.read import read_document
from symgrad.notation.setting import Setting
from tests.engine.numeric import Values, cotangents, random_values, run
from tests.running import ROOT

Array = Any
Arrays = dict[str, Array]
SIZES = {"n": 3, "m": 2, "p": 2}
PROFILES = {name: name for name in CELLS} | {"lstm": "lab-10.5"}
TEXTS = sorted((ROOT / "derivations" / "models").glob("*.tex"))


def sigmoid(a: Array) -> Array:
    return 1 / (1 + np.exp(-a))


def drive(c: Arrays, s: Arrays, x: Array, mark: str = "") -> Array:
    return c["W" + mark] @ s["h"] + c["U" + mark] @ x + c["b" + mark]


def rnn(c: Arrays, s: Arrays, x: Array) -> Arrays:
    return {"h": np.tanh(drive(c, s, x))}


def rnn_output(c: Arrays, s: Arrays, x: Array) -> Arrays:
    h = np.tanh(drive(c, s, x))
    return {"h": h, "y": c["V"] @ h + c["c"]}


def residual(c: Arrays, s: Arrays, x: Array) -> Arrays:
    return {"h": s["h"] + np.tanh(drive(c, s, x))}


def linear(c: Arrays, s: Arrays, x: Array) -> Arrays:
    return {"h": drive(c, s, x)}


def lstm(c: Arrays, s: Arrays, x: Array) -> Arrays:
    e, i, o = (sigmoid(drive(c, s, x, f"_{gate}")) for gate in "eio")
    new = e * s["s"] + i * np.tanh(drive(c, s, x, "_z"))
    return {"s": new, "h": o * np.tanh(new)}


def lstm_peepholes(c: Arrays, s: Arrays, x: Array) -> Arrays:
    f, i = (sigmoid(drive(c, s, x, f"_{gate}") + c[f"p_{gate}"] * s["c"]) for gate in "fi")
    new = f * s["c"] + i * np.tanh(drive(c, s, x, "_g"))
    return {"c": new, "h": sigmoid(drive(c, s, x, "_o") + c["p_o"] * new) * np.tanh(new)}


def gru(c: Arrays, s: Arrays, x: Array) -> Arrays:
    z, r = (sigmoid(drive(c, s, x, f"_{gate}")) for gate in "zr")
    return {"h": (1 - z) * s["h"] + z * np.tanh(drive(c, {"h": r * s["h"]}, x, "_h"))}


def gru_cho(c: Arrays, s: Arrays, x: Array) -> Arrays:
    z, r = (sigmoid(c[f"W_{gate}"] @ x + c[f"U_{gate}"] @ s["h"]) for gate in "zr")
    return {"h": z * s["h"] + (1 - z) * np.tanh(c["W"] @ x + c["U"] @ (r * s["h"]))}


Step = Callable[[Arrays, Arrays, Array], Arrays]
STEPS: dict[str, Step] = {
    "rnn": rnn,
    "rnn-output": rnn_output,
    "residual": residual,
    "linear": linear,
    "lstm": lstm,
    "lstm-peepholes": lstm_peepholes,
    "gru": gru,
    "gru-cho": gru_cho,
}
CARRIED = {"lstm": ("s", "h"), "lstm-peepholes": ("c", "h")}
CASES = [
    (name, of, wrt)
    for name in CELLS
    for of in (*CARRIED.get(name, ("h",)), *("y",) * (name == "rnn-output"))
    for wrt in CARRIED.get(name, ("h",))
]


@pytest.mark.parametrize("name", CELLS)
def test_a_cell_in_sympy_is_the_model_of_its_profile(name: str) -> None:
    declared = declare_all([f"use {PROFILES[name]}"], Setting())
    assert CELLS[name]().recurrence == declared.recurrence


@pytest.mark.parametrize("depth", [1, 2, 4])
@pytest.mark.parametrize(("name", "of", "wrt"), CASES)
def test_the_mechanical_gradient_is_that_of_autograd(name: str, of: str, wrt: str, depth: int) -> None:
    cell = CELLS[name]()
    values = random_values(cell, depth, SIZES, seed=depth, scale=1.5)
    found = backprop_through_time(cell, of, wrt, depth)
    known = run(found.graph, values)
    ours = cotangents(found.cotangents, known)[found.start]
    numpy.testing.assert_allclose(ours, oracle(cell, known, depth, of, wrt), rtol=1e-9, atol=1e-12)


def oracle(cell: Cell, known: Values, depth: int, of: str, wrt: str) -> Array:
    """The derivative of a node by one `depth` steps before it; what of that step depends on it is computed anew."""
    start = {name: known.nodes[Node(name, 0)] for name in cell.names}
    inputs = [known.nodes[Node("x", step)] for step in range(1, depth + 1)]

    def last(flat: Array) -> Array:
        state = after(cell.name, start | {wrt: flat[:, None]}, wrt, known.constants, known.nodes[Node("x", 0)], known)
        for x in inputs:
            state = STEPS[cell.name](known.constants, state, x)
        return state[of][:, 0]

    return autograd.jacobian(last)(start[wrt][:, 0]).T


def after(name: str, start: Arrays, wrt: str, c: Arrays, x: Array, known: Values) -> Arrays:
    """The nodes of step 0 once one of them has a value of its own: the hidden state of an LSTM reads the cell state."""
    if name == "lstm" and wrt == "s":
        return start | {"h": start["o"] * np.tanh(start["s"])}
    if name == "lstm-peepholes" and wrt == "c":
        before = {"h": known.nodes[Node("h", -1)]}
        gate = sigmoid(drive(c, before, x, "_o") + c["p_o"] * start["c"])
        return start | {"h": gate * np.tanh(start["c"])}
    return start


@pytest.mark.parametrize(("name", "of", "wrt"), CASES)
def test_the_gradient_one_step_back_is_derived_and_proved(name: str, of: str, wrt: str) -> None:
    recurrence = CELLS[name]().recurrence
    shapes = {one.head.name: one.head for one in recurrence}
    end, start = (Symbol(one, shapes[one].size, (affine("t") - lag,)) for one, lag in ((of, 0), (wrt, 1)))
    verdict = derived(Gradient(end, start), Context(recurrence))
    assert verdict.proved and verdict.statement is not None
    assert verdict.statement.left == Gradient(end, start)
    assert not any(isinstance(one, Gradient) for one in walk(verdict.statement.right))


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_every_gradient_of_a_text_is_proved(path: Path) -> None:
    document = read_document(path.read_text("utf-8"), path.name)
    assert not document.all_problems
    statuses = [one.verdict.status for one in judge_document(document)]
    assert statuses and set(statuses) == {"proved"}


def test_every_model_has_a_text() -> None:
    stated = {path.stem for path in TEXTS}
    assert stated == {*CELLS, "gru-pytorch", "own", "own-network"}


# In a text, what is replaced with what; each makes its first occurrence wrong.
SLIPS: dict[str, tuple[tuple[str, str], ...]] = {
    "rnn": ((r"W^\top D_{t+1}", r"W D_{t+1}"), (r"h_{t-1}^\top, \label", r"h_t^\top, \label")),
    "rnn-output": (
        (r"\delta_t &= V^\top", r"\delta_t &= -V^\top"),
        (r"(\nabla_{y_t} \ell_t)\, h_t^\top", r"(\nabla_{y_t} \ell_t)\, h_{t-1}^\top"),
        (r"\sum_{s=t}^{\tau} \Bigl[ \prod_{j=t+1}^{s} W", r"\sum_{s=t+1}^{\tau} \Bigl[ \prod_{j=t+1}^{s} W"),
        (r"D_t\, \delta_t\, x_t^\top", r"\delta_t\, x_t^\top"),
    ),
    "residual": ((r"= I + W^\top D_t", r"= W^\top D_t"), (r"(I + W^\top D_{\tau-k+i})", r"(I + D_{\tau-k+i} W^\top)")),
    "linear": ((r"(W^\top)^k", r"(W^\top)^{k+1}"), (r"\, h_{t-1}^\top", r"\, h_t^\top")),
    "lstm": (
        (r"o_t \odot (1 - \tanh(c_t)^2)", r"o_t \odot (1 - c_t^2)"),
        (r"\odot c_t \odot \nabla_{c_{t+1}} L", r"\odot c_{t+1} \odot \nabla_{c_{t+1}} L"),
        (r"c_{t-1} \odot \nabla_{c_t} L", r"c_t \odot \nabla_{c_t} L"),
    ),
    "lstm-peepholes": (
        (r"+ p_o \odot o_\tau", r"+ p_f \odot o_\tau"),
        (r"\odot c_t \odot \nabla_{o_t} L", r"\odot c_{t-1} \odot \nabla_{o_t} L"),
    ),
    "gru": (
        (r"\odot (\tilde h_t - h_{t-1})\bigr)", r"\odot (h_{t-1} - \tilde h_t)\bigr)"),
        (r"(r_t \odot h_{t-1})^\top", r"h_{t-1}^\top"),
    ),
    "gru-cho": (
        (r"\operatorname{diag}(z_t) +", r"\operatorname{diag}(1 - z_t) +"),
        (r"(r_t \odot h_{t-1})^\top", r"h_{t-1}^\top"),
    ),
    "gru-pytorch": (
        (r"\odot (1 - z_t) \odot \nabla_{h_t} L", r"\odot z_t \odot \nabla_{h_t} L"),
        (r"r_t \odot (1 - n_t^2) \odot \nabla_{n_t} L, \label", r"(1 - n_t^2) \odot \nabla_{n_t} L, \label"),
    ),
}


@pytest.mark.parametrize(("name", "slip"), [(name, slip) for name, slips in SLIPS.items() for slip in slips])
def test_a_text_with_a_slip_is_refuted(name: str, slip: tuple[str, str]) -> None:
    text = (ROOT / "derivations" / "models" / f"{name}.tex").read_text("utf-8")
    assert slip[0] in text
    document = read_document(text.replace(*slip, 1), f"{name}.tex")
    assert not document.all_problems
    statuses = [one.verdict.status for one in judge_document(document)]
    assert "refuted" in statuses and set(statuses) <= {"proved", "refuted"}


def test_the_graph_of_a_model_with_outputs_is_unrolled() -> None:
    graph = unroll(CELLS["rnn-output"](), 3)
    assert graph.consumers(Node("y", 1)) == ()
    assert set(graph.consumers(Node("h", 1))) == {Node("h", 2), Node("y", 1)}
