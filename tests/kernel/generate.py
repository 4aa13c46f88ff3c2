"""Random terms, rewrites that keep their meaning, and mutations that nearly always change it. No test here."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from symgrad.kernel import term as t
from symgrad.kernel.affine import Affine, affine
from symgrad.kernel.term import SCALAR, Shape, Term, map_parts, parts, walk, with_parts

from .build import A

FUNCTIONS = {"h": "tanh", "e": "sigmoid"}
SIZES = ("n", "m", 1)
TIMES = ("t", "t-1", "tau")
COMPONENTS = (("p_", "n"), ("q_", "n"), ("r_", "m"))
_NAMES = {
    ("n", "n"): "WV",
    ("n", "m"): "U",
    ("m", "n"): "R",
    ("m", "m"): "M",
    ("n", 1): "gb",
    ("m", 1): "uv",
    SCALAR: "ac",
}


class Generator:
    """Terms of a given shape. `symbolic`: products and sums may have symbolic bounds; `entries`: there are entries."""

    def __init__(self, seed: object, symbolic: bool = False, entries: bool = False) -> None:
        self.random = random.Random(str(seed))
        self.symbolic = symbolic
        self.entries = entries
        self.indices: list[str] = []
        self.counting: list[tuple[str, str]] = list(COMPONENTS) if entries else []

    def shape(self) -> Shape:
        return self.random.choice([("n", 1), ("n", "n"), ("n", "m"), SCALAR, ("m", 1), (1, "n")])

    def term(self, shape: Shape, depth: int) -> Term:
        if depth <= 0:
            return self.leaf(shape)
        choices: list[Callable[[Shape, int], Term]] = [self.sum, self.product, self.product, self.transpose, self.scale]
        choices += [self.hadamard, self.entrywise_power, self.leaf]
        choices += [self.entrywise] if shape[0] == 1 or shape[1] == 1 else []
        if shape[0] == shape[1]:
            choices += [self.power, self.ordered, self.diagonal if shape != SCALAR else self.trace]
        if shape[1] == 1 != shape[0]:
            choices += [self.diagonal_part]
        choices += [self.indexed_sum] if self.symbolic or self.random.random() < 0.3 else []
        if self.entries:
            choices += [self.component_sum] + [self.entry] * 3 * (shape == SCALAR)
        return self.random.choice(choices)(shape, depth - 1)

    def leaf(self, shape: Shape, depth: int = 0) -> Term:
        pick = self.random.random()
        if shape == SCALAR and pick < 0.3:
            return t.number(self.random.choice((2, -1, 3, 1)))
        if shape in (("n", 1), ("m", 1)) and pick < 0.5:
            name = self.random.choice("he") if shape[0] == "n" else "p"
            return t.Symbol(name, shape, (self.time(),))
        if self.entries and shape[1] == 1 != shape[0] and pick < 0.6:
            return self.unit(str(shape[0])) or t.Ones(shape)
        if pick > 0.9:
            special = [t.Ones(shape), t.Ones(shape), t.Zero(shape)]
            return self.random.choice([*special, t.Identity(shape[0])] if shape[0] == shape[1] else special)
        if shape in _NAMES:
            return t.Symbol(self.random.choice(_NAMES[shape]), shape)
        return t.Transpose(self.leaf((shape[1], shape[0])))

    def time(self) -> Affine:
        if self.indices and self.random.random() < 0.8:
            return A(self.random.choice(self.indices)) + A(self.random.choice(("0", "1", "t")))
        return A(self.random.choice(TIMES))

    def unit(self, size: str) -> Term | None:
        fitting = [index for index, rows in self.counting if rows == size]
        return t.Basis(affine(self.random.choice(fitting)), size) if fitting else None

    def entry(self, shape: Shape, depth: int) -> Term:
        i, j = (self.random.choice(self.counting) for _ in range(2))
        line = t.Transpose(t.Basis(affine(i[0]), i[1]))
        if self.random.random() < 0.5:
            return t.Product((line, self.term((i[1], 1), depth)))
        return t.Product((line, self.term((i[1], j[1]), depth), t.Basis(affine(j[0]), j[1])))

    def component_sum(self, shape: Shape, depth: int) -> Term:
        self.counting.append(("uvw"[len(self.counting) % 3] + "_", self.random.choice(("n", "m"))))
        index, rows = self.counting[-1]
        body = self.term(shape, min(depth, 2))
        self.counting.pop()
        return t.ComponentSum(index, rows, body)

    def sum(self, shape: Shape, depth: int) -> Term:
        return t.Sum(tuple(self.term(shape, depth) for _ in range(self.random.choice((2, 2, 3)))))

    def hadamard(self, shape: Shape, depth: int) -> Term:
        return t.Hadamard(tuple(self.term(shape, depth) for _ in range(2)))

    def product(self, shape: Shape, depth: int) -> Term:
        inner = self.random.choice(SIZES)
        return t.product(self.term((shape[0], inner), depth), self.term((inner, shape[1]), depth))

    def transpose(self, shape: Shape, depth: int) -> Term:
        return t.Transpose(self.term((shape[1], shape[0]), depth))

    def scale(self, shape: Shape, depth: int) -> Term:
        return t.Scale(self.term(SCALAR, min(depth, 1)), self.term(shape, depth))

    def entrywise(self, shape: Shape, depth: int) -> Term:
        """Of columns and rows: that tanh(diag(v)) = diag(tanh(v)) is beyond the normal form."""
        return t.Entrywise(
            self.random.choice(("tanh", "tanh'", "sigmoid", "sigmoid'")), self.term(shape, min(depth, 1))
        )

    def entrywise_power(self, shape: Shape, depth: int) -> Term:
        return t.EntrywisePower(self.term(shape, min(depth, 1)), self.random.choice((0, 2, 2, 3)))

    def power(self, shape: Shape, depth: int) -> Term:
        symbolic = self.symbolic and self.random.random() < 0.5
        return t.Power(self.term(shape, min(depth, 1)), A("k") if symbolic else affine(self.random.choice((0, 2, 3))))

    def diagonal(self, shape: Shape, depth: int) -> Term:
        return t.Diagonal(self.term((shape[0], 1), depth))

    def diagonal_part(self, shape: Shape, depth: int) -> Term:
        return t.DiagonalPart(self.term((shape[0], shape[0]), depth))

    def trace(self, shape: Shape, depth: int) -> Term:
        size = self.random.choice(("n", "m"))
        return t.Trace(self.term((size, size), depth))

    def ordered(self, shape: Shape, depth: int) -> Term:
        return t.OrderedProduct(*self.range(), self.within(shape, depth))

    def indexed_sum(self, shape: Shape, depth: int) -> Term:
        return t.IndexedSum(*self.range(), self.within(shape, depth))

    def range(self) -> tuple[str, Affine, Affine]:
        self.indices.append("ijl"[len(self.indices) % 3])
        bounds = [("1", "2"), ("0", "1"), ("t", "t+1"), ("2", "1")]
        bounds += [("1", "k"), ("t-k+1", "t"), ("0", "k-1")] * 2 if self.symbolic else []
        lower, upper = self.random.choice(bounds)
        return self.indices[-1], A(lower), A(upper)

    def within(self, shape: Shape, depth: int) -> Term:
        found = self.term(shape, min(depth, 2))
        self.indices.pop()
        return found


class Layers(Generator):
    """Terms with divisions, exponentials, logarithms, softmax, inverses, determinants, means and lengths as well."""

    def term(self, shape: Shape, depth: int) -> Term:
        if depth <= 0 or self.random.random() < 0.55:
            return super().term(shape, depth)
        choices: list[Callable[[Shape, int], Term]] = [self.over_scalar, self.function, self.softmax]
        choices += [self.over_entries] * (1 in shape)
        choices += [self.inverse] * (shape[0] == shape[1])
        choices += [self.determinant, self.mean, self.length] * (shape == SCALAR)
        return self.random.choice(choices)(shape, depth - 1)

    def over_scalar(self, shape: Shape, depth: int) -> Term:
        return t.Scale(t.Inverse(self.term(SCALAR, min(depth, 1))), self.term(shape, depth))

    def over_entries(self, shape: Shape, depth: int) -> Term:
        return t.Hadamard((self.term(shape, depth), t.Entrywise("reciprocal", self.term(shape, min(depth, 1)))))

    def function(self, shape: Shape, depth: int) -> Term:
        names = ("exp", "log", "sqrt", "relu", "step", "softplus", "sin", "cos", "gelu", "phi", "phi'", "normal_cdf")
        return t.Entrywise(self.random.choice(names), self.term(shape, min(depth, 2)))

    def softmax(self, shape: Shape, depth: int) -> Term:
        return t.Softmax(self.term(shape, min(depth, 2)))

    def inverse(self, shape: Shape, depth: int) -> Term:
        return t.Inverse(self.term(shape, min(depth, 1)))

    def determinant(self, shape: Shape, depth: int) -> Term:
        size = self.random.choice(("n", "m"))
        return t.Determinant(self.term((size, size), min(depth, 1)))

    def mean(self, shape: Shape, depth: int) -> Term:
        ones = t.Ones((self.random.choice(("n", "m")), 1))
        size = t.Product((t.Transpose(ones), ones))
        return t.Scale(t.Inverse(size), t.product(t.Transpose(ones), self.term(ones.shape, depth)))

    def length(self, shape: Shape, depth: int) -> Term:
        column = self.term((self.random.choice(("n", "m")), 1), depth)
        return t.Power(t.Magnitude("spectral_norm", column), affine(2))


Rewrite = Callable[[Term, random.Random], "Term | None"]


def _shuffled(term: Term, r: random.Random) -> Term | None:
    if not isinstance(term, t.Sum | t.Hadamard):
        return None
    inner = list(parts(term))
    r.shuffle(inner)
    return type(term)(tuple(inner))


def _associated(term: Term, r: random.Random) -> Term | None:
    if isinstance(term, t.Sum | t.Hadamard | t.Product) and len(parts(term)) > 2:
        first, *rest = parts(term)
        return type(term)((first, type(term)(tuple(rest))))
    return None


def _flattened(term: Term, r: random.Random) -> Term | None:
    return t.add(*term.terms) if isinstance(term, t.Sum) else None


def _transposed(term: Term, r: random.Random) -> Term | None:
    match term:
        case t.Transpose(body=t.Product(factors=factors)):
            return t.product(*(t.Transpose(one) for one in reversed(factors)))
        case t.Transpose(body=t.Sum() | t.Hadamard() as body):
            return type(body)(tuple(t.Transpose(one) for one in parts(body)))
        case t.Transpose(body=t.Entrywise(function=name, body=body)):
            return t.Entrywise(name, t.Transpose(body))
        case t.Transpose(body=t.OrderedProduct(index=i, lower=low, upper=high, body=body)):
            turned = t.substitute_times(body, {i: low + high - affine(i)})
            return t.OrderedProduct(i, low, high, t.Transpose(turned))
        case t.Trace(body=body):
            return t.Trace(t.Transpose(body))
        case t.Diagonal() | t.Identity():
            return t.Transpose(term)
    return t.Transpose(t.Transpose(term))


def _distributed(term: Term, r: random.Random) -> Term | None:
    if not isinstance(term, t.Product | t.Hadamard | t.Scale | t.Diagonal | t.DiagonalPart | t.Trace | t.IndexedSum):
        return None
    inner = parts(term)
    places = [place for place, one in enumerate(inner) if isinstance(one, t.Sum)]
    if not places:
        return None
    place = r.choice(places)
    return t.Sum(tuple(with_parts(term, (*inner[:place], one, *inner[place + 1 :])) for one in parts(inner[place])))


def _neutral(term: Term, r: random.Random) -> Term | None:
    rows, columns = term.shape
    options = [t.Sum((term, t.Zero(term.shape))), t.Hadamard((term, t.Ones(term.shape)))]
    options += [t.Product((t.Identity(rows), term)), t.Product((term, t.Identity(columns)))]
    options += [t.scale(2, t.scale(Fraction(1, 2), term)), t.Sum((term, term, t.scale(-1, term)))]
    return r.choice(options)


def _as_hadamard(term: Term, r: random.Random) -> Term | None:
    match term:
        case t.Product(factors=(t.Diagonal(body=v), w)) if w.shape[1] == 1:
            return t.Hadamard((v, w))
        case t.Hadamard(factors=(v, w)) if v.shape[1] == 1:
            return t.Product((t.Diagonal(w), v))
        case t.Diagonal(body=t.Hadamard(factors=(v, w))):
            return t.Product((t.Diagonal(w), t.Diagonal(v)))
        case t.DiagonalPart(body=t.Diagonal(body=v)):
            return v
        case t.EntrywisePower(body=body, exponent=2):
            return t.Hadamard((body, body))
        case t.Scale(scalar=a, body=body) if body.shape[0] != 1:
            return t.Product((body, a)) if body.shape[1] == 1 else None
    return None


def _cycled(term: Term, r: random.Random) -> Term | None:
    match term:
        case t.Trace(body=t.Product(factors=(first, *rest))):
            return t.Trace(t.product(*rest, first))
        case t.Trace(body=body):
            return t.Product((t.Transpose(t.Ones((body.shape[0], 1))), t.DiagonalPart(body)))
        case t.Product(factors=(first, *rest)) if term.shape == SCALAR and first.shape[0] == 1:
            return t.Trace(t.product(*rest, first))
    return None


def _derived(term: Term, r: random.Random) -> Term | None:
    match term:
        case t.Entrywise(function="tanh'", body=body):
            return t.Sum((t.Ones(term.shape), t.scale(-1, t.EntrywisePower(t.Entrywise("tanh", body), 2))))
        case t.Entrywise(function="sigmoid'", body=body):
            u = t.Entrywise("sigmoid", body)
            return t.Hadamard((u, t.Sum((t.Ones(term.shape), t.scale(-1, u)))))
    return None


def _reindexed(term: Term, r: random.Random) -> Term | None:
    if not isinstance(term, t.OrderedProduct | t.IndexedSum):
        return None
    shift = r.choice((A("1"), A("-2"), A("t"), A("k-tau")))
    moved = t.substitute_times(term.body, {term.index: affine("j9") - shift})
    found = type(term)("j9", term.lower + shift, term.upper + shift, moved)
    if isinstance(term, t.IndexedSum) and r.random() < 0.5:
        turned = t.substitute_times(term.body, {term.index: term.lower + term.upper - affine("j8")})
        found = type(term)("j8", term.lower, term.upper, turned)
    return found


def _counted_out(term: Term, r: random.Random) -> Term | None:
    """A matrix product, a trace and a column as sums over a component index."""
    fresh = f"u{r.randrange(10**6)}_"
    match term:
        case t.Product(factors=(left, *rest)) if left.shape[1] != 1:
            unit = t.Basis(affine(fresh), left.shape[1])
            return t.ComponentSum(fresh, left.shape[1], t.product(left, unit, t.Transpose(unit), *rest))
        case t.Trace(body=body) if body.shape != SCALAR:
            unit = t.Basis(affine(fresh), body.shape[0])
            return t.ComponentSum(fresh, body.shape[0], t.Product((t.Transpose(unit), body, unit)))
        case t.ComponentSum(index=index, rows=rows, body=body):
            return t.ComponentSum(fresh, rows, t.substitute_times(body, {index: affine(fresh)}))
        case _ if term.shape[1] == 1 != term.shape[0]:
            unit = t.Basis(affine(fresh), term.shape[0])
            return t.ComponentSum(fresh, term.shape[0], t.Scale(t.Product((t.Transpose(unit), term)), unit))
    return None


def _entry_inside(term: Term, r: random.Random) -> Term | None:
    """f(v)_i = f(v_i), and the entry of a transpose or of a sum over times."""
    match term:
        case t.Product(factors=(t.Transpose(body=t.Basis()) as line, t.Entrywise(function=name, body=body))):
            return t.Entrywise(name, t.Product((line, body)))
        case t.Product(factors=(t.Transpose(body=t.Basis()) as line, t.IndexedSum() as total)):
            return replace(total, body=t.Product((line, total.body)))
        case t.Product(factors=(t.Transpose(body=t.Basis() as i), t.Symbol() as matrix, t.Basis() as j)):
            return t.Product((t.Transpose(j), t.Transpose(matrix), i))
    return None


def _put_inside(term: Term, r: random.Random) -> Term | None:
    """A (sum of B) = sum of A B: whatever does not speak of the index is the same for every term."""
    if not isinstance(term, t.Product | t.Hadamard | t.Scale | t.Transpose | t.Diagonal | t.Trace):
        return None
    inner = parts(term)
    for place, one in enumerate(inner):
        others = (*inner[:place], *inner[place + 1 :])
        if isinstance(one, t.IndexedSum) and not any(one.index in t.free_times(other) for other in others):
            body = with_parts(term, (*inner[:place], one.body, *inner[place + 1 :]))
            return t.IndexedSum(one.index, one.lower, one.upper, body)
    return None


REWRITES: tuple[Rewrite, ...] = (
    _shuffled,
    _associated,
    _flattened,
    _transposed,
    _distributed,
    _neutral,
    _as_hadamard,
    _cycled,
    _derived,
    _reindexed,
    _counted_out,
    _entry_inside,
    _put_inside,
)


def _divided(term: Term, r: random.Random) -> Term | None:
    """One over a product or a transpose, factor by factor."""
    match term:
        case t.Entrywise(function="reciprocal", body=t.Scale(scalar=factor, body=body)):
            return t.Scale(t.Inverse(factor), t.Entrywise("reciprocal", body))
        case t.Entrywise(function="reciprocal", body=t.Hadamard(factors=factors)):
            return t.Hadamard(tuple(t.Entrywise("reciprocal", one) for one in factors))
        case t.Inverse(body=body) if body.shape == SCALAR:
            return t.Entrywise("reciprocal", t.Transpose(body))
        case t.Entrywise(function="reciprocal", body=body):
            return t.Transpose(t.Entrywise("reciprocal", t.Transpose(body)))
        case t.Determinant(body=body):
            return t.Determinant(t.Transpose(body))
    return None


def _one_over_one_over(term: Term, r: random.Random) -> Term | None:
    over = t.Entrywise("reciprocal", term)
    plain = isinstance(term, t.Symbol) and term.shape[1] == 1 and term.name not in FUNCTIONS
    return r.choice((t.Hadamard((term, over, term)), t.Entrywise("reciprocal", over))) if plain else None


DIVISIONS: tuple[Rewrite, ...] = (_divided, _one_over_one_over)


def _untransposed(term: Term, r: random.Random) -> Term | None:
    return term.body if isinstance(term, t.Transpose) and term.shape[0] == term.shape[1] else None


def _swapped(term: Term, r: random.Random) -> Term | None:
    if not isinstance(term, t.Product):
        return None
    square = all(one.shape == (term.shape[0], term.shape[0]) for one in term.factors)
    return t.Product(tuple(reversed(term.factors))) if square else None


def _moved(term: Term, r: random.Random) -> Term | None:
    match term:
        case t.Symbol(times=(time,)):
            return replace(term, times=(time + 1,))
        case t.OrderedProduct() | t.IndexedSum():
            return r.choice((replace(term, lower=term.lower + 1), replace(term, upper=term.upper + 1)))
        case t.Symbol() if term.size != SCALAR and term.size[0] == term.size[1]:
            return t.Transpose(term)
        case t.Number():
            return t.Number(term.value + 1)
        case t.Basis(rows="n"):
            return replace(term, place=affine("q_" if term.place == affine("p_") else "p_"))
        case t.ComponentSum(index=index, rows=rows, body=body) if index not in t.free_times(body):
            return replace(term, rows="m" if rows == "n" else "n")
    return None


def _wrong_kind(term: Term, r: random.Random) -> Term | None:
    match term:
        case t.Product(factors=factors) if all(one.shape == term.shape for one in factors):
            return t.Hadamard(factors)
        case t.EntrywisePower():
            return replace(term, exponent=term.exponent + 1)
        case t.Entrywise(function=name):
            return replace(term, function="sigmoid" if name.startswith("tanh") else "tanh")
        case t.Scale(scalar=scalar, body=body):
            return t.Scale(t.scale(-1, scalar), body)
        case t.Sum(terms=(first, *rest)):
            return t.Sum((first, *(t.scale(-1, one) for one in rest)))
    return None


MUTATIONS: tuple[Rewrite, ...] = (_untransposed, _swapped, _moved, _wrong_kind)


def changed(term: Term, rules: tuple[Rewrite, ...], r: random.Random) -> Term | None:
    """One random rule at one random place; None if it does not apply there."""
    place, rule = r.randrange(sum(1 for _ in walk(term))), r.choice(rules)
    counter = iter(range(10_000_000))

    def visit(here: Term) -> Term:
        if next(counter) == place:
            return rule(here, r) or here
        return here if isinstance(here, t.Extremum) else map_parts(here, visit)

    found = visit(term)
    return None if found == term else found
