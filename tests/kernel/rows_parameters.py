"""Rows for gradients by what every step reads, for a first step, and for sums of losses."""

from __future__ import annotations

from dataclasses import replace

from symgrad.kernel.certificate import Context, Definition, Loss
from symgrad.kernel.term import (
    Diagonal,
    Entrywise,
    Hadamard,
    Scale,
    Symbol,
    Term,
    Trace,
    Zero,
)

from .build import (
    COLUMN,
    LSTM,
    RNN,
    A,
    L,
    Row,
    T,
    U,
    V,
    W,
    X,
    activation,
    add,
    at,
    b,
    direct,
    e,
    g,
    gate,
    h,
    held,
    largest,
    model,
    norm,
    product,
    scale,
    sup,
    tanh,
    total,
    x,
)

UPPER = (("upper", "tau"),)


def started(*recurrence: Definition, start: int = 1, **others: object) -> Context:
    return replace(model(recurrence or RNN, **others), start=start)


def loss(time: str) -> Symbol:
    return Symbol("l", (1, 1), (A(time),))


def steps(body: Term, upper: str = "tau", lower: str = "1") -> Term:
    return total("t", lower, upper, body)


rnn, lstm = started(), started(*LSTM)
EVERY = started(losses=(Loss("l", h("r"), ("r",)),))
LATER = started(losses=(Loss("l", h("r+1"), ("r",)),))
ALL = total("r", "1", "tau", loss("r"))
SHORT = replace(EVERY, abbreviations=(Definition(Symbol("C", (1, 1), (A("tau"),)), ALL),))
COST = Symbol("C", (1, 1), (A("tau"),))
ACTIVATED = product(Diagonal(Entrywise("tanh'", activation("t"))), at(L, h("t")))
twice = started(Definition(h("t"), tanh(product(W, add(product(W, h("t-1")), b)))))
turned = started(Definition(h("t"), tanh(product(T(W), h("t-1")))))
overlaid = started(Definition(h("t"), Hadamard((b, h("t-1")))))
on_diagonal = started(Definition(h("t"), product(Diagonal(b), W, h("t-1"))))
scalar = Symbol("a", (1, 1))
scaled = started(Definition(h("t"), Scale(scalar, tanh(product(W, h("t-1"))))))
squared = started(Definition(h("t"), product(W, W, h("t-1"))))
GATE = product(Diagonal(Entrywise("sigmoid'", gate("sigmoid", "e").body)), at(L, e("t")))

