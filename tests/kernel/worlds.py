"""Random worlds in which a lemma's context and assumptions hold, to look for a point where its statement fails."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator

from symgrad.kernel import term as t
from symgrad.kernel.certificate import Condition, Context, Lemma
from symgrad.kernel.rules import free_in

from .floating import Floating
from .oracle import Exact, Matrix, UnsupportedError, time_of

SIZES = ({"n": 2, "m": 3, "N": 4}, {"n": 3, "m": 2, "N": 2}, {"n": 1, "m": 2, "N": 3})
# What these rules say of functions is not so of values that are drawn at random.
OF_REAL_FUNCTIONS = {"function_identity", "law", "logarithm", "exponential", "root_squared"}


def points(context: Context, lemma: Lemma, seed: object, number: int) -> Iterator[dict[str, int]]:
    """Times at which every assumption holds; small ones, and those near their bounds first."""
    bounds = (*context.assumptions, *lemma.assumptions)
    names = set(free_in(lemma.statement)).union(*(one.variables for one in bounds))
    names = names.union(*(one.fixed for one in context.losses))
    names = sorted(names.union(*(free_in(one.statement) - set(one.forall) for one in context.hypotheses)))
    r = random.Random(f"{seed} points")
    grid = list(itertools.islice(itertools.product(range(4), repeat=len(names)), 5000))
    r.shuffle(grid)
    fitting = (dict(zip(names, row, strict=True)) for row in grid)
    yield from itertools.islice((row for row in fitting if all(time_of(one, row) >= 0 for one in bounds)), number)


def counterexample(context: Context, lemma: Lemma, points: int = 4, seed: object = 0) -> tuple[object, ...] | None:
    """A point where the statement fails although hypotheses and assumptions hold there, or None.

    In an exact world the values of a function at different arguments have nothing to do with each other.
    """
    tested, rules = 0, {step.rule for one in lemma.chains for step in one.steps}
    kinds = (Exact, Floating) if rules.isdisjoint(OF_REAL_FUNCTIONS) else (Floating,)
    for place, times in enumerate(_points(context, lemma, seed, points)):
        for sizes, kind in itertools.product(SIZES, kinds):
            world = kind(sizes, f"{seed} {place}", context, times)
            try:
                impose(world)
                holds = world.holds(lemma.statement)
            except UnsupportedError:
                continue
            tested += 1
            if not holds:
                return (kind.__name__, sizes, times, world.seed)
    if not tested:
        raise UnsupportedError("nothing could be tested")
    return None


_points = points


def impose(world: Exact) -> None:
    """Make hypotheses true where that is easy: a name is given its value; a norm is scaled."""
    for one in world.context.hypotheses:
        left, right = one.statement.left, one.statement.right
        match left:
            case t.Symbol() if one.statement.relation == "=":
                every = range(-8, 9) if one.forall else (0,)
                for moment in every:
                    here = {**world.times, **dict.fromkeys(one.forall, moment)}
                    key = (left.name, *(time_of(time, here) for time in left.times))
                    world.given[key] = world.value(right, here)
            case t.Magnitude(body=t.Symbol(name=name, times=())) if isinstance(world, Floating):
                body: Matrix = world.value(left.body, {})
                bound = world.value(right, {})[0][0]
                factor = (
                    bound / world.magnitude(left.kind, body) * (0.9 if one.statement.relation in ("<", "<=") else 1)
                )
                world.given[(name,)] = world.scaled(factor, body)
            case _:
                raise UnsupportedError("this hypothesis is not imposed")
    for told in world.context.conditions if isinstance(world, Floating) else ():
        _impose_condition(world, told)


def _impose_condition(world: Floating, told: Condition) -> None:
    """A name gets values that are far from 0; of other terms it is seen whether the condition holds."""
    for moment in range(-8, 9) if told.forall else (0,):
        here = {**world.times, **dict.fromkeys(told.forall, moment)}
        value = world.value(told.term, here)
        if isinstance(told.term, t.Symbol) and told.kind != "invertible":
            key = (told.term.name, *(time_of(time, here) for time in told.term.times))
            value = world.given[key] = [[abs(a) + 0.1 for a in row] for row in value]
        entries = [world.determinant(value)] if told.kind == "invertible" else [a for row in value for a in row]
        if min(entries if told.kind == "positive" else map(abs, entries)) < 0.001:
            raise UnsupportedError("a condition that does not hold here")
