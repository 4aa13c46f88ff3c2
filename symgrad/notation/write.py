"""Writing terms and statements as LaTeX, MathML and plain text: the inverse of reading."""

from __future__ import annotations

from symgrad.kernel.certificate import Condition, Statement
from symgrad.kernel.term import Term

from .boxes import Box, to_latex, to_mathml, to_plain
from .compose import Composer
from .dialect import Dialect
from .document import Math
from .values import show

MAX_TOLD = 40
Writable = Term | Statement | Condition | Math


def latex(thing: Writable, dialect: Dialect) -> str:
    """LaTeX for math mode; needs amsmath and amssymb. Read in the same dialect, it is the same term again."""
    return to_latex(_box(thing, dialect))


def mathml(thing: Writable, dialect: Dialect) -> str:
    """What stands inside a <math> element, escaped."""
    return to_mathml(_box(thing, dialect))


def plain(thing: Writable, dialect: Dialect) -> str:
    """One line of text for a terminal."""
    return to_plain(_box(thing, dialect))


def told(term: Term, dialect: Dialect | None) -> str:
    """A term in a message: W h[t] (an n x 1 vector); of a long one the shape alone."""
    text, shape = plain(term, dialect or Dialect()), show(term.shape)
    return f"{text} ({shape})" if len(text) <= MAX_TOLD else shape


def _box(thing: Writable, dialect: Dialect) -> Box:
    composer = Composer(dialect)
    match thing:
        case Term():
            return composer.term(thing)
        case Statement():
            return composer.statement(thing)
        case Condition():
            return composer.condition(thing)
        case Math():
            from .as_written import written_box

            return written_box(thing)
