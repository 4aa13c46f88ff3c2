"""Writing what takes an argument: entrywise functions, roots, softmax, diag, traces, determinants, norms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from symgrad.kernel.term import (
    SCALAR,
    Determinant,
    Diagonal,
    DiagonalPart,
    Entrywise,
    Magnitude,
    Softmax,
    Term,
    Trace,
)

from . import large, spell
from .boxes import Box, Bracket, Leaf, Root, Scripts, digits, ident, row
from .dialect import NAMES, OF_MATRICES, WRITTEN
from .functions import is_twofold
from .pieces import APPLIED, ODOT, Piece, word

if TYPE_CHECKING:
    from .compose import Composer


def application(composer: Composer, term: Term) -> Piece:
    match term:
        case Entrywise(function="sqrt", body=body) if not is_twofold(body):
            return Piece(Root(composer.term(body)), base="at once")
        case Entrywise(function="reciprocal", body=body):
            return _reciprocal(composer, body)
        case Entrywise(function=name, body=body):
            return applied(composer, _function(composer, name, is_twofold(body)), body)
        case Softmax(body=body):
            return applied(composer, word("softmax" if body.shape[1] == 1 else "colsoftmax"), body)
        case Diagonal(body=body):
            return applied(composer, word("diag"), body)
        case DiagonalPart(body=body):
            return applied(composer, word("diagpart"), body)
        case Trace(body=body):
            return applied(composer, word("tr"), body)
        case Determinant(body=body):
            return applied(composer, ident(r"\det", "det", upright=True), body)
        case Magnitude():
            return _magnitude(composer, term)
        case _:
            raise TypeError(f"not a term: {type(term).__name__}")


def applied(composer: Composer, function: Box, body: Term) -> Piece:
    return Piece(row(function, APPLIED, Bracket("(", composer.term(body))), base="at once")


def _reciprocal(composer: Composer, body: Term) -> Piece:
    return Piece(Scripts(composer.base(body), above=row(ODOT, spell.MINUS, digits("1"))))


def _function(composer: Composer, name: str, twofold: bool) -> Box:
    plain = name.rstrip("'")
    leaf: Box
    known = plain in NAMES and len(plain) > 1 and plain not in composer.dialect.symbols
    if known and (plain in OF_MATRICES or plain == "tanh"):
        leaf = ident(rf"\{plain}", plain, upright=True)
    elif plain == "sigmoid" and not composer.dialect.declares("sigma"):
        leaf = ident(r"\sigma", "σ")
    else:
        leaf = spell.spelt_letter(plain, "") if len(plain) == 1 else word(WRITTEN.get(plain, plain))
    primes = len(name) - len(plain)
    if primes:
        leaf = row(leaf, Leaf("'" * primes, f"<mo>{'′' * primes}</mo>", "'" * primes))
    marked = twofold and plain in OF_MATRICES and plain not in composer.dialect.functions
    return Scripts(leaf, above=ODOT) if marked else leaf


def _magnitude(composer: Composer, term: Magnitude) -> Piece:
    body = term.body
    match term.kind:
        case "spectral_norm":
            return Piece(Bracket("|" if body.shape == SCALAR else "||", composer.term(body)), base="at once")
        case "spectral_radius":
            taken = "rho" in composer.dialect.symbols
            return applied(composer, word("specrad") if taken else ident(r"\rho", "ρ"), body)
        case "least_singular_value":
            taken = "sigma_min" in composer.dialect.symbols
            sigma = Scripts(ident(r"\sigma", "σ"), below=ident(r"\min", "min", upright=True))
            return applied(composer, word("sigmamin") if taken else sigma, body)
        case _:
            return large.entry(composer, term)
