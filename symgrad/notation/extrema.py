"""sup and max over a real variable, and max and min over the entries of a vector."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from symgrad.kernel.term import SCALAR, Extremum, Magnitude, Symbol, Term, walk

from . import operators, resolve
from .names import Scope
from .nodes import Chain, Content, Fence, Item, Literal, Name, Side, only_item
from .problem import MisreadError
from .values import Value, fixed, show

Items = Sequence[Item]


def extremum(name: Name, body: Items, scope: Scope) -> Value:
    variable, size = _variable(name)
    entry = _entry(body, variable)
    if entry is not None:
        return _largest(name, entry, size, scope)
    if size is not None or name.text == "min":
        raise MisreadError(name.at, f"\\{name.text} is read over the entries of a vector only as \\{name.text}_j |v_j|")
    term = fixed(resolve.run_factor(body, scope.with_real(variable)).value, name.at)
    if term.shape != SCALAR:
        raise MisreadError(name.at, f"\\{name.text} of {show(term.shape)}, which is not a scalar")
    if not any(one == Symbol(variable, SCALAR) for one in _symbols(term)):
        raise MisreadError(name.at, f"\\{name.text} over {variable}, which does not occur in what follows")
    return Extremum("sup" if name.text == "sup" else "max", variable, term)


def _symbols(term: Term) -> list[Term]:
    return [one for one in walk(term) if isinstance(one, Symbol)]


def _variable(name: Name) -> tuple[str, Side | None]:
    """The variable below sup or max, and the upper bound if it is given as 1 <= j <= n."""
    match [script.content.chains for script in name.scripts]:
        case [(Chain((Side() as alone,), ()),)]:
            return operators.index_of(alone), None
        case [(Chain((Side() as left, Side() as right), relators),)] if relators[0].text == "in":
            if _is_reals(right):
                return operators.index_of(left), None
        case [(Chain((Side() as low, Side() as middle, Side() as high), relators),)]:
            if _is_one(low) and all(operators.strictness(one.text, one.at) == 0 for one in relators):
                return operators.index_of(middle), high
    raise MisreadError(name.at, f"\\{name.text} needs one variable below it, as in \\{name.text}_x")


def _is_reals(side: Side) -> bool:
    item = only_item(Content((Chain((side,), ()),)))
    return isinstance(item, Name) and item.text == "R" and item.font == "mathbb" and not item.scripts


def _is_one(side: Side) -> bool:
    item = only_item(Content((Chain((side,), ()),)))
    return isinstance(item, Literal) and item.value == 1 and not item.scripts


def _entry(body: Items, variable: str) -> Item | None:
    """The vector v if the body is |v_j|, else None."""
    match tuple(body):
        case (Fence(opening="|", scripts=(), content=content),):
            inner = only_item(content)
            return None if inner is None else _without_entry(inner, variable)
        case _:
            return None


def _without_entry(item: Item, variable: str) -> Item | None:
    below = next((script for script in item.scripts if script.mark == "_"), None)
    if below is None or not below.content.chains:
        return None
    last = only_item(Content(below.content.chains[-1:]))
    if not isinstance(last, Name) or last.text != variable or last.scripts:
        return None
    kept = below.content.chains[:-1]
    left = (replace(below, content=Content(kept)),) if kept else ()
    others = tuple(script for script in item.scripts if script is not below)
    return replace(item, scripts=(*left, *others))


def _largest(name: Name, entry: Item, size: Side | None, scope: Scope) -> Value:
    vector = fixed(resolve.run_factor((entry,), scope).value, entry.at)
    if vector.shape[1] != 1:
        raise MisreadError(entry.at, f"the entries with one index of {show(vector.shape)}")
    if size is not None and not _is_size(size, vector):
        raise MisreadError(size.at, f"the bound is not the number of entries of {show(vector.shape)}")
    if name.text == "sup":
        raise MisreadError(name.at, "the largest entry of a vector is a max, not a sup")
    return Magnitude("largest_entry" if name.text == "max" else "smallest_entry", vector)


def _is_size(side: Side, vector: Term) -> bool:
    item = only_item(Content((Chain((side,), ()),)))
    return isinstance(item, Name | Literal) and item.text == str(vector.shape[0])
