"""Texts checked by several processes: results in the order of the jobs, whatever the number of workers.

A job that crashes its worker, or takes more processor time than it may, costs that worker and has a report that says
so; the others are not touched.
"""

from __future__ import annotations

import contextlib
import io
import multiprocessing
import signal
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from ..files import UserError
from .report import failed_report
from .text import Checked, Job, check_text, concluded

AHEAD = 8
"""How many jobs a worker may be ahead of the first one without a result: what waits to be shown is kept in memory."""


def by_workers(jobs: Sequence[Job], count: int, seconds: float | None) -> Iterator[Checked]:
    """The result of each job, in order. `seconds` of processor time is what one job may take."""
    crew = Crew(max(1, min(count, len(jobs))), seconds)
    try:
        yield from crew.results(jobs)
    finally:
        crew.stop()


@dataclass(slots=True)
class _Worker:
    process: BaseProcess
    connection: Connection
    place: int = -1


@dataclass(slots=True)
class Crew:
    """Some workers. They live until `stop`, with what they remember of earlier jobs."""

    count: int
    seconds: float | None
    workers: list[_Worker] = field(default_factory=list)

    def results(self, jobs: Sequence[Job]) -> Iterator[Checked]:
        """The result of each job, in order, each as soon as it and those before it are there."""
        done: dict[int, Checked] = {}
        started = 0
        for place in range(len(jobs)):
            while place not in done:
                limit = min(len(jobs), place + AHEAD * self.count)
                while started < limit and (worker := self._idle()) is not None:
                    started += self._gave(worker, jobs[started], started)
                done.update(self._finished(jobs))
            yield done.pop(place)

    def _idle(self) -> _Worker | None:
        free = next((one for one in self.workers if one.place < 0), None)
        if free is None and len(self.workers) < self.count:
            free = _started(self.seconds)
            self.workers.append(free)
        return free

    def _gave(self, worker: _Worker, job: Job, place: int) -> bool:
        """Whether a worker took a job; one that ended while it had nothing to do is let go."""
        try:
            worker.connection.send(job)
        except OSError:
            self._let_go(worker)
            return False
        worker.place = place
        return True

    def _finished(self, jobs: Sequence[Job]) -> Iterator[tuple[int, Checked]]:
        """Wait for one worker or more, and take what they have."""
        busy = {one.connection: one for one in self.workers if one.place >= 0}
        for connection in wait(list(busy)):
            worker = busy[connection]  # type: ignore[index]
            place, worker.place = worker.place, -1
            try:
                yield place, worker.connection.recv()
            except (EOFError, ConnectionResetError):
                yield place, self._lost(worker, jobs[place])

    def _lost(self, worker: _Worker, job: Job) -> Checked:
        """What is said of a job whose worker ended without a result."""
        code = self._let_go(worker)
        if self.seconds is not None and code == -signal.SIGPROF:
            reason = f"not finished within {self.seconds:g} s of processor time"
        else:
            reason = f"the process that checked this ended unexpectedly (exit code {code})"
        return _failed(job, reason)

    def _let_go(self, worker: _Worker) -> int | None:
        self.workers.remove(worker)
        worker.connection.close()
        worker.process.join()
        return worker.process.exitcode

    def stop(self) -> None:
        for worker in self.workers:
            worker.process.terminate()
        while self.workers:
            self._let_go(self.workers[-1])


def _failed(job: Job, reason: str) -> Checked:
    return concluded(job, failed_report(job.path, reason, verdict="undecided"))


def _started(seconds: float | None) -> _Worker:
    if seconds is not None and not hasattr(signal, "setitimer"):
        raise UserError("--time-limit needs timers of processor time, which this system does not have")
    context = multiprocessing.get_context("spawn")
    mine, its = context.Pipe()
    process = context.Process(target=_serve, args=(its, seconds), daemon=True)
    process.start()
    its.close()
    return _Worker(process, mine)


def _serve(connection: Connection, seconds: float | None) -> None:
    """Check what is sent until nothing more comes. An interrupt is the business of the process that started this."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if seconds is not None:
        _load()
    with contextlib.suppress(EOFError, BrokenPipeError):
        while True:
            job: Job = connection.recv()
            if seconds is not None:
                # Nobody handles this signal, so that no code, however stuck, outlives its time.
                signal.setitimer(signal.ITIMER_PROF, seconds)
            result = _result(job)
            if seconds is not None:
                signal.setitimer(signal.ITIMER_PROF, 0)
            connection.send(result)


def _load() -> None:
    """Everything that a job may need, before the clock runs, so that the first job has as much time as the others."""
    from .. import answer  # noqa: F401
    from ..elaborate import suggest  # noqa: F401
    from ..engine import backprop, refute  # noqa: F401
    from ..notation import read  # noqa: F401


def _result(job: Job) -> Checked:
    """The result of a job, also of one that goes wrong. What is said on standard error is progress within one text."""
    try:
        with contextlib.redirect_stderr(io.StringIO()):
            return check_text(job)
    except Exception as error:
        fault = error if isinstance(error, UserError) else f"a fault of symgrad: {type(error).__name__}: {error}"
        return _failed(job, str(fault))
