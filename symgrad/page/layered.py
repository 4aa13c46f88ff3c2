"""The graph of a feed-forward network, laid out from its definitions: a column for each layer, from left to right.

What a layer is made of stands in the column before it; weights are written on the arrows. Lengths as in `figures.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from ..kernel.certificate import Context, Definition
from ..kernel.term import SCALAR, Product, Symbol, Term, Transpose, walk
from .figures import HALF_HEIGHT, ROW_HEIGHT, Edge, Graph, Node, half_width, straight
from .printing import Printer

COLUMN_WIDTH = 2.6
MAX_NODES = 14
LIFT = 0.75


@dataclass(frozen=True, slots=True)
class _Arrow:
    source: str
    target: str
    weight: Symbol | None = None


@dataclass(frozen=True, slots=True)
class _Network:
    """All that is drawn: symbols by name, arrows, and the column of each name, the first being 0."""

    symbols: dict[str, Symbol]
    arrows: tuple[_Arrow, ...]
    columns: dict[str, int]
    computed: frozenset[str]
    losses: frozenset[str]


def layered(context: Context, printer: Printer) -> Graph | None:
    """None where there are no nodes without a time, or too many to be drawn well."""
    network = _network(context)
    if network is None or len(network.symbols) > MAX_NODES:
        return None
    nodes = dict(_nodes(network, printer))
    edges = tuple(_edge(one, network, nodes, printer) for one in network.arrows)
    width = max(node.at[0] + node.half_width for node in nodes.values()) + 0.1
    height = max(node.top for node in nodes.values()) + (LIFT if any(map(_is_arc, edges)) else 0.1)
    return Graph(width, height, tuple(nodes.values()), edges, ("The network, layer by layer.",), "the network")


def _network(context: Context) -> _Network | None:
    layers = {one.head.name: one for one in context.recurrence if not one.head.times}
    if not layers:
        return None
    weighted = {name: dict(_weighted(one, {*layers})) for name, one in layers.items()}
    data = {one.name for found in weighted.values() for one in found}
    arrows = [arrow for name, one in layers.items() for arrow in _arrows(one, {*layers, *data}, weighted[name])]
    losses = [loss for loss in context.losses if loss.on.name in layers and not loss.times]
    arrows += [_Arrow(loss.on.name, loss.name) for loss in losses]
    symbols = {one.head.name: one.head for one in layers.values()} | {loss.name: loss.head for loss in losses}
    read = (part for one in layers.values() for part in walk(one.body) if isinstance(part, Symbol))
    symbols |= {part.name: part for part in read if part.name in {arrow.source for arrow in arrows}}
    columns = _columns(arrows, symbols, {*layers, *(loss.name for loss in losses)})
    sources = {arrow.source for arrow in arrows}
    ends = {name for name, one in layers.items() if one.head.shape == SCALAR and name not in sources}
    return _Network(symbols, tuple(arrows), columns, frozenset(layers), frozenset({*ends, *(o.name for o in losses)}))


def _arrows(definition: Definition, known: set[str], weighted: dict[Symbol, Symbol]) -> list[_Arrow]:
    """From the nodes and inputs that a definition reads; if there is no weight in it, from all that are no scalars."""
    read = dict.fromkeys(part for part in walk(definition.body) if isinstance(part, Symbol))
    drawn = (one for one in read if one.name in known or (not weighted and one.shape != SCALAR))
    return [_Arrow(one.name, definition.head.name, weighted.get(one)) for one in drawn]


def _weighted(definition: Definition, nodes: set[str]) -> Iterator[tuple[Symbol, Symbol]]:
    """The symbols that are multiplied by a weight alone, with the weight: W in W x, and in X W if a sample is a row."""
    rows = definition.head.shape[1] != 1
    for part in walk(definition.body):
        match part:
            case Product(factors=(one, other)):
                left, right = _bare(one), _bare(other)
                if left is None or right is None or (left.name in nodes and right.name in nodes):
                    continue
                first = left.name in nodes or (rows and right.name not in nodes)
                yield (left, right) if first else (right, left)


def _bare(term: Term) -> Symbol | None:
    """The symbol, if a term is one or the transpose of one."""
    inner = term.body if isinstance(term, Transpose) else term
    return inner if isinstance(inner, Symbol) else None


def _columns(arrows: Iterable[_Arrow], symbols: Iterable[str], computed: set[str]) -> dict[str, int]:
    """Nodes by the longest way to them; what is only read, one column before its first reader."""
    found = dict.fromkeys(symbols, 0)
    for _ in found:
        for one in arrows:
            found[one.target] = max(found[one.target], found[one.source] + 1)
    for name in found.keys() - computed:
        found[name] = min(found[one.target] for one in arrows if one.source == name) - 1
    return found


def _nodes(network: _Network, printer: Printer) -> Iterator[tuple[str, Node]]:
    """A node for each name: in a column, what is computed stands above what is only read."""
    stacks: dict[int, list[str]] = {}
    for name in sorted(network.symbols, key=lambda one: one not in network.computed | network.losses):
        stacks.setdefault(network.columns[name], []).append(name)
    top = max(map(len, stacks.values())) - 1
    for column, names in stacks.items():
        for place, name in enumerate(names):
            at = (half_width(1) + 0.05 + column * COLUMN_WIDTH, HALF_HEIGHT + 0.05 + (top - place) * ROW_HEIGHT)
            yield name, Node(at, half_width(1), _kind(name, network), printer.formula(network.symbols[name]))


def _kind(name: str, network: _Network) -> Literal["state", "input", "loss"]:
    if name in network.losses:
        return "loss"
    return "state" if name in network.computed else "input"


def _edge(arrow: _Arrow, network: _Network, nodes: dict[str, Node], printer: Printer) -> Edge:
    """A straight arrow to the next column; one that passes others over goes in an arc above them."""
    start, end = nodes[arrow.source], nodes[arrow.target]
    label = None if arrow.weight is None else printer.formula(arrow.weight)
    kind: Literal["forward", "input"] = "forward" if arrow.source in network.computed else "input"
    level = start.at[1] == end.at[1]
    if not level or network.columns[arrow.target] - network.columns[arrow.source] == 1:
        return straight(start, end, kind, label)
    a, b = (start.at[0], start.top + 0.06), (end.at[0] - 0.2, end.top + 0.06)
    middle = ((a[0] + b[0]) / 2, a[1] + 0.3)
    return Edge((a, (a[0] + 0.6, a[1] + LIFT), (b[0] - 0.6, b[1] + LIFT), b), kind, label, middle)


def _is_arc(edge: Edge) -> bool:
    return edge.points[1][1] > max(edge.points[0][1], edge.points[3][1])
