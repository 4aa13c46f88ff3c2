"""Small rewritings that make a term readable; each result has the same normal form, which the kernel checks."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from ..kernel.affine import affine
from ..kernel.functions import DERIVATIVES, lifted
from ..kernel.normal import FUNCTIONS
from ..kernel.term import (
    SCALAR,
    Diagonal,
    Entrywise,
    EntrywisePower,
    Gradient,
    Hadamard,
    Identity,
    IndexedSum,
    Number,
    Ones,
    OrderedProduct,
    Power,
    Product,
    Scale,
    Sum,
    Term,
    Transpose,
    Zero,
    add,
    map_parts,
    number,
    product,
    scale,
    substitute_times,
)


def tidy(term: Term) -> Term:
    """Drop zeros and identities, flatten sums and products, gather rational factors."""
    if isinstance(term, Gradient):
        return term
    term = map_parts(term, tidy)
    match term:
        case Sum():
            return _sum(term)
        case Product():
            return _product(term)
        case Scale():
            return _scale(term)
        case EntrywisePower(body=Zero()) if term.exponent > 0:
            return term.body
        case EntrywisePower(body=body) if term.shape == SCALAR:
            return Power(body, affine(term.exponent))
        case Ones() | Identity() if term.shape == SCALAR:
            return number(1)
        case Entrywise(body=body) if _is_zero(body) and term.function in FUNCTIONS:
            return _at_zero(term)
        case Entrywise(function=name, body=body) if name.endswith("'") and name[:-1] in DERIVATIVES:
            return lifted(DERIVATIVES[name[:-1]], body) or term
        case IndexedSum() if _is_zero(term.body):
            return _zero(term)
        case Hadamard() if any(_is_zero(one) for one in term.factors):
            return Zero(term.shape)
        case Hadamard():
            return _hadamard(term)
        case Transpose():
            return _transpose(term)
        case OrderedProduct(body=body) | IndexedSum(body=body) if term.lower == term.upper:
            return substitute_times(body, {term.index: term.lower})
        case Diagonal(body=Zero()):
            return Zero(term.shape)
        case Diagonal(body=Ones()):
            return Identity(term.shape[0])
        case Diagonal(body=Scale() as inner):
            return tidy(Scale(inner.scalar, Diagonal(inner.body)))
        case _:
            return term


def _at_zero(term: Entrywise) -> Term:
    value = FUNCTIONS[term.function].at_zero
    return _zero(term) if not value else number(value) if term.shape == SCALAR else scale(value, Ones(term.shape))


def _is_zero(term: Term) -> bool:
    return isinstance(term, Zero) or (isinstance(term, Number) and term.value == 0)


def _zero(term: Term) -> Term:
    return number(0) if term.shape == SCALAR else Zero(term.shape)


def _sum(term: Sum) -> Term:
    """Like terms are gathered when they are rational multiples of one term."""
    total: dict[Term, Fraction] = {}
    for factor, body in _summands(term, Fraction(1)):
        total[body] = total.get(body, Fraction(0)) + factor
    kept = [scale(factor, body) for body, factor in total.items() if factor]
    return add(*kept) if kept else _zero(term)


def _summands(term: Term, factor: Fraction) -> Iterable[tuple[Fraction, Term]]:
    """A sum as rational multiples of terms, sums inside multiples written out."""
    match term:
        case Sum():
            for one in term.terms:
                yield from _summands(one, factor)
        case Scale(scalar=Number(value=value), body=body):
            yield from _summands(body, factor * value)
        case Number(value=value):
            yield factor * value, number(1)
        case Zero():
            return
        case _:
            yield factor, term


def _product(term: Product) -> Term:
    factors: list[Term] = []
    scalars: list[Term] = []
    for one in term.factors:
        if _is_zero(one):
            return _zero(term)
        if isinstance(one, Scale) and term.shape != SCALAR:
            scalars.append(one.scalar)
            one = one.body
        if not isinstance(one, Identity) and one != number(1):
            factors.append(one)
    body = product(*factors) if factors else _one(term)
    for one in reversed(scalars):
        body = Scale(one, body)
    return _scale(body) if isinstance(body, Scale) else body


def _one(term: Term) -> Term:
    return number(1) if term.shape == SCALAR else Identity(term.shape[0])


def _scale(term: Scale) -> Term:
    if term.body == number(1):
        return term.scalar
    if _is_zero(term.scalar) or _is_zero(term.body):
        return _zero(term)
    if isinstance(term.body, Scale) and isinstance(term.scalar, Number) and isinstance(term.body.scalar, Number):
        return scale(term.scalar.value * term.body.scalar.value, term.body.body)
    if isinstance(term.scalar, Number) and isinstance(term.body, Number):
        return number(term.scalar.value * term.body.value)
    return scale(term.scalar.value, term.body) if isinstance(term.scalar, Number) else term


def _hadamard(term: Hadamard) -> Term:
    kept = [one for one in term.factors if not isinstance(one, Ones)]
    if not kept:
        return Ones(term.shape)
    return kept[0] if len(kept) == 1 else Hadamard(tuple(kept))


def _transpose(term: Transpose) -> Term:
    match term.body:
        case Transpose(body=inner):
            return inner
        case Diagonal() | Identity() | Number():
            return term.body
        case Zero():
            return Zero(term.shape)
        case Scale(scalar=scalar, body=inner):
            return Scale(scalar, tidy(Transpose(inner)))
        case _:
            return term
