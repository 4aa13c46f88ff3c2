"""Rows for the rules of equality: what is accepted, and the least changes that must be refused."""

from __future__ import annotations

from dataclasses import replace

from symgrad.kernel.certificate import Chain, Definition, Lemma, Statement, Step
from symgrad.kernel.term import Diagonal, Entrywise, EntrywisePower, Identity, Inverse, Power, Scale, Symbol, Zero

from .build import (
    COLUMN,
    HALF,
    LSTM,
    ONES,
    SQUARE,
    A,
    L,
    Q,
    Row,
    T,
    U,
    V,
    W,
    activation,
    add,
    assumed,
    at,
    chain,
    e,
    g,
    h,
    minus,
    model,
    norm,
    number,
    o,
    one_minus_square,
    power,
    product,
    s,
    scale,
    sigmoid,
    slope,
    tanh,
    total,
    x,
)

lstm = model(LSTM)
C = Symbol("c", SQUARE, (A("k"), A("tau")))
SHORT = model(abbreviations=(Definition(C, product(power(W, "k"), slope("tau"))),))

unfold = Row("definition", h("t"), tanh(activation("t")))
unfold_later = Row("definition", product(W, h("t-1")), product(W, tanh(activation("t-1"))), h("t-1"))
fold = Row("definition", tanh(activation("t")), h("t"), h("t"), reverse=True)
unfold_short = Row("definition", C, product(power(W, "k"), slope("tau")), context=SHORT, assuming=("k",))
unfold_short_at = Row(
    "definition",
    Symbol("c", SQUARE, (A("k+1"), A("t"))),
    product(power(W, "k+1"), slope("t")),
    context=SHORT,
    assuming=("k",),
)

FACTS = model(
    hypotheses=(
        assumed(W, "=", scale(2, Identity("n"))),
        assumed(h("t"), "=", Zero(COLUMN), "t"),
        assumed(norm(V), "<=", number(3)),
        assumed(g, "=", h("q")),
    )
)
assume = Row("hypothesis", product(W, g), scale(2, g), W, context=FACTS)
assume_at = Row("hypothesis", h("t+2"), Zero(COLUMN), context=FACTS, arguments=(("t", "t+2"),))
assume_under = Row(
    "hypothesis",
    total("r", "1", "k", h("r")),
    total("r", "1", "k", Zero(COLUMN)),
    h("r"),
    context=FACTS,
    arguments=(("t", "r"),),
)
assume_bound = Row("hypothesis", scale(2, norm(V)), scale(2, number(3)), norm(V), "<=", context=FACTS)
assume_back = Row("hypothesis", h("q"), g, g, context=FACTS, reverse=True)

BEYOND = chain(
    "nothing later",
    at(h("t"), h("r")),
    "=",
    Zero(SQUARE),
    Step("no_path", "=", Zero(SQUARE), at=at(h("t"), h("r"))),
    assuming="r-t-1",
)
BEYOND_LOSS = chain(
    "nothing after the end",
    at(L, h("tau+1")),
    "=",
    Zero(COLUMN),
    Step("no_path", "=", Zero(COLUMN), at=at(L, h("tau+1"))),
)
BOUND = chain(
    "bound",
    norm(product(W, V)),
    "<=",
    Scale(norm(W), norm(V)),
    Step("submultiplicative", "<=", Scale(norm(W), norm(V)), at=norm(product(W, V))),
)
use = Row("lemma", at(h("t"), h("r")), Zero(SQUARE), lemma="nothing later", earlier=(BEYOND,), assuming=("r-t-1",))
use_at = Row(
    "lemma", at(h("t"), h("t+2")), Zero(SQUARE), lemma="nothing later", earlier=(BEYOND,), arguments=(("r", "t+2"),)
)
use_loss = Row("lemma", at(L, h("tau+1")), Zero(COLUMN), lemma="nothing after the end", earlier=(BEYOND_LOSS,))
use_bound = Row(
    "lemma",
    add(norm(product(W, V)), number(1)),
    add(Scale(norm(W), norm(V)), number(1)),
    norm(product(W, V)),
    "<=",
    lemma="bound",
    earlier=(BOUND,),
)

turn = Row("transpose_product", T(product(W, V)), product(T(V), T(W)))
turn_diagonal = Row(
    "transpose_product", product(T(product(slope("t"), W)), g), product(T(W), slope("t"), g), T(product(slope("t"), W))
)
turn_oblong = Row("transpose_product", T(product(W, U)), product(T(U), T(W)))

TANH_SLOPE, SIGMOID_SLOPE = Entrywise("tanh'", s("t")), Entrywise("sigmoid'", s("t"))
derive_tanh = Row("entrywise_derivative", TANH_SLOPE, one_minus_square(tanh(s("t"))), context=lstm)
derive_sigmoid = Row(
    "entrywise_derivative", SIGMOID_SLOPE, minus(sigmoid(s("t")), EntrywisePower(sigmoid(s("t")), 2)), context=lstm
)
derive_scalar = Row(
    "entrywise_derivative", Entrywise("tanh'", norm(W)), minus(number(1), Power(tanh(norm(W)), A("2"))), context=lstm
)
derive_inside = Row(
    "entrywise_derivative",
    product(T(W), Diagonal(TANH_SLOPE)),
    product(T(W), Diagonal(one_minus_square(tanh(s("t"))))),
    TANH_SLOPE,
    context=lstm,
)

