"""Functions and their slopes, known and declared."""

from __future__ import annotations

from symgrad.kernel.certificate import Context, Law
from symgrad.kernel.term import Hadamard, add, number, product, scale

from .words import A, Row, T, by, diag, f, had, hessian, minus, one, scalar, square, total, where, x

# Functions.
SWISH = Context(laws=(Law("swish", "x", Hadamard((scalar("x"), f("sigmoid", scalar("x"))))),))
SLOPED = Context(laws=(Law("psi'", "x", Hadamard((f("psi", scalar("x")), minus(number(1), f("psi", scalar("x")))))),))
FUNCTIONS = {
    "gelu": Row(
        by(f("gelu", x), x),
        diag(add(f("normal_cdf", x), had(x, f("normal_density", x)))),
        (diag(f("normal_cdf", x)), diag(had(x, f("normal_density", x)))),
    ),
    "silu": Row(
        by(total(f("silu", x)), x),
        had(f("sigmoid", x), add(one(), had(x, minus(one(), f("sigmoid", x))))),
        (f("sigmoid", x), had(f("sigmoid", x), add(one(), had(x, f("sigmoid", x))))),
    ),
    "silu by itself": Row(
        by(total(f("silu", x)), x),
        add(f("silu", x), had(f("sigmoid", x), minus(one(), f("silu", x)))),
        (f("silu", x), add(f("silu", x), f("sigmoid", x))),
    ),
    "softplus": Row(by(f("softplus", x), x), diag(f("sigmoid", x)), (diag(f("softplus", x)), diag(f("tanh", x)))),
    "softplus as a logarithm": Row(
        by(total(f("log", add(one(), f("exp", x)))), x), f("sigmoid", x), (f("exp", x), f("sigmoid", scale(-1, x)))
    ),
    "sigmoid as a quotient": Row(
        by(total(f("reciprocal", add(one(), f("exp", scale(-1, x))))), x),
        had(f("sigmoid", x), minus(one(), f("sigmoid", x))),
        (f("sigmoid", x), minus(one(), f("sigmoid", x))),
    ),
    "declared": Row(
        by(total(f("swish", x)), x),
        add(f("swish", x), had(f("sigmoid", x), minus(one(), f("swish", x)))),
        (f("swish", x), had(f("sigmoid", x), minus(one(), f("swish", x)))),
        SWISH,
    ),
    "a declared slope": Row(
        by(f("psi", x), x),
        diag(minus(f("psi", x), square(f("psi", x)))),
        (diag(f("psi", x)), diag(minus(one(), f("psi", x)))),
        SLOPED,
    ),
    "a declared slope, twice": Row(
        hessian(total(f("psi", x)), x),
        diag(had(f("psi", x), minus(one(), f("psi", x)), minus(one(), scale(2, f("psi", x))))),
        (
            diag(had(f("psi", x), minus(one(), f("psi", x)))),
            diag(had(f("psi", x), minus(one(), scale(2, f("psi", x))))),
        ),
        SLOPED,
    ),
    "any function": Row(
        by(f("phi", product(A, x)), x),
        product(T(A), diag(f("phi'", product(A, x)))),
        (T(A), product(T(A), diag(f("phi'", x)))),
    ),
    "any function, twice": Row(
        hessian(total(f("phi", product(A, x))), x),
        product(T(A), diag(f("phi''", product(A, x))), A),
        (product(T(A), diag(f("phi'", product(A, x))), A), product(A, diag(f("phi''", product(A, x))), T(A))),
    ),
    "logarithm of a power": Row(
        by(total(f("log", square(x))), x),
        scale(2, f("reciprocal", x)),
        (f("reciprocal", square(x)), f("reciprocal", x)),
        Context(conditions=where(nonzero=x, positive=square(x))),
    ),
}

MORE_FUNCTIONS = {
    "logit": Row(
        f("log", had(f("sigmoid", x), f("reciprocal", minus(one(), f("sigmoid", x))))),
        x,
        (scale(2, x), f("sigmoid", x)),
    ),
    "tanh by exponentials": Row(
        f("tanh", x),
        had(minus(f("exp", x), f("exp", scale(-1, x))), f("reciprocal", add(f("exp", x), f("exp", scale(-1, x))))),
        (
            had(minus(f("exp", x), one()), f("reciprocal", add(f("exp", x), one()))),
            had(minus(f("exp", scale(-1, x)), f("exp", x)), f("reciprocal", add(f("exp", x), f("exp", scale(-1, x))))),
        ),
    ),
    "sigmoid by exponentials": Row(
        f("sigmoid", x),
        had(f("exp", x), f("reciprocal", add(one(), f("exp", x)))),
        (
            f("reciprocal", add(one(), f("exp", x))),
            had(f("exp", x), f("reciprocal", add(one(), f("exp", scale(-1, x))))),
        ),
    ),
    "softplus, both signs": Row(
        minus(f("softplus", x), f("softplus", scale(-1, x))), x, (scale(2, x), f("softplus", x))
    ),
    "mish": Row(
        by(total(had(x, f("tanh", f("softplus", x)))), x),
        add(f("tanh", f("softplus", x)), had(x, f("sigmoid", x), minus(one(), square(f("tanh", f("softplus", x)))))),
        (
            f("tanh", f("softplus", x)),
            add(f("tanh", f("softplus", x)), had(x, minus(one(), square(f("tanh", f("softplus", x)))))),
        ),
    ),
}
