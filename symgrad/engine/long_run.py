"""What a product of k Jacobians comes to: a geometric bound of its norm from above and of its least singular value from
below, read off the factor of one step.

Every statement carries a certificate that the kernel has judged.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from ..kernel.affine import Affine, affine
from ..kernel.certificate import Certificate, Chain, Context, Lemma, Relation, Statement
from ..kernel.check import check
from ..kernel.term import (
    SCALAR,
    Gradient,
    Identity,
    Magnitude,
    MagnitudeKind,
    Number,
    OrderedProduct,
    Power,
    Product,
    Scale,
    Symbol,
    Term,
    Transpose,
    affines,
    free_times,
    number,
    parts,
    product,
    scale,
    substitute_times,
    walk,
)
from .attempt import Attempt, needed
from .expand import apply_hypotheses, unfold_abbreviations, write_out
from .fresh import fresh_time
from .isometries import isometries
from .laws import NORM
from .norms import FROM_ABOVE, FROM_BELOW, FROM_HYPOTHESES, FROM_RANGES, Level
from .resolve import Workspace, resolve
from .slack import multiplied_out
from .trail import StuckError, Trail, form

LEAST: MagnitudeKind = "least_singular_value"
RADIUS: MagnitudeKind = "spectral_radius"
MAX_ROUNDS = 40
SECONDS = 4.0


@dataclass(frozen=True, slots=True)
class Fact:
    """A statement in its context, with the certificate and the kernel's judgement on it."""

    statement: Statement
    context: Context
    attempt: Attempt

    @property
    def proved(self) -> bool:
        return self.attempt.proved


@dataclass(frozen=True, slots=True)
class Bound:
    """The magnitude of a product against the product of the ratios, or against a power of the ratio.

    `moment` is the time that the ratio of one step may depend on; `step` is the lemma about one step, and the last of
    `lemmas` the one about all of them.
    """

    kind: MagnitudeKind
    relation: Relation
    ratio: Term
    moment: str
    step: Lemma
    lemmas: tuple[Lemma, ...]
    whole: Fact

    @property
    def uniform(self) -> bool:
        """Whether the ratio is the same at every step."""
        return self.moment not in free_times(self.ratio)

    @property
    def known(self) -> dict[str, Lemma]:
        return {one.name: one for one in self.lemmas}


@dataclass(frozen=True, slots=True)
class Path:
    """A product of Jacobians, as it is written and as a product of `depth` factors, each the value of `factor`."""

    context: Context
    written: Term
    block: OrderedProduct
    lemmas: tuple[Lemma, ...]

    @property
    def depth(self) -> Affine:
        return self.block.upper - self.block.lower + 1

    @property
    def steps(self) -> str | None:
        """The variable that the number of steps is, if it is one."""
        names = self.depth.variables
        return names[0] if len(names) == 1 and self.depth == affine(names[0]) else None

    def work(self) -> Workspace:
        found = Workspace(self.context, seconds=SECONDS)
        found.lemmas.update((one.name, one) for one in self.lemmas)
        return found


CLOSED = "the product"


def path(context: Context, written: Term) -> Path:
    """The gradient k steps back, or a product of direct gradients, as one product of local Jacobians.

    Raises StuckError if it has no such form.
    """
    work = Workspace(context, seconds=SECONDS)
    trail = work.trail(written)
    unfold_abbreviations(trail)
    resolve(work, trail)
    if any(isinstance(one, Gradient) for one in walk(trail.current)):
        write_out(trail)
    apply_hypotheses(trail)
    block = trail.current
    if not isinstance(block, OrderedProduct) or any(isinstance(one, Gradient) for one in walk(block)):
        raise StuckError("this gradient does not come to one product of local Jacobians")
    block = replace(block, body=_plain(trail, block.body))
    trail.normal(block)
    closed = Lemma(CLOSED, Statement(written, "=", block), trail.chain)
    known = isometries(context)
    lemmas = (one for one in needed((*work.lemmas.values(), closed)) if one.name not in known)
    return Path(context, written, block, (*known.values(), *lemmas))


