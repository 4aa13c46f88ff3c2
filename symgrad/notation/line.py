"""One declaration as a stretch of a text, so that what is wrong in it has its place there."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .grammar import parse
from .macros import Macros
from .nodes import Content


@dataclass(frozen=True, slots=True)
class Line:
    """A declaration: a stretch of a text, and the macros defined before it."""

    text: str
    start: int
    stop: int
    macros: Macros

    @property
    def words(self) -> str:
        return self.text[self.start : self.stop]

    def after(self, count: int) -> Line:
        rest = self.words[count:]
        return replace(self, start=self.start + count + len(rest) - len(rest.lstrip()))

    def upto(self, count: int) -> Line:
        return replace(self, stop=self.start + count)

    def content(self) -> Content:
        return parse(self.text, self.start, self.stop, self.macros, ascii_names=True)


def line_of(text: str, start: int, stop: int, macros: Macros) -> Line:
    """The line without the white space around it."""
    words = text[start:stop]
    return Line(text, start + len(words) - len(words.lstrip()), start + len(words.rstrip()), macros)
