"""Small matrices of rationals to try: plain ones, random ones, and ones with a property that a text may assume."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from random import Random

from ..instances.instance import Key, Rows
from ..instances.matrix import exact, inverse, multiply, transpose

SMALL = tuple(map(Fraction, ("1/2", "-1/2", "1", "-1", "1/4", "-3/4", "3/2", "1/3")))
WIDE = tuple(map(Fraction, (2, -2, 3, -3, 1, -1, 4, 10)))
INITIAL = tuple(Fraction(1, bottom) for bottom in (2, 3, 4))
Values = dict[Key, Rows]
Style = Callable[[int, int, Random], Rows]


def fill(rows: int, columns: int, entry: Callable[[int, int], Fraction | int]) -> Rows:
    return tuple(tuple(Fraction(entry(i, j)) for j in range(columns)) for i in range(rows))


def small(rows: int, columns: int, random: Random) -> Rows:
    return fill(rows, columns, lambda i, j: random.choice(SMALL))


def wide(rows: int, columns: int, random: Random) -> Rows:
    return fill(rows, columns, lambda i, j: random.choice(WIDE))


def zero(rows: int, columns: int, random: Random) -> Rows:
    return fill(rows, columns, lambda i, j: 0)


def ones(rows: int, columns: int, random: Random) -> Rows:
    return fill(rows, columns, lambda i, j: 1)


def initial(rows: int, columns: int, random: Random) -> Rows:
    """A state that tanh and sigmoid can both reach."""
    return fill(rows, columns, lambda i, j: random.choice(INITIAL))


def large(rows: int, columns: int, random: Random) -> Rows:
    return fill(rows, columns, lambda i, j: random.choice((4, 6, 8)))


def identity(rows: int, columns: int, random: Random) -> Rows:
    return fill(rows, columns, lambda i, j: i == j)


def double(rows: int, columns: int, random: Random) -> Rows:
    return fill(rows, columns, lambda i, j: 2 * (i == j))


def half(rows: int, columns: int, random: Random) -> Rows:
    return fill(rows, columns, lambda i, j: Fraction(i == j, 2))


def nilpotent(rows: int, columns: int, random: Random) -> Rows:
    return fill(rows, columns, lambda i, j: 5 * (j == i + 1))


def diagonal(rows: int, columns: int, random: Random) -> Rows:
    return fill(rows, columns, lambda i, j: (2, Fraction(1, 2), -1)[i % 3] if i == j else 0)


def rotation(rows: int, columns: int, random: Random) -> Rows:
    """An orthogonal matrix: a turn by the angle of (3, 4, 5) in the first plane."""
    turn = {(0, 0): Fraction(3, 5), (0, 1): Fraction(-4, 5), (1, 0): Fraction(4, 5), (1, 1): Fraction(3, 5)}
    return fill(rows, columns, lambda i, j: turn.get((i, j), i == j) if min(rows, columns) > 1 else i == j)


def symmetric(rows: int, columns: int, random: Random) -> Rows:
    values = {(i, j): random.choice(SMALL) for i in range(rows) for j in range(columns)}
    return fill(rows, columns, lambda i, j: values.get((min(i, j), max(i, j)), values[i, j]))


def shift(rows: int, columns: int, random: Random) -> Rows:
    return fill(rows, columns, lambda i, j: j == i + 1)


def orthogonal(rows: int, columns: int, random: Random) -> Rows:
    """Orthonormal columns, or rows if those are fewer: a part of (I - S) (I + S)^-1 for a random S = -S^T (Cayley)."""
    size = max(rows, columns)
    entries = {(i, j): random.choice(SMALL) for i in range(size) for j in range(i)}
    skew = fill(size, size, lambda i, j: entries.get((i, j), -entries.get((j, i), Fraction(0))))
    plus = exact(fill(size, size, lambda i, j: (i == j) + skew[i][j]))
    found = multiply(transpose(plus), inverse(plus))
    return fill(rows, columns, lambda i, j: found[i][j].lo)


def reflection(rows: int, columns: int, random: Random) -> Rows:
    """I - 2 v v^T / |v|^2: symmetric, orthogonal and its own inverse (Householder)."""
    v = [random.choice(SMALL) for _ in range(rows)]
    length = sum(one * one for one in v)
    return fill(rows, columns, lambda i, j: (i == j) - 2 * v[i] * v[j % rows] / length)


def projection(rows: int, columns: int, random: Random) -> Rows:
    """v v^T / |v|^2: symmetric and idempotent."""
    v = [random.choice(SMALL) for _ in range(rows)]
    length = sum(one * one for one in v)
    return fill(rows, columns, lambda i, j: v[i] * v[j % rows] / length)


MATRICES: tuple[Style, ...] = (small, identity, double, nilpotent, zero, diagonal, half, rotation, symmetric, wide)
VECTORS: tuple[Style, ...] = (small, zero, large, wide)
DESIGNED: tuple[tuple[Style, Style], ...] = (
    (ones, ones),
    (small, small),
    (small, zero),
    (identity, zero),
    (double, zero),
    (nilpotent, zero),
    (diagonal, zero),
    (zero, large),
    (double, large),
    (wide, small),
    (nilpotent, small),
    (rotation, zero),
    (symmetric, small),
    (symmetric, small),
)
OF_NORM_ONE: tuple[Style, ...] = (identity, rotation, shift, orthogonal)
SPECIAL: tuple[Style, ...] = (orthogonal, reflection, projection, identity, zero, shift)