def _plain(trail: Trail, factor: Term) -> Term:
    """A factor as a multiple of the identity, or of 1, where it is one."""
    if factor.shape == SCALAR:
        value = multiple_of(trail.context, factor, number(1))
        return product(*(tuple(_scalar_factors(factor)) or (number(1),))) if value is None else number(value)
    unit = Identity(factor.shape[0])
    value = multiple_of(trail.context, factor, unit)
    return factor if value is None else scale(value, unit)


def _scalar_factors(term: Term) -> Iterator[Term]:
    """The factors of a scalar that are not 1."""
    match term:
        case Scale() | Product():
            for one in parts(term):
                yield from _scalar_factors(one)
        case Identity() | Number(value=1):
            return
        case _:
            yield term


def multiple_of(context: Context, term: Term, unit: Term) -> Fraction | None:
    """The rational by which a term is a multiple of another, if it is one."""
    mine, one = form(context, term), form(context, unit)
    if mine is None or one is None or len(one) != 1:
        return None
    ((diagram, value),) = one.items()
    return None if mine.keys() - {diagram} else mine.get(diagram, Fraction(0)) / value


def closed_form(found: Path) -> Fact:
    """The path as a product of local Jacobians."""
    return judged(found.context, found.lemmas)


def bounds_from_above(found: Path) -> tuple[Bound, ...]:
    """|product| <= the product of what one step's norm is at most: in terms of the states; whatever they are;
    with what is assumed of norms."""
    return tuple(_bounds(found, Magnitude(NORM, found.block.body), "<=", (FROM_ABOVE, FROM_RANGES, FROM_HYPOTHESES)))


def bounds_from_below(found: Path) -> tuple[Bound, ...]:
    """smin(product) >= the product of what one step's least singular value is at least; rho(A^k) = rho(A)^k."""
    known = _bounds(found, Magnitude(LEAST, found.block.body), ">=", (FROM_BELOW,))
    least = (one for one in known if not any(_of_a_sum(part) for part in walk(one.ratio)))
    return (*least, *_by_radius(found))


def _by_radius(found: Path) -> Iterator[Bound]:
    """The spectral radius, where all factors are one matrix that is not a multiple of the identity."""
    block = found.block
    matrix = block.body.body if isinstance(block.body, Transpose) else block.body
    if not isinstance(matrix, Symbol) or matrix.times or matrix.shape == SCALAR:
        return
    factor, ratio = Magnitude(RADIUS, block.body), Magnitude(RADIUS, matrix)
    trail = found.work().trail(Magnitude(RADIUS, found.written))
    trail.apply("lemma", found.written, {}, CLOSED)
    trail.normal(Magnitude(RADIUS, Power(block.body, found.depth)))
    trail.apply("radius_of_power", trail.current)
    if factor != ratio:
        trail.apply("norm_transpose", factor)
    step = Lemma("one step", Statement(factor, ">=", factor), Chain(()))
    whole = Lemma("every step", Statement(trail.start, ">=", trail.current), trail.chain)
    lemmas = (*found.lemmas, whole)
    yield Bound(RADIUS, ">=", ratio, "", step, lemmas, judged(found.context, lemmas))


def _of_a_sum(term: Term) -> bool:
    """A least singular value of more than a name: nothing is known of it."""
    return isinstance(term, Magnitude) and term.kind == LEAST and not isinstance(term.body, Symbol)


def _bounds(found: Path, start: Magnitude, relation: Relation, stages: Iterable[tuple[Level, ...]]) -> Iterable[Bound]:
    """A bound after each stage of levels that gets further."""
    moment, trail = one_step(found, start)
    if start.kind == LEAST and start.body.shape == SCALAR:
        _by_absolute_value(trail)
    before: Term | None = None
    for levels in stages:
        exhausted(trail, levels)
        ratio = multiplied_out(trail.setting(), trail.current)
        if ratio != before:
            trail.normal(ratio)
            step = Lemma("one step", Statement(trail.start, relation, ratio), trail.chain)
            yield every_step(found, start.kind, moment, step)
        before = ratio


