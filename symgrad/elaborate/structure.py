"""Mistakes in how a term is put together: transposes, the order of factors, what is missing and what is too much."""

from __future__ import annotations

from collections.abc import Iterator

from ..engine.tidy import tidy
from ..kernel.affine import affine
from ..kernel.term import (
    SCALAR,
    Binder,
    Diagonal,
    Gradient,
    Hadamard,
    Identity,
    Number,
    Ones,
    OrderedProduct,
    Product,
    Scale,
    Sum,
    Symbol,
    Term,
    Transpose,
    Zero,
    number,
    substitute_times,
)
from .edit import Edit, edits, flat, run_replaced
from .material import Material
from .places import Place


def transpose(place: Place, given: Material) -> Iterator[Edit]:
    """A transpose missing or too much, of a name."""
    match place.here:
        case Transpose(body=Symbol() as body):
            yield Edit(body)
            yield Edit(body, everywhere=True)
        case Symbol() if place.here.shape[1] != 1 and not isinstance(place.parent, Transpose):
            yield Edit(Transpose(place.here))
            yield Edit(Transpose(place.here), everywhere=True)


def transpose_of_term(place: Place, given: Material) -> Iterator[Edit]:
    """A transpose missing or too much, of anything else."""
    here = place.here
    match here:
        case Transpose(body=body) if not isinstance(body, Symbol):
            yield Edit(body)
        case Symbol() | Diagonal() | Identity() | Product() | Transpose():
            return
        case _ if here.shape[1] != 1 and not isinstance(place.parent, Transpose):
            yield Edit(Transpose(here))


def swapped(place: Place, given: Material) -> Iterator[Edit]:
    """Neighbouring factors in the wrong order; all of them."""
    if isinstance(place.here, Product):
        factors = place.here.factors
        for start in range(len(factors) - 1):
            yield from run_replaced(place.here, start, start + 2, factors[start : start + 2][::-1])
        if len(factors) > 2:
            yield from edits(flat(Product, *factors[::-1]))


def layout(place: Place, given: Material) -> Iterator[Edit]:
    """Factors in the order of the other layout, each transposed."""
    if not isinstance(place.here, Product):
        return
    factors = place.here.factors
    for start in range(len(factors)):
        for stop in range(len(factors), start + 1, -1):
            if factors[stop - 1].shape[1] != 1:
                turned = tuple(given.transposed(one) for one in reversed(factors[start:stop]))
                yield from run_replaced(place.here, start, stop, turned)


def other_way_round(place: Place, given: Material) -> Iterator[Edit]:
    """An ordered product from the last factor to the first; one that is written from the larger index down."""
    here = place.here
    if isinstance(here, OrderedProduct):
        index = here.lower + here.upper - affine(here.index)
        body = substitute_times(here.body, {here.index: index})
        yield Edit(OrderedProduct(here.index, here.lower, here.upper, body))
        yield Edit(OrderedProduct(here.index, here.upper, here.lower, body))


def too_much(place: Place, given: Material) -> Iterator[Edit]:
    """A factor or summand too much."""
    here = place.here
    match here:
        case Product(factors=inner) | Hadamard(factors=inner):
            word = "factor"
        case Sum(terms=inner):
            word = "summand"
        case Scale():
            yield Edit(here.body, words=("without the factor ", here.scalar))
            return
        case _:
            return
    for number_, one in enumerate(inner):
        rest = inner[:number_] + inner[number_ + 1 :]
        yield from edits(flat(type(here), *rest), f"without the {word} ", one)


def missing_scalar(place: Place, given: Material) -> Iterator[Edit]:
    """A scalar factor that is missing: a name that the statement or the model has."""
    if isinstance(place.parent, Scale | Gradient | Transpose | Product | Hadamard) or place.is_closed:
        return
    for one in given.scalars:
        yield Edit(Scale(one, place.here))


