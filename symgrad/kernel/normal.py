"""The normal form: canonical diagrams with coefficients that are polynomials in the sizes. It decides equality.

Two terms with the same normal form are equal for every size. Only this module may equate terms that look different.
The theorem behind it, and the entrywise relations tanh' = 1 - tanh^2 and sigmoid' = sigmoid - sigmoid^2 that are
reduced on diagram nodes, are in docs/trust.md.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction

from .affine import Affine, affine
from .diagram import Atom, BudgetExceededError, Diagram, FrozenForm, Label, Monomial, Outputs, canonical
from .term import (
    SCALAR,
    Diagonal,
    DiagonalPart,
    Entrywise,
    EntrywisePower,
    Extremum,
    Gradient,
    Hadamard,
    Identity,
    IndexedSum,
    Inverse,
    Limit,
    Magnitude,
    Number,
    Ones,
    OrderedProduct,
    Power,
    Product,
    Scale,
    Shape,
    Sum,
    Symbol,
    Term,
    Trace,
    Transpose,
    Zero,
    replaced,
    substitute_times,
)

MAX_DIAGRAMS = 20_000
MAX_FACTORS = 200_000

Polynomial = dict[Monomial, Fraction]
Form = dict[Diagram, Polynomial]


@dataclass(frozen=True, slots=True)
class Function:
    """A function u of one real variable with u' = a + b u + c u^2 and values in the open interval (low, high)."""

    low: Fraction
    high: Fraction
    at_zero: Fraction
    derivative: tuple[int, int, int]


FUNCTIONS = {
    "tanh": Function(Fraction(-1), Fraction(1), Fraction(0), (1, 0, -1)),
    "sigmoid": Function(Fraction(0), Fraction(1), Fraction(1, 2), (0, 1, -1)),
}


class Comparison(Enum):
    EQUAL = "equal"
    DIFFERENT = "different"
    UNKNOWN = "unknown"


def compare(left: Term, right: Term, functions: Mapping[str, str] | None = None) -> Comparison:
    """EQUAL: the same for all sizes. DIFFERENT: the normal forms differ. UNKNOWN: past the budget."""
    if left.shape != right.shape:
        return Comparison.DIFFERENT
    if left == right:
        return Comparison.EQUAL
    normalizer = Normalizer(functions or {})
    try:
        same = normalizer.form(left) == normalizer.form(right)
    except BudgetExceededError:
        return Comparison.UNKNOWN
    return Comparison.EQUAL if same else Comparison.DIFFERENT


