"""Short words for claims about layers, and the record that a row of the tables is."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from symgrad.kernel.affine import affine
from symgrad.kernel.certificate import Condition, Context, Definition, Hypothesis, Loss, Statement
from symgrad.kernel.term import (
    SCALAR,
    Diagonal,
    Entrywise,
    EntrywisePower,
    Gradient,
    Hadamard,
    Identity,
    Inverse,
    Magnitude,
    Ones,
    Power,
    Scale,
    Size,
    Symbol,
    Term,
    Transpose,
    add,
    product,
    scale,
)

NOTHING = Context()


@dataclass(frozen=True, slots=True)
class Row:
    """What is derived or equated, the right value of it, and false values."""

    left: Term
    right: Term
    wrong: tuple[Term, ...]
    context: Context = NOTHING

    @property
    def claim(self) -> Statement:
        return Statement(self.left, "=", self.right)

    @property
    def mutants(self) -> tuple[Statement, ...]:
        return tuple(Statement(self.left, "=", one) for one in self.wrong)


def column(name: str, size: Size = "n") -> Symbol:
    return Symbol(name, (size, 1))


def matrix(name: str, rows: Size = "n", columns: Size = "n") -> Symbol:
    return Symbol(name, (rows, columns))


def scalar(name: str) -> Symbol:
    return Symbol(name, SCALAR)


def one(size: Size = "n") -> Ones:
    return Ones((size, 1))


def T(body: Term) -> Term:
    return Transpose(body)


def f(name: str, body: Term) -> Entrywise:
    return Entrywise(name, body)


def minus(left: Term, right: Term) -> Term:
    return add(left, scale(-1, right))


def over(body: Term, divisor: Term) -> Term:
    return Scale(Inverse(divisor), body)


def times(factor: Term | int | Fraction, body: Term) -> Term:
    return Scale(factor, body) if isinstance(factor, Term) else scale(factor, body)


def dot(left: Term, right: Term) -> Term:
    return product(T(left), right)


def had(*factors: Term) -> Term:
    return Hadamard(factors)


def square(body: Term) -> Term:
    return EntrywisePower(body, 2)


def total(body: Term) -> Term:
    """The sum of the entries of a column."""
    return product(T(Ones(body.shape)), body)


def length(body: Term) -> Term:
    return Magnitude("spectral_norm", body)


def squared(body: Term) -> Term:
    return Power(length(body), affine(2))


def by(of: Term, wrt: Symbol) -> Gradient:
    return Gradient(of, wrt)


def hessian(of: Term, wrt: Symbol) -> Gradient:
    return Gradient(Gradient(of, wrt), wrt)


def diag(body: Term) -> Term:
    return Diagonal(body)


def network(*definitions: tuple[Symbol, Term], on: Symbol | None = None, **more: object) -> Context:
    """Nodes of a feed-forward network; the loss L depends on one of them unless it is defined."""
    losses = (Loss("L", on),) if on else ()
    return Context(tuple(Definition(*pair) for pair in definitions), losses=losses, **more)  # type: ignore[arg-type]


def where(**conditions: Term) -> tuple[Condition, ...]:
    """positive=..., nonzero=..., invertible=..."""
    return tuple(Condition(kind, term) for kind, term in conditions.items())  # type: ignore[arg-type]


def given(left: Term, right: Term) -> tuple[Hypothesis, ...]:
    return (Hypothesis(Statement(left, "=", right)),)


HALF = Fraction(1, 2)
L, lam, s, eps = (scalar(name) for name in ("L", "lam", "s", "eps"))
x, y, z, g, w, gamma, beta = (column(name) for name in ("x", "y", "z", "g", "w", "gamma", "beta"))
A, M, S = (matrix(name) for name in ("A", "M", "S"))
I_n = Identity("n")
SIZE = product(T(one()), one())

D, u = matrix("D", "N", "n"), column("u", "N")
GRAM = add(dot(D, D), times(lam, I_n))
K = matrix("K", "n", "m")
b = column("b")
v = column("v", "m")
