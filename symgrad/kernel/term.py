"""The terms of statements and proofs: a closed set of frozen records, each with a shape checked when it is built.

A shape is (rows, columns); a size is a positive integer or a name such as "n". Vectors are columns (n, 1), scalars are
(1, 1). Products are never re-ordered. Nothing is evaluated here: equality of meaning is decided in `normal.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from fractions import Fraction
from functools import cache
from itertools import count, pairwise
from operator import is_
from typing import Any, Literal, TypeVar, cast

from .affine import Affine, affine

Size = int | str
Shape = tuple[Size, Size]
MagnitudeKind = Literal["spectral_norm", "least_singular_value", "spectral_radius", "largest_entry", "smallest_entry"]
SCALAR: Shape = (1, 1)
# What the name of a component index ends in, so that it is no time: i_ counts entries, i is a time.
COMPONENT = "_"


class ShapeError(ValueError):
    """A term whose parts do not fit together. The message names both shapes."""


@dataclass(frozen=True, slots=True)
class Term:
    """Base of all terms. `shape` is computed when the record is built; ill-shaped terms raise ShapeError."""

    shape: Shape = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "shape", _shape(self))


@dataclass(frozen=True, slots=True)
class Number(Term):
    """A rational scalar."""

    value: Fraction


@dataclass(frozen=True, slots=True)
class Symbol(Term):
    """A named scalar, vector or matrix; with `times` it is a member of a family such as h[t]."""

    name: str
    size: Shape
    times: tuple[Affine, ...] = ()


@dataclass(frozen=True, slots=True)
class Sized(Term):
    size: Shape


@dataclass(frozen=True, slots=True)
class Ones(Sized):
    """Every entry is 1."""


@dataclass(frozen=True, slots=True)
class Zero(Sized):
    """Every entry is 0."""


@dataclass(frozen=True, slots=True)
class Identity(Term):
    rows: Size


@dataclass(frozen=True, slots=True)
class Sum(Term):
    """Sum of two or more terms of one shape."""

    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Scale(Term):
    """A scalar times a term of any shape."""

    scalar: Term
    body: Term


@dataclass(frozen=True, slots=True)
class Product(Term):
    """Matrix product of two or more factors, left to right."""

    factors: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Hadamard(Term):
    """Entrywise product of two or more terms of one shape."""

    factors: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Unary(Term):
    body: Term


@dataclass(frozen=True, slots=True)
class Transpose(Unary):
    """Rows become columns."""


@dataclass(frozen=True, slots=True)
class Inverse(Unary):
    """Inverse of a square matrix (or reciprocal of a scalar); that it exists is an obligation of the rules."""


@dataclass(frozen=True, slots=True)
class Diagonal(Unary):
    """diag(v): the square matrix with the column v on its diagonal."""


@dataclass(frozen=True, slots=True)
class DiagonalPart(Unary):
    """The diagonal of a square matrix, as a column."""


@dataclass(frozen=True, slots=True)
class Trace(Unary):
    """The sum of the diagonal of a square matrix."""


@dataclass(frozen=True, slots=True)
class Determinant(Unary):
    """The determinant of a square matrix, a scalar."""


@dataclass(frozen=True, slots=True)
class Softmax(Unary):
    """Each column v becomes exp(v) / (1^T exp(v)): its entries are positive and add up to 1."""


@dataclass(frozen=True, slots=True)
class Entrywise(Term):
    """A scalar function applied to each entry, such as "tanh"; a name ending in ' is the derivative: "tanh'", "tanh''".

    What is known of a function is in `functions.py`; of any other nothing is known but that it is differentiable.
    """

    function: str
    body: Term


@dataclass(frozen=True, slots=True)
class Power(Term):
    """A scalar or square matrix to an integer power; the exponent may not be negative."""

    body: Term
    exponent: Affine


@dataclass(frozen=True, slots=True)
class EntrywisePower(Term):
    """Each entry to the power of a non-negative integer."""

    body: Term
    exponent: int


@dataclass(frozen=True, slots=True)
class Binder(Term):
    """`index` runs from `lower` to `upper` in `body`."""

    index: str
    lower: Affine
    upper: Affine
    body: Term


@dataclass(frozen=True, slots=True)
class OrderedProduct(Binder):
    """body(lower) . body(lower+1) ... body(upper), left to right; the identity if upper < lower."""


@dataclass(frozen=True, slots=True)
class IndexedSum(Binder):
    """body(lower) + ... + body(upper); zero if upper < lower."""


@dataclass(frozen=True, slots=True)
class Magnitude(Term):
    """A non-negative scalar that measures a matrix or vector.

    spectral_norm: largest singular value (the absolute value of a scalar, the length of a vector);
    least_singular_value and spectral_radius (square matrices); largest_entry and smallest_entry: max and min of |v_j|.
    """

    kind: MagnitudeKind
    body: Term


@dataclass(frozen=True, slots=True)
class Extremum(Term):
    """sup or max over all real x of a scalar term in x alone. "max" claims that the supremum is attained."""

    kind: Literal["sup", "max"]
    variable: str
    body: Term


@dataclass(frozen=True, slots=True)
class Limit(Term):
    """Limit as the integer `index` tends to infinity."""

    index: str
    body: Term


@dataclass(frozen=True, slots=True)
class Basis(Term):
    """The column with 1 in entry `place` and 0 elsewhere. The place is a component index: any of 1, ..., rows."""

    place: Affine
    rows: Size


@dataclass(frozen=True, slots=True)
class ComponentSum(Term):
    """The sum of body over the component index, which runs over all entries 1, ..., rows."""

    index: str
    rows: Size
    body: Term


Binding = Binder | Limit | ComponentSum


@dataclass(frozen=True, slots=True)
class Held:
    """A range of nodes, name[lower] ... name[upper], that a derivative holds fixed."""

    name: str
    lower: Affine
    upper: Affine


@dataclass(frozen=True, slots=True)
class Gradient(Term):
    """Derivative in gradient (denominator) layout: shape (dim wrt, dim of), the transpose of the Jacobian; of a scalar
    by a matrix, the shape of the matrix.

    Total (every path through the unrolled graph) unless `direct` (the definition of `of`, all else fixed). With `held`,
    the nodes named there are constants: paths through them do not count.
    """

    of: Term
    wrt: Symbol
    held: tuple[Held, ...] = ()
    direct: bool = False


def show_shape(shape: Shape) -> str:
    return f"{shape[0]} x {shape[1]}"


def _shape(term: Term) -> Shape:
    """The shape, from the shapes of the parts. Raises ShapeError where they do not fit."""
    shapes = [part.shape for part in parts(term)]
    first = rows, columns = shapes[0] if shapes else getattr(term, "size", (1, 1))
    match term:
        case Number():
            object.__setattr__(term, "value", Fraction(term.value))
            return SCALAR
        case Identity(rows=size) if _positive(size):
            return (size, size)
        case Basis(place=Affine(((_, 1),), 0), rows=size) if size != 1 and _positive(size):
            return (size, 1)
        case ComponentSum(rows=size) if size != 1 and _positive(size) and _counted(term) <= {size}:
            return first
        case Symbol() | Sized() if _positive(rows, columns):
            return first
        case Sum() | Hadamard() if len(shapes) > 1 and set(shapes) == {first}:
            return first
        case Product() if len(shapes) > 1 and all(left[1] == right[0] for left, right in pairwise(shapes)):
            return (rows, shapes[-1][1])
        case Scale() if first == SCALAR:
            return shapes[1]
        case Transpose():
            return (columns, rows)
        case Diagonal() if columns == 1:
            return (rows, rows)
        case DiagonalPart() | Trace() | Determinant() if rows == columns:
            return (rows, 1) if isinstance(term, DiagonalPart) else SCALAR
        case Inverse() | Power() | OrderedProduct() if rows == columns:
            return first
        case Magnitude() if rows == columns or term.kind not in ("least_singular_value", "spectral_radius"):
            return SCALAR
        case Extremum() if first == SCALAR:
            return SCALAR
        case Gradient() if first == SCALAR:
            return shapes[1]
        case Gradient() if columns == 1 == shapes[1][1]:
            return (shapes[1][0], rows)
        case Entrywise() | EntrywisePower() | Softmax() | IndexedSum() | Limit() if getattr(term, "exponent", 0) >= 0:
            return first
    what = (" times an " if isinstance(term, Product) else " and an ").join(map(show_shape, shapes or [first]))
    needed = _NEEDED.get(type(term).__name__, "")
    raise ShapeError(f"{type(term).__name__} of an {what}{needed and f', which is not {needed}'}")


_NEEDED = dict.fromkeys(("Gradient", "Diagonal"), "a column") | dict.fromkeys(("Scale", "Extremum"), "a scalar")
_NEEDED |= dict.fromkeys(
    ("DiagonalPart", "Trace", "Determinant", "Inverse", "Power", "OrderedProduct", "Magnitude"), "square"
)


def _counted(term: ComponentSum) -> set[Size]:
    """What the index of a sum counts the entries of."""
    return {one.rows for one in walk(term.body) if isinstance(one, Basis) and one.place == affine(term.index)}


def _positive(*sizes: Size) -> bool:
    return all(isinstance(size, str) or size >= 1 for size in sizes)


@cache
def _fields(kind: Any, *hints: str) -> tuple[str, ...]:
    """The names of a record's fields, or of those with certain types."""
    return tuple(one.name for one in fields(kind) if one.init and (not hints or one.type in hints))


