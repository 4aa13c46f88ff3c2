"""Running text: words, emphasis and inline mathematics, kept as plain data that cannot carry TeX or HTML."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

from .document import Emphasis, Heading, Inline, Paragraph, Strong, Text, plain_text

MAX_DEPTH = 30
SYMBOLS = {
    "%": "%", "&": "&", "_": "_", "$": "$", "#": "#", "{": "{", "}": "}", "ldots": "…", "dots": "…", "LaTeX": "LaTeX",
    "TeX": "TeX", "ss": "ß", "S": "§", "-": "", "/": "", " ": " ", "\n": " ", ",": "\u2009", ";": " ", ":": " ",
    "!": "", "@": "", "quad": " ", "qquad": " ", "textendash": "–", "textemdash": "—", "textbackslash": "\\", "o": "ø",
    "aa": "å", "l": "ł", "ae": "æ", "oe": "œ", "newline": " ", "linebreak": " ", "slash": "/", "copyright": "©",
}  # fmt: skip
ACCENTS = {
    '"': "\u0308", "'": "\u0301", "`": "\u0300", "^": "\u0302", "~": "\u0303", "=": "\u0304", ".": "\u0307",
    "c": "\u0327", "v": "\u030c", "H": "\u030b", "u": "\u0306", "r": "\u030a",
}  # fmt: skip
IGNORED = frozenset(
    {"maketitle", "noindent", "indent", "newpage", "clearpage", "bigskip", "medskip", "smallskip", "centering", "small",
     "tableofcontents", "bfseries", "itshape", "normalsize", "large", "Large", "appendix", "protect", "hfill", "vfill",
     "pagebreak", "raggedright", "sloppy", "begingroup", "endgroup", "displaystyle", "footnotesize", "null", "sffamily",
     "rmfamily", "ttfamily", "scshape", "upshape", "mdseries", "leavevmode", "today", "thanks", "allowdisplaybreaks",
     "pause", "textwidth", "linewidth", "columnwidth"}
)  # fmt: skip
BREAKS = frozenset({"par", "item", "question", "part", "subpart"})
FRAMES: dict[str, tuple[str, ...]] = {
    "emph": ("emphasis",), "textit": ("emphasis",), "textsl": ("emphasis",), "textbf": ("strong",),
    **dict.fromkeys(("textrm", "texttt", "textsc", "textsf", "text", "mbox", "underline", "url", "hbox", "alert",
                     "uncover", "visible", "only", "onslide", "newthought"), ("plain",)),
    "href": ("skip", "plain"), "footnote": ("footnote",), "eqref": ("eqref",), "ref": ("ref",), "autoref": ("ref",),
    "cite": ("cite",), "citep": ("cite",), "citet": ("cite",),
    **dict.fromkeys(("label", "vspace", "hspace", "pagestyle", "thispagestyle", "bibliographystyle", "bibliography",
                     "usepackage", "documentclass", "index", "hypersetup", "vskip", "pdfbookmark"), ("skip",)),
    **dict.fromkeys(("setlength", "setcounter", "addtocounter", "numberwithin", "addtolength"), ("skip", "skip")),
    "title": ("title",), "author": ("author",), "date": ("date",), "subtitle": ("subtitle",),
    "section": ("heading 1",), "subsection": ("heading 2",), "subsubsection": ("heading 3",),
    "paragraph": ("heading 4",), "chapter": ("heading 1",), "frametitle": ("heading 3",),
}  # fmt: skip
"""What the arguments of a command in prose become."""

TRANSPARENT = frozenset(
    {"document", "center", "itemize", "enumerate", "description", "quote", "quotation", "abstract", "theorem", "lemma",
     "proof", "definition", "remark", "proposition", "corollary", "example", "exercise", "solution", "flushleft",
     "flushright", "small", "claim", "problem", "titlepage", "samepage", "subequations", "note", "frame",
     "block", "columns", "column", "questions", "parts", "subparts"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reference(Text):
    """A number that is known only when the whole text has been read."""

    key: str = ""
    bracketed: bool = False


@dataclass(slots=True)
class _Frame:
    kind: str
    inlines: list[Inline] = field(default_factory=list)


class Prose:
    """Gathers words, formulas and groups into paragraphs and headings."""

    def __init__(self) -> None:
        self.blocks: list[Heading | Paragraph] = []
        self.metadata: dict[str, str] = {}
        self._frames = [_Frame("paragraph")]
        self._awaited: list[str] = []
        self._accent = ""
        self._line = 0

    @property
    def depth(self) -> int:
        return len(self._frames) - 1

    def await_arguments(self, kinds: tuple[str, ...]) -> None:
        self._awaited = list(kinds)

    def open(self, kind: str = "") -> None:
        """Open a group, of this kind or of the one that is awaited."""
        kind = kind or (self._awaited.pop(0) if self._awaited else "plain")
        self._frames.append(_Frame(kind if len(self._frames) < MAX_DEPTH else "plain"))

    def close(self) -> bool:
        """Close the innermost group; False if none is open."""
        if len(self._frames) == 1:
            return False
        frame = self._frames.pop()
        self._finish(frame, tuple(frame.inlines))
        return True

    def text(self, source: str, line: int) -> None:
        """Add words as they stand in the source."""
        if self._awaited:
            source = re.sub(r"\A\s*\[[^\]]*\]", "", source)
            if not source.strip():
                return
            self._awaited = []
        text = typed(source)
        if self._accent and text:
            text = unicodedata.normalize("NFC", text[0] + self._accent) + text[1:]
            self._accent = ""
        self.put(Text(text), line)

    def accent(self, name: str) -> None:
        self._accent = ACCENTS[name]

    def put(self, inline: Inline, line: int) -> None:
        self._line = self._line or line
        into = self._frames[-1].inlines
        if isinstance(inline, Text) and into and type(into[-1]) is Text and type(inline) is Text:
            into[-1] = Text(into[-1].text + inline.text)
        else:
            into.append(inline)

    def flush(self) -> None:
        """End the paragraph, unless a group is open."""
        if len(self._frames) > 1:
            self._frames[-1].inlines.append(Text(" "))
            return
        inlines = trimmed(tuple(self._frames[0].inlines))
        if inlines:
            self.blocks.append(Paragraph(inlines, self._line))
        self._frames[0].inlines.clear()
        self._line = 0

    def _finish(self, frame: _Frame, inlines: tuple[Inline, ...]) -> None:
        words = " ".join(plain_text(inlines).split())
        match frame.kind.split():
            case ["emphasis"]:
                self.put(Emphasis(inlines), self._line)
            case ["strong"]:
                self.put(Strong(inlines), self._line)
            case ["footnote"]:
                for one in (Text(" ("), *inlines, Text(")")):
                    self.put(one, self._line)
            case ["ref" | "eqref" as kind]:
                self.put(Reference("", words, kind == "eqref"), self._line)
            case ["cite"]:
                self.put(Text(f"[{words}]"), self._line)
            case ["heading", level]:
                line = self._line
                self.flush()
                self.blocks.append(Heading(int(level), words, line))
            case ["title" | "author" | "date" | "subtitle" as kind]:
                self.metadata[kind] = words
            case ["plain"]:
                for one in inlines:
                    self.put(one, self._line)
            case _:
                pass


def typed(source: str) -> str:
    """Words with TeX's ways to type dashes, quotes and hard spaces turned into the signs."""
    text = printable(source)
    for written, sign in (("---", "—"), ("--", "–"), ("``", "“"), ("''", "”"), ("`", "‘"), ("'", "’"), ("~", "\u00a0")):
        text = text.replace(written, sign)
    return text


