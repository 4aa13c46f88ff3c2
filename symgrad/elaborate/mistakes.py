"""The catalogue of usual mistakes, most likely first, and the statements that one correction makes of a wrong one.

A new mistake is a small generator in `structure.py` or `letters.py` and a row here. None of them needs to be right:
what is suggested is proved.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from ..engine.tidy import tidy
from ..kernel.affine import Affine, affine, entails
from ..kernel.certificate import FLIPPED, Context, Relation, Statement
from ..kernel.term import Gradient, ShapeError, Term, free_times, map_parts, number, walk
from ..notation.dialect import Dialect, Layout
from ..notation.presumed import Ends, presumed
from ..verdict import Inline
from . import exchange, letters, structure
from .edit import Edit, Mistake
from .layouts import other_layouts
from .material import Material
from .places import Place, places, put
from .wording import ORDINALS, RELATIONS, show_time

Side = Literal["left", "right"]
SLIPS_OF_NAMES: tuple[Mistake, ...] = (letters.entry, structure.transpose)
SLIPS: tuple[Mistake, ...] = (
    *SLIPS_OF_NAMES,
    structure.swapped,
    letters.bounds,
    letters.slope,
    exchange.power_inside,
    letters.exponent,
    letters.time,
    structure.sign,
    letters.function,
    structure.missing_scalar,
    letters.name,
    exchange.factors_exchanged,
    exchange.names_exchanged,
    letters.whole_range,
    structure.layout,
    structure.transpose_of_term,
    structure.other_way_round,
    letters.constant,
    structure.too_much,
    structure.entrywise_for_matrix_product,
    exchange.sum_for_product,
    exchange.commuted,
    exchange.inside_or_outside,
    letters.derivative,
    letters.measure,
)
GAPS: tuple[Mistake, ...] = (
    structure.missing_factor,
    structure.missing_entrywise_factor,
    structure.missing_summand,
    letters.piece,
)
"""What is missing has to be taken from elsewhere: from the statement, or from what its left side is."""
ON_THE_LEFT: tuple[Mistake, ...] = (
    letters.derivative,
    structure.transpose,
    structure.transpose_of_term,
    letters.time,
    letters.exponent,
    letters.name,
    letters.measure,
)
"""The left side says what a line is about; only what may be a slip there is mended."""
CATALOGUE: tuple[tuple[Side, Mistake], ...] = (
    *(("right", one) for one in SLIPS),
    ("left", letters.derivative),
    *(("right", one) for one in GAPS),
    *(("left", one) for one in ON_THE_LEFT),
)


@dataclass(frozen=True, slots=True)
class Correction:
    """A statement that differs from a wrong one by one usual mistake, and what to say: "with W^T in place of W".

    It is stated in the same context, but for `assumption` (at least 0) where that is what was forgotten.
    """

    statement: Statement
    words: tuple[Inline, ...]
    assumption: Affine | None = None

    def context(self, given: Context) -> Context:
        """The context of the wrong statement, with what this one presumes by what it writes."""
        known = (*given.assumptions, *(() if self.assumption is None else (self.assumption,)))
        return replace(given, assumptions=(*known, *presumed((self.statement,), Ends(Dialect(), "", {}), known)))


def corrections(given: Material, layout: Layout | None = None) -> Iterator[Correction]:
    """Each statement once, those of the right side first. Most of them are false.

    With the layout that a text declares, those come first that are right in another.
    """
    seen = {given.statement}
    for one in _of_statements(given, layout):
        if one.statement not in seen and not _says_nothing(one.statement, given.statement):
            seen.add(one.statement)
            yield one
    yield from _of_assumptions(given)


def _of_statements(given: Material, layout: Layout | None) -> Iterator[Correction]:
    """Of a bound, what makes a side positive and the relation come first; of an equation, the relation comes last.

    The layout is doubted only after slips of single names.
    """
    if given.statement.relation != "=":
        yield from by_one(structure.sign, given, "right")
        yield from _of_relation(given.statement)
    if layout:
        for mistake in SLIPS_OF_NAMES:
            yield from by_one(mistake, given, "right")
        yield from _of_layout(given.statement, layout)
    for side, mistake in CATALOGUE:
        yield from by_one(mistake, given, side)
    yield from _of_relation(given.statement)


def _of_layout(wrong: Statement, declared: Layout) -> Iterator[Correction]:
    for statement, layout in other_layouts(wrong, declared):
        yield Correction(statement, (f"with layout {layout} in place of layout {declared}",))


def _says_nothing(found: Statement, wrong: Statement) -> bool:
    """Whether both sides are the same, or a node is now derived by itself."""
    return tidy(found.left) == tidy(found.right) or not _derived_by_themselves(found) <= _derived_by_themselves(wrong)


def _derived_by_themselves(statement: Statement) -> set[Gradient]:
    inside = (one for side in (statement.left, statement.right) for one in walk(side))
    return {one for one in inside if isinstance(one, Gradient) and one.of == one.wrt}


def _of_assumptions(given: Material) -> Iterator[Correction]:
    """The same statement from k = 0 or k = 1 on, where that is not said."""
    for name in sorted({name for one in given.exponents for name in one.variables}):
        for least in (0, 1):
            bound = affine(name) - least
            if not entails(given.context.assumptions, bound):
                yield Correction(given.statement, (f"for {show_time(affine(name))} ≥ {least}",), bound)


def _of_relation(wrong: Statement) -> Iterator[Correction]:
    """The relation turned round, made weaker or strict, or a bound for an equation; that a norm is not negative is
    not what was meant."""
    if number(0) in (tidy(wrong.left), tidy(wrong.right)):
        return
    turned = FLIPPED[wrong.relation]
    others: tuple[Relation, ...] = ("<=", ">=") if wrong.relation == "=" else (turned, "<=", ">=", "=")
    for other in dict.fromkeys(others):
        if other != wrong.relation and wrong.left.shape == (1, 1):
            words = (f"with {RELATIONS[other]} in place of {RELATIONS[wrong.relation]}",)
            yield Correction(replace(wrong, relation=other), words)


def by_one(mistake: Mistake, given: Material, side: Side) -> Iterator[Correction]:
    """The statements that one entry of the catalogue makes of a side: at each place of it, then everywhere at once."""
    found = list(places(getattr(given.statement, side)))
    made = [(place, edit) for place in found for edit in mistake(place, given)]
    for place, edit in sorted(made, key=lambda pair: pair[1].everywhere):
        yield from _corrected(given, side, found, place, edit)


def _corrected(given: Material, side: Side, found: list[Place], place: Place, edit: Edit) -> Iterator[Correction]:
    """The corrected statement; none if the edit does not fit there."""
    term: Term = getattr(given.statement, side)
    alike = [one for one in found if one.here == place.here]
    if edit.everywhere and (len(alike) < 2 or alike[0] is not place):
        return
    try:
        new = everywhere(term, place.here, edit.new) if edit.everywhere else put(term, place.path, edit.new)
    except ShapeError:
        return
    if new.shape == term.shape and free_times(new) <= given.free:
        words = _words(edit, place, alike)
        statement = replace(given.statement, right=new) if side == "right" else replace(given.statement, left=new)
        yield Correction(statement, (*words, " on the left") if side == "left" else words)


def everywhere(term: Term, old: Term, new: Term) -> Term:
    """Replace a sub-term wherever it occurs; in a derivative, only a name by a name."""
    if term == old:
        return new
    if isinstance(term, Gradient) and type(old) is not type(new):
        return term
    return map_parts(term, lambda part: everywhere(part, old, new))


def _words(edit: Edit, place: Place, alike: list[Place]) -> tuple[Inline, ...]:
    if edit.words:
        return edit.words
    old, new = edit.old or place.here, edit.by or edit.new
    which = ""
    if edit.everywhere:
        which = "both " if len(alike) == 2 else "every "
    elif edit.old is None and 1 < len(alike) <= len(ORDINALS):
        which = f"the {ORDINALS[[one is place for one in alike].index(True)]} "
    return ("with ", new, f" in place of {which}", old)
