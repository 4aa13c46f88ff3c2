"""Right claims with one mistake of the catalogue in each: how often the suggestion is the claim as it was."""

from __future__ import annotations

from random import Random

from symgrad.elaborate import letters, mistakes
from symgrad.elaborate.material import Material
from symgrad.elaborate.mistakes import Correction
from symgrad.elaborate.suggest import correction
from symgrad.engine.prove import prove
from symgrad.engine.refute import refute
from symgrad.engine.trail import same
from symgrad.instances.counterexample import Counterexample
from tests.claims import bounds, corners, models, mutations, variants
from tests.claims.build import Case

SEED = 105
CLAIMS = 64
TABLES = (mutations.TABLE, bounds.TABLE, variants.TABLE, models.TABLE, corners.TABLE)
PROVED = [case for table in TABLES for case in table.values() if case.status == "proved" and case.unknown is None]
SECONDS = 0.5
MISTAKES = [one for one in (*mistakes.SLIPS, *mistakes.GAPS) if one is not letters.piece]


def spoilt(case: Case, choose: Random) -> Counterexample | None:
    """The claim with one mistake on its right side, refuted; None where three tries make no false statement."""
    for _ in range(3):
        mistake = choose.choice(MISTAKES)
        found = list(mistakes.by_one(mistake, Material(case.statement, case.context), "right"))
        wrong = choose.choice(found).statement if found else case.statement
        refuted = refute(wrong, case.context, budget_seconds=SECONDS) if found else None
        if refuted is not None:
            return refuted
    return None


def is_as_it_was(found: Correction, case: Case) -> bool:
    before, after = case.statement, found.statement
    pairs = ((before.left, after.left), (before.right, after.right))
    return before.relation == after.relation and all(same(case.context, *pair) for pair in pairs)


def test_the_suggestion_is_the_claim_as_it_was() -> None:
    choose = Random(SEED)
    wrong = [(case, one) for case in choose.sample(PROVED, len(PROVED)) if (one := spoilt(case, choose))][:CLAIMS]
    assert len(wrong) == CLAIMS
    right, missed = 0, []
    for case, refuted in wrong:
        found = correction(Material(refuted.statement, case.context, refuted.instance))
        if found is not None:
            assert prove(found.statement, found.context(case.context)).proved
        if found is not None and is_as_it_was(found, case):
            right += 1
        else:
            missed.append(f"{refuted.statement}\n -> {found and found.words}")
    assert right >= 0.8 * CLAIMS, f"seed {SEED}: {right} of {CLAIMS}\n" + "\n".join(missed)
