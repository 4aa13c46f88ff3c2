"""Judges the claims of a document one after another: each link of each reading, with what was expected of it."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .files import safe_name

if TYPE_CHECKING:
    from .notation.document import Claim, Document
    from .verdict import Remark, Verdict

CODES = {"unreadable": 2, "refuted": 1, "undecided": 3, "proved": 0}
"""Exit codes by verdict, the one that counts most first."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One link of one reading of one claim, with its verdict. `file_name` is its own among those of the document.

    Of a refuted link: `suggestion` says what would have been right, and `follows_from` is the line of the first wrong
    link that it follows from, or 0 if it is wrong by itself. `anew` is whether anything had to be found out that this
    process did not know from before.
    """

    claim: Claim
    reading: str
    expect: str
    verdict: Verdict
    place: int
    file_name: str
    suggestion: Remark | None = None
    follows_from: int = 0
    anew: bool = True

    @property
    def as_expected(self) -> bool:
        return self.verdict.status == self.expect

    @property
    def name(self) -> str:
        return f"{self.claim.label} ({self.reading})" if self.reading else self.claim.label


def judge_document(document: Document) -> list[Judged]:
    """Every link of every reading, in order. Says how far it is when this takes longer than a second."""
    from .answer import answers
    from .elaborate.course import Course
    from .elaborate.memory import searches

    readings = [(claim, reading) for claim in document.claims for reading in claim.readings]
    progress = _Progress(len(readings))
    judged: list[Judged] = []
    taken: set[str] = set()
    course, known = Course(), searches()
    for claim, reading in readings:
        progress.show(claim.label)
        for place, one in enumerate(answers(claim, reading, course)):
            file_name = safe_name((claim.label, reading.name, str(place + 1) if place else ""), taken)
            answer = one.verdict, place, file_name, one.suggestion, one.follows_from, searches() > known
            judged.append(Judged(claim, reading.name, reading.expect, *answer))
            known = searches()
    progress.clear()
    return judged


class _Progress:
    """A line on standard error, from the second second on; overwritten on a terminal, one line a second elsewhere."""

    def __init__(self, total: int) -> None:
        self.total, self.done, self.last = total, 0, time.monotonic()
        self.shown = False

    def show(self, label: str) -> None:
        if time.monotonic() - self.last >= 1:
            terminal = sys.stderr.isatty()
            line = f"judged {self.done} of {self.total}, now {label}"
            print(f"\r\033[K{line}" if terminal else line, end="" if terminal else "\n", file=sys.stderr, flush=True)
            self.shown, self.last = terminal, self.last if terminal else time.monotonic()
        self.done += 1

    def clear(self) -> None:
        if self.shown:
            print("\r\033[K", end="", file=sys.stderr, flush=True)


def exit_code(judged: Iterable[Judged]) -> int:
    """0 if everything is as expected; else 1 for something refuted, or proved, against expectation; else 3."""
    surprising = {one.verdict.status for one in judged if not one.as_expected}
    # A claim that was to be refuted, or left open, and is proved: what the text says of it is false.
    return worst_code(CODES["refuted" if status == "proved" else status] for status in surprising)


def worst_code(codes: Iterable[int]) -> int:
    """Of several exit codes, the one that counts most."""
    found = set(codes)
    return next((code for code in CODES.values() if code in found), 0)
