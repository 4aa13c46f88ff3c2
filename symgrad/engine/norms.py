"""Levels of bounds: each is applied as often as it goes, from the mildest to those that lose most."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from fractions import Fraction

from ..kernel.bounds import nonnegative
from ..kernel.term import (
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
)
from .entries import one_of_all
from .laws import NORM, apply_first, one_extremum, one_square, scalars
from .trail import StuckError, Trail

Level = Callable[[Trail, Term], bool]


def _magnitudes(term: Term, *kinds: str) -> list[Magnitude]:
    return [one for one in scalars(term) if isinstance(one, Magnitude) and one.kind in kinds]


def _by_rules(kind: str, rules: tuple[str, ...]) -> Level:
    def level(trail: Trail, goal: Term) -> bool:
        return any(apply_first(trail, rule, _magnitudes(trail.current, kind)) for rule in rules)

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


def _split(trail: Trail, goal: Term) -> bool:
    """Norms of products and sums taken apart, entrywise products included."""
    return _entrywise_products(trail, goal) or _entries_of_products(trail) or SPLIT(trail, goal)


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
    for relation, one in itertools.product(("<=", "<"), entries):
        try:
            if trail.sequent("range_of_values", one).relation != relation:
                continue
        except StuckError:
            continue
        trail.apply("range_of_values", one)
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


def _hypotheses(trail: Trail, goal: Term) -> bool:
    """Assumed equations and bounds, wherever the left side stands among the scalars and the goal does not name it."""
    here = set(scalars(trail.current))
    named = set(scalars(goal))
    assumed = [one.statement.left for one in trail.context.hypotheses if one.statement.relation in ("=", "<", "<=")]
    return apply_first(trail, "hypothesis", [one for one in assumed if one in here and one not in named])


SPLIT = _by_rules(NORM, ("triangle", "homogeneous", "submultiplicative", "norm_transpose"))
_RANGES = _by_rules("largest_entry", ("range_of_values",))
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
    _hypotheses,
    _powers_of_fractions,
)
STRICTLY_UPPER: tuple[Level, ...] = tuple(_ranges_for_strictness if one is _RANGES else one for one in UPPER)
LOWER: tuple[Level, ...] = (
    one_square,
    _by_rules("least_singular_value", ("homogeneous", "supermultiplicative", "norm_transpose")),
    _by_rules("least_singular_value", ("norm_diagonal",)),
)
