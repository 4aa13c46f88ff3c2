"""What is wrong with a text, and where: positions, carets and the errors that carry them.

Inside this package a reader raises `MisreadError` with an offset; whoever holds the `Source` turns it into a `Problem`.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from symgrad.kernel.term import Term

    from .dialect import Dialect

MAX_EXCERPT = 120


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of a text. `caret` is the line it stands on and, below it, a mark under the column."""

    path: str
    line: int
    column: int
    message: str
    caret: str = ""

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}: {self.message}"


class ReadError(ValueError):
    """A text that cannot be read. `problems` says why; there is at least one."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class MisreadError(Exception):
    """What is wrong at an offset of the text being read. A term among the parts is told with its shape."""

    def __init__(self, at: int, *parts: str | Term) -> None:
        super().__init__(at, *parts)
        self.at = at
        self._parts = parts

    @property
    def message(self) -> str:
        return self.said(None)

    def said(self, dialect: Dialect | None) -> str:
        """The message in the letters of a dialect."""
        # Imported here: writing needs the records of a document, and those the problems.
        from .write import told

        return "".join(one if isinstance(one, str) else told(one, dialect) for one in self._parts)


class UndeclaredError(MisreadError):
    """A name that is declared as nothing."""

    def __init__(self, at: int, name: str, message: str) -> None:
        super().__init__(at, message)
        self.name = name


class Source:
    """A text with its path; turns offsets into lines and columns (both from 1)."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        self._starts = [0, *(at + 1 for at, character in enumerate(text) if character == "\n")]

    def line(self, at: int) -> int:
        return bisect_right(self._starts, at)

    def column(self, at: int) -> int:
        return at - self._starts[self.line(at) - 1] + 1

    def problem(self, at: int, message: str) -> Problem:
        """The problem at an offset, with the line it stands on."""
        at = min(max(at, 0), len(self.text))
        line, column = self.line(at), self.column(at)
        return Problem(self.path, line, column, message, _excerpt(self._line_text(line), column))

    def _line_text(self, line: int) -> str:
        start = self._starts[line - 1]
        stop = self._starts[line] - 1 if line < len(self._starts) else len(self.text)
        return self.text[start:stop]


def _excerpt(line: str, column: int) -> str:
    start = max(0, column - 1 - MAX_EXCERPT // 2) if len(line) > MAX_EXCERPT else 0
    shown = "".join(character if character.isprintable() else " " for character in line[start : start + MAX_EXCERPT])
    return f"{shown}\n{' ' * (column - 1 - start)}^"