class Normalizer:
    """`functions` says which named families are values of tanh or sigmoid, e.g. {"h": "tanh", "e": "sigmoid"}."""

    def __init__(self, functions: Mapping[str, str]) -> None:
        self.functions = functions

    def form(self, term: Term) -> Form:  # noqa: C901  one case a term
        match term:
            case Number():
                return _constant(term.value)
            case Symbol():
                return _atom(Label("symbol", term.name, term.times), term.shape)
            case Ones():
                return _wire(term.shape)
            case Zero():
                return {}
            case Identity():
                return _wire((term.rows, term.rows), glued=True)
            case Sum():
                return _added(self.form(one) for one in term.terms)
            case Scale():
                return self._joined([self.form(term.scalar), self.form(term.body)], _scaled)
            case Product():
                return self._joined([self.form(one) for one in term.factors], _chained)
            case Hadamard():
                return self._joined([self.form(one) for one in term.factors], _overlaid)
            case EntrywisePower() if term.exponent == 0:
                return _wire(term.shape)
            case EntrywisePower():
                return self._joined(_repeated(self.form(term.body), term.exponent), _overlaid)
            case Transpose():
                return self._joined([self.form(term.body)], _transposed)
            case Diagonal():
                return self._joined([self.form(term.body)], _diagonal)
            case DiagonalPart():
                return self._joined([self.form(term.body)], _diagonal_part)
            case Trace():
                return self._joined([self.form(term.body)], _traced)
            case Power():
                return self._power(term)
            case OrderedProduct() | IndexedSum():
                return self._binder(term)
            case _:
                return self._opaque(term)

    def _opaque(self, term: Term) -> Form:
        """Functions of a normal form that nothing more is known of here."""
        match term:
            case Entrywise():
                return self._entrywise(term)
            case Inverse():
                body = self.form(term.body)
                if body and (value := _as_constant(body)) is not None:
                    return _constant(1 / value)
                return self._oriented("inverse", "", body, term.shape)
            case Magnitude():
                body = self.form(term.body)
                if term.body.shape == SCALAR and (value := _as_constant(body)) is not None:
                    return _constant(abs(value))
                return _atom(_label("magnitude", term.kind, (), (body,)), SCALAR)
            case Extremum():
                body = self.form(replaced(term.body, Symbol(term.variable, SCALAR), _BOUND))
                return _atom(_label("extremum", term.kind, (), (body,)), SCALAR)
            case Limit():
                index, body = _bound(self.form(term.body), term.index)
                return _atom(_label("limit", index, (), (body,), True), term.shape)
            case Gradient():
                held = tuple(bound for one in term.held for bound in (one.lower, one.upper))
                name = " ".join(("direct" if term.direct else "total", *(one.name for one in term.held)))
                inner = (self.form(term.of), self.form(term.wrt))
                return _atom(_label("gradient", name, held, inner), term.shape)
            case _:
                raise BudgetExceededError(f"{type(term).__name__} has no normal form")

    def _entrywise(self, term: Entrywise) -> Form:
        body = self.form(term.body)
        function = FUNCTIONS.get(term.function.rstrip("'"))
        primes = len(term.function) - len(term.function.rstrip("'"))
        if not body and function is not None and primes <= 1:
            a, b, c = function.derivative
            u = function.at_zero
            return self._joined([_constant(a + b * u + c * u * u if primes else u), _wire(term.shape)], _scaled)
        return self._oriented("function", term.function, body, term.shape)

    def _oriented(self, kind: str, name: str, body: Form, shape: Shape) -> Form:
        """An atom that is transposed with its argument: the smaller of the two orientations names it."""
        label = _label(kind, name, (), (body,))
        flipped = _label(kind, name, (), (self._joined([body], _transposed),))
        if flipped.text >= label.text:
            return _atom(label, shape)
        return self._joined([_atom(flipped, (shape[1], shape[0]))], _transposed)

    def _power(self, term: Power) -> Form:
        if not term.exponent.is_constant:
            return self._binder(OrderedProduct("#power", affine(1), term.exponent, term.body))
        if term.exponent.constant < 0:
            raise BudgetExceededError("a negative power has no normal form; write an inverse")
        if term.exponent.constant == 0:
            return _wire(term.shape, glued=True)
        return self._joined(_repeated(self.form(term.body), term.exponent.constant), _chained)

    def _binder(self, term: OrderedProduct | IndexedSum) -> Form:
        length = term.upper - term.lower + 1
        is_sum = isinstance(term, IndexedSum)
        if not length.is_constant:
            body = self.form(term.body)
            return self._sum_block(term, body) if is_sum else self._product_block(term, body)
        if length.constant > MAX_FACTORS:
            raise BudgetExceededError(f"{length.constant} factors are too many to write out")
        items = (term.lower + step for step in range(max(0, length.constant)))
        bodies = [self.form(substitute_times(term.body, {term.index: value})) for value in items]
        if is_sum:
            return _added(bodies)
        return self._joined(bodies, _chained) if bodies else _wire(term.shape, glued=True)

    def _sum_block(self, term: IndexedSum, body: Form) -> Form:
        """Linear: one block for each diagram of the body, its coefficient in front."""
        total: list[Form] = []
        for diagram, coefficient in body.items():
            block = _block("sum", term, {diagram: {(): Fraction(1)}}, both_ways=True)
            total.append(_times(_atom(block, term.shape), coefficient))
        return _added(total)

    def _product_block(self, term: OrderedProduct, body: Form) -> Form:
        """Scalar factors and diagonal ones commute, so they get blocks of their own; what is left is one block."""
        if len(body) != 1:
            return self._common_factor_block(term, body)
        (diagram, coefficient), = body.items()
        scalars, rest = _split(diagram)
        factors = [_atom(_block("product", term, _single(one), True), SCALAR) for one in scalars]
        if coefficient != {(): Fraction(1)}:
            factors.append(_atom(_block("product", term, {_EMPTY: coefficient}, True), SCALAR))
        row, column = rest.outputs
        if row is not None and row == column:
            main = self._joined([self._diagonal_block(term, rest)], _diagonal)
        elif row is None and not rest.atoms:
            main = _constant(Fraction(1))
        else:
            main = self._ordered_block(term, _single(rest), term.shape)
        return self._joined([*factors, main], _scaled)

    def _common_factor_block(self, term: OrderedProduct, body: Form) -> Form:
        """A body (a + b) A with scalars a, b is taken apart; any other sum is one block."""
        if term.shape == SCALAR:
            return _atom(_block("product", term, body, True), SCALAR)
        if len({_split(diagram)[1] for diagram in body}) != 1:
            return self._ordered_block(term, body, term.shape)
        rest = _split(next(iter(body)))[1]
        parts = ((_split(diagram)[0], coefficient) for diagram, coefficient in body.items())
        scalars = _added(
            _times(self._joined([_constant(Fraction(1)), *map(_single, closed)], _scaled), coefficient)
            for closed, coefficient in parts
        )
        scalar_block = _atom(_block("product", term, scalars, True), SCALAR)
        return self._joined([scalar_block, self._product_block(term, _single(rest))], _scaled)

    def _diagonal_block(self, term: OrderedProduct, diagram: Diagram) -> Form:
        (sort,) = {diagram.sorts[node] for node in diagram.outputs if node is not None}
        shape: Shape = (int(sort) if sort.isdigit() else sort, 1)
        columns = [Diagram(one.sorts, one.atoms, (one.outputs[0], None)) for one in _branches(diagram)]
        blocks = [_atom(_block("entrywise product", term, _single(one), True), shape) for one in columns]
        return self._joined([_wire(shape), *blocks], _overlaid)

    def _ordered_block(self, term: OrderedProduct, body: Form, shape: Shape) -> Form:
        """The transpose of a product is the product of the transposes backwards: the smaller of the two names it."""
        label = _block("product", term, body, False)
        backwards = OrderedProduct(term.index, -term.upper, -term.lower, term.body)
        turned = _retimed(self._joined([body], _transposed), {term.index: -affine(term.index)})
        flipped = _block("product", backwards, turned, False)
        if flipped.text >= label.text:
            return _atom(label, shape)
        return self._joined([_atom(flipped, shape)], _transposed)

    def _joined(self, forms: Sequence[Form], join: _Join) -> Form:
        """Multiply out, wiring the outputs of the factors together by `join`, and collect."""
        if not all(forms):
            return {}
        total: Form = {}
        for choice in itertools.product(*(form.items() for form in _bounded(forms))):
            builder = _Builder()
            outputs = join([builder.put(diagram) for diagram, _ in choice], builder)
            coefficient = _multiplied(polynomial for _, polynomial in choice)
            for factor, atoms in self._reduced(builder.atoms()):
                sizes, diagram = canonical(*builder.finish(atoms, outputs))
                _collect(total, diagram, _multiplied([coefficient, _size_factor(sizes, factor)]))
        return total

    def _reduced(self, atoms: list[Atom]) -> Iterable[tuple[Fraction, list[Atom]]]:
        """Rewrite u u on one node by u^2 = (u' - a - b u) / c, for every value u of a function in FUNCTIONS."""
        count = Counter(atoms)
        typed = [(atom, times, self._function(atom[0])) for atom, times in count.items() if times > 1]
        powers = [(atom, times, function) for atom, times, function in typed if function is not None]
        if not powers:
            return [(Fraction(1), atoms)]
        gone = {atom for atom, _, _ in powers}
        rest = [atom for atom in atoms if atom not in gone]
        choices = [_power_of(function, times).items() for _, times, function in powers]
        return [
            (_fraction_product(value for _, value in choice), [*rest, *_written(powers, choice)])
            for choice in itertools.product(*choices)
        ]

    def _function(self, label: Label) -> Function | None:
        name = self.functions.get(label.name) if label.kind == "symbol" else label.name
        return FUNCTIONS.get(name) if name is not None and label.kind in ("symbol", "function") else None


