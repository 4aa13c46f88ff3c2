"""What a name with its scripts means: which scripts belong to the name, which are its times, and which are left over.

A declared name comes first (W_{hh}), then a family at a time (h_t, h^{[t]}); what finds no place is refused.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from symgrad.kernel.affine import Affine, affine
from symgrad.kernel.term import COMPONENT, SCALAR, Symbol

from .dialect import TIME_FENCES, TWIN, Declared, Dialect, split_name
from .nodes import Chain, Content, Fence, Group, Item, Literal, Name, Operator, Run, Script, Side, only_item, only_side
from .problem import MisreadError, UndeclaredError

MAX_COEFFICIENT = 10**9
MAX_SCRIPTS = 4
_NO_TIME = "a time may only be a sum of time variables and whole numbers"
INDEX_LETTERS = frozenset("ijklpqr")
"""Letters that are taken for component indices in the place of an entry, if they are declared as nothing else."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The dialect and the variables bound around a place: indices of times and of entries, and reals of sup and max.

    `latest` is the time that no other exceeds, `first` that of the first step, if there are such.
    """

    dialect: Dialect
    indices: tuple[str, ...] = ()
    reals: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    latest: str = ""
    first: int | None = None

    def is_time(self, name: str) -> bool:
        return name in self.indices or (name in self.dialect.times and name not in self.components)

    def is_component(self, name: str) -> bool:
        """Whether a name in the place of an entry is an index: bound, declared, or a letter that is nothing else."""
        if name in self.components or name in self.indices or name in self.reals:
            return name in self.components
        return name in self.dialect.components or (name in INDEX_LETTERS and not self.dialect.declares(name))

    def may_count(self, name: str) -> bool:
        """Whether a sum may run over a name as a component index; a gate i_t does not stand in the way of i."""
        free = name not in self.dialect.times and name not in self.dialect.sizes
        return name in self.dialect.components or (name in INDEX_LETTERS and free)

    def with_index(self, name: str) -> Scope:
        return replace(self._without(name), indices=(*self.indices, name))

    def with_real(self, name: str) -> Scope:
        return replace(self._without(name), reals=(*self.reals, name))

    def with_component(self, name: str) -> Scope:
        return replace(self._without(name), components=(*self.components, name))

    def _without(self, name: str) -> Scope:
        bound = (self.indices, self.reals, self.components)
        indices, reals, components = (tuple(one for one in names if one != name) for names in bound)
        return replace(self, indices=indices, reals=reals, components=components)


@dataclass(frozen=True, slots=True)
class _Parted:
    """Scripts taken apart: at most one subscript; superscripts and primes in order."""

    below: Script | None
    above: tuple[Script, ...]


def symbol_of(name: Name, scope: Scope) -> tuple[Symbol, tuple[Script, ...]]:
    """The symbol that a name stands for, and the scripts that are left to apply to it. Refused for an entry of it."""
    symbol, indices, left = entry_of(name, scope)
    if indices:
        raise MisreadError(name.at, f"a single entry of {symbol.name} has no place here")
    return symbol, left


def entry_of(name: Name, scope: Scope) -> tuple[Symbol, tuple[str, ...], tuple[Script, ...]]:
    """The symbol that a name stands for, the component indices of an entry of it, and the scripts that are left."""
    parted = _part(name)
    if name.text in (*scope.indices, *scope.components) and not name.scripts:
        raise MisreadError(name.at, f"{name.text} is an index here; it cannot stand as a factor")
    if name.text in scope.reals and parted.below is None:
        return Symbol(name.text, SCALAR), (), parted.above
    declared, below = _declared(name, parted.below, scope)
    times, indices, above = _times_of(declared, below, parted.above, scope, name.at)
    return Symbol(declared.name, declared.size, times), indices, above


def _part(name: Name) -> _Parted:
    below = tuple(script for script in name.scripts if script.mark == "_")
    if len(below) > 1:
        raise MisreadError(below[1].at, "two subscripts on one name; put braces around the first part, as in {h_t}_j")
    above = tuple(script for script in name.scripts if script.mark != "_")
    if len(above) > MAX_SCRIPTS:
        raise MisreadError(above[-1].at, "too many primes")
    if sum(script.mark == "^" for script in above) > 1:
        raise MisreadError(
            above[-1].at, "two superscripts on one name; put braces around the first part, as in {W^\\top}^2"
        )
    return _Parted(below[0] if below else None, above)


def _declared(name: Name, below: Script | None, scope: Scope) -> tuple[Declared, Script | None]:
    """The declaration of the name, with its subscript if that is a part of the name, and the subscript left over."""
    symbols = scope.dialect.symbols
    full = name.text
    if below is not None:
        words = [_word(Content((chain,))) for chain in below.content.chains]
        whole = f"{name.text}_{_word(below.content) or words[0]}"
        _refuse_twofold(name, whole, scope)
        if whole in symbols and _word(below.content):
            return symbols[whole], None
        if whole in symbols and words[0]:
            return symbols[whole], replace(below, content=Content(below.content.chains[1:]))
        full = f"{name.text}_{words[0]}" if words[0] and not scope.is_time(words[0]) else name.text
    if name.text in symbols:
        return _with_or_without_time(name, below, scope), below
    matrix = symbols.get(name.text.upper(), Declared("", SCALAR))
    indices = component_names(below.content.chains, scope) if below is not None else ()
    if 1 not in matrix.size and len(indices) == 2:
        return matrix, below
    timed = full == name.text and (below is not None or _above_times(tuple(name.scripts)) is not None)
    raise UndeclaredError(name.at, name.text, undeclared(name.text, full, scope, timed))


def _with_or_without_time(name: Name, below: Script | None, scope: Scope) -> Declared:
    """The declaration of a letter that may be declared twice, with a time and without."""
    found, twin = scope.dialect.symbols[name.text], scope.dialect.symbols.get(f"{name.text}{TWIN}")
    if twin is None:
        return found
    entry = below is not None and bool(component_names(below.content.chains, scope))
    timed = (below is not None and not entry) or _above_times(tuple(name.scripts)) is not None
    return found if bool(found.arity) == timed else twin


def _refuse_twofold(name: Name, whole: str, scope: Scope) -> None:
    if whole in scope.dialect.twofold:
        letters = whole.partition("_")[2]
        both = f"{name.text}_{{\\{letters}}} and {name.text}_{{{letters}}}"
        raise MisreadError(name.at, f"{both} cannot be told apart; give one of them another name")


def undeclared(name: str, full: str, scope: Scope, timed: bool = False) -> str:
    """Why a name cannot be read, and what was perhaps meant; `timed` if it is written with a time."""
    dialect = scope.dialect
    if scope.is_time(name):
        return f"{name} is a time; it cannot stand as a factor"
    if name in dialect.sizes:
        return f"{name} is a size; it cannot stand as a factor"
    if len(name) > 1 and all(letter in dialect.symbols for letter in name):
        return f"{full} is not declared (did you mean {' '.join(name)}?)"
    if name == "d":
        return "d is not declared; a differential is read in an equation that says what it is, such as dL = ..."
    full = _as_typed(full)
    near = difflib.get_close_matches(full, [known for known in dialect.symbols if len(known) > 1], 1, 0.8)
    size = dialect.sizes[0] if dialect.sizes else "n"
    shape = f"{size} x {size}" if full[0].isupper() and not timed else size
    example = f"declare its shape, as in % symgrad: {full}{'[t]' if timed else ''} : {shape}"
    return f"{full} is not declared ({f'did you mean {near[0]}?' if near else example})"


def _as_typed(name: str) -> str:
    """The name as it is declared: an accent as its command."""
    letter, accent, below = split_name(name)
    return f"\\{accent}{{{letter}}}{'_' * bool(below)}{below}" if accent else name


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


def size_of(item: Item, dialect: Dialect) -> tuple[str, tuple[Script, ...]]:
    """The size that a name such as n or d_k stands for ("" if none), and the scripts above it."""
    if not isinstance(item, Name):
        return "", ()
    full = written_name(item)
    plain = full != item.text or not any(script.mark == "_" for script in item.scripts)
    above = tuple(script for script in item.scripts if script.mark != "_")
    return (full, above) if plain and full in dialect.sizes and full not in dialect.times else ("", ())


# times


def _times_of(
    declared: Declared, below: Script | None, above: tuple[Script, ...], scope: Scope, at: int
) -> tuple[tuple[Affine, ...], tuple[str, ...], tuple[Script, ...]]:
    """The times, the indices of an entry, and the scripts above that are left."""
    wanted = declared.arity or len(declared.implicit)
    given = _above_times(above)
    chains = below.content.chains if below is not None else ()
    bare = not declared.arity and bool(component_names(chains, scope))
    start = 0 if given is not None or bare else wanted
    indices = component_names(chains[start:], scope)
    chains = chains[:start] if indices else chains
    if below is not None and chains and given is not None:
        raise MisreadError(above[0].at, f"{declared.name} has a time below already; this finds no place")
    if below is not None and chains:
        return _exactly(chains, declared, below.at, scope), indices, above
    if given is not None:
        found, left = given
        return _exactly(found, declared, above[0].at, scope), indices, left
    if declared.arity:
        raise MisreadError(at, f"{declared.name} needs a time, as in {declared.name}[t]")
    return tuple(affine(name) for name in declared.implicit), indices, above


def without_entry(name: Name, scope: Scope) -> tuple[Name, tuple[str, ...]]:
    """A name without the component indices that its subscript ends in, as delta_t of delta_{t,i}; and these."""
    below = next((script for script in name.scripts if script.mark == "_"), None)
    chains = below.content.chains if below is not None else ()
    for start in range(max(len(chains) - 2, 0), len(chains)):
        indices = component_names(chains[start:], scope)
        if 0 < len(indices) <= 2:
            kept = replace(below, content=Content(chains[:start])) if below is not None and start else None
            scripts = tuple(kept if script is below else script for script in name.scripts)
            return replace(name, scripts=tuple(one for one in scripts if one is not None)), indices
    return name, ()


def component_names(chains: Sequence[Chain], scope: Scope) -> tuple[str, ...]:
    """The component indices, as terms name them, that a subscript such as ij or i, j lists; none if that is not all."""
    sides = [only_side(Content((chain,))) for chain in chains]
    items = [item for side in sides if side and len(side.runs) == 1 for item in side.runs[0].items]
    plain = all(side and len(side.runs) == 1 and not side.runs[0].sign for side in sides)
    names = [
        item.text for item in items if isinstance(item, Name) and not item.scripts and scope.is_component(item.text)
    ]
    return tuple(name + COMPONENT for name in names) if plain and len(names) == len(items) else ()


def _exactly(chains: Sequence[Chain], declared: Declared, at: int, scope: Scope) -> tuple[Affine, ...]:
    """As many times as the name is written with, to which those that it has anyway are added, or all of them."""
    hidden = tuple(affine(name) for name in declared.implicit)
    wanted = declared.arity + len(hidden)
    if wanted == 0:
        word = _word(Content(tuple(chains)))
        undeclared_name = f"{declared.name}_{word} is not declared, and " if word else ""
        entries = "" if declared.size == SCALAR else "; the indices of an entry are declared (% symgrad: index i, j)"
        raise MisreadError(at, f"{undeclared_name}{declared.name} has no times{entries}")
    if declared.arity and len(chains) == declared.arity:
        return (*(time_of(Content((chain,)), scope, at) for chain in chains), *hidden)
    if len(chains) != wanted:
        extra = " (the indices of an entry are declared: % symgrad: index i, j)" if len(chains) > wanted else ""
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
    """The time that a sum of runs is. Raises MisreadError if it is none."""
    total: dict[str, int] = {}
    constant = 0
    for run in side.runs:
        sign, time = -1 if run.sign == "-" else 1, _run_time(run, scope)
        for name, value in time.coefficients:
            total[name] = total.get(name, 0) + sign * value
        constant += sign * time.constant
    return Affine(tuple(sorted(one for one in total.items() if one[1])), constant)


def _run_time(run: Run, scope: Scope) -> Affine:
    match run.items:
        case (Name(scripts=(), text=text),) if scope.is_time(text):
            return affine(text)
        case (Literal(scripts=(), value=value, font=""),) if value.denominator == 1 and value <= MAX_COEFFICIENT:
            return affine(int(value))
        case _:
            return _multiple(run, scope)


def _multiple(run: Run, scope: Scope) -> Affine:
    """A product of whole numbers and at most one time."""
    factor, times = Fraction(1), []
    for item in run.items:
        match item:
            case Literal(scripts=(), value=value, font=""):
                factor *= value
            case Name(scripts=(), text=text) if scope.is_time(text):
                times.append(affine(text))
            case Group(scripts=(), content=content) | Fence(opening="(", scripts=(), content=content):
                times.append(time_of(content, scope, item.at))
            case Operator(text="cdot" | "times"):
                pass
            case Name(text=text) if not scope.is_time(text):
                raise MisreadError(item.at, f"{text} is not declared as a time")
            case _:
                raise MisreadError(item.at, _NO_TIME)
    for time in times:
        factor *= time.constant if time.is_constant else 1
    moving = [time for time in times if not time.is_constant]
    if factor.denominator != 1 or abs(factor) > MAX_COEFFICIENT or len(moving) > 1:
        raise MisreadError(run.at, _NO_TIME)
    return (moving[0] if moving else affine(1)) * int(factor)


def is_time(content: Content, scope: Scope) -> bool:
    try:
        time_of(content, scope, 0)
    except MisreadError:
        return False
    return True


def show_symbol(symbol: Symbol) -> str:
    """A symbol as declarations write it: h[t-1], W."""
    times = ",".join(str(time) for time in symbol.times)
    return f"{symbol.name.removesuffix(TWIN)}[{times}]" if times else symbol.name.removesuffix(TWIN)
