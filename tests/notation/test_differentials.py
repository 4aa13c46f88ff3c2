"""Second derivatives and differentials: what each is read as, that it reads back, what is refused."""

from __future__ import annotations

import pytest

from symgrad.judge import judge
from symgrad.kernel.term import Gradient, Product, Symbol, Transpose
from symgrad.notation.read import read_document, read_statement
from symgrad.notation.write import latex, plain

HEAD = r"""% symgrad: size n, m
% symgrad: time t, tau
% symgrad: X, A, B : n x n
% symgrad: W : m x n
% symgrad: x, b : n
% symgrad: h[t] : n
% symgrad: y : m
% symgrad: L, E, s, r : scalar
% symgrad: y = W x
% symgrad: L depends on y
"""


def read(claim: str, head: str = HEAD):
    return read_document(f"{head}\\[ {claim} \\]")


def links(claim: str, head: str = HEAD):
    document = read(claim, head)
    assert not document.all_problems, [str(one) for one in document.all_problems]
    (reading,) = document.claims[0].readings
    return reading


def gradients(of: Symbol, first: Symbol, second: Symbol) -> Gradient:
    return Gradient(Gradient(of, second), first)


E, S, R = (Symbol(name, (1, 1)) for name in "Esr")
VECTOR, B = Symbol("x", ("n", 1)), Symbol("b", ("n", 1))
HESSIANS = [
    (r"\nabla_x^2 E", gradients(E, VECTOR, VECTOR)),
    (r"\nabla^2_x E", gradients(E, VECTOR, VECTOR)),
    (r"\frac{\partial^2 E}{\partial x \partial x^\top}", gradients(E, VECTOR, VECTOR)),
    (r"\frac{\partial^2}{\partial x \partial x^\top} E", gradients(E, VECTOR, VECTOR)),
    (r"\frac{\partial^2 E}{\partial x^2}", gradients(E, VECTOR, VECTOR)),
    (r"\frac{\partial^2 E}{\partial x \partial b^\top}", gradients(E, VECTOR, B)),
]
SCALARS = [
    (r"\frac{\partial^2 E}{\partial s^2}", gradients(E, S, S)),
    (r"\frac{d^2 E}{d s^2}", gradients(E, S, S)),
    (r"\frac{\partial^2 E}{\partial s \partial r}", gradients(E, S, R)),
]


@pytest.mark.parametrize("layout", ["gradient", "jacobian", "mixed", "columns"])
@pytest.mark.parametrize(("text", "expected"), [*HESSIANS, *SCALARS], ids=[row[0] for row in (*HESSIANS, *SCALARS)])
def test_a_second_derivative_is_the_same_in_every_layout(text, expected, layout):
    reading = links(f"{text} = 2 \\cdot {text}", f"% symgrad: layout {layout}\n{HEAD}")
    assert reading.statements[0].statement.left == expected
    assert read_statement(latex(reading.statements[0].statement, reading.dialect), reading.dialect) == (
        reading.statements[0].statement
    )


def test_a_second_derivative_by_entries_is_an_entry_of_it():
    (link,) = links(r"\frac{\partial^2 E}{\partial x_i \partial b_j} = A_{ij}").statements
    assert isinstance(link.statement.left, Product)
    assert link.statement.left.factors[1] == gradients(E, VECTOR, B)
    assert plain(link.statement, read(r"E = E").claims[0].dialect) == "(∂^2 E)/(∂ x_i ∂ b_j) = A_ij"


def test_the_transpose_of_a_hessian_stays_a_transpose():
    (link,) = links(r"(\nabla_x^2 E)^\top = A").statements
    assert link.statement.left == Transpose(gradients(E, VECTOR, VECTOR))


DIFFERENTIALS = [
    (r"dL = \operatorname{tr}((\nabla_W L)^\top dW)", "tr((∇_W L)^T dW) = tr((∇_W L)^T dW)", ("only W varies",)),
    (r"dE = b^\top dx", "(∇_x E)^T dx = b^T dx", ("only x varies",)),
    (r"dE = s \, dr", "(∇_r E) dr = s dr", ("only r varies",)),
    (
        r"\mathrm{d}(X^{-1}) = -X^{-1} (\mathrm{d}X) X^{-1}",
        "tr((∇_X (tr(C^T X^{-1})))^T dX) = tr(C^T (-X^{-1} dX X^{-1}))",
        ("only X varies", "C is any n x n matrix"),
    ),
    (
        r"d(A x) = A \, dx",
        "(∇_x (C^T (A x)))^T dx = C^T (A dx)",
        ("only x varies", "C is any n x 1 vector"),
    ),
    (
        r"d(x^\top b) = (dx)^\top b + x^\top db",
        "(∇_x (x^T b))^T dx + (∇_b (x^T b))^T db = (dx)^T b + x^T db",
        ("only b, x vary",),
    ),
    (r"d(x^\top b) = dx^\top b", "(∇_x (x^T b))^T dx = (dx)^T b", ("only x varies",)),
    (r"d\log\det X = \operatorname{tr}(X^{-1} dX)", "tr((∇_X (log(det(X))))^T dX) = tr(X^{-1} dX)", ("only X varies",)),
    (
        r"dX^{-1} = A \, dX",
        "tr((∇_X (tr(C^T X^{-1})))^T dX) = tr(C^T (A dX))",
        ("only X varies", "C is any n x n matrix"),
    ),
    (r"d\tfrac12 \|x - b\|^2 = (x - b)^\top dx", "(∂/(∂ x) (1/2 ‖x - b‖^2))^T dx = (x - b)^T dx", ("only x varies",)),
    (r"d\sqrt{s} = r \, ds", "(∇_s (√(s))) ds = r ds", ("only s varies",)),
    (r"ds = b^\top dh_t", "(∇_{h[t]} s)^T dh[t] = b^T dh[t]", ("only h varies",)),
]


