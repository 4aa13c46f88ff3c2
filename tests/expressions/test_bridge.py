"""The bridge: terms and SymPy expressions are carried over and back without loss, and bad shapes are refused."""

from __future__ import annotations

import pytest
import sympy
from hypothesis import HealthCheck, given, settings

from symgrad.expressions.bridge import BridgeError, ShapeError, to_sympy, to_term
from symgrad.expressions.build import entrywise
from symgrad.expressions.indices import size_to_sympy, time_to_sympy, time_to_term
from symgrad.kernel import term as kernel
from symgrad.kernel.term import Term
from symgrad.serialize import parse_affine

from .terms import ANY_TERM

RELAXED = settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
N = size_to_sympy("n")
W = sympy.MatrixSymbol("W", N, N)
V = sympy.MatrixSymbol("v", N, 1)


@RELAXED
@given(ANY_TERM)
def test_a_term_survives_the_way_through_sympy(term: Term) -> None:
    expr = to_sympy(term)
    assert to_term(expr) == term
    assert to_sympy(to_term(expr)) == expr


@RELAXED
@given(ANY_TERM)
def test_every_expression_prints_and_keeps_its_shape(term: Term) -> None:
    expr = to_sympy(term)
    assert str(expr) and sympy.latex(expr)
    assert expr.is_Matrix is (term.shape != kernel.SCALAR)
    if expr.is_Matrix:
        assert to_term(expr).shape == term.shape


@pytest.mark.parametrize("text", ["0", "tau", "tau-k+1", "-k", "2tau-3", "i+j-k+tau"])
def test_times_survive(text: str) -> None:
    assert time_to_term(time_to_sympy(parse_affine(text))) == parse_affine(text)


@pytest.mark.parametrize("time", ["k**2", "k/2", "k*tau"])
def test_a_time_that_is_not_affine_is_refused(time: str) -> None:
    k, tau = sympy.symbols("k tau", integer=True)
    with pytest.raises(BridgeError, match="not affine"):
        time_to_term({"k**2": k**2, "k/2": k / 2, "k*tau": k * tau}[time])


def test_what_sympy_writes_itself_is_understood() -> None:
    term = to_term((W * V).T * V)
    w, v = kernel.Symbol("W", ("n", "n")), kernel.Symbol("v", ("n", 1))
    assert term == kernel.Product((kernel.Transpose(v), kernel.Transpose(w), v))
    assert to_term(2 * W) == kernel.Scale(kernel.number(2), w)
    assert to_term(W**2) == kernel.Power(w, parse_affine("2"))


@pytest.mark.parametrize("power", [1, -1, 3, -3])
def test_roots_are_understood(power: int) -> None:
    root = kernel.Entrywise("sqrt", kernel.Symbol("x", kernel.SCALAR))
    raised = root if abs(power) == 1 else kernel.Power(root, parse_affine(str(abs(power))))
    found = to_term(sympy.Symbol("x") ** sympy.Rational(power, 2))
    assert found == (raised if power > 0 else kernel.Inverse(raised))


def test_shapes_that_do_not_fit_are_refused_although_sympy_takes_them() -> None:
    other = sympy.MatrixSymbol("B", size_to_sympy("k"), N)
    with pytest.raises(ShapeError, match="n x n and an k x n"):
        to_term(sympy.MatAdd(W, other))


def test_what_is_nested_too_deeply_is_refused() -> None:
    term: Term = kernel.Symbol("v", ("n", 1))
    expr = V
    for _ in range(3000):
        term, expr = kernel.Entrywise("tanh", term), entrywise("tanh", expr)
    with pytest.raises(BridgeError, match="nested too deeply"):
        to_sympy(term)
    with pytest.raises(BridgeError, match="nested too deeply"):
        to_term(expr)


@pytest.mark.parametrize(
    "expr",
    [sympy.Float(0.5), sympy.Symbol("x") ** sympy.Rational(1, 3), sympy.oo, sympy.atan2(*sympy.symbols("x y")) * W],
    ids=str,
)
def test_what_has_no_term_is_refused(expr: sympy.Basic) -> None:
    with pytest.raises(BridgeError):
        to_term(expr)
