"""What SymPy lacks: small inert nodes, beside SymPy's own matrix expressions.

Inert means: nothing is computed when a node is built. Shapes are not checked here but in `bridge.to_term`.
A scalar is a SymPy `Expr`; where an operation of matrices needs or makes a 1 x 1 matrix, `AsMatrix` and `AsScalar` turn
one into the other and print as what they hold.
"""

from __future__ import annotations

from typing import Any

import sympy
from sympy import Basic, Expr, MatrixExpr
from sympy.core.kind import NumberKind
from sympy.core.symbol import Str
from sympy.matrices.expressions.diagonal import DiagMatrix, DiagonalOf
from sympy.matrices.expressions.matexpr import MatrixElement
from sympy.printing.precedence import PRECEDENCE
from sympy.printing.pretty.stringpict import prettyForm
from sympy.printing.printer import Printer
from sympy.tensor.array.expressions.arrayexpr_derivatives import array_derive

from .functions import latex_name


class Inert:
    """Mixed into the nodes: SymPy must not differentiate them, because it does so wrongly or not at all."""

    def _eval_derivative(self, x: Expr) -> Expr:
        if x in self.free_symbols:  # type: ignore[attr-defined]
            return _refuse_derivative(self, x)
        return sympy.ZeroMatrix(*self.shape) if isinstance(self, MatrixExpr) else sympy.S.Zero

    def doit(self, **hints: bool) -> Basic:
        """Work out what stands inside; the node itself stays, where SymPy's own diag(v) would ask what v is."""
        return Basic.doit(self, **hints)

    def _pretty(self, printer: Printer) -> prettyForm:
        return prettyForm(str(self))


def _refuse_derivative(expr: Any, x: Expr) -> Any:
    """SymPy's derivative by a matrix would be zero in silence for a scalar node, and endless for a matrix."""
    raise NotImplementedError(f"SymPy cannot differentiate {expr}: use symgrad.engine.backprop.local_gradient")


array_derive.register(Inert, _refuse_derivative)


class InertMatrix(Inert, MatrixExpr):
    """Base of the matrix-valued nodes; entries stay symbolic elements."""

    def _entry(self, i: Expr, j: Expr, **_: object) -> Expr:
        return MatrixElement(self, i, j)


class AsMatrix(InertMatrix):
    """A scalar as a 1 x 1 matrix."""

    shape = (sympy.S.One, sympy.S.One)

    def __new__(cls, scalar: Expr) -> AsMatrix:
        return Basic.__new__(cls, sympy.sympify(scalar, strict=True))

    def _sympystr(self, printer: Printer) -> str:
        return f"({printer._print(self.args[0])})"

    def _latex(self, printer: Printer) -> str:
        return rf"\left({printer._print(self.args[0])}\right)"


class AsScalar(Inert, Expr):
    """The only entry of a 1 x 1 matrix."""

    is_commutative = True
    kind = NumberKind

    def __new__(cls, matrix: MatrixExpr) -> AsScalar:
        if tuple(matrix.shape) != (1, 1):
            raise ValueError(f"{matrix} is {matrix.shape[0]} x {matrix.shape[1]}, not a scalar")
        return Basic.__new__(cls, matrix)

    @property
    def matrix(self) -> MatrixExpr:
        return self.args[0]

    def _sympystr(self, printer: Printer) -> str:
        return _bracketed(printer, self.args[0], "(", ")")

    def _latex(self, printer: Printer) -> str:
        return _bracketed(printer, self.args[0], r"\left(", r"\right)")


def _bracketed(printer: Printer, matrix: MatrixExpr, left: str, right: str) -> str:
    inner = printer._print(matrix)
    return inner if isinstance(matrix, Signal | Gradient | sympy.Trace) else f"{left}{inner}{right}"


