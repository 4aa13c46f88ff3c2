"""What the library is compared with: its values and derivatives against differences of values and known numbers."""

from __future__ import annotations

from dataclasses import replace

import autograd.numpy as np
import pytest

from symgrad.kernel import term as t
from symgrad.kernel.affine import affine
from symgrad.kernel.certificate import Condition, Context, Definition, Hypothesis, Law, Loss, Statement
from tests.networks import LSTM, RNN, TAU, T, matrix, minus, number, vector

from .functions import Array
from .points import NoPointError, holds, points
from .values import NoValueError, Point

STEP = 1e-6
SIZES = {"n": 3, "m": 2}
LOSS = (Loss("L", vector("h", TAU)),)
L = t.Symbol("L", t.SCALAR)
V = t.Symbol("v", ("n", 1))


def point(context: Context | None = None) -> Point:
    return Point(context or Context(), SIZES, {"tau": 3}, seed=1)


def differences(term: t.Term, wrt: t.Symbol, here: Point, still: tuple[t.Symbol, ...] = ()) -> Array:
    """The gradient, entry by entry, from the values at two points near each other."""
    run = here.run
    middle = run.value(wrt)
    key = (wrt.name, *(one.constant + 3 * len(one.coefficients) for one in wrt.times))
    held = {(one.name, *(at.constant + 3 * len(at.coefficients) for at in one.times)): run.value(one) for one in still}
    rows = []
    for place in range(middle.size):
        step = STEP * np.reshape(np.eye(middle.size)[place], middle.shape)
        up, down = (run.beside({**held, key: middle + sign * step}).value(term) for sign in (1, -1))
        rows.append(np.ravel(up - down) / (2 * STEP))
    return np.reshape(np.array(rows), middle.shape) if len(rows[0]) == 1 else np.array(rows)


@pytest.mark.parametrize("model", [RNN, LSTM], ids=["rnn", "lstm"])
@pytest.mark.parametrize("back", [0, 1, 2])
def test_a_total_gradient_is_what_differences_say(model: tuple[Definition, ...], back: int) -> None:
    here = point(Context(model, losses=LOSS))
    for of in (L, vector("h", TAU)):
        wrt = vector("h", TAU - back)
        assert np.allclose(here.run.value(t.Gradient(of, wrt)), differences(of, wrt, here), atol=1e-6)


def test_nodes_that_are_held_do_not_move() -> None:
    here = point(Context(LSTM))
    of, wrt, still = vector("s", TAU), vector("s", TAU - 2), (vector("h", TAU - 2), vector("h", TAU - 1))
    found = here.run.value(t.Gradient(of, wrt, (t.Held("h", TAU - 2, TAU - 1),)))
    assert np.allclose(found, differences(of, wrt, here, still), atol=1e-6)
    assert not np.allclose(found, here.run.value(t.Gradient(of, wrt)), atol=1e-3)


def test_a_direct_derivative_sees_one_definition() -> None:
    here = point(Context(LSTM))
    found = here.run.value(t.Gradient(vector("s", T), vector("s", T - 1), direct=True), {"t": 2})
    assert np.allclose(found, np.diag(here.run.value(vector("e", T), {"t": 2})[:, 0]))
    assert not np.allclose(found, here.run.value(t.Gradient(vector("s", T), vector("s", T - 1)), {"t": 2}), atol=1e-3)


def test_the_direct_derivative_of_a_loss_by_its_node_is_its_gradient() -> None:
    run = point(Context(LSTM, losses=LOSS)).run
    here, before = vector("h", TAU), vector("h", TAU - 1)
    assert np.allclose(run.value(t.Gradient(L, here, direct=True)), run.value(t.Gradient(L, here)))
    assert np.allclose(run.value(t.Gradient(L, before, direct=True)), 0)


def test_a_weight_counts_from_the_first_step_on() -> None:
    here = point(Context(RNN, losses=LOSS, start=1))
    weights = matrix("W")
    assert np.allclose(here.run.value(t.Gradient(L, weights)), differences(L, weights, here), atol=1e-6)


def test_a_second_derivative() -> None:
    form = t.product(t.Transpose(V), matrix("A"), V)
    a = point().run.value(matrix("A"))
    assert np.allclose(point().run.value(t.Gradient(t.Gradient(form, V), V)), a + a.T)


def test_an_unknown_function_has_its_own_derivatives() -> None:
    run = point().run
    gradient, slope, bend = (run.value(one) for one in (t.Gradient(t.Entrywise("f", V), V), *map(_f, ("f'", "f''"))))
    assert np.allclose(gradient, np.diag(slope[:, 0]))
    assert np.allclose(run.value(t.Gradient(_f("f'"), V)), np.diag(bend[:, 0]))


def _f(name: str) -> t.Term:
    return t.Entrywise(name, V)


def test_a_law_is_what_a_function_is() -> None:
    x = t.Symbol("x", t.SCALAR)
    cube = Context(laws=(Law("f", "x", t.EntrywisePower(x, 3)),))
    v = point().run.value(V)
    assert np.allclose(point(cube).run.value(_f("f'")), 3 * v**2)


def test_a_law_of_a_slope_finds_the_function() -> None:
    x = t.Symbol("x", t.SCALAR)
    f = t.Entrywise("f", x)
    bell = Context(laws=(Law("f'", "x", minus(number(1), t.EntrywisePower(f, 2))),))
    assert np.allclose(point(bell).run.value(_f("f")), np.tanh(point().run.value(V)))
    with pytest.raises(NoValueError):
        point(Context(laws=(Law("f'", "x", t.EntrywisePower(f, 5)),))).run.value(_f("f"))


TOTAL = t.product(t.Ones((1, "n")), V)
ONE_STATEMENTS = Statement(TOTAL, "=", number(1))


def test_points_satisfy_what_is_assumed() -> None:
    positive = Condition("positive", V)
    context = Context(hypotheses=(Hypothesis(ONE_STATEMENTS),), conditions=(positive,))
    for one in points(ONE_STATEMENTS, context, 5):
        assert holds(ONE_STATEMENTS, one)
        assert np.min(one.run.value(V)) > 0
    assert not all(holds(ONE_STATEMENTS, one) for one in points(ONE_STATEMENTS, Context(), 5))


def test_points_have_other_sizes_and_times_each() -> None:
    product = t.OrderedProduct("i", affine(1), affine("k"), t.product(matrix("A", "n", "m"), matrix("B", "m", "n")))
    found = list(points(Statement(product, "=", product), Context(assumptions=(affine("k") - 1,)), 20))
    assert all(one.sizes["n"] != one.sizes["m"] and one.times["k"] >= 1 for one in found)
    assert len({(one.sizes["n"], one.times["k"]) for one in found}) > 5


def test_there_is_no_point_where_nothing_satisfies_what_is_assumed() -> None:
    norm = t.Magnitude("spectral_norm", V)
    impossible = Context(hypotheses=(Hypothesis(Statement(norm, "<", number(-1))),))
    with pytest.raises(NoPointError):
        list(points(ONE_STATEMENTS, impossible, 1))


def test_a_strict_bound_that_is_false_does_not_hold() -> None:
    norm = t.Magnitude("spectral_norm", matrix("A"))
    assert holds(Statement(norm, ">=", number(0)), point())
    assert not holds(Statement(norm, "<", number(0)), point())
    assert not holds(Statement(t.Scale(number(2), norm), "<=", norm), replace(point(), seed=3))
