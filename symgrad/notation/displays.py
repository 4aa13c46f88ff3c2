"""A display as rows of tokens: which rows go on from the one before, and what is label, number, reason or end mark."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .dialect import FUNCTIONS, OPERATIONS, words
from .problem import MisreadError
from .tokens import Token

_OPENING, _CLOSING = ("OPEN", "LBRACE"), ("CLOSE", "RBRACE")
_CONDITIONS = frozenset(words("if when whenever where for as provided unless assuming with while given"))
_UNFINISHED = ("REL", "OP", "SIGN")


@dataclass(frozen=True, slots=True)
class Row:
    tokens: tuple[Token, ...]
    numbered: bool = True
    tag: str = ""


@dataclass(frozen=True, slots=True)
class Display:
    """The statements of a display, each a stretch of tokens, with its label and the tags of its rows."""

    statements: tuple[tuple[Token, ...], ...]
    rows: tuple[Row, ...]
    label: str = ""


def take_apart(tokens: Sequence[Token], before: Sequence[Token] = (), broken: bool = False) -> Display:
    """The statements of a display. One that starts with a relation goes on from the side `before`.

    With `broken`, the display is a single formula that is broken into rows, so that a row may start anywhere.
    Raises MisreadError on a row that can be read in two ways, and on a condition in words.
    """
    label = next((token.text for token in tokens if token.type == "LABEL"), "")
    rows = [_row(row) for row in _rows(tokens)]
    statements: list[list[Token]] = []
    for row in rows:
        if row.tokens:
            _add(row.tokens, statements, before, broken)
    return Display(tuple(tuple(one) for one in statements), tuple(rows), label)


def claims_something(tokens: Sequence[Token]) -> bool:
    """Whether a relation stands anywhere but in a script."""
    scripts: list[bool] = []
    for before, token in zip((None, *tokens), tokens, strict=False):
        if token.type in _OPENING:
            scripts.append(before is not None and before.type in ("SUP", "SUB"))
        elif token.type in _CLOSING and scripts:
            scripts.pop()
        elif token.type == "REL" and not any(scripts):
            return True
    return False


def _has_relation(tokens: Iterable[Token]) -> bool:
    return any(token.type == "REL" for _, token in _outer(tokens))


def _rows(tokens: Sequence[Token]) -> list[list[Token]]:
    rows: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        depth += (token.type in _OPENING) - (token.type in _CLOSING)
        if token.type == "ROW" and depth == 0:
            rows.append([])
        else:
            rows[-1].append(token)
    return rows


def _row(tokens: list[Token]) -> Row:
    tag = next((token.text for token in tokens if token.type == "TAG"), "")
    numbered = not any(token.type == "NOTAG" for token in tokens)
    kept = [token for token in tokens if token.type not in ("TAG", "NOTAG", "LABEL", "AMP")]
    return Row(tuple(_separated(_without_ending(kept))), numbered and not tag, tag)


def _without_ending(tokens: list[Token]) -> list[Token]:
    """The row without spacing, a final full stop or comma, and a reason in words at its end."""
    while tokens and (tokens[-1].type in ("QUAD", "PERIOD", "COMMA") or _is_reason(tokens)):
        last = tokens.pop()
        if last.type in ("WORDS", "NAME"):
            first = last.text.split()[0].lower().strip("(,.:") if last.text.split() else ""
            if first in _CONDITIONS or any(sign in last.text for sign in "$=<>≤≥"):
                said = f"a condition in words, {last.text[:40]!r}"
                raise MisreadError(last.at, f"{said}, is not read; use % symgrad: assume")
    while tokens and tokens[0].type == "QUAD":
        tokens.pop(0)
    return tokens


def _is_reason(tokens: list[Token]) -> bool:
    last = tokens[-1]
    if last.type == "WORDS":
        return True
    known = last.text in FUNCTIONS or last.text in OPERATIONS
    return last.type == "NAME" and last.font == "text" and not known and len(tokens) > 1 and tokens[-2].type == "QUAD"


def _separated(tokens: list[Token]) -> list[Token]:
    """Wide space between two statements separates them like a comma; elsewhere it means nothing."""
    found: list[Token] = []
    depth = 0
    for place, token in enumerate(tokens):
        depth += (token.type in _OPENING) - (token.type in _CLOSING)
        if token.type != "QUAD":
            found.append(token)
        elif depth == 0 and found and found[-1].type not in (*_UNFINISHED, "COMMA") and _starts_operand(tokens, place):
            found.append(Token("COMMA", ",", token.at))
    return found


def _starts_operand(tokens: list[Token], place: int) -> bool:
    following = next((token for token in tokens[place + 1 :] if token.type != "QUAD"), None)
    return following is not None and following.type not in (*_UNFINISHED, "COMMA", "WORDS")


def _add(row: Sequence[Token], statements: list[list[Token]], before: Sequence[Token], broken: bool) -> None:
    first, previous = row[0], statements[-1] if statements else None
    if first.type == "REL":
        if previous is None:
            if not before:
                raise MisreadError(first.at, "this starts with a relation, and there is no side to go on from")
            statements.append([*before, *row])
        else:
            previous.extend(row)
    elif previous is None:
        statements.append(list(row))
    elif previous[-1].type in _UNFINISHED or not _has_relation(previous):
        previous.extend(row)
    elif first.type in ("SIGN", "OP"):
        if first.text == "-" and _has_relation(row):
            raise MisreadError(first.at, "does this row go on from the one before? put 0 or brackets")
        previous.extend(row)
    elif broken and not _has_relation(row):
        previous.extend(row)
    elif _has_relation(row):
        statements.append(list(row))
    else:
        raise MisreadError(first.at, "this row holds no relation and does not go on from the one before")


def last_side(statement: Sequence[Token]) -> tuple[Token, ...]:
    """The tokens after the last relation."""
    places = [place for place, token in _outer(statement) if token.type == "REL"]
    return tuple(statement[places[-1] + 1 :]) if places else tuple(statement)


def _outer(tokens: Iterable[Token]) -> list[tuple[int, Token]]:
    """The tokens outside all brackets, with their places."""
    found: list[tuple[int, Token]] = []
    depth = 0
    for place, token in enumerate(tokens):
        depth -= token.type in _CLOSING
        if depth == 0:
            found.append((place, token))
        depth += token.type in _OPENING
    return found
