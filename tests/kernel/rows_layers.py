"""Rows for the gradients of layers and losses, and for nodes without times."""

from __future__ import annotations

from dataclasses import replace

from symgrad.kernel.certificate import Context, Definition, Loss
from symgrad.kernel.term import (
    Determinant,
    Diagonal,
    Gradient,
    Hadamard,
    Identity,
    Inverse,
    Ones,
    Scale,
    Softmax,
    Symbol,
    Trace,
    Zero,
)

from .build import (
    COLUMN,
    HALF,
    ONES,
    SQUARE,
    L,
    Row,
    T,
    U,
    V,
    W,
    add,
    at,
    b,
    direct,
    g,
    h,
    minus,
    norm,
    power,
    product,
    scale,
    tanh,
    total,
    x,
)
from .rows_functions import (
    ALL_ONE,
    NOTHING,
    SHARE,
    SIZE,
    TOTAL,
    B,
    Z,
    c,
    exp,
    f,
    invertible,
    log,
    nonzero,
    positive,
    sqrt,
    u,
    where,
)

# pullback
P = Softmax(g)
CENTERED = minus(g, Scale(product(Inverse(SIZE), T(ONES), g), ONES))
DEVIATION = sqrt(add(product(Inverse(SIZE), T(CENTERED), CENTERED), c))
NORMED = Scale(Inverse(DEVIATION), CENTERED)
by_shares = Row("pullback", at(P, g), minus(Diagonal(P), product(P, T(P))))
cross_entropy = Row(
    "pullback",
    at(scale(-1, product(T(b), log(P))), g),
    minus(Scale(product(T(b), ONES), P), b),
    context=NOTHING,
)
by_inverse = Row(
    "pullback",
    at(Trace(product(B, Inverse(W))), W),
    scale(-1, T(product(Inverse(W), B, Inverse(W)))),
    context=where(invertible(W)),
)
by_log_determinant = Row(
    "pullback", at(log(Determinant(W)), W), T(Inverse(W)), context=where(invertible(W), positive(Determinant(W)))
)
by_determinant = Row(
    "pullback", at(Determinant(W), W), Scale(Determinant(W), Inverse(T(W))), context=where(invertible(W))
)
by_length = Row("pullback", at(norm(g), g), Scale(Inverse(norm(g)), g), context=where(nonzero(norm(g))))
by_squared_length = Row("pullback", at(power(norm(minus(g, b)), "2"), g), scale(2, minus(g, b)))
by_mean = Row("pullback", at(product(Inverse(SIZE), T(ONES), g), g), Scale(Inverse(SIZE), ONES))
by_quotient = Row(
    "pullback",
    at(Scale(Inverse(product(T(b), g)), g), g),
    minus(
        Scale(Inverse(product(T(b), g)), Identity("n")),
        Scale(power(Inverse(product(T(b), g)), "2"), product(b, T(g))),
    ),
    context=where(nonzero(product(T(b), g))),
)
by_layer_norm = Row(
    "pullback",
    at(NORMED, g),
    Scale(
        Inverse(DEVIATION),
        minus(
            minus(Identity("n"), Scale(Inverse(SIZE), ALL_ONE)),
            Scale(Inverse(SIZE), product(NORMED, T(NORMED))),
        ),
    ),
    context=where(positive(c)),
)
ATTENTION = T(Softmax(T(product(Z, T(U)))))
SCORES = product(V, T(W))
INNER = Hadamard((ATTENTION, minus(SCORES, product(Hadamard((ATTENTION, SCORES)), ALL_ONE))))
by_queries = Row("pullback", at(Trace(product(T(V), ATTENTION, W)), Z), product(INNER, U))
by_relu = Row(
    "pullback", at(product(T(b), f(product(W, g), "relu")), g), product(T(W), Hadamard((f(product(W, g), "step"), b)))
)
by_entries = Row(
    "pullback",
    at(product(T(ONES), f(product(Z, Symbol("M", ("m", "n"))), "exp"), ONES), Z),
    product(exp(product(Z, Symbol("M", ("m", "n")))), T(Symbol("M", ("m", "n")))),
)
COLUMNS = Softmax(Z)
G = Symbol("G", ("n", "m"))
by_columns_of_shares = Row(
    "pullback",
    at(Trace(product(T(G), COLUMNS)), Z),
    Hadamard((COLUMNS, minus(G, product(ALL_ONE, Hadamard((COLUMNS, G)))))),
)
by_sum_over_times = Row(
    "pullback", at(total("i", "1", "k", product(T(x("i")), T(U), g)), g), total("i", "1", "k", product(U, x("i")))
)
by_time_in_sum = Row(
    "pullback",
    at(total("i", "1", "k", product(T(x("i")), x("r"))), x("r")),
    total("i", "1", "k", x("i")),
    assuming=("r-k-1",),
)
SUMMED = log(TOTAL)
hessian = Row(
    "pullback", at(Gradient(SUMMED, g), g), minus(Scale(Inverse(TOTAL), Diagonal(exp(g))), product(SHARE, T(SHARE)))
)
hessian_quadratic = Row("pullback", at(Gradient(product(T(g), W, g), g), g), add(W, T(W)))
mixed_hessian = Row("pullback", at(Gradient(product(T(g), W, b), b), g), W)
inner_gradient = Row("pullback", at(product(T(b), Gradient(product(T(g), W, g), g)), g), product(add(W, T(W)), b))

