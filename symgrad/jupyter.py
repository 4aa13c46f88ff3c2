"""The cell magic %%symgrad: a cell of LaTeX is judged, and shows its report.

Nothing of IPython is needed to import this, and nothing of symgrad before a cell is run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .check.report import FileReport
    from .notation.document import Document
    from .verdict import Verdict

NAME = "cell"
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class CellReport:
    """What was found in a cell: the report on it, and a verdict for each relation, in order.

    A notebook shows it as HTML, a terminal as text.
    """

    report: FileReport
    verdicts: tuple[Verdict, ...]
    html: str

    @property
    def proved(self) -> bool:
        """Whether the cell holds claims and each of them was found to be as expected."""
        return self.report.code == 0

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        from .check.terminal import Style, file_lines

        return "\n".join(file_lines(self.report, Style()))


def load_ipython_extension(shell: Any) -> None:
    """What `%load_ext symgrad.jupyter` calls."""
    shell.register_magic_function(run_cell, "cell", "symgrad")


def run_cell(line: str, cell: str) -> CellReport:
    """Judge the LaTeX of a cell. `%%symgrad rnn` declares what the profile rnn does before its first line.

    A cell without any declaration or formula sign is read as one formula. Raises IPython's UsageError for a profile
    that does not exist.
    """
    from .check.page import fragment
    from .check.report import file_report
    from .judged import judge_document

    document = _read(cell, [f"use {name}" for name in line.split()])
    judged = judge_document(document)
    report = file_report(document, judged)
    html = fragment(f"symgrad-{next(_numbers)}", report, cell, judged)
    return CellReport(report, tuple(one.verdict for one in judged), html)


def _read(cell: str, declarations: Sequence[str]) -> Document:
    from IPython.core.error import UsageError

    from .notation.markdown import pieces_of
    from .notation.problem import ReadError
    from .notation.read import read_document, read_formula

    signs = {piece.kind for piece in pieces_of(cell, NAME)} & {"directive", "display", "inline", "odd"}
    try:
        return (read_document if signs else read_formula)(cell, NAME, declarations)
    except ReadError as error:
        raise UsageError(error.problems[0].message) from None
