"""How a report looks on a terminal: colours, marks, and matrices that are too wide for it."""

from __future__ import annotations

import io
import re
from fractions import Fraction

import pytest

from symgrad.check.report import (
    ClaimReport,
    CounterexampleReport,
    FileReport,
    RelationReport,
    SuggestionReport,
    ValueReport,
    failed_report,
)
from symgrad.check.summary import Summary, table, table_row
from symgrad.check.terminal import Style, file_lines, style_for

PLAIN = Style()


class Terminal(io.StringIO):
    def __init__(self, is_terminal: bool, encoding: str = "utf-8") -> None:
        super().__init__()
        self.is_terminal, self.named = is_terminal, encoding

    def isatty(self) -> bool:
        return self.is_terminal

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self.named


class TestStyle:
    @pytest.mark.parametrize(
        ("terminal", "colour", "environment", "expected"),
        [
            (True, "auto", {}, True),
            (False, "auto", {}, False),
            (True, "auto", {"NO_COLOR": "1"}, False),
            (True, "auto", {"NO_COLOR": ""}, True),
            (True, "auto", {"TERM": "dumb"}, False),
            (False, "auto", {"FORCE_COLOR": "1"}, True),
            (False, "auto", {"FORCE_COLOR": "0"}, False),
            (False, "auto", {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
            (False, "always", {"NO_COLOR": "1"}, True),
            (True, "never", {"FORCE_COLOR": "1"}, False),
        ],
    )
    def test_colour(self, terminal: bool, colour: str, environment: dict[str, str], expected: bool) -> None:
        assert style_for(Terminal(terminal), colour, environment).colour is expected

    def test_marks_are_for_terminals_that_know_them(self) -> None:
        assert style_for(Terminal(True), "auto", {}).marks
        assert style_for(Terminal(True), "never", {}).marks
        assert not style_for(Terminal(False), "auto", {}).marks
        assert not style_for(Terminal(True, "latin-1"), "auto", {}).marks

    def test_without_colours_the_words_are_the_same(self) -> None:
        report = refuted()
        coloured = "\n".join(file_lines(report, Style(colour=True)))
        assert "\033[31mrefuted\033[0m" in coloured
        assert re.sub(r"\033\[\d*m", "", coloured) == "\n".join(file_lines(report, PLAIN))


def refuted(size: int = 2, *, entry: object = Fraction(1, 3), **changes: object) -> FileReport:
    """A report with one refuted relation between matrices whose first entries differ."""
    left = tuple(tuple(entry for _ in range(size)) for _ in range(size))
    right = ((Fraction(7), *left[0][1:]), *left[1:])
    zero = ((Fraction(0),),)
    given = tuple(tuple(one[0] if isinstance(one, tuple) else one for one in row) for row in left)
    values = (ValueReport("W", "W", given), ValueReport("beta", "β", zero), ValueReport("x[1]", "x[1]", zero))  # type: ignore[arg-type]
    found = CounterexampleReport((("n", size),), (("k", 1),), (), values, left, right, (1, 1), 0, "")  # type: ignore[arg-type]
    fields = {"line": 4, "column": 7, "relation": "=", "reading": "", "statement": "A = B", "verdict": "refuted"}
    relation = RelationReport(**{**fields, "expected": "proved", "counterexample": found, **changes})  # type: ignore[arg-type]
    return FileReport("a.tex", "refuted", (ClaimReport("eq:1", 3, "refuted", "", (relation,)),), (), 4, 1)


class TestRefuted:
    def test_plain(self) -> None:
        assert list(file_lines(refuted(), PLAIN)) == [
            "a.tex:4:7: refuted: eq:1: fails at n = 2, k = 1",
            "    A = B",
            "    left side = [1/3 1/3; 1/3 1/3]",
            "    right side = [7 1/3; 1/3 1/3]",
            "    in row 1, column 1, 1/3 = 7 does not hold",
            "    W = [1/3 1/3; 1/3 1/3]",
            "    zero: β, x[1]",
            "a.tex: first wrong line: 4",
        ]

    def test_marks_stand_behind_the_place(self) -> None:
        first = next(file_lines(refuted(), Style(marks=True)))
        assert first == "a.tex:4:7: ✗ refuted: eq:1: fails at n = 2, k = 1"

    def test_wide_matrices_get_a_line_a_row(self) -> None:
        interval = (Fraction(-1, 3), Fraction(-1000, 3001))
        lines = list(file_lines(refuted(3, entry=interval), PLAIN))
        start = next(place for place, line in enumerate(lines) if line.startswith("    left side = "))
        rows = lines[start : start + 3]
        assert [line.index("[") for line in rows] == [16, 16, 16]
        assert len(set(map(len, rows))) == 1
        assert all(len(line) <= 80 for line in lines)

    def test_numbers_are_rounded_outwards(self) -> None:
        lines = list(file_lines(refuted(1, entry=(Fraction(1, 3), Fraction(2, 3))), PLAIN))
        assert "    left side = [0.3333, 0.6667]" in lines

    def test_given_values_are_exact(self) -> None:
        lines = list(file_lines(refuted(1, entry=Fraction(123456789, 987654321)), PLAIN))
        assert "    W = 13717421/109739369" in lines

    def test_what_follows_from_a_wrong_line(self) -> None:
        first = next(file_lines(refuted(follows_from=2), PLAIN))
        assert first == "a.tex:4:7: refuted: eq:1: follows from line 2, which is wrong; fails at n = 2, k = 1"

    def test_a_suggestion_with_its_formula(self) -> None:
        hint = SuggestionReport("would be right with W^T in place of W", "A = B", "A = B")
        lines = list(file_lines(refuted(suggestion=hint), PLAIN))
        start = lines.index("    would be right with W^T in place of W:")
        assert lines[start + 1] == "      A = B"

    def test_a_long_formula_is_broken_at_its_sign_and_not_in_brackets(self) -> None:
        lines = list(file_lines(refuted(statement="A (b + c) = " + "(d + e) " * 20), PLAIN))
        assert lines[1] == "    A (b + c)"
        assert lines[2] == "      = " + " ".join(["(d + e)"] * 9)
        assert lines[3] == "        " + " ".join(["(d + e)"] * 9)

    def test_a_bracket_that_is_too_long_is_broken(self) -> None:
        lines = list(file_lines(refuted(statement=f"A = ({' + '.join('abcdefgh' * 9)})"), PLAIN))
        assert all(len(line) <= 80 for line in lines)

    def test_no_text_speaks_to_the_terminal(self) -> None:
        smuggled = "\033]0;x\007\u202e\r\n\x9b31m"
        hint = SuggestionReport(smuggled, smuggled, "")
        texts = {"statement": smuggled, "reading": smuggled, "remarks": (smuggled,), "suggestion": hint}
        reports = [refuted(**texts), failed_report(smuggled, smuggled), refuted(verdict="undecided", reason=smuggled)]
        lines = [line for report in reports for line in file_lines(report, PLAIN)]
        assert all(line.isprintable() for line in lines)

    def test_readings_are_named(self) -> None:
        assert ": eq:1 (total): " in next(file_lines(refuted(reading="total"), PLAIN))


@pytest.mark.parametrize("column", [1, 30, 76, 77, 100, 120])
def test_a_long_line_is_cut_around_the_caret(column: int) -> None:
    line = "".join(chr(0x100 + place) for place in range(120))
    report = refuted(verdict="unreadable", counterexample=None, excerpt=f"{line}\n{' ' * (column - 1)}^")
    _, shown, caret = list(file_lines(report, PLAIN))[:3]
    assert max(len(shown), len(caret)) <= 80
    assert shown[caret.index("^")] == line[column - 1]


class TestTable:
    def test_counts_and_totals(self) -> None:
        reports = [refuted(), failed_report("a longer name.tex", "cannot be read")]
        assert table([table_row(one) for one in reports]) == [
            "verdict     proved  refuted  undecided  unreadable  first wrong line  file",
            "refuted          0        1          0           0                 4  a.tex",
            "unreadable       0        0          0           1                 -  a longer name.tex",
            "total            0        1          0           1",
        ]

    def test_the_summary_has_the_exit_code_that_counts_most(self) -> None:
        summary = Summary()
        for report in (refuted(), failed_report("a", "late", verdict="undecided"), refuted()):
            summary = summary.with_file(report)
        assert summary == Summary(files=3, refuted=2, undecided=1, exit_code=1)
