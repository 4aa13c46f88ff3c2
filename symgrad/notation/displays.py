"""A display as rows of tokens: which rows go on from the one before, and what is label, number or end mark.

What stands beside the claim of a row is taken apart in `asides.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from .asides import CLOSING, OPENING, UNFINISHED, Aside, Condition, aside_of, conditions, outer, with_reason
from .problem import MisreadError
from .tokens import Token


@dataclass(frozen=True, slots=True)
class Row:
    """`written` are all tokens of the row but for alignment, `aside` the same taken apart."""

    written: tuple[Token, ...]
    aside: Aside
    numbered: bool = True
    tag: str = ""

    @property
    def tokens(self) -> tuple[Token, ...]:
        return self.aside.claim


@dataclass(frozen=True, slots=True)
class Stated:
    """A statement of a display: its tokens, and the conditions it is stated under; `case` if it is one of several."""

    tokens: tuple[Token, ...] = ()
    conditions: tuple[Condition, ...] = ()
    case: bool = False


NOTHING = Stated()


@dataclass(frozen=True, slots=True)
class Display:
    statements: tuple[Stated, ...]
    rows: tuple[Row, ...]
    label: str = ""


@dataclass(slots=True)
class _Open:
    """A statement that later rows may still go on from."""

    tokens: list[Token] = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=list)


def take_apart(
    tokens: Sequence[Token], before: Stated = NOTHING, broken: bool = False, aligned: bool = True
) -> Display:
    """The statements of a display. One that starts with a relation goes on from the side `before`.

    With `broken`, the display is a single formula that is broken into rows, so that a row may start anywhere; rows may
    be `aligned` at &.
    Raises MisreadError on a row that can be read in two ways, and on a condition without a claim.
    """
    label = next((token.text for token in tokens if token.type == "LABEL"), "")
    stray = next((token for token in tokens if token.type == "AMP" and token.text != "inner"), None)
    if stray is not None and not aligned:
        raise MisreadError(stray.at, "& has no place here; it aligns the rows of align and its like")
    rows = [_row(row) for row in _rows(tokens)]
    statements: list[_Open] = []
    for row in rows:
        if row.aside.claim:
            _add(row.aside, statements, before, broken)
        if row.aside.conditions:
            _condition(row.aside.conditions, statements)
    found = tuple(one for statement in statements for one in _without_cases(statement))
    return Display(found, tuple(rows), label)


def claims_something(tokens: Sequence[Token]) -> bool:
    """Whether a relation stands anywhere but in a script."""
    scripts: list[bool] = []
    for before, token in zip((None, *tokens), tokens, strict=False):
        if token.type in OPENING:
            scripts.append(before is not None and before.type in ("SUP", "SUB"))
        elif token.type in CLOSING and scripts:
            scripts.pop()
        elif token.type == "REL" and not any(scripts):
            return True
    return False


def _has_relation(tokens: Iterable[Token]) -> bool:
    return any(token.type == "REL" for _, token in outer(tokens))


def _rows(tokens: Iterable[Token]) -> list[list[Token]]:
    return _split(tokens, "ROW")


def _split(tokens: Iterable[Token], mark: str) -> list[list[Token]]:
    """The tokens between marks that stand outside all brackets."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        depth += (token.type in OPENING) - (token.type in CLOSING)
        if token.type == mark and depth == 0:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _row(tokens: list[Token]) -> Row:
    tag = next((token.text for token in tokens if token.type == "TAG"), "")
    numbered = not any(token.type == "NOTAG" for token in tokens)
    kept = [token for token in tokens if token.type not in ("TAG", "NOTAG", "LABEL")]
    written = tuple(token for token in kept if token.type != "AMP")
    return Row(written, aside_of(_in_columns(kept)), numbered and not tag, tag)


def _in_columns(tokens: Iterable[Token]) -> list[Token]:
    """Every second & starts a column, set apart like wide space; the others only align."""
    found: list[Token] = []
    depth = count = 0
    for token in tokens:
        depth += (token.type in OPENING) - (token.type in CLOSING)
        if token.type != "AMP" or depth:
            found.append(token)
            continue
        count += 1
        if count % 2 == 0:
            found.append(Token("QUAD", "", token.at))
    return found


