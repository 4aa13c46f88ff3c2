"""Conditions and reasons beside a claim: each is read, or refused; none is dropped, and none gets to another claim."""

from __future__ import annotations

import pytest

from symgrad.judged import judge_document
from symgrad.kernel.affine import Affine
from symgrad.notation.read import read_document
from symgrad.notation.write import plain

HEAD = """% symgrad: size n, m
% symgrad: time t, tau, k
% symgrad: W, A, B : n x n
% symgrad: h[t], delta[t], a[t], z : n
% symgrad: L, x, gamma : scalar
"""
POWER = r"\|W^k\| \le \|W\|^k"


def links(display: str, head: str = HEAD):
    """Every relation of a text as (statement, its conditions)."""
    document = read_document(head + display)
    assert not document.all_problems, [str(one) for one in document.all_problems]
    readings = [reading for claim in document.claims for reading in claim.readings]
    return [
        (plain(link.statement, reading.dialect), [shown(one, reading.dialect) for one in link.conditions])
        for reading in readings
        for link in reading.statements
    ]


def shown(condition, dialect):
    return f"{condition} >= 0" if isinstance(condition, Affine) else plain(condition, dialect)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (r"\quad \forall k \ge 1", ["k-1 >= 0"]),
        (r"\quad (k \ge 1)", ["k-1 >= 0"]),
        (r", \quad k \ge 1", ["k-1 >= 0"]),
        (r", \qquad 0 < k \le \tau", ["k-1 >= 0", "-k+tau >= 0"]),
        (r"\text{ for } k \ge 1", ["k-1 >= 0"]),
        (r"\text{ for all $k \ge 1$}.", ["k-1 >= 0"]),
        (r"\quad \text{(for $k \ge 1$)}", ["k-1 >= 0"]),
        (r"\quad (\text{for } k \ge 1)", ["k-1 >= 0"]),
        (r", \quad k = 1, \dots, \tau", ["k-1 >= 0", "-k+tau >= 0"]),
        (r", \quad k = 1, 2, \dots, \tau", ["k-1 >= 0", "-k+tau >= 0"]),
        (r", \quad k \in \{1, \dots, \tau\}", ["k-1 >= 0", "-k+tau >= 0"]),
        (r"\quad \text{if } \|W\| < 1", ["‖W‖ < 1"]),
        (r"\quad \text{if } \|W\| < 1 \text{ and } k \ge 2", ["‖W‖ < 1", "k-2 >= 0"]),
        (r"\quad \text{when $\|W\| < 1$ and $k \ge 2$}", ["‖W‖ < 1", "k-2 >= 0"]),
        (r"\text{ where } \|W\| < 1, \|A\| = 1", ["‖W‖ < 1", "‖A‖ = 1"]),
        (r"\text{ with } W = A^T", ["W = A^T"]),
        (r"\text{ for all } k", []),
        (r"\quad \forall W \in \mathbb{R}^{n \times n}", []),
        (r"\quad \text{for } k \in \mathbb{Z}", []),
    ],
)
def test_a_condition_belongs_to_its_claim(condition, expected):
    assert links(rf"\[ {POWER} {condition} \] \[ W = A \]") == [("‖W^k‖ ≤ ‖W‖^k", expected), ("W = A", [])]


