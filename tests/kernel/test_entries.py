"""Entries and sums over component indices: what is equal, what is not, and certificates that misuse an index."""

from __future__ import annotations

from dataclasses import replace

import pytest

from symgrad.kernel import model as models
from symgrad.kernel import normal as normal_form
from symgrad.kernel.certificate import Certificate, Chain, Definition, Induction, Lemma, Statement, Step
from symgrad.kernel.check import check
from symgrad.kernel.normal import Comparison, compare
from symgrad.kernel.term import (
    COMPONENT,
    SCALAR,
    Basis,
    ComponentSum,
    Diagonal,
    Entrywise,
    Hadamard,
    Identity,
    Inverse,
    Scale,
    ShapeError,
    Symbol,
    Term,
    Trace,
    Zero,
    add,
    number,
    product,
    scale,
    substitute_times,
)

from .build import (
    COLUMN,
    ONES,
    RNN,
    SQUARE,
    A,
    T,
    U,
    W,
    X,
    activation,
    assumed,
    b,
    chain,
    direct,
    family,
    g,
    h,
    model,
    norm,
    normal,
    prod,
    slope,
    sup,
    tanh,
    total,
    x,
)
from .generate import FUNCTIONS
from .worlds import counterexample

EQUAL, DIFFERENT = Comparison.EQUAL, Comparison.DIFFERENT
d = family("d")
c = Symbol("c", SCALAR)


def unit(index: str, size: str | int = "n") -> Basis:
    return Basis(A(index + COMPONENT), size)


def entry(body: Term, i: str, j: str = "") -> Term:
    """body_i or body_{ij}."""
    rows, columns = map(str, body.shape)
    return product(T(unit(i, rows)), body, *([unit(j, columns)] if j else []))


def summed(index: str, body: Term, size: str | int = "n") -> ComponentSum:
    return ComponentSum(index + COMPONENT, size, body)


def moved(term: Term, place: str) -> Term:
    """The term at another entry than i."""
    return substitute_times(term, {"i_": A(place if "_" in place else f"{place}_")})


def delta(i: str, j: str) -> Term:
    return entry(Identity("n"), i, j)


