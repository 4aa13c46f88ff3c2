"""Reports as text: one line a relation, `path:line:column: verdict: ...`, and what belongs to it beneath, indented.

The first line of a relation is never broken, so that editors and other programs can take it apart.
"""

from __future__ import annotations

import re
import shutil
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TextIO

from ..rounding import digits_apart, rounded
from .report import ClaimReport, CounterexampleReport, Entry, FileReport, ProblemReport, RelationReport, Rows

MARKS = {"proved": "✓", "refuted": "✗", "undecided": "?", "unreadable": "!"}
_COLOURS = {"proved": "32", "refuted": "31", "undecided": "33", "unreadable": "35"}
_INDENT = "    "
_FIXED = "\ue000"
EXACT = 40
"""So many digits that a given value is shown as it is."""
WIDTH = 80
_WIDEST = 120


@dataclass(frozen=True, slots=True)
class Style:
    """How text is printed: with colours, with marks before the verdicts, and how wide what can be broken may be."""

    colour: bool = False
    marks: bool = False
    width: int = WIDTH

    def verdict(self, name: str) -> str:
        text = f"{MARKS[name]} {name}" if self.marks else name
        return f"\033[{_COLOURS[name]}m{text}\033[0m" if self.colour else text


def style_for(stream: TextIO, colour: str, environment: Mapping[str, str]) -> Style:
    """Plain where the stream is no terminal. `colour` is "always", "never" or "auto"; then NO_COLOR and FORCE_COLOR
    have a say."""
    terminal = stream.isatty()
    if colour == "auto":
        wanted = terminal and environment.get("TERM") != "dumb"
        wanted = wanted or environment.get("FORCE_COLOR", "0") not in ("", "0")
        wanted = wanted and not environment.get("NO_COLOR")
    else:
        wanted = colour == "always"
    width = min(shutil.get_terminal_size((WIDTH, 24)).columns, _WIDEST) if terminal else WIDTH
    return Style(wanted, (terminal or wanted) and _can_print("".join(MARKS.values()), stream), max(width, 40))


