"""Single entries on an instance: an index is a number from 1 to the size, and a sum goes through all of them."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction

import pytest

from symgrad.engine.refute import refute
from symgrad.instances.counterexample import confirm, dumps, recheck
from symgrad.instances.forward import Forward
from symgrad.instances.instance import Instance, Value
from symgrad.instances.interval import UndefinedError
from symgrad.instances.violation import violated
from symgrad.kernel.affine import affine
from symgrad.kernel.certificate import Context, Hypothesis, Statement
from symgrad.kernel.term import Basis, ComponentSum, Product, Symbol, Term, Transpose, Zero, number

W, V = Symbol("W", ("n", "n")), Symbol("v", ("n", 1))
ROWS = ((Fraction(1), Fraction(2)), (Fraction(3), Fraction(5)))
COLUMN = ((Fraction(0),), (Fraction(7),))
HERE = Instance((("n", 2),), (("i_", 1), ("j_", 2)), 0, (Value("W", (), ROWS), Value("v", (), COLUMN)))
NOTHING = Context()


def entry(body: Term, *indices: str) -> Term:
    first, *others = (Basis(affine(index), "n") for index in indices)
    return Product((Transpose(first), body, *others))


def value(term: Term, instance: Instance = HERE) -> Fraction:
    ((found,),) = Forward(NOTHING, instance).value(term)
    assert found.is_point
    return found.lo


def test_an_entry_is_the_one_that_the_indices_name() -> None:
    assert value(entry(W, "i_", "j_")) == 2
    assert value(entry(W, "j_", "i_")) == 3
    assert value(entry(V, "j_")) == 7
    assert value(ComponentSum("l_", "n", Product((entry(W, "i_", "l_"), entry(V, "l_"))))) == 14
    assert value(ComponentSum("l_", "n", number(1))) == 2
    assert value(ComponentSum("l_", 3, number(1))) == 3


@pytest.mark.parametrize("place", [0, 3])
def test_an_index_beyond_the_entries_has_no_value_and_refutes_nothing(place: int) -> None:
    beyond = replace(HERE, times=(("i_", place),))
    with pytest.raises(UndefinedError, match=f"no entry {place}"):
        value(entry(V, "i_"), beyond)
    assert violated(Statement(entry(V, "i_"), "=", number(1)), NOTHING, beyond) is None
    assert violated(Statement(entry(V, "i_"), "=", number(1)), NOTHING, HERE) is not None


def test_a_size_that_only_a_sum_speaks_of_is_looked_for() -> None:
    one, other = (ComponentSum("l_", rows, number(1)) for rows in ("n", "m"))
    found = refute(Statement(one, "=", other), NOTHING)
    assert found is not None
    assert found.sizes == {"m": 2, "n": 1}


def test_a_hypothesis_about_all_entries_is_looked_at_everywhere() -> None:
    zero = Hypothesis(Statement(entry(V, "l_"), "=", number(0)), ("l_",))
    all_zero = Statement(V, "=", Zero(("n", 1)))
    assert violated(all_zero, NOTHING, HERE) is not None
    assert violated(all_zero, Context(hypotheses=(zero,)), HERE) is None
    first = replace(HERE, times=(("l_", 1),))
    assert violated(all_zero, Context(hypotheses=(replace(zero, forall=()),)), first) is not None
    assert refute(all_zero, Context(hypotheses=(zero,))) is None


def test_a_counterexample_tells_the_entries_and_can_be_run_again() -> None:
    swapped = Statement(entry(W, "i_", "j_"), "=", entry(W, "j_", "i_"))
    found = refute(swapped, NOTHING)
    assert found is not None
    assert (found.sizes, found.times) == ({"n": 2}, {"i": 1, "j": 2})
    assert "i = 1, j = 2" in found.describe()
    assert recheck(json.loads(dumps(found)))
    same = replace(found.instance, times=(("i_", 1), ("j_", 1)))
    assert confirm(swapped, NOTHING, same, 0) is None
