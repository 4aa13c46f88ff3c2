"""The view model of a sheet: frozen records of plain strings, all that a template is given.

Every formula is already printed in each format. Marks are decided here, from verdicts and from nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from ..plot import Plot
from .figures import Graph
from .printing import Formula, Piece

Mark = Literal["proved", "refuted", "undecided", "unreadable", "unchecked"]
Pieces = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class RowView:
    """One step of a derivation; its mark is drawn if and only if `accepted`."""

    number: int
    left: Formula | None
    relation: Formula
    right: Formula
    rule: Pieces
    accepted: bool


@dataclass(frozen=True, slots=True)
class GroupView:
    """Rows that belong together; the title is empty outside an induction."""

    title: str
    rows: tuple[RowView, ...]


@dataclass(frozen=True, slots=True)
class DerivationView:
    """The proof of a lemma, or of the claim itself. A lemma beside the proof of the claim can be folded.

    `shown_at` is where the same proof stands already; then it is not shown again and has no rows here.
    """

    name: str
    statement: Formula | None
    how: str
    groups: tuple[GroupView, ...]
    is_claim: bool
    folded: bool
    accepted: bool
    shown_at: str = ""

    @property
    def count(self) -> int:
        return sum(len(group.rows) for group in self.groups)


@dataclass(frozen=True, slots=True)
class WitnessView:
    """A counterexample: where it is, the values (`zeros` names those that are 0) and both sides."""

    where: Pieces
    values: tuple[Formula, ...]
    zeros: Pieces
    left: Formula
    right: Formula
    entry: str
    seed: str


@dataclass(frozen=True, slots=True)
class ReadingView:
    """One reading of a claim with its verdict. `expected`: the verdict is the one that the document asks for."""

    name: str
    mark: Mark
    expected: bool
    headline: str
    statement: Formula | None
    scope: Pieces
    reason: str
    tried: tuple[str, ...]
    hypotheses: tuple[Pieces, ...]
    derivations: tuple[DerivationView, ...]
    witness: WitnessView | None
    remarks: tuple[Pieces, ...]
    rerun: str


@dataclass(frozen=True, slots=True)
class HeadingView:
    level: int
    text: str
    kind: str = field(default="heading", init=False)


@dataclass(frozen=True, slots=True)
class ParagraphView:
    pieces: Pieces
    kind: str = field(default="paragraph", init=False)


@dataclass(frozen=True, slots=True)
class ModelView:
    """The recurrences that the claims after it are about, and the unrolled graph."""

    equations: tuple[Formula, ...]
    notes: tuple[Pieces, ...]
    graph: Graph | None
    kind: str = field(default="model", init=False)


@dataclass(frozen=True, slots=True)
class ClaimView:
    """A claim, from where `cites` says. `problems` and `source` are shown where it could not be read."""

    anchor: str
    number: str
    title: str
    readings: tuple[ReadingView, ...]
    problems: tuple[str, ...]
    source: str
    cites: str
    kind: str = field(default="claim", init=False)


@dataclass(frozen=True, slots=True)
class Entry:
    """A numbered claim in the list on top of the sheet, with the marks of its readings."""

    anchor: str
    number: str
    marks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Count:
    """One entry of the summary box."""

    mark: str
    label: str
    number: str


Block = HeadingView | ParagraphView | ModelView | ClaimView


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything that is on a sheet."""

    title: str
    subtitle: str
    layout: tuple[str, ...]
    counts: tuple[Count, ...]
    entries: tuple[Entry, ...]
    problems: tuple[str, ...]
    blocks: tuple[Block, ...]
    plot: Plot | None