def _written(powers: list[tuple[Atom, int, Function]], choice: tuple[tuple[tuple[int, int], Fraction], ...]) -> list[Atom]:
    found: list[Atom] = []
    for ((label, nodes), _, _), ((values, derivatives), _) in zip(powers, choice, strict=True):
        found += [(label, nodes)] * values + [(_derivative(label), nodes)] * derivatives
    return found


def _derivative(label: Label) -> Label:
    kind = "derivative" if label.kind == "symbol" else label.kind
    return Label(kind, label.name + "'", label.times, label.inner, label.height)


def _power_of(function: Function, exponent: int) -> dict[tuple[int, int], Fraction]:
    """u^exponent as a polynomial in u (degree at most 1) and d = u': {(degree of u, degree of d): coefficient}."""
    a, b, c = function.derivative
    power = {(0, 0): Fraction(1)}
    for _ in range(exponent):
        following: Counter[tuple[int, int]] = Counter()
        for (u, d), value in power.items():
            if u == 0:
                following[(1, d)] += value  # type: ignore[assignment]
                continue
            following[(0, d + 1)] += value / c  # type: ignore[assignment]
            following[(0, d)] -= value * a / c  # type: ignore[assignment]
            following[(1, d)] -= value * b / c  # type: ignore[assignment]
        power = {key: Fraction(value) for key, value in following.items() if value}
    return power


