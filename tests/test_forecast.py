"""`symgrad bounds` and `Network.forecasts`: what is printed, as data and as evidence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import symgrad as sg
from symgrad.cli import main
from symgrad.kernel.rules import RULES, RefusedError, Sequent

LINEAR = """% symgrad: size n
% symgrad: time t, tau, k
% symgrad: W : n x n
% symgrad: h[t], x[t] : n
% symgrad: h[t] = W h[t-1] + x[t]
"""
CELLS = r"\prod_{i=1}^k \tilde\nabla_{c_{\tau-k+i-1}} c_{\tau-k+i}"
TOTAL = r"\nabla_{h_{\tau-k}} h_\tau"
LINEAR_TOLD = """∇_{h[τ-k]} h[τ] = ∏_{i=1}^k (W^T)
  ‖∇_{h[τ-k]} h[τ]‖ ≤ ‖W‖^k
    attained: ‖∇_{h[τ-k]} h[τ]‖ ≥ 2^k, ‖W‖ = 2, where W = 2 I, x[t] = 0, h[t] = 0 for all t
  σ_min(∇_{h[τ-k]} h[τ]) ≥ σ_min(W)^k
  ρ(∇_{h[τ-k]} h[τ]) ≥ ρ(W)^k
  vanishes if ‖W‖ < 1: lim_{j → ∞} ‖∇_{h[τ-j]} h[τ]‖ = 0
  bounded if ‖W‖ = 1: ‖∇_{h[τ-k]} h[τ]‖ ≤ 1
  nothing follows if ‖W‖ > 1:
    vanishes where W W = 0, such as W = [0 5; 0 0]: lim_{j → ∞} ‖∇_{h[τ-j]} h[τ]‖ = 0
    explodes where W = 2 I, x[t] = 0, h[t] = 0 for all t: ‖∇_{h[τ-k]} h[τ]‖ ≥ 2^k, ‖W‖ = 2
  explodes if σ_min(W) > 1: ‖∇_{h[τ-k]} h[τ]‖ ≥ σ_min(W)^k
  explodes if ρ(W) > 1: ‖∇_{h[τ-k]} h[τ]‖ ≥ ρ(W)^k
