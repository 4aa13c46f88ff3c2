"""Functions by others: slopes and declared functions written out, quotients of exponentials as sigmoids, and back."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..kernel.affine import Affine
from ..kernel.certificate import Chain, Context, Statement, Step
from ..kernel.functions import DEFINITIONS
from ..kernel.normal import FUNCTIONS
from ..kernel.term import (
    SCALAR,
    Determinant,
    Entrywise,
    Gradient,
    Inverse,
    Number,
    Ones,
    Power,
    Scale,
    Softmax,
    Sum,
    Term,
    Transpose,
    add,
    map_parts,
    product,
    replaced,
    scale,
    walk,
)
from .expand import outside_gradients
from .fractions import logarithms_of_quotients
from .tidy import tidy
from .trail import StuckError, Trail, form, same

MAX_USES = 100
MAX_MULTIPLE = 6
# Functions that are kept as they are until nothing else helps.
KEPT = (*FUNCTIONS, "softplus")


def apply_each(trail: Trail, rule: str, wanted: Callable[[Term], bool]) -> None:
    """Apply a rule to what is wanted of the terms outside derivatives, as long as it changes something."""
    for _ in range(MAX_USES):
        found = (one for one in dict.fromkeys(outside_gradients(trail.current)) if wanted(one))
        if not any(applied(trail, rule, one) for one in found):
            return
    raise StuckError(f"{rule}: used without end")


def applied(trail: Trail, rule: str, at: Term) -> bool:
    """Whether a rule could be applied and changed something."""
    before = trail.current
    try:
        trail.apply(rule, at)
    except StuckError:
        return False
    return trail.current != before


def write_slopes(trail: Trail) -> None:
    """Derivatives of functions that are declared, or defined by others."""
    apply_each(trail, "law", lambda one: _is_slope(trail.context, one))


def _is_slope(context: Context, term: Term) -> bool:
    if not isinstance(term, Entrywise) or not term.function.endswith("'"):
        return False
    return term.function.rstrip("'") not in FUNCTIONS or _is_declared(context, term.function)


def _is_declared(context: Context, function: str) -> bool:
    return any(one.function in (function, function.rstrip("'")) for one in context.laws)


def fold_functions(trail: Trail) -> None:
    """1/(1 + exp(a)) as sigmoid(-a), log(1 + exp(a)) as softplus(a), and the functions that are others' products."""
    apply_each(trail, "law", lambda one: _is_composed(trail.context, one))
    take_apart(trail)
    for _ in range(MAX_USES):
        found = (pair for one in outside_gradients(trail.current) for pair in _folded(trail.context, one))
        if not any(_fold(trail, one, value) for one, value in found):
            return


def take_apart(trail: Trail) -> None:
    """Inverses and determinants of products."""
    trail.normal(_opened(trail.current))
    apply_each(trail, "determinant", lambda one: isinstance(one, Determinant))
    apply_each(trail, "inverse_product", lambda one: isinstance(one, Inverse))


def _opened(term: Term) -> Term:
    """(A^-1)^T for (A^T)^-1, and (a a)^-1 for (a^2)^-1."""
    term = term if isinstance(term, Gradient) else map_parts(term, _opened)
    match term:
        case Inverse(body=Transpose(body=body)):
            return Transpose(Inverse(body))
        case Inverse(body=Power(body=body, exponent=Affine((), exponent))) if 1 < exponent <= MAX_MULTIPLE:
            return Inverse(product(*[body] * exponent)) if body.shape == SCALAR else term
        case _:
            return term


def _is_composed(context: Context, term: Term) -> bool:
    if not isinstance(term, Entrywise):
        return False
    return (term.function in DEFINITIONS and term.function not in KEPT) or _is_declared(context, term.function)


def _folded(context: Context, term: Term) -> Iterator[tuple[Term, Entrywise]]:
    """What stands for a term of the form 1/(1 + exp(a)) or log(1 + exp(a))."""
    function = "reciprocal" if isinstance(term, Inverse) else getattr(term, "function", "")
    if not isinstance(term, Inverse | Entrywise) or function not in ("reciprocal", "log"):
        return
    body, inverse = term.body, function == "reciprocal"
    for one in outside_gradients(body):
        exponential = isinstance(one, Entrywise) and one.function == "exp" and one.shape == body.shape
        if isinstance(one, Entrywise) and exponential and same(context, body, add(Ones(body.shape), one)):
            argument = tidy(scale(-1, one.body)) if inverse else one.body
            yield term, Entrywise("sigmoid" if inverse else "softplus", argument)


def _fold(trail: Trail, at: Term, value: Entrywise) -> bool:
    """Write the value where its definition stands, if that is all that the rule would write out again."""
    if value in outside_gradients(trail.current):
        trail.apply("law", value)
    result = replaced(trail.current, at, value)
    again = replaced(result, value, trail.sequent("law", value).right)
    if result == trail.current or form(trail.context, again) != form(trail.context, trail.current):
        return False
    trail.write("law", value, result, reverse=True)
    return True


def _complements(trail: Trail) -> None:
    """1 - sigmoid(a) as sigmoid(-a) below and in logarithms: it is still seen to be positive when it is written out."""
    for one in dict.fromkeys(outside_gradients(trail.current)):
        if isinstance(one, Inverse) or (isinstance(one, Entrywise) and one.function in ("log", "reciprocal")):
            for value in walk(one.body):
                _use_complement(trail, one.body, value)


def _use_complement(trail: Trail, term: Term, value: Term) -> None:
    sigmoid = isinstance(value, Entrywise) and value.function == "sigmoid" and value.shape == term.shape
    if isinstance(value, Entrywise) and sigmoid and same(trail.context, term, add(Ones(term.shape), scale(-1, value))):
        turned = Entrywise("sigmoid", tidy(scale(-1, value.body)))
        step = Step("function_identity", "=", turned, turned, reverse=True)
        name = trail.prove_lemma("a complement", Statement(term, "=", turned), Chain((step,)))
        trail.apply("lemma", term, lemma=name)


def write_out_functions(trail: Trail) -> None:
    """Functions by exponentials and logarithms, those of products and sums taken apart."""
    _complements(trail)
    for _ in range(MAX_USES):
        before = trail.current
        apply_each(trail, "law", lambda one: _is_defined(trail.context, one))
        apply_each(trail, "softmax", lambda one: isinstance(one, Softmax))
        take_apart(trail)
        logarithms_of_quotients(trail)
        apply_each(trail, "logarithm", lambda one: isinstance(one, Entrywise) and one.function == "log")
        trail.normal(_as_sums(trail.current))
        apply_each(trail, "exponential", lambda one: isinstance(one, Entrywise) and one.function == "exp")
        if trail.current == before:
            return
    raise StuckError("functions written out without end")


def _as_sums(term: Term) -> Term:
    """exp(2 a) as exp(a + a), exp(-2 a) as exp(-a - a)."""
    term = term if isinstance(term, Gradient) else map_parts(term, _as_sums)
    match term:
        case Entrywise(function="exp", body=Scale(scalar=Number(value=value), body=body)):
            if value.denominator == 1 and 1 < abs(value) <= MAX_MULTIPLE:
                return Entrywise("exp", Sum((scale(value / abs(value), body),) * int(abs(value))))
    return term


def _is_defined(context: Context, term: Term) -> bool:
    return isinstance(term, Entrywise) and (term.function in DEFINITIONS or _is_declared(context, term.function))
