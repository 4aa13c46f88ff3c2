"""Single items: names, numbers, fractions, braces, brackets and bars, with their scripts."""

from __future__ import annotations

from symgrad.kernel.term import (
    SCALAR,
    Identity,
    Magnitude,
    Ones,
    Product,
    Scale,
    Shape,
    Size,
    Transpose,
    Zero,
    number,
)

from . import derivatives, entries, functions, operators, resolve
from .names import Scope, entry_of, show_symbol, size_of, written_name
from .nodes import (
    Command,
    Content,
    Dots,
    Fence,
    Group,
    Item,
    Literal,
    Name,
    Operator,
    Ratio,
    Script,
    Words,
    only_item,
    only_side,
)
from .problem import MisreadError
from .scripts import entry_scripted, scripted
from .values import Factor, Pending, Value, identity, one, ones, quotient, show, zero


def single(item: Item, scope: Scope) -> Factor:
    match item:
        case Name():
            return Factor(name_value(item, scope), item.at)
        case Literal():
            return _literal(item, scope)
        case Ratio(over=over, under=under):
            above, below = (resolve.content_term(part, scope, item.at) for part in (over, under))
            value = quotient(above, below, item.at)
            bare = not item.scripts and all(isinstance(only_item(part), Literal) for part in (over, under))
            return Factor(scripted(value, item.scripts, scope, "a fraction"), item.at, bare)
        case Group():
            return _group(item, scope)
        case Fence():
            return Factor(fence_value(item, scope), item.at)
        case Command(text="sqrt"):
            return Factor(functions.root(item, scope), item.at)
        case _:
            raise MisreadError(item.at, _refusal(item))


def _refusal(item: Item) -> str:
    match item:
        case Words(text=text):
            return f"words inside a formula: {text[:40]!r} (a condition is declared: % symgrad: assume ...)"
        case Dots():
            return "dots are read in a product, between its terms; here, write out what they stand for"
        case Command(text=text):
            return f"\\{text} is read only around a whole side or factor, with a name below it"
        case _:
            return "I expected a term here"


# names and numbers


def name_value(item: Name, scope: Scope) -> Value:
    """The value of a name that takes no argument, with all its scripts."""
    text = item.text
    if _is_identity(item, scope):
        return _identity(item, scope)
    special = entries.unit_vector(item, scope) or entries.kronecker(item, scope)
    if special is not None:
        above = tuple(script for script in item.scripts if script.mark != "_")
        return scripted(special, above, scope, item.text)
    found = functions.exponential(item, scope)
    if found is not None:
        return found
    size, powers = size_of(item, scope.dialect)
    if size and all(script.mark == "^" for script in powers):
        return scripted(functions.size_number(size), powers, scope, text)
    refusal = functions.refusal(item, scope)
    if refusal:
        raise MisreadError(item.at, refusal)
    symbol, indices, left = entry_of(item, scope)
    if indices:
        return entry_scripted(entries.entry(symbol, indices, item.at), left, scope, show_symbol(symbol))
    return scripted(symbol, left, scope, show_symbol(symbol) if symbol.name else text)


def _is_identity(item: Name, scope: Scope) -> bool:
    names = scope.dialect.symbols
    return item.text in ("I", "Id") and item.text not in names and written_name(item) not in names


def _identity(item: Name, scope: Scope) -> Value:
    below = next((script for script in item.scripts if script.mark == "_"), None)
    above = tuple(script for script in item.scripts if script.mark != "_")
    value = identity() if below is None else Identity(_size(below, scope, item.at)[0])
    return scripted(value, above, scope, "I")


def _literal(item: Literal, scope: Scope) -> Factor:
    below = next((script for script in item.scripts if script.mark == "_"), None)
    above = tuple(script for script in item.scripts if script.mark != "_")
    if below is not None:
        shape = _size(below, scope, item.at)
        if item.value not in (0, 1):
            raise MisreadError(item.at, f"a subscript has no place on the number {item.text}")
        return Factor(scripted(Ones(shape) if item.value == 1 else Zero(shape), above, scope, item.text), item.at)
    value = _number(item)
    if above and isinstance(value, Pending) and value.default is not None:
        value = value.default
    return Factor(scripted(value, above, scope, item.text), item.at, bare=not above and not item.font)


def _number(item: Literal) -> Value:
    bold = item.font in ("mathbf", "boldsymbol", "mathbb", "vec")
    if item.value == 1:
        return ones() if bold else one(1)
    if item.value == 0:
        return zero(bold)
    return number(item.value)


