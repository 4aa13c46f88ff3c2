"""Entries: h_{t,i}, W_{ij}, [A v]_i, Kronecker's delta, sums over a component index, and what such an index counts.

The entry v_i is e_i^T v. How many entries an index counts is told by what it is an index of, or by the bounds of a sum.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from symgrad.kernel.affine import affine
from symgrad.kernel.term import (
    COMPONENT,
    Basis,
    ComponentSum,
    Identity,
    Product,
    Scale,
    Size,
    Term,
    Transpose,
    free_times,
    map_parts,
    substitute_times,
    walk,
)

from .dialect import Dialect
from .names import Scope, component_names, size_of
from .nodes import Chain, Content, Fence, Literal, Name, Script, Side, only_item
from .problem import MisreadError
from .values import Pending, Value, show

UNSIZED = "?"
"""The size of a delta until the rest of the claim tells it."""
_BOUND = ("alpha", "beta", "mu", "nu", "kappa", "rho")
"""Bound indices of definitions: letters that a claim will hardly have as free indices of its own."""
_LESS = frozenset({"le", "leq", "leqslant"})


def entry(term: Term, indices: Sequence[str], at: int) -> Term:
    """One entry of a column or of a matrix."""
    rows, columns = term.shape
    match tuple(indices):
        case (i,) if rows != 1 == columns:
            return Product((Transpose(Basis(affine(i), rows)), term))
        case (i, j) if rows != 1 != columns:
            return Product((Transpose(Basis(affine(i), rows)), term, Basis(affine(j), columns)))
    if rows == 1 or len(indices) > 2:
        raise MisreadError(
            at, f"entries of {show(term.shape)} are not read, so {_shown(indices)} has no place below it"
        )
    needed = "one index" if columns == 1 else "two indices"
    raise MisreadError(at, f"an entry of {show(term.shape)} has {needed}, not {_shown(indices)}")


def _shown(indices: Sequence[str]) -> str:
    return ", ".join(one.removesuffix(COMPONENT) for one in indices)


def entry_script(value: Value, script: Script, scope: Scope, shown: str) -> Term:
    """The entry that a subscript on a bracket or function takes."""
    indices = component_names(script.content.chains, scope)
    if not indices or isinstance(value, Pending):
        raise MisreadError(script.at, f"a subscript has no place on {shown}, unless it is an index such as i or ij")
    return entry(value, indices, script.at)


def assembled(body: Term, indices: Sequence[str], at: int) -> Term:
    """The vector or matrix whose entry at the indices is the body: the sum over i of body(i) e_i."""
    match body:
        case Product((Transpose(Basis(i)), inner)) if (str(i),) == indices and free_times(inner).isdisjoint(indices):
            return inner
        case Product((Transpose(Basis(i)), inner, Basis(j))) if (str(i), str(j)) == indices:
            if free_times(inner).isdisjoint(indices):
                return inner
    sizes = counted([body])
    fresh = [f"{letter}{COMPONENT}" for letter in _BOUND if f"{letter}{COMPONENT}" not in sizes]
    if len(fresh) < len(indices) or any(len(sizes[index]) != 1 for index in indices):
        raise MisreadError(at, f"how many entries {_shown(indices)} counts here is not told; define the whole vector")
    units = [Basis(affine(new), *sizes[index]) for new, index in zip(fresh, indices, strict=False)]
    moved = substitute_times(body, {index: unit.place for index, unit in zip(indices, units, strict=True)})
    found: Term = Scale(moved, units[0] if len(units) == 1 else Product((units[0], Transpose(units[1]))))
    for unit in reversed(units):
        found = ComponentSum(str(unit.place), unit.rows, found)
    return found


# unit vectors and Kronecker's delta


def unit_vector(name: Name, scope: Scope) -> Value | None:
    """The unit vector e_i or e_{n,i}, if `e` (or `unit`) is declared as nothing else."""
    below = _below(name)
    if name.text not in ("e", "unit") or scope.dialect.declares(name.text) or not below:
        return None
    index = component_names(below[-1:], scope)
    size = _size_in(Content(below[:-1]), scope, whole=True)
    if len(index) != 1 or (size is None and len(below) > 1):
        return None
    return Basis(affine(index[0]), size) if size is not None else _of_open_size(index[0])


def _of_open_size(index: str) -> Pending:
    def build(rows: Size | None, columns: Size | None) -> Term | None:
        return None if rows in (None, 1) or columns not in (None, 1) else Basis(affine(index), rows)

    return Pending(f"e_{_shown([index])}", build)


def kronecker(name: Name, scope: Scope) -> Term | None:
    """delta_{ij}, unless delta is declared."""
    declared = any(one.partition("_")[0] == "delta" for one in scope.dialect.symbols)
    indices = component_names(_below(name), scope)
    return _delta(*indices, UNSIZED) if name.text == "delta" and not declared and len(indices) == 2 else None


def _below(name: Name) -> tuple[Chain, ...]:
    return next((script.content.chains for script in name.scripts if script.mark == "_"), ())


def _delta(i: str, j: str, size: Size) -> Term:
    return Product((Transpose(Basis(affine(i), size)), Identity(size), Basis(affine(j), size)))


def _sized(term: Term, sizes: Mapping[str, Size], at: int) -> Term:
    """The term with the deltas sized, one of whose indices has a known size."""
    match term:
        case Product((Transpose(Basis(i, rows)), Identity(), Basis(j))) if rows == UNSIZED:
            found = {sizes[str(one)] for one in (i, j) if str(one) in sizes}
            if len(found) > 1:
                names = _shown([str(i), str(j)])
                raise MisreadError(at, f"the indices {names} of one delta count the entries of different sizes")
            return _delta(str(i), str(j), found.pop()) if found else term
        case _:
            return map_parts(term, lambda part: _sized(part, sizes, at))


def settled(terms: Sequence[Term], dialect: Dialect, at: int) -> list[Term]:
    """The terms of one claim with every delta sized; refused where nothing tells a size, or an index is a time too."""
    found = list(terms)
    if not counted(found):
        return found
    _refuse_clash(found, at)
    while any(UNSIZED in rows for rows in counted(found).values()):
        known = {name: rows - {UNSIZED} for name, rows in counted(found).items()}
        sizes = {name: next(iter(rows)) for name, rows in known.items() if len(rows) == 1}
        if not any(sizes) and len(dialect.sizes) == 1:
            sizes = dict.fromkeys(known, dialect.sizes[0])
        before, found = found, [_sized(term, sizes, at) for term in found]
        if before == found:
            raise MisreadError(
                at, "what a \\delta_{ij} here counts the entries of is not told; use its indices elsewhere"
            )
    return found


def _refuse_clash(terms: Sequence[Term], at: int) -> None:
    free = frozenset[str]().union(*map(free_times, terms))
    for name in sorted(free):
        if name + COMPONENT in free:
            raise MisreadError(at, f"{name} is a time and the index of an entry in one claim; rename one of them")


def free_indices(term: Term) -> list[str]:
    """The component indices that are free in a term, as they are written."""
    return [name.removesuffix(COMPONENT) for name in sorted(free_times(term)) if name.endswith(COMPONENT)]


def counted(terms: Sequence[Term]) -> dict[str, set[Size]]:
    found: dict[str, set[Size]] = {}
    for one in (one for term in terms for one in walk(term) if isinstance(one, Basis)):
        found.setdefault(str(one.place), set()).add(one.rows)
    return found


# sums


def summed(index: str, size: Size | None, body: Term, at: int) -> Term:
    """The sum over an index; without bounds it runs over what it counts in the body."""
    name = index + COMPONENT
    sizes = {*counted([body]).get(name, set()), *([] if size is None else [size])} - {UNSIZED}
    if len(sizes) != 1:
        told = f"it counts {' and '.join(sorted(map(str, sizes)))} entries" if sizes else "write its bounds"
        raise MisreadError(at, f"how far does the sum over {index} run? {told}")
    (rows,) = sizes
    return ComponentSum(name, rows, _sized(body, {name: rows}, at))


def component_range(name: Name, scope: Scope) -> tuple[tuple[str, ...], Size | None] | None:
    """The indices of a sum over entries, and how far they run if that is written; None for a sum over times.

    Read are \\sum_j, \\sum_{i,j}, \\sum_{j=1}^n, \\sum_{1 \\le j \\le n} and \\sum_{j \\in [n]}, for a size n.
    """
    below = next((script for script in name.scripts if script.mark == "_"), None)
    above = next((script for script in name.scripts if script.mark == "^"), None)
    if below is None or len(name.scripts) != 1 + (above is not None):
        return None
    size, first = None, None
    match below.content.chains:
        case (Chain((Side() as one, Side() as low), (relator,)),) if relator.text == "=" and above is not None:
            size, first, found = _size_in(above.content, scope), low, one
        case (Chain((Side() as low, Side() as one, Side() as high), relators),) if above is None:
            if all(relator.text in _LESS for relator in relators):
                size, first, found = _size_in(_alone(high), scope), low, one
        case (Chain((Side() as one, Side() as range_), (relator,)),) if relator.text == "in" and above is None:
            size, found = _size_in(_fenced(range_), scope, whole=True), one
        case chains if above is None and all(not chain.relators and chain.sides[0] for chain in chains):
            names = tuple(_name(chain.sides[0]) for chain in chains if chain.sides[0])
            return (names, None) if all(scope.may_count(one) for one in names) else None
    if size is None:
        return None
    if first is not None and not _is_one(first):
        raise MisreadError(first.at, "a sum over the entries of a vector starts at 1")
    index = _name(found)
    if not index or index in scope.dialect.sizes:
        raise MisreadError(found.at, f"the sum runs to the size {size}; I expected the name of an index here")
    return (index,), size


def _alone(side: Side) -> Content:
    return Content((Chain((side,), ()),))


def _fenced(side: Side) -> Content:
    """What stands in brackets, as in [n]."""
    item = only_item(_alone(side))
    return item.content if isinstance(item, Fence) and not item.scripts else Content(())


def _name(side: Side) -> str:
    item = only_item(_alone(side))
    return item.text if isinstance(item, Name) and not item.scripts else ""


def _is_one(side: Side) -> bool:
    item = only_item(_alone(side))
    return isinstance(item, Literal) and item.value == 1 and not item.scripts


def _size_in(content: Content, scope: Scope, whole: bool = False) -> Size | None:
    """The size that a script names; a number counts as one only with `whole`, where no time can stand."""
    match only_item(content):
        case Name() as name if size_of(name, scope.dialect)[0]:
            return size_of(name, scope.dialect)[0]
        case Literal(value=value, scripts=()) if whole and value.denominator == 1 and value > 1:
            return int(value)
        case _:
            return None
