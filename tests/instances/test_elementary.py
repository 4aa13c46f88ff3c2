"""Enclosures of elementary functions hold what many digits say, and are narrow; without a value none is given."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import mpmath
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symgrad.instances.elementary import cos, log, normal_cdf, normal_density, pi, sin
from symgrad.instances.interval import ONE, ZERO, Interval, UndefinedError, exp, point

DIGITS = 160
FUNCTIONS: dict[str, tuple[Callable[[Interval], Interval], Callable[[object], object]]] = {
    "exp": (exp, mpmath.exp),
    "log": (log, mpmath.log),
    "sin": (sin, mpmath.sin),
    "cos": (cos, mpmath.cos),
    "normal_density": (normal_density, mpmath.npdf),
    "normal_cdf": (normal_cdf, mpmath.ncdf),
}
RATIONALS = st.fractions(-60, 60, max_denominator=10**6)


def digits(x: Fraction) -> object:
    return mpmath.mpf(x.numerator) / x.denominator


def holds(found: Interval, value: object) -> bool:
    """Whether a value lies inside, up to its last digits."""
    slack = abs(value) * mpmath.mpf(10) ** (20 - DIGITS)  # type: ignore[operator, arg-type]
    return bool(digits(found.lo) - slack <= value <= digits(found.hi) + slack)  # type: ignore[operator]


@pytest.mark.parametrize("name", FUNCTIONS)
@settings(max_examples=60, deadline=None)
@given(x=RATIONALS)
def test_a_point_is_enclosed_narrowly(name: str, x: Fraction):
    enclose, value = FUNCTIONS[name]
    x = abs(x) + Fraction(1, 10**6) if name == "log" else x
    with mpmath.workdps(DIGITS):
        found, expected = enclose(point(x)), value(digits(x))
        assert holds(found, expected)
        assert digits(found.hi - found.lo) <= mpmath.mpf(10) ** -70 * max(1, abs(expected))  # type: ignore[call-overload]


@pytest.mark.parametrize("name", FUNCTIONS)
@settings(max_examples=60, deadline=None)
@given(ends=st.tuples(RATIONALS, RATIONALS), share=st.fractions(0, 1, max_denominator=99))
def test_an_interval_is_enclosed(name: str, ends: tuple[Fraction, Fraction], share: Fraction):
    enclose, value = FUNCTIONS[name]
    low, high = sorted(abs(end) + Fraction(1, 99) for end in ends) if name == "log" else sorted(ends)
    with mpmath.workdps(DIGITS):
        assert holds(enclose(Interval(low, high)), value(digits(low + share * (high - low))))


@pytest.mark.parametrize(
    ("enclose", "x", "expected"),
    [(exp, 0, 1), (log, 1, 0), (sin, 0, 0), (cos, 0, 1), (normal_cdf, 0, Fraction(1, 2))],
)
def test_rational_values_are_exact(enclose: Callable[[Interval], Interval], x: int, expected: Fraction):
    assert enclose(point(x)) == point(expected)


def test_far_out():
    with mpmath.workdps(DIGITS):
        for x in (33, -33, 40, -40):
            assert holds(normal_cdf(point(x)), mpmath.ncdf(x))
        assert holds(pi(), mpmath.pi + 0)
        assert holds(sin(point(255)), mpmath.sin(255))
    assert normal_cdf(point(33)).hi == 1
    assert (
        sin(Interval(Fraction(-9), Fraction(9)))
        == cos(Interval(Fraction(-9), Fraction(9)))
        == Interval(-ONE.lo, ONE.lo)
    )
    assert log(Interval(Fraction(1), Fraction(1))) == ZERO


@pytest.mark.parametrize(
    ("enclose", "x"),
    [
        (log, point(0)),
        (log, point(-1)),
        (log, Interval(Fraction(-1, 10**9), Fraction(1))),
        (sin, point(10**4)),
        (cos, point(-(10**4))),
        (exp, point(10**4)),
        (normal_density, point(10**4)),
    ],
)
def test_no_value(enclose: Callable[[Interval], Interval], x: Interval):
    with pytest.raises(UndefinedError):
        enclose(x)
