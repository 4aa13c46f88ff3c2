"""Rules for products and sums with symbolic bounds: take off an end, split, and the empty one."""

from __future__ import annotations

from .affine import Affine
from .certificate import Step
from .rules import RefusedError, Sequent, Setting, refuse_unless, rule
from .term import Identity, IndexedSum, OrderedProduct, Term, Zero, add, product, substitute_times

Block = OrderedProduct | IndexedSum


@rule
def peel_first(setting: Setting, step: Step) -> Sequent:
    """prod[i=a..b] A(i) = A(a) . prod[i=a+1..b] A(i). Owes a <= b. Likewise for sums."""
    at = _block(step)
    return Sequent(at, "=", _join(at, _item(at, at.lower), _range(at, at.lower + 1, at.upper)), (at.upper - at.lower,))


@rule
def peel_last(setting: Setting, step: Step) -> Sequent:
    """prod[i=a..b] A(i) = prod[i=a..b-1] A(i) . A(b). Owes a <= b. Likewise for sums."""
    at = _block(step)
    return Sequent(at, "=", _join(at, _range(at, at.lower, at.upper - 1), _item(at, at.upper)), (at.upper - at.lower,))


@rule
def split(setting: Setting, step: Step) -> Sequent:
    """prod[i=a..b] A(i) = prod[i=a..m] A(i) . prod[i=m+1..b] A(i). Owes a - 1 <= m <= b. Likewise for sums."""
    at = _block(step)
    middle = dict(step.arguments).get("middle")
    if middle is None:
        raise RefusedError("split needs the argument middle")
    both = _join(at, _range(at, at.lower, middle), _range(at, middle + 1, at.upper))
    return Sequent(at, "=", both, (middle - at.lower + 1, at.upper - middle))


@rule
def empty(setting: Setting, step: Step) -> Sequent:
    """prod[i=a..b] A(i) = I and sum[i=a..b] A(i) = 0. Owes b < a."""
    at = _block(step)
    none = Identity(at.shape[0]) if isinstance(at, OrderedProduct) else Zero(at.shape)
    return Sequent(at, "=", none, (at.lower - at.upper - 1,))


def _block(step: Step) -> Block:
    if not isinstance(step.at, OrderedProduct | IndexedSum):
        raise RefusedError("this rule is for an ordered product or an indexed sum")
    return step.at


def _item(at: Block, index: Affine) -> Term:
    return substitute_times(at.body, {at.index: index})


def _range(at: Block, lower: Affine, upper: Affine) -> Term:
    return type(at)(at.index, lower, upper, at.body)


def _join(at: Block, first: Term, second: Term) -> Term:
    refuse_unless(first.shape == second.shape, "the two parts have different shapes")
    return product(first, second) if isinstance(at, OrderedProduct) else add(first, second)
