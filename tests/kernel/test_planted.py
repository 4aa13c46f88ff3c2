"""A wrong rule, planted on purpose, is caught by a row or by the oracle. Else the tests would be worth little."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from symgrad.kernel import bounds, calculus, domains, rules
from symgrad.kernel import normal as normal_form
from symgrad.kernel import term as t
from symgrad.kernel.certificate import Step
from symgrad.kernel.rules import RULES, Sequent, Setting

from .build import A, Row
from .test_rules import ACCEPTED, REFUSED
from .worlds import counterexample


def caught(accepted: dict[str, Row] = ACCEPTED, refused: dict[str, Row] = REFUSED) -> list[str]:
    """The names of rows that go wrong: refused ones that are accepted, and accepted ones that are refused."""
    wrong = [name for name, row in refused.items() if row.judged().accepted]
    return wrong + [name for name, row in accepted.items() if not row.judged().accepted]


def false_when_believed(name: str, after: Callable[[Sequent], t.Term]) -> bool:
    """Whether what the planted rule concludes is false at some point."""
    row = ACCEPTED[name]
    certificate = row.certificate()
    lemma = certificate.lemmas[-1]
    setting = Setting(certificate.context, assumptions=lemma.assumptions)
    (step,) = lemma.proof.steps  # type: ignore[union-attr]
    found = RULES[row.rule](setting, step)
    claimed = replace(
        lemma, statement=replace(lemma.statement, left=found.left, relation=found.relation, right=after(found))
    )
    return counterexample(certificate.context, claimed) is not None


def plant(monkeypatch: pytest.MonkeyPatch, name: str, change: Callable[[Sequent], Sequent]) -> None:
    honest = RULES[name]

    def wrong(setting: Setting, step: Step) -> Sequent:
        return change(honest(setting, step))

    monkeypatch.setitem(RULES, name, wrong)


def untransposed(term: Any) -> Any:
    plain = isinstance(term, t.Transpose) and term.shape == term.body.shape
    return untransposed(term.body) if plain else t.map_parts(term, untransposed)


def test_nothing_is_caught_in_the_kernel_as_it_is() -> None:
    assert caught() == []


def test_a_pullback_without_transpose(monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch, "pullback", lambda found: replace(found, right=untransposed(found.right)))
    assert {"local", "transpose dropped"} <= set(caught())
    assert false_when_believed("local", lambda found: untransposed(found.right))


def test_a_peel_that_is_off_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    plant(
        monkeypatch, "peel_first", lambda found: replace(found, right=t.substitute_times(found.right, {"t": A("t+1")}))
    )
    assert {"first", "first_back"} <= set(caught())
    assert false_when_believed("first", lambda found: found.right)


def test_a_peel_that_owes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch, "peel_last", lambda found: replace(found, owes=()))
    assert "last of none" in caught()


def test_rules_for_another_magnitude(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "_magnitude", lambda step, kind: step.at)
    assert {"range of the smallest", "range of the length"} <= set(caught())


def test_a_norm_that_is_additive_the_wrong_way(monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch, "triangle", lambda found: replace(found, relation=">="))
    assert {"tri", "triangle, other way"} <= set(caught())
    assert false_when_believed("tri", lambda found: found.right)


@pytest.mark.parametrize("slope", [(1, 0, 1), (2, 0, -1), (0, 1, -1)])
def test_a_wrong_derivative_in_the_table(monkeypatch: pytest.MonkeyPatch, slope: tuple[int, int, int]) -> None:
    wrong = replace(normal_form.FUNCTIONS["tanh"], derivative=slope)
    monkeypatch.setitem(normal_form.FUNCTIONS, "tanh", wrong)
    assert "derive_tanh" in caught()


def test_a_chain_rule_that_forgets_what_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calculus, "_is_held", lambda setting, at, node: False)
    assert {"cut_cell", "the loss, its node cut"} <= set(caught())


def test_a_chain_rule_that_does_not_ask_whether_nodes_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calculus, "_refuse_unless_apart", lambda setting, one, other: None)
    assert {"the target itself", "two nodes that may be one"} <= set(caught())


def test_monotone_replacement_that_ignores_signs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "nonnegative", lambda setting, term, strictly=False: True)
    assert {"under a factor of unknown sign", "more of unknown sign"} <= set(caught())


def test_what_may_be_0_taken_for_positive(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = bounds.nonnegative
    monkeypatch.setattr(bounds, "nonnegative", lambda setting, term, strictly=False: honest(setting, term))
    assert {"strictly, times what may be 0", "more, strictly, by what may be 0"} <= set(caught())


def test_a_hypothesis_that_is_read_the_other_way(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = domains._assumed
    monkeypatch.setattr(
        domains, "_assumed", lambda setting, term, strictly: honest(setting, t.scale(-1, term), strictly)
    )
    assert {"absolute value, assumed the other way", "bars_assumed"} <= set(caught())


def test_a_sum_that_is_taken_out_of_its_index(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(t, "free_times", lambda term: frozenset())
    assert "sum that captures" in caught()


def test_an_identity_with_the_wrong_sign(monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch, "function_identity", lambda found: replace(found, right=t.scale(-1, found.right)))
    assert {"as_sigmoid", "as_mirror"} <= set(caught())
    assert false_when_believed("as_sigmoid", lambda found: found.right)


def test_lemmas_whose_fixed_times_move(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "fixed_times", lambda context, *terms: frozenset())
    assert "lemma of a loss at another end" in caught()


def test_a_normal_form_that_forgets_the_order_of_factors(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = normal_form.JOINS[t.Product]
    monkeypatch.setitem(
        normal_form.JOINS, t.Product, lambda ends: honest(ends[::-1]) if len(ends) == 2 else honest(ends)
    )
    assert caught()


def test_a_normal_form_that_forgets_transposes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(normal_form.JOINS, t.Transpose, lambda ends: ([], ends[0]))
    assert "transpose dropped" in caught()