FORWARD = tanh(
    add(
        summed("l", product(entry(W, "i", "l"), entry(h("t-1"), "l"))),
        summed("l", product(entry(U, "i", "l"), entry(x("t"), "l")), "m"),
        entry(b, "i"),
    )
)
ONE_OF_H = add(number(1), scale(-1, product(entry(h("t"), "i"), entry(h("t"), "i"))))
BLOCK = total("r", "1", "k", product(d("r"), T(h("r-1"))))
STEPS = prod("r", "1", "k", product(T(W), slope("r")))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (summed("l", product(entry(W, "i", "l"), entry(g, "l"))), entry(product(W, g), "i"), EQUAL),
        (summed("l", product(entry(W, "l", "i"), entry(g, "l"))), entry(product(W, g), "i"), DIFFERENT),
        (summed("l", product(entry(W, "l", "i"), entry(g, "l"))), entry(product(T(W), g), "i"), EQUAL),
        (summed("l", product(entry(W, "i", "l"), entry(g, "i"))), entry(product(W, g), "i"), DIFFERENT),
        (FORWARD, entry(tanh(activation("t")), "i"), EQUAL),
        (moved(FORWARD, "l"), entry(tanh(activation("t")), "l"), EQUAL),
        (moved(FORWARD, "q"), entry(tanh(activation("t")), "i"), DIFFERENT),
        (entry(T(W), "i", "q"), entry(W, "q", "i"), EQUAL),
        (entry(W, "i", "q"), entry(W, "q", "i"), DIFFERENT),
        (product(entry(g, "i"), entry(b, "i")), entry(Hadamard((g, b)), "i"), EQUAL),
        (product(entry(g, "i"), entry(b, "q")), entry(Hadamard((g, b)), "i"), DIFFERENT),
        (entry(Diagonal(g), "i", "q"), product(delta("i", "q"), entry(g, "q")), EQUAL),
        (entry(Diagonal(g), "i", "q"), entry(g, "q"), DIFFERENT),
        (product(delta("i", "q"), entry(g, "q")), product(delta("q", "i"), entry(g, "i")), EQUAL),
        (product(delta("i", "q"), delta("i", "q")), delta("i", "q"), EQUAL),
        (product(delta("i", "q"), delta("q", "r")), product(delta("i", "r"), delta("q", "r")), EQUAL),
        (product(delta("i", "q"), delta("q", "r")), delta("i", "r"), DIFFERENT),
        (delta("i", "i"), number(1), EQUAL),
        (delta("i", "q"), number(1), DIFFERENT),
        (delta("i", "q"), number(0), DIFFERENT),
        (summed("l", product(delta("i", "l"), entry(g, "l"))), entry(g, "i"), EQUAL),
        (summed("l", number(1)), product(T(ONES), ONES), EQUAL),
        (summed("l", number(1), 3), number(3), EQUAL),
        (summed("l", number(1)), number(1), DIFFERENT),
        (summed("l", entry(W, "l", "l")), Trace(W), EQUAL),
        (summed("l", summed("q", entry(W, "l", "q"))), Trace(W), DIFFERENT),
        (summed("l", product(entry(g, "l"), entry(b, "l"))), product(T(g), b), EQUAL),
        (summed("l", product(entry(g, "l"), entry(b, "l"))), product(T(g), ONES, T(ONES), b), DIFFERENT),
        (summed("l", Scale(entry(g, "l"), unit("l"))), g, EQUAL),
        (summed("l", summed("l", product(unit("l"), T(unit("l"))))), Identity("n"), DIFFERENT),
        (ONE_OF_H, entry(tanh(activation("t")), "i"), DIFFERENT),
        (ONE_OF_H, entry(slope("t"), "i", "i"), EQUAL),
        (tanh(add(entry(g, "i"), c)), entry(tanh(add(g, Scale(c, ONES))), "i"), EQUAL),
        (tanh(product(entry(g, "i"), entry(b, "q"))), entry(tanh(product(b, T(g))), "q", "i"), EQUAL),
        (tanh(product(entry(g, "i"), entry(b, "q"))), entry(tanh(product(b, T(g))), "i", "q"), DIFFERENT),
        (summed("l", tanh(entry(g, "l"))), product(T(ONES), tanh(g)), EQUAL),
        (summed("l", tanh(entry(g, "l"))), Scale(product(T(ONES), ONES), tanh(entry(g, "l"))), DIFFERENT),
        (summed("l", Inverse(entry(g, "l"))), summed("q", Inverse(entry(g, "q"))), EQUAL),
        (summed("l", Inverse(entry(g, "l"))), summed("q", Inverse(entry(b, "q"))), DIFFERENT),
        (summed("l", Inverse(entry(g, "l"))), product(T(ONES), ONES, Inverse(entry(g, "l"))), DIFFERENT),
        (summed("l", norm(entry(g, "l"))), Scale(product(T(ONES), ONES), norm(entry(g, "q"))), DIFFERENT),
        (
            summed("l", summed("q", Inverse(add(entry(g, "l"), entry(b, "q"))))),
            summed("q", summed("l", Inverse(add(entry(g, "q"), entry(b, "l"))))),
            EQUAL,
        ),
        (
            summed("l", summed("q", Inverse(add(entry(g, "l"), entry(b, "q"))))),
            summed("q", summed("l", Inverse(add(entry(g, "q"), entry(b, "q"))))),
            DIFFERENT,
        ),
        (total("r", "1", "k", product(entry(d("r"), "i"), entry(h("r-1"), "q"))), entry(BLOCK, "i", "q"), EQUAL),
        (total("r", "1", "k", product(entry(d("r"), "q"), entry(h("r-1"), "i"))), entry(BLOCK, "q", "i"), EQUAL),
        (total("r", "1", "k", product(entry(d("r"), "i"), entry(h("r-1"), "q"))), entry(BLOCK, "q", "i"), DIFFERENT),
        (prod("r", "1", "k", entry(h("r"), "i")), entry(prod("r", "1", "k", Diagonal(h("r"))), "i", "i"), EQUAL),
        (summed("l", entry(STEPS, "l", "l")), Trace(STEPS), EQUAL),
        (summed("l", product(entry(STEPS, "i", "l"), entry(g, "l"))), entry(product(STEPS, g), "i"), EQUAL),
        (summed("l", product(entry(STEPS, "l", "i"), entry(g, "l"))), entry(product(STEPS, g), "i"), DIFFERENT),
    ],
)
def test_rows(one: Term, other: Term, expected: Comparison) -> None:
    assert compare(one, other, FUNCTIONS) is compare(other, one, FUNCTIONS) is expected


