"""Suprema and zeros of entrywise polynomials against a fine grid."""

from __future__ import annotations

import itertools
from fractions import Fraction

import pytest

from symgrad.kernel.rules import RefusedError
from symgrad.kernel.spectrum import entrywise_polynomial, extremum_value, nowhere_zero, supremum
from symgrad.kernel.term import Diagonal, Entrywise, EntrywisePower, Extremum, Hadamard, Power, Scale, Sum, Term, number

from .build import (
    COLUMN,
    ONES,
    A,
    W,
    X,
    add,
    e,
    g,
    h,
    minus,
    norm,
    one_minus_square,
    product,
    s,
    scale,
    sigmoid,
    sup,
    tanh,
)

KINDS = {"h": "tanh", "e": "sigmoid"}
RANGES = {"h": (Fraction(-1), Fraction(1)), "e": (Fraction(0), Fraction(1))}


@pytest.mark.parametrize(
    ("name", "coefficients"), list(itertools.product("he", itertools.product((-2, -1, 0, 1, 2), repeat=3)))
)
def test_every_small_quadratic(name: str, coefficients: tuple[int, int, int]) -> None:
    a, b, c = coefficients
    u = {"h": h, "e": e}[name]("t")
    term = add(scale(a, ONES), scale(b, u), scale(c, EntrywisePower(u, 2)))
    low, high = RANGES[name]
    inside = [low + (high - low) * Fraction(place, 240) for place in range(1, 240)]
    values = [a + b * u + c * u * u for u in inside]
    value, attained = supremum(entrywise_polynomial(term, KINDS))
    assert all(abs(one) <= value for one in values)
    assert attained == any(abs(one) == value for one in values)
    assert value in {abs(a + b * u + c * u * u) for u in [low, *inside, high]}
    if nowhere_zero(term, KINDS):
        assert all(values)
        assert all(one > 0 for one in values) or all(one < 0 for one in values)
    elif any(coefficients):
        changes = any(one * other <= 0 for one, other in itertools.pairwise(values))
        assert changes


@pytest.mark.parametrize(
    "term",
    [
        s("t"),
        g,
        Hadamard((h("t"), e("t"))),
        Hadamard((h("t"), h("t-1"))),
        EntrywisePower(h("t"), 3),
        product(W, h("t")),
        Diagonal(h("t")),
        Entrywise("relu", g),
        Scale(norm(W), h("t")),
    ],
)
def test_what_is_no_quadratic(term: Term) -> None:
    with pytest.raises(RefusedError):
        supremum(entrywise_polynomial(term, KINDS))
    assert not nowhere_zero(term, KINDS)


@pytest.mark.parametrize(
    ("term", "value", "attained"),
    [
        (sup(tanh(X)), 1, False),
        (sup(sigmoid(X)), 1, False),
        (sup(minus(number(1), Power(tanh(X), A("2")))), 1, True),
        (sup(Entrywise("tanh'", X)), 1, True),
        (sup(Entrywise("sigmoid'", X)), Fraction(1, 4), True),
        (sup(number(-3)), 3, True),
        (sup(add(sigmoid(X), number(1))), 2, False),
        (sup(product(tanh(X), tanh(X))), 1, False),
    ],
)
def test_extremum_value(term: Extremum, value: Fraction, attained: bool) -> None:
    assert extremum_value(term) == (number(value), attained)


def test_power_of_a_supremum() -> None:
    raised = Extremum("sup", "x", Power(norm(tanh(X)), A("k")))
    assert extremum_value(raised) == (Power(number(1), A("k")), False)


def test_slope_of_a_value_is_a_polynomial_of_it() -> None:
    both = Sum((one_minus_square(tanh(g)), scale(-1, Entrywise("tanh'", g))))
    assert supremum(entrywise_polynomial(both, {})) == (0, True)
    assert entrywise_polynomial(scale(2, ONES), {}).coefficients == (2, 0, 0)
    assert ONES.shape == COLUMN
