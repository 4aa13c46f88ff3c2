"""The commands, one function each: what `cli.py` has parsed is done here, and the exit code returned."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from . import models, publish
from .files import UserError, complaints, read_text, write_file
from .judged import CODES, exit_code, judge_document, worst_code

if TYPE_CHECKING:
    from .check.text import Job
    from .kernel.certificate import Certificate, Context
    from .kernel.term import Term
    from .notation.document import Document
    from .notation.setting import Setting

__all__ = ["UserError", "bounds", "cells", "check", "declare", "derive", "library", "rules", "sheet", "verify"]
MAX_CERTIFICATE_BYTES = 50_000_000
NAME_WIDTH = 32
"""Where names are told one by one, so many letters are kept free for each."""


def sheet(given: argparse.Namespace) -> int:
    """Derive, prove and typeset every claim of a sheet."""
    source = _sheet_source(Path(given.path))
    document = _read(source)
    wanted = publish.formats(given.to)
    if document.all_problems:
        return _complain(document)
    if not document.claims:
        raise UserError(f"{source}: there is no claim to prove: no display holds a relation")
    folder = Path(given.output) if given.output else Path("build") / source.stem
    drawn = None if given.no_figures else publish.plot(document, source)
    judged = publish.with_rerun(judge_document(document), folder / "certificates")
    pages = publish.write(publish.build(document, judged, drawn), judged, folder, source.stem, wanted)
    publish.report(judged)
    pdf, complaint = publish.make_pdf(folder / f"{source.stem}.tex", wanted)
    print("wrote " + ", ".join(map(str, (*pages, *pdf))))
    if complaint:
        print(f"symgrad: {complaint}", file=sys.stderr)
    return 2 if complaint and given.to else exit_code(judged)


def library(given: argparse.Namespace) -> int:
    """Judge every claim of the .tex files in a folder and below it, and list them by topic on one page."""
    from .library import collected
    from .page import render_library

    entries, made = [], Path(given.output)
    for entry in collected(Path(given.folder)):
        entries.append(entry)
        _complain(entry.document)
        publish.report(entry.judged, NAME_WIDTH)
    problems = [str(problem) for one in entries for problem in one.document.all_problems]
    page = render_library(given.title, [identity for one in entries for identity in one.identities], problems)
    with complaints(made):
        made.parent.mkdir(parents=True, exist_ok=True)
        write_file(made, page)
    print(f"wrote {made}")
    return worst_code([exit_code(one.judged) for one in entries] + [CODES["unreadable"]] * bool(problems))


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

    return read_document(read_text(path), str(path))


def _complain(document: Document) -> int:
    for problem in document.all_problems:
        print(problem, file=sys.stderr)
        if problem.caret:
            print(problem.caret, file=sys.stderr)
    return 2


def check(given: argparse.Namespace) -> int:
    """Judge every claim of some texts and report."""
    from .check import command

    jobs = _jobs(given)
    if not jobs:
        print("symgrad: none of these files declares anything", file=sys.stderr)
        return 0
    settings = command.Settings(
        format=given.format,
        output=Path(given.output) if given.output else None,
        colour=given.color,
        jobs=given.jobs or _processors(),
        seconds=given.time_limit,
    )
    if not given.watch:
        return command.check(jobs, settings)
    from .check.watch import watch

    watch(jobs, settings)
    return 0


def _jobs(given: argparse.Namespace) -> list[Job]:
    """What is to be checked. Raises UserError, above all where the report would take the place of a text."""
    from .check import inputs

    jobs = inputs.jobs(given.files, given.formula, given.declare)
    if given.declared_only:
        jobs = inputs.declared(jobs)
    if given.output and any(_is_same(Path(given.output), job.source) for job in jobs):
        raise UserError(f"{given.output}: the report would take the place of a text that is checked")
    if given.certificates:
        jobs = inputs.with_evidence(jobs, Path(given.certificates))
    return inputs.with_sections(jobs) if given.format == "html" else jobs


def _is_same(path: Path, source: object) -> bool:
    return isinstance(source, Path) and path.resolve() == source.resolve()


def _processors() -> int:
    """How many processors this process may use, where the system tells."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def declare(given: argparse.Namespace) -> int:
    """Print a guessed header for a text, or write it into the text."""
    from .check import header

    path = Path(given.file)
    lines = header.guessed(path)
    if given.write:
        header.insert(path, lines)
        print(f"{path}: {len(lines)} declarations written; please correct them", file=sys.stderr)
    print(*lines, sep="\n")
    return 0


def verify(given: argparse.Namespace) -> int:
    """Re-check certificates with the kernel alone, and counterexamples with exact intervals alone."""
    return worst_code([_verify_or_complain(Path(name)) for name in given.files])


