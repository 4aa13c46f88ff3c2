"""Derivatives of the nodes of an unrolled graph: the chain rule from either end, and the pullback of each primitive.

Everything is in gradient layout: the gradient of y by x has shape (dim x, dim y), so factors nearer to x stand left.
"""

from __future__ import annotations

from collections.abc import Iterable

from .certificate import Context, Step
from .rules import RefusedError, Sequent, Setting, expect, refuse_unless, rule, unfolded
from .term import (
    SCALAR,
    Diagonal,
    Entrywise,
    EntrywisePower,
    Gradient,
    Hadamard,
    Held,
    Identity,
    Limit,
    OrderedProduct,
    IndexedSum,
    Product,
    Scale,
    Sum,
    Symbol,
    Term,
    Transpose,
    Zero,
    add,
    free_times,
    product,
    scale,
    walk,
)


@rule
def chain_rule(setting: Setting, step: Step) -> Sequent:
    """Gradient of y by x = sum, over the nodes u that read x, of (direct gradient of u by x) (gradient of y by u).

    Refused unless x and y are seen to be different nodes. Nodes held fixed, and those that cannot reach y, are left out.
    """
    at = _total(setting, step)
    target = _loss(setting, at.of) or expect(at.of, Symbol)
    refuse_unless(_apart(setting, at.wrt, target), "the two nodes are not seen to be different")
    terms = [
        product(Gradient(user, at.wrt, direct=True), Gradient(at.of, user, at.held))
        for user in consumers(setting.context, at.wrt)
        if _counts(setting, user, at.held) and not _unreachable(setting, user, target)
    ]
    return Sequent(at, "=", add(*terms) if terms else Zero(at.shape))


@rule
def chain_rule_last(setting: Setting, step: Step) -> Sequent:
    """Gradient of y by x = sum, over the nodes a that y reads, of (gradient of a by x) (direct gradient of y by a)."""
    at = _total(setting, step)
    of = at.of
    if isinstance(of, Symbol):
        refuse_unless(_apart(setting, at.wrt, of), "the two nodes are not seen to be different")
        of = _body(setting, of)
    _refuse_hidden(setting, of)
    nodes = {one.head.name for one in setting.context.recurrence} | {at.wrt.name}
    arguments = dict.fromkeys(one for one in walk(of) if isinstance(one, Symbol) and one.name in nodes)
    terms = [
        product(Gradient(node, at.wrt, at.held), Gradient(at.of, node, direct=True))
        for node in arguments
        if _counts(setting, node, at.held) and not _unreachable(setting, at.wrt, node)
    ]
    return Sequent(at, "=", add(*terms) if terms else Zero(at.shape))


@rule
def loss_chain(setting: Setting, step: Step) -> Sequent:
    """L depends on one node y alone: gradient of L by x = (gradient of y by x) (gradient of L by y)."""
    at = _total(setting, step)
    target = _loss(setting, at.of)
    if target is None or target == at.wrt:
        raise RefusedError("not the gradient of a loss by a node other than its own")
    return Sequent(at, "=", product(Gradient(target, at.wrt, at.held), Gradient(at.of, target)))


@rule
def self(setting: Setting, step: Step) -> Sequent:
    """The gradient of a node by itself is the identity."""
    at = _total(setting, step)
    refuse_unless(at.of == at.wrt, "the two nodes differ")
    return Sequent(at, "=", Identity(at.shape[0]))


@rule
def no_path(setting: Setting, step: Step) -> Sequent:
    """The gradient is zero where no path leads from x to y."""
    at = _total(setting, step)
    target = _loss(setting, at.of) or expect(at.of, Symbol)
    refuse_unless(_unreachable(setting, at.wrt, target), "a path is not excluded")
    return Sequent(at, "=", Zero(at.shape))


@rule
def pullback(setting: Setting, step: Step) -> Sequent:
    """A direct gradient is what differentiating the definition gives, primitive by primitive."""
    at = expect(step.at, Gradient)
    refuse_unless(at.direct and not at.held, "not a direct gradient")
    body = _body(setting, at.of) if isinstance(at.of, Symbol) else at.of
    _refuse_hidden(setting, body)
    for one in walk(body):
        if isinstance(one, Symbol) and one.name == at.wrt.name and one != at.wrt:
            refuse_unless(_apart(setting, one, at.wrt), f"{one.name} may stand there twice")
    return Sequent(at, "=", pulled_back(body, at.wrt) or Zero(at.shape))


def pulled_back(term: Term, wrt: Symbol) -> Term | None:
    """The gradient of a column (or scalar) term by `wrt`, all else fixed; None if `wrt` does not occur."""
    if term == wrt:
        return Identity(wrt.shape[0])
    if wrt not in walk(term):
        return None
    match term:
        case Sum():
            return _total_of(pulled_back(one, wrt) for one in term.terms)
        case Scale():
            by_scalar, by_body = pulled_back(term.scalar, wrt), pulled_back(term.body, wrt)
            through_scalar = by_scalar and product(by_scalar, Transpose(term.body))
            return _total_of((through_scalar, by_body and Scale(term.scalar, by_body)))
        case Product():
            return _pulled_back_product(product(*term.factors[:-1]), term.factors[-1], wrt)
        case Hadamard():
            return _total_of(_hadamard_part(term, place, wrt) for place in range(len(term.factors)))
        case Entrywise():
            return _through(pulled_back(term.body, wrt), Entrywise(term.function + "'", term.body))
        case EntrywisePower():
            slope = scale(term.exponent, EntrywisePower(term.body, term.exponent - 1))
            return _through(pulled_back(term.body, wrt), slope)
        case _:
            raise RefusedError(f"no pullback of {type(term).__name__} is known")


