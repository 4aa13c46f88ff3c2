"""Files as the command line takes and leaves them: text is bounded and checked, folders and files are made or refused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MAX_BYTES = 2_000_000


class UserError(Exception):
    """Something the user can mend; the message is all that is shown."""


def read_text(path: Path, limit: int = MAX_BYTES) -> str:
    """The text of a file. Raises UserError for one that is missing, empty, too large, binary or not UTF-8."""
    with complaints(path), path.open("rb") as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise UserError(f"{path}: larger than {limit:,} bytes")
    if not data.strip():
        raise UserError(f"{path}: the file is empty")
    if b"\0" in data:
        raise UserError(f"{path}: this is a binary file, not text")
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise UserError(f"{path}:{_place(data, error.start)}: this is not UTF-8 text") from None


def _place(data: bytes, offset: int) -> str:
    """The line and column, from 1, of a byte before which all is UTF-8."""
    before = data[:offset].decode("utf-8-sig")
    return f"{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"


@contextmanager
def complaints(path: Path) -> Iterator[None]:
    """Turns what the operating system refuses into a UserError that names the path."""
    try:
        yield
    except OSError as error:
        raise UserError(f"{path}: {error.strerror or error}") from None
