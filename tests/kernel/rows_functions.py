"""Rows for functions, their laws and their values, and for inverses, quotients and determinants."""

from __future__ import annotations

from dataclasses import replace

from symgrad.kernel.certificate import Condition, Context, Definition, Law
from symgrad.kernel.term import (
    SCALAR,
    Determinant,
    Diagonal,
    Entrywise,
    EntrywisePower,
    Hadamard,
    Identity,
    Inverse,
    Ones,
    Scale,
    Softmax,
    Symbol,
    Term,
)

from .build import (
    COLUMN,
    ONES,
    SQUARE,
    A,
    Row,
    T,
    U,
    V,
    W,
    X,
    add,
    b,
    g,
    h,
    minus,
    model,
    number,
    power,
    product,
    scale,
    sigmoid,
    sup,
    tanh,
    total,
    x,
)

c, d = Symbol("c", SCALAR), Symbol("d", SCALAR)
u, v = Symbol("u", ("m", 1)), Symbol("v", ("m", 1))
B = Symbol("B", SQUARE)
Z = Symbol("Z", ("n", "m"))
SIZE = product(T(ONES), ONES)
ALL_ONE = product(ONES, T(ONES))


def exp(body: Term) -> Entrywise:
    return Entrywise("exp", body)


def log(body: Term) -> Entrywise:
    return Entrywise("log", body)


def sqrt(body: Term) -> Entrywise:
    return Entrywise("sqrt", body)


def over(body: Term) -> Entrywise:
    return Entrywise("reciprocal", body)


def positive(*terms: Term, forall: tuple[str, ...] = ()) -> tuple[Condition, ...]:
    return tuple(Condition("positive", one, forall) for one in terms)


def nonzero(*terms: Term, forall: tuple[str, ...] = ()) -> tuple[Condition, ...]:
    return tuple(Condition("nonzero", one, forall) for one in terms)


def invertible(*terms: Term, forall: tuple[str, ...] = ()) -> tuple[Condition, ...]:
    return tuple(Condition("invertible", one, forall) for one in terms)


def where(*conditions: tuple[Condition, ...], **others: object) -> Context:
    return model(conditions=tuple(one for each in conditions for one in each), **others)


NOTHING = where()
LAWS = model(
    laws=(
        Law("f", "x", add(X, scale(3, product(X, X)))),
        Law("q'", "x", Entrywise("f", Entrywise("q", X))),
        Law("r", "x", Scale(X, tanh(X))),
    )
)


def f(body: Term, function: str = "f") -> Entrywise:
    return Entrywise(function, body)


# law
law_gelu = Row("law", f(g, "gelu"), Hadamard((g, f(g, "normal_cdf"))))
law_gelu_slope = Row(
    "law", f(g, "gelu'"), add(f(g, "normal_cdf"), Hadamard((g, f(g, "normal_density")))), context=NOTHING
)
law_silu = Row("law", f(product(W, g), "silu"), Hadamard((product(W, g), sigmoid(product(W, g)))))
law_softplus = Row("law", f(g, "softplus"), log(add(ONES, exp(g))))
law_sigmoid = Row("law", sigmoid(Z), over(add(Ones(("n", "m")), exp(scale(-1, Z)))))
law_relu = Row("law", f(c, "relu"), product(c, f(c, "step")))
law_relu_slope = Row("law", f(g, "relu'"), f(g, "step"))
law_declared = Row("law", f(g), add(g, scale(3, EntrywisePower(g, 2))), context=LAWS)
law_declared_slope = Row("law", f(g, "f'"), add(ONES, scale(6, g)), context=LAWS)
law_declared_curve = Row("law", f(g, "f''"), scale(6, ONES), context=LAWS)
law_of_slope = Row("law", f(g, "q'"), f(f(g, "q")), context=LAWS)
law_of_slope_slope = Row("law", f(g, "q''"), Hadamard((f(f(g, "q"), "f'"), f(g, "q'"))), context=LAWS)
law_of_multiple = Row("law", f(g, "r'"), add(tanh(g), Hadamard((g, Entrywise("tanh'", g)))), context=LAWS)

