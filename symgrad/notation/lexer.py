"""From characters to tokens: expands macros, drops fonts, spacing and sizes, and keeps every token's offset.

Scripts and fractions come out with braces around each argument, whether or not the text had them, so that `x^12` is
x to the 1 and then 2, as TeX has it. In ASCII mode (declarations) `h[t-1]`, `tau` and `W_hh` are read as well.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from dataclasses import replace

from . import dialect as spelt
from .beside import between_dollars, explained
from .macros import Macros, Raw, Stream, raws, spoken
from .problem import MisreadError
from .tokens import CASES, CHARACTERS, DOTS, FRACTIONS, MATRICES, PLAIN, SIDES, TABLES, TRANSPARENT, Token

MAX_TOKENS = 20_000
MAX_DIGITS = 30
MAX_DEPTH = 40


_UNEXPECTED = {
    "$": "$ inside a formula; is the formula before it closed?",
    "#": "# has no place here; it stands for an argument in \\newcommand only",
}


def tokenize(text: str, start: int, stop: int, macros: Macros, ascii_names: bool = False) -> tuple[Token, ...]:
    """The tokens of a formula.

    Raises MisreadError on an unknown command or character, and on a formula that is too long.
    """
    lexer = Lexer(Stream(raws(text, start, stop), macros), ascii_names)
    lexer.run()
    lexer.finish()
    return tuple(lexer.tokens)


class Lexer:
    """Takes raw tokens from a stream and gives out tokens."""

    def __init__(self, stream: Stream, ascii_names: bool) -> None:
        self.tokens: list[Token] = []
        self._stream = stream
        self._ascii = ascii_names
        self._fonts = [""]
        self._brackets: list[bool] = []
        self._environments: list[tuple[str, int]] = []
        self._glued = False

    def finish(self) -> None:
        """Raises MisreadError if an environment is open."""
        for name, at in self._environments:
            raise MisreadError(at, f"\\begin{{{name}}} is never closed")

    def run(self) -> None:
        while self._stream:
            self._stream.last = self._step() or self._stream.last

    def _step(self) -> int:
        if self._stream.peek() == " ":
            self._stream.skip_space()
            self._glued = False
            return 0
        token = self._stream.next()
        if token.command:
            self._command(token)
        elif token.text != " ":
            self._character(token)
        return token.at

    def _put(self, kind: str, text: str, at: int, font: str = "") -> None:
        if len(self.tokens) >= MAX_TOKENS:
            raise MisreadError(at, f"a formula of more than {MAX_TOKENS} signs is not read")
        self.tokens.append(Token(kind, text, at, font))
        self._glued = kind in ("NAME", "RBRACE") or (kind == "PRIME" and self._glued)

    def _nested(self, tokens: Iterable[Raw], font: str | None = None) -> list[Token]:
        """The tokens of an argument, not yet given out."""
        if len(self._fonts) > MAX_DEPTH:
            raise MisreadError(self._stream.last, f"brackets nested more than {MAX_DEPTH} deep are not read")
        outer, self._stream, kept = self._stream, self._stream.inner(tokens), self.tokens
        self.tokens = []
        self._fonts.append(self._fonts[-1] if font is None else font)
        self.run()
        self._fonts.pop()
        found, self.tokens, self._stream = self.tokens, kept, outer
        return found

    def _group(self, tokens: Iterable[Raw], at: int) -> None:
        found = self._nested(tokens)
        self._put("LBRACE", "{", at)
        self.tokens.extend(found)
        self._put("RBRACE", "}", at)

    # characters

    def _character(self, token: Raw) -> None:
        text, at = token.text, token.at
        if text in CHARACTERS:
            self._stream.push(_as_typed(CHARACTERS[text], at))
        elif text.isascii() and text.isdecimal():
            self._number(token)
        elif text.isascii() and text.isalpha():
            self._letters(token)
        elif text in "^_":
            self._script(token)
        elif text in "()[]":
            self._bracket(token)
        elif text in "<>:=" or text == "-":
            self._sign(token)
        elif text == "." and self._ascii and self._stream.peek() + self._stream.peek(1) == "..":
            self._put("DOTS", "...", at)
            self._stream.next()
            self._stream.next()
        elif text in PLAIN:
            shown = "inner" if text == "&" and self._environments else spelt.OPERATORS.get(text, text)
            self._put(PLAIN[text], shown, at)
            self._switch_fonts(text)
        elif text != "~":
            raise MisreadError(at, _UNEXPECTED.get(text, f"I do not know the character {text!r}"))

    def _switch_fonts(self, text: str) -> None:
        if text == "{":
            self._fonts.append(self._fonts[-1])
        elif text == "}" and len(self._fonts) > 1:
            self._fonts.pop()

    def _number(self, first: Raw) -> None:
        text = first.text
        while (self._stream.peek().isascii() and self._stream.peek().isdecimal()) or self._decimal_point(text):
            text += self._stream.next().text
        if len(text) > MAX_DIGITS:
            raise MisreadError(first.at, f"a number of more than {MAX_DIGITS} digits is not read")
        self._put("NUM", text, first.at, self._fonts[-1])

    def _decimal_point(self, text: str) -> bool:
        return self._stream.peek() == "." and "." not in text and self._stream.peek(1).isdecimal()

    def _letters(self, first: Raw) -> None:
        text = first.text
        whole = self._ascii or self._fonts[-1] == "mathrm"
        while whole and self._stream.peek().isascii() and self._stream.peek().isalpha():
            text += self._stream.next().text
        self._put("NAME", text, first.at, self._fonts[-1])

    def _script(self, token: Raw) -> None:
        glued = self._glued
        self._put("SUP" if token.text == "^" else "SUB", token.text, token.at)
        self._stream.skip_space()
        if self._ascii and token.text == "_" and self._stream.peek().isalnum():
            self._put("LBRACE", "{", token.at)
            word = self._stream.next()
            while self._stream.peek().isascii() and self._stream.peek().isalnum():
                word = replace(word, text=word.text + self._stream.next().text)
            self._put("NUM" if word.text.isdecimal() else "NAME", word.text, word.at)
            self._put("RBRACE", "}", token.at)
            return
        argument = self._stream.script_argument(token.text, token.at)
        self._group(argument, token.at)
        self._glued = glued

    def _bracket(self, token: Raw) -> None:
        opening = token.text in "(["
        if opening:
            timed = self._ascii and token.text == "[" and self._glued
            self._brackets.append(timed)
            if timed:
                self._put("SUP", "^", token.at)
                self._put("LBRACE", "{", token.at)
            self._put("OPEN", token.text, token.at)
            return
        self._put("CLOSE", token.text, token.at)
        if self._brackets and self._brackets.pop():
            self._put("RBRACE", "}", token.at)
            if self._stream.peek() == "^":
                self._put("LBRACE", "{", token.at)
                self._put("RBRACE", "}", token.at)

    def _sign(self, token: Raw) -> None:
        pair = token.text + self._stream.peek()
        if pair == ":=" or (self._ascii and pair in spelt.ASCII_RELATIONS):
            self._stream.next()
            self._put("REL", spelt.ASCII_RELATIONS[pair], token.at)
        elif token.text == "-":
            self._put("SIGN", "-", token.at)
        else:
            self._put("REL", "colon" if token.text == ":" else token.text, token.at)

    # commands

    def _command(self, token: Raw) -> None:
        name = token.command
        for kind, table in TABLES if name.isalpha() else ():
            if name in table:
                self._put(kind, table[name], token.at, self._fonts[-1] if kind == "NAME" else "")
                return
        for names, handler in _HANDLERS:
            if name in names:
                handler(self, token)
                return
        if name not in spelt.SPACING:
            raise MisreadError(token.at, _unknown(name))

    def _font(self, token: Raw) -> None:
        argument = self._stream.argument(token.text, token.at)
        word = "".join(raw.text for raw in argument)
        prose = token.command in spelt.PROSE
        if token.command in spelt.WORD_COMMANDS and len(word) > 1 - prose and word.isascii() and word.isalpha():
            alone = spelt.TEXT_FONTS.get(token.command, "mathrm")
            self._put("NAME", word, token.at, "text" if prose and len(word) > 1 else alone)
        elif prose or token.command == "by":
            self._prose(argument, token)
        elif token.command in ("operatorname", "mathop"):
            self._operator(argument, token)
        else:
            found = self._nested(argument, spelt.FONTS[token.command])
            if len(found) == 1 and found[0].type in ("REL", "SIGN"):
                raise MisreadError(token.at, f"{token.text} needs the letter that it applies to, in braces")
            self._extend(found, token.at)

    def _prose(self, argument: tuple[Raw, ...], token: Raw) -> None:
        """Words; of a condition, the mathematics between dollar signs is read as such."""
        said = spoken(argument)
        first = said.lower().strip("( ").partition(" ")[0]
        if first not in spelt.CONDITIONS or not any(raw.text == "$" for raw in argument):
            self._put("WORDS", said, token.at)
            return
        for place, part in enumerate(between_dollars(argument)):
            if place % 2:
                self.tokens.extend(self._nested(part, ""))
            elif words := spoken(part).strip("() "):
                self._put("WORDS", words, part[0].at if place else token.at)

    def _operator(self, argument: tuple[Raw, ...], token: Raw) -> None:
        kept = [raw for raw in argument if raw.text not in (" ", "\\,")]
        word = "".join(raw.text for raw in kept)
        if token.command == "mathop" and not word.isalpha():
            self._extend(self._nested(argument), token.at)
        elif not word.isalpha() or not word.isascii():
            raise MisreadError(token.at, f"\\operatorname{{{word[:30]}}} is not the name of a function")
        else:
            self._put("NAME", word, token.at, "mathrm")

    def _extend(self, found: list[Token], at: int) -> None:
        """Give out the tokens of an argument, in braces if a script could otherwise hold on to the last alone."""
        if len(found) == 1:
            self._put(found[0].type, found[0].text, at, found[0].font)
            return
        self._put("LBRACE", "{", at)
        self.tokens.extend(found)
        self._put("RBRACE", "}", at)

    def _font_switch(self, token: Raw) -> None:
        self._fonts[-1] = spelt.FONT_SWITCHES[token.command]

    def _accent(self, token: Raw) -> None:
        found = self._nested(self._stream.argument(token.text, token.at))
        if len(found) != 1 or found[0].type != "NAME":
            raise MisreadError(token.at, f"{token.text} is read over a single letter only")
        self._put("NAME", found[0].text + spelt.ACCENTS[token.command], token.at, found[0].font)

    def _side(self, token: Raw) -> None:
        self._stream.skip_space()
        if not self._stream:
            raise MisreadError(token.at, f"{token.text} needs a bracket")
        raw = self._stream.next()
        text = spelt.DELIMITERS.get(raw.command, raw.text).rstrip("<>") if len(raw.text) > 1 else raw.text
        text = {"\\langle": "<", "\\rangle": ">", "/": "", "‖": "||"}.get(raw.text, text)
        if text not in ("(", ")", "[", "]", "{", "}", "|", "||", "<", ">", "."):
            raise MisreadError(raw.at, f"{raw.text[:20]} after {token.text} is not a bracket")
        opening = SIDES[token.command]
        if token.command not in ("left", "right") and text in "()[]{}<>":
            opening = text in "([{<"
        if text in "()[]" and self._ascii:
            self._brackets.append(False) if opening else self._brackets and self._brackets.pop()
        self._put("OPEN" if opening else "CLOSE", text, token.at, token.command if token.command in SIDES else "")

    def _delimiter(self, token: Raw) -> None:
        text = spelt.DELIMITERS[token.command]
        if text in ("|", "||"):
            self._put("BAR", text, token.at)
        elif text.endswith(("<", "{", "[")):
            self._put("OPEN", text if len(text) == 1 else text[:-1], token.at)
        else:
            self._put("CLOSE", text if len(text) == 1 else text[:-1], token.at)

    def _fraction(self, token: Raw) -> None:
        self._put("FRAC", token.text, token.at)
        for part in ("a numerator", "a denominator"):
            self._group(self._stream.argument(token.text, token.at, part), token.at)

    def _root(self, token: Raw) -> None:
        if token.command == "sqrt" and self._stream.optional() is not None:
            raise MisreadError(token.at, "a root other than the square root is not read")
        self._put("COMMAND", token.command, token.at)
        self._group(self._stream.argument(token.text, token.at), token.at)

    def _stacked(self, token: Raw) -> None:
        above = self._stream.argument(token.text, token.at)
        found = self._nested(self._stream.argument(token.text, token.at))
        match found:
            case [Token("REL") as sign]:
                self.tokens.append(explained(replace(sign, at=token.at), above))
            case [Token("NAME") as name] if token.command == "underset":
                self._put("NAME", name.text, token.at, name.font)
                self._put("SUB", "_", token.at)
                self._group(above, token.at)
            case _:
                raise MisreadError(token.at, f"{token.text} is read only around a relation")

    def _environment(self, token: Raw) -> None:
        name = "".join(raw.text for raw in self._stream.argument(token.text, token.at))
        bare = name.removesuffix("*")
        if bare not in TRANSPARENT | CASES:
            raise MisreadError(token.at, _unread_environment(bare))
        if token.command == "begin":
            self._environments.append((name, token.at))
        else:
            self._leave(name, token.at)
        if bare in CASES:
            self._put(token.command.upper(), name, token.at)
        elif token.command == "begin":
            self._stream.optional()
            if bare == "alignedat":
                self._stream.argument(token.text, token.at)

    def _leave(self, name: str, at: int) -> None:
        if not self._environments:
            raise MisreadError(at, f"\\end{{{name[:30]}}} without \\begin{{{name[:30]}}}")
        opened, _ = self._environments.pop()
        if opened != name:
            raise MisreadError(at, f"\\begin{{{opened}}} is closed by \\end{{{name[:30]}}}")

    def _row(self, token: Raw) -> None:
        if self._stream.peek() == "*":
            self._stream.next()
        if self._stream.peek() == "[":
            self._stream.optional()
        self._put("ROW", "\\\\", token.at)

    def _tag(self, token: Raw) -> None:
        if self._stream.peek() == "*":
            self._stream.next()
        word = "".join(raw.text for raw in self._stream.argument(token.text, token.at))
        self._put(token.command.upper(), word.strip(" $()"), token.at)

    def _unnumbered(self, token: Raw) -> None:
        self._put("NOTAG", "", token.at)

    def _skipped(self, token: Raw) -> None:
        if self._stream.peek() == "*":
            self._stream.next()
        self._stream.argument(token.text, token.at)

    def _boxed(self, token: Raw) -> None:
        """A frame around a whole formula means nothing; around a part it is a bracket."""
        found = self._nested(self._stream.argument(token.text, token.at))
        if any(one.type in ("REL", "ROW") for one in found):
            self.tokens.extend(found)
            return
        self._put("OPEN", "(", token.at)
        self.tokens.extend(found)
        self._put("CLOSE", ")", token.at)

    def _transparent(self, token: Raw) -> None:
        self._group(self._stream.argument(token.text, token.at), token.at)

    def _quad(self, token: Raw) -> None:
        self._put("QUAD", token.text, token.at)

    def _dots(self, token: Raw) -> None:
        self._put("DOTS", token.text, token.at)

    def _over(self, token: Raw) -> None:
        self._put("OVER", token.text, token.at)


def _unread_environment(name: str) -> str:
    if name in MATRICES:
        return f"a matrix given by its blocks or entries ({name}) is not read; write a line for each block"
    return f"the environment {name[:30]} is not read inside a formula"


def _as_typed(word: str, at: int) -> tuple[Raw, ...]:
    return (Raw(word if word in "-'" else f"\\{word}", at),)


_Handler = Callable[[Lexer, Raw], None]
_HANDLERS: tuple[tuple[Iterable[str], _Handler], ...] = (
    (frozenset(spelt.FONTS) | spelt.WORD_COMMANDS | {"by"}, Lexer._font),
    (frozenset(spelt.FONT_SWITCHES), Lexer._font_switch),
    (frozenset(spelt.ACCENTS), Lexer._accent),
    (frozenset(SIDES), Lexer._side),
    (frozenset(spelt.DELIMITERS), Lexer._delimiter),
    (FRACTIONS, Lexer._fraction),
    (frozenset({"sqrt", "underbrace", "overbrace"}), Lexer._root),
    (frozenset({"stackrel", "overset", "underset"}), Lexer._stacked),
    (frozenset({"begin", "end"}), Lexer._environment),
    (frozenset({"\\", "cr", "newline"}), Lexer._row),
    (frozenset({"tag", "label"}), Lexer._tag),
    (frozenset({"nonumber", "notag"}), Lexer._unnumbered),
    (spelt.SPACING_WITH_ARGUMENT | {"intertext", "shortintertext"}, Lexer._skipped),
    (frozenset({"boxed", "fbox"}), Lexer._boxed),
    (frozenset({"ensuremath", "mathrel", "mathbin", "mathord"}), Lexer._transparent),
    (frozenset({"quad", "qquad"}), Lexer._quad),
    (DOTS, Lexer._dots),
    (frozenset({"over"}), Lexer._over),
)
_KNOWN = sorted({name for names, _ in _HANDLERS for name in names} | {name for _, table in TABLES for name in table})


def _unknown(name: str) -> str:
    near = difflib.get_close_matches(name, [known for known in _KNOWN if known.isalpha()], 1, 0.7)
    hint = f" (did you mean \\{near[0]}?)" if near else ""
    return f"I do not know the command \\{name[:40]}{hint}"
