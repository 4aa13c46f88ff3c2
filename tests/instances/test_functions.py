"""Extrema over all x: their exact values, whether they are attained, and what is refused."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

import pytest

from symgrad.instances.forward import Forward
from symgrad.instances.functions import apply, in_one, polynomial
from symgrad.instances.instance import Instance, Value
from symgrad.instances.interval import ONE, UndefinedError, point
from symgrad.kernel.certificate import Context
from symgrad.kernel.term import Entrywise, EntrywisePower, Extremum, Hadamard, Product, Scale, Sum, Symbol, Term
from tests.networks import X, matrix, minus, norm, number, power, vector

TANH, SIGMOID = Entrywise("tanh", X), Entrywise("sigmoid", X)
A = Symbol("a", (1, 1))
INSTANCE = Instance((("n", 2),), (), 0, (Value("a", (), ((Fraction(-3),),)),))


def value(kind: Literal["sup", "max"], body: Term) -> Fraction:
    ((found,),) = Forward(Context(), INSTANCE).value(Extremum(kind, "x", body))
    assert found.is_point
    return found.lo


@pytest.mark.parametrize(
    ("body", "expected", "attained"),
    [
        (norm(minus(number(1), power(TANH, 2))), 1, True),
        (norm(minus(number(1), EntrywisePower(TANH, 2))), 1, True),
        (norm(minus(number(1), TANH)), 2, False),
        (norm(TANH), 1, False),
        (TANH, 1, False),
        (SIGMOID, 1, False),
        (Scale(number(-1), SIGMOID), 0, False),
        (Entrywise("sigmoid'", X), Fraction(1, 4), True),
        (norm(Entrywise("tanh'", X)), 1, True),
        (Scale(number(-1), Entrywise("tanh'", X)), 0, False),
        (Hadamard((SIGMOID, minus(number(1), SIGMOID))), Fraction(1, 4), True),
        (Product((SIGMOID, SIGMOID)), 1, False),
        (norm(Sum((SIGMOID, number(Fraction(-1, 2))))), Fraction(1, 2), False),
        (power(norm(TANH), 1), 1, False),
        (power(norm(SIGMOID), 2), 1, False),
        (norm(Scale(A, TANH)), 3, False),
        (norm(Scale(A, minus(number(1), power(TANH, 2)))), 3, True),
        (Entrywise("sin", X), 1, True),
        (norm(Sum((Entrywise("cos", X), number(1)))), 2, True),
        (Scale(number(-1), power(Entrywise("sin'", X), 2)), 0, True),
        (Entrywise("relu'", X), 1, True),
        (Scale(number(-1), Entrywise("step", X)), 0, True),
        (minus(Entrywise("step", X), power(Entrywise("step", X), 2)), 0, True),
        (norm(Entrywise("softplus'", X)), 1, False),
        (Entrywise("softplus''", X), Fraction(1, 4), True),
        (norm(A), 3, True),
        (number(Fraction(7, 2)), Fraction(7, 2), True),
    ],
)
def test_value_and_attainment(body: Term, expected: Fraction | None, attained: bool | None):
    if expected is None:
        with pytest.raises(UndefinedError):
            value("sup", body)
        return
    assert value("sup", body) == expected
    if attained:
        assert value("max", body) == expected
    else:
        with pytest.raises(UndefinedError, match="not attained"):
            value("max", body)


@pytest.mark.parametrize(
    "body",
    [
        X,
        power(TANH, 3),
        power(TANH, 40),
        Sum((TANH, SIGMOID)),
        Entrywise("cosh", X),
        Entrywise("relu", X),
        Entrywise("exp'", X),
        Entrywise("gelu'", X),
        Sum((Entrywise("sin", X), Entrywise("sin'", X))),
        Entrywise("tanh", Scale(number(2), X)),
        Entrywise("tanh''''''", X),
        norm(Scale(X, Symbol("v", ("n", 1)))),
    ],
)
def test_refused(body: Term):
    with pytest.raises(UndefinedError):
        value("sup", body)


def test_coefficients_must_be_rational():
    with pytest.raises(UndefinedError, match="not rational"):
        value("sup", Scale(Entrywise("tanh", A), TANH))


def test_derivatives_are_polynomials_in_the_function():
    assert in_one("tanh''")[1] == (0, -2, 0, 2)
    assert in_one("sigmoid'")[1] == (0, 1, -1)
    assert apply("tanh'", point(0)) == ONE
    with pytest.raises(UndefinedError):
        polynomial("cosh")


def test_the_variable_is_not_an_input_of_the_same_name():
    body = norm(minus(number(1), power(TANH, 2)))
    term = Sum((Extremum("max", "x", body), norm(vector("x"))))
    instance = Instance((("n", 1),), (), 0, (Value("x", (), ((Fraction(-2),),)),))
    assert Forward(Context(), instance).value(term) == ((point(3),),)
    assert matrix("x") != X
