"""What is known so far while a text is read from top to bottom."""

from __future__ import annotations

from dataclasses import dataclass, field

from .displays import NOTHING, Stated
from .document import Block
from .formulas import Formulas
from .macros import Macros
from .problem import MisreadError, Problem, Source
from .setting import Setting


@dataclass(slots=True)
class State:
    """`last` is the statement that a display may go on from; `numbers` those of labels; `counter` is TeX's."""

    source: Source
    setting: Setting
    formulas: Formulas
    macros: Macros = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    numbers: dict[str, str] = field(default_factory=dict)
    counter: int = 0
    last: Stated = NOTHING

    def problem(self, at: int, message: str) -> None:
        self.problems.append(self.source.problem(at, message))

    def misread(self, error: MisreadError) -> Problem:
        return self.source.problem(error.at, error.said(self.setting.dialect))
