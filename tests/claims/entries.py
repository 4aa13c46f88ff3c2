"""Claims about single entries: derivatives, recurrences and sums over indices; right ones, and wrong by one change."""

from __future__ import annotations

from symgrad.api import dialect_of
from symgrad.kernel.certificate import Context
from symgrad.notation.read import read_statement

from .build import Case
from .mutations import lstm, rnn


def case(status: str, formula: str, context: Context) -> Case:
    statement = read_statement(formula, dialect_of(context))
    return Case(statement, context, status)  # type: ignore[arg-type]


SLOPE = r"(1-h_{t,p}^2)"
JACOBIAN = r"\frac{\partial h_{t,p}}{\partial h_{t-1,q}}"
BACK = r"\frac{\partial L}{\partial h_{\tau,p}}"
STEPS = r"[\prod_{i=1}^k W^\top \operatorname{diag}(1-h_{\tau-k+i}^2)]"
RIGHT = {
    "one step": rf"{JACOBIAN} = {SLOPE} w_{{pq}}",
    "one step, of the matrix": rf"{JACOBIAN} = [\operatorname{{diag}}(1-h_t^2) W]_{{pq}}",
    "two steps": r"\frac{\partial h_{t,p}}{\partial h_{t-2,q}} = \sum_l (1-h_{t,p}^2) W_{pl} (1-h_{t-1,l}^2) W_{lq}",
    "by an input": r"\frac{\partial h_{t,p}}{\partial x_{t,q}} = (1-h_{t,p}^2) U_{pq}",
    "of itself": r"\frac{\partial h_{t,p}}{\partial h_{t,q}} = \delta_{pq}",
    "of the loss": rf"\frac{{\partial L}}{{\partial h_{{\tau-1,q}}}} = \sum_p {BACK} (1-h_{{\tau,p}}^2) W_{{pq}}",
    "chain rule": (
        rf"\frac{{\partial L}}{{\partial h_{{\tau-1,q}}}} = "
        rf"\sum_p {BACK} \frac{{\partial h_{{\tau,p}}}}{{\partial h_{{\tau-1,q}}}}"
    ),
    "k steps": rf"\frac{{\partial L}}{{\partial h_{{\tau-k,q}}}} = \sum_p {STEPS}_{{qp}} {BACK}",
    "forwards": r"h_{t,p} = \tanh(\sum_q W_{pq} h_{t-1,q} + \sum_q U_{pq} x_{t,q} + b_p)",
    "sum of squares": r"\sum_p h_{t,p}^2 = h_t^\top h_t",
    "trace": r"\sum_p \sum_q W_{pq} W_{qp} = \operatorname{tr}(W^2)",
    "a delta moves an index": r"\sum_p \delta_{pq} W_{pl} = W_{ql}",
    "an index that is summed over and free": r"b_p + \sum_p b_p = b_p + \sum_q b_q",
    "sums change places": r"\sum_{p,q} W_{pq} b_q = \sum_q b_q \sum_p W_{pq}",
    "a state is below one": r"|h_{t,p}| < 1",
    "a slope is at most one": r"|1 - h_{t,p}^2| \le 1",
    "an entry of a vector": r"|b_p| \le \max_q |b_q|",
    "an entry and the length": r"|b_p| \le \|b\|",
    "an entry and the norm": r"|W_{pq}| \le \|W\|",
    "an entry of a product": r"|[W b]_p| \le \|W\| \|b\|",
}
WRONG = {
    "a state is at most a half": r"|h_{t,p}| \le \frac{1}{2}",
    "a slope is below one": r"|1 - h_{t,p}^2| < 1",
    "an entry is as long as all": r"|b_p| \ge \|b\|",
    "an entry of a product, not of the length": r"|[W b]_p| \le \|W\| |b_p|",
    "indices swapped": rf"{JACOBIAN} = {SLOPE} w_{{qp}}",
    "slope of the other entry": rf"{JACOBIAN} = (1-h_{{t,q}}^2) w_{{pq}}",
    "square forgotten": rf"{JACOBIAN} = (1-h_{{t,p}}) w_{{pq}}",
    "slope one step early": rf"{JACOBIAN} = (1-h_{{t-1,p}}^2) w_{{pq}}",
    "only where p is q": rf"{JACOBIAN} = \delta_{{pq}} {SLOPE} w_{{pq}}",
    "an index not summed": r"\frac{\partial h_{t,p}}{\partial h_{t-2,q}} = (1-h_{t,p}^2) W_{pq} (1-h_{t-1,q}^2) W_{qq}",
    "summed over the wrong index": (
        rf"\frac{{\partial L}}{{\partial h_{{\tau-1,q}}}} = \sum_p {BACK} (1-h_{{\tau,p}}^2) W_{{qp}}"
    ),
    "one of itself": r"\frac{\partial h_{t,p}}{\partial h_{t,q}} = 1",
    "k steps, transposed": rf"\frac{{\partial L}}{{\partial h_{{\tau-k,q}}}} = \sum_p {STEPS}_{{pq}} {BACK}",
    "forwards, transposed": r"h_{t,p} = \tanh(\sum_q W_{qp} h_{t-1,q} + \sum_q U_{pq} x_{t,q} + b_p)",
    "forwards, one bias for all": r"h_{t,p} = \tanh(\sum_q W_{pq} h_{t-1,q} + \sum_q U_{pq} x_{t,q} + \sum_q b_q)",
    "trace of the square of entries": r"\sum_p \sum_q W_{pq} W_{pq} = \operatorname{tr}(W^2)",
    "a delta that moves nothing": r"\sum_p \delta_{pq} W_{pl} = W_{pl}",
    "an index that is summed over, taken for the free one": r"\sum_p W_{pp} = \sum_q W_{pq}",
    "sum of all": r"\sum_{p,q} W_{pq} = \operatorname{tr}(W)",
}
LSTM = {
    "direct": ("proved", r"\frac{\tilde\partial s_{t,p}}{\tilde\partial s_{t-1,q}} = \delta_{pq} e_{t,p}"),
    "direct, without delta": ("refuted", r"\frac{\tilde\partial s_{t,p}}{\tilde\partial s_{t-1,q}} = e_{t,p}"),
    "total": ("refuted", r"\frac{\partial s_{t,p}}{\partial s_{t-1,q}} = \delta_{pq} e_{t,p}"),
    "cell, entry by entry": ("proved", r"s_{t,p} = e_{t,p} s_{t-1,p} + i_{t,p} z_{t,p}"),
    "cell, gates swapped": ("refuted", r"s_{t,p} = i_{t,p} s_{t-1,p} + e_{t,p} z_{t,p}"),
}
TABLE: dict[str, Case] = {
    **{name: case("proved", formula, rnn) for name, formula in RIGHT.items()},
    **{name: case("refuted", formula, rnn) for name, formula in WRONG.items()},
    **{f"lstm: {name}": case(status, formula, lstm) for name, (status, formula) in LSTM.items()},
}
