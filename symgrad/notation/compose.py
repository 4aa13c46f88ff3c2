"""From terms to boxes: which brackets a term needs so that it reads back as itself.

Each rule here has its counterpart in the reader. A bare 1, 0 or I is written only beside a term that gives its shape;
elsewhere its size stands below it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from symgrad.kernel.certificate import Statement
from symgrad.kernel.term import (
    SCALAR,
    Basis,
    ComponentSum,
    Diagonal,
    DiagonalPart,
    Entrywise,
    EntrywisePower,
    Extremum,
    Gradient,
    Hadamard,
    Identity,
    IndexedSum,
    Inverse,
    Limit,
    Magnitude,
    Number,
    Ones,
    OrderedProduct,
    Power,
    Product,
    Scale,
    Sum,
    Symbol,
    Term,
    Trace,
    Transpose,
    Zero,
)

from . import large, spell, written_derivatives, written_entries
from .boxes import Box, Braces, Bracket, Leaf, Scripts, digits, ends_with_bracket, ident, looks_like_argument, row
from .dialect import Dialect
from .pieces import (
    APPLIED,
    CDOT,
    ENTRYWISE,
    FACTOR,
    ODOT,
    PRODUCT,
    RELATIONS,
    SUM,
    THIN_SPACE,
    TRANSPOSE,
    Piece,
    at_least,
    bracketed,
    is_flexible,
    sign_apart,
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
                return self._joined([at_least(self.piece(one), FACTOR) for one in factors], ODOT)
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
                return self._application(term)

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
        piece = self.piece(positive, bare)
        joins = negative and isinstance(term, Scale) and positive is term.body and piece.coefficient
        if joins and not (bare and isinstance(positive, Ones | Zero)):
            piece = bracketed(piece)
        return negative, at_least(piece, ENTRYWISE)

    def _scale(self, term: Scale, bare: bool) -> Piece:
        negative, piece = self._signed(term, bare) if sign_apart(term)[0] else (False, None)
        if negative and piece is not None:
            return Piece(row(spell.MINUS, piece.box), SUM, piece.open)
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

    def _joined(self, pieces: Sequence[Piece], sign: Box) -> Piece:
        parts: list[Box] = []
        for place, piece in enumerate(pieces, 1):
            closed = at_least(piece, FACTOR, closed=place < len(pieces))
            parts += [sign, closed.box] if parts else [closed.box]
        return Piece(row(*parts, gap=True), ENTRYWISE, pieces[-1].open)

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
        return Piece(box, base="in braces" if raised else "at once")

    # scripts

    def _with_script(self, term: Transpose | Inverse | Power | EntrywisePower) -> Piece:
        if isinstance(term, Transpose):
            derivative = written_derivatives.jacobian(self, term)
            if derivative is not None:
                return derivative
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

    # functions and magnitudes

    def _application(self, term: Term) -> Piece:
        match term:
            case Entrywise(function=function, body=body):
                return self._applied(self._function(function), body)
            case Diagonal(body=body):
                return self._applied(word("diag"), body)
            case DiagonalPart(body=body):
                return self._applied(word("diagpart"), body)
            case Trace(body=body):
                return self._applied(word("tr"), body)
            case Magnitude():
                return self._magnitude(term)
            case _:
                raise TypeError(f"not a term: {type(term).__name__}")

    def _applied(self, function: Box, body: Term) -> Piece:
        return Piece(row(function, APPLIED, Bracket("(", self.term(body))), base="at once")

    def _function(self, name: str) -> Box:
        plain = name.rstrip("'")
        leaf: Box
        if plain == "tanh" and plain not in self.dialect.symbols:
            leaf = ident(r"\tanh", "tanh", upright=True)
        elif plain == "sigmoid" and not self.dialect.declares("sigma"):
            leaf = ident(r"\sigma", "σ")
        else:
            leaf = spell.spelt_letter(plain, "") if len(plain) == 1 else word(plain)
        primes = len(name) - len(plain)
        return row(leaf, Leaf("'" * primes, f"<mo>{'′' * primes}</mo>", "'" * primes)) if primes else leaf

    def _magnitude(self, term: Magnitude) -> Piece:
        body = term.body
        match term.kind:
            case "spectral_norm":
                return Piece(Bracket("|" if body.shape == SCALAR else "||", self.term(body)), base="at once")
            case "spectral_radius":
                taken = "rho" in self.dialect.symbols
                return self._applied(word("specrad") if taken else ident(r"\rho", "ρ"), body)
            case "least_singular_value":
                taken = "sigma_min" in self.dialect.symbols
                sigma = Scripts(ident(r"\sigma", "σ"), below=ident(r"\min", "min", upright=True))
                return self._applied(word("sigmamin") if taken else sigma, body)
            case _:
                return large.entry(self, term)