def parts(term: Term) -> tuple[Term, ...]:
    """The direct sub-terms, in order."""
    kind: Any = type(term)
    for name in _fields(kind, "tuple[Term, ...]"):
        return tuple(getattr(term, name))
    return tuple([getattr(term, name) for name in _fields(kind, "Term", "Symbol")])


def affines(term: Term) -> tuple[Affine, ...]:
    """The affine expressions that stand in this record itself, not in its sub-terms."""
    kind: Any = type(term)
    held = [bound for one in getattr(term, "held", ()) for bound in (one.lower, one.upper)]
    return (*(getattr(term, name) for name in _fields(kind, "Affine")), *getattr(term, "times", ()), *held)


def _rebuilt(value: Any, on_term: Callable[[Term], Term], on_affine: Callable[[Affine], Affine]) -> Any:
    match value:
        case Term():
            return on_term(value)
        case Affine():
            return on_affine(value)
        case Held():
            return Held(value.name, on_affine(value.lower), on_affine(value.upper))
        case tuple():
            return tuple(_rebuilt(one, on_term, on_affine) for one in value)
        case _:
            return value


S = TypeVar("S", bound=Term)


def rebuilt(term: S, on_term: Callable[[Term], Term], on_affine: Callable[[Affine], Affine] = lambda one: one) -> S:
    """The same record with its direct sub-terms and its own affine expressions replaced."""
    kind: Any = type(term)
    return cast(S, kind(*(_rebuilt(getattr(term, name), on_term, on_affine) for name in _fields(kind))))


