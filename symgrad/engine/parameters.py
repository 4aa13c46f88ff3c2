"""Gradients by parameters: shared out over the steps that read them, and sums taken apart where that helps."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ..kernel.affine import Affine, affine, entails
from ..kernel.certificate import Context
from ..kernel.term import (
    SCALAR,
    Gradient,
    IndexedSum,
    Scale,
    Sum,
    Symbol,
    Term,
    free_times,
    parts,
    replaced,
    substitute_times,
    walk,
)
from .expand import lagged, unfold_abbreviations, write_out
from .fresh import fresh_time
from .tidy import tidy
from .trail import StuckError, Trail, gradients


def share_out(trail: Trail, taken: Iterable[str] = ()) -> None:
    """Every gradient by a parameter becomes a sum over the steps. Raises StuckError where it has no such form."""
    if any(not at.wrt.times for at in gradients(trail.current)):
        unfold_abbreviations(trail)
    for at in gradients(trail.current):
        if not at.wrt.times and isinstance(at.of, Sum) and at.wrt in walk(at.of):
            trail.apply("linear", at)
    names = {*taken, *free_times(trail.current)}.union(*(one.variables for one in trail.context.assumptions))
    for at in gradients(trail.current):
        upper = None if at.wrt.times else horizon(trail.context, at.of)
        if not at.wrt.times and (upper is not None or at.of.shape == SCALAR):
            arguments = {} if upper is None else {"upper": upper}
            found = trail.sequent("parameter_chain", at, arguments)
            shares = found.right.terms if isinstance(found.right, Sum) else (found.right,)
            names |= free_times(at)
            result = tidy(replaced(trail.current, at, _sum(_renamed(one, names) for one in shares)))
            trail.write("parameter_chain", at, result, arguments)
            write_out(trail)


def _renamed(term: Term, taken: Iterable[str], wish: str = "t") -> Term:
    if not isinstance(term, IndexedSum):
        return term
    index = fresh_time(wish, taken)
    return IndexedSum(index, term.lower, term.upper, substitute_times(term.body, {term.index: affine(index)}))


def _sum(terms: Iterable[Term]) -> Term:
    found = tuple(terms)
    return Sum(found) if len(found) > 1 else found[0]


def horizon(context: Context, of: Term) -> Affine | None:
    """The last time of the nodes that a term is made of; None if there are none."""
    found = list(_times(context, of))
    for one in found:
        if all(entails(context.assumptions, one - other) for other in found):
            return one
    if found:
        raise StuckError("it is not seen which of the nodes is the last one")
    return None


def _times(context: Context, of: Term) -> Iterable[Affine]:
    if isinstance(of, Symbol):
        nodes = [node for loss in context.losses if (node := loss.node(of))]
        nodes += [of for one in context.recurrence if one.head.name == of.name]
        yield from (node.times[0] for node in nodes if node.times)
    for part in parts(of):
        for time in _times(context, part):
            if isinstance(of, IndexedSum):
                end = of.upper if time.coefficient(of.index) > 0 else of.lower
                time = time.substitute({of.index: end})
            yield time


def is_total_loss(context: Context, of: Term) -> bool:
    """Whether a term is a sum or multiple of losses, or of scalar nodes."""
    names = {one.name for one in context.losses}
    names |= {one.head.name for one in context.recurrence if one.head.shape == SCALAR}
    losses = (one for one in walk(of) if isinstance(one, Symbol) and one.name in names)
    return isinstance(of, Sum | Scale | IndexedSum) and any(losses)


def split_up(trail: Trail, at: Gradient) -> None:
    """The gradient of a sum of losses, term by term; of a sum over time, without the terms before the node."""
    at = _apart(trail, at)
    trail.apply("linear", at)
    if isinstance(at.of, IndexedSum) and at.wrt.times:
        terms = replace(at.of, body=replace(at, of=at.of.body))
        for lag in {time - affine(at.of.index) for time in _times(trail.context, at.of.body)}:
            if not lag.coefficient(at.of.index):
                _drop_before(trail, terms, at.wrt.times[0] - lag - 1)


def _apart(trail: Trail, at: Gradient) -> Gradient:
    """The same gradient, if need be with a sum over another index than stands in what it is taken by."""
    around = free_times(at.wrt)
    if not isinstance(at.of, IndexedSum) or at.of.index not in around:
        return at
    new = replace(at, of=_renamed(at.of, {*around, *free_times(trail.current), at.of.index}, "s"))
    trail.normal(replaced(trail.current, at, new))
    return new


def _drop_before(trail: Trail, terms: IndexedSum, middle: Affine) -> None:
    """Take off the terms up to `middle`, to which no path leads, if they are seen to be within the sum.

    The next one stands alone if no later step reads the node: no path leads to the others either.
    """
    try:
        trail.apply("split", terms, {"middle": middle})
        before = replace(terms, upper=middle)
        index = fresh_time("r", {*free_times(trail.current), *(one.index for one in _sums(trail.current))})
        apart = replace(before, index=index, body=substitute_times(before.body, {terms.index: affine(index)}))
        trail.normal(replaced(trail.current, before, apart))
        trail.apply("no_path", apart.body)
        if isinstance(terms.body, Gradient) and terms.body.wrt.name not in lagged(trail.context):
            trail.apply("peel_first", replace(terms, lower=middle + 1))
    except StuckError:
        return


def _sums(term: Term) -> Iterable[IndexedSum]:
    return (one for one in walk(term) if isinstance(one, IndexedSum))
