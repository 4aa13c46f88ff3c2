"""Counterexamples survive JSON, can be run again, and are not believed when they were tampered with."""

from __future__ import annotations

import copy
import json
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symgrad.instances import instance as instances
from symgrad.instances.counterexample import Counterexample, confirm, decode, dumps, encode, recheck
from symgrad.instances.instance import Instance, InstanceError, Value
from symgrad.instances.interval import Interval
from symgrad.kernel.affine import affine
from symgrad.kernel.certificate import Statement
from tests.networks import H_BY_H, RNN, TAU, K, context, equation_1, matrix, norm, product, slope, vector

rationals = st.fractions(max_denominator=1000, min_value=-1000, max_value=1000)
grids = st.tuples(st.integers(1, 3), st.integers(1, 3)).flatmap(
    lambda shape: st.tuples(*[st.tuples(*[rationals] * shape[1])] * shape[0])
)


def found(bias: int = 1) -> Counterexample:
    """Equation (1) with its index off by one, at one unit and k = 1."""
    wrong = equation_1(product(matrix("W"), slope(TAU - K + affine("i") - 1)))
    given = [("L", (), 1), ("U", (), 0), ("W", (), 2), ("b", (), bias), ("h", (0,), 0), ("x", (1,), 0), ("x", (2,), 0)]
    values = tuple(Value(name, times, ((Fraction(value),),)) for name, times, value in given)
    instance = Instance((("m", 1), ("n", 1)), (("k", 1), ("tau", 2)), 0, values)
    counterexample = confirm(wrong, context(RNN), instance, seed=5)
    assert counterexample is not None
    return counterexample


@given(grids, st.integers(-5, 5))
def test_instances_survive_json(rows: tuple[tuple[Fraction, ...], ...], time: int):
    one = Instance((("n", 2),), (("k", time),), time, (Value("W", (), rows), Value("x", (time,), rows)))
    assert instances.decode(json.loads(json.dumps(instances.encode(one)))) == one


def test_run_again_from_json():
    data = json.loads(dumps(found()))
    assert recheck(data)
    statement, model, instance, seed = decode(data)
    assert confirm(statement, model, instance, seed) == found()


def _set(data: Any, path: tuple[str | int, ...], value: Any) -> Any:
    changed = copy.deepcopy(data)
    inner = changed
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return changed


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("left", 0, 0), "1"),
        (("right", 0, 0), ["0", "1"]),
        (("instance", "values", 2, "rows", 0, 0), "3"),
        (("instance", "times", "k"), 0),
        (("instance", "start"), 1),
        (("statement", "relation"), "<"),
        (("context", "recurrence"), []),
    ],
)
def test_tampered_data_is_not_confirmed(path: tuple[str | int, ...], value: Any):
    assert not recheck(_set(json.loads(dumps(found())), path, value))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("symgrad",), 2),
        (("seed",), "five"),
        (("statement",), None),
        (("statement", "left"), {"type": "Eval", "code": "1"}),
        (("context", "losses"), 3),
        (("instance",), []),
        (("instance", "sizes", "n"), 10**9),
        (("instance", "sizes", "n"), True),
        (("instance", "times", "k"), 10**9),
        (("instance", "values"), "W"),
        (("instance", "values", 0, "name"), ""),
        (("instance", "values", 0, "times"), ["1"]),
        (("instance", "values", 0, "rows"), [[]]),
        (("instance", "values", 0, "rows"), [["1"], ["1", "2"]]),
        (("instance", "values", 0, "rows", 0, 0), "1/0"),
        (("instance", "values", 0, "rows", 0, 0), "1e999999999"),
        (("instance", "values", 0, "rows", 0, 0), "nan"),
        (("instance", "values", 0, "rows", 0, 0), 0.5),
        (("instance", "values", 0, "rows", 0, 0), "9" * 5000),
    ],
)
def test_unreadable_data_is_refused(path: tuple[str | int, ...], value: Any):
    with pytest.raises(InstanceError):
        recheck(_set(json.loads(dumps(found())), path, value))


@pytest.mark.parametrize("data", [None, [], {}, "text", {"symgrad": 1}])
def test_other_data_is_refused(data: Any):
    with pytest.raises(InstanceError):
        decode(data)


def test_deep_data_is_refused_or_not_confirmed():
    data = json.loads(dumps(found()))
    inner = data["statement"]["left"]
    for _ in range(10_000):
        inner = {"type": "Transpose", "body": inner}
    with pytest.raises(InstanceError):
        recheck(_set(data, ("statement", "left"), inner))


def test_plain_text():
    text = found().describe()
    assert text.splitlines()[0] == "at m = 1, n = 1, k = 1, tau = 2"
    assert "gradient of L = 1" in text
    assert "h[0] = 0" in text
    assert text.endswith("does not hold")


def test_intervals_are_shown_short_and_still_do_not_meet():
    one = found()
    ((left,),), ((right,),) = one.left, one.right
    assert isinstance(left, Interval) and isinstance(right, Interval)
    assert left.hi < right.lo or right.hi < left.lo
    assert len(str(left.lo)) < 30


def test_exact_sides_are_rationals():
    one = confirm(Statement(norm(H_BY_H), "<", norm(matrix("W"))), context(RNN), found(bias=1).instance, seed=0)
    assert one is None
    rest = Instance(
        (("m", 1), ("n", 1)),
        (("k", 1), ("tau", 2)),
        0,
        tuple(
            Value(value.name, value.times, ((Fraction(0),),)) if value.name == "b" else value
            for value in found().instance.values
        ),
    )
    tie = confirm(Statement(norm(H_BY_H), "<", norm(matrix("W"))), context(RNN), rest, seed=0)
    assert tie is not None and tie.left == tie.right == ((Fraction(2),),)
    assert tie.describe().endswith("2 < 2 does not hold")
    assert tie.values["h[0]"] == ((Fraction(0),),)
    assert dict(tie.sizes) == {"m": 1, "n": 1} and dict(tie.times) == {"k": 1, "tau": 2}
    assert vector("b").name in tie.values
    assert encode(tie)["left"] == [["2"]]
