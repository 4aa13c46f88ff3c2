"""Runs the command line as a user does: another process, with bounded time and memory."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DERIVATION = ROOT / "derivations" / "lab-10.5"
SECONDS = 60
MEGABYTES = 3_000
_LIMITED = (
    "import resource, sys; resource.setrlimit(resource.RLIMIT_AS, ({bytes}, {bytes}));"
    "from symgrad.cli import main; sys.exit(main(sys.argv[1:]))"
)


@dataclass(frozen=True, slots=True)
class Ran:
    code: int
    out: str
    err: str


Command = Callable[..., Ran]


def needs(*names: str) -> pytest.MarkDecorator:
    """Skip where a program or module is missing, unless SYMGRAD_REQUIRE_ALL says that nothing may be skipped."""
    missing = [name for name in names if shutil.which(name) is None and find_spec(name) is None]
    skip = bool(missing) and not os.environ.get("SYMGRAD_REQUIRE_ALL")
    return pytest.mark.skipif(skip, reason=f"not found: {', '.join(missing)}")


def symgrad(*arguments: object, cwd: Path = ROOT, seconds: float = SECONDS, megabytes: int = MEGABYTES) -> Ran:
    """Run `symgrad ARGUMENTS`; fails the test if it takes too long."""
    code = _LIMITED.format(bytes=megabytes << 20)
    return run([sys.executable, "-c", code, *map(str, arguments)], cwd=cwd, seconds=seconds, PYTHONPATH=str(ROOT))


def run(command: list[str], *, cwd: Path, seconds: float = SECONDS, **variables: str) -> Ran:
    """Run any command; further keywords are environment variables."""
    settings = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1", **variables}
    settings = {name: value for name, value in settings.items() if value}
    done = subprocess.run(
        command, cwd=cwd, env=settings, timeout=seconds, stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    return Ran(done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8"))
