"""Gathers the names of formulas whose meaning nobody has declared: which look like times, states, weights, losses.

Nothing is decided by a single formula: a letter that is a time in one is a time in all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from .dialect import FUNCTIONS, OPERATIONS, WORDS, split_name
from .membership import is_space
from .nodes import (
    Chain,
    Content,
    Fence,
    Group,
    Item,
    Literal,
    Name,
    Ratio,
    Script,
    contents,
    inside,
    items,
    only_item,
    top_items,
)

SCALARS = frozenset({"alpha", "beta", "gamma", "lambda", "eta", "kappa", "mu", "rho", "epsilon", "varepsilon"})
_TIMES = ("t", "tau")
_ENTRIES = ("i", "j", "l", "m", "p", "q", "r", "s")
_EXTREMA = ("max", "min", "sup", "inf")
_DERIVATIVES = ("nabla", "nablatilde", "partial", "partialtilde")
_UPRIGHT = ("mathrm", "text", "operatorname", "mathsf")


@dataclass(slots=True)
class Found:
    """Names in the order in which they were met, as the keys of tables.

    `indices` are those of products and sums, `entries` those that count entries; `families` have a time, `plain` have
    none; `losses` are what derivatives are taken of, `gradients` what by, with its time; `ranks` says how many indices
    the entries of a name have; `bound` are the variables of extrema; `declared` the text declares.
    """

    chains: list[Chain] = field(default_factory=list)
    times: dict[str, None] = field(default_factory=dict)
    indices: dict[str, None] = field(default_factory=dict)
    entries: dict[str, None] = field(default_factory=dict)
    functions: dict[str, None] = field(default_factory=dict)
    families: dict[str, None] = field(default_factory=dict)
    plain: dict[str, str] = field(default_factory=dict)
    losses: dict[str, None] = field(default_factory=dict)
    gradients: dict[tuple[str, str], None] = field(default_factory=dict)
    ranks: dict[str, int] = field(default_factory=dict)
    bound: dict[str, None] = field(default_factory=dict)
    declared: set[str] = field(default_factory=set)

    def kinds(self) -> dict[str, str]:
        """The shape of each name; a family is written with its time."""
        families = [name for name in self.families if name not in self.declared]
        shapes = {f"{name}[t]": "n x n" if name[0].isupper() else "n" for name in families}
        for name, font in self.plain.items():
            others = (self.times, self.indices, self.entries, self.functions, self.families, self.bound, self.declared)
            if any(name in table for table in others):
                continue
            greek = name.partition("_")[0] in SCALARS and name not in self.ranks
            scalar = font == "mathcal" or name in self.losses or greek
            matrix = name[0].isupper() if name not in self.ranks else self.ranks[name] == 2
            shapes[name] = "scalar" if scalar else "n x n" if matrix else "n"
        return shapes

    def is_model_of(self, left: Name, right: Content) -> bool:
        """Whether these can be the sides of an equation of the model: at t on the left, at t and t - 1 on the right."""
        now = _time(left)
        if now is None or now[1] or left.text[0].isupper():
            return False
        seen = [_time(one) for one in named(right) if one.text in self.families]
        return bool(seen) and all(one in (now, (now[0], -1)) for one in seen)


def gather(formulas: Iterable[Content]) -> Found:
    """What there is in some formulas."""
    found = Found()
    found.chains = [chain for content in formulas for chain in content.chains]
    whole = Content(tuple(found.chains))
    for chain in found.chains:
        _note_space(chain, found)
    for _ in range(2):
        for name in named(whole):
            _note_times(name, found)
    written = list(_written(whole))
    for before, item in zip([None, *written], written, strict=False):
        if isinstance(item, Name):
            _note(item, before, found)
    for item in items(whole):
        _note_derivative(item, found)
    for first, second in _pairs(whole):
        _note_nabla(first, second, found)
    return found


def _note_space(chain: Chain, found: Found) -> None:
    """W \\in \\mathbb{R}^{n \\times m} declares its names."""
    if [one.text for one in chain.relators] == ["in"] and is_space(chain.sides[1]) and chain.sides[0]:
        found.declared.update(one.text for one in named(Content((Chain(chain.sides, ()),))))


# times and indices


def _note_times(name: Name, found: Found) -> None:
    """The times that a name shows, in the light of those that are known."""
    below, above = _script(name, "_"), _script(name, "^")
    if name.text in ("prod", "sum"):
        _note_range(_names(below), _names(above), found)
    elif name.text in _EXTREMA:
        found.entries.update(dict.fromkeys(one for one in _names(below)[:1] if one in _ENTRIES))
        found.bound.update(dict.fromkeys(_names(below)[:1]))
    elif name.text not in _DERIVATIVES:
        stamped = _bracketed(above)
        lower = _first_names(below)
        timed = any(one in (*_TIMES, *found.times) and one not in found.entries for one in lower)
        found.times.update(dict.fromkeys(stamped or (lower if timed else [])))
        found.entries.update(dict.fromkeys(_rest_names(below, timed or bool(stamped))))


def _note_range(below: list[str], above: list[str], found: Found) -> None:
    index, ends = below[:1], [*below[1:], *above]
    if any(one in (*_TIMES, *found.times, "k") for one in (*index, *ends)):
        found.times.update(dict.fromkeys(ends))
        found.times.update(dict.fromkeys(index))
        found.indices.update(dict.fromkeys(index))


def _rest_names(script: Script | None, timed: bool) -> list[str]:
    """The indices of an entry: after the time, in h_{t,i}, or all of W_{ij}."""
    if script is None:
        return []
    chains = script.content.chains
    rest = chains[1:] if timed else chains if len(chains) == 2 else ()
    found = [one.text for chain in rest for one in items(Content((chain,))) if isinstance(one, Name)]
    both = _names(script)
    found = both if not timed and len(both) == 2 and both[0] != both[1] and {*both} <= {"i", "j", "l"} else found
    return [one for one in found if one in _ENTRIES]


# names


def _written(content: Content) -> Iterator[Item]:
    """The items of a formula, without those in scripts, but with what derivatives are taken by."""
    for item in top_items(content):
        name = as_name(item)
        yield name or item
        if name is not None and not isinstance(item, Name):
            continue
        within = list(contents(replace(item, scripts=())))
        if (isinstance(item, Name) and item.text in _DERIVATIVES) or (isinstance(item, Fence) and item.opening == "."):
            within += [script.content for script in item.scripts]
        for one in within:
            yield from _written(one)


def as_name(item: Item) -> Name | None:
    """The name that an item is, perhaps in braces, as in {\\bf h}_t."""
    inner = only_item(item.content) if isinstance(item, Group) else None
    if isinstance(inner, Name):
        return replace(inner, scripts=(*inner.scripts, *item.scripts))
    return item if isinstance(item, Name) else None


def named(content: Content) -> Iterator[Name]:
    """All names of a content, those in scripts too."""
    for item in top_items(content):
        name = as_name(item)
        if name is not None:
            yield name
        for one in contents(name or item):
            yield from named(one)


def _note(name: Name, before: Item | None, found: Found) -> None:
    if not _may_be_declared(name) or (name.text == "d" and isinstance(before, Name)):
        return
    below, above = _script(name, "_"), _script(name, "^")
    lower = _first_names(below)
    timed = any(one in found.times and one not in found.entries for one in lower)
    if any(script.mark == "'" for script in name.scripts) and name.text in ("f", "g", "phi", "psi", "varphi"):
        found.functions[name.text] = None
    elif timed or _bracketed(above):
        found.families.setdefault(name.text if timed else _with_word(name, below, found))
    else:
        found.plain.setdefault(_with_word(name, below, found), name.font)


def _note_derivative(item: Item, found: Found) -> None:
    """What a derivative is taken of, if it is a name without a time, and what by."""
    if isinstance(item, Ratio):
        _note_fraction(list(top_items(item.over)), list(top_items(item.under)), found)
    for content in contents(item):
        for first, second in _pairs(content):
            _note_nabla(first, second, found)


def _note_nabla(first: Item, second: Item, found: Found) -> None:
    if isinstance(first, Name) and first.text in ("nabla", "nablatilde") and isinstance(second, Name):
        below = _script(first, "_")
        _note_gradient(second, list(top_items(below.content)) if below else [], found)


def _note_fraction(over: list[Item], under: list[Item], found: Found) -> None:
    match over, under:
        case [Name(text="partial" | "d"), Name() as loss], [Name(text="partial" | "d"), *by]:
            _note_gradient(loss, by, found)


def _pairs(content: Content) -> Iterator[tuple[Item, Item]]:
    for chain in content.chains:
        for side in chain.sides:
            for run in side.runs if side else ():
                yield from zip(run.items, run.items[1:], strict=False)


def _note_gradient(loss: Name, by: list[Item], found: Found) -> None:
    if loss.scripts or not _may_be_declared(loss) or not (loss.text[0].isupper() or loss.font == "mathcal"):
        return
    found.losses[loss.text] = None
    for one in by[:1]:
        name = as_name(one)
        time = _time(name) if name else None
        if name is not None and time is not None and time[1] == 0:
            found.gradients[name.text, time[0]] = None


def _may_be_declared(name: Name) -> bool:
    text = name.text
    letter, _, _ = split_name(text)
    known = text in WORDS or text in FUNCTIONS or text in OPERATIONS or text in ("d", "I", "Id")
    word = len(text) > 1 and name.font in _UPRIGHT and text not in SCALARS
    return not known and not word and name.font != "mathbb" and letter not in WORDS


# scripts


def _script(name: Name, mark: str) -> Script | None:
    return next((script for script in name.scripts if script.mark == mark), None)


def _names(script: Script | None) -> list[str]:
    return [one.text for one in items(script.content) if isinstance(one, Name)] if script else []


def _first_names(script: Script | None) -> list[str]:
    """The names before the first comma."""
    if script is None:
        return []
    return [one.text for one in items(Content(script.content.chains[:1])) if isinstance(one, Name)]


def _bracketed(script: Script | None) -> list[str]:
    """The names in the bracket that leads a superscript."""
    if script is None:
        return []
    item: Item | None = only_item(script.content)
    if isinstance(item, Fence):
        return [one.text for one in inside(item) if isinstance(one, Name)]
    match script.content.chains:
        case (Chain(sides=(None, _, None)),):
            return _names(script)
        case _:
            return []


def _time(name: Name) -> tuple[str, int] | None:
    """The time of a name, as a letter and a number added to it: h_{t-1} has ("t", -1)."""
    script = _script(name, "_") if not _bracketed(_script(name, "^")) else _script(name, "^")
    found = list(items(script.content)) if script else []
    letters = [one.text for one in found if isinstance(one, Name)]
    numbers = [int(one.value) for one in found if isinstance(one, Literal)]
    if len(letters) != 1 or len(numbers) > 1:
        return None
    signs = [run.sign for content in _contents(script) for chain in content.chains for side in chain.sides if side
             for run in side.runs if run.sign]  # fmt: skip
    return letters[0], sum(numbers) * (-1 if "-" in signs else 1)


def _contents(script: Script | None) -> Iterator[Content]:
    """The content of a script, and those of the brackets in it."""
    if script is not None:
        yield script.content
        for item in items(script.content):
            yield from contents(item)


def _with_word(name: Name, below: Script | None, found: Found) -> str:
    """A name with the word below it, unless that counts its entries."""
    words = [one.text for one in items(below.content) if isinstance(one, Name | Literal)] if below else []
    if words and all(word in found.entries for word in words):
        found.ranks[name.text] = len(words)
        return name.text
    return f"{name.text}_{''.join(words)}" if words else name.text
