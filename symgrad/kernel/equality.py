"""Rules that say two terms are equal: definitions, hypotheses, lemmas, named laws that a reader wants to see, and the
laws of products and sums with symbolic bounds.

The normal form is not here: it is what `check` compares every step by.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from . import term as t
from .affine import Affine, affine
from .certificate import Step
from .normal import FUNCTIONS
from .rules import RefusedError, Sequent, Setting, expect, instantiated, refuse_unless, rule, unfolded
from .spectrum import nowhere_zero, written_out
from .term import Binder, Term, free_times, product, scale

LINEAR = (t.Product, t.Hadamard, t.Scale, t.Transpose, t.Diagonal, t.DiagonalPart, t.Trace)


@rule
def definition(setting: Setting, step: Step) -> Sequent:
    """A name = its definition (in the recurrence, from the start on); an abbreviation also under a derivative."""
    outer = step.at if isinstance(step.at, t.Gradient) and not step.at.direct else None
    at = expect(outer.of if outer else step.at, t.Symbol)
    for one in setting.context.abbreviations:
        if one.head.name == at.name:
            setting.use("definition", at.name)
            found = unfolded(one, at)
            return Sequent(outer, "=", replace(outer, of=found)) if outer else Sequent(at, "=", found)
    refuse_unless(not outer, "what is derived is not an abbreviation")
    return Sequent(at, "=", setting.body(at))


@rule
def hypothesis(setting: Setting, step: Step) -> Sequent:
    """An assumed statement, at the times given as arguments. Refused unless its left side is the term at hand."""
    for one in setting.context.hypotheses:
        values = {name: value for name, value in step.arguments if name in one.forall}
        here = one.statement.at(values)
        if here.left == step.at:
            setting.use("hypothesis", one)
            return Sequent(here.left, here.relation, here.right)
    raise RefusedError("no hypothesis says this")


@rule
def lemma(setting: Setting, step: Step) -> Sequent:
    """An earlier lemma, at the times given as arguments. Owes the assumptions of the lemma at those times."""
    statement, owes = instantiated(setting, step)
    return Sequent(statement.left, statement.relation, statement.right, owes)


@rule
def transpose_product(setting: Setting, step: Step) -> Sequent:
    """(A B)^T = B^T A^T; the transpose of a diagonal matrix is itself."""
    body = expect(expect(step.at, t.Transpose).body, t.Product)
    turned = (one if isinstance(one, t.Diagonal) else t.Transpose(one) for one in reversed(body.factors))
    return Sequent(t.Transpose(body), "=", product(*turned))


@rule
def entrywise_derivative(setting: Setting, step: Step) -> Sequent:
    """tanh' = 1 - tanh^2 and sigmoid' = sigmoid - sigmoid^2, entry by entry."""
    at = expect(step.at, t.Entrywise)
    known = FUNCTIONS.get(at.function.removesuffix("'"))
    if known is None or not at.function.endswith("'"):
        raise RefusedError(f"the derivative {at.function} is not in the table")
    value, coefficients = t.Entrywise(at.function[:-1], at.body), tuple(map(Fraction, known.derivative))
    return Sequent(at, "=", written_out(coefficients, t.Ones(at.shape), value, t.EntrywisePower(value, 2)))


@rule
def function_identity(setting: Setting, step: Step) -> Sequent:
    """tanh(x) = 2 sigmoid(2 x) - 1 and sigmoid(x) = 1 - sigmoid(-x), entry by entry."""
    at = expect(step.at, t.Entrywise)
    refuse_unless(at.function in FUNCTIONS, f"{at.function} is not in the table")
    stretch, rest = (2, -1) if at.function == "tanh" else (-1, 1)
    other = scale(stretch, t.Entrywise("sigmoid", scale(stretch, at.body)))
    return Sequent(at, "=", t.Sum((other, scale(rest, t.Ones(at.shape)))))


@rule
def inverse_cancel(setting: Setting, step: Step) -> Sequent:
    """A^-1 A = I = A A^-1. Refused unless A is seen to be invertible: products of diagonals that are nowhere zero."""
    factors = expect(step.at, t.Product).factors
    for first, rest in ((factors[0], factors[1:]), (factors[-1], factors[:-1])):
        if isinstance(first, t.Inverse) and product(first.body) == product(*rest):
            refuse_unless(invertible(setting, first.body), "the matrix is not seen to be invertible")
            return Sequent(product(*factors), "=", t.Identity(first.shape[0]))
    raise RefusedError("not a matrix next to its inverse")


def invertible(setting: Setting, term: Term) -> bool:
    """Whether a square matrix is invertible for a reason that is seen from its form."""
    match term:
        case t.Identity():
            return True
        case t.Number():
            return term.value != 0
        case t.Product():
            return all(one.shape == term.shape and invertible(setting, one) for one in term.factors)
        case t.Transpose() | t.Inverse():
            return invertible(setting, term.body)
        case t.Diagonal():
            return nowhere_zero(term.body, setting.values_in(term.body))
        case _:
            return False


@rule
def peel_first(setting: Setting, step: Step) -> Sequent:
    """prod[i=a..b] A(i) = A(a) . prod[i=a+1..b] A(i). Owes a <= b. Likewise for sums."""
    at = expect(step.at, Binder)
    return _two(at, at.lower)


@rule
def peel_last(setting: Setting, step: Step) -> Sequent:
    """prod[i=a..b] A(i) = prod[i=a..b-1] A(i) . A(b). Owes a <= b. Likewise for sums."""
    at = expect(step.at, Binder)
    return _two(at, at.upper - 1)


@rule
def split(setting: Setting, step: Step) -> Sequent:
    """prod[i=a..b] A(i) = prod[i=a..m] A(i) . prod[i=m+1..b] A(i). Owes a - 1 <= m <= b. Likewise for sums."""
    middle = dict(step.arguments).get("middle")
    return _two(expect(step.at, Binder), expect(middle, Affine))


def _two(at: Binder, middle: Affine) -> Sequent:
    """Two ranges, the first of them up to the middle; what is left of a range of one is its item."""
    first, second = replace(at, upper=middle), replace(at, lower=middle + 1)
    joined = product(first, second) if isinstance(at, t.OrderedProduct) else t.add(first, second)
    return Sequent(at, "=", joined, (middle - at.lower + 1, at.upper - middle))


@rule
def linearity(setting: Setting, step: Step) -> Sequent:
    """A . sum[i] B(i) = sum[i] A . B(i), and so for other products, multiples, transposes, diagonals and traces.

    Refused unless all that is around the sum is free of its index.
    """
    at = expect(step.at, Term)
    inner = next((one for one in t.parts(at) if isinstance(one, t.IndexedSum)), None)
    if inner is None or not isinstance(at, LINEAR):
        raise RefusedError("not a sum with bounds in a term that is linear in it")
    place = t.parts(at).index(inner)
    before, after = t.parts(at)[:place], t.parts(at)[place + 1 :]
    apart = not any(inner.index in t.free_times(one) for one in (*before, *after))
    refuse_unless(apart, f"{inner.index} occurs around the sum")
    return Sequent(at, "=", t.rebuilt(inner, lambda body: t.with_parts(at, (*before, body, *after))))


@rule
def empty(setting: Setting, step: Step) -> Sequent:
    """prod[i=a..b] A(i) = I and sum[i=a..b] A(i) = 0. Owes b < a."""
    at = expect(step.at, Binder)
    none = t.Identity(at.shape[0]) if isinstance(at, t.OrderedProduct) else t.Zero(at.shape)
    return Sequent(at, "=", none, (at.lower - at.upper - 1,))


@rule
def interchange(setting: Setting, step: Step) -> Sequent:
    """sum[i=a..b] sum[j=c..d] A = sum[j=e..f] sum[i=g..h] A, where the arguments first and last are e and f, and lower
    and upper are g and h. Refused unless both are seen to run through the same pairs.
    """
    at, given = expect(step.at, t.IndexedSum), dict(step.arguments)
    inner = expect(at.body, t.IndexedSum)
    refuse_unless({"first", "last", "lower", "upper"} <= given.keys(), "interchange needs first, last, lower and upper")
    body = replace(at, lower=given["lower"], upper=given["upper"], body=inner.body)
    turned = replace(inner, lower=given["first"], upper=given["last"], body=body)
    loose = {at.index} & {inner.index} | {at.index, inner.index} & (free_times(at) | free_times(turned))
    refuse_unless(not loose, "an index where it is not bound")
    for there, other in ((setting.inside(at).inside(inner), turned), (setting.inside(turned).inside(body), at)):
        for one in (other, expect(other.body, t.IndexedSum)):
            within = (affine(one.index) - one.lower, one.upper - affine(one.index))
            refuse_unless(all(map(there.holds, within)), "the two sums do not run through the same pairs")
    return Sequent(at, "=", turned)
