"""Certificates as JSON: {"type": name, field: value} a record; affine expressions and rationals are strings.

Decoding builds records and nothing else; it ends in DecodeError on whatever is not a certificate. What a certificate
proves is for `kernel/check.py` to say.
"""

from __future__ import annotations

import json
import re
from dataclasses import fields, is_dataclass
from fractions import Fraction
from typing import Any, Literal, get_args, get_origin, get_type_hints

from .kernel import certificate as certificates
from .kernel import term as terms
from .kernel.affine import Affine, affine
from .kernel.certificate import Certificate

VERSION = 1
MAX_LENGTH = 50_000_000
MAX_AFFINE = 1_000


class DecodeError(ValueError):
    """A file that is not a certificate; the message says where."""


_SUMMAND = re.compile(r"([+-]?)(\d*)([^\W\d]\w*)?")


def parse_affine(text: str) -> Affine:
    """The inverse of `str`: "tau-k+1". Raises ValueError on anything else."""
    total, position = Affine(), 0
    while position < len(text) or not position:
        word = _SUMMAND.match(text, position)
        if word is None or not (word[2] or word[3]) or (position and not word[1]):
            raise ValueError(f"not an affine expression: {text[:40]!r}")
        total += affine(word[3] or 1) * int(f"{word[1]}{word[2] or 1}")
        position = word.end()
    return total


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
        data = json.loads(_expect(len(text) <= MAX_LENGTH, text, "a shorter file"), object_pairs_hook=_object)
        if not isinstance(data, dict) or data.get("symgrad") != VERSION:
            raise DecodeError(f'not a certificate: "symgrad": {VERSION} is missing')
        found: Certificate = decode(data.get("certificate"), Certificate)
        return found
    except RecursionError:
        raise DecodeError("nested too deeply") from None
    except (ValueError, ArithmeticError) as error:
        raise error if isinstance(error, DecodeError) else DecodeError(str(error)) from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    return found if len(found) == len(pairs) else _expect(False, [key for key, _ in pairs], "every field once")


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
    if hint is Affine:
        return parse_affine(_expect(isinstance(data, str) and len(data) <= MAX_AFFINE, data, "an affine expression"))
    if hint is Fraction:
        written = isinstance(data, str) and re.fullmatch(r"-?[0-9]{1,4000}(/[0-9]{1,4000})?", data)
        return Fraction(_expect(bool(written), data, "a rational"))
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
    name: value
    for module in (terms, certificates)
    for name, value in vars(module).items()
    if isinstance(value, type) and is_dataclass(value) and value is not Affine and not value.__subclasses__()
}
_HINTS = {record: get_type_hints(record) for record in _RECORDS.values()}