class _Builder:
    """Collects diagrams over one set of nodes, and identifies nodes."""

    def __init__(self) -> None:
        self.sorts: list[str] = []
        self.parent: list[int] = []
        self.placed: list[tuple[Label, list[int]]] = []

    def put(self, diagram: Diagram) -> Outputs:
        offset = len(self.sorts)
        self.sorts.extend(diagram.sorts)
        self.parent.extend(range(offset, offset + len(diagram.sorts)))
        self.placed.extend((label, [node + offset for node in nodes]) for label, nodes in diagram.atoms)
        row, column = diagram.outputs
        return (None if row is None else row + offset, None if column is None else column + offset)

    def root(self, node: int) -> int:
        while self.parent[node] != node:
            self.parent[node] = self.parent[self.parent[node]]
            node = self.parent[node]
        return node

    def unify(self, one: int | None, other: int | None) -> None:
        if one is not None and other is not None:
            self.parent[self.root(other)] = self.root(one)

    def atoms(self) -> list[Atom]:
        return [(label, tuple(self.root(node) for node in nodes)) for label, nodes in self.placed]

    def finish(self, atoms: list[Atom], outputs: Outputs) -> tuple[list[str], list[Atom], Outputs]:
        roots = [node for node in range(len(self.parent)) if self.root(node) == node]
        number = {node: rank for rank, node in enumerate(roots)}
        row, column = (None if node is None else number[self.root(node)] for node in outputs)
        renamed = [(label, tuple(number[node] for node in nodes)) for label, nodes in atoms]
        return [self.sorts[node] for node in roots], renamed, (row, column)


_Join = Callable[[list[Outputs], _Builder], Outputs]


def _scaled(outputs: list[Outputs], builder: _Builder) -> Outputs:
    return outputs[-1]


def _chained(outputs: list[Outputs], builder: _Builder) -> Outputs:
    for (_, end), (start, _) in itertools.pairwise(outputs):
        builder.unify(end, start)
    return (outputs[0][0], outputs[-1][1])


def _overlaid(outputs: list[Outputs], builder: _Builder) -> Outputs:
    for row, column in outputs[1:]:
        builder.unify(outputs[0][0], row)
        builder.unify(outputs[0][1], column)
    return outputs[0]


def _transposed(outputs: list[Outputs], builder: _Builder) -> Outputs:
    return (outputs[0][1], outputs[0][0])


def _diagonal(outputs: list[Outputs], builder: _Builder) -> Outputs:
    return (outputs[0][0], outputs[0][0])


def _diagonal_part(outputs: list[Outputs], builder: _Builder) -> Outputs:
    builder.unify(*outputs[0])
    return (outputs[0][0], None)


def _traced(outputs: list[Outputs], builder: _Builder) -> Outputs:
    builder.unify(*outputs[0])
    return (None, None)


_BOUND = Symbol("#x", SCALAR)
_EMPTY = Diagram((), (), (None, None))


def _single(diagram: Diagram) -> Form:
    return {diagram: {(): Fraction(1)}}


