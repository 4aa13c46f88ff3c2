"""Whole certificates: proved ones are accepted, and whatever becomes of them by one random change is true or refused.

SYMGRAD_MUTANTS=5000 makes a longer run, SYMGRAD_SEED another one.
"""

from __future__ import annotations

import json
import os
import random
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from symgrad.engine.prove import prove
from symgrad.kernel import rules
from symgrad.kernel.certificate import Certificate, Chain, Induction, Lemma, Statement, Step
from symgrad.kernel.check import MAX_STEPS, check
from symgrad.kernel.rules import RULES
from symgrad.kernel.term import Diagonal, Entrywise, Term
from symgrad.serialize import DecodeError, dumps, loads
from tests.claims import bounds, models, mutations, variants

from . import rows_bounds, rows_functions, rows_layers
from .build import (
    A,
    L,
    T,
    W,
    activation,
    add,
    at,
    chain,
    direct,
    h,
    model,
    norm,
    normal,
    one_minus_square,
    power,
    prod,
    product,
    slope,
    tanh,
)
from .oracle import UnsupportedError
from .worlds import counterexample

SEED = int(os.environ.get("SYMGRAD_SEED", "2022"))
MUTANTS = int(os.environ.get("SYMGRAD_MUTANTS", "400"))


def applied(rule: str, term: Term, where: Term, lemma: str = "", reverse: bool = False, **arguments: str) -> Step:
    return Step(rule, "=", term, where, tuple((name, A(value)) for name, value in arguments.items()), lemma, reverse)


def steps_back(upper: str, of: str) -> Term:
    return prod("i", "1", upper, product(T(W), slope(f"{of}+i")))


END = at(L, h("tau"))
ACTIVATION_SLOPE = Entrywise("tanh'", activation("t+1"))
ONE_STEP = chain(
    "one step",
    at(L, h("t")),
    "=",
    product(T(W), slope("t+1"), at(L, h("t+1"))),
    applied("chain_rule", product(direct(h("t+1"), h("t")), at(L, h("t+1"))), at(L, h("t"))),
    applied("pullback", product(T(W), Diagonal(ACTIVATION_SLOPE), at(L, h("t+1"))), direct(h("t+1"), h("t"))),
    applied(
        "entrywise_derivative",
        product(T(W), Diagonal(one_minus_square(tanh(activation("t+1")))), at(L, h("t+1"))),
        ACTIVATION_SLOPE,
    ),
    applied("definition", product(T(W), slope("t+1"), at(L, h("t+1"))), h("t+1"), reverse=True),
    assuming="tau-t-1",
)
STEP = (
    applied("lemma", product(T(W), slope("tau-k"), at(L, h("tau-k"))), at(L, h("tau-k-1")), "one step", t="tau-k-1"),
    applied(
        "lemma", product(T(W), slope("tau-k"), steps_back("k", "tau-k"), END), at(L, h("tau-k")), "induction hypothesis"
    ),
    applied("peel_first", product(steps_back("k+1", "tau-k-1"), END), steps_back("k+1", "tau-k-1"), reverse=True),
)
CLAIM = Statement(at(L, h("tau-k")), "=", product(steps_back("k", "tau-k"), END))
EQUATION_1 = Lemma("eq:1", CLAIM, Induction("k", 0, Chain(()), Chain(STEP)))
MODEL = model(model().recurrence, "k")


def test_equation_1_for_every_size_and_depth() -> None:
    judged = check(Certificate(MODEL, (ONE_STEP, EQUATION_1)))
    assert judged.accepted, judged.reason
    assert [step.group for step in judged.lemmas[1].steps] == ["step"] * 3
    assert {name for name, _ in judged.used} >= {"definition h", "loss L", "assumption k", "lemma induction hypothesis"}


