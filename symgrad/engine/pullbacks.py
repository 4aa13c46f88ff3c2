"""The table of pullbacks: how the gradient of a column depends on the gradients of its arguments.

A row says: the gradient of `expr` is the sum over its parts of (gradient of the argument) times (factors), in gradient
layout (dim wrt x dim expr). Matrices are differentiated here, scalars by SymPy. What has no row is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

import sympy
from sympy import Basic, Expr, MatrixExpr
from sympy.matrices.expressions.diagonal import DiagMatrix

from ..expressions.binders import ComponentSum, Extremum, Magnitude
from ..expressions.build import hadamard, product, scaled, total
from ..expressions.nodes import AsMatrix, AsScalar, Diagonal, Entrywise, Gradient, Signal, Softmax, as_matrix, as_scalar

Expression: TypeAlias = Expr | MatrixExpr
_NAMES = (sympy.Symbol, sympy.MatrixSymbol, Signal)


class UnderivableError(ValueError):
    """No row of the table differentiates this expression; the message says which and why."""


class Part(NamedTuple):
    """One term of a rule: (gradient of `argument`) times `factors`, left to right; scalars may stand among them."""

    rule: str
    argument: Expression
    factors: tuple[Expression, ...] = ()


class Application(NamedTuple):
    """A rule as it was used: by `rule`, the gradient of `of` is `value`."""

    rule: str
    of: Expression
    value: MatrixExpr


@dataclass(frozen=True, slots=True)
class LocalGradient:
    """The direct derivative of `of` by `wrt`, dim wrt x dim of, and the rules that gave it, innermost first."""

    of: Expression
    wrt: Expression
    value: MatrixExpr
    applications: tuple[Application, ...]

    @property
    def rules(self) -> tuple[str, ...]:
        """The names of the rules used, each once, in the order of use."""
        return tuple(dict.fromkeys(one.rule for one in self.applications))


def local_gradient(expr: Expression, wrt: Expression) -> MatrixExpr:
    """The derivative of a column (or scalar) by a column (or scalar) that stands in it; all other symbols are constant.

    Gradient layout: dim wrt x dim expr. Raises UnderivableError for what is not in the table.
    """
    return differentiate(expr, wrt).value


def differentiate(expr: Expression, wrt: Expression) -> LocalGradient:
    """As `local_gradient`, with the rules that were used."""
    try:
        return _differentiated(expr, wrt)
    except RecursionError:
        raise UnderivableError("the expression is nested too deeply") from None


def _differentiated(expr: Expression, wrt: Expression) -> LocalGradient:
    expr, wrt = as_matrix(expr), as_matrix(wrt)
    for one in (expr, wrt):
        if one.shape[1] != 1:
            shape = f"{one.shape[0]} x {one.shape[1]}"
            raise UnderivableError(f"a derivative of or by {one}, which is {shape}, not a column")
    if not isinstance(wrt.args[0] if isinstance(wrt, AsMatrix) else wrt, _NAMES):
        raise UnderivableError(f"a derivative by {wrt}, which is not a name")
    walk = _Walk(wrt)
    value = walk.gradient(expr)
    zero = sympy.ZeroMatrix(wrt.shape[0], expr.shape[0])
    return LocalGradient(expr, wrt, zero if value is None else value, tuple(walk.applications))


@dataclass(slots=True)
class _Walk:
    """One differentiation: the variable, and the rules used so far."""

    wrt: MatrixExpr
    applications: list[Application] = field(default_factory=list)

    def gradient(self, expr: Expression) -> MatrixExpr | None:
        """None stands for zero."""
        if as_matrix(expr) == self.wrt:
            return sympy.Identity(self.wrt.shape[0])
        if not self.depends(expr):
            return None
        if isinstance(expr, ComponentSum):
            inner = self.gradient(expr.body)
            return inner and ComponentSum(inner, expr.limits)
        parts = [one for one in _parts(expr, self.depends) if self.depends(one.argument)]
        inner = [self.gradient(one.argument) for one in parts]
        terms = [compose(one, *part.factors) for one, part in zip(inner, parts, strict=True) if one is not None]
        value = total(*terms)
        self.applications.extend(Application(rule, expr, value) for rule in dict.fromkeys(one.rule for one in parts))
        return value

    def depends(self, expr: Basic) -> bool:
        return any(self._is_variable(one) for one in sympy.preorder_traversal(expr))

    def _is_variable(self, one: Basic) -> bool:
        variable = as_scalar(self.wrt) if isinstance(self.wrt, AsMatrix) else self.wrt
        if one == variable:
            return True
        if not (isinstance(one, Signal) and isinstance(variable, Signal) and one.name == variable.name):
            return False
        lags = [mine - other for mine, other in zip(one.times, variable.times, strict=True)]
        if not any(lag.is_Integer for lag in lags):
            raise UnderivableError(f"cannot tell whether {one} is {variable}: their times do not differ by a number")
        return False


def compose(*factors: Expression) -> MatrixExpr:
    """Matrix product of matrices and scalars, without identities; scalars are put in front."""
    scalars = [as_scalar(one) for one in factors if not isinstance(one, MatrixExpr) or isinstance(one, AsMatrix)]
    matrices = [one for one in factors if isinstance(one, MatrixExpr) and not isinstance(one, AsMatrix)]
    kept = [one for one in matrices if not isinstance(one, sympy.Identity)] or matrices[:1]
    scalar = sympy.Mul(*scalars)
    if not kept:
        return AsMatrix(scalar)
    return product(*kept) if scalar == 1 else scaled(scalar, product(*kept))


def transposed(matrix: MatrixExpr) -> MatrixExpr:
    """The transpose, carried to the factors of a product and dropped where it changes nothing."""
    match matrix:
        case sympy.Transpose(args=(inner,)):
            return inner
        case sympy.Identity() | DiagMatrix() | AsMatrix():
            return matrix
        case sympy.MatMul(args=factors):
            return compose(*(transposed(one) if isinstance(one, MatrixExpr) else one for one in reversed(factors)))
        case _:
            return sympy.Transpose(matrix)


Depends = Callable[[Basic], bool]
Row = Callable[[Basic, Depends], Iterator[Part]]
_TABLE: dict[type[Basic], Row] = {}


def _row(*kinds: type[Basic]) -> Callable[[Row], Row]:
    def enter(row: Row) -> Row:
        _TABLE.update(dict.fromkeys(kinds, row))
        return row

    return enter


def _parts(expr: Basic, depends: Depends) -> tuple[Part, ...]:
    for kind in type(expr).__mro__:
        if kind in _TABLE:
            return tuple(_TABLE[kind](expr, depends))
    raise UnderivableError(f"no rule differentiates {expr} ({type(expr).__name__})")


@_row(sympy.MatAdd)
def _sum(expr: Basic, _: Depends) -> Iterator[Part]:
    """(a + b)' = a' + b'"""
    return (Part("sum", one) for one in expr.args)


