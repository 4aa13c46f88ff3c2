"""The rows of a proof as it is shown, read off a certificate and the kernel's judgement of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from .kernel.affine import affine
from .kernel.certificate import Certificate, Chain, Induction, Lemma, Statement, Step
from .kernel.check import Judgement, LemmaResult
from .verdict import Derivation, Inline, Row

__all__ = ["rows_of"]


def rows_of(
    certificate: Certificate | None, judgement: Judgement | None, detail: bool = False
) -> tuple[Derivation, ...]:
    """The lemmas with a row for each rule, or with `detail` for each step; none if nothing was judged."""
    if certificate is None or judgement is None:
        return ()
    pairs = zip(certificate.lemmas, judgement.lemmas, strict=False)
    return tuple(_derivation(lemma, result, detail) for lemma, result in pairs)


def _derivation(lemma: Lemma, result: LemmaResult, detail: bool) -> Derivation:
    match lemma.proof:
        case Chain():
            rows = _single_rows(lemma.statement, lemma.proof, result, "")
            return Derivation(lemma.name, lemma.statement, _shown(rows, detail), "chain")
        case Induction() as proof:
            first = lemma.statement.at({proof.variable: affine(proof.start)})
            following = lemma.statement.at({proof.variable: affine(proof.variable) + 1})
            base = _shown(_single_rows(first, proof.base, result, "base"), detail)
            step = _shown(_single_rows(following, proof.step, result, "step"), detail)
            return Derivation(lemma.name, lemma.statement, base + step, f"induction on {proof.variable}")


def _shown(rows: Iterable[Row], detail: bool) -> tuple[Row, ...]:
    """All rows, or a row a rule: those in a row by one rule and one relation as one, accepted if all of them are.

    The chain rule from layer to layer is more than one step.
    """
    if detail:
        return tuple(rows)
    merged: list[Row] = []
    for row in rows:
        last = merged[-1] if merged else None
        same = last is not None and (last.rule, last.relation, last.detail) == (row.rule, row.relation, row.detail)
        if last is not None and same and row.rule != "parameter_chain":
            merged[-1] = replace(last, right=row.right, accepted=last.accepted and row.accepted)
        else:
            merged.append(row)
    return tuple(merged)


def _single_rows(statement: Statement, chain: Chain, result: LemmaResult, group: str) -> Iterable[Row]:
    """A row a step, and one more where the last step and the right side only have the same normal form."""
    results = [one for one in result.steps if one.group == group]
    here = statement.left
    for place, step in enumerate(chain.steps):
        accepted = place < len(results) and results[place].accepted
        left = here if place == 0 else None
        yield Row(left, step.relation, step.term, step.rule, accepted, group, _detail(step))
        here = step.term
    if here != statement.right or not chain.steps:
        accepted = len(results) == len(chain.steps) and (result.accepted or bool(result.steps))
        left = here if not chain.steps else None
        yield Row(left, "=", statement.right, "normal_form", accepted, group)


def _detail(step: Step) -> tuple[Inline, ...]:
    if step.lemma:
        return (step.lemma,)
    return ()
