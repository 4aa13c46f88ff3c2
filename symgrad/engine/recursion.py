"""One step back: gradients by those of the same and of the next step, as recursions for delta have them.

Only a proposal is made here, in a context where the losses of all steps are a single one of the last; the gradient of a
step's loss by its own node is added. Whether the equation holds in the true context is for a proof to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from ..kernel.affine import affine
from ..kernel.calculus import consumers
from ..kernel.certificate import Context, Definition, Loss
from ..kernel.term import Gradient, IndexedSum, Number, Scale, Sum, Symbol, Term, add, replaced, scale, walk
from .expand import apply_hypotheses, is_generator, lagged, step_back, unfold_abbreviations, write_out
from .parameters import share_out
from .resolve import Workspace, attempted
from .trail import StuckError, Trail, gradients

MAX_STEPS = 60


@dataclass(frozen=True, slots=True)
class _Run:
    """An abbreviation for the sum of the losses of all steps, perhaps times `factor`, or with terms without nodes."""

    short: Definition
    total: IndexedSum
    family: Loss
    factor: Fraction = Fraction(1)

    @property
    def name(self) -> str:
        """What stands for the sum alone."""
        name = self.short.head.name
        return name if self.short.body == self.total else f"{name}_losses"

    def last(self) -> Loss:
        """A loss of the node that the last of them depends on."""
        values = {self.family.times[0]: self.total.upper}
        node = replace(self.family.on, times=tuple(one.substitute(values) for one in self.family.on.times))
        return Loss(self.name, node, tuple(str(time) for time in self.short.head.times))

    def remainder(self) -> Definition | None:
        """The abbreviation with that loss in it; None if it is the loss."""
        if self.name == self.short.head.name:
            return None
        return replace(self.short, body=replaced(self.short.body, self.total, self.last().head))

    def of_node(self, node: Symbol) -> Symbol | None:
        """The loss that depends on this node, if it is one of these."""
        if node.name != self.family.on.name or len(node.times) != 1:
            return None
        moment = node.times[0] - (self.family.on.times[0] - affine(self.family.times[0]))
        return replace(self.family.head, times=(moment,))

    def named(self, at: Gradient) -> Term:
        """The gradient of the sum by a node, by that of what the abbreviation stands for."""
        whole = replace(at, of=replace(self.short.head, times=getattr(at.of, "times", ())))
        return scale(1 / self.factor, whole)


def one_step(term: Term, context: Context) -> Term:
    """What a term comes to when each gradient in it is followed to those by states, one step where it is by a state.

    Raises StuckError where that does not come to an end.
    """
    runs = {one.name: one for one in _runs(context)}
    trail = Workspace(_with_single_losses(context, runs.values())).trail(term)
    unfold_abbreviations(trail)
    apply_hypotheses(trail)
    _apart(trail)
    first = [one for one in gradients(trail.current) if one.wrt.times]
    share_out(trail)
    for at in first:
        _back(trail, at, runs)
    _through_inner_nodes(trail, runs)
    found = trail.current
    for at in gradients(found):
        run = runs.get(at.of.name) if isinstance(at.of, Symbol) else None
        found = found if run is None else replaced(found, at, run.named(at))
    return found


def _runs(context: Context) -> Iterable[_Run]:
    nodes = {one.head.name for one in context.recurrence} | {one.name for one in context.losses}
    families = {loss.name: loss for loss in context.losses if loss.times}
    for short in context.abbreviations:
        match short.body:
            case Scale(scalar=Number(value=factor), body=total) if factor:
                rest: tuple[Term, ...] = ()
            case Sum(terms=terms):
                factor, sums = Fraction(1), [one for one in terms if isinstance(one, IndexedSum)]
                total, rest = sums[0] if sums else short.body, tuple(one for one in terms if one not in sums[:1])
            case total:
                factor, rest = Fraction(1), ()
        alone = nodes.isdisjoint(one.name for part in rest for one in walk(part) if isinstance(one, Symbol))
        match total:
            case IndexedSum(index=index, body=Symbol(name=name, times=(time,))) if time == affine(index) and alone:
                if name in families:
                    yield _Run(short, total, families[name], factor)


def _with_single_losses(context: Context, runs: Iterable[_Run]) -> Context:
    """The context with a loss of the last node in the place of each sum of losses."""
    found = {one.short.head.name: one for one in runs}
    kept = [found[one.head.name].remainder() if one.head.name in found else one for one in context.abbreviations]
    losses = (*context.losses, *(one.last() for one in found.values()))
    return replace(context, abbreviations=tuple(one for one in kept if one is not None), losses=losses)


def _apart(trail: Trail) -> None:
    """Gradients of sums and multiples of losses, term by term."""
    for _ in range(MAX_STEPS):
        whole = (one for one in gradients(trail.current) if isinstance(one.of, Sum | Scale) and not one.direct)
        at = next(whole, None)
        if at is None or not attempted(lambda trail, at: trail.apply("linear", at), trail, at):
            break
    write_out(trail)


def _through_inner_nodes(trail: Trail, runs: Mapping[str, _Run]) -> None:
    """Step back from all nodes that no later step reads."""
    states = lagged(trail.context)
    for _ in range(MAX_STEPS):
        inner = (one for one in gradients(trail.current) if one.wrt.times and one.wrt.name not in states)
        if not any(_back(trail, one, runs) for one in inner):
            return
    raise StuckError("the gradient does not lead back to those by states in a few steps")


def _back(trail: Trail, at: Gradient, runs: Mapping[str, _Run]) -> bool:
    """Step back from a node, with the loss that is of this node besides; whether there was anything to do."""
    run = runs.get(at.of.name) if isinstance(at.of, Symbol) else None
    loss = run.of_node(at.wrt) if run is not None else None
    read = bool(consumers(trail.context, at.wrt))
    own = () if loss is None else (replace(at, of=loss),)
    if own:
        trail.normal(replaced(trail.current, at, add(*(at,) * read, *own)))
    elif is_generator(trail.context, at) or at.of == at.wrt:
        return False
    if read:
        step_back(trail, at)
    return bool(own) or read


__all__ = ["one_step"]