def _pulled_back_product(matrix: Term, last: Term, wrt: Symbol) -> Term | None:
    """(A v)' for A free of x; (u^T v)' for columns u and v; (diag(u) v)'."""
    if wrt not in walk(matrix):
        inner = pulled_back(last, wrt)
        return inner and product(inner, Transpose(matrix))
    if isinstance(matrix, Diagonal):
        return pulled_back(Hadamard((matrix.body, last)), wrt)
    refuse_unless(isinstance(matrix, Transpose) and last.shape[1] == 1, "the left factor depends on the variable")
    column = expect(matrix, Transpose).body
    refuse_unless(column.shape == last.shape, "the left factor depends on the variable")
    by_left, by_right = pulled_back(column, wrt), pulled_back(last, wrt)
    return _total_of((by_left and product(by_left, last), by_right and product(by_right, column)))


def _hadamard_part(term: Hadamard, place: int, wrt: Symbol) -> Term | None:
    others = (*term.factors[:place], *term.factors[place + 1 :])
    return _through(pulled_back(term.factors[place], wrt), others[0] if len(others) == 1 else Hadamard(others))


def _through(inner: Term | None, slope: Term) -> Term | None:
    return inner and product(inner, slope if slope.shape == SCALAR else Diagonal(slope))


def _total_of(terms: Iterable[Term | None]) -> Term | None:
    found = [one for one in terms if one is not None]
    return add(*found) if found else None


def _total(setting: Setting, step: Step) -> Gradient:
    at = expect(step.at, Gradient)
    refuse_unless(not at.direct and len(at.wrt.times) == 1, "not a total gradient by a node")
    of = _loss(setting, at.of) or at.of
    for node in (at.wrt, of):
        free = not isinstance(node, Symbol) or _counts(setting, node, at.held)
        refuse_unless(free, "the gradient is of or by a node that is held fixed")
    return at


def _refuse_hidden(setting: Setting, body: Term) -> None:
    """Refuse a term that may depend on nodes which do not stand in it: abbreviations, derivatives, bound indices."""
    hidden = {one.head.name for one in setting.context.abbreviations} | {one.name for one in setting.context.losses}
    for one in walk(body):
        opaque = isinstance(one, Gradient | Limit | OrderedProduct | IndexedSum)
        refuse_unless(not opaque and not (isinstance(one, Symbol) and one.name in hidden), "unfold the term first")


def _body(setting: Setting, node: Symbol) -> Term:
    for one in setting.context.recurrence:
        if one.head.name == node.name:
            setting.use("definition", node.name)
            return unfolded(one, node)
    raise RefusedError(f"{node.name} has no recurrence")


def _loss(setting: Setting, of: Term) -> Symbol | None:
    for one in setting.context.losses:
        if of == Symbol(one.name, SCALAR):
            setting.use("loss", one.name)
            return one.on
    return None


def _apart(setting: Setting, one: Symbol, other: Symbol) -> bool:
    """Whether two nodes are seen to be different."""
    if one.name != other.name or len(one.times) != 1 or len(other.times) != 1:
        return one.name != other.name
    lag = other.times[0] - one.times[0]
    return setting.holds(lag - 1) or setting.holds(-lag - 1)


def _counts(setting: Setting, node: Symbol, held: tuple[Held, ...]) -> bool:
    """Whether a node is outside every held range. Refused when that cannot be told."""
    for one in held:
        if one.name != node.name:
            continue
        time = node.times[0]
        if setting.holds(time - one.lower) and setting.holds(one.upper - time):
            return False
        outside = setting.holds(one.lower - time - 1) or setting.holds(time - one.upper - 1)
        refuse_unless(outside, f"cannot tell whether {node.name}[{time}] is held fixed")
    return True


def consumers(context: Context, node: Symbol) -> tuple[Symbol, ...]:
    """The nodes whose definitions read `node`."""
    found: list[Symbol] = []
    for one in context.recurrence:
        (time,) = one.head.times
        for inner in walk(one.body):
            if isinstance(inner, Symbol) and inner.name == node.name and len(inner.times) == 1:
                lag = time - inner.times[0]
                refuse_unless(lag.is_constant, f"{one.head.name} reads {inner.name} at no fixed lag")
                found.append(Symbol(one.head.name, one.head.size, (node.times[0] + lag,)))
    return tuple(dict.fromkeys(found))


def _unreachable(setting: Setting, start: Symbol, end: Symbol) -> bool:
    """Whether every path from `start` takes more time steps than lie between it and `end`."""
    lag = lags(setting.context, start.name).get(end.name)
    if lag is None:
        return start.name != end.name
    return setting.holds(start.times[0] + lag - end.times[0] - 1)


def lags(context: Context, start: str) -> dict[str, int]:
    """The least number of time steps on a path from one family of nodes to each other one."""
    found = {start: 0}
    for _ in range(len(context.recurrence) + 1):
        for one in context.recurrence:
            for inner in walk(one.body):
                if isinstance(inner, Symbol) and inner.name in found and inner.times:
                    lag = found[inner.name] + (one.head.times[0] - inner.times[0]).constant
                    found[one.head.name] = min(lag, found.get(one.head.name, lag))
    return found
