"""Signs that take what stands in or behind them: norms, products and sums with bounds, limits, sup and max."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from symgrad.kernel.affine import Affine, affine
from symgrad.kernel.term import (
    SCALAR,
    Entrywise,
    IndexedSum,
    Limit,
    Magnitude,
    MagnitudeKind,
    OrderedProduct,
    Product,
    Size,
    Term,
    Trace,
    Transpose,
)

from . import derivatives, entries, extrema, functions, resolve
from .names import Scope, side_time, time_of
from .nodes import Chain, Content, Fence, Item, Literal, Name, Operator, Script, Side, inside, only_item
from .problem import MisreadError
from .scripts import scripted
from .values import Value, fixed, made, mapped, show

Items = Sequence[Item]
_GREEDY = frozenset({"sum", "lim", "sup", "max", "min"})
_NORMS = frozenset({"", "2", "op"})


# norms


def norm(item: Fence, scope: Scope) -> Value:
    """||A||, perhaps with a 2 or an F below it; on a vector also the infinity norm."""
    body = resolve.content_term(item.content, scope, item.at)
    below = next((script for script in item.scripts if script.mark == "_"), None)
    above = tuple(script for script in item.scripts if script.mark != "_")
    inner = only_item(below.content) if below is not None else None
    word = inner.text if isinstance(inner, Name | Literal) else "" if below is None else "?"
    if word == "F" and body.shape[1] != 1:
        return _frobenius(body, above, scope)
    kind = _norm_kind(word, body, item.at)
    return scripted(made(item.at, lambda: Magnitude(kind, body)), above, scope, "a norm")


def _frobenius(body: Term, above: tuple[Script, ...], scope: Scope) -> Value:
    """The root of the sum of squares of all entries, or its square."""
    square = Trace(Product((Transpose(body), body)))
    power = only_item(above[0].content) if above else None
    if isinstance(power, Literal) and power.value == 2 and not power.scripts:
        return scripted(square, above[1:], scope, "a norm")
    return scripted(Entrywise("sqrt", square), above, scope, "a norm")


def _norm_kind(word: str, body: Term, at: int) -> MagnitudeKind:
    if word in _NORMS or word == "F":
        return "spectral_norm"
    if word == "infty" and body.shape[1] == 1:
        return "largest_entry"
    raise MisreadError(at, f"the norm \\|...\\|_{word} of {show(body.shape)} is not read")


# products and sums with bounds


def is_greedy(item: Item) -> bool:
    """Sums, limits and extrema take the rest of their term; \\max(0, x) and the word sum are functions."""
    if not isinstance(item, Name) or (item.text == "sum" and item.font in ("mathrm", "text")):
        return False
    return item.text in _GREEDY and (item.text != "max" or bool(item.scripts))


def greedy(name: Item, body: Items, scope: Scope) -> Value:
    """A sum, limit or extremum whose body is the rest of the term."""
    assert isinstance(name, Name)
    if not body:
        raise MisreadError(name.at, f"\\{name.text} of nothing")
    match name.text:
        case "sum" if (entries_range := entries.component_range(name, scope)) is not None:
            return _over_entries(name, *entries_range, body, scope)
        case "sum":
            index, lower, upper = _bounds(name, scope)
            return _over(body, scope.with_index(index), name.at, lambda term: IndexedSum(index, lower, upper, term))
        case "lim":
            index = _limit_index(name)
            return _over(body, scope.with_index(index), name.at, lambda term: Limit(index, term))
        case _:
            return extrema.extremum(name, body, scope)


def _over_entries(name: Name, indices: tuple[str, ...], size: Size | None, body: Items, scope: Scope) -> Value:
    for index in indices:
        scope = scope.with_component(index)
    term = fixed(resolve.run_factor(body, scope).value, name.at)
    for index in reversed(indices):
        term = entries.summed(index, size, term, name.at)
    return term


def _over(body: Items, scope: Scope, at: int, build: Callable[[Term], Term]) -> Value:
    return mapped(resolve.run_factor(body, scope).value, at, build)


def enclosed_product(items: Items, scope: Scope) -> Value | None:
    """The product with bounds that a bracket holds alone: all factors in it belong to it, if they make a square."""
    name, *rest = items
    if not isinstance(name, Name) or name.text != "prod" or len(rest) < 2 or any(map(is_greedy, items)):
        return None
    index, lower, upper = _bounds(name, scope)
    body = _square(rest, scope.with_index(index))
    mentioned = any(_mentions(item, index, scope) for item in rest)
    return OrderedProduct(index, lower, upper, body) if body is not None and mentioned else None


def _square(items: Items, scope: Scope) -> Term | None:
    """The value of some factors if they can be read by themselves and are square."""
    try:
        value = resolve.run_factor(items, scope).value
    except MisreadError:
        return None
    return value if isinstance(value, Term) and value.shape[0] == value.shape[1] else None


def ordered_product(items: Items, place: int, scope: Scope) -> tuple[Value, int]:
    """A product with bounds: it takes the factors up to the last that mentions its index.

    Refused where a matrix that does not mention it comes next: it could belong to each factor as well.
    """
    name = items[place]
    assert isinstance(name, Name)
    index, lower, upper = _bounds(name, scope)
    rest = items[place + 1 :]
    mentions = [number for number, item in enumerate(rest, 1) if _mentions(item, index, scope)]
    if not mentions and len(rest) != 1:
        raise MisreadError(name.at, f"no factor after \\prod mentions {index}; put brackets around what it multiplies")
    length = _reach(rest, max(mentions, default=1), scope)
    value = resolve.run_factor(rest[:length], scope.with_index(index)).value
    if mentions and length < len(rest) and not isinstance(rest[length], Operator):
        _refuse_matrix_behind(rest[length : _reach(rest, length + 1, scope)], value, scope)
    return mapped(value, name.at, lambda term: OrderedProduct(index, lower, upper, term)), place + 1 + length


def _refuse_matrix_behind(items: Items, body: Value, scope: Scope) -> None:
    following = _square(items, scope)
    if following is not None and isinstance(body, Term) and SCALAR not in (body.shape, following.shape):
        question = " in each factor of the product, or behind it? put brackets"
        raise MisreadError(items[0].at, "is ", following, question)


def _reach(rest: Items, length: int, scope: Scope) -> int:
    """How many items the product takes, if it must take `length`: a function or derivative takes its argument along,
    and a sum or extremum all that follows it."""
    if any(is_greedy(item) for item in rest[:length]):
        return len(rest)
    while length < len(rest) and _is_head(rest[length - 1], scope):
        length += 1
    return length


def _is_head(item: Item, scope: Scope) -> bool:
    if isinstance(item, Name):
        return functions.takes_argument(item, scope) or derivatives.starts(item, scope)
    return derivatives.is_operator(item, scope)


def _mentions(item: Item, index: str, scope: Scope) -> bool:
    """Whether the index occurs; a declared name with a script, such as a gate i_t, is not the index i."""
    named = index in scope.dialect.symbols
    return any(isinstance(one, Name) and one.text == index and not (named and one.scripts) for one in inside(item))


def _bounds(name: Name, scope: Scope) -> tuple[str, Affine, Affine]:
    below = next((script for script in name.scripts if script.mark == "_"), None)
    above = next((script for script in name.scripts if script.mark == "^"), None)
    if below is None or len(name.scripts) > 2 or (above is None and len(name.scripts) > 1):
        raise MisreadError(name.at, f"\\{name.text} needs an index and bounds, as in \\{name.text}_{{i=1}}^{{k}}")
    match below.content.chains:
        case (Chain((Side() as alone,), ()),) if name.text == "sum" and above is None:
            return _all_steps(name.at, alone, scope)
        case (Chain((Side() as left, Side() as low), relators),) if relators[0].text == "=" and above is not None:
            return index_of(left), side_time(low, scope), time_of(above.content, scope, above.at)
        case (Chain((Side() as low, Side() as middle, Side() as high), relators),) if above is None:
            first, second = (strictness(one.text, one.at) for one in relators)
            return index_of(middle), side_time(low, scope) + first, side_time(high, scope) - second
        case _:
            raise MisreadError(name.at, f"\\{name.text} needs an index and bounds, as in \\{name.text}_{{i=1}}^{{k}}")


def _all_steps(at: int, alone: Side, scope: Scope) -> tuple[str, Affine, Affine]:
    """The bounds of a sum over t alone: from the first step to the last, if both are declared."""
    index = index_of(alone)
    if scope.first is None or not scope.latest or index == scope.latest or not scope.is_time(index):
        alone_is = f"over {index} alone it runs over all steps, if a start and a horizon are declared"
        raise MisreadError(at, f"\\sum needs an index and bounds, as in \\sum_{{i=1}}^{{k}}; {alone_is}")
    return index, affine(scope.first), affine(scope.latest)


def strictness(relator: str, at: int) -> int:
    if relator not in ("<", "lt", "le", "leq", "leqslant"):
        raise MisreadError(at, "I expected bounds such as 1 \\le i \\le k")
    return int(relator in ("<", "lt"))


def index_of(side: Side) -> str:
    item = only_item(Content((Chain((side,), ()),)))
    if not isinstance(item, Name) or item.scripts:
        raise MisreadError(side.at, "I expected the name of an index here")
    return item.text


def _limit_index(name: Name) -> str:
    match [script.content.chains for script in name.scripts]:
        case [(Chain((Side() as left, Side() as right), relators),)] if relators[0].text in ("to", "rightarrow"):
            target = only_item(Content((Chain((right,), ()),)))
            if isinstance(target, Name) and target.text == "infty":
                return index_of(left)
    raise MisreadError(name.at, "only a limit such as \\lim_{k \\to \\infty} is read")
