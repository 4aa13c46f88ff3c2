"""The entrywise functions and softmax in floats, not a number where there is no value; only for suggestions."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ..instances.functions import polynomial

if TYPE_CHECKING:
    from .batch import Array


def by_name(name: str, x: Array) -> Array:
    """A known function or a derivative of one, such as tanh'', at each entry; UndefinedError if it is not known."""
    import numpy as np

    found = polynomial(name)
    values = {basic: _FLOATS[basic](np, x) for factors in found for basic in factors}
    total = np.zeros_like(x)
    for factors, coefficient in found.items():
        total = total + math.prod((values[basic] for basic in factors), start=float(coefficient))
    return total


def softmax(body: Array) -> Array:
    """Of each column."""
    import numpy as np

    grown = np.exp(body - body.real.max(axis=-2, keepdims=True))
    found: Array = grown / grown.sum(axis=-2, keepdims=True)
    return found


def _cdf(np: Any, x: Array) -> Any:
    return 0.5 + 0.5 * np.vectorize(math.erf, otypes=[float])(x / math.sqrt(2.0))


_FLOATS: Mapping[str, Callable[[Any, Array], Any]] = {
    "x": lambda np, x: x,
    "tanh": lambda np, x: np.tanh(x),
    "sigmoid": lambda np, x: 0.5 * np.tanh(0.5 * x) + 0.5,
    "exp": lambda np, x: np.exp(x),
    "log": lambda np, x: np.log(x),
    "reciprocal": lambda np, x: 1.0 / x,
    "sqrt": lambda np, x: np.sqrt(x),
    "1/sqrt": lambda np, x: 1.0 / np.sqrt(x),
    "relu": lambda np, x: np.maximum(x, 0.0),
    "step": lambda np, x: np.where(x == 0, np.nan, x > 0),
    "softplus": lambda np, x: np.logaddexp(x, 0.0),
    "sin": lambda np, x: np.sin(x),
    "cos": lambda np, x: np.cos(x),
    "normal_cdf": _cdf,
    "normal_density": lambda np, x: np.exp(-0.5 * x * x) / math.sqrt(2.0 * math.pi),
}
