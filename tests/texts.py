"""Short texts about the vanilla network for tests of the command line: a header, and displays to put under it."""

from __future__ import annotations

from pathlib import Path

HEADER = "% symgrad: use rnn\n% symgrad: assume k >= 0\n"


def document(*claims: str) -> str:
    return HEADER + "\n".join(claims)


def file(folder: Path, *claims: str, name: str = "work.tex") -> Path:
    path = folder / name
    path.write_text(document(*claims), "utf-8")
    return path


def gradient(label: str, factor: str) -> str:
    return rf"""
\begin{{equation}}\label{{{label}}}
  \nabla_{{h^{{[\tau-k]}}}} L = \left[ \prod_{{i=1}}^k {factor} \right] \nabla_{{h^{{[\tau]}}}} L
\end{{equation}}
"""


TRUE = gradient("true", r"W^T \operatorname{diag}(1 - {h^{[\tau-k+i]}}^2)")
FALSE = gradient("false", r"W \operatorname{diag}(1 - {h^{[\tau-k+i]}}^2)")
MARKED = "% symgrad: expect refuted" + FALSE
UNREAD = gradient("unread", r"W^\topp \operatorname{diag}(1 - {h^{[\tau-k+i]}}^2)")
BOUND = r"""
\begin{equation}\label{bound}
  \|\nabla_{h^{[\tau-k]}} h^{[\tau]}\| \le \|W\|^k
\end{equation}
"""
# False, but only where n is above 100: no proof can exist, and no search comes that far.
OPEN = r"""
\begin{equation}\label{open}
  \|h^{[\tau]}\| \le 10
\end{equation}
"""
CHAIN = r"""
\begin{align}\label{chain}
  \nabla_{h^{[\tau-1]}} L &= W^T \operatorname{diag}(1 - {h^{[\tau]}}^2) \nabla_{h^{[\tau]}} L \\
    &= W \operatorname{diag}(1 - {h^{[\tau]}}^2) \nabla_{h^{[\tau]}} L
\end{align}
"""