# softmax
SHARE = Scale(Inverse(product(T(ONES), exp(g))), exp(g))
shares = Row("softmax", Softmax(g), SHARE)
shares_back = Row("softmax", product(W, SHARE), product(W, Softmax(g)), Softmax(g), reverse=True)
shares_inside = Row("softmax", product(T(b), Softmax(g)), product(T(b), SHARE), Softmax(g))

# logarithm
TWO_POSITIVE = where(positive(g, b, c, d))
log_product = Row("logarithm", log(Hadamard((g, b))), add(log(g), log(b)), context=TWO_POSITIVE)
log_scalars = Row("logarithm", log(product(c, d)), add(log(c), log(d)), context=TWO_POSITIVE)
log_multiple = Row("logarithm", log(Scale(c, g)), add(Scale(log(c), ONES), log(g)), context=TWO_POSITIVE)
log_over = Row("logarithm", log(over(g)), scale(-1, log(g)), context=TWO_POSITIVE)
log_inverse = Row("logarithm", log(Inverse(c)), scale(-1, log(c)), context=TWO_POSITIVE)
log_power = Row("logarithm", log(EntrywisePower(g, 3)), scale(3, log(g)), context=TWO_POSITIVE)
log_exp = Row("logarithm", log(exp(Z)), Z)
log_shares = Row("logarithm", log(Softmax(g)), minus(g, Scale(log(product(T(ONES), exp(g))), ONES)))

# exponential
exp_sum = Row("exponential", exp(add(g, b)), Hadamard((exp(g), exp(b))))
exp_three = Row("exponential", exp(add(g, b, ONES)), Hadamard((exp(g), exp(b), exp(ONES))))
exp_minus = Row("exponential", exp(scale(-1, Z)), over(exp(Z)))
exp_log = Row("exponential", exp(log(g)), g, context=TWO_POSITIVE)

# root_squared
root_entries = Row("root_squared", EntrywisePower(sqrt(g), 2), g, context=TWO_POSITIVE)
root_scalar = Row("root_squared", power(sqrt(c), "2"), c, context=TWO_POSITIVE)
root_product = Row("root_squared", Hadamard((sqrt(g), sqrt(g))), g, context=TWO_POSITIVE)
root_of_sum = Row(
    "root_squared", power(sqrt(add(product(T(g), g), c)), "2"), add(product(T(g), g), c), context=TWO_POSITIVE
)

# inverse_cancel and reciprocal_cancel
LENGTH = add(number(1), product(T(g), g))
TOTAL = product(T(ONES), exp(g))
cancel_sum = Row("inverse_cancel", product(Inverse(LENGTH), LENGTH), number(1))
cancel_size = Row("inverse_cancel", product(SIZE, Inverse(SIZE)), number(1))
cancel_exponentials = Row("inverse_cancel", product(Inverse(TOTAL), TOTAL), number(1))
cancel_assumed = Row("inverse_cancel", product(Inverse(W), W), Identity("n"), context=where(invertible(W)))
cancel_determined = Row(
    "inverse_cancel", product(Inverse(W), W), Identity("n"), context=where(positive(Determinant(W)))
)
cancel_turned = Row("inverse_cancel", product(T(W), Inverse(T(W))), Identity("n"), context=where(invertible(W)))
cancel_product = Row(
    "inverse_cancel", product(Inverse(product(W, V)), W, V), Identity("n"), context=where(invertible(W, V))
)
cancel_of_time = Row(
    "inverse_cancel",
    total("i", "1", "k", product(T(h("i")), Inverse(Diagonal(h("i"))), Diagonal(h("i")), g)),
    total("i", "1", "k", product(T(h("i")), g)),
    product(Inverse(Diagonal(h("i"))), Diagonal(h("i"))),
    context=where(nonzero(h("t"), forall=("t",))),
)
MORE = add(ONES, exp(g))
cancel_entries = Row("reciprocal_cancel", Hadamard((over(MORE), MORE)), ONES)
cancel_conditioned = Row(
    "reciprocal_cancel", Hadamard((over(add(g, b)), add(g, b))), ONES, context=where(nonzero(add(b, g)))
)
MEAN = Definition(Symbol("p", SCALAR), product(Inverse(SIZE), T(ONES), g))
SPREAD = product(T(minus(g, Scale(MEAN.head, ONES))), minus(g, Scale(MEAN.head, ONES)))
WRITTEN_OUT = product(T(minus(g, Scale(MEAN.body, ONES))), minus(g, Scale(MEAN.body, ONES)))
cancel_written_out = Row(
    "inverse_cancel",
    product(Inverse(add(WRITTEN_OUT, c)), add(WRITTEN_OUT, c)),
    number(1),
    context=Context((MEAN,), conditions=nonzero(add(SPREAD, c))),
)
cancel_below_zero = Row("reciprocal_cancel", Hadamard((over(scale(-1, MORE)), scale(-1, MORE))), ONES)

