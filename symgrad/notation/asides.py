"""What stands beside a claim in its row: conditions (if k >= 1, where D_t = ...) and reasons in words.

Tokens in, tokens out; what a condition means is settled in `conditions.py`. A reason never changes what is claimed:
words that could are kept as a condition, so that they are read or refused, and never dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from .dialect import CONDITIONS, FUNCTIONS, IMPLYING, OPERATIONS, words
from .tokens import Token

OPENING, CLOSING = frozenset({"OPEN", "LBRACE", "BEGIN"}), frozenset({"CLOSE", "RBRACE", "END"})
UNFINISHED = frozenset({"REL", "OP", "SIGN"})
_INNER = frozenset(
    words(
        "if unless provided assuming whenever when only iff or not nor approximately almost roughly mod modulo average "
        "expectation probability order w.h.p. a.s. otherwise else never cannot false wrong untrue incorrect fails"
    )
)
"""Words that change what is claimed, wherever they stand."""
_REASONS = frozenset(
    words(
        "since because by using from see due via applying hence thus follows recall note definition therefore so then "
        "now also moreover finally similarly likewise again indeed"
    )
)
"""Words that give a reason, or lead over to the next step."""
_THEN = frozenset({"then", "then we have", "we have", "it holds that", "we get"})
MAX_LABEL = 5
_ENDS = frozenset({"QUAD", "PERIOD", "COMMA"})


@dataclass(frozen=True, slots=True)
class Condition:
    """`said` are its words, such as "if" or "for all" ("" for a relation in brackets); `tokens` what follows them."""

    said: str
    tokens: tuple[Token, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Aside:
    """A row taken apart: the claim, the reason of its last relation, and its conditions."""

    claim: tuple[Token, ...]
    reason: str = ""
    conditions: tuple[Condition, ...] = ()


def aside_of(tokens: Sequence[Token]) -> Aside:
    """The claim of a row, with its reason and conditions."""
    left, reason = _without_ending(tokens, _is_surely_reason)
    left, leading = _leading(left)
    place = _start(left)
    claim, before = _without_ending(left[:place], _is_reason)
    said = "; ".join(one for one in (before, reason) if one)
    return Aside(tuple(_separated(_connected(claim))), said, (*leading, *conditions(left[place:])))


def outer(tokens: Iterable[Token]) -> list[tuple[int, Token]]:
    """The tokens outside all brackets, with their places; brackets themselves count as outside."""
    found: list[tuple[int, Token]] = []
    depth = 0
    for place, token in enumerate(tokens):
        depth -= token.type in CLOSING
        if depth == 0:
            found.append((place, token))
        depth += token.type in OPENING
    return found


def with_reason(tokens: Sequence[Token], reason: str) -> tuple[Token, ...]:
    """The tokens with a reason added to their last relation outside all brackets."""
    places = [place for place, token in outer(tokens) if token.type == "REL"]
    if not places or not reason:
        return tuple(tokens)
    last = tokens[places[-1]]
    said = "; ".join(one for one in (last.reason, reason) if one)
    return (*tokens[: places[-1]], replace(last, reason=said), *tokens[places[-1] + 1 :])


# reasons


def _without_ending(tokens: Sequence[Token], is_reason: Callable[[Sequence[Token]], bool]) -> tuple[list[Token], str]:
    """The row without spacing, a final full stop or comma, and a reason in words at its end; and that reason."""
    left, said = list(tokens), ""
    while left and (left[-1].type in _ENDS or is_reason(left)):
        last = left.pop()
        if last.type in ("WORDS", "NAME"):
            said = f"{last.text} {said}".strip()
    while left and left[0].type == "QUAD":
        left.pop(0)
    return left, _unwrapped(said)


def _is_reason(tokens: Sequence[Token]) -> bool:
    last = tokens[-1]
    if is_condition_word(last):
        return False
    known = last.text in FUNCTIONS or last.text in OPERATIONS
    alone = last.type == "NAME" and last.font == "text" and not known
    return last.type == "WORDS" or (alone and len(tokens) > 1 and tokens[-2].type == "QUAD")


def _is_surely_reason(tokens: Sequence[Token]) -> bool:
    """Whether a row ends with words that are a reason even after a condition: they say so, or stand in brackets."""
    words_there = tokens[-1].type == "WORDS" and _is_reason(tokens)
    return words_there and (tokens[-1].text.startswith("(") or _said(tokens[-1]).partition(" ")[0] in _REASONS)


def _unwrapped(said: str) -> str:
    """Words without brackets around all of them, unless they are a label such as (a) or (12)."""
    said = said.rstrip(" ,;")
    whole = said.startswith("(") and said.find(")") == len(said) - 1
    return said[1:-1].strip() if whole and len(said) > MAX_LABEL else said


def _connected(tokens: Sequence[Token]) -> list[Token]:
    """Without a leading "hence"; words between two statements are a comma, or the reason of the relation before."""
    left = list(tokens)
    while left and ((left[0].type == "REL" and left[0].text in IMPLYING) or left[0].type == "QUAD"):
        left.pop(0)
    said = ""
    while left and left[0].type == "WORDS" and _is_label(left[0]):
        said = f"{said} {left.pop(0).text.rstrip(' :,')}".strip()
        while left and left[0].type == "QUAD":
            left.pop(0)
    left = _explained(left, said)
    outside = {place for place, _ in outer(left)}
    found: list[Token] = []
    for place, token in enumerate(left):
        if place in outside and _said(token) == "and":
            found.append(Token("COMMA", ",", token.at))
        elif place in outside and found and token.type == "WORDS" and _stands_apart(left, place):
            found = list(with_reason(found, _unwrapped(token.text)))
            found += [Token("COMMA", ",", token.at)] if token.text.endswith((",", ";")) else []
        else:
            found.append(token)
    return found


def _is_label(token: Token) -> bool:
    """Whether words before a statement only say where it comes from, as "Chain rule:" or "hence" do."""
    return token.text.endswith(":") or _said(token).partition(" ")[0] in _REASONS


def _explained(tokens: Sequence[Token], reason: str) -> list[Token]:
    """The tokens with a reason added to their first relation outside all brackets."""
    first = next((place for place, token in outer(tokens) if token.type == "REL"), len(tokens))
    return [*with_reason(tokens[: first + 1], reason), *tokens[first + 1 :]]


def _stands_apart(tokens: Sequence[Token], place: int) -> bool:
    """Whether words in a row end the statement before them: a comma, wide space or relation follows."""
    following = tokens[place + 1 : place + 2]
    return tokens[place].text.endswith((",", ";")) or any(one.type in (*_ENDS, "REL") for one in following)


def _separated(tokens: Sequence[Token]) -> list[Token]:
    """Wide space between two statements separates them like a comma; elsewhere it means nothing."""
    found: list[Token] = []
    depth = cases = 0
    for place, token in enumerate(tokens):
        depth += (token.type in OPENING) - (token.type in CLOSING)
        cases += (token.type == "BEGIN") - (token.type == "END")
        if token.type == "COMMA" and depth == 0 and found and found[-1].type == "COMMA":
            continue
        if token.type != "QUAD" or cases:
            found.append(token)
        elif depth == 0 and _is_between_operands(found, tokens, place):
            found.append(Token("COMMA", ",", token.at))
    return found


def _is_between_operands(before: Sequence[Token], tokens: Sequence[Token], place: int) -> bool:
    if not before or before[-1].type in (*UNFINISHED, "COMMA"):
        return False
    following = next((token for token in tokens[place + 1 :] if token.type != "QUAD"), None)
    return following is not None and following.type not in (*UNFINISHED, "COMMA", "WORDS")


# conditions


def is_condition_word(token: Token) -> bool:
    """Whether words start a condition, or may hold one and give no reason."""
    said = _said(token)
    first = said.partition(" ")[0]
    if first in CONDITIONS or first in _INNER:
        return True
    if token.type != "WORDS" or first in _REASONS:
        return False
    return any(sign in said for sign in "$=<>≤≥") or not _INNER.isdisjoint(said.split())


def _said(token: Token) -> str:
    """Words in lower case without punctuation around them; "" for anything else."""
    if token.type == "NAME" and token.text == "forall":
        return "for all"
    if token.type != "WORDS" and (token.type != "NAME" or token.font not in ("text", "mathrm")):
        return ""
    return " ".join(token.text.lower().split()).strip("(),:;").strip()


def _start(tokens: Sequence[Token]) -> int:
    """The place where the conditions of a row start, or its end."""
    outside = outer(tokens)
    for place, token in outside:
        if is_condition_word(token) or _said(token) == "for all":
            return place
        if token.type == "OPEN" and _is_condition_in_brackets(tokens, place):
            return place
    return len(tokens)


def _is_condition_in_brackets(tokens: Sequence[Token], place: int) -> bool:
    """Whether brackets that stand apart, up to the end of the row, hold a relation or the words of a condition."""
    before = tokens[place - 1] if place else None
    if before is not None and before.type not in ("QUAD", "COMMA"):
        return False
    if tokens[place].text not in "([" or tokens[-1].type != "CLOSE" or _closing(tokens, place) != len(tokens) - 1:
        return False
    inner = tokens[place + 1 : -1]
    return bool(inner) and (is_condition_word(inner[0]) or any(one.type == "REL" for _, one in outer(inner)))


def _closing(tokens: Sequence[Token], place: int) -> int:
    depth = 0
    for here in range(place, len(tokens)):
        depth += (tokens[here].type in OPENING) - (tokens[here].type in CLOSING)
        if depth == 0:
            return here
    return -1


def conditions(tokens: Sequence[Token]) -> tuple[Condition, ...]:
    """The conditions that a stretch of tokens consists of, each with the words that lead it."""
    left = [token for token in tokens if token.type != "QUAD"]
    if left and left[0].type == "OPEN" and _closing(left, 0) == len(left) - 1:
        inner = left[1:-1]
        return conditions(inner) if is_condition_word(inner[0]) else (Condition("", tuple(inner), left[0].at),)
    starts = [place for place, token in outer(left) if place == 0 or _starts_condition(token)]
    found: list[Condition] = []
    for start, stop in pairwise((*starts, len(left))):
        found.append(_condition(left[start:stop], found))
    return tuple(found)


def _starts_condition(token: Token) -> bool:
    return is_condition_word(token) or _said(token) in ("and", "for all")


def _condition(tokens: Sequence[Token], before: Sequence[Condition]) -> Condition:
    said = _said(tokens[0])
    inner = list(tokens[1:] if said else tokens)
    while inner and inner[-1].type in _ENDS:
        inner.pop()
    while inner and inner[0].type == "COMMA":
        inner.pop(0)
    return Condition(before[-1].said if said == "and" and before else said, tuple(inner), tokens[0].at)


def _leading(tokens: list[Token]) -> tuple[list[Token], tuple[Condition, ...]]:
    """What is left of a row that opens with conditions (for all k >= 1: ...; if ..., then ...), and these."""
    if not tokens or not (is_condition_word(tokens[0]) or _said(tokens[0]) == "for all"):
        return tokens, ()
    for place, token in outer(tokens)[1:]:
        if _said(token) in _THEN or (token.type == "REL" and token.text == "colon") or _is_end(tokens, place):
            left, more = _leading([*tokens[place + 1 :]])
            return left, (*conditions(tokens[:place]), *more)
    return [], conditions(tokens)


def _is_end(tokens: Sequence[Token], place: int) -> bool:
    """Whether a comma or wide space ends leading conditions; the commas of 1, ..., n do not."""
    near = (*tokens[place - 1 : place], *tokens[place + 1 : place + 2])
    if place < 2 or any(one.type in ("DOTS", "COMMA") or _said(one) in _THEN for one in near):
        return False
    return tokens[place].type in ("COMMA", "QUAD")
