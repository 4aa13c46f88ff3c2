"""Answers to what a text says: a verdict on each link, and how to mend a refuted one or which line it follows from.

Judges the links of a reading in order; what those before have said is in the course.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .elaborate import memory
from .elaborate.course import Course
from .forecast import foreseen
from .judge import derived, judge
from .kernel.certificate import Context, Statement
from .notation.dialect import Layout
from .notation.document import Claim, Reading, ReadRelation
from .verdict import Remark, Verdict


@dataclass(frozen=True, slots=True)
class Answer:
    """A verdict on a link. Of a refuted one that was not to be refuted: what would have been right, or the line of the
    first wrong link that it follows from (0 if it is wrong by itself)."""

    verdict: Verdict
    suggestion: Remark | None = None
    follows_from: int = 0


def answers(claim: Claim, reading: Reading, course: Course) -> Iterator[Answer]:
    """An answer for each link of the chain that the claim is under this reading, each added to the course."""
    for place, link in enumerate(reading.statements):
        name = f"{claim.label}, link {place + 1}" if place else claim.label
        context = link.context or reading.context
        verdict = _verdict(name, link, context, reading, course)
        answer = Answer(verdict)
        if verdict.status == "refuted" != reading.expect:
            answer = _mended(verdict, link.statement, context, course, _layout(claim, reading, course))
        yield answer
        course.add((name, claim.label, claim.number), link.line, verdict.statement or link.statement, context, verdict)


def _verdict(name: str, link: ReadRelation, context: Context, reading: Reading, course: Course) -> Verdict:
    if link.wanted == "bounds":
        return foreseen(link.statement.left, context, reading.dialect)
    if link.wanted:
        return derived(link.statement.left, context, recursion=link.wanted == "recursion", dialect=reading.dialect)
    return judge(
        link.statement,
        context,
        unknown=reading.unknown,
        name=name,
        dialect=reading.dialect,
        reason=link.reason,
        course=course,
    )


def _mended(verdict: Verdict, statement: Statement, context: Context, course: Course, layout: Layout | None) -> Answer:
    if origin := course.origin(statement, context):
        return Answer(verdict, follows_from=origin)
    refuting = getattr(verdict.counterexample, "instance", None)
    return Answer(verdict, memory.suggestion(statement, context, refuting, layout))


def _layout(claim: Claim, reading: Reading, course: Course) -> Layout | None:
    """The declared layout, if the text may mean another: it writes fractions, and no line tells which is meant."""
    fractions = r"\partial" in claim.source and r"\nabla" not in claim.source
    return reading.dialect.layout if fractions and not course.layout_is_known else None
