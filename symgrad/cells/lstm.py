"""Long short-term memory with a forget gate (Gers, Schmidhuber and Cummins, 2000), without and with peepholes."""

from __future__ import annotations

from ..expressions.build import entrywise, hadamard, signal, total, vector
from ..kernel.term import Size
from .cell import Cell, T, Update
from .parts import drive, gate


def lstm(n: Size = "n", m: Size = "m") -> Cell:
    """Gates e (forget), i (input), o (output), candidate z, cell state s and hidden state h; n units, m inputs."""
    x, h, s = signal("x", m), signal("h", n), signal("s", n)
    forget, input_, output = (gate(letter, h, x) for letter in ("e", "i", "o"))
    candidate = gate("z", h, x, "tanh")
    s_next = total(hadamard(forget.head, s[T - 1]), hadamard(input_.head, candidate.head))
    h_next = hadamard(output.head, entrywise("tanh", s[T]))
    updates = (forget, input_, output, candidate, Update(s[T], s_next), Update(h[T], h_next))
    return Cell("lstm", inputs=(x,), updates=updates)


def lstm_peepholes(n: Size = "n", m: Size = "m") -> Cell:
    """Gates f (forget), i (input), o (output) that see the cell state c by weights p, one for each unit; candidate g.

    Gers and Schmidhuber (2000): the output gate sees the new cell state, the others the one before.
    """
    x, h, c = signal("x", m), signal("h", n), signal("c", n)
    seen = {"f": c[T - 1], "i": c[T - 1], "o": c[T]}
    sums = {one: drive(h, x, f"_{one}", hadamard(vector(f"p_{one}", n), state)) for one, state in seen.items()}
    forget, input_, output = (Update(signal(one, n)[T], entrywise("sigmoid", sum_)) for one, sum_ in sums.items())
    candidate = gate("g", h, x, "tanh")
    c_next = total(hadamard(forget.head, c[T - 1]), hadamard(input_.head, candidate.head))
    h_next = hadamard(output.head, entrywise("tanh", c[T]))
    updates = (forget, input_, candidate, Update(c[T], c_next), output, Update(h[T], h_next))
    return Cell("lstm-peepholes", inputs=(x,), updates=updates)
