"""Strategies for inequalities: bound one side by named instances, level by level, until it is the other side."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from ..kernel.certificate import Relation
from ..kernel.normal import Form
from ..kernel.term import (
    SCALAR,
    Extremum,
    Magnitude,
    Sum,
    Term,
    Transpose,
    add,
    parts,
    replaced,
    scale,
)
from .align import align
from .equations import mirrored
from .expand import apply_hypotheses, unfold_abbreviations
from .resolve import Workspace, resolve
from .tidy import tidy
from .trail import StuckError, Trail, form, same

MAX_ROUNDS = 60


def prove_bound(work: Workspace, left: Term, relation: Relation, right: Term) -> Trail:
    """A trail from left to right, all of whose steps go one way. Raises StuckError if no bound meets the other side."""
    if relation in (">=", ">"):
        return mirrored(work, prove_bound(work, right, "<=" if relation == ">=" else "<", left))
    tried: list[str] = []
    for start in (_from_left, _from_right):
        try:
            return start(work, left, right, relation)
        except StuckError as reason:
            tried.append(str(reason))
    raise StuckError("; ".join(dict.fromkeys(tried)))


def _from_left(work: Workspace, left: Term, right: Term, relation: Relation) -> Trail:
    """Bound the left side upwards until it is the right side."""
    trail = work.trail(left)
    _isolate(work, trail, right)
    return _climb(work, trail, right, relation, _UPPER)


def _from_right(work: Workspace, left: Term, right: Term, relation: Relation) -> Trail:
    """Bound the right side downwards until it is the left side."""
    return mirrored(work, _climb(work, work.trail(right), left, ">=" if relation == "<=" else ">", _LOWER))


Level = Callable[[Trail], bool]


def _climb(work: Workspace, trail: Trail, goal: Term, relation: Relation, levels: tuple[Level, ...]) -> Trail:
    """Apply each level of bounds as often as it goes, and look after each whether the goal is reached."""
    resolve(work, trail)
    goals = _forms_of_goal(work, goal)
    for level in (lambda _: False, *levels):
        for _ in range(MAX_ROUNDS):
            if _arrived(work, trail, goals, relation):
                return trail
            if not level(trail):
                break
        aligned = _aligned(work, trail, goals, relation)
        if aligned is not None:
            return aligned
    raise StuckError("none of the bounds that follow is the one that is claimed")


def _aligned(work: Workspace, trail: Trail, goals: list[tuple[Trail, Form | None]], relation: Relation) -> Trail | None:
    """The trail up to a form of the goal, if products and powers in both have to be taken apart for that."""
    for other, _ in goals:
        first, second = (replace(one, steps=list(one.steps)) for one in (trail, other))
        align(work.context, first, second)
        if _arrived(work, first, [(second, form(work.context, second.current))], relation):
            return first
    return None


def _forms_of_goal(work: Workspace, goal: Term) -> list[tuple[Trail, Form | None]]:
    """The goal as it is, and once its own suprema, hypotheses, abbreviations and norms are written in."""
    found: dict[Term, tuple[Trail, Form | None]] = {}
    for changes in _CHANGES_OF_GOAL:
        other = work.trail(goal)
        for change in changes:
            change(other)
        normal = form(work.context, other.current) if other.current not in found else None
        if normal is not None:
            found[other.current] = other, normal
    return list(found.values())


def _arrived(work: Workspace, trail: Trail, goals: list[tuple[Trail, Form | None]], relation: Relation) -> bool:
    """Whether one of the forms of the goal is reached."""
    if relation in ("<", ">") and not any(step.relation == relation for step in trail.steps):
        return False
    mine = form(work.context, trail.current)
    other = next((other for other, normal in goals if mine is not None and normal == mine), None)
    if other is not None:
        trail.reversed_onto(other)
    return other is not None


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


def _first(trail: Trail, rule: str, terms: Iterable[Term]) -> bool:
    for one in terms:
        before = trail.current
        try:
            trail.apply(rule, one)
        except StuckError:
            continue
        if trail.current != before:
            return True
    return False


def _magnitudes(trail: Trail, kind: str) -> list[Magnitude]:
    return [one for one in _scalars(trail.current) if isinstance(one, Magnitude) and one.kind == kind]


def _scalars(term: Term) -> Iterable[Term]:
    """The scalar parts that stand outside norms: those a bound may be applied to."""
    if term.shape != SCALAR:
        return
    yield term
    if not isinstance(term, Magnitude | Extremum):
        for part in parts(term):
            yield from _scalars(part)


def _by_rules(kind: str, rules: tuple[str, ...]) -> Level:
    def level(trail: Trail) -> bool:
        return any(_first(trail, rule, _magnitudes(trail, kind)) for rule in rules)

    return level


def _one_extremum(trail: Trail) -> bool:
    return _first(trail, "extremum", [one for one in _scalars(trail.current) if isinstance(one, Extremum)])


def _every_extremum(trail: Trail) -> None:
    while _one_extremum(trail):
        pass


def _named_laws(trail: Trail) -> None:
    """Every law of norms and suprema that is an equation, wherever it applies."""
    while any(_first(trail, rule, _measures(trail.current)) for rule in _LAWS):
        pass


def _measures(term: Term) -> list[Term]:
    return [one for one in _scalars(term) if isinstance(one, Magnitude | Extremum)]


def prove_scalars_equal(work: Workspace, left: Term, right: Term) -> Trail:
    """A trail from left to right by the laws that are equations. Raises StuckError if they do not meet."""
    first, second = work.trail(left), work.trail(right)
    for side in (first, second):
        unfold_abbreviations(side)
        resolve(work, side)
        _named_laws(side)
    for one in _measures(first.current):
        _turn(work, first, one, _measures(second.current))
    if not same(work.context, first.current, second.current):
        raise StuckError("laws of norms")
    first.reversed_onto(second)
    return first


def _turn(work: Workspace, trail: Trail, one: Term, others: list[Term]) -> None:
    """Where another norm is over the transpose of this one's body, go on to that."""
    for other in others:
        if isinstance(one, Magnitude) and isinstance(other, Magnitude) and one.kind == other.kind:
            turned = Transpose(other.body)
            if one.body != other.body and one.body.shape == turned.shape and same(work.context, one.body, turned):
                at = Magnitude(one.kind, turned)
                trail.normal(replaced(trail.current, one, at))
                trail.apply("norm_transpose", at)
                return


def _hypotheses(trail: Trail) -> bool:
    """Assumed equations and bounds, wherever the left side stands among the scalars."""
    return _first(
        trail,
        "hypothesis",
        [one.statement.left for one in trail.context.hypotheses if one.statement.left in set(_scalars(trail.current))],
    )


_LAWS = ("norm_transpose", "homogeneous", "norm_diagonal", "extremum")
_CHANGES_OF_GOAL: tuple[tuple[Callable[[Trail], None], ...], ...] = (
    (),
    (_every_extremum,),
    (_every_extremum, apply_hypotheses),
    (unfold_abbreviations,),
    (_named_laws,),
)
_SPLIT = ("triangle", "homogeneous", "submultiplicative", "norm_transpose")
_UPPER: tuple[Level, ...] = (
    _by_rules("spectral_norm", _SPLIT),
    _by_rules("spectral_norm", ("norm_diagonal",)),
    _by_rules("largest_entry", ("range_of_values",)),
    _one_extremum,
    _hypotheses,
)
_LOWER: tuple[Level, ...] = (
    _by_rules("least_singular_value", ("homogeneous", "supermultiplicative", "norm_transpose")),
    _by_rules("least_singular_value", ("norm_diagonal",)),
)
