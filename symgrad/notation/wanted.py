"""Gradients that a text asks for, as in `% symgrad: derive \\nabla_{h_t} L, \\nabla_W L`: claims without a right side.

After `derive recursion` that is to lead to the gradients of the next step, and not to a closed form; after `derive
bounds` what is wanted of a gradient k steps back is how large it can be.
"""

from __future__ import annotations

import re

from symgrad.kernel.certificate import Context, Statement
from symgrad.kernel.term import Gradient, Symbol, Term, walk

from .document import Claim, Form, Reading, ReadRelation
from .entries import settled
from .line import Line
from .nodes import Chain
from .problem import MisreadError
from .resolve import resolved
from .setting import Setting
from .state import State
from .values import fixed

MAX_WANTED = 50


def wanted(line: Line, state: State) -> list[Claim]:
    """A claim for each gradient of a list. Raises MisreadError for one that cannot be read or is none."""
    form, line = _form(line)
    if not line.words:
        raise MisreadError(line.start, r"say what to derive, as in derive \nabla_{h_t} L, \nabla_W L")
    if state.setting.unread:
        why = f"not derived: the declaration in line {state.setting.unread}, which could not be read, might matter"
        raise MisreadError(line.start, why)
    _refuse_loose_losses(state.setting, line.start)
    chains = line.content().chains
    if len(chains) > MAX_WANTED:
        raise MisreadError(line.start, f"more than {MAX_WANTED} gradients in one line are not read")
    found = [_gradient(one, state.setting, line) for one in chains]
    ends = [*(at for at, _ in found[1:]), line.stop]
    return [
        _claim(term, form, (at, end), state, place)
        for place, ((at, term), end) in enumerate(zip(found, ends, strict=True), 1)
    ]


def _refuse_loose_losses(setting: Setting, at: int) -> None:
    nodes = {one.head.name for one in setting.recurrence}
    for loss in setting.losses:
        if loss.on.name not in nodes:
            raise MisreadError(at, f"{loss.name} depends on {loss.on.name}, which has no equation before this line")


def _form(line: Line) -> tuple[Form, Line]:
    """What is wanted of the gradients, and the rest of the line."""
    forms: tuple[Form, ...] = ("recursion", "bounds")
    for form in forms:
        if re.match(rf"{form}(?=\s|\Z)", line.words):
            return form, line.after(len(form))
    return "closed", line


def _claim(term: Term, form: Form, span: tuple[int, int], state: State, place: int) -> Claim:
    setting, source = state.setting, state.source
    number, words = source.line(span[0]), source.text[slice(*span)].rstrip(", ")
    read = ReadRelation(Statement(term, "=", term), number, source.column(span[0]), words, wanted=form)
    reading = Reading("", asked_of(term, setting), (read,), None, "proved", setting.dialect)
    label = f"derivation at line {number}" + (f", {place}" if place > 1 else "")
    return Claim(label, "", "", number, (reading,), (), words, setting.dialect)


def asked_of(term: Term, setting: Setting) -> Context:
    """The context of a claim about this gradient: its times are those that such a claim presumes."""
    return setting.context([Statement(term, "=", term)])


def _gradient(chain: Chain, setting: Setting, line: Line) -> tuple[int, Term]:
    side = chain.sides[0]
    if side is None or chain.relators:
        raise MisreadError(line.start if side is None else side.at, "I expected a gradient here, and no relation")
    (term,) = settled([fixed(resolved(side, setting.scope()), side.at)], setting.dialect, side.at)
    short = {one.head.name for one in setting.abbreviations}
    if not any(isinstance(one, Gradient) or (isinstance(one, Symbol) and one.name in short) for one in walk(term)):
        raise MisreadError(side.at, "there is no derivative in this that could be worked out")
    return side.at, term
