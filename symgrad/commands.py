"""The commands, one function each: read files, judge, print, write. `cli.py` parses; this module does."""

from __future__ import annotations

import argparse
import json
import re
import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from .cli import UserError

if TYPE_CHECKING:
    from .kernel.certificate import Certificate, Context, Statement
    from .notation.document import Claim, Document
    from .verdict import Verdict

MAX_BYTES = 2_000_000
FORMATS = ("tex", "html", "pdf")


@dataclass(frozen=True, slots=True)
class Judged:
    """One link of one reading of one claim, with its verdict."""

    claim: Claim
    reading: str
    expect: str
    verdict: Verdict
    place: int = 0

    @property
    def as_expected(self) -> bool:
        return self.verdict.status == self.expect

    @property
    def file_name(self) -> str:
        words = [self.claim.label, self.reading, str(self.place + 1) if self.place else ""]
        return re.sub(r"[^A-Za-z0-9.]+", "-", "-".join(word for word in words if word)).strip("-.") or "claim"


def sheet(given: argparse.Namespace) -> int:
    """Derive, prove and typeset every claim of a sheet."""
    source = _sheet_source(Path(given.path))
    document = _read(source)
    if document.all_problems:
        return _complain(document)
    if not document.claims:
        raise UserError(f"{source}: there is no claim to prove: no display holds a relation")
    wanted = _formats(given.to)
    folder = Path(given.output) if given.output else Path("build") / source.stem
    judged = [_with_rerun(one, folder) for one in _judged(document)]
    _write_sheet(document, judged, folder, source, wanted, figures=not given.no_figures)
    return _exit_code(judged)


def _sheet_source(path: Path) -> Path:
    """The .tex file that is meant: the file itself, or the one in a folder."""
    if not path.is_dir():
        return path
    named = path / f"{path.resolve().name}.tex"
    found = [named] if named.is_file() else sorted(path.glob("*.tex"))
    if len(found) != 1:
        raise UserError(f"{path}: expected one .tex file in this folder, found {len(found)}")
    return found[0]


def _read(path: Path) -> Document:
    from .notation.read import read_document

    return read_document(_text(path), str(path))


def _text(path: Path) -> str:
    try:
        if path.is_dir():
            raise UserError(f"{path}: this is a folder, not a file")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UserError(f"{path}: {error.strerror or error}") from None
    if len(data) > MAX_BYTES:
        raise UserError(f"{path}: larger than {MAX_BYTES:,} bytes")
    if not data.strip():
        raise UserError(f"{path}: the file is empty")
    if b"\0" in data:
        raise UserError(f"{path}: this is a binary file, not text")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UserError(f"{path}:{line}: not UTF-8 text") from None


def _formats(given: str | None) -> tuple[str, ...]:
    if given is None:
        return FORMATS if shutil.which("latexmk") else FORMATS[:2]
    wanted = tuple(word.strip() for word in given.split(",") if word.strip())
    unknown = [word for word in wanted if word not in FORMATS]
    if unknown or not wanted:
        raise UserError(f"--to takes any of {', '.join(FORMATS)}, not {given!r}")
    return wanted


def _complain(document: Document) -> int:
    for problem in document.all_problems:
        print(problem, file=sys.stderr)
        if problem.caret:
            print(problem.caret, file=sys.stderr)
    return 2


def _judged(document: Document) -> Iterator[Judged]:
    """Every reading of every claim, judged; says how far it is when this takes longer than a second."""
    from .judge import judge_reading

    readings = [(claim, reading) for claim in document.claims for reading in claim.readings]
    progress = _Progress(len(readings))
    for claim, reading in readings:
        progress.show(claim.label)
        for place, verdict in enumerate(judge_reading(claim, reading)):
            yield Judged(claim, reading.name, reading.expect, verdict, place)
    progress.clear()


class _Progress:
    """A line on standard error, from the second second on; overwritten on a terminal, one line a second elsewhere."""

    def __init__(self, total: int) -> None:
        self.total, self.done, self.last = total, 0, time.monotonic()
        self.shown = False

    def show(self, label: str) -> None:
        if time.monotonic() - self.last >= 1:
            terminal = sys.stderr.isatty()
            line = f"judged {self.done} of {self.total}, now {label}"
            print(f"\r\033[K{line}" if terminal else line, end="" if terminal else "\n", file=sys.stderr, flush=True)
            self.shown, self.last = terminal, self.last if terminal else time.monotonic()
        self.done += 1

    def clear(self) -> None:
        if self.shown:
            print("\r\033[K", end="", file=sys.stderr, flush=True)


