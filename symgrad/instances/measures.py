"""Enclosures of the magnitudes of interval matrices: norms, singular values, spectral radius, extreme entries.

Exact where a closed form in rationals exists (scalars, diagonal Gram matrices, triangular matrices, many 2 x 2).
Floats only suggest vectors; every bound is checked with intervals (Rump, Acta Numerica 19, 2010, section 10).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction

from .interval import ONE, ZERO, Interval, UndefinedError, hull, largest, point, smallest
from .matrix import (
    Matrix,
    add,
    determinant,
    diagonal,
    filled,
    inverse,
    is_diagonal,
    is_positive_definite,
    multiply,
    scaled,
    trace,
    transpose,
)

SQUARINGS = 10
ITERATIONS = 60
MARGINS = tuple(Fraction(1, 10**digits) for digits in range(13, 1, -1))


def spectral_norm(matrix: Matrix) -> Interval:
    """The largest singular value: |x| of a scalar, the length of a vector."""
    if len(matrix) < len(matrix[0]):
        matrix = transpose(matrix)
    if len(matrix[0]) == 1 and len(matrix) == 1:
        return abs(matrix[0][0])
    gram = multiply(transpose(matrix), matrix)
    if is_diagonal(gram):
        return largest(*(row[i] for i, row in enumerate(gram))).sqrt()
    if len(gram) == 2:
        return _eigenvalues_of_two(gram)[1].sqrt()
    lower = _stretch(matrix, _main_direction(gram))
    return Interval(lower.lo, _upper_bound(gram, lower.hi))


def least_singular_value(matrix: Matrix) -> Interval:
    """The smallest singular value of a square matrix."""
    if len(matrix) == 1:
        return abs(matrix[0][0])
    gram = multiply(transpose(matrix), matrix)
    if is_diagonal(gram):
        return smallest(*(row[i] for i, row in enumerate(gram))).sqrt()
    if determinant(matrix).is_zero:
        return ZERO
    if len(gram) == 2:
        return _eigenvalues_of_two(gram)[0].sqrt()
    try:
        return spectral_norm(inverse(matrix)).reciprocal()
    except UndefinedError:
        return Interval(Fraction(0), smallest(*(row[i] for i, row in enumerate(gram))).sqrt().hi)


def spectral_radius(matrix: Matrix) -> Interval:
    """The largest absolute value of an eigenvalue of a square matrix."""
    if _is_triangular(matrix) or _is_triangular(transpose(matrix)):
        return largest(*(abs(row[i]) for i, row in enumerate(matrix)))
    if len(matrix) == 2:
        return _radius_of_two(matrix)
    return _radius_by_powers(matrix)


def largest_entry(matrix: Matrix) -> Interval:
    return largest(*(abs(value) for row in matrix for value in row))


def smallest_entry(matrix: Matrix) -> Interval:
    return smallest(*(abs(value) for row in matrix for value in row))


MEASURES: Mapping[str, Callable[[Matrix], Interval]] = {
    "spectral_norm": spectral_norm,
    "least_singular_value": least_singular_value,
    "spectral_radius": spectral_radius,
    "largest_entry": largest_entry,
    "smallest_entry": smallest_entry,
}


def _eigenvalues_of_two(symmetric: Matrix) -> tuple[Interval, Interval]:
    """Both eigenvalues (m -+ sqrt(d^2 + b^2)), with m the mean and d half the difference of the diagonal."""
    (a, b), (_, c) = symmetric
    half = point(Fraction(1, 2))
    mean = half * (a + c)
    radius = ((half * (a - c)).power(2) + b.power(2)).sqrt()
    return mean - radius, mean + radius


def _main_direction(gram: Matrix) -> Matrix:
    """A rational vector near the eigenvector of the largest eigenvalue, from power iteration in floats."""
    middle = [[_float(value) for value in row] for row in gram]
    vector = [1.0 + i / 7 for i in range(len(gram))]
    for _ in range(ITERATIONS):
        vector = [math.fsum(a * b for a, b in zip(row, vector, strict=True)) for row in middle]
        size = max(map(abs, vector))
        if not 0 < size < math.inf:
            return filled(len(gram), 1, ONE)
        vector = [value / size for value in vector]
    return tuple((point(Fraction(value)),) for value in vector)


def _float(value: Interval) -> float:
    try:
        return float(value.lo + value.hi) / 2
    except OverflowError:
        return math.inf


def _stretch(matrix: Matrix, vector: Matrix) -> Interval:
    """|A v| / |v|, which is at most the norm of A."""
    return _length(multiply(matrix, vector)) * _length(vector).reciprocal()


def _length(column: Matrix) -> Interval:
    return sum((row[0].power(2) for row in column), ZERO).sqrt()


def _upper_bound(gram: Matrix, start: Fraction) -> Fraction:
    """A number q >= start with q^2 I - gram positive definite; the Frobenius norm when none is found nearby."""
    for margin in MARGINS:
        bound = point(start) * point(1 + margin)
        if is_positive_definite(add(diagonal(filled(len(gram), 1, bound.power(2))), scaled(point(-1), gram))):
            return bound.hi
    return trace(gram).sqrt().hi


def _is_triangular(matrix: Matrix) -> bool:
    return all(value.is_zero for i, row in enumerate(matrix) for value in row[:i])


def _radius_of_two(matrix: Matrix) -> Interval:
    """From the characteristic polynomial: real eigenvalues m -+ sqrt(q), or a complex pair of modulus sqrt(det)."""
    half = point(Fraction(1, 2))
    (a, b), (c, d) = matrix
    quarter = (half * (a - d)).power(2) + b * c
    real = abs(half * (a + d)) + quarter.sqrt() if quarter.hi >= 0 else None
    pair = determinant(matrix).sqrt() if quarter.lo < 0 else None
    return hull(*(one for one in (real, pair) if one is not None))


def _radius_by_powers(matrix: Matrix) -> Interval:
    """(|trace A^m|/n)^(1/m) <= radius <= norm(A^m)^(1/m) (Frobenius), for m = 1, 2, 4, ..."""
    size, power = point(Fraction(1, len(matrix))), matrix
    lower, upper = Fraction(0), None
    for squarings in range(SQUARINGS + 1):
        frobenius = sum((value.power(2) for row in power for value in row), ZERO).sqrt()
        bounds = [_repeated_root(one, squarings) for one in (size * abs(trace(power)), frobenius)]
        lower = max(lower, bounds[0].lo)
        upper = bounds[1].hi if upper is None else min(upper, bounds[1].hi)
        power = multiply(power, power)
    return Interval(lower, upper or Fraction(0))


def _repeated_root(value: Interval, times: int) -> Interval:
    for _ in range(times):
        value = value.sqrt()
    return value
