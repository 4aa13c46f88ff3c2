"""Judges certificates: every step is computed again by its rule, and only then believed.

A step is accepted if its rule yields an equation or bound, this is applied to the term before, the result has the same
normal form as the term that the step claims, and all that the rule owes follows from what is assumed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from . import equality as equality
from . import parameters as parameters
from . import term as t
from .affine import affine, entails
from .bounds import monotone_replaced
from .certificate import FLIPPED, Certificate, Chain, Induction, Lemma, Relation, Statement, Step
from .domains import check_defined
from .model import check_model, check_names
from .normal import Comparison, compare
from .rules import HYPOTHESIS, RULES, RefusedError, Sequent, Setting, assumed_times, fixed_times, refuse_unless
from .term import SCALAR, ShapeError, Term, free_times, parts, replaced, walk

MAX_STEPS = 20_000
WEAKER: dict[Relation, tuple[Relation, ...]] = {"=": ("=",), "<=": ("=", "<=", "<"), ">=": ("=", ">=", ">")}
ERRORS = (RefusedError, ShapeError, RecursionError)


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
    setting = Setting(certificate.context)
    results: list[LemmaResult] = []
    try:
        _check_frame(setting, certificate)
    except ERRORS as error:
        return Judgement(False, reason=_why(error))
    for lemma in certificate.lemmas:
        results.append(_check_lemma(setting, lemma))
        if results[-1].accepted:
            setting = replace(setting, lemmas={**setting.lemmas, lemma.name: lemma})
    reason = next((result.reason for result in results if not result.accepted), "")
    used = sorted(setting.used.items(), key=lambda pair: pair[0])
    return Judgement(all(result.accepted for result in results), tuple(results), tuple(used), reason)


def _check_frame(setting: Setting, certificate: Certificate) -> None:
    names = [lemma.name for lemma in certificate.lemmas]
    distinct = names and len(names) == len(set(names)) and HYPOTHESIS not in names
    refuse_unless(bool(distinct), "lemmas need distinct names, and there must be one")
    steps = [step for lemma in certificate.lemmas for chain in lemma.chains for step in chain.steps]
    refuse_unless(len(steps) <= MAX_STEPS, f"more than {MAX_STEPS} steps")
    context = certificate.context
    check_model(context)
    statements = [one.statement for one in context.hypotheses] + [one.statement for one in certificate.lemmas]
    for stated in statements:
        fits = stated.left.shape == stated.right.shape and (stated.relation == "=" or stated.left.shape == SCALAR)
        refuse_unless(fits, f"a {stated.relation} between terms that cannot be compared")
    heads = [side for one in (*context.recurrence, *context.abbreviations) for side in (one.head, one.body)]
    sides = [side for stated in statements for side in (stated.left, stated.right)]
    written = [term for step in steps for term in (step.term, step.at) if term is not None]
    losses = [part for loss in context.losses for part in (loss.on, loss.head)]
    check_names([*heads, *losses, *sides, *written, *(one.term for one in context.conditions)])
    for law in context.laws:
        check_names([law.body])
    for one in context.recurrence:
        since = tuple(time - context.start for time in one.head.times) if context.start is not None else ()
        check_defined(replace(setting, assumptions=since, used={}), one.body)


def _check_lemma(setting: Setting, lemma: Lemma) -> LemmaResult:
    setting = replace(setting, assumptions=(*setting.context.assumptions, *lemma.assumptions))
    try:
        _check_indices(setting, lemma)
        for side in (lemma.statement.left, lemma.statement.right):
            check_defined(setting, side)
            inner = (one for part in parts(side) for one in walk(part))
            refuse_unless(not any(isinstance(one, t.Limit) for one in inner), "a limit has to stand alone")
        match lemma.proof:
            case Chain():
                steps = _check_chain(setting, lemma.statement, lemma.proof, "")
            case Induction():
                steps = _check_induction(setting, lemma, lemma.proof)
    except ERRORS as error:
        return LemmaResult(lemma.name, False, (), _why(error))
    failed = next((step for step in steps if not step.accepted), None)
    return LemmaResult(lemma.name, failed is None, steps, failed.reason if failed else "")


def _check_indices(setting: Setting, lemma: Lemma) -> None:
    """A bound index may not have the name of a variable that is free in what is assumed, claimed or read by a loss."""
    terms = [step.term for chain in lemma.chains for step in chain.steps]
    terms += [lemma.statement.left, lemma.statement.right]
    free = {name for one in setting.assumptions for name in one.variables}
    free = free.union(*map(free_times, terms), *(loss.fixed for loss in setting.context.losses))
    free = free.union(*(assumed_times(one) for one in setting.context.stated))
    free |= {lemma.proof.variable} if isinstance(lemma.proof, Induction) else set()
    for inner in (inner for term in terms for inner in walk(term)):
        if isinstance(inner, t.Binding):
            refuse_unless(inner.index not in free, f"the index {inner.index} is also a free variable")


def _check_induction(setting: Setting, lemma: Lemma, proof: Induction) -> tuple[StepResult, ...]:
    """Base at `start`; step from k to k + 1, with the lemma itself at k as the induction hypothesis."""
    name, variable, statement = proof.variable, affine(proof.variable), lemma.statement
    enough = entails(setting.assumptions, variable - proof.start)
    refuse_unless(enough, f"that {name} is at least {proof.start} is not assumed")
    fixed = fixed_times(setting.context, statement.left, statement.right)
    refuse_unless(name not in fixed, f"a hypothesis or a loss speaks of {name}")
    first, following = {name: affine(proof.start)}, {name: variable + 1}
    base = replace(setting, assumptions=tuple(one.substitute(first) for one in setting.assumptions))
    moved = (*(one.substitute(following) for one in setting.assumptions), variable - proof.start)
    lemmas = {**setting.lemmas, HYPOTHESIS: lemma}
    step = replace(setting, lemmas=lemmas, assumptions=moved, fixed=frozenset({name}))
    found = _check_chain(base, statement.at(first), proof.base, "base")
    return found + _check_chain(step, statement.at(following), proof.step, "step")


def _check_chain(setting: Setting, statement: Statement, chain: Chain, group: str) -> tuple[StepResult, ...]:
    results: list[StepResult] = []
    previous = statement.left
    for step in chain.steps:
        try:
            _check_step(setting, previous, step)
            results.append(StepResult(True, group=group))
        except ERRORS as error:
            results.append(StepResult(False, _why(error), group))
        previous = step.term
    claimed, relations = statement.relation, {step.relation for step in chain.steps}
    weak: Relation = "<=" if claimed == "<" else ">=" if claimed == ">" else claimed
    if compare(previous, statement.right, setting.functions(), setting.budget) is not Comparison.EQUAL:
        results.append(StepResult(False, "the last step is not the right side of the claim", group))
    elif not relations <= set(WEAKER[weak]) or (weak != claimed and claimed not in relations):
        results.append(StepResult(False, f"the steps do not give {claimed}", group))
    return tuple(results)


def _check_step(setting: Setting, previous: Term, step: Step) -> None:
    check_defined(setting, step.term)
    if step.rule == "normal_form":
        refuse_unless(step.relation == "=", "the normal form gives equality only")
        _require_equal(setting, previous, step.term)
        return
    found = RULES.get(step.rule)
    if found is None:
        raise RefusedError(f"there is no rule {step.rule}")
    source, target = (step.term, previous) if step.reverse else (previous, step.term)
    there = setting_at(setting, source, step.at)
    sequent = found(there, step)
    check_defined(there, sequent.right)
    for owed in sequent.owes:
        holds = there.holds(owed)
        refuse_unless(holds, f"the rule {step.rule} needs {owed} >= 0, which does not follow from the assumptions")
    relation = FLIPPED[step.relation] if step.reverse else step.relation
    _require_equal(setting, _applied(setting, source, sequent, relation), target)


def setting_at(setting: Setting, source: Term, target: Term | None) -> Setting:
    """The assumptions that hold wherever a term occurs: those of the lemma, and the ranges of the binders around it."""
    if target is None:
        raise RefusedError("the rule needs to know where it is applied")
    return setting.around(source, target)


def _applied(setting: Setting, source: Term, sequent: Sequent, relation: Relation) -> Term:
    """The term that the sequent turns `source` into, where source `relation` result."""
    if sequent.relation == "=":
        refuse_unless(relation not in ("<", ">"), "an equation gives no strict bound")
        return replaced(source, sequent.left, sequent.right)
    rising = sequent.relation in ("<", "<=")
    result, strict = monotone_replaced(setting, source, sequent.left, sequent.right, rising)
    allowed = (sequent.relation[0] + "=", *([sequent.relation] if strict else []))
    refuse_unless(relation in allowed, f"the rule gives {sequent.relation}, not {relation}")
    return result


def _require_equal(setting: Setting, left: Term, right: Term) -> None:
    answer = compare(left, right, setting.functions(), setting.budget)
    word = "differs from" if answer is Comparison.DIFFERENT else "could not be compared with"
    refuse_unless(answer is Comparison.EQUAL, f"what the rule gives {word} the term of this step")


def _why(error: Exception) -> str:
    return "nested too deeply" if isinstance(error, RecursionError) else str(error)
