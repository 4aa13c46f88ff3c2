"""Names such as dX: a d that is declared as nothing, side by side with a name. What is claimed of them is in
`differentials.py`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from . import resolve
from .names import Scope
from .nodes import Chain, Fence, Item, Name, Script, Side, only_side
from .problem import MisreadError
from .scripts import is_transpose

Items = Sequence[Item]


def is_differential(chain: Chain, scope: Scope) -> bool:
    """Whether a chain says what the differential of something is."""
    items = factors(chain.sides[0])
    return bool(chain.relators) and len(items) > 1 and is_d(items[0], scope)


def is_d(item: Item, scope: Scope) -> bool:
    declared = scope.dialect.declares("d") or scope.is_time("d") or "d" in scope.reals
    return isinstance(item, Name) and item.text == "d" and not item.scripts and not declared


def factors(side: Side | None) -> tuple[Item, ...]:
    """The factors of a side that is one term without a sign."""
    if side is None or len(side.runs) != 1 or side.runs[0].sign:
        return ()
    return resolve.flattened(side.runs[0].items)


def named(items: Items, place: int, scope: Scope) -> Name | None:
    """The name dX that d and X side by side make, with the scripts of X; None if they do not."""
    pair = tuple(items[place : place + 2])
    if not scope.dialect.any_factor or not is_d(pair[0], scope) or len(pair) < 2:
        return None
    name = pair[1]
    if not isinstance(name, Name):
        raise MisreadError(name.at, "on the right of an equation only the differential of a name is read, such as dX")
    refuse_power(name)
    return replace(name, text=f"d{name.text}", font="")


def refuse_size(items: Items, place: int, scope: Scope) -> None:
    """Refuse dx where d is a size: it could be a multiple of x or its differential."""
    item, following = items[place], items[place + 1 : place + 2]
    is_size = isinstance(item, Name) and item.text == "d" and "d" in scope.dialect.sizes
    near = bool(following) and isinstance(following[0], Name if place else Name | Fence)
    if is_size and near:
        raise MisreadError(item.at, "d is a size here: is this a multiple of it, or a differential? write d \\cdot")


def refuse_power(item: Item) -> None:
    """Refuse dx^2, which could be the differential of a power or a power of the differential."""
    raised = next((one for one in item.scripts if _is_power(one)), None)
    if raised is not None:
        raise MisreadError(raised.at, "is this the differential of the power, or a power of it? put brackets")


def _is_power(script: Script) -> bool:
    """Whether a script is anything but an index, a prime, a transpose or a time."""
    side = only_side(script.content)
    item = side.runs[0].items[0] if side is not None and len(side.runs) == 1 and not side.runs[0].sign else None
    plain = isinstance(item, Name) and is_transpose(item)
    return script.mark == "^" and not plain and not isinstance(item, Fence)
