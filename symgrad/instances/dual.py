"""Values with slopes, and slopes of slopes: the arithmetic of forward mode on matrices of intervals.

A derivative inside a derivative is one more order of slopes. What does not depend on anything at an order is a value of
a lower order, so matrices are the constants of all of them (Pearlmutter and Siskind, 2008, on nested forward mode).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from typing import TypeAlias, Union

from .interval import Interval, UndefinedError, point
from .matrix import (
    Matrix,
    add,
    filled,
    hadamard,
    identity,
    inverse,
    is_zero,
    mapped,
    multiply,
    scaled,
    trace,
    transpose,
)

MAX_EXPONENT = 64
Value: TypeAlias = Union[Matrix, "Dual"]
Slopes: TypeAlias = tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Dual:
    """A value and its derivatives in each direction of one order, at least one; they are all of lower orders."""

    order: int
    value: Value
    slopes: Slopes


def dual(order: int, value: Value, slopes: Slopes) -> Value:
    """The value alone where there are no slopes."""
    return Dual(order, value, slopes) if slopes else value


def order_of(value: Value) -> int:
    return value.order if isinstance(value, Dual) else 0


def parted(value: Value, order: int) -> tuple[Value, Slopes]:
    """The value of a lower order, and the slopes of this one; no slopes stand for derivatives that are all 0."""
    return (value.value, value.slopes) if isinstance(value, Dual) and value.order == order else (value, ())


def leaf(value: Value) -> Matrix:
    """The value without any slopes."""
    return leaf(value.value) if isinstance(value, Dual) else value


def linear(function: Callable[[Matrix], Matrix], body: Value) -> Value:
    if not isinstance(body, Dual):
        return function(body)
    return Dual(body.order, linear(function, body.value), tuple(linear(function, slope) for slope in body.slopes))


def bilinear(join: Callable[[Matrix, Matrix], Matrix], left: Value, right: Value) -> Value:
    if not isinstance(left, Dual) and not isinstance(right, Dual):
        return join(left, right)
    order = max(order_of(left), order_of(right))
    (one, firsts), (two, seconds) = parted(left, order), parted(right, order)
    first = tuple(bilinear(join, slope, two) for slope in firsts)
    second = tuple(bilinear(join, one, slope) for slope in seconds)
    return dual(order, bilinear(join, one, two), _added(first, second))


def plus(left: Value, right: Value) -> Value:
    if not isinstance(left, Dual) and not isinstance(right, Dual):
        return add(left, right)
    order = max(order_of(left), order_of(right))
    (one, firsts), (two, seconds) = parted(left, order), parted(right, order)
    return dual(order, plus(one, two), _added(firsts, seconds))


def _added(left: Slopes, right: Slopes) -> Slopes:
    if not left or not right:
        return left or right
    return tuple(plus(one, two) for one, two in zip(left, right, strict=True))


def inverted(body: Value) -> Value:
    """d(A^-1) = -A^-1 dA A^-1."""
    if not isinstance(body, Dual):
        return inverse(body)
    found = inverted(body.value)
    negative = times(-1, found)
    slopes = (bilinear(multiply, bilinear(multiply, negative, slope), found) for slope in body.slopes)
    return dual(body.order, found, tuple(slopes))


def applied(apply: Callable[[str, Interval], Interval], name: str, body: Value) -> Value:
    """A function of each entry, with `apply` for its values and those of its derivatives."""
    if not isinstance(body, Dual):
        return mapped(lambda x: apply(name, x), body)
    derivative = applied(apply, name + "'", body.value)
    slopes = tuple(bilinear(hadamard, derivative, slope) for slope in body.slopes)
    return dual(body.order, applied(apply, name, body.value), slopes)


def raised(body: Value, exponent: int) -> Value:
    """Each entry to a power."""
    if exponent > MAX_EXPONENT:
        raise UndefinedError(f"a power of {exponent}")
    if not isinstance(body, Dual) or exponent == 0:
        return mapped(lambda x: x.power(exponent), leaf(body))
    derivative = times(exponent, raised(body.value, exponent - 1))
    slopes = tuple(bilinear(hadamard, derivative, slope) for slope in body.slopes)
    return dual(body.order, raised(body.value, exponent), slopes)


def power(body: Value, exponent: int) -> Value:
    """A product of so many equal square matrices."""
    if not 0 <= exponent <= MAX_EXPONENT:
        raise UndefinedError(f"a power of {exponent}")
    return product([body] * exponent, identity(len(leaf(body))))


def softmax(apply: Callable[[str, Interval], Interval], body: Value) -> Value:
    """exp of each entry, divided by the sum of its column."""
    rows = len(leaf(body))
    grown = applied(apply, "exp", body)
    totals = linear(lambda matrix: multiply(filled(rows, rows, point(1)), matrix), grown)
    return bilinear(hadamard, grown, applied(apply, "reciprocal", totals))


def determinant(body: Value) -> Value:
    """By Faddeev and LeVerrier: nothing but products and division by 1, ..., n, so that any matrix will do."""
    size = len(leaf(body))
    found: Value = identity(size)
    last: Value = ((point(1),),)
    for k in range(1, size + 1):
        together = bilinear(multiply, body, found)
        last = times(Fraction(-1, k), linear(lambda matrix: ((trace(matrix),),), together))
        found = plus(together, linear(lambda one: scaled(one[0][0], identity(size)), last))
    return times((-1) ** size, last)


def times(factor: Fraction | int, body: Value) -> Value:
    return linear(lambda matrix: scaled(point(factor), matrix), body)


def plus_all(values: Iterable[Value], start: Value) -> Value:
    return reduce(plus, values, start)


def product(values: Iterable[Value], start: Value) -> Value:
    return reduce(lambda left, right: bilinear(multiply, left, right), values, start)


def squared_length(body: Value) -> Value:
    """The sum of the squares of a column or row."""
    column = body if len(leaf(body)[0]) == 1 else linear(transpose, body)
    return bilinear(multiply, linear(transpose, column), column)


def is_still(value: Value) -> bool:
    """Whether all slopes are 0."""
    if not isinstance(value, Dual):
        return True
    return is_still(value.value) and all(is_zero(leaf(slope)) and is_still(slope) for slope in value.slopes)
