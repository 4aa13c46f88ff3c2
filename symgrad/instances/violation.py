"""Whether an instance breaks a statement. Sound: an answer means that no rounding and no hypothesis is in the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..kernel.certificate import Condition, Context, Hypothesis, Relation, Statement
from ..kernel.term import SCALAR, Term
from .forward import Forward
from .functions import agree, stand_ins
from .instance import Instance
from .interval import Interval, UndefinedError
from .matrix import Matrix, inverse
from .scope import MissingError, at, spoken_of, windows


@dataclass(frozen=True, slots=True)
class Violation:
    """Both sides of a broken statement, and the entry (row and column, from 0) that breaks it."""

    left: Matrix
    right: Matrix
    entry: tuple[int, int]


def violated(statement: Statement, context: Context, instance: Instance) -> Violation | None:
    """The violation of a statement on an instance, or None if there is none or it cannot be told.

    None also if the instance breaks an assumption or a hypothesis, or a state that the statement speaks of is given
    instead of computed.
    """
    try:
        forward = Forward(context, instance)
        return _compared(statement, forward) if _is_admissible(statement, context, forward) else None
    except UndefinedError:
        return None


def _compared(statement: Statement, forward: Forward) -> Violation | None:
    if statement.left.shape != statement.right.shape:
        return None
    if statement.relation != "=" and statement.left.shape != SCALAR:
        return None
    left, right = forward.value(statement.left), forward.value(statement.right)
    for i, (row, other) in enumerate(zip(left, right, strict=True)):
        for j, (a, b) in enumerate(zip(row, other, strict=True)):
            if is_broken(statement.relation, a, b):
                return Violation(left, right, (i, j))
    return None


def is_broken(relation: Relation, left: Interval, right: Interval) -> bool:
    """Whether the relation holds for no pair of values in these intervals."""
    match relation:
        case "=":
            return left.hi < right.lo or right.hi < left.lo
        case "<=":
            return left.lo > right.hi
        case "<":
            return left.lo >= right.hi
        case ">=":
            return left.hi < right.lo
        case ">":
            return left.hi <= right.lo


def is_certain(relation: Relation, left: Interval, right: Interval) -> bool:
    """Whether the relation holds for all pairs of values in these intervals."""
    match relation:
        case "=":
            return left.is_point and left == right
        case "<=":
            return left.hi <= right.lo
        case "<":
            return left.hi < right.lo
        case ">=":
            return left.lo >= right.hi
        case ">":
            return left.lo > right.hi


def _is_admissible(statement: Statement, context: Context, forward: Forward) -> bool:
    """Whether assumptions and hypotheses hold, and the states that are spoken of are computed."""
    times = forward.scope.times
    if any(at(one, times) < 0 for one in context.assumptions):
        return False
    sides = (statement.left, statement.right)
    if not _starts_as_said(sides, forward):
        return False
    last = max((forward.scope.latest(sides, forward.start), *(time for _, key in forward.given for time in key)))
    return (
        agree(context.laws)
        and all(one in stand_ins(name, context.laws) for name, one in forward.functions.items())
        and all(_holds(one, forward, last) for one in context.hypotheses)
        and all(_is_met(one, forward, last) for one in context.conditions)
    )


def _starts_as_said(sides: tuple[Term, Term], forward: Forward) -> bool:
    """Whether states are given before the first step of the context and only there; without one, none of those that
    are spoken of is."""
    if forward.scope.first is not None:
        return forward.start == forward.scope.first - 1
    states = forward.scope.states(sides)
    return not states or min(states) > forward.start


def _holds(hypothesis: Hypothesis, forward: Forward, last: int) -> bool:
    """Whether a hypothesis holds at every time from the start to the last that is in play."""

    def compare(left: Matrix, right: Matrix) -> bool:
        pairs = (pair for row, other in zip(left, right, strict=True) for pair in zip(row, other, strict=True))
        return all(is_certain(hypothesis.statement.relation, a, b) for a, b in pairs)

    return _everywhere(hypothesis, compare, forward, last)


def _is_met(condition: Condition, forward: Forward, last: int) -> bool:
    """Whether a condition surely holds at every time from the start to the last that is in play."""
    return _everywhere(condition, _TESTS[condition.kind], forward, last)


def _is_invertible(matrix: Matrix) -> bool:
    try:
        return bool(inverse(matrix))
    except UndefinedError:
        return False


_TESTS: Mapping[str, Callable[[Matrix], bool]] = {
    "positive": lambda matrix: all(entry.lo > 0 for row in matrix for entry in row),
    "nonzero": lambda matrix: all(entry.lo > 0 or entry.hi < 0 for row in matrix for entry in row),
    "invertible": _is_invertible,
}


def _everywhere(assumed: Hypothesis | Condition, test: Callable[..., bool], forward: Forward, last: int) -> bool:
    """Whether values pass a test wherever they are looked at; so also where a term reaches out of the window, that is
    before the start or past the end."""
    for times in windows(assumed, forward.start, last, forward.scope.times, forward.sizes):
        try:
            if not test(*(forward.value(term, times) for term in spoken_of(assumed))):
                return False
        except MissingError as error:
            if not error.times or forward.start < min(error.times) <= max(error.times) <= last:
                return False
    return True
