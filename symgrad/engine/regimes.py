"""Regimes: constant weights and states in which a recurrence runs for ever, so that a product of Jacobians
can be computed for every depth.

A regime is written as hypotheses. That they agree with the recurrence is proved, definition by definition.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction

from ..kernel.affine import affine
from ..kernel.certificate import Context, Definition, Hypothesis, Lemma, Statement
from ..kernel.normal import FUNCTIONS
from ..kernel.term import (
    SCALAR,
    Diagonal,
    Entrywise,
    Identity,
    Magnitude,
    MagnitudeKind,
    Ones,
    Sum,
    Symbol,
    Term,
    Zero,
    map_parts,
    number,
    parts,
    replaced,
    scale,
    walk,
)
from .expand import apply_hypotheses
from .laws import LAWS, apply_first, one_law, scalars
from .long_run import Fact, judged, multiple_of
from .prove import prove
from .tidy import tidy
from .trail import StuckError, Trail, same

WEIGHTS = tuple(map(Fraction, ("2", "1/2", "-2", "-1/2", "8", "4", "1")))
SATURATED = Fraction(9, 10)
ROUNDS = 3
CHECK_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Regime:
    """`context` assumes the regime instead of what was assumed before; `facts` say that both agree with the recurrence
    and with what was assumed before."""

    context: Context
    facts: tuple[Fact, ...]


def at_rest(context: Context) -> Regime | None:
    """Every node is constant because nothing moves it, whatever the weights are; None if the weights matter."""
    return _regime(context, None, False)


def regimes(context: Context) -> Iterator[Regime]:
    """Weights are multiples of the identity, inputs are 0, and every tanh and sigmoid is at rest (its argument 0), or
    has the value 9/10 because of its bias."""
    for saturated in (False, True):
        for weight in WEIGHTS:
            found = _regime(context, weight, saturated)
            if found is not None:
                yield found


def value_in(regime: Regime, scalar: Term) -> Fact | None:
    """The number that a scalar is in a regime, if that can be seen."""
    trail = Trail(regime.context, scalar)
    try:
        apply_hypotheses(trail)
        while _constant_entries(trail) or any(one_law(trail, rule) for rule in LAWS):
            pass
    except StuckError:
        return None
    value = multiple_of(regime.context, trail.current, number(1))
    if value is None:
        return None
    trail.normal(number(value))
    return judged(regime.context, (Lemma("a number", Statement(scalar, "=", number(value)), trail.chain),))


def _constant_entries(trail: Trail) -> bool:
    """The largest or smallest entry of a constant vector, by the magnitude of the diagonal matrix that has it."""
    for one in scalars(trail.current):
        if isinstance(one, Magnitude) and one.kind in _OF_DIAGONALS and one.body.shape[1] == 1:
            value = multiple_of(trail.context, one.body, Ones(one.body.shape))
            if value is not None:
                kind = _OF_DIAGONALS[one.kind]
                whole = Magnitude(kind, Diagonal(one.body))
                trail.apply_back("norm_diagonal", whole, replaced(trail.current, one, whole))
                constant = Magnitude(kind, scale(value, Identity(one.body.shape[0])))
                trail.normal(replaced(trail.current, whole, constant))
                return apply_first(trail, "homogeneous", (constant,)) or True
    return False


_OF_DIAGONALS: dict[str, MagnitudeKind] = {
    "largest_entry": "spectral_norm",
    "smallest_entry": "least_singular_value",
}


@dataclass(slots=True)
class _Choice:
    """Values of names, at every time alike, and of functions at arguments that are names, such as tanh(p)."""

    names: dict[str, Term] = field(default_factory=dict)
    functions: dict[Term, Term] = field(default_factory=dict)

    def put_in(self, term: Term) -> Term:
        """A term with the chosen values in the place of what it reads."""
        if isinstance(term, Symbol):
            return self.names.get(term.name, term)
        found = map_parts(term, self.put_in) if parts(term) else term
        return self.functions.get(found) or tidy(found)


def _regime(context: Context, weight: Fraction | None, saturated: bool) -> Regime | None:
    choice = _Choice()
    _choose_parameters(context, choice, weight)
    _choose_states(context, choice, saturated)
    inside = replace(context, hypotheses=tuple(_said(context, choice)))
    facts = [_consistent(inside, one, choice.names[one.head.name]) for one in context.recurrence]
    facts += [_still_holds(inside, one) for one in context.hypotheses]
    kept = tuple(one for one in facts if one is not None and one.proved)
    return Regime(inside, kept) if len(kept) == len(facts) else None


def _given(context: Context) -> dict[str, Symbol]:
    """What the recurrence reads and does not define, by name."""
    heads = {one.head.name for one in context.recurrence}
    found = (one for update in context.recurrence for one in walk(update.body) if isinstance(one, Symbol))
    return {one.name: one for one in found if one.name not in heads}


def _bounding(context: Context) -> dict[str, Symbol]:
    """The scalars that only assumptions speak of, such as a bound of a norm."""
    sides = (side for one in context.hypotheses for side in (one.statement.left, one.statement.right))
    found = (one for side in sides for one in walk(side) if isinstance(one, Symbol))
    given = _given(context)
    return {one.name: one for one in found if one.size == SCALAR and not one.times and one.name not in given}


def _choose_parameters(context: Context, choice: _Choice, weight: Fraction | None) -> None:
    """Square matrices, or scalars if there are none, are the weight; columns and inputs are 0."""
    given = _given(context)
    square = any(_is_square(one) for one in given.values())
    for name, one in given.items():
        if one.times or (one.size[1] == 1 and one.size != SCALAR):
            choice.names[name] = _nothing(one)
        elif weight is not None and _is_square(one):
            choice.names[name] = scale(weight, Identity(one.size[0]))
        elif weight is not None and one.size == SCALAR:
            choice.names[name] = number(Fraction(1, 2) if square else weight)
    if weight is not None:
        choice.names |= {name: number(abs(weight)) for name in _bounding(context)}


def _nothing(one: Symbol) -> Term:
    return number(0) if one.size == SCALAR else Zero(one.size)


def _is_square(one: Symbol) -> bool:
    return one.size[0] == one.size[1] and one.size != SCALAR and not one.times


def _choose_states(context: Context, choice: _Choice, saturated: bool) -> None:
    """The constant value of every node, and the biases that make it so."""
    targets: dict[str, Term] = {}
    for one in context.recurrence:
        bias = _bias(context, one)
        function = _function(context, one)
        far = saturated and bias is not None and function in FUNCTIONS
        targets[one.head.name] = _far(choice, one, function) if far else _nothing(one.head)
        choice.names[one.head.name] = _value(choice, one, targets[one.head.name])
    for one in context.recurrence:
        bias = _bias(context, one)
        if bias is not None:
            choice.names[bias.name] = _nothing(bias)
            rest = choice.put_in(one.body.body if isinstance(one.body, Entrywise) else one.body)
            choice.names[bias.name] = tidy(Sum((targets[one.head.name], scale(-1, rest))))
    for one in context.recurrence * ROUNDS:
        if not isinstance(one.body, Entrywise) and _bias(context, one) is None:
            choice.names[one.head.name] = choice.put_in(one.body)


def _function(context: Context, update: Definition) -> str:
    """The function that a node is a value of, or else that is applied to it."""
    if isinstance(update.body, Entrywise):
        return update.body.function
    every = (one for other in context.recurrence for one in walk(other.body) if isinstance(one, Entrywise))
    name = update.head.name
    return next((one.function for one in every if isinstance(one.body, Symbol) and one.body.name == name), "")


def _far(choice: _Choice, update: Definition, function: str) -> Term:
    """A name p, chosen so that f(p) is 9/10 in every entry: tanh and sigmoid have that value."""
    argument = Symbol(f"p_{update.head.name}", update.head.size)
    choice.functions[Entrywise(function, argument)] = scale(SATURATED, Ones(argument.size))
    return argument


def _value(choice: _Choice, update: Definition, target: Term) -> Term:
    """The value of a node whose argument, or which itself, is to be the target."""
    if not isinstance(update.body, Entrywise):
        return target
    found = Entrywise(update.body.function, target)
    return choice.functions.get(found) or tidy(found)


def _bias(context: Context, update: Definition) -> Symbol | None:
    """A column that stands alone among the summands of a node, or of its argument, and nowhere else."""
    given = _given(context)
    inner = update.body.body if isinstance(update.body, Entrywise) else update.body
    read = [one.name for other in context.recurrence for one in walk(other.body) if isinstance(one, Symbol)]
    for one in inner.terms if isinstance(inner, Sum) else ():
        if isinstance(one, Symbol) and one.name in given and read.count(one.name) == 1:
            return one
    return None


def _said(context: Context, choice: _Choice) -> Iterator[Hypothesis]:
    """Each name equals its value, at every time if it has one."""
    for function, value in choice.functions.items():
        yield Hypothesis(Statement(function, "=", value))
    known = _given(context) | _bounding(context) | {one.head.name: one.head for one in context.recurrence}
    for name, value in choice.names.items():
        moments = tuple(f"t{place}" if place else "t" for place in range(len(known[name].times)))
        yield Hypothesis(Statement(replace(known[name], times=tuple(map(affine, moments))), "=", value), moments)


def _consistent(context: Context, update: Definition, value: Term) -> Fact | None:
    """The definition of a node, with all that it reads at its constant value, gives that of the node."""
    trail = Trail(context, update.body)
    try:
        apply_hypotheses(trail)
    except StuckError:
        return None
    if not same(context, trail.current, value):
        return None
    trail.normal(value)
    return judged(context, (Lemma("a constant state", Statement(update.body, "=", value), trail.chain),))


def _still_holds(context: Context, assumed: Hypothesis) -> Fact | None:
    attempt = prove(assumed.statement, context, "as assumed", seconds=CHECK_SECONDS)
    return Fact(assumed.statement, context, attempt) if attempt.proved else None
