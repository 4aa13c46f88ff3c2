"""Gradients that a text asks for: how they are read, what they are judged, and what is refused, with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from symgrad.check.report import FileReport
from symgrad.check.terminal import Style, file_lines
from symgrad.check.text import Job, check_text
from symgrad.cli import main
from symgrad.kernel.certificate import Statement
from symgrad.notation.assemble import read_setting
from symgrad.notation.document import Paragraph
from symgrad.notation.problem import ReadError
from symgrad.notation.read import read_document

MODEL = (
    "size n, m", "time t, tau", "W, V : n x n", "U : n x m", "h[t], s[t], b : n", "x[t] : m", "L : scalar",
)  # fmt: skip
RNN = (*MODEL, r"h[t] = \tanh(W h[t-1] + U x[t] + b)", "L depends on h[tau]", "start 1")


def text(*lines: str) -> str:
    return "".join(f"% symgrad: {line}\n" for line in lines)


def report(*lines: str) -> FileReport:
    return check_text(Job("own.tex", text(*lines).encode())).report


class TestRead:
    def test_a_claim_for_each_with_its_place(self) -> None:
        source = text(*RNN, r"derive \nabla_{h_t} L, \nabla_W L") + "and then\n" + text(r"derive recursion \nabla_b L")
        claims = read_document(source).claims
        links = [one for claim in claims for reading in claim.readings for one in reading.statements]
        assert [one.label for one in claims] == [
            "derivation at line 11",
            "derivation at line 11, 2",
            "derivation at line 13",
        ]
        assert [one.source for one in links] == [r"\nabla_{h_t} L", r"\nabla_W L", r"\nabla_b L"]
        assert [(one.line, one.column, one.wanted) for one in links] == [
            (11, 19, "closed"), (11, 35, "closed"), (13, 29, "recursion"),
        ]  # fmt: skip
        assert all(one.statement == Statement(one.statement.left, "=", one.statement.left) for one in links)

    def test_it_stands_where_it_was_asked_for(self) -> None:
        source = "Before.\n" + text(*RNN, r"derive \nabla_W L") + "After."
        kinds = [isinstance(one, Paragraph) for one in read_document(source).blocks]
        assert kinds == [True, False, True]

    def test_only_what_is_declared_before_counts(self) -> None:
        source = text(*RNN, r"derive \nabla_{h_t} L", "assume t >= 3")
        (claim,) = read_document(source).claims
        assert not any("3" in str(one) for one in claim.readings[0].context.assumptions)

    def test_what_is_declared_at_the_end(self) -> None:
        setting = read_setting(text(*RNN) + r"where $D_t := \operatorname{diag}(1 - h_t^2)$", "own.tex")
        assert [one.head.name for one in (*setting.recurrence, *setting.abbreviations)] == ["h", "D"]
        with pytest.raises(ReadError, match=r"own\.tex:1:12: I cannot read this"):
            read_setting("% symgrad: nonsense there\n", "own.tex")
        with pytest.raises(ReadError, match="empty"):
            read_setting("", "own.tex")


class TestJudged:
    def test_what_was_found_is_reported(self) -> None:
        found = report(*RNN, r"derive recursion \nabla_{h_t} L")
        assert (found.code, found.verdict) == (0, "proved")
        assert list(file_lines(found, Style())) == [
            "own.tex:11:29: proved: derivation at line 11: all m, n, all t; uses t ≥ 1, τ ≥ t + 1",
            "    ∇_{h[t]} L = W^T diag(1 - h[t+1]^2) ∇_{h[t+1]} L",
        ]

    def test_what_was_not_found_has_a_reason(self) -> None:
        found = report(*RNN[:-1], r"derive \nabla_W L")
        (relation,) = found.relations
        assert (found.code, relation.verdict, relation.statement) == (3, "undecided", "∇_W L")
        assert "without a first step" in relation.reason

    def test_a_later_claim_may_use_it(self) -> None:
        source = text(*RNN, r"derive \nabla_W L") + r"\[ \nabla_W L = 2 \nabla_W L \]"
        found = check_text(Job("own.tex", source.encode())).report
        assert [one.verdict for one in found.relations] == ["proved", "refuted"]


REFUSED = {
    "nothing": ((*RNN, "derive"), "11:18: say what to derive"),
    "no gradient": ((*RNN, "derive W"), "11:19: there is no derivative in this"),
    "a relation": ((*RNN, r"derive \nabla_W L = 0"), "11:19: I expected a gradient here"),
    "an empty place": ((*RNN, r"derive \nabla_W L, , \nabla_b L"), "11:"),
    "not declared": ((*RNN, r"derive \nabla_q L"), "11:26: q is not declared"),
    "too many": ((*RNN, "derive " + ", ".join([r"\nabla_b L"] * 51)), "11:19: more than 50 gradients"),
    "a declaration that was not read": ((*RNN, "hold on", r"derive \nabla_b L"), "11:"),
    "no equation": ((*MODEL, "L depends on s[tau]", r"derive \nabla_{h_t} L"), "9:19: L depends on s, which has no"),
    "itself": ((*MODEL, r"h[t] = \tanh(W h[t])"), "8:12: h depends on itself within one time step: it reads h"),
    "each other": (
        (*MODEL, r"h[t] = W s[t]", r"s[t] = \tanh(V h[t])"),
        "9:12: s depends on itself within one time step: it reads h, which reads s",
    ),
    "the future": ((*MODEL, r"h[t] = W h[t+1]"), "8:12: h reads h[t+1], which is later than itself"),
    "a fixed time": ((*MODEL, r"h[t] = W h[0]"), "8:12: h reads h[0], which is at no fixed number of steps before it"),
    "undefined": ((*MODEL, r"h[t] = \tanh(W h[t-1] + q)"), "8:36: q is not declared"),
    "shapes": ((*MODEL, r"h[t] = \tanh(U h[t-1])"), "8:27: shapes do not fit"),
    "twice": ((*MODEL, r"h[t] = W h[t-1]", r"h[t] = V h[t-1]"), "9:12: h is defined already"),
}


@pytest.mark.parametrize(("lines", "message"), REFUSED.values(), ids=REFUSED)
def test_refused_with_its_place(lines: tuple[str, ...], message: str) -> None:
    problems = read_document(text(*lines), "own.tex").all_problems
    assert problems and str(problems[0]).startswith(f"own.tex:{message}"), [str(one) for one in problems]


@pytest.mark.parametrize(
    "lines",
    [
        ("s[t] = V h[t-1]", "h[t] = W s[t]"),
        ("s[t] = V h[t]", "h[t] = W s[t-1]"),
        ("h[t] = W h[t-1] + V h[t-2] + U x[t+1]",),
    ],
)
def test_a_model_that_can_be_computed_is_read(lines: tuple[str, ...]) -> None:
    assert not read_document(text(*MODEL, *lines)).all_problems


@pytest.mark.parametrize("kind", ["html", "json", "text"])
def test_a_report_of_each_kind_shows_what_was_asked(kind: str, tmp_path: Path) -> None:
    source = tmp_path / "own.tex"
    source.write_text(text(*RNN[:-1], r"derive \nabla_W L, \nabla_{h_t} L"), "utf-8")
    assert main(["check", "--format", kind, "-o", str(tmp_path / "report"), str(source)]) == 3
    assert main(["sheet", str(source), "-o", str(tmp_path / "made"), "--to", "tex,html"]) == 3
    shown = (tmp_path / "report").read_text("utf-8")
    assert "without a first step" in shown
    pages = [(tmp_path / "made" / f"own.{end}").read_text("utf-8") for end in ("tex", "html")]
    assert r"\nabla_{W}" in pages[0].replace(" ", "") or r"\nabla_W" in pages[0]
    assert all("undecided" in page for page in pages)
