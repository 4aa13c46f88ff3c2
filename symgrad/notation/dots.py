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

    The last factors before the dots are two successive terms, and the first after them is the last term:
    A(1) A(2) ... A(k). Raises MisreadError if they are not.
    """
    for length in range(1, min(len(before) // 2, len(after)) + 1):
        found = _product(before[-2 * length : -length], before[-length:], after[:length], scope)
        if found is not None:
            return 2 * length, found, length
    raise MisreadError(at, "dots are not read here; write two terms, dots and the last, or \\prod with bounds")


def _product(first: Terms, second: Terms, last: Terms, scope: Scope) -> Term | None:
    times = [_times(terms) for terms in (first, second, last)]
    if len({tuple(_timeless(term) for term in terms) for terms in (first, second, last)}) > 1:
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