def test_what_is_no_entry_cannot_be_built() -> None:
    for build in (
        lambda: Basis(A("i_+1"), "n"),
        lambda: Basis(A("3"), "n"),
        lambda: Basis(A("2i_"), "n"),
        lambda: unit("i", 1),
        lambda: unit("i", 0),
        lambda: summed("i", c, 1),
        lambda: summed("l", entry(g, "l"), "m"),
        lambda: moved(unit("i"), "q_-1"),
    ):
        with pytest.raises(ShapeError):
            build()
    assert unit("i").shape == COLUMN
    assert summed("i", W).shape == W.shape


def test_a_sum_does_not_capture_an_index() -> None:
    renamed = moved(summed("l", product(entry(W, "i", "l"), entry(g, "l"))), "l")
    assert isinstance(renamed, ComponentSum)
    assert renamed.index.endswith(COMPONENT)
    assert compare(renamed, entry(product(W, g), "l")) is EQUAL


def used(lemma: str, term: Term, where: Term, place: str) -> Step:
    """A lemma about entry i, at another place."""
    return Step("lemma", "=", term, where, (("i_", A(place)),), lemma)


ROW = summed("q", product(entry(W, "i", "q"), entry(g, "q")))
EXPANDED = chain("expanded", entry(product(W, g), "i"), "=", ROW, normal(ROW))
ROW_L = moved(ROW, "l")
INNER, FULL = (summed("l", product(entry(b, "l"), one)) for one in (entry(product(W, g), "l"), ROW_L))
IS_ZERO = assumed(entry(g, "i"), "=", number(0), "i_")
IS_C = assumed(c, "=", entry(g, "l"))


DOT = summed("l", Scale(entry(h("t"), "l"), Scale(entry(W, "l", "i"), entry(h("t"), "l"))))
TWICE = scale(2, Hadamard((product(W, unit("i")), h("t"))))
ONCE = Hadamard((product(W, unit("i")), h("t")))


def zero_by_hypothesis(index: str) -> tuple[Step, ...]:
    after = summed("l", product(entry(b, "l"), number(0)))
    return (
        Step("hypothesis", "=", after, entry(g, "l"), (("i_", A(f"{index}_")),)),
        normal(number(0)),
    )


BY_ENTRIES = model((Definition(h("t"), summed("l", Scale(tanh(entry(product(W, h("t-1")), "l")), unit("l")))),))
LOCAL = product(T(W), Diagonal(Entrywise("tanh'", product(W, h("t-1")))))

