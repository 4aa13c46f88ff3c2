"""What `check` reports: verdicts, places and exit codes, as text and as the JSON object that is promised."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from symgrad.check.data import json_text
from symgrad.check.report import FileReport, failed_report
from tests.running import ROOT, Command
from tests.texts import BOUND, CHAIN, FALSE, MARKED, OPEN, TRUE, UNREAD, file

VERDICT = {"proved", "refuted", "undecided", "unreadable"}
LINE = (int, type(None))
TEXT = (str, type(None))
PROBLEM = {"line": int, "column": int, "verdict": VERDICT, "reason": str, "excerpt": str}
COUNTEREXAMPLE = {
    "sizes": dict, "times": dict, "functions": dict, "values": dict, "left": list, "right": list, "entry": list,
    "seed": int, "description": str,
}  # fmt: skip
RELATION = {
    "line": int, "column": int, "relation": {"=", "<=", "<", ">=", ">", ""}, "reading": str, "statement": str,
    "verdict": VERDICT, "expected": VERDICT, "scope": str, "reason": str, "excerpt": str, "suggestion": TEXT,
    "corrected": TEXT, "follows_from": LINE, "counterexample": (dict, type(None)), "conditions": list,
    "hypotheses": list, "remarks": list,
}  # fmt: skip
CLAIM = {"id": str, "line": int, "verdict": VERDICT, "scope": str, "relations": list}
FILE = {"path": str, "verdict": VERDICT, "first_wrong": LINE, "claims": list, "problems": list}
SUMMARY = dict.fromkeys(("files", *VERDICT, "exit_code"), int)
SCHEMA = {
    "object": {"files": list, "summary": dict},
    "file": FILE,
    "claim": CLAIM,
    "relation": RELATION,
    "counterexample": COUNTEREXAMPLE,
    "problem": PROBLEM,
    "summary": SUMMARY,
}
"""Every key of the JSON object, with the types or the words that its value may have."""


def contract(text: str) -> dict[str, Any]:
    """The object, after every key of it was looked at."""
    data: dict[str, Any] = json.loads(text)
    assert_fields(data, "object")
    assert_fields(data["summary"], "summary")
    for one in data["files"]:
        assert_fields(one, "file")
        for problem in one["problems"]:
            assert_fields(problem, "problem")
        for claim in one["claims"]:
            assert_fields(claim, "claim")
            assert claim["relations"]
            for relation in claim["relations"]:
                assert_fields(relation, "relation")
                assert_counterexample(relation)
    return data


def assert_fields(data: dict[str, Any], name: str, *more: str) -> None:
    assert set(data) == {*SCHEMA[name], *more}
    for key, kind in SCHEMA[name].items():
        assert data[key] in kind if isinstance(kind, set) else isinstance(data[key], kind), (name, key)


def assert_counterexample(relation: dict[str, Any]) -> None:
    found = relation["counterexample"]
    assert (found is not None) == (relation["verdict"] == "refuted")
    if found is None:
        return
    counts = {**found["sizes"], **found["times"]}
    assert_fields(found, "counterexample", *counts)
    assert all(isinstance(value, int) and found[name] == value for name, value in counts.items())
    for matrix in (found["left"], found["right"], *found["values"].values()):
        assert {len(row) for row in matrix} == {len(matrix[0])}
        for entry in (entry for row in matrix for entry in row):
            assert isinstance(entry, str) or (len(entry) == 2 and all(isinstance(end, str) for end in entry))
    row, column = found["entry"]
    assert found["left"][row - 1][column - 1] != found["right"][row - 1][column - 1]


GROUPS = {"proved": (TRUE, BOUND), "refuted": (TRUE, FALSE), "undecided": (OPEN,), "unreadable": (TRUE, UNREAD)}


class TestJson:
    def test_has_what_is_promised(self, command: Command, tmp_path: Path) -> None:
        files = [file(tmp_path, *claims, name=f"{name}.tex") for name, claims in GROUPS.items()]
        ran = command("check", "--format", "json", *files)
        assert ran.code == 2
        data = contract(ran.out)
        assert [one["path"] for one in data["files"]] == list(map(str, files))
        assert [one["verdict"] for one in data["files"]] == ["proved", "refuted", "undecided", "unreadable"]
        counts = {"proved": 4, "refuted": 1, "undecided": 1, "unreadable": 1}
        assert data["summary"] == {"files": 4, **counts, "exit_code": 2}

    def test_each_link_of_a_chain_is_judged(self, command: Command, tmp_path: Path) -> None:
        (found,) = contract(command("check", "--format", "json", file(tmp_path, CHAIN)).out)["files"]
        (claim,) = found["claims"]
        assert [(one["line"], one["verdict"]) for one in claim["relations"]] == [(5, "proved"), (6, "refuted")]
        assert found["first_wrong"] == 6

    def test_what_would_be_right_can_be_checked(self, command: Command, tmp_path: Path) -> None:
        (found,) = contract(command("check", "--format", "json", file(tmp_path, FALSE)).out)["files"]
        corrected = found["claims"][0]["relations"][0]["corrected"]
        assert command("check", file(tmp_path, rf"\[ {corrected} \]")).code == 0

    def test_a_missing_file_does_not_hide_the_others(self, command: Command, tmp_path: Path) -> None:
        ran = command("check", "--format", "json", "missing.tex", file(tmp_path, TRUE))
        missing, found = contract(ran.out)["files"]
        assert ran.code == 2
        assert missing["problems"][0]["reason"] == "No such file or directory"
        assert found["verdict"] == "proved"

    @pytest.mark.parametrize("count", [0, 1, 2])
    def test_is_json_whatever_the_text_holds(self, count: int) -> None:
        reports = [failed_report('a "b"\n]}\\', "\x00\u2028\ud800\n", 3, 4)] * count
        data = contract("".join(json_text(reports)))
        assert len(data["files"]) == data["summary"]["files"] == count
        assert all(one["problems"][0]["reason"] == "\x00\u2028\ud800\n" for one in data["files"])

    def test_every_field_is_documented(self) -> None:
        documented = (ROOT / "docs" / "check.md").read_text("utf-8")
        for name, fields in SCHEMA.items():
            for key in fields:
                assert f"`{key}`" in documented, f"{key} of {name}"


class TestExitCode:
    @pytest.mark.parametrize(
        ("claims", "code"),
        [((TRUE,), 0), ((FALSE, OPEN), 1), ((OPEN, TRUE), 3), ((UNREAD, FALSE, OPEN), 2), ((MARKED,), 0)],
        ids=["proved", "refuted", "undecided", "unreadable", "refuted as expected"],
    )
    def test_of_one_file(self, command: Command, tmp_path: Path, claims: tuple[str, ...], code: int) -> None:
        assert command("check", file(tmp_path, *claims)).code == code

    @pytest.mark.parametrize(("second", "code"), [(TRUE, 0), (FALSE, 1), (OPEN, 3), (UNREAD, 2)])
    def test_of_many_files_is_that_of_the_worst(self, command: Command, tmp_path: Path, second: str, code: int) -> None:
        files = [file(tmp_path, TRUE, name="a.tex"), file(tmp_path, second, name="b.tex")]
        assert command("check", *files).code == command("check", *reversed(files)).code == code


class TestText:
    def test_a_line_a_relation(self, command: Command, tmp_path: Path) -> None:
        path = file(tmp_path, TRUE, FALSE)
        ran = command("check", path)
        assert (ran.code, ran.err) == (1, "")
        lines = ran.out.splitlines()
        assert lines[0] == f"{path}:5:27: proved: true: all m, n, all k, tau; uses k ≥ 0"
        assert lines[1].startswith(f"{path}:10:27: refuted: false: fails at m = 1, n = 2, k = 1, ")
        assert all(line.startswith("    ") for line in lines[2:-1])
        assert lines[-1] == f"{path}: first wrong line: 10"

    def test_assumed_inequalities_that_a_proof_used_are_named(self, command: Command, tmp_path: Path) -> None:
        claim = r"\[ \|W W\| \le 1 \]"
        out = command("check", file(tmp_path, r"% symgrad: assume \|W\| <= 1", claim)).out
        assert out.endswith("; uses ‖W‖ ≤ 1\n")

    def test_what_would_be_right(self, command: Command, tmp_path: Path) -> None:
        lines = command("check", file(tmp_path, FALSE)).out.splitlines()
        place = lines.index("    would be right with W^T in place of W:")
        assert lines[place + 1].startswith("      ∇_{h[τ-k]} L = [∏_{i=1}^k W^T diag(")

    def test_an_expected_refutation_is_no_wrong_line(self, command: Command, tmp_path: Path) -> None:
        out = command("check", file(tmp_path, MARKED)).out
        assert "(as expected)" in out
        assert "first wrong line" not in out

    def test_a_proof_against_expectation_is_one(self, command: Command, tmp_path: Path) -> None:
        ran = command("check", file(tmp_path, MARKED.replace(" W ", " W^T ")))
        assert ran.code == 1
        assert "(expected: refuted)" in ran.out
        assert ran.out.endswith("first wrong line: 5\n")

    def test_an_error_has_its_line_and_a_caret(self, command: Command, tmp_path: Path) -> None:
        path = file(tmp_path, r"\[ W W^\topp = W \]")
        message, excerpt, caret = command("check", path).out.splitlines()
        assert message.startswith(f"{path}:3:8: unreadable: claim at line 3: I do not know the command \\topp")
        assert excerpt == r"    \[ W W^\topp = W \]"
        assert caret.index("^") == excerpt.index(r"\topp")

    def test_nothing_is_wider_than_a_terminal_but_first_lines_and_quotations(
        self, command: Command, tmp_path: Path
    ) -> None:
        lines = command("check", file(tmp_path, FALSE, CHAIN, OPEN)).out.splitlines()
        assert all(len(line) <= 80 for line in lines if line.startswith(" "))


def test_a_text_that_was_not_judged_has_a_verdict() -> None:
    assert failed_report("a", "no", verdict="undecided") == FileReport(
        "a", "undecided", (), failed_report("a", "no", verdict="undecided").problems, 0, 3
    )
