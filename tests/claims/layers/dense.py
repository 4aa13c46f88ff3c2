"""Dense layers: a sample as a column, or samples as rows; residual networks."""

from __future__ import annotations

from symgrad.kernel.certificate import Context, Definition
from symgrad.kernel.term import add, product, scale

from .words import HALF, A, I_n, L, Row, T, by, column, diag, f, had, matrix, network, one, v, x

# Dense layers: a sample is a column.
W1, W2, W3 = matrix("W1", "n", "m"), matrix("W2", "p", "n"), matrix("W3", "q", "p")
b1, b2, b3 = column("b1"), column("b2", "p"), column("b3", "q")
z1, z2, z3 = column("z1"), column("z2", "p"), column("z3", "q")
a1, a2, a3 = column("a1"), column("a2", "p"), column("a3", "q")
DEEP = network(
    (z1, add(product(W1, v), b1)),
    (a1, f("phi", z1)),
    (z2, add(product(W2, a1), b2)),
    (a2, f("phi", z2)),
    (z3, add(product(W3, a2), b3)),
    (a3, f("phi", z3)),
    on=a3,
)
d1, d2, d3 = (column(f"d{k}", size) for k, size in ((1, "n"), (2, "p"), (3, "q")))
DELTAS = Context(
    DEEP.recurrence,
    tuple(Definition(head, by(L, node)) for head, node in ((d1, z1), (d2, z2), (d3, z3))),
    DEEP.losses,
)
RELU = network((z1, add(product(W1, v), b1)), (a1, f("relu", z1)), (z2, add(product(W2, a1), b2)), on=z2)

DENSE = {
    "last delta": Row(by(L, z3), had(f("phi'", z3), by(L, a3)), (by(L, a3), had(f("phi'", a3), by(L, a3))), DEEP),
    "delta from the next": Row(
        d2,
        had(f("phi'", z2), product(T(W3), d3)),
        (product(T(W3), d3), had(f("phi'", a2), product(T(W3), d3)), had(f("phi'", z2), product(T(W3), by(L, a3)))),
        DELTAS,
    ),
    "delta of the first": Row(
        d1,
        product(diag(f("phi'", z1)), T(W2), d2),
        (product(T(W2), diag(f("phi'", z2)), d2), product(T(W2), d2)),
        DELTAS,
    ),
    "gradient by W": Row(by(L, W2), product(d2, T(a1)), (product(d2, T(z1)), scale(2, product(d2, T(a1)))), DELTAS),
    "gradient by the first W": Row(
        by(L, W1), product(d1, T(v)), (product(by(L, a1), T(v)), product(d1, T(one("m")))), DELTAS
    ),
    "gradient by b": Row(by(L, b3), d3, (by(L, a3), scale(-1, d3)), DELTAS),
    "gradient by the input": Row(
        by(L, v), product(T(W1), d1), (product(T(W1), by(L, a1)), scale(2, product(T(W1), d1))), DELTAS
    ),
    "Jacobian of two layers": Row(
        by(a2, a1),
        product(T(W2), diag(f("phi'", z2))),
        (T(W2), product(T(W2), diag(f("phi'", a2)))),
        DEEP,
    ),
    "Jacobian of the network": Row(
        by(a3, v),
        product(T(W1), diag(f("phi'", z1)), T(W2), diag(f("phi'", z2)), T(W3), diag(f("phi'", z3))),
        (
            product(T(W1), diag(f("phi'", z1)), T(W2), T(W3), diag(f("phi'", z3))),
            product(T(W1), diag(f("phi'", z1)), T(W2), diag(f("phi", z2)), T(W3), diag(f("phi'", z3))),
        ),
        DEEP,
    ),
    "rectified": Row(
        by(L, v),
        product(T(W1), diag(f("step", z1)), T(W2), by(L, z2)),
        (product(T(W1), T(W2), by(L, z2)), product(T(W1), diag(f("relu", z1)), T(W2), by(L, z2))),
        RELU,
    ),
}

# Batches: the samples are rows.
X, W = matrix("X", "N", "m"), matrix("W", "m", "n")
Y, B, b = matrix("Y", "N", "n"), matrix("B", "N", "n"), column("b")
H, V, c = matrix("H", "N", "n"), matrix("V", "n", "p"), column("c", "p")
OUT = matrix("O", "N", "p")
BATCH = network(
    (Y, add(product(X, W), product(one("N"), T(b)))),
    (H, f("phi", Y)),
    (OUT, add(product(H, V), product(one("N"), T(c)))),
    on=OUT,
)
ROWS = {
    "batch, W": Row(
        by(L, W), product(T(X), by(L, Y)), (product(T(X), by(L, H)), scale(2, product(T(X), by(L, Y)))), BATCH
    ),
    "batch, b": Row(
        by(L, b),
        product(T(by(L, Y)), one("N")),
        (product(T(by(L, H)), one("N")), scale(HALF, product(T(by(L, Y)), one("N")))),
        BATCH,
    ),
    "batch, X": Row(
        by(L, X), product(by(L, Y), T(W)), (product(by(L, H), T(W)), scale(-1, product(by(L, Y), T(W)))), BATCH
    ),
    "batch, H": Row(by(L, H), product(by(L, OUT), T(V)), (by(L, Y), scale(2, product(by(L, OUT), T(V)))), BATCH),
    "batch, Y": Row(
        by(L, Y),
        had(f("phi'", Y), product(by(L, OUT), T(V))),
        (product(by(L, OUT), T(V)), had(f("phi'", H), product(by(L, OUT), T(V)))),
        BATCH,
    ),
    "batch, first W": Row(
        by(L, W),
        product(T(X), had(f("phi'", Y), product(by(L, OUT), T(V)))),
        (product(T(X), product(by(L, OUT), T(V))), product(T(X), had(f("phi", Y), product(by(L, OUT), T(V))))),
        BATCH,
    ),
    "batch, c": Row(
        by(L, c),
        product(T(by(L, OUT)), one("N")),
        (scale(2, product(T(by(L, OUT)), one("N"))), scale(-1, product(T(by(L, OUT)), one("N")))),
        BATCH,
    ),
}

r1, r2 = column("r1"), column("r2")
VR = matrix("VR")
RESIDUAL = network((r1, add(x, f("phi", product(A, x)))), (r2, add(r1, f("phi", product(VR, r1)))), on=r2)
STEP1 = add(I_n, product(T(A), diag(f("phi'", product(A, x)))))
STEP2 = add(I_n, product(T(VR), diag(f("phi'", product(VR, r1)))))
RESIDUALS = {
    "two blocks": Row(
        by(L, x),
        product(STEP1, STEP2, by(L, r2)),
        (
            product(STEP2, STEP1, by(L, r2)),
            product(STEP1, by(L, r2)),
            product(add(STEP1, scale(-1, I_n)), STEP2, by(L, r2)),
        ),
        RESIDUAL,
    ),
    "Jacobian of a block": Row(by(r1, x), STEP1, (add(STEP1, scale(-1, I_n)), T(STEP1)), RESIDUAL),
}
