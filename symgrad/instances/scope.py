"""Which nodes a term speaks of at concrete times, and which values an instance must give. No numbers are computed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from math import prod

from ..kernel.affine import Affine
from ..kernel.certificate import Condition, Context, Definition, Hypothesis, Statement
from ..kernel.term import (
    Basis,
    ComponentSum,
    Extremum,
    Gradient,
    IndexedSum,
    OrderedProduct,
    Shape,
    Size,
    Symbol,
    Term,
    free_times,
    parts,
    walk,
)
from .instance import MAX_SIZE, MAX_VALUES, Key
from .interval import UndefinedError

MAX_RANGE = 64
MAX_VISITS = 200_000
Times = Mapping[str, int]


class MissingError(UndefinedError):
    """A node that the instance has no value for."""

    def __init__(self, name: str, times: tuple[int, ...]) -> None:
        super().__init__(f"no value is given for {name}{list(times) if times else ''}")
        self.times = times


def at(time: Affine, times: Times) -> int:
    """The value of an affine expression; UndefinedError if a variable has none."""
    total = time.constant
    for name, coefficient in time.coefficients:
        if name not in times:
            raise UndefinedError(f"the time {name} has no value")
        total += coefficient * times[name]
    return total


def span(lower: Affine, upper: Affine, times: Times) -> range:
    """The values of a bound index, in order."""
    found = range(at(lower, times), at(upper, times) + 1)
    if len(found) > MAX_RANGE:
        raise UndefinedError(f"more than {MAX_RANGE} factors or summands")
    return found


def run_through(term: OrderedProduct | IndexedSum | ComponentSum, times: Times, sizes: Mapping[str, int]) -> range:
    """The values of the index of a product or sum, in order."""
    if isinstance(term, ComponentSum):
        return range(1, 1 + concrete(term.rows, sizes))
    return span(term.lower, term.upper, times)


def concrete(size: Size, sizes: Mapping[str, int]) -> int:
    """The value of a size; UndefinedError if it has none, or one too large to be run."""
    found = size if isinstance(size, int) else sizes.get(size)
    if found is None:
        raise UndefinedError(f"the size {size} has no value")
    if not 1 <= found <= MAX_SIZE:
        raise UndefinedError(f"a size of {found}")
    return found


def definitions(found: Iterable[Definition]) -> dict[str, Definition]:
    return {one.head.name: one for one in found}


def arguments(definition: Definition, times: tuple[int, ...]) -> dict[str, int]:
    """The times of a head, by the names that its body uses."""
    if len(times) != len(definition.head.times):
        raise UndefinedError(f"{definition.head.name} takes {len(definition.head.times)} times, not {len(times)}")
    return {time.variables[0]: value for time, value in zip(definition.head.times, times, strict=True)}


def global_times(statement: Statement, context: Context) -> tuple[str, ...]:
    """The time variables that an instance must fix, sorted: free in the claim, its losses or what is assumed."""
    found = {*free_times(statement.left), *free_times(statement.right)}
    found.update(name for loss in context.losses for name in loss.fixed)
    found.update(name for one in context.assumptions for name in one.variables)
    for one in assumptions(context):
        found.update(name for term in spoken_of(one) for name in free_times(term) - set(one.forall))
    return tuple(sorted(found))


def component_sizes(*terms: Term) -> dict[str, set[Size]]:
    """What each component index in these terms counts the entries of."""
    found: dict[str, set[Size]] = {}
    for term in terms:
        for part in walk(term):
            if isinstance(part, Basis):
                found.setdefault(str(part.place), set()).add(part.rows)
    return found


def size_names(terms: Iterable[Term]) -> tuple[str, ...]:
    """The names of the sizes of everything inside these terms, sorted."""
    every = [part for term in terms for part in walk(term)]
    found = {size for part in every for size in part.shape} | {
        one.rows for one in every if isinstance(one, ComponentSum)
    }
    return tuple(sorted(size for size in found if isinstance(size, str)))


def context_terms(context: Context) -> tuple[Term, ...]:
    """Everything that a context is made of."""
    defined = [part for one in (*context.recurrence, *context.abbreviations) for part in (one.head, one.body)]
    assumed = [term for one in assumptions(context) for term in spoken_of(one)]
    return (*defined, *(loss.on for loss in context.losses), *assumed)


def behind(terms: Iterable[Term], context: Context) -> tuple[Term, ...]:
    """These terms, and the definitions of all that they speak of."""
    bodies: dict[str, Term] = {one.head.name: one.body for one in (*context.recurrence, *context.abbreviations)}
    bodies |= {loss.name: loss.on for loss in context.losses}
    found, queue = list[Term](), list(terms)
    while queue:
        found.append(queue.pop())
        names = {part.name for part in walk(found[-1]) if isinstance(part, Symbol)}
        queue += [bodies.pop(name) for name in sorted(names & set(bodies))]
    return tuple(found)


class Scope:
    """The nodes that terms mention, with abbreviations and losses unfolded and index ranges written out."""

    def __init__(self, context: Context, times: Times) -> None:
        self.times = dict(times)
        self.recurrence = definitions(context.recurrence)
        self.abbreviations = definitions(context.abbreviations)
        self.losses = {loss.name: loss for loss in context.losses}
        self.first = context.start
        self.visits = 0
        defined = len(context.recurrence) + len(context.abbreviations) + len(context.losses)
        if len({*self.recurrence, *self.abbreviations, *self.losses}) < defined:
            raise UndefinedError("a name is defined twice")
        if any(one.head.shape != one.body.shape for one in (*context.recurrence, *context.abbreviations)):
            raise UndefinedError("a definition of another shape than what it defines")

    def mentions(self, term: Term, times: Times) -> Iterator[tuple[Key, Shape]]:
        """Each node, parameter or input that is written in the term, with its shape; a loss also as a name."""
        self.visits += 1
        if self.visits > MAX_VISITS:
            raise UndefinedError("a claim about too many nodes")
        match term:
            case Symbol():
                yield from self._symbol(term, times)
            case OrderedProduct() | IndexedSum():
                for value in span(term.lower, term.upper, times):
                    yield from self.mentions(term.body, {**times, term.index: value})
            case Extremum():
                found = self.mentions(term.body, times)
                yield from (one for one in found if one[0] != (term.variable, ()))
            case Gradient():
                yield from self.mentions(term.wrt, times)
                yield from self.mentions(term.of, times)
            case _:
                for part in parts(term):
                    yield from self.mentions(part, times)

    def _symbol(self, symbol: Symbol, times: Times) -> Iterator[tuple[Key, Shape]]:
        key = (symbol.name, tuple(at(time, times) for time in symbol.times))
        if symbol.name in self.losses:
            on, where = self.read_by(key)
            yield key, on.shape
            yield from self.mentions(on, where)
        elif symbol.name in self.abbreviations:
            found = self.abbreviations[symbol.name]
            yield from self.mentions(found.body, arguments(found, key[1]))
        else:
            yield key, symbol.shape

    def read_by(self, loss: Key) -> tuple[Symbol, Times]:
        """The node that a loss depends on, and the times that it is written in."""
        found = self.losses[loss[0]]
        if len(found.times) != len(loss[1]):
            raise UndefinedError(f"{loss[0]} takes {len(found.times)} times, not {len(loss[1])}")
        return found.on, {**self.times, **dict(zip(found.times, loss[1], strict=True))}

    def states(self, terms: Iterable[Term]) -> list[int]:
        """The times of the nodes that an instance must not cut off: states, and inputs that are differentiated by."""
        written = tuple(terms)
        inside = (*written, *(one.body for one in self.abbreviations.values()))
        inputs = {one.wrt.name for term in inside for one in walk(term) if isinstance(one, Gradient)}
        found = (key for term in written for key, _ in self.mentions(term, self.times))
        return [time for name, times in found if name in self.recurrence or name in inputs for time in times]

    def latest(self, terms: Iterable[Term], start: int) -> int:
        """The last time that is mentioned, or the start."""
        found = (key for term in terms for key, _ in self.mentions(term, self.times))
        return max((start, *(time for _, times in found for time in times)))

    def given(self, terms: Iterable[tuple[Term, Times]], start: int) -> dict[Key, Shape]:
        """What must be given to run the network from `start` as far as these terms need it."""
        queue = [one for term, times in terms for one in self.mentions(term, times)]
        seen: dict[Key, Shape] = {}
        needed: dict[Key, Shape] = {}
        while queue:
            key, shape = queue.pop()
            if key in seen:
                continue
            seen[key] = shape
            if len(seen) > MAX_VALUES:
                raise UndefinedError(f"more than {MAX_VALUES} nodes")
            if is_computed(key, self.recurrence, start):
                found = self.recurrence[key[0]]
                queue.extend(self.mentions(found.body, arguments(found, key[1])))
            else:
                needed[key] = shape
        return needed


def is_computed(key: Key, recurrence: Mapping[str, Definition], start: int) -> bool:
    """Whether a node has its value from its definition: all its times are after the start."""
    name, times = key
    return name in recurrence and all(time > start for time in times)


def assumptions(context: Context) -> tuple[Hypothesis | Condition, ...]:
    """What an instance has to meet, beside what is said of its times."""
    return (*context.hypotheses, *context.conditions)


def spoken_of(assumed: Hypothesis | Condition) -> tuple[Term, ...]:
    """Both sides of a hypothesis, or the term of a condition."""
    if isinstance(assumed, Condition):
        return (assumed.term,)
    return assumed.statement.left, assumed.statement.right


def windows(
    assumed: Hypothesis | Condition, start: int, last: int, times: Times, sizes: Mapping[str, int]
) -> Iterator[Times]:
    """Where what is assumed is looked at: each time it is stated for, from start to last, and each entry."""
    counted = component_sizes(*spoken_of(assumed))
    ranges = [
        range(1, 1 + max(concrete(size, sizes) for size in counted[name]))
        if name in counted
        else range(start, last + 1)
        for name in assumed.forall
    ]
    if prod(map(len, ranges)) > MAX_RANGE * MAX_RANGE:
        raise UndefinedError("a hypothesis over too many times")
    for chosen in product(*ranges):
        yield {**times, **dict(zip(assumed.forall, chosen, strict=True))}
