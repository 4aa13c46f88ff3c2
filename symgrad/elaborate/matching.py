"""Where an equation or bound fits: the sub-terms that its one side becomes at certain times.

The values of the time variables are solved for; what comes out is compared term by term.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..kernel.affine import Affine, affine
from ..kernel.term import Extremum, Gradient, Product, Term, affines, parts, product, substitute_times

Values = dict[str, Affine]


def matches(pattern: Term, term: Term, free: frozenset[str]) -> Iterator[tuple[Term, Values]]:
    """Each sub-term that the pattern is at some values of its free times, with those values; outermost first."""
    seen: set[Term] = set()
    for one in _candidates(pattern, term):
        values = matched(pattern, one, free) if one not in seen else None
        seen.add(one)
        if values is not None:
            yield one, values


def matched(pattern: Term, term: Term, free: frozenset[str]) -> Values | None:
    """The values of the free times at which the pattern is the term; None if there are none."""
    equations = list(_equations(pattern, term))
    values: Values = {}
    for _ in range(len(free) + 1):
        for left, right in equations:
            _solve(left.substitute(values), right, free - values.keys(), values)
    return values if substitute_times(pattern, values) == term else None


def _candidates(pattern: Term, term: Term) -> Iterator[Term]:
    """What a rule can rewrite: nothing inside a derivative or under a supremum; runs of factors, too."""
    if term.shape == pattern.shape:
        yield term
    if isinstance(term, Product) and isinstance(pattern, Product):
        count = len(pattern.factors)
        runs = (term.factors[start : start + count] for start in range(len(term.factors) - count + 1))
        yield from (product(*run) for run in runs if run != term.factors)
    if not isinstance(term, Gradient | Extremum):
        for part in parts(term):
            yield from _candidates(pattern, part)


def _equations(pattern: Term, term: Term) -> Iterator[tuple[Affine, Affine]]:
    """The times that have to agree, in terms that look alike."""
    if type(pattern) is type(term):
        yield from zip(affines(pattern), affines(term), strict=False)
        for left, right in zip(parts(pattern), parts(term), strict=False):
            yield from _equations(left, right)


def _solve(left: Affine, right: Affine, free: frozenset[str], values: Values) -> None:
    """Note the value of the one free variable on the left, if there is one and it is whole."""
    unknown = [name for name in left.variables if name in free]
    if len(unknown) == 1 and abs(left.coefficient(unknown[0])) == 1:
        (name,) = unknown
        rest = left - affine(name) * left.coefficient(name)
        values[name] = (right - rest) * left.coefficient(name)
