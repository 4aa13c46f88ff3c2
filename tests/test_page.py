"""Pages: marks and counts come from verdicts, nothing escapes into TeX or HTML, and what is printed fits the page."""

from __future__ import annotations

import importlib
import pkgutil
import re
import shutil
import subprocess
from dataclasses import replace
from fractions import Fraction
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError

import symgrad.kernel
from symgrad import files, page, rounding
from symgrad.kernel.affine import affine
from symgrad.kernel.certificate import Context, Definition, Loss, Statement
from symgrad.kernel.rules import RULES
from symgrad.kernel.term import Entrywise, Hadamard, Product, Sum, Symbol, Term
from symgrad.notation.read import read_document
from symgrad.page import breaking, printing, render, typeset
from symgrad.page.figures import Graph, unrolled
from symgrad.page.sheet import reading_view
from symgrad.page.view import ClaimView, ModelView
from symgrad.verdict import Derivation, Row, Verdict
from tests import sample_sheet as sample

VOID = {"wbr", "meta", "path", "circle", "rect", "polyline", "mspace", "br", "link"}


def sheet(*, accepted: bool = True) -> page.Sheet:
    return page.build_sheet(sample.document(), sample.verdicts(accepted=accepted))


def counts(view: page.Sheet) -> dict[str, str]:
    return {count.label: count.number for count in view.counts}


def rows(verdicts: dict[str, list[tuple[str, str, Verdict]]]) -> list[Row]:
    return [row for judged in verdicts.values() for _, _, one in judged for lemma in one.lemmas for row in lemma.rows]


def latex_marks(text: str) -> int:
    """Marks at the end of rows."""
    return sum(line.startswith(r"\row{") and line.endswith(r"{\seal{proved}}") for line in text.splitlines())


def html_marks(text: str) -> int:
    return len(re.findall(r'<li class="row[^"]*">(?:(?!</li>).)*<svg class="mark proved"', text, re.S))


def compiled(text: str, folder: Path) -> str:
    """The log of a run of pdflatex that must succeed."""
    (folder / "sheet.tex").write_text(text, encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "sheet.tex"]
    run = subprocess.run(command, cwd=folder, capture_output=True, timeout=100, check=False)
    log = (folder / "sheet.log").read_text(encoding="utf-8", errors="replace")
    assert run.returncode == 0, log[-2000:]
    return log


class TestMarks:
    def test_each_accepted_row_has_a_mark_and_no_other(self) -> None:
        everything = rows(sample.verdicts())
        assert latex_marks(page.render_latex(sheet())) == len(everything) == sum(row.accepted for row in everything)
        assert html_marks(page.render_html(sheet())) == len(everything)

    def test_a_step_that_was_not_accepted_loses_its_mark_and_that_of_the_result(self) -> None:
        good, bad = sheet(), sheet(accepted=False)
        assert latex_marks(page.render_latex(bad)) == latex_marks(page.render_latex(good)) - 1
        assert html_marks(page.render_html(bad)) == html_marks(page.render_html(good)) - 1
        assert re.search(r"\(1\)\\quad\\seal\{proved\}", page.render_latex(good))
        assert not re.search(r"\(1\)\\quad\\seal\{proved\}", page.render_latex(bad))

    def test_counts_are_those_of_the_verdicts(self) -> None:
        found = counts(sheet())
        assert found["proved"] == "5"
        assert found["refuted, as the sheet says"] == "1"
        assert (found["unreadable"], found["not checked"], found["remarks"]) == ("1", "1", "1")
        assert found["steps accepted by the kernel"] == str(len(rows(sample.verdicts())))

    def test_counts_follow_a_step_that_was_not_accepted(self) -> None:
        found = counts(sheet(accepted=False))
        total = len(rows(sample.verdicts()))
        assert (found["proved"], found["undecided"]) == ("4", "1")
        assert found["steps accepted by the kernel"] == f"{total - 1} of {total}"

    @pytest.mark.parametrize("status", ["refuted", "undecided", "unreadable"])
    def test_only_a_proof_is_marked_as_one(self, status: str) -> None:
        verdict = replace(sample.rnn_gradient(), status=status)  # type: ignore[arg-type]
        view = reading_view("", "proved", verdict, printing.Printer(sample.DIALECT))
        assert (view.mark, view.expected) == (status, False)

    def test_a_refutation_that_was_not_expected_counts_as_such(self) -> None:
        judged = {"eq:1": [("", "proved", sample.shared_c())]}
        assert counts(page.build_sheet(sample.document(), judged))["refuted"] == "1"

    def test_a_proof_of_what_the_sheet_calls_false_stands_out(self) -> None:
        judged = {"eq:1": [("", "refuted", sample.rnn_gradient())]}
        found = counts(page.build_sheet(sample.document(), judged))
        assert (found["proved"], found["not as the sheet says"]) == ("1", "1")

    def test_nothing_is_proved_where_nothing_was_run(self) -> None:
        found = counts(page.build_sheet(sample.document(), {}))
        assert (found["proved"], found["not checked"], found["unreadable"]) == ("0", "6", "1")

    def test_a_lemma_is_shown_once(self) -> None:
        judged = {label: [("", "proved", sample.rnn_gradient())] for label in ("eq:1", "eq:2")}
        view = page.build_sheet(sample.document(), judged)
        claims = [block for block in view.blocks if isinstance(block, ClaimView)]
        first, second = (claim.readings[0].derivations[0] for claim in claims[:2])
        assert (first.shown_at, second.shown_at) == ("", "1")
        assert (first.count, second.count) == (4, 0)
        assert "proved at (1)" in page.render_html(view)
        assert "proved at (1)" in page.render_latex(view)

    def test_claims_are_listed_with_their_marks(self) -> None:
        assert [(one.number, one.marks) for one in sheet().entries][2:4] == [
            ("3", ("proved", "refuted")),
            ("4", ("proved",)),
        ]


