"""Derivatives by parameters, which are shared over time, and derivatives of sums."""

from __future__ import annotations

from dataclasses import replace

from . import term as t
from .affine import Affine, affine
from .calculus import handed_down
from .certificate import Step
from .rules import Sequent, Setting, expect, refuse_unless, rule, unfolded
from .term import SCALAR, Gradient, Symbol, Term, add, free_times, walk


@rule
def parameter_chain(setting: Setting, step: Step) -> Sequent:
    """Gradient of a scalar y by a parameter X = sum, over the definitions u that read X, of sum[t = start..upper] of
    what the gradient of y by u[t] hands down to X in the definition of u[t]; and the direct gradient of y by X.

    Refused without a start, and unless all nodes that y is made of are at most at the argument `upper`.
    """
    at, context = expect(step.at, Gradient), setting.context
    defined = {one.head.name for one in (*context.recurrence, *context.abbreviations)}
    fits = not at.wrt.times and at.wrt.name not in defined | {one.name for one in context.losses}
    refuse_unless(fits and at.of.shape == SCALAR and not (at.direct or at.held), "not of a scalar by a parameter")
    upper = dict(step.arguments).get("upper", affine(0))
    readers = [one for one in context.recurrence if at.wrt in walk(one.body)]
    terms: list[Term] = [replace(at, direct=True)] if at.wrt in walk(at.of) else []
    for one in readers if _made_of_nodes(setting, at.of, upper) else ():
        refuse_unless(context.start is not None, "without a first step there is no gradient by a parameter")
        index = "_".join(("t", *sorted({*free_times(at), *upper.variables})))  # longer than each of them
        node = replace(one.head, times=(affine(index),))
        setting.use("definition", node.name)
        share = handed_down(unfolded(one, node), at.wrt, replace(at, wrt=node))
        terms += [t.IndexedSum(index, affine(context.start or 0), upper, share)] if share else []
    return Sequent(at, "=", add(*terms) if terms else t.Zero(at.shape))


def _made_of_nodes(setting: Setting, of: Term, upper: Affine) -> bool:
    """Whether nodes stand in a term. Refused if one may be later than `upper`, and where they may be hidden."""
    families = {one.head.name for one in setting.context.recurrence}
    hidden = {one.head.name for one in setting.context.abbreviations}
    found = False
    for one in walk(of):
        opaque = isinstance(one, Gradient | t.Limit | t.Extremum | t.Magnitude | t.Inverse)
        name = one.name if isinstance(one, Symbol) else ""
        refuse_unless(not opaque and name not in hidden, "unfold the term first")
        loss = next((loss for loss in setting.context.losses if loss.name == name), None)
        node = loss.node(one) if loss else one if name in families else None
        if isinstance(node, Symbol):
            found = True
            setting.use("loss" if loss else "definition", name)
            within = setting.around(of, one).holds(upper - node.times[0])
            refuse_unless(within, f"{node.name}[{node.times[0]}] may be later than {upper}")
    return found


@rule
def linear(setting: Setting, step: Step) -> Sequent:
    """The gradient of a sum is the sum of the gradients; of a rational multiple, the multiple of the gradient."""
    at = expect(step.at, Gradient)
    around = free_times(replace(at, of=t.number(0)))
    refuse_unless(not at.direct and getattr(at.of, "index", "") not in around, "not a total gradient, or a name clash")
    match at.of:
        case t.Sum(terms=terms):
            return Sequent(at, "=", add(*(replace(at, of=one) for one in terms)))
        case t.Scale(scalar=t.Number() as factor, body=body):
            return Sequent(at, "=", t.Scale(factor, replace(at, of=body)))
        case _:
            total = expect(at.of, t.IndexedSum)
            return Sequent(at, "=", replace(total, body=replace(at, of=total.body)))
