"""Reports of checked files: the JSON object of the command line's contract, and the same as text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .commands import Judged
    from .notation.document import Claim, Document

WORST_FIRST = ("unreadable", "refuted", "undecided", "proved")


def file_report(document: Document, judged: list[Judged]) -> dict[str, Any]:
    """{"path", "verdict", "claims"} of one file; the verdict is the worst of its claims."""
    claims = [_claim(claim, [one for one in judged if one.claim is claim]) for claim in document.claims]
    problems = [_problem(one) for one in document.problems]
    verdicts = [claim["verdict"] for claim in claims] + ["unreadable"] * bool(problems or not claims)
    return {"path": document.path, "verdict": _worst(verdicts), "claims": claims, "problems": problems}


def _worst(verdicts: Iterable[str]) -> str:
    found = set(verdicts)
    return next(status for status in WORST_FIRST if status in found)


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


def _unread(problem: Any) -> dict[str, Any]:
    empty: dict[str, Any] = {"relation": "", "counterexample": None, "suggestion": None, "remarks": []}
    return {**_problem(problem), "verdict": "unreadable", **empty}


def _problem(problem: Any) -> dict[str, Any]:
    return {"line": problem.line, "column": problem.column, "reason": problem.message}


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
        "reason": verdict.reason,
        "counterexample": _counterexample(verdict.counterexample) if verdict.counterexample else None,
        "suggestion": None,
        "remarks": [_remark(remark.text, reading.dialect) for remark in verdict.remarks],
    }


def _remark(text: Iterable[Any], dialect: Any) -> str:
    from .notation.write import plain

    return "".join(part if isinstance(part, str) else plain(part, dialect) for part in text)


def _counterexample(found: Any) -> dict[str, Any]:
    return {
        **dict(found.sizes),
        **dict(found.times),
        "values": {name: _matrix(rows) for name, rows in found.values.items()},
        "left": _matrix(found.left),
        "right": _matrix(found.right),
        "seed": found.seed,
    }


def _matrix(rows: Iterable[Iterable[Any]]) -> list[list[Any]]:
    return [[_entry(entry) for entry in row] for row in rows]


def _entry(entry: Any) -> Any:
    return [str(entry.lo), str(entry.hi)] if hasattr(entry, "lo") else str(entry)


def print_report(report: dict[str, Any]) -> None:
    """One line a relation, `path:line:column: verdict: reason`, and the counterexample beneath it."""
    path = report["path"]
    for problem in report["problems"]:
        print(f"{path}:{problem['line']}:{problem['column']}: unreadable: {problem['reason']}")
    for claim in report["claims"]:
        for relation in claim["relations"]:
            _print_relation(path, claim, relation)
    if not report["claims"] and not report["problems"]:
        print(f"{path}: unreadable: no display holds a relation")


def _print_relation(path: str, claim: dict[str, Any], relation: dict[str, Any]) -> None:
    what = claim["scope"] if relation["verdict"] == "proved" else relation["reason"]
    reading = f" ({relation['reading']})" if relation.get("reading") else ""
    place = f"{path}:{relation['line']}:{relation['column']}"
    print(f"{place}: {relation['verdict']}: {claim['id']}{reading}: {what}")
    found = relation["counterexample"]
    if found is not None:
        counts = ", ".join(f"{name} = {value}" for name, value in found.items() if isinstance(value, int))
        print(f"    {counts}")
        for name, rows in found["values"].items():
            print(f"    {name} = {_row(rows)}")
        print(f"    left side = {_row(found['left'])}\n    right side = {_row(found['right'])}")
    for remark in relation["remarks"]:
        print(f"    remark: {remark}")


def _row(rows: list[list[Any]]) -> str:
    shown = ["; ".join(" ".join(_show(entry) for entry in row) for row in rows)]
    return shown[0] if len(rows) == 1 and len(rows[0]) == 1 else f"[{shown[0]}]"


def _show(entry: Any) -> str:
    return f"[{entry[0]}, {entry[1]}]" if isinstance(entry, list) else str(entry)
