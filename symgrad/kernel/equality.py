"""Rules that say two terms are equal: definitions, hypotheses, lemmas, named laws that a reader wants to see, and the
laws of products and sums with symbolic bounds.

The normal form is not here: it is what `check` compares every step by.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from . import term as t
from .affine import Affine, affine
from .calculus import handed_down
from .certificate import Step
from .domains import invertible, nonzero
from .functions import DEFINITIONS, VARIABLE, lifted
from .normal import FUNCTIONS
from .rules import RefusedError, Sequent, Setting, expect, instantiated, refuse_unless, rule, unfolded
from .spectrum import written_out
from .term import Binder, Term, free_times, product, scale

LINEAR = (t.Product, t.Hadamard, t.Scale, t.Transpose, t.Diagonal, t.DiagonalPart, t.Trace)


@rule
def definition(setting: Setting, step: Step) -> Sequent:
    """A name = its definition (in the recurrence, from the start on); all abbreviations in what a gradient is of."""
    if isinstance(step.at, t.Gradient):
        found = _opened(setting, step.at)
        refuse_unless(found != step.at, "no abbreviation is derived")
        return Sequent(step.at, "=", found)
    at = expect(step.at, t.Symbol)
    found = _opened(setting, at)
    return Sequent(at, "=", setting.body(at) if found == at else found)


def _opened(setting: Setting, term: Term) -> Term:
    """The term with the abbreviations in it written out, under total derivatives too: they are the same functions."""
    match term:
        case t.Gradient():
            return term if term.direct else replace(term, of=_opened(setting, term.of))
        case t.Symbol():
            for one in setting.context.abbreviations:
                if one.head.name == term.name:
                    setting.use("definition", term.name)
                    return unfolded(one, term)
            return term
        case t.Extremum():
            return term
        case _:
            return t.map_parts(term, lambda part: _opened(setting, part))


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
def law(setting: Setting, step: Step) -> Sequent:
    """What a function is by others, entry by entry: gelu(x) = x normal_cdf(x), softplus(x) = log(1 + exp(x)),
    sigmoid(x) = 1 / (1 + exp(-x)), relu(x) = x step(x); what the context declares of one; and derivatives of these."""
    at = expect(step.at, t.Entrywise)
    name = at.function
    laws = {one.function: one for one in setting.context.laws}
    while name not in laws and name not in DEFINITIONS:
        refuse_unless(name.endswith("'"), f"nothing is declared of {at.function}")
        name = name[:-1]
    variable = laws[name].variable if name in laws else VARIABLE
    body: Term | None = laws[name].body if name in laws else DEFINITIONS[name]
    for _ in at.function[len(name) :]:
        body = handed_down(expect(body, Term), t.Symbol(variable, t.SCALAR), t.number(1)) or t.number(0)
    setting.use("law", name)
    return Sequent(at, "=", expect(lifted(expect(body, Term), at.body, variable), Term))


@rule
def softmax(setting: Setting, step: Step) -> Sequent:
    """softmax(v) = exp(v) / (1^T exp(v)) for a column v."""
    body = expect(step.at, t.Softmax).body
    refuse_unless(body.shape[1] == 1, "not the softmax of a column")
    powers = t.Entrywise("exp", body)
    total = product(t.Transpose(t.Ones(body.shape)), powers)
    return Sequent(t.Softmax(body), "=", t.Scale(t.Inverse(total), powers))


@rule
def logarithm(setting: Setting, step: Step) -> Sequent:
    """log(a b) = log(a) + log(b), log(1/a) = -log(a), log(a^k) = k log(a), log(exp(x)) = x, entry by entry, for a and
    b above 0; log(softmax(v)) = v - log(1^T exp(v)) 1 for a column v."""
    at = expect(step.at, t.Entrywise)
    refuse_unless(at.function == "log", "not a logarithm")
    match at.body:
        case t.Entrywise(function="exp", body=body):
            return Sequent(at, "=", body)
        case t.Entrywise(function="reciprocal", body=body) | t.Inverse(shape=(1, 1), body=body):
            return Sequent(at, "=", scale(-1, replace(at, body=body)))
        case t.EntrywisePower(body=body, exponent=exponent):
            return Sequent(at, "=", scale(exponent, replace(at, body=body)))
        case t.Softmax(body=body) if body.shape[1] == 1:
            total = product(t.Transpose(t.Ones(body.shape)), t.Entrywise("exp", body))
            return Sequent(at, "=", t.add(body, scale(-1, t.Scale(replace(at, body=total), t.Ones(body.shape)))))
        case t.Scale(scalar=factor, body=body):
            return Sequent(at, "=", t.add(t.Scale(replace(at, body=factor), t.Ones(at.shape)), replace(at, body=body)))
        case t.Hadamard(factors=factors):
            return Sequent(at, "=", t.add(*(replace(at, body=one) for one in factors)))
        case t.Product(factors=factors) if all(one.shape == t.SCALAR for one in factors):
            return Sequent(at, "=", t.add(*(replace(at, body=one) for one in factors)))
        case _:
            raise RefusedError("not the logarithm of a product, a power or an exponential")


@rule
def exponential(setting: Setting, step: Step) -> Sequent:
    """exp(a + b) = exp(a) exp(b), exp(-a) = 1/exp(a) and exp(log(x)) = x, entry by entry."""
    at = expect(step.at, t.Entrywise)
    refuse_unless(at.function == "exp", "not an exponential")
    match at.body:
        case t.Entrywise(function="log", body=body):
            return Sequent(at, "=", body)
        case t.Scale(scalar=t.Number(value=value), body=body) if value == -1:
            return Sequent(at, "=", t.Entrywise("reciprocal", replace(at, body=body)))
        case _:
            terms = expect(at.body, t.Sum).terms
            return Sequent(at, "=", t.Hadamard(tuple(replace(at, body=one) for one in terms)))


@rule
def root_squared(setting: Setting, step: Step) -> Sequent:
    """sqrt(a)^2 = a, entry by entry, for a above 0; as a square or as a product of two."""
    match step.at:
        case t.EntrywisePower(body=t.Entrywise(function="sqrt", body=body), exponent=2):
            pass
        case t.Power(body=t.Entrywise(function="sqrt", body=body), exponent=Affine((), 2)) if body.shape == t.SCALAR:
            pass
        case t.Hadamard(factors=(t.Entrywise(function="sqrt", body=body) as one, other)) if one == other:
            pass
        case _:
            raise RefusedError("not the square of a root")
    return Sequent(expect(step.at, Term), "=", body)


@rule
def inverse_cancel(setting: Setting, step: Step) -> Sequent:
    """A^-1 A = I = A A^-1. Refused unless A is seen to be invertible."""
    factors = expect(step.at, t.Product).factors
    for first, rest in ((factors[0], factors[1:]), (factors[-1], factors[:-1])):
        if isinstance(first, t.Inverse) and product(first.body) == product(*rest):
            refuse_unless(invertible(setting, first.body), "the matrix is not seen to be invertible")
            return Sequent(product(*factors), "=", t.Identity(first.shape[0]))
    raise RefusedError("not a matrix next to its inverse")


@rule
def reciprocal_cancel(setting: Setting, step: Step) -> Sequent:
    """(1/a) a = 1, entry by entry. Refused unless a is seen to be nowhere zero."""
    first, *others = expect(step.at, t.Hadamard).factors
    inner, rest = expect(first, t.Entrywise), others[0]
    refuse_unless(
        len(others) == 1 and inner.function == "reciprocal" and inner.body == rest, "not a term and one over it"
    )
    refuse_unless(nonzero(setting, rest), "not seen to be nowhere zero")
    return Sequent(t.Hadamard((first, rest)), "=", t.Ones(rest.shape))


@rule
def inverse_product(setting: Setting, step: Step) -> Sequent:
    """(A B)^-1 = B^-1 A^-1 for square A and B, (a A)^-1 = (1/a) A^-1 and (A^-1)^-1 = A."""
    match expect(step.at, t.Inverse).body:
        case t.Product(factors=factors) if all(one.shape == factors[0].shape for one in factors):
            return Sequent(t.Inverse(product(*factors)), "=", product(*map(t.Inverse, reversed(factors))))
        case t.Scale(scalar=factor, body=body):
            return Sequent(t.Inverse(t.Scale(factor, body)), "=", t.Scale(t.Inverse(factor), t.Inverse(body)))
        case t.Inverse(body=body):
            return Sequent(t.Inverse(t.Inverse(body)), "=", body)
        case _:
            raise RefusedError("not the inverse of a product, a multiple or an inverse")


@rule
def determinant(setting: Setting, step: Step) -> Sequent:
    """det(A B) = det(A) det(B) for square A and B, det(A^-1) = 1/det(A), det(I) = 1."""
    at = expect(step.at, t.Determinant)
    match at.body:
        case t.Identity():
            return Sequent(at, "=", t.number(1))
        case t.Product(factors=factors) if all(one.shape == factors[0].shape for one in factors):
            return Sequent(at, "=", product(*map(t.Determinant, factors)))
        case t.Inverse(body=body):
            return Sequent(at, "=", t.Inverse(t.Determinant(body)))
        case _:
            raise RefusedError("not the determinant of a product, an inverse or the identity")


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
