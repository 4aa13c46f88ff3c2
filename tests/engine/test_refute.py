"""Wrong claims are refuted at the smallest place, fast and the same every time; true claims never are."""

from __future__ import annotations

import json
import time
from fractions import Fraction
from random import Random

import pytest

from symgrad.engine.candidates import Proposer
from symgrad.engine.grid import cells
from symgrad.engine.refute import Counterexample, recheck, refute
from symgrad.instances.counterexample import dumps
from symgrad.instances.interval import UndefinedError
from symgrad.instances.violation import violated
from symgrad.kernel.affine import affine
from symgrad.kernel.certificate import Context, Hypothesis, Statement
from symgrad.kernel.term import (
    Diagonal,
    Entrywise,
    Gradient,
    Hadamard,
    Inverse,
    Limit,
    Magnitude,
    OrderedProduct,
    Scale,
    Sum,
    Symbol,
    Transpose,
    Zero,
)
from tests.networks import (
    CELL_PATH,
    FACTOR_1,
    FORGET,
    H_BY_H,
    LARGEST_SLOPE,
    LOSS,
    LOSS_BY_H,
    LSTM,
    ONES,
    OUTPUT,
    OUTPUT_GATE_PATH,
    RNN,
    S_BY_S,
    S_BY_S_CUT,
    STEP,
    TAU,
    UNIT,
    K,
    T,
    X,
    assumed,
    context,
    equation_1,
    equation_2,
    equation_3,
    equation_4,
    matrix,
    maximum,
    minus,
    norm,
    number,
    power,
    product,
    slope,
    sup,
    vector,
)

HALF = power(number("1/2"), K)
SIGMA_SLOPE = minus(vector("h", TAU - K + STEP), Hadamard((vector("h", TAU - K + STEP), vector("h", TAU - K + STEP))))
TANH, SIGMOID = Entrywise("tanh", X), Entrywise("sigmoid", X)
W, W_T = matrix("W"), Transpose(matrix("W"))
SCALAR_W = Symbol("w", (1, 1))
LARGEST_GATES = OrderedProduct("i", affine(1), K, Magnitude("largest_entry", vector("e", TAU - K + STEP)))
SMALLEST_GATES = OrderedProduct("i", affine(1), K, Magnitude("smallest_entry", vector("e", TAU - K + STEP)))
AT_REST = assumed(vector("h", T), "=", Zero(("n", 1)), "t")
TWICE = assumed(W, "=", Scale(number(2), UNIT))
ONE_UNIT: tuple[Hypothesis, ...] = (
    *(assumed(vector(name, T), "=", Scale(number("1/2"), ONES), "t") for name in "eio"),
    *(assumed(vector(name, T), "=", Zero(("n", 1)), "t") for name in "zs"),
    *(assumed(matrix(f"W_{name}"), "=", Zero(("n", "n"))) for name in "eio"),
    assumed(matrix("W_z"), "=", Scale(SCALAR_W, UNIT)),
)


def grown(weight: Fraction | int | str) -> Statement:
    """One unit's gradient over k steps is (1/2 + weight w)^k."""
    rate = Sum((number("1/2"), Scale(number(weight), SCALAR_W)))
    return Statement(S_BY_S, "=", Scale(power(rate, K), UNIT))


def of_norm(relation: str, value: int = 1) -> Hypothesis:
    return assumed(norm(W), relation, number(value))  # type: ignore[arg-type]


