"""The structure of a text: directives, displays, inline mathematics, commands, braces and words, in order.

No meaning is given here. Comments are dropped; what stands in tables, figures and listings is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from .macros import DEFINING, define
from .problem import MisreadError
from .shorthands import first_end, partner, shorthands

Kind = Literal[
    "directive", "display", "inline", "command", "begin", "end", "open", "close", "break", "text", "words",
    "definition", "comment", "odd",
]  # fmt: skip
DISPLAYS = ("equation", "align", "gather", "multline", "alignat", "flalign", "eqnarray", "displaymath")
_OPAQUE = ("verbatim", "lstlisting", "comment", "tikzpicture", "figure", "table", "tabular", "thebibliography",
           "filecontents", "minted", "picture")  # fmt: skip
_FLOATS = ("figure", "table", "tabular")
_DISPLAY = re.compile(rf"(?<!\\)%[^\n]*|(?P<display>\\\[|\$\$|\\begin\{{(?:{'|'.join(DISPLAYS)})\*?\}})")
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


def holds_display(text: str) -> bool:
    """Whether a display begins anywhere in a text, outside of comments."""
    return any(match["display"] for match in _DISPLAY.finditer(text))


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the text. `inner` is what stands inside a display or formula; `name` an environment or command.

    The name of an opening brace is what becomes of its group, that of "words" the text as it is meant, and that of
    "odd" what is wrong.
    """

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
    """All pieces of a part of a text, in order. What is never closed comes out as "odd"."""
    short: dict[str, str] = {}
    while start < stop:
        piece = next_piece(text, start, stop)
        if piece.kind == "command" and piece.name.rstrip("*") in DEFINING:
            piece = definition(text, piece, stop)
            short |= shorthands(text, piece.start, piece.stop)
        elif piece.kind == "command" and piece.name in short:
            piece = _short_edge(text, piece, short, stop)
        start = piece.stop
        yield piece


def _short_edge(text: str, command: Piece, short: Mapping[str, str], stop: int) -> Piece:
    """What a command such as \\be begins, or \\ee ends."""
    edge = short[command.name]
    closing = partner(edge)
    name = edge.partition("{")[2].rstrip("}")
    bare = name.removesuffix("*")
    if name and bare not in (*DISPLAYS, *_OPAQUE):
        return Piece("begin" if closing else "end", command.start, command.stop, name)
    end, after = first_end(text, closing, short, command.stop, stop) if closing else (-1, -1)
    if end < 0:
        what = "is never closed" if closing else "closes nothing"
        return Piece("odd", command.start, command.stop, f"\\{command.name} ({edge}) {what}")
    if bare in _OPAQUE:
        return _passed_over(text, command.start, command.stop, end, after, name)
    return Piece("display", command.start, after, name, (command.stop, end))


def definition(text: str, command: Piece, stop: int) -> Piece:
    """The definition of a macro that starts with this command; up to the end of the line if it cannot be read."""
    try:
        _, end = define(text, command.start, stop, {})
    except MisreadError:
        line = text.find("\n", command.stop, stop)
        end = stop if line < 0 else line
    return Piece("definition", command.start, end, command.name)


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
    end = closing_place(text, closing, inner, stop)
    if end < 0:
        return _unclosed(text, start, inner, closing, stop)
    return Piece(kind, start, end + len(closing), "", (inner, end))


def _unclosed(text: str, start: int, inner: int, closing: str, stop: int) -> Piece:
    """What is never closed, up to the next empty line; the name says what closes it instead, or hides its end."""
    gap = re.compile(r"\n[ \t]*\n").search(text, inner, stop)
    end = gap.start() if gap else stop
    other = re.compile(r"\\end[ \t]*\{[A-Za-z]+\*?\}|\\[\])]").search(text, inner, end)
    why = "is never closed"
    if text.find(closing, inner, end) >= 0:
        why = f"is never closed: its {closing} stands in a comment"
    elif other is not None and not any(name in text[start:inner] for name in _OPAQUE):
        why = f"is never closed; {other[0]} does not close it"
    return Piece("odd", start, end, f"{text[start:inner]} {why}")


def closing_place(text: str, closing: str, at: int, stop: int) -> int:
    """Where a formula ends, or -1; an escaped sign or one in a comment does not count."""
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
    close, after = first_end(text, closing, {}, end, stop)
    if close < 0:
        return _unclosed(text, start, end, closing, stop)
    if bare in _OPAQUE:
        return _passed_over(text, start, end, close, after, name)
    columns = re.compile(r"\s*\{[^{}]*\}").match(text, end) if bare == "alignat" else None
    return Piece("display", start, after, name, (columns.end() if columns else end, close))


def _passed_over(text: str, start: int, inner: int, close: int, stop: int, name: str) -> Piece:
    """An environment that is not read; of a figure or table, the first display in it is told."""
    if name.removesuffix("*") in _FLOATS:
        for match in _DISPLAY.finditer(text, inner, close):
            if match["display"]:
                return Piece("odd", match.start(), stop, f"a display inside of {name} is not read; move it out")
    return Piece("break", start, stop)
