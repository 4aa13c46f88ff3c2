"""Gradients by parameters: claims in LaTeX over four models, each true one with least changes that make it false."""

from __future__ import annotations

RNN = r"""
% symgrad: use rnn
% symgrad: start 1
% symgrad: let D[t] = \operatorname{diag}(1 - h[t]^2)
% symgrad: let \delta[t] = \nabla_{h[t]} L
"""
OUTPUT = r"""
% symgrad: size p
% symgrad: V : p x n
% symgrad: c, o[t] : p
% symgrad: o[t] = V h[t] + c
"""
EVERY_STEP = r"""
% symgrad: use rnn
% symgrad: start 1
% symgrad: \ell[t] : scalar
% symgrad: \ell[t] depends on h[t]
% symgrad: let L = \sum_{t=1}^{\tau} \ell[t]
% symgrad: let D[t] = \operatorname{diag}(1 - h[t]^2)
% symgrad: let \delta[t] = \nabla_{h[t]} L
"""
GOODFELLOW = f"""
% symgrad: use rnn
{OUTPUT}
% symgrad: start 1
% symgrad: \\ell[t] : scalar
% symgrad: \\ell[t] depends on o[t]
% symgrad: let L = \\sum_{{t=1}}^{{\\tau}} \\ell[t]
% symgrad: let D[t] = \\operatorname{{diag}}(1 - h[t]^2)
% symgrad: let \\delta[t] = \\nabla_{{h[t]}} L
"""
CLASSIFYING = r"""
% symgrad: use rnn
% symgrad: size p
% symgrad: V : p x n
% symgrad: c, o[t], q[t], y[t] : p
% symgrad: o[t] = V h[t] + c
% symgrad: q[t] = \operatorname{softmax}(o[t])
% symgrad: \ell[t] : scalar
% symgrad: \ell[t] = - y[t]^T \log q[t]
% symgrad: start 1
% symgrad: assume 1^T y[t] = 1
% symgrad: let L = \sum_{t=1}^{\tau} \ell[t]
% symgrad: let D[t] = \operatorname{diag}(1 - h[t]^2)
"""
WITHIN = "% symgrad: assume 1 <= t\n% symgrad: assume t <= tau\n"
LSTM = r"""
% symgrad: use lstm
% symgrad: start 1
"""
TIED = r"""
% symgrad: size n, m
% symgrad: time t, tau, k
% symgrad: start 1
% symgrad: W : n x n
% symgrad: b, d, h[t] : n
% symgrad: a : scalar
% symgrad: h[t] = \tanh(W^T (b \odot (W h[t-1]))) + a \operatorname{diag}(d) h[t-1]
% symgrad: L : scalar
% symgrad: L depends on h[tau]
"""
INNER = r"\operatorname{diag}(1 - \tanh(W^T (b \odot (W h_{t-1})))^2) \nabla_{h_t} L"