def as_scalar(expr: Expr | MatrixExpr) -> Expr:
    """A 1 x 1 matrix as a scalar; a scalar as it is."""
    match expr:
        case AsMatrix():
            return expr.args[0]
        case MatrixExpr():
            return AsScalar(expr)
        case _:
            return expr


def as_matrix(expr: Expr | MatrixExpr) -> MatrixExpr:
    """A scalar as a 1 x 1 matrix; a matrix as it is."""
    match expr:
        case MatrixExpr():
            return expr
        case AsScalar():
            return expr.matrix
        case _:
            return AsMatrix(expr)


class Signal(InertMatrix):
    """A member of a family that is indexed by time, such as h[t - 1]: rows x columns at each time."""

    def __new__(cls, name: str | Str, rows: Expr, columns: Expr, *times: Expr) -> Signal:
        label = name if isinstance(name, Str) else Str(name)
        return Basic.__new__(cls, label, *(sympy.sympify(one, strict=True) for one in (rows, columns, *times)))

    @property
    def name(self) -> str:
        return str(self.args[0].name)

    @property
    def shape(self) -> tuple[Expr, Expr]:
        return (self.args[1], self.args[2])

    @property
    def times(self) -> tuple[Expr, ...]:
        return tuple(self.args[3:])

    def at(self, *times: Expr) -> Signal:
        """The same family at other times."""
        return Signal(*self.args[:3], *times)

    def _sympystr(self, printer: Printer) -> str:
        return f"{self.name}[{', '.join(printer._print(one) for one in self.times)}]"

    def _latex(self, printer: Printer) -> str:
        head = printer._print(sympy.Symbol(self.name))
        times = ", ".join(printer._print(one) for one in self.times)
        # In braces of its own, so that a further superscript (a transpose, a power) may follow.
        return f"{{{{{head}}}^{{[{times}]}}}}"


class TextbookSum(sympy.MatAdd):
    """A sum of matrices that is printed in the order in which it was written."""

    def as_ordered_terms(self, order: str | None = None) -> list[MatrixExpr]:
        return list(self.args)


class UnitVector(InertMatrix):
    """The column of that many rows with 1 in the place that an integer symbol names, and 0 elsewhere."""

    def __new__(cls, place: sympy.Symbol, rows: Expr) -> UnitVector:
        return Basic.__new__(cls, place, rows)

    @property
    def shape(self) -> tuple[Expr, Expr]:
        return (self.args[1], sympy.S.One)

    def _sympystr(self, printer: Printer) -> str:
        return f"e[{printer._print(self.args[0])}]"

    def _latex(self, printer: Printer) -> str:
        return rf"\mathbf{{e}}_{{{printer._print(self.args[0])}}}"


class TextbookProduct(sympy.MatMul):
    """A product of matrices, or a scalar times one, printed as it stands: SymPy would evaluate it to find a sign."""

    precedence = PRECEDENCE["Mul"]

    def could_extract_minus_sign(self) -> bool:
        return bool(self.args[0].is_Number and self.args[0].is_negative)

    def _signed(self, printer: Printer) -> tuple[str, list[str]]:
        negative = self.could_extract_minus_sign()
        factors = [-self.args[0], *self.args[1:]] if negative else list(self.args)
        shown = [one for one in factors if one != 1]
        return "-" if negative else "", [_factor(printer, one) for one in shown]

    def _sympystr(self, printer: Printer) -> str:
        sign, factors = self._signed(printer)
        return sign + "*".join(factors)

    def _latex(self, printer: Printer) -> str:
        sign, factors = self._signed(printer)
        return " ".join(([sign] if sign else []) + factors)


def _factor(printer: Printer, one: Basic) -> str:
    """A factor, in brackets if it is itself a sum or a product: the order of multiplication is kept."""
    return str(printer.parenthesize(one, PRECEDENCE["Mul"], strict=False))


