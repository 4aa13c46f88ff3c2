"""Intervals enclose: arithmetic against rationals, functions against a decimal exponential of 120 digits."""

from __future__ import annotations

from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symgrad.instances.interval import (
    EXACT_BITS,
    ONE,
    ZERO,
    Interval,
    UndefinedError,
    hull,
    largest,
    point,
    sigmoid,
    smallest,
    tanh,
)

rationals = st.fractions(min_value=-40, max_value=40, max_denominator=10**6)
inside = st.tuples(rationals, rationals, st.fractions(min_value=0, max_value=1, max_denominator=50))


def _interval_and_member(ends: tuple[Fraction, Fraction, Fraction]) -> tuple[Interval, Fraction]:
    low, high = sorted(ends[:2])
    return Interval(low, high), low + ends[2] * (high - low)


@given(inside, inside)
def test_arithmetic_encloses(first: tuple[Fraction, Fraction, Fraction], second: tuple[Fraction, Fraction, Fraction]):
    (one, a), (two, b) = _interval_and_member(first), _interval_and_member(second)
    pairs = [(one + two, a + b), (one - two, a - b), (one * two, a * b), (abs(one), abs(a)), (-one, -a)]
    pairs += [(one.power(exponent), a**exponent) for exponent in range(5)]
    pairs += [(largest(one, two), max(a, b)), (smallest(one, two), min(a, b)), (hull(one, two), a)]
    assert all(found.lo <= value <= found.hi for found, value in pairs)


@given(inside)
def test_roots_and_reciprocals_enclose(ends: tuple[Fraction, Fraction, Fraction]):
    interval, value = _interval_and_member(ends)
    root = abs(interval).sqrt()
    assert root.lo**2 <= abs(value) <= root.hi**2
    if interval.lo <= 0 <= interval.hi:
        with pytest.raises(UndefinedError):
            interval.reciprocal()
    else:
        assert interval.reciprocal().lo <= 1 / value <= interval.reciprocal().hi


@given(rationals)
def test_functions_enclose_and_are_tight(x: Fraction):
    with localcontext() as digits:
        digits.prec = 120
        exponential = (Decimal(x.numerator) / Decimal(x.denominator)).exp()
        expected = [(exponential**2 - 1) / (exponential**2 + 1), exponential / (exponential + 1)]
    for found, value in zip((tanh(point(x)), sigmoid(point(x))), expected, strict=True):
        slack = Fraction(1, 10**100)
        assert found.lo - slack <= Fraction(value) <= found.hi + slack
        assert found.hi - found.lo < Fraction(1, 2**240)


@given(inside)
def test_functions_of_intervals_hold_the_functions_of_members(ends: tuple[Fraction, Fraction, Fraction]):
    interval, value = _interval_and_member(ends)
    for function in (tanh, sigmoid):
        whole, one = function(interval), function(point(value))
        assert whole.lo <= one.lo and one.hi <= whole.hi


def test_points_stay_exact():
    assert tanh(ZERO) == ZERO
    assert sigmoid(ZERO) == point(Fraction(1, 2))
    assert point(Fraction(9, 4)).sqrt() == point(Fraction(3, 2))
    assert (point(Fraction(1, 3)) * point(3)) == ONE
    assert ZERO * Interval(Fraction(-7), Fraction(9)) == ZERO


def test_large_points_are_rounded_outward():
    found = point(Fraction(10**2000, 3**2000)) * point(Fraction(7**2000, 11**2000))
    assert not found.is_point
    assert found.lo < Fraction(70**2000, 33**2000) < found.hi
    assert found.lo.numerator.bit_length() < EXACT_BITS


def test_even_powers_are_tight_around_zero():
    assert Interval(Fraction(-2), Fraction(1)).power(2) == Interval(Fraction(0), Fraction(4))


def test_refused():
    for action in (lambda: point(-1).sqrt(), lambda: tanh(point(10**9)), lambda: ZERO.reciprocal()):
        with pytest.raises(UndefinedError):
            action()
