"""Quotients with sums below: both sides times all that stands below, equations used there, and then over it again."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from ..kernel.certificate import Statement, Step
from ..kernel.diagram import Diagram, Node, Outputs, renumbered
from ..kernel.normal import Form
from ..kernel.rules import functions_of
from ..kernel.term import SCALAR, Diagonal, Entrywise, Hadamard, Inverse, Scale, Term, Transpose, add, product, walk
from .expand import outside_gradients
from .readback import read_back, term_of
from .rewriting import rewrite
from .tidy import tidy
from .trail import StuckError, Trail, form, same

Side = Literal["scalar", "left", "right"]
MAX_DIVISORS = 8
MAX_CHOICES = 8


@dataclass(frozen=True, slots=True)
class Divisor:
    """What stands below: a scalar, or a column (entry by entry) or a matrix at the left or right end of a term."""

    body: Term
    side: Side

    @property
    def rule(self) -> str:
        return "inverse_cancel" if self.body.shape[1] != 1 or self.body.shape == SCALAR else "reciprocal_cancel"

    @property
    def below(self) -> Term:
        return Entrywise("reciprocal", self.body) if self.rule == "reciprocal_cancel" else Inverse(self.body)

    @property
    def nothing(self) -> Term:
        """One over the divisor and the divisor, in the order in which they stand around a term."""
        pair = (self.body, self.below) if self.side == "right" else (self.below, self.body)
        return self._over_itself(*pair)

    @property
    def cancelled(self) -> Term:
        """The same in the order in which they meet when a quotient is multiplied."""
        pair = (
            (self.body, self.below)
            if self.side == "left" and self.rule == "inverse_cancel"
            else (self.below, self.body)
        )
        return self._over_itself(*pair)

    def _over_itself(self, first: Term, second: Term) -> Term:
        if self.rule == "reciprocal_cancel":
            return Hadamard((self.below, self.body))
        return product(first, second)

    def on(self, factor: Term, term: Term) -> Term:
        """The term times a factor, on this side."""
        if self.side == "scalar":
            return Scale(factor, term)
        if factor.shape == term.shape != SCALAR and self.rule == "reciprocal_cancel":
            return Hadamard((factor, term))
        matrix = Diagonal(factor) if self.rule == "reciprocal_cancel" else factor
        return product(matrix, term) if self.side == "left" else product(term, matrix)


def over_common_denominators(first: Trail, second: Trail) -> None:
    """Write both sides as something over the same, so that they agree. Raises StuckError if they do not."""
    for divisors in _choices(_divisors(first, second)):
        sides = [replace(one, steps=list(one.steps)) for one in (first, second)]
        with suppress(StuckError):
            for one in sides:
                _extend(one, divisors)
        if same(first.context, sides[0].current, sides[1].current):
            first.steps, second.steps = sides[0].steps, sides[1].steps
            return
    raise StuckError("common denominators")


def _choices(divisors: list[Divisor]) -> Iterator[list[Divisor]]:
    """All that are scalars or columns, with at most one matrix on either side."""
    entries = [one for one in divisors if one.rule == "reciprocal_cancel" or one.side == "scalar"]
    rest = list(dict.fromkeys(one for one in divisors if one not in entries))
    ends = ([[one] for one in rest if one.side == side] + [[]] for side in ("left", "right"))
    found = [[*left, *right, *entries] for left, right in itertools.product(*ends)]
    yield from (one for one in found[:MAX_CHOICES] if one)


def logarithms_of_quotients(trail: Trail) -> None:
    """log(a + b/c) as log((a c + b)/c)."""
    for one in dict.fromkeys(outside_gradients(trail.current)):
        if isinstance(one, Entrywise) and one.function == "log":
            inner = replace(trail, start=one.body, steps=[])
            with suppress(StuckError):
                _extend(inner, next(_choices(_divisors(inner)), []))
            if inner.current != one.body:
                name = trail.prove_lemma("a quotient", Statement(one.body, "=", inner.current), inner.chain)
                trail.apply("lemma", one.body, lemma=name)


def _extend(trail: Trail, divisors: list[Divisor]) -> None:
    """term = (1/d) (d term), for one divisor after the other, with equations used in the inner term at last."""
    inner = trail.current
    for place, one in enumerate(divisors):
        around = divisors[:place]
        trail.sequent(one.rule, one.nothing)
        trail.write(one.rule, one.nothing, _over(around, one.on(one.nothing, inner)), reverse=True)
        ahead = replace(trail, start=one.on(one.body, inner), steps=[])
        _cancel(ahead, one, inner)
        inner = _followed(trail, ahead, [*around, one])
    ahead = replace(trail, start=inner, steps=[])
    rewrite(ahead)
    ahead.normal(read_back(_form(ahead), inner.shape, functions_of(trail.context)))
    _followed(trail, ahead, divisors)
    trail.normal(tidy(trail.current))


def _cancel(ahead: Trail, divisor: Divisor, term: Term) -> None:
    """d (a + b/d) = d a + b."""
    functions, whole, below = functions_of(ahead.context), dict[Diagram, Fraction](), dict[Diagram, Fraction]()
    for diagram, value in _form(replace(ahead, start=term)).items():
        found = [rest for one, rest in _below(diagram, functions) if one == divisor]
        rows = below if found else whole
        rows[found[0] if found else diagram] = value
    shape = term.shape
    terms = [divisor.on(divisor.body, read_back(whole, shape, functions))] if whole else []
    if below:
        ahead.normal(add(*terms, divisor.on(divisor.cancelled, read_back(below, ahead.current.shape, functions))))
        ahead.apply(divisor.rule, divisor.cancelled)


def _followed(trail: Trail, ahead: Trail, divisors: list[Divisor]) -> Term:
    """Take the steps of a trail with divisors around it, at once if a rule would change these too; where they end."""
    trail.normal(_over(divisors, ahead.start))
    around = {one for divisor in divisors for one in walk(divisor.below)}
    if any(step.at in around for step in ahead.steps):
        name = trail.prove_lemma("inside", Statement(ahead.start, "=", ahead.current), ahead.chain)
        trail.add(Step("lemma", "=", _over(divisors, ahead.current), ahead.start, lemma=name))
        return ahead.current
    for step in ahead.steps:
        trail.add(replace(step, term=_over(divisors, step.term)))
    return ahead.current


def _over(divisors: list[Divisor], term: Term) -> Term:
    for one in reversed(divisors):
        term = one.on(one.below, term)
    return term


def _divisors(*trails: Trail) -> list[Divisor]:
    """What stands below in some term, as often as it does there."""
    found: Counter[Divisor] = Counter()
    for trail in trails:
        for diagram in _form(trail):
            found |= Counter(one for one, _ in _below(diagram, functions_of(trail.context)))
    if sum(found.values()) > MAX_DIVISORS:
        raise StuckError("too many quotients")
    return list(found.elements())


def _form(trail: Trail) -> Form:
    found = form(trail.context, trail.current)
    if found is None:
        raise StuckError("too many terms")
    return found


def _below(diagram: Diagram, functions: dict[str, str]) -> Iterator[tuple[Divisor, Diagram]]:
    """What stands below in a diagram, each with the rest of it."""
    for place, (label, nodes) in enumerate(diagram.atoms):
        if label.kind != "Inverse" and (label.kind, label.name) != ("Entrywise", "reciprocal"):
            continue
        rest = replace(diagram, atoms=(*diagram.atoms[:place], *diagram.atoms[place + 1 :]))
        term = term_of(label, diagram, nodes, functions)
        body: Term = getattr(term, "body", term)
        if len(nodes) < 2:
            side = _side(diagram, nodes)
            if side is not None:
                yield Divisor(body, side), rest
        else:
            yield from _at_end(diagram, nodes, body, rest)


def _side(diagram: Diagram, nodes: tuple[Node, ...]) -> Side | None:
    """At which end of a term a scalar or a column stands; None inside of it."""
    row, column = diagram.outputs
    return "scalar" if not nodes else "left" if row in nodes else "right" if column in nodes else None


def _at_end(diagram: Diagram, nodes: tuple[Node, ...], body: Term, rest: Diagram) -> Iterator[tuple[Divisor, Diagram]]:
    """A matrix that is the first or the last factor of a product."""
    (start, end), (row, column) = nodes, diagram.outputs
    touched = [*(node for _, at in rest.atoms for node in at), *diagram.outputs]
    for here, there, matrix in ((start, end, body), (end, start, Transpose(body))):
        if here == row and touched.count(here) == 1:
            yield Divisor(matrix, "left"), _moved(rest, here, (there, column))
        if here == column and touched.count(here) == 1:
            turned = Transpose(matrix) if matrix is body else body
            yield Divisor(turned, "right"), _moved(rest, here, (row, there))


def _moved(diagram: Diagram, gone: Node, outputs: Outputs) -> Diagram:
    kept = [node for node in range(len(diagram.sorts)) if node != gone]
    return renumbered(replace(diagram, outputs=outputs), kept)
