"""Whether a model can be computed: no node reads a later one, and none depends on itself within a step."""

from __future__ import annotations

from collections.abc import Iterable

from symgrad.kernel.affine import Affine
from symgrad.kernel.certificate import Definition
from symgrad.kernel.term import Symbol, walk

from .problem import MisreadError


def refuse_unless_causal(added: Definition, others: Iterable[Definition], at: int) -> None:
    """Raises MisreadError if with one more equation, written at `at`, a model cannot be computed any more."""
    model = (*others, added)
    nodes = {one.head.name for one in model}
    for one in _read(added):
        ahead = _ahead(added.head, one)
        written = f"{one.name}[{', '.join(map(str, one.times))}]"
        if one.times and not ahead.is_constant:
            raise MisreadError(at, f"{added.head.name} reads {written}, which is at no fixed number of steps before it")
        if ahead.constant > 0 and one.name in nodes:
            raise MisreadError(at, f"{added.head.name} reads {written}, which is later than itself")
    if circle := _circle(added.head.name, model):
        within = " within one time step" if added.head.times else ""
        way = ", which reads ".join((*circle[1:], circle[0]))
        raise MisreadError(at, f"{circle[0]} depends on itself{within}: it reads {way}")


def _read(definition: Definition) -> list[Symbol]:
    """What a definition reads at a time of its own; of one without a time, all names."""
    times = len(definition.head.times)
    return [one for one in walk(definition.body) if isinstance(one, Symbol) and len(one.times) == times]


def _ahead(head: Symbol, one: Symbol) -> Affine:
    return one.times[0] - head.times[0] if one.times else Affine()


def _takes_time(definition: Definition, read: Symbol) -> bool:
    return _ahead(definition.head, read) != Affine()


def _circle(start: str, model: Iterable[Definition]) -> tuple[str, ...]:
    """The names on a way from a node back to itself that takes no time; empty if there is none."""
    now = {one.head.name: [read.name for read in _read(one) if not _takes_time(one, read)] for one in model}
    ways: list[tuple[str, ...]] = [(start,)]
    seen = set[str]()
    while ways:
        way = ways.pop(0)
        for name in now.get(way[-1], ()):
            if name == start:
                return way
            if name not in seen:
                seen.add(name)
                ways.append((*way, name))
    return ()
