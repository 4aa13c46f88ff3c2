"""What a drawing needs to know of a recurrence: who reads whom, what shares a box, and in which row each box is.

Rows, from below: inputs, quantities inside a step, states, and what only leads out of the network.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..kernel.certificate import Context, Definition
from ..kernel.term import Product, Symbol, Term, walk


@dataclass(frozen=True, slots=True)
class Use:
    """`target` reads `source`, `lag` steps earlier, multiplied by `factor` if that is one symbol."""

    source: str
    target: str
    lag: int
    factor: Symbol | None


@dataclass(frozen=True, slots=True)
class Structure:
    """`members` are the names in each box, by its first name; `losses` those that there is one of at every step."""

    heads: dict[str, Symbol]
    uses: tuple[Use, ...]
    members: dict[str, tuple[str, ...]]
    states: tuple[str, ...]
    rows: dict[str, int]
    losses: frozenset[str]

    def box(self, name: str) -> str:
        """The box that a name is in."""
        return next(box for box, names in self.members.items() if name in names)


def structure(context: Context) -> Structure | None:
    """None where no node has a time, times are not one variable plus a constant, or more than a step back is read."""
    recurrence = [one for one in context.recurrence if one.head.times]
    heads = {one.head.name: one.head for one in recurrence}
    families = [loss for loss in context.losses if loss.times]
    uses = [use for one in recurrence for use in _uses(one)]
    for loss in families:
        lag = loss.head.times[0] - loss.on.times[0]
        uses.append(Use(loss.on.name, loss.name, lag.constant if lag.is_constant else -1, None))
    if not heads or any(use.lag < 0 or use.lag > 1 for use in uses):
        return None
    heads |= {loss.name: loss.head for loss in families}
    lagged = {use.source for use in uses if use.lag}
    states = tuple(name for name in heads if name in lagged)
    boxes = _boxes(heads, states, uses)
    rows = _rows(boxes, states, uses)
    if rows is None:
        return None
    losses = frozenset(loss.name for loss in families)
    return Structure(heads | _inputs(recurrence, heads), tuple(uses), boxes, states, rows, losses)


def _uses(definition: Definition) -> list[Use]:
    found: dict[tuple[str, int], Use] = {}
    for part in walk(definition.body):
        if isinstance(part, Symbol) and len(part.times) == 1:
            lag = definition.head.times[0] - part.times[0]
            steps = lag.constant if lag.is_constant else -1
            factor = factor_of(definition.body, part)
            found.setdefault((part.name, steps), Use(part.name, definition.head.name, steps, factor))
    return list(found.values())


def factor_of(body: Term, used: Symbol) -> Symbol | None:
    """The symbol that `used` is multiplied by, if there is one alone."""
    for part in walk(body):
        match part:
            case Product(factors=(Symbol(times=()) as factor, last)) if last == used:
                return factor
    return None


def _inputs(recurrence: Iterable[Definition], heads: dict[str, Symbol]) -> dict[str, Symbol]:
    symbols = (part for one in recurrence for part in walk(one.body) if isinstance(part, Symbol))
    return {part.name: part for part in symbols if part.times and part.name not in heads}


def _boxes(heads: Iterable[str], states: tuple[str, ...], uses: Iterable[Use]) -> dict[str, tuple[str, ...]]:
    """Names by box: a state has its own; others that read the same things share one."""
    groups: dict[object, list[str]] = {}
    for name in heads:
        reads = frozenset((use.source, use.lag) for use in uses if use.target == name)
        groups.setdefault(name if name in states else reads, []).append(name)
    inputs = {use.source for use in uses} - set(heads)
    return {names[0]: tuple(names) for names in groups.values()} | {name: (name,) for name in sorted(inputs)}


def _rows(boxes: dict[str, tuple[str, ...]], states: tuple[str, ...], uses: Iterable[Use]) -> dict[str, int] | None:
    """A row for each box: inner ones by the longest path from the inputs, states above them, outputs on top."""
    depth = _depths(boxes, uses)
    if depth is None:
        return None
    inside = _leading_to(states, uses) if states else set(boxes)
    inner = [box for box, names in boxes.items() if box not in states and not inside.isdisjoint(names)]
    carried = {use.source for use in uses if use.lag and use.source == use.target}
    upper = sorted(states, key=lambda name: (name in carried, -depth[name]))
    outside = sorted((box for box in boxes if box not in (*inner, *upper)), key=depth.__getitem__)
    return {box: row for row, box in enumerate((*sorted(inner, key=depth.__getitem__), *upper, *outside))}


def _depths(boxes: dict[str, tuple[str, ...]], uses: Iterable[Use]) -> dict[str, int] | None:
    """The length of the longest path to each box within a step; None if they go round in a circle."""
    owner = {name: box for box, names in boxes.items() for name in names}
    depth = dict.fromkeys(boxes, 0)
    for _ in range(len(boxes) + 1):
        before = dict(depth)
        for use in uses:
            if use.lag == 0:
                depth[owner[use.target]] = max(depth[owner[use.target]], depth[owner[use.source]] + 1)
        if depth == before:
            return depth
    return None


def _leading_to(states: Iterable[str], uses: Iterable[Use]) -> set[str]:
    """The states and what leads to one."""
    found, before = set(states), set[str]()
    while found != before:
        before = set(found)
        found |= {use.source for use in uses if use.target in before}
    return found
