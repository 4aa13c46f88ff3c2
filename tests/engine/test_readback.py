"""From normal forms back to terms, and equations used inside of normal forms."""

from __future__ import annotations

import pytest

from symgrad.engine.readback import read_back
from symgrad.engine.rewriting import rewrite, unfold_outside
from symgrad.engine.trail import StuckError, Trail, form, same
from symgrad.kernel.affine import affine
from symgrad.kernel.certificate import Certificate, Condition, Context, Definition, Hypothesis, Lemma, Statement
from symgrad.kernel.check import check
from symgrad.kernel.rules import functions_of
from symgrad.kernel.term import (
    SCALAR,
    Basis,
    ComponentSum,
    Determinant,
    Diagonal,
    DiagonalPart,
    Entrywise,
    Gradient,
    Hadamard,
    Identity,
    IndexedSum,
    Inverse,
    Magnitude,
    Ones,
    OrderedProduct,
    Scale,
    Softmax,
    Symbol,
    Term,
    Trace,
    Transpose,
    Zero,
    add,
    number,
    product,
    scale,
)
from tests.claims.layers import LAYERS

x, y, z = (Symbol(name, ("n", 1)) for name in "xyz")
A, B = Symbol("A", ("n", "n")), Symbol("B", ("n", "m"))
s, h = Symbol("s", SCALAR), Symbol("h", ("n", 1), (affine("t"),))
ONES = Ones(("n", 1))
NODES = Context((Definition(h, Entrywise("tanh", Symbol("h", ("n", 1), (affine("t") - 1,)))),))
TERMS: tuple[Term, ...] = (
    number(3),
    Zero(("n", "m")),
    Identity("n"),
    product(A, x),
    Transpose(product(A, x)),
    Trace(product(A, A)),
    Trace(product(A, Diagonal(x), A, Diagonal(y))),
    product(Transpose(x), A, Diagonal(y), B, Transpose(B), z),
    product(Transpose(ONES), ONES),
    product(Diagonal(x), A, Diagonal(Entrywise("exp", product(A, x)))),
    DiagonalPart(product(A, Transpose(A))),
    Hadamard((A, product(x, Transpose(y)))),
    Hadamard((A, Transpose(A), A)),
    Scale(Inverse(product(Transpose(x), x)), product(x, Transpose(x))),
    add(x, Scale(Trace(A), y), scale(-1, h)),
    add(ONES, scale(-1, Hadamard((h, h)))),
    Softmax(product(A, x)),
    Transpose(Softmax(Transpose(B))),
    Determinant(product(A, A)),
    Magnitude("spectral_norm", add(x, y)),
    Magnitude("largest_entry", x),
    Inverse(add(A, Identity("n"))),
    Gradient(Symbol("L", SCALAR), h),
    product(A, Basis(affine("i_"), "n")),
    IndexedSum("i", affine(1), affine("k"), Symbol("u", ("n", 1), (affine("i"),))),
    OrderedProduct("i", affine(1), affine("k"), product(A, Diagonal(Symbol("u", ("n", 1), (affine("i"),))))),
    OrderedProduct("i", affine(1), affine("k"), Diagonal(Symbol("u", ("n", 1), (affine("i") + affine("k"),)))),
)


@pytest.mark.parametrize("term", TERMS, ids=[type(one).__name__ + str(place) for place, one in enumerate(TERMS)])
def test_there_and_back(term: Term) -> None:
    found = form(NODES, term)
    assert found is not None
    assert form(NODES, read_back(found, term.shape, functions_of(NODES))) == found


def test_there_and_back_for_layers() -> None:
    for row in LAYERS.values():
        for side in (row.left, row.right):
            found = form(row.context, side)
            assert found is not None
            assert form(row.context, read_back(found, side.shape, functions_of(row.context))) == found


def test_a_sum_over_three_neighbours_is_refused() -> None:
    """Four indices, each next to each other one."""
    around = Diagonal(product(Transpose(A), Basis(affine("i_"), "n")))
    knot = ComponentSum("i_", "n", Trace(product(around, A, around, A, around, A)))
    with pytest.raises(StuckError, match="neighbours"):
        read_back(dict(form(NODES, knot) or {}), SCALAR, {})


