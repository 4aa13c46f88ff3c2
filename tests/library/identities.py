"""The files of derivations/library, as they are read and judged, and least changes to what they claim."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice
from pathlib import Path
from random import Random

from symgrad.judged import Judged, judge_document
from symgrad.kernel.certificate import Chain, Context, Statement
from symgrad.notation.document import Document
from symgrad.notation.read import read_document
from tests.claims.mutants import mutant
from tests.running import ROOT

from .points import holds, points

LIBRARY = ROOT / "derivations" / "library"
FILES = sorted(LIBRARY.rglob("*.tex"))
ATTEMPTS = 60
POINTS = 2


@dataclass(frozen=True)
class Identity:
    """One relation that a file claims."""

    label: str
    statement: Statement
    context: Context


def name(path: Path) -> str:
    return str(path.relative_to(LIBRARY).with_suffix(""))


@cache
def document(path: Path) -> Document:
    return read_document(path.read_text("utf-8"), path.name)


@cache
def judged(path: Path) -> list[Judged]:
    return judge_document(document(path))


def identities(path: Path) -> list[Identity]:
    return [
        Identity(claim.label, link.statement, link.context or reading.context)
        for claim in document(path).claims
        for reading in claim.readings
        for link in reading.statements
    ]


def steps(path: Path) -> Iterator[tuple[Statement, Context]]:
    """What each step of a proof says, but for those within an induction, which are about a time before."""
    for certificate in (one.verdict.certificate for one in judged(path) if one.verdict.certificate):
        for lemma in certificate.lemmas:
            assumed = (*certificate.context.assumptions, *lemma.assumptions)
            here = lemma.statement.left
            for step in lemma.proof.steps if isinstance(lemma.proof, Chain) else ():
                yield Statement(here, step.relation, step.term), replace(certificate.context, assumptions=assumed)
                here = step.term


def false_mutants(identity: Identity, count: int) -> Iterator[Statement]:
    """Some least changes to a claim, in an order that looks random, that fail at a point where they can be tried."""
    return islice(_false_mutants(identity), count)


def _false_mutants(identity: Identity) -> Iterator[Statement]:
    statement, context = identity.statement, identity.context
    seen = {statement}
    for seed in range(ATTEMPTS):
        changed, around = mutant(statement, context, Random(seed))
        if changed not in seen and around == context and _fails(changed, context):
            yield changed
        seen.add(changed)


def _fails(statement: Statement, context: Context) -> bool:
    try:
        return not all(holds(statement, one) for one in points(statement, context, POINTS))
    except (ArithmeticError, LookupError, ValueError):
        return False  # such as a sum to a time that has no value: nothing is known of it
