"""Derivatives by parameters, which are shared over time, and derivatives of sums."""

from __future__ import annotations

from dataclasses import replace

from . import term as t
from .affine import Affine, affine
from .calculus import handed_down
from .certificate import Definition, Step
from .rules import RefusedError, Sequent, Setting, expect, refuse_unless, rule, unfolded
from .term import Gradient, Symbol, Term, add, free_times, walk


@rule
def parameter_chain(setting: Setting, step: Step) -> Sequent:
    """Gradient of y by X, a parameter or a node without a time = sum, over the definitions u that read X, of what the
    gradient of y by u hands down to X in the definition of u; and the direct gradient of y by X. Where u has a time t,
    it is sum[t = start..upper] of that.

    Refused without a start if u has a time, and unless all nodes that y is made of are at most at the argument `upper`.
    """
    at, context = expect(step.at, Gradient), setting.context
    defined = {one.head.name for one in context.abbreviations} | {one.name for one in context.losses}
    fits = not at.wrt.times and at.wrt.name not in defined and at.of != at.wrt
    refuse_unless(fits and not (at.direct or at.held), "not a total gradient by a parameter")
    upper = dict(step.arguments).get("upper", affine(0))
    readers = [one for one in context.recurrence if at.wrt in walk(one.body)]
    terms: list[Term] = [replace(at, direct=True)] if at.wrt in walk(at.of) else []
    for one in readers if _made_of_nodes(setting, at, upper) else ():
        terms += _handed_down_by(setting, one, at, upper)
    return Sequent(at, "=", add(*terms) if terms else t.Zero(at.shape))


def _handed_down_by(setting: Setting, reader: Definition, at: Gradient, upper: Affine) -> list[Term]:
    """What a definition that reads the parameter hands down to it, summed over its times."""
    setting.use("definition", reader.head.name)
    if not reader.head.times:
        share = handed_down(reader.body, at.wrt, replace(at, wrt=reader.head))
        return [share] if share else []
    start = setting.context.start
    if start is None:
        raise RefusedError("without a first step there is no gradient by a parameter")
    index = "_".join(("t", *sorted({*free_times(at), *upper.variables})))  # longer than each of them
    node = replace(reader.head, times=(affine(index),))
    share = handed_down(unfolded(reader, node), at.wrt, replace(at, wrt=node))
    return [t.IndexedSum(index, affine(start), upper, share)] if share else []


def _made_of_nodes(setting: Setting, at: Gradient, upper: Affine) -> bool:
    """Whether nodes stand in what is derived. Refused if one may be later than `upper`, where they may be hidden, and
    for a loss by its own node, which it reads without any definition."""
    families = {one.head.name for one in setting.context.recurrence}
    hidden = {one.head.name for one in setting.context.abbreviations}
    found = False
    for one in walk(at.of):
        opaque = isinstance(one, Gradient | t.Limit | t.Extremum) or getattr(one, "index", "") in upper.variables
        name = one.name if isinstance(one, Symbol) else ""
        refuse_unless(not opaque and name not in hidden, "unfold the term first")
        loss = next((loss for loss in setting.context.losses if loss.name == name), None)
        node = loss.node(one) if loss else one if name in families else None
        if isinstance(node, Symbol):
            found = True
            refuse_unless(loss is None or node != at.wrt, f"{at.wrt.name} is the node that {name} depends on")
            setting.use("loss" if loss else "definition", name)
            for time in node.times:
                within = setting.around(at.of, one).holds(upper - time)
                refuse_unless(within, f"{node.name}[{time}] may be later than {upper}")
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
