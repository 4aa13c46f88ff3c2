"""Bad, hostile and oversized input: one clear message, the right exit code, bounded time and memory, nothing written.

Each command runs as a process of its own with limits on both; a traceback or a hang fails the test.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from symgrad.cli import main
from tests.running import ROOT, Ran, needs, run, symgrad
from tests.texts import BOUND, TRUE, document, gradient

SECONDS = 60
MEGABYTES = 1_500


def bounded(*arguments: object, cwd: Path) -> Ran:
    ran = symgrad(*arguments, cwd=cwd, seconds=SECONDS, megabytes=MEGABYTES)
    assert "Traceback" not in ran.err + ran.out, ran.err
    return ran


def display(formula: str) -> str:
    return document(f"\\begin{{equation}}\n{formula}\n\\end{{equation}}\n")


L = r"\nabla_{h^{[\tau-k]}} L"
TEXTS: dict[str, tuple[str, str]] = {
    "unknown command": (display(rf"{L} = W^\topp {L}"), r":4:\d+: I do not know the command \\topp"),
    "undeclared name": (display(rf"{L} = Q {L}"), r":4:\d+: Q is not declared"),
    "shapes that do not fit": (display(rf"{L} = U {L}"), r":4:\d+: shapes do not fit: U \(an n x m matrix\) times"),
    "unbalanced bracket": (display(rf"{L} = \left[ W^T {L}"), r":4:\d+: .+"),
    "unbalanced brace": (display(rf"{L} = {{ W^T {L}"), r":\d+:\d+: .+"),
    "environment without an end": (document("\\begin{equation}\n" + L), r":\d+:\d+: .+"),
    "end without a begin": (document(TRUE, "% symgrad: end\n"), r":\d+:\d+: .+"),
    "unknown declaration": ("% symgrad: assert k > 0\n" + TRUE, r":1:\d+: I cannot read this declaration"),
    "unknown profile": ("% symgrad: use rnm\n" + TRUE, r":1:\d+: I know no profile 'rnm' \(did you mean rnn\?\)"),
    "no claim": (document("Only words."), r": there is no claim to prove"),
    "nothing but white space": (" \n\n", r": the file is empty"),
    "nested 10,000 deep": (display(rf"{L} = " + "(" * 10_000 + L + ")" * 10_000), r":4:\d+: .+"),
    "10,000 braces": (display(rf"{L} = " + "{" * 10_000 + L + "}" * 10_000), r":4:\d+: .+"),
    "10,000 superscripts": (display("L = " + "L^{" * 10_000 + "2" + "}" * 10_000), r":4:\d+: .+"),
    "10,000 groups of prose": (document("{\\emph " * 10_000 + TRUE), r":\d+:\d+: .+"),
    "a long sum": (display(f"{L} = " + " + ".join([L] * 20_000)), r":4:\d+: .+"),
    "a number of 10^5 digits": (display(rf"{L} = {'9' * 10**5} {L}"), r":4:\d+: a number of more than"),
    "a power tower of digits": (display(rf"{L} = W^{{9999999999}} {L}"), r":4:\d+: .+"),
    "a macro that calls itself": (document(r"\newcommand{\x}{\x\x}", display(rf"{L} = \x")), r":\d+:\d+: .+"),
    "macros that double": (
        document(
            *(rf"\newcommand{{\a{chr(97 + i)}}}{{\a{chr(98 + i)}\a{chr(98 + i)}}}" for i in range(25)),
            display(rf"{L} = \aa"),
        ),
        r":\d+:\d+: .+",
    ),
}


class TestTexts:
    @pytest.mark.parametrize("name", TEXTS)
    def test_one_clear_message(self, tmp_path: Path, name: str) -> None:
        text, expected = TEXTS[name]
        (tmp_path / "bad.tex").write_text(text, "utf-8")
        ran = bounded("sheet", "bad.tex", "-o", "made", cwd=tmp_path)
        assert ran.code == 2, ran
        assert re.search(expected, ran.err), ran.err
        assert os.listdir(tmp_path) == ["bad.tex"]
        assert max(map(len, ran.err.splitlines())) < 300

    @pytest.mark.parametrize("name", ["unknown command", "undeclared name", "shapes that do not fit"])
    def test_one_fault_is_one_message_with_a_caret(self, tmp_path: Path, name: str) -> None:
        (tmp_path / "bad.tex").write_text(TEXTS[name][0], "utf-8")
        ran = bounded("sheet", "bad.tex", cwd=tmp_path)
        message, excerpt, caret = ran.err.splitlines()
        column = int(message.split(":")[2])
        assert caret == " " * (column - 1) + "^"
        assert excerpt == TEXTS[name][0].splitlines()[3]

    def test_is_never_proved(self, tmp_path: Path) -> None:
        paths = [tmp_path / f"{place}.tex" for place in range(len(TEXTS))]
        for path, (text, _) in zip(paths, TEXTS.values(), strict=True):
            path.write_text(text, "utf-8")
        ran = bounded("check", "--format", "json", *paths, cwd=tmp_path)
        assert ran.code == 2
        assert {one["verdict"] for one in json.loads(ran.out)["files"]} == {"unreadable"}


FILES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "bad.tex: the file is empty"),
    "binary": (b"\x7fELF\x00\x01" * 50, "bad.tex: this is a binary file, not text"),
    "latin-1 after a mark": (b"\xef\xbb\xbf% x\nCaf\xe9\n", "bad.tex:2:4: this is not UTF-8 text"),
    "latin-1": (document("Caf\u00e9.", TRUE).encode("latin-1"), "bad.tex:3:4: this is not UTF-8 text"),
    "a line of 10 MB": (display(f"{L} = " + "x" * 10_000_000).encode(), "bad.tex: larger than 1,000,000 bytes"),
}


class TestFiles:
    @pytest.mark.parametrize("command", ["sheet", "check", "verify"])
    @pytest.mark.parametrize("name", FILES)
    def test_what_is_no_text(self, tmp_path: Path, command: str, name: str) -> None:
        content, message = FILES[name]
        (tmp_path / "bad.tex").write_bytes(content)
        ran = bounded(command, "bad.tex", cwd=tmp_path)
        assert ran.code == 2
        if command == "verify" and name == "a line of 10 MB":
            message = "bad.tex: this is not JSON"
        if command == "check":
            assert ran.out == message.replace(": ", ": unreadable: ", 1) + "\n"
        else:
            assert ran.err == f"symgrad: {message}\n"

    @pytest.mark.parametrize("command", ["sheet", "check", "verify"])
    def test_missing(self, tmp_path: Path, command: str) -> None:
        ran = bounded(command, "missing.tex", cwd=tmp_path)
        assert ran.code == 2
        assert "missing.tex: " in ran.err + ran.out
        assert "No such file or directory\n" in ran.err + ran.out

    def test_a_folder(self, tmp_path: Path) -> None:
        (tmp_path / "folder").mkdir()
        assert bounded("verify", "folder", cwd=tmp_path) == Ran(2, "", "symgrad: folder: Is a directory\n")
        message = "symgrad: folder: there is no .tex or .md file in this folder\n"
        assert bounded("check", "folder", cwd=tmp_path) == Ran(2, "", message)

    def test_a_folder_without_a_sheet(self, tmp_path: Path) -> None:
        (tmp_path / "folder").mkdir()
        ran = bounded("sheet", "folder", cwd=tmp_path)
        assert ran == Ran(2, "", "symgrad: folder: expected one .tex file in this folder, found 0\n")


class TestOutput:
    @pytest.mark.parametrize("folder", ["taken", "taken/below", "/proc/symgrad"])
    def test_a_folder_that_cannot_be_made(self, tmp_path: Path, folder: str) -> None:
        (tmp_path / "taken").write_text("a file", "utf-8")
        (tmp_path / "good.tex").write_text(document(TRUE), "utf-8")
        ran = bounded("sheet", "good.tex", "-o", folder, "--to", "html", cwd=tmp_path)
        assert (ran.code, ran.out) == (2, "")
        assert re.fullmatch(rf"symgrad: {re.escape(folder)}: .+\n", ran.err)
        assert sorted(os.listdir(tmp_path)) == ["good.tex", "taken"]

    def test_a_page_that_cannot_be_replaced(self, tmp_path: Path) -> None:
        (tmp_path / "good.tex").write_text(document(TRUE), "utf-8")
        (tmp_path / "made" / "good.html").mkdir(parents=True)
        ran = bounded("sheet", "good.tex", "-o", "made", "--to", "html", cwd=tmp_path)
        assert ran.code == 2
        assert ran.err.startswith("symgrad: made: ")
        assert sorted(os.listdir(tmp_path / "made")) == ["certificates", "good.html"]

    def test_a_format_that_is_not_known(self, tmp_path: Path) -> None:
        (tmp_path / "good.tex").write_text(document(TRUE), "utf-8")
        ran = bounded("sheet", "good.tex", "--to", "html,docx", cwd=tmp_path)
        assert ran == Ran(2, "", "symgrad: --to takes any of tex, html, pdf, not 'html,docx'\n")

    def test_a_terminal_without_greek(self, tmp_path: Path) -> None:
        command = [sys.executable, "-m", "symgrad", "derive", L, "--cell", "rnn"]
        ran = run(command, cwd=tmp_path, PYTHONPATH=str(ROOT), PYTHONIOENCODING="latin-1")
        assert ran.code == 0
        assert r"\u2207_{h[\u03c4-k]} L" in ran.out


HUGE = {
    "10,000 environments in prose": "\\begin{itemize}" * 10_000 + TRUE,
    "a product of 10^9 factors": gradient("huge", "W^T").replace("_{i=1}^k", "_{i=1}^{1000000000}"),
    "a product that starts far below": gradient("huge", "W^T").replace("_{i=1}^k", "_{i=-1000000000}^k"),
    "a gradient 10^9 steps back": rf"\[ \nabla_{{h^{{[\tau-1000000000]}}}} L = W^T {L} \]",
    "a power of 10^9": rf"\[ {L} = W^{{1000000000}} {L} \]",
    "a sum of 10^9 terms": rf"\[ {L} = \sum_{{i=1}}^{{1000000000}} {L} \]",
    "a product of 10^9 diagonals": gradient("huge", r"W^T \operatorname{diag}(1 - {h^{[\tau-k+i]}}^2)").replace(
        "_{i=1}^k", "_{i=1}^{1000000000}"
    ),
    "900 factors": rf"\[ {L} = {'W ' * 900} {L} \]",
    "nested powers": rf"\[ {L} = (((((W^{{99}})^{{99}})^{{99}})^{{99}})^{{99}}) {L} \]",
    "nested products": rf"\[ {L} = "
    + "".join(rf"\prod_{{{name}=1}}^{{99}} \left( " for name in "abcdefg")
    + "W"
    + r" \right)" * 7
    + rf" {L} \]",
}


class TestHuge:
    @pytest.mark.parametrize("name", HUGE)
    def test_is_answered_in_time(self, tmp_path: Path, name: str) -> None:
        (tmp_path / "huge.tex").write_text(document(HUGE[name]), "utf-8")
        ran = bounded("check", "huge.tex", cwd=tmp_path)
        assert ran.code in (0, 1, 2, 3), ran


CERTIFICATES = {
    "no JSON": "{",
    "a list": "[]",
    "a number": "1",
    "not a number": "NaN",
    "no certificate": '{"symgrad": 1}',
    "another version": '{"symgrad": 2, "certificate": {}}',
    "nested 100,000 deep": '{"symgrad": 1, "certificate": ' + "[" * 100_000 + "]" * 100_000 + "}",
    "a huge number": '{"symgrad": 1, "certificate": 1e999999999}',
    "a million digits": '{"symgrad": 1, "certificate": ' + "9" * 1_000_000 + "}",
    "a record that is not one": '{"symgrad": 1, "certificate": {"type": "object"}}',
    "a module's name": '{"symgrad": 1, "certificate": {"type": "json"}}',
    "a huge fraction": json.dumps(
        {
            "symgrad": 1,
            "certificate": {"type": "Certificate", "context": {"type": "Number", "value": "1e99999999"}, "lemmas": []},
        }
    ),
    "a counterexample that is not one": '{"instance": {}}',
    "a counterexample of the wrong kind": '{"symgrad": 1, "instance": [], "statement": 0, "context": 0, "left": 0, '
    '"right": 0, "entry": 0, "seed": 0}',
}


class TestCertificates:
    @pytest.mark.parametrize("name", CERTIFICATES)
    def test_hostile_json(self, tmp_path: Path, name: str) -> None:
        (tmp_path / "bad.json").write_text(CERTIFICATES[name], "utf-8")
        ran = bounded("verify", "bad.json", cwd=tmp_path)
        assert (ran.code, ran.out) == (2, "")
        assert re.fullmatch(r"symgrad: bad\.json: .{1,300}\n", ran.err), ran.err


SMUGGLED = {
    "input": r"\input{/etc/passwd}",
    "write": r"\immediate\write18{touch smuggled}",
    "openout": r"\newwrite\f \immediate\openout\f=smuggled",
    "script": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "python": "__import__('os').system('touch smuggled')",
    "template": r"{{ 7*7 }} {% include '/etc/passwd' %} \VAR{7*7} \BLOCK{include '/etc/passwd'}",
    "href": r"\href{javascript:alert(1)}{click}",
}


PLACES: dict[str, Callable[[str], str]] = {
    "prose": lambda words: document(words, TRUE),
    "a formula in prose": lambda words: document(f"Let ${words}$ be.", TRUE),
    "the title": lambda words: document(rf"\title{{{words}}}", TRUE),
    "a claim's title": lambda words: document(f"% symgrad: title {words}", TRUE),
    "a claim's label": lambda words: document(TRUE.replace("{true}", f"{{{words}}}")),
    "a claim": lambda words: document(TRUE, rf"\[ {L} = {words} \]"),
    "a reading's name": lambda words: document(f"% symgrad: reading {words}: assume tau >= 1", TRUE),
}


class TestSmuggling:
    @pytest.mark.parametrize("name", SMUGGLED)
    @pytest.mark.parametrize("place", PLACES)
    def test_has_no_effect(
        self, tmp_path: Path, name: str, place: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.chdir(tmp_path)
        (tmp_path / "bad.tex").write_text(PLACES[place](SMUGGLED[name]), "utf-8")
        assert main(["sheet", "bad.tex", "-o", "made", "--to", "tex,html"]) in (0, 2)
        assert "root:" not in "".join(capsys.readouterr())
        for path in (tmp_path / "made").glob("bad.*"):
            assert harmless(path.read_text("utf-8"), path.suffix), path
        assert set(os.listdir(tmp_path)) <= {"bad.tex", "made"}

    @needs("latexmk")
    def test_the_pdf_runs_nothing(self, tmp_path: Path) -> None:
        words = " ".join(SMUGGLED[name] for name in ("script", "python", "template"))
        (tmp_path / "bad.tex").write_text(document(words.replace("\\", "").replace("{%", "{"), TRUE), "utf-8")
        ran = bounded("sheet", "bad.tex", "-o", "made", "--to", "pdf", cwd=tmp_path)
        assert ran.code in (0, 2)
        assert not list(tmp_path.rglob("smuggled"))


def harmless(page: str, suffix: str) -> bool:
    """Whether nothing of what was smuggled is there unescaped, or was evaluated."""
    commands = (r"\input{/etc", r"\write18", r"\immediate", r"\openout", r"\href", r"\VAR", r"\BLOCK")
    tags = ("<script", "<img", "onerror=alert(1)>", 'href="javascript')
    return "root:x:" not in page and not any(one in page for one in (tags if suffix == ".html" else commands))


def test_a_claim_that_reads_a_name_from_python_is_not_evaluated(tmp_path: Path) -> None:
    (tmp_path / "bad.tex").write_text(document(BOUND.replace("W", "exit()")), "utf-8")
    ran = bounded("check", "bad.tex", cwd=tmp_path)
    assert ran.code == 2
