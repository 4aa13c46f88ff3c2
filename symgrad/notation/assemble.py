"""Reads a whole text: follows its structure, keeps what is declared, and hands each display on.

A fault never stops the reading: it becomes a problem of the claim it stands in, or of the document.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from . import prose as words
from .claims import DEFINES, Claimed, settle_definitions
from .declarations import declare, declare_all, line_of
from .display_reader import read_display
from .displays import NOTHING
from .document import Block, Document, Math, Paragraph, Text
from .formulas import Formulas
from .grammar import parse_tokens
from .line import Line
from .macros import define
from .markdown import pieces_of
from .membership import declare_membership
from .nodes import Chain, Content
from .problem import MisreadError, ReadError, Source
from .said import Said, say
from .scan import Piece, holds_display, next_piece
from .setting import Setting
from .state import State
from .survey import survey
from .wanted import wanted

MAX_SIZE = 1_000_000
MAX_PROBLEMS = 200
_METADATA = ("title", "author", "date", "subtitle")


def read_text(text: str, path: str, declarations: Sequence[str] = (), *, formula: bool = False) -> Document:
    """The document of a text, or of one display without delimiters. Never raises for bad content.

    `declarations` hold from the start; raises ReadError for one that cannot be read.
    """
    refusal = _refusal(text)
    if refusal:
        return Document(path, "", "", "", (), (Source(path, "").problem(0, refusal),))
    assembler = _Assembler(Source(path, text), declarations)
    return assembler.formula() if formula else assembler.document()


def read_setting(text: str, path: str) -> Setting:
    """What is declared at the end of a text. Raises ReadError if something in it cannot be read."""
    if refusal := _refusal(text):
        raise ReadError(Source(path, "").problem(0, refusal))
    assembler = _Assembler(Source(path, text), ())
    if problems := assembler.document().all_problems:
        raise ReadError(*problems)
    return assembler.setting


def _refusal(text: str) -> str:
    if len(text) > MAX_SIZE:
        return f"a text of {len(text)} characters is not read; the limit is {MAX_SIZE}"
    if "\x00" in text or text.count("\ufffd") > len(text) // 100 + 1:
        return "this is not a text file"
    return "" if text.strip() else "the file is empty"


class _Assembler:
    def __init__(self, source: Source, declarations: Sequence[str]) -> None:
        self._text = source.text
        self._pieces = pieces_of(source.text, source.path)
        formulas = Formulas(source.text)
        setting = declare_all(declarations, Setting(dialect=survey(source.text, self._pieces, formulas)))
        self._state = State(source, replace(setting, own=frozenset()), formulas)
        self._outer: list[tuple[Setting, int]] = []
        self._said = Said()
        self._prose = words.Prose()
        self._in_body = not any(piece.kind == "begin" and piece.name == "document" for piece in self._pieces)

    @property
    def setting(self) -> Setting:
        return self._state.setting

    def formula(self) -> Document:
        """The whole text as one display; delimiters around it may be there."""
        stop = len(self._text.rstrip())
        start = len(self._text) - len(self._text.lstrip())
        piece = next_piece(self._text, start, stop)
        if piece.stop != stop or piece.kind not in ("display", "inline"):
            piece = Piece("display", start, stop, inner=(start, stop))
        read_display(replace(piece, kind="display"), Said(), self._state)
        return Document(self._state.source.path, "", "", "", tuple(self._state.blocks), tuple(self._state.problems))

    def document(self) -> Document:
        at = 0
        for piece in self._pieces:
            at = piece.stop
            if piece.kind == "end" and piece.name == "document":
                break
            self._piece(piece)
        self._finish(at)
        meta, state = self._prose.metadata, self._state
        title, author, date = (meta.get(name, "") for name in _METADATA[:3])
        blocks = tuple(self._numbered(block) for block in state.blocks)
        problems = sorted(state.problems[:MAX_PROBLEMS], key=lambda one: (one.line, one.column))
        return Document(state.source.path, title, author, date, blocks, tuple(problems))

    def _finish(self, at: int) -> None:
        if self._prose.depth:
            self._state.problem(at, "{ is never closed")
            while self._prose.close():
                pass
        self._prose.flush()
        self._take_prose()
        for _, place in self._outer:
            self._state.problem(place, "begin without end")
        if self._said.at >= 0:
            self._state.problem(self._said.at, "no display comes after this")

    def _numbered(self, block: Block) -> Block:
        if isinstance(block, Paragraph):
            return replace(block, inlines=words.with_numbers(block.inlines, self._state.numbers))
        return block

    def _define(self, piece: Piece) -> None:
        try:
            self._state.macros, _ = define(self._text, piece.start, len(self._text), self._state.macros)
        except MisreadError as error:
            self._state.problem(error.at, error.message)

    def _piece(self, piece: Piece) -> None:
        match piece.kind:
            case "directive":
                self._directive(piece)
            case "begin" | "end":
                self._environment(piece)
            case "command":
                self._command(piece)
            case "definition":
                self._define(piece)
            case "open":
                self._prose.open(piece.name)
            case "close":
                if not self._prose.close():
                    self._state.problem(piece.start, "} closes nothing")
            case "text":
                self._words(piece)
            case "words":
                self._prose.put(Text(words.printable(piece.name)), self._state.source.line(piece.start))
            case "odd":
                self._state.problem(piece.start, piece.name)
            case "inline" | "break" | "display" if self._in_body:
                self._formula_or_break(piece)
            case _:
                pass

    # prose

    def _words(self, piece: Piece) -> None:
        if self._in_body or self._prose.depth:
            text = " " if piece.name == "newline" else self._text[piece.start : piece.stop]
            self._prose.text(text, self._state.source.line(piece.start))

    def _take_prose(self) -> None:
        self._state.blocks.extend(self._prose.blocks)
        self._prose.blocks.clear()

    def _environment(self, piece: Piece) -> None:
        if piece.name == "document":
            self._in_body = True
            self._prose.await_arguments(())
        elif self._in_body:
            self._prose.flush()
            if piece.name.removesuffix("*") not in words.TRANSPARENT and piece.kind == "begin":
                self._state.problem(piece.start, f"I do not know the environment {piece.name[:40]}")

    def _command(self, piece: Piece) -> None:
        name = piece.name.rstrip("*") if len(piece.name) > 1 else piece.name
        line = self._state.source.line(piece.start)
        if not self._in_body and not self._prose.depth and name not in _METADATA:
            self._prose.await_arguments(("skip", "skip", "skip"))
        elif name in words.FRAMES:
            self._prose.await_arguments(words.FRAMES[name])
        elif name in words.SYMBOLS:
            self._prose.put(Text(words.SYMBOLS[name]), line)
        elif name in words.ACCENTS:
            self._prose.accent(name)
        elif name in words.BREAKS:
            self._prose.flush()
        elif name in self._state.macros and not self._state.macros[name].parameters:
            body = "".join(raw.text for raw in self._state.macros[name].body)
            if holds_display(body):
                self._state.problem(piece.start, f"\\{name[:40]} holds a display; write it out here")
            self._prose.text(re.sub(r"\\[A-Za-z]+|[\\{}$]", "", body), line)
        elif name not in words.IGNORED and self._in_body:
            self._state.problem(piece.start, f"I do not know the command \\{name[:40]} in prose")

    # formulas

    def _formula_or_break(self, piece: Piece) -> None:
        if piece.kind == "inline":
            self._inline(piece)
            return
        self._prose.flush()
        if piece.kind == "display":
            self._take_prose()
            said, self._said = self._said, Said()
            read_display(piece, said, self._state)

    def _inline(self, piece: Piece) -> None:
        start, stop = piece.inner
        content: Content | None
        try:
            content = parse_tokens(self._state.formulas.tokens((start, stop), self._state.macros), stop)
        except MisreadError:
            content = None
        line = self._state.source.line(piece.start)
        self._prose.put(Math(self._text[start:stop], content, line), line)
        if content is None:
            return
        if any(one.text == "in" for chain in content.chains for one in chain.relators[-1:]):
            self._declare_inline(content)
        elif any(one.text in DEFINES for chain in content.chains for one in chain.relators[:1]):
            self._define_inline(content)

    def _define_inline(self, content: Content) -> None:
        """A name that := defines in prose; the rest of the formula is prose."""
        for chain in content.chains:
            if [one.text in DEFINES for one in chain.relators] == [True]:
                self._settle(chain)

    def _settle(self, chain: Chain) -> None:
        try:
            _, self._state.setting = settle_definitions([Claimed((chain,))], self._state.setting)
        except MisreadError as error:
            self._state.problems.append(self._state.misread(error))

    def _declare_inline(self, content: Content) -> None:
        """Membership in a space of vectors or matrices declares; any other membership in prose is left alone."""
        try:
            self._state.setting = declare_membership(content.chains, self._state.setting)
        except MisreadError as error:
            if "declared already" in error.message:
                self._state.problem(error.at, error.message)

    # directives

    def _directive(self, piece: Piece) -> None:
        line = line_of(self._text, *piece.inner, self._state.macros)
        try:
            self._say(line)
        except MisreadError as error:
            self._state.problem(error.at, error.message)
            setting = self._state.setting
            self._state.setting = replace(setting, unread=setting.unread or self._state.source.line(piece.start))

    def _say(self, line: Line) -> None:
        word, _, rest = line.words.partition(" ")
        state = self._state
        match word:
            case "begin":
                self._outer.append((state.setting, line.start))
                state.setting = replace(state.setting, own=frozenset())
            case "end" if self._outer:
                state.setting, _ = self._outer.pop()
                state.last = NOTHING
            case "end":
                raise MisreadError(line.start, "end without begin")
            case "title" | "source" | "expect" | "reading" | "skip" | "model":
                self._said = say(word, rest.strip(), line, self._said)
            case "derive":
                self._prose.flush()
                self._take_prose()
                state.blocks.extend(wanted(line.after(len(word)), state))
            case _:
                state.setting = declare(line, state.setting)
