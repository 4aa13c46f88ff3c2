"""Wrong rules for layers, planted on purpose: conditions, functions, divisions and nodes without times."""

from __future__ import annotations

from dataclasses import replace

import pytest

from symgrad.kernel import calculus, domains, functions, parameters, rules
from symgrad.kernel import check as checking
from symgrad.kernel import normal as normal_form
from symgrad.kernel import term as t
from symgrad.kernel.check import check
from symgrad.kernel.diagram import Atom
from symgrad.kernel.normal import Comparison, compare
from symgrad.kernel.rules import Setting

from . import rows_functions, rows_layers
from .build import SQUARE, W
from .rows_functions import over
from .test_attacks_layers import ATTACKS
from .test_planted import caught as caught_in
from .test_planted import false_when_believed, plant
from .test_rules import ACCEPTED


def caught() -> list[str]:
    return caught_in(
        {**rows_functions.ACCEPTED, **rows_layers.ACCEPTED}, {**rows_functions.REFUSED, **rows_layers.REFUSED}
    )


def test_functions_with_a_wrong_derivative(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calculus, "DERIVATIVES", {**functions.DERIVATIVES, "exp": t.number(1)})
    assert "hessian" in caught()


def test_a_softmax_with_a_wrong_derivative(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calculus, "_through_softmax", lambda term, cotangent: t.Hadamard((term, cotangent)))
    assert {"by_shares", "by_queries"} <= set(caught())


def test_conditions_that_are_not_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(domains, "satisfied", lambda setting, need: True)
    assert {"log of a product, one not positive", "inverse, that is not", "length at 0"} <= set(caught())


def test_conditions_of_another_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = domains._conditioned
    monkeypatch.setattr(
        domains,
        "_conditioned",
        lambda setting, term, kind: honest(setting, term, "nonzero") or honest(setting, term, kind),
    )
    assert {"no entry is 0", "log of a product, only not 0", "root of what may be 0"} <= set(caught())


def test_conditions_of_one_time_taken_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "assumed_times", lambda one: frozenset())
    assert check(ATTACKS["a condition of one time, moved by a lemma"]).accepted
    monkeypatch.setattr(checking, "assumed_times", lambda one: frozenset())
    assert "said of the index of a sum" in caught()


def test_a_name_under_a_maximum_taken_for_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Setting, "_hiding", lambda setting, name: setting)
    names = ("a condition on what a maximum is over", "a definition of what a maximum is over")
    assert all(check(ATTACKS[name]).accepted for name in names)


def test_a_loss_that_has_no_gradient_by_its_own_node(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parameters, "_made_of_nodes", lambda setting, at, upper: True)
    assert {"the node that the loss reads", "batch, the loss's own node"} <= set(caught())


def test_a_reader_that_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = parameters._handed_down_by
    skipped = {"y"}
    monkeypatch.setattr(
        parameters,
        "_handed_down_by",
        lambda setting, reader, at, upper: [] if reader.head.name in skipped else honest(setting, reader, at, upper),
    )
    assert "net_node" in caught()


def test_inverses_in_the_order_of_the_factors(monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch, "inverse_product", lambda found: replace(found, right=reversed_factors(found.right)))
    assert {"inverse_two", "inverse, order kept"} <= set(caught())
    assert false_when_believed("inverse_two", lambda found: found.right)


def reversed_factors(term: t.Term) -> t.Term:
    return t.Product(term.factors[::-1]) if isinstance(term, t.Product) else term


@pytest.mark.parametrize("name", ["law", "logarithm", "exponential", "softmax", "root_squared", "determinant"])
def test_laws_with_another_factor(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    plant(monkeypatch, name, lambda found: replace(found, right=t.scale(2, found.right)))
    wrong = set(caught())
    rows = [row for row in ACCEPTED if ACCEPTED[row].rule == name]
    assert wrong >= set(rows)
    assert false_when_believed(rows[0], lambda found: found.right)


def test_a_normal_form_that_cancels_the_transpose(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = normal_form._below

    def turned(atom: Atom) -> Atom | None:
        found = honest(atom)
        return found and (found[0], found[1][::-1])

    pair, ones = t.Hadamard((over(W), t.Transpose(W))), t.Ones(SQUARE)
    assert compare(pair, ones) is Comparison.DIFFERENT
    monkeypatch.setattr(normal_form, "_below", turned)
    assert compare(pair, ones) is Comparison.EQUAL


def test_a_normal_form_that_cancels_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(normal_form, "_cancelled", lambda diagram, budget: diagram)
    assert {"by_mean", "by_layer_norm"} & set(caught())


def test_an_index_that_stands_for_two_times(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calculus, "_refuse_unless_all_apart", lambda setting, body, wrt: None)
    assert {"a time that may be in the sum", "a time in the sum by the range of another index"} <= set(caught())
    assert check(ATTACKS["a sum over the time by which it is derived, moved on"]).accepted