# Each row: the model, the true claim, and false ones next to it.
ROWS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (
        RNN,
        r"\nabla_W L = \sum_{t=1}^{\tau} D_t (\nabla_{h_t} L) h_{t-1}^T",
        (
            r"\nabla_W L = \sum_{t=1}^{\tau} D_t (\nabla_{h_t} L) h_{t}^T",
            r"\nabla_W L = \sum_{t=1}^{\tau} D_{t-1} (\nabla_{h_t} L) h_{t-1}^T",
            r"\nabla_W L = \sum_{t=1}^{\tau} (\nabla_{h_t} L) h_{t-1}^T",
            r"\nabla_W L = \sum_{t=2}^{\tau} D_t (\nabla_{h_t} L) h_{t-1}^T",
            r"\nabla_W L = \sum_{t=1}^{\tau-1} D_t (\nabla_{h_t} L) h_{t-1}^T",
            r"\nabla_W L = \sum_{t=1}^{\tau} D_t (\nabla_{h_\tau} L) h_{t-1}^T",
            r"\nabla_W L = \sum_{t=1}^{\tau} h_{t-1} (D_t \nabla_{h_t} L)^T",
        ),
    ),
    (
        RNN,
        r"\nabla_b L = \sum_{t=1}^{\tau} D_t \nabla_{h_t} L",
        (r"\nabla_b L = \sum_{t=1}^{\tau} \nabla_{h_t} L", r"\nabla_b L = \sum_{t=0}^{\tau-1} D_{t+1} \nabla_{h_t} L"),
    ),
    (
        RNN,
        r"\nabla_U L = \sum_{t=1}^{\tau} D_t \delta_t x_t^T",
        (r"\nabla_U L = \sum_{t=1}^{\tau} D_t \delta_t x_{t-1}^T",),
    ),
    (
        RNN,
        r"\frac{\partial L}{\partial W} = \sum_{t=1}^{\tau} \bigl((1 - h_t^2) \odot \delta_t\bigr) h_{t-1}^\top",
        (r"\frac{\partial L}{\partial W} = \sum_{t=1}^{\tau} \bigl((1 - h_t) \odot \delta_t\bigr) h_{t-1}^\top",),
    ),
    (
        RNN,
        r"\nabla_W L = \sum_{t=1}^{\tau} D_t \Bigl[\prod_{j=t+1}^{\tau} W^T D_j\Bigr] (\nabla_{h_\tau} L) h_{t-1}^T",
        (
            r"\nabla_W L = \sum_{t=1}^{\tau} D_t \Bigl[\prod_{j=t}^{\tau} W^T D_j\Bigr] (\nabla_{h_\tau} L) h_{t-1}^T",
            r"\nabla_W L = \sum_{t=1}^{\tau} D_t \Bigl[\prod_{j=t+1}^{\tau} W D_j\Bigr] (\nabla_{h_\tau} L) h_{t-1}^T",
        ),
    ),
    (
        RNN,
        r"\nabla_W L = \sum_{s=0}^{\tau-1} D_{\tau-s} \Bigl[\prod_{j=1}^{s} W^T D_{\tau-s+j}\Bigr]"
        r" (\nabla_{h_\tau} L) h_{\tau-s-1}^T",
        (
            r"\nabla_W L = \sum_{s=0}^{\tau} D_{\tau-s} \Bigl[\prod_{j=1}^{s} W^T D_{\tau-s+j}\Bigr]"
            r" (\nabla_{h_\tau} L) h_{\tau-s-1}^T",
        ),
    ),
    (
        RNN + "% symgrad: assume tau >= 1\n",
        r"\nabla_b L = D_\tau \delta_\tau + \sum_{t=1}^{\tau-1} D_t \delta_t",
        (r"\nabla_b L = D_\tau \delta_\tau + \sum_{t=1}^{\tau} D_t \delta_t",),
    ),
    (RNN, r"\delta_t = W^T D_{t+1} \delta_{t+1}", (r"\delta_t = D_{t+1} W^T \delta_{t+1}",)),
    (
        EVERY_STEP,
        r"\nabla_W L = \sum_{t=1}^{\tau} D_t \delta_t h_{t-1}^T",
        (
            r"\nabla_W L = \sum_{t=1}^{\tau} D_t (\nabla_{h_t} \ell_t) h_{t-1}^T",
            r"\nabla_W L = \sum_{t=1}^{\tau} D_t (\nabla_{h_t} \ell_\tau) h_{t-1}^T",
        ),
    ),
    (
        EVERY_STEP,
        r"\nabla_W L = \sum_{t=1}^{\tau} \nabla_W \ell_t",
        (r"\nabla_W L = \nabla_W \ell_\tau",),
    ),
    (
        EVERY_STEP + "% symgrad: assume 1 <= t\n",
        r"\delta_t = \nabla_{h_t} \ell_t + W^T D_{t+1} \delta_{t+1}",
        (r"\delta_t = W^T D_{t+1} \delta_{t+1}", r"\delta_t = \nabla_{h_t} \ell_t + D_{t+1} W^T \delta_{t+1}"),
    ),
    (
        EVERY_STEP + "% symgrad: assume 1 <= t\n",
        r"\delta_t = \sum_{s=t}^{\tau} \Bigl[\prod_{j=t+1}^{s} W^T D_j\Bigr] \nabla_{h_s} \ell_s",
        (r"\delta_t = \sum_{s=t+1}^{\tau} \Bigl[\prod_{j=t+1}^{s} W^T D_j\Bigr] \nabla_{h_s} \ell_s",),
    ),
    (
        EVERY_STEP,
        r"\nabla_W L = \sum_{t=1}^{\tau} \sum_{s=t}^{\tau} D_t \Bigl[\prod_{j=t+1}^{s} W^T D_j\Bigr]"
        r" (\nabla_{h_s} \ell_s) h_{t-1}^T",
        (
            r"\nabla_W L = \sum_{t=1}^{\tau} \sum_{s=t+1}^{\tau} D_t \Bigl[\prod_{j=t+1}^{s} W^T D_j\Bigr]"
            r" (\nabla_{h_s} \ell_s) h_{t-1}^T",
        ),
    ),
    (
        EVERY_STEP,
        r"\nabla_W L = \sum_{s=1}^{\tau} \sum_{t=1}^{s} D_t \Bigl[\prod_{j=t+1}^{s} W^T D_j\Bigr]"
        r" (\nabla_{h_s} \ell_s) h_{t-1}^T",
        (
            r"\nabla_W L = \sum_{s=1}^{\tau} \sum_{t=1}^{s} D_t \Bigl[\prod_{j=t+1}^{s} D_j W^T\Bigr]"
            r" (\nabla_{h_s} \ell_s) h_{t-1}^T",
        ),
    ),
    (
        GOODFELLOW,
        r"\nabla_V L = \sum_{t=1}^{\tau} (\nabla_{o_t} L) h_t^T",
        (r"\nabla_V L = \sum_{t=1}^{\tau} (\nabla_{o_t} L) h_{t-1}^T",),
    ),
    (
        GOODFELLOW,
        r"\nabla_c L = \sum_{t=1}^{\tau} \nabla_{o_t} \ell_t",
        (r"\nabla_c L = \nabla_{o_\tau} \ell_\tau",),
    ),
    (
        GOODFELLOW,
        r"\nabla_{h_t} L = V^T \nabla_{o_t} L + W^T D_{t+1} \nabla_{h_{t+1}} L",
        (
            r"\nabla_{h_t} L = V^T \nabla_{o_t} L + D_{t+1} W^T \nabla_{h_{t+1}} L",
            r"\nabla_{h_t} L = V^T \nabla_{o_t} L + W^T D_{t} \nabla_{h_{t+1}} L",
        ),
    ),
    (
        GOODFELLOW,
        r"\nabla_U L = \sum_{t=1}^{\tau} D_t (\nabla_{h_t} L) x_t^T",
        (r"\nabla_U L = \sum_{t=1}^{\tau} D_t V^T (\nabla_{o_t} L) x_t^T",),
    ),
    (
        GOODFELLOW,
        r"\nabla_W L = \sum_{t=1}^{\tau} \sum_{s=t}^{\tau} D_t \Bigl[\prod_{j=t+1}^{s} W^T D_j\Bigr] V^T"
        r" (\nabla_{o_s} \ell_s) h_{t-1}^T",
        (
            r"\nabla_W L = \sum_{t=1}^{\tau} \sum_{s=t}^{\tau} D_t \Bigl[\prod_{j=t+1}^{s} W^T D_j\Bigr] V^T"
            r" (\nabla_{o_t} \ell_t) h_{t-1}^T",
        ),
    ),
    (
        LSTM,
        r"\nabla_{W_f} L = \sum_{t=1}^{\tau} \bigl(f_t \odot (1 - f_t) \odot c_{t-1} \odot \nabla_{c_t} L\bigr)"
        r" h_{t-1}^T",
        (
            r"\nabla_{W_f} L = \sum_{t=1}^{\tau} \bigl(f_t \odot (1 - f_t) \odot c_t \odot \nabla_{c_t} L\bigr)"
            r" h_{t-1}^T",
            r"\nabla_{W_f} L = \sum_{t=1}^{\tau} \bigl((1 - f_t^2) \odot c_{t-1} \odot \nabla_{c_t} L\bigr) h_{t-1}^T",
        ),
    ),
    (
        LSTM,
        r"\nabla_{b_f} L = \sum_{t=1}^{\tau} f_t \odot (1 - f_t) \odot \nabla_{f_t} L",
        (r"\nabla_{b_f} L = \sum_{t=1}^{\tau} f_t \odot (1 - f_t) \odot \nabla_{i_t} L",),
    ),
    (
        LSTM,
        r"\nabla_{W_o} L = \sum_{t=1}^{\tau} \bigl(o_t \odot (1 - o_t) \odot \tanh(c_t) \odot \nabla_{h_t} L\bigr)"
        r" h_{t-1}^T",
        (
            r"\nabla_{W_o} L = \bigl(o_\tau \odot (1 - o_\tau) \odot \tanh(c_\tau) \odot \nabla_{h_\tau} L\bigr)"
            r" h_{\tau-1}^T",
        ),
    ),
    (
        TIED,
        rf"\nabla_W L = \sum_{{t=1}}^{{\tau}} \operatorname{{diag}}(b) W h_{{t-1}} ({INNER})^T"
        rf" + \sum_{{t=1}}^{{\tau}} \operatorname{{diag}}(b) W ({INNER}) h_{{t-1}}^T",
        (rf"\nabla_W L = \sum_{{t=1}}^{{\tau}} \operatorname{{diag}}(b) W h_{{t-1}} ({INNER})^T",),
    ),
    (
        TIED,
        rf"\nabla_b L = \sum_{{t=1}}^{{\tau}} (W h_{{t-1}}) \odot (W ({INNER}))",
        (rf"\nabla_b L = \sum_{{t=1}}^{{\tau}} h_{{t-1}} \odot (W ({INNER}))",),
    ),
    (
        TIED,
        r"\nabla_d L = a \sum_{t=1}^{\tau} h_{t-1} \odot \nabla_{h_t} L",
        (r"\nabla_d L = \sum_{t=1}^{\tau} h_{t-1} \odot \nabla_{h_t} L",),
    ),
    (
        TIED,
        r"\nabla_a L = \sum_{t=1}^{\tau} (d \odot h_{t-1})^T \nabla_{h_t} L",
        (r"\nabla_a L = \sum_{t=1}^{\tau} (d \odot h_{t})^T \nabla_{h_t} L",),
    ),
    (
        EVERY_STEP,
        r"\nabla_W L = \sum_{s=1}^{\tau} \sum_{t=1}^{s} D_t (\nabla_{h_t} h_s) (\nabla_{h_s} \ell_s) h_{t-1}^T",
        (r"\nabla_W L = \sum_{s=1}^{\tau} \sum_{t=1}^{s} D_t (\nabla_{h_t} h_s) (\nabla_{h_t} \ell_t) h_{t-1}^T",),
    ),
    (
        EVERY_STEP,
        r"\nabla_W \ell_t = \sum_{k=1}^{t} D_k (\nabla_{h_k} \ell_t) h_{k-1}^T",
        (r"\nabla_W \ell_t = \sum_{k=1}^{t} D_k (\nabla_{h_k} \ell_k) h_{k-1}^T",),
    ),
    (
        EVERY_STEP + "% symgrad: assume 1 <= t\n",
        r"\nabla_{x_t} L = U^T D_t \sum_{s=t}^{\tau} \Bigl[\prod_{j=t+1}^{s} W^T D_j\Bigr] \nabla_{h_s} \ell_s",
        (r"\nabla_{x_t} L = U^T D_t \sum_{s=t+1}^{\tau} \Bigl[\prod_{j=t+1}^{s} W^T D_j\Bigr] \nabla_{h_s} \ell_s",),
    ),
    (
        EVERY_STEP + "% symgrad: assume tau >= 1\n",
        r"\nabla_b L = \nabla_b \ell_\tau + \sum_{t=1}^{\tau-1} \nabla_b \ell_t",
        (r"\nabla_b L = \nabla_b \ell_\tau + \sum_{t=1}^{\tau} \nabla_b \ell_t",),
    ),
    (
        CLASSIFYING + WITHIN,
        r"\nabla_{o_t} L = q_t - y_t",
        (r"\nabla_{o_t} L = y_t - q_t", r"\nabla_{o_t} L = q_t"),
    ),
    (
        CLASSIFYING + WITHIN,
        r"\nabla_{h_t} L = W^T D_{t+1} \nabla_{h_{t+1}} L + V^T (q_t - y_t)",
        (
            r"\nabla_{h_t} L = W^T D_{t} \nabla_{h_{t+1}} L + V^T (q_t - y_t)",
            r"\nabla_{h_t} L = W^T D_{t+1} \nabla_{h_{t+1}} L + V^T (q_{t+1} - y_{t+1})",
        ),
    ),
    (
        CLASSIFYING,
        r"\nabla_V L = \sum_{t=1}^{\tau} (q_t - y_t) h_t^T",
        (
            r"\nabla_V L = \sum_{t=1}^{\tau} (q_t - y_t) h_{t-1}^T",
            r"\nabla_V L = \sum_{t=1}^{\tau} q_t h_t^T",
        ),
    ),
    (
        CLASSIFYING,
        r"\nabla_W L = \sum_{t=1}^{\tau} \sum_{s=t}^{\tau} D_t \Bigl[\prod_{j=t+1}^{s} W^T D_j\Bigr]"
        r" V^T (q_s - y_s) h_{t-1}^T",
        (
            r"\nabla_W L = \sum_{t=1}^{\tau} \sum_{s=t}^{\tau} D_t \Bigl[\prod_{j=t+1}^{s} W^T D_j\Bigr]"
            r" V^T (q_t - y_t) h_{t-1}^T",
        ),
    ),
    (
        CLASSIFYING,
        r"\nabla_W L = \sum_{s=1}^{\tau} \sum_{t=1}^{s} D_t \Bigl[\prod_{j=t+1}^{s} W^T D_j\Bigr]"
        r" V^T (q_s - y_s) h_{t-1}^T",
        (
            r"\nabla_W L = \sum_{s=1}^{\tau} \sum_{t=1}^{s} D_t \Bigl[\prod_{j=t}^{s} W^T D_j\Bigr]"
            r" V^T (q_s - y_s) h_{t-1}^T",
        ),
    ),
    (
        RNN,
        r"\nabla_W (\operatorname{tr}(W^T W)) = 2 W",
        (r"\nabla_W (\operatorname{tr}(W^T W)) = 2 W^T",),
    ),
)
