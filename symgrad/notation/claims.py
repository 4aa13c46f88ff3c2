"""From a display to a claim: its statements under each reading, and what the display itself declares or defines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from symgrad.kernel.affine import affine
from symgrad.kernel.certificate import Statement
from symgrad.kernel.term import Symbol, free_times, walk

from .chains import chain_statements
from .declarations import declare
from .dialect import Declared
from .document import Reading, ReadRelation
from .grammar import parse_tokens
from .nodes import (
    Chain,
    Command,
    Content,
    Fence,
    Group,
    Item,
    Literal,
    Name,
    Operator,
    Ratio,
    Side,
    Words,
    only_item,
    only_side,
)
from .problem import MisreadError, Source
from .resolve import around
from .said import Variant
from .setting import Setting, Sides, add_abbreviation, add_model, add_symbol, name_and_arity
from .tokens import Token

_ENDING = re.compile(r"(\s|&|\\\\|[.,]|\\(tag|label)\*?\{[^{}]*\}|\\(nonumber|notag))+\Z")
DEFINES = ("coloneqq", "triangleq")


def parsed(statements: Iterable[Sequence[Token]], end: int) -> list[Chain]:
    """The chains of a display."""
    chains = [chain for one in statements for chain in parse_tokens(one, end).chains]
    return [chain for chain in chains if chain.relators or chain.sides[0] is not None]


# what a display declares


def settle_definitions(chains: list[Chain], setting: Setting) -> tuple[list[Chain], Setting]:
    """The chains that are left to judge, and the setting with what the others declare or define."""
    left: list[Chain] = []
    for chain in chains:
        chain, setting = _underbraces(chain, setting)
        first = chain.relators[0].text if chain.relators else ""
        if first in DEFINES:
            setting = add_abbreviation(setting, _pair(chain), chain.relators[0].at)
            chain = Chain(chain.sides[1:], chain.relators[1:])
            if not chain.relators:
                continue
        elif first == "in":
            setting = declare_membership([chain], setting)
            continue
        left.append(chain)
    return left, setting


def add_models(chains: Iterable[Chain], setting: Setting) -> Setting:
    """The setting with the equations of a display as its model."""
    for chain in chains:
        if [one.text for one in chain.relators] not in (["="], ["coloneqq"]):
            at = chain.relators[0].at if chain.relators else 0
            raise MisreadError(at, "a model is written as equations, one = each")
        setting = add_model(setting, _pair(chain), chain.relators[0].at)
    return setting


def _pair(chain: Chain) -> Sides:
    left, right = chain.sides[0], chain.sides[1]
    if left is None or right is None:
        raise MisreadError(chain.relators[0].at, "one side of this definition is empty")
    return left, right


def declare_membership(chains: Sequence[Chain], setting: Setting) -> Setting:
    """What W, U \\in \\mathbb{R}^{n \\times m} declares. Raises MisreadError on a clash, and on any other set."""
    *names, last = chains
    if len(last.relators) != 1 or any(chain.relators for chain in names):
        raise MisreadError(last.relators[0].at, "I expected names, \\in and a set such as \\mathbb{R}^{n \\times m}")
    owners = [chain.sides[0] for chain in (*names, last)]
    setting, shape = _space(last.sides[1], setting, last.relators[0].at)
    for owner in owners:
        item = only_item(Content((Chain((owner,), ()),))) if owner else None
        if not isinstance(item, Name):
            raise MisreadError(last.relators[0].at, "only a name can be declared to be in \\mathbb{R}^{...}")
        text, arity = name_and_arity(item, setting)
        old = setting.dialect.symbols.get(text)
        if old is not None and shape == (1, 1):
            continue
        if old is not None and (old.size, old.arity) != (shape, arity):
            setting = replace(setting, own=setting.own | {text})
        font = item.font if item.font not in ("mathrm", "text") else ""
        setting = add_symbol(setting, Declared(text, shape, arity, (), font), item.at)
    return setting


def _space(side: Side | None, setting: Setting, at: int) -> tuple[Setting, tuple[int | str, int | str]]:
    item = only_item(Content((Chain((side,), ()),)))
    if not isinstance(item, Name) or item.text != "R" or item.font != "mathbb":
        raise MisreadError(at, "only membership in \\mathbb{R}^{...} declares a name")
    if not item.scripts:
        return setting, (1, 1)
    sizes: list[int | str] = []
    for size in _exponents(item):
        if isinstance(size, str) and size not in setting.dialect.sizes:
            dialect = replace(setting.dialect, sizes=(*setting.dialect.sizes, size))
            setting = replace(setting, dialect=dialect)
        sizes.append(size)
    return setting, (sizes[0], sizes[1] if len(sizes) > 1 else 1)


def _exponents(item: Name) -> list[int | str]:
    script = item.scripts[0]
    side = only_side(script.content) if len(item.scripts) == 1 and script.mark == "^" else None
    parts = side.runs[0].items if side is not None and len(side.runs) == 1 else ()
    sizes: list[int | str] = []
    for part in parts:
        match part:
            case Name(scripts=(), text=text):
                sizes.append(text)
            case Literal(scripts=(), value=value) if value.denominator == 1 and value > 0:
                sizes.append(int(value))
            case Operator(text="times"):
                pass
            case _:
                raise MisreadError(part.at, "I expected sizes here, such as n or n \\times m")
    if not 1 <= len(sizes) <= 2 or len(parts) != 2 * len(sizes) - 1:
        raise MisreadError(script.at, "I expected sizes here, such as n or n \\times m")
    return sizes


# braces under a part that name it


def _underbraces(chain: Chain, setting: Setting) -> tuple[Chain, Setting]:
    """The chain without its underbraces, and the setting with the names that they define."""
    box = [setting]
    sides = tuple(_plain_side(side, box) if side else None for side in chain.sides)
    return Chain(sides, chain.relators), box[0]


def _plain_side(side: Side, box: list[Setting]) -> Side:
    runs = tuple(replace(run, items=tuple(_plain_item(item, box) for item in run.items)) for run in side.runs)
    return replace(side, runs=runs)


def _plain_item(item: Item, box: list[Setting]) -> Item:
    match item:
        case Command(text="underbrace" | "overbrace", content=content):
            inner = _plain_content(content, box)
            _define_brace(item, inner, box)
            alone = only_item(inner)
            return alone if alone is not None else Fence(item.at, opening="(", closing=")", content=inner)
        case Group() | Fence() | Command():
            return replace(item, content=_plain_content(item.content, box))
        case Ratio():
            return replace(item, over=_plain_content(item.over, box), under=_plain_content(item.under, box))
        case _:
            return item


def _plain_content(content: Content, box: list[Setting]) -> Content:
    chains = (replace(one, sides=tuple(_plain_side(side, box) if side else None for side in one.sides))
              for one in content.chains)  # fmt: skip
    return Content(tuple(chains))


def _define_brace(item: Command, inner: Content, box: list[Setting]) -> None:
    mark = "_" if item.text == "underbrace" else "^"
    if len(item.scripts) != 1 or item.scripts[0].mark != mark:
        raise MisreadError(item.at, f"\\{item.text} needs one name beside it")
    name = only_item(item.scripts[0].content)
    if isinstance(name, Words):
        return
    if not isinstance(name, Name):
        raise MisreadError(item.scripts[0].at, f"\\{item.text} names a part; it needs a name here")
    if name.font == "text" and name.text not in box[0].dialect.symbols:
        return
    side, owner = only_side(inner), only_side(around((name,)))
    if side is None or owner is None:
        raise MisreadError(item.at, f"\\{item.text} stands around a single term")
    box[0] = add_abbreviation(box[0], (owner, side), item.at)


# readings


def read_variant(chains: Sequence[Chain], variant: Variant, setting: Setting, source: Source, end: int) -> Reading:
    """The statements of a display under one reading. Raises MisreadError."""
    inner = replace(setting, own=frozenset()) if variant.lines else setting
    for line in variant.lines:
        inner = declare(line, inner)
    unknown = None
    if inner.unknown:
        inner, unknown = _with_unknown(chains, inner)
    breaks = sorted({end, *(at for chain in chains for at in _places(chain))})
    found = [link for chain in chains for link in _links(chain, inner, source, breaks)]
    context = inner.context([link.statement for link in found])
    return Reading(variant.name, context, tuple(found), unknown, variant.expect, inner.dialect)


def _with_unknown(chains: Sequence[Chain], setting: Setting) -> tuple[Setting, Symbol | None]:
    """The unknown depends on all times that the display mentions."""
    declared = setting.dialect.symbols[setting.unknown]
    statements = [one for chain in chains for one in chain_statements(chain, setting.scope())]
    if not any(_mentions(one, setting.unknown) for one in statements):
        return setting, None
    implicit = tuple(sorted(frozenset[str]().union(*(_times(one) for one in statements))))
    declared = replace(declared, implicit=implicit)
    dialect = setting.dialect.with_symbol(declared)
    symbol = Symbol(declared.name, declared.size, tuple(affine(name) for name in implicit))
    return replace(setting, dialect=dialect), symbol


def _mentions(statement: Statement, name: str) -> bool:
    sides = (statement.left, statement.right)
    return any(isinstance(one, Symbol) and one.name == name for side in sides for one in walk(side))


def _times(statement: Statement) -> frozenset[str]:
    return free_times(statement.left) | free_times(statement.right)


def _places(chain: Chain) -> list[int]:
    first = chain.sides[0]
    return [*([first.at] if first else []), *(relator.at for relator in chain.relators)]


def _links(chain: Chain, setting: Setting, source: Source, breaks: Sequence[int]) -> list[ReadRelation]:
    found = []
    for statement, relator in zip(chain_statements(chain, setting.scope()), chain.relators, strict=True):
        stop = next(at for at in breaks if at > relator.at)
        words = _ENDING.sub("", source.text[relator.at : stop])
        found.append(ReadRelation(statement, source.line(relator.at), source.column(relator.at), words))
    return found
