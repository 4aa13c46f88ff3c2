"""Regression, quadratic forms, quotients, roots and norms."""

from __future__ import annotations

from symgrad.kernel.affine import affine
from symgrad.kernel.certificate import Context
from symgrad.kernel.term import SCALAR, IndexedSum, Inverse, Power, Symbol, Term, add, number, product, scale

from .words import (
    HALF,
    A,
    D,
    I_n,
    Row,
    T,
    by,
    diag,
    dot,
    f,
    given,
    had,
    hessian,
    length,
    minus,
    one,
    over,
    s,
    squared,
    times,
    u,
    w,
    where,
    x,
    y,
)

# Logistic regression on all samples at once.
q = f("sigmoid", product(D, w))
LOGISTIC = scale(-1, add(dot(u, f("log", q)), dot(minus(one("N"), u), f("log", minus(one("N"), q)))))
k = affine("i")
xi, yi = Symbol("xi", ("n", 1), (k,)), Symbol("yi", SCALAR, (k,))


def samples(body: Term) -> Term:
    return IndexedSum("i", affine(1), affine("N"), body)


def margin() -> Term:
    return dot(w, xi)


PER_SAMPLE = samples(minus(f("softplus", margin()), times(yi, margin())))
LONG = Context(assumptions=(affine("N"),))
REGRESSION = {
    "logistic regression": Row(
        by(LOGISTIC, w), product(T(D), minus(q, u)), (product(T(D), minus(u, q)), product(T(D), q))
    ),
    "its Hessian": Row(
        hessian(LOGISTIC, w),
        product(T(D), diag(had(q, minus(one("N"), q))), D),
        (product(T(D), diag(q), D), product(T(D), D)),
    ),
    "sample by sample": Row(
        by(PER_SAMPLE, w),
        samples(times(minus(f("sigmoid", margin()), yi), xi)),
        (samples(times(minus(yi, f("sigmoid", margin())), xi)), samples(times(f("sigmoid", margin()), xi))),
        LONG,
    ),
    "Hessian, sample by sample": Row(
        hessian(PER_SAMPLE, w),
        samples(times(product(f("sigmoid", margin()), minus(number(1), f("sigmoid", margin()))), product(xi, T(xi)))),
        (
            samples(times(f("sigmoid", margin()), product(xi, T(xi)))),
            samples(product(xi, T(xi))),
        ),
        LONG,
    ),
    "least squares, sample by sample": Row(
        by(samples(scale(HALF, Power(minus(margin(), yi), affine(2)))), w),
        samples(times(minus(margin(), yi), xi)),
        (samples(times(minus(yi, margin()), xi)), samples(scale(2, times(minus(margin(), yi), xi)))),
        LONG,
    ),
    "least squares, Hessian": Row(
        hessian(scale(HALF, squared(minus(product(D, w), u))), w),
        dot(D, D),
        (scale(2, dot(D, D)), scale(HALF, dot(D, D))),
    ),
}

