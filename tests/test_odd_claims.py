"""Claims that nobody would write: what the language can put together is judged or refused, and never crashes."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

import pytest

import symgrad
from symgrad.notation.problem import ReadError

CLAIMS = 120
TIMES = (r"\tau", r"\tau-1", r"\tau-k", r"\tau-k+1", r"\tau+1", "0", "3", "t", "k", r"\tau-2k")
BOUNDS = ("0", "1", "k", "-k", "3", "k-1", r"\tau", r"\tau-k")


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes random formulas in the letters of one cell."""

    choose: random.Random
    states: tuple[str, ...]
    vectors: tuple[str, ...]
    matrices: tuple[str, ...]

    def claim(self) -> str:
        kind = self.choose.choice((self.vector, self.matrix, self.scalar))
        signs = ("=", "=", r"\le", "<", r"\ge") if kind == self.scalar else ("=",)
        return f"{kind(3)} {self.choose.choice(signs)} {kind(3)}"

    def node(self) -> str:
        return f"{self.choose.choice(self.states)}_{{{self.choose.choice(TIMES)}}}"

    def vector(self, depth: int) -> str:
        if depth == 0 or self.choose.random() < 0.3:
            return self.choose.choice((self.node(), self.node(), *self.vectors, "0"))
        forms: tuple[Callable[[], str], ...] = (
            lambda: f"{self.matrix(depth - 1)} {self.vector(depth - 1)}",
            lambda: rf"\tanh({self.vector(depth - 1)})",
            lambda: rf"({self.vector(depth - 1)} + {self.vector(depth - 1)})",
            lambda: rf"({self.vector(depth - 1)} \odot {self.vector(depth - 1)})",
            lambda: rf"(1 - {self.node()}^2)",
            lambda: rf"\nabla_{{{self.vector(0)}}} L",
        )
        return self.choose.choice(forms)()

    def matrix(self, depth: int) -> str:
        if depth == 0 or self.choose.random() < 0.3:
            return self.choose.choice((*self.matrices, "I", "0"))
        forms: tuple[Callable[[], str], ...] = (
            lambda: f"{self.matrix(depth - 1)} {self.matrix(depth - 1)}",
            lambda: rf"({self.matrix(depth - 1)} + {self.matrix(depth - 1)})",
            lambda: rf"({self.matrix(depth - 1)})^{{{self.choose.choice(('T', '2', 'k', 'k-1', '-1'))}}}",
            lambda: rf"\operatorname{{diag}}({self.vector(depth - 1)})",
            lambda: rf"\prod_{{i={self._bound()}}}^{{{self._bound()}}} ({self.matrix(depth - 1)})",
            lambda: rf"\sum_{{i={self._bound()}}}^{{{self._bound()}}} {self.matrix(depth - 1)}",
            lambda: rf"\nabla_{{{self.vector(0)}}} {self.vector(depth - 1)}",
            lambda: rf"\tilde\nabla_{{{self.node()}}} {self.node()}",
        )
        return self.choose.choice(forms)()

    def scalar(self, depth: int) -> str:
        forms: tuple[Callable[[], str], ...] = (
            lambda: rf"\|{self.matrix(depth - 1)}\|",
            lambda: rf"\|{self.matrix(depth - 1)}\|^k",
            lambda: rf"\operatorname{{tr}}({self.matrix(depth - 1)})",
            lambda: rf"\sigma_{{\min}}({self.matrix(depth - 1)})",
            lambda: rf"\|{self.vector(depth - 1)}\|_\infty",
            lambda: rf"\lim_{{k\to\infty}} \|{self.matrix(depth - 1)}\|",
            lambda: r"\max_x |1 - \tanh(x)^2|",
            lambda: self.choose.choice(("0", "1", "2")),
        )
        return self.choose.choice(forms)()

    def _bound(self) -> str:
        return self.choose.choice(BOUNDS)


NETWORKS = {
    "rnn": (symgrad.vanilla_rnn, ("h", "x"), ("b",), ("W", "U")),
    "lstm": (symgrad.lstm, ("h", "s", "e", "o", "x"), ("b_e",), ("W_e", "W_z", "U_z")),
}


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("seed", [2022, 105])
def test_is_judged_or_refused(name: str, seed: int) -> None:
    cell, *letters = NETWORKS[name]
    network = symgrad.Network(cell())
    writer = Writer(random.Random(seed), *letters)
    for _ in range(CLAIMS):
        claim = writer.claim()
        try:
            verdict = network.claim(claim)
        except ReadError as error:
            assert str(error), claim
        except Exception as error:
            raise AssertionError(f"{claim} (seed {seed})") from error
        else:
            assert verdict.status in ("proved", "refuted", "undecided"), claim
            assert str(verdict), claim
