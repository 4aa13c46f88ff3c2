"""The sheet's four equations and 48 lines in the styles people use: each reads as it was meant, or says why not."""

from __future__ import annotations

import pytest

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
        "",
        r"\nabla_{\mathbf{h}^{[\tau-k]}} \mathcal{L} = \left[ \prod_{i=1}^k \mathbf{W}^T \text{diag} \left( 1 - "
        r"\mathbf{h}^{[\tau-k+i]^2} \right) \right] \cdot \nabla_{\mathbf{h}^{[\tau]}} \mathcal{L}",
        ["∇_{h[τ-k]} L = [∏_{i=1}^k W^T diag(1 - h[τ-k+i]^2)] ∇_{h[τ]} L"],
    ),
    (
        "",
        r"\|\nabla_{\mathbf{h}^{[\tau-k]}} \mathbf{h}^{[\tau]}\| \leq \|\mathbf{W}\|^k \cdot "
        r"\left( \max_x |1 - \tanh(x)^2| \right)^k",
        ["‖∇_{h[τ-k]} h[τ]‖ ≤ ‖W‖^k [max_x |1 - tanh(x)^2|]^k"],
    ),
    (
        "s[t], e[t], o[t] : n\nc : n x n",
        r"\nabla_{\mathbf{s}^{[\tau-k]}} \mathcal{L} = \left[ c + \prod_{i=1}^k \text{diag} \left( "
        r"\mathbf{e}^{[\tau-k+i]} \right) \right] \text{diag} \left( 1 - \tanh \left( \mathbf{s}^{[\tau]} \right)^2 "
        r"\right) \text{diag} \left( \mathbf{o}^{[\tau]} \right) \nabla_{\mathbf{h}^{[\tau]}} \mathcal{L}",
        ["∇_{s[τ-k]} L = [c + ∏_{i=1}^k diag(e[τ-k+i])] diag(1 - tanh(s[τ])^2) diag(o[τ]) ∇_{h[τ]} L"],
    ),
    (
        "s[t] : n\nc : n x n",
        r"\|\nabla_{\mathbf{s}^{[\tau-k]}} \mathbf{s}^{[\tau]}\| \leq \|c\| + \sup_x |\tanh(x)|^k",
        ["‖∇_{s[τ-k]} s[τ]‖ ≤ ‖c‖ + sup_x |tanh(x)|^k"],
    ),
    (
        "",
        r"\frac{\partial L}{\partial h_{t-1}} = W^\top \operatorname{diag}(1-h_t^2) \frac{\partial L}{\partial h_t}",
        ["∇_{h[t-1]} L = W^T diag(1 - h[t]^2) ∇_{h[t]} L"],
    ),
    (
        "",
        r"\nabla_{\mathbf h^{[t]}}\mathcal L = \mathbf W^T \left( (1 - \mathbf h^{[t+1]} \odot \mathbf h^{[t+1]}) "
        r"\odot \nabla_{\mathbf h^{[t+1]}} \mathcal L\right)",
        ["∇_{h[t]} L = W^T ((1 - h[t+1] ⊙ h[t+1]) ⊙ ∇_{h[t+1]} L)"],
    ),
    (
        "W_hh : n x n",
        r"\delta_t = (W_{hh}^T \delta_{t+1}) \circ (1 - h_t^2)",
        ["δ[t] = (W_hh^T δ[t+1]) ⊙ (1 - h[t]^2)"],
    ),
    ("a[t] : n", r"\delta_t = W' \delta_{t+1} * \tanh'(a_t)", ["δ[t] = (W^T δ[t+1]) ⊙ tanh'(a[t])"]),
    (
        "U : n x m\nx[t] : m\nb : n",
        r"{\bf h}_t = \tanh({\bf W} {\bf h}_{t-1} + {\bf U}{\bf x}_t + {\bf b})",
        ["h[t] = tanh(W h[t-1] + U x[t] + b)"],
    ),
    (
        "U : n x m\nx[t] : m",
        r"\boldsymbol{h}^{(t)} = \tanh\left(\boldsymbol{W}\boldsymbol{h}^{(t-1)} + "
        r"\boldsymbol{U}\boldsymbol{x}^{(t)}\right)",
        ["h[t] = tanh(W h[t-1] + U x[t])"],
    ),
    (
        "",
        r"\frac{\partial h_t}{\partial h_k} = \prod_{i=k+1}^{t} \frac{\partial h_i}{\partial h_{i-1}}",
        ["∇_{h[k]} h[t] = ∏_{i=k+1}^t ∇_{h[i-1]} h[i]"],
    ),
    (
        "layout jacobian",
        r"\frac{dL}{dh_t} = \frac{dL}{dh_{t+1}} \frac{dh_{t+1}}{dh_t}",
        ["(∂ L)/(∂ h[t]) = (∂ L)/(∂ h[t+1]) (∂ h[t+1])/(∂ h[t])"],
    ),
    (
        "z[t] : n\ngamma, lambda_1 : scalar",
        r"\left\| \frac{\partial h_{t+1}}{\partial h_t} \right\| \leq \|W^\top\| \, \|\operatorname{diag}"
        r"(\sigma'(z_t))\| \le \gamma \lambda_1",
        ["‖∇_{h[t]} h[t+1]‖ ≤ ‖W^T‖ ‖diag(σ'(z[t]))‖", "‖W^T‖ ‖diag(σ'(z[t]))‖ ≤ γ λ_1"],
    ),
    ("", r"\|\mathbf{AB}\| \leq \|\mathbf{A}\| \cdot \|\mathbf{B}\|", ["‖A B‖ ≤ ‖A‖ ‖B‖"]),
    ("", r"\sup_x |\tanh'(x)| = 1", ["sup_x |tanh'(x)| = 1"]),
    (
        "f[t], i[t], g[t], c[t] : n",
        r"c_t = f_t \odot c_{t-1} + i_t \odot g_t",
        ["c[t] = f[t] ⊙ c[t-1] + i[t] ⊙ g[t]"],
    ),
    ("o[t], c[t] : n", r"h_t = o_t \odot \tanh(c_t)", ["h[t] = o[t] ⊙ tanh(c[t])"]),
    (
        "f[t], b_f : n\nx[t] : m\nW_f : n x m\nU_f : n x n",
        r"f_t = \sigma(W_f x_t + U_f h_{t-1} + b_f)",
        ["f[t] = σ(W_f x[t] + U_f h[t-1] + b_f)"],
    ),
    (
        "D[t] : n x n",
        r"\nabla_{h_{\tau-k}} L = W^T D_{\tau-k+1} W^T D_{\tau-k+2} \cdots W^T D_\tau \nabla_{h_\tau} L",
        ["∇_{h[τ-k]} L = [∏_{i=1}^k W^T D[τ-k+i]] ∇_{h[τ]} L"],
    ),
    (
        "",
        r"\underbrace{\frac{\partial L}{\partial h_t}}_{g_t} = W^\top g_{t+1}",
        ["∇_{h[t]} L = W^T g[t+1]"],
    ),
    (
        "layout mixed",
        "\\begin{align}\n\\nabla_{h_{t}} L &= \\left(\\frac{\\partial h_{t+1}}{\\partial h_t}\\right)^\\top "
        "\\nabla_{h_{t+1}} L \\\\\n  &= W^\\top \\operatorname{diag}(1-h_{t+1}^2) \\nabla_{h_{t+1}} L\n\\end{align}",
        [
            "∇_{h[t]} L = (∇_{h[t]} h[t+1]) ∇_{h[t+1]} L",
            "(∇_{h[t]} h[t+1]) ∇_{h[t+1]} L = W^T diag(1 - h[t+1]^2) ∇_{h[t+1]} L",
        ],
    ),
    (
        "D[t] : n x n",
        "\\begin{align*}\n\\delta_t &= W^\\top D_{t+1} \\delta_{t+1} \\label{eq:a} \\\\\n\\intertext{and, applying the "
        "same step once more,}\n&= W^\\top D_{t+1} W^\\top D_{t+2} \\delta_{t+2}. \\nonumber\n\\end{align*}",
        ["δ[t] = W^T D[t+1] δ[t+1]", "W^T D[t+1] δ[t+1] = W^T D[t+1] W^T D[t+2] δ[t+2]"],
    ),
    (
        "x, y : n",
        r"(y - Wx)^\top (y - Wx) = y^\top y - 2 y^\top W x + x^\top W^\top W x",
        ["(y - W x)^T (y - W x) = y^T y - 2 y^T W x + x^T W^T W x"],
    ),
    (
        "x : n",
        r"\frac{\partial}{\partial x}\left( x^\top A x \right) = (A + A^\top) x",
        ["∇_x (x^T A x) = (A + A^T) x"],
    ),
    ("C : n x n", r"\mathrm{tr}(ABC) = \mathrm{tr}(CAB)", ["tr(A B C) = tr(C A B)"]),
    (
        "a[t] : n",
        r"\frac{\partial h_t}{\partial a_t} = \operatorname{diag}(\mathbb{1} - h_t \odot h_t)",
        ["∇_{a[t]} h[t] = diag(1 - h[t] ⊙ h[t])"],
    ),
    ("z : scalar", r"\sigma'(z) = \sigma(z)(1-\sigma(z))", ["σ'(z) = σ(z) (1 - σ(z))"]),
    ("x : scalar\nsech : function", r"\tanh^2(x) + \operatorname{sech}^2 x = 1", ["tanh(x)^2 + sech(x)^2 = 1"]),
    (
        "D[t] : n x n",
        r"\partial_{\mathbf h_t}\mathcal L = \mathbf W^{\mathsf T}\mathbf D_{t+1}\,"
        r"\partial_{\mathbf h_{t+1}}\mathcal L",
        ["∇_{h[t]} L = W^T D[t+1] ∇_{h[t+1]} L"],
    ),
    (
        "",
        r"\nabla_{\mathbf{h}^{[\tau-k]}} \mathcal{L} = \left( \mathbf{W}^{T} \right)^{k} "
        r"\nabla_{\mathbf{h}^{[\tau]}}\mathcal{L}",
        ["∇_{h[τ-k]} L = (W^T)^k ∇_{h[τ]} L"],
    ),
    ("u, v : n", r"\langle u, W v\rangle = \langle W^\top u, v\rangle", ["u^T (W v) = (W^T u)^T v"]),
    ("", r"\Vert h_t \Vert_2^2 = h_t^T h_t", ["‖h[t]‖^2 = h[t]^T h[t]"]),
    (
        "D[t] : n x n",
        r"{\partial L \over \partial h_t} = W^T D_{t+1} {\partial L \over \partial h_{t+1}}",
        ["∇_{h[t]} L = W^T D[t+1] ∇_{h[t+1]} L"],
    ),
    (
        "J[t] : n x n",
        r"\delta_{t} \stackrel{\text{chain rule}}{=} J_{t+1}^\top \delta_{t+1}",
        ["δ[t] = J[t+1]^T δ[t+1]"],
    ),
    ("", r"(W^{-1})^\top = W^{-\top}", ["(W^{-1})^T = (W^{-1})^T"]),
]
REFUSED = [
    ("W_a : n x n\nx[t], b_a : n", r"h^{<t>} = \tanh(W_a [h^{<t-1>}, x^{<t>}] + b_a)", "stacked vectors"),
    (
        "",
        r"\frac{\partial \mathcal{L}}{\partial W} = \sum_{t=1}^{\tau} \text{diag}\left(1 - (h^{(t)})^2\right) "
        r"(\nabla_{h^{(t)}} \mathcal{L}) {h^{(t-1)}}^\top",
        "a derivative by an n x n matrix",
    ),
    ("", r"\|\mathbf{A}\| = \sqrt{\rho(\mathbf{A}^T \mathbf{A})}", "a square root"),
    ("", r"\rho(\mathbf{B}) = \max_i |\lambda_i|", "lambda is not declared"),
    (
        "c[t], f[t] : n",
        r"\frac{\partial c_t}{\partial c_{t-1}} = \operatorname{diag}(f_t) + \dots",
        "dots are not read here",
    ),
    ("X : n x n", r"\operatorname{vec}(AXB) = (B^\top \otimes A)\operatorname{vec}(X)", "I do not know the function"),
    ("G : n x n", r"d\mathcal{L} = \operatorname{tr}\left( G^\top \, dW \right)", "d is not declared"),
    ("", r"\frac{\partial L}{\partial W_{ij}} = \sum_t \delta_{t,i} h_{t-1,j}", "W_ij is not declared"),
    ("f : function\nz : n", r"f'(z) = 1 - f(z)^2 \quad \text{for } f = \tanh", "words inside a formula"),
    (
        "J[t] : n x n",
        r"J_t = \left.\frac{\partial h_t}{\partial h_{t-1}}\right|_{h_{t-1}=0} = W",
        "what is held must be a list",
    ),
    (
        "f[t], i[t] : n\nW_f, W_i : n x n",
        r"\begin{bmatrix} f_t \\ i_t \end{bmatrix} = "
        r"\sigma\left(\begin{bmatrix} W_f \\ W_i \end{bmatrix} h_{t-1}\right)",
        "bmatrix is not read",
    ),
    ("", r"\lim_{k\to\infty} \|W\|^k = 0 \text{ if } \|W\| < 1", "words inside a formula: 'if'"),
    (
        "h : n\nH : n x n",
        r"\frac{\partial^2 L}{\partial h \partial h^\top} = W^\top H W",
        "only a first derivative",
    ),
    (
        "y[t], c : n\nV : n x n\nL[t] : scalar",
        r"y_t = \text{softmax}(V h_t + c), \qquad L_t = -\log y_{t,j}",
        "I do not know the function softmax",
    ),
    (
        "",
        r"\frac{\partial h_{t,i}}{\partial h_{t-1,j}} = (1-h_{t,i}^2) w_{ij}",
        "single entries are not read",
    ),
]


