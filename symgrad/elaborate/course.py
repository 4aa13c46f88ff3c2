"""What a text has said so far: lines that are proved, which later ones may use, and lines that are refuted.

A later line may follow from a proved one, or from a wrong one; then it is not wrong by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from ..engine.attempt import Attempt, needed
from ..engine.fresh import fresh_name
from ..kernel.affine import Affine
from ..kernel.certificate import Certificate, Chain, Context, Hypothesis, Induction, Lemma, Statement
from ..kernel.check import check
from ..kernel.rules import fixed_times, free_in
from ..verdict import Verdict
from .facts import derivation
from .layouts import vector_derivatives

MAX_LINES = 12
WRONG = "a wrong line"


@dataclass(frozen=True, slots=True)
class Proved:
    """A line with its proof, under the label and the number of its claim."""

    names: tuple[str, ...]
    certificate: Certificate


@dataclass(frozen=True, slots=True)
class Wrong:
    """A line that was refuted."""

    names: tuple[str, ...]
    line: int
    statement: Statement
    context: Context


@dataclass(slots=True)
class Course:
    """The lines of one document that were judged, in order."""

    proved: list[Proved] = field(default_factory=list)
    wrong: list[Wrong] = field(default_factory=list)

    def add(self, names: tuple[str, ...], line: int, statement: Statement, context: Context, verdict: Verdict) -> None:
        """Note a line that was judged. Of one that is undecided, or solved for an unknown, nothing follows."""
        if verdict.status == "proved" and verdict.certificate is not None and not verdict.also:
            self.proved.append(Proved(names, verdict.certificate))
        elif verdict.status == "refuted":
            self.wrong.append(Wrong(names, line, statement, context))

    @property
    def layout_is_known(self) -> bool:
        """Whether a line that has the derivative of a vector in it is proved: then the text means this layout."""
        statements = (one.certificate.lemmas[-1].statement for one in self.proved)
        return any(vector_derivatives(side) for one in statements for side in (one.left, one.right))

    def proof(self, statement: Statement, context: Context, names: Sequence[str] = ()) -> Attempt | None:
        """A proof that uses lines that were proved before, the latest first, or those of these names alone."""
        known = [one for one in reversed(self.proved) if not names or not set(names).isdisjoint(one.names)]
        usable = [one for one in known if _fits(one.certificate.context, context)][:MAX_LINES]
        lemmas: dict[str, Lemma] = {}
        facts = [_add(one, context, lemmas) for one in usable]
        return _judged(context, derivation(statement, context, lemmas.values(), facts)) if facts else None

    def wrong_among(self, names: Iterable[str]) -> tuple[str, ...]:
        """The labels of the refuted lines of these names."""
        asked = set(names)
        return tuple(dict.fromkeys(one.names[0] for one in self.wrong if not asked.isdisjoint(one.names)))

    def origin(self, statement: Statement, context: Context) -> int:
        """The line of the first wrong statement that this one follows from; 0 if there is none."""
        return next((one.line for one in self.wrong if _follows_from(one, statement, context)), 0)


def _judged(context: Context, lemmas: tuple[Lemma, ...]) -> Attempt | None:
    """What was derived, if the kernel accepts it."""
    if not lemmas:
        return None
    certificate = Certificate(context, needed(lemmas))
    judgement = check(certificate)
    return Attempt(certificate, judgement) if judgement.accepted else None


def _fits(earlier: Context, now: Context) -> bool:
    """Whether two contexts speak of the same network and losses, and all that was supposed still is."""
    same = (earlier.recurrence, earlier.losses) == (now.recurrence, now.losses)
    return same and all(
        set(before) <= set(after)
        for before, after in ((earlier.abbreviations, now.abbreviations), (earlier.hypotheses, now.hypotheses))
    )


def _add(one: Proved, context: Context, lemmas: dict[str, Lemma]) -> str:
    """Add the line to the lemmas, with those that it needs, each under a name of its own; the name of the line.

    What the line assumed of times and this context does not, is owed wherever it is used.
    """
    *inner, last = one.certificate.lemmas
    extra = tuple(bound for bound in one.certificate.context.assumptions if bound not in context.assumptions)
    names = {lemma.name: fresh_name(f"{lemma.name}, for {one.names[0]}", lemmas) for lemma in inner}
    names[last.name] = fresh_name(one.names[0], (*lemmas, *names.values()))
    lemmas.update((names[lemma.name], _moved(lemma, names, extra)) for lemma in one.certificate.lemmas)
    return names[last.name]


def _moved(lemma: Lemma, names: dict[str, str], extra: tuple[Affine, ...]) -> Lemma:
    proof = _over_chains(lemma.proof, lambda chain: _renamed(chain, names))
    return Lemma(names[lemma.name], lemma.statement, proof, (*lemma.assumptions, *extra))


def _over_chains(proof: Chain | Induction, change: Callable[[Chain], Chain]) -> Chain | Induction:
    """The same proof with each of its chains changed."""
    if isinstance(proof, Chain):
        return change(proof)
    return replace(proof, base=change(proof.base), step=change(proof.step))


def _renamed(chain: Chain, names: dict[str, str]) -> Chain:
    return Chain(tuple(replace(step, lemma=names.get(step.lemma, step.lemma)) for step in chain.steps))


def _follows_from(wrong: Wrong, statement: Statement, context: Context) -> bool:
    """Whether the kernel accepts a derivation of the statement in which the wrong one is assumed."""
    if not _fits(wrong.context, context):
        return False
    extra = tuple(bound for bound in wrong.context.assumptions if bound not in context.assumptions)
    line = Lemma(WRONG, wrong.statement, Chain(()), extra)
    found = derivation(statement, context, (line,), (WRONG,))
    fixed = fixed_times(context, wrong.statement.left, wrong.statement.right)
    assumed = Hypothesis(wrong.statement, tuple(sorted(free_in(wrong.statement) - fixed)))
    supposed = replace(context, hypotheses=(*context.hypotheses, assumed))
    attempt = _judged(supposed, tuple(_by_hypothesis(one) for one in found if one is not line))
    used = attempt.judgement.used if attempt is not None and attempt.judgement is not None else ()
    return assumed in dict(used).values()


def _by_hypothesis(lemma: Lemma) -> Lemma:
    """The lemma with the wrong line used as an assumption, at the same times."""
    return replace(lemma, proof=_over_chains(lemma.proof, _supposing))


def _supposing(chain: Chain) -> Chain:
    return Chain(tuple(
        replace(step, rule="hypothesis", lemma="") if step.lemma == WRONG else step for step in chain.steps
    ))  # fmt: skip
