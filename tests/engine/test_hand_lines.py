"""Lines as people write them: true ones (+) are proved, and false ones (-), each near a true one, are refuted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from symgrad.judge import judge
from symgrad.notation.read import read_document

LINES = Path(__file__).with_name("hand_lines.txt").read_text("utf-8").splitlines()


def cases() -> Iterator[tuple[str, str, str]]:
    """A section starts with ## and its name; its declarations, % lines, hold for its lines."""
    section, header = "", [""]
    for line in LINES:
        if line.startswith("## "):
            section, header = line[3:], []
        elif line.startswith("%"):
            header.append(line)
        elif line:
            yield section, "\n".join(header), line


CASES = [pytest.param(*one, id=f"{one[0]}: {one[2]}") for one in cases()]


@pytest.mark.parametrize(("section", "header", "line"), CASES)
def test_line(section: str, header: str, line: str) -> None:
    document = read_document(f"{header}\n\\[ {line[2:]} \\]\n")
    (claim,) = document.claims
    assert not document.problems
    (reading,) = claim.readings
    (link,) = reading.statements
    found = judge(link.statement, link.context or reading.context)
    assert found.status == {"+": "proved", "-": "refuted"}[line[0]], found.reason
