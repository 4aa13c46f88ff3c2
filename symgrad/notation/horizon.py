"""The horizon: the last time to which the graph is unrolled. A claim that names a node is about a node that exists.

So `h[t+1]` in a claim says that t + 1 is at most the horizon, and `h[tau-k]` with the horizon tau that k is at least 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from symgrad.kernel.affine import Affine, affine, entails
from symgrad.kernel.certificate import Statement
from symgrad.kernel.term import Binder, Limit, Symbol, Term, parts

from .dialect import Dialect


def before_horizon(
    horizon: str, statements: Iterable[Statement], dialect: Dialect, assumed: tuple[Affine, ...]
) -> tuple[Affine, ...]:
    """What is implied, each at least 0: one for every time that is named, without those that contradict the others."""
    sides = (side for one in statements for side in (one.left, one.right))
    gaps = dict.fromkeys(affine(horizon) - time for side in sides for time in _named(side, dialect, frozenset()))
    found: tuple[Affine, ...] = ()
    # What says most comes first, so that t + 1 <= tau is not said beside t <= tau.
    for gap in sorted(gaps, key=lambda one: one.constant):
        known = (*assumed, *found)
        if not gap.is_constant and not entails(known, gap) and not entails((*known, gap), affine(-1)):
            found = (*found, gap)
    return found


def _named(term: Term, dialect: Dialect, bound: frozenset[str]) -> Iterator[Affine]:
    """The times with which names are written, but for those that a product, sum or limit runs through."""
    if isinstance(term, Symbol):
        declared = dialect.symbols.get(term.name)
        written = term.times if declared is not None and declared.arity else ()
        yield from (time for time in written if bound.isdisjoint(time.variables))
    inner = bound | {term.index} if isinstance(term, Binder | Limit) else bound
    for part in parts(term):
        yield from _named(part, dialect, inner)
