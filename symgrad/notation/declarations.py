"""The language of `% symgrad:` lines: what each declaration adds to the setting in which claims are read.

Which display a line belongs to (title, source, expect, reading, skip) is settled in `document_reader.py`.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from symgrad.kernel.certificate import Loss
from symgrad.kernel.term import SCALAR, IndexedSum, Shape, Size, Symbol, Term, walk

from .conditions import assumed
from .derivatives import held_nodes
from .dialect import RESERVED, Dialect
from .laws import add_law
from .line import Line, line_of
from .names import symbol_of, written_name
from .nodes import Chain, Content, Name
from .points import line_adjective, with_word
from .problem import MisreadError, ReadError, Source
from .setting import (
    Setting,
    Sides,
    add_abbreviation,
    add_model,
    add_symbol,
    declared_name,
    described,
    head_name,
)
from .values import show

__all__ = ["DISPLAY_WORDS", "PROFILES", "Line", "declare", "declare_all", "declare_lines", "line_of", "read_shape"]
_MARK = re.compile(r"%[ \t]*symgrad:([^\n]*)")
_NAME = re.compile(r"\\?([A-Za-z]+)")
_SIZE = re.compile(r"\\?([A-Za-z]+)(?:_\{?([A-Za-z0-9]+)\}?)?")
PROFILES = Path(__file__).with_name("profiles")


def declare(line: Line, setting: Setting) -> Setting:
    """The setting with one more declaration. Raises MisreadError on one that cannot be read or clashes."""
    if not line.words:
        return setting
    word = re.match(r"[a-z]+(?=\s|\Z)", line.words)
    if word and word[0] in _KEYWORDS:
        return _KEYWORDS[word[0]](line.after(len(word[0])), setting)
    depends = re.search(r"\sdepends\s+on\s", line.words)
    if depends:
        return _loss(line.upto(depends.start()), line.after(depends.end()), setting)
    colon = re.search(r":(?!=)", line.words)
    if colon:
        return _shapes(line.upto(colon.start()), line.after(colon.end()), setting)
    near = _near(line.words)
    if re.search(r"(?<![<>])=", line.words) and not near:
        return _model(line, setting)
    if not near and re.search(r"[<>]|\\[lg]eq?", line.words):
        near = f" (did you mean assume {line.words[:30]}?)"
    raise MisreadError(
        line.start, f"I cannot read this declaration{near or '; of a name say its shape, as in W : n x n'}"
    )


def declare_all(lines: Iterable[str], setting: Setting) -> Setting:
    """The setting with declarations that stand in no text. Raises ReadError for the first that cannot be read."""
    for words in lines:
        try:
            setting = declare(line_of(words, 0, len(words), {}), setting)
        except MisreadError as error:
            raise ReadError(Source("<declaration>", words).problem(error.at, error.message)) from None
    return setting


def declare_lines(text: str, path: str) -> Setting:
    """What is declared by the lines of a text. Raises ReadError for the first that cannot be read, with its place."""
    setting, source = Setting(), Source(path, text)
    for match in re.finditer(r"[^\n]+", text):
        try:
            setting = declare(line_of(text, match.start(), match.end(), {}), setting)
        except MisreadError as error:
            raise ReadError(source.problem(error.at, error.message)) from None
    return setting


def _near(words: str) -> str:
    first = re.match(r"[A-Za-z]{3,}(?=\s+[\\\w]|\Z)", words)
    near = difflib.get_close_matches(first[0], [*_KEYWORDS, *DISPLAY_WORDS], 1, 0.7) if first else []
    return f" (did you mean {near[0]}?)" if near else ""


DISPLAY_WORDS = ("begin", "end", "expect", "title", "source", "reading", "skip", "model", "derive")


# names and shapes


def _size(line: Line, setting: Setting) -> Setting:
    sizes = _plain_names(line, _SIZE)
    for name in sizes:
        if name in setting.dialect.symbols:
            raise MisreadError(line.start, f"{name} is declared already, as {described(setting, name)}")
    return _with_dialect(setting, sizes=_merged(setting.dialect.sizes, sizes))


def _time(line: Line, setting: Setting) -> Setting:
    names = _plain_names(line)
    for name in names:
        if name in setting.dialect.components:
            raise MisreadError(line.start, f"{name} is declared already, as an index of entries")
    return _with_dialect(setting, times=_merged(setting.dialect.times, names))


def _index(line: Line, setting: Setting) -> Setting:
    names = _plain_names(line)
    for name in names:
        if name in setting.dialect.times or name in setting.dialect.sizes:
            kind = "time" if name in setting.dialect.times else "size"
            raise MisreadError(line.start, f"{name} is declared already, as a {kind}")
    return _with_dialect(setting, components=_merged(setting.dialect.components, names))


def _merged(old: tuple[str, ...], new: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*old, *new)))


def _plain_names(line: Line, pattern: re.Pattern[str] = _NAME) -> list[str]:
    names = []
    for word in line.words.split(","):
        match = pattern.fullmatch(word.strip())
        if match is None:
            raise MisreadError(line.start, f"{word.strip()[:30]!r} is not a name")
        names.append("_".join(part for part in match.groups() if part))
    return names


def _with_dialect(setting: Setting, **changes: object) -> Setting:
    return replace(setting, dialect=replace(setting.dialect, **changes))  # type: ignore[arg-type]


def _horizon(line: Line, setting: Setting) -> Setting:
    if line.words.strip() == "nothing":
        return replace(setting, horizon="")
    names = _plain_names(line)
    if len(names) != 1 or names[0] not in setting.dialect.times:
        raise MisreadError(line.start, "the horizon is one declared time, as in horizon tau, or nothing")
    return replace(setting, horizon=names[0])


def _start(line: Line, setting: Setting) -> Setting:
    words = line.words.strip()
    if words == "nothing":
        return replace(setting, start=None)
    if not re.fullmatch(r"-?[0-9]{1,4}", words):
        raise MisreadError(line.start, "the start is the time of the first step, as in start 1, or nothing")
    return replace(setting, start=int(words))


def _shapes(names: Line, shape: Line, setting: Setting) -> Setting:
    if shape.words.strip() == "function":
        return _with_dialect(setting, functions=_merged(setting.dialect.functions, _functions(names)))
    size = read_shape(shape, setting.dialect)
    for chain in names.content().chains:
        declared = declared_name(Content((chain,)), size, setting, names.start)
        setting = add_symbol(setting, declared, names.start)
    return setting


def _functions(names: Line) -> list[str]:
    found = _plain_names(names)
    for name in found:
        if name in RESERVED:
            raise MisreadError(names.start, f"{name} is known already, as {RESERVED[name]}; give yours another name")
    return found


def read_shape(line: Line, dialect: Dialect) -> Shape:
    """n, n x m, n \\times m, 3 x n or scalar."""
    words = line.words.strip()
    if words == "scalar":
        return SCALAR
    if words in _KEYWORDS:
        raise MisreadError(line.start, f"a {words} is declared by: % symgrad: {words} NAME")
    parts = [part.strip() for part in re.split(r"\sx\s|\\times|×", words)]
    if len(parts) > 2 or not all(parts):
        raise MisreadError(line.start, f"{words[:30]!r} is not a shape; write n, n x m or scalar")
    sizes = [_one_size(part, line, dialect) for part in parts]
    return (sizes[0], sizes[1] if len(sizes) == 2 else 1)


def _one_size(word: str, line: Line, dialect: Dialect) -> Size:
    match = _SIZE.fullmatch(word)
    if match and "_".join(part for part in match.groups() if part) in dialect.sizes:
        return "_".join(part for part in match.groups() if part)
    if word.isascii() and word.isdecimal() and 0 < int(word) < 10**6:
        return int(word)
    raise MisreadError(line.start, f"{word[:30]} is not declared as a size (% symgrad: size {word[:30]})")


# equations


def _model(line: Line, setting: Setting) -> Setting:
    chain = _equation(line)
    return add_law(chain, setting) or add_model(setting, _sides(chain, line.start), line.start)


def _equation(line: Line) -> Chain:
    content = line.content()
    chain = content.chains[0]
    if len(content.chains) != 1 or [one.text for one in chain.relators] not in (["="], ["coloneqq"]):
        raise MisreadError(line.start, "I expected one equation here: a name, =, and what it is")
    return chain


def _sides(chain: Chain, at: int) -> Sides:
    left, right = chain.sides
    if left is None or right is None:
        raise MisreadError(at, "one side of this equation is empty")
    return left, right


def _let(line: Line, setting: Setting) -> Setting:
    setting = add_abbreviation(setting, _sides(_equation(line), line.start), line.start)
    return setting if setting.horizon else replace(setting, horizon=_last_loss(setting))


def _last_loss(setting: Setting) -> str:
    """The time to which the last abbreviation sums losses, if it is a name."""
    body = setting.abbreviations[-1].body
    names = {one.name for one in setting.losses}
    ends = {str(one.upper) for one in walk(body) if isinstance(one, IndexedSum) and names & _names_in(one)}
    return ends.pop() if len(ends) == 1 and ends <= {*setting.dialect.times} else ""


def _names_in(term: Term) -> set[str]:
    return {one.name for one in walk(term) if isinstance(one, Symbol)}


def _unknown(line: Line, setting: Setting) -> Setting:
    names, colon, _ = line.words.partition(":")
    if colon:
        setting = _shapes(line.upto(len(names)), line.after(len(names) + 1), setting)
    name = written_name(_head_name_of(line.upto(len(names))))
    if name not in setting.dialect.symbols or setting.dialect.symbols[name].arity:
        raise MisreadError(line.start, f"{name} is not declared as one matrix (% symgrad: unknown {name} : n x n)")
    if any(one.head.name == name for one in (*setting.abbreviations, *setting.recurrence)):
        raise MisreadError(line.start, f"{name} is defined already")
    return replace(setting, unknown=name)


def _head_name_of(line: Line) -> Name:
    chain = line.content().chains[0]
    if chain.sides[0] is None or chain.relators:
        raise MisreadError(line.start, "I expected a name here")
    return head_name(chain.sides[0])


def _loss(name: Line, node: Line, setting: Setting) -> Setting:
    loss = _symbol(name, setting)
    on = _symbol(node, setting)
    if loss.shape != SCALAR:
        raise MisreadError(name.start, f"{loss.name} is {show(loss.shape)}; only a scalar can depend on a node")
    times = tuple(str(time) for time in loss.times)
    if len(set(times)) < len(times) or not all(time in setting.dialect.times for time in times):
        raise MisreadError(name.start, f"say of {loss.name} at a plain time what it depends on, as in {loss.name}[t]")
    if len(on.times) > 1 or not (on.times or any(one.head.name == on.name for one in setting.recurrence)):
        example = "on a name at one time, such as h[tau], or on a node that is defined before"
        raise MisreadError(node.start, f"{loss.name} must depend {example}")
    others = tuple(one for one in setting.losses if one.name != loss.name)
    losses = (*others, Loss(loss.name, on, times))
    ends = {str(one.on.times[0]) for one in losses if one.on.times and not one.times}
    horizon = ends.pop() if len(ends) == 1 and ends <= {*setting.dialect.times} else ""
    return replace(setting, losses=losses, horizon=horizon)


def _symbol(line: Line, setting: Setting) -> Symbol:
    symbol, left = symbol_of(_head_name_of(line), setting.scope())
    if left:
        raise MisreadError(left[0].at, "this script has no place here")
    return symbol


# layout, assumptions, profiles


def _layout(line: Line, setting: Setting) -> Setting:
    match line.words.strip():
        case "gradient" | "jacobian" | "mixed" | "columns" as layout:
            return _with_dialect(setting, layout=layout)
        case words:
            raise MisreadError(line.start, f"the layout is gradient, jacobian, mixed or columns, not {words[:30]!r}")


def _hold(line: Line, setting: Setting) -> Setting:
    if line.words.strip() == "nothing":
        return _with_dialect(setting, hold=())
    return _with_dialect(setting, hold=held_nodes(line.content(), setting.scope(), line.start))


def _assume(line: Line, setting: Setting) -> Setting:
    line, word = line_adjective(line)
    chains = line.content().chains
    return with_word(chains, word, setting, line.start) if word else assumed(chains, setting, line.start)


def _use(line: Line, setting: Setting) -> Setting:
    name = line.words.strip()
    known = sorted(path.stem if path.suffix == ".tex" else path.name for path in PROFILES.iterdir())
    if name not in known:
        near = difflib.get_close_matches(name, known, 1, 0.5)
        hint = f" (did you mean {near[0]}?)" if near else f" (there are {', '.join(known)})"
        raise MisreadError(line.start, f"I know no profile {name[:30]!r}{hint}")
    if name in setting.used:
        return setting
    text = _profile(name)
    setting = replace(setting, used=(*setting.used, name))
    for match in _MARK.finditer(text):
        setting = declare(line_of(text, match.start(1), match.end(1), {}), setting)
    return setting


@cache
def _profile(name: str) -> str:
    return (PROFILES / f"{name}.tex").read_text("utf-8")


_KEYWORDS: Mapping[str, Callable[[Line, Setting], Setting]] = {
    "use": _use,
    "size": _size,
    "time": _time,
    "index": _index,
    "horizon": _horizon,
    "start": _start,
    "let": _let,
    "layout": _layout,
    "assume": _assume,
    "hold": _hold,
    "unknown": _unknown,
}
