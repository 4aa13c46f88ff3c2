"""The nodes: inert, printed sensibly, open to substitution, and closed to SymPy's own matrix derivatives."""

from __future__ import annotations

from time import perf_counter

import pytest
import sympy

from symgrad.expressions.binders import Extremum, IndexedSum, Limit, Magnitude, OrderedProduct
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
from symgrad.expressions.derivatives import in_values
from symgrad.expressions.functions import apply, derivative_coefficients, latex_name, sigmoid
from symgrad.expressions.indices import size_to_sympy
from symgrad.expressions.nodes import AsMatrix, AsScalar, DiagonalPart, Entrywise, Gradient, as_matrix, as_scalar

i, k, t, tau = (time(name) for name in ("i", "k", "t", "tau"))
h = signal("h", "n")
W, U, b = matrix("W", "n", "n"), matrix("U", "n", "m"), vector("b", "n")
L, X = sympy.Symbol("L", real=True), sympy.Symbol("x", real=True)
PRODUCT = OrderedProduct(product(sympy.Transpose(W), diagonal(h[tau - k + i])), (i, sympy.Integer(1), k))
SLOPE = sympy.Add(1, sympy.Mul(-1, sympy.Pow(sympy.tanh(X), 2)))

PRINTED = {
    "signal": (h[tau - k + 1], "h[-k + tau + 1]", r"{{h}^{[- k + \tau + 1]}}"),
    "sum as written": (total(W, matrix("A", "n", "n")), "W + A", "W + A"),
    "difference": (total(W, scaled(-1, matrix("A", "n", "n"))), "W - A", "W - A"),
    "diag": (diagonal(b), "diag(b)", r"\operatorname{diag}\left(b\right)"),
    "diagonal part": (DiagonalPart(W), "DiagonalPart(W)", r"\operatorname{diagonal}\left(W\right)"),
    "tanh'": (entrywise("tanh'", b), "tanh'(b)", r"\tanh'\left(b\right)"),
    "sigmoid": (entrywise("sigmoid", b), "sigmoid(b)", r"\sigma\left(b\right)"),
    "other": (entrywise("relu", b), "relu(b)", r"\operatorname{relu}\left(b\right)"),
    "product": (
        PRODUCT,
        "prod[i=1..k](W.T*diag(h[i - k + tau]))",
        r"\left[\prod_{i=1}^{k} W^{T} \operatorname{diag}\left({{h}^{[i - k + \tau]}}\right)\right]",
    ),
    "sum": (
        IndexedSum(h[i], (i, sympy.Integer(1), k)),
        "sum[i=1..k](h[i])",
        r"\left[\sum_{i=1}^{k} {{h}^{[i]}}\right]",
    ),
    "limit": (Limit(h[k], k), "lim[k->oo](h[k])", r"\left[\lim_{k \to \infty} {{h}^{[k]}}\right]"),
    "norm": (Magnitude("spectral_norm", W), "norm(W)", r"\left\|W\right\|"),
    "sigma": (Magnitude("least_singular_value", W), "sigma_min(W)", r"\sigma_{\min}\left(W\right)"),
    "max": (Magnitude("largest_entry", b), "max_j|b|_j", r"\max_j \left|b\right|_j"),
    "sup": (Extremum("sup", X, sigmoid(X)), "sup[x](sigmoid(x))", r"\left(\sup_{x} \sigma\left(x\right)\right)"),
    "gradient": (Gradient(L, h[tau]), "grad(L, h[tau])", r"\nabla_{{{h}^{[\tau]}}} L"),
    "direct": (Gradient(h[t], h[t - 1], direct=True), "grad(h[t], h[t - 1], direct)", None),
    "held": (
        Gradient(L, h[t], [("h", t, tau - 1)]),
        "grad(L, h[t]; held h[t..tau - 1])",
        r"\left.\nabla_{{{h}^{[t]}}} L\right|_{h^{[t..\tau - 1]}}",
    ),
    "scalar product": (AsScalar(product(sympy.Transpose(b), b)), "(b.T*b)", r"\left(b^{T} b\right)"),
    "1 x 1": (AsMatrix(X), "(x)", r"\left(x\right)"),
}


@pytest.mark.parametrize(("expr", "text", "latex"), PRINTED.values(), ids=PRINTED)
def test_printed(expr: sympy.Basic, text: str, latex: str | None) -> None:
    assert str(expr) == text
    assert latex is None or sympy.latex(expr) == latex
    assert latex is None or latex in expr._repr_latex_()


def test_a_direct_gradient_is_told_apart_in_latex() -> None:
    assert sympy.latex(Gradient(h[t], h[t - 1], direct=True)).startswith(r"\tilde\nabla")


@pytest.mark.parametrize("expr", [one for one, _, _ in PRINTED.values()], ids=PRINTED)
def test_rebuilt_and_pretty_printed(expr: sympy.Basic) -> None:
    assert expr.func(*expr.args) == expr
    assert expr.xreplace({sympy.Symbol("absent"): X}) == expr
    assert sympy.pretty(expr)


@pytest.mark.parametrize("expr", [one for one, _, _ in PRINTED.values() if one.is_Matrix], ids=str)
def test_doit_leaves_the_nodes_alone(expr: sympy.MatrixExpr) -> None:
    assert isinstance(expr, sympy.MatAdd) or to_term(expr.doit()) == to_term(expr)
    assert (W * diagonal(b)).args == (W, diagonal(b))


