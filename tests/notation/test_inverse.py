"""Writing and reading are inverse: what is printed of a term reads back as the term."""

from __future__ import annotations

import os
from random import Random
from xml.etree import ElementTree

import pytest

from symgrad.kernel.certificate import Statement
from symgrad.kernel.term import SCALAR
from symgrad.notation.read import read_statement, read_term
from symgrad.notation.write import latex, mathml, plain

from .terms import DIALECTS, SHAPES, terms

COUNT = 10_000
SEED = int(os.environ.get("SYMGRAD_SEED", "20211"))
"""Another one tries other terms; a failure names it."""
NAMES = [f"{one.time_style}-{one.layout}-{one.transpose}-{number}" for number, one in enumerate(DIALECTS)]


def drawn(count: int, place: int, depth: int = 4):
    """Random terms of all shapes, each with a name to find it by."""
    for number in range(count):
        random = Random(f"{SEED} {place} {number}")
        yield (
            f"seed {SEED}, dialect {place}, term {number}",
            terms(random.choice(SHAPES), random.randint(1, depth))(random),
        )


@pytest.mark.parametrize("place", range(len(DIALECTS)), ids=NAMES)
def test_a_printed_term_reads_back_as_itself(place):
    dialect = DIALECTS[place]
    for name, term in drawn(COUNT // len(DIALECTS), place):
        text = latex(term, dialect)
        assert read_term(text, dialect) == term, f"{name}: {text}"


@pytest.mark.parametrize("place", range(len(DIALECTS)), ids=NAMES)
def test_a_printed_statement_reads_back_as_itself(place):
    dialect = DIALECTS[place]
    for number in range(100):
        random = Random(f"statement {SEED} {place} {number}")
        shape = random.choice(SHAPES)
        left, right = (terms(shape, 2)(random) for _ in range(2))
        statement = Statement(left, random.choice(("=", "<=", "<", ">=", ">")) if shape == SCALAR else "=", right)
        text = latex(statement, dialect)
        assert read_statement(text, dialect) == statement, f"seed {SEED}, dialect {place}, statement {number}: {text}"


@pytest.mark.parametrize("place", range(len(DIALECTS)), ids=NAMES)
def test_mathml_and_plain_text_can_be_written_of_every_term(place):
    for name, term in drawn(100, place, 3):
        ElementTree.fromstring(f"<math>{mathml(term, DIALECTS[place])}</math>")
        assert plain(term, DIALECTS[place]).strip(), name
