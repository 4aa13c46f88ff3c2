"""What is tried on equations between layers: whatever comes of it, the kernel accepts every step on the way."""

from __future__ import annotations

from contextlib import suppress

import pytest

from symgrad.engine.fractions import over_common_denominators
from symgrad.engine.layers import STAGES, chain_down, prove_by_layers
from symgrad.engine.prove import prepared
from symgrad.engine.resolve import Workspace
from symgrad.engine.rewriting import rewrite
from symgrad.engine.trail import StuckError, Trail, same
from symgrad.kernel.certificate import Certificate, Condition, Context, Lemma, Statement
from symgrad.kernel.check import check
from symgrad.kernel.term import SCALAR, Inverse, Scale, Symbol, Term, add, number, product
from tests.claims.layers import LAYERS

s, u = Symbol("s", SCALAR), Symbol("u", SCALAR)
A, B = Symbol("A", ("n", "n")), Symbol("B", ("n", "n"))


def accepted(work: Workspace, trail: Trail) -> bool:
    lemma = Lemma("claim", Statement(trail.start, "=", trail.current), trail.chain)
    return check(Certificate(trail.context, (*work.lemmas.values(), lemma))).accepted


@pytest.mark.parametrize("name", list(LAYERS)[::6])
def test_every_step_of_every_stage_is_accepted(name: str) -> None:
    statement, context = prepared(LAYERS[name].claim, LAYERS[name].context)
    work = Workspace(context)
    first, second = work.trail(statement.left), work.trail(statement.right)
    for side in (first, second):
        chain_down(side)
    for stage in STAGES:
        with suppress(StuckError):
            stage(first, second)
        for side in (first, second):
            with suppress(StuckError):
                rewrite(side)
    assert accepted(work, first) and accepted(work, second)


def nonzero(*terms: Term) -> Context:
    return Context(
        conditions=tuple(Condition("nonzero" if one.shape == SCALAR else "invertible", one) for one in terms)
    )


@pytest.mark.parametrize(
    ("context", "left", "right"),
    [
        (nonzero(s, u), add(Inverse(s), Inverse(u)), Scale(Inverse(product(s, u)), add(s, u))),
        (
            nonzero(add(s, u)),
            add(number(1), Scale(number(-1), Scale(s, Inverse(add(s, u))))),
            Scale(u, Inverse(add(s, u))),
        ),
        (
            nonzero(A, add(A, B)),
            product(Inverse(add(A, B)), A),
            Inverse(add(product(Inverse(A), B), product(Inverse(A), A))),
        ),
        (nonzero(add(A, B)), product(A, Inverse(add(A, B)), B), product(B, Inverse(add(A, B)), A)),
    ],
)
def test_common_denominators(context: Context, left: Term, right: Term) -> None:
    if isinstance(right, Inverse):
        context = Context(conditions=(*context.conditions, Condition("invertible", right.body)))
    work = Workspace(context)
    assert accepted(work, prove_by_layers(work, left, right))


def test_sides_that_differ_have_no_common_denominator() -> None:
    first, second = (Trail(nonzero(s, u), one) for one in (Inverse(s), Inverse(u)))
    with pytest.raises(StuckError, match="common denominators"):
        over_common_denominators(first, second)
    assert not first.steps and not same(first.context, first.current, second.current)
