"""What a name with its scripts means: which scripts belong to the name, which are its times, and which are left over.

A declared name comes first (W_{hh}), then a family at a time (h_t, h^{[t]}); what finds no place is refused.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from symgrad.kernel.affine import Affine, affine
from symgrad.kernel.term import SCALAR, Symbol

from .dialect import TIME_FENCES, Declared, Dialect
from .nodes import Chain, Content, Fence, Group, Item, Literal, Name, Operator, Run, Script, Side, only_item, only_side
from .problem import MisreadError

MAX_COEFFICIENT = 10**9
MAX_SCRIPTS = 4


@dataclass(frozen=True, slots=True)
class Scope:
    """The dialect and the variables bound around a place: time indices, and real variables of sup and max."""

    dialect: Dialect
    indices: tuple[str, ...] = ()
    reals: tuple[str, ...] = ()

    def is_time(self, name: str) -> bool:
        return name in self.indices or name in self.dialect.times

    def with_index(self, name: str) -> Scope:
        return replace(self, indices=(*self.indices, name), reals=tuple(one for one in self.reals if one != name))

    def with_real(self, name: str) -> Scope:
        return replace(self, reals=(*self.reals, name), indices=tuple(one for one in self.indices if one != name))


@dataclass(frozen=True, slots=True)
class _Parted:
    """Scripts taken apart: at most one subscript; superscripts and primes in order."""

    below: Script | None
    above: tuple[Script, ...]


def symbol_of(name: Name, scope: Scope) -> tuple[Symbol, tuple[Script, ...]]:
    """The symbol that a name stands for, and the scripts that are left to apply to it."""
    parted = _part(name)
    if name.text in scope.indices and not name.scripts:
        raise MisreadError(name.at, f"{name.text} is an index here; it cannot stand as a factor")
    if name.text in scope.reals and parted.below is None:
        return Symbol(name.text, SCALAR), parted.above
    declared, below = _declared(name, parted.below, scope)
    times, above = _times_of(declared, below, parted.above, scope, name.at)
    return Symbol(declared.name, declared.size, times), above


def _part(name: Name) -> _Parted:
    below = tuple(script for script in name.scripts if script.mark == "_")
    if len(below) > 1:
        raise MisreadError(below[1].at, "a second subscript; put braces around the first part")
    above = tuple(script for script in name.scripts if script.mark != "_")
    if len(above) > MAX_SCRIPTS:
        raise MisreadError(above[-1].at, "too many primes")
    if sum(script.mark == "^" for script in above) > 1:
        raise MisreadError(above[-1].at, "a second superscript; put braces around the first part")
    return _Parted(below[0] if below else None, above)


def _declared(name: Name, below: Script | None, scope: Scope) -> tuple[Declared, Script | None]:
    """The declaration of the name, with its subscript if that is a part of the name, and the subscript left over."""
    symbols = scope.dialect.symbols
    full = name.text
    if below is not None:
        words = [_word(Content((chain,))) for chain in below.content.chains]
        whole = f"{name.text}_{_word(below.content) or words[0]}"
        if whole in symbols and _word(below.content):
            return symbols[whole], None
        if whole in symbols and words[0]:
            return symbols[whole], replace(below, content=Content(below.content.chains[1:]))
        full = f"{name.text}_{words[0]}" if words[0] and not scope.is_time(words[0]) else name.text
    if name.text in symbols:
        return symbols[name.text], below
    raise MisreadError(name.at, undeclared(name.text, full, scope))


def undeclared(name: str, full: str, scope: Scope) -> str:
    dialect = scope.dialect
    if scope.is_time(name):
        return f"{name} is a time; it cannot stand as a factor"
    if name in dialect.sizes:
        return f"{name} is a size; it cannot stand as a factor"
    if len(name) > 1 and all(letter in dialect.symbols for letter in name):
        return f"{full} is not declared (did you mean {' '.join(name)}?)"
    near = difflib.get_close_matches(full, [known for known in dialect.symbols if len(known) > 1], 1, 0.8)
    return f"{full} is not declared" + (f" (did you mean {near[0]}?)" if near else "")


def _word(content: Content) -> str:
    """A subscript such as hh, e or max as one word; "" if it is anything else."""
    side = only_side(content)
    if side is None or len(side.runs) != 1 or side.runs[0].sign:
        return ""
    words = []
    for item in side.runs[0].items:
        match item:
            case Name(scripts=(), text=text) | Literal(scripts=(), text=text) if text.isalnum():
                words.append(text)
            case _:
                return ""
    return "".join(words)


def subscript_word(name: Name) -> str:
    """The subscript of a name as one word, or ""."""
    parted = _part(name)
    return _word(parted.below.content) if parted.below else ""


def written_name(name: Name) -> str:
    """The name with its subscript word, as it would be declared."""
    word = subscript_word(name)
    return f"{name.text}_{word}" if word else name.text


# times


def _times_of(
    declared: Declared, below: Script | None, above: tuple[Script, ...], scope: Scope, at: int
) -> tuple[tuple[Affine, ...], tuple[Script, ...]]:
    wanted = declared.arity + len(declared.implicit)
    given = _above_times(above)
    if below is not None and given is not None:
        raise MisreadError(above[0].at, f"{declared.name} has a time below already; this finds no place")
    if below is not None:
        return _exactly(wanted, below.content.chains, declared, below.at, scope), above
    if given is not None:
        found, left = given
        return _exactly(wanted, found, declared, above[0].at, scope), left
    if declared.arity:
        raise MisreadError(at, f"{declared.name} needs a time, as in {declared.name}[t]")
    return tuple(affine(name) for name in declared.implicit), above


def _exactly(wanted: int, chains: Sequence[Chain], declared: Declared, at: int, scope: Scope) -> tuple[Affine, ...]:
    if wanted == 0:
        word = _word(Content(tuple(chains)))
        undeclared_name = f"{declared.name}_{word} is not declared, and " if word else ""
        raise MisreadError(at, f"{undeclared_name}{declared.name} has no times, and its entries are not read")
    if len(chains) != wanted:
        extra = " (single entries are not read)" if len(chains) > wanted else ""
        raise MisreadError(at, f"{declared.name} needs {wanted} time{'s' * (wanted > 1)}, not {len(chains)}{extra}")
    return tuple(time_of(Content((chain,)), scope, at) for chain in chains)


def _above_times(above: tuple[Script, ...]) -> tuple[Sequence[Chain], tuple[Script, ...]] | None:
    """The times in a leading bracket of the superscript, and the scripts that remain; None if no bracket leads."""
    place = next((place for place, script in enumerate(above) if script.mark == "^"), None)
    if place is None:
        return None
    script = above[place]
    angles = _angles(script.content)
    if angles is not None:
        return angles, above[:place] + above[place + 1 :]
    side = only_side(script.content)
    fence, outer = _leading_fence(side.runs[0].items[0]) if side and side.runs and not side.runs[0].sign else (None, ())
    if side is None or fence is None:
        return None
    rest = _rest(side, script)
    return fence.content.chains, (*above[:place], *fence.scripts, *outer, *rest, *above[place + 1 :])


def _angles(content: Content) -> Sequence[Chain] | None:
    """The time of h^{<t>}."""
    match content:
        case Content((Chain((None, Side() as time, None), relators),)) if [one.text for one in relators] == ["<", ">"]:
            return (Chain((time,), ()),)
        case _:
            return None


def _leading_fence(item: Item) -> tuple[Fence | None, tuple[Script, ...]]:
    """The bracket that leads a superscript, perhaps in braces, and the scripts on those braces."""
    match item:
        case Fence(opening=opening, closing=closing) if (opening, closing) in TIME_FENCES.values():
            return item, ()
        case Group(content=content) if (inner := only_item(content)) is not None:
            fence, scripts = _leading_fence(inner)
            return fence, (*scripts, *item.scripts)
        case _:
            return None, ()


def _rest(side: Side, script: Script) -> tuple[Script, ...]:
    """What follows the bracket in the superscript, as a superscript of its own."""
    first = side.runs[0]
    left = (replace(first, items=first.items[1:]),) if len(first.items) > 1 else ()
    runs = (*left, *side.runs[1:])
    return (Script("^", Content((Chain((Side(runs, runs[0].at),), ()),)), script.at),) if runs else ()


def time_of(content: Content, scope: Scope, at: int) -> Affine:
    """A time such as tau-k+i. Raises MisreadError if it is anything else."""
    side = only_side(content)
    if side is None:
        raise MisreadError(at, "I expected a time here, such as t-1")
    return side_time(side, scope)


def side_time(side: Side, scope: Scope) -> Affine:
    found = Affine()
    for run in side.runs:
        found = found + _run_time(run, scope) * (-1 if run.sign == "-" else 1)
    return found


def _run_time(run: Run, scope: Scope) -> Affine:
    factor, time = Fraction(1), affine(1)
    for item in run.items:
        match item:
            case Literal(scripts=(), value=value, font=""):
                factor *= value
            case Name(scripts=(), text=text) if scope.is_time(text) and time.is_constant:
                time = affine(text)
            case Group(scripts=(), content=content) | Fence(opening="(", scripts=(), content=content) if (
                time.is_constant
            ):
                time = time_of(content, scope, item.at)
            case Operator(text="cdot" | "times"):
                pass
            case Name(text=text) if not scope.is_time(text):
                raise MisreadError(item.at, f"{text} is not declared as a time")
            case _:
                raise MisreadError(item.at, "a time may only be a sum of time variables and whole numbers")
    if factor.denominator != 1 or abs(factor) > MAX_COEFFICIENT:
        raise MisreadError(run.at, "a time may only be a sum of time variables and whole numbers")
    return time * int(factor)


def is_time(content: Content, scope: Scope) -> bool:
    try:
        time_of(content, scope, 0)
    except MisreadError:
        return False
    return True


def show_symbol(symbol: Symbol) -> str:
    """A symbol as declarations write it: h[t-1], W."""
    times = ",".join(str(time) for time in symbol.times)
    return f"{symbol.name}[{times}]" if times else symbol.name
