"""Lines that follow from lines before them: from proved ones, which proves them, and from wrong ones, which is said."""

from __future__ import annotations

from dataclasses import replace

import pytest

from symgrad.elaborate.course import Course
from symgrad.judge import judge
from symgrad.judged import Judged
from symgrad.kernel.certificate import Context, Statement
from symgrad.kernel.check import check
from symgrad.kernel.term import product
from symgrad.serialize import dumps, loads
from symgrad.verdict import Verdict
from tests.claims.build import LSTM, RNN, W_T, G, W, at_most, by, equal, h, model, norm, slope, times

from .texts import displays, judged, said

STEP = r"\nabla_{h_{t-1}} L = W \operatorname{diag}(1-h_t^2) \nabla_{h_t} L"
TWO = r"\nabla_{h_{t-2}} L = W \operatorname{diag}(1-h_{t-1}^2) W \operatorname{diag}(1-h_t^2) \nabla_{h_t} L"
ALL = r"\nabla_{h_{\tau-k}} L = \left[\prod_{i=1}^k W \operatorname{diag}(1-h_{\tau-k+i}^2)\right] \nabla_{h_\tau} L"
ANOTHER = r"\nabla_{h_{t-2}} L = W \operatorname{diag}(1-h_{t-1}^2) W \operatorname{diag}(1-h_t) \nabla_{h_t} L"
TURNED = r"W \operatorname{diag}(1-h_t^2) \nabla_{h_t} L = \nabla_{h_{t-1}} L"
INPUT = r"\nabla_{x_{t-1}} L = U^T \operatorname{diag}(1-h_{t-1}^2) W \operatorname{diag}(1-h_t^2) \nabla_{h_t} L"
RIGHT = r"\nabla_{h_{t-1}} L = W^T \operatorname{diag}(1-h_t^2) \nabla_{h_t} L"


def origins(*lines: str) -> list[tuple[str, int]]:
    return [(one.verdict.status, one.follows_from) for one in judged(displays(*lines))]


class TestWrongLines:
    @pytest.mark.parametrize("later", [TWO, ALL, TURNED, INPUT, STEP])
    def test_a_line_that_follows_from_a_wrong_one_is_told_apart(self, later: str) -> None:
        assert origins(STEP, later) == [("refuted", 0), ("refuted", 2)]

    def test_a_line_with_a_mistake_of_its_own_does_not_follow(self) -> None:
        assert origins(STEP, ANOTHER) == [("refuted", 0), ("refuted", 0)]

    def test_the_first_wrong_line_is_named(self) -> None:
        assert [line for _, line in origins(STEP, RIGHT, TWO, ALL)] == [0, 0, 2, 2]

    def test_nothing_follows_from_a_line_that_is_further_down(self) -> None:
        assert origins(TWO, RIGHT)[0] == ("refuted", 0)

    def test_what_follows_from_a_wrong_line_has_no_suggestion(self) -> None:
        first, second = judged(displays(STEP, TWO))
        assert said(first) and not said(second)

    def test_the_rest_of_a_chain_is_judged_by_itself(self) -> None:
        chain = (
            r"\nabla_{h_{t-1}} L = W \operatorname{diag}(1-h_t^2) \nabla_{h_t} L = W ((1-h_t^2) \odot \nabla_{h_t} L)"
        )
        assert origins(chain) == [("refuted", 0), ("proved", 0)]

    def test_another_network_in_between_changes_nothing(self) -> None:
        text = displays(STEP) + "% symgrad: let A = W W\n" + displays(TWO)
        assert [one.follows_from for one in judged(text)] == [0, 2]


def _said(course: Course, name: str, statement: Statement, context: Context) -> Verdict:
    found = judge(statement, context, name=name, course=course)
    course.add((name,), 1, statement, context, found)
    return found


rnn, bounded = model(*RNN), model(*RNN, assume=("tau-t", "k"))
ONE_STEP = equal(by(h("t-1")), product(W_T, slope(h("t")), by(h("t"))))
TWO_STEPS = equal(by(h("t-2")), product(W_T, slope(h("t-1")), W_T, slope(h("t")), by(h("t"))))


