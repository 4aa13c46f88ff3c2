"""The hook for pre-commit: its command, run as pre-commit runs it, with the changed files as arguments."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.running import ROOT, Ran, symgrad

RIGHT = "% symgrad: use rnn\n\\[ \\|W^T\\| = \\|W\\| \\]\n"
FILES = {
    "right.tex": RIGHT,
    "notes.md": "<!-- symgrad: use rnn -->\n\n$$ \\|W^T\\| = \\|W\\| $$\n",
    "README.md": "# A project\n\n$$ undeclared = 0 $$\n",
    "paper.tex": "\\[ E = m c^2 \\]\n",
    "plot.py": "print(1)\n",
}


def hook() -> dict[str, str]:
    """The fields of the one hook that there is."""
    text = (ROOT / ".pre-commit-hooks.yaml").read_text("utf-8")
    assert len(re.findall(r"^- id:", text, re.M)) == 1
    return dict(re.findall(r"^[- ] (\w+): (.*)$", text, re.M))


def commit(folder: Path, **changed: str) -> Ran:
    """What the hook says of a commit of the files above, some of them changed."""
    found = FILES | {name.replace("_", "."): text for name, text in changed.items()}
    for name, text in found.items():
        (folder / name).write_text(text, "utf-8")
    program, *arguments = hook()["entry"].split()
    assert program == "symgrad"
    return symgrad(*arguments, *(name for name in found if re.search(hook()["files"], name)), cwd=folder)


def test_what_is_right_may_be_committed(tmp_path: Path) -> None:
    ran = commit(tmp_path)
    assert ran.code == 0, ran.out
    assert re.findall(r"^[^ :]+(?=:\d+:\d+: )", ran.out, re.M) == ["right.tex", "notes.md"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (RIGHT.replace("W^T", "2 W"), r"^right\.tex:2:\d+: refuted: "),
        (RIGHT.replace("W^T", "Q"), r"^right\.tex:2:6: unreadable: .*Q is not declared"),
        (RIGHT.replace("use rnn", "use rnm"), r"^right\.tex:1:\d+: unreadable: .*did you mean rnn"),
    ],
    ids=["refuted", "unreadable", "declaration"],
)
def test_what_is_wrong_may_not(tmp_path: Path, text: str, said: str) -> None:
    ran = commit(tmp_path, right_tex=text)
    assert ran.code in (1, 2)
    assert re.search(said, ran.out, re.M), ran.out


def test_a_commit_without_derivations_passes(tmp_path: Path) -> None:
    ran = commit(tmp_path, right_tex=FILES["paper.tex"], notes_md=FILES["README.md"])
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == "symgrad: none of these files declares anything\n"
