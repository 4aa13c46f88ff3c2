"""Values with slopes: the arithmetic of forward mode on matrices of intervals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .functions import apply
from .interval import UndefinedError, point
from .matrix import Matrix, add, hadamard, inverse, mapped, multiply, scaled

MAX_EXPONENT = 64


@dataclass(frozen=True, slots=True)
class Dual:
    """A value and its derivatives in each direction; no slopes stand for derivatives that are all 0."""

    value: Matrix
    slopes: tuple[Matrix, ...] = ()


def linear(function: Callable[[Matrix], Matrix], body: Dual) -> Dual:
    return Dual(function(body.value), tuple(function(slope) for slope in body.slopes))


def bilinear(join: Callable[[Matrix, Matrix], Matrix], left: Dual, right: Dual) -> Dual:
    first = tuple(join(slope, right.value) for slope in left.slopes)
    second = tuple(join(left.value, slope) for slope in right.slopes)
    return Dual(join(left.value, right.value), _plus(first, second))


def plus(left: Dual, right: Dual) -> Dual:
    return Dual(add(left.value, right.value), _plus(left.slopes, right.slopes))


def _plus(left: tuple[Matrix, ...], right: tuple[Matrix, ...]) -> tuple[Matrix, ...]:
    if not left or not right:
        return left or right
    return tuple(add(one, two) for one, two in zip(left, right, strict=True))


def inverted(body: Dual) -> Dual:
    """d(A^-1) = -A^-1 dA A^-1."""
    found = inverse(body.value)
    negative = scaled(point(-1), found)
    return Dual(found, tuple(multiply(multiply(negative, slope), found) for slope in body.slopes))


def applied(name: str, body: Dual) -> Dual:
    value = mapped(lambda x: apply(name, x), body.value)
    if not body.slopes:
        return Dual(value)
    derivative = mapped(lambda x: apply(name + "'", x), body.value)
    return Dual(value, tuple(hadamard(derivative, slope) for slope in body.slopes))


def raised(body: Dual, exponent: int) -> Dual:
    if exponent > MAX_EXPONENT:
        raise UndefinedError(f"a power of {exponent}")
    value = mapped(lambda x: x.power(exponent), body.value)
    if not body.slopes or exponent == 0:
        return Dual(value)
    derivative = mapped(lambda x: point(exponent) * x.power(exponent - 1), body.value)
    return Dual(value, tuple(hadamard(derivative, slope) for slope in body.slopes))
