"""What is to be checked: files, folders, standard input and formulas of the command line, as jobs in their order."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from ..files import MAX_BYTES, FileError, UserError, complaints, read_text, safe_name
from .text import Job

SUFFIXES = (".tex", ".md")
STANDARD_INPUT = "-"


def jobs(names: Sequence[str], formulas: Sequence[str], declarations: Sequence[str]) -> list[Job]:
    """A job for each text. Raises UserError if there is none, or if a declaration cannot be read."""
    if declarations:
        _check(declarations)
    found = [*_texts(names), *_formulas(formulas)]
    if not found:
        raise UserError("there is nothing to check: name a file or a folder, or give a --formula")
    return [replace(job, declarations=tuple(declarations)) for job in found]


def _check(declarations: Sequence[str]) -> None:
    from ..notation.declarations import declare_all
    from ..notation.problem import ReadError
    from ..notation.setting import Setting

    try:
        declare_all(declarations, Setting())
    except ReadError as error:
        raise UserError(f"--declare: {error.problems[0].message}\n{error.problems[0].caret}") from None


def _texts(names: Sequence[str]) -> Iterator[Job]:
    for name in names:
        if name == STANDARD_INPUT:
            yield Job("<stdin>", sys.stdin.buffer.read(MAX_BYTES + 1))
        elif Path(name).is_dir():
            yield from (Job(str(path), path) for path in _in_folder(Path(name)))
        else:
            yield Job(name, _source(Path(name)))


def _source(path: Path) -> Path | bytes:
    """A pipe is read here and now: another process could not open it."""
    if path.is_file() or not path.exists():
        return path
    try:
        with path.open("rb") as pipe:
            return pipe.read(MAX_BYTES + 1)
    except OSError:
        return path


def _in_folder(folder: Path) -> list[Path]:
    with complaints(folder):
        found = sorted(path for path in folder.iterdir() if path.suffix in SUFFIXES and path.is_file())
    if not found:
        raise UserError(f"{folder}: there is no .tex or .md file in this folder")
    return found


def _formulas(formulas: Sequence[str]) -> Iterator[Job]:
    for place, text in enumerate(formulas, 1):
        if not text.strip():
            raise UserError("--formula: there is nothing in it")
        yield Job("<formula>" if len(formulas) == 1 else f"<formula {place}>", text)


def declared(found: Iterable[Job]) -> list[Job]:
    """The jobs without those for files that declare nothing."""
    return [job for job in found if not isinstance(job.source, Path) or declares_something(job.source)]


def declares_something(path: Path) -> bool:
    """Whether a file holds a declaration. One that cannot be used counts, so that it is not passed over in silence."""
    from ..notation.markdown import declares

    try:
        return declares(read_text(path), str(path))
    except FileError:
        return True


def with_evidence(found: Iterable[Job], folder: Path) -> list[Job]:
    """The jobs, each with a folder of its own in `folder`, called after its text. Raises UserError."""
    with complaints(folder):
        folder.mkdir(parents=True, exist_ok=True)
    taken: set[str] = set()
    return [replace(job, evidence=folder / safe_name((Path(job.path).stem,), taken)) for job in found]


def with_sections(found: Iterable[Job]) -> list[Job]:
    """The jobs, each with a name for its section of a page."""
    return [replace(job, section=f"text-{place}") for place, job in enumerate(found, 1)]
