"""Side-by-side measurements in one run: medians of paired repeats, each with what it is meant to reach.

`make bench`, or `python -m bench.run --quick`. Ratios carry over to other machines; the times beside them do not.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from statistics import median

from bench.alternatives import PYTHON, Race
from bench.gradients import layers, parameters, whole_gradients
from bench.measure import Result, duration, growth, paired, seconds

ROOT = Path(__file__).resolve().parents[1]
SHEET = ROOT / "derivations" / "lab-10.5"
QUICK = 3
TEXTS, RELATIONS, SEED = 1_000, 5, 2022


def explicit_entries(repeats: int) -> Iterator[Result]:
    """Equation (1) at k = 6 as a product of matrices and as entrywise steps: the normal form, and SymPy at n = 2."""
    import sympy
    from sympy.core.cache import clear_cache

    from bench.claims import as_factors, as_steps
    from symgrad.kernel.normal import Comparison, compare

    k, size = 6, 2
    W = sympy.Matrix(size, size, sympy.symbols(f"w:{size * size}"))
    h = [sympy.Matrix(sympy.symbols(f"h{step}_:{size}")) for step in range(k)]
    g = sympy.Matrix(sympy.symbols(f"g:{size}"))

    def theirs() -> None:
        clear_cache()  # else the second repeat would only look up what the first has expanded
        factors = sympy.eye(size)
        for state in h:
            factors = factors * (W.T * sympy.diag(*(1 - entry**2 for entry in state)))
        steps = g
        for state in reversed(h):
            steps = W.T * steps.multiply_elementwise(state.applyfunc(lambda entry: 1 - entry**2))
        assert (factors * g).expand() == steps.expand()

    left, right = as_factors(k), as_steps(k)

    def ours() -> None:
        assert compare(left, right, {"h": "tanh"}) is Comparison.EQUAL

    mine, other, ratio = paired(ours, theirs, max(3, repeats // 4))
    found = f"{ratio:,.0f} times ({duration(mine)}, SymPy {duration(other)})"
    yield Result("(1) at k = 6: faster than SymPy's expand at n = 2", found, "at least 1,000 times", ratio >= 1_000)


def normal_forms(repeats: int) -> Iterator[Result]:
    """The normal forms of (1) and (3) written out, and the exponent of k in the time they take."""
    from bench.claims import as_factors, cell_path
    from symgrad.kernel.normal import Normalizer
    from symgrad.kernel.term import Term

    def fastest(term: Term) -> float:
        return min(seconds(lambda: Normalizer({"h": "tanh"}).form(term)) for _ in range(3))

    depths = (100, 1_000, 10_000)
    for name, make in (("(1)", as_factors), ("(3)", cell_path)):
        found = [fastest(make(k)) for k in depths]
        exponent = growth(depths, found)
        shown = f"k^{exponent:.2f} ({', '.join(map(duration, found))})"
        yield Result(f"normal form of {name} at k = 100, 1,000, 10,000", shown, "at most k^1.3", exponent <= 1.3)


def symbolic(repeats: int) -> Iterator[Result]:
    """Equation (1) for every k: two forms of its product compared, and its whole proof."""
    from bench.claims import EQUATION_1, VANILLA, counted_from_one, counted_in_time
    from symgrad.engine.prove import prove
    from symgrad.kernel.normal import Comparison, compare

    left, right = counted_from_one(), counted_in_time()
    assert compare(left, right, {"h": "tanh"}) is Comparison.EQUAL
    one = median(seconds(lambda: compare(left, right, {"h": "tanh"})) for _ in range(5 * repeats))
    yield Result("two forms of (1) compared for all n and k", duration(one), "under 5 ms", one < 5e-3)
    assert prove(EQUATION_1, VANILLA).proved
    whole = median(seconds(lambda: prove(EQUATION_1, VANILLA)) for _ in range(repeats))
    yield Result("whole proof of (1), found and checked", duration(whole), "under 100 ms", whole < 0.1)


def shared_graph(repeats: int) -> Iterator[Result]:
    """Every cotangent of an LSTM at k = 100, with every path, as a shared graph."""
    from symgrad.cells import lstm
    from symgrad.engine.backprop import backprop_through_time

    cell = lstm()
    found = median(seconds(lambda: backprop_through_time(cell, "h", "s", 100, loss="L")) for _ in range(repeats))
    yield Result("gradient of an LSTM at k = 100 as a shared graph", duration(found), "under 100 ms", found < 0.1)


def sheet_claims(repeats: int) -> Iterator[Result]:
    """All claims of the sheet judged in a process that has everything loaded."""
    from bench.claims import SHEET_CLAIMS
    from symgrad.judge import judge

    def ours() -> None:
        for statement, context in SHEET_CLAIMS:
            assert judge(statement, context).proved

    ours()
    found = median(seconds(ours) for _ in range(repeats))
    yield Result(f"{len(SHEET_CLAIMS)} claims of the sheet judged", duration(found), "under 400 ms", found < 0.4)


def processes(repeats: int) -> Iterator[Result]:
    """What a user waits for at the prompt."""
    command = [sys.executable, "-m", "symgrad"]
    yield from started("symgrad --help, to importing argparse", [*command, "--help"], "import argparse", repeats)
    formula = [*command, "check", "--declare", "use rnn", "--formula", "W W^T = (W W^T)^T"]
    yield from started("symgrad check of one line, to importing SymPy", formula, "import sympy", repeats)
    folder = Path(tempfile.mkdtemp())
    try:
        sheet = [*command, "sheet", str(SHEET), "-o", str(folder), "--to", "tex,html", "--no-figures"]
        yield from started("symgrad sheet, to importing SymPy", sheet, "import sympy", max(3, repeats // 2))
    finally:
        shutil.rmtree(folder)


def started(what: str, command: list[str], code: str, repeats: int) -> Iterator[Result]:
    """A command beside `python -c code`, and the most memory that it took."""
    code_run, peak = run(command)
    if code_run != 0:
        yield Result(what, "not available", "at most 2 times", None)
        return
    other = [sys.executable, "-c", code]
    mine, theirs, ratio = paired(lambda: run(command), lambda: run(other), repeats)
    found = f"{1 / ratio:.2f} times ({duration(mine)} to {duration(theirs)})"
    yield Result(what, found, "at most 2 times", 1 / ratio <= 2)
    yield Result(f"{what.split(',')[0]}, most memory", f"{peak:.0f} MB", "under 200 MB", peak < 200)


def hand_derivations(repeats: int) -> Iterator[Result]:
    """`symgrad check` of texts of five relations, half of them wrong: by one process, by two, and of a tenth."""
    count = TEXTS if repeats > QUICK else TEXTS // 10
    folder = Path(tempfile.mkdtemp())
    try:
        few, many = text_folder(folder / "few", count // 10), text_folder(folder / "many", count)
        _, little = run(check_command(few, 1))
        started, (code, peak) = time.perf_counter(), run(check_command(many, 1))
        alone = time.perf_counter() - started
        assert code == 1, "every text can be read, and some are wrong"
        both = seconds(lambda: run(check_command(many, 2)))
        reading, theirs = reading_speeds(count)
    finally:
        shutil.rmtree(folder)
    speed = RELATIONS * count / alone
    shown = f"{speed / theirs:.2f} times ({speed:.0f} to {theirs:.0f} a second)"
    yield Result(f"{count:,} texts checked, to SymPy reading them", shown, "at least 5 times", speed >= 5 * theirs)
    shown = f"{reading / theirs:.2f} times ({reading:.0f} a second)"
    yield Result(f"{count:,} texts only read, to SymPy reading them", shown, "at least 5 times", reading >= 5 * theirs)
    yield Result(
        "the same texts with --jobs 2", f"{alone / both:.2f} times as fast", "at least 1.5", alone / both >= 1.5
    )
    shown = f"{peak / little:.2f} times ({little:.0f} MB, {peak:.0f} MB)"
    yield Result(
        f"most memory for {count:,} texts, to {count // 10:,}", shown, "at most 1.2 times", peak <= 1.2 * little
    )


def text_folder(folder: Path, count: int) -> Path:
    from bench.derivations import texts

    folder.mkdir()
    for place, text in enumerate(texts(count, SEED)):
        (folder / f"{place:04}.tex").write_text(text, "utf-8")
    return folder


def check_command(folder: Path, jobs: int) -> list[str]:
    return [sys.executable, "-m", "symgrad", "check", str(folder), "--jobs", str(jobs)]


def reading_speeds(count: int) -> tuple[float, float]:
    """Relations a second: symgrad's reader with all declarations, and SymPy's parser on the relations alone."""
    from sympy.parsing.sympy_parser import parse_expr

    from bench.derivations import as_python, relations, texts

    given = list(texts(count, SEED))
    pairs = [[tuple(map(as_python, sides)) for sides in relations(text)] for text in given]
    ours = seconds(lambda: [relations(text) for text in given])
    theirs = seconds(lambda: [parse_expr(side) for text in pairs for sides in text for side in sides])
    return RELATIONS * count / ours, RELATIONS * count / theirs


def run(command: list[str]) -> tuple[int, float]:
    """Exit code and peak memory in MB of a process."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return process.returncode, usage.ru_maxrss / unit


# Processes first: a child is charged for the memory of the parent that it was split off from.
MEASUREMENTS = (processes, hand_derivations, symbolic, shared_graph, sheet_claims, normal_forms, explicit_entries)
BESIDE_OTHERS = (parameters, whole_gradients, layers)


def show(rows: Sequence[Result]) -> None:
    width = max(len(row.what) for row in rows)
    middle = max(len(row.found) for row in rows)
    for row in rows:
        mark = {True: "reached", False: "missed", None: ""}[row.reached]
        print(f"{row.what:{width}}  {row.found:{middle}}  {row.aim:22}{mark}".rstrip())


def main() -> int:
    """Exit code 1 if an aim was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK} repeats instead of 11")
    parser.add_argument("--others", type=Path, default=PYTHON, help="the Python that has the other libraries")
    chosen = parser.parse_args()
    repeats, race = (QUICK if chosen.quick else 11), Race(chosen.others, 5 if chosen.quick else 20)
    measurements = (*MEASUREMENTS, *(partial(measure, race=race) for measure in BESIDE_OTHERS))
    rows = [row for measure in measurements for row in measure(repeats)]
    show(rows)
    return int(any(row.reached is False for row in rows))


if __name__ == "__main__":
    sys.exit(main())