class Diagonal(Inert, DiagMatrix):
    """diag(v): the square matrix with the column v on its diagonal."""

    def _sympystr(self, printer: Printer) -> str:
        return f"diag({printer._print(self.args[0])})"

    def _latex(self, printer: Printer) -> str:
        return rf"\operatorname{{diag}}\left({printer._print(self.args[0])}\right)"


class DiagonalPart(Inert, DiagonalOf):
    """The diagonal of a square matrix, as a column."""

    def _latex(self, printer: Printer) -> str:
        return rf"\operatorname{{diagonal}}\left({printer._print(self.args[0])}\right)"


class Entrywise(InertMatrix):
    """A scalar function, known by its name, applied to each entry; "tanh'" is the derivative of "tanh"."""

    def __new__(cls, function: str | Str, body: MatrixExpr) -> Entrywise:
        return Basic.__new__(cls, function if isinstance(function, Str) else Str(function), body)

    @property
    def function(self) -> str:
        return str(self.args[0].name)

    @property
    def body(self) -> MatrixExpr:
        return self.args[1]

    @property
    def shape(self) -> tuple[Expr, Expr]:
        return tuple(self.body.shape)

    def _sympystr(self, printer: Printer) -> str:
        return f"{self.function}({printer._print(self.body)})"

    def _latex(self, printer: Printer) -> str:
        return rf"{latex_name(self.function)}\left({printer._print(self.body)}\right)"


class Softmax(InertMatrix):
    """Each column v becomes exp(v) / (1^T exp(v))."""

    @property
    def shape(self) -> tuple[Expr, Expr]:
        return tuple(self.args[0].shape)

    def _sympystr(self, printer: Printer) -> str:
        return f"softmax({printer._print(self.args[0])})"

    def _latex(self, printer: Printer) -> str:
        return rf"\operatorname{{softmax}}\left({printer._print(self.args[0])}\right)"


class Gradient(InertMatrix):
    """Derivative in gradient layout, dim wrt x dim of; total unless `direct`; `held` are triples (name, lower, upper).

    `of` and `wrt` are columns or scalars. It is a name for the derivative: `engine.backprop` finds its value.
    """

    def __new__(
        cls, of: Expr | MatrixExpr, wrt: Expr | MatrixExpr, held: Any = (), direct: bool | Basic = False
    ) -> Gradient:
        ranges = (sympy.Tuple(Str(str(name)), lower, upper) for name, lower, upper in held)
        return Basic.__new__(cls, of, wrt, sympy.Tuple(*ranges), sympy.true if direct else sympy.false)

    @property
    def of(self) -> Expr | MatrixExpr:
        return self.args[0]

    @property
    def wrt(self) -> Expr | MatrixExpr:
        return self.args[1]

    @property
    def held(self) -> tuple[sympy.Tuple, ...]:
        return tuple(self.args[2])

    @property
    def direct(self) -> bool:
        return bool(self.args[3])

    @property
    def shape(self) -> tuple[Expr, Expr]:
        return (as_matrix(self.wrt).shape[0], as_matrix(self.of).shape[0])

    def _sympystr(self, printer: Printer) -> str:
        held = ", ".join(f"{name.name}[{lower}..{upper}]" for name, lower, upper in self.held)
        words = [printer._print(self.of), printer._print(self.wrt), *(["direct"] if self.direct else [])]
        return f"grad({', '.join(words)}{f'; held {held}' if held else ''})"

    def _latex(self, printer: Printer) -> str:
        nabla = r"\tilde\nabla" if self.direct else r"\nabla"
        ranges = ((name.name, printer._print(lower), printer._print(upper)) for name, lower, upper in self.held)
        held = ",".join(rf"{name}^{{[{lower}..{upper}]}}" for name, lower, upper in ranges)
        body = printer._print(self.of)
        body = body if isinstance(self.of, Signal | sympy.Symbol) else rf"\left({body}\right)"
        value = rf"{nabla}_{{{printer._print(self.wrt)}}} {body}"
        return rf"\left.{value}\right|_{{{held}}}" if held else value