def _can_print(text: str, stream: TextIO) -> bool:
    try:
        text.encode(getattr(stream, "encoding", None) or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def file_lines(report: FileReport, style: Style) -> Iterator[str]:
    """Everything on a file, in the order of its lines, and the first wrong one at the end."""
    for problem in report.problems:
        yield from problem_lines(report.path, problem, style)
    for claim in report.claims:
        for relation in claim.relations:
            yield from relation_lines(report.path, claim, relation, style)
    if report.first_wrong:
        yield f"{_safe(report.path)}: first wrong line: {report.first_wrong}"


def problem_lines(path: str, problem: ProblemReport, style: Style) -> Iterator[str]:
    """What is said of a text that could not be read, or of a part of it."""
    place = f"{path}:{problem.line}:{problem.column}" if problem.line else path
    yield f"{_safe(place)}: {style.verdict(problem.verdict)}: {_safe(problem.reason)}"
    yield from _excerpt(problem.excerpt, style)


def _excerpt(excerpt: str, style: Style) -> Iterator[str]:
    """A line of the text and the caret below it, as much of them around the caret as there is room for."""
    line, _, caret = excerpt.partition("\n")
    room = style.width - len(_INDENT)
    start = max(0, len(caret) - room // 2) if len(line) > room else 0
    for part in (line, caret):
        if part:
            yield _INDENT + _safe(part[start : start + room])


def _safe(text: str) -> str:
    """On one line and without anything that a terminal would take for a command: texts come from anywhere."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def relation_lines(path: str, claim: ClaimReport, relation: RelationReport, style: Style) -> Iterator[str]:
    """What is said of one relation."""
    reading = f" ({relation.reading})" if relation.reading else ""
    where = _safe(f"{path}:{relation.line}:{relation.column}")
    what = _safe(f"{claim.id}{reading}: {_what(relation)}{_expectation(relation)}")
    yield f"{where}: {style.verdict(relation.verdict)}: {what}"
    yield from _excerpt(relation.excerpt, style)
    if relation.verdict in ("refuted", "undecided") or relation.wanted:
        conditions = f", if {', '.join(relation.conditions)}" if relation.conditions else ""
        yield from _formula(relation.statement + conditions, style)
    if relation.counterexample is not None:
        yield from _counterexample(relation.counterexample, relation.relation, style)
    if relation.suggestion is not None:
        yield from _wrapped(relation.suggestion.words + ":" * bool(relation.suggestion.formula), style)
        yield from _formula(relation.suggestion.formula, style, _INDENT + "  ")
    for remark in relation.remarks:
        yield from _wrapped(f"remark: {remark}", style)


# What makes a hypothesis one that narrows a claim, where an equation only says what something is.
NARROWING = ("≤", "<", "≥", ">", "≠", "invertible")


def _what(relation: RelationReport) -> str:
    if relation.verdict == "proved":
        uses = [one for one in relation.hypotheses if any(sign in one for sign in NARROWING)]
        return relation.scope + (f"; uses {', '.join(uses)}" if uses else "")
    if relation.verdict != "refuted" or relation.counterexample is None:
        return relation.reason
    found = relation.counterexample
    counts = ", ".join(f"{name} = {value}" for name, value in (*found.sizes, *found.times, *found.functions))
    fails = f"fails at {counts}" if counts else "fails"
    return f"follows from line {relation.follows_from}, which is wrong; {fails}" if relation.follows_from else fails


def _expectation(relation: RelationReport) -> str:
    if relation.verdict == relation.expected:
        return "" if relation.expected == "proved" else " (as expected)"
    return "" if relation.expected == "proved" else f" (expected: {relation.expected})"


def _wrapped(text: str, style: Style) -> list[str]:
    return _broken(_safe(text), style, _INDENT)


def _broken(text: str, style: Style, indent: str) -> list[str]:
    """Indented, and broken between words; what does not fit goes on further to the right."""
    return textwrap.wrap(
        text,
        style.width,
        initial_indent=indent,
        subsequent_indent=indent + "  ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _formula(text: str, style: Style, indent: str = _INDENT) -> list[str]:
    """A formula that is too long for a line goes on with its relation sign, and is not broken within brackets if they
    are short."""
    if len(indent) + len(text) <= style.width:
        return [indent + _safe(text)] if text else []
    kept = _kept_together(_safe(text), style.width // 2)
    left, sign, right = re.match(r"(.*?)(?: ([=≤<≥>]) (.*))?\Z", kept, re.DOTALL).groups("")  # type: ignore[union-attr]
    lines = _broken(left, style, indent) + _broken(f"{sign} {right}".strip(), style, indent + "  ")
    return [line.replace(_FIXED, " ") for line in lines]


def _kept_together(text: str, longest: int) -> str:
    """The text with the spaces within brackets made fixed, but for brackets that hold more than so many letters."""
    found = re.sub(r"\([^()]*\)|\[[^\[\]]*\]", lambda part: part[0].replace(" ", _FIXED), text)
    return re.sub(rf"\S{{{longest},}}", lambda part: part[0].replace(_FIXED, " "), found)


def _counterexample(found: CounterexampleReport, relation: str, style: Style) -> Iterator[str]:
    """Both sides, the entry that differs, and the values; those that are zero are only named."""
    i, j = found.entry
    digits = digits_apart(found.left, found.right, (i - 1, j - 1))
    yield from _matrix("left side", found.left, digits, style)
    yield from _matrix("right side", found.right, digits, style)
    entries = (_entry(side[i - 1][j - 1], digits) for side in (found.left, found.right))
    where = f"in row {i}, column {j}, " if len(found.left) > 1 or len(found.left[0]) > 1 else ""
    yield f"{_INDENT}{where}{f' {relation} '.join(entries)} does not hold"
    zeros = [one.letters for one in found.values if all(entry == 0 for row in one.rows for entry in row)]
    for one in found.values:
        if one.letters not in zeros:
            yield from _matrix(one.letters, one.rows, EXACT, style)
    if zeros:
        yield from _wrapped(f"zero: {', '.join(zeros)}", style)


def _matrix(name: str, rows: Rows, digits: int, style: Style) -> list[str]:
    """`name = [1 2; 3 4]`, or a line a row where that is too long."""
    cells = [[_entry(entry, digits) for entry in row] for row in rows]
    if len(cells) == len(cells[0]) == 1:
        return [f"{_INDENT}{name} = {cells[0][0]}"]
    short = f"{_INDENT}{name} = [{'; '.join(' '.join(row) for row in cells)}]"
    return [short] if len(short) <= style.width else _tall(f"{_INDENT}{name} = ", cells)


def _tall(start: str, cells: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    rows = ["[" + "  ".join(map(str.rjust, row, widths)) + "]" for row in cells]
    return [(start if place == 0 else " " * len(start)) + row for place, row in enumerate(rows)]


def _entry(entry: Entry, digits: int) -> str:
    found = rounded(entry, digits)
    return str(found) if isinstance(found, Fraction) else f"[{found[0]}, {found[1]}]"
