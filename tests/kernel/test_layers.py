"""Divisions, functions, softmax and inverses in random terms: their forms, their gradients, and where they are above 0.

Failures print their seed; SYMGRAD_SEED makes another run.
"""

from __future__ import annotations

import os
import random

import pytest

from symgrad.kernel.certificate import Condition, Context, Definition, Loss, Statement, Step
from symgrad.kernel.check import RULES
from symgrad.kernel.diagram import BudgetExceededError
from symgrad.kernel.domains import invertible, nonnegative, nonzero
from symgrad.kernel.normal import Normalizer
from symgrad.kernel.rules import RefusedError, Setting
from symgrad.kernel.term import (
    SCALAR,
    Entrywise,
    Gradient,
    Hadamard,
    Scale,
    ShapeError,
    Softmax,
    Sum,
    Symbol,
    Term,
    Transpose,
    Zero,
    add,
    map_parts,
    product,
    walk,
)

from .build import A, L, V, W, b, g
from .floating import Floating
from .generate import DIVISIONS, FUNCTIONS, MUTATIONS, REWRITES, Layers, Rewrite, changed
from .oracle import Exact, UnsupportedError
from .test_normal import BEYOND_BLOCKS, POINTS
from .worlds import impose

SEED = int(os.environ.get("SYMGRAD_SEED", "1986"))
GROUPS, PULLBACKS, SIGNS = 80, 600, 1000


def values(term: Term, seed: object) -> list[object]:
    return [Exact(sizes, f"{seed} {times}", times=times).value(term, times) for sizes, times in POINTS]


def rewritten(term: Term, rules: tuple[Rewrite, ...], r: random.Random, times: int) -> Term:
    for _ in range(times):
        term = changed(term, rules, r) or term
    return term


def variants(base: Term, r: random.Random) -> list[Term]:
    """The term, terms equal to it by rewrites, and terms that are mutated as well."""
    equal = [base, *(rewritten(base, (*REWRITES, *DIVISIONS), r, 2 * place) for place in range(1, 8))]
    mutants = [rewritten(one, MUTATIONS, r, 8) for one in equal[:4]]
    return [one for one in dict.fromkeys((*equal, *mutants)) if one.shape == base.shape]


@pytest.mark.parametrize(("symbolic", "entries"), [(False, False), (True, False), (False, True)])
def test_equal_forms_have_equal_values(symbolic: bool, entries: bool) -> None:
    pairs = equal = skipped = 0
    for index in range(GROUPS):
        seed = f"{SEED} {symbolic} {entries} {index}"
        made = Layers(seed, symbolic, entries)
        known = []
        for term in variants(made.term(made.shape(), 3), random.Random(seed)):
            try:
                known.append((term, Normalizer(FUNCTIONS).form(term), values(term, seed)))
            except (BudgetExceededError, UnsupportedError):
                skipped += 1
        for place, (one, form, there) in enumerate(known):
            for other, form2, there2 in known[place + 1 :]:
                pairs, equal = pairs + 1, equal + (form == form2)
                assert form != form2 or there == there2, f"seed {seed!r}: called equal\n{one}\n{other}"
    print(f"seed {SEED}, symbolic {symbolic}, entries {entries}: {pairs} pairs, {equal} equal, {skipped} skipped")
    assert equal > 10 * GROUPS


@pytest.mark.parametrize("symbolic", [False, True])
def test_rewrites_lead_to_one_form(symbolic: bool) -> None:
    """Confluence, where nothing is divided by a value of tanh or by a product of sums."""
    steady = tuple(rule for rule in (*REWRITES, *DIVISIONS) if not symbolic or rule.__name__ not in BEYOND_BLOCKS)
    for index in range(150):
        seed = f"{SEED} confluence {symbolic} {index}"
        r, made = random.Random(seed), Layers(seed, symbolic)
        term = made.term(made.shape(), 3)
        try:
            form = Normalizer(FUNCTIONS).form(term)
            for _ in range(8):
                before, term = term, changed(term, steady, r) or term
                assert Normalizer(FUNCTIONS).form(term) == form, f"seed {seed!r}\n{before}\n{term}"
        except BudgetExceededError:
            continue


MATRIX, SIZED = Symbol("U", ("n", "m")), {"n": 2, "m": 3}


def concluded(rule: str, context: Context, of: Term, by: Symbol, **arguments: str) -> Statement:
    """What a rule says of a gradient. Raises RefusedError and ShapeError where it says nothing."""
    here = Gradient(of, by)
    given = tuple((name, A(value)) for name, value in arguments.items())
    found = RULES[rule](Setting(context), Step(rule, "=", here, here, given))
    return Statement(found.left, "=", found.right)


def focused(term: Term) -> Term:
    """The term with g for every column of that size, so that there is something to derive."""
    return g if isinstance(term, Symbol) and term.size == g.size else map_parts(term, focused)


def test_pullbacks_of_random_terms() -> None:
    right = refused = 0
    for index in range(PULLBACKS):
        seed = f"{SEED} pullback {index}"
        r = random.Random(seed)
        of = Layers(seed).term(r.choice((SCALAR, SCALAR, ("n", 1), ("m", 1))), 3)
        of = focused(of) if index % 2 else of
        for by in (g, Symbol("a", SCALAR), *([MATRIX] * (of.shape == SCALAR))):
            try:
                said = concluded("pullback", Context(), of, by)
            except (RefusedError, ShapeError):
                refused += 1
                continue
            try:
                holds = Exact(SIZED, seed, times=POINTS[0][1]).holds(said)
            except UnsupportedError:
                continue
            assert holds, f"seed {seed!r}, by {by.name}\n{of}"
            right += by in walk(of)
    print(f"seed {SEED}: {right} gradients that are not 0 by their form, {refused} refused")
    assert right > PULLBACKS // 4


