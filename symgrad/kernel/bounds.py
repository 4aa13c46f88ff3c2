"""Rules for norms and other magnitudes: inequalities by named instances, never by search.

Sources: Horn and Johnson, Matrix Analysis, ch. 5 (norms) and ch. 7.3 (singular values).
"""

from __future__ import annotations

from operator import and_

from . import term as t
from .affine import affine
from .certificate import Relation, Step
from .domains import nonnegative
from .rules import Sequent, Setting, expect, instantiated, refuse_unless, rule
from .spectrum import entrywise_polynomial, extremum_value, scalar_copy, supremum
from .term import SCALAR, Magnitude, MagnitudeKind, Term, free_times, number, product, rebuilt, scale, with_parts


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
    """|diag(v)| = max_j |v_j| and smin(diag(v)) = min_j |v_j|; both are 1 for the identity, and |e_i| = 1."""
    at = expect(step.at, Magnitude)
    refuse_unless(at.kind in ("spectral_norm", "least_singular_value", "spectral_radius"), "not of a matrix")
    if isinstance(at.body, t.Identity | t.Basis):
        return Sequent(at, "=", number(1))
    kind: MagnitudeKind = "smallest_entry" if at.kind == "least_singular_value" else "largest_entry"
    return Sequent(at, "=", Magnitude(kind, expect(at.body, t.Diagonal).body))


@rule
def least_stretch(setting: Setting, step: Step) -> Sequent:
    """|A B| >= smin(A) |B| for a square A: no vector becomes shorter by more than smin(A)."""
    at = _magnitude(step, "spectral_norm")
    first, *rest = expect(at.body, t.Product).factors
    return Sequent(at, ">=", product(Magnitude("least_singular_value", first), Magnitude(at.kind, product(*rest))))


@rule
def perturbed(setting: Setting, step: Step) -> Sequent:
    """smin(A + B) >= smin(A) - |B| for square matrices (Weyl)."""
    at = _magnitude(step, "least_singular_value")
    first, *rest = expect(at.body, t.Sum).terms
    return Sequent(at, ">=", t.Sum((Magnitude(at.kind, first), scale(-1, Magnitude("spectral_norm", t.add(*rest))))))


@rule
def radius_of_power(setting: Setting, step: Step) -> Sequent:
    """rho(A^k) = rho(A)^k: the eigenvalues of a power are the powers of the eigenvalues."""
    return _of_parts(step, "spectral_radius", "=", t.Power)


@rule
def root(setting: Setting, step: Step) -> Sequent:
    """a = b (or <=, <, >=, >), if a lemma says so of a^e and b^e with one e >= 1 and scalars seen to be at least 0."""
    found, owes = instantiated(setting, step)
    left, right = expect(found.left, t.Power), expect(found.right, t.Power)
    refuse_unless(left.body == step.at and left.exponent == right.exponent, "the lemma is not about such powers")
    signs = left.shape == SCALAR and nonnegative(setting, left.body) and nonnegative(setting, right.body)
    refuse_unless(signs, "not scalars that are seen to be at least 0")
    return Sequent(left.body, found.relation, right.body, (*owes, left.exponent - 1))


@rule
def norm_squared(setting: Setting, step: Step) -> Sequent:
    """|A|^2 = |A^T A|, for a vector v = |v^T v|, and for a square matrix smin(A)^2 = smin(A^T A)."""
    at = expect(step.at, t.Power)
    inner = expect(at.body, Magnitude)
    kinds = ("spectral_norm", "least_singular_value")
    refuse_unless(inner.kind in kinds and at.exponent == affine(2), "not the square of a norm")
    return Sequent(at, "=", Magnitude(inner.kind, product(t.Transpose(inner.body), inner.body)))


@rule
def at_most_norm(setting: Setting, step: Step) -> Sequent:
    """rho(A), smin(A), max |A_ij| and min |A_ij| are at most |A|."""
    at = expect(step.at, Magnitude)
    return Sequent(at, "<=", Magnitude("spectral_norm", at.body))


@rule
def absolute(setting: Setting, step: Step) -> Sequent:
    """|a| >= a for a scalar a; |a| = a or -a where that is seen to be at least 0."""
    at = _magnitude(step, "spectral_norm")
    refuse_unless(at.body.shape == SCALAR, "not a scalar")
    known = next((one for one in (at.body, scale(-1, at.body)) if nonnegative(setting, one)), None)
    return Sequent(at, ">=" if known is None else "=", known or at.body)