@_row(sympy.HadamardProduct)
def _hadamard(expr: Basic, _: Depends) -> Iterator[Part]:
    """(a o b)' = a' diag(b) + b' diag(a)"""
    for place, one in enumerate(expr.args):
        others = (*expr.args[:place], *expr.args[place + 1 :])
        yield Part("hadamard", one, (_diagonal(hadamard(*others)),))


@_row(Entrywise)
def _entrywise(expr: Entrywise, _: Depends) -> Iterator[Part]:
    """f(a)' = a' diag(f'(a)), the function acting on each entry"""
    yield Part("entrywise", expr.body, (_diagonal(Entrywise(expr.function + "'", expr.body)),))


@_row(Softmax)
def _softmax(expr: Softmax, _: Depends) -> Iterator[Part]:
    """softmax(a)' = a' (diag(p) - p p^T), where p is the softmax"""
    yield Part("softmax", expr.args[0], (total(_diagonal(expr), scaled(-1, product(expr, transposed(expr)))),))


@_row(sympy.HadamardPower)
def _entrywise_power(expr: sympy.HadamardPower, _: Depends) -> Iterator[Part]:
    """(a^p)' = a' p diag(a^(p-1)), entry by entry"""
    base, power = expr.args
    if not (power.is_Integer and power >= 0):
        raise UnderivableError(f"no rule differentiates {expr}: its exponent is not a natural number")
    if power == 1:
        yield Part("entrywise_power", base)
    elif power > 1:
        slope = base if power == 2 else sympy.HadamardPower(base, power - 1)
        yield Part("entrywise_power", base, (power, _diagonal(slope)))


