"""The terms of statements and proofs: a closed set of frozen records, each with a shape checked when it is built.

A shape is (rows, columns); a size is a positive integer or a name such as "n". Vectors are columns (n, 1), scalars are
(1, 1). Products are never re-ordered. Nothing is evaluated here: equality of meaning is decided in `normal.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from fractions import Fraction
from typing import Literal

from .affine import Affine, affine

Size = int | str
Shape = tuple[Size, Size]
MagnitudeKind = Literal[
    "spectral_norm", "least_singular_value", "spectral_radius", "largest_entry", "smallest_entry"
]
SCALAR: Shape = (1, 1)


class ShapeError(ValueError):
    """A term whose parts do not fit together. The message names both shapes."""


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise ShapeError(message)


def show_shape(shape: Shape) -> str:
    return f"{shape[0]} x {shape[1]}"


@dataclass(frozen=True, slots=True)
class Term:
    """Base of all terms. `shape` is computed when the record is built; ill-shaped terms raise ShapeError."""

    shape: Shape = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "shape", self._shape())

    def _shape(self) -> Shape:
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Number(Term):
    """A rational scalar."""

    value: Fraction

    def _shape(self) -> Shape:
        object.__setattr__(self, "value", Fraction(self.value))
        return SCALAR


@dataclass(frozen=True, slots=True)
class Symbol(Term):
    """A named scalar, vector or matrix; with `times` it is a member of a family such as h[t]."""

    name: str
    size: Shape
    times: tuple[Affine, ...] = ()

    def _shape(self) -> Shape:
        return self.size


@dataclass(frozen=True, slots=True)
class Ones(Term):
    size: Shape

    def _shape(self) -> Shape:
        return self.size


@dataclass(frozen=True, slots=True)
class Zero(Term):
    size: Shape

    def _shape(self) -> Shape:
        return self.size


@dataclass(frozen=True, slots=True)
class Identity(Term):
    rows: Size

    def _shape(self) -> Shape:
        return (self.rows, self.rows)


@dataclass(frozen=True, slots=True)
class Sum(Term):
    """Sum of two or more terms of one shape."""

    terms: tuple[Term, ...]

    def _shape(self) -> Shape:
        return _common_shape(self.terms, "a sum")


@dataclass(frozen=True, slots=True)
class Scale(Term):
    """A scalar times a term of any shape."""

    scalar: Term
    body: Term

    def _shape(self) -> Shape:
        _require(self.scalar.shape == SCALAR, f"a factor of shape {show_shape(self.scalar.shape)} is not a scalar")
        return self.body.shape


@dataclass(frozen=True, slots=True)
class Product(Term):
    """Matrix product of two or more factors, left to right."""

    factors: tuple[Term, ...]

    def _shape(self) -> Shape:
        _require(len(self.factors) >= 2, "a product needs two factors")
        for left, right in zip(self.factors, self.factors[1:], strict=False):
            _require(
                left.shape[1] == right.shape[0],
                f"an {show_shape(left.shape)} times an {show_shape(right.shape)}",
            )
        return (self.factors[0].shape[0], self.factors[-1].shape[1])


@dataclass(frozen=True, slots=True)
class Hadamard(Term):
    """Entrywise product of two or more terms of one shape."""

    factors: tuple[Term, ...]

    def _shape(self) -> Shape:
        return _common_shape(self.factors, "an entrywise product")


@dataclass(frozen=True, slots=True)
class Transpose(Term):
    body: Term

    def _shape(self) -> Shape:
        return (self.body.shape[1], self.body.shape[0])


@dataclass(frozen=True, slots=True)
class Inverse(Term):
    """Inverse of a square matrix (or reciprocal of a scalar); that it exists is an obligation of the rules."""

    body: Term

    def _shape(self) -> Shape:
        return _square(self.body, "an inverse")


@dataclass(frozen=True, slots=True)
class Diagonal(Term):
    """diag(v): the square matrix with the column v on its diagonal."""

    body: Term

    def _shape(self) -> Shape:
        _require(self.body.shape[1] == 1, f"diag of an {show_shape(self.body.shape)}, which is not a column")
        return (self.body.shape[0], self.body.shape[0])


@dataclass(frozen=True, slots=True)
class DiagonalPart(Term):
    """The diagonal of a square matrix, as a column."""

    body: Term

    def _shape(self) -> Shape:
        return (_square(self.body, "a diagonal")[0], 1)


@dataclass(frozen=True, slots=True)
class Trace(Term):
    body: Term

    def _shape(self) -> Shape:
        _square(self.body, "a trace")
        return SCALAR


@dataclass(frozen=True, slots=True)
class Entrywise(Term):
    """A scalar function applied to each entry. A name ending in ' is the derivative: "tanh", "sigmoid", "tanh'"."""

    function: str
    body: Term

    def _shape(self) -> Shape:
        return self.body.shape


