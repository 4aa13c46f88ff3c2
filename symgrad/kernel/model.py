"""What a context has to satisfy before anything is proved in it: causal recurrences, closed definitions, one meaning a name."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from .calculus import lags
from .certificate import Context, Definition
from .rules import refuse_unless
from .term import (
    SCALAR,
    Entrywise,
    Extremum,
    Gradient,
    IndexedSum,
    Limit,
    Number,
    OrderedProduct,
    Symbol,
    Term,
    affines,
    free_times,
    parts,
    replaced,
    walk,
)


def check_model(context: Context) -> None:
    """Refuse a model that is not causal, is circular within a time step, or defines a name twice."""
    names = [one.head.name for one in (*context.recurrence, *context.abbreviations)]
    names += [one.name for one in context.losses]
    refuse_unless(len(names) == len(set(names)), "a name is defined twice")
    for one in (*context.recurrence, *context.abbreviations):
        _check_closed(one)
    for one in context.recurrence:
        _check_causal(context, one, names)
    for loss in context.losses:
        refuse_unless(loss.on.name in {one.head.name for one in context.recurrence}, f"{loss.name} depends on no node")
    for place, short in enumerate(context.abbreviations):
        later = {one.head.name for one in context.abbreviations[place:]}
        used = {one.name for one in walk(short.body) if isinstance(one, Symbol)}
        refuse_unless(later.isdisjoint(used), f"the abbreviation {short.head.name} is circular")


def _check_closed(definition: Definition) -> None:
    head = definition.head
    variables = [time.variables[0] for time in head.times if str(time) in time.variables]
    refuse_unless(len(set(variables)) == len(head.times), f"the times of {head.name} are not distinct variables")
    unbound = free_times(definition.body) - set(variables)
    refuse_unless(not unbound, f"{head.name} does not say what {', '.join(sorted(unbound))} is")
    refuse_unless(head.shape == definition.body.shape, f"{head.name} and its definition have different shapes")


def _check_causal(context: Context, one: Definition, names: list[str]) -> None:
    known = {other.head.name for other in context.recurrence}
    refuse_unless(len(one.head.times) == 1, f"{one.head.name} has no time")
    for inner in walk(one.body):
        refuse_unless(not isinstance(inner, Gradient), "a recurrence may not contain a derivative")
        if not (isinstance(inner, Symbol) and inner.name in names):
            continue
        refuse_unless(inner.name in known and len(inner.times) == 1, f"{inner.name} may not stand in a recurrence")
        lag = one.head.times[0] - inner.times[0]
        refuse_unless(lag.is_constant and lag.constant >= 0, f"{one.head.name} reads {inner.name} ahead of time")
        if lag.constant == 0:
            back = lags(context, one.head.name).get(inner.name)
            refuse_unless(back is None or back > 0, f"{one.head.name} depends on itself within a time step")


def check_names(terms: Iterable[Term]) -> None:
    """Refuse one name with two shapes or two numbers of times, and names that are not identifiers."""
    seen: dict[str, tuple[object, int]] = {}
    for term in terms:
        for one in _walk_open(term):
            if isinstance(one, Symbol):
                here = (one.size, len(one.times))
                refuse_unless(seen.setdefault(one.name, here) == here, f"{one.name} is used with two shapes")
            for name in _words(one):
                refuse_unless(name.isidentifier(), f"{name[:40]!r} is not a name")


def _walk_open(term: Term) -> Iterable[Term]:
    """Everything inside a term but the bound variable of a supremum."""
    yield term
    for part in parts(term):
        if isinstance(term, Extremum):
            part = replaced(part, Symbol(term.variable, SCALAR), Number(Fraction(0)))
        yield from _walk_open(part)


def _words(term: Term) -> Iterable[str]:
    yield from (size for size in term.shape if isinstance(size, str))
    yield from (name for bound in affines(term) for name in bound.variables)
    match term:
        case Symbol():
            yield term.name
        case Entrywise():
            yield term.function.rstrip("'")
        case OrderedProduct() | IndexedSum() | Limit():
            yield term.index
        case Extremum():
            yield term.variable
        case Gradient():
            yield from (held.name for held in term.held)
        case _:
            return
