"""Whatever a text holds, it ends in verdicts or clear messages, and nothing of it gets out of its place.

SYMGRAD_FUZZ=5000 makes a longer run, SYMGRAD_SEED another one.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from random import Random

import pytest

from symgrad.check.data import json_text
from symgrad.check.page import section
from symgrad.check.report import FileReport, file_report
from symgrad.check.terminal import Style, file_lines
from symgrad.check.text import Job, check_text
from symgrad.engine.refute import recheck
from symgrad.instances.counterexample import Counterexample, dumps
from symgrad.judged import Judged, judge_document
from symgrad.notation.read import read_document
from tests.test_soundness import assert_holds

from .mangle import HOSTILE, SOURCES, damaged, noise, soup

SEED = int(os.environ.get("SYMGRAD_SEED", "2022"))
COUNT = int(os.environ.get("SYMGRAD_FUZZ", "60"))
BATCHES = 6
SECONDS_A_RELATION = 40
"""Of processor time: twenty for a proof, two for a counterexample, as many again for a mend, and some to spare."""


@pytest.mark.parametrize("make", [noise, soup])
@pytest.mark.parametrize("batch", range(BATCHES))
def test_nonsense(make: Callable[[Random], bytes], batch: int):
    for place in range(batch * COUNT // BATCHES, (batch + 1) * COUNT // BATCHES):
        source = make(Random(f"{SEED}/{place}"))
        told = f"SYMGRAD_SEED={SEED}, {make.__name__} {place}: {source!r}"
        assert_clear(check_text(Job("text.tex", source)).report, source, told)


@pytest.mark.parametrize("batch", range(BATCHES))
def test_damaged_files(batch: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    for place in range(batch * COUNT // BATCHES, (batch + 1) * COUNT // BATCHES):
        random = Random(f"{SEED}/{place}")
        path, source = damaged(random)
        told = f"SYMGRAD_SEED={SEED}, damage {place} to {path.name}:\n{source.decode()}"
        assert_sound(path.name, source.decode(), random, told)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_words(hostile: str):
    """In prose, in a formula, in a comment and in a declaration of one file."""
    text = next(path for path in SOURCES if path.stem == "rnn-delta").read_text("utf-8")
    places = ("for what", "= W^T", "% symgrad: use rnn\n", "\\odot")
    for place in places:
        assert place in text
        changed = text.replace(place, place + hostile, 1)
        assert_sound("rnn-delta.tex", changed, Random(SEED), f"{hostile!r} after {place!r}")


def assert_sound(name: str, text: str, random: Random, told: str) -> None:
    """The text is judged in time, what is proved holds, what is refuted fails, and the reports are clean."""
    started = time.process_time()
    document = read_document(text, name)
    judged = judge_document(document)
    report = file_report(document, judged)
    assert time.process_time() - started < SECONDS_A_RELATION * max(1, len(judged)), told
    assert_clear(report, text.encode(), told)
    assert_clean(section("text", report, text, judged), told)
    for one in judged:
        assert_right(one, random, told)


def assert_right(one: Judged, random: Random, told: str) -> None:
    """Instances agree with the verdict on a link."""
    reading = next(reading for reading in one.claim.readings if reading.name == one.reading)
    link = reading.statements[one.place]
    told = f"{one.verdict.status}: {link.statement}\n{told}"
    match one.verdict.status:
        case "proved" if reading.unknown is None:
            assert_holds(link.statement, link.context or reading.context, random, told)
        case "refuted":
            assert isinstance(one.verdict.counterexample, Counterexample), told
            assert recheck(json.loads(dumps(one.verdict.counterexample))), told


def assert_clear(report: FileReport, source: bytes, told: str) -> None:
    """Every relation has a verdict, every other verdict than proved has its reason, and each place is in the text."""
    lines = source.count(b"\n") + source.count(b"\r") + 1
    assert report.relations or report.problems, told
    for one in (*report.relations, *report.problems):
        assert one.verdict in ("proved", "refuted", "undecided", "unreadable"), told
        assert 0 <= one.line <= lines, told
        assert one.verdict in ("proved", "refuted") or one.reason, told
    json.loads("".join(json_text([report])))
    for line in file_lines(report, Style()):
        assert line.isprintable(), told


class _Tags(HTMLParser):
    """Collects what a browser would act on."""

    def __init__(self) -> None:
        super().__init__()
        self.active: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = f"<{tag} {attrs}>"
        risky = tag in ("script", "img", "iframe", "object", "embed", "form", "style", "link", "base", "meta")
        links = (value for name, value in attrs if name in ("href", "src", "action") and value)
        if risky or any(name.startswith("on") for name, _ in attrs) or any(not link.startswith("#") for link in links):
            self.active.append(told)


def assert_clean(html: str, told: str) -> None:
    """Nothing from the text is markup."""
    tags = _Tags()
    tags.feed(html)
    assert tags.active == [], told
