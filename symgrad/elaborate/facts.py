"""Derivations from what was said before: an earlier equation or bound, a lemma, is put into a statement.

Proposes only; where an earlier line has no proof it is for the caller to say what is assumed, and for the kernel to
judge the whole.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from ..engine.bounds import prove_bound
from ..engine.equations import mirrored, prove_equation
from ..engine.fresh import fresh_name
from ..engine.induction import close
from ..engine.prove import prepared
from ..engine.resolve import Workspace, end_node
from ..engine.tidy import tidy
from ..engine.trail import StuckError, Trail, gradients, same
from ..kernel.affine import Affine, affine
from ..kernel.certificate import FLIPPED, Chain, Context, Lemma, Relation, Statement, Step
from ..kernel.rules import RefusedError, free_in
from ..kernel.term import Gradient, ShapeError, replaced
from .matching import matched, matches
from .material import Material
from .screen import Screen

MAX_USES = 4
SECONDS = 1.0
FAILURES = (StuckError, RefusedError, ShapeError, RecursionError)
UPWARDS: dict[Relation, tuple[Relation, ...]] = {"=": ("=",), "<=": ("=", "<=", "<"), "<": ("=", "<=", "<")}


def derivation(
    statement: Statement, context: Context, lemmas: Iterable[Lemma], facts: Iterable[str]
) -> tuple[Lemma, ...]:
    """Lemmas of which the last is the statement, by these facts (names of lemmas); empty if none are found."""
    try:
        return _derivation(*prepared(statement, context), lemmas, facts)
    except RecursionError:
        return ()


def _derivation(claim: Statement, context: Context, lemmas: Iterable[Lemma], facts: Iterable[str]) -> tuple[Lemma, ...]:
    turned = claim.relation in (">=", ">")
    upwards = Statement(claim.right, FLIPPED[claim.relation], claim.left) if turned else claim
    work = Workspace(context)
    work.lemmas.update((one.name, one) for one in lemmas)
    trail = _Search(work, upwards, tuple(work.lemmas[name] for name in facts)).run()
    if trail is None:
        return ()
    chain = (mirrored(work, trail) if turned else trail).chain
    return (*work.lemmas.values(), Lemma(fresh_name("claim", work.lemmas), claim, chain))


@dataclass(slots=True)
class _Search:
    work: Workspace
    claim: Statement
    facts: tuple[Lemma, ...]

    def run(self) -> Trail | None:
        """The first two trails, one from each side, that meet, or that the engine brings together."""
        upwards = UPWARDS[self.claim.relation]
        lefts = self.trails(self.work.trail(self.claim.left), upwards)
        rights = self.trails(self.work.trail(self.claim.right), tuple(FLIPPED[one] for one in upwards))
        pairs = [(left, right) for left in lefts for right in rights][1:]
        for left, right in pairs:
            if same(self.work.context, left.current, right.current):
                left.reversed_onto(right)
                return left
        return self.closed(pairs)

    def closed(self, pairs: Iterable[tuple[Trail, Trail]]) -> Trail | None:
        """The first pair that the engine brings together; only those that floats allow are tried."""
        screen = None
        deadline = time.thread_time() + SECONDS
        for left, right in pairs:
            between = Statement(left.current, self.claim.relation, right.current)
            screen = screen or Screen(self.claim, self.work.context, Material(self.claim, self.work.context).shapes)
            found = self.joined(left, between, right) if screen.passes(between) else None
            if found is not None or time.thread_time() > deadline:
                return found
        return None

    def joined(self, left: Trail, between: Statement, right: Trail) -> Trail | None:
        try:
            middle = self.between(between)
        except FAILURES:
            return None
        found = replace(left, steps=[*left.steps, *middle.steps])
        found.reversed_onto(right)
        return found

    def between(self, one: Statement) -> Trail:
        if one.relation == "=":
            return prove_equation(self.work, one.left, one.right)
        return prove_bound(self.work, one.left, one.relation, one.right)

    def trails(self, start: Trail, allowed: tuple[Relation, ...]) -> list[Trail]:
        """The side itself; with facts put in as often as they fit; for all steps at once; with one fact put back."""
        found = [start]
        while len(found) <= MAX_USES:
            following = next(self.rewritten(found[-1], allowed, backwards=False), None)
            if following is None or any(one.current == following.current for one in found):
                break
            found.append(following)
        return [*found, *self.all_steps(start), *self.rewritten(start, allowed, backwards=True)]

    def rewritten(self, trail: Trail, allowed: tuple[Relation, ...], *, backwards: bool) -> Iterator[Trail]:
        """The trail with one more step, by each fact that fits."""
        for fact in self.facts:
            stated = fact.statement
            relation = FLIPPED[stated.relation] if backwards else stated.relation
            pattern = stated.right if backwards else stated.left
            fitting = matches(pattern, trail.current, free_in(stated)) if relation in allowed else ()
            for _, values in fitting:
                try:
                    yield (_put_back if backwards else _put_in)(self.work, trail, fact, values)
                except FAILURES:
                    continue
                break

    def all_steps(self, trail: Trail) -> Iterator[Trail]:
        """The trail with one more step, by induction: a fact about one step, used for every number of steps."""
        for at in gradients(trail.current):
            for fact in self.facts:
                try:
                    yield _closed_form(self.work, trail, fact, at)
                except FAILURES:
                    continue


def _put_in(work: Workspace, trail: Trail, fact: Lemma, values: Mapping[str, Affine]) -> Trail:
    found = replace(trail, steps=list(trail.steps))
    found.apply("lemma", fact.statement.at(values).left, values, fact.name)
    return found


def _put_back(work: Workspace, trail: Trail, fact: Lemma, values: Mapping[str, Affine]) -> Trail:
    """The step from where the right side of a fact stands to where its left side does."""
    here = fact.statement.at(values)
    other = work.trail(tidy(replaced(trail.current, here.right, here.left)))
    other.apply("lemma", here.left, values, fact.name)
    if not same(work.context, other.current, trail.current):
        raise StuckError("the fact does not lead back here")
    found = replace(trail, steps=list(trail.steps))
    found.reversed_onto(other)
    return found


def _closed_form(work: Workspace, trail: Trail, fact: Lemma, at: Gradient) -> Trail:
    """The gradient over every number of steps, where the fact is about one step of it."""
    end = end_node(work.context, at)
    if end is None or not at.wrt.times or (end.times[0] - at.wrt.times[0]).is_constant:
        raise StuckError("not a gradient over any number of steps")
    found = close(work.context, at, end, work.lemmas, work.deadline, lambda moment: _one_step(work, fact, at, moment))
    work.lemmas.update((one.name, one) for one in found.lemmas)
    further = replace(trail, steps=list(trail.steps))
    further.apply("lemma", at, dict(found.use), found.lemmas[-1].name)
    return further


def _one_step(work: Workspace, fact: Lemma, at: Gradient, moment: str) -> Lemma:
    """The fact, as the gradient by x[t] from that by x[t + 1]."""
    here = Gradient(at.of, replace(at.wrt, times=(affine(moment),)), at.held)
    values = matched(fact.statement.left, here, free_in(fact.statement))
    if values is None or fact.statement.relation != "=":
        raise StuckError("the fact is about something else")
    stated = fact.statement.at(values)
    step = Step("lemma", "=", stated.right, here, tuple(values.items()), fact.name)
    bounds = tuple(bound.substitute(values) for bound in fact.assumptions)
    return Lemma(fresh_name(f"one step, by {fact.name}", work.lemmas), stated, Chain((step,)), bounds)
