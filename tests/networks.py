"""Models and terms for tests, written by hand in the kernel's records: a vanilla RNN and an LSTM."""

from __future__ import annotations

from fractions import Fraction

from symgrad.kernel.affine import Affine, affine
from symgrad.kernel.certificate import Context, Definition, Hypothesis, Loss, Relation, Statement
from symgrad.kernel.term import (
    Diagonal,
    Entrywise,
    EntrywisePower,
    Extremum,
    Gradient,
    Hadamard,
    Held,
    Identity,
    Magnitude,
    Number,
    Ones,
    OrderedProduct,
    Power,
    Product,
    Scale,
    Size,
    Sum,
    Symbol,
    Term,
    Transpose,
)

T, TAU, K, STEP = (affine(name) for name in ("t", "tau", "k", "i"))
X = Symbol("x", (1, 1))
LOSS = Symbol("L", (1, 1))
ONES = Ones(("n", 1))
UNIT = Identity("n")


def matrix(name: str, rows: Size = "n", columns: Size = "n") -> Symbol:
    return Symbol(name, (rows, columns))


def vector(name: str, time: Affine | None = None, size: Size = "n") -> Symbol:
    return Symbol(name, (size, 1), () if time is None else (time,))


def number(value: int | str | Fraction) -> Number:
    return Number(Fraction(value))


def minus(left: Term, right: Term) -> Sum:
    return Sum((left, Scale(number(-1), right)))


def product(*factors: Term) -> Product:
    return Product(factors)


def drive(weights: str, inputs: str, bias: str, time: Affine) -> Sum:
    """W h[t-1] + U x[t] + b."""
    recurrent = Product((matrix(weights), vector("h", time - 1)))
    return Sum((recurrent, Product((matrix(inputs, "n", "m"), vector("x", time, "m"))), vector(bias)))


def gate(name: str, function: str) -> Definition:
    return Definition(vector(name, T), Entrywise(function, drive(f"W_{name}", f"U_{name}", f"b_{name}", T)))


RNN = (Definition(vector("h", T), Entrywise("tanh", drive("W", "U", "b", T))),)
LSTM = (
    *(gate(name, "sigmoid") for name in "eio"),
    gate("z", "tanh"),
    Definition(
        vector("s", T),
        Sum((Hadamard((vector("e", T), vector("s", T - 1))), Hadamard((vector("i", T), vector("z", T))))),
    ),
    Definition(vector("h", T), Hadamard((vector("o", T), Entrywise("tanh", vector("s", T))))),
)


def context(recurrence: tuple[Definition, ...], *hypotheses: Hypothesis, least: int = 0) -> Context:
    """The model with a loss on h[tau], and k >= least."""
    return Context(recurrence, (LET_C,), (Loss("L", vector("h", TAU)),), (K - least,), hypotheses)


def assumed(left: Term, relation: Relation, right: Term, *forall: str) -> Hypothesis:
    return Hypothesis(Statement(left, relation, right), forall)


def norm(term: Term) -> Magnitude:
    return Magnitude("spectral_norm", term)


def sup(body: Term) -> Extremum:
    return Extremum("sup", "x", norm(body))


def maximum(body: Term) -> Extremum:
    return Extremum("max", "x", norm(body))


def slope(time: Affine, exponent: int = 2) -> Diagonal:
    """diag(1 - h^2)."""
    return Diagonal(minus(ONES, EntrywisePower(vector("h", time), exponent)))


def power(body: Term, exponent: Affine | int) -> Power:
    return Power(body, affine(exponent))


LOSS_BY_H = Gradient(LOSS, vector("h", TAU))
H_BY_H = Gradient(vector("h", TAU), vector("h", TAU - K))
S_BY_S = Gradient(vector("s", TAU), vector("s", TAU - K))
CELL_PATH = Held("h", TAU - K, TAU - 1)
S_BY_S_CUT = Gradient(vector("s", TAU), vector("s", TAU - K), (CELL_PATH,))
LET_C = Definition(Symbol("c", ("n", "n"), (K, TAU)), minus(S_BY_S, S_BY_S_CUT))
FORGET = OrderedProduct("i", affine(1), K, Diagonal(vector("e", TAU - K + STEP)))
OUTPUT = product(
    Diagonal(vector("o", TAU)), Diagonal(minus(ONES, EntrywisePower(Entrywise("tanh", vector("s", TAU)), 2)))
)
LARGEST_SLOPE = maximum(minus(number(1), power(Entrywise("tanh", X), 2)))


def equation_1(factor: Term, lower: Affine | int = 1, upper: Affine = K, sign: int = 1) -> Statement:
    """The gradient of the loss k steps back is this product times the gradient of the loss."""
    right = product(OrderedProduct("i", affine(lower), upper, factor), LOSS_BY_H)
    return Statement(Gradient(LOSS, vector("h", TAU - K)), "=", right if sign == 1 else Scale(number(sign), right))


def equation_2(
    relation: Relation = "<=", exponent: Affine = K, weight: Term | None = None, factor: Term = LARGEST_SLOPE
) -> Statement:
    """The norm of the gradient over k steps is at most |W|^k times factor^k."""
    right = product(power(weight or norm(matrix("W")), exponent), power(factor, K))
    return Statement(norm(H_BY_H), relation, right)


def equation_3(*extra: Term) -> Statement:
    """The gradient of the loss by an earlier cell state is [c + forget gates] output g, plus what else is given."""
    right = product(Sum((LET_C.head, FORGET)), OUTPUT, LOSS_BY_H)
    return Statement(Gradient(LOSS, vector("s", TAU - K)), "=", Sum((right, *extra)) if extra else right)


def equation_4(bound: Term, relation: Relation = "<=") -> Statement:
    """The norm of the gradient of the cell state is at most |c| plus this bound."""
    return Statement(norm(S_BY_S), relation, Sum((norm(LET_C.head), bound)))


OUTPUT_GATE_PATH = product(
    Gradient(vector("o", TAU), vector("s", TAU - K)), Diagonal(Entrywise("tanh", vector("s", TAU))), LOSS_BY_H
)
FACTOR_1 = product(Transpose(matrix("W")), slope(TAU - K + STEP))
