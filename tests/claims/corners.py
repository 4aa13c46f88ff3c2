"""Corners: numbers for sizes, one unit, powers taken apart, other losses, no assumption, sides that do not fit."""

from __future__ import annotations

from functools import reduce

from symgrad.kernel.certificate import Context, Loss
from symgrad.kernel.term import (
    Gradient,
    Hadamard,
    Inverse,
    Magnitude,
    Ones,
    Scale,
    Symbol,
    Term,
    Trace,
    Zero,
    product,
)

from .build import (
    LOSS,
    LSTM,
    RNN,
    W_T,
    Case,
    Family,
    G,
    Time,
    W,
    at,
    at_most,
    by,
    define,
    diag,
    e,
    equal,
    family,
    h,
    matrix,
    minus,
    model,
    norm,
    number,
    plus,
    power,
    prod,
    s,
    slope,
    square,
    tanh,
    times,
    tr,
)
from .mutations import CUT, FACTOR, FORGET, first, rnn

NOW = "tau-k+i"
STEPS = norm(by(h("tau-k"), h("tau")))
V = matrix("V")
later, split = model(*RNN, assume=("k-1",)), model(*RNN, assume=("j", "k-j"))
later_lstm = model(*LSTM, assume=("k-1",))

PAIR = Symbol("W", (2, 2))
pair: Family = family("h", 2)
two = model(define(pair("t"), tanh(product(PAIR, pair("t-1")))), on=pair("tau"))
unit: Family = family("h", 1)
WEIGHT = Symbol("w", (1, 1))
one = model(define(unit("t"), tanh(product(WEIGHT, unit("t-1")))), on=unit("tau"))
scaled = model(define(unit("t"), tanh(Scale(WEIGHT, unit("t-1")))), on=unit("tau"))
on_cell = model(*LSTM, on=s("tau"))
losses = Context(RNN, losses=(Loss("L", h("tau")), Loss("M", h("tau-1"))), assumptions=(at("k"),))
OTHER = Symbol("M", (1, 1))


def pair_slope(time: Time) -> Term:
    return diag(minus(Ones((2, 1)), square(pair(time))))


def unit_slope(time: Time) -> Term:
    return minus(number(1), power(unit(time), 2))


def of_pair(factor: Term) -> Term:
    return product(prod("i", 1, "k", factor), by(pair("tau")))


def of_unit(factor: Term) -> Term:
    return product(prod("i", 1, "k", factor), by(unit("tau")))


