"""From terms to boxes: which brackets a term needs so that it reads back as itself.

Each rule here has its counterpart in the reader. A bare 1, 0 or I is written only beside a term that gives its shape;
elsewhere its size stands below it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from symgrad.kernel.affine import Affine
from symgrad.kernel.certificate import Relation, Statement
from symgrad.kernel.term import (
    SCALAR,
    Diagonal,
    DiagonalPart,
    Entrywise,
    EntrywisePower,
    Extremum,
    Gradient,
    Hadamard,
    Held,
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
    free_times,
)

from . import spell
from .boxes import COMMA, Bar, Box, Braces, Bracket, Fraction, Leaf, Scripts, digits, has_limits, ident, operator, row
from .dialect import Dialect

SUM, ENTRYWISE, PRODUCT, FACTOR = 0, 1, 2, 3
CDOT = operator(r"\cdot", "⋅", plain="·")
ODOT = operator(r"\odot", "⊙")
APPLIED = Leaf("", "<mo>&#8289;</mo>", "")
NABLA, PARTIAL = ident(r"\nabla", "∇", upright=True), ident(r"\partial", "∂", upright=True)
DIRECT_NABLA, DIRECT_PARTIAL = spell.accented(NABLA, "tilde"), spell.accented(PARTIAL, "tilde")
TRANSPOSE = {"T": ident("T", "T", upright=True), "top": ident(r"\top", "⊤", upright=True, plain="T")}
RELATIONS: dict[Relation, Leaf] = {
    "=": operator("=", "="), "<=": operator(r"\le", "≤"), "<": operator("<", "<"),
    ">=": operator(r"\ge", "≥"), ">": operator(">", ">"),
}  # fmt: skip
_ENTRY_LETTERS = "jlpqr"


@dataclass(frozen=True, slots=True)
class Piece:
    """A box, how tightly it binds, and whether it takes in what follows it (a sum, a derivative).

    `base` says whether a superscript can be set on it: at once, on braces around it, or only on a bracket.
    `numeral` marks what starts with a digit, `coefficient` what a minus sign before it would join.
    """

    box: Box
    level: int = FACTOR
    open: bool = False
    base: Literal["at once", "in braces", "in brackets"] = "in brackets"
    numeral: bool = False
    coefficient: bool = False


@dataclass(frozen=True, slots=True)
class Composer:
    """Makes boxes of terms in one dialect. `reals` are the variables bound by sup and max around a term."""

    dialect: Dialect
    reals: tuple[str, ...] = ()

    def statement(self, statement: Statement) -> Box:
        left, right = statement.left, statement.right
        sides = (self.piece(left, _is_flexible(left) and not _is_flexible(right)),
                 self.piece(right, _is_flexible(right) and not _is_flexible(left)))  # fmt: skip
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
                return self._product(factors)
            case Hadamard(factors=factors):
                return self._joined([self._at_least(self.piece(one), FACTOR) for one in factors], ODOT)
            case Number() | Ones() | Zero() | Identity():
                return self._constant(term, bare)
            case Symbol():
                return self._symbol(term)
            case Transpose() | Inverse() | Power() | EntrywisePower():
                return self._with_script(term)
            case Gradient():
                return self._gradient(term)
            case OrderedProduct() | IndexedSum() | Limit() | Extremum():
                return self._large(term)
            case _:
                return self._application(term)

    # sums and products

    def _sum(self, terms: Sequence[Term]) -> Box:
        shaped = any(not _is_flexible(one) for one in terms)
        parts: list[Box] = []
        for one in terms:
            bare = shaped and _is_flexible(one)
            negative, piece = self._signed(one, bare)
            if negative or parts:
                parts.append(spell.MINUS if negative else spell.PLUS)
            parts.append(piece.box)
        if parts[0] is spell.MINUS:
            parts[:2] = [row(parts[0], parts[1])]
        return row(*parts, gap=True)

    def _signed(self, term: Term, bare: bool) -> tuple[bool, Piece]:
        """Whether a minus sign stands before the term, and the piece after it, which is a sum no more."""
        negative, positive = _sign_apart(term)
        piece = self.piece(positive, bare)
        joins = negative and isinstance(term, Scale) and positive is term.body and piece.coefficient
        if joins and not (bare and isinstance(positive, Ones | Zero)):
            piece = self._bracketed(piece)
        return negative, self._at_least(piece, ENTRYWISE)

    def _scale(self, term: Scale, bare: bool) -> Piece:
        negative, piece = self._signed(term, bare) if _sign_apart(term)[0] else (False, None)
        if negative and piece is not None:
            return Piece(row(spell.MINUS, piece.box), SUM, piece.open)
        scalar = self._at_least(self.piece(term.scalar), FACTOR, closed=True)
        body = self._at_least(self._bare_body(term.body) if bare else self.piece(term.body), PRODUCT)
        parts = (scalar.box, CDOT, body.box) if body.numeral else (scalar.box, body.box)
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
        pieces = [self._at_least(self.piece(one), FACTOR, closed=True) for one in factors[:-1]]
        last = self._at_least(self.piece(factors[-1]), FACTOR)
        return Piece(row(*(piece.box for piece in (*pieces, last)), gap=True), PRODUCT, last.open)

    def _joined(self, pieces: Sequence[Piece], sign: Box) -> Piece:
        parts: list[Box] = []
        for place, piece in enumerate(pieces, 1):
            closed = self._at_least(piece, FACTOR, closed=place < len(pieces))
            parts += [sign, closed.box] if parts else [closed.box]
        return Piece(row(*parts, gap=True), ENTRYWISE, pieces[-1].open)

    def _at_least(self, piece: Piece, level: int, closed: bool = False) -> Piece:
        return self._bracketed(piece) if piece.level < level or (closed and piece.open) else piece

    def _bracketed(self, piece: Piece) -> Piece:
        return Piece(Bracket("[" if has_limits(piece.box) else "(", piece.box), base="at once")

    # leaves

    def _constant(self, term: Number | Ones | Zero | Identity, bare: bool) -> Piece:
        match term:
            case Number(value=value) if value < 0:
                return Piece(row(spell.MINUS, spell.spelt_number(-value)), SUM)
            case Number(value=value):
                whole = value.denominator == 1
                return Piece(spell.spelt_number(value), FACTOR, False, "at once" if whole else "in brackets", True, True)
            case Identity(rows=rows):
                letter = "Id" if "I" in self.dialect.symbols else "I"
                leaf = spell.spelt_letter(letter, self.dialect.fonts.get("I", ""))
                return Piece(leaf if bare else Scripts(leaf, below=spell.spelt_size(rows)), base="at once")
            case _:
                sign = "1" if isinstance(term, Ones) else "0"
                if bare:
                    return Piece(digits(sign), FACTOR, False, "at once", True, True)
                shape = spell.spelt_shape(term.size)
                return Piece(Scripts(spell.spelt_letter(sign, "mathbf"), below=shape), base="at once")

    def _symbol(self, term: Symbol, entry: str = "") -> Piece:
        if term.name in self.reals and term.shape == SCALAR and not term.times:
            return Piece(spell.plain_name(term.name), base="at once")
        box, raised = spell.spelt_symbol(term, self.dialect, entry)
        return Piece(box, base="in braces" if raised else "at once")

    # scripts

    def _with_script(self, term: Transpose | Inverse | Power | EntrywisePower) -> Piece:
        if isinstance(term, Transpose):
            derivative = self._jacobian(term)
            if derivative is not None:
                return derivative
        body = self.piece(term.body)
        base = self._base(body)
        if isinstance(term, Transpose) and isinstance(term.body, Transpose) and self._jacobian(term.body):
            base = Bracket("(", base)
        return Piece(Scripts(base, above=self._script(term)), numeral=body.numeral and base is body.box)

    def _base(self, piece: Piece) -> Box:
        match piece.base:
            case "at once":
                return piece.box
            case "in braces":
                return Braces(piece.box)
            case _:
                return self._bracketed(piece).box

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
                return self._applied(_word("diag"), body)
            case DiagonalPart(body=body):
                return self._applied(_word("diagpart"), body)
            case Trace(body=body):
                return self._applied(_word("tr"), body)
            case Magnitude():
                return self._magnitude(term)
            case _:
                raise TypeError(f"not a term: {type(term).__name__}")

    def _applied(self, function: Box, body: Term) -> Piece:
        return Piece(row(function, APPLIED, Bracket("(", self.term(body))), base="at once")

    def _function(self, name: str) -> Box:
        word = name.rstrip("'")
        leaf: Box
        if word == "tanh" and word not in self.dialect.symbols:
            leaf = ident(r"\tanh", "tanh", upright=True)
        elif word == "sigmoid" and not self.dialect.declares("sigma"):
            leaf = ident(r"\sigma", "σ")
        else:
            leaf = spell.spelt_letter(word, "") if len(word) == 1 else _word(word)
        primes = len(name) - len(word)
        return row(leaf, Leaf("'" * primes, f"<mo>{'′' * primes}</mo>", "'" * primes)) if primes else leaf

    def _magnitude(self, term: Magnitude) -> Piece:
        body = term.body
        match term.kind:
            case "spectral_norm":
                return Piece(Bracket("|" if body.shape == SCALAR else "||", self.term(body)), base="at once")
            case "spectral_radius":
                taken = "rho" in self.dialect.symbols
                return self._applied(_word("specrad") if taken else ident(r"\rho", "ρ"), body)
            case "least_singular_value":
                taken = "sigma_min" in self.dialect.symbols
                sigma = Scripts(ident(r"\sigma", "σ"), below=ident(r"\min", "min", upright=True))
                return self._applied(_word("sigmamin") if taken else sigma, body)
            case _:
                return self._entry(term)

    def _entry(self, term: Magnitude) -> Piece:
        letter = next(one for one in _ENTRY_LETTERS if one not in free_times(term.body))
        word = "max" if term.kind == "largest_entry" else "min"
        if isinstance(term.body, Symbol):
            entry = self._symbol(term.body, letter).box
        else:
            entry = Scripts(Bracket("[", self.term(term.body)), below=spell.plain_name(letter))
        sign = Scripts(_large_word(word), below=spell.plain_name(letter), limits=True)
        return Piece(row(sign, Bracket("|", entry), gap=True), open=True)

    # large signs

    def _large(self, term: OrderedProduct | IndexedSum | Limit | Extremum) -> Piece:
        match term:
            case OrderedProduct(index=index, body=body):
                sign = self._with_bounds(operator(r"\prod", "∏", "prefix"), term.index, term.lower, term.upper)
                inner = self._factors_of_product(body, index)
            case IndexedSum(body=body):
                sign = self._with_bounds(operator(r"\sum", "∑", "prefix"), term.index, term.lower, term.upper)
                inner = self._at_least(self.piece(body), PRODUCT)
            case Limit(index=index, body=body):
                to = row(spell.plain_name(index), operator(r"\to", "→"), ident(r"\infty", "∞", upright=True), gap=True)
                sign = Scripts(_large_word("lim"), below=to, limits=True)
                inner = self._at_least(self.piece(body), PRODUCT)
            case Extremum(variable=variable, body=body):
                sign = Scripts(_large_word(term.kind), below=spell.plain_name(variable), limits=True)
                inner = self._extremum_body(variable, body)
        return Piece(row(sign, inner.box, gap=True), open=True)

    def _extremum_body(self, variable: str, body: Term) -> Piece:
        inside = replace(self, reals=(*self.reals, variable))
        return self._at_least(inside.piece(body), PRODUCT)

    def _with_bounds(self, sign: Box, index: str, lower: Affine, upper: Affine) -> Scripts:
        below = row(spell.plain_name(index), operator("=", "="), spell.spelt_time(lower, self.dialect))
        return Scripts(sign, below, spell.spelt_time(upper, self.dialect), limits=True)

    def _factors_of_product(self, body: Term, index: str) -> Piece:
        """A product takes its factors up to the last that mentions the index; otherwise they stand in brackets."""
        last = body.factors[-1] if isinstance(body, Product) else body.body if isinstance(body, Scale) else body
        piece = self.piece(body)
        ends_with_index = index in free_times(last) and not isinstance(last, Scale | Product)
        takes_more = piece.open and not isinstance(last, Gradient | Magnitude)
        fits = piece.level >= PRODUCT and ends_with_index and not takes_more
        return piece if fits else self._bracketed(piece)

    # derivatives

    def _gradient(self, term: Gradient) -> Piece:
        if self.dialect.layout != "jacobian":
            return self._held(term, self._nabla(term))
        fraction = self._held(term, self._partial(term))
        return Piece(Scripts(self._bracketed(fraction).box, above=TRANSPOSE[self.dialect.transpose]))

    def _jacobian(self, term: Transpose) -> Piece | None:
        """The transpose of a gradient as the derivative that the layout has for it."""
        if self.dialect.layout == "gradient" or not isinstance(term.body, Gradient):
            return None
        return self._held(term.body, self._partial(term.body))

    def _nabla(self, term: Gradient) -> Piece:
        sign = Scripts(DIRECT_NABLA if term.direct else NABLA, below=self._symbol(term.wrt).box)
        return Piece(row(sign, self._derived(term.of), gap=True), open=True)

    def _partial(self, term: Gradient) -> Piece:
        sign = DIRECT_PARTIAL if term.direct else PARTIAL
        under = row(sign, self._symbol(term.wrt).box, gap=True)
        if isinstance(term.of, Symbol):
            return Piece(Fraction(row(sign, self._symbol(term.of).box, gap=True), under))
        return Piece(row(Fraction(sign, under), self._derived(term.of), gap=True), open=True)

    def _derived(self, of: Term) -> Box:
        piece = self.piece(of)
        return piece.box if isinstance(of, Symbol) else self._bracketed(piece).box

    def _held(self, term: Gradient, piece: Piece) -> Piece:
        if term.direct or (not term.held and not self.dialect.hold):
            return piece
        return Piece(Bar(piece.box, self._held_nodes(term.held, term)))

    def _held_nodes(self, held: Sequence[Held], term: Gradient) -> Box:
        if not held:
            return ident(r"\varnothing", "∅", upright=True)
        parts: list[Box] = []
        for one in held:
            ends = [one.lower] if one.lower == one.upper else [one.lower, one.upper]
            nodes = [self._symbol(Symbol(one.name, term.wrt.shape, (time,))).box for time in ends]
            if len(nodes) == 2:
                nodes.insert(1, operator(r"\ldots", "…", plain="..."))
            for node in nodes:
                parts += [COMMA, node] if parts else [node]
        return row(*parts)


def _is_flexible(term: Term) -> bool:
    """Whether a term can be written without its size where its place gives its shape."""
    match term:
        case Ones(size=(rows, 1)):
            return rows != 1
        case Zero(size=size):
            return size != SCALAR
        case Identity():
            return True
        case Scale(body=body):
            return _is_flexible(body)
        case _:
            return False


def _sign_apart(term: Term) -> tuple[bool, Term]:
    """Whether a term is written with a minus sign, and what stands after it."""
    match term:
        case Number(value=value) if value < 0:
            return True, Number(-value)
        case Scale(scalar=Number(value=value), body=body) if value == -1:
            return True, body
        case Scale(scalar=Number(value=value), body=body) if value < 0:
            return True, Scale(Number(-value), body)
        case _:
            return False, term


def _word(text: str) -> Box:
    return ident(rf"\operatorname{{{text}}}", text, upright=True)


def _large_word(text: str) -> Leaf:
    return Leaf(rf"\{text}", f'<mo form="prefix" movablelimits="false">{text}</mo>', text)