class TestModel:
    TEXT = r"""% symgrad: size n
% symgrad: time t, tau, k
% symgrad: W : n x n
% symgrad: h[t] : n
% symgrad: L : scalar
% symgrad: h[t] = \tanh(W h[t-1])
% symgrad: L depends on h[tau]
The state is $STATE$.
\begin{equation} \nabla_{h^{[\tau]}} L = \nabla_{h^{[\tau]}} L \end{equation}
"""

    @pytest.mark.parametrize(("state", "shown"), [(r"h^{[t]} = \tanh(W\,\mathbf{h}^{[t - 1]})", 0), ("h^{[t]}", 1)])
    def test_equations_that_the_prose_has_are_not_repeated(self, state: str, shown: int) -> None:
        document = read_document(self.TEXT.replace("STATE", state))
        models = [one for one in page.build_sheet(document, {}).blocks if isinstance(one, ModelView)]
        assert [len(one.equations) for one in models] == [shown]


class TestPhrases:
    def test_every_rule_of_the_kernel_has_one(self) -> None:
        for module in pkgutil.iter_modules(symgrad.kernel.__path__):
            importlib.import_module(f"symgrad.kernel.{module.name}")
        for name in (*RULES, "normal_form"):
            assert page.phrase(name)[0].latex
        for name in RULES:
            assert page.phrase(name, detailed=True)[0].html

    def test_a_missing_one_is_an_error(self) -> None:
        row = Row(None, "=", sample.W, "no_such_rule", True)
        verdict = Verdict("proved", None, lemmas=(Derivation("", None, (row,)),))
        with pytest.raises(page.MissingPhraseError, match="no_such_rule"):
            str(verdict)

    def test_a_template_that_asks_for_what_is_not_there_is_an_error(self) -> None:
        with pytest.raises(UndefinedError):
            render._latex().get_template("sheet.tex").render()

    def test_the_detail_has_its_place(self) -> None:
        before, after = page.phrase("definition", detailed=True)
        assert (before.plain, after.plain) == ("definition of ", "")
        assert page.phrase("definition")[0].plain == "definition"
        assert page.phrase("triangle", detailed=True)[0].plain == "triangle inequality, "


