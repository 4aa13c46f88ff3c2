"""The pytest plugin: a text that declares something for symgrad is a test file, each of its relations a test.

pytest loads this module in every project, so it imports nothing of weight until such a text is found.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .check.report import FileReport
    from .notation.document import Claim

SUFFIXES = (".tex", ".md")
Place = tuple[int, int]


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collects .tex and .md files that hold a declaration, and no others."""
    if file_path.suffix not in SUFFIXES or b"symgrad:" not in file_path.read_bytes():
        return None
    from .check.inputs import declares_something

    return Derivation.from_parent(parent, path=file_path) if declares_something(file_path) else None


class Derivation(pytest.File):
    """A text with relations. It is read when it is collected, and judged when the first of its tests runs."""

    @property
    def shown_path(self) -> str:
        """The path from the folder that pytest was started in, which is what editors follow."""
        return os.path.relpath(self.path, self.config.invocation_params.dir)

    @cached_property
    def report(self) -> FileReport:
        from .check.text import Job, check_text

        return check_text(Job(self.shown_path, self.path)).report

    def collect(self) -> Iterator[pytest.Item]:
        for name, line, place in _tests(self.path):
            yield Relation.from_parent(self, name=name.replace("::", ":"), line=line, place=place)


def _tests(path: Path) -> Iterator[tuple[str, int, Place | None]]:
    """The name of each test, its line, and which relation of which claim it is; None stands for the text itself."""
    from .files import FileError, read_text
    from .notation.read import read_document

    try:
        document = read_document(read_text(path), str(path))
    except FileError:
        yield "text", 1, None
        return
    if document.problems or not document.claims:
        yield "text", document.problems[0].line if document.problems else 1, None
    for number, claim in enumerate(document.claims):
        for place, (name, line) in enumerate(_relations(claim)):
            yield name, line, (number, place)


def _relations(claim: Claim) -> Iterator[tuple[str, int]]:
    """The relations of a claim, in the order of its report."""
    for place, problem in enumerate(claim.problems, 1):
        yield _linked(claim.label, place), problem.line
    for reading in claim.readings:
        name = f"{claim.label} ({reading.name})" if reading.name else claim.label
        for place, relation in enumerate(reading.statements, 1):
            yield _linked(name, place), relation.line


def _linked(name: str, place: int) -> str:
    return name if place == 1 else f"{name}, link {place}"


class UnexpectedVerdictError(Exception):
    """Carries what the terminal report says of a relation."""


class Relation(pytest.Item):
    """Passes if a relation is found to be what its text expects: proved, unless it says otherwise."""

    parent: Derivation

    def __init__(self, *, line: int, place: Place | None, **given: Any) -> None:
        super().__init__(**given)
        self._line = line
        self._place = place

    def runtest(self) -> None:
        complaint = "\n".join(self._complaint(self.parent.report))
        if complaint:
            raise UnexpectedVerdictError(complaint)

    def _complaint(self, report: FileReport) -> Iterator[str]:
        """What is wrong with this relation, or with the whole text; nothing if all is well."""
        from .check.terminal import Style, problem_lines, relation_lines

        if self._place is None or not report.claims:
            for problem in report.problems:
                yield from problem_lines(report.path, problem, Style())
            return
        number, place = self._place
        claim = report.claims[number]
        relation = claim.relations[place]
        if relation.verdict != relation.expected:
            yield from relation_lines(report.path, claim, relation, Style())

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The report as it stands; for anything else what pytest would show."""
        if isinstance(excinfo.value, UnexpectedVerdictError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self._line - 1, self.name
