"""From a claim to a verdict: prove it, or refute it, or say why neither was possible.

`proved` is the kernel's word on a certificate; `refuted` is an instance that exact intervals confirm. What the proof
used, and what a reader should know beside it, is read off the certificate, never off what the engine hoped for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from .elaborate import memory
from .elaborate.course import Course
from .elaborate.reasons import Reason, is_used, read_reason
from .elaborate.wording import show_bound
from .engine.attempt import Attempt
from .engine.derive import derive
from .engine.prove import refusal
from .engine.trail import StuckError, same
from .kernel.certificate import Certificate, Context, Loss, Statement, Step
from .kernel.check import Judgement
from .kernel.rules import RefusedError
from .kernel.spectrum import extremum_value
from .kernel.term import (
    COMPONENT,
    SCALAR,
    Entrywise,
    Extremum,
    Power,
    Symbol,
    Term,
    free_times,
    number,
    show_shape,
    walk,
)
from .notation.dialect import Dialect
from .notation.presumed_points import presumed_points
from .notation.write import plain
from .rows import rows_of
from .verdict import Inline, Remark, Verdict

REFUTATION_SECONDS = 2.0
QUICK_SECONDS = 0.5


def judge(
    statement: Statement,
    context: Context,
    *,
    unknown: Symbol | None = None,
    name: str = "claim",
    dialect: Dialect | None = None,
    budget_seconds: float = REFUTATION_SECONDS,
    reason: str = "",
    course: Course | None = None,
) -> Verdict:
    """The verdict on a statement in a context; with `unknown`, on "there is exactly one such matrix".

    `reason` is what a text gives as one; of the lines in `course`, the proved ones may be used.
    """
    try:
        if refused := _mismatch(statement) or refusal(context):
            return Verdict("undecided", statement, reason=refused, tried=("reading the model and the claim",))
        if unknown is not None:
            return _judge_unknown(statement, context, unknown, dialect)
        stated, course = read_reason(reason), course or Course()
        attempt = _attempt(statement, context, stated, course)
        is_doubtful = not attempt.proved and memory.seems_false(statement, context)
        if is_doubtful and (refuted := _refuted(statement, context, QUICK_SECONDS)):
            return refuted
        attempt = memory.named(attempt if attempt.proved else _further(statement, context, course), name)
    except RecursionError:
        return Verdict("undecided", statement, reason="nested too deeply", tried=("reading the claim",))
    if not attempt.proved:
        return _refuted_or_not(statement, context, attempt, budget_seconds)
    verdict = proved(attempt, statement, dialect)
    return replace(verdict, remarks=(*_about_reason(stated, verdict, course), *verdict.remarks))


def _attempt(statement: Statement, context: Context, stated: Reason, course: Course) -> Attempt:
    """By the stated reason; by what the engine finds at once."""
    by_lines = course.proof(statement, context, stated.lines) if stated.lines else None
    by_rule = memory.proof_as_stated(statement, context, stated.rules) if stated.rules and by_lines is None else None
    return by_lines or by_rule or memory.quick_proof(statement, context)


def _further(statement: Statement, context: Context, course: Course) -> Attempt:
    """By all that the engine knows; by the lines before."""
    attempt = memory.proof(statement, context)
    return attempt if attempt.proved else course.proof(statement, context) or attempt


def _about_reason(stated: Reason, found: Verdict, course: Course) -> Iterator[Remark]:
    for label in course.wrong_among(stated.lines):
        yield Remark((f"It holds, but {label}, which it refers to, does not.",))
    if stated.rules and found.certificate is not None and not is_used(stated.rules, found.certificate):
        yield Remark((f"It holds, but the proof that was found is not by the stated reason: {stated.text}.",))


def _mismatch(statement: Statement) -> str:
    """Why the sides cannot be compared; empty if they can."""
    left, right = statement.left.shape, statement.right.shape
    if left != right:
        return f"the sides have different shapes: {show_shape(left)} and {show_shape(right)}"
    return "" if statement.relation == "=" or left == SCALAR else f"an inequality between sides of {show_shape(left)}"


def _refuted(statement: Statement, context: Context, budget_seconds: float) -> Verdict | None:
    found = memory.counterexample(statement, context, budget_seconds)
    if found is None:
        return None
    return Verdict("refuted", statement, scope="", reason="an instance where it fails", counterexample=found)


def _undecided(reason: str) -> str:
    """The first of the reasons why no proof was found; all of them are among what was tried."""
    first = reason.partition("; ")[0]
    if "without a first step" in first:
        first = f"{first}; declare when it is, as in % symgrad: start 1"
    return f"neither proved nor refuted{': ' * bool(first)}{first}"


def _refuted_or_not(statement: Statement, context: Context, attempt: Attempt, budget_seconds: float) -> Verdict:
    if refuted := _refuted(statement, context, budget_seconds):
        return refuted
    tried = (attempt.reason, f"no counterexample with sizes and depths up to 3 in {budget_seconds:g} s")
    return Verdict(
        "undecided",
        statement,
        reason=_undecided(attempt.reason),
        tried=tried,
        certificate=attempt.certificate,
        lemmas=rows_of(attempt.certificate, attempt.judgement),
    )


def proved(attempt: Attempt, statement: Statement, dialect: Dialect | None, *, detail: bool = False) -> Verdict:
    """The verdict on a certificate that the kernel accepted; with `detail`, each of its steps has a row."""
    certificate, judgement = _both(attempt)
    return Verdict(
        "proved" if judgement.accepted else "undecided",
        statement,
        scope=scope_of(statement, certificate.context),
        reason=judgement.reason,
        certificate=certificate,
        lemmas=rows_of(certificate, judgement, detail),
        hypotheses=tuple(dict.fromkeys(_hypotheses(statement, certificate, judgement, dialect))),
        remarks=tuple(_remarks(statement, certificate)),
    )


def derived(
    term: Term,
    context: Context,
    *,
    recursion: bool = False,
    detail: bool = False,
    dialect: Dialect | None = None,
) -> Verdict:
    """What the gradients in a term come to, proved; or why that cannot be said. See `engine.derive` and `proved`."""
    try:
        if refused := refusal(context):
            raise StuckError(refused)
        statement, attempt = derive(term, context, recursion=recursion)
    except (StuckError, RecursionError) as error:
        return Verdict("undecided", reason=str(error) or "nested too deeply", tried=("working the gradient out",))
    return proved(attempt, statement, dialect, detail=detail)


def _both(attempt: Attempt) -> tuple[Certificate, Judgement]:
    if attempt.certificate is None or attempt.judgement is None:
        raise ValueError("nothing was proposed")
    return attempt.certificate, attempt.judgement


def _judge_unknown(statement: Statement, context: Context, unknown: Symbol, dialect: Dialect | None) -> Verdict:
    try:
        solution = memory.solution(statement, context, unknown)
    except StuckError as reason:
        return Verdict("undecided", statement, reason=str(reason), tried=("solving for the unknown",))
    for attempt in (solution.existence, solution.uniqueness):
        if not attempt.proved:
            return Verdict("undecided", statement, reason=attempt.reason, certificate=attempt.certificate)
    exists = proved(solution.existence, statement, dialect)
    unique = proved(solution.uniqueness, statement, dialect)
    value = Statement(unknown, "=", solution.value)
    return replace(
        exists,
        lemmas=(*exists.lemmas, *unique.lemmas),
        also=(unique.certificate,) if unique.certificate else (),
        remarks=(
            Remark(("It holds for every loss exactly when ", value, ", and for no other matrix.")),
            *exists.remarks,
        ),
    )


def scope_of(statement: Statement, context: Context) -> str:
    """For which sizes and times a proof holds: "all n, m; all k, tau", or the concrete ones alone."""
    terms = (statement.left, statement.right, *(one.body for one in context.recurrence))
    sizes = sorted(
        {
            size
            for term in terms
            for one in walk(term)
            for size in (*one.shape, getattr(one, "rows", 1))
            if isinstance(size, str)
        }
    )
    free = free_times(statement.left) | free_times(statement.right)
    times = sorted({name.removesuffix(COMPONENT) for name in free})
    words = [f"all {', '.join(names)}" for names in (sizes, times) if names]
    return ", ".join(words) or "these sizes and times"


def _hypotheses(
    statement: Statement, certificate: Certificate, judgement: Judgement, dialect: Dialect | None
) -> Iterable[Inline]:
    """What the proof used: parts of the model, losses, assumed inequalities and statements; and the points that the
    statement presumes, used or not."""
    context = certificate.context
    used = dict(judgement.used)
    for one in (*context.recurrence, *context.abbreviations):
        if f"definition {one.head.name}" in used:
            yield Statement(one.head, "=", one.body)
    if context.start is not None and any(f"definition {one.head.name}" in used for one in context.recurrence):
        yield f"the first step is {context.start}"
    for loss in context.losses:
        if f"loss {loss.name}" in used:
            yield _show_loss(loss, dialect)
    for bound in context.assumptions:
        if f"assumption {bound}" in used:
            yield show_bound(bound)
    for assumed in context.hypotheses:
        if f"hypothesis {assumed}" in used:
            yield assumed.statement
    presumed = presumed_points(replace(context, conditions=()), [statement])
    for point in context.conditions:
        if f"condition {point}" in used or point in presumed:
            yield point
    for law in context.laws:
        if f"law {law.function}" in used:
            yield Statement(Entrywise(law.function, Symbol(law.variable, SCALAR)), "=", law.body)


def _show_loss(loss: Loss, dialect: Dialect | None) -> str:
    symbols = (loss.head, loss.on)
    name, node = (plain(one, dialect) if dialect else str(one) for one in symbols)
    return f"{name} is a differentiable function of {node} alone"


def _remarks(statement: Statement, certificate: Certificate) -> Iterable[Remark]:
    """The values of the suprema that the claim names, and of another one that the proof had to use instead."""
    values = {one: _value(one) for one in _extrema(statement.left, statement.right)}
    named = {one: found for one, found in values.items() if found is not None}
    for one, (value, attained) in named.items():
        how = "and it is attained" if attained else "and no x attains it"
        yield Remark((Statement(one, "=", value), f", {how}."))
    for other in dict.fromkeys(_extrema(*(step.term for step in _steps(certificate)))):
        found = _value(other)
        twin = next((one for one, value in named.items() if value == found), None)
        if found and twin and not any(same(certificate.context, one, other) for one in named):
            text = ("The step that gives this bound has ", other, ", where the claim has ", twin, "; both are ")
            yield Remark((*text, found[0], "."))


def _steps(certificate: Certificate) -> Iterable[Step]:
    for lemma in certificate.lemmas:
        for chain in lemma.chains:
            yield from chain.steps


def _extrema(*terms: Term) -> Iterable[Extremum]:
    return (one for term in terms for one in walk(term) if isinstance(one, Extremum))


def _value(term: Extremum) -> tuple[Term, bool] | None:
    """The supremum and whether it is attained; None where it cannot be read off."""
    try:
        value, attained = extremum_value(term)
    except RefusedError:
        return None
    if isinstance(value, Power) and value.body == number(1):
        value = value.body
    return value, attained
