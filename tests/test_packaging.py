"""What is shipped: the files of the wheel, and that an installed symgrad works far from its checkout."""

from __future__ import annotations

import ast
import re
import shutil
import sys
import sysconfig
import tomllib
import zipfile
from pathlib import Path

import pytest

import symgrad
from tests.running import DERIVATION, ROOT, needs, run

PIP = ("-m", "pip", "--quiet", "--disable-pip-version-check", "install")
OFFLINE = ("--no-deps", "--no-index", "--no-build-isolation", "--ignore-installed")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what the build needs, so that nothing is written into the checkout."""
    folder = tmp_path_factory.mktemp("checkout")
    ignored = shutil.ignore_patterns("__pycache__", ".*")
    for name in ("symgrad", "templates"):
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    for name in ("pyproject.toml", "README.md", "LICENSE", ".gitignore"):
        shutil.copy(ROOT / name, folder)
    return folder


@pytest.fixture(scope="module")
def wheel(checkout: Path) -> Path:
    folder = checkout / "dist"
    command = [sys.executable, "-m", "pip", "--quiet", "wheel", "--no-deps", "--no-index", "--no-build-isolation"]
    ran = run([*command, "--wheel-dir", str(folder), str(checkout)], cwd=checkout)
    assert ran.code == 0, ran.err
    (found,) = folder.glob("*.whl")
    return found


def installed(folder: Path, *what: str) -> Path:
    """A fresh environment with symgrad in it; its dependencies are those of the environment that runs the tests."""
    assert run([sys.executable, "-m", "venv", "--without-pip", str(folder)], cwd=folder.parent).code == 0
    python = folder / "bin" / "python"
    packages = sysconfig.get_path("purelib", vars={"base": str(folder), "platbase": str(folder)})
    Path(packages, "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    ran = run([str(python), *PIP, *OFFLINE, *what], cwd=folder, PYTHONPATH="")
    assert ran.code == 0, ran.err
    return folder / "bin" / "symgrad"


@pytest.fixture(scope="module", params=["wheel", "editable"])
def command(request: pytest.FixtureRequest, checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp(request.param) / "environment"
    if request.param == "editable":
        return installed(folder, "--editable", str(checkout))
    return installed(folder, str(request.getfixturevalue("wheel")))


@needs("hatchling", "editables", "pip")
class TestWheel:
    def test_holds_every_file_of_the_package(self, wheel: Path) -> None:
        held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
        assert held == {*files("symgrad"), *(f"symgrad/{name}" for name in files("templates"))}

    @pytest.mark.parametrize(
        "name", ["symgrad/notation/latex.lark", "symgrad/templates/phrases.toml", "symgrad/py.typed"]
    )
    def test_holds_data(self, wheel: Path, name: str) -> None:
        assert zipfile.ZipFile(wheel).read(name) == source(name).read_bytes()

    def test_says_what_it_needs(self, wheel: Path) -> None:
        archive = zipfile.ZipFile(wheel)
        (name,) = (name for name in archive.namelist() if name.endswith("/METADATA"))
        assert f"Version: {symgrad.__version__}" in archive.read(name).decode("utf-8").splitlines()


@needs("hatchling", "editables", "pip")
class TestInstalled:
    def test_makes_the_sheet_from_another_folder(self, command: Path, tmp_path: Path) -> None:
        shutil.copytree(DERIVATION, tmp_path / "course" / "lab")
        ran = run([str(command), "sheet", "course/lab/lab-10.5.tex", "--to", "tex,html"], cwd=tmp_path, PYTHONPATH="")
        assert ran.code == 0, ran.err
        made = tmp_path / "build" / "lab-10.5"
        assert 'class="mark proved"' in (made / "lab-10.5.html").read_text("utf-8")
        assert r"\seal{proved}" in (made / "lab-10.5.tex").read_text("utf-8")

    def test_knows_its_cells(self, command: Path, tmp_path: Path) -> None:
        ran = run([str(command), "cells"], cwd=tmp_path, PYTHONPATH="")
        assert ran.code == 0
        assert {"lstm", "rnn"} <= {line for line in ran.out.splitlines() if not line.startswith(" ")}

    def test_is_a_plugin_of_pytest(self, command: Path, tmp_path: Path) -> None:
        (tmp_path / "claims.tex").write_text("% symgrad: use goodfellow\n\\[ \\|W^T\\| = \\|W\\| \\]\n", "utf-8")
        ran = run([str(command.with_name("python")), "-m", "pytest", "-v", "."], cwd=tmp_path, PYTHONPATH="")
        assert ran.code == 0, ran.out
        assert "claims.tex::claim at line 2 PASSED" in ran.out


class TestProject:
    def test_one_version(self) -> None:
        assert PROJECT["version"] == symgrad.__version__

    def test_dependencies_are_those_that_are_imported(self) -> None:
        named = {re.match(r"[a-z0-9]+", one)[0] for one in PROJECT["dependencies"]}  # type: ignore[index]
        assert named == imported() - {"symgrad", *sys.stdlib_module_names} - COMES_WITH - HOSTS

    def test_the_readme_gives_each_dependency_a_reason(self) -> None:
        readme = (ROOT / "README.md").read_text("utf-8")
        extras = PROJECT["optional-dependencies"]
        for one in (*PROJECT["dependencies"], *extras["jupyter"], *extras["test"], *extras["dev"]):
            name = re.match(r"[a-z0-9]+", one)[0]  # type: ignore[index]
            assert name == "symgrad" or f"| {name} |" in readme


COMES_WITH = {"markupsafe", "mpmath"}
"""Modules that a dependency brings with it and shows in its own interface: Jinja's Markup, SymPy's numbers."""


HOSTS = {"pytest", "IPython"}
"""Programs that load a part of symgrad when they have it: without them, nobody imports that part."""


def files(folder: str) -> set[str]:
    found = (path.relative_to(ROOT) for path in (ROOT / folder).rglob("*") if path.is_file())
    return {str(path) for path in found if not any(part.startswith((".", "__pycache__")) for part in path.parts)}


def source(name: str) -> Path:
    path = ROOT / name
    return path if path.is_file() else ROOT / name.removeprefix("symgrad/")


def imported() -> set[str]:
    """The top-level modules that the package imports anywhere."""
    found: set[str] = set()
    for path in (ROOT / "symgrad").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                found |= {name.name.partition(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    return found
