"""Formulas and running text as the page wants them: terms printed once for every format.

The printing of terms itself is in `notation.write`, the rounding of numbers in `rounding.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from html import escape
from typing import Any, Literal

from ..notation import write
from ..notation.document import Dialect
from ..rounding import MAX_DIGITS, rounded
from ..verdict import Inline, Matrix, value_symbol
from .typeset import Phrase, escape_tex

MINUS = "<mo>\u2212</mo>"
_GREEK = {"tau": "\u03c4", "sigma": "\u03c3", "kappa": "\u03ba", "theta": "\u03b8"}
_RELATION: dict[str, tuple[str, str, str]] = {
    "=": ("=", "=", "="), "<=": (r"\le", "≤", "<="), "<": ("<", "&lt;", "<"),
    ">=": (r"\ge", "≥", ">="), ">": (">", "&gt;", ">"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula as LaTeX (math mode), as MathML (what stands inside <math>) and as plain text."""

    latex: str
    mathml: str
    plain: str


Style = Literal["emphasis", "strong", "code"]


@dataclass(frozen=True, slots=True)
class Styled:
    """Words of running text that are set apart."""

    style: Style
    text: str


Piece = str | Formula | Styled | Phrase


@dataclass(frozen=True, slots=True)
class Printer:
    """Prints terms with the letters of one dialect."""

    dialect: Dialect

    def formula(self, term: write.Writable) -> Formula:
        names = self.dialect
        return Formula(write.latex(term, names), write.mathml(term, names), write.plain(term, names))

    def pieces(self, text: Iterable[Inline]) -> tuple[str | Formula, ...]:
        return tuple(one if isinstance(one, str) else self.formula(one) for one in text)

    def lettered(self, text: str) -> tuple[Piece, ...]:
        """Words in which the sizes and times of the text are set as letters: "all n, all k"."""
        letters = {*self.dialect.sizes, *self.dialect.times}
        parts = re.split(r"\b", text)
        return tuple(_letter(part) if part in letters else part for part in parts if part)

    def values(self, name: str, matrix: Matrix) -> Formula:
        """`name = matrix`, where the name is that of a symbol, such as "W" or "x[2]"."""
        return joined(self.name(name, matrix), relation("="), table(matrix))

    def name(self, name: str, matrix: Matrix) -> Formula:
        """The name of a value: "W", "x[2]", "gradient of L"."""
        found = value_symbol(name, (len(matrix), len(matrix[0])))
        if found is None:
            return Formula(rf"\text{{{escape_tex(name)}}}", f"<mtext>{escape(name)}</mtext>", name)
        symbol, is_gradient = found
        nabla = Formula(r"\nabla", "<mo>\u2207</mo>", "gradient of")
        return joined(nabla, self.formula(symbol)) if is_gradient else self.formula(symbol)


def relation(name: str) -> Formula:
    latex, mathml, plain = _RELATION[name]
    return Formula(latex, f'<mo form="infix">{mathml}</mo>', plain)


def joined(*parts: Formula) -> Formula:
    """Formulas side by side."""
    mathml = "".join(part.mathml for part in parts)
    return Formula(
        " ".join(part.latex for part in parts), f"<mrow>{mathml}</mrow>", " ".join(part.plain for part in parts)
    )


def table(matrix: Matrix, differs: tuple[int, int] | None = None, digits: int = MAX_DIGITS) -> Formula:
    """A matrix of rationals and intervals; a 1 x 1 matrix is a scalar. The entry that differs is set apart."""
    rows = [[_cell(entry, digits) for entry in row] for row in matrix]
    if differs is not None and len(rows) * len(rows[0]) > 1:
        rows[differs[0]][differs[1]] = _set_apart(rows[differs[0]][differs[1]])
    if len(rows) == len(rows[0]) == 1:
        return rows[0][0]
    latex = r" \\ ".join(" & ".join(cell.latex for cell in row) for row in rows)
    cells = ("".join(f"<mtd>{cell.mathml}</mtd>" for cell in row) for row in rows)
    mathml = "".join(f"<mtr>{row}</mtr>" for row in cells)
    plain = "; ".join(" ".join(cell.plain for cell in row) for row in rows)
    return Formula(
        rf"\begin{{pmatrix}} {latex} \end{{pmatrix}}",
        f'<mrow><mo fence="true">(</mo><mtable>{mathml}</mtable><mo fence="true">)</mo></mrow>',
        f"[{plain}]",
    )


def _set_apart(cell: Formula) -> Formula:
    return Formula(rf"\differs{{{cell.latex}}}", f'<mrow class="differs">{cell.mathml}</mrow>', cell.plain)


def _cell(entry: Any, digits: int) -> Formula:
    found = rounded(entry, digits)
    if isinstance(found, Fraction):
        return _rational(found)
    below, above = found
    latex, mathml = (tuple(_decimal(text, form) for text in (below, above)) for form in ("latex", "mathml"))
    opening, closing = (f'<mo stretchy="false">{bracket}</mo>' for bracket in "[]")
    return Formula(
        f"[{latex[0]},\\,{latex[1]}]",
        f'<mrow>{opening}{mathml[0]}<mo separator="true">,</mo>{mathml[1]}{closing}</mrow>',
        f"[{below}, {above}]",
    )


def _rational(value: Fraction) -> Formula:
    sign, above, below = "-" if value < 0 else "", abs(value.numerator), value.denominator
    minus = MINUS if sign else ""
    if below == 1:
        return Formula(f"{sign}{above}", f"<mrow>{minus}<mn>{above}</mn></mrow>", str(value))
    fraction = f"<mfrac displaystyle='false'><mn>{above}</mn><mn>{below}</mn></mfrac>"
    return Formula(rf"{sign}\tfrac{{{above}}}{{{below}}}", f"<mrow>{minus}{fraction}</mrow>", str(value))


def _decimal(text: str, form: str) -> str:
    mantissa, _, exponent = text.partition("e")
    if form == "latex":
        return mantissa + (rf"\cdot 10^{{{exponent}}}" if exponent else "")
    minus, bare = (MINUS, mantissa[1:]) if mantissa.startswith("-") else ("", mantissa)
    tail = f"<mo>⋅</mo><msup><mn>10</mn><mn>{exponent.replace('-', chr(0x2212))}</mn></msup>" if exponent else ""
    return f"<mrow>{minus}<mn>{bare}</mn>{tail}</mrow>"


def choices(values: Iterable[tuple[str, int | str]]) -> tuple[Piece, ...]:
    """ "n = 2, k = 1, phi = sin" as formulas with commas between them."""
    found: list[Piece] = []
    for name, value in values:
        chosen = _letter(value) if isinstance(value, str) else _rational(Fraction(value))
        equation = joined(_letter(name), relation("="), chosen)
        found += [", ", equation] if found else [equation]
    return tuple(found)


def _letter(name: str) -> Formula:
    if name in _GREEK:
        return Formula(f"\\{name}", f"<mi>{_GREEK[name]}</mi>", name)
    safe = re.sub(r"[^A-Za-z0-9]", "", name)
    return Formula(safe if len(safe) == 1 else rf"\mathit{{{safe}}}", f"<mi>{safe}</mi>", name)
