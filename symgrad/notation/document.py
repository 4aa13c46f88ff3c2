"""The records a document is read into: headings, prose, and claims with their readings.

Plain data, made by `read.py`. Nothing here reads or writes LaTeX.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from symgrad.kernel.affine import Affine
from symgrad.kernel.certificate import Condition, Context, Statement
from symgrad.kernel.term import Symbol

from .dialect import Dialect
from .nodes import Content
from .problem import Problem, ReadError

__all__ = [
    "Claim",
    "Dialect",
    "Document",
    "Emphasis",
    "Heading",
    "Inline",
    "Math",
    "Paragraph",
    "Problem",
    "ReadError",
    "ReadRelation",
    "Reading",
    "Strong",
    "Text",
    "plain_text",
]

Expectation = Literal["proved", "refuted", "undecided"]
Form = Literal["closed", "recursion", "bounds"]


@dataclass(frozen=True, slots=True)
class Text:
    text: str


@dataclass(frozen=True, slots=True)
class Math:
    """Mathematics in prose, kept as written: `write` typesets it. `content` is None where it could not be read;
    then `source` is to be shown as (escaped) code."""

    source: str
    content: Content | None
    line: int
    display: bool = False


@dataclass(frozen=True, slots=True)
class Emphasis:
    inlines: tuple[Inline, ...]

    @property
    def text(self) -> str:
        return plain_text(self.inlines)


@dataclass(frozen=True, slots=True)
class Strong:
    inlines: tuple[Inline, ...]

    @property
    def text(self) -> str:
        return plain_text(self.inlines)


Inline = Text | Math | Emphasis | Strong


def plain_text(inlines: tuple[Inline, ...]) -> str:
    """The words alone; mathematics as its source."""
    return "".join(one.source if isinstance(one, Math) else one.text for one in inlines)


@dataclass(frozen=True, slots=True)
class Heading:
    level: int
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Paragraph:
    inlines: tuple[Inline, ...]
    line: int


@dataclass(frozen=True, slots=True)
class ReadRelation:
    """One link of a chain, `left relation right`, with the place and text of its relation and right side.

    `reason` is what the text gives as one, in plain words ("" if nothing): above the relation, or after it. With
    `conditions` (if k >= 1, where D_t = ...) the link has a context of its own, in which they are assumed or defined;
    otherwise `context` is None and the link has that of its reading. If it is `wanted`, the text only gives the left
    side: the right side, in this form, is to be found, and repeats the left one here.
    """

    statement: Statement
    line: int
    column: int
    source: str
    reason: str = ""
    conditions: tuple[Statement | Affine | Condition | str, ...] = ()
    context: Context | None = None
    wanted: Form | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a display says under one choice of its ambiguous names. `unknown` is to be solved for."""

    name: str
    context: Context
    statements: tuple[ReadRelation, ...]
    unknown: Symbol | None
    expect: Expectation
    dialect: Dialect


@dataclass(frozen=True, slots=True)
class Claim:
    """A display that holds a relation; `cites` is where the text says it is from.

    What of it cannot be read is among the problems; the readings have the rest.
    """

    label: str
    number: str
    title: str
    line: int
    readings: tuple[Reading, ...]
    problems: tuple[Problem, ...]
    source: str
    dialect: Dialect
    cites: str = ""


Block = Heading | Paragraph | Claim


@dataclass(frozen=True, slots=True)
class Document:
    """A whole text. `problems` are those that belong to no claim; `all_problems` has the claims' as well."""

    path: str
    title: str
    author: str
    date: str
    blocks: tuple[Block, ...]
    problems: tuple[Problem, ...]

    @property
    def subtitle(self) -> str:
        return " · ".join(part for part in (self.author, self.date) if part)

    @property
    def claims(self) -> tuple[Claim, ...]:
        return tuple(block for block in self.blocks if isinstance(block, Claim))

    @property
    def all_problems(self) -> tuple[Problem, ...]:
        found = [*self.problems, *(problem for claim in self.claims for problem in claim.problems)]
        return tuple(sorted(found, key=lambda problem: (problem.line, problem.column)))
