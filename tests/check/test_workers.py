"""Many texts: the same report for every number of workers, and no text that keeps the others from being checked."""

from __future__ import annotations

import json
import multiprocessing
import random
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from symgrad.check import text, workers
from symgrad.check.text import Job
from symgrad.check.workers import by_workers
from tests.check.trouble import Counted, Trouble
from tests.running import Ran, symgrad
from tests.texts import BOUND, CHAIN, FALSE, TRUE, UNREAD, file

CLAIMS = {"a": (TRUE, BOUND), "b": (TRUE, FALSE), "d": (UNREAD,), "e": (CHAIN,)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Good and bad files of many kinds."""
    found = tmp_path_factory.mktemp("texts")
    for name, claims in CLAIMS.items():
        file(found, *claims, name=f"{name}.tex")
    (found / "binary.tex").write_bytes(b"\x7fELF\x00\x01" * 50)
    (found / "empty.md").write_bytes(b"")
    (found / "huge.tex").write_bytes(b"x" * 2_000_000)
    (found / "latin.tex").write_bytes("% symgrad: use rnn\nCafé".encode("latin-1"))
    (found / "notes.txt").write_text("no LaTeX", "utf-8")
    return found


def check(folder: Path, *arguments: object) -> Ran:
    return symgrad("check", *arguments, cwd=folder)


@pytest.fixture(scope="module")
def names(folder: Path) -> list[str]:
    found = ["missing.tex", *sorted(path.name for path in folder.iterdir() if path.suffix != ".txt")]
    random.Random(7).shuffle(found)
    return found


class TestTheNumberOfWorkers:
    @pytest.mark.parametrize(("kind", "counts"), [("text", (1, 2, 3)), ("json", (1, 3)), ("html", (1, 3))])
    def test_changes_nothing(self, folder: Path, names: Sequence[str], kind: str, counts: tuple[int, ...]) -> None:
        reports = [check(folder, *names, "--format", kind, "--jobs", count) for count in counts]
        assert {one.code for one in reports} == {2}
        assert len({one.out for one in reports}) == 1

    def test_every_file_is_there_in_the_order_given(self, folder: Path, names: Sequence[str]) -> None:
        found = json.loads(check(folder, *names, "--format", "json", "--jobs", 3).out)
        assert [one["path"] for one in found["files"]] == names

    def test_nor_does_the_order(self, folder: Path, names: Sequence[str]) -> None:
        there, back = (check(folder, *order, "--jobs", 2).out for order in (names, names[::-1]))
        assert sorted(there.splitlines()) == sorted(back.splitlines())

    def test_a_folder_stands_for_its_files(self, folder: Path, names: Sequence[str]) -> None:
        listed = sorted(name for name in names if name != "missing.tex")
        assert check(folder, ".", "--jobs", 2).out == check(folder, *listed, "--jobs", 1).out


class TestTrouble:
    def test_too_little_time(self, folder: Path) -> None:
        ran = check(folder, "a.tex", "empty.md", "--time-limit", "0.001")
        assert ran.code == 2
        lines = ran.out.splitlines()
        assert lines[0] == "a.tex: undecided: not finished within 0.001 s of processor time"

    def test_enough_time(self, folder: Path) -> None:
        limited, free = check(folder, "a.tex", "--time-limit", "50"), check(folder, "a.tex")
        assert (limited.code, limited.out) == (free.code, free.out)

    @pytest.mark.parametrize(
        ("trouble", "reason"),
        [
            ("kill", r"the process that checked this ended unexpectedly \(exit code -9\)"),
            ("leave", r"the process that checked this ended unexpectedly \(exit code 3\)"),
            ("loop", r"not finished within 2 s of processor time"),
            ("fault", r"a fault of symgrad: KeyError: 'fault'"),
        ],
    )
    def test_costs_the_one_text(self, folder: Path, trouble: str, reason: str) -> None:
        names = ["a.tex", trouble, "e.tex", trouble, "d.tex"]
        jobs = [Job(name, folder / name if name.endswith(".tex") else Trouble(name)) for name in names]
        found = list(by_workers(jobs, 2, 2.0 if trouble == "loop" else None))
        assert [one.report.path for one in found] == names
        assert [one.report.verdict for one in found] == [
            "proved", "undecided", "refuted", "undecided", "unreadable",
        ]  # fmt: skip
        assert re.fullmatch(reason, found[1].report.problems[0].reason)

    @pytest.mark.parametrize(("error", "words"), [(MemoryError, "memory"), (RecursionError, "nested too deeply")])
    def test_a_text_that_asks_for_too_much(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch, error: type[Exception], words: str
    ) -> None:
        def judge(document: object) -> object:
            raise error

        monkeypatch.setattr(text, "judge_document", judge)
        found = text.check_text(Job("a.tex", folder / "a.tex")).report
        assert found.verdict == "undecided"
        assert words in found.problems[0].reason

    def test_what_waits_to_be_shown_is_bounded(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """While the first text takes its time, the others are not checked further ahead than they may be."""
        monkeypatch.setattr(workers, "AHEAD", 2)
        jobs = Counted([Job("sleep", Trouble("sleep")), *[Job("empty", folder / "empty.md")] * 30])
        results = by_workers(jobs, 2, None)
        next(results)
        assert jobs.furthest <= 4
        assert len(list(results)) == 30

    def test_no_worker_is_left(self, folder: Path) -> None:
        results = by_workers([Job("a", folder / "a.tex")] * 3, 2, None)
        next(results)
        results.close()
        assert not multiprocessing.active_children()


class TestEvidence:
    def test_is_verified_without_the_text(self, folder: Path, tmp_path: Path) -> None:
        again = tmp_path / "a"
        again.mkdir()
        shutil.copy(folder / "b.tex", again)
        check(folder, "a.tex", "b.tex", again / "b.tex", "--certificates", tmp_path / "evidence", "--jobs", 2)
        evidence = sorted((tmp_path / "evidence").rglob("*.json"))
        assert [str(path.relative_to(tmp_path / "evidence")) for path in evidence] == [
            "a/bound.json", "a/true.json", "b/false.json", "b/true.json", "b.2/false.json", "b.2/true.json",
        ]  # fmt: skip
        ran = symgrad("verify", *evidence)
        assert [": proved: " in line for line in ran.out.splitlines() if line.startswith("/")] == [
            True, True, False, True, False, True,
        ]  # fmt: skip
        assert ran.code == 1

    def test_a_folder_that_cannot_be_made(self, folder: Path) -> None:
        ran = check(folder, "a.tex", "--certificates", "notes.txt")
        assert ran == Ran(2, "", "symgrad: notes.txt: File exists\n")
