"""Sizes and times, between the kernel's plain ones and SymPy's integer symbols."""

from __future__ import annotations

from functools import lru_cache

import sympy
from sympy import Expr

from ..kernel.affine import Affine, affine
from ..kernel.term import Size


class BridgeError(ValueError):
    """A SymPy expression that has no counterpart among the kernel's terms, or the other way round."""


@lru_cache(maxsize=1024)
def size_to_sympy(size: Size) -> Expr:
    """A size: a positive integer, or a name as a positive integer symbol."""
    return sympy.Integer(size) if isinstance(size, int) else sympy.Symbol(size, integer=True, positive=True)


def size_to_term(size: Expr) -> Size:
    """The inverse of `size_to_sympy`."""
    if isinstance(size, sympy.Integer) and size > 0:
        return int(size)
    if isinstance(size, sympy.Symbol):
        return str(size.name)
    raise BridgeError(f"{size} is neither a positive integer nor the name of a size")


@lru_cache(maxsize=4096)
def time_to_sympy(time: Affine) -> Expr:
    """A time such as tau - k + 1, in integer symbols."""
    words = (value * sympy.Symbol(name, integer=True) for name, value in time.coefficients)
    return sympy.Add(*words, time.constant)


@lru_cache(maxsize=4096)
def time_to_term(time: Expr) -> Affine:
    """The inverse of `time_to_sympy`. Raises BridgeError unless the expression is affine over the integers."""
    total = Affine()
    for word in sympy.Add.make_args(time):
        coefficient, rest = word.as_coeff_Mul()
        if not coefficient.is_Integer or not (rest == 1 or isinstance(rest, sympy.Symbol)):
            raise BridgeError(f"the time {time} is not affine over the integers")
        total += affine(1 if rest == 1 else rest.name) * int(coefficient)
    return total