def missing_factor(place: Place, given: Material) -> Iterator[Edit]:
    """A factor that is missing, of those that the statement or its left side has."""
    here = place.here
    if here.shape == SCALAR or isinstance(place.parent, Product | Transpose | Gradient) or place.is_closed:
        return
    factors = here.factors if isinstance(here, Product) else (here,)
    for one in given.pieces(place):
        for before in range(len(factors), -1, -1) if one.shape[1] != 1 else ():
            new = flat(Product, *factors[:before], one, *factors[before:])
            pair = (one, factors[before]) if before < len(factors) else (factors[-1], one)
            if new is not None:
                yield Edit(new, pair[1] if before < len(factors) else pair[0], flat(Product, *pair))


def missing_entrywise_factor(place: Place, given: Material) -> Iterator[Edit]:
    """An entrywise factor that is missing."""
    here = place.here
    if here.shape[1] != 1 or here.shape == SCALAR or isinstance(here, Ones) or isinstance(place.parent, Gradient):
        return
    if isinstance(place.parent, Hadamard):
        return
    for one in given.pieces(place):
        if one.shape == here.shape:
            yield from edits(flat(Hadamard, here, one))


def missing_summand(place: Place, given: Material) -> Iterator[Edit]:
    """A summand (a path) that is missing, of those that the left side has."""
    here = place.here
    if isinstance(place.parent, Sum | Gradient | Transpose) or place.is_closed:
        return
    for one in given.summands(place):
        if one.shape == here.shape and one != here:
            yield from edits(flat(Sum, here, one), "with the summand ", one, " added")
    if here.shape[0] == here.shape[1] and here.shape != SCALAR and not isinstance(here, Identity):
        unit = Identity(here.shape[0])
        yield from edits(unit if isinstance(here, Zero) else flat(Sum, unit, here))


def sign(place: Place, given: Material) -> Iterator[Edit]:
    """The other sign: of a whole side, of a summand, of a multiple. No bound is made negative."""
    here, parent = place.here, place.parent
    if given.statement.relation != "=" and not isinstance(here, Scale):
        return
    match here:
        case Scale(scalar=Number(value=value), body=body) if value < 0:
            yield Edit(body if value == -1 else Scale(number(-value), body))
        case Sum() if parent is None:
            yield Edit(tidy(Sum(tuple(Scale(number(-1), one) for one in here.terms))))
        case Number():
            if parent is None or isinstance(parent, Sum):
                yield Edit(number(-here.value))
        case _ if given.statement.relation == "=" and (parent is None or isinstance(parent, Sum | Diagonal | Binder)):
            yield Edit(Scale(number(-1), here))


def entrywise_for_matrix_product(place: Place, given: Material) -> Iterator[Edit]:
    """An entrywise product for a matrix product, or the other way round; a bracket in the wrong place."""
    here = place.here
    match here:
        case Hadamard(factors=factors) if here.shape[1] != 1:
            yield from edits(flat(Product, *factors))
            yield from edits(flat(Product, *factors[::-1]))
        case Hadamard(factors=factors):
            yield from _brackets_moved_in(factors)
        case Product(factors=factors):
            yield from _brackets_moved_out(here)
            for start in range(len(factors) - 1):
                first, second = factors[start : start + 2]
                if first.shape == second.shape:
                    yield from run_replaced(here, start, start + 2, (Hadamard((first, second)),))


def _brackets_moved_in(factors: tuple[Term, ...]) -> Iterator[Edit]:
    """(A v) . s as A (v . s), with . entrywise."""
    for number_, one in enumerate(factors):
        rest = factors[:number_] + factors[number_ + 1 :]
        if isinstance(one, Product) and one.factors[-1].shape == one.shape:
            inner = flat(Hadamard, one.factors[-1], *rest)
            yield from edits(inner and flat(Product, *one.factors[:-1], inner))


def _brackets_moved_out(here: Product) -> Iterator[Edit]:
    """A (v . s) as (A v) . s and (A s) . v."""
    *front, last = here.factors
    if isinstance(last, Hadamard) and last.shape == here.shape:
        for number_, one in enumerate(last.factors):
            rest = last.factors[:number_] + last.factors[number_ + 1 :]
            inner = flat(Product, *front, one)
            yield from edits(inner and flat(Hadamard, inner, *rest))
