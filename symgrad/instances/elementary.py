"""Sound enclosures of logarithm, sine, cosine and the normal distribution, in integers of many bits.

Each series is summed with a bound for what rounding and the rest of it can change. No floating point takes part.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

from .interval import GUARD, ONE, ZERO, Interval, UndefinedError, exp, point

WIDE = GUARD + 512
LARGEST_ANGLE = 256
FAR = 32
HALF = point(Fraction(1, 2))


def log(x: Interval) -> Interval:
    """An enclosure of the natural logarithm; exactly 0 at 1. UndefinedError unless the interval is above 0."""
    if x.lo <= 0:
        raise UndefinedError("the logarithm of a number that is not above 0, or too close to 0")
    return Interval(_log(x.lo).lo, _log(x.hi).hi)


def sin(x: Interval) -> Interval:
    """An enclosure of the sine; exactly 0 at 0."""
    return _wave(x, 1)


def cos(x: Interval) -> Interval:
    """An enclosure of the cosine; exactly 1 at 0."""
    return _wave(x, 0)


def normal_density(x: Interval) -> Interval:
    """An enclosure of exp(-x^2/2) / sqrt(2 pi)."""
    return exp(-HALF * x.power(2)) * (point(2) * pi()).sqrt().reciprocal()


def normal_cdf(x: Interval) -> Interval:
    """An enclosure of the integral of the normal density up to x; exactly 1/2 at 0."""
    return Interval(_cdf(x.lo).lo, _cdf(x.hi).hi)


@lru_cache(maxsize=1)
def pi() -> Interval:
    """16 arctan(1/5) - 4 arctan(1/239) (Machin)."""
    return point(16) * _arctangent(5) - point(4) * _arctangent(239)


def _arctangent(inverse: int) -> Interval:
    """arctan(1/inverse), between two partial sums of its alternating series."""
    total, i = Fraction(0), 0
    while inverse ** (2 * i) >> GUARD == 0:
        total += Fraction((-1) ** i, (2 * i + 1) * inverse ** (2 * i + 1))
        i += 1
    following = total + Fraction((-1) ** i, (2 * i + 1) * inverse ** (2 * i + 1))
    return Interval(min(total, following), max(total, following))


@lru_cache(maxsize=4_096)
def _log(x: Fraction) -> Interval:
    """log(2^s m) = s log 2 + 2 artanh((m - 1)/(m + 1)), with m between 1/2 and 2."""
    if x == 1:
        return ZERO
    shift = x.numerator.bit_length() - x.denominator.bit_length()
    rest = x / Fraction(2) ** shift
    return point(shift) * _log_two() + point(2) * _artanh((rest - 1) / (rest + 1))


@lru_cache(maxsize=1)
def _log_two() -> Interval:
    return point(2) * _artanh(Fraction(1, 3))


def _artanh(z: Fraction) -> Interval:
    """z + z^3/3 + z^5/5 + ... for |z| <= 1/3."""
    if z < 0:
        return -_artanh(-z)
    whole = (z.numerator << GUARD) // z.denominator
    low, high = (_odd_powers(whole + up, up=up) for up in (0, 1))
    return Interval(Fraction(low, 1 << GUARD), Fraction(high, 1 << GUARD))


def _odd_powers(z: int, *, up: int) -> int:
    """The sum of z^i / i over odd i, times 2^GUARD, for 0 <= z <= 2^GUARD / 3; rounded up or down throughout."""
    square = (z * z >> GUARD) + up
    total, power, i = 0, z, 1
    while power > 1:
        total += power // i + up
        power, i = (power * square >> GUARD) + up, i + 2
    return total + 2 * up


def _wave(x: Interval, first: int) -> Interval:
    """The sine (first = 1) or cosine (first = 0): no point of an interval is farther off than its distance."""
    middle, radius = (x.lo + x.hi) / 2, (x.hi - x.lo) / 2
    if abs(middle) > LARGEST_ANGLE:
        raise UndefinedError(f"the sine or cosine of a number beyond {LARGEST_ANGLE}")
    if x.is_zero:
        return ONE - point(first)
    found = _taylor(middle, first)
    return Interval(max(found.lo - radius, Fraction(-1)), min(found.hi + radius, Fraction(1)))


@lru_cache(maxsize=4_096)
def _taylor(x: Fraction, first: int) -> Interval:
    """x - x^3/3! + ... (first = 1) or 1 - x^2/2! + ... (first = 0), in units of 2^-WIDE.

    `doubt` bounds how far the sum is off in these units, `error` how far the term that comes next is.
    """
    whole = (x.numerator << WIDE) // x.denominator
    square, slack = whole * whole >> WIDE, 2 * abs(x).__ceil__() + 3
    term, error, i = (whole, 1, 1) if first else (1 << WIDE, 0, 0)
    total = doubt = 0
    while abs(term) > 1 or i <= abs(x):
        total, doubt, i = total + term, doubt + error, i + 2
        error = ((error * (square + slack) + abs(term) * slack) >> WIDE) // (i * (i - 1)) + 3
        term = -(term * square >> WIDE) // (i * (i - 1))
    doubt += abs(term) + error
    return Interval(Fraction(total - doubt, 1 << WIDE), Fraction(total + doubt, 1 << WIDE))


@lru_cache(maxsize=4_096)
def _cdf(x: Fraction) -> Interval:
    """1/2 + density(x) (x + x^3/3 + x^5/(3 5) + ...); far out, 1 less at most density(x)/x (Mills)."""
    if x < 0:
        return ONE - _cdf(-x)
    here = point(x)
    if x > FAR:
        return Interval((ONE - normal_density(here) * here.reciprocal()).lo, Fraction(1))
    whole = (x.numerator << GUARD) // x.denominator
    low, high = (_double_factorials(whole + up, up=up) for up in (0, 1))
    return HALF + normal_density(here) * Interval(Fraction(low, 1 << GUARD), Fraction(high, 1 << GUARD)) if x else HALF


def _double_factorials(x: int, *, up: int) -> int:
    """The sum of x^i / (1 3 5 ... i) over odd i, times 2^GUARD, for x >= 0; rounded up or down throughout."""
    square = (x * x >> GUARD) + up
    total, term, i = 0, x, 1
    while term > 1 or i << GUARD < 2 * square:
        total, i = total + term, i + 2
        term = (term * square >> GUARD) // i + up
    return total + (term + 2) * up