P = product(Diagonal(o("t")), Diagonal(one_minus_square(tanh(s("t")))))
cancel = Row("inverse_cancel", product(Inverse(P), P), Identity("n"), context=lstm)
cancel_right = Row("inverse_cancel", product(P, Inverse(P)), Identity("n"), context=lstm)
cancel_inside = Row("inverse_cancel", product(W, Inverse(P), P, g), product(W, g), product(Inverse(P), P), context=lstm)
cancel_gate = Row("inverse_cancel", product(Inverse(Diagonal(e("t"))), Diagonal(e("t"))), Identity("n"), context=lstm)

as_sigmoid = Row("function_identity", tanh(g), minus(scale(2, sigmoid(scale(2, g))), ONES))
as_mirror = Row("function_identity", sigmoid(g), minus(ONES, sigmoid(scale(-1, g))))
as_mirror_of_scalar = Row("function_identity", sigmoid(norm(W)), minus(number(1), sigmoid(scale(-1, norm(W)))))
HS = total("r", "1", "k", h("r"))
sum_outside = Row("linearity", product(W, HS), total("r", "1", "k", product(W, h("r"))))
sum_inside = replace(sum_outside, before=sum_outside.after, after=sum_outside.before, at=product(W, HS), reverse=True)
sum_turned = Row("linearity", T(HS), total("r", "1", "k", T(h("r"))))
sum_scaled = Row("linearity", Scale(norm(W), HS), total("r", "1", "k", Scale(norm(W), h("r"))))
sum_nested = Row(
    "linearity",
    total("j", "1", "k", product(slope("j"), HS)),
    total("j", "1", "k", total("r", "1", "k", product(slope("j"), h("r")))),
    product(slope("j"), HS),
)

ACCEPTED = {name: row for name, row in list(globals().items()) if isinstance(row, Row)}

CAPTURE = model(hypotheses=(assumed(h("q"), "=", Zero(COLUMN)),))
SMALL_LATE = chain("small late", norm(slope("t")), "=", norm(slope("t")), assuming="t-5")
FALSE = Lemma("false", Statement(W, "=", V), Chain(()))

