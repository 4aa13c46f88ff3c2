"""Guesses a header for a text that declares nothing: the names it uses, as times, matrices, vectors and scalars.

A guess to start from, for a person to correct: capitals are taken for matrices, small letters for vectors, an equation
for a state from the state before it for the model. What is less sure than that has a comment above it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

from .declarations import PROFILES, declare_all
from .dialect import Dialect
from .displays import take_apart
from .document import Math
from .grammar import parse_tokens
from .guess_names import SCALARS, Found, as_name, gather, named
from .lexer import tokenize
from .macros import Macros, define
from .markdown import pieces_of
from .nodes import Chain, Content, only_item
from .problem import MisreadError, ReadError
from .setting import Setting
from .write import latex

_LAST = ("tau", "T")
_NOT_MODELLED = ("delta", "D", "J", "epsilon")
_UNSURE = "% a guess:"


def guess_header(text: str, path: str = "<text>") -> str:
    """Declaration lines for the names in the formulas of a text. What cannot be read is passed over."""
    found = gather(_formulas(text, path))
    models = [line for chain in found.chains for line in _model(chain, found)]
    profile = "" if models else _profile(found)
    kept: list[str] = []
    for line in [*_shapes(found, profile), *models, *_loss(found, bool(models))]:
        if line.startswith("%") or _can_follow(line, kept):
            kept.append(line)
    return "".join(f"{line}\n" if line.startswith("%") else f"% symgrad: {line}\n" for line in _commented(kept))


def _can_follow(line: str, before: Iterable[str]) -> bool:
    """Whether the reader takes a declaration after these."""
    try:
        declare_all([*(one for one in before if not one.startswith("%")), line], Setting())
    except ReadError:
        return False
    return True


def _commented(lines: list[str]) -> Iterator[str]:
    """Without comments that stand before nothing."""
    for line, after in zip(lines, [*lines[1:], "%"], strict=True):
        if not (line.startswith("%") and after.startswith("%")):
            yield line


def _formulas(text: str, path: str) -> Iterator[Content]:
    macros: Macros = {}
    for piece in pieces_of(text, path):
        try:
            if piece.kind == "definition":
                macros, _ = define(text, piece.start, len(text), macros)
            elif piece.kind in ("display", "inline"):
                rows = take_apart(tokenize(text, *piece.inner, macros)).rows
                yield from (parse_tokens(row.tokens, piece.stop) for row in rows if row.tokens)
        except MisreadError:
            continue


# names


def _shapes(found: Found, profile: str) -> Iterator[str]:
    known = _symbols(profile) if profile else {}
    if profile:
        yield f"{_UNSURE} the letters are those of the profile {profile}"
        yield f"use {profile}"
    else:
        yield "size n"
    times = [one for one in found.times if one not in found.indices and one not in found.entries]
    yield from [f"time {', '.join(times)}"] if times else []
    yield from [f"index {', '.join(found.entries)}"] if found.entries else []
    yield from [f"{', '.join(found.functions)} : function"] if found.functions else []
    groups = _groups({name: kind for name, kind in found.kinds().items() if name.removesuffix("[t]") not in known})
    for shape, names in groups.items():
        if shape == "scalar" and any(name in SCALARS for name in names):
            yield f"{_UNSURE} Greek letters are scalars"
        yield f"{', '.join(names)} : {shape}"


def _groups(kinds: dict[str, str]) -> dict[str, list[str]]:
    shapes: dict[str, list[str]] = {"n x n": [], "n": [], "scalar": []}
    for name, kind in kinds.items():
        shapes[kind].append(name)
    return {shape: names for shape, names in shapes.items() if names}


@cache
def _states(profile: str) -> frozenset[str]:
    """What the model of a profile gives equations for."""
    return frozenset(one.head.name for one in declare_all([f"use {profile}"], Setting()).recurrence)


@cache
def _symbols(profile: str) -> dict[str, int]:
    """The names of a profile, with their numbers of times."""
    symbols = declare_all([f"use {profile}"], Setting()).dialect.symbols
    return {name: one.arity for name, one in symbols.items()}


def _profile(found: Found) -> str:
    """The first profile that has the states and matrices of a text, if those are most of its states; else ""."""
    states = {name for name in found.families if name not in _NOT_MODELLED}
    weights = {name for name in found.plain if name[0].isupper() and name not in found.losses}
    if not states or found.declared or not (weights or len(states) > 3):
        return ""
    for profile in sorted((path.stem for path in PROFILES.glob("*.tex")), key=lambda name: (name != "rnn", name)):
        known = _symbols(profile)
        modelled = _states(profile)
        fits = 2 * len(modelled & states) > len(modelled)
        fits = fits and all(known.get(name) == 1 for name in states) and all(known.get(name) == 0 for name in weights)
        if fits and all(known.get(name) == 0 for name in found.losses):
            return profile
    return ""


# the model and the loss


def _model(chain: Chain, found: Found) -> Iterator[str]:
    """An equation for a state, from itself or others at its time and the time before."""
    item = only_item(Content((Chain(chain.sides[:1], ()),))) if chain.sides[0] else None
    left = as_name(item) if item else None
    if [one.text for one in chain.relators] != ["="] or left is None or chain.sides[1] is None:
        return
    right = Content((Chain(chain.sides[1:], ()),))
    derived = any(one.text in ("nabla", "partial", "nablatilde") for one in named(right))
    if left.text not in _NOT_MODELLED and not derived and found.is_model_of(left, right):
        whole = Math("", Content((chain,)), 0)
        yield f"{_UNSURE} this is the model, of which derivatives are taken"
        yield latex(whole, Dialect())


def _loss(found: Found, modelled: bool) -> Iterator[str]:
    """What the loss depends on: the state at the last time, if its gradient is taken there."""
    for loss in found.losses if modelled else ():
        for state, time in found.gradients:
            if time in _LAST:
                yield f"{_UNSURE} the loss sees the last state only"
                yield f"{loss} depends on {state}[{time}]"
                return
