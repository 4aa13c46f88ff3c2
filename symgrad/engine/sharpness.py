"""Whether a bound of a product of Jacobians is attained, in a regime or on an instance, or is proved to be strict."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from ..instances.counterexample import Counterexample
from ..kernel.certificate import Statement
from ..kernel.term import Number, number
from .long_run import Bound, Fact, Path, bounds_from_below, judged
from .refute import refute
from .regimes import Regime, value_in
from .steps import strictly_below
from .trail import StuckError
from .witnesses import REFUTATION_SECONDS, Regimes, constant_factor, given, norm_from_below, number_of, said

Sharpness = Literal["attained", "not attained", "not known"]


@dataclass(frozen=True, slots=True)
class Sharp:
    """Whether a bound is attained for some k >= 1: in a regime, on an instance of the strict bound's failure, or not,
    because the strict bound is proved."""

    word: Sharpness
    fact: Fact | None = None
    ratio: Fact | None = None
    regime: Regime | None = None
    instance: Counterexample | None = None


def sharpness(seen: Regimes, found: Path, above: tuple[Bound, ...]) -> Sharp:
    """Whether the last bound from above, if it holds at every step alike, is attained for some k >= 1 where its ratio
    is not 0."""
    if not above or not above[-1].uniform:
        return Sharp("not known")
    known = _attained(seen, above[-1]) or _sharp_by_proof(found, above[-1])
    return known if all(one.proved for one in (known.fact, known.ratio) if one is not None) else Sharp("not known")


def _attained(seen: Regimes, bound: Bound) -> Sharp | None:
    """In a regime where the product is that power of the ratio."""
    for regime, there in seen:
        value, factor = value_in(regime, bound.ratio), there and constant_factor(there)
        if there is not None and value is not None and factor and number_of(value.statement.right) == abs(factor):
            for below in bounds_from_below(there)[-1:]:
                return Sharp("attained", norm_from_below(there, there.context, below), value, regime)
    return None


def _sharp_by_proof(found: Path, bound: Bound) -> Sharp:
    strict = _strictly_below(found, bound)
    if strict is not None and strict.proved:
        return Sharp("not attained", strict)
    stated = Statement(bound.whole.statement.left, "<", bound.whole.statement.right)
    context = replace(found.context, assumptions=(*found.context.assumptions, found.depth - 1))
    signs = () if isinstance(bound.ratio, Number) else (said(bound.ratio, ">", number(0)),)
    instance = refute(stated, given(context, signs), budget_seconds=REFUTATION_SECONDS)
    return Sharp("not known") if instance is None else Sharp("attained", instance=instance)


def _strictly_below(found: Path, bound: Bound) -> Fact | None:
    """|product| < q^k for k >= 1 where q > 0, if one step's norm is seen to be below q; else None."""
    signs = () if isinstance(bound.ratio, Number) else (said(number(0), "<", bound.ratio),)
    there = replace(found, context=given(found.context, signs))
    try:
        return judged(there.context, strictly_below(there, bound))
    except StuckError:
        return None
