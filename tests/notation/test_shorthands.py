"""Displays that an author's own commands begin and end, and displays where none is read: told, never passed over."""

from __future__ import annotations

import pytest

from symgrad.notation.read import read_document
from symgrad.notation.write import plain

HEAD = "% symgrad: size n\n% symgrad: A, B : n x n\n"
BOTH = r"\newcommand{\be}{\begin{equation}}\newcommand\ee{\end{equation}}"


def statements(text: str) -> list[str]:
    document = read_document(HEAD + text)
    assert not document.all_problems, [str(one) for one in document.all_problems]
    return [
        plain(link.statement, reading.dialect)
        for claim in document.claims
        for reading in claim.readings
        for link in reading.statements
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (BOTH + r"\be A = B \ee", ["A = B"]),
        (BOTH + r"\be A = B \end{equation} \be B = A \ee", ["A = B", "B = A"]),
        (BOTH + "\\be A % not here: \\ee\n = B \\ee", ["A = B"]),
        (r"\def\bea{\begin{eqnarray*}}\def\eea{\end{eqnarray*}}\bea A &=& B \\ &=& A \eea", ["A = B", "B = A"]),
        (r"\newcommand{\bd}{\[}\newcommand{\ed}{\]}\bd A = B \ed", ["A = B"]),
        (r"\newcommand{\bq}{\begin{quote}}\newcommand{\eq}{\end{quote}}\bq words \eq \[ A = B \]", ["A = B"]),
        (r"\newcommand{\bfig}{\begin{figure}}\newcommand{\efig}{\end{figure}}\bfig words \efig \[ A = B \]", ["A = B"]),
    ],
)
def test_reads(text, expected):
    assert statements(text) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (BOTH + r"\be A = B", r"\be (\begin{equation}) is never closed"),
        (BOTH + r"\be A = B \eee", r"\be (\begin{equation}) is never closed"),
        (BOTH + r"A \ee", r"\ee (\end{equation}) closes nothing"),
        (r"\newcommand{\both}{\[ A = B \]} \both", r"\both holds a display"),
        (r"\newcommand{\eqn}[1]{\begin{equation}#1\end{equation}} \eqn{A = B}", r"I do not know the command \eqn"),
        (r"\begin{figure}\[ A = B \]\end{figure}", "a display inside of figure is not read"),
        (r"\begin{table}words \begin{align*} A = B \end{align*}\end{table}", "a display inside of table is not read"),
    ],
)
def test_tells(text, reason):
    assert reason in " ".join(map(str, read_document(HEAD + text).all_problems))


def test_a_figure_without_a_display_is_passed_over():
    assert statements("\\begin{figure}words % \\[ A = B \\]\n\\caption{$A = B$}\\end{figure}") == []
