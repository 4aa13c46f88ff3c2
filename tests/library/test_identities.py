"""Each identity of the library: proved by the kernel, true for autograd at random sizes, and false when it is changed.

A file that is added is tested without a word here.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from symgrad import serialize
from symgrad.engine.refute import recheck, refute
from symgrad.instances.counterexample import dumps
from symgrad.kernel.check import check
from symgrad.notation.document import plain_text
from symgrad.page.render import compile_pdf
from tests.running import ROOT, needs

from .identities import FILES, Identity, document, false_mutants, identities, judged, name, steps
from .points import holds, points

LEAST = 40
TOPICS = {
    "bounds",
    "components",
    "differentials",
    "feed-forward",
    "hessians",
    "layers",
    "losses",
    "matrix-calculus",
    "recurrent",
}
POINTS = 3
MUTANTS, REFUTED = 8, 2

by_file = pytest.mark.parametrize("path", FILES, ids=name)


@by_file
def test_says_what_it_is_and_where_it_is_from(path: Path) -> None:
    read = document(path)
    assert [str(one) for one in read.all_problems] == []
    assert read.title
    assert read.claims
    for claim in read.claims:
        assert claim.cites and claim.label.startswith("eq:")


@by_file
def test_is_proved(path: Path) -> None:
    for one in judged(path):
        assert (one.verdict.status, one.verdict.reason) == ("proved", "")
        assert one.verdict.certificate is not None
        assert check(serialize.loads(serialize.dumps(one.verdict.certificate))).accepted


@by_file
def test_agrees_with_autograd(path: Path) -> None:
    for identity in identities(path):
        tried = list(points(identity.statement, identity.context, POINTS))
        assert [holds(identity.statement, one) for one in tried] == [True] * POINTS


@by_file
def test_each_step_of_its_proof_agrees_with_autograd(path: Path) -> None:
    for statement, context in steps(path):
        assert all(holds(statement, one) for one in points(statement, context, 1)), statement


@by_file
def test_changed_a_little_it_is_refuted(path: Path) -> None:
    for identity in identities(path):
        assert sum(is_refuted(identity)) >= REFUTED


def is_refuted(identity: Identity) -> list[bool]:
    """Whether each false mutant is refuted, up to the first two that are."""
    found: list[bool] = []
    for changed in false_mutants(identity, MUTANTS):
        counterexample = refute(changed, identity.context)
        assert counterexample is None or recheck(json.loads(dumps(counterexample)))
        found.append(counterexample is not None)
        if sum(found) == REFUTED:
            break
    return found


def test_the_library_is_large_enough_and_has_every_topic() -> None:
    assert sum(len(identities(path)) for path in FILES) >= LEAST
    assert {path.parent.name for path in FILES} == TOPICS


def test_no_label_is_used_twice_within_a_topic() -> None:
    labels = [(path.parent.name, claim.label) for path in FILES for claim in document(path).claims]
    assert len(labels) == len(set(labels))


def test_nothing_else_knows_a_file_of_the_library() -> None:
    sources = [path.read_text("utf-8") for folder in ("symgrad", "tests") for path in (ROOT / folder).rglob("*.py")]
    assert [name(path) for path in FILES if any(name(path) in source for source in sources)] == []


@needs("latexmk")
def test_they_compile(tmp_path: Path) -> None:
    bodies = [path.read_text("utf-8").split(r"\maketitle")[1].split(r"\end{document}")[0] for path in FILES]
    unlabelled = [body.replace(r"\label{eq:", rf"\label{{{place}:") for place, body in enumerate(bodies)]
    head = "\\documentclass{article}\n\\usepackage{amsmath,amssymb}\n\\begin{document}\n"
    (tmp_path / "all.tex").write_text(f"{head}{''.join(unlabelled)}\n\\end{{document}}\n", "utf-8")
    assert compile_pdf(tmp_path / "all.tex") == ""


def test_every_file_has_the_same_preamble() -> None:
    """So that what is true of all of them in one document is true of each."""
    heads = {path.read_text("utf-8").split(r"\title")[0] for path in FILES}
    assert heads == {"\\documentclass{article}\n\\usepackage{amsmath,amssymb}\n"}


def test_the_text_says_something_about_each() -> None:
    short = [name(path) for path in FILES if len(words(path)) < 5]
    assert short == []


def words(path: Path) -> list[str]:
    return [word for block in document(path).blocks for word in plain_text(getattr(block, "inlines", ())).split()]
