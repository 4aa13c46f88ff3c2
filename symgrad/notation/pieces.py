"""Pieces of a formula: a box with how tightly it binds, and the signs that terms are written with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from symgrad.kernel.certificate import Relation
from symgrad.kernel.term import SCALAR, Identity, Number, Ones, Scale, Term, Zero

from . import spell
from .boxes import Box, Bracket, Leaf, has_limits, ident, operator

SUM, ENTRYWISE, PRODUCT, FACTOR = 0, 1, 2, 3
CDOT = operator(r"\cdot", "⋅", plain="·")
ODOT = operator(r"\odot", "⊙")
OSLASH = operator(r"\oslash", "⊘")
THIN_SPACE = Leaf(r"\,", "", "")
APPLIED = Leaf("", "<mo>&#8289;</mo>", "")
NABLA, PARTIAL = ident(r"\nabla", "∇", upright=True), ident(r"\partial", "∂", upright=True)
DIRECT_NABLA, DIRECT_PARTIAL = spell.accented(NABLA, "tilde"), spell.accented(PARTIAL, "tilde")
TRANSPOSE = {"T": ident("T", "T", upright=True), "top": ident(r"\top", "⊤", upright=True, plain="T")}
RELATIONS: dict[Relation, Leaf] = {
    "=": operator("=", "="), "<=": operator(r"\le", "≤"), "<": operator("<", "<"),
    ">=": operator(r"\ge", "≥"), ">": operator(">", ">"),
}  # fmt: skip

UNEQUAL = operator(r"\ne", "≠")


@dataclass(frozen=True, slots=True)
class Piece:
    """A box, how tightly it binds, and whether it takes in what follows it (a sum, a derivative).

    `base` says whether a superscript can be set on it: at once, on braces around it, or only on a bracket.
    `numeral` marks what starts with a digit, `coefficient` what a minus sign before it would join.
    """

    box: Box
    level: int = FACTOR
    open: bool = False
    base: Literal["at once", "in braces", "in brackets"] = "in brackets"
    numeral: bool = False
    coefficient: bool = False


def bracketed(piece: Piece) -> Piece:
    """The piece in brackets; square ones around a large sign."""
    return Piece(Bracket("[" if has_limits(piece.box) else "(", piece.box), base="at once")


def at_least(piece: Piece, level: int, closed: bool = False) -> Piece:
    """The piece, in brackets if it binds less tightly than `level`, or is open where it must be closed."""
    return bracketed(piece) if piece.level < level or (closed and piece.open) else piece


def is_flexible(term: Term) -> bool:
    """Whether a term can be written without its size where its place gives its shape."""
    match term:
        case Ones(size=(rows, 1)):
            return rows != 1
        case Zero(size=size):
            return size != SCALAR
        case Identity():
            return True
        case Scale(body=body):
            return not isinstance(body, Scale) and is_flexible(body)
        case _:
            return False


def sign_apart(term: Term) -> tuple[bool, Term]:
    """Whether a term is written with a minus sign, and what stands after it."""
    match term:
        case Number(value=value) if value < 0:
            return True, Number(-value)
        case Scale(scalar=Number(value=value), body=body) if value == -1:
            return True, body
        case Scale(scalar=Number(value=value), body=body) if value < 0:
            return True, Scale(Number(-value), body)
        case _:
            return False, term


def word(text: str) -> Box:
    return ident(rf"\operatorname{{{text}}}", text, upright=True)


def text(words: str) -> Leaf:
    """Words inside a formula."""
    return Leaf(rf"\text{{{words}}}", f"<mtext>{words.replace(' ', '&#160;')}</mtext>", words)


def large_word(text: str) -> Leaf:
    return Leaf(rf"\{text}", f'<mo form="prefix" movablelimits="false">{text}</mo>', text)
