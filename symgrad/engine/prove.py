"""From a statement to a certificate: chooses the strategies, and lets the kernel judge what they propose."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import lru_cache

from ..kernel.affine import affine
from ..kernel.certificate import FLIPPED, Certificate, Chain, Context, Hypothesis, Lemma, Statement
from ..kernel.check import check
from ..kernel.rules import free_in
from ..kernel.term import (
    COMPONENT,
    SCALAR,
    Binding,
    ComponentSum,
    Limit,
    Term,
    free_times,
    map_parts,
    number,
    substitute_times,
    walk,
)
from .attempt import Attempt, needed
from .bounds import prove_bound
from .equations import mirrored, prove_equation
from .fresh import fresh_time
from .laws import prove_scalars_equal
from .limits import prove_limit
from .resolve import PROOF_SECONDS, Workspace
from .steps import prove_by_steps
from .trail import StuckError, Trail


def prove(statement: Statement, context: Context, name: str = "claim", *, seconds: float = PROOF_SECONDS) -> Attempt:
    """Look for a proof and have it judged. `proved` is the kernel's word."""
    statement, context = prepared(statement, context)
    work = Workspace(context, taken=free_in(statement), seconds=seconds)
    try:
        trail = _trail(work, statement)
    except (StuckError, RecursionError) as error:
        reason = refusal(context, statement.left, statement.right) or str(error) or "nested too deeply"
        return Attempt(None, None, reason, time.thread_time() > work.deadline)
    lemmas = (*work.lemmas.values(), Lemma(name, statement, trail.chain))
    certificate = Certificate(context, needed(lemmas))
    judgement = check(certificate)
    return Attempt(certificate, judgement, judgement.reason)


def _trail(work: Workspace, statement: Statement) -> Trail:
    if isinstance(statement.left, Limit):
        return prove_limit(work, statement)
    if isinstance(statement.right, Limit) and statement.relation == "=":
        return mirrored(work, prove_limit(work, Statement(statement.right, "=", statement.left)))
    if statement.relation == "=":
        return _trail_of_equation(work, statement)
    return _trail_of_bound(work, statement)


def _trail_of_bound(work: Workspace, statement: Statement) -> Trail:
    left, relation, right = statement.left, statement.relation, statement.right
    try:
        return prove_bound(work, left, relation, right)
    except StuckError as reason:
        try:
            if relation in ("<", "<="):
                return prove_by_steps(work, left, relation, right)
            return mirrored(work, prove_by_steps(work, right, FLIPPED[relation], left))
        except StuckError:
            raise reason from None


def _trail_of_equation(work: Workspace, statement: Statement) -> Trail:
    try:
        return prove_equation(work, statement.left, statement.right)
    except StuckError as reason:
        if statement.left.shape != SCALAR:
            raise
        try:
            return prove_scalars_equal(work, statement.left, statement.right)
        except StuckError as other:
            raise StuckError(f"{reason}; {other}") from None


def refusal(context: Context, *terms: Term) -> str:
    """Why the kernel refuses the model, or that one of the terms has a value; empty if it does not."""
    return next(filter(None, (_refusal(context, one) for one in (number(1), *terms))), "")


@lru_cache(maxsize=256)
def _refusal(context: Context, term: Term) -> str:
    lemma = Lemma("itself", Statement(term, "=", term), Chain(()))
    return check(Certificate(context, (lemma,))).reason


def prepared(statement: Statement, context: Context) -> tuple[Statement, Context]:
    """Bound indices get names of their own; a limit over k may use k >= 0; assumed equations make things simpler."""
    for side in (statement.left, statement.right):
        if isinstance(side, Limit):
            context = replace(context, assumptions=(*context.assumptions, affine(side.index)))
    taken = frozenset().union(*(one.variables for one in context.assumptions), free_in(statement))
    taken = taken.union(*(free_in(one.statement) for one in context.hypotheses))
    left, right = (_renamed(side, taken) for side in (statement.left, statement.right))
    short = tuple(replace(one, body=_renamed(one.body, taken)) for one in context.abbreviations)
    context = replace(context, abbreviations=short, hypotheses=tuple(map(_simplifying, context.hypotheses)))
    return replace(statement, left=left, right=right), context


def _simplifying(hypothesis: Hypothesis) -> Hypothesis:
    """An equation is used from left to right: W = W^T as W^T = W."""
    said = hypothesis.statement
    if said.relation != "=" or said.left == said.right or said.left not in walk(said.right):
        return hypothesis
    return replace(hypothesis, statement=Statement(said.right, "=", said.left))


def _renamed(term: Term, taken: frozenset[str]) -> Term:
    """The same term with every bound index that is also a free variable renamed."""
    term = map_parts(term, lambda part: _renamed(part, taken))
    if not isinstance(term, Binding) or term.index not in taken:
        return term
    mark = COMPONENT if isinstance(term, ComponentSum) else ""
    used = {name.removesuffix(mark) for name in taken | free_times(term.body)}
    fresh = fresh_time(term.index.removesuffix(mark), used) + mark
    return replace(term, index=fresh, body=substitute_times(term.body, {term.index: affine(fresh)}))
