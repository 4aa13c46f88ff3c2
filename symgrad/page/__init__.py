"""Pages: documents and verdicts as LaTeX, PDF, HTML and text.

`build_sheet` makes the view of a document, `render_latex` and `render_html` print it through the templates;
`render_library` makes the page of many.
"""

from .figures import unrolled
from .library import Identity, render_library
from .printing import Formula, Printer
from .render import (
    compile_pdf,
    render_html,
    render_latex,
    render_template,
    verdict_html,
    verdict_latex,
    verdict_text,
)
from .sheet import build_sheet, reading_view, with_question
from .typeset import MissingPhraseError, phrase
from .view import ReadingView, Sheet

__all__ = [
    "Formula",
    "Identity",
    "MissingPhraseError",
    "Printer",
    "ReadingView",
    "Sheet",
    "build_sheet",
    "compile_pdf",
    "phrase",
    "reading_view",
    "render_html",
    "render_latex",
    "render_library",
    "render_template",
    "unrolled",
    "verdict_html",
    "verdict_latex",
    "verdict_text",
    "with_question",
]
