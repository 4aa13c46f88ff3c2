"""Pairs brackets and bars, and bounds how deep they nest; after this the grammar sees only OPEN ... CLOSE."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from .lexer import MAX_DEPTH
from .problem import MisreadError
from .tokens import Token

_PAIRS = {"(": ")", "[": "]", "{": "}", "<": ">", "|": "|", "||": "||", ".": "|"}
_ENDS_OPERAND = frozenset({"NAME", "NUM", "CLOSE", "RBRACE", "PRIME", "DOTS"})


def pair(tokens: Iterable[Token]) -> tuple[Token, ...]:
    """The tokens with each BAR turned into OPEN or CLOSE.

    Raises MisreadError where a bracket is not closed, is closed by another, or nests too deep.
    """
    done: list[Token] = []
    stack: list[Token] = []
    for token in tokens:
        if token.type == "BAR":
            token = replace(token, type="CLOSE" if _closes(token, stack, done) else "OPEN")
        if token.type in ("OPEN", "LBRACE"):
            stack.append(token)
        elif token.type in ("CLOSE", "RBRACE"):
            _close(token, stack)
        if len(stack) > MAX_DEPTH:
            raise MisreadError(token.at, f"brackets nested more than {MAX_DEPTH} deep are not read")
        done.append(token)
    if stack:
        raise MisreadError(stack[-1].at, f"{_shown(stack[-1])} is never closed{_hint(stack[-1])}")
    return tuple(done)


def _closes(bar: Token, stack: list[Token], done: list[Token]) -> bool:
    """A bar closes if a bar of its kind is the innermost open bracket and an operand, or a lone dot, went before."""
    if not stack or stack[-1].text != bar.text:
        return False
    placeholder = done[-1].text == "cdot" and done[-2] is stack[-1]
    return done[-1].type in _ENDS_OPERAND or placeholder


def _close(token: Token, stack: list[Token]) -> None:
    if not stack:
        raise MisreadError(token.at, f"{_shown(token)} closes nothing{_hint(token)}")
    opened = stack.pop()
    fits = opened.type == "LBRACE" if token.type == "RBRACE" else opened.type == "OPEN" and _fits(opened, token)
    if not fits:
        raise MisreadError(token.at, f"{_shown(opened)} is closed by {_shown(token)}")
    if (opened.font == "left") != (token.font == "right"):
        raise MisreadError(token.at, f"{_shown(opened)} is closed by {_shown(token)}; \\left and \\right go together")


def _fits(opened: Token, closed: Token) -> bool:
    return _PAIRS[opened.text] == closed.text or (opened.text == "." and closed.text in ("]", "||"))


def _shown(token: Token) -> str:
    sign = {"||": "\\|", "{": "{" if token.type == "LBRACE" else "\\{"}.get(token.text, token.text)
    return f"\\{token.font}{sign}" if token.font in ("left", "right") else sign


def _hint(token: Token) -> str:
    return " (for a derivative with something held, write \\left. ... \\right|_{...})" if token.text == "|" else ""
