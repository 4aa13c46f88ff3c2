"""Certificates: a context (the model and what is assumed) and lemmas with their proofs.

Plain data from an untrusted proposer; `check.py` judges it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from .affine import Affine, affine
from .term import SCALAR, Symbol, Term, free_times, substitute_times

Relation = Literal["=", "<=", "<", ">=", ">"]
FLIPPED: Mapping[Relation, Relation] = {"=": "=", "<=": ">=", ">=": "<=", "<": ">", ">": "<"}


@dataclass(frozen=True, slots=True)
class Statement:
    """left relation right, for every size and for every value of the free time variables."""

    left: Term
    relation: Relation
    right: Term

    def at(self, values: Mapping[str, Affine]) -> Statement:
        """The same statement at other times."""
        return Statement(substitute_times(self.left, values), self.relation, substitute_times(self.right, values))


@dataclass(frozen=True, slots=True)
class Definition:
    """head(t, ...) = body for all t, ...: `head.times` are distinct variables and the only free times of `body`.

    In a recurrence with a first step (`Context.start`), for all t from there on.
    """

    head: Symbol
    body: Term


@dataclass(frozen=True, slots=True)
class Loss:
    """A scalar that is an arbitrary differentiable function of one node alone, such as L of h[tau].

    With `times` a family of them, one a time, such as l[t] of o[t]; they are distinct variables.
    """

    name: str
    on: Symbol
    times: tuple[str, ...] = ()

    @property
    def head(self) -> Symbol:
        return Symbol(self.name, SCALAR, tuple(map(affine, self.times)))

    @property
    def fixed(self) -> frozenset[str]:
        """The times that the loss speaks of beside its own."""
        return free_times(self.on) - set(self.times)

    def node(self, of: Term) -> Symbol | None:
        """The node that a term depends on, if it is this loss or one of the family; else None."""
        if not isinstance(of, Symbol) or of.name != self.name or len(of.times) != len(self.times):
            return None
        values = dict(zip(self.times, of.times, strict=True))
        return replace(self.on, times=tuple(time.substitute(values) for time in self.on.times))


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A statement assumed for all values of the time variables in `forall`."""

    statement: Statement
    forall: tuple[str, ...] = ()

    @property
    def terms(self) -> tuple[Term, ...]:
        return (self.statement.left, self.statement.right)


@dataclass(frozen=True, slots=True)
class Condition:
    """What a statement is about only: where every entry of a term is above 0 ("positive") or not 0 ("nonzero"), or
    where a square matrix has an inverse ("invertible"). For all values of the time variables in `forall`."""

    kind: Literal["positive", "nonzero", "invertible"]
    term: Term
    forall: tuple[str, ...] = ()

    @property
    def terms(self) -> tuple[Term, ...]:
        return (self.term,)


@dataclass(frozen=True, slots=True)
class Law:
    """function(x) = body for every real x, where body is a scalar term in the scalar symbol x alone; applied entry by
    entry. The function of a law may be a derivative, such as "f'". No two laws of a context are about one function."""

    function: str
    variable: str
    body: Term


@dataclass(frozen=True, slots=True)
class Context:
    """What a statement is about. `assumptions` are affine expressions taken to be at least 0.

    A definition without times in the recurrence is a node of a feed-forward network. `start` is the first time at which
    the recurrence holds; nodes before it are given. None: it holds at every time.
    """

    recurrence: tuple[Definition, ...] = ()
    abbreviations: tuple[Definition, ...] = ()
    losses: tuple[Loss, ...] = ()
    assumptions: tuple[Affine, ...] = ()
    hypotheses: tuple[Hypothesis, ...] = ()
    start: int | None = None
    conditions: tuple[Condition, ...] = ()
    laws: tuple[Law, ...] = ()

    @property
    def stated(self) -> tuple[Hypothesis | Condition, ...]:
        """What is taken to hold besides the assumptions."""
        return (*self.hypotheses, *self.conditions)


@dataclass(frozen=True, slots=True)
class Step:
    """The previous term stands in `relation` to `term` by `rule`, applied wherever `at` occurs in it.

    With `reverse`, the rule leads from `term` back to the previous term, and `at` occurs in `term`. `arguments` say at
    which times a lemma or hypothesis is used, or where to split.
    """

    rule: str
    relation: Relation
    term: Term
    at: Term | None = None
    arguments: tuple[tuple[str, Affine], ...] = ()
    lemma: str = ""
    reverse: bool = False


@dataclass(frozen=True, slots=True)
class Chain:
    """left = first term; each step leads to the next; the last step's term is the right side."""

    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Induction:
    """Over `variable` from `start`; the hypothesis is the lemma named "induction hypothesis" in `step`."""

    variable: str
    start: int
    base: Chain
    step: Chain


@dataclass(frozen=True, slots=True)
class Lemma:
    """A named statement with its proof; it may use the lemmas before it. `assumptions` add to those of the context."""

    name: str
    statement: Statement
    proof: Chain | Induction
    assumptions: tuple[Affine, ...] = ()

    @property
    def chains(self) -> tuple[Chain, ...]:
        return (self.proof,) if isinstance(self.proof, Chain) else (self.proof.base, self.proof.step)


@dataclass(frozen=True, slots=True)
class Certificate:
    """The last lemma is the claim."""

    context: Context
    lemmas: tuple[Lemma, ...]
