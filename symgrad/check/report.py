"""What is reported of a checked text: plain records without terms, which a worker can hand over.

How they are printed is decided in `terminal.py` and `page.py`; as JSON, in `data.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from ..elaborate.wording import show_bound
from ..judged import CODES, exit_code
from ..kernel.affine import Affine
from ..kernel.term import SCALAR
from ..notation.write import latex, plain
from ..rounding import ends
from ..verdict import value_symbol

if TYPE_CHECKING:
    from ..judged import Judged
    from ..kernel.certificate import Statement
    from ..kernel.term import Term
    from ..notation.document import Claim, Dialect, Document, Problem, ReadRelation
    from ..verdict import Counterexample, Inline, Matrix, Remark, Verdict

Entry = Fraction | tuple[Fraction, Fraction]
Rows = tuple[tuple[Entry, ...], ...]


@dataclass(frozen=True, slots=True)
class ProblemReport:
    """What keeps a text, or a part of it, from being judged. Line and column are 0 where there are none; `excerpt` is
    the line with a caret under the column."""

    line: int
    column: int
    verdict: str
    reason: str
    excerpt: str = ""


@dataclass(frozen=True, slots=True)
class ValueReport:
    """A given matrix: its name, such as `alpha` or `h[0]`, that name as it is printed, and the matrix."""

    name: str
    letters: str
    rows: Rows


@dataclass(frozen=True, slots=True)
class CounterexampleReport:
    """An instance that refutes. Entries are rationals, or pairs of them that enclose the value; `entry` (row and
    column, from 1) is where the relation fails. `functions` says what each arbitrary function stands for."""

    sizes: tuple[tuple[str, int], ...]
    times: tuple[tuple[str, int], ...]
    functions: tuple[tuple[str, str], ...]
    values: tuple[ValueReport, ...]
    left: Rows
    right: Rows
    entry: tuple[int, int]
    seed: int
    description: str


@dataclass(frozen=True, slots=True)
class SuggestionReport:
    """What would have been right: in words, and the formula they end in as plain text and as LaTeX."""

    words: str
    formula: str
    latex: str


@dataclass(frozen=True, slots=True)
class RelationReport:
    """One link of a chain under one reading: where it stands, how it was read, and what was found.

    `conditions` are those that the text writes beside it, `hypotheses` what its proof used, of these and of everything
    else that is declared. `follows_from` is the line of an earlier wrong relation that this one follows from, or 0.
    Of a `wanted` relation the text only gives the left side.
    """

    line: int
    column: int
    relation: str
    reading: str
    statement: str
    verdict: str
    expected: str
    scope: str = ""
    reason: str = ""
    excerpt: str = ""
    counterexample: CounterexampleReport | None = None
    suggestion: SuggestionReport | None = None
    follows_from: int = 0
    conditions: tuple[str, ...] = ()
    hypotheses: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    wanted: bool = False

    @property
    def is_wrong(self) -> bool:
        """Whether what the text says is false: refuted, or proved although the text expects otherwise."""
        return self.verdict != self.expected and self.verdict in ("refuted", "proved")


@dataclass(frozen=True, slots=True)
class ClaimReport:
    """A display with its relations; the verdict is the one that counts most among theirs."""

    id: str
    line: int
    verdict: str
    scope: str
    relations: tuple[RelationReport, ...]


@dataclass(frozen=True, slots=True)
class FileReport:
    """A text with its claims, the line of the first wrong relation (0 if there is none), and its exit code."""

    path: str
    verdict: str
    claims: tuple[ClaimReport, ...]
    problems: tuple[ProblemReport, ...]
    first_wrong: int
    code: int

    @property
    def relations(self) -> tuple[RelationReport, ...]:
        return tuple(relation for claim in self.claims for relation in claim.relations)

    def count(self, verdict: str) -> int:
        """How many relations, and problems beside them, have that verdict."""
        found = [*(one.verdict for one in self.relations), *(one.verdict for one in self.problems)]
        return found.count(verdict)


def file_report(document: Document, judged: list[Judged]) -> FileReport:
    """The report of a text whose claims were judged."""
    claims = tuple(_claim(claim, [one for one in judged if one.claim is claim]) for claim in document.claims)
    problems = tuple(_problem(one) for one in document.problems)
    if not claims and not problems:
        problems = (ProblemReport(1, 1, "unreadable", "no display holds a relation"),)
    wrong = [one.line for claim in claims for one in claim.relations if one.is_wrong]
    unread = bool(problems) or any(claim.problems for claim in document.claims)
    code = CODES["unreadable"] if unread else exit_code(judged)
    verdict = _worst([*(claim.verdict for claim in claims), *(one.verdict for one in problems)])
    return FileReport(document.path, verdict, claims, problems, min(wrong, default=0), code)


def failed_report(path: str, reason: str, line: int = 0, column: int = 0, verdict: str = "unreadable") -> FileReport:
    """The report of a text that was not judged at all."""
    problem = ProblemReport(line, column, verdict, reason)
    return FileReport(path, verdict, (), (problem,), 0, CODES[verdict])


def _worst(verdicts: Iterable[str]) -> str:
    found = set(verdicts)
    return next(status for status in CODES if status in found)


def _problem(problem: Problem) -> ProblemReport:
    return ProblemReport(problem.line, problem.column, "unreadable", problem.message, problem.caret)


def _claim(claim: Claim, judged: list[Judged]) -> ClaimReport:
    unread, read = map(_unread, claim.problems), (_relation(claim, one) for one in judged)
    relations = (*unread, *read)
    verdict = _worst(relation.verdict for relation in relations)
    scopes = {relation.scope for relation in relations if relation.scope}
    scope = " / ".join(sorted(scopes)) if verdict == "proved" else ""
    return ClaimReport(claim.label, claim.line, verdict, scope, relations)


def _unread(problem: Problem) -> RelationReport:
    return RelationReport(
        problem.line,
        problem.column,
        relation="",
        reading="",
        statement="",
        verdict="unreadable",
        expected="proved",
        reason=problem.message,
        excerpt=problem.caret,
    )


def _relation(claim: Claim, one: Judged) -> RelationReport:
    reading = next(reading for reading in claim.readings if reading.name == one.reading)
    read, verdict, dialect = reading.statements[one.place], one.verdict, reading.dialect
    found = verdict.counterexample
    return RelationReport(
        line=read.line,
        column=read.column,
        relation=read.statement.relation,
        reading=one.reading,
        statement=plain(_said(read, verdict), dialect),
        verdict=verdict.status,
        expected=one.expect,
        scope=verdict.scope if verdict.status == "proved" else "",
        reason=verdict.reason,
        counterexample=None if found is None else _counterexample(found, dialect),
        suggestion=None if one.suggestion is None else _suggestion(one.suggestion, dialect),
        follows_from=one.follows_from,
        conditions=tuple(_words((shown(condition),), dialect) for condition in read.conditions),
        hypotheses=tuple(_words((hypothesis,), dialect) for hypothesis in verdict.hypotheses),
        remarks=tuple(_words(remark.text, dialect) for remark in verdict.remarks),
        wanted=read.wanted is not None,
    )


def _said(read: ReadRelation, verdict: Verdict) -> Statement | Term:
    """The relation; of one that is wanted what was found, or its left side if that is all there is."""
    return (verdict.statement or read.statement.left) if read.wanted else read.statement


def _words(text: Iterable[Inline], dialect: Dialect) -> str:
    return "".join(part if isinstance(part, str) else plain(part, dialect) for part in text)


def shown(condition: Inline | Affine) -> Inline:
    """A condition as it is printed: k - 1 >= 0 is "k ≥ 1"."""
    return show_bound(condition) if isinstance(condition, Affine) else condition


def _suggestion(suggestion: Remark, dialect: Dialect) -> SuggestionReport:
    *words, last = suggestion.text
    if isinstance(last, str):
        return SuggestionReport(_words(suggestion.text, dialect), "", "")
    return SuggestionReport(_words(words, dialect).rstrip(": "), plain(last, dialect), latex(last, dialect))


def _counterexample(found: Counterexample, dialect: Dialect) -> CounterexampleReport:
    i, j = found.entry or (0, 0)
    return CounterexampleReport(
        sizes=tuple(found.sizes.items()),
        times=tuple(found.times.items()),
        functions=tuple((_letters(name, dialect), known) for name, known in found.functions.items()),
        values=tuple(ValueReport(name, _letters(name, dialect), _rows(rows)) for name, rows in found.values.items()),
        left=_rows(found.left),
        right=_rows(found.right),
        entry=(i + 1, j + 1),
        seed=found.seed,
        description=found.describe(),
    )


def _letters(name: str, dialect: Dialect) -> str:
    """The name of a value in the letters of the text; "gradient of L" keeps its words."""
    found = value_symbol(name, SCALAR)
    if found is None:
        return name
    symbol, is_gradient = found
    return "gradient of " * is_gradient + plain(symbol, dialect)


def _rows(matrix: Matrix) -> Rows:
    return tuple(tuple(_entry(entry) for entry in row) for row in matrix)


def _entry(entry: Any) -> Entry:
    low, high = ends(entry)
    return low if low == high else (low, high)