@pytest.mark.parametrize(
    "condition",
    [
        r"\text{If } \|W\| < 1 \text{, then } ",
        r"\text{if $\|W\| < 1$, then } ",
        r"\text{for } \|W\| < 1: \quad ",
        r"\text{for } \|W\| < 1, \quad ",
        r"\text{for } \|W\| < 1 \quad ",
    ],
)
def test_a_condition_may_stand_first(condition):
    assert links(rf"\[ {condition} {POWER} \]") == [("‖W^k‖ ≤ ‖W‖^k", ["‖W‖ < 1"])]


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        (r"\text{ unless } k = 0", "'unless', is not read"),
        (r"\text{ for some } k", "'for some', is not read"),
        (r"\text{ if $W$ is symmetric}", "'is symmetric', is not read"),
        (r"\text{ if } \|W\| < 1 \text{ and W is symmetric}", "'and W is symmetric', is not read"),
        (r"\text{ if and only if } k \ge 1", "'if and only if', is not read"),
        (r"\text{ approximately}", "'approximately', is not read"),
        (r"\text{ is not true}", "'is not true', is not read"),
        (r"\quad \text{(which is wrong)}", "'which is wrong', is not read"),
        (r"\text{ fails}", "'fails', is not read"),
        (r"\text{ or } W = A", "'or', is not read"),
        (r"\quad \text{or} \quad W = A", "'or', is not read"),
        (r"\text{ (only if it fits)}", "'only if it fits', is not read"),
        (r"\text{ with probability } 1", "'with probability', is not read"),
        (r"\text{ for } k \in \mathbb{N}", "start at 0 or at 1?"),
        (r", \quad k = 1, 3, \dots, \tau", "I expected a range here"),
        (r"\text{ for } q \ge 1", "q is not declared"),
        (r"\text{ if } D_t = W", "D is not declared"),
        (r"\text{ for } W = \tanh", "only a function can be tanh"),
        (r"\text{ if } k \approx 1", "approx between times cannot be assumed"),
        (r"(k \ge 1)", "I expected a term here, not a relation"),
        (r"\text{ if } W", "I expected a relation to assume"),
        (r"\quad (k \to \infty)", r"\to cannot be assumed"),
        (r", \quad k", "I expected a relation here"),
    ],
)
def test_a_condition_that_cannot_be_read_is_refused(condition, reason):
    (claim,) = read_document(rf"{HEAD}\[ {POWER} {condition} \]").claims
    assert claim.readings == ()
    assert reason in str(claim.problems[0])


@pytest.mark.parametrize("words", [r"\text{ for all } i", r", \quad \forall i, j", r", \quad i = 1, \dots, n",
                                   r"\text{ for } i \in \{1, \dots, n\}"])  # fmt: skip
def test_the_index_of_an_entry_runs_over_all_entries(words):
    assert links(rf"\[ h_{{t,i}} = \tanh(a_{{t,i}}) {words} \]") == [("h_i[t] = tanh(a_i[t])", [])]


@pytest.mark.parametrize(
    ("words", "reason"),
    [(r"i = 1, \dots, m", "i runs to m here, but it counts n entries"), (r"i = 2, \dots, n", "the range of an entry")],
)
def test_another_range_of_an_index_is_refused(words, reason):
    (claim,) = read_document(rf"{HEAD}\[ h_{{t,i}} = \tanh(a_{{t,i}}), \quad {words} \]").claims
    assert reason in str(claim.problems[0])


@pytest.mark.parametrize(
    ("words", "statement"),
    [
        (r"\text{ for } k = 2", "‖W^2‖ ≤ ‖W‖^2"),
        (r", \quad 3 = k", "‖W^3‖ ≤ ‖W‖^3"),
        (r"\text{ for } k = \tau", "‖W^k‖ ≤ ‖W‖^k"),
        (r"\text{ for } k \le 2", "‖W^k‖ ≤ ‖W‖^k"),
    ],
)
def test_a_time_that_is_set_to_a_number_is_that_number(words, statement):
    assert [one for one, _ in links(rf"\[ {POWER} {words} \]")] == [statement]


def test_where_defines_a_name_for_the_display_alone():
    diagonal = r"\operatorname{diag}(1-h_t^2)"
    (first,) = links(rf"\[ \delta_t = W^T D_t \delta_{{t+1}}, \quad \text{{where }} D_t = {diagonal}. \]")
    assert first == ("δ[t] = W^T D[t] δ[t+1]", ["D[t] = diag(1 - h[t]^2)"])
    rows = rf"\begin{{align}} W &= D_t \\ A &= D_t \\ & \text{{where }} D_t = {diagonal} \end{{align}}"
    assert [conditions for _, conditions in links(rows)] == [["D[t] = diag(1 - h[t]^2)"]] * 2
    later = read_document(rf"{HEAD}{rows} \[ W = D_t \]").claims[1]
    assert "D is not declared" in str(later.problems[0])


def test_where_may_repeat_a_definition_but_not_change_it():
    head = HEAD + "% symgrad: let D[t] = \\operatorname{diag}(h[t])\n"
    assert links(r"\[ W = D_t \text{ where } D_t = \operatorname{diag}(h_t) \]", head) == [("W = D[t]", [])]
    (claim,) = read_document(rf"{head}\[ W = D_t \text{{ where }} D_t = \operatorname{{diag}}(z) \]").claims
    assert "D is defined already, and not as this" in str(claim.problems[0])


