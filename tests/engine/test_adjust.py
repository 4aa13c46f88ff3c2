"""Values are changed until what a claim assumes holds, exactly."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import pytest

from symgrad.engine.adjust import solution
from symgrad.engine.candidates import Proposer
from symgrad.engine.grid import Cell
from symgrad.instances.violation import violated
from symgrad.kernel.certificate import Condition, Context, Definition, Statement
from symgrad.kernel.term import (
    Determinant,
    Identity,
    Ones,
    Sum,
    Symbol,
    Term,
    Trace,
    Transpose,
    Zero,
    scale,
)
from tests.networks import assumed, matrix, norm, number, power, product, vector

A, B, V = matrix("A"), matrix("B"), matrix("V", "n", "m")
u, v, y = vector("u"), vector("v"), vector("y")
s = Symbol("s", (1, 1))
I_N, I_M, ONE, NONE = Identity("n"), Identity("m"), Ones(("n", 1)), Zero(("n", 1))


def dot(left: Term, right: Term) -> Term:
    return product(Transpose(left), right)


ASSUMED: dict[str, Context] = {
    "adds up to 1": Context(hypotheses=(assumed(dot(ONE, y), "=", number(1)),)),
    "a distribution": Context(hypotheses=(assumed(y, ">=", NONE), assumed(dot(ONE, y), "=", number(1)))),
    "a positive distribution": Context(
        hypotheses=(assumed(dot(ONE, y), "=", number(1)),), conditions=(Condition("positive", y),)
    ),
    "symmetric": Context(hypotheses=(assumed(A, "=", Transpose(A)),)),
    "skew": Context(hypotheses=(assumed(Transpose(A), "=", scale(-1, A)),)),
    "orthogonal": Context(hypotheses=(assumed(dot(A, A), "=", I_N),)),
    "orthonormal columns or rows": Context(hypotheses=(assumed(dot(V, V), "=", I_M),)),
    "a projection": Context(hypotheses=(assumed(power(A, 2), "=", A),)),
    "an involution": Context(hypotheses=(assumed(product(A, A), "=", I_N),)),
    "commuting": Context(hypotheses=(assumed(product(A, B), "=", product(B, A)),)),
    "orthogonal vectors": Context(hypotheses=(assumed(dot(u, v), "=", number(0)),)),
    "a kernel": Context(hypotheses=(assumed(product(A, u), "=", NONE),)),
    "a linear system": Context(hypotheses=(assumed(product(A, u), "=", v),)),
    "an eigenvector": Context(hypotheses=(assumed(product(A, u), "=", scale(2, u)),)),
    "rows that add up to 1": Context(hypotheses=(assumed(product(A, ONE), "=", ONE),)),
    "of length 1": Context(hypotheses=(assumed(norm(u), "=", number(1)),)),
    "without trace": Context(hypotheses=(assumed(Trace(A), "=", number(0)),)),
    "of determinant 1": Context(hypotheses=(assumed(Determinant(A), "=", number(1)),)),
    "positive": Context(conditions=(Condition("positive", y), Condition("positive", s))),
    "invertible": Context(conditions=(Condition("invertible", A), Condition("nonzero", u))),
    "above": Context(hypotheses=(assumed(s, ">", number(2)), assumed(u, "<=", v))),
    "normal equations": Context(
        abbreviations=(Definition(B, Sum((I_N, dot(A, A)))),),
        hypotheses=(assumed(product(B, u), "=", v),),
    ),
}


@pytest.mark.parametrize("size", [1, 2, 3])
@pytest.mark.parametrize("name", ASSUMED)
def test_most_proposals_meet_what_is_assumed(name: str, size: int):
    """A claim that holds nowhere is broken by every instance that is admissible."""
    nowhere, context = Statement(number(0), "=", number(1)), ASSUMED[name]
    proposer = Proposer(nowhere, context, Cell((("m", max(size - 1, 1)), ("n", size)), (), 0))
    tried = proposer.proposals(Random(size), 12, designed=True)
    good = [one for one in tried if violated(nowhere, context, proposer.instance(one)) is not None]
    assert 2 * len(good) >= len(tried), f"{len(good)} of {len(tried)}"
    assert len({str(one) for one in good}) >= (1 if size == 1 else 4)


@pytest.mark.parametrize(
    ("columns", "right", "expected"),
    [
        ([[2, 0], [0, 3]], [4, 6], [2, 2]),
        ([[0, 3], [2, 0]], [4, 6], [2, 2]),
        ([[1, 2], [2, 4]], [1, 2], [1, 0]),
        ([[1, 2], [2, 4]], [1, 3], None),
        ([[0], [5]], [10], [0, 2]),
    ],
)
def test_linear_equations(columns: list[list[int]], right: list[int], expected: list[int] | None):
    found = solution([list(map(Fraction, one)) for one in columns], list(map(Fraction, right)))
    assert found == expected
