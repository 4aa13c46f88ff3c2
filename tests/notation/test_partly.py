"""Displays of which a part cannot be read, and the rest is judged; letters with and without a time."""

from __future__ import annotations

import pytest

from symgrad.kernel.term import Symbol
from symgrad.notation.declarations import declare, line_of
from symgrad.notation.problem import MisreadError
from symgrad.notation.read import read_document, read_term
from symgrad.notation.setting import Setting
from symgrad.notation.write import latex, plain

HEAD = """% symgrad: size n
% symgrad: time t, k, T
% symgrad: A, B, W : n x n
% symgrad: v, u : n
% symgrad: E[t] : scalar
"""


def read(display: str):
    claim = read_document(HEAD + display).claims[0]
    told = (
        [(plain(one.statement, claim.dialect), one.line) for one in claim.readings[0].statements]
        if claim.readings
        else []
    )
    return told, [(one.message, one.line) for one in claim.problems]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (r"A &= \operatorname{vec}(B) \\", "stacking a matrix into a vector (vec) is not read"),
        (r"A &= v \\", "shapes do not fit"),
        (r"A &\approx B \\", "is no relation that can be proved"),
        (r"A &= B \text{ if $W$ is symmetric} \\", "a condition in words"),
        (r"A &= B^ \\", "needs an argument in braces"),
        (r"A &= \| B \\", "is never closed"),
        (r"A &= B C \\", "C is not declared"),
        (r"A &= W (B + ) \\", "I did not expect"),
    ],
)
def test_a_row_that_cannot_be_read_costs_itself_alone(row, reason):
    told, problems = read("\\begin{align}\n  A B &= B A \\\\\n  " + row + "\n  A v &= u\n\\end{align}")
    whole = "argument" in reason
    assert told == ([] if whole else [("A B = B A", 7), ("A v = u", 9)])
    ((message, line),) = problems
    assert reason in message
    assert line == 8


def test_a_chain_is_judged_up_to_what_cannot_be_read():
    rows = ("A &= B", "&= W", r"&= \operatorname{vec}(A)", "&= B", "v &= u")
    told, problems = read("\\begin{align}\n" + " \\\\\n".join(rows) + "\n\\end{align}")
    assert told == [("A = B", 7), ("B = W", 8), ("v = u", 11)]
    assert [line for _, line in problems] == [9]


@pytest.mark.parametrize(
    "display",
    [
        r"\[ A = B, \quad \operatorname{vec}(A) = W \]",
        r"\[ \operatorname{vec}(A) = W = B \]",
        r"\[ A = \operatorname{vec}(B) = W \]",
        r"\[ A = B, \quad k \]",
        r"\begin{align} A &= D \\ D &:= W (B + ) \end{align}",
        r"\begin{align} A &= D \text{ where } D = \operatorname{vec}(A) \\ A &= B \end{align}",
    ],
)
def test_what_might_matter_to_the_rest_costs_it_as_well(display):
    told, problems = read(display)
    assert told == []
    assert len(problems) == 1


def test_nothing_goes_on_from_a_display_with_a_fault():
    document = read_document(HEAD + r"\begin{align} A &= \operatorname{vec}(B) \\ A &= B \end{align} \[ = W \]")
    assert "there is no side to go on from" in document.claims[1].problems[0].message


def declared(*lines: str) -> Setting:
    setting = Setting()
    for line in ("size n", "time t, k, T", "E[t] : scalar", *lines):
        setting = declare(line_of(line, 0, len(line), {}), setting)
    return setting


@pytest.mark.parametrize("lines", [("E : scalar",), (r"let E = \sum_{t=1}^T E[t]",)])
def test_a_letter_may_have_a_time_and_have_none(lines):
    dialect = declared(*lines).dialect
    for text, shown in (
        (r"E_t + E", "E[t] + E"),
        (r"E \cdot E^{[k]}", "E E[k]"),
        (r"E^2", "E^2"),
        ("E_{t-1}^2", "E[t-1]^2"),
    ):
        term = read_term(text, dialect)
        assert plain(term, dialect) == shown
        assert read_term(latex(term, dialect), dialect) == term
    assert read_term("E", dialect) != read_term("E_t", dialect)


def test_in_a_text_a_sum_over_the_steps_may_have_the_letter_of_its_terms():
    document = read_document(HEAD + r"Let $E := \sum_{t=1}^T E_t$. \[ E = E_T + \sum_{t=1}^{T-1} E_t \]")
    assert not document.all_problems
    (reading,) = document.claims[0].readings
    assert plain(reading.statements[0].statement, reading.dialect) == "E = E[T] + ∑_{t=1}^{T-1} E[t]"
    (short,) = reading.context.abbreviations
    assert short.head != Symbol("E", (1, 1), short.head.times)


def test_a_name_without_a_time_still_needs_one_if_it_is_declared_so_alone():
    with pytest.raises(MisreadError, match="E is defined already"):
        declared(r"let E = \sum_{t=1}^T E[t]", "let E = 2")
    (problem,) = read_document(HEAD + r"\[ E v = v \]").all_problems
    assert problem.message == "E needs a time, as in E[t]"
