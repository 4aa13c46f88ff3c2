"""From a display to a claim: its statements under each reading, and what the display itself declares or defines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from symgrad.kernel.affine import affine
from symgrad.kernel.certificate import Statement
from symgrad.kernel.term import COMPONENT, Symbol, free_times, walk

from .asides import Condition
from .braces import without_braces
from .chains import readable_links
from .conditions import added, assumed, defined_by, pinned, restricts_times, under
from .declarations import declare
from .dialect import Declared
from .differential_names import is_differential
from .differentials import declare_differentials, differential_statements
from .displays import Stated
from .document import Reading, ReadRelation
from .entries import counted
from .grammar import parse_tokens
from .membership import declare_membership, is_space
from .names import written_name
from .nodes import Chain, Relator, Side
from .problem import MisreadError, Source, UndeclaredError
from .resolve import lone_name
from .said import Variant
from .setting import Setting, Sides, add_abbreviation, add_model

_ENDING = re.compile(
    r"\\(?:q?quad|[,;! ]|\\\*?(?:\[[^\]\n]*\])?|nonumber|notag|qedhere"
    r"|(?:tag|label|text|textrm|mbox|by|intertext|shortintertext|end)\*?\{[^{}]*\})\Z"
)
"""A command that may stand after a right side and is no part of it."""
_PUNCTUATION = " \t\n&.,;"
MAX_ENDING = 200
DEFINES = ("coloneqq", "triangleq")
_MAY_DEFINE = (*DEFINES, "equiv", "in")


@dataclass(frozen=True, slots=True)
class Claimed:
    """The chains between the commas of one statement, and the conditions that stand beside them, from `until` on."""

    chains: tuple[Chain, ...]
    conditions: tuple[Condition, ...] = ()
    until: int = 0


def parsed(statements: Iterable[Stated], end: int) -> tuple[list[Claimed], list[MisreadError]]:
    """The chains of a display, and what is wrong with the statements that are no formulas.

    Raises MisreadError for a statement that might define something: what the others mean depends on it.
    """
    found: list[Claimed] = []
    problems: list[MisreadError] = []
    for one in statements:
        try:
            chains = parse_tokens(one.tokens, end).chains
        except MisreadError as error:
            if any(token.type == "REL" and token.text in _MAY_DEFINE for token in one.tokens):
                raise
            problems.append(error)
            continue
        kept = tuple(chain for chain in chains if chain.relators or chain.sides[0])
        found.append(Claimed(kept, one.conditions, min((condition.at for condition in one.conditions), default=end)))
    return [one for one in found if one.chains], problems


# what a display declares


def settle_definitions(claimed: Iterable[Claimed], setting: Setting) -> tuple[list[Claimed], Setting]:
    """What is left to judge, and the setting with what the rest of the display declares or defines."""
    left: list[Claimed] = []
    for one in claimed:
        chains, setting = _settled(one.chains, setting)
        if chains:
            left.append(replace(one, chains=tuple(chains)))
        else:
            _refuse_conditions(one, "a definition", setting)
    return left, setting


def _settled(chains: Sequence[Chain], setting: Setting) -> tuple[list[Chain], Setting]:
    left: list[Chain] = []
    for chain in chains:
        chain, setting = without_braces(chain, setting)
        first = chain.relators[0].text if chain.relators else ""
        if first in DEFINES or (first == "equiv" and _is_new(chain.sides[0], setting)):
            setting = add_abbreviation(setting, _pair(chain), chain.relators[0].at)
            chain = Chain(chain.sides[1:], chain.relators[1:])
            if not chain.relators:
                continue
        elif first == "in" and is_space(chain.sides[1]):
            setting = declare_membership([*_names_before(left), chain], setting)
            continue
        left.append(chain)
    return left, setting


def _names_before(left: list[Chain]) -> list[Chain]:
    """The names that stand alone before one with \\in, taken out of the list."""
    names: list[Chain] = []
    while left and not left[-1].relators:
        names.insert(0, left.pop())
    return names


def _is_new(side: Side | None, setting: Setting) -> bool:
    """Whether a side is a name that nothing is known of."""
    name = lone_name(side)
    return name is not None and setting.dialect.symbols.keys().isdisjoint({name.text, written_name(name)})


def _refuse_conditions(claimed: Claimed, what: str, setting: Setting) -> None:
    """A definition holds for all times; a condition on it may only say so."""
    for one in claimed.conditions:
        if under(one, setting, one.at) != setting:
            raise MisreadError(one.at, f"{what} cannot have a condition: it holds for all times")


def add_models(claimed: Iterable[Claimed], setting: Setting) -> Setting:
    """The setting with the equations of a display as its model."""
    for one in claimed:
        for chain in one.chains:
            if [sign.text for sign in chain.relators] not in (["="], ["coloneqq"]):
                at = chain.relators[0].at if chain.relators else 0
                raise MisreadError(at, "a model is written as equations, one = each")
            setting = add_model(setting, _pair(chain), chain.relators[0].at)
        _refuse_conditions(one, "an equation of the model", setting)
    return setting


def _pair(chain: Chain) -> Sides:
    left, right = chain.sides[0], chain.sides[1]
    if left is None or right is None:
        raise MisreadError(chain.relators[0].at, "one side of this definition is empty")
    return left, right


# readings


@dataclass(frozen=True, slots=True)
class _Part:
    """Chains to judge, those of their links that can be read, what is wrong with the others, and the setting that their
    conditions make of that of the display; `said` is what is to be told of them in words."""

    chains: tuple[Chain, ...]
    setting: Setting
    until: int
    links: tuple[tuple[Relator, Statement], ...] = ()
    problems: tuple[MisreadError, ...] = ()
    said: tuple[str, ...] = ()

    @property
    def statements(self) -> tuple[Statement, ...]:
        return tuple(statement for _, statement in self.links)


def _part_of(chains: Sequence[Chain], setting: Setting, until: int) -> _Part:
    part = _Part(tuple(chains), setting, until)
    for chain in chains:
        part = _with_links(chain, part)
        if part.problems and len(chains) > 1:
            raise part.problems[0]
    pins = pinned(setting.assumptions)
    part = replace(part, links=tuple((relator, one.at(pins)) for relator, one in part.links)) if pins else part
    for index, size in setting.ranges:
        _check_range(index, size, part.statements, chains[0].relators[0].at)
    return part


def _with_links(chain: Chain, part: _Part) -> _Part:
    """The part with the links of one more chain, and what is wrong after them. Raises MisreadError for the first."""
    if is_differential(chain, part.setting.scope()):
        found, words, setting = differential_statements(chain, part.setting)
        links = (*part.links, *zip(chain.relators, found, strict=True))
        return replace(part, setting=setting, links=links, said=tuple(dict.fromkeys((*part.said, *words))))
    found, fault = readable_links(chain, part.setting.scope())
    links = (*part.links, *zip(chain.relators, found, strict=False))
    return replace(part, links=links, problems=(*part.problems, fault) if fault is not None else part.problems)


def _check_range(index: str, size: str, statements: Sequence[Statement], at: int) -> None:
    """Refuse i = 1, ..., m for an index i of a vector of another size: the claim would say less, or nothing."""
    sides = [side for one in statements for side in (one.left, one.right)]
    sizes = {str(one) for one in counted(sides).get(index + COMPONENT, ())}
    if sizes - {size}:
        raise MisreadError(at, f"{index} runs to {size} here, but it counts {min(sizes - {size})} entries")


def read_variant(
    claimed: Sequence[Claimed], variant: Variant, setting: Setting, source: Source, end: int
) -> tuple[Reading, tuple[MisreadError, ...]]:
    """The statements of a display under one reading, as far as they can be read, and what is wrong with the others.

    Raises MisreadError for what concerns them all.
    """
    outside = replace(setting, own=frozenset()) if variant.lines else setting
    for line in variant.lines:
        outside = declare(line, outside)
    claimed, inside = _with_definitions(claimed, outside, end)
    inside = declare_differentials([chain for one in claimed for chain in one.chains], inside)
    parts = [_part(one, inside, end) for one in claimed]
    problems = tuple(error for part in parts for error in part.problems)
    unknown = None
    if inside.unknown:
        parts, unknown = _with_unknown(parts, inside)
        if problems:
            raise problems[0]
    dialect = parts[0].setting.dialect if len(parts) == 1 else inside.dialect
    statements = [one for part in parts for one in part.statements]
    breaks = sorted({end, *(at for part in parts for at in _places(part))})
    found = [link for part in parts for link in _links(part, outside, statements, source, breaks)]
    reading = Reading(variant.name, outside.context(statements), tuple(found), unknown, variant.expect, dialect)
    return reading, problems


def with_advice(error: MisreadError, claimed: Iterable[Claimed]) -> MisreadError:
    """The error; where a name that is not declared stands alone on a left side, with how to define it."""
    if not isinstance(error, UndeclaredError):
        return error
    lefts = (chain.sides[0] for one in claimed for chain in one.chains if chain.relators)
    if not any(name is not None and name.text == error.name for name in map(lone_name, lefts)):
        return error
    said = error.message.partition(" (")[0]
    return MisreadError(error.at, f"{said}; to define it by its equation, write := or \\text{{where}} before it")


def _with_definitions(claimed: Iterable[Claimed], setting: Setting, end: int) -> tuple[list[Claimed], Setting]:
    """What is left, and the setting with what the display defines by "where D_t = ...": said of all its statements."""
    left = []
    for one in claimed:
        conditions = []
        for condition in one.conditions:
            defined = defined_by(condition, setting, end)
            setting = defined or setting
            conditions += [] if defined else [condition]
        left.append(replace(one, conditions=tuple(conditions)))
    return left, setting


def _part(claimed: Claimed, setting: Setting, end: int) -> _Part:
    """The part of a statement; one that cannot be read has no links."""
    try:
        return _conditioned(claimed, setting, end)
    except MisreadError as error:
        return _Part(claimed.chains, setting, claimed.until, problems=(error,))


def _conditioned(claimed: Claimed, setting: Setting, end: int) -> _Part:
    claims, times = _apart(claimed.chains, setting)
    inner = assumed(times, setting, times[0].relators[0].at) if times else setting
    for one in claimed.conditions:
        more = under(one, inner, end)
        says_more = (more.hypotheses, more.conditions) != (inner.hypotheses, inner.conditions)
        if says_more and len(claims) > 1:
            message = "does this condition belong to each of the relations before it? write them in rows of their own"
            raise MisreadError(one.at, message)
        inner = more
    return _part_of(claims, inner, claimed.until)


def _apart(chains: Sequence[Chain], setting: Setting) -> tuple[list[Chain], list[Chain]]:
    """The claims of a statement, and the relations between times beside them, such as k >= 1 or t = 1, ..., k."""
    claims: list[Chain] = []
    times: list[Chain] = []
    for chain in chains:
        goes_on = bool(times) and not chain.relators
        (times if goes_on or restricts_times(chain, setting) else claims).append(chain)
    if not claims:
        at = chains[0].relators[0].at if chains[0].relators else 0
        message = "a relation between times is a condition, and no claim stands beside it (% symgrad: assume k >= 1)"
        raise MisreadError(at, message)
    return claims, times


def _with_unknown(parts: list[_Part], setting: Setting) -> tuple[list[_Part], Symbol | None]:
    """The unknown depends on all times that the display mentions."""
    declared = setting.dialect.symbols[setting.unknown]
    statements = [one for part in parts for one in part.statements]
    if not any(_mentions(one, setting.unknown) for one in statements):
        return parts, None
    implicit = tuple(sorted(frozenset[str]().union(*(_times(one) for one in statements))))
    declared = replace(declared, implicit=implicit)
    symbol = Symbol(declared.name, declared.size, tuple(affine(name) for name in implicit))
    again = [_part_of(one.chains, _with_symbol(one.setting, declared), one.until) for one in parts]
    return again, symbol


def _with_symbol(setting: Setting, declared: Declared) -> Setting:
    return replace(setting, dialect=setting.dialect.with_symbol(declared))


def _mentions(statement: Statement, name: str) -> bool:
    sides = (statement.left, statement.right)
    return any(isinstance(one, Symbol) and one.name == name for side in sides for one in walk(side))


def _times(statement: Statement) -> frozenset[str]:
    return free_times(statement.left) | free_times(statement.right)


def _places(part: _Part) -> list[int]:
    firsts = [chain.sides[0].at for chain in part.chains if chain.sides[0]]
    return [*firsts, *(one.at for chain in part.chains for one in chain.relators), part.until]


def _links(
    part: _Part, outside: Setting, statements: Sequence[Statement], source: Source, breaks: Sequence[int]
) -> list[ReadRelation]:
    conditions = (*added(outside, part.setting), *part.said)
    context = part.setting.context(statements) if conditions else None
    found = []
    for relator, statement in part.links:
        stop = next(at for at in breaks if at > relator.at)
        words = _without_ending(source.text[relator.at : stop])
        line, column = source.line(relator.at), source.column(relator.at)
        found.append(ReadRelation(statement, line, column, words, relator.reason, conditions, context))
    return found


def _without_ending(words: str) -> str:
    """A right side as it was typed, without punctuation, numbers and words after it."""
    left = words.rstrip(_PUNCTUATION)
    while match := _ENDING.search(left, max(0, len(left) - MAX_ENDING)):
        left = left[: match.start()].rstrip(_PUNCTUATION)
    return left