ACCEPTED = {
    "a recurrence given by entries": Certificate(
        BY_ENTRIES,
        (
            chain(
                "claim",
                direct(h("t"), h("t-1")),
                "=",
                LOCAL,
                Step("pullback", "=", LOCAL, direct(h("t"), h("t-1"))),
            ),
        ),
    ),
    "a lemma under a sum": Certificate(
        model(), (EXPANDED, chain("claim", INNER, "=", FULL, used("expanded", FULL, entry(product(W, g), "l"), "l_")))
    ),
    "a hypothesis for all entries": Certificate(
        model(hypotheses=(IS_ZERO,)),
        (chain("claim", summed("l", product(entry(b, "l"), entry(g, "l"))), "=", number(0), *zero_by_hypothesis("l")),),
    ),
    "the gradient of a sum over entries": Certificate(
        model(), (chain("claim", direct(DOT, h("t")), "=", TWICE, Step("pullback", "=", TWICE, direct(DOT, h("t")))),)
    ),
    "the length of a unit vector": Certificate(
        model(),
        (chain("claim", norm(unit("i")), "=", number(1), Step("norm_diagonal", "=", number(1), norm(unit("i")))),),
    ),
    "the recurrence, entry by entry": Certificate(
        model(),
        (
            chain(
                "claim",
                entry(h("t"), "i"),
                "=",
                FORWARD,
                Step("definition", "=", entry(tanh(activation("t")), "i"), h("t")),
                normal(FORWARD),
            ),
        ),
    ),
}
MIXED = summed("l", product(entry(b, "l"), moved(ROW, "q")))
SWAPPED = chain("claim", INNER, "=", MIXED, used("expanded", MIXED, entry(product(W, g), "l"), "q_"))
SHIFTED = chain("claim", INNER, "=", FULL, used("expanded", FULL, entry(product(W, g), "l"), "l_+1"))
CAPTURED = summed("l", Scale(entry(g, "l"), unit("l")))
ATTACKS = {
    "the length of a vector of ones": Certificate(
        model(), (chain("claim", norm(ONES), "=", number(1), Step("norm_diagonal", "=", number(1), norm(ONES))),)
    ),
    "the gradient of a sum over entries, of one entry alone": Certificate(
        model(), (chain("claim", direct(DOT, h("t")), "=", ONCE, Step("pullback", "=", ONCE, direct(DOT, h("t")))),)
    ),
    "entries swapped": Certificate(
        model(), (chain("claim", entry(W, "i", "q"), "=", entry(W, "q", "i"), normal(entry(W, "q", "i"))),)
    ),
    "a lemma at another entry": Certificate(model(), (EXPANDED, SWAPPED)),
    "a lemma at a sum of indices": Certificate(model(), (EXPANDED, SHIFTED)),
    "a hypothesis of another entry": Certificate(
        model(hypotheses=(IS_ZERO,)),
        (chain("claim", summed("l", product(entry(b, "l"), entry(g, "l"))), "=", number(0), *zero_by_hypothesis("q")),),
    ),
    "a hypothesis of one entry, used for all": Certificate(
        model(hypotheses=(replace(IS_ZERO, forall=()),)),
        (chain("claim", summed("l", product(entry(b, "l"), entry(g, "l"))), "=", number(0), *zero_by_hypothesis("l")),),
    ),
    "a sum that captures the index of a hypothesis": Certificate(
        model(hypotheses=(IS_C,)),
        (
            chain(
                "claim",
                summed("l", Scale(c, unit("l"))),
                "=",
                g,
                Step("hypothesis", "=", CAPTURED, c),
                normal(g),
            ),
        ),
    ),
    "a lemma of a hypothesis about one entry, at another": Certificate(
        model(hypotheses=(replace(IS_ZERO, forall=()),)),
        (
            chain("zero", entry(g, "i"), "=", number(0), Step("hypothesis", "=", number(0), entry(g, "i"))),
            chain("claim", entry(g, "q"), "=", number(0), used("zero", number(0), entry(g, "q"), "q_")),
        ),
    ),
    "an index that is free and summed over": Certificate(
        model(),
        (chain("claim", entry(g, "l"), "=", summed("l", number(0)), normal(summed("l", number(0)))),),
    ),
    "induction over an index": Certificate(
        model(),
        (
            Lemma(
                "claim",
                Statement(entry(g, "i"), "=", entry(b, "i")),
                Induction("i_", 1, Chain((normal(entry(b, "i")),)), Chain((normal(entry(b, "i")),))),
                (A("i_-1"),),
            ),
        ),
    ),
    "an index that is a time": Certificate(
        model(), (chain("claim", product(T(Basis(A("t"), "n")), h("t")), "=", product(T(h("t")), Basis(A("t"), "n"))),)
    ),
    "an index that a sum over times binds": Certificate(
        model(),
        (
            chain(
                "claim",
                total("i_", "r_", "r_", entry(g, "i")),
                "=",
                entry(g, "r"),
                Step(
                    "peel_first",
                    "=",
                    add(entry(g, "r"), total("i_", "r_+1", "r_", number(0))),
                    total("i_", "r_", "r_", entry(g, "i")),
                ),
                normal(entry(g, "r")),
            ),
        ),
    ),
    "an index that is a time, in a supremum": Certificate(
        model(),
        (
            chain(
                "claim",
                sup(Scale(total("i_", "1", "2", entry(ONES, "i")), tanh(X))),
                "=",
                sup(Scale(number(2), tanh(X))),
                normal(sup(Scale(number(2), tanh(X)))),
            ),
        ),
    ),
    "a lemma under a sum over entries of another size": Certificate(
        model(),
        (
            chain("one", number(1), "=", product(T(unit("i")), ONES), normal(product(T(unit("i")), ONES))),
            chain("claim", summed("l", c, "m"), "=", summed("l", c), used("one", summed("l", c), number(1), "l_")),
        ),
    ),
    "a sum over entries peeled like one over times": Certificate(
        model(),
        (
            chain(
                "claim",
                summed("l", entry(g, "l")),
                "=",
                entry(g, "q"),
                Step("peel_first", "=", entry(g, "q"), summed("l", entry(g, "l"))),
            ),
        ),
    ),
    "a size that is not a name": Certificate(
        model(), (chain("claim", summed("l", number(1), "2"), "=", number(2), normal(number(2))),)
    ),
    "a recurrence given by a free entry": Certificate(
        model((Definition(h("t"), Scale(entry(h("t-1"), "l"), unit("l"))),)), (chain("claim", W, "=", W, normal(W)),)
    ),
    "a recurrence given by entries, its index taken for a free one": Certificate(
        BY_ENTRIES,
        (
            chain(
                "claim",
                entry(direct(h("t"), h("t-1")), "l", "q"),
                "=",
                number(0),
                Step("pullback", "=", entry(Zero(SQUARE), "l", "q"), direct(h("t"), h("t-1"))),
                normal(number(0)),
            ),
        ),
    ),
    "a definition with a loose index": Certificate(
        model(RNN, abbreviations=(Definition(Symbol("u", SCALAR), entry(g, "i")),)),
        (chain("claim", W, "=", W, normal(W)),),
    ),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_accepted_and_true(name: str) -> None:
    judged = check(ACCEPTED[name])
    assert judged.accepted, judged.reason
    if not ACCEPTED[name].context.hypotheses:
        assert counterexample(ACCEPTED[name].context, ACCEPTED[name].lemmas[-1], points=3) is None


@pytest.mark.parametrize("name", ATTACKS)
def test_refused(name: str) -> None:
    judged = check(ATTACKS[name])
    assert not judged.accepted
    assert judged.reason


def test_a_normal_form_that_leaves_an_index_on_two_nodes(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = summed("l", product(entry(g, "l"), entry(b, "l")))
    monkeypatch.setattr(normal_form, "_one_node", lambda diagram: diagram)
    assert compare(honest, product(T(g), b)) is not EQUAL
    assert compare(honest, product(T(g), ONES, T(ONES), b)) is EQUAL


@pytest.mark.parametrize("name", [name for name in ATTACKS if name.startswith("an index that is a time")])
def test_names_that_are_not_looked_at(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(models, "_indices", lambda term: [])
    assert check(ATTACKS[name]).accepted
