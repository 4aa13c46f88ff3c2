"""One step of the chain rule, written out: local gradients by SymPy, values folded into names, hypotheses used."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from itertools import chain

from ..kernel.affine import Affine, affine
from ..kernel.certificate import Context, Definition, Hypothesis
from ..kernel.normal import FUNCTIONS
from ..kernel.rules import unfolded
from ..kernel.term import Entrywise, Gradient, Symbol, Term, parts, replaced, substitute_times, walk
from .tidy import tidy
from .trail import StuckError, Trail, direct_gradients, gradients, same

MAX_EXPANSIONS = 40


def recurrence_of(context: Context, name: str) -> Definition | None:
    return next((one for one in context.recurrence if one.head.name == name), None)


def unfold_abbreviations(trail: Trail) -> None:
    """Replace every abbreviation by what it stands for, also where it is derived."""
    known = {one.head.name for one in trail.context.abbreviations}
    for _ in range(MAX_EXPANSIONS):
        plain = (one for one in outside_gradients(trail.current) if isinstance(one, Symbol) and one.name in known)
        derived = (one for one in gradients(trail.current) if _holds_one_of(one.of, known))
        found = next(chain(plain, derived), None)
        if found is None:
            break
        trail.apply("definition", found)


def _holds_one_of(term: Term, names: set[str]) -> bool:
    """Whether one of the names stands in a term, but not under a direct gradient alone."""
    if isinstance(term, Gradient):
        return not term.direct and _holds_one_of(term.of, names)
    here = isinstance(term, Symbol) and term.name in names
    return here or any(_holds_one_of(part, names) for part in parts(term))


def step_back(trail: Trail, at: Gradient) -> None:
    """The chain rule from the side of x: over the nodes that read x."""
    trail.apply("chain_rule", at)
    write_out(trail)


def step_forward(trail: Trail, at: Gradient) -> None:
    """The chain rule from the side of y: over the nodes that y reads."""
    trail.apply("chain_rule_last", at)
    write_out(trail)


def write_out(trail: Trail) -> None:
    """Local gradients, then the derivatives of functions in them by their values, then those values by their names."""
    for one in local_gradients(trail):
        if one.wrt.shape[1] != 1:
            trail.apply("pullback", one)
            continue
        try:
            found = _local(trail.context, one)
        except StuckError:
            trail.apply("pullback", one)
        else:
            trail.write("pullback", one, tidy(replaced(trail.current, one, found)))
    for inner in slopes(trail.current):
        trail.apply("entrywise_derivative", inner)
    fold_values(trail)
    apply_hypotheses(trail)


def local_gradients(trail: Trail) -> list[Gradient]:
    """The direct gradients, and the total ones of expressions in which no node stands: nothing else counts there."""
    names = {one.head.name for one in (*trail.context.recurrence, *trail.context.abbreviations)}
    names |= {one.name for one in trail.context.losses}
    total = [one for one in gradients(trail.current) if not isinstance(one.of, Symbol) and not one.held]
    alone = [
        one for one in total if names.isdisjoint(inner.name for inner in walk(one.of) if isinstance(inner, Symbol))
    ]
    return [*direct_gradients(trail.current), *alone]


def slopes(term: Term) -> tuple[Entrywise, ...]:
    """The derivatives of tanh and sigmoid that stand outside derivatives of terms and suprema, each once."""
    known = {f"{name}'" for name in FUNCTIONS}
    found = (one for one in outside_gradients(term) if isinstance(one, Entrywise) and one.function in known)
    return tuple(dict.fromkeys(found))


def _local(context: Context, at: Gradient) -> Term:
    """The direct gradient in full. That of a definition is found once, at the time of its head."""
    found = recurrence_of(context, at.of.name) if isinstance(at.of, Symbol) else None
    if found is None or not isinstance(at.of, Symbol):
        return _derived(at.of, at.wrt)
    if not found.head.times:
        return _derived(found.body, at.wrt)
    (moment,), (now,) = found.head.times[0].variables, at.of.times
    wrt = replace(at.wrt, times=tuple(found.head.times[0] + (time - now) for time in at.wrt.times))
    return substitute_times(_derived(found.body, wrt), {moment: now})


@lru_cache(maxsize=1024)
def _derived(body: Term, wrt: Symbol) -> Term:
    # Imported here: SymPy is more than half of the start-up of a check, and a text without derivatives needs none.
    from ..expressions.bridge import to_sympy, to_term
    from .backprop import local_gradient

    try:
        return to_term(local_gradient(to_sympy(body), to_sympy(wrt)))
    except (ValueError, NotImplementedError) as error:
        raise StuckError(f"no local gradient by {wrt.name}: {error}") from None


def _fold(trail: Trail, node: Symbol, forms: tuple[Term, ...]) -> None:
    """Write the node for its value in these forms. A rule rewrites all or nothing: a node that stands there already is
    unfolded first."""
    if node in outside_gradients(trail.current):
        trail.apply("definition", node)
    result = trail.current
    for one in forms:
        result = replaced(result, one, node)
    trail.write("definition", node, result, reverse=True)


def fold_values(trail: Trail) -> None:
    """Write h[t] for each tanh(W h[t-1] + ...) that stands written out, in any form and at any time."""
    for one in dict.fromkeys(outside_gradients(trail.current)):
        for node in _heads(trail.context, one) if isinstance(one, Entrywise) else ():
            value = _value(trail.context, node)
            if value == one or same(trail.context, value, one):
                _fold(trail, node, (one, value, tidy(value)))
                break


def _heads(context: Context, value: Entrywise) -> Iterable[Symbol]:
    """The nodes that are this function of something with the same names in it, at the times that fit."""
    inside = [one for one in walk(value) if isinstance(one, Symbol) and len(one.times) == 1]
    for found in context.recurrence:
        if not isinstance(found.body, Entrywise) or found.body.function != value.function:
            continue
        if not found.head.times:
            yield found.head
            continue
        read = next((one for one in walk(found.body) if isinstance(one, Symbol) and len(one.times) == 1), None)
        fitting = [one for one in inside if read is not None and one.name == read.name]
        for one in dict.fromkeys(fitting):
            lag = one.times[0] - read.times[0] if read is not None else Affine()
            yield Symbol(found.head.name, found.head.size, (found.head.times[0] + lag,))


def _value(context: Context, node: Symbol) -> Term:
    found = recurrence_of(context, node.name)
    return node if found is None else unfolded(found, node)


def apply_hypotheses(trail: Trail) -> None:
    """Use every assumed equation from left to right, wherever its left side stands."""
    for _ in range(MAX_EXPANSIONS):
        for one in trail.context.hypotheses:
            match = _matched(one, trail.current) if one.statement.relation == "=" else None
            if match is not None:
                trail.apply("hypothesis", *match)
                break
        else:
            return


def _matched(hypothesis: Hypothesis, term: Term) -> tuple[Term, dict[str, Affine]] | None:
    """Where the left side of a hypothesis occurs outside derivatives, and at which times."""
    left = hypothesis.statement.left
    if not hypothesis.forall and replaced(term, left, hypothesis.statement.right) != term:
        return left, {}
    for one in outside_gradients(term):
        values = _times_of(left, one, hypothesis.forall)
        if (
            values is not None
            and substitute_times(left, values) == one
            and one != substitute_times(hypothesis.statement.right, values)
        ):
            return one, values
    return None


def outside_gradients(term: Term) -> Iterable[Term]:
    yield term
    if not isinstance(term, Gradient):
        for part in parts(term):
            yield from outside_gradients(part)


def _times_of(left: Term, one: Term, forall: tuple[str, ...]) -> dict[str, Affine] | None:
    """Solve name[t] = name[time] for t, where t stands alone; no times to solve is fine too."""
    if not forall:
        return {}
    if not (isinstance(left, Symbol) and isinstance(one, Symbol) and left.name == one.name):
        return None
    pairs = zip(left.times, one.times, strict=True)
    return {
        variable: time - (pattern - affine(variable))
        for pattern, time in pairs
        for variable in pattern.variables
        if variable in forall and pattern.coefficient(variable) == 1
    }


def expand_until(trail: Trail, keep: tuple[Gradient, ...], horizon: Affine) -> None:
    """Step back from the earliest nodes until only the gradients in `keep` are left.

    Raises StuckError when a state at or after `horizon` is met that is not in `keep`: its gradient would never end.
    """
    states = lagged(trail.context)
    for _ in range(MAX_EXPANSIONS):
        left = [one for one in gradients(trail.current) if one not in keep and not is_generator(trail.context, one)]
        if not left:
            return
        first = min(left, key=_earliness)
        for at in (one for one in left if one.wrt.times == first.wrt.times):
            _step_once(trail, at, horizon, states)
        write_out(trail)
    raise StuckError("the gradient does not come back to itself in a few steps")


def _step_once(trail: Trail, at: Gradient, horizon: Affine, states: frozenset[str]) -> None:
    if not at.wrt.times:
        raise StuckError(f"{at.wrt.name} is read at every time step")
    ahead = at.wrt.times[0] - horizon
    if at.of == at.wrt:
        trail.apply("self", at)
    elif ahead.is_constant and ahead.constant >= (0 if at.wrt.name in states else 1):
        raise StuckError(f"the gradient by {at.wrt.name} does not come back to itself")
    else:
        trail.apply("chain_rule", at)


def lagged(context: Context) -> frozenset[str]:
    """The states: families that a later time step reads."""
    return frozenset(
        inner.name
        for one in context.recurrence
        for inner in walk(one.body)
        if isinstance(inner, Symbol) and inner.times and inner.times != one.head.times
    )


def is_generator(context: Context, gradient: Gradient) -> bool:
    """The gradient of a loss by the one node that it depends on: nothing more is known of it."""
    plain = not gradient.held and not gradient.direct
    return plain and any(gradient.wrt == one.node(gradient.of) for one in context.losses)


def _earliness(gradient: Gradient) -> tuple[object, ...]:
    time = gradient.wrt.times[0] if gradient.wrt.times else Affine()
    return (time.constant, str(time), gradient.wrt.name)
