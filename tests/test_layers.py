"""Feed-forward networks, losses, normalization, attention: every true claim is proved, every false one is refuted."""

from __future__ import annotations

import json

import pytest

from symgrad.engine.refute import recheck
from symgrad.instances.counterexample import dumps as counterexample_to_json
from symgrad.judge import judge
from symgrad.kernel.certificate import Statement
from symgrad.kernel.check import check
from symgrad.kernel.term import add
from symgrad.serialize import dumps, loads
from tests.claims.layers import LAYERS
from tests.claims.layers.words import NOTHING, f, one, square, x

MUTANTS = [f"{name} {place}" for name, row in LAYERS.items() for place in range(len(row.mutants))]


@pytest.mark.parametrize("name", LAYERS)
def test_true(name: str) -> None:
    row = LAYERS[name]
    found = judge(row.claim, row.context)
    assert found.proved, found.reason
    assert found.certificate is not None and check(loads(dumps(found.certificate))).accepted


@pytest.mark.parametrize("name", MUTANTS)
def test_false(name: str) -> None:
    row = LAYERS[name.rpartition(" ")[0]]
    found = judge(row.mutants[int(name.rpartition(" ")[2])], row.context)
    assert found.status == "refuted", found.reason
    assert found.counterexample is not None
    assert recheck(json.loads(counterexample_to_json(found.counterexample)))


@pytest.mark.parametrize("name", list(LAYERS)[::7])
def test_the_order_of_the_sides_does_not_matter(name: str) -> None:
    row = LAYERS[name]
    found = judge(Statement(row.right, "=", row.left), row.context)
    assert found.proved, found.reason


def test_at_least_two_false_ones_next_to_each_true_one() -> None:
    assert len(LAYERS) >= 130
    assert all(len(row.wrong) >= 2 for row in LAYERS.values())


def test_undecided_says_what_was_tried() -> None:
    squares = add(square(f("sin", x)), square(f("cos", x)))
    found = judge(Statement(squares, "=", one()), NOTHING, budget_seconds=0.2)
    assert found.status == "undecided"
    assert "functions written out" in "; ".join(found.tried)
