"""The command `declare`: a guessed header for a text that declares nothing, printed or written at its top."""

from __future__ import annotations

import re
from pathlib import Path

from ..files import FileError, complaints, read_text, write_file

_DECLARED = re.compile(r"(?:%|<!--)[ \t]*symgrad:")
_FRONT_MATTER = re.compile(r"---[ \t]*\r?\n.*?^(?:---|\.\.\.)[ \t]*\r?\n", re.DOTALL | re.MULTILINE)
_MARK = "\ufeff"


def guessed(path: Path) -> list[str]:
    """The lines of a header for a file. Raises FileError for one that has declarations, or cannot be read."""
    from ..notation.guess import guess_header

    text = read_text(path)
    declared = _DECLARED.search(text)
    if declared:
        line = text.count("\n", 0, declared.start()) + 1
        raise FileError(path, "this file has declarations already", line, 1)
    lines = guess_header(text, str(path)).splitlines()
    return [f"<!-- {line.removeprefix('% ')} -->" for line in lines] if path.suffix == ".md" else lines


def insert(path: Path, lines: list[str]) -> None:
    """Put lines at the top of a file, below the front matter of Markdown. The file is written whole or not at all; its
    line ends and its byte order mark stay. Raises FileError."""
    with complaints(path):
        # A link goes on leading to the file that is changed.
        target = path.resolve()
        text = target.read_bytes().decode("utf-8")
        end = "\r\n" if "\r\n" in text else "\n"
        start = len(_MARK) * text.startswith(_MARK)
        front = _FRONT_MATTER.match(text, start) if path.suffix == ".md" else None
        at = front.end() if front else start
        write_file(target, text[:at] + "".join(line + end for line in lines) + text[at:])
