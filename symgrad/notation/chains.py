"""Relations: from a chain of sides to statements, all of one shape."""

from __future__ import annotations

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
    if not chain.relators:
        at = chain.sides[0].at if chain.sides[0] else 0
        raise MisreadError(at, "I expected a relation here, outside all brackets")
    relations = [_relation(relator) for relator in chain.relators]
    sides = [_present(side, chain, place) for place, side in enumerate(chain.sides)]
    values = [resolved(side, scope) for side in sides]
    terms = settled(_settled(values, sides), scope.dialect, chain.relators[0].at)
    for place, relation in enumerate(relations):
        left, right, at = terms[place], terms[place + 1], chain.relators[place].at
        if left.shape != right.shape:
            sign = chain.relators[place].text
            turned = left.shape == right.shape[::-1] and 1 in left.shape
            hint = "; one side is a column and the other a row" if turned else ""
            raise MisreadError(at, "shapes do not fit: ", left, f" {sign} ", right, hint)
        if relation != "=" and left.shape != SCALAR:
            raise MisreadError(at, "a bound compares scalars, such as norms or entries, not ", left)
    return [Statement(terms[place], relation, terms[place + 1]) for place, relation in enumerate(relations)]


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
