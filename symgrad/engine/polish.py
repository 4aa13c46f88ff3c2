"""The last touch on a gradient that was worked out: nodes by their names, what cancels cancelled, few transposes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from ..kernel.certificate import Definition
from ..kernel.term import (
    SCALAR,
    Diagonal,
    Entrywise,
    Hadamard,
    Identity,
    IndexedSum,
    Number,
    Ones,
    Product,
    Scale,
    Sum,
    Symbol,
    Term,
    Transpose,
    map_parts,
    number,
    product,
    replaced,
    scale,
    walk,
)
from .expand import apply_hypotheses, outside_gradients
from .tidy import tidy
from .trail import StuckError, Trail, same


def polish(trail: Trail) -> None:
    """Names for the nodes of a feed-forward network, then what the assumed equations and quotients leave."""
    for one in trail.context.recurrence:
        if not one.head.times and not isinstance(one.body, Symbol):
            for old, new in _forms(one):
                _fold(trail, one.head, old, new)
    rearrange(trail)
    apply_hypotheses(trail)
    rearrange(trail)


def _forms(definition: Definition) -> Iterator[tuple[Term, Term]]:
    """What a definition says, and what it says of the transpose."""
    yield definition.body, definition.head
    if isinstance(definition.body, Transpose):
        yield definition.body.body, Transpose(definition.head)


def _fold(trail: Trail, node: Symbol, old: Term, new: Term) -> None:
    """Write the node where its value stands. It is unfolded first: a rule rewrites all or nothing."""
    if old not in outside_gradients(trail.current):
        return
    try:
        if node in outside_gradients(trail.current):
            trail.apply("definition", node)
    except StuckError:
        return
    trail.write("definition", node, tidy(replaced(trail.current, old, new)), reverse=True)


def rearrange(trail: Trail) -> None:
    """Go on to a neater term with the same normal form, if there is one."""
    short = tidy(neat(trail.current))
    if short != trail.current and same(trail.context, trail.current, short):
        trail.normal(short)


def neat(term: Term) -> Term:
    """The same term with quotients cancelled, few transposes, and no sum that starts with a minus sign for nothing."""
    term = map_parts(term, neat)
    match term:
        case Identity() if term.shape == SCALAR:
            return number(1)
        case Scale(scalar=scalar, body=body) if number(1) in (scalar, body):
            return body if scalar == number(1) else scalar
        case Scale(scalar=Number(value=factor), body=body):
            return _multiplied(factor, body) or term
        case Product():
            return _cancelled(term)
        case Transpose(body=body):
            return min((term, _turned(body), _factors_turned(body)), key=_transposes)
        case Sum(terms=(Scale(scalar=Number(value=value)) as first, *rest)) if value < 0:
            place = next((place for place, one in enumerate(rest) if not isinstance(one, Scale)), None)
            return term if place is None else Sum((rest[place], first, *rest[:place], *rest[place + 1 :]))
        case _:
            return term


def _multiplied(factor: Fraction, term: Term) -> Term | None:
    """A multiple of a sum whose terms are multiples themselves, with the factors put together."""
    match term:
        case IndexedSum(body=Scale(scalar=Number(value=inner), body=body)):
            return scale(factor * inner, replace(term, body=body))
        case Sum(terms=terms) if any(abs(_factor(one)) != 1 for one in terms):
            return Sum(tuple(scale(factor * _factor(one), _without_factor(one)) for one in terms))
        case _:
            return None


def _factor(term: Term) -> Fraction:
    return term.scalar.value if isinstance(term, Scale) and isinstance(term.scalar, Number) else Fraction(1)


def _without_factor(term: Term) -> Term:
    return term.body if isinstance(term, Scale) and isinstance(term.scalar, Number) else term


def _turned(term: Term) -> Term:
    """The transpose, taken inside as far as it goes."""
    match term:
        case Transpose(body=body):
            return body
        case Product(factors=factors):
            return product(*map(_turned, reversed(factors)))
        case Hadamard(factors=factors):
            return Hadamard(tuple(map(_turned, factors)))
        case Sum(terms=terms):
            return Sum(tuple(map(_turned, terms)))
        case Scale(scalar=scalar, body=body):
            return Scale(scalar, _turned(body))
        case Ones(size=(rows, columns)) if 1 not in (rows, columns):
            return Ones((columns, rows))
        case Diagonal() | Identity():
            return term
        case _:
            return term if term.shape == SCALAR else Transpose(term)


def _factors_turned(term: Term) -> Term:
    """The transpose, taken to the factors of a product and no further."""
    if not isinstance(term, Product):
        return Transpose(term)
    return product(*(one.body if isinstance(one, Transpose) else Transpose(one) for one in reversed(term.factors)))


def _transposes(term: Term) -> int:
    return sum(isinstance(one, Transpose) for one in walk(term))


def _cancelled(term: Product) -> Term:
    """diag(v) diag(1/v) left out, 1 for v times 1/v entry by entry, and no factor 1."""
    factors = [one for one in term.factors if one != number(1)]
    place = 0
    while place + 1 < len(factors):
        pair = _quotient(factors[place], factors[place + 1])
        if pair is None:
            place += 1
            continue
        factors[place : place + 2] = pair
        place = max(0, place - 1)
    return product(*factors) if factors else term


def _quotient(one: Term, other: Term) -> list[Term] | None:
    match one, other:
        case (Diagonal(body=a), Diagonal(body=b)) if _inverse(a, b):
            return []
        case (Transpose(body=a), Diagonal(body=b)) if _inverse(a, b):
            return [Transpose(Ones(a.shape))]
        case (Diagonal(body=a), b) if _inverse(a, b):
            return [Ones(b.shape)]
        case _:
            return None


def _inverse(one: Term, other: Term) -> bool:
    return any(a == Entrywise("reciprocal", b) for a, b in ((one, other), (other, one)))
