"""What a mistake's generator yields: another term for a place, and how to say so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ..kernel.term import Hadamard, Product, ShapeError, Sum, Term, parts
from ..verdict import Inline
from .material import Material
from .places import Place


@dataclass(frozen=True, slots=True)
class Edit:
    """`new` stands at the place instead. Shown as "with `by` in place of `old`" (by default the whole of both), or in
    `words`. `everywhere`: what stands at the place is replaced wherever else it occurs on that side, too."""

    new: Term
    old: Term | None = None
    by: Term | None = None
    words: tuple[Inline, ...] = ()
    everywhere: bool = False


Mistake = Callable[[Place, Material], Iterator[Edit]]


def flat(kind: type[Product] | type[Hadamard] | type[Sum], *given: Term) -> Term | None:
    """A product, entrywise product or sum, with those of the same kind taken apart; None if the shapes do not fit."""
    loose = tuple(one for term in given for one in (parts(term) if isinstance(term, kind) else (term,)))
    try:
        return loose[0] if len(loose) == 1 else kind(loose)
    except ShapeError:
        return None


def edits(new: Term | None, *words: Inline) -> Iterator[Edit]:
    """An edit of the whole place, if the new term could be built."""
    if new is not None:
        yield Edit(new, words=words)


def run_replaced(at: Product, start: int, stop: int, new: tuple[Term, ...]) -> Iterator[Edit]:
    """A run of factors replaced, shown by itself."""
    whole = flat(Product, *at.factors[:start], *new, *at.factors[stop:])
    old, by = flat(Product, *at.factors[start:stop]), flat(Product, *new)
    if whole is not None and by is not None:
        yield Edit(whole, old, by)