# inverse_product and determinant
BOTH = where(invertible(W, V), nonzero(c))
inverse_two = Row("inverse_product", Inverse(product(W, V)), product(Inverse(V), Inverse(W)), context=BOTH)
inverse_three = Row(
    "inverse_product", Inverse(product(W, V, T(W))), product(Inverse(T(W)), Inverse(V), Inverse(W)), context=BOTH
)
inverse_multiple = Row("inverse_product", Inverse(Scale(c, W)), Scale(Inverse(c), Inverse(W)), context=BOTH)
inverse_twice = Row("inverse_product", Inverse(Inverse(W)), W, context=BOTH)
det_two = Row("determinant", Determinant(product(W, V)), product(Determinant(W), Determinant(V)), context=NOTHING)
det_inverse = Row("determinant", Determinant(Inverse(W)), Inverse(Determinant(W)), context=BOTH)
det_one = Row("determinant", Determinant(Identity("n")), number(1))

ACCEPTED = {name: row for name, row in list(globals().items()) if isinstance(row, Row)}

ONE_TIME = where(nonzero(Symbol("s", SCALAR, (A("q"),))))
S = Symbol("s", SCALAR, (A("i"),))

REFUSED: dict[str, Row] = {
    # law
    "gelu is no silu": replace(law_gelu, after=law_silu.after),
    "gelu, argument dropped": replace(law_gelu, after=f(g, "normal_cdf")),
    "gelu', second part dropped": replace(law_gelu_slope, after=f(g, "normal_cdf")),
    "silu, argument of one factor": replace(law_silu, after=Hadamard((g, sigmoid(product(W, g))))),
    "softplus without the one": replace(law_softplus, after=log(exp(g))),
    "sigmoid of the other sign": replace(law_sigmoid, after=over(add(Ones(("n", "m")), exp(Z)))),
    "relu' is no relu": replace(law_relu_slope, after=Hadamard((g, f(g, "step")))),
    "another multiple in a law": replace(law_declared, after=add(g, scale(2, EntrywisePower(g, 2)))),
    "a law for another function": replace(law_declared, before=f(g, "p")),
    "no law at all": replace(law_declared, context=model()),
    "a law under a slope, not differentiated": replace(law_declared_slope, after=law_declared.after),
    "a product rule, one part": replace(law_of_multiple, after=tanh(g)),
    "a law of a slope is not one of the function": replace(law_of_slope, before=f(g, "q")),
    "a law of a slope, inner slope dropped": replace(law_of_slope_slope, after=f(f(g, "q"), "f'")),
    "two laws for one function": replace(law_declared, context=model(laws=(*LAWS.laws, Law("f", "x", X)))),
    "a law for what is known": replace(law_gelu, context=model(laws=(Law("gelu", "x", X),))),
    "a law for a known slope": replace(law_gelu, context=model(laws=(Law("exp'", "x", X),))),
    "laws in a circle": replace(
        law_declared, context=model(laws=(Law("f", "x", Entrywise("p", X)), Law("p", "x", Entrywise("f", X))))
    ),
    "a law of itself": replace(law_declared, context=model(laws=(Law("f", "x", scale(2, f(X))),))),
    "a law of its slope": replace(law_declared, context=model(laws=(Law("f", "x", f(X, "f'")),))),
    "a law of another variable": replace(law_declared, context=model(laws=(Law("f", "x", product(X, c)),))),
    "a law of the same name elsewhere": replace(
        law_declared, context=model(laws=(Law("f", "x", product(T(Symbol("x", COLUMN)), Symbol("x", COLUMN))),))
    ),
    "a law under a binder of its variable": replace(law_declared, context=model(laws=(Law("f", "x", sup(tanh(X))),))),
    # softmax
    "shares of what is not exponentiated": replace(shares, after=Scale(Inverse(product(T(ONES), g)), g)),
    "shares without their total": replace(shares, after=exp(g)),
    "the total of another": replace(shares, after=Scale(Inverse(product(T(ONES), exp(b))), exp(g))),
    "shares of a matrix": replace(
        shares, before=Softmax(W), after=Scale(Inverse(product(T(ONES), exp(W), ONES)), exp(W))
    ),
    # logarithm
    "log of a product, one not positive": replace(log_product, context=where(positive(g))),
    "log of a product, nothing said": replace(log_product, context=NOTHING),
    "log of a product, only not 0": replace(log_product, context=where(nonzero(g, b))),
    "log of a product, product of logs": replace(log_product, after=Hadamard((log(g), log(b)))),
    "log of a sum": replace(log_product, before=log(add(g, b))),
    "log of a multiple, not for every entry": replace(log_multiple, after=log(g)),
    "log of a matrix product": Row(
        "logarithm",
        log(product(W, V)),
        add(log(W), log(V)),
        context=where(positive(W, V)),
    ),
    "log of a quotient, sign": replace(log_over, after=log(g)),
    "log of an inverse matrix": Row(
        "logarithm",
        log(Inverse(W)),
        scale(-1, log(W)),
        context=where(positive(W, Inverse(W)), invertible(W)),
    ),
    "log of a power, another exponent": replace(log_power, after=scale(2, log(g))),
    "log of a square below 0": replace(
        log_power, before=log(EntrywisePower(g, 2)), after=scale(2, log(g)), context=where(nonzero(g))
    ),
    "log of exp twice": replace(log_exp, after=exp(Z)),
    "log of shares without the total": replace(log_shares, after=g),
    "log of shares of a matrix": replace(log_shares, before=log(Softmax(W)), after=W),
    # exponential
    "exp of a sum, sum of exps": replace(exp_sum, after=add(exp(g), exp(b))),
    "exp of a sum, as matrices": replace(exp_sum, before=exp(add(W, V)), after=product(exp(W), exp(V))),
    "exp of a product": replace(exp_sum, before=exp(Hadamard((g, b)))),
    "exp of minus, as if not": replace(exp_minus, after=scale(-1, exp(Z))),
    "exp of twice": replace(exp_minus, before=exp(scale(-2, Z))),
    "exp of log of what is not positive": replace(exp_log, context=NOTHING),
    # root_squared
    "root, not squared": replace(root_entries, before=EntrywisePower(sqrt(g), 3)),
    "root of what may be 0": replace(root_entries, context=where(nonzero(g))),
    "a root times another": replace(root_product, before=Hadamard((sqrt(g), sqrt(b)))),
    "root of a square": replace(root_scalar, before=sqrt(power(c, "2")), context=where(nonzero(c))),
    "root of a matrix, as a product": replace(
        root_product, before=product(sqrt(W), sqrt(W)), after=W, context=where(positive(W))
    ),
    # inverse_cancel, reciprocal_cancel
    "one over what may be 0": replace(cancel_sum, before=product(Inverse(product(T(g), g)), product(T(g), g))),
    "one over a difference": replace(
        cancel_sum,
        before=product(Inverse(minus(number(1), product(T(g), g))), minus(number(1), product(T(g), g))),
    ),
    "one over a sum of what is not exponentiated": replace(
        cancel_exponentials, before=product(Inverse(product(T(ONES), g)), product(T(ONES), g))
    ),
    "another matrix is invertible": replace(cancel_assumed, context=where(invertible(V))),
    "no entry is 0": replace(cancel_assumed, context=where(nonzero(W))),
    "the determinant of another": replace(cancel_determined, context=where(positive(Determinant(V)))),
    "one of two invertible": replace(cancel_product, context=where(invertible(W))),
    "a product of oblong factors": replace(
        cancel_assumed, before=product(Inverse(product(U, T(U))), U, T(U)), context=where(invertible(W))
    ),
    "said of one time only": replace(cancel_of_time, context=where(nonzero(h("t")))),
    "said of another family": replace(cancel_of_time, context=where(nonzero(x("t"), forall=("t",)))),
    "said of the index of a sum": Row(
        "inverse_cancel",
        total("q", "1", "k", product(Inverse(Symbol("s", SCALAR, (A("q"),))), Symbol("s", SCALAR, (A("q"),)))),
        total("q", "1", "k", number(1)),
        product(Inverse(Symbol("s", SCALAR, (A("q"),))), Symbol("s", SCALAR, (A("q"),))),
        context=ONE_TIME,
    ),
    "a condition on a name that stands for something else": replace(
        cancel_written_out,
        context=Context((replace(MEAN, body=product(T(ONES), g)),), conditions=nonzero(add(SPREAD, c))),
    ),
    "a condition on a name that stands for nothing": replace(
        cancel_written_out, context=Context(conditions=nonzero(add(SPREAD, c)))
    ),
    "one over what may be 0, entry by entry": replace(
        cancel_entries, before=Hadamard((over(minus(g, b)), minus(g, b)))
    ),
    "one over another": replace(cancel_conditioned, before=Hadamard((over(add(g, b)), minus(g, b)))),
    "three factors": replace(cancel_entries, before=Hadamard((over(MORE), MORE, MORE))),
    "one over, as matrices": Row("reciprocal_cancel", product(over(W), W), Identity("n"), context=where(nonzero(W))),
    "a condition on the sum of squares": replace(
        cancel_conditioned, context=where(nonzero(Hadamard((add(g, b), product(W, g)))))
    ),
    # inverse_product, determinant
    "inverse, order kept": replace(inverse_two, after=product(Inverse(W), Inverse(V))),
    "inverse, one not said": replace(inverse_two, context=where(invertible(product(W, V)))),
    "inverse of a sum": replace(
        inverse_two,
        before=Inverse(add(W, V)),
        after=add(Inverse(W), Inverse(V)),
        context=where(invertible(W, V, add(W, V))),
    ),
    "inverse of a multiple of unknown size": replace(inverse_multiple, context=where(invertible(W))),
    "inverse of a multiple, the multiple kept": replace(inverse_multiple, after=Scale(c, Inverse(W))),
    "inverse of oblong factors": replace(
        inverse_two,
        before=Inverse(product(U, T(U))),
        after=product(Inverse(product(U, T(U))), Inverse(product(U, T(U)))),
        context=where(invertible(product(U, T(U)))),
    ),
    "inverse twice is not once": replace(inverse_twice, after=Inverse(W)),
    "determinant, order of sizes": replace(
        det_two, before=Determinant(product(U, T(U))), after=Determinant(product(T(U), U))
    ),
    "determinant of a sum": replace(det_two, before=Determinant(add(W, V)), after=add(Determinant(W), Determinant(V))),
    "determinant of a multiple": replace(det_two, before=Determinant(scale(2, W)), after=scale(2, Determinant(W))),
    "determinant of an inverse of what may be singular": replace(det_inverse, context=NOTHING),
    "determinant of an inverse": replace(det_inverse, after=Determinant(W)),
    "determinant of the identity": replace(det_one, after=number(0)),
}
