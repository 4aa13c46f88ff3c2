"""Closed forms for every number of steps: one step back, and induction on their number."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ..kernel.affine import Affine, affine, entails
from ..kernel.calculus import edges
from ..kernel.certificate import Chain, Context, Induction, Lemma, Statement
from ..kernel.rules import HYPOTHESIS, free_in
from ..kernel.term import (
    Gradient,
    Identity,
    OrderedProduct,
    Product,
    Scale,
    Sum,
    Symbol,
    Term,
    add,
    affines,
    free_times,
    product,
    substitute_times,
    walk,
)
from .expand import expand_until
from .fresh import fresh_name, fresh_time
from .trail import StuckError, Trail


@dataclass(frozen=True, slots=True)
class ClosedForm:
    """`lemmas` prove, for all `variable` >= 0, the statement of the last; `use` says at which times to apply it."""

    lemmas: tuple[Lemma, ...]
    use: tuple[tuple[str, Affine], ...]


OneStep = Callable[[str], Lemma]


def close(
    context: Context, at: Gradient, end: Symbol, known: dict[str, Lemma], deadline: float, said: OneStep | None = None
) -> ClosedForm:
    """The gradient of `at.of` by x[T - k] as an ordered product of k factors times the gradient by x[T].

    `end` is the node that is differentiated (of a loss, the node it depends on), T its time. One step back, from the
    gradient by x[t] to that by x[t + 1], is worked out, or said: a lemma for a given name of t. Raises StuckError when
    it does not lead there.
    """
    node, final = at.wrt, end.times[0]
    if said is None and not _comes_back(context, at, end):
        raise StuckError(f"the gradient by {node.name} does not come back to itself")
    distance = final - node.times[0]
    names = _names_in_use(context, at)
    variable, bounds = _induction_variable(context, at, distance, names)
    moment = fresh_time("t", names | {variable})
    since = _since(context, node.name)
    bounds += (final - affine(variable) - since,) if since is not None else ()
    one = said(moment) if said is not None else _one_step(context, at, final, moment, known, deadline)
    factor = _leading_factor(one.statement)
    index = fresh_time("i", names | {moment, variable})
    start = final - affine(variable)
    statement = Statement(
        _by(at, start),
        "=",
        product(
            OrderedProduct(
                index,
                affine(1),
                affine(variable),
                substitute_times(factor, {moment: start + affine(index) - 1}),
            ),
            _by(at, final),
        ),
    )
    steps = _induction_step(context, at, statement, one, variable, moment, bounds, known)
    proof = Induction(variable, 0, Chain(()), steps)
    closed = Lemma(fresh_name(f"all steps back to {node.name}", known), statement, proof, bounds)
    return ClosedForm((one, closed), ((variable, distance),) if distance != affine(variable) else ())


def _comes_back(context: Context, at: Gradient, end: Symbol) -> bool:
    """Whether every path from x[t] to the end meets x[t + 1] before another state of that time: else one step back has
    no end. Not ruled out where an edge may be zero by hypothesis."""
    if any(one.statement.relation == "=" for one in context.hypotheses):
        return True
    reads = edges(context)
    states = {name for _, name, lag in reads if lag}
    useful = leading_to(reads, end.name) - {one.name for one in at.held}
    waiting, seen = [(at.wrt.name, 0)], {(at.wrt.name, 1)}
    while waiting:
        name, step = waiting.pop()
        for user, lag in [(user, step + lag) for user, read, lag in reads if read == name and user in useful]:
            if lag > 1 or (lag == 1 and user in states and user != at.wrt.name):
                return False
            if (user, lag) not in seen:
                seen.add((user, lag))
                waiting.append((user, lag))
    return True


def leading_to(reads: Iterable[tuple[str, str, int]], end: str) -> set[str]:
    """The families from which a path leads to the end."""
    found, before = {end}, set[str]()
    while found != before:
        before = set(found)
        found |= {read for user, read, _ in reads if user in before}
    return found


def _induction_variable(
    context: Context, at: Gradient, distance: Affine, names: frozenset[str]
) -> tuple[str, tuple[Affine, ...]]:
    """The depth of the claim if that is a variable of its own; else a new one, at most that depth if nodes are held."""
    fixed = {name for bound in (*affines(at), at.wrt.times[0] + distance) for name in bound.variables}
    if len(distance.variables) == 1 and distance == affine(distance.variables[0]):
        (variable,) = distance.variables
        spoken = {name for one in context.hypotheses for name in free_in(one.statement) - set(one.forall)}
        from_zero = affine(variable) in context.assumptions and not entails(context.assumptions, affine(variable) - 1)
        if variable not in fixed | spoken and from_zero:
            return variable, ()
    fresh = fresh_time("j", names)
    return fresh, (affine(fresh), distance - affine(fresh)) if at.held else (affine(fresh),)


def _one_step(
    context: Context, at: Gradient, final: Affine, moment: str, known: dict[str, Lemma], deadline: float
) -> Lemma:
    """Gradient by x[t] = A(t) (gradient by x[t + 1]), for all t before the end (if nodes are held, from the start)."""
    time = affine(moment)
    since = _since(context, at.wrt.name)
    bounds = (final - time - 1, *((time - at.wrt.times[0],) if at.held else ()))
    bounds += (time - since,) if since is not None else ()
    trail = Trail(context, _by(at, time), known, bounds, deadline=deadline)
    target = _by(at, time + 1)
    expand_until(trail, (target,), time + 1)
    trail.normal(_collected(trail.current, target))
    name = fresh_name(f"one step back to {at.wrt.name}", known)
    return Lemma(name, Statement(trail.start, "=", trail.current), trail.chain, bounds)


def _since(context: Context, name: str) -> int | None:
    """The first time from which on all that reads a node of this name is computed; None if that is at every time."""
    lags = [lag for _, read, lag in edges(context) if read == name]
    return None if context.start is None else context.start - min(lags, default=0)


def _collected(term: Term, target: Gradient) -> Term:
    """A sum of products that all end in `target`, as (sum of what stands before) . target."""
    leading: list[Term] = []
    for one in term.terms if isinstance(term, Sum) else (term,):
        leading.append(_before(one, target))
    return product(add(*leading), target) if len(leading) > 1 else product(leading[0], target)


def _before(term: Term, target: Gradient) -> Term:
    match term:
        case Product(factors=(*front, last)) if last == target:
            return product(*front)
        case Product(factors=(*front, Sum(terms=terms))):
            return product(*front, add(*(_before(one, target) for one in terms)))
        case Scale(scalar=scalar, body=body):
            return Scale(scalar, _before(body, target))
        case _ if term == target:
            return Identity(target.shape[0])
        case _:
            raise StuckError("one step back gives more than a multiple of the next gradient")


def _leading_factor(statement: Statement) -> Term:
    match statement.right:
        case Product(factors=(*front, _)):
            return product(*front)
        case _:
            raise StuckError("one step back gives no product")


def _induction_step(
    context: Context,
    at: Gradient,
    statement: Statement,
    one: Lemma,
    variable: str,
    moment: str,
    bounds: tuple[Affine, ...],
    known: dict[str, Lemma],
) -> Chain:
    following = {variable: affine(variable) + 1}
    left, right = statement.at(following).left, statement.at(following).right
    hypothesis = Lemma(HYPOTHESIS, statement, Chain(()), bounds)
    moved = tuple(bound.substitute(following) for bound in (*context.assumptions, *bounds))
    lemmas = {**known, one.name: one, HYPOTHESIS: hypothesis}
    trail = Trail(context, left, lemmas, (*moved, affine(variable)), frozenset({variable}))
    time = left.wrt.times[0] if isinstance(left, Gradient) else Affine()
    trail.apply("lemma", left, {moment: time}, one.name)
    trail.apply("lemma", statement.left, {}, HYPOTHESIS)
    block = next(inner for inner in walk(right) if isinstance(inner, OrderedProduct))
    trail.write("peel_first", block, right, reverse=True)
    return trail.chain


def _by(at: Gradient, time: Affine) -> Gradient:
    return Gradient(at.of, Symbol(at.wrt.name, at.wrt.size, (time,)), at.held)


def _names_in_use(context: Context, at: Gradient) -> frozenset[str]:
    names = set(free_times(at)).union(*(one.variables for one in context.assumptions))
    for one in context.hypotheses:
        names |= free_in(one.statement)
    for loss in context.losses:
        names |= loss.fixed
    names |= {str(size) for one in context.recurrence for part in walk(one.body) for size in part.shape}
    return frozenset(names)
