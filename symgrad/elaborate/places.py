"""Places in a term: every sub-term with its path and what it stands in, and the term with something else there.

Nothing here knows what a mistake is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..kernel.term import Binder, ComponentSum, Extremum, Gradient, Limit, ShapeError, Symbol, Term, parts, with_parts

Path = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A sub-term: `path` counts parts from the outside in; `around` is what it stands in, outermost first."""

    path: Path
    here: Term
    around: tuple[Term, ...] = ()

    @property
    def parent(self) -> Term | None:
        return self.around[-1] if self.around else None

    @property
    def binders(self) -> tuple[Binder, ...]:
        """The products and sums whose index means something here."""
        return tuple(one for one in self.around if isinstance(one, Binder))

    @property
    def indices(self) -> frozenset[str]:
        """The names that a product or sum around gives a meaning to here."""
        return frozenset(one.index for one in self.around if isinstance(one, Binder | ComponentSum))

    @property
    def is_closed(self) -> bool:
        """Whether the place is under a supremum or limit, whose variable means nothing outside."""
        return any(isinstance(one, Extremum | Limit) for one in self.around)


def places(term: Term) -> Iterator[Place]:
    """Every sub-term, in the order of reading, outermost first."""
    waiting = [Place((), term)]
    while waiting:
        place = waiting.pop()
        yield place
        inner = [
            Place((*place.path, number), part, (*place.around, place.here))
            for number, part in enumerate(parts(place.here))
        ]
        waiting.extend(reversed(inner))


def put(term: Term, path: Path, new: Term) -> Term:
    """The term with another one at a path. Raises ShapeError where it does not fit."""
    if not path:
        return new
    inner = list(parts(term))
    inner[path[0]] = put(inner[path[0]], path[1:], new)
    if isinstance(term, Gradient) and not all(isinstance(one, Symbol) for one in inner):
        raise ShapeError("a derivative of or by what is no name")
    return with_parts(term, tuple(inner))
