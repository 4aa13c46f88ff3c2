"""Diagrams: what a product of tensors is once the names of its summed indices are forgotten, in canonical form.

A diagram has index nodes (each of a sort, its size), atoms that sit on one or two of them or on none, and two outputs
(None where the size is 1). Its value is the sum, over the nodes that are not outputs, of the product of its atoms.
Canonical forms are only ever re-numberings, so diagrams with the same one are isomorphic whatever the numbering is.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from .affine import Affine

Node = int
Outputs = tuple[Node | None, Node | None]
MAX_WORK = 500_000


class BudgetExceededError(Exception):
    """The normal form would take too long: the answer is unknown."""


class Budget:
    """Bounds the work of a normal form, counted in nodes and terms; what is spent of it is spent of the whole too."""

    def __init__(self, left: int = MAX_WORK, whole: Budget | None = None) -> None:
        self.left, self.whole = left, whole

    def spend(self, amount: int) -> None:
        if self.whole is not None:
            self.whole.spend(amount)
        self.left -= amount
        if self.left < 0:
            raise BudgetExceededError("the normal form has too many terms, or too symmetric ones")


@dataclass(frozen=True, slots=True, repr=False)
class Label:
    """What an atom is. `text` is canonical and decides equality; the rest is what it was made of."""

    kind: str = field(compare=False)
    name: str = field(compare=False)
    times: tuple[Affine, ...] = field(default=(), compare=False)
    inner: tuple[FrozenForm, ...] = field(default=(), compare=False)
    text: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", f"{self.kind}:{self.name}[{','.join(map(str, self.times))}]{self.inner or ''}")

    def __repr__(self) -> str:
        return self.text


Atom = tuple[Label, tuple[Node, ...]]


@dataclass(frozen=True, slots=True)
class Diagram:
    sorts: tuple[str, ...]
    atoms: tuple[Atom, ...]
    outputs: Outputs


FrozenForm = tuple[tuple[Diagram, Fraction], ...]


def renumbered(diagram: Diagram, order: Collection[Node]) -> Diagram:
    """The diagram with its nodes in that order."""
    number = {node: rank for rank, node in enumerate(order)}
    atoms = [(label, tuple([number[node] for node in nodes])) for label, nodes in diagram.atoms]
    atoms.sort(key=lambda atom: (atom[1], atom[0].text))
    row, column = (None if node is None else number[node] for node in diagram.outputs)
    return Diagram(tuple([diagram.sorts[node] for node in order]), tuple(atoms), (row, column))


def canonical(diagram: Diagram, budget: Budget) -> Diagram:
    """The one representative of all diagrams that are isomorphic to this one."""
    budget.spend(len(diagram.atoms) + len(diagram.sorts))
    number = {node: rank for rank, node in enumerate(dict.fromkeys(n for n in diagram.outputs if n is not None))}
    others = [node for node in range(len(diagram.sorts)) if node not in number]
    return renumbered(diagram, [*number, *_Ordering(diagram, budget).of(others, number)])


class _Ordering:
    """Numbers nodes breadth first from those that have a number; where that ties, piece by piece and node by node."""

    def __init__(self, diagram: Diagram, budget: Budget) -> None:
        self.budget, self.sorts = budget, diagram.sorts
        self.incident: list[list[Atom]] = [[] for _ in diagram.sorts]
        for atom in diagram.atoms:
            for node in set(atom[1]):
                self.incident[node].append(atom)
        self.alone = [sorted(label.text for label, nodes in row if len(nodes) == 1) for row in self.incident]

    def seen(self, node: Node, number: dict[Node, int]) -> tuple[object, ...]:
        """What a node looks like from the nodes that have a number."""
        rows = ((label.text, [number.get(other, -1) for other in nodes]) for label, nodes in self.incident[node])
        return (self.sorts[node], sorted(rows))

    def of(self, region: Collection[Node], given: dict[Node, int]) -> list[Node]:
        """The nodes of `region` in canonical order, if all around it are numbered as given."""
        number, queue, left = dict(given), sorted(given, key=given.__getitem__), set(region)
        base = max(given.values(), default=-1) + 1
        for node in queue:
            for other in self._decided(node, left):
                left.remove(other)
                number[other] = base + len(queue) - len(given)
                queue.append(other)
        order = queue[len(given) :]
        pieces = sorted(self._individualised(piece, number, base + len(order)) for piece in self._pieces(left))
        return order + [node for _, piece in pieces for node in piece]

    def _decided(self, node: Node, left: set[Node]) -> Iterator[Node]:
        """The nodes next to this one that look like no other; the caller takes each away before asking for more."""
        groups = defaultdict(set)
        for label, nodes in self.incident[node]:
            for place, other in enumerate(nodes):
                if other in left:
                    groups[label.text, place, *self.alone[other]].add(other)
        for _, group in sorted(groups.items()):
            if len(group & left) == 1:
                yield from group & left

    def _pieces(self, left: set[Node]) -> Iterator[list[Node]]:
        while left:
            piece = [left.pop()]
            for node in piece:
                new = {other for _, nodes in self.incident[node] for other in nodes if other in left}
                left -= new
                piece.extend(new)
            yield piece

    def _individualised(self, piece: list[Node], number: dict[Node, int], base: int) -> tuple[object, list[Node]]:
        """The least encoding of a piece, over the choices of its first node, and the order that gives it."""
        around = {other for node in piece for _, nodes in self.incident[node] for other in nodes}
        border = {other: number[other] for other in around if other in number}
        looks = {node: repr(self.seen(node, border)) for node in piece}
        rarest = min(Counter(looks.values()).items(), key=lambda one: (one[1], one[0]))[0]
        options = []
        for first in (node for node in piece if looks[node] == rarest):
            self.budget.spend(5 * len(piece))
            order = [first, *self.of([node for node in piece if node != first], {**border, first: base})]
            known = border | {node: base + rank for rank, node in enumerate(order)}
            options.append(([self.seen(node, known) for node in order], order))
        return min(options)