@pytest.mark.parametrize(
    "lemmas",
    [
        (EQUATION_1,),
        (ONE_STEP, replace(EQUATION_1, statement=replace(CLAIM, right=product(steps_back("k", "tau-k-1"), END)))),
        (ONE_STEP, replace(EQUATION_1, statement=replace(CLAIM, right=product(steps_back("k-1", "tau-k"), END)))),
        (ONE_STEP, replace(EQUATION_1, statement=replace(CLAIM, right=product(T(steps_back("k", "tau-k")), END)))),
        (ONE_STEP, replace(EQUATION_1, statement=replace(CLAIM, relation="<="))),
        (ONE_STEP, replace(EQUATION_1, proof=Induction("k", 1, Chain(()), Chain(STEP)))),
        (ONE_STEP, replace(EQUATION_1, proof=Induction("j", 0, Chain(()), Chain(STEP)))),
        (ONE_STEP, replace(EQUATION_1, proof=Induction("tau", 0, Chain(()), Chain(STEP)))),
        (ONE_STEP, replace(EQUATION_1, proof=Chain(STEP))),
        (ONE_STEP, replace(EQUATION_1, proof=Induction("k", 0, Chain(STEP[:1]), Chain(STEP)))),
        *(
            (ONE_STEP, replace(EQUATION_1, proof=Induction("k", 0, Chain(()), Chain(STEP[:n] + STEP[n + 1 :]))))
            for n in range(3)
        ),
        (replace(ONE_STEP, assumptions=(A("tau-t"),)), EQUATION_1),
        (replace(ONE_STEP, assumptions=()), EQUATION_1),
    ],
)
def test_its_mutants_are_refused(lemmas: tuple[Lemma, ...]) -> None:
    assert not check(Certificate(MODEL, lemmas)).accepted


def test_a_certificate_without_the_assumption_that_it_needs() -> None:
    assert not check(Certificate(model(), (ONE_STEP, EQUATION_1))).accepted


def test_strictness_passes_through_a_chain() -> None:
    below = model(hypotheses=(assumed := bounds_of(norm(W), "<", 1), bounds_of(norm(T(W)), "<=", 2)))
    step = Step("hypothesis", "<", assumed.statement.right, norm(W))
    turned = Step("norm_transpose", "=", norm(W), norm(T(W)))
    assert check(Certificate(below, (chain("claim", norm(T(W)), "<", assumed.statement.right, turned, step),))).accepted
    weak = Step("hypothesis", "<=", bounds_of(norm(W), "<=", 2).statement.right, norm(T(W)))
    assert not check(Certificate(below, (chain("claim", norm(T(W)), "<", weak.term, weak),))).accepted


def bounds_of(left: Term, relation: Any, value: int) -> Any:
    from .build import assumed, number

    return assumed(left, relation, number(value))


def test_every_step_has_its_reason() -> None:
    lemma = chain("claim", W, "=", T(W), normal(T(W)), normal(add(W, W)), Step("no_such_rule", "=", T(W), W))
    judged = check(Certificate(model(), (lemma,)))
    assert [step.accepted for step in judged.lemmas[0].steps] == [False] * 3
    assert all(step.reason for step in judged.lemmas[0].steps)


def test_long_and_deep_certificates_are_judged_quickly() -> None:
    deep: Term = W
    for _ in range(3_000):
        deep = T(deep)
    started = time.process_time()
    assert not check(Certificate(model(), (chain("claim", deep, "=", W),))).accepted
    many = chain("claim", W, "=", W, *[normal(W)] * (MAX_STEPS + 1))
    assert not check(Certificate(model(), (many,))).accepted
    huge = prod("i", "1", "1000000000", slope("i"))
    assert not check(Certificate(model(), (chain("claim", huge, "=", huge, normal(product(huge, W, huge))),))).accepted
    assert time.process_time() - started < 60


def test_all_steps_together_have_a_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "MAX_CHECK", 2_000)
    cubes = [power(add(W, T(W)), "6"), product(*[add(W, T(W))] * 6)]
    lemma = chain("claim", cubes[0], "=", cubes[0], *map(normal, cubes * 20))
    judged = check(Certificate(model(), (lemma,)))
    assert not judged.accepted
    assert "could not be compared" in judged.reason
    assert check(Certificate(model(), (chain("claim", cubes[0], "=", cubes[1]),))).accepted is False


