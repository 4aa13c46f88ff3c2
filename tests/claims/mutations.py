"""Equations (1) and (3) of the sheet and what they turn into when one thing in them is wrong, or only looks wrong."""

from __future__ import annotations

from symgrad.kernel.certificate import Statement
from symgrad.kernel.term import Symbol, Term, product

from .build import (
    LSTM,
    ONES,
    RNN,
    UNIT,
    W_T,
    Case,
    G,
    Time,
    W,
    by,
    define,
    diag,
    e,
    equal,
    gate_slope,
    h,
    had,
    hold,
    i,
    minus,
    model,
    o,
    plus,
    prod,
    s,
    slope,
    square,
    tanh,
    times,
    tr,
    z,
)

CUT = hold("h", "tau-k", "tau-1")
SHARED_C = define(
    Symbol("c", ("n", "n"), h("k").times + h("tau").times),
    minus(by(s("tau-k"), s("tau")), by(s("tau-k"), s("tau"), CUT)),
)
C = SHARED_C.head
ANY_C = Symbol("c", ("n", "n"))
rnn, lstm, lstm_c = model(*RNN), model(*LSTM), model(*LSTM, abbreviations=(SHARED_C,))


def first(factor: Term, lower: Time = 1, upper: Time = "k") -> Statement:
    """Equation (1) with this factor."""
    return equal(by(h("tau-k")), product(prod("i", lower, upper, factor), G))


D = slope(h("tau-k+i"))
FACTOR = product(W_T, D)
FORGET = prod("i", 1, "k", diag(e("tau-k+i")))
SLOPE = slope(tanh(s("tau")))
OUTPUT = diag(o("tau"))
O_PATH = product(by(s("tau-k"), o("tau")), diag(tanh(s("tau"))), G)


def cut(*factors: Term) -> Statement:
    """Equation (3) along the cell states: every edge that leaves h[tau-k], ..., h[tau-1] is cut."""
    return equal(by(s("tau-k"), None, CUT), product(*factors, G))


END = product(SLOPE, OUTPUT)


def exact(inner: Term, path: Term = O_PATH, end: Term = END) -> Statement:
    """Equation (3) with the path through the last output gate."""
    return equal(by(s("tau-k")), plus(product(inner, end, G), path))


def _wrong(statement: Statement, context: object = rnn) -> Case:
    return Case(statement, context, "refuted")  # type: ignore[arg-type]


def _right(statement: Statement, context: object = rnn) -> Case:
    return Case(statement, context, "proved")  # type: ignore[arg-type]


EQUATION_1 = {
    "(1)": _right(first(FACTOR)),
    "transpose dropped": _wrong(first(product(W, D))),
    "product reversed": _wrong(first(product(W_T, slope(h("tau-i+1"))))),
    "factors swapped": _wrong(first(product(D, W_T))),
    "both: transposed whole": _wrong(first(product(D, W))),
    "from 0": _wrong(first(FACTOR, 0)),
    "from 2": _wrong(first(FACTOR, 2)),
    "to k-1": _wrong(first(FACTOR, 1, "k-1")),
    "to k+1": _wrong(first(FACTOR, 1, "k+1")),
    "h one step early": _wrong(first(product(W_T, slope(h("tau-k+i-1"))))),
    "h one step late": _wrong(first(product(W_T, slope(h("tau-k+i+1"))))),
    "h of the last step in each factor": _wrong(first(product(W_T, slope(h("tau"))))),
    "square missing": _wrong(first(product(W_T, diag(minus(ONES, h("tau-k+i")))))),
    "plus for minus": _wrong(first(product(W_T, diag(plus(ONES, square(h("tau-k+i"))))))),
    "sign of the whole": _wrong(equal(by(h("tau-k")), times(-1, first(FACTOR).right))),
    "slope of a sigmoid": _wrong(first(product(W_T, gate_slope(h("tau-k+i"))))),
    "slope missing": _wrong(first(W_T)),
    "W missing": _wrong(first(D)),
    "tanh of h": _wrong(first(product(W_T, slope(tanh(h("tau-k+i")))))),
    "factor too much before": _wrong(equal(by(h("tau-k")), product(W_T, prod("i", 1, "k", FACTOR), G))),
    "last gradient missing one slope": _wrong(
        equal(by(h("tau-k")), product(prod("i", 1, "k-1", FACTOR), W_T, G)), model(*RNN, assume=("k-1",))
    ),
    "gradient by the input's step": _wrong(equal(by(h("tau-k")), product(prod("i", 1, "k", FACTOR), by(h("tau-1"))))),
    "left side one step off": _wrong(equal(by(h("tau-k-1")), first(FACTOR).right)),
    "the Jacobian for the gradient": _wrong(
        equal(by(h("tau-k"), h("tau")), prod("i", 1, "k", product(slope(h("tau-i+1")), W)))
    ),
    "the Jacobian": _right(equal(tr(by(h("tau-k"), h("tau"))), prod("i", 1, "k", product(slope(h("tau-i+1")), W)))),
}

