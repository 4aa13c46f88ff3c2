"""Strategies for equations: bring the gradients on both sides to a common basis, then let the normal form decide."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from ..kernel.affine import Affine, entails
from ..kernel.certificate import Context, Lemma
from ..kernel.term import SCALAR, Gradient, Symbol, Term, walk
from .align import align
from .expand import (
    apply_hypotheses,
    expand_until,
    fold_values,
    is_generator,
    lagged,
    outside_gradients,
    recurrence_of,
    step_back,
    step_forward,
    unfold_abbreviations,
    write_out,
)
from .induction import close
from .trail import StuckError, Trail, direct_gradients, gradients, same

MAX_CONCRETE_STEPS = 60
MAX_REWRITINGS = 200
MAX_UNFOLDINGS = 4
PROOF_SECONDS = 20.0


@dataclass(slots=True)
class Workspace:
    """A context with what was found so far: lemmas, closed forms (None: there is none), gradients that are not zero for
    want of a path, and the sides with all their closed forms put in."""

    context: Context
    lemmas: dict[str, Lemma] = field(default_factory=dict)
    closed: dict[Gradient, tuple[str, tuple[tuple[str, Affine], ...]] | None] = field(default_factory=dict)
    reaching: set[Gradient] = field(default_factory=set)
    resolved: dict[Term, Trail] = field(default_factory=dict)
    deadline: float = field(default_factory=lambda: time.monotonic() + PROOF_SECONDS)
    states: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        self.states = lagged(self.context)

    def trail(self, start: Term) -> Trail:
        return Trail(self.context, start, self.lemmas, deadline=self.deadline)

    def holds(self, goal: Affine) -> bool:
        return entails(self.context.assumptions, goal)


def prove_equation(work: Workspace, left: Term, right: Term) -> Trail:
    """A trail from left to right. Raises StuckError, with what was tried, if no strategy closes the gap."""
    tried: list[str] = []
    for strategy in _STRATEGIES:
        try:
            return strategy(work, left, right)
        except StuckError as reason:
            tried.append(str(reason))
    raise StuckError("; ".join(dict.fromkeys(tried)))


def _by_definitions(work: Workspace, left: Term, right: Term) -> Trail:
    return _meet(work, left, right, lambda trail: None, "the normal forms differ")


def _by_steps_between(work: Workspace, left: Term, right: Term) -> Trail:
    """One side's gradients are a few steps from the other's: step back until only those are left."""
    try:
        return _by_steps_towards(work, left, right)
    except StuckError as reason:
        try:
            return mirrored(work, _by_steps_towards(work, right, left))
        except StuckError:
            raise reason from None


def _by_steps_towards(work: Workspace, left: Term, right: Term) -> Trail:
    ends = gradients(_unfolded(work, right).current)
    starts = gradients(_unfolded(work, left).current)
    times = [one.wrt.times[0] for one in ends if one.wrt.times]
    if not times or not starts:
        raise StuckError("no gradients by a node on one side")
    horizon = max(times, key=lambda time: time.constant)
    if not all((horizon - one.wrt.times[0]).is_constant for one in starts if one.wrt.times):
        raise StuckError("the gradients are not a fixed number of steps apart")
    return _meet(work, left, right, lambda trail: expand_until(trail, ends, horizon), "stepping between the two sides")


def _by_closed_forms(work: Workspace, left: Term, right: Term) -> Trail:
    return _joined(_resolved(work, left), _resolved(work, right), "closed forms by induction")


def _by_last_steps(work: Workspace, left: Term, right: Term) -> Trail:
    """Closed forms, after the gradients of the latest nodes have been taken apart into those of the step before."""
    sides = [_resolved(work, side) for side in (left, right)]
    latest = _latest([one for side in sides for one in gradients(side.current) if _is_open(work, one)])
    for side in sides:
        _take_apart(work, side, latest)
        resolve(work, side)
    return _joined(sides[0], sides[1], "taking the last step apart")


def _is_open(work: Workspace, at: Gradient) -> bool:
    """Whether the gradient is of a node, and neither the node's own nor a generator."""
    node = isinstance(at.of, Symbol) and bool(at.of.times) and at.of != at.wrt
    return node and not is_generator(work.context, at)


def _latest(found: list[Gradient]) -> Affine:
    times = [time for one in found if isinstance(one.of, Symbol) for time in one.of.times]
    if not times or not all((time - times[0]).is_constant for time in times):
        raise StuckError("the last nodes are not a fixed number of steps apart")
    return max(times, key=lambda time: time.constant)


def _take_apart(work: Workspace, trail: Trail, latest: Affine) -> None:
    for _ in range(MAX_REWRITINGS):
        found = [one for one in gradients(trail.current) if _is_open(work, one)]
        if not any(isinstance(one.of, Symbol) and one.of.times == (latest,) and _step(trail, one) for one in found):
            return