def _constant(value: Fraction) -> Form:
    return {_EMPTY: {(): value}} if value else {}


def _as_constant(form: Form) -> Fraction | None:
    if not form:
        return Fraction(0)
    return form[_EMPTY][()] if set(form) == {_EMPTY} and set(form[_EMPTY]) == {()} else None


def _wire(shape: Shape, glued: bool = False) -> Form:
    """The ones of a shape, or (glued) the identity."""
    sorts = tuple(str(size) for size in shape if size != 1)
    if glued:
        return _single(Diagram(sorts[:1], (), (0, 0)) if sorts else _EMPTY)
    return _single(Diagram(sorts, (), _legs(shape)))


def _legs(shape: Shape) -> Outputs:
    return (None if shape[0] == 1 else 0, None if shape[1] == 1 else int(shape[0] != 1))


def _atom(label: Label, shape: Shape) -> Form:
    sorts = tuple(str(size) for size in shape if size != 1)
    return _single(Diagram(sorts, ((label, tuple(range(len(sorts)))),), _legs(shape)))


def _label(kind: str, name: str, times: tuple[Affine, ...], forms: Sequence[Form], binds: bool = False) -> Label:
    inner = tuple(_frozen(form) for form in forms)
    return Label(kind, name, times, inner, _height(inner) + binds)


def _height(inner: Sequence[FrozenForm]) -> int:
    heights = (label.height for form in inner for diagram, _ in form for label, _ in diagram.atoms)
    return max(heights, default=0)


def _frozen(form: Form) -> FrozenForm:
    rows = ((diagram, tuple(sorted(polynomial.items()))) for diagram, polynomial in form.items())
    return tuple(sorted(rows, key=lambda row: row[0].text))


def _bound(form: Form, index: str) -> tuple[str, Form]:
    """Rename a bound time variable to the canonical name for its depth of nesting."""
    name = f"#{_height([_frozen(form)]) + 1}"
    return name, _retimed(form, {index: affine(name)})


def _block(kind: str, term: OrderedProduct | IndexedSum, body: Form, both_ways: bool) -> Label:
    """The label of a block with symbolic bounds, in absolute time; `both_ways` if the order does not matter."""
    label = _shifted_block(kind, term.index, term.lower, term.upper, body)
    if not both_ways:
        return label
    turned = _retimed(body, {term.index: -affine(term.index)})
    other = _shifted_block(kind, term.index, -term.upper, -term.lower, turned)
    return min(label, other, key=lambda one: one.text)


def _shifted_block(kind: str, index: str, lower: Affine, upper: Affine, body: Form) -> Label:
    times = [time for time in _times_in(_frozen(body)) if time.coefficient(index)]
    shift = affine(1) - lower
    if times:
        names = sorted({name for time in times for name in time.variables} - {index})
        first = min(times, key=lambda time: (time.coefficient(index), [*map(time.coefficient, names)], time.constant))
        sign = first.coefficient(index)
        shift = (first - affine(index) * sign) * sign if abs(sign) == 1 else Affine()
    name, moved = _bound(_retimed(body, {index: affine(index) - shift}), index)
    return _label(kind, name, (lower + shift, upper + shift), (moved,), True)


def _times_in(form: FrozenForm) -> Iterable[Affine]:
    for diagram, _ in form:
        for label, _ in diagram.atoms:
            yield from label.times
            for inner in label.inner:
                yield from _times_in(inner)


def _retimed(form: Form, values: Mapping[str, Affine]) -> Form:
    """Substitute times by a one-to-one map (a shift, a reversal, a new name) and bring into canonical order again."""
    total: Form = {}
    for diagram, polynomial in form.items():
        atoms = [(_retimed_label(label, values), nodes) for label, nodes in diagram.atoms]
        _, moved = canonical(diagram.sorts, atoms, diagram.outputs)
        _collect(total, moved, polynomial)
    return total


def _retimed_label(label: Label, values: Mapping[str, Affine]) -> Label:
    inner = tuple(_frozen(_retimed(_thawed(form), values)) for form in label.inner)
    return Label(label.kind, label.name, tuple(time.substitute(values) for time in label.times), inner, label.height)


def _thawed(form: FrozenForm) -> Form:
    return {diagram: dict(polynomial) for diagram, polynomial in form}


