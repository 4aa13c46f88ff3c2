"""The normal form: canonical diagrams with rational coefficients. It decides equality.

Two terms with the same normal form are equal for every size. Only this module may equate terms that look different.
The theorem behind it, and the entrywise relations tanh' = 1 - tanh^2 and sigmoid' = sigmoid - sigmoid^2 that are
reduced on diagram nodes, are in docs/trust.md.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from fractions import Fraction
from functools import lru_cache

from . import term as t
from .affine import Affine, affine
from .diagram import Atom, Budget, BudgetExceededError, Diagram, FrozenForm, Label, Node, Outputs, canonical, renumbered
from .term import SCALAR, Shape, Term, parts, replaced

MAX_BITS = 20_000
ONE = Fraction(1)

Row = tuple[Diagram, Fraction]
Form = dict[Diagram, Fraction]
Join = Callable[[list[Outputs]], tuple[Iterable[Outputs], Outputs]]


@dataclass(frozen=True, slots=True)
class Function:
    """A function u of one real variable with u' = a + b u + c u^2 and values in the open interval (low, high)."""

    low: Fraction
    high: Fraction
    at_zero: Fraction
    derivative: tuple[int, int, int]


FUNCTIONS = {
    "tanh": Function(Fraction(-1), ONE, Fraction(0), (1, 0, -1)),
    "sigmoid": Function(Fraction(0), ONE, Fraction(1, 2), (0, 1, -1)),
}

# For each operation: which outputs of its parts become one node, and which are the outputs of the whole.
JOINS: dict[type[Term], Join] = {
    t.Scale: lambda ends: ([], ends[-1]),
    t.Product: lambda ends: ([(a[1], b[0]) for a, b in itertools.pairwise(ends)], (ends[0][0], ends[-1][1])),
    t.Hadamard: lambda ends: ([(ends[0][side], one[side]) for one in ends for side in (0, 1)], ends[0]),
    t.Transpose: lambda ends: ([], (ends[0][1], ends[0][0])),
    t.Diagonal: lambda ends: ([], (ends[0][0], ends[0][0])),
    t.DiagonalPart: lambda ends: ([ends[0]], (ends[0][0], None)),
    t.Trace: lambda ends: ([ends[0]], (None, None)),
}
COMMUTING = ("sum", "commuting product")
MIRRORED = (*COMMUTING, "ordered product", "function", "inverse")
EMPTY = Diagram((), (), (None, None))


class Comparison(Enum):
    EQUAL = "equal"
    DIFFERENT = "different"
    UNKNOWN = "unknown"


def compare(left: Term, right: Term, functions: Mapping[str, str] | None = None) -> Comparison:
    """EQUAL: the same for all sizes. DIFFERENT: the normal forms differ. UNKNOWN: past the budget."""
    if left.shape != right.shape:
        return Comparison.DIFFERENT
    try:
        same = left == right or Normalizer(functions or {}).form(left) == Normalizer(functions or {}).form(right)
    except (BudgetExceededError, RecursionError):
        return Comparison.UNKNOWN
    return Comparison.EQUAL if same else Comparison.DIFFERENT


