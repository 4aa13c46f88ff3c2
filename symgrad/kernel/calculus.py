"""Derivatives of the nodes of an unrolled graph: the chain rule from either end, and the pullback of each primitive.

Everything is in gradient layout: the gradient of y by x has shape (dim x, dim y), so factors nearer to x stand left.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

from . import term as t
from .affine import Affine, affine
from .certificate import Context, Step
from .rules import RefusedError, Sequent, Setting, expect, refuse_unless, rule
from .term import SCALAR, Gradient, Symbol, Term, Transpose, add, product, scale, walk


@rule
def chain_rule(setting: Setting, step: Step) -> Sequent:
    """Gradient of y by x = sum, over the nodes u that read x, of (direct gradient of u by x) (gradient of y by u).

    Refused unless x and y are seen to be different nodes. Left out are nodes held fixed, and those that cannot reach y.
    """
    at, target = _total(setting, step)
    node = expect(target, Symbol)
    _refuse_unless_apart(setting, at.wrt, node)
    users = [one for one in consumers(setting.context, at.wrt) if _leads(setting, at, one, one, node)]
    users = [one for one in users if setting.computed(one)]
    return _summed(at, [product(Gradient(u, at.wrt, direct=True), Gradient(at.of, u, at.held)) for u in users])


@rule
def chain_rule_last(setting: Setting, step: Step) -> Sequent:
    """Gradient of y by x = sum, over the nodes a that y reads, of (gradient of a by x) (direct gradient of y by a).

    Refused unless x and y, and the nodes that an expression y reads, are seen to be different nodes.
    """
    at, _ = _total(setting, step)
    body = at.of
    if isinstance(body, Symbol):
        _refuse_unless_apart(setting, at.wrt, body)
        body = setting.body(body)
    _refuse_hidden(setting, body)
    names = {one.head.name for one in setting.context.recurrence} | {at.wrt.name}
    read = list(dict.fromkeys(one for one in walk(body) if isinstance(one, Symbol) and one.name in names))
    for one, other in combinations(read, 2):
        _refuse_unless_apart(setting, one, other)
    nodes = [one for one in read if _leads(setting, at, one, at.wrt, one)]
    return _summed(at, [product(Gradient(a, at.wrt, at.held), Gradient(at.of, a, direct=True)) for a in nodes])


@rule
def loss_chain(setting: Setting, step: Step) -> Sequent:
    """L depends on one node y alone: gradient of L by x = (gradient of y by x) (gradient of L by y)."""
    at, target = _total(setting, step)
    if target in (at.of, at.wrt) or not isinstance(target, Symbol):
        raise RefusedError("not the gradient of a loss by a node other than its own")
    return Sequent(at, "=", product(Gradient(target, at.wrt, at.held), Gradient(at.of, target)))


@rule
def self(setting: Setting, step: Step) -> Sequent:
    """The gradient of a node by itself is the identity."""
    at, _ = _total(setting, step)
    refuse_unless(at.of == at.wrt, "the two nodes differ")
    return Sequent(at, "=", t.Identity(at.shape[0]))


@rule
def no_path(setting: Setting, step: Step) -> Sequent:
    """The gradient is zero where no path leads from x to y."""
    at, target = _total(setting, step)
    refuse_unless(_unreachable(setting, at.wrt, expect(target, Symbol)), "a path is not excluded")
    return Sequent(at, "=", t.Zero(at.shape))


@rule
def pullback(setting: Setting, step: Step) -> Sequent:
    """A direct gradient is what differentiating the definition gives, primitive by primitive.

    So is a total one of an expression without nodes: nothing in it depends on anything but itself.
    """
    at = expect(step.at, Gradient)
    nodes = {one.head.name for one in setting.context.recurrence}
    alone = not any(isinstance(one, Symbol) and one.name in nodes for one in walk(at.of))
    refuse_unless((at.direct or alone) and not at.held, "not a direct gradient")
    body = setting.body(at.of) if isinstance(at.of, Symbol) else at.of
    _refuse_hidden(setting, body)
    for one in walk(body):
        if isinstance(one, Symbol) and one != at.wrt:
            _refuse_unless_apart(setting, one, at.wrt)
    found = handed_down(body, at.wrt, t.Identity(body.shape[0]))
    return Sequent(at, "=", found or t.Zero(at.shape))


def handed_down(term: Term, wrt: Symbol, cotangent: Term) -> Term | None:
    """What a gradient by a term is as one by `wrt` in it, all else fixed; None if `wrt` does not occur.

    The cotangent has the shape of the term; that of a column may have any number of columns, as the identity has.
    """
    if term == wrt:
        return cotangent
    if wrt not in walk(term):
        return None
    given: Iterable[tuple[Term, Term]]
    match term:
        case t.Sum():
            given = ((one, cotangent) for one in term.terms)
        case t.Scale():
            column, body = term.shape[1] == 1, term.body
            share = product(Transpose(body), cotangent) if column else t.Trace(product(Transpose(cotangent), body))
            given = ((term.scalar, share), (body, t.Scale(term.scalar, cotangent)))
        case t.Product():
            places = [place for place, one in enumerate(term.factors) if wrt in walk(one)]
            given = (_of_factor(term.factors, place, cotangent) for place in places)
        case t.Hadamard():
            cuts = ((one, term.factors[:place] + term.factors[place + 1 :]) for place, one in enumerate(term.factors))
            given = ((one, _overlaid(t.Hadamard(rest) if rest[1:] else rest[0], cotangent)) for one, rest in cuts)
        case t.ComponentSum():
            refuse_unless(term.index not in t.free_times(cotangent), "an index that is bound twice")
            inner = handed_down(term.body, wrt, cotangent)
            return inner and t.with_parts(term, (inner,))
        case t.Entrywise():
            given = ((term.body, _overlaid(t.Entrywise(term.function + "'", term.body), cotangent)),)
        case t.Power(exponent=Affine((), exponent)) if term.shape == SCALAR and exponent > 0:
            given = ((t.EntrywisePower(term.body, exponent), cotangent),)
        case t.EntrywisePower() if term.exponent:
            slope = scale(term.exponent, t.EntrywisePower(term.body, term.exponent - 1))
            given = ((term.body, _overlaid(slope, cotangent)),)
        case t.Transpose():
            given = ((term.body, Transpose(cotangent)),)
        case t.Trace():
            given = ((term.body, t.Scale(cotangent, t.Identity(term.body.shape[0]))),)
        case t.Diagonal():
            given = ((term.body, t.DiagonalPart(cotangent)),)
        case _:
            raise RefusedError(f"no pullback of {type(term).__name__} is known")
    return _total_of(handed_down(one, wrt, share) for one, share in given)


def _of_factor(factors: tuple[Term, ...], place: int, cotangent: Term) -> tuple[Term, Term]:
    """L^T C R^T for a factor between L and R. If R is a column, R L^T C for the transpose of a row, diag(R) L^T C for
    the column in a diag."""
    one, rest = factors[place], factors[place + 1 :]
    before = product(*map(Transpose, reversed(factors[:place])), cotangent)
    if rest and rest[-1].shape[1] == 1 and (one.shape[0] == 1 or isinstance(one, t.Diagonal)):
        if isinstance(one, t.Diagonal):
            return one.body, product(t.Diagonal(product(*rest)), before)
        return one.body if isinstance(one, Transpose) else Transpose(one), product(*rest, before)
    return one, product(before, *map(Transpose, reversed(rest)))


def _overlaid(slope: Term, cotangent: Term) -> Term:
    """Entry by entry; for a column as a product, so that the cotangent may have more columns than one."""
    if slope.shape[1] != 1:
        return t.Hadamard((slope, cotangent))
    return product(slope if slope.shape == SCALAR else t.Diagonal(slope), cotangent)


def _total_of(terms: Iterable[Term | None]) -> Term | None:
    found = [one for one in terms if one is not None]
    return add(*found) if found else None


def _summed(at: Gradient, terms: list[Term]) -> Sequent:
    return Sequent(at, "=", add(*terms) if terms else t.Zero(at.shape))


def _total(setting: Setting, step: Step) -> tuple[Gradient, Term]:
    """The total gradient that a rule is applied to, and the node or expression it is of (that of the loss, for one)."""
    at = expect(step.at, Gradient)
    nodes = {one.head.name for one in setting.context.recurrence}
    hidden = {one.head.name for one in setting.context.abbreviations}
    refuse_unless(not at.direct and all(one.name in nodes for one in at.held), "not a total gradient")
    target = at.of
    for loss in setting.context.losses:
        hidden.add(loss.name)
        if on := loss.node(at.of):
            setting.use("loss", loss.name)
            target = on
    refuse_unless(len(at.wrt.times) == 1 and at.wrt.name not in hidden, f"{at.wrt.name} is not a node")
    for node in (at.wrt, target):
        if isinstance(node, Symbol):
            refuse_unless(node.name not in hidden, f"unfold {node.name} first")
            refuse_unless(not _is_held(setting, at, node), "the gradient is of or by a node that is held fixed")
    return at, target


def _refuse_hidden(setting: Setting, body: Term) -> None:
    """Refuse a term that may depend on nodes which do not stand in it: abbreviations, derivatives, bound indices."""
    hidden = {one.head.name for one in setting.context.abbreviations} | {one.name for one in setting.context.losses}
    for one in walk(body):
        opaque = isinstance(one, Gradient | t.Limit | t.Binder)
        refuse_unless(not opaque and not (isinstance(one, Symbol) and one.name in hidden), "unfold the term first")


def _refuse_unless_apart(setting: Setting, one: Symbol, other: Symbol) -> None:
    """Refuse two nodes that are not seen to be different."""
    if one.name == other.name:
        lag = other.times[0] - one.times[0] if len(one.times) == len(other.times) == 1 else affine(0)
        apart = setting.holds(lag - 1) or setting.holds(-lag - 1)
        refuse_unless(apart, f"that {one.name} stands for different nodes is not seen")


def _is_held(setting: Setting, at: Gradient, node: Symbol) -> bool:
    """Whether a node is in a held range. Refused when that cannot be told."""
    for one in at.held:
        if one.name == node.name:
            (time,) = node.times
            if setting.holds(time - one.lower) and setting.holds(one.upper - time):
                return True
            outside = setting.holds(one.lower - time - 1) or setting.holds(time - one.upper - 1)
            refuse_unless(outside, f"cannot tell whether {node.name}[{time}] is held fixed")
    return False


def _leads(setting: Setting, at: Gradient, node: Symbol, start: Symbol, end: Symbol) -> bool:
    """Whether a node, from whose `start` the `end` is sought, counts: it is not held, and a path is not excluded."""
    return not _is_held(setting, at, node) and not _unreachable(setting, start, end)


def _unreachable(setting: Setting, start: Symbol, end: Symbol) -> bool:
    """Whether every path from `start` takes more time steps than lie between it and `end`."""
    lag = lags(setting.context, start.name).get(end.name)
    if lag is None:
        return start.name != end.name
    return setting.holds(start.times[0] + lag - end.times[0] - 1)


def consumers(context: Context, node: Symbol) -> tuple[Symbol, ...]:
    """The nodes whose definitions read `node`."""
    sizes = {one.head.name: one.head.size for one in context.recurrence}
    found = [(name, lag) for name, read, lag in edges(context) if read == node.name]
    return tuple(Symbol(name, sizes[name], (node.times[0] + lag,)) for name, lag in found)


def edges(context: Context) -> tuple[tuple[str, str, int], ...]:
    """(u, x, d) where the definition of u[t] reads x[t - d]. Refused for reading at no fixed lag."""
    found: dict[tuple[str, str, int], None] = {}
    for one in context.recurrence:
        for inner in walk(one.body):
            if isinstance(inner, Symbol) and inner.times:
                lag = one.head.times[0] - inner.times[0]
                fixed = lag.is_constant and len(inner.times) == len(one.head.times) == 1
                refuse_unless(fixed, f"{one.head.name} reads {inner.name} at no fixed lag")
                found[one.head.name, inner.name, lag.constant] = None
    return tuple(found)


def lags(context: Context, start: str) -> dict[str, int]:
    """The least number of time steps on a path from one family of nodes to each other one."""
    found, reads = {start: 0}, edges(context)
    for _ in range(len(context.recurrence) + 1):
        for name, read, lag in reads:
            if read in found:
                found[name] = min(found[read] + lag, found.get(name, found[read] + lag))
    return found
