"""Strategies for inequalities: bound one side by named instances, level by level, until it is the other side."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..kernel.certificate import Relation
from ..kernel.term import (
    SCALAR,
    Extremum,
    Magnitude,
    Sum,
    Term,
    add,
    parts,
    scale,
)
from .equations import Workspace, resolve
from .expand import apply_hypotheses, unfold_abbreviations
from .tidy import tidy
from .trail import StuckError, Trail, same

MAX_ROUNDS = 60


def prove_bound(work: Workspace, left: Term, relation: Relation, right: Term) -> Trail:
    """A trail from left to right, all of whose steps go one way. Raises StuckError if no bound meets the other side."""
    if relation in (">=", ">"):
        return _mirrored(work, prove_bound(work, right, "<=" if relation == ">=" else "<", left))
    tried: list[str] = []
    for start in (_from_left, _from_right):
        try:
            return start(work, left, right, relation)
        except StuckError as reason:
            tried.append(str(reason))
    raise StuckError("; ".join(dict.fromkeys(tried)))


def _mirrored(work: Workspace, trail: Trail) -> Trail:
    turned = work.trail(trail.current)
    turned.reversed_onto(trail)
    return turned


def _from_left(work: Workspace, left: Term, right: Term, relation: Relation) -> Trail:
    """Bound the left side upwards until it is the right side."""
    trail = work.trail(left)
    _isolate(work, trail, right)
    return _climb(work, trail, right, relation, _UPPER)


def _from_right(work: Workspace, left: Term, right: Term, relation: Relation) -> Trail:
    """Bound the right side downwards until it is the left side."""
    return _mirrored(work, _climb(work, work.trail(right), left, ">=" if relation == "<=" else ">", _LOWER))


Level = Callable[[Trail], bool]


def _climb(work: Workspace, trail: Trail, goal: Term, relation: Relation, levels: tuple[Level, ...]) -> Trail:
    """Apply each level of bounds as often as it goes, and look after each whether the goal is reached."""
    resolve(work, trail)
    for level in (lambda _: False, *levels):
        for _ in range(MAX_ROUNDS):
            if _arrived(work, trail, goal, relation):
                return trail
            if not level(trail):
                break
    raise StuckError("none of the bounds that follow is the one that is claimed")


def _arrived(work: Workspace, trail: Trail, goal: Term, relation: Relation) -> bool:
    """Whether the goal has the same normal form, as it is or once its own suprema and hypotheses are written in."""
    if relation in ("<", ">") and not any(step.relation == relation for step in trail.steps):
        return False
    for changes in ((), (_every_extremum,), (_every_extremum, apply_hypotheses), (unfold_abbreviations,)):
        other = work.trail(goal)
        for change in changes:
            change(other)
        if same(work.context, trail.current, other.current):
            trail.reversed_onto(other)
            return True
    return False


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


def _hypotheses(trail: Trail) -> bool:
    """Assumed equations and bounds, wherever the left side stands among the scalars."""
    return _first(
        trail,
        "hypothesis",
        [one.statement.left for one in trail.context.hypotheses if one.statement.left in set(_scalars(trail.current))],
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