"""


@pytest.fixture
def linear(tmp_path: Path) -> str:
    path = tmp_path / "linear.tex"
    path.write_text(LINEAR, "utf-8")
    return str(path)


def test_an_own_model(linear: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bounds", "--model", linear]) == 0
    assert capsys.readouterr().out == LINEAR_TOLD


def test_a_named_gradient_is_told_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bounds", "--cell", "gru", r"\prod_{i=1}^k \tilde\nabla_{h_{t+i-1}} h_{t+i}"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("∏_{i=1}^k ∇̃_{h[t+i-1]} h[t+i] = ∏_{i=1}^k diag(1 - z[t+i])\n")
    assert "not attained: ‖∏_{i=1}^k ∇̃_{h[t+i-1]} h[t+i]‖ < 1 for k >= 1" in told


def test_declarations_count(linear: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bounds", "--model", linear, "--declare", "assume W^T W = I"]) == 0
    told = capsys.readouterr().out.splitlines()
    assert "  bounded: ‖∇_{h[τ-k]} h[τ]‖ ≤ 1" in told
    assert "  σ_min(∇_{h[τ-k]} h[τ]) ≥ 1" in told
    assert not any("vanishes" in line for line in told)


def test_data(linear: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bounds", "--model", linear, "--format", "json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert [one["from"] for one in told["bounds"]] == ["above", "below", "below"]
    assert [one["word"] for one in told["answers"]] == [
        "vanishes",
        "bounded",
        "nothing follows",
        "explodes",
        "explodes",
    ]
    assert told["answers"][0]["condition"][0]["latex"] == r"\lVert W\rVert < 1"
    vanishing, exploding = told["answers"][2]["witnesses"]
    assert vanishing["instance"] == {"sizes": {"n": 2}, "values": {"W": "0 5; 0 0"}}
    assert exploding["assumed"][1]["for_all"] == ["t"]


def test_the_evidence_can_be_verified(linear: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "evidence"
    assert main(["bounds", "--model", linear, "--certificates", str(folder)]) == 0
    files = sorted(map(str, folder.iterdir()))
    capsys.readouterr()
    codes = [main(["verify", file]) for file in files]
    assert len(files) > 10
    # The one instance is a counterexample to "the norm is at most 1".
    assert sorted(codes) == [0] * (len(files) - 1) + [1]
    assert "‖W‖ ≤ 1" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--cell", "rnn", r"\nabla_{h_{\tau-2}} h_\tau"], 3, "undecided"),
        (["--cell", "rnn", r"\nabla_{q_{\tau-k}} h_\tau"], 2, "1:9"),
        (["--cell", "rnn", TOTAL, "--declare", "asume x"], 2, "did you mean assume?"),
        (["--cell", "nothing"], 2, "no cell is called"),
        ([], 2, "--cell NAME"),
        (["--model", "missing.tex"], 2, "missing.tex"),
    ],
)
def test_what_cannot_be_told(arguments: list[str], code: int, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bounds", *arguments]) == code
    told = capsys.readouterr()
    assert message in told.out + told.err
    assert "Traceback" not in told.err


def test_a_model_without_states(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "none.tex"
    path.write_text(LINEAR.replace("h[t-1]", "x[t-1]"), "utf-8")
    assert main(["bounds", "--model", str(path)]) == 2
    assert "no state of this model" in capsys.readouterr().err


def test_from_python() -> None:
    network = sg.Network(sg.vanilla_rnn())
    (every,) = network.forecasts()
    (named,) = network.forecasts(network.gradient("h", "h"))
    assert str(every) == str(named)
    assert "  vanishes if ‖W‖ < 1: lim_{j → ∞} ‖∇_{h[τ-j]} h[τ]‖ = 0" in str(every).splitlines()


def test_what_the_kernel_refuses_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    network = sg.Network(sg.vanilla_rnn())
    monkeypatch.setitem(RULES, "vanishing", refusing)
    assert not any("vanishes" in line for line in str(network.forecasts()[0]).splitlines())


def refusing(*_: object) -> Sequent:
    raise RefusedError("not today")


def text(*lines: str) -> str:
    return "\n".join(f"% symgrad: {line}" for line in lines) + "\n"


def test_a_text_can_ask(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "asks.tex"
    path.write_text(text("use lstm", rf"derive bounds {CELLS}, \nabla_{{c_{{\tau-k}}}} c_\tau"), "utf-8")
    assert main(["check", str(path), "--format", "json"]) == 3
    claims = json.loads(capsys.readouterr().out)["files"][0]["claims"]
    first, second = (one["relations"][0] for one in claims)
    assert (first["verdict"], first["statement"]) == ("proved", "‖∏_{i=1}^k ∇̃_{c[τ-k+i-1]} c[τ-k+i]‖ ≤ 1")
    assert "This is not attained: ‖∏_{i=1}^k ∇̃_{c[τ-k+i-1]} c[τ-k+i]‖ < 1 from one step on." in first["remarks"]
    assert "Bounded: ‖∏_{i=1}^k ∇̃_{c[τ-k+i-1]} c[τ-k+i]‖ ≤ 1." in first["remarks"]
    assert second["verdict"] == "undecided" and "no closed form" in second["reason"]


@pytest.mark.parametrize(
    ("lines", "code", "message"),
    [
        (("use rnn", "start 1", f"derive bounds {TOTAL}"), 3, "first step"),
        (("use rnn", "derive bounds"), 2, "say what to derive"),
        (("use rnn", r"derive bounds W^T W"), 2, "no derivative"),
        (("use rnn", rf"derive bound {TOTAL}"), 2, "asks.tex:2"),
    ],
)
def test_a_text_that_asks_in_vain(
    lines: tuple[str, ...], code: int, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "asks.tex"
    path.write_text(text(*lines), "utf-8")
    assert main(["check", str(path)]) == code
    told = capsys.readouterr()
    assert message in told.out + told.err


def test_a_reason_stands_where_nothing_is_known() -> None:
    network = sg.Network(sg.vanilla_rnn())
    (told,) = network.forecasts(network.gradient("h", "x"))
    assert told.outlook is None
    assert str(told).startswith("undecided: ∇_{x[τ-k]} h[τ]: this gradient does not come to one product")
