"""Magnitudes: exact where they should be, and enclosing what NumPy finds elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symgrad.instances.interval import Interval, UndefinedError, point
from symgrad.instances.matrix import Matrix, determinant, exact, identity, inverse, is_positive_definite, multiply
from symgrad.instances.measures import (
    MEASURES,
    largest_entry,
    least_singular_value,
    smallest_entry,
    spectral_norm,
    spectral_radius,
)

entries = st.fractions(min_value=-3, max_value=3, max_denominator=8)


def squares(low: int, high: int) -> st.SearchStrategy[list[list[Fraction]]]:
    return st.integers(low, high).flatmap(
        lambda size: st.lists(st.lists(entries, min_size=size, max_size=size), min_size=size, max_size=size)
    )


def of(rows: list[list[object]]) -> Matrix:
    return exact(tuple(tuple(Fraction(str(one)) for one in row) for row in rows))


def blurred(matrix: Matrix) -> Matrix:
    """The same matrix known only to 2^-80."""
    width = Fraction(1, 2**80)
    return tuple(tuple(Interval(one.lo - width, one.hi + width) for one in row) for row in matrix)


def _numpy(kind: str, rows: list[list[Fraction]]) -> float:
    values = np.array([[float(one) for one in row] for row in rows])
    measures: dict[str, Callable[[], float]] = {
        "spectral_norm": lambda: float(np.linalg.norm(values, 2)),
        "least_singular_value": lambda: float(np.linalg.svd(values, compute_uv=False).min()),
        "spectral_radius": lambda: float(max(abs(np.linalg.eigvals(values)))),
        "largest_entry": lambda: float(abs(values).max()),
        "smallest_entry": lambda: float(abs(values).min()),
    }
    return measures[kind]()


@pytest.mark.parametrize("kind", MEASURES)
@settings(max_examples=60, deadline=None)
@given(squares(1, 4))
def test_encloses_what_numpy_finds(kind: str, rows: list[list[Fraction]]):
    expected = _numpy(kind, rows)
    for matrix in (of(rows), blurred(of(rows))):
        found = MEASURES[kind](matrix)
        slack = 1e-3 if kind == "spectral_radius" else 1e-6
        assert float(found.lo) - slack <= expected <= float(found.hi) + slack


@settings(max_examples=60, deadline=None)
@given(squares(3, 4))
def test_norms_are_narrow(rows: list[list[Fraction]]):
    found = spectral_norm(of(rows))
    assert float(found.hi - found.lo) <= 1e-2 * float(found.hi)


@settings(max_examples=40, deadline=None)
@given(squares(1, 4))
def test_inverse_is_exact_on_rationals(rows: list[list[Fraction]]):
    matrix = of(rows)
    if determinant(matrix).is_zero:
        with pytest.raises(UndefinedError):
            inverse(matrix)
    else:
        assert multiply(matrix, inverse(matrix)) == identity(len(rows))


@pytest.mark.parametrize(
    ("measure", "rows", "value"),
    [
        (spectral_norm, [[1, 0], [0, 1]], 1),
        (spectral_norm, [[0, 5], [0, 0]], 5),
        (spectral_norm, [["3/5", "-4/5", 0], ["4/5", "3/5", 0], [0, 0, 1]], 1),
        (spectral_norm, [[-3]], 3),
        (spectral_norm, [[3], [4]], 5),
        (spectral_norm, [[3, 4]], 5),
        (spectral_norm, [[2, 1], [1, 2]], 3),
        (least_singular_value, [[1, 2], [2, 4]], 0),
        (least_singular_value, [[3, 0], [0, "-1/2"]], "1/2"),
        (least_singular_value, [[1, 2, 3], [4, 5, 6], [7, 8, 9]], 0),
        (spectral_radius, [[0, 5], [0, 0]], 0),
        (spectral_radius, [[0, -2], [2, 0]], 2),
        (spectral_radius, [[1, 0, 0], [7, -2, 0], [1, 1, 1]], 2),
        (largest_entry, [[1], [-3], [2]], 3),
        (smallest_entry, [[1], [-3], ["-1/2"]], "1/2"),
    ],
)
def test_exact_values(measure: Callable[[Matrix], Interval], rows: list[list[object]], value: object):
    assert measure(of(rows)) == point(Fraction(str(value)))


def test_definiteness_says_no_in_doubt():
    assert is_positive_definite(of([[2, 1], [1, 2]]))
    assert not is_positive_definite(of([[1, 1], [1, 1]]))
    assert not is_positive_definite(of([[1, 2], [2, 1]]))
    assert not is_positive_definite(((Interval(Fraction(-1), Fraction(5)),),))
