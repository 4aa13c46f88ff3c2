"""The documents tell the truth: their examples are run, and what they list is what there is."""

from __future__ import annotations

import ast
import doctest
import importlib
import io
import pkgutil
import re
import shlex
import tokenize
from pathlib import Path

import pytest

import symgrad
from symgrad.cli import main
from symgrad.kernel.check import RULES
from tests.running import ROOT

README = (ROOT / "README.md").read_text("utf-8")
TRUST = (ROOT / "docs" / "trust.md").read_text("utf-8")
DOCUMENTS = [
    "README.md",
    "CHANGELOG.md",
    "docs/trust.md",
    "docs/scope.md",
    "docs/check.md",
    "docs/reading.md",
    "docs/models.md",
]
MODULES = [one.name for one in pkgutil.walk_packages(symgrad.__path__, "symgrad.") if not one.name.endswith("__main__")]
KERNEL_LINES = 2_450


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.S | re.M)


@pytest.mark.parametrize("name", ["README.md", "docs/scope.md", "docs/models.md"])
def test_examples_in_python(name: str) -> None:
    code = "\n".join(blocks((ROOT / name).read_text("utf-8"), "pycon"))
    example = doctest.DocTestParser().get_doctest(code, {}, name, name, 0)
    found: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    runner.run(example, out=found.append)
    assert example.examples
    assert not runner.failures, "".join(found)


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings(name: str) -> None:
    assert not doctest.testmod(importlib.import_module(name)).failed


@pytest.mark.parametrize(("name", "file"), [("README.md", "solution.tex"), ("docs/models.md", "own.tex")])
def test_commands_on_the_text_of_a_document(
    name: str, file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    document = (ROOT / name).read_text("utf-8")
    (text,) = blocks(document, "latex")
    (tmp_path / file).write_text(text, "utf-8")
    monkeypatch.chdir(tmp_path)
    commands = [part for one in blocks(document, "console") for part in re.split(r"^\$ ", one, flags=re.M)[1:]]
    assert commands
    for command in commands:
        line, _, expected = command.partition("\n")
        main(shlex.split(line)[1:])
        assert doctest.OutputChecker().check_output(expected, capsys.readouterr().out, doctest.ELLIPSIS), command


def test_commands_and_exit_codes_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    for name in re.findall(r"^    (\w+) ", capsys.readouterr().out, re.M):
        assert f"| `symgrad {name}" in README
    assert re.findall(r"^\| (\d) \|", README, re.M) == ["0", "1", "2", "3"]


@pytest.mark.parametrize("name", sorted(RULES))
def test_every_rule_is_on_the_page_about_trust(name: str) -> None:
    assert f"`{name}`" in TRUST


def test_no_other_rule_is_on_the_page_about_trust() -> None:
    rows = re.findall(r"^\| (`[^|]+`) \|", TRUST.partition("## Rules")[2].partition("## ")[0], re.M)
    assert {name for row in rows for name in re.findall(r"`(\w+)`", row)} == set(RULES)


def test_the_kernel_is_what_the_page_about_trust_says() -> None:
    modules = {path.name: path for path in (ROOT / "symgrad" / "kernel").glob("*.py")}
    listed = re.findall(r"`(\w+\.py)`", TRUST.partition("## The normal form")[0])
    assert sorted(listed) == sorted(set(modules) - {"__init__.py"})
    assert f"at most {KERNEL_LINES:,} lines of code" in TRUST
    assert sum(map(lines_of_code, modules.values())) <= KERNEL_LINES


def lines_of_code(path: Path) -> int:
    """Lines that hold more than a docstring, a comment or nothing."""
    source = path.read_text("utf-8")
    blank = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)
    tokens = [one for one in tokenize.generate_tokens(io.StringIO(source).readline) if one.type not in blank]
    held = {line for one in tokens for line in range(one.start[0], one.end[0] + 1)}
    for node in ast.walk(ast.parse(source)):
        body = getattr(node, "body", None)
        first = body[0] if isinstance(body, list) and body else None
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
            held -= set(range(first.lineno, (first.end_lineno or first.lineno) + 1))
    return len(held)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_lead_somewhere(name: str) -> None:
    path = ROOT / name
    for target in re.findall(r"\]\(([^)#]+)\)", path.read_text("utf-8")):
        assert target.startswith("https://") or (path.parent / target).exists(), target


def test_the_changelog_has_this_version() -> None:
    assert f"\n## {symgrad.__version__}\n" in (ROOT / "CHANGELOG.md").read_text("utf-8")
