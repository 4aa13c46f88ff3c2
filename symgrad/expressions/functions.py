"""Scalar functions by name: SymPy's where it has them, and `sigmoid`, which it lacks.

A name that ends in ' is a derivative. Derivatives are SymPy's scalar ones, written as polynomials in the function's own
value where that is possible (tanh' = 1 - tanh^2), because a network has that value at hand.
"""

from __future__ import annotations

from functools import lru_cache

import sympy
from sympy.core.function import AppliedUndef, ArgumentIndexError, Function


class sigmoid(Function):  # noqa: N801  SymPy names its functions as they are written
    """The logistic function 1 / (1 + exp(-x)); its derivative is sigmoid (1 - sigmoid)."""

    nargs = 1

    def fdiff(self, argindex: int = 1) -> sympy.Expr:
        if argindex != 1:
            raise ArgumentIndexError(self, argindex)
        return self * (1 - self)

    def _eval_rewrite_as_exp(self, x: sympy.Expr, **_: object) -> sympy.Expr:
        return 1 / (1 + sympy.exp(-x))

    def _latex(self, printer: sympy.printing.latex.LatexPrinter, exp: str | None = None) -> str:
        head = r"\sigma" if exp is None else rf"\sigma^{{{exp}}}"
        return rf"{head}\left({printer._print(self.args[0])}\right)"


_KNOWN = {
    "tanh": sympy.tanh,
    "sigmoid": sigmoid,
    "exp": sympy.exp,
    "log": sympy.log,
    "sin": sympy.sin,
    "cos": sympy.cos,
}
_LATEX = {"tanh": r"\tanh", "sigmoid": r"\sigma", "exp": r"\exp", "log": r"\log", "sin": r"\sin", "cos": r"\cos"}


def apply(name: str, argument: sympy.Expr) -> sympy.Expr:
    """The named function of a scalar, not evaluated; a name that SymPy does not know stays an undefined function."""
    known = _KNOWN.get(name)
    return known(argument, evaluate=False) if known else Function(name)(argument)


def name_of(expr: sympy.Expr) -> str | None:
    """The inverse of `apply`; None if it is not a function of one scalar that has a name here."""
    if isinstance(expr, AppliedUndef):
        return str(expr.func.__name__)
    return next((name for name, known in _KNOWN.items() if expr.func is known), None)


def latex_name(name: str) -> str:
    """How a function is written in LaTeX: tanh' is \\tanh'."""
    base = name.rstrip("'")
    return _LATEX.get(base, rf"\operatorname{{{base}}}") + name[len(base) :]


@lru_cache(maxsize=64)
def derivative_coefficients(name: str) -> tuple[sympy.Rational, ...] | None:
    """Coefficients c with name'(x) = c[0] + c[1] u + c[2] u^2 + ... where u = name(x); None if there are none.

    tanh gives (1, 0, -1) and sigmoid (0, 1, -1), both from SymPy's derivative of the scalar function.
    """
    x, value = sympy.Dummy("x"), sympy.Dummy("u")
    applied = apply(name, x)
    slope = applied.diff(x).xreplace({applied: value})
    if slope.free_symbols - {value}:
        return None
    found = sympy.Poly(slope, value).all_coeffs()[::-1] if slope.is_polynomial(value) else None
    return tuple(found) if found and all(one.is_Rational for one in found) else None