def _verify_or_complain(path: Path) -> int:
    try:
        return _verify(path)
    except UserError as error:
        print(f"symgrad: {error}", file=sys.stderr)
        return 2


def _verify(path: Path) -> int:
    from .serialize import DecodeError, loads

    text = read_text(path, MAX_CERTIFICATE_BYTES)
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
    from .notation.dialect import Dialect
    from .notation.write import plain

    judgement = judge_certificate(certificate)
    if not judgement.accepted:
        rejected = [lemma.name for lemma in judgement.lemmas if not lemma.accepted]
        where = f" in {', '.join(rejected)}" if rejected else ""
        print(f"{path}: not proved: rejected{where}: {judgement.reason}")
        return 3
    steps = sum(len(lemma.steps) for lemma in judgement.lemmas)
    print(f"{path}: proved: {steps} steps in {len(judgement.lemmas)} lemmas accepted by the kernel")
    print(f"  {plain(certificate.lemmas[-1].statement, Dialect())}")
    return 0


def _verify_counterexample(path: Path, data: object) -> int:
    from .instances import counterexample
    from .instances.instance import InstanceError
    from .notation.dialect import Dialect
    from .notation.write import plain

    try:
        found = counterexample.confirm(*counterexample.decode(data))
    except InstanceError as error:
        raise UserError(f"{path}: {error}") from None
    if found is None or counterexample.encode(found) != data:
        print(f"{path}: not refuted: the instance does not give these values")
        return 3
    print(f"{path}: refuted: both sides computed again, in exact rationals and intervals")
    for line in (plain(found.statement, Dialect()), *found.describe().splitlines()):
        print(f"  {line}")
    return 1


def derive(given: argparse.Namespace) -> int:
    """Print the steps of one gradient of a model, or of all that its file asks for."""
    from .judge import derived
    from .notation.problem import ReadError
    from .page import verdict_latex, verdict_text

    try:
        wanted = list(models.wanted(given))
    except ReadError as error:
        raise UserError(str(error)) from None
    codes = []
    for place, (term, context, dialect, recursion) in enumerate(wanted):
        verdict = derived(term, context, recursion=recursion, detail=given.detail, dialect=dialect)
        shown = (verdict_latex if given.format == "latex" else verdict_text)(verdict, dialect)
        print("\n" * bool(place) + shown if verdict.statement else f"undecided: {verdict.reason}")
        codes.append(CODES[verdict.status])
    return worst_code(codes)


def bounds(given: argparse.Namespace) -> int:
    """Print bounds of gradients k steps back, and what becomes of them as k grows."""
    from .forecast import forecasts
    from .notation.problem import ReadError

    try:
        setting = models.setting(given)
        context, term = _product(given.gradient, setting)
    except ReadError as error:
        raise UserError(str(error)) from None
    found = list(forecasts(context, setting.dialect, term))
    if not found:
        raise UserError("no state of this model reads its own last value; say which gradient is meant")
    if given.format == "json":
        print(json.dumps([one.data() for one in found], ensure_ascii=False, indent=2))
    else:
        print(*found, sep="\n\n")
    for place, one in enumerate(found, 1) if given.certificates else ():
        one.write_evidence(Path(given.certificates), str(place))
    return CODES["proved" if all(one.outlook is not None for one in found) else "undecided"]


def _product(gradient: str | None, setting: Setting) -> tuple[Context, Term | None]:
    """The product of Jacobians that is meant, if one is, and the context of a claim about it. Raises ReadError."""
    from .notation.read import read_term
    from .notation.wanted import asked_of

    if gradient is None:
        return setting.context(), None
    term = read_term(gradient, setting.dialect)
    return asked_of(term, setting), term


def cells(given: argparse.Namespace) -> int:
    """List the cells that are known by name, with their equations."""
    from .notation.write import plain

    for name in models.profiles():
        setting = models.profile(name)
        print(name)
        for one in setting.recurrence:
            print(f"  {plain(one.head, setting.dialect)} = {plain(one.body, setting.dialect)}")
    return 0


def rules(given: argparse.Namespace) -> int:
    """List the rules of the kernel, or print one rule's page."""
    import inspect

    from .kernel import check as _  # noqa: F401  registers the rules
    from .kernel.rules import RULES

    pages = {name: inspect.getdoc(function) or "" for name, function in sorted(RULES.items())}
    if given.name is None:
        for name, page in pages.items():
            print(f"{name:<22} {page.splitlines()[0]}")
        return 0
    if given.name not in pages:
        raise UserError(f"no rule is called {given.name!r}; `symgrad rules` lists them")
    print(f"{given.name}\n\n{pages[given.name]}")
    return 0
