"""Floats sort out the corrections that are false, many at once; what is left has to be proved.

For bounds, and where there are hypotheses, instances are drawn as in the search for counterexamples; whatever else a
statement speaks of gets a value when it is first asked for.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from ..engine.batch import Batch
from ..engine.candidates import Proposer, chosen_functions
from ..engine.grid import Cell, cells
from ..engine.refute import broken, excess
from ..engine.styles import Values
from ..instances.instance import Instance, Key
from ..instances.interval import UndefinedError
from ..instances.scope import MissingError, assumptions, concrete, spoken_of, windows
from ..kernel.certificate import Context, Relation, Statement
from ..kernel.term import Shape, ShapeError
from .material import Material

if TYPE_CHECKING:
    from ..engine.batch import Array, Mask

SEED = 2022
COUNT = 4
LARGEST = 3
EARLIER = 2
CELLS = 3
UNDEFINED = (UndefinedError, ShapeError, RecursionError)


class Screen:
    """Says which statements hold, as far as a few instances can tell, in the model of one wrong statement.

    What is true holds at the instance that refutes the wrong statement, too; for an equation, mild values tell more, as
    floats do not cancel there.
    """

    def __init__(
        self,
        wrong: Statement,
        context: Context,
        shapes: Mapping[str, Shape],
        refuting: Instance | None = None,
        most: int = CELLS,
    ) -> None:
        self.batches: list[tuple[Batch, Mask]] = []
        if refuting is not None and wrong.relation != "=":
            self._add(wrong, context, lambda: _refuting(refuting, shapes))
        for cell in _telling(wrong, context)[:most]:
            self._add(wrong, context, partial(_at_cell, wrong, context, cell, shapes))

    def _add(self, wrong: Statement, context: Context, draw: Callable[[], _Drawn]) -> None:
        """One more batch, if its values can be found and meet the hypotheses, and the wrong statement has values."""
        try:
            drawn = draw()
            functions = dict(chosen_functions(wrong, context, 0))
            batch = Batch(context, drawn.sizes, dict(drawn.cell.times), drawn.cell.start, drawn, drawn.count, functions)
            allowed = _allowed(batch, context, drawn)
            with batch.np.errstate(all="ignore"):
                _excess(batch, wrong, batch.scope.times)
        except UNDEFINED:
            return
        if allowed.any():
            self.batches.append((batch, allowed))

    def passes(self, statement: Statement) -> bool:
        """Whether the statement holds at every instance; True where no instance says anything."""
        return all(_holds(statement, *one) for one in self.batches)


def seems_false(statement: Statement, context: Context) -> bool:
    """Whether a statement fails at once, as floats have it: then a counterexample is looked for before a proof."""
    return not Screen(statement, context, Material(statement, context).shapes, most=1).passes(statement)


def _telling(wrong: Statement, context: Context) -> list[Cell]:
    """Of the cells of the largest sizes, a few deep ones and the shallowest."""
    try:
        grid = cells(wrong, context, LARGEST, LARGEST)
    except UNDEFINED:
        return []
    if not grid:
        return []
    largest = [cell for cell in grid if cell.sizes == grid[-1].sizes]
    deep = [cell for cell in largest if min((value for _, value in cell.times), default=0) >= 0] or largest
    places = sorted({len(deep) * 2 // 3, len(deep) - 1, 0}, reverse=True)
    return [deep[place] for place in places[:CELLS] if place < len(deep)]


def _at_cell(wrong: Statement, context: Context, cell: Cell, shapes: Mapping[str, Shape]) -> _Drawn:
    cell = replace(cell, start=cell.start - EARLIER)
    if wrong.relation == "=" and not context.hypotheses:
        return _Drawn(cell, shapes, cell.start, [{}] * COUNT)
    proposer = Proposer(wrong, context, cell)
    tried = proposer.proposals(random.Random(SEED), COUNT, designed=wrong.relation != "=")
    return _Drawn(cell, shapes, proposer.last, tried)


def _refuting(instance: Instance, shapes: Mapping[str, Shape]) -> _Drawn:
    cell = Cell(instance.sizes, instance.times, instance.start)
    last = max((time for one in instance.values for time in one.times), default=instance.start)
    return _Drawn(cell, shapes, last, [dict(instance.lookup())])


class _Drawn(Mapping[Key, "Array"]):
    """Values of everything that may be asked for: those that are tried, and others drawn at first sight."""

    def __init__(self, cell: Cell, shapes: Mapping[str, Shape], last: int, tried: Sequence[Values]) -> None:
        import numpy

        self.np, self.cell, self.shapes, self.last = numpy, cell, shapes, last
        self.sizes, self.count = dict(cell.sizes), len(tried)
        self.known: dict[Key, Array] = {
            key: numpy.array([[[float(entry) for entry in row] for row in values[key]] for values in tried])
            for key in tried[0]
        }

    def __getitem__(self, key: Key) -> Array:
        if key not in self.known:
            if key[0] not in self.shapes:
                raise MissingError(*key)
            rows, columns = (concrete(size, self.sizes) for size in self.shapes[key[0]])
            generator = self.np.random.default_rng([SEED, len(self.known)])
            self.known[key] = generator.uniform(0.2, 0.6, (self.count, rows, columns))
        return self.known[key]

    def __contains__(self, key: object) -> bool:
        return key in self.known or (isinstance(key, tuple) and key[0] in self.shapes)

    def __iter__(self) -> Iterator[Key]:
        return iter(self.known)

    def __len__(self) -> int:
        return len(self.known)


def _allowed(batch: Batch, context: Context, drawn: _Drawn) -> Mask:
    """Which instances meet all that is assumed."""
    allowed: Mask = batch.np.full(batch.count, True)
    with batch.np.errstate(all="ignore"):
        for one in assumptions(context):
            for times in windows(one, batch.start, drawn.last, batch.scope.times, batch.sizes):
                found = broken(one, [batch.value(term, times) for term in spoken_of(one)])
                allowed &= batch.np.isnan(found) | (found < 0)
    return allowed


def _holds(statement: Statement, batch: Batch, allowed: Mask) -> bool:
    batch.visits = 0
    with batch.np.errstate(all="ignore"):
        try:
            found = _excess(batch, statement, batch.scope.times)
        except UNDEFINED:
            return False
    return not bool((allowed & (found >= 0)).any())


def _excess(batch: Batch, statement: Statement, times: Mapping[str, int]) -> Array:
    """By how much the statement is broken, on each instance."""
    relation: Relation = statement.relation
    return excess(relation, batch.value(statement.left, times), batch.value(statement.right, times))
