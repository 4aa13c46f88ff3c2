"""Characters and commands of LaTeX, and the expansion of the macros that a text defines itself.

Expansion is bounded. A token made by a macro stands where the macro was called.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from .dialect import ACCENTS, FONTS, SPACING, WORD_COMMANDS
from .problem import MisreadError
from .tokens import CHARACTERS

MAX_EXPANDED = 50_000
MAX_PARAMETERS = 9
MAX_DEFINITION = 20_000
_TAKES_ONE = FONTS.keys() | WORD_COMMANDS | ACCENTS.keys()
_RAW = re.compile(r"\\[A-Za-z]+|\\.|%[^\n]*\n?|\s+|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Raw:
    """A command with its backslash, a space, or one other character."""

    text: str
    at: int

    @property
    def command(self) -> str:
        return self.text[1:] if len(self.text) > 1 and self.text[0] == "\\" else ""


@dataclass(frozen=True, slots=True)
class Macro:
    """`default` is that of an optional first argument."""

    parameters: int
    body: tuple[Raw, ...]
    default: tuple[Raw, ...] | None = None


Macros = Mapping[str, Macro]


def raws(text: str, start: int, stop: int) -> tuple[Raw, ...]:
    """The raw tokens of a part of a text; comments are dropped and white space is one space."""
    found = []
    for match in _RAW.finditer(text, start, stop):
        word = match[0]
        if word[0] != "%":
            found.append(Raw(" " if word.isspace() else word, match.start()))
    return tuple(found)


_SIGNS = {name: letter for letter, name in CHARACTERS.items()}


def spoken(tokens: Iterable[Raw]) -> str:
    """Tokens as plain words: without fonts and braces; a reference is its label."""
    said = "".join(_word(token) for token in tokens if token.text != "$")
    return " ".join(said.split())


def _word(token: Raw) -> str:
    command = token.command
    if command in _TAKES_ONE or token.text in "{}~" or command in ("ref", "eqref", "cref", "autoref"):
        return " " if token.text == "~" else ""
    if command in SPACING or command == "|":
        return "‖" if command == "|" else " "
    return command if len(command) == 1 else f" {_SIGNS.get(command, command)} " if command else token.text


_NO_ARGUMENTS = frozenset({"", "=", "+", "-", "<", ">", ")", "]", ",", "}", "&", "^", "_", "\\\\"})


class Stream:
    """Raw tokens, one at a time, with macros expanded."""

    def __init__(self, tokens: Iterable[Raw], macros: Macros) -> None:
        self._left = list(reversed(tuple(tokens)))
        self._macros = macros
        self._spent = [0]
        self.last = self._left[0].at if self._left else 0

    def __bool__(self) -> bool:
        return bool(self._left)

    def position(self, end: int) -> int:
        """The offset of the next token, or `end` if there is none."""
        return self._left[-1].at if self._left else end

    def push(self, tokens: Iterable[Raw]) -> None:
        self._left.extend(reversed(tuple(tokens)))

    def peek(self, ahead: int = 0) -> str:
        """The text of the next token or one after it, unexpanded; "" at the end."""
        return self._left[-1 - ahead].text if len(self._left) > ahead else ""

    def inner(self, tokens: Iterable[Raw]) -> Stream:
        """A stream of other tokens with the same macros and the same budget."""
        stream = Stream(tokens, self._macros)
        stream._spent = self._spent
        return stream

    def next(self) -> Raw:
        """The next token that is no macro."""
        while self._left:
            token = self._left.pop()
            macro = self._macros.get(token.command)
            if macro is None:
                return token
            self._expand(token, macro)
        raise MisreadError(self.last, "the formula ends here, but more was expected")

    def skip_space(self) -> None:
        while self.peek() == " ":
            self._left.pop()

    def argument(self, of: str, at: int, what: str = "an argument") -> tuple[Raw, ...]:
        """The argument of a command, as TeX takes it: a group without its braces, or one token."""
        self.skip_space()
        if not self._left or self.peek() in ("}", "&", "\\\\"):
            raise MisreadError(at, f"{of} needs {what} in braces")
        token = self._left.pop()
        return self._group(token.at) if token.text == "{" else (token,)

    def script_argument(self, of: str, at: int) -> tuple[Raw, ...]:
        """The argument of ^ or _: a group, or one token; a command brings its own, as \\mathsf T does."""
        taken = self.argument(of, at)
        if len(taken) == 1 and taken[0].command in _TAKES_ONE:
            inner = self.argument(taken[0].text, taken[0].at)
            return (*taken, Raw("{", at), *inner, Raw("}", at))
        return taken

    def optional(self) -> tuple[Raw, ...] | None:
        """The argument in square brackets, if there is one."""
        self.skip_space()
        if self.peek() != "[":
            return None
        start = self._left.pop()
        taken: list[Raw] = []
        while self._left:
            token = self._left.pop()
            if token.text == "]":
                return tuple(taken)
            taken.append(token)
        raise MisreadError(start.at, "[ is never closed")

    def _group(self, at: int) -> tuple[Raw, ...]:
        depth = 1
        taken: list[Raw] = []
        while self._left:
            token = self._left.pop()
            depth += {"{": 1, "}": -1}.get(token.text, 0)
            if depth == 0:
                return tuple(taken)
            taken.append(token)
        raise MisreadError(at, "{ is never closed")

    def _macro_argument(self, call: Raw, macro: Macro) -> tuple[Raw, ...]:
        self.skip_space()
        if self.peek() in _NO_ARGUMENTS:
            found = f"; {self.peek()} stands where one should" if self.peek() else ""
            raise MisreadError(call.at, f"{call.text} takes {_counted(macro.parameters)} in braces{found}")
        return self.argument(call.text, call.at)

    def _expand(self, call: Raw, macro: Macro) -> None:
        count, arguments = macro.parameters, []
        if macro.default is not None:
            given = self.optional()
            arguments.append(macro.default if given is None else given)
        while len(arguments) < count:
            arguments.append(self._macro_argument(call, macro))
        body = _filled(macro.body, arguments, call.at)
        self._spent[0] += len(body) + 1
        if self._spent[0] > MAX_EXPANDED:
            raise MisreadError(call.at, f"the macro {call.text} expands without end")
        self.push(body)


def _counted(count: int) -> str:
    return f"{count} argument{'s' * (count > 1)}"


def _filled(body: tuple[Raw, ...], arguments: list[tuple[Raw, ...]], at: int) -> list[Raw]:
    filled: list[Raw] = []
    waiting = False
    for token in body:
        if waiting and token.text.isdecimal() and 0 < int(token.text) <= len(arguments):
            filled.extend(arguments[int(token.text) - 1])
        elif token.text != "#":
            filled.append(replace(token, at=at))
        waiting = token.text == "#"
    return filled


_STRUCTURE = frozenset({"[", "]", "(", ")", "{", "}", "\\", "begin", "end", "left", "right"})
DEFINING = frozenset({"newcommand", "renewcommand", "providecommand", "def", "let", "DeclareMathOperator"})


def define(text: str, at: int, stop: int, macros: Macros) -> tuple[Macros, int]:
    """The macros with the one that is defined at an offset, and where the definition ends. Raises MisreadError."""
    stream = Stream(raws(text, at, min(stop, at + MAX_DEFINITION)), {})
    call = stream.next()
    name, macro = _let(stream, call, macros) if call.command == "let" else read_definition(stream, call)
    return {**macros, name: macro}, stream.position(min(stop, at + MAX_DEFINITION))


def read_definition(stream: Stream, call: Raw) -> tuple[str, Macro]:
    """What follows \\newcommand and its kin, \\def or \\DeclareMathOperator: the name and the macro."""
    if stream.peek() == "*":
        stream.next()
    if call.command == "def":
        return _plain_definition(stream, call)
    name = _defined_name(stream.argument(call.text, call.at), call)
    if call.command == "DeclareMathOperator":
        word = stream.argument(call.text, call.at)
        return name, Macro(0, (Raw("\\operatorname", call.at), Raw("{", call.at), *word, Raw("}", call.at)))
    count = "".join(token.text for token in stream.optional() or ())
    if count and (not count.isdecimal() or int(count) > MAX_PARAMETERS):
        raise MisreadError(call.at, f"{call.text} takes 1 to 9 arguments, not {count[:20]}")
    default = stream.optional() if count else None
    return name, Macro(int(count or 0), stream.argument(call.text, call.at), default)


def _let(stream: Stream, call: Raw, macros: Macros) -> tuple[str, Macro]:
    """\\let\\a\\b or \\let\\a=\\b: what \\b means now."""
    name = _defined_name(stream.argument(call.text, call.at), call)
    stream.skip_space()
    if stream.peek() == "=":
        stream.next()
    (target, *more) = stream.argument(call.text, call.at, "the name of a command") or (call,)
    if more or not target.command:
        raise MisreadError(call.at, f"{call.text} is read only between two commands")
    return name, macros.get(target.command) or Macro(0, (target,))


def _plain_definition(stream: Stream, call: Raw) -> tuple[str, Macro]:
    name = _defined_name(stream.argument(call.text, call.at), call)
    count = 0
    while stream and stream.peek() != "{":
        token = stream.argument(call.text, call.at)[0].text
        if token not in ("#", str(count + 1)):
            raise MisreadError(call.at, "a \\def with delimited arguments is not read; use \\newcommand")
        count += token != "#"
    return name, Macro(count, stream.argument(call.text, call.at))


def _defined_name(argument: tuple[Raw, ...], call: Raw) -> str:
    named = [token for token in argument if token.text != " "]
    if len(named) != 1 or not named[0].command or named[0].command in _STRUCTURE:
        raise MisreadError(call.at, f"{call.text} needs the name of a command in braces, as in {{\\R}}")
    return named[0].command
