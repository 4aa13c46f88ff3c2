"""How a text writes things, found by counting: the font of each name, the style of times, the sign of a transpose."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from .dialect import GREEK, Dialect, TimeStyle
from .formulas import Formulas
from .macros import Macros, define
from .problem import MisreadError
from .scan import Piece
from .tokens import Token

_STYLES: dict[tuple[str, str], TimeStyle] = {
    ("OPEN", "["): "[", ("OPEN", "("): "(", ("OPEN", "<"): "<", ("REL", "<"): "<",
}  # fmt: skip


SHORTEST = 5
"""How many tokens a name with one sign below it takes; more of them that spell a Greek letter are Latin letters."""


@dataclass(slots=True)
class _Counts:
    """`timed` counts names that have a time in brackets above: theirs is the font of a family, not of an index."""

    fonts: dict[str, Counter[str]] = field(default_factory=dict)
    timed: dict[str, Counter[str]] = field(default_factory=dict)
    times: Counter[TimeStyle] = field(default_factory=Counter)
    transposes: Counter[str] = field(default_factory=Counter)
    subscripts: int = 0
    lettered: set[str] = field(default_factory=set)
    greek: set[str] = field(default_factory=set)
    nablas: int = 0
    fractions: int = 0


def survey(text: str, pieces: Iterable[Piece], formulas: Formulas) -> Dialect:
    """A dialect that declares nothing, but knows how the text writes its names."""
    counts = _Counts()
    for tokens in _tokens(text, pieces, formulas):
        _count(tokens, counts)
    fonts = {name: found.most_common(1)[0][0] for name, found in (counts.fonts | counts.timed).items()}
    transpose = counts.transposes.most_common(1)[0][0] if counts.transposes else "top"
    style: TimeStyle = counts.times.most_common(1)[0][0] if counts.times else "["
    if not counts.times and counts.subscripts:
        style = "_"
    fractions = counts.fractions > counts.nablas
    return Dialect(fonts=fonts, transpose="T" if transpose == "T" else "top", time_style=style, fractions=fractions,
                   lettered=frozenset(counts.lettered), twofold=frozenset(counts.lettered & counts.greek))  # fmt: skip


def _tokens(text: str, pieces: Iterable[Piece], formulas: Formulas) -> Iterable[Sequence[Token]]:
    macros: Macros = {}
    for piece in pieces:
        try:
            if piece.kind == "definition":
                macros, _ = define(text, piece.start, len(text), macros)
            elif piece.kind in ("display", "inline"):
                yield formulas.tokens(piece.inner, macros)
        except MisreadError:
            continue


def _count(tokens: Sequence[Token], counts: _Counts) -> None:
    counts.nablas += sum(token.text == "nabla" for token in tokens)
    counts.fractions += sum(token.type in ("FRAC", "OVER") for token in tokens) if _has_partial(tokens) else 0
    for place, token in enumerate(tokens):
        if token.type != "NAME":
            continue
        word, after = _subscript(tokens, place + 1)
        if word in GREEK:
            (counts.lettered if after - place > SHORTEST else counts.greek).add(f"{token.text}_{word}")
        timed = _count_superscript(tokens[after : after + 3], counts)
        counts.subscripts += tokens[place + 1 : place + 2] != () and tokens[place + 1].type == "SUB"
        for name in {token.text, f"{token.text}_{word}" if word else token.text}:
            for table in (counts.fonts, counts.timed) if timed else (counts.fonts,):
                table.setdefault(name, Counter())[token.font] += 1


def _has_partial(tokens: Iterable[Token]) -> bool:
    return any(token.type == "NAME" and token.text in ("partial", "d") for token in tokens)


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