class TestEscaping:
    @given(st.text())
    def test_no_text_becomes_a_tex_command(self, text: str) -> None:
        out = str(typeset.escape_tex(text))
        known = (
            r"\\(?:textbackslash|textasciicircum|textasciitilde|textless|textgreater|textbar|textquotedbl|textbullet"
            r"|textasciigrave|textendash|textemdash|textquoteleft|textquoteright|textquotedblleft|textquotedblright"
            r"|dots|textdegree|allowbreak)\{\}|\\[{}$&#%_]|\\ensuremath\{[^{}]*(?:\{R\}|\{L\})?\}|\\texttt\{U\+[0-9A-F]+\}"
        )
        assert not re.search(r"[\\{}$&#%_^~]", re.sub(known, "", out).replace("{}", "").replace("~", ""))

    @pytest.mark.parametrize("text", ["--", "---", ",,", "''", "a -- b"])
    def test_no_ligature(self, text: str) -> None:
        assert not re.search(r"--|,,|''", str(typeset.escape_tex(text)))

    def test_a_word_that_never_ends_can_be_broken(self) -> None:
        assert typeset.escape_tex("x" * 100).count(r"\allowbreak{}") == 3

    def test_prose_of_a_remark_stays_prose(self) -> None:
        latex, html = page.render_latex(sheet()), page.render_html(sheet())
        assert r"\input{" not in latex
        assert r"\textbackslash{}input\{x\}" in latex
        assert "<b>no" not in html
        assert "&lt;b&gt;no" in html
        assert "\x00" not in html

    def test_source_of_an_unread_display_stays_source(self) -> None:
        assert "<script" not in page.render_html(sheet())
        assert "Not read" in page.render_html(sheet())
        assert r"\topp" not in page.render_latex(sheet()).replace(r"\textbackslash{}topp", "")


