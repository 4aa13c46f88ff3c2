"""What the equations of several cells have in common."""

from __future__ import annotations

import sympy
from sympy import MatrixExpr

from ..expressions.build import Family, entrywise, matrix, product, scaled, signal, total, vector
from .cell import T, Update


def drive(h: Family, x: Family, mark: str = "", *more: MatrixExpr, state: MatrixExpr | None = None) -> MatrixExpr:
    """W h[t-1] + U x[t] + b and what is added to it, with the mark after each of W, U and b.

    With a state, that is in the place of h[t-1].
    """
    n, m = h.rows, x.rows
    W, U, b = matrix(f"W{mark}", n, n), matrix(f"U{mark}", n, m), vector(f"b{mark}", n)
    return total(product(W, h[T - 1] if state is None else state), product(U, x[T]), b, *more)


def gate(letter: str, h: Family, x: Family, function: str = "sigmoid") -> Update:
    """letter[t] = function(W_letter h[t-1] + U_letter x[t] + b_letter)."""
    return Update(signal(letter, h.rows)[T], entrywise(function, drive(h, x, f"_{letter}")))


def rest(part: MatrixExpr) -> MatrixExpr:
    """1 - part, entry by entry."""
    return total(sympy.OneMatrix(*part.shape), scaled(-1, part))
