"""What a script does to a value: primes, transposes, inverses and powers, decided by the value's shape."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from symgrad.kernel.affine import Affine, affine
from symgrad.kernel.term import SCALAR, Entrywise, EntrywisePower, Inverse, Number, Power, Term

from . import entries
from .dialect import TRANSPOSES
from .names import MAX_SCRIPTS, Scope, time_of
from .nodes import Content, Literal, Name, Operator, Ratio, Run, Script, Side, only_side
from .problem import MisreadError
from .values import Value, fixed, mapped, show, transposed

MAX_HALVES = 100


def scripted(value: Value, scripts: Sequence[Script], scope: Scope, shown: str) -> Value:
    """The value with primes and superscripts applied, innermost first."""
    if len(scripts) > MAX_SCRIPTS:
        raise MisreadError(scripts[-1].at, "too many scripts")
    for script in scripts:
        match script.mark:
            case "'":
                value = _primed(value, script.at, shown)
            case "^":
                value = _raised(value, script, scope, shown)
            case _ if script is not scripts[0]:
                raise MisreadError(
                    script.at, f"a subscript after a superscript on {shown}; put brackets around the first"
                )
            case _:
                return entry_scripted(entries.entry_script(value, script, scope, shown), scripts[1:], scope, shown)
    return value


def entry_scripted(value: Value, scripts: Sequence[Script], scope: Scope, shown: str) -> Value:
    """An entry with its scripts. Refused unless they are a power: W_{ij}^T looks like (W^T)_{ij} and is not."""
    found = scripted(value, scripts, scope, f"an entry of {shown}")
    if scripts and not isinstance(found, Power | EntrywisePower):
        readings = f"of the entry, or of {shown} before the entry is taken? put brackets"
        raise MisreadError(scripts[0].at, f"this script on an entry is ambiguous: {readings}")
    return found


def _primed(value: Value, at: int, shown: str) -> Value:
    term = fixed(value, at)
    if 1 in term.shape:
        kind = "scalar" if term.shape == SCALAR else "vector"
        meaning = "a prime means transpose on a matrix and derivative on a function"
        raise MisreadError(at, f"{shown}' is ambiguous: {meaning}; {shown} is a {kind}")
    return transposed(term, at)


def _raised(value: Value, script: Script, scope: Scope, shown: str) -> Value:
    side = only_side(script.content)
    if side is not None and _is_entrywise_inverse(side):
        return mapped(fixed(value, script.at), script.at, lambda term: Entrywise("reciprocal", term))
    if side is None or len(side.runs) != 1:
        return _power(value, _exponent(script, scope), script, shown)
    negative, items = side.runs[0].sign == "-", side.runs[0].items
    match items:
        case (Name() as name,) if is_transpose(name):
            return _turned(value, name, scope, shown, negative)
        case (Name(text="prime"),):
            return _primed(value, script.at, shown)
        case (Name(text="dag" | "dagger" | "H"),) if not scope.is_time("H"):
            raise MisreadError(script.at, "a conjugate transpose is not read; write ^\\top")
        case (Literal(value=exponent, scripts=()),) if negative and exponent == 1:
            return mapped(fixed(value, script.at), script.at, Inverse)
        case _ if (power := rational(script.content)) is not None and (negative or power.denominator != 1):
            return mapped(fixed(value, script.at), script.at, lambda term: _rational_power(term, power, script.at))
        case (Operator(text="odot"), Literal(value=exponent, scripts=())) if exponent.denominator == 1:
            return mapped(value, script.at, lambda term: EntrywisePower(term, int(exponent)))
        case (Operator(text="odot"),):
            raise MisreadError(script.at, "* as a superscript is not read")
        case _:
            return _power(value, _exponent(script, scope), script, shown)


def is_transpose(name: Name) -> bool:
    upright = name.font in ("mathrm", "mathsf", "text")
    return not name.scripts and name.text in TRANSPOSES and (name.text != "t" or upright)


def transposes(script: Script) -> bool:
    """Whether a script is the sign of a transpose."""
    side = only_side(script.content)
    if script.mark != "^" or side is None or len(side.runs) != 1 or side.runs[0].sign:
        return False
    match side.runs[0].items:
        case (Name() as name,):
            return is_transpose(name)
        case _:
            return False


def _turned(value: Value, name: Name, scope: Scope, shown: str, negative: bool) -> Value:
    if name.text == "T" and (scope.is_time("T") or "T" in scope.dialect.symbols):
        readings = "T is declared, so this is a power or a transpose (write ^\\top)"
        raise MisreadError(name.at, f"{shown}^T is ambiguous: {readings}")
    if isinstance(value, Number) and shown[0].isdigit():
        raise MisreadError(name.at, f"{shown} is a number and has no transpose; write \\mathbf{{1}} for the vector")
    if negative:
        value = mapped(fixed(value, name.at), name.at, Inverse)
    return transposed(value, name.at)


def _is_entrywise_inverse(side: Side) -> bool:
    """Whether a superscript is \\odot -1."""
    match side.runs:
        case (Run(items=(Operator(text="odot"),)), Run("-", (Literal(value=value, scripts=()),))):
            return value == 1
        case _:
            return False


def rational(content: Content) -> Fraction | None:
    """A number such as -1/2 or \\tfrac{3}{2}; None for anything else."""
    side = only_side(content)
    if side is None or len(side.runs) != 1:
        return None
    match side.runs[0].items:
        case (Literal(value=value, scripts=()),):
            found = value
        case (Literal(value=over, scripts=()), Operator(text="/"), Literal(value=under, scripts=())) if under:
            found = over / under
        case (Ratio(over=above, under=below, scripts=()),):
            top, bottom = rational(above), rational(below)
            if top is None or not bottom:
                return None
            found = top / bottom
        case _:
            return None
    return -found if side.runs[0].sign == "-" else found


def _rational_power(term: Term, exponent: Fraction, at: int) -> Term:
    """A negative or half power of a scalar, or a half power of each entry of a column."""
    if exponent.denominator > 2 or abs(exponent) > MAX_HALVES:
        raise MisreadError(at, "of powers that are no whole numbers only halves are read, such as x^{-1/2}")
    if term.shape[1] != 1 or (term.shape != SCALAR and exponent.denominator == 1):
        raise MisreadError(at, "such a power is not read of ", term, "; one over each entry is \\odot -1")
    body = Entrywise("sqrt", term) if exponent.denominator == 2 else term
    times = abs(exponent.numerator)
    scalar = term.shape == SCALAR
    raised = body if times == 1 else Power(body, affine(times)) if scalar else EntrywisePower(body, times)
    return raised if exponent > 0 else Inverse(raised) if scalar else Entrywise("reciprocal", raised)


def _exponent(script: Script, scope: Scope) -> Affine:
    try:
        return time_of(script.content, scope, script.at)
    except MisreadError as error:
        raise MisreadError(error.at, f"{error.message}; an exponent is a number or a time such as k") from None


def _power(value: Value, exponent: Affine, script: Script, shown: str) -> Value:
    if exponent.constant <= 0 and exponent != Affine() and all(part < 0 for _, part in exponent.coefficients):
        raise MisreadError(script.at, "a negative power of symbolic length is not read; write the inverse of a power")

    def raised(term: Term) -> Term:
        if term.shape[1] != 1 and term.shape[0] != term.shape[1]:
            raise MisreadError(script.at, term, " has no powers: it is not square")
        if term.shape[1] != 1 or term.shape == SCALAR:
            return Power(term, exponent)
        if not exponent.is_constant:
            raise MisreadError(script.at, f"{shown} is {show(term.shape)}; its power must be a whole number")
        return EntrywisePower(term, exponent.constant)

    return mapped(value, script.at, raised)
