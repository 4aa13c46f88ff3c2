"""Integer affine expressions in time variables, and the inequalities between them.

Times such as `tau - k + i`, bounds of products and exponents are all of this kind. An `Affine` is stored sorted, so
equal expressions are equal records. `entails` decides "these inequalities imply that one" (sound, over the rationals).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

MAX_INEQUALITIES = 400


@dataclass(frozen=True, slots=True, order=True)
class Affine:
    """`constant + sum of coefficient * variable`, with integer coefficients, sorted by variable, none of them zero."""

    coefficients: tuple[tuple[str, int], ...] = ()
    constant: int = 0

    def __post_init__(self) -> None:
        names = [name for name, _ in self.coefficients]
        if names != sorted(set(names)) or not all(value for _, value in self.coefficients):
            raise ValueError(f"not a sorted affine expression: {self.coefficients}")

    @property
    def variables(self) -> tuple[str, ...]:
        return tuple([name for name, _ in self.coefficients])

    @property
    def is_constant(self) -> bool:
        return not self.coefficients

    def coefficient(self, variable: str) -> int:
        return next((value for name, value in self.coefficients if name == variable), 0)

    def __add__(self, other: Affine | int) -> Affine:
        if isinstance(other, int) or not other.coefficients:
            return Affine(self.coefficients, self.constant + (other if isinstance(other, int) else other.constant))
        total = dict(self.coefficients)
        for name, value in other.coefficients:
            total[name] = total.get(name, 0) + value
        kept = sorted((name, value) for name, value in total.items() if value)
        return Affine(tuple(kept), self.constant + other.constant)

    def __neg__(self) -> Affine:
        return self * -1

    def __sub__(self, other: Affine | int) -> Affine:
        return self + -other

    def __mul__(self, factor: int) -> Affine:
        scaled = ((name, value * factor) for name, value in self.coefficients if factor)
        return Affine(tuple(scaled), self.constant * factor)

    def substitute(self, values: Mapping[str, Affine]) -> Affine:
        """Replace variables by affine expressions, all at once."""
        if not any(name in values for name, _ in self.coefficients):
            return self
        total = Affine((), self.constant)
        for name, value in self.coefficients:
            total += values.get(name, affine(name)) * value
        return total

    def __str__(self) -> str:
        signed = [("+-"[value < 0], abs(value), name) for name, value in self.coefficients]
        words = [f"{sign}{size if size != 1 else ''}{name}" for sign, size, name in signed]
        words += [f"{self.constant:+d}"] if self.constant or not words else []
        return "".join(words).removeprefix("+")


def affine(value: Affine | int | str) -> Affine:
    """Read a number or the name of a variable as an affine expression."""
    match value:
        case Affine():
            return value
        case str():
            return Affine(((value, 1),))
        case _:
            return Affine((), value)


def entails(assumptions: Iterable[Affine], goal: Affine) -> bool:
    """Whether `goal >= 0` follows, for integers, from `assumption >= 0` for each assumption.

    Fourier-Motzkin elimination on the assumptions and the negated goal. Sound: True only if it follows. It may answer
    False for what follows over the integers alone, or when there are too many inequalities.
    """
    system = {*assumptions, -goal - 1}
    while not any(row.is_constant and row.constant < 0 for row in system):
        variable = next((row.variables[0] for row in sorted(system) if not row.is_constant), None)
        below = [row for row in system if variable and row.coefficient(variable) > 0]
        above = [row for row in system if variable and row.coefficient(variable) < 0]
        if variable is None or len(below) * len(above) > MAX_INEQUALITIES:
            return False
        pairs = ((low, high) for low in below for high in above)
        kept = {row for row in system if not row.coefficient(variable)}
        system = kept | {low * -high.coefficient(variable) + high * low.coefficient(variable) for low, high in pairs}
    return True
