"""Strategies for equations: bring the gradients on both sides to a common basis, then let the normal form decide."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from ..kernel.affine import Affine
from ..kernel.certificate import Context
from ..kernel.term import Gradient, Symbol, Term, walk
from .align import align
from .expand import (
    apply_hypotheses,
    expand_until,
    fold_values,
    is_generator,
    local_gradients,
    outside_gradients,
    slopes,
    step_forward,
    unfold_abbreviations,
    write_out,
)
from .gather import gather
from .identities import by_sigmoid
from .layers import is_feed_forward, joined_by_equations, prove_by_layers
from .parameters import is_total_loss, share_out, split_up
from .resolve import MAX_REWRITINGS, Workspace, attempted, end_node, resolve
from .sums import interchanged, to_same_bounds
from .trail import StuckError, Trail, form, gradients, same

MAX_NODES = 400
Strategy = Callable[[Workspace, Term, Term], Trail]


def prove_equation(work: Workspace, left: Term, right: Term) -> Trail:
    """A trail from left to right. Raises StuckError, with what was tried, if no strategy closes the gap."""
    tried: list[str] = []
    for strategy in _strategies(work.context, left, right):
        try:
            return strategy(work, left, right)
        except StuckError as reason:
            tried.append(str(reason))
    raise StuckError("; ".join(dict.fromkeys(tried)))


def _strategies(context: Context, left: Term, right: Term) -> tuple[Strategy, ...]:
    """What is tried: the layers of a network without times; where there are no nodes at all, everything."""
    if not is_feed_forward(context, left, right):
        return (*_STRATEGIES, _by_equations)
    return (prove_by_layers,) if context.recurrence else (_by_definitions, prove_by_layers, *_STRATEGIES[1:])


def _by_equations(work: Workspace, left: Term, right: Term) -> Trail:
    """Closed forms, or steps back in sums over the losses, and then equations that hold between what is left."""
    try:
        return joined_by_equations(_resolved(work, left), _resolved(work, right))
    except StuckError:
        return joined_by_equations(*_term_by_term(work, left, right))


def _by_definitions(work: Workspace, left: Term, right: Term) -> Trail:
    return _meet(work, left, right, lambda trail: None, "rearranging does not make the two sides the same")


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
    sides = [_changed(work, side, lambda trail: expanded_towards(trail, ends)) for side in (left, right)]
    if not same(work.context, sides[0].current, sides[1].current):
        _unfold_states(work, sides)
    return _joined(sides[0], sides[1], "stepping between the two sides")


def expanded_towards(trail: Trail, ends: tuple[Gradient, ...]) -> None:
    """Step back from the gradients of a term until only those in `ends` are left.

    Raises StuckError unless the one are a fixed number of steps from the other.
    """
    times = [one.wrt.times[0] for one in ends if one.wrt.times]
    starts = gradients(trail.current)
    if not times or not starts:
        raise StuckError("no gradients by a node on one side")
    horizon = max(times, key=lambda time: time.constant)
    if not all((horizon - one.wrt.times[0]).is_constant for one in starts if one.wrt.times):
        raise StuckError("the gradients are not a fixed number of steps apart")
    expand_until(trail, ends, horizon)


def _by_losses_between(work: Workspace, left: Term, right: Term) -> Trail:
    """The same, once the gradients of nodes are written out on both sides: those of losses are left."""
    sides = [_unfolded(work, side) for side in (left, right)]
    for side in sides:
        resolve(work, side, lambda one: end_node(work.context, one) != one.of)
    ends = gradients(sides[1].current)
    expanded_towards(sides[0], ends)
    return _joined(sides[0], sides[1], "stepping between the two sides")


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
    """Closed forms, and then states written out."""
    sides = [_resolved(work, side) for side in (left, right)]
    _unfold_states(work, sides)
    return _joined(sides[0], sides[1], "writing states out")


def _unfold_states(work: Workspace, sides: list[Trail]) -> None:
    """The latest state that only one side names is replaced by its definition, until the sides are the same.

    Twice a family and side: what is written out again and again, such as a polynomial, would only grow.
    """
    order = {one.head.name: place for place, one in enumerate(work.context.recurrence)}
    left_to_do = Counter([(place, name) for place in (0, 1) for name in order] * 2)
    forms = [form(work.context, side.current) for side in sides]
    while forms[0] is None or forms[0] != forms[1]:
        nodes = [_nodes(side.current) for side in sides]
        alone = [
            (place, one)
            for place in (0, 1)
            for one in nodes[place]
            if left_to_do[place, one.name] and one not in nodes[1 - place]
        ]
        if not alone or max(sum(1 for _ in walk(side.current)) for side in sides) > MAX_NODES:
            return
        place, node = max(alone, key=lambda pair: (pair[1].times[0].constant, order[pair[1].name]))
        left_to_do[place, node.name] -= 1
        sides[place].apply("definition", node)
        forms[place] = form(work.context, sides[place].current)


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


def _by_same_bounds(work: Workspace, left: Term, right: Term) -> Trail:
    """Closed forms, with the first and last terms taken off sums where another sum does not have them."""
    first, second = (_resolved(work, side) for side in (left, right))
    to_same_bounds(first, second)
    return _joined(first, second, "taking terms off sums")


def _by_gathered_blocks(work: Workspace, left: Term, right: Term) -> Trail:
    first, second = (_resolved(work, side) for side in (left, right))
    gather(work.context, first, second)
    return _joined(first, second, "gathering products and sums")


def _by_identities(work: Workspace, left: Term, right: Term) -> Trail:
    """Where values of functions stand that are no nodes: all of them by the sigmoid of one sign of the argument."""
    sides = [_resolved(work, side) for side in (left, right)]
    by_sigmoid(work.context, *sides)
    return _joined(sides[0], sides[1], "identities of tanh and sigmoid")


def _by_single_losses(work: Workspace, left: Term, right: Term) -> Trail:
    """A gradient of a sum of losses by a parameter is the sum of theirs."""
    sides = [_of_single_losses(work, side) for side in (left, right)]
    to_same_bounds(sides[0], sides[1])
    if not same(work.context, sides[0].current, sides[1].current):
        for side in sides:
            share_out(side, work.taken)
            resolve(work, side)
    return _joined(sides[0], sides[1], "taking the losses one by one")


def _of_single_losses(work: Workspace, side: Term) -> Trail:
    trail = work.trail(side)
    unfold_abbreviations(trail)
    while found := [one for one in gradients(trail.current) if is_total_loss(work.context, one.of)]:
        trail.apply("linear", found[0])
    return trail


def _by_terms(work: Workspace, left: Term, right: Term) -> Trail:
    """Sums over the losses taken to the same bounds, and then steps back from one side to the other."""
    first, second = _term_by_term(work, left, right)
    return _joined(first, second, "stepping back in the sums over the losses")


def _term_by_term(work: Workspace, left: Term, right: Term) -> tuple[Trail, Trail]:
    sides = [_changed(work, side, _split_up) for side in (left, right)]
    to_same_bounds(sides[0], sides[1])
    for one, other in (sides, sides[::-1]):
        ends = gradients(other.current)
        times = [end.wrt.times[0] for end in ends if end.wrt.times]
        with suppress(StuckError):
            expand_until(one, ends, max(times, key=lambda time: time.constant, default=Affine()))
    return sides[0], sides[1]


def _split_up(trail: Trail) -> None:
    while any(attempted(split_up, trail, one) for one in gradients(trail.current)):
        pass


def _by_interchange(work: Workspace, left: Term, right: Term) -> Trail:
    """Double sums in the other order."""
    first, second = (_resolved(work, side) for side in (left, right))
    for _ in interchanged(first):
        if same(work.context, first.current, second.current):
            break
    return _joined(first, second, "interchanging sums")


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
    share_out(trail, work.taken)
    if local_gradients(trail) or slopes(trail.current):
        write_out(trail)
    fold_values(trail)
    return trail


_STRATEGIES = (
    _by_definitions,
    _by_steps_between,
    _by_losses_between,
    _by_closed_forms,
    _by_aligned_blocks,
    _by_same_bounds,
    _by_gathered_blocks,
    _by_identities,
    _by_last_steps,
    _by_unfolding,
    _by_single_losses,
    _by_terms,
    _by_interchange,
)
