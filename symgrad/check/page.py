"""The page of checked texts: each line as its author wrote it, and beneath it how it was read and what was found.

A section is made where its text was judged; the page around the sections knows only their reports.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from markupsafe import Markup

from ..judged import CODES
from ..page import Formula, Printer, ReadingView, reading_view, render_template, with_question
from .report import FileReport, shown
from .summary import VERDICTS, Summary, TableRow

if TYPE_CHECKING:
    from ..judged import Judged
    from ..kernel.affine import Affine
    from ..page.printing import Piece
    from ..verdict import Inline

AROUND = 3
"""How many lines are shown before and after one that something is said of, when others are folded."""
FOLDED = 6
"""Fewer lines than these are not folded."""
Placed = tuple[int, int, "Note"]


@dataclass(frozen=True, slots=True)
class Note:
    """What is said of a line: of a relation in it, as a reading with its verdict, or of what could not be read."""

    mark: str
    number: str = ""
    reading: ReadingView | None = None
    message: str = ""
    column: int = 0
    conditions: tuple[tuple[Piece, ...], ...] = ()
    suggestion: tuple[Piece, ...] = ()
    corrected: Formula | None = None
    follows_from: int = 0


@dataclass(frozen=True, slots=True)
class LineView:
    """A line of the text, in three parts: `at` is what an error points to, and may be empty."""

    number: int
    before: str
    at: str
    after: str
    mark: str
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Lines in a row; those of which nothing is said can be folded."""

    folded: bool
    lines: tuple[LineView, ...]

    @property
    def title(self) -> str:
        return f"lines {self.lines[0].number} to {self.lines[-1].number}"


@dataclass(frozen=True, slots=True)
class Section:
    """A text: its verdict, what is said of it as a whole, and its lines."""

    anchor: str
    report: FileReport
    notes: tuple[Note, ...]
    stretches: tuple[Stretch, ...]


def section(anchor: str, report: FileReport, text: str, judged: Sequence[Judged]) -> str:
    """The HTML of one text."""
    notes = _notes(report, judged)
    last = text.rstrip("\n").count("\n") + 1 if text else 0
    lines = [_line(number, line, notes.get(number, [])) for number, line in enumerate(text.split("\n")[:last], 1)]
    beside = [note for number, found in notes.items() if not 1 <= number <= last for note in found]
    return render_template(
        "check_section.html", section=Section(anchor, report, tuple(beside), tuple(_stretches(lines)))
    )


def fragment(anchor: str, report: FileReport, text: str, judged: Sequence[Judged]) -> str:
    """The HTML of one text for a notebook, with its own style."""
    return render_template("check_fragment.html", section=Markup(section(anchor, report, text, judged)))


def page(title: str, sections: Sequence[str], rows: Sequence[TableRow], summary: Summary) -> str:
    """The HTML page of some texts, each with its section and its row of the table."""
    return render_template(
        "check.html",
        title=title,
        counts=[(kind, getattr(summary, kind)) for kind in VERDICTS if getattr(summary, kind)],
        verdicts=VERDICTS,
        texts=[(row, Markup(one)) for row, one in zip(rows, sections, strict=True)],
    )


def _line(number: int, text: str, notes: Sequence[Note]) -> LineView:
    marks = {note.mark for note in notes}
    mark = next((mark for mark in CODES if mark in marks), "")
    column = next((note.column for note in notes if note.reading is None and note.column), len(text) + 1)
    return LineView(number, text[: column - 1], text[column - 1 : column], text[column:], mark, tuple(notes))


def _notes(report: FileReport, judged: Sequence[Judged]) -> dict[int, list[Note]]:
    """What is said, by line, in the order of columns."""
    placed = [*_unread(report), *map(_judged, judged)]
    found: dict[int, list[Note]] = {}
    for line, _, note in sorted(placed, key=lambda one: one[:2]):
        found.setdefault(line, []).append(note)
    return found


def _unread(report: FileReport) -> Iterator[Placed]:
    for problem in report.problems:
        note = Note(problem.verdict, message=problem.reason, column=problem.column)
        yield problem.line, problem.column, note
    for claim in report.claims:
        for one in claim.relations:
            if one.verdict == "unreadable":
                yield one.line, one.column, Note(one.verdict, message=one.reason, column=one.column)


def _judged(one: Judged) -> Placed:
    reading = next(reading for reading in one.claim.readings if reading.name == one.reading)
    read = reading.statements[one.place]
    return read.line, read.column, _judged_note(one, read.conditions, Printer(reading.dialect))


def _judged_note(one: Judged, conditions: Sequence[Inline | Affine], printer: Printer) -> Note:
    reading = with_question(reading_view(one.reading, one.expect, one.verdict, printer), one.claim, printer)
    pieces = () if one.suggestion is None else printer.pieces(one.suggestion.text)
    corrected = pieces[-1] if pieces and isinstance(pieces[-1], Formula) else None
    return Note(
        reading.mark,
        one.claim.number,
        reading,
        conditions=tuple(printer.pieces((shown(condition),)) for condition in conditions),
        suggestion=pieces if corrected is None else pieces[:-1],
        corrected=corrected,
        follows_from=one.follows_from,
    )


def _stretches(lines: Sequence[LineView]) -> Iterator[Stretch]:
    """Lines with notes and some around them are shown; long runs of others are folded."""
    said = [place for place, line in enumerate(lines) if line.notes]
    near = {place + by for place in said for by in range(-AROUND, AROUND + 1)}
    for is_near, group in groupby(enumerate(lines), key=lambda pair: pair[0] in near):
        part = tuple(line for _, line in group)
        yield Stretch(not is_near and len(part) >= FOLDED, part)
