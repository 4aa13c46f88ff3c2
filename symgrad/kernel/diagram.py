"""Diagrams: what a product of tensors is once the names of its summed indices are forgotten, in canonical form.

A diagram has index nodes (each of a sort, its size), atoms that sit on nodes, and two output nodes (None where the
size is 1). Its value is the sum, over the nodes that are not outputs, of the product of its atoms. Two diagrams are
isomorphic if and only if their canonical forms are equal records.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from .affine import Affine

Node = int
Outputs = tuple[Node | None, Node | None]
MAX_BRANCHES = 2_000


class BudgetExceededError(Exception):
    """The normal form would take too long: the answer is unknown."""


@dataclass(frozen=True, slots=True)
class Label:
    """What an atom is: `text` is canonical and decides equality; the rest allows times to be substituted."""

    kind: str
    name: str
    times: tuple[Affine, ...] = field(default=(), compare=False)
    inner: tuple[FrozenForm, ...] = field(default=(), compare=False)
    height: int = field(default=0, compare=False)
    text: str = field(init=False)

    def __post_init__(self) -> None:
        inner = "".join(f"({show_form(form)})" for form in self.inner)
        text = f"{self.kind}:{self.name}[{','.join(map(str, self.times))}]{inner}"
        object.__setattr__(self, "text", text)


Atom = tuple[Label, tuple[Node, ...]]


@dataclass(frozen=True, slots=True)
class Diagram:
    sorts: tuple[str, ...]
    atoms: tuple[Atom, ...]
    outputs: Outputs

    @property
    def text(self) -> str:
        atoms = ";".join(f"{label.text}@{','.join(map(str, nodes))}" for label, nodes in self.atoms)
        return f"{','.join(self.sorts)}|{atoms}|{self.outputs}"


Monomial = tuple[str, ...]
FrozenForm = tuple[tuple[Diagram, tuple[tuple[Monomial, Fraction], ...]], ...]


def show_form(form: FrozenForm) -> str:
    rows = ((" ".join(f"{value}{','.join(sizes)}" for sizes, value in polynomial), diagram) for diagram, polynomial in form)
    return "+".join(f"{coefficient}*{diagram.text}" for coefficient, diagram in rows)


def canonical(sorts: Sequence[str], atoms: Sequence[Atom], outputs: Outputs) -> tuple[Monomial, Diagram]:
    """The canonical diagram, and the sizes of the nodes that carry nothing (each contributes its size as a factor)."""
    component = _Component(sorts, atoms)
    anchors = [node for node in outputs if node is not None]
    order = component.order(anchors)
    free: list[str] = []
    pieces: list[tuple[tuple[object, ...], list[Node]]] = []
    placed = set(order)
    for node in range(len(sorts)):
        if node in placed:
            continue
        if not component.incident[node]:
            free.append(sorts[node])
            continue
        piece = component.order([], within=component.reach(node))
        placed.update(piece)
        pieces.append((component.encode(piece), piece))
    for _, piece in sorted(pieces, key=lambda pair: pair[0]):
        order.extend(piece)
    number = {node: rank for rank, node in enumerate(order)}
    renamed = sorted(
        ((label, tuple(number[node] for node in nodes)) for label, nodes in atoms),
        key=lambda atom: (atom[1], atom[0].text),
    )
    row, column = (None if node is None else number[node] for node in outputs)
    return tuple(sorted(free)), Diagram(tuple(sorts[node] for node in order), tuple(renamed), (row, column))


class _Component:
    """Canonical ordering of nodes: a breadth-first walk from the anchors, refined and branched only where it ties."""

    def __init__(self, sorts: Sequence[str], atoms: Sequence[Atom]) -> None:
        self.sorts, self.atoms = sorts, atoms
        self.incident: list[list[int]] = [[] for _ in sorts]
        for number, (_, nodes) in enumerate(atoms):
            for node in set(nodes):
                self.incident[node].append(number)
        self.branches = 0

    def order(self, anchors: list[Node], within: Iterable[Node] | None = None) -> list[Node]:
        colours = {node: self._colour(node) for node in (within if within is not None else range(len(self.sorts)))}
        ranks = _ranked(colours)
        if within is not None:
            ranks = self._refine(ranks)
            return self._best([([node], ranks) for node in _rarest(ranks)], refined=False)
        return self._walk_or_branch(anchors, ranks)

    def reach(self, start: Node) -> list[Node]:
        found, queue = {start}, [start]
        for node in queue:
            for atom in self.incident[node]:
                new = [leg for leg in self.atoms[atom][1] if leg not in found]
                found.update(new)
                queue.extend(new)
        return queue

    def encode(self, order: list[Node]) -> tuple[object, ...]:
        number = {node: rank for rank, node in enumerate(order)}
        touching = {atom for node in order for atom in self.incident[node]}
        atoms = sorted(
            (tuple(number[leg] for leg in self.atoms[atom][1]), self.atoms[atom][0].text) for atom in touching
        )
        return (tuple(self.sorts[node] for node in order), tuple(atoms))

    def _colour(self, node: Node) -> tuple[object, ...]:
        here = (self.atoms[atom] for atom in self.incident[node])
        return (self.sorts[node], tuple(sorted(label.text for label, legs in here if set(legs) == {node})))

    def _walk_or_branch(self, anchors: list[Node], ranks: dict[Node, int], refined: bool = False) -> list[Node]:
        order, tied = self._walk(anchors, ranks)
        if not tied:
            return order
        if not refined:
            return self._walk_or_branch(anchors, self._refine({**ranks, **_marks(anchors, ranks)}), True)
        top = len(ranks) + max(ranks.values()) + 1
        return self._best([(anchors, self._refine({**ranks, node: top})) for node in sorted(tied)], refined=True)

    def _best(self, candidates: list[tuple[list[Node], dict[Node, int]]], refined: bool) -> list[Node]:
        self.branches += len(candidates) - 1
        if self.branches > MAX_BRANCHES:
            raise BudgetExceededError("a diagram is too symmetric to be brought into canonical form")
        orders = [self._walk_or_branch(anchors, ranks, refined) for anchors, ranks in candidates]
        return min(orders, key=self.encode) if len(orders) > 1 else orders[0]

    def _walk(self, anchors: list[Node], ranks: Mapping[Node, int]) -> tuple[list[Node], set[Node]]:
        """Number nodes breadth first. Returns the order, or the nodes that tie for a number."""
        number = {node: rank for rank, node in enumerate(dict.fromkeys(anchors))}
        order, seen = list(number), set[int]()
        for node in order:
            todo = [atom for atom in self.incident[node] if atom not in seen and len(self.atoms[atom][1]) > 1]
            rows = sorted((self._key(atom, number, ranks), atom) for atom in todo)
            for (key, atom), (other, twin) in zip(rows, rows[1:], strict=False):
                if key == other and self.atoms[atom][1] != self.atoms[twin][1]:
                    tied = [self.atoms[one][1] for same, one in rows if same == key]
                    return order, {leg for legs in tied for leg in legs if leg not in number}
            for _, atom in rows:
                seen.add(atom)
                new = [leg for leg in self.atoms[atom][1] if leg not in number]
                number.update((leg, len(number)) for leg in new)
                order.extend(new)
        return order, set()

    def _key(self, atom: int, number: Mapping[Node, int], ranks: Mapping[Node, int]) -> tuple[object, ...]:
        label, legs = self.atoms[atom]
        return (label.text, tuple((0, number[leg]) if leg in number else (1, ranks[leg]) for leg in legs))

    def _refine(self, ranks: dict[Node, int]) -> dict[Node, int]:
        """Weisfeiler-Leman: split colours by the atoms around a node until nothing splits."""
        while True:
            around: dict[Node, list[tuple[object, ...]]] = defaultdict(list)
            for label, legs in self.atoms:
                for place, node in enumerate(legs):
                    if node in ranks:
                        around[node].append((label.text, place, tuple(ranks[leg] for leg in legs)))
            finer = _ranked({node: (rank, tuple(sorted(around[node]))) for node, rank in ranks.items()})
            if len(set(finer.values())) == len(set(ranks.values())):
                return finer
            ranks = finer


def _ranked(colours: Mapping[Node, tuple[object, ...]]) -> dict[Node, int]:
    rank = {colour: place for place, colour in enumerate(sorted(set(colours.values())))}  # type: ignore[type-var]
    return {node: rank[colour] for node, colour in colours.items()}


def _marks(anchors: list[Node], ranks: Mapping[Node, int]) -> dict[Node, int]:
    return {node: -1 - place for place, node in enumerate(dict.fromkeys(anchors))} if ranks else {}


def _rarest(ranks: Mapping[Node, int]) -> list[Node]:
    count = Counter(ranks.values())
    chosen = min(count, key=lambda rank: (count[rank], rank))
    return [node for node, rank in ranks.items() if rank == chosen]
