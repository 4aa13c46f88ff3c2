"""How a text writes things, found by counting: the font of each name, the style of times, the sign of a transpose."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from .dialect import Dialect, TimeStyle
from .lexer import tokenize
from .macros import DEFINING, Macros, define
from .problem import MisreadError
from .scan import next_piece
from .tokens import Token

_STYLES: dict[tuple[str, str], TimeStyle] = {
    ("OPEN", "["): "[", ("OPEN", "("): "(", ("OPEN", "<"): "<", ("REL", "<"): "<",
}  # fmt: skip


@dataclass(slots=True)
class _Counts:
    """`timed` counts names that have a time in brackets above: theirs is the font of a family, not of an index."""

    fonts: dict[str, Counter[str]] = field(default_factory=dict)
    timed: dict[str, Counter[str]] = field(default_factory=dict)
    times: Counter[TimeStyle] = field(default_factory=Counter)
    transposes: Counter[str] = field(default_factory=Counter)
    subscripts: int = 0


def survey(text: str, start: int, stop: int) -> Dialect:
    """A dialect that declares nothing, but knows how the text writes its names."""
    counts = _Counts()
    for tokens in _formulas(text, start, stop):
        _count(tokens, counts)
    fonts = {name: found.most_common(1)[0][0] for name, found in (counts.fonts | counts.timed).items()}
    transpose = counts.transposes.most_common(1)[0][0] if counts.transposes else "top"
    style: TimeStyle = counts.times.most_common(1)[0][0] if counts.times else "["
    if not counts.times and counts.subscripts:
        style = "_"
    return Dialect(fonts=fonts, transpose="T" if transpose == "T" else "top", time_style=style)


def _formulas(text: str, start: int, stop: int) -> Iterable[Sequence[Token]]:
    macros: Macros = {}
    while start < stop:
        piece = next_piece(text, start, stop)
        start = piece.stop
        try:
            if piece.kind == "command" and piece.name in DEFINING:
                macros, start = define(text, piece.start, stop, macros)
            elif piece.kind in ("display", "inline"):
                yield tokenize(text, *piece.inner, macros)
        except MisreadError:
            continue


def _count(tokens: Sequence[Token], counts: _Counts) -> None:
    for place, token in enumerate(tokens):
        if token.type != "NAME":
            continue
        word, after = _subscript(tokens, place + 1)
        timed = _count_superscript(tokens[after : after + 3], counts)
        counts.subscripts += tokens[place + 1 : place + 2] != () and tokens[place + 1].type == "SUB"
        for name in {token.text, f"{token.text}_{word}" if word else token.text}:
            for table in (counts.fonts, counts.timed) if timed else (counts.fonts,):
                table.setdefault(name, Counter())[token.font] += 1


def _subscript(tokens: Sequence[Token], place: int) -> tuple[str, int]:
    """The subscript word that starts at a place, and where it ends."""
    if place + 1 >= len(tokens) or tokens[place].type != "SUB":
        return "", place
    words: list[str] = []
    for end in range(place + 2, len(tokens)):
        if tokens[end].type not in ("NAME", "NUM"):
            return "".join(words), end + 1
        words.append(tokens[end].text)
    return "", place


def _count_superscript(tokens: Sequence[Token], counts: _Counts) -> bool:
    """Count a time or a transpose above a name; whether it is a time."""
    if [token.type for token in tokens[:2]] != ["SUP", "LBRACE"] or len(tokens) < 3:
        return False
    first = tokens[2]
    if first.type == "NAME" and first.text in ("T", "top", "intercal"):
        counts.transposes[first.text] += 1
    style = _STYLES.get((first.type, first.text))
    if style is not None:
        counts.times[style] += 1
    return style is not None
