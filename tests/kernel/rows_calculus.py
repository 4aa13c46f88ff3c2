"""Rows for the rules about derivatives: what is accepted, and the least changes that must be refused."""

from __future__ import annotations

from dataclasses import replace

from symgrad.kernel.certificate import Definition
from symgrad.kernel.term import (
    Diagonal,
    Entrywise,
    EntrywisePower,
    Hadamard,
    Identity,
    Scale,
    Sum,
    Zero,
)

from .build import (
    COLUMN,
    LSTM,
    SQUARE,
    L,
    Row,
    T,
    U,
    V,
    W,
    activation,
    add,
    at,
    b,
    direct,
    e,
    family,
    g,
    h,
    held,
    i,
    minus,
    model,
    norm,
    o,
    product,
    s,
    scale,
    tanh,
    total,
    x,
    z,
)

lstm = model(LSTM)
y = family("y")
SHORT = model(abbreviations=(Definition(y("t"), product(W, h("t"))),))

back = Row("chain_rule", at(L, h("t")), product(direct(h("t+1"), h("t")), at(L, h("t+1"))), assuming=("tau-t-1",))
cell = Row(
    "chain_rule",
    at(L, s("t")),
    add(product(direct(s("t+1"), s("t")), at(L, s("t+1"))), product(direct(h("t"), s("t")), at(L, h("t")))),
    assuming=("tau-t-1",),
    context=lstm,
)
last_cell = Row("chain_rule", at(L, s("tau")), product(direct(h("tau"), s("tau")), at(L, h("tau"))), context=lstm)
CUT = held("tau-k", "tau-1")
cut_cell = Row(
    "chain_rule",
    at(L, s("tau-k"), CUT),
    product(direct(s("tau-k+1"), s("tau-k")), at(L, s("tau-k+1"), CUT)),
    assuming=("k-1",),
    context=lstm,
)
past_end = Row("chain_rule", at(L, h("tau+1")), Zero(COLUMN))
by_input = Row("chain_rule", at(L, x("tau")), product(direct(h("tau"), x("tau")), at(L, h("tau"))))
between = Row("chain_rule", at(h("t"), h("t-2")), product(direct(h("t-1"), h("t-2")), at(h("t"), h("t-1"))))
in_sum = Row(
    "chain_rule",
    total("r", "1", "tau-1", at(L, h("r"))),
    total("r", "1", "tau-1", product(direct(h("r+1"), h("r")), at(L, h("r+1")))),
    at(L, h("r")),
)

forward = Row("chain_rule_last", at(h("t"), h("t-2")), product(at(h("t-1"), h("t-2")), direct(h("t"), h("t-1"))))
cell_forward = Row(
    "chain_rule_last",
    at(s("t"), s("t-2")),
    add(
        product(at(e("t"), s("t-2")), direct(s("t"), e("t"))),
        product(at(s("t-1"), s("t-2")), direct(s("t"), s("t-1"))),
        product(at(i("t"), s("t-2")), direct(s("t"), i("t"))),
        product(at(z("t"), s("t-2")), direct(s("t"), z("t"))),
    ),
    context=lstm,
)
FORWARD_CUT = held("t-2", "t-1")
cut_forward = Row(
    "chain_rule_last",
    at(e("t"), s("t-2"), FORWARD_CUT),
    Zero(SQUARE),
    context=lstm,
)
of_expression = Row(
    "chain_rule_last",
    at(product(W, h("t")), h("t-1")),
    product(at(h("t"), h("t-1")), direct(product(W, h("t")), h("t"))),
)
two_nodes = Row(
    "chain_rule_last",
    at(add(h("t"), product(W, h("r"))), h("q")),
    add(
        product(at(h("t"), h("q")), direct(add(h("t"), product(W, h("r"))), h("t"))),
        product(at(h("r"), h("q")), direct(add(h("t"), product(W, h("r"))), h("r"))),
    ),
    assuming=("t-r-1", "r-q-1"),
)

through_loss = Row("loss_chain", at(L, h("t")), product(at(h("tau"), h("t")), at(L, h("tau"))))
through_loss_cut = Row(
    "loss_chain",
    at(L, s("t"), held("t", "tau-1")),
    product(at(h("tau"), s("t"), held("t", "tau-1")), at(L, h("tau"))),
    context=lstm,
)

