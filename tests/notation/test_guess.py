"""Guessed headers: what they say, and that the reader takes them with the text that they were guessed from."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from symgrad.judged import judge_document
from symgrad.notation.guess import guess_header
from symgrad.notation.read import read_document
from tests.notation import test_lines
from tests.running import ROOT

LINES = [(row[0], row[2]) for row in (*test_lines.READ, *test_lines.REFUSED)]
FILES = sorted(path for path in (ROOT / "derivations").rglob("*.tex"))
FILES += sorted(path for path in (ROOT / "tests" / "corpus" / "proved").rglob("*.tex"))


def guess(text: str) -> list[str]:
    return [line.removeprefix("% symgrad: ") for line in guess_header(text).splitlines()]


@pytest.mark.parametrize(
    ("text", "header"),
    [
        (
            r"\[ \delta_t = W_{hh}^\top \delta_{t+1} \odot (1-h_t^2) \] $\tilde c_t$ \[ \prod_{i=1}^{k} A_i = B^T \]"
            r"\[ \frac{\partial \mathcal L}{\partial h_t} = \nabla_{h_{\tau-k}} \mathcal L \]",
            [
                "size n",
                "time t, k, tau",
                "A[t], W_hh, B : n x n",
                "delta[t], h[t], ctilde[t] : n",
                "L : scalar",
            ],
        ),
        (
            r"\[ {\bf h}_t = \tanh({\bf W} {\bf h}_{t-1} + {\bf b}) \] \[ \nabla_{{\bf h}_\tau} E = 0 \]",
            [
                "size n",
                "time t, tau",
                "W : n x n",
                "h[t], b : n",
                "E : scalar",
                "% a guess: this is the model, of which derivatives are taken",
                r"{\mathbf{h}}_{t} = \tanh\left({\mathbf{W}} {\mathbf{h}}_{t-1} + {\mathbf{b}}\right)",
                "% a guess: the loss sees the last state only",
                "E depends on h[tau]",
            ],
        ),
        (
            r"\[ \frac{\partial L}{\partial h_{t-1}} = W^\top D_t \frac{\partial L}{\partial h_t} \]",
            ["% a guess: the letters are those of the profile rnn", "use rnn", "time t", "D[t] : n x n"],
        ),
        (
            r"\[ \nabla_{c_t} c_{t+1} = W_f f_t \odot i_t + o_t \odot g_t \]",
            ["% a guess: the letters are those of the profile lstm", "use lstm", "time t"],
        ),
        (
            r"\[ \frac{dE}{dh_{t,i}} = W_{ij} b_j \]",
            ["size n", "time t", "index i, j", "W : n x n", "h[t], b : n", "E : scalar"],
        ),
        (
            r"\[ f'(z) \le \gamma \]",
            ["size n", "f : function", "z : n", "% a guess: Greek letters are scalars", "gamma : scalar"],
        ),
        (r"$A \in \mathbb{R}^{n \times m}$ \[ A B = 0 \]", ["size n", "B : n x n"]),
        (r"\[ \|\operatorname{diag}(v)\| = \max_j |v_j| = \sup_x x \]", ["size n", "index j", "v : n"]),
    ],
    ids=["names", "model", "rnn", "lstm", "entries", "function", "membership", "extremum"],
)  # fmt: skip
def test_what_is_guessed(text: str, header: list[str]) -> None:
    assert guess(text) == header


def test_a_guess_may_be_all_that_is_needed() -> None:
    text = r"\[ \nabla_{h_{\tau-1}} L = W^T \operatorname{diag}(1 - h_\tau^2) \nabla_{h_\tau} L \]"
    for formula, status in ((text, "proved"), (text.replace("W^T", "W"), "refuted")):
        document = read_document(guess_header(formula) + formula)
        assert [one.verdict.status for one in judge_document(document)] == [status], document.all_problems


@pytest.mark.parametrize(("tag", "line"), LINES, ids=[tag for tag, _ in LINES])
def test_the_reader_takes_a_header_for_each_line(tag: str, line: str) -> None:
    reads(line if line.startswith(r"\begin") else rf"\[ {line} \]")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_reader_takes_a_header_for_each_file(path: Path) -> None:
    reads(re.sub(r"%[ \t]*symgrad:[^\n]*", "%", path.read_text("utf-8")))


def reads(text: str) -> None:
    """No declaration is refused, and none clashes with the text."""
    header = guess_header(text)
    document = read_document(header + text)
    found = [str(one) for one in document.all_problems]
    assert not [one for one in document.all_problems if one.line <= header.count("\n")], found
    assert not [one for one in found if "declared already" in one], found


def test_markdown() -> None:
    text = "`$$ Q = 0 $$`\n\n$$ W = 0 $$\n"
    assert "Q" not in guess_header(text, "notes.md")
    assert "Q" in guess_header(text, "notes.tex")
