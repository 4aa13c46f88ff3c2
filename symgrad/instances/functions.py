"""The entrywise functions, and the exact extrema over all real x of polynomials of degree at most 2 in one of them.

Each function u has u' = q(u) for a polynomial q, so every derivative is a polynomial in u (written with ' in a name).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import zip_longest

from ..kernel.affine import affine
from ..kernel.term import (
    Entrywise,
    EntrywisePower,
    Extremum,
    Hadamard,
    Magnitude,
    Power,
    Product,
    Scale,
    Sum,
    Symbol,
    Term,
    Transpose,
    walk,
)
from .interval import ZERO, Interval, UndefinedError, point, sigmoid, tanh

MAX_DEGREE = 12
Polynomial = tuple[Fraction, ...]


@dataclass(frozen=True, slots=True)
class Function:
    """A function with values in the open interval (low, high) and u' = derivative(u), lowest coefficient first."""

    enclose: Callable[[Interval], Interval]
    low: Fraction
    high: Fraction
    derivative: Polynomial


FUNCTIONS = {
    "tanh": Function(tanh, Fraction(-1), Fraction(1), (Fraction(1), Fraction(0), Fraction(-1))),
    "sigmoid": Function(sigmoid, Fraction(0), Fraction(1), (Fraction(0), Fraction(1), Fraction(-1))),
}


def lookup(name: str) -> tuple[Function, Polynomial]:
    """A function's base function u, and the polynomial p with name(x) = p(u(x)); UndefinedError if unknown."""
    base = name.rstrip("'")
    if base not in FUNCTIONS or len(name) - len(base) > 4:
        raise UndefinedError(f"no function is called {name}")
    found: Polynomial = (Fraction(0), Fraction(1))
    for _ in name[len(base) :]:
        slope = tuple(i * one for i, one in enumerate(found))[1:]
        found = _times(slope, FUNCTIONS[base].derivative)
    return FUNCTIONS[base], found


def apply(name: str, x: Interval) -> Interval:
    """The value of a named function, such as tanh or sigmoid'."""
    function, polynomial = lookup(name)
    u = function.enclose(x)
    return sum((point(one) * u.power(i) for i, one in enumerate(polynomial)), ZERO)


def _plus(left: Polynomial, right: Polynomial) -> Polynomial:
    return _trimmed(a + b for a, b in zip_longest(left, right, fillvalue=Fraction(0)))


def _times(left: Polynomial, right: Polynomial) -> Polynomial:
    if len(left) + len(right) > MAX_DEGREE:
        raise UndefinedError("a polynomial of too high a degree under an extremum")
    total = [Fraction(0)] * (len(left) + len(right))
    for i, a in enumerate(left):
        for j, b in enumerate(right):
            total[i + j] += a * b
    return _trimmed(total)


def _trimmed(values: Iterable[Fraction]) -> Polynomial:
    found = list(values)
    while found and not found[-1]:
        found.pop()
    return tuple(found)


def extremum(term: Extremum, times: Mapping[str, int], constant: Callable[[Term], Interval]) -> Interval:
    """The exact value of a sup or max at given times; `constant` gives the value of a part without the variable.

    Refused (UndefinedError) beyond polynomials of degree 2 in one function of the variable, inside at most one
    absolute value; and for a "max" that is not attained, such as max over x of tanh(x).
    """
    if isinstance(term.body, Power) and isinstance(term.body.body, Magnitude):
        exponent = term.body.exponent.substitute({name: affine(value) for name, value in times.items()})
        if not exponent.is_constant or exponent.constant < 0:
            raise UndefinedError("a power under an extremum whose exponent is negative or not known")
        return extremum(Extremum(term.kind, term.variable, term.body.body), times, constant).power(exponent.constant)
    body = term.body.body if isinstance(term.body, Magnitude) else term.body
    signs = (1, -1) if isinstance(term.body, Magnitude) else (1,)
    reader = _Reader(term.variable, constant)
    polynomial = reader.read(body)
    tops = [reader.supremum(tuple(sign * one for one in polynomial)) for sign in signs]
    value, attained = max(tops)
    if term.kind == "max" and not attained:
        raise UndefinedError(f"a maximum over {term.variable} that is not attained")
    return point(value)


@dataclass(slots=True)
class _Reader:
    """Reads a scalar term as a polynomial in one function of the variable."""

    variable: str
    constant: Callable[[Term], Interval]
    function: Function | None = None

    def read(self, term: Term) -> Polynomial:
        if not any(self._is_variable(part) for part in walk(term)):
            return self._number(term)
        match term:
            case Sum():
                return self._folded(_plus, term.terms)
            case Product() | Hadamard():
                return self._folded(_times, term.factors)
            case Scale():
                return _times(self.read(term.scalar), self.read(term.body))
            case Power() if term.exponent.is_constant:
                return self._power(term.body, term.exponent.constant)
            case EntrywisePower():
                return self._power(term.body, term.exponent)
            case Transpose():
                return self.read(term.body)
            case Magnitude():
                return self._absolute(self.read(term.body))
            case Entrywise() if self._is_variable(term.body):
                return self._applied(term.function)
            case _:
                raise UndefinedError(f"an extremum over {self.variable} of something that is not a polynomial")

    def _is_variable(self, term: Term) -> bool:
        return isinstance(term, Symbol) and term.name == self.variable and not term.times

    def _number(self, term: Term) -> Polynomial:
        value = self.constant(term)
        if not value.is_point:
            raise UndefinedError(f"an extremum over {self.variable} with coefficients that are not rational")
        return _trimmed((value.lo,))

    def _folded(self, join: Callable[[Polynomial, Polynomial], Polynomial], terms: tuple[Term, ...]) -> Polynomial:
        found = self.read(terms[0])
        for one in terms[1:]:
            found = join(found, self.read(one))
        return found

    def _power(self, body: Term, exponent: int) -> Polynomial:
        if not 0 <= exponent <= MAX_DEGREE:
            raise UndefinedError(f"a power of {exponent} under an extremum")
        found: Polynomial = (Fraction(1),)
        base = self.read(body)
        for _ in range(exponent):
            found = _times(found, base)
        return found

    def _applied(self, name: str) -> Polynomial:
        function, polynomial = lookup(name)
        if self.function is not None and self.function is not function:
            raise UndefinedError(f"an extremum over {self.variable} of two different functions")
        self.function = function
        return polynomial

    def _absolute(self, polynomial: Polynomial) -> Polynomial:
        negative = tuple(-one for one in polynomial)
        if self.supremum(negative)[0] <= 0:
            return polynomial
        if self.supremum(polynomial)[0] <= 0:
            return negative
        raise UndefinedError(f"an extremum over {self.variable} of an absolute value that changes sign inside")

    def supremum(self, polynomial: Polynomial) -> tuple[Fraction, bool]:
        """The supremum over the open range of the function, and whether it is attained."""
        if len(polynomial) > 3:
            raise UndefinedError("an extremum of a polynomial of degree above 2")
        free, slope, bend = (*polynomial, *(Fraction(0),) * 3)[:3]
        if self.function is None or not (slope or bend):
            return free, True
        low, high = self.function.low, self.function.high
        ends = max(free + slope * u + bend * u * u for u in (low, high))
        peak = -slope / (2 * bend) if bend < 0 else low
        return (free - slope * slope / (4 * bend), True) if low < peak < high else (ends, False)