def _with_rerun(one: Judged, folder: Path) -> Judged:
    command = f"symgrad verify {folder / 'certificates' / one.file_name}.json"
    return replace(one, verdict=replace(one.verdict, rerun=command))


def _write_sheet(
    document: Document, judged: list[Judged], folder: Path, source: Path, wanted: tuple[str, ...], *, figures: bool
) -> None:
    from .page import build_sheet, compile_pdf, render_html, render_latex, write_file

    verdicts: dict[str, list[tuple[str, str, Verdict]]] = {}
    for one in judged:
        verdicts.setdefault(one.claim.label, []).append((one.reading, one.expect, one.verdict))
    view = build_sheet(document, verdicts, plot=_plot(document, source) if figures else None)
    texts = {"tex": render_latex(view), "html": render_html(view)}
    _make_folder(folder / "certificates")
    for one in judged:
        for name, text in _evidence(one):
            write_file(folder / "certificates" / name, text)
    for kind, text in texts.items():
        if kind in wanted or (kind == "tex" and "pdf" in wanted):
            write_file(folder / f"{source.stem}.{kind}", text)
    _report(judged)
    complaint = compile_pdf(folder / f"{source.stem}.tex") if "pdf" in wanted else _no_latexmk(wanted)
    written = [folder / f"{source.stem}.{kind}" for kind in FORMATS if (folder / f"{source.stem}.{kind}").is_file()]
    print("wrote " + ", ".join(map(str, written)))
    if complaint:
        print(complaint, file=sys.stderr)


def _no_latexmk(wanted: tuple[str, ...]) -> str:
    from .page.render import NEEDED

    missing = shutil.which("latexmk") is None and wanted == FORMATS[:2]
    return f"no PDF: latexmk was not found; on Debian: apt-get install {NEEDED}" if missing else ""


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{folder}: {error.strerror or error}") from None


def _plot(document: Document, source: Path):  # type: ignore[no-untyped-def]
    """The plot that `plot.toml` beside the sheet asks for, if there is one."""
    path = source.with_name("plot.toml")
    if not path.is_file():
        return None
    from .network import UnmeasurableError
    from .plot import PlotError, read_plot

    claims: dict[str, tuple[Context, Statement]] = {
        claim.label: (reading.context, reading.statements[0].statement)
        for claim in document.claims
        for reading in claim.readings[:1]
    }
    try:
        return read_plot(_text(path), claims)
    except (PlotError, UnmeasurableError) as error:
        raise UserError(f"{path}: {error}") from None


def _evidence(one: Judged) -> Iterator[tuple[str, str]]:
    """The files that allow the verdict to be checked again."""
    from .instances import counterexample
    from .serialize import dumps

    found = one.verdict.counterexample
    if found is not None:
        yield f"{one.file_name}.json", counterexample.dumps(found)
    for place, certificate in enumerate((one.verdict.certificate, *one.verdict.also)):
        if one.verdict.status == "proved" and certificate is not None:
            yield f"{one.file_name}{f'-{place + 1}' if place else ''}.json", dumps(certificate)


def _report(judged: list[Judged]) -> None:
    width = max((len(_name(one)) for one in judged), default=0)
    for one in judged:
        verdict = one.verdict
        what = verdict.scope if verdict.status == "proved" else verdict.reason
        found = verdict.counterexample
        if found is not None:
            what = ", ".join(f"{name} = {value}" for name, value in (*found.sizes.items(), *found.times.items()))
        expected = "" if one.as_expected else f"  (expected: {one.expect})"
        if one.as_expected and one.expect != "proved":
            expected = "  (as the sheet says)"
        print(f"{_name(one):<{width}}  {verdict.status:<9}  {what}{expected}")


def _name(one: Judged) -> str:
    return f"{one.claim.label} ({one.reading})" if one.reading else one.claim.label


def _exit_code(judged: list[Judged]) -> int:
    surprising = {one.verdict.status for one in judged if not one.as_expected}
    if "unreadable" in surprising:
        return 2
    if surprising & {"refuted", "proved"}:
        return 1
    return 3 if surprising else 0


