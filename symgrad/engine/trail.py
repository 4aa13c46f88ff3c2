"""A derivation being written: the current term and the steps that led to it. The engine proposes; the kernel judges."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from ..kernel.affine import Affine
from ..kernel.bounds import monotone_replaced
from ..kernel.certificate import FLIPPED, Chain, Context, Lemma, Relation, Step
from ..kernel.check import setting_at
from ..kernel.diagram import BudgetExceededError
from ..kernel.normal import Comparison, Form, Normalizer, compare
from ..kernel.rules import RULES, RefusedError, Sequent, Setting, functions_of
from ..kernel.term import Gradient, ShapeError, Term, replaced, walk
from .tidy import tidy


class StuckError(Exception):
    """This way of proving leads nowhere; the message says what was tried."""


@dataclass(slots=True)
class Trail:
    """Starts at a term; `lemmas` are those proved before; `assumptions` hold besides those of the context.

    Past `deadline` (a value of the monotonic clock) no step is added."""

    context: Context
    start: Term
    lemmas: Mapping[str, Lemma] = field(default_factory=dict)
    assumptions: tuple[Affine, ...] = ()
    fixed: frozenset[str] = frozenset()
    deadline: float = math.inf
    steps: list[Step] = field(default_factory=list)

    @property
    def current(self) -> Term:
        return self.steps[-1].term if self.steps else self.start

    @property
    def chain(self) -> Chain:
        return Chain(tuple(self.steps))

    def setting(self) -> Setting:
        return Setting(self.context, self.lemmas, (*self.context.assumptions, *self.assumptions), self.fixed)

    def sequent(self, rule: str, at: Term, arguments: Mapping[str, Affine] | None = None, lemma: str = "") -> Sequent:
        """What the rule concludes here. Raises StuckError if it refuses or owes what does not follow."""
        step = Step(rule, "=", self.current, at, tuple((arguments or {}).items()), lemma)
        setting = setting_at(self.setting(), self.current, at)
        try:
            found = RULES[rule](setting, step)
        except (RefusedError, ShapeError) as error:
            raise StuckError(f"{rule}: {error}") from None
        for owed in found.owes:
            if not setting.holds(owed):
                raise StuckError(f"{rule}: {owed} >= 0 does not follow")
        return found

    def apply(self, rule: str, at: Term, arguments: Mapping[str, Affine] | None = None, lemma: str = "") -> None:
        """Rewrite by a rule wherever `at` occurs, and tidy the result."""
        found = self.sequent(rule, at, arguments, lemma)
        change = replaced if found.relation == "=" else monotone_replaced
        result = tidy(change(self.current, found.left, found.right))
        relation: Relation = found.relation
        if relation in ("<", ">") and self.current != found.left:
            relation = "<=" if relation == "<" else ">="
        self._append(Step(rule, relation, result, at, tuple((arguments or {}).items()), lemma))

    def write(self, rule: str, at: Term, result: Term, reverse: bool = False) -> None:
        """A step by a rule whose result the engine has worked out for itself."""
        self._append(Step(rule, "=", result, at, reverse=reverse))

    def normal(self, result: Term) -> None:
        """A step to a term with the same normal form."""
        if result != self.current:
            self._append(Step("normal_form", "=", result))

    def reversed_onto(self, other: Trail) -> None:
        """Go on from the end of another trail, where this one stands up to normal form, back to its start."""
        self.normal(other.current)
        terms = [other.start, *(step.term for step in other.steps)]
        for step, before in zip(reversed(other.steps), reversed(terms[:-1]), strict=True):
            relation = FLIPPED[step.relation]
            self._append(replace(step, relation=relation, term=before, reverse=not step.reverse))

    def _append(self, step: Step) -> None:
        if time.monotonic() > self.deadline:
            raise StuckError("the search for a proof took too long")
        if step.term != self.current or step.relation != "=":
            self.steps.append(step)


def same(context: Context, left: Term, right: Term) -> bool:
    """Whether the normal forms agree."""
    return compare(left, right, functions_of(context)) is Comparison.EQUAL


def form(context: Context, term: Term) -> Form | None:
    """The normal form; None past the budget."""
    try:
        return Normalizer(functions_of(context)).form(term)
    except (BudgetExceededError, RecursionError):
        return None


def gradients(*terms: Term) -> tuple[Gradient, ...]:
    """The total gradients in some terms, each once, in order of appearance."""
    found = (one for term in terms for one in _outermost(term))
    return tuple(dict.fromkeys(one for one in found if not one.direct))


def direct_gradients(term: Term) -> tuple[Gradient, ...]:
    return tuple(dict.fromkeys(one for one in _outermost(term) if one.direct))


def _outermost(term: Term) -> Iterable[Gradient]:
    return (one for one in walk(term) if isinstance(one, Gradient))
