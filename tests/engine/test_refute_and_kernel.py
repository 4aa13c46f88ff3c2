"""Two judges that share nothing: what the kernel proves is never refuted, and what it tells apart is refuted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from random import Random

import pytest

from symgrad.engine.prove import prove
from symgrad.engine.refute import refute
from symgrad.kernel.certificate import Context, Statement
from symgrad.kernel.normal import Comparison, compare
from symgrad.kernel.term import (
    Diagonal,
    DiagonalPart,
    Entrywise,
    EntrywisePower,
    Gradient,
    Hadamard,
    Number,
    OrderedProduct,
    Power,
    Product,
    Scale,
    ShapeError,
    Sum,
    Symbol,
    Term,
    Transpose,
    parts,
    with_parts,
)
from tests.engine.test_refute import TRUE
from tests.networks import ONES, UNIT, matrix, number, power, product, vector

Path = tuple[int, ...]
U, V, C, Y = vector("u"), vector("v"), matrix("C", "n", "m"), vector("y", size="m")


def sites(term: Term, path: Path = ()) -> Iterator[tuple[Path, Term]]:
    yield path, term
    for place, part in enumerate(parts(term)):
        yield from sites(part, (*path, place))


def put(term: Term, path: Path, new: Term) -> Term:
    if not path:
        return new
    inner = list(parts(term))
    inner[path[0]] = put(inner[path[0]], path[1:], new)
    return with_parts(term, tuple(inner))


def slips(term: Term, random: Random) -> list[Term]:
    """The ways to get a term wrong that are seen in hand derivations."""
    step = random.choice((-1, 1))
    match term:
        case Transpose() | Scale():
            return [term.body]
        case Product():
            left_out = random.randrange(len(term.factors))
            rest = term.factors[:left_out] + term.factors[left_out + 1 :]
            return [Product(term.factors[::-1]), rest[0] if len(rest) == 1 else Product(rest)]
        case Symbol() if term.times:
            return [replace(term, times=tuple(time + step for time in term.times))]
        case Symbol() if term.shape == ("n", "n"):
            return [Transpose(term), Scale(number(-1), term)]
        case OrderedProduct():
            moved = [replace(term, lower=term.lower + step), replace(term, upper=term.upper + step)]
            return [*moved, replace(term, body=Transpose(term.body))]
        case Power() | EntrywisePower():
            return [replace(term, exponent=term.exponent + step)]
        case Sum():
            return [term.terms[0], term.terms[-1]]
        case Hadamard():
            return [term.factors[0]]
        case Entrywise():
            return [replace(term, function=random.choice(("tanh", "sigmoid", "tanh'")))]
        case Gradient():
            return [replace(term, held=()), replace(term, held=(), direct=True)]
        case Number():
            return [Number(term.value * random.choice((2, -1, Fraction(1, 2))))]
        case _:
            return []


def spoiled(term: Term, random: Random) -> Term:
    """The term with one slip somewhere; the term itself if that slip has no shape."""
    path, site = random.choice(list(sites(term)))
    try:
        found = put(term, path, random.choice(slips(site, random) or [site]))
    except (ShapeError, ValueError):
        return term
    return found if found.shape == term.shape else term


def column(depth: int, random: Random) -> Term:
    if depth == 0:
        return random.choice((U, V, ONES, product(C, Y), Entrywise("tanh", U), Entrywise("tanh", V)))
    first, second = column(depth - 1, random), column(depth - 1, random)
    found: list[Callable[[], Term]] = [
        lambda: product(square(depth - 1, random), first),
        lambda: Hadamard((first, second)),
        lambda: Sum((first, second)),
        lambda: EntrywisePower(first, 2),
        lambda: Scale(product(Transpose(first), second), first),
        lambda: DiagonalPart(square(depth - 1, random)),
    ]
    return random.choice(found)()


def square(depth: int, random: Random) -> Term:
    if depth == 0:
        return random.choice((matrix("A"), matrix("B"), UNIT, product(C, Transpose(C))))
    first, second = square(depth - 1, random), square(depth - 1, random)
    found: list[Callable[[], Term]] = [
        lambda: product(first, second),
        lambda: Transpose(first),
        lambda: Sum((first, second)),
        lambda: Hadamard((first, second)),
        lambda: Diagonal(column(depth - 1, random)),
        lambda: product(column(depth - 1, random), Transpose(column(depth - 1, random))),
        lambda: power(first, 2),
    ]
    return random.choice(found)()


@pytest.mark.parametrize("seed", range(80))
def test_agrees_with_the_normal_form(seed: int):
    random = Random(seed)
    term = random.choice((column, square))(random.choice((2, 3)), random)
    other = spoiled(spoiled(term, random), random)
    found = refute(Statement(term, "=", other), Context())
    match compare(term, other):
        case Comparison.EQUAL:
            assert found is None
        case Comparison.DIFFERENT:
            assert found is not None
        case _:
            pass


@pytest.mark.parametrize("seed", range(40))
def test_what_is_proved_is_not_refuted(seed: int):
    random = Random(seed)
    statement, context = TRUE[random.choice(sorted(TRUE))]
    wrong = replace(statement, left=spoiled(statement.left, random), right=spoiled(statement.right, random))
    found = refute(wrong, context, budget_seconds=0.3)
    assert found is None or not prove(wrong, context).proved
