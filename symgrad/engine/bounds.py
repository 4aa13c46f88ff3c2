"""Strategies for inequalities: bound one side by named instances, level by level, until it is the other side."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace

from ..kernel.certificate import Context, Lemma, Relation, Statement
from ..kernel.domains import nonnegative
from ..kernel.normal import Form
from ..kernel.rules import functions_of, unfolded
from ..kernel.term import Gradient, Magnitude, Sum, Symbol, Term, add, product, scale, walk
from .align import align
from .equations import expanded_towards, mirrored, prove_equation
from .expand import apply_hypotheses, outside_gradients, recurrence_of, unfold_abbreviations, write_out
from .fresh import fresh_name
from .gather import gather
from .laws import every_extremum, named_laws, prove_scalars_equal
from .norms import LOWER, SPLIT, STRICTLY_UPPER, UPPER, Level
from .parameters import share_out
from .resolve import Workspace, resolve
from .slack import gap
from .tidy import tidy
from .trail import StuckError, Trail, form, gradients, same

MAX_ROUNDS = 60

Goals = list[tuple[Trail, Form | None]]
Change = Callable[[Workspace, Trail], None]
Start = Callable[[Workspace, Trail, Term], None]


def prove_bound(work: Workspace, left: Term, relation: Relation, right: Term) -> Trail:
    """A trail from left to right, all of whose steps go one way. Raises StuckError if no bound meets the other side."""
    if relation in (">=", ">"):
        return mirrored(work, prove_bound(work, right, "<=" if relation == ">=" else "<", left))
    tried: list[str] = []
    seen: set[tuple[bool, Term]] = set()
    for start, upwards in itertools.product(_STARTS, (True, False)):
        try:
            trail = _started(work, left, right, start, upwards)
            if (upwards, trail.current) not in seen:
                seen.add((upwards, trail.current))
                return _climbed(work, trail, left, relation, right, upwards)
        except StuckError as reason:
            tried.append(str(reason))
    return _equal_if_anything(work, left, relation, right, "; ".join(dict.fromkeys(tried)))


def _started(work: Workspace, left: Term, right: Term, start: Start, upwards: bool) -> Trail:
    """One side, ready to be bounded: upwards from the left one, downwards from the right one."""
    trail = work.trail(left if upwards else right)
    if upwards:
        _isolate(work, trail, right)
    share_out(trail, work.taken)
    start(work, trail, right if upwards else left)
    return trail


def _climbed(work: Workspace, trail: Trail, left: Term, relation: Relation, right: Term, upwards: bool) -> Trail:
    if upwards:
        return _climb(work, trail, right, relation, UPPER if relation == "<=" else STRICTLY_UPPER)
    return mirrored(work, _climb(work, trail, left, ">=" if relation == "<=" else ">", LOWER))


def _equal_if_anything(work: Workspace, left: Term, relation: Relation, right: Term, tried: str) -> Trail:
    """What is equal is at most as large."""
    try:
        if relation == "<=":
            return prove_scalars_equal(work, left, right)
    except StuckError:
        pass
    raise StuckError(tried)


def _unfolded(work: Workspace, *terms: Term) -> list[Term]:
    trails = [work.trail(one) for one in terms]
    for one in trails:
        unfold_abbreviations(one)
    return [one.current for one in trails]


def _climb(work: Workspace, trail: Trail, goal: Term, relation: Relation, levels: tuple[Level, ...]) -> Trail:
    """Apply each level of bounds as often as it goes, and look after each whether the goal is reached."""
    goals = _forms_of_goal(work, goal)
    found = _arrived(work, trail, goals, relation) or _nearly_there(work, trail, goals, relation)
    for level in levels:
        before = trail.current
        for _ in range(MAX_ROUNDS):
            if found is not None or not level(trail, goal):
                break
            found = _arrived(work, trail, goals, relation)
        if found is None and trail.current != before:
            found = _nearly_there(work, trail, goals, relation)
    if found is None:
        raise StuckError("none of the bounds that follow is the one that is claimed")
    return found


def _nearly_there(work: Workspace, trail: Trail, goals: Goals, relation: Relation) -> Trail | None:
    return _gap_closed(trail, goals, relation) or _aligned(work, trail, goals, relation)


def _aligned(work: Workspace, trail: Trail, goals: Goals, relation: Relation) -> Trail | None:
    """The trail up to a form of the goal, if products and powers in both have to be taken apart for that."""
    changes: tuple[Callable[[Context, Trail, Trail], None], ...] = (align, gather)
    for (other, _), change in itertools.product(goals, changes):
        first, second = _copy(trail), _copy(other)
        change(work.context, first, second)
        there = [(second, form(work.context, second.current))]
        changed = len(first.steps) + len(second.steps) > len(trail.steps) + len(other.steps)
        for _ in range(MAX_ROUNDS if changed else 0):
            if found := _arrived(work, first, there, relation) or _gap_closed(first, there, relation):
                return found
            if relation not in ("<", "<=") or not SPLIT(first, second.current):
                break
    return None


def _copy(trail: Trail) -> Trail:
    return replace(trail, steps=list(trail.steps))


def _forms_of_goal(work: Workspace, goal: Term) -> Goals:
    """The goal as it is, and once its own suprema, hypotheses, abbreviations, gradients and norms are written in."""
    found: Goals = []
    for changes in _CHANGES_OF_GOAL:
        other = work.trail(goal)
        for change in changes:
            change(work, other)
        normal = form(work.context, other.current)
        if normal is not None and all(normal != one for _, one in found):
            found.append((other, normal))
    return found


def _arrived(work: Workspace, trail: Trail, goals: Goals, relation: Relation) -> Trail | None:
    """The trail up to one of the forms of the goal, if that is the same as where it stands."""
    if _lacks_strictness(trail, relation):
        return None
    mine = form(work.context, trail.current)
    other = next((other for other, normal in goals if mine is not None and normal == mine), None)
    if other is not None:
        trail.reversed_onto(other)
    return other and trail


def _gap_closed(trail: Trail, goals: Goals, relation: Relation) -> Trail | None:
    """The trail up to a form of the goal that is further on by what is seen to be at least 0."""
    upwards = relation in ("<", "<=")
    for other, _ in goals:
        lower, upper = (trail.current, other.current) if upwards else (other.current, trail.current)
        rest = gap(trail.setting(), upper, lower)
        if rest is None or (_lacks_strictness(trail, relation) and not nonnegative(trail.setting(), rest, True)):
            continue
        closed, whole = _copy(trail), Sum((lower, rest))
        if upwards:
            closed.apply_back("nonnegative_term", whole, whole)
        else:
            closed.normal(whole)
            closed.apply("nonnegative_term", whole)
        if same(trail.context, whole, upper):
            closed.reversed_onto(other)
            return closed
    return None


def _lacks_strictness(trail: Trail, relation: Relation) -> bool:
    return relation in ("<", ">") and not any(step.relation == relation for step in trail.steps)


def _isolate(work: Workspace, trail: Trail, right: Term) -> None:
    """Write |X| as |M + (X - M)| where |M| is a summand of the other side: what is left may be simpler."""
    at = trail.current
    if not isinstance(at, Magnitude) or at.kind != "spectral_norm":
        return
    for one in right.terms if isinstance(right, Sum) else ():
        if isinstance(one, Magnitude) and one.kind == at.kind and one.body.shape == at.body.shape:
            rest = work.trail(tidy(Sum((at.body, scale(-1, one.body)))))
            unfold_abbreviations(rest)
            resolve(work, rest)
            _meet_at(work, trail, Magnitude(at.kind, tidy(add(one.body, rest.current))))
            return


def _meet_at(work: Workspace, trail: Trail, goal: Term) -> None:
    """Go on to a term that is the same once abbreviations and gradients are written out on both sides."""
    other = work.trail(goal)
    for side in (trail, other):
        unfold_abbreviations(side)
        resolve(work, side)
    if not same(work.context, trail.current, other.current):
        raise StuckError("the summand on the other side could not be split off")
    trail.reversed_onto(other)


def _wanted(work: Workspace, goal: Term) -> tuple[Gradient, ...]:
    return gradients(*_unfolded(work, goal))


def _towards(work: Workspace, trail: Trail, goal: Term) -> None:
    """Gradients a few steps from those of the goal, by those."""
    _write_out(work, trail)
    expanded_towards(trail, _wanted(work, goal))


def _but_those_of_goal(work: Workspace, trail: Trail, goal: Term) -> None:
    """Closed forms of all gradients that the goal does not name itself."""
    _write_out(work, trail)
    resolve(work, trail, set(_wanted(work, goal)).__contains__)


def _through_those_of_goal(work: Workspace, trail: Trail, goal: Term) -> None:
    """The gradient by x[s] as that of x[t] by x[s] times the gradient by x[t], which the goal names."""
    _write_out(work, trail)
    wanted = _wanted(work, goal)
    for at, end in itertools.product(gradients(trail.current), wanted):
        if at not in wanted and at.of == end.of and at.wrt.name == end.wrt.name and not at.held:
            name = fresh_name("through a node between", work.lemmas)
            statement = Statement(at, "=", product(Gradient(end.wrt, at.wrt), end))
            proof = prove_equation(work, statement.left, statement.right)
            work.lemmas[name] = Lemma(name, statement, proof.chain)
            trail.apply("lemma", at, {}, name)
    resolve(work, trail, set(wanted).__contains__)


def _as_it_stands(work: Workspace, trail: Trail, goal: Term) -> None:
    """All closed forms, abbreviations left alone."""
    resolve(work, trail)


def _in_full(work: Workspace, trail: Trail, goal: Term) -> None:
    _resolve(work, trail)


def _by_definitions(work: Workspace, trail: Trail, goal: Term) -> None:
    """States by what they are made of, where the goal names parts of that, or no state at all."""
    wanted = {one for one in outside_gradients(goal) if isinstance(one, Symbol) and one.times}
    values = functions_of(work.context)
    for one in dict.fromkeys(outside_gradients(trail.current)):
        if isinstance(one, Symbol) and one not in wanted and one.name not in values:
            found = recurrence_of(work.context, one.name)
            if found is not None and not (wanted and wanted.isdisjoint(walk(unfolded(found, one)))):
                trail.apply("definition", one)


def _resolve(work: Workspace, trail: Trail) -> None:
    _write_out(work, trail)
    resolve(work, trail)


def _write_out(work: Workspace, trail: Trail) -> None:
    unfold_abbreviations(trail)
    write_out(trail)


_STARTS: tuple[Start, ...] = (
    _as_it_stands,
    _but_those_of_goal,
    _towards,
    _through_those_of_goal,
    _in_full,
    _by_definitions,
)
_CHANGES_OF_GOAL: tuple[tuple[Change, ...], ...] = (
    (),
    (every_extremum,),
    (every_extremum, lambda _, trail: apply_hypotheses(trail)),
    (lambda _, trail: unfold_abbreviations(trail),),
    (named_laws,),
    (_write_out, named_laws),
    (_resolve, named_laws),
)
