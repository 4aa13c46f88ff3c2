"""A sheet made by hand, shaped like what the prover makes: an induction, a refutation, a remark, an unread display."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from symgrad.kernel.affine import Affine, affine
from symgrad.kernel.certificate import Context, Definition, Loss, Statement
from symgrad.kernel.term import (
    Diagonal,
    Entrywise,
    EntrywisePower,
    Extremum,
    Gradient,
    Hadamard,
    Held,
    Magnitude,
    Number,
    Ones,
    OrderedProduct,
    Power,
    Product,
    Scale,
    Sum,
    Symbol,
    Term,
    Transpose,
)
from symgrad.notation.dialect import Declared, Dialect
from symgrad.notation.document import Claim, Document, Heading, Paragraph, Reading, ReadRelation, Text
from symgrad.notation.problem import Problem
from symgrad.verdict import Derivation, Remark, Row, Verdict

T, K, TAU, INDEX = affine("t"), affine("k"), affine("tau"), affine("i")
ONE, MINUS = Number(Fraction(1)), Number(Fraction(-1))
LOSS = Symbol("L", (1, 1))
W, U = Symbol("W", ("n", "n")), Symbol("U", ("n", "m"))
C = Symbol("c", ("n", "n"), (K, TAU))


def vector(name: str, time: Affine, size: str = "n") -> Symbol:
    return Symbol(name, (size, 1), (time,))


def minus(left: Term, right: Term) -> Term:
    return Sum((left, Scale(MINUS, right)))


def norm(body: Term) -> Magnitude:
    return Magnitude("spectral_norm", body)


def product(lower: Affine, upper: Affine, body: Term) -> OrderedProduct:
    return OrderedProduct("i", lower, upper, body)


def slope(of: Symbol) -> Diagonal:
    return Diagonal(minus(Ones(("n", 1)), EntrywisePower(of, 2)))


def affine_map(gate: str) -> Term:
    suffix = f"_{gate}" if gate else ""
    state = Product((Symbol(f"W{suffix}", ("n", "n")), vector("h", T - 1)))
    seen = Product((Symbol(f"U{suffix}", ("n", "m")), vector("x", T, "m")))
    return Sum((state, seen, Symbol(f"b{suffix}", ("n", 1))))


RNN = Context(
    recurrence=(Definition(vector("h", T), Entrywise("tanh", affine_map(""))),),
    losses=(Loss("L", vector("h", TAU)),),
    assumptions=(K,),
)
TOTAL = Gradient(vector("s", TAU), vector("s", TAU - K))
CUT = Gradient(vector("s", TAU), vector("s", TAU - K), (Held("h", TAU - K, TAU - 1),))
CELL = Sum((Hadamard((vector("e", T), vector("s", T - 1))), Hadamard((vector("i", T), vector("z", T)))))
LSTM = Context(
    recurrence=(
        *(Definition(vector(gate, T), Entrywise("sigmoid", affine_map(gate))) for gate in "eio"),
        Definition(vector("z", T), Entrywise("tanh", affine_map("z"))),
        Definition(vector("s", T), CELL),
        Definition(vector("h", T), Hadamard((vector("o", T), Entrywise("tanh", vector("s", T))))),
    ),
    abbreviations=(Definition(C, minus(TOTAL, CUT)),),
    losses=(Loss("L", vector("h", TAU)),),
    assumptions=(K,),
)

STEP_BACK = Product((Transpose(W), slope(vector("h", TAU - K + INDEX))))
ALL_STEPS = product(affine(1), K, STEP_BACK)
LAST = Gradient(LOSS, vector("h", TAU))
ONE_STATEMENT = Statement(Gradient(LOSS, vector("h", TAU - K)), "=", Product((ALL_STEPS, LAST)))
NEXT = Gradient(LOSS, vector("h", T + 1))
PEEL = Statement(Gradient(LOSS, vector("h", T)), "=", Product((Transpose(W), slope(vector("h", T + 1)), NEXT)))
SQUARE = Power(Entrywise("tanh", Symbol("x", (1, 1))), affine(2))
SUP = Extremum("max", "x", norm(minus(ONE, SQUARE)))
TWO_STATEMENT = Statement(
    norm(Gradient(vector("h", TAU), vector("h", TAU - K))), "<=", Scale(Power(norm(W), K), Power(SUP, K))
)
GATES = product(affine(1), K, Diagonal(vector("e", TAU - K + INDEX)))
CUT_STATEMENT = Statement(CUT, "=", GATES)
SUP_TANH = Extremum("sup", "x", norm(Entrywise("tanh", Symbol("x", (1, 1)))))
FOUR_STATEMENT = Statement(norm(TOTAL), "<=", Sum((norm(C), Power(SUP_TANH, K))))
SLOPE_OF_CELL = Diagonal(minus(Ones(("n", 1)), EntrywisePower(Entrywise("tanh", vector("s", TAU)), 2)))
OUT = (SLOPE_OF_CELL, Diagonal(vector("o", TAU)), LAST)
THREE_STATEMENT = Statement(Gradient(LOSS, vector("s", TAU - K)), "=", Product((Sum((C, GATES)), *OUT)))


def _peel_rows() -> tuple[Row, ...]:
    here, after = vector("h", T), vector("h", T + 1)
    seen = Product((U, vector("x", T + 1, "m")))
    inner = Entrywise("tanh'", Sum((Product((W, here)), seen, Symbol("b", ("n", 1)))))
    return (
        Row(PEEL.left, "=", Product((Gradient(after, here, (), True), NEXT)), "chain_rule", True, "", (here,)),
        Row(None, "=", Product((Transpose(Product((Diagonal(inner), W))), NEXT)), "pullback", True),
        Row(None, "=", Product((Transpose(W), Diagonal(inner), NEXT)), "transpose_product", True),
        Row(None, "=", PEEL.right, "entrywise_derivative", True),
    )


def _induction_rows(accepted: bool) -> tuple[Row, ...]:
    empty = product(affine(1), affine(0), STEP_BACK)
    before = Gradient(LOSS, vector("h", TAU - K - 1))
    longer = product(affine(1), K + 1, Product((Transpose(W), slope(vector("h", TAU - K - 1 + INDEX)))))
    first = (Transpose(W), slope(vector("h", TAU - K)))
    return (
        Row(LAST, "=", Product((empty, LAST)), "peel_first", True, "base"),
        Row(before, "=", Product((*first, ONE_STATEMENT.left)), "lemma", accepted, "step", ("lemma peel",)),
        Row(None, "=", Product((*first, ALL_STEPS, LAST)), "lemma", True, "step", ("the induction hypothesis",)),
        Row(None, "=", Product((longer, LAST)), "peel_first", True, "step"),
    )


def rnn_gradient(*, accepted: bool = True) -> Verdict:
    proof = Derivation("", ONE_STATEMENT, _induction_rows(accepted), "induction on k")
    return Verdict(
        "proved",
        ONE_STATEMENT,
        "all n and all k",
        lemmas=(Derivation("peel", PEEL, _peel_rows()), proof),
        hypotheses=(Statement(Symbol("k", (1, 1)), ">=", Number(Fraction(0))), "L depends on the last state alone"),
    )


def rnn_norm() -> Verdict:
    factor = slope(vector("h", TAU - K + INDEX))
    power, entries = Power(norm(W), K), Magnitude("largest_entry", factor.body)
    rows = (
        Row(TWO_STATEMENT.left, "=", norm(ALL_STEPS), "lemma", True, "", ("(1)",)),
        Row(None, "<=", product(affine(1), K, Scale(norm(Transpose(W)), norm(factor))), "submultiplicative", True),
        Row(None, "=", Scale(power, product(affine(1), K, norm(factor))), "norm_transpose", True),
        Row(None, "=", Scale(power, product(affine(1), K, entries)), "norm_diagonal", True),
        Row(None, "<=", TWO_STATEMENT.right, "range_of_values", True),
    )
    return Verdict("proved", TWO_STATEMENT, "all n and all k", lemmas=(Derivation("", TWO_STATEMENT, rows),))


def lstm_wide() -> Verdict:
    """Rows far too wide for a page: they have to be broken."""
    summands = tuple(
        Product((Transpose(Symbol(f"W_{gate}", ("n", "n"))), Diagonal(Entrywise("sigmoid'", affine_map(gate))), *OUT))
        for gate in "eioz"
    )
    bracket = Sum(tuple(Product((C, GATES, Transpose(C), slope(vector("h", TAU - K + place)))) for place in range(4)))
    rows = (
        Row(THREE_STATEMENT.left, "=", Sum(summands), "chain_rule", True, "", (vector("s", TAU - K),)),
        Row(None, "=", Product((bracket, *OUT)), "normal_form", True),
        Row(None, "=", THREE_STATEMENT.right, "definition", True, "", (C,)),
    )
    return Verdict("proved", THREE_STATEMENT, "all n and all k", lemmas=(Derivation("", THREE_STATEMENT, rows),))


def _values() -> dict[str, list[list[Fraction]]]:
    return {
        "W_e": [[Fraction(0), Fraction(5)], [Fraction(1, 2), Fraction(-3, 4)]],
        "b_e": [[Fraction(1)], [Fraction(-7, 3)]],
        "s[0]": [[Fraction(1)], [Fraction(2)]],
    }


@dataclass(frozen=True)
class Instance:
    """A counterexample as the search for one makes it."""

    left: Any = ((1, 0), (Fraction(1, 3), (Fraction("0.41997434161402"), Fraction("0.41997434161403"))))
    right: Any = ((1, 0), (Fraction(1, 3), (Fraction("0.4218"), Fraction("0.4219"))))
    sizes: dict[str, int] = field(default_factory=lambda: {"n": 2, "m": 1})
    times: dict[str, int] = field(default_factory=lambda: {"k": 1, "tau": 1})
    functions: dict[str, str] = field(default_factory=dict)
    values: dict[str, list[list[Fraction]]] = field(default_factory=_values)
    entry: tuple[int, int] = (1, 1)
    seed: int = 105

    def describe(self) -> str:
        return "n = 2, k = 1"


def shared_c() -> Verdict:
    return Verdict(
        "refuted",
        THREE_STATEMENT,
        "n = 2 and k = 1",
        "the two sides differ",
        counterexample=Instance(),
        rerun="symgrad refute --again lab-10.5/eq-3.json",
    )


NASTY = " is a sigmoid's; 100% & <b>no</b> \\input{x} ,, -- ~ ^ _ # $ { } τ ≤ \u6f22 \x00."


def cell_bound() -> Verdict:
    rows = (
        Row(FOUR_STATEMENT.left, "<=", Sum((norm(C), norm(GATES))), "triangle", True),
        Row(None, "<=", FOUR_STATEMENT.right, "range_of_values", True),
    )
    remark = Remark(("The sheet bounds the forget gate with tanh, but ", vector("e", T), NASTY))
    proof = Derivation("", FOUR_STATEMENT, rows)
    return Verdict("proved", FOUR_STATEMENT, "all n and all k", lemmas=(proof,), remarks=(remark,))


def _dialect() -> Dialect:
    names = [Declared(name, ("n", 1), 1, (), "mathbf") for name in "hseioz"]
    names.append(Declared("x", ("m", 1), 1, (), "mathbf"))
    for gate in ("", "_e", "_i", "_o", "_z"):
        names.append(Declared(f"W{gate}", ("n", "n"), 0, (), "mathbf"))
        names.append(Declared(f"U{gate}", ("n", "m"), 0, (), "mathbf"))
        names.append(Declared(f"b{gate}", ("n", 1), 0, (), "mathbf"))
    names += [Declared("c", ("n", "n"), 0, ("k", "tau")), Declared("L", (1, 1), 0, (), "mathcal")]
    symbols = MappingProxyType({one.name: one for one in names})
    return Dialect(sizes=("n", "m"), times=("t", "tau", "k", "i"), symbols=symbols)


DIALECT = _dialect()


def claim(number: str, title: str, context: Context, statement: Statement) -> Claim:
    reading = Reading("", context, (ReadRelation(statement, 1, 1, ""),), None, "proved", DIALECT)
    return Claim(f"eq:{number}", number, title, 1, (reading,), (), "", DIALECT)


def document() -> Document:
    bad = Problem("lab.tex", 40, 12, "I do not know the command \\topp (did you mean \\top?)", "")
    blocks = (
        Heading(1, "The gradient of the RNN", 1),
        Paragraph((Text("The state is read backwards --- one factor for a step, ``from the left''."),), 2),
        claim("1", "Back through k steps", RNN, ONE_STATEMENT),
        Heading(1, "Its norm", 3),
        claim("2", "A bound", RNN, TWO_STATEMENT),
        Heading(1, "The path through the cell state", 4),
        claim("3", "The gradient of the cell state", LSTM, THREE_STATEMENT),
        claim("4", "", LSTM, FOUR_STATEMENT),
        claim("5", "", LSTM, CUT_STATEMENT),
        Claim("eq:6", "6", "", 40, (), (bad,), r"\mathbf W^\topp = \input{secret} <script>alert(1)</script>", DIALECT),
        claim("7", "", RNN, TWO_STATEMENT),
    )
    return Document("lab.tex", "Why the LSTM keeps its gradient", "A. Author", "2022", blocks, ())


def verdicts(*, accepted: bool = True) -> dict[str, list[tuple[str, str, Verdict]]]:
    """Verdicts for the document; with `accepted` false the kernel has turned down one step of (1)."""
    return {
        "eq:1": [("", "proved", rnn_gradient(accepted=accepted))],
        "eq:2": [("", "proved", rnn_norm())],
        "eq:3": [("c is what makes it true", "proved", lstm_wide()), ("the c of (4)", "refuted", shared_c())],
        "eq:4": [("", "proved", cell_bound())],
        "eq:5": [("", "proved", Verdict("proved", CUT_STATEMENT, "all n and all k"))],
        "eq:6": [],
    }
