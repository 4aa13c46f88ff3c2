"""Thirty derivations in many styles, written by authors who knew the documentation and not the reader.

`docs/scope.md` has a table of what is read of each and how it is judged. A file says in its first line which of its
relations is wrong, if one is.
"""

from __future__ import annotations

import re
from dataclasses import astuple, dataclass
from functools import cache
from pathlib import Path

import pytest

from symgrad.check.report import FileReport, RelationReport, file_report
from symgrad.judged import judge_document
from symgrad.notation.read import read_document
from tests.running import ROOT

FOLDER = Path(__file__).with_name("corpus") / "unseen"
FILES = sorted(FOLDER.iterdir())
SECTION = "## Thirty derivations written after the reader"
READ = ("proved", "refuted", "undecided")


@dataclass(frozen=True, slots=True)
class Row:
    """How many relations a text has, are read, judged right, refused, undecided and judged wrong; and how many
    messages there are about what cannot be read."""

    relations: int
    read: int
    right: int
    refused: int
    undecided: int
    wrong: int
    messages: int


@cache
def table() -> dict[str, Row]:
    """The rows of the table, by the file's name, and the one that is called `total`."""
    _, _, section = (ROOT / "docs" / "scope.md").read_text("utf-8").partition(SECTION)
    rows = re.findall(r"^\| ([\w.-]+) \|[^|]*\|((?: \d+ \|){7})", section.partition("\n## ")[0], re.M)
    return {name: Row(*map(int, re.findall(r"\d+", numbers))) for name, numbers in rows}


@cache
def report(path: Path) -> FileReport:
    document = read_document(path.read_text("utf-8"), path.name)
    return file_report(document, judge_document(document))


def wrong_line(path: Path) -> int:
    """The line whose relation is wrong by design, or 0."""
    first = path.read_text("utf-8").partition("\n")[0]
    found = re.fullmatch(r"(?:%|<!--) by design: (?:right|wrong in line (\d+))(?: -->)?", first)
    assert found, f"{path.name} does not say what it is by design"
    return int(found[1] or 0)


def is_right(one: RelationReport, wrong: int) -> bool:
    return one.verdict == ("refuted" if one.line == wrong else "proved")


def by_name(path: Path) -> str:
    return path.stem


def test_every_file_has_a_row() -> None:
    assert [*table()] == [*(path.name for path in FILES), "total"]
    assert sum(wrong_line(path) > 0 for path in FILES) == len(FILES) / 2


def test_the_totals() -> None:
    total = table()["total"]
    parts = zip(*(astuple(row) for name, row in table().items() if name != "total"), strict=True)
    assert astuple(total) == tuple(map(sum, parts))


@pytest.mark.parametrize("path", FILES, ids=by_name)
def test_the_row_is_true(path: Path) -> None:
    row, found = table()[path.name], report(path)
    read = [one for one in found.relations if one.verdict in READ]
    undecided = [one for one in read if one.verdict == "undecided"]
    right = [one for one in read if is_right(one, wrong_line(path))]
    wrong = len(read) - len(undecided) - len(right)
    refused = row.relations - len(read)
    assert row == Row(row.relations, len(read), len(right), refused, len(undecided), wrong, found.count("unreadable"))


@pytest.mark.parametrize("path", FILES, ids=by_name)
def test_no_verdict_is_wrong(path: Path) -> None:
    decided = [one for one in report(path).relations if one.verdict in ("proved", "refuted")]
    assert [(one.line, one.verdict, one.statement) for one in decided if not is_right(one, wrong_line(path))] == []
