"""Derivatives of the nodes of an unrolled graph: the chain rule from either end, and the pullback of each primitive.

Everything is in gradient layout: the gradient of y by x has shape (dim x, dim y), so factors nearer to x stand left.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

from . import term as t
from .affine import Affine, affine
from .certificate import Context, Step
from .functions import DERIVATIVES, lifted
from .rules import RefusedError, Sequent, Setting, expect, refuse_unless, rule
from .term import SCALAR, Gradient, Symbol, Term, Transpose, add, product, scale, walk

# The highest power of a matrix that is differentiated as a product.
MAX_POWER = 50


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
    _refuse_hidden(setting, body, t.Limit, t.Binder)
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
    return Sequent(at, "=", _pulled_back(setting, at))


def _pulled_back(setting: Setting, at: Gradient) -> Term:
    nodes = {one.head.name for one in setting.context.recurrence}
    alone = not any(isinstance(one, Symbol) and one.name in nodes for one in walk(at.of))
    refuse_unless((at.direct or alone) and not at.held, "not a direct gradient")
    body = setting.body(at.of) if at.direct and isinstance(at.of, Symbol) else _explicit(setting, at.of)
    _refuse_hidden(setting, body, t.Limit)
    _refuse_hidden(setting, at.wrt)
    _refuse_unless_all_apart(setting, body, at.wrt)
    return handed_down(body, at.wrt, t.Identity(body.shape[0])) or t.Zero(at.shape)


def _refuse_unless_all_apart(setting: Setting, body: Term, wrt: Symbol) -> None:
    """Refuse a term in which another node is not seen to be different from that by which it is derived."""
    refuse_unless(getattr(body, "index", "") not in t.free_times(wrt), "an index that is bound twice")
    if isinstance(body, Symbol) and body != wrt:
        _refuse_unless_apart(setting, body, wrt)
    for part in t.parts(body):
        _refuse_unless_all_apart(setting.inside(body), part, wrt)


def _explicit(setting: Setting, term: Term) -> Term:
    """The term with what the gradients in it pull back to: equal whatever the variables are, hence under a gradient."""
    term = t.map_parts(term, lambda part: _explicit(setting.inside(term), part))
    return _pulled_back(setting, term) if isinstance(term, Gradient) else term


def handed_down(term: Term, wrt: Symbol, cotangent: Term) -> Term | None:
    """What a gradient by a term is as one by `wrt` in it, all else fixed; None if `wrt` does not occur.

    The cotangent has the shape of the term; that of a column may have any number of columns, as the identity has.
    """
    if term == wrt:
        return cotangent
    if wrt not in walk(term):
        return None
    if isinstance(term, t.ComponentSum | t.IndexedSum):
        bound = t.free_times(cotangent) | t.free_times(wrt)
        refuse_unless(term.index not in bound, "an index that is bound twice")
        inner = handed_down(term.body, wrt, cotangent)
        return inner and t.with_parts(term, (inner,))
    return _total_of(handed_down(one, wrt, share) for one, share in _shares(term, wrt, cotangent))


def _shares(term: Term, wrt: Symbol, cotangent: Term) -> Iterable[tuple[Term, Term]]:
    """What a gradient by a term is as gradients by terms inside it."""
    match term:
        case t.Sum():
            return ((one, cotangent) for one in term.terms)
        case t.Scale():
            column, body = term.shape[1] == 1, term.body
            share = product(Transpose(body), cotangent) if column else t.Trace(product(Transpose(cotangent), body))
            return ((term.scalar, share), (body, t.Scale(term.scalar, cotangent)))
        case t.Product():
            places = [place for place, one in enumerate(term.factors) if wrt in walk(one)]
            return (_of_factor(term.factors, place, cotangent) for place in places)
        case t.Hadamard():
            cuts = ((one, term.factors[:place] + term.factors[place + 1 :]) for place, one in enumerate(term.factors))
            return ((one, _overlaid(t.Hadamard(rest) if rest[1:] else rest[0], cotangent)) for one, rest in cuts)
        case t.Transpose() if cotangent.shape != term.shape:
            return ((_turned(term.body), cotangent),)
        case t.Transpose():
            return ((term.body, Transpose(cotangent)),)
        case t.Trace():
            return ((term.body, t.Scale(cotangent, t.Identity(term.body.shape[0]))),)
        case t.Diagonal():
            return ((term.body, t.DiagonalPart(cotangent)),)
        case t.DiagonalPart() if cotangent.shape == term.shape:
            return ((term.body, t.Diagonal(cotangent)),)
        case _:
            return (_share_of_argument(term, cotangent),)


def _share_of_argument(term: Term, cotangent: Term) -> tuple[Term, Term]:
    """The same for what is not linear and has one argument."""
    match term:
        case t.Entrywise():
            known = DERIVATIVES.get(term.function)
            slope = t.Entrywise(term.function + "'", term.body) if known is None else lifted(known, term.body)
            return term.body, _overlaid(expect(slope, Term), cotangent)
        case t.EntrywisePower() if term.exponent:
            slope = scale(term.exponent, t.EntrywisePower(term.body, term.exponent - 1))
            return term.body, _overlaid(slope, cotangent)
        case t.Softmax():
            return term.body, _through_softmax(term, cotangent)
        case t.Inverse() if term.shape == SCALAR:
            return term.body, scale(-1, product(term, term, cotangent))
        case t.Inverse():
            turned = t.Inverse(Transpose(term.body))
            return term.body, scale(-1, product(turned, cotangent, turned))
        case t.Determinant():
            return term.body, t.Scale(product(cotangent, term), t.Inverse(Transpose(term.body)))
        case t.Power(body=t.Magnitude(kind="spectral_norm", body=v), exponent=Affine((), 2)) if v.shape[1] == 1:
            return product(Transpose(v), v), cotangent
        case t.Magnitude(kind="spectral_norm", body=v) if v.shape[1] == 1:
            return v, product(t.Scale(t.Inverse(term), v), cotangent)
        case t.Power(exponent=Affine((), exponent)) if term.shape == SCALAR and exponent > 0:
            return t.EntrywisePower(term.body, exponent), cotangent
        case t.Power(exponent=Affine((), exponent)) if 0 < exponent <= MAX_POWER:
            return product(*[term.body] * exponent), cotangent
        case _:
            raise RefusedError(f"no pullback of {type(term).__name__} is known")


def _of_factor(factors: tuple[Term, ...], place: int, cotangent: Term) -> tuple[Term, Term]:
    """L^T C R^T for a factor between L and R. If R is a column, R L^T C for the transpose of a row, diag(R) L^T C for
    the column in a diag."""
    one, rest = factors[place], factors[place + 1 :]
    before = product(*map(Transpose, reversed(factors[:place])), cotangent)
    if rest and rest[-1].shape[1] == 1 and (one.shape[0] == 1 or isinstance(one, t.Diagonal)):
        if isinstance(one, t.Diagonal):
            return one.body, product(t.Diagonal(product(*rest)), before)
        return one.body if isinstance(one, Transpose) else Transpose(one), product(*rest, before)
    if rest and one.shape[1] == 1 == rest[-1].shape[1]:
        return one, t.Scale(product(*rest), before)
    return one, product(before, *map(Transpose, reversed(rest)))


def _turned(row: Term) -> Term:
    """The transpose of a row, whose own transposes stand further inside. Refused where it cannot be moved there."""
    match row:
        case Transpose():
            return row.body
        case t.Product():
            return product(*map(Transpose, reversed(row.factors)))
        case t.Scale():
            return t.Scale(row.scalar, Transpose(row.body))
        case t.Sum() | t.Hadamard() | t.Entrywise() | t.EntrywisePower() | t.ComponentSum() | t.IndexedSum():
            return t.map_parts(row, Transpose)
        case _:
            refuse_unless(row.shape == SCALAR, f"no pullback of the transpose of {type(row).__name__} is known")
            return row


def _through_softmax(term: t.Softmax, cotangent: Term) -> Term:
    """(diag(p) - p p^T) C for a column p; column by column p o (c - (p^T c) 1) for a matrix."""
    if term.shape[1] == 1:
        outer = product(term, Transpose(term), cotangent)
        return add(product(t.Diagonal(term), cotangent), scale(-1, outer))
    ones = t.Ones((term.shape[0], 1))
    means = product(ones, Transpose(ones), t.Hadamard((term, cotangent)))
    return t.Hadamard((term, add(cotangent, scale(-1, means))))


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
    timed = [one for one in setting.context.recurrence if one.head.times]
    shared = not at.wrt.times and any(at.wrt in walk(one.body) for one in timed)
    refuse_unless(not shared, f"{at.wrt.name} is shared by all steps")
    refuse_unless(len(at.wrt.times) <= 1 and at.wrt.name not in hidden, f"{at.wrt.name} is not a node")
    for node in (at.wrt, target):
        if isinstance(node, Symbol):
            refuse_unless(node.name not in hidden, f"unfold {node.name} first")
            refuse_unless(not _is_held(setting, at, node), "the gradient is of or by a node that is held fixed")
    return at, target


def _refuse_hidden(setting: Setting, body: Term, *kinds: type[Term]) -> None:
    """Refuse a term that may depend on nodes which do not stand in it: abbreviations, derivatives, bound indices."""
    hidden = {one.head.name for one in setting.context.abbreviations} | {one.name for one in setting.context.losses}
    for one in walk(body):
        opaque = isinstance(one, (Gradient, *kinds))
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
            refuse_unless(len(node.times) == 1, "only nodes with a time are held fixed")
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
    return bool(start.times) and setting.holds(start.times[0] + lag - end.times[0] - 1)


def consumers(context: Context, node: Symbol) -> tuple[Symbol, ...]:
    """The nodes whose definitions read `node`."""
    sizes = {one.head.name: one.head.size for one in context.recurrence}
    found = [(name, lag) for name, read, lag in edges(context) if read == node.name]
    return tuple(Symbol(name, sizes[name], tuple(time + lag for time in node.times)) for name, lag in found)


def edges(context: Context) -> tuple[tuple[str, str, int], ...]:
    """(u, x, d) where the definition of u[t] reads x[t - d], or with d = 0 where that of u reads x. Refused for reading
    at no fixed lag."""
    found: dict[tuple[str, str, int], None] = {}
    for one in context.recurrence:
        for inner in walk(one.body):
            if isinstance(inner, Symbol) and (inner.times or not one.head.times):
                lags = [there - here for there, here in zip(one.head.times, inner.times, strict=False)]
                fixed = len(inner.times) == len(one.head.times) <= 1 and all(lag.is_constant for lag in lags)
                refuse_unless(fixed, f"{one.head.name} reads {inner.name} at no fixed lag")
                found[one.head.name, inner.name, sum(lag.constant for lag in lags)] = None
    return tuple(found)


def lags(context: Context, start: str) -> dict[str, int]:
    """The least number of time steps on a path from one family of nodes to each other one."""
    found, reads = {start: 0}, edges(context)
    for _ in range(len(context.recurrence) + 1):
        for name, read, lag in reads:
            if read in found:
                found[name] = min(found[read] + lag, found.get(name, found[read] + lag))
    return found
