"""Bounds on single entries go by those on all: |v_i| = |e_i^T diag(v) e_i|, which is at most max_j |v_j|."""

from __future__ import annotations

from collections.abc import Iterable

from ..kernel.affine import affine
from ..kernel.rules import RefusedError, functions_of
from ..kernel.spectrum import entrywise_polynomial
from ..kernel.term import (
    COMPONENT,
    Basis,
    ComponentSum,
    Diagonal,
    Magnitude,
    Product,
    Scale,
    Term,
    Transpose,
    free_times,
    replaced,
    substitute_times,
    walk,
)
from .fresh import fresh_time
from .trail import Trail, same


def one_of_all(trail: Trail, found: Iterable[Magnitude], named: Iterable[Term]) -> bool:
    """Write one of the absolute values as that of an entry of a diagonal matrix.

    Done where the vector of all entries is one of those named, or has a range.
    """
    for one in found:
        units = {
            part for part in walk(one.body) if isinstance(part, Basis) and free_times(part) <= free_times(one.body)
        }
        if len(units) != 1 or any(isinstance(part, Diagonal) for part in walk(one.body)):
            continue
        (unit,) = units
        vector = next((other for other in named if _is_entry(trail, one.body, unit, other)), None)
        vector = vector or _with_a_range(trail, one.body, unit)
        if vector is not None:
            body = Product((Transpose(unit), Diagonal(vector), unit))
            trail.normal(replaced(trail.current, one, Magnitude("spectral_norm", body)))
            return True
    return False


def _is_entry(trail: Trail, body: Term, unit: Basis, vector: Term) -> bool:
    return vector.shape == unit.shape and same(trail.context, body, Product((Transpose(unit), vector)))


def _with_a_range(trail: Trail, body: Term, unit: Basis) -> Term | None:
    """The vector with these entries, if each is a polynomial in a value of tanh or sigmoid."""
    used = {name.removesuffix(COMPONENT) for name in free_times(trail.current)}
    place = affine(fresh_time("l", used) + COMPONENT)
    entry = substitute_times(body, {str(unit.place): place})
    vector = ComponentSum(str(place), unit.rows, Scale(entry, Basis(place, unit.rows)))
    try:
        polynomial = entrywise_polynomial(vector, functions_of(trail.context))
    except RefusedError:
        return None
    return vector if polynomial.function else None
