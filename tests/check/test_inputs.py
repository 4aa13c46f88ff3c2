"""What can be given to `check`: files, folders, standard input, formulas, and declarations beside them."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from tests.running import ROOT, Command, Ran, run
from tests.texts import FALSE, TRUE, document, file

STEP = r"\nabla_{h_{\tau-1}} L = W^T \operatorname{diag}(1 - h_\tau^2) \nabla_{h_\tau} L"


class TestFormula:
    @pytest.mark.parametrize(
        "around", ["{}", r"\[{}\]", "$${}$$", "${}$", " {}\n", r"\begin{{equation*}}{}\end{{equation*}}"]
    )
    def test_with_or_without_delimiters(self, command: Command, around: str) -> None:
        ran = command("check", "--formula", around.format(STEP), "--declare", "use rnn")
        assert (ran.code, ran.err) == (0, "")
        assert ran.out.startswith("<formula>:1:")

    def test_columns_are_those_of_the_formula(self, command: Command) -> None:
        out = command("check", "--formula", STEP.replace("W^T", r"W^\topp"), "--declare", "use rnn").out
        message, excerpt, caret = out.splitlines()
        assert message.startswith("<formula>:1:27: unreadable: ")
        assert excerpt[caret.index("^") :].startswith(r"\topp")

    def test_several_with_files(self, command: Command, tmp_path: Path) -> None:
        wrong = STEP.replace("W^T", "W")
        ran = command("check", "--formula", STEP, file(tmp_path, TRUE), "--formula", wrong, "--declare", "use rnn")
        assert ran.code == 1
        table = [line.split() for line in ran.out.splitlines()[-4:-1]]
        assert [(row[0], row[-1]) for row in table] == [
            ("proved", str(tmp_path / "work.tex")), ("proved", "1>"), ("refuted", "2>"),
        ]  # fmt: skip

    @pytest.mark.parametrize("formula", ["", " \n", r"\[\]", "W", "$$", "$", r"\[ W = W"])
    def test_without_a_relation(self, command: Command, formula: str) -> None:
        ran = command("check", "--formula", formula, "--declare", "use rnn")
        assert ran.code == 2
        assert len((ran.out + ran.err).splitlines()) <= 3

    def test_nothing_is_declared_unless_it_is_asked_for(self, command: Command) -> None:
        ran = command("check", "--formula", STEP)
        assert ran.code == 2
        assert "is not declared" in ran.out


class TestDeclarations:
    def test_hold_in_files_without_moving_a_line(self, command: Command, tmp_path: Path) -> None:
        (tmp_path / "bare.tex").write_text(TRUE + FALSE, "utf-8")
        assert command("check", "bare.tex").code == 2
        ran = command("check", "bare.tex", "--declare", "use rnn", "--declare", "assume k >= 0")
        assert [line.split(":")[1] for line in ran.out.splitlines() if ": false: " in line or ": true: " in line] == [
            "3", "7",
        ]  # fmt: skip

    def test_a_text_may_say_it_anew(self, command: Command, tmp_path: Path) -> None:
        (tmp_path / "own.tex").write_text("% symgrad: W : n x m\n\\[ W W^T = W W^T \\]\n\\[ W W = W W \\]", "utf-8")
        ran = command("check", "own.tex", "--declare", "size n, m", "--declare", "W : n x n")
        assert [line.split(": ")[1] for line in ran.out.splitlines()[:2]] == ["proved", "unreadable"]

    @pytest.mark.parametrize("declaration", ["use rnm", "W : n x", "skip", "begin", "W = = h"])
    def test_that_cannot_be_read(self, command: Command, tmp_path: Path, declaration: str) -> None:
        ran = command("check", file(tmp_path, TRUE), "--declare", "use rnn", "--declare", declaration)
        assert (ran.code, ran.out) == (2, "")
        assert ran.err.startswith("symgrad: --declare: ")
        assert declaration in ran.err


class TestStandardInput:
    @pytest.mark.parametrize(
        ("data", "code", "start"),
        [
            (b"% symgrad: use rnn\n$$" + STEP.encode() + b"$$", 0, "<stdin>:2:"),
            (b"", 2, "<stdin>: unreadable: the file is empty"),
            (b"\0", 2, "<stdin>: unreadable: this is a binary file"),
            (b"a\n\xff", 2, "<stdin>:2:1: unreadable: this is not UTF-8 text"),
            (b"x" * 1_000_001, 2, "<stdin>: unreadable: larger than 1,000,000 bytes"),
        ],
    )
    def test_is_read_like_a_file(
        self, command: Command, monkeypatch: pytest.MonkeyPatch, data: bytes, code: int, start: str
    ) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        ran = command("check", "-")
        assert ran.code == code
        assert ran.out.startswith(start)


def test_pipes_are_read_whatever_process_checks_them(tmp_path: Path) -> None:
    file(tmp_path, TRUE, name="a.tex")
    file(tmp_path, FALSE, name="b.tex")
    script = f"{sys.executable} -m symgrad check <(cat a.tex) <(cat b.tex) b.tex"
    ran = run(["bash", "-c", script], cwd=tmp_path, PYTHONPATH=str(ROOT))
    assert ran.code == 1
    assert [line.split()[0] for line in ran.out.splitlines()[-4:-1]] == ["proved", "refuted", "refuted"]


class TestArguments:
    def test_nothing_to_check(self, command: Command) -> None:
        ran = command("check")
        assert (ran.code, ran.out) == (2, "")
        assert ran.err.startswith("symgrad: there is nothing to check: ")

    @pytest.mark.parametrize(
        "given",
        [("--jobs", "0"), ("--jobs", "-1"), ("--jobs", "x"), ("--time-limit", "0"), ("--time-limit", "nan"),
         ("--time-limit", "x"), ("--color", "red"), ("--format", "pdf")],
    )  # fmt: skip
    def test_values_that_make_no_sense(self, command: Command, given: tuple[str, str]) -> None:
        ran = command("check", "work.tex", *given)
        assert (ran.code, ran.out) == (2, "")

    def test_the_report_goes_to_a_file(self, command: Command, tmp_path: Path) -> None:
        path = file(tmp_path, FALSE)
        printed = command("check", path)
        assert command("check", path, "-o", "report.txt") == Ran(1, "", "")
        assert (tmp_path / "report.txt").read_text("utf-8") == printed.out
        assert sorted(one.name for one in tmp_path.iterdir()) == ["report.txt", "work.tex"]

    def test_a_file_that_cannot_be_written(self, command: Command, tmp_path: Path) -> None:
        ran = command("check", file(tmp_path, TRUE), "-o", "nowhere/report.txt")
        assert ran == Ran(2, "", "symgrad: nowhere/report.txt: No such file or directory\n")

    @pytest.mark.parametrize("name", ["work.tex", "./work.tex", "link.tex"])
    def test_the_report_never_takes_the_place_of_a_text(self, command: Command, tmp_path: Path, name: str) -> None:
        path = file(tmp_path, TRUE)
        (tmp_path / "link.tex").symlink_to(path)
        ran = command("check", path, "-o", name)
        assert (ran.code, ran.out) == (2, "")
        assert path.read_text("utf-8") == document(TRUE)

    def test_colour_is_for_terminals(self, command: Command, tmp_path: Path) -> None:
        path = file(tmp_path, TRUE)
        assert "\033" not in command("check", path).out
        assert "\033[32m✓ proved\033[0m" in command("check", path, "--color", "always").out