def _add(row: Aside, statements: list[_Open], before: Stated, broken: bool) -> None:
    claim = with_reason(row.claim, row.reason)
    previous = statements[-1] if statements else None
    if _goes_on(claim, previous, broken):
        if previous is None:
            if not before.tokens:
                raise MisreadError(claim[0].at, "this starts with a relation, and there is no side to go on from")
            statements.append(_Open([*last_side(before.tokens), *claim], list(before.conditions)))
        else:
            _refuse_several(previous.tokens, claim[0])
            added = (*previous.tokens, *claim)
            previous.tokens[:] = added if _has_relation(claim) else with_reason(added, row.reason)
    else:
        statements.append(_Open(list(claim)))


def _goes_on(claim: Sequence[Token], previous: _Open | None, broken: bool) -> bool:
    """Whether a row goes on from the one before. Raises MisreadError where that cannot be told."""
    first = claim[0]
    if previous is None or first.type == "REL":
        return first.type == "REL"
    if previous.tokens[-1].type in UNFINISHED or not _has_relation(previous.tokens):
        return True
    if first.type in ("SIGN", "OP"):
        if first.text == "-" and _has_relation(claim):
            raise MisreadError(first.at, "does this row go on from the one before? put 0 or brackets")
        return True
    if not _has_relation(claim) and not broken:
        raise MisreadError(first.at, "this row holds no relation and does not go on from the one before")
    return not _has_relation(claim)


def _refuse_several(tokens: Sequence[Token], following: Token) -> None:
    """A row that holds two relations, side by side or in columns, has no one last side to go on from."""
    if _has_relation(tokens) and any(token.type == "COMMA" for _, token in outer(tokens)):
        raise MisreadError(following.at, "which relation does this go on from? several stand side by side before it")


def _condition(found: Sequence[Condition], statements: list[_Open]) -> None:
    if not statements:
        what = "a condition" if found[0].said else "a relation in brackets"
        raise MisreadError(found[0].at, f"{what}, and no relation outside it that it could be a condition of")
    statements[-1].conditions.extend(found)


def last_side(statement: Sequence[Token]) -> tuple[Token, ...]:
    """The tokens after the last relation."""
    places = [place for place, token in outer(statement) if token.type == "REL"]
    return tuple(statement[places[-1] + 1 :]) if places else tuple(statement)


# cases


def _without_cases(statement: _Open) -> list[Stated]:
    """The statement, or where cases stand on its right, what goes before them and a statement for each."""
    tokens, under = tuple(statement.tokens), tuple(statement.conditions)
    place = next((place for place, token in enumerate(tokens) if token.type in ("BEGIN", "END")), None)
    if place is None:
        return [Stated(tokens, under)]
    inner = tokens[place + 1 : -1]
    whole = place > 0 and tokens[place - 1].type == "REL" and tokens[-1].type == "END"
    if not whole or any(token.type == "BEGIN" for token in inner):
        raise MisreadError(tokens[place].at, "cases are read only as the whole right side that ends a chain")
    sign, before = tokens[place - 1], tokens[: place - 1]
    head = [Stated(before, under)] if _has_relation(before) else []
    start = (*last_side(before), sign)
    return [*head, *(_case(row, start, under) for row in _split(inner, "ROW") if row)]


def _case(row: list[Token], start: tuple[Token, ...], under: tuple[Condition, ...]) -> Stated:
    start = (*start[:-1], replace(start[-1], at=row[0].at))
    value, *cells = _split(row, "AMP")
    condition = [token for cell in cells for token in cell]
    body = aside_of([*start, *value, *condition] if not cells else [*start, *value])
    found = body.conditions + (conditions(condition) if cells else ())
    if not found:
        raise MisreadError(row[0].at, "this case has no condition; write it after a &")
    return Stated(body.claim, (*under, *found), True)
