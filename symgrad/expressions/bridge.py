"""Between SymPy expressions and the kernel's terms, inverse to each other.

Sizes and times are SymPy integer symbols; a 1 x 1 term is a SymPy scalar. `to_term` is where shapes are checked: the
kernel's records refuse what does not fit.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any, cast

import sympy
from sympy import Basic, Expr, MatrixExpr
from sympy.matrices.expressions.diagonal import DiagMatrix, DiagonalOf
from sympy.matrices.expressions.matexpr import MatrixElement

from ..kernel import term as kernel
from ..kernel.affine import affine
from ..kernel.term import ShapeError, Term
from . import binders, functions, nodes
from .indices import BridgeError, size_to_sympy, size_to_term, time_to_sympy, time_to_term
from .nodes import as_matrix, as_scalar


def to_sympy(term: Term) -> Expr | MatrixExpr:
    """The SymPy expression of a kernel term, with its structure kept; 1 x 1 terms become scalars.

    Raises BridgeError for a term that is nested too deeply.
    """
    try:
        found = _to_sympy(term)
    except RecursionError:
        raise BridgeError("the term is nested too deeply") from None
    return as_scalar(found) if term.shape == kernel.SCALAR else found


def _matrix(term: Term) -> MatrixExpr:
    return as_matrix(to_sympy(term))


def _matrices(terms: tuple[Term, ...]) -> tuple[MatrixExpr, ...]:
    return tuple(_matrix(one) for one in terms)


def _to_sympy(term: Term) -> Expr | MatrixExpr:
    match term:
        case kernel.Number(value=value):
            return sympy.Rational(value.numerator, value.denominator)
        case kernel.Symbol():
            return _symbol(term)
        case kernel.Ones(size=size):
            return sympy.OneMatrix(*map(size_to_sympy, size))
        case kernel.Zero(size=size):
            return sympy.ZeroMatrix(*map(size_to_sympy, size))
        case kernel.Identity(rows=rows):
            return sympy.Identity(size_to_sympy(rows))
        case kernel.Basis(place=place, rows=rows):
            return nodes.UnitVector(time_to_sympy(place), size_to_sympy(rows))
        case _ if term.shape == kernel.SCALAR:
            return _scalar(term)
        case _:
            return _compound(term)


def _symbol(term: kernel.Symbol) -> Expr | MatrixExpr:
    rows, columns = map(size_to_sympy, term.size)
    if term.times:
        return nodes.Signal(term.name, rows, columns, *map(time_to_sympy, term.times))
    if term.size == kernel.SCALAR:
        return sympy.Symbol(term.name, real=True)
    return sympy.MatrixSymbol(term.name, rows, columns)


def _scalar(term: Term) -> Expr | MatrixExpr:
    match term:
        case kernel.Sum(terms=terms):
            return sympy.Add(*map(to_sympy, terms), evaluate=False)
        case kernel.Scale(scalar=scalar, body=body):
            return sympy.Mul(to_sympy(scalar), to_sympy(body), evaluate=False)
        case kernel.Power(body=body, exponent=exponent):
            return sympy.Pow(to_sympy(body), time_to_sympy(exponent), evaluate=False)
        case kernel.Inverse(body=body):
            return sympy.Pow(to_sympy(body), -1, evaluate=False)
        case kernel.Entrywise(function=function, body=body):
            return functions.apply(function, to_sympy(body))
        case kernel.Magnitude(kind=kind, body=body):
            return binders.Magnitude(kind, to_sympy(body))
        case kernel.Extremum(kind=kind, variable=variable, body=body):
            return binders.Extremum(kind, sympy.Symbol(variable, real=True), to_sympy(body))
        case _:
            return _compound(term)


def _compound(term: Term) -> MatrixExpr:
    match term:
        case kernel.Sum(terms=terms):
            return nodes.TextbookSum(*_matrices(terms))
        case kernel.Scale(scalar=scalar, body=body):
            return nodes.TextbookProduct(to_sympy(scalar), _matrix(body))
        case kernel.Product(factors=factors):
            return nodes.TextbookProduct(*_matrices(factors))
        case kernel.Hadamard(factors=factors):
            return sympy.HadamardProduct(*_matrices(factors))
        case kernel.EntrywisePower(body=body, exponent=power):
            return sympy.HadamardPower(_matrix(body), sympy.Integer(power))
        case kernel.Power(body=body, exponent=exponent):
            return sympy.MatPow(_matrix(body), time_to_sympy(exponent))
        case kernel.Entrywise(function=function, body=body):
            return nodes.Entrywise(function, _matrix(body))
        case kernel.Gradient():
            return _gradient(term)
        case kernel.OrderedProduct() | kernel.IndexedSum():
            return _binder(term)
        case kernel.ComponentSum(index=index, rows=rows, body=body):
            return binders.ComponentSum(_matrix(body), (time_to_sympy(affine(index)), sympy.S.One, size_to_sympy(rows)))
        case kernel.Limit(index=index, body=body):
            return binders.Limit(_matrix(body), time_to_sympy(affine(index)))
        case _:
            return _unary(term)


_UNARY: dict[type[Term], Callable[[MatrixExpr], MatrixExpr]] = {
    kernel.Transpose: sympy.Transpose,
    kernel.Inverse: sympy.Inverse,
    kernel.Diagonal: nodes.Diagonal,
    kernel.DiagonalPart: nodes.DiagonalPart,
    kernel.Trace: sympy.Trace,
    kernel.Determinant: sympy.Determinant,
    kernel.Softmax: nodes.Softmax,
}


def _unary(term: Term) -> Expr | MatrixExpr:
    build = _UNARY.get(type(term))
    if build is None:
        raise BridgeError(f"there is no SymPy expression for a {type(term).__name__}")
    return build(_matrix(cast(Any, term).body))


def _binder(term: kernel.Binder) -> MatrixExpr:
    build = binders.OrderedProduct if isinstance(term, kernel.OrderedProduct) else binders.IndexedSum
    return build(_matrix(term.body), tuple(map(time_to_sympy, (affine(term.index), term.lower, term.upper))))


def _gradient(term: kernel.Gradient) -> MatrixExpr:
    held = tuple((one.name, time_to_sympy(one.lower), time_to_sympy(one.upper)) for one in term.held)
    return nodes.Gradient(to_sympy(term.of), to_sympy(term.wrt), held, term.direct)


def to_term(expr: Expr | MatrixExpr) -> Term:
    """The kernel term of a SymPy expression.

    Raises ShapeError for parts that do not fit together, and BridgeError for what the kernel has no term for or what is
    nested too deeply.
    """
    try:
        return _to_term(expr)
    except RecursionError:
        raise BridgeError("the expression is nested too deeply") from None


def _to_term(expr: Expr | MatrixExpr) -> Term:
    match expr:
        case nodes.AsMatrix() | nodes.AsScalar():
            return to_term(expr.args[0])
        case MatrixExpr():
            return _matrix_term(expr)
        case Basic():
            return _scalar_term(expr)
        case _:
            raise BridgeError(f"{expr!r} is not a symbolic SymPy expression")


def _terms(expr: Basic) -> tuple[Term, ...]:
    return tuple(to_term(one) for one in expr.args)


def _shape(expr: MatrixExpr) -> kernel.Shape:
    rows, columns = (size_to_term(one) for one in expr.shape)
    return (rows, columns)


def _scalar_term(expr: Expr) -> Term:
    match expr:
        case sympy.Rational():
            return kernel.Number(Fraction(int(expr.p), int(expr.q)))
        case sympy.Symbol():
            return kernel.Symbol(expr.name, kernel.SCALAR)
        case sympy.Add():
            return kernel.Sum(_terms(expr))
        case sympy.Mul():
            return _nested_scale(_terms(expr))
        case sympy.Pow():
            return _power_term(expr)
        case sympy.Trace():
            return kernel.Trace(to_term(expr.args[0]))
        case sympy.Determinant():
            return kernel.Determinant(to_term(expr.args[0]))
        case binders.Magnitude():
            return kernel.Magnitude(cast(kernel.MagnitudeKind, expr.magnitude), to_term(expr.body))
        case binders.Extremum():
            kind, variable, body = expr.args
            return kernel.Extremum(kind.name, variable.name, to_term(body))
        case MatrixElement() if tuple(expr.args[0].shape) == (1, 1):
            return to_term(expr.args[0])
        case _:
            return _function_term(expr)


def _function_term(expr: Expr) -> Term:
    name = functions.name_of(expr)
    if name is None or len(expr.args) != 1:
        raise BridgeError(f"the kernel has no term for {expr} ({type(expr).__name__})")
    return kernel.Entrywise(name, to_term(expr.args[0]))


def _power_term(expr: sympy.Pow) -> Term:
    base, exponent = expr.args
    if exponent.is_Rational and exponent.q == 2:
        root = kernel.Entrywise("sqrt", to_term(base))
        return _one_over(root, -int(exponent.p)) if exponent.p < 0 else _to_power(root, int(exponent.p))
    if exponent.is_Integer and exponent < 0:
        inner = base if exponent == -1 else sympy.Pow(base, -exponent, evaluate=False)
        return kernel.Inverse(to_term(inner))
    return kernel.Power(to_term(base), time_to_term(exponent))


def _to_power(term: Term, times: int) -> Term:
    return kernel.Power(term, affine(times)) if times > 1 else term


def _one_over(term: Term, times: int) -> Term:
    return kernel.Inverse(_to_power(term, times))


def _nested_scale(terms: tuple[Term, ...]) -> Term:
    found = terms[-1]
    for scalar in reversed(terms[:-1]):
        found = kernel.Scale(scalar, found)
    return found


def _matrix_term(expr: MatrixExpr) -> Term:
    match expr:
        case sympy.MatrixSymbol():
            return kernel.Symbol(str(expr.name), _shape(expr))
        case nodes.Signal():
            return kernel.Symbol(expr.name, _shape(expr), tuple(map(time_to_term, expr.times)))
        case sympy.OneMatrix():
            return kernel.Ones(_shape(expr))
        case sympy.ZeroMatrix():
            return kernel.Zero(_shape(expr))
        case sympy.Identity():
            return kernel.Identity(size_to_term(expr.shape[0]))
        case sympy.MatAdd():
            return kernel.Sum(_terms(expr))
        case sympy.MatMul():
            return _product_term(expr)
        case sympy.HadamardProduct():
            return kernel.Hadamard(_terms(expr))
        case nodes.Gradient():
            return _gradient_term(expr)
        case binders.OrderedProduct() | binders.IndexedSum():
            return _binder_term(expr)
        case nodes.UnitVector(args=(place, rows)):
            return kernel.Basis(time_to_term(place), size_to_term(rows))
        case binders.ComponentSum(body=body, limits=(index, _, rows)):
            return kernel.ComponentSum(index.name, size_to_term(rows), to_term(body))
        case binders.Limit(args=(body, index)):
            return kernel.Limit(index.name, to_term(body))
        case _:
            return _unary_term(expr)


def _unary_term(expr: MatrixExpr) -> Term:
    match expr:
        case nodes.Entrywise():
            return kernel.Entrywise(expr.function, to_term(expr.body))
        case sympy.Transpose():
            return kernel.Transpose(to_term(expr.args[0]))
        case nodes.Softmax():
            return kernel.Softmax(to_term(expr.args[0]))
        case sympy.Inverse():
            return kernel.Inverse(to_term(expr.args[0]))
        case DiagMatrix():
            return kernel.Diagonal(to_term(expr.args[0]))
        case DiagonalOf():
            return kernel.DiagonalPart(to_term(expr.args[0]))
        case sympy.HadamardPower(args=(base, sympy.Integer() as power)) if power >= 0:
            return kernel.EntrywisePower(to_term(base), int(power))
        case sympy.MatPow(args=(base, exponent)):
            return kernel.Power(to_term(base), time_to_term(exponent))
        case _:
            raise BridgeError(f"the kernel has no term for {expr} ({type(expr).__name__})")


def _product_term(expr: sympy.MatMul) -> Term:
    factors = tuple(to_term(one) for one in expr.args if isinstance(one, MatrixExpr))
    body = factors[0] if len(factors) == 1 else kernel.Product(factors)
    return _nested_scale((*(to_term(one) for one in expr.args if not isinstance(one, MatrixExpr)), body))


def _binder_term(expr: binders.OrderedProduct | binders.IndexedSum) -> Term:
    index, lower, upper = expr.limits
    kind = kernel.OrderedProduct if isinstance(expr, binders.OrderedProduct) else kernel.IndexedSum
    return kind(index.name, time_to_term(lower), time_to_term(upper), to_term(expr.body))


def _gradient_term(expr: nodes.Gradient) -> Term:
    wrt = to_term(expr.wrt)
    if not isinstance(wrt, kernel.Symbol):
        raise BridgeError(f"a derivative with respect to {expr.wrt}, which is not a name")
    bounds = ((name.name, time_to_term(lower), time_to_term(upper)) for name, lower, upper in expr.held)
    return kernel.Gradient(to_term(expr.of), wrt, tuple(kernel.Held(*one) for one in bounds), expr.direct)


__all__ = ["BridgeError", "ShapeError", "to_sympy", "to_term"]
