"""What a text has short names for, written with them: D_t for diag(1 - h_t^2), delta_t for a gradient."""

from __future__ import annotations

from collections.abc import Iterator

from ..kernel.affine import Affine, affine
from ..kernel.certificate import Context, Definition
from ..kernel.term import IndexedSum, Symbol, Term, replaced, substitute_times, walk
from .expand import outside_gradients

MAX_NAMES = 200
Shortened = Iterator[tuple[Symbol, Term]]


def shortened(context: Context, term: Term, kept: Term) -> Shortened:
    """The term with one name more after the other, each with that name; what is `kept` is not named."""
    for short in context.abbreviations:
        if isinstance(short.body, Symbol | IndexedSum):
            continue
        for _ in range(MAX_NAMES):
            found = next(_matches(short, term, kept), None)
            if found is None:
                break
            head, value = found
            term = replaced(term, value, head)
            yield head, term


def _matches(short: Definition, term: Term, kept: Term) -> Iterator[tuple[Symbol, Term]]:
    """The places where a definition stands written out, each as its name at that time."""
    for one in outside_gradients(term):
        if isinstance(one, type(short.body)) and one.shape == short.body.shape:
            values = _times(short.body, one)
            if values is None or not set(values) >= {str(time) for time in short.head.times}:
                continue
            head = substitute_times(short.head, values)
            if isinstance(head, Symbol) and head != kept and substitute_times(short.body, values) == one:
                yield head, one


def _times(pattern: Term, term: Term) -> dict[str, Affine] | None:
    """At which times a term may be the pattern, by what is read at a plain time or a number of steps from it."""
    pairs = zip(_timed(pattern), _timed(term), strict=False)
    values: dict[str, Affine] = {}
    for one, other in pairs:
        if one.name != other.name or len(one.times) != len(other.times):
            return None
        for mine, theirs in zip(one.times, other.times, strict=True):
            if len(mine.variables) == 1 and mine.coefficient(mine.variables[0]) == 1:
                (name,) = mine.variables
                values.setdefault(name, theirs - (mine - affine(name)))
    return values


def _timed(term: Term) -> list[Symbol]:
    return [one for one in walk(term) if isinstance(one, Symbol) and one.times]
