"""Witnesses of what can become of a product of Jacobians: regimes in which it is computed for every depth.

Here is also how a bound of the product, once proved, gives its limit, and a bound of its norm from below.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Literal

from ..instances.counterexample import Counterexample
from ..kernel.affine import affine
from ..kernel.certificate import Context, Hypothesis, Lemma, Relation, Statement
from ..kernel.term import (
    SCALAR,
    Identity,
    Limit,
    Magnitude,
    Number,
    Power,
    Product,
    Scale,
    Sum,
    Symbol,
    Term,
    Transpose,
    Zero,
    free_times,
    number,
    product,
    substitute_times,
    walk,
)
from .fresh import fresh_time
from .laws import NORM
from .long_run import (
    CLOSED,
    Bound,
    Fact,
    Path,
    bounds_from_above,
    bounds_from_below,
    judged,
    multiple_of,
    path,
)
from .refute import refute
from .regimes import Regime, at_rest, regimes, value_in
from .trail import StuckError, Trail

Word = Literal["vanishes", "bounded", "nothing follows", "explodes"]
Place = tuple[Regime, Fact | None, Path | None]
REFUTATION_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Witness:
    """What is assumed, what becomes of the product then (a fact), and why it can be assumed, with a bound of one step
    that meets the condition of the answer: by facts, or because an instance has it."""

    assumed: tuple[Hypothesis, ...]
    word: Word
    fact: Fact
    grounds: tuple[Fact, ...]
    ratio: Fact | None = None
    instance: Counterexample | None = None


@dataclass(slots=True)
class Regimes:
    """The regimes of a model with what a product of Jacobians is there, each looked at once, when it is asked for."""

    context: Context
    written: Term
    known: list[tuple[Regime, Path | None]] = field(default_factory=list)
    more: Iterator[Regime] = field(init=False)

    def __post_init__(self) -> None:
        self.more = regimes(self.context)

    def __iter__(self) -> Iterator[tuple[Regime, Path | None]]:
        yield from tuple(self.known)
        for one in self.more:
            self.known.append((one, path_in(one, self.written)))
            yield self.known[-1]

    def where(self, ratio: Term, relation: Relation) -> Iterator[Place]:
        """The regimes in which a ratio is a number that stands in this relation to 1."""
        for regime, there in self:
            value = value_in(regime, ratio)
            if value is not None and compares(number_of(value.statement.right), relation):
                yield regime, value, there


def path_in(regime: Regime, written: Term) -> Path | None:
    try:
        return path(regime.context, written)
    except StuckError:
        return None


def number_of(term: Term) -> Fraction:
    return term.value if isinstance(term, Number) else Fraction(-1)


def compares(value: Fraction, relation: Relation) -> bool:
    match relation:
        case "<":
            return value < 1
        case "=":
            return value == 1
        case _:
            return value > 1


def given(context: Context, more: Iterable[Hypothesis]) -> Context:
    return replace(context, hypotheses=(*context.hypotheses, *more))


def said(left: Term, relation: Relation, right: Term, *forall: str) -> Hypothesis:
    return Hypothesis(Statement(left, relation, right), forall)


def limit(found: Path, context: Context, lemmas: tuple[Lemma, ...]) -> Fact:
    """lim |product| = 0, by the geometric bound that is the last of the lemmas."""
    steps = found.steps or ""
    names = free_times(found.written) | free_times(found.block)
    index = fresh_time("j", names.union(*(one.variables for one in context.assumptions)))
    body = substitute_times(Magnitude(NORM, found.written), {steps: affine(index)})
    trail = Trail(context, Limit(index, body), {one.name: one for one in lemmas})
    trail.apply("vanishing", trail.start, {steps: affine(index)}, lemmas[-1].name)
    return judged(context, with_lemma(lemmas, trail, "limit", "="))


def with_lemma(lemmas: tuple[Lemma, ...], trail: Trail, name: str, relation: Relation) -> tuple[Lemma, ...]:
    """The lemmas and one more, which is what a trail has come to."""
    return (*lemmas, Lemma(name, Statement(trail.start, relation, trail.current), trail.chain))


def norm_from_below(found: Path, context: Context, bound: Bound) -> Fact:
    least = Magnitude(bound.kind, found.written)
    trail = Trail(context, Magnitude(NORM, found.written), bound.known)
    trail.apply_back("at_most_norm", least, least)
    trail.apply("lemma", least, {}, bound.lemmas[-1].name)
    trail.normal(bound.whole.statement.right)
    return judged(context, with_lemma(bound.lemmas, trail, "from below", ">="))


def both_ways(where: Iterable[Place]) -> dict[Word, Witness]:
    """A regime in which the product vanishes and one in which it explodes, as far as there are such."""
    found: dict[Word, Witness] = {}
    for regime, ratio, there in where:
        one = _witness(regime, ratio, there) if there is not None else None
        if one is not None:
            found.setdefault(one.word, one)
        if len(found) == 2:
            break
    return found


def _witness(regime: Regime, ratio: Fact | None, there: Path) -> Witness | None:
    factor = abs(constant_factor(there) or Fraction(1))
    assumed = regime.context.hypotheses
    if factor < 1 and (above := bounds_from_above(there)):
        gone = limit(there, there.context, above[-1].lemmas)
        return Witness(assumed, "vanishes", gone, regime.facts, ratio)
    if factor > 1 and (below := bounds_from_below(there)):
        grown = norm_from_below(there, there.context, below[-1])
        return Witness(assumed, "explodes", grown, regime.facts, ratio)
    return None


def nilpotent(found: Path, bound: Bound) -> Witness | None:
    """Where every factor is one matrix, by itself or with the states at rest: if its square is 0, the product is 0 from
    k = 2 on, whatever its norm."""
    rest = None if _is_power(found) else at_rest(found.context)
    there = path_in(rest, found.written) if rest is not None else found
    if there is None or not _is_power(there):
        return None
    factor = next(one for one in walk(there.block.body) if isinstance(one, Symbol))
    square = said(Product((factor, factor)), "=", Zero(factor.size))
    there = replace(there, context=given(there.context, (square,)))
    instance = refute(Statement(bound.ratio, "<=", number(1)), there.context, budget_seconds=REFUTATION_SECONDS)
    if instance is None:
        return None
    gone = limit(there, there.context, _zero_after_two(there, factor))
    more = tuple(one for one in there.context.hypotheses if one not in found.context.hypotheses)
    return Witness(more, "vanishes", gone, rest.facts if rest is not None else (), None, instance)


def _is_power(found: Path) -> bool:
    """Whether all factors are one matrix that is given, or its transpose."""
    body = found.block.body.body if isinstance(found.block.body, Transpose) else found.block.body
    return isinstance(body, Symbol) and not body.times and body.shape != SCALAR


def _zero_after_two(found: Path, factor: Symbol) -> tuple[Lemma, ...]:
    """|product| <= (1/2)^k for k >= 2, because it is 0."""
    later, block = found.depth - 2, found.block
    trail = Trail(found.context, Magnitude(NORM, found.written), {one.name: one for one in found.lemmas}, (later,))
    trail.apply("lemma", found.written, {}, CLOSED)
    for rest in (block, replace(block, lower=block.lower + 1)):
        trail.apply("peel_first", rest)
    square, rest = Product((factor, factor)), replace(block, lower=block.lower + 2)
    turned = square if factor == block.body else Transpose(square)
    trail.normal(Magnitude(NORM, product(turned, rest)))
    trail.apply("hypothesis", square)
    nothing = Magnitude(NORM, Scale(number(0), Identity(factor.size[0])))
    trail.normal(nothing)
    trail.apply("homogeneous", nothing)
    trail.normal(number(0))
    half = Sum((number(0), Power(number(Fraction(1, 2)), found.depth)))
    trail.apply_back("nonnegative_term", half, half)
    trail.normal(half.terms[1])
    lemma = Lemma("nothing after two steps", Statement(trail.start, "<=", trail.current), trail.chain, (later,))
    return (*found.lemmas, lemma)


def constant_factor(there: Path) -> Fraction | None:
    """The a of a product whose factors are all a I."""
    return multiple_of(there.context, there.block.body, Identity(there.block.shape[0]))
