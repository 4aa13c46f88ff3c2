"""Peels products with symbolic bounds until those with the same factors have the same bounds on both sides."""

from __future__ import annotations

from ..kernel.affine import Affine, affine
from ..kernel.certificate import Context
from ..kernel.term import OrderedProduct, Term, affines, substitute_times, walk
from .trail import StuckError, Trail, same

MAX_PEELS = 12


def align(context: Context, first: Trail, second: Trail) -> None:
    """Peel the longer of two products with the same factors, at the end where they differ."""
    for _ in range(MAX_PEELS):
        if not (_peel_once(context, first, second) or _peel_once(context, second, first)):
            return


def _peel_once(context: Context, longer: Trail, shorter: Trail) -> bool:
    for one in _blocks(longer.current):
        for other in _blocks(shorter.current):
            rule = _excess(context, one, other)
            if rule is not None:
                try:
                    longer.apply(rule, one)
                except StuckError:
                    continue
                return True
    return False


def _blocks(term: Term) -> list[OrderedProduct]:
    return [one for one in walk(term) if isinstance(one, OrderedProduct)]


def _excess(context: Context, one: OrderedProduct, other: OrderedProduct) -> str | None:
    """The rule that takes off a factor which `one` has and `other` has not."""
    shift = _shift(context, one, other)
    if shift is None:
        return None
    below, above = other.lower - shift - one.lower, one.upper - (other.upper - shift)
    if below.is_constant and 0 < below.constant <= MAX_PEELS:
        return "peel_first"
    return "peel_last" if above.is_constant and 0 < above.constant <= MAX_PEELS else None


def _shift(context: Context, one: OrderedProduct, other: OrderedProduct) -> Affine | None:
    """The c for which the factor i of `one` is the factor i + c of `other`."""
    first, second = (_index_time(block) for block in (one, other))
    if first is None or second is None:
        shift = other.lower - one.lower
    else:
        sign, rest = first
        shift = (rest - second[1]) * sign
    moved = substitute_times(other.body, {other.index: affine(one.index) + shift})
    return shift if same(context, one.body, moved) else None


def _index_time(block: OrderedProduct) -> tuple[int, Affine] | None:
    """The first time in the body that moves with the index, as (sign, rest)."""
    for inner in walk(block.body):
        for time in affines(inner):
            sign = time.coefficient(block.index)
            if abs(sign) == 1:
                return sign, time - affine(block.index) * sign
    return None
