"""The normal form: canonical diagrams with rational coefficients. It decides equality.

Two terms with the same normal form are equal for every size. Only this module may equate terms that look different.
The theorem behind it, and the entrywise relations tanh' = 1 - tanh^2 and sigmoid' = sigmoid - sigmoid^2 that are
reduced on diagram nodes, are in docs/trust.md.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from fractions import Fraction

from . import term as t
from .affine import Affine, affine
from .diagram import Atom, Budget, BudgetExceededError, Diagram, FrozenForm, Label, Node, Outputs, canonical, renumbered
from .functions import DERIVATIVES, lifted
from .term import SCALAR, Shape, Term, parts, replaced

Row = tuple[Diagram, Fraction]
Form = dict[Diagram, Fraction]
Join = Callable[[list[Outputs]], tuple[Iterable[Outputs], Outputs]]
ONE = Fraction(1)


@dataclass(frozen=True, slots=True)
class Function:
    """A function u of one real variable with u' = a + b u + c u^2 and values in the open interval (low, high)."""

    low: Fraction
    high: Fraction
    at_zero: Fraction
    derivative: tuple[int, int, int]


FUNCTIONS = {
    "tanh": Function(-ONE, ONE, Fraction(0), (1, 0, -1)),
    "sigmoid": Function(Fraction(0), ONE, ONE / 2, (0, 1, -1)),
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
MIRRORED = (*COMMUTING, "ordered product", "Entrywise", "Inverse", "Determinant")
EMPTY = Diagram((), (), (None, None))


class Comparison(Enum):
    EQUAL = "equal"
    DIFFERENT = "different"
    UNKNOWN = "unknown"


def compare(
    left: Term, right: Term, functions: Mapping[str, str] | None = None, whole: Budget | None = None
) -> Comparison:
    """EQUAL: the same for all sizes. DIFFERENT: the normal forms differ. UNKNOWN: past a budget."""
    if left.shape != right.shape:
        return Comparison.DIFFERENT
    one = Normalizer(functions or {}, budget=Budget(whole=whole))
    other = replace(one, budget=Budget(whole=whole))
    try:
        same = left == right or one.form(left) == other.form(right)
    except (BudgetExceededError, RecursionError):
        return Comparison.UNKNOWN
    return Comparison.EQUAL if same else Comparison.DIFFERENT


@dataclass(slots=True)
class Normalizer:
    """`functions` says which families are values of tanh or sigmoid, e.g. {"h": "tanh", "e": "sigmoid"}.

    `times` are the values of the indices of the binders around, `depth` of which have symbolic bounds; `known` keeps
    the forms of opaque terms.
    """

    functions: Mapping[str, str]
    times: Mapping[str, Affine] = field(default_factory=dict)
    depth: int = 0
    budget: Budget = field(default_factory=Budget)
    known: dict[Term, Sequence[Row]] = field(default_factory=dict)

    def form(self, term: Term) -> Form:
        """The normal form. Raises BudgetExceededError if it would take too long."""
        return self._collected(self._rows(term))

    def _rows(self, term: Term) -> Sequence[Row]:
        term = _plainer(term)
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
            case t.Basis():
                return self._atom(Label("basis", f"{self._at(term.place)[0]} of {term.rows}"), term.shape)
            case t.Sum():
                return self._sum(map(self._rows, term.terms))
            case t.EntrywisePower():
                e = term.exponent
                halves = [list(self.form(replace(term, exponent=e // 2)).items())] * 2 if e > 3 else []
                bodies = [*halves, *[self._rows(term.body)] * (e % 2 if halves else e)]
                return self._joined(bodies or [_wire(term.shape)], t.Hadamard)
            case t.Power():
                return self._power(term)
            case t.Binder():
                return self._binder(term)
            case t.ComponentSum():
                return self._component_sum(term)
            case _ if type(term) in JOINS:
                return self._joined([self._rows(one) for one in parts(term)], type(term))
            case _:
                if term not in self.known:
                    self.known[term] = self._opaque(term)
                return self.known[term]

    def _power(self, term: t.Power) -> Sequence[Row]:
        (exponent,) = self._at(term.exponent)
        if not exponent.is_constant:
            return self._binder(t.OrderedProduct("#", affine(1), term.exponent, term.body))
        if exponent.constant < 0:
            raise BudgetExceededError("a negative power has no normal form; write an inverse")
        self.budget.spend(exponent.constant)
        return self._joined([self._rows(term.body)] * exponent.constant or [_wire(term.shape, True)], t.Product)

    def _opaque(self, term: Term) -> Sequence[Row]:
        """What nothing is known of here but that equal arguments give equal values."""
        inside, name = self, getattr(term, "function", getattr(term, "kind", ""))
        match term:
            case t.Limit():
                name = f"#{self.depth + 1}"
                inside = self._inside(term.index, affine(name), 1)
            case t.Extremum():
                if any(isinstance(one, t.Extremum) for one in t.walk(term.body)):
                    raise BudgetExceededError("a supremum inside another one has no normal form")
                term = replace(term, body=replaced(term.body, t.Symbol(term.variable, SCALAR), t.Symbol("#x", SCALAR)))
            case t.Gradient():
                node = "node" if term.direct and isinstance(term.of, t.Symbol) else ""
                name = " ".join((str(term.direct), node, *(one.name for one in term.held)))
        forms = [inside.form(one) for one in parts(term)]
        value = forms[0].get(EMPTY, Fraction(0)) if forms[0].keys() <= {EMPTY} else None
        match term:
            case t.Magnitude() if value is not None and term.body.shape == SCALAR:
                return _constant(abs(value))
            case t.Entrywise() if not forms[0] and (known := FUNCTIONS.get(name.removesuffix("'"))):
                (a, b, c), u = known.derivative, known.at_zero
                value = a + b * u + c * u * u if name.endswith("'") else u
                return self._joined([_constant(value), _wire(term.shape)], t.Scale)
        label = Label(type(term).__name__, name, self._at(*t.affines(term)), tuple(map(_frozen, forms)))
        return self._entrywise(label, term.shape) if isinstance(term, t.Entrywise) else self._atom(label, term.shape)

    def _component_sum(self, term: t.ComponentSum) -> Sequence[Row]:
        """The sum takes the basis vector off its node; it is opaque if the index is hidden inside of an atom."""
        place = next(name for rank in itertools.count() if affine(name := f"~{rank}") not in self.times.values())
        body, index = self._inside(term.index, affine(place)).form(term.body), Label("basis", f"{place} of {term.rows}")
        if any(index != label and index.text in label.text for one in body for label, _ in one.atoms):
            return self._atom(Label("component sum", place, (), (_frozen(body),)), term.shape)
        return [(_freed(diagram, index, str(term.rows)), value) for diagram, value in body.items()]

    def _entrywise(self, label: Label, shape: Shape) -> Sequence[Row]:
        """What acts on entries does so under an index too: f(x(i)) = e_i^T f(y), where y has the entries x(i)."""
        body = label.inner[0]
        bases = [(at, one.sorts[nodes[0]]) for one, _ in body for at, nodes in one.atoms if at.kind == "basis"]
        if not bases or 1 not in shape:
            if (
                shape != SCALAR
                and label.kind == "Entrywise"
                and body
                and all(map(_is_constant, (one for one, _ in body)))
            ):
                inner = self._collected((_split(one)[0], value) for one, value in body)
                same = self._entrywise(replace(label, inner=(_frozen(inner),)), SCALAR)
                return self._joined([same, _wire(shape)], t.Scale)
            alone = label.name == "reciprocal" and len(body) == 1
            return self._reciprocal(label, shape) if alone else self._atom(label, shape)
        index, size = min(bases, key=repr)
        side = shape.index(1)
        line, column = ([(Diagram((size,), ((index, (0,)),), ends), ONE)] for ends in ((None, 0), (0, None)))
        spread = self._collected(self._joined([body, line] if side else [column, body], t.Product))
        inner = self._collected((_freed(diagram, index, size), value) for diagram, value in spread.items())
        opened = (shape[0], size) if side else (size, shape[1])
        whole = self._entrywise(replace(label, inner=(_frozen(inner),)), opened)
        return self._joined([whole, column] if side else [line, whole], t.Product)

    def _reciprocal(self, label: Label, shape: Shape) -> Sequence[Row]:
        """1/a for an a of one diagram, entry by entry: factor by factor, unless it sums over a node."""
        ((diagram, value),) = label.inner[0]
        closed, rest = _split(diagram)
        ((frame, _),) = _wire(shape)
        factors: list[Sequence[Row]] = [[(frame, 1 / value)]]
        if len(rest.sorts) > sum(size != 1 for size in shape) or (rest.outputs == (0, 0)):
            factors.append(self._atom(replace(label, inner=(((rest, ONE),),)), shape))
        else:
            factors += [self._over(label, _alone(rest, atom), atom[1], frame) for atom in rest.atoms]
        factors += [self._over(label, piece, (), frame) for piece in _pieces(closed, set())]
        return self._joined(factors, t.Hadamard)

    def _over(self, label: Label, part: Diagram, nodes: Sequence[Node], frame: Diagram) -> Sequence[Row]:
        """1/a for a part of a diagram, on its nodes of the frame; 1/(1/a) = a."""
        inner = part.atoms[0][0] if len(part.atoms) == 1 and len(part.sorts) == len(set(nodes)) else label
        if inner is not label and (inner.kind, inner.name) == (label.kind, label.name):
            return [(_planted(frame, one, nodes), value) for one, value in inner.inner[0]]
        shape: Shape = SCALAR if not nodes else (part.sorts[0], part.sorts[1] if len(part.sorts) > 1 else 1)
        ((found, _),) = self._atom(replace(label, inner=(((canonical(part, self.budget), ONE),),)), shape)
        return [(_planted(frame, found, list(dict.fromkeys(nodes))), ONE)]

    def _binder(self, term: t.Binder) -> Sequence[Row]:
        """Written out if the number of items is known; otherwise a block, in which the index runs from 1."""
        lower, upper = self._at(term.lower, term.upper)
        length, name = upper - lower + 1, f"#{self.depth + 1}"
        if not length.is_constant:
            body = self._inside(term.index, lower - 1 + affine(name), 1).form(term.body)
            if isinstance(term, t.OrderedProduct):
                return self._product_block(length, body, term.shape)
            blocks = ((self._summed(length, one, term.shape), value) for one, value in body.items())
            return self._sum([(one, factor * value) for one, factor in block] for block, value in blocks)
        self.budget.spend(max(0, length.constant))
        items = [self._inside(term.index, lower + step)._rows(term.body) for step in range(length.constant)]
        if isinstance(term, t.IndexedSum):
            return self._sum(items)
        return self._joined(items or [_wire(term.shape, glued=True)], t.Product)

    def _product_block(self, length: Affine, body: Form, shape: Shape) -> Sequence[Row]:
        """Scalars and diagonal matrices commute: they get blocks of their own; what is left is one ordered block."""
        split = [(_split(diagram), value) for diagram, value in body.items()]
        rests = {canonical(rest, self.budget) for (_, rest), _ in split}
        if len(rests) != 1:
            return self._block("ordered product", length, body, shape)
        (rest,) = rests
        scalars = self._collected([(closed, value) for (closed, _), value in split])
        groups: list[Form] = [scalars]
        if len(scalars) == 1:
            ((closed, value),) = scalars.items()
            groups = [self._collected([(one, ONE)]) for one in _pieces(closed, set())] + [{EMPTY: value}] * (value != 1)
        factors = [self._block("commuting product", length, group, SCALAR) for group in groups]
        row, column = rest.outputs
        if row is None or row != column:
            last = self._block("ordered product", length, {rest: ONE}, shape) if rest.sorts else _constant(ONE)
            return self._joined([*factors, last], t.Scale)
        columns = [self._collected([(one, ONE)]) for one in _pieces(replace(rest, outputs=(row, None)), {row})]
        blocks = [self._block("commuting product", length, one, (shape[0], 1)) for one in columns]
        diagonals = [self._joined([one], t.Diagonal) for one in blocks]
        return self._joined([*factors, self._joined([_wire(shape, glued=True), *diagonals], t.Product)], t.Scale)

    def _summed(self, length: Affine, diagram: Diagram, shape: Shape) -> Sequence[Row]:
        """The sum of a diagram in which the index runs from 1. What does not move with it stands outside of the block,
        if at most two nodes join that to what does; else what lies between moving atoms stays inside with them."""
        index = f"#{self.depth + 1}"
        inner = [one for one in diagram.atoms if index in one[0].text]
        for _ in range(2):
            inside = {node for _, nodes in inner for node in nodes}
            still = replace(diagram, atoms=tuple([one for one in diagram.atoms if one not in inner]))
            joints = sorted(
                inside.intersection((*still.outputs, *(node for _, nodes in still.atoms for node in nodes)))
            )
            if len(joints) <= 2:
                break
            between = (row for _, row in _groups(still, inside) if len(inside & {n for _, at in row for n in at}) > 1)
            inner += [one for row in between for one in row]
        else:
            return self._block("sum", length, {diagram: ONE}, shape)
        row, column = (*joints, None, None)[:2]
        sizes = (1 if row is None else diagram.sorts[row], 1 if column is None else diagram.sorts[column])
        moving = renumbered(replace(diagram, atoms=tuple(inner), outputs=(row, column)), sorted(inside))
        block = self._block("sum", length, {canonical(moving, self.budget): ONE}, sizes)
        left = [node for node in range(len(diagram.sorts)) if node not in inside or node in joints]
        frame, places = renumbered(still, left), [left.index(node) for node in joints]
        return [(_planted(frame, one, places), value) for one, value in block]

    def _block(self, kind: str, length: Affine, body: Form, shape: Shape) -> Sequence[Row]:
        """What a binder with `length` items makes of `body`, in which the index runs from 1."""
        label = Label(kind, f"#{self.depth + 1}", (length,), (_frozen(body),))
        return self._entrywise(label, shape) if kind in COMMUTING else self._atom(label, shape)

    def _atom(self, label: Label, shape: Shape) -> Sequence[Row]:
        label, turned = self._oriented(label)
        ((wire, _),) = _wire(shape)
        nodes = tuple(range(len(wire.sorts)))
        return [(replace(wire, atoms=((label, nodes[::-1] if turned else nodes),)), ONE)]

    def _oriented(self, label: Label) -> tuple[Label, bool]:
        """The smallest of a label and its mirror images, read backwards; and whether that is of the transpose."""
        if label.kind not in MIRRORED:
            return label, False
        body = dict(label.inner[0])
        back = self._retimed(body, {label.name: label.times[0] + 1 - affine(label.name)}) if label.times else body
        images = [(body, False), (self._transposed(back), True)]
        images += [(back, False), (self._transposed(body), True)] if label.kind in COMMUTING else []
        found = ((replace(label, inner=(_frozen(image),)), turned) for image, turned in images)
        return min(found, key=lambda one: (one[0].text, one[1]))

    def _transposed(self, form: Form) -> Form:
        return self._collected(self._joined([list(form.items())], t.Transpose))

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

    def _sum(self, forms: Iterable[Sequence[Row]]) -> Sequence[Row]:
        return list(self._collected([row for form in forms for row in form]).items())

    def _joined(self, forms: Sequence[Sequence[Row]], kind: type[Term]) -> Sequence[Row]:
        """Multiply out, wiring the outputs of the parts together as `kind` does."""
        count = 1
        for form in forms:
            count *= len(form)
            self.budget.spend(count * max((len(diagram.atoms) for diagram, _ in form), default=0))
        rows = []
        for choice in itertools.product(*forms):
            value = ONE
            for _, factor in choice:
                value = value if factor == 1 else value * factor
                self.budget.spend((value.numerator.bit_length() + value.denominator.bit_length()) // 64)
            rows.append((_glued([diagram for diagram, _ in choice], JOINS[kind]), value))
        return rows if len(rows) < 2 else list(self._collected(rows).items())

    def _collected(self, rows: Iterable[Row]) -> Form:
        """Bring diagrams into canonical form and add up those that are the same."""
        total: Form = {}
        for diagram, value in (part for row in rows for part in self._reduced(_one_node(row[0]), row[1])):
            kept, size = _without_known_sizes(diagram)
            found = canonical(kept, self.budget)
            total[found] = total.get(found, Fraction(0)) + value * size if found in total or size != 1 else value
        return {diagram: value for diagram, value in total.items() if value}

    def _reduced(self, diagram: Diagram, value: Fraction) -> Iterable[Row]:
        """Rewrite u u on one node by u^2 = (u' - a - b u) / c, for every value u of a function in FUNCTIONS, after what
        stands beside one over it is gone; and u' / u as a / u + b + c u."""
        diagram = _cancelled(diagram, self.budget)
        for atom, times in Counter(diagram.atoms).items():
            u = atom if times > 1 else _below(atom)
            if u is None or (name := self._function(u[0])) not in FUNCTIONS:
                continue
            a, b, c = map(Fraction, FUNCTIONS[name].derivative)
            label = u[0]
            slope = (replace(label, kind=label.kind.replace("symbol", "slope"), name=label.name + "'"), u[1])
            gone, terms = [u, u], [(1 / c, [slope]), (-a / c, []), (-b / c, [u])]
            if u is not atom:
                gone, terms = [atom, slope], [(a, [atom]), (b, []), (c, [u])]
            if u is atom or slope in diagram.atoms:
                yield from self._rewritten(diagram, gone, [(factor * value, new) for factor, new in terms if factor])
                return
        yield diagram, value

    def _rewritten(self, diagram: Diagram, gone: list[Atom], terms: list[tuple[Fraction, list[Atom]]]) -> Iterable[Row]:
        """The diagram with some atoms replaced by a sum of others."""
        self.budget.spend(len(diagram.atoms))
        rest = list(diagram.atoms)
        for atom in gone:
            rest.remove(atom)
        for value, new in terms:
            yield from self._reduced(replace(diagram, atoms=(*rest, *new)), value)

    def _function(self, label: Label) -> str:
        """The function that an atom is a value of, or ""."""
        return {"symbol": self.functions.get(label.name, ""), "Entrywise": label.name}.get(label.kind, "")


def _glued(diagrams: list[Diagram], join: Join) -> Diagram:
    """All diagrams side by side, with the nodes identified that the join says."""
    sorts: list[str] = []
    atoms: list[Atom] = []
    ends: list[Outputs] = []
    for one in diagrams:
        offset = len(sorts)
        sorts += one.sorts
        atoms += [(label, tuple([node + offset for node in nodes])) for label, nodes in one.atoms]
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

    for here, there in pairs:
        if here is not None and there is not None:
            parent[root(there)] = root(here)
    row, column = (None if node is None else root(node) for node in outputs)
    moved = tuple([(label, tuple([root(node) for node in nodes])) for label, nodes in atoms])
    roots = [node for node, up in enumerate(parent) if node == up]
    return renumbered(Diagram(tuple(sorts), moved, (row, column)), roots)


def _planted(frame: Diagram, part: Diagram, places: Sequence[Node]) -> Diagram:
    """The frame with the outputs of a part on these nodes of it."""
    return _glued(
        [frame, part],
        lambda ends: (list(zip(places, (end for end in ends[1] if end is not None), strict=True)), ends[0]),
    )


def _alone(diagram: Diagram, atom: Atom) -> Diagram:
    """One atom of a diagram, with its nodes as outputs."""
    order = list(dict.fromkeys(atom[1]))
    row, column = (*order, None, None)[:2]
    return renumbered(Diagram(diagram.sorts, (atom,), (row, column)), order)


Group = tuple[set[Node], list[Atom]]


def _groups(diagram: Diagram, cut: set[Node]) -> list[Group]:
    """The nodes and atoms that hang together, not counting what meets at the nodes in `cut`."""
    groups: list[Group] = [({node}, []) for node in range(len(diagram.sorts)) if node not in cut]
    for atom in diagram.atoms:
        touching = [group for group in groups if group[0].intersection(atom[1])]
        merged = (set().union(*(nodes for nodes, _ in touching)), [atom, *(one for _, row in touching for one in row)])
        groups = [*(group for group in groups if group not in touching), merged]
    return groups


def _kept(diagram: Diagram, groups: Iterable[Group], outputs: Outputs) -> Diagram:
    """The part of a diagram that some groups make up."""
    kept = list(groups)
    nodes = {node for node in outputs if node is not None}.union(*(nodes for nodes, _ in kept))
    return renumbered(Diagram(diagram.sorts, tuple(atom for _, row in kept for atom in row), outputs), sorted(nodes))


def _split(diagram: Diagram) -> tuple[Diagram, Diagram]:
    """The closed parts, which are a scalar, and the part that hangs on the outputs."""
    groups = _groups(diagram, set())
    closed = _kept(diagram, (one for one in groups if one[0].isdisjoint(diagram.outputs)), (None, None))
    return closed, _kept(diagram, (one for one in groups if not one[0].isdisjoint(diagram.outputs)), diagram.outputs)


def _pieces(diagram: Diagram, cut: set[Node]) -> list[Diagram]:
    return [_kept(diagram, [group], diagram.outputs) for group in _groups(diagram, cut)]


def _below(atom: Atom) -> Atom | None:
    """The atom u, on its nodes, of an atom 1/u."""
    label, nodes = atom
    if (label.kind, label.name) != ("Entrywise", "reciprocal") or len(label.inner[0]) != 1:
        return None
    ((inner, value),) = label.inner[0]
    alone = len(inner.atoms) == 1 and len(inner.sorts) == len(nodes) and value == 1
    return (inner.atoms[0][0], tuple([nodes[at] for at in inner.atoms[0][1]])) if alone else None


def _cancelled(diagram: Diagram, budget: Budget) -> Diagram:
    """Without pairs of an atom, or of a closed part, and one over it."""
    for over in diagram.atoms:
        label, nodes = over
        if label.name != "reciprocal" or label.kind != "Entrywise" or len(label.inner[0]) != 1:
            continue
        pairs: list[Group] = []
        if nodes:
            wanted = _below(over)
            pairs = [(set(), [atom]) for atom in diagram.atoms if atom == wanted]
        else:
            ((inner, _),) = label.inner[0]
            size = len(inner.sorts), len(inner.atoms)
            pieces = (one for one in _groups(diagram, set()) if (len(one[0]), len(one[1])) == size)
            closed = (one for one in pieces if one[0].isdisjoint(diagram.outputs))
            pairs = [one for one in closed if canonical(_kept(diagram, [one], (None, None)), budget) == inner]
        if pairs:
            gone, atoms = pairs[0][0], list(diagram.atoms)
            for atom in (over, *pairs[0][1]):
                atoms.remove(atom)
            kept = [node for node in range(len(diagram.sorts)) if node not in gone]
            return _cancelled(renumbered(replace(diagram, atoms=tuple(atoms)), kept), budget)
    return diagram


def _one_node(diagram: Diagram) -> Diagram:
    """One node for a component index, which carries its basis vector once: e_i[a] e_i[b] = e_i[a] delta[a, b]."""
    bases = [(label, nodes[0]) for label, nodes in diagram.atoms if label.kind == "basis"]
    if not bases:
        return diagram
    rest, first = tuple([atom for atom in diagram.atoms if atom[0].kind != "basis"]), dict(bases)
    once = replace(diagram, atoms=(*rest, *((label, (node,)) for label, node in first.items())))
    return _glued([once], lambda ends: ([(first[label], node) for label, node in bases], ends[0]))


def _freed(diagram: Diagram, index: Label, size: str) -> Diagram:
    """The sum over a component index: its basis vector is taken off; if there is none, every summand is the same."""
    atoms = tuple([atom for atom in diagram.atoms if atom[0] != index])
    sorts = diagram.sorts if len(atoms) < len(diagram.atoms) else (*diagram.sorts, size)
    return replace(diagram, sorts=sorts, atoms=atoms)


def _without_known_sizes(diagram: Diagram) -> tuple[Diagram, int]:
    """Nodes that carry nothing are factors; where the size is a number, it goes into the coefficient.

    So are those that carry nothing but a basis vector, or a column of a softmax, whose entries add up to 1.
    """
    used = Counter([*diagram.outputs, *(node for _, nodes in diagram.atoms for node in nodes)])
    known = {node: int(sort) for node, sort in enumerate(diagram.sorts) if sort.isdigit() and node not in used}
    unit = [nodes[0] for label, nodes in diagram.atoms if label.kind in ("basis", "Softmax") and used[nodes[0]] == 1]
    known |= dict.fromkeys(unit, 1)
    if not known:
        return diagram, 1
    atoms = tuple([atom for atom in diagram.atoms if known.keys().isdisjoint(atom[1])])
    order = [node for node in range(len(diagram.sorts)) if node not in known]
    rest, size = _without_known_sizes(renumbered(replace(diagram, atoms=atoms), order))
    return rest, size * math.prod(known.values())


def _is_constant(diagram: Diagram) -> bool:
    """Whether all entries are the same: nothing stands at the outputs, and they are not one node."""
    row, column = diagram.outputs
    return row != column and not any({row, column}.intersection(nodes) for _, nodes in diagram.atoms)


def _plainer(term: Term) -> Term:
    """The same value by simpler means: known derivatives written out, and what is special about a scalar or a row."""
    match term:
        case t.Entrywise(function=name, body=body) if name.endswith("'") and name[:-1] in DERIVATIVES:
            return lifted(DERIVATIVES[name[:-1]], body) or term
        case t.Inverse(body=body) if body.shape == SCALAR:
            return t.Entrywise("reciprocal", body)
        case t.Determinant(body=body) if body.shape == SCALAR:
            return _plainer(body)
        case t.Softmax() if term.shape[0] == 1:
            return t.Ones(term.shape)
        case _:
            return term


def _constant(value: Fraction) -> Sequence[Row]:
    return [(EMPTY, value)] if value else []


def _wire(shape: Shape, glued: bool = False) -> Sequence[Row]:
    """The ones of a shape, or (glued) the identity."""
    sorts = tuple([str(size) for size in shape if size != 1])
    if glued and sorts:
        return [(Diagram(sorts[:1], (), (0, 0)), ONE)]
    return [(Diagram(sorts, (), (None if shape[0] == 1 else 0, None if shape[1] == 1 else int(shape[0] != 1))), ONE)]


def _frozen(form: Form) -> FrozenForm:
    return tuple(sorted(form.items(), key=lambda row: repr(row[0])))
