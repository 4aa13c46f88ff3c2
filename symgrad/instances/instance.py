"""An instance: sizes, times and exact inputs that determine all of a network, and the JSON it is kept in.

Everything that a recurrence defines is computed by running it; only what nothing defines has a value here, and the
states at `start` or before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

MAX_SIZE = 8
MAX_TIME = 10_000
MAX_VALUES = 4_000
MAX_DIGITS = 400

Rows = tuple[tuple[Fraction, ...], ...]
Key = tuple[str, tuple[int, ...]]


class InstanceError(ValueError):
    """Data that does not describe an instance. The message says what was expected."""


@dataclass(frozen=True, slots=True)
class Value:
    """The exact value of a parameter, an input or an initial state, row by row."""

    name: str
    times: tuple[int, ...]
    rows: Rows

    @property
    def label(self) -> str:
        """The name as it is read aloud: W, or x[2]."""
        return f"{self.name}[{','.join(map(str, self.times))}]" if self.times else self.name


@dataclass(frozen=True, slots=True)
class Instance:
    """Sizes and times by name, the last time at which states are given, and all values, sorted by name and time.

    `functions` says which known function an arbitrary one stands for, by name.
    """

    sizes: tuple[tuple[str, int], ...]
    times: tuple[tuple[str, int], ...]
    start: int
    values: tuple[Value, ...]
    functions: tuple[tuple[str, str], ...] = ()

    def lookup(self) -> Mapping[Key, Rows]:
        return {(one.name, one.times): one.rows for one in self.values}


def encode(instance: Instance) -> dict[str, Any]:
    """JSON data; rationals are strings such as "-3/4". Functions are named only if there are any."""
    values = [
        {"name": one.name, "times": list(one.times), "rows": [[str(entry) for entry in row] for row in one.rows]}
        for one in instance.values
    ]
    found = {"sizes": dict(instance.sizes), "times": dict(instance.times), "start": instance.start, "values": values}
    return {**found, "functions": dict(instance.functions)} if instance.functions else found


def decode(data: Any) -> Instance:
    """The inverse of `encode`; raises InstanceError on anything else, and on what is too large to be run."""
    record = _fields(data, {"sizes", "times", "start", "values"}, "an instance", "functions")
    sizes = _integers(record["sizes"], 1, MAX_SIZE, "a size")
    times = _integers(record["times"], -MAX_TIME, MAX_TIME, "a time")
    values = _list(record["values"], "values")
    if len(values) > MAX_VALUES:
        raise InstanceError(f"more than {MAX_VALUES} values")
    start = _integer(record["start"], -MAX_TIME, MAX_TIME, "the start")
    return Instance(sizes, times, start, tuple(_value(one) for one in values), _functions(record.get("functions", {})))


def _functions(data: Any) -> tuple[tuple[str, str], ...]:
    if not isinstance(data, dict):
        raise InstanceError(f"expected functions by name, found {str(data)[:40]!r}")
    return tuple(sorted((_text(name), _text(witness)) for name, witness in data.items()))


def _value(data: Any) -> Value:
    record = _fields(data, {"name", "times", "rows"}, "a value")
    times = tuple(_integer(one, -MAX_TIME, MAX_TIME, "a time") for one in _list(record["times"], "times"))
    return Value(_text(record["name"]), times, decode_rows(record["rows"]))


def decode_rows(data: Any) -> Rows:
    """A matrix of rationals: a list of rows of equal length."""
    rows = tuple(tuple(decode_rational(one) for one in _list(row, "a row")) for row in _list(data, "rows"))
    if not 1 <= len(rows) <= MAX_SIZE or len({len(row) for row in rows}) != 1 or not 1 <= len(rows[0]) <= MAX_SIZE:
        raise InstanceError(f"expected rows of equal length, at most {MAX_SIZE}")
    return rows


def decode_rational(data: Any) -> Fraction:
    try:
        if isinstance(data, str) and len(data) <= MAX_DIGITS and "e" not in data.lower():
            return Fraction(data)
    except (ValueError, ZeroDivisionError):
        pass
    raise InstanceError(f'expected a rational such as "-3/4", found {str(data)[:40]!r}')


def _fields(data: Any, names: set[str], what: str, *possible: str) -> dict[str, Any]:
    if not isinstance(data, dict) or set(data) - set(possible) != names:
        raise InstanceError(f"expected {what} with the fields {', '.join(sorted(names))}")
    return data


def _list(data: Any, what: str) -> list[Any]:
    if not isinstance(data, list):
        raise InstanceError(f"expected a list for {what}, found {str(data)[:40]!r}")
    return data


def _text(data: Any) -> str:
    if not isinstance(data, str) or not 0 < len(data) <= 100:
        raise InstanceError(f"expected a name, found {str(data)[:40]!r}")
    return data


def _integer(data: Any, low: int, high: int, what: str) -> int:
    if type(data) is not int or not low <= data <= high:
        raise InstanceError(f"expected {what} from {low} to {high}, found {str(data)[:40]!r}")
    return data


def _integers(data: Any, low: int, high: int, what: str) -> tuple[tuple[str, int], ...]:
    if not isinstance(data, dict):
        raise InstanceError(f"expected {what} by name, found {str(data)[:40]!r}")
    return tuple(sorted((_text(name), _integer(value, low, high, what)) for name, value in data.items()))
