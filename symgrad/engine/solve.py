"""An equation that is to hold for every loss, solved for a matrix in it: existence by substitution, and uniqueness."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..kernel.certificate import Certificate, Context, Hypothesis, Lemma, Statement
from ..kernel.check import check
from ..kernel.term import Gradient, Inverse, Product, Sum, Symbol, Term, product, replaced, scale, walk
from .attempt import Attempt, needed
from .expand import is_generator
from .prove import prepared
from .resolve import Workspace, end_node, resolve
from .tidy import tidy
from .trail import StuckError, Trail, same

EXISTENCE, UNIQUENESS = "it solves the equation", "nothing else does"


@dataclass(frozen=True, slots=True)
class Solution:
    """What the unknown has to be; a proof that this solves the equation; a proof that nothing else does."""

    value: Term
    existence: Attempt
    uniqueness: Attempt


@dataclass(frozen=True, slots=True)
class _Problem:
    """left = (unknown + rest) . factors . generator, for every loss, so: jacobian = (unknown + rest) . factors."""

    work: Workspace
    statement: Statement
    unknown: Symbol
    jacobian: Gradient
    rest: tuple[Term, ...]
    factors: tuple[Term, ...]
    generator: Term

    @property
    def inverse(self) -> Inverse:
        return Inverse(product(*self.factors))

    @property
    def remainder(self) -> tuple[Term, ...]:
        return tuple(scale(-1, one) for one in self.rest)


def solve(statement: Statement, context: Context, unknown: Symbol) -> Solution:
    """Solve left = (unknown + rest) . factors . g, where g is the gradient of a loss by the node it depends on.

    g is arbitrary, so the equation says (gradient of that node) = (unknown + rest) . factors, and the factors have to
    be invertible. Raises StuckError for an equation of another form.
    """
    problem = _taken_apart(*prepared(statement, context), unknown)
    resolved = problem.work.trail(problem.jacobian)
    resolve(problem.work, resolved)
    parts = resolved.current.terms if isinstance(resolved.current, Sum) else (resolved.current,)
    heads = tuple(_divided(problem, part) for part in parts)
    value = tidy(_total(*(product(*head) for head in heads), *problem.remainder))
    return Solution(value, _existence(problem, value, heads), _uniqueness(problem, value, heads))


def _taken_apart(statement: Statement, context: Context, unknown: Symbol) -> _Problem:
    match statement.left, statement.right:
        case Gradient() as left, Product(factors=(first, *factors, Gradient() as last)) if unknown in walk(first):
            rest = [one for one in first.terms if one != unknown] if isinstance(first, Sum) else []
            alone = len(rest) == (len(first.terms) - 1 if isinstance(first, Sum) else 0)
            clean = alone and not any(unknown in walk(one) for one in (*rest, *factors))
            on = end_node(context, left)
            of_loss = on != left.of and is_generator(context, last)
            if on is not None and of_loss and clean and factors:
                jacobian = Gradient(on, left.wrt, left.held)
                return _Problem(Workspace(context), statement, unknown, jacobian, tuple(rest), _flat(factors), last)
    raise StuckError(f"to find {unknown.name}, the equation should read: gradient = ({unknown.name} + ...) A g")


def _flat(factors: list[Term]) -> tuple[Term, ...]:
    whole = product(*factors)
    return whole.factors if isinstance(whole, Product) else (whole,)


def _total(*terms: Term) -> Term:
    return Sum(terms) if len(terms) > 1 else terms[0]


def _divided(problem: _Problem, part: Term) -> tuple[Term, ...]:
    """`part` times the inverse of the factors: they cancel if the part ends in them, in any form that is equal."""
    whole = product(*problem.factors)
    inner = part.factors if isinstance(part, Product) else (part,)
    for cut in range(1, len(inner)):
        if same(problem.work.context, product(*inner[cut:]), whole):
            return inner[:cut]
    return (*inner, problem.inverse)


def _written_out(problem: _Problem, heads: tuple[tuple[Term, ...], ...], after: tuple[Term, ...]) -> list[Term]:
    """Each head followed by the factors and by `after`, with A^-1 A still standing."""
    return [product(*head, *problem.factors, *after) for head in heads]


def _existence(problem: _Problem, value: Term, heads: tuple[tuple[Term, ...], ...]) -> Attempt:
    """With the value put in, the right side is brought to the left side's form by A^-1 A = I."""
    right = replaced(problem.statement.right, problem.unknown, value)
    first, second = problem.work.trail(problem.statement.left), problem.work.trail(right)
    resolve(problem.work, first)
    second.normal(_total(*_written_out(problem, heads, (problem.generator,))))
    if any(problem.inverse in head for head in heads):
        second.apply("inverse_cancel", product(problem.inverse, *problem.factors))
    first.reversed_onto(second)
    return _judged(problem.work, Statement(problem.statement.left, "=", right), first, EXISTENCE)


def _uniqueness(problem: _Problem, value: Term, heads: tuple[tuple[Term, ...], ...]) -> Attempt:
    """unknown = (unknown + rest) A A^-1 - rest, and (unknown + rest) A is the gradient, by assumption."""
    whole = _total(problem.unknown, *problem.rest)
    assumed = Statement(problem.jacobian, "=", product(whole, *problem.factors))
    context = replace(problem.work.context, hypotheses=(*problem.work.context.hypotheses, Hypothesis(assumed)))
    work = Workspace(context)
    trail = work.trail(problem.unknown)
    around = product(*problem.factors, problem.inverse)
    trail.write("inverse_cancel", around, _total(product(whole, around), *problem.remainder), reverse=True)
    with_gradient = _total(product(problem.jacobian, problem.inverse), *problem.remainder)
    trail.write("hypothesis", problem.jacobian, with_gradient, reverse=True)
    resolve(work, trail)
    trail.normal(_total(*(_kept(problem, head, around) for head in heads), *problem.remainder))
    trail.apply("inverse_cancel", around)
    trail.normal(value)
    return _judged(work, Statement(problem.unknown, "=", value), trail, UNIQUENESS)


def _kept(problem: _Problem, head: tuple[Term, ...], around: Term) -> Term:
    return product(*head) if problem.inverse in head else product(*head, around)


def _judged(work: Workspace, statement: Statement, trail: Trail, name: str) -> Attempt:
    lemmas = needed((*work.lemmas.values(), Lemma(name, statement, trail.chain)))
    certificate = Certificate(work.context, lemmas)
    judgement = check(certificate)
    return Attempt(certificate, judgement, judgement.reason)