def _split(diagram: Diagram) -> tuple[list[Diagram], Diagram]:
    """The closed parts, which are scalars, and the part that hangs on the outputs."""
    anchors = {node for node in diagram.outputs if node is not None}
    closed: list[Diagram] = []
    rest: list[Atom] = []
    for group in _groups(diagram, set()):
        if anchors.isdisjoint(node for _, nodes in group for node in nodes):
            closed.append(canonical(*_compressed(diagram, group, (None, None)))[1])
        else:
            rest.extend(group)
    return closed, canonical(*_compressed(diagram, rest, diagram.outputs))[1]


def _branches(diagram: Diagram) -> list[Diagram]:
    """What hangs on the one output node of a diagonal diagram, branch by branch."""
    anchors = {node for node in diagram.outputs if node is not None}
    return [canonical(*_compressed(diagram, group, diagram.outputs))[1] for group in _groups(diagram, anchors)]


def _groups(diagram: Diagram, separators: set[int]) -> list[list[Atom]]:
    """Atoms that are connected through nodes which are not separators."""
    groups: list[tuple[set[int], list[Atom]]] = []
    for label, nodes in diagram.atoms:
        inner = set(nodes) - separators
        touching = [group for group in groups if group[0] & inner]
        groups = [group for group in groups if not group[0] & inner]
        merged = inner.union(*(group[0] for group in touching))
        groups.append((merged, [*(atom for group in touching for atom in group[1]), (label, nodes)]))
    return [atoms for _, atoms in groups]


def _compressed(diagram: Diagram, atoms: list[Atom], outputs: Outputs) -> tuple[list[str], list[Atom], Outputs]:
    kept = sorted({node for _, nodes in atoms for node in nodes} | {node for node in outputs if node is not None})
    number = {node: rank for rank, node in enumerate(kept)}
    row, column = (None if node is None else number[node] for node in outputs)
    renamed = [(label, tuple(number[node] for node in nodes)) for label, nodes in atoms]
    return [diagram.sorts[node] for node in kept], renamed, (row, column)


def _bounded(forms: Sequence[Form]) -> Sequence[Form]:
    count = 1
    for form in forms:
        count *= len(form)
        if count > MAX_DIAGRAMS:
            raise BudgetExceededError(f"multiplied out, the expression has more than {MAX_DIAGRAMS} terms")
    return forms


def _repeated(form: Form, times: int) -> list[Form]:
    if times > MAX_FACTORS:
        raise BudgetExceededError(f"{times} factors are too many to write out")
    return [form] * times


def _added(forms: Iterable[Form]) -> Form:
    total: Form = {}
    for form in forms:
        for diagram, polynomial in form.items():
            _collect(total, diagram, polynomial)
    return total


def _collect(total: Form, diagram: Diagram, polynomial: Mapping[Monomial, Fraction]) -> None:
    here = total.setdefault(diagram, {})
    for monomial, value in polynomial.items():
        here[monomial] = here.get(monomial, Fraction(0)) + value
        if not here[monomial]:
            del here[monomial]
    if not here:
        del total[diagram]


def _times(form: Form, polynomial: Polynomial) -> Form:
    return {diagram: _multiplied([own, polynomial]) for diagram, own in form.items()}


def _multiplied(polynomials: Iterable[Polynomial]) -> Polynomial:
    total: Polynomial = {(): Fraction(1)}
    for polynomial in polynomials:
        if polynomial == {(): Fraction(1)}:
            continue
        following: Polynomial = {}
        for (one, first), (other, second) in itertools.product(total.items(), polynomial.items()):
            monomial = tuple(sorted(one + other))
            following[monomial] = following.get(monomial, Fraction(0)) + first * second
        total = {monomial: value for monomial, value in following.items() if value}
    return total


def _fraction_product(values: Iterable[Fraction]) -> Fraction:
    return math.prod(values, start=Fraction(1))


def _size_factor(sizes: Monomial, factor: Fraction) -> Polynomial:
    """A rational times sizes, of which those that are numbers are multiplied in."""
    known = _fraction_product(Fraction(size) for size in sizes if size.isdigit())
    return {tuple(size for size in sizes if not size.isdigit()): factor * known}
