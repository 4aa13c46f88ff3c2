"""True claims with one thing changed at random: whatever the verdict, instances must agree with it.

SYMGRAD_MUTANTS=3000 makes a longer run, SYMGRAD_SEED another one.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from random import Random

import pytest

from symgrad.engine.candidates import Proposer
from symgrad.engine.grid import cells
from symgrad.engine.refute import recheck
from symgrad.instances.counterexample import Counterexample, dumps
from symgrad.instances.instance import Instance
from symgrad.instances.interval import UndefinedError
from symgrad.instances.violation import violated
from symgrad.judge import judge
from symgrad.kernel.certificate import Context, Statement
from tests.claims import bounds, corners, models, mutations, variants
from tests.claims.mutants import mutant

SEED = int(os.environ.get("SYMGRAD_SEED", "2022"))
COUNT = int(os.environ.get("SYMGRAD_MUTANTS", "200"))
BATCH = 20
BUDGET = 0.25
INSTANCES = 5
TRUE = [
    (f"{table.__name__}: {name}", case.statement, case.context)
    for table in (mutations, bounds, variants, models, corners)
    for name, case in table.TABLE.items()
    if case.status == "proved" and case.unknown is None
]


@pytest.mark.parametrize("batch", range(-(-COUNT // BATCH)))
def test_mutants(batch: int):
    tally = {"proved": 0, "refuted": 0, "undecided": 0}
    for place in range(batch * BATCH, min((batch + 1) * BATCH, COUNT)):
        random = Random(f"{SEED}/{place}")
        name, statement, context = random.choice(TRUE)
        changed, model = mutant(statement, context, random)
        found = judge(changed, model, budget_seconds=BUDGET)
        told = f"SYMGRAD_SEED={SEED}, mutant {place} of {name}: {found.status}\n{changed}"
        tally[found.status] += 1
        match found.status:
            case "proved":
                assert_holds(changed, model, random, told)
            case "refuted":
                assert isinstance(found.counterexample, Counterexample), told
                assert_fails(found.counterexample, (statement, context), told)
    print(f"mutants {batch * BATCH}...: {tally}")


def assert_holds(statement: Statement, context: Context, random: Random, told: str) -> None:
    """No instance breaks what was proved. A claim that has no value anywhere is not told apart from a true one."""
    for instance in islice(instances(statement, context, random), INSTANCES):
        assert violated(statement, context, instance) is None, f"{told}\nis broken at {instance}"


def assert_fails(found: Counterexample, original: tuple[Statement, Context], told: str) -> None:
    """The counterexample can be run again, and does not break the claim that was changed."""
    assert recheck(json.loads(dumps(found))), told
    assert violated(*original, found.instance) is None, f"{told}\nthe unchanged claim is broken too"


def instances(statement: Statement, context: Context, random: Random) -> Iterator[Instance]:
    """Random instances, at sizes of 2 and 3 first."""
    grid = cells(statement, context, 3, 3)
    random.shuffle(grid)
    grid.sort(key=lambda cell: any(size == 1 for _, size in cell.sizes))
    for cell in grid[: INSTANCES * 2]:
        try:
            proposer = Proposer(statement, context, cell)
            found = proposer.proposals(random, 2, designed=False)
        except UndefinedError:
            continue
        if found:
            yield proposer.instance(found[-1])


def test_true_claims_pass_the_same_test():
    """The check itself: what it says of the claims before they are changed, and of one that is false."""
    for name, statement, context in TRUE[::7]:
        assert_holds(statement, context, Random(f"{SEED}/{name}"), name)
    name, statement, context = TRUE[0]
    wrong = replace(statement, left=statement.right, right=mutations.TABLE["transpose dropped"].statement.right)
    assert any(violated(wrong, context, one) for one in instances(wrong, context, Random(name)))
