"""Claims with their right verdicts: the sheet's, wrong ones next to them, true ones in other words, other networks."""

from __future__ import annotations

import json

import pytest

from symgrad.engine.refute import recheck
from symgrad.instances.counterexample import dumps as counterexample_to_json
from symgrad.judge import judge
from symgrad.kernel.certificate import FLIPPED, Statement
from symgrad.kernel.check import check
from symgrad.serialize import dumps, loads
from symgrad.verdict import Verdict
from tests.claims import bounds, corners, entries, models, mutations, variants
from tests.claims.build import Case

TABLES = {
    "mutations": mutations.TABLE,
    "bounds": bounds.TABLE,
    "variants": variants.TABLE,
    "models": models.TABLE,
    "corners": corners.TABLE,
    "entries": entries.TABLE,
}
CASES = {f"{table}: {name}": case for table, rows in TABLES.items() for name, case in rows.items()}
LARGEST = 3


def judged(case: Case, name: str) -> Verdict:
    return judge(case.statement, case.context, unknown=case.unknown, name=name)


@pytest.mark.parametrize("name", CASES)
def test_verdict(name: str):
    case = CASES[name]
    found = judged(case, name)
    assert found.status == case.status, found.reason
    match found.status:
        case "proved":
            _has_a_proof(found)
        case "refuted":
            _has_a_small_counterexample(found)
        case "undecided":
            assert found.tried and case.reason in found.reason


def _has_a_proof(found: Verdict) -> None:
    """Every row is accepted, and what the kernel reads back from JSON is proved without the engine."""
    assert found.proved and found.lemmas
    assert not found.counterexample
    for certificate in (found.certificate, *found.also):
        assert certificate is not None and check(loads(dumps(certificate))).accepted


def _has_a_small_counterexample(found: Verdict) -> None:
    example = found.counterexample
    assert example is not None
    assert max(example.sizes.values(), default=1) <= LARGEST
    assert abs(example.times.get("k", 0)) <= LARGEST
    assert recheck(json.loads(counterexample_to_json(example)))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", [name for name in CASES if CASES[name].unknown is None][::5])
def test_the_order_of_the_sides_does_not_matter(name: str):
    case = CASES[name]
    turned = Statement(case.statement.right, FLIPPED[case.statement.relation], case.statement.left)
    found = judge(turned, case.context, name=name)
    assert found.status == case.status, found.reason


def test_a_proof_names_what_it_used_and_nothing_else():
    used = judged(mutations.TABLE["(1)"], "(1)").hypotheses
    (step,) = (one for one in used if isinstance(one, Statement))
    assert step.left == mutations.rnn.recurrence[0].head
    assert len(used) == 3 and "k ≥ 0" in used
    assert not judged(bounds.TABLE["(2) of the Jacobian"], "norm").hypotheses


def test_the_tables_are_not_thin():
    wrong = [case for case in CASES.values() if case.status == "refuted"]
    right = [case for case in CASES.values() if case.status == "proved"]
    assert len(wrong) >= 80 and len(right) >= 140