@dataclass(frozen=True, slots=True)
class Power(Term):
    """A scalar or square matrix to an integer power; the exponent may not be negative."""

    body: Term
    exponent: Affine

    def _shape(self) -> Shape:
        return _square(self.body, "a power")


@dataclass(frozen=True, slots=True)
class EntrywisePower(Term):
    """Each entry to the power of a non-negative integer."""

    body: Term
    exponent: int

    def _shape(self) -> Shape:
        _require(self.exponent >= 0, "an entrywise power needs an exponent of at least 0")
        return self.body.shape


@dataclass(frozen=True, slots=True)
class OrderedProduct(Term):
    """body(lower) . body(lower+1) ... body(upper), left to right; the identity if upper < lower."""

    index: str
    lower: Affine
    upper: Affine
    body: Term

    def _shape(self) -> Shape:
        return _square(self.body, "an ordered product")


@dataclass(frozen=True, slots=True)
class IndexedSum(Term):
    """body(lower) + ... + body(upper); zero if upper < lower."""

    index: str
    lower: Affine
    upper: Affine
    body: Term

    def _shape(self) -> Shape:
        return self.body.shape


@dataclass(frozen=True, slots=True)
class Magnitude(Term):
    """A non-negative scalar that measures a matrix or vector.

    spectral_norm: largest singular value (the absolute value of a scalar, the length of a vector);
    least_singular_value and spectral_radius (square matrices); largest_entry and smallest_entry: max and min of |v_j|.
    """

    kind: MagnitudeKind
    body: Term

    def _shape(self) -> Shape:
        if self.kind in ("least_singular_value", "spectral_radius"):
            _square(self.body, self.kind.replace("_", " "))
        return SCALAR


@dataclass(frozen=True, slots=True)
class Extremum(Term):
    """sup or max over all real x of a scalar term in x. "max" claims that the supremum is attained."""

    kind: Literal["sup", "max"]
    variable: str
    body: Term

    def _shape(self) -> Shape:
        _require(self.body.shape == SCALAR, f"{self.kind} of an {show_shape(self.body.shape)}, which is not a scalar")
        return SCALAR


@dataclass(frozen=True, slots=True)
class Limit(Term):
    """Limit as the integer `index` tends to infinity."""

    index: str
    body: Term

    def _shape(self) -> Shape:
        return self.body.shape


@dataclass(frozen=True, slots=True)
class Held:
    """A range of nodes, name[lower] ... name[upper], that a derivative holds fixed."""

    name: str
    lower: Affine
    upper: Affine


@dataclass(frozen=True, slots=True)
class Gradient(Term):
    """Derivative in gradient (denominator) layout: shape (dim wrt, dim of), the transpose of the Jacobian.

    Total (every path through the unrolled graph) unless `direct` (the definition of `of`, all else fixed). With `held`,
    the nodes named there are constants: paths through them do not count.
    """

    of: Term
    wrt: Symbol
    held: tuple[Held, ...] = ()
    direct: bool = False

    def _shape(self) -> Shape:
        for part in (self.of, self.wrt):
            _require(part.shape[1] == 1, f"a derivative of or by an {show_shape(part.shape)}, which is not a column")
        return (self.wrt.shape[0], self.of.shape[0])


def _common_shape(terms: tuple[Term, ...], what: str) -> Shape:
    _require(len(terms) >= 2, f"{what} needs two terms")
    for term in terms[1:]:
        _require(
            term.shape == terms[0].shape,
            f"{what} of an {show_shape(terms[0].shape)} and an {show_shape(term.shape)}",
        )
    return terms[0].shape


def _square(term: Term, what: str) -> Shape:
    _require(term.shape[0] == term.shape[1], f"{what} of an {show_shape(term.shape)}, which is not square")
    return term.shape


Binder = OrderedProduct | IndexedSum


def parts(term: Term) -> tuple[Term, ...]:
    """The direct sub-terms, in order."""
    found: list[Term] = []
    for name in _names(term):
        value = getattr(term, name)
        if isinstance(value, Term):
            found.append(value)
        elif isinstance(value, tuple):
            found.extend(part for part in value if isinstance(part, Term))
    return tuple(found)


def with_parts(term: Term, new: tuple[Term, ...]) -> Term:
    """The same record with other sub-terms, in the order of `parts`."""
    queue = iter(new)
    changes: dict[str, object] = {}
    for name in _names(term):
        value = getattr(term, name)
        if isinstance(value, Term):
            changes[name] = next(queue)
        elif isinstance(value, tuple) and value and isinstance(value[0], Term):
            changes[name] = tuple(next(queue) for _ in value)
    return replace(term, **changes) if changes else term


_FIELDS: dict[type, tuple[str, ...]] = {}


