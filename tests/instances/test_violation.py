"""What counts as a counterexample, and above all what does not."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from symgrad.instances.instance import Instance, Rows, Value
from symgrad.instances.interval import Interval
from symgrad.instances.violation import is_broken, is_certain, violated
from symgrad.kernel.affine import affine
from symgrad.kernel.certificate import Context, Relation, Statement
from symgrad.kernel.term import Limit, Magnitude, Scale, Zero
from tests.networks import H_BY_H, ONES, RNN, TAU, UNIT, K, T, assumed, context, matrix, minus, norm, number, vector

ONE_UNIT = {"W": 1, "U": 1, "b": 0, "h[0]": 0, "x[1]": 0, "x[2]": 0, "L": 1}


def unit(values: dict[str, int | Fraction], k: int = 1, tau: int = 2, start: int = 0) -> Instance:
    """An RNN with one unit and one input."""
    found = []
    for label, value in values.items():
        name, _, time = label.rstrip("]").partition("[")
        rows: Rows = ((Fraction(value),),)
        found.append(Value(name, (int(time),) if time else (), rows))
    return Instance((("m", 1), ("n", 1)), (("k", k), ("tau", tau)), start, tuple(found))


def test_equality_breaks_a_strict_bound_and_no_other():
    bound = Statement(norm(H_BY_H), "<", norm(matrix("W")))
    found = violated(bound, context(RNN), unit(ONE_UNIT))
    assert found is not None and found.left == found.right and found.entry == (0, 0)
    for relation in ("<=", ">=", "="):
        assert violated(replace(bound, relation=relation), context(RNN), unit(ONE_UNIT)) is None


def test_the_entry_that_differs_is_named():
    rows = ((Fraction(1), Fraction(2)), (Fraction(3), Fraction(4)))
    instance = Instance(
        (("n", 2),), (), 0, (Value("A", (), rows), Value("B", (), (rows[0], (Fraction(3), Fraction(5)))))
    )
    found = violated(Statement(matrix("A"), "=", matrix("B")), Context(), instance)
    assert found is not None and found.entry == (1, 1)


@pytest.mark.parametrize("values", [{**ONE_UNIT, "W": 2}, {**ONE_UNIT, "W": Fraction(-1, 3)}])
def test_hypotheses_must_hold(values: dict[str, int | Fraction]):
    false = Statement(norm(H_BY_H), "=", number(7))
    assert violated(false, context(RNN), unit(values)) is not None
    unmet = assumed(norm(matrix("W")), "=", number(1))
    assert violated(false, context(RNN, unmet), unit(values)) is None


def test_hypotheses_for_all_times_hold_at_each_time_in_play():
    false = Statement(norm(H_BY_H), "=", number(7))
    at_rest = assumed(vector("h", T), "=", Zero(("n", 1)), "t")
    assert violated(false, context(RNN, at_rest), unit(ONE_UNIT)) is not None
    for label in ("x[1]", "x[2]", "h[0]"):
        assert violated(false, context(RNN, at_rest), unit({**ONE_UNIT, label: 1})) is None


def test_a_hypothesis_that_cannot_be_checked_is_not_taken_for_granted():
    false = Statement(norm(H_BY_H), "=", number(7))
    about_another = assumed(norm(matrix("A")), "<", number(1))
    limit = assumed(Limit("k", norm(matrix("W"))), "=", number(1))
    irrational = assumed(vector("h", T), "=", vector("h", T - 1), "t")
    driven = unit({**ONE_UNIT, "x[1]": 1, "x[2]": 1})
    for one in (about_another, limit, irrational):
        assert violated(false, context(RNN, one), driven) is None


def test_assumptions_on_times_must_hold():
    false = Statement(norm(H_BY_H), "=", number(7))
    assert violated(false, context(RNN, least=1), unit(ONE_UNIT)) is not None
    assert violated(false, context(RNN, least=2), unit(ONE_UNIT)) is None


def test_states_that_are_spoken_of_are_computed():
    """A state that is given need not be a value of tanh, so a true claim could fail there."""
    bounded = Statement(Magnitude("largest_entry", vector("h", TAU - K)), "<=", number(1))
    start_at_two = {"W": 1, "U": 1, "b": 0, "h[1]": 5, "x[2]": 0, "L": 1}
    assert violated(bounded, context(RNN), unit(start_at_two, start=1)) is None
    assert violated(bounded, context(RNN), unit({**ONE_UNIT, "h[0]": 5})) is None


def test_values_given_for_computed_states_are_not_used():
    wrong = Statement(vector("h", TAU), "=", Zero(("n", 1)))
    assert violated(wrong, context(RNN), unit({**ONE_UNIT, "h[1]": 5, "h[2]": 5})) is None


def test_no_value_no_violation():
    for statement in (
        Statement(Limit("k", norm(H_BY_H)), "=", number(7)),
        Statement(vector("y"), "=", ONES),
        Statement(matrix("W"), "<=", Scale(number(-1), UNIT)),
        Statement(matrix("W"), "=", vector("b")),
        Statement(vector("h", affine("j")), "=", ONES),
    ):
        assert violated(statement, context(RNN), unit(ONE_UNIT)) is None


def test_wrong_shape_of_a_value_is_no_violation():
    twice = Value("W", (), ((Fraction(1), Fraction(0)), (Fraction(0), Fraction(1))))
    good = unit(ONE_UNIT)
    bad = replace(good, values=tuple(twice if one.name == "W" else one for one in good.values))
    assert violated(Statement(norm(H_BY_H), "=", number(7)), context(RNN), bad) is None


def interval(low: int, high: int) -> Interval:
    return Interval(Fraction(low), Fraction(high))


@pytest.mark.parametrize(
    ("relation", "left", "right", "broken", "certain"),
    [
        ("=", (0, 1), (1, 2), False, False),
        ("=", (0, 1), (2, 3), True, False),
        ("=", (1, 1), (1, 1), False, True),
        ("=", (0, 1), (0, 1), False, False),
        ("<=", (1, 1), (1, 1), False, True),
        ("<=", (0, 2), (1, 3), False, False),
        ("<=", (2, 3), (0, 1), True, False),
        ("<", (1, 1), (1, 1), True, False),
        ("<", (0, 1), (1, 2), False, False),
        ("<", (0, 1), (2, 2), False, True),
        (">=", (0, 1), (2, 3), True, False),
        (">=", (1, 2), (1, 1), False, True),
        (">", (0, 1), (1, 2), True, False),
        (">", (2, 3), (0, 1), False, True),
    ],
)
def test_relations(relation: Relation, left: tuple[int, int], right: tuple[int, int], broken: bool, certain: bool):
    assert is_broken(relation, interval(*left), interval(*right)) == broken
    assert is_certain(relation, interval(*left), interval(*right)) == certain


def test_difference_in_the_last_of_many_digits():
    tiny = number(Fraction(1, 10**60))
    close = Statement(minus(vector("h", TAU), vector("h", TAU)), "=", Scale(tiny, ONES))
    assert violated(close, context(RNN), unit({**ONE_UNIT, "x[2]": 1})) is not None
