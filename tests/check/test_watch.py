"""`--watch`: what is saved is checked again, whatever way an editor writes, and an interrupt ends it."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from symgrad.check import watch
from symgrad.check.text import Job
from tests.running import ROOT, Command
from tests.texts import BOUND, FALSE, TRUE, document, file

SECONDS = 60
WAITING = "waiting for changes"


class Watching:
    """A watching process, whose output is read as it comes."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.seen = folder / "seen"
        command = [sys.executable, "-u", "-m", "symgrad", "check", "--watch", *arguments]
        settings = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
        with self.seen.open("w") as output:
            self.process = subprocess.Popen(command, cwd=folder, env=settings, stdout=output, stderr=subprocess.STDOUT)
        self.rounds = 0

    def next(self) -> str:
        """What is printed up to the next time that it waits."""
        self.rounds += 1
        end = time.monotonic() + SECONDS
        while (text := self.seen.read_text("utf-8")).count(WAITING) < self.rounds:
            assert time.monotonic() < end and self.process.poll() is None, text
            time.sleep(0.05)
        return text.split(WAITING)[self.rounds - 1]

    def interrupt(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(SECONDS)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "work").mkdir()
    return tmp_path / "work"


@pytest.fixture
def watching(folder: Path) -> Iterator[Watching]:
    file(folder, TRUE, name="a.tex")
    file(folder, FALSE, name="b.tex")
    found = Watching(folder, "a.tex", "b.tex")
    yield found
    found.process.kill()
    found.process.wait()


def test_checks_what_is_saved_until_it_is_interrupted(watching: Watching, folder: Path) -> None:
    first = watching.next()
    assert "a.tex:5:27: proved" in first and "b.tex:5:27: refuted" in first
    assert "judged 2 of 2 relations anew" in first

    file(folder, TRUE, BOUND, name="a.tex")
    saved = watching.next()
    assert "a.tex:10:40: proved" in saved and "b.tex" not in saved
    assert "judged 1 of 2 relations anew" in saved

    file(folder, FALSE, BOUND, name="a.tex")
    saved = watching.next()
    assert "a.tex:5:27: refuted" in saved
    assert "judged 0 of 2 relations anew" in saved

    file(folder, TRUE, name="new.tex").rename(folder / "a.tex")
    assert "a.tex:5:27: proved" in watching.next()

    (folder / "a.tex").unlink()
    assert "a.tex: unreadable: No such file or directory" in watching.next()

    file(folder, TRUE, name="a.tex")
    assert "a.tex:5:27: proved" in watching.next()

    assert watching.interrupt() == 130
    end = watching.seen.read_text("utf-8").split(WAITING)[-1]
    assert "Traceback" not in end
    assert end.endswith("symgrad: interrupted\n")


class TestChanges:
    """The file as the watcher sees it, with a clock of our own."""

    @pytest.fixture
    def clock(self, monkeypatch: pytest.MonkeyPatch) -> list[float]:
        now = [0.0]
        monkeypatch.setattr(watch.time, "monotonic", lambda: now[0])
        return now

    @pytest.fixture
    def one(self, tmp_path: Path, clock: list[float]) -> watch.Watched:
        path = file(tmp_path, TRUE)
        found = watch.Watched(Job(str(path), path), path)
        assert found.has_changed()
        assert not found.has_changed()
        return found

    def write(self, one: watch.Watched, text: str) -> None:
        """Write, and make sure that the time of the file is another one."""
        before = one.path.stat().st_mtime_ns if one.path.exists() else 0
        one.path.write_text(text, "utf-8")
        os.utime(one.path, ns=(before + 10**9, before + 10**9))

    def test_the_same_text_saved_again_is_no_change(self, one: watch.Watched, clock: list[float]) -> None:
        self.write(one, document(TRUE))
        assert not self.within(one, clock, 5)

    def test_a_file_that_is_being_written_is_not_looked_into(self, one: watch.Watched, clock: list[float]) -> None:
        for text in ("", "half of", "half of it"):
            self.write(one, text)
            clock[0] += watch.REST / 2
            assert not one.has_changed()
        clock[0] += watch.REST * 2
        assert one.has_changed()
        assert not one.has_changed()

    def test_a_file_that_is_away_for_a_moment_has_not_changed(self, one: watch.Watched, clock: list[float]) -> None:
        one.path.rename(one.path.with_suffix(".old"))
        assert not self.within(one, clock, watch.PATIENCE / 2)
        one.path.with_suffix(".old").rename(one.path)
        assert not self.within(one, clock, 5)

    def test_a_file_that_is_gone_has(self, one: watch.Watched, clock: list[float]) -> None:
        one.path.unlink()
        assert self.within(one, clock, watch.PATIENCE * 2)
        assert not self.within(one, clock, 5)

    def within(self, one: watch.Watched, clock: list[float], seconds: float) -> bool:
        """Whether it changes at any of a few looks within that time."""
        looks = []
        for _ in range(8):
            looks.append(one.has_changed())
            clock[0] += seconds / 8
        return any(looks)


@pytest.mark.parametrize("given", [("-",), ("--formula", "W = W"), ("work.tex", "--format", "json")])
def test_what_cannot_be_watched(command: Command, given: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))
    ran = command("check", "--watch", *given)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("symgrad: --watch ")
