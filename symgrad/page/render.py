"""Pages: a sheet or a verdict through the templates to LaTeX, HTML or text, and LaTeX through latexmk to PDF.

What a page says is decided in `sheet.py`, how it looks in the folder templates/.
"""

from __future__ import annotations

import base64
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import Any, assert_never

from jinja2 import Environment
from markupsafe import Markup

from ..files import fresh
from ..notation.document import Dialect
from ..verdict import Verdict
from .breaking import chunks, inline_formula, is_long, loosened, measurable
from .drawing import drawing_filters
from .printing import Formula, Piece, Printer, Styled, joined
from .sheet import reading_view
from .typeset import Filters, Phrase, Tex, breakable, environment, escape_tex, printable, template_folder
from .view import RowView, Sheet

NEEDED = "latexmk texlive-latex-recommended texlive-fonts-recommended texlive-pictures lmodern"
LATEXMK = ("latexmk", "-pdf", "-norc", "-interaction=nonstopmode", "-halt-on-error", "-latexoption=-no-shell-escape")


def render_latex(sheet: Sheet) -> str:
    """The sheet as one LaTeX file for pdflatex."""
    return _latex().get_template("sheet.tex").render(sheet=sheet)


def render_html(sheet: Sheet) -> str:
    """The sheet as one HTML file that holds its fonts and asks for nothing else."""
    return _html().get_template("sheet.html").render(sheet=sheet)


def render_template(name: str, **values: Any) -> str:
    """A template for HTML with these values; text in them is escaped."""
    return _html().get_template(name).render(**values)


def verdict_text(verdict: Verdict, dialect: Dialect | None = None) -> str:
    """A verdict for the terminal."""
    view = reading_view("", "proved", verdict, Printer(dialect or Dialect()))
    return _text().get_template("verdict.txt").render(reading=view).rstrip()


def verdict_html(verdict: Verdict, dialect: Dialect | None = None) -> str:
    """A verdict for a notebook."""
    view = reading_view("", "proved", verdict, Printer(dialect or Dialect()))
    return _html().get_template("verdict.html").render(reading=view)


def verdict_latex(verdict: Verdict, dialect: Dialect | None = None) -> str:
    """The statement of a verdict with its status, for a notebook."""
    view = reading_view("", "proved", verdict, Printer(dialect or Dialect()))
    statement = view.statement.latex if view.statement else ""
    return rf"$\displaystyle {statement} \qquad \text{{{view.mark}}}$"


def compile_pdf(tex: Path, *, seconds: float = 120.0) -> str:
    """Compile a file to a PDF beside it. Returns "" on success, else one line that says why there is no PDF."""
    if shutil.which("latexmk") is None:
        return f"no PDF: latexmk was not found; on Debian: apt-get install {NEEDED}"
    with tempfile.TemporaryDirectory(prefix="symgrad-") as folder:
        made = Path(folder) / "sheet.pdf"
        shutil.copyfile(tex, made.with_suffix(".tex"))
        try:
            run = subprocess.run(
                [*LATEXMK, "sheet.tex"], cwd=folder, timeout=seconds, stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return f"no PDF: latexmk did not finish {tex.name} within {seconds:g} seconds"
        if run.returncode != 0 or not made.is_file():
            return f"no PDF: latexmk failed on {tex.name}: {_complaint(run.stdout)}"
        with fresh(tex.with_suffix(".pdf")) as target:
            shutil.copyfile(made, target)
    return ""


def _complaint(output: bytes) -> str:
    """The first error that TeX reports, or the last line."""
    lines = [line for line in output.decode("utf-8", "replace").splitlines() if line.strip()]
    missing = next((line for line in lines if line.startswith("! LaTeX Error: File")), None)
    if missing is not None:
        return f"{missing[2:]} On Debian: apt-get install {NEEDED}"
    return next((line[2:] for line in lines if line.startswith("! ")), lines[-1] if lines else "no output")


@cache
def _latex() -> Environment:
    filters: Filters = {
        "math": _math_tex,
        "inline": _inline_tex,
        "whole": _whole,
        "loosened": _loosened,
        "code": _code_tex,
        "command": Tex,
    }
    return environment("latex", filters | drawing_filters("latex"))


@cache
def _html() -> Environment:
    filters: Filters = {
        "math": _math_html,
        "display": _display_html,
        "inline": _inline_html,
        "equation": _equation,
        "is_long": _is_long,
        "font": _font,
    }
    return environment("html", filters | drawing_filters("html"))


@cache
def _text() -> Environment:
    return environment("text", {"inline": _inline_text})


def _math_tex(formula: Formula) -> Tex:
    return Tex(formula.latex)


def _whole(formula: Formula) -> Tex:
    return Tex(measurable(formula.latex))


def _loosened(formula: Formula) -> Tex:
    return Tex(loosened(formula.latex))


def _math_html(formula: Formula) -> Markup:
    """A formula in running text; a long one in pieces."""
    return _in_pieces(formula, "<math>") if is_long(formula.mathml) else Markup(f"<math>{formula.mathml}</math>")


def _display_html(formula: Formula) -> Markup:
    """A formula set large, in pieces."""
    return _in_pieces(formula, '<math displaystyle="true">')


def _in_pieces(formula: Formula, opening: str) -> Markup:
    """A formula in pieces between which the browser may break the line."""
    pieces = (f"{opening}<mrow>{piece}</mrow></math>" for piece in chunks(formula.mathml))
    return Markup("<wbr>".join(f"<span>{piece}</span>" for piece in pieces))


def _equation(row: RowView) -> Markup:
    """The relation and the right side of a row."""
    return _display_html(joined(row.relation, row.right))


def _is_long(row: RowView) -> bool:
    return is_long(row.right.mathml)


def _inline_tex(pieces: tuple[Piece, ...]) -> Tex:
    return Tex("".join(_piece_tex(piece) for piece in pieces))


def _code_tex(text: str) -> Tex:
    """Code, which may be broken after any sign."""
    return Tex(rf"\texttt{{{escape_tex(breakable(text, 1))}}}")


def _piece_tex(piece: Piece) -> str:
    match piece:
        case str():
            return escape_tex(piece)
        case Formula():
            return inline_formula(piece.latex)
        case Phrase():
            return piece.latex
        case Styled():
            command = r"\emph" if piece.style == "emphasis" else r"\textbf"
            return _code_tex(piece.text) if piece.style == "code" else f"{command}{{{escape_tex(piece.text)}}}"
        case _:
            assert_never(piece)


def _inline_html(pieces: tuple[Piece, ...]) -> Markup:
    return Markup("".join(_piece_html(piece) for piece in pieces))


def _piece_html(piece: Piece) -> str:
    match piece:
        case str():
            return str(Markup.escape(printable(piece)))
        case Formula():
            return _math_html(piece)
        case Phrase():
            return piece.html
        case Styled():
            tag = {"emphasis": "em", "strong": "strong", "code": "code"}[piece.style]
            return f"<{tag}>{Markup.escape(printable(piece.text))}</{tag}>"
        case _:
            assert_never(piece)


def _inline_text(pieces: tuple[Piece, ...]) -> str:
    return "".join(piece if isinstance(piece, str) else _piece_text(piece) for piece in pieces)


def _piece_text(piece: Formula | Phrase | Styled) -> str:
    return piece.text if isinstance(piece, Styled) else piece.plain


@cache
def _font(name: str) -> Markup:
    data = (template_folder() / "html" / "fonts" / name).read_bytes()
    return Markup("data:font/woff2;base64," + base64.b64encode(data).decode("ascii"))
