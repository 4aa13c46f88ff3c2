"""Equations (2) and (4) of the sheet, the limits and the answers to its questions: right, wrong, not to be decided."""

from __future__ import annotations

from symgrad.kernel.certificate import Context, Relation, Statement
from symgrad.kernel.term import Entrywise, Limit, Magnitude, Scale, Symbol, Term, Zero

from .build import (
    LSTM,
    ONES,
    RNN,
    UNIT,
    W_T,
    Case,
    W,
    X,
    assumed,
    at_most,
    by,
    diag,
    e,
    equal,
    h,
    i,
    largest,
    matrix,
    minus,
    model,
    norm,
    number,
    plus,
    power,
    prod,
    s,
    sigmoid,
    slope,
    sup,
    tanh,
    times,
    z,
)
from .mutations import CUT, C, lstm_c, rnn

STEPS = by(h("tau-k"), h("tau"))
CELLS = by(s("tau-k"), s("tau"))
SLOPE = minus(number(1), power(tanh(X), 2))
NORM_W = norm(W)
ONE, HALF = number(1), power(number("1/2"), "k")
FORGET = prod("i", 1, "k", diag(e("tau-k+i")))
LARGEST_GATES = prod("i", 1, "k", Magnitude("largest_entry", e("tau-k+i")))
SMALLEST_GATES = prod("i", 1, "k", Magnitude("smallest_entry", e("tau-k+i")))


def second(
    weight: Term = NORM_W, exponent: str = "k", factor: Term | None = None, relation: Relation = "<="
) -> Statement:
    """Equation (2) with these parts."""
    return at_most(norm(STEPS), times(power(weight, exponent), power(factor or largest(SLOPE), "k")), relation)


def fourth(bound: Term, relation: Relation = "<=", c: Term = C) -> Statement:
    """Equation (4) with this bound beside |c|."""
    return at_most(norm(CELLS), plus(norm(c), bound), relation)


def norm_of_w(relation: Relation, *, k: str = "k") -> Context:
    return model(*RNN, assume=(k,), hypotheses=(assumed(NORM_W, relation, ONE),))


later = model(*RNN, assume=("k-1",))
later_c = model(*LSTM, assume=("k-1",), abbreviations=lstm_c.abbreviations)
AT_REST = assumed(h("t"), "=", Zero(("n", 1)), "t")
twice = model(*RNN, hypotheses=(assumed(W, "=", times(2, UNIT)), AT_REST))
SCALAR = Symbol("w", (1, 1))
one_unit = model(
    *LSTM,
    hypotheses=(
        *(assumed(Symbol(name, ("n", 1), h("t").times), "=", times("1/2", ONES), "t") for name in "eio"),
        *(assumed(node("t"), "=", Zero(("n", 1)), "t") for node in (z, s)),
        *(assumed(matrix(f"W_{name}"), "=", Zero(("n", "n"))) for name in "eio"),
        assumed(matrix("W_z"), "=", Scale(SCALAR, UNIT)),
    ),
)


def grown(weight: str) -> Statement:
    rate = plus(number("1/2"), times(weight, SCALAR))
    return equal(CELLS, times(power(rate, "k"), UNIT))


