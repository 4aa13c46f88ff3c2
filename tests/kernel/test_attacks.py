"""Certificates written by hand by someone who wants a false statement accepted. Each was accepted once, or nearly."""

from __future__ import annotations

from fractions import Fraction

import pytest

from symgrad.kernel.affine import Affine
from symgrad.kernel.certificate import Certificate, Chain, Context, Definition, Induction, Lemma, Loss, Statement, Step
from symgrad.kernel.check import check
from symgrad.kernel.term import (
    SCALAR,
    Diagonal,
    Entrywise,
    EntrywisePower,
    Extremum,
    Hadamard,
    Identity,
    IndexedSum,
    Inverse,
    Limit,
    Magnitude,
    OrderedProduct,
    Power,
    Product,
    Scale,
    Sum,
    Symbol,
    Term,
    Trace,
    Zero,
)

from .build import (
    COLUMN,
    LOSS,
    LSTM,
    ONES,
    RNN,
    SQUARE,
    A,
    L,
    T,
    U,
    V,
    W,
    X,
    activation,
    add,
    assumed,
    at,
    b,
    chain,
    direct,
    e,
    family,
    g,
    h,
    held,
    largest,
    maximum,
    minus,
    model,
    norm,
    normal,
    number,
    power,
    prod,
    product,
    s,
    scale,
    slope,
    sup,
    tanh,
    total,
    x,
)

q = family("q")


def claim(context: Context, *lemmas: Lemma) -> Certificate:
    return Certificate(context, lemmas)


def same(name: str, left: Term, right: Term, *steps: Step, assuming: str = "") -> Lemma:
    return chain(name, left, "=", right, *steps, assuming=assuming)


def no_path_at(gradient: Term) -> Step:
    return Step("no_path", "=", Zero(gradient.shape), at=gradient)


LATE = same("late", at(L, h("tau+1")), Zero(COLUMN), no_path_at(at(L, h("tau+1"))))
DECAY = Lemma(
    "decay",
    Statement(norm(power(W, "k")), "<=", power(norm(W), "k")),
    Chain((Step("submultiplicative", "<=", power(norm(W), "k"), at=norm(power(W, "k"))),)),
    (A("k"),),
)
DOUBLE = add(h("r"), h("t"))


def induction(
    name: str,
    left: Term,
    right: Term,
    variable: str,
    base: tuple[Step, ...],
    step: tuple[Step, ...],
    assuming: str = "",
) -> Lemma:
    proof = Induction(variable, 0, Chain(base), Chain(step))
    return Lemma(name, Statement(left, "=", right), proof, tuple(A(one) for one in assuming.split(",") if one))


def by_lemma(term: Term, where: Term, name: str, **arguments: str) -> Step:
    return Step("lemma", "=", term, where, tuple((key, A(value)) for key, value in arguments.items()), name)


