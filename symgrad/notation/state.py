"""What is known so far while a text is read from top to bottom."""

from __future__ import annotations

from dataclasses import dataclass, field

from .document import Block
from .macros import Macros
from .problem import MisreadError, Problem, Source
from .setting import Setting
from .tokens import Token


@dataclass(slots=True)
class State:
    """`last_side` are the tokens that a display may go on from; `numbers` those of labels; `counter` is TeX's."""

    source: Source
    setting: Setting
    macros: Macros = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    numbers: dict[str, str] = field(default_factory=dict)
    counter: int = 0
    last_side: tuple[Token, ...] = ()

    def problem(self, at: int, message: str) -> None:
        self.problems.append(self.source.problem(at, message))

    def misread(self, error: MisreadError) -> Problem:
        return self.source.problem(error.at, error.message)
