"""Sets mathematics as it was written, from the parse tree: for formulas in prose, which are not resolved to terms.

Only signs of our own tables come out, whatever the text held.
"""

from __future__ import annotations

from . import spell
from .boxes import COMMA, Bar, Box, Braces, Bracket, Fraction, Leaf, Root, Scripts, digits, ident, operator, row
from .dialect import ACCENTS, GREEK, words
from .document import Math
from .nodes import (
    Chain,
    Command,
    Content,
    Dots,
    Fence,
    Group,
    Item,
    Literal,
    Name,
    Operator,
    Ratio,
    Run,
    Script,
    Side,
    Words,
)

_LARGE = {"prod": "∏", "sum": "∑"}
_WORDS = frozenset(words("lim max min sup inf tanh sinh cosh exp log ln sin cos tan det"))
_SIGNS = {
    "nabla": "∇", "partial": "∂", "top": "⊤", "infty": "∞", "prime": "′", "forall": "∀", "exists": "∃",
    "varnothing": "∅",
}  # fmt: skip
_OPERATORS = {
    "cdot": "⋅", "times": "×", "odot": "⊙", "otimes": "⊗", "oplus": "⊕", "oslash": "⊘", "star": "⋆",
    "pm": "±",
}  # fmt: skip
_RELATIONS = {
    "le": "≤", "leq": "≤", "leqslant": "≤", "ge": "≥", "geq": "≥", "geqslant": "≥", "lt": "<", "gt": ">", "ne": "≠",
    "neq": "≠", "to": "→", "rightarrow": "→", "in": "∈", "approx": "≈", "sim": "∼", "equiv": "≡", "propto": "∝",
    "implies": "⟹", "ll": "≪", "gg": "≫", "mapsto": "↦", "subset": "⊂", "notin": "∉",
}  # fmt: skip
_PRIME = operator(r"\prime", "′", "postfix", "'")
_EMPTY = Leaf("", "<mrow></mrow>", "")


def written_box(math: Math) -> Box:
    """The box of a formula; of one that could not be read, its source as upright text."""
    if math.content is None:
        text = "".join(letter for letter in math.source if letter.isalnum() or letter in " =+-(),.")
        return ident(rf"\text{{{text}}}", text, plain=math.source)
    return _content(math.content)


def _content(content: Content, gap: bool = True) -> Box:
    """The box of a content; scripts are set without gaps in plain text."""
    parts: list[Box] = []
    for chain in content.chains:
        parts += [COMMA, _chain(chain, gap)] if parts else [_chain(chain, gap)]
    return row(*parts) if parts else _EMPTY


def _chain(chain: Chain, gap: bool) -> Box:
    parts: list[Box] = []
    for place, side in enumerate(chain.sides):
        if place:
            parts.append(_relation(chain.relators[place - 1].text))
        if side is not None:
            parts.append(_side(side, gap))
    return row(*parts, gap=gap) if parts else _EMPTY


def _relation(text: str) -> Box:
    if text == "coloneqq":
        return operator(":=", "≔")
    if text == "colon":
        return operator(":", ":")
    return operator(rf"\{text}" if text.isalpha() else text, _RELATIONS.get(text, text))


def _side(side: Side, gap: bool) -> Box:
    parts: list[Box] = []
    for run in side.runs:
        sign = [spell.MINUS if run.sign == "-" else spell.PLUS] if run.sign else []
        box = _run(run, gap)
        parts += [row(*sign, box)] if not parts else [*sign, box]
    return row(*parts, gap=gap)


def _run(run: Run, gap: bool) -> Box:
    parts: list[Box] = []
    for before, item in zip((None, *run.items), run.items, strict=False):
        applied = isinstance(before, Name) and isinstance(item, Fence)
        parts.append(row(parts.pop(), _item(item)) if applied else _item(item))
    return row(*parts, gap=gap)


def _item(item: Item) -> Box:
    box = _bare(item)
    below = next((script for script in item.scripts if script.mark == "_"), None)
    above = [script for script in item.scripts if script.mark != "_"]
    if isinstance(item, Fence) and item.opening == "." and below is not None:
        return Bar(_content(item.content), _content(below.content, gap=False))
    if below is None and not above:
        return box
    limits = isinstance(item, Name) and (item.text in _LARGE or item.text in ("lim", "max", "min", "sup", "inf"))
    return Scripts(box, _content(below.content, gap=False) if below else None, _above(above), limits)


def _above(scripts: list[Script]) -> Box | None:
    parts = [_PRIME if one.mark == "'" else _content(one.content, gap=False) for one in scripts]
    return row(*parts) if parts else None


def _bare(item: Item) -> Box:
    match item:
        case Name():
            return _name(item)
        case Literal(text=text, font=font):
            return spell.spelt_letter(text, font) if font and len(text) == 1 else digits(text)
        case Operator(text=text):
            return operator(rf"\{text}" if text.isalpha() else text, _OPERATORS.get(text, text))
        case Dots():
            return operator(r"\ldots", "…", plain="...")
        case Words(text=text):
            kept = "".join(letter for letter in text if letter.isalnum() or letter in " ,.-")
            return Leaf(rf"\text{{{kept}}}", f"<mtext>{kept}</mtext>", kept)
        case Group(content=content):
            return Braces(_content(content))
        case Fence(content=content):
            return _fence(item, _content(content))
        case Ratio(over=over, under=under):
            return Fraction(_content(over), _content(under))
        case Command(text="sqrt", content=content):
            return Root(_content(content))
        case Command(content=content):
            return _content(content)
        case _:
            return _EMPTY


def _fence(item: Fence, body: Box) -> Box:
    kinds = {("(", ")"): "(", ("[", "]"): "[", ("{", "}"): "{", ("|", "|"): "|", ("||", "||"): "||", ("<", ">"): "<"}
    kind = kinds.get((item.opening, item.closing))
    return body if kind is None else Bracket(kind, body)


def _name(item: Name) -> Box:
    text = item.text
    if text in _LARGE:
        return operator(rf"\{text}", _LARGE[text], "prefix")
    if text in _SIGNS:
        return ident(rf"\{text}", _SIGNS[text], upright=True)
    if text in _WORDS:
        return ident(rf"\{text}", text, upright=True)
    for accent in set(ACCENTS.values()):
        base = text.removesuffix(accent)
        if base != text and (len(base) == 1 or base in GREEK or base in _SIGNS):
            inner = _name(Name(item.at, text=base, font=item.font))
            return spell.accented(inner, accent) if isinstance(inner, Leaf) else inner
    if len(text) > 1 and text not in GREEK:
        return ident(rf"\operatorname{{{text}}}", text, upright=True)
    return spell.spelt_letter(text, item.font)
