"""Certificates: a context (the model and what is assumed), lemmas with their proofs, and the JSON they are kept in.

Plain data from an untrusted proposer. Decoding builds records and nothing else; `check.py` judges them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields, is_dataclass
from fractions import Fraction
from typing import Any, Literal, get_args, get_origin, get_type_hints

from . import term as terms
from .affine import Affine, parse_affine
from .term import Symbol, Term

Relation = Literal["=", "<=", "<", ">=", ">"]
VERSION = 1


@dataclass(frozen=True, slots=True)
class Statement:
    """left relation right, for every size and for every value of the free time variables."""

    left: Term
    relation: Relation
    right: Term


@dataclass(frozen=True, slots=True)
class Definition:
    """head(t, ...) = body for all t, ...: `head.times` are distinct variables and the only free times of `body`."""

    head: Symbol
    body: Term


@dataclass(frozen=True, slots=True)
class Loss:
    """A scalar that is an arbitrary differentiable function of one node alone, such as L of h[tau]."""

    name: str
    on: Symbol


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A statement assumed for all values of the time variables in `forall`."""

    statement: Statement
    forall: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Context:
    """What a statement is about. `assumptions` are affine expressions taken to be at least 0."""

    recurrence: tuple[Definition, ...] = ()
    abbreviations: tuple[Definition, ...] = ()
    losses: tuple[Loss, ...] = ()
    assumptions: tuple[Affine, ...] = ()
    hypotheses: tuple[Hypothesis, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """The previous term stands in `relation` to `term` by `rule`, applied wherever `at` occurs in it.

    With `reverse`, the rule leads from `term` back to the previous term, and `at` occurs in `term`. `arguments` say at
    which times a lemma or hypothesis is used, or where to split.
    """

    rule: str
    relation: Relation
    term: Term
    at: Term | None = None
    arguments: tuple[tuple[str, Affine], ...] = ()
    lemma: str = ""
    reverse: bool = False


@dataclass(frozen=True, slots=True)
class Chain:
    """left = first term; each step leads to the next; the last step's term is the right side."""

    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Induction:
    """Over `variable` from `start`; the hypothesis is the lemma named "induction hypothesis" in `step`."""

    variable: str
    start: int
    base: Chain
    step: Chain


@dataclass(frozen=True, slots=True)
class Lemma:
    """A named statement with its proof; it may use the lemmas before it. `assumptions` add to those of the context."""

    name: str
    statement: Statement
    proof: Chain | Induction
    assumptions: tuple[Affine, ...] = ()


@dataclass(frozen=True, slots=True)
class Certificate:
    """The last lemma is the claim."""

    context: Context
    lemmas: tuple[Lemma, ...]


class DecodeError(ValueError):
    """A file that is not a certificate; the message says where."""


def encode(value: Any) -> Any:
    """A record as JSON data: {"type": name, field: value}; affine expressions and rationals are strings."""
    match value:
        case Affine() | Fraction():
            return str(value)
        case tuple():
            return [encode(one) for one in value]
        case None | bool() | int() | str():
            return value
        case _:
            named = {one.name: encode(getattr(value, one.name)) for one in fields(value) if one.init}
            return {"type": type(value).__name__, **named}


def dumps(certificate: Certificate) -> str:
    return json.dumps({"symgrad": VERSION, "certificate": encode(certificate)}, ensure_ascii=False, indent=1)


def loads(text: str) -> Certificate:
    """Read a certificate; raises DecodeError, and never anything else, on what is not one."""
    try:
        data = json.loads(text)
        if not isinstance(data, dict) or data.get("symgrad") != VERSION:
            raise DecodeError(f'not a certificate: "symgrad": {VERSION} is missing')
        found: Certificate = decode(data.get("certificate"), Certificate)
        return found
    except RecursionError:
        raise DecodeError("nested too deeply") from None
    except DecodeError:
        raise
    except (ValueError, ArithmeticError) as error:
        raise DecodeError(str(error)) from None


def decode(data: Any, hint: Any) -> Any:
    """The value of type `hint` that `encode` turned into `data`."""
    match get_origin(hint):
        case None:
            return _decode_plain(data, hint)
        case origin if origin is tuple:
            return _decode_tuple(data, get_args(hint))
        case origin if origin is Literal:
            return _expect(data in get_args(hint), data, f"one of {get_args(hint)}")
    if data is None and type(None) in get_args(hint):
        return None
    kinds = [kind for kind in get_args(hint) if isinstance(kind, type) and kind is not type(None)]
    if isinstance(data, dict):
        found = _decode_record(data)
        return found if isinstance(found, tuple(kinds)) else _expect(False, data["type"], str(hint))
    return _expect(type(data) in kinds, data, str(hint))


def _decode_plain(data: Any, hint: type) -> Any:
    if hint is Affine or hint is Fraction:
        text = _expect(isinstance(data, str) and len(data) < 10_000, data, "a string")
        return parse_affine(text) if hint is Affine else Fraction(text)
    if isinstance(data, dict):
        found = _decode_record(data)
        return found if isinstance(found, hint) else _expect(False, data["type"], hint.__name__)
    return _expect(type(data) is hint, data, hint.__name__)


def _decode_tuple(data: Any, hints: tuple[Any, ...]) -> tuple[Any, ...]:
    _expect(isinstance(data, list), data, "a list")
    if hints[-1] is Ellipsis:
        return tuple(decode(one, hints[0]) for one in data)
    _expect(len(data) == len(hints), data, f"a list of {len(hints)}")
    return tuple(decode(one, hint) for one, hint in zip(data, hints, strict=True))


def _decode_record(data: dict[str, Any]) -> Any:
    name = data.get("type")
    record = _RECORDS.get(name) if isinstance(name, str) else None
    if record is None:
        raise DecodeError(f"no record is called {str(name)[:60]!r}")
    hints = {one.name: _HINTS[record][one.name] for one in fields(record) if one.init}
    _expect(set(data) == {"type", *hints}, sorted(data), f"the fields of {name}: {', '.join(hints)}")
    return record(**{key: decode(data[key], hint) for key, hint in hints.items()})


def _expect(condition: bool, data: Any, expected: str) -> Any:
    if not condition:
        raise DecodeError(f"expected {expected}, found {str(data)[:60]!r}")
    return data


_RECORDS: dict[str, type] = {
    value.__name__: value
    for value in (*vars(terms).values(), *tuple(globals().values()))
    if isinstance(value, type) and is_dataclass(value) and value not in (Term, Affine)
}
_HINTS = {record: get_type_hints(record) for record in _RECORDS.values()}
