"""Peels and splits products and sums with symbolic bounds until those of the same terms have the same bounds."""

from __future__ import annotations

from collections.abc import Iterable

from ..kernel.affine import Affine, affine
from ..kernel.certificate import Context
from ..kernel.term import Binder, OrderedProduct, Power, Term, affines, free_times, replaced, substitute_times, walk
from .fresh import fresh_time
from .trail import StuckError, Trail, same

MAX_PEELS = 12


def align(context: Context, first: Trail, second: Trail, at_end: bool = False) -> None:
    """Take off the longer of two products or sums of the same terms what it has more, at the end where they differ.

    Where all terms are equal there is a choice: they are aligned at their first one or `at_end`.
    """
    for trail in (first, second):
        powers_as_products(trail)
    for _ in range(MAX_PEELS):
        if not (_shortened(context, first, second, at_end) or _shortened(context, second, first, at_end)):
            return


def powers_as_products(trail: Trail) -> None:
    """What is to a symbolic power is a product of equal factors, which can be split."""
    taken = free_times(trail.current).union(*(one.variables for one in trail.context.assumptions))
    index = fresh_time("i", taken)
    found = [one for one in walk(trail.current) if isinstance(one, Power) and not one.exponent.is_constant]
    result = trail.current
    for one in found:
        if index not in free_times(one.body):
            result = replaced(result, one, OrderedProduct(index, affine(1), one.exponent, one.body))
    trail.normal(result)


def _shortened(context: Context, longer: Trail, shorter: Trail, at_end: bool) -> bool:
    for one in _blocks(longer.current):
        for other in _blocks(shorter.current):
            for rule, arguments in _excess(one, other, shift_between(context, one, other, at_end)):
                try:
                    longer.apply(rule, one, arguments)
                except StuckError:
                    continue
                return True
    return False


def _blocks(term: Term) -> list[Binder]:
    return [one for one in walk(term) if isinstance(one, Binder)]


def _excess(one: Binder, other: Binder, shift: Affine | None) -> Iterable[tuple[str, dict[str, Affine]]]:
    """The rules that take off what `one` has and `other` has not: a factor, or as many as a variable says."""
    if shift is None:
        return
    lower, upper = other.lower - shift, other.upper - shift
    below, above = lower - one.lower, one.upper - upper
    if below.is_constant and 0 < below.constant <= MAX_PEELS:
        yield "peel_first", {}
    if above.is_constant and 0 < above.constant <= MAX_PEELS:
        yield "peel_last", {}
    for middle in (lower - 1, upper):
        if not any((middle - end).is_constant for end in (one.lower, one.upper)):
            yield "split", {"middle": middle}


def shift_between(context: Context, one: Binder, other: Binder, at_end: bool = False) -> Affine | None:
    """The c for which the factor i of `one` is the factor i + c of `other`."""
    first, second = (_index_time(block) for block in (one, other))
    if first is None or second is None:
        shift = other.upper - one.upper if at_end else other.lower - one.lower
    else:
        sign, rest = first
        shift = (rest - second[1]) * sign
    moved = substitute_times(other.body, {other.index: affine(one.index) + shift})
    return shift if same(context, one.body, moved) else None


def _index_time(block: Binder) -> tuple[int, Affine] | None:
    """The first time in the body that moves with the index, as (sign, rest)."""
    for inner in walk(block.body):
        for time in affines(inner):
            sign = time.coefficient(block.index)
            if abs(sign) == 1:
                return sign, time - affine(block.index) * sign
    return None
