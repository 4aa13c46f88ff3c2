"""What would have been right: the first correction of the catalogue that floats do not rule out and the kernel proves.

Where there is none, what the left side comes to. Nothing is suggested that is not proved.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

from ..engine.prove import prove
from ..engine.trail import gradients
from ..instances.instance import Instance
from ..kernel.certificate import Context, Statement
from ..kernel.term import Term
from ..notation.dialect import Layout
from ..verdict import Remark
from .material import Material
from .mistakes import Correction, corrections
from .screen import Screen

SCREENING_SECONDS = 1.0
ONE_PROOF_SECONDS = 0.6
PROVING_SECONDS = 1.5


def suggestion(
    wrong: Statement, context: Context, refuting: Instance | None = None, layout: Layout | None = None
) -> Remark | None:
    """What to say of a statement that an instance refutes: how it would be right, or what its left side is.

    With the layout that the text declares, it may be right in another.
    """
    try:
        return _suggestion(Material(wrong, context, refuting), layout)
    except RecursionError:
        return None


def _suggestion(given: Material, layout: Layout | None) -> Remark | None:
    found = correction(given, layout)
    if found is not None:
        return Remark(("would be right ", *found.words, ": ", found.statement))
    left = _left_side(given) if given.statement.relation == "=" else None
    return Remark(("the left side is ", left)) if left is not None else None


def _left_side(given: Material) -> Term | None:
    """What the left side comes to, if possible in the derivatives that the other side has."""
    left, right = given.statement.left, given.statement.right
    written = set(gradients(right))
    for one in sorted(given.sources, key=lambda one: not written.issuperset(gradients(one))):
        if prove(Statement(left, "=", one), given.context).proved:
            return one
    return None


def correction(given: Material, layout: Layout | None = None) -> Correction | None:
    """The first correction that is proved; None if none is within the time."""
    deadline: float | None = None
    for one in _plausible(given, layout):
        deadline = deadline or time.thread_time() + PROVING_SECONDS
        if prove(one.statement, one.context(given.context), seconds=ONE_PROOF_SECONDS).proved:
            return one
        if time.thread_time() > deadline:
            return None
    return None


def _plausible(given: Material, layout: Layout | None) -> Iterator[Correction]:
    """The corrections that hold at the instances of the screen."""
    screen = Screen(given.statement, given.context, given.shapes, given.refuting)
    deadline = time.thread_time() + SCREENING_SECONDS
    for one in corrections(given, layout):
        if time.thread_time() > deadline:
            return
        if one.assumption is not None or screen.passes(one.statement):
            yield one
