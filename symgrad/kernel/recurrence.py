"""Rules for products and sums with symbolic bounds: take off an end, split, and the empty one."""

from __future__ import annotations

from . import term as t
from .affine import Affine
from .certificate import Step
from .rules import RefusedError, Sequent, Setting, expect, rule
from .term import Binder, Term, substitute_times


@rule
def peel_first(setting: Setting, step: Step) -> Sequent:
    """prod[i=a..b] A(i) = A(a) . prod[i=a+1..b] A(i). Owes a <= b. Likewise for sums."""
    at = expect(step.at, Binder)
    return _two(at, _item(at, at.lower), _range(at, at.lower + 1, at.upper), at.upper - at.lower)


@rule
def peel_last(setting: Setting, step: Step) -> Sequent:
    """prod[i=a..b] A(i) = prod[i=a..b-1] A(i) . A(b). Owes a <= b. Likewise for sums."""
    at = expect(step.at, Binder)
    return _two(at, _range(at, at.lower, at.upper - 1), _item(at, at.upper), at.upper - at.lower)


@rule
def split(setting: Setting, step: Step) -> Sequent:
    """prod[i=a..b] A(i) = prod[i=a..m] A(i) . prod[i=m+1..b] A(i). Owes a - 1 <= m <= b. Likewise for sums."""
    at = expect(step.at, Binder)
    middle = dict(step.arguments).get("middle")
    if middle is None:
        raise RefusedError("split needs the argument middle")
    parts = _range(at, at.lower, middle), _range(at, middle + 1, at.upper)
    return _two(at, *parts, middle - at.lower + 1, at.upper - middle)


@rule
def empty(setting: Setting, step: Step) -> Sequent:
    """prod[i=a..b] A(i) = I and sum[i=a..b] A(i) = 0. Owes b < a."""
    at = expect(step.at, Binder)
    none = t.Identity(at.shape[0]) if isinstance(at, t.OrderedProduct) else t.Zero(at.shape)
    return Sequent(at, "=", none, (at.lower - at.upper - 1,))


def _item(at: Binder, index: Affine) -> Term:
    return substitute_times(at.body, {at.index: index})


def _range(at: Binder, lower: Affine, upper: Affine) -> Term:
    return type(at)(at.index, lower, upper, at.body)


def _two(at: Binder, first: Term, second: Term, *owes: Affine) -> Sequent:
    joined = t.product(first, second) if isinstance(at, t.OrderedProduct) else t.add(first, second)
    return Sequent(at, "=", joined, owes)