SIZES = {
    "two units": Case(equal(by(pair("tau-k")), of_pair(product(tr(PAIR), pair_slope(NOW)))), two, "proved"),
    "two units, transpose dropped": Case(
        equal(by(pair("tau-k")), of_pair(product(PAIR, pair_slope(NOW)))), two, "refuted"
    ),
    "one unit": Case(equal(by(unit("tau-k")), of_unit(product(WEIGHT, unit_slope(NOW)))), one, "proved"),
    "one unit, in any order": Case(
        equal(by(unit("tau-k")), of_unit(product(WEIGHT, unit_slope("tau-i+1")))), one, "proved"
    ),
    "one unit, one step early": Case(
        equal(by(unit("tau-k")), of_unit(product(WEIGHT, unit_slope("tau-k+i-1")))), one, "refuted"
    ),
    "one unit, weights apart": Case(
        equal(by(unit("tau-k")), product(power(WEIGHT, "k"), of_unit(unit_slope(NOW)))), one, "proved"
    ),
    "one unit, weights as scalars": Case(
        equal(by(unit("tau-k")), times(power(WEIGHT, "k"), of_unit(unit_slope(NOW)))), scaled, "proved"
    ),
}
NORM = norm(W)
LARGEST = Magnitude("largest_entry", e(NOW))
POWERS = {
    "a a^(k-1)": Case(equal(times(NORM, power(NORM, "k-1")), power(NORM, "k")), later, "proved"),
    "a^j a^(k-j)": Case(equal(times(power(NORM, "j"), power(NORM, "k-j")), power(NORM, "k")), split, "proved"),
    "a^j a^(k-j), one too many": Case(
        equal(times(power(NORM, "j"), power(NORM, "k-j+1")), power(NORM, "k")), split, "refuted"
    ),
    "W^j W^(k-j)": Case(equal(product(power(W, "j"), power(W, "k-j")), power(W, "k")), split, "proved"),
    "W^k W^k": Case(equal(product(power(W, "k"), power(W, "k")), power(W, "2k")), rnn, "proved"),
    "(W V)^k": Case(equal(power(product(W, V), "k"), product(power(W, "k"), power(V, "k"))), rnn, "refuted"),
    "(2) with a factor apart": Case(at_most(STEPS, times(NORM, power(NORM, "k-1"))), later, "proved"),
    "(2) split": Case(at_most(STEPS, times(power(NORM, "j"), power(NORM, "k-j"))), split, "proved"),
    "largest gates with one apart": Case(
        at_most(norm(FORGET), times(Magnitude("largest_entry", e("tau")), prod("i", 1, "k-1", LARGEST))),
        later_lstm,
        "proved",
    ),
}
LOSSES = {
    "loss of a cell state": Case(equal(by(s("tau-k"), None, CUT), product(FORGET, by(s("tau")))), on_cell, "proved"),
    "two losses": Case(
        equal(
            plus(by(h("tau-1")), Gradient(OTHER, h("tau-1"))),
            plus(product(W_T, slope(h("tau")), G), Gradient(OTHER, h("tau-1"))),
        ),
        losses,
        "proved",
    ),
    "the other loss": Case(
        equal(
            by(h("tau-k-1"), OTHER),
            product(prod("i", 1, "k", product(W_T, slope(h("tau-k-1+i")))), by(h("tau-1"), OTHER)),
        ),
        losses,
        "proved",
    ),
    "losses confused": Case(equal(by(h("tau-1")), by(h("tau-1"), OTHER)), losses, "refuted"),
    "after the loss": Case(equal(by(h("tau+1")), Zero(("n", 1))), rnn, "proved"),
    "by a bias, directly": Case(
        equal(Gradient(h("tau"), Symbol("b", ("n", 1)), direct=True), slope(h("tau"))), rnn, "proved"
    ),
}
ASSUMED = {
    "k not assumed": Case(first(FACTOR), model(*RNN, assume=()), "refuted"),
    "k at least -1": Case(first(FACTOR), model(*RNN, assume=("k+1",)), "refuted"),
    "k at least 2": Case(first(FACTOR), model(*RNN, assume=("k-2",)), "proved"),
    "negative power": Case(equal(power(W, "k-1"), power(W, "k-1")), rnn, "undecided", reason="negative"),
    "inverse": Case(
        equal(G, product(Inverse(product(W_T, slope(h("tau")))), by(h("tau-1")))), rnn, "undecided", reason="invertible"
    ),
}
IDENTITIES = {
    "trace": Case(equal(Trace(product(W, V)), Trace(product(V, W))), rnn, "proved"),
    "trace of a square": Case(equal(Trace(product(W, W)), Trace(Hadamard((W, W)))), rnn, "refuted"),
    "without a model": Case(equal(product(W, W_T), product(W_T, W)), Context(), "refuted"),
}
REFUSED = {
    "sides of two shapes": Case(equal(W, G), rnn, "undecided", reason="n x n and n x 1"),
    "vectors compared": Case(at_most(G, G), rnn, "undecided", reason="n x 1"),
    "a loss of nothing": Case(equal(G, G), Context(losses=(Loss("L", h("tau")),)), "undecided", reason="no node"),
    "a state that depends on itself": Case(
        equal(W, W), model(define(h("t"), tanh(product(W, h("t"))))), "undecided", reason="itself"
    ),
    "a state that depends on the future": Case(
        equal(W, W), model(define(h("t"), tanh(product(W, h("t+1"))))), "undecided", reason="ahead"
    ),
    "a state of another shape": Case(equal(W, W), model(define(h("t"), W)), "undecided", reason="shape"),
    "nested very deeply": Case(
        equal(reduce(lambda inner, _: tanh(inner), range(3_000), LOSS), LOSS), rnn, "undecided", reason="deep"
    ),
}
TABLE = {**SIZES, **POWERS, **LOSSES, **ASSUMED, **IDENTITIES, **REFUSED}