ATTACKS: dict[str, Certificate] = {
    "a loss does not move with its time": claim(
        model(),
        LATE,
        same("claim", at(L, h("tau")), Zero(COLUMN), by_lemma(Zero(COLUMN), at(L, h("tau")), "late", tau="tau-1")),
    ),
    "nor through an abbreviation": claim(
        model(abbreviations=(Definition(q("t"), at(L, h("t"))),)),
        same(
            "late",
            q("tau+1"),
            Zero(COLUMN),
            Step("definition", "=", at(L, h("tau+1")), at=q("tau+1")),
            no_path_at(at(L, h("tau+1"))),
        ),
        same("claim", q("tau"), Zero(COLUMN), by_lemma(Zero(COLUMN), q("tau"), "late", tau="tau-1")),
    ),
    "nor through a hypothesis about the loss": claim(
        model(hypotheses=(assumed(g, "=", at(L, h("3"))),)),
        same(
            "early",
            g,
            Zero(COLUMN),
            Step("hypothesis", "=", at(L, h("3")), at=g),
            no_path_at(at(L, h("3"))),
            assuming="2-tau",
        ),
        same("claim", g, Zero(COLUMN), by_lemma(Zero(COLUMN), g, "early", tau="0")),
    ),
    "an index named like the time of a loss": claim(
        model(),
        same(
            "claim",
            total("tau", "1", "3", at(L, h("tau+1"))),
            Zero(COLUMN),
            Step("no_path", "=", total("tau", "1", "3", Zero(COLUMN)), at=at(L, h("tau+1"))),
            normal(Zero(COLUMN)),
        ),
    ),
    "induction over the time of a loss": claim(
        model(),
        induction("claim", at(L, h("tau")), Zero(COLUMN), "tau", (), (), assuming="tau"),
    ),
    "a node that stands in an expression twice": claim(
        model(),
        same(
            "apart",
            at(DOUBLE, h("q")),
            add(
                product(at(h("r"), h("q")), direct(DOUBLE, h("r"))), product(at(h("t"), h("q")), direct(DOUBLE, h("t")))
            ),
            Step(
                "chain_rule_last",
                "=",
                add(
                    product(at(h("r"), h("q")), direct(DOUBLE, h("r"))),
                    product(at(h("t"), h("q")), direct(DOUBLE, h("t"))),
                ),
                at=at(DOUBLE, h("q")),
            ),
        ),
    ),
    "an expression that equals a node is not the node": claim(
        model(),
        same(
            "claim",
            direct(h("t"), h("t-1")),
            Zero(SQUARE),
            normal(direct(add(h("t"), Zero(COLUMN)), h("t-1"))),
            Step("pullback", "=", Zero(SQUARE), at=direct(add(h("t"), Zero(COLUMN)), h("t-1"))),
        ),
    ),
    "an abbreviation has no derivative of its own": claim(
        model(abbreviations=(Definition(q("t"), product(W, h("t"))),)),
        same("claim", at(q("t"), h("t")), Zero(SQUARE), no_path_at(at(q("t"), h("t")))),
    ),
    "an input read at every second time": claim(
        model((Definition(h("t"), tanh(add(product(W, h("t-1")), product(U, x("2t"))))),)),
        same("claim", at(h("3"), x("4")), Zero(("m", "n")), no_path_at(at(h("3"), x("4")))),
    ),
    "a recurrence with an index named like its time": claim(
        model((Definition(h("t"), tanh(add(product(W, h("t-1")), total("t", "1", "3", q("t"))))),)),
        same("claim", at(h("2"), q("3")), Zero(SQUARE), no_path_at(at(h("2"), q("3")))),
    ),
    "a recurrence that reads ahead": claim(
        model((Definition(h("t"), tanh(h("t+1"))),)),
        same("claim", at(h("1"), h("2")), Zero(SQUARE), no_path_at(at(h("1"), h("2")))),
    ),
    "two states in a circle": claim(
        model((Definition(h("t"), tanh(s("t"))), Definition(s("t"), scale(2, h("t"))))), same("claim", g, g)
    ),
    "a state with two definitions": claim(model((*RNN, Definition(h("t"), tanh(h("t-1"))))), same("claim", g, g)),
    "an abbreviation of itself": claim(
        model(abbreviations=(Definition(q("t"), add(q("t"), ONES)),)), same("claim", g, g)
    ),
    "an abbreviation with a free time": claim(model(abbreviations=(Definition(q("t"), h("r")),)), same("claim", g, g)),
    "a definition of one time only": claim(model(abbreviations=(Definition(q("2"), h("2")),)), same("claim", g, g)),
    "a loss that is a node": claim(model(losses=(Loss("h", h("tau")),)), same("claim", g, g)),
    "a loss of itself": claim(model(losses=(Loss("L", Symbol("L", COLUMN, (A("tau"),))),)), same("claim", g, g)),
    "a loss that is a vector elsewhere": claim(model(), same("claim", Symbol("L", COLUMN), Symbol("L", COLUMN))),
    "one name with two shapes": claim(model(), same("claim", product(W, T(Symbol("g", (1, "n")))), product(W, g))),
    "one name with two numbers of times": claim(
        model(), same("claim", h("t"), h("t"), normal(add(h("t"), Symbol("h", COLUMN), scale(-1, Symbol("h", COLUMN)))))
    ),
    "a hypothesis captured by an index": claim(
        model(hypotheses=(assumed(h("q"), "=", Zero(COLUMN)),)),
        same(
            "claim",
            total("q", "1", "3", h("q")),
            Zero(COLUMN),
            Step("hypothesis", "=", total("q", "1", "3", Zero(COLUMN)), at=h("q")),
            normal(Zero(COLUMN)),
        ),
    ),
    "a hypothesis instantiated through a lemma": claim(
        model(hypotheses=(assumed(h("q"), "=", Zero(COLUMN)),)),
        same("one", h("q"), Zero(COLUMN), Step("hypothesis", "=", Zero(COLUMN), at=h("q"))),
        same("claim", h("r"), Zero(COLUMN), by_lemma(Zero(COLUMN), h("r"), "one", q="r")),
    ),
    "induction over the time of a hypothesis": claim(
        model(hypotheses=(assumed(h("q"), "=", Zero(COLUMN)),)),
        induction(
            "claim",
            h("q"),
            Zero(COLUMN),
            "q",
            (Step("hypothesis", "=", Zero(COLUMN), at=h("q")),),
            (Step("hypothesis", "=", Zero(COLUMN), at=h("q+1")),),
            assuming="q",
        ),
    ),
    "induction from nowhere": claim(
        model(), induction("claim", power(W, "k"), power(V, "k"), "k", (), (), assuming="k")
    ),
    "induction below its start": claim(
        model(), induction("claim", prod("i", "1", "k", W), power(W, "k"), "k", (), (), assuming="k+5")
    ),
    "the induction hypothesis one step further": claim(
        model(),
        induction(
            "claim",
            q("k"),
            q("0"),
            "k",
            (),
            (by_lemma(q("0"), q("k+1"), "induction hypothesis", k="k+1"),),
            assuming="k",
        ),
    ),
    "the induction hypothesis in the base": claim(
        model(),
        induction(
            "claim",
            q("k"),
            Zero(COLUMN),
            "k",
            (by_lemma(Zero(COLUMN), q("0"), "induction hypothesis", k="0"),),
            (),
            assuming="k",
        ),
    ),
    "the induction hypothesis beyond its assumptions": claim(
        model(),
        induction(
            "claim",
            q("k+r"),
            q("0"),
            "k",
            (by_lemma(q("0"), q("r"), "induction hypothesis", r="r-1"),),
            (by_lemma(q("0"), q("k+1+r"), "induction hypothesis", r="r+1"),),
            assuming="k,r,-r",
        ),
    ),
    "an index that hides the variable of an induction": claim(
        model(), induction("claim", total("k", "1", "2", q("k")), q("0"), "k", (), (), assuming="k")
    ),
    "contradictory ranges under two binders": claim(
        model(),
        same(
            "claim",
            add(total("i", "1", "2", prod("r", "1", "i", W)), total("i", "5", "6", V)),
            add(total("i", "1", "2", product(W, prod("r", "2", "i", W))), total("i", "5", "6", V)),
            Step(
                "empty",
                "=",
                add(total("i", "1", "2", Identity("n")), total("i", "5", "6", V)),
                at=prod("r", "1", "i", W),
            ),
        ),
    ),
    "a range that is outside of the binder": claim(
        model(),
        same(
            "claim",
            add(prod("r", "1", "j", W), total("j", "1", "2", prod("r", "1", "j", W))),
            add(product(W, prod("r", "2", "j", W)), total("j", "1", "2", product(W, prod("r", "2", "j", W)))),
            Step(
                "peel_first",
                "=",
                add(product(W, prod("r", "2", "j", W)), total("j", "1", "2", product(W, prod("r", "2", "j", W)))),
                at=prod("r", "1", "j", W),
            ),
        ),
    ),
    "a range of an index that is shadowed": claim(
        model(),
        same(
            "claim",
            total("j", "1", "2", total("j", "-3", "-2", prod("r", "1", "j", slope("r")))),
            total("j", "1", "2", total("j", "-3", "-2", product(slope("1"), prod("r", "2", "j", slope("r"))))),
            Step(
                "peel_first",
                "=",
                total("j", "1", "2", total("j", "-3", "-2", product(slope("1"), prod("r", "2", "j", slope("r"))))),
                at=prod("r", "1", "j", slope("r")),
            ),
        ),
    ),
    "a range that speaks of a variable of its own name": claim(
        model(),
        same(
            "claim",
            total("j", "j", "j", prod("r", "1", "j", slope("r"))),
            total("j", "j", "j", product(slope("1"), prod("r", "2", "j", slope("r")))),
            Step(
                "peel_first",
                "=",
                total("j", "j", "j", product(slope("1"), prod("r", "2", "j", slope("r")))),
                at=prod("r", "1", "j", slope("r")),
            ),
        ),
    ),
    "a negative power": claim(
        model(),
        same("claim", product(power(W, "k"), power(W, "-k")), product(power(W, "k"), power(W, "-k")), assuming="k"),
    ),
    "a negative constant power": claim(model(), same("claim", power(W, "-1"), power(W, "-1"))),
    "an inverse that is not": claim(model(), same("claim", scale(0, Inverse(W)), Zero(SQUARE))),
    "an inverse passed through on the way": claim(
        model(), same("claim", Zero(SQUARE), Zero(SQUARE), normal(minus(Inverse(W), Inverse(W))))
    ),
    "a maximum that is not attained": claim(
        model(), same("claim", minus(maximum(tanh(X)), maximum(tanh(X))), number(0))
    ),
    "a supremum that is infinite": claim(model(), same("claim", minus(sup(X), sup(X)), number(0))),
    "a supremum of what does not move": claim(
        model(),
        same("claim", sup(tanh(scale(0, X))), number(1), Step("extremum", "=", number(1), at=sup(tanh(scale(0, X))))),
    ),
    "a limit that does not exist": claim(
        model(), same("claim", minus(Limit("k", power(number(-1), "k")), Limit("k", power(number(-1), "k"))), number(0))
    ),
    "a limit of what only decays for a while": claim(
        model(hypotheses=(assumed(norm(W), "<", number(1)),)),
        Lemma("decay", DECAY.statement, DECAY.proof, (A("k"), A("9-k"))),
        same(
            "claim",
            Limit("j", norm(power(W, "j"))),
            number(0),
            Step("vanishing", "=", number(0), Limit("j", norm(power(W, "j"))), (("k", A("j")),), "decay"),
        ),
    ),
    "a limit whose ratio depends on the index": claim(
        model(hypotheses=(assumed(norm(q("j")), "<", number(1), "j"),)),
        chain("decay", power(norm(q("k")), "k"), "<=", power(norm(q("k")), "k"), assuming="k"),
        same(
            "claim",
            Limit("j", power(norm(q("j")), "j")),
            number(0),
            Step("vanishing", "=", number(0), Limit("j", power(norm(q("j")), "j")), (("k", A("j")),), "decay"),
        ),
    ),
    "strict at the limit": claim(
        model(hypotheses=(assumed(norm(W), "<", number(1)),)),
        chain(
            "claim",
            power(norm(W), "k"),
            "<",
            power(number(1), "k"),
            Step("hypothesis", "<", power(number(1), "k"), at=norm(W)),
            assuming="k",
        ),
    ),
    "strict from weak": claim(
        model(hypotheses=(assumed(norm(W), "<=", number(1)),)),
        chain("claim", norm(W), "<", number(1), Step("hypothesis", "<=", number(1), at=norm(W))),
    ),
    "both ways at once": claim(
        model(hypotheses=(assumed(norm(W), "<=", number(1)),)),
        chain("claim", norm(W), "=", number(1), Step("hypothesis", "<=", number(1), at=norm(W))),
    ),
    "up and down": claim(
        model(hypotheses=(assumed(norm(W), "<=", number(1)), assumed(number(1), ">=", norm(V)))),
        chain(
            "claim",
            norm(W),
            "<=",
            norm(V),
            Step("hypothesis", "<=", number(1), at=norm(W)),
            Step("hypothesis", ">=", norm(V), at=number(1)),
        ),
    ),
    "a bound read from behind": claim(
        model(hypotheses=(assumed(norm(W), "<=", number(1)),)),
        chain("claim", number(1), "<=", norm(W), Step("hypothesis", "<=", norm(W), at=norm(W), reverse=True)),
    ),
    "a bound between matrices": claim(
        model(hypotheses=(assumed(W, "<=", V),)),
        chain("claim", W, "<=", V, Step("hypothesis", "<=", V, at=W)),
    ),
    "a bound inside a norm": claim(
        model(hypotheses=(assumed(norm(W), "<=", number(1)),)),
        chain(
            "claim",
            norm(minus(norm(W), number(2))),
            "<=",
            number(1),
            Step("hypothesis", "<=", norm(minus(number(1), number(2))), at=norm(W)),
            normal(number(1)),
        ),
    ),
    "a bound inside a product of unknown sign": claim(
        model(hypotheses=(assumed(norm(W), "<=", number(1)),)),
        chain(
            "claim",
            Scale(Symbol("a", SCALAR), norm(W)),
            "<=",
            Symbol("a", SCALAR),
            Step("hypothesis", "<=", Symbol("a", SCALAR), at=norm(W)),
        ),
    ),
    "a bound under a sum that is negative": claim(
        model(hypotheses=(assumed(norm(W), "<=", number(1)),)),
        chain(
            "claim",
            product(minus(norm(W), number(2)), minus(norm(W), number(2))),
            "<=",
            number(1),
            Step("hypothesis", "<=", product(minus(number(1), number(2)), minus(number(1), number(2))), at=norm(W)),
            normal(number(1)),
        ),
    ),
    "a bound replaced by what is negative": claim(
        model(hypotheses=(assumed(norm(W), ">=", number(-3)),)),
        chain(
            "claim",
            power(norm(W), "2"),
            ">=",
            number(9),
            Step("hypothesis", ">=", power(number(-3), "2"), at=norm(W)),
            normal(number(9)),
        ),
    ),
    "the spectral radius is no norm": claim(
        model(),
        chain(
            "claim",
            Magnitude("spectral_radius", product(W, V)),
            "<=",
            Scale(Magnitude("spectral_radius", W), Magnitude("spectral_radius", V)),
            Step(
                "submultiplicative",
                "<=",
                Scale(Magnitude("spectral_radius", W), Magnitude("spectral_radius", V)),
                at=Magnitude("spectral_radius", product(W, V)),
            ),
        ),
    ),
    "the range of a state that was declared a parameter": claim(
        Context(),
        chain(
            "claim",
            largest(h("t")),
            "<=",
            sup(tanh(X)),
            Step("range_of_values", "<=", sup(tanh(X)), at=largest(h("t"))),
        ),
    ),
    "a lemma used before it is proved": claim(
        model(), same("claim", W, V, by_lemma(V, W, "later")), same("later", W, V, by_lemma(V, W, "claim"))
    ),
    "two lemmas of one name": claim(model(), same("claim", W, W), same("claim", W, V)),
    "a lemma that is called the induction hypothesis": claim(model(), same("induction hypothesis", W, V)),
    "no lemma": claim(model()),
    "a false lemma and a true claim": claim(model(), same("false", W, V), same("claim", W, W)),
    "a lemma outside its assumptions": claim(
        model(),
        same("late", at(h("t"), h("r")), Zero(SQUARE), no_path_at(at(h("t"), h("r"))), assuming="r-t-1"),
        same(
            "claim", at(h("t"), h("t-1")), Zero(SQUARE), by_lemma(Zero(SQUARE), at(h("t"), h("t-1")), "late", r="t-1")
        ),
    ),
    "a lemma outside the assumptions of the context": claim(
        model(RNN, "r-t-1"),
        same("late", at(h("t"), h("r")), Zero(SQUARE), no_path_at(at(h("t"), h("r")))),
        same(
            "claim", at(h("t"), h("t-1")), Zero(SQUARE), by_lemma(Zero(SQUARE), at(h("t"), h("t-1")), "late", r="t-1")
        ),
    ),
    "a held range that names an input": claim(
        model(),
        same(
            "claim",
            at(h("t"), h("t-1"), held("t-5", "t-5", "x")),
            Zero(SQUARE),
            no_path_at(at(h("t"), h("t-1"), held("t-5", "t-5", "x"))),
        ),
    ),
    "a held range of something without a time": claim(
        model(),
        same("claim", at(b, h("t"), held("1", "2", "b")), Zero(SQUARE), no_path_at(at(b, h("t"), held("1", "2", "b")))),
    ),
    "a cut that may or may not be": claim(
        model(LSTM),
        same(
            "claim",
            at(L, s("tau-1"), held("r", "tau-1")),
            at(L, s("tau-1")),
            Step("chain_rule", "=", at(L, s("tau-1")), at=at(L, s("tau-1"), held("r", "tau-1"))),
            assuming="tau-r",
        ),
    ),
    "cut and uncut": claim(model(LSTM), same("claim", at(L, s("tau-1"), held("tau-1", "tau-1")), at(L, s("tau-1")))),
    "direct and total": claim(
        model(LSTM),
        same(
            "claim",
            at(s("t+1"), s("t")),
            Diagonal(e("t+1")),
            Step("pullback", "=", Diagonal(e("t+1")), at=at(s("t+1"), s("t"))),
        ),
    ),
    "a size that is a digit string": claim(model(), same("claim", Trace(Identity("2")), number(2))),
    "a size that is not positive": claim(model(), same("claim", Trace(Identity("n - n")), number(0))),
    "a name that carries a time": claim(model(), same("claim", Symbol("h[t]", COLUMN), h("t"))),
    "a name that closes a label": claim(model(), same("claim", Symbol("a]:b[", SCALAR), Symbol("a]:b[", SCALAR))),
    "a function with a bracket": claim(model(), same("claim", Entrywise("f(", g), Entrywise("f(", g))),
    "an index that is not a name": claim(
        model(),
        same(
            "claim",
            total("#1", "1", "k", total("r", "1", "k", q("r"))),
            total("#1", "1", "k", total("r", "1", "k", Symbol("q", COLUMN, (Affine((("#1", 1),)),)))),
        ),
    ),
    "a variable that is not a name": claim(
        model(), same("claim", q("t"), Symbol("q", COLUMN, (Affine((("t+1-1", 1),)),)))
    ),
    "no such rule": claim(model(), same("claim", W, V, Step("trust_me", "=", V, at=W))),
    "a rule that is a private name": claim(model(), same("claim", W, V, Step("__init__", "=", V, at=W))),
    "a rule without a place": claim(
        model(), same("claim", h("t"), tanh(activation("t")), Step("definition", "=", tanh(activation("t"))))
    ),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_refused(name: str) -> None:
    judged = check(ATTACKS[name])
    assert not judged.accepted
    assert judged.reason


def test_what_makes_the_attacks_work_elsewhere_is_true() -> None:
    """The honest twins of some attacks, so that they are not refused for another reason."""
    assert check(claim(model(), LATE)).accepted
    assert check(claim(model(), DECAY)).accepted
    assert check(
        claim(
            model(hypotheses=(assumed(norm(W), "<", number(1)),)),
            DECAY,
            same(
                "claim",
                Limit("j", norm(power(W, "j"))),
                number(0),
                Step("vanishing", "=", number(0), Limit("j", norm(power(W, "j"))), (("k", A("j")),), "decay"),
            ),
        )
    ).accepted
    honest = total("i", "1", "2", prod("r", "1", "i", slope("r")))
    peeled = total("i", "1", "2", product(slope("1"), prod("r", "2", "i", slope("r"))))
    assert check(
        claim(
            model(), same("claim", honest, peeled, Step("peel_first", "=", peeled, at=prod("r", "1", "i", slope("r"))))
        )
    ).accepted
    assert check(claim(model(), same("claim", at(L, h("tau+2")), Zero(COLUMN), no_path_at(at(L, h("tau+2")))))).accepted
    assert check(claim(Context(RNN, losses=LOSS), same("claim", Trace(Identity(2)), number(2)))).accepted


def test_ill_shaped_terms_cannot_be_built() -> None:
    for build in (
        lambda: Symbol("W", (0, 0)),
        lambda: Symbol("W", (-1, "n")),
        lambda: Identity(0),
        lambda: Sum((W,)),
        lambda: Sum((W, g)),
        lambda: Product((U, W)),
        lambda: Hadamard((W, U)),
        lambda: Diagonal(W),
        lambda: Inverse(U),
        lambda: Power(U, A("2")),
        lambda: Scale(g, W),
        lambda: EntrywisePower(g, -1),
        lambda: OrderedProduct("i", A("1"), A("2"), U),
        lambda: Trace(U),
        lambda: Magnitude("spectral_radius", U),
        lambda: Extremum("sup", "x", g),
        lambda: at(W, h("t")),
    ):
        with pytest.raises(ValueError, match=" of an "):
            build()
    assert IndexedSum("i", A("1"), A("0"), g).shape == COLUMN
    assert number(Fraction(1, 2)).value == Fraction(1, 2)
