"""The tokens of a formula, and the tables that say which characters and commands make them."""

from __future__ import annotations

from dataclasses import dataclass

from . import dialect as spelt

FRACTIONS = frozenset({"frac", "tfrac", "dfrac", "cfrac", "nicefrac", "sfrac"})
DOTS = frozenset({"ldots", "cdots", "dots", "dotsc", "dotsb", "dotsm", "dotsi", "dotso", "vdots", "ddots"})
TRANSPARENT = frozenset({"aligned", "alignedat", "split", "gathered", "multlined"})
_SIZED = {size + side: left for size in ("big", "Big", "bigg", "Bigg") for side, left in (("l", True), ("r", False))}
SIDES = {"left": True, "right": False, **_SIZED}
CHARACTERS = {
    "∇": "nabla", "∂": "partial", "∏": "prod", "∑": "sum", "≤": "le", "≥": "ge", "‖": "|", "⊙": "odot", "∘": "circ",
    "·": "cdot", "×": "times", "∞": "infty", "→": "to", "∈": "in", "⊤": "top", "−": "-", "⟨": "langle", "⟩": "rangle",
    "…": "ldots", "⋯": "cdots", "≠": "ne", "≈": "approx", "′": "'",
    **{letter: name for name, letter in spelt.GREEK.items()},
}  # fmt: skip


PLAIN = {
    "{": "LBRACE", "}": "RBRACE", "+": "SIGN", "*": "OP", "/": "OP", ",": "COMMA", ";": "COMMA", "'": "PRIME",
    "&": "AMP", "|": "BAR", ".": "PERIOD",
}  # fmt: skip
TABLES: tuple[tuple[str, dict[str, str]], ...] = (
    ("REL", {name: name for name in (*spelt.RELATIONS, *spelt.UNJUDGED)}),
    ("OP", dict(spelt.OPERATORS)),
    ("NAME", dict(spelt.NAMES)),
)


@dataclass(frozen=True, slots=True)
class Token:
    """`type` is a terminal of the grammar, or BAR, ROW, AMP, QUAD, PERIOD, TAG, NOTAG or LABEL: gone before parsing."""

    type: str
    text: str
    at: int
    font: str = ""
