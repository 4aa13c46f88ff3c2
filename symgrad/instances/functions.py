"""The entrywise functions that are known, and their derivatives of every order.

A function is a polynomial in basic functions, each with an enclosure and a derivative that is such a polynomial again;
so every derivative (written with ' in a name) is one too. Here is also which of them meet a law that a text declares.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from functools import lru_cache, reduce
from math import prod

from ..kernel.certificate import Law
from ..kernel.term import (
    Entrywise,
    EntrywisePower,
    Hadamard,
    Number,
    Power,
    Product,
    Scale,
    Sum,
    Symbol,
    Term,
    Transpose,
)
from . import interval
from .elementary import cos, log, normal_cdf, normal_density, sin
from .interval import ONE, ZERO, Interval, UndefinedError, point

MAX_ORDER = 4
MAX_POWER = 12
# Coefficients by the basic functions that they multiply, sorted; the argument itself counts as one and is called x.
Polynomial = Mapping[tuple[str, ...], Fraction]


def _relu(x: Interval) -> Interval:
    return Interval(max(x.lo, Fraction(0)), max(x.hi, Fraction(0)))


def _step(x: Interval) -> Interval:
    """The slope of relu, which has none at 0."""
    if x.lo <= 0 <= x.hi:
        raise UndefinedError("the slope of relu at 0, or too close to it")
    return ONE if x.lo > 0 else ZERO


def _softplus(x: Interval) -> Interval:
    return log(ONE + interval.exp(x))


def _sqrt(x: Interval) -> Interval:
    if x.lo < 0:
        raise UndefinedError("the square root of a number that is negative, or too close to 0")
    return x.sqrt()


ENCLOSURES: Mapping[str, Callable[[Interval], Interval]] = {
    "x": lambda x: x,
    "tanh": interval.tanh,
    "sigmoid": interval.sigmoid,
    "exp": interval.exp,
    "log": log,
    "reciprocal": Interval.reciprocal,
    "sqrt": _sqrt,
    "1/sqrt": lambda x: _sqrt(x).reciprocal(),
    "relu": _relu,
    "step": _step,
    "softplus": _softplus,
    "sin": sin,
    "cos": cos,
    "normal_cdf": normal_cdf,
    "normal_density": normal_density,
}
SLOPES: Mapping[str, Polynomial] = {
    "x": {(): Fraction(1)},
    "tanh": {(): Fraction(1), ("tanh", "tanh"): Fraction(-1)},
    "sigmoid": {("sigmoid",): Fraction(1), ("sigmoid", "sigmoid"): Fraction(-1)},
    "exp": {("exp",): Fraction(1)},
    "log": {("reciprocal",): Fraction(1)},
    "reciprocal": {("reciprocal", "reciprocal"): Fraction(-1)},
    "sqrt": {("1/sqrt",): Fraction(1, 2)},
    "1/sqrt": {("1/sqrt", "1/sqrt", "1/sqrt"): Fraction(-1, 2)},
    "relu": {("step",): Fraction(1)},
    "step": {},
    "softplus": {("sigmoid",): Fraction(1)},
    "sin": {("cos",): Fraction(1)},
    "cos": {("sin",): Fraction(-1)},
    "normal_cdf": {("normal_density",): Fraction(1)},
    "normal_density": {("normal_density", "x"): Fraction(-1)},
}
DEFINED: Mapping[str, Polynomial] = {
    "gelu": {("normal_cdf", "x"): Fraction(1)},
    "silu": {("sigmoid", "x"): Fraction(1)},
}
# From which order of derivative on a function has no value at 0, even where its polynomial is 0.
KINKS: Mapping[str, int] = {"relu": 1, "step": 0}
NAMES = frozenset({*SLOPES, *DEFINED} - {"x", "1/sqrt"})
# What may stand for an arbitrary function: differentiable everywhere, the most different kinds first.
WITNESSES = ("sin", "softplus", "tanh", "exp", "sigmoid", "cos", "normal_cdf", "normal_density", "gelu", "silu")


def split(name: str) -> tuple[str, int]:
    """A function and the order of the derivative: tanh'' is (tanh, 2)."""
    base = name.rstrip("'")
    return base, len(name) - len(base)


@lru_cache(maxsize=256)
def polynomial(name: str) -> Polynomial:
    """A named function, such as tanh or sigmoid', in basic functions; UndefinedError if it is not known."""
    base, order = split(name)
    if base not in NAMES or order > MAX_ORDER:
        raise UndefinedError(f"no function is called {name}")
    return _slope(DEFINED.get(base, {(base,): Fraction(1)}), order)


def apply(name: str, x: Interval) -> Interval:
    """The value of a named function."""
    found = polynomial(name)
    base, order = split(name)
    if order >= KINKS.get(base, order + 1):
        _step(x)
    values = {basic: ENCLOSURES[basic](x) for factors in found for basic in factors}
    return sum((_monomial(one, factors, values) for factors, one in found.items()), ZERO)


