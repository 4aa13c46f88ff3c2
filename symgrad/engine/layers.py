"""Feed-forward networks and losses: gradients by the chain rule down to those of the last layer, then equations.

Derivatives are the kernel's own pullbacks. What is left are products of functions, quotients and sums, where the
equations that hold are used until the two sides are the same.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace

from ..kernel.certificate import Context
from ..kernel.term import Gradient, IndexedSum, Symbol, Term, walk
from .expand import apply_hypotheses, is_generator, lagged, outside_gradients, unfold_abbreviations
from .formulas import applied, fold_functions, write_out_functions, write_slopes
from .fractions import over_common_denominators
from .identities import by_sigmoid
from .resolve import MAX_REWRITINGS, Workspace
from .rewriting import rewrite, unfold_outside
from .sums import interchanged, to_same_bounds
from .trail import StuckError, Trail, direct_gradients, gradients, same

Stage = Callable[[Trail, Trail], None]


def is_feed_forward(context: Context, *terms: Term) -> bool:
    """Whether there are nodes without a time, or none at all, and the terms name none with one."""
    timed = {one.head.name for one in context.recurrence if one.head.times}
    untimed = len(timed) < len(context.recurrence)
    return not timed or (
        untimed and not any(isinstance(one, Symbol) and one.times for term in terms for one in walk(term))
    )


def prove_by_layers(work: Workspace, left: Term, right: Term) -> Trail:
    """A trail from left to right: to the gradients on the right, or down to the last layer, then by equations.

    Raises StuckError, with what was tried, if the sides do not meet.
    """
    first, second = (_unfolded(work, side) for side in (left, right))
    for ends in (gradients(second.current), ()):
        for side in (first, second):
            chain_down(side, ends)
        if _meet(first, second, _as_they_are):
            first.reversed_onto(second)
            return first
    return joined_by_equations(first, second)


def joined_by_equations(first: Trail, second: Trail) -> Trail:
    """From the start of one trail to that of the other, if equations between their ends are found: nodes and functions
    written out, everything over common denominators. Raises StuckError otherwise."""
    if not any(_meet(first, second, stage) for stage in STAGES):
        raise StuckError("nodes and functions written out, equations used, common denominators")
    first.reversed_onto(second)
    return first


def _meet(first: Trail, second: Trail, stage: Stage) -> bool:
    """Whether the sides are the same after a change, or after equations were used on top of it."""
    with suppress(StuckError):
        stage(first, second)
        if same(first.context, first.current, second.current):
            return True
        for side in (first, second):
            rewrite(side)
    return same(first.context, first.current, second.current) or _same_sums(first, second)


def _same_sums(first: Trail, second: Trail) -> bool:
    """Whether the sides are the same with terms taken off sums, or with double sums in another order."""
    if not any(isinstance(one, IndexedSum) for side in (first, second) for one in walk(side.current)):
        return False
    sides = [replace(one, steps=list(one.steps)) for one in (first, second)]
    with suppress(StuckError):
        to_same_bounds(*sides)
        for side in sides:
            rewrite(side)
        for _ in itertools.chain((None,), interchanged(sides[0])):
            if same(first.context, sides[0].current, sides[1].current):
                break
    if not same(first.context, sides[0].current, sides[1].current):
        return False
    first.steps, second.steps = sides[0].steps, sides[1].steps
    return True


def _unfolded(work: Workspace, side: Term) -> Trail:
    trail = work.trail(side)
    unfold_abbreviations(trail)
    apply_hypotheses(trail)
    return trail


def chain_down(trail: Trail, ends: Iterable[Gradient] = ()) -> None:
    """The chain rule until only gradients of losses by their own nodes are left, or those in `ends`."""
    kept = set(ends)
    for _ in range(MAX_REWRITINGS):
        open_ones = (one for one in (*gradients(trail.current), *direct_gradients(trail.current)) if one not in kept)
        if not any(step_down(trail, one) for one in open_ones):
            write_slopes(trail)
            return
    raise StuckError("the chain rule does not come to an end")


def step_down(trail: Trail, at: Gradient) -> bool:
    """One rule at a gradient; whether there was one."""
    if is_generator(trail.context, at):
        return False
    rules = ("self", "pullback", "no_path", "parameter_chain", "chain_rule", "chain_rule_last", "loss_chain")
    return any(applied(trail, rule, at) for rule in rules)


def _as_they_are(first: Trail, second: Trail) -> None:
    """Nothing is written out."""


def _nodes_written_out(first: Trail, second: Trail) -> None:
    """One node after the other, from the last layer back and first those that only one side names, until the sides are
    the same. Where its definition is not seen to give a value everywhere, only outside of functions."""
    context = first.context
    order = [one.head.name for one in context.recurrence if one.head.name not in lagged(context)]
    left = set(order)
    while left and not same(context, first.current, second.current):
        named = [{one for one in _nodes(side.current) if one.name in left} for side in (first, second)]
        if not any(named):
            return
        node = max(named[0] ^ named[1] or named[0], key=lambda one: (order.index(one.name), str(one.times)))
        changed = [applied(side, "definition", node) for side in (first, second)]
        if not any(changed):
            left.remove(node.name)
            for side in (first, second):
                unfold_outside(side, node)


def _nodes(term: Term) -> Iterator[Symbol]:
    return (one for one in outside_gradients(term) if isinstance(one, Symbol))


def _functions_folded(first: Trail, second: Trail) -> None:
    """Quotients and logarithms of exponentials by sigmoid and softplus, of one sign of the argument."""
    for trail in (first, second):
        fold_functions(trail)
    by_sigmoid(first.context, first, second)


def _functions_written_out(*trails: Trail) -> None:
    for trail in trails:
        write_out_functions(trail)


def _tanh_written_out(first: Trail, second: Trail) -> None:
    """Every value of tanh and sigmoid by exponentials."""
    by_sigmoid(first.context, first, second)
    _functions_written_out(first, second)


STAGES: tuple[Stage, ...] = (
    _as_they_are,
    _nodes_written_out,
    _functions_folded,
    _functions_written_out,
    _tanh_written_out,
    over_common_denominators,
)
