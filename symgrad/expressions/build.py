"""Constructors that read like a textbook: signals indexed by time, matrices, products and sums as they are written.

Unlike SymPy's operators these never sort, merge or evaluate. Sizes are names ("n") or positive integers.
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy
from sympy import Expr, MatrixExpr

from ..kernel.affine import affine
from ..kernel.term import Size
from .indices import size_to_sympy, time_to_sympy
from .nodes import Diagonal, Entrywise, Signal, TextbookProduct, TextbookSum, as_matrix


@dataclass(frozen=True, slots=True)
class Family:
    """A vector (or matrix) at every time: `h[t - 1]` is the member at time t - 1."""

    name: str
    rows: Size
    columns: Size = 1

    def __getitem__(self, times: Expr | int | tuple[Expr | int, ...]) -> Signal:
        given = times if isinstance(times, tuple) else (times,)
        return Signal(self.name, size_to_sympy(self.rows), size_to_sympy(self.columns), *given)


def time(name: str) -> sympy.Symbol:
    """A time variable such as t or tau: an integer symbol."""
    return time_to_sympy(affine(name))


def signal(name: str, size: Size) -> Family:
    """A family of columns of one size."""
    return Family(name, size)


def matrix(name: str, rows: Size, columns: Size) -> sympy.MatrixSymbol:
    """A constant matrix."""
    return sympy.MatrixSymbol(name, size_to_sympy(rows), size_to_sympy(columns))


def vector(name: str, size: Size) -> sympy.MatrixSymbol:
    """A constant column."""
    return matrix(name, size, 1)


def total(*terms: MatrixExpr) -> MatrixExpr:
    """Sum of matrices of one shape, in the order given."""
    return terms[0] if len(terms) == 1 else TextbookSum(*terms)


def product(*factors: MatrixExpr) -> MatrixExpr:
    """Matrix product in the order given; products among the factors are opened, scalar multiples stay as they are."""
    flat = [one for factor in factors for one in (factor.args if _is_pure(factor) else (factor,))]
    return flat[0] if len(flat) == 1 else TextbookProduct(*flat)


def scaled(scalar: Expr | int, body: MatrixExpr) -> MatrixExpr:
    """A scalar times a matrix."""
    return TextbookProduct(scalar, body)


def _is_pure(factor: MatrixExpr) -> bool:
    return isinstance(factor, sympy.MatMul) and all(isinstance(one, MatrixExpr) for one in factor.args)


def hadamard(*factors: MatrixExpr) -> MatrixExpr:
    """Entrywise product of matrices of one shape."""
    return factors[0] if len(factors) == 1 else sympy.HadamardProduct(*factors)


def diagonal(column: Expr | MatrixExpr) -> Diagonal:
    """diag(v)."""
    return Diagonal(as_matrix(column))


def entrywise(function: str, body: Expr | MatrixExpr) -> Entrywise:
    """The function of that name ("tanh", "sigmoid", "tanh'") of each entry."""
    return Entrywise(function, as_matrix(body))
