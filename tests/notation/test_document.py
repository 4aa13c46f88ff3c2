"""Whole texts: structure, prose, numbers, places of errors, and input that means no good."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from symgrad.notation.document import Claim, Emphasis, Heading, Math, Paragraph, Strong, Text, plain_text
from symgrad.notation.read import read_document
from symgrad.notation.write import latex, mathml, plain

LAB = Path(__file__).parents[2] / "derivations" / "lab-10.5" / "lab-10.5.tex"
HEAD = "% symgrad: size n\n% symgrad: time t, k\n% symgrad: W, A : n x n\n% symgrad: h[t], delta[t] : n\n"
SIMPLE = r"""\documentclass[11pt]{article}
\usepackage[T1]{fontenc}
\newcommand{\state}[2][\mathbf{h}]{#1^{[#2]}}
\title{A \emph{short} text}
\author{N. N.}
\date{2022}
% symgrad: size n
% symgrad: time t, k
% symgrad: W : n x n
% symgrad: h[t] : n
\begin{document}
\maketitle
\section{First}
Words, \emph{stressed \textbf{words}} -- and $\|\mathbf{W}\|^k$; see \eqref{eq:a}~and % a comment
50\% of ``it''.

\begin{align}
  \state{t} &= \mathbf{W} \state{t-1} \label{eq:a} \\
  &= 0 . \nonumber
\end{align}
\subsection*{Second}
\begin{equation} \mathbf{W} = 0 \tag{A} \end{equation}
\begin{equation} \mathbf{W} = \mathbf{W} \end{equation}
\end{document}
Not read: \nonsense
"""


class TestStructure:
    def test_blocks(self):
        document = read_document(SIMPLE, "simple.tex")
        assert not document.all_problems
        assert (document.title, document.author, document.date) == ("A short text", "N. N.", "2022")
        assert [type(one) for one in document.blocks] == [Heading, Paragraph, Claim, Heading, Claim, Claim]

    def test_prose(self):
        (paragraph,) = (one for one in read_document(SIMPLE).blocks if isinstance(one, Paragraph))
        kinds = [type(one) for one in paragraph.inlines]
        assert kinds == [Text, Emphasis, Text, Math, Text]
        assert plain_text(paragraph.inlines) == (
            r"Words, stressed words – and \|\mathbf{W}\|^k; see (1)\u00a0and 50% of “it”.".replace(r"\u00a0", "\u00a0")
        )
        emphasis = paragraph.inlines[1]
        assert isinstance(emphasis, Emphasis) and isinstance(emphasis.inlines[1], Strong)

    def test_numbers_and_labels(self):
        claims = read_document(SIMPLE).claims
        assert [(one.label, one.number) for one in claims] == [("eq:a", "1"), ("eq:A", "A"), ("eq:2", "2")]

    def test_links_of_a_chain_have_their_place_and_text(self):
        claim = read_document(SIMPLE).claims[0]
        first, second = claim.readings[0].statements
        assert (first.line, first.column, first.source) == (18, 14, r"= \mathbf{W} \state{t-1}")
        assert (second.line, second.column, second.source) == (19, 4, "= 0")
        assert plain(second.statement, claim.dialect) == "W h[t-1] = 0"

    def test_the_font_of_the_text_is_the_font_that_is_written(self):
        claim = read_document(SIMPLE).claims[0]
        assert latex(claim.readings[0].statements[0].statement, claim.dialect) == (
            r"\mathbf{h}^{[t]} = \mathbf{W} \mathbf{h}^{[t-1]}"
        )

    @pytest.mark.parametrize(
        ("display", "statements"),
        [
            (r"\begin{gather} W = A \\ A = W \end{gather}", ["W = A", "A = W"]),
            (r"\begin{align} W &= A \\ &= W \\ A &= W \end{align}", ["W = A", "A = W", "A = W"]),
            (r"\begin{align} W &= A \\ & + W \end{align}", ["W = A + W"]),
            (r"\begin{multline} W = A \\ A \end{multline}", ["W = A A"]),
            (r"\begin{equation}\begin{split} W &= A \\ &= W \end{split}\end{equation}", ["W = A", "A = W"]),
            (r"$$ W = A, \qquad A = W. $$", ["W = A", "A = W"]),
            (r"\[ W = A \quad \text{(by symmetry)} \]", ["W = A"]),
            (r"\begin{alignat}{2} W &= A \quad && \text{again} \end{alignat}", ["W = A"]),
            (r"\begin{eqnarray} W &=& A \end{eqnarray}", ["W = A"]),
            (r"\[ W = \boxed{A} \]", ["W = A"]),
            (r"\[ \boxed{W = A} \]", ["W = A"]),
            (r"\begin{align} W &= A & A &= W \end{align}", ["W = A", "A = W"]),
            (r"\begin{flalign*} W &= A & \\ A &= W & \end{flalign*}", ["W = A", "A = W"]),
            (r"\begin{alignat*}{2} W &= A &\quad A &= W \end{alignat*}", ["W = A", "A = W"]),
            (r"\begin{eqnarray*} W &=& A \\ &=& W \end{eqnarray*}", ["W = A", "A = W"]),
            (r"\begin{multline*} W \\ = A \end{multline*}", ["W = A"]),
            (r"\begin{displaymath} W = A \end{displaymath}", ["W = A"]),
            (r"$$\begin{aligned}[t] W &= A \\[2pt] &= W \end{aligned}$$", ["W = A", "A = W"]),
            (r"\begin{equation*}\begin{gathered} W = A \\ A = W \end{gathered}\end{equation*}", ["W = A", "A = W"]),
            (r"\begin{align} & W \nonumber \\ &= A \shortintertext{so} &= W \end{align}", ["W = A", "A = W"]),
            (r"\begin{subequations}\begin{align} W &= A \end{align}\end{subequations}", ["W = A"]),
        ],
    )
    def test_displays(self, display, statements):
        document = read_document(HEAD + display)
        assert not document.all_problems, str(document.all_problems)
        links = [link for claim in document.claims for link in claim.readings[0].statements]
        assert [plain(one.statement, document.claims[0].dialect) for one in links] == statements

    @pytest.mark.parametrize(
        ("definition", "display", "statement"),
        [
            (r"\newcommand{\pd}[2]{\nabla_{#2} #1}", r"\pd{h_t}{h_k} = W", "∇_{h[k]} h[t] = W"),
            (r"\newcommand\vc[1]{\mathbf{#1}}", r"\vc W \vc h_t = 0", "W h[t] = 0"),
            (r"\newcommand{\h}[1][t]{h_{#1}}", r"\h = W \h[t-1]", "h[t] = W h[t-1]"),
            (r"\renewcommand{\vec}[1]{\boldsymbol{#1}}", r"\vec W = 0", "W = 0"),
            (r"\providecommand{\norm}[1]{\left\lVert #1 \right\rVert}", r"\norm{W} \le 1", "‖W‖ ≤ 1"),
            (r"\def\R#1{W^{#1}}", r"\R{2} = 0", "W^2 = 0"),
            (r"\DeclareMathOperator{\dg}{diag}", r"\dg(h_t) = W", "diag(h[t]) = W"),
            (r"\let\vt\mathbf", r"\vt{W} = A", "W = A"),
            (r"\let\vt=\mathbf", r"\vt W = A", "W = A"),
            (r"\newcommand{\a}{A}\let\b\a\renewcommand{\a}{W}", r"\a = \b", "W = A"),
            (r"We set $\alpha := W^2$.", r"\alpha = W W", "α = W W"),
        ],
    )
    def test_definitions(self, definition, display, statement):
        document = read_document(f"{HEAD}{definition}\n\\[ {display} \\]")
        assert not document.all_problems, str(document.all_problems)
        reading = document.claims[0].readings[0]
        assert [plain(one.statement, reading.dialect) for one in reading.statements] == [statement]

    @pytest.mark.parametrize("below", ["g_t", ":= g_t", "=: g_t", "= g_t"])
    def test_a_brace_names_what_stands_above_it(self, below):
        text = rf"{HEAD}\[ \underbrace{{W \delta_t}}_{{{below}}} = 0 \] \[ g_{{t+1}} = 0 \]"
        document = read_document(text)
        assert not document.all_problems, str(document.all_problems)
        (definition,) = document.claims[1].readings[0].context.abbreviations
        assert plain(definition.body, document.claims[1].dialect) == "W δ[t]"

    def test_a_formula_in_prose_is_set_as_it_was_written(self):
        document = read_document(r"Let $k \to \infty$ and $\| \cdot \|$ and $\mathbf{h}^{[t]}$.")
        (paragraph,) = document.blocks
        assert isinstance(paragraph, Paragraph)
        math = [one for one in paragraph.inlines if isinstance(one, Math)]
        dialect = read_document(HEAD + r"\[ W = A \]").claims[0].dialect
        assert [plain(one, dialect) for one in math] == ["k → ∞", "‖⋅‖", "h^{[t]}"]
        assert latex(math[2], dialect) == r"\mathbf{h}^{[t]}"


class TestErrors:
    @pytest.mark.parametrize(
        ("line", "message"),
        [
            (r"\[ \delta_t = W^\topp \delta_{t+1} \]", r"5:17: I do not know the command \topp (did you mean \top?)"),
            (r"\[ \delta_t = Q \]", "5:15: Q is not declared"),
            (
                r"\[ \delta_t' = W \]",
                "5:12: delta[t]' is ambiguous: a prime means transpose on a matrix and derivative on a function; "
                "delta[t] is a vector",
            ),
            (r"\[ W = h_t W \]", "5:12: shapes do not fit: h[t] (an n x 1 vector) times W (an n x n matrix)"),
            (r"\[ (W = A \]", "5:4: ( is never closed"),
            (r"\[ W = A \text{ if it fits} \]", "a condition in words, 'if it fits', is not read"),
            (r"\[ W \approx A \]", r"the sign \approx is no relation that can be proved"),
            (r"\begin{gather} W = A \\ A \end{gather}", "this row holds no relation"),
            (r"\begin{align} W &= A \\ - A &= W \end{align}", "does this row go on from the one before?"),
            (r"\[ (W = A) \]", "a relation in brackets, and no relation outside it"),
            (r"\[ W = A, A \]", "I expected a relation here"),
            (r"\[ (W + A \]", "( is never closed"),
            (r"\[ = W \]", "there is no side to go on from"),
            (r"\[ W = A", r"\[ is never closed"),
            (r"\begin{equation} W = A", r"\begin{equation} is never closed"),
            (r"some $W = A", "$ is never closed"),
            (r"\foo bar", r"5:1: I do not know the command \foo in prose"),
            (r"\begin{foo} \end{foo}", "5:1: I do not know the environment foo"),
            ("a } b", "} closes nothing"),
            (r"\emph{a", "{ is never closed"),
            (r"\[ W = A \label{a} \] \[ W = A \label{a} \]", "the label a is used twice"),
            (r"W is $W \in \mathbb{R}^{n \times 2}$", "W is declared already, as an n x n matrix"),
            (r"\begin{align} W &= A & A &= W \\ &= W \end{align}", "which relation does this go on from?"),
            (r"\[ \underbrace{W - W}_{= 0} = 0 \]", "what is claimed of it stands in a row of its own"),
            (
                r"\newcommand{\p}[2]{#1 #2} \[ \p{W} = A \]",
                r"\p takes 2 arguments in braces; = stands where one should",
            ),
            (r"We set $\delta_t := W$.", "shapes do not fit"),
            (r"\[ W \implies A \]", "between two relations is not read"),
            (r"\[ W \stackrel{!}{=} A \]", "it claims nothing"),
        ],
    )
    def test_each_has_its_place_and_reason(self, line, message):
        problems = read_document(HEAD + line, "text.tex").all_problems
        assert any(message in str(one) for one in problems), [str(one) for one in problems]
        assert str(problems[0]).startswith("text.tex:5:")

    def test_the_caret_stands_under_the_place(self):
        (problem,) = read_document(HEAD + r"\[ \delta_t = Q \]").all_problems
        assert problem.caret == "\\[ \\delta_t = Q \\]\n" + " " * 14 + "^"

    def test_a_fault_of_one_claim_leaves_the_others_alone(self):
        document = read_document(HEAD + r"\[ W = Q \] \[ W = A \]")
        assert [len(one.readings) for one in document.claims] == [0, 1]

    def test_nothing_goes_on_from_a_display_that_was_not_read(self):
        document = read_document(HEAD + r"\[ W = A \] \[ W = Q \] \[ = W \]")
        assert "no side to go on from" in document.claims[2].problems[0].message


class TestHostileText:
    @pytest.mark.parametrize(
        "text",
        [
            "",
            " \n\t\n",
            "a\0b",
            "\ufffd" * 400,
            "x" * 10_000_000,
            HEAD + r"\[" + "(" * 10_000 + "W" + ")" * 10_000 + r"= A \]",
            HEAD + r"\[" + r"\frac{1}{" * 500 + "2" + "}" * 500 + r"= 1 \]",
            HEAD + r"\[ W^{" + "9" * 50_000 + r"} = A \]",
            HEAD + r"\newcommand{\a}{\b\b}\newcommand{\b}{\a\a}\[ \a = W \]",
            HEAD + r"\[ W" + "'" * 3000 + r" = W \]",
            HEAD + r"\[" + r"\sum_{j=1}^k " * 1500 + r"W = W \]",
            HEAD + r"\[" + "|" * 3000 + r"= 0 \]",
            "\\emph{" * 20_000,
            "% symgrad: begin\n" * 3000,
            "\\newcommand" * 2000,
            "".join(chr(value % 700 + 1) for value in range(20_000)),
        ],
        ids=range(16),
    )
    def test_is_refused_in_bounded_time(self, text):
        start = time.perf_counter()
        document = read_document(text, "bad.tex")
        assert document.all_problems
        assert all(len(one.message) < 200 and len(one.caret) < 400 for one in document.all_problems)
        assert time.perf_counter() - start < 60

    def test_prose_cannot_carry_markup(self):
        text = HEAD + r"<script>alert(1)</script> $a<b$ \emph{<i>} $\text{</math><script>}$ \[ W = <script> \]"
        document = read_document(text)
        dialect = read_document(HEAD + r"\[ W = A \]").claims[0].dialect
        for block in document.blocks:
            for one in block.inlines if isinstance(block, Paragraph) else ():
                if isinstance(one, Math):
                    assert "<script" not in mathml(one, dialect)
                    assert not re.search(r"\\(?:input|write|catcode)", latex(one, dialect))

    def test_no_command_of_the_text_gets_into_what_is_written(self):
        document = read_document(HEAD + r"$\input{x}$ $\operatorname{\write18}$ \[ W = \input{/etc/passwd} \]")
        assert document.claims[0].readings == ()
        written = [one for one in document.blocks[0].inlines if isinstance(one, Math)]
        dialect = read_document(HEAD + r"\[ W = A \]").claims[0].dialect
        assert not any("\\input" in latex(one, dialect) or "\\write" in latex(one, dialect) for one in written)

    def test_a_long_formula_is_read_quickly(self):
        start = time.perf_counter()
        document = read_document(HEAD + r"\[ W = " + " + ".join(["W A"] * 4000) + r" \]")
        assert not document.all_problems
        assert time.perf_counter() - start < 60


class TestLab:
    def test_every_claim_is_read(self):
        document = read_document(LAB.read_text("utf-8"), str(LAB))
        assert [str(one) for one in document.all_problems] == []
        assert {"1", "2", "3", "4"} <= {one.number for one in document.claims}
        assert sum(reading.expect == "refuted" for one in document.claims for reading in one.readings) == 4

    def test_what_is_written_of_a_claim_reads_back(self):
        from symgrad.notation.read import read_statement

        for claim in read_document(LAB.read_text("utf-8")).claims:
            for reading in claim.readings:
                for link in reading.statements:
                    assert read_statement(latex(link.statement, reading.dialect), reading.dialect) == link.statement


def test_letters_below_that_spell_a_greek_letter_stay_letters():
    head = HEAD + "% symgrad: W_xi, b_mu : n x n\n"
    document = read_document(head + r"\[ W_{xi} = b_{\mu} \]")
    assert not document.all_problems
    (link,) = document.claims[0].readings[0].statements
    assert latex(link.statement, document.claims[0].dialect) == r"W_{xi} = b_{\mu}"


def test_a_greek_letter_below_is_not_taken_for_the_letters_that_spell_it():
    head = HEAD + "% symgrad: W_{xi} : n x n\n"
    document = read_document(head + r"\[ W_{xi} = W_{xi} \] \[ W_{xi} = W_{\xi} \]")
    assert [claim.readings for claim in document.claims] == [(), ()]
    assert r"W_{\xi} and W_{xi} cannot be told apart" in str(document.all_problems[0])
