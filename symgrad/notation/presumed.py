"""What a claim presumes by what it writes: that the nodes it names exist, and that its ranges are ranges.

With the horizon tau, `h[t+1]` says that t + 1 is at most tau, the last time to which the graph is unrolled. A product
or sum from a to b says that b is at least a - 1 (it may be empty), a power that its exponent is not negative.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

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
    gaps = [gap for side in sides for gap in _ranges(side, frozenset())]
    if horizon:
        gaps += [affine(horizon) - time for side in sides for time in _named(side, dialect, frozenset())]
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


def _named(term: Term, dialect: Dialect, bound: frozenset[str]) -> Iterator[Affine]:
    """The times with which names are written, but for those that a product, sum or limit runs through."""
    if isinstance(term, Symbol):
        declared = dialect.symbols.get(term.name)
        written = term.times if declared is not None and declared.arity else ()
        yield from (time for time in written if bound.isdisjoint(time.variables))
    inner = _inside(term, bound)
    for part in parts(term):
        yield from _named(part, dialect, inner)


def _ranges(term: Term, bound: frozenset[str]) -> Iterator[Affine]:
    """The lengths of ranges and the exponents, but for those that an outer index decides."""
    found: list[Affine] = []
    match term:
        case Binder():
            found = [term.upper - term.lower + 1]
        case Power():
            found = [term.exponent]
        case Gradient():
            found = [one.upper - one.lower + 1 for one in term.held]
    yield from (one for one in found if bound.isdisjoint(one.variables))
    inner = _inside(term, bound)
    for part in parts(term):
        yield from _ranges(part, inner)


def _inside(term: Term, bound: frozenset[str]) -> frozenset[str]:
    return bound | {term.index} if isinstance(term, Binder | Limit) else bound
