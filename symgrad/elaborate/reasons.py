"""Reasons that a text gives for a line: which rules they speak of, and whether one of these gives the line.

What is not understood is no reason to doubt anything: it is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..engine.attempt import Attempt
from ..engine.expand import unfold_abbreviations, write_out
from ..engine.prove import prepared
from ..engine.resolve import Workspace
from ..engine.trail import StuckError, Trail, same
from ..kernel.certificate import Certificate, Context, Induction, Lemma, Statement
from ..kernel.check import check
from ..kernel.rules import RULES, RefusedError
from ..kernel.term import ShapeError, Term, walk

INDUCTION = "induction"
MAX_PLACES = 40
_CHAIN = ("chain_rule", "chain_rule_last", "loss_chain", "pullback", "self", "no_path")
_WORDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"chain rule|total derivative|back.?prop", _CHAIN),
    (r"defin|recurrence|forward|unroll|unfold|insert|substitut", ("definition", "pullback", "hypothesis")),
    (r"submultiplicativ|cauchy|schwarz", ("submultiplicative",)),
    (r"supermultiplicativ", ("supermultiplicative",)),
    (r"triangle", ("triangle",)),
    (r"homogene", ("homogeneous",)),
    (r"transpos", ("transpose_product", "norm_transpose")),
    (r"induction", (INDUCTION,)),
    (r"assum|hypothes", ("hypothesis", INDUCTION)),
    (r"derivative of|product rule|differentiat|jacobian", ("entrywise_derivative", *_CHAIN)),
    (r"telescop|split|peel", ("split", "peel_first", "peel_last", INDUCTION)),
    (r"linear", ("linearity", *_CHAIN)),
    (r"squeeze|geometric|limit", ("vanishing",)),
)
"""Words as people write them, with the rules that they may mean."""
_LINES = re.compile(r"\((\d[\w.]*)\)|\b([a-z]+:[\w:.-]*\w)")


@dataclass(frozen=True, slots=True)
class Reason:
    """What a text gives as a reason, as far as it is known: rules, and labels or numbers of earlier lines."""

    text: str
    rules: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()


def read_reason(text: str) -> Reason:
    plain = text.strip().lower()
    name = plain.replace("-", "_").replace(" ", "_")
    found = [rule for pattern, rules in _WORDS if re.search(pattern, plain) for rule in rules]
    lines = (one[1] or one[2] for one in _LINES.finditer(plain))
    return Reason(text.strip(), (name,) if name in RULES else tuple(dict.fromkeys(found)), tuple(dict.fromkeys(lines)))


def is_used(rules: tuple[str, ...], certificate: Certificate) -> bool:
    """Whether a proof has a step by one of the rules, or needs no rule at all."""
    used = {step.rule for lemma in certificate.lemmas for chain in lemma.chains for step in chain.steps}
    used |= {INDUCTION for lemma in certificate.lemmas if isinstance(lemma.proof, Induction)}
    return used <= {"normal_form"} or not used.isdisjoint(rules)


def proof_by_rules(statement: Statement, context: Context, rules: tuple[str, ...]) -> Attempt | None:
    """A proof by one use of one of the rules; None if there is none."""
    claim, context = prepared(statement, context)
    work = Workspace(context)
    for trail in _uses(work, claim, rules):
        certificate = Certificate(context, (Lemma("claim", claim, trail.chain),))
        judgement = check(certificate)
        if judgement.accepted:
            return Attempt(certificate, judgement)
    return None


def _uses(work: Workspace, claim: Statement, rules: tuple[str, ...]) -> Iterator[Trail]:
    """Trails from left to right with one use of one of the rules, on either side."""
    for rule in rules:
        for near, far, turned in ((claim.left, claim.right, False), (claim.right, claim.left, True)):
            for trail in _applications(work, near, rule):
                other = work.trail(far)
                for change in (_nothing, unfold_abbreviations):
                    change(trail)
                    change(other)
                    if same(work.context, trail.current, other.current):
                        trail.reversed_onto(other)
                        yield _from_other_end(work, trail) if turned else trail
                        break


def _applications(work: Workspace, start: Term, rule: str) -> Iterator[Trail]:
    """The rule, wherever it can be used; what it leaves of single nodes is written out."""
    for at in list(dict.fromkeys(walk(start)))[:MAX_PLACES] if rule in RULES else ():
        for finish in (_nothing, write_out):
            trail = work.trail(start)
            try:
                trail.apply(rule, at)
                finish(trail)
            except (StuckError, RefusedError, ShapeError, RecursionError):
                break
            yield trail


def _nothing(trail: Trail) -> None:
    return


def _from_other_end(work: Workspace, trail: Trail) -> Trail:
    turned = work.trail(trail.current)
    turned.reversed_onto(trail)
    return turned