@dataclass(slots=True)
class Normalizer:
    """`functions` says which families are values of tanh or sigmoid, e.g. {"h": "tanh", "e": "sigmoid"}.

    `times` are the values of the indices of the binders around, `depth` of which have symbolic bounds.
    """

    functions: Mapping[str, str]
    times: Mapping[str, Affine] = field(default_factory=dict)
    depth: int = 0
    budget: Budget = field(default_factory=Budget)

    def form(self, term: Term) -> Form:
        """The normal form. Raises BudgetExceededError if it would take too long."""
        return self._collected(self._rows(term))

    def _rows(self, term: Term) -> list[Row]:
        match term:
            case t.Number():
                return _constant(term.value)
            case t.Symbol():
                kind = "row" if term.shape[0] == 1 != term.shape[1] else "symbol"
                return self._atom(Label(kind, term.name, self._at(*term.times)), term.shape)
            case t.Ones():
                return _wire(term.shape)
            case t.Zero():
                return []
            case t.Identity():
                return _wire(term.shape, glued=True)
            case t.Sum():
                return self._sum(map(self._rows, term.terms))
            case t.EntrywisePower():
                self.budget.spend(term.exponent)
                return self._joined([self._rows(term.body)] * term.exponent or [_wire(term.shape)], t.Hadamard)
            case t.Power() if (exponent := self._at(term.exponent)[0]).is_constant and exponent.constant >= 0:
                self.budget.spend(exponent.constant)
                return self._joined([self._rows(term.body)] * exponent.constant or [_wire(term.shape, True)], t.Product)
            case t.Power() | t.OrderedProduct() | t.IndexedSum():
                return self._repeated(term)
            case _ if type(term) in JOINS:
                return self._joined([self._rows(one) for one in parts(term)], type(term))
            case _:
                return self._opaque(term)

    def _opaque(self, term: Term) -> list[Row]:
        """What nothing is known of here but that equal arguments give equal values."""
        match term:
            case t.Entrywise():
                return self._entrywise(term)
            case t.Inverse():
                body = self.form(term.body)
                value = _as_constant(body)
                return _constant(1 / value) if value else self._atom(_label("inverse", "", body), term.shape)
            case t.Magnitude():
                body = self.form(term.body)
                value = _as_constant(body) if term.body.shape == SCALAR else None
                return _constant(abs(value)) if value is not None else self._atom(_label(term.kind, "", body), SCALAR)
            case t.Extremum() if not any(isinstance(one, t.Extremum) for one in t.walk(term.body)):
                body = self.form(replaced(term.body, t.Symbol(term.variable, SCALAR), t.Symbol("#x", SCALAR)))
                return self._atom(_label(term.kind, "", body), SCALAR)
            case t.Limit():
                name = f"#{self.depth + 1}"
                return self._atom(_label("limit", name, self._inside(term.index, affine(name), 1).form(term.body)), term.shape)
            case t.Gradient():
                kind = ("direct of a node" if isinstance(term.of, t.Symbol) else "direct") if term.direct else "total"
                held = self._at(*(bound for one in term.held for bound in (one.lower, one.upper)))
                inner = tuple(_frozen(self.form(one)) for one in (term.of, term.wrt))
                return self._atom(Label(kind, " ".join(one.name for one in term.held), held, inner), term.shape)
            case _:
                raise BudgetExceededError(f"{type(term).__name__} has no normal form")

    def _entrywise(self, term: t.Entrywise) -> list[Row]:
        body = self.form(term.body)
        name = term.function.removesuffix("'")
        if body or name not in FUNCTIONS:
            return self._atom(_label("function", term.function, body), term.shape)
        (a, b, c), u = FUNCTIONS[name].derivative, FUNCTIONS[name].at_zero
        value = u if term.function == name else a + b * u + c * u * u
        return self._joined([_constant(value), _wire(term.shape)], t.Scale)

    def _repeated(self, term: t.Power | t.OrderedProduct | t.IndexedSum) -> list[Row]:
        """Written out if the number of factors is known; otherwise a block."""
        if isinstance(term, t.Power):
            if self._at(term.exponent)[0].is_constant:
                raise BudgetExceededError("a negative power has no normal form; write an inverse")
            term = t.OrderedProduct("#", affine(1), term.exponent, term.body)
        lower, upper = self._at(term.lower, term.upper)
        length = upper - lower + 1
        if not length.is_constant:
            name = affine(f"#{self.depth + 1}")
            body = self._inside(term.index, lower - 1 + name, 1).form(term.body)
            if isinstance(term, t.OrderedProduct):
                return self._product_block(length, body, term.shape)
            blocks = ((self._block("sum", length, {diagram: ONE}, term.shape), value) for diagram, value in body.items())
            return self._sum([(block, value)] for ((block, _),), value in blocks)
        self.budget.spend(max(0, length.constant))
        items = [self._inside(term.index, lower + step)._rows(term.body) for step in range(length.constant)]
        if isinstance(term, t.IndexedSum):
            return self._sum(items)
        return self._joined(items or [_wire(term.shape, glued=True)], t.Product)

    def _product_block(self, length: Affine, body: Form, shape: Shape) -> list[Row]:
        """Scalars and diagonal matrices commute: they get blocks of their own; what is left is one ordered block."""
        pairs = [(_split(diagram), value) for diagram, value in body.items()]
        rests = {canonical(rest, self.budget) for (_, rest), _ in pairs}
        if len(rests) != 1:
            return self._block("ordered product", length, body, shape)
        (rest,) = rests
        scalars = self._collected([(closed, value) for (closed, _), value in pairs])
        factors = [self._block("commuting product", length, scalars, SCALAR)]
        if len(scalars) == 1:
            ((closed, value),) = scalars.items()
            factors = self._commuting(length, closed, set(), SCALAR)
            factors += [self._block("commuting product", length, {EMPTY: value}, SCALAR)] if value != 1 else []
        row, column = rest.outputs
        if row is None and not rest.sorts:
            return self._joined([*factors, _constant(ONE)], t.Scale)
        if row is None or row != column:
            return self._joined([*factors, self._block("ordered product", length, {rest: ONE}, shape)], t.Scale)
        column_shape: Shape = (shape[0], 1)
        blocks = self._commuting(length, replace(rest, outputs=(row, None)), {row}, column_shape)
        diagonal = self._joined([self._joined([_wire(column_shape), *blocks], t.Hadamard)], t.Diagonal)
        return self._joined([*factors, diagonal], t.Scale)

    def _commuting(self, length: Affine, diagram: Diagram, cut: set[Node], shape: Shape) -> list[list[Row]]:
        """A block for each part of the diagram that hangs together, not counting what meets at the nodes in `cut`."""
        pieces = (_kept(diagram, [group], diagram.outputs) for group in _groups(diagram, cut))
        return [self._block("commuting product", length, self._collected([(one, ONE)]), shape) for one in pieces]

    def _block(self, kind: str, length: Affine, body: Form, shape: Shape) -> list[Row]:
        """What a binder with `length` items makes of `body`, in which the index runs from 1."""
        return self._atom(Label(kind, f"#{self.depth + 1}", (length,), (_frozen(body),)), shape)

    def _atom(self, label: Label, shape: Shape) -> list[Row]:
        label, turned = self._oriented(label)
        sorts = tuple(str(size) for size in shape if size != 1)
        nodes = tuple(range(len(sorts)))
        return [(Diagram(sorts, ((label, nodes[::-1] if turned else nodes),), _ends(shape)), ONE)]

    def _oriented(self, label: Label) -> tuple[Label, bool]:
        """The smaller of a label and its mirror image, read backwards; and whether that is the transpose."""
        if label.kind not in MIRRORED:
            return label, False
        body: Form = dict(label.inner[0])
        if label.times:
            index = affine(label.name)
            body = self._retimed(body, {label.name: label.times[0] + 1 - index})
        if label.kind not in COMMUTING:
            body = self._collected(self._joined([list(body.items())], t.Transpose))
        mirror = replace(label, inner=(_frozen(body),))
        return (mirror, label.kind not in COMMUTING) if mirror.text < label.text else (label, False)

    def _retimed(self, form: Form, values: Mapping[str, Affine]) -> Form:
        """The form with times substituted."""
        rows = []
        for diagram, value in form.items():
            atoms = []
            for label, nodes in diagram.atoms:
                inner = tuple(_frozen(self._retimed(dict(one), values)) for one in label.inner)
                times = tuple(one.substitute(values) for one in label.times)
                fresh, turned = self._oriented(replace(label, times=times, inner=inner))
                atoms.append((fresh, nodes[::-1] if turned else nodes))
            rows.append((replace(diagram, atoms=tuple(atoms)), value))
        return self._collected(rows)

    def _inside(self, index: str, value: Affine, deeper: int = 0) -> Normalizer:
        return Normalizer(self.functions, {**self.times, index: value}, self.depth + deeper, self.budget)

    def _at(self, *times: Affine) -> tuple[Affine, ...]:
        return tuple(one.substitute(self.times) for one in times)

    def _sum(self, forms: Iterable[list[Row]]) -> list[Row]:
        return list(self._collected([row for form in forms for row in form]).items())

    def _joined(self, forms: Sequence[list[Row]], kind: type[Term]) -> list[Row]:
        """Multiply out, wiring the outputs of the parts together as `kind` does."""
        count = 1
        for form in forms:
            count *= len(form)
            self.budget.spend(count * max((len(diagram.atoms) for diagram, _ in form), default=0))
        rows = [
            (_glued([diagram for diagram, _ in choice], JOINS[kind]), _multiplied(value for _, value in choice))
            for choice in itertools.product(*forms)
        ]
        return rows if len(rows) < 2 else list(self._collected(rows).items())

    def _collected(self, rows: Iterable[Row]) -> Form:
        """Bring diagrams into canonical form and add up those that are the same."""
        total: Form = {}
        for diagram, value in rows:
            factor, known = _without_known_sizes(diagram)
            for share, atoms in self._reduced(known.atoms):
                found = canonical(replace(known, atoms=atoms), self.budget)
                amount = _multiplied((value, factor, share))
                total[found] = total[found] + amount if found in total else amount
        return {diagram: value for diagram, value in total.items() if value}

    def _reduced(self, atoms: tuple[Atom, ...]) -> list[tuple[Fraction, tuple[Atom, ...]]]:
        """Rewrite u u on one node by u^2 = (u' - a - b u) / c, for every value u of a function in FUNCTIONS."""
        powers = [(atom, times) for atom, times in Counter(atoms).items() if times > 1 and self._function(atom[0])]
        if not powers:
            return [(ONE, atoms)]
        gone = {atom for atom, _ in powers}
        done: list[tuple[Fraction, tuple[Atom, ...]]] = [(ONE, tuple(atom for atom in atoms if atom not in gone))]
        for (label, nodes), times in powers:
            self.budget.spend(len(done) * times * times)
            slope = ((Label("function" if label.inner else "derivative", label.name + "'", label.times, label.inner), nodes),)
            value = ((label, nodes),)
            written = _power_of(FUNCTIONS[self._function(label)], times)
            done = [(f * g, rest + value * u + slope * d) for f, rest in done for (u, d), g in written.items()]
        return done

    def _function(self, label: Label) -> str:
        """The name of the function whose values the atom stands for, if any."""
        name = {"symbol": self.functions.get(label.name, ""), "function": label.name}.get(label.kind, "")
        return name if name in FUNCTIONS else ""


