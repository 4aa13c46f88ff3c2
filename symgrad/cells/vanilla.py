"""The vanilla recurrent network (Elman, 1990), plain, with an output layer, with a residual path, and linear."""

from __future__ import annotations

from ..expressions.build import entrywise, matrix, product, signal, total, vector
from ..kernel.term import Size
from .cell import Cell, T, Update
from .parts import drive


def vanilla_rnn(n: Size = "n", m: Size = "m") -> Cell:
    """h[t] = tanh(W h[t-1] + U x[t] + b), with n units and m inputs."""
    x, h = signal("x", m), signal("h", n)
    return Cell("rnn", inputs=(x,), updates=(Update(h[T], entrywise("tanh", drive(h, x))),))


def rnn_output(n: Size = "n", m: Size = "m", p: Size = "p") -> Cell:
    """The vanilla network with p outputs: y[t] = V h[t] + c."""
    x, h, y = signal("x", m), signal("h", n), signal("y", p)
    output = total(product(matrix("V", p, n), h[T]), vector("c", p))
    return Cell("rnn-output", (x,), (*vanilla_rnn(n, m).updates, Update(y[T], output)))


def residual_rnn(n: Size = "n", m: Size = "m") -> Cell:
    """h[t] = h[t-1] + tanh(W h[t-1] + U x[t] + b)."""
    x, h = signal("x", m), signal("h", n)
    return Cell("residual", (x,), (Update(h[T], total(h[T - 1], entrywise("tanh", drive(h, x)))),))


def linear_rnn(n: Size = "n", m: Size = "m") -> Cell:
    """h[t] = W h[t-1] + U x[t] + b."""
    x, h = signal("x", m), signal("h", n)
    return Cell("linear", (x,), (Update(h[T], drive(h, x)),))
