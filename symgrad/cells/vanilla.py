"""The vanilla recurrent network (Elman, 1990)."""

from __future__ import annotations

from ..expressions.build import entrywise, matrix, product, signal, total, vector
from ..kernel.term import Size
from .cell import Cell, T, Update


def vanilla_rnn(n: Size = "n", m: Size = "m") -> Cell:
    """h[t] = tanh(W h[t-1] + U x[t] + b), with n units and m inputs."""
    x, h = signal("x", m), signal("h", n)
    W, U, b = matrix("W", n, n), matrix("U", n, m), vector("b", n)
    sum_ = total(product(W, h[T - 1]), product(U, x[T]), b)
    return Cell("rnn", inputs=(x,), updates=(Update(h[T], entrywise("tanh", sum_)),))
