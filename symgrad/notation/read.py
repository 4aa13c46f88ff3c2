"""Reading: a whole document, a statement or a term."""

from __future__ import annotations

from collections.abc import Sequence

from symgrad.kernel.certificate import Statement
from symgrad.kernel.term import Term

from .assemble import read_text
from .chains import chain_statements
from .dialect import Dialect
from .document import Document
from .entries import settled
from .grammar import parse
from .names import Scope
from .nodes import only_side
from .problem import MisreadError, ReadError, Source
from .resolve import resolved
from .values import fixed


def read_term(latex: str, dialect: Dialect, *, ascii_names: bool = False) -> Term:
    """The term that a formula stands for; with `ascii_names`, also as declarations write it. Raises ReadError."""
    try:
        side = only_side(parse(latex, 0, len(latex), {}, ascii_names))
        if side is None:
            raise MisreadError(0, "I expected a single term")
        return settled([fixed(resolved(side, Scope(dialect)), side.at)], dialect, side.at)[0]
    except MisreadError as error:
        raise ReadError(Source("<text>", latex).problem(error.at, error.said(dialect))) from None


def read_statement(latex: str, dialect: Dialect, *, ascii_names: bool = False) -> Statement:
    """The statement of a formula with one relation; `ascii_names` as for a term. Raises ReadError."""
    try:
        content = parse(latex, 0, len(latex), {}, ascii_names)
        if len(content.chains) != 1 or len(content.chains[0].relators) != 1:
            raise MisreadError(0, "I expected two sides and one relation between them")
        return chain_statements(content.chains[0], Scope(dialect))[0]
    except MisreadError as error:
        raise ReadError(Source("<text>", latex).problem(error.at, error.said(dialect))) from None


def read_document(text: str, path: str = "<text>", declarations: Sequence[str] = ()) -> Document:
    """The document that a text is. Bad content never raises: problems are collected, and stand with their claim.

    `declarations` hold before the first line, as if each stood there in a comment; the text may hide what they say.
    Raises ReadError for one of them that cannot be read.
    """
    return read_text(text, path, declarations)


def read_formula(text: str, path: str = "<text>", declarations: Sequence[str] = ()) -> Document:
    """The document of a single display, with or without delimiters; otherwise as `read_document`."""
    return read_text(text, path, declarations, formula=True)
