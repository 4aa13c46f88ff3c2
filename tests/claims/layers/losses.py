"""Softmax and losses, on one sample and on all of them."""

from __future__ import annotations

from symgrad.kernel.certificate import Context
from symgrad.kernel.term import Softmax, Trace, add, number, product, scale

from .words import (
    HALF,
    I_n,
    K,
    L,
    Row,
    T,
    b,
    by,
    column,
    diag,
    dot,
    f,
    given,
    had,
    hessian,
    lam,
    matrix,
    minus,
    network,
    one,
    over,
    s,
    scalar,
    square,
    squared,
    times,
    total,
    v,
    w,
    where,
    x,
    y,
    z,
)

# Softmax and losses.
p = column("p")
CLASSIFIER = network((p, Softmax(z)))
LOGITS = network(
    (z, add(product(K, v), b)),
    (p, Softmax(z)),
    (L, scale(-1, dot(y, f("log", p)))),
    hypotheses=given(total(y), number(1)),
    conditions=where(positive=p),
)

CROSS = scale(-1, dot(y, f("log", Softmax(z))))
BINARY = scale(
    -1, add(dot(y, f("log", f("sigmoid", z))), dot(minus(one(), y), f("log", minus(one(), f("sigmoid", z)))))
)
POWERS = f("exp", z)
LOSSES = {
    "softmax": Row(
        by(Softmax(z), z),
        minus(diag(Softmax(z)), product(Softmax(z), T(Softmax(z)))),
        (
            diag(Softmax(z)),
            add(diag(Softmax(z)), product(Softmax(z), T(Softmax(z)))),
            minus(I_n, product(Softmax(z), T(Softmax(z)))),
        ),
    ),
    "softmax written out": Row(
        by(over(POWERS, total(POWERS)), z),
        minus(diag(Softmax(z)), product(Softmax(z), T(Softmax(z)))),
        (diag(Softmax(z)), minus(diag(Softmax(z)), product(POWERS, T(Softmax(z))))),
    ),
    "softmax is its quotient": Row(
        Softmax(z), over(POWERS, total(POWERS)), (POWERS, over(POWERS, scale(2, total(POWERS))))
    ),
    "softmax, shifted": Row(Softmax(add(z, times(s, one()))), Softmax(z), (times(s, Softmax(z)), Softmax(scale(2, z)))),
    "softmax of a node": Row(
        by(p, z), minus(diag(p), product(p, T(p))), (diag(p), minus(diag(p), product(z, T(p)))), CLASSIFIER
    ),
    "log-softmax": Row(
        by(f("log", Softmax(z)), z),
        minus(I_n, product(Softmax(z), T(one()))),
        (minus(I_n, product(one(), T(Softmax(z)))), I_n, minus(I_n, product(Softmax(z), T(Softmax(z))))),
    ),
    "log-softmax written out": Row(
        f("log", Softmax(z)),
        minus(z, times(f("log", total(POWERS)), one())),
        (minus(z, times(f("log", total(z)), one())), z),
    ),
    "log-sum-exp": Row(by(f("log", total(POWERS)), z), Softmax(z), (POWERS, scale(-1, Softmax(z)))),
    "Hessian of log-sum-exp": Row(
        hessian(f("log", total(POWERS)), z),
        minus(diag(Softmax(z)), product(Softmax(z), T(Softmax(z)))),
        (diag(Softmax(z)), add(diag(Softmax(z)), product(Softmax(z), T(Softmax(z))))),
    ),
    "cross-entropy": Row(
        by(CROSS, z),
        minus(Softmax(z), y),
        (minus(y, Softmax(z)), Softmax(z)),
        Context(hypotheses=given(total(y), number(1))),
    ),
    "cross-entropy for any y": Row(
        by(CROSS, z),
        minus(times(total(y), Softmax(z)), y),
        (minus(Softmax(z), y), minus(times(total(y), Softmax(z)), scale(2, y))),
    ),
    "cross-entropy of nodes": Row(by(L, z), minus(p, y), (minus(y, p), p), LOGITS),
    "cross-entropy, by the weights": Row(
        by(L, K), product(minus(p, y), T(v)), (product(minus(y, p), T(v)), product(p, T(v))), LOGITS
    ),
    "cross-entropy, by the bias": Row(by(L, b), minus(p, y), (minus(p, scale(2, y)), p), LOGITS),
    "cross-entropy, by the input": Row(
        by(L, v), product(T(K), minus(p, y)), (product(T(K), p), product(T(K), minus(y, p))), LOGITS
    ),
    "Hessian of cross-entropy": Row(
        hessian(CROSS, z),
        minus(diag(Softmax(z)), product(Softmax(z), T(Softmax(z)))),
        (diag(Softmax(z)), scale(2, minus(diag(Softmax(z)), product(Softmax(z), T(Softmax(z)))))),
        Context(hypotheses=given(total(y), number(1))),
    ),
    "sigmoid cross-entropy": Row(
        by(BINARY, z), minus(f("sigmoid", z), y), (minus(y, f("sigmoid", z)), minus(f("sigmoid", z), scale(2, y)))
    ),
    "sigmoid cross-entropy as a softplus": Row(
        BINARY,
        minus(total(f("softplus", z)), dot(y, z)),
        (add(total(f("softplus", z)), dot(y, z)), total(f("softplus", z))),
    ),
    "squared error": Row(
        by(scale(HALF, squared(minus(product(K, v), y))), v),
        product(T(K), minus(product(K, v), y)),
        (scale(2, product(T(K), minus(product(K, v), y))), product(T(K), minus(y, product(K, v)))),
    ),
    "squared error, by the weights": Row(
        by(scale(HALF, squared(minus(product(K, v), y))), K),
        product(minus(product(K, v), y), T(v)),
        (product(minus(y, product(K, v)), T(v)), scale(2, product(minus(product(K, v), y), T(v)))),
    ),
    "ridge": Row(
        by(add(squared(minus(product(K, v), y)), times(lam, squared(v))), v),
        scale(2, add(product(T(K), minus(product(K, v), y)), times(lam, v))),
        (
            add(scale(2, product(T(K), minus(product(K, v), y))), times(lam, v)),
            scale(2, product(T(K), minus(product(K, v), y))),
        ),
    ),
    "ridge, by a matrix": Row(
        by(times(lam, Trace(dot(K, K))), K), times(lam, scale(2, K)), (times(lam, K), scale(2, K))
    ),
    "Frobenius norm": Row(
        by(f("sqrt", Trace(dot(K, K))), K),
        over(K, f("sqrt", Trace(dot(K, K)))),
        (K, over(K, Trace(dot(K, K))), over(scale(2, K), f("sqrt", Trace(dot(K, K))))),
        Context(conditions=where(positive=Trace(dot(K, K)))),
    ),
    "hinge": Row(
        by(f("relu", minus(number(1), times(s, dot(w, x)))), w),
        scale(-1, times(f("step", minus(number(1), times(s, dot(w, x)))), times(s, x))),
        (
            times(f("step", minus(number(1), times(s, dot(w, x)))), times(s, x)),
            scale(-1, times(f("step", minus(number(1), times(s, dot(w, x)))), x)),
        ),
    ),
}

