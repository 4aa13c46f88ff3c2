"""What a context has to satisfy before anything is proved in it: causal recurrences, closed definitions, names."""

from __future__ import annotations

from collections.abc import Iterable

from . import term as t
from .calculus import edges, lags
from .certificate import Context
from .functions import DEFINITIONS, DERIVATIVES, lifted
from .normal import FUNCTIONS
from .rules import refuse_unless
from .term import Symbol, Term, affines, free_times, parts, walk


def check_model(context: Context) -> None:
    """Refuse a model that is not causal, is circular within a time step, or defines a name twice."""
    definitions = (*context.recurrence, *context.abbreviations)
    names = [one.head.name for one in definitions] + [one.name for one in context.losses]
    refuse_unless(len(names) == len(set(names)), "a name is defined twice")
    for one in definitions:
        head, variables = one.head, {name for time in one.head.times for name in time.variables}
        plain = len(variables) == len(head.times) and all(str(time) in variables for time in head.times)
        refuse_unless(plain, f"the times of {head.name} are not distinct variables")
        unbound = free_times(one.body) - variables
        refuse_unless(not unbound, f"{head.name} does not say what {', '.join(sorted(unbound))} is")
        refuse_unless(head.shape == one.body.shape, f"{head.name} and its definition have different shapes")
    for place, short in enumerate(context.abbreviations):
        later = {one.head.name for one in context.abbreviations[place:]}
        refuse_unless(later.isdisjoint(_symbols(short.body)), f"the abbreviation {short.head.name} is circular")
    _check_recurrence(context)
    _check_laws(context)
    for told in context.conditions:
        square = told.term.shape[0] == told.term.shape[1]
        refuse_unless(told.kind != "invertible" or square, "only a square matrix is invertible")
    for loss in context.losses:
        node = loss.on.name in {one.head.name for one in context.recurrence}
        refuse_unless(node and loss.name not in _symbols(loss.on), f"{loss.name} depends on no node")
        refuse_unless(len(loss.times) == len(set(loss.times)), f"the times of {loss.name} are not distinct")


def _check_recurrence(context: Context) -> None:
    heads = {one.head.name for one in context.recurrence}
    still = {one.head.name for one in context.recurrence if not one.head.times}
    others = {one.head.name for one in context.abbreviations} | {one.name for one in context.losses}
    for one in context.recurrence:
        inside = list(walk(one.body))
        opaque = any(isinstance(term, t.Gradient | t.Binder | t.Limit) for term in inside)
        refuse_unless(len(one.head.times) <= 1 and not opaque, f"{one.head.name} is not a recurrence")
        apart = not one.head.times or still.isdisjoint(_symbols(one.body))
        refuse_unless(apart, f"{one.head.name} has a time and reads a node that has none")
        refuse_unless(others.isdisjoint(_symbols(one.body)), f"{one.head.name} reads a name that is no node")
        fixed = not any(term.exponent.variables for term in inside if isinstance(term, t.Power))
        refuse_unless(fixed, f"{one.head.name} has a power that changes with time")
    for name, read, lag in edges(context):
        refuse_unless(read not in heads or lag >= 0, f"{name} reads {read} ahead of time")
    for name, read, lag in edges(context):
        circular = lag == 0 and lags(context, name).get(read) == 0
        refuse_unless(not circular, f"{name} depends on itself within a time step")


def _check_laws(context: Context) -> None:
    """Refuse laws about known functions, two about one, and such as go round in circles."""
    seen = {*FUNCTIONS, *DERIVATIVES, *DEFINITIONS}
    later = {one.function.rstrip("'") for one in context.laws}
    for one in context.laws:
        stem = one.function.rstrip("'")
        refuse_unless(stem not in seen and stem in later, f"{stem} is known, or has two laws")
        inside = {term.function for term in walk(one.body) if isinstance(term, t.Entrywise)}
        ahead = {name for name in inside if name.rstrip("'") in later - {stem}}
        round_about = any(name.rstrip("'") == stem and len(name) >= len(one.function) for name in inside)
        refuse_unless(not ahead and not round_about, f"the law of {one.function} goes round in circles")
        alone = _symbols(one.body) <= {one.variable} and one.body.shape == t.SCALAR
        acts = lifted(one.body, t.number(0), one.variable)
        refuse_unless(alone and acts is not None, f"the law of {one.function} is not one of {one.variable} alone")
        later.discard(stem)
        seen.add(stem)


def _symbols(term: Term) -> set[str]:
    return {one.name for one in walk(term) if isinstance(one, Symbol)}


def check_names(terms: Iterable[Term]) -> None:
    """Refuse one name with two shapes or two numbers of times, times for entries, and names that are no identifiers."""
    seen: dict[str, tuple[object, int]] = {}
    for term in terms:
        for one in walk(term):
            kinds = {name.endswith(t.COMPONENT) for name in _indices(one)}
            refuse_unless(kinds <= {isinstance(one, t.Basis | t.ComponentSum)}, "a time stands for an entry")
        for one in _walk_open(term):
            if isinstance(one, Symbol):
                here = (one.size, len(one.times))
                refuse_unless(seen.setdefault(one.name, here) == here, f"{one.name} is used with two shapes")
            for name in _words(one):
                refuse_unless(name.isidentifier(), f"{name[:40]!r} is not a name")


def _walk_open(term: Term) -> Iterable[Term]:
    """Everything inside a term but what is inside a supremum, whose variable is bound."""
    yield term
    for part in parts(term) if not isinstance(term, t.Extremum) else ():
        yield from _walk_open(part)


def _indices(term: Term) -> list[str]:
    bound = [term.index] if isinstance(term, t.Binding) else []
    return [*bound, *(name for time in affines(term) for name in time.variables)]


def _words(term: Term) -> Iterable[str]:
    yield from (size for size in (*term.shape, getattr(term, "rows", 1)) if isinstance(size, str))
    yield from _indices(term)
    yield from (getattr(term, key) for key in ("name", "variable") if hasattr(term, key))
    yield from (held.name for held in getattr(term, "held", ()))
    yield getattr(term, "function", "f").rstrip("'")