def _monomial(coefficient: Fraction, factors: tuple[str, ...], values: Mapping[str, Interval]) -> Interval:
    powers = (values[basic].power(factors.count(basic)) for basic in dict.fromkeys(factors))
    return prod(powers, start=point(coefficient))


def in_one(name: str) -> tuple[str, tuple[Fraction, ...]]:
    """A basic function u and a polynomial p, lowest coefficient first, with name(x) = p(u(x)).

    UndefinedError if the function is not known, or is not such a polynomial.
    """
    found = polynomial(name)
    basics = {basic for factors in found for basic in factors} or {split(name)[0]}
    if len(basics) > 1:
        raise UndefinedError(f"{name} is not a polynomial in one function")
    degree = max(map(len, found), default=0)
    (basic,) = basics
    return basic, tuple(found.get((basic,) * power, Fraction(0)) for power in range(degree + 1))


def _slope(found: Polynomial, order: int) -> Polynomial:
    """The derivative of an order, by the product rule."""
    return reduce(lambda one, _: _derivative(one), range(order), found)


def _derivative(found: Polynomial) -> Polynomial:
    return _sum(
        _times({factors[:place] + factors[place + 1 :]: coefficient}, SLOPES[basic])
        for factors, coefficient in found.items()
        for place, basic in enumerate(factors)
    )


def _sum(polynomials: Iterable[Polynomial]) -> Polynomial:
    total: dict[tuple[str, ...], Fraction] = {}
    for one in polynomials:
        for factors, coefficient in one.items():
            total[factors] = total.get(factors, Fraction(0)) + coefficient
    return {factors: coefficient for factors, coefficient in total.items() if coefficient}


def _times(left: Polynomial, right: Polynomial) -> Polynomial:
    if any(len(one) + len(two) > MAX_POWER for one in left for two in right):
        raise UndefinedError("a polynomial of too high a degree")
    return _sum({tuple(sorted((*one, *two))): a * b} for one, a in left.items() for two, b in right.items())


def stand_ins(function: str, laws: Iterable[Law]) -> tuple[str, ...]:
    """The known functions that may stand for another one, because every law of it holds for them.

    The slope of relu is one that a law may name, but no arbitrary function has a kink.
    """
    own = [law for law in laws if split(law.function)[0] == function]
    able = (*WITNESSES, "relu") if own else WITNESSES
    return () if function in NAMES else tuple(one for one in able if all(_meets(one, law) for law in own))


def agree(laws: Iterable[Law]) -> bool:
    """Whether laws are seen not to contradict each other or what is known: of each function there is one law, or the
    others follow from it."""
    own: dict[str, list[Law]] = {}
    for law in laws:
        own.setdefault(split(law.function)[0], []).append(law)
    return all(_agree(function, found) for function, found in own.items())


def _agree(function: str, laws: list[Law]) -> bool:
    if function in NAMES:
        return all(_meets(function, law) for law in laws)
    first, *others = sorted(laws, key=lambda law: split(law.function)[1])
    if not others or stand_ins(function, laws):
        return True
    order = split(first.function)[1]
    try:
        known = _read(first.body, first.variable)
        return all(_read(law.body, law.variable) == _slope(known, split(law.function)[1] - order) for law in others)
    except UndefinedError:
        return False


def _meets(witness: str, law: Law) -> bool:
    """Whether both sides of a law, with a known function in it, are equal polynomials in basic functions."""
    base, order = split(law.function)
    try:
        return _read(law.body, law.variable, base, witness) == polynomial(witness + "'" * order)
    except UndefinedError:
        return False


def _read(term: Term, variable: str, function: str = "", witness: str = "") -> Polynomial:
    """A scalar term in one variable, with a known function in the place of another."""

    def read(part: Term) -> Polynomial:
        return _read(part, variable, function, witness)

    match term:
        case Number():
            return _sum([{(): term.value}])
        case Symbol() if term.name == variable and not term.times:
            return {("x",): Fraction(1)}
        case Sum():
            return _sum(map(read, term.terms))
        case Product() | Hadamard():
            return reduce(_times, map(read, term.factors))
        case Scale():
            return _times(read(term.scalar), read(term.body))
        case Transpose():
            return read(term.body)
        case EntrywisePower():
            return _raised(read(term.body), term.exponent)
        case Power() if term.exponent.is_constant:
            return _raised(read(term.body), term.exponent.constant)
        case Entrywise(body=Symbol(name=name, times=())) if name == variable:
            base, order = split(term.function)
            return polynomial((witness if base == function else base) + "'" * order)
        case _:
            raise UndefinedError(f"a law that is not a polynomial in functions of {variable}")


def _raised(body: Polynomial, exponent: int) -> Polynomial:
    if not 0 <= exponent <= MAX_POWER:
        raise UndefinedError(f"a power of {exponent}")
    return reduce(_times, [body] * exponent, {(): Fraction(1)})
