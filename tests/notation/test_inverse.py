"""Writing and reading are inverse."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from symgrad.kernel.certificate import Statement
from symgrad.kernel.term import SCALAR
from symgrad.notation.read import read_statement, read_term
from symgrad.notation.write import latex, mathml, plain

from .terms import DIALECTS, SHAPES, terms

SETTINGS = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda one: f"{one.time_style}-{one.layout}-{one.transpose}")
@SETTINGS
@given(data=st.data())
def test_a_printed_term_reads_back_as_itself(dialect, data):
    term = data.draw(terms(data.draw(st.sampled_from(SHAPES)), data.draw(st.integers(1, 4))))
    text = latex(term, dialect)
    assert read_term(text, dialect) == term, text


@SETTINGS
@given(data=st.data())
def test_a_printed_statement_reads_back_as_itself(data):
    dialect = data.draw(st.sampled_from(DIALECTS))
    shape = data.draw(st.sampled_from(SHAPES))
    left, right = (data.draw(terms(shape, 2)) for _ in range(2))
    relation = data.draw(st.sampled_from(("=", "<=", "<", ">=", ">"))) if shape == SCALAR else "="
    statement = Statement(left, relation, right)
    text = latex(statement, dialect)
    assert read_statement(text, dialect) == statement, text


@SETTINGS
@given(data=st.data())
def test_mathml_and_plain_text_can_be_written_of_every_term(data):
    from xml.etree import ElementTree

    dialect = data.draw(st.sampled_from(DIALECTS))
    term = data.draw(terms(data.draw(st.sampled_from(SHAPES)), 3))
    ElementTree.fromstring(f"<math>{mathml(term, dialect)}</math>")
    assert plain(term, dialect).strip()
