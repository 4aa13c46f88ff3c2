"""What an instance has to satisfy: conditions, laws of functions, and what an arbitrary function may stand for."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import pytest

from symgrad.engine.refute import refute
from symgrad.instances.counterexample import dumps, recheck
from symgrad.instances.forward import Forward
from symgrad.instances.functions import NAMES, agree, apply, stand_ins
from symgrad.instances.instance import Instance, InstanceError, Value, decode, encode
from symgrad.instances.interval import Interval, UndefinedError, point
from symgrad.instances.violation import violated
from symgrad.kernel.affine import affine
from symgrad.kernel.certificate import Condition, Context, Definition, Law, Loss, Statement
from symgrad.kernel.functions import DEFINITIONS, DERIVATIVES
from symgrad.kernel.term import (
    SCALAR,
    Diagonal,
    Entrywise,
    EntrywisePower,
    Extremum,
    Gradient,
    Hadamard,
    Inverse,
    Scale,
    Sum,
    Symbol,
    Term,
    Transpose,
    Zero,
    number,
    product,
    scale,
)
from tests.networks import T, X, matrix, minus, norm, vector

A, x, y = matrix("A"), vector("x"), vector("y")
FALSE = Statement(number(0), "=", number(1))
PHI = Entrywise("phi", X)
SQUARE = Hadamard((X, X))
Rows = tuple[tuple[Fraction, ...], ...]


def rows(*lines: str) -> Rows:
    return tuple(tuple(map(Fraction, line.split())) for line in lines)


def instance(functions: tuple[tuple[str, str], ...] = (), **values: Rows) -> Instance:
    found = tuple(Value(name, (), value) for name, value in sorted(values.items()))
    return Instance((("n", 2),), (), 0, found, functions)


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("positive", rows("1", "1/9"), rows("1", "0")),
        ("positive", rows("1", "1"), rows("1", "-1")),
        ("nonzero", rows("1", "-1"), rows("1", "0")),
    ],
)
def test_every_entry_satisfies_a_condition(kind: Any, good: Rows, bad: Rows):
    context = Context(conditions=(Condition(kind, x),))
    assert violated(FALSE, context, instance(x=good)) is not None
    assert violated(FALSE, context, instance(x=bad)) is None


def test_a_matrix_has_an_inverse():
    context = Context(conditions=(Condition("invertible", A),))
    assert violated(FALSE, context, instance(A=rows("1 2", "3 4"))) is not None
    assert violated(FALSE, context, instance(A=rows("1 2", "2 4"))) is None


def test_a_condition_that_cannot_be_told_does_not_hold():
    almost = minus(Entrywise("exp", x), Entrywise("exp", x))
    for kind in ("positive", "nonzero"):
        context = Context(conditions=(Condition(kind, almost),))  # type: ignore[arg-type]
        assert violated(FALSE, context, instance(x=rows("1", "1"))) is None
    assert violated(FALSE, Context(conditions=(Condition("positive", y),)), instance(x=rows("1", "1"))) is None


def test_a_condition_holds_at_all_times_of_a_network():
    step = Definition(vector("h", T), Sum((vector("h", T - 1), x)))
    network = Context((step,), conditions=(Condition("positive", vector("h", T), ("t",)),))
    claim = Statement(vector("h", affine(2)), "=", Zero(("n", 1)))
    for drift, expected in (("1", True), ("-1/4", True), ("-1/2", False), ("-1", False)):
        values = (Value("h", (0,), rows("1", "1")), Value("x", (), rows(drift, drift)))
        assert (violated(claim, network, Instance((("n", 2),), (), 0, values)) is not None) is expected


def law(function: str, body: Term) -> Law:
    return Law(function, "x", body)


SIGMOID_LAW = law("phi'", Hadamard((PHI, minus(number(1), PHI))))


def test_an_arbitrary_function_stands_for_a_known_one():
    claim = Statement(Entrywise("phi", x), "=", x)
    given = rows("1", "2")
    assert violated(claim, Context(), instance(x=given)) is None
    assert violated(claim, Context(), instance((("phi", "tanh"),), x=given)) is not None
    for name, witness in (("phi", "relu"), ("phi", "log"), ("phi", "psi"), ("phi", "x")):
        assert violated(claim, Context(), instance(((name, witness),), x=given)) is None
    assert violated(Statement(Entrywise("tanh", x), "=", x), Context(), instance((("tanh", "sin"),), x=given)) is None


@pytest.mark.parametrize(
    ("laws", "expected"),
    [
        ((SIGMOID_LAW,), ("sigmoid",)),
        ((law("phi'", minus(number(1), EntrywisePower(PHI, 2))),), ("tanh",)),
        ((law("phi'", PHI),), ("exp",)),
        ((law("phi'", Entrywise("sigmoid", X)),), ("softplus",)),
        ((law("phi'", Entrywise("step", X)),), ("relu",)),
        ((law("phi''", scale(-1, PHI)),), ("sin", "cos")),
        ((law("phi''", scale(-1, PHI)), law("phi'", scale(-1, Entrywise("sin", X)))), ("cos",)),
        ((law("phi'", scale(2, PHI)),), ()),
    ],
)
def test_laws_choose_what_a_function_stands_for(laws: tuple[Law, ...], expected: tuple[str, ...]):
    assert stand_ins("phi", laws) == expected
    claim = Statement(Entrywise("phi", x), "=", Zero(("n", 1)))
    for witness in ("sin", "cos", "sigmoid", "tanh", "exp", "softplus", "relu"):
        found = violated(claim, Context(laws=laws), instance((("phi", witness),), x=rows("1", "1")))
        assert (found is not None) is (witness in expected)


@pytest.mark.parametrize(
    ("laws", "value"),
    [
        ((law("phi", SQUARE),), {"phi": 9, "phi'": 6, "phi''": 2, "phi'''": 0}),
        ((law("phi'", SQUARE),), {"phi'": 9, "phi''": 6}),
        (
            (law("phi", Scale(Inverse(Sum((number(1), SQUARE))), X)),),
            {"phi": Fraction(3, 10), "phi'": Fraction(-8, 100)},
        ),
        ((law("phi", Entrywise("psi", Scale(number(2), X))), law("psi", SQUARE)), {"phi": 36, "phi'": 24}),
        ((law("phi", SQUARE), law("phi'", scale(2, X))), {"phi": 9, "phi'": 6}),
    ],
)
def test_a_law_gives_values_and_slopes(laws: tuple[Law, ...], value: dict[str, Fraction]):
    forward = Forward(Context(laws=laws), instance(x=rows("3", "3")))
    for name, expected in value.items():
        assert forward.value(Entrywise(name, x)) == ((point(expected),),) * 2
    slope = forward.value(Gradient(Entrywise("phi'", x), x)) if "phi''" in value else None
    assert slope is None or slope[0][0] == point(value["phi''"])


@pytest.mark.parametrize(
    "laws",
    [
        (),
        (law("phi'", SQUARE),),
        (law("phi", PHI),),
        (law("phi", Entrywise("psi", X)), law("psi", PHI)),
        (law("phi", Symbol("w", SCALAR)),),
    ],
)
def test_a_function_without_a_value(laws: tuple[Law, ...]):
    with pytest.raises(UndefinedError):
        Forward(Context(laws=laws), instance(x=rows("3", "3"), w=rows("1"))).value(Entrywise("phi", x))


@pytest.mark.parametrize(
    ("laws", "expected"),
    [
        ((), True),
        ((law("phi", SQUARE), law("phi'", scale(2, X))), True),
        ((law("phi", SQUARE), law("phi'", scale(3, X))), False),
        ((law("phi", SQUARE), law("phi''", number(2))), True),
        ((law("phi", SQUARE), law("psi", number(2))), True),
        ((law("tanh'", minus(number(1), EntrywisePower(Entrywise("tanh", X), 2))),), True),
        ((law("tanh'", number(1)),), False),
        ((law("phi", PHI), law("phi'", Entrywise("phi'", X))), True),
        ((law("phi", PHI), law("phi'", Entrywise("phi'", X)), law("phi''", Entrywise("psi", X))), False),
    ],
)
def test_laws_that_contradict_allow_no_instance(laws: tuple[Law, ...], expected: bool):
    assert agree(laws) is expected
    assert (violated(FALSE, Context(laws=laws), instance(x=rows("1", "1"))) is not None) is expected


def test_relu_has_no_slope_at_its_kink():
    for name in ("relu'", "step", "relu''", "step'"):
        with pytest.raises(UndefinedError):
            apply(name, Interval(Fraction(0), Fraction(1, 10**9)))
    assert [apply("relu'", point(value)) for value in (-1, 1)] == [point(0), point(1)]
    assert apply("relu", Interval(Fraction(-1), Fraction(2))) == Interval(Fraction(0), Fraction(2))


def test_the_kernel_knows_the_same_functions():
    assert {*(name.rstrip("'") for name in DERIVATIVES), *DEFINITIONS, "tanh", "sigmoid"} == NAMES


def test_functions_are_kept_with_the_counterexample():
    network = Context((Definition(y, Entrywise("phi", product(A, x))),), losses=(Loss("L", y),))
    slope = Gradient(Symbol("L", SCALAR), y)
    wrong = minus(EntrywisePower(y, 0), EntrywisePower(y, 2))
    claim = Statement(Gradient(Symbol("L", SCALAR), x), "=", product(Transpose(A), Diagonal(wrong), slope))
    found = refute(claim, network)
    assert found is not None and found.functions == {"phi": "sin"} and "phi = sin" in found.describe()
    kept = json.loads(dumps(found))
    assert recheck(kept)
    other = json.loads(dumps(found))
    other["instance"]["functions"] = {"phi": "tanh"}
    assert not recheck(other)
    del kept["instance"]["functions"]
    assert not recheck(kept)


@pytest.mark.parametrize("functions", [[], {"phi": 1}, {"": "sin"}, {"phi": "s" * 101}])
def test_functions_that_are_none(functions: Any):
    with pytest.raises(InstanceError):
        decode({**encode(instance()), "functions": functions})


def test_functions_are_written_only_where_there_are_any():
    assert "functions" not in encode(instance())
    assert decode(encode(instance((("phi", "sin"),)))) == instance((("phi", "sin"),))


@pytest.mark.parametrize(("witness", "slope"), [("sin", 1), ("sigmoid", Fraction(1, 4)), ("softplus", 1)])
def test_the_extrema_of_an_arbitrary_function_are_those_of_what_it_stands_for(witness: str, slope: Fraction):
    term = Extremum("sup", "x", norm(Entrywise("phi'", X)))
    forward = Forward(Context(), instance((("phi", witness),)))
    assert forward.value(term) == ((point(slope),),)
    with pytest.raises(UndefinedError):
        Forward(Context(), instance()).value(term)


def test_only_functions_that_a_claim_speaks_of_are_named():
    network = Context((Definition(y, Entrywise("phi", x)), Definition(vector("z"), Entrywise("psi", y))))
    for claim, expected in ((x, set()), (y, {"phi"}), (vector("z"), {"phi", "psi"})):
        found = refute(Statement(claim, "=", Zero(("n", 1))), network)
        assert found is not None and set(found.functions) == expected
    different = refute(Statement(Entrywise("phi", x), "=", Entrywise("psi", x)), Context())
    assert different is not None and len(set(different.functions.values())) == 2
