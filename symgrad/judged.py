"""Judges the claims of a document one after another: each link of each reading, with what was expected of it."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .notation.document import Claim, Document
    from .verdict import Verdict

CODES = {"unreadable": 2, "refuted": 1, "undecided": 3, "proved": 0}
"""Exit codes by verdict, the one that counts most first."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One link of one reading of one claim, with its verdict."""

    claim: Claim
    reading: str
    expect: str
    verdict: Verdict
    place: int = 0

    @property
    def as_expected(self) -> bool:
        return self.verdict.status == self.expect

    @property
    def name(self) -> str:
        return f"{self.claim.label} ({self.reading})" if self.reading else self.claim.label

    @property
    def file_name(self) -> str:
        words = [self.claim.label, self.reading, str(self.place + 1) if self.place else ""]
        return re.sub(r"[^A-Za-z0-9.]+", "-", "-".join(word for word in words if word)).strip("-.") or "claim"


def judge_document(document: Document) -> list[Judged]:
    """Every link of every reading, in order. Says how far it is when this takes longer than a second."""
    from .judge import judge_reading

    readings = [(claim, reading) for claim in document.claims for reading in claim.readings]
    progress = _Progress(len(readings))
    judged = []
    for claim, reading in readings:
        progress.show(claim.label)
        for place, verdict in enumerate(judge_reading(claim, reading)):
            judged.append(Judged(claim, reading.name, reading.expect, verdict, place))
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
