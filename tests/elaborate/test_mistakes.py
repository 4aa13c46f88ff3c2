"""The catalogue of usual mistakes: what is said of each, and that nothing is said that is not proved."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from symgrad.elaborate import mistakes, suggest
from symgrad.elaborate.edit import Edit
from symgrad.elaborate.material import Material
from symgrad.elaborate.places import Place
from symgrad.elaborate.screen import Screen
from symgrad.engine.trail import same
from symgrad.judge import judge
from symgrad.kernel.certificate import Statement
from symgrad.kernel.term import Symbol, Transpose, number
from tests.claims import mutations
from tests.claims.build import W, equal, h, matrix, norm
from tests.test_claims import CASES

from .texts import LSTM, RNN, displays, judged, said

SIGMOID = """% symgrad: size n
% symgrad: time t
% symgrad: W : n x n
% symgrad: a : scalar
% symgrad: s[t], v[t] : n
% symgrad: s[t] = \\sigma(W s[t-1])
% symgrad: v[t] = a W v[t-1]
"""
BACK = r"\nabla_{h_{t-1}} L"
NEXT = r"\nabla_{h_t} L"
SLOPE = r"\operatorname{diag}(1-h_t^2)"
FAR = r"\nabla_{h_{\tau-k}} L"
END = r"\nabla_{h_\tau} L"
FACTORS = r"W^T \operatorname{diag}(1-h_{\tau-k+i}^2)"

MISTAKES = {
    "transpose missing": (RNN, rf"{BACK} = W {SLOPE} {NEXT}", "with W^T in place of W"),
    "transpose too much": (RNN, r"h_t = \tanh(W^T h_{t-1} + U x_t + b)", "with W in place of W^T"),
    "transpose missing twice": (
        RNN,
        r"\nabla_{h_{t-2}} L = W \operatorname{diag}(1-h_{t-1}^2) W \operatorname{diag}(1-h_t^2) \nabla_{h_t} L",
        "with W^T in place of both W",
    ),
    "the second transpose missing": (
        RNN,
        r"\nabla_{h_{t-2}} L = W^T \operatorname{diag}(1-h_{t-1}^2) W \operatorname{diag}(1-h_t^2) \nabla_{h_t} L",
        "with W^T in place of the second W",
    ),
    "factors swapped": (
        RNN, rf"{BACK} = {SLOPE} W^T {NEXT}", "with W^T diag(1 - h[t]^2) in place of diag(1 - h[t]^2) W^T",
    ),
    "from 0": (
        RNN, rf"{FAR} = \left[\prod_{{i=0}}^k {FACTORS}\right] {END}",
        "with the product from i = 1 to k in place of from i = 0 to k",
    ),
    "to k - 1": (
        RNN, rf"{FAR} = \left[\prod_{{i=1}}^{{k-1}} {FACTORS}\right] {END}",
        "with the product from i = 1 to k in place of from i = 1 to k - 1",
    ),
    "one step early": (
        RNN, rf"{BACK} = W^T \operatorname{{diag}}(1-h_{{t-1}}^2) {NEXT}", "with h[t] in place of h[t-1]",
    ),
    "sign": (RNN, rf"{BACK} = -W^T {SLOPE} {NEXT}", "with W^T diag(1 - h[t]^2) ∇_{h[t]} L in place of -W^T"),
    "sign of a summand": (
        RNN, rf"{BACK} = W^T \operatorname{{diag}}(1+h_t^2) {NEXT}", "with 1 - h[t]^2 in place of 1 + h[t]^2",
    ),
    "square forgotten": (
        RNN, rf"{BACK} = W^T \operatorname{{diag}}(1-h_t) {NEXT}", "with 1 - h[t]^2 in place of 1 - h[t]",
    ),
    "slope of a sigmoid": (
        RNN, rf"{BACK} = W^T ({NEXT} \odot h_t \odot (1-h_t))", "with 1 - h[t]^2 in place of h[t] ⊙ (1 - h[t])",
    ),
    "slope of tanh for a gate": (
        LSTM, r"\tilde\nabla_{h_{t-1}} f_t = W_f^T \operatorname{diag}(1 - f_t^2)",
        "with f[t] ⊙ (1 - f[t]) in place of 1 - f[t]^2",
    ),
    "tanh' and sigmoid'": (
        RNN, rf"{BACK} = W^T \operatorname{{diag}}(\sigma'(W h_{{t-1}} + U x_t + b)) {NEXT}", "with tanh'(",
    ),
    "tanh missing": (
        LSTM, r"\tilde\nabla_{c_t} h_t = \operatorname{diag}(o_t \odot (1 - c_t^2))",
        "with tanh(c[t]) in place of c[t]",
    ),
    "wrong gate": (
        LSTM, r"\tilde\nabla_{c_{t-1}} c_t = \operatorname{diag}(i_t)", "with f[t] in place of i[t]",
    ),
    "wrong weights": (
        LSTM, r"\tilde\nabla_{h_{t-1}} o_t = W_f^T \operatorname{diag}(o_t \odot (1-o_t))", "with W_o in place of W_f",
    ),
    "wrong exponent": (
        RNN, r"\|\nabla_{h_{\tau-k}} h_\tau\| \le \|W\|^{k-1}", "with ‖W‖^k in place of ‖W‖^{k-1}",
    ),
    "relation turned round": (RNN, r"\|\nabla_{h_{\tau-k}} h_\tau\| \ge \|W\|^k", "with ≤ in place of ≥"),
    "equation for a bound": (RNN, r"\|\nabla_{h_{\tau-k}} h_\tau\| = \|W\|^k", "with ≤ in place of ="),
    "another norm": (RNN, r"\|\nabla_{h_{\tau-k}} h_\tau\| \le \rho(W)^k", "with ‖W‖ in place of ρ(W)"),
    "another number": (RNN, rf"{BACK} = 2 W^T {SLOPE} {NEXT}", "without the factor 2"),
    "factor missing": (RNN, rf"{BACK} = W^T {NEXT}", "with diag(1 - h[t]^2) ∇_{h[t]} L in place of ∇_{h[t]} L"),
    "factor too much": (RNN, rf"{BACK} = W^T W^T {SLOPE} {NEXT}", "without the factor W^T"),
    "summand too much": (
        RNN, rf"{BACK} = (W^T {SLOPE} + I) {NEXT}", "without the summand I",
    ),
    "bracket in the wrong place": (
        RNN, rf"{BACK} = (W^T {NEXT}) \odot (1-h_t^2)", "with W^T ((∇_{h[t]} L) ⊙ (1 - h[t]^2)) in place of",
    ),
    "other layout": (
        RNN, r"\nabla_{h_{t-1}} h_t = \operatorname{diag}(1-h_t^2) W",
        "with W^T diag(1 - h[t]^2) in place of diag(1 - h[t]^2) W",
    ),
    "path missing": (
        LSTM, r"\nabla_{c_{t-1}} L = \operatorname{diag}(f_t) \nabla_{c_t} L", "with the summand diag(",
    ),
    "total for direct": (
        LSTM, r"\nabla_{c_{t-1}} c_t = \operatorname{diag}(f_t)",
        "with ∇̃_{c[t-1]} c[t] in place of ∇_{c[t-1]} c[t] on the left",
    ),
    "a derivative transposed": (
        RNN, rf"{BACK} = (\nabla_{{h_{{t-1}}}} h_t)^T {NEXT}", "with ∇_{h[t-1]} h[t] in place of (∇_{h[t-1]} h[t])^T",
    ),
    "a sum one step late": (
        RNN, r"\sum_{t=1}^k h_t = \sum_{t=0}^{k-1} h_t", "with h[t+1] in place of h[t]",
    ),
    "2 A B for A B + B A": (
        RNN, r"(W + W^T)^2 = W^2 + 2 W W^T + W^T W^T", "with W W^T + W^T W in place of 2 W W^T",
    ),
    "another bound": (SIGMOID, r"\|\nabla_{s_{t-1}} s_t\| \le \frac{1}{8} \|W\|", "with 1/4 in place of 1/8"),
    "entries turned": (
        RNN, r"\frac{\partial h_{t,i}}{\partial h_{t-1,j}} = (1-h_{t,i}^2) W_{ji}", "with W_ij in place of W_ji",
    ),
    "gates exchanged": (LSTM, r"c_t = i_t \odot c_{t-1} + f_t \odot g_t", "with i[t] and f[t] exchanged"),
    "vectors exchanged": (RNN, r"h_t h_{t-1}^T b = (h_t^T b) h_{t-1}", "with h[t] and h[t-1] exchanged"),
    "factor outside of the product": (
        RNN, rf"{FAR} = \left[\prod_{{i=1}}^k \operatorname{{diag}}(1-h_{{\tau-k+i}}^2)\right] W^T {END}",
        "with ∏_{i=1}^k W^T diag(1 - h[τ-k+i]^2) in place of",
    ),
    "scalar missing": (SIGMOID, r"\nabla_{v_{t-1}} v_t = W^T", "with a W^T in place of W^T"),
    "square of the bracket": (
        RNN, rf"{BACK} = W^T \operatorname{{diag}}(1-h_t)^2 {NEXT}",
        "with diag(1 - h[t]^2) in place of diag(1 - h[t])^2",
    ),
    "sum for a product": (
        RNN, rf"{BACK} = W^T ({NEXT} + (1-h_t^2))",
        "with (∇_{h[t]} L) ⊙ (1 - h[t]^2) in place of ∇_{h[t]} L + (1 - h[t]^2)",
    ),
    "product the other way round": (
        RNN, rf"{FAR} = \left[\prod_{{i=1}}^k W^T \operatorname{{diag}}(1-h_{{\tau-i+1}}^2)\right] {END}",
        "with ∏_{i=1}^k W^T diag(1 - h[τ-k+i]^2) in place of",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_what_is_said(name: str) -> None:
    header, line, expected = MISTAKES[name]
    (one,) = judged(displays(line), header)
    assert one.verdict.status == "refuted", one.verdict.reason
    assert said(one).startswith(f"would be right {expected}"), said(one)
    assert one.suggestion is not None
    corrected = one.suggestion.text[-1]
    assert isinstance(corrected, Statement)
    presumed = mistakes.Correction(corrected, ()).context(one.claim.readings[0].context)
    assert judge(corrected, presumed).proved


def test_every_mistake_of_the_catalogue_is_the_one_that_mends_something() -> None:
    """Each generator alone makes a right statement of one of the wrong ones below."""
    unused = {one.__name__ for _, one in mistakes.CATALOGUE}
    for header, line, _ in MISTAKES.values():
        (one,) = judged(displays(line), header)
        given = Material(one.claim.readings[0].statements[0].statement, one.claim.readings[0].context)
        screen = Screen(given.statement, given.context, given.shapes)
        for side, mistake in [pair for pair in mistakes.CATALOGUE if pair[1].__name__ in unused]:
            if any(screen.passes(found.statement) for found in mistakes.by_one(mistake, given, side)):
                unused.discard(mistake.__name__)
    assert not unused


def _wrong_step(place: Place, given: Material) -> Iterator[Edit]:
    """No correction: twice whatever stands there."""
    if place.parent is None:
        yield Edit(Transpose(W), words=("anything",))


@pytest.fixture
def gullible(monkeypatch: pytest.MonkeyPatch) -> None:
    """A catalogue with one false entry, and a screen that lets everything pass."""
    monkeypatch.setattr(mistakes, "CATALOGUE", (("right", _wrong_step),))
    monkeypatch.setattr(Screen, "passes", lambda self, statement: True)


@pytest.mark.usefixtures("gullible")
def test_what_is_not_proved_is_not_suggested() -> None:
    wrong = equal(W, matrix("V"))
    assert suggest.correction(Material(wrong, mutations.rnn)) is None
    assert suggest.suggestion(wrong, mutations.rnn) is None


def test_what_says_nothing_is_not_suggested() -> None:
    for wrong in (equal(W, Transpose(W)), equal(norm(h("t")), number(0)), equal(Symbol("a", (1, 1)), number(0))):
        found = suggest.correction(Material(wrong, mutations.rnn))
        assert found is None, found


def test_where_no_single_mistake_is_found_the_left_side_is_said() -> None:
    line = rf"{BACK} = W {SLOPE} {SLOPE} W {NEXT}"
    assert said(judged(displays(line))[0]) == "the left side is W^T diag(1 - h[t]^2) ∇_{h[t]} L"


def test_the_other_layout_is_named_where_no_line_says_which_is_meant() -> None:
    line = r"\frac{\partial h_t}{\partial h_{t-1}} = \operatorname{diag}(1-h_t^2) W"
    right = r"\frac{\partial h_t}{\partial h_{t-1}} = W^T \operatorname{diag}(1-h_t^2)"
    assert "with layout columns in place of layout gradient" in said(judged(displays(line))[0])
    assert "with W^T diag(1 - h[t]^2) in place of" in said(judged(displays(right, line))[1])


def test_a_forgotten_assumption_is_named() -> None:
    model = mutations.model(*mutations.RNN, assume=())
    found = suggest.correction(Material(mutations.first(mutations.FACTOR), model))
    assert found is not None and found.words == ("for k ≥ 0",)
    assert same(model, found.statement.right, mutations.first(mutations.FACTOR).right)


@pytest.mark.parametrize("name", [name for name in CASES if "deeply" not in name][::8])
def test_every_correction_of_a_claim_is_a_claim(name: str) -> None:
    """Whatever a claim is made of: the corrections fit together, differ from it, and speak of no other times."""
    case = CASES[name]
    free = Material(case.statement, case.context).free
    for found in mistakes.corrections(Material(case.statement, case.context), "gradient"):
        assert found.statement.left.shape == found.statement.right.shape
        assert found.statement != case.statement or found.assumption is not None
        assert Material(found.statement, case.context).free <= free


def test_what_is_nested_too_deeply_has_no_suggestion() -> None:
    case = CASES["corners: nested very deeply"]
    assert suggest.suggestion(case.statement, case.context) is None
