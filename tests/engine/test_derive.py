"""Gradients worked out: closed forms where one step back closes, recursions elsewhere; and what is beyond both."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from symgrad.elaborate.memory import counterexample
from symgrad.engine.derive import derive
from symgrad.engine.trail import StuckError
from symgrad.judge import derived
from symgrad.kernel.certificate import Context
from symgrad.kernel.check import check
from symgrad.kernel.term import Scale, Term, number
from symgrad.notation.declarations import declare_all
from symgrad.notation.dialect import Dialect
from symgrad.notation.read import read_term
from symgrad.notation.setting import Setting
from symgrad.notation.wanted import asked_of
from symgrad.notation.write import plain

RNN = ("use rnn", "start 1")
OUTPUT = ("use rnn-output",)
NAMED = (*OUTPUT, r"let D[t] = \operatorname{diag}(1 - h[t]^2)", r"let \delta[t] = \nabla_{h[t]} L")
LSTM = ("use lstm", "start 1")
LSTM_EVERY_STEP = (*LSTM, r"\ell[t] : scalar", r"\ell[t] depends on h[t]", r"let L = \sum_{s=1}^{\tau} \ell[s]")
GRU = ("use gru", "start 1")
# A gate of the candidate: one step back goes through two nodes inside the step.
NESTED = (
    "size n", "time t, tau", "start 1", "A, B : n x n", "u[t], g[t], s[t] : n", "L : scalar",
    r"u[t] = \tanh(A s[t-1])", r"g[t] = \sigma(B u[t])", r"s[t] = g[t] \odot s[t-1] + u[t]", "L depends on s[tau]",
)  # fmt: skip
RIDGE = (
    *RNN, "a : scalar", r"\ell[t] : scalar", r"\ell[t] depends on h[t]",
    r"let E = \frac12 \sum_{t=1}^{\tau} \ell[t]", r"let F = \sum_{t=1}^{\tau} \ell[t] + a \operatorname{tr}(W^T W)",
)  # fmt: skip
FORMS: list[tuple[tuple[str, ...], str, str]] = [
    (RNN, r"\nabla_{h_t} L", "[∏_{i=1}^{τ-t} W^T diag(1 - h[t+i]^2)] ∇_{h[τ]} L"),
    (RNN, r"\nabla_W L", "∑_{t=1}^τ diag(1 - h[t]^2) [∏_{i=1}^{τ-t} W^T diag(1 - h[t+i]^2)] (∇_{h[τ]} L) h[t-1]^T"),
    (OUTPUT, r"\nabla_{h_t} L", "∑_{r=t}^τ [∏_{i=1}^{r-t} W^T diag(1 - h[t+i]^2)] V^T ∇_{y[r]} ℓ[r]"),
    (OUTPUT, r"\nabla_{y_t} L", "∇_{y[t]} ℓ[t]"),
    (OUTPUT, r"\nabla_V L", "∑_{t=1}^τ (∇_{y[t]} ℓ[t]) h[t]^T"),
    (OUTPUT, r"\nabla_c L", "∑_{t=1}^τ ∇_{y[t]} ℓ[t]"),
    (NAMED, r"\nabla_W L", "∑_{t=1}^τ D[t] [∑_{s=t}^τ [∏_{i=1}^{s-t} W^T D[t+i]] V^T ∇_{y[s]} ℓ[s]] h[t-1]^T"),
    (NAMED, r"\delta_t", "∑_{r=t}^τ [∏_{i=1}^{r-t} W^T D[t+i]] V^T ∇_{y[r]} ℓ[r]"),
    (LSTM, r"\nabla_{c_t} L", "diag(f[t+1]) ∇_{c[t+1]} L + diag(1 - tanh(c[t])^2) diag(o[t]) ∇_{h[t]} L"),
    (LSTM, r"\nabla_{f_t} L", "diag(c[t-1]) ∇_{c[t]} L"),
    (LSTM, r"\nabla_{W_f} L", "∑_{t=1}^τ diag(f[t] - f[t]^2) diag(c[t-1]) (∇_{c[t]} L) h[t-1]^T"),
    (
        LSTM_EVERY_STEP,
        r"\nabla_{h_t} L",
        "W_f^T diag(f[t+1] - f[t+1]^2) diag(c[t]) ∇_{c[t+1]} L"
        " + W_i^T diag(i[t+1] - i[t+1]^2) diag(g[t+1]) ∇_{c[t+1]} L"
        " + W_o^T diag(o[t+1] - o[t+1]^2) diag(tanh(c[t+1])) ∇_{h[t+1]} L"
        " + W_g^T diag(1 - g[t+1]^2) diag(i[t+1]) ∇_{c[t+1]} L + ∇_{h[t]} ℓ[t]",
    ),
    (
        NESTED,
        r"\nabla_{s_t} L",
        "[∏_{i=1}^{τ-t} (A^T diag(1 - u[t+i]^2) (B^T diag(g[t+i] - g[t+i]^2) diag(s[t+i-1]) + I) + diag(g[t+i]))]"
        " ∇_{s[τ]} L",
    ),
]
NET = (
    "size n, m, p", "W : n x m", "V : p x n", "x : m", "a, h, b : n", "y : p", "L : scalar",
    "a = W x + b", r"h = \tanh(a)", "y = V h", "L depends on y",
)  # fmt: skip
BATCH = (
    "size N, n, m", "X : N x m", "W : m x n", "A : N x n", "b : n", "L : scalar",
    r"A = X W + \mathbf{1} b^T", "L depends on A",
)  # fmt: skip
CROSS_ENTROPY = (
    "size n, m", "W : n x m", "x : m", "z, p, y : n", "L : scalar", "z = W x", r"p = \operatorname{softmax}(z)",
    r"L = -y^T \log(p)", r"assume \mathbf{1}^T y = 1",
)  # fmt: skip
ATTENTION = (
    "size n, m, d, p", "Q : n x d", "K : m x d", "V : m x p", "S, P : n x m", "O : n x p", "L : scalar",
    "S = Q K^T", r"P = \operatorname{softmax}(S)", "O = P V", "L depends on O",
)  # fmt: skip
FORMS += [
    (NET, r"\nabla_W L", "diag(1 - h^2) V^T (∇_y L) x^T"),
    (NET, r"\nabla_x L", "W^T diag(1 - h^2) V^T ∇_y L"),
    (BATCH, r"\nabla_W L", "X^T ∇_A L"),
    (BATCH, r"\nabla_b L", "(∇_A L)^T 1_N"),
    (CROSS_ENTROPY, r"\nabla_z L", "p - y"),
    (CROSS_ENTROPY, r"\nabla_W L", "(p - y) x^T"),
    (ATTENTION, r"\nabla_V L", "P^T ∇_O L"),
    (ATTENTION, r"\nabla_Q L", "(P ⊙ ((∇_O L) V^T - (P ⊙ ((∇_O L) V^T)) 1_m 1_m^T)) K"),
]
RECURSIONS: list[tuple[tuple[str, ...], str, str]] = [
    (RNN, r"\nabla_{h_t} L", "W^T diag(1 - h[t+1]^2) ∇_{h[t+1]} L"),
    (RNN, r"\nabla_{h_{\tau-2}} L", "W^T diag(1 - h[τ-1]^2) ∇_{h[τ-1]} L"),
    (RNN, r"\nabla_W L", "∑_{t=1}^τ diag(1 - h[t]^2) (∇_{h[t]} L) h[t-1]^T"),
    (RNN, r"\nabla_{x_t} L", "U^T diag(1 - h[t]^2) ∇_{h[t]} L"),
    (OUTPUT, r"\nabla_{h_t} L", "W^T diag(1 - h[t+1]^2) ∇_{h[t+1]} L + V^T ∇_{y[t]} ℓ[t]"),
    (LSTM, r"\nabla_{c_t} c_{\tau}", "diag(f[t+1]) ∇_{c[t+1]} c[τ] + diag(1 - tanh(c[t])^2) diag(o[t]) ∇_{h[t]} c[τ]"),
    (NAMED, r"\nabla_W L", "∑_{t=1}^τ D[t] δ[t] h[t-1]^T"),
    (NAMED, r"\delta_t", "W^T D[t+1] δ[t+1] + V^T ∇_{y[t]} ℓ[t]"),
    (RIDGE, r"\nabla_{h_t} E", "W^T diag(1 - h[t+1]^2) ∇_{h[t+1]} E + 1/2 ∇_{h[t]} ℓ[t]"),
    (RIDGE, r"\nabla_b E", "∑_{t=1}^τ diag(1 - h[t]^2) ∇_{h[t]} E"),
    (RIDGE, r"\nabla_W F", "∑_{t=1}^τ diag(1 - h[t]^2) (∇_{h[t]} F) h[t-1]^T + 2 a W"),
    (NET, r"\nabla_W L", "(∇_a L) x^T"),
    (NET, r"\nabla_a L", "diag(1 - h^2) ∇_h L"),
    (CROSS_ENTROPY, r"\nabla_W L", "(∇_z L) x^T"),
    (GRU, r"\nabla_{z_t} L", "(diag(h̃[t]) - diag(h[t-1])) ∇_{h[t]} L"),
]


def asked(lines: tuple[str, ...], gradient: str) -> tuple[Term, Context, Dialect]:
    setting = declare_all(lines, Setting())
    term = read_term(gradient, setting.dialect)
    return term, asked_of(term, setting), setting.dialect


@pytest.mark.parametrize(("lines", "gradient", "wanted"), FORMS)
def test_a_gradient_in_the_form_that_it_has(lines: tuple[str, ...], gradient: str, wanted: str) -> None:
    term, context, dialect = asked(lines, gradient)
    statement, attempt = derive(term, context)
    assert attempt.proved and statement.left == term
    assert plain(statement.right, dialect) == wanted


@pytest.mark.parametrize(("lines", "gradient", "wanted"), RECURSIONS)
def test_a_recursion_where_it_is_asked_for(lines: tuple[str, ...], gradient: str, wanted: str) -> None:
    term, context, dialect = asked(lines, gradient)
    statement, attempt = derive(term, context, recursion=True)
    assert attempt.proved and statement.left == term
    assert plain(statement.right, dialect) == wanted


@pytest.mark.parametrize(("lines", "gradient", "_"), [*FORMS, *RECURSIONS])
def test_what_is_supposed_of_times_is_printed_with_it(lines: tuple[str, ...], gradient: str, _: str) -> None:
    term, context, dialect = asked(lines, gradient)
    verdict = derived(term, context, dialect=dialect)
    assert verdict.proved and verdict.certificate is not None
    used = dict(check(verdict.certificate).used)
    bounds = [one for one in verdict.certificate.context.assumptions if f"assumption {one}" in used]
    assert len(bounds) == sum(isinstance(one, str) and "≥" in one for one in verdict.hypotheses)


@pytest.mark.parametrize(("lines", "gradient", "_"), [*FORMS, *RECURSIONS])
def test_exact_instances_know_of_no_exception_and_refute_twice_as_much(
    lines: tuple[str, ...], gradient: str, _: str
) -> None:
    verdict = derived(*asked(lines, gradient)[:2])
    assert verdict.statement is not None and verdict.certificate is not None
    context, right = verdict.certificate.context, verdict.statement.right
    assert counterexample(verdict.statement, context, 0.5) is None
    wrong = replace(verdict.statement, right=Scale(number(2), right))
    assert counterexample(wrong, context, 5.0) is not None


def test_the_last_step_has_no_next_one() -> None:
    """Nothing is supposed that contradicts the times of the gradient: then anything would follow."""
    term, context, _ = asked(RNN, r"\nabla_{h_\tau} L")
    with pytest.raises(StuckError):
        derive(term, context, recursion=True)


@pytest.mark.parametrize(
    ("lines", "gradient"),
    [
        (RNN, "W"),
        (("use rnn",), r"\nabla_W L"),
        (RNN, r"\nabla_{h_\tau} L"),
    ],
)
def test_undecided_where_there_is_nothing_to_work_out(lines: tuple[str, ...], gradient: str) -> None:
    term, context, dialect = asked(lines, gradient)
    verdict = derived(term, context, dialect=dialect)
    assert verdict.status == "undecided" and verdict.reason and verdict.statement is None


def test_every_step_with_detail_and_a_row_a_rule_without() -> None:
    term, context, dialect = asked(("use gru", "start 1"), r"\nabla_{h_{t-1}} h_t")
    brief, full = (derived(term, context, dialect=dialect, detail=detail) for detail in (False, True))
    assert brief.proved and full.proved and brief.certificate == full.certificate
    rows = [row.rule for row in brief.lemmas[-1].rows]
    assert all(one != other for one, other in pairwise(rows))
    assert brief.certificate is not None
    assert len(full.lemmas[-1].rows) >= len(brief.certificate.lemmas[-1].chains[0].steps) > len(rows)