# nodes without times
a, y = Symbol("a", COLUMN), Symbol("y", COLUMN)
NET = (
    Definition(a, add(product(U, u), b)),
    Definition(y, add(f(a, "relu"), product(W, a))),
)
net = Context(NET, losses=(Loss("L", y),))
H, Y = Symbol("H", ("N", "n")), Symbol("Y", ("N", "n"))
INPUTS = Symbol("X", ("N", "m"))
M = Symbol("M", ("m", "n"))
ROWS = Ones(("N", 1))
BATCH = (Definition(Y, add(product(INPUTS, M), product(ROWS, T(b)))), Definition(H, f(Y, "relu")))
batch = Context(BATCH, losses=(Loss("L", H),))

net_weight = Row("parameter_chain", at(L, U), product(at(L, a), T(u)), context=net)
net_bias = Row("parameter_chain", at(L, b), at(L, a), context=net)
net_node = Row(
    "parameter_chain",
    at(L, a),
    add(Hadamard((f(a, "step"), at(L, y))), product(T(W), at(L, y))),
    context=net,
)
net_input = Row("parameter_chain", at(L, u), product(T(U), at(L, a)), context=net)
net_ridge = Row(
    "parameter_chain",
    at(add(L, Trace(product(T(U), U))), U),
    add(product(at(add(L, Trace(product(T(U), U))), a), T(u)), direct(add(L, Trace(product(T(U), U))), U)),
    context=net,
)
net_chain = Row("chain_rule", at(L, a), product(direct(y, a), at(L, y)), context=net)
net_chain_last = Row("chain_rule_last", at(y, u), product(at(a, u), direct(y, a)), context=net)
net_chain_of_input = Row("chain_rule", at(L, u), product(direct(a, u), at(L, a)), context=net)
net_local = Row("pullback", direct(y, a), add(Diagonal(f(a, "step")), T(W)), context=net)
net_loss = Row("loss_chain", at(L, a), product(at(y, a), at(L, y)), context=net)
net_self = Row("self", at(y, y), Identity("n"), context=net)
net_backwards = Row("no_path", at(a, y), Zero(SQUARE), context=net)
batch_weight = Row("parameter_chain", at(L, M), product(T(INPUTS), at(L, Y)), context=batch)
batch_bias = Row("parameter_chain", at(L, b), product(T(at(L, Y)), ROWS), context=batch)
batch_inputs = Row("parameter_chain", at(L, INPUTS), product(at(L, Y), T(M)), context=batch)
batch_node = Row("parameter_chain", at(L, Y), Hadamard((f(Y, "step"), at(L, H))), context=batch)

ACCEPTED = {name: row for name, row in list(globals().items()) if isinstance(row, Row)}

