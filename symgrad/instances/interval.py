"""Rational intervals with outward rounding, and sound enclosures of the functions that terms use.

A point stays an exact rational as long as it is small enough; everything else is rounded outward to PRECISION
significant bits. Standard library only; no floating point takes part.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

PRECISION = 256
EXACT_BITS = 6_000
GUARD = 384
LARGEST_ARGUMENT = 2_048


class UndefinedError(ValueError):
    """A term that has no value on this instance, or none that this evaluator can enclose. The message says why."""


@dataclass(frozen=True, slots=True)
class Interval:
    """All real numbers from `lo` to `hi`; a point when the two are equal."""

    lo: Fraction
    hi: Fraction

    @property
    def is_point(self) -> bool:
        return self.lo == self.hi

    @property
    def is_zero(self) -> bool:
        return not self.lo and not self.hi

    def __add__(self, other: Interval) -> Interval:
        if self.is_zero:
            return other
        return self if other.is_zero else _outward(self.lo + other.lo, self.hi + other.hi)

    def __neg__(self) -> Interval:
        return Interval(-self.hi, -self.lo)

    def __sub__(self, other: Interval) -> Interval:
        return self + -other

    def __mul__(self, other: Interval) -> Interval:
        if self.is_zero or other.is_zero:
            return ZERO
        if self.lo >= 0 and other.lo >= 0:
            return _outward(self.lo * other.lo, self.hi * other.hi)
        ends = (self.lo * other.lo, self.lo * other.hi, self.hi * other.lo, self.hi * other.hi)
        return _outward(min(ends), max(ends))

    def __abs__(self) -> Interval:
        if self.lo >= 0:
            return self
        return -self if self.hi <= 0 else Interval(Fraction(0), max(-self.lo, self.hi))

    def power(self, exponent: int) -> Interval:
        """The value to a non-negative integer power, tight also when the interval holds 0."""
        if exponent == 0:
            return ONE
        base = abs(self) if exponent % 2 == 0 else self
        lo = hi = ONE
        for _ in range(exponent):
            lo, hi = lo * point(base.lo), hi * point(base.hi)
        return Interval(lo.lo, hi.hi)

    def reciprocal(self) -> Interval:
        """1/x; UndefinedError if 0 is inside."""
        if self.lo <= 0 <= self.hi:
            raise UndefinedError("a division by zero, or by a number too close to it")
        return _outward(1 / self.hi, 1 / self.lo)

    def sqrt(self) -> Interval:
        """The square root, exact for squares of rationals; a negative lower end counts as 0."""
        if self.hi < 0:
            raise UndefinedError("the square root of a negative number")
        return Interval(_root(max(self.lo, Fraction(0)), up=False), _root(self.hi, up=True))


def point(value: Fraction | int) -> Interval:
    exact = Fraction(value)
    return Interval(exact, exact)


ZERO = point(0)
ONE = point(1)


def hull(*intervals: Interval) -> Interval:
    """The smallest interval around all of these."""
    return Interval(min(one.lo for one in intervals), max(one.hi for one in intervals))


def largest(*intervals: Interval) -> Interval:
    """The range of the maximum of the values."""
    return Interval(max(one.lo for one in intervals), max(one.hi for one in intervals))


def smallest(*intervals: Interval) -> Interval:
    """The range of the minimum of the values."""
    return Interval(min(one.lo for one in intervals), min(one.hi for one in intervals))


def _outward(lo: Fraction, hi: Fraction) -> Interval:
    if lo == hi and lo.numerator.bit_length() + lo.denominator.bit_length() <= EXACT_BITS:
        return Interval(lo, lo)
    return Interval(_rounded(lo, up=False), _rounded(hi, up=True))


def _rounded(value: Fraction, *, up: bool) -> Fraction:
    """The nearest number on that side with PRECISION significant bits."""
    top, bottom = value.numerator, value.denominator
    shift = PRECISION - top.bit_length() + bottom.bit_length()
    top, bottom = (top << shift, bottom) if shift >= 0 else (top, bottom << -shift)
    whole = -(-top // bottom) if up else top // bottom
    return Fraction(whole, 1 << shift) if shift >= 0 else Fraction(whole << -shift)


def _root(value: Fraction, *, up: bool) -> Fraction:
    top, bottom = math.isqrt(value.numerator), math.isqrt(value.denominator)
    if top * top == value.numerator and bottom * bottom == value.denominator:
        return Fraction(top, bottom)
    size = value.numerator.bit_length() - value.denominator.bit_length()
    shift = max(0, PRECISION - size // 2)
    whole = math.isqrt((value.numerator << 2 * shift) // value.denominator)
    return Fraction(whole + up, 1 << shift)


def exp(x: Interval) -> Interval:
    """An enclosure of the exponential; exactly 1 at 0."""
    return Interval(_exponential(x.lo).lo, _exponential(x.hi).hi)


def tanh(x: Interval) -> Interval:
    """An enclosure of the hyperbolic tangent; exactly 0 at 0."""
    return Interval(_tanh(x.lo).lo, _tanh(x.hi).hi)


def sigmoid(x: Interval) -> Interval:
    """An enclosure of 1/(1 + exp(-x)); exactly 1/2 at 0."""
    return Interval(_sigmoid(x.lo).lo, _sigmoid(x.hi).hi)


@lru_cache(maxsize=4_096)
def _tanh(x: Fraction) -> Interval:
    """tanh x = 1 - 2/(exp(2x) + 1), which is odd."""
    if x < 0:
        return -_tanh(-x)
    return ONE - point(2) * (_exponential(2 * x) + ONE).reciprocal() if x else ZERO


@lru_cache(maxsize=4_096)
def _sigmoid(x: Fraction) -> Interval:
    """sigmoid x = 1/(exp(-x) + 1) = 1 - sigmoid(-x)."""
    return (_exponential(-x) + ONE).reciprocal() if x < 0 else ONE - (_exponential(x) + ONE).reciprocal()


@lru_cache(maxsize=4_096)
def _exponential(x: Fraction) -> Interval:
    """exp x, by integer Taylor sums of x/2^j rounded both ways, then squared j times."""
    if abs(x) > LARGEST_ARGUMENT:
        raise UndefinedError(f"the exponential of a number beyond {LARGEST_ARGUMENT}")
    if x <= 0:
        return _exponential(-x).reciprocal() if x else ONE
    halvings = int(x).bit_length() + 8
    scaled = (x.numerator << GUARD) // (x.denominator << halvings)
    low, high = _series(scaled, up=0), _series(scaled + 1, up=1)
    for _ in range(halvings):
        low, high = low * low >> GUARD, (high * high >> GUARD) + 1
    return _outward(Fraction(low, 1 << GUARD), Fraction(high, 1 << GUARD))


def _series(x: int, *, up: int) -> int:
    """sum of (x/2^GUARD)^i / i!, times 2^GUARD, for 0 <= x < 2^(GUARD-7); rounded up or down throughout."""
    total = term = 1 << GUARD
    i = 0
    while term > 1:
        i += 1
        term = (term * x >> GUARD) // i + up
        total += term
    return total + 2 * up
