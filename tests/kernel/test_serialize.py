"""Certificates as JSON: there and back, and hostile files."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from symgrad.kernel.certificate import Certificate, Chain, Induction, Lemma, Statement
from symgrad.serialize import DecodeError, dumps, encode, loads

from .build import A, W, chain, model, normal, power
from .generate import Generator
from .test_check import EQUATION_1, MODEL, ONE_STEP
from .test_rules import ACCEPTED, REFUSED

SEED = 20220125
GOOD = Certificate(MODEL, (ONE_STEP, EQUATION_1))


@pytest.mark.parametrize("name", [*ACCEPTED, *REFUSED])
def test_there_and_back(name: str) -> None:
    certificate = {**ACCEPTED, **REFUSED}[name].certificate()
    assert loads(dumps(certificate)) == certificate


def test_random_terms_there_and_back() -> None:
    for number in range(300):
        made = Generator(f"{SEED} {number}", True)
        term = made.term(made.shape(), 4)
        lemma = Lemma("claim", Statement(term, "=", term), Induction("k", number, Chain(()), Chain((normal(term),))))
        certificate = Certificate(model(), (lemma,))
        assert loads(dumps(certificate)) == certificate, f"seed {SEED} {number}"


def planted(value: Any, *path: Any) -> str:
    """The good certificate with one place overwritten."""
    data = json.loads(dumps(GOOD))
    inner = data
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return json.dumps(data)


LEFT = ("certificate", "lemmas", 0, "statement", "left")
BIG = '{"symgrad": 1, "certificate": %s}'
HOSTILE = {
    "empty": "",
    "no JSON": "certificate",
    "a list": "[]",
    "null": "null",
    "a number": "1",
    "no version": json.dumps({"certificate": encode(GOOD)}),
    "another version": dumps(GOOD).replace('"symgrad": 1', '"symgrad": 2', 1),
    "no certificate": '{"symgrad": 1}',
    "another record": BIG % '{"type": "Chain", "steps": []}',
    "a class that is no record": BIG % '{"type": "ShapeError"}',
    "a base of records": planted({"type": "Term"}, *LEFT),
    "another base of records": planted({"type": "Unary", "body": encode(W)}, *LEFT),
    "a function": planted({"type": "product", "factors": []}, *LEFT),
    "a record of another kind": planted(encode(Chain(())), *LEFT),
    "a missing field": planted({"type": "Symbol", "name": "W"}, *LEFT),
    "a field too many": planted({**encode(W), "shape": ["n", "n"]}, *LEFT),
    "a type that is no name": planted({**encode(W), "type": ["Symbol"]}, *LEFT),
    "a float for a size": planted({**encode(W), "size": [1.0, "n"]}, *LEFT),
    "a truth value for a size": planted({**encode(W), "size": [True, "n"]}, *LEFT),
    "a size of 0": planted({**encode(W), "size": [0, "n"]}, *LEFT),
    "three sizes": planted({**encode(W), "size": ["n", "n", "n"]}, *LEFT),
    "a number for a name": planted({**encode(W), "name": 7}, *LEFT),
    "a relation that is none": planted("<>", "certificate", "lemmas", 0, "statement", "relation"),
    "a list for a relation": planted(["="], "certificate", "lemmas", 0, "statement", "relation"),
    "ill-shaped": planted({"type": "Diagonal", "body": encode(W)}, *LEFT),
    "a rational with exponent": planted({"type": "Number", "value": "1e999999999"}, *LEFT),
    "a rational that is a float": planted({"type": "Number", "value": "0.5"}, *LEFT),
    "a rational over 0": planted({"type": "Number", "value": "1/0"}, *LEFT),
    "a rational with a million digits": planted({"type": "Number", "value": "9" * 1_000_000}, *LEFT),
    "a number with a million digits": BIG % ("9" * 1_000_000),
    "a float that is infinite": BIG % "1e999999999",
    "not a number": BIG % "NaN",
    "a field twice": dumps(GOOD).replace('"symgrad": 1', '"symgrad": 1, "symgrad": 1', 1),
    "an inner field twice": dumps(GOOD).replace('"name": "one step"', '"name": "one step", "name": "two"', 1),
    "lists, deeply": BIG % ("[" * 100_000 + "]" * 100_000),
    "objects, deeply": BIG % ('{"a":' * 100_000 + "1" + "}" * 100_000),
    "terms, deeply": planted("HERE", *LEFT).replace(
        '"HERE"', '{"type": "Transpose", "body": ' * 5_000 + json.dumps(encode(W)) + "}" * 5_000
    ),
    "an affine expression that is none": planted({"type": "Power", "body": encode(W), "exponent": "k*k"}, *LEFT),
    "an affine expression that is long": planted(
        {"type": "Power", "body": encode(W), "exponent": "+".join(["k"] * 9_000)}, *LEFT
    ),
    "a huge file": " " * 60_000_000,
    "a lone surrogate": dumps(GOOD)
    .replace('"one step"', '"\\ud800"', 1)
    .replace('"symgrad": 1', '"symgrad": "\\ud800"', 1),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_end_in_an_error_quickly(name: str) -> None:
    started = time.process_time()
    with pytest.raises(DecodeError) as error:
        loads(HOSTILE[name])
    assert 0 < len(str(error.value)) < 500
    assert time.process_time() - started < 60


def test_the_text_is_that_of_the_certificate() -> None:
    data = json.loads(dumps(Certificate(model(), (chain("claim", power(W, "k"), "=", power(W, "k"), assuming="k"),))))
    assert data["symgrad"] == 1
    assert data["certificate"]["lemmas"][0]["assumptions"] == [str(A("k"))]
