"""What was said about the next display: its title, its source, what is expected of it, its readings."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from .document import Expectation
from .line import Line
from .problem import MisreadError
from .prose import typed

_READING = re.compile(r"reading\s+(?P<name>[^:]+?)(?:\s+expect\s+(?P<expect>\w+))?\s*:(?P<line>.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Variant:
    """One reading that was asked for: its name, what is expected of it, and the declarations that make it."""

    name: str = ""
    expect: Expectation = "proved"
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """`cites`: where the display is from; `skip`: it claims nothing; `model`: it defines the recurrence.

    `at` is the last such line, or -1.
    """

    title: str = ""
    cites: str = ""
    expect: Expectation = "proved"
    variants: tuple[Variant, ...] = ()
    skip: bool = False
    model: bool = False
    at: int = -1

    def readings(self) -> tuple[Variant, ...]:
        return self.variants or (Variant("", self.expect),)


def say(word: str, rest: str, line: Line, said: Said) -> Said:
    """What is said with one more line, which starts with title, source, expect, skip, model or reading."""
    said = replace(said, at=line.start)
    match word:
        case "title":
            return replace(said, title=typed(rest))
        case "source" if not rest:
            raise MisreadError(line.start, "say where this stands: a book or paper, and the number of the equation")
        case "source":
            return replace(said, cites=typed(rest))
        case "expect":
            return replace(said, expect=_expected(rest, line.start))
        case "skip":
            return replace(said, skip=True)
        case "model":
            return replace(said, model=True)
        case _:
            return _with_reading(line, said)


def _with_reading(line: Line, said: Said) -> Said:
    match = _READING.fullmatch(line.words)
    if match is None:
        raise MisreadError(line.start, "write: reading NAME: DECLARATION (or reading NAME expect refuted: DECLARATION)")
    name = match["name"].strip()
    known = {variant.name: variant for variant in said.variants}
    old = known.get(name, Variant(name))
    more = line.after(match.start("line"))
    expect = _expected(match["expect"], line.start) if match["expect"] else old.expect
    known[name] = Variant(name, expect, (*old.lines, more) if more.words else old.lines)
    return replace(said, variants=tuple(known.values()))


def _expected(word: str, at: int) -> Expectation:
    match word:
        case "proved" | "refuted" | "undecided":
            return word
        case _:
            raise MisreadError(at, f"expect proved, refuted or undecided, not {word[:30]!r}")
