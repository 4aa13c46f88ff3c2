"""Relations: from a chain of sides to statements, all of one shape."""

from __future__ import annotations

from symgrad.kernel.certificate import Relation, Statement
from symgrad.kernel.term import SCALAR, Term

from .dialect import RELATIONS
from .names import Scope
from .nodes import Chain, Relator, Side
from .problem import MisreadError
from .resolve import resolved
from .values import Value, fixed, settle, show


def chain_statements(chain: Chain, scope: Scope) -> list[Statement]:
    """The statements of a chain, a link each; all sides have one shape. Raises MisreadError."""
    if not chain.relators:
        at = chain.sides[0].at if chain.sides[0] else 0
        raise MisreadError(at, "I expected a relation here, outside all brackets")
    relations = [_relation(relator) for relator in chain.relators]
    sides = [_present(side, chain, place) for place, side in enumerate(chain.sides)]
    values = [resolved(side, scope) for side in sides]
    terms = _settled(values, sides)
    for place, relation in enumerate(relations):
        left, right, at = terms[place], terms[place + 1], chain.relators[place].at
        if left.shape != right.shape:
            sign = chain.relators[place].text
            raise MisreadError(at, f"shapes do not fit: {show(left.shape)} {sign} {show(right.shape)}")
        if relation != "=" and left.shape != SCALAR:
            raise MisreadError(at, f"a bound compares scalars, and this is {show(left.shape)}")
    return [Statement(terms[place], relation, terms[place + 1]) for place, relation in enumerate(relations)]


def _relation(relator: Relator) -> Relation:
    if relator.text not in RELATIONS:
        sign = relator.text if not relator.text.isalpha() else f"\\{relator.text}"
        raise MisreadError(relator.at, f"the sign {sign} is no relation that can be proved; use =, \\le, \\ge, < or >")
    return RELATIONS[relator.text]


def _present(side: Side | None, chain: Chain, place: int) -> Side:
    if side is None:
        raise MisreadError(chain.relators[min(place, len(chain.relators) - 1)].at, "one side of this relation is empty")
    return side


def _settled(values: list[Value], sides: list[Side]) -> list[Term]:
    shaped = next((value for value in values if isinstance(value, Term)), None)
    if shaped is None:
        return [fixed(value, side.at) for value, side in zip(values, sides, strict=True)]
    return [settle(value, shaped.shape, side.at) for value, side in zip(values, sides, strict=True)]
