"""Long formulas: where a line may be broken, for TeX and for MathML.

Browsers do not break MathML and TeX does not break inside stretching brackets. Short formulas stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

SHORT = 40
NARROW = 20
TOO_LONG = 1200
_CLOSING = ")]}\u27e9"
_BARS = "\u2016|\u2223\u2225"
_SIGNS = "+\u2212-="
_BRACKET = re.compile(r"\\(left|right)\s*(\\[A-Za-z]+|\\.|.)|\\.|[{}]")
_PLAIN = re.compile(r"\\(?:left|right|bigg?[lr])\s*.|[()]")
_SCRIPTS = re.compile(r"(?:[\^_](?:\{[^{}]*\}|\\[A-Za-z]+|.)|\')*")
_NO_DOT = re.compile(r"$|[\^_\')\]+=<>-]|\\(?:[co]dot|le|ge|right|bigg?r)(?![A-Za-z])")
_SILENT = re.compile(r"[{}^_\s]|\\(?:math[a-z]*|bm|boldsymbol|text|left|right|operatorname)(?![A-Za-z])")


def loosened(latex: str) -> str:
    """The same formula with its long outermost brackets at a fixed size, so that TeX may break lines inside.

    A product may then be broken after a bracket, with a dot at the end of the line (`\\*` of plain TeX).
    """
    return _together(_sized(latex))


def _sized(latex: str) -> str:
    out: list[str] = []
    position = 0
    for start, end, opening, closing in _outer_brackets(latex):
        inner = latex[start + len(opening) : end]
        after = _after_scripts(latex, end + len(closing))
        out += [latex[position:start], *_bracketed(opening, inner, closing), latex[end + len(closing) : after]]
        out.append(_dot(latex, after))
        position = after
    return "".join([*out, latex[position:]])


def _bracketed(opening: str, inner: str, closing: str) -> tuple[str, str, str]:
    if _length(inner) < SHORT:
        return opening, inner, closing
    size = "bigg" if re.search(r"\\(?:prod|sum|[dt]?frac)(?![A-Za-z])", inner) else "big"
    left, right = opening.replace(r"\left", f"\\{size}l", 1), closing.replace(r"\right", f"\\{size}r", 1)
    return left, " " + _sized(inner), right


def _dot(latex: str, after: int) -> str:
    """A dot for the end of the line, where a factor follows."""
    return "" if _NO_DOT.match(latex[after:].lstrip()) else r"\*"


def _after_scripts(latex: str, end: int) -> int:
    scripts = _SCRIPTS.match(latex, end)
    return scripts.end() if scripts else end


def measurable(latex: str) -> str:
    """The formula, or where it is wider than TeX can measure a space that is as wide."""
    return latex if _length(latex) < TOO_LONG else r"\hskip 15000pt"


def inline_formula(latex: str) -> str:
    """A formula in running text; a long one is fitted into the line like a displayed one."""
    if _length(latex) < SHORT:
        return f"${latex}$"
    return rf"\fit{{\dimexpr\linewidth-1em\relax}}{{{measurable(latex)}}}{{{loosened(latex)}}}"


def _together(latex: str) -> str:
    """Forbid breaks in short brackets that do not stretch, and allow one after a bracket where a factor follows."""
    out: list[str] = []
    position = 0
    for start, end in _plain_brackets(latex):
        inside = latex[start + 1 : end - 1]
        short = _length(inside) < SHORT
        kept = re.sub(r"([+-])(?!\\nobreak)", r"\1\\nobreak ", inside) if short else _together(inside)
        after = _after_scripts(latex, end)
        out += [latex[position:start], "(", kept, ")", latex[end:after], _dot(latex, after)]
        position = after
    return "".join([*out, latex[position:]])


def _plain_brackets(latex: str) -> list[tuple[int, int]]:
    """Start and end of each outermost ( ... )."""
    found: list[tuple[int, int]] = []
    starts: list[int] = []
    for match in _PLAIN.finditer(latex):
        if match[0] == "(":
            starts.append(match.start())
        elif match[0] == ")" and starts:
            start = starts.pop()
            if not starts:
                found.append((start, match.end()))
    return found


def _length(latex: str) -> int:
    """About how many signs a formula shows."""
    return len(re.sub(r"\\(?:[A-Za-z]+|.)", "x", _SILENT.sub("", latex)))


def _outer_brackets(latex: str) -> list[tuple[int, int, str, str]]:
    """(start, start of the closing, opening, closing) of each \\left ... \\right that stands in no braces."""
    found: list[tuple[int, int, str, str]] = []
    stack: list[tuple[re.Match[str], int]] = []
    braces = 0
    for match in _BRACKET.finditer(latex):
        if match[0] in "{}":
            braces += 1 if match[0] == "{" else -1
        elif match[1] == "left":
            stack.append((match, braces))
        elif match[1] == "right" and stack:
            opening, depth = stack.pop()
            if not stack and depth == braces == 0 and opening[2] != ".":
                found.append((opening.start(), match.start(), opening[0], match[0]))
    return found


def chunks(mathml: str) -> tuple[str, ...]:
    """A formula in pieces between which a line may be broken, each the inside of a <math> of its own.

    Broken before a sign or relation, also inside brackets that are long, and between the factors of a long product.
    """
    root = ElementTree.fromstring(f"<mrow>{mathml}</mrow>")
    if _width(root) < NARROW:
        return (mathml,)
    found: list[list[Element]] = [[]]
    for item, may_break in _items(root):
        long = sum(_width(one) for one in found[-1]) >= NARROW
        if found[-1] and (may_break == "always" or (may_break == "if long" and long)):
            found.append([])
        found[-1].append(item)
    return tuple(_written(piece) for piece in found)


def _items(row: Element) -> Iterator[tuple[Element, str]]:
    """The parts of a row, unwrapped where they are long, each with whether a line may be broken before it."""
    children = list(row)
    after_bracket = False
    for place, child in enumerate(children):
        if child.tag == "mrow" and _width(child) >= (SHORT if _is_closing(child[-1]) else NARROW):
            inner = list(_items(child))
            yield inner[0][0], "if long" if after_bracket else ""
            yield from ((one, "" if _is_closing(one) else may_break) for one, may_break in inner[1:])
            after_bracket = True
        elif child.tag == "mo" and (child.text or "").strip() in _SIGNS and 0 < place < len(children) - 1:
            child.set("form", "infix")
            yield child, "always"
            after_bracket = False
        else:
            yield child, "if long" if after_bracket else ""
            after_bracket = child.tag in ("mrow", "msup") and _ends_in_bracket(child)


def _is_closing(item: Element) -> bool:
    text = (item.text or "").strip()
    return item.tag == "mo" and (text in _CLOSING or (text in _BARS and item.get("form") == "postfix"))


def is_long(mathml: str) -> bool:
    """Whether a formula leaves no room for words beside it."""
    return _width(ElementTree.fromstring(f"<mrow>{mathml}</mrow>")) > SHORT


def _ends_in_bracket(item: Element) -> bool:
    last = item
    while len(last) and last.tag in ("mrow", "msup"):
        last = last[-1] if last.tag == "mrow" else last[0]
    return last.tag == "mo" and (last.text or "").strip() in (*_CLOSING, *_BARS)


def _width(item: Element) -> int:
    return len("".join("".join(item.itertext()).split()))


def _written(piece: list[Element]) -> str:
    return "".join(ElementTree.tostring(item, encoding="unicode") for item in piece)
