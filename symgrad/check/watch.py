"""Checks texts again whenever one of them is saved, until it is interrupted.

One worker lives as long as this does, so what it has judged once it need not judge again.
"""

from __future__ import annotations

import hashlib
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..files import MAX_BYTES, UserError
from .command import Settings, report
from .text import Checked, Job
from .workers import Crew

POLL = 0.2
REST = 0.1
"""How long a file must be at rest: one that is just being written is not whole."""
PATIENCE = 1.0
"""How long a file may be away: editors that write a new file and rename it leave a moment without one."""
Stamp = tuple[int, int, int] | None


def watch(jobs: Sequence[Job], settings: Settings) -> None:
    """Check all, then what changes. Ends with KeyboardInterrupt. Raises UserError for a text that is no file."""
    watched = [Watched(job, job.source) for job in jobs if isinstance(job.source, Path)]
    if len(watched) < len(jobs):
        raise UserError("--watch needs files: neither standard input nor a formula can change")
    if settings.format != "text" and settings.output is None:
        raise UserError(f"--watch with --format {settings.format} needs -o FILE")
    crew = Crew(1, settings.seconds)
    results: dict[str, Checked] = {}
    try:
        for changed in _changes(watched):
            done = list(crew.results(changed))
            results.update((job.path, one) for job, one in zip(changed, done, strict=True))
            # A file has all of them, the terminal what is new.
            report(done if settings.output is None else list(results.values()), settings)
            print(_status(done), file=sys.stderr, flush=True)
    finally:
        crew.stop()


def _status(done: Sequence[Checked]) -> str:
    total = sum(len(one.report.relations) for one in done)
    now = time.strftime("%H:%M:%S")
    return f"{now} judged {sum(one.anew for one in done)} of {total} relations anew; waiting for changes (Ctrl-C ends)"


def _changes(watched: Sequence[Watched]) -> Iterator[list[Job]]:
    """The jobs whose files have changed: first all of them, then each time some of them."""
    while True:
        changed = [one.job for one in watched if one.has_changed()]
        if changed:
            yield changed
        time.sleep(POLL)


@dataclass(slots=True)
class Watched:
    """A file: the state that was last seen and since when, the state that was looked into, and what was in it."""

    job: Job
    path: Path
    seen: Stamp = None
    since: float = 0.0
    settled: Stamp = None
    digest: str | None = None

    def has_changed(self) -> bool:
        """Whether the file is at rest and holds something else than when this was last asked of it at rest."""
        stamp, now = _stamp(self.path), time.monotonic()
        if stamp != self.seen:
            self.seen, self.since = stamp, now
        first = self.digest is None
        if not first and (stamp == self.settled or now - self.since < (PATIENCE if stamp is None else REST)):
            return False
        before, self.settled, self.digest = self.digest, stamp, _digest(self.path)
        return before != self.digest


def _stamp(path: Path) -> Stamp:
    """What changes when a file is written; None if there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.sha256(file.read(MAX_BYTES + 1)).hexdigest()
    except OSError as error:
        return str(error)
