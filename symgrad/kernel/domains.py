"""Where terms have a value, and signs: what is seen to be positive, nowhere zero or invertible, and why.

Seen means: by the form of the term, by the range of tanh and sigmoid, or because a hypothesis or a condition says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from itertools import product as choices

from . import term as t
from .affine import Affine, affine
from .certificate import Condition
from .rules import Setting, refuse_unless, unfolded
from .spectrum import above_zero, extremum_value, nowhere_zero
from .term import SCALAR, Magnitude, Symbol, Term, parts, product, scale, substitute_times, walk

POSITIVE = ("exp", "softplus", "normal_cdf", "normal_density", "sigmoid")
# What the argument of a function has to be, for the function and its derivatives to have a value.
NEEDS = {"log": "positive", "sqrt": "positive", "reciprocal": "nonzero"}
MAX_OPENED, MAX_INSTANCES = 200, 200


def check_defined(setting: Setting, term: Term) -> None:
    """Refuse a term that may have no value: negative powers, inverses, logarithms, maxima that are not attained."""
    if isinstance(term, t.Power):
        enough = setting.holds(term.exponent)
        refuse_unless(enough, f"the exponent {term.exponent} may be negative; assume that it is not")
    if isinstance(term, t.Extremum):
        attained = extremum_value(term)[1] or term.kind == "sup"
        refuse_unless(attained, "a maximum that is not attained (or not seen to be); a supremum is written sup")
    need = needed(term)
    if need is not None:
        said = {"invertible": "the inverse of a matrix that is not seen to be invertible"}
        name = getattr(term, "function", "reciprocal")
        refuse_unless(satisfied(setting, need), said.get(need.kind, f"{name} of what is not seen to be {need.kind}"))
    for part in parts(term):
        check_defined(setting.inside(term), part)


def needed(term: Term) -> Condition | None:
    """What this record needs of its argument to have a value."""
    match term:
        case t.Inverse(body=body):
            return Condition("nonzero" if body.shape == SCALAR else "invertible", body)
        case t.Entrywise(function=function, body=body) if kind := NEEDS.get(function.rstrip("'")):
            return Condition("positive" if kind == "positive" else "nonzero", body)
        case _:
            return None


def unseen(setting: Setting, term: Term) -> Iterator[Condition]:
    """The conditions that a term needs to have a value and that are not seen to hold, innermost first."""
    inside = setting.inside(term)
    for part in parts(term):
        yield from unseen(inside, part)
    need = needed(term)
    if need is not None and not satisfied(setting, need):
        yield need


def satisfied(setting: Setting, need: Condition) -> bool:
    """Whether a condition is seen to hold."""
    match need.kind:
        case "positive":
            return nonnegative(setting, need.term, True)
        case "nonzero":
            return nonzero(setting, need.term)
        case "invertible":
            return invertible(setting, need.term)


def nonzero(setting: Setting, term: Term) -> bool:
    """Whether no entry of a term can be 0."""
    if _conditioned(setting, term, "nonzero") or nonnegative(setting, term, True):
        return True
    match term:
        case t.Number():
            return term.value != 0
        case t.Scale() | t.Hadamard() | t.EntrywisePower() | t.Transpose() | t.Entrywise(function="reciprocal"):
            return all(nonzero(setting, one) for one in parts(term))
        case t.Product() if (whole := _whole(term)) and nonzero(setting, whole):
            return True
        case t.Product() | t.Power() | t.Inverse() if all(one.shape == SCALAR for one in parts(term)):
            return all(nonzero(setting, one) for one in parts(term))
        case t.Determinant():
            return invertible(setting, term.body)
        case _:
            return nonnegative(setting, scale(-1, term), True)


def invertible(setting: Setting, term: Term) -> bool:
    """Whether a square matrix has an inverse."""
    if _conditioned(setting, term, "invertible") or _conditioned(setting, t.Determinant(term), "nonzero"):
        return True
    match term:
        case t.Identity():
            return True
        case t.Product() if term.shape != SCALAR:
            return all(one.shape == term.shape and invertible(setting, one) for one in term.factors)
        case t.Transpose() | t.Inverse() | t.Power() | t.OrderedProduct():
            return invertible(setting, term.body)
        case t.Scale():
            return nonzero(setting, term.scalar) and invertible(setting, term.body)
        case t.Diagonal():
            if nowhere_zero(term.body, setting.functions()):
                setting.values_in(term.body)
                return True
            return nonzero(setting, term.body)
        case _:
            return term.shape == SCALAR and nonzero(setting, term)


def nonnegative(setting: Setting, term: Term, strictly: bool = False) -> bool:
    """Whether every entry is seen to be at least 0, or above 0."""
    if (term, strictly) not in setting.signs:
        setting.signs[term, strictly] = _is_nonnegative(setting, term, strictly)
    return setting.signs[term, strictly]


def _is_nonnegative(setting: Setting, term: Term, strictly: bool) -> bool:
    if _by_form(setting, term, strictly):
        return True
    if above_zero(term, setting.functions(), strictly):
        setting.values_in(term)
        return True
    if _assumed(setting, term, strictly) or _conditioned(setting, term, "positive"):
        return True
    taken: set[str] = set()
    longer = _written_out(setting, term, taken)
    if longer == term or not nonnegative(setting, longer, strictly):
        return False
    for name in taken:
        setting.use("definition", name)
    return True


def _by_form(setting: Setting, term: Term, strictly: bool) -> bool:
    match term:
        case t.Number():
            return term.value > 0 or (term.value == 0 and not strictly)
        case t.Ones() | t.Softmax():
            return True
        case Symbol():
            return _by_definition(setting, term, strictly)
        case Magnitude() | t.Extremum(body=Magnitude() | t.Power(body=Magnitude())) | t.Identity() | t.Zero():
            return not strictly
        case t.Product() | t.Trace() if _as_entry_or_square(setting, term, strictly):
            return True
        case t.Sum():
            some = not strictly or any(nonnegative(setting, one, True) for one in term.terms)
            return some and all(nonnegative(setting, one) for one in term.terms)
        case t.Power(exponent=Affine((), 2)) if term.shape == SCALAR and not strictly:
            return True
        case t.EntrywisePower(exponent=exponent) if exponent % 2 == 0:
            return not strictly or exponent == 0 or nonzero(setting, term.body)
        case t.Entrywise(function="relu" | "step" | "sqrt"):
            return not strictly or nonnegative(setting, term.body, True)
        case t.Entrywise(function="reciprocal"):
            return nonnegative(setting, term.body, True)
        case t.Entrywise():
            return term.function in POSITIVE
        case t.Binder() | t.ComponentSum():
            empty = isinstance(term, t.IndexedSum) or (isinstance(term, t.Binder) and term.shape != SCALAR)
            return not (strictly and empty) and nonnegative(setting.inside(term), term.body, strictly)
        case t.Diagonal():
            return not strictly and nonnegative(setting, term.body)
        case t.Inverse():
            return term.shape == SCALAR and nonnegative(setting, term.body, True)
        case t.Product() | t.Scale() | t.Hadamard() | t.Power() | t.EntrywisePower() | t.Transpose() | t.DiagonalPart():
            entries = not isinstance(term, t.Power) or term.shape == SCALAR or not strictly
            return entries and all(nonnegative(setting, one, strictly) for one in parts(term))
        case _:
            return False


def _by_definition(setting: Setting, node: Symbol, strictly: bool) -> bool:
    """By the definition of a name that has no time, or of one that is positive whatever its argument is."""
    for one in (*setting.context.recurrence, *setting.context.abbreviations):
        if one.head.name == node.name:
            surely = isinstance(one.body, t.Softmax) or getattr(one.body, "function", "") in POSITIVE
            seen = surely or (not node.times and nonnegative(setting, one.body, strictly))
            seen = seen and (one not in setting.context.recurrence or setting.computed(node))
            if seen:
                setting.use("definition", node.name)
            return seen
    return False


def _as_entry_or_square(setting: Setting, term: t.Product | t.Trace, strictly: bool) -> bool:
    """An entry of what is seen to be so; v^T v, or a multiple of it; tr(A^T A)."""
    match term:
        case t.Product() if whole := _whole(term):
            return nonnegative(setting, whole, strictly)
        case t.Product(shape=(1, 1)):
            square = _is_square([one for one in term.factors if one.shape != SCALAR])
            return (
                square
                and not strictly
                and all(nonnegative(setting, one) for one in term.factors if one.shape == SCALAR)
            )
        case t.Trace(body=t.Product(factors=factors)):
            return _is_square(factors) and not strictly
        case _:
            return False


def _whole(term: t.Product) -> Term | None:
    """The vector or matrix of which a product is one entry."""
    match term.factors:
        case (t.Transpose(body=t.Basis()), body):
            return body
        case (t.Transpose(body=t.Basis()), *body, t.Basis()):
            return product(*body)
        case _:
            return None


def _is_square(factors: Sequence[Term]) -> bool:
    """Whether a product has the form A^T A: then its trace is at least 0, as it is itself if A is a column."""
    first, *rest = factors or (t.number(1),)
    return isinstance(first, t.Transpose) and bool(rest) and first.body == product(*rest)


def _assumed(setting: Setting, term: Term, strictly: bool) -> bool:
    """Whether a hypothesis says that a scalar, or a positive rational times it, is at least 0, or above 0."""
    for one in setting.context.hypotheses if term.shape == SCALAR else ():
        said = one.statement
        if said.relation == "=" or (strictly and len(said.relation) > 1):
            continue
        low, high = (said.left, said.right) if said.relation in ("<", "<=") else (said.right, said.left)
        if setting.ratio(term, t.Sum((high, scale(-1, low)))) > 0:
            setting.use("hypothesis", one)
            return True
    return False


def _conditioned(setting: Setting, term: Term, kind: str) -> bool:
    """Whether a condition says it, names without a time written out if need be. What is positive is nowhere zero."""
    for one in setting.context.conditions:
        if one.kind != kind and not (kind == "nonzero" and one.kind == "positive"):
            continue
        for here in _instances(one, term) if one.term.shape == term.shape else ():
            taken: set[str] = set()
            if setting.same(term, here) or setting.same(*(_written_out(setting, side, taken) for side in (term, here))):
                setting.use("condition", one)
                for name in taken:
                    setting.use("definition", name)
                return True
    return False


def _written_out(setting: Setting, term: Term, taken: set[str]) -> Term:
    """The term with abbreviations and nodes without a time written out, unless it becomes too large; and which."""
    still = [one for one in setting.context.recurrence if not one.head.times]
    short = {one.head.name: one for one in (*still, *setting.context.abbreviations)}

    left = MAX_OPENED

    def opened(term: Term) -> Term:
        nonlocal left
        if isinstance(term, Symbol) and term.name in short and left:
            left -= 1
            taken.add(term.name)
            return opened(unfolded(short[term.name], term))
        return term if isinstance(term, t.Gradient | t.Extremum) else t.map_parts(term, opened)

    longer = opened(term)
    return longer if left else term


def _instances(condition: Condition, term: Term) -> Iterator[Term]:
    """The term of a condition at every time that occurs in the term at hand."""
    times: list[Affine] = list(dict.fromkeys(x for one in walk(term) if isinstance(one, Symbol) for x in one.times))
    shifts = {x - y for x in times for one in walk(condition.term) if isinstance(one, Symbol) for y in one.times}
    candidates = [*times, *(shift + one for shift in shifts for one in map(affine, condition.forall))]
    for values in islice(choices(candidates, repeat=len(condition.forall)), MAX_INSTANCES):
        yield substitute_times(condition.term, dict(zip(condition.forall, values, strict=True)))
