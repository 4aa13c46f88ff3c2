"""Gradients by parameters, from the text to the verdict, and against an unrolled network that autograd derives."""

from __future__ import annotations

import pytest

from symgrad.judge import judge
from symgrad.kernel.check import check
from symgrad.notation.read import read_document
from symgrad.serialize import dumps, loads
from symgrad.verdict import Verdict
from tests.claims.parameters import LSTM, RNN, ROWS

TRUE = [(model, claim) for model, claim, _ in ROWS]
FALSE = [(model, claim) for model, _, wrong in ROWS for claim in wrong]


def judged(model: str, claim: str) -> Verdict:
    document = read_document(f"{model}\\[ {claim} \\]\n")
    assert not document.all_problems, [str(one) for one in document.all_problems]
    reading = document.claims[0].readings[0]
    (link,) = reading.statements
    return judge(link.statement, reading.context, dialect=reading.dialect)


@pytest.mark.parametrize(("model", "claim"), TRUE, ids=[claim for _, claim in TRUE])
def test_true(model: str, claim: str) -> None:
    found = judged(model, claim)
    assert found.proved, found.reason
    assert found.certificate is not None and check(loads(dumps(found.certificate))).accepted


@pytest.mark.parametrize(("model", "claim"), FALSE, ids=[claim for _, claim in FALSE])
def test_false(model: str, claim: str) -> None:
    found = judged(model, claim)
    assert found.status == "refuted", found.reason


def test_enough_of_both() -> None:
    assert len(TRUE) >= 20 and len(FALSE) >= 30


@pytest.mark.parametrize("model", [RNN, LSTM])
def test_without_a_first_step_nothing_is_said(model: str) -> None:
    name = "W" if model == RNN else "W_f"
    endless = model.replace("% symgrad: start 1\n", "")
    for right in ("0", "\\nabla_{h_\\tau} L h_{\\tau-1}^T"):
        found = judged(endless, f"\\nabla_{{{name}}} L = {right}")
        assert found.status == "undecided"
        assert "without a first step" in found.reason
