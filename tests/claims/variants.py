"""True claims in forms that nobody prepared: other bounds and words, concrete depths, split products, single steps."""

from __future__ import annotations

from symgrad.kernel.certificate import Context, Statement
from symgrad.kernel.term import IndexedSum, Symbol, Term, product

from .build import (
    LOSS,
    LSTM,
    ONES,
    RNN,
    UNIT,
    W_T,
    Case,
    G,
    W,
    at,
    by,
    define,
    diag,
    drive,
    e,
    equal,
    gate_slope,
    h,
    had,
    hold,
    i,
    matrix,
    minus,
    model,
    o,
    plus,
    prod,
    s,
    sigmoid,
    slope,
    square,
    tanh,
    times,
    tr,
    x,
    z,
)
from .mutations import CUT, FACTOR, C, lstm, lstm_c, rnn

U_T = tr(matrix("U", "n", "m"))
W_E, W_I, W_O, W_Z = (tr(matrix(f"W_{gate}")) for gate in "eioz")
BACK = prod("i", 1, "k", FACTOR)
SLOPES = slope(h("t"))
split = model(*RNN, assume=("j", "k-j"))
SHORT = define(Symbol("D", ("n", "n"), h("t").times), SLOPES)
short = model(*RNN, abbreviations=(SHORT,))


def D(time: str) -> Symbol:
    return Symbol("D", ("n", "n"), (at(time),))


def proved(statement: Statement, context: Context = rnn) -> Case:
    return Case(statement, context, "proved")


def gradient(right: Term, time: str = "tau-k") -> Statement:
    return equal(by(h(time)), right)


def steps(count: int) -> Term:
    """The product of (1) written out."""
    return product(*(one for back in reversed(range(count)) for one in (W_T, slope(h(f"tau-{back}")))), G)


