"""Makes a claim of a display, or what it declares, defines or merely shows."""

from __future__ import annotations

from collections.abc import Sequence

from .claims import Claimed, add_models, parsed, read_variant, settle_definitions, with_advice
from .displays import NOTHING, Display, claims_something, take_apart
from .document import Claim, Math, Paragraph, Reading
from .grammar import parse_tokens
from .problem import MisreadError, Problem
from .said import Said
from .scan import Piece
from .state import State

SINGLE = ("", "displaymath", "equation", "multline")
"""Displays of one formula, which has one number."""


def read_display(piece: Piece, said: Said, state: State) -> None:
    """Add the block of a display to the state. A fault makes the claim unreadable; it never raises."""
    display = Display((), ())
    before, state.last = state.last, NOTHING
    try:
        tokens = state.formulas.tokens(piece.inner, state.macros)
        name = piece.name.rstrip("*")
        display = take_apart(tokens, before, name in SINGLE, name not in (*SINGLE, "gather"))
        number = _number(piece, display, state)
        if said.skip:
            _show(piece, state)
        elif not any(claims_something(one.tokens) for one in display.statements):
            for fault in parsed(display.statements, piece.inner[1])[1]:
                raise fault
            _show(piece, state)
        else:
            _judge(piece, said, display, number, state)
    except MisreadError as error:
        if said.skip:
            _show(piece, state)
        else:
            _claim(piece, said, display.label, "", [], [state.misread(error)], state)


def _judge(piece: Piece, said: Said, display: Display, number: str, state: State) -> None:
    stated, faults = parsed(display.statements, piece.inner[1])
    if faults and (said.model or state.setting.unknown):
        raise faults[0]
    if said.model:
        state.setting = add_models(stated, state.setting)
        _show(piece, state)
        return
    stated, state.setting = settle_definitions(stated, state.setting)
    if not stated and faults:
        raise faults[0]
    if not stated:
        _show(piece, state)
        return
    if state.setting.unread:
        why = f"not judged: the declaration in line {state.setting.unread}, which could not be read, might matter"
        raise MisreadError(piece.inner[0], why)
    readings, problems = _readings(stated, said, piece.inner[1], state)
    problems = [*map(state.misread, faults), *problems]
    last = display.statements[-1]
    state.last = NOTHING if problems or last.case else last
    _claim(piece, said, display.label, number, readings, problems, state)


def _readings(stated: Sequence[Claimed], said: Said, stop: int, state: State) -> tuple[list[Reading], list[Problem]]:
    readings: list[Reading] = []
    problems: list[Problem] = []
    for variant in said.readings():
        try:
            reading, faults = read_variant(stated, variant, state.setting, state.source, stop)
        except MisreadError as error:
            faults = (error,)
        else:
            readings += [reading] if reading.statements else []
        problems += [state.misread(with_advice(error, stated)) for error in faults]
    return readings, list(dict.fromkeys(problems))


def _claim(
    piece: Piece,
    said: Said,
    label: str,
    number: str,
    readings: Sequence[Reading],
    problems: Sequence[Problem],
    state: State,
) -> None:
    line = state.source.line(piece.start)
    name = label or (f"eq:{number}" if number else f"claim at line {line}")
    source = state.source.text[slice(*piece.inner)].strip()
    dialect = readings[0].dialect if readings else state.setting.dialect
    found = tuple(readings), tuple(problems)
    state.blocks.append(Claim(name, number, said.title, line, *found, source, dialect, said.cites))


def _number(piece: Piece, display: Display, state: State) -> str:
    """The number of the first row that has one; the others are counted as TeX counts them."""
    starred = piece.name in ("", "displaymath") or piece.name.endswith("*")
    single = piece.name in SINGLE
    tags = [row.tag for row in display.rows if row.tag]
    numbers: list[str] = []
    for row in display.rows:
        if row.tag:
            numbers.append(row.tag)
        elif row.numbered and row.tokens and not starred and not (single and (tags or numbers)):
            state.counter += 1
            numbers.append(str(state.counter))
    if display.label:
        if display.label in state.numbers:
            state.problem(piece.start, f"the label {display.label[:60]} is used twice")
        state.numbers[display.label] = numbers[0] if numbers else "?"
    return numbers[0] if numbers else ""


def _show(piece: Piece, state: State) -> None:
    """A display that claims nothing is set as it was written, a paragraph for each row."""
    text, (start, stop) = state.source.text, piece.inner
    source, line = text[start:stop].strip(), state.source.line(piece.start)
    try:
        rows = take_apart(state.formulas.tokens(piece.inner, state.macros)).rows
        contents = [parse_tokens(row.written, stop) for row in rows if row.written]
    except MisreadError:
        state.blocks.append(Paragraph((Math(source, None, line, True),), line))
        return
    state.blocks.extend(Paragraph((Math(source, content, line, True),), line) for content in contents)
