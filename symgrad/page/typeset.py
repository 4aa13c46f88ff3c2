"""Templates: where they are, how text is escaped in them, and the phrase that belongs to each rule.

A plain `str` is escaped wherever it is printed. Only `Tex` and `Markup` pass as they are, and only formulas that
were printed from terms, and phrases of the template folder, become such.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

_SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "|": r"\textbar{}", '"': r"\textquotedbl{}", "`": r"\textasciigrave{}", "\u00a0": "~",
    "\u2013": r"\textendash{}", "\u2014": r"\textemdash{}", "\u2018": r"\textquoteleft{}",
    "\u2019": r"\textquoteright{}", "\u201c": r"\textquotedblleft{}", "\u201d": r"\textquotedblright{}",
    "\u2026": r"\dots{}", "\u200b": r"\allowbreak{}", "\u00b0": r"\textdegree{}", "\u2022": r"\textbullet{}",
}  # fmt: skip
_MATH = {
    "\u2264": r"\le", "\u2265": r"\ge", "\u2260": r"\ne", "\u2212": "-", "\u00b1": r"\pm", "\u00d7": r"\times",
    "\u00b7": r"\cdot", "\u22c5": r"\cdot", "\u2299": r"\odot", "\u2218": r"\circ", "\u221e": r"\infty",
    "\u2207": r"\nabla", "\u2202": r"\partial", "\u2016": r"\Vert", "\u2192": r"\to", "\u21d2": r"\Rightarrow",
    "\u2208": r"\in", "\u2211": r"\sum", "\u220f": r"\prod", "\u211d": r"\mathbb{R}", "\u2112": r"\mathcal{L}",
    "\u2248": r"\approx", "\u221a": r"\surd", "\u00b2": "^2", "\u00b3": "^3", "\u00b9": "^1", "\u2032": "'",
    "\u1d40": "^T", "\u2113": r"\ell", "\u00bd": r"\tfrac12", "\u00bc": r"\tfrac14", "\u00be": r"\tfrac34",
}  # fmt: skip
_GREEK = (
    "alpha", "beta", "gamma", "delta", "varepsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu",
    "xi", "o", "pi", "rho", "varsigma", "sigma", "tau", "upsilon", "varphi", "chi", "psi", "omega",
)  # fmt: skip
_CAPITAL = {"\u0393": "Gamma", "\u0394": "Delta", "\u0398": "Theta", "\u039b": "Lambda", "\u039e": "Xi"}
_CAPITAL |= {"\u03a0": "Pi", "\u03a3": "Sigma", "\u03a6": "Phi", "\u03a8": "Psi", "\u03a9": "Omega"}
_MATH |= {chr(0x3B1 + place): "o" if name == "o" else f"\\{name}" for place, name in enumerate(_GREEK)}
_MATH |= {letter: f"\\{name}" for letter, name in _CAPITAL.items()}
_LATIN = re.compile(
    "[ -~\u00a1\u00a7\u00bf\u00c0-\u0107\u010c-\u0111\u0118-\u011b\u0139\u013a\u013d\u013e\u0141-\u0144\u0147\u0148"
    "\u0150-\u0155\u0158-\u015b\u015e-\u0165\u016e-\u0171\u0178-\u017e]"
)


class Tex(Markup):
    """Text that is already TeX."""


Filters = dict[str, Callable[..., Any]]


class MissingPhraseError(LookupError):
    """A rule without a phrase in templates/phrases.toml."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Ready words of the template folder, in the three formats."""

    latex: str
    html: str
    plain: str


def escape_tex(text: str) -> Tex:
    """Any text as TeX that prints it: no command, no ligature and no unknown character can come out of it."""
    letters = (_tex_letter(letter) for letter in breakable(unicodedata.normalize("NFC", text)))
    return Tex(re.sub(r"([-,'])(?=\1)", r"\1{}", "".join(letters)))


def breakable(text: str, every: int = 30) -> str:
    """Text with a zero-width space after so many letters that no line could be broken between."""
    return re.sub(rf"\S{{{every}}}(?=\S)", lambda run: run[0] + "\u200b", text)


def _tex_letter(letter: str) -> str:
    if letter in _SPECIAL:
        return _SPECIAL[letter]
    if letter in _MATH:
        return f"\\ensuremath{{{_MATH[letter]}}}"
    if letter.isspace() or unicodedata.category(letter) in ("Cc", "Cf"):
        return " "
    return letter if _LATIN.fullmatch(letter) else f"\\texttt{{U+{ord(letter):04X}}}"


def printable(text: str) -> str:
    """Text without the control characters that HTML does not allow."""
    return "".join(" " if _is_control(letter) else letter for letter in text)


def _is_control(letter: str) -> bool:
    return letter != "\n" and unicodedata.category(letter) in ("Cc", "Cs")


def _finish_tex(value: Any) -> Markup:
    return value if isinstance(value, Markup) else escape_tex(str(value))


def _finish_html(value: Any) -> Any:
    return value if isinstance(value, Markup) else printable(str(value))


def template_folder() -> Path:
    """The folder templates/: inside an installed package, or beside the package in a checkout."""
    here = Path(__file__).resolve().parents[1]
    for folder in (here / "templates", here.parent / "templates"):
        if (folder / "phrases.toml").is_file():
            return folder
    raise FileNotFoundError(f"the templates are missing: no templates/phrases.toml in {here} or beside it")


def environment(kind: str, filters: Filters) -> Environment:
    """Jinja for one format: "latex" (delimiters \\VAR{ }, \\BLOCK{ }, \\#{ }), "html" or "text"."""
    tex: dict[str, Any] = {
        "block_start_string": "\\BLOCK{", "block_end_string": "}", "variable_start_string": "\\VAR{",
        "variable_end_string": "}", "comment_start_string": "\\#{", "comment_end_string": "}",
    }  # fmt: skip
    made = Environment(
        loader=FileSystemLoader(template_folder() / kind),
        undefined=StrictUndefined,
        autoescape=kind != "text",
        finalize={"latex": _finish_tex, "html": _finish_html, "text": printable_value}[kind],
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        **(tex if kind == "latex" else {}),
    )
    made.filters.update(filters)
    return made


def printable_value(value: Any) -> str:
    return printable(str(value))


@cache
def _phrases() -> dict[str, dict[str, Any]]:
    return tomllib.loads((template_folder() / "phrases.toml").read_text(encoding="utf-8"))


def phrase(rule: str, *, detailed: bool = False) -> tuple[Phrase, Phrase]:
    """The words before and after the detail of a step. Raises MissingPhraseError for a rule that has none.

    A phrase "definition | definition of {detail}" has two forms, without a detail and with one.
    """
    if rule not in _phrases()["rule"]:
        raise MissingPhraseError(f"no phrase for the rule {rule!r} in templates/phrases.toml")
    entry = _phrases()["rule"][rule]
    if isinstance(entry, dict):
        return _phrase(entry), _phrase(", " if detailed else "")
    alone, _, with_detail = entry.partition(" | ")
    before, _, after = (with_detail or f"{alone}, {{detail}}").partition("{detail}")
    return (_phrase(before), _phrase(after)) if detailed else (_phrase(alone), _phrase(""))


def words(group: str, name: str) -> Phrase:
    """Other ready words of the template folder, such as the headline of a status."""
    return _phrase(_phrases()[group][name])


def _phrase(entry: str | dict[str, str]) -> Phrase:
    if isinstance(entry, str):
        return Phrase(str(escape_tex(entry)), str(Markup.escape(entry)), entry)
    return Phrase(entry["latex"], entry["html"], entry["text"])