shared = Row("parameter_chain", at(L, W), steps(product(ACTIVATED, T(h("t-1")))), context=rnn, arguments=UPPER)
bias = Row("parameter_chain", at(L, b), steps(ACTIVATED), context=rnn, arguments=UPPER)
by_inputs = Row("parameter_chain", at(L, U), steps(product(ACTIVATED, T(x("t")))), context=rnn, arguments=UPPER)
longer = replace(shared, after=steps(product(ACTIVATED, T(h("t-1"))), "tau+2"), arguments=(("upper", "tau+2"),))
later_start = replace(shared, after=steps(product(ACTIVATED, T(h("t-1"))), lower="3"), context=started(start=3))
forget = Row(
    "parameter_chain",
    at(L, Symbol("W_e", ("n", "n"))),
    steps(product(GATE, T(h("t-1")))),
    context=lstm,
    arguments=UPPER,
)
every_step = Row(
    "parameter_chain",
    at(ALL, W),
    steps(product(Diagonal(Entrywise("tanh'", activation("t"))), at(ALL, h("t")), T(h("t-1")))),
    context=EVERY,
    arguments=UPPER,
)
member_in_sum = Row(
    "parameter_chain",
    total("r", "1", "tau", at(loss("r"), b)),
    total("r", "1", "tau", steps(product(Diagonal(Entrywise("tanh'", activation("t"))), at(loss("r"), h("t"))), "r")),
    at(loss("r"), b),
    context=EVERY,
    arguments=(("upper", "r"),),
)
INNER = Diagonal(Entrywise("tanh'", product(W, add(product(W, h("t-1")), b))))
in_two_places = Row(
    "parameter_chain",
    at(L, W),
    steps(
        add(
            product(INNER, at(L, h("t")), T(add(product(W, h("t-1")), b))),
            product(T(W), INNER, at(L, h("t")), T(h("t-1"))),
        )
    ),
    context=twice,
    arguments=UPPER,
)
of_transposed = Row(
    "parameter_chain",
    at(L, W),
    steps(product(h("t-1"), T(at(L, h("t"))), Diagonal(Entrywise("tanh'", product(T(W), h("t-1")))))),
    context=turned,
    arguments=UPPER,
)
of_entries = Row(
    "parameter_chain", at(L, b), steps(Hadamard((h("t-1"), at(L, h("t"))))), context=overlaid, arguments=UPPER
)
of_diagonal = Row(
    "parameter_chain",
    at(L, b),
    steps(Hadamard((product(W, h("t-1")), at(L, h("t"))))),
    context=on_diagonal,
    arguments=UPPER,
)
under_diagonal = Row(
    "parameter_chain",
    at(L, W),
    steps(product(Diagonal(b), at(L, h("t")), T(h("t-1")))),
    context=on_diagonal,
    arguments=UPPER,
)
of_scalar = Row(
    "parameter_chain",
    at(L, scalar),
    steps(product(T(tanh(product(W, h("t-1")))), at(L, h("t")))),
    context=scaled,
    arguments=UPPER,
)
of_square = Row(
    "parameter_chain",
    at(L, W),
    steps(add(product(at(L, h("t")), T(product(W, h("t-1")))), product(T(W), at(L, h("t")), T(h("t-1"))))),
    context=squared,
    arguments=UPPER,
)
of_nodes = Row(
    "parameter_chain",
    at(product(T(h("tau")), h("tau-1")), b),
    steps(product(Diagonal(Entrywise("tanh'", activation("t"))), at(product(T(h("tau")), h("tau-1")), h("t")))),
    context=rnn,
    arguments=UPPER,
)
of_vector = Row(
    "parameter_chain",
    at(h("tau"), b),
    steps(product(Diagonal(Entrywise("tanh'", activation("t"))), at(h("tau"), h("t")))),
    context=rnn,
    arguments=UPPER,
)
read_by_none = Row("parameter_chain", at(L, V), Zero(("n", "n")), context=rnn, arguments=UPPER)
explicit = Row("parameter_chain", at(Trace(product(T(W), W)), W), direct(Trace(product(T(W), W)), W))
ridge = Row("pullback", direct(Trace(product(T(W), W)), W), scale(2, W))
form = Row("pullback", direct(product(T(g), W, W, b), W), add(product(g, T(b), T(W)), product(T(W), g, T(b))))

of_sum = Row(
    "linear", at(add(loss("t"), loss("r")), h("q")), add(at(loss("t"), h("q")), at(loss("r"), h("q"))), context=EVERY
)
of_all = Row("linear", at(ALL, W), total("r", "1", "tau", at(loss("r"), W)), context=EVERY)
of_multiple = Row("linear", at(scale(3, L), W), scale(3, at(L, W)), context=rnn)
of_held = Row(
    "linear",
    at(ALL, h("q"), held("q+1", "q+2")),
    total("r", "1", "tau", at(loss("r"), h("q"), held("q+1", "q+2"))),
    context=EVERY,
)

PAIR = product(h("t"), T(x("r")))
BOX = (("first", "1"), ("last", "q"), ("lower", "1"), ("upper", "tau"))
TRIANGLE = (("first", "1"), ("last", "tau"), ("lower", "1"), ("upper", "r"))
swapped = Row(
    "interchange", steps(total("r", "1", "q", PAIR)), total("r", "1", "q", steps(PAIR)), context=rnn, arguments=BOX
)
triangle = Row(
    "interchange",
    steps(total("r", "t", "tau", PAIR)),
    total("r", "1", "tau", steps(PAIR, "r")),
    context=rnn,
    arguments=TRIANGLE,
)
strict = Row(
    "interchange",
    steps(total("r", "t+1", "tau", PAIR)),
    total("r", "2", "tau", steps(PAIR, "r-1")),
    context=rnn,
    arguments=(("first", "2"), ("last", "tau"), ("lower", "1"), ("upper", "r-1")),
)
banded = Row(
    "interchange",
    steps(total("r", "1", "t", PAIR)),
    total("r", "1", "tau", steps(PAIR, lower="r")),
    context=rnn,
    arguments=(("first", "1"), ("last", "tau"), ("lower", "r"), ("upper", "tau")),
)

