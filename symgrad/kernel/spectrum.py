"""Polynomials in one value u = tanh(x) or sigmoid(x): the supremum over all x, whether it is attained, and zeros."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from . import term as t
from .affine import affine
from .diagram import BudgetExceededError
from .normal import FUNCTIONS, Normalizer
from .rules import RefusedError, expect, refuse_unless
from .term import SCALAR, Symbol, Term, add, number, scale

Coefficients = tuple[Fraction, ...]


@dataclass(frozen=True, slots=True)
class EntrywisePolynomial:
    """a + b u + c u^2, where u is the value of `function` called `generator`; (a, b, c) are the coefficients."""

    function: str
    generator: str
    coefficients: Coefficients


def entrywise_polynomial(term: Term, functions: Mapping[str, str]) -> EntrywisePolynomial:
    """Read a scalar, or a vector entry by entry, as a polynomial of degree at most 2 in one value of one function."""
    total: Coefficients = (Fraction(0),) * 3
    sources: set[tuple[str, str]] = set()
    try:
        form = Normalizer(functions).form(term)
    except BudgetExceededError as error:
        raise RefusedError(str(error)) from None
    for diagram, value in form.items():
        alone = len(diagram.sorts) == (term.shape[0] != 1) and term.shape[1] == 1 and len(diagram.atoms) <= 1
        refuse_unless(alone, "not a quadratic polynomial in tanh or sigmoid, entry by entry")
        powers: tuple[int, int, int] = (1, 0, 0)
        for label, _ in diagram.atoms:
            base = label.name.removesuffix("'")
            name = {"symbol": functions.get(base), "slope": functions.get(base), "Entrywise": base}.get(label.kind)
            if name not in FUNCTIONS:
                raise RefusedError("not a polynomial in tanh or sigmoid of one argument")
            sources.add((name, replace(label, kind=label.kind.replace("slope", "symbol"), name=base).text))
            powers = (0, 1, 0) if base == label.name else FUNCTIONS[name].derivative
        total = tuple([one + value * power for one, power in zip(total, powers, strict=True)])
    refuse_unless(len(sources) <= 1, "a polynomial in more than one value")
    function, generator = next(iter(sources), ("", ""))
    return EntrywisePolynomial(function, generator, total)


def written_out(coefficients: Coefficients, one: Term, u: Term, squared: Term) -> Term:
    """The term a + b u + c u^2."""
    terms = [scale(value, power) for value, power in zip(coefficients, (one, u, squared), strict=True) if value]
    return add(*terms) if terms else scale(0, one)


def scalar_copy(polynomial: EntrywisePolynomial, variable: str) -> Term:
    """The same polynomial as a scalar term in x: 1 - h o h becomes 1 - tanh(x)^2."""
    u = t.Entrywise(polynomial.function, Symbol(variable, SCALAR))
    return written_out(polynomial.coefficients, number(1), u, t.Power(u, affine(2)))


def _values(polynomial: EntrywisePolynomial) -> tuple[list[Fraction], list[Fraction]]:
    """The values at the ends of the open range of the function, and at the turning point if it is inside."""
    a, b, c = polynomial.coefficients
    known = FUNCTIONS.get(polynomial.function, FUNCTIONS["tanh"])
    inside = [u for u in ([-b / (2 * c)] if c else []) if known.low < u < known.high]
    ends, turns = ([a + b * u + c * u * u for u in points] for points in ([known.low, known.high], inside))
    return ends, turns


def supremum(polynomial: EntrywisePolynomial) -> tuple[Fraction, bool]:
    """sup |p(u)| over the open range of the function, and whether some x attains it."""
    ends, turns = _values(polynomial)
    edge, peak = max(map(abs, ends)), max(map(abs, turns), default=Fraction(-1))
    return max(edge, peak), peak >= edge or not any(polynomial.coefficients[1:])


def extremum_value(term: t.Extremum) -> tuple[Term, bool]:
    """The value of sup over x of |p(f(x))| or of |p(f(x))|^e, and whether it is attained. Refused for other terms."""
    inner = expect(term.body.body if isinstance(term.body, t.Power) else term.body, t.Magnitude)
    polynomial = entrywise_polynomial(inner.body, {})
    u = t.Entrywise(polynomial.function, Symbol(term.variable, SCALAR))
    alone = not polynomial.function or polynomial.generator == entrywise_polynomial(u, {}).generator
    refuse_unless(inner.body.shape == SCALAR and alone, f"not a polynomial in tanh or sigmoid of {term.variable}")
    value, attained = supremum(polynomial)
    return (t.Power(number(value), term.body.exponent) if isinstance(term.body, t.Power) else number(value)), attained


def above_zero(term: Term, functions: Mapping[str, str], strictly: bool = True) -> bool:
    """Whether every entry of an entrywise polynomial is above 0 (or at least 0), whatever its argument."""
    if any(isinstance(one, t.Magnitude | t.Gradient | t.Binder) for one in t.walk(term)) or not _made_of(
        term, functions
    ):
        return False
    try:
        polynomial = entrywise_polynomial(term, functions)
    except RefusedError:
        return False
    ends, turns = _values(polynomial)
    inside = all(value > 0 for value in turns) and any(polynomial.coefficients)
    return min(ends) >= 0 and (inside if strictly else all(value >= 0 for value in turns))


def _made_of(term: Term, functions: Mapping[str, str]) -> bool:
    """Whether nothing else stands in a term than numbers and values of tanh and sigmoid."""
    if isinstance(term, t.Symbol):
        return term.name in functions
    if isinstance(term, t.Entrywise):
        return term.function.removesuffix("'") in FUNCTIONS
    return not isinstance(term, t.Softmax | t.Determinant) and all(_made_of(one, functions) for one in t.parts(term))


def nowhere_zero(term: Term, functions: Mapping[str, str]) -> bool:
    """Whether no entry of an entrywise polynomial can be zero, whatever its argument."""
    return above_zero(term, functions) or above_zero(scale(-1, term), functions)
