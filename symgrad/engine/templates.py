"""Expressions at one time, put at many others without building each anew: what SymPy checks is checked once.

Only for trees in which nothing but a signal holds the time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import sympy
from sympy import Basic, Expr, MatrixExpr

from ..expressions.nodes import Entrywise, Gradient, Signal, TextbookProduct, TextbookSum

NOW = sympy.Dummy("now", integer=True)
"""The time that a template is written at."""
_PLAIN = (
    TextbookSum,
    TextbookProduct,
    sympy.HadamardProduct,
    sympy.HadamardPower,
    sympy.Transpose,
    Entrywise,
    Gradient,
)
"""Kinds that are their arguments and nothing else, and that no other time turns into anything else."""
_Maker = Callable[[int], Basic]


@dataclass(slots=True)
class Clock:
    """Times as whole steps from the last one, and the signals at each: made once."""

    last: Expr
    _times: dict[int, Expr] = field(default_factory=dict)
    _members: dict[tuple[Basic, ...], dict[int, Signal]] = field(default_factory=dict)

    def time(self, step: int) -> Expr:
        if step not in self._times:
            self._times[step] = self.last + step
        return self._times[step]

    def member(self, family: tuple[Basic, ...]) -> Callable[[int], Signal]:
        """The members of a family, which is given by its name and size, by their steps."""
        known = self._members.setdefault(family, {})

        def at(step: int) -> Signal:
            if step not in known:
                known[step] = Basic.__new__(Signal, *family, self.time(step))
            return known[step]

        return at


@dataclass(frozen=True, slots=True)
class Template:
    """An expression that is written at the time `NOW`."""

    make: _Maker

    def at(self, step: int) -> MatrixExpr:
        """The expression at a step."""
        return self.make(step)


def template(expr: Expr | MatrixExpr, clock: Clock) -> Template:
    """A template of an expression."""
    return Template(_maker(expr, clock))


def _maker(expr: Basic, clock: Clock) -> _Maker:
    if NOW not in expr.free_symbols:
        return lambda _: expr
    if isinstance(expr, Signal) and len(expr.times) == 1 and (expr.times[0] - NOW).is_Integer:
        member, lag = clock.member(expr.args[:3]), int(expr.times[0] - NOW)
        return lambda step: member(step + lag)
    if isinstance(expr, Expr) and not isinstance(expr, MatrixExpr):
        return lambda step: expr.xreplace({NOW: clock.time(step)})
    kind, parts = type(expr), [_maker(one, clock) for one in expr.args]
    if kind in _PLAIN:
        return lambda step: Basic.__new__(kind, *[part(step) for part in parts])
    return lambda step: expr.func(*[part(step) for part in parts])


__all__ = ["NOW", "Clock", "Template", "template"]