own_family = Row("loss_chain", at(loss("t"), h("q")), product(at(h("t"), h("q")), at(loss("t"), h("t"))), context=EVERY)
family_later = Row(
    "loss_chain", at(loss("t"), h("q")), product(at(h("t+1"), h("q")), at(loss("t"), h("t+1"))), context=LATER
)
unfolded_under = Row("definition", at(COST, W), at(ALL, W), context=SHORT)
from_start = Row("definition", h("t"), tanh(activation("t")), context=rnn, assuming=("t-1",))
back_to_start = Row(
    "chain_rule", at(L, h("0")), product(direct(h("1"), h("0")), at(L, h("1"))), context=rnn, assuming=("tau-1",)
)
before_start = Row("chain_rule", at(L, h("-1")), Zero(COLUMN), context=rnn, assuming=("tau-1",))
input_before_start = Row("chain_rule", at(L, x("0")), Zero(("m", 1)), context=rnn)
in_range = Row("range_of_values", largest(h("t")), sup(tanh(X)), relation="<=", context=rnn, assuming=("t-1",))

ACCEPTED = {name: row for name, row in list(globals().items()) if isinstance(row, Row)}

REFUSED: dict[str, Row] = {
    # parameter_chain
    "no first step": replace(shared, context=model()),
    "another first step": replace(shared, context=started(start=2)),
    "the state of the same step": replace(shared, after=steps(product(ACTIVATED, T(h("t"))))),
    "outer product turned": replace(shared, after=steps(product(h("t-1"), T(ACTIVATED)))),
    "slope dropped": replace(shared, after=steps(product(at(L, h("t")), T(h("t-1"))))),
    "the loss's own gradient": replace(
        shared, after=steps(product(Diagonal(Entrywise("tanh'", activation("t"))), at(L, h("tau")), T(h("t-1"))))
    ),
    "from the second step": replace(shared, after=steps(product(ACTIVATED, T(h("t-1"))), lower="2")),
    "without the last step": replace(
        shared, after=steps(product(ACTIVATED, T(h("t-1"))), "tau-1"), arguments=(("upper", "tau-1"),)
    ),
    "no last step given": replace(shared, arguments=()),
    "input for state": replace(by_inputs, after=steps(product(ACTIVATED, T(x("t-1"))))),
    "another gate's bias": replace(forget, before=at(L, Symbol("W_i", ("n", "n")))),
    "a node is no parameter": Row("parameter_chain", at(L, h("t")), Zero(COLUMN), context=rnn, arguments=UPPER),
    "a loss is no parameter": Row("parameter_chain", at(L, L), Zero((1, 1)), context=rnn, arguments=UPPER),
    "an abbreviation is no parameter": Row(
        "parameter_chain",
        at(L, V),
        Zero(("n", "n")),
        context=started(abbreviations=(Definition(V, W),)),
        arguments=UPPER,
    ),
    "of a vector, the last step alone": replace(of_vector, after=Diagonal(Entrywise("tanh'", activation("tau")))),
    "of a vector, the layout of Jacobians": replace(
        of_vector,
        after=steps(product(T(at(h("tau"), h("t"))), Diagonal(Entrywise("tanh'", activation("t"))))),
    ),
    "direct by a parameter": Row(
        "parameter_chain", direct(product(T(h("tau")), h("tau")), b), Zero(COLUMN), context=rnn, arguments=UPPER
    ),
    "nodes held": Row("parameter_chain", at(L, b, held("1", "tau-1")), Zero(COLUMN), context=rnn, arguments=UPPER),
    "the second place forgotten": replace(
        in_two_places, after=steps(product(INNER, at(L, h("t")), T(add(product(W, h("t-1")), b))))
    ),
    "as if not transposed": replace(
        of_transposed,
        after=steps(product(Diagonal(Entrywise("tanh'", product(T(W), h("t-1")))), at(L, h("t")), T(h("t-1")))),
    ),
    "only one of two factors": replace(of_square, after=steps(product(T(W), at(L, h("t")), T(h("t-1"))))),
    "a sum may reach further": replace(every_step, arguments=(("upper", "tau-1"),)),
    "an abbreviation in the way": Row("parameter_chain", at(COST, W), Zero(("n", "n")), context=SHORT, arguments=UPPER),
    "a norm in the way": Row("parameter_chain", at(norm(h("tau")), b), Zero(COLUMN), context=rnn, arguments=UPPER),
    "explicit part dropped": replace(explicit, after=Zero(("n", "n"))),
    # linear
    "sum of a family, direct": Row(
        "linear", direct(add(h("t"), h("r")), b), add(direct(h("t"), b), direct(h("r"), b)), context=rnn
    ),
    "a term dropped": replace(of_sum, after=at(loss("t"), h("q"))),
    "bounds changed": replace(of_all, after=total("r", "1", "tau-1", at(loss("r"), W))),
    "factor dropped": replace(of_multiple, after=at(L, W)),
    "not linear": Row("linear", at(product(L, L), W), scale(2, Scale(L, at(L, W))), context=rnn),
    "scalar that is no number": Row("linear", at(Scale(scalar, L), W), Scale(scalar, at(L, W)), context=rnn),
    # interchange
    "bounds kept": replace(triangle, after=total("r", "t", "tau", steps(PAIR))),
    "square for triangle": replace(triangle, after=total("r", "1", "tau", steps(PAIR)), arguments=BOX),
    "diagonal lost": replace(
        triangle,
        after=total("r", "1", "tau", steps(PAIR, "r-1")),
        arguments=(("first", "1"), ("last", "tau"), ("lower", "1"), ("upper", "r-1")),
    ),
    "no arguments": replace(triangle, arguments=()),
    "one sum": Row("interchange", steps(h("t")), steps(h("t")), context=rnn, arguments=BOX),
    "one index twice": Row(
        "interchange",
        steps(steps(PAIR)),
        steps(steps(PAIR)),
        context=rnn,
        arguments=(*BOX[:1], ("last", "tau"), *BOX[2:]),
    ),
    # a family of losses
    "another member": replace(own_family, after=product(at(h("q"), h("q")), at(loss("t"), h("q")))),
    "the node of the same time": replace(family_later, after=own_family.after),
    # the start
    "a given node has no definition": replace(from_start, assuming=("t",)),
    "a given node has no definition, at a number": Row("definition", h("0"), tanh(activation("0")), context=rnn),
    "a node under a derivative": Row(
        "definition", at(h("t"), h("t-1")), at(tanh(activation("t")), h("t-1")), context=rnn, assuming=("t-1",)
    ),
    "abbreviation under a direct derivative": replace(unfolded_under, before=direct(COST, W), after=direct(ALL, W)),
    "given nodes read nothing": replace(
        before_start,
        after=product(direct(h("0"), h("-1")), at(L, h("0"))),
    ),
    "a pullback before the start": Row(
        "pullback", direct(h("0"), h("-1")), product(T(W), Diagonal(Entrywise("tanh'", activation("0")))), context=rnn
    ),
    "last step of a given node": Row(
        "chain_rule_last", at(h("0"), h("-1")), product(at(h("-1"), h("-1")), direct(h("0"), h("-1"))), context=rnn
    ),
    "not told whether it is given": replace(
        back_to_start,
        before=at(L, h("q")),
        after=product(direct(h("q+1"), h("q")), at(L, h("q+1"))),
        assuming=("tau-q-1",),
    ),
    "a given value may be large": replace(in_range, assuming=("t",)),
}
