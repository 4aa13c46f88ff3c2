"""Rows for the rules about norms and other magnitudes."""

from __future__ import annotations

from dataclasses import replace

from symgrad.kernel.certificate import Step
from symgrad.kernel.term import (
    SCALAR,
    Diagonal,
    Entrywise,
    Extremum,
    Hadamard,
    Identity,
    Limit,
    Power,
    Scale,
    Softmax,
    Sum,
    Symbol,
    Zero,
)

from .build import (
    HALF,
    LSTM,
    A,
    Q,
    Row,
    T,
    U,
    V,
    W,
    X,
    add,
    assumed,
    b,
    chain,
    e,
    g,
    h,
    largest,
    maximum,
    minus,
    model,
    norm,
    number,
    one_minus_square,
    power,
    prod,
    product,
    radius,
    s,
    scale,
    sigmoid,
    slope,
    smallest,
    smin,
    sup,
    tanh,
    total,
)
from .build import i as input_gate

lstm = model(LSTM)
C = Symbol("a", SCALAR)
EYE = Identity("n")
STEPS = prod("r", "1", "k", product(T(W), slope("t+r")))

sub = Row("submultiplicative", norm(product(W, V)), Scale(norm(W), norm(V)), relation="<=")
sub_vector = Row("submultiplicative", norm(product(U, T(U), g)), product(norm(U), norm(T(U)), norm(g)), relation="<=")
sub_steps = Row("submultiplicative", norm(STEPS), prod("r", "1", "k", norm(product(T(W), slope("t+r")))), relation="<=")
sub_power = Row("submultiplicative", norm(power(W, "k")), power(norm(W), "k"), relation="<=", assuming=("k",))
sub_under = Row(
    "submultiplicative",
    prod("r", "1", "k", norm(product(T(W), slope("r")))),
    prod("r", "1", "k", Scale(norm(T(W)), norm(slope("r")))),
    norm(product(T(W), slope("r"))),
    "<=",
)
sup_product = Row("supermultiplicative", smin(product(W, V)), Scale(smin(W), smin(V)), relation=">=")
sup_steps = Row(
    "supermultiplicative", smin(STEPS), prod("r", "1", "k", smin(product(T(W), slope("t+r")))), relation=">="
)

tri = Row("triangle", norm(add(W, V, Q)), add(norm(W), norm(V), norm(Q)), relation="<=")
tri_sum = Row("triangle", norm(total("r", "1", "k", h("r"))), total("r", "1", "k", norm(h("r"))), relation="<=")
tri_twice = Row(
    "triangle", Scale(norm(Q), norm(add(W, V))), Scale(norm(Q), add(norm(W), norm(V))), norm(add(W, V)), "<="
)

pull_out = Row("homogeneous", norm(Scale(C, W)), Scale(norm(C), norm(W)))
pull_out_number = Row("homogeneous", smin(scale(-2, W)), scale(2, smin(W)))
turned = Row("norm_transpose", norm(T(W)), norm(W))
turned_least = Row("norm_transpose", smin(T(W)), smin(W))
diag = Row("norm_diagonal", norm(Diagonal(e("t"))), largest(e("t")), context=lstm)
diag_least = Row("norm_diagonal", smin(Diagonal(e("t"))), smallest(e("t")), context=lstm)
diag_identity = Row("norm_diagonal", norm(Identity("n")), number(1))

