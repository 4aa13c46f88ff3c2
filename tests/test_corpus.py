"""Short derivations as people hand them in, each with what is expected of it in its first lines.

A file of `refuted/` is one of `proved/` with a single mistake, and has its name. Every proof and every counterexample
is checked again from its JSON; every suggestion is judged like a claim.
"""

from __future__ import annotations

import json
import re
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path

import pytest

from symgrad import serialize
from symgrad.check.report import FileReport, ProblemReport, RelationReport, file_report
from symgrad.engine.refute import recheck
from symgrad.engine.trail import same
from symgrad.instances.counterexample import Counterexample, dumps
from symgrad.judge import judge
from symgrad.judged import Judged, judge_document
from symgrad.kernel.certificate import Context, Statement
from symgrad.kernel.check import check
from symgrad.notation.document import Document, ReadRelation
from symgrad.notation.read import read_document

CORPUS = Path(__file__).with_name("corpus")
SHARE = 0.8
HEADER = 2
"""Lines at the top of a wrong file that say what is expected."""


def files(verdict: str) -> list[Path]:
    return sorted((CORPUS / verdict).iterdir())


def by_name(paths: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("path", paths, ids=[path.stem for path in paths])


def expected(path: Path, word: str = "expected") -> str:
    """What a file says of itself: the words after `expected:` or `mends:`."""
    found = re.search(rf"^(?:%|<!--) {word}: (.*?)(?: -->)?$", path.read_text("utf-8"), re.MULTILINE)
    assert found, f"{path.name} does not say what is {word}"
    return found[1]


@cache
def checked(path: Path) -> tuple[Document, list[Judged], FileReport]:
    document = read_document(path.read_text("utf-8"), path.name)
    judged = judge_document(document)
    return document, judged, file_report(document, judged)


def unread(report: FileReport) -> list[RelationReport | ProblemReport]:
    return [one for one in (*report.relations, *report.problems) if one.verdict == "unreadable"]


def read_link(one: Judged) -> ReadRelation:
    reading = next(reading for reading in one.claim.readings if reading.name == one.reading)
    return reading.statements[one.place]


def assert_evidence(judged: list[Judged]) -> None:
    """What stands behind each verdict holds when it is checked again by those who have to be believed."""
    for one in judged:
        verdict = one.verdict
        for certificate in (verdict.certificate, *verdict.also):
            assert certificate is None or check(serialize.loads(serialize.dumps(certificate))).accepted
        assert (verdict.certificate is not None) == (verdict.status == "proved")
        if verdict.status == "refuted":
            assert isinstance(verdict.counterexample, Counterexample)
            assert recheck(json.loads(dumps(verdict.counterexample)))


@by_name(files("proved"))
def test_proved(path: Path):
    _, judged, report = checked(path)
    assert [(one.line, one.verdict, one.reason) for one in report.relations if one.verdict != "proved"] == []
    assert (report.verdict, report.code, report.first_wrong) == ("proved", 0, 0)
    assert_evidence(judged)


@by_name(files("refuted"))
def test_refuted(path: Path):
    _, judged, report = checked(path)
    assert (report.verdict, report.code) == ("refuted", 1)
    assert f"line {report.first_wrong}" == expected(path)
    assert all(one.verdict == "proved" for one in report.relations if one.line < report.first_wrong)
    assert_evidence(judged)
    for one in judged:
        if isinstance(suggested := _suggested(one), Statement):
            link = read_link(one)
            assert judge(suggested, link.context or _context(one)).proved


@by_name(files("undecided"))
def test_undecided(path: Path):
    report = checked(path)[2]
    assert (report.verdict, report.code) == ("undecided", 3)
    assert expected(path) in next(one.reason for one in report.relations if one.verdict == "undecided")


@by_name(files("unreadable"))
def test_unreadable(path: Path):
    report = checked(path)[2]
    assert (report.verdict, report.code) == ("unreadable", 2)
    line, column, reason = min((one.line, one.column, one.reason) for one in unread(report))
    place, _, part = expected(path).partition(" ")
    assert place == f"{line}:{column}"
    assert part in reason


def test_the_share_of_right_suggestions():
    wrong = [path.stem for path in files("refuted") if not suggestion_is_right(path)]
    assert len(wrong) <= (1 - SHARE) * len(files("refuted")), wrong


def suggestion_is_right(path: Path) -> bool:
    """Whether the first wrong line is mended into what stands in its place in the right file."""
    _, judged, report = checked(path)
    first = next(one for one in judged if read_link(one).line == report.first_wrong and one.verdict.status == "refuted")
    found, meant = _suggested(first), intended(path)
    context = _context(first)
    return (
        isinstance(found, Statement)
        and found.relation == meant.relation
        and all(same(context, one, other) for one, other in ((found.left, meant.left), (found.right, meant.right)))
    )


def intended(path: Path) -> Statement:
    """The relation that the file says would be right, read under the file's own declarations."""
    mends = expected(path, "mends")
    display = f"\n$$ {mends} $$\n" if path.suffix == ".md" else f"\n\\[ {mends} \\]\n"
    document = read_document(path.read_text("utf-8") + display, path.name)
    assert not document.all_problems, [str(one) for one in document.all_problems]
    return document.claims[-1].readings[0].statements[0].statement


def _suggested(one: Judged) -> object:
    return None if one.suggestion is None else one.suggestion.text[-1]


def _context(one: Judged) -> Context:
    return next(reading.context for reading in one.claim.readings if reading.name == one.reading)


@by_name(files("refuted"))
def test_a_wrong_file_is_a_right_one_with_one_mistake(path: Path):
    right = CORPUS / "proved" / re.sub(r"--[a-z0-9-]+(?=\.)", "", path.name)
    lines, wrong = (one.read_text("utf-8").split("\n") for one in (right, path))
    changed = [tag for tag, *_ in SequenceMatcher(None, lines, wrong[HEADER:], autojunk=False).get_opcodes()]
    assert len([tag for tag in changed if tag != "equal"]) == 1
