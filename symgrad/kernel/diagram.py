"""Diagrams: what a product of tensors is once the names of its summed indices are forgotten, in canonical form.

A diagram has index nodes (each of a sort, its size), atoms that sit on one or two of them or on none, and two outputs
(None where the size is 1). Its value is the sum, over the nodes that are not outputs, of the product of its atoms. Two
diagrams are isomorphic if and only if their canonical forms are equal records.
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
REFINEMENTS = 4


class BudgetExceededError(Exception):
    """The normal form would take too long: the answer is unknown."""


class Budget:
    """Bounds the work of one normal form, counted in nodes and terms."""

    def __init__(self) -> None:
        self.left = MAX_WORK

    def spend(self, amount: int) -> None:
        self.left -= amount
        if self.left < 0:
            raise BudgetExceededError("multiplied out, the expression has too many terms, or too symmetric ones")


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


def canonical(diagram: Diagram, budget: Budget) -> Diagram:
    """The one representative of all diagrams that are isomorphic to this one."""
    budget.spend(len(diagram.atoms) + len(diagram.sorts))
    anchors = list(dict.fromkeys(node for node in diagram.outputs if node is not None))
    others = [node for node in range(len(diagram.sorts)) if node not in anchors]
    numbered = {node: rank for rank, node in enumerate(anchors)}
    return renumbered(diagram, [*anchors, *_Ordering(diagram, budget).extended(numbered, others)])


def renumbered(diagram: Diagram, order: Collection[Node]) -> Diagram:
    """The diagram with its nodes in that order."""
    number = {node: rank for rank, node in enumerate(order)}
    atoms = [(label, tuple(number[node] for node in nodes)) for label, nodes in diagram.atoms]
    atoms.sort(key=lambda atom: (atom[1], atom[0].text))
    row, column = (None if node is None else number[node] for node in diagram.outputs)
    return Diagram(tuple(diagram.sorts[node] for node in order), tuple(atoms), (row, column))


class _Ordering:
    """Numbers nodes breadth first from those that have a number; where that ties, piece by piece and node by node."""

    def __init__(self, diagram: Diagram, budget: Budget) -> None:
        self.budget = budget
        self.incident: list[list[Atom]] = [[] for _ in diagram.sorts]
        for atom in diagram.atoms:
            for node in set(atom[1]):
                self.incident[node].append(atom)
        alone = ([label.text for label, nodes in atoms if len(set(nodes)) == 1] for atoms in self.incident)
        self.colour = [(sort, *sorted(texts)) for sort, texts in zip(diagram.sorts, alone, strict=True)]

    def extended(self, given: dict[Node, int], region: Collection[Node]) -> list[Node]:
        """The nodes of `region` in canonical order, if all around it are numbered as given."""
        number, queue, allowed = dict(given), sorted(given, key=given.__getitem__), set(region)
        base = max(given.values(), default=-1) + 1
        for node in queue:
            for other in self._decided(node, number, allowed):
                number[other] = base
                queue.append(other)
                base += 1
        order = queue[len(given) :]
        rest = [self._individualised(number, piece, base) for piece in self._pieces(allowed.difference(order))]
        return order + [node for _, piece in sorted(rest) for node in piece]

    def _decided(self, node: Node, number: dict[Node, int], allowed: set[Node]) -> Iterator[Node]:
        """The nodes next to this one that no other looks like. The caller numbers each before it asks for the next."""
        groups = defaultdict(list)
        for label, nodes in self.incident[node]:
            for place, other in enumerate(nodes):
                if other in allowed and other not in number:
                    groups[label.text, place, self.colour[other]].append(other)
        for _, group in sorted(groups.items()):
            new = {other for other in group if other not in number}
            if len(new) == 1:
                yield new.pop()

    def _pieces(self, left: set[Node]) -> Iterator[list[Node]]:
        while left:
            piece = [left.pop()]
            for node in piece:
                new = {other for _, nodes in self.incident[node] for other in nodes if other in left}
                left -= new
                piece.extend(new)
            yield piece

    def _individualised(self, number: dict[Node, int], piece: list[Node], base: int) -> tuple[object, list[Node]]:
        """The least encoding of a piece, over the choices of its first node, and the order that gives it."""
        around = (other for node in piece for _, nodes in self.incident[node] for other in nodes)
        border = {other: number[other] for other in around if other in number}
        colour = self._refined(border, piece)
        count = Counter(colour.values())
        rarest = min(count, key=lambda one: (count[one], one))
        options = []
        for node in piece:
            if colour[node] == rarest:
                self.budget.spend(len(piece))
                known = {**border, node: base}
                options.append((known, [node, *self.extended(known, [other for other in piece if other != node])]))
        return min((self._encoded(known, order, base), order) for known, order in options)

    def _encoded(self, known: dict[Node, int], order: list[Node], base: int) -> object:
        number = known | {node: base + rank for rank, node in enumerate(order)}
        atoms = ([(label.text, *(number[other] for other in nodes)) for label, nodes in self.incident[node]] for node in order)
        return [(self.colour[node], sorted(row)) for node, row in zip(order, atoms, strict=True)]

    def _refined(self, border: dict[Node, int], piece: list[Node]) -> dict[Node, int]:
        """Colours that tell nodes apart by what is around them, a few steps far (Weisfeiler and Leman)."""
        colour = _ranked({node: self.colour[node] for node in piece})
        for _ in range(REFINEMENTS):
            seen = {node: (1, rank) for node, rank in colour.items()} | {node: (0, rank) for node, rank in border.items()}
            around = {
                node: sorted((label.text, *((2, 0) if leg == node else seen[leg] for leg in legs)) for label, legs in atoms)
                for node, atoms in ((node, self.incident[node]) for node in piece)
            }
            colour = _ranked({node: (colour[node], *around[node]) for node in piece})
        return colour


def _ranked(rows: dict[Node, tuple[object, ...]]) -> dict[Node, int]:
    rank = {row: place for place, row in enumerate(sorted(set(rows.values())))}
    return {node: rank[row] for node, row in rows.items()}
