"""Other networks than the sheet's two: linear, sigmoid, residual, gated, deep and Elman-style ones."""

from __future__ import annotations

from symgrad.kernel.certificate import Context, Statement
from symgrad.kernel.term import Entrywise, Identity, Limit, Symbol, Term, product

from .build import (
    ONES,
    UNIT,
    W_T,
    Case,
    G,
    W,
    X,
    at_most,
    by,
    define,
    diag,
    drive,
    equal,
    family,
    gate_slope,
    h,
    had,
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
    square,
    sup,
    tanh,
    times,
    tr,
    x,
    z,
)
from .build import assumed as assumed_

a, r, u, y = (family(letter) for letter in "aruy")
STEPS = by(h("tau-k"), h("tau"))
V = matrix("V")
linear = model(define(h("t"), plus(product(W, h("t-1")), product(matrix("U", "n", "m"), x("t")))))
plain = model(define(h("t"), product(W, h("t-1"))))
sigmoid_rnn = model(define(h("t"), sigmoid(drive())))
residual = model(define(h("t"), plus(h("t-1"), tanh(drive()))))
named_residual = model(define(a("t"), tanh(drive())), define(h("t"), plus(h("t-1"), a("t"))))
leaky = model(define(a("t"), tanh(drive())), define(h("t"), plus(times("3/4", h("t-1")), times("1/4", a("t")))))
GATES = (
    define(u("t"), sigmoid(drive("u"))),
    define(r("t"), sigmoid(drive("r"))),
)
GRU = (
    *GATES,
    define(
        z("t"),
        tanh(
            plus(
                product(matrix("W_z"), had(r("t"), h("t-1"))),
                product(matrix("U_z", "n", "m"), x("t")),
                Symbol("b_z", ("n", 1)),
            )
        ),
    ),
    define(h("t"), plus(had(minus(ONES, u("t")), h("t-1")), had(u("t"), z("t")))),
)
gru = model(*GRU)
gru_now = model(*GRU, assume=("tau-t",))
MGU = (
    define(u("t"), sigmoid(drive("u"))),
    define(
        h("t"), plus(had(u("t"), h("t-1")), had(minus(ONES, u("t")), tanh(product(matrix("U_z", "n", "m"), x("t")))))
    ),
)
minimal = model(*MGU)
peephole = model(
    define(u("t"), sigmoid(plus(drive("u"), product(matrix("P"), s("t-1"))))),
    *(define(s("t"), had(u("t"), s("t-1"))), define(h("t"), tanh(s("t")))),
)
deep = model(
    define(y("t"), tanh(drive("y", state=y))),
    define(h("t"), tanh(plus(product(W, h("t-1")), product(V, y("t"))))),
)
second_order = model(define(h("t"), tanh(plus(product(W, h("t-1")), product(V, h("t-2"))))))
preactivated = model(define(a("t"), drive()), define(h("t"), tanh(a("t"))))
shifted = model(define(h("t"), plus(product(W, tanh(h("t-1"))), product(matrix("U", "n", "m"), x("t")))))
unitary = model(*plain.recurrence, hypotheses=(assumed_(norm(W), "=", number(1)),))
contracting = model(*plain.recurrence, hypotheses=(assumed_(norm(W), "<", number(1)),))
ones_only = model(define(h("t"), had(u("t"), h("t-1"))))
scaled = model(define(h("t"), times("1/2", tanh(product(W, h("t-1"))))))
CUBE = define(h("t"), had(product(W, h("t-1")), product(W, h("t-1")), product(W, h("t-1"))))
cube = model(CUBE)


def proved(statement: Statement, context: Context) -> Case:
    return Case(statement, context, "proved")


def refuted(statement: Statement, context: Context) -> Case:
    return Case(statement, context, "refuted")


def back(factor: Term, end: Term = G, time: str = "tau-k") -> Statement:
    """The gradient k steps back is this product times the last gradient."""
    return equal(by(h(time)), product(prod("i", 1, "k", factor), end))


