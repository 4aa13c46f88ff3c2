"""Short names for terms, and the two models that most rows speak of. Nothing here is a test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction

from symgrad.kernel.certificate import (
    Certificate,
    Chain,
    Context,
    Definition,
    Hypothesis,
    Lemma,
    Loss,
    Relation,
    Statement,
    Step,
)
from symgrad.kernel.check import Judgement, check
from symgrad.kernel.term import (
    Diagonal,
    Entrywise,
    EntrywisePower,
    Extremum,
    Gradient,
    Hadamard,
    Held,
    IndexedSum,
    Magnitude,
    Ones,
    OrderedProduct,
    Power,
    Sum,
    Symbol,
    Term,
    Transpose,
    add,
    product,
    scale,
)
from symgrad.kernel.term import number as number  # the rows take it from here, like the names below
from symgrad.serialize import parse_affine

A = parse_affine
T = Transpose
COLUMN, SQUARE = ("n", 1), ("n", "n")


def family(name: str, rows: str = "n") -> Callable[[str], Symbol]:
    """Columns indexed by a time: family("h")("tau-k") is h[tau-k]."""
    return lambda time: Symbol(name, (rows, 1), (A(time),))


h, s, e, i, o, z = (family(name) for name in "hseioz")
x = family("x", "m")
W, V, Q = (Symbol(name, SQUARE) for name in "WVQ")
U = Symbol("U", ("n", "m"))
b, g = Symbol("b", COLUMN), Symbol("g", COLUMN)
L = Symbol("L", (1, 1))
X = Symbol("x", (1, 1))
ONES = Ones(COLUMN)
HALF = Fraction(1, 2)


def minus(left: Term, right: Term) -> Term:
    return Sum((left, scale(-1, right)))


def one_minus_square(body: Term) -> Term:
    return minus(ONES, EntrywisePower(body, 2))


def slope(time: str) -> Diagonal:
    """diag(1 - h[t]^2)."""
    return Diagonal(one_minus_square(h(time)))


def prod(index: str, lower: str, upper: str, body: Term) -> OrderedProduct:
    return OrderedProduct(index, A(lower), A(upper), body)


def total(index: str, lower: str, upper: str, body: Term) -> IndexedSum:
    return IndexedSum(index, A(lower), A(upper), body)


def power(body: Term, exponent: str) -> Power:
    return Power(body, A(exponent))


def norm(body: Term) -> Magnitude:
    return Magnitude("spectral_norm", body)


def smin(body: Term) -> Magnitude:
    return Magnitude("least_singular_value", body)


def radius(body: Term) -> Magnitude:
    return Magnitude("spectral_radius", body)


def largest(body: Term) -> Magnitude:
    return Magnitude("largest_entry", body)


def smallest(body: Term) -> Magnitude:
    return Magnitude("smallest_entry", body)


def sup(body: Term) -> Extremum:
    return Extremum("sup", "x", norm(body))


def maximum(body: Term) -> Extremum:
    return Extremum("max", "x", norm(body))


def tanh(body: Term) -> Entrywise:
    return Entrywise("tanh", body)


def sigmoid(body: Term) -> Entrywise:
    return Entrywise("sigmoid", body)


def at(of: Term, wrt: Symbol, *held: Held) -> Gradient:
    """The total gradient."""
    return Gradient(of, wrt, held)


def direct(of: Term, wrt: Symbol) -> Gradient:
    return Gradient(of, wrt, direct=True)


def held(lower: str, upper: str, name: str = "h") -> Held:
    return Held(name, A(lower), A(upper))


def activation(time: str) -> Term:
    """W h[t-1] + U x[t] + b."""
    return add(product(W, h(f"{time}-1")), product(U, x(time)), b)


def gate(function: str, letter: str) -> Entrywise:
    parts = (Symbol(f"W_{letter}", SQUARE), Symbol(f"U_{letter}", ("n", "m")), Symbol(f"b_{letter}", COLUMN))
    return Entrywise(function, add(product(parts[0], h("t-1")), product(parts[1], x("t")), parts[2]))


RNN = (Definition(h("t"), tanh(activation("t"))),)
LSTM = (
    *(Definition(family(letter)("t"), gate("sigmoid", letter)) for letter in "eio"),
    Definition(z("t"), gate("tanh", "z")),
    Definition(s("t"), add(Hadamard((e("t"), s("t-1"))), Hadamard((i("t"), z("t"))))),
    Definition(h("t"), Hadamard((o("t"), tanh(s("t"))))),
)
LOSS = (Loss("L", h("tau")),)


def model(recurrence: tuple[Definition, ...] = RNN, *assumptions: str, **others: object) -> Context:
    """A context; `assumptions` are affine expressions that are at least 0."""
    return Context(recurrence, assumptions=tuple(map(A, assumptions)), **{"losses": LOSS, **others})  # type: ignore[arg-type]


def assumed(left: Term, relation: Relation, right: Term, *forall: str) -> Hypothesis:
    return Hypothesis(Statement(left, relation, right), forall)


@dataclass(frozen=True, slots=True)
class Row:
    """One step from `before` to `after`, as a lemma of its own, and what it needs."""

    rule: str
    before: Term
    after: Term
    at: Term | None = None
    relation: Relation = "="
    assuming: tuple[str, ...] = ()
    context: Context = field(default_factory=model)
    arguments: tuple[tuple[str, str], ...] = ()
    lemma: str = ""
    earlier: tuple[Lemma, ...] = ()
    reverse: bool = False
    claim: Relation | None = None

    def certificate(self) -> Certificate:
        arguments = tuple((name, A(value)) for name, value in self.arguments)
        at = self.before if self.at is None else self.at
        step = Step(self.rule, self.relation, self.after, at, arguments, self.lemma, self.reverse)
        statement = Statement(self.before, self.claim or self.relation, self.after)
        lemma = Lemma("row", statement, Chain((step,)), tuple(map(A, self.assuming)))
        return Certificate(self.context, (*self.earlier, lemma))

    def judged(self) -> Judgement:
        return check(self.certificate())


def chain(name: str, left: Term, relation: Relation, right: Term, *steps: Step, assuming: str = "") -> Lemma:
    """A lemma proved by a chain; `assuming` is a list of affine expressions, separated by commas."""
    assumptions = tuple(A(one) for one in assuming.split(",") if one)
    return Lemma(name, Statement(left, relation, right), Chain(steps), assumptions)


def normal(term: Term) -> Step:
    return Step("normal_form", "=", term)
