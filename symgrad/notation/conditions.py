"""What is assumed: by `% symgrad: assume`, and by the conditions beside a claim (if k >= 1, where D_t = ..., f = tanh).

A condition adds assumptions, hypotheses, abbreviations or declarations to the setting of its claim alone. One that
cannot be read is refused: a claim without its condition is another claim.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from symgrad.kernel.affine import Affine, affine
from symgrad.kernel.certificate import Condition as Point
from symgrad.kernel.certificate import Statement
from symgrad.kernel.term import Symbol, substitute_times

from .asides import Condition
from .chains import chain_statements
from .dialect import FUNCTIONS, RELATIONS, words
from .grammar import parse_tokens
from .membership import declare_membership, is_space
from .names import is_time, side_time, time_of, written_name
from .nodes import Chain, Content, Dots, Fence, Literal, Name, Side, items, only_item
from .points import adjective, compared, tokens_adjective, with_word
from .problem import MisreadError
from .resolve import lone_name
from .setting import Setting, add_abbreviation

Said = Statement | Affine | Point
_FILLERS = frozenset(words("for all every each any that both and the times time steps step t"))
_READ = frozenset(words("if when whenever where for provided assuming with given s.t. and"))
_ADVICE = "write it as a formula, as in \\text{if } k \\ge 1"
_DEFINING = frozenset({"where", "with"})
_SIGNS = {
    "le": "<=", "leq": "<=", "leqslant": "<=", "ge": ">=", "geq": ">=", "geqslant": ">=", "lt": "<", "gt": ">",
}  # fmt: skip


def restricts_times(chain: Chain, setting: Setting) -> bool:
    """Whether a chain says of times how they compare or where they are from: a condition, never a claim."""
    left = chain.sides[0]
    if _is_entry(left, setting) and [one.text for one in chain.relators] in (["="], ["in"]):
        return True
    member = [one.text for one in chain.relators] == ["in"] and left is not None and _names_a_time(left, setting)
    return (member and is_time(_alone(left), setting.scope())) or is_between_times(chain, setting)


def is_between_times(chain: Chain, setting: Setting) -> bool:
    """Whether a chain relates times to each other or to numbers."""
    sides = [side for side in chain.sides if side is not None]
    times = all(is_time(_alone(side), setting.scope()) for side in sides)
    return bool(chain.relators) and times and any(_names_a_time(side, setting) for side in sides)


def _names_a_time(side: Side, setting: Setting) -> bool:
    return any(isinstance(one, Name) and setting.scope().is_time(one.text) for one in items(_alone(side)))


def _alone(side: Side | None) -> Content:
    return Content((Chain((side,), ()),))


# conditions of a claim


def defined_by(condition: Condition, setting: Setting, end: int) -> Setting | None:
    """The setting with what a "where D_t = ..." defines; None if the condition defines nothing."""
    if condition.said.partition(" ")[0] not in _DEFINING or not condition.tokens:
        return None
    chains = parse_tokens(condition.tokens, end).chains
    if not all(_defines(chain, setting) for chain in chains):
        return None
    for chain in chains:
        left, right = chain.sides
        assert left is not None and right is not None
        if not repeats(chain, setting):
            setting = add_abbreviation(setting, (left, right), chain.relators[0].at)
    return setting


def repeats(chain: Chain, setting: Setting) -> bool:
    """Whether an equation says again what is defined already. Raises MisreadError if it defines it otherwise."""
    name = lone_name(chain.sides[0])
    assert name is not None
    known = {one.head.name: one for one in (*setting.recurrence, *setting.abbreviations)}
    found = known.get(written_name(name)) or known.get(name.text)
    if found is None:
        return False
    (said,) = chain_statements(replace(chain, relators=(replace(chain.relators[0], text="="),)), setting.scope())
    if not isinstance(said.left, Symbol) or said.left.name != found.head.name:
        return False
    at = dict(zip((time.variables[0] for time in found.head.times), said.left.times, strict=True))
    if substitute_times(found.body, at) == said.right:
        return True
    raise MisreadError(chain.relators[0].at, f"{found.head.name} is defined already, and not as this")


def _defines(chain: Chain, setting: Setting) -> bool:
    """Whether a chain is an equation that says what a name alone on its left stands for."""
    if [one.text for one in chain.relators] not in (["="], ["coloneqq"]) or None in chain.sides:
        return False
    name = lone_name(chain.sides[0])
    return name is not None and not _function_named(chain.sides[1]) and not is_between_times(chain, setting)


def under(condition: Condition, setting: Setting, end: int) -> Setting:
    """The setting in which a claim with the condition is to be judged. Raises MisreadError."""
    said, *more = condition.said.split() or [""]
    tokens, word = tokens_adjective(condition.tokens)
    if not word and more and adjective(more[-1]):
        word = more.pop()
    if (said and said not in _READ) or not _FILLERS.issuperset(more) or (condition.said and not tokens):
        raise _in_words(condition.at, condition.said)
    unread = next((token for token in tokens if token.type == "WORDS"), None)
    if unread is not None:
        raise _in_words(unread.at, unread.text)
    chains = parse_tokens(tokens, end).chains
    if word:
        return with_word(chains, word, setting, condition.at)
    return assumed(chains, setting, condition.at, quantified=said == "for")


def _in_words(at: int, said: str) -> MisreadError:
    return MisreadError(at, f"a condition in words, {said[:60]!r}, is not read; {_ADVICE}")


def assumed(chains: Sequence[Chain], setting: Setting, at: int, quantified: bool = False) -> Setting:
    """The setting with what some chains say assumed. With `quantified`, names alone are read too, as in "for all k"."""
    left = list(chains)
    while left:
        found = _range(left, setting)
        if found is not None and _is_entry(left[0].sides[0], setting):
            listed, taken = found
            setting = replace(setting, ranges=(*setting.ranges, _entries(left[0].sides[0], listed, setting)))
        elif found is not None:
            listed, taken = found
            bounds = _bounds(left[0].sides[0], listed, setting)
            setting = replace(setting, assumptions=(*setting.assumptions, *bounds))
        else:
            taken = _run_of_names(left)
            setting = _assumed(left[:taken], setting, at, quantified)
        left = left[taken:]
    return setting


def _run_of_names(chains: Sequence[Chain]) -> int:
    """How many chains belong together: names before the one with \\in, else one."""
    for place, chain in enumerate(chains):
        if chain.relators:
            return place + 1 if chain.relators[0].text == "in" else 1
    return 1


def _assumed(chains: Sequence[Chain], setting: Setting, at: int, quantified: bool) -> Setting:
    last = chains[-1]
    if not last.relators:
        return _quantified(last, setting, at) if quantified else _refuse(last, at)
    if last.relators[0].text == "in":
        return _membership(chains, setting)
    function = _function_named(last.sides[1]) if [one.text for one in last.relators] == ["="] else ""
    if function:
        return _bound_function(last, function, setting)
    if is_between_times(last, setting):
        return replace(setting, assumptions=(*setting.assumptions, *_inequalities(last, setting)))
    points = compared(last, setting)
    if points is not None:
        return points
    for sign in last.relators:
        if sign.text not in RELATIONS:
            message = f"\\{sign.text} cannot be assumed; a condition is written with =, \\le, \\ge, <, > or \\ne 0"
            raise MisreadError(sign.at, message)
    return replace(setting, hypotheses=(*setting.hypotheses, *chain_statements(last, setting.scope())))


def _refuse(chain: Chain, at: int) -> Setting:
    side = chain.sides[0]
    raise MisreadError(side.at if side else at, "I expected a relation to assume, such as k >= 1")


def _quantified(chain: Chain, setting: Setting, at: int) -> Setting:
    """A claim holds for all values of what it names, so a name alone adds nothing; it must be one that is known."""
    name = lone_name(chain.sides[0])
    if name is None:
        return _refuse(chain, at)
    known = setting.dialect.declares(name.text) or setting.dialect.declares(written_name(name))
    if not known and not setting.scope().is_component(name.text):
        raise MisreadError(name.at, f"{written_name(name)} is not declared")
    return setting


# functions


def _function_named(side: Side | None) -> str:
    """The function that a side names, as \\tanh does in f = \\tanh; else ""."""
    name = lone_name(side)
    return FUNCTIONS.get(name.text, "") if name is not None and not name.scripts else ""


def _bound_function(chain: Chain, function: str, setting: Setting) -> Setting:
    name = lone_name(chain.sides[0])
    dialect = setting.dialect
    if name is None or name.scripts or name.text in dialect.symbols or name.text in dialect.sizes + dialect.times:
        raise MisreadError(chain.relators[0].at, f"only a function can be {function}; declare its name as a function")
    functions = tuple(dict.fromkeys((*dialect.functions, name.text)))
    bound = {**dialect.bound_functions, name.text: function}
    return replace(setting, dialect=replace(dialect, functions=functions, bound_functions=bound))


# times


def _range(chains: Sequence[Chain], setting: Setting) -> tuple[Sequence[Chain], int] | None:
    """What t = 1, \\ldots, k or t \\in \\{1, \\ldots, k\\} lists, and how many chains it takes."""
    first = chains[0]
    runs = is_time(_alone(first.sides[0]), setting.scope()) or _is_entry(first.sides[0], setting)
    if len(first.relators) != 1 or not runs:
        return None
    if first.relators[0].text == "in":
        item = only_item(_alone(first.sides[1]))
        listed = item.content.chains if isinstance(item, Fence) and item.opening == "{" else ()
        return (listed, 1) if listed else None
    dots = next((place for place, one in enumerate(chains) if is_dots(one)), 0)
    if first.relators[0].text != "=" or not dots or any(one.relators for one in chains[1 : dots + 2]):
        return None
    return (Chain(first.sides[1:], ()), *chains[1 : dots + 2]), dots + 2


def _is_entry(side: Side | None, setting: Setting) -> bool:
    """Whether a side is the index of an entry."""
    name = lone_name(side)
    return name is not None and not name.scripts and setting.scope().is_component(name.text)


def _entries(owner: Side | None, listed: Sequence[Chain], setting: Setting) -> tuple[str, str]:
    """The index of i = 1, \\ldots, n and its size, to be compared with that of the entries in the claim."""
    name, first, last = lone_name(owner), only_item(Content(tuple(listed[:1]))), only_item(Content(tuple(listed[-1:])))
    size = last.text if isinstance(last, Name | Literal) and not last.scripts else ""
    starts = isinstance(first, Literal) and first.value == 1
    if name is None or not starts or not (size in setting.dialect.sizes or size.isdecimal()):
        raise MisreadError(owner.at if owner else 0, "I expected the range of an entry here, as in i = 1, \\ldots, n")
    return name.text, size


def is_dots(chain: Chain) -> bool:
    return isinstance(only_item(Content((chain,))), Dots)


def _bounds(owner: Side | None, listed: Sequence[Chain], setting: Setting) -> list[Affine]:
    at = owner.at if owner else 0
    values = [time_of(Content((one,)), setting.scope(), at) for one in listed if not is_dots(one)]
    dots = [is_dots(one) for one in listed]
    steps = all(values[place + 1] - one == affine(1) for place, one in enumerate(values[:-2]))
    if len(values) < 2 or dots != [False] * (len(values) - 1) + [True, False] or not steps:
        raise MisreadError(at, "I expected a range here, as in t = 1, \\ldots, k")
    time = side_time(owner, setting.scope()) if owner else affine(0)
    return [time - values[0], values[-1] - time]


def _inequalities(chain: Chain, setting: Setting) -> list[Affine]:
    found = []
    for place, relator in enumerate(chain.relators):
        left, right = chain.sides[place], chain.sides[place + 1]
        if left is None or right is None:
            raise MisreadError(relator.at, "one side of this relation is empty")
        gap = side_time(right, setting.scope()) - side_time(left, setting.scope())
        match _SIGNS.get(relator.text, relator.text):
            case "<=":
                found.append(gap)
            case "<":
                found.append(gap - 1)
            case ">=":
                found.append(-gap)
            case ">":
                found.append(-gap - 1)
            case "=":
                found += [gap, -gap]
            case other:
                raise MisreadError(relator.at, f"{other} between times cannot be assumed")
    return found


# membership


def _membership(chains: Sequence[Chain], setting: Setting) -> Setting:
    """t \\in \\mathbb{Z} says nothing new of a time; W \\in \\mathbb{R}^{n \\times m} declares, or repeats what is."""
    last = chains[-1]
    owners = [chain.sides[0] for chain in chains]
    if all(owner is not None and is_time(_alone(owner), setting.scope()) for owner in owners):
        return _integers(last, setting)
    if not is_space(last.sides[1]):
        raise MisreadError(last.relators[0].at, "only membership in \\mathbb{R}^{...} is read here")
    return declare_membership(chains, setting)


def _integers(chain: Chain, setting: Setting) -> Setting:
    name = lone_name(chain.sides[1])
    if name is not None and name.font == "mathbb" and name.text == "Z" and not name.scripts:
        return setting
    if name is not None and name.text == "N":
        raise MisreadError(name.at, "does \\mathbb{N} start at 0 or at 1? write k \\ge 0 or k \\ge 1")
    raise MisreadError(chain.relators[0].at, "for a time, write a range, as in k \\ge 1 or t = 1, \\ldots, k")


def pinned(assumptions: Sequence[Affine]) -> dict[str, Affine]:
    """The times that assumptions set to a number: a claim for k = 0 is the claim with 0 in place of k."""
    found: dict[str, Affine] = {}
    for one in assumptions:
        match one.coefficients:
            case ((name, 1 | -1 as sign),) if -one in assumptions:
                found[name] = affine(-sign * one.constant)
            case _:
                pass
    return found


def added(before: Setting, after: Setting) -> tuple[Said, ...]:
    """What conditions have added to a setting, for whoever prints them."""
    definitions = after.abbreviations[len(before.abbreviations) :]
    defined = [Statement(one.head, "=", one.body) for one in definitions]
    hypotheses = after.hypotheses[len(before.hypotheses) :]
    points = after.conditions[len(before.conditions) :]
    return (*defined, *hypotheses, *points, *after.assumptions[len(before.assumptions) :])
