"""Verdicts: what the kernel said of a claim, with the rows of its proof or the instance that refutes it.

Plain records between the prover and the page. A verdict prints itself in a terminal and in a notebook; how it looks
there is decided by the templates. Nothing here judges.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal, Protocol

from .kernel.affine import affine
from .kernel.certificate import Certificate, Condition, Statement
from .kernel.term import SCALAR, Shape, Symbol, Term

Status = Literal["proved", "refuted", "undecided", "unreadable"]
Inline = str | Term | Statement | Condition
Entry = Fraction | int | tuple[Fraction, Fraction]
Matrix = Sequence[Sequence[Any]]


class Counterexample(Protocol):
    """An instance that refutes a claim. An entry is a rational, or an interval (a pair, or a record with lo and hi)."""

    @property
    def sizes(self) -> Mapping[str, int]: ...
    @property
    def times(self) -> Mapping[str, int]: ...
    @property
    def functions(self) -> Mapping[str, str]: ...
    @property
    def values(self) -> Mapping[str, Matrix]: ...
    @property
    def left(self) -> Matrix: ...
    @property
    def right(self) -> Matrix: ...
    @property
    def entry(self) -> tuple[int, int] | None: ...
    @property
    def seed(self) -> int: ...
    def describe(self) -> str:
        """The instance in plain text."""
        ...


def value_symbol(name: str, shape: Shape) -> tuple[Symbol, bool] | None:
    """What a value of a counterexample is called after, such as "W", "x[2]" or "gradient of L": the symbol, and whether
    the value is its gradient. None for another name."""
    match = re.fullmatch(r"(gradient of )?(\w+)(?:\[(-?\d+(?:,-?\d+)*)\])?", name)
    if match is None:
        return None
    times = tuple(affine(int(time)) for time in match[3].split(",")) if match[3] else ()
    return Symbol(match[2], SCALAR if match[1] else shape, times), bool(match[1])


@dataclass(frozen=True, slots=True)
class Row:
    """One step: the term before stands in `relation` to `right` by `rule`.

    `left` is None where it is the same as in the row before. `accepted` is the kernel's word and nobody else's. `group`
    is "base" or "step" inside an induction. `detail` says what the rule was applied to: a lemma's name, a symbol.
    """

    left: Term | None
    relation: str
    right: Term
    rule: str
    accepted: bool
    group: str = ""
    detail: tuple[Inline, ...] = ()


@dataclass(frozen=True, slots=True)
class Derivation:
    """The rows that prove one lemma; the last derivation of a verdict proves the claim. `how` is "chain" or
    "induction on k"."""

    name: str
    statement: Statement | None
    rows: tuple[Row, ...]
    how: str = "chain"

    @property
    def accepted(self) -> bool:
        return all(row.accepted for row in self.rows)


@dataclass(frozen=True, slots=True)
class Remark:
    """Something to know beside a verdict, never instead of one."""

    text: tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is known of one reading of one claim.

    `scope` says for which sizes and depths; `hypotheses` are those that the proof used, all of them and no others;
    `also` are further certificates that the verdict rests on (uniqueness beside existence). `rerun` is the command that
    repeats the judgement.
    """

    status: Status
    statement: Statement | None = None
    scope: str = ""
    reason: str = ""
    tried: tuple[str, ...] = ()
    certificate: Certificate | None = None
    also: tuple[Certificate, ...] = ()
    lemmas: tuple[Derivation, ...] = ()
    hypotheses: tuple[Inline, ...] = ()
    counterexample: Counterexample | None = None
    remarks: tuple[Remark, ...] = ()
    rerun: str = ""

    @property
    def proved(self) -> bool:
        """Whether the claim may be marked as proved: the kernel said so and accepted every row that is shown."""
        return self.status == "proved" and all(one.accepted for one in self.lemmas)

    def __str__(self) -> str:
        from .page import verdict_text

        return verdict_text(self)

    def _repr_html_(self) -> str:
        from .page import verdict_html

        return verdict_html(self)

    def _repr_latex_(self) -> str:
        from .page import verdict_latex

        return verdict_latex(self)
