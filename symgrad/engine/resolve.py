"""Gradients of any depth: closed forms where there are, else by those of states, as far as this comes to an end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from ..kernel.affine import Affine, entails
from ..kernel.certificate import Context, Lemma
from ..kernel.check import setting_at
from ..kernel.term import Gradient, Symbol, Term, walk
from .expand import is_generator, lagged, recurrence_of, step_back, step_forward
from .induction import close
from .isometries import isometries
from .parameters import is_total_loss, split_up
from .trail import StuckError, Trail, gradients

MAX_CONCRETE_STEPS = 60
MAX_REWRITINGS = 200
PROOF_SECONDS = 8.0


@dataclass(slots=True)
class Workspace:
    """A context with what was found so far: lemmas, closed forms (None: there is none), gradients that are not zero for
    want of a path, and the sides with all their closed forms put in. `taken` are the variables of the claim."""

    context: Context
    lemmas: dict[str, Lemma] = field(default_factory=dict)
    closed: dict[Gradient, tuple[str, tuple[tuple[str, Affine], ...]] | None] = field(default_factory=dict)
    reaching: set[Gradient] = field(default_factory=set)
    resolved: dict[Term, Trail] = field(default_factory=dict)
    seconds: float = PROOF_SECONDS
    taken: frozenset[str] = frozenset()
    deadline: float = field(init=False)
    states: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        self.lemmas.update(isometries(self.context))
        self.states = lagged(self.context)
        self.deadline = time.thread_time() + self.seconds

    def trail(self, start: Term) -> Trail:
        return Trail(self.context, start, self.lemmas, deadline=self.deadline)

    def holds(self, goal: Affine) -> bool:
        return entails(self.context.assumptions, goal)


def resolve(work: Workspace, trail: Trail, kept: Callable[[Gradient], bool] = lambda _: False) -> None:
    """Replace gradients by closed forms, or by those of states, as far as this is known to come to an end.

    Those that are to be kept are left alone.
    """
    for _ in range(MAX_REWRITINGS):
        if not any(_resolve_one(work, trail, one) for one in gradients(trail.current) if not kept(one)):
            return
    raise StuckError("the gradients do not come to an end")


def _resolve_one(work: Workspace, trail: Trail, at: Gradient) -> bool:
    if is_generator(work.context, at) or not at.wrt.times:
        return False
    end = end_node(work.context, at)
    if at.of == at.wrt:
        return _applied(trail, "self", at)
    if is_total_loss(work.context, at.of):
        return attempted(split_up, trail, at)
    if at not in work.reaching and _applied(trail, "no_path", at):
        return True
    work.reaching.add(at)
    distance = end.times[0] - at.wrt.times[0] if end is not None and end.times else None
    if at.held and end is not None and end != at.of:
        return _applied(trail, "loss_chain", at)
    if distance is not None and distance.is_constant and distance.constant <= MAX_CONCRETE_STEPS:
        step_back(trail, at)
        return True
    if end is not None and _use_closed_form(work, trail, at, end):
        return True
    # What no later step reads: the chain rule over what reads it comes to an end within the step.
    if at.wrt.name not in work.states and attempted(step_back, trail, at):
        return True
    return _use_chain(work, trail, at, end)


def attempted(change: Callable[[Trail, Gradient], None], trail: Trail, at: Gradient) -> bool:
    """Whether a change could be made."""
    try:
        change(trail, at)
    except StuckError:
        return False
    return True


def _applied(trail: Trail, rule: str, at: Gradient) -> bool:
    return attempted(lambda trail, at: trail.apply(rule, at), trail, at)


def _use_closed_form(work: Workspace, trail: Trail, at: Gradient, end: Symbol) -> bool:
    distance = end.times[0] - at.wrt.times[0]
    if not setting_at(trail.setting(), trail.current, at).holds(distance):
        return False
    if at not in work.closed:
        work.closed[at] = _find_closed_form(work, at, end)
    found = work.closed[at]
    if found is None:
        return False
    name, use = found
    trail.apply("lemma", at, dict(use), name)
    return True


def _find_closed_form(work: Workspace, at: Gradient, end: Symbol) -> tuple[str, tuple[tuple[str, Affine], ...]] | None:
    try:
        found = close(work.context, at, end, work.lemmas, work.deadline)
    except StuckError:
        return None
    work.lemmas.update((one.name, one) for one in found.lemmas)
    return found.lemmas[-1].name, found.use


def _use_chain(work: Workspace, trail: Trail, at: Gradient, end: Symbol | None) -> bool:
    """Through the node that a loss depends on; through a node that reads only nodes of its own time; else leave it."""
    if end is not None and end != at.of:
        return _applied(trail, "loss_chain", at)
    direct = not isinstance(at.of, Symbol) or _reads_only_now(work.context, at.of)
    return direct and attempted(step_forward, trail, at)


def _reads_only_now(context: Context, node: Symbol) -> bool:
    found = recurrence_of(context, node.name)
    known = {one.head.name for one in context.recurrence}
    if found is None:
        return False
    inner: Iterable[Symbol] = (one for one in walk(found.body) if isinstance(one, Symbol) and one.name in known)
    return all(one.times == found.head.times for one in inner)


def end_node(context: Context, at: Gradient) -> Symbol | None:
    """The node that is differentiated: of a loss, the node it depends on."""
    for one in context.losses:
        if (node := one.node(at.of)) is not None:
            return node
    return at.of if isinstance(at.of, Symbol) and at.of.times else None