Xd, Wd, Yd = matrix("Xd", "N", "m"), matrix("Wd", "m", "n"), matrix("Yd", "N", "n")
Zn, Pn = matrix("Zn", "N", "n"), matrix("Pn", "N", "n")
COUNT = product(T(one("N")), one("N"))
ROWS_ADD_UP = given(product(Yd, one()), one("N"))
Pd = T(Softmax(T(product(Xd, Wd))))
MEAN_CROSS = over(scale(-1, Trace(dot(Yd, f("log", Pd)))), COUNT)
BATCH_CROSS = network(
    (Zn, product(Xd, Wd)),
    (Pn, T(Softmax(T(Zn)))),
    (L, over(scale(-1, Trace(dot(Yd, f("log", Pn)))), COUNT)),
    hypotheses=ROWS_ADD_UP,
    conditions=where(positive=Pn),
)
temp = scalar("temp")
WARM = Softmax(over(z, temp))
sg = column("sg")
DIVERGENCE = scale(HALF, total(add(square(sg), square(x), scale(-1, one()), scale(-1, f("log", square(sg))))))
MARGIN = times(s, dot(w, x))
ENTROPY = scale(-1, dot(Softmax(z), f("log", Softmax(z))))
MORE_LOSSES = {
    "mean cross-entropy": Row(
        by(MEAN_CROSS, Wd),
        over(product(T(Xd), minus(Pd, Yd)), COUNT),
        (product(T(Xd), minus(Pd, Yd)), over(product(T(Xd), minus(Yd, Pd)), COUNT)),
        Context(hypotheses=ROWS_ADD_UP),
    ),
    "mean cross-entropy of nodes": Row(
        by(L, Zn), over(minus(Pn, Yd), COUNT), (minus(Pn, Yd), over(minus(Yd, Pn), COUNT)), BATCH_CROSS
    ),
    "mean cross-entropy of nodes, by the weights": Row(
        by(L, Wd),
        over(product(T(Xd), minus(Pn, Yd)), COUNT),
        (over(product(T(Xd), Pn), COUNT), product(T(Xd), minus(Pn, Yd))),
        BATCH_CROSS,
    ),
    "softmax with a temperature": Row(
        by(WARM, z),
        over(minus(diag(WARM), product(WARM, T(WARM))), temp),
        (minus(diag(WARM), product(WARM, T(WARM))), over(diag(WARM), temp)),
        Context(conditions=where(nonzero=temp)),
    ),
    "relative entropy": Row(
        by(dot(y, minus(f("log", y), f("log", Softmax(z)))), z),
        minus(Softmax(z), y),
        (minus(y, Softmax(z)), Softmax(z)),
        Context(conditions=where(positive=y), hypotheses=given(total(y), number(1))),
    ),
    "entropy": Row(
        by(ENTROPY, z),
        scale(-1, had(Softmax(z), add(f("log", Softmax(z)), times(ENTROPY, one())))),
        (
            had(Softmax(z), add(f("log", Softmax(z)), times(ENTROPY, one()))),
            scale(-1, had(Softmax(z), f("log", Softmax(z)))),
        ),
    ),
    "divergence of Gaussians": Row(
        by(DIVERGENCE, sg),
        minus(sg, f("reciprocal", sg)),
        (sg, add(sg, f("reciprocal", sg))),
        Context(conditions=where(positive=sg)),
    ),
    "logistic loss of a margin": Row(
        by(f("softplus", scale(-1, MARGIN)), w),
        scale(-1, times(f("sigmoid", scale(-1, MARGIN)), times(s, x))),
        (times(f("sigmoid", scale(-1, MARGIN)), times(s, x)), scale(-1, times(f("sigmoid", MARGIN), times(s, x)))),
    ),
    "logistic loss of a margin, written out": Row(
        by(f("log", add(number(1), f("exp", scale(-1, MARGIN)))), w),
        scale(-1, times(f("sigmoid", scale(-1, MARGIN)), times(s, x))),
        (times(f("sigmoid", scale(-1, MARGIN)), times(s, x)), scale(-1, times(f("sigmoid", scale(-1, MARGIN)), x))),
    ),
}
