"""Imports point one way, from the kernel outwards, and what a command does not need it does not load."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from symgrad.judge import judge
from symgrad.serialize import dumps
from tests.claims import mutations

PACKAGE = Path(__file__).resolve().parents[1] / "symgrad"
HEAVY = {"sympy", "jinja2", "numpy", "lark", "matplotlib", "rich"}

# Each part with the parts that it may import, and what it may import from outside the standard library.
PARTS: dict[str, tuple[set[str], set[str]]] = {
    "kernel": (set(), set()),
    "serialize": ({"kernel"}, set()),
    "instances": ({"kernel", "serialize"}, set()),
    "expressions": ({"kernel"}, {"sympy"}),
    "cells": ({"kernel", "expressions"}, {"sympy"}),
    "notation": ({"kernel"}, {"lark"}),
    "network": ({"kernel"}, {"numpy"}),
    "engine": ({"kernel", "instances", "expressions", "cells", "notation"}, {"sympy", "numpy"}),
    "verdict": ({"kernel"}, set()),
    "elaborate": ({"kernel", "instances", "engine", "notation", "verdict"}, {"numpy"}),
    "rows": ({"kernel", "verdict"}, set()),
    "judge": ({"kernel", "engine", "notation", "verdict", "elaborate", "rows"}, set()),
    "forecast": ({"kernel", "serialize", "instances", "engine", "notation", "verdict", "judge"}, set()),
    "answer": ({"kernel", "notation", "verdict", "elaborate", "judge", "forecast"}, set()),
    "plot": ({"kernel", "network"}, set()),
    "files": (set(), set()),
    "rounding": ({"verdict"}, set()),
    "page": ({"kernel", "notation", "verdict", "plot", "files", "rounding"}, {"jinja2", "markupsafe"}),
    "judged": ({"notation", "verdict", "files", "elaborate", "answer"}, set()),
    "library": ({"notation", "files", "page", "judged"}, set()),
    "publish": (
        {"kernel", "serialize", "instances", "network", "notation", "verdict", "plot", "files", "page", "judged"},
        set(),
    ),
    "check": (
        {
            "kernel",
            "notation",
            "verdict",
            "files",
            "rounding",
            "page",
            "engine",
            "elaborate",
            "answer",
            "judged",
            "publish",
        },
        {"markupsafe"},
    ),
}
# A verdict shows itself: when it is asked to, and not before, it loads the templates.
LATE = {("verdict", "page")}


def modules() -> dict[str, Path]:
    """Every module of the package by its dotted name."""
    names = {path: path.relative_to(PACKAGE.parent).with_suffix("").parts for path in sorted(PACKAGE.rglob("*.py"))}
    return {".".join(parts).removesuffix(".__init__"): path for path, parts in names.items()}


def imports(path: Path, module: str) -> Iterator[tuple[str, bool]]:
    """The absolute names that a file imports, and whether it does so as soon as it is loaded."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    top = set(map(id, tree.body))
    package = module.split(".") if path.name == "__init__.py" else module.split(".")[:-1]
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from ((one.name, id(node) in top) for one in names)
            case ast.ImportFrom(module=base, names=names, level=level):
                front = package[: len(package) - level + 1] if level else []
                whole = ".".join([*front, *([base] if base else [])])
                yield from ((f"{whole}.{one.name}", id(node) in top) for one in names)


def part(name: str) -> str:
    """The part that a module of the package belongs to: a folder, or a file beside them."""
    return name.split(".")[1] if name.count(".") else ""


@pytest.mark.parametrize("module", modules())
def test_imports_follow_the_arrow(module: str):
    mine = part(module)
    own, outside = PARTS.get(mine, (None, None))
    if own is None or outside is None:
        return
    for name, at_once in imports(modules()[module], module):
        if name.split(".")[0] == "symgrad":
            allowed = part(name) in own | {mine} or ((mine, part(name)) in LATE and not at_once)
            assert allowed, f"{module} imports {name}"
        else:
            top = name.split(".")[0]
            assert top in sys.stdlib_module_names or top in outside, f"{module} imports {name}"


def test_every_folder_has_its_place_in_the_table():
    folders = {path.name for path in PACKAGE.iterdir() if path.is_dir() and any(path.glob("*.py"))}
    assert folders <= set(PARTS)


def test_the_table_has_no_circles():
    ordered: list[str] = []
    while len(ordered) < len(PARTS):
        ready = [name for name, (own, _) in PARTS.items() if name not in ordered and own <= set(ordered)]
        assert ready, f"a circle among {set(PARTS) - set(ordered)}"
        ordered += ready


def test_the_kernel_uses_nothing_that_reads_or_runs_code():
    for module, path in modules().items():
        if part(module) in ("kernel", "instances", "notation"):
            names = {node.id for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Name)}
            assert names.isdisjoint({"eval", "exec", "compile", "__import__", "sympify", "parse_expr"}), module


@pytest.mark.parametrize(
    "code",
    [
        "import symgrad",
        "import symgrad.cli",
        "from symgrad.cli import main; main(['--help'])",
        "from symgrad.cli import main; main(['--version'])",
        "import symgrad.kernel.check",
        "import symgrad.instances.counterexample",
    ],
)
def test_nothing_heavy_is_loaded(code: str):
    assert loaded(code) == set()


def test_a_certificate_is_verified_by_the_kernel_alone(tmp_path: Path):
    case = mutations.TABLE["(1)"]
    certificate = judge(case.statement, case.context).certificate
    assert certificate is not None
    path = tmp_path / "certificate.json"
    path.write_text(dumps(certificate), encoding="utf-8")
    assert loaded(f"from symgrad.cli import main; main(['verify', {str(path)!r}])").isdisjoint({"sympy", "numpy"})


@pytest.mark.parametrize(
    ("formula", "unneeded"),
    [
        (r"(W U)^T = U^T W^T", {"sympy", "jinja2"}),
        (r"\nabla_{h_{\tau-1}} L = W^T \operatorname{diag}(1 - h_\tau^2) \nabla_{h_\tau} L", {"jinja2"}),
    ],
)
def test_a_check_loads_what_its_text_needs(formula: str, unneeded: set[str]):
    code = f"from symgrad.cli import main; main(['check', '--declare', 'use rnn', '--formula', {formula!r}])"
    assert loaded(code).isdisjoint(unneeded)


def loaded(code: str) -> set[str]:
    """What a new process has imported of the heavy packages after running this code."""
    script = f"import sys\ntry:\n    {code}\nexcept SystemExit as end:\n    assert not end.code, end.code\n"
    script += "print('\\nloaded:', *sorted({name.split('.')[0] for name in sys.modules}))"
    found = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=PACKAGE.parent, timeout=60, check=True
    )
    return HEAVY & set(found.stdout.rsplit("loaded:", 1)[1].split())
