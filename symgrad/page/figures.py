"""The unrolled graph of a model, laid out for TikZ and SVG from its recurrences: no name is known here beforehand.

A column is one time step. Rows, from below: inputs, quantities inside a step, states; a state that feeds itself from
step to step is on top. Quantities inside a step that read the same things share a box. Lengths are centimetres, y up.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from ..kernel.affine import Affine, affine
from ..kernel.certificate import Context, Definition, Loss, Statement
from ..kernel.term import Gradient, OrderedProduct, Product, Symbol, Term, substitute_times, walk
from .printing import Formula, Piece, Printer, joined

Point = tuple[float, float]
COLUMNS = (0.05, 4.2, 6.7, 10.3)
LOSS_COLUMN = 13.1
DOTS = 2
ROW_HEIGHT = 1.65
ASIDE = 0.95
HALF_HEIGHT = 0.42
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


@dataclass(frozen=True, slots=True)
class _Use:
    """`target` reads `source`, `lag` steps earlier, multiplied by `factor` if that is one symbol."""

    source: str
    target: str
    lag: int
    factor: Symbol | None


@dataclass(frozen=True, slots=True)
class _Model:
    """What the layout needs to know of a recurrence; `members` are the names in each box, by its first name."""

    heads: dict[str, Symbol]
    uses: tuple[_Use, ...]
    members: dict[str, tuple[str, ...]]
    states: tuple[str, ...]
    rows: dict[str, int]


def unrolled(context: Context, printer: Printer, claim: Statement | None = None, number: str = "") -> Graph | None:
    """The unrolled graph, with the factors of a proved claim drawn backwards along its path.

    None where the model is too large to be drawn well, or its times are not one variable plus a constant.
    """
    model = _model(context.recurrence)
    if model is None or len(model.members) > 7:
        return None
    times = _times(context, claim)
    nodes = _nodes(model, times, context, printer)
    held = _held(claim, context)
    edges = [*_forward(model, nodes, printer, held), *_loss_edges(model, context, nodes)]
    back = _backward(claim, context, nodes, printer)
    height = max(model.rows.values()) * ROW_HEIGHT + 2 * HALF_HEIGHT + (1.45 if back else 0.1)
    width = max(node.at[0] + node.half_width for node in nodes.values()) + 0.1
    caption = _caption(bool(back), bool(held), number)
    return Graph(width, height, tuple(nodes.values()), (*edges, *back), caption)


def _caption(back: bool, held: bool, number: str) -> tuple[Piece, ...]:
    words = "The unrolled network. Solid: forward."
    words += f" Dashed: backward, one factor{f' of ({number})' if number else ''} for every step." if back else ""
    return (words + (" Grey: paths through a state that the derivative holds fixed." if held else ""),)


def _model(recurrence: tuple[Definition, ...]) -> _Model | None:
    heads = {one.head.name: one.head for one in recurrence}
    uses = tuple(use for one in recurrence for use in _uses(one))
    if not recurrence or any(use.lag < 0 or use.lag > 1 for use in uses):
        return None
    lagged = {use.source for use in uses if use.lag}
    states = tuple(name for name in heads if name in lagged)
    boxes = _boxes(heads, states, uses)
    rows = _rows(boxes, states, uses)
    return None if rows is None else _Model(heads | _inputs(recurrence, heads), uses, boxes, states, rows)


def _uses(definition: Definition) -> list[_Use]:
    if len(definition.head.times) != 1:
        return []
    found: dict[tuple[str, int], _Use] = {}
    for part in walk(definition.body):
        if isinstance(part, Symbol) and len(part.times) == 1:
            lag = definition.head.times[0] - part.times[0]
            steps = lag.constant if lag.is_constant else -1
            factor = _factor(definition.body, part)
            found.setdefault((part.name, steps), _Use(part.name, definition.head.name, steps, factor))
    return list(found.values())


def _factor(body: Term, used: Symbol) -> Symbol | None:
    for part in walk(body):
        match part:
            case Product(factors=(Symbol(times=()) as factor, last)) if last == used:
                return factor
    return None


def _inputs(recurrence: tuple[Definition, ...], heads: dict[str, Symbol]) -> dict[str, Symbol]:
    symbols = (part for one in recurrence for part in walk(one.body) if isinstance(part, Symbol))
    return {part.name: part for part in symbols if part.times and part.name not in heads}


def _boxes(heads: Iterable[str], states: tuple[str, ...], uses: tuple[_Use, ...]) -> dict[str, tuple[str, ...]]:
    """Names by box: a state has its own; others that read the same things share one."""
    groups: dict[object, list[str]] = {}
    for name in heads:
        reads = frozenset((use.source, use.lag) for use in uses if use.target == name)
        groups.setdefault(name if name in states else reads, []).append(name)
    inputs = {use.source for use in uses} - set(heads)
    return {names[0]: tuple(names) for names in groups.values()} | {name: (name,) for name in sorted(inputs)}


def _rows(boxes: dict[str, tuple[str, ...]], states: tuple[str, ...], uses: tuple[_Use, ...]) -> dict[str, int] | None:
    """The row of each box: inner boxes by the longest path from the inputs, states above them."""
    owner = {name: box for box, names in boxes.items() for name in names}
    depth = dict.fromkeys(boxes, 0)
    for _ in range(len(boxes) + 1):
        before = dict(depth)
        for use in uses:
            if use.lag == 0:
                depth[owner[use.target]] = max(depth[owner[use.target]], depth[owner[use.source]] + 1)
        if depth == before:
            break
    else:
        return None
    rows = {box: depth[box] for box in boxes if box not in states}
    carried = {use.source for use in uses if use.lag and use.source == use.target}
    ordered = sorted(states, key=lambda name: (name in carried, -depth[name]))
    first = max(rows.values(), default=-1) + 1
    return rows | {name: first + place for place, name in enumerate(ordered)}


def _times(context: Context, claim: Statement | None) -> tuple[Affine, Affine, Affine]:
    """The times of the first, second and last column."""
    for part in _terms(claim):
        if isinstance(part, Gradient) and len(part.wrt.times) == 1:
            end = _end(context) or part.wrt.times[0] + affine("k")
            return part.wrt.times[0], part.wrt.times[0] + 1, end
    end = _end(context) or affine("t")
    return end - affine("k"), end - affine("k") + 1, end


def _drawn_losses(context: Context) -> tuple[Loss, ...]:
    """Losses of one node; of a family at every step, none is drawn."""
    return tuple(loss for loss in context.losses if not loss.times)


def _end(context: Context) -> Affine | None:
    return next((loss.on.times[0] for loss in _drawn_losses(context)), None)


def _terms(claim: Statement | None) -> list[Term]:
    return [] if claim is None else [*walk(claim.left), *walk(claim.right)]


def _held(claim: Statement | None, context: Context) -> frozenset[str]:
    """The states that a derivative of the claim, or of what it abbreviates, holds fixed."""
    terms = [*_terms(claim), *(part for one in context.abbreviations for part in walk(one.body))]
    return frozenset(held.name for part in terms if isinstance(part, Gradient) for held in part.held)


_Key = tuple[str, int]


def _nodes(model: _Model, times: tuple[Affine, Affine, Affine], context: Context, printer: Printer) -> dict[_Key, Node]:
    skipped = _skipped(model)
    margin = max(_half_width(len(names)) for names in model.members.values())
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


def _skipped(model: _Model) -> frozenset[str]:
    """The boxes that an edge inside a step would run through; they are drawn a little aside."""
    ends = ((_box(model, use.source), _box(model, use.target)) for use in model.uses if not use.lag)
    inside = [sorted((model.rows[source], model.rows[target])) for source, target in ends]
    return frozenset(box for box, row in model.rows.items() if any(low < row < high for low, high in inside))


def _box(model: _Model, name: str) -> str:
    return next(box for box, names in model.members.items() if name in names)


def _node(model: _Model, box: str, at: Point, time: Affine, printer: Printer) -> Node:
    names = model.members[box]
    if len(names) > 1:
        bare = [printer.formula(replace(model.heads[name], times=())) for name in names]
        label = joined(*_separated(bare, Formula(*_THIN)))
        return Node(at, _half_width(len(names)), "inner", label)
    label = printer.formula(replace(model.heads[box], times=(time,)))
    is_input = model.rows[box] == 0 and not any(use.target == box for use in model.uses)
    kind: Literal["state", "input", "inner"] = "input" if is_input else "state" if box in model.states else "inner"
    return Node(at, _half_width(1), kind, label)


def _half_width(names: int) -> float:
    return 0.86 if names == 1 else 0.28 + 0.3 * names


def _separated(parts: list[Formula], between: Formula) -> list[Formula]:
    return [one for part in parts for one in (between, part)][1:]


def _forward(model: _Model, nodes: dict[_Key, Node], printer: Printer, held: frozenset[str]) -> list[Edge]:
    found: dict[tuple[_Key, _Key], Edge] = {}
    for use in model.uses:
        source, target = _box(model, use.source), _box(model, use.target)
        alone = len(model.members[target]) == 1 and use.factor is not None
        label = printer.formula(use.factor) if alone and use.factor is not None else None
        for start, end in _places(use, source, target, nodes):
            kind = _kind(use, model, held)
            found.setdefault((start, end), _straight(nodes[start], nodes[end], kind, label))
    return list(found.values())


def _kind(use: _Use, model: _Model, held: frozenset[str]) -> Literal["forward", "input", "cut"]:
    if use.source in held:
        return "cut"
    return "forward" if use.source in model.states else "input"


def _places(use: _Use, source: str, target: str, nodes: dict[_Key, Node]) -> list[tuple[_Key, _Key]]:
    """Where an edge is drawn; what happens between the second and the last column is left to the dots."""
    if use.lag == 0:
        return [((source, column), (target, column)) for column in (0, 1, 3)]
    return [((source, 0), (target, 1)), ((source, 1), (source, DOTS)), ((source, DOTS), (target, 3))]


def _loss_edges(model: _Model, context: Context, nodes: dict[_Key, Node]) -> list[Edge]:
    return [_straight(nodes[loss.on.name, 3], nodes[loss.name, 4], "forward", None) for loss in _drawn_losses(context)]


def _straight(start: Node, end: Node, kind: Literal["forward", "input", "cut"], label: Formula | None) -> Edge:
    a, b = _border(start, end.at), _border(end, start.at)
    along = tuple((a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part) for part in (1 / 3, 2 / 3))
    level = abs(a[1] - b[1]) < 0.01
    middle = ((a[0] + b[0]) / 2 + (0 if level else 0.28), (a[1] + b[1]) / 2 - (0.24 if level else 0))
    return Edge((a, along[0], along[1], b), kind, label, middle)


def _border(node: Node, towards: Point) -> Point:
    """Where the straight line from the middle of a node to a point leaves the node."""
    dx, dy = towards[0] - node.at[0], towards[1] - node.at[1]
    width, height = node.half_width + 0.04, HALF_HEIGHT + 0.04
    part = min(width / abs(dx) if dx else 1.0, height / abs(dy) if dy else 1.0)
    return node.at[0] + dx * part, node.at[1] + dy * part


def _backward(claim: Statement | None, context: Context, nodes: dict[_Key, Node], printer: Printer) -> list[Edge]:
    gradient = next((one for one in _terms(claim) if isinstance(one, Gradient) and (one.wrt.name, 0) in nodes), None)
    product = next((one for one in _terms(claim) if isinstance(one, OrderedProduct) and one.shape != (1, 1)), None)
    if gradient is None or product is None:
        return []
    name = gradient.wrt.name
    bounds = (product.lower, product.upper)
    first, last = (printer.formula(substitute_times(product.body, {product.index: bound})) for bound in bounds)
    row = [nodes[name, column] for column in range(4)]
    edges = [_arc(row[1], row[0], first), _arc(row[2], row[1], None), _arc(row[3], row[2], last)]
    return [*edges, *_from_loss(gradient, context, nodes, printer)]


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
    a = (start.at[0] + 0.05, start.at[1] + HALF_HEIGHT + 0.06)
    b = (end.at[0] + end.half_width + 0.06, end.at[1])
    return Edge((a, (a[0] + 0.05, a[1] + 0.45), (b[0] + 0.4, b[1]), b), "backward")
