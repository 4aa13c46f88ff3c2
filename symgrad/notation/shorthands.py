"""Commands of an author's own that begin or end an environment: \\newcommand{\\be}{\\begin{equation}}."""

from __future__ import annotations

import re
from collections.abc import Mapping

from .macros import define
from .problem import MisreadError

_EDGE = re.compile(r"\\(?:begin|end)\{[A-Za-z]+\*?\}|\\[\[\]]|\$\$")
_PARTNERS = {r"\[": r"\]", "$$": "$$"}


def shorthands(text: str, start: int, stop: int) -> dict[str, str]:
    """The command that a definition makes, with the edge that it stands for; empty if it stands for anything else."""
    try:
        macros, _ = define(text, start, stop, {})
    except MisreadError:
        return {}
    found = {name: "".join(raw.text for raw in macro.body).replace(" ", "") for name, macro in macros.items()}
    return {name: body for name, body in found.items() if not macros[name].parameters and _EDGE.fullmatch(body)}


def partner(edge: str) -> str:
    """What ends what an edge begins; "" for an edge that begins nothing."""
    return edge.replace("begin", "end") if edge.startswith(r"\begin") else _PARTNERS.get(edge, "")


def first_end(text: str, edge: str, known: Mapping[str, str], at: int, stop: int) -> tuple[int, int]:
    """From where to where the end of an environment stands, written out or short; (-1, -1) if it does not."""
    short = [rf"\\{name}(?![A-Za-z])" for name, other in known.items() if other == edge]
    pattern = "|".join([re.escape(edge), *short])
    for match in re.compile(rf"(?<!\\)%[^\n]*|(?P<end>{pattern})").finditer(text, at, stop):
        if match["end"]:
            return match.span()
    return -1, -1
