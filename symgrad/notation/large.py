"""Writing products and sums with bounds, limits, extrema, and the largest entry of a vector."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from symgrad.kernel.affine import Affine
from symgrad.kernel.term import (
    ComponentSum,
    Extremum,
    Gradient,
    IndexedSum,
    Limit,
    Magnitude,
    OrderedProduct,
    Product,
    Scale,
    Symbol,
    Term,
    free_times,
)

from . import spell
from .boxes import Box, Bracket, Scripts, digits, ident, operator, row
from .pieces import PRODUCT, Piece, at_least, bracketed, large_word

if TYPE_CHECKING:
    from .compose import Composer

_LETTERS = "jlpqr"


def large(composer: Composer, term: OrderedProduct | IndexedSum | ComponentSum | Limit | Extremum) -> Piece:
    match term:
        case OrderedProduct(index=index, body=body):
            sign = _with_bounds(composer, operator(r"\prod", "∏", "prefix"), term.index, term.lower, term.upper)
            inner = _factors_of_product(composer, body, index)
        case IndexedSum(body=body):
            sign = _with_bounds(composer, operator(r"\sum", "∑", "prefix"), term.index, term.lower, term.upper)
            inner = at_least(composer.piece(body), PRODUCT)
        case ComponentSum(body=body):
            sign = _over_entries(term)
            inner = at_least(composer.piece(body), PRODUCT)
        case Limit(index=index, body=body):
            to = row(spell.plain_name(index), operator(r"\to", "→"), ident(r"\infty", "∞", upright=True), gap=True)
            sign = Scripts(large_word("lim"), below=to, limits=True)
            inner = at_least(composer.piece(body), PRODUCT)
        case Extremum(variable=variable, body=body):
            sign = Scripts(large_word(term.kind), below=spell.plain_name(variable), limits=True)
            inner = _extremum_body(composer, variable, body)
    return Piece(row(sign, inner.box, gap=True), open=True)


def _extremum_body(composer: Composer, variable: str, body: Term) -> Piece:
    inside = replace(composer, reals=(*composer.reals, variable))
    return at_least(inside.piece(body), PRODUCT)


def _with_bounds(composer: Composer, sign: Box, index: str, lower: Affine, upper: Affine) -> Scripts:
    below = row(spell.plain_name(index), operator("=", "="), spell.spelt_time(lower, composer.dialect))
    return Scripts(sign, below, spell.spelt_time(upper, composer.dialect), limits=True)


def _over_entries(term: ComponentSum) -> Scripts:
    """From 1 to a named size; up to a number, j in [3], for j = 1 to 3 would be read as times."""
    sign, index, size = operator(r"\sum", "∑", "prefix"), spell.plain_name(term.index), spell.spelt_size(term.rows)
    if isinstance(term.rows, int):
        return Scripts(sign, row(index, operator(r"\in", "∈"), Bracket("[", size)), limits=True)
    return Scripts(sign, row(index, operator("=", "="), digits("1")), size, limits=True)


def _factors_of_product(composer: Composer, body: Term, index: str) -> Piece:
    """A product takes its factors up to the last that mentions the index; otherwise they stand in brackets."""
    last = body.factors[-1] if isinstance(body, Product) else body.body if isinstance(body, Scale) else body
    piece = composer.piece(body)
    ends_with_index = index in free_times(last) and not isinstance(last, Scale | Product)
    takes_more = piece.open and not isinstance(last, Gradient | Magnitude)
    fits = piece.level >= PRODUCT and ends_with_index and not takes_more
    return piece if fits else bracketed(piece)


def entry(composer: Composer, term: Magnitude) -> Piece:
    letter = next(one for one in _LETTERS if one not in free_times(term.body))
    word = "max" if term.kind == "largest_entry" else "min"
    if isinstance(term.body, Symbol):
        entry = composer.symbol(term.body, spell.plain_name(letter)).box
    else:
        entry = Scripts(Bracket("[", composer.term(term.body)), below=spell.plain_name(letter))
    sign = Scripts(large_word(word), below=spell.plain_name(letter), limits=True)
    return Piece(row(sign, Bracket("|", entry), gap=True), open=True)
