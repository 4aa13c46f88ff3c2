"""Means, variances, layer and batch normalization, attention."""

from __future__ import annotations

from symgrad.kernel.affine import affine
from symgrad.kernel.certificate import Context
from symgrad.kernel.term import Power, Softmax, Term, Trace, add, product, scale

from .words import (
    HALF,
    SIZE,
    I_n,
    L,
    Row,
    T,
    beta,
    by,
    column,
    diag,
    dot,
    eps,
    f,
    g,
    gamma,
    had,
    matrix,
    minus,
    network,
    one,
    over,
    s,
    scalar,
    squared,
    times,
    total,
    where,
    x,
)

# Normalization.
MEAN = over(total(x), SIZE)
CENTRED = minus(x, times(MEAN, one()))
VARIANCE = over(dot(CENTRED, CENTRED), SIZE)
mu, var = scalar("mu"), scalar("var")
xc, xhat, out = column("xc"), column("xhat"), column("out")
DEVIATION = f("sqrt", add(var, eps))
NORM = network(
    (mu, over(total(x), SIZE)),
    (xc, minus(x, times(mu, one()))),
    (var, over(dot(xc, xc), SIZE)),
    (xhat, over(xc, DEVIATION)),
    (out, add(had(gamma, xhat), beta)),
    on=out,
    conditions=(*where(positive=eps), *where(positive=add(var, eps))),
)
UP = by(L, xhat)
NORMALIZED = over(
    minus(minus(UP, times(over(total(UP), SIZE), one())), times(over(dot(UP, xhat), SIZE), xhat)), DEVIATION
)
NORMALIZATION = {
    "mean": Row(by(MEAN, x), over(one(), SIZE), (one(), over(x, SIZE))),
    "variance": Row(by(VARIANCE, x), over(scale(2, CENTRED), SIZE), (over(CENTRED, SIZE), over(scale(2, x), SIZE))),
    "centring": Row(
        by(CENTRED, x), minus(I_n, over(product(one(), T(one())), SIZE)), (I_n, minus(I_n, product(one(), T(one()))))
    ),
    "normalization, gamma": Row(by(L, gamma), had(by(L, out), xhat), (by(L, out), had(by(L, out), xc)), NORM),
    "normalization, beta": Row(by(L, beta), by(L, out), (had(by(L, out), xhat), scale(2, by(L, out))), NORM),
    "normalization, xhat": Row(by(L, xhat), had(by(L, out), gamma), (by(L, out), had(by(L, out), xhat)), NORM),
    "normalization, var": Row(
        by(L, var),
        scale(-HALF, over(dot(by(L, xhat), xc), Power(DEVIATION, affine(3)))),
        (
            scale(HALF, over(dot(by(L, xhat), xc), Power(DEVIATION, affine(3)))),
            scale(-HALF, over(dot(by(L, xhat), xc), DEVIATION)),
        ),
        NORM,
    ),
    "normalization, x": Row(
        by(L, x),
        NORMALIZED,
        (
            over(minus(UP, times(over(total(UP), SIZE), one())), DEVIATION),
            over(UP, DEVIATION),
            over(
                add(minus(UP, times(over(total(UP), SIZE), one())), times(over(dot(UP, xhat), SIZE), xhat)), DEVIATION
            ),
        ),
        NORM,
    ),
}

# Attention.
Qs, Ks, Vs = matrix("Qs", "n", "d"), matrix("Ks", "m", "d"), matrix("Vs", "m", "p")
Ss, Ps, Os = matrix("Ss", "n", "m"), matrix("Ps", "n", "m"), matrix("Os", "n", "p")
ROOT = f("sqrt", product(T(one("d")), one("d")))


def row_softmax(body: Term) -> Term:
    return T(Softmax(T(body)))


