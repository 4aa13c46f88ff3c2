"""Words in a formula while it is lexed: what stands above a relation, and mathematics between dollar signs in words."""

from __future__ import annotations

from dataclasses import replace

from . import dialect as spelt
from .macros import Raw, spoken
from .problem import MisreadError
from .tokens import Token

_MEANINGFUL = frozenset({"=", "<", ">", "\\to", "\\le", "\\leq", "\\ge", "\\geq", "\\rightarrow", "\\in"})


def between_dollars(raw: tuple[Raw, ...]) -> list[tuple[Raw, ...]]:
    """Words and mathematics in turn, words first."""
    parts: list[list[Raw]] = [[]]
    for one in raw:
        parts.append([]) if one.text == "$" else parts[-1].append(one)
    return [tuple(part) for part in parts]


def explained(sign: Token, above: tuple[Raw, ...]) -> Token:
    """A relation with the words that stand above or below it; "def" above it makes it a definition."""
    said = spoken(above)
    if sign.text == "=" and said.lower().strip("(). ") in spelt.DEFINING:
        return replace(sign, text="coloneqq")
    if said in ("!", "?"):
        raise MisreadError(sign.at, f"{said} above a relation demands or asks; it claims nothing")
    if not any(raw.command in spelt.PROSE for raw in above) and any(raw.text in _MEANINGFUL for raw in above):
        message = f"is {said[:40]!r} beside a relation a reason or a condition? write reasons as \\text{{...}}"
        raise MisreadError(sign.at, message)
    return replace(sign, reason=said)
