"""Pages: documents and verdicts as LaTeX, PDF, HTML and text.

`build_sheet` makes the view of a document, `render_latex` and `render_html` print it through the templates.
"""

from .figures import unrolled
from .render import (
    compile_pdf,
    render_html,
    render_latex,
    verdict_html,
    verdict_latex,
    verdict_text,
    write_file,
)
from .sheet import build_sheet
from .typeset import MissingPhraseError, phrase
from .view import Sheet

__all__ = [
    "MissingPhraseError",
    "Sheet",
    "build_sheet",
    "compile_pdf",
    "phrase",
    "render_html",
    "render_latex",
    "unrolled",
    "verdict_html",
    "verdict_latex",
    "verdict_text",
    "write_file",
]
