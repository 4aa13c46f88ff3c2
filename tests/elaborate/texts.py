"""Short texts about one network, judged as a file is, and what is said of their lines in plain words."""

from __future__ import annotations

from symgrad.judged import Judged, judge_document
from symgrad.notation.dialect import Dialect
from symgrad.notation.read import read_document
from symgrad.notation.write import plain
from symgrad.verdict import Remark

RNN = "% symgrad: use rnn\n"
LSTM = "% symgrad: use lstm\n"


def judged(text: str, header: str = RNN) -> list[Judged]:
    """Every link of a text that can be read."""
    document = read_document(header + text, "text.tex")
    assert not document.all_problems, [str(one) for one in document.all_problems]
    return judge_document(document)


def displays(*lines: str) -> str:
    """Each line a display, from line 2 of the text on."""
    return "".join(f"\\[ {line} \\]\n" for line in lines)


def words(remark: Remark | None, dialect: Dialect) -> str:
    """A remark in plain text; empty for none."""
    parts = remark.text if remark is not None else ()
    return "".join(part if isinstance(part, str) else plain(part, dialect) for part in parts)


def said(one: Judged) -> str:
    """What is suggested for a link."""
    reading = next(reading for reading in one.claim.readings if reading.name == one.reading)
    return words(one.suggestion, reading.dialect)
