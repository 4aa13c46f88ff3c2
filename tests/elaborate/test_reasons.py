"""Reasons that a text gives: a rule that gives the line is its proof, one that does not is remarked on."""

from __future__ import annotations

import pytest

from symgrad.elaborate.reasons import proof_by_rules, read_reason
from symgrad.judged import Judged
from tests.claims.build import LSTM, W_T, W, at_most, by, equal, h, matrix, model, norm, plus, product, s, slope, times
from tests.claims.mutations import rnn

from .texts import displays, judged

STEP = r"\nabla_{h_{t-1}} L = W^T \operatorname{diag}(1-h_t^2) \nabla_{h_t} L"


def remarks(line: str) -> list[str]:
    (one,) = judged(displays(line))
    assert one.verdict.proved
    return ["".join(map(str, remark.text)) for remark in one.verdict.remarks]


def used(one: Judged) -> set[str]:
    certificate = one.verdict.certificate
    assert certificate is not None
    return {step.rule for lemma in certificate.lemmas for chain in lemma.chains for step in chain.steps}


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("chain rule", "chain_rule"),
        ("by the chain rule", "chain_rule_last"),
        ("definition of h", "definition"),
        ("submultiplicativity of the norm", "submultiplicative"),
        ("triangle inequality", "triangle"),
        ("induction hypothesis", "induction"),
        ("chain_rule", "chain_rule"),
    ],
)
def test_words_that_are_known(text: str, rule: str) -> None:
    assert rule in read_reason(text).rules


@pytest.mark.parametrize("text", ["", "obviously", "as in class", "W is square", "(see the book)"])
def test_words_that_are_not_known_say_nothing(text: str) -> None:
    assert read_reason(text).rules == read_reason(text).lines == ()


@pytest.mark.parametrize(
    ("text", "lines"),
    [("by (1)", ("1",)), ("eq:a; (2)", ("eq:a", "2")), ("by (4.2a) and lem:b-c", ("4.2a", "lem:b-c"))],
)
def test_lines_that_are_referred_to(text: str, lines: tuple[str, ...]) -> None:
    assert read_reason(text).lines == lines


def test_the_name_of_a_rule_is_that_rule_alone() -> None:
    assert read_reason("chain rule last").rules == ("chain_rule_last",)
    assert read_reason("self").rules == ("self",)


PRODUCTS = at_most(norm(product(W, matrix("V"))), times(norm(W), norm(matrix("V"))))
SUMS = at_most(norm(plus(W, matrix("V"))), plus(norm(W), norm(matrix("V"))))
STEPPED = equal(by(h("t-1"), h("t")), product(W_T, slope(h("t"))))


@pytest.mark.parametrize(
    ("statement", "rule", "other"),
    [
        (PRODUCTS, "submultiplicative", "triangle"),
        (SUMS, "triangle", "submultiplicative"),
        (equal(product(by(s("t"), s("t")), W), W), "self", "chain_rule"),
    ],
)
def test_the_stated_rule_gives_the_line(statement, rule: str, other: str) -> None:  # type: ignore[no-untyped-def]
    found = proof_by_rules(statement, model(*LSTM), (rule,))
    assert found is not None and found.certificate is not None and found.proved
    assert {step.rule for step in found.certificate.lemmas[-1].chains[0].steps} <= {rule, "normal_form"}
    assert proof_by_rules(statement, model(*LSTM), (other,)) is None


def test_a_false_line_has_no_proof_by_any_rule() -> None:
    wrong = equal(by(h("t-1"), h("t")), product(W, slope(h("t"))))
    assert proof_by_rules(wrong, rnn, ("chain_rule", "chain_rule_last", "pullback", "definition")) is None


def test_a_reason_that_fits_needs_no_remark() -> None:
    assert remarks(STEP + r" \quad\text{(chain rule)}") == []
    assert remarks(STEP + r" \quad\text{(obviously)}") == []


def test_a_reason_that_does_not_fit_is_remarked_on() -> None:
    (remark,) = remarks(STEP + r" \quad\text{(triangle inequality)}")
    assert remark == "It holds, but the proof that was found is not by the stated reason: triangle inequality."


def test_a_named_rule_is_the_proof() -> None:
    (one,) = judged(displays(r"\|W U\| \le \|W\| \|U\| \by{submultiplicative}"))
    assert used(one) <= {"submultiplicative", "normal_form"}
