"""Terms: traversal, substitution without capture, replacement."""

from __future__ import annotations

import random

import pytest

from symgrad.kernel import term as t
from symgrad.kernel.term import (
    Term,
    affines,
    free_times,
    map_parts,
    parts,
    replaced,
    substitute_times,
    walk,
    with_parts,
)

from .build import (
    LSTM,
    A,
    L,
    Q,
    T,
    V,
    W,
    X,
    add,
    at,
    direct,
    family,
    g,
    h,
    held,
    norm,
    power,
    prod,
    product,
    s,
    scale,
    slope,
    sup,
    tanh,
    total,
)
from .generate import Generator
from .oracle import Exact

SEED = 20220125
q = family("q")


def samples() -> list[Term]:
    made = [Generator(f"{SEED} {number}", True) for number in range(200)]
    return [one.term(one.shape(), 3) for one in made] + [definition.body for definition in LSTM]


def test_parts_and_back() -> None:
    for term in samples():
        for one in walk(term):
            assert with_parts(one, parts(one)) == one
            assert map_parts(one, lambda part: part) is one
            assert one.shape == with_parts(one, parts(one)).shape


def test_substitution_means_what_it_says() -> None:
    r = random.Random(SEED)
    for number, term in enumerate(samples()):
        values = {name: A(r.choice(("i+1", "j", "k+t", "tau-1", "2", "l-i"))) for name in ("t", "tau", "k")}
        outside = {"t": 2, "tau": 4, "k": 1, "i": 1, "j": 3, "l": 2}
        inside = {
            **outside,
            **{name: sum((outside[v] * c for v, c in one.coefficients), one.constant) for name, one in values.items()},
        }
        sizes = {"n": 2, "m": 3}
        try:
            there = Exact(sizes, number, times=inside).value(term, inside)
        except Exception as error:
            assert "power" in str(error)
            continue
        moved = substitute_times(term, values)
        assert Exact(sizes, number, times=outside).value(moved, outside) == there, f"seed {SEED}: {term} {values}"


@pytest.mark.parametrize(
    ("term", "values", "expected"),
    [
        (total("i", "1", "k", h("i+t")), {"t": "i"}, total("i1", "1", "k", h("i1+i"))),
        (total("i", "1", "k", h("i+t")), {"i": "5"}, total("i", "1", "k", h("i+t"))),
        (total("i", "i", "k", h("i")), {"i": "5"}, total("i", "5", "k", h("i"))),
        (
            total("i", "1", "k", prod("i", "1", "i", slope("i+t"))),
            {"t": "k"},
            total("i", "1", "k", prod("i", "1", "i", slope("i+k"))),
        ),
        (t.Limit("k", norm(power(W, "k"))), {"k": "3"}, t.Limit("k", norm(power(W, "k")))),
        (t.Limit("k", norm(h("k+t"))), {"t": "k"}, t.Limit("k1", norm(h("k1+k")))),
        (at(L, h("t"), held("t", "k")), {"t": "1", "k": "t"}, at(L, h("1"), held("1", "t"))),
        (power(W, "k"), {"k": "k+1"}, power(W, "k+1")),
    ],
)
def test_substitution(term: Term, values: dict[str, str], expected: Term) -> None:
    assert substitute_times(term, {name: A(value) for name, value in values.items()}) == expected


def test_free_times() -> None:
    assert free_times(total("i", "1", "k", h("i+t"))) == {"k", "t"}
    assert free_times(total("i", "i", "k", h("i"))) == {"i", "k"}
    assert free_times(at(L, h("t"), held("r", "k"))) == {"t", "r", "k"}
    assert free_times(t.Limit("k", power(W, "k"))) == frozenset()
    assert affines(at(L, h("t"), held("r", "k"))) == (A("r"), A("k"))


@pytest.mark.parametrize(
    ("term", "old", "new", "expected"),
    [
        (product(W, V, Q), product(W, V), Q, product(Q, Q)),
        (product(W, V, W, V), product(W, V), Q, product(Q, Q)),
        (product(W, V, Q), product(V, W), Q, product(W, V, Q)),
        (product(W, W, W), product(W, W), Q, product(Q, W)),
        (product(W, V), V, product(V, Q), t.Product((W, product(V, Q)))),
        (add(W, product(W, V)), W, Q, add(Q, product(Q, V))),
        (at(h("t"), h("s")), h("t"), s("t"), at(h("t"), h("s"))),
        (direct(h("t"), h("s")), h("s"), s("t"), direct(h("t"), h("s"))),
        (add(direct(h("t"), h("s")), W), direct(h("t"), h("s")), V, add(V, W)),
        (sup(tanh(X)), X, L, sup(tanh(X))),
        (total("i", "1", "k", q("i")), q("i"), g, total("i", "1", "k", g)),
        (scale(2, T(W)), W, V, scale(2, T(V))),
    ],
)
def test_replaced(term: Term, old: Term, new: Term, expected: Term) -> None:
    assert replaced(term, old, new) == expected