ONE_BACK = product(W_T, slope(h("tau")))
VANILLA = {
    "over times": proved(gradient(product(prod("t", "tau-k+1", "tau", product(W_T, SLOPES)), G))),
    "over times, counted down": proved(gradient(product(prod("j", 0, "k-1", product(W_T, slope(h("tau-k+1+j")))), G))),
    "over one index more": proved(gradient(product(prod("i", 2, "k+1", product(W_T, slope(h("tau-k+i-1")))), G))),
    "from minus k": proved(gradient(product(prod("i", "1-k", 0, product(W_T, slope(h("tau+i")))), G))),
    "the index is k": proved(gradient(product(prod("k", "tau-k+1", "tau", product(W_T, slope(h("k")))), G))),
    "D abbreviated": proved(gradient(product(prod("i", 1, "k", product(W_T, D("tau-k+i"))), G)), short),
    "sides swapped": proved(equal(product(BACK, G), by(h("tau-k")))),
    "transposed": proved(equal(tr(by(h("tau-k"))), product(tr(G), tr(BACK)))),
    "transposed, written out": proved(
        equal(tr(by(h("tau-k"))), product(tr(G), prod("i", 1, "k", product(slope(h("tau-i+1")), W))))
    ),
    "transpose of the factor": proved(gradient(product(prod("i", 1, "k", tr(product(slope(h("tau-k+i")), W))), G))),
    "minus twice": proved(gradient(times(-1, product(BACK, times(-1, G))))),
    "identity minus": proved(
        gradient(product(prod("i", 1, "k", product(W_T, minus(UNIT, diag(square(h("tau-k+i")))))), G))
    ),
    "multiplied out": proved(
        gradient(product(prod("i", 1, "k", minus(W_T, product(W_T, diag(square(h("tau-k+i")))))), G))
    ),
    "written in what tanh is taken of": proved(
        gradient(product(prod("i", 1, "k", product(W_T, slope(tanh(drive("", "tau-k+i"))))), G))
    ),
    "last factor apart": proved(
        gradient(product(prod("i", 1, "k-1", FACTOR), ONE_BACK, G)), model(*RNN, assume=("k-1",))
    ),
    "first factor apart": proved(
        gradient(product(W_T, slope(h("tau-k+1")), prod("i", 2, "k", FACTOR), G)), model(*RNN, assume=("k-1",))
    ),
    "k split": proved(gradient(product(prod("i", 1, "j", FACTOR), prod("i", "j+1", "k", FACTOR), G)), split),
    "k split, gradient between": proved(gradient(product(prod("i", 1, "j", FACTOR), by(h("tau-k+j")))), split),
    "k split, Jacobians": proved(gradient(product(by(h("tau-k"), h("tau-k+j")), by(h("tau-k+j"), h("tau")), G)), split),
    "Jacobian times the gradient": proved(gradient(product(by(h("tau-k"), h("tau")), G))),
    "one entrywise step": proved(
        gradient(product(W_T, had(minus(ONES, square(h("tau-k+1"))), by(h("tau-k+1")))), "tau-k"),
        model(*RNN, assume=("k-1",)),
    ),
    "one step at t": proved(equal(by(h("t-1")), product(W_T, SLOPES, by(h("t")))), model(*RNN, assume=("tau-t",))),
    "one step, direct": proved(equal(by(h("t-1"), h("t"), direct=True), product(W_T, SLOPES)), rnn),
    "one step, total": proved(equal(by(h("t-1"), h("t")), product(W_T, SLOPES)), rnn),
    "two steps": proved(equal(by(h("t-2"), h("t")), product(W_T, slope(h("t-1")), W_T, SLOPES)), rnn),
    "k = 0": proved(gradient(G, "tau")),
    "k = 1": proved(gradient(steps(1), "tau-1")),
    "k = 2": proved(gradient(steps(2), "tau-2")),
    "k = 3": proved(gradient(steps(3), "tau-3")),
    "k = 3, as a product": proved(gradient(product(prod("i", 1, 3, product(W_T, slope(h("tau-3+i")))), G), "tau-3")),
    "k = 3, entrywise": proved(
        gradient(
            product(W_T, had(minus(ONES, square(h("tau-1"))), product(W_T, had(minus(ONES, square(h("tau"))), G)))),
            "tau-2",
        )
    ),
    "depth 2k": proved(gradient(product(prod("i", 1, "2k", product(W_T, slope(h("tau-2k+i")))), G), "tau-2k")),
    "depth k+1": proved(gradient(product(prod("i", 0, "k", FACTOR), G), "tau-k-1")),
    "depth k+2, one step apart": proved(gradient(product(prod("i", -1, "k-1", FACTOR), ONE_BACK, G), "tau-k-2")),
    "from time t": proved(
        gradient(product(prod("i", "t+1", "tau", product(W_T, slope(h("i")))), G), "t"),
        model(*RNN, assume=("tau-t",)),
    ),
    "by an input": proved(equal(by(x("tau-k")), product(U_T, slope(h("tau-k")), BACK, G)), rnn),
    "by the last input": proved(equal(by(x("tau")), product(U_T, slope(h("tau")), G)), rnn),
    "by an input, through its state": proved(
        equal(by(x("tau-k")), product(by(x("tau-k"), h("tau-k")), by(h("tau-k")))), rnn
    ),
    "twice the gradient": proved(equal(times(2, by(h("tau-k"))), plus(product(BACK, G), by(h("tau-k"))))),
    "difference of two": proved(
        equal(minus(by(h("tau-k")), product(BACK, G)), times(0, G)),
    ),
    "summed over steps": proved(
        equal(
            IndexedSum("j", at(0), at("k"), by(h("t"), h("t"))),
            IndexedSum("l", at(1), at("k+1"), UNIT),
        )
    ),
    "edges before the first state cut": proved(
        equal(by(h("tau-k"), LOSS, hold("h", "tau-k-3", "tau-k-1")), product(BACK, G))
    ),
}
TANH_S = tanh(s("tau"))
SLOPE_S = slope(TANH_S)
FORGET = prod("i", 1, "k", diag(e("tau-k+i")))
GATES = {
    "e": product(gate_slope(e("t")), diag(s("t-1"))),
    "i": product(gate_slope(i("t")), diag(z("t"))),
    "z": product(slope(z("t")), diag(i("t"))),
}
HIDDEN = plus(*(product(tr(matrix(f"W_{gate}")), body) for gate, body in GATES.items()))
INTO_O = product(W_O, gate_slope(o("t")), diag(tanh(s("t"))))
INTO_H = product(slope(tanh(s("t"))), diag(o("t")))
now = model(*LSTM, assume=("tau-t",))
before = model(*LSTM, assume=("tau-t-1",))
later = model(*LSTM, assume=("k-1",))


def gate_step(gate: str, factor: Term) -> Case:
    """The gradient by a gate at t, from that by the cell state at t."""
    node = {"e": e, "i": i, "z": z}[gate]("t")
    return proved(equal(by(node), product(factor, by(s("t")))), now)


