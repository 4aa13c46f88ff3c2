"""Gradients by parameters on instances, against networks written out in NumPy that autograd derives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from numpy.testing import assert_allclose

from symgrad.engine.batch import Batch
from symgrad.engine.derive import derive
from symgrad.instances.forward import Forward
from symgrad.instances.instance import Instance, Value
from symgrad.instances.scope import Scope, concrete
from symgrad.kernel.certificate import Context
from symgrad.kernel.term import Gradient, walk
from symgrad.notation.read import read_document
from tests.claims.parameters import EVERY_STEP, GOODFELLOW, LSTM, RNN

autograd = pytest.importorskip("autograd")
np = pytest.importorskip("autograd.numpy")
Given = Mapping[tuple[str, tuple[int, ...]], Any]
SIZES = {"n": 3, "m": 2, "p": 4}
TAU = 4


def rnn(w: dict[str, Any], given: Given, t: int) -> Any:
    """h[1], ..., h[t] of the vanilla network."""
    states = [given["h", (0,)]]
    for step in range(1, t + 1):
        states.append(np.tanh(w["W"] @ states[-1] + w["U"] @ given["x", (step,)] + w["b"]))
    return states[1:]


def last_step(w: dict[str, Any], given: Given) -> Any:
    return np.sum(given["L", ()] * rnn(w, given, TAU)[-1])


def every_step(w: dict[str, Any], given: Given) -> Any:
    return sum(np.sum(given["ell", (t,)] * h) for t, h in enumerate(rnn(w, given, TAU), 1))


def with_output(w: dict[str, Any], given: Given) -> Any:
    return sum(np.sum(given["ell", (t,)] * (w["V"] @ h + w["c"])) for t, h in enumerate(rnn(w, given, TAU), 1))


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def lstm(w: dict[str, Any], given: Given) -> Any:
    h, c = given["h", (0,)], given["c", (0,)]
    for step in range(1, TAU + 1):
        drive = {gate: w[f"W_{gate}"] @ h + w[f"U_{gate}"] @ given["x", (step,)] + w[f"b_{gate}"] for gate in "fiog"}
        c = sigmoid(drive["f"]) * c + sigmoid(drive["i"]) * np.tanh(drive["g"])
        h = sigmoid(drive["o"]) * np.tanh(c)
    return np.sum(given["L", ()] * h)


CASES: list[tuple[str, Callable[[dict[str, Any], Given], Any], str]] = [
    *((RNN, last_step, name) for name in ("W", "U", "b")),
    *((EVERY_STEP, every_step, name) for name in ("W", "U", "b")),
    *((GOODFELLOW, with_output, name) for name in ("W", "U", "b", "V", "c")),
    *((LSTM, lstm, name) for name in ("W_f", "U_i", "b_g", "W_o")),
]


@pytest.mark.parametrize(("model", "loss", "name"), CASES, ids=[f"{one.__name__} by {name}" for _, one, name in CASES])
def test_agrees_with_autograd(model: str, loss: Callable[[dict[str, Any], Given], Any], name: str) -> None:
    """Forward mode in intervals, reverse mode in floats, and the sum that the engine derives and the kernel accepts."""
    reading = read_document(f"{model}\\[ \\nabla_{{{name}}} L = 0 \\]\n").claims[0].readings[0]
    gradient, context = reading.statements[0].statement.left, reading.context
    assert isinstance(gradient, Gradient)
    instance = random_instance(context, gradient, name)
    given = {key: np.array([[float(one) for one in row] for row in rows]) for key, rows in instance.lookup().items()}
    weights = {key[0]: value for key, value in given.items() if not key[1]}
    expected = autograd.grad(lambda moved: loss({**weights, name: moved}, given))(weights[name])

    found, attempt = derive(gradient, context)
    assert attempt.proved
    assert not any(isinstance(one, Gradient) and one.wrt == gradient.wrt for one in walk(found.right))
    forward = Forward(context, instance)
    batch = Batch(context, dict(instance.sizes), dict(instance.times), 0, {k: v[None] for k, v in given.items()}, 1)
    for term in (gradient, found.right):
        middles = [[float(one.lo + one.hi) / 2 for one in row] for row in forward.value(term)]
        assert_allclose(middles, expected, rtol=1e-9, atol=1e-12)
        assert_allclose(batch.value(term, batch.scope.times)[0], expected, rtol=1e-9, atol=1e-12)


def random_instance(context: Context, gradient: Gradient, seed: str) -> Instance:
    scope, random, found = Scope(context, {"tau": TAU}), Random(seed), []
    for key, shape in sorted(scope.given([(gradient, scope.times)], 0).items()):
        rows, columns = (concrete(size, SIZES) for size in shape)
        entries = [[Fraction(random.randint(-9, 9), 8) for _ in range(columns)] for _ in range(rows)]
        found.append(Value(*key, tuple(map(tuple, entries))))
    return Instance(tuple(sorted(SIZES.items())), (("tau", TAU),), 0, tuple(found))
