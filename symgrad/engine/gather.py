"""Products and sums with symbolic bounds: neighbours are taken in, sums are taken outside and made equally long."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from ..kernel.affine import Affine
from ..kernel.certificate import Context
from ..kernel.equality import LINEAR
from ..kernel.term import (
    Binder,
    Gradient,
    IndexedSum,
    Number,
    OrderedProduct,
    Power,
    Product,
    Scale,
    Sum,
    Term,
    add,
    map_parts,
    parts,
    product,
    replaced,
    scale,
    substitute_times,
)
from .align import powers_as_products, shift_between
from .expand import outside_gradients
from .trail import StuckError, Trail

MAX_GATHERED = 20
MAX_POWER = 6


def gather(context: Context, *trails: Trail) -> None:
    """Bring products and sums on all trails to as few and as long ones as this makes."""
    for one in trails:
        powers_as_products(one)
        one.normal(_apart(one.current))
        _repeated(one, _neighbour_taken_in)
        _repeated(one, _sum_taken_outside)
        one.normal(_apart(one.current))
        _repeated(one, _neighbour_taken_in)
    for one in trails:
        others = [block for other in trails for block in _sums(other.current)]
        _repeated(one, partial(_widened, context, others))


def _repeated(trail: Trail, change: Callable[[Trail], bool]) -> None:
    for _ in range(MAX_GATHERED):
        if not change(trail):
            return


def _neighbour_taken_in(trail: Trail) -> bool:
    """P A(b + 1) = prod[i=a..b+1] A(i), and A(a - 1) P likewise, for P = prod[i=a..b] A(i)."""
    for term in outside_gradients(trail.current):
        for block, run, longer, rule in _extended(term) if isinstance(term, Product) else ():
            old = product(*run, block) if rule == "peel_first" else product(block, *run)
            if _written(trail, rule, longer, replaced(trail.current, old, longer)):
                return True
    return False


def _extended(term: Product) -> Iterator[tuple[OrderedProduct, tuple[Term, ...], Term, str]]:
    """The blocks in a product with the factors beside them, and what the two would make together."""
    factors = term.factors
    for place, block in enumerate(factors):
        if isinstance(block, OrderedProduct):
            before, after = _item(block, block.lower - 1), _item(block, block.upper + 1)
            length = len(before)
            if factors[place + 1 : place + 1 + length] == after:
                yield block, after, _ranging(block, block.lower, block.upper + 1), "peel_last"
            if place >= length and factors[place - length : place] == before:
                yield block, before, _ranging(block, block.lower - 1, block.upper), "peel_first"


def _item(block: Binder, index: Affine) -> tuple[Term, ...]:
    item = substitute_times(block.body, {block.index: index})
    return item.factors if isinstance(item, Product) else (item,)


def _ranging(block: Binder, lower: Affine, upper: Affine) -> Binder:
    return type(block)(block.index, lower, upper, block.body)


def _written(trail: Trail, rule: str, at: Term, result: Term) -> bool:
    """Go on to a term that a rule leads back from, if what the rule owes holds."""
    ahead = Trail(trail.context, result, trail.lemmas, trail.assumptions, trail.fixed)
    try:
        ahead.sequent(rule, at)
    except StuckError:
        return False
    trail.write(rule, at, result, reverse=True)
    return True


def _sum_taken_outside(trail: Trail) -> bool:
    for term in outside_gradients(trail.current):
        if isinstance(term, LINEAR) and any(isinstance(one, IndexedSum) for one in parts(term)):
            try:
                trail.apply("linearity", term)
            except StuckError:
                continue
            return True
    return False


def _apart(term: Term) -> Term:
    """Sums of sums as sums of their own, rational factors outside, and short powers as products."""
    if isinstance(term, Gradient):
        return term
    term = map_parts(term, _apart)
    match term:
        case IndexedSum(body=Sum(terms=terms)):
            return add(*(_apart(_with_body(term, one)) for one in terms))
        case IndexedSum(body=Scale(scalar=Number(value=value), body=inner)):
            return scale(value, _apart(_with_body(term, inner)))
        case Product(factors=factors):
            return product(*factors)
        case Power(body=body) if term.exponent.is_constant and 1 < term.exponent.constant <= MAX_POWER:
            return product(*[body] * term.exponent.constant)
        case _:
            return term


def _with_body(block: Binder, body: Term) -> Term:
    return type(block)(block.index, block.lower, block.upper, body)


def _sums(term: Term) -> list[IndexedSum]:
    return [one for one in outside_gradients(term) if isinstance(one, IndexedSum)]


def _widened(context: Context, others: Iterable[IndexedSum], trail: Trail) -> bool:
    """An item more for a sum that is shorter than another one of the same terms, and the item taken off again."""
    for one in _sums(trail.current):
        for other in others:
            shift = shift_between(context, one, other)
            for rule, longer, item in _one_more(one, other, shift) if shift is not None else ():
                summed = Sum((one, item) if rule == "peel_last" else (item, one))
                before = replaced(trail.current, one, Sum((summed, scale(-1, item))))
                after = replaced(trail.current, one, Sum((longer, scale(-1, item))))
                if _led_back(trail, rule, longer, before, after):
                    return True
    return False


def _one_more(one: IndexedSum, other: IndexedSum, shift: Affine) -> Iterator[tuple[str, Binder, Term]]:
    below, above = one.lower - (other.lower - shift), other.upper - shift - one.upper
    if above.is_constant and 0 < above.constant <= MAX_GATHERED:
        yield "peel_last", _ranging(one, one.lower, one.upper + 1), product(*_item(one, one.upper + 1))
    if below.is_constant and 0 < below.constant <= MAX_GATHERED:
        yield "peel_first", _ranging(one, one.lower - 1, one.upper), product(*_item(one, one.lower - 1))


def _led_back(trail: Trail, rule: str, at: Term, before: Term, after: Term) -> bool:
    """Go on to `before`, which has the same normal form, and from there to `after`, from which a rule leads back."""
    copy = Trail(trail.context, before, trail.lemmas, trail.assumptions, trail.fixed)
    if not _written(copy, rule, at, after):
        return False
    trail.normal(before)
    return _written(trail, rule, at, after)
