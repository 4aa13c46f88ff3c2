"""Names for time variables and lemmas that are not in use yet."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count

LETTERS = "trpqijluv"


def fresh_time(wish: str, taken: Iterable[str]) -> str:
    """A time variable: the one wished for, another single letter, or the wish with a number."""
    used = set(taken)
    numbered = (f"{wish}{number}" for number in count(1))
    return next(name for names in ((wish, *_like(wish)), numbered) for name in names if name not in used)


def _like(wish: str) -> str:
    """Letters that a reader takes for the same kind of thing: moments after t, indices after i."""
    return LETTERS if wish == "t" else LETTERS[4:] + LETTERS[2:4]


def fresh_name(wish: str, taken: Iterable[str]) -> str:
    """A lemma's name: the one wished for, with a number behind it if there is one already."""
    used = set(taken)
    numbered = (f"{wish} ({number})" for number in count(2))
    return wish if wish not in used else next(name for name in numbered if name not in used)