@_row(sympy.MatMul)
def _product(expr: sympy.MatMul, depends: Depends) -> Iterator[Part]:
    """(s A v)' = s v' A^T + s' (A v)^T; with u^T or diag(u) before v also by u, and sums are multiplied out"""
    opened = _flat(expr.args)
    scalars = [one for one in opened if not isinstance(one, MatrixExpr)]
    factors = [one for one in opened if isinstance(one, MatrixExpr)]
    for place, one in enumerate(scalars):
        others = scalars[:place] + scalars[place + 1 :]
        yield Part("scalar_multiple", one, (*others, transposed(compose(*factors))))
    spread = next((place for place, one in enumerate(factors) if isinstance(one, sympy.MatAdd) and depends(one)), None)
    if spread is not None and len(factors) > 1:
        for one in factors[spread].args:
            yield Part("distribute", compose(*factors[:spread], one, *factors[spread + 1 :]), tuple(scalars))
        return
    for place, one in enumerate(factors):
        if depends(one):
            rule, argument, right = _by_factor(one, factors[place + 1 :])
            yield Part(rule, argument, (*scalars, *right, *_left(factors[:place])))


def _flat(factors: Iterable[Expression]) -> list[Expression]:
    """Nested products and transposes of products opened."""
    found: list[Expression] = []
    for one in factors:
        if isinstance(one, sympy.Transpose):
            one = _transposed_inside(one.args[0])
        found.extend(_flat(one.args) if isinstance(one, sympy.MatMul) else [one])
    return found


def _transposed_inside(body: MatrixExpr) -> MatrixExpr:
    """The transpose of a sum as a sum of transposes, besides what `transposed` does."""
    return total(*map(transposed, body.args)) if isinstance(body, sympy.MatAdd) else transposed(body)


def _left(factors: list[MatrixExpr]) -> tuple[MatrixExpr, ...]:
    return (transposed(compose(*factors)),) if factors else ()


def _by_factor(one: MatrixExpr, rest: list[MatrixExpr]) -> tuple[str, MatrixExpr, tuple[Expression, ...]]:
    """How (A one rest) depends on `one`, for constant A: rule, column in `one`, and the factors before A^T."""
    after = compose(*rest) if rest else None
    match one:
        case DiagMatrix(args=(column,)) if after is not None:
            return "diagonal_product", column, (_diagonal(after),)
        case sympy.Transpose(args=(column,)) if column.shape[1] == 1 and after is not None:
            return "inner_product", column, (after,)
        case _ if one.shape[1] == 1:
            return "product", one, () if after is None else (as_scalar(after),)
        case _:
            raise UnderivableError(f"no rule differentiates a product by its factor {one} ({type(one).__name__})")


def _diagonal(column: MatrixExpr) -> Expression:
    return as_scalar(column) if tuple(column.shape) == (1, 1) else Diagonal(column)


@_row(AsMatrix, AsScalar)
def _same(expr: Basic, _: Depends) -> Iterator[Part]:
    """A scalar and the 1 x 1 matrix of it have the same gradient."""
    yield Part("scalar", expr.args[0])


@_row(sympy.Transpose)
def _transpose(expr: sympy.Transpose, _: Depends) -> Iterator[Part]:
    """A column that is a transpose is opened: (B A)^T = A^T B^T"""
    opened = _transposed_inside(expr.args[0])
    if opened == expr and tuple(expr.shape) != (1, 1):
        raise UnderivableError(f"no rule differentiates {expr}")
    yield Part("transpose", expr.args[0] if opened == expr else opened)


_OPAQUE = (AsScalar, Magnitude, Extremum, sympy.Trace, sympy.Determinant, Gradient)


@_row(Expr)
def _scalar(expr: Expr, depends: Depends) -> Iterator[Part]:
    """f(a, b)' = a' df/da + b' df/db for a scalar function, by SymPy's scalar derivatives"""
    if isinstance(expr, _OPAQUE) or not expr.args:
        raise UnderivableError(f"no rule differentiates {expr} ({type(expr).__name__})")
    leaves = {one: sympy.Dummy(real=True) for one in _leaves(expr) if depends(one)}
    plain, back = expr.xreplace(leaves), {dummy: one for one, dummy in leaves.items()}
    for one, dummy in leaves.items():
        slope = plain.diff(dummy)
        if slope.has(sympy.Derivative, sympy.Subs):
            raise UnderivableError(f"SymPy does not know the derivative of {expr}")
        yield Part("scalar_calculus", one, (slope.xreplace(back),))


def _leaves(expr: Basic) -> Iterator[Basic]:
    if isinstance(expr, _OPAQUE) or not expr.args:
        yield expr
        return
    for one in expr.args:
        yield from _leaves(one)
