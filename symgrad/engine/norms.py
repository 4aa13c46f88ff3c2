"""Levels of bounds: each is applied as often as it goes, from the mildest to those that lose most."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from fractions import Fraction

from ..kernel.certificate import Relation
from ..kernel.domains import nonnegative
from ..kernel.term import (
    SCALAR,
    Diagonal,
    Hadamard,
    Magnitude,
    Number,
    OrderedProduct,
    Power,
    Product,
    Scale,
    Sum,
    Term,
    free_times,
    number,
    parts,
    product,
    replaced,
    scale,
)
from .entries import one_of_all
from .laws import NORM, apply_first, one_extremum, one_law, one_root, one_square, scalars
from .trail import StuckError, Trail

Level = Callable[[Trail, Term], bool]
RANGE_RULES = ("range_of_values", "values_at_most_one")


def _magnitudes(term: Term, *kinds: str) -> list[Magnitude]:
    return [one for one in scalars(term) if isinstance(one, Magnitude) and one.kind in kinds]


def _by_rules(kind: str, rules: tuple[str, ...]) -> Level:
    """The first of the rules that applies; to what the goal names only where it applies to nothing else."""

    def level(trail: Trail, goal: Term) -> bool:
        named = set(_magnitudes(goal, kind))
        found = _magnitudes(trail.current, kind)
        turns = [one for one in found if one not in named], [one for one in found if one in named]
        return any(apply_first(trail, rule, terms) for terms in turns for rule in rules)

    return level


def _absolute_values(trail: Trail, goal: Term) -> bool:
    """A summand of unknown sign is at most its absolute value."""
    current, setting = trail.current, trail.setting()
    for one in current.terms if isinstance(current, Sum) else (current,):
        if not nonnegative(setting, one):
            at = Magnitude(NORM, one)
            try:
                trail.apply_back("absolute", at, at if one == current else replaced(current, one, at))
            except StuckError:
                continue
            return True
    return False


def _single_entries(trail: Trail, goal: Term) -> bool:
    """An entry is at most the largest one, if the goal names that or there is a range of values."""
    named = [one.body for one in _magnitudes(goal, "largest_entry")]
    kept = _magnitudes(goal, NORM)
    return one_of_all(trail, (one for one in _magnitudes(trail.current, NORM) if one not in kept), named)


def _radius(trail: Trail, goal: Term) -> bool:
    """A magnitude that the goal does not name is at most the norm."""
    named = set(_magnitudes(goal, "spectral_radius", "least_singular_value"))
    found = [one for one in _magnitudes(trail.current, "spectral_radius", "least_singular_value") if one not in named]
    return apply_first(trail, "at_most_norm", found)


def _lengths(trail: Trail, goal: Term) -> bool:
    """The largest entry of a vector is at most its length, if the goal names that."""
    named = {one.body for one in _magnitudes(goal, NORM)}
    found = (one for one in _magnitudes(trail.current, "largest_entry") if one.body in named)
    return apply_first(trail, "at_most_norm", found)


def _entrywise_products(trail: Trail, goal: Term) -> bool:
    """|u o v| = |diag(u) v|, with as v a vector that the goal names, or the last one."""
    named = {one.body for one in _magnitudes(goal, NORM)}
    for one in _magnitudes(trail.current, NORM):
        if isinstance(one.body, Hadamard) and one.body.shape[1] == 1:
            factors = list(one.body.factors)
            last = next((factor for factor in factors if factor in named), factors[-1])
            factors.remove(last)
            body = product(*map(Diagonal, factors), last)
            trail.normal(replaced(trail.current, one, Magnitude(NORM, body)))
            return True
    return False


def _constants(trail: Trail) -> bool:
    """|a| = a or -a for a constant whose sign is seen."""
    found = [one for one in _magnitudes(trail.current, NORM) if one.body.shape == SCALAR and not free_times(one.body)]
    setting = trail.setting()
    known = (one for one in found if any(nonnegative(setting, scale(sign, one.body)) for sign in (1, -1)))
    return apply_first(trail, "absolute", known)


def _split(trail: Trail, goal: Term) -> bool:
    """Norms of products and sums taken apart, entrywise products included."""
    equal = _constants(trail) or _entrywise_products(trail, goal) or _entries_of_products(trail)
    return equal or SPLIT(trail, goal)


def _entries_of_products(trail: Trail) -> bool:
    """max |u_j v_j| = |diag(u) diag(v)|."""
    for one in _magnitudes(trail.current, "largest_entry"):
        if isinstance(one.body, Hadamard) and one.body.shape[1] == 1:
            whole = Magnitude(NORM, Diagonal(one.body))
            apart = Magnitude(NORM, product(*map(Diagonal, one.body.factors)))
            trail.apply_back("norm_diagonal", whole, replaced(trail.current, one, whole))
            trail.normal(replaced(trail.current, whole, apart))
            return True
    return False


def _ranges_for_strictness(trail: Trail, goal: Term) -> bool:
    """Largest entries by the values of their suprema, those that are attained first: then the others are strict."""
    entries = _magnitudes(trail.current, "largest_entry")
    for relation, one, rule in itertools.product(("<=", "<"), entries, RANGE_RULES):
        try:
            if trail.sequent(rule, one).relation != relation:
                continue
        except StuckError:
            continue
        trail.apply(rule, one)
        return one_extremum(trail, goal) or True
    return False


def _powers_of_fractions(trail: Trail, goal: Term) -> bool:
    """A number from 0 to 1 to a symbolic power is at most 1."""
    for one in scalars(trail.current):
        apart = _powers_apart(one)
        if apart != one:
            trail.normal(replaced(trail.current, one, apart))
            return True
        if isinstance(one, Power) and isinstance(one.body, Number) and not one.exponent.is_constant:
            value = one.body.value
            if 0 <= value < 1:
                at = Sum((one.body, number(Fraction(1) - value)))
                try:
                    trail.apply_back("nonnegative_term", at, replaced(trail.current, one, Power(at, one.exponent)))
                except StuckError:
                    continue
                trail.normal(replaced(trail.current, Power(at, one.exponent), number(1)))
                return True
    return False


def _powers_apart(term: Term) -> Term:
    """A product of equal scalar factors as a power, and a power of a product as the product of powers."""
    match term:
        case OrderedProduct(body=body) if term.index not in free_times(body):
            return _powers_apart(Power(body, term.upper - term.lower + 1))
        case Power(body=Scale() | Product() as body) if not term.exponent.is_constant:
            return product(*(_powers_apart(Power(one, term.exponent)) for one in parts(body)))
        case _:
            return term


def _hypotheses(*relations: Relation) -> Level:
    """Assumed equations and bounds, wherever the left side stands among the scalars and the goal does not name it."""

    def level(trail: Trail, goal: Term) -> bool:
        here = set(scalars(trail.current))
        named = set(scalars(goal))
        assumed = [one.statement.left for one in trail.context.hypotheses if one.statement.relation in relations]
        return apply_first(trail, "hypothesis", [one for one in assumed if one in here and one not in named])

    return level


def _known_signs(trail: Trail, goal: Term) -> bool:
    """|a| = a or -a for what is seen to be at least 0."""
    return one_law(trail, "absolute")


def _smaller_magnitudes(trail: Trail, goal: Term) -> bool:
    """|A B| >= smin(A) |B| where the goal names a norm; |A| >= smin(A) or rho(A) where that is named, or known."""
    found = [one for one in _magnitudes(trail.current, NORM) if one not in scalars(goal)]
    known = [one.statement.left for one in trail.lemmas.values()]
    roots = [part for one in known if isinstance(one, Power) for part in _magnitudes(one.body, "least_singular_value")]
    named = [*_magnitudes(goal, "least_singular_value", "spectral_radius"), *roots]
    if named and _magnitudes(goal, NORM) and apply_first(trail, "least_stretch", found):
        return True
    for kind, one in itertools.product(dict.fromkeys(one.kind for one in named), found):
        if one.body.shape[0] == one.body.shape[1]:
            smaller = Magnitude(kind, one.body)
            trail.apply_back("at_most_norm", smaller, replaced(trail.current, one, smaller))
            return True
    return False


def _powers_of_one(trail: Trail, goal: Term) -> bool:
    """The spectral radius of a product of equal factors."""
    for one in _magnitudes(trail.current, "spectral_radius"):
        block = one.body
        if isinstance(block, OrderedProduct) and block.index not in free_times(block.body):
            power = Magnitude(one.kind, Power(block.body, block.upper - block.lower + 1))
            trail.normal(replaced(trail.current, one, power))
            return True
    return apply_first(trail, "radius_of_power", _magnitudes(trail.current, "spectral_radius"))


def _scalars_by_range(trail: Trail, goal: Term) -> bool:
    """|p(tanh a)| as the largest entry of itself, where that has a range."""
    for one in _magnitudes(trail.current, NORM):
        if one.body.shape == SCALAR and free_times(one.body):
            try:
                trail.sequent("range_of_values", Magnitude("largest_entry", one.body))
            except StuckError:
                continue
            whole = Magnitude(NORM, Diagonal(one.body))
            trail.normal(replaced(trail.current, one, whole))
            trail.apply("norm_diagonal", whole)
            return True
    return False


def _matrices_apart(trail: Trail, goal: Term) -> bool:
    """Norms of products and sums of matrices taken apart; a constant such as |1 - a| stays whole."""
    found = [one for one in _magnitudes(trail.current, NORM) if one.body.shape != SCALAR or free_times(one.body)]
    rules = ("triangle", "homogeneous", "submultiplicative", "norm_transpose")
    ranges = _scalars_by_range(trail, goal) or _entries_of_products(trail)
    return ranges or any(apply_first(trail, rule, found) for rule in rules)


SPLIT = _by_rules(NORM, ("triangle", "homogeneous", "submultiplicative", "norm_transpose"))
_RANGES = _by_rules("largest_entry", RANGE_RULES)
UPPER: tuple[Level, ...] = (
    one_square,
    _absolute_values,
    _radius,
    _single_entries,
    _split,
    _by_rules(NORM, ("norm_diagonal",)),
    _lengths,
    _RANGES,
    one_extremum,
    one_root,
    _hypotheses("=", "<", "<="),
    _powers_of_fractions,
)
STRICTLY_UPPER: tuple[Level, ...] = tuple(_ranges_for_strictness if one is _RANGES else one for one in UPPER)
LOWER: tuple[Level, ...] = (
    one_square,
    _smaller_magnitudes,
    _by_rules("least_singular_value", ("homogeneous", "supermultiplicative", "norm_transpose")),
    _by_rules("least_singular_value", ("norm_diagonal",)),
    _powers_of_one,
    _by_rules("spectral_radius", ("norm_transpose",)),
    _by_rules("least_singular_value", ("perturbed",)),
    _by_rules("least_singular_value", ("norm_diagonal",)),
    one_root,
)
# What one factor of a product is bounded by when there is no goal: by its states, by their ranges, and from below.
FROM_ABOVE: tuple[Level, ...] = (
    one_square,
    _matrices_apart,
    one_root,
    _by_rules(NORM, ("norm_diagonal",)),
    _hypotheses("="),
    _known_signs,
)
FROM_RANGES: tuple[Level, ...] = (_RANGES, one_extremum)
FROM_HYPOTHESES: tuple[Level, ...] = (_hypotheses("=", "<", "<="), _known_signs)
STRICTLY_FROM_RANGES: tuple[Level, ...] = (_ranges_for_strictness, one_extremum)
FROM_BELOW: tuple[Level, ...] = (
    _by_rules("least_singular_value", ("homogeneous", "supermultiplicative", "norm_transpose")),
    _by_rules("least_singular_value", ("norm_diagonal",)),
    one_root,
    _hypotheses("=", ">", ">="),
    _known_signs,
)
