"""A gradient worked out: as far as the strategies bring it, with the certificate of every step.

In closed form for all depths where one step back closes on itself; else, or if that is asked for, as a recursion.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ..kernel.affine import Affine, entails
from ..kernel.certificate import Certificate, Context, Lemma, Statement
from ..kernel.check import check
from ..kernel.term import Gradient, Term, free_times
from .attempt import Attempt, needed
from .expand import apply_hypotheses, fold_values, is_generator, recurrence_of, slopes, unfold_abbreviations
from .formulas import write_slopes
from .layers import is_feed_forward, step_down
from .parameters import horizon, share_out
from .polish import neat, polish, rearrange
from .prove import prepared, prove
from .recursion import one_step
from .resolve import MAX_REWRITINGS, Workspace, resolve
from .shorten import shortened
from .tidy import tidy
from .trail import StuckError, Trail, gradients

Derived = tuple[Statement, Attempt]
NOTHING = "nothing in this term can be worked out further"


def derive(term: Term, context: Context, name: str = "gradient", *, recursion: bool = False) -> Derived:
    """term = what its gradients come to, in closed form where there is one and no recursion is asked for.

    Where that helps, it is said of nodes that are computed, and that a later node follows: then the context of the
    certificate has these bounds too. Raises StuckError past the budget, or if there is nothing to work out.
    """
    statement, context = prepared(Statement(term, "=", term), context)
    term, inner = statement.left, _within(context, statement.left, 0)
    reason, found = NOTHING, None
    for place in () if recursion else dict.fromkeys((context, inner)):
        try:
            found = _closed(term, place, name)
        except StuckError as error:
            reason = str(error)
        if found is not None and all(is_generator(context, one) for one in gradients(found[0].right)):
            return found
    try:
        return _recursion(term, _within(context, term, 1), name)
    except StuckError as error:
        if found is None:
            raise StuckError(str(error) if recursion else reason) from None
        return found


def _within(context: Context, term: Term, ahead: int) -> Context:
    """The context, with every node that is derived by computed, and so many steps before the end at least.

    What contradicts the other assumptions is left out.
    """
    bounds = context.assumptions
    trail = Trail(context, term)
    unfold_abbreviations(trail)
    for at in gradients(trail.current):
        if len(at.wrt.times) == 1 and free_times(trail.current).issuperset(at.wrt.times[0].variables):
            for bound in _bounds(context, at, ahead):
                known = entails(bounds, bound) or entails(bounds, -bound - 1)
                bounds = bounds if known else (*bounds, bound)
    return replace(context, assumptions=bounds)


def _bounds(context: Context, at: Gradient, ahead: int) -> Iterator[Affine]:
    (time,) = at.wrt.times
    if context.start is not None and recurrence_of(context, at.wrt.name) is not None:
        yield time - context.start
    end = horizon(context, at.of)
    if end is not None:
        yield end - time - ahead


def _closed(term: Term, context: Context, name: str) -> Derived:
    """With every closed form put in. Raises StuckError if that comes to no end, or to nothing."""
    work = Workspace(context)
    trail = work.trail(term)
    unfold_abbreviations(trail)
    apply_hypotheses(trail)
    if is_feed_forward(context, term):
        _down_the_layers(trail)
    else:
        share_out(trail)
        resolve(work, trail)
        rearrange(trail)
    if not trail.steps:
        raise StuckError(NOTHING)
    for head, short in shortened(context, trail.current, term):
        trail.write("definition", head, short, reverse=True)
    return _judged(trail, work, name)


def _down_the_layers(trail: Trail) -> None:
    """Layer by layer, each with its slopes by the values of its nodes."""
    for _ in range(MAX_REWRITINGS):
        if not any(step_down(trail, one) for one in gradients(trail.current)):
            polish(trail)
            return
        for slope in slopes(trail.current):
            trail.apply("entrywise_derivative", slope)
        write_slopes(trail)
        fold_values(trail)
    raise StuckError("the chain rule does not come to an end")


def _judged(trail: Trail, work: Workspace, name: str) -> Derived:
    statement = Statement(trail.start, "=", trail.current)
    certificate = Certificate(work.context, needed((*work.lemmas.values(), Lemma(name, statement, trail.chain))))
    judgement = check(certificate)
    return statement, Attempt(certificate, judgement, judgement.reason)


def _recursion(term: Term, context: Context, name: str) -> Derived:
    """By the gradients of the next step. Raises StuckError if that leads nowhere."""
    right = tidy(neat(tidy(one_step(term, context))))
    if right == term:
        raise StuckError(NOTHING)
    for _, short in shortened(context, right, term):
        right = short
    statement = Statement(term, "=", right)
    attempt = prove(statement, context, name)
    if not attempt.proved:
        raise StuckError("a step back was found, and no proof of it")
    return statement, attempt
