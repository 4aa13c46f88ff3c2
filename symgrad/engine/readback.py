"""From a normal form back to a term that a person would write: products along paths, entrywise products at a node.

The engine only proposes what is found here; the kernel compares normal forms.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from ..kernel.affine import affine
from ..kernel.diagram import Atom, Diagram, FrozenForm, Label, Node
from ..kernel.normal import FUNCTIONS
from ..kernel.spectrum import written_out
from ..kernel.term import (
    Basis,
    Determinant,
    Diagonal,
    DiagonalPart,
    Entrywise,
    EntrywisePower,
    Gradient,
    Hadamard,
    Identity,
    IndexedSum,
    Inverse,
    Magnitude,
    Ones,
    OrderedProduct,
    Power,
    Product,
    Scale,
    Shape,
    Size,
    Softmax,
    Symbol,
    Term,
    Trace,
    Transpose,
    Zero,
    add,
    free_times,
    number,
    product,
    scale,
    substitute_times,
)
from .fresh import fresh_time
from .trail import StuckError

UNARY = {"Inverse": Inverse, "Softmax": Softmax, "Determinant": Determinant}


def read_back(form: Mapping[Diagram, Fraction], shape: Shape, functions: Mapping[str, str]) -> Term:
    """A term of the shape with this normal form. Raises StuckError where none is found."""
    rows = [scale(value, _Drawing(one, shape, functions).term()) for one, value in form.items()]
    return add(*rows) if rows else number(0) if shape == (1, 1) else Zero(shape)


@dataclass(slots=True)
class _Drawing:
    """What is left of a diagram while it is taken apart: matrices between two nodes, columns at one, and scalars."""

    diagram: Diagram
    shape: Shape
    functions: Mapping[str, str]
    edges: list[tuple[Term, Node, Node]] = field(default_factory=list)
    columns: dict[Node, list[Term]] = field(default_factory=dict)
    scalars: list[Term] = field(default_factory=list)

    def term(self) -> Term:
        for atom in self.diagram.atoms:
            self._place(atom)
        inner = [node for node in range(len(self.diagram.sorts)) if node not in self.diagram.outputs]
        while inner:
            self._loops_as_columns()
            inner.remove(node := self._next(inner))
            self._take_out(node)
        self._loops_as_columns()
        self._merge()
        body = self._between_outputs()
        for one, count in reversed(Counter(self.scalars).items()):
            factor = one if count == 1 else Power(one, affine(count))
            body = factor if body == number(1) else Scale(factor, body)
        return body

    def _place(self, atom: Atom) -> None:
        label, nodes = atom
        term = term_of(label, self.diagram, nodes, self.functions)
        match nodes:
            case ():
                self.scalars.append(term)
            case (node,):
                self.columns.setdefault(node, []).append(Transpose(term) if term.shape[0] == 1 else term)
            case _:
                self.edges.append((term, nodes[0], nodes[1]))

    def _at(self, node: Node) -> list[tuple[Term, Node, Node]]:
        return [edge for edge in self.edges if node in edge[1:]]

    def _column(self, node: Node) -> Term:
        """What stands at a node, entry by entry."""
        found = self.columns.pop(node, [])
        return _hadamard(found) if found else Ones((_size(self.diagram.sorts[node]), 1))

    def _next(self, inner: list[Node]) -> Node:
        """A node with at most two neighbours, which can be summed over."""
        for _ in range(2):
            found = [one for one in inner if len(self._at(one)) < 3]
            if found:
                return min(found, key=lambda one: len(self._at(one)))
            self._merge()
        raise StuckError("a sum over more than two neighbours at once")

    def _loops_as_columns(self) -> None:
        """A matrix from a node to itself is a column there."""
        for term, row, column in self.edges:
            if row == column:
                self.columns.setdefault(row, []).append(DiagonalPart(term))
        self.edges = [edge for edge in self.edges if edge[1] != edge[2]]

    def _merge(self) -> None:
        """Matrices between the same two nodes are one, entry by entry."""
        kept: dict[tuple[Node, Node], list[Term]] = {}
        for term, row, column in self.edges:
            turned = (column, row) in kept
            kept.setdefault((column, row) if turned else (row, column), []).append(_turned(term) if turned else term)
        self.edges = [(_hadamard(terms), row, column) for (row, column), terms in kept.items()]

    def _take_out(self, node: Node) -> None:
        """The sum over a node: a scalar, a column at its only neighbour, or a matrix between its two."""
        met = self._at(node)
        meeting = [(term if row == node else _turned(term), row + column - node) for term, row, column in met]
        self.edges = [edge for edge in self.edges if node not in edge[1:]]
        match meeting:
            case []:
                self.scalars.append(self._closed(node))
            case [(term, other)]:
                self.columns.setdefault(other, []).append(product(_turned(term), self._column(node)))
            case [(first, row), (second, column)]:
                middle = [Diagonal(self._column(node))] if node in self.columns else []
                self.edges.append((product(_turned(first), *middle, second), row, column))

    def _closed(self, node: Node) -> Term:
        found = self.columns.pop(node, [])
        match found:
            case [DiagonalPart(body=body)]:
                return Trace(body)
            case [first, *rest] if rest:
                return product(_turned(first), _hadamard(rest))
            case _:
                ones = Ones((_size(self.diagram.sorts[node]), 1))
                return product(Transpose(ones), found[0] if found else ones)

    def _between_outputs(self) -> Term:
        row, column = self.diagram.outputs
        if row is None or column is None:
            ends = [node for node in (row, column) if node is not None]
            found = self._column(ends[0]) if ends else number(1)
            return found if column is None else _turned(found)
        if row == column:
            return Diagonal(self._column(row)) if row in self.columns else Identity(self.shape[0])
        if not self.edges:
            return product(self._column(row), _turned(self._column(column)))
        ((term, start, _),) = self.edges
        sides = [[Diagonal(self._column(node))] if node in self.columns else [] for node in (row, column)]
        return product(*sides[0], term if start == row else _turned(term), *sides[1])


def _size(sort: str) -> Size:
    return int(sort) if sort.isdigit() else sort


def _hadamard(terms: list[Term]) -> Term:
    """Entry by entry; what stands more than once as a power."""
    flat = Counter(one for term in terms for one in (term.factors if isinstance(term, Hadamard) else (term,)))
    factors = tuple(one if count == 1 else EntrywisePower(one, count) for one, count in flat.items())
    return factors[0] if len(factors) == 1 else Hadamard(factors)


def _turned(term: Term) -> Term:
    """The transpose, written with the transposes inside."""
    match term:
        case Transpose(body=body):
            return body
        case Product(factors=factors):
            return product(*(_turned(one) for one in reversed(factors)))
        case Diagonal() | Identity():
            return term
        case _:
            return Transpose(term)


def term_of(label: Label, diagram: Diagram, nodes: tuple[Node, ...], functions: Mapping[str, str]) -> Term:
    """The scalar, column (or row) or matrix that an atom on these nodes of a diagram is."""
    rows, columns = (*(_size(diagram.sorts[node]) for node in nodes), 1, 1)[:2]
    shape: Shape = (1, rows) if label.kind == "row" else (rows, columns)
    match label.kind:
        case "symbol" | "row":
            return Symbol(label.name, shape, label.times)
        case "slope":
            node = Symbol(label.name.removesuffix("'"), shape, label.times)
            known = tuple(map(Fraction, FUNCTIONS[functions[node.name]].derivative))
            return written_out(known, Ones(shape), node, EntrywisePower(node, 2))
        case "basis":
            return Basis(affine(label.name.partition(" of ")[0]), rows)
        case "Entrywise":
            return Entrywise(label.name, _of_form(label.inner[0], shape, functions))
        case "Magnitude":
            return Magnitude(label.name, _of_form(label.inner[0], None, functions))  # type: ignore[arg-type]
        case "Gradient":
            return _gradient(label, functions)
        case "sum" | "ordered product" | "commuting product":
            return _block(label, shape, functions)
        case kind if kind in UNARY:
            return UNARY[kind](_of_form(label.inner[0], shape if kind == "Softmax" else None, functions))
        case kind:
            raise StuckError(f"a {kind} is not taken apart")


def _of_form(form: FrozenForm, shape: Shape | None, functions: Mapping[str, str]) -> Term:
    """The term of a form inside a label; its shape is that of its diagrams, but for sizes that are 1."""
    if shape is None:
        if not form:
            raise StuckError("a zero of unknown shape")
        first = form[0][0]
        rows, columns = (1 if node is None else _size(first.sorts[node]) for node in first.outputs)
        shape = (rows, columns)
    return read_back(dict(form), shape, functions)


def _gradient(label: Label, functions: Mapping[str, str]) -> Term:
    direct, _, *held = label.name.split(" ")
    of, wrt = (_of_form(one, None, functions) for one in label.inner)
    if not isinstance(wrt, Symbol) or any(held):
        raise StuckError("a derivative with nodes held fixed is not taken apart")
    return Gradient(of, wrt, direct=direct == "True")


def _block(label: Label, shape: Shape, functions: Mapping[str, str]) -> Term:
    """A sum or product whose index runs from 1."""
    (length,) = label.times
    column = label.kind == "commuting product" and shape != (1, 1)
    body = _of_form(label.inner[0], shape, functions)
    index = fresh_time("i", {name for name in free_times(body) if name != label.name} | set(length.variables))
    body = substitute_times(body, {label.name: affine(index)})
    if label.kind == "sum":
        return IndexedSum(index, affine(1), length, body)
    if column:
        return DiagonalPart(OrderedProduct(index, affine(1), length, Diagonal(body)))
    return OrderedProduct(index, affine(1), length, body)
