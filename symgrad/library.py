"""A library: a folder of texts, a folder a topic, whose claims are judged one text after another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from .files import UserError, complaints, read_text
from .judged import Judged, judge_document
from .notation.document import Document
from .notation.read import read_document
from .page import Identity


@dataclass(frozen=True, slots=True)
class Entry:
    """A text of a library. `path` is its place in the folder, with / between the parts."""

    path: str
    document: Document
    judged: tuple[Judged, ...]

    @property
    def identities(self) -> Iterator[Identity]:
        """Its claims with their verdicts; not those that could not be read."""
        for claim, group in groupby(self.judged, key=lambda one: one.claim):
            yield Identity(
                self.path, self.document, claim, tuple((one.reading, one.expect, one.verdict) for one in group)
            )


def collected(folder: Path) -> Iterator[Entry]:
    """The .tex files in a folder and below it, in the order of their paths, each judged when it is asked for.

    Raises UserError for a folder without any, and for a file that cannot be used.
    """
    with complaints(folder):
        found = sorted(path for path in folder.rglob("*.tex") if path.is_file())
    if not found:
        raise UserError(f"{folder}: there is no .tex file in this folder or below it")
    for path in found:
        yield _entry(path, path.relative_to(folder).as_posix())


def _entry(path: Path, name: str) -> Entry:
    document = read_document(read_text(path), str(path))
    return Entry(name, document, tuple(judge_document(document)))
