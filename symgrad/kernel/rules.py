"""What every rule is given and what it concludes: settings, sequents, the registry of rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TypeVar

from . import term as t
from .affine import Affine, affine, entails
from .certificate import Condition, Context, Definition, Hypothesis, Lemma, Relation, Statement, Step
from .diagram import MAX_WORK, Budget, BudgetExceededError
from .normal import FUNCTIONS, Form, Normalizer
from .term import Symbol, Term, free_times, parts, replaced, substitute_times, walk

HYPOTHESIS = "induction hypothesis"
MAX_CHECK = 10 * MAX_WORK


class RefusedError(Exception):
    """A rule does not apply; the message says why."""


def refuse_unless(condition: bool, message: str) -> None:
    if not condition:
        raise RefusedError(message)


T = TypeVar("T")


def expect(term: object, kind: type[T]) -> T:
    """The term or time itself if it is of that kind; refused otherwise."""
    if not isinstance(term, kind):
        raise RefusedError(f"this rule is for {kind.__name__}, not for {type(term).__name__}")
    return term


@dataclass(frozen=True, slots=True)
class Sequent:
    """left relation right, which a rule concludes. `owes`: affine expressions that must be at least 0."""

    left: Term
    relation: Relation
    right: Term
    owes: tuple[Affine, ...] = ()


@dataclass(slots=True)
class Setting:
    """Where a rule is applied: the context, the lemmas proved so far, what holds. `used` collects what it took; `forms`
    and, as long as nothing else changes, `signs` keep what was found."""

    context: Context
    lemmas: Mapping[str, Lemma] = field(default_factory=dict)
    assumptions: tuple[Affine, ...] = ()
    fixed: frozenset[str] = frozenset()
    used: dict[str, object] = field(default_factory=dict)
    budget: Budget = field(default_factory=lambda: Budget(MAX_CHECK))
    forms: dict[Term, Form] = field(default_factory=dict)
    signs: dict[tuple[Term, bool], bool] = field(init=False, default_factory=dict)

    def use(self, kind: str, what: object) -> None:
        self.used[f"{kind} {what}"] = what

    def holds(self, goal: Affine) -> bool:
        """Whether goal >= 0 follows from the assumptions; those it needs are noted as used."""
        needed = self.assumptions
        if not entails(needed, goal):
            return False
        for one in self.assumptions:
            fewer = tuple(other for other in needed if other != one)
            needed = fewer if entails(fewer, goal) else needed
        for one in needed:
            self.use("assumption", one)
        return True

    def functions(self) -> dict[str, str]:
        return functions_of(self.context)

    def same(self, left: Term, right: Term) -> bool:
        """Whether two terms are seen to be equal by their normal forms, which are kept."""
        return left == right or (left.shape == right.shape and self.ratio(left, right) == 1)

    def ratio(self, left: Term, right: Term) -> Fraction:
        """The rational r with left = r right, by the normal forms; 0 if none is seen."""
        try:
            mine, other = self._form(left), self._form(right)
        except (BudgetExceededError, RecursionError):
            return Fraction(0)
        found = next((value / other[key] for key, value in mine.items() if key in other), Fraction(1))
        return found if mine == {key: found * value for key, value in other.items()} else Fraction(0)

    def _form(self, term: Term) -> Form:
        if term not in self.forms:
            self.forms[term] = Normalizer(self.functions(), budget=Budget(whole=self.budget)).form(term)
        return self.forms[term]

    def computed(self, node: Symbol) -> bool:
        """Whether a node has its value from its definition, not from before the start. Refused if it cannot be told."""
        start = self.context.start
        if start is None or not node.times or self.holds(node.times[0] - start):
            return True
        time = node.times[0]
        refuse_unless(self.holds(affine(start - 1) - time), f"cannot tell whether {node.name}[{time}] is given")
        return False

    def body(self, node: Symbol) -> Term:
        """The definition of a node of the recurrence at its time. Refused for one that is given."""
        found = next((one for one in self.context.recurrence if one.head.name == node.name), None)
        if found is None:
            raise RefusedError(f"{node.name} has no recurrence")
        self.use("definition", node.name)
        body = unfolded(found, node)
        refuse_unless(self.computed(node), f"{node.name}[{', '.join(map(str, node.times))}] is given, not computed")
        return body

    def values_in(self, term: Term) -> dict[str, str]:
        """What says that the states in a term are values of tanh or sigmoid, noted as used. Refused for a given one."""
        found = self.functions()
        for one in walk(term):
            if isinstance(one, Symbol) and one.name in found:
                self.use("definition", one.name)
                refuse_unless(self.computed(one), "a value from before the start, which may be any number")
        return found

    def inside(self, term: Term) -> Setting:
        """What holds for the parts of a term: a binder hides what is said of another variable of the same name."""
        if not isinstance(term, t.Binding | t.Extremum):
            return self
        if isinstance(term, t.Extremum):
            return self._hiding(term.variable)
        stated = self._told_without(lambda one: term.index in assumed_times(one))
        if not isinstance(term, t.Binder | t.Limit):
            return stated
        index = affine(term.index)
        ranges = [index] if isinstance(term, t.Limit) else [index - term.lower, term.upper - index]
        outer = () if isinstance(term, t.Limit) else term.lower.variables + term.upper.variables
        kept = [one for one in self.assumptions if term.index not in one.variables]
        return replace(stated, assumptions=(*kept, *(ranges if term.index not in outer else ())))

    def _told_without(self, hidden: Callable[[Hypothesis | Condition], bool]) -> Setting:
        context = self.context
        if not any(map(hidden, context.stated)):
            return self
        hypotheses = tuple([one for one in context.hypotheses if not hidden(one)])
        conditions = tuple([one for one in context.conditions if not hidden(one)])
        return replace(self, context=replace(context, hypotheses=hypotheses, conditions=conditions))

    def _hiding(self, name: str) -> Setting:
        """Without all that is said of a symbol: its definition as well."""
        told = self._told_without(lambda one: any(name in _symbols(term) for term in one.terms))
        kept = [
            tuple([one for one in each if one.head.name != name])
            for each in (told.context.recurrence, told.context.abbreviations)
        ]
        return replace(told, context=replace(told.context, recurrence=kept[0], abbreviations=kept[1]), forms={})

    def around(self, source: Term, target: Term) -> Setting:
        """What holds wherever the target occurs in the source, runs of factors included."""
        found = list(self._around(source, target)) or [self.assumptions]
        known = dict.fromkeys(one for each in found for one in each)
        kept = (one for one in known if all(one in each or entails(each, one) for each in found))
        return replace(self, assumptions=tuple(kept))

    def _around(self, source: Term, target: Term) -> Iterator[tuple[Affine, ...]]:
        products = isinstance(source, t.Product) and isinstance(target, t.Product)
        if source == target or (products and source != replaced(source, target, t.Zero(target.shape))):
            yield self.assumptions
        for part in parts(source) if source != target else ():
            yield from self.inside(source)._around(part, target)


Rule = Callable[[Setting, Step], Sequent]
RULES: dict[str, Rule] = {}


def rule(function: Rule) -> Rule:
    RULES[function.__name__] = function
    return function


def functions_of(context: Context) -> dict[str, str]:
    """Families whose members are values of an entrywise function: {"h": "tanh"}."""
    values = ((one.head.name, one.body) for one in context.recurrence)
    found = {name: body.function for name, body in values if isinstance(body, t.Entrywise)}
    return {name: function for name, function in found.items() if function in FUNCTIONS}


def free_in(statement: Statement) -> frozenset[str]:
    """The time variables that are free on either side."""
    return free_times(statement.left) | free_times(statement.right)


def _symbols(term: Term) -> set[str]:
    return {one.name for one in walk(term) if isinstance(one, Symbol)}


def assumed_times(one: Hypothesis | Condition) -> frozenset[str]:
    """The times that a hypothesis or a condition speaks of, and not for all their values."""
    return frozenset[str]().union(*map(free_times, one.terms)) - set(one.forall)


def fixed_times(context: Context, *terms: Term) -> frozenset[str]:
    """Times that are not for all values: those of hypotheses and conditions, and those of a loss that hypotheses or the
    terms depend on."""
    fixed = frozenset[str]().union(*(assumed_times(one) for one in context.stated))
    sides = (side for one in context.hypotheses for side in (one.statement.left, one.statement.right))
    names = {one.name for term in (*terms, *sides) for one in walk(term) if isinstance(one, Symbol)}
    for short in reversed(context.abbreviations):
        names |= {one.name for one in walk(short.body) if isinstance(one, Symbol) and short.head.name in names}
    return fixed.union(*(loss.fixed for loss in context.losses if loss.name in names))


def instantiated(setting: Setting, step: Step) -> tuple[Statement, tuple[Affine, ...]]:
    """An earlier lemma at the times that the step gives, and what it owes there.

    Refused for a variable that is fixed: that of the induction, or one that a hypothesis or a loss speaks of.
    """
    found = setting.lemmas.get(step.lemma)
    if found is None:
        raise RefusedError(f"there is no earlier lemma {step.lemma!r}")
    values = {name: value for name, value in step.arguments if value != affine(name)}
    fixed = fixed_times(setting.context, found.statement.left, found.statement.right)
    fixed |= setting.fixed if step.lemma == HYPOTHESIS else frozenset()
    refuse_unless(fixed.isdisjoint(values), f"{', '.join(sorted(fixed & values.keys()))} may not be replaced here")
    setting.use("lemma", step.lemma)
    owes = (*setting.context.assumptions, *found.assumptions)
    return found.statement.at(values), tuple(one.substitute(values) for one in owes)


def unfolded(definition: Definition, at: Symbol) -> Term:
    """The body of a definition at the times of `at`."""
    head = definition.head
    refuse_unless(len(at.times) == len(head.times) and at.size == head.size, f"not a member of {head.name}: {at}")
    times = zip(head.times, at.times, strict=True)
    return substitute_times(definition.body, {time.variables[0]: value for time, value in times})
