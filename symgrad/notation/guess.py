"""Guesses a header for a text that declares nothing: the names it uses, as times, matrices, vectors and scalars.

A guess to start from, for a person to correct: capitals are taken for matrices, small letters for vectors.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from .dialect import FUNCTIONS, OPERATIONS, WORDS, split_name
from .displays import take_apart
from .grammar import parse_tokens
from .lexer import tokenize
from .macros import DEFINING, Macros, define
from .nodes import Chain, Content, Fence, Item, Name, Script, contents, inside, items, only_item, top_items
from .problem import MisreadError
from .scan import next_piece

_TIMES = ("t", "tau")
_INDEXED = ("prod", "sum", "max", "min", "sup", "inf")
_DERIVATIVES = ("nabla", "nablatilde", "partial", "partialtilde")


@dataclass(slots=True)
class _Found:
    """Names in the order in which they were met. `bound` are the indices of the formula at hand,
    `indices` those of all."""

    times: dict[str, None] = field(default_factory=dict)
    bound: set[str] = field(default_factory=set)
    indices: set[str] = field(default_factory=set)
    families: dict[str, None] = field(default_factory=dict)
    plain: dict[str, str] = field(default_factory=dict)


def guess_header(text: str) -> str:
    """Declaration lines for the names in the formulas of a text. What cannot be read is passed over."""
    found = _Found()
    for content in _formulas(text):
        found.bound.clear()
        for item in _written(content):
            if isinstance(item, Name):
                _note(item, found)
    return "\n".join(f"% symgrad: {line}" for line in _lines(found)) + "\n"


def _formulas(text: str) -> Iterator[Content]:
    macros: Macros = {}
    at = 0
    while at < len(text):
        piece = next_piece(text, at, len(text))
        at = piece.stop
        try:
            if piece.kind == "command" and piece.name in DEFINING:
                macros, at = define(text, piece.start, len(text), macros)
            elif piece.kind in ("display", "inline"):
                rows = take_apart(tokenize(text, *piece.inner, macros)).rows
                yield from (parse_tokens(row.tokens, piece.stop) for row in rows if row.tokens)
        except MisreadError:
            continue


def _written(content: Content) -> Iterator[Item]:
    """The items of a formula, without those in scripts, but with what derivatives are taken by."""
    for item in top_items(content):
        yield item
        inner = list(contents(replace(item, scripts=())))
        if (isinstance(item, Name) and item.text in _DERIVATIVES) or (isinstance(item, Fence) and item.opening == "."):
            inner += [script.content for script in item.scripts]
        for one in inner:
            yield from _written(one)


def _note(name: Name, found: _Found) -> None:
    below = next((script for script in name.scripts if script.mark == "_"), None)
    above = next((script for script in name.scripts if script.mark == "^"), None)
    if name.text in _INDEXED:
        found.bound.update(_names(below)[:1])
        found.indices.update(_names(below)[:1])
    if not _may_be_declared(name):
        return
    lower, upper = _names(below), _bracketed(above)
    times = {*_TIMES, *found.bound, *(one for one in found.times if one not in found.indices)}
    timed = any(one in times for one in lower)
    if upper or timed:
        found.times.update(dict.fromkeys(upper or lower))
        found.families.setdefault(name.text if timed else _with_word(name, below))
    elif name.text not in found.plain:
        found.plain[_with_word(name, below)] = name.font


def _may_be_declared(name: Name) -> bool:
    text = name.text
    letter, _, _ = split_name(text)
    known = text in WORDS or text in FUNCTIONS or text in OPERATIONS or text in ("d", "I", "Id")
    return not known and name.font != "mathbb" and letter not in WORDS


def _names(script: Script | None) -> list[str]:
    return [one.text for one in items(script.content) if isinstance(one, Name)] if script else []


def _bracketed(script: Script | None) -> list[str]:
    """The names in the bracket that leads a superscript."""
    if script is None:
        return []
    item: Item | None = only_item(script.content)
    if isinstance(item, Fence):
        return [one.text for one in inside(item) if isinstance(one, Name)]
    match script.content.chains:
        case (Chain(sides=(None, _, None)),):
            return _names(script)
        case _:
            return []


def _with_word(name: Name, below: Script | None) -> str:
    words = _names(below)
    return f"{name.text}_{''.join(words)}" if words else name.text


def _lines(found: _Found) -> list[str]:
    times = [one for one in found.times if one not in found.indices]
    taken = {*found.times, *found.indices}
    matrices = [one for one in found.plain if one[0].isupper() and found.plain[one] != "mathcal"]
    scalars = [one for one in found.plain if found.plain[one] == "mathcal"]
    vectors = [one for one in found.plain if one not in (*matrices, *scalars)]
    families = [f"{one}[t]" for one in found.families if not one[0].isupper()]
    matrices = [*(f"{one}[t]" for one in found.families if one[0].isupper()), *matrices]
    plain = [one for one in vectors if one not in taken and one not in found.families]
    lists = (("n x n", matrices), ("n", [*families, *plain]), ("scalar", scalars))
    declared = [f"{', '.join(names)} : {shape}" for shape, names in lists if names]
    return ["size n", *([f"time {', '.join(times)}"] if times else []), *declared]