def test_hessians_of_random_terms() -> None:
    right = 0
    for index in range(PULLBACKS // 3):
        seed = f"{SEED} hessian {index}"
        of = focused(Layers(seed).term(SCALAR, 3))
        try:
            said = concluded("pullback", Context(), Gradient(of, g), g)
            holds = Exact(SIZED, seed, times=POINTS[0][1]).holds(said)
        except (RefusedError, ShapeError, UnsupportedError):
            continue
        assert holds, f"seed {seed!r}\n{of}"
        right += not isinstance(said.right, Zero)
    print(f"seed {SEED}: {right} second derivatives that are not 0 by their form")
    assert right > PULLBACKS // 50


NODES = [Symbol(name, ("n", 1)) for name in "pqsz"]
C = Symbol("c", SCALAR)
RULE_ENDS = ("chain_rule", "chain_rule_last", "loss_chain", "no_path", "self")


def layer(r: random.Random, before: list[Symbol], depth: int = 2) -> Term:
    """A column made of the nodes before it and of W, V and b."""
    if depth == 0:
        return r.choice((*before[-2:], b))
    one, other = layer(r, before, depth - 1), layer(r, before, depth - 1)
    options: list[Term] = [
        product(r.choice((W, V, Transpose(W))), one),
        add(one, other),
        Hadamard((one, other)),
        Entrywise(r.choice(("relu", "tanh", "exp", "phi")), one),
        Softmax(one),
        Scale(Entrywise("exp", product(Transpose(one), other)), other),
    ]
    return r.choice(options)


def network(r: random.Random) -> Context:
    """Four columns, each of which reads some before it; a scalar of two of them; and a loss on one."""
    found: list[Definition] = []
    for place, node in enumerate(NODES):
        found.append(Definition(node, layer(r, [g, *NODES[:place]])))
    found.append(Definition(C, product(Transpose(r.choice(NODES)), W, r.choice(NODES))))
    r.shuffle(found)
    return Context(tuple(found), losses=(Loss("L", r.choice(NODES[1:])),))


@pytest.mark.parametrize("seed", range(40))
def test_parameter_chains_through_random_networks(seed: int) -> None:
    r = random.Random(seed)
    context, right = network(r), 0
    scalars = (L, C, Sum((L, product(Transpose(NODES[3]), NODES[2]), product(Transpose(b), W, b))))
    pairs = [(of, by) for of in scalars for by in (W, V, b, g, *NODES)]
    pairs += [(of, by) for of in (*NODES, add(NODES[3], product(W, b))) for by in (b, g, *NODES) if of != by]
    for of, by in pairs:
        try:
            said = concluded("parameter_chain", context, of, by)
        except RefusedError as error:
            assert "is the node that L depends on" in str(error)
            continue
        right += by in (W, b)
        for world in (Exact({"n": 2}, seed, context), Exact({"n": 3}, seed, context)):
            assert world.holds(said), (seed, of, by)
    assert right == 11


@pytest.mark.parametrize("seed", range(40))
def test_chain_rules_through_random_networks(seed: int) -> None:
    r = random.Random(seed)
    context, right = network(r), 0
    for rule, of, by in ((rule, of, by) for rule in RULE_ENDS for of in (L, C, *NODES) for by in (b, g, *NODES)):
        try:
            said = concluded(rule, context, of, by)
        except (RefusedError, ShapeError):
            continue
        right += 1
        assert Exact({"n": 2}, seed, context).holds(said), (seed, rule, of, by)
    assert right > 20


class Moderate(Floating):
    """No values that are 0 only because they are rounded."""

    def known(self, name: str, value: float) -> float:
        if abs(value) > 15:
            raise UnsupportedError(f"{name} of {value}")
        return super().known(name, value)  # type: ignore[no-any-return]


def test_what_is_seen_to_be_above_0_is_so() -> None:
    """Of random terms with conditions on names, at random points where the conditions hold."""
    told = (Condition("positive", Symbol("b", ("n", 1))), Condition("positive", C), Condition("nonzero", g))
    context = Context(conditions=(*told, Condition("invertible", W)))
    seen = {"positive": 0, "at least 0": 0, "not 0": 0, "invertible": 0}
    for index in range(SIGNS):
        seed = f"{SEED} sign {index}"
        r = random.Random(seed)
        term = Layers(seed).term(r.choice(((SCALAR), ("n", 1), ("n", "n"), ("n", "m"))), r.choice((1, 2, 3)))
        if any(isinstance(one, Gradient) for one in walk(term)):
            continue
        setting = Setting(context)
        for sizes, times in POINTS:
            world = Moderate(sizes, seed, context, times)
            try:
                impose(world)
                value = world.value(term, times)
                entries = [a for row in value for a in row]
                determinant = world.determinant(value) if len(value) == len(value[0]) else 0
            except UnsupportedError:
                continue
            checks = {
                "positive": (nonnegative(setting, term, True), min(entries) > 0),
                "at least 0": (nonnegative(setting, term), min(entries) >= -1e-12),
                "not 0": (nonzero(setting, term), all(entries)),
                "invertible": (term.shape[0] == term.shape[1] and invertible(setting, term), determinant != 0),
            }
            for word, (claimed, true) in checks.items():
                assert not claimed or true, f"seed {seed!r}: {word}\n{term}\n{entries}"
                seen[word] += claimed
    print(f"seed {SEED}: {seen}")
    assert min(seen.values()) > SIGNS // 40
