"""What a claim presumes of points so that it has a value: x > 0 of log x, s != 0 of 1/s, that A has an inverse of A^-1.

Presumed is the simplest that is enough, and nothing that is seen to hold, or to fail.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from symgrad.kernel.certificate import Condition, Context, Definition, Statement
from symgrad.kernel.diagram import BudgetExceededError
from symgrad.kernel.domains import needed, satisfied
from symgrad.kernel.normal import Comparison, compare
from symgrad.kernel.rules import RefusedError, Setting
from symgrad.kernel.term import (
    COMPONENT,
    Basis,
    Binding,
    Entrywise,
    Extremum,
    Gradient,
    Number,
    Product,
    Scale,
    Sum,
    Symbol,
    Term,
    Transpose,
    Zero,
    affines,
    free_times,
    parts,
    scale,
    walk,
)


def presumed_points(context: Context, statements: Iterable[Statement]) -> tuple[Condition, ...]:
    """What claims and the definitions they stand on need to have a value, beside what the context says."""
    sides = [side for one in statements for side in (one.left, one.right)]
    defined = [one.body for one in (*context.recurrence, *_reached(context.abbreviations, sides))]
    found: list[Condition] = []
    kinks = any(isinstance(one, Gradient) for side in sides for one in walk(side))
    for term in (*sides, *defined):
        for need in _needs(_setting(context, found), term, frozenset(), kinks):
            found += _simplest(context, found, need) if _is_open(_setting(context, found), need) else ()
    return tuple(found)


def _setting(context: Context, found: Iterable[Condition]) -> Setting:
    stated = replace(context, conditions=(*context.conditions, *found))
    return Setting(stated, assumptions=context.assumptions)


def _reached(short: Iterable[Definition], sides: Iterable[Term]) -> list[Definition]:
    """The abbreviations that some terms name, and those that these name; a later one may name those before it."""
    names = {one.name for side in sides for one in walk(side) if isinstance(one, Symbol)}
    found: list[Definition] = []
    for one in reversed(tuple(short)):
        if one.head.name in names:
            found.append(one)
            names |= {inner.name for inner in walk(one.body) if isinstance(inner, Symbol)}
    return found


def _needs(setting: Setting, term: Term, bound: frozenset[str], kinks: bool) -> Iterator[Condition]:
    """What a term and all inside it need, innermost first: said of all times, where they are times of names alone.

    With `kinks`, functions are differentiated, so that the positive part needs an argument that is not 0.
    """
    inner = bound | {term.index} if isinstance(term, Binding) else bound
    for part in parts(term) if not isinstance(term, Extremum) else ():
        yield from _needs(setting.inside(term), part, inner, kinks)
    need = needed(term) or _kink(term, kinks)
    if need is None or _is_satisfied(setting, need):
        return
    whole = entered(need.term) if need.kind != "invertible" else need.term
    names_something = any(isinstance(one, Symbol) for one in walk(whole))
    if names_something and bound.isdisjoint(_outside_names(whole)):
        yield Condition(need.kind, whole, all_times(whole))


def _kink(term: Term, differentiated: bool) -> Condition | None:
    """What the slope of the positive part needs."""
    match term:
        case Entrywise(function=name, body=body) if name.rstrip("'") in ("relu", "step"):
            return Condition("nonzero", body) if name != "relu" or differentiated else None
        case _:
            return None


def all_times(term: Term) -> tuple[str, ...]:
    """The times that what is said of a term is said of: all of them, if they are times of names alone."""
    times = free_times(term)
    return () if _outside_names(term) & times else tuple(sorted(times))


def _outside_names(term: Term) -> frozenset[str]:
    """The times that stand anywhere but in a name, such as in an exponent, and the indices of entries."""
    found = (bound.variables for one in walk(term) if not isinstance(one, Symbol) for bound in affines(one))
    return frozenset(name for names in found for name in names) | {
        name for name in free_times(term) if name.endswith(COMPONENT)
    }


def _is_satisfied(setting: Setting, need: Condition) -> bool:
    try:
        return satisfied(setting, need)
    except (RefusedError, BudgetExceededError):
        return False


def _is_open(setting: Setting, need: Condition) -> bool:
    """Whether a need is not seen to hold, nor seen to fail: nothing follows from what cannot be."""
    fails = compare(need.term, Zero(need.term.shape), setting.functions(), setting.budget) is Comparison.EQUAL
    below = need.kind == "positive" and _is_satisfied(setting, Condition("positive", _negative(need.term)))
    return not fails and not below and not _is_satisfied(setting, need)


def _negative(term: Term) -> Term:
    match term:
        case Scale(scalar=Number(value=value), body=body):
            return scale(-value, body)
        case _:
            return scale(-1, term)


def _simplest(context: Context, found: Iterable[Condition], need: Condition) -> tuple[Condition, ...]:
    """The need, or of a sum that must be positive, that some names in it are, if that is enough."""
    terms = need.term.terms if isinstance(need.term, Sum) and need.kind == "positive" else ()
    names = [Condition("positive", one, need.forall) for one in terms if isinstance(one, Symbol)]
    unseen = tuple(one for one in names if not _is_satisfied(_setting(context, found), one))
    enough = bool(unseen) and _is_satisfied(_setting(context, (*found, *unseen)), need)
    return unseen if enough else (need,)


def entered(term: Term) -> Term:
    """The vector or matrix that the term is any entry of, or the term itself."""
    match term:
        case Product((Transpose(Basis()), body)) | Product((Transpose(Basis()), body, Basis())):
            return body if not any(isinstance(one, Basis) for one in walk(body)) else term
        case _:
            return term
