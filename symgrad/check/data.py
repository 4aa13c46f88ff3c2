"""Reports as JSON: the contract of the command line. `docs/check.md` describes every field."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

from .report import ClaimReport, CounterexampleReport, FileReport, ProblemReport, RelationReport, Rows
from .summary import Summary


def json_text(reports: Iterable[FileReport]) -> Iterator[str]:
    """The object as pieces of text, a file at a time, so that many files need no more memory than one."""
    summary = Summary()
    yield '{\n "files": ['
    for report in reports:
        yield ",\n" if summary.files else "\n"
        summary = summary.with_file(report)
        yield _dumps(file_data(report), "  ")
    yield f'\n ],\n "summary":{_dumps(asdict(summary), " ")}\n}}\n'


def _dumps(data: dict[str, Any], margin: str) -> str:
    """With a margin on the left: in JSON a line only ends between values, never within one."""
    return margin + json.dumps(data, indent=1, ensure_ascii=False).replace("\n", "\n" + margin)


def file_data(report: FileReport) -> dict[str, Any]:
    return {
        "path": report.path,
        "verdict": report.verdict,
        "first_wrong": report.first_wrong or None,
        "claims": [_claim(one) for one in report.claims],
        "problems": [_problem(one) for one in report.problems],
    }


def _problem(problem: ProblemReport) -> dict[str, Any]:
    return asdict(problem)


def _claim(claim: ClaimReport) -> dict[str, Any]:
    return {
        "id": claim.id,
        "line": claim.line,
        "verdict": claim.verdict,
        "scope": claim.scope,
        "relations": [_relation(one) for one in claim.relations],
    }


def _relation(relation: RelationReport) -> dict[str, Any]:
    found, hint = relation.counterexample, relation.suggestion
    return {
        **{name: getattr(relation, name) for name in _PLAIN},
        "suggestion": None if hint is None else ": ".join(filter(None, (hint.words, hint.formula))),
        "corrected": None if hint is None else hint.latex or None,
        "follows_from": relation.follows_from or None,
        "counterexample": None if found is None else _counterexample(found),
        "conditions": list(relation.conditions),
        "hypotheses": list(relation.hypotheses),
        "remarks": list(relation.remarks),
    }


_PLAIN = (
    "line", "column", "relation", "reading", "statement", "verdict", "expected", "scope", "reason", "excerpt",
)  # fmt: skip


def _counterexample(found: CounterexampleReport) -> dict[str, Any]:
    """Sizes and times stand both on their own, as in {"n": 2, "k": 1}, and by kind; a name such as `left` cannot hide a
    field."""
    return {
        **dict(found.sizes),
        **dict(found.times),
        "sizes": dict(found.sizes),
        "times": dict(found.times),
        "functions": dict(found.functions),
        "values": {one.name: _matrix(one.rows) for one in found.values},
        "left": _matrix(found.left),
        "right": _matrix(found.right),
        "entry": list(found.entry),
        "seed": found.seed,
        "description": found.description,
    }


def _matrix(rows: Rows) -> list[list[str | list[str]]]:
    return [[[str(end) for end in entry] if isinstance(entry, tuple) else str(entry) for entry in row] for row in rows]