@lru_cache
def _power_of(function: Function, exponent: int) -> dict[tuple[int, int], Fraction]:
    """u^exponent as a polynomial in u (degree at most 1) and d = u': {(degree of u, degree of d): coefficient}."""
    a, b, c = function.derivative
    power = {(0, 0): ONE}
    for _ in range(exponent):
        following: dict[tuple[int, int], Fraction] = {}
        for (u, d), value in power.items():
            terms = {(1, d): value} if u == 0 else {(0, d + 1): value / c, (0, d): -value * a / c, (1, d): -value * b / c}
            for key, share in terms.items():
                following[key] = following.get(key, Fraction(0)) + share
        power = {key: value for key, value in following.items() if value}
    return power


def _glued(diagrams: list[Diagram], join: Join) -> Diagram:
    """All diagrams side by side, with the nodes identified that the join says."""
    sorts: list[str] = []
    atoms: list[Atom] = []
    ends: list[Outputs] = []
    for one in diagrams:
        offset = len(sorts)
        sorts += one.sorts
        atoms += [(label, tuple(node + offset for node in nodes)) for label, nodes in one.atoms]
        row, column = one.outputs
        ends.append((None if row is None else row + offset, None if column is None else column + offset))
    pairs, outputs = join(ends)
    if not pairs:
        return Diagram(tuple(sorts), tuple(atoms), outputs)
    parent = list(range(len(sorts)))

    def root(node: Node) -> Node:
        while parent[node] != node:
            parent[node] = node = parent[parent[node]]
        return node

    for one_end, other in pairs:
        if one_end is not None and other is not None:
            parent[root(other)] = root(one_end)
    row, column = (None if node is None else root(node) for node in outputs)
    moved = tuple((label, tuple(map(root, nodes))) for label, nodes in atoms)
    return renumbered(Diagram(tuple(sorts), moved, (row, column)), [node for node, up in enumerate(parent) if node == up])


