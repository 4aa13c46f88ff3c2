"""Nodes that bind a variable or measure: ordered products, indexed sums, limits, suprema, norms.

The bound variable is not free, and `subs` leaves it alone. As in `nodes.py`, nothing is computed when a node is built.
"""

from __future__ import annotations

from collections.abc import Iterator

import sympy
from sympy import Basic, Expr, MatrixExpr
from sympy.core.kind import NumberKind
from sympy.core.symbol import Str
from sympy.printing.printer import Printer

from .nodes import Inert, InertMatrix


class _Binder(InertMatrix):
    """body for index = lower ... upper. The index is bound: it is not free, and `subs` leaves it alone."""

    symbol = ("", "")

    def __new__(cls, body: MatrixExpr, limits: tuple[Expr, Expr, Expr]) -> _Binder:
        return Basic.__new__(cls, body, sympy.Tuple(*limits))

    @property
    def body(self) -> MatrixExpr:
        return self.args[0]

    @property
    def limits(self) -> tuple[sympy.Symbol, Expr, Expr]:
        return tuple(self.args[1])

    @property
    def shape(self) -> tuple[Expr, Expr]:
        return tuple(self.body.shape)

    @property
    def bound_symbols(self) -> list[sympy.Symbol]:
        return [self.limits[0]]

    @property
    def free_symbols(self) -> set[Basic]:
        index, lower, upper = self.limits
        return (self.body.free_symbols - {index}) | lower.free_symbols | upper.free_symbols

    def _eval_subs(self, old: Basic, new: Basic) -> Basic | None:
        index, lower, upper = self.limits
        if old == index:
            return self.func(self.body, (index, lower.subs(old, new), upper.subs(old, new)))
        if index not in new.free_symbols or old not in self.free_symbols:
            return None
        fresh = _fresh(index, new.free_symbols | self.body.free_symbols)
        return self.func(self.body.subs(index, fresh), (fresh, lower, upper)).subs(old, new)

    def _sympystr(self, printer: Printer) -> str:
        index, lower, upper = (printer._print(one) for one in self.limits)
        return f"{self.symbol[0]}[{index}={lower}..{upper}]({printer._print(self.body)})"

    def _latex(self, printer: Printer) -> str:
        index, lower, upper = (printer._print(one) for one in self.limits)
        return rf"\left[{self.symbol[1]}_{{{index}={lower}}}^{{{upper}}} {printer._print(self.body)}\right]"


def _fresh(index: sympy.Symbol, taken: set[Basic]) -> sympy.Symbol:
    names = {getattr(one, "name", "") for one in taken}
    return sympy.Symbol(next(name for name in _numbered(index.name) if name not in names), integer=True)


def _numbered(name: str) -> Iterator[str]:
    number = 0
    while True:
        number += 1
        yield f"{name}{number}"


class OrderedProduct(_Binder):
    """body(lower) . body(lower+1) ... body(upper), left to right; the identity if upper < lower."""

    symbol = ("prod", r"\prod")


class IndexedSum(_Binder):
    """body(lower) + ... + body(upper); zero if upper < lower."""

    symbol = ("sum", r"\sum")


class ComponentSum(_Binder):
    """The sum of body over an index that runs from 1 through all entries of a vector."""

    symbol = ("sum", r"\sum")


class Limit(InertMatrix):
    """Limit of a matrix as an integer index tends to infinity."""

    def __new__(cls, body: MatrixExpr, index: sympy.Symbol) -> Limit:
        return Basic.__new__(cls, body, index)

    @property
    def shape(self) -> tuple[Expr, Expr]:
        return tuple(self.args[0].shape)

    @property
    def free_symbols(self) -> set[Basic]:
        return set(self.args[0].free_symbols - {self.args[1]})

    def _eval_subs(self, old: Basic, new: Basic) -> Basic | None:
        return self if old == self.args[1] else None

    def _sympystr(self, printer: Printer) -> str:
        return f"lim[{printer._print(self.args[1])}->oo]({printer._print(self.args[0])})"

    def _latex(self, printer: Printer) -> str:
        index, body = printer._print(self.args[1]), printer._print(self.args[0])
        return rf"\left[\lim_{{{index} \to \infty}} {body}\right]"


_MAGNITUDES = {
    "spectral_norm": ("norm({})", r"\left\|{}\right\|"),
    "least_singular_value": ("sigma_min({})", r"\sigma_{{\min}}\left({}\right)"),
    "spectral_radius": ("rho({})", r"\rho\left({}\right)"),
    "largest_entry": ("max_j|{}|_j", r"\max_j \left|{}\right|_j"),
    "smallest_entry": ("min_j|{}|_j", r"\min_j \left|{}\right|_j"),
}


class Magnitude(Inert, Expr):
    """A non-negative scalar that measures a matrix, vector or scalar; the kinds are those of the kernel's Magnitude."""

    is_commutative = True
    kind = NumberKind

    def __new__(cls, kind: str | Str, body: Expr | MatrixExpr) -> Magnitude:
        label = kind if isinstance(kind, Str) else Str(kind)
        if label.name not in _MAGNITUDES:
            raise ValueError(f"no magnitude is called {label.name}; known are {', '.join(_MAGNITUDES)}")
        return Basic.__new__(cls, label, body)

    @property
    def magnitude(self) -> str:
        return str(self.args[0].name)

    @property
    def body(self) -> Expr | MatrixExpr:
        return self.args[1]

    def _sympystr(self, printer: Printer) -> str:
        return _MAGNITUDES[self.magnitude][0].format(printer._print(self.body))

    def _latex(self, printer: Printer) -> str:
        return _MAGNITUDES[self.magnitude][1].format(printer._print(self.body))


class Extremum(Inert, Expr):
    """sup or max over all real x of a scalar in x; "max" says that the supremum is attained."""

    is_commutative = True
    kind = NumberKind

    def __new__(cls, kind: str | Str, variable: sympy.Symbol, body: Expr) -> Extremum:
        return Basic.__new__(cls, kind if isinstance(kind, Str) else Str(kind), variable, body)

    @property
    def free_symbols(self) -> set[Basic]:
        return set(self.args[2].free_symbols - {self.args[1]})

    def _eval_subs(self, old: Basic, new: Basic) -> Basic | None:
        return self if old == self.args[1] else None

    def _sympystr(self, printer: Printer) -> str:
        kind, variable, body = self.args
        return f"{kind.name}[{printer._print(variable)}]({printer._print(body)})"

    def _latex(self, printer: Printer) -> str:
        kind, variable, body = self.args
        return rf"\left(\{kind.name}_{{{printer._print(variable)}}} {printer._print(body)}\right)"
