"""How a program of this folder answers: one line, the seconds that a task takes, or "cannot" with the reason.

A task that goes on for longer than the limit ends the process by its alarm; loading the libraries is not counted.
"""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable
from statistics import median

REPEATS = 3
ENOUGH_SECONDS = 3.0


class CannotError(Exception):
    """The library cannot do this case; the text says why, in a few words."""


def answer(tasks: dict[str, Callable[..., object]]) -> None:
    """Do what the command line ends with, such as `lstm:10 20`: a task, its numbers, the limit in seconds."""
    (name, *rest), limit = sys.argv[-2].split(":"), int(sys.argv[-1])
    times: list[float] = []
    try:
        while len(times) < REPEATS and sum(times) < ENOUGH_SECONDS:
            signal.alarm(limit)
            started = time.perf_counter()
            tasks[name](*map(int, rest))
            times.append(time.perf_counter() - started)
            signal.alarm(0)
    except CannotError as error:
        print(f"cannot: {error}")
    else:
        print(median(times))
