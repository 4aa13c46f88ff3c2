"""Names, numbers and times as boxes, in the letters and styles of a dialect."""

from __future__ import annotations

from fractions import Fraction as Rational

from symgrad.kernel.affine import Affine
from symgrad.kernel.term import Shape, Size, Symbol

from .boxes import COMMA, Box, Fraction, Leaf, Scripts, Timed, digits, ident, listed, operator, row
from .dialect import ACCENT_MARKS, COMBINING, GREEK, TWIN, Declared, Dialect, split_name

MINUS = operator("-", "−", "infix", "-")
PLUS = operator("+", "+", "infix")
TIMES = operator(r"\times", "×", "infix")
_BOLD_LOWER, _BOLD_UPPER, _BOLD_DIGIT = 0x1D41A, 0x1D400, 0x1D7CE
_SCRIPT = {"B": "ℬ", "E": "ℰ", "F": "ℱ", "H": "ℋ", "I": "ℐ", "L": "ℒ", "M": "ℳ", "R": "ℛ"}
_DOUBLE = {"C": "ℂ", "H": "ℍ", "N": "ℕ", "P": "ℙ", "Q": "ℚ", "R": "ℝ", "Z": "ℤ"}
_BOLD_ITALIC_LOWER, _BOLD_ITALIC_UPPER = 0x1D482, 0x1D468
_BOLD_GREEK_LOWER, _BOLD_GREEK_UPPER = 0x1D6C2, 0x1D6A8


def spelt_letter(letter: str, font: str, accent: str = "") -> Leaf:
    """One letter, Greek letter or word in a font, perhaps with an accent."""
    latex = rf"\{letter}" if letter in GREEK else letter if len(letter) == 1 else rf"\mathrm{{{letter}}}"
    text = GREEK.get(letter, letter)
    upright = len(text) > 1 or font in ("mathrm", "mathsf", "mathtt")
    if font and len(text) == 1:
        latex = rf"\{font}{{{latex}}}"
    shown = _styled(text, font)
    leaf = ident(latex, shown, upright, text)
    return accented(leaf, accent) if accent else leaf


def accented(leaf: Leaf, accent: str) -> Leaf:
    """The leaf with an accent over it."""
    mathml = f'<mover accent="true">{leaf.mathml}<mo>{ACCENT_MARKS[accent]}</mo></mover>'
    return Leaf(rf"\{accent}{{{leaf.latex}}}", mathml, f"{leaf.plain}{COMBINING[accent]}")


def _styled(text: str, font: str) -> str:
    """The letter of the mathematical alphabet that belongs to the font."""
    if len(text) != 1:
        return text
    match font:
        case "mathbf":
            return _shifted(text, _BOLD_LOWER, _BOLD_UPPER, _BOLD_DIGIT)
        case "boldsymbol":
            return _shifted(text, _BOLD_ITALIC_LOWER, _BOLD_ITALIC_UPPER, _BOLD_DIGIT)
        case "mathcal":
            return _SCRIPT.get(text) or _shifted(text, 0x1D4B6, 0x1D49C, None)
        case "mathbb":
            return _DOUBLE.get(text) or _shifted(text, 0x1D552, 0x1D538, 0x1D7D8)
        case "mathfrak":
            return _shifted(text, 0x1D586, 0x1D56C, None)
        case _:
            return text


def _shifted(text: str, lower: int, upper: int, digit: int | None) -> str:
    if text.isascii() and text.islower():
        return chr(lower + ord(text) - ord("a"))
    if text.isascii() and text.isupper():
        return chr(upper + ord(text) - ord("A"))
    if text.isdecimal() and digit is not None:
        return chr(digit + int(text))
    if digit is not None and 0x3B1 <= ord(text) <= 0x3C9:
        return chr(_BOLD_GREEK_LOWER + ord(text) - 0x3B1)
    if digit is not None and 0x391 <= ord(text) <= 0x3A9:
        return chr(_BOLD_GREEK_UPPER + ord(text) - 0x391)
    return text


