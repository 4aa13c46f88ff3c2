"""The command line as its users meet it: what each command prints, writes and returns, on good input."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from symgrad import __version__
from symgrad.elaborate import memory
from symgrad.kernel.check import RULES
from symgrad.kernel.rules import RefusedError
from symgrad.kernel.term import Transpose, map_parts
from tests.running import DERIVATION, ROOT, Command, Ran, needs, run, symgrad
from tests.texts import BOUND, FALSE, MARKED, TRUE, UNREAD, file


class TestHelp:
    def test_version(self, command: Command) -> None:
        assert command("--version") == Ran(0, f"symgrad {__version__}\n", "")

    @pytest.mark.parametrize("name", ["sheet", "check", "declare", "derive", "verify", "cells", "rules"])
    def test_every_command_explains_itself(self, command: Command, name: str) -> None:
        assert name in command("--help").out
        ran = command(name, "--help")
        assert (ran.code, ran.err) == (0, "")
        assert f"symgrad {name}" in ran.out

    def test_exit_codes_are_explained(self, command: Command) -> None:
        words = " ".join(command("--help").out.split())
        assert words.endswith("0 all proved, 1 something refuted, 2 usage error or unreadable input, 3 undecided")

    def test_without_a_command(self, command: Command) -> None:
        ran = command()
        assert ran.code == 2
        assert "usage: symgrad" in ran.out


class TestSheet:
    def test_writes_pages_and_evidence(self, command: Command, tmp_path: Path) -> None:
        ran = command("sheet", file(tmp_path, TRUE, BOUND), "-o", "made", "--to", "tex,html")
        assert (ran.code, ran.err) == (0, "")
        assert names(tmp_path / "made") == {"work.tex", "work.html", "certificates"}
        assert names(tmp_path / "made" / "certificates") == {"true.json", "bound.json"}
        assert ran.out.splitlines() == [
            "true   proved     all m, n, all k, tau",
            "bound  proved     all m, n, all k, tau",
            "wrote made/work.tex, made/work.html",
        ]

    def test_a_model_of_ones_own_is_derived_and_typeset(self, command: Command, tmp_path: Path) -> None:
        wanted = "% symgrad: derive \\nabla_{s_t} L\n% symgrad: derive recursion \\nabla_B L\n"
        (tmp_path / "own.tex").write_text(OWN + "My cell.\n" + wanted, "utf-8")
        ran = command("sheet", "own.tex", "-o", "made", "--to", "tex,html")
        assert ran.code == 0
        assert [line.split()[4:6] for line in ran.out.splitlines()[:2]] == [["proved", "all"]] * 2
        page = (tmp_path / "made" / "own.html").read_text("utf-8")
        assert 'aria-label="the unrolled network"' in page and page.index("My cell.") < page.index('<svg class="graph"')
        assert r"\nabla_{B}L" in (tmp_path / "made" / "own.tex").read_text("utf-8").replace(" ", "")
        evidence = sorted((tmp_path / "made" / "certificates").iterdir())
        assert len(evidence) == 2 and command("verify", *evidence).code == 0

    def test_names_of_files_do_not_clash(self, command: Command, tmp_path: Path) -> None:
        labels = ("a:b", "a-b", "A b", "a/../b", "." * 5, "x" * 500)
        path = file(tmp_path, *(TRUE.replace("{true}", f"{{{label}}}") for label in labels))
        assert command("sheet", path, "-o", "made", "--to", "html").code == 0
        found = {"a-b.json", "a-b.2.json", "A-b.3.json", "a-..-b.json", "claim.json", f"{'x' * 100}.json"}
        assert names(tmp_path / "made" / "certificates") == found

    def test_default_folder(self, command: Command, tmp_path: Path) -> None:
        assert command("sheet", file(tmp_path, TRUE), "--to", "html").code == 0
        assert names(tmp_path / "build" / "work") == {"work.html", "certificates"}

    def test_a_folder_stands_for_its_tex_file(self, command: Command, tmp_path: Path) -> None:
        (tmp_path / "course").mkdir()
        file(tmp_path / "course", TRUE, name="course.tex")
        file(tmp_path / "course", FALSE, name="another.tex")
        assert command("sheet", "course", "--to", "tex").code == 0

    @needs("latexmk")
    def test_makes_a_pdf(self, command: Command, tmp_path: Path) -> None:
        ran = command("sheet", file(tmp_path, TRUE), "-o", "made", "--to", "pdf")
        assert (ran.code, ran.err) == (0, "")
        assert (tmp_path / "made" / "work.pdf").read_bytes().startswith(b"%PDF")

    def test_without_latexmk(self, command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(shutil, "which", lambda _: None)
        ran = command("sheet", file(tmp_path, TRUE), "-o", "made")
        assert ran.code == 0
        assert names(tmp_path / "made") == {"work.tex", "work.html", "certificates"}
        assert "latexmk was not found; on Debian: apt-get install latexmk texlive" in ran.err
        assert command("sheet", tmp_path / "work.tex", "-o", "made", "--to", "pdf").code == 2

    def test_something_refuted(self, command: Command, tmp_path: Path) -> None:
        ran = command("sheet", file(tmp_path, TRUE, FALSE), "-o", "made", "--to", "html")
        assert ran.code == 1
        assert "(expected: proved)" in ran.out
        assert (tmp_path / "made" / "work.html").is_file()

    def test_refuted_as_the_sheet_says(self, command: Command, tmp_path: Path) -> None:
        ran = command("sheet", file(tmp_path, TRUE, MARKED), "--to", "html")
        assert ran.code == 0
        assert "(as the sheet says)" in ran.out

    def test_proved_although_the_sheet_says_refuted(self, command: Command, tmp_path: Path) -> None:
        assert command("sheet", file(tmp_path, "% symgrad: expect refuted\n" + TRUE), "--to", "html").code == 1

    def test_unreadable(self, command: Command, tmp_path: Path) -> None:
        ran = command("sheet", file(tmp_path, TRUE, UNREAD), "-o", "made")
        assert ran.code == 2
        assert ran.err.splitlines()[0].endswith(": I do not know the command \\topp (did you mean \\top?)")
        assert not (tmp_path / "made").exists()

    def test_every_file_of_evidence_is_verified(self, command: Command, tmp_path: Path) -> None:
        command("sheet", file(tmp_path, TRUE, BOUND, MARKED), "-o", "made", "--to", "html")
        evidence = sorted((tmp_path / "made" / "certificates").iterdir())
        assert [command("verify", path).code for path in evidence] == [0, 1, 0]
        assert command("verify", *evidence).code == 1


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Ran, Path]:
    folder = tmp_path_factory.mktemp("lab")
    return symgrad("sheet", DERIVATION, "-o", folder, "--to", "tex,html"), folder


class TestLab:
    """The sheet that symgrad starts from."""

    def test_everything_is_as_the_sheet_says(self, made: tuple[Ran, Path]) -> None:
        ran, _ = made
        assert ran.code == 0, ran.out + ran.err[-500:]
        assert all(" proved " in line or "(as the sheet says)" in line for line in ran.out.splitlines()[:-1])

    def test_all_four_equations_are_there(self, made: tuple[Ran, Path]) -> None:
        lines = made[0].out.splitlines()
        for label in ("eq:1", "eq:2", "eq:3", "eq:4"):
            assert any(line.startswith(label) and " proved " in line for line in lines), label

    def test_its_evidence_is_verified_without_the_engine(self, made: tuple[Ran, Path]) -> None:
        evidence = sorted((made[1] / "certificates").iterdir())
        ran = symgrad("verify", *evidence)
        assert (ran.code, ran.err) == (1, "")
        verdicts = [line for line in ran.out.splitlines() if line.startswith(str(made[1]))]
        assert len(verdicts) == len(evidence)
        assert all(": proved: " in line or ": refuted: " in line for line in verdicts)


class TestBrokenRule:
    """A kernel whose rule is broken must not go on printing marks."""

    @pytest.fixture(autouse=True)
    def forgetful(self) -> Iterator[None]:
        """What a broken kernel said is not remembered."""
        yield
        self.forget()

    @pytest.mark.parametrize("name", ["chain_rule", "pullback", "peel_first"])
    def test_a_rule_that_refuses(
        self, command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
    ) -> None:
        good, bad = self.marks(command, tmp_path, monkeypatch, name, refuse)
        assert (good[0], bad[0]) == (0, 3)
        assert good[1] > 0 == bad[1]

    def test_a_rule_that_forgets_a_transpose(
        self, command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        good, bad = self.marks(command, tmp_path, monkeypatch, "pullback", forgetful(RULES["pullback"]))
        assert (good[0], bad[0]) == (0, 3)
        assert good[1] > 0 == bad[1]

    @staticmethod
    def forget() -> None:
        memory.quick_proof.cache_clear()
        memory.proof.cache_clear()

    def marks(
        self, command: Command, folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, broken: Any
    ) -> tuple[tuple[int, int], tuple[int, int]]:
        """Exit code and number of claims marked as proved, with the rule as it is and broken."""
        path = file(folder, TRUE)
        found = []
        for rule in (RULES[name], broken):
            self.forget()
            monkeypatch.setitem(RULES, name, rule)
            code = command("sheet", path, "-o", "made", "--to", "html").code
            page = (folder / "made" / "work.html").read_text("utf-8")
            found.append((code, page.count('class="result proved"')))
        return found[0], found[1]


def refuse(setting: Any, step: Any) -> Any:
    raise RefusedError("broken on purpose")


def forgetful(rule: Any) -> Any:
    """The same rule, but a transposed matrix in its conclusion is not transposed."""

    def untransposed(term: Any) -> Any:
        return term.body if isinstance(term, Transpose) else map_parts(term, untransposed)

    def broken(setting: Any, step: Any) -> Any:
        sequent = rule(setting, step)
        return replace(sequent, right=untransposed(sequent.right))

    return broken


OWN = r"""% symgrad: size n
% symgrad: time t, tau
% symgrad: start 1
% symgrad: A, B : n x n
% symgrad: s[t] : n
% symgrad: s[t] = \tanh(B s[t-1])
% symgrad: L : scalar
% symgrad: L depends on s[tau]
"""


class TestDerive:
    def test_steps(self, command: Command) -> None:
        ran = command("derive", r"\nabla_{h^{[\tau-k]}} L", "--cell", "rnn")
        assert (ran.code, ran.err) == (0, "")
        assert ran.out.splitlines()[:2] == [
            "Proved for all m, n, all k, tau",
            "  ∇_{h[τ-k]} L = [∏_{i=1}^k W^T diag(1 - h[τ-k+i]^2)] ∇_{h[τ]} L",
        ]
        assert "Induction on k: base case" in ran.out

    def test_latex_can_be_checked(self, command: Command, tmp_path: Path) -> None:
        ran = command("derive", r"\nabla_{h^{[\tau-k]}} L", "--cell", "rnn", "--format", "latex")
        assert ran.code == 0
        formula = ran.out.strip().strip("$").partition(r"\qquad")[0]
        again = command("check", file(tmp_path, rf"\[ {formula} \]"))
        assert again.code == 0, again.out

    def test_every_cell(self, command: Command) -> None:
        for cell, model, _ in re.findall(r"^(\S+)\n(( .*\n)+)", command("cells").out, re.M):
            states = re.findall(r"(\w)\[t-1\]", model)
            (node, *_) = states or re.findall(r"^  ([A-Za-z]) =", model, re.M)
            gradient = rf"\nabla_{{{node}_{{t-1}}}} {node}_t" if states else rf"\nabla_{{{node}}} L"
            ran = command("derive", gradient, "--cell", cell)
            assert ran.code == 0, (cell, ran)

    def test_a_model_of_a_file(self, command: Command, tmp_path: Path) -> None:
        (tmp_path / "own.tex").write_text(OWN + "% symgrad: derive recursion \\nabla_B L, \\nabla_{s_t} L\n", "utf-8")
        asked = command("derive", "--model", "own.tex")
        assert asked.code == 0
        assert [line for line in asked.out.splitlines() if line.startswith("  ∇")] == [
            "  ∇_B L = ∑_{t=1}^τ diag(1 - s[t]^2) (∇_{s[t]} L) s[t-1]^T",
            "  ∇_{s[t]} L = B^T diag(1 - s[t+1]^2) ∇_{s[t+1]} L",
        ]

    def test_declarations_and_a_recursion(self, command: Command) -> None:
        given = (r"\nabla_W L", "--cell", "rnn", "--declare", "start 1", "--recursion")
        ran = command("derive", *given)
        assert (ran.code, ran.out.splitlines()[1]) == (0, "  ∇_W L = ∑_{t=1}^τ diag(1 - h[t]^2) (∇_{h[t]} L) h[t-1]^T")
        brief, full = (
            command("derive", r"\nabla_{h_{t-1}} h_t", "--cell", "gru", *one).out for one in ((), ("--detail",))
        )
        assert len(full.splitlines()) > len(brief.splitlines())

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ((), "say which gradient to derive"),
            (("--cell", "rnn"), "say which gradient to derive"),
            ((r"\nabla_W L",), "say of which model"),
            (("--model", "own.tex"), "own.tex: no line asks for a gradient"),
            ((r"\nabla_q L", "--model", "own.tex"), "q is not declared"),
            ((r"\nabla_q L", "--model", "missing.tex"), "missing.tex: No such file"),
            ((r"\nabla_W L", "--cell", "rnn", "--declare", "begins 1"), "I cannot read this declaration"),
            (("--model", "bad.tex"), "bad.tex:1:12: "),
            ((r"\nabla_W L", "--model", "bad.tex"), "bad.tex:1:12: "),
        ],
    )
    def test_refused(self, command: Command, tmp_path: Path, given: tuple[str, ...], said: str) -> None:
        (tmp_path / "own.tex").write_text(OWN, "utf-8")
        (tmp_path / "bad.tex").write_text("% symgrad: begins 1\n", "utf-8")
        ran = command("derive", *given)
        assert (ran.code, ran.out) == (2, "")
        assert ran.err.startswith("symgrad: ") and said in ran.err and len(ran.err.splitlines()) == 1

    def test_unknown_cell(self, command: Command) -> None:
        ran = command("derive", r"\nabla_h L", "--cell", "perceptron")
        assert (ran.code, ran.out) == (2, "")
        assert ran.err.startswith("symgrad: no cell is called 'perceptron'; there are ")

    def test_nothing_to_derive(self, command: Command) -> None:
        assert command("derive", "W", "--cell", "rnn") == Ran(
            3, "undecided: nothing in this term can be worked out further\n", ""
        )

    def test_not_a_gradient_of_the_cell(self, command: Command) -> None:
        ran = command("derive", r"\nabla_{q} L", "--cell", "rnn")
        assert ran.code == 2
        assert "q is not declared" in ran.err


class TestVerify:
    @pytest.fixture
    def evidence(self, command: Command, tmp_path: Path) -> dict[str, Path]:
        command("sheet", file(tmp_path, TRUE, FALSE), "-o", "made", "--to", "html")
        return {path.stem: path for path in (tmp_path / "made" / "certificates").iterdir()}

    def test_accepted(self, command: Command, evidence: dict[str, Path]) -> None:
        ran = command("verify", evidence["true"])
        assert ran.code == 0
        assert ran.out.startswith(f"{evidence['true']}: proved: ")
        assert "∇_{h[τ-k]} L = [∏_{i=1}^k W^T diag(1 - h[" in ran.out

    def test_one_step_changed(self, command: Command, evidence: dict[str, Path]) -> None:
        data = json.loads(evidence["true"].read_text("utf-8"))
        for place in range(len(steps(data))):
            copy = json.loads(json.dumps(data))
            steps(copy)[place]["term"] = twice(steps(copy)[place]["term"])
            evidence["true"].write_text(json.dumps(copy), "utf-8")
            ran = command("verify", evidence["true"])
            assert (ran.code, ran.err) == (3, "")
            assert ": not proved: rejected in " in ran.out

    def test_counterexample(self, command: Command, evidence: dict[str, Path]) -> None:
        ran = command("verify", evidence["false"])
        assert ran.code == 1
        assert ran.out.startswith(f"{evidence['false']}: refuted: ")
        assert ran.out.strip().endswith("does not hold")

    @pytest.mark.parametrize("place", ["left", "right", "instance", "statement"])
    def test_tampered_counterexample(self, command: Command, evidence: dict[str, Path], place: str) -> None:
        data = json.loads(evidence["false"].read_text("utf-8"))
        match place:
            case "left" | "right":
                data[place] = [["7"] for _ in data[place]]
            case "instance":
                given = next(one for one in data["instance"]["values"] if one["name"] == "W")
                given["rows"] = [["0"] * len(row) for row in given["rows"]]
            case "statement":
                data["statement"]["right"] = data["statement"]["left"]
        evidence["false"].write_text(json.dumps(data), "utf-8")
        ran = command("verify", evidence["false"])
        assert (ran.code, ran.err) == (3, "")
        assert "not refuted" in ran.out

    def test_needs_neither_the_engine_nor_what_it_imports(self, evidence: dict[str, Path]) -> None:
        program = (
            "import sys; from symgrad.cli import main; code = main(['verify', *sys.argv[1:]]);"
            "heavy = {'sympy', 'jinja2', 'lark', 'numpy', 'symgrad.engine', 'symgrad.page'} & set(sys.modules);"
            "print(code, heavy)"
        )
        command = [sys.executable, "-c", program, *map(str, evidence.values())]
        assert run(command, cwd=ROOT, PYTHONPATH=str(ROOT)).out.splitlines()[-1] == "1 set()"


def steps(data: dict[str, Any]) -> list[dict[str, Any]]:
    """Every step of a certificate, to be changed in place."""
    proofs = [lemma["proof"] for lemma in data["certificate"]["lemmas"]]
    chains = [one[part] for one in proofs for part in ("base", "step") if part in one]
    chains += [one for one in proofs if isinstance(one.get("steps"), list)]
    return [step for chain in chains for step in chain["steps"]]


def twice(term: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Sum", "terms": [term, term]}


class TestLists:
    def test_cells(self, command: Command) -> None:
        ran = command("cells")
        assert ran.code == 0
        assert "rnn\n  h[t] = tanh(W h[t-1] + U x[t] + b)\n" in ran.out
        assert "  s[t] = e[t] ⊙ s[t-1] + i[t] ⊙ z[t]\n" in ran.out

    def test_rules(self, command: Command) -> None:
        ran = command("rules")
        assert ran.code == 0
        assert [line.split()[0] for line in ran.out.splitlines()] == sorted(RULES)

    @pytest.mark.parametrize("name", sorted(RULES))
    def test_a_rule_has_a_page(self, command: Command, name: str) -> None:
        ran = command("rules", name)
        assert ran.code == 0
        assert ran.out.startswith(f"{name}\n\n")
        assert len(ran.out.splitlines()) > 2

    def test_unknown_rule(self, command: Command) -> None:
        assert command("rules", "magic") == Ran(
            2, "", "symgrad: no rule is called 'magic'; `symgrad rules` lists them\n"
        )


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}