@pytest.mark.parametrize(("claim", "expected", "said"), DIFFERENTIALS, ids=[row[0] for row in DIFFERENTIALS])
def test_a_differential_is_read_as_an_equation_that_reads_back(claim, expected, said):
    reading = links(claim)
    (link,) = reading.statements
    assert plain(link.statement, reading.dialect) == expected
    assert tuple(one for one in link.conditions if isinstance(one, str)) == said
    assert read_statement(latex(link.statement, reading.dialect), reading.dialect) == link.statement


def test_a_chain_of_differentials_has_a_link_each():
    reading = links(r"d(A x + b) = A \, dx + db = db + A \, dx")
    assert [plain(one.statement, reading.dialect) for one in reading.statements] == [
        "(∇_x (C^T (A x + b)))^T dx + (∇_b (C^T (A x + b)))^T db = C^T (A dx + db)",
        "C^T (A dx + db) = C^T (db + A dx)",
    ]


@pytest.mark.parametrize(
    ("claim", "status"),
    [
        (r"dL = \operatorname{tr}(x (\nabla_y L)^\top dW)", "proved"),
        (r"d(A X B) = A \, dX B", "proved"),
        (r"d(A X B) = B \, dX A", "refuted"),
        (r"d(X^{-1}) = -X^{-1} dX X^{-1}", "proved"),
        (r"d(X^{-1}) = X^{-1} dX X^{-1}", "refuted"),
        (r"d(x^\top A x) = x^\top (A + A^\top) dx", "proved"),
        (r"d(x^\top A x) = 2 x^\top A dx", "refuted"),
        (r"d(x^\top b) = dx^\top b", "proved"),
    ],
)
def test_differentials_are_judged(claim, status):
    reading = links(claim)
    (link,) = reading.statements
    assert judge(link.statement, link.context or reading.context, dialect=reading.dialect).status == status


REFUSED = [
    (r"\frac{\partial^2 E}{\partial x \partial b} = A", r"a second derivative is taken by \partial x \partial y^\top"),
    (r"\frac{\partial^2 E}{\partial x_i \partial b} = A", "a second derivative is taken by"),
    (r"\frac{\partial^2 E}{\partial s \partial r^\top} = s", "a second derivative is taken by"),
    (r"\frac{\partial^2 x}{\partial b \partial b^\top} = A", "a second derivative of an n x 1 vector is not read"),
    (r"\frac{\partial^2 E}{\partial X \partial X^\top} = A", "a second derivative by an n x n matrix is not read"),
    (r"\frac{\partial^3 E}{\partial s^3} = s", "only first and second derivatives are read"),
    (r"\nabla^2 E = A", "a Hessian needs the name that it is taken by"),
    (r"\nabla_x^3 E = A", "needs the name that it is taken by"),
    (r"\nabla_{x_i}^2 E = A", "a Hessian is taken by a whole vector"),
    (r"\left. \nabla_x^2 E \right|_{h_t} = A", "a second derivative with something held is not read"),
    (r"dE = 0", "no differential stands on the right, so what varies is not told"),
    (r"dE \le b^\top dx", "a differential is read only in equations"),
    (r"dE = dx", "shapes do not fit: the differential of E (a scalar) = dx (an n x 1 vector)"),
    (r"dE = dx^2", "is this the differential of the power, or a power of it?"),
    (r"dE = dX^{-1}", "is this the differential of the power, or a power of it?"),
    (r"dE = b^\top d(A x)", "only the differential of a name is read, such as dX"),
    (r"dA x = A \, dx", "put brackets around what the differential is of"),
    (r"b^\top dx = dE", "d is not declared; a differential is read in an equation that says what it is"),
    (r"dL = (\nabla_y L)^\top dy + (\nabla_x L)^\top dx", "y depends on others, so it cannot vary beside them"),
    (r"dE = b^\top dQ", "Q is not declared"),
]


@pytest.mark.parametrize(("claim", "reason"), REFUSED, ids=[row[0] for row in REFUSED])
def test_is_refused(claim, reason):
    (problem,) = read(claim).all_problems
    assert reason in problem.message


def test_a_d_that_is_declared_is_no_differential():
    head = HEAD.replace("L, E, s, r : scalar", "L, E, s, r, d : scalar")
    (link,) = links(r"d E = s", head).statements
    assert plain(link.statement, links(r"d E = s", head).dialect) == "d E = s"
    (problem,) = read(r"d E = s", HEAD.replace("size n, m", "size n, m, d")).all_problems
    assert "d is a size here: is this a multiple of it, or a differential?" in problem.message
