"""The sheet's four equations and 48 lines in the styles people use: what each is read as, or why it is not.

A row is the line with what is declared beside the names below; then the shape of both sides (None: several), and every
relation as it is shown; or the column and the whole reason of the refusal. L09 and L17 are tested on their own.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from symgrad.kernel.term import show_shape
from symgrad.notation.dialect import Dialect
from symgrad.notation.read import read_document
from symgrad.notation.write import plain

DECLARED = r"""
% symgrad: size n, m
% symgrad: time t, tau, k
% symgrad: W, A, B : n x n
% symgrad: h[t], delta[t] : n
% symgrad: L : scalar
"""
READ = [
    (
        "S1",
        "",
        (
            r"\nabla_{\mathbf{h}^{[\tau-k]}} \mathcal{L} = \left[ \prod_{i=1}^k \mathbf{W}^T \text{diag} \left( "
            r"1 - \mathbf{h}^{[\tau-k+i]^2} \right) \right] \cdot \nabla_{\mathbf{h}^{[\tau]}} \mathcal{L}"
        ),
        "n x 1",
        ["∇_{h[τ-k]} L = [∏_{i=1}^k W^T diag(1 - h[τ-k+i]^2)] ∇_{h[τ]} L"],
    ),
    (
        "S2",
        "",
        (
            r"\|\nabla_{\mathbf{h}^{[\tau-k]}} \mathbf{h}^{[\tau]}\| \leq \|\mathbf{W}\|^k \cdot \left( \max_x "
            r"|1 - \tanh(x)^2| \right)^k"
        ),
        "1 x 1",
        ["‖∇_{h[τ-k]} h[τ]‖ ≤ ‖W‖^k [max_x |1 - tanh(x)^2|]^k"],
    ),
    (
        "S3",
        "s[t], e[t], o[t] : n\nc : n x n",
        (
            r"\nabla_{\mathbf{s}^{[\tau-k]}} \mathcal{L} = \left[ c + \prod_{i=1}^k \text{diag} \left( "
            r"\mathbf{e}^{[\tau-k+i]} \right) \right] \text{diag} \left( 1 - \tanh \left( \mathbf{s}^{[\tau]} "
            r"\right)^2 \right) \text{diag} \left( \mathbf{o}^{[\tau]} \right) \nabla_{\mathbf{h}^{[\tau]}} "
            r"\mathcal{L}"
        ),
        "n x 1",
        ["∇_{s[τ-k]} L = [c + ∏_{i=1}^k diag(e[τ-k+i])] diag(1 - tanh(s[τ])^2) diag(o[τ]) ∇_{h[τ]} L"],
    ),
    (
        "S4",
        "s[t] : n\nc : n x n",
        r"\|\nabla_{\mathbf{s}^{[\tau-k]}} \mathbf{s}^{[\tau]}\| \leq \|c\| + \sup_x |\tanh(x)|^k",
        "1 x 1",
        ["‖∇_{s[τ-k]} s[τ]‖ ≤ ‖c‖ + sup_x |tanh(x)|^k"],
    ),
    (
        "L01",
        "",
        (
            r"\frac{\partial L}{\partial h_{t-1}} = W^\top \operatorname{diag}(1-h_t^2) \frac{\partial "
            r"L}{\partial h_t}"
        ),
        "n x 1",
        ["∇_{h[t-1]} L = W^T diag(1 - h[t]^2) ∇_{h[t]} L"],
    ),
    (
        "L02",
        "",
        (
            r"\nabla_{\mathbf h^{[t]}}\mathcal L = \mathbf W^T \left( (1 - \mathbf h^{[t+1]} \odot \mathbf "
            r"h^{[t+1]}) \odot \nabla_{\mathbf h^{[t+1]}} \mathcal L\right)"
        ),
        "n x 1",
        ["∇_{h[t]} L = W^T ((1 - h[t+1] ⊙ h[t+1]) ⊙ ∇_{h[t+1]} L)"],
    ),
    (
        "L03",
        "W_hh : n x n",
        r"\delta_t = (W_{hh}^T \delta_{t+1}) \circ (1 - h_t^2)",
        "n x 1",
        ["δ[t] = (W_hh^T δ[t+1]) ⊙ (1 - h[t]^2)"],
    ),
    (
        "L04",
        "a[t] : n",
        r"\delta_t = W' \delta_{t+1} * \tanh'(a_t)",
        "n x 1",
        ["δ[t] = (W^T δ[t+1]) ⊙ tanh'(a[t])"],
    ),
    (
        "L05",
        "U : n x m\nx[t] : m\nb : n",
        r"{\bf h}_t = \tanh({\bf W} {\bf h}_{t-1} + {\bf U}{\bf x}_t + {\bf b})",
        "n x 1",
        ["h[t] = tanh(W h[t-1] + U x[t] + b)"],
    ),
    (
        "L06",
        "U : n x m\nx[t] : m",
        (
            r"\boldsymbol{h}^{(t)} = \tanh\left(\boldsymbol{W}\boldsymbol{h}^{(t-1)} + "
            r"\boldsymbol{U}\boldsymbol{x}^{(t)}\right)"
        ),
        "n x 1",
        ["h[t] = tanh(W h[t-1] + U x[t])"],
    ),
    (
        "L08",
        "",
        r"\frac{\partial h_t}{\partial h_k} = \prod_{i=k+1}^{t} \frac{\partial h_i}{\partial h_{i-1}}",
        "n x n",
        ["∇_{h[k]} h[t] = ∏_{i=k+1}^t ∇_{h[i-1]} h[i]"],
    ),
    (
        "L11",
        "layout jacobian",
        r"\frac{dL}{dh_t} = \frac{dL}{dh_{t+1}} \frac{dh_{t+1}}{dh_t}",
        "1 x n",
        ["(∂ L)/(∂ h[t]) = (∂ L)/(∂ h[t+1]) (∂ h[t+1])/(∂ h[t])"],
    ),
    (
        "L12",
        "z[t] : n\ngamma, lambda_1 : scalar",
        (
            r"\left\| \frac{\partial h_{t+1}}{\partial h_t} \right\| \leq \|W^\top\| \, "
            r"\|\operatorname{diag}(\sigma'(z_t))\| \le \gamma \lambda_1"
        ),
        "1 x 1",
        ["‖∇_{h[t]} h[t+1]‖ ≤ ‖W^T‖ ‖diag(σ'(z[t]))‖", "‖W^T‖ ‖diag(σ'(z[t]))‖ ≤ γ λ_1"],
    ),
    (
        "L15",
        "",
        r"\|\mathbf{AB}\| \leq \|\mathbf{A}\| \cdot \|\mathbf{B}\|",
        "1 x 1",
        ["‖A B‖ ≤ ‖A‖ ‖B‖"],
    ),
    (
        "L16",
        "",
        r"\sup_x |\tanh'(x)| = 1",
        "1 x 1",
        ["sup_x |tanh'(x)| = 1"],
    ),
    (
        "L18",
        "f[t], i[t], g[t], c[t] : n",
        r"c_t = f_t \odot c_{t-1} + i_t \odot g_t",
        "n x 1",
        ["c[t] = f[t] ⊙ c[t-1] + i[t] ⊙ g[t]"],
    ),
    (
        "L19",
        "o[t], c[t] : n",
        r"h_t = o_t \odot \tanh(c_t)",
        "n x 1",
        ["h[t] = o[t] ⊙ tanh(c[t])"],
    ),
    (
        "L20",
        "f[t], b_f : n\nx[t] : m\nW_f : n x m\nU_f : n x n",
        r"f_t = \sigma(W_f x_t + U_f h_{t-1} + b_f)",
        "n x 1",
        ["f[t] = σ(W_f x[t] + U_f h[t-1] + b_f)"],
    ),
    (
        "L22",
        "D[t] : n x n",
        r"\nabla_{h_{\tau-k}} L = W^T D_{\tau-k+1} W^T D_{\tau-k+2} \cdots W^T D_\tau \nabla_{h_\tau} L",
        "n x 1",
        ["∇_{h[τ-k]} L = [∏_{i=1}^k W^T D[τ-k+i]] ∇_{h[τ]} L"],
    ),
    (
        "L23",
        "",
        r"\underbrace{\frac{\partial L}{\partial h_t}}_{\delta_t} = W^\top \delta_{t+1}",
        "n x 1",
        ["∇_{h[t]} L = W^T δ[t+1]"],
    ),
    (
        "L24",
        "layout mixed",
        (
            "\\begin{align}\n"
            "\\nabla_{h_{t}} L &= \\left(\\frac{\\partial h_{t+1}}{\\partial h_t}\\right)^\\top "
            "\\nabla_{h_{t+1}} L \\\\\n"
            "  &= W^\\top \\operatorname{diag}(1-h_{t+1}^2) \\nabla_{h_{t+1}} L\n"
            r"\end{align}"
        ),
        "n x 1",
        [
            "∇_{h[t]} L = (∇_{h[t]} h[t+1]) ∇_{h[t+1]} L",
            "(∇_{h[t]} h[t+1]) ∇_{h[t+1]} L = W^T diag(1 - h[t+1]^2) ∇_{h[t+1]} L",
        ],
    ),
    (
        "L25",
        "D[t] : n x n",
        (
            "\\begin{align*}\n"
            "\\delta_t &= W^\\top D_{t+1} \\delta_{t+1} \\label{eq:a} \\\\\n"
            "\\intertext{and, applying the same step once more,}\n"
            "&= W^\\top D_{t+1} W^\\top D_{t+2} \\delta_{t+2}. \\nonumber\n"
            r"\end{align*}"
        ),
        "n x 1",
        ["δ[t] = W^T D[t+1] δ[t+1]", "W^T D[t+1] δ[t+1] = W^T D[t+1] W^T D[t+2] δ[t+2]"],
    ),
    (
        "L26",
        "x, y : n",
        r"(y - Wx)^\top (y - Wx) = y^\top y - 2 y^\top W x + x^\top W^\top W x",
        "1 x 1",
        ["(y - W x)^T (y - W x) = y^T y - 2 y^T W x + x^T W^T W x"],
    ),
    (
        "L27",
        "x : n",
        r"\frac{\partial}{\partial x}\left( x^\top A x \right) = (A + A^\top) x",
        "n x 1",
        ["∇_x (x^T A x) = (A + A^T) x"],
    ),
    (
        "L30",
        "C : n x n",
        r"\mathrm{tr}(ABC) = \mathrm{tr}(CAB)",
        "1 x 1",
        ["tr(A B C) = tr(C A B)"],
    ),
    (
        "L32",
        "a[t] : n",
        r"\frac{\partial h_t}{\partial a_t} = \operatorname{diag}(\mathbb{1} - h_t \odot h_t)",
        "n x n",
        ["∇_{a[t]} h[t] = diag(1 - h[t] ⊙ h[t])"],
    ),
    (
        "L33",
        "z : scalar",
        r"\sigma'(z) = \sigma(z)(1-\sigma(z))",
        "1 x 1",
        ["σ'(z) = σ(z) (1 - σ(z))"],
    ),
    (
        "L34",
        "f : function\nz : n",
        r"f'(z) = 1 - f(z)^2 \quad \text{for } f = \tanh",
        "n x 1",
        ["tanh'(z) = 1 - tanh(z)^2"],
    ),
    (
        "L35",
        "x : scalar\nsech : function",
        r"\tanh^2(x) + \operatorname{sech}^2 x = 1",
        "1 x 1",
        ["tanh(x)^2 + sech(x)^2 = 1"],
    ),
    (
        "L37",
        "D[t] : n x n",
        (
            r"\partial_{\mathbf h_t}\mathcal L = \mathbf W^{\mathsf T}\mathbf D_{t+1}\,\partial_{\mathbf "
            r"h_{t+1}}\mathcal L"
        ),
        "n x 1",
        ["∇_{h[t]} L = W^T D[t+1] ∇_{h[t+1]} L"],
    ),
    (
        "L39",
        "",
        r"\lim_{k\to\infty} \|W\|^k = 0 \text{ if } \|W\| < 1",
        "1 x 1",
        ["lim_{k → ∞} ‖W‖^k = 0"],
    ),
    (
        "L40",
        "",
        (
            r"\nabla_{\mathbf{h}^{[\tau-k]}} \mathcal{L} = \left( \mathbf{W}^{T} \right)^{k} "
            r"\nabla_{\mathbf{h}^{[\tau]}}\mathcal{L}"
        ),
        "n x 1",
        ["∇_{h[τ-k]} L = (W^T)^k ∇_{h[τ]} L"],
    ),
    (
        "L42",
        "u, v : n",
        r"\langle u, W v\rangle = \langle W^\top u, v\rangle",
        "1 x 1",
        ["u^T (W v) = (W^T u)^T v"],
    ),
    (
        "L43",
        "",
        r"\Vert h_t \Vert_2^2 = h_t^T h_t",
        "1 x 1",
        ["‖h[t]‖^2 = h[t]^T h[t]"],
    ),
    (
        "L44",
        "D[t] : n x n",
        r"{\partial L \over \partial h_t} = W^T D_{t+1} {\partial L \over \partial h_{t+1}}",
        "n x 1",
        ["∇_{h[t]} L = W^T D[t+1] ∇_{h[t+1]} L"],
    ),
    (
        "L46",
        "",
        r"\frac{\partial h_{t,i}}{\partial h_{t-1,j}} = (1-h_{t,i}^2) w_{ij}",
        "1 x 1",
        ["(∂ h_i[t])/(∂ h_j[t-1]) = (1 - h_i[t]^2) W_ij"],
    ),
    (
        "L47",
        "J[t] : n x n",
        r"\delta_{t} \stackrel{\text{chain rule}}{=} J_{t+1}^\top \delta_{t+1}",
        "n x 1",
        ["δ[t] = J[t+1]^T δ[t+1]"],
    ),
    (
        "L48",
        "",
        r"(W^{-1})^\top = W^{-\top}",
        "n x n",
        ["(W^{-1})^T = (W^{-1})^T"],
    ),
    (
        "L10",
        "",
        (
            r"\frac{\partial \mathcal{L}}{\partial W} = \sum_{t=1}^{\tau} \text{diag}\left(1 - "
            r"(h^{(t)})^2\right) (\nabla_{h^{(t)}} \mathcal{L}) {h^{(t-1)}}^\top"
        ),
        "n x n",
        ["∇_W L = ∑_{t=1}^τ diag(1 - h[t]^2) (∇_{h[t]} L) h[t-1]^T"],
    ),
    (
        "L13",
        "",
        r"\|\mathbf{A}\| = \sqrt{\rho(\mathbf{A}^T \mathbf{A})}",
        "1 x 1",
        ["‖A‖ = √(ρ(A^T A))"],
    ),
    (
        "L29",
        "G : n x n",
        r"d\mathcal{L} = \operatorname{tr}\left( G^\top \, dW \right)",
        "1 x 1",
        ["tr((∇_W L)^T dW) = tr(G^T dW)"],
    ),
    (
        "L41",
        "h : n\nH : n x n",
        r"\frac{\partial^2 L}{\partial h \partial h^\top} = W^\top H W",
        "n x n",
        ["∇_h^2 L = W^T H W"],
    ),
    (
        "L45",
        "y[t], c : n\nV : n x n\nL[t] : scalar",
        r"y_t = \text{softmax}(V h_t + c), \qquad L_t = -\log y_{t,j}",
        None,
        ["y[t] = softmax(V h[t] + c)", "L[t] = -log(y_j[t])"],
    ),
]
REFUSED = [
    (
        "L07",
        "W_a : n x n\nx[t], b_a : n",
        r"h^{<t>} = \tanh(W_a [h^{<t-1>}, x^{<t>}] + b_a)",
        24,
        "a list in brackets (stacked vectors) is not read; split the matrix before it, as in W_h h + W_x x",
    ),
    (
        "L14",
        "",
        r"\rho(\mathbf{B}) = \max_i |\lambda_i|",
        31,
        "lambda is not declared (declare its shape, as in % symgrad: lambda : n)",
    ),
    (
        "L21",
        "c[t], f[t] : n",
        r"\frac{\partial c_t}{\partial c_{t-1}} = \operatorname{diag}(f_t) + \dots",
        71,
        "dots are read in a product, between its terms; here, write out what they stand for",
    ),
    (
        "L28",
        "X : n x n",
        r"\operatorname{vec}(AXB) = (B^\top \otimes A)\operatorname{vec}(X)",
        4,
        "stacking a matrix into a vector (vec) is not read",
    ),
    (
        "L31",
        "",
        r"\frac{\partial L}{\partial W_{ij}} = \sum_t \delta_{t,i} h_{t-1,j}",
        41,
        (
            r"\sum needs an index and bounds, as in \sum_{i=1}^{k}; over t alone it runs over all steps, if a start "
            "and a horizon are declared"
        ),
    ),
    (
        "L36",
        "J[t] : n x n",
        r"J_t = \left.\frac{\partial h_t}{\partial h_{t-1}}\right|_{h_{t-1}=0} = W",
        60,
        (
            "the value of a derivative at a point is not read; what is held is a list of names, such as "
            r"h[tau-k], \ldots, h[tau-1]"
        ),
    ),
    (
        "L38",
        "f[t], i[t] : n\nW_f, W_i : n x n",
        (
            r"\begin{bmatrix} f_t \\ i_t \end{bmatrix} = \sigma\left(\begin{bmatrix} W_f \\ W_i \end{bmatrix} "
            r"h_{t-1}\right)"
        ),
        4,
        "a matrix given by its blocks or entries (bmatrix) is not read; write a line for each block",
    ),
]


def document(more: str, line: str):
    """The document of one display, in a scope of its own so that it may declare names anew."""
    lines = "".join(f"% symgrad: {one}\n" for one in ("begin", *more.split("\n")) if one)
    display = line if line.startswith("\\begin{align") else f"\\[ {line} \\]"
    return read_document(f"{DECLARED}{lines}{display}\n% symgrad: end\n")


@pytest.mark.parametrize(("tag", "more", "line", "shape", "expected"), READ, ids=[row[0] for row in READ])
def test_reads(tag, more, line, shape, expected):
    found = document(more, line)
    assert not found.all_problems, [str(one) for one in found.all_problems]
    reading = found.claims[0].readings[0]
    # Gradients are shown with nabla here, however the line writes them.
    dialect = replace(reading.dialect, fractions=False)
    assert [plain(one.statement, dialect) for one in reading.statements] == expected
    sides = {side.shape for one in reading.statements for side in (one.statement.left, one.statement.right)}
    assert shape is None or [show_shape(one) for one in sides] == [shape]


@pytest.mark.parametrize(("tag", "more", "line", "column", "reason"), REFUSED, ids=[row[0] for row in REFUSED])
def test_refuses_with_the_reason(tag, more, line, column, reason):
    found = document(more, line)
    assert found.claims[0].readings == ()
    (problem,) = found.claims[0].problems
    assert (problem.message, problem.column) == (reason, column)


def test_every_line_is_in_the_table():
    alone = {"L09", "L17"}
    tags = {row[0] for row in (*READ, *REFUSED)} | alone
    assert tags == {f"S{number}" for number in range(1, 5)} | {f"L{number:02}" for number in range(1, 49)}


def test_a_condition_stands_with_its_line():
    (link,) = document("", next(row[2] for row in READ if row[0] == "L39")).claims[0].readings[0].statements
    (condition,) = link.conditions
    assert plain(condition, Dialect()) == "‖W‖ < 1"


def test_membership_in_a_space_declares():
    found = read_document(r"\[ \mathbf{W} \in \mathbb{R}^{n\times m} \] \[ \mathbf{W}^\top \mathbf{W} = 0 \]")
    assert not found.all_problems
    assert found.claims[0].dialect.symbols["W"].size == ("n", "m")


def test_membership_that_goes_on_is_left_to_the_prose():
    found = read_document("% symgrad: use rnn\nLet $V \\in \\mathbb{R}^{n\\times n}, Q$ be.\n\\[ W = W \\]\n")
    assert not found.all_problems
    assert "V" not in found.claims[0].dialect.symbols


def test_a_display_may_go_on_from_the_one_before():
    text = (
        DECLARED
        + "% symgrad: f : function\n"
        + (
            r"\[ \frac{\partial h_t}{\partial h_k} = \prod_{i=k+1}^{t} \frac{\partial h_i}{\partial h_{i-1}} \]"
            r"\[ = \prod_{i=k+1}^{t} W^\top \mathrm{diag}\bigl(f'(h_{i-1})\bigr) \]"
        )
    )
    reading = read_document(text).claims[1].readings[0]
    assert plain(reading.statements[0].statement, reading.dialect) == (
        "∏_{i=k+1}^t (∂ h[i])/(∂ h[i-1]) = ∏_{i=k+1}^t W^T diag(f'(h[i-1]))"
    )