REVERSED = product(W_T, slope(TAU - STEP + 1))
WRONG: dict[str, tuple[Statement, Context, int, int]] = {
    "(1) transpose dropped": (equation_1(product(W, slope(TAU - K + STEP))), context(RNN), 2, 1),
    "(1) reversed product": (equation_1(REVERSED), context(RNN), 2, 2),
    "(1) factors swapped": (equation_1(product(slope(TAU - K + STEP), W_T)), context(RNN), 2, 1),
    "(1) from 0": (equation_1(FACTOR_1, lower=0), context(RNN), 1, 0),
    "(1) from 2": (equation_1(FACTOR_1, lower=2), context(RNN), 1, 1),
    "(1) to k-1": (equation_1(FACTOR_1, upper=K - 1), context(RNN), 1, 1),
    "(1) to k+1": (equation_1(FACTOR_1, upper=K + 1), context(RNN), 1, 0),
    "(1) time shifted": (equation_1(product(W_T, slope(TAU - K + STEP - 1))), context(RNN), 1, 1),
    "(1) square missing": (equation_1(product(W_T, slope(TAU - K + STEP, 1))), context(RNN), 1, 1),
    "(1) sign": (equation_1(FACTOR_1, sign=-1), context(RNN), 1, 0),
    "(1) sigmoid for tanh": (equation_1(product(W_T, Diagonal(SIGMA_SLOPE))), context(RNN), 1, 1),
    "(1) one W too few": (equation_1(slope(TAU - K + STEP)), context(RNN), 1, 1),
    "(2) exponent k-1": (equation_2(exponent=K - 1), context(RNN, least=1), 1, 1),
    "(2) half": (equation_2(factor=number("1/2")), context(RNN), 1, 1),
    "(2) strict": (equation_2("<"), context(RNN), 1, 0),
    "(2) strict, k >= 1": (equation_2("<"), context(RNN, least=1), 1, 1),
    "(2) equality": (equation_2("="), context(RNN), 1, 1),
    "(2) turned": (equation_2(">="), context(RNN), 1, 1),
    "(2) sigmoid'": (equation_2(factor=maximum(Entrywise("sigmoid'", X))), context(RNN), 1, 1),
    "(2) spectral radius": (equation_2(weight=Magnitude("spectral_radius", W)), context(RNN), 2, 1),
    "(2) largest slope only": (Statement(norm(H_BY_H), "<=", power(LARGEST_SLOPE, K)), context(RNN), 1, 1),
    "(3) one shared c": (equation_3(), context(LSTM), 1, 1),
    "(3) total for the cut": (
        Statement(Gradient(LOSS, vector("s", TAU - K)), "=", product(FORGET, OUTPUT, LOSS_BY_H)),
        context(LSTM),
        1,
        1,
    ),
    "(4) half": (equation_4(HALF), context(LSTM), 1, 1),
    "(4) sigmoid'": (equation_4(power(sup(Entrywise("sigmoid'", X)), K)), context(LSTM), 1, 1),
    "(4) smallest gates": (equation_4(SMALLEST_GATES), context(LSTM), 2, 1),
    "(4) strict": (equation_4(number(1), "<"), context(LSTM), 1, 0),
    "norm above 1, bounded": (Statement(norm(H_BY_H), "<=", number(1)), context(RNN, of_norm(">")), 1, 1),
    "norm above 1, explodes": (Statement(norm(H_BY_H), ">=", number(1)), context(RNN, of_norm(">")), 1, 1),
    "norm 1, strict": (Statement(norm(H_BY_H), "<", number(1)), context(RNN, of_norm("="), least=1), 1, 1),
    "norm below 1, half": (Statement(norm(H_BY_H), "<=", HALF), context(RNN, of_norm("<")), 1, 1),
    "2 I from rest": (
        Statement(H_BY_H, "=", Scale(power(number(2), K - 1), UNIT)),
        context(RNN, TWICE, AT_REST, least=1),
        1,
        1,
    ),
    "one unit": (grown("1/2"), context(LSTM, *ONE_UNIT), 1, 1),
    "one unit, bounded": (Statement(norm(S_BY_S), "<=", number(1)), context(LSTM, *ONE_UNIT), 1, 1),
    "direct for total": (
        Statement(Gradient(vector("s", TAU), vector("s", TAU - 1)), "=", Diagonal(vector("e", TAU))),
        context(LSTM),
        1,
        0,
    ),
    "negative k": (equation_1(FACTOR_1), Context(RNN, losses=context(RNN).losses), 1, -1),
    "AB = BA": (Statement(product(W, matrix("V")), "=", product(matrix("V"), W)), Context(), 2, 0),
    "(AB)^-1": (
        Statement(Inverse(product(W, matrix("V"))), "=", product(Inverse(W), Inverse(matrix("V")))),
        Context(),
        2,
        0,
    ),
    "symmetric matrices commute": (
        Statement(product(W, matrix("V")), "=", product(matrix("V"), W)),
        Context(hypotheses=tuple(assumed(one, "=", Transpose(one)) for one in (W, matrix("V")))),
        2,
        0,
    ),
    "orthogonal is symmetric": (
        Statement(W, "=", W_T),
        Context(hypotheses=(assumed(product(W_T, W), "=", UNIT),)),
        2,
        0,
    ),
    "a state is shorter than 1": (Statement(norm(vector("h", TAU)), "<=", number(1)), context(RNN), 2, 0),
    "a constant input means a constant state": (
        Statement(vector("h", TAU), "=", vector("h", TAU - 1)),
        context(RNN, assumed(vector("x", T, "m"), "=", vector("x", T - 1, "m"), "t")),
        1,
        0,
    ),
    "(AB)^T": (
        Statement(Transpose(product(W, matrix("V"))), "=", product(W_T, Transpose(matrix("V")))),
        Context(),
        2,
        0,
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_refuted_at_the_smallest_place(name: str):
    statement, model, n, k = WRONG[name]
    started = time.monotonic()
    found = refute(statement, model)
    assert time.monotonic() - started < 30
    assert found is not None
    assert found.sizes["n"] == n
    assert found.times.get("k", 0) == k
    assert violated(statement, model, found.instance) is not None
    assert recheck(json.loads(dumps(found)))


TRUE: dict[str, tuple[Statement, Context]] = {
    "(1)": (equation_1(FACTOR_1), context(RNN)),
    "(1) over times": (
        Statement(
            Gradient(LOSS, vector("h", TAU - K)),
            "=",
            product(OrderedProduct("t", TAU - K + 1, TAU, product(W_T, slope(T))), LOSS_BY_H),
        ),
        context(RNN),
    ),
    "(2)": (equation_2(), context(RNN)),
    "(3) exact": (equation_3(OUTPUT_GATE_PATH), context(LSTM)),
    "(3) cut": (
        Statement(Gradient(LOSS, vector("s", TAU - K), (CELL_PATH,)), "=", product(FORGET, OUTPUT, LOSS_BY_H)),
        context(LSTM),
    ),
    "(3) cut, reversed product of diagonals": (
        Statement(S_BY_S_CUT, "=", OrderedProduct("i", affine(1), K, Diagonal(vector("e", TAU - STEP + 1)))),
        context(LSTM),
    ),
    "(4)": (equation_4(power(sup(TANH), K)), context(LSTM)),
    "(4) sigmoid": (equation_4(power(sup(SIGMOID), K)), context(LSTM)),
    "(4) sharper": (equation_4(LARGEST_GATES), context(LSTM)),
    "(4) strict": (equation_4(number(1), "<"), context(LSTM, least=1)),
    "(4) as a maximum, which has no value": (equation_4(power(maximum(TANH), K)), context(LSTM)),
    "norm 1": (Statement(norm(H_BY_H), "<=", number(1)), context(RNN, of_norm("="))),
    "norm below 1": (Statement(norm(H_BY_H), "<", number(1)), context(RNN, of_norm("<"), least=1)),
    "2 I from rest": (
        Statement(H_BY_H, "=", Scale(power(number(2), K), UNIT)),
        context(RNN, TWICE, AT_REST),
    ),
    "one unit": (grown("1/4"), context(LSTM, *ONE_UNIT)),
    "direct": (
        Statement(Gradient(vector("s", TAU), vector("s", TAU - 1), direct=True), "=", Diagonal(vector("e", TAU))),
        context(LSTM),
    ),
    "gates, above": (Statement(norm(FORGET), "<=", LARGEST_GATES), context(LSTM)),
    "gates, below": (
        Statement(SMALLEST_GATES, "<=", Magnitude("least_singular_value", FORGET)),
        context(LSTM),
    ),
    "states are values of tanh": (
        Statement(Magnitude("largest_entry", vector("h", TAU)), "<", number(1)),
        context(RNN),
    ),
    "a limit is not tried": (
        Statement(Limit("k", norm(H_BY_H)), "=", number(0)),
        context(RNN, of_norm("<")),
    ),
    "orthogonal matrices": (
        Statement(norm(W), "=", number(1)),
        Context(hypotheses=(assumed(product(W_T, W), "=", UNIT),)),
    ),
    "the spectral radius does not see the order": (
        Statement(
            Magnitude("spectral_radius", product(W, matrix("V"))),
            "=",
            Magnitude("spectral_radius", product(matrix("V"), W)),
        ),
        Context(),
    ),
    "a name that is defined twice": (Statement(W, "=", W_T), Context((*RNN, *RNN))),
    "hypotheses that contradict each other": (
        Statement(norm(H_BY_H), "=", number(7)),
        context(RNN, of_norm("="), of_norm("=", 2)),
    ),
}


@pytest.mark.parametrize("name", TRUE)
def test_true_claims_are_not_refuted(name: str):
    started = time.monotonic()
    assert refute(*TRUE[name], budget_seconds=0.6) is None
    assert time.monotonic() - started < 30


@pytest.mark.parametrize("name", TRUE)
def test_true_claims_hold_on_many_instances(name: str):
    """The judge itself, without the filter of the floats, on values of every style."""
    statement, model = TRUE[name]
    random = Random(name)
    for cell in cells(statement, model, 3, 2)[:9]:
        try:
            proposer = Proposer(statement, model, cell)
        except UndefinedError:
            continue
        for values in proposer.proposals(random, 1, designed=True)[:: 1 if cell.sizes[-1][1] == 1 else 5]:
            assert violated(statement, model, proposer.instance(values)) is None


def test_the_same_seed_gives_the_same_answer():
    statement, model, *_ = WRONG["(1) reversed product"]
    first, second = refute(statement, model, seed=3), refute(statement, model, seed=3)
    assert first is not None and first == second and first.seed == 3


def test_a_claim_of_rectangles_is_refuted_on_a_rectangle_or_square():
    left = product(Transpose(matrix("A", "n", "m")), matrix("A", "n", "m"))
    right = product(Transpose(matrix("B", "n", "m")), matrix("A", "n", "m"))
    found = refute(Statement(left, "=", right), Context())
    assert found is not None and found.sizes == {"m": 1, "n": 1}
    true = Statement(Transpose(left), "=", left)
    assert refute(true, Context(), budget_seconds=0.5) is None


def test_no_budget_no_answer():
    statement, model, *_ = WRONG["(1) reversed product"]
    assert refute(statement, model, budget_seconds=0.0) is None


def test_claims_that_are_too_large_are_left_alone():
    wide = OrderedProduct("a", affine(1), affine(60), OrderedProduct("b", affine(1), affine(60), norm(W)))
    wider = OrderedProduct("c", affine(1), affine(60), wide)
    started = time.monotonic()
    assert refute(Statement(wider, "=", number(3)), Context()) is None
    assert time.monotonic() - started < 30


def test_plain_values_are_preferred():
    statement, model, *_ = WRONG["(1) to k-1"]
    found = refute(statement, model)
    assert isinstance(found, Counterexample)
    entries = [entry for rows in found.values.values() for row in rows for entry in row]
    assert all(entry in (0, 1) for entry in entries)
