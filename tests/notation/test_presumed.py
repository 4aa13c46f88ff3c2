"""What a claim presumes: the nodes it names exist up to the horizon, ranges are ranges, exponents are not negative."""

from __future__ import annotations

import pytest

from symgrad.answer import answers
from symgrad.elaborate.course import Course
from symgrad.notation.read import read_document

MODEL = "% symgrad: use rnn\n"
STEP = r"\[ \nabla_{h_t} L = W^T ((1 - h_{t+1}^2) \odot \nabla_{h_{t+1}} L) \]"


def readings(text: str):
    document = read_document(text)
    assert not document.all_problems, [str(one) for one in document.all_problems]
    return [claim.readings[0] for claim in document.claims]


def verdicts(text: str) -> list[str]:
    document = read_document(text)
    assert not document.all_problems, [str(one) for one in document.all_problems]
    pairs = [(claim, one) for claim in document.claims for one in claim.readings]
    return [next(answers(claim, one, Course())).verdict.status for claim, one in pairs]


def assumed(claim: str) -> list[str]:
    return [f"{one} >= 0" for one in readings(MODEL + claim)[0].context.assumptions]


def test_a_step_back_is_one_from_a_node_that_exists():
    assert assumed(STEP) == ["-t+tau-1 >= 0"]
    assert verdicts(MODEL + STEP) == ["proved"]


@pytest.mark.parametrize("words", ["horizon nothing", "time s\n% symgrad: horizon s"])
def test_without_the_horizon_of_the_loss_the_last_step_refutes_it(words):
    assert verdicts(f"{MODEL}% symgrad: {words}\n{STEP}") == ["refuted"]


def test_a_loss_at_an_expression_sets_no_horizon():
    text = f"{MODEL}% symgrad: E : scalar\n% symgrad: horizon nothing\n% symgrad: E depends on h[tau+1]\n{STEP}"
    assert [str(one) for one in readings(text)[0].context.assumptions] == []


def test_an_index_shifted_by_one_is_still_refuted():
    assert verdicts(MODEL + STEP.replace("- h_{t+1}", "- h_t")) == ["refuted"]
    assert verdicts(MODEL + STEP.replace(r"\odot \nabla_{h_{t+1}}", r"\odot \nabla_{h_{t}}")) == ["refuted"]


def test_steps_are_counted_back_from_the_horizon():
    assert assumed(r"\[ \nabla_{h_{\tau-k}} L = \nabla_{h_{\tau-k}} L \]") == ["k >= 0"]


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        (r"\prod_{i=1}^k \operatorname{diag}(h_{t+i}) = I", ["k >= 0"]),
        (r"\prod_{i=k+1}^{t} \operatorname{diag}(h_{i}) = I", ["-k+t >= 0"]),
        (r"\sum_{i=k}^{t} h_{i} = \sum_{i=k}^{t} h_{i}", ["-k+t+1 >= 0"]),
        (r"\|W\|^k = \|W\|^k", ["k >= 0"]),
        (r"W^{t-k} = W^{t-k-1}", ["-k+t-1 >= 0"]),
        (r"\|W\|^2 = \|W\|^2", []),
        (r"\prod_{i=k+1}^{t} W = \prod_{i=t}^{k+1} W", []),
        (r"W^k W^{1-k} = W", []),
        (r"W^k W^{10-k} = W^{10}", ["k >= 0", "-k+10 >= 0"]),
        (r"\nabla_{h_t} L = \Bigl[\prod_{i=1}^{t-\tau} W\Bigr] \nabla_{h_\tau} L", []),
        (r"\sum_{i=1}^k \|W\|^{k-i} = \sum_{i=1}^k \|W\|^{i-1}", ["k >= 0"]),
    ],
)
def test_ranges_and_exponents(claim, expected):
    assert assumed(f"\\[ {claim} \\]") == expected


@pytest.mark.parametrize(
    "claim",
    [
        r"\[ \nabla_{h_{\tau+1}} L = \nabla_{h_{\tau+1}} h_{\tau+1} \nabla_{h_{\tau}} L \]",
        "% symgrad: assume t > tau\n" + r"\[ \nabla_{h_t} L = \nabla_{h_{\tau}} L \]",
    ],
)
def test_a_time_beyond_the_horizon_does_not_make_a_claim_empty(claim):
    assert verdicts(MODEL + claim) == ["refuted"]


@pytest.mark.parametrize("words", ["horizon s", "horizon t, tau", "horizon t + 1", "horizon"])
def test_the_horizon_is_one_declared_time(words):
    document = read_document(f"{MODEL}% symgrad: {words}\n{STEP}")
    assert "horizon" in str(document.problems[0]) or "is not a name" in str(document.problems[0])
