"""The value of any term on an instance, enclosed in intervals; derivatives go forward (see `passes.py`)."""

from __future__ import annotations

from functools import reduce

from ..kernel.certificate import Context, Law
from ..kernel.term import SCALAR, Gradient, Symbol, Term, walk
from .dual import leaf
from .functions import NAMES, apply, split
from .instance import Instance, Key
from .interval import Interval, UndefinedError
from .matrix import Matrix, exact
from .passes import Pass
from .scope import MissingError, Scope, Times

MAX_VISITS = 200_000


class Forward:
    """Evaluates terms of one context on one instance. `value` raises UndefinedError where a term has no value."""

    def __init__(self, context: Context, instance: Instance) -> None:
        self.scope = Scope(context, dict(instance.times))
        self.sizes = dict(instance.sizes)
        self.start = instance.start
        self.given = {key: exact(rows) for key, rows in instance.lookup().items()}
        self.functions = dict(instance.functions)
        self.laws = {law.function: law for law in context.laws}
        bodies = (one.body for one in (*context.recurrence, *context.abbreviations))
        parts = (part for body in bodies for part in walk(body) if isinstance(part, Symbol))
        self.shared = {part.name for part in parts if not part.times}
        self.plain = Pass(self)
        self.visits = 0

    def value(self, term: Term, times: Times | None = None) -> Matrix:
        """The matrix of intervals that encloses the value, at the times of the instance unless others are given."""
        try:
            return leaf(self.plain.term(term, self.scope.times if times is None else times))
        except RecursionError:
            raise UndefinedError("the term or the network is too deep to be run") from None

    def visit(self) -> None:
        self.visits += 1
        if self.visits > MAX_VISITS:
            raise UndefinedError("too much work for one instance")

    def input(self, key: Key, rows: int, columns: int) -> Matrix:
        found = self.given.get(key)
        if found is None:
            raise MissingError(*key)
        if len(found) != rows or len(found[0]) != columns:
            raise UndefinedError(f"the value of {key[0]} is not {rows} x {columns}")
        return found

    def apply(self, name: str, x: Interval) -> Interval:
        """The value of a function: one that is known, one that the instance names, or one with a law."""
        base, order = split(name)
        if base in NAMES:
            return apply(name, x)
        if base in self.functions:
            return apply(self.functions[base] + "'" * order, x)
        for known in range(order, -1, -1):
            if base + "'" * known in self.laws:
                return self._by_law(self.laws[base + "'" * known], order - known, x)
        raise UndefinedError(f"nothing is known of the function {name}")

    def _by_law(self, law: Law, order: int, x: Interval) -> Interval:
        """What a law says, or the derivative of that, of the given order."""
        self.visit()
        if any(isinstance(part, Symbol) and (part.name != law.variable or part.times) for part in walk(law.body)):
            raise UndefinedError(f"a law of {law.function} about more than {law.variable}")
        variable = Symbol(law.variable, SCALAR)
        inner = Forward(Context(laws=tuple(self.laws.values())), Instance((), (), 0, ()))
        inner.given, inner.functions, inner.visits = {(law.variable, ()): ((x,),)}, self.functions, self.visits
        term = reduce(lambda found, _: Gradient(found, variable), range(order), law.body)
        found = leaf(inner.plain.term(term, {}))[0][0]
        self.visits = inner.visits
        return found
