"""The points that a claim is about: x > 0 for every entry, s \\ne 0, A invertible; declared, or said beside a claim.

What a claim needs of its points without saying so is in `presumed.py`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from symgrad.kernel.certificate import Condition, Statement
from symgrad.kernel.term import SCALAR, Determinant, Magnitude, Product, Term, Transpose, Zero

from .entries import settled
from .line import Line
from .nodes import Chain, Content, Literal, Side, only_item
from .presumed_points import entered
from .problem import MisreadError
from .resolve import resolved
from .setting import Setting
from .tokens import Token
from .values import fixed

_ADJECTIVES = {"invertible": "invertible", "nonsingular": "invertible", "non-singular": "invertible",
               "positive": "positive", "nonzero": "nonzero"}  # fmt: skip
_LAST_WORDS = re.compile(rf"(?:\A|\s)(?:(?:is|are|be)\s+)?({'|'.join(_ADJECTIVES)})\Z")
_SIGNS = {">": ">", "gt": ">", "<": "<", "lt": "<", "ne": "!=", "neq": "!=", ">=": ">=", "ge": ">=", "geq": ">=",
          "geqslant": ">=", "le": "<=", "leq": "<=", "leqslant": "<="}  # fmt: skip
_TURNED = {"<": ">", "<=": ">=", "!=": "!="}


# in words


def adjective(words: str) -> str:
    """The adjective that words such as "is invertible" end in, or "" where they are anything else."""
    match = _LAST_WORDS.fullmatch(words.strip(" .,;")) or _LAST_WORDS.fullmatch(f" {words.strip(' .,;')}")
    return match[1] if match else ""


def line_adjective(line: Line) -> tuple[Line, str]:
    """A declared line without the adjective that it ends in, and this, or ""."""
    match = _LAST_WORDS.search(line.words.rstrip())
    return (line.upto(match.start()), match[1]) if match else (line, "")


def tokens_adjective(tokens: Sequence[Token]) -> tuple[tuple[Token, ...], str]:
    """The tokens of a condition without the adjective in words that they end in, and this, or ""."""
    found = adjective(tokens[-1].text) if tokens and tokens[-1].type in ("WORDS", "NAME") else ""
    return (tuple(tokens[:-1]), found) if found else (tuple(tokens), "")


def with_word(chains: Sequence[Chain], word: str, setting: Setting, at: int) -> Setting:
    """The setting in which every side, none of which may be a relation, is what the adjective says."""
    for chain in chains:
        side = chain.sides[0]
        if chain.relators or side is None:
            raise MisreadError(at, f"I expected names here that are {word}")
        term, kind = _term(side, setting), _ADJECTIVES[word]
        if kind == "invertible" and term.shape[0] != term.shape[1]:
            raise MisreadError(side.at, term, " is not square, so it has no inverse")
        if kind == "positive":
            _refuse_form(term, side.at)
        setting = _with(setting, _condition(kind, term))
    return setting


# as a relation


def compared(chain: Chain, setting: Setting) -> Setting | None:
    """The setting with what x > 0, y >= 0 or s \\ne 0 says; None for a relation that says something else.

    Of a scalar, > and >= are hypotheses as any other. Of a vector or matrix they are said of every entry.
    """
    if len(chain.relators) != 1 or None in chain.sides:
        return None
    (left, right), at = chain.sides, chain.relators[0].at
    assert left is not None and right is not None
    sign = _SIGNS.get(chain.relators[0].text, "")
    if _is_zero(left) and sign in _TURNED:
        left, right, sign = right, left, _TURNED[sign]
    if not _is_zero(right) or sign not in (">", ">=", "!="):
        return None
    term = _term(left, setting)
    whole = entered(term)
    if sign == "!=":
        return _unequal(term, whole, at, setting)
    if whole is term:
        _refuse_form(whole, at)
    if whole.shape == SCALAR:
        return None
    if sign == ">=":
        return replace(setting, hypotheses=(*setting.hypotheses, Statement(whole, ">=", Zero(whole.shape))))
    return _with(setting, _condition("positive", whole))


def _unequal(term: Term, whole: Term, at: int, setting: Setting) -> Setting:
    """What \\ne 0 says: of a vector that some entry is not 0, so that its length is not."""
    if whole is not term or term.shape == SCALAR:
        return _with(setting, _condition("nonzero", whole))
    if term.shape[1] != 1:
        raise MisreadError(at, "\\ne 0 says that some entry is not 0; give an index to say it of every entry of ", term)
    length = Condition("nonzero", Magnitude("spectral_norm", term))
    return _with(_with(setting, Condition("nonzero", Product((Transpose(term), term)))), length)


def _is_zero(side: Side) -> bool:
    item = only_item(Content((Chain((side,), ()),)))
    return isinstance(item, Literal) and item.value == 0


def _term(side: Side, setting: Setting) -> Term:
    (term,) = settled([fixed(resolved(side, setting.scope()), side.at)], setting.dialect, side.at)
    return term


def _refuse_form(term: Term, at: int) -> None:
    if term.shape[0] == term.shape[1] != 1:
        raise MisreadError(at, "is ", term, " positive entry by entry, or as a form? for the first give it an index")


def _condition(kind: str, term: Term) -> Condition:
    match kind, term:
        case "nonzero", Determinant(body=body):
            return Condition("invertible", body)
        case "invertible", _:
            return Condition("invertible" if term.shape != SCALAR else "nonzero", term)
        case _:
            return Condition("positive" if kind == "positive" else "nonzero", term)


def _with(setting: Setting, condition: Condition) -> Setting:
    return replace(setting, conditions=tuple(dict.fromkeys((*setting.conditions, condition))))