EQUATION_3 = {
    "(3) exact": _right(exact(plus(C, FORGET)), lstm_c),
    "(3) cut": _right(cut(FORGET, SLOPE, OUTPUT), lstm),
    "(3) for some c": Case(
        equal(by(s("tau-k")), product(plus(ANY_C, FORGET), SLOPE, OUTPUT, G)), lstm, "proved", unknown=ANY_C
    ),
    "c shared with (4)": _wrong(equal(by(s("tau-k")), product(plus(C, FORGET), SLOPE, OUTPUT, G)), lstm_c),
    "c left out": _wrong(equal(by(s("tau-k")), product(FORGET, SLOPE, OUTPUT, G)), lstm),
    "diagonals at the end swapped": _right(cut(FORGET, OUTPUT, SLOPE), lstm),
    "diagonals all swapped": _right(cut(OUTPUT, SLOPE, FORGET), lstm),
    "product of diagonals reversed": _right(cut(prod("i", 1, "k", diag(e("tau-i+1"))), SLOPE, OUTPUT), lstm),
    "input gate for forget gate": _wrong(cut(prod("i", 1, "k", diag(i("tau-k+i"))), SLOPE, OUTPUT), lstm),
    "output gate for forget gate": _wrong(cut(prod("i", 1, "k", diag(o("tau-k+i"))), SLOPE, OUTPUT), lstm),
    "candidate for forget gate": _wrong(cut(prod("i", 1, "k", diag(z("tau-k+i"))), SLOPE, OUTPUT), lstm),
    "forget gate for output gate": _wrong(cut(FORGET, SLOPE, diag(e("tau"))), lstm),
    "output gate one step early": _wrong(cut(FORGET, SLOPE, diag(o("tau-1"))), lstm),
    "cell state one step early": _wrong(cut(FORGET, slope(tanh(s("tau-1"))), OUTPUT), lstm),
    "gates one step early": _wrong(cut(prod("i", 1, "k", diag(e("tau-k+i-1"))), SLOPE, OUTPUT), lstm),
    "gates from 0": _wrong(cut(prod("i", 0, "k", diag(e("tau-k+i"))), SLOPE, OUTPUT), lstm),
    "gates to k-1": _wrong(cut(prod("i", 1, "k-1", diag(e("tau-k+i"))), SLOPE, OUTPUT), lstm),
    "gates to k+1": _wrong(cut(prod("i", 1, "k+1", diag(e("tau-k+i"))), SLOPE, OUTPUT), lstm),
    "output gate missing": _wrong(cut(FORGET, SLOPE), lstm),
    "slope of tanh missing": _wrong(cut(FORGET, OUTPUT), lstm),
    "square missing in (3)": _wrong(cut(FORGET, diag(minus(ONES, tanh(s("tau")))), OUTPUT), lstm),
    "tanh missing": _wrong(cut(FORGET, slope(s("tau")), OUTPUT), lstm),
    "hidden state for tanh of cell state": _wrong(cut(FORGET, slope(h("tau")), OUTPUT), lstm),
    "slope of the gates": _wrong(cut(prod("i", 1, "k", gate_slope(e("tau-k+i"))), SLOPE, OUTPUT), lstm),
    "gates added": _wrong(cut(plus(FORGET, UNIT), SLOPE, OUTPUT), lstm),
    "held from one step late": _wrong(
        equal(by(s("tau-k"), None, hold("h", "tau-k+1", "tau-1")), product(FORGET, SLOPE, OUTPUT, G)), lstm
    ),
    "held to one step early": _wrong(
        equal(by(s("tau-k"), None, hold("h", "tau-k", "tau-2")), product(FORGET, SLOPE, OUTPUT, G)), lstm
    ),
    "held from one step early": _right(
        equal(by(s("tau-k"), None, hold("h", "tau-k-1", "tau-1")), product(FORGET, SLOPE, OUTPUT, G)), lstm
    ),
    "total for cut": _wrong(equal(by(s("tau-k"), s("tau")), FORGET), lstm),
    "path through the output gate left out": _wrong(
        equal(by(s("tau-k")), product(plus(C, FORGET), SLOPE, OUTPUT, G)), lstm_c
    ),
    "path through the output gate with the wrong sign": _wrong(exact(plus(C, FORGET), times(-1, O_PATH)), lstm_c),
    "path through the output gate without tanh": _wrong(
        exact(plus(C, FORGET), product(by(s("tau-k"), o("tau")), diag(s("tau")), G)), lstm_c
    ),
    "path through the forget gate": _wrong(
        exact(plus(C, FORGET), product(by(s("tau-k"), e("tau")), diag(tanh(s("tau"))), G)), lstm_c
    ),
    "minus the gates": _wrong(exact(minus(C, FORGET)), lstm_c),
    "exact, diagonals swapped": _right(exact(plus(FORGET, C), end=product(OUTPUT, SLOPE)), lstm_c),
    "exact, entrywise": _right(
        exact(plus(C, FORGET), end=diag(had(minus(ONES, square(tanh(s("tau")))), o("tau")))), lstm_c
    ),
}
TABLE = {**EQUATION_1, **EQUATION_3}
