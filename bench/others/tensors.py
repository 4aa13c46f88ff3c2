"""tensorgrad, in the form it is best at: sizes are symbols, gradients go through one compiled sweep or are simplified.

`python tensors.py lstm:10 20`: the gradient of a network of ten steps by all parameters, as one graph, in at most
20 s.
"""

from __future__ import annotations

import sys
from fractions import Fraction

import tensorgrad as tg
from answer import CannotError, answer
from sympy import symbols
from tensorgrad import functions as fn
from tensorgrad.compiler import compile_to_callable

n, m, d, p = symbols("n m d p")
sys.setrecursionlimit(100_000)


class Layer:
    """W h + U x + b, with its parameters."""

    def __init__(self, name: str) -> None:
        self.W, self.U = tg.Variable(f"W{name}", o=n, i=n), tg.Variable(f"U{name}", o=n, j=m)
        self.b = tg.Variable(f"b{name}", o=n)

    def __call__(self, h: tg.Tensor, x: tg.Tensor) -> tg.Tensor:
        return (self.W @ h + self.U @ x + self.b).rename(o="i")

    @property
    def parameters(self) -> tuple[tg.Variable, ...]:
        return self.W, self.U, self.b


def state(name: str) -> tg.Variable:
    return tg.Variable(name, i=n)


def seen(t: int) -> tg.Variable:
    return tg.Variable(f"x{t}", j=m)


def rnn(length: int) -> None:
    """With a loss at every step, linear in its state."""
    layer, h, losses = Layer(""), state("h0"), []
    for t in range(1, length + 1):
        h = fn.tanh(layer(h, seen(t)))
        losses.append(state(f"g{t}") @ h)
    differentiate(tg.Sum(losses), layer)


def gru(length: int) -> None:
    update, reset, inner, h = Layer("z"), Layer("r"), Layer("h"), state("h0")
    for t in range(1, length + 1):
        z, r = fn.sigmoid(update(h, seen(t))), fn.sigmoid(reset(h, seen(t)))
        h = (1 - z) * h + z * fn.tanh(inner(r * h, seen(t)))
    differentiate(state("g") @ h, update, reset, inner)


def lstm(length: int) -> None:
    layers = forget, input_, output, candidate = [Layer(one) for one in "eioz"]
    h, s = state("h0"), state("s0")
    for t in range(1, length + 1):
        x = seen(t)
        s, o = (
            fn.sigmoid(forget(h, x)) * s + fn.sigmoid(input_(h, x)) * fn.tanh(candidate(h, x)),
            fn.sigmoid(output(h, x)),
        )
        h = o * fn.tanh(s)
    differentiate(state("g") @ h, *layers)


def differentiate(loss: tg.Tensor, *layers: Layer) -> None:
    """All gradients in one graph; no code is made, as that waits for the sizes."""
    compile_to_callable(*(loss.grad(one) for layer in layers for one in layer.parameters))


def attention() -> None:
    """By the queries: A o (P - rows of A o P summed) K, with P = G V^T, times the scale."""
    Q, K = tg.Variable("Q", q=n, d=d), tg.Variable("K", k=m, d=d)
    V, G, scale = tg.Variable("V", k=m, p=p), tg.Variable("G", q=n, p=p), tg.Variable("s")
    A, P = fn.softmax(scale * (Q @ K), dim="k"), G @ V
    inner = A * (P - fn.sum(A * P, dim="k", keepdims=True))
    agree(fn.sum(G * (A @ V)).grad(Q), scale * (inner @ K))


def batch_norm() -> None:
    """By the input: gamma s (g - mean of g - xhat * mean of xhat o g)."""
    x, g, gamma, eps = tg.Variable("x", i=m), tg.Variable("g", i=m), tg.Variable("gamma"), tg.Variable("eps")
    centred = x - mean(x)
    s = fn.pow(mean(centred * centred) + eps, Fraction(-1, 2))
    xhat = s * centred
    agree(fn.sum(g * gamma * xhat).grad(x), gamma * s * (g - mean(g) - xhat * mean(xhat * g)))


def mean(one: tg.Tensor) -> tg.Tensor:
    return fn.mean(one, dim="i", keepdims=True)


def agree(left: tg.Tensor, right: tg.Tensor) -> None:
    """That both are equal: as they stand, or when all products of sums are multiplied out."""
    for expand in (False, True):
        if left.full_simplify(expand=expand) == right.full_simplify(expand=expand):
            return
        if isinstance((left - right).full_simplify(expand=expand), tg.Zero):
            return
    raise CannotError("the difference is not seen to vanish")


def any_length() -> None:
    raise CannotError("a graph has a fixed number of steps")


if __name__ == "__main__":
    tasks = {one.__name__: one for one in (rnn, gru, lstm, attention, batch_norm, any_length)}
    answer(tasks)
