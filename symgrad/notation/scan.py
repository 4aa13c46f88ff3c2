"""The structure of a text: directives, displays, inline mathematics, commands, braces and words, in order.

No meaning is given here. Comments are dropped; what stands in tables, figures and listings is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "directive", "display", "inline", "command", "begin", "end", "open", "close", "break", "text", "comment", "unclosed"
]
DISPLAYS = ("equation", "align", "gather", "multline", "alignat", "flalign", "eqnarray", "displaymath")
_OPAQUE = ("verbatim", "lstlisting", "comment", "tikzpicture", "figure", "table", "tabular", "thebibliography",
           "filecontents", "minted", "picture")  # fmt: skip
_PIECE = re.compile(
    r"%[ \t]*symgrad:(?P<directive>[^\n]*)"
    r"|(?P<comment>%[^\n]*(?:\n[ \t]*)?)"
    r"|(?P<newline>\\\\\*?(?:\[[^\]\n]*\])?)"
    r"|(?P<display>\\\[|\$\$)"
    r"|(?P<inline>\\\(|\$)"
    r"|\\(?P<edge>begin|end)[ \t]*\{(?P<environment>[A-Za-z]+\*?)\}"
    r"|(?P<command>\\(?:[A-Za-z]+\*?|.))"
    r"|(?P<open>\{)|(?P<close>\})"
    r"|(?P<break>\n[ \t]*(?:\n\s*)+)"
    r"|(?P<text>[^%\\${}\n]+|\n)",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the text. `inner` is what stands inside a display or formula; `name` an environment or command."""

    kind: Kind
    start: int
    stop: int
    name: str = ""
    inner: tuple[int, int] = (0, 0)


def next_piece(text: str, at: int, stop: int) -> Piece:
    """The piece that starts at an offset; kind "comment" for what is passed over."""
    match = _PIECE.match(text, at, stop)
    return Piece("comment", at, at + 1) if match is None else _piece(text, match, stop)


def pieces(text: str, start: int, stop: int) -> Iterator[Piece]:
    """All pieces of a part of a text, in order. What is never closed comes out as "unclosed"."""
    while start < stop:
        piece = next_piece(text, start, stop)
        start = piece.stop
        yield piece


def _piece(text: str, match: re.Match[str], stop: int) -> Piece:
    found, start, end = match.lastgroup, match.start(), match.end()
    match found:
        case "directive":
            return Piece("directive", start, end, inner=match.span("directive"))
        case "comment":
            return Piece("comment", start, end)
        case "newline":
            return Piece("text", start, end, "newline")
        case "display":
            return _formula(text, "display", start, end, r"\]" if match[0] == r"\[" else "$$", stop)
        case "inline":
            return _formula(text, "inline", start, end, r"\)" if match[0] == r"\(" else "$", stop)
        case "environment":
            return _environment(text, match, stop)
        case "command":
            return Piece("command", start, end, match[0][1:])
        case "open" | "close" | "break":
            return Piece(found, start, end)
        case _:
            return Piece("text", start, end)


def _formula(text: str, kind: Kind, start: int, inner: int, closing: str, stop: int) -> Piece:
    end = _closing(text, closing, inner, stop)
    if end < 0:
        return Piece("unclosed", start, stop, text[start:inner])
    return Piece(kind, start, end + len(closing), "", (inner, end))


def _closing(text: str, closing: str, at: int, stop: int) -> int:
    """Where a formula ends; an escaped sign or one in a comment does not count."""
    for match in re.compile(r"%[^\n]*|\\[^\]\)]|" + re.escape(closing)).finditer(text, at, stop):
        if match[0] == closing:
            return match.start()
    return -1


def _environment(text: str, match: re.Match[str], stop: int) -> Piece:
    name, start, end = match["environment"], match.start(), match.end()
    bare = name.removesuffix("*")
    if match["edge"] == "end" or bare not in (*DISPLAYS, *_OPAQUE):
        return Piece("begin" if match["edge"] == "begin" else "end", start, end, name)
    closing = f"\\end{{{name}}}"
    close = _closing_environment(text, closing, end, stop)
    if close < 0:
        return Piece("unclosed", start, stop, match[0])
    if bare in _OPAQUE:
        return Piece("break", start, close + len(closing))
    columns = re.compile(r"\s*\{[^{}]*\}").match(text, end) if bare == "alignat" else None
    return Piece("display", start, close + len(closing), name, (columns.end() if columns else end, close))


def _closing_environment(text: str, closing: str, at: int, stop: int) -> int:
    for match in re.compile(r"(?<!\\)%[^\n]*|" + re.escape(closing)).finditer(text, at, stop):
        if match[0] == closing:
            return match.start()
    return -1
