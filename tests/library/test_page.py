"""The page of a library: what it lists and where, what is escaped, and what the command says and returns."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from pathlib import Path

import pytest

from tests.running import Command
from tests.test_bad_input import SMUGGLED, harmless

TRACE = r"""
\title{The trace of a product}
% symgrad: size n, m
% symgrad: X : n x m
% symgrad: A : m x n
The trace pairs entries of two matrices.
% symgrad: source A book (2012), equation (100)
\begin{equation}\label{eq:trace}
  \nabla_X \operatorname{tr}(X A) = RIGHT
\end{equation}
"""
TRUE, FALSE, UNREAD = (TRACE.replace("RIGHT", right) for right in ("A^T", "A^T A A^T", r"A \otimes A"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in (("matrix-calculus/trace.tex", TRUE), ("losses/other.tex", TRUE.replace("trace", "loss"))):
        (tmp_path / "library" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "library" / name).write_text(text, "utf-8")
    return tmp_path / "library"


def made(command: Command, folder: Path, code: int = 0) -> str:
    ran = command("library", folder, "-o", "made/index.html")
    assert ran.code == code
    assert re.fullmatch(r"(eq:\S+ +(proved|refuted) .*\n)+wrote made/index.html\n", ran.out)
    return Path("made/index.html").read_text("utf-8")


def articles(page: str) -> list[str]:
    return re.findall(r'<article class="identity".*?</article>', page, re.S)


def test_lists_each_claim_under_its_topic(command: Command, folder: Path) -> None:
    page = made(command, folder)
    assert re.findall(r"<h2>(.*?)</h2>", page) == ["Losses", "Matrix calculus"]
    first, second = articles(page)
    assert "matrix-calculus/trace.tex" in second and "losses/other.tex" in first
    for part in ("<h3>The trace of a product</h3>", "A book (2012), equation (100)", "The trace pairs entries"):
        assert part in second
    assert re.search(r'<div class="result proved">.*?<strong>Proved</strong> for all', second, re.S)
    assert "<summary>Proof</summary>" in second


def test_what_is_false_is_not_shown_as_proved(command: Command, folder: Path) -> None:
    (folder / "losses" / "other.tex").write_text(FALSE, "utf-8")
    first, second = articles(made(command, folder, code=1))
    assert 'class="result refuted"' in first and 'class="result proved"' not in first
    assert 'class="result proved"' in second


def test_what_cannot_be_read_is_told(command: Command, folder: Path) -> None:
    (folder / "losses" / "other.tex").write_text(UNREAD, "utf-8")
    ran = command("library", folder, "-o", "index.html")
    assert ran.code == 2
    assert "other.tex:9:" in ran.err
    page = Path("index.html").read_text("utf-8")
    assert len(articles(page)) == 1
    assert re.search(r'<div class="panel bad">.*other.tex:9:', page)


def test_a_folder_without_texts_is_refused(command: Command, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    ran = command("library", tmp_path / "empty")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == f"symgrad: {tmp_path / 'empty'}: there is no .tex file in this folder or below it\n"


def test_a_missing_folder_is_refused(command: Command, tmp_path: Path) -> None:
    ran = command("library", tmp_path / "missing")
    assert ran.code == 2
    assert "missing" in ran.err and "Traceback" not in ran.err


def test_a_claim_without_a_source_has_none(command: Command, folder: Path) -> None:
    text = re.sub(r"% symgrad: source.*\n", "", TRUE)
    (folder / "losses" / "other.tex").write_text(text, "utf-8")
    assert "A book" not in articles(made(command, folder))[0]


def test_a_sheet_names_the_source_too(command: Command, folder: Path) -> None:
    assert command("sheet", folder / "losses" / "other.tex", "-o", "sheet", "--to", "tex,html").code == 0
    assert '<p class="fine">A book (2012), equation (100)</p>' in Path("sheet/other.html").read_text("utf-8")
    assert "{quiet}A book (2012), equation (100)}" in Path("sheet/other.tex").read_text("utf-8")


def test_a_source_that_says_nothing_is_told(command: Command, folder: Path) -> None:
    text = re.sub(r"(% symgrad: source).*\n", r"\1\n", TRUE)
    (folder / "losses" / "other.tex").write_text(text, "utf-8")
    ran = command("library", folder)
    assert ran.code == 2
    assert "other.tex:7:12: say where this stands" in ran.err


@pytest.mark.parametrize("name", SMUGGLED)
def test_words_of_a_text_are_escaped(command: Command, folder: Path, name: str) -> None:
    text = TRUE.replace("A book (2012)", SMUGGLED[name]).replace("The trace pairs", SMUGGLED[name])
    (folder / "losses" / "other.tex").write_text(text, "utf-8")
    page = Path("made/index.html")
    command("library", folder, "-o", page)
    body = re.sub(r"<script>.*?</script>", "", page.read_text("utf-8"), flags=re.S)
    assert harmless(body, ".html")
    assert len(articles(body)) in (1, 2)


def test_the_policy_allows_one_script_and_that_is_the_one(command: Command, folder: Path) -> None:
    page = made(command, folder)
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.S)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in html.unescape(page)


def test_the_words_that_the_filter_looks_at(command: Command, folder: Path) -> None:
    words = re.findall(r'data-words="(.*?)"', made(command, folder))[1]
    for word in ("trace of a product", "equation (100)", "matrix calculus", "trace.tex", "tr(x a)"):
        assert word in words
