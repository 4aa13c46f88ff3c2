"""Second derivatives of scalars: \\nabla_x^2 f, \\partial^2 f / \\partial x \\partial y^\\top, or by two entries.

The derivative by x and y^T is the gradient by x of the gradient by y, in every layout.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from symgrad.kernel.term import SCALAR, Gradient, Symbol, Term

from . import derivatives, resolve
from .entries import entry
from .names import Scope
from .nodes import Item, Literal, Name, Ratio, Script, only_item
from .problem import MisreadError
from .scripts import scripted, transposes
from .values import Value, made, show

Items = Sequence[Item]
_ADVICE = "a second derivative is taken by \\partial x \\partial y^\\top, by \\partial x^2 or by two entries"


def is_second(item: Item, scope: Scope) -> bool:
    """Whether a second derivative starts with this item, which a derivative starts with."""
    if isinstance(item, Ratio):
        parts = derivatives.fraction(item, scope)
        return parts is not None and bool(parts[1][0].scripts)
    return isinstance(item, Name) and any(map(_is_square, item.scripts))


def _is_square(script: Script) -> bool:
    inner = only_item(script.content)
    return script.mark == "^" and isinstance(inner, Literal) and inner.value == 2 and not inner.scripts


def read(items: Items, place: int, scope: Scope) -> tuple[Value, int]:
    """The second derivative that starts at a place, with the scripts of a fraction, and the place after it."""
    item = items[place]
    if isinstance(item, Ratio):
        return _of_fraction(items, place, scope)
    below = [script for script in item.scripts if not _is_square(script)]
    if len(item.scripts) != 2 or [script.mark for script in below] != ["_"] or _direct(item):
        raise MisreadError(item.at, "a Hessian needs the name that it is taken by, as in \\nabla_x^2 f")
    by, index = derivatives.variable(below[0].content, scope, item.at)
    if index:
        raise MisreadError(item.at, "a Hessian is taken by a whole vector, not by an entry of it")
    of, after = derivatives.operand(items, place + 1, scope, item.at)
    return _gradients(of, by, by, item.at, scope), after


def _direct(item: Item) -> bool:
    return isinstance(item, Name) and item.text.endswith("tilde")


def _gradients(of: Term, first: Symbol, second: Symbol, at: int, scope: Scope) -> Term:
    """The gradient by the first name of the gradient by the second."""
    if of.shape != SCALAR:
        raise MisreadError(at, f"a second derivative of {show(of.shape)} is not read, only of a scalar")
    for one in (first, second):
        if one.shape[1] != 1:
            raise MisreadError(at, f"a second derivative by {show(one.shape)} is not read")
    held = scope.dialect.hold
    return made(at, lambda: Gradient(Gradient(of, second, held), first, held))


def _of_fraction(items: Items, place: int, scope: Scope) -> tuple[Value, int]:
    item = items[place]
    assert isinstance(item, Ratio)
    parts = derivatives.fraction(item, scope)
    assert parts is not None
    sign, over, under = parts
    if sign.endswith("tilde") or not (len(over[0].scripts) == 1 and _is_square(over[0].scripts[0])):
        raise MisreadError(item.at, "only first and second derivatives are read, and of direct ones only the first")
    (first, first_index), (second, second_index) = _variables(under, sign, item.at, scope)
    if len(over) > 1:
        of, after = derivatives.numerator(over, scope), place + 1
    else:
        of, after = derivatives.operand(items, place + 1, scope, item.at)
    value = _gradients(of, first, second, item.at, scope)
    if first_index:
        value = entry(value, (*first_index, *second_index), item.at)
    return scripted(value, item.scripts, scope, "a second derivative"), after


_Variable = tuple[Symbol, tuple[str, ...]]


def _variables(under: Items, sign: str, at: int, scope: Scope) -> tuple[_Variable, _Variable]:
    """What a second derivative is taken by: the first name and the second one, with the index of an entry."""
    groups = _groups(under, sign)
    if len(groups) == 1 and len(groups[0]) == 1:
        square, name = _without(groups[0][0], _is_square)
        found = derivatives.variable(resolve.around((name,)), scope, at)
        if square:
            return found, found
    if [len(one) for one in groups] != [1, 1]:
        raise MisreadError(at, _ADVICE)
    turned, name = _without(groups[1][0], transposes)
    first = derivatives.variable(resolve.around(groups[0]), scope, at)
    second = derivatives.variable(resolve.around((name,)), scope, at)
    entries = bool(first[1]) and bool(second[1])
    scalars = first[0].shape == second[0].shape == SCALAR
    if bool(first[1]) != bool(second[1]) or turned == (entries or scalars):
        raise MisreadError(at, _ADVICE)
    return first, second


def _groups(under: Items, sign: str) -> list[tuple[Item, ...]]:
    groups: list[tuple[Item, ...]] = []
    for one in under:
        if isinstance(one, Name) and one.text == sign and not one.scripts:
            groups.append(())
        else:
            groups[-1] = (*groups[-1], one)
    return groups


def _without(item: Item, what: Callable[[Script], bool]) -> tuple[bool, Item]:
    """Whether the last script of an item is a certain one, and the item without it."""
    if item.scripts and what(item.scripts[-1]):
        return True, replace(item, scripts=item.scripts[:-1])
    return False, item
