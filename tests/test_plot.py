"""Measured curves: gradients of the random network against differences, and the bounds above what they bound."""

from __future__ import annotations

from fractions import Fraction

import numpy
import pytest

from symgrad.kernel.affine import affine
from symgrad.kernel.certificate import Statement
from symgrad.kernel.term import Gradient, Inverse, Magnitude, Number, Symbol
from symgrad.network import Network, Settings, UnmeasurableError
from symgrad.plot import Experiment, PlotError, measure, read_plot
from tests import sample_sheet as sample

CLAIMS = {
    "eq:2": (sample.RNN, sample.TWO_STATEMENT),
    "eq:4": (sample.LSTM, sample.FOUR_STATEMENT),
    "cut": (sample.LSTM, Statement(sample.norm(sample.CUT), "<=", sample.norm(sample.GATES))),
}


def at(time: int) -> dict[str, object]:
    return {"times": (affine(time),)}


@pytest.mark.parametrize("name", ["s", "h"])
def test_the_gradient_is_that_of_differences(name: str) -> None:
    """Move one entry of a state by a little, run on, and look at the last cell state."""
    term = Gradient(sample.vector("s", affine(4)), sample.vector(name, affine(1)))
    found = Network(sample.LSTM, Settings(), 3, 4, 7).value(term)
    for row in range(3):
        ends = []
        for move in (1e-6, -1e-6):
            network = Network(sample.LSTM, Settings(), 3, 4, 7)
            changed = network._nodes[name, 1].copy()
            changed[row, 0] += move
            later = {key: value for key, value in network._nodes.items() if key[1] < 1 or key[0] == "x"}
            first = {key: value for key, value in network._nodes.items() if key[1] == 1}
            network._nodes = {**later, **first, (name, 1): changed}
            if name == "s":
                network._nodes["h", 1] = network._nodes["o", 1] * numpy.tanh(changed)
            ends.append(network.value(sample.vector("s", affine(4))))
        assert numpy.allclose(found[row], (ends[0] - ends[1])[:, 0] / 2e-6, atol=1e-8)


def test_the_held_gradient_is_the_product_of_the_forget_gates() -> None:
    left, right = measure([Experiment("", "kept", *CLAIMS["cut"], "product")], size=5, steps=12).series
    assert numpy.allclose(left.values, right.values, rtol=1e-12)


@pytest.mark.parametrize("label", ["eq:2", "eq:4"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_proved_bound_lies_above(label: str, seed: int) -> None:
    measured, bound = measure([Experiment("", "kept", *CLAIMS[label], "bound")], size=6, steps=15, seed=seed).series
    assert all(low <= high * (1 + 1e-12) for low, high in zip(measured.values, bound.values, strict=True))
    assert measured.values[0] == pytest.approx(1.0)


def test_a_parameter_has_the_norm_that_is_asked_for() -> None:
    network = Network(sample.RNN, Settings(norms={"W": 1.3}, fills={"b": 0.5}), 6, 2, 1)
    assert numpy.linalg.norm(network.value(sample.W), 2) == pytest.approx(1.3)
    assert (network.value(Symbol("b", ("n", 1))) == 0.5).all()


def test_same_seed_same_curves() -> None:
    experiment = Experiment("", "kept", *CLAIMS["eq:2"], "bound")
    assert measure([experiment], steps=5) == measure([experiment], steps=5)
    assert measure([experiment], steps=5) != measure([experiment], steps=5, seed=106)


def test_what_cannot_be_measured_is_an_error() -> None:
    with pytest.raises(UnmeasurableError, match="Inverse"):
        Network(sample.RNN, Settings(), 2, 2, 1).value(Magnitude("spectral_norm", Inverse(sample.W)))
    direct = Gradient(sample.vector("h", affine(2)), sample.vector("h", affine(1)), (), True)
    with pytest.raises(UnmeasurableError, match="total"):
        Network(sample.RNN, Settings(), 2, 2, 1).value(direct)


def test_the_axis_holds_all_that_is_drawn() -> None:
    plot = measure(
        [Experiment("", "kept", sample.RNN, Statement(sample.ONE, "<=", Number(Fraction(500))), "b")], steps=2
    )
    assert (plot.low, plot.high) == (0, 3)
    assert plot.decades == (0, 1, 2, 3)


SETTINGS = """
size = 4
steps = 3
caption = "Small."
[[curve]]
claim = "eq:2"
label = "RNN"
bound = "bound (2)"
colour = "fading"
norms = { W = 0.9 }
inputs = 0.5
"""


def test_settings_are_read() -> None:
    plot = read_plot(SETTINGS, CLAIMS)
    assert [one.label for one in plot.series] == ["RNN", "bound (2)"]
    assert (plot.size, plot.steps, plot.seed, plot.caption) == (4, 3, 105, "Small.")
    assert plot.series[1].values == pytest.approx([1, 0.9, 0.81, 0.729])


def test_paths_can_be_left_out() -> None:
    both = [{"claim": "eq:4", "hold": ["h"]}, {"claim": "cut"}]
    tables = "".join(
        f'[[curve]]\nclaim = "{one["claim"]}"\nlabel = "x"\nhold = {one.get("hold", [])}\n' for one in both
    )
    held, cut = read_plot(f"size = 4\nsteps = 6\n{tables}", CLAIMS).series
    assert held.values == cut.values


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("size =", "not TOML"),
        ("", "no .*curve"),
        ("curve = 3", "no .*curve"),
        ("width = 3", "unknown setting 'width'"),
        (SETTINGS.replace("size = 4", "size = 4000"), "size is a whole number from 1 to 200"),
        (SETTINGS.replace("size = 4", "size = '4'"), "size is a whole number"),
        (SETTINGS.replace("eq:2", "eq:9"), "no claim 'eq:9'"),
        (SETTINGS.replace("fading", "pink"), "colour is one of"),
        (SETTINGS.replace("0.9", "'big'"), "norms.W is a number"),
        (SETTINGS.replace("inputs = 0.5", "inputs = inf"), "inputs is a number"),
        (SETTINGS.replace("inputs", "noise"), "a curve needs claim and label"),
        (SETTINGS.replace("norms = { W = 0.9 }", "norms = 3"), "norms is a table"),
        (SETTINGS.replace("inputs = 0.5", "hold = 'h'"), "hold is a list"),
    ],
)
def test_settings_that_cannot_be_used_are_named(text: str, message: str) -> None:
    with pytest.raises(PlotError, match=message):
        read_plot(text, CLAIMS)
