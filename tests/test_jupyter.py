"""The cell magic, in a shell as a notebook has it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from symgrad.jupyter import CellReport
from tests.running import needs

pytestmark = needs("IPython")
RIGHT = r"\[ \nabla_{h_{\tau-1}} L = W^T \operatorname{diag}(1 - h_\tau^2) \nabla_{h_\tau} L \]"
WRONG = RIGHT.replace("W^T", "W")


@pytest.fixture(scope="module")
def shell() -> Iterator[Any]:
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell()
    shell.run_line_magic("load_ext", "symgrad.jupyter")
    yield shell
    shell.run_line_magic("unload_ext", "symgrad.jupyter")
    shell.history_manager.end_session()


def run(shell: Any, cell: str) -> CellReport:
    done = shell.run_cell(cell)
    assert done.success, done
    assert isinstance(done.result, CellReport)
    return done.result


@pytest.mark.parametrize(
    ("cell", "verdicts"),
    [
        (f"%%symgrad rnn\n{RIGHT}", ["proved"]),
        (f"%%symgrad rnn\n{WRONG}", ["refuted"]),
        (f"%%symgrad\n% symgrad: use rnn\n{RIGHT}\n{WRONG}", ["proved", "refuted"]),
        ("%%symgrad rnn\n" + RIGHT[2:-2], ["proved"]),
        (f"%%symgrad rnn\nSome words.\n{RIGHT}", ["proved"]),
    ],
    ids=["right", "wrong", "directives", "one formula", "prose"],
)
def test_a_cell_has_a_verdict_for_each_relation(shell: Any, cell: str, verdicts: list[str]) -> None:
    result = run(shell, cell)
    assert [one.status for one in result.verdicts] == verdicts
    assert result.proved is (verdicts == ["proved"])


def test_a_cell_is_shown_as_a_fragment_of_a_page(shell: Any) -> None:
    first, second = (run(shell, f"%%symgrad rnn\n{WRONG}")._repr_html_() for _ in range(2))
    assert first.startswith('<div class="symgrad">') and first.rstrip().endswith("</div>")
    assert "<math" in first and "refuted" in first
    assert not re.search(r"<(html|body|head|script)\b", first)
    assert re.search(r"--on:[^;{}]+;", first), "a property without its end takes the rules after it for its value"
    anchors = [set(re.findall(r'id="([^"]+)"', one)) for one in (first, second)]
    assert anchors[0] and anchors[0].isdisjoint(anchors[1])


def test_a_terminal_shows_the_report(shell: Any) -> None:
    text = repr(run(shell, f"%%symgrad rnn\n{WRONG}"))
    assert re.match(r"cell:1:\d+: refuted: claim at line 1: fails at ", text)


def test_the_text_of_a_cell_is_escaped(shell: Any) -> None:
    html = run(shell, f"%%symgrad rnn\n<script>alert(1)</script>\n{RIGHT}")._repr_html_()
    assert "<script" not in html and "&lt;script&gt;" in html


def test_what_cannot_be_read_has_its_place(shell: Any) -> None:
    result = run(shell, "%%symgrad rnn\n\\[ W = Q \\]")
    assert repr(result).startswith("cell:1:8: unreadable: claim at line 1: Q is not declared")
    assert result.verdicts == () and not result.proved


def test_an_unknown_profile_is_one_line(shell: Any, capsys: pytest.CaptureFixture[str]) -> None:
    done = shell.run_cell(f"%%symgrad rnm\n{RIGHT}")
    assert not done.success
    assert capsys.readouterr().err.strip() == "UsageError: I know no profile 'rnm' (did you mean rnn?)"
