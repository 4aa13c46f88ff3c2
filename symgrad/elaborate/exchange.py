"""Mistakes in which two things have changed places, or one has left or entered a bracket, a product or a power."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from ..kernel.affine import affine
from ..kernel.term import (
    SCALAR,
    Diagonal,
    EntrywisePower,
    Gradient,
    Hadamard,
    Number,
    OrderedProduct,
    Power,
    Product,
    Scale,
    ShapeError,
    Sum,
    Symbol,
    Term,
    Transpose,
    map_parts,
    parts,
    walk,
    with_parts,
)
from .edit import Edit, edits, flat
from .material import Material
from .places import Place


def names_exchanged(place: Place, given: Material) -> Iterator[Edit]:
    """Two names of one kind, or one name at two times, in each other's place on the whole side."""
    if place.parent is not None:
        return
    names = dict.fromkeys(one for one in walk(place.here) if isinstance(one, Symbol) and one.name in given.kinds)
    for one, other in combinations(names, 2):
        if one.size == other.size and (one.name == other.name) != (one.times == other.times):
            yield Edit(_exchanged(place.here, one, other), words=("with ", one, " and ", other, " exchanged"))


def _exchanged(term: Term, one: Symbol, other: Symbol) -> Term:
    """Derivatives stay what they are."""
    if term in (one, other):
        return other if term == one else one
    return term if isinstance(term, Gradient) else map_parts(term, lambda part: _exchanged(part, one, other))


def factors_exchanged(place: Place, given: Material) -> Iterator[Edit]:
    """Factors of two summands in each other's place: a gate and its complement, two weights."""
    here = place.here
    if not isinstance(here, Sum):
        return
    multiples = [(number, one) for number, one in enumerate(here.terms) if isinstance(one, Product | Hadamard | Scale)]
    for (first, one), (second, other) in combinations(multiples, 2):
        for mine, yours in ((x, y) for x in parts(one) for y in parts(other) if x != y and x.shape == y.shape):
            terms = list(here.terms)
            try:
                terms[first], terms[second] = _with(one, mine, yours), _with(other, yours, mine)
            except ShapeError:
                continue
            yield Edit(Sum(tuple(terms)), words=("with ", mine, " and ", yours, " exchanged"))


def _with(term: Term, old: Term, new: Term) -> Term:
    return with_parts(term, tuple(new if one == old else one for one in parts(term)))


def sum_for_product(place: Place, given: Material) -> Iterator[Edit]:
    """A sum for an entrywise product, or the other way round."""
    here = place.here
    if isinstance(here, Sum) and here.shape != SCALAR and here.shape[1] == 1:
        yield from edits(flat(Hadamard, *here.terms))
    elif isinstance(here, Hadamard):
        yield from edits(flat(Sum, *here.factors))


def commuted(place: Place, given: Material) -> Iterator[Edit]:
    """2 A B for A B + B A, and 2 A for A + A^T."""
    match place.here:
        case Scale(scalar=Number(value=value), body=body) if abs(value) == 2:
            for one in _symmetric(body):
                yield Edit(one if value > 0 else Scale(Number(value / 2), one))


def _symmetric(body: Term) -> Iterator[Term]:
    match body:
        case Product(factors=(first, *rest)) if first.shape[0] == first.shape[1] != 1:
            turned = flat(Product, *body.factors[::-1])
            yield from [Sum((body, turned))] if turned is not None and turned.shape == body.shape else []
            yield Product((Sum((first, Transpose(first))), *rest))
        case Symbol() if body.shape[0] == body.shape[1] != 1:
            yield Sum((body, Transpose(body)))


def inside_or_outside(place: Place, given: Material) -> Iterator[Edit]:
    """A factor beside a product over an index that belongs into it."""
    here = place.here
    if not isinstance(here, Product):
        return
    for number, one in enumerate(here.factors):
        for beside in (number - 1, number + 1) if isinstance(one, OrderedProduct) else ():
            if 0 <= beside < len(here.factors) and here.factors[beside].shape == one.shape:
                yield from _taken_in(here, number, beside)


def _taken_in(here: Product, number: int, beside: int) -> Iterator[Edit]:
    block, other = here.factors[number], here.factors[beside]
    rest = [one for place, one in enumerate(here.factors) if place != beside]
    for pair in ((other, block.body), (block.body, other)) if isinstance(block, OrderedProduct) else ():
        body = flat(Product, *pair)
        if body is not None and isinstance(block, OrderedProduct):
            new = OrderedProduct(block.index, block.lower, block.upper, body)
            old = flat(Product, *((other, block) if beside < number else (block, other)))
            whole = flat(Product, *(new if one is block else one for one in rest))
            if whole is not None:
                yield Edit(whole, old, new)


def power_inside(place: Place, given: Material) -> Iterator[Edit]:
    """(1 - v)^2 for 1 - v^2, on a diagonal, too."""
    match place.here:
        case Power(body=Diagonal(body=Sum() as inner), exponent=exponent) if exponent == affine(2):
            yield from (Edit(Diagonal(one)) for one in _squared(inner))
        case EntrywisePower(body=Sum() as inner, exponent=2):
            yield from (Edit(one) for one in _squared(inner))


def _squared(inner: Sum) -> Iterator[Term]:
    """The sum with the square on its last term."""
    *front, last = inner.terms
    match last:
        case Scale(scalar=scalar, body=body):
            yield Sum((*front, Scale(scalar, EntrywisePower(body, 2))))
        case _:
            yield Sum((*front, EntrywisePower(last, 2)))
