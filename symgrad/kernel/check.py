"""Judges certificates: every step is computed again by its rule, and only then believed.

A step is accepted if its rule yields an equation or bound, this is applied to the term before, the result has the same
normal form as the term that the step claims, and all that the rule owes follows from what is assumed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from . import bounds, calculus, equality, recurrence  # noqa: F401  imported for the rules they register
from .affine import Affine, affine, entails
from .certificate import Certificate, Chain, Context, Induction, Lemma, Relation, Statement, Step
from .equality import invertible
from .model import check_model, check_names
from .normal import Comparison, compare
from .rules import HYPOTHESIS, RULES, RefusedError, Sequent, Setting, free_in, functions_of
from .spectrum import extremum_value
from .term import (
    Extremum,
    IndexedSum,
    Inverse,
    Limit,
    OrderedProduct,
    Power,
    Product,
    ShapeError,
    Term,
    Zero,
    free_times,
    parts,
    replaced,
    substitute_times,
    walk,
)

MAX_STEPS = 20_000
_FLIPPED: dict[Relation, Relation] = {"=": "=", "<=": ">=", ">=": "<=", "<": ">", ">": "<"}


@dataclass(frozen=True, slots=True)
class StepResult:
    """`group` is "", or "base" or "step" within an induction."""

    accepted: bool
    reason: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class LemmaResult:
    name: str
    accepted: bool
    steps: tuple[StepResult, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether the claim, the last lemma, is proved; every step's result; what was used, by kind and name."""

    accepted: bool
    lemmas: tuple[LemmaResult, ...] = ()
    used: tuple[tuple[str, object], ...] = ()
    reason: str = ""


def check(certificate: Certificate) -> Judgement:
    """Judge a certificate. Never raises on a bad one: what is wrong is in the result."""
    try:
        _check_frame(certificate)
    except (RefusedError, ShapeError, RecursionError) as error:
        return Judgement(False, reason=_why(error))
    used: dict[str, object] = {}
    proved: dict[str, Lemma] = {}
    results: list[LemmaResult] = []
    for lemma in certificate.lemmas:
        setting = Setting(certificate.context, dict(proved), used=used)
        results.append(_check_lemma(setting, lemma))
        if results[-1].accepted:
            proved[lemma.name] = lemma
    accepted = all(result.accepted for result in results)
    reason = next((result.reason for result in results if not result.accepted), "")
    return Judgement(accepted, tuple(results), tuple(sorted(used.items(), key=lambda pair: pair[0])), reason)


def _check_frame(certificate: Certificate) -> None:
    names = [lemma.name for lemma in certificate.lemmas]
    if not names or len(names) != len(set(names)) or HYPOTHESIS in names:
        raise RefusedError("lemmas need distinct names, and there must be one")
    if sum(len(chain.steps) for lemma in certificate.lemmas for chain in _chains(lemma)) > MAX_STEPS:
        raise RefusedError(f"more than {MAX_STEPS} steps")
    check_model(certificate.context)
    check_names(_terms(certificate))


def _chains(lemma: Lemma) -> tuple[Chain, ...]:
    match lemma.proof:
        case Chain():
            return (lemma.proof,)
        case Induction():
            return (lemma.proof.base, lemma.proof.step)


def _terms(certificate: Certificate) -> Iterable[Term]:
    context = certificate.context
    for one in (*context.recurrence, *context.abbreviations):
        yield from (one.head, one.body)
    yield from (loss.on for loss in context.losses)
    statements = [one.statement for one in (*context.hypotheses, *certificate.lemmas)]
    yield from (side for one in statements for side in (one.left, one.right))
    steps = (step for lemma in certificate.lemmas for chain in _chains(lemma) for step in chain.steps)
    yield from (term for step in steps for term in (step.term, step.at) if term is not None)


