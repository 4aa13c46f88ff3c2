"""The hand derivations: what is reported of each, word for word, and what the wrong ones have in them.

To write the reports anew after a change that is meant: SYMGRAD_WRITE_SNAPSHOTS=1 python -m pytest tests/test_hand.py
"""

from __future__ import annotations

import os
from itertools import zip_longest
from pathlib import Path

import pytest

from symgrad.check.report import FileReport
from symgrad.check.terminal import Style, file_lines
from symgrad.check.text import Job, check_text
from symgrad.page.render import compile_pdf
from tests.running import ROOT, needs

HAND = ROOT / "derivations" / "hand"
SNAPSHOTS = ROOT / "tests" / "snapshots" / "hand"
FILES = sorted((*HAND.glob("*.*"), *(HAND / "wrong").glob("*.*")))
RIGHT = [path for path in FILES if path.parent == HAND]
WRONG = [path for path in FILES if path.parent != HAND]


def name(path: Path) -> str:
    return str(path.relative_to(HAND))


def report(path: Path) -> FileReport:
    return check_text(Job(name(path), path)).report


@pytest.mark.parametrize("path", FILES, ids=name)
def test_its_report_is_the_one_that_is_kept(path: Path) -> None:
    snapshot = SNAPSHOTS / f"{name(path)}.txt"
    found = "".join(f"{line}\n" for line in file_lines(report(path), Style()))
    if os.environ.get("SYMGRAD_WRITE_SNAPSHOTS"):
        snapshot.parent.mkdir(parents=True, exist_ok=True)
        snapshot.write_text(found, "utf-8")
    assert found == snapshot.read_text("utf-8")


@pytest.mark.parametrize("path", RIGHT, ids=name)
def test_a_right_one_is_proved(path: Path) -> None:
    assert report(path).code == 0


@pytest.mark.parametrize("path", WRONG, ids=name)
def test_a_wrong_one_is_refuted_where_it_departs_from_the_right_one(path: Path) -> None:
    lines = [one.read_text("utf-8").splitlines() for one in (path, HAND / path.name)]
    departs = next(number for number, (one, other) in enumerate(zip_longest(*lines), 1) if one != other)
    found = report(path)
    assert found.code == 1
    assert found.first_wrong == max(one.line for one in found.relations if one.line <= departs)
    assert [one.line for one in found.relations if one.is_wrong and not one.follows_from] == [found.first_wrong]


def test_every_right_one_has_a_wrong_one() -> None:
    assert {path.name for path in RIGHT} == {path.name for path in WRONG}


def test_no_report_is_kept_of_what_is_gone() -> None:
    assert {str(path.relative_to(SNAPSHOTS)) for path in SNAPSHOTS.rglob("*.txt")} == {
        f"{name(path)}.txt" for path in FILES
    }


@needs("latexmk")
@pytest.mark.parametrize("path", [path for path in FILES if path.suffix == ".tex"], ids=name)
def test_it_compiles(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / path.name
    copy.write_text(path.read_text("utf-8"), "utf-8")
    assert compile_pdf(copy) == ""
