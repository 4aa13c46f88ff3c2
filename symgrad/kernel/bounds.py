"""Rules for norms and other magnitudes: inequalities by named instances, never by search.

Sources: Horn and Johnson, Matrix Analysis, ch. 5 (norms) and ch. 7.3 (singular values).
"""

from __future__ import annotations

from . import term as t
from .affine import affine
from .certificate import Relation, Statement, Step
from .rules import RefusedError, Sequent, Setting, expect, instantiated, refuse_unless, rule
from .spectrum import entrywise_polynomial, extremum_value, scalar_copy, supremum
from .term import SCALAR, Magnitude, MagnitudeKind, Term, free_times, map_parts, number, product, rebuilt


@rule
def submultiplicative(setting: Setting, step: Step) -> Sequent:
    """|A B| <= |A| |B|, for two factors or a product with symbolic bounds."""
    return _of_parts(step, "spectral_norm", "<=", t.Product, t.OrderedProduct, t.Power)


@rule
def supermultiplicative(setting: Setting, step: Step) -> Sequent:
    """smin(A B) >= smin(A) smin(B) for square factors."""
    return _of_parts(step, "least_singular_value", ">=", t.Product, t.OrderedProduct, t.Power)


@rule
def triangle(setting: Setting, step: Step) -> Sequent:
    """|A + B| <= |A| + |B|."""
    return _of_parts(step, "spectral_norm", "<=", t.Sum, t.IndexedSum)


def _of_parts(step: Step, kind: MagnitudeKind, relation: Relation, *allowed: type[Term]) -> Sequent:
    """The magnitude of a product or sum against the same product or sum of magnitudes."""
    at = _magnitude(step, kind)
    refuse_unless(isinstance(at.body, allowed), f"not a {allowed[0].__name__.lower()}")
    return Sequent(at, relation, rebuilt(at.body, lambda part: Magnitude(kind, part)))


@rule
def homogeneous(setting: Setting, step: Step) -> Sequent:
    """|a A| = |a| |A| for a scalar a."""
    at = expect(step.at, Magnitude)
    body = expect(at.body, t.Scale)
    return Sequent(at, "=", product(Magnitude("spectral_norm", body.scalar), Magnitude(at.kind, body.body)))


@rule
def norm_transpose(setting: Setting, step: Step) -> Sequent:
    """|A^T| = |A|, and the same for the other magnitudes."""
    at = expect(step.at, Magnitude)
    return Sequent(at, "=", Magnitude(at.kind, expect(at.body, t.Transpose).body))


@rule
def norm_diagonal(setting: Setting, step: Step) -> Sequent:
    """|diag(v)| = max_j |v_j| and smin(diag(v)) = min_j |v_j|; both are 1 for the identity."""
    at = expect(step.at, Magnitude)
    refuse_unless(at.kind in ("spectral_norm", "least_singular_value", "spectral_radius"), "not of a matrix")
    if isinstance(at.body, t.Identity):
        return Sequent(at, "=", number(1))
    kind: MagnitudeKind = "smallest_entry" if at.kind == "least_singular_value" else "largest_entry"
    return Sequent(at, "=", Magnitude(kind, expect(at.body, t.Diagonal).body))


@rule
def range_of_values(setting: Setting, step: Step) -> Sequent:
    """max_j |p(u_j)| <= sup over all x of |p(f(x))| for u = f(...), entry by entry; "max" if some x attains it."""
    at = _magnitude(step, "largest_entry")
    polynomial = entrywise_polynomial(at.body, setting.functions())
    body = Magnitude("spectral_norm", scalar_copy(polynomial, "x"))
    return Sequent(at, "<=", t.Extremum("max" if supremum(polynomial)[1] else "sup", "x", body))


@rule
def extremum(setting: Setting, step: Step) -> Sequent:
    """The value of a supremum over all x of |p(tanh x)| or |p(sigmoid x)|, or of a power of it.

    "max" is refused if no x attains it.
    """
    at = expect(step.at, t.Extremum)
    value, attained = extremum_value(at)
    refuse_unless(attained or at.kind == "sup", "the supremum is not attained, so there is no maximum")
    return Sequent(at, "=", value)


@rule
def vanishing(setting: Setting, step: Step) -> Sequent:
    """lim[k] f(k) = 0, if a lemma bounds 0 <= f(k) <= q^k for all large k and q < 1 is a hypothesis."""
    at = expect(step.at, t.Limit)
    found, owes = instantiated(setting, step)
    power = expect(found.right, t.Power)
    ratio = power.body
    refuse_unless(found.relation in ("=", "<=", "<") and found.left == at.body, "the lemma bounds another term")
    refuse_unless(power.exponent == affine(at.index) and at.index not in free_times(ratio), "not a geometric bound")
    refuse_unless(nonnegative(found.left) and nonnegative(ratio), "not seen to be non-negative")
    small = Statement(ratio, "<", number(1))
    stated = next((one for one in setting.context.hypotheses if one.statement == small), None)
    refuse_unless(stated is not None, "that the ratio is below 1 is not among the hypotheses")
    for owed in owes:
        refuse_unless(owed.coefficient(at.index) > 0 or setting.holds(owed), f"the lemma needs {owed} >= 0")
    setting.use("hypothesis", stated)
    return Sequent(at, "=", number(0))


def nonnegative(term: Term) -> bool:
    """Whether a scalar is seen to be at least 0 from its form."""
    match term:
        case t.Number():
            return term.value >= 0
        case Magnitude():
            return True
        case t.Extremum() | t.Sum() | t.Product() | t.Scale() | t.Power() | t.Binder():
            return all(one.shape == SCALAR and nonnegative(one) for one in t.parts(term))
        case _:
            return False


def monotone_replaced(term: Term, old: Term, new: Term) -> Term:
    """Replace a scalar where the whole does not decrease when it grows; elsewhere it is left alone."""
    if term == old:
        return new
    if term.shape != SCALAR or not isinstance(term, t.Sum | t.Product | t.Scale | t.Power | t.Binder):
        return term
    changed = map_parts(term, lambda part: monotone_replaced(part, old, new))
    safe = isinstance(term, t.Sum | t.IndexedSum) or (nonnegative(term) and nonnegative(changed))
    return changed if safe else term


def _magnitude(step: Step, kind: str) -> Magnitude:
    at = expect(step.at, Magnitude)
    if at.kind != kind:
        raise RefusedError(f"this rule is for the {kind.replace('_', ' ')}")
    return at
