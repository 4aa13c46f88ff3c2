"""Writing derivatives: as gradients or as fractions, by the layout of the dialect, with what is held."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from symgrad.kernel.term import SCALAR, Gradient, Held, Symbol, Term, Transpose

from .boxes import COMMA, Bar, Box, Fraction, Scripts, digits, ident, operator, row
from .pieces import DIRECT_NABLA, DIRECT_PARTIAL, NABLA, PARTIAL, TRANSPOSE, Piece, bracketed

if TYPE_CHECKING:
    from .compose import Composer
    from .dialect import Dialect


def gradient(composer: Composer, term: Gradient) -> Piece:
    dialect, scalar = composer.dialect, term.of.shape == SCALAR
    inner = _differentiated_before(term, dialect)
    if inner is not None and inner.wrt == term.wrt:
        sign = Scripts(NABLA, composer.symbol(term.wrt).box, digits("2"))
        return Piece(row(sign, _derived(composer, inner.of), gap=True), open=True)
    if dialect.turns(True, scalar):
        fraction = _held(composer, term, _partial(composer, term))
        return Piece(Scripts(bracketed(fraction).box, above=TRANSPOSE[dialect.transpose]))
    as_fraction = dialect.fractions and not dialect.turns(False, scalar)
    return _held(composer, term, (_partial if as_fraction else _nabla)(composer, term))


def _differentiated_before(term: Gradient, dialect: Dialect) -> Gradient | None:
    """The gradient of a scalar that the term is a gradient of, if both hold what is held anyway."""
    inner = term.of
    if not isinstance(inner, Gradient) or inner.of.shape != SCALAR or inner.direct or term.direct:
        return None
    return inner if inner.held == term.held == dialect.hold else None


def second(composer: Composer, term: Gradient, first: Box, other: Box) -> Piece | None:
    """The second derivative by an entry of each name; None where the term is no second derivative."""
    inner = _differentiated_before(term, composer.dialect)
    if inner is None:
        return None
    square = Scripts(PARTIAL, above=digits("2"))
    under = row(PARTIAL, first, PARTIAL, other, gap=True)
    if isinstance(inner.of, Symbol):
        return Piece(Fraction(row(square, composer.symbol(inner.of).box, gap=True), under))
    return Piece(row(Fraction(square, under), _derived(composer, inner.of), gap=True), open=True)


def jacobian(composer: Composer, term: Transpose) -> Piece | None:
    """The transpose of a gradient as the derivative that the layout has for it."""
    if not isinstance(term.body, Gradient) or not composer.dialect.turns(False, term.body.of.shape == SCALAR):
        return None
    return _held(composer, term.body, _partial(composer, term.body))


def _nabla(composer: Composer, term: Gradient) -> Piece:
    sign = Scripts(DIRECT_NABLA if term.direct else NABLA, below=composer.symbol(term.wrt).box)
    return Piece(row(sign, _derived(composer, term.of), gap=True), open=True)


def _partial(composer: Composer, term: Gradient) -> Piece:
    sign = DIRECT_PARTIAL if term.direct else PARTIAL
    under = row(sign, composer.symbol(term.wrt).box, gap=True)
    if isinstance(term.of, Symbol):
        return Piece(Fraction(row(sign, composer.symbol(term.of).box, gap=True), under))
    return Piece(row(Fraction(sign, under), _derived(composer, term.of), gap=True), open=True)


def of_entries(composer: Composer, term: Gradient, over: Box | None, under: Box) -> Piece:
    """The derivative of `over`, an entry or a scalar name, or if there is none, of an expression, by one entry."""
    sign = DIRECT_PARTIAL if term.direct else PARTIAL
    below = row(sign, under, gap=True)
    if over is not None:
        return _held(composer, term, Piece(Fraction(row(sign, over, gap=True), below)))
    return _held(composer, term, Piece(row(Fraction(sign, below), _derived(composer, term.of), gap=True), open=True))


def _derived(composer: Composer, of: Term) -> Box:
    piece = composer.piece(of)
    return piece.box if isinstance(of, Symbol) else bracketed(piece).box


def _held(composer: Composer, term: Gradient, piece: Piece) -> Piece:
    if term.direct or (not term.held and not composer.dialect.hold):
        return piece
    return Piece(Bar(piece.box, _held_nodes(composer, term.held, term)))


def _held_nodes(composer: Composer, held: Sequence[Held], term: Gradient) -> Box:
    if not held:
        return ident(r"\varnothing", "∅", upright=True)
    parts: list[Box] = []
    for one in held:
        ends = [one.lower] if one.lower == one.upper else [one.lower, one.upper]
        nodes = [composer.symbol(Symbol(one.name, term.wrt.shape, (time,))).box for time in ends]
        if len(nodes) == 2:
            nodes.insert(1, operator(r"\ldots", "…", plain="..."))
        for node in nodes:
            parts += [COMMA, node] if parts else [node]
    return row(*parts)
