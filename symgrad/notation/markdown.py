"""The structure of a Markdown text, in the pieces that `scan.py` takes LaTeX apart into.

Blocks are told apart as CommonMark has it where that decides what is a formula: code and comments hold none. What a
reader of Markdown could take for something else comes out as a piece of kind "odd", whose name is the message.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from . import markdown_signs as signs
from . import scan
from .markdown_spans import Spans
from .scan import Piece

SUFFIXES = (".md", ".markdown")


def pieces_of(text: str, path: str) -> tuple[Piece, ...]:
    """All pieces of a text in order; it is Markdown if its path says so, and LaTeX otherwise."""
    return tuple(_Scanner(text).run() if path.endswith(SUFFIXES) else scan.pieces(text, 0, len(text)))


def declares(text: str, path: str) -> bool:
    """Whether a text holds a declaration, so that it is meant to be read."""
    return "symgrad:" in text and any(piece.kind == "directive" for piece in pieces_of(text, path))


class _Scanner(Spans):
    """`_content` is how far the text of the list item at hand is indented."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._content = 0
        self._blocks: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Iterator[Piece]]], ...] = (
            (signs.FENCE, self._fence), (signs.RULE, self._rule), (signs.ITEM, self._item),
            (signs.HEADING, self._heading), (signs.TARGET, self._rule), (signs.LATEX_DIRECTIVE, self._latex_directive),
        )  # fmt: skip

    def run(self) -> Iterator[Piece]:
        yield from self._front_matter()
        while self._at < len(self._text):
            yield from self._line() if self._starts else self._span()
        yield from self._end()

    # blocks

    def _front_matter(self) -> Iterator[Piece]:
        match = signs.FRONT.match(self._text)
        if match is None or signs.DISPLAY.search(match["body"]) or "<!--" in match["body"]:
            return
        for field in signs.FIELD.finditer(self._text, *match.span("body")):
            self._at = field.start()
            yield self._piece("open", field.start("value"), field["name"])
            yield self._piece("words", field.end(), field["value"].strip().strip("\"'"))
            yield self._piece("close", field.end())
        self._at = match.end()

    def _line(self) -> Iterator[Piece]:
        self._starts = False
        quote = signs.QUOTE.match(self._text, self._at)
        if quote and not self._quoted:
            yield from self._end()
        self._quoted = quote is not None
        self._row = signs.ROW.match(self._text, self._at) is not None
        self._at = quote.end() if quote else self._at
        blank, indent = signs.BLANK.match(self._text, self._at), self._indent()
        if blank:
            yield from self._end()
            self._at, self._starts, self._blank = blank.end(), True, True
        elif self._blank and indent >= self._content + 4:
            yield from self._code()
        else:
            yield from self._block(indent)

    def _indent(self) -> int:
        match = signs.INDENT.match(self._text, self._at)
        return len(match[0].expandtabs(4)) if match else 0

    def _code(self) -> Iterator[Piece]:
        """A line of indented code."""
        stop = self._line_end()
        formula = signs.DISPLAY.search(self._text, self._at, stop)
        if formula:
            yield self._odd(formula.start(), "indented this far, it is code; indent it less to have it read")
        yield self._piece("words", stop, f"{self._text[self._at : stop].strip()} ")
        self._at, self._starts = self._past(stop), True

    def _block(self, indent: int) -> Iterator[Piece]:
        fresh, self._blank = self._blank, False
        for pattern, read in self._blocks:
            match = pattern.match(self._text, self._at)
            if match:
                yield from read(match)
                return
        self._content = 0 if fresh and indent == 0 else self._content
        underlined = signs.UNDERLINED.match(self._text, self._at) if fresh else None
        if underlined:
            self._after = underlined.end()
            yield self._piece("open", self._at, "heading 1" if underlined["line"][0] == "=" else "heading 2")

    def _fence(self, match: re.Match[str]) -> Iterator[Piece]:
        yield from self._end()
        fence, info, start = match["fence"], match["info"].strip(), match.start("fence")
        quote = r"[ \t]*(?:>[ \t]?)+" if self._quoted else ""
        closing = re.compile(rf"^{quote}[ \t]*{fence}{fence[0]}*[ \t\r]*(?:\n|\Z)", re.MULTILINE)
        close = closing.search(self._text, match.end())
        if close is None:
            yield self._odd(start, f"{fence} is never closed")
        elif info == "math" and not self._quoted:
            yield from self._formula("display", start, (match.end(), close.start()), close.end())
        elif signs.MATH.match(info):
            yield self._odd(start, signs.QUOTED if self._quoted else signs.WRITE_MATH)
        else:
            yield self._piece("words", match.end(), self._text[match.end() : close.start()])
        self._at, self._starts, self._blank = close.end() if close else len(self._text), True, True
        yield from self._end()

    def _rule(self, match: re.Match[str]) -> Iterator[Piece]:
        yield from self._end()
        self._at, self._starts, self._blank = self._past(match.end()), True, True

    def _item(self, match: re.Match[str]) -> Iterator[Piece]:
        yield from self._end()
        self._at, self._starts = match.end(), True
        self._content = len(match[0].expandtabs(4))

    def _heading(self, match: re.Match[str]) -> Iterator[Piece]:
        yield from self._end()
        self._at = match.start()
        yield self._piece("open", match.end(), f"heading {len(match['signs'])}")
        self._after = self._line_end()

    def _latex_directive(self, match: re.Match[str]) -> Iterator[Piece]:
        yield self._odd(match.start("sign"), "in Markdown, a declaration stands in a comment: <!-- symgrad: ... -->")
        self._at = self._line_end()
