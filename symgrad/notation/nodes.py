"""The parse tree: LaTeX as written, before anyone knows what its names mean.

Terms are flat and scripts are kept in order. `at` is an offset into the text. Fonts, spacing and sizes are gone, but a
name remembers its font so that it can be written as it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Script:
    """`mark` is "^", "_" or "'" (a prime has no content)."""

    mark: str
    content: Content
    at: int


@dataclass(frozen=True, slots=True)
class Item:
    at: int
    scripts: tuple[Script, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Name(Item):
    """A letter, a Greek letter or a word, such as h, tau, diag, prod, nabla."""

    text: str
    font: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Literal(Item):
    """A number; bold or blackboard digits are vectors."""

    value: Fraction
    text: str
    font: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator(Item):
    """A sign between factors: cdot, times, odot, otimes, /."""

    text: str


@dataclass(frozen=True, slots=True)
class Dots(Item):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Words(Item):
    """Text inside a formula."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Group(Item):
    """Braces: { ... }."""

    content: Content


@dataclass(frozen=True, slots=True, kw_only=True)
class Fence(Item):
    """Brackets or bars. `opening` and `closing` are ( [ { | || < and ) ] } | || >, or "." for an invisible one."""

    opening: str
    closing: str
    content: Content


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio(Item):
    """A fraction, however it was written."""

    over: Content
    under: Content


@dataclass(frozen=True, slots=True, kw_only=True)
class Command(Item):
    """A command with one argument: sqrt, underbrace, overbrace."""

    text: str
    content: Content


@dataclass(frozen=True, slots=True)
class Run:
    """Factors and the signs between them, left to right, after a sign "+", "-" or ""."""

    sign: str
    items: tuple[Item, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Side:
    """A sum of runs; None stands for an empty side."""

    runs: tuple[Run, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Relator:
    text: str
    at: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Chain:
    """sides[0] relators[0] sides[1] ...; one side more than relators."""

    sides: tuple[Side | None, ...]
    relators: tuple[Relator, ...]


@dataclass(frozen=True, slots=True)
class Content:
    """Chains between commas."""

    chains: tuple[Chain, ...]


def only_side(content: Content) -> Side | None:
    """The one side of a content without relation or comma, else None."""
    if len(content.chains) != 1 or content.chains[0].relators:
        return None
    return content.chains[0].sides[0]


def only_item(content: Content) -> Item | None:
    """The one item of a content that holds nothing else, else None."""
    side = only_side(content)
    if side is None or len(side.runs) != 1 or side.runs[0].sign or len(side.runs[0].items) != 1:
        return None
    return side.runs[0].items[0]


def contents(item: Item) -> tuple[Content, ...]:
    """The contents directly inside an item, its scripts last."""
    scripts = tuple(script.content for script in item.scripts)
    match item:
        case Group() | Fence() | Command():
            return (item.content, *scripts)
        case Ratio():
            return (item.over, item.under, *scripts)
        case _:
            return scripts


def top_items(content: Content) -> Iterator[Item]:
    """The items that stand in a content itself."""
    for chain in content.chains:
        for side in chain.sides:
            for run in side.runs if side else ():
                yield from run.items


def items(content: Content) -> Iterator[Item]:
    """All items of a content, those inside others too."""
    for item in top_items(content):
        yield from inside(item)


def inside(item: Item) -> Iterator[Item]:
    """The item and all items within it."""
    yield item
    for content in contents(item):
        yield from items(content)