def test_a_long_product_is_printed_in_reasonable_time() -> None:
    long = product(*(diagonal(h[t - lag]) for lag in range(2000)))
    started = perf_counter()
    assert len(str(long)) > 2000 and len(sympy.latex(long)) > 2000
    assert perf_counter() - started < 60


def test_substitution_of_times_sizes_and_symbols() -> None:
    assert h[t - 1].subs(t, tau + 1) == h[tau]
    assert h[t].subs(size_to_sympy("n"), 4).shape == (4, 1)
    body = entrywise("tanh", total(product(W, h[t - 1]), b))
    assert body.xreplace({t: tau}) == entrywise("tanh", total(product(W, h[tau - 1]), b))
    assert body.subs(W, matrix("V", "n", "n")).has(matrix("V", "n", "n"))


def test_a_bound_index_is_left_alone_and_never_captures() -> None:
    assert PRODUCT.free_symbols.isdisjoint({i})
    assert PRODUCT.subs(i, 3) == PRODUCT
    assert str(PRODUCT.subs(tau, i)) == "prod[i1=1..k](W.T*diag(h[i + i1 - k]))"
    assert PRODUCT.subs(k, 2).limits == (i, 1, 2)
    assert Extremum("max", X, SLOPE).subs(X, 0) == Extremum("max", X, SLOPE)
    assert Limit(h[k], k).subs(k, 1) == Limit(h[k], k)
    assert Limit(h[k], k).free_symbols.isdisjoint({k})


INSIDE = [
    entrywise("tanh", b),
    PRODUCT.subs(W, product(b, sympy.Transpose(b))),
    diagonal(b),
    product(W, entrywise("tanh", b)),
    AsScalar(product(sympy.Transpose(b), entrywise("tanh", b))),
    2 * AsScalar(product(sympy.Transpose(b), b)),
    Magnitude("spectral_norm", b),
]


@pytest.mark.parametrize("expr", INSIDE, ids=str)
def test_sympy_may_not_differentiate_by_what_stands_inside(expr: sympy.Expr) -> None:
    with pytest.raises(NotImplementedError, match="local_gradient"):
        sympy.diff(expr, b)


def test_by_what_does_not_occur_the_derivative_is_zero() -> None:
    assert sympy.diff(entrywise("tanh", b), sympy.Symbol("q")) == sympy.ZeroMatrix(*b.shape)
    assert sympy.diff(Magnitude("spectral_norm", b), sympy.Symbol("q")) == 0
    with pytest.raises(NotImplementedError):
        sympy.diff(h[t], t)


def test_scalars_and_one_by_one_matrices() -> None:
    square = product(sympy.Transpose(b), b)
    assert as_matrix(as_scalar(square)) == square
    assert as_scalar(as_matrix(X)) == X
    assert to_term(AsScalar(square)) == to_term(square)
    with pytest.raises(ValueError, match="n x 1, not a scalar"):
        AsScalar(b)


def test_an_unknown_magnitude_is_refused() -> None:
    with pytest.raises(ValueError, match="no magnitude is called size"):
        Magnitude("size", W)


def test_sigmoid_is_sympys_in_every_way_but_its_own() -> None:
    assert sigmoid(X).diff(X) == sigmoid(X) * (1 - sigmoid(X))
    assert sigmoid(2 * X).diff(X) == 2 * sigmoid(2 * X) * (1 - sigmoid(2 * X))
    assert sigmoid(X).rewrite(sympy.exp) == 1 / (1 + sympy.exp(-X))
    assert sympy.latex(sigmoid(X) ** 2) == r"\sigma^{2}\left(x\right)"
    difference = sigmoid(X).rewrite(sympy.exp).diff(X) - sigmoid(X).diff(X).rewrite(sympy.exp)
    assert abs(difference.subs(X, sympy.Rational(1, 3)).evalf()) < 1e-12


@pytest.mark.parametrize(
    ("name", "coefficients"),
    [("tanh", (1, 0, -1)), ("sigmoid", (0, 1, -1)), ("exp", (0, 1)), ("sin", None), ("phi", None), ("log", None)],
)
def test_derivatives_as_polynomials_in_the_value(name: str, coefficients: tuple[int, ...] | None) -> None:
    assert derivative_coefficients(name) == coefficients


def test_derivatives_written_in_values() -> None:
    body = entrywise("sigmoid", product(W, b))
    slope = Entrywise("sigmoid'", product(W, b))
    assert in_values(diagonal(slope), {body: h[t]}) == diagonal(total(h[t], scaled(-1, sympy.HadamardPower(h[t], 2))))
    assert str(in_values(entrywise("tanh'", b))) == "1 - HadamardPower(tanh(b), 2)"
    assert in_values(entrywise("phi'", b)) == entrywise("phi'", b)
    assert in_values(body) == body


def test_names_of_functions() -> None:
    assert latex_name("tanh'") == r"\tanh'"
    assert latex_name("softplus''") == r"\operatorname{softplus}''"
    assert str(apply("tanh", sympy.S.Zero)) == "tanh(0)"


def test_builders_keep_the_order_and_open_only_products() -> None:
    assert product(W, product(W, b)).args == (W, W, b)
    assert product(scaled(2, W), b).args == (scaled(2, W), b)
    assert total(b, h[t]).args == (b, h[t])
    assert hadamard(b) == b
