"""What was found out before in this process, for a file that is checked again and for many files that are alike.

Kept by what is claimed and assumed alone: labels and letters are put in afterwards. Bounded.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from ..engine.attempt import Attempt
from ..engine.fresh import fresh_name
from ..engine.prove import prove
from ..engine.solve import Solution, solve
from ..instances.counterexample import Counterexample
from ..instances.instance import Instance
from ..kernel.certificate import Context, Statement
from ..kernel.rules import HYPOTHESIS
from ..kernel.term import Symbol
from ..notation.dialect import Layout
from ..verdict import Remark
from .reasons import proof_by_rules

REMEMBERED = 512
QUICK_SECONDS = 0.25


@lru_cache(maxsize=REMEMBERED)
def quick_proof(statement: Statement, context: Context) -> Attempt:
    return prove(statement, context, seconds=QUICK_SECONDS)


@lru_cache(maxsize=REMEMBERED)
def proof(statement: Statement, context: Context) -> Attempt:
    found = quick_proof(statement, context)
    return prove(statement, context) if found.out_of_time else found


@lru_cache(maxsize=REMEMBERED)
def proof_as_stated(statement: Statement, context: Context, rules: tuple[str, ...]) -> Attempt | None:
    return proof_by_rules(statement, context, rules)


@lru_cache(maxsize=REMEMBERED)
def counterexample(statement: Statement, context: Context, budget_seconds: float) -> Counterexample | None:
    # Imported here: a claim that is proved never needs the search, nor what it imports.
    from ..engine.refute import refute

    return refute(statement, context, budget_seconds=budget_seconds)


@lru_cache(maxsize=REMEMBERED)
def seems_false(statement: Statement, context: Context) -> bool:
    from .screen import seems_false

    return seems_false(statement, context)


@lru_cache(maxsize=REMEMBERED)
def suggestion(
    statement: Statement, context: Context, refuting: Instance | None, layout: Layout | None
) -> Remark | None:
    from .suggest import suggestion

    return suggestion(statement, context, refuting, layout)


@lru_cache(maxsize=REMEMBERED)
def solution(statement: Statement, context: Context, unknown: Symbol) -> Solution:
    """Raises StuckError, which is not remembered."""
    return solve(statement, context, unknown)


def searches() -> int:
    """How many of these were not found out before."""
    return sum(
        one.cache_info().misses for one in (quick_proof, proof, proof_as_stated, counterexample, suggestion, solution)
    )


def named(attempt: Attempt, name: str) -> Attempt:
    """The same proof with another name for the claim, its last lemma."""
    certificate, judgement = attempt.certificate, attempt.judgement
    if certificate is None or judgement is None or not judgement.lemmas:
        return attempt
    *inner, last = certificate.lemmas
    free = fresh_name(name, [HYPOTHESIS, *(one.name for one in inner)])
    lemmas = (*inner, replace(last, name=free))
    results = (*judgement.lemmas[:-1], replace(judgement.lemmas[-1], name=free))
    return Attempt(replace(certificate, lemmas=lemmas), replace(judgement, lemmas=results), attempt.reason)
