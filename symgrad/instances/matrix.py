"""Small matrices of intervals: arithmetic, elimination, definiteness. Shapes are the caller's business."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from .interval import ONE, ZERO, Interval, UndefinedError, point

Matrix = tuple[tuple[Interval, ...], ...]


def exact(rows: tuple[tuple[Fraction, ...], ...]) -> Matrix:
    return tuple(tuple(point(value) for value in row) for row in rows)


def filled(rows: int, columns: int, value: Interval) -> Matrix:
    return ((value,) * columns,) * rows


def identity(size: int) -> Matrix:
    return diagonal(filled(size, 1, ONE))


def diagonal(column: Matrix) -> Matrix:
    """The square matrix with this column on its diagonal."""
    places = range(len(column))
    return tuple(tuple(column[i][0] if i == j else ZERO for j in places) for i in places)


def mapped(function: Callable[[Interval], Interval], matrix: Matrix) -> Matrix:
    return tuple(tuple(function(value) for value in row) for row in matrix)


def scaled(factor: Interval, matrix: Matrix) -> Matrix:
    return mapped(lambda value: factor * value, matrix)


def add(left: Matrix, right: Matrix) -> Matrix:
    return tuple(tuple(a + b for a, b in zip(one, two, strict=True)) for one, two in zip(left, right, strict=True))


def hadamard(left: Matrix, right: Matrix) -> Matrix:
    return tuple(tuple(a * b for a, b in zip(one, two, strict=True)) for one, two in zip(left, right, strict=True))


def multiply(left: Matrix, right: Matrix) -> Matrix:
    columns = transpose(right)
    return tuple(tuple(_dot(row, column) for column in columns) for row in left)


def _dot(row: tuple[Interval, ...], column: tuple[Interval, ...]) -> Interval:
    return sum((a * b for a, b in zip(row, column, strict=True)), ZERO)


def transpose(matrix: Matrix) -> Matrix:
    return tuple(zip(*matrix, strict=True))


def trace(matrix: Matrix) -> Interval:
    return sum((row[i] for i, row in enumerate(matrix)), ZERO)


def diagonal_part(matrix: Matrix) -> Matrix:
    """The diagonal as a column."""
    return tuple((row[i],) for i, row in enumerate(matrix))


def unit(rows: int, columns: int, row: int, column: int) -> Matrix:
    """The matrix with 1 in one place and 0 elsewhere."""
    return tuple(tuple(ONE if (i, j) == (row, column) else ZERO for j in range(columns)) for i in range(rows))


def placed(column: Matrix, place: tuple[int, int], rows: int, columns: int) -> Matrix:
    """A column written into a row of a matrix that else is 0, from one place on."""
    row, first = place
    flat = {(row, first + j): one[0] for j, one in enumerate(column)}
    return tuple(tuple(flat.get((i, j), ZERO) for j in range(columns)) for i in range(rows))


def is_zero(matrix: Matrix) -> bool:
    return all(value.is_zero for row in matrix for value in row)


def is_diagonal(matrix: Matrix) -> bool:
    """Whether everything off the diagonal is exactly 0."""
    return all(value.is_zero for i, row in enumerate(matrix) for j, value in enumerate(row) if i != j)


def inverse(matrix: Matrix) -> Matrix:
    """The inverse by Gauss-Jordan elimination; UndefinedError if it is singular or too close to it."""
    size = len(matrix)
    rows = [list(row) + list(unit) for row, unit in zip(matrix, identity(size), strict=True)]
    for column in range(size):
        best = max(range(column, size), key=lambda i: abs(rows[i][column]).lo)
        rows[column], rows[best] = rows[best], rows[column]
        pivot = rows[column][column].reciprocal()
        rows[column] = [pivot * value for value in rows[column]]
        for i in (i for i in range(size) if i != column):
            factor = rows[i][column]
            rows[i] = [value - factor * top for value, top in zip(rows[i], rows[column], strict=True)]
    return tuple(tuple(row[size:]) for row in rows)


def determinant(matrix: Matrix) -> Interval:
    """By expansion along the first row: for the small sizes of instances."""
    if len(matrix) == 1:
        return matrix[0][0]
    minors = (tuple(row[:j] + row[j + 1 :] for row in matrix[1:]) for j in range(len(matrix)))
    signed = (top if j % 2 == 0 else -top for j, top in enumerate(matrix[0]))
    return sum((top * determinant(minor) for top, minor in zip(signed, minors, strict=True)), ZERO)


def is_positive_definite(matrix: Matrix) -> bool:
    """Whether every symmetric matrix inside has only positive pivots; False also means "cannot tell"."""
    rest = [list(row) for row in matrix]
    while rest:
        if rest[0][0].lo <= 0:
            return False
        try:
            rest = _eliminated(rest)
        except UndefinedError:
            return False
    return True


def _eliminated(rows: list[list[Interval]]) -> list[list[Interval]]:
    top, scale = rows[0], rows[0][0].reciprocal()
    return [[value - row[0] * scale * above for value, above in zip(row[1:], top[1:], strict=True)] for row in rows[1:]]