def check(given: argparse.Namespace) -> int:
    """Judge every claim of some files and report."""
    from .report import file_report, print_report

    reports = []
    for name in given.files:
        document = _read(Path(name))
        reports.append(file_report(document, list(_judged(document))))
    if given.format == "json":
        print(json.dumps({"files": reports}, indent=1, ensure_ascii=False))
    else:
        for report in reports:
            print_report(report)
    verdicts = {report["verdict"] for report in reports}
    return next((code for status, code in _CODES if status in verdicts), 0)


_CODES = (("unreadable", 2), ("refuted", 1), ("undecided", 3))


def verify(given: argparse.Namespace) -> int:
    """Re-check certificates with the kernel alone, and counterexamples with exact intervals alone."""
    return max((_verify(Path(name)) for name in given.files), default=0)


def _verify(path: Path) -> int:
    from .serialize import DecodeError, loads

    text = _text(path)
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        raise UserError(f"{path}: this is not JSON") from None
    if isinstance(data, dict) and "instance" in data:
        return _verify_counterexample(path, data)
    try:
        certificate = loads(text)
    except DecodeError as error:
        raise UserError(f"{path}: {error}") from None
    return _verify_certificate(path, certificate)


def _verify_certificate(path: Path, certificate: Certificate) -> int:
    from .kernel.check import check as judge_certificate

    judgement = judge_certificate(certificate)
    steps = [step for lemma in judgement.lemmas for step in lemma.steps]
    if judgement.accepted:
        print(f"{path}: proved: {len(steps)} steps in {len(judgement.lemmas)} lemmas accepted by the kernel")
        return 0
    rejected = [lemma.name for lemma in judgement.lemmas if not lemma.accepted]
    where = f" in {', '.join(rejected)}" if rejected else ""
    print(f"{path}: not proved: rejected{where}: {judgement.reason}")
    return 3


def _verify_counterexample(path: Path, data: object) -> int:
    from .instances import counterexample
    from .instances.instance import InstanceError

    try:
        confirmed = counterexample.recheck(data)
    except InstanceError as error:
        raise UserError(f"{path}: {error}") from None
    if not confirmed:
        print(f"{path}: not refuted: the instance does not give these values")
        return 3
    statement, context, instance, seed = counterexample.decode(data)
    found = counterexample.confirm(statement, context, instance, seed)
    print(f"{path}: refuted: confirmed with exact intervals")
    print(found.describe() if found else "")
    return 1


def derive(given: argparse.Namespace) -> int:
    """Print the steps of one gradient of a cell."""
    from .engine.trail import StuckError
    from .notation.problem import ReadError
    from .notation.read import read_header, read_term

    header = read_header(f"% symgrad: use {_cell_name(given.cell)}\n% symgrad: assume k >= 0\n")
    try:
        term = read_term(given.gradient, header.dialect)
    except ReadError as error:
        raise UserError(str(error)) from None
    from .engine.derive import derive as work_out
    from .judge import proved
    from .page import verdict_latex, verdict_text

    try:
        statement, attempt = work_out(term, header.context)
    except StuckError as error:
        print(f"undecided: {error}")
        return 3
    verdict = proved(attempt, statement, header.dialect)
    print((verdict_latex if given.format == "latex" else verdict_text)(verdict, header.dialect))
    return 0 if verdict.proved else 3


def _cell_name(name: str) -> str:
    from .notation.declarations import PROFILES

    if name not in PROFILES:
        raise UserError(f"no cell is called {name!r}; there are {', '.join(sorted(PROFILES))}")
    return name


def cells(given: argparse.Namespace) -> int:
    """List the cells that are known by name, with their equations."""
    from .notation.declarations import PROFILES
    from .notation.read import read_header
    from .notation.write import plain

    for name in sorted(PROFILES):
        header = read_header(f"% symgrad: use {name}\n")
        print(name)
        for one in header.context.recurrence:
            print(f"  {plain(one.head, header.dialect)} = {plain(one.body, header.dialect)}")
    return 0


def rules(given: argparse.Namespace) -> int:
    """List the rules of the kernel, or print one rule's page."""
    import inspect

    from .kernel import check as _  # noqa: F401  registers the rules
    from .kernel.rules import RULES

    if given.name is None:
        for name, function in sorted(RULES.items()):
            print(f"{name:<22} {(inspect.getdoc(function) or '').splitlines()[0]}")
        return 0
    if given.name not in RULES:
        raise UserError(f"no rule is called {given.name!r}; `symgrad rules` lists them")
    print(f"{given.name}\n\n{inspect.getdoc(RULES[given.name])}")
    return 0