@cache
def certificates() -> tuple[Certificate, ...]:
    """Certificates of claims that were proved, without those about states that are assumed to have certain values."""
    found = [Certificate(MODEL, (ONE_STEP, EQUATION_1))]
    for table in (models, bounds, variants, mutations):
        cases = [case for case in table.TABLE.values() if case.status == "proved" and case.unknown is None]
        for case in cases[:: max(1, len(cases) // 6)]:
            attempt = prove(case.statement, case.context, "claim")
            plain = not any(one.statement.left.shape[0] == "n" for one in case.context.hypotheses)
            if attempt.certificate is not None and attempt.proved and plain:
                found.append(attempt.certificate)
    return tuple(found)


def test_proved_claims_are_accepted_and_true() -> None:
    assert len(certificates()) > 10
    tested = 0
    for one in certificates():
        assert check(one).accepted
        try:
            assert counterexample(one.context, one.lemmas[-1], points=2) is None
            tested += 1
        except UnsupportedError:
            continue
    assert tested > 10


def mutants(data: Any, r: random.Random) -> Iterator[str]:
    """The certificate's JSON with one place changed."""
    places = list(_places(data))
    while True:
        path, value = r.choice(places)
        changed = _changed(path[-1], value, r)
        if changed is not None and changed != value:
            copy = json.loads(json.dumps(data))
            inner = copy
            for key in path[:-1]:
                inner = inner[key]
            inner[path[-1]] = changed
            yield json.dumps(copy)


def _places(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    if path:
        yield path, data
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in items:
        yield from _places(value, (*path, key))


def _changed(key: Any, value: Any, r: random.Random) -> Any:
    match value:
        case {"type": "Transpose" | "Scale", "body": body}:
            return body
        case {"type": "Symbol" | "Gradient" | "Power" | "OrderedProduct" | "Product", **fields} if r.random() < 0.3:
            return {"type": "Transpose", "body": {"type": value["type"], **fields}}
        case {"type": "OrderedProduct" | "IndexedSum" as kind}:
            return {**value, "type": "IndexedSum" if kind == "OrderedProduct" else "OrderedProduct"}
        case [_, _, *_] if key in ("factors", "terms", "steps", "lemmas"):
            drop = r.randrange(len(value))
            return value[::-1] if r.random() < 0.6 else value[:drop] + value[drop + 1 :]
        case "=" | "<=" | "<" | ">=" | ">":
            return r.choice(("=", "<=", "<", ">=", ">"))
        case bool():
            return not value
        case str() if key == "rule":
            return r.choice([*RULES, "normal_form"])
        case "positive" | "nonzero" | "invertible":
            return r.choice(("positive", "nonzero", "invertible"))
        case str() if key == "kind":
            return r.choice(
                ("spectral_norm", "least_singular_value", "largest_entry", "smallest_entry", "spectral_radius")
            )
        case str() if key == "function":
            return r.choice(
                ("tanh", "tanh'", "sigmoid", "sigmoid'", "exp", "log", "sqrt", "reciprocal", "relu", "step")
            )
        case str() if key == "name":
            return r.choice(("h", "s", "e", "i", "o", "z", "W", "U", "b", "one step"))
        case str() if key in ("value", "constant"):
            return r.choice(("2", "-1", "0", "1/2"))
        case str() if key not in ("type", "lemma", "variable", "index"):
            return value + r.choice(("+1", "-1", "+k"))
        case int() if key != "symgrad":
            return r.choice((0, 1, 2))
    return None


def test_what_is_accepted_after_a_random_change_is_true() -> None:
    r = random.Random(SEED)
    accepted = tested = 0
    layers = [row.certificate() for each in (rows_functions, rows_layers) for row in each.ACCEPTED.values()]
    streams = [mutants(json.loads(dumps(one)), r) for one in (*certificates(), *layers)]
    for number in range(MUTANTS):
        text = next(streams[number % len(streams)])
        try:
            mutant = loads(text)
        except DecodeError:
            continue
        judged = check(mutant)
        for lemma, result in zip(mutant.lemmas, judged.lemmas, strict=False):
            if result.accepted:
                try:
                    found = counterexample(mutant.context, lemma, points=2)
                    tested += 1
                except UnsupportedError:
                    continue
                assert found is None, f"seed {SEED}, mutant {number}: {found}\n{lemma.statement}"
        accepted += judged.accepted
    print(f"seed {SEED}: {MUTANTS} mutants, {accepted} accepted, {tested} accepted lemmas tested")


def test_a_range_uses_what_says_that_a_state_is_a_value() -> None:
    row = rows_bounds.ACCEPTED["values"]
    assert "definition h" in dict(row.judged().used)
