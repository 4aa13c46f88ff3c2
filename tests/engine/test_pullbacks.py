"""The table of pullbacks: row by row, and on random expressions against differences and against the kernel."""

from __future__ import annotations

import numpy
import pytest
import sympy
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from symgrad.engine.pullbacks import UnderivableError, compose, differentiate, local_gradient
from symgrad.expressions.binders import IndexedSum, Magnitude
from symgrad.expressions.bridge import to_term
from symgrad.expressions.build import (
    diagonal,
    entrywise,
    hadamard,
    matrix,
    product,
    scaled,
    signal,
    time,
    total,
    vector,
)
from symgrad.expressions.functions import apply
from symgrad.expressions.nodes import AsMatrix, AsScalar, Softmax
from symgrad.kernel.calculus import handed_down
from symgrad.kernel.normal import Comparison, compare
from symgrad.kernel.rules import RefusedError
from symgrad.kernel.term import Identity, ShapeError

from .numeric import Values, evaluator

x, y, w = vector("x", "n"), vector("y", "n"), vector("w", "m")
A, B, C = matrix("A", "n", "n"), matrix("B", "n", "n"), matrix("C", "m", "n")
t, tau = time("t"), time("tau")
h = signal("h", "n")
T = sympy.Transpose
I = sympy.Identity(x.shape[0])  # noqa: E741


def inner(left: sympy.MatrixExpr, right: sympy.MatrixExpr) -> sympy.MatrixExpr:
    return product(T(left), right)


TABLE = {
    "itself": (x, I, ()),
    "a constant": (y, sympy.ZeroMatrix(*A.shape), ()),
    "sum": (total(x, y), I, ("sum",)),
    "A x": (product(A, x), T(A), ("product",)),
    "C A x": (product(C, A, x), product(T(A), T(C)), ("product",)),
    "A^T x": (product(T(A), x), A, ("product",)),
    "(A^T B)^T x": (product(T(product(T(A), B)), x), product(T(A), B), ("product",)),
    "3 x": (scaled(3, x), scaled(3, I), ("product",)),
    "y o x": (hadamard(y, x), diagonal(y), ("hadamard",)),
    "diag(y) x": (product(diagonal(y), x), diagonal(y), ("product",)),
    "diag(x) y": (product(diagonal(x), y), diagonal(y), ("diagonal_product",)),
    "tanh(x)": (entrywise("tanh", x), diagonal(entrywise("tanh'", x)), ("entrywise",)),
    "tanh(A x)": (
        entrywise("tanh", product(A, x)),
        product(T(A), diagonal(entrywise("tanh'", product(A, x)))),
        ("product", "entrywise"),
    ),
    "softmax(A x)": (
        Softmax(product(A, x)),
        product(
            T(A),
            total(
                diagonal(Softmax(product(A, x))),
                scaled(-1, product(Softmax(product(A, x)), T(Softmax(product(A, x))))),
            ),
        ),
        ("product", "softmax"),
    ),
    "x^2": (sympy.HadamardPower(x, 2), scaled(2, diagonal(x)), ("entrywise_power",)),
    "x^1": (sympy.HadamardPower(x, 1), I, ("entrywise_power",)),
    "y^T x": (inner(y, x), y, ("product",)),
    "x^T y": (inner(x, y), y, ("inner_product",)),
    "x^T A x": (product(T(x), A, x), total(product(A, x), product(T(A), x)), ("product", "inner_product")),
    "transposed row": (T(product(T(x), B)), B, ("product", "transpose")),
    "tanh of a scalar": (
        apply("tanh", AsScalar(inner(y, x))),
        scaled(1 - sympy.tanh(AsScalar(inner(y, x))) ** 2, y),
        ("scalar_calculus",),
    ),
    "another time": (total(x, product(A, h[t - 1])), I, ("sum",)),
}


@pytest.mark.parametrize(("expr", "value", "rules"), TABLE.values(), ids=TABLE)
def test_row(expr: sympy.Expr, value: sympy.MatrixExpr, rules: tuple[str, ...]) -> None:
    found = differentiate(expr, x)
    assert found.value == value
    assert set(rules) <= set(found.rules)
    assert to_term(found.value).shape == ("n", to_term(expr).shape[0])


def test_only_the_member_at_that_time_is_the_variable() -> None:
    body = total(product(A, h[t - 1]), product(B, h[t]))
    assert local_gradient(body, h[t - 1]) == T(A)
    assert local_gradient(body, h[t]) == T(B)
    with pytest.raises(UnderivableError, match="cannot tell whether"):
        local_gradient(body, h[tau])


