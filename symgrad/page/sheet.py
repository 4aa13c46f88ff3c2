"""From a document and its verdicts to the view of a sheet.

Every mark and every count comes from a verdict; a claim without one is "not checked", which is not "proved".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from types import MappingProxyType
from typing import TYPE_CHECKING

from ..kernel.certificate import Context, Statement
from ..kernel.term import OrderedProduct, walk
from ..notation.document import Claim, Dialect, Document, Emphasis, Heading, Math, Paragraph, Strong, Text
from ..notation.document import Inline as Written
from ..rounding import digits_apart
from ..verdict import Counterexample, Derivation, Row, Verdict
from .figures import unrolled
from .layered import layered
from .printing import (
    Formula,
    Piece,
    Printer,
    Style,
    Styled,
    choices,
    relation,
    table,
)
from .typeset import phrase, words
from .view import (
    Block,
    ClaimView,
    Count,
    DerivationView,
    Entry,
    GroupView,
    HeadingView,
    Mark,
    ModelView,
    ParagraphView,
    ReadingView,
    RowView,
    Sheet,
    WitnessView,
)

if TYPE_CHECKING:
    from ..plot import Plot

Judged = tuple[str, str, Verdict]
Shown = dict[Derivation, str]
MAX_DETAIL = 60
_GROUPS = {"base": "base case", "step": "step"}


def build_sheet(document: Document, verdicts: Mapping[str, Sequence[Judged]], *, plot: Plot | None = None) -> Sheet:
    """The view of a document whose claims were judged.

    `verdicts` has, for a claim's label, (name of the reading, expected status, verdict) for each reading. Raises
    MissingPhraseError for a step whose rule has no phrase.
    """
    blocks = _Blocks(document, verdicts).built()
    claims = [block for block in blocks if isinstance(block, ClaimView)]
    return Sheet(
        title=document.title or document.path,
        subtitle=document.subtitle,
        layout=_layouts(document),
        counts=_counts(claims),
        entries=tuple(_entry(claim) for claim in claims if claim.number),
        problems=tuple(str(problem) for problem in document.problems),
        blocks=tuple(blocks),
        plot=plot,
    )


def _entry(claim: ClaimView) -> Entry:
    return Entry(claim.anchor, claim.number, tuple(reading.mark for reading in claim.readings))


def _layouts(document: Document) -> tuple[str, ...]:
    """The layouts that the claims are written in."""
    return tuple(sorted({claim.dialect.layout for claim in document.claims}))


class _Blocks:
    """Walks the blocks of a document and puts a model, with its graph, before its first claim."""

    def __init__(self, document: Document, verdicts: Mapping[str, Sequence[Judged]]) -> None:
        self.document = document
        self.verdicts = verdicts
        self.seen: set[object] = set()
        self.shown: Shown = {}
        self.written: set[str] = set()

    def built(self) -> list[Block]:
        return [view for block in self.document.blocks for view in self._views(block)]

    def _views(self, block: Heading | Paragraph | Claim) -> list[Block]:
        match block:
            case Heading():
                return [HeadingView(block.level, block.text)]
            case Paragraph():
                pieces = tuple(written(block.inlines))
                self.written |= {_bare(piece) for piece in pieces if isinstance(piece, Formula)}
                return [ParagraphView(pieces)]
            case Claim():
                model = self._model(block)
                claim = claim_view(block, self.verdicts.get(block.label, ()), self.shown)
                return [claim] if model is None else [model, claim]

    def _model(self, claim: Claim) -> ModelView | None:
        context = claim.readings[0].context if claim.readings else None
        if context is None or not context.recurrence or context.recurrence in self.seen:
            return None
        self.seen.add(context.recurrence)
        printer = Printer(claim.dialect)
        path, number = self._path(context)
        equations = tuple(printer.formula(Statement(one.head, "=", one.body)) for one in context.recurrence)
        graph = unrolled(context, printer, path, number) or layered(context, printer)
        if all(_bare(one) in self.written for one in equations):
            return None if graph is None else ModelView((), (), graph)
        return ModelView(equations, _notes(context, printer), graph)

    def _path(self, context: Context) -> tuple[Statement | None, str]:
        """The first proved claim about this model that has an ordered product: its factors are drawn."""
        for claim in self.document.claims:
            for _, _, verdict in self.verdicts.get(claim.label, ()):
                about = claim.readings and claim.readings[0].context.recurrence == context.recurrence
                if about and verdict.proved and verdict.statement is not None and _has_product(verdict.statement):
                    return verdict.statement, claim.number
        return None, ""


def _bare(formula: Formula) -> str:
    """A formula without spaces, braces and fonts, to see whether the prose has it already."""
    return re.sub(r"\\(?:math[a-z]+|boldsymbol)|[{}\s]", "", formula.latex)


def _has_product(statement: Statement) -> bool:
    return any(isinstance(part, OrderedProduct) and part.shape != (1, 1) for part in walk(statement.right))


def _notes(context: Context, printer: Printer) -> tuple[tuple[Piece, ...], ...]:
    return tuple(
        (
            printer.formula(loss.head),
            " is any differentiable function of ",
            printer.formula(loss.on),
            " alone.",
        )
        for loss in context.losses
    )


def written(inlines: Iterable[Written], style: Style | None = None) -> Iterable[Piece]:
    """Prose as pieces; mathematics that could not be read is shown as code."""
    for inline in inlines:
        match inline:
            case Text():
                yield Styled(style, typographic(inline.text)) if style else typographic(inline.text)
            case Emphasis():
                yield from written(inline.inlines, "emphasis")
            case Strong():
                yield from written(inline.inlines, "strong")
            case Math():
                yield inline_math(inline)


def typographic(text: str) -> str:
    """Dashes and quotation marks as TeX makes them."""
    for source, mark in (("---", "—"), ("--", "–"), ("``", "“"), ("''", "”"), ("`", "‘"), ("'", "’"), ("~", "\u00a0")):
        text = text.replace(source, mark)
    return text


def claim_view(claim: Claim, judged: Sequence[Judged], shown: Shown) -> ClaimView:
    """A claim with a view of each of its readings. `shown` gathers the lemmas and where they were proved."""
    anchor = "claim-" + re.sub(r"[^A-Za-z0-9]+", "-", claim.label).strip("-")
    printer = Printer(claim.dialect)
    views = tuple(
        with_question(reading_view(name, expect, verdict, printer, shown), claim, printer)
        for name, expect, verdict in judged
    )
    for _, _, verdict in judged:
        shown.update({lemma: claim.number for lemma in verdict.lemmas if claim.number and lemma not in shown})
    if not views:
        views = (_unjudged(claim),)
    problems = tuple(str(problem) for problem in claim.problems)
    return ClaimView(anchor, claim.number, claim.title, views, problems, claim.source, claim.cites)


def with_question(view: ReadingView, claim: Claim, printer: Printer) -> ReadingView:
    """The view; of a gradient that was asked for and not found, with the gradient."""
    asked = (one for reading in claim.readings if reading.name == view.name for one in reading.statements if one.wanted)
    link = next(asked, None) if view.statement is None else None
    return view if link is None else replace(view, statement=printer.formula(link.statement.left))


def _unjudged(claim: Claim) -> ReadingView:
    mark: Mark = "unreadable" if claim.problems else "unchecked"
    relations = [one.statement for reading in claim.readings for one in reading.statements]
    statement = Printer(claim.dialect).formula(relations[-1]) if relations else None
    return ReadingView("", mark, False, _headline(mark, "proved"), statement, (), "", (), (), (), None, (), "")


def reading_view(
    name: str, expect: str, verdict: Verdict, printer: Printer, shown: Mapping[Derivation, str] = MappingProxyType({})
) -> ReadingView:
    """One verdict as it is shown. A proof with a row that was not accepted is no proof."""
    mark: Mark = verdict.status
    reason = verdict.reason
    if verdict.status == "proved" and not verdict.proved:
        mark, reason = "undecided", "the kernel did not accept every step"
    return ReadingView(
        name=name,
        mark=mark,
        expected=mark == expect,
        headline=_headline(mark, expect),
        statement=None if verdict.statement is None else printer.formula(verdict.statement),
        scope=printer.lettered(verdict.scope),
        reason=reason,
        tried=verdict.tried,
        hypotheses=tuple(printer.pieces((one,)) for one in dict.fromkeys(verdict.hypotheses)),
        derivations=_derivations(verdict, printer, shown),
        witness=None if verdict.counterexample is None else _witness(verdict.counterexample, printer),
        remarks=tuple(printer.pieces(remark.text) for remark in verdict.remarks),
        rerun=verdict.rerun,
    )


def _headline(mark: Mark, expect: str) -> str:
    """ "Refuted, as the sheet says": the status, and whether the document asked for it where that is not a proof."""
    if mark == expect == "proved" or mark in ("unreadable", "unchecked"):
        return words("headline", mark).plain
    return words("headline", f"{mark}_expected" if mark == expect else f"{mark}_instead").plain


def _derivations(verdict: Verdict, printer: Printer, shown: Mapping[Derivation, str]) -> tuple[DerivationView, ...]:
    """The lemmas, and the proof of the claim: what ends in its statement, or says nothing else."""
    claims = [one for one in verdict.lemmas if one.statement is None or one.statement == verdict.statement]
    return tuple(_derivation(one, claims, printer, shown.get(one, "")) for one in verdict.lemmas)


def _derivation(
    derivation: Derivation, claims: Sequence[Derivation], printer: Printer, shown_at: str
) -> DerivationView:
    is_claim = derivation in claims
    rows = [] if shown_at and not is_claim else list(enumerate(derivation.rows, 1))
    groups = tuple(
        GroupView(_group_title(derivation.how, group), tuple(_row(number, row, printer) for number, row in part))
        for group, part in groupby(rows, key=lambda numbered: numbered[1].group)
    )
    return DerivationView(
        name=derivation.name,
        statement=None if derivation.statement is None else printer.formula(derivation.statement),
        how="" if derivation.how == "chain" else derivation.how,
        groups=groups,
        is_claim=is_claim,
        folded=bool(claims) and not is_claim,
        accepted=derivation.accepted,
        shown_at="" if rows else shown_at,
    )


def _group_title(how: str, group: str) -> str:
    return f"{how[:1].upper()}{how[1:]}: {_GROUPS.get(group, group)}" if group else ""


def _row(number: int, row: Row, printer: Printer) -> RowView:
    left = None if row.left is None else printer.formula(row.left)
    rule = _rule(row, printer)
    return RowView(number, left, relation(row.relation), printer.formula(row.right), rule, row.accepted)


def _rule(row: Row, printer: Printer) -> tuple[Piece, ...]:
    """The phrase of the rule with its detail, unless that is too long to stand beside a formula."""
    detail = printer.pieces(row.detail)
    if sum(len(piece) if isinstance(piece, str) else len(piece.plain) for piece in detail) > MAX_DETAIL:
        detail = ()
    before, after = phrase(row.rule, detailed=bool(detail))
    return (before, *detail, after)


def _witness(found: Counterexample, printer: Printer) -> WitnessView:
    zeros = [name for name, matrix in found.values.items() if not any(entry for row in matrix for entry in row)]
    digits = digits_apart(found.left, found.right, found.entry)
    return WitnessView(
        where=choices([*found.sizes.items(), *found.times.items(), *found.functions.items()]),
        values=tuple(printer.values(name, found.values[name]) for name in found.values if name not in zeros),
        zeros=tuple(piece for name in zeros for piece in (", ", printer.name(name, found.values[name])))[1:],
        left=table(found.left, found.entry, digits),
        right=table(found.right, found.entry, digits),
        entry="" if found.entry is None else f"({found.entry[0] + 1}, {found.entry[1] + 1})",
        seed=str(found.seed),
    )


def _counts(claims: list[ClaimView]) -> tuple[Count, ...]:
    readings = [reading for claim in claims for reading in claim.readings]
    kinds = [_kind(reading) for reading in readings]
    rows = [row for reading in readings for one in reading.derivations for group in one.groups for row in group.rows]
    accepted = sum(row.accepted for row in rows)
    found = [("proved", "proved", kinds.count("proved"))]
    for mark, kind in (("refuted", "expected"), ("refuted", "refuted"), ("undecided", "undecided")):
        found.append((mark, kind, kinds.count(kind)))
    found += [(kind, kind, kinds.count(kind)) for kind in ("unreadable", "unchecked")]
    found.append(("remark", "unexpected", sum(_surprising(reading) for reading in readings)))
    found.append(("remark", "remark", sum(len(reading.remarks) for reading in readings)))
    shown = [Count(mark, _word(kind), str(number)) for mark, kind, number in found if number or kind == "proved"]
    steps = f"{accepted}" if accepted == len(rows) else f"{accepted} of {len(rows)}"
    return (*shown, Count("", _word("steps"), steps))


def _word(kind: str) -> str:
    return words("summary", kind).plain


def _kind(reading: ReadingView) -> str:
    return "expected" if reading.mark == "refuted" and reading.expected else reading.mark


def _surprising(reading: ReadingView) -> bool:
    return not reading.expected and reading.mark == "proved"


def inline_math(math: Math) -> Piece:
    """A formula inside prose."""
    return Styled("code", math.source) if math.content is None else Printer(Dialect()).formula(math)
