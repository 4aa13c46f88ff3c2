"""Writing entries: h_{t,i}, W_{ij}, [A v]_i, derivatives of and by entries, Kronecker's delta and unit vectors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from symgrad.kernel.affine import Affine
from symgrad.kernel.term import COMPONENT, SCALAR, Basis, Gradient, Identity, Product, Size, Symbol, Term, Transpose

from . import spell
from .boxes import Box, Bracket, Scripts, listed, row
from .dialect import GREEK, Dialect, split_name
from .pieces import TRANSPOSE, Piece
from .written_derivatives import of_entries, second

if TYPE_CHECKING:
    from .compose import Composer


def entry(composer: Composer, term: Product) -> Piece | None:
    """The entry that a product takes, such as e_i^T W e_j; None for any other product."""
    found = taken(term)
    if found is None:
        return None
    body, indices = found
    match body:
        case Symbol() if not _is_another_name(body, indices, composer.dialect):
            return composer.symbol(body, subscript(indices))
        case Gradient() if (derivative := _derivative(composer, body, indices)) is not None:
            return derivative
        case Identity(rows) if len(indices) == 2 and _is_only_size(rows, composer.dialect):
            return Piece(Scripts(spell.spelt_letter("delta", ""), below=subscript(indices)), base="at once")
        case _:
            return Piece(Scripts(Bracket("[", composer.term(body)), below=subscript(indices)), base="at once")


def taken(term: Term) -> tuple[Term, tuple[str, ...]] | None:
    """What a term is an entry of, with the indices; None if it is no entry."""
    match term:
        case Product((Transpose(Basis(i)), body)) if body.shape[1] == 1:
            return body, (_written(i),)
        case Product((Transpose(Basis(i)), body, Basis(j))):
            return body, (_written(i), _written(j))
        case _:
            return None


def _written(place: Affine) -> str:
    return str(place).removesuffix(COMPONENT)


def unit_vector(term: Basis, dialect: Dialect, bare: bool = False) -> Piece:
    """The unit vector with its size; with `bare`, its place gives that."""
    letter = "unit" if dialect.declares("e") else "e"
    below = listed(None if bare else spell.spelt_size(term.rows), spell.plain_name(str(term.place)))
    return Piece(Scripts(spell.spelt_letter(letter, "mathbf"), below=below), base="at once")


def bare_unit(composer: Composer, factors: Sequence[Term], place: int) -> Piece | None:
    """A unit vector after a matrix, or transposed before one, which tells its size; None for other factors."""
    before, after = factors[place - 1 : place], factors[place + 1 : place + 2]
    match factors[place]:
        case Basis() as unit if before and not (isinstance(before[0], Transpose) and isinstance(before[0].body, Basis)):
            return unit_vector(unit, composer.dialect, bare=True)
        case Transpose(Basis() as unit) if after and not isinstance(after[0], Basis):
            base = unit_vector(unit, composer.dialect, bare=True).box
            return Piece(Scripts(base, above=TRANSPOSE[composer.dialect.transpose]))
        case _:
            return None


def subscript(indices: Sequence[str]) -> Box:
    """The indices side by side where each is one letter."""
    boxes = [spell.plain_name(one) for one in indices]
    return row(*boxes) if all(len(one) == 1 or one in GREEK for one in indices) else listed(*boxes) or row()


def _is_another_name(symbol: Symbol, indices: Sequence[str], dialect: Dialect) -> bool:
    """Whether the symbol with these indices below it would be read as another symbol, such as the matrix W_i."""
    letter, accent, word = split_name(symbol.name)
    return not word and f"{letter}{accent}_{''.join(indices)}" in dialect.symbols


def _is_only_size(size: Size, dialect: Dialect) -> bool:
    """Whether nothing else can be meant by the entries of a vector; a delta says nothing about its size."""
    sizes = {*dialect.sizes, *(one for declared in dialect.symbols.values() for one in declared.size)}
    return sizes - {1} == {size}


def _derivative(composer: Composer, gradient: Gradient, indices: Sequence[str]) -> Piece | None:
    """The derivative of one entry (or of a scalar) by one entry, as a fraction; None where another would be read."""
    of, by = gradient.of, gradient.wrt
    first, *others = indices
    part = taken(of)
    if _is_another_name(by, [first], composer.dialect) or (of.shape == SCALAR) == bool(others):
        return None
    under = composer.symbol(by, subscript([first])).box
    if isinstance(of, Gradient) and len(others) == 1 and not _is_another_name(of.wrt, others, composer.dialect):
        return second(composer, gradient, under, composer.symbol(of.wrt, subscript(others)).box)
    if not isinstance(of, Symbol):
        is_name = part is not None and isinstance(part[0], Symbol)
        return None if others or is_name else of_entries(composer, gradient, None, under)
    if _is_another_name(of, others, composer.dialect):
        return None
    return of_entries(composer, gradient, composer.symbol(of, subscript(others) if others else None).box, under)