REFUSED = {
    "norm": (Magnitude("spectral_norm", x), x, "no rule differentiates"),
    "inverse": (product(sympy.Inverse(diagonal(x)), y), x, "Inverse"),
    "function of a matrix": (product(entrywise("tanh", product(A, diagonal(x))), y), x, "Entrywise"),
    "by a matrix": (product(A, x), A, "not a column"),
    "of a matrix": (A, x, "not a column"),
    "by an expression": (product(A, x), product(A, x), "not a name"),
    "trace": (sympy.Trace(diagonal(x)), x, "Trace"),
    "indexed sum": (IndexedSum(h[time("i")], (time("i"), sympy.Integer(1), t)), h[t], "no rule|cannot tell"),
    "undefined function": (apply("phi", AsScalar(inner(x, x))), x, "does not know the derivative"),
    "negative power": (sympy.HadamardPower(x, -1), x, "not a natural number"),
}


@pytest.mark.parametrize(("expr", "wrt", "message"), REFUSED.values(), ids=REFUSED)
def test_refused(expr: sympy.Expr, wrt: sympy.Expr, message: str) -> None:
    with pytest.raises(UnderivableError, match=message):
        local_gradient(expr, wrt)


def test_what_is_nested_too_deeply_is_refused() -> None:
    expr = x
    for _ in range(3000):
        expr = entrywise("tanh", expr)
    with pytest.raises(UnderivableError, match="nested too deeply"):
        local_gradient(expr, x)


@st.composite
def columns(draw: st.DrawFn, depth: int = 3) -> sympy.MatrixExpr:
    """Random columns of size n that may depend on x."""
    if depth == 0:
        return draw(st.sampled_from([x, x, y]))
    one, other = draw(columns(depth - 1)), draw(columns(depth - 1))
    builders = {
        "sum": lambda: total(one, other),
        "hadamard": lambda: hadamard(one, other),
        "product": lambda: product(draw(st.sampled_from([A, T(B), product(T(C), C)])), one),
        "tanh": lambda: entrywise("tanh", one),
        "sigmoid": lambda: entrywise("sigmoid", one),
        "diagonal": lambda: product(diagonal(one), other),
        "number": lambda: scaled(draw(st.integers(-3, -1)), one),
        "power": lambda: sympy.HadamardPower(one, draw(st.integers(2, 3))),
        "scaled": lambda: scaled(AsScalar(inner(one, other)), y),
        "outer": lambda: product(one, T(y), other),
        "spread": lambda: product(sympy.MatAdd(A, diagonal(one)), other),
        "scalar": lambda: scaled(apply("tanh", AsScalar(inner(y, one))), other),
    }
    return builders[draw(st.sampled_from(sorted(builders)))]()


RELAXED = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


@RELAXED
@given(columns())
def test_agrees_with_differences(expr: sympy.MatrixExpr) -> None:
    random = numpy.random.default_rng(0)
    shapes = {"x": (3, 1), "y": (3, 1), "A": (3, 3), "B": (3, 3), "C": (2, 3)}
    values = Values({"n": 3, "m": 2}, {name: random.normal(size=shape) * 0.5 for name, shape in shapes.items()})
    function, slope = evaluator(to_term(expr)), evaluator(to_term(local_gradient(expr, x)))
    start, step = values.constants["x"], 1e-5

    def moved(place: int, by: float) -> numpy.ndarray:
        values.constants["x"] = start + by * numpy.eye(3)[:, [place]]
        return function(values, 0)[:, 0]

    found = slope(values, 0)
    differences = numpy.array([(moved(j, step) - moved(j, -step)) / (2 * step) for j in range(3)])
    scale = 1 + numpy.abs(found).max()
    numpy.testing.assert_allclose(found / scale, differences / scale, atol=1e-6)


@RELAXED
@given(columns())
def test_agrees_with_the_kernel_where_the_kernel_has_a_rule(expr: sympy.MatrixExpr) -> None:
    try:
        judged = handed_down(to_term(expr), to_term(x), Identity(to_term(expr).shape[0]))
    except (RefusedError, ShapeError):
        assume(False)
    ours = to_term(local_gradient(expr, x))
    if judged is None:
        assert local_gradient(expr, x) == sympy.ZeroMatrix(*A.shape)
    else:
        assert compare(ours, judged) is not Comparison.DIFFERENT


def test_compose_drops_identities_and_gathers_scalars() -> None:
    assert compose(I, A, 2, I) == scaled(2, A)
    assert compose(I, I) == I
    assert compose(A, B) == product(A, B)
    assert compose(AsMatrix(sympy.Integer(3)), AsMatrix(sympy.Integer(2))) == AsMatrix(sympy.Integer(6))
