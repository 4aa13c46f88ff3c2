"""What was found out before is not searched again, and never changes what is said."""

from __future__ import annotations

from symgrad.elaborate import memory
from symgrad.elaborate.course import Course
from symgrad.elaborate.memory import searches
from symgrad.judge import judge
from symgrad.kernel.certificate import Loss
from symgrad.kernel.check import check
from symgrad.notation.dialect import Dialect
from tests.claims import mutations
from tests.claims.build import RNN, h, model

from .texts import displays, judged, said

RIGHT = r"\nabla_{h_{t-1}} L = W^T \operatorname{diag}(1-h_t^2) \nabla_{h_t} L"
WRONG = r"\nabla_{h_{t-1}} L = W \operatorname{diag}(1-h_t^2) \nabla_{h_t} L"
CASE = mutations.TABLE["(1)"]


def test_the_same_text_again_needs_no_search() -> None:
    first = judged(displays(RIGHT, WRONG))
    before = searches()
    again = judged(displays(RIGHT, WRONG))
    assert searches() == before
    assert [(one.verdict.status, said(one)) for one in again] == [(one.verdict.status, said(one)) for one in first]


def test_a_changed_line_is_searched_again() -> None:
    judged(displays(RIGHT, WRONG))
    before = searches()
    judged(displays(RIGHT, RIGHT.replace("diag}(1-", "diag}(1-2")))
    assert searches() > before


def test_each_claim_keeps_its_own_label() -> None:
    for name in ("first", "second", "one step back to h", "induction hypothesis"):
        found = judge(CASE.statement, CASE.context, name=name)
        assert found.certificate is not None and check(found.certificate).accepted
        assert found.lemmas[-1].name == found.certificate.lemmas[-1].name
        if name in ("first", "second"):
            assert found.lemmas[-1].name == name


def test_each_file_keeps_its_own_letters() -> None:
    def hypotheses(letter: str) -> list[object]:
        dialect = Dialect(times=("t", "k", letter))
        return list(judge(CASE.statement, CASE.context, dialect=dialect).hypotheses)

    assert hypotheses("tau") == hypotheses("tau")
    assert len(hypotheses("s")) == len(hypotheses("tau"))


def test_another_context_is_another_claim() -> None:
    assert judge(CASE.statement, CASE.context).proved
    assert not judge(CASE.statement, model(*RNN, assume=())).proved
    assert judge(CASE.statement, model(*RNN, on=h("tau-1"))).status != "proved"
    assert CASE.context.losses == (Loss("L", h("tau")),)


def test_what_is_kept_is_bounded() -> None:
    for one in (memory.proof, memory.counterexample, memory.suggestion, memory.solution, memory.proof_as_stated):
        assert one.cache_info().maxsize == memory.REMEMBERED


def test_the_order_of_texts_changes_nothing() -> None:
    texts = [displays(WRONG, WRONG.replace("t-1", "t-2")), displays(RIGHT, WRONG), displays(WRONG)]

    def answers(order: list[str]) -> dict[str, list[tuple[str, int, str]]]:
        for one in (memory.proof, memory.counterexample, memory.suggestion, memory.proof_as_stated):
            one.cache_clear()
        return {text: [(one.verdict.status, one.follows_from, said(one)) for one in judged(text)] for text in order}

    assert answers(texts) == answers(texts[::-1])


def test_a_course_is_one_text_only() -> None:
    assert Course().proof(CASE.statement, CASE.context) is None
    assert [one.follows_from for one in judged(displays(WRONG))] == [0]
