"""The gated recurrent unit (Cho et al., 2014), in both conventions for its update gate."""

from __future__ import annotations

from sympy import MatrixExpr

from ..expressions.build import Family, entrywise, hadamard, matrix, product, signal, total
from ..expressions.indices import size_to_term
from ..kernel.term import Size
from .cell import Cell, T, Update
from .parts import drive, gate, rest


def gru(n: Size = "n", m: Size = "m") -> Cell:
    """The update gate z lets the candidate in, the reset gate r acts before the weights; W is on the state, U on x."""
    x, h = signal("x", m), signal("h", n)
    update, reset = gate("z", h, x), gate("r", h, x)
    candidate = Update(
        signal("htilde", n)[T], entrywise("tanh", drive(h, x, "_h", state=hadamard(reset.head, h[T - 1])))
    )
    mixed = total(hadamard(rest(update.head), h[T - 1]), hadamard(update.head, candidate.head))
    return Cell("gru", inputs=(x,), updates=(update, reset, candidate, Update(h[T], mixed)))


def gru_cho(n: Size = "n", m: Size = "m") -> Cell:
    """As in the paper: the update gate z keeps the old state; W is on x, U on the state, and there is no bias."""
    x, h = signal("x", m), signal("h", n)
    reset, update = (
        Update(signal(one, n)[T], entrywise("sigmoid", _sum(x, f"_{one}", h[T - 1]))) for one in ("r", "z")
    )
    inside = _sum(x, "", hadamard(reset.head, h[T - 1]))
    candidate = Update(signal("htilde", n)[T], entrywise("tanh", inside))
    mixed = total(hadamard(update.head, h[T - 1]), hadamard(rest(update.head), candidate.head))
    return Cell("gru-cho", inputs=(x,), updates=(reset, update, candidate, Update(h[T], mixed)))


def _sum(x: Family, mark: str, state: MatrixExpr) -> MatrixExpr:
    """W x[t] + U state."""
    n = size_to_term(state.shape[0])
    return total(product(matrix(f"W{mark}", n, x.rows), x[T]), product(matrix(f"U{mark}", n, n), state))
