"""Settings of a whole test run, and what many tests use.

Where nothing may be skipped, property tests draw the same cases every time.
"""

import os
from pathlib import Path

import pytest
from hypothesis import settings

from symgrad.cli import main
from tests.running import Command, Ran

# Texts that tests read are no tests of the pytest plugin, if it is installed.
collect_ignore_glob = ["corpus/*"]

settings.register_profile("reproducible", derandomize=True)
if os.environ.get("SYMGRAD_REQUIRE_ALL"):
    settings.load_profile("reproducible")


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs a command in this process, in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object) -> Ran:
        try:
            code = main([str(one) for one in arguments])
        except SystemExit as leaving:
            code = int(leaving.code or 0)
        return Ran(code, *capsys.readouterr())

    return run
