"""The few strategies that `terms.py` needs, over `random.Random`: some ten times as fast, and repeated by a seed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from random import Random
from typing import Any

Strategy = Callable[[Random], Any]
DrawFn = Callable[[Strategy], Any]


def composite(make: Callable[..., Any]) -> Callable[..., Strategy]:
    """As in hypothesis: the first argument of the function draws from a strategy."""

    @wraps(make)
    def strategy(*arguments: Any) -> Strategy:
        return lambda random: make(lambda inner: inner(random), *arguments)

    return strategy


def integers(low: int, high: int) -> Strategy:
    return lambda random: random.randint(low, high)


def booleans() -> Strategy:
    return lambda random: random.random() < 0.5


def sampled_from(values: Sequence[Any]) -> Strategy:
    return lambda random: random.choice(values)


def one_of(*strategies: Strategy) -> Strategy:
    return lambda random: random.choice(strategies)(random)


def lists(of: Strategy, max_size: int, min_size: int = 0, unique: bool = False) -> Strategy:
    def draw(random: Random) -> list[Any]:
        found = [of(random) for _ in range(random.randint(min_size, max_size))]
        return list(dict.fromkeys(found)) if unique else found

    return draw