itself = Row("self", at(h("t"), h("t")), Identity("n"))
itself_cut = Row("self", at(s("t"), s("t"), held("t", "t+1")), Identity("n"), context=lstm)

later = Row("no_path", at(h("t"), h("t+1")), Zero(SQUARE))
later_input = Row("no_path", at(h("t"), x("t+1")), Zero(("m", "n")))
later_gate = Row("no_path", at(h("t"), e("t+1")), Zero(SQUARE), context=lstm)
loss_later = Row("no_path", at(L, h("r")), Zero(COLUMN), assuming=("r-tau-1",))
gate_ahead = Row("no_path", at(e("t"), h("t")), Zero(SQUARE), context=lstm)
gate_of_own_step = Row("no_path", at(e("t"), s("t")), Zero(SQUARE), context=lstm)

local = Row("pullback", direct(h("t"), h("t-1")), product(T(W), Diagonal(Entrywise("tanh'", activation("t")))))
local_input = Row("pullback", direct(h("t"), x("t")), product(T(U), Diagonal(Entrywise("tanh'", activation("t")))))
local_bias = Row("pullback", direct(h("t"), b), Diagonal(Entrywise("tanh'", activation("t"))))
local_none = Row("pullback", direct(h("t"), h("t-2")), Zero(SQUARE))
local_cell = Row("pullback", direct(s("t"), s("t-1")), Diagonal(e("t")), context=lstm)
local_gate = Row("pullback", direct(s("t"), e("t")), Diagonal(s("t-1")), context=lstm)
local_out = Row(
    "pullback", direct(h("t"), s("t")), product(Diagonal(Entrywise("tanh'", s("t"))), Diagonal(o("t"))), context=lstm
)
LENGTH = product(T(h("t")), h("t"))
inner = Row("pullback", direct(LENGTH, h("t")), scale(2, h("t")))
scaled_by_node = Row(
    "pullback",
    direct(Scale(LENGTH, h("t")), h("t")),
    add(scale(2, product(h("t"), T(h("t")))), Scale(LENGTH, Identity("n"))),
)
QUADRATIC = product(T(g), W, g)
quadratic = Row("pullback", at(QUADRATIC, g), product(add(W, T(W)), g))
quadratic_direct = replace(quadratic, before=direct(QUADRATIC, g))
residual = Row(
    "pullback",
    at(product(T(minus(b, product(W, g))), minus(b, product(W, g))), g),
    scale(-2, product(T(W), minus(b, product(W, g)))),
)
cube = Row("pullback", direct(EntrywisePower(h("t"), 3), h("t")), scale(3, Diagonal(EntrywisePower(h("t"), 2))))
hadamard = Row(
    "pullback",
    direct(Hadamard((h("t"), product(W, h("t")))), h("t")),
    add(Diagonal(product(W, h("t"))), product(T(W), Diagonal(h("t")))),
)
diagonal_times = Row("pullback", direct(product(Diagonal(h("t")), h("t")), h("t")), scale(2, Diagonal(h("t"))))
two_times = Row("pullback", direct(add(product(W, h("t")), product(V, h("r"))), h("t")), T(W), assuming=("t-r-1",))

MIDDLE = at(L, h("t+1"))

ACCEPTED = {name: row for name, row in list(globals().items()) if isinstance(row, Row)}