REFUSED: dict[str, Row] = {
    "tanh, sign": replace(as_sigmoid, after=add(scale(2, sigmoid(scale(2, g))), ONES)),
    "tanh, argument not doubled": replace(as_sigmoid, after=minus(scale(2, sigmoid(g)), ONES)),
    "tanh, value not doubled": replace(as_sigmoid, after=minus(sigmoid(scale(2, g)), ONES)),
    "tanh is no sigmoid": replace(as_mirror, before=tanh(g), after=minus(ONES, tanh(scale(-1, g)))),
    "sigmoid is not even": replace(as_mirror, after=sigmoid(scale(-1, g))),
    "mirror of a derivative": replace(
        as_mirror, before=Entrywise("sigmoid'", g), after=minus(ONES, Entrywise("sigmoid'", scale(-1, g)))
    ),
    "sum outside, range": replace(sum_outside, after=total("r", "1", "k-1", product(W, h("r")))),
    "sum outside, factor on the other side": replace(
        sum_turned, before=product(T(HS), W), after=total("r", "1", "k", product(T(h("r")), T(W)))
    ),
    "sum outside of a function": replace(sum_outside, before=tanh(HS), after=total("r", "1", "k", tanh(h("r")))),
    "sum outside of a norm": replace(sum_outside, before=norm(HS), after=total("r", "1", "k", norm(h("r")))),
    "sum that captures": Row(
        "linearity",
        total("r", "1", "k", product(slope("r"), HS)),
        total("r", "1", "k", total("r", "1", "k", product(slope("r"), h("r")))),
        product(slope("r"), HS),
    ),
    "no sum": replace(sum_outside, before=product(W, h("r")), after=product(W, h("r"))),
    # definition
    "definition at another time": replace(unfold, after=tanh(activation("t-1"))),
    "definition, transpose added": replace(unfold, after=tanh(add(product(T(W), h("t-1")), product(U, x("t"))))),
    "definition, another function": replace(unfold, after=sigmoid(activation("t"))),
    "definition of a parameter": replace(unfold, before=W, after=V),
    "definition of an input": replace(unfold, before=x("t"), after=x("t")),
    "definition inside a derivative": Row(
        "definition", at(h("t"), h("t-1")), at(tanh(activation("t")), h("t-1")), h("t")
    ),
    "definition, times exchanged": replace(
        unfold_short, after=product(power(W, "tau"), slope("k")), assuming=("k", "tau")
    ),
    "definition, exponent may be negative": replace(unfold_short, assuming=()),
    "definition, folded at another time": replace(fold, after=h("t-1"), at=h("t-1")),
    # hypothesis
    "hypothesis about another matrix": replace(assume, before=product(V, g), at=V),
    "hypothesis, another value": replace(assume, after=scale(3, g)),
    "hypothesis, no such time": replace(assume_at, context=model(hypotheses=(assumed(h("t"), "=", Zero(COLUMN)),))),
    "hypothesis, bound read backwards": replace(assume_bound, relation=">="),
    "hypothesis, bound as equation": replace(assume_bound, relation="="),
    "hypothesis, bound as strict": replace(assume_bound, relation="<"),
    "hypothesis, bound of a negative multiple": replace(
        assume_bound, before=scale(-2, norm(V)), after=scale(-2, number(3))
    ),
    "hypothesis read from right to left": replace(assume_back, reverse=False, at=h("q")),
    "hypothesis, captured by a sum": Row(
        "hypothesis", total("q", "1", "3", h("q")), total("q", "1", "3", Zero(COLUMN)), h("q"), context=CAPTURE
    ),
    "hypothesis, its time is not for all": Row(
        "hypothesis", h("r"), Zero(COLUMN), context=CAPTURE, arguments=(("q", "r"),)
    ),
    "hypothesis inside a derivative": Row(
        "hypothesis", at(h("t"), h("t-1")), at(Zero(COLUMN), h("t-1")), h("t"), context=FACTS, arguments=(("t", "t"),)
    ),
    # lemma
    "lemma owed": replace(use, assuming=("r-t",)),
    "lemma at the wrong time": replace(use_at, before=at(h("t"), h("t-2")), arguments=(("r", "t-2"),)),
    "lemma with another left side": replace(use_at, before=at(h("t"), h("t+3"))),
    "lemma not there": replace(use, lemma="something later"),
    "lemma not proved": Row("lemma", W, V, lemma="false", earlier=(FALSE,)),
    "lemma that is itself": Row("lemma", W, V, lemma="row"),
    "lemma, no hypothesis of an induction": Row("lemma", W, V, lemma="induction hypothesis"),
    "lemma, bound as equation": replace(use_bound, relation="="),
    "lemma, bound backwards": replace(use_bound, relation=">="),
    "lemma of a loss at another end": Row(
        "lemma",
        at(L, h("tau")),
        Zero(COLUMN),
        lemma="nothing after the end",
        earlier=(BEYOND_LOSS,),
        arguments=(("tau", "tau-1"),),
    ),
    # transpose_product
    "transpose, order kept": replace(turn, after=product(T(W), T(V))),
    "transpose, one dropped": replace(turn, after=product(T(V), W)),
    "transpose of a sum": replace(turn, before=T(add(W, V)), after=add(T(W), T(V))),
    "transpose, diagonal moved": replace(turn_diagonal, after=product(slope("t"), T(W), g)),
    "transpose of three, two swapped": replace(turn, before=T(product(W, V, Q)), after=product(T(Q), T(W), T(V))),
    # entrywise_derivative
    "tanh' = 1 + tanh^2": replace(derive_tanh, after=add(ONES, EntrywisePower(tanh(s("t")), 2))),
    "tanh' = 1 - tanh": replace(derive_tanh, after=minus(ONES, tanh(s("t")))),
    "tanh' = sigmoid's": replace(derive_tanh, after=derive_sigmoid.after),
    "sigmoid' = 1 - sigmoid^2": replace(derive_sigmoid, after=one_minus_square(sigmoid(s("t")))),
    "sigmoid' = sigmoid": replace(derive_sigmoid, after=sigmoid(s("t"))),
    "no derivative": replace(derive_tanh, before=tanh(s("t")), after=tanh(s("t"))),
    "a second derivative": replace(derive_tanh, before=Entrywise("tanh''", s("t")), after=Entrywise("tanh''", s("t"))),
    "an unknown function": replace(derive_tanh, before=Entrywise("relu'", s("t")), after=Entrywise("relu'", s("t"))),
    # inverse_cancel
    "inverse of a parameter": replace(cancel, before=product(Inverse(W), W)),
    "inverse of a state": replace(cancel, before=product(Inverse(Diagonal(h("t"))), Diagonal(h("t"))), context=model()),
    "inverse of a candidate": replace(cancel, before=product(Inverse(Diagonal(s("t"))), Diagonal(s("t")))),
    "inverse of another": replace(cancel, before=product(Inverse(P), Diagonal(o("t")))),
    "inverse across a factor": replace(cancel, before=product(Inverse(P), W, P), after=W),
    "inverse of the transposed order": replace(cancel_inside, after=product(g, T(g), W, g)),
    "inverse of a gate minus a half": replace(
        cancel_gate,
        before=product(Inverse(Diagonal(minus(e("t"), scale(HALF, ONES)))), Diagonal(minus(e("t"), scale(HALF, ONES)))),
    ),
    "inverse of an oblong product": Row(
        "inverse_cancel", product(Inverse(product(T(g), g)), product(T(g), g)), number(1)
    ),
}