def test_a_function_is_bound_for_one_claim():
    text = r"\[ f'(z) = 1 - f(z)^2 \quad \text{for } f = \tanh \] \[ f(z) = z \]"
    head = HEAD + "% symgrad: f : function\n"
    assert [statement for statement, _ in links(text, head)] == ["tanh'(z) = 1 - tanh(z)^2", "f(z) = z"]


def test_a_condition_holds_for_the_whole_chain_but_not_for_the_next():
    text = r"\begin{align} W &= A && \text{if } \|W\| < 1 \\ &= B \\ A &= B \end{align}"
    assert [conditions for _, conditions in links(text)] == [["‖W‖ < 1"], ["‖W‖ < 1"], []]


def test_a_display_that_goes_on_keeps_the_condition():
    assert [found for _, found in links(r"\[ W = A \text{ if } \|W\| < 1 \] \[ = B \]")] == [["‖W‖ < 1"], ["‖W‖ < 1"]]


def test_a_condition_on_times_after_two_relations_is_on_both():
    text = r"\[ W = A, \quad A = B \quad \text{for } k \ge 1 \] \[ W = A, \quad A = B \qquad (k \ge 1) \]"
    assert [found for _, found in links(text)] == [["k-1 >= 0"]] * 4


def test_a_condition_after_two_relations_is_ambiguous():
    (claim,) = read_document(rf"{HEAD}\[ W = A, \quad A = B \quad \text{{if }} \|W\| < 1 \]").claims
    assert "does this condition belong to each" in str(claim.problems[0])


def test_the_context_of_a_link_has_its_conditions():
    (claim,) = read_document(rf"{HEAD}\[ {POWER} \text{{ if }} \|W\| < 1 \]").claims
    (link,) = claim.readings[0].statements
    assert link.context is not None
    assert [one.statement for one in link.context.hypotheses] == list(link.conditions)
    assert claim.readings[0].context.hypotheses == ()


class TestCases:
    def test_each_case_is_a_statement_under_its_condition(self):
        text = r"\[ h_t = \begin{cases} 0 & \text{if } t = 0, \\ \tanh(a_t), & t \ge 1. \end{cases} \]"
        assert links(text) == [("h[0] = 0", ["-t >= 0", "t >= 0"]), ("h[t] = tanh(a[t])", ["t-1 >= 0"])]

    def test_they_end_a_chain(self):
        text = r"\[ h_t = a_t = \begin{cases} 0 & t = 0 \\ z & t \ge 1 \end{cases} \]"
        assert [one for one, _ in links(text)] == ["h[t] = a[t]", "a[0] = 0", "a[t] = z"]

    def test_each_has_its_place(self):
        text = "\\[ h_t = \\begin{cases} 0 & t = 0 \\\\\n  z & t \\ge 1 \\end{cases} \\]"
        statements = read_document(HEAD + text).claims[0].readings[0].statements
        assert [(one.line, one.column, one.source) for one in statements] == [(6, 24, "0"), (7, 3, "z")]

    @pytest.mark.parametrize(
        ("cases", "reason"),
        [
            (r"0 & t = 0 \\ z & \text{otherwise}", "'otherwise', is not read"),
            (r"0 \\ z & t \ge 1", "this case has no condition"),
            (r"0 & t = 0 \\ W & t \ge 1", "shapes do not fit"),
        ],
    )
    def test_refused(self, cases, reason):
        (claim,) = read_document(rf"{HEAD}\[ h_t = \begin{{cases}} {cases} \end{{cases}} \]").claims
        assert reason in str(claim.problems[0])

    @pytest.mark.parametrize(
        "display",
        [
            r"h_t = W \begin{cases} 0 & t = 0 \\ z & t \ge 1 \end{cases}",
            r"h_t = \begin{cases} 0 & t = 0 \\ z & t \ge 1 \end{cases} + z",
            r"\begin{cases} 0 & t = 0 \\ z & t \ge 1 \end{cases} = h_t",
            r"h_t = \begin{cases} 0 & t = 0 \\ z & t \ge 1 \end{cases} = a_t",
        ],
    )
    def test_they_are_read_only_as_a_whole_right_side(self, display):
        (claim,) = read_document(rf"{HEAD}\[ {display} \]").claims
        assert "cases are read only as the whole right side" in str(claim.problems[0])


