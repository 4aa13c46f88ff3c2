"""Where one diagram is a part of another, so that what is summed in the part is summed nowhere else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..kernel.diagram import Atom, Diagram, Label, Node
from ..kernel.term import Shape

HOLE = "?"


def around(diagram: Diagram, part: Diagram, shape: Shape) -> Diagram | None:
    """The diagram with a hole where the part was, on the nodes that were its outputs; None if it is no part of it."""
    found = next(_matches(diagram, part, list(part.atoms), {}, []), None)
    if found is None:
        return None
    nodes, atoms = found
    ends = tuple(nodes[node] for node in part.outputs if node is not None)
    inner = {image for node, image in nodes.items() if node not in part.outputs}
    left = [atom for place, atom in enumerate(diagram.atoms) if place not in atoms]
    kind = "row" if shape[0] == 1 != shape[1] else "symbol"
    kept = [node for node in range(len(diagram.sorts)) if node not in inner]
    number = {node: rank for rank, node in enumerate(kept)}
    moved = [(label, tuple(number[node] for node in at)) for label, at in (*left, (Label(kind, HOLE), ends))]
    row, column = (None if node is None else number[node] for node in diagram.outputs)
    return Diagram(tuple(diagram.sorts[node] for node in kept), tuple(moved), (row, column))


Matched = tuple[dict[Node, Node], list[int]]


def _matches(
    diagram: Diagram, part: Diagram, todo: list[Atom], nodes: dict[Node, Node], atoms: list[int]
) -> Iterator[Matched]:
    """Where a part stands in a diagram: its nodes and atoms. What is summed in it may not be summed elsewhere too."""
    if not todo:
        whole = _with_bare_nodes(diagram, part, nodes)
        if whole is not None and _apart(diagram, part, whole, atoms):
            yield whole, atoms
        return
    (label, ends), *rest = todo
    for place, (other, at) in enumerate(diagram.atoms):
        if other == label and place not in atoms:
            extended = _extended(diagram, part, nodes, zip(ends, at, strict=True))
            if extended is not None:
                yield from _matches(diagram, part, rest, extended, [*atoms, place])


def _extended(
    diagram: Diagram, part: Diagram, nodes: dict[Node, Node], pairs: Iterable[tuple[Node, Node]]
) -> dict[Node, Node] | None:
    found = dict(nodes)
    for node, image in pairs:
        if found.setdefault(node, image) != image or part.sorts[node] != diagram.sorts[image]:
            return None
    return found


def _with_bare_nodes(diagram: Diagram, part: Diagram, nodes: dict[Node, Node]) -> dict[Node, Node] | None:
    """The nodes of the part that carry nothing, each a factor, at such nodes of the diagram."""
    used = {node for _, at in diagram.atoms for node in at} | set(diagram.outputs)
    bare = [node for node in range(len(diagram.sorts)) if node not in used]
    found = dict(nodes)
    for node in range(len(part.sorts)):
        if node not in found:
            image = next((one for one in bare if diagram.sorts[one] == part.sorts[node]), None)
            if image is None or node in part.outputs:
                return None
            bare.remove(image)
            found[node] = image
    return found


def _apart(diagram: Diagram, part: Diagram, nodes: dict[Node, Node], atoms: list[int]) -> bool:
    inner = [image for node, image in nodes.items() if node not in part.outputs]
    others = {node for place, (_, at) in enumerate(diagram.atoms) if place not in atoms for node in at}
    others.update(node for node in diagram.outputs if node is not None)
    others.update(nodes[node] for node in part.outputs if node is not None)
    return len(inner) == len(set(inner)) and others.isdisjoint(inner)