NOW = "tau-k+i"
TANH_DRIVE = tanh(drive("", NOW))
RESIDUAL = plus(UNIT, product(W_T, slope(TANH_DRIVE)))
GRU_STEP = plus(
    diag(minus(ONES, u("t"))),
    product(tr(matrix("W_u")), gate_slope(u("t")), diag(minus(z("t"), h("t-1")))),
    product(diag(r("t")), tr(matrix("W_z")), slope(z("t")), diag(u("t"))),
    product(tr(matrix("W_r")), gate_slope(r("t")), diag(h("t-1")), tr(matrix("W_z")), slope(z("t")), diag(u("t"))),
)
LINEAR = {
    "linear": proved(equal(by(h("tau-k")), product(power(W_T, "k"), G)), linear),
    "linear, as a product": proved(back(W_T), linear),
    "linear, Jacobian": proved(equal(tr(STEPS), power(W, "k")), linear),
    "linear, transposed power": proved(equal(STEPS, tr(power(W, "k"))), linear),
    "linear, transpose dropped": refuted(equal(by(h("tau-k")), product(power(W, "k"), G)), linear),
    "linear, one power more": refuted(equal(by(h("tau-k")), product(power(W_T, "k+1"), G)), linear),
    "linear, bound": proved(at_most(norm(STEPS), power(norm(W), "k")), linear),
    "linear, norm of the power": proved(equal(norm(STEPS), norm(power(W, "k"))), linear),
    "linear, bound is not attained": refuted(equal(norm(STEPS), power(norm(W), "k")), linear),
    "linear, split power": proved(
        equal(by(h("tau-k")), product(power(W_T, "j"), power(W_T, "k-j"), G)),
        model(*linear.recurrence, assume=("j", "k-j")),
    ),
    "linear, two powers": proved(
        equal(by(h("tau-k")), product(W_T, power(W_T, "k-1"), G)), model(*linear.recurrence, assume=("k-1",))
    ),
    "linear, k = 3": proved(equal(by(h("tau-3")), product(power(W_T, 3), G)), linear),
    "linear, by an input": proved(
        equal(by(x("tau-k")), product(tr(matrix("U", "n", "m")), power(W_T, "k"), G)), linear
    ),
    "linear, norm 1": proved(at_most(norm(STEPS), number(1)), unitary),
    "linear, vanishes": proved(equal(Limit("k", norm(STEPS)), number(0)), contracting),
    "only a gate": proved(back(diag(u(NOW))), ones_only),
    "only a gate, reversed": proved(back(diag(u("tau-i+1"))), ones_only),
}
SIGMOID = {
    "sigmoid": proved(back(product(W_T, gate_slope(h(NOW)))), sigmoid_rnn),
    "sigmoid, v - v^2": proved(back(product(W_T, diag(minus(h(NOW), square(h(NOW)))))), sigmoid_rnn),
    "sigmoid, slope of tanh": refuted(back(product(W_T, slope(h(NOW)))), sigmoid_rnn),
    "sigmoid, bound": proved(at_most(norm(STEPS), power(times("1/4", norm(W)), "k")), sigmoid_rnn),
    "sigmoid, bound in two powers": proved(
        at_most(norm(STEPS), times(power(norm(W), "k"), power(number("1/4"), "k"))), sigmoid_rnn
    ),
    "sigmoid, bound by its slope": proved(
        at_most(norm(STEPS), times(power(norm(W), "k"), power(largest(Entrywise("sigmoid'", X)), "k"))), sigmoid_rnn
    ),
    "sigmoid, bound by 1": proved(at_most(norm(STEPS), power(norm(W), "k")), sigmoid_rnn),
    "sigmoid, bound too small": refuted(at_most(norm(STEPS), power(times("1/5", norm(W)), "k")), sigmoid_rnn),
}
RESIDUALS = {
    "residual": proved(back(RESIDUAL), residual),
    "residual, identity dropped": refuted(back(product(W_T, slope(TANH_DRIVE))), residual),
    "residual, h for tanh": refuted(back(plus(UNIT, product(W_T, slope(h(NOW))))), residual),
    "residual, by the difference": proved(
        back(plus(UNIT, product(W_T, slope(minus(h(NOW), h("tau-k+i-1")))))), residual
    ),
    "residual, named": proved(back(plus(UNIT, product(W_T, slope(a(NOW))))), named_residual),
    "residual, named, reversed": refuted(back(plus(UNIT, product(W_T, slope(a("tau-i+1"))))), named_residual),
    "residual, one step": proved(
        equal(by(h("t-1")), plus(by(h("t")), product(W_T, slope(a("t")), by(h("t"))))),
        model(*named_residual.recurrence, assume=("tau-t",)),
    ),
    "residual, bound": proved(at_most(norm(STEPS), power(plus(number(1), norm(W)), "k")), named_residual),
    "residual, sharper bound": proved(
        at_most(norm(STEPS), prod("i", 1, "k", plus(number(1), times(norm(W), norm(slope(a(NOW))))))), named_residual
    ),
    "leaky": proved(back(plus(times("3/4", UNIT), times("1/4", product(W_T, slope(a(NOW)))))), leaky),
    "leaky, weights swapped": refuted(back(plus(times("1/4", UNIT), times("3/4", product(W_T, slope(a(NOW)))))), leaky),
    "leaky, bound": proved(at_most(norm(STEPS), power(plus(number("3/4"), times("1/4", norm(W))), "k")), leaky),
    "scaled": proved(back(times("1/2", product(W_T, slope(times(2, h(NOW)))))), scaled),
}
GATED = {
    "GRU, one step": proved(equal(by(h("t-1")), product(GRU_STEP, by(h("t")))), gru_now),
    "GRU, one step, total Jacobian": proved(equal(by(h("t-1"), h("t")), GRU_STEP), gru),
    "GRU, closed form": proved(equal(by(h("tau-k")), product(prod("t", "tau-k+1", "tau", GRU_STEP), G)), gru),
    "GRU, gate for its complement": refuted(equal(by(h("t-1"), h("t")), plus(diag(u("t")), *GRU_STEP.terms[1:])), gru),
    "GRU, without the path through r": refuted(equal(by(h("t-1"), h("t")), plus(*GRU_STEP.terms[:3])), gru),
    "GRU, update gate": proved(equal(by(u("t")), had(minus(z("t"), h("t-1")), by(h("t")))), gru_now),
    "GRU, candidate": proved(equal(by(z("t")), product(diag(u("t")), by(h("t")))), gru_now),
    "GRU, direct path": proved(equal(by(h("t-1"), h("t"), direct=True), diag(minus(ONES, u("t")))), gru),
    "minimal gated unit": proved(
        back(
            plus(
                diag(u(NOW)),
                product(
                    tr(matrix("W_u")),
                    gate_slope(u(NOW)),
                    diag(minus(h("tau-k+i-1"), tanh(product(matrix("U_z", "n", "m"), x(NOW))))),
                ),
            )
        ),
        minimal,
    ),
    "peephole": proved(
        equal(
            by(s("tau-k")),
            product(
                prod(
                    "i", 1, "k", plus(diag(u(NOW)), product(tr(matrix("P")), gate_slope(u(NOW)), diag(s("tau-k+i-1"))))
                ),
                by(s("tau")),
            ),
        ),
        model(
            define(u("t"), sigmoid(product(matrix("P"), s("t-1")))),
            define(s("t"), had(u("t"), s("t-1"))),
            define(h("t"), tanh(s("t"))),
        ),
    ),
    "peephole, hidden state in the gate": proved(
        equal(
            by(s("t")),
            plus(
                product(
                    plus(diag(u("t+1")), product(tr(matrix("P")), gate_slope(u("t+1")), diag(s("t")))), by(s("t+1"))
                ),
                product(slope(h("t")), by(h("t"))),
            ),
        ),
        model(*peephole.recurrence, assume=("tau-t-1",)),
    ),
}
OTHERS = {
    "two layers, upper": proved(back(product(W_T, slope(h(NOW)))), deep),
    "two layers, between": proved(
        equal(
            by(y("t")),
            plus(product(tr(matrix("W_y")), slope(y("t+1")), by(y("t+1"))), product(tr(V), slope(h("t")), by(h("t")))),
        ),
        model(*deep.recurrence, assume=("tau-t-1",)),
    ),
    "two layers, last": proved(equal(by(y("tau")), product(tr(V), slope(h("tau")), G)), deep),
    "two layers, layers confused": refuted(back(product(tr(V), slope(h(NOW)))), deep),
    "two layers, lower with the upper held": proved(
        equal(by(y("tau-k"), y("tau")), prod("i", 1, "k", product(tr(matrix("W_y")), slope(y(NOW))))),
        deep,
    ),
    "second order, one step": proved(
        equal(
            by(h("t")),
            plus(product(W_T, slope(h("t+1")), by(h("t+1"))), product(tr(V), slope(h("t+2")), by(h("t+2")))),
        ),
        model(*second_order.recurrence, assume=("tau-t-2",)),
    ),
    "second order, only the nearer": refuted(back(product(W_T, slope(h(NOW)))), second_order),
    "preactivation": proved(back(product(W_T, slope(h(NOW)))), preactivated),
    "preactivation, by itself": proved(equal(by(a("tau-k")), product(slope(h("tau-k")), by(h("tau-k")))), preactivated),
    "preactivation, as deltas": proved(
        equal(by(a("t-1")), had(minus(ONES, square(h("t-1"))), product(W_T, by(a("t"))))),
        model(*preactivated.recurrence, assume=("tau-t",)),
    ),
    "preactivation, all steps": proved(
        equal(by(a("tau-k")), product(prod("i", 1, "k", product(slope(h("tau-k+i-1")), W_T)), by(a("tau")))),
        preactivated,
    ),
    "preactivation, factors swapped": refuted(
        equal(by(a("tau-k")), product(prod("i", 1, "k", product(W_T, slope(h(NOW)))), by(a("tau")))), preactivated
    ),
    "function inside": proved(back(product(slope(tanh(h("tau-k+i-1"))), W_T)), shifted),
    "function inside, one step late": refuted(back(product(slope(tanh(h(NOW))), W_T)), shifted),
    "function inside, bound": proved(at_most(norm(STEPS), power(norm(W), "k")), shifted),
    "cube": proved(back(times(3, product(W_T, diag(square(product(W, h("tau-k+i-1"))))))), cube),
    "cube, factor 2": refuted(back(times(2, product(W_T, diag(square(product(W, h("tau-k+i-1"))))))), cube),
}
IDENTITIES = {
    "AB = BA": refuted(equal(product(W, V), product(V, W)), linear),
    "(AB)^T": proved(equal(tr(product(W, V)), product(tr(V), W_T)), linear),
    "diagonal and entrywise": proved(
        equal(product(diag(h("t")), V, diag(a("t"))), had(V, product(h("t"), tr(a("t"))))), linear
    ),
    "norm of a transpose": proved(equal(norm(W_T), norm(W)), linear),
    "norm of a product": proved(at_most(norm(product(W, V)), times(norm(V), norm(W))), linear),
    "norm of a product, equal": refuted(equal(norm(product(W, V)), times(norm(V), norm(W))), linear),
    "norm of a sum": proved(at_most(norm(plus(W, V, UNIT)), plus(norm(W), norm(V), number(1))), linear),
    "norm of a sum, turned": refuted(at_most(plus(norm(W), norm(V)), norm(plus(W, V))), linear),
    "trace": refuted(equal(tr(W), W), linear),
    "unit of products": proved(equal(prod("i", 1, "k", UNIT), Identity("n")), linear),
    "sup of tanh": proved(equal(sup(tanh(X)), number(1)), linear),
    "max of tanh": Case(equal(largest(tanh(X)), number(1)), linear, "undecided", reason="attained"),
    "max of its slope": proved(equal(largest(minus(number(1), power(tanh(X), 2))), number(1)), linear),
    "max of a sigmoid's slope": proved(equal(largest(Entrywise("sigmoid'", X)), number("1/4")), linear),
}
TABLE = {**LINEAR, **SIGMOID, **RESIDUALS, **GATED, **OTHERS, **IDENTITIES}