def _by_absolute_value(trail: Trail) -> None:
    """smin(a) = smin(a I) = |a| smin(I) = |a| for a scalar a."""
    unit = Magnitude(LEAST, Identity(1))
    (body,) = parts(trail.start)
    trail.normal(whole := Magnitude(LEAST, Scale(body, unit.body)))
    trail.apply("homogeneous", whole)
    trail.normal(product(Magnitude(NORM, body), unit))
    trail.apply("norm_diagonal", unit)


def one_step(found: Path, start: Magnitude) -> tuple[str, Trail]:
    """The magnitude of the factor that leads from t - 1 to t, and the name of t."""
    block = found.block
    moment = fresh_time("t", {*free_times(block), *free_times(block.body), *_spoken(found.context)})
    return moment, found.work().trail(substitute_times(start, {block.index: affine(moment) - _origin(block)}))


def _origin(block: OrderedProduct) -> Affine:
    """What stands beside the index in the latest time of a factor, so that a factor is about steps t - 1 and t."""
    index = affine(block.index)
    times = [one for part in walk(block.body) for one in affines(part) if one.coefficient(block.index) == 1]
    return max((one - index for one in times), key=lambda one: one.constant, default=Affine())


def _spoken(context: Context) -> set[str]:
    names = {name for one in context.hypotheses for name in one.forall}
    return names.union(*(one.variables for one in context.assumptions))


def exhausted(trail: Trail, levels: Iterable[Level]) -> None:
    for level in levels:
        for _ in range(MAX_ROUNDS):
            if not level(trail, number(1)):
                break


def every_step(found: Path, kind: MagnitudeKind, moment: str, step: Lemma, before: tuple[Lemma, ...] = ()) -> Bound:
    """The bound of one step at every step: by the product rule for norms, factor by factor."""
    relation, ratio = step.statement.relation, step.statement.right
    lemmas = (*found.lemmas, *before, step)
    trail = _factor_by_factor(found, kind, moment, lemmas)
    goal = trail.current if moment in free_times(ratio) else Power(ratio, found.depth)
    goal = ratio if ratio == number(1) else goal
    trail.normal(goal)
    lemmas = (*lemmas, Lemma("every step", Statement(trail.start, relation, goal), trail.chain))
    return Bound(kind, relation, ratio, moment, step, lemmas, judged(found.context, lemmas))


def _factor_by_factor(found: Path, kind: MagnitudeKind, moment: str, lemmas: tuple[Lemma, ...]) -> Trail:
    trail = Trail(found.context, Magnitude(kind, found.written), {one.name: one for one in lemmas})
    trail.apply("lemma", found.written, {}, CLOSED)
    trail.apply("submultiplicative" if kind == NORM else "supermultiplicative", Magnitude(kind, found.block))
    use_step(trail, found.block, moment, lemmas[-1], affine(found.block.index))
    return trail


def use_step(trail: Trail, block: OrderedProduct, moment: str, step: Lemma, at: Affine) -> None:
    """The lemma about one step at the factor with this index."""
    time = at + _origin(block)
    one = substitute_times(step.statement.left, {moment: time})
    trail.apply("lemma", one, {moment: time} if one != step.statement.left else {}, step.name)


def judged(context: Context, lemmas: Iterable[Lemma]) -> Fact:
    """The last of the lemmas, with those that it uses, as the kernel judges it."""
    kept = needed(tuple(lemmas))
    certificate = Certificate(context, kept)
    judgement = check(certificate)
    return Fact(kept[-1].statement, context, Attempt(certificate, judgement, judgement.reason))
