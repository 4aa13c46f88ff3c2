"""Products with dots: A B \\cdots C, where the factors on both sides of the dots differ by their times alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from symgrad.kernel.affine import Affine, affine
from symgrad.kernel.term import OrderedProduct, Symbol, Term, map_parts, product, walk

from .names import Scope
from .problem import MisreadError

_INDICES = "ijlpqr"
Terms = Sequence[Term]


def filled(before: Terms, after: Terms, scope: Scope, at: int) -> tuple[int, Term, int]:
    """How many factors before the dots, and after them, are terms of the product; and the product between the counts.

    Before the dots are two successive terms, or one; the first factors after them are the last: A(1) A(2) ... A(k).
    Raises MisreadError if they are not.
    """
    for length in range(1, min(len(before) // 2, len(after)) + 1):
        found = _product(before[-2 * length : -length], before[-length:], after[:length], scope)
        if found is not None:
            return 2 * length, found, length
    for length in range(1, min(len(before), len(after)) + 1):
        first, last = before[-length:], after[:length]
        goes_before = len(before) >= 2 * length and _alike(before[-2 * length : -length], first)
        step = None if goes_before or not _alike(first, last) else _direction(first, last, scope, at)
        if step is not None:
            second = _moved(first, last, step)
            found = _product(first, second, last, scope)
            if found is not None:
                return length, found, length
    raise MisreadError(at, "dots are not read here; write two terms, dots and the last, or \\prod with bounds")


def _alike(first: Terms, last: Terms) -> bool:
    """Whether terms differ by their times alone."""
    return [_timeless(one) for one in first] == [_timeless(one) for one in last]


def _direction(first: Terms, last: Terms, scope: Scope, at: int) -> int | None:
    """1 or -1, as the times rise or fall from one term to another; None if they are the same."""
    gaps = (end - one for one, end in zip(_times(first), _times(last), strict=True))
    gap = next((one for one in gaps if one != affine(0)), None)
    if gap is None:
        return None
    rising = gap.coefficient(scope.latest)
    if not rising:
        signs = {value > 0 for _, value in gap.coefficients} or {gap.constant > 0}
        rising = 0 if len(signs) > 1 else 1 if signs == {True} else -1
    if not rising:
        raise MisreadError(at, "do the times rise or fall over these dots? write two terms before the dots")
    return 1 if rising > 0 else -1


def _moved(first: Terms, last: Terms, step: int) -> list[Term]:
    """The term after the first: a step on in every time that differs from that of the last."""
    pairs = zip(_times(first), _times(last), strict=True)
    return _at_times(first, [one if one == end else one + step for one, end in pairs])


def _product(first: Terms, second: Terms, last: Terms, scope: Scope) -> Term | None:
    times = [_times(terms) for terms in (first, second, last)]
    if not _alike(first, second) or not _alike(second, last):
        return None
    steps = [two - one for one, two in zip(times[0], times[1], strict=True)]
    spans = [end - one for one, end in zip(times[0], times[2], strict=True)]
    step = next((one for one in steps if one != affine(0)), None)
    span = next((one for one in spans if one != affine(0)), None)
    if step not in (affine(1), affine(-1)) or step is None or span is None:
        return None
    if any((one, end) not in ((affine(0), affine(0)), (step, span)) for one, end in zip(steps, spans, strict=True)):
        return None
    index = next(one for one in _INDICES if not scope.is_time(one))
    moved = [one + (affine(index) - 1) * step.constant if by == step else one
             for one, by in zip(times[0], steps, strict=True)]  # fmt: skip
    return OrderedProduct(index, affine(1), span * step.constant + 1, product(*_at_times(first, moved)))


def _times(terms: Terms) -> list[Affine]:
    return [time for term in terms for one in walk(term) if isinstance(one, Symbol) for time in one.times]


def _timeless(term: Term) -> Term:
    return _on_symbols(term, lambda symbol: replace(symbol, times=tuple(affine(0) for _ in symbol.times)))


def _at_times(terms: Terms, times: Sequence[Affine]) -> list[Term]:
    """The terms with other times, in the order of `_times`."""
    queue = iter(times)
    return [_on_symbols(term, lambda symbol: replace(symbol, times=tuple(next(queue) for _ in symbol.times)))
            for term in terms]  # fmt: skip


def _on_symbols(term: Term, change: Callable[[Symbol], Symbol]) -> Term:
    if isinstance(term, Symbol):
        return change(term)
    return map_parts(term, lambda part: _on_symbols(part, change))