def used(context: Context, term: Term) -> Trail:
    trail = Trail(context, term)
    rewrite(trail)
    lemma = Lemma("claim", Statement(term, "=", trail.current), trail.chain, trail.assumptions)
    found = check(Certificate(context, (*trail.lemmas.values(), lemma)))
    assert found.accepted, found.reason
    return trail


def assumed(left: Term, right: Term, *forall: str) -> Hypothesis:
    return Hypothesis(Statement(left, "=", right), forall)


UNIT = Context(hypotheses=(assumed(product(Transpose(ONES), y), number(1)),))
ORTHOGONAL = Context(hypotheses=(assumed(product(Transpose(A), A), Identity("n")),))
SYMMETRIC = Context(hypotheses=(assumed(Transpose(A), A),), conditions=(Condition("invertible", A),))
SUM = add(number(1), product(Transpose(x), x))
EXPONENTIALS = add(ONES, Entrywise("exp", x))
EVERY = Context(
    hypotheses=(assumed(product(Transpose(ONES), Symbol("y", ("n", 1), (affine("t"),))), number(1), "t"),),
    assumptions=(affine("k"),),
)
at_i = Symbol("y", ("n", 1), (affine("i"),))
USES: tuple[tuple[Context, Term, Term], ...] = (
    (UNIT, product(z, Transpose(ONES), y), z),
    (UNIT, product(Transpose(y), ONES, Transpose(ONES), y, Transpose(x)), Transpose(x)),
    (UNIT, Entrywise("tanh", product(x, Transpose(y), ONES)), Entrywise("tanh", x)),
    (ORTHOGONAL, product(Transpose(x), Transpose(A), A, Transpose(A), A, y), product(Transpose(x), y)),
    (ORTHOGONAL, Trace(product(A, Transpose(A))), product(Transpose(ONES), ONES)),
    (SYMMETRIC, product(Transpose(A), x), product(A, x)),
    (SYMMETRIC, Transpose(Inverse(A)), Inverse(A)),
    (SYMMETRIC, product(A, Transpose(A), Inverse(A)), A),
    (Context(), Scale(Inverse(SUM), Scale(SUM, x)), x),
    (Context(), Hadamard((Entrywise("reciprocal", EXPONENTIALS), EXPONENTIALS, y)), y),
    (EVERY, IndexedSum("i", affine(1), affine("k"), product(x, Transpose(ONES), at_i)), Scale(Symbol("k", SCALAR), x)),
)


@pytest.mark.parametrize(("context", "term", "goal"), USES[:-1])
def test_equations_are_used(context: Context, term: Term, goal: Term) -> None:
    assert same(context, used(context, term).current, goal)


def test_equations_for_every_time_are_used_in_sums() -> None:
    context, term, _ = USES[-1]
    assert same(context, used(context, term).current, IndexedSum("i", affine(1), affine("k"), x))


@pytest.mark.parametrize(
    ("context", "term"),
    [
        (UNIT, product(z, Transpose(x), y)),
        (UNIT, product(Transpose(ONES), Hadamard((y, z)))),
        (ORTHOGONAL, product(A, Diagonal(x), Transpose(A))),
        (ORTHOGONAL, product(Transpose(A), Diagonal(x), A)),
        (SYMMETRIC, product(A, x)),
        (Context(), Scale(Inverse(SUM), Scale(product(Transpose(x), y), x))),
    ],
)
def test_an_equation_is_not_used_where_its_side_is_no_part(context: Context, term: Term) -> None:
    assert not used(context, term).steps


def test_nothing_is_cancelled_that_may_be_zero() -> None:
    below = add(number(-1), product(Transpose(x), x))
    with pytest.raises(StuckError, match="nonzero"):
        Trail(Context(), number(1)).normal(Scale(Inverse(below), below))


def test_a_definition_outside_of_functions() -> None:
    node = Symbol("m", ("n", 1))
    context = Context((Definition(node, product(A, x)),))
    trail = Trail(context, add(node, Entrywise("exp", node)))
    unfold_outside(trail, node)
    assert same(context, trail.current, add(product(A, x), Entrywise("exp", node)))
