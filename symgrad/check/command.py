"""Runs the jobs of one command and prints what comes of them, in their order, as each is done."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TextIO, assert_never

from ..files import complaints, fresh
from .data import json_text
from .summary import Summary, TableRow, table, table_row
from .terminal import Style, file_lines, style_for
from .text import Checked, Job, check_text

SILENCE = 5.0
Format = Literal["text", "json", "html"]


@dataclass(frozen=True, slots=True)
class Settings:
    """How to check and to report: `jobs` is the number of workers, `seconds` of processor time are for each text."""

    format: Format = "text"
    output: Path | None = None
    colour: str = "auto"
    jobs: int = 1
    seconds: float | None = None


def check(jobs: Sequence[Job], settings: Settings) -> int:
    """Check everything, report, and return the exit code."""
    return report(_shown(_results(jobs, settings), len(jobs)), settings)


def report(results: Iterable[Checked], settings: Settings) -> int:
    """Print results as they come, in the format of the settings. Returns the exit code of all."""
    counted = _Counted(results)
    with _stream(settings.output) as stream:
        match settings.format:
            case "text":
                _print_text(counted, stream, style_for(stream, settings.colour, os.environ))
            case "json":
                stream.writelines(json_text(one.report for one in counted))
            case "html":
                _print_page(counted, stream)
            case _:
                assert_never(settings.format)
    return counted.summary.exit_code


@dataclass(slots=True)
class _Counted:
    """The results as they come, and what is kept of those that have gone by."""

    source: Iterable[Checked]
    summary: Summary = field(default_factory=Summary)
    rows: list[TableRow] = field(default_factory=list)

    def __iter__(self) -> Iterator[Checked]:
        for one in self.source:
            self.summary = self.summary.with_file(one.report)
            self.rows.append(table_row(one.report))
            yield one


def _results(jobs: Sequence[Job], settings: Settings) -> Iterator[Checked]:
    """A lone text is checked in this process, unless its time is limited: it takes another process to stop one."""
    if len(jobs) == 1 and settings.seconds is None:
        return map(check_text, jobs)
    from .workers import by_workers

    return by_workers(jobs, settings.jobs, settings.seconds)


def _shown(results: Iterator[Checked], total: int) -> Iterator[Checked]:
    """The results, with a line on standard error that says how far it is. A lone text tells its own progress."""
    if total == 1:
        yield from results
        return
    progress = _Progress(total, sys.stderr.isatty())
    for one in results:
        progress.clear()
        yield one
        progress.show()
    progress.clear()


@dataclass(slots=True)
class _Progress:
    """On a terminal one line, which is gone while something else is printed; elsewhere a line every few seconds."""

    total: int
    terminal: bool
    done: int = 0
    said: float = field(default_factory=time.monotonic)

    def show(self) -> None:
        self.done += 1
        line = f"checked {self.done} of {self.total}"
        if self.terminal:
            print(line, end="", file=sys.stderr, flush=True)
        elif time.monotonic() - self.said >= SILENCE:
            self.said = time.monotonic()
            print(line, file=sys.stderr, flush=True)

    def clear(self) -> None:
        if self.terminal:
            print("\r\033[K", end="", file=sys.stderr, flush=True)


@contextmanager
def _stream(output: Path | None) -> Iterator[TextIO]:
    """Standard output, or a file that is there when all of it is written."""
    if output is None:
        yield sys.stdout
        return
    with (
        complaints(output),
        fresh(output) as temporary,
        temporary.open("w", encoding="utf-8", errors="backslashreplace") as stream,
    ):
        yield stream


def _print_text(results: _Counted, stream: TextIO, style: Style) -> None:
    for one in results:
        for line in file_lines(one.report, style):
            print(line, file=stream)
        stream.flush()
    if len(results.rows) > 1:
        print(*("", *table(results.rows)), sep="\n", file=stream)


def _print_page(results: _Counted, stream: TextIO) -> None:
    from .page import page

    sections = [one.section for one in results]
    title = results.rows[0].path if len(sections) == 1 else f"{len(sections)} texts"
    stream.write(page(title, sections, results.rows, results.summary))
