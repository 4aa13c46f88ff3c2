"""From the parse tree to terms: declarations and shapes decide what is meant.

Here are sums and products; `atoms.py` has names, numbers and brackets, `operators.py` what takes an argument,
`derivatives.py` the derivatives. Nothing is dropped and nothing guessed: what finds no place raises MisreadError.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import takewhile

from symgrad.kernel.term import SCALAR, Entrywise, Symbol, Term, parts

from . import atoms, derivatives, differential_names, functions, operators
from .dialect import BARE_WORDS, NAMES
from .dots import filled
from .names import Scope
from .nodes import (
    Chain,
    Content,
    Dots,
    Fence,
    Group,
    Item,
    Literal,
    Name,
    Operator,
    Ratio,
    Run,
    Script,
    Side,
    only_item,
    only_side,
)
from .problem import MisreadError
from .scripts import transposes
from .values import Factor, Value, fixed, hadamard, mapped, multiplied, negated, quotient, total

Items = Sequence[Item]
MAX_TERM_DEPTH = 150


@dataclass(frozen=True, slots=True, kw_only=True)
class Known(Item):
    """An item that has been resolved already."""

    value: Value


def resolved(side: Side, scope: Scope) -> Value:
    """The value of a whole side. Raises MisreadError also where it nests too deep for anyone to go on with."""
    try:
        value = side_value(side, scope)
    except RecursionError:
        raise MisreadError(side.at, "this is nested too deep to be read") from None
    if isinstance(value, Term) and _is_deep(value):
        raise MisreadError(side.at, f"terms nested more than {MAX_TERM_DEPTH} deep are not read")
    return value


def _is_deep(term: Term) -> bool:
    level = [term]
    for _ in range(MAX_TERM_DEPTH):
        level = [part for one in level for part in parts(one)]
        if not level:
            return False
    return True


def side_value(side: Side, scope: Scope) -> Value:
    """The value of a sum."""
    return total([_signed(run, scope) for run in side.runs])


def content_value(content: Content, scope: Scope, at: int) -> Value:
    """The value of what stands between brackets: a single sum, without commas or relations."""
    side = only_side(content)
    if side is None:
        chains = content.chains
        what = "a list" if len(chains) > 1 else "a relation" if chains and chains[0].relators else "nothing"
        raise MisreadError(at, f"I expected a term here, not {what}")
    run = side.runs[0]
    alone = operators.enclosed_product(flattened(run.items), scope) if len(side.runs) == 1 and not run.sign else None
    return side_value(side, scope) if alone is None else alone


def content_term(content: Content, scope: Scope, at: int) -> Term:
    return fixed(content_value(content, scope, at), at)


def _signed(run: Run, scope: Scope) -> Factor:
    items = flattened(run.items)
    found = run_factor(items, scope)
    if run.sign != "-":
        return found
    if _starts_with_number(items) and not found.bare:
        return Factor(_negative_multiple(items, scope), run.at)
    return negated(found)


def _starts_with_number(items: Items) -> bool:
    """Whether a minus sign before the items belongs to a coefficient: -2 x is (-2) x, while -x y is -(x y)."""
    return len(_split(items)) == 1 and is_number(items[0])


def is_number(item: Item) -> bool:
    """Whether an item is a number, or one over another."""
    match item:
        case Literal(scripts=(), font=""):
            return True
        case Ratio(scripts=(), over=over, under=under):
            return all(isinstance(only_item(part), Literal) for part in (over, under))
        case _:
            return False


def _negative_multiple(items: Items, scope: Scope) -> Value:
    coefficient, place = _factor(items, 0, scope)
    bare = Factor(coefficient.value, items[0].at, True)
    if place < len(items) and isinstance(items[place], Operator):
        place += 1
    first = Known(items[0].at, value=negated(bare).value)
    return run_factor((first, *items[place:]), scope).value


def run_factor(items: Items, scope: Scope) -> Factor:
    """The value of factors and the signs between them."""
    items = flattened(items)
    parts = _split(items)
    if len(parts) == 1:
        return _product(parts[0], scope)
    factors = [_product(part, scope) for part in parts]
    outside = takewhile(lambda item: not operators.is_greedy(item), items)
    divides = next((item.at for item in outside if _is_sign(item, "oslash")), None)
    if divides is not None:
        factors[-1] = _inverted(factors[-1], divides)
    return Factor(hadamard(factors), items[0].at)


def _inverted(factor: Factor, at: int) -> Factor:
    return Factor(mapped(factor.value, at, lambda term: Entrywise("reciprocal", term)), factor.at)


def _is_sign(item: Item, *signs: str) -> bool:
    return isinstance(item, Operator) and item.text in signs


def _split(items: Items) -> list[Items]:
    """The parts between signs of entrywise products and one division, the last of them; a sum or extremum takes all
    that follows it into its part."""
    parts: list[list[Item]] = [[]]
    taken = divided = False
    for item in items:
        taken = taken or operators.is_greedy(item)
        if taken or not _is_sign(item, "odot", "oslash"):
            parts[-1].append(item)
        elif divided:
            raise MisreadError(item.at, "what is divided by what? put brackets around one of the entrywise products")
        elif parts[-1]:
            parts.append([])
            divided = _is_sign(item, "oslash")
        else:
            raise MisreadError(item.at, "an entrywise product with nothing on its left")
    if not parts[-1]:
        raise MisreadError(items[-1].at, "an entrywise product with nothing on its right")
    return list(parts)


def flattened(items: Items) -> tuple[Item, ...]:
    """Braces that only group for TeX are taken away: {A B} C is A B C, and h^{[t]}{}^2 is {h^{[t]}}^2."""
    flat: list[Item] = []
    for item in items:
        match item:
            case Group(content=content, scripts=scripts) if _is_empty(content):
                if scripts and flat:
                    flat.append(_with_scripts(flat.pop(), scripts))
            case Group(scripts=()) if len(items) > 1 and (inner := _lone_run(item)) is not None:
                flat.extend(flattened(inner.items))
            case _:
                flat.append(unbraced(item))
    return tuple(flat)


def unbraced(item: Item) -> Item:
    """A lone name in braces, as {\\bf h}_t has it, with the scripts on the braces as its own."""
    if isinstance(item, Group):
        inner = only_item(item.content)
        if isinstance(inner, Group):
            inner = unbraced(inner)
        if isinstance(inner, Name) and not inner.scripts:
            return replace(inner, scripts=item.scripts)
    return item


def lone_name(side: Side | None) -> Name | None:
    """The name that a side consists of, perhaps in braces; None if it is anything else."""
    item = only_item(Content((Chain((side,), ()),))) if side is not None else None
    inner = unbraced(item) if item is not None else None
    return inner if isinstance(inner, Name) else None


def _is_empty(content: Content) -> bool:
    return all(side is None for chain in content.chains for side in chain.sides) and len(content.chains) <= 1


def _with_scripts(item: Item, scripts: tuple[Script, ...]) -> Item:
    if isinstance(item, Fence) and not item.scripts:
        return replace(item, scripts=scripts)
    return Group(item.at, scripts, content=around((item,)))


def around(items: Items) -> Content:
    """A content that holds these items and nothing else."""
    return Content((Chain((Side((Run("", tuple(items), items[0].at),), items[0].at),), ()),))


def _lone_run(item: Group) -> Run | None:
    side = only_side(item.content)
    return side.runs[0] if side is not None and len(side.runs) == 1 and not side.runs[0].sign else None


def _product(items: Items, scope: Scope) -> Factor:
    dots = next((place for place, item in enumerate(items) if isinstance(item, Dots)), None)
    if dots is not None and len(items) > 1:
        return Factor(_dotted(items, dots, scope), items[0].at)
    factors = _factors(items, scope)
    return factors[0] if len(factors) == 1 else Factor(multiplied(factors), items[0].at)


def _dotted(items: Items, place: int, scope: Scope) -> Value:
    at = items[place].at
    sides = [_factors(_without_end_signs(part), scope) if part else [] for part in (items[:place], items[place + 1 :])]
    before, after = ([fixed(one.value, one.at) for one in side] for side in sides)
    taken, product, used = filled(before, after, scope, at)
    return multiplied([*sides[0][:-taken], Factor(product, at), *sides[1][used:]])


def _without_end_signs(items: Items) -> Items:
    """Without a \\cdot beside the dots."""
    kept = list(items)
    while kept and isinstance(kept[-1], Operator) and kept[-1].text in ("cdot", "times"):
        kept.pop()
    while kept and isinstance(kept[0], Operator) and kept[0].text in ("cdot", "times"):
        kept.pop(0)
    return kept


def _factors(items: Items, scope: Scope) -> list[Factor]:
    factors: list[Factor] = []
    place = 0
    items = _with_ones(items)
    while place < len(items):
        item = items[place]
        if isinstance(item, Operator):
            place = _operator(item, items, place, factors, scope)
            continue
        _refuse_digits_side_by_side(items, place)
        _refuse_bare_word(items, place)
        _refuse_call(items, place, factors)
        differential_names.refuse_size(items, place, scope)
        differential = differential_names.named(items, place, scope)
        if differential is not None:
            factors.append(Factor(atoms.name_value(differential, scope), item.at))
            place += 2
            continue
        factor, place = _factor(items, place, scope)
        factors.append(factor)
    if not factors:
        raise MisreadError(items[0].at if items else 0, "I expected a term here")
    return factors


def _with_ones(items: Items) -> Items:
    """A plain 1 with a transpose is a vector of ones, and so is one before it: 1^T v, 1 1^T, 11^T."""
    found: list[Item] = []
    for item in items:
        if not _is_plain_one(item) or not item.scripts or not transposes(item.scripts[0]):
            found.append(item)
            continue
        assert isinstance(item, Literal)
        before = found[-1] if found else None
        if isinstance(before, Literal) and _is_plain_one(before) and not before.scripts:
            found[-1] = _bold_one(before)
        found += [_bold_one(replace(item, scripts=()))] * (len(item.text) - 1)
        found.append(_bold_one(item))
    return found


def _is_plain_one(item: Item) -> bool:
    return isinstance(item, Literal) and item.text in ("1", "11") and not item.font


def _bold_one(item: Literal) -> Literal:
    return replace(item, value=Fraction(1), text="1", font="mathbf")


def _operator(item: Operator, items: Items, place: int, factors: list[Factor], scope: Scope) -> int:
    """Step over a sign between factors; a division is carried out."""
    if item.text not in ("cdot", "times", "/"):
        raise MisreadError(item.at, f"the sign \\{item.text} is not read here")
    sign = item.text if item.text == "/" else f"\\{item.text}"
    if not factors or place + 1 == len(items) or isinstance(items[place + 1], Operator):
        raise MisreadError(item.at, f"{sign} needs a factor on both sides")
    if item.text != "/":
        return place + 1
    return _division(item, items, place, factors, scope)


def _division(item: Operator, items: Items, place: int, factors: list[Factor], scope: Scope) -> int:
    over = factors.pop()
    under, after = _factor(items, place + 1, scope)
    if factors or after < len(items):
        raise MisreadError(item.at, "what is divided by what? write \\frac{...}{...}")
    value = quotient(fixed(over.value, over.at), fixed(under.value, under.at), item.at)
    factors.append(Factor(value, over.at, bare=over.bare and under.bare))
    return after


def _refuse_call(items: Items, place: int, factors: Sequence[Factor]) -> None:
    """L(h) of a scalar L is a product by the letter, but nobody writes a product so."""
    if not factors or not isinstance(items[place - 1], Name) or not isinstance(factors[-1].value, Symbol):
        return
    match items[place]:
        case Fence(opening="(", content=content) if factors[-1].value.shape == SCALAR:
            if len(content.chains) > 1 or isinstance(only_item(content), Name):
                what = f"{factors[-1].value.name} is a scalar, not a function"
                raise MisreadError(items[place].at, f"{what}: write it alone, or a product without brackets")


def _refuse_digits_side_by_side(items: Items, place: int) -> None:
    pair = items[max(place - 1, 0) : place + 1]
    if len(pair) == 2 and all(isinstance(item, Literal) and not item.font for item in pair):
        raise MisreadError(items[place].at, "two numbers side by side; write \\cdot between them")


def _refuse_bare_word(items: Items, place: int) -> None:
    """tanh(x) without its backslash is a product of letters, but nobody means that."""
    word = ""
    for item in items[place:]:
        if not isinstance(item, Name) or len(item.text) > 1 or item.at != items[place].at + len(word) or item.font:
            break
        word += item.text
        if word in BARE_WORDS and len(items) > place + len(word) and isinstance(items[place + len(word)], Fence):
            written = f"\\{word}" if word in NAMES else f"\\operatorname{{{word}}}"
            raise MisreadError(items[place].at, f"{word} is read as letters side by side; write {written}")


def _factor(items: Items, place: int, scope: Scope) -> tuple[Factor, int]:
    """The factor that starts at a place, and the place after it."""
    item = items[place]
    match item:
        case Known():
            return Factor(item.value, item.at, bare=isinstance(item.value, Term) and not item.scripts), place + 1
        case _ if derivatives.starts(item, scope):
            value, after = derivatives.read(items, place, scope)
            return Factor(value, item.at), after
        case Name() if functions.takes_argument(item, scope):
            value, after = functions.application(items, place, scope)
            return Factor(value, item.at), after
        case Name() if operators.is_greedy(item):
            return Factor(operators.greedy(item, items[place + 1 :], scope), item.at), len(items)
        case Name(text="prod"):
            value, after = operators.ordered_product(items, place, scope)
            return Factor(value, item.at), after
        case _:
            return atoms.single(item, scope), place + 1