def _groups(diagram: Diagram, cut: set[Node]) -> list[tuple[set[Node], tuple[Atom, ...]]]:
    """The nodes and atoms that hang together, not counting what meets at the nodes in `cut`."""
    groups: list[tuple[set[Node], tuple[Atom, ...]]] = [({node}, ()) for node in range(len(diagram.sorts)) if node not in cut]
    for atom in diagram.atoms:
        nodes = set(atom[1]) - cut
        touching = [group for group in groups if group[0] & nodes]
        merged = (nodes.union(*(group[0] for group in touching)), (atom, *(one for group in touching for one in group[1])))
        groups = [*(group for group in groups if not group[0] & nodes), merged]
    return groups


def _kept(diagram: Diagram, groups: Iterable[tuple[set[Node], tuple[Atom, ...]]], outputs: Outputs) -> Diagram:
    """The part of a diagram that some groups make up."""
    groups = list(groups)
    nodes = {node for node in outputs if node is not None}.union(*(group[0] for group in groups))
    return renumbered(Diagram(diagram.sorts, tuple(atom for group in groups for atom in group[1]), outputs), sorted(nodes))


def _split(diagram: Diagram) -> tuple[Diagram, Diagram]:
    """The closed parts, which are a scalar, and the part that hangs on the outputs."""
    groups = _groups(diagram, set())
    closed = [group for group in groups if group[0].isdisjoint(diagram.outputs)]
    rest = [group for group in groups if not group[0].isdisjoint(diagram.outputs)]
    return _kept(diagram, closed, (None, None)), _kept(diagram, rest, diagram.outputs)