EQUATION_2 = {
    "(2)": Case(second(), rnn, "proved"),
    "(2) with sup": Case(second(factor=sup(SLOPE)), rnn, "proved"),
    "(2) with its factor 1": Case(at_most(norm(STEPS), power(NORM_W, "k")), rnn, "proved"),
    "(2) of the Jacobian": Case(at_most(norm(W_T), NORM_W), rnn, "proved"),
    "(2) turned round": Case(Statement(second().right, ">=", second().left), rnn, "proved"),
    "(2) step by step": Case(
        at_most(norm(STEPS), prod("i", 1, "k", times(NORM_W, norm(slope(h("tau-k+i")))))), rnn, "proved"
    ),
    "(2) with the norm of the transpose": Case(second(norm(W_T)), rnn, "proved"),
    "(2) at k = 3": Case(
        at_most(norm(by(h("tau-3"), h("tau"))), times(power(NORM_W, 3), power(largest(SLOPE), 3))), rnn, "proved"
    ),
    "exponent k-1": Case(second(exponent="k-1"), later, "refuted"),
    "exponent k+1": Case(second(exponent="k+1"), rnn, "refuted"),
    "a half in each factor": Case(second(factor=number("1/2")), rnn, "refuted"),
    "a half in each factor, k >= 1": Case(second(factor=number("1/2")), later, "refuted"),
    "strict": Case(second(relation="<"), rnn, "refuted"),
    "strict, k >= 1": Case(second(relation="<"), later, "refuted"),
    "equality": Case(second(relation="="), rnn, "refuted"),
    "larger": Case(second(relation=">="), rnn, "refuted"),
    "slope of a sigmoid": Case(second(factor=largest(Entrywise("sigmoid'", X))), rnn, "refuted"),
    "spectral radius": Case(second(Magnitude("spectral_radius", W)), rnn, "refuted"),
    "least singular value": Case(second(Magnitude("least_singular_value", W)), rnn, "refuted"),
    "W left out": Case(at_most(norm(STEPS), power(largest(SLOPE), "k")), rnn, "refuted"),
    "max of tanh, which is not attained": Case(second(factor=largest(tanh(X))), rnn, "undecided", reason="attained"),
    "sup of tanh": Case(second(factor=sup(tanh(X))), rnn, "proved"),
    "sup of a sigmoid": Case(second(factor=sup(sigmoid(X))), rnn, "proved"),
}
EQUATION_4 = {
    "(4)": Case(fourth(power(sup(tanh(X)), "k")), lstm_c, "proved"),
    "(4) with a sigmoid": Case(fourth(power(sup(sigmoid(X)), "k")), lstm_c, "proved"),
    "(4) sharper": Case(fourth(LARGEST_GATES), lstm_c, "proved"),
    "(4) with 1": Case(fourth(ONE), lstm_c, "proved"),
    "(4) with the norm of the product": Case(fourth(norm(FORGET)), lstm_c, "proved"),
    "(4) along the cell states": Case(at_most(norm(by(s("tau-k"), s("tau"), CUT)), ONE), lstm_c, "proved"),
    "max for sup": Case(fourth(power(largest(tanh(X)), "k")), lstm_c, "undecided", reason="attained"),
    "max of a sigmoid": Case(fourth(power(largest(sigmoid(X)), "k")), lstm_c, "undecided", reason="attained"),
    "a half": Case(fourth(HALF), lstm_c, "refuted"),
    "slope of a sigmoid in (4)": Case(fourth(power(sup(Entrywise("sigmoid'", X)), "k")), lstm_c, "refuted"),
    "smallest gates": Case(fourth(SMALLEST_GATES), lstm_c, "refuted"),
    "strict at k >= 0": Case(fourth(ONE, "<"), lstm_c, "refuted"),
    "c left out of (4)": Case(at_most(norm(CELLS), power(sup(tanh(X)), "k")), lstm_c, "refuted"),
    "gates left out": Case(at_most(norm(CELLS), norm(C)), lstm_c, "refuted"),
    "input gates": Case(fourth(prod("i", 1, "k", Magnitude("largest_entry", i("tau-k+i")))), lstm_c, "refuted"),
    "gates one step early": Case(
        fourth(prod("i", 1, "k", Magnitude("largest_entry", e("tau-k+i-1")))), lstm_c, "refuted"
    ),
}
ANSWERS = {
    "direct path, from below": Case(
        at_most(SMALLEST_GATES, Magnitude("least_singular_value", FORGET)), lstm_c, "proved"
    ),
    "direct path, from above": Case(at_most(norm(FORGET), LARGEST_GATES), lstm_c, "proved"),
    "direct path, bounds swapped": Case(
        at_most(LARGEST_GATES, Magnitude("least_singular_value", FORGET)), lstm_c, "refuted"
    ),
    "norm below 1 vanishes": Case(equal(Limit("k", norm(STEPS)), number(0)), norm_of_w("<"), "proved"),
    "norm 1 is bounded": Case(at_most(norm(STEPS), ONE), norm_of_w("="), "proved"),
    "norm below 1 is bounded": Case(at_most(norm(STEPS), ONE), norm_of_w("<"), "proved"),
    "norm at most 1 is bounded": Case(at_most(norm(STEPS), ONE), norm_of_w("<="), "proved"),
    "norm above 1 need not explode": Case(at_most(ONE, norm(STEPS)), norm_of_w(">"), "refuted"),
    "norm above 1 is not bounded": Case(at_most(norm(STEPS), ONE), norm_of_w(">"), "refuted"),
    "norm 1 is not below 1": Case(at_most(norm(STEPS), ONE, "<"), norm_of_w("=", k="k-1"), "refuted"),
    "twice the identity at rest": Case(equal(STEPS, times(power(number(2), "k"), UNIT)), twice, "proved"),
    "twice the identity, one step less": Case(equal(STEPS, times(power(number(2), "k+1"), UNIT)), twice, "refuted"),
    "one unit": Case(grown("1/4"), one_unit, "proved"),
    "one unit, half the weight": Case(grown("1/2"), one_unit, "refuted"),
}
TABLE = {**EQUATION_2, **EQUATION_4, **ANSWERS}