REFUSED: dict[str, Row] = {
    # chain_rule
    "the target itself": replace(back, assuming=()),
    "the target itself, off by one": replace(back, assuming=("tau-t",)),
    "one step too far": replace(back, after=product(direct(h("t+1"), h("t")), at(L, h("t+2")))),
    "backwards": replace(back, after=product(direct(h("t"), h("t-1")), at(L, h("t+1")))),
    "jacobian layout": replace(back, after=product(T(direct(h("t+1"), h("t"))), MIDDLE)),
    "total for direct": replace(back, after=product(at(h("t+1"), h("t")), MIDDLE)),
    "sign": replace(back, after=scale(-1, back.after)),
    "a path left out": replace(cell, after=cell.after.terms[0]),  # type: ignore[attr-defined]
    "the other path left out": replace(cell, after=cell.after.terms[1]),  # type: ignore[attr-defined]
    "a gate for the cell": replace(last_cell, after=product(direct(o("tau"), s("tau")), at(L, h("tau")))),
    "a held node counted": replace(
        cut_cell, after=add(cut_cell.after, product(direct(h("tau-k"), s("tau-k")), at(L, h("tau-k"))))
    ),
    "the cut forgotten": replace(cut_cell, after=product(direct(s("tau-k+1"), s("tau-k")), at(L, s("tau-k+1")))),
    "the cut may be empty": replace(cut_cell, assuming=()),
    "held or not cannot be told": replace(
        cut_cell, before=at(L, s("tau-k"), held("r", "tau-1")), after=cut_cell.after, assuming=("k-1",)
    ),
    "by a node that is held": replace(back, before=at(L, h("t"), held("t", "t")), after=Zero(COLUMN)),
    "of a loss whose node is held": replace(back, before=at(L, h("t"), held("tau", "tau")), after=Zero(COLUMN)),
    "not past the end": replace(past_end, before=at(L, h("tau"))),
    "an abbreviation depends on what it stands for": Row("chain_rule", at(y("t"), h("t")), Zero(SQUARE), context=SHORT),
    "by an abbreviation": Row("chain_rule", at(L, y("t")), Zero(COLUMN), context=SHORT),
    "by a loss": Row("chain_rule", at(h("t"), L), Zero((1, "n"))),
    "of an expression": Row("chain_rule", at(product(W, h("t")), h("t")), Zero(SQUARE)),
    "outside the range of the sum": replace(
        in_sum,
        before=total("r", "1", "tau", at(L, h("r"))),
        after=total("r", "1", "tau", product(direct(h("r+1"), h("r")), at(L, h("r+1")))),
    ),
    "another assumption under the sum": replace(
        in_sum,
        before=total("r", "1", "tau+1", at(L, h("r"))),
        after=total("r", "1", "tau+1", in_sum.after.body),
        assuming=("tau-r-1",),
    ),  # type: ignore[attr-defined]
    # chain_rule_last
    "factors swapped": replace(forward, after=product(direct(h("t"), h("t-1")), at(h("t-1"), h("t-2")))),
    "one step short": replace(forward, after=product(at(h("t-2"), h("t-2")), direct(h("t"), h("t-2")))),
    "the node itself": replace(
        forward, before=at(h("t"), h("t")), after=product(at(h("t-1"), h("t")), direct(h("t"), h("t-1")))
    ),
    "an argument left out": replace(cell_forward, after=Sum(cell_forward.after.terms[:3])),  # type: ignore[attr-defined]
    "a direct gradient for the total one": replace(
        forward, after=product(direct(h("t-1"), h("t-2")), direct(h("t"), h("t-1")))
    ),
    "the argument is not held": replace(cut_forward, before=at(e("t"), s("t-2"), held("t-2", "t-2"))),
    "two nodes that may be one": replace(two_nodes, assuming=("r-q-1", "t-q-1")),
    "an argument of the expression left out": replace(two_nodes, after=two_nodes.after.terms[0]),  # type: ignore[attr-defined]
    "an abbreviation in the expression": Row(
        "chain_rule_last",
        at(add(y("t"), h("t")), h("t")),
        product(at(h("t"), h("t")), direct(add(y("t"), h("t")), h("t"))),
        context=SHORT,
    ),
    "a sum over nodes": Row("chain_rule_last", at(total("r", "1", "t", h("r")), h("t")), Zero(SQUARE)),
    "of an input": Row("chain_rule_last", at(x("t"), h("t")), Zero(("n", "m"))),
    # loss_chain
    "the loss read elsewhere": replace(through_loss, after=product(at(h("tau-1"), h("t")), at(L, h("tau-1")))),
    "the loss, factors swapped": replace(through_loss, after=product(T(at(h("tau"), h("t"))), at(L, h("tau")))),
    "the loss at its own node": replace(
        through_loss, before=at(L, h("tau")), after=product(at(h("tau"), h("tau")), at(L, h("tau")))
    ),
    "the loss, cut forgotten": replace(through_loss_cut, after=product(at(h("tau"), s("t")), at(L, h("tau")))),
    "the loss, its node cut": replace(
        through_loss_cut,
        before=at(L, s("t"), held("t", "tau")),
        after=product(at(h("tau"), s("t"), held("t", "tau")), at(L, h("tau"))),
    ),
    "no loss": replace(through_loss, before=at(h("tau"), h("t")), after=at(h("tau"), h("t"))),
    # self
    "another node": replace(itself, before=at(h("t"), h("t-1"))),
    "another node of the step": replace(itself, before=at(h("t"), s("t")), context=lstm),
    "itself, direct": replace(itself, before=direct(h("t"), h("t"))),
    "itself, held": replace(itself_cut, before=at(h("t"), h("t"), held("t", "t+1"))),
    "itself is not 0": replace(itself, after=Zero(SQUARE)),
    # no_path
    "a path": replace(later, before=at(h("t"), h("t-1"))),
    "not later": replace(later, before=at(h("t"), h("t"))),
    "the input of the step": replace(later_input, before=at(h("t"), x("t"))),
    "the gate of the step": replace(later_gate, before=at(h("t"), e("t"))),
    "perhaps not later": replace(loss_later, assuming=("r-tau",)),
    "the gate of the next step": replace(gate_ahead, before=at(e("t+1"), h("t"))),
    "an abbreviation has paths": Row("no_path", at(y("t"), h("t")), Zero(SQUARE), context=SHORT),
    "by an abbreviation there is no telling": Row("no_path", at(h("t"), y("t-1")), Zero(SQUARE), context=SHORT),
    # pullback
    "quadratic form, symmetric": replace(quadratic, after=scale(2, product(W, g))),
    "quadratic form, one transpose": replace(quadratic, after=product(T(W), g)),
    "squared residual, sign": replace(residual, after=scale(2, product(T(W), minus(b, product(W, g))))),
    "total, of what holds a node": Row("pullback", at(product(T(g), h("t")), h("t-1")), Zero(COLUMN)),
    "total, of a node": Row("pullback", at(h("t"), h("t-2")), Zero(SQUARE)),
    "transpose dropped": replace(local, after=product(W, Diagonal(Entrywise("tanh'", activation("t"))))),
    "factors of the local gradient swapped": replace(
        local, after=product(Diagonal(Entrywise("tanh'", activation("t"))), T(W))
    ),
    "derivative dropped": replace(local, after=product(T(W), Diagonal(tanh(activation("t"))))),
    "another function": replace(local, after=product(T(W), Diagonal(Entrywise("sigmoid'", activation("t"))))),
    "another time": replace(local, after=product(T(W), Diagonal(Entrywise("tanh'", activation("t-1"))))),
    "local sign": replace(local, after=scale(-1, local.after)),
    "a total gradient": replace(local, before=at(h("t"), h("t-1"))),
    "another weight": replace(local_input, after=product(T(U), T(W), Diagonal(Entrywise("tanh'", activation("t"))))),
    "not none": replace(local_none, before=direct(h("t"), h("t-1"))),
    "wrong gate": replace(local_cell, after=Diagonal(i("t"))),
    "gate of the step before": replace(local_cell, after=Diagonal(e("t-1"))),
    "state of the step": replace(local_gate, after=Diagonal(s("t"))),
    "output gate without its factor": replace(local_out, after=Diagonal(o("t"))),
    "exponent": replace(cube, after=scale(2, cube.after.body)),  # type: ignore[attr-defined]
    "half of the product rule": replace(hadamard, after=Diagonal(product(W, h("t")))),
    "half of an inner product": replace(inner, after=h("t")),
    "half of a scalar multiple": replace(scaled_by_node, after=Scale(LENGTH, Identity("n"))),
    "half of a diagonal matrix times the vector": replace(diagonal_times, after=Diagonal(h("t"))),
    "the same node twice": replace(two_times, assuming=()),
    "abbreviation not unfolded": Row("pullback", direct(y("t"), h("t")), Zero(SQUARE), context=SHORT),
    "abbreviation inside not unfolded": Row("pullback", direct(add(y("t"), g), h("t")), Zero(SQUARE), context=SHORT),
    "loss inside": Row("pullback", direct(Scale(L, g), h("tau")), Zero(SQUARE)),
    "a bound index": Row("pullback", direct(total("r", "t", "t", h("r")), h("t")), Zero(SQUARE)),
    "a held gradient that is direct": replace(local, before=replace(local.before, held=(held("t", "t"),))),  # type: ignore[call-overload]
    "a norm": Row("pullback", direct(norm(h("t")), h("t")), Zero(COLUMN)),
}
