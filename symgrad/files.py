"""Files as the command line takes and leaves them: text is bounded and checked, what cannot be used is refused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MAX_BYTES = 1_000_000


class UserError(Exception):
    """Something the user can mend; the message is all that is shown."""


class FileError(UserError):
    """A file that cannot be used, with the line and column (from 1, or 0 where there is none) of the reason."""

    def __init__(self, path: Path, message: str, line: int = 0, column: int = 0) -> None:
        place = f"{path}:{line}:{column}" if line else str(path)
        super().__init__(f"{place}: {message}")
        self.path, self.message, self.line, self.column = path, message, line, column


def read_text(path: Path, limit: int = MAX_BYTES) -> str:
    """The text of a file. Raises FileError for one that is missing, empty, too large, binary or not UTF-8."""
    with complaints(path), path.open("rb") as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise FileError(path, f"larger than {limit:,} bytes")
    if not data.strip():
        raise FileError(path, "the file is empty")
    if b"\0" in data:
        raise FileError(path, "this is a binary file, not text")
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise FileError(path, "this is not UTF-8 text", *_place(data[: error.start])) from None


def _place(before: bytes) -> tuple[int, int]:
    """The line and column, from 1, that come after these bytes."""
    lines = before.decode("utf-8-sig").split("\n")
    return len(lines), len(lines[-1]) + 1


@contextmanager
def complaints(path: Path) -> Iterator[None]:
    """Turns what the operating system refuses into a FileError."""
    try:
        yield
    except OSError as error:
        raise FileError(path, error.strerror or str(error)) from None
