"""Every rule of the kernel has rows that it accepts and rows that it refuses; what is accepted is true at random."""

from __future__ import annotations

from collections import Counter

import pytest

from symgrad.kernel.rules import RULES

from . import rows_bounds, rows_calculus, rows_equality, rows_functions, rows_layers, rows_parameters, rows_recurrence
from .build import Row
from .worlds import counterexample

MODULES = (rows_calculus, rows_equality, rows_recurrence, rows_parameters, rows_functions, rows_layers, rows_bounds)
ACCEPTED: dict[str, Row] = {name: row for module in MODULES for name, row in module.ACCEPTED.items()}
REFUSED: dict[str, Row] = {name: row for module in MODULES for name, row in module.REFUSED.items()}


@pytest.mark.parametrize("name", ACCEPTED)
def test_accepted(name: str) -> None:
    judged = ACCEPTED[name].judged()
    assert judged.accepted, judged.reason


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    judged = REFUSED[name].judged()
    assert not judged.accepted
    assert judged.reason


@pytest.mark.parametrize("name", [name for name in ACCEPTED if ACCEPTED[name].rule != "vanishing"])
def test_what_is_accepted_is_true(name: str) -> None:
    certificate = ACCEPTED[name].certificate()
    assert counterexample(certificate.context, certificate.lemmas[-1], points=3) is None


def test_every_rule_has_rows() -> None:
    accepted = Counter(row.rule for row in ACCEPTED.values())
    refused = Counter(row.rule for row in REFUSED.values())
    assert set(accepted) == set(refused) == set(RULES)
    assert all(refused[name] >= 2 for name in RULES)
    assert sum(refused.values()) >= sum(accepted.values())


def test_no_name_hides_another() -> None:
    assert len(ACCEPTED) == sum(len(module.ACCEPTED) for module in MODULES)
    assert len(REFUSED) == sum(len(module.REFUSED) for module in MODULES)