# Quotients, roots and norms.
QUOTIENT = over(dot(x, product(A, x)), dot(x, x))
AWAY = Context(conditions=where(nonzero=dot(x, x)))
LENGTH = Context(conditions=where(nonzero=length(x)))
FORMS = {
    "quadratic form": Row(
        by(dot(x, product(A, x)), x), product(add(A, T(A)), x), (scale(2, product(A, x)), product(A, x))
    ),
    "symmetric": Row(
        by(dot(x, product(A, x)), x),
        scale(2, product(A, x)),
        (product(A, x), product(scale(2, I_n), x)),
        Context(hypotheses=given(T(A), A)),
    ),
    "Hessian of a quadratic form": Row(hessian(dot(x, product(A, x)), x), add(A, T(A)), (scale(2, A), A)),
    "Rayleigh quotient": Row(
        by(QUOTIENT, x),
        minus(over(product(add(A, T(A)), x), dot(x, x)), times(scale(2, QUOTIENT), over(x, dot(x, x)))),
        (
            over(product(add(A, T(A)), x), dot(x, x)),
            minus(over(product(add(A, T(A)), x), dot(x, x)), times(QUOTIENT, over(x, dot(x, x)))),
        ),
        AWAY,
    ),
    "Rayleigh quotient, collected": Row(
        by(QUOTIENT, x),
        over(scale(2, minus(product(A, x), times(QUOTIENT, x))), dot(x, x)),
        (over(minus(product(A, x), times(QUOTIENT, x)), dot(x, x)), over(scale(2, minus(product(A, x), x)), dot(x, x))),
        Context(conditions=where(nonzero=dot(x, x)), hypotheses=given(T(A), A)),
    ),
    "squared length": Row(by(squared(x), x), scale(2, x), (x, over(x, s)), Context(conditions=where(nonzero=s))),
    "length": Row(by(length(x), x), over(x, length(x)), (x, scale(2, over(x, length(x)))), LENGTH),
    "length as a root": Row(
        by(f("sqrt", dot(x, x)), x),
        over(x, f("sqrt", dot(x, x))),
        (over(x, dot(x, x)), scale(2, over(x, f("sqrt", dot(x, x))))),
        Context(conditions=where(positive=dot(x, x))),
    ),
    "unit vector": Row(
        by(over(x, length(x)), x),
        over(minus(I_n, over(product(x, T(x)), squared(x))), length(x)),
        (over(I_n, length(x)), minus(I_n, over(product(x, T(x)), squared(x)))),
        LENGTH,
    ),
    "root of 1 + x^T x": Row(
        by(f("sqrt", add(number(1), dot(x, x))), x),
        over(x, f("sqrt", add(number(1), dot(x, x)))),
        (over(x, add(number(1), dot(x, x))), x),
    ),
    "quotient with a sum below": Row(
        by(over(x, add(number(1), dot(x, x))), x),
        over(
            minus(times(add(number(1), dot(x, x)), I_n), scale(2, product(x, T(x)))),
            Power(add(number(1), dot(x, x)), affine(2)),
        ),
        (
            over(minus(I_n, scale(2, product(x, T(x)))), Power(add(number(1), dot(x, x)), affine(2))),
            over(I_n, add(number(1), dot(x, x))),
        ),
    ),
    "one more over one more": Row(
        minus(number(1), Inverse(add(number(1), dot(x, x)))),
        over(dot(x, x), add(number(1), dot(x, x))),
        (dot(x, x), Inverse(add(number(1), dot(x, x)))),
    ),
}

COSINE = over(dot(x, y), product(length(x), length(y)))
APART = Context(conditions=where(nonzero=length(minus(x, y))))
BOTH = Context(conditions=(*where(nonzero=length(x)), *where(nonzero=length(y))))
ORTHOGONAL = Context(hypotheses=given(dot(A, A), I_n))
MORE_FORMS = {
    "distance": Row(
        by(length(minus(x, y)), x),
        over(minus(x, y), length(minus(x, y))),
        (over(minus(y, x), length(minus(x, y))), minus(x, y)),
        APART,
    ),
    "cosine": Row(
        by(COSINE, x),
        minus(over(y, product(length(x), length(y))), times(COSINE, over(x, squared(x)))),
        (
            over(y, product(length(x), length(y))),
            add(over(y, product(length(x), length(y))), times(COSINE, over(x, squared(x)))),
        ),
        BOTH,
    ),
    "orthogonal maps keep products": Row(
        dot(product(A, x), product(A, y)), dot(x, y), (dot(x, product(A, y)), dot(x, x)), ORTHOGONAL
    ),
    "orthogonal maps keep lengths": Row(
        squared(product(A, x)), squared(x), (length(x), scale(2, squared(x))), ORTHOGONAL
    ),
    "projection": Row(product(A, A, A), A, (I_n, scale(2, A)), Context(hypotheses=given(product(A, A), A))),
}
