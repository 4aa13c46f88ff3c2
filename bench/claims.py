"""What is measured: equations (1) and (3) written out and with symbolic bounds, and the claims of the sheet."""

from __future__ import annotations

from symgrad.kernel.certificate import Context, Statement
from symgrad.kernel.term import Hadamard, Symbol, Term, product
from tests.claims import bounds, mutations
from tests.claims.build import ONES, W_T, G, diag, e, h, minus, o, prod, s, slope, square, tanh

g = Symbol("g", ("n", 1))
VANILLA = mutations.rnn
EQUATION_1 = mutations.TABLE["(1)"].statement
NAMES = ("(1)", "(3) exact", "(3) cut")
BOUNDS = (
    *("(2)", "(4)", "(4) sharper", "direct path, from below", "direct path, from above", "norm below 1 vanishes"),
    *("norm 1 is bounded", "twice the identity at rest", "one unit"),
)
SHEET_CLAIMS: list[tuple[Statement, Context]] = [
    (case.statement, case.context)
    for case in (*(mutations.TABLE[name] for name in NAMES), *(bounds.TABLE[name] for name in BOUNDS))
]


def as_factors(k: int) -> Term:
    """W^T diag(1 - h[1]^2) ... W^T diag(1 - h[k]^2) g"""
    return product(*(factor for i in range(1, k + 1) for factor in (W_T, slope(h(i)))), g)


def as_steps(k: int) -> Term:
    """W^T ((1 - h[1]^2) o W^T (... o g))"""
    found: Term = g
    for i in range(k, 0, -1):
        found = product(W_T, Hadamard((minus(ONES, square(h(i))), found)))
    return found


def cell_path(k: int) -> Term:
    """diag(e[1]) ... diag(e[k]) diag(1 - tanh(s[k])^2) diag(o[k]) g"""
    return product(*(diag(e(i)) for i in range(1, k + 1)), slope(tanh(s(k))), diag(o(k)), g)


def counted_from_one() -> Term:
    return product(prod("i", 1, "k", product(W_T, slope(h("tau-k+i")))), G)


def counted_in_time() -> Term:
    return product(prod("t", "tau-k+1", "tau", product(W_T, minus_slope())), G)


def minus_slope() -> Term:
    """diag(1 - h[t]^2), the square taken first"""
    return minus(diag(ONES), diag(square(h("t"))))