def document(more: str, line: str):
    """The document of one display, in a scope of its own so that it may declare names anew."""
    lines = "".join(f"% symgrad: {one}\n" for one in ("begin", *more.split("\n")) if one)
    display = line if line.startswith("\\begin{align") else f"\\[ {line} \\]"
    return read_document(f"{DECLARED}{lines}{display}\n% symgrad: end\n")


@pytest.mark.parametrize(("more", "line", "expected"), READ, ids=lambda value: value if isinstance(value, str) else "")
def test_reads(more, line, expected):
    found = document(more, line)
    assert not found.all_problems, [str(one) for one in found.all_problems]
    reading = found.claims[0].readings[0]
    assert [plain(one.statement, reading.dialect) for one in reading.statements] == expected


@pytest.mark.parametrize(("more", "line", "reason"), REFUSED)
def test_refuses_with_the_reason(more, line, reason):
    found = document(more, line)
    assert found.claims[0].readings == ()
    assert reason in str(found.claims[0].problems[0])


def test_membership_in_a_space_declares():
    found = read_document(r"\[ \mathbf{W} \in \mathbb{R}^{n\times m} \] \[ \mathbf{W}^\top \mathbf{W} = 0 \]")
    assert not found.all_problems
    assert found.claims[0].dialect.symbols["W"].size == ("n", "m")


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
        "∏_{i=k+1}^t ∇_{h[i-1]} h[i] = ∏_{i=k+1}^t W^T diag(f'(h[i-1]))"
    )