ATTENTION = network((Ss, over(product(Qs, T(Ks)), ROOT)), (Ps, row_softmax(Ss)), (Os, product(Ps, Vs)), on=Os)
G = by(L, Os)
GP = product(G, T(Vs))
GS = had(Ps, minus(GP, product(had(GP, Ps), one("m"), T(one("m")))))
C = matrix("C", "n", "p")
INLINE = Trace(dot(C, product(row_softmax(over(product(Qs, T(Ks)), ROOT)), Vs)))
P0 = row_softmax(over(product(Qs, T(Ks)), ROOT))
GS0 = had(P0, minus(product(C, T(Vs)), product(had(product(C, T(Vs)), P0), one("m"), T(one("m")))))
ATTENTIONS = {
    "attention, V": Row(by(L, Vs), product(T(Ps), G), (product(T(Ss), G), scale(2, product(T(Ps), G))), ATTENTION),
    "attention, P": Row(by(L, Ps), GP, (scale(-1, GP), scale(2, GP)), ATTENTION),
    "attention, S": Row(by(L, Ss), GS, (GP, had(Ps, GP), had(Ps, minus(GP, had(GP, Ps)))), ATTENTION),
    "attention, Q": Row(
        by(L, Qs), over(product(GS, Ks), ROOT), (product(GS, Ks), over(product(GP, Ks), ROOT)), ATTENTION
    ),
    "attention, K": Row(
        by(L, Ks), over(product(T(GS), Qs), ROOT), (product(T(GS), Qs), over(product(T(GP), Qs), ROOT)), ATTENTION
    ),
    "attention in one line, Q": Row(
        by(INLINE, Qs), over(product(GS0, Ks), ROOT), (product(GS0, Ks), over(product(C, T(Vs), Ks), ROOT))
    ),
    "attention in one line, V": Row(
        by(INLINE, Vs), product(T(P0), C), (scale(2, product(T(P0), C)), scale(-1, product(T(P0), C)))
    ),
}

