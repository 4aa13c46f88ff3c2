"""Polynomials in one value u = tanh(x) or sigmoid(x): their supremum over all x, whether it is attained, their zeros."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from itertools import zip_longest

from . import term as t
from .affine import affine
from .normal import FUNCTIONS
from .rules import RefusedError, expect, refuse_unless
from .term import SCALAR, Symbol, Term, add, number, parts, scale

Coefficients = tuple[Fraction, ...]
U = (Fraction(0), Fraction(1))


@dataclass(frozen=True, slots=True)
class EntrywisePolynomial:
    """a + b u + c u^2, u the value `function` of one argument `generator`; (a, b, c) are the coefficients."""

    function: str
    generator: Term | None
    coefficients: Coefficients


def entrywise_polynomial(term: Term, functions: Mapping[str, str]) -> EntrywisePolynomial:
    """Read a term (scalar or vector, entry by entry) as a polynomial of degree at most 2 in one value of one function."""
    sources: set[tuple[str, Term]] = set()
    a, b, c, *higher = *_read(term, functions, sources), Fraction(0), Fraction(0), Fraction(0)
    refuse_unless(len(sources) <= 1, "a polynomial in more than one value")
    refuse_unless(not any(higher), "a polynomial of degree above 2")
    function, generator = next(iter(sources), ("", None))
    return EntrywisePolynomial(function, generator, (a, b, c))


def _read(term: Term, functions: Mapping[str, str], sources: set[tuple[str, Term]]) -> Coefficients:
    match term:
        case t.Number():
            return (term.value,)
        case t.Ones():
            return (Fraction(1),)
        case Symbol() if term.name in functions:
            sources.add((functions[term.name], term))
            return U
        case t.Entrywise() if (name := term.function.removesuffix("'")) in FUNCTIONS:
            sources.add((name, t.Entrywise(name, term.body)))
            return U if name == term.function else tuple(map(Fraction, FUNCTIONS[name].derivative))
        case t.Sum():
            return _added(_read(one, functions, sources) for one in term.terms)
        case t.Hadamard() | t.Scale() | t.Product() if all(one.shape[1] == 1 for one in parts(term)):
            return reduce(_times, (_read(one, functions, sources) for one in parts(term)))
        case t.EntrywisePower() | t.Power() if affine(term.exponent).is_constant and term.shape[1] == 1:
            exponent = affine(term.exponent).constant
            refuse_unless(0 <= exponent <= 4, "a power above 4")
            return reduce(_times, [_read(term.body, functions, sources)] * exponent, (Fraction(1),))
        case _:
            raise RefusedError("not a polynomial in tanh or sigmoid of one argument")


def _times(one: Coefficients, other: Coefficients) -> Coefficients:
    return _added((*[Fraction(0)] * place, *(a * b for b in other)) for place, a in enumerate(one))


def _added(rows: Iterable[Coefficients]) -> Coefficients:
    return tuple(sum(column, Fraction(0)) for column in zip_longest(*rows, fillvalue=Fraction(0)))


def written_out(coefficients: Coefficients, one: Term, u: Term, squared: Term) -> Term:
    """The term a + b u + c u^2."""
    terms = [scale(value, power) for value, power in zip(coefficients, (one, u, squared), strict=True) if value]
    return add(*terms) if terms else scale(0, one)


def scalar_copy(polynomial: EntrywisePolynomial, variable: str) -> Term:
    """The same polynomial as a scalar term in x: 1 - h o h becomes 1 - tanh(x)^2."""
    if not polynomial.function:
        return number(polynomial.coefficients[0])
    u = t.Entrywise(polynomial.function, Symbol(variable, SCALAR))
    return written_out(polynomial.coefficients, number(1), u, t.Power(u, affine(2)))


def _values(polynomial: EntrywisePolynomial) -> tuple[list[Fraction], list[Fraction]]:
    """The values at the ends of the open range of the function, and at the turning point if it is inside."""
    a, b, c = polynomial.coefficients
    known = FUNCTIONS.get(polynomial.function, FUNCTIONS["tanh"])
    inside = [u for u in ([-b / (2 * c)] if c else []) if known.low < u < known.high]
    ends, turns = ([a + b * u + c * u * u for u in points] for points in ((known.low, known.high), inside))
    return ends, turns


def supremum(polynomial: EntrywisePolynomial) -> tuple[Fraction, bool]:
    """sup |p(u)| over the open range of the function, and whether some x attains it."""
    ends, turns = _values(polynomial)
    edge, peak = max(map(abs, ends)), max(map(abs, turns), default=Fraction(-1))
    return max(edge, peak), peak >= edge or not any(polynomial.coefficients[1:])


def extremum_value(term: t.Extremum) -> tuple[Term, bool]:
    """The value of sup over x of |p(f(x))| or of |p(f(x))|^e, and whether it is attained. Refused for other terms."""
    inner = term.body.body if isinstance(term.body, t.Power) else term.body
    refuse_unless(expect(inner, t.Magnitude).kind == "spectral_norm", "not a supremum of an absolute value")
    polynomial = entrywise_polynomial(parts(inner)[0], {})
    alone = polynomial.generator in (None, t.Entrywise(polynomial.function, Symbol(term.variable, SCALAR)))
    refuse_unless(alone, f"not a polynomial in tanh or sigmoid of {term.variable}")
    value, attained = supremum(polynomial)
    return (t.Power(number(value), term.body.exponent) if isinstance(term.body, t.Power) else number(value)), attained


def nowhere_zero(term: Term, functions: Mapping[str, str]) -> bool:
    """Whether no entry of an entrywise polynomial can be zero, whatever its argument."""
    try:
        polynomial = entrywise_polynomial(term, functions)
    except RefusedError:
        return False
    ends, turns = _values(polynomial)
    one_sided = (min(ends) >= 0 and all(v > 0 for v in turns)) or (max(ends) <= 0 and all(v < 0 for v in turns))
    return one_sided and any(polynomial.coefficients)
