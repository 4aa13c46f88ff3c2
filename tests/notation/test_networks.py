"""Feed-forward networks, models written a step ahead, sums over all steps: what they say, what is refused."""

from __future__ import annotations

import pytest

from symgrad.kernel.certificate import Loss
from symgrad.kernel.term import SCALAR, IndexedSum, Symbol
from symgrad.notation.declarations import declare, line_of
from symgrad.notation.problem import MisreadError
from symgrad.notation.read import read_document, read_term
from symgrad.notation.setting import Setting
from symgrad.notation.write import latex, plain

BASE = ("size n, m, N", "time t, k, tau", "W : n x m", "x, u[t] : m", "a, y, b : n", "h[t], s[t] : n", "L, E : scalar",
        "X : N x m", "Y : N x n")  # fmt: skip
NET = (*BASE, "a = W x + b", r"y = \tanh(a)", "L depends on y")


def declared(*lines: str) -> Setting:
    setting = Setting()
    for line in lines:
        setting = declare(line_of(line, 0, len(line), {}), setting)
    return setting


def statements(lines, claim):
    text = "".join(f"% symgrad: {line}\n" for line in lines) + rf"\[ {claim} \]"
    document = read_document(text)
    assert not document.all_problems, [str(one) for one in document.all_problems]
    (reading,) = document.claims[0].readings
    return [one.statement for one in reading.statements], reading


def test_a_name_without_a_time_may_be_a_node():
    setting = declared(*NET)
    assert [one.head for one in setting.recurrence] == [Symbol("a", ("n", 1)), Symbol("y", ("n", 1))]
    assert setting.losses == (Loss("L", Symbol("y", ("n", 1))),)
    assert setting.horizon == ""


def test_a_node_may_be_a_matrix_and_a_scalar():
    setting = declared(*BASE, r"Y = X W^\top + \mathbf{1} b^\top", r"L = \operatorname{tr}(Y^\top Y)")
    assert [one.head.shape for one in setting.recurrence] == [("N", "n"), SCALAR]
    assert plain(setting.recurrence[0].body, setting.dialect) == "X W^T + 1_N b^T"


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        (r"\nabla_W L = \nabla_a L \, x^\top", "∇_W L = (∇_a L) x^T"),
        (r"\frac{\partial L}{\partial W} = \nabla_a L \, x^\top", "∇_W L = (∇_a L) x^T"),
        (r"\nabla_a L = (1 - y^2) \odot \nabla_y L", "∇_a L = (1 - y^2) ⊙ ∇_y L"),
    ],
)
def test_gradients_by_nodes_and_matrices(claim, expected):
    (statement,), reading = statements(NET, claim)
    assert plain(statement, reading.dialect) == expected


@pytest.mark.parametrize(
    ("layout", "shape"),
    [("gradient", ("n", "m")), ("columns", ("n", "m")), ("jacobian", ("m", "n")), ("mixed", ("m", "n"))],
)
def test_by_a_matrix_the_layout_decides_about_a_transpose(layout, shape):
    (statement,), reading = statements((*NET, f"layout {layout}"), r"\frac{\partial L}{\partial W} = \mathbf{0}")
    assert statement.left.shape == shape
    assert read_term(latex(statement.left, reading.dialect), reading.dialect) == statement.left


def test_a_size_may_have_a_subscript():
    lines = ("size n, d_k", "time k", "Q : n x d_k", "w : d_{k}")
    (statement,), reading = statements(lines, r"\frac{1}{\sqrt{d_k}} Q w = d_k^{-1/2} Q \mathbf{1}_{d_k}")
    assert statement.left.shape == ("n", 1)
    assert latex(statement.right, reading.dialect) == r"\frac{1}{\sqrt{d_{k}}} Q \mathbf{1}_{d_{k}}"
    assert read_term(latex(statement.right, reading.dialect), reading.dialect) == statement.right


@pytest.mark.parametrize("space", [r"n_{t+1}", r"n_t^2", r"n'"])
def test_other_subscripts_make_no_size(space):
    problems = read_document(rf"\[ W \in \mathbb{{R}}^{{{space}}} \]").all_problems
    assert ["I expected sizes here" in one.message for one in problems] == [True]


def test_a_model_may_be_written_one_step_ahead():
    ahead = declared(*BASE, r"h[t+1] = \tanh(W u[t] + h[t])")
    assert ahead.recurrence == declared(*BASE, r"h[t] = \tanh(W u[t-1] + h[t-1])").recurrence


def test_a_sum_over_a_time_alone_is_over_all_steps():
    lines = (*BASE, "start 1", r"h[t] = \tanh(W u[t] + h[t-1])", "horizon tau", "E[t] : scalar")
    lines = (*(one for one in lines if one != BASE[6]), "L : scalar")
    (statement,), _ = statements(lines, r"L = \sum_t E_t")
    assert isinstance(statement.right, IndexedSum)
    assert (statement.right.index, str(statement.right.lower), str(statement.right.upper)) == ("t", "1", "tau")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("b = W u[t]", "the right side depends on t, the left side does not"),
        ("b = W u[3]", "b has no time, but u, which it reads, has one"),
        ("b' = W x", "this script has no place on b here"),
        ("y = W x", "y is defined already"),
        ("L depends on x", "L must depend on a name at one time, such as h[tau], or on a node that is defined before"),
        ("a[t] = W u[t] + b", "a has no times"),
        ("h[t] = a + b", "h has a time, but a, which it reads, is a node without one"),
        ("h[t-1] = b", "define h at a plain time, as in h[t]"),
        ("h[2 t] = b", "define h at a plain time, as in h[t]"),
        ("b = W", "shapes do not fit: an n x 1 vector = an n x m matrix"),
    ],
)
def test_a_node_is_refused(line, reason):
    with pytest.raises(MisreadError) as caught:
        declared(*NET, line)
    assert reason in caught.value.message


def test_a_node_that_a_recurrence_reads_needs_a_time():
    with pytest.raises(MisreadError, match="b has no time, but h, which reads it, has one; a short name is a let"):
        declared(*BASE, r"h[t] = \tanh(W u[t] + b)", r"b = \mathbf{1}")


def test_the_sum_over_a_time_alone_needs_a_start():
    text = "".join(f"% symgrad: {line}\n" for line in (*BASE, "horizon tau")) + r"\[ L = \sum_t L \]"
    (problem,) = read_document(text).all_problems
    assert problem.message.startswith(r"\sum needs an index and bounds")
