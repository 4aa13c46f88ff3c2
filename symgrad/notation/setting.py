"""What is declared at one place of a text, and how a name, a recurrence or an abbreviation is added to it.

Every function here returns a new setting, or raises MisreadError on a clash.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from symgrad.kernel.affine import Affine, affine
from symgrad.kernel.certificate import Condition, Context, Definition, Hypothesis, Law, Loss, Statement
from symgrad.kernel.term import SCALAR, Shape, Symbol, Term, Transpose, free_times, substitute_times, walk

from .causal import refuse_unless_causal
from .dialect import Declared, Dialect
from .entries import assembled, free_indices, settled
from .names import Scope, symbol_of, without_entry, written_name
from .nodes import Chain, Content, Name, Script, Side, only_item
from .presumed import Ends, presumed
from .presumed_points import all_times, presumed_points
from .problem import MisreadError
from .resolve import resolved, unbraced
from .scripts import transposes
from .values import fixed, show

Sides = tuple[Side, Side]
MAX_ABBREVIATIONS = 100


@dataclass(frozen=True, slots=True)
class Setting:
    """Everything declared at one place. `own` are the names of the innermost scope: only those can clash; `ranges` are
    the sizes that a condition gives to indices of entries.

    `unread` is the line of a declaration that could not be read (0: none): what follows might mean another thing.
    """

    dialect: Dialect = field(default_factory=Dialect)
    recurrence: tuple[Definition, ...] = ()
    abbreviations: tuple[Definition, ...] = ()
    losses: tuple[Loss, ...] = ()
    assumptions: tuple[Affine, ...] = ()
    hypotheses: tuple[Statement, ...] = ()
    unknown: str = ""
    horizon: str = ""
    start: int | None = None
    own: frozenset[str] = frozenset()
    used: tuple[str, ...] = ()
    unread: int = 0
    ranges: tuple[tuple[str, str], ...] = ()
    conditions: tuple[Condition, ...] = ()
    laws: tuple[Law, ...] = ()

    def scope(self) -> Scope:
        return Scope(self.dialect, latest=self.horizon, first=self.start)

    def context(self, claims: Sequence[Statement] = ()) -> Context:
        """The context of some claims. A time of a hypothesis that neither the claims nor an inequality between times
        mention is any time."""
        claim_times = frozenset[str]().union(*map(_times, claims))
        spoken_of = claim_times.union(*(one.variables for one in self.assumptions))
        hypotheses = tuple(Hypothesis(one, tuple(sorted(_times(one) - spoken_of))) for one in self.hypotheses)
        ends = Ends(self.dialect, self.horizon, {} if self.start is None else self._first_times(self.start))
        assumed = (*self.assumptions, *presumed(claims, ends, self.assumptions))
        points = tuple(replace(one, forall=all_times(one.term)) for one in self.conditions)
        stated = Context(
            self.recurrence, self.abbreviations, self.losses, assumed, hypotheses, self.start, points, self.laws
        )
        return replace(stated, conditions=(*points, *presumed_points(stated, claims)))

    def _first_times(self, start: int) -> dict[str, int]:
        """From when on a name has a meaning: the first step, or as far before it as that step reads."""
        found = {one.name: start for one in self.losses if one.times}
        for one in self.recurrence:
            found.setdefault(one.head.name, start)
            for name, lag in _read_by(one):
                found[name] = min(found.get(name, start), start - max(0, lag))
        for one in self.abbreviations:
            read = [found[name] + lag for name, lag in _read_by(one) if name in found]
            found |= {one.head.name: max(read)} if read else {}
        return found


def _read_by(definition: Definition) -> Iterator[tuple[str, int]]:
    """The names with a time in a definition, and how many steps before its first time they are read."""
    for one in walk(definition.body):
        if isinstance(one, Symbol) and one.times and definition.head.times:
            lag = definition.head.times[0] - one.times[0]
            if lag.is_constant:
                yield one.name, lag.constant


def _times(statement: Statement) -> frozenset[str]:
    return free_times(statement.left) | free_times(statement.right)


def declared_name(content: Content, size: Shape, setting: Setting, at: int) -> Declared:
    item = only_item(content)
    name = unbraced(item) if item is not None else None
    if not isinstance(name, Name):
        raise MisreadError(at, "I expected a name here, such as W or h[t]")
    text, arity = name_and_arity(name, setting)
    return Declared(text, size, arity, (), name.font if name.font not in ("mathrm", "text") else "")


def name_and_arity(name: Name, setting: Setting) -> tuple[str, int]:
    """The name with its subscript word, and with how many times it is written."""
    below = next((script for script in name.scripts if script.mark == "_"), None)
    above = next((script for script in name.scripts if script.mark == "^"), None)
    arity = _bracketed_times(above)
    if below is not None and above is None and all(_is_lone_time(one, setting) for one in _singles(below.content)):
        return name.text, len(below.content.chains)
    return written_name(name), arity


def _singles(content: Content) -> list[Content]:
    return [Content((chain,)) for chain in content.chains]


def _is_lone_time(content: Content, setting: Setting) -> bool:
    item = only_item(content)
    return isinstance(item, Name) and item.text in setting.dialect.times


def _bracketed_times(above: Script | None) -> int:
    if above is None:
        return 0
    item = only_item(above.content)
    content = getattr(item, "content", None)
    if content is None and len(above.content.chains) == 1 and len(above.content.chains[0].relators) == 2:
        return 1
    if not isinstance(content, Content):
        raise MisreadError(above.at, "this script has no place in a declaration")
    return len(content.chains)


def add_symbol(setting: Setting, declared: Declared, at: int) -> Setting:
    """Declare a name, perhaps one with a time beside one without; in an inner scope it hides an outer one."""
    dialect, name = setting.dialect, declared.name
    if name in setting.own:
        name = dialect.key(name, bool(declared.arity))
        declared = replace(declared, name=name)
    old = dialect.symbols.get(name)
    if name in dialect.sizes or (name in dialect.times and not declared.arity):
        raise MisreadError(at, f"{name} is declared already, as a {'size' if name in dialect.sizes else 'time'}")
    if old is not None and name in setting.own:
        if (old.size, old.arity) != (declared.size, declared.arity):
            raise MisreadError(at, f"{name} is declared already, as {described(setting, name)}")
        return setting
    hidden = _without(setting, name) if old is not None else setting
    return replace(hidden, dialect=dialect.with_symbol(declared), own=hidden.own | {name})


def described(setting: Setting, name: str) -> str:
    declared = setting.dialect.symbols[name]
    return show(declared.size) + (" at each time" if declared.arity else "")


def _without(setting: Setting, name: str) -> Setting:
    keep = tuple(one for one in setting.recurrence if one.head.name != name)
    lets = tuple(one for one in setting.abbreviations if one.head.name != name)
    losses = tuple(one for one in setting.losses if one.name != name)
    return replace(setting, recurrence=keep, abbreviations=lets, losses=losses)


def add_model(setting: Setting, sides: Sides, at: int) -> Setting:
    """Add an equation of the model: a declared name, and what it is; if it has a time, at every time."""
    name = head_name(sides[0])
    if written_name(name) not in setting.dialect.symbols and name.text not in setting.dialect.symbols:
        raise MisreadError(name.at, f"{written_name(name)} is not declared")
    head, left = symbol_of(name, setting.scope())
    if left:
        advice = "assume what is no equation of a model"
        raise MisreadError(left[0].at, f"this script has no place on {head.name} here; {advice}")
    if any(one.head.name == head.name for one in setting.recurrence):
        raise MisreadError(name.at, f"{head.name} is defined already")
    head, body = _one_step_back(head, _body(sides[1], head.shape, setting))
    _check_times(head, body, at)
    _check_mixture(head, body, setting, at)
    refuse_unless_causal(Definition(head, body), setting.recurrence, at)
    return replace(setting, recurrence=(*setting.recurrence, Definition(head, body)))


def _one_step_back(head: Symbol, body: Term) -> tuple[Symbol, Term]:
    """An equation for x[t+1] as the one for x[t]."""
    match head.times:
        case (Affine(((name, 1),), ahead),) if ahead > 0:
            back = {name: affine(name) - ahead}
            moved = substitute_times(head, back)
            assert isinstance(moved, Symbol)
            return moved, substitute_times(body, back)
        case _:
            return head, body


def _check_mixture(head: Symbol, body: Term, setting: Setting, at: int) -> None:
    """Refuse a node with a time that reads one without, and conversely: a model is a recurrence or a network."""
    read = {one.name: bool(one.times) for one in walk(body) if isinstance(one, Symbol)}
    timed = next((name for name, times in read.items() if times), "")
    if not head.times and timed:
        raise MisreadError(at, f"{head.name} has no time, but {timed}, which it reads, has one; a short name is a let")
    still = [one.head.name for one in setting.recurrence if not one.head.times and one.head.name in read]
    if head.times and still:
        raise MisreadError(at, f"{head.name} has a time, but {still[0]}, which it reads, is a node without one")
    readers = [one.head.name for one in setting.recurrence if one.head.times and head.name in _names_in(one.body)]
    if not head.times and readers:
        reader = f"{readers[0]}, which reads it,"
        raise MisreadError(at, f"{head.name} has no time, but {reader} has one; a short name is a let")


def _names_in(term: Term) -> set[str]:
    return {one.name for one in walk(term) if isinstance(one, Symbol)}


def head_name(side: Side) -> Name:
    item = only_item(Content((Chain((side,), ()),)))
    name = unbraced(item) if item is not None else None
    if not isinstance(name, Name):
        raise MisreadError(side.at, "I expected a name on the left")
    return name


def _body(side: Side, shape: Shape | None, setting: Setting) -> Term:
    (body,) = settled([_shaped_body(side, shape, setting)], setting.dialect, side.at)
    return _closed(body, side)


def _closed(body: Term, side: Side) -> Term:
    for index in free_indices(body):
        raise MisreadError(side.at, f"what is defined here would depend on the index {index}; define the whole vector")
    return body


def _by_entries(name: Name, side: Side, setting: Setting) -> tuple[Name, Term] | None:
    """The name and the vector or matrix that a definition such as delta_{t,i} := ... gives entry by entry."""
    bare, indices = without_entry(name, setting.scope())
    value = resolved(side, setting.scope()) if indices else None
    if not isinstance(value, Term) or value.shape != SCALAR or not free_times(value).issuperset(indices):
        return None
    (body,) = settled([value], setting.dialect, side.at)
    return bare, _closed(assembled(body, indices, side.at), side)


def _shaped_body(side: Side, shape: Shape | None, setting: Setting) -> Term:
    value = resolved(side, setting.scope())
    if shape is None:
        return fixed(value, side.at)
    body = value if isinstance(value, Term) else value.build(*shape)
    if body is None or body.shape != shape:
        raise MisreadError(side.at, f"shapes do not fit: {show(shape)} = {show(body.shape) if body else 'this'}")
    return body


def _check_times(head: Symbol, body: Term, at: int) -> None:
    variables = [time.variables[0] for time in head.times if time == affine(time.variables[0] if time.variables else 0)]
    if len(set(variables)) != len(head.times):
        raise MisreadError(at, f"define {head.name} at a plain time, as in {head.name}[t]")
    loose = sorted(free_times(body) - set(variables))
    if loose:
        raise MisreadError(at, f"the right side depends on {', '.join(loose)}, the left side does not")


def add_abbreviation(setting: Setting, sides: Sides, at: int) -> Setting:
    """Define a name. Without times of its own it has those of its body, and does not show them; else those that the
    names in its body have and do not show."""
    if len(setting.abbreviations) >= MAX_ABBREVIATIONS:
        raise MisreadError(at, f"more than {MAX_ABBREVIATIONS} abbreviations are not read")
    name, is_turned = _without_transpose(head_name(sides[0]))
    entrywise = _by_entries(name, sides[1], setting)
    name = name if entrywise is None else entrywise[0]
    text, arity = name_and_arity(name, setting)
    shown, text = text, setting.dialect.key(text, bool(arity))
    old = setting.dialect.symbols.get(text)
    shape = old.size if old is not None and text in setting.own else None
    if old is not None and any(one.head.name == text for one in (*setting.abbreviations, *setting.recurrence)):
        raise MisreadError(name.at, f"{shown} is defined already")
    written = shape[::-1] if shape and is_turned else shape
    body = _body(sides[1], written, setting) if entrywise is None else entrywise[1]
    body = _transposed(body) if is_turned else body
    if shape not in (None, body.shape):
        raise MisreadError(at, f"shapes do not fit: {shown} is {show(shape or SCALAR)}, defined as {show(body.shape)}")
    if any(isinstance(one, Symbol) and one.name == text for one in walk(body)):
        raise MisreadError(name.at, f"{shown} is defined by itself")
    font = name.font or (old.font if old else "")
    implicit = tuple(sorted(_hidden_times(body, setting) if arity else free_times(body)))
    declared = Declared(text, body.shape, arity, implicit, font if font not in ("mathrm", "text") else "")
    setting = _redeclared(setting, declared, name.at)
    head, _ = symbol_of(name, setting.scope())
    _check_times(head, body, at)
    losses = tuple(one for one in setting.losses if one.name != text)
    return replace(setting, abbreviations=(*setting.abbreviations, Definition(head, body)), losses=losses)


def _without_transpose(name: Name) -> tuple[Name, bool]:
    """The name that a definition such as lambda_t^T := ... gives, and whether by its transpose."""
    if not name.scripts or not transposes(name.scripts[-1]):
        return name, False
    return replace(name, scripts=name.scripts[:-1]), True


def _transposed(body: Term) -> Term:
    return body.body if isinstance(body, Transpose) else Transpose(body)


def _hidden_times(body: Term, setting: Setting) -> set[str]:
    known = setting.dialect.symbols
    names = {one.name for one in walk(body) if isinstance(one, Symbol)}
    return {time for name in names & known.keys() for time in known[name].implicit}


def _redeclared(setting: Setting, declared: Declared, at: int) -> Setting:
    old = setting.dialect.symbols.get(declared.name)
    if old is None or declared.name not in setting.own:
        return add_symbol(setting, declared, at)
    if old.arity != declared.arity:
        raise MisreadError(at, f"{declared.name} is declared already, as {described(setting, declared.name)}")
    return replace(setting, dialect=setting.dialect.with_symbol(declared))
