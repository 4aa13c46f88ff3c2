"""Long short-term memory with a forget gate (Gers, Schmidhuber and Cummins, 2000), without peepholes."""

from __future__ import annotations

from ..expressions.build import Family, entrywise, hadamard, matrix, product, signal, total, vector
from ..kernel.term import Size
from .cell import Cell, T, Update


def lstm(n: Size = "n", m: Size = "m") -> Cell:
    """Gates e (forget), i (input), o (output), candidate z, cell state s and hidden state h; n units, m inputs."""
    x, h, s = signal("x", m), signal("h", n), signal("s", n)
    forget, input_, output = (_gate(letter, "sigmoid", h, x) for letter in ("e", "i", "o"))
    candidate = _gate("z", "tanh", h, x)
    s_next = total(hadamard(forget.head, s[T - 1]), hadamard(input_.head, candidate.head))
    h_next = hadamard(output.head, entrywise("tanh", s[T]))
    updates = (forget, input_, output, candidate, Update(s[T], s_next), Update(h[T], h_next))
    return Cell("lstm", inputs=(x,), updates=updates)


def _gate(letter: str, function: str, h: Family, x: Family) -> Update:
    """letter[t] = function(W_letter h[t-1] + U_letter x[t] + b_letter)."""
    n, m = h.rows, x.rows
    W, U, b = matrix(f"W_{letter}", n, n), matrix(f"U_{letter}", n, m), vector(f"b_{letter}", n)
    return Update(signal(letter, n)[T], entrywise(function, total(product(W, h[T - 1]), product(U, x[T]), b)))