class TestReasons:
    @pytest.mark.parametrize(
        ("relation", "reason"),
        [
            (r"W \stackrel{\text{chain rule}}{=} A", "chain rule"),
            (r"W \overset{(a)}{=} A", "(a)"),
            (r"W \underset{\text{by \eqref{eq:1}}}{=} A", "by eq:1"),
            (r"W \stackrel{\mathrm{sym.}}{=} A", "sym."),
            (r"W = A \quad \text{(by symmetry)}", "by symmetry"),
            (r"W = A \quad \text{symmetry}", "symmetry"),
            (r"W = A. \text{ (1)}", "(1)"),
            (r"W = A \by{normal_form}", "normal_form"),
            (r"W = A \text{ since $\|W\| \le 1$}", "since ‖W‖ ≤ 1"),
            (r"W = A \text{ (symmetry), }", "symmetry"),
            (r"W \stackrel{\text{(1)}}{=} A \quad \text{as shown}", None),
            (r"W = A", ""),
        ],
    )
    def test_are_kept(self, relation, reason):
        (claim,) = read_document(rf"{HEAD}\[ {relation} \]").claims
        if reason is None:
            assert "'as shown', is not read" in str(claim.problems[0])
        else:
            assert [one.reason for one in claim.readings[0].statements] == [reason]

    def test_belong_to_their_link(self):
        text = r"\begin{align} W &= A && \text{(first)} \\ &\stackrel{\text{two}}{=} B \\ & + B \by{three} \end{align}"
        (claim,) = read_document(HEAD + text).claims
        assert [one.reason for one in claim.readings[0].statements] == ["first", "two; three"]

    def test_a_sign_of_definition_defines(self):
        for sign in (
            r"\stackrel{\text{def}}{=}",
            r"\overset{\triangle}{=}",
            r"\triangleq",
            r"\coloneqq",
            ":=",
            r"\equiv",
        ):
            assert links(rf"\[ D_t {sign} \operatorname{{diag}}(h_t) \] \[ D_t = A \]") == [("D[t] = A", [])]

    @pytest.mark.parametrize("above", ["k=1", r"k \to \infty", r"\|W\| \le 1"])
    def test_mathematics_above_a_relation_may_be_a_condition(self, above):
        (claim,) = read_document(rf"{HEAD}\[ W \stackrel{{{above}}}{{=}} A \]").claims
        assert "a reason or a condition?" in str(claim.problems[0])

    @pytest.mark.parametrize(
        "words", [r"\text{ and }", r"\quad\text{and}\quad", r"\text{ (by 1), }", r"\text{ (1)} \quad"]
    )
    def test_words_between_two_statements_separate_them(self, words):
        assert [one for one, _ in links(rf"\[ W = A {words} A = B \]")] == ["W = A", "A = B"]

    @pytest.mark.parametrize("sign", [r"\implies", r"\Rightarrow \quad", r"\therefore\;", r"\iff"])
    def test_hence_before_a_statement_claims_nothing(self, sign):
        text = rf"\begin{{align}} W &= A \\ {sign} A &= W \end{{align}}"
        assert links(text) == [("W = A", []), ("A = W", [])]


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        (r"\|W\|^k \le 1 \text{ if } \|W\| \le 1", ["proved"]),
        (r"\|W\|^k \le 1 \text{ if } \|A\| \le 1", ["refuted"]),
        (r"\|W\|^k < 1 \text{ if } \|W\| < 1", ["refuted"]),
        (r"\|W\|^k < 1 \text{ if $\|W\| < 1$ and $k \ge 1$}", ["proved"]),
        (r"W^2 = A^2 \text{ with } W = A", ["proved"]),
        (r"W^2 = A^2 \text{ with } W = B", ["refuted"]),
        (r"f'(z) = 1 - f(z)^2 \text{ for } f = \tanh", ["proved"]),
        (r"f'(z) = 1 - f(z)^2 \text{ for } f = \sigma", ["refuted"]),
        (r"W^k = \begin{cases} I & k = 0 \\ A & k = 1 \end{cases}", ["proved", "refuted"]),
    ],
)
def test_a_claim_is_judged_under_its_conditions(claim, expected):
    document = read_document(rf"{HEAD}\[ {claim} \]")
    assert not document.all_problems
    assert [one.verdict.status for one in judge_document(document)] == expected
