"""What every rule is given and what it concludes: settings, sequents, the registry, and how obligations are discharged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from .affine import Affine, affine, entails
from .certificate import Context, Definition, Lemma, Relation, Statement, Step
from .normal import FUNCTIONS
from .term import Entrywise, Symbol, Term, free_times, substitute_times


class RefusedError(Exception):
    """A rule does not apply; the message says why."""


@dataclass(frozen=True, slots=True)
class Sequent:
    """left relation right, which a rule concludes. `owes`: affine expressions that must be at least 0."""

    left: Term
    relation: Relation
    right: Term
    owes: tuple[Affine, ...] = ()


@dataclass(slots=True)
class Setting:
    """Where a rule is applied: the context, the lemmas proved so far, what holds there. `used` collects what it took."""

    context: Context
    lemmas: Mapping[str, Lemma] = field(default_factory=dict)
    assumptions: tuple[Affine, ...] = ()
    fixed: frozenset[str] = frozenset()
    used: dict[str, object] = field(default_factory=dict)

    def use(self, kind: str, what: object) -> None:
        self.used[f"{kind} {what}"] = what

    def holds(self, goal: Affine) -> bool:
        """Whether goal >= 0 follows from the assumptions; those it needs are noted as used."""
        if not entails(self.assumptions, goal):
            return False
        needed = self.assumptions
        for one in self.assumptions:
            fewer = tuple(other for other in needed if other != one)
            needed = fewer if entails(fewer, goal) else needed
        for one in needed:
            self.use("assumption", one)
        return True

    def definition(self, name: str) -> Definition | None:
        found = (*self.context.recurrence, *self.context.abbreviations)
        return next((one for one in found if one.head.name == name), None)

    def functions(self) -> dict[str, str]:
        return functions_of(self.context)


def functions_of(context: Context) -> dict[str, str]:
    """Families whose members are values of an entrywise function: {"h": "tanh"}."""
    values = ((one.head.name, one.body) for one in context.recurrence)
    return {name: body.function for name, body in values if isinstance(body, Entrywise) and body.function in FUNCTIONS}


T = TypeVar("T")
Rule = Callable[[Setting, Step], Sequent]
RULES: dict[str, Rule] = {}
HYPOTHESIS = "induction hypothesis"


def rule(function: Rule) -> Rule:
    RULES[function.__name__] = function
    return function


def refuse_unless(condition: bool, message: str) -> None:
    if not condition:
        raise RefusedError(message)


def expect(term: Term | None, kind: type[T]) -> T:
    """The term itself if it is of that kind; refused otherwise."""
    if not isinstance(term, kind):
        raise RefusedError(f"this rule is for {kind.__name__}, not for {type(term).__name__}")
    return term


def instantiated(setting: Setting, step: Step) -> tuple[Statement, tuple[Affine, ...]]:
    """An earlier lemma at the times that the step gives, and what it owes there.

    Refused for a variable that is fixed: that of the induction, or one that a hypothesis speaks of.
    """
    found = setting.lemmas.get(step.lemma)
    if found is None:
        raise RefusedError(f"there is no earlier lemma {step.lemma!r}")
    values = {name: value for name, value in step.arguments if value != affine(name)}
    spoken = {name for one in setting.context.hypotheses for name in free_in(one.statement) - set(one.forall)}
    fixed = spoken | (setting.fixed if step.lemma == HYPOTHESIS else frozenset())
    refuse_unless(fixed.isdisjoint(values), f"{', '.join(sorted(fixed & set(values)))} may not be replaced here")
    left, right = (substitute_times(side, values) for side in (found.statement.left, found.statement.right))
    setting.use("lemma", step.lemma)
    owes = (*setting.context.assumptions, *found.assumptions)
    return Statement(left, found.statement.relation, right), tuple(one.substitute(values) for one in owes)


def free_in(statement: Statement) -> frozenset[str]:
    """The time variables that are free on either side."""
    return free_times(statement.left) | free_times(statement.right)


def unfolded(definition: Definition, at: Symbol) -> Term:
    """The body of a definition at the times of `at`."""
    refuse_unless(len(at.times) == len(definition.head.times) and at.size == definition.head.size, f"not a member: {at}")
    names = [time.variables[0] for time in definition.head.times]
    return substitute_times(definition.body, dict(zip(names, at.times, strict=True)))
