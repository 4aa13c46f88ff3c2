"""Inverses, determinants, differentials."""

from __future__ import annotations

from symgrad.kernel.certificate import Condition, Context
from symgrad.kernel.term import Determinant, Identity, Inverse, Trace, add, number, product, scale

from .words import (
    GRAM,
    HALF,
    A,
    D,
    I_n,
    M,
    Row,
    S,
    T,
    by,
    dot,
    f,
    given,
    lam,
    matrix,
    minus,
    over,
    times,
    u,
    w,
    where,
    x,
    y,
)

# Inverses and determinants.
REGULAR = Context(conditions=where(invertible=A))
AI = Inverse(A)
INVERSES = {
    "log det": Row(
        by(f("log", Determinant(A)), A),
        Inverse(T(A)),
        (AI, scale(2, Inverse(T(A)))),
        Context(conditions=where(positive=Determinant(A), invertible=A)),
    ),
    "det": Row(
        by(Determinant(A), A), times(Determinant(A), Inverse(T(A))), (times(Determinant(A), AI), Inverse(T(A))), REGULAR
    ),
    "det of a multiple": Row(
        by(f("log", Determinant(product(M, A))), A),
        T(AI),
        (AI, T(product(AI, Inverse(M)))),
        Context(conditions=(*where(positive=Determinant(product(M, A)), invertible=A), Condition("invertible", M))),
    ),
    "trace with an inverse": Row(
        by(Trace(product(M, AI)), A),
        scale(-1, T(product(AI, M, AI))),
        (T(product(AI, M, AI)), scale(-1, product(AI, M, AI))),
        REGULAR,
    ),
    "quadratic form with an inverse": Row(
        by(dot(x, product(AI, x)), A),
        scale(-1, product(T(AI), x, T(x), T(AI))),
        (product(T(AI), x, T(x), T(AI)), scale(-1, product(AI, x, T(x), AI))),
        REGULAR,
    ),
    "inverse of a product": Row(
        Inverse(product(A, M)),
        product(Inverse(M), AI),
        (product(AI, Inverse(M)), product(M, A)),
        Context(conditions=(*where(invertible=A), Condition("invertible", M))),
    ),
    "inverse twice": Row(Inverse(AI), A, (AI, T(A)), REGULAR),
    "solution of ridge regression": Row(
        minus(
            product(T(D), minus(product(D, Inverse(GRAM), T(D), u), u)),
            scale(-1, times(lam, product(Inverse(GRAM), T(D), u))),
        ),
        times(0, w),
        (product(T(D), u), times(lam, w)),
        Context(conditions=where(invertible=GRAM)),
    ),
    "push-through": Row(
        product(Inverse(GRAM), T(D)),
        product(T(D), Inverse(add(product(D, T(D)), times(lam, Identity("N"))))),
        (T(D), product(Inverse(GRAM), T(D), D, T(D))),
        Context(
            conditions=(
                *where(invertible=GRAM),
                Condition("invertible", add(product(D, T(D)), times(lam, Identity("N")))),
            )
        ),
    ),
    "Gaussian log-likelihood": Row(
        by(add(scale(-HALF, f("log", Determinant(S))), scale(-HALF, dot(x, product(Inverse(S), x)))), S),
        scale(HALF, minus(product(Inverse(T(S)), x, T(x), Inverse(T(S))), Inverse(T(S)))),
        (
            scale(HALF, minus(Inverse(T(S)), product(Inverse(T(S)), x, T(x), Inverse(T(S))))),
            minus(product(Inverse(T(S)), x, T(x), Inverse(T(S))), Inverse(T(S))),
        ),
        Context(conditions=where(positive=Determinant(S), invertible=S)),
    ),
}

# Differentials.
DX, R = matrix("dX"), matrix("R")
DIFFERENTIALS = {
    "of tr(A X^-1)": Row(
        Trace(dot(by(Trace(product(M, AI)), A), DX)),
        scale(-1, Trace(product(M, AI, DX, AI))),
        (Trace(product(M, AI, DX, AI)), scale(-1, Trace(product(M, AI, AI, DX)))),
        REGULAR,
    ),
    "of log det": Row(
        Trace(dot(by(f("log", Determinant(A)), A), DX)),
        Trace(product(AI, DX)),
        (Trace(product(T(AI), DX)), scale(-1, Trace(product(AI, DX)))),
        Context(conditions=where(positive=Determinant(A), invertible=A)),
    ),
    "of X^-1": Row(
        Trace(dot(by(Trace(dot(R, AI)), A), DX)),
        scale(-1, Trace(product(T(R), AI, DX, AI))),
        (scale(-1, Trace(product(T(R), AI, AI, DX))), Trace(product(T(R), AI, DX, AI))),
        REGULAR,
    ),
    "of X^T X": Row(
        Trace(dot(by(Trace(product(R, T(A), A)), A), DX)),
        Trace(product(R, add(dot(DX, A), dot(A, DX)))),
        (Trace(product(R, add(dot(DX, A), product(A, DX)))), scale(2, Trace(product(R, dot(DX, A))))),
    ),
}

RANK_ONE = add(A, product(x, T(y)))
BELOW = add(number(1), dot(y, product(AI, x)))
DOWNDATE = minus(AI, over(product(AI, x, T(y), AI), BELOW))
UPDATED = Context(conditions=(*where(invertible=A), *where(nonzero=BELOW), *where(invertible=RANK_ONE)))
LOG_GRAM = f("log", Determinant(dot(D, D)))
MORE_INVERSES = {
    "inverse after a change of rank one, multiplied": Row(
        product(RANK_ONE, DOWNDATE), I_n, (A, scale(2, I_n)), UPDATED
    ),
    "inverse after a change of rank one": Row(
        Inverse(RANK_ONE),
        DOWNDATE,
        (AI, add(AI, over(product(AI, x, T(y), AI), BELOW)), minus(AI, product(AI, x, T(y), AI))),
        UPDATED,
    ),
    "det of an inverse": Row(
        by(Determinant(AI), A),
        scale(-1, times(Inverse(Determinant(A)), T(AI))),
        (times(Inverse(Determinant(A)), T(AI)), scale(-1, times(Determinant(A), T(AI)))),
        REGULAR,
    ),
    "log det of a Gram matrix": Row(
        by(LOG_GRAM, D),
        scale(2, product(D, Inverse(dot(D, D)))),
        (product(D, Inverse(dot(D, D))), scale(2, D)),
        Context(conditions=(*where(invertible=dot(D, D)), *where(positive=Determinant(dot(D, D))))),
    ),
    "mean of a Gaussian": Row(
        by(scale(-HALF, dot(minus(x, y), product(Inverse(S), minus(x, y)))), y),
        product(Inverse(S), minus(x, y)),
        (product(Inverse(S), minus(y, x)), product(S, minus(x, y))),
        Context(conditions=where(invertible=S), hypotheses=given(T(S), S)),
    ),
}