squared = Row("norm_squared", Power(norm(W), A("2")), norm(product(T(W), W)))
squared_length = Row("norm_squared", Power(norm(g), A("2")), norm(product(T(g), g)))
squared_oblong = Row(
    "norm_squared", scale(3, Power(norm(U), A("2"))), scale(3, norm(product(T(U), U))), Power(norm(U), A("2"))
)
radius_bound = Row("at_most_norm", radius(W), norm(W), relation="<=")
entry_bound = Row("at_most_norm", largest(g), norm(g), relation="<=")
radius_power = Row("at_most_norm", power(radius(W), "k"), power(norm(W), "k"), radius(W), "<=", assuming=("k",))
squared_least = Row("norm_squared", Power(smin(W), A("2")), smin(product(T(W), W)))
stretch = Row("least_stretch", norm(product(W, U, T(U))), product(smin(W), norm(product(U, T(U)))), relation=">=")
stretch_in_sum = Row(
    "least_stretch",
    add(norm(product(W, V)), norm(Q)),
    add(product(smin(W), norm(V)), norm(Q)),
    norm(product(W, V)),
    ">=",
)
shifted_least = Row("perturbed", smin(add(W, V, Q)), minus(smin(W), norm(add(V, Q))), relation=">=")
shifted_identity = Row("perturbed", smin(minus(EYE, W)), minus(smin(EYE), norm(scale(-1, W))), relation=">=")
radius_of = Row("radius_of_power", radius(power(W, "k")), power(radius(W), "k"), assuming=("k",))
radius_of_three = Row("radius_of_power", radius(power(W, "3")), power(radius(W), "3"))
SQUARES = chain(
    "squares",
    Power(norm(T(W)), A("2")),
    "=",
    Power(norm(W), A("2")),
    Step("norm_transpose", "=", Power(norm(W), A("2")), at=norm(T(W))),
)
rooted = Row("root", norm(T(W)), norm(W), lemma="squares", earlier=(SQUARES,))
TO_POWERS = chain(
    "powers",
    power(norm(product(W, V)), "k"),
    "<=",
    power(product(norm(W), norm(V)), "k"),
    Step("submultiplicative", "<=", power(product(norm(W), norm(V)), "k"), at=norm(product(W, V))),
    assuming="k",
)
rooted_bound = Row(
    "root",
    norm(product(W, V)),
    product(norm(W), norm(V)),
    relation="<=",
    lemma="powers",
    earlier=(TO_POWERS,),
    assuming=("k-1",),
)

CROSSED = product(T(g), b)
without_bars = Row("absolute", norm(CROSSED), CROSSED, relation=">=")
with_bars = Row("absolute", CROSSED, norm(CROSSED), norm(CROSSED), "<=", reverse=True)
bars_of_square = Row("absolute", norm(product(T(g), g)), product(T(g), g))
AT_MOST_1 = model(hypotheses=(assumed(norm(W), "<=", number(1)),))
BELOW_1 = model(hypotheses=(assumed(norm(W), "<", number(1)),))
REST = minus(number(1), norm(W))
bars_assumed = Row("absolute", norm(REST), REST, context=AT_MOST_1)
bars_turned = Row("absolute", norm(minus(norm(W), number(1))), REST, context=AT_MOST_1)
bars_scaled = Row("absolute", norm(minus(number(HALF), scale(HALF, norm(W)))), scale(HALF, REST), context=AT_MOST_1)
bars_of_number = Row("absolute", norm(number(-HALF)), number(HALF))
more = Row("nonnegative_term", add(norm(W), norm(V)), norm(W), relation=">=")
more_back = Row("nonnegative_term", norm(W), add(norm(W), norm(V)), add(norm(W), norm(V)), "<=", reverse=True)
more_unknown = Row("nonnegative_term", add(C, norm(V)), C, relation=">=")
more_strictly = Row("nonnegative_term", add(norm(W), number(1)), norm(W), relation=">")
more_values = Row("nonnegative_term", Sum((tanh(C), minus(number(1), tanh(C)))), tanh(C), relation=">")
more_assumed = Row("nonnegative_term", Sum((norm(V), REST)), norm(V), relation=">=", context=AT_MOST_1)
more_assumed_strictly = replace(more_assumed, relation=">", context=BELOW_1)
more_in_product = Row(
    "nonnegative_term",
    Scale(norm(Q), add(norm(W), norm(V))),
    Scale(norm(Q), norm(W)),
    add(norm(W), norm(V)),
    ">=",
)