def _step(trail: Trail, at: Gradient) -> bool:
    try:
        step_forward(trail, at)
    except StuckError:
        return False
    return True


def _by_unfolding(work: Workspace, left: Term, right: Term) -> Trail:
    """Closed forms, and then the latest state that only one side names is replaced by its definition."""
    sides = [_resolved(work, side) for side in (left, right)]
    for _ in range(MAX_UNFOLDINGS):
        if same(work.context, sides[0].current, sides[1].current):
            break
        nodes = [_nodes(work, side.current) for side in sides]
        alone = [
            (side, one) for side, mine, other in zip(sides, nodes, nodes[::-1], strict=True) for one in mine - other
        ]
        if not alone:
            break
        side, node = max(alone, key=lambda pair: (pair[1].times[0].constant, pair[1].name))
        side.apply("definition", node)
    return _joined(sides[0], sides[1], "writing states out")


def _nodes(work: Workspace, term: Term) -> set[Symbol]:
    """The states with a definition that stand outside derivatives."""
    known = {one.head.name for one in work.context.recurrence}
    return {one for one in outside_gradients(term) if isinstance(one, Symbol) and one.name in known}


def _by_aligned_blocks(work: Workspace, left: Term, right: Term) -> Trail:
    for at_end in (False, True):
        first, second = (_resolved(work, side) for side in (left, right))
        align(work.context, first, second, at_end)
        if same(work.context, first.current, second.current):
            break
    return _joined(first, second, "peeling products to the same bounds")


def mirrored(work: Workspace, trail: Trail) -> Trail:
    """The same steps from the end to the start."""
    turned = work.trail(trail.current)
    turned.reversed_onto(trail)
    return turned


def _meet(work: Workspace, left: Term, right: Term, change: Callable[[Trail], None], what: str) -> Trail:
    return _joined(_changed(work, left, change), _changed(work, right, change), what)


def _changed(work: Workspace, side: Term, change: Callable[[Trail], None]) -> Trail:
    trail = _unfolded(work, side)
    change(trail)
    return trail


def _resolved(work: Workspace, side: Term) -> Trail:
    """A trail of its own from a side to its closed forms, which are looked for once."""
    if side not in work.resolved:
        work.resolved[side] = _changed(work, side, lambda trail: resolve(work, trail))
    found = work.resolved[side]
    return replace(found, steps=list(found.steps))


def _joined(first: Trail, second: Trail, what: str) -> Trail:
    if not same(first.context, first.current, second.current):
        raise StuckError(what)
    first.reversed_onto(second)
    return first


def _unfolded(work: Workspace, side: Term) -> Trail:
    trail = work.trail(side)
    unfold_abbreviations(trail)
    apply_hypotheses(trail)
    if direct_gradients(trail.current):
        write_out(trail)
    fold_values(trail)
    return trail


_STRATEGIES = (
    _by_definitions,
    _by_steps_between,
    _by_closed_forms,
    _by_aligned_blocks,
    _by_last_steps,
    _by_unfolding,
)


def resolve(work: Workspace, trail: Trail) -> None:
    """Replace gradients by closed forms, or by those of states, as far as this is known to come to an end."""
    for _ in range(MAX_REWRITINGS):
        if not any(_resolve_one(work, trail, one) for one in gradients(trail.current)):
            return
    raise StuckError("the gradients do not come to an end")


def _resolve_one(work: Workspace, trail: Trail, at: Gradient) -> bool:
    if is_generator(work.context, at) or not at.wrt.times:
        return False
    end = end_node(work.context, at)
    if at.of == at.wrt:
        return _applied(trail, "self", at)
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
    return (at.wrt.name not in work.states and _stepped_back(trail, at)) or _use_chain(work, trail, at, end)


def _applied(trail: Trail, rule: str, at: Term) -> bool:
    try:
        trail.apply(rule, at)
    except StuckError:
        return False
    return True


def _stepped_back(trail: Trail, at: Gradient) -> bool:
    """The chain rule over what reads a node that no later step reads: it comes to an end within the step."""
    try:
        step_back(trail, at)
    except StuckError:
        return False
    return True


def _use_closed_form(work: Workspace, trail: Trail, at: Gradient, end: Symbol) -> bool:
    distance = end.times[0] - at.wrt.times[0]
    if not work.holds(distance):
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
    if not isinstance(at.of, Symbol) or _reads_only_now(work.context, at.of):
        try:
            step_forward(trail, at)
        except StuckError:
            return False
        return True
    return False


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
        if at.of == Symbol(one.name, SCALAR):
            return one.on
    return at.of if isinstance(at.of, Symbol) and at.of.times else None
