"""The oracle over the real numbers, which knows norms, suprema and the order."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from symgrad.kernel import term as t

from .duals import Dual
from .oracle import Exact, Matrix, Times, UnsupportedError

REAL: dict[str, Callable[[float], float]] = {
    "tanh": math.tanh,
    "sigmoid": lambda x: (1 + math.tanh(x / 2)) / 2,
    "exp": math.exp,
    "log": math.log,
    "sqrt": math.sqrt,
    "softplus": lambda x: math.log1p(math.exp(x)),
    "sin": math.sin,
    "cos": math.cos,
    "step": lambda x: float(x > 0),
    "normal_cdf": lambda x: math.erfc(-x / math.sqrt(2)) / 2,
    "normal_density": lambda x: math.exp(-x * x / 2) / math.sqrt(2 * math.pi),
}


class Floating(Exact):
    """The same over the real numbers, with norms; entries are drawn from [-spread, spread]."""

    spread = 1.0

    def reduce(self, value: Any) -> Any:
        return value

    def rational(self, value: Fraction) -> Any:
        return float(value)

    def random(self, key: object) -> Any:
        return random.Random(f"{self.seed} {key}").uniform(-self.spread, self.spread)

    def inverted(self, value: Any) -> Any:
        return 1 / value

    def known(self, name: str, value: Any) -> Any:
        if name in ("log", "sqrt") and value <= 0:
            raise UnsupportedError(f"{name} of {value}")
        if name in ("exp", "softplus") and value > 200:
            raise UnsupportedError(f"{name} of {value} is too large")
        return REAL[name](value)

    def unknown(self, function: str, value: Any) -> Any:
        """The derivatives of a wave drawn by name, for any function of which nothing is known."""
        name, order = function.rstrip("'"), function.count("'")
        height, width, shift = (self.random((name, one)) + 1.5 for one in ("height", "width", "shift"))
        return height * width**order * math.sin(width * value + shift + order * math.pi / 2)

    def magnitude(self, kind: str, body: Matrix) -> Any:
        import numpy

        if any(isinstance(a, Dual) for row in body for a in row):
            if kind != "spectral_norm" or len(body[0]) > 1:
                raise UnsupportedError(f"derivatives of the {kind}")
            return self.apply("sqrt", sum(row[0] * row[0] for row in body))
        values = numpy.linalg.svd(numpy.array(body), compute_uv=False)
        match kind:
            case "spectral_norm":
                return float(values[0])
            case "least_singular_value":
                return float(values[-1])
            case "spectral_radius":
                return float(max(abs(numpy.linalg.eigvals(numpy.array(body)))))
        entries = [abs(a) for row in body for a in row]
        return max(entries) if kind == "largest_entry" else min(entries)

    def simple(self, term: t.Term, times: Times) -> Matrix:
        """A supremum is taken over a grid that reaches so far that tanh and the sigmoid are 1 there, and 0."""
        if not isinstance(term, t.Extremum):
            return super().simple(term, times)
        found = []
        for step in range(-4000, 4001):
            self.given[(term.variable,)] = [[step / 50]]
            found.append(self.value(term.body, times)[0][0])
        del self.given[(term.variable,)]
        return [[max(found)]]

    def related(self, relation: str, left: float, right: float) -> bool:
        slack = 1e-9 * (1 + abs(left) + abs(right))
        match relation:
            case "=":
                return abs(left - right) <= slack
            case "<=" | "<":
                return left <= right + slack
            case _:
                return right <= left + slack
