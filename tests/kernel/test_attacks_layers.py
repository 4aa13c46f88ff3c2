"""More certificates by someone who wants a false statement accepted: conditions, laws, divisions, untimed nodes."""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import pairwise

import pytest

from symgrad.kernel.certificate import (
    Certificate,
    Context,
    Definition,
    Law,
    Loss,
    Step,
)
from symgrad.kernel.check import check
from symgrad.kernel.normal import Comparison, compare
from symgrad.kernel.term import (
    SCALAR,
    Basis,
    ComponentSum,
    Determinant,
    Diagonal,
    EntrywisePower,
    Hadamard,
    Identity,
    Inverse,
    Ones,
    Power,
    Scale,
    Softmax,
    Symbol,
    Term,
    Trace,
    Zero,
)

from .build import (
    COLUMN,
    ONES,
    SQUARE,
    A,
    L,
    T,
    U,
    V,
    W,
    X,
    add,
    assumed,
    at,
    b,
    chain,
    direct,
    g,
    h,
    maximum,
    minus,
    model,
    norm,
    normal,
    number,
    product,
    scale,
    sup,
    tanh,
    total,
    x,
)
from .rows_functions import exp, f, invertible, log, nonzero, over, positive, sqrt, where
from .rows_parameters import EVERY, loss, started
from .test_attacks import by_lemma, claim, induction, same


def s(time: str) -> Symbol:
    return Symbol("s", SCALAR, (A(time),))


def one_of(body: Term) -> Term:
    """body / body, which is 1 where the body is not 0."""
    return product(Inverse(body), body)


def step(rule: str, result: Term, where_: Term, **arguments: str) -> Step:
    return Step(rule, "=", result, where_, tuple((name, A(value)) for name, value in arguments.items()))


c = Symbol("c", SCALAR)
a = Symbol("a", COLUMN)
i_, j_ = Basis(A("i_"), "n"), Basis(A("j_"), "n")
ENTRY = product(T(i_), g)
AT_Q = where(nonzero(s("q")))
POSITIVE_AT_Q = where(positive(s("q")))
SIZED = same("sized", norm(s("q")), s("q"), step("absolute", s("q"), norm(s("q"))))
INNER = total("r", "1", "3", product(T(x("r+1")), b_ := Symbol("v", ("m", 1))))
OTHER = total("i", "1", "3", product(T(x("i")), b_))
SELF = total("r", "1", "3", product(T(x("r")), b_))
LATER_LOSS = at(total("r", "1", "5", loss("r")), W)
PEAK = minus(number(1), Power(tanh(X), A("2")))
SHORT_ROOT = Context(abbreviations=(Definition(c, sqrt(X)),))

