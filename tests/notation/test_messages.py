"""What is said of common slips: the whole message, where it points, and the caret beneath the line."""

from __future__ import annotations

import re

import pytest

from symgrad.notation.read import read_document
from tests.running import ROOT

HEAD = """% symgrad: size n, m
% symgrad: time t, tau, k
% symgrad: W, A : n x n
% symgrad: U : n x m
% symgrad: h[t], delta[t] : n
% symgrad: L, x : scalar
"""
SLIPS_OF_LATEX = [
    (r"\[ \delta_t = W^T \tanh( W h_t \]", 7, 24, "( is never closed"),
    (r"\[ \delta_t = W^{T \delta_{t+1} \]", 7, 17, "{ is never closed"),
    (r"\[ \delta_t = W^\topp \delta_{t+1} \]", 7, 17, r"I do not know the command \topp (did you mean \top?)"),
    (
        r"\[ \delta_t = W^T^2 \delta_{t+1} \]",
        7,
        18,
        r"two superscripts on one name; put braces around the first part, as in {W^\top}^2",
    ),
    (
        r"\[ \delta_t = h_t_1 \]",
        7,
        18,
        "two subscripts on one name; put braces around the first part, as in {h_t}_j",
    ),
    (r"\[ \delta_t = \left( W h_t ) \]", 7, 28, r"\left( is closed by ); \left and \right go together"),
    (r"\[ \delta_t = W h_t \right) \]", 7, 21, r"\right) closes nothing"),
    (r"\[ \delta_t &= W h_t \]", 7, 13, "& has no place here; it aligns the rows of align and its like"),
    (r"\begin{align} \delta_t &= W h_t", 7, 1, r"\begin{align} is never closed"),
    (
        r"\begin{align} \delta_t &= W h_t \end{equation}",
        7,
        1,
        r"\begin{align} is never closed; \end{equation} does not close it",
    ),
    (r"\[ \delta_t = $W$ h_t \]", 7, 15, "$ inside a formula; is the formula before it closed?"),
    (r"\[ \delta_t = \frac{h_t} \]", 7, 15, r"\frac needs a denominator in braces"),
    (r"\[ \delta_t = (W \\ h_t) \]", 7, 18, r"\\ inside brackets has no place here"),
    (r"\newcommand{\foo}[12]{W}", 7, 1, r"\newcommand takes 1 to 9 arguments, not 12"),
    (r"\newcommand{foo}{W}", 7, 1, r"\newcommand needs the name of a command in braces, as in {\R}"),
    (r"\def\foo(#1){W}", 7, 1, r"a \def with delimited arguments is not read; use \newcommand"),
    (r"\[ \delta_t = W^ \]", 7, 16, "^ needs an argument in braces"),
    (r"\[ \delta_t = ^2 \]", 7, 15, "^ has nothing to stand on"),
    (r"\[ \delta_t = W + \]", 7, 19, "the formula ends here, but more was expected"),
    (r"\[ \delta_t == W h_t \]", 7, 14, "nothing stands between this relation and the one before"),
    (r"\[ \delta_t = W \cdot \cdot h_t \]", 7, 17, r"\cdot needs a factor on both sides"),
    (r"\[ \delta_t = [W h_t) \]", 7, 21, "[ is closed by )"),
    (
        r"\[ \delta_t = \|W h_t| \]",
        7,
        22,
        r"| is never closed (for a derivative with something held, write \left. ... \right|_{...})",
    ),
    (r"\[ \delta_t = W % h_t \]", 7, 1, r"\[ is never closed: its \] stands in a comment"),
    (r"$$ \delta_t = W h_t \]", 7, 1, r"$$ is never closed; \] does not close it"),
    (r"\[ \begin{aligned} \delta_t &= W h_t \]", 7, 4, r"\begin{aligned} is never closed"),
    (r"\[ \delta_t = \hat{W h_t} \]", 7, 15, r"\hat is read over a single letter only"),
    (r"\[ \delta_t = \textcolor{red}{W} h_t \]", 7, 15, r"I do not know the command \textcolor"),
    (
        r"\[ \delta_t = \begin{pmatrix} W & A \end{pmatrix} h_t \]",
        7,
        15,
        "a matrix given by its blocks or entries (pmatrix) is not read; write a line for each block",
    ),
    (r"\[ \delta_t = 2 3 h_t \]", 7, 17, r"two numbers side by side; write \cdot between them"),
]
SLIPS_OF_MEANING = [
    (r"\[ \delta_t = Q h_t \]", 7, 15, "Q is not declared (declare its shape, as in % symgrad: Q : n x n)"),
    (
        r"\[ \delta_t = \operatorname{diag}(g_t) W \delta_{t+1}, \quad g_t = 1 - h_t^2 \]",
        7,
        35,
        r"g is not declared; to define it by its equation, write := or \text{where} before it",
    ),
    (
        r"\[ \delta_t = W_{hx} h_t \]",
        7,
        16,
        "W_hx is not declared, and W has no times; the indices of an entry are declared (% symgrad: index i, j)",
    ),
    (
        r"\[ \delta_t = h_t W \]",
        7,
        19,
        "shapes do not fit: h[t] (an n x 1 vector) times W (an n x n matrix); the transpose of the first would fit",
    ),
    (
        r"\[ \delta_t = U h_t \]",
        7,
        17,
        "shapes do not fit: U (an n x m matrix) times h[t] (an n x 1 vector); the transpose of the first would fit",
    ),
    (r"\[ \delta_t = W h_t + x \]", 7, 23, "shapes do not fit: W h[t] (an n x 1 vector) plus x (a scalar)"),
    (
        r"\[ \delta_t = h_t^T W \]",
        7,
        13,
        (
            "shapes do not fit: δ[t] (an n x 1 vector) = h[t]^T W (a 1 x n row vector); one side is a "
            "column and the other a row"
        ),
    ),
    (
        r"\[ \delta_t = W \odot h_t \]",
        7,
        23,
        "shapes do not fit: W (an n x n matrix) times entrywise h[t] (an n x 1 vector)",
    ),
    (
        r"\[ \delta_t = (1 - h_t^2) \nabla_{h_t} L \]",
        7,
        27,
        (
            "shapes do not fit: 1 - h[t]^2 (an n x 1 vector) times ∇_{h[t]} L (an n x 1 vector) (did "
            r"you mean \odot, or a transpose?)"
        ),
    ),
    (
        r"\[ \delta_t' = 0 \]",
        7,
        12,
        (
            "delta[t]' is ambiguous: a prime means transpose on a matrix and derivative on a function; "
            "delta[t] is a vector"
        ),
    ),
    (r"\[ \delta_t = W h \]", 7, 17, "h needs a time, as in h[t]"),
    (r"\[ \delta_t = h_t^{(2)} \]", 7, 18, "h has a time below already; this finds no place"),
    (r"\[ \delta_t = \prod_{i=1}^k i W h_t \]", 7, 29, "i is an index here; it cannot stand as a factor"),
    (r"\[ \delta_t = n_t h_t \]", 7, 15, "n is a size; it cannot stand as a factor"),
    (r"\[ \delta_t = k h_t \]", 7, 15, "k is a time; it cannot stand as a factor"),
    (r"\[ W \le A \]", 7, 6, "a bound compares scalars, such as norms or entries, not W (an n x n matrix)"),
    (
        r"\[ \nabla_W h_t = 0 \]",
        7,
        4,
        "a derivative of an n x 1 vector by an n x n matrix is not read; by W only a scalar is derived",
    ),
    (r"\[ \left.\nabla_{h_t} L\right|_{W} = 0 \]", 7, 33, "W cannot be held: it is not a node at one time"),
    (r"\[ W^{h_t} = W \]", 7, 7, "h is not declared as a time; an exponent is a number or a time such as k"),
    (r"\[ \delta_t = \tanh W h_t \]", 7, 21, "how far does tanh reach? put its argument in brackets"),
    (
        r"\[ \delta_t = L(h_t) h_t \]",
        7,
        16,
        "L is a scalar, not a function: write it alone, or a product without brackets",
    ),
    (r"\[ W + 1 = A \]", 7, 8, "1 beside W (an n x n matrix): write I for the identity matrix"),
    (r"\[ |h_t| \le 1 \]", 7, 4, r"|...| of an n x 1 vector; write \|...\| for its norm"),
    (r"\[ U^2 = 0 \]", 7, 5, "U (an n x m matrix) has no powers: it is not square"),
    (r"\[ h_t^k = 0 \]", 7, 7, "h[t] is an n x 1 vector; its power must be a whole number"),
    (
        r"\[ \nabla_{h_t} W h_t = W^T \]",
        7,
        4,
        "this is a derivative of W (an n x n matrix); put brackets around all that it is taken of",
    ),
    (
        r"\[ \delta_t \propto h_t \]",
        7,
        13,
        r"the sign \propto is no relation that can be proved; use =, \le, \ge, < or >",
    ),
    ("% symgrad: W : n x m", 7, 12, "W is declared already, as an n x n matrix"),
    ("% symgrad: V n x n", 7, 12, "I cannot read this declaration; of a name say its shape, as in W : n x n"),
    ("% symgrad: V : p x n", 7, 16, "p is not declared as a size (% symgrad: size p)"),
    ("% symgrad: use rnnn", 7, 16, "I know no profile 'rnnn' (did you mean rnn?)"),
    ("% symgrad: hold W", 7, 17, "W cannot be held: it is not a node at one time"),
    ("% symgrad: layout numerator", 7, 19, "the layout is gradient, jacobian, mixed or columns, not 'numerator'"),
    ("% symgrad: s : time", 7, 16, "a time is declared by: % symgrad: time NAME"),
    ("% symgrad: k >= 1", 7, 12, "I cannot read this declaration (did you mean assume k >= 1?)"),
    (
        "% symgrad: time T\n\\[ W = A^T \\]",
        8,
        10,
        r"A^T is ambiguous: T is declared, so this is a power or a transpose (write ^\top)",
    ),
]


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [*SLIPS_OF_LATEX, *SLIPS_OF_MEANING],
    ids=[row[0] for row in (*SLIPS_OF_LATEX, *SLIPS_OF_MEANING)],
)
def test_says_what_is_wrong_and_where(text, line, column, message):
    (problem,) = read_document(HEAD + text, "my.tex").all_problems
    assert str(problem) == f"my.tex:{line}:{column}: {message}"
    assert problem.caret == (HEAD + text).split("\n")[line - 1] + "\n" + " " * (column - 1) + "^"


def documented() -> list[tuple[str, str]]:
    """What docs/reading.md says is not read, and what it says is said of it."""
    table = (ROOT / "docs" / "reading.md").read_text("utf-8").partition("## Not read")[2]
    return re.findall(r"^\| `(.+)` \| (.+) \|$", table, re.M)


@pytest.mark.parametrize(("formula", "message"), documented())
def test_says_what_the_page_about_reading_says(formula, message):
    declared = "% symgrad: size n, m\n% symgrad: time t\n% symgrad: W, A : n x n\n% symgrad: h[t], a[t] : n\n"
    (problem,) = read_document(rf"{declared}% symgrad: L : scalar{chr(10)}\[ {formula} = 0 \]").all_problems
    assert problem.message == message


def test_the_page_about_reading_has_examples():
    assert len(documented()) >= 15


@pytest.mark.parametrize("text", ["\\[ \\delta_t = W h_t \\]", "\\begin{align} \\delta_t &= W h_t \\end{align}"])
def test_nothing_is_said_of_what_is_right(text):
    assert read_document(HEAD + text).all_problems == ()
