"""Membership in a space: W, U \\in \\mathbb{R}^{n \\times m} declares names and their shapes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .dialect import Declared
from .names import subscript_word, written_name
from .nodes import Chain, Content, Literal, Name, Operator, Side, only_item, only_side
from .problem import MisreadError
from .setting import Setting, add_symbol, name_and_arity


def declare_membership(chains: Sequence[Chain], setting: Setting) -> Setting:
    """What W, U \\in \\mathbb{R}^{n \\times m} declares. Raises MisreadError on a clash, and on any other set."""
    *names, last = chains
    if len(last.relators) != 1 or any(chain.relators for chain in names):
        first = next(relator for chain in chains for relator in chain.relators)
        raise MisreadError(first.at, "I expected names, \\in and a set such as \\mathbb{R}^{n \\times m}")
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


def is_space(side: Side | None) -> bool:
    """Whether a side is \\mathbb{R}, perhaps with sizes above it."""
    item = only_item(Content((Chain((side,), ()),)))
    return isinstance(item, Name) and item.text == "R" and item.font == "mathbb"


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
            case Name(scripts=scripts) if not scripts or (len(scripts) == 1 and subscript_word(part)):
                sizes.append(written_name(part))
            case Literal(scripts=(), value=value) if value.denominator == 1 and value > 0:
                sizes.append(int(value))
            case Operator(text="times"):
                pass
            case _:
                raise MisreadError(part.at, "I expected sizes here, such as n or n \\times m")
    if not 1 <= len(sizes) <= 2 or len(parts) != 2 * len(sizes) - 1:
        raise MisreadError(script.at, "I expected sizes here, such as n or n \\times m")
    return sizes
