"""Rules that say two terms are equal: definitions, hypotheses, lemmas, and named laws that a reader wants to see.

The normal form is not here: it is what `check` compares every step by.
"""

from __future__ import annotations

from .affine import affine
from .certificate import Step
from .normal import FUNCTIONS
from .rules import RefusedError, Sequent, Setting, expect, instantiated, refuse_unless, rule, unfolded
from .spectrum import nowhere_zero
from .term import (
    SCALAR,
    Diagonal,
    Entrywise,
    EntrywisePower,
    Identity,
    Inverse,
    Number,
    Ones,
    Power,
    Product,
    Symbol,
    Term,
    Transpose,
    add,
    number,
    product,
    scale,
    substitute_times,
)


@rule
def definition(setting: Setting, step: Step) -> Sequent:
    """A name = its definition in the recurrence, or = what it abbreviates."""
    at = expect(step.at, Symbol)
    found = setting.definition(at.name)
    if found is None:
        raise RefusedError(f"{at.name} has no definition")
    setting.use("definition", at.name)
    return Sequent(at, "=", unfolded(found, at))


@rule
def hypothesis(setting: Setting, step: Step) -> Sequent:
    """An assumed statement, at the times given as arguments. Refused unless its left side is the term at hand."""
    for one in setting.context.hypotheses:
        values = {name: value for name, value in step.arguments if name in one.forall}
        left, right = (substitute_times(side, values) for side in (one.statement.left, one.statement.right))
        if left == step.at:
            setting.use("hypothesis", one)
            return Sequent(left, one.statement.relation, right)
    raise RefusedError("no hypothesis says this")


@rule
def lemma(setting: Setting, step: Step) -> Sequent:
    """An earlier lemma, at the times given as arguments. Owes the assumptions of the lemma at those times."""
    statement, owes = instantiated(setting, step)
    return Sequent(statement.left, statement.relation, statement.right, owes)


@rule
def transpose_product(setting: Setting, step: Step) -> Sequent:
    """(A B)^T = B^T A^T; the transpose of a diagonal matrix is itself."""
    body = expect(expect(step.at, Transpose).body, Product)
    turned = (one if isinstance(one, Diagonal) else Transpose(one) for one in reversed(body.factors))
    return Sequent(Transpose(body), "=", product(*turned))


@rule
def entrywise_derivative(setting: Setting, step: Step) -> Sequent:
    """tanh' = 1 - tanh^2 and sigmoid' = sigmoid - sigmoid^2, entry by entry."""
    at = expect(step.at, Entrywise)
    known = FUNCTIONS.get(at.function.removesuffix("'"))
    if known is None or not at.function.endswith("'"):
        raise RefusedError(f"the derivative {at.function} is not in the table")
    value = Entrywise(at.function[:-1], at.body)
    squared: Term = EntrywisePower(value, 2) if at.shape != SCALAR else Power(value, affine(2))
    ones: Term = Ones(at.shape) if at.shape != SCALAR else number(1)
    terms = [scale(c, one) for c, one in zip(known.derivative, (ones, value, squared), strict=True) if c]
    return Sequent(at, "=", add(*terms))


@rule
def inverse_cancel(setting: Setting, step: Step) -> Sequent:
    """A^-1 A = I = A A^-1. Refused unless A is seen to be invertible: products of diagonals that are nowhere zero."""
    factors = expect(step.at, Product).factors
    for first, rest in ((factors[0], factors[1:]), (factors[-1], factors[:-1])):
        if isinstance(first, Inverse) and product(first.body) == product(*rest):
            refuse_unless(invertible(setting, first.body), "the matrix is not seen to be invertible")
            return Sequent(product(*factors), "=", Identity(first.shape[0]))
    raise RefusedError("not a matrix next to its inverse")


def invertible(setting: Setting, term: Term) -> bool:
    """Whether a square matrix is invertible for a reason that is seen from its form."""
    match term:
        case Identity():
            return True
        case Number():
            return term.value != 0
        case Product():
            return all(one.shape[0] == one.shape[1] and invertible(setting, one) for one in term.factors)
        case Transpose() | Inverse():
            return invertible(setting, term.body)
        case Diagonal():
            return nowhere_zero(term.body, setting.functions())
        case _:
            return False
