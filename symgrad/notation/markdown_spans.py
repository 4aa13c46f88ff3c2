"""What stands in a line of Markdown: formulas, code, comments, emphasis and words, and what is odd there.

How lines make blocks is settled in `markdown.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape

from . import markdown_signs as signs
from .macros import DEFINING
from .scan import Kind, Piece, closing_place, definition, next_piece


class Spans:
    """Takes a text apart from `_at` on.

    `_starts` says that a line starts here, `_blank` that it follows a blank one, `_quoted` that it is in a quotation
    and `_row` in a table. `_open` are the emphasis marks that wait for their like. `_after` is where to go on when the
    heading at hand ends, or 0; `_limit` is where the paragraph ends.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._starts = True
        self._blank = True
        self._quoted = False
        self._row = False
        self._open: list[str] = []
        self._after = 0
        self._limit = -1

    def _piece(self, kind: Kind, stop: int, name: str = "") -> Piece:
        """A piece from here up to `stop`, which is where the next one starts."""
        start, self._at = self._at, stop
        return Piece(kind, start, stop, name)

    def _odd(self, at: int, message: str) -> Piece:
        return Piece("odd", at, at, message)

    def _end(self) -> Iterator[Piece]:
        """The end of a paragraph or heading."""
        yield from self._unmarked()
        if self._after:
            yield self._piece("close", self._at)
            self._after = 0
        yield self._piece("break", self._at)

    def _unmarked(self) -> Iterator[Piece]:
        for _ in self._open:
            yield self._piece("close", self._at)
        self._open.clear()

    def _line_end(self) -> int:
        end = self._text.find("\n", self._at)
        return len(self._text) if end < 0 else end

    def _past(self, end: int) -> int:
        """Where the next line starts, after one that ends there."""
        return min(end + 1, len(self._text))

    def _paragraph_end(self, at: int) -> int:
        if at > self._limit:
            match = signs.PARAGRAPH_END.search(self._text, at)
            self._limit = match.start() if match else len(self._text)
        return self._limit

    def _span(self) -> Iterator[Piece]:
        """What stands here: a formula, code, a comment, emphasis, or words."""
        match = signs.INLINE.match(self._text, self._at)
        if match is None:
            raise AssertionError("some alternative takes any character")
        stop = match.end()
        match match.lastgroup:
            case "newline":
                yield from self._newline(stop)
            case "environment":
                yield from self._environment()
            case "definition":
                yield self._defined(self._at)
            case "label":
                yield from self._reference(match)
            case "doubled" | "stray":
                yield self._odd(self._at, signs.ODD[match[0]])
                self._at = stop
            case "math":
                yield from self._math(match[0])
            case "ticks":
                yield self._ticks(match[0])
            case "comment":
                yield from self._comment()
            case "raw" | "element":
                yield from self._raw(match["element"])
            case "mark":
                yield from self._mark(match[0])
            case "closing" if self._after:
                self._at = stop
            case "escaped":
                yield self._piece("words", stop, match[0][1:])
            case "tag" | "target":
                self._at = stop
            case _:
                yield self._piece("words", stop, unescape(match[0]))

    def _reference(self, match: re.Match[str]) -> Iterator[Piece]:
        yield self._piece("command", match.end("reference"), match["reference"][1:])
        yield self._piece("open", self._at + 1)
        yield self._piece("words", match.end() - 1, self._text[self._at : match.end() - 1])
        yield self._piece("close", match.end())

    def _newline(self, stop: int) -> Iterator[Piece]:
        self._starts = True
        if self._after:
            stop, self._blank = max(self._past(self._after), stop), True
            yield from self._end()
            self._at = stop
        else:
            yield self._piece("words", stop, " ")

    def _environment(self) -> Iterator[Piece]:
        yield from self._unmarked()
        piece = next_piece(self._text, self._at, len(self._text))
        yield self._checked(piece)
        self._at = piece.stop

    def _checked(self, piece: Piece) -> Piece:
        """A formula that no sign of a quotation or a table has got into."""
        source = self._text[piece.start : piece.stop]
        if self._quoted and "\n" in source:
            return self._odd(piece.start, signs.QUOTED)
        if self._row and "|" in source:
            return self._odd(piece.start, signs.TABLE)
        return piece

    def _defined(self, at: int) -> Piece:
        piece = definition(self._text, next_piece(self._text, at, len(self._text)), len(self._text))
        self._at = piece.stop
        return piece

    def _math(self, opening: str) -> Iterator[Piece]:
        start, inner = self._at, self._at + len(opening)
        stop = closing_place(self._text, signs.CLOSING[opening], inner, self._paragraph_end(inner))
        if stop < 0:
            hint = r"for the sign itself, write \$" if opening == "$" else "a blank line ends it"
            yield self._odd(start, f"{opening} is never closed ({hint})")
            self._at = self._paragraph_end(inner)
        elif opening in ("$$", r"\["):
            yield from self._unmarked()
            yield from self._formula("display", start, (inner, stop), stop + 2)
        else:
            yield from self._formula("inline", start, (inner, stop), stop + len(opening))

    def _formula(self, kind: Kind, start: int, inner: tuple[int, int], stop: int) -> Iterator[Piece]:
        """A formula; the definitions, or the one environment, that all of it is."""
        whole = Piece(kind, start, stop, "", inner)
        first = inner[0] + len(_spaces(self._text, *inner))
        last = inner[0] + len(self._text[slice(*inner)].rstrip())
        only = next_piece(self._text, first, last) if first < last else whole
        defined = list(self._definitions(first, last))
        if defined and defined[-1].stop + len(_spaces(self._text, defined[-1].stop, last)) >= last:
            yield from defined
        elif kind == "display" and only.kind == "display" and only.name and only.stop == last:
            yield self._checked(replace(only, start=start, stop=stop))
        else:
            yield self._checked(whole)
        self._at = stop

    def _definitions(self, at: int, stop: int) -> Iterator[Piece]:
        while at < stop:
            piece = next_piece(self._text, at, stop)
            if piece.kind != "command" or piece.name.rstrip("*") not in DEFINING:
                return
            yield (found := definition(self._text, piece, stop))
            at = found.stop + len(_spaces(self._text, found.stop, stop))

    def _ticks(self, opening: str) -> Piece:
        """Code, or back-ticks that stand for themselves."""
        inner = self._at + len(opening)
        closing = re.compile(rf"(?<!`){opening}(?!`)").search(self._text, inner, self._paragraph_end(inner))
        if closing is None:
            return self._piece("words", inner, opening)
        return self._piece("words", closing.end(), self._text[inner : closing.start()])

    def _comment(self) -> Iterator[Piece]:
        start, inner = self._at, self._at + 4
        stop = self._text.find("-->", inner)
        self._at = len(self._text) if stop < 0 else stop + 3
        if stop < 0:
            yield self._odd(start, "<!-- is never closed")
        elif signs.DIRECTIVE.match(self._text, inner, stop):
            yield from self._directives(inner, stop)

    def _directives(self, at: int, stop: int) -> Iterator[Piece]:
        """A declaration a line; symgrad: need stand before the first alone."""
        while at < stop:
            mark = signs.DIRECTIVE.match(self._text, at, stop)
            begin = mark.end() if mark else at
            newline = self._text.find("\n", begin, stop)
            end = stop if newline < 0 else newline
            yield Piece("directive", begin, end, inner=(begin, end))
            at = end + 1

    def _raw(self, element: str) -> Iterator[Piece]:
        """What stands in certain elements of HTML is not Markdown."""
        closing = re.compile(rf"</{element}>", re.IGNORECASE).search(self._text, self._at)
        if closing is None:
            yield self._odd(self._at, f"<{element}> is never closed")
        self._at = closing.end() if closing else len(self._text)

    def _mark(self, mark: str) -> Iterator[Piece]:
        """Emphasis opens, or closes, or a sign stands for itself."""
        before = self._text[self._at - 1 : self._at] or " "
        if self._open and mark.startswith(self._open[-1]) and not before.isspace():
            yield self._piece("close", self._at + len(self._open.pop()))
            return
        after = self._text[self._at + len(mark) : self._at + len(mark) + 1] or " "
        closes = self._text.find(mark, self._at + len(mark) + 1, self._paragraph_end(self._at)) >= 0
        if closes and not after.isspace() and (mark[0] == "*" or not before.isalnum()):
            self._open.append(mark)
            yield self._piece("open", self._at + len(mark), "emphasis" if len(mark) == 1 else "strong")
        else:
            yield self._piece("words", self._at + len(mark), mark)


def _spaces(text: str, start: int, stop: int) -> str:
    """The white space that a stretch begins with."""
    stretch = text[start:stop]
    return stretch[: len(stretch) - len(stretch.lstrip())]
