"""One text checked: read, judged and reduced to plain data, wherever it comes from and in whichever process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..files import FileError, complaints, decoded, read_text
from ..judged import judge_document
from ..publish import with_rerun, write_evidence
from .report import FileReport, failed_report, file_report

if TYPE_CHECKING:
    from ..judged import Judged
    from ..notation.document import Document


@dataclass(frozen=True, slots=True)
class Job:
    """A text to check, and what to make of it: a file, bytes that were read already, or a formula, which is a single
    display. `declarations` hold before its first line; `section` is the name of its part of a page, if there is one."""

    path: str
    source: Path | bytes | str
    declarations: tuple[str, ...] = ()
    section: str = ""
    evidence: Path | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of a job: the report, its section of the page if the job has a name for one, and how many relations
    were judged and not remembered."""

    report: FileReport
    section: str = ""
    anew: int = 0


def check_text(job: Job) -> Checked:
    """Read and judge a text. One that cannot be used, or asks for too much, has a report that says so.

    Raises UserError where evidence cannot be written, and ReadError for a declaration of the job that cannot be read.
    """
    try:
        text = _text(job)
        document = _read(job, text)
        judged = judge_document(document)
    except FileError as error:
        return concluded(job, failed_report(job.path, error.message, error.line, error.column))
    except MemoryError:
        return concluded(job, failed_report(job.path, "this needs more memory than there is", verdict="undecided"))
    except RecursionError:
        return concluded(job, failed_report(job.path, "this is nested too deeply", verdict="undecided"))
    if job.evidence is not None:
        judged = with_rerun(judged, job.evidence)
        with complaints(job.evidence):
            write_evidence(judged, job.evidence)
    return concluded(job, file_report(document, judged), text, judged)


def _text(job: Job) -> str:
    match job.source:
        case Path():
            return read_text(job.source)
        case bytes():
            return decoded(Path(job.path), job.source)
        case str():
            return job.source


def _read(job: Job, text: str) -> Document:
    from ..notation.read import read_document, read_formula

    read = read_formula if isinstance(job.source, str) else read_document
    return read(text, job.path, job.declarations)


def concluded(job: Job, report: FileReport, text: str = "", judged: Sequence[Judged] = ()) -> Checked:
    """The result of a job with this report."""
    anew = sum(one.anew for one in judged)
    if not job.section:
        return Checked(report, anew=anew)
    from .page import section

    return Checked(report, section(job.section, report, text, judged), anew)
