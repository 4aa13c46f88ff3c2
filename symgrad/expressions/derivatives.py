"""Derivatives of entrywise functions written in the function's own value: tanh'(a) = 1 - u^2 where u = tanh(a)."""

from __future__ import annotations

from collections.abc import Mapping

import sympy
from sympy import MatrixExpr

from .build import scaled, total
from .functions import derivative_coefficients
from .nodes import Entrywise


def in_values(expr: MatrixExpr, names: Mapping[MatrixExpr, MatrixExpr] | None = None) -> MatrixExpr:
    """Replace tanh', sigmoid' and the like by polynomials in the value of the function.

    `names` says what a value is called: {tanh(W h[t-1] + b): h[t]}. A derivative without such a polynomial stays.
    """
    found = (one for one in sympy.preorder_traversal(expr) if isinstance(one, Entrywise))
    return expr.xreplace({one: _slope(one, names or {}) for one in found if one.function.endswith("'")})


def _slope(one: Entrywise, names: Mapping[MatrixExpr, MatrixExpr]) -> MatrixExpr:
    value = Entrywise(one.function[:-1], one.body)
    coefficients = derivative_coefficients(value.function)
    if coefficients is None:
        return one
    named = names.get(value, value)
    terms = [_times(factor, _power(named, power)) for power, factor in enumerate(coefficients) if factor]
    return total(*terms) if terms else sympy.ZeroMatrix(*one.shape)


def _power(value: MatrixExpr, power: int) -> MatrixExpr:
    if power == 0:
        return sympy.OneMatrix(*value.shape)
    return value if power == 1 else sympy.HadamardPower(value, power)


def _times(factor: sympy.Rational, body: MatrixExpr) -> MatrixExpr:
    return body if factor == 1 else scaled(factor, body)
