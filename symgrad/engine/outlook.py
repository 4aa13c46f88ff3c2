"""What becomes of a product of k Jacobians as k grows: it vanishes, stays bounded, explodes, or nothing follows.

Each answer holds under a condition on the bound of one step and rests on facts that the kernel has judged; "nothing
follows" on two regimes under one condition, one in which the product vanishes and one in which it explodes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from ..instances.counterexample import Counterexample
from ..kernel.affine import Affine, affine
from ..kernel.calculus import edges
from ..kernel.certificate import Context, Hypothesis, Lemma, Relation, Statement
from ..kernel.term import SCALAR, Gradient, Number, OrderedProduct, Symbol, Term, number, walk
from .fresh import fresh_name, fresh_time
from .induction import leading_to
from .long_run import Bound, Fact, Path, bounds_from_above, bounds_from_below, closed_form, every_step, judged, path
from .refute import refute
from .sharpness import Sharp, sharpness
from .trail import StuckError, Trail
from .witnesses import (
    Regimes,
    Witness,
    Word,
    both_ways,
    compares,
    given,
    limit,
    nilpotent,
    norm_from_below,
    said,
    with_lemma,
)

RATIO = "gamma"
MEETING_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Answer:
    """Under the condition (beside what was assumed before) the product does as the word says: by a fact that is proved
    under it, or for "nothing follows" by witnesses. That the condition can be met says `possible`, or an instance."""

    word: Word
    condition: tuple[Hypothesis, ...]
    fact: Fact | None = None
    witnesses: tuple[Witness, ...] = ()
    possible: Fact | None = None
    instance: Counterexample | None = None

    @property
    def facts(self) -> Iterator[Fact]:
        yield from (one for one in (self.fact, self.possible) if one is not None)
        for witness in self.witnesses:
            yield from (*witness.grounds, witness.fact, *((witness.ratio,) if witness.ratio is not None else ()))


@dataclass(frozen=True, slots=True)
class Outlook:
    """All that is known of a product of Jacobians: its closed form, bounds from both sides, and what becomes of it."""

    closed: Fact | None
    above: tuple[Bound, ...]
    below: tuple[Bound, ...]
    sharp: Sharp
    answers: tuple[Answer, ...]

    @property
    def facts(self) -> Iterator[Fact]:
        """All that this rests on, each proved."""
        yield from (one for one in (self.closed, self.sharp.fact, self.sharp.ratio) if one is not None)
        yield from (one.whole for one in (*self.above, *self.below))
        for one in self.answers:
            yield from one.facts

    @property
    def instances(self) -> Iterator[Counterexample]:
        """The instances that it rests on."""
        witnesses = (witness.instance for one in self.answers for witness in one.witnesses)
        every = (self.sharp.instance, *(one.instance for one in self.answers), *witnesses)
        yield from (one for one in every if one is not None)


def outlook(context: Context, written: Term) -> Outlook:
    """The outlook on a gradient k steps back, or a product of k direct gradients, of what the kernel has accepted.

    The model runs since ever: a first step is not looked at. Raises StuckError if nothing is known, or if the number
    of steps is not a variable.
    """
    context = replace(context, start=None)
    seen = Regimes(context, written)
    try:
        found = path(context, written)
    except StuckError as reason:
        answers = _sure(_of_regimes(seen))
        if not answers:
            raise StuckError(f"{reason}; nothing was found without a closed form either") from None
        return Outlook(None, (), (), Sharp("not known"), answers)
    return _of_path(seen, found)


def _of_path(seen: Regimes, found: Path) -> Outlook:
    closed = closed_form(found)
    if found.steps is None or not closed.proved:
        raise StuckError(closed.attempt.reason or "the number of steps has to be one variable, such as k in h[tau-k]")
    above = tuple(one for one in bounds_from_above(found) if one.whole.proved)
    below = tuple(one for one in bounds_from_below(found) if one.whole.proved)
    answers = _sure(_answers(_View(seen, found), above, below))
    return Outlook(closed, above, below, sharpness(seen, found, above), answers)


def _sure(answers: Iterable[Answer]) -> tuple[Answer, ...]:
    """Those of which all is proved; if it vanishes in any case, this alone."""
    known = tuple(one for one in answers if all(fact.proved for fact in one.facts))
    return next(((one,) for one in known if one.word == "vanishes" and not one.condition), known)


@dataclass(frozen=True, slots=True)
class _View:
    regimes: Regimes
    path: Path


def _answers(seen: _View, above: tuple[Bound, ...], below: tuple[Bound, ...]) -> Iterator[Answer]:
    """From the bounds that hold at every step alike, then from those that depend on the states."""
    lower = [one for one in below if one.uniform]
    for one in above:
        if one.uniform:
            yield from _by_upper(seen, one, tuple(lower))
    for one in lower:
        if all(one.ratio != other.ratio for other in above):
            yield from _possible(seen, one, ">", _explodes)
    for one in (*above, *below):
        if not one.uniform:
            yield from _possible(seen, one, "<" if one in above else ">", _gradually)
    if not any(one.uniform for one in above):
        yield from _of_regimes(seen.regimes)


def _of_regimes(seen: Regimes) -> Iterator[Answer]:
    """What no bound tells: that it may vanish and may explode."""
    yield from _nothing_follows((), both_ways((regime, None, there) for regime, there in seen))


def _by_upper(seen: _View, bound: Bound, lower: tuple[Bound, ...]) -> Iterator[Answer]:
    """|product| <= q^k: vanishes for q < 1, bounded for q = 1; for q > 1 explodes if q is a lower bound as well."""
    with suppress(StuckError):
        yield Answer("vanishes", (), limit(seen.path, seen.path.context, bound.lemmas))
        return
    yield from _possible(seen, bound, "<", _vanishes)
    yield from _possible(seen, bound, "=", _bounded)
    same = next((one for one in lower if one.ratio == bound.ratio), None)
    if same is not None:
        yield from _possible(seen, same, ">", _explodes)
        return
    witnesses = both_ways(seen.regimes.where(bound.ratio, ">"))
    if "vanishes" not in witnesses and (one := nilpotent(seen.path, bound)):
        witnesses["vanishes"] = one
    yield from _nothing_follows(_condition(bound.ratio, ">"), witnesses)


def _nothing_follows(condition: tuple[Hypothesis, ...], witnesses: Mapping[Word, Witness]) -> Iterator[Answer]:
    if len(witnesses) == 2:
        yield Answer("nothing follows", condition, None, (witnesses["vanishes"], witnesses["explodes"]))


def _possible(
    seen: _View, bound: Bound, relation: Relation, answer: Callable[[Path, Bound], Answer]
) -> Iterator[Answer]:
    """The answer, if its condition can be met: by the number that the ratio is, in some regime, or in an instance."""
    value, instance = None, None
    if isinstance(bound.ratio, Number):
        possible = compares(bound.ratio.value, relation)
    else:
        value = next((value for _, value, _ in seen.regimes.where(bound.ratio, relation)), None)
        instance = _met(seen.path.context, bound, relation) if value is None and bound.uniform else None
        possible = value is not None or instance is not None
    if possible:
        with suppress(StuckError):
            yield replace(answer(seen.path, bound), possible=value, instance=instance)


def _met(context: Context, bound: Bound, relation: Relation) -> Counterexample | None:
    """An instance in which the ratio is on this side of 1: there 0 = 1 is as false as anywhere."""
    assumed = given(context, _condition(bound.ratio, relation))
    return refute(Statement(number(0), "=", number(1)), assumed, budget_seconds=MEETING_SECONDS)


def _condition(ratio: Term, relation: Relation) -> tuple[Hypothesis, ...]:
    return () if isinstance(ratio, Number) else (said(ratio, relation, number(1)),)


def _vanishes(found: Path, bound: Bound) -> Answer:
    condition = _condition(bound.ratio, "<")
    return Answer("vanishes", condition, limit(found, given(found.context, condition), bound.lemmas))


def _bounded(found: Path, bound: Bound) -> Answer:
    """|product| <= 1."""
    if isinstance(bound.ratio, Number):
        return Answer("bounded", (), bound.whole)
    condition = _condition(bound.ratio, "=")
    context = given(found.context, condition)
    trail = Trail(context, bound.whole.statement.left, bound.known)
    trail.apply("lemma", trail.start, {}, bound.lemmas[-1].name)
    trail.apply("hypothesis", bound.ratio)
    trail.normal(number(1))
    return Answer("bounded", condition, judged(context, with_lemma(bound.lemmas, trail, "bounded", "<=")))


def _explodes(found: Path, bound: Bound) -> Answer:
    """|product| >= smin(product) >= c^k, with c > 1."""
    condition = _condition(bound.ratio, ">")
    return Answer("explodes", condition, norm_from_below(found, given(found.context, condition), bound))


def _gradually(found: Path, bound: Bound) -> Answer:
    """What follows if the ratio, which depends on the states, is always at most gamma < 1, or at least gamma > 1."""
    is_above = bound.relation == "<="
    relation: Relation = "<" if is_above else ">"
    gamma = Symbol(fresh_name(RATIO, _names(found.context)), SCALAR)
    every = said(bound.ratio, bound.relation, gamma, bound.moment)
    condition = (every, said(number(0), "<=", gamma), said(gamma, relation, number(1)))
    there = replace(found, context=given(found.context, condition))
    trail = Trail(there.context, bound.step.statement.left, bound.known)
    trail.apply("lemma", trail.start, {}, bound.step.name)
    trail.apply("hypothesis", bound.ratio, {bound.moment: affine(bound.moment)})
    step = Lemma("one step by gamma", Statement(trail.start, bound.relation, gamma), trail.chain)
    whole = every_step(there, bound.kind, bound.moment, step, (bound.step,))
    if is_above:
        return Answer("vanishes", condition, limit(there, there.context, whole.lemmas))
    return Answer("explodes", condition, norm_from_below(there, there.context, whole))


def _names(context: Context) -> set[str]:
    definitions = [(one.head, one.body) for one in (*context.recurrence, *context.abbreviations)]
    assumed = [(one.statement.left, one.statement.right) for one in context.hypotheses]
    terms = (term for pair in (*definitions, *assumed) for side in pair for term in walk(side))
    return {one.name for one in terms if isinstance(one, Symbol)} | {one.name for one in context.losses}


def products_of(context: Context, last: str = "tau", steps: str = "k") -> Iterator[Term]:
    """Of every state that reads its own last value: its gradient k steps back, and the product of the direct gradients
    in between where other nodes lead from one to the next as well."""
    reads = edges(context)
    for update in context.recurrence:
        head = update.head
        if len(head.times) == 1 and (head.name, head.name, 1) in reads:
            end, start = affine(last), affine(last) - affine(steps)
            yield Gradient(_at(head, end), _at(head, start))
            onwards = leading_to(reads, head.name) - {head.name}
            if any(name == head.name and user in onwards for user, name, _ in reads):
                index = fresh_time("i", {last, steps})
                time = start + affine(index)
                direct = Gradient(_at(head, time), _at(head, time - 1), (), True)
                yield OrderedProduct(index, affine(1), affine(steps), direct)


def _at(head: Symbol, time: Affine) -> Symbol:
    return replace(head, times=(time,))
