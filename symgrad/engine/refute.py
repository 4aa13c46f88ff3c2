"""Search for the smallest instance that breaks a claim. Floats suggest, exact intervals confirm.

Cells of the grid are visited by increasing sizes and depths. Only what `symgrad.instances` confirms comes out, so
nothing here needs to be trusted.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

from ..instances.counterexample import Counterexample, confirm, recheck
from ..instances.instance import Rows
from ..instances.interval import UndefinedError
from ..instances.scope import MissingError, assumptions, spoken_of, windows
from ..kernel.certificate import Condition, Context, Hypothesis, Relation, Statement
from ..kernel.term import ShapeError
from .batch import SINGULAR, Batch, determinant_size
from .candidates import Functions, Proposer, chosen_functions
from .grid import Cell, cells
from .styles import Values

if TYPE_CHECKING:
    from .batch import Array, Mask

__all__ = ["Counterexample", "recheck", "refute"]

SEED = 2022
RANDOM_COUNT = 12
CLIMBERS = 6
CHILDREN = 4
GENERATIONS = 4
SIMPLIFICATIONS = 6
CLEAR = 1e-3
TINY = 1e-300
ROUNDS = 8
GENERIC_ROUNDS = 3
CONFIRMATIONS = 4
EQUAL = 1e-7
ROUNDING = 1e-11


def refute(
    statement: Statement,
    context: Context,
    *,
    budget_seconds: float = 2.0,
    max_size: int = 3,
    max_k: int = 3,
    seed: int = SEED,
) -> Counterexample | None:
    """The counterexample with the smallest sizes, then the smallest times, that is found within the budget.

    None says nothing about the claim. The same seed gives the same answer as long as the budget is not used up.
    """
    if statement.left.shape != statement.right.shape:
        return None
    search = _Search(statement, context, seed, time.thread_time() + budget_seconds)
    try:
        return search.run(cells(statement, context, max_size, max_k))
    except (UndefinedError, ShapeError, RecursionError):
        return None


@dataclass(slots=True)
class _Search:
    statement: Statement
    context: Context
    seed: int
    deadline: float
    proposers: dict[tuple[Cell, Functions], Proposer] = field(default_factory=dict)

    def run(self, grid: Sequence[Cell]) -> Counterexample | None:
        """Look everywhere once, then again; after a hit, once more at the smaller cells."""
        is_generic = self.statement.relation == "=" and not self.context.hypotheses
        for number in range(GENERIC_ROUNDS if is_generic else ROUNDS):
            for place, cell in enumerate(grid):
                found = self.look(cell, number)
                if found is not None:
                    return self.smaller(grid[:place], number) or found
                if time.thread_time() > self.deadline:
                    return None
        return None

    def smaller(self, grid: Iterable[Cell], number: int) -> Counterexample | None:
        looks = (self.look(cell, number + 1) for cell in grid if time.thread_time() < self.deadline)
        return next((found for found in looks if found is not None), None)

    def look(self, cell: Cell, number: int) -> Counterexample | None:
        """Try one batch of values on a cell; for a bound, from the second time on, also climb from the best of them."""
        random = Random(f"{self.seed}/{cell}/{number}")
        try:
            functions = chosen_functions(self.statement, self.context, number)
            proposer = self.proposers.get((cell, functions))
            if proposer is None:
                proposer = Proposer(self.statement, self.context, cell, functions)
                self.proposers[cell, functions] = proposer
            tried = proposer.proposals(random, RANDOM_COUNT, designed=number == 0)
            if number and self.statement.relation != "=" and proposer.shapes:
                tried += self.climbed(proposer, tried, random)
            return self.confirmed(proposer, tried)
        except UndefinedError:
            return None

    def confirmed(self, proposer: Proposer, tried: Sequence[Values]) -> Counterexample | None:
        """The first of the values that is a counterexample beyond doubt, made simpler if that can be."""
        scores = self.scores(proposer, tried)
        hits = [(values, score) for values, score in zip(tried, scores, strict=True) if score >= 0]
        if self.statement.relation != "=":
            hits.sort(key=lambda hit: -round(hit[1], 1))
        for values, score in hits[:CONFIRMATIONS]:
            for one in (self.simplified(proposer, values, score), values):
                found = confirm(self.statement, self.context, proposer.instance(one), self.seed)
                if found is not None:
                    return found
        return None

    def scores(self, proposer: Proposer, tried: Sequence[Values]) -> list[float]:
        """How far each of the values breaks the claim: at least 0 if it does, minus infinity if a hypothesis fails."""
        if not tried:
            return []
        import numpy

        cell = proposer.cell
        with numpy.errstate(all="ignore"):
            given = {key: numpy.array([_floats(values[key]) for values in tried]) for key in proposer.shapes}
            sizes, times, functions = dict(cell.sizes), dict(cell.times), dict(proposer.functions)
            batch = Batch(self.context, sizes, times, cell.start, given, len(tried), functions)
            sides = (batch.value(side, batch.scope.times) for side in (self.statement.left, self.statement.right))
            found = excess(self.statement.relation, *sides)
            allowed = self._allowed(batch, proposer)
            return [float(one) for one in numpy.where(allowed & ~numpy.isnan(found), found, -numpy.inf)]

    def _allowed(self, batch: Batch, proposer: Proposer) -> Mask:
        worst: Array = batch.np.full(batch.count, -batch.np.inf)
        for one in assumptions(self.context):
            for times in windows(one, proposer.cell.start, proposer.last, batch.scope.times, batch.sizes):
                try:
                    worst = batch.np.maximum(worst, broken(one, [batch.value(term, times) for term in spoken_of(one)]))
                except MissingError:
                    continue
        allowed: Mask = worst < 0
        return allowed

    def climbed(self, proposer: Proposer, tried: Sequence[Values], random: Random) -> list[Values]:
        """A few generations of small changes to the values that come closest to breaking a bound."""
        pool = list(tried)
        for _ in range(GENERATIONS):
            scores = self.scores(proposer, pool)
            ranked = sorted(range(len(pool)), key=lambda i: -scores[i])[:CLIMBERS]
            best = [pool[i] for i in ranked if scores[i] > -float("inf")]
            if not best or scores[ranked[0]] >= 0:
                return best
            pool = best + [proposer.changed(one, random) for one in best for _ in range(CHILDREN)]
        return pool

    def simplified(self, proposer: Proposer, values: Values, score: float) -> Values:
        """As many values as possible made 0, 1 or the identity, as long as the claim is still clearly broken."""
        enough = min(score, CLEAR)
        for _ in range(SIMPLIFICATIONS):
            plain = [(key, rows) for key in values for rows in proposer.plain(key) if _is_simpler(rows, values[key])]
            single = self.scores(proposer, [{**values, key: rows} for key, rows in plain])
            good: Values = {}
            for (key, rows), one in zip(plain, single, strict=True):
                if one >= enough:
                    good.setdefault(key, rows)
            prefixes = [{**values, **dict(list(good.items())[: end + 1])} for end in range(len(good))]
            together = self.scores(proposer, prefixes)
            better = [one for one, found in zip(prefixes, together, strict=True) if found >= enough]
            if not better:
                return values
            values = better[-1]
        return values


def broken(assumed: Hypothesis | Condition, values: Sequence[Array]) -> Array:
    """By how much an assumption is broken, as the values of its terms show; negative where it holds."""
    match assumed:
        case Hypothesis():
            return excess(assumed.statement.relation, *values)
        case Condition("positive"):
            return TINY - values[0].min(axis=(-2, -1))
        case Condition("nonzero"):
            return TINY - abs(values[0]).min(axis=(-2, -1))
        case _:
            return SINGULAR - determinant_size(values[0])


def excess(relation: Relation, left: Array, right: Array) -> Array:
    """By how much a relation is broken, relative to the sides; negative, or not a number, where it holds."""
    size = abs(left) + abs(right)
    match relation:
        case "=":
            excess: Array = abs(left - right).max(axis=(-2, -1)) / (size.max(axis=(-2, -1)) + TINY) - EQUAL
            return excess
        case "<=" | "<":
            found = (left - right) / (size + TINY)
        case ">=" | ">":
            found = (right - left) / (size + TINY)
    excess = found[:, 0, 0] - ROUNDING
    if relation in ("<", ">"):
        excess = excess + (2 - (size[:, 0, 0] == 0)) * ROUNDING
    return excess


def _is_simpler(rows: Rows, than: Rows) -> bool:
    """Whether rows have more zeros, or as many and smaller numbers."""
    return _complexity(rows) < _complexity(than)


def _complexity(rows: Rows) -> tuple[int, int]:
    entries = [entry for row in rows for entry in row if entry]
    return len(entries), sum(abs(entry.numerator) + entry.denominator + (entry < 0) for entry in entries)


def _floats(rows: Rows) -> list[list[float]]:
    return [[float(entry) for entry in row] for row in rows]
