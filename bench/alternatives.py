"""Other public libraries beside symgrad: each in a process of a Python that has them, and with a limit of time.

What they do stands in `others/`. They are no dependencies of symgrad: without such a Python the rows say so.
"""

from __future__ import annotations

import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

from bench.measure import Result, duration, growth

FOLDER = Path(__file__).resolve().parent / "others"
PYTHON = FOLDER.parents[1] / ".venv-bench" / "bin" / "python"
LOADING_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Alternative:
    """A library, the program that runs it, and in what form the cases are put to it."""

    library: str
    command: tuple[str, ...]
    form: str


SYMPY = Alternative("sympy", ("entries.py", "sympy"), "SymPy, entries at fixed sizes")
SYMENGINE = Alternative("symengine", ("entries.py", "symengine"), "SymEngine, entries at fixed sizes")
EGGLOG = Alternative("egglog", ("egraph.py",), "egglog, rules for matrices")
TENSORGRAD = Alternative("tensorgrad", ("tensors.py",), "tensorgrad, symbolic sizes")
ALTERNATIVES = (SYMPY, SYMENGINE, EGGLOG, TENSORGRAD)


@dataclass(frozen=True, slots=True)
class Race:
    """How to run the others: their Python, and the seconds that each case may take."""

    python: Path
    limit: int

    def beside(self, case: str, ours: float) -> list[Result]:
        """A row for each alternative, with its time to ours."""
        return [Result(f"  {one.form}", self._ratio(self._found(one, case), ours)) for one in ALTERNATIVES]

    def growing(self, case: str, sizes: tuple[int, ...]) -> list[Result]:
        """A row for each alternative, with the exponent of its growth if it has done all sizes."""
        return [Result(f"  {one.form}", self._growth(one, case, sizes)) for one in ALTERNATIVES]

    def _growth(self, one: Alternative, case: str, sizes: tuple[int, ...]) -> str:
        found: list[float | str] = []
        for size in sizes:
            found.append(self._found(one, f"{case}:{size}"))
            if isinstance(found[-1], str):
                break
        times = [time for time in found if isinstance(time, float)]
        shown = ", ".join(duration(time) if isinstance(time, float) else time for time in found)
        return f"k^{growth(sizes, times):.2f} ({shown})" if len(times) == len(sizes) else shown

    def _ratio(self, found: float | str, ours: float) -> str:
        return found if isinstance(found, str) else f"{duration(found)}, {found / ours:.2g} times as long"

    def _found(self, one: Alternative, case: str) -> float | str:
        """Seconds, or why there are none."""
        if not self._has(one.library):
            return "not installed"
        program, *rest = one.command
        command = [str(self.python), str(FOLDER / program), *rest, case, str(self.limit)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=4 * self.limit + LOADING_SECONDS)
        except subprocess.TimeoutExpired:
            return f"more than {self.limit} s"
        if done.returncode == -signal.SIGALRM:
            return f"more than {self.limit} s"
        if done.returncode != 0:
            return f"cannot: {_reason(done)}"
        last = done.stdout.strip().splitlines()[-1]
        return last if last.startswith("cannot") else float(last)

    def _has(self, library: str) -> bool:
        code = f"import importlib.util, sys; sys.exit(importlib.util.find_spec({library!r}) is None)"
        return self.python.exists() and subprocess.run([str(self.python), "-c", code]).returncode == 0


def _reason(done: subprocess.CompletedProcess[str]) -> str:
    """The last line of what a failed process said, or the signal that ended it."""
    if done.returncode < 0:
        return signal.Signals(-done.returncode).name
    return (done.stderr.strip().splitlines() or ["failed"])[-1][:60]
