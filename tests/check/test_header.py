"""`symgrad declare`: the guessed header is printed, or written once and without harm to the file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.running import Command

TEXT = "\\documentclass{article}\n\\[ \\nabla_{h_{t-1}} L = W \\nabla_{h_t} L \\]\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "bare.tex"
    found.write_text(TEXT, "utf-8")
    return found


def test_prints_declarations(command: Command, path: Path) -> None:
    ran = command("declare", path)
    assert (ran.code, ran.err) == (0, "")
    assert all(line.startswith(("% symgrad: ", "% a guess: ")) for line in ran.out.splitlines())
    assert path.read_text("utf-8") == TEXT


def test_writes_them_at_the_top(command: Command, path: Path) -> None:
    header = command("declare", path).out
    ran = command("declare", path, "--write")
    assert (ran.code, ran.out) == (0, header)
    assert path.read_text("utf-8") == header + TEXT
    assert [one.name for one in path.parent.iterdir()] == ["bare.tex"]


def test_never_twice(command: Command, path: Path) -> None:
    command("declare", path, "--write")
    written = path.read_bytes()
    ran = command("declare", path, "--write")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == f"symgrad: {path}:2:1: this file has declarations already\n"
    assert path.read_bytes() == written


def test_line_ends_mark_and_rights_stay(command: Command, path: Path) -> None:
    path.write_bytes(b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode())
    path.chmod(0o640)
    header = command("declare", path, "--write").out
    assert path.read_bytes() == b"\xef\xbb\xbf" + (header + TEXT).replace("\n", "\r\n").encode()
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_link_stays_a_link(command: Command, path: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.tex"
    os.symlink(path, link)
    assert command("declare", link, "--write").code == 0
    assert link.is_symlink()
    assert path.read_text("utf-8").endswith(TEXT) and path.read_text("utf-8") != TEXT


def test_markdown_has_comments_below_its_front_matter(command: Command, tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text("---\ntitle: a\n---\n$$ W h_t = h_t $$\n", "utf-8")
    header = command("declare", "notes.md", "--write").out
    assert all(
        line.startswith(("<!-- symgrad: ", "<!-- a guess: ")) and line.endswith(" -->") for line in header.splitlines()
    )
    assert (tmp_path / "notes.md").read_text("utf-8") == f"---\ntitle: a\n---\n{header}$$ W h_t = h_t $$\n"


def test_a_file_that_cannot_be_read(command: Command, tmp_path: Path) -> None:
    (tmp_path / "bad.tex").write_bytes(b"\0")
    for name in ("bad.tex", "missing.tex"):
        ran = command("declare", name, "--write")
        assert (ran.code, ran.out) == (2, "")
        assert ran.err.startswith(f"symgrad: {name}: ")