Xb, Yb, Xc, Xh = (matrix(name, "N", "n") for name in ("Xb", "Yb", "Xc", "Xh"))
mub, varb, sd = (column(name) for name in ("mub", "varb", "sd"))
SAMPLES = product(T(one("N")), one("N"))
BATCH_NORM = network(
    (mub, over(product(T(Xb), one("N")), SAMPLES)),
    (Xc, minus(Xb, product(one("N"), T(mub)))),
    (varb, over(product(T(had(Xc, Xc)), one("N")), SAMPLES)),
    (sd, f("sqrt", add(varb, times(eps, one())))),
    (Xh, product(Xc, diag(f("reciprocal", sd)))),
    (Yb, add(product(Xh, diag(gamma)), product(one("N"), T(beta)))),
    on=Yb,
    conditions=(*where(positive=eps), *where(positive=add(varb, times(eps, one()))), *where(positive=sd)),
)
Gx = by(L, Xh)
MEANS = over(product(one("N"), T(one("N")), Gx), SAMPLES)
ALONG = over(product(Xh, diag(product(T(had(Gx, Xh)), one("N")))), SAMPLES)
SMALL = Context(conditions=where(positive=eps))
LAYER = over(CENTRED, f("sqrt", add(VARIANCE, eps)))
ROOT_MEAN_SQUARE = f("sqrt", add(over(dot(x, x), SIZE), eps))
SCALED = over(had(gamma, x), ROOT_MEAN_SQUARE)
SPREAD = over(squared(minus(x, times(mu, one()))), SIZE)
PLAIN = network(
    (mu, over(total(x), SIZE)),
    (s, f("sqrt", SPREAD)),
    (out, add(had(gamma, over(minus(x, times(mu, one())), s)), beta)),
    on=out,
    conditions=where(positive=SPREAD),
)
FROM_OUT = had(gamma, by(L, out))
PLAIN_HAT = over(minus(x, times(mu, one())), s)
BATCH_NORMS = {
    "gamma": Row(
        by(L, gamma),
        product(T(had(by(L, Yb), Xh)), one("N")),
        (product(T(by(L, Yb)), one("N")), product(T(had(by(L, Yb), Xc)), one("N"))),
        BATCH_NORM,
    ),
    "beta": Row(
        by(L, beta),
        product(T(by(L, Yb)), one("N")),
        (scale(2, product(T(by(L, Yb)), one("N"))), product(T(had(by(L, Yb), Xh)), one("N"))),
        BATCH_NORM,
    ),
    "X": Row(
        by(L, Xb),
        product(minus(minus(Gx, MEANS), ALONG), diag(f("reciprocal", sd))),
        (
            product(minus(Gx, MEANS), diag(f("reciprocal", sd))),
            product(minus(minus(Gx, MEANS), ALONG), diag(sd)),
            product(add(minus(Gx, MEANS), ALONG), diag(f("reciprocal", sd))),
        ),
        BATCH_NORM,
    ),
}
MORE_NORMALIZATION = {
    "layer norm in one line": Row(
        by(dot(g, LAYER), x),
        over(
            minus(minus(g, times(over(total(g), SIZE), one())), times(over(dot(g, LAYER), SIZE), LAYER)),
            f("sqrt", add(VARIANCE, eps)),
        ),
        (
            over(g, f("sqrt", add(VARIANCE, eps))),
            over(minus(g, times(over(total(g), SIZE), one())), f("sqrt", add(VARIANCE, eps))),
        ),
        SMALL,
    ),
    "Jacobian of layer norm": Row(
        by(LAYER, x),
        over(
            minus(minus(I_n, over(product(one(), T(one())), SIZE)), over(product(LAYER, T(LAYER)), SIZE)),
            f("sqrt", add(VARIANCE, eps)),
        ),
        (
            over(minus(I_n, over(product(one(), T(one())), SIZE)), f("sqrt", add(VARIANCE, eps))),
            over(minus(I_n, over(product(LAYER, T(LAYER)), SIZE)), f("sqrt", add(VARIANCE, eps))),
        ),
        SMALL,
    ),
    "layer norm without eps": Row(
        by(L, x),
        over(
            minus(
                minus(FROM_OUT, times(over(total(FROM_OUT), SIZE), one())),
                times(over(dot(FROM_OUT, PLAIN_HAT), SIZE), PLAIN_HAT),
            ),
            s,
        ),
        (over(FROM_OUT, s), over(minus(FROM_OUT, times(over(total(FROM_OUT), SIZE), one())), s)),
        PLAIN,
    ),
    "root mean square": Row(
        by(dot(g, SCALED), x),
        over(minus(had(gamma, g), times(over(dot(g, SCALED), times(SIZE, ROOT_MEAN_SQUARE)), x)), ROOT_MEAN_SQUARE),
        (
            over(had(gamma, g), ROOT_MEAN_SQUARE),
            over(minus(had(gamma, g), times(over(dot(g, SCALED), SIZE), x)), ROOT_MEAN_SQUARE),
        ),
        SMALL,
    ),
}
Xa, Wq, Wk, Wv = (
    matrix(name, *size) for name, size in zip(("Xa", "Wq", "Wk", "Wv"), (("n", "p"), *[("p", "d")] * 3), strict=True)
)
Qa, Ka, Va, Oa = (matrix(name, "n", "d") for name in ("Qa", "Ka", "Va", "Oa"))
Sa, Pa = matrix("Sa"), matrix("Pa")
SELF = network(
    (Qa, product(Xa, Wq)),
    (Ka, product(Xa, Wk)),
    (Va, product(Xa, Wv)),
    (Sa, over(product(Qa, T(Ka)), ROOT)),
    (Pa, row_softmax(Sa)),
    (Oa, product(Pa, Va)),
    on=Oa,
)
GPa = product(by(L, Oa), T(Va))
GSa = had(Pa, minus(GPa, product(diag(product(had(GPa, Pa), one())), one(), T(one()))))
SELF_ATTENTION = {
    "by the input": Row(
        by(L, Xa),
        add(product(by(L, Qa), T(Wq)), product(by(L, Ka), T(Wk)), product(by(L, Va), T(Wv))),
        (product(by(L, Qa), T(Wq)), add(product(by(L, Ka), T(Wk)), product(by(L, Va), T(Wv)))),
        SELF,
    ),
    "by the weights of the queries": Row(
        by(L, Wq),
        over(product(T(Xa), GSa, Ka), ROOT),
        (product(T(Xa), GSa, Ka), over(product(T(Xa), GPa, Ka), ROOT)),
        SELF,
    ),
    "row sums from the output": Row(
        by(L, Sa),
        had(Pa, minus(GPa, product(had(by(L, Oa), Oa), one("d"), T(one())))),
        (had(Pa, GPa), had(Pa, add(GPa, product(had(by(L, Oa), Oa), one("d"), T(one()))))),
        SELF,
    ),
}
