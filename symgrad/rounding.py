"""Numbers of counterexamples as a few decimal digits, rounded outwards: what is shown holds the true value.

For pages and the terminal alike. Nothing here judges; verdicts are reached with the numbers themselves.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from .verdict import Matrix

MAX_DIGITS = 8


def rounded(entry: Any, digits: int = MAX_DIGITS) -> Fraction | tuple[str, str]:
    """A rational that is short enough to be shown as it is, or else decimals below and above the entry."""
    low, high = ends(entry)
    if low == high and len(str(low)) <= digits + 4:
        return low
    return decimal(low, digits, up=False), decimal(high, digits, up=True)


def ends(entry: Any) -> tuple[Fraction, Fraction]:
    """The least and the largest value that an entry may have."""
    match entry:
        case Fraction() | int():
            return Fraction(entry), Fraction(entry)
        case (low, high):
            return Fraction(low), Fraction(high)
        case _:
            return Fraction(entry.lo), Fraction(entry.hi)


def digits_apart(left: Matrix, right: Matrix, entry: tuple[int, int] | None) -> int:
    """How many digits show that two entries differ."""
    if entry is None:
        return MAX_DIGITS
    (low, high), (other_low, other_high) = (ends(side[entry[0]][entry[1]]) for side in (left, right))
    gap = max(other_low - high, low - other_high)
    size = max(abs(low), abs(high), abs(other_low), abs(other_high), Fraction(1, 10**30))
    for digits in range(4, 40):
        if gap * 10**digits > 10 * size:
            return digits
    return 40


def decimal(value: Fraction, digits: int, *, up: bool) -> str:
    """A decimal with so many significant digits, not above the value, or not below it if `up`."""
    if value == 0:
        return "0"
    exponent = len(str(abs(value.numerator))) - len(str(value.denominator))
    exponent -= abs(value) < Fraction(10) ** exponent
    scaled = value / Fraction(10) ** (exponent - digits + 1)
    whole = -(-scaled.numerator // scaled.denominator) if up else scaled.numerator // scaled.denominator
    return _placed(whole, exponent - digits + 1)


def _placed(whole: int, exponent: int) -> str:
    sign, figures = "-" if whole < 0 else "", str(abs(whole))
    point = len(figures) + exponent
    if not -3 <= point <= 12:
        tail = figures[1:].rstrip("0")
        return f"{sign}{figures[0]}{'.' * bool(tail)}{tail}e{point - 1}"
    figures = figures.rjust(len(figures) - min(point - 1, 0), "0") if point < 1 else figures.ljust(point, "0")
    point = max(point, 1)
    return f"{sign}{figures[:point]}.{figures[point:]}".rstrip("0").rstrip(".")
