"""Entrywise functions for autograd: those that are known, some smooth one for any other name, and their derivatives.

No derivative is written down here, except that of the normal distribution function, which autograd cannot see through.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import reduce
from typing import Any

import autograd.numpy as np
import numpy
from autograd import elementwise_grad
from autograd.extend import defvjp, primitive

from symgrad.kernel import term as t
from symgrad.kernel.certificate import Law

Array = Any
Function = Callable[[Array], Array]


@primitive  # type: ignore[untyped-decorator]
def normal_cdf(x: Array) -> Array:
    return np.vectorize(lambda one: (1 + math.erf(one / math.sqrt(2))) / 2)(x)


def normal_density(x: Array) -> Array:
    return np.exp(-x * x / 2) / math.sqrt(2 * math.pi)


defvjp(normal_cdf, lambda _, x: lambda g: g * normal_density(x))


def sigmoid(x: Array) -> Array:
    return (1 + np.tanh(x / 2)) / 2


KNOWN: Mapping[str, Function] = {
    "tanh": np.tanh,
    "sigmoid": sigmoid,
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "reciprocal": lambda x: 1 / x,
    "relu": lambda x: np.maximum(x, 0),
    "step": lambda x: np.where(x > 0, 1.0, 0.0) * np.ones_like(x),
    "softplus": lambda x: np.logaddexp(x, 0),
    "sin": np.sin,
    "cos": np.cos,
    "normal_cdf": normal_cdf,
    "normal_density": normal_density,
    "gelu": lambda x: x * normal_cdf(x),
    "silu": lambda x: x * sigmoid(x),
}


def hash_of(text: str) -> int:
    """A number of 32 bits that is the same in every process."""
    return reduce(lambda total, letter: (total * 16777619 ^ ord(letter)) % 2**32, text, 2166136261)


@contextmanager
def quiet() -> Iterator[None]:
    """autograd remarks on what does not depend on what it is derived by, and on 1/cosh^2 far out, which is 0."""
    with warnings.catch_warnings(), numpy.errstate(over="ignore"):
        warnings.filterwarnings("ignore", "Output seems independent of input")
        yield


def slope(function: Function) -> Function:
    """The derivative of a function that acts entry by entry."""

    def derivative(x: Array) -> Array:
        with quiet():
            return elementwise_grad(function)(x)

    return derivative


def some_function(name: str) -> Function:
    a, b = (hash_of(f"{name} {place}") / 2**32 + 0.5 for place in range(2))
    return lambda x: np.sin(a * x) + np.cos(b * x + a) / 2


def is_slope(law: Law, name: str) -> bool:
    """Whether a law says of a function only that it is the derivative of another."""
    plain = t.Entrywise(name, t.Symbol(law.variable, t.SCALAR))
    return law.function.endswith("'") and law.body == plain and name not in law.function


def with_function(term: t.Term, old: str, new: str) -> t.Term:
    term = t.map_parts(term, lambda part: with_function(part, old, new))
    return replace(term, function=new) if isinstance(term, t.Entrywise) and term.function == old else term