TANH2, ONE_MINUS = Power(tanh(X), A("2")), minus(number(1), Power(tanh(X), A("2")))
values = Row("range_of_values", largest(one_minus_square(h("t"))), maximum(ONE_MINUS), relation="<=")
values_sup = Row("range_of_values", largest(e("t")), sup(sigmoid(X)), relation="<=", context=lstm)
values_slope = Row(
    "range_of_values", largest(Entrywise("tanh'", s("t"))), maximum(Entrywise("tanh'", X)), relation="<=", context=lstm
)
values_strictly = replace(values_sup, relation="<")
LARGEST = largest(e("t"))
values_in_sum = Row("range_of_values", add(norm(W), LARGEST), add(norm(W), sup(sigmoid(X))), LARGEST, "<", context=lstm)
values_in_product = Row("range_of_values", scale(2, LARGEST), scale(2, sup(sigmoid(X))), LARGEST, "<", context=lstm)
values_in_power = Row(
    "range_of_values", power(LARGEST, "k"), power(sup(sigmoid(X)), "k"), LARGEST, "<", ("k-1",), context=lstm
)
STEPS_OF = largest(Entrywise("step", h("t")))
steps_up_to_one = Row("values_at_most_one", STEPS_OF, number(1), relation="<=")
waves_up_to_one = Row(
    "values_at_most_one",
    add(norm(W), largest(Entrywise("cos", g))),
    add(norm(W), number(1)),
    largest(Entrywise("cos", g)),
    "<=",
)
shares_below_one = Row("values_at_most_one", largest(Entrywise("normal_cdf", g)), number(1), relation="<")
softmax_up_to_one = Row("values_at_most_one", largest(Softmax(g)), number(1), relation="<=")
top = Row("extremum", maximum(ONE_MINUS), number(1))
top_sup = Row("extremum", sup(tanh(X)), number(1))
top_sigmoid = Row("extremum", maximum(Entrywise("sigmoid'", X)), number(HALF * HALF))
top_power = Row("extremum", power(sup(sigmoid(X)), "k"), number(1), sup(sigmoid(X)), assuming=("k",))

SHRINKING = model(hypotheses=(assumed(norm(W), "<", number(1)),))
GEOMETRIC = chain(
    "geometric",
    norm(power(W, "k")),
    "<=",
    power(norm(W), "k"),
    Step("submultiplicative", "<=", power(norm(W), "k"), at=norm(power(W, "k"))),
    assuming="k",
)
vanish = Row(
    "vanishing",
    Limit("j", norm(power(W, "j"))),
    number(0),
    lemma="geometric",
    earlier=(GEOMETRIC,),
    arguments=(("k", "j"),),
    context=SHRINKING,
)
vanish_matrix = replace(vanish, before=Limit("j", power(W, "j")), after=Zero(("n", "n")))
SHIFTED = chain(
    "shifted",
    norm(power(W, "k-3")),
    "<=",
    power(norm(W), "k-3"),
    Step("submultiplicative", "<=", power(norm(W), "k-3"), at=norm(power(W, "k-3"))),
    assuming="k-3",
)

ACCEPTED = {name: row for name, row in list(globals().items()) if isinstance(row, Row)}

CAPPED = chain(
    "capped",
    norm(power(W, "k")),
    "<=",
    power(norm(W), "k"),
    Step("submultiplicative", "<=", power(norm(W), "k"), at=norm(power(W, "k"))),
    assuming="k,5-k",
)
LARGEST_OF_TWO = largest(Hadamard((h("t"), h("r"))))

SAME_SQUARES = model(
    hypotheses=(
        assumed(Power(C, A("2")), "=", Power(norm(W), A("2"))),
        assumed(power(EYE, "2"), "=", power(V, "2")),
    )
)
SIGNLESS = chain(
    "signless",
    Power(C, A("2")),
    "=",
    Power(norm(W), A("2")),
    Step("hypothesis", "=", Power(norm(W), A("2")), at=Power(C, A("2"))),
)
MATRICES = chain(
    "matrices",
    power(EYE, "2"),
    "=",
    power(V, "2"),
    Step("hypothesis", "=", power(V, "2"), at=power(EYE, "2")),
)

