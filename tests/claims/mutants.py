"""Random minimal changes to a claim: a factor swapped, a transpose dropped, a time shifted, a sign, a gate, a bound."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random

from symgrad.kernel.affine import Affine
from symgrad.kernel.certificate import Context, Statement
from symgrad.kernel.term import (
    Diagonal,
    Entrywise,
    EntrywisePower,
    Extremum,
    Gradient,
    Hadamard,
    Held,
    IndexedSum,
    Inverse,
    Magnitude,
    Number,
    OrderedProduct,
    Power,
    Product,
    Scale,
    ShapeError,
    Softmax,
    Sum,
    Symbol,
    Term,
    Transpose,
    number,
    parts,
    product,
    walk,
    with_parts,
)

FUNCTIONS = ("tanh", "sigmoid", "tanh'", "sigmoid'")
RELATIONS = ("=", "<=", "<", ">=", ">")
ATTEMPTS = 60


def mutant(statement: Statement, context: Context, random: Random) -> tuple[Statement, Context]:
    """The claim with one thing changed, most often in the statement and sometimes in the model."""
    for _ in range(ATTEMPTS):
        try:
            found = _changed(statement, context, random)
        except ShapeError:
            continue
        if found != (statement, context):
            return found
    return statement, context


def _changed(statement: Statement, context: Context, random: Random) -> tuple[Statement, Context]:
    symbols = _symbols(statement, context)
    match random.randrange(10):
        case 0 if statement.relation != "=":
            return replace(statement, relation=random.choice(RELATIONS)), context
        case 1 if context.recurrence:
            place = random.randrange(len(context.recurrence))
            one = context.recurrence[place]
            body = _mutated(one.body, symbols, random)
            recurrence = (*context.recurrence[:place], replace(one, body=body), *context.recurrence[place + 1 :])
            return statement, replace(context, recurrence=recurrence)
        case 2 if random.random() < 0.5:
            return statement, _other_assumptions(context, random)
        case 2 | 3:
            return _of_shape(replace(statement, left=_mutated(statement.left, symbols, random))), context
        case _:
            return _of_shape(replace(statement, right=_mutated(statement.right, symbols, random))), context


def _other_assumptions(context: Context, random: Random) -> Context:
    """An inequality or a hypothesis left out, or an inequality that allows one step more."""
    if context.hypotheses and random.random() < 0.7:
        place = random.randrange(len(context.hypotheses))
        return replace(context, hypotheses=context.hypotheses[:place] + context.hypotheses[place + 1 :])
    if not context.assumptions:
        return context
    place = random.randrange(len(context.assumptions))
    weaker = (context.assumptions[place] + 1,) if random.random() < 0.5 else ()
    return replace(context, assumptions=(*context.assumptions[:place], *weaker, *context.assumptions[place + 1 :]))


def _of_shape(statement: Statement) -> Statement:
    if statement.left.shape != statement.right.shape:
        raise ShapeError("the sides differ in shape")
    return statement


def _symbols(statement: Statement, context: Context) -> list[Symbol]:
    terms = (statement.left, statement.right, *(one.body for one in context.recurrence))
    return sorted({one for term in terms for one in walk(term) if isinstance(one, Symbol)}, key=str)


def _mutated(term: Term, symbols: list[Symbol], random: Random) -> Term:
    """The term with one of its parts changed. Raises ShapeError where that does not fit."""
    places = list(_places(term))
    path = random.choice(places)
    return _at(term, path, symbols, random)


def _places(term: Term, path: tuple[int, ...] = ()) -> Iterator[tuple[int, ...]]:
    yield path
    # What a gradient is taken by stays a name.
    inner = parts(term)[:1] if isinstance(term, Gradient) else parts(term)
    for place, part in enumerate(inner):
        yield from _places(part, (*path, place))


def _at(term: Term, path: tuple[int, ...], symbols: list[Symbol], random: Random) -> Term:
    if not path:
        return random.choice(list(_changes(term, symbols, random)) or [term])
    inner = list(parts(term))
    inner[path[0]] = _at(inner[path[0]], path[1:], symbols, random)
    return with_parts(term, tuple(inner))


def _changes(term: Term, symbols: list[Symbol], random: Random) -> Iterator[Term]:
    step = random.choice((-1, 1))
    match term:
        case Symbol():
            yield from _other_symbols(term, symbols, step, random)
        case Number():
            yield number(-term.value)
            yield number(term.value + step)
        case Scale():
            yield term.body
        case Transpose():
            yield term.body
        case Product():
            yield from _rearranged(term, term.factors, random)
        case Hadamard() | Sum():
            inner = term.factors if isinstance(term, Hadamard) else term.terms
            dropped = inner[: (place := random.randrange(len(inner)))] + inner[place + 1 :]
            yield dropped[0] if len(dropped) == 1 else type(term)(dropped)
            yield Sum(inner) if isinstance(term, Hadamard) else Hadamard(inner)
        case Diagonal():
            yield Diagonal(Scale(number(-1), term.body))
        case Entrywise():
            yield Entrywise(random.choice(FUNCTIONS), term.body)
            yield term.body
        case EntrywisePower():
            yield EntrywisePower(term.body, term.exponent + 1)
            yield term.body
        case Power():
            yield Power(term.body, term.exponent + step)
        case OrderedProduct() | IndexedSum():
            yield replace(term, lower=term.lower + step)
            yield replace(term, upper=term.upper + step)
        case Magnitude():
            kind = random.choice(("spectral_norm", "largest_entry", "smallest_entry", "least_singular_value"))
            yield Magnitude(kind, term.body)  # type: ignore[arg-type]
        case Extremum():
            yield replace(term, kind="max" if term.kind == "sup" else "sup")
        case Inverse() | Softmax():
            yield term.body
        case Gradient():
            yield from _other_gradients(term, step)
        case _:
            pass
    yield Scale(number(random.choice((-1, 2))), term)
    if term.shape[0] == term.shape[1] != 1:
        yield Transpose(term)


def _other_symbols(term: Symbol, symbols: list[Symbol], step: int, random: Random) -> Iterator[Term]:
    if term.times:
        moved: tuple[Affine, ...] = (term.times[0] + step, *term.times[1:])
        yield replace(term, times=moved)
    kin = [one.name for one in symbols if one.size == term.size and len(one.times) == len(term.times)]
    yield replace(term, name=random.choice(kin or [term.name]))


def _rearranged(term: Product, factors: tuple[Term, ...], random: Random) -> Iterator[Term]:
    place = random.randrange(len(factors))
    for other in (factors[::-1], factors[:place] + factors[place + 1 :], _swapped(factors, place)):
        try:
            yield product(*other)
        except ShapeError:
            continue


def _swapped(factors: tuple[Term, ...], place: int) -> tuple[Term, ...]:
    return (*factors[:place], *factors[place : place + 2][::-1], *factors[place + 2 :])


def _other_gradients(term: Gradient, step: int) -> Iterator[Term]:
    if not term.held:
        yield replace(term, direct=not term.direct)
    for place, one in enumerate(term.held):
        for changed in (Held(one.name, one.lower + step, one.upper), Held(one.name, one.lower, one.upper + step)):
            yield replace(term, held=(*term.held[:place], changed, *term.held[place + 1 :]))
        yield replace(term, held=term.held[:place] + term.held[place + 1 :])
