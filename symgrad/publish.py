"""Writes a judged document into a folder: its pages, and the certificates and counterexamples behind its verdicts."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from .files import UserError, complaints, read_text, write_file

if TYPE_CHECKING:
    from .judged import Judged
    from .kernel.certificate import Context, Statement
    from .notation.document import Document
    from .page import Sheet
    from .plot import Plot
    from .verdict import Verdict

FORMATS = ("tex", "html", "pdf")


def formats(given: str | None) -> tuple[str, ...]:
    """What `--to` asks for; without it .tex and .html, and .pdf where latexmk is found. Raises UserError."""
    if given is None:
        return FORMATS if shutil.which("latexmk") else FORMATS[:2]
    wanted = tuple(word.strip() for word in given.split(",") if word.strip())
    if not wanted or not set(wanted) <= set(FORMATS):
        raise UserError(f"--to takes any of {', '.join(FORMATS)}, not {given!r}")
    return wanted


def with_rerun(judged: Iterable[Judged], folder: Path) -> list[Judged]:
    """The verdicts with the command that repeats each; `folder` is where the evidence is."""
    return [
        replace(one, verdict=replace(one.verdict, rerun=f"symgrad verify {folder / one.file_name}.json"))
        for one in judged
    ]


def plot(document: Document, source: Path) -> Plot | None:
    """The plot that `plot.toml` beside the source asks for, if there is one. Raises UserError."""
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
        return read_plot(read_text(path), claims)
    except (PlotError, UnmeasurableError) as error:
        raise UserError(f"{path}: {error}") from None


def build(document: Document, judged: Iterable[Judged], drawn: Plot | None) -> Sheet:
    """The view of a document with its verdicts."""
    from .page import build_sheet

    verdicts: dict[str, list[tuple[str, str, Verdict]]] = {}
    for one in judged:
        verdicts.setdefault(one.claim.label, []).append((one.reading, one.expect, one.verdict))
    return build_sheet(document, verdicts, plot=drawn)


def write(view: Sheet, judged: Iterable[Judged], folder: Path, name: str, wanted: tuple[str, ...]) -> list[Path]:
    """Write the pages and the evidence; every file whole or not at all. Returns the pages. Raises UserError."""
    from .page import render_html, render_latex

    texts = {"html": render_html(view)} if "html" in wanted else {}
    if {"tex", "pdf"} & set(wanted):
        texts = {"tex": render_latex(view), **texts}
    with complaints(folder):
        write_evidence(judged, folder / "certificates")
        for kind, text in texts.items():
            write_file(folder / f"{name}.{kind}", text)
    return [folder / f"{name}.{kind}" for kind in texts]


def write_evidence(judged: Iterable[Judged], folder: Path) -> None:
    """Write the certificates and counterexamples that allow the verdicts to be checked again. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    for one in judged:
        for file_name, text in _evidence(one):
            write_file(folder / file_name, text)


def _evidence(one: Judged) -> Iterator[tuple[str, str]]:
    """Names and texts of the files behind a verdict."""
    from .instances import counterexample
    from .serialize import dumps

    found = one.verdict.counterexample
    if isinstance(found, counterexample.Counterexample):
        yield f"{one.file_name}.json", counterexample.dumps(found)
    for place, certificate in enumerate((one.verdict.certificate, *one.verdict.also)):
        if one.verdict.status == "proved" and certificate is not None:
            yield f"{one.file_name}{f'_also{place}' if place else ''}.json", dumps(certificate)


def make_pdf(tex: Path, wanted: tuple[str, ...]) -> tuple[list[Path], str]:
    """The PDF beside a .tex file if it is wanted, and one line if there is none. An older PDF does not stay behind."""
    from .page import compile_pdf
    from .page.render import NEEDED

    if "pdf" not in wanted:
        missing = wanted == FORMATS[:2] and shutil.which("latexmk") is None
        return [], f"no PDF: latexmk was not found; on Debian: apt-get install {NEEDED}" if missing else ""
    made = tex.with_suffix(".pdf")
    with complaints(made):
        made.unlink(missing_ok=True)
        complaint = compile_pdf(tex)
    return [] if complaint else [made], complaint


def report(judged: Iterable[Judged], width: int = 0) -> None:
    """One line a verdict, on standard output; names take at least that many letters."""
    rows = list(judged)
    width = max([width, *(len(one.name) for one in rows)])
    for one in rows:
        print(f"{one.name:<{width}}  {one.verdict.status:<9}  {_what(one)}{_expectation(one)}".rstrip())
    sys.stdout.flush()


def _what(one: Judged) -> str:
    found = one.verdict.counterexample
    if found is not None:
        chosen = (*found.sizes.items(), *found.times.items(), *found.functions.items())
        return ", ".join(f"{name} = {value}" for name, value in chosen)
    return one.verdict.scope if one.verdict.status == "proved" else one.verdict.reason


def _expectation(one: Judged) -> str:
    if not one.as_expected:
        return f"  (expected: {one.expect})"
    return "" if one.expect == "proved" else "  (as the sheet says)"
