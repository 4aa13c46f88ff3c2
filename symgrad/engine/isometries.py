"""Lemmas about norms of matrices that are assumed to be orthogonal: A^T A = I gives |A|^2 = 1 and smin(A)^2 = 1."""

from __future__ import annotations

from collections.abc import Iterator

from ..kernel.affine import affine
from ..kernel.certificate import Context, Lemma, Statement
from ..kernel.term import Identity, Magnitude, MagnitudeKind, Power, Product, Symbol, Term, Transpose, number
from .tidy import tidy
from .trail import StuckError, Trail

KINDS: tuple[MagnitudeKind, ...] = ("spectral_norm", "least_singular_value")


def isometries(context: Context) -> dict[str, Lemma]:
    """A lemma for each magnitude of a matrix that an assumption says to be orthogonal."""
    found = (one for said in context.hypotheses for one in _of(context, said.statement))
    return {one.name: one for one in found}


def _of(context: Context, said: Statement) -> Iterator[Lemma]:
    match said:
        case Statement(Product((first, last)), "=", Identity()) if tidy(Transpose(last)) == first:
            pass
        case _:
            return
    matrix = last.body if isinstance(last, Transpose) else last
    if isinstance(matrix, Symbol) and not matrix.times:
        for kind in KINDS if matrix.shape[0] == matrix.shape[1] else KINDS[:1]:
            try:
                yield _square(context, kind, matrix, last, said.left)
            except StuckError:
                continue


def _square(context: Context, kind: MagnitudeKind, matrix: Symbol, last: Term, gram: Term) -> Lemma:
    """The square of a magnitude is that of the identity."""
    trail = Trail(context, Power(Magnitude(kind, matrix), affine(2)))
    square = Power(Magnitude(kind, last), affine(2))
    if last != matrix:
        trail.apply_back("norm_transpose", square.body, square)
    trail.apply("norm_squared", square)
    trail.normal(Magnitude(kind, gram))
    trail.apply("hypothesis", gram)
    trail.apply("norm_diagonal", trail.current)
    trail.normal(Power(number(1), affine(2)))
    statement = Statement(trail.start, "=", trail.current)
    return Lemma(f"{'length' if kind == KINDS[0] else 'least length'} by {matrix.name}", statement, trail.chain)
