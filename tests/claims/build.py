"""Short words for claims about recurrent networks, and the record that a row of the tables is.

Times are written as text: h("tau-k+i"), prod("i", 1, "k", ...). Nothing here judges.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
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
    Scale,
    Size,
    Sum,
    Symbol,
    Term,
    Transpose,
    product,
)
from symgrad.serialize import parse_affine
from symgrad.verdict import Status

Time = str | int | Affine
Family = Callable[[Time], Symbol]


@dataclass(frozen=True, slots=True)
class Case:
    """A claim with its right verdict. `reason` is a part of what an undecided verdict has to say."""

    statement: Statement
    context: Context
    status: Status
    unknown: Symbol | None = None
    reason: str = ""


def at(time: Time) -> Affine:
    return parse_affine(time) if isinstance(time, str) else affine(time)


def family(name: str, size: Size = "n") -> Family:
    return lambda time: Symbol(name, (size, 1), (at(time),))


def matrix(name: str, rows: Size = "n", columns: Size = "n") -> Symbol:
    return Symbol(name, (rows, columns))


def number(value: int | str) -> Number:
    return Number(Fraction(value))


def times(factor: int | str | Term, body: Term) -> Scale:
    return Scale(factor if isinstance(factor, Term) else number(factor), body)


def minus(left: Term, right: Term) -> Sum:
    return Sum((left, times(-1, right)))


def plus(*terms: Term) -> Sum:
    return Sum(terms)


def had(*factors: Term) -> Hadamard:
    return Hadamard(factors)


def diag(body: Term) -> Diagonal:
    return Diagonal(body)


def tr(body: Term) -> Transpose:
    return Transpose(body)


def square(body: Term) -> EntrywisePower:
    return EntrywisePower(body, 2)


def power(body: Term, exponent: Time) -> Power:
    return Power(body, at(exponent))


def prod(index: str, lower: Time, upper: Time, body: Term) -> OrderedProduct:
    return OrderedProduct(index, at(lower), at(upper), body)


def norm(body: Term) -> Magnitude:
    return Magnitude("spectral_norm", body)


def sup(body: Term) -> Extremum:
    return Extremum("sup", "x", norm(body))


def largest(body: Term) -> Extremum:
    return Extremum("max", "x", norm(body))


def tanh(body: Term) -> Entrywise:
    return Entrywise("tanh", body)


def sigmoid(body: Term) -> Entrywise:
    return Entrywise("sigmoid", body)


def slope(node: Term) -> Diagonal:
    """diag(1 - v^2)"""
    return diag(minus(ONES, square(node)))


def gate_slope(node: Term) -> Diagonal:
    """diag(v (1 - v))"""
    return diag(had(node, minus(ONES, node)))


def by(node: Symbol, of: Term | None = None, *held: Held, direct: bool = False) -> Gradient:
    """The gradient by a node, of the loss unless told otherwise."""
    return Gradient(of or LOSS, node, held, direct)


def hold(name: str, lower: Time, upper: Time) -> Held:
    return Held(name, at(lower), at(upper))


def equal(left: Term, right: Term) -> Statement:
    return Statement(left, "=", right)


def at_most(left: Term, right: Term, relation: Relation = "<=") -> Statement:
    return Statement(left, relation, right)


def drive(gate: str = "", time: Time = "t", state: Family | None = None) -> Sum:
    """W h[t-1] + U x[t] + b, with the letters of a gate."""
    tail = f"_{gate}" if gate else ""
    W, U, b = matrix(f"W{tail}"), matrix(f"U{tail}", "n", "m"), Symbol(f"b{tail}", ("n", 1))
    return plus(product(W, (state or h)(at(time) - 1)), product(U, x(time)), b)


def define(head: Symbol, body: Term) -> Definition:
    return Definition(head, body)


def model(
    *definitions: Definition, assume: Iterable[str] = ("k",), on: Symbol | None = None, **more: object
) -> Context:
    """A model with a loss on one node and affine expressions that are at least 0; `more` are fields of the context."""
    loss = Loss("L", on or h("tau"))
    return Context(definitions, losses=(loss,), assumptions=tuple(map(at, assume)), **more)  # type: ignore[arg-type]


def assumed(left: Term, relation: Relation, right: Term, *forall: str) -> Hypothesis:
    return Hypothesis(Statement(left, relation, right), forall)


LOSS = Symbol("L", (1, 1))
ONES = Ones(("n", 1))
UNIT = Identity("n")
h, s, x = family("h"), family("s"), family("x", "m")
e, i, o, z = (family(letter) for letter in "eioz")
W, W_T = matrix("W"), Transpose(matrix("W"))
X = Symbol("x", (1, 1))
G = by(h("tau"))

RNN = (define(h("t"), tanh(drive())),)
LSTM = (
    *(define(family(letter)("t"), sigmoid(drive(letter))) for letter in "eio"),
    define(z("t"), tanh(drive("z"))),
    define(s("t"), plus(had(e("t"), s("t-1")), had(i("t"), z("t")))),
    define(h("t"), had(o("t"), tanh(s("t")))),
)
