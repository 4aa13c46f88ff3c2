"""Derivatives: \\nabla_x y, \\partial_x y, \\frac{\\partial y}{\\partial x}; direct ones, and ones with something held.

The declared layout decides whether a derivative is the gradient or its transpose, the Jacobian.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from symgrad.kernel.term import SCALAR, Basis, Gradient, Held, Product, Symbol, Term, Transpose

from . import functions, resolve, second_derivatives
from .entries import entry
from .names import Scope, entry_of, show_symbol
from .nodes import (
    Chain,
    Content,
    Dots,
    Fence,
    Group,
    Item,
    Name,
    Operator,
    Ratio,
    Script,
    only_item,
    only_side,
)
from .problem import MisreadError
from .scripts import scripted, transposes
from .values import Value, fixed, made, show

Items = Sequence[Item]
_WHOSE = "does this belong to the derivative or to what it is taken of? put brackets"
_ALONE = "\\left. ... \\right|_{...} is read only around a single derivative"
_SIGNS = frozenset({"nabla", "nablatilde", "partial", "partialtilde"})


def starts(item: Item, scope: Scope) -> bool:
    """Whether a derivative starts with this item."""
    match item:
        case Name(text=text) if text in _SIGNS:
            return True
        case Ratio():
            return fraction(item, scope) is not None
        case _:
            return False


def is_operator(item: Item, scope: Scope) -> bool:
    """Whether the item is a fraction such as d/dx that is yet to be applied to what follows it."""
    parts = fraction(item, scope) if isinstance(item, Ratio) else None
    return parts is not None and len(parts[1]) == 1


def read(items: Items, place: int, scope: Scope) -> tuple[Value, int]:
    """The derivative that starts at a place, with the scripts of a fraction, and the place after it."""
    item = items[place]
    if second_derivatives.is_second(item, scope):
        return second_derivatives.read(items, place, scope)
    taken, after = _taken(items, place, scope)
    value = _laid_out(taken, item, scope)
    if not isinstance(item, Ratio):
        return value, after
    scripts = item.scripts
    if scripts and transposes(scripts[0]) and isinstance(value, Transpose):
        value, scripts = value.body, scripts[1:]
    return scripted(value, scripts, scope, "a derivative"), after


def turned(item: Item, scripts: Sequence[Script], scope: Scope) -> Value | None:
    """The gradient, where `item` holds only a derivative in Jacobian layout and its first script is a transpose."""
    if not scripts or not transposes(scripts[0]):
        return None
    items = _only_items(item)
    if len(items) == 1 and isinstance(items[0], Fence) and items[0].opening == "." and len(items[0].scripts) == 1:
        value = _laid_out(*_held_taken(items[0], scope), scope)
        return value.body if isinstance(value, Transpose) else None
    if not items or not starts(items[0], scope):
        return None
    if second_derivatives.is_second(items[0], scope) or (isinstance(items[0], Ratio) and items[0].scripts):
        return None
    taken, after = _taken(items, 0, scope)
    value = _laid_out(taken, items[0], scope)
    return value.body if after == len(items) and isinstance(value, Transpose) else None


def _only_items(item: Item) -> tuple[Item, ...]:
    if isinstance(item, Ratio | Name):
        return (item,)
    if not isinstance(item, Fence | Group) or (isinstance(item, Fence) and item.opening not in ("(", "[")):
        return ()
    side = only_side(item.content)
    if side is None or len(side.runs) != 1 or side.runs[0].sign:
        return ()
    return resolve.flattened(side.runs[0].items)


def held(item: Fence, scope: Scope) -> Value:
    """\\left. derivative \\right|_{nodes}: the derivative with the named nodes held fixed."""
    taken, sign = _held_taken(item, scope)
    above = tuple(script for script in item.scripts if script.mark != "_")
    return scripted(_laid_out(taken, sign, scope), above, scope, "a derivative")


def _held_taken(item: Fence, scope: Scope) -> tuple[_Taken, Item]:
    """The derivative with its held nodes, and the item that it starts with."""
    below = next((script for script in item.scripts if script.mark == "_"), None)
    items = _only_items(replace(item, opening="("))
    if below is None or not items or not starts(items[0], scope):
        raise MisreadError(item.at, f"{_ALONE}, with what is held below the bar")
    if second_derivatives.is_second(items[0], scope):
        raise MisreadError(item.at, "a second derivative with something held is not read")
    taken, after = _taken(items, 0, scope)
    if after != len(items) or (items[0].scripts and isinstance(items[0], Ratio)):
        raise MisreadError(item.at, _ALONE)
    if taken.gradient.direct:
        raise MisreadError(item.at, "a direct derivative holds everything else fixed already")
    held = held_nodes(below.content, scope, below.at)
    return replace(taken, gradient=replace(taken.gradient, held=held)), items[0]


def held_nodes(content: Content, scope: Scope, at: int) -> tuple[Held, ...]:
    """A list of nodes: single ones, and ranges such as h[tau-k], ..., h[tau-1]. \\varnothing is the empty list."""
    items = [_list_item(chain, at) for chain in content.chains]
    if len(items) == 1 and isinstance(items[0], Name) and items[0].text == "varnothing":
        return ()
    found: list[Held] = []
    while items:
        first = _node(items.pop(0), scope)
        last = first
        if items and isinstance(items[0], Dots):
            if len(items) < 2:
                raise MisreadError(items[0].at, "a range needs an end, as in h[tau-k], ..., h[tau-1]")
            items.pop(0)
            last = _node(items.pop(0), scope)
        if first.name != last.name:
            raise MisreadError(at, f"a range from {show_symbol(first)} to {show_symbol(last)}: two different names")
        found.append(Held(first.name, first.times[0], last.times[0]))
    return tuple(found)


def _list_item(chain: Chain, at: int) -> Item:
    item = only_item(Content((chain,)))
    if item is None:
        held = "what is held is a list of names, such as h[tau-k], \\ldots, h[tau-1]"
        value = "the value of a derivative at a point is not read; " if chain.relators else ""
        raise MisreadError(at, f"{value}{held}")
    return item


def _node(item: Item, scope: Scope) -> Symbol:
    symbol = _symbol(item, scope)
    if len(symbol.times) != 1:
        raise MisreadError(item.at, f"{show_symbol(symbol)} cannot be held: it is not a node at one time")
    return symbol


def _symbol(item: Item, scope: Scope) -> Symbol:
    symbol, indices = _symbol_or_entry(item, scope)
    if indices:
        raise MisreadError(item.at, f"a single entry of {show_symbol(symbol)} has no place here")
    return symbol


def _symbol_or_entry(item: Item, scope: Scope) -> tuple[Symbol, tuple[str, ...]]:
    inner = resolve.unbraced(item)
    if isinstance(inner, Group) and not inner.scripts:
        inner = only_item(inner.content) or inner
    if not isinstance(inner, Name):
        raise MisreadError(item.at, "I expected the name of a quantity here")
    symbol, indices, left = entry_of(inner, scope)
    if left:
        raise MisreadError(left[0].at, f"this script has no place on {show_symbol(symbol)} here")
    return symbol, indices


# from the signs to the gradient


@dataclass(frozen=True, slots=True)
class _Taken:
    """A derivative, and the entry that it is taken by, if it is one. `gradient.of` may be an entry too."""

    gradient: Gradient
    by: tuple[str, ...]


def _taken(items: Items, place: int, scope: Scope) -> tuple[_Taken, int]:
    item = items[place]
    if isinstance(item, Name):
        by, index = _by(item, scope)
        of, after = operand(items, place + 1, scope, item.at)
        direct = item.text.endswith("tilde")
    else:
        assert isinstance(item, Ratio)
        of, (by, index), after = _of_fraction(items, place, scope)
        direct = _has_tilde(item)
    fixed_nodes = () if direct else scope.dialect.hold
    if of.shape[1] != 1:
        raise MisreadError(item.at, "this is a derivative of ", of, "; put brackets around all that it is taken of")
    if by.shape[1] != 1 and of.shape != SCALAR:
        shapes = f"{show(of.shape)} by {show(by.shape)}"
        raise MisreadError(item.at, f"a derivative of {shapes} is not read; by {by.name} only a scalar is derived")
    found = made(item.at, lambda: Gradient(of, by, fixed_nodes, direct))
    assert isinstance(found, Gradient)
    return _Taken(found, index), after


def _by(item: Name, scope: Scope) -> tuple[Symbol, tuple[str, ...]]:
    if len(item.scripts) != 1 or item.scripts[0].mark != "_":
        example = "\\nabla_{x} y" if item.text.startswith("nabla") else "\\frac{\\partial y}{\\partial x}"
        raise MisreadError(item.at, f"\\{item.text} needs the name that it is taken by, as in {example}")
    return variable(item.scripts[0].content, scope, item.at)


def variable(content: Content, scope: Scope, at: int) -> tuple[Symbol, tuple[str, ...]]:
    inner = only_item(content)
    if inner is None:
        raise MisreadError(at, "a derivative is taken by a single name")
    return _symbol_or_entry(inner, scope)


def operand(items: Items, place: int, scope: Scope, at: int) -> tuple[Term, int]:
    """What a derivative is taken of: one name, bracket, norm, function or derivative, and the place after it."""
    if place >= len(items) or isinstance(items[place], Operator):
        raise MisreadError(at, "a derivative of nothing; name or bracket what it is taken of")
    item = items[place]
    if starts(item, scope):
        value, after = read(items, place, scope)
        return fixed(value, item.at), after
    if isinstance(item, Name) and functions.takes_argument(item, scope):
        _refuse_scripts(items[place + 1 : place + 2])
        value, after = functions.application(items, place, scope)
        return fixed(value, item.at), after
    if isinstance(item, Name) and item.text not in ("prod", "I", "Id"):
        symbol, indices, left = entry_of(item, scope)
        if left:
            raise MisreadError(left[0].at, _WHOSE)
        return (entry(symbol, indices, item.at) if indices else symbol), place + 1
    if isinstance(item, Fence):
        if item.opening != "||":
            _refuse_scripts((item,))
        return fixed(resolve.run_factor((item,), scope).value, item.at), place + 1
    if isinstance(item, Group) and not item.scripts:
        return fixed(resolve.run_factor((item,), scope).value, item.at), place + 1
    raise MisreadError(item.at, "put brackets around what the derivative is taken of")


def _refuse_scripts(items: Items) -> None:
    for item in items:
        above = [script for script in item.scripts if script.mark != "_"]
        if above:
            raise MisreadError(above[0].at, _WHOSE)


# fractions


def fraction(item: Ratio, scope: Scope) -> tuple[str, Items, Items] | None:
    """The sign and what follows it above and below, if the fraction is a derivative."""
    over, under = (_run_items(content) for content in (item.over, item.under))
    if not over or not under or not isinstance(over[0], Name) or not isinstance(under[0], Name):
        return None
    sign = over[0].text
    if sign != under[0].text or not (sign in ("partial", "partialtilde") or (sign == "d" and not _declares_d(scope))):
        return None
    return sign, over, under


def _declares_d(scope: Scope) -> bool:
    return scope.dialect.declares("d") or scope.is_time("d")


def _run_items(content: Content) -> tuple[Item, ...]:
    side = only_side(content)
    if side is None or len(side.runs) != 1 or side.runs[0].sign:
        return ()
    return resolve.flattened(side.runs[0].items)


def _of_fraction(items: Items, place: int, scope: Scope) -> tuple[Term, tuple[Symbol, tuple[str, ...]], int]:
    item = items[place]
    assert isinstance(item, Ratio)
    parts = fraction(item, scope)
    assert parts is not None
    _, over, under = parts
    if over[0].scripts or under[0].scripts or len(under) != 2:
        raise MisreadError(item.at, "only a first derivative is read so, by one name below the line; a second has ^2")
    by = variable(resolve.around(under[1:]), scope, item.at)
    if len(over) == 1:
        of, after = operand(items, place + 1, scope, item.at)
        if after < len(items) and not isinstance(items[place + 1], Fence | Group):
            raise MisreadError(items[after].at, "how far does the derivative reach? put brackets around what it is of")
        return of, by, after
    return numerator(over, scope), by, place + 1


def numerator(over: Items, scope: Scope) -> Term:
    """All that stands behind the sign above the line, which is what the derivative is taken of."""
    return fixed(resolve.run_factor(over[1:], scope).value, over[1].at)


def _has_tilde(item: Ratio) -> bool:
    over = _run_items(item.over)
    return isinstance(over[0], Name) and over[0].text.endswith("tilde")


# layout


def _is_turned(item: Item, gradient: Gradient, scope: Scope) -> bool:
    """Whether the layout makes the derivative that starts with the item a Jacobian."""
    is_nabla = isinstance(item, Name) and item.text.startswith("nabla")
    return scope.dialect.turns(is_nabla, gradient.of.shape == SCALAR)


def _laid_out(taken: _Taken, item: Item, scope: Scope) -> Term:
    """The gradient or the Jacobian; of and by single entries, an entry of it, which is the same in either layout."""
    gradient = taken.gradient
    if not taken.by:
        return Transpose(gradient) if _is_turned(item, gradient, scope) else gradient
    if gradient.of.shape != SCALAR:
        raise MisreadError(item.at, f"the derivative of {show(gradient.of.shape)} by one entry is not read")
    whole, of = _parent(gradient)
    return entry(whole, (*taken.by, *of), item.at)


def _parent(gradient: Gradient) -> tuple[Gradient, tuple[str, ...]]:
    """The gradient of a whole vector, and the index of the entry of it that the derivative is of."""
    match gradient.of:
        case Product((Transpose(Basis(place)), Symbol() as vector)) if gradient.wrt.shape[1] == 1:
            return replace(gradient, of=vector), (str(place),)
        case _:
            return gradient, ()