ATTACKS: dict[str, Certificate] = {
    "a condition of one time, under a sum over it": claim(
        AT_Q, same("claim", total("q", "1", "3", one_of(s("q"))), number(3))
    ),
    "a condition of one time, under a sum in an abbreviation": claim(
        replace(AT_Q, abbreviations=(Definition(c, total("q", "1", "3", one_of(s("q")))),)),
        same("claim", c, number(3), step("definition", number(3), c)),
    ),
    "a condition of one entry, under a sum over it": claim(
        where(nonzero(ENTRY)), same("claim", ComponentSum("i_", "n", one_of(ENTRY)), product(T(ONES), ONES))
    ),
    "a condition of one time, moved by a lemma": claim(
        POSITIVE_AT_Q, SIZED, same("claim", norm(s("r")), s("r"), by_lemma(s("r"), norm(s("r")), "sized", q="r"))
    ),
    "a condition of one time, moved by induction": claim(
        where(positive(s("k"))),
        induction(
            "claim",
            norm(s("k")),
            s("k"),
            "k",
            (step("absolute", s("0"), norm(s("0"))),),
            (step("absolute", s("k+1"), norm(s("k+1"))),),
            assuming="k",
        ),
    ),
    "a condition on what a maximum is over": claim(
        Context(conditions=nonzero(X)),
        same(
            "claim",
            maximum(product(one_of(X), PEAK)),
            number(1),
            step("extremum", number(1), maximum(product(one_of(X), PEAK))),
        ),
    ),
    "a hypothesis on what a maximum is over": claim(
        Context(hypotheses=(assumed(X, ">", number(0)),)),
        same(
            "claim",
            maximum(product(one_of(X), PEAK)),
            number(1),
            step("extremum", number(1), maximum(product(one_of(X), PEAK))),
        ),
    ),
    "a definition of what a maximum is over": claim(
        Context(abbreviations=(Definition(X, exp(c)),)),
        same(
            "claim",
            maximum(product(one_of(X), PEAK)),
            number(1),
            step("extremum", number(1), maximum(product(one_of(X), PEAK))),
        ),
    ),
    "a root that may be 0, behind a name": claim(
        SHORT_ROOT,
        chain("claim", add(number(1), c), ">", number(1), Step("nonnegative_term", ">", number(1), add(number(1), c))),
    ),
    "one over a root that may be 0, behind a name": claim(SHORT_ROOT, same("claim", one_of(c), number(1))),
    "a sum over the time by which it is derived": claim(
        Context(),
        same(
            "claim",
            total("r", "1", "2", Scale(product(T(x("r")), x("r")), at(SELF, x("r")))),
            total("r", "1", "2", Scale(product(T(x("r")), x("r")), total("i", "1", "3", b_))),
            step(
                "pullback",
                total("r", "1", "2", Scale(product(T(x("r")), x("r")), total("i", "1", "3", b_))),
                at(SELF, x("r")),
            ),
        ),
    ),
    "a sum over the time by which it is derived, moved on": claim(
        Context(),
        same(
            "claim",
            total("r", "1", "2", at(INNER, x("r"))),
            Zero(("m", 1)),
            step("pullback", total("r", "1", "2", Zero(("m", 1))), at(INNER, x("r"))),
            normal(Zero(("m", 1))),
        ),
    ),
    "a sum of losses up to its own index": claim(
        EVERY,
        same(
            "claim",
            total("r", "1", "2", LATER_LOSS),
            total("r", "1", "2", LATER_LOSS),
            step("parameter_chain", total("r", "1", "2", LATER_LOSS), LATER_LOSS, upper="r"),
        ),
    ),
    "a sum of losses under the range of another index": claim(
        EVERY,
        same(
            "claim",
            total("r", "5", "6", LATER_LOSS),
            total("r", "5", "6", LATER_LOSS),
            step("parameter_chain", total("r", "5", "6", LATER_LOSS), LATER_LOSS, upper="4"),
        ),
    ),
    "the gradient of a loss by its own node": claim(
        Context((Definition(a, product(W, g)),), losses=(Loss("L", a),)),
        same("claim", at(L, a), Zero(COLUMN), step("parameter_chain", Zero(COLUMN), at(L, a))),
    ),
    "a parameter of nodes with times and without, one forgotten": claim(
        replace(
            started(),
            recurrence=(*started().recurrence, Definition(c, product(T(g), W, g))),
            losses=(Loss("L", h("tau")), Loss("l", c)),
        ),
        same(
            "claim",
            at(add(L, Symbol("l", SCALAR)), W),
            at(L, W),
            step("parameter_chain", at(L, W), at(add(L, Symbol("l", SCALAR)), W), upper="tau"),
        ),
    ),
    "an abbreviation of a node without a time": claim(
        Context((Definition(a, tanh(product(W, g))),), abbreviations=(Definition(c, product(T(a), a)),)),
        same("claim", at(c, g), Zero(COLUMN), step("pullback", Zero(COLUMN), at(c, g))),
    ),
    "a node without a time, as if it were a name": claim(
        Context((Definition(a, tanh(product(W, g))),)),
        same("claim", at(product(T(a), a), g), Zero(COLUMN), step("pullback", Zero(COLUMN), at(product(T(a), a), g))),
    ),
    "a node inside the gradient inside a gradient": claim(
        Context((Definition(a, tanh(product(W, g))),)),
        same(
            "claim",
            at(at(product(T(a), W, b), b), g),
            Zero(SQUARE),
            step("pullback", Zero(SQUARE), at(at(product(T(a), W, b), b), g)),
        ),
    ),
    "what is equal under a condition is not so under a gradient": claim(
        model(hypotheses=(assumed(g, "=", b),)),
        same(
            "claim",
            at(product(T(g), b), b),
            scale(2, b),
            Step("hypothesis", "=", at(product(T(b), b), b), g),
            step("pullback", scale(2, b), at(product(T(b), b), b)),
        ),
    ),
    "one over 0": claim(Context(), same("claim", one_of(number(0)), number(1))),
    "one over what is 0 by its form": claim(
        Context(), same("claim", one_of(minus(product(T(g), b), product(T(b), g))), number(1))
    ),
    "one over what is 0 by a condition": claim(
        where(nonzero(product(T(g), g))), same("claim", one_of(product(T(g), b)), number(1))
    ),
    "entries of one over a matrix that is diagonal": claim(
        where(nonzero(g)), same("claim", Hadamard((over(Diagonal(g)), Diagonal(g))), Ones(SQUARE))
    ),
    "an inverse of a matrix without zeros": claim(
        where(nonzero(W)),
        same(
            "claim",
            product(Inverse(W), W),
            Identity("n"),
            step("inverse_cancel", Identity("n"), product(Inverse(W), W)),
        ),
    ),
    "an invertible product of oblong factors": claim(
        where(invertible(product(U, T(U)))),
        same(
            "claim",
            Determinant(product(U, T(U))),
            Determinant(product(T(U), U)),
            step("determinant", Determinant(product(T(U), U)), Determinant(product(U, T(U)))),
        ),
    ),
    "log of a product of two negative numbers": claim(
        Context(conditions=positive(product(c, X))),
        same(
            "claim", log(product(c, X)), add(log(c), log(X)), step("logarithm", add(log(c), log(X)), log(product(c, X)))
        ),
    ),
    "log of a square": claim(
        where(nonzero(g)),
        same(
            "claim",
            log(EntrywisePower(g, 2)),
            scale(2, log(g)),
            step("logarithm", scale(2, log(g)), log(EntrywisePower(g, 2))),
        ),
    ),
    "a softmax of rows adds up to 1 in its columns": claim(
        Context(), same("claim", product(T(ONES), T(Softmax(W))), T(ONES))
    ),
    "a law about the name of a vector": claim(
        Context(laws=(Law("f", "g", Symbol("g", SCALAR)),)), same("claim", f(Symbol("g", SCALAR)), product(T(g), g))
    ),
    "a law that speaks of a parameter": claim(
        Context(laws=(Law("f", "x", product(X, c)),)),
        same("claim", at(f(c), c), c, step("pullback", f(c, "f'"), at(f(c), c)), step("law", c, f(c, "f'"))),
    ),
    "two laws that contradict": claim(
        Context(laws=(Law("f", "x", X), Law("f'", "x", number(0)))),
        same("claim", number(1), number(0), Step("law", "=", number(0), f(X, "f'"), reverse=False)),
    ),
    "the kink of relu by its law": claim(
        Context(), same("claim", f(X, "step"), number(1), step("law", number(1), f(X, "step")))
    ),
    "an assumption that moves with the recurrence": claim(
        where(positive(h("1"))),
        same("claim", log(h("2")), log(h("2"))),
    ),
    "a power of a length that is no square": claim(
        Context(),
        same(
            "claim",
            at(Power(norm(g), A("4")), g),
            scale(4, Scale(product(T(g), g), g)),
            step("pullback", scale(4, Scale(norm(g), g)), at(Power(norm(g), A("4")), g)),
        ),
    ),
    "a direct gradient through a node without a time": claim(
        Context((Definition(a, product(W, g)), Definition(c, product(T(a), a)))),
        same(
            "claim",
            direct(c, g),
            scale(2, product(T(W), a)),
            step("pullback", scale(2, product(T(W), a)), direct(c, g)),
        ),
    ),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_refused(name: str) -> None:
    judged = check(ATTACKS[name])
    assert not judged.accepted
    assert judged.reason


EVERY_TIME = where(nonzero(s("t"), forall=("t",)), positive(s("t"), forall=("t",)))
HONEST: dict[str, Certificate] = {
    "a condition of every time, under a sum": claim(
        EVERY_TIME, same("claim", total("q", "1", "3", one_of(s("q"))), number(3))
    ),
    "a condition of every entry, under a sum over them": claim(
        where(nonzero(g)), same("claim", ComponentSum("i_", "n", one_of(ENTRY)), product(T(ONES), ONES))
    ),
    "a condition of every time, moved by a lemma": claim(
        EVERY_TIME, SIZED, same("claim", norm(s("r")), s("r"), by_lemma(s("r"), norm(s("r")), "sized", q="r"))
    ),
    "a supremum of what is positive anywhere": claim(
        Context(),
        same(
            "claim",
            sup(product(one_of(exp(X)), PEAK)),
            number(1),
            step("extremum", number(1), sup(product(one_of(exp(X)), PEAK))),
        ),
    ),
    "a sum over another time": claim(
        Context(),
        same(
            "claim",
            total("r", "4", "5", at(OTHER, x("r"))),
            Zero(("m", 1)),
            step("pullback", total("r", "4", "5", Zero(("m", 1))), at(OTHER, x("r"))),
        ),
    ),
    "a direct gradient of what reads it": claim(
        Context((Definition(a, product(W, g)), Definition(c, product(T(a), a)))),
        same("claim", direct(c, a), scale(2, a), step("pullback", scale(2, a), direct(c, a))),
    ),
}


@pytest.mark.parametrize("name", HONEST)
def test_honest_twins_are_accepted(name: str) -> None:
    judged = check(HONEST[name])
    assert judged.accepted, judged.reason


NAMES = (over(add(g, b)), over(product(W, g)), over(U), over(Hadamard((g, b))), over(Diagonal(g)), over(T(add(g, b))))


@pytest.mark.parametrize(
    ("one", "other", "same_form"),
    [
        *((over(body), body.body, True) for body in NAMES if body.body.shape != SQUARE),
        *((over(T(body)), T(over(body)), True) for body in (g, add(g, b), product(W, g), U)),
        (over(product(W, g)), Scale(product(T(ONES), ONES), over(product(W, g))), False),
        (over(Hadamard((U, product(g, T(b_))))), Hadamard((over(U), product(over(g), T(over(b_))))), True),
        (over(Hadamard((W, product(g, T(b))))), Hadamard((over(W), product(over(b), T(over(g))))), False),
        (over(scale(2, g)), scale(2, over(g)), False),
        (Hadamard((over(product(W, ONES)), g)), g, False),
        (Hadamard((over(g), g)), ONES, True),
        (Hadamard((over(g), b)), ONES, False),
        (Hadamard((over(W), T(W))), Ones(SQUARE), False),
        (product(over(W), W), Identity("n"), False),
        (Hadamard((over(add(g, g)), g)), ONES, False),
        (Hadamard((over(add(g, g)), g)), scale(number(1).value / 2, ONES), True),
        (one_of(product(T(g), b)), number(1), True),
        (product(Inverse(product(T(g), b)), T(g), g), number(1), False),
        (Trace(product(T(ONES), ONES)), number(1), False),
        (product(T(ONES), Softmax(g)), number(1), True),
        (product(T(ONES), Softmax(U)), Ones((1, "m")), True),
        (product(Softmax(U), Ones(("m", 1))), ONES, False),
        (product(T(ONES), Softmax(U), T(Softmax(U)), ONES), number(1), False),
        (Softmax(Symbol("r", (1, "n"))), Ones((1, "n")), True),
        (product(T(Softmax(g)), Softmax(g)), number(1), False),
        (Determinant(T(W)), Determinant(W), True),
        (Determinant(product(W, V)), Determinant(product(V, W)), False),
        (Hadamard((over(h("t")), h("t"), h("t"))), h("t"), True),
        (Hadamard((over(h("t")), minus(ONES, EntrywisePower(h("t"), 2)))), minus(over(h("t")), h("t")), True),
        (Hadamard((over(h("t")), minus(ONES, EntrywisePower(h("t"), 2)))), minus(h("t"), over(h("t"))), False),
        (f(g, "log'"), over(g), True),
        (f(g, "sqrt'"), scale(number(1).value / 2, over(sqrt(g))), True),
        (f(g, "sqrt'"), over(sqrt(g)), False),
        (f(g, "cos'"), scale(-1, f(g, "sin")), True),
        (f(g, "step'"), Zero(COLUMN), True),
        (f(g, "relu'"), Zero(COLUMN), False),
        (exp(Scale(c, ONES)), Scale(exp(c), ONES), True),
        (exp(Scale(c, Identity("n"))), Scale(exp(c), Identity("n")), False),
        (exp(Diagonal(g)), Diagonal(exp(g)), False),
    ],
)
def test_forms(one: Term, other: Term, same_form: bool) -> None:
    found = [compare(*pair, {"h": "tanh"}) for pair in ((one, other), (other, one))]
    assert found == [Comparison.EQUAL if same_form else Comparison.DIFFERENT] * 2


def doubled(depth: int) -> tuple[Definition, ...]:
    """Names of which each is the sum of the one before it with itself."""
    names = [Symbol(f"d{place}", SCALAR) for place in range(depth)]
    return tuple(Definition(name, add(before, before)) for before, name in pairwise(names))


def deep_root(depth: int) -> Term:
    return sqrt(add(deep_root(depth - 1), c)) if depth else c


MANY = tuple(f"t{place}" for place in range(12))
LONG = {
    "names of names": claim(
        Context(doubled(60), conditions=positive(doubled(60)[0].body)),
        same("claim", log(doubled(60)[-1].head), log(doubled(60)[-1].head)),
    ),
    "a condition for all values of many times": claim(
        where(nonzero(add(*(s(name) for name in MANY)), forall=MANY)),
        same("claim", one_of(add(*(s(f"{name}+1") for name in MANY))), number(1)),
    ),
    "roots of roots": claim(where(positive(c)), same("claim", deep_root(80), deep_root(80))),
}


@pytest.mark.parametrize("name", LONG)
def test_conditions_are_looked_for_in_bounded_time(name: str) -> None:
    started = time.process_time()
    check(LONG[name])
    assert time.process_time() - started < 20
