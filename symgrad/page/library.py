"""The page of a library: identities by topic, each with its source, its verdict, and its proof folded beneath it.

The one script in the page is the filter; the policy of the page names it by its digest and allows no other.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup

from ..notation.document import Claim, Document, Paragraph
from ..verdict import Verdict
from .printing import Printer
from .render import render_template
from .sheet import reading_view, written
from .typeset import template_folder
from .view import Pieces, ReadingView

KINDS = ("proved", "refuted", "undecided")


@dataclass(frozen=True, slots=True)
class Identity:
    """A claim of a document with its verdicts: (name of the reading, expected status, verdict) for each relation.

    `path` is that of the document within the library; the folder it is in is its topic.
    """

    path: str
    document: Document
    claim: Claim
    judged: tuple[tuple[str, str, Verdict], ...]

    @property
    def topic(self) -> str:
        folder = self.path.rpartition("/")[0].rpartition("/")[2].replace("-", " ")
        return f"{folder[:1].upper()}{folder[1:]}" or "Others"


@dataclass(frozen=True, slots=True)
class IdentityView:
    """An identity as it is shown. `words` are what the filter looks at."""

    anchor: str
    title: str
    cites: str
    path: str
    text: tuple[Pieces, ...]
    readings: tuple[ReadingView, ...]
    words: str


@dataclass(frozen=True, slots=True)
class Topic:
    title: str
    anchor: str
    identities: tuple[IdentityView, ...]

    @property
    def marks(self) -> tuple[str, ...]:
        """The kinds of verdicts in it, each once."""
        found = {reading.mark for one in self.identities for reading in one.readings}
        return tuple(kind for kind in KINDS if kind in found)


def render_library(title: str, identities: Sequence[Identity], problems: Sequence[str] = ()) -> str:
    """The HTML page of a library, which asks for nothing from elsewhere. Identities of a topic stand together.

    `problems` are about what could not be read.
    """
    views = [(one.topic, _view(place, one)) for place, one in enumerate(identities, 1)]
    topics = [
        Topic(name, f"topic-{place}", tuple(view for _, view in group))
        for place, (name, group) in enumerate(groupby(views, key=lambda pair: pair[0]), 1)
    ]
    marks = [reading.mark for _, view in views for reading in view.readings]
    script = (template_folder() / "html" / "library.js").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")
    return render_template(
        "library.html",
        title=title,
        topics=topics,
        counts=[(kind, marks.count(kind)) for kind in KINDS if kind in marks],
        total=len(views),
        problems=problems,
        script=Markup(script),
        digest=digest,
    )


def _view(place: int, one: Identity) -> IdentityView:
    title = one.claim.title or one.document.title or one.path
    printer = Printer(one.claim.dialect)
    readings = tuple(reading_view(name, expect, verdict, printer) for name, expect, verdict in one.judged)
    formulas = [reading.statement.plain for reading in readings if reading.statement]
    words = " ".join((title, one.claim.cites, one.topic, one.path, *formulas)).casefold()
    return IdentityView(f"identity-{place}", title, one.claim.cites, one.path, _text(one), readings, words)


def _text(one: Identity) -> tuple[Pieces, ...]:
    """The paragraphs that lead to the claim: those between the claim before it and itself."""
    found: list[Pieces] = []
    for block in one.document.blocks:
        match block:
            case Claim() if block == one.claim:
                break
            case Claim():
                found = []
            case Paragraph():
                found.append(tuple(written(block.inlines)))
    return tuple(found)