class Reader(HTMLParser):
    """Checks that tags are balanced and collects what a page would load."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.links += [value or "" for name, value in attrs if name in ("src", "href", "data", "srcset")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag


class TestHtml:
    def test_is_balanced_and_loads_nothing(self) -> None:
        text = page.render_html(sheet())
        reader = Reader()
        reader.feed(text)
        assert not reader.open
        assert all(link.startswith("#claim-") for link in reader.links)
        assert not re.search(r"url\((?!data:font/woff2|#)", text)
        assert "@import" not in text

    def test_is_one_file_of_bearable_size(self) -> None:
        assert 100_000 < len(page.render_html(sheet()).encode()) < 350_000

    def test_folds_lemmas_and_values_and_follows_the_reader(self) -> None:
        text = page.render_html(sheet())
        assert text.count("<details") == 2
        assert "prefers-color-scheme:dark" in text
        assert "@media print" in text

    def test_same_view_same_page(self) -> None:
        assert page.render_html(sheet()) == page.render_html(sheet())


class TestLatex:
    def test_uses_only_the_packages_that_are_asked_for(self) -> None:
        names = re.findall(r"\\usepackage(?:\[[^]]*\])?\{([^}]*)\}", page.render_latex(sheet()))
        allowed = (
            "fontenc inputenc lmodern textcomp microtype geometry amsmath amssymb bm graphicx xcolor fancyhdr tikz"
        )
        assert {one for name in names for one in name.split(",")} <= {*allowed.split(), "pgfplots", "hyperref"}

    @pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs TeX")
    def test_compiles_without_an_overfull_box(self, tmp_path: Path) -> None:
        log = compiled(page.render_latex(sheet()), tmp_path)
        assert "Overfull" not in log
        assert "Missing character" not in log

    def test_without_latexmk_it_names_what_to_install(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", "")
        message = page.compile_pdf(tmp_path / "sheet.tex")
        assert "apt-get install latexmk" in message
        assert "\n" not in message

    @pytest.mark.skipif(shutil.which("latexmk") is None, reason="needs latexmk")
    def test_compile_reports_an_error_in_one_line(self, tmp_path: Path) -> None:
        source = tmp_path / "bad.tex"
        source.write_text(r"\documentclass{article}\begin{document}\nonsense\end{document}", encoding="utf-8")
        assert "Undefined control sequence" in page.compile_pdf(source)
        assert [one.name for one in tmp_path.iterdir()] == ["bad.tex"]


class TestFiles:
    def test_a_file_is_written_whole(self, tmp_path: Path) -> None:
        files.write_file(tmp_path / "a.html", "τ\n")
        assert (tmp_path / "a.html").read_text(encoding="utf-8") == "τ\n"
        assert len(list(tmp_path.iterdir())) == 1

    def test_or_not_at_all(self, tmp_path: Path) -> None:
        files.write_file(tmp_path / "a.html", "old")
        with pytest.raises(UnicodeEncodeError):
            files.write_file(tmp_path / "a.html", "new \ud800")
        assert (tmp_path / "a.html").read_text(encoding="utf-8") == "old"
        assert len(list(tmp_path.iterdir())) == 1

    def test_the_templates_are_found_and_the_fonts_have_their_licence(self) -> None:
        folder = typeset.template_folder()
        assert (folder / "latex" / "sheet.tex").is_file()
        assert (folder / "html" / "fonts" / "GUST-FONT-LICENSE.txt").is_file()


class TestVerdict:
    def test_prints_in_a_terminal(self) -> None:
        text = str(sample.rnn_gradient())
        assert text.startswith("Proved for all n and all k")
        assert "chain rule" in text
        assert "NOT ACCEPTED" not in text
        assert str(sample.rnn_gradient(accepted=False)).count("NOT ACCEPTED") == 1

    def test_prints_a_counterexample(self) -> None:
        text = str(sample.shared_c())
        assert "n = 2, m = 1, k = 1, tau = 1, entry (2, 2) (seed 105)" in text
        assert "1/3 [0.4199, 0.42]" in text

    def test_prints_in_a_notebook(self) -> None:
        html = sample.rnn_gradient()._repr_html_()
        reader = Reader()
        reader.feed(html)
        assert not reader.open
        assert re.search(r"--on:[^;{}]+;", html), "a property without its end takes the rules after it for its value"
        assert sample.rnn_gradient()._repr_latex_().startswith("$")


class TestNumbers:
    @given(st.fractions(), st.integers(3, 12))
    def test_decimals_are_rounded_outwards(self, value: Fraction, digits: int) -> None:
        below = Fraction(rounding.decimal(value, digits, up=False))
        above = Fraction(rounding.decimal(value, digits, up=True))
        assert below <= value <= above
        assert above - below <= abs(value) * Fraction(10) ** (1 - digits)

    @given(st.fractions(0, 1), st.fractions(0, 1))
    def test_two_different_numbers_look_different(self, left: Fraction, right: Fraction) -> None:
        digits = rounding.digits_apart(((left,),), ((right,),), (0, 0))
        shown = [printing.table((((one, one),),), None, digits).plain for one in (left, right)]
        if abs(left - right) > Fraction(1, 10**20):
            assert shown[0] != shown[1]

    def test_the_entry_that_differs_is_set_apart(self) -> None:
        found = printing.table([[1, 0], [0, Fraction(1, 2)]], (1, 1))
        assert found.latex.count(r"\differs") == 1
        assert ElementTree.fromstring(found.mathml).findall(".//mrow[@class='differs']")


class TestBreaking:
    @given(
        st.lists(
            st.sampled_from([r"\left(", r"\right)", r"\left.", r"\right|", "{", "}", r"\prod_{i}", "abc" * 9, "^{2}"])
        )
    )
    def test_any_latex_keeps_its_braces(self, parts: list[str]) -> None:
        text = " ".join(parts)
        out = breaking.loosened(text)
        assert (out.count("{"), out.count("}")) == (text.count("{"), text.count("}"))

    def test_a_long_bracket_is_loosened_and_a_short_one_is_not(self) -> None:
        assert breaking.loosened(r"\left(a\right)") == r"\left(a\right)"
        long = r"\left[" + " + ".join("abcdefgh" * 2 for _ in range(4)) + r"\right] x"
        assert breaking.loosened(long).startswith(r"\bigl[")
        assert r"\bigr]\* x" in breaking.loosened(long)

    def test_pieces_of_mathml_are_well_formed_and_lose_nothing(self) -> None:
        for statement in (sample.THREE_STATEMENT, sample.ONE_STATEMENT, sample.TWO_STATEMENT):
            mathml = printing.Printer(sample.DIALECT).formula(statement).mathml
            pieces = [ElementTree.fromstring(f"<math>{piece}</math>") for piece in breaking.chunks(mathml)]
            whole = "".join("".join(piece.itertext()) for piece in pieces)
            assert whole == "".join(ElementTree.fromstring(f"<math>{mathml}</math>").itertext())
        assert len(breaking.chunks(printing.Printer(sample.DIALECT).formula(sample.THREE_STATEMENT).mathml)) > 1


def gru() -> Context:
    t = sample.T
    state, before = sample.vector("a", t), sample.vector("a", t - 1)

    def gate(name: str, function: str, seen: Term) -> Definition:
        weight = Product((Symbol(f"W_{name}", ("n", "n")), seen))
        return Definition(sample.vector(name, t), Entrywise(function, Sum((weight, sample.vector("y", t)))))

    gates = [gate("r", "sigmoid", before), gate("u", "sigmoid", before)]
    candidate = gate("q", "tanh", Hadamard((sample.vector("r", t), before)))
    kept = Hadamard((sample.minus(sample.Ones(("n", 1)), sample.vector("u", t)), before))
    body = Sum((kept, Hadamard((sample.vector("u", t), sample.vector("q", t)))))
    return Context((*gates, candidate, Definition(state, body)), (), (Loss("L", sample.vector("a", sample.TAU)),))


class TestFigure:
    @pytest.mark.parametrize("context", [sample.RNN, sample.LSTM, gru()], ids=["rnn", "lstm", "gru"])
    def test_boxes_are_inside_and_apart(self, context: Context) -> None:
        graph = self.drawn(context)
        boxes = [(one.left, one.left + 2 * one.half_width, one.bottom, one.top) for one in graph.nodes]
        for place, (left, right, bottom, top) in enumerate(boxes):
            assert left >= 0
            assert right <= graph.width
            assert bottom >= 0
            assert top <= graph.height
            assert all(
                right <= other[0] or other[1] <= left or top <= other[2] or other[3] <= bottom
                for other in boxes[place + 1 :]
            )

    def drawn(self, context: Context, claim: Statement | None = None) -> Graph:
        graph = unrolled(context, printing.Printer(sample.DIALECT), claim, "1")
        assert graph is not None
        return graph

    def test_factors_of_the_claim_are_drawn_backwards(self) -> None:
        graph = self.drawn(sample.RNN, sample.ONE_STATEMENT)
        back = [edge for edge in graph.edges if edge.kind == "backward"]
        assert len(back) == 4
        assert sum(edge.label is not None for edge in back) == 3
        assert all(edge.points[0][0] > edge.points[3][0] for edge in back)
        assert not [edge for edge in self.drawn(sample.RNN).edges if edge.kind == "backward"]

    def test_gates_share_a_box(self) -> None:
        inner = [node for node in self.drawn(sample.LSTM).nodes if node.kind == "inner"]
        assert len(inner) == 3
        assert all(name in inner[0].label.plain for name in "eioz")

    def test_what_is_held_is_drawn_apart(self) -> None:
        cut = [edge for edge in self.drawn(sample.LSTM, sample.CUT_STATEMENT).edges if edge.kind == "cut"]
        assert len(cut) == 3

    def test_a_model_that_looks_two_steps_back_has_no_figure(self) -> None:
        t = sample.T
        far = Definition(sample.vector("h", t), Entrywise("tanh", sample.vector("h", t - 2)))
        assert unrolled(Context((far,)), printing.Printer(sample.DIALECT)) is None
        other = Definition(sample.vector("h", t), Entrywise("tanh", sample.vector("h", affine("k"))))
        assert unrolled(Context((other,)), printing.Printer(sample.DIALECT)) is None


class TestWideFormulas:
    """Whatever the prover hands over fits the page: broken into lines, or at last made smaller."""

    def verdict(self) -> Verdict:
        terms = (*(Product((sample.C, sample.GATES, *sample.OUT)) for _ in range(60)), sample.W)
        wide, nested = Sum(terms[:-1]), sample.W
        square = Sum(tuple(Product((sample.GATES, sample.C)) for _ in range(40)))
        for _ in range(12):
            nested = sample.Transpose(Sum((Product((nested, sample.W)), sample.W)))  # type: ignore[assignment]
        rows = (
            Row(sample.norm(square), "<=", sample.norm(wide), "triangle", True),
            Row(None, "=", Product(tuple([sample.W] * 80)), "definition", True, "", (wide,)),
            Row(nested, "=", square, "lemma", False, "", ("a lemma with a name " * 12,)),
            *(Row(None, "=", sample.GATES, "normal_form", True) for _ in range(60)),
        )
        statement = Statement(square, "=", nested)
        proof = Derivation("100% of a_b & c", statement, rows)
        return Verdict(
            "proved", statement, "all n", "x" * 300, ("z " * 200,), None, (), (proof,), (statement, "y" * 200)
        )

    @pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs TeX")
    def test_they_fit(self, tmp_path: Path) -> None:
        view = page.build_sheet(sample.document(), {"eq:1": [("q" * 150, "proved", self.verdict())]})
        log = compiled(page.render_latex(view), tmp_path)
        assert "Overfull" not in log

    def test_a_detail_that_is_too_long_is_left_out(self) -> None:
        assert "[definition]" in str(self.verdict())
