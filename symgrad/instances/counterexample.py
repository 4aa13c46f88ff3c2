"""Counterexamples: an instance together with the claim that it breaks, kept so that anyone can run it again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ..kernel.certificate import Context, Statement
from ..kernel.term import COMPONENT, ShapeError
from ..serialize import DecodeError
from ..serialize import decode as decode_record
from ..serialize import encode as encode_record
from . import instance as instances
from .instance import Instance, InstanceError, Rows
from .interval import Interval
from .matrix import Matrix
from .violation import is_broken, violated

VERSION = 1
MAX_DIGITS = 80
Entry = Fraction | Interval
Side = tuple[tuple[Entry, ...], ...]


@dataclass(frozen=True, slots=True)
class Counterexample:
    """A claim, an instance that breaks it, both sides' values there, and the entry (from 0) that breaks it.

    An entry of a side is an exact rational, or an interval that holds the true value. `seed` is the seed of the search.
    """

    statement: Statement
    context: Context
    instance: Instance
    left: Side
    right: Side
    entry: tuple[int, int]
    seed: int

    @property
    def sizes(self) -> Mapping[str, int]:
        return dict(self.instance.sizes)

    @property
    def times(self) -> Mapping[str, int]:
        """The times, and for single entries their indices, by the names that a reader knows."""
        return {name.removesuffix(COMPONENT): value for name, value in self.instance.times}

    @property
    def functions(self) -> Mapping[str, str]:
        """Which known function each arbitrary one stands for."""
        return dict(self.instance.functions)

    @property
    def values(self) -> Mapping[str, Rows]:
        """Everything that is given, by name; a loss has its gradient under its name."""
        losses = {loss.name for loss in self.context.losses}
        return {
            f"gradient of {one.label}" if one.name in losses else one.label: one.rows for one in self.instance.values
        }

    def describe(self) -> str:
        """The instance and both sides in plain text."""
        chosen = (*self.instance.sizes, *self.times.items(), *self.instance.functions)
        counts = ", ".join(f"{name} = {value}" for name, value in chosen)
        lines = [f"{name} = {_plain(rows)}" for name, rows in self.values.items()]
        i, j = self.entry
        relation = self.statement.relation
        found = f"{_entry(self.left[i][j])} {relation} {_entry(self.right[i][j])}"
        where = f"in row {i + 1}, column {j + 1}, " if max(len(self.left), len(self.left[0])) > 1 else ""
        sides = [f"left side = {_plain(self.left)}", f"right side = {_plain(self.right)}"]
        return "\n".join([f"at {counts}" if counts else "with", *lines, *sides, f"{where}{found} does not hold"])


def confirm(statement: Statement, context: Context, instance: Instance, seed: int) -> Counterexample | None:
    """The counterexample that an instance is, or None if it is not shown to be one."""
    found = violated(statement, context, instance)
    if found is None:
        return None
    i, j = found.entry
    digits = 6
    while digits < MAX_DIGITS:
        left, right = _short(found.left, digits), _short(found.right, digits)
        if is_broken(statement.relation, _interval(left[i][j]), _interval(right[i][j])):
            return Counterexample(statement, context, instance, left, right, found.entry, seed)
        digits *= 2
    return Counterexample(statement, context, instance, found.left, found.right, found.entry, seed)


def encode(found: Counterexample) -> dict[str, Any]:
    """JSON data; every rational is a string."""
    return {
        "symgrad": VERSION,
        "statement": encode_record(found.statement),
        "context": encode_record(found.context),
        "instance": instances.encode(found.instance),
        "left": [[_encode_entry(one) for one in row] for row in found.left],
        "right": [[_encode_entry(one) for one in row] for row in found.right],
        "entry": list(found.entry),
        "seed": found.seed,
    }


def dumps(found: Counterexample) -> str:
    return json.dumps(encode(found), ensure_ascii=False, indent=1)


def decode(data: Any) -> tuple[Statement, Context, Instance, int]:
    """What is needed to run a counterexample again. Raises InstanceError, and nothing else, on other data."""
    names = {"symgrad", "statement", "context", "instance", "left", "right", "entry", "seed"}
    if not isinstance(data, dict) or set(data) != names or data["symgrad"] != VERSION or type(data["seed"]) is not int:
        raise InstanceError(f"not a counterexample: expected the fields {', '.join(sorted(names))}")
    try:
        statement = decode_record(data["statement"], Statement)
        context = decode_record(data["context"], Context)
    except RecursionError:
        raise InstanceError("nested too deeply") from None
    except (DecodeError, ShapeError, ValueError, ArithmeticError) as error:
        raise InstanceError(str(error)) from None
    return statement, context, instances.decode(data["instance"]), data["seed"]


def recheck(data: Any) -> bool:
    """Whether the data that `encode` made still is a counterexample with the same values of both sides.

    Runs the instance again from its inputs. Raises InstanceError if the data cannot be read.
    """
    statement, context, instance, seed = decode(data)
    found = confirm(statement, context, instance, seed)
    return found is not None and encode(found) == data


def _short(matrix: Matrix, digits: int) -> Side:
    """Exact rationals where they are points; else intervals widened to that many significant decimal digits."""
    return tuple(tuple(one.lo if one.is_point else _widened(one, digits) for one in row) for row in matrix)


def _widened(one: Interval, digits: int) -> Interval:
    largest = max(abs(one.lo), abs(one.hi))
    places = digits - (largest.numerator.bit_length() - largest.denominator.bit_length()) * 3 // 10
    unit = Fraction(10) ** places
    low, high = one.lo * unit, one.hi * unit
    return Interval(low.__floor__() / unit, high.__ceil__() / unit)


def _interval(entry: Entry) -> Interval:
    return entry if isinstance(entry, Interval) else Interval(entry, entry)


def _encode_entry(entry: Entry) -> str | list[str]:
    return [str(entry.lo), str(entry.hi)] if isinstance(entry, Interval) else str(entry)


def _entry(entry: Entry) -> str:
    return f"[{_decimal(entry.lo)}, {_decimal(entry.hi)}]" if isinstance(entry, Interval) else str(entry)


def _decimal(value: Fraction) -> str:
    """A decimal fraction, written out exactly when that is short."""
    power = next((digits for digits in range(MAX_DIGITS) if not (value * 10**digits).denominator - 1), None)
    if power is None:
        return str(value)
    whole = str(abs(value.numerator) * 10**power // value.denominator).rjust(power + 1, "0")
    sign = "-" if value < 0 else ""
    return f"{sign}{whole[:-power]}.{whole[-power:]}" if power else f"{sign}{whole}"


def _plain(rows: Rows | Side) -> str:
    if len(rows) == len(rows[0]) == 1:
        return _entry(rows[0][0])
    return "[" + "; ".join(" ".join(_entry(entry) for entry in row) for row in rows) + "]"
