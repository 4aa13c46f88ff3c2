"""Integer affine expressions in time variables, and the inequalities between them.

Times such as `tau - k + i`, bounds of products and exponents are all of this kind. An `Affine` is stored sorted, so
equal expressions are equal records. `entails` decides "these inequalities imply that one" (sound, over the rationals).
"""

from __future__ import annotations

import re
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
        if names != sorted(set(names)) or any(value == 0 for _, value in self.coefficients):
            raise ValueError(f"not a sorted affine expression: {self.coefficients}")

    @property
    def variables(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self.coefficients)

    @property
    def is_constant(self) -> bool:
        return not self.coefficients

    def coefficient(self, variable: str) -> int:
        return next((value for name, value in self.coefficients if name == variable), 0)

    def __add__(self, other: Affine | int) -> Affine:
        if isinstance(other, int):
            return Affine(self.coefficients, self.constant + other)
        if not other.coefficients:
            return Affine(self.coefficients, self.constant + other.constant)
        total = dict(self.coefficients)
        for name, value in other.coefficients:
            total[name] = total.get(name, 0) + value
        return _collected(total, self.constant + other.constant)

    def __neg__(self) -> Affine:
        return self * -1

    def __sub__(self, other: Affine | int) -> Affine:
        return self + -other

    def __mul__(self, factor: int) -> Affine:
        return _collected({name: value * factor for name, value in self.coefficients}, self.constant * factor)

    def substitute(self, values: Mapping[str, Affine]) -> Affine:
        """Replace variables by affine expressions, all at once."""
        if not any(name in values for name, _ in self.coefficients):
            return self
        total = Affine((), self.constant)
        for name, value in self.coefficients:
            total += values.get(name, Affine(((name, 1),))) * value
        return total

    def __str__(self) -> str:
        words = [_word(name, value) for name, value in self.coefficients]
        if self.constant or not words:
            words.append(f"{self.constant:+d}")
        return "".join(words).removeprefix("+")


def _word(name: str, value: int) -> str:
    return ("+" if value > 0 else "-") + (f"{abs(value)}{name}" if abs(value) != 1 else name)


def _collected(total: Mapping[str, int], constant: int) -> Affine:
    return Affine(tuple(sorted((name, value) for name, value in total.items() if value)), constant)


def affine(value: Affine | int | str) -> Affine:
    """Read a number or the name of a variable as an affine expression."""
    match value:
        case Affine():
            return value
        case str():
            return Affine(((value, 1),))
        case _:
            return Affine((), value)


_WORD = re.compile(r"([+-]?)(\d*)([A-Za-z_]\w*)?")


def parse_affine(text: str) -> Affine:
    """The inverse of `str`: "tau-k+1". Raises ValueError on anything else."""
    total, position = Affine(), 0
    while position < len(text):
        match = _WORD.match(text, position)
        if match is None or not (match[2] or match[3]) or (position and not match[1]):
            raise ValueError(f"not an affine expression: {text[:40]!r}")
        size = int(match[2] or 1) * (-1 if match[1] == "-" else 1)
        total += affine(match[3]) * size if match[3] else affine(size)
        position = match.end()
    if not text:
        raise ValueError("not an affine expression: ''")
    return total


def entails(assumptions: Iterable[Affine], goal: Affine) -> bool:
    """Whether `goal >= 0` follows, for integers, from `assumption >= 0` for each assumption.

    Fourier-Motzkin elimination on the assumptions and the negated goal. Sound: True only if it follows. It may answer
    False for what follows over the integers alone, or when there are too many inequalities.
    """
    if goal.is_constant and goal.constant >= 0:
        return True
    system = {*assumptions, -goal - 1}
    while True:
        if any(row.is_constant and row.constant < 0 for row in system):
            return True
        variable = next((row.variables[0] for row in sorted(system) if not row.is_constant), None)
        if variable is None or len(system) > MAX_INEQUALITIES:
            return False
        system = _eliminate(system, variable)


def _eliminate(system: set[Affine], variable: str) -> set[Affine]:
    below = [row for row in system if row.coefficient(variable) > 0]
    above = [row for row in system if row.coefficient(variable) < 0]
    rest = {row for row in system if row.coefficient(variable) == 0}
    pairs = ((low, high) for low in below for high in above)
    return rest | {low * -high.coefficient(variable) + high * low.coefficient(variable) for low, high in pairs}
