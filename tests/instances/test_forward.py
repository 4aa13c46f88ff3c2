"""Forward mode against central differences of networks written out in NumPy, and against reverse mode."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from functools import reduce
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symgrad.engine.batch import Batch
from symgrad.instances.forward import Forward
from symgrad.instances.instance import Instance, Key, Value
from symgrad.instances.interval import Interval, UndefinedError, point
from symgrad.instances.scope import Scope
from symgrad.kernel.affine import affine
from symgrad.kernel.certificate import Context, Definition
from symgrad.kernel.term import (
    Diagonal,
    DiagonalPart,
    Entrywise,
    EntrywisePower,
    Gradient,
    Hadamard,
    Held,
    IndexedSum,
    Inverse,
    Limit,
    Ones,
    OrderedProduct,
    Scale,
    Sum,
    Symbol,
    Term,
    Trace,
    Transpose,
)
from tests.networks import (
    CELL_PATH,
    H_BY_H,
    LET_C,
    LOSS,
    LOSS_BY_H,
    LSTM,
    ONES,
    RNN,
    S_BY_S,
    S_BY_S_CUT,
    TAU,
    UNIT,
    K,
    T,
    context,
    matrix,
    minus,
    norm,
    number,
    power,
    product,
    vector,
)

Array = np.ndarray[Any, np.dtype[np.float64]]
STEP = 1e-6


ENTRY = Symbol("e", (1, 1))


def random_instance(model: Context, terms: list[Term], n: int, m: int, k: int, seed: int = 1) -> Instance:
    """Random rationals for everything that running the network needs; tau = k + 1, states given at time 0."""
    random = Random(seed)
    times = {"k": k, "tau": k + 1}
    sizes = {"n": n, "m": m}
    needed = Scope(model, times).given([(term, times) for term in terms], 0)
    values = []
    for key, shape in sorted(needed.items()):
        rows, columns = (size if isinstance(size, int) else sizes[size] for size in shape)
        entries = [[Fraction(random.randint(-9, 9), 10) for _ in range(columns)] for _ in range(rows)]
        values.append(Value(*key, tuple(tuple(row) for row in entries)))
    return Instance(tuple(sorted(sizes.items())), tuple(sorted(times.items())), 0, tuple(values))


def floats(instance: Instance) -> dict[Key, Array]:
    return {key: np.array(rows, dtype=float) for key, rows in instance.lookup().items()}


def middle(matrix: tuple[tuple[Interval, ...], ...]) -> Array:
    return np.array([[float(one.lo + one.hi) / 2 for one in row] for row in matrix])


def run_rnn(given: Mapping[Key, Array], last: int, nudge: Callable[[str, int], Array | float]) -> dict[Key, Array]:
    h = {0: given["h", (0,)]}
    for t in range(1, last + 1):
        drive = given["W", ()] @ h[t - 1] + given["U", ()] @ given["x", (t,)] + given["b", ()]
        h[t] = np.tanh(drive) + nudge("h", t)
    return {("h", (t,)): value for t, value in h.items()}


def run_lstm(
    given: Mapping[Key, Array], last: int, nudge: Callable[[str, int], Array | float], frozen: Mapping[int, Array]
) -> dict[Key, Array]:
    """`frozen` replaces hidden states where they are read by the next step."""
    nodes: dict[Key, Array] = {("h", (0,)): given["h", (0,)], ("s", (0,)): given["s", (0,)]}
    for t in range(1, last + 1):
        h, s = frozen.get(t - 1, nodes["h", (t - 1,)]), nodes["s", (t - 1,)]
        drive = {
            a: given[f"W_{a}", ()] @ h + given[f"U_{a}", ()] @ given["x", (t,)] + given[f"b_{a}", ()] for a in "eioz"
        }
        e, i, o = (1 / (1 + np.exp(-drive[a])) for a in "eio")
        nodes["s", (t,)] = e * s + i * np.tanh(drive["z"]) + nudge("s", t)
        nodes["o", (t,)] = o
        nodes["h", (t,)] = o * np.tanh(nodes["s", (t,)])
    return nodes


def by_differences(run: Callable[[Callable[[str, int], Array | float]], Array], name: str, time: int, n: int) -> Array:
    """The gradient (rows: directions) by central differences of a nudge at one node."""

    def end(j: int, step: float) -> Array:
        unit = np.eye(n)[:, [j]] * step
        return run(lambda what, t: unit if (what, t) == (name, time) else 0.0)

    rows = [(end(j, STEP) - end(j, -STEP))[:, 0] / (2 * STEP) for j in range(n)]
    return np.array(rows)


@pytest.mark.parametrize(("n", "m", "k"), [(1, 1, 0), (1, 2, 3), (2, 3, 1), (2, 1, 2), (3, 2, 3)])
def test_rnn_gradients(n: int, m: int, k: int):
    model = context(RNN)
    instance = random_instance(model, [H_BY_H, LOSS_BY_H], n, m, k)
    given, tau = floats(instance), k + 1
    expected = by_differences(lambda nudge: run_rnn(given, tau, nudge)["h", (tau,)], "h", 1, n)
    forward = Forward(model, instance)
    assert np.allclose(middle(forward.value(H_BY_H)), expected, atol=1e-8)
    loss = forward.value(Gradient(LOSS, vector("h", TAU - K)))
    assert np.allclose(middle(loss), expected @ given["L", ()], atol=1e-8)
    assert np.allclose(middle(forward.value(LOSS_BY_H)), given["L", ()])


@pytest.mark.parametrize(("n", "m", "k"), [(1, 1, 0), (1, 1, 2), (2, 3, 1), (2, 1, 3), (3, 2, 2)])
def test_lstm_gradients_total_and_held(n: int, m: int, k: int):
    model = context(LSTM)
    output = Gradient(vector("o", TAU), vector("s", TAU - K))
    instance = random_instance(model, [S_BY_S, LOSS_BY_H, output], n, m, k)
    given, tau = floats(instance), k + 1
    still = run_lstm(given, tau, lambda *_: 0.0, {})
    frozen = {t: still["h", (t,)] for t in range(1, tau)}
    forward = Forward(model, instance)
    for term, node, kept in ((S_BY_S, "s", {}), (S_BY_S_CUT, "s", frozen), (output, "o", {})):
        expected = by_differences(
            lambda nudge, node=node, kept=kept: run_lstm(given, tau, nudge, kept)[node, (tau,)],
            "s",
            1,
            n,  # type: ignore[misc]
        )
        assert np.allclose(middle(forward.value(term)), expected, atol=1e-8)
    assert np.allclose(middle(forward.value(LET_C.head)), middle(forward.value(LET_C.body)), atol=1e-12)


def test_the_cut_is_the_product_of_forget_gates():
    model = context(LSTM)
    instance = random_instance(model, [S_BY_S], 2, 1, 3)
    gates = OrderedProduct("t", TAU - K + 1, TAU, Diagonal(vector("e", T)))
    forward = Forward(model, instance)
    pairs = zip(forward.value(S_BY_S_CUT), forward.value(gates), strict=True)
    assert all(a.lo <= b.hi and b.lo <= a.hi for row, other in pairs for a, b in zip(row, other, strict=True))


def test_direct_follows_one_edge():
    model = context(LSTM)
    instance = random_instance(model, [S_BY_S], 2, 1, 1)
    forward = Forward(model, instance)
    direct = Gradient(vector("s", TAU), vector("s", TAU - 1), direct=True)
    assert forward.value(direct) == forward.value(Diagonal(vector("e", TAU)))
    assert forward.value(replace(direct, direct=False)) != forward.value(direct)
    nowhere = Gradient(vector("s", TAU), vector("h", TAU - 1), direct=True)
    assert forward.value(nowhere) == ((point(0),) * 2,) * 2


def test_direct_of_a_term_takes_its_symbols_as_they_stand():
    model = context(RNN)
    term = product(matrix("W"), vector("h", TAU))
    instance = random_instance(model, [term], 2, 1, 1)
    forward = Forward(model, instance)
    assert forward.value(Gradient(term, vector("h", TAU), direct=True)) == forward.value(Transpose(matrix("W")))
    assert forward.value(Gradient(term, vector("h", TAU - 1), direct=True)) == ((point(0),) * 2,) * 2


def test_identity_and_unreachable():
    model = context(RNN)
    instance = random_instance(model, [H_BY_H], 2, 1, 2)
    forward = Forward(model, instance)
    assert forward.value(Gradient(vector("h", TAU), vector("h", TAU))) == forward.value(UNIT)
    assert forward.value(Gradient(vector("h", TAU - 1), vector("h", TAU))) == ((point(0),) * 2,) * 2


def test_exact_where_no_function_of_a_non_zero_number_occurs():
    model = context(RNN)
    zero = ((Fraction(0),), (Fraction(0),))
    quiet = random_instance(model, [H_BY_H], 2, 1, 3)
    values = tuple(
        replace(one, rows=((Fraction(2), Fraction(0)), (Fraction(0), Fraction(2))))
        if one.name == "W"
        else replace(one, rows=zero[: len(one.rows)])
        if len(one.rows[0]) == 1 and one.name != "U"
        else one
        for one in quiet.values
    )
    forward = Forward(model, replace(quiet, values=values))
    assert forward.value(H_BY_H) == ((point(8), point(0)), (point(0), point(8)))
    assert forward.value(norm(H_BY_H)) == ((point(8),),)


@pytest.mark.parametrize(
    ("term", "reason"),
    [
        (Limit("k", norm(H_BY_H)), "limit"),
        (power(norm(matrix("W")), affine(-1)), "power of -1"),
        (power(norm(matrix("W")), affine(10**6)), "power of"),
        (Inverse(minus(matrix("W"), matrix("W"))), "division by zero"),
        (Gradient(norm(Diagonal(vector("h", TAU))), vector("h", TAU - K)), "magnitude"),
        (Gradient(Trace(H_BY_H), vector("h", TAU)), "of a derivative through it"),
        (Gradient(Trace(H_BY_H), vector("x", TAU - K, "m"), direct=True), "nodes held fixed of a derivative"),
        (vector("h", TAU - 9), "no value is given"),
        (vector("y", TAU), "no value is given"),
        (vector("h", affine("j")), "time j has no value"),
        (Ones(("p", 1)), "size p has no value"),
        (Gradient(vector("h", TAU), vector("h", TAU - K), (Held("h", TAU - K, TAU - K),)), "held fixed"),
        (Gradient(vector("h", TAU), vector("h", TAU - K), (Held("h", TAU, TAU),)), "held fixed"),
        (Gradient(vector("h", TAU), Symbol("L", (1, 1))), "not a node"),
        (Gradient(vector("h", TAU), vector("b")), "first step"),
        (IndexedSum("i", affine(1), affine(10**9), matrix("W")), "more than"),
        (reduce(lambda of, _: Gradient(of, ENTRY), range(4), Entrywise("exp", ENTRY)), "too many"),
        (Entrywise("cosh", vector("h", TAU)), "nothing is known"),
    ],
)
def test_undefined(term: Term, reason: str):
    model = context(RNN)
    instance = random_instance(model, [H_BY_H, LOSS_BY_H], 2, 1, 1)
    with pytest.raises(UndefinedError, match=reason):
        Forward(model, instance).value(term)


@pytest.mark.parametrize(("size", "many"), [(2, False), (8, True)])
def test_work_is_bounded(size: int, many: bool):
    rows = tuple(tuple(Fraction(i == j) for j in range(size)) for i in range(size))
    forward = Forward(Context(), Instance((("n", size),), (), 0, (Value("W", (), rows),)))
    second = Trace(Gradient(Trace(Gradient(Trace(power(matrix("W"), 3)), matrix("W"))), matrix("W")))
    if many:
        with pytest.raises(UndefinedError, match="too many"):
            forward.value(second)
    else:
        assert forward.value(second) == ((point(6 * size),),)


def test_deep_terms_and_circular_models_are_undefined():
    deep: Term = vector("b")
    for _ in range(5_000):
        deep = Scale(number(1), deep)
    circular = Context((Definition(vector("h", T), product(matrix("W"), vector("h", T + 1))),))
    instance = random_instance(context(RNN), [H_BY_H], 1, 1, 1)
    for model, term in ((context(RNN), deep), (circular, vector("h", TAU))):
        with pytest.raises(UndefinedError, match="too deep"):
            Forward(model, instance).value(term)


def vectors() -> st.SearchStrategy[Term]:
    """Random columns over the nodes of a step: h[t-1], x[t] and parameters."""
    leaves = st.sampled_from([vector("h", T - 1), vector("h", T - 1), vector("b"), vector("v", T), ONES])
    return st.recursive(leaves, _larger, max_leaves=7)


def _larger(inner: st.SearchStrategy[Term]) -> st.SearchStrategy[Term]:
    pairs = st.tuples(inner, inner)
    square = st.one_of(
        st.just(matrix("W")),
        st.just(Transpose(matrix("W"))),
        inner.map(Diagonal),
        st.just(power(matrix("W"), 2)),
        inner.map(lambda v: product(v, Transpose(vector("b")))),
        inner.map(lambda v: Inverse(Sum((UNIT, Diagonal(EntrywisePower(v, 2)))))),
    )
    return st.one_of(
        st.tuples(st.sampled_from(["tanh", "sigmoid", "tanh'", "sigmoid'"]), inner).map(lambda x: Entrywise(*x)),
        st.tuples(inner, st.integers(0, 3)).map(lambda x: EntrywisePower(*x)),
        pairs.map(Sum),
        pairs.map(Hadamard),
        pairs.map(lambda x: Scale(product(Transpose(x[0]), x[1]), x[0])),
        inner.map(lambda v: Scale(number("-1/2"), v)),
        st.tuples(square, inner).map(lambda x: product(*x)),
        square.map(DiagonalPart),
        st.tuples(square, inner).map(lambda x: Scale(Trace(x[0]), x[1])),
        inner.map(lambda v: IndexedSum("j", affine(1), affine(2), Hadamard((v, vector("v", T - affine("j")))))),
        inner.map(lambda v: product(OrderedProduct("j", affine(0), affine(1), Diagonal(v)), vector("b"))),
    )


@settings(max_examples=150, deadline=None)
@given(vectors(), st.integers(1, 3), st.integers(0, 2), st.booleans(), st.booleans())
def test_forward_and_reverse_agree(body: Term, n: int, k: int, direct: bool, held: bool):
    """Two algorithms, one over intervals and one over floats, on random recurrences."""
    step = Entrywise("tanh", Sum((body, vector("h", T - 1))))
    model = Context(
        (Definition(vector("h", T), step), Definition(vector("g", T), Hadamard((vector("h", T), body)))), start=1
    )
    of = Sum((vector("g", TAU), vector("h", TAU)))
    kept = (replace(CELL_PATH, name="h", lower=TAU - K + 1),) if held else ()
    terms = [
        Gradient(vector("g", TAU), vector("h", TAU - K), kept, direct),
        Gradient(of, vector("v", TAU), direct=direct),
        Gradient(of, vector("b")),
        Gradient(product(Transpose(of), of), matrix("W")),
    ]
    instance = random_instance(model, [*terms, vector("v", TAU)], n, 1, k)
    given = {key: value[None] for key, value in floats(instance).items()}
    times = dict(instance.times)
    batch = Batch(model, dict(instance.sizes), times, 0, given, 1)
    forward = Forward(model, instance)
    for term in terms:
        found, expected = middle(forward.value(term)), batch.value(term, times)[0]
        assert np.allclose(found, expected, rtol=1e-6, atol=1e-6 * (1 + abs(expected).max()))
