"""The pytest plugin, in test runs of its own: what is collected, what passes, and what a failure shows."""

from __future__ import annotations

import shutil
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import numpy  # noqa: F401  pytester forgets the modules that a run imports, and numpy cannot be loaded twice
import pytest

from tests.running import ROOT

pytest_plugins = ["pytester"]
HEAD = "% symgrad: use rnn\n% symgrad: assume k >= 1\n"
STEP = (
    r"\begin{align} \nabla_{h_{\tau-1}} L &= \left(\frac{\partial h_\tau}{\partial h_{\tau-1}}\right) \nabla_{h_\tau} L"
    "\\label{eq:step}\\\\\n &= W^T \\operatorname{diag}(1 - h_\\tau^2) \\nabla_{h_\\tau} L \\end{align}\n"
)
BOUND = "\\begin{equation} \\|\\nabla_{h_{\\tau-k}} h_\\tau\\| \\le \\|W\\|^k \\label{eq:bound} \\end{equation}\n"
RIGHT = HEAD + STEP + BOUND


def ran(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    """A test run with the plugin, whether or not it is installed here."""
    installed = any(one.value == "symgrad.pytest_plugin" for one in entry_points(group="pytest11"))
    return pytester.runpytest_inprocess(*(() if installed else ("-p", "symgrad.pytest_plugin")), *arguments)


def write(pytester: pytest.Pytester, name: str, text: str) -> Path:
    path = pytester.path / "derivations" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_test_for_each_relation(pytester: pytest.Pytester) -> None:
    write(pytester, "right.tex", RIGHT)
    result = ran(pytester, "-v", "derivations/")
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(
        [
            "derivations/right.tex::eq:step PASSED*",
            "derivations/right.tex::eq:step, link 2 PASSED*",
            "derivations/right.tex::eq:bound PASSED*",
        ]
    )


def test_markdown(pytester: pytest.Pytester) -> None:
    comment = f"<!-- {HEAD.replace('% ', '')} -->\n# Heading\n"
    write(pytester, "right.md", comment + STEP + BOUND)
    ran(pytester, "derivations/").assert_outcomes(passed=3)


def test_a_failure_is_the_message_of_the_report(pytester: pytest.Pytester) -> None:
    write(pytester, "wrong.tex", RIGHT.replace(r"\|W\|^k", r"\|W\|^{k+1}"))
    result = ran(pytester, "derivations/")
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.re_match_lines(
        [
            r"derivations/wrong\.tex:5:\d+: refuted: eq:bound: fails at .*",
            r"    left side = .*",
            r"    .* does not hold",
        ]
    )
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*pytest_plugin.py*")


def test_one_test_alone(pytester: pytest.Pytester) -> None:
    write(pytester, "wrong.tex", RIGHT.replace(r"\|W\|^k", r"\|W\|^{k+1}"))
    ran(pytester, "derivations/wrong.tex::eq:step, link 2").assert_outcomes(passed=1)
    ran(pytester, "derivations/wrong.tex::eq:bound").assert_outcomes(failed=1)


@pytest.mark.parametrize(
    ("bound", "outcome"), [(r"\|W\|^k", {"failed": 1}), (r"\|W\|^{k+1}", {"passed": 1})], ids=["proved", "refuted"]
)
def test_what_the_text_expects(pytester: pytest.Pytester, bound: str, outcome: dict[str, int]) -> None:
    write(pytester, "expected.tex", HEAD + "% symgrad: expect refuted\n" + BOUND.replace(r"\|W\|^k", bound))
    ran(pytester, "derivations/").assert_outcomes(**outcome)


def test_undecided_is_a_failure(pytester: pytest.Pytester) -> None:
    write(pytester, "open.tex", HEAD + "% symgrad: A : n x n\n" + r"\[ \rho(W A) = \rho(A W) \]")
    result = ran(pytester, "derivations/")
    result.assert_outcomes(failed=1)
    result.stdout.re_match_lines([r"derivations/open\.tex:4:\d+: undecided: .*"])


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (RIGHT.replace(r"\|W\|^k", r"\|Q\|^k"), r"derivations/bad\.tex:5:\d+: unreadable: eq:bound: Q is not declared"),
        (RIGHT + "\\begin{align} W", r"derivations/bad\.tex:6:1: unreadable: \\begin\{align\} is never closed"),
        (RIGHT + "% symgrad: no declaration", r"derivations/bad\.tex:6:\d+: unreadable: .*"),
        (HEAD, r"derivations/bad\.tex:1:1: unreadable: no display holds a relation"),
    ],
    ids=["claim", "text", "declaration", "no claim"],
)
def test_what_cannot_be_read_fails_with_its_place(pytester: pytest.Pytester, text: str, place: str) -> None:
    write(pytester, "bad.tex", text)
    result = ran(pytester, "derivations/")
    assert result.parseoutcomes()["failed"] == 1
    result.stdout.re_match_lines([place])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_a_file_that_is_no_text_fails(pytester: pytest.Pytester) -> None:
    path = write(pytester, "bad.tex", "")
    path.write_bytes(b"% symgrad: use rnn \xff")
    result = ran(pytester, "derivations/")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["derivations/bad.tex:1:20: unreadable: this is not UTF-8 text"])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("paper.tex", STEP),
        ("README.md", "# A project\n\n$$ W = 0 $$\n"),
        ("manual.md", "```\n<!-- symgrad: use rnn -->\n```\n"),
        ("manual.tex", "\\begin{verbatim}\n% symgrad: use rnn\n\\end{verbatim}\n"),
        ("notes.txt", RIGHT),
        ("paper.tex.orig", RIGHT),
    ],
)
def test_files_of_others_are_left_alone(pytester: pytest.Pytester, name: str, text: str) -> None:
    write(pytester, name, text)
    ran(pytester, "derivations/").assert_outcomes()


def test_the_report_is_made_once_for_all_tests(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    from symgrad.check import text

    calls: list[text.Job] = []
    check = text.check_text
    monkeypatch.setattr(text, "check_text", lambda job: calls.append(job) or check(job))
    write(pytester, "right.tex", RIGHT)
    ran(pytester, "--collect-only", "derivations/")
    assert calls == []
    ran(pytester, "derivations/").assert_outcomes(passed=3)
    assert len(calls) == 1


def test_pytest_starts_without_anything_heavy() -> None:
    heavy = {"sympy", "jinja2", "lark", "numpy"}
    code = f"import sys, symgrad.pytest_plugin; print(*({heavy!r} & {{*sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_the_derivations_of_this_project_are_tests_and_the_wrong_ones_are_not(pytester: pytest.Pytester) -> None:
    shutil.copytree(ROOT / "derivations", pytester.path / "derivations")
    result = ran(pytester, "--collect-only", "-q", "derivations/")
    found = {line.partition("::")[0] for line in result.outlines if "::" in line}
    texts = (path for path in (ROOT / "derivations").rglob("*") if path.suffix in (".tex", ".md"))
    assert found == {str(path.relative_to(ROOT)) for path in texts if "wrong" not in path.parts}
