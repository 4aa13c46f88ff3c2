"""What a search for a proof has come to: a certificate with the kernel's judgement, or the reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass

from ..kernel.certificate import Certificate, Lemma
from ..kernel.check import Judgement


@dataclass(frozen=True, slots=True)
class Attempt:
    """A certificate with the kernel's judgement, or the reason why none was found; more time might find one."""

    certificate: Certificate | None
    judgement: Judgement | None
    reason: str = ""
    out_of_time: bool = False

    @property
    def proved(self) -> bool:
        return self.judgement is not None and self.judgement.accepted


def needed(lemmas: tuple[Lemma, ...]) -> tuple[Lemma, ...]:
    """The last lemma and those that it uses, in order."""
    wanted = {lemmas[-1].name}
    kept: list[Lemma] = []
    for one in reversed(lemmas):
        if one.name in wanted:
            kept.append(one)
            wanted |= _uses(one)
    return tuple(reversed(kept))


def _uses(lemma: Lemma) -> set[str]:
    return {step.lemma for chain in lemma.chains for step in chain.steps if step.lemma}