def subscript(word: str) -> Box:
    """The subscript of a name: a Greek letter, a number, or letters."""
    if word in GREEK:
        return spelt_letter(word, "")
    if word.isdecimal():
        return digits(word)
    if len(word) == 1:
        return ident(word, word)
    if word in ("min", "max"):
        return ident(rf"\{word}", word, upright=True)
    return ident(word, word) if word.isalnum() else row(*(ident(one, one) for one in word if one.isalnum()))


def plain_name(name: str, font: str = "") -> Box:
    """A name without times: a size, an index, a time variable, a real variable."""
    letter, accent, below = split_name(name)
    base = spelt_letter(letter, font, accent)
    return Scripts(base, below=subscript(below)) if below else base


def spelt_symbol(symbol: Symbol, dialect: Dialect, entry: Box | None = None) -> tuple[Box, bool]:
    """A symbol at its times, perhaps one entry of it; and whether it has a superscript already."""
    declared = dialect.symbols.get(symbol.name) or Declared(symbol.name, symbol.size, len(symbol.times))
    is_differential = symbol.name in dialect.differentials
    letter, accent, word = split_name(symbol.name[is_differential:].removesuffix(TWIN))
    base = spelt_letter(letter, dialect.font(symbol.name), accent)
    base = _differential(base) if is_differential else base
    below = ident(word, word) if symbol.name in dialect.lettered else subscript(word) if word else None
    times = _shown_times(symbol, declared)
    if not times:
        lower = listed(below, entry)
        return Scripts(base, below=lower) if lower else base, False
    style = "_" if dialect.time_style == "<" and len(times) > 1 else dialect.time_style
    first, *more = (spelt_time(time, dialect) for time in times)
    time = row(first, *(box for one in more for box in (COMMA, one)))
    return Timed(base, below, time, entry, style), style != "_"


def _differential(base: Leaf) -> Leaf:
    mathml = f'<mrow><mi mathvariant="normal">d</mi>{base.mathml}</mrow>'
    return Leaf(rf"\mathrm{{d}}{base.latex}", mathml, f"d{base.plain}")


def _shown_times(symbol: Symbol, declared: Declared) -> tuple[Affine, ...]:
    """The times without those that the name has anyway; all of them if it has others."""
    implicit = tuple(Affine(((name, 1),)) for name in declared.implicit)
    hidden = symbol.times[declared.arity :] == implicit
    return symbol.times[: declared.arity] if hidden else symbol.times


def spelt_time(time: Affine, dialect: Dialect) -> Box:
    """A time such as tau-k+i: declared times in their order, then indices, a positive part first."""
    order = {name: place for place, name in enumerate(dialect.times)}
    parts = sorted(time.coefficients, key=lambda part: (order.get(part[0], len(order)), part[0]))
    leading = next((part for part in parts if part[1] > 0), None)
    if leading is not None:
        parts.remove(leading)
        parts.insert(0, leading)
    boxes: list[Box] = []
    for name, value in parts:
        boxes += _signed(value, boxes)
        if abs(value) != 1:
            boxes.append(digits(str(abs(value))))
        boxes.append(plain_name(name))
    if time.constant or not parts:
        boxes += _signed(time.constant, boxes)
        boxes.append(digits(str(abs(time.constant))))
    return row(*boxes)


def _signed(value: int, before: list[Box]) -> list[Box]:
    if value < 0:
        return [MINUS]
    return [PLUS] if before else []


def spelt_number(value: Rational) -> Box:
    """A non-negative rational."""
    if value.denominator == 1:
        return digits(str(value.numerator))
    return Fraction(digits(str(value.numerator)), digits(str(value.denominator)))


def spelt_size(size: Size) -> Box:
    return digits(str(size)) if isinstance(size, int) else plain_name(size)


def spelt_shape(shape: Shape) -> Box:
    """n for a column, n x m for anything else."""
    if shape[1] == 1:
        return spelt_size(shape[0])
    return row(spelt_size(shape[0]), TIMES, spelt_size(shape[1]))
