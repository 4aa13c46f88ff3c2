"""Coordinates for the templates: of the unrolled graph and of the plot, as TikZ and SVG write them.

No colour and no stroke is chosen here; the templates do that.
"""

from __future__ import annotations

from math import log10

from ..plot import Plot, Series
from .figures import Edge, Graph, Point
from .typeset import Filters

SCALE = 40.0
PLOT_WIDTH = 620.0
PLOT_HEIGHT = 300.0


def drawing_filters(kind: str) -> Filters:
    shared: Filters = {"number": shown}
    if kind == "latex":
        return shared | {"tikz": tikz_path, "coordinates": coordinates}
    return shared | {"svg_path": svg_path, "svg_x": svg_x, "svg_y": svg_y, "polyline": polyline, "height_of": height_of}


def shown(value: float) -> str:
    """A length, short and without an exponent."""
    return f"{value:.3f}".rstrip("0").rstrip(".")


def tikz_path(edge: Edge) -> str:
    a, b, c, d = (f"({shown(x)},{shown(y)})" for x, y in edge.points)
    return f"{a} .. controls {b} and {c} .. {d}"


def svg_x(x: float) -> str:
    return shown(x * SCALE)


def svg_y(y: float, graph: Graph) -> str:
    return shown((graph.height - y) * SCALE)


def svg_path(edge: Edge, graph: Graph) -> str:
    def place(point: Point) -> str:
        return f"{svg_x(point[0])} {svg_y(point[1], graph)}"

    first, *rest = (place(point) for point in edge.points)
    return f"M{first} C{', '.join(rest)}"


def coordinates(series: Series, plot: Plot) -> str:
    """The points of a curve for pgfplots; a value below the axis is left out."""
    return " ".join(f"({k},{value:.4e})" for k, value in _visible(series, plot))


def polyline(series: Series, plot: Plot) -> str:
    """The points of a curve in the coordinates of the SVG."""
    points = _visible(series, plot)
    return " ".join(f"{shown(PLOT_WIDTH * k / plot.steps)},{height_of(log10(value), plot)}" for k, value in points)


def height_of(exponent: float, plot: Plot) -> str:
    return shown(PLOT_HEIGHT * (plot.high - exponent) / (plot.high - plot.low))


def _visible(series: Series, plot: Plot) -> list[tuple[int, float]]:
    return [(k, value) for k, value in enumerate(series.values) if value >= 10.0**plot.low]
