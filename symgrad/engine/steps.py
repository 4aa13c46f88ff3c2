"""Claims about the bound of a product of Jacobians, from the bound of one step; strict ones, where one step is strictly
below what it is bounded by."""

from __future__ import annotations

from dataclasses import replace

from ..kernel.affine import affine
from ..kernel.certificate import Lemma, Relation, Statement
from ..kernel.term import Magnitude, Product, Term, substitute_times
from .laws import NORM
from .long_run import CLOSED, Bound, Path, bounds_from_above, exhausted, one_step, path, use_step
from .norms import FROM_ABOVE, FROM_HYPOTHESES, STRICTLY_FROM_RANGES
from .resolve import Workspace
from .slack import multiplied_out
from .trail import StuckError, Trail, same


def prove_by_steps(work: Workspace, left: Term, relation: Relation, right: Term) -> Trail:
    """A trail from |product| up to what it is at most, or strictly below, at every number of steps. Raises StuckError
    if the claim is another one."""
    if not isinstance(left, Magnitude) or left.kind != NORM or relation not in ("<=", "<"):
        raise StuckError("no bound of a product of Jacobians")
    found = path(work.context, left.body)
    for bound in bounds_from_above(found):
        if bound.uniform and same(work.context, bound.whole.statement.right, right):
            lemmas = bound.lemmas if relation == "<=" else strictly_below(found, bound)
            work.lemmas.update((one.name, one) for one in lemmas)
            trail = work.trail(left)
            trail.apply("lemma", left, {}, lemmas[-1].name)
            return trail
    raise StuckError("not the bound of the steps")


def strictly_below(found: Path, bound: Bound) -> tuple[Lemma, ...]:
    """Lemmas, the last of which says that |product| < q^k for k >= 1: one step strictly, the others by the bound.

    Raises StuckError if one step's norm is not seen to be below q. Else q has to be seen to be above 0.
    """
    moment, first = one_step(found, Magnitude(NORM, found.block.body))
    exhausted(first, (*FROM_ABOVE, *STRICTLY_FROM_RANGES))
    if multiplied_out(first.setting(), first.current) != bound.ratio:
        exhausted(first, FROM_HYPOTHESES)
    first.normal(bound.ratio)
    strict = Lemma("one step, strictly", Statement(first.start, "<", bound.ratio), first.chain)
    lemmas, some = (*found.lemmas, bound.step, strict), (found.depth - 1,)
    trail = Trail(found.context, bound.whole.statement.left, {one.name: one for one in lemmas}, some)
    trail.apply("lemma", found.written, {}, CLOSED)
    trail.apply("peel_first", found.block)
    rest = replace(found.block, lower=found.block.lower + 1)
    factor = substitute_times(found.block.body, {found.block.index: found.block.lower})
    trail.normal(Magnitude(NORM, Product((factor, rest))))
    for one in (trail.current, Magnitude(NORM, rest)):
        trail.apply("submultiplicative", one)
    use_step(trail, found.block, moment, bound.step, affine(found.block.index))
    use_step(trail, found.block, moment, strict, found.block.lower)
    trail.normal(bound.whole.statement.right)
    whole = Lemma("every step, strictly", Statement(trail.start, "<", trail.current), trail.chain, some)
    return (*lemmas, whole)
