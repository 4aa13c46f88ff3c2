"""Assertions for test suites: two expressions are equal (or one bounds the other) for every size, or they are not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .judge import judge
from .kernel.certificate import Context, Relation, Statement
from .kernel.term import Term
from .verdict import Verdict

if TYPE_CHECKING:
    from .api import Expression, Network


def assert_proved(
    left: Expression, right: Expression, relation: Relation = "=", *, network: Network | None = None
) -> Verdict:
    """Pass if the kernel proves `left relation right` for all sizes; return the verdict.

    Both sides are SymPy expressions or kernel terms of one shape; derivatives are those of `network`. Raises
    AssertionError with the counterexample, or with the reason why nothing could be decided.
    """
    return _expect("proved", left, right, relation, network)


def assert_refuted(
    left: Expression, right: Expression, relation: Relation = "=", *, network: Network | None = None
) -> Verdict:
    """Pass if an instance is found where `left relation right` fails; return the verdict with it."""
    return _expect("refuted", left, right, relation, network)


def _expect(status: str, left: Expression, right: Expression, relation: Relation, network: Network | None) -> Verdict:
    context = network.context if network is not None else Context()
    verdict = judge(Statement(_term(left), relation, _term(right)), context)
    if verdict.status != status:
        raise AssertionError(f"expected {status}, but it is {verdict}")
    return verdict


def _term(expression: Expression) -> Term:
    if isinstance(expression, Term):
        return expression
    from .expressions.bridge import to_term

    return to_term(expression)
