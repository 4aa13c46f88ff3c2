"""What a claim presumes between times: that its nodes exist, that its ranges are ranges.

With the horizon tau, `h[t+1]` says that t + 1 is at most tau, the last time to which the graph is unrolled; with the
start 1, `x[t]` says that t is at least 1, and `h[t-1]`, which the first step reads, that t - 1 is at least 0. A product
or sum from a to b says that b is at least a - 1 (it may be empty), a power that its exponent is not negative. What it
presumes of points is in `presumed_points.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from symgrad.kernel.affine import Affine, affine, entails
from symgrad.kernel.certificate import Statement
from symgrad.kernel.term import Binder, Gradient, Limit, Power, Symbol, Term, parts

from .dialect import Dialect

NARROW = 2


@dataclass(frozen=True, slots=True)
class Ends:
    """Where the unrolled graph ends, if anywhere: the horizon, and from when on each name exists."""

    dialect: Dialect
    horizon: str
    first: Mapping[str, int]

    def gaps(self, term: Term) -> tuple[Affine, ...]:
        """What a name at its written times presumes of them."""
        declared = self.dialect.symbols.get(term.name) if isinstance(term, Symbol) else None
        if not isinstance(term, Symbol) or declared is None:
            return ()
        times = term.times[: declared.arity]
        late = [affine(self.horizon) - time for time in times if self.horizon]
        early = [time - self.first[term.name] for time in times if term.name in self.first]
        return (*late, *early)


def presumed(statements: Iterable[Statement], ends: Ends, assumed: tuple[Affine, ...]) -> tuple[Affine, ...]:
    """What is presumed between times, each at least 0, without what contradicts or follows from the rest, and without
    what would narrow the claim to a few times."""
    sides = [side for one in statements for side in (one.left, one.right)]
    gaps = [gap for side in sides for of in (_ranges, ends.gaps) for gap in _open(side, of)]
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
