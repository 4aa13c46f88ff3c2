"""Mistakes in single signs: a time, an index, an exponent, a function, a number, a name that is taken for another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import get_args

from ..kernel.affine import Affine, affine
from ..kernel.term import (
    SCALAR,
    Basis,
    Binder,
    Diagonal,
    Entrywise,
    EntrywisePower,
    Extremum,
    Gradient,
    Hadamard,
    Held,
    Magnitude,
    MagnitudeKind,
    Number,
    Ones,
    OrderedProduct,
    Power,
    Product,
    Scale,
    Sum,
    Symbol,
    Term,
    Transpose,
    number,
    walk,
)
from .edit import Edit, edits, flat
from .material import Material
from .places import Place
from .wording import show_time

SHIFTS = (1, -1)
SQUARE_ONLY = ("least_singular_value", "spectral_radius")
NUMBERS = tuple(map(Fraction, ("2", "1/2", "4", "1/4")))


def bounds(place: Place, given: Material) -> Iterator[Edit]:
    """A product or sum that starts or ends one too early or too late, or both."""
    here = place.here
    if not isinstance(here, Binder):
        return
    for lower, upper in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        yield _counted(here, lower, upper)


def whole_range(place: Place, given: Material) -> Iterator[Edit]:
    """A product or sum over the right number of steps, but one too early or too late."""
    if isinstance(place.here, Binder):
        for shift in SHIFTS:
            yield _counted(place.here, shift, shift)


def _counted(here: Binder, lower: int, upper: int) -> Edit:
    new = replace(here, lower=here.lower + lower, upper=here.upper + upper)
    what = "product" if isinstance(here, OrderedProduct) else "sum"
    return Edit(new, words=(f"with the {what} {_range(new)} in place of {_range(here)}",))


def _range(term: Binder) -> str:
    return f"from {show_time(affine(term.index))} = {show_time(term.lower)} to {show_time(term.upper)}"


def time(place: Place, given: Material) -> Iterator[Edit]:
    """A name at the wrong time: here, or wherever it stands at that time."""
    here = place.here
    if not isinstance(here, Symbol) or not here.times:
        return
    for number_, now in enumerate(here.times):
        near = [now + shift for shift in SHIFTS]
        far = [other for steps in given.exponents for other in (now - steps, now + steps)]
        for other in dict.fromkeys([*near, *given.times(place), *_counting(now, place), *far]):
            if other != now:
                new = replace(here, times=(*here.times[:number_], other, *here.times[number_ + 1 :]))
                yield Edit(new)
                yield Edit(new, everywhere=True)


def _counting(now: Affine, place: Place) -> Iterator[Affine]:
    """Times that go with the index of a product or sum around, and are this one at its start or end."""
    for one in place.binders:
        if one.index not in now.variables:
            yield from (now + affine(one.index) - one.upper, now + affine(one.index) - one.lower)
            yield from (now - affine(one.index) + one.lower, now - affine(one.index) + one.upper)


def entry(place: Place, given: Material) -> Iterator[Edit]:
    """A wrong index of an entry, or its two indices exchanged."""
    here = place.here
    if not isinstance(here, Product):
        return
    found = [(number_, basis) for number_, one in enumerate(here.factors) if (basis := _basis(one)) is not None]
    if len(found) == 2 and found[0][1].rows == found[1][1].rows:
        (first, one), (second, other) = found
        yield from _at_entries(here, {first: other, second: one})
    for number_, one in found:
        for other in given.entries(place, one.rows):
            if other != one:
                yield from _at_entries(here, {number_: other})


def _basis(term: Term) -> Basis | None:
    inner = term.body if isinstance(term, Transpose) else term
    return inner if isinstance(inner, Basis) else None


def _at_entries(here: Product, new: dict[int, Basis]) -> Iterator[Edit]:
    factors = [
        (Transpose(new[number_]) if isinstance(one, Transpose) else new[number_]) if number_ in new else one
        for number_, one in enumerate(here.factors)
    ]
    yield from edits(flat(Product, *factors))


def exponent(place: Place, given: Material) -> Iterator[Edit]:
    """A wrong exponent; one that is missing or too much, squares above all."""
    here = place.here
    match here:
        case Power(body=body, exponent=now):
            for other in dict.fromkeys([now + 1, now - 1, *given.exponents]):
                if other == affine(1):
                    yield Edit(body)
                elif other != now and other != affine(0):
                    yield Edit(Power(body, other))
        case EntrywisePower(body=body, exponent=value):
            yield Edit(body if value == 2 else EntrywisePower(body, value - 1))
            yield Edit(EntrywisePower(body, value + 1))
        case Symbol() | Entrywise() | Magnitude() | Extremum() if not isinstance(
            place.parent, Power | EntrywisePower | Gradient
        ):
            yield from _raised(here, given)


def _raised(here: Term, given: Material) -> Iterator[Edit]:
    if here.shape[1] == 1 and here.shape != SCALAR:
        yield Edit(EntrywisePower(here, 2))
    elif here.shape[0] == here.shape[1]:
        for one in dict.fromkeys([affine(2), *given.exponents]):
            if one != affine(1):
                yield Edit(Power(here, one))


def function(place: Place, given: Material) -> Iterator[Edit]:
    """Another function, its derivative for its value or the other way round, one that is missing or too much."""
    here = place.here
    if isinstance(here, Entrywise):
        name, primes = here.function.rstrip("'"), "'" * here.function.count("'")
        for other in given.functions:
            if other != name:
                yield Edit(Entrywise(other + primes, here.body))
        yield Edit(Entrywise(here.function[:-1] if primes else f"{name}'", here.body))
        yield Edit(here.body)
        yield from (
            Edit(Entrywise(here.function, Scale(number(one), here.body))) for one in (Fraction(-1), *NUMBERS[:2])
        )
    elif isinstance(here, Symbol | Sum) and here.shape[1] == 1 and not isinstance(place.parent, Gradient | Entrywise):
        for name in given.functions:
            yield Edit(Entrywise(name, here))
            yield Edit(Entrywise(name, here), everywhere=True)


def slope(place: Place, given: Material) -> Iterator[Edit]:
    """1 - v^2, v (1 - v), 1 - v, v^2 and v, each taken for another."""
    here = place.here
    if here.shape[1] != 1 or isinstance(place.parent, Gradient):
        return
    value = _value_of_slope(here)
    if value is not None:
        yield from (Edit(other) for other in _slopes(value) if other != here)
    elif isinstance(here, Scale) and here.scalar == number(-1):
        yield Edit(Sum((_one(here), here)))
    elif isinstance(place.parent, Diagonal | Hadamard) and isinstance(here, Symbol | Entrywise):
        yield from (Edit(other) for other in _slopes(here))
    if isinstance(here, Hadamard) and len(here.factors) > 2:
        yield from _slope_among(here)


def _slope_among(here: Hadamard) -> Iterator[Edit]:
    """Where v and 1 - v are two of several factors."""
    for one in here.factors:
        rest = [other for other in here.factors if other is not one]
        value = _value_of_slope(one)
        if value is not None and value in rest:
            rest.remove(value)
            old = Hadamard((value, one))
            tanh = _slopes(value)[0]
            whole = flat(Hadamard, *rest, tanh)
            yield from [Edit(whole, old, tanh)] if whole is not None else []


def _one(like: Term) -> Term:
    return number(1) if like.shape == SCALAR else Ones(like.shape)


def _square(value: Term) -> Term:
    return Power(value, affine(2)) if value.shape == SCALAR else EntrywisePower(value, 2)


def _slopes(value: Term) -> tuple[Term, ...]:
    """What the derivative of a function with this value may look like, rightly or wrongly."""
    minus = number(-1)
    complement = Sum((_one(value), Scale(minus, value)))
    tanh = Sum((_one(value), Scale(minus, _square(value))))
    sigmoid = Scale(value, complement) if value.shape == SCALAR else Hadamard((value, complement))
    return tanh, sigmoid, complement


def _value_of_slope(term: Term) -> Term | None:
    """v of 1 - v^2, 1 + v^2, 1 - v, v - v^2, v (1 - v) and v^2; None of anything else."""
    match term:
        case EntrywisePower(body=value, exponent=2):
            return value
        case Hadamard(factors=(value, other)) if value == other:
            return value
        case Sum(terms=(Ones() | Number(), Scale(body=body)) | (Ones() | Number(), EntrywisePower() as body)):
            return _value_of_slope(body) or body
        case Sum(terms=(value, Scale(body=EntrywisePower(body=other)))) if value == other:
            return value
        case Hadamard(factors=(value, Sum() as other)) | Hadamard(factors=(Sum() as other, value)):
            return value if _value_of_slope(other) == value else None
        case _:
            return None


def name(place: Place, given: Material) -> Iterator[Edit]:
    """Another name of the same kind: the wrong gate, the wrong weights."""
    here = place.here
    if isinstance(here, Symbol) and not place.is_closed:
        for other in given.like(here.name):
            yield Edit(replace(here, name=other))
            yield Edit(replace(here, name=other), everywhere=True)


def derivative(place: Place, given: Material) -> Iterator[Edit]:
    """Direct for total, or other nodes held."""
    here = place.here
    if not isinstance(here, Gradient):
        return
    yield Edit(replace(here, direct=not here.direct, held=()))
    others = [one.held for side in given.sides for one in walk(side) if isinstance(one, Gradient)]
    for held in dict.fromkeys([(), *others, *_held_longer(here)]):
        if held != here.held:
            yield Edit(replace(here, held=held, direct=False))


def _held_longer(here: Gradient) -> Iterator[tuple[Held, ...]]:
    """One node more or less held, at either end."""
    for number_, one in enumerate(here.held):
        for lower, upper in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            new = replace(one, lower=one.lower + lower, upper=one.upper + upper)
            yield (*here.held[:number_], new, *here.held[number_ + 1 :])


def measure(place: Place, given: Material) -> Iterator[Edit]:
    """Another norm."""
    here = place.here
    if isinstance(here, Magnitude):
        square = here.body.shape[0] == here.body.shape[1]
        for kind in get_args(MagnitudeKind):
            if kind != here.kind and (square or kind not in SQUARE_ONLY):
                yield Edit(Magnitude(kind, here.body))


def constant(place: Place, given: Material) -> Iterator[Edit]:
    """Another small number."""
    here = place.here
    if isinstance(here, Number) and here.value:
        values = (here.value * other for other in NUMBERS)
        for value in dict.fromkeys([*values, *NUMBERS, Fraction(1), here.value + 1, here.value - 1]):
            if value not in (0, here.value) and not (value == 1 and isinstance(place.parent, Scale)):
                yield Edit(number(value))
    elif isinstance(here, Scale) and isinstance(here.scalar, Number):
        return
    elif place.parent is None or isinstance(place.parent, Sum):
        for value in NUMBERS:
            yield Edit(Scale(number(value), here))


def piece(place: Place, given: Material) -> Iterator[Edit]:
    """Another part of what the left side is, in place of a name, a function or a diagonal."""
    here = place.here
    if isinstance(here, Symbol | Entrywise | EntrywisePower | Diagonal) and not isinstance(place.parent, Gradient):
        yield from (Edit(one) for one in given.pieces(place) if one.shape == here.shape and one != here)
