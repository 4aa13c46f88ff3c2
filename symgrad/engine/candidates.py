"""Values to try on a cell of the grid: simple and telling ones first, then random small rationals.

Random matrices are not symmetric and do not commute. What is assumed is met by construction where that is known to be
done (`adjust.py`); whether all of it holds is judged elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from random import Random

from ..instances.functions import NAMES, split, stand_ins
from ..instances.instance import Instance, Key, Rows, Value
from ..instances.scope import Scope, Times, assumptions, behind, concrete, spoken_of, windows
from ..kernel.certificate import Context, Statement
from ..kernel.term import SCALAR, Entrywise, Shape, Symbol, Term, walk
from .adjust import Adjuster, scaled
from .grid import Cell
from .styles import DESIGNED, MATRICES, VECTORS, Style, Values, fill, initial, ones, small, wide, zero

Functions = tuple[tuple[str, str], ...]


def chosen_functions(statement: Statement, context: Context, number: int) -> Functions:
    """Known functions for the arbitrary ones of a claim: different ones, and others for another number.

    A function whose value a law gives needs none.
    """
    assumed = (term for one in assumptions(context) for term in spoken_of(one))
    terms = (*behind((statement.left, statement.right, *assumed), context), *(law.body for law in context.laws))
    used = {split(part.function)[0] for term in terms for part in walk(term) if isinstance(part, Entrywise)}
    free = sorted(used - NAMES - {law.function for law in context.laws})
    able = ((place, name, stand_ins(name, context.laws)) for place, name in enumerate(free))
    return tuple((name, found[(place + number) % len(found)]) for place, name, found in able if found)


class Proposer:
    """Proposes the values of one cell."""

    def __init__(self, statement: Statement, context: Context, cell: Cell, functions: Functions = ()) -> None:
        """`functions` says which known function an arbitrary one stands for."""
        self.context, self.cell, self.functions = context, cell, functions
        self.scope = Scope(context, dict(cell.times))
        self.sizes = dict(cell.sizes)
        sides: list[tuple[Term, Times]] = [(side, self.scope.times) for side in (statement.left, statement.right)]
        self.last = self.scope.latest((statement.left, statement.right), cell.start)
        for one in assumptions(context):
            for times in windows(one, cell.start + 1, self.last, self.scope.times, self.sizes):
                sides += [(term, times) for term in spoken_of(one)]
        needed = self.scope.given(sides, cell.start)
        self.shapes: dict[Key, Shape] = {key: needed[key] for key in sorted(needed)}
        self.adjuster = Adjuster(context, self.instance, self.last)
        self.quiet = any(self._is_state(one.statement) for one in context.hypotheses)

    def instance(self, values: Mapping[Key, Rows]) -> Instance:
        found = tuple(Value(*key, values[key]) for key in sorted(values))
        return Instance(self.cell.sizes, self.cell.times, self.cell.start, found, self.functions)

    def proposals(self, random: Random, count: int, *, designed: bool) -> list[Values]:
        """Values that meet what the hypotheses say of parameters, as far as this is known to be done."""
        if not self.shapes:
            return [{}]
        styles = DESIGNED if designed else ()
        found = [self._styled(matrices, vectors, random) for matrices, vectors in styles]
        found += [self._mixed(random) for _ in range(count)]
        if self.quiet:
            found = [one for values in found for one in (self._quiet(values), self._without_drive(values), values)]
        return [self.adjuster.adjusted(values, random) for values in found]

    def draw(self, key: Key, random: Random) -> Rows:
        """A random value in a random style."""
        return self._value(key, random.choice(MATRICES), random.choice(VECTORS), random)

    def changed(self, values: Values, random: Random) -> Values:
        """A neighbour: one value is drawn again, doubled, halved, or has an entry set to 0."""
        key = random.choice(sorted(values))
        rows = values[key]
        change = random.choice(("draw", "double", "halve", "clear"))
        if change == "draw":
            rows = self.draw(key, random)
        elif change == "clear":
            place = random.randrange(len(rows)), random.randrange(len(rows[0]))
            rows = fill(len(rows), len(rows[0]), lambda i, j: 0 if (i, j) == place else rows[i][j])
        elif key[0] not in self.scope.recurrence:
            rows = scaled(Fraction(2) if change == "double" else Fraction(1, 2), rows)
        return self.adjuster.adjusted({**values, key: rows}, random)

    def plain(self, key: Key) -> tuple[Rows, ...]:
        """The simplest values that there are."""
        if key[0] in self.scope.recurrence:
            return (self._initial(key),)
        rows, columns = (concrete(size, self.sizes) for size in self.shapes[key])
        return tuple(fill(rows, columns, entry) for entry in (lambda i, j: 0, lambda i, j: i == j, lambda i, j: 1))

    def _styled(self, matrices: Style, vectors: Style, random: Random) -> Values:
        return {key: self._value(key, matrices, vectors, random) for key in self.shapes}

    def _mixed(self, random: Random) -> Values:
        return {key: self.draw(key, random) for key in self.shapes}

    def _value(self, key: Key, matrices: Style, vectors: Style, random: Random) -> Rows:
        shape = self.shapes[key]
        rows, columns = (concrete(size, self.sizes) for size in shape)
        if key[0] in self.scope.losses:
            return (ones if matrices is ones else small)(rows, columns, random)
        if key[0] in self.scope.recurrence:
            return self._initial(key) if vectors in (zero, ones) else initial(rows, columns, random)
        if shape == SCALAR:
            return random.choice((small, wide))(rows, columns, random)
        return (vectors if shape[1] == 1 else matrices)(rows, columns, random)

    def _initial(self, key: Key) -> Rows:
        """The simplest value that a state can have: 0, or 1/2 for a sigmoid."""
        rows, columns = (concrete(size, self.sizes) for size in self.shapes[key])
        body = self.scope.recurrence[key[0]].body
        is_gate = isinstance(body, Entrywise) and body.function == "sigmoid"
        return fill(rows, columns, lambda i, j: Fraction(is_gate, 2))

    def _is_state(self, statement: Statement) -> bool:
        sides = (statement.left, statement.right)
        return statement.relation == "=" and any(
            isinstance(part, Symbol) and part.name in self.scope.recurrence for side in sides for part in walk(side)
        )

    def _quiet(self, values: Values) -> Values:
        """Nothing drives the network: inputs, biases and initial states are 0."""
        found = dict(values)
        for key, shape in self.shapes.items():
            if key[0] in self.scope.recurrence:
                found[key] = self._initial(key)
            elif shape[1] == 1 and shape != SCALAR and key[0] not in self.scope.losses:
                found[key] = scaled(Fraction(0), values[key])
        return found

    def _without_drive(self, values: Values) -> Values:
        """The states that a hypothesis fixes are cut off: the parameters in their definitions are 0."""
        names = {
            part.name
            for one in self.context.hypotheses
            for side in (one.statement.left, one.statement.right)
            for node in walk(side)
            if isinstance(node, Symbol) and node.name in self.scope.recurrence
            for part in walk(self.scope.recurrence[node.name].body)
            if isinstance(part, Symbol) and not part.times
        }
        return {key: scaled(Fraction(0), rows) if key[0] in names else rows for key, rows in values.items()}