def with_parts(term: Term, new: tuple[Term, ...]) -> Term:
    """The same record with other sub-terms, in the order of `parts`."""
    queue = iter(new)
    return rebuilt(term, lambda _: next(queue)) if new else term


def map_parts(term: Term, function: Callable[[Term], Term]) -> Term:
    """Apply a function to each direct sub-term; the term itself is returned when nothing changed."""
    old = parts(term)
    new = tuple(map(function, old))
    return term if all(map(is_, old, new)) else with_parts(term, new)


def walk(term: Term) -> Iterator[Term]:
    """The term and everything inside it, outermost first."""
    stack = [term]
    while stack:
        stack.extend(reversed(parts(here := stack.pop())))
        yield here


def free_times(term: Term) -> frozenset[str]:
    """The time variables that occur free."""
    inner = frozenset[str]().union(*map(free_times, parts(term)))
    if isinstance(term, Binding):
        inner -= {term.index}
    return inner.union(*(bound.variables for bound in affines(term)))


def substitute_times(term: Term, values: Mapping[str, Affine]) -> Term:
    """Replace time variables, all at once, renaming an index that would capture one."""
    free = free_times(term) if values else frozenset()
    values = {name: value for name, value in values.items() if name in free}
    if not values:
        return term
    inner = values
    if isinstance(term, Binding):
        inner = {name: value for name, value in values.items() if name != term.index}
        taken = {name for value in inner.values() for name in value.variables}
        if term.index in taken:
            taken |= free_times(term.body)
            mark = COMPONENT * isinstance(term, ComponentSum)
            stem = term.index.removesuffix(mark)
            fresh = next(name for number in count(1) if (name := f"{stem}{number}{mark}") not in taken)
            term = replace(term, index=fresh, body=substitute_times(term.body, {term.index: affine(fresh)}))
    return rebuilt(term, lambda part: substitute_times(part, inner), lambda one: one.substitute(values))


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
    if term == old or isinstance(term, Gradient | Extremum):
        return new if term == old else term
    term = map_parts(term, lambda part: replaced(part, old, new))
    if not isinstance(term, Product) or not isinstance(old, Product):
        return term
    factors, run, place = term.factors, old.factors, 0
    found = new.factors if isinstance(new, Product) else (new,)
    while place + len(run) <= len(factors):
        inner = found if factors[place : place + len(run)] == run else ()
        factors = (*factors[:place], *inner, *factors[place + len(run) :]) if inner else factors
        place += len(inner) or 1
    return product(*factors)
