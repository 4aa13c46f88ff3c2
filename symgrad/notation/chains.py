"""Relations: from a chain of sides to statements, all of one shape."""

from __future__ import annotations

from itertools import pairwise

from symgrad.kernel.certificate import Relation, Statement
from symgrad.kernel.term import SCALAR, Term

from .dialect import IMPLYING, RELATIONS
from .entries import settled
from .names import Scope
from .nodes import Chain, Relator, Side
from .problem import MisreadError
from .resolve import resolved
from .values import Value, fixed, settle


def chain_statements(chain: Chain, scope: Scope) -> list[Statement]:
    """The statements of a chain, a link each; all sides have one shape. Raises MisreadError."""
    statements, fault = readable_links(chain, scope)
    if fault is not None:
        raise fault
    return statements


def readable_links(chain: Chain, scope: Scope) -> tuple[list[Statement], MisreadError | None]:
    """The statements up to the first link that cannot be read, and what is wrong with that. Raises it for the first."""
    if not chain.relators:
        at = chain.sides[0].at if chain.sides[0] else 0
        raise MisreadError(at, "I expected a relation here, outside all brackets")
    sides, values, fault = _readable_sides(chain, scope)
    terms = settled(_settled(values, sides), scope.dialect, chain.relators[0].at)
    found: list[Statement] = []
    for relator, (left, right) in zip(chain.relators, pairwise(terms), strict=False):
        try:
            found.append(_link(left, relator, right))
        except MisreadError as error:
            if not found:
                raise
            return found, error
    return found, fault


def _readable_sides(chain: Chain, scope: Scope) -> tuple[list[Side], list[Value], MisreadError | None]:
    """The sides up to the first that cannot be read, two at least, with their values."""
    sides: list[Side] = []
    values: list[Value] = []
    for place, side in enumerate(chain.sides):
        try:
            if place:
                _relation(chain.relators[place - 1])
            present = _present(side, chain, place)
            values.append(resolved(present, scope))
            sides.append(present)
        except MisreadError as error:
            if place < 2:
                raise
            return sides, values, error
    return sides, values, None


def _link(left: Term, relator: Relator, right: Term) -> Statement:
    relation = _relation(relator)
    if left.shape != right.shape:
        turned = left.shape == right.shape[::-1] and 1 in left.shape
        hint = "; one side is a column and the other a row" if turned else ""
        raise MisreadError(relator.at, "shapes do not fit: ", left, f" {relator.text} ", right, hint)
    if relation != "=" and left.shape != SCALAR:
        raise MisreadError(relator.at, "a bound compares scalars, such as norms or entries, not ", left)
    return Statement(left, relation, right)


def _relation(relator: Relator) -> Relation:
    if relator.text not in RELATIONS:
        if relator.text in IMPLYING:
            advice = "write the relations in rows of their own, or the first as a condition, \\text{if} ..."
            raise MisreadError(relator.at, f"\\{relator.text} between two relations is not read; {advice}")
        sign = relator.text if not relator.text.isalpha() else f"\\{relator.text}"
        raise MisreadError(relator.at, f"the sign {sign} is no relation that can be proved; use =, \\le, \\ge, < or >")
    return RELATIONS[relator.text]


def _present(side: Side | None, chain: Chain, place: int) -> Side:
    if side is None:
        ends = {
            0: "nothing stands on the left of this relation",
            len(chain.relators): "nothing stands on the right of this relation",
        }
        at = chain.relators[min(place, len(chain.relators) - 1)].at
        raise MisreadError(at, ends.get(place, "nothing stands between this relation and the one before"))
    return side


def _settled(values: list[Value], sides: list[Side]) -> list[Term]:
    shaped = next((value for value in values if isinstance(value, Term)), None)
    if shaped is None:
        return [fixed(value, side.at) for value, side in zip(values, sides, strict=True)]
    return [settle(value, shaped.shape, side.at) for value, side in zip(values, sides, strict=True)]
