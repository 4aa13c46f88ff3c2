"""The tokens of a formula, and the tables that say which characters and commands make them."""

from __future__ import annotations

from dataclasses import dataclass

from . import dialect as spelt

FRACTIONS = frozenset({"frac", "tfrac", "dfrac", "cfrac", "nicefrac", "sfrac"})
DOTS = frozenset({"ldots", "cdots", "dots", "dotsc", "dotsb", "dotsm", "dotsi", "dotso", "vdots", "ddots"})
TRANSPARENT = frozenset({"aligned", "alignedat", "split", "gathered", "multlined"})
CASES = frozenset({"cases", "dcases", "rcases"})
MATRICES = frozenset({"matrix", "pmatrix", "bmatrix", "Bmatrix", "vmatrix", "Vmatrix", "smallmatrix", "array"})
_SIZED = {size + side: left for size in ("big", "Big", "bigg", "Bigg") for side, left in (("l", True), ("r", False))}
SIDES = {"left": True, "right": False, **_SIZED}
CHARACTERS = {
    "∇": "nabla", "∂": "partial", "∏": "prod", "∑": "sum", "≤": "le", "≥": "ge", "‖": "|", "⊙": "odot", "∘": "circ",
    "·": "cdot", "×": "times", "∞": "infty", "→": "to", "∈": "in", "⊤": "top", "−": "-", "⟨": "langle", "⟩": "rangle",
    "…": "ldots", "⋯": "cdots", "≠": "ne", "≈": "approx", "′": "'", "≔": "coloneqq", "≡": "equiv", "∀": "forall",
    "⇒": "implies", "⟹": "implies", "⇔": "iff", "⊗": "otimes", "∗": "ast", "⋅": "cdot", "∥": "|",
    **{letter: name for name, letter in spelt.GREEK.items()},
}  # fmt: skip


PLAIN = {
    "{": "LBRACE", "}": "RBRACE", "+": "SIGN", "*": "OP", "/": "OP", ",": "COMMA", ";": "COMMA", "'": "PRIME",
    "&": "AMP", "|": "BAR", ".": "PERIOD",
}  # fmt: skip
TABLES: tuple[tuple[str, dict[str, str]], ...] = (
    ("REL", {**{name: name for name in (*spelt.RELATIONS, *spelt.UNJUDGED)}, **spelt.DEFINING_SIGNS}),
    ("OP", dict(spelt.OPERATORS)),
    ("NAME", dict(spelt.NAMES)),
)


@dataclass(frozen=True, slots=True)
class Token:
    """`type` is a terminal of the grammar, or BAR, ROW, AMP, QUAD, PERIOD, TAG, NOTAG or LABEL, or BEGIN and END of
    cases: gone before parsing. `font` is that of a name, or left or right for a bracket that grows; `reason` is what
    is said above or after a relation."""

    type: str
    text: str
    at: int
    font: str = ""
    reason: str = ""
