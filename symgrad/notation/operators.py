"""What takes an argument: functions, diag and trace, norms, products and sums with bounds, limits, sup and max."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from symgrad.kernel.affine import Affine
from symgrad.kernel.term import (
    SCALAR,
    Diagonal,
    DiagonalPart,
    Entrywise,
    IndexedSum,
    Limit,
    Magnitude,
    MagnitudeKind,
    OrderedProduct,
    Size,
    Term,
    Trace,
)

from . import derivatives, entries, extrema, resolve
from .dialect import ENTRYWISE_WORDS, FUNCTIONS, MAGNITUDES, OPERATIONS, REFUSED_WORDS
from .names import Scope, side_time, subscript_word, time_of, undeclared, written_name
from .nodes import (
    Chain,
    Content,
    Fence,
    Group,
    Item,
    Literal,
    Name,
    Operator,
    Script,
    Side,
    inside,
    only_item,
)
from .problem import MisreadError
from .scripts import scripted
from .values import Value, fixed, made, mapped, show

Items = Sequence[Item]
_GREEDY = frozenset({"sum", "lim", "sup", "max", "min"})
_NORMS = frozenset({"", "2", "op"})


# functions


def function_of(name: Name, scope: Scope) -> str:
    """The function that a name stands for, or ""."""
    dialect = scope.dialect
    if name.text in dialect.functions:
        return dialect.bound_functions.get(name.text, name.text)
    if name.text in dialect.symbols or written_name(name) in dialect.symbols:
        return ""
    return FUNCTIONS.get(name.text, "") if not subscript_word(name) else ""


def _operation_of(name: Name, scope: Scope) -> str:
    full = written_name(name)
    return "" if full in scope.dialect.symbols else OPERATIONS.get(full, "")


def takes_argument(name: Name, scope: Scope) -> bool:
    return bool(function_of(name, scope) or _operation_of(name, scope))


def refusal(name: Name, scope: Scope) -> str:
    """Why a name that is no symbol cannot be read; "" if it may be a symbol."""
    text = name.text
    if text in scope.dialect.symbols or text in scope.reals:
        return ""
    if text in REFUSED_WORDS and written_name(name) not in scope.dialect.symbols:
        return f"{REFUSED_WORDS[text]} is not read"
    if text in ENTRYWISE_WORDS and written_name(name) not in scope.dialect.symbols:
        return f"I do not know the function {text}; if it acts entrywise, declare it: % symgrad: {text} : function"
    if text in ("top", "infty", "prime", "forall", "exists") or text in _GREEDY:
        return f"\\{text} has no place here"
    if name.font == "text":
        return undeclared(text, written_name(name), scope) if len(text) < 3 else f"{text} is not declared"
    return ""


def application(items: Items, place: int, scope: Scope) -> tuple[Value, int]:
    """A function or operation with its argument: f(x), f'(x), \\tanh^2 x, diag(x)."""
    name = items[place]
    assert isinstance(name, Name)
    argument, outer = _argument(items, place, scope)
    function = function_of(name, scope)
    if function:
        value = _entrywise(name, function, argument)
        inner = tuple(script for script in name.scripts if script.mark == "^" and not _is_prime(script))
        if any(_is_negative(script) for script in inner):
            raise MisreadError(name.at, f"{name.text}^{{-1}} is ambiguous: the inverse function or one over it")
    else:
        value = _operation(name, _operation_of(name, scope), argument, scope)
        inner = tuple(script for script in name.scripts if script.mark != "_")
    return scripted(value, (*inner, *outer), scope, f"{name.text}(...)"), place + 2


def _is_negative(script: Script) -> bool:
    chain = script.content.chains[0]
    return chain.sides[0] is not None and chain.sides[0].runs[0].sign == "-"


def _is_prime(script: Script) -> bool:
    inner = only_item(script.content)
    return isinstance(inner, Name) and inner.text == "prime"


def _argument(items: Items, place: int, scope: Scope) -> tuple[Term, tuple[Script, ...]]:
    name = items[place]
    if place + 1 >= len(items) or isinstance(items[place + 1], Operator):
        raise MisreadError(name.at, f"{getattr(name, 'text', '')} needs an argument in brackets")
    following = items[place + 1]
    match following:
        case Fence(opening="(" | "[" | "{"):
            if len(following.content.chains) > 1:
                raise MisreadError(following.at, "a function of several arguments is not read")
            return resolve.content_term(following.content, scope, following.at), following.scripts
        case Name() | Group() | Fence() if place + 2 == len(items):
            return fixed(resolve.run_factor((following,), scope).value, following.at), ()
        case _:
            word = getattr(name, "text", "")
            raise MisreadError(following.at, f"how far does {word} reach? put its argument in brackets")


def _entrywise(name: Name, function: str, argument: Term) -> Term:
    primes = [script for script in name.scripts if script.mark == "'" or _superscript_prime(script)]
    if len(primes) > 1:
        raise MisreadError(primes[1].at, "a second derivative of a function is not read")
    if any(script.mark == "_" for script in name.scripts):
        raise MisreadError(name.at, f"a subscript has no place on the function {name.text}")
    return Entrywise(function + "'" * len(primes), argument)


def _superscript_prime(script: Script) -> bool:
    return script.mark == "^" and _is_prime(script)


def _operation(name: Name, operation: str, argument: Term, scope: Scope) -> Term:
    if any(script.mark == "'" for script in name.scripts):
        raise MisreadError(name.at, f"a prime has no place on {name.text}")
    match operation:
        case "diag" if argument.shape[1] == 1:
            return Diagonal(argument)
        case "diag" | "diagpart":
            return made(name.at, lambda: DiagonalPart(argument))
        case "trace":
            return made(name.at, lambda: Trace(argument))
        case _:
            return made(name.at, lambda: Magnitude(MAGNITUDES[operation], argument))


def norm(item: Fence, scope: Scope) -> Value:
    """||A||, perhaps with a 2 below it; on a vector also the infinity norm."""
    body = resolve.content_term(item.content, scope, item.at)
    below = next((script for script in item.scripts if script.mark == "_"), None)
    above = tuple(script for script in item.scripts if script.mark != "_")
    kind = _norm_kind(below, body, item.at)
    return scripted(made(item.at, lambda: Magnitude(kind, body)), above, scope, "a norm")


def _norm_kind(below: Script | None, body: Term, at: int) -> MagnitudeKind:
    inner = only_item(below.content) if below is not None else None
    word = inner.text if isinstance(inner, Name | Literal) else "" if below is None else "?"
    if word in _NORMS:
        return "spectral_norm"
    if word == "infty" and body.shape[1] == 1:
        return "largest_entry"
    raise MisreadError(at, f"the norm \\|...\\|_{word} of {show(body.shape)} is not read")


# products and sums with bounds


def is_greedy(item: Item) -> bool:
    """Sums, limits and extrema take the rest of their term."""
    return isinstance(item, Name) and item.text in _GREEDY


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
        return takes_argument(item, scope) or derivatives.starts(item, scope)
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
        case (Chain((Side() as left, Side() as low), relators),) if relators[0].text == "=" and above is not None:
            return index_of(left), side_time(low, scope), time_of(above.content, scope, above.at)
        case (Chain((Side() as low, Side() as middle, Side() as high), relators),) if above is None:
            first, second = (strictness(one.text, one.at) for one in relators)
            return index_of(middle), side_time(low, scope) + first, side_time(high, scope) - second
        case _:
            raise MisreadError(name.at, f"\\{name.text} needs an index and bounds, as in \\{name.text}_{{i=1}}^{{k}}")


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
