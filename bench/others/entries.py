"""SymPy and SymEngine, in the form they are best at: every entry an expression of its own, at small fixed sizes.

`python entries.py sympy lstm:10 20`: the gradient of a network of ten steps by all entries of all parameters, in at
most 20 s.
"""

from __future__ import annotations

import importlib
import sys
from itertools import chain, product

from answer import CannotError, answer

S = importlib.import_module(sys.argv[1])
IS_SYMPY = sys.argv[1] == "sympy"
N = 2  # states and inputs
BATCH = 3
sys.setrecursionlimit(100_000)

Vector = list


def matrix(name: str, rows: int = N, columns: int = N) -> list[Vector]:
    return [vector(f"{name}_{row}", columns) for row in range(rows)]


def vector(name: str, size: int = N) -> Vector:
    return [S.Symbol(f"{name}_{place}") for place in range(size)]


def dot(a: Vector, b: Vector) -> object:
    return sum(x * y for x, y in zip(a, b, strict=True))


def times(a: Vector, b: Vector) -> Vector:
    return [x * y for x, y in zip(a, b, strict=True)]


def plus(a: Vector, b: Vector) -> Vector:
    return [x + y for x, y in zip(a, b, strict=True)]


def tanh(a: Vector) -> Vector:
    return [S.tanh(x) for x in a]


def sigmoid(a: Vector) -> Vector:
    return [1 / (1 + S.exp(-x)) for x in a]


class Layer:
    """W h + U x + b, with its parameters."""

    def __init__(self, name: str) -> None:
        self.W, self.U, self.b = matrix(f"W{name}"), matrix(f"U{name}"), vector(f"b{name}")

    def __call__(self, h: Vector, x: Vector) -> Vector:
        return [dot(w, h) + dot(u, x) + b for w, u, b in zip(self.W, self.U, self.b, strict=True)]

    @property
    def entries(self) -> list:
        return [*chain(*self.W, *self.U), *self.b]


def rnn(length: int) -> None:
    """With a loss at every step, linear in its state."""
    layer, h, loss = Layer(""), vector("h0"), S.Integer(0)
    for t in range(1, length + 1):
        h = tanh(layer(h, vector(f"x{t}")))
        loss += dot(vector(f"g{t}"), h)
    differentiate(loss, layer)


def gru(length: int) -> None:
    update, reset, inner, h = Layer("z"), Layer("r"), Layer("h"), vector("h0")
    for t in range(1, length + 1):
        x = vector(f"x{t}")
        z, r = sigmoid(update(h, x)), sigmoid(reset(h, x))
        new = tanh(inner(times(r, h), x))
        h = plus(times([1 - one for one in z], h), times(z, new))
    differentiate(dot(vector("g"), h), update, reset, inner)


def lstm(length: int) -> None:
    layers = forget, input_, output, candidate = [Layer(one) for one in "eioz"]
    h, s = vector("h0"), vector("s0")
    for t in range(1, length + 1):
        x = vector(f"x{t}")
        kept, new = times(sigmoid(forget(h, x)), s), times(sigmoid(input_(h, x)), tanh(candidate(h, x)))
        s, o = plus(kept, new), sigmoid(output(h, x))
        h = times(o, tanh(s))
    differentiate(dot(vector("g"), h), *layers)


def differentiate(loss: object, *layers: Layer) -> None:
    if IS_SYMPY:
        forget_all()
    for layer in layers:
        for entry in layer.entries:
            loss.diff(entry)


def forget_all() -> None:
    """What SymPy remembers of an earlier repeat."""
    from sympy.core.cache import clear_cache

    clear_cache()


def attention() -> None:
    """By the queries: A o (P - rows of A o P summed) K, with P = G V^T, times the scale."""
    Q, K, V, G, scale = matrix("Q"), matrix("K"), matrix("V"), matrix("G"), S.Symbol("s")
    scores = [[S.exp(scale * dot(q, k)) for k in K] for q in Q]
    A = [[one / sum(row) for one in row] for row in scores]
    P = [[dot(g, v) for v in V] for g in G]
    loss = sum(dot(a, p) for a, p in zip(A, P, strict=True))
    inner = [times(a, [one - dot(a, p) for one in p]) for a, p in zip(A, P, strict=True)]
    columns = list(zip(*K, strict=True))
    agree((loss.diff(Q[i][j]), scale * dot(inner[i], columns[j])) for i, j in product(range(N), range(N)))


def batch_norm() -> None:
    """By the input: gamma s (g - mean of g - xhat * mean of xhat o g)."""
    x, g, gamma, eps = vector("x", BATCH), vector("g", BATCH), S.Symbol("gamma"), S.Symbol("eps")
    centred = [one - sum(x) / BATCH for one in x]
    s = (dot(centred, centred) / BATCH + eps) ** -S.Rational(1, 2)
    xhat = [s * one for one in centred]
    loss = gamma * dot(g, xhat)
    claimed = [gamma * s * (g[i] - sum(g) / BATCH - xhat[i] * dot(xhat, g) / BATCH) for i in range(BATCH)]
    agree((loss.diff(one), value) for one, value in zip(x, claimed, strict=True))


def agree(pairs: object) -> None:
    """That each pair is equal: the numerator of the difference vanishes, the quickest that was found for both."""
    if IS_SYMPY:
        forget_all()
    for left, right in pairs:
        difference = left - right
        numerator, _ = (difference.together() if IS_SYMPY else difference).as_numer_denom()
        if S.expand(numerator) != 0:
            raise CannotError("the difference is not seen to vanish")


def any_length() -> None:
    raise CannotError("no derivative through a recursion whose length is a symbol")


if __name__ == "__main__":
    tasks = {one.__name__: one for one in (rnn, gru, lstm, attention, batch_norm, any_length)}
    answer(tasks)
