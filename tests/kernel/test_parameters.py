"""Random recurrences: what the chain rule for parameters concludes is true at random points, and false when cut."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from symgrad.kernel.certificate import Context, Definition, Loss, Statement, Step
from symgrad.kernel.check import RULES
from symgrad.kernel.rules import Sequent, Setting
from symgrad.kernel.term import (
    Diagonal,
    Entrywise,
    EntrywisePower,
    Gradient,
    Hadamard,
    IndexedSum,
    Scale,
    Sum,
    Symbol,
    Term,
    Transpose,
    product,
)

from .build import A, L, W, b, family, h, total
from .floating import Floating
from .oracle import Exact

a = Symbol("a", (1, 1))
PARAMETERS = (W, b, a)
s = family("s")
ALL = total("r", "1", "tau", Symbol("l", (1, 1), (A("r"),)))


def column(r: random.Random, depth: int) -> Term:
    """A column of h[t-1], s[t-1] and parameters."""
    if depth == 0:
        return r.choice((h("t-1"), h("t-1"), s("t-1"), b))
    one, other = (column(r, depth - 1) for _ in range(2))
    options = [
        product(W, one),
        product(Transpose(W), one),
        product(Diagonal(one), other),
        product(Diagonal(b), W, one),
        product(one, Transpose(b), W, other),
        Hadamard((one, other)),
        Sum((one, other)),
        Scale(a, one),
        Scale(product(Transpose(one), W, b), other),
        Entrywise(r.choice(("tanh", "sigmoid")), one),
        EntrywisePower(one, 2),
        product(Transpose(product(W, W)), one),
        Transpose(product(Transpose(one), W)),
    ]
    return r.choice(options)


def model(r: random.Random) -> Context:
    bodies = (Definition(s("t"), column(r, 2)), Definition(h("t"), Sum((column(r, 2), product(W, s("t"))))))
    return Context(bodies, losses=(Loss("L", h("tau")), Loss("l", r.choice((h("r"), s("r"))), ("r",))), start=1)


def concluded(context: Context, of: Term, by: Symbol) -> Sequent:
    at = Gradient(of, by)
    return RULES["parameter_chain"](Setting(context), Step("parameter_chain", "=", at, at, (("upper", A("tau")),)))


@pytest.mark.parametrize("seed", range(40))
def test_true_at_random_points(seed: int) -> None:
    r = random.Random(seed)
    context = model(r)
    for of, by in (*((of, by) for of in (L, ALL) for by in PARAMETERS), (h("tau"), b), (s("tau"), a), (s("tau"), b)):
        found = concluded(context, of, by)
        for world in (Exact({"n": 2}, seed, context, {"tau": 3}), Floating({"n": 3}, seed, context, {"tau": 2})):
            assert world.holds(Statement(found.left, "=", found.right)), (seed, of, by)


@pytest.mark.parametrize("seed", range(40))
def test_false_when_a_step_is_left_out(seed: int) -> None:
    """The oracle sees the least changes: a sum that starts later or ends earlier, and one family of readers dropped."""
    r = random.Random(seed)
    context = model(r)
    world = Exact({"n": 2}, seed, context, {"tau": 3})
    right = concluded(context, L, W).right
    sums = [one for one in (right.terms if isinstance(right, Sum) else (right,)) if isinstance(one, IndexedSum)]
    assert sums
    for one in sums:
        shorter = replace(one, lower=one.lower + 1), replace(one, upper=one.upper - 1)
        if any(map(any, world.value(one, world.times))):
            assert any(world.value(less, world.times) != world.value(one, world.times) for less in shorter)