REFUSED: dict[str, Row] = {
    "min for product": replace(sub, relation=">="),
    "norms are equal": replace(sub, relation="="),
    "strictly": replace(sub, relation="<"),
    "a norm left out": replace(sub, after=norm(W)),
    "sum of norms for a product": replace(sub, after=add(norm(W), norm(V))),
    "an entrywise product": replace(sub, before=norm(Hadamard((W, V)))),
    "the spectral radius": replace(sub, before=radius(product(W, V)), after=Scale(radius(W), radius(V))),
    "the largest entry": replace(sub, before=largest(product(W, g)), after=Scale(largest(W), largest(g))),
    "least for norm": replace(sub, after=Scale(smin(W), smin(V))),
    "steps, range": replace(sub_steps, after=prod("r", "1", "k-1", norm(product(T(W), slope("t+r"))))),
    "power, exponent": replace(sub_power, after=power(norm(W), "k-1"), assuming=("k-1",)),
    "power, exponent negative": replace(sub_power, assuming=()),
    "under a minus": Row(
        "submultiplicative",
        minus(number(1), norm(product(W, V))),
        minus(number(1), Scale(norm(W), norm(V))),
        norm(product(W, V)),
        "<=",
    ),
    "under a factor of unknown sign": Row(
        "submultiplicative", Scale(C, norm(product(W, V))), product(C, norm(W), norm(V)), norm(product(W, V)), "<="
    ),
    "in a sum of other sign": Row(
        "submultiplicative",
        product(add(C, norm(W)), norm(product(W, V))),
        product(add(C, norm(W)), norm(W), norm(V)),
        norm(product(W, V)),
        "<=",
    ),
    "smin, other way": replace(sup_product, relation="<="),
    "smin of oblong factors": replace(sup_product, before=smin(product(U, T(U))), after=Scale(norm(U), norm(U))),
    "smin of a sum": replace(sup_product, before=smin(add(W, V)), after=add(smin(W), smin(V))),
    "smin, equal": replace(sup_product, relation="="),
    "triangle, other way": replace(tri, relation=">="),
    "triangle, equal": replace(tri, relation="="),
    "triangle, a term left out": replace(tri, after=add(norm(W), norm(V))),
    "triangle for smin": replace(tri, before=smin(add(W, V)), after=add(smin(W), smin(V))),
    "triangle, a norm subtracted": replace(tri, before=norm(minus(W, V)), after=minus(norm(W), norm(V))),
    "triangle in a denominator": Row(
        "triangle", minus(norm(Q), norm(add(W, V))), minus(norm(Q), add(norm(W), norm(V))), norm(add(W, V)), "<="
    ),
    "least singular value of a square, other order": replace(squared_least, after=smin(product(W, W))),
    "stretch, other way": replace(stretch, relation="<="),
    "stretch, equal": replace(stretch, relation="="),
    "stretch by an oblong matrix": replace(
        stretch, before=norm(product(U, T(U), g)), after=product(norm(U), norm(product(T(U), g)))
    ),
    "stretch by the norm": replace(stretch, after=product(norm(W), norm(product(U, T(U))))),
    "stretch by the last": replace(stretch_in_sum, after=add(product(smin(V), norm(W)), norm(Q))),
    "perturbed, other way": replace(shifted_least, relation="<="),
    "perturbed by the least": replace(shifted_least, after=minus(smin(W), smin(add(V, Q)))),
    "perturbed, added": replace(shifted_least, after=add(smin(W), norm(add(V, Q)))),
    "perturbed, a summand forgotten": replace(shifted_least, after=minus(smin(W), norm(V))),
    "perturbed norm": replace(shifted_least, before=norm(add(W, V, Q)), after=minus(norm(W), norm(add(V, Q)))),
    "radius of a product": replace(radius_of_three, before=radius(product(W, V)), after=product(radius(W), radius(V))),
    "radius, exponent": replace(radius_of, after=power(radius(W), "k+1")),
    "norm of a power": replace(radius_of, before=norm(power(W, "k")), after=power(norm(W), "k")),
    "root of another": replace(rooted, before=norm(T(V))),
    "root, stricter": replace(rooted_bound, relation="<"),
    "root of power 0": replace(rooted_bound, assuming=("k",)),
    "root without lemma": replace(rooted, earlier=()),
    "root of unknown sign": replace(
        rooted, earlier=(SIGNLESS,), before=C, after=norm(W), lemma="signless", context=SAME_SQUARES
    ),
    "root of matrices": replace(
        rooted, earlier=(MATRICES,), before=EYE, after=V, lemma="matrices", context=SAME_SQUARES
    ),
    "a scalar without its absolute value": replace(pull_out, after=Scale(C, norm(W))),
    "a negative number": replace(pull_out_number, after=scale(-2, smin(W))),
    "a matrix is no scalar": replace(pull_out, before=norm(product(V, W)), after=Scale(norm(V), norm(W))),
    "a scalar of the other": replace(pull_out, after=Scale(norm(C), norm(V))),
    "norm, not transposed": replace(turned, before=norm(W), after=norm(T(W))),
    "norm of another": replace(turned, after=norm(V)),
    "norm of an inverse": replace(turned, before=norm(T(product(W, V))), after=norm(product(V, W))),
    "least for largest": replace(diag, after=smallest(e("t"))),
    "largest for least": replace(diag_least, after=largest(e("t"))),
    "length of the vector": replace(diag, after=norm(e("t"))),
    "not diagonal": replace(diag, before=norm(product(Diagonal(e("t")), W))),
    "identity is not 0": replace(diag_identity, after=number(0)),
    "another gate": replace(diag, after=largest(input_gate("t"))),
    "entries of a matrix": replace(diag, before=largest(Diagonal(e("t")))),
    "range, other way": replace(values, relation=">="),
    "range as equation": replace(values, relation="="),
    "range, sup for max is another term": replace(values, after=sup(ONE_MINUS)),
    "range, max that is not attained": replace(values_sup, after=maximum(sigmoid(X))),
    "range of another function": replace(values_sup, after=sup(tanh(X))),
    "range of the square": replace(values, after=maximum(TANH2)),
    "range of a state that is no value": replace(values_sup, before=largest(s("t")), after=sup(tanh(X))),
    "range of two values": replace(values, before=LARGEST_OF_TWO, after=sup(TANH2)),
    "range of the smallest": replace(values, before=smallest(one_minus_square(h("t")))),
    "range of the length": replace(values, before=norm(one_minus_square(h("t")))),
    "range, attained, but strictly": replace(values, relation="<"),
    "strictly, times what may be 0": replace(
        values_in_product, before=Scale(norm(W), LARGEST), after=Scale(norm(W), sup(sigmoid(X)))
    ),
    "strictly, to the power of what may be 0": replace(values_in_power, assuming=("k",)),
    "strictly, in a sum that may be empty": replace(
        values_in_power,
        before=total("r", "1", "k", LARGEST),
        after=total("r", "1", "k", sup(sigmoid(X))),
        assuming=("k",),
    ),
    "strictly, under an unknown sign": replace(
        values_in_product, before=Scale(C, LARGEST), after=Scale(C, sup(sigmoid(X)))
    ),
    "square of the radius": replace(squared, before=Power(radius(W), A("2"))),
    "cube of a norm": replace(squared, before=Power(norm(W), A("3"))),
    "square, not transposed": replace(squared, after=norm(product(W, W))),
    "square, the other way round": replace(squared_oblong, after=scale(3, norm(product(U, T(U))))),
    "norm at most the radius": replace(radius_bound, relation=">="),
    "norm of another at most": replace(radius_bound, after=norm(V)),
    "radius is the norm": replace(radius_bound, relation="="),
    "norm at most the entry": replace(entry_bound, before=norm(g), after=largest(g)),
    "an absolute value is not less": replace(without_bars, relation="<="),
    "an absolute value is not the same": replace(without_bars, relation="="),
    "absolute value of a negative multiple of what is assumed": replace(
        bars_scaled, before=norm(add(number(HALF), scale(HALF, norm(W)), scale(-1, norm(W)), number(HALF)))
    ),
    "absolute value of what is below 0, its sign kept": replace(bars_turned, after=minus(norm(W), number(1))),
    "absolute value of a negative number, larger": replace(bars_of_number, after=number(1)),
    "absolute value of a matrix": replace(without_bars, before=norm(W), after=number(0)),
    "absolute value of what is assumed of another": replace(
        bars_assumed, context=model(hypotheses=(assumed(norm(V), "<=", number(1)),))
    ),
    "absolute value, assumed the other way": replace(
        bars_assumed, context=model(hypotheses=(assumed(norm(W), ">=", number(1)),))
    ),
    "more of unknown sign": replace(more, before=add(norm(W), C)),
    "more by what is subtracted": replace(more, before=add(norm(W), scale(-1, norm(V)))),
    "more by a product of unknown sign": replace(more, before=add(norm(W), Scale(C, norm(V)))),
    "more, strictly, by what may be 0": replace(more, relation=">"),
    "more, the other way": replace(more, relation="<="),
    "more, the wrong term left out": replace(more_unknown, after=norm(V)),
    "more by values that may be negative": replace(more_values, before=Sum((tanh(C), tanh(C)))),
    "more, strictly, by what is assumed weakly": replace(more_assumed_strictly, context=AT_MOST_1),
    "more by what is not assumed": replace(more_assumed, context=model()),
    "more under an unknown sign": replace(
        more_in_product, before=Scale(C, add(norm(W), norm(V))), after=Scale(C, norm(W))
    ),
    "max that is not attained": replace(top_sup, before=maximum(tanh(X))),
    "wrong value": replace(top, after=number(2)),
    "half": replace(top_sigmoid, after=number(HALF)),
    "of a constant argument": replace(top_sup, before=sup(tanh(number(0)))),
    "of a multiple of nothing": replace(top_sup, before=sup(tanh(scale(0, X)))),
    "of no polynomial": replace(top_sup, before=sup(X)),
    "of an even argument": replace(top_sigmoid, before=sup(sigmoid(product(X, X)))),
    "steps, strictly": replace(steps_up_to_one, relation="<"),
    "steps up to a half": replace(steps_up_to_one, after=number(HALF)),
    "softmax, strictly": replace(softmax_up_to_one, relation="<"),
    "values of an exponential": replace(steps_up_to_one, before=largest(Entrywise("exp", h("t")))),
    "length of a softmax": replace(softmax_up_to_one, before=norm(Softmax(g))),
    "smallest step": replace(steps_up_to_one, before=smallest(Entrywise("step", h("t")))),
    "extremum of no absolute value": replace(top_sup, before=Extremum("sup", "x", scale(-1, Power(tanh(X), A("2"))))),
    "ratio not said to be small": replace(vanish, context=model()),
    "ratio at most 1": replace(vanish, context=AT_MOST_1),
    "ratio of another": replace(vanish, context=model(hypotheses=(assumed(norm(V), "<", number(1)),))),
    "limit of a matrix by the norm of another": replace(vanish_matrix, before=Limit("j", power(V, "j"))),
    "limit of a matrix is 0, not I": replace(vanish_matrix, after=EYE),
    "limit of another": replace(vanish, before=Limit("j", norm(power(V, "j")))),
    "limit is 0, not 1": replace(vanish, after=number(1)),
    "limit, exponent fixed": replace(
        vanish, arguments=(("k", "k"),), assuming=("k",), before=Limit("j", norm(power(W, "k")))
    ),
    "limit, lemma only for small k": replace(vanish, lemma="capped", earlier=(CAPPED,)),
    "limit, lemma for another exponent": replace(
        vanish, lemma="shifted", earlier=(SHIFTED,), before=Limit("j", norm(power(W, "j-3")))
    ),
    "limit without a lemma": replace(vanish, lemma="", earlier=()),
}