def _without_known_sizes(diagram: Diagram) -> tuple[Fraction, Diagram]:
    """Nodes that carry nothing are factors; where the size is a number, it goes into the coefficient."""
    used = {*diagram.outputs, *(node for _, nodes in diagram.atoms for node in nodes)}
    known = {node: sort for node, sort in enumerate(diagram.sorts) if node not in used and sort.isdigit()}
    kept = renumbered(diagram, [node for node in range(len(diagram.sorts)) if node not in known]) if known else diagram
    return _multiplied(map(Fraction, known.values())), kept


def _multiplied(values: Iterable[Fraction]) -> Fraction:
    total = ONE
    for value in values:
        total = total if value == 1 else total * value
        if max(total.numerator.bit_length(), total.denominator.bit_length()) > MAX_BITS:
            raise BudgetExceededError("a number is too large")
    return total


def _constant(value: Fraction) -> list[Row]:
    return [(EMPTY, value)] if value else []


def _as_constant(form: Form) -> Fraction | None:
    return form.get(EMPTY, Fraction(0)) if form.keys() <= {EMPTY} else None


def _wire(shape: Shape, glued: bool = False) -> list[Row]:
    """The ones of a shape, or (glued) the identity."""
    sorts = tuple(str(size) for size in shape if size != 1)
    glued = glued and bool(sorts)
    return [(Diagram(sorts[:1], (), (0, 0)) if glued else Diagram(sorts, (), _ends(shape)), ONE)]


def _ends(shape: Shape) -> Outputs:
    return (None if shape[0] == 1 else 0, None if shape[1] == 1 else int(shape[0] != 1))


def _label(kind: str, name: str, body: Form) -> Label:
    return Label(kind, name, (), (_frozen(body),))


def _frozen(form: Form) -> FrozenForm:
    return tuple(sorted(form.items(), key=lambda row: repr(row[0])))
