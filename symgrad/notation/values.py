"""Combining terms whose shapes are partly unknown: sums, products and relations that contain a bare 1, 0 or I.

A `Pending` stands for such a sign until its neighbours give it a shape. Where shapes do not fit, every function raises
MisreadError with both shapes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import pairwise

from symgrad.kernel.term import (
    SCALAR,
    Hadamard,
    Identity,
    Inverse,
    Number,
    Ones,
    Product,
    Scale,
    Shape,
    ShapeError,
    Size,
    Sum,
    Term,
    Transpose,
    Zero,
    number,
)

from .problem import MisreadError

MAX_SCALARS = 50
Builder = Callable[[Size | None, Size | None], Term | None]


@dataclass(frozen=True, slots=True)
class Pending:
    """A sign whose shape its place decides. `build(rows, columns)` makes the term, or None if that is not enough."""

    what: str
    build: Builder
    default: Term | None = None


Value = Term | Pending


@dataclass(frozen=True, slots=True)
class Factor:
    """A value and where it stands. `bare` numbers take up a minus sign before them."""

    value: Value
    at: int
    bare: bool = False


def show(shape: Shape) -> str:
    """A shape in words: an n x 1 vector, a 3 x n matrix, a scalar."""
    if shape == SCALAR:
        return "a scalar"
    article = "an" if str(shape[0])[0] in "aefhilmnorsx8" else "a"
    kind = "vector" if shape[1] == 1 else "row vector" if shape[0] == 1 else "matrix"
    return f"{article} {shape[0]} x {shape[1]} {kind}"


def made(at: int, build: Callable[[], Term]) -> Term:
    """Build a record; a shape that does not fit is reported at `at`."""
    try:
        return build()
    except ShapeError as error:
        raise MisreadError(at, f"shapes do not fit: {error}") from None


# signs whose shape is open


def one(sign: int) -> Pending:
    """A plain 1 or -1: the number, or a vector of ones."""

    def build(rows: Size | None, columns: Size | None) -> Term | None:
        if (rows, columns) == SCALAR:
            return number(sign)
        if columns != 1 or rows is None:
            return None
        return Ones((rows, 1)) if sign == 1 else Scale(number(-1), Ones((rows, 1)))

    return Pending("1", build, number(sign))


def ones() -> Pending:
    """A bold 1: always a vector."""
    return Pending("the vector 1", lambda rows, columns: Ones((rows, 1)) if rows and columns in (1, None) else None)


def zero(bold: bool) -> Pending:
    """A 0: the number unless bold, or whatever shape is needed."""

    def build(rows: Size | None, columns: Size | None) -> Term | None:
        if (rows, columns) == SCALAR and not bold:
            return number(0)
        return None if rows is None or columns is None else Zero((rows, columns))

    return Pending("0", build, None if bold else number(0))


def identity() -> Pending:
    def build(rows: Size | None, columns: Size | None) -> Term | None:
        size = rows if rows is not None else columns
        return None if size is None or (columns is not None and columns != size) else Identity(size)

    return Pending("I", build)


def fixed(value: Value, at: int) -> Term:
    """The term where nothing around it gives a shape."""
    if isinstance(value, Term):
        return value
    if value.default is None:
        raise MisreadError(at, f"the size of {value.what} is not known here; write its size below it, as in I_n")
    return value.default


def settle(value: Value, shape: Shape, at: int) -> Term:
    """The term where a shape is asked for. A term of another shape is returned as it is, for the caller to refuse."""
    if isinstance(value, Term):
        return value
    found = value.build(*shape)
    if found is None:
        raise MisreadError(at, f"{value.what} cannot stand for {show(shape)}")
    return found


def mapped(value: Value, at: int, change: Callable[[Term], Term], turned: bool = False) -> Value:
    """A function of a value that keeps its shape, or with `turned` swaps rows and columns."""
    if isinstance(value, Term):
        return made(at, lambda: change(value))

    def build(rows: Size | None, columns: Size | None) -> Term | None:
        found = value.build(columns, rows) if turned else value.build(rows, columns)
        return None if found is None else made(at, partial(change, found))

    return Pending(value.what, build, None if value.default is None else change(value.default))


def transposed(value: Value, at: int) -> Value:
    return mapped(value, at, Transpose, turned=True)


def negated(factor: Factor) -> Factor:
    """With a minus sign before it; a bare number takes the sign itself."""
    match factor:
        case Factor(Number(value), at, True):
            return Factor(Number(-value), at, True)
        case Factor(Pending("1"), at, True):
            return Factor(one(-1), at, True)
        case Factor(value, at):
            return Factor(mapped(value, at, lambda term: Scale(number(-1), term)), at)


# combinations


def total(terms: Sequence[Factor]) -> Value:
    """The sum; bare signs take the shape of the others."""
    return _entrywise(terms, lambda found: Sum(tuple(found)), "plus")


def hadamard(factors: Sequence[Factor]) -> Value:
    return _entrywise(factors, lambda found: Hadamard(tuple(found)), "times entrywise")


def _entrywise(parts: Sequence[Factor], join: Callable[[Sequence[Term]], Term], between: str) -> Value:
    if len(parts) == 1:
        return parts[0].value
    rigid = next((part.value for part in parts if isinstance(part.value, Term)), None)
    if rigid is None:
        return _all_pending(parts, join)
    terms = [_settled(part, rigid, between) for part in parts]
    return made(parts[0].at, lambda: join(terms))


def _settled(part: Factor, first: Term, between: str) -> Term:
    if isinstance(part.value, Pending) and part.value.build(*first.shape) is None:
        raise MisreadError(part.at, f"{part.value.what} beside ", first, f": {_advice(part.value, first.shape)}")
    term = settle(part.value, first.shape, part.at)
    if term.shape != first.shape:
        raise MisreadError(part.at, "shapes do not fit: ", first, f" {between} ", term)
    return term


def _advice(pending: Pending, shape: Shape) -> str:
    if pending.what == "1" and shape[0] == shape[1]:
        return "write I for the identity matrix"
    return "its shape does not fit"


def _all_pending(parts: Sequence[Factor], join: Callable[[Sequence[Term]], Term]) -> Pending:
    values = [part.value for part in parts if isinstance(part.value, Pending)]
    defaults = [value.default for value in values if value.default is not None]

    def build(rows: Size | None, columns: Size | None) -> Term | None:
        terms = [term for value in values if (term := value.build(rows, columns)) is not None]
        return join(terms) if len(terms) == len(values) and len({term.shape for term in terms}) == 1 else None

    return Pending(values[0].what, build, join(defaults) if len(defaults) == len(values) else None)


def multiplied(factors: Sequence[Factor]) -> Value:
    """The product: scalars first as multiples, then the matrix product of the others, left to right."""
    if len(factors) == 1:
        return factors[0].value
    scalars = [factor for factor in factors if _is_scalar(factor.value)]
    others = [factor for factor in factors if not _is_scalar(factor.value)]
    if not others:
        body: Value = fixed(scalars.pop().value, factors[-1].at)
    else:
        body = _matrix_product(others)
    if len(scalars) > MAX_SCALARS:
        raise MisreadError(factors[0].at, f"more than {MAX_SCALARS} scalar factors in one product are not read")
    for factor in reversed(scalars):
        body = _scaled(fixed(factor.value, factor.at), body, factor.at)
    return body


def _scaled(scalar: Term, body: Value, at: int) -> Value:
    return mapped(body, at, lambda term: Scale(scalar, term))


def _is_scalar(value: Value) -> bool:
    return value.shape == SCALAR if isinstance(value, Term) else value.default is not None


def _matrix_product(factors: Sequence[Factor]) -> Value:
    if len(factors) == 1:
        return factors[0].value
    for left, right in pairwise(factors):
        if isinstance(left.value, Term) and isinstance(right.value, Term):
            _check_neighbours(left.value, right.value, right.at)
    found = _inferred([factor.value for factor in factors], None, None)
    if found is not None:
        return _checked_product(found, factors)
    values = [factor.value for factor in factors]
    ends = (values[0], values[-1])
    if all(isinstance(value, Term) for value in ends):
        stuck = next(factor for factor in factors if isinstance(factor.value, Pending))
        return fixed(stuck.value, stuck.at)

    def build(rows: Size | None, columns: Size | None) -> Term | None:
        terms = _inferred(values, rows, columns)
        return None if terms is None else made(factors[0].at, lambda: Product(tuple(terms)))

    unsized = next(value for value in values if isinstance(value, Pending))
    one_end = any(isinstance(value, Term) for value in ends)
    return Pending(unsized.what if one_end else "a product of signs of unknown size", build)


def _check_neighbours(left: Term, right: Term, at: int) -> None:
    if left.shape[1] != right.shape[0]:
        hint = ""
        if left.shape == right.shape and left.shape[1] == 1:
            hint = " (did you mean \\odot, or a transpose?)"
        raise MisreadError(at, "shapes do not fit: ", left, " times ", right, hint or _would_fit(left, right))


def _would_fit(left: Term, right: Term) -> str:
    """What nearly the same product would fit."""
    if left.shape[0] == right.shape[0]:
        return "; the transpose of the first would fit"
    if left.shape[1] == right.shape[1]:
        return "; the transpose of the second would fit"
    return "; the other way round would fit" if right.shape[1] == left.shape[0] else ""


def _checked_product(terms: Sequence[Term], factors: Sequence[Factor]) -> Term:
    for left, right, factor in zip(terms, terms[1:], factors[1:], strict=False):
        _check_neighbours(left, right, factor.at)
    return Product(tuple(terms))


def _inferred(values: Sequence[Value], rows: Size | None, columns: Size | None) -> list[Term] | None:
    """The factors with shapes taken from their neighbours, as far as that goes; None if it does not go all the way."""
    found: list[Value] = list(values)
    pending = [place for place, value in enumerate(found) if isinstance(value, Pending)]
    for place in (*pending, *reversed(pending)):
        value = found[place]
        if isinstance(value, Pending):
            left = rows if place == 0 else _known(found[place - 1], 1)
            right = columns if place == len(found) - 1 else _known(found[place + 1], 0)
            found[place] = value.build(left, right) or value
    terms = [value for value in found if isinstance(value, Term)]
    return terms if len(terms) == len(found) else None


def _known(value: Value, axis: int) -> Size | None:
    return value.shape[axis] if isinstance(value, Term) else None


def quotient(over: Term, under: Term, at: int) -> Term:
    """over / under; both must be scalars, unless only `over` is not."""
    match over, under:
        case Number(above), Number(below):
            if below == 0:
                raise MisreadError(at, "a division by 0")
            return Number(Fraction(above) / below)
        case _ if under.shape != SCALAR:
            raise MisreadError(at, f"a division by {show(under.shape)}")
        case _, Number(below) if below != 0:
            return Scale(Number(1 / below), over)
        case Number(value), _ if value == 1:
            return Inverse(under)
        case _ if over.shape == SCALAR:
            return Scale(over, Inverse(under))
        case _:
            return Scale(Inverse(under), over)
