"""Formulas as nested boxes, and the three ways to set a box: LaTeX, MathML and plain text.

A leaf carries its three spellings; everything else is composed here and nowhere else. MathML is escaped here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import assert_never


@dataclass(frozen=True, slots=True)
class Leaf:
    """A sign: its LaTeX, its MathML element, its plain text."""

    latex: str
    mathml: str
    plain: str


@dataclass(frozen=True, slots=True)
class Row:
    """Boxes side by side; `gap` sets them apart in plain text."""

    parts: tuple[Box, ...]
    gap: bool = False


@dataclass(frozen=True, slots=True)
class Scripts:
    """A base with what stands below and above it. `limits` are set under and over a large sign."""

    base: Box
    below: Box | None = None
    above: Box | None = None
    limits: bool = False


@dataclass(frozen=True, slots=True)
class Timed:
    """A name at a time, in one of the styles of a dialect; plain text always writes name[time].

    `word` is the name's own subscript and `entry` the index of an entry, if there are any.
    """

    base: Leaf
    word: Box | None
    time: Box
    entry: Box | None
    style: str

    def scripts(self) -> Scripts:
        match self.style:
            case "_":
                return Scripts(self.base, listed(self.word, self.time, self.entry))
            case "<":
                angles = Row((operator("<", "⟨", "prefix"), self.time, operator(">", "⟩", "postfix")))
                return Scripts(self.base, listed(self.word, self.entry), angles)
            case _:
                return Scripts(self.base, listed(self.word, self.entry), Bracket(self.style, self.time))


@dataclass(frozen=True, slots=True)
class Braces:
    """A base that prints no bracket but takes a further script."""

    body: Box


@dataclass(frozen=True, slots=True)
class Bracket:
    """`kind` is ( [ { | || or <."""

    kind: str
    body: Box


@dataclass(frozen=True, slots=True)
class Fraction:
    over: Box
    under: Box


@dataclass(frozen=True, slots=True)
class Root:
    """The square root of the body."""

    body: Box


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar after the body, with what is held below it."""

    body: Box
    below: Box


Box = Leaf | Row | Scripts | Timed | Braces | Bracket | Fraction | Root | Bar
_ACCENTED = re.compile(r"\\(?:tilde|hat|bar|dot|ddot|check)\b")
_LATEX_BRACKETS = {
    "(": ("(", ")"), "[": ("[", "]"), "{": (r"\{", r"\}"), "|": (r"\lvert", r"\rvert"),
    "||": (r"\lVert", r"\rVert"), "<": (r"\langle", r"\rangle"),
}  # fmt: skip
_BRACKETS = {
    "(": ("(", ")"), "[": ("[", "]"), "{": ("{", "}"), "|": ("|", "|"), "||": ("‖", "‖"), "<": ("⟨", "⟩"),
}  # fmt: skip


def ident(latex: str, text: str, upright: bool = False, plain: str = "") -> Leaf:
    """A name; `text` is how it is set in MathML."""
    variant = ' mathvariant="normal"' if upright and len(text) == 1 else ""
    return Leaf(latex, f"<mi{variant}>{escape(text)}</mi>", plain or text)


def operator(latex: str, text: str, form: str = "infix", plain: str = "") -> Leaf:
    return Leaf(latex, f'<mo form="{form}">{escape(text)}</mo>', plain or text)


def digits(text: str) -> Leaf:
    return Leaf(text, f"<mn>{escape(text)}</mn>", text)


ONE = digits("1")
"""The numerator of what one is divided by."""


def row(*parts: Box, gap: bool = False) -> Box:
    return parts[0] if len(parts) == 1 else Row(parts, gap)


COMMA = operator(",", ",", "postfix", ", ")


def listed(*parts: Box | None) -> Box | None:
    """The parts that are there, with commas between them; None if there are none."""
    spread: list[Box] = []
    for part in parts:
        if part is not None:
            spread += [COMMA, part] if spread else [part]
    return row(*spread) if spread else None


def is_tall(box: Box) -> bool:
    """Whether brackets around the box must grow."""
    match box:
        case Leaf() | Timed():
            return False
        case Row(parts=parts):
            return any(is_tall(part) for part in parts)
        case Scripts(base=base, limits=limits):
            return limits or is_tall(base) or isinstance(base, Braces)
        case Braces(body=body) | Bracket(body=body) | Root(body=body):
            return is_tall(body)
        case Fraction() | Bar():
            return True
        case _:
            assert_never(box)


def ends_with_bracket(box: Box) -> bool:
    """Whether the last sign is a bracket that does not grow: TeX sets no space after it."""
    match box:
        case Row(parts=parts):
            return ends_with_bracket(parts[-1])
        case Bracket():
            return not is_tall(box.body)
        case _:
            return False


def looks_like_argument(box: Box) -> bool:
    """Whether the box starts with one name in round brackets: after another name that is read as a call, f(x)."""
    match box:
        case Row(parts=parts):
            return looks_like_argument(parts[0])
        case Scripts(base=base):
            return looks_like_argument(base)
        case Bracket(kind="(", body=body):
            return isinstance(body, Leaf | Timed | Scripts | Braces)
        case _:
            return False


def has_limits(box: Box) -> bool:
    """Whether a large sign stands in the box outside all brackets."""
    match box:
        case Row(parts=parts):
            return any(has_limits(part) for part in parts)
        case Scripts():
            return box.limits
        case _:
            return False


# LaTeX


def to_latex(box: Box) -> str:
    match box:
        case Leaf(latex=latex):
            return latex
        case Row(parts=parts, gap=gap):
            return _joined([to_latex(part) for part in parts], " " if gap else "")
        case Scripts():
            below = f"_{{{to_latex(box.below)}}}" if box.below else ""
            above = f"^{{{to_latex(box.above)}}}" if box.above else ""
            return to_latex(box.base) + below + above
        case Timed():
            return to_latex(box.scripts())
        case Braces(body=body):
            return f"{{{to_latex(body)}{_after_accent(body)}}}"
        case Bracket(kind=kind, body=body):
            opening, closing = _LATEX_BRACKETS[kind]
            if is_tall(body):
                opening, closing = rf"\left{opening}", rf"\right{closing}"
            return _joined([opening, to_latex(body), closing], "")
        case Fraction(over=over, under=under):
            sign = r"\tfrac" if isinstance(over, Leaf) and isinstance(under, Leaf) else r"\frac"
            return f"{sign}{{{to_latex(over)}}}{{{to_latex(under)}}}"
        case Root(body=body):
            return rf"\sqrt{{{to_latex(body)}}}"
        case Bar(body=body, below=below_bar):
            return rf"\left. {to_latex(body)} \right|_{{{to_latex(below_bar)}}}"
        case _:
            assert_never(box)


def _after_accent(body: Box) -> str:
    """TeX takes a group that is one accented letter with a script for that itself, and refuses a second script."""
    base = body.base if isinstance(body, Timed | Scripts) else body
    return r"\nobreak" if isinstance(base, Leaf) and _ACCENTED.match(base.latex) else ""


def _joined(words: list[str], gap: str) -> str:
    """Words side by side; a space keeps a command apart from a letter after it."""
    text = ""
    for word in words:
        needs = re.search(r"\\[A-Za-z]+\Z", text) and re.match(r"[A-Za-z]", word)
        text += (gap or (" " if needs else "")) + word if text else word
    return text


# MathML


def to_mathml(box: Box) -> str:
    match box:
        case Leaf(mathml=mathml):
            return mathml
        case Row(parts=parts):
            return f"<mrow>{''.join(_mathml_parts(parts))}</mrow>"
        case Scripts():
            return _mathml_scripts(box)
        case Timed():
            return to_mathml(box.scripts())
        case Braces(body=body):
            return to_mathml(body)
        case Bracket(kind=kind, body=body):
            opening, closing = _BRACKETS[kind]
            fence = 'fence="true"' if is_tall(body) else 'fence="true" stretchy="false"'
            left, right = f'<mo form="prefix" {fence}>{opening}</mo>', f'<mo form="postfix" {fence}>{closing}</mo>'
            return f"<mrow>{left}{to_mathml(body)}{right}</mrow>"
        case Fraction(over=over, under=under):
            return f"<mfrac>{to_mathml(over)}{to_mathml(under)}</mfrac>"
        case Root(body=body):
            return f"<msqrt>{to_mathml(body)}</msqrt>"
        case Bar(body=body, below=below):
            bar = '<mo form="postfix" fence="true" stretchy="true">|</mo>'
            return f"<msub><mrow>{to_mathml(body)}{bar}</mrow>{to_mathml(below)}</msub>"
        case _:
            assert_never(box)


def _mathml_parts(parts: tuple[Box, ...]) -> Iterator[str]:
    """The parts in order, with a thin space before a word such as diag that follows a factor, as TeX sets it."""
    before = ""
    for part in parts:
        here = to_mathml(part)
        if before and _begins_with_word(part) and not before.startswith("<mo"):
            yield '<mspace width="0.167em"></mspace>'
        yield here
        before = here


def _begins_with_word(box: Box) -> bool:
    match box:
        case Leaf(mathml=mathml):
            return re.match(r"<mi>\w\w", mathml) is not None
        case Row(parts=parts):
            return _begins_with_word(parts[0])
        case Scripts(base=base):
            return _begins_with_word(base)
        case _:
            return False


def _mathml_scripts(box: Scripts) -> str:
    parts = [to_mathml(part) for part in (box.base, box.below, box.above) if part is not None]
    under, over = ("under", "over") if box.limits else ("sub", "sup")
    tag = f"m{under if box.below else ''}{over if box.above else ''}"
    return f"<{tag}>{''.join(parts)}</{tag}>"


# plain text


def to_plain(box: Box) -> str:
    match box:
        case Leaf(plain=plain):
            return plain
        case Row(parts=parts, gap=gap):
            return (" " if gap else "").join(to_plain(part) for part in parts)
        case Scripts():
            below = f"_{_plain_script(box.below)}" if box.below else ""
            above = f"^{_plain_script(box.above)}" if box.above else ""
            return to_plain(box.base) + below + above
        case Timed(base=name, time=time):
            below_name = listed(box.word, box.entry)
            word = f"_{_plain_script(below_name)}" if below_name else ""
            return f"{to_plain(name)}{word}[{to_plain(time)}]"
        case Braces(body=body):
            return to_plain(body)
        case Bracket(kind=kind, body=body):
            opening, closing = _BRACKETS[kind]
            return f"{opening}{to_plain(body)}{closing}"
        case Fraction(over=over, under=under):
            text = f"{_plain_part(over)}/{_plain_part(under)}"
            return text if box.over is not ONE else f"({text})"
        case Root(body=body):
            return f"√({to_plain(body)})"
        case Bar(body=body, below=below):
            return f"{to_plain(body)} | {to_plain(below)} held"
        case _:
            assert_never(box)


def _plain_script(box: Box) -> str:
    text = to_plain(box)
    return text if len(text) == 1 or text.isalnum() else f"{{{text}}}"


def _plain_part(box: Box) -> str:
    text = to_plain(box)
    return text if isinstance(box, Leaf) else f"({text})"
