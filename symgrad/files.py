"""Files as the command line takes and leaves them: text is bounded and checked, what cannot be used is refused."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path

MAX_BYTES = 1_000_000
MAX_NAME = 100


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
        return decoded(path, file.read(limit + 1), limit)


def decoded(path: Path, data: bytes, limit: int = MAX_BYTES) -> str:
    """The text of what was read from a path, up to one byte past the limit. Raises FileError as `read_text` does."""
    if len(data) > limit:
        raise FileError(path, f"larger than {limit:,} bytes")
    if not data.strip():
        raise FileError(path, "the file is empty")
    if b"\0" in data:
        raise FileError(path, "this is a binary file, not text")
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:  # its object is the data without the mark that a text may begin with
        raise FileError(path, "this is not UTF-8 text", *_place(error.object[: error.start])) from None


def _place(before: bytes) -> tuple[int, int]:
    """The line and column, from 1, that come after these bytes."""
    lines = before.decode("utf-8").split("\n")
    return len(lines), len(lines[-1]) + 1


@contextmanager
def complaints(path: Path) -> Iterator[None]:
    """Turns what the operating system refuses into a FileError."""
    try:
        yield
    except OSError as error:
        raise FileError(path, error.strerror or str(error)) from None


def write_file(path: Path, content: str) -> None:
    """Write a text file whole or not at all, line ends as they are."""
    with fresh(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        file.write(content)


@contextmanager
def fresh(path: Path) -> Iterator[Path]:
    """A file beside `path` that takes its place, with its rights, at the end; nothing is left of it after an error."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        os.chmod(temporary, path.stat().st_mode & 0o7777 if path.is_file() else 0o666 & ~_umask())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


@cache
def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def safe_name(words: Iterable[str], taken: set[str]) -> str:
    """A name that is safe on any file system and differs from those that are taken, whatever the case of letters."""
    plain = re.sub(r"[^A-Za-z0-9.]+", "-", "-".join(word for word in words if word)).strip("-.")[:MAX_NAME] or "claim"
    name = next(name for name in _numbered(plain) if name.casefold() not in taken)
    taken.add(name.casefold())
    return name


def _numbered(name: str) -> Iterator[str]:
    yield name
    for number in count(2):
        yield f"{name}.{number}"
