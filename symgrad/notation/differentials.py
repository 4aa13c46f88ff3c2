"""Differentials: dL = tr(G^T dW), d(X^{-1}) = -X^{-1} (dX) X^{-1}.

dF = R is read as an equation between scalars: with dX for each X whose differential stands in R, and any C of the shape
of F, the sum of tr((grad_X tr(C^T F))^T dX) is tr(C^T R). What else F depends on is constant.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from symgrad.kernel.certificate import Statement
from symgrad.kernel.term import SCALAR, Gradient, Product, Scale, Symbol, Term, Trace, Transpose, add, walk

from . import functions, resolve
from .dialect import Declared, Dialect
from .differential_names import factors, is_d, is_differential
from .names import Scope, entry_of
from .nodes import Chain, Item, Name, Side, contents
from .problem import MisreadError
from .setting import Setting
from .values import Factor, fixed, multiplied, settle, show

Items = Sequence[Item]
_ANY = ("C", "K", "Z", "Q", "P", "G")


# names such as dX


def declare_differentials(chains: Sequence[Chain], setting: Setting) -> Setting:
    """The setting with a name dX for each X whose differential stands on a right side, and one for any factor C."""
    scope = setting.scope()
    found = [chain for chain in chains if is_differential(chain, scope)]
    for chain in found:
        for side in chain.sides[1:]:
            for name in _varied(side, scope):
                setting = _with_differential(name, setting)
    if found and not setting.dialect.any_factor:
        free = next((one for one in _ANY if not setting.dialect.declares(one)), "C_0")
        setting = replace(setting, dialect=replace(setting.dialect, any_factor=free))
    return setting


def _varied(side: Side | None, scope: Scope) -> Iterator[Name]:
    for items in _runs(side):
        for sign, item in pairwise(items):
            if is_d(sign, scope) and isinstance(item, Name):
                yield item


def _runs(side: Side | None) -> Iterator[tuple[Item, ...]]:
    """The factors of each term, those inside others too."""
    for run in side.runs if side is not None else ():
        yield resolve.flattened(run.items)
        for item in run.items:
            for content in contents(item):
                for chain in content.chains:
                    for inner in chain.sides:
                        yield from _runs(inner)


def _with_differential(name: Name, setting: Setting) -> Setting:
    symbol, _, _ = entry_of(name, setting.scope())
    dialect = setting.dialect
    differential = f"d{symbol.name}"
    if differential in dialect.differentials:
        return setting
    if differential in dialect.symbols:
        raise MisreadError(name.at, f"{differential} is declared, so d{name.text} could be that or a differential")
    old = dialect.symbols[symbol.name]
    dialect = dialect.with_symbol(replace(old, name=differential))
    return replace(setting, dialect=replace(dialect, differentials=dialect.differentials | {differential}))


# claims


def differential_statements(chain: Chain, setting: Setting) -> tuple[list[Statement], tuple[str, ...], Setting]:
    """What a chain dF = R = ... says, a link each; in words what varies; and the setting that knows the factor C.

    Raises MisreadError.
    """
    scope = setting.scope()
    for relator in chain.relators:
        if relator.text != "=":
            raise MisreadError(relator.at, "a differential is read only in equations")
    items = factors(chain.sides[0])
    of = _differentiated(items[1:], scope)
    rights = [_right(side, of, scope, chain.relators[place].at) for place, side in enumerate(chain.sides[1:])]
    varied = _differentials(rights, setting.dialect)
    _refuse_dependent(varied, setting, chain.relators[0].at)
    factor = None if of.shape == SCALAR else Symbol(setting.dialect.any_factor, of.shape)
    parts = [_along(_contracted(of, factor), one, setting.dialect) for one in varied]
    sides = [add(*parts), *(_contracted(one, factor) for one in rights)]
    said = f"only {', '.join(sorted(one.name[1:] for one in varied))} var{'y' if len(varied) > 1 else 'ies'}"
    any_factor = (f"{factor.name} is any {show(factor.shape).partition(' ')[2]}",) if factor else ()
    found = [Statement(left, "=", right) for left, right in pairwise(sides)]
    return found, (said, *any_factor), _knowing(factor, setting)


def _knowing(factor: Symbol | None, setting: Setting) -> Setting:
    if factor is None:
        return setting
    return replace(setting, dialect=setting.dialect.with_symbol(Declared(factor.name, factor.shape)))


def _differentiated(items: Items, scope: Scope) -> Term:
    """What the differential on the left is of: one name, bracket, root or function, perhaps a multiple of it."""
    first = items[0]
    if len(items) > 1 and resolve.is_number(first):
        inner = Factor(_differentiated(items[1:], scope), first.at)
        return fixed(multiplied([resolve.run_factor(items[:1], scope), inner]), first.at)
    if isinstance(first, Name) and functions.takes_argument(first, scope):
        value, after = functions.application(items, 0, scope)
    else:
        value, after = resolve.run_factor(items[:1], scope).value, 1
    if after != len(items):
        raise MisreadError(items[after].at, "put brackets around what the differential is of")
    return fixed(value, first.at)


def _right(side: Side | None, of: Term, scope: Scope, at: int) -> Term:
    if side is None:
        raise MisreadError(at, "nothing stands on the right of this relation")
    term = settle(resolve.resolved(side, scope), of.shape, side.at)
    if term.shape != of.shape:
        raise MisreadError(at, "shapes do not fit: the differential of ", of, " = ", term)
    return term


def _differentials(terms: Sequence[Term], dialect: Dialect) -> list[Symbol]:
    found = [one for term in terms for one in walk(term) if isinstance(one, Symbol)]
    return list(dict.fromkeys(one for one in found if one.name in dialect.differentials))


def _refuse_dependent(varied: Sequence[Symbol], setting: Setting, at: int) -> None:
    if not varied:
        raise MisreadError(at, "no differential stands on the right, so what varies is not told")
    nodes = {one.head.name for one in (*setting.recurrence, *setting.abbreviations)} | {
        one.name for one in setting.losses
    }
    dependent = next((one.name[1:] for one in varied if one.name[1:] in nodes), "")
    if dependent and len(varied) > 1:
        raise MisreadError(at, f"{dependent} depends on others, so it cannot vary beside them: write a line of its own")


def _contracted(term: Term, factor: Symbol | None) -> Term:
    if factor is None:
        return term
    body = Product((Transpose(factor), term))
    return body if body.shape == SCALAR else Trace(body)


def _along(of: Term, differential: Symbol, dialect: Dialect) -> Term:
    """How a scalar changes with one name, to first order."""
    by = replace(differential, name=differential.name[1:])
    gradient = Gradient(of, by, dialect.hold)
    if by.shape == SCALAR:
        return Scale(gradient, differential)
    body = Product((Transpose(gradient), differential))
    return body if body.shape == SCALAR else Trace(body)
