"""Polynomials in one value u = tanh(x) or sigmoid(x): their supremum over all x, whether it is attained, their zeros."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from .affine import affine
from .normal import FUNCTIONS, Function
from .rules import RefusedError, expect, refuse_unless
from .term import (
    SCALAR,
    Entrywise,
    EntrywisePower,
    Extremum,
    Hadamard,
    Magnitude,
    Number,
    Ones,
    Power,
    Product,
    Scale,
    Sum,
    Symbol,
    Term,
    number,
)

Coefficients = tuple[Fraction, ...]
_Combine = Callable[[Coefficients, Coefficients], Coefficients]


@dataclass(frozen=True, slots=True)
class EntrywisePolynomial:
    """p(u), u the value `function` of one argument `generator`; coefficients from the constant term up."""

    function: str
    generator: Term | None
    coefficients: Coefficients


def entrywise_polynomial(term: Term, functions: Mapping[str, str]) -> EntrywisePolynomial:
    """Read a term (scalar or vector, entry by entry) as a polynomial in one value of one function."""
    match term:
        case Number():
            return EntrywisePolynomial("", None, (term.value,))
        case Ones():
            return EntrywisePolynomial("", None, (Fraction(1),))
        case Symbol() if term.name in functions:
            return EntrywisePolynomial(functions[term.name], term, (Fraction(0), Fraction(1)))
        case Entrywise() if term.function in FUNCTIONS:
            return EntrywisePolynomial(term.function, term, (Fraction(0), Fraction(1)))
        case Entrywise() if term.function.removesuffix("'") in FUNCTIONS:
            name = term.function.removesuffix("'")
            known = tuple(Fraction(value) for value in FUNCTIONS[name].derivative)
            return EntrywisePolynomial(name, Entrywise(name, term.body), known)
        case Sum():
            return _combined(term.terms, functions, _plus)
        case Hadamard():
            return _combined(term.factors, functions, _times)
        case Scale():
            return _combined((term.scalar, term.body), functions, _times)
        case Product() if all(one.shape == SCALAR for one in term.factors):
            return _combined(term.factors, functions, _times)
        case EntrywisePower() if term.exponent <= 4:
            return _combined((number(1), *(term.body,) * term.exponent), functions, _times)
        case Power() if term.shape == SCALAR and term.exponent.is_constant and 0 <= term.exponent.constant <= 4:
            return _combined((number(1), *(term.body,) * term.exponent.constant), functions, _times)
        case _:
            raise RefusedError("not a polynomial in tanh or sigmoid of one argument")


def _combined(terms: tuple[Term, ...], functions: Mapping[str, str], how: _Combine) -> EntrywisePolynomial:
    found = [entrywise_polynomial(one, functions) for one in terms]
    sources = {(one.function, one.generator) for one in found if one.generator is not None}
    refuse_unless(len(sources) <= 1, "a polynomial in more than one value")
    function, generator = next(iter(sources), ("", None))
    total = found[0].coefficients
    for one in found[1:]:
        total = how(total, one.coefficients)
    return EntrywisePolynomial(function, generator, total)


def _plus(one: Coefficients, other: Coefficients) -> Coefficients:
    size = max(len(one), len(other))
    padded = [(*row, *(Fraction(0),) * (size - len(row))) for row in (one, other)]
    return tuple(a + b for a, b in zip(*padded, strict=True))


def _times(one: Coefficients, other: Coefficients) -> Coefficients:
    total = [Fraction(0)] * (len(one) + len(other) - 1)
    for i, a in enumerate(one):
        for j, b in enumerate(other):
            total[i + j] += a * b
    return tuple(total)


def supremum(polynomial: EntrywisePolynomial) -> tuple[Fraction, bool]:
    """sup |p(u)| over the open range of the function, and whether some x attains it. Degree at most 2."""
    a, b, c = _quadratic(polynomial)
    if b == c == 0:
        return abs(a), True
    known = FUNCTIONS[polynomial.function]
    inside = [u for u in ([-b / (2 * c)] if c else []) if known.low < u < known.high]
    edges = max(abs(a + b * u + c * u * u) for u in (known.low, known.high))
    peak = max((abs(a + b * u + c * u * u) for u in inside), default=Fraction(-1))
    return (peak, True) if peak >= edges else (edges, False)


def extremum_value(term: Extremum) -> tuple[Term, bool]:
    """The value of sup over x of |p(f(x))| or of |p(f(x))|^e, and whether it is attained. Refused for other terms."""
    inner = term.body.body if isinstance(term.body, Power) else term.body
    refuse_unless(isinstance(inner, Magnitude) and inner.kind == "spectral_norm", "not a supremum of an absolute value")
    polynomial = entrywise_polynomial(expect(inner, Magnitude).body, {})
    argument = Symbol(term.variable, SCALAR)
    known = polynomial.generator in (None, Entrywise(polynomial.function, argument))
    refuse_unless(known, f"not a polynomial in tanh or sigmoid of {term.variable}")
    value, attained = supremum(polynomial)
    return (Power(number(value), term.body.exponent) if isinstance(term.body, Power) else number(value)), attained


def nowhere_zero(term: Term, functions: Mapping[str, str]) -> bool:
    """Whether no entry of an entrywise polynomial can be zero, whatever its argument."""
    try:
        polynomial = entrywise_polynomial(term, functions)
        a, b, c = _quadratic(polynomial)
    except RefusedError:
        return False
    if b == c == 0:
        return a != 0
    known = FUNCTIONS[polynomial.function]
    if c == 0:
        return not known.low < -a / b < known.high
    return b * b < 4 * a * c or _one_sided(a, b, c, known)


def _one_sided(a: Fraction, b: Fraction, c: Fraction, known: Function) -> bool:
    """No root strictly inside: both ends and the turning point, if inside, have one sign; a root at an end is outside."""
    ends = [a + b * u + c * u * u for u in (known.low, known.high)]
    turn = -b / (2 * c)
    middle = turn if known.low < turn < known.high else (known.low + known.high) / 2
    inside = a + b * middle + c * middle * middle
    return (inside > 0 and min(ends) >= 0) or (inside < 0 and max(ends) <= 0)


def _quadratic(polynomial: EntrywisePolynomial) -> tuple[Fraction, Fraction, Fraction]:
    padded = (*polynomial.coefficients, Fraction(0), Fraction(0), Fraction(0))
    refuse_unless(not any(padded[3:]), "a polynomial of degree above 2")
    return padded[0], padded[1], padded[2]


def scalar_copy(term: Term, polynomial: EntrywisePolynomial, variable: str) -> Term:
    """The same polynomial as a scalar term in x: 1 - h o h becomes 1 - tanh(x)^2."""
    match term:
        case _ if polynomial.generator is not None and term == polynomial.generator:
            return Entrywise(polynomial.function, Symbol(variable, SCALAR))
        case Number():
            return term
        case Ones():
            return number(1)
        case Entrywise():
            return Entrywise(term.function, Symbol(variable, SCALAR))
        case Sum():
            return Sum(tuple(scalar_copy(one, polynomial, variable) for one in term.terms))
        case Hadamard() | Product():
            return Product(tuple(scalar_copy(one, polynomial, variable) for one in term.factors))
        case Scale():
            return Scale(*(scalar_copy(one, polynomial, variable) for one in (term.scalar, term.body)))
        case EntrywisePower() | Power():
            exponent = affine(term.exponent)
            return Power(scalar_copy(term.body, polynomial, variable), exponent)
        case _:
            raise RefusedError("not an entrywise polynomial")
