"""The normal form against exact values at random points, and its confluence. Failures print their seed."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator

import pytest

from symgrad.kernel.diagram import BudgetExceededError
from symgrad.kernel.normal import Comparison, Normalizer, compare
from symgrad.kernel.term import (
    SCALAR,
    Diagonal,
    EntrywisePower,
    Extremum,
    Hadamard,
    Identity,
    IndexedSum,
    Inverse,
    Limit,
    Scale,
    Symbol,
    Term,
    Trace,
    Zero,
    add,
    number,
    product,
    replaced,
    scale,
    substitute_times,
    walk,
)

from .build import (
    COLUMN,
    HALF,
    ONES,
    SQUARE,
    A,
    Q,
    T,
    U,
    V,
    W,
    X,
    at,
    b,
    direct,
    e,
    g,
    h,
    held,
    maximum,
    minus,
    norm,
    power,
    prod,
    sigmoid,
    slope,
    sup,
    tanh,
    total,
)
from .generate import FUNCTIONS, MUTATIONS, REWRITES, Generator, changed
from .oracle import Exact

SEED = int(os.environ.get("SYMGRAD_SEED", "20220125"))
POINTS = (
    ({"n": 2, "m": 3}, {"t": 4, "tau": 7, "k": 2, "p_": 1, "q_": 2, "r_": 3}),
    ({"n": 3, "m": 2}, {"t": 3, "tau": 1, "k": 3, "p_": 2, "q_": 2, "r_": 1}),
)
MODES = ((False, False), (True, False), (False, True), (True, True))
GROUPS, VARIANTS = 420, 12

MOVING = product(prod("j", "1", "i", W), V, h("i"))
OUTSIDE = product(slope("t"), total("i", "1", "k", MOVING), T(g))
INSIDE = total("i", "1", "k", product(slope("t"), MOVING, T(g)))
STEPS = prod("i", "1", "k", product(T(W), slope("tau-k+i")))


def nested(outer: str, inner: str, time: str) -> Term:
    """A sum of products whose number of factors depends on the index of the sum."""
    step = product(T(W), slope(time.replace("i", "I").replace("j", "J").replace("I", outer).replace("J", inner)))
    return total(outer, "1", "k", product(prod(inner, "1", f"tau-{outer}", step), h(outer)))


def turned(outer: str, inner: str, time: str) -> Term:
    """The same, with the sum taken backwards."""
    inside = nested(outer, inner, time)
    assert isinstance(inside, IndexedSum)
    return total("l", "1", "k", substitute_times(inside.body, {outer: A("k+1-l")}))


def standard_polynomial(one: Term, other: Term) -> Term:
    """[W, V]^2 and W commute for 2 x 2 matrices (Hall), and not for larger ones."""
    commutator = minus(product(one, other), product(other, one))
    return minus(product(commutator, commutator, one), product(one, commutator, commutator))


def deep(depth: int) -> Term:
    term: Term = W
    for _ in range(depth):
        term = Inverse(term)
    return term


def nested_powers(term: Term, depth: int) -> Term:
    for _ in range(depth):
        term = power(add(term, V) if term.shape != SCALAR else term, "9")
    return term


def variants(base: Term, seed: object) -> Iterator[tuple[Term, bool]]:
    """The term, terms equal to it by rewrites, and terms mutated once."""
    r = random.Random(f"{seed} variants")
    yield base, True
    for place in range(VARIANTS):
        term, equal = base, place % 2 == 0
        for _ in range(1 + place // 2):
            term = changed(term, REWRITES, r) or term
        if not equal:
            term = next((found for _ in range(20) if (found := changed(term, MUTATIONS, r)) is not None), term)
        yield term, equal


def fingerprint(term: Term, seed: object) -> tuple[object, ...]:
    return tuple(
        str(Exact(sizes, f"{seed} {place}", times=times).value(term, times))
        for place, (sizes, times) in enumerate(POINTS)
    )


def differ_somewhere(one: Term, other: Term, seed: object) -> bool:
    size = min(12, max(sum(1 for _ in walk(term)) for term in (one, other)))
    for n, m, k, q in ((4, 5, 2, 2), (5, 4, 4, 1), (size, size, 3, 1)):
        times = {"t": 2 * k, "tau": 9, "k": k, "p_": 1, "q_": q, "r_": 1}
        world = Exact({"n": n, "m": m}, seed, times=times)
        if world.value(one, times) != world.value(other, times):
            return True
    return False


def groups(symbolic: bool, entries: bool, number: int) -> Iterator[tuple[str, list[Term]]]:
    for index in range(number):
        seed = f"{SEED} {symbolic} {entries} {index}"
        made = Generator(seed, symbolic, entries)
        base = made.term(made.shape(), 3)
        yield seed, list(dict.fromkeys(term for term, _ in variants(base, seed) if term.shape == base.shape))


@pytest.mark.parametrize(("symbolic", "entries"), MODES)
def test_equal_forms_have_equal_values_and_different_forms_differ(symbolic: bool, entries: bool) -> None:
    number = GROUPS // 2 if symbolic or entries else GROUPS
    pairs = equal = skipped = 0
    missed: list[str] = []
    for seed, terms in groups(symbolic, entries, number):
        known = []
        for term in terms:
            try:
                known.append((term, Normalizer(FUNCTIONS).form(term), fingerprint(term, seed)))
            except BudgetExceededError:
                skipped += 1
        for place, (one, form, values) in enumerate(known):
            for other, form2, values2 in known[place + 1 :]:
                pairs += 1
                equal += form == form2
                assert form != form2 or values == values2, f"seed {seed!r}: called equal\n{one}\n{other}"
                if form != form2 and values == values2 and not differ_somewhere(one, other, seed):
                    missed.append(f"seed {seed!r}: called different\n{one}\n{other}")
    mode = f"symbolic {symbolic}, entries {entries}"
    print(f"seed {SEED}, {mode}: {pairs} pairs, {equal} equal, {len(missed)} missed, {skipped} skipped")
    assert symbolic or not missed, missed[0]
    assert len(missed) <= pairs // 50, missed[0]


@pytest.mark.parametrize(("symbolic", "entries"), MODES)
def test_rewrites_lead_to_one_form(symbolic: bool, entries: bool) -> None:
    """Confluence: shuffled, re-associated, distributed, transposed twice, cycled, re-indexed terms have one form."""
    strict = [rule for rule in REWRITES if not symbolic or rule.__name__ not in BEYOND_BLOCKS]
    for index in range(150):
        seed = f"{SEED} confluence {symbolic} {entries} {index}"
        r, made = random.Random(seed), Generator(seed, symbolic, entries)
        term = made.term(made.shape(), 3)
        try:
            form = Normalizer(FUNCTIONS).form(term)
            for _ in range(8):
                term = changed(term, tuple(strict), r) or term
                assert Normalizer(FUNCTIONS).form(term) == form, f"seed {seed!r}\n{term}"
        except BudgetExceededError:
            continue


BEYOND_BLOCKS = ("_derived", "_distributed")  # inside a product with symbolic bounds these are not always seen


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (STEPS, prod("j", "tau-k+1", "tau", product(T(W), slope("j"))), True),
        (STEPS, prod("j", "0", "k-1", product(T(W), slope("tau-k+1+j"))), True),
        (STEPS, T(prod("i", "0", "k-1", product(slope("tau-i"), W))), True),
        (STEPS, prod("i", "0", "k-1", product(T(W), slope("tau-i"))), False),
        (STEPS, prod("i", "1", "k", product(T(W), slope("tau-k+i-1"))), False),
        (STEPS, prod("i", "1", "k", product(W, slope("tau-k+i"))), False),
        (STEPS, prod("i", "2", "k", product(T(W), slope("tau-k+i"))), False),
        (STEPS, prod("i", "1", "k", product(slope("tau-k+i"), T(W))), False),
        (prod("i", "1", "k", Diagonal(e("i"))), prod("i", "0", "k-1", Diagonal(e("k-i"))), True),
        (prod("i", "1", "k", Diagonal(e("i"))), prod("i", "0", "k-1", Diagonal(e("i"))), False),
        (total("i", "1", "k", h("k-i")), total("j", "0", "k-1", h("j")), True),
        (total("i", "1", "k", h("k-i")), total("j", "1", "k", h("j")), False),
        (
            total("i", "1", "k", add(h("i"), h("i-1"))),
            add(total("i", "1", "k", h("i")), total("j", "0", "k-1", h("j"))),
            True,
        ),
        (nested("i", "j", "i+j"), nested("j", "i", "i+j"), True),
        (nested("i", "j", "i+j"), nested("i", "j", "i-j"), False),
        (nested("i", "j", "i+j"), turned("i", "j", "i+j"), True),
        (nested("i", "j", "i-j"), turned("i", "j", "i-j"), True),
        (nested("i", "j", "i+j"), turned("i", "j", "j-i"), False),
        (product(W, total("i", "1", "k", h("i"))), total("i", "0", "k-1", product(W, h("i+1"))), True),
        (product(W, total("i", "1", "k", h("i"))), total("i", "1", "k", product(T(W), h("i"))), False),
        (T(total("i", "1", "k", product(W, h("i")))), total("i", "1", "k", product(T(h("i")), T(W))), True),
        (product(total("i", "1", "k", h("i")), T(b)), total("i", "1", "k", product(b, T(h("i")))), False),
        (Hadamard((b, total("i", "1", "k", h("i")))), total("i", "1", "k", Hadamard((h("i"), b))), True),
        (
            product(slope("t"), total("i", "1", "k", product(W, h("i")))),
            product(W, total("i", "1", "k", h("i"))),
            False,
        ),
        (OUTSIDE, INSIDE, True),
        (OUTSIDE, replaced(INSIDE, g, b), False),
        (power(W, "k"), prod("i", "3", "k+2", W), True),
        (power(W, "k"), prod("i", "3", "k+1", W), False),
        (T(power(W, "k")), power(T(W), "k"), True),
        (T(power(W, "k")), power(W, "k"), False),
        (power(number(1), "k"), number(1), True),
        (power(number(0), "k"), number(0), False),
        (prod("i", "1", "k", scale(2, W)), Scale(power(number(2), "k"), power(W, "k")), True),
        (prod("i", "1", "k", scale(2, W)), Scale(number(2), power(W, "k")), False),
        (Trace(Identity("n")), Trace(Identity("m")), False),
        (Trace(product(U, T(U))), Trace(product(T(U), U)), True),
        (Trace(product(W, V, Q)), Trace(product(V, Q, W)), True),
        (Trace(product(W, V, Q)), Trace(product(W, Q, V)), False),
        (Trace(product(W, W, T(W))), Trace(product(W, T(W), T(W))), True),
        (Trace(product(W, V, W, Q)), Trace(product(T(W), T(V), T(W), T(Q))), True),
        (standard_polynomial(W, V), Zero(SQUARE), False),
        (product(Diagonal(h("t")), Diagonal(h("t")), g), minus(g, product(slope("t"), g)), True),
        (EntrywisePower(product(W, g), 9), Hadamard((product(W, g),) * 9), True),
        (EntrywisePower(h("t"), 40), EntrywisePower(EntrywisePower(h("t"), 8), 5), True),
        (EntrywisePower(e("t"), 5), EntrywisePower(e("t"), 6), False),
        (product(T(b), W, g), product(T(g), T(W), b), True),
        (tanh(Zero(COLUMN)), Zero(COLUMN), True),
        (sigmoid(Zero(COLUMN)), scale(HALF, ONES), True),
        (tanh(T(product(W, V))), T(tanh(product(W, V))), True),
        (tanh(product(W, V)), tanh(product(V, W)), False),
        (Inverse(T(W)), T(Inverse(W)), True),
        (Inverse(W), W, False),
        (norm(number(-2)), number(2), True),
        (norm(W), norm(V), False),
        (direct(h("t"), h("t-1")), direct(add(h("t"), Zero(COLUMN)), h("t-1")), False),
        (at(h("t"), h("s"), held("1", "2")), at(h("t"), h("s"), held("1", "3")), False),
        (at(h("t"), h("s")), direct(h("t"), h("s")), False),
        (sup(tanh(X)), maximum(tanh(X)), False),
        (sup(tanh(X)), Extremum("sup", "y", norm(tanh(Symbol("y", SCALAR)))), True),
        (Limit("k", norm(power(W, "k"))), Limit("j", norm(power(W, "j"))), True),
        (Limit("k", norm(power(W, "k"))), Limit("k", norm(power(V, "k"))), False),
    ],
)
def test_rows(one: Term, other: Term, same: bool) -> None:
    assert compare(one, other, FUNCTIONS) is compare(other, one, FUNCTIONS)
    assert (compare(one, other, FUNCTIONS) is Comparison.EQUAL) is same


@pytest.mark.parametrize(
    "term",
    [
        power(W, "1000000000"),
        prod("i", "1", "1000000000", slope("i")),
        total("i", "1", "1000000000", h("i")),
        EntrywisePower(h("t"), 10**9),
        EntrywisePower(add(h("t"), g, b), 10**9),
        power(add(W, V, Q), "30"),
        Trace(power(W, "5000")),
        power(number(7), "150000"),
        nested_powers(number(2), 40),
        Inverse(nested_powers(W, 9)),
        deep(20_000),
    ],
    ids=lambda term: type(term).__name__,
)
def test_past_the_budget_the_answer_is_unknown_and_quick(term: Term) -> None:
    started = time.process_time()
    assert compare(term, Zero(term.shape), FUNCTIONS) is Comparison.UNKNOWN
    assert compare(Zero(term.shape), term, FUNCTIONS) is Comparison.UNKNOWN
    assert time.process_time() - started < 60
