"""The exact extrema over all real x of polynomials of degree at most 2 in one function of x with a known range."""

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
from .functions import in_one, split
from .interval import Interval, UndefinedError, point

MAX_DEGREE = 12
Polynomial = tuple[Fraction, ...]


@dataclass(frozen=True, slots=True)
class Range:
    """The values of a function over all real x: from low to high, both ends too if they are attained, and all that lies
    between unless it jumps."""

    low: Fraction
    high: Fraction
    attained: bool = False
    jumps: bool = False


RANGES = {
    "tanh": Range(Fraction(-1), Fraction(1)),
    "sigmoid": Range(Fraction(0), Fraction(1)),
    "sin": Range(Fraction(-1), Fraction(1), True),
    "cos": Range(Fraction(-1), Fraction(1), True),
    "step": Range(Fraction(0), Fraction(1), True, True),
}


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


def extremum(
    term: Extremum,
    times: Mapping[str, int],
    constant: Callable[[Term], Interval],
    functions: Mapping[str, str],
) -> Interval:
    """The exact value of a sup or max at given times; `constant` gives the value of a part without the variable, and
    `functions` says which known function an arbitrary one stands for.

    Refused (UndefinedError) beyond polynomials of degree 2 in one function of the variable, inside at most one
    absolute value; and for a "max" that is not attained, such as max over x of tanh(x).
    """
    if isinstance(term.body, Power) and isinstance(term.body.body, Magnitude):
        exponent = term.body.exponent.substitute({name: affine(value) for name, value in times.items()})
        if not exponent.is_constant or exponent.constant < 0:
            raise UndefinedError("a power under an extremum whose exponent is negative or not known")
        inner = Extremum(term.kind, term.variable, term.body.body)
        return extremum(inner, times, constant, functions).power(exponent.constant)
    body = term.body.body if isinstance(term.body, Magnitude) else term.body
    signs = (1, -1) if isinstance(term.body, Magnitude) else (1,)
    reader = _Reader(term.variable, constant, functions)
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
    functions: Mapping[str, str]
    function: str = ""

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
        base, order = split(name)
        function, polynomial = in_one(self.functions.get(base, base) + "'" * order)
        if self.function not in ("", function):
            raise UndefinedError(f"an extremum over {self.variable} of two different functions")
        self.function = function
        return _trimmed(polynomial)

    def _absolute(self, polynomial: Polynomial) -> Polynomial:
        negative = tuple(-one for one in polynomial)
        if self.supremum(negative)[0] <= 0:
            return polynomial
        if self.supremum(polynomial)[0] <= 0:
            return negative
        raise UndefinedError(f"an extremum over {self.variable} of an absolute value that changes sign inside")

    def supremum(self, polynomial: Polynomial) -> tuple[Fraction, bool]:
        """The supremum over the range of the function, and whether it is attained."""
        if len(polynomial) > 3:
            raise UndefinedError("an extremum of a polynomial of degree above 2")
        free, slope, bend = (*polynomial, *(Fraction(0),) * 3)[:3]
        if not (slope or bend):
            return free, True
        if self.function not in RANGES:
            raise UndefinedError(f"an extremum over {self.variable} of {self.function}, whose range is not known")
        found = RANGES[self.function]
        ends = max(free + slope * u + bend * u * u for u in (found.low, found.high))
        peak = -slope / (2 * bend) if bend < 0 else found.low
        if found.low < peak < found.high and not found.jumps:
            return free - slope * slope / (4 * bend), True
        return ends, found.attained
