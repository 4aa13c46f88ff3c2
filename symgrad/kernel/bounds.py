"""Rules for norms and other magnitudes: inequalities by named instances, never by search.

Sources: Horn and Johnson, Matrix Analysis, ch. 5 (norms) and ch. 7.3 (singular values).
"""

from __future__ import annotations

from typing import Literal

from .affine import affine
from .certificate import Statement, Step
from .rules import RefusedError, Sequent, Setting, expect, instantiated, refuse_unless, rule
from .spectrum import entrywise_polynomial, extremum_value, scalar_copy, supremum
from .term import (
    SCALAR,
    Diagonal,
    Extremum,
    Identity,
    IndexedSum,
    Limit,
    Magnitude,
    Number,
    OrderedProduct,
    Power,
    Product,
    Scale,
    Sum,
    Term,
    Transpose,
    add,
    free_times,
    map_parts,
    number,
    product,
    substitute_times,
)


@rule
def submultiplicative(setting: Setting, step: Step) -> Sequent:
    """|A B| <= |A| |B|, for two factors or a product with symbolic bounds."""
    at = _magnitude(step, "spectral_norm")
    return Sequent(at, "<=", _of_factors(at))


@rule
def supermultiplicative(setting: Setting, step: Step) -> Sequent:
    """smin(A B) >= smin(A) smin(B) for square factors."""
    at = _magnitude(step, "least_singular_value")
    return Sequent(at, ">=", _of_factors(at))


def _of_factors(at: Magnitude) -> Term:
    match at.body:
        case Product():
            return product(*(Magnitude(at.kind, one) for one in at.body.factors))
        case OrderedProduct():
            return OrderedProduct(at.body.index, at.body.lower, at.body.upper, Magnitude(at.kind, at.body.body))
        case Power():
            return Power(Magnitude(at.kind, at.body.body), at.body.exponent)
        case _:
            raise RefusedError("not a product")


@rule
def homogeneous(setting: Setting, step: Step) -> Sequent:
    """|a A| = |a| |A| for a scalar a."""
    at = expect(step.at, Magnitude)
    body = expect(at.body, Scale)
    return Sequent(at, "=", product(Magnitude("spectral_norm", body.scalar), Magnitude(at.kind, body.body)))


@rule
def triangle(setting: Setting, step: Step) -> Sequent:
    """|A + B| <= |A| + |B|."""
    at = _magnitude(step, "spectral_norm")
    body = at.body
    if isinstance(body, IndexedSum):
        return Sequent(at, "<=", IndexedSum(body.index, body.lower, body.upper, Magnitude(at.kind, body.body)))
    return Sequent(at, "<=", add(*(Magnitude(at.kind, one) for one in expect(body, Sum).terms)))


@rule
def norm_transpose(setting: Setting, step: Step) -> Sequent:
    """|A^T| = |A|, and the same for the other magnitudes."""
    at = expect(step.at, Magnitude)
    return Sequent(at, "=", Magnitude(at.kind, expect(at.body, Transpose).body))


@rule
def norm_diagonal(setting: Setting, step: Step) -> Sequent:
    """|diag(v)| = max_j |v_j| and smin(diag(v)) = min_j |v_j|; both are 1 for the identity."""
    at = expect(step.at, Magnitude)
    refuse_unless(at.kind in ("spectral_norm", "least_singular_value", "spectral_radius"), "not of a matrix")
    if isinstance(at.body, Identity):
        return Sequent(at, "=", number(1))
    smallest = at.kind == "least_singular_value"
    return Sequent(at, "=", Magnitude("smallest_entry" if smallest else "largest_entry", expect(at.body, Diagonal).body))


@rule
def range_of_values(setting: Setting, step: Step) -> Sequent:
    """max_j |p(u_j)| <= sup over all x of |p(f(x))| for u = f(...), entry by entry; "max" if some x attains it."""
    at = _magnitude(step, "largest_entry")
    polynomial = entrywise_polynomial(at.body, setting.functions())
    kind: Literal["max", "sup"] = "max" if supremum(polynomial)[1] else "sup"
    body = Magnitude("spectral_norm", scalar_copy(at.body, polynomial, "x"))
    return Sequent(at, "<=", Extremum(kind, "x", body))


@rule
def extremum(setting: Setting, step: Step) -> Sequent:
    """The value of a supremum over all x of |p(tanh x)| or |p(sigmoid x)|, or of a power of it. "max" is refused if no x attains it."""
    at = expect(step.at, Extremum)
    value, attained = extremum_value(at)
    refuse_unless(attained or at.kind == "sup", "the supremum is not attained, so there is no maximum")
    return Sequent(at, "=", value)


@rule
def vanishing(setting: Setting, step: Step) -> Sequent:
    """lim[k] f(k) = 0, if a lemma bounds 0 <= f(k) <= q^k for all large k and q < 1 is a hypothesis."""
    at = expect(step.at, Limit)
    found, owes = instantiated(setting, step)
    left, right = found.left, found.right
    power = expect(right, Power)
    refuse_unless(found.relation in ("=", "<=", "<") and left == at.body, "the lemma bounds another term")
    refuse_unless(power.exponent == affine(at.index) and at.index not in free_times(power.body), "not a geometric bound")
    refuse_unless(nonnegative(left) and nonnegative(power.body), "not seen to be non-negative")
    small = Statement(power.body, "<", number(1))
    stated = [one for one in setting.context.hypotheses if one.statement == small]
    refuse_unless(bool(stated), "that the ratio is below 1 is not among the hypotheses")
    for owed in owes:
        refuse_unless(owed.coefficient(at.index) > 0 or setting.holds(owed), f"the lemma needs {owed} >= 0")
    setting.use("hypothesis", stated[0])
    return Sequent(at, "=", number(0))


def nonnegative(term: Term) -> bool:
    """Whether a scalar is seen to be at least 0 from its form."""
    match term:
        case Number():
            return term.value >= 0
        case Magnitude():
            return True
        case Extremum():
            return nonnegative(term.body)
        case Sum():
            return all(nonnegative(one) for one in term.terms)
        case Product():
            return all(one.shape == SCALAR and nonnegative(one) for one in term.factors)
        case Scale():
            return nonnegative(term.scalar) and term.shape == SCALAR and nonnegative(term.body)
        case Power() | OrderedProduct() | IndexedSum():
            return term.shape == SCALAR and nonnegative(term.body)
        case _:
            return False


def monotone_replaced(term: Term, old: Term, new: Term) -> Term:
    """Replace a scalar where the whole does not decrease when it grows; elsewhere it is left alone."""
    if term == old:
        return new
    if term.shape != SCALAR or not isinstance(term, Sum | IndexedSum | Product | Scale | Power | OrderedProduct):
        return term
    changed = map_parts(term, lambda part: monotone_replaced(part, old, new))
    safe = isinstance(term, Sum | IndexedSum) or (nonnegative(term) and nonnegative(changed))
    return changed if safe else term


def _magnitude(step: Step, kind: str) -> Magnitude:
    at = expect(step.at, Magnitude)
    refuse_unless(at.kind == kind, f"this rule is for the {kind.replace('_', ' ')}")
    return at
