"""A derivation being written: the current term and the steps that led to it. The engine proposes; the kernel judges."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from ..kernel.affine import Affine
from ..kernel.bounds import monotone_replaced
from ..kernel.certificate import FLIPPED, Chain, Context, Lemma, Relation, Statement, Step
from ..kernel.check import setting_at
from ..kernel.diagram import BudgetExceededError
from ..kernel.domains import check_defined, needed
from ..kernel.normal import Form, Normalizer
from ..kernel.rules import RULES, RefusedError, Sequent, Setting, functions_of
from ..kernel.term import Gradient, ShapeError, Term, replaced, walk
from .fresh import fresh_name
from .tidy import tidy


class StuckError(Exception):
    """This way of proving leads nowhere; the message says what was tried."""


@dataclass(slots=True)
class Trail:
    """Starts at a term; `lemmas` are those proved before; `assumptions` hold besides those of the context.

    Past `deadline` (in seconds of processor time, so that a busy machine changes no verdict) no step is added."""

    context: Context
    start: Term
    lemmas: dict[str, Lemma] = field(default_factory=dict)
    assumptions: tuple[Affine, ...] = ()
    fixed: frozenset[str] = frozenset()
    deadline: float = math.inf
    steps: list[Step] = field(default_factory=list)
    forms: dict[Term, Form] = field(default_factory=dict, repr=False, compare=False)
    signs: dict[tuple[Term, bool], bool] = field(init=False, default_factory=dict, repr=False, compare=False)

    @property
    def current(self) -> Term:
        return self.steps[-1].term if self.steps else self.start

    @property
    def chain(self) -> Chain:
        return Chain(tuple(self.steps))

    def setting(self) -> Setting:
        assumptions = (*self.context.assumptions, *self.assumptions)
        return Setting(self.context, self.lemmas, assumptions, self.fixed, forms=self.forms)

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
        result, relation = self._changed(found)
        self.add(Step(rule, relation, tidy(result), at, tuple((arguments or {}).items()), lemma))

    def prove_lemma(self, wish: str, said: Statement, chain: Chain, assumptions: tuple[Affine, ...] = ()) -> str:
        """The name of a lemma, for where what is between its sides may not stand; a new one unless it is there."""
        assumptions = assumptions or self.assumptions
        known = (one.name for one in self.lemmas.values() if (one.statement, one.assumptions) == (said, assumptions))
        name = next(known, None) or fresh_name(wish, self.lemmas)
        self.lemmas.setdefault(name, Lemma(name, said, chain, assumptions))
        return name

    def apply_back(self, rule: str, at: Term, result: Term) -> None:
        """Go on to a term from which the rule, applied wherever `at` occurs in it, leads back to this one."""
        ahead = Trail(self.context, result, self.lemmas, self.assumptions, self.fixed)
        before, relation = ahead._changed(ahead.sequent(rule, at))
        if before != self.current:
            raise StuckError(f"{rule}: does not lead back")
        self.add(Step(rule, FLIPPED[relation], result, at, reverse=True))

    def _changed(self, found: Sequent) -> tuple[Term, Relation]:
        """What the current term becomes, and how it stands to that."""
        if found.relation == "=":
            return replaced(self.current, found.left, found.right), "="
        rising = found.relation in ("<", "<=")
        result, strict = monotone_replaced(self.setting(), self.current, found.left, found.right, rising)
        weak: Relation = "<=" if rising else ">="
        return result, found.relation if strict else weak

    def write(
        self, rule: str, at: Term, result: Term, arguments: Mapping[str, Affine] | None = None, reverse: bool = False
    ) -> None:
        """A step by a rule whose result the engine has worked out for itself."""
        self.add(Step(rule, "=", result, at, tuple((arguments or {}).items()), reverse=reverse))

    def normal(self, result: Term) -> None:
        """A step to a term with the same normal form."""
        if result != self.current:
            self.add(Step("normal_form", "=", result))

    def reversed_onto(self, other: Trail) -> None:
        """Go on from the end of another trail, where this one stands up to normal form, back to its start."""
        self.normal(other.current)
        terms = [other.start, *(step.term for step in other.steps)]
        for step, before in zip(reversed(other.steps), reversed(terms[:-1]), strict=True):
            relation = FLIPPED[step.relation]
            self.add(replace(step, relation=relation, term=before, reverse=not step.reverse))

    def add(self, step: Step) -> None:
        """A step as it is, unless it changes nothing. Raises StuckError for a term that may have no value."""
        if time.thread_time() > self.deadline:
            raise StuckError("the search for a proof took too long")
        if step.term != self.current or step.relation != "=":
            self._refuse_undefined(step.term)
            self.steps.append(step)

    def _refuse_undefined(self, term: Term) -> None:
        if any(needed(one) for one in walk(term)):
            setting = self.setting()
            setting.signs = self.signs
            try:
                check_defined(setting, term)
            except RefusedError as error:
                raise StuckError(str(error)) from None


def same(context: Context, left: Term, right: Term) -> bool:
    """Whether the normal forms agree."""
    if left == right or left.shape != right.shape:
        return left == right
    found = form(context, left)
    return found is not None and found == form(context, right)


def form(context: Context, term: Term) -> Form | None:
    """The normal form, not to be changed; None past the budget."""
    return _form(tuple(functions_of(context).items()), term)


@lru_cache(maxsize=4096)
def _form(functions: tuple[tuple[str, str], ...], term: Term) -> Form | None:
    try:
        return Normalizer(dict(functions)).form(term)
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
