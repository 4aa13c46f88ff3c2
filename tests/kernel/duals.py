"""Dual numbers of any depth, and the derivatives of known functions by their values. For the oracle; no test here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import factorial
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Dual:
    """real + slope e with e^2 = 0, and an e of its own for each level."""

    level: int
    real: Any
    slope: Any

    def _parts(self, other: Any) -> tuple[Any, Any]:
        return (other.real, other.slope) if isinstance(other, Dual) and other.level == self.level else (other, 0)

    def __add__(self, other: Any) -> Any:
        if isinstance(other, Dual) and other.level > self.level:
            return other + self
        real, slope = self._parts(other)
        return Dual(self.level, self.real + real, self.slope + slope)

    def __mul__(self, other: Any) -> Any:
        if isinstance(other, Dual) and other.level > self.level:
            return other * self
        real, slope = self._parts(other)
        return Dual(self.level, self.real * real, self.real * slope + self.slope * real)

    def __neg__(self) -> Any:
        return self * -1

    def __sub__(self, other: Any) -> Any:
        return self + -1 * other

    def __rsub__(self, other: Any) -> Any:
        return -1 * self + other

    __radd__, __rmul__ = __add__, __mul__


def plain(value: Any) -> Any:
    """The number without any slopes."""
    return plain(value.real) if isinstance(value, Dual) else value


def slope_at(level: int, value: Any) -> Any:
    return value.slope if isinstance(value, Dual) and value.level == level else 0


def _by_own_value(value: Any, steps: Sequence[Callable[..., Any]]) -> list[Any]:
    """A value and its derivatives, each made of those before it."""
    found = [value]
    for step in steps:
        found.append(step(*found))
    return found


class World(Protocol):
    """What values functions have."""

    def apply(self, function: str, value: Any) -> Any: ...
    def known(self, name: str, value: Any) -> Any: ...
    def rational(self, value: Fraction) -> Any: ...


ORDERS = 3
SHIFTED = {"log": "reciprocal", "softplus": "sigmoid", "normal_cdf": "normal_density"}
TIMES_ARGUMENT = {"gelu": "normal_cdf", "silu": "sigmoid", "relu": "step"}
BY_VALUE: dict[str, tuple[Callable[..., Any], ...]] = {
    "tanh": (lambda u: 1 - u * u, lambda u, a: -2 * u * a, lambda u, a, b: -2 * (a * a + u * b)),
    "sigmoid": (lambda u: u - u * u, lambda u, a: a - 2 * u * a, lambda u, a, b: b - 2 * (a * a + u * b)),
    "exp": (lambda u: u, lambda u, a: u, lambda u, a, b: u),
    "reciprocal": (lambda u: -u * u, lambda u, a: 2 * u * u * u, lambda u, a, b: -6 * u * u * u * u),
}


def derivative(name: str, order: int, x: Any, world: World) -> Any:
    """The derivative of a known function, of an order up to three, by values of functions. KeyError for others."""
    if name in TIMES_ARGUMENT:
        inner = TIMES_ARGUMENT[name]
        less = order * world.apply(inner + "'" * (order - 1), x) if order else 0
        return x * world.apply(inner + "'" * order, x) + less
    if not order:
        return world.known(name, x)
    if order > ORDERS:
        raise KeyError(name)
    if name in BY_VALUE:
        return _by_own_value(world.apply(name, x), BY_VALUE[name])[order]
    if name in SHIFTED:
        return world.apply(SHIFTED[name] + "'" * (order - 1), x)
    return _of_others(name, order, x, world)


def _of_others(name: str, order: int, x: Any, world: World) -> Any:
    match name:
        case "step":
            return 0
        case "sin" | "cos":
            turns = (order + (name == "cos")) % 4
            return world.apply("sin" if turns % 2 == 0 else "cos", x) * (-1 if turns > 1 else 1)
        case "sqrt":
            odd = factorial(2 * order - 2) // (2 ** (order - 1) * factorial(order - 1))
            value, over = world.rational(Fraction(odd * (-1) ** (order - 1), 2**order)), world.apply("sqrt", x)
            for _ in range(2 * order - 1):
                value = value * world.apply("reciprocal", over)
            return value
        case "normal_density":
            hermite = {1: -x, 2: x * x - 1, 3: 3 * x - x * x * x}[order]
            return hermite * world.apply(name, x)
    raise KeyError(name)
