"""How things are measured: a row of results, medians of paired repeats, growth exponents, times as they are shown."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Result:
    """One row: what was measured, what came out, what it is meant to be; `reached` is None if there is no aim."""

    what: str
    found: str
    aim: str = ""
    reached: bool | None = None


def seconds(task: Callable[[], object]) -> float:
    started = time.perf_counter()
    task()
    return time.perf_counter() - started


def typical(task: Callable[[], object], repeats: int) -> float:
    return median(seconds(task) for _ in range(repeats))


def paired(ours: Callable[[], object], theirs: Callable[[], object], repeats: int) -> tuple[float, float, float]:
    """Median times of both, and the median of their ratios, each pair run one right after the other."""
    pairs = [(seconds(ours), seconds(theirs)) for _ in range(repeats)]
    return median(a for a, _ in pairs), median(b for _, b in pairs), median(b / a for a, b in pairs)


def duration(value: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value / 1e-6:.3g} µs"


def growth(sizes: Sequence[int], times: Sequence[float]) -> float:
    """The exponent of the size in the time: the least-squares slope of their logarithms."""
    x, y = [math.log(one) for one in sizes], [math.log(one) for one in times]
    middle, level = sum(x) / len(x), sum(y) / len(y)
    return sum((a - middle) * (b - level) for a, b in zip(x, y, strict=True)) / sum((a - middle) ** 2 for a in x)
