"""The LALR(1) parser: from tokens to the parse tree of `nodes.py`. The grammar itself is latex.lark."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from .brackets import pair
from .lexer import tokenize
from .macros import Macros
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
    Relator,
    Run,
    Script,
    Side,
    Words,
)
from .problem import MisreadError
from .tokens import Token

_SHOWN = {"SIGN": "a sign", "RBRACE": "}", "SUP": "^", "SUB": "_", "PRIME": "a prime", "OVER": "\\over"}
_STRAY = {"PERIOD": "a full stop", "AMP": "&", "ROW": "\\\\ inside brackets", "TAG": "\\tag"}
_SPACE = frozenset({"QUAD", "LABEL", "NOTAG"})
Parts = list[Any]


class _Builder:
    """What each rule of the grammar makes of its parts."""

    def content(self, parts: Parts) -> Content:
        return Content(tuple(parts[0::2]))

    def chain(self, parts: Parts) -> Chain:
        return Chain(tuple(parts[0::2]), tuple(Relator(part.text, part.at, part.reason) for part in parts[1::2]))

    def side(self, parts: Parts) -> Side | None:
        if not parts:
            return None
        signed = parts if isinstance(parts[0], Token) else [None, *parts]
        pairs = zip(signed[0::2], signed[1::2], strict=True)
        return Side(tuple(replace(run, sign=sign.text if sign else "") for sign, run in pairs), parts[0].at)

    def run(self, parts: Parts) -> Run:
        found = tuple(_item(part) for part in parts)
        return Run("", found, found[0].at)

    def item(self, parts: Parts) -> Item:
        return replace(_item(parts[0]), scripts=tuple(parts[1:]))

    def group(self, parts: Parts) -> Item:
        return Group(parts[0].at, content=parts[1])

    def ratio(self, parts: Parts) -> Item:
        return Ratio(parts[0].at, over=parts[1], under=parts[3])

    def fence(self, parts: Parts) -> Item:
        opening, content, closing = parts
        return Fence(opening.at, opening=opening.text, closing=closing.text, content=content)

    def fraction(self, parts: Parts) -> Item:
        return Ratio(parts[0].at, over=parts[1], under=parts[2])

    def command(self, parts: Parts) -> Item:
        return Command(parts[0].at, text=parts[0].text, content=parts[1])

    def braced(self, parts: Parts) -> Content:
        content: Content = parts[1]
        return content

    def script(self, parts: Parts) -> Script:
        return Script(parts[0].text, parts[1] if len(parts) > 1 else Content(()), parts[0].at)


def _item(part: Any) -> Item:
    if not isinstance(part, Token):
        found: Item = part
        return found
    match part.type:
        case "NAME":
            return Name(part.at, text=part.text, font=part.font)
        case "NUM":
            return Literal(part.at, value=Fraction(part.text), font=part.font, text=part.text)
        case "OP":
            return Operator(part.at, text=part.text)
        case "DOTS":
            return Dots(part.at)
        case _:
            return Words(part.at, text=part.text)


@cache
def _parser() -> Any:
    import lark

    class NoLexer(lark.lexer.Lexer):
        """Tokens are fed in by hand."""

        def __init__(self, conf: Any) -> None:
            del conf

        def lex(self, lexer_state: Any, parser_state: Any) -> Any:
            return iter(())

    grammar = Path(__file__).with_name("latex.lark").read_text("utf-8")
    return lark.Lark(grammar, parser="lalr", start="content", lexer=NoLexer, transformer=_Builder())


def parse(text: str, start: int, stop: int, macros: Macros, ascii_names: bool = False) -> Content:
    """The parse tree of a part of a text."""
    return parse_tokens(tokenize(text, start, stop, macros, ascii_names), stop)


def parse_tokens(tokens: Iterable[Token], end: int) -> Content:
    """The parse tree; `end` is the offset after the last token. Raises MisreadError on what is not a formula."""
    from lark import UnexpectedToken

    kept = pair(token for token in tokens if token.type not in _SPACE)
    steps = _parser().parse_interactive("")
    for token in kept:
        try:
            steps.feed_token(token)
        except UnexpectedToken:
            raise MisreadError(token.at, _unexpected(token)) from None
    try:
        found: Content = steps.feed_eof()
    except UnexpectedToken:
        raise MisreadError(end, "the formula ends here, but more was expected") from None
    return found


def _unexpected(token: Token) -> str:
    if token.type in _STRAY:
        return f"{_STRAY[token.type]} has no place here"
    if token.type in ("SUP", "SUB", "PRIME"):
        return f"{_SHOWN[token.type]} has nothing to stand on"
    return f"I did not expect {_SHOWN.get(token.type, token.text)} here"