def _names(term: Term) -> tuple[str, ...]:
    kind = type(term)
    if kind not in _FIELDS:
        _FIELDS[kind] = tuple(one.name for one in fields(kind) if one.init)
    return _FIELDS[kind]


def walk(term: Term) -> Iterator[Term]:
    """The term and everything inside it, outermost first."""
    stack = [term]
    while stack:
        here = stack.pop()
        yield here
        stack.extend(reversed(parts(here)))


def map_parts(term: Term, function: Callable[[Term], Term]) -> Term:
    """Apply a function to each direct sub-term; the term itself is returned when nothing changed."""
    old = parts(term)
    new = tuple(function(part) for part in old)
    return term if all(a is b for a, b in zip(old, new, strict=True)) else with_parts(term, new)


def affines(term: Term) -> tuple[Affine, ...]:
    """The affine expressions that stand in this record itself, not in its sub-terms."""
    match term:
        case Symbol():
            return term.times
        case Power():
            return (term.exponent,)
        case OrderedProduct() | IndexedSum():
            return (term.lower, term.upper)
        case Gradient():
            return tuple(bound for held in term.held for bound in (held.lower, held.upper))
        case _:
            return ()


def free_times(term: Term) -> frozenset[str]:
    """The time variables that occur free."""
    inner = frozenset().union(*(free_times(part) for part in parts(term)))
    if isinstance(term, OrderedProduct | IndexedSum | Limit):
        inner -= {term.index}
    return inner.union(*(bound.variables for bound in affines(term)))


def substitute_times(term: Term, values: Mapping[str, Affine]) -> Term:
    """Replace time variables, all at once, renaming an index that would capture one."""
    if not values or not any(name in values for name in free_times(term)):
        return term
    match term:
        case Symbol():
            return replace(term, times=tuple(time.substitute(values) for time in term.times))
        case Power():
            return Power(substitute_times(term.body, values), term.exponent.substitute(values))
        case OrderedProduct() | IndexedSum():
            index, body = _freshen(term, values)
            bounds = (term.lower.substitute(values), term.upper.substitute(values))
            return type(term)(index, *bounds, substitute_times(body, _without(values, index)))
        case Limit():
            index, body = _freshen(term, values)
            return Limit(index, substitute_times(body, _without(values, index)))
        case Gradient():
            held = tuple(
                Held(one.name, one.lower.substitute(values), one.upper.substitute(values)) for one in term.held
            )
            of, wrt = (substitute_times(part, values) for part in (term.of, term.wrt))
            return replace(term, of=of, wrt=wrt, held=held)
        case _:
            return map_parts(term, lambda part: substitute_times(part, values))


def _without(values: Mapping[str, Affine], index: str) -> dict[str, Affine]:
    return {name: value for name, value in values.items() if name != index}


def _freshen(term: Binder | Limit, values: Mapping[str, Affine]) -> tuple[str, Term]:
    taken = {name for value in _without(values, term.index).values() for name in value.variables}
    if term.index not in taken:
        return term.index, term.body
    taken |= free_times(term.body)
    fresh = next(name for number in range(1, len(taken) + 2) if (name := f"{term.index}{number}") not in taken)
    return fresh, substitute_times(term.body, {term.index: affine(fresh)})


def number(value: int | Fraction) -> Number:
    return Number(Fraction(value))


def scale(value: int | Fraction, body: Term) -> Term:
    """A rational multiple; a multiple of 1 is the term itself."""
    return body if value == 1 else Scale(number(value), body)


def product(*factors: Term) -> Term:
    """Matrix product, flattened; the identity stays as it is written."""
    flat = tuple(one for factor in factors for one in (factor.factors if isinstance(factor, Product) else (factor,)))
    return flat[0] if len(flat) == 1 else Product(flat)


def add(*terms: Term) -> Term:
    """Sum, flattened."""
    flat = tuple(one for term in terms for one in (term.terms if isinstance(term, Sum) else (term,)))
    return flat[0] if len(flat) == 1 else Sum(flat)


def replaced(term: Term, old: Term, new: Term) -> Term:
    """Replace every occurrence, runs of factors of a product included. Nothing is replaced inside a derivative or
    under a sup: equal values do not make equal derivatives, and the variable of a sup is bound."""
    if term == old:
        return new
    if isinstance(term, Gradient | Extremum):
        return term
    term = map_parts(term, lambda part: replaced(part, old, new))
    if isinstance(term, Product) and isinstance(old, Product):
        return _replaced_run(term, old.factors, new)
    return term


def _replaced_run(term: Product, run: tuple[Term, ...], new: Term) -> Term:
    factors, place = term.factors, 0
    while place + len(run) <= len(factors):
        if factors[place : place + len(run)] == run:
            inner = new.factors if isinstance(new, Product) else (new,)
            factors = (*factors[:place], *inner, *factors[place + len(run) :])
            place += len(inner)
        else:
            place += 1
    return product(*factors)
