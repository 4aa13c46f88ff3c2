"""Equality by explicit entries: what it accepts, what it refuses, and that it agrees with the kernel's normal form."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from symgrad.cells import lstm, vanilla_rnn
from symgrad.engine.backprop import backprop_through_time
from symgrad.engine.explicit import NotExplicitError, equal_explicitly
from symgrad.expressions.bridge import to_sympy, to_term
from symgrad.kernel import term as k
from symgrad.kernel.affine import Affine, affine
from symgrad.kernel.normal import Comparison, compare
from symgrad.kernel.term import Term
from symgrad.serialize import parse_affine

SIZES = {"n": 2, "m": 3, "k": 2}
W, V, A = (k.Symbol(name, ("n", "n")) for name in "WVA")
U = k.Symbol("U", ("n", "m"))
X, B, G = (k.Symbol(name, ("n", 1)) for name in "xbg")


def h(time: str) -> k.Symbol:
    return k.Symbol("h", ("n", 1), (parse_affine(time),))


def x(time: str) -> k.Symbol:
    return k.Symbol("x", ("m", 1), (parse_affine(time),))


def activation(time: str, before: str) -> Term:
    return k.Sum((k.Product((W, h(before))), k.Product((U, x(time))), B))


def one_minus_square(vector: Term) -> Term:
    return k.Sum((k.Ones(("n", 1)), k.Scale(k.number(-1), k.EntrywisePower(vector, 2))))


def jacobian_product(index: Term, lower: int = 1) -> Term:
    body = k.Product((k.Transpose(W), k.Diagonal(index)))
    return k.OrderedProduct("i", affine(lower), affine("k"), body)


EQUAL = {
    "diag(d) v = d o v": (k.Product((k.Diagonal(X), B)), k.Hadamard((X, B))),
    "(AB)^T = B^T A^T": (k.Transpose(k.Product((W, V))), k.Product((k.Transpose(V), k.Transpose(W)))),
    "tr(AB) = tr(BA)": (k.Trace(k.Product((W, V))), k.Trace(k.Product((V, W)))),
    "tanh' = 1 - tanh^2": (k.Entrywise("tanh'", X), one_minus_square(k.Entrywise("tanh", X))),
    "tanh(a + b) = tanh(b + a)": (k.Entrywise("tanh", k.Sum((X, B))), k.Entrywise("tanh", k.Sum((B, X)))),
    "A^3": (k.Power(W, affine(3)), k.Product((W, W, W))),
    "empty product": (k.OrderedProduct("i", affine(1), affine(0), W), k.Identity("n")),
    "sigmoid(0) = 1/2": (
        k.Entrywise("sigmoid", k.Zero(("n", 1))),
        k.Scale(k.Number(Fraction(1, 2)), k.Ones(("n", 1))),
    ),
    "peeled": (
        jacobian_product(h("tau-k+i")),
        k.Product((k.Transpose(W), k.Diagonal(h("tau-1")), k.Transpose(W), k.Diagonal(h("tau")))),
    ),
}
UNEQUAL = {
    "AB and BA": (k.Product((W, V)), k.Product((V, W))),
    "A and A^T": (W, k.Transpose(W)),
    "diag(d) W and W^T diag(d)": (k.Product((k.Diagonal(X), W)), k.Product((k.Transpose(W), k.Diagonal(X)))),
    "shapes": (U, k.Transpose(U)),
    "tanh' and sigmoid'": (k.Entrywise("tanh'", X), k.Entrywise("sigmoid'", X)),
    "off by one": (jacobian_product(h("tau-k+i")), jacobian_product(h("tau-k+i-1"))),
}


@pytest.mark.parametrize(("left", "right"), EQUAL.values(), ids=EQUAL)
def test_equal(left: Term, right: Term) -> None:
    assert equal_explicitly(left, right, SIZES)
    assert equal_explicitly(right, left, SIZES)


@pytest.mark.parametrize(("left", "right"), UNEQUAL.values(), ids=UNEQUAL)
def test_unequal(left: Term, right: Term) -> None:
    assert not equal_explicitly(left, right, SIZES)
    assert not equal_explicitly(right, left, SIZES)


def test_the_activation_of_a_state_is_recognized_at_any_time() -> None:
    cell = vanilla_rnn().recurrence
    left = k.Diagonal(k.Entrywise("tanh'", activation("tau-1", "tau-2")))
    right = k.Diagonal(one_minus_square(h("tau-1")))
    assert equal_explicitly(left, right, SIZES, cell)
    assert not equal_explicitly(left, right, SIZES)
    assert not equal_explicitly(left, k.Diagonal(one_minus_square(h("tau"))), SIZES, cell)


def test_a_gate_is_recognized_beside_other_gates_of_the_same_form() -> None:
    cell = lstm().recurrence
    e = k.Symbol("e", ("n", 1), (affine("tau"),))
    body = next(one.body for one in cell if one.head.name == "e")
    (inner,) = k.parts(k.substitute_times(body, {"t": affine("tau")}))
    assert equal_explicitly(k.Entrywise("sigmoid", inner), e, SIZES, cell)
    slope = k.Sum((e, k.Scale(k.number(-1), k.Hadamard((e, e)))))
    assert equal_explicitly(k.Entrywise("sigmoid'", inner), slope, SIZES, cell)


@pytest.mark.parametrize(
    ("term", "message"),
    [
        (k.Magnitude("spectral_norm", W), "Magnitude"),
        (k.Inverse(W), "Inverse"),
        (k.Power(W, affine("j")), "natural number"),
        (k.OrderedProduct("i", affine(1), affine("j"), W), "need numbers"),
        (k.OrderedProduct("i", affine(1), affine(2000), W), "more than"),
        (k.Symbol("Q", ("p", "p")), "size p"),
        (k.Symbol("Q", (50, 50)), "too many"),
    ],
)
def test_refused(term: Term, message: str) -> None:
    with pytest.raises(NotExplicitError, match=message):
        equal_explicitly(term, term if term.shape != ("n", "n") else k.Product((term, term)), SIZES)


@pytest.mark.parametrize("depth", [0, 1, 2])
def test_equation_one_follows_from_backpropagation(depth: int) -> None:
    found = backprop_through_time(vanilla_rnn(), "h", "h", depth, loss="L")
    left = to_term(found.expression().xreplace({found.seed: to_sympy(G)}))
    factor = k.Product((k.Transpose(W), k.Diagonal(one_minus_square(h("tau-k+i")))))
    right = k.Product((k.OrderedProduct("i", affine(1), affine("k"), factor), G))
    sizes = {**SIZES, "k": depth}
    assert equal_explicitly(left, right, sizes, vanilla_rnn().recurrence)
    reversed_ = k.Product((k.OrderedProduct("i", affine(1), affine("k"), k.Transpose(factor)), G))
    assert equal_explicitly(left, reversed_, sizes, vanilla_rnn().recurrence) is (depth == 0)


@pytest.mark.parametrize("in_states", [False, True])
def test_equation_three_is_exact_with_the_term_that_avoids_the_last_cell_state(in_states: bool) -> None:
    """Total gradient = C P g + Pi P g + O^T T g at one step; without the last term it is false."""
    cell, options = lstm(), {"in_states": in_states}
    whole = backprop_through_time(cell, "h", "s", 1, loss="L", **options)
    s, o, sizes = vector_at("s", "tau"), vector_at("o", "tau"), {"n": 2, "m": 1}
    to_cell, to_output = (to_term(backprop_through_time(cell, of, "s", 1, **options).expression()) for of in "so")
    slope = k.Product((k.Diagonal(o), k.Diagonal(one_minus_square(k.Entrywise("tanh", s))), G))
    missing = k.Product((to_output, k.Diagonal(k.Entrywise("tanh", s)), G))
    left = to_term(whole.expression().xreplace({whole.seed: to_sympy(G)}))
    right = k.Product((to_cell, slope))
    assert equal_explicitly(left, k.Sum((right, missing)), sizes, cell.recurrence)
    assert not equal_explicitly(left, right, sizes, cell.recurrence)


def vector_at(name: str, time: str) -> k.Symbol:
    return k.Symbol(name, ("n", 1), (parse_affine(time),))


@st.composite
def chains(draw: st.DrawFn) -> Term:
    """Sums of short products of matrices, transposes and diagonals, as gradients are."""
    factor = st.sampled_from(
        [W, V, k.Transpose(W), k.Diagonal(X), k.Diagonal(one_minus_square(h("tau"))), k.Diagonal(k.Hadamard((X, B)))]
    )
    products = st.lists(factor, min_size=2, max_size=3).map(lambda found: k.Product(tuple(found)))
    scaled = st.builds(k.scale, st.integers(-2, 2), products)
    return k.Sum(tuple(draw(st.lists(scaled, min_size=2, max_size=3))))


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(chains(), chains())
def test_agrees_with_the_normal_form(left: Term, right: Term) -> None:
    for one, other in ((left, right), (left, k.Sum((right, left))), (k.Sum((right, left)), k.Sum((left, right)))):
        judged = compare(one, other, {"h": "tanh"})
        assert equal_explicitly(one, other, {"n": 3}) is (judged is Comparison.EQUAL)


def test_affine_times_stay_symbolic() -> None:
    assert not equal_explicitly(h("tau"), h("tau-1"), {"n": 2})
    assert equal_explicitly(h("tau-k"), k.Symbol("h", ("n", 1), (Affine((("tau", 1),), -2),)), SIZES)
