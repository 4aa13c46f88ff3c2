"""Values of layers, losses and derivatives: forwards in intervals, backwards in floats, and by another library."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from random import Random

import numpy as np
import pytest

from symgrad.engine.batch import Batch
from symgrad.engine.candidates import Proposer, chosen_functions
from symgrad.engine.grid import Cell
from symgrad.instances.forward import Forward
from symgrad.instances.instance import Instance
from symgrad.instances.interval import UndefinedError
from symgrad.instances.scope import context_terms, global_times, size_names
from symgrad.instances.violation import violated
from symgrad.kernel.certificate import Condition, Context, Statement
from symgrad.kernel.term import (
    SCALAR,
    Determinant,
    Entrywise,
    Gradient,
    Inverse,
    Softmax,
    Sum,
    Symbol,
    Term,
    Trace,
    Transpose,
    walk,
)
from tests.claims.layers import LAYERS
from tests.library import values
from tests.library.values import Point, Run
from tests.networks import matrix, norm, number, power, product, vector

NOWHERE = Statement(number(0), "=", number(1))
A, x, y, s = matrix("A"), vector("x"), vector("y"), Symbol("s", SCALAR)
AX = product(A, x)
POSITIVE = Context(conditions=(Condition("positive", x), Condition("positive", s)))


def admissible(term: Term, context: Context, sizes: Mapping[str, int], random: Random) -> Instance | None:
    """An instance that meets what the context assumes, where the term has a value."""
    claim = Statement(term, "=", term)
    times = tuple((name, 2) for name in global_times(claim, context))
    cell = Cell(tuple(sorted(sizes.items())), times, 0)
    proposer = Proposer(claim, context, cell, chosen_functions(claim, context, random.randrange(3)))
    for tried in proposer.proposals(random, 60, designed=False):
        if not all(any(map(any, rows)) for rows in tried.values()):
            continue
        instance = proposer.instance(tried)
        try:
            Forward(context, instance).value(term)
        except UndefinedError:
            continue
        if violated(NOWHERE, context, instance) is not None:
            return instance
    return None


def by_intervals(term: Term, context: Context, instance: Instance) -> np.ndarray:  # type: ignore[type-arg]
    found = Forward(context, instance).value(term)
    assert all(one.hi - one.lo < Fraction(1, 10**30) for row in found for one in row)
    return np.array([[float(one.lo) for one in row] for row in found])


def floats(instance: Instance) -> dict[tuple[str, tuple[int, ...]], np.ndarray]:  # type: ignore[type-arg]
    return {key: np.array(rows, dtype=float) for key, rows in instance.lookup().items()}


def by_sweep(term: Term, context: Context, instance: Instance) -> np.ndarray:  # type: ignore[type-arg]
    given = {key: value[None] for key, value in floats(instance).items()}
    batch = Batch(context, dict(instance.sizes), dict(instance.times), 0, given, 1, dict(instance.functions))
    with np.errstate(all="ignore"):
        return batch.value(term, dict(instance.times))[0]


def by_autograd(term: Term, context: Context, instance: Instance, monkeypatch: pytest.MonkeyPatch) -> np.ndarray:  # type: ignore[type-arg]
    given = {(key[0], *key[1]): value for key, value in floats(instance).items()}
    known = dict(instance.functions)
    losses = {loss.name for loss in context.losses}
    monkeypatch.setattr(values, "some_function", lambda name: values.KNOWN[known[name]])
    monkeypatch.setattr(Run, "some_loss", lambda run, key, node: np.reshape(values.np.sum(given[key] * node), (1, 1)))
    points = {key: value for key, value in given.items() if key[0] not in losses}
    return Run(Point(context, dict(instance.sizes), dict(instance.times), given=points)).value(term)  # type: ignore[no-any-return]


def compare(term: Term, context: Context, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    random = Random(seed)
    names = size_names((term, *context_terms(context)))
    drawn = (random.sample((2, 3, 2, 3, 1, 2, 3), len(names)) for _ in range(10))
    tried = (admissible(term, context, dict(zip(names, sizes, strict=True)), random) for sizes in drawn)
    instance = next(one for one in tried if one is not None)
    found = by_intervals(term, context, instance)
    assert np.allclose(found, by_sweep(term, context, instance), rtol=1e-8, atol=1e-10)
    assert np.allclose(found, by_autograd(term, context, instance, monkeypatch), rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("name", LAYERS)
def test_layers(name: str, monkeypatch: pytest.MonkeyPatch):
    row = LAYERS[name]
    compare(row.left, row.context, len(name), monkeypatch)


def dot(left: Term, right: Term) -> Term:
    return product(Transpose(left), right)


def of(function: str, body: Term) -> Term:
    return Entrywise(function, body)


SCALARS: dict[str, Term] = {
    "length": norm(Sum((AX, y))),
    "length squared": power(norm(Sum((AX, y))), 2),
    "length to the fourth": power(norm(AX), 4),
    "softmax": dot(y, Softmax(AX)),
    "softmax of columns": Trace(product(A, Softmax(product(x, Transpose(y))))),
    "cross-entropy": dot(y, of("log", Softmax(AX))),
    "determinant": Determinant(Sum((A, product(x, Transpose(y))))),
    "log determinant": of("log", Determinant(Sum((dot(A, A), product(x, Transpose(x)))))),
    "inverse": dot(y, product(Inverse(Sum((dot(A, A), product(x, Transpose(x))))), y)),
    "quotient": product(Inverse(dot(x, x)), dot(x, AX)),
    "root": of("sqrt", Sum((dot(x, x), s))),
    "power": Trace(power(Sum((A, product(x, Transpose(x)))), 3)),
    **{
        name: dot(y, of(name, AX))
        for name in ("sigmoid", "tanh", "exp", "relu", "softplus", "sin", "cos", "normal_cdf", "gelu", "silu")
    },
    **{name: dot(y, of(name, x)) for name in ("log", "sqrt", "reciprocal", "normal_density", "tanh''", "gelu'")},
}


@pytest.mark.parametrize("name", SCALARS)
@pytest.mark.parametrize("seed", range(2))
def test_first_and_second_derivatives(name: str, seed: int, monkeypatch: pytest.MonkeyPatch):
    by_x = Gradient(SCALARS[name], x)
    compare(by_x, POSITIVE, seed, monkeypatch)
    compare(Gradient(by_x, x), POSITIVE, seed, monkeypatch)
    compare(Gradient(dot(by_x, y), y), POSITIVE, seed, monkeypatch)
    if A in walk(SCALARS[name]):
        compare(Gradient(SCALARS[name], A), POSITIVE, seed, monkeypatch)
