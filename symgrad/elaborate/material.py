"""What a correction can be made of: names of the same kind, times, exponents, and pieces of what the left side is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import combinations
from itertools import product as choose
from math import prod

from ..engine.derive import derive
from ..engine.expand import unfold_abbreviations, write_out
from ..engine.resolve import Workspace
from ..engine.tidy import tidy
from ..engine.trail import StuckError, gradients
from ..instances.instance import Instance
from ..kernel.affine import Affine, affine
from ..kernel.certificate import Context, Statement
from ..kernel.rules import RefusedError
from ..kernel.term import (
    SCALAR,
    Basis,
    Binder,
    Diagonal,
    Entrywise,
    Extremum,
    Gradient,
    Hadamard,
    IndexedSum,
    Number,
    Power,
    Product,
    Scale,
    Shape,
    ShapeError,
    Size,
    Sum,
    Symbol,
    Term,
    Transpose,
    affines,
    free_times,
    number,
    product,
    scale,
    substitute_times,
    walk,
)
from .places import Place, places

MAX_PIECES = 40
MAX_SUMMANDS = 12


@dataclass(frozen=True, slots=True)
class Kind:
    """Names of one kind may be taken for each other."""

    size: Shape
    arity: int
    role: str


class Material:
    """Of one statement in one context, which an instance may refute. What takes long to find is found when it is first
    asked for."""

    def __init__(self, statement: Statement, context: Context, refuting: Instance | None = None) -> None:
        self.statement, self.context, self.refuting = statement, context, refuting
        self.sides = (statement.left, statement.right)
        self.free = free_times(statement.left) | free_times(statement.right)

    @cached_property
    def kinds(self) -> dict[str, Kind]:
        """Every name in the statement and the model."""
        nodes = {one.head.name for one in self.context.recurrence}
        short = {one.head.name for one in self.context.abbreviations}
        losses = {one.name for one in self.context.losses}
        defined = [
            side for one in (*self.context.recurrence, *self.context.abbreviations) for side in (one.head, one.body)
        ]
        found: dict[str, Kind] = {}
        for one in _symbols((*self.sides, *defined)):
            role = "node" if one.name in nodes else "short" if one.name in short else "given"
            found.setdefault(one.name, Kind(one.size, len(one.times), "loss" if one.name in losses else role))
        return found

    @cached_property
    def shapes(self) -> dict[str, Shape]:
        """The shape of a value of each name; of a loss, that of its gradient."""
        return {name: kind.size for name, kind in self.kinds.items()} | {
            loss.name: loss.on.shape for loss in self.context.losses
        }

    def like(self, name: str) -> list[str]:
        """Other names of the same kind."""
        mine = self.kinds.get(name)
        return [other for other, kind in self.kinds.items() if mine is not None and kind == mine and other != name]

    @cached_property
    def scalars(self) -> tuple[Term, ...]:
        """Names of numbers, and one minus each."""
        names = [name for name, kind in self.kinds.items() if kind == Kind(SCALAR, 0, "given")]
        symbols = [Symbol(name, SCALAR) for name in names]
        return (*symbols, *(Sum((number(1), scale(-1, one))) for one in symbols))

    def transposed(self, term: Term) -> Term:
        """The transpose; of a name that abbreviates a diagonal matrix, the name."""
        short = {one.head.name for one in self.context.abbreviations if isinstance(one.body, Diagonal)}
        return term if isinstance(term, Symbol) and term.name in short else tidy(Transpose(term))

    @cached_property
    def functions(self) -> tuple[str, ...]:
        """The entrywise functions of the model and the statement, without primes; tanh and sigmoid always."""
        terms = (*self.sides, *(one.body for one in self.context.recurrence))
        used = [one.function.rstrip("'") for term in terms for one in walk(term) if isinstance(one, Entrywise)]
        return tuple(dict.fromkeys([*used, "tanh", "sigmoid"]))

    @cached_property
    def exponents(self) -> tuple[Affine, ...]:
        """Numbers of steps that the statement speaks of: exponents, and how many factors its products have."""
        inside = [one for side in self.sides for one in walk(side)]
        powers = [one.exponent for one in inside if isinstance(one, Power)]
        lengths = [one.upper - one.lower + 1 for one in inside if isinstance(one, Binder)]
        depths = [one for one in self.context.assumptions if len(one.coefficients) == 1 and not one.constant]
        together = [one + other for one, other in combinations(powers, 2)]
        return tuple(dict.fromkeys((*powers, *lengths, *depths, *together)))

    def times(self, place: Place) -> tuple[Affine, ...]:
        """The times that are written in the statement and mean something at this place."""
        known = self.free | place.indices
        written = (time for side in self.sides for one in walk(side) for time in _times(one))
        return tuple(dict.fromkeys(time for time in written if known.issuperset(time.variables)))

    def entries(self, place: Place, rows: Size) -> list[Basis]:
        """The component indices of this size that mean something at this place."""
        known = self.free | place.indices
        written = dict.fromkeys(one for side in self.sides for one in walk(side) if isinstance(one, Basis))
        return [one for one in written if one.rows == rows and known.issuperset(one.place.variables)]

    # pieces that something may lack

    def pieces(self, place: Place) -> list[Term]:
        """Terms that mean something at this place: from the statement, the model, and what the left side is."""
        known = self.free | place.indices
        inner = [one for binder in place.binders[-1:] for one in self._of_binders(binder)]
        found = dict.fromkeys((*inner, *self._plain_pieces))
        return [one for one in found if known.issuperset(free_times(one))][:MAX_PIECES]

    @cached_property
    def _plain_pieces(self) -> tuple[Term, ...]:
        terms = (self.statement.right, *self.sources)
        ends = [_item(one, at) for term in terms for one in walk(term) if isinstance(one, Binder)
                for at in (one.upper, one.lower)]  # fmt: skip
        return tuple(dict.fromkeys(piece for term in (*terms, *ends) for piece in _pieces(term)))

    def _of_binders(self, target: Binder) -> Iterator[Term]:
        """Pieces of the bodies of the products and sums that the left side is, counted as the one at hand."""
        for one in (inner for source in self.sources for inner in walk(source)):
            if isinstance(one, Binder):
                yield from _pieces(_item(one, affine(target.index) + one.lower - target.lower))

    def summands(self, place: Place) -> list[Term]:
        """The summands of what the left side is."""
        known = self.free | place.indices
        inside = (one for source in self.sources for one in walk(source))
        found = dict.fromkeys(term for one in inside for term in _summands(one))
        return [one for one in found if known.issuperset(free_times(one))][:MAX_PIECES]

    @cached_property
    def sources(self) -> tuple[Term, ...]:
        """What the left side is: after one step of the chain rule, and as far as the engine brings it; else multiplied
        out."""
        left = self.statement.left
        one_step = (_one_step(self.context, left, rule) for rule in ("chain_rule", "chain_rule_last"))
        found = tuple(dict.fromkeys(one for one in (*one_step, self.derived) if one not in (None, left)))
        return found or tuple(one for one in (multiplied_out(left),) if one != left)

    @cached_property
    def derived(self) -> Term | None:
        """What the left side comes to, as far as the engine brings it; the kernel has accepted each step."""
        try:
            found, attempt = derive(self.statement.left, self.context)
        except (StuckError, RecursionError):
            return None
        return found.right if attempt.proved else None


def multiplied_out(term: Term) -> Term:
    """Products and squares of sums as sums of products, as long as these are few."""
    match term:
        case Power(body=Sum() as body, exponent=exponent) if exponent == affine(2):
            return multiplied_out(product(body, body))
        case Product(factors=factors):
            choices = [_signed_terms(one) for one in factors]
            if 1 < prod(map(len, choices)) <= MAX_SUMMANDS:
                return tidy(Sum(tuple(_signed_product(one) for one in choose(*choices))))
    return term


def _signed_terms(term: Term) -> list[tuple[Fraction, Term]]:
    """The summands of a sum, each with its rational factor; of the transpose of a sum, transposed."""
    turned = isinstance(term, Transpose) and isinstance(term.body, Sum)
    inner = term.body if isinstance(term, Transpose) and turned else term
    found: list[tuple[Fraction, Term]] = []
    for one in inner.terms if isinstance(inner, Sum) else (inner,):
        factor, body = (
            (one.scalar.value, one.body)
            if isinstance(one, Scale) and isinstance(one.scalar, Number)
            else (Fraction(1), one)
        )
        found.append((factor, tidy(Transpose(body)) if turned else body))
    return found


def _signed_product(chosen: tuple[tuple[Fraction, Term], ...]) -> Term:
    return scale(prod(factor for factor, _ in chosen), product(*(body for _, body in chosen)))


def _one_step(context: Context, left: Term, rule: str) -> Term | None:
    trail = Workspace(context).trail(left)
    try:
        unfold_abbreviations(trail)
        for one in gradients(trail.current):
            trail.apply(rule, one)
        write_out(trail)
    except (StuckError, RefusedError, ShapeError, RecursionError):
        return None
    return trail.current


def _symbols(terms: Iterable[Term]) -> Iterator[Symbol]:
    """The names in some terms; the variable of a supremum is none."""
    for term in terms:
        for place in places(term):
            if isinstance(place.here, Symbol) and not _is_variable(place):
                yield place.here


def _is_variable(place: Place) -> bool:
    name = getattr(place.here, "name", "")
    return any(isinstance(one, Extremum) and one.variable == name for one in place.around)


def _item(term: Binder, at: Affine) -> Term:
    return substitute_times(term.body, {term.index: at})


def _summands(term: Term) -> Iterator[Term]:
    """The terms of a sum, and those of a product with a sum among its factors once that is multiplied out."""
    match term:
        case Sum():
            yield from term.terms
        case Product(factors=factors):
            for place, one in enumerate(factors):
                inner = one.terms if isinstance(one, Sum) else ()
                yield from (product(*factors[:place], each, *factors[place + 1 :]) for each in inner)
        case _:
            return


def _times(term: Term) -> tuple[Affine, ...]:
    match term:
        case Symbol():
            return term.times
        case Gradient():
            return affines(term)
        case _:
            return ()


def _pieces(term: Term) -> Iterator[Term]:
    """What may stand as a factor: matrices and columns inside a term, derivatives kept whole."""
    match term:
        case Product() | Hadamard():
            for one in term.factors:
                yield from _pieces(one)
        case Sum() | IndexedSum() | Binder():
            if term.shape != SCALAR:
                yield term
            for one in term.terms if isinstance(term, Sum) else (term.body,):
                yield from _pieces(one)
        case Diagonal():
            yield term
            yield term.body
        case Transpose():
            yield tidy(term)
        case Scale():
            yield from _pieces(term.body)
        case _ if term.shape != SCALAR:
            yield term
        case _:
            return
