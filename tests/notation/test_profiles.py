"""Each profile: a gradient in its source's own letters is proved, and the same with one slip is refuted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from symgrad.judged import judge_document
from symgrad.notation.declarations import PROFILES
from symgrad.notation.read import read_document
from tests.running import ROOT


@dataclass(frozen=True)
class Case:
    """A right formula in the letters of a profile, and what of it to replace with what to make it wrong."""

    profile: str
    right: str
    slip: tuple[str, str]
    declared: str = ""

    @property
    def wrong(self) -> str:
        assert self.right.count(self.slip[0]) == 1
        return self.right.replace(*self.slip)


CASES = [
    Case(
        "rnn",
        r"\nabla_{h_{\tau-1}} L = W^\top \operatorname{diag}(1 - h_\tau^2) \nabla_{h_\tau} L",
        (r"W^\top", "W"),
    ),
    Case(
        "goodfellow",
        r"\nabla_{\boldsymbol h^{(\tau)}} L = \boldsymbol V^\top \nabla_{\boldsymbol o^{(\tau)}} L",
        (r"= \boldsymbol V", r"= -\boldsymbol V"),
    ),
    Case(
        "goodfellow",
        r"\nabla_{\boldsymbol h^{(t)}} L"
        r" = \boldsymbol W^\top \operatorname{diag}\left(1 - (\boldsymbol h^{(t+1)})^2\right)"
        r" \nabla_{\boldsymbol h^{(t+1)}} L",
        ("h^{(t+1)})^2", "h^{(t)})^2"),
    ),
    Case(
        "pascanu",
        r"\frac{\partial x_t}{\partial x_k} = \prod_{i=k+1}^{t} W_{rec} \operatorname{diag}(\sigma'(x_{t+k-i}))",
        ("t+k-i", "i-1"),
        "% symgrad: layout jacobian\n% symgrad: assume t >= k\n",
    ),
    Case(
        "pascanu",
        r"\frac{\partial x_t}{\partial x_{t-1}} = W_{rec} \operatorname{diag}(\sigma'(x_{t-1}))",
        ("W_{rec}", "W_{rec}^T"),
        "% symgrad: layout jacobian\n",
    ),
    Case(
        "coursera",
        r"\frac{\partial L}{\partial a^{\langle \tau-1 \rangle}}"
        r" = W_{aa}^T \left( (1 - (a^{\langle \tau \rangle})^2)"
        r" * \frac{\partial L}{\partial a^{\langle \tau \rangle}} \right)",
        ("(a^{\\langle \\tau \\rangle})^2", "a^{\\langle \\tau \\rangle}"),
    ),
    Case(
        "coursera-lstm",
        r"\nabla_{c^{<\tau>}} L"
        r" = \Gamma_o^{<\tau>} * \left(1 - \tanh(c^{<\tau>})^2\right) * \nabla_{a^{<\tau>}} L",
        (r"\Gamma_o", r"\Gamma_f"),
    ),
    Case(
        "lstm",
        r"\nabla_{c_\tau} L = o_\tau \odot (1 - \tanh(c_\tau)^2) \odot \nabla_{h_\tau} L",
        (r"o_\tau", r"f_\tau"),
    ),
    Case(
        "lab-10.5",
        r"\nabla_{s^{[\tau]}} L = o^{[\tau]} \odot (1 - \tanh(s^{[\tau]})^2) \odot \nabla_{h^{[\tau]}} L",
        (r"\odot (1 - \tanh(s^{[\tau]})^2)", ""),
    ),
    Case(
        "graves",
        r"\nabla_{c_\tau} L = \left[ o_\tau \odot (1 - \tanh(c_\tau)^2) \right] \odot \nabla_{h_\tau} L"
        r" + W_{co}^T \left[ o_\tau \odot (1 - o_\tau) \odot \tanh(c_\tau) \odot \nabla_{h_\tau} L \right]",
        ("W_{co}^T", "W_{co}"),
    ),
    Case(
        "gru",
        r"\nabla_{\tilde h_\tau} L = z_\tau \odot \nabla_{h_\tau} L",
        (r"z_\tau", r"(1 - z_\tau)"),
    ),
    Case(
        "gru-cho",
        r"\nabla_{\tilde h_\tau} L = (1 - z_\tau) \odot \nabla_{h_\tau} L",
        (r"(1 - z_\tau)", r"z_\tau"),
    ),
    Case(
        "gru-pytorch",
        r"\nabla_{r_\tau} L"
        r" = (W_{hn} h_{\tau-1} + b_{hn}) \odot (1 - n_\tau^2) \odot (1 - z_\tau) \odot \nabla_{h_\tau} L",
        (" + b_{hn}", ""),
    ),
    Case(
        "rnn-output",
        r"\nabla_{h_t} L = V^\top \nabla_{y_t} \ell_t + W^\top \operatorname{diag}(1 - h_{t+1}^2) \nabla_{h_{t+1}} L",
        (r"V^\top \nabla_{y_t} \ell_t + ", ""),
    ),
    Case(
        "residual",
        r"\nabla_{h_{\tau-1}} h_\tau = I + W^\top \operatorname{diag}(1 - \tanh(W h_{\tau-1} + U x_\tau + b)^2)",
        ("I + ", ""),
    ),
    Case("linear", r"\nabla_{h_{\tau-2}} L = (W^\top)^2 \nabla_{h_\tau} L", (")^2", ")^3")),
    Case(
        "lstm-peepholes",
        r"\nabla_{c_\tau} L = o_\tau \odot \bigl(1 - \tanh(c_\tau)^2 + p_o \odot (1 - o_\tau) \odot \tanh(c_\tau)\bigr)"
        r" \odot \nabla_{h_\tau} L",
        (r"p_o \odot", r"p_i \odot"),
    ),
    Case(
        "mlp",
        r"\nabla_{W_1} L = (\phi'(a) \odot W_2^\top \nabla_y L) x^\top",
        (r"\phi'(a)", r"\phi'(h)"),
    ),
    Case("softmax-classifier", r"\nabla_W L = (p - y) x^\top", ("p - y", "y - p")),
    Case(
        "batch-norm",
        r"\nabla_c L = \frac{\gamma}{\sqrt{s + \epsilon}} (\nabla_y L - \frac{1}{N} \hat{x} \hat{x}^\top \nabla_y L)",
        (r"\frac{1}{N} ", ""),
    ),
    Case(
        "attention",
        r"\nabla_S L = P \odot (\nabla_P L - (P \odot \nabla_P L) \mathbf{1} \mathbf{1}^\top)",
        (r"(P \odot \nabla_P L)", r"\nabla_P L"),
    ),
]  # fmt: skip


def verdict(case: Case, formula: str) -> str:
    text = f"% symgrad: use {case.profile}\n{case.declared}\\[ {formula} \\]\n"
    document = read_document(text, f"{case.profile}.tex")
    assert not document.all_problems, str(document.all_problems[0])
    (judged,) = judge_document(document)
    return judged.verdict.status


@pytest.mark.parametrize("case", CASES, ids=[case.profile for case in CASES])
def test_a_gradient_in_its_letters_is_proved(case: Case) -> None:
    assert verdict(case, case.right) == "proved"


@pytest.mark.parametrize("case", CASES, ids=[case.profile for case in CASES])
def test_one_slip_is_refuted(case: Case) -> None:
    assert verdict(case, case.wrong) == "refuted"


@pytest.mark.parametrize("path", sorted(PROFILES.iterdir()), ids=lambda path: path.stem)
def test_each_profile_says_what_it_is_and_has_a_case_and_a_place_in_the_documents(path: Path) -> None:
    assert path.stem in {case.profile for case in CASES}
    assert path.read_text("utf-8").startswith("% ")
    assert f"`{path.stem}`" in (ROOT / "docs" / "check.md").read_text("utf-8")
