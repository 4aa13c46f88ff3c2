"""Affine expressions: arithmetic, text and back, and entailment against brute force."""

from __future__ import annotations

import itertools
import random

import pytest

from symgrad.kernel.affine import MAX_INEQUALITIES, Affine, affine, entails
from symgrad.serialize import parse_affine

from .build import A
from .oracle import time_of

SEED = 20220125


@pytest.mark.parametrize("text", ["0", "5", "-3", "k", "-k", "2k", "-2k", "tau-k+1", "-3k+2tau-7", "k1+k2", "\u03c4-1"])
def test_text_and_back(text: str) -> None:
    assert parse_affine(str(A(text))) == A(text)


@pytest.mark.parametrize(
    "text", ["", "+", "-", "k+", "--k", "2 k", "k k", "k*2", "k.5", "k[1]", "1.5", "k^2", "9" * 5000]
)
def test_what_is_not_affine(text: str) -> None:
    with pytest.raises(ValueError, match=r"affine|digits"):
        parse_affine(text)


@pytest.mark.parametrize("pairs", [(("b", 1), ("a", 1)), (("a", 1), ("a", 1)), (("a", 0),)])
def test_records_are_sorted(pairs: tuple[tuple[str, int], ...]) -> None:
    with pytest.raises(ValueError, match="sorted"):
        Affine(pairs)


def random_affine(r: random.Random) -> Affine:
    return sum((affine(name) * r.randint(-2, 2) for name in "abc"), affine(r.randint(-3, 3)))


def test_arithmetic() -> None:
    r = random.Random(SEED)
    for _ in range(300):
        one, other, inner = (random_affine(r) for _ in range(3))
        times = {name: r.randint(-5, 5) for name in "abc"}
        values = [time_of(each, times) for each in (one, other, inner)]
        assert time_of(one + other, times) == values[0] + values[1]
        assert time_of(one - other, times) == values[0] - values[1]
        assert time_of(one * 3 - 2, times) == 3 * values[0] - 2
        assert time_of(-one, times) == -values[0]
        assert time_of(one.substitute({"a": inner, "b": other}), times) == time_of(
            one, {**times, "a": values[2], "b": values[1]}
        )
        assert parse_affine(str(one)) == one


def test_entailed_inequalities_hold() -> None:
    """Sound: what follows holds at every point of a grid."""
    r = random.Random(SEED)
    grid = [dict(zip("abc", row, strict=True)) for row in itertools.product(range(-6, 7), repeat=3)]
    yes = 0
    for _ in range(400):
        assumptions = [random_affine(r) for _ in range(r.randint(0, 4))]
        goal = random_affine(r) if r.random() < 0.5 or not assumptions else sum(assumptions, affine(r.randint(0, 2)))
        if entails(assumptions, goal):
            yes += 1
            fitting = [row for row in grid if all(time_of(one, row) >= 0 for one in assumptions)]
            assert all(time_of(goal, row) >= 0 for row in fitting), f"seed {SEED}: {assumptions} do not give {goal}"
    assert yes > 100


@pytest.mark.parametrize(
    ("assumptions", "goal", "follows"),
    [
        (["k-1"], "k", True),
        (["k"], "k-1", False),
        (["tau-t-1", "t"], "tau-1", True),
        (["a-b", "b-c"], "a-c", True),
        (["a-b", "b-c"], "a-c-1", False),
        (["2k-1"], "k-1", True),
        (["3k-2j-1", "2j-3k+1"], "k-1", False),
        (["-1"], "k", True),
        ([], "0", True),
        ([], "-1", False),
        ([], "k", False),
    ],
)
def test_entails(assumptions: list[str], goal: str, follows: bool) -> None:
    assert entails(map(A, assumptions), A(goal)) is follows


def test_too_many_inequalities_end_in_no() -> None:
    r = random.Random(SEED)
    names = [f"v{number}" for number in range(30)]
    system = [
        sum((affine(r.choice(names)) * r.choice((1, -1)) for _ in range(3)), affine(1)) for _ in range(MAX_INEQUALITIES)
    ]
    assert not entails(system, affine("w"))
