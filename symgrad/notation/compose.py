"""From terms to boxes: which brackets a term needs so that it reads back as itself.

Each rule here has its counterpart in the reader. A bare 1, 0 or I is written only beside a term that gives its shape;
elsewhere its size stands below it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from symgrad.kernel.certificate import Condition, Statement
from symgrad.kernel.term import (
    SCALAR,
    Basis,
    ComponentSum,
    Entrywise,
    EntrywisePower,
    Extremum,
    Gradient,
    Hadamard,
    Identity,
    IndexedSum,
    Inverse,
    Limit,
    Number,
    Ones,
    OrderedProduct,
    Power,
    Product,
    Scale,
    Softmax,
    Sum,
    Symbol,
    Term,
    Transpose,
    Zero,
)

from . import large, spell, written_derivatives, written_entries, written_functions
from .boxes import (
    ONE,
    Box,
    Braces,
    Bracket,
    Fraction,
    Scripts,
    digits,
    ends_with_bracket,
    listed,
    looks_like_argument,
    row,
)
from .dialect import Dialect
from .pieces import (
    CDOT,
    ENTRYWISE,
    FACTOR,
    ODOT,
    OSLASH,
    PRODUCT,
    RELATIONS,
    SUM,
    THIN_SPACE,
    TRANSPOSE,
    UNEQUAL,
    Piece,
    at_least,
    bracketed,
    is_flexible,
    sign_apart,
    text,
    word,
)


@dataclass(frozen=True, slots=True)
class Composer:
    """Makes boxes of terms in one dialect. `reals` are the variables bound by sup and max around a term."""

    dialect: Dialect
    reals: tuple[str, ...] = ()

    def statement(self, statement: Statement) -> Box:
        left, right = statement.left, statement.right
        sides = (self.piece(left, is_flexible(left) and not is_flexible(right)),
                 self.piece(right, is_flexible(right) and not is_flexible(left)))  # fmt: skip
        return row(sides[0].box, RELATIONS[statement.relation], sides[1].box, gap=True)

    def condition(self, condition: Condition) -> Box:
        """x > 0, s != 0, A is invertible: of every entry, and at all times where it is said so."""
        term = self.term(condition.term)
        times = [spell.plain_name(name) for name in condition.forall]
        listed_times = listed(*times)
        above = (text(" for all "), listed_times) if listed_times else ()
        if condition.kind == "invertible":
            return row(term, text(" is invertible"), *above)
        sign = RELATIONS[">"] if condition.kind == "positive" else UNEQUAL
        said = row(term, sign, digits("0"), gap=True)
        entries = () if condition.term.shape == SCALAR else (text(" in every entry"),)
        return row(said, *entries, *above)

    def term(self, term: Term) -> Box:
        return self.piece(term).box

    def piece(self, term: Term, bare: bool = False) -> Piece:
        """The piece of a term; with `bare`, its place gives its shape."""
        match term:
            case Sum(terms=terms):
                return Piece(self._sum(terms), SUM)
            case Scale():
                return self._scale(term, bare)
            case Product(factors=factors):
                return written_entries.entry(self, term) or self._product(factors)
            case Hadamard(factors=factors):
                return self._hadamard(factors)
            case Number() | Ones() | Zero() | Identity():
                return self._constant(term, bare)
            case Symbol():
                return self.symbol(term)
            case Basis():
                return written_entries.unit_vector(term, self.dialect)
            case Transpose() | Inverse() | Power() | EntrywisePower():
                return self._with_script(term)
            case Gradient():
                return written_derivatives.gradient(self, term)
            case OrderedProduct() | IndexedSum() | ComponentSum() | Limit() | Extremum():
                return large.large(self, term)
            case _:
                return written_functions.application(self, term)

    # sums and products

    def _sum(self, terms: Sequence[Term]) -> Box:
        shaped = any(not is_flexible(one) for one in terms)
        parts: list[Box] = []
        for one in terms:
            bare = shaped and is_flexible(one)
            negative, piece = self._signed(one, bare)
            if negative or parts:
                parts.append(spell.MINUS if negative else spell.PLUS)
            parts.append(piece.box)
        if parts[0] is spell.MINUS:
            parts[:2] = [row(parts[0], parts[1])]
        return row(*parts, gap=True)

    def _signed(self, term: Term, bare: bool) -> tuple[bool, Piece]:
        """Whether a minus sign stands before the term, and the piece after it, which is a sum no more."""
        negative, positive = sign_apart(term)
        behind = isinstance(term, Scale) and positive is term.body
        if negative and not behind and isinstance(positive, Scale):
            # A minus sign before a fraction would be read as one before the whole of it.
            piece = self._multiple(positive, bare)
        else:
            piece = self.piece(positive, bare)
        if negative and behind and piece.coefficient and not (bare and isinstance(positive, Ones | Zero)):
            piece = bracketed(piece)
        return negative, at_least(piece, ENTRYWISE)

    def _scale(self, term: Scale, bare: bool) -> Piece:
        negative, piece = self._signed(term, bare) if sign_apart(term)[0] else (False, None)
        if negative and piece is not None:
            return Piece(row(spell.MINUS, piece.box), SUM, piece.open)
        return self._ratio(term) or self._multiple(term, bare)

    def _multiple(self, term: Scale, bare: bool) -> Piece:
        scalar = at_least(self.piece(term.scalar), FACTOR, closed=True)
        body = at_least(self._bare_body(term.body) if bare else self.piece(term.body), PRODUCT)
        apart = body.numeral or (isinstance(term.scalar, Symbol) and looks_like_argument(body.box))
        parts = (scalar.box, CDOT, body.box) if apart else (scalar.box, body.box)
        return Piece(row(*parts, gap=True), PRODUCT, body.open, "in brackets", scalar.numeral, scalar.coefficient)

    def _bare_body(self, body: Term) -> Piece:
        """Under a factor, a vector of ones or zeros is bold: a plain 1 there would be a number."""
        match body:
            case Ones():
                return Piece(spell.spelt_letter("1", "mathbf"), base="at once")
            case Zero():
                return Piece(spell.spelt_letter("0", "mathbf"), base="at once")
            case _:
                return self.piece(body, True)

    def _product(self, factors: Sequence[Term]) -> Piece:
        size = _counted(factors)
        if size:
            return Piece(spell.spelt_size(size), base="at once")
        found = [
            written_entries.bare_unit(self, factors, place) or self.piece(one) for place, one in enumerate(factors)
        ]
        pieces = [at_least(one, FACTOR, closed=True) for one in found[:-1]]
        pieces.append(at_least(found[-1], FACTOR))
        boxes = [pieces[0].box]
        for before, piece, factor in zip(pieces, pieces[1:], factors[1:], strict=False):
            apart = ends_with_bracket(before.box) and isinstance(factor, Gradient | Symbol)
            sign = (CDOT,) if piece.numeral else (THIN_SPACE,) if apart else ()
            boxes.append(row(*sign, piece.box))
        return Piece(row(*boxes, gap=True), PRODUCT, pieces[-1].open)

    def _hadamard(self, factors: Sequence[Term]) -> Piece:
        """The entrywise product; what the last factor is a reciprocal of, is divided by."""
        last = factors[-1]
        divides = isinstance(last, Entrywise) and last.function == "reciprocal"
        written = (*factors[:-1], last.body if isinstance(last, Entrywise) and divides else last)
        parts: list[Box] = []
        for place, factor in enumerate(written, 1):
            ends = place == len(written)
            piece = at_least(self.piece(factor), FACTOR, closed=not ends)
            parts += [OSLASH if divides and ends else ODOT] if parts else []
            parts.append(piece.box)
        return Piece(row(*parts, gap=True), ENTRYWISE, piece.open)

    # leaves

    def _constant(self, term: Number | Ones | Zero | Identity, bare: bool) -> Piece:
        match term:
            case Number(value=value) if value < 0:
                return Piece(row(spell.MINUS, spell.spelt_number(-value)), SUM)
            case Number(value=value):
                box = spell.spelt_number(value)
                return Piece(box, FACTOR, False, "at once" if value.denominator == 1 else "in brackets", True, True)
            case Identity(rows=rows):
                letter = "Id" if "I" in self.dialect.symbols else "I"
                leaf = spell.spelt_letter(letter, self.dialect.fonts.get("I", ""))
                # Among scalars nothing else would say that a bare I is 1 x 1.
                return Piece(
                    leaf if bare and rows != 1 else Scripts(leaf, below=spell.spelt_size(rows)), base="at once"
                )
            case _:
                sign = "1" if isinstance(term, Ones) else "0"
                if bare:
                    return Piece(digits(sign), FACTOR, False, "at once", True, True)
                shape = spell.spelt_shape(term.size)
                return Piece(Scripts(spell.spelt_letter(sign, "mathbf"), below=shape), base="at once")

    def symbol(self, term: Symbol, entry: Box | None = None) -> Piece:
        if term.name in self.reals and term.shape == SCALAR and not term.times:
            return Piece(spell.plain_name(term.name), base="at once")
        box, raised = spell.spelt_symbol(term, self.dialect, entry)
        if term.name in self.dialect.differentials:
            return Piece(box)
        return Piece(box, base="in braces" if raised else "at once")

    # scripts

    def _with_script(self, term: Transpose | Inverse | Power | EntrywisePower) -> Piece:
        whole = self._transpose(term) if isinstance(term, Transpose) else self._one_over(term)
        if whole is not None:
            return whole
        body = self.piece(term.body)
        # A transpose or an inverse above the name of an entry would look like that of the whole; who writes 1^T means
        # the vector.
        apart = isinstance(term, Transpose | Inverse) and written_entries.taken(term.body) is not None
        apart = apart or (isinstance(term, Transpose) and isinstance(term.body, Number))
        base = bracketed(body).box if apart else self._base(body)
        inner = term.body if isinstance(term, Transpose) else None
        if isinstance(inner, Transpose) and written_derivatives.jacobian(self, inner):
            base = Bracket("(", base)
        return Piece(Scripts(base, above=self._script(term)), numeral=body.numeral and base is body.box)

    def _transpose(self, term: Transpose) -> Piece | None:
        """A transpose that is not written as one: a Jacobian, or the softmax of rows."""
        match term.body:
            case Softmax(body=Transpose(body=body)) if body.shape[1] != 1:
                return written_functions.applied(self, word("softmax"), body)
            case _:
                return written_derivatives.jacobian(self, term)

    def _one_over(self, term: Term) -> Piece | None:
        """The inverse of a scalar that is no number, as a fraction."""
        match term:
            case Inverse(body=body) if body.shape == SCALAR and not isinstance(body, Number | Identity | Ones | Zero):
                return Piece(Fraction(ONE, self.term(body)))
            case _:
                return None

    def _ratio(self, term: Scale) -> Piece | None:
        """A scalar over another one, as a fraction; None for other multiples."""
        match term:
            case Scale(scalar=Number(value=value), body=Inverse()) if value <= 1:
                return None
            case Scale(scalar=Number(value=value), body=Symbol(size=size) as over) if size == SCALAR:
                halves = value.numerator == 1 and value.denominator > 1
                return Piece(Fraction(self.term(over), digits(str(value.denominator)))) if halves else None
            case Scale(scalar=over, body=Inverse(body=under) as inverse) if self._one_over(inverse):
                return Piece(Fraction(self.term(over), self.term(under)))
            case _:
                return None

    def base(self, term: Term) -> Box:
        """The box of a term as what a superscript stands on."""
        return self._base(self.piece(term))

    def _base(self, piece: Piece) -> Box:
        match piece.base:
            case "at once":
                return piece.box
            case "in braces":
                return Braces(piece.box)
            case _:
                return bracketed(piece).box

    def _script(self, term: Transpose | Inverse | Power | EntrywisePower) -> Box:
        match term:
            case Transpose():
                return TRANSPOSE[self.dialect.transpose]
            case Inverse():
                return row(spell.MINUS, digits("1"))
            case Power(exponent=exponent):
                return spell.spelt_time(exponent, self.dialect)
            case EntrywisePower(body=body, exponent=exponent):
                power = digits(str(exponent))
                return power if body.shape[1] == 1 and body.shape != SCALAR else row(ODOT, power)


def _counted(factors: Sequence[Term]) -> str:
    """The name of the size that a product of ones counts, or ""."""
    match factors:
        case (Transpose(body=Ones(size=(str() as size, 1))), Ones(size=(other, 1))) if size == other:
            return size
        case _:
            return ""