class TestProvedLines:
    def test_a_line_is_proved_by_one_before_it(self) -> None:
        course = Course()
        assert _said(course, "one step", ONE_STEP, bounded).proved
        found = course.proof(TWO_STEPS, bounded)
        assert found is not None and found.certificate is not None
        assert "one step" in [one.name for one in found.certificate.lemmas]
        assert check(loads(dumps(found.certificate))).accepted

    def test_bounds_are_chained(self) -> None:
        course = Course()
        bound = at_most(norm(product(W, W)), times(norm(W), norm(W)))
        assert _said(course, "bound", bound, rnn).proved
        for relation, sides in (("<=", (bound.left, bound.right)), (">=", (bound.right, bound.left))):
            found = course.proof(Statement(sides[0], relation, sides[1]), rnn)  # type: ignore[arg-type]
            assert found is not None and found.proved

    def test_a_bound_is_not_used_the_wrong_way_round(self) -> None:
        course = Course()
        bound = at_most(norm(product(W, W)), times(norm(W), norm(W)))
        assert _said(course, "bound", bound, rnn).proved
        assert course.proof(Statement(bound.right, "<=", bound.left), rnn) is None
        assert course.proof(Statement(bound.left, "=", bound.right), rnn) is None

    def test_only_proved_lines_are_used(self) -> None:
        course = Course()
        wrong = equal(by(h("t-1")), product(W, slope(h("t")), by(h("t"))))
        open_ = at_most(norm(h("tau")), times(10, norm(G)))
        for name, statement in (("wrong", wrong), ("open", open_)):
            assert not _said(course, name, statement, rnn).proved
        assert not course.proved

    def test_lines_about_another_network_are_not_used(self) -> None:
        course = Course()
        assert _said(course, "one step", ONE_STEP, bounded).proved
        assert course.proof(TWO_STEPS, model(*LSTM)) is None

    def test_what_a_line_assumed_is_owed_where_it_is_used(self) -> None:
        course = Course()
        assert _said(course, "one step", ONE_STEP, bounded).proved
        assert course.proof(TWO_STEPS, bounded) is not None
        assert course.proof(TWO_STEPS, rnn) is None

    def test_names_of_lemmas_do_not_clash(self) -> None:
        course = Course()
        for name in ("claim", "claim", "one step back to h"):
            assert _said(course, name, ONE_STEP, bounded).proved
        found = course.proof(TWO_STEPS, bounded)
        assert found is not None and found.proved

    def test_a_proof_that_was_tampered_with_proves_nothing(self) -> None:
        course = Course()
        assert _said(course, "one step", ONE_STEP, bounded).proved
        (line,) = course.proved
        *inner, last = line.certificate.lemmas
        false = replace(last, statement=equal(ONE_STEP.left, product(W, slope(h("t")), by(h("t")))))
        course.proved[0] = replace(line, certificate=replace(line.certificate, lemmas=(*inner, false)))
        wrong = equal(by(h("t-2")), product(W, slope(h("t-1")), W, slope(h("t")), by(h("t"))))
        assert course.proof(wrong, bounded) is None


def test_a_line_may_refer_to_one_before_it() -> None:
    text = rf"\begin{{equation}} {RIGHT} \label{{eq:a}} \end{{equation}}" + "\n"
    two = TWO.replace("W ", "W^T ") + r" \quad\text{by \eqref{eq:a}}"
    first, second = judged(text + displays(two))
    assert first.verdict.proved and second.verdict.proved
    assert second.verdict.certificate is not None
    assert "eq:a" in [one.name for one in second.verdict.certificate.lemmas]


def test_a_right_line_that_refers_to_a_wrong_one_says_so() -> None:
    text = rf"\begin{{equation}} {STEP} \label{{eq:a}} \end{{equation}}" + "\n"
    _, second = judged(text + displays(RIGHT + r" \quad\text{by \eqref{eq:a}}"))
    assert second.verdict.proved
    assert _remarks(second) == ["It holds, but eq:a, which it refers to, does not."]


def _remarks(one: Judged) -> list[str]:
    return ["".join(map(str, remark.text)) for remark in one.verdict.remarks]
