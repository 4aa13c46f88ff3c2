"""Sums over time: brought to the same bounds, and double sums in the other order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ..kernel.affine import Affine, affine
from ..kernel.term import IndexedSum, Product, Scale, Sum, Term, add, free_times, map_parts, product, walk
from .trail import StuckError, Trail

MAX_PEELS = 12


def to_same_bounds(first: Trail, second: Trail) -> None:
    """Take the first and last terms off sums on either side, until no other sum starts later or ends earlier."""
    for _ in range(MAX_PEELS):
        sums = [*_sums(first.current), *_sums(second.current)]
        pairs = ((trail, one) for trail in (first, second) for one in _sums(trail.current))
        if not any(_peeled(trail, one, other) for trail, one in pairs for other in sums):
            return


def _sums(term: Term) -> list[IndexedSum]:
    return [one for one in walk(term) if isinstance(one, IndexedSum)]


def _peeled(trail: Trail, one: IndexedSum, other: IndexedSum) -> bool:
    below, above = other.lower - one.lower, one.upper - other.upper
    for rule, gap in (("peel_first", below), ("peel_last", above)):
        if gap.is_constant and 0 < gap.constant <= MAX_PEELS:
            try:
                trail.apply(rule, one)
            except StuckError:
                continue
            return True
    return False


def interchanged(trail: Trail) -> Iterator[IndexedSum]:
    """Turn each double sum in its turn; what is multiplied with an inner sum is first put into it."""
    trail.normal(_pushed_in(trail.current))
    for one in _sums(trail.current):
        inner = one.body
        if isinstance(inner, IndexedSum):
            try:
                trail.apply("interchange", one, _bounds(one, inner))
            except StuckError:
                continue
            yield one


def _bounds(outer: IndexedSum, inner: IndexedSum) -> dict[str, Affine]:
    """The bounds of a double sum in the other order, where each bound is free of the outer index or moves with it."""
    i, j = affine(outer.index), affine(inner.index)
    low, high = inner.lower.coefficient(outer.index), inner.upper.coefficient(outer.index)
    at_first, at_last = {outer.index: outer.lower}, {outer.index: outer.upper}
    return {
        "first": inner.lower.substitute(at_first),
        "last": inner.upper.substitute(at_last),
        "lower": j - (inner.upper - i) if high else outer.lower,
        "upper": j - (inner.lower - i) if low else outer.upper,
    }


def _pushed_in(term: Term) -> Term:
    """The same with sums outside of products, and a sum of sums as sums of their own."""
    term = map_parts(term, _pushed_in)
    match term:
        case Product(factors=factors):
            for place, one in enumerate(factors):
                before, after = factors[:place], factors[place + 1 :]
                if isinstance(one, IndexedSum) and not _speak_of(one.index, *before, *after):
                    return _pushed_in(replace(one, body=product(*before, one.body, *after)))
                if isinstance(one, Sum) and _sums(one):
                    return add(*(_pushed_in(product(*before, part, *after)) for part in one.terms))
        case Scale(scalar=scalar, body=IndexedSum() as one) if not _speak_of(one.index, scalar):
            return _pushed_in(replace(one, body=Scale(scalar, one.body)))
        case Scale(scalar=scalar, body=Sum() as one) if _sums(one):
            return add(*(_pushed_in(Scale(scalar, part)) for part in one.terms))
        case IndexedSum(body=Sum(terms=terms)):
            return add(*(replace(term, body=one) for one in terms))
    return term


def _speak_of(index: str, *terms: Term) -> bool:
    return any(index in free_times(one) for one in terms)
