"""Markdown: what is a formula, what is a declaration, what is neither, and what is too odd to be either."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symgrad.notation.document import Emphasis, Heading, Math, Paragraph, Strong, Text, plain_text
from symgrad.notation.markdown import declares, pieces_of
from symgrad.notation.read import read_document
from symgrad.notation.write import plain

HEAD = "<!-- symgrad: size n\nW, A : n x n\n-->\n"


def read(body: str):
    return read_document(HEAD + body, "notes.md")


def statements(body: str) -> list[str]:
    document = read(body)
    assert not document.all_problems, str(document.all_problems)
    return [plain(one.statement, claim.dialect) for claim in document.claims for one in claim.readings[0].statements]


@pytest.mark.parametrize(
    "body",
    [
        "$$ W = A $$",
        "before $$ W = A $$ after",
        "$$\nW = A\n$$",
        r"\[ W = A \]",
        "```math\nW = A\n```",
        "~~~ math\nW = A\n~~~~",
        "* one\n  ```math\n  W = A\n  ```",
        "1. one\n\n      $$ W = A $$",
        "> $$ W = A $$",
        "| a | $$ W = A $$ |",
        r"\begin{align} W &= A \end{align}",
        "$$\n\\begin{align*}\nW &= A\n\\end{align*}\n$$",
        r"$$ \newcommand{\B}{\mathbf{W}} \newcommand{\C}{A} $$ \[ \B = \C \]",
        "\\newcommand{\\B}{\\mathbf{W}}\n\n$$ \\B = A $$",
        "$$ W\n= A % = W\n$$",
        "**strong $$ W = A $$ text**",
        "# Heading with $$ W = A $$\n",
    ],
)
def test_a_display_is_a_claim(body: str) -> None:
    assert statements(body) == ["W = A"]


def test_a_sign_in_a_formula_is_no_sign_of_markdown() -> None:
    assert statements("$$\nW =\n- (\n- A)\n$$\n") == ["W = -(-A)"]


@pytest.mark.parametrize(
    "body",
    [
        "```\n$$ W = A $$\n```",
        "```latex\n\\[ W = A \\]\n```",
        "~~~\n```math\nW = A\n```\n~~~",
        "> ```\n> $$ W = A $$\n> ```",
        "`$$ W = A $$`",
        "`` ` $$ W = A $$ ``",
        r"\$\$ W = A \$\$",
        "<!-- $$ W = A $$ -->",
        "<pre>\n$$ W = A $$\n</pre>",
        "a <code>$$ W = A $$</code>",
        "```mathematica\n$$ W = A $$\n```",
        "- one\n\n  text\n\n      code",
        "$ W = A $",
        "$`W = A`$",
        r"\( W = A \)",
        "[$$]: http://example.org\n",
    ],
)
def test_what_is_no_display_is_no_claim(body: str) -> None:
    assert statements(f"{body}\n\n$$ A = W $$") == ["A = W"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("$$ W = A", "4:1: $$ is never closed (a blank line ends it)"),
        ("$$ W =\n\n A $$", "4:1: $$ is never closed (a blank line ends it)"),
        (r"\[ W = A $$", r"4:1: \[ is never closed (a blank line ends it)"),
        ("it costs $5", "4:10: $ is never closed (for the sign itself, write \\$)"),
        (r"\begin{align} W = A", r"4:1: \begin{align} is never closed"),
        ("text\n```math\nW = A\n", "5:1: ``` is never closed"),
        ("<!-- note", "4:1: <!-- is never closed"),
        ("<pre> $$ W = A $$", "4:1: <pre> is never closed"),
        ("> $$\n> W = A\n> $$", "4:3: a formula in a quotation must stand on one line"),
        ("> ```math\n> W = A\n> ```", "4:3: a formula in a quotation must stand on one line"),
        ("```{math}\nW = A\n```", "4:1: a fence for a formula is ```math and nothing more"),
        ("```math {#eq}\nW = A\n```", "4:1: a fence for a formula is ```math and nothing more"),
        (r"| $$ \|W\| = 0 $$ |", r"4:3: in a table, a bar ends the cell; write \lvert, \Vert or \mid"),
        ("\n    $$ W = A $$", "5:5: indented this far, it is code; indent it less to have it read"),
        ("\\\\[ W = A \\\\]", r"4:1: a formula starts with \[ or $$ (two backslashes are one in the text)"),
        (r"$$ W = A $$ \]", r"4:13: \] closes nothing"),
        ("% symgrad: use rnn", "4:1: in Markdown, a declaration stands in a comment: <!-- symgrad: ... -->"),
        ("<!-- symgrad: size n\nuse nothing -->", "5:5: I know no profile 'nothing'"),
        ("$$ W = Q $$", "4:8: Q is not declared"),
        (r"\newcommand{B}{W}", "4:1: \\newcommand needs the name of a command"),
    ],
)
def test_what_is_odd_has_a_place_and_a_reason(body: str, message: str) -> None:
    found = [str(one).removeprefix("notes.md:") for one in read(body).all_problems]
    assert any(one.startswith(message) for one in found), found


class TestProse:
    def test_blocks(self) -> None:
        text = "---\ntitle: 'A text'\nauthor: N. N.\n---\n# One ##\nfirst\nline\n\nTwo\n---\n- item\n***\nlast\n"
        document = read_document(text, "notes.md")
        assert (document.title, document.author) == ("A text", "N. N.")
        assert document.blocks == (
            Heading(1, "One", 5),
            Paragraph((Text("first line"),), 6),
            Heading(2, "Two", 9),
            Paragraph((Text("item"),), 11),
            Paragraph((Text("last"),), 13),
        )

    def test_spans(self) -> None:
        text = r"**bold *both*** and _it_, a_b_c, 2 * 3 * 4, ~ \*, &amp; `--` $x$ [word](http://a.b/c_d_)"
        (paragraph,) = read_document(text, "notes.md").blocks
        assert isinstance(paragraph, Paragraph)
        kinds = [type(one) for one in paragraph.inlines]
        assert kinds == [Strong, Text, Emphasis, Text, Math, Text]
        assert plain_text(paragraph.inlines) == "bold both and it, a_b_c, 2 * 3 * 4, ~ *, & -- x [word]"

    def test_references_are_numbers(self) -> None:
        document = read("\\begin{equation} W = A \\label{eq:w} \\end{equation}\n\nsee \\eqref{eq:w}")
        assert plain_text(document.blocks[-1].inlines) == "see (1)"

    def test_nothing_in_the_text_is_markup_of_the_page(self) -> None:
        (paragraph,) = read_document("a <b onclick='x'> c <script>$$x$$</script>", "notes.md").blocks
        assert paragraph.inlines == (Text("a  c"),)


def test_lines_and_columns_are_those_of_the_file() -> None:
    (claim,) = read("text\n\n- item\n\n  $$\n  W\n   = A\n  $$\n").claims
    (link,) = claim.readings[0].statements
    assert (claim.line, link.line, link.column) == (8, 10, 4)


def test_a_formula_between_two_rules_is_no_front_matter() -> None:
    document = read_document(f"---\n{HEAD}\n$$ W = A $$\n\n---\n", "notes.md")
    assert len(document.claims) == 1 and not document.all_problems


def test_a_suffix_decides() -> None:
    text = "% symgrad: size n\n% symgrad: W : n x n\n```\n$$ W = W $$\n```\n"
    assert len(read_document(text, "notes.tex").claims) == 1
    assert not read_document(text, "notes.md").claims


@pytest.mark.parametrize(
    ("text", "path", "answer"),
    [
        ("% symgrad: use rnn", "a.tex", True),
        ("\\begin{verbatim}\n% symgrad: use rnn\n\\end{verbatim}", "a.tex", False),
        ("<!-- symgrad: use rnn -->", "a.md", True),
        ("`<!-- symgrad: use rnn -->`", "a.md", False),
        ("```\n<!-- symgrad: use rnn -->\n```", "a.md", False),
        ("% symgrad: use rnn", "a.md", False),
    ],
)
def test_which_texts_declare(text: str, path: str, answer: bool) -> None:
    assert declares(text, path) is answer


@pytest.mark.parametrize("sign", ["*", "_ ", "`", "$", r"\( ", "<!-- -->", "<pre>", "> ", "# ", "- ", "[](", " ", "\n"])
def test_a_long_text_is_read_in_time(sign: str) -> None:
    started = time.process_time()
    read_document(sign * (200_000 // len(sign)), "notes.md")
    assert time.process_time() - started < 10


SIGNS = [
    "$", "$$", "`", "```", "```math\n", "~~~", "\n", "\n\n", "> ", "- ", "1. ", "    ", "\t", "# ", "---\n", "===\n",
    "<!-- ", "-->", "symgrad: ", "size n", "W", " = ", r"\[", r"\]", r"\(", r"\)", r"\begin{align}", r"\end{align}",
    r"\newcommand{\B}{W}", r"\newcommand", "{", "}", "[", "](", ")", "*", "**", "_", "__", "<b>", "<pre>", "</pre>",
    "&amp;", "\\", "%", "% symgrad: ", "title: x\n", "é", "\x00", "\r", r"\ref{a}",
]  # fmt: skip


@given(st.lists(st.sampled_from(SIGNS), max_size=40).map("".join))
def test_any_text_is_taken_apart(text: str) -> None:
    """In order, with groups that are closed, and never with an error."""
    depth = 0
    for piece in pieces_of(text, "notes.md"):
        depth += (piece.kind == "open") - (piece.kind == "close")
        assert depth >= 0 and 0 <= piece.start <= piece.stop <= len(text)
        assert piece.kind not in ("display", "inline") or piece.start < piece.inner[0] <= piece.inner[1] < piece.stop
    assert depth == 0
    read_document(text, "notes.md")