@rule
def nonnegative_term(setting: Setting, step: Step) -> Sequent:
    """a + b >= a, where the last term b is seen to be at least 0; > where it is seen to be above 0."""
    at = expect(step.at, t.Sum)
    *kept, last = at.terms
    refuse_unless(nonnegative(setting, last), "the last term is not seen to be at least 0")
    return Sequent(at, ">" if nonnegative(setting, last, True) else ">=", t.add(*kept))


@rule
def range_of_values(setting: Setting, step: Step) -> Sequent:
    """max_j |p(u_j)| <= max over all x of |p(f(x))| for u = f(...), entry by entry; < sup where no x attains it."""
    at = _magnitude(step, "largest_entry")
    polynomial = entrywise_polynomial(at.body, setting.values_in(at.body))
    body, attained = Magnitude("spectral_norm", scalar_copy(polynomial, "x")), supremum(polynomial)[1]
    return Sequent(at, "<=" if attained else "<", t.Extremum("max" if attained else "sup", "x", body))


@rule
def values_at_most_one(setting: Setting, step: Step) -> Sequent:
    """max_j |f(v_j)| <= 1 where f is step, sin, cos or softmax; < 1 where it is the normal distribution function."""
    body = _magnitude(step, "largest_entry").body
    name = body.function if isinstance(body, t.Entrywise) else type(body).__name__
    refuse_unless(name in ("step", "sin", "cos", "normal_cdf", "Softmax"), "not a function with values up to 1")
    return Sequent(Magnitude("largest_entry", body), "<" if name == "normal_cdf" else "<=", number(1))


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
    """lim[k] f(k) = 0, if a lemma says 0 <= f(k) <= q^k, or |f(k)| <= q^k, for large k, with a q seen to be below 1."""
    at = expect(step.at, t.Limit)
    found, owes = instantiated(setting, step)
    power = expect(found.right, t.Power)
    ratio = power.body
    of_body = found.left in (at.body, Magnitude("spectral_norm", at.body))
    refuse_unless(found.relation in ("=", "<=", "<") and of_body, "the lemma bounds another term")
    refuse_unless(power.exponent == affine(at.index) and at.index not in free_times(ratio), "not a geometric bound")
    signs = nonnegative(setting, found.left) and nonnegative(setting, ratio)
    refuse_unless(signs, "not seen to be non-negative")
    small = nonnegative(setting, t.Sum((number(1), scale(-1, ratio))), True)
    refuse_unless(small, "the ratio is not seen to be below 1")
    for owed in owes:
        refuse_unless(owed.coefficient(at.index) > 0 or setting.holds(owed), f"the lemma needs {owed} >= 0")
    return Sequent(at, "=", number(0) if at.shape == SCALAR else t.Zero(at.shape))


def monotone_replaced(setting: Setting, term: Term, old: Term, new: Term, rising: bool) -> tuple[Term, bool]:
    """Replace a scalar by a larger one (`rising`) or smaller one where the whole does not change the other way.

    Elsewhere it is left alone. Beside the result stands whether the whole changes strictly when the scalar does.
    """
    if term == old:
        return new, True
    if term.shape != SCALAR or not isinstance(term, t.Sum | t.Product | t.Scale | t.Power | t.Binder):
        return term, False
    before = t.parts(term)
    after, strict = zip(*(monotone_replaced(setting, one, old, new, rising) for one in before), strict=True)
    if isinstance(term, t.Sum | t.IndexedSum):
        return with_parts(term, after), isinstance(term, t.Sum) and any(strict)
    if not all(nonnegative(setting, one) for one in (before if rising else after)):
        return term, False
    if isinstance(term, t.Power):
        return with_parts(term, after), strict[0] and setting.holds(term.exponent - 1)
    rest = [(*after[:at], *after[at + 1 :]) for at in range(len(after))]
    growing = (all(nonnegative(setting, one, True) for one in others) for others in rest)
    return with_parts(term, after), isinstance(term, t.Product | t.Scale) and any(map(and_, strict, growing))


def _magnitude(step: Step, kind: str) -> Magnitude:
    at = expect(step.at, Magnitude)
    refuse_unless(at.kind == kind, f"this rule is for the {kind.replace('_', ' ')}")
    return at