GATED = {
    "forget gate": gate_step("e", diag(s("t-1"))),
    "input gate": gate_step("i", diag(z("t"))),
    "candidate": gate_step("z", diag(i("t"))),
    "output gate": proved(equal(by(o("t")), product(diag(tanh(s("t"))), by(h("t")))), now),
    "hidden state, one step": proved(
        equal(
            by(h("t-1")),
            plus(
                product(W_E, gate_slope(e("t")), by(e("t"))),
                product(W_I, gate_slope(i("t")), by(i("t"))),
                product(W_O, gate_slope(o("t")), by(o("t"))),
                product(W_Z, slope(z("t")), by(z("t"))),
            ),
        ),
        now,
    ),
    "hidden state, one step, by states": proved(
        equal(by(h("t-1")), plus(product(HIDDEN, by(s("t"))), product(INTO_O, by(h("t"))))), now
    ),
    "cell state, one step": proved(
        equal(by(s("t")), plus(product(diag(e("t+1")), by(s("t+1"))), product(INTO_H, by(h("t"))))), before
    ),
    "cell state, entrywise": proved(
        equal(
            by(s("t")),
            plus(had(e("t+1"), by(s("t+1"))), had(o("t"), minus(ONES, square(tanh(s("t")))), by(h("t")))),
        ),
        before,
    ),
    "cell state, first step": proved(
        equal(
            by(s("tau-k"), s("tau")),
            plus(
                product(diag(e("tau-k+1")), by(s("tau-k+1"), s("tau"))),
                product(slope(tanh(s("tau-k"))), diag(o("tau-k")), by(h("tau-k"), s("tau"))),
            ),
        ),
        later,
    ),
    "cell state, last step": proved(
        equal(
            by(s("tau-k"), s("tau")),
            plus(
                product(by(s("tau-k"), s("tau-1")), diag(e("tau"))),
                product(by(s("tau-k"), e("tau")), diag(s("tau-1"))),
                product(by(s("tau-k"), i("tau")), diag(z("tau"))),
                product(by(s("tau-k"), z("tau")), diag(i("tau"))),
            ),
        ),
        later,
    ),
    "cell state, last step by states": proved(
        equal(
            by(s("tau-k"), s("tau")),
            plus(
                product(by(s("tau-k"), s("tau-1")), diag(e("tau"))),
                product(
                    by(s("tau-k"), h("tau-1")),
                    plus(
                        product(W_E, gate_slope(e("tau")), diag(s("tau-1"))),
                        product(W_I, gate_slope(i("tau")), diag(z("tau"))),
                        product(W_Z, slope(z("tau")), diag(i("tau"))),
                    ),
                ),
            ),
        ),
        later,
    ),
    "cell state by itself, one step, total": proved(
        equal(
            by(s("t"), s("t+1")),
            plus(
                diag(e("t+1")),
                product(
                    slope(tanh(s("t"))),
                    diag(o("t")),
                    plus(
                        product(W_E, gate_slope(e("t+1")), diag(s("t"))),
                        product(W_I, gate_slope(i("t+1")), diag(z("t+1"))),
                        product(W_Z, slope(z("t+1")), diag(i("t+1"))),
                    ),
                ),
            ),
        ),
        lstm,
    ),
    "cell state by itself, one step, direct": proved(equal(by(s("t"), s("t+1"), direct=True), diag(e("t+1"))), lstm),
    "last hidden state": proved(equal(by(s("tau")), product(SLOPE_S, diag(o("tau")), G)), lstm),
    "through both states": proved(
        equal(
            by(s("tau-k")),
            plus(
                product(by(s("tau-k"), s("tau")), by(s("tau"))),
                product(by(s("tau-k"), o("tau")), by(o("tau"))),
            ),
        ),
        lstm,
    ),
    "c is what the cut leaves": proved(equal(C, minus(by(s("tau-k"), s("tau")), FORGET)), lstm_c),
    "no hidden path at k = 0": proved(equal(minus(by(s("tau"), s("tau")), UNIT), times(0, UNIT)), lstm),
    "cut over times": proved(equal(by(s("tau-k"), s("tau"), CUT), prod("t", "tau-k+1", "tau", diag(e("t")))), lstm),
    "cut, one diagonal of a power": proved(
        equal(by(s("tau-2"), s("tau"), hold("h", "tau-2", "tau-1")), diag(had(e("tau-1"), e("tau")))), lstm
    ),
    "cut at k = 3": proved(
        equal(
            by(s("tau-3"), s("tau"), hold("h", "tau-3", "tau-1")),
            product(diag(e("tau-2")), diag(e("tau")), diag(e("tau-1"))),
        ),
        lstm,
    ),
    "cut at both gates": proved(
        equal(by(s("tau-k"), None, CUT), product(FORGET, diag(had(o("tau"), minus(ONES, square(TANH_S)))), G)), lstm
    ),
    "cut, entrywise": proved(
        equal(by(s("tau-k"), None, CUT), product(FORGET, had(o("tau"), minus(ONES, square(TANH_S)), G))), lstm
    ),
    "cut, transposed": proved(
        equal(tr(by(s("tau-k"), None, CUT)), product(tr(G), diag(o("tau")), SLOPE_S, FORGET)), lstm
    ),
    "sigmoid written out": proved(
        equal(
            by(h("t-1"), e("t"), direct=True),
            product(W_E, diag(had(sigmoid(drive("e")), minus(ONES, sigmoid(drive("e")))))),
        ),
        lstm,
    ),
    "by an input of an LSTM": proved(
        equal(
            by(x("t")),
            plus(
                product(
                    plus(*(product(tr(matrix(f"U_{gate}", "n", "m")), body) for gate, body in GATES.items())),
                    by(s("t")),
                ),
                product(tr(matrix("U_o", "n", "m")), gate_slope(o("t")), diag(tanh(s("t"))), by(h("t"))),
            ),
        ),
        now,
    ),
}
# True, but beyond the proofs: that no path is left when other nodes are held needs an induction of its own.
BEYOND = {
    "gates held": Case(
        equal(
            by(
                s("tau-k"),
                s("tau"),
                *(hold(name, "tau-k+1", "tau") for name in "eiz"),
            ),
            FORGET,
        ),
        lstm,
        "undecided",
    ),
}
TABLE = {**VANILLA, **GATED, **BEYOND}
