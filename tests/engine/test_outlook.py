"""What is told of gradients k steps back: closed form, bounds, whether they are attained, and what becomes of them."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cache

import pytest

from symgrad.engine import regimes
from symgrad.engine.outlook import Outlook, outlook, products_of
from symgrad.engine.refute import recheck, refute
from symgrad.engine.trail import StuckError
from symgrad.instances.counterexample import dumps as instance_dumps
from symgrad.judge import judge
from symgrad.kernel.affine import affine
from symgrad.kernel.certificate import Context, Statement
from symgrad.kernel.check import check
from symgrad.kernel.term import Term
from symgrad.notation.declarations import declare_all
from symgrad.notation.dialect import Dialect
from symgrad.notation.read import read_statement, read_term
from symgrad.notation.setting import Setting
from symgrad.notation.write import plain
from symgrad.serialize import dumps, loads

SHAPES = ("size n, m", "time t, tau, k", "W : n x n", "U : n x m", "h[t], r[t], b : n", "x[t] : m", "alpha : scalar")
TOTAL = r"\nabla_{h_{\tau-k}} h_\tau"
OF_GRU = r"\prod_{i=1}^k \tilde\nabla_{h_{\tau-k+i-1}} h_{\tau-k+i}"
OF_LSTM = r"\prod_{i=1}^k \tilde\nabla_{c_{\tau-k+i-1}} c_{\tau-k+i}"
BY_RATIO = ("vanishes", "bounded", "nothing follows")


@dataclass(frozen=True, slots=True)
class Model:
    """Declarations, a product of Jacobians, and what is right of it: the ratio of its bound, and one that is too small;
    the words, with the conditions on the ratio; whether the bound is attained."""

    declared: tuple[str, ...]
    ratio: str
    smaller: str
    words: tuple[tuple[str, str], ...]
    sharp: str
    product: str = TOTAL

    @property
    def setting(self) -> Setting:
        return declare_all([*self.declared, "assume k >= 0"], Setting())


def by_states(upper: str, lower: str) -> tuple[tuple[str, str], ...]:
    """The answers that depend on the states."""
    return ("vanishes", f"{upper} ≤ γ"), ("explodes", f"{lower} ≥ γ")


def own(*updates: str) -> tuple[str, ...]:
    return (*SHAPES, *updates)


MODELS = {
    "tanh": Model(
        own(r"h[t] = \tanh(W h[t-1] + U x[t] + b)"),
        r"\|W\|",
        r"\tfrac{9}{10} \|W\|",
        (
            *zip(BY_RATIO, ("‖W‖ < 1", "‖W‖ = 1", "‖W‖ > 1"), strict=True),
            *by_states("‖W‖ max_j |[1 - h[t]^2]_j|", "σ_min(W) min_j |[1 - h[t]^2]_j|"),
        ),
        "attained",
    ),
    "sigmoid": Model(
        own(r"h[t] = \sigma(W h[t-1] + U x[t] + b)"),
        r"\tfrac14 \|W\|",
        r"\tfrac15 \|W\|",
        (
            *zip(BY_RATIO, ("1/4 ‖W‖ < 1", "1/4 ‖W‖ = 1", "1/4 ‖W‖ > 1"), strict=True),
            *by_states("‖W‖ max_j |[h[t] - h[t]^2]_j|", "σ_min(W) min_j |[h[t] - h[t]^2]_j|"),
        ),
        "attained",
    ),
    "sigmoid inside": Model(
        own(r"h[t] = W \sigma(h[t-1]) + U x[t] + b"),
        r"\tfrac14 \|W\|",
        r"\tfrac15 \|W\|",
        (
            *zip(BY_RATIO, ("1/4 ‖W‖ < 1", "1/4 ‖W‖ = 1", "1/4 ‖W‖ > 1"), strict=True),
            *by_states("[max_j |[σ(h[t]) - σ(h[t])^2]_j|] ‖W‖", "[min_j |[σ(h[t]) - σ(h[t])^2]_j|] σ_min(W)"),
        ),
        "attained",
    ),
    "no bias": Model(
        own(r"h[t] = \tanh(W h[t-1] + U x[t])"),
        r"\|W\|",
        r"\tfrac{9}{10} \|W\|",
        (
            *zip(BY_RATIO, ("‖W‖ < 1", "‖W‖ = 1", "‖W‖ > 1"), strict=True),
            *by_states("‖W‖ max_j |[1 - h[t]^2]_j|", "σ_min(W) min_j |[1 - h[t]^2]_j|"),
        ),
        "attained",
    ),
    "relu": Model(
        own(r"h[t] = \operatorname{relu}(W h[t-1] + U x[t] + b)"),
        r"\|W\|",
        r"\tfrac{9}{10} \|W\|",
        (("vanishes", "‖W‖ < 1"), ("bounded", "‖W‖ = 1")),
        "attained",
    ),
    "linear": Model(
        own("h[t] = W h[t-1] + U x[t] + b"),
        r"\|W\|",
        r"\tfrac{9}{10} \|W\|",
        (
            *zip(BY_RATIO, ("‖W‖ < 1", "‖W‖ = 1", "‖W‖ > 1"), strict=True),
            ("explodes", "σ_min(W) > 1"),
            ("explodes", "ρ(W) > 1"),
        ),
        "attained",
    ),
    "linear, a scalar": Model(
        ("time t, tau, k", "w, h[t], x[t] : scalar", "h[t] = w h[t-1] + x[t]"),
        "|w|",
        r"\tfrac{9}{10} |w|",
        (("vanishes", "|w| < 1"), ("bounded", "|w| = 1"), ("explodes", "|w| > 1")),
        "attained",
    ),
    "growing by itself": Model(
        own("h[t] = 3 h[t-1] + U x[t]"), "3", r"\tfrac{29}{10}", (("explodes", ""),), "attained"
    ),
    "shrinking by itself": Model(
        own(r"h[t] = -\tfrac12 h[t-1] + U x[t]"), r"\tfrac12", r"\tfrac13", (("vanishes", ""),), "attained"
    ),
    "tanh, orthogonal": Model(
        own(r"h[t] = \tanh(W h[t-1] + U x[t] + b)", "assume W^T W = I"),
        "1",
        r"\tfrac{9}{10}",
        (("bounded", ""), ("vanishes", "max_j |[1 - h[t]^2]_j| ≤ γ")),
        "attained",
    ),
    "linear, orthogonal": Model(
        own("h[t] = W h[t-1] + U x[t]", "assume W W^T = I"), "1", r"\tfrac{9}{10}", (("bounded", ""),), "attained"
    ),
    "small weights": Model(
        own(r"h[t] = \sigma(W h[t-1] + U x[t] + b)", r"assume \|W\| < 4"),
        "1",
        r"\tfrac12",
        (("vanishes", ""),),
        "not attained",
    ),
    "residual": Model(
        own(r"r[t] = \tanh(W h[t-1] + U x[t] + b)", "h[t] = h[t-1] + r[t]"),
        r"1 + \|W\|",
        r"1 + \tfrac12 \|W\|",
        (("bounded", "‖W‖ + 1 = 1"), ("nothing follows", "‖W‖ + 1 > 1")),
        "attained",
    ),
    "leaky": Model(
        own(r"h[t] = (1 - \alpha) h[t-1] + \alpha \tanh(W h[t-1] + U x[t] + b)"),
        r"|1 - \alpha| + |\alpha| \|W\|",
        r"|1 - \alpha| + \tfrac12 |\alpha| \|W\|",
        (
            *zip(BY_RATIO, (f"|1 - α| + |α| ‖W‖ {sign} 1" for sign in "<=>"), strict=True),
            ("vanishes", "|1 - α| + |α| ‖W‖ max_j |[1 - tanh(W h[t-1] + U x[t] + b)^2]_j| ≤ γ"),
        ),
        "attained",
    ),
    "GRU, direct path": Model(
        ("use gru",),
        "1",
        r"\tfrac12",
        (("bounded", ""), ("vanishes", "max_j |[1 - z[t]]_j| ≤ γ")),
        "not attained",
        OF_GRU,
    ),
    "LSTM, path of the cell state": Model(
        ("use lstm",), "1", r"\tfrac12", (("bounded", ""), ("vanishes", "max_j |f_j[t]| ≤ γ")), "not attained", OF_LSTM
    ),
}


@cache
def known(name: str) -> tuple[Outlook, Dialect]:
    model = MODELS[name]
    setting = model.setting
    term = read_term(model.product, setting.dialect)
    return outlook(about(setting, term), term), setting.dialect


def about(setting: Setting, term: Term) -> Context:
    return setting.context([Statement(term, "=", term)])


def first_condition(found: Outlook, dialect: Dialect) -> tuple[tuple[str, str], ...]:
    """The words, each with the first thing that is assumed for it."""
    said = ([plain(each.statement, dialect) for each in one.condition] for one in found.answers)
    return tuple((one.word, next(iter(texts), "")) for one, texts in zip(found.answers, said, strict=True))


@pytest.mark.parametrize("name", MODELS)
def test_the_words_are_right(name: str) -> None:
    assert first_condition(*known(name)) == MODELS[name].words


@pytest.mark.parametrize("name", MODELS)
def test_the_bound_is_proved_and_a_smaller_one_refuted(name: str) -> None:
    assert judged(name, rf"\| {MODELS[name].product} \| \le ({MODELS[name].ratio})^k") == "proved"
    assert judged(name, rf"\| {MODELS[name].product} \| \le ({MODELS[name].smaller})^k") == "refuted"


@pytest.mark.parametrize("name", MODELS)
def test_the_strict_bound_is_refuted_where_it_is_attained_and_proved_where_not(name: str) -> None:
    found, _ = known(name)
    assert found.sharp.word == MODELS[name].sharp
    strict = judged(name, rf"\| {MODELS[name].product} \| < ({MODELS[name].ratio})^k", "assume k >= 1")
    assert strict == ("refuted" if found.sharp.word == "attained" else "proved")


def judged(name: str, latex: str, *more: str) -> str:
    setting = declare_all(more, MODELS[name].setting)
    statement = read_statement(latex, setting.dialect)
    return judge(statement, setting.context([statement]), dialect=setting.dialect).status


@pytest.mark.parametrize("name", MODELS)
def test_everything_told_is_accepted_by_the_kernel_and_by_no_instance_denied(name: str) -> None:
    facts = list(known(name)[0].facts)
    assert len(facts) > 2
    for fact in facts:
        assert fact.attempt.certificate is not None
        again = loads(dumps(fact.attempt.certificate))
        assert check(again).accepted
        assert again.context == fact.context and again.lemmas[-1].statement == fact.statement
        context = replace(fact.context, assumptions=(*fact.context.assumptions, *again.lemmas[-1].assumptions))
        assert refute(fact.statement, context, budget_seconds=0.1, max_size=2, max_k=2) is None


@pytest.mark.parametrize("name", MODELS)
def test_what_an_instance_shows_can_be_computed_again(name: str) -> None:
    for instance in known(name)[0].instances:
        assert recheck(json.loads(instance_dumps(instance)))


@pytest.mark.parametrize("name", [name for name, one in MODELS.items() if any("γ" in text for _, text in one.words)])
def test_a_condition_on_the_states_can_be_met(name: str) -> None:
    for one in known(name)[0].answers:
        if any(each.forall for each in one.condition):
            assert one.possible is not None and one.possible.proved


def test_a_witness_meets_the_condition_of_its_answer() -> None:
    found, dialect = known("residual")
    (answer,) = (one for one in found.answers if one.word == "nothing follows")
    told = [(one.word, plain(one.ratio.statement, dialect)) for one in answer.witnesses if one.ratio is not None]
    assert told == [("vanishes", "‖W‖ + 1 = 3/2"), ("explodes", "‖W‖ + 1 = 3")]


def test_without_a_bias_a_nilpotent_matrix_is_the_witness() -> None:
    found, dialect = known("no bias")
    (answer,) = (one for one in found.answers if one.word == "nothing follows")
    vanishing = answer.witnesses[0]
    assert "W W = 0" in [plain(one.statement, dialect) for one in vanishing.assumed]
    assert vanishing.instance is not None
    assert vanishing.instance.sizes["n"] == 2


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_of_a_whole_gradient_without_bound_nothing_follows(cell: str) -> None:
    setting = declare_all([f"use {cell}", "assume k >= 0"], Setting())
    whole = next(products_of(setting.context()))
    found = outlook(about(setting, whole), whole)
    (answer,) = (one for one in found.answers if not one.condition)
    assert answer.word == "nothing follows"
    assert [one.word for one in answer.witnesses] == ["vanishes", "explodes"]
    assert all(fact.proved for fact in found.facts)


def test_states_that_read_their_last_value_have_their_products() -> None:
    def names(*declared: str) -> list[str]:
        setting = declare_all(declared, Setting())
        return [plain(one, setting.dialect) for one in products_of(setting.context())]

    assert names("use rnn") == ["∇_{h[τ-k]} h[τ]"]
    assert names("use gru") == ["∇_{h[τ-k]} h[τ]", "∏_{i=1}^k ∇̃_{h[τ-k+i-1]} h[τ-k+i]"]
    assert names("use lstm") == ["∇_{c[τ-k]} c[τ]", "∏_{i=1}^k ∇̃_{c[τ-k+i-1]} c[τ-k+i]"]
    assert names(*SHAPES, "r[t] = W h[t]") == []


@pytest.mark.parametrize(
    ("product", "reason"),
    [
        (r"\nabla_{h_{\tau-3}} h_\tau", "one product"),
        (r"\nabla_{h_{\tau-2k}} h_\tau", "one variable"),
        (r"\nabla_{x_{\tau-k}} h_\tau", "one product"),
    ],
)
def test_other_gradients_have_no_outlook(product: str, reason: str) -> None:
    setting = MODELS["tanh"].setting
    term = read_term(product, setting.dialect)
    with pytest.raises(StuckError, match=reason):
        outlook(about(setting, term), term)


def test_two_lags_leave_nothing_to_tell() -> None:
    setting = declare_all(own("V : n x n", r"h[t] = \tanh(W h[t-1] + V h[t-2])", "assume k >= 0"), Setting())
    term = read_term(TOTAL, setting.dialect)
    with pytest.raises(StuckError, match="one product"):
        outlook(about(setting, term), term)


def test_a_regime_that_does_not_agree_with_the_recurrence_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """With 1 in the place of 0 the states are not constant: the check of every definition has to see that."""
    setting = MODELS["residual"].setting
    context = replace(setting.context(), assumptions=(affine("k"),))
    assert list(regimes.regimes(context))
    monkeypatch.setattr(regimes, "_nothing", lambda one: regimes.scale(1, regimes.Ones(one.size)))
    assert not list(regimes.regimes(context))


def test_assumptions_that_a_regime_breaks_leave_it_out() -> None:
    free = MODELS["tanh"].setting.context()
    bound = declare_all([r"assume \|W\| <= 1"], MODELS["tanh"].setting).context()
    assert len(list(regimes.regimes(bound))) < len(list(regimes.regimes(free)))
    assert all(fact.proved for one in regimes.regimes(bound) for fact in one.facts)
