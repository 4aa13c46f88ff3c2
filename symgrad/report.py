"""Reports of checked files: the JSON object of the command line's contract, and the same as text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from .judged import CODES

if TYPE_CHECKING:
    from .files import FileError
    from .judged import Judged
    from .kernel.certificate import Statement
    from .notation.document import Claim, Dialect, Document, Problem, Reading
    from .verdict import Counterexample, Inline, Matrix


def file_report(document: Document, judged: list[Judged]) -> dict[str, Any]:
    """{"path", "verdict", "claims", "problems"} of one file; the verdict is the worst of its claims."""
    claims = [_claim(claim, [one for one in judged if one.claim is claim]) for claim in document.claims]
    problems = [_problem(one) for one in document.problems]
    if not claims and not problems:
        problems = [{"line": 1, "column": 1, "reason": "no display holds a relation", "excerpt": ""}]
    verdicts = [claim["verdict"] for claim in claims] + ["unreadable"] * bool(problems)
    return {"path": document.path, "verdict": _worst(verdicts), "claims": claims, "problems": problems}


def missing_report(error: FileError) -> dict[str, Any]:
    """The report of a file that cannot be used; line and column are 0 where there are none."""
    problem = {"line": error.line, "column": error.column, "reason": error.message, "excerpt": ""}
    return {"path": str(error.path), "verdict": "unreadable", "claims": [], "problems": [problem]}


def _worst(verdicts: Iterable[str]) -> str:
    found = set(verdicts)
    return next(status for status in CODES if status in found)


def _claim(claim: Claim, judged: list[Judged]) -> dict[str, Any]:
    if claim.problems:
        relations = [_unread(one) for one in claim.problems]
    else:
        relations = [_relation(claim, one) for one in judged]
    scopes = {one.verdict.scope for one in judged if one.verdict.scope}
    verdict = _worst(relation["verdict"] for relation in relations)
    return {
        "id": claim.label,
        "line": claim.line,
        "verdict": verdict,
        "scope": " / ".join(sorted(scopes)) if verdict == "proved" else "",
        "relations": relations,
    }


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "line": problem.line,
        "column": problem.column,
        "reason": problem.message,
        "excerpt": problem.caret,
    }


def _unread(problem: Problem) -> dict[str, Any]:
    return {
        **_problem(problem),
        "relation": "",
        "reading": "",
        "verdict": "unreadable",
        "expected": "proved",
        "scope": "",
        "counterexample": None,
        "suggestion": None,
        "remarks": [],
    }


def _relation(claim: Claim, one: Judged) -> dict[str, Any]:
    reading = next(reading for reading in claim.readings if reading.name == one.reading)
    read = reading.statements[one.place]
    verdict = one.verdict
    return {
        "line": read.line,
        "column": read.column,
        "relation": read.statement.relation,
        "reading": one.reading,
        "verdict": verdict.status,
        "expected": one.expect,
        "scope": verdict.scope if verdict.status == "proved" else "",
        "reason": verdict.reason,
        "counterexample": _counterexample(verdict.counterexample) if verdict.counterexample else None,
        "suggestion": _suggestion(reading, read.statement) if verdict.status == "refuted" else None,
        "remarks": [_remark(remark.text, reading.dialect) for remark in verdict.remarks],
    }


def _suggestion(reading: Reading, refuted: Statement) -> str | None:
    """What the left side of a refuted equation comes to, proved, in LaTeX; None where that is not known."""
    from .engine.derive import derive
    from .engine.trail import StuckError
    from .notation.write import latex

    if refuted.relation != "=":
        return None
    try:
        found, attempt = derive(refuted.left, reading.context)
    except StuckError:
        return None
    return latex(found, reading.dialect) if attempt.proved else None


def _remark(text: Iterable[Inline], dialect: Dialect) -> str:
    from .notation.write import plain

    return "".join(part if isinstance(part, str) else plain(part, dialect) for part in text)


def _counterexample(found: Counterexample) -> dict[str, Any]:
    return {
        **dict(found.sizes),
        **dict(found.times),
        "values": {name: _matrix(rows) for name, rows in found.values.items()},
        "left": _matrix(found.left),
        "right": _matrix(found.right),
        "seed": found.seed,
        "description": found.describe(),
    }


def _matrix(rows: Matrix) -> list[list[Any]]:
    return [[_entry(entry) for entry in row] for row in rows]


def _entry(entry: Any) -> Any:
    return [str(entry.lo), str(entry.hi)] if hasattr(entry, "lo") else str(entry)


def print_report(report: dict[str, Any]) -> None:
    """One line a relation, `path:line:column: verdict: reason`, and what belongs to it beneath."""
    path = report["path"]
    for problem in report["problems"]:
        place = f"{path}:{problem['line']}:{problem['column']}" if problem["line"] else path
        print(f"{place}: unreadable: {problem['reason']}")
        _print_excerpt(problem)
    for claim in report["claims"]:
        for relation in claim["relations"]:
            _print_relation(path, claim, relation)


def _print_excerpt(problem: dict[str, Any]) -> None:
    for line in problem["excerpt"].splitlines():
        print(f"    {line}")


def _print_relation(path: str, claim: dict[str, Any], relation: dict[str, Any]) -> None:
    what = relation["scope"] if relation["verdict"] == "proved" else relation["reason"]
    reading = f" ({relation['reading']})" if relation["reading"] else ""
    place = f"{path}:{relation['line']}:{relation['column']}"
    print(f"{place}: {relation['verdict']}: {claim['id']}{reading}: {what}{_expectation(relation)}")
    if relation["verdict"] == "unreadable":
        _print_excerpt(relation)
    if relation["counterexample"] is not None:
        for line in relation["counterexample"]["description"].splitlines():
            print(f"    {line}")
    if relation["suggestion"] is not None:
        print(f"    suggestion: {relation['suggestion']}")
    for remark in relation["remarks"]:
        print(f"    remark: {remark}")


def _expectation(relation: dict[str, Any]) -> str:
    if relation["verdict"] == relation["expected"]:
        return "" if relation["expected"] == "proved" else " (as expected)"
    return "" if relation["expected"] == "proved" else f" (expected: {relation['expected']})"
