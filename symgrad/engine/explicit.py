"""A second, independent judgement of equality at concrete sizes: every entry written out as a polynomial.

The polynomials are SymPy's (`sympy.polys.rings`); nothing is shared with the kernel's normal form. Generators are the
entries of the symbols and the values of functions; tanh' and sigmoid' are polynomials in those values.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import reduce
from itertools import product as pairs
from operator import add, mul
from typing import Any

from sympy.polys.domains import QQ
from sympy.polys.rings import PolyElement, PolyRing

from ..expressions.functions import derivative_coefficients
from ..kernel import term as kernel
from ..kernel.affine import Affine, affine
from ..kernel.certificate import Definition
from ..kernel.term import Size, Symbol, Term, map_parts, substitute_times, walk

Matrix = tuple[tuple[PolyElement, ...], ...]
MAX_FACTORS = 1_000
MAX_GENERATORS = 400
MAX_WORK = 1_000_000
AT_ZERO = {"tanh": Fraction(0), "sigmoid": Fraction(1, 2), "exp": Fraction(1)}


class NotExplicitError(ValueError):
    """A term that is not a polynomial in its entries at these sizes, or is too large to be written out."""


def equal_explicitly(left: Term, right: Term, sizes: Mapping[str, int], recurrence: Iterable[Definition] = ()) -> bool:
    """Whether two terms agree entry by entry at concrete sizes, as polynomials.

    `sizes` gives the sizes, and those times that bounds and exponents need ({"n": 2, "m": 3, "k": 2}). By a definition
    h[t] = tanh(a) of `recurrence`, tanh(a) at any time is the symbol h there. True is a proof at these sizes. False
    means that the polynomials differ: values of functions at different arguments count as independent.
    Raises NotExplicitError for norms, limits, inverses, derivatives, and for what is too large.
    """
    written = [_concrete(one, {name: affine(value) for name, value in sizes.items()}) for one in (left, right)]
    entries = _Entries(dict(sizes), tuple(recurrence), _ring(written, sizes), frozenset(_symbols(written)))
    first, second = (entries.matrix(one) for one in written)
    return first == second


def _concrete(term: Term, times: Mapping[str, Affine]) -> Term:
    """Times replaced, and products and sums with bounds written out."""
    return _written_out(substitute_times(term, times), [MAX_FACTORS])


def _written_out(term: Term, budget: list[int]) -> Term:
    if not isinstance(term, kernel.OrderedProduct | kernel.IndexedSum):
        return map_parts(term, lambda part: _written_out(part, budget))
    indices = _range(term, budget)
    found = tuple(_written_out(substitute_times(term.body, {term.index: affine(i)}), budget) for i in indices)
    ordered = isinstance(term, kernel.OrderedProduct)
    if not found:
        return kernel.Identity(term.shape[0]) if ordered else kernel.Zero(term.shape)
    if len(found) == 1:
        return found[0]
    return kernel.Product(found) if ordered else kernel.Sum(found)


def _range(term: kernel.Binder, budget: list[int]) -> range:
    bounds = (term.lower, term.upper)
    if not (term.upper - term.lower).is_constant or not all(one.is_constant for one in bounds):
        raise NotExplicitError(f"the bounds {term.lower}..{term.upper} need numbers for their times")
    found = range(term.lower.constant, term.upper.constant + 1)
    budget[0] -= len(found)
    if budget[0] < 0:
        raise NotExplicitError(f"more than {MAX_FACTORS} factors to write out")
    return found


def _symbols(terms: Iterable[Term]) -> Iterator[Symbol]:
    return (one for term in terms for one in walk(term) if isinstance(one, Symbol))


def _ring(terms: Iterable[Term], sizes: Mapping[str, int]) -> PolyRing:
    """A ring with a generator for each entry of each symbol and of each value of a function."""
    kinds = Symbol | kernel.Entrywise
    distinct = {one for term in terms for one in walk(term) if isinstance(one, kinds)}
    count = sum(_size(one.shape[0], sizes) * _size(one.shape[1], sizes) for one in distinct)
    if count > MAX_GENERATORS:
        raise NotExplicitError(f"{count} entries are too many to write out")
    return PolyRing([f"u{place}" for place in range(max(count, 1))], QQ)


def _size(size: Size, sizes: Mapping[str, int]) -> int:
    found = size if isinstance(size, int) else sizes.get(size, 0)
    if found < 1:
        raise NotExplicitError(f"the size {size} needs a positive number")
    return found


@dataclass(slots=True)
class _Entries:
    """One comparison: the ring, and which generator stands for what."""

    sizes: dict[str, int]
    recurrence: tuple[Definition, ...]
    ring: PolyRing
    symbols: frozenset[Symbol]
    generators: dict[tuple[Any, ...], PolyElement] = field(default_factory=dict)

    def matrix(self, term: Term) -> Matrix:
        match term:
            case kernel.Number(value=value):
                return ((self.constant(value),),)
            case kernel.Symbol():
                return self.filled(term, lambda i, j: self.generator("symbol", term.name, term.times, i, j))
            case kernel.Ones() | kernel.Zero():
                value = self.constant(isinstance(term, kernel.Ones))
                return self.filled(term, lambda i, j: value)
            case kernel.Identity():
                return self.filled(term, lambda i, j: self.constant(i == j))
            case kernel.Entrywise():
                return self.function(term)
            case _:
                return self.operation(term, [self.matrix(one) for one in kernel.parts(term)])

    def operation(self, term: Term, values: list[Matrix]) -> Matrix:
        match term:
            case kernel.Sum():
                return reduce(lambda a, b: _zip(add, a, b), values)
            case kernel.Hadamard():
                return reduce(lambda a, b: _zip(_times, a, b), values)
            case kernel.Product():
                return reduce(_product, values)
            case kernel.Scale():
                scalar = values[0][0][0]
                return tuple(tuple(_times(scalar, one) for one in row) for row in values[1])
            case kernel.Transpose():
                return tuple(zip(*values[0], strict=True))
            case kernel.Diagonal():
                zero = self.constant(0)
                return self.filled(term, lambda i, j: values[0][i][0] if i == j else zero)
            case kernel.DiagonalPart():
                return tuple((row[place],) for place, row in enumerate(values[0]))
            case kernel.Trace():
                return ((reduce(add, (row[place] for place, row in enumerate(values[0]))),),)
            case kernel.EntrywisePower(exponent=power):
                one = self.filled(term, lambda i, j: self.constant(1))
                return reduce(lambda a, b: _zip(_times, a, b), values * power, one)
            case kernel.Power():
                return self.power(term, values[0])
            case _:
                raise NotExplicitError(f"a {type(term).__name__} is not a polynomial in the entries")

    def power(self, term: kernel.Power, base: Matrix) -> Matrix:
        if not term.exponent.is_constant or not 0 <= term.exponent.constant <= MAX_FACTORS:
            raise NotExplicitError(f"the exponent {term.exponent} needs a natural number")
        unit = self.filled(term, lambda i, j: self.constant(i == j))
        return reduce(_product, [base] * term.exponent.constant, unit)

    def function(self, term: kernel.Entrywise) -> Matrix:
        """Values of a function; a derivative that is a polynomial in the function's own value becomes one."""
        coefficients = derivative_coefficients(term.function[:-1]) if term.function.endswith("'") else None
        if coefficients is None:
            return self.values(term)
        values = self.values(kernel.Entrywise(term.function[:-1], term.body))
        constants = [self.constant(Fraction(int(one.p), int(one.q))) for one in coefficients]
        return tuple(tuple(_horner(constants, one) for one in row) for row in values)

    def values(self, term: kernel.Entrywise) -> Matrix:
        inner = self.matrix(term.body)
        named = next((head for head in self.heads(term) if self.agrees(self.body(head), term.body, inner)), None)
        if named is not None:
            return self.matrix(named)
        return tuple(tuple(self.value(term.function, one) for one in row) for row in inner)

    def agrees(self, body: Term, other: Term, value: Matrix) -> bool:
        """Whether a definition's argument is this one: as written, or by its entries if it holds no functions."""
        plain = not any(isinstance(one, kernel.Entrywise) for one in walk(body))
        return body == other or (plain and self.matrix(body) == value)

    def value(self, function: str, argument: PolyElement) -> PolyElement:
        if argument == 0 and function in AT_ZERO:
            return self.constant(AT_ZERO[function])
        return self.generator("value", function, argument)

    def heads(self, term: kernel.Entrywise) -> Iterator[Symbol]:
        """The nodes whose definition is this function of something made of the same symbols."""
        mine = {one for one in walk(term.body) if isinstance(one, Symbol)}
        for one in self.recurrence:
            if not isinstance(one.body, kernel.Entrywise) or one.body.function != term.function:
                continue
            theirs = (other for other in walk(one.body) if isinstance(other, Symbol) and len(other.times) == 1)
            shifts = {a.times[0] - b.times[0] for b in theirs for a in mine if (a.name, len(a.times)) == (b.name, 1)}
            for shift in sorted(shifts):
                head = Symbol(one.head.name, one.head.size, (one.head.times[0] + shift,))
                used = {other for other in walk(self.body(head)) if isinstance(other, Symbol)}
                if used <= self.symbols and head in self.symbols:
                    yield head

    def body(self, head: Symbol) -> Term:
        """What the function in the definition of a node is applied to."""
        definition = next(one for one in self.recurrence if one.head.name == head.name)
        name = definition.head.times[0].variables[0]
        (inner,) = kernel.parts(definition.body)
        return substitute_times(inner, {name: head.times[0]})

    def generator(self, *key: Any) -> PolyElement:
        if key not in self.generators:
            self.generators[key] = self.ring.gens[len(self.generators)]
        return self.generators[key]

    def constant(self, value: Fraction | int) -> PolyElement:
        exact = Fraction(value)
        return self.ring(QQ(exact.numerator, exact.denominator))

    def filled(self, term: Term, entry: Any) -> Matrix:
        rows, columns = (range(_size(one, self.sizes)) for one in term.shape)
        return tuple(tuple(entry(i, j) for j in columns) for i in rows)


def _times(left: PolyElement, right: PolyElement) -> PolyElement:
    if len(left) * len(right) > MAX_WORK:
        raise NotExplicitError("the polynomials are too large to be multiplied out")
    return mul(left, right)


def _zip(operation: Any, left: Matrix, right: Matrix) -> Matrix:
    return tuple(tuple(map(operation, a, b)) for a, b in zip(left, right, strict=True))


def _product(left: Matrix, right: Matrix) -> Matrix:
    columns = tuple(zip(*right, strict=True))
    entries = [reduce(add, map(_times, row, column)) for row, column in pairs(left, columns)]
    return tuple(tuple(entries[start : start + len(columns)]) for start in range(0, len(entries), len(columns)))


def _horner(coefficients: list[PolyElement], value: PolyElement) -> PolyElement:
    return reduce(lambda total, one: _times(total, value) + one, reversed(coefficients))
