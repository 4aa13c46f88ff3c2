"""Braces under or over a part of a formula: they define the name that stands beside them, or only comment."""

from __future__ import annotations

from dataclasses import replace

from .conditions import repeats
from .nodes import (
    Chain,
    Command,
    Content,
    Fence,
    Group,
    Item,
    Name,
    Ratio,
    Relator,
    Side,
    Words,
    only_item,
    only_side,
)
from .problem import MisreadError
from .resolve import around
from .setting import Setting, add_abbreviation


def without_braces(chain: Chain, setting: Setting) -> tuple[Chain, Setting]:
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
    name = _named(item.scripts[0].content)
    if isinstance(name, Words) or (isinstance(name, Name) and _is_word(name, box[0])):
        return
    if not isinstance(name, Name):
        advice = "what is claimed of it stands in a row of its own"
        raise MisreadError(item.scripts[0].at, f"\\{item.text} names a part, and this is no name; {advice}")
    side, owner = only_side(inner), only_side(around((name,)))
    if side is None or owner is None:
        raise MisreadError(item.at, f"\\{item.text} stands around a single term")
    if not repeats(Chain((owner, side), (Relator("=", item.at),)), box[0]):
        box[0] = add_abbreviation(box[0], (owner, side), item.at)


def _named(content: Content) -> Item | None:
    """The item below a brace, perhaps after a sign of definition: delta_t, := delta_t, =: delta_t, = delta_t."""
    if len(content.chains) != 1:
        return None
    chain = content.chains[0]
    signs = all(one.text in ("=", "colon", "coloneqq", "equiv") for one in chain.relators)
    if not signs or any(side is not None for side in chain.sides[:-1]):
        return None
    return only_item(Content((Chain(chain.sides[-1:], ()),)))


def _is_word(name: Name, setting: Setting) -> bool:
    return name.font == "text" and name.text not in setting.dialect.symbols