def _size(script: Script, scope: Scope, at: int) -> Shape:
    """A subscript such as n, 3 or n \\times m."""
    side = only_side(script.content)
    items = side.runs[0].items if side is not None and len(side.runs) == 1 and not side.runs[0].sign else ()
    sizes = [_one_size(item, scope) for item in items if not isinstance(item, Operator)]
    signs = [item.text for item in items if isinstance(item, Operator)]
    match sizes, signs:
        case [rows], []:
            return (rows, 1)
        case [rows, columns], ["times"]:
            return (rows, columns)
        case _:
            raise MisreadError(at, "I expected a size here, such as n or n \\times m")


def _one_size(item: Item, scope: Scope) -> Size:
    match item:
        case Name() if size_of(item, scope.dialect)[0]:
            return size_of(item, scope.dialect)[0]
        case Literal(scripts=(), value=value) if value.denominator == 1 and value > 0:
            return int(value)
        case Name(text=text):
            raise MisreadError(item.at, f"{text} is not declared as a size")
        case _:
            raise MisreadError(item.at, "I expected a size here, such as n or n \\times m")


# brackets


def _group(item: Group, scope: Scope) -> Factor:
    inner = only_item(item.content)
    if inner is not None and isinstance(inner, Name | Literal | Fence | Group | Ratio):
        found = resolve.run_factor((inner,), scope)
        value = derivatives.turned(inner, item.scripts, scope)
        if value is not None:
            return Factor(scripted(value, item.scripts[1:], scope, "a derivative"), item.at)
        bare = not item.scripts and found.bare
        return Factor(scripted(found.value, item.scripts, scope, _words_for(inner)), item.at, bare)
    if item.scripts:
        raise MisreadError(item.at, "braces do not print; put brackets around what the script belongs to")
    side = only_side(item.content)
    if side is None or len(side.runs) != 1:
        raise MisreadError(item.at, "braces do not print; put brackets around the sum")
    return Factor(resolve.side_value(side, scope), item.at)


def _words_for(item: Item) -> str:
    return item.text if isinstance(item, Name) else "this"


def fence_value(item: Fence, scope: Scope) -> Value:
    """What a bracket, norm or absolute value means, with its scripts."""
    match (item.opening, item.closing):
        case ("(", ")") | ("[", "]") | ("{", "}"):
            return _bracketed(item, scope)
        case ("||", "||"):
            return operators.norm(item, scope)
        case ("|", "|"):
            body = resolve.content_term(item.content, scope, item.at)
            if body.shape != SCALAR:
                advice = "write \\|...\\| for its norm" + "; \\det(...) for its determinant" * (body.shape[1] != 1)
                raise MisreadError(item.at, f"|...| of {show(body.shape)}; {advice}")
            return scripted(Magnitude("spectral_norm", body), item.scripts, scope, "|...|")
        case ("<", ">"):
            return _inner_product(item, scope)
        case (".", "|"):
            return derivatives.held(item, scope)
        case (opening, closing):
            raise MisreadError(item.at, f"the brackets {opening} ... {closing} are not read here")


def _bracketed(item: Fence, scope: Scope) -> Value:
    turned = derivatives.turned(item, item.scripts, scope)
    if turned is not None:
        return scripted(turned, item.scripts[1:], scope, "a derivative")
    if len(item.content.chains) > 1:
        advice = "split the matrix before it, as in W_h h + W_x x"
        raise MisreadError(item.at, f"a list in brackets (stacked vectors) is not read; {advice}")
    value = resolve.content_value(item.content, scope, item.at)
    if item.scripts and isinstance(value, Pending) and value.default is not None:
        value = value.default
    return scripted(value, item.scripts, scope, "a bracket")


def _inner_product(item: Fence, scope: Scope) -> Value:
    if len(item.content.chains) != 2:
        raise MisreadError(item.at, "an inner product has two parts, as in \\langle u, v \\rangle")
    left, right = (resolve.content_term(Content((chain,)), scope, item.at) for chain in item.content.chains)
    if left.shape != right.shape or left.shape[1] != 1:
        shapes = f"{show(left.shape)} and {show(right.shape)}"
        raise MisreadError(item.at, f"shapes do not fit: the inner product of {shapes}")
    value = Scale(left, right) if left.shape == SCALAR else Product((Transpose(left), right))
    return scripted(value, item.scripts, scope, "an inner product")