def _check_lemma(setting: Setting, lemma: Lemma) -> LemmaResult:
    try:
        setting.assumptions = (*setting.context.assumptions, *lemma.assumptions)
        _check_indices(setting, lemma)
        for side in (lemma.statement.left, lemma.statement.right):
            _check_defined(setting, side)
    except (RefusedError, ShapeError, RecursionError) as error:
        return LemmaResult(lemma.name, False, (), _why(error))
    match lemma.proof:
        case Chain():
            steps = _check_chain(setting, lemma.statement, lemma.proof, "")
        case Induction():
            steps = _check_induction(setting, lemma, lemma.proof)
    failed = next((step for step in steps if not step.accepted), None)
    return LemmaResult(lemma.name, failed is None, steps, failed.reason if failed else "")


def _check_indices(setting: Setting, lemma: Lemma) -> None:
    """A bound index may not have the name of a variable that is free in what is assumed or claimed."""
    free = {name for one in setting.assumptions for name in one.variables}
    for one in setting.context.hypotheses:
        free |= free_in(one.statement) - set(one.forall)
    free |= free_in(lemma.statement)
    terms = [step.term for chain in _chains(lemma) for step in chain.steps]
    free = free.union(*map(free_times, terms))
    for term in (lemma.statement.left, lemma.statement.right, *terms):
        for one in walk(term):
            if isinstance(one, OrderedProduct | IndexedSum | Limit) and one.index in free:
                raise RefusedError(f"the index {one.index} is also a free variable")


def _check_defined(setting: Setting, term: Term) -> None:
    """Refuse a statement whose sides may have no value: negative powers, inverses, maxima that are not attained."""
    inner = setting
    match term:
        case Power() if not setting.holds(term.exponent):
            raise RefusedError(f"the exponent {term.exponent} may be negative; assume that it is not")
        case Inverse() if not invertible(setting, term.body):
            raise RefusedError("the inverse of a matrix that is not seen to be invertible")
        case Extremum() if not extremum_value(term)[1] and term.kind == "max":
            raise RefusedError("a maximum that is not attained (or not seen to be); a supremum is written sup")
        case OrderedProduct() | IndexedSum():
            inner = replace(setting, assumptions=(*setting.assumptions, *_range(term)))
        case _:
            pass
    for part in parts(term):
        _check_defined(inner, part)


def _range(term: OrderedProduct | IndexedSum) -> tuple[Affine, Affine]:
    return (affine(term.index) - term.lower, term.upper - affine(term.index))


def _check_induction(setting: Setting, lemma: Lemma, proof: Induction) -> tuple[StepResult, ...]:
    """Base at `start`; step from k to k + 1, with the lemma itself at k as the induction hypothesis."""
    try:
        name, variable = proof.variable, affine(proof.variable)
        if not entails(setting.assumptions, variable - proof.start):
            raise RefusedError(f"that {name} is at least {proof.start} is not assumed")
        if any(name in free_in(one.statement) for one in setting.context.hypotheses):
            raise RefusedError(f"a hypothesis speaks of {name}")
    except RefusedError as error:
        return (StepResult(False, _why(error)),)
    first, following = {name: affine(proof.start)}, {name: variable + 1}
    base = replace(setting, assumptions=tuple(one.substitute(first) for one in setting.assumptions))
    moved = tuple(one.substitute(following) for one in setting.assumptions)
    known = {**setting.lemmas, HYPOTHESIS: lemma}
    step = replace(
        setting,
        lemmas=known,
        assumptions=(*moved, variable - proof.start),
        fixed=frozenset({name}),
    )
    return (
        *_check_chain(base, _at(lemma.statement, first), proof.base, "base"),
        *_check_chain(step, _at(lemma.statement, following), proof.step, "step"),
    )


def _at(statement: Statement, values: dict[str, Affine]) -> Statement:
    left, right = (substitute_times(side, values) for side in (statement.left, statement.right))
    return Statement(left, statement.relation, right)


