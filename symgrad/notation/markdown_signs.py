"""The signs of Markdown: how blocks and spans begin, and what is said of those that are odd."""

from __future__ import annotations

import re

from .macros import DEFINING
from .scan import DISPLAYS

ENVIRONMENT = rf"\\begin\{{(?:{'|'.join(DISPLAYS)})\*?\}}"
CLOSING = {"$$": "$$", r"\[": r"\]", r"\(": r"\)", "$`": "`$", "$": "$"}
INLINE = re.compile(
    rf"(?P<newline>[ \t\r]*\n)"
    rf"|(?P<environment>{ENVIRONMENT})"
    rf"|(?P<definition>\\(?:{'|'.join(sorted(DEFINING))})(?![A-Za-z]))"
    r"|(?P<reference>\\(?:eq)?ref(?=\{[^{}\n]*\}))(?P<label>\{[^{}\n]*\})"
    r"|(?P<doubled>\\\\[\[\](])|(?P<stray>\\[\])])"
    r"|(?P<math>\$\$|\\\[|\\\(|\$`|\$)"
    r"|(?P<escaped>\\[!-/:-@\[-`{-~])"
    r"|(?P<ticks>`+)"
    r"|(?P<comment><!--)"
    r"|(?P<raw><(?P<element>code|pre|script|style|textarea)(?![A-Za-z])[^<>]*>)"
    r"|(?P<tag></?[A-Za-z][^<>$\\]*>)"
    r"|(?P<target>(?<=\])\([^()\s$\\]*(?:[ \t]+\"[^\"$\\\n]*\")?\))"
    r"|(?P<mark>\*\*?|__?)"
    r"|(?P<closing>[ \t]+#+(?=[ \t\r]*(?:\n|\Z)))"
    r"|(?P<text>[^\n\\$`<*_( \t\r]+|[ \t\r]+|.)",
    re.DOTALL,
)
BLANK = re.compile(r"[ \t\r]*(?:\n|\Z)")
PARAGRAPH_END = re.compile(r"\n[ \t\r]*(?:\n|\Z)|\Z")
QUOTE = re.compile(r"[ \t]*(?:>[ \t]?)+")
INDENT = re.compile(r"[ \t]*")
FENCE = re.compile(r"[ \t]*(?P<fence>```+(?=[^`\n]*(?:\n|\Z))|~~~+)[ \t]*(?P<info>[^\n]*)(?:\n|\Z)")
RULE = re.compile(r"[ \t]*(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})\r?(?=\n|\Z)")
ITEM = re.compile(r"[ \t]*(?:[-+*]|\d{1,9}[.)])(?=[ \t\n]|\Z)[ \t]?")
HEADING = re.compile(r"[ \t]*(?P<signs>#{1,6})(?=[ \t\n]|\Z)[ \t]*")
UNDERLINED = re.compile(r"(?![^\n]*\$\$)[^\n]+\n {0,3}(?P<line>=+|-+)[ \t\r]*(?=\n|\Z)")
TARGET = re.compile(r" {0,3}\[(?!\^)[^\]\n]+\]:[^\n$\\]*(?=\n|\Z)")
LATEX_DIRECTIVE = re.compile(r"[ \t]*(?P<sign>%)[ \t]*symgrad:")
DIRECTIVE = re.compile(r"\s*symgrad:")
DISPLAY = re.compile(rf"\$\$|\\\[|{ENVIRONMENT}")
FRONT = re.compile(r"---[ \t\r]*\n(?P<body>.*?)^(?:---|\.\.\.)[ \t\r]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
MATH = re.compile(r"\{?math\b", re.IGNORECASE)
ROW = re.compile(r"[ \t]*\|")
FIELD = re.compile(r"^(?P<name>title|author|date):[ \t]*(?P<value>[^\n]*)", re.MULTILINE)
QUOTED = "a formula in a quotation must stand on one line"
TABLE = r"in a table, a bar ends the cell; write \lvert, \Vert or \mid"
WRITE_MATH = "a fence for a formula is ```math and nothing more"
ODD = {
    r"\\[": r"a formula starts with \[ or $$ (two backslashes are one in the text)",
    r"\\(": r"a formula starts with \( or $ (two backslashes are one in the text)",
    r"\\]": r"a formula ends with \] or $$ (two backslashes are one in the text)",
    r"\]": r"\] closes nothing",
    r"\)": r"\) closes nothing",
}
