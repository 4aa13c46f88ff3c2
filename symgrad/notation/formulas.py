"""The tokens of the formulas of one text, each made once, though the text is surveyed before it is read."""

from __future__ import annotations

from .lexer import tokenize
from .macros import Macros
from .tokens import Token


class Formulas:
    """The tokens of the formulas of one text. What is asked for a second time, with the same macros, is kept."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._kept: dict[tuple[int, int], tuple[Macros, tuple[Token, ...]]] = {}

    def tokens(self, span: tuple[int, int], macros: Macros) -> tuple[Token, ...]:
        """As `tokenize`. Raises MisreadError."""
        kept = self._kept.pop(span, None)
        if kept is not None and kept[0] == macros:
            return kept[1]
        found = tokenize(self._text, *span, macros)
        self._kept[span] = (macros, found)
        return found
