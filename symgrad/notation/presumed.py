"""What a claim presumes by what it writes: that the nodes it names exist, and that its ranges are ranges.

With the horizon tau, `h[t+1]` says that t + 1 is at most tau, the last time to which the graph is unrolled. A product
or sum from a to b says that b is at least a - 1 (it may be empty), a power that its exponent is not negative.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from symgrad.kernel.affine import Affine, affine, entails
from symgrad.kernel.certificate import Statement
from symgrad.kernel.term import Binder, Gradient, Limit, Power, Symbol, Term, parts

from .dialect import Dialect

NARROW = 2


def presumed(
    statements: Iterable[Statement], dialect: Dialect, horizon: str, assumed: tuple[Affine, ...]
) -> tuple[Affine, ...]:
    """What is presumed between times, each at least 0, without what contradicts or follows from the rest, and without
    what would narrow the claim to a few times."""
    sides = [side for one in statements for side in (one.left, one.right)]
    gaps = [gap for side in sides for gap in _open(side, _ranges)]
    if horizon:
        times = (time for side in sides for time in _open(side, lambda one: _named(one, dialect)))
        gaps += [affine(horizon) - time for time in times]
    found: tuple[Affine, ...] = ()
    # What says most comes first, so that t + 1 <= tau is not said beside t <= tau.
    for gap in sorted(dict.fromkeys(gaps), key=lambda one: one.constant):
        known = (*assumed, *found)
        if not gap.is_constant and not entails(known, gap) and not entails((*known, gap), affine(-1)):
            found = (*found, gap)
    return tuple(gap for gap in found if not _is_narrow(gap, found, assumed))


def _is_narrow(gap: Affine, found: tuple[Affine, ...], assumed: tuple[Affine, ...]) -> bool:
    """Whether what is presumed would leave next to nothing of a range: then a slip of sign is likelier than a wish."""
    small = affine(NARROW) - gap
    return entails((*assumed, *found), small) and not entails(assumed, small)


def _named(term: Term, dialect: Dialect) -> tuple[Affine, ...]:
    """The times with which a name is written."""
    declared = dialect.symbols.get(term.name) if isinstance(term, Symbol) else None
    return term.times if isinstance(term, Symbol) and declared is not None and declared.arity else ()


def _ranges(term: Term) -> tuple[Affine, ...]:
    """The lengths of ranges, and exponents."""
    match term:
        case Binder():
            return (term.upper - term.lower + 1,)
        case Power():
            return (term.exponent,)
        case Gradient():
            return tuple(one.upper - one.lower + 1 for one in term.held)
        case _:
            return ()


def _open(term: Term, of: Callable[[Term], Iterable[Affine]], bound: frozenset[str] = frozenset()) -> Iterator[Affine]:
    """What a function finds in a term and all inside it, but for what a product, sum or limit runs through."""
    yield from (one for one in of(term) if bound.isdisjoint(one.variables))
    inner = bound | {term.index} if isinstance(term, Binder | Limit) else bound
    for part in parts(term):
        yield from _open(part, of, inner)