REFUSED: dict[str, Row] = {
    # pullback
    "shares, off the diagonal dropped": replace(by_shares, after=Diagonal(P)),
    "shares, sign": replace(by_shares, after=add(Diagonal(P), product(P, T(P)))),
    "cross entropy, as if the labels added up to 1": replace(cross_entropy, after=minus(P, b)),
    "cross entropy, sign": replace(cross_entropy, after=minus(b, Scale(product(T(b), ONES), P))),
    "inverse, sign dropped": replace(by_inverse, after=scale(-1, by_inverse.after)),
    "inverse, not transposed": replace(by_inverse, after=scale(-1, product(Inverse(W), B, Inverse(W)))),
    "inverse, that is not": replace(by_inverse, context=NOTHING),
    "log determinant, not transposed": replace(by_log_determinant, after=Inverse(W)),
    "log of a determinant below 0": replace(by_log_determinant, context=where(invertible(W))),
    "determinant of a singular matrix": replace(by_determinant, context=NOTHING),
    "determinant, as its logarithm": replace(by_determinant, after=Inverse(T(W))),
    "length at 0": replace(by_length, context=NOTHING),
    "length, not divided": replace(by_length, after=g),
    "norm of a matrix": replace(
        by_length, before=at(norm(W), W), after=Scale(Inverse(norm(W)), W), context=where(nonzero(norm(W)))
    ),
    "squared length, sign of the inner": replace(by_squared_length, after=scale(2, add(g, b))),
    "squared length, half": replace(by_squared_length, after=minus(g, b)),
    "squared norm of a matrix": replace(by_squared_length, before=at(power(norm(W), "2"), W), after=scale(2, W)),
    "mean, not divided": replace(by_mean, after=ONES),
    "quotient, factors swapped": replace(
        by_quotient,
        after=minus(
            Scale(Inverse(product(T(b), g)), Identity("n")),
            Scale(power(Inverse(product(T(b), g)), "2"), product(g, T(b))),
        ),
    ),
    "quotient by what may be 0": replace(by_quotient, context=NOTHING),
    "layer norm, the mean forgotten": replace(
        by_layer_norm,
        after=Scale(Inverse(DEVIATION), minus(Identity("n"), Scale(Inverse(SIZE), product(NORMED, T(NORMED))))),
    ),
    "layer norm, the variance forgotten": replace(
        by_layer_norm,
        after=Scale(Inverse(DEVIATION), minus(Identity("n"), Scale(Inverse(SIZE), ALL_ONE))),
    ),
    "layer norm without a positive constant": replace(by_layer_norm, context=NOTHING),
    "relu, its value": replace(by_relu, after=product(T(W), Hadamard((f(product(W, g), "relu"), b)))),
    "columns of shares, rows summed": replace(
        by_columns_of_shares,
        after=Hadamard((COLUMNS, minus(G, product(Hadamard((COLUMNS, G)), Ones(("m", "m")))))),
    ),
    "queries, keys transposed": replace(by_queries, after=product(T(INNER), U)),
    "queries, shares of the columns": replace(
        by_queries,
        after=product(Hadamard((ATTENTION, minus(SCORES, product(ALL_ONE, Hadamard((ATTENTION, SCORES)))))), U),
    ),
    "sum over times, bounds": replace(by_sum_over_times, after=total("i", "1", "k-1", product(U, x("i")))),
    "a time that may be in the sum": replace(by_time_in_sum, assuming=("r-k",)),
    "a time in the sum by the range of another index": Row(
        "pullback",
        total("i", "5", "6", Scale(product(T(x("i")), x("i")), by_time_in_sum.before)),
        total("i", "5", "6", Scale(product(T(x("i")), x("i")), by_time_in_sum.after)),
        by_time_in_sum.before,
        assuming=("3-r",),
    ),
    "hessian, only the diagonal": replace(hessian, after=Scale(Inverse(TOTAL), Diagonal(exp(g)))),
    "hessian, not symmetric": replace(hessian_quadratic, after=scale(2, W)),
    "mixed hessian, transposed": replace(mixed_hessian, after=T(W)),
    "gradient of a gradient of a node": Row(
        "pullback", at(product(T(b), direct(h("t"), h("t-1")), b), h("t-1")), Zero(COLUMN)
    ),
    "by an abbreviation of the variable": Row(
        "pullback",
        at(product(T(g), g), a),
        Zero(COLUMN),
        context=Context(abbreviations=(Definition(a, scale(2, g)),)),
    ),
    # nodes without times
    "weight, transposed input": replace(net_weight, before=at(L, W), after=product(at(L, y), T(y))),
    "bias of another layer": replace(net_bias, after=at(L, y)),
    "node with two readers in one": replace(net_node, after=product(T(W), at(L, y))),
    "node, slope of another": replace(net_node, after=add(Hadamard((f(b, "step"), at(L, y))), product(T(W), at(L, y)))),
    "node, weight not transposed": replace(
        net_node, after=add(Hadamard((f(a, "step"), at(L, y))), product(W, at(L, y)))
    ),
    "the node that the loss reads": Row("parameter_chain", at(L, y), Zero(COLUMN), context=net),
    "a node that a loss in a sum reads": Row(
        "parameter_chain", at(add(L, product(T(y), y)), y), direct(add(L, product(T(y), y)), y), context=net
    ),
    "input, as if a parameter of the end": replace(net_input, after=product(T(U), at(L, y))),
    "ridge forgotten": replace(net_ridge, after=product(at(L, a), T(u))),
    "chain past the reader": replace(net_chain, after=product(direct(y, a), at(L, a))),
    "chain by itself": replace(net_chain, before=at(y, y), after=Zero(SQUARE)),
    "chain by the end of the loss": replace(net_chain, before=at(L, y), after=Zero(COLUMN)),
    "last factor first": replace(net_chain_last, after=product(at(a, u), T(direct(y, a)))),
    "local, one path": replace(net_local, after=T(W)),
    "no path forwards": replace(net_backwards, before=at(y, a)),
    "no path from a parameter": replace(net_backwards, before=at(y, b)),
    "itself is another": replace(net_self, before=at(y, a)),
    "loss of another node": replace(net_loss, after=product(at(a, a), at(L, a))),
    "batch weight, past the slope": replace(batch_weight, after=product(T(INPUTS), at(L, H))),
    "batch bias, one sample": replace(batch_bias, after=scale(HALF, batch_bias.after)),
    "batch node, slope of the value": replace(batch_node, after=Hadamard((f(H, "step"), at(L, H)))),
    "batch, the loss's own node": Row("parameter_chain", at(L, H), Zero(("N", "n")), context=batch),
    "a node that reads itself": replace(net_bias, context=replace(net, recurrence=(Definition(a, add(a, b)), NET[1]))),
    "two nodes in a circle": replace(net_bias, context=replace(net, recurrence=(Definition(a, add(y, b)), NET[1]))),
    "a node with a time reads one without": replace(
        net_bias, context=replace(net, recurrence=(*NET, Definition(h("t"), tanh(add(h("t-1"), a)))))
    ),
    "a node without a time reads one with": replace(
        net_bias, context=replace(net, recurrence=(*NET, Definition(Symbol("p", COLUMN), h("t"))))
    ),
}
