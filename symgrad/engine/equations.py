"""Strategies for equations: bring the gradients on both sides to a common basis, then let the normal form decide."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ..kernel.affine import Affine
from ..kernel.term import Gradient, Symbol, Term
from .align import align
from .expand import (
    apply_hypotheses,
    expand_until,
    fold_values,
    is_generator,
    outside_gradients,
    step_forward,
    unfold_abbreviations,
    write_out,
)
from .resolve import MAX_REWRITINGS, Workspace, attempted, resolve
from .trail import StuckError, Trail, direct_gradients, form, gradients, same


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
    return bool(_time_of(at)) and at.of != at.wrt and not is_generator(work.context, at)


def _latest(found: list[Gradient]) -> Affine:
    times = [time for one in found for time in _time_of(one)]
    if not times or not all((time - times[0]).is_constant for time in times):
        raise StuckError("the last nodes are not a fixed number of steps apart")
    return max(times, key=lambda time: time.constant)


def _take_apart(work: Workspace, trail: Trail, latest: Affine) -> None:
    for _ in range(MAX_REWRITINGS):
        found = [one for one in gradients(trail.current) if _is_open(work, one) and _time_of(one) == (latest,)]
        if not any(attempted(step_forward, trail, one) for one in found):
            return


def _time_of(at: Gradient) -> tuple[Affine, ...]:
    return at.of.times if isinstance(at.of, Symbol) else ()


def _by_unfolding(work: Workspace, left: Term, right: Term) -> Trail:
    """Closed forms, and then the latest state that only one side names is replaced by its definition.

    Once a family and side: what is written out again and again, such as a polynomial, would only grow.
    """
    sides = [_resolved(work, side) for side in (left, right)]
    known = {one.head.name for one in work.context.recurrence}
    left_to_do = {(place, name) for place in (0, 1) for name in known}
    forms = [form(work.context, side.current) for side in sides]
    while forms[0] is None or forms[0] != forms[1]:
        nodes = [_nodes(side.current) for side in sides]
        alone = [
            (place, one)
            for place in (0, 1)
            for one in nodes[place]
            if (place, one.name) in left_to_do and one not in nodes[1 - place]
        ]
        if not alone:
            break
        place, node = max(alone, key=lambda pair: (pair[1].times[0].constant, pair[1].name))
        left_to_do.remove((place, node.name))
        sides[place].apply("definition", node)
        forms[place] = form(work.context, sides[place].current)
    return _joined(sides[0], sides[1], "writing states out")


def _nodes(term: Term) -> tuple[Symbol, ...]:
    """What stands outside derivatives with a time, each once."""
    return tuple(dict.fromkeys(one for one in outside_gradients(term) if isinstance(one, Symbol) and one.times))


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
