"""The entrywise functions of which something is known: derivatives and definitions, as scalar terms in one variable."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from . import term as t
from .term import SCALAR, Entrywise, Hadamard, Symbol, Term, scale

VARIABLE = "x"
_X = Symbol(VARIABLE, SCALAR)


def _of(function: str, body: Term = _X) -> Term:
    return Entrywise(function, body)


# The derivative of each function. Those of tanh and sigmoid, as polynomials in their values, are in `normal.py`.
DERIVATIVES: Mapping[str, Term] = {
    "tanh'": scale(-2, Hadamard((_of("tanh"), _of("tanh'")))),
    "sigmoid'": t.add(_of("sigmoid'"), scale(-2, Hadamard((_of("sigmoid"), _of("sigmoid'"))))),
    "exp": _of("exp"),
    "log": _of("reciprocal"),
    "sqrt": scale(Fraction(1, 2), _of("reciprocal", _of("sqrt"))),
    "reciprocal": scale(-1, t.EntrywisePower(_of("reciprocal"), 2)),
    "relu": _of("step"),
    "step": scale(0, _X),
    "softplus": _of("sigmoid"),
    "sin": _of("cos"),
    "cos": scale(-1, _of("sin")),
    "normal_cdf": _of("normal_density"),
    "normal_density": scale(-1, Hadamard((_X, _of("normal_density")))),
}
# What a function is by others: gelu(x) = x normal_cdf(x) (Hendrycks and Gimpel, 2016), silu(x) = x sigmoid(x).
DEFINITIONS: Mapping[str, Term] = {
    "gelu": Hadamard((_X, _of("normal_cdf"))),
    "silu": Hadamard((_X, _of("sigmoid"))),
    "softplus": _of("log", t.add(t.number(1), _of("exp"))),
    "sigmoid": _of("reciprocal", t.add(t.number(1), _of("exp", scale(-1, _X)))),
    "relu": Hadamard((_X, _of("step"))),
}


def lifted(body: Term, argument: Term, variable: str = VARIABLE) -> Term | None:
    """A scalar term in one variable, entry by entry at an argument of any shape; None for what does not act so."""
    if body == Symbol(variable, SCALAR):
        return argument
    if isinstance(body, t.Number):
        return scale(body.value, t.Ones(argument.shape)) if argument.shape != SCALAR else body
    inner = [lifted(one, argument, variable) for one in t.parts(body)]
    found = tuple(one for one in inner if one is not None)
    if len(found) != len(inner) or not found:
        return None
    match body:
        case t.Scale(scalar=t.Number() as factor):
            return t.Scale(factor, found[1])
        case t.Scale() | t.Product() | t.Hadamard():
            return Hadamard(found)
        case t.Inverse():
            return _of("reciprocal", found[0])
        case t.Transpose() | t.Diagonal() | t.DiagonalPart() | t.Trace():
            return found[0]
        case t.Power() if body.exponent.is_constant and body.exponent.constant >= 0:
            return t.EntrywisePower(found[0], body.exponent.constant)
        case t.Sum() | t.Entrywise() | t.EntrywisePower():
            return t.with_parts(body, found)
        case _:
            return None
