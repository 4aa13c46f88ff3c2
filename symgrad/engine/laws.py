"""Laws of norms and suprema that are equations, as they are used on a trail."""

from __future__ import annotations

from collections.abc import Iterable

from ..kernel.affine import affine
from ..kernel.certificate import Lemma, Statement
from ..kernel.domains import nonnegative
from ..kernel.term import (
    SCALAR,
    Extremum,
    Gradient,
    Magnitude,
    MagnitudeKind,
    Power,
    Product,
    Term,
    Transpose,
    free_times,
    map_parts,
    number,
    parts,
    product,
    replaced,
)
from .expand import apply_hypotheses, unfold_abbreviations
from .fresh import fresh_name
from .resolve import Workspace, resolve
from .trail import StuckError, Trail, same

NORM: MagnitudeKind = "spectral_norm"
LAWS = ("norm_transpose", "homogeneous", "norm_diagonal", "extremum", "absolute", "radius_of_power")


def apply_first(trail: Trail, rule: str, terms: Iterable[Term]) -> bool:
    """Apply a rule at the first of the terms where it changes something."""
    for one in terms:
        before = trail.current
        try:
            trail.apply(rule, one)
        except StuckError:
            continue
        if trail.current != before:
            return True
    return False


def scalars(term: Term) -> Iterable[Term]:
    """The scalar parts that stand outside norms: those a bound may be applied to."""
    if term.shape != SCALAR:
        return
    yield term
    if not isinstance(term, Magnitude | Extremum):
        for part in parts(term):
            yield from scalars(part)


def _measures(term: Term) -> list[Term]:
    return [one for one in scalars(term) if isinstance(one, Magnitude | Extremum)]


def one_extremum(trail: Trail, goal: Term) -> bool:
    """One supremum by its value."""
    return apply_first(trail, "extremum", [one for one in scalars(trail.current) if isinstance(one, Extremum)])


def one_root(trail: Trail, goal: Term) -> bool:
    """A scalar whose power is known by a lemma to be that of another."""
    here, named = set(scalars(trail.current)), set(scalars(goal))
    for name, one in trail.lemmas.items():
        left, right = one.statement.left, one.statement.right
        if not isinstance(left, Power) or not isinstance(right, Power) or left.body == right.body:
            continue
        is_fixed = one.statement.relation == "=" and not free_times(left) | free_times(right)
        if is_fixed and left.body in here - named:
            try:
                trail.apply("root", left.body, {}, name)
            except StuckError:
                continue
            return True
    return False


def every_extremum(work: Workspace, trail: Trail) -> None:
    """Every supremum by its value."""
    while one_extremum(trail, trail.current):
        pass


def named_laws(work: Workspace, trail: Trail) -> None:
    """Every law of norms and suprema that is an equation, wherever it applies."""
    while any(one_law(trail, rule) for rule in LAWS) or one_root(trail, number(0)):
        pass


def _squares_written_out(work: Workspace, trail: Trail) -> None:
    """Such laws, and |A|^2 = |A^T A|."""
    while any(one_law(trail, rule) for rule in (*LAWS, "norm_squared")):
        pass


def _squares_of_norms(work: Workspace, trail: Trail) -> None:
    """Such laws, and |A^T A| = |A|^2, so for a vector v^T v = |v|^2 and for a scalar a^2 = |a|^2."""
    while one_square(trail, trail.current):
        pass
    named_laws(work, trail)


def one_square(trail: Trail, goal: Term) -> bool:
    """|A^T A| as |A|^2, v^T v as |v|^2 or a^2 as |a|^2, once."""
    for one in scalars(trail.current):
        inner = one.body if isinstance(one, Magnitude) and one.kind == NORM else one
        half = _half_of(trail, inner)
        if half is not None:
            square, norm = Power(Magnitude(NORM, half), affine(2)), Magnitude(NORM, product(Transpose(half), half))
            if inner == one:
                trail.normal(replaced(trail.current, one, norm.body))
                trail.apply_back("absolute", norm, replaced(trail.current, norm.body, norm))
            else:
                trail.normal(replaced(trail.current, one, norm))
            trail.apply_back("norm_squared", square, replaced(trail.current, norm, square))
            return True
    return False


def _half_of(trail: Trail, term: Term) -> Term | None:
    """The A of a term that is A^T A, or the a of a square a^2 that is not seen to be at least 0."""
    match term:
        case Power(body=body) if body.shape == SCALAR and term.exponent == affine(2):
            return None if nonnegative(trail.setting(), body) else body
        case Product(factors=factors) if len(factors) % 2 == 0 and factors[0].shape != SCALAR:
            half = product(*factors[len(factors) // 2 :])
            return half if same(trail.context, term, product(Transpose(half), half)) else None
        case _:
            return None


def one_law(trail: Trail, rule: str) -> bool:
    """A law that is an equation, at the first place where it changes something."""
    for one in scalars(trail.current):
        if isinstance(one, Magnitude | Extremum | Power):
            try:
                equation = trail.sequent(rule, one).relation == "="
            except StuckError:
                continue
            if equation and apply_first(trail, rule, (one,)):
                return True
    return False


def prove_scalars_equal(work: Workspace, left: Term, right: Term) -> Trail:
    """A trail from left to right by the laws that are equations. Raises StuckError if they do not meet."""
    for laws in (_squares_of_norms, _squares_written_out):
        first, second = work.trail(left), work.trail(right)
        for side in (first, second):
            unfold_abbreviations(side)
            resolve(work, side)
            laws(work, side)
            side.normal(_turned_apart(side.current))
            apply_hypotheses(side)
            named_laws(work, side)
        for one in _measures(first.current):
            _turn(work, first, one, _measures(second.current))
        if same(work.context, first.current, second.current):
            first.reversed_onto(second)
            return first
    return _by_squares(work, left, right)


def _by_squares(work: Workspace, left: Term, right: Term) -> Trail:
    """Two norms are equal if their squares are: |Q v| = |v| where Q^T Q = I."""
    if not all(isinstance(one, Magnitude) and one.kind == NORM for one in (left, right)):
        raise StuckError("laws of norms")
    squares = [Power(one, affine(2)) for one in (left, right)]
    proof = prove_scalars_equal(work, *squares)
    name = fresh_name("squares of norms", work.lemmas)
    work.lemmas[name] = Lemma(name, Statement(squares[0], "=", squares[1]), proof.chain)
    trail = work.trail(left)
    trail.apply("root", left, {}, name)
    return trail


def _turned_apart(term: Term) -> Term:
    """(A B)^T as B^T A^T, so that what stands beside each other can be seen."""
    if isinstance(term, Gradient | Extremum):
        return term
    term = map_parts(term, _turned_apart)
    match term:
        case Transpose(body=Product(factors=factors)):
            return product(*(_turned_apart(Transpose(one)) for one in reversed(factors)))
        case Transpose(body=Transpose(body=body)):
            return body
        case Product(factors=factors):
            return product(*factors)
        case _:
            return term


def _turn(work: Workspace, trail: Trail, one: Term, others: list[Term]) -> None:
    """Where another norm is over the transpose of this one's body, go on to that."""
    for other in others:
        if isinstance(one, Magnitude) and isinstance(other, Magnitude) and one.kind == other.kind:
            turned = Transpose(other.body)
            if one.body != other.body and one.body.shape == turned.shape and same(work.context, one.body, turned):
                at = Magnitude(one.kind, turned)
                trail.normal(replaced(trail.current, one, at))
                trail.apply("norm_transpose", at)
                return
