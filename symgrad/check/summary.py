"""What many reports come to: numbers of files and relations by verdict, and the table at the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..judged import worst_code
from .report import FileReport

VERDICTS = ("proved", "refuted", "undecided", "unreadable")
_HEAD = ("verdict", *VERDICTS, "first wrong line", "file")


@dataclass(frozen=True, slots=True)
class Summary:
    """How many files there were, how many relations (and problems) of each verdict, and the exit code of all."""

    files: int = 0
    proved: int = 0
    refuted: int = 0
    undecided: int = 0
    unreadable: int = 0
    exit_code: int = 0

    def with_file(self, report: FileReport) -> Summary:
        found = {verdict: getattr(self, verdict) + report.count(verdict) for verdict in VERDICTS}
        return replace(self, files=self.files + 1, exit_code=worst_code((self.exit_code, report.code)), **found)


@dataclass(frozen=True, slots=True)
class TableRow:
    """A file in the table: all that is kept of its report."""

    path: str
    verdict: str
    counts: tuple[int, ...]
    first_wrong: int

    @property
    def cells(self) -> tuple[str, ...]:
        wrong = str(self.first_wrong) if self.first_wrong else "-"
        return (self.verdict, *map(str, self.counts), wrong, self.path)


def table_row(report: FileReport) -> TableRow:
    counts = tuple(report.count(verdict) for verdict in VERDICTS)
    return TableRow(report.path, report.verdict, counts, report.first_wrong)


def table(rows: Sequence[TableRow]) -> list[str]:
    """A line a file under a headline, numbers to the right, the path last because it may be long; then the totals."""
    totals = ("total", *(str(sum(column)) for column in zip(*(row.counts for row in rows), strict=True)), "", "")
    lines = [_HEAD, *(row.cells for row in rows), totals]
    widths = [max(len(line[place]) for line in lines) for place in range(len(_HEAD) - 1)]
    return [_line(line, widths) for line in lines]


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    verdict, *numbers = (
        cell.rjust(width) if place else cell.ljust(width)
        for place, (cell, width) in enumerate(zip(cells[:-1], widths, strict=True))
    )
    return "  ".join([verdict, *numbers, cells[-1]]).rstrip()
