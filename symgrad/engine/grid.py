"""Where to look for an instance that refutes: sizes and times in the order in which a reader would want them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from ..instances.interval import UndefinedError
from ..instances.scope import (
    Scope,
    assumptions,
    at,
    component_sizes,
    concrete,
    context_terms,
    global_times,
    size_names,
    spoken_of,
)
from ..kernel.affine import Affine
from ..kernel.certificate import Context, Statement
from ..kernel.term import Power, Size, Symbol, Term, walk

FARTHEST = 12


@dataclass(frozen=True, slots=True)
class Cell:
    """Sizes, times, and the last time at which states are given instead of computed."""

    sizes: tuple[tuple[str, int], ...]
    times: tuple[tuple[str, int], ...]
    start: int


def cells(statement: Statement, context: Context, max_size: int, max_k: int) -> list[Cell]:
    """All places to look at, by increasing sizes, then by increasing times, then by increasing component indices."""
    moments = list(_moments(statement, context, max_k))
    components = _components(statement, context)
    return [
        Cell(sizes, tuple(sorted((*times, *entry))), start)
        for sizes in _sizes(statement, context, max_size)
        for entries in [list(_entries(components, dict(sizes)))]
        for times, start in moments
        for entry in entries
    ]


def _entries(components: Mapping[str, set[Size]], sizes: Mapping[str, int]) -> Iterator[tuple[tuple[str, int], ...]]:
    """Every choice of an entry for each component index that is free."""
    ranges = []
    for name, counted in components.items():
        last = min(concrete(size, sizes) for size in counted)
        ranges.append([(name, entry) for entry in range(1, last + 1)])
    yield from sorted(product(*ranges), key=lambda chosen: (sum(entry for _, entry in chosen), chosen))


def _components(statement: Statement, context: Context) -> dict[str, set[Size]]:
    """The component indices that are free in the claim or in what is assumed, each with the sizes it runs to."""
    found: dict[str, set[Size]] = {}
    assumed = (term for one in assumptions(context) for term in spoken_of(one))
    for name, counted in component_sizes(statement.left, statement.right, *assumed).items():
        found.setdefault(name, set()).update(counted)
    free = global_times(statement, context)
    return {name: found[name] for name in sorted(found) if name in free}


def _sizes(statement: Statement, context: Context, largest: int) -> Iterator[tuple[tuple[str, int], ...]]:
    """Every combination of the sizes in the claim; those of the model alone stay 1 until all of these are seen."""
    spoken = size_names((statement.left, statement.right))
    silent = [name for name in size_names(context_terms(context)) if name not in spoken]
    chosen = sorted(product(range(1, largest + 1), repeat=len(spoken)), key=lambda sizes: (sum(sizes), sizes[::-1]))
    for other in (1, largest) if silent else (1,):
        for sizes in chosen:
            found = {**dict(zip(spoken, sizes, strict=True)), **dict.fromkeys(silent, other)}
            yield tuple(sorted(found.items()))


def _moments(statement: Statement, context: Context, max_k: int) -> Iterator[tuple[tuple[tuple[str, int], ...], int]]:
    """Values of the time variables that the assumptions allow, each with a start just before the first state.

    Depths run over 0, 1, ..., max_k, and last over -1; the other variables shift everything along the time axis, so
    one choice is enough for each of their differences.
    """
    components = _components(statement, context)
    names = [name for name in global_times(statement, context) if name not in components]
    if context.start is not None:
        yield from _from_start(context.start, names, context, max_k)
        return
    depths = [name for name in names if _is_depth(name, statement)]
    anchors = [name for name in names if name not in depths]
    shifts = sorted(range(-max_k, max_k + 1), key=lambda shift: (abs(shift), shift))
    choices = product(product((*range(max_k + 1), -1), repeat=len(depths)), product(shifts, repeat=len(anchors[1:])))
    for depth, rest in sorted(choices, key=_order):
        times = {**dict(zip(depths, depth, strict=True)), **dict(zip(anchors, (0, *rest), strict=False))}
        found = _shifted(statement, context, times, anchors)
        if found is not None:
            yield found


def _from_start(
    start: int, names: Sequence[str], context: Context, max_k: int
) -> Iterator[tuple[tuple[tuple[str, int], ...], int]]:
    """Where the first step is fixed, so are all times: a variable may be one of the first steps, or a small depth."""
    values = {*range(max_k + 1), *range(start - 1, start + max_k)}
    choices = product(values, repeat=len(names))
    for chosen in sorted(choices, key=lambda times: (min(times, default=0) < 0, sum(map(abs, times)), times)):
        times = dict(zip(names, chosen, strict=True))
        if all(at(one, times) >= 0 for one in context.assumptions):
            yield tuple(sorted(times.items())), start - 1


def _order(choice: tuple[Sequence[int], Sequence[int]]) -> tuple[object, ...]:
    depth, rest = choice
    return min(depth, default=0) < 0, sum(map(abs, depth)) + sum(map(abs, rest)), depth, rest


def _shifted(
    statement: Statement, context: Context, times: dict[str, int], anchors: list[str]
) -> tuple[tuple[tuple[str, int], ...], int] | None:
    """The first shift, from the one that puts the first state at time 1, that the assumptions allow."""
    try:
        states = Scope(context, times).states((statement.left, statement.right))
        first = 1 - min(states, default=1)
        for shift in range(first, first + FARTHEST if anchors else first + 1):
            moved = {name: value + shift * (name in anchors) for name, value in times.items()}
            if all(at(one, moved) >= 0 for one in context.assumptions):
                states = Scope(context, moved).states((statement.left, statement.right))
                return tuple(sorted(moved.items())), min(states, default=1) - 1
    except UndefinedError:
        pass
    return None


def _is_depth(name: str, statement: Statement) -> bool:
    """Whether a time variable counts steps: unless it stands, once each, in the times of nodes, and in no exponent."""
    parts = [part for side in (statement.left, statement.right) for part in walk(side)]
    if any(isinstance(part, Power) and name in part.exponent.variables for part in parts):
        return True
    found = [time.coefficient(name) for part in parts for time in _node_times(part)]
    return {coefficient for coefficient in found if coefficient} != {1}


def _node_times(term: Term) -> tuple[Affine, ...]:
    return term.times if isinstance(term, Symbol) else ()