def printable(text: str) -> str:
    """Without control characters, and white space as one space."""
    text = re.sub(r"[ \t\r\n\f\v]+", " ", text)
    return "".join(letter for letter in text if letter.isprintable() or letter == "\u00a0")


def trimmed(inlines: tuple[Inline, ...]) -> tuple[Inline, ...]:
    """Without white space at both ends; nothing if that is all there is."""
    kept = list(inlines)
    while kept and type(kept[0]) is Text and not kept[0].text.strip():
        kept.pop(0)
    while kept and type(kept[-1]) is Text and not kept[-1].text.strip():
        kept.pop()
    if kept and type(kept[0]) is Text:
        kept[0] = Text(kept[0].text.lstrip())
    if kept and type(kept[-1]) is Text:
        kept[-1] = Text(kept[-1].text.rstrip())
    return tuple(kept)


def with_numbers(inlines: tuple[Inline, ...], numbers: dict[str, str]) -> tuple[Inline, ...]:
    """The inlines with references turned into numbers."""
    found: list[Inline] = []
    for one in inlines:
        match one:
            case Reference(key=key, bracketed=bracketed):
                number = numbers.get(key, "?")
                new: Inline = Text(f"({number})" if bracketed else number)
            case Emphasis() | Strong():
                new = type(one)(with_numbers(one.inlines, numbers))
            case _:
                new = one
        before = found[-1] if found else None
        if isinstance(before, Text) and isinstance(new, Text):
            found[-1] = Text(before.text + new.text)
        else:
            found.append(new)
    return tuple(found)
