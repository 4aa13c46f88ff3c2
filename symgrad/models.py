"""Which model a command is about: one that is known by name, or that a file declares, and what is asked of it."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from .files import UserError, read_text

if TYPE_CHECKING:
    from .kernel.certificate import Context
    from .kernel.term import Term
    from .notation.dialect import Dialect
    from .notation.setting import Setting


def wanted(given: argparse.Namespace) -> Iterator[tuple[Term, Context, Dialect, bool]]:
    """What to derive, each in what is declared of it, and whether as a recursion. Raises ReadError and UserError."""
    if given.gradient is not None:
        from .notation.read import read_term
        from .notation.wanted import asked_of

        chosen = setting(given)
        term = read_term(given.gradient, chosen.dialect)
        yield term, asked_of(term, chosen), chosen.dialect, given.recursion
        return
    from .notation.read import read_document

    if given.model is None:
        raise UserError("say which gradient to derive, or give a file with --model that asks for some")
    document = read_document(read_text(Path(given.model)), given.model)
    if document.all_problems:
        raise UserError("\n".join(map(str, document.all_problems)))
    asked = [(reading, one) for claim in document.claims for reading in claim.readings for one in reading.statements]
    links = [(reading, one) for reading, one in asked if one.wanted in ("closed", "recursion")]
    if not links:
        raise UserError(f"{given.model}: no line asks for a gradient (% symgrad: derive ...)")
    for reading, one in links:
        yield one.statement.left, reading.context, reading.dialect, given.recursion or one.wanted == "recursion"


def setting(given: argparse.Namespace) -> Setting:
    """What is declared by a profile or by a file, and on the command line. Raises ReadError and UserError."""
    from .notation.assemble import read_setting
    from .notation.declarations import declare_all

    if given.model is not None:
        return declare_all(given.declare, read_setting(read_text(Path(given.model)), given.model))
    if given.cell is None:
        raise UserError("say of which model: --cell NAME, or --model FILE for one that a file declares")
    found = profile(given.cell)
    depth = ["assume k >= 0"] if "k" in found.dialect.times else []
    return declare_all([*depth, *given.declare], found)


def profiles() -> list[str]:
    """The names of the models that are known by name."""
    from .notation.declarations import PROFILES

    return sorted(path.stem for path in PROFILES.glob("*.tex"))


def profile(name: str) -> Setting:
    """What is declared by a cell's profile."""
    from .notation.declarations import declare_all
    from .notation.setting import Setting

    if name not in profiles():
        raise UserError(f"no cell is called {name!r}; there are {', '.join(profiles())}")
    return declare_all([f"use {name}"], Setting())