def _check_chain(setting: Setting, statement: Statement, chain: Chain, group: str) -> tuple[StepResult, ...]:
    results: list[StepResult] = []
    previous, relations = statement.left, set[Relation]()
    for step in chain.steps:
        try:
            _check_step(setting, previous, step)
            results.append(StepResult(True, group=group))
        except (RefusedError, ShapeError, RecursionError) as error:
            results.append(StepResult(False, _why(error), group))
        previous = step.term
        relations.add(step.relation)
    reached = compare(previous, statement.right, functions_of(setting.context)) is Comparison.EQUAL
    if not reached:
        results.append(StepResult(False, "the last step is not the right side of the claim", group))
    elif not _composes(relations, statement.relation):
        results.append(StepResult(False, f"the steps do not give {statement.relation}", group))
    return tuple(results)


def _composes(relations: set[Relation], claimed: Relation) -> bool:
    allowed: dict[Relation, set[Relation]] = {
        "=": {"="},
        "<=": {"=", "<=", "<"},
        "<": {"=", "<=", "<"},
        ">=": {"=", ">=", ">"},
        ">": {"=", ">=", ">"},
    }
    strict = claimed in ("<", ">")
    return relations <= allowed[claimed] and (not strict or claimed in relations)


def _check_step(setting: Setting, previous: Term, step: Step) -> None:
    _check_defined(setting, step.term)
    if step.rule == "normal_form":
        if step.relation != "=":
            raise RefusedError("the normal form gives equality only")
        return _require_equal(setting, previous, step.term)
    found = RULES.get(step.rule)
    if found is None:
        raise RefusedError(f"there is no rule {step.rule}")
    source, target = (step.term, previous) if step.reverse else (previous, step.term)
    there = setting_at(setting, source, step.at)
    sequent = found(there, step)
    for owed in sequent.owes:
        if not there.holds(owed):
            raise RefusedError(f"the rule {step.rule} needs {owed} >= 0, which does not follow from the assumptions")
    relation = _FLIPPED[step.relation] if step.reverse else step.relation
    _require_equal(setting, _applied(source, sequent, relation), target)


def _applied(source: Term, sequent: Sequent, relation: Relation) -> Term:
    """The term that the sequent turns `source` into, where source `relation` result."""
    if sequent.relation == "=":
        if relation in ("<", ">"):
            raise RefusedError("an equation gives no strict bound")
        return replaced(source, sequent.left, sequent.right)
    weak = (sequent.relation[0] + "=",)
    if relation not in (weak if source != sequent.left else (*weak, sequent.relation)):
        raise RefusedError(f"the rule gives {sequent.relation}, not {relation}")
    return bounds.monotone_replaced(source, sequent.left, sequent.right)


def setting_at(setting: Setting, source: Term, target: Term | None) -> Setting:
    """The assumptions that hold wherever the term occurs: those of the lemma and the ranges of the binders around it."""
    if target is None:
        raise RefusedError("the rule needs to know where it is applied")
    ranges = [frozenset(found) for found in _ranges_around(source, target)]
    common = frozenset.intersection(*ranges) if ranges else frozenset[Affine]()
    return replace(setting, assumptions=(*setting.assumptions, *sorted(common)))


def _ranges_around(term: Term, target: Term, around: tuple[Affine, ...] = ()) -> Iterable[tuple[Affine, ...]]:
    if term == target:
        yield around
        return
    if isinstance(term, Product) and isinstance(target, Product) and term != replaced(term, target, Zero(target.shape)):
        yield around
    here = (*around, *_range(term)) if isinstance(term, OrderedProduct | IndexedSum) else around
    for part in parts(term):
        yield from _ranges_around(part, target, here)


def _require_equal(setting: Setting, left: Term, right: Term) -> None:
    answer = compare(left, right, functions_of(setting.context))
    if answer is not Comparison.EQUAL:
        word = "differs from" if answer is Comparison.DIFFERENT else "could not be compared with"
        raise RefusedError(f"what the rule gives {word} the term of this step")


def _why(error: Exception) -> str:
    return "nested too deeply" if isinstance(error, RecursionError) else str(error)
