"""The unrolled graph of a model, laid out for TikZ and SVG from its recurrences: no name is known here beforehand.

A column is one time step. Rows, from below: inputs, quantities inside a step, states; a state that feeds itself from
step to step is on top. Quantities inside a step that read the same things share a box. Lengths are centimetres, y up.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from ..kernel.affine import Affine, affine
from ..kernel.certificate import Context, Loss, Statement
from ..kernel.term import Gradient, IndexedSum, OrderedProduct, Symbol, Term, free_times, substitute_times, walk
from .printing import Formula, Piece, Printer, joined
from .structure import Structure, Use, structure

Point = tuple[float, float]
COLUMNS = (0.05, 4.2, 6.7, 10.3)
LOSS_COLUMN = 13.1
DOTS = 2
ROW_HEIGHT = 1.65
ASIDE = 0.95
HALF_HEIGHT = 0.42
LONGEST_LABEL = 40
_THIN = r"\,", '<mspace width="0.3em"/>', " "


@dataclass(frozen=True, slots=True)
class Node:
    """A box (or bare label) around a point."""

    at: Point
    half_width: float
    kind: Literal["state", "inner", "input", "loss", "dots"]
    label: Formula

    @property
    def left(self) -> float:
        return self.at[0] - self.half_width

    @property
    def top(self) -> float:
        return self.at[1] + HALF_HEIGHT

    @property
    def bottom(self) -> float:
        return self.at[1] - HALF_HEIGHT


@dataclass(frozen=True, slots=True)
class Edge:
    """A cubic curve with an arrow head at its end."""

    points: tuple[Point, Point, Point, Point]
    kind: Literal["forward", "input", "cut", "backward"]
    label: Formula | None = None
    label_at: Point = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Graph:
    """A drawing of this width and height, with the origin at its lower left."""

    width: float
    height: float
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    caption: tuple[Piece, ...]
    title: str = "the unrolled network"


def unrolled(context: Context, printer: Printer, claim: Statement | None = None, number: str = "") -> Graph | None:
    """The unrolled graph, with the factors of a proved claim drawn backwards along its path.

    None where the model is too large to be drawn well, or its times are not one variable plus a constant.
    """
    model = structure(context)
    if model is None or len(model.members) > 7:
        return None
    times = _times(context, claim)
    nodes = _nodes(model, times, context, printer)
    held = _held(claim, context)
    edges = [*_forward(model, nodes, printer, held), *_loss_edges(model, context, nodes)]
    back = _backward(claim, context, nodes, printer)
    height = max(node.top for node in nodes.values()) + (1.45 if back else 0.1)
    width = max(node.at[0] + node.half_width for node in nodes.values()) + 0.1
    caption = _caption(bool(back), bool(held), number)
    return Graph(width, height, tuple(nodes.values()), (*edges, *back), caption)


def _caption(back: bool, held: bool, number: str) -> tuple[Piece, ...]:
    words = "The unrolled network. Solid: forward."
    words += f" Dashed: backward, one factor{f' of ({number})' if number else ''} for every step." if back else ""
    return (words + (" Grey: paths through a state that the derivative holds fixed." if held else ""),)


def _times(context: Context, claim: Statement | None) -> tuple[Affine, Affine, Affine]:
    """The times of the first, second and last column."""
    free = _free(claim)
    for part in _terms(claim):
        if isinstance(part, Gradient) and len(part.wrt.times) == 1 and free_times(part.wrt) <= free:
            end = _end(context) or part.wrt.times[0] + affine("k")
            return part.wrt.times[0], part.wrt.times[0] + 1, end
    end = _end(context) or affine("t")
    return end - affine("k"), end - affine("k") + 1, end


def _drawn_losses(context: Context) -> tuple[Loss, ...]:
    """Losses of one node, drawn beside it; one of every step is above its node."""
    return tuple(loss for loss in context.losses if loss.on.times and not loss.times)


def _end(context: Context) -> Affine | None:
    """The time of the last column: that of a loss, or where a sum of the losses of all steps ends."""
    sums = (one.body for one in context.abbreviations if isinstance(one.body, IndexedSum))
    families = {loss.name for loss in context.losses if loss.times}
    ends = [one.upper for one in sums if isinstance(one.body, Symbol) and one.body.name in families]
    return next((loss.on.times[0] for loss in _drawn_losses(context)), next(iter(ends), None))


def _terms(claim: Statement | None) -> list[Term]:
    return [] if claim is None else [*walk(claim.left), *walk(claim.right)]


def _free(claim: Statement | None) -> frozenset[str]:
    return frozenset() if claim is None else free_times(claim.left) | free_times(claim.right)


def _held(claim: Statement | None, context: Context) -> frozenset[str]:
    """The states that a derivative of the claim, or of what it abbreviates, holds fixed."""
    terms = [*_terms(claim), *(part for one in context.abbreviations for part in walk(one.body))]
    return frozenset(held.name for part in terms if isinstance(part, Gradient) for held in part.held)


_Key = tuple[str, int]


def _nodes(
    model: Structure, times: tuple[Affine, Affine, Affine], context: Context, printer: Printer
) -> dict[_Key, Node]:
    skipped = _skipped(model)
    margin = max(half_width(len(names)) for names in model.members.values())
    dots = Formula(r"\cdots", "<mo>⋯</mo>", "...")
    found: dict[_Key, Node] = {}
    for box, row in model.rows.items():
        y = HALF_HEIGHT + 0.05 + row * ROW_HEIGHT
        for column, x in enumerate(COLUMNS):
            at = (margin + x + (ASIDE if box in skipped else 0.0), y)
            if column != DOTS:
                found[box, column] = _node(model, box, at, times[min(column, 2)], printer)
            elif box in model.states:
                found[box, column] = Node(at, 0.4, "dots", dots)
    for loss in _drawn_losses(context):
        place = found[loss.on.name, 3].at[1]
        label = printer.formula(Symbol(loss.name, (1, 1)))
        found[loss.name, 4] = Node((margin + LOSS_COLUMN + ASIDE * bool(skipped), place), HALF_HEIGHT, "loss", label)
    return found


def _skipped(model: Structure) -> frozenset[str]:
    """The boxes that an edge inside a step would run through; they are drawn a little aside."""
    ends = ((model.box(use.source), model.box(use.target)) for use in model.uses if not use.lag)
    inside = [sorted((model.rows[source], model.rows[target])) for source, target in ends]
    return frozenset(box for box, row in model.rows.items() if any(low < row < high for low, high in inside))


def _node(model: Structure, box: str, at: Point, time: Affine, printer: Printer) -> Node:
    names = model.members[box]
    if names[0] in model.losses:
        label = printer.formula(replace(model.heads[box], times=(time,)))
        return Node(at, half_width(1), "loss", label)
    if len(names) > 1:
        bare = [printer.formula(replace(model.heads[name], times=())) for name in names]
        label = joined(*_separated(bare, Formula(*_THIN)))
        return Node(at, half_width(len(names)), "inner", label)
    label = printer.formula(replace(model.heads[box], times=(time,)))
    is_input = model.rows[box] == 0 and not any(use.target == box for use in model.uses)
    kind: Literal["state", "input", "inner"] = "input" if is_input else "state" if box in model.states else "inner"
    return Node(at, half_width(1), kind, label)


def half_width(names: int) -> float:
    """Half the width of a box with so many names in it."""
    return 0.86 if names == 1 else 0.28 + 0.3 * names


def _separated(parts: list[Formula], between: Formula) -> list[Formula]:
    return [one for part in parts for one in (between, part)][1:]


def _forward(model: Structure, nodes: dict[_Key, Node], printer: Printer, held: frozenset[str]) -> list[Edge]:
    found: dict[tuple[_Key, _Key], Edge] = {}
    for use in model.uses:
        source, target = model.box(use.source), model.box(use.target)
        alone = len(model.members[target]) == 1 and use.factor is not None
        label = printer.formula(use.factor) if alone and use.factor is not None else None
        for start, end in _places(use, source, target, nodes):
            kind, into_dots = _kind(use, model, held), end == (source, DOTS) != (target, DOTS)
            found.setdefault((start, end), straight(nodes[start], nodes[end], kind, None if into_dots else label))
    return list(found.values())


def _kind(use: Use, model: Structure, held: frozenset[str]) -> Literal["forward", "input", "cut"]:
    if use.source in held:
        return "cut"
    return "forward" if use.source in model.states else "input"


def _places(use: Use, source: str, target: str, nodes: dict[_Key, Node]) -> list[tuple[_Key, _Key]]:
    """Where an edge is drawn; what happens between the second and the last column is left to the dots."""
    if use.lag == 0:
        return [((source, column), (target, column)) for column in (0, 1, 3)]
    return [((source, 0), (target, 1)), ((source, 1), (source, DOTS)), ((source, DOTS), (target, 3))]


def _loss_edges(model: Structure, context: Context, nodes: dict[_Key, Node]) -> list[Edge]:
    return [straight(nodes[loss.on.name, 3], nodes[loss.name, 4], "forward", None) for loss in _drawn_losses(context)]


def straight(start: Node, end: Node, kind: Literal["forward", "input", "cut"], label: Formula | None) -> Edge:
    """A straight arrow from the border of one node to that of another; past a node between them, the label is ahead."""
    a, b = _border(start, end.at), _border(end, start.at)
    along = tuple((a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part) for part in (1 / 3, 2 / 3))
    level = abs(a[1] - b[1]) < 0.01
    past = abs(a[1] - b[1]) > ROW_HEIGHT and abs(a[0] - b[0]) < ROW_HEIGHT
    where = 0.88 if past else 0.5
    middle = (a[0] + (b[0] - a[0]) * where, a[1] + (b[1] - a[1]) * where)
    beside = (middle[0] + (0 if level else 0.28), middle[1] - (0.24 if level else 0))
    return Edge((a, along[0], along[1], b), kind, label, beside)


def _border(node: Node, towards: Point) -> Point:
    """Where the straight line from the middle of a node to a point leaves the node."""
    dx, dy = towards[0] - node.at[0], towards[1] - node.at[1]
    width, height = node.half_width + 0.04, HALF_HEIGHT + 0.04
    part = min(width / abs(dx) if dx else 1.0, height / abs(dy) if dy else 1.0)
    return node.at[0] + dx * part, node.at[1] + dy * part


def _backward(claim: Statement | None, context: Context, nodes: dict[_Key, Node], printer: Printer) -> list[Edge]:
    states = (one for one in _terms(claim) if isinstance(one, Gradient) and (one.wrt.name, DOTS) in nodes)
    gradient, product = next(states, None), _whole_product(claim)
    if gradient is None or product is None:
        return []
    name = gradient.wrt.name
    bounds = (product.lower, product.upper)
    first, last = (_factor_label(substitute_times(product.body, {product.index: one}), printer) for one in bounds)
    row = [nodes[name, column] for column in range(4)]
    edges = [_arc(row[1], row[0], first), _arc(row[2], row[1], None), _arc(row[3], row[2], last)]
    return [*edges, *_from_loss(gradient, context, nodes, printer)]


def _whole_product(claim: Statement | None) -> OrderedProduct | None:
    """The first product of matrices in a claim that is not one of many in a sum."""
    free = _free(claim)
    found = (one for one in _terms(claim) if isinstance(one, OrderedProduct) and one.shape != (1, 1))
    return next((one for one in found if free_times(one) <= free), None)


def _factor_label(factor: Term, printer: Printer) -> Formula | None:
    """None for a factor that is too long to stand above an arrow."""
    label = printer.formula(factor)
    return label if len(label.plain) <= LONGEST_LABEL else None


def _from_loss(gradient: Gradient, context: Context, nodes: dict[_Key, Node], printer: Printer) -> list[Edge]:
    """The dashed way from the loss to the state of the claim."""
    found: list[Edge] = []
    for loss in _drawn_losses(context):
        if gradient.of == Symbol(loss.name, (1, 1)):
            label = printer.formula(Gradient(gradient.of, loss.on))
            found.append(_arc(nodes[loss.name, 4], nodes[loss.on.name, 3], label))
            if loss.on.name != gradient.wrt.name:
                found.append(_bow(nodes[loss.on.name, 3], nodes[gradient.wrt.name, 3]))
    return found


def _arc(start: Node, end: Node, label: Formula | None) -> Edge:
    """A dashed arc above a row, from right to left."""
    y = start.at[1] + HALF_HEIGHT + 0.06
    a = start.at[0] - 0.2
    b = end.at[0] + (0.5 if start.kind == "loss" else 0.1 if end.kind == "dots" else 0.3)
    bend = (a - b) / 3
    points = ((a, y), (a - bend, y + 0.62), (b + bend, y + 0.62), (b, y))
    return Edge(points, "backward", label, ((a + b) / 2, y + 0.72))


def _bow(start: Node, end: Node) -> Edge:
    side = 1 if end.at[1] > start.at[1] else -1
    a = (start.at[0] + (0.05 if side > 0 else 0.4), start.at[1] + side * (HALF_HEIGHT + 0.06))
    b = (end.at[0] + end.half_width + 0.06, end.at[1])
    return Edge((a, (a[0] + 0.05, a[1] + side * 0.45), (b[0] + 0.4, b[1]), b), "backward")
