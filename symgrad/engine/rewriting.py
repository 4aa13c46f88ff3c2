"""Equations used inside of a normal form: where the diagram on one side of an equation is a part of a larger one.

Hypotheses such as 1^T y = 1, A^-1 A = I, s^-1 s = 1 for a sum s, sqrt(v)^2 = v. Each use is two steps: the term is
written with one side of the equation in it as it stands, and then the rule is applied.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from ..kernel.affine import Affine, affine
from ..kernel.certificate import Chain, Hypothesis, Statement, Step
from ..kernel.diagram import Diagram
from ..kernel.normal import FUNCTIONS, Form
from ..kernel.rules import functions_of
from ..kernel.term import (
    SCALAR,
    Binder,
    Determinant,
    Diagonal,
    Entrywise,
    EntrywisePower,
    Hadamard,
    Identity,
    Inverse,
    Magnitude,
    Power,
    Product,
    Scale,
    Softmax,
    Sum,
    Symbol,
    Term,
    Transpose,
    add,
    free_times,
    product,
    replaced,
    scale,
    walk,
)
from .expand import outside_gradients
from .matching import HOLE, around
from .readback import read_back, term_of
from .trail import StuckError, Trail, form, same

MAX_USES = 40
MAX_DIAGRAMS = 300
OPAQUE = (Entrywise, Inverse, Softmax, Determinant, Magnitude, Binder)
LAWS = ("Inverse", "Entrywise", "Magnitude")


Arguments = tuple[tuple[str, Affine], ...]


@dataclass(frozen=True, slots=True)
class Use:
    """A rule at a term. The frame is that term, or something with it inside."""

    rule: str
    at: Term
    frame: Term
    arguments: Arguments = ()
    lemma: str = ""
    prepares: bool = False  # It leads to what another equation is about, so it need not make anything simpler.


@dataclass(frozen=True, slots=True)
class Equation:
    """By a rule, the frame is the term `right`; `lead` is the diagram in it that is looked for."""

    use: Use
    right: Term
    lead: Diagram


def rewrite(trail: Trail) -> None:
    """Use equations until none fits any more, inside of functions, inverses and norms first.

    Raises StuckError where the term grows too large.
    """
    for one in dict.fromkeys(outside_gradients(trail.current)):
        if isinstance(one, OPAQUE) and one in outside_gradients(trail.current):
            inner = replace(trail, start=one.body, steps=[], assumptions=trail.setting().inside(one).assumptions)
            rewrite(inner)
            if not same(trail.context, one.body, inner.current):
                said = Statement(one.body, "=", inner.current)
                name = trail.prove_lemma("inside", said, inner.chain, inner.assumptions)
                trail.apply("lemma", one.body, lemma=name)
    for _ in range(MAX_USES):
        if not _used_one(trail):
            return
    raise StuckError("the equations that hold are used without end")


def unfold_outside(trail: Trail, node: Symbol) -> None:
    """Put the definition of a node where it stands outside of functions, inverses and sums."""
    at = product(node, Identity(node.shape[1]))
    body = trail.sequent("definition", node).right
    name = trail.prove_lemma("a definition", Statement(at, "=", body), Chain((Step("definition", "=", body, node),)))
    for _ in range(MAX_USES):
        if not _used_one(trail, [Use("lemma", at, at, lemma=name)]):
            return


def _used_one(trail: Trail, uses: Iterable[Use] = ()) -> bool:
    found = form(trail.context, trail.current)
    if found is None or len(found) > MAX_DIAGRAMS:
        raise StuckError("too many terms")
    for one in _equations(trail, uses or _uses(trail, found)):
        shape = one.use.frame.shape
        places = [(diagram, context) for diagram in found if (context := around(diagram, one.lead, shape))]
        if places and _used(trail, found, one, places):
            return True
    return False


def _used(trail: Trail, found: Form, one: Equation, places: list[tuple[Diagram, Diagram]]) -> bool:
    """Write the term with the frame in these places, and apply the rule there."""
    functions, shape, rest, framed = functions_of(trail.context), trail.current.shape, dict(found), list[Term]()
    hole = Symbol(HOLE, one.use.frame.shape)
    for diagram, context in places:
        whole = read_back({context: Fraction(1)}, shape, functions)
        value = form(trail.context, replaced(whole, hole, one.use.frame))
        after = form(trail.context, replaced(whole, hole, one.right))
        if not value or diagram not in value or diagram not in rest or after is None:
            continue
        if not one.use.prepares and not _is_progress(value, after):
            continue
        factor = rest[diagram] / value[diagram]
        framed.append(scale(factor, replaced(whole, hole, one.use.frame)))
        for other, amount in value.items():
            rest[other] = rest.get(other, Fraction(0)) - factor * amount
        rest = {other: amount for other, amount in rest.items() if amount}
    if framed:
        trail.normal(add(*([read_back(rest, shape, functions)] if rest else []), *framed))
        trail.apply(one.use.rule, one.use.at, dict(one.use.arguments), one.use.lemma)
    return bool(framed)


def _is_progress(before: Form, after: Form) -> bool:
    """Whether an equation leads on: one that only turns a diagram, such as A^T = A, is used in one direction."""
    if len(before) != 1 or len(after) != 1:
        return True
    (old,), (new,) = before, after
    names = [sorted(label.text for label, _ in one.atoms) for one in (old, new)]
    return names[0] != names[1] or repr(new) < repr(old)


def _equations(trail: Trail, uses: Iterable[Use]) -> Iterator[Equation]:
    for use in uses:
        try:
            sequent = trail.sequent(use.rule, use.at, dict(use.arguments), use.lemma)
        except StuckError:
            continue
        result = replaced(use.frame, sequent.left, sequent.right)
        left, right = form(trail.context, use.frame), form(trail.context, result)
        if sequent.relation == "=" and left is not None and right is not None:
            leads = [one for one in left if one.atoms and one not in right]
            if leads:
                yield Equation(use, result, max(leads, key=lambda one: (len(one.atoms), len(one.sorts), repr(one))))


def _uses(trail: Trail, found: Form) -> Iterator[Use]:
    """What may be used: hypotheses, and what is known of the inverses, quotients and roots in a term."""
    functions = functions_of(trail.context)
    seen = {label.text: (label, diagram, nodes) for diagram in found for label, nodes in diagram.atoms}
    atoms = [term_of(*one, functions) for one in seen.values() if one[0].kind in LAWS]
    for atom in atoms:
        yield from _laws(atom, functions)
        if isinstance(atom, Magnitude) and atom.kind == "spectral_norm" and atom.body.shape[1] == 1:
            yield _square_of_length(trail, atom)
    for one in trail.context.hypotheses:
        if one.statement.relation == "=":
            for arguments in _times(one, trail.current):
                left = one.statement.at(dict(arguments)).left
                yield Use("hypothesis", left, left, arguments)
                yield from _turned(left, arguments, atoms)


def _times(hypothesis: Hypothesis, term: Term) -> Iterator[Arguments]:
    """The times at which a hypothesis may be used: where a name in it stands in the term."""
    if not hypothesis.forall:
        yield ()
        return
    (variable, *others), patterns = hypothesis.forall, walk(hypothesis.statement.left)
    named = [one for one in patterns if isinstance(one, Symbol) and variable in free_times(one)]
    for one in dict.fromkeys(walk(term)) if named and not others else ():
        if isinstance(one, Symbol) and one.name == named[0].name:
            lag = one.times[0] - named[0].times[0]
            yield ((variable, affine(variable) + lag),)


def _turned(left: Term, arguments: Arguments, atoms: list[Term]) -> Iterator[Use]:
    """Inverses of transposes in which the left side of A^T = A stands, and what cancels with an inverse once turned."""
    for one in atoms:
        if isinstance(left, Transpose) and isinstance(one, Inverse):
            turned = _transposed(one.body)
            if left in walk(turned):
                yield Use("hypothesis", left, Inverse(turned), arguments)
                for pair in (product(one, turned), product(turned, one)):
                    yield Use("hypothesis", left, pair, arguments, prepares=True)


def _transposed(term: Term) -> Term:
    match term:
        case Sum(terms=terms):
            return Sum(tuple(map(_transposed, terms)))
        case Product(factors=factors):
            return product(*map(_transposed, reversed(factors)))
        case Scale(scalar=scalar, body=body):
            return Scale(scalar, _transposed(body))
        case Transpose(body=body):
            return body
        case Identity() | Diagonal():
            return term
        case _:
            return Transpose(term)


def _laws(term: Term, functions: Mapping[str, str]) -> Iterator[Use]:
    """The rules that say what the product of this with something is."""
    match term:
        case Inverse(body=body):
            for at in (product(term, body), product(body, term)):
                yield Use("inverse_cancel", at, at)
        case Entrywise(function="reciprocal", body=body) if term.shape == SCALAR:
            at = product(Inverse(body), body)
            yield Use("inverse_cancel", at, at)
        case Entrywise(function="reciprocal", body=body):
            at = Hadamard((term, body))
            yield Use("reciprocal_cancel", at, at)
            for value in _values(body, functions):
                yield Use("reciprocal_cancel", at, Hadamard((at, value)))
        case Entrywise(function="sqrt"):
            at = EntrywisePower(term, 2)
            yield Use("root_squared", at, at)
        case _:
            return


def _square_of_length(trail: Trail, length: Magnitude) -> Use:
    """|v|^2 = v^T v, by way of | v^T v |."""
    square, inner = Power(length, affine(2)), product(Transpose(length.body), length.body)
    norm = Magnitude("spectral_norm", inner)
    steps = (Step("norm_squared", "=", norm, square), Step("absolute", "=", inner, norm))
    return Use(
        "lemma", square, square, lemma=trail.prove_lemma("a length", Statement(square, "=", inner), Chain(steps))
    )


def _values(body: Term, functions: Mapping[str, str]) -> Iterator[Term]:
    """Values of tanh and sigmoid, whose squares have another form: u times an equation about u is another equation."""
    for one in dict.fromkeys(walk(body)):
        name = functions.get(one.name) if isinstance(one, Symbol) else getattr(one, "function", "")
        if name in FUNCTIONS and one.shape == body.shape:
            yield one
