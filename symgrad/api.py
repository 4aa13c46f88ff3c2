"""The Python interface: a cell with a loss, or any model that is declared; gradients are derived, claims are judged."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from sympy import Expr, MatrixExpr

from .cells import Cell
from .engine.derive import derive
from .engine.trail import StuckError
from .expressions.bridge import to_sympy, to_term
from .expressions.nodes import Gradient
from .forecast import Forecast, forecasts
from .judge import derived, judge, proved
from .kernel.affine import Affine
from .kernel.certificate import Context, Loss, Relation, Statement
from .kernel.term import SCALAR, Symbol, Term, free_times, walk
from .notation.declarations import declare_lines
from .notation.dialect import Declared, Dialect
from .notation.read import read_statement, read_term
from .notation.setting import Setting
from .notation.wanted import asked_of
from .serialize import parse_affine
from .verdict import Verdict

Expression: TypeAlias = Expr | MatrixExpr | Term


@dataclass(frozen=True)
class Network:
    """A cell unrolled through time, with a loss that is any differentiable function of one state at the last step.

    `state` is the name of that state, `last` its time; `assume` are inequalities between times such as "k >= 0".
    Raises KeyError if the cell has no such state, ValueError for an inequality that cannot be read.
    """

    cell: Cell
    state: str = "h"
    loss: str = "L"
    last: str = "tau"
    assume: tuple[str, ...] = ("k >= 0",)

    @cached_property
    def context(self) -> Context:
        """What the kernel is told: the recurrence, the loss and the assumptions."""
        on = self._member(self.state, self.last)
        return Context(self.cell.recurrence, (), (Loss(self.loss, on),), read_bounds(self.assume))

    @cached_property
    def dialect(self) -> Dialect:
        """The names that LaTeX claims about this network may use."""
        return dialect_of(self.context)

    def gradient(self, of: str, wrt: str, *, back: str = "k") -> Gradient:
        """The total gradient, by `wrt` `back` steps before the last, of the loss or of a state at the last step.

        In gradient layout: shape (dim wrt, dim of). It is a name for the derivative; `derive` works it out.
        """
        end = Symbol(self.loss, SCALAR) if of == self.loss else self._member(of, self.last)
        time = parse_affine(self.last) - parse_affine(back)
        return Gradient(to_sympy(end), to_sympy(self._member(wrt, str(time))))

    def derive(self, expression: Expression) -> Verdict:
        """Work the gradients in an expression out; the verdict's statement says what they come to.

        Raises engine.trail.StuckError if nothing in it can be worked out.
        """
        statement, attempt = derive(_term(expression), self.context)
        return proved(attempt, statement, self.dialect)

    def forecasts(self, expression: Expression | None = None) -> tuple[Forecast, ...]:
        """Bounds of a gradient k steps back, and what becomes of it as k grows; without one, of every state's gradient.

        Each prints itself; `data()` gives it as JSON data.
        """
        return tuple(forecasts(self.context, self.dialect, None if expression is None else _term(expression)))

    def closed_form(self, expression: Expression) -> Expr | MatrixExpr:
        """What the gradients in an expression come to, as a SymPy expression that the kernel has proved equal.

        Raises engine.trail.StuckError if nothing can be worked out or the kernel does not accept it.
        """
        verdict = self.derive(expression)
        if not verdict.proved or verdict.statement is None:
            raise StuckError(verdict.reason)
        return to_sympy(verdict.statement.right)

    def prove(self, left: Expression, right: Expression, relation: Relation = "=") -> Verdict:
        """The verdict on `left relation right`, both SymPy expressions (or kernel terms) of one shape."""
        return judge(Statement(_term(left), relation, _term(right)), self.context, dialect=self.dialect)

    def claim(self, latex: str) -> Verdict:
        """The verdict on a relation in LaTeX, with time indices in any of the usual styles. Raises ReadError."""
        return judge(read_statement(latex, self.dialect), self.context, dialect=self.dialect)

    def _member(self, name: str, time: str) -> Symbol:
        recurrence = self.cell.recurrence
        families = (one for update in recurrence for part in (update.head, update.body) for one in walk(part))
        for one in families:
            if isinstance(one, Symbol) and one.name == name and len(one.times) == 1:
                return Symbol(one.name, one.size, (parse_affine(time),))
        raise KeyError(f"the cell {self.cell.name} has no family called {name}")


@dataclass(frozen=True)
class Model:
    """A model of one's own: any number of states, gates, inputs and parameters, with or without times.

    `declarations` are those of a text, one a line, without the `% symgrad:` before them. Raises ReadError, with line
    and column, for one that cannot be read, and for a model that cannot be computed.
    """

    declarations: str

    def __post_init__(self) -> None:
        self._setting  # noqa: B018  what cannot be read is said at once

    @cached_property
    def _setting(self) -> Setting:
        return declare_lines(self.declarations, "<model>")

    @property
    def dialect(self) -> Dialect:
        """The names that LaTeX claims about this model may use."""
        return self._setting.dialect

    @property
    def cell(self) -> Cell:
        """The recurrence as a cell, to be unrolled. Raises CellError for a network without times."""
        return Cell.from_recurrence("model", self._setting.recurrence)

    def claim(self, latex: str) -> Verdict:
        """The verdict on a relation in LaTeX. Raises ReadError."""
        statement = read_statement(latex, self.dialect)
        return judge(statement, self._setting.context([statement]), dialect=self.dialect)

    def derive(self, latex: str, *, recursion: bool = False) -> Verdict:
        """What a gradient comes to: in closed form where there is one and no recursion is asked for. Raises ReadError.

        Undecided, with the reason, if nothing can be worked out.
        """
        term = read_term(latex, self.dialect)
        return derived(term, asked_of(term, self._setting), recursion=recursion, dialect=self.dialect)


def _term(expression: Expression) -> Term:
    return expression if isinstance(expression, Term) else to_term(expression)


def read_bounds(texts: Iterable[str]) -> tuple[Affine, ...]:
    """Inequalities between times, "k >= 0" or "j <= k - 1", as affine expressions that are at least 0."""
    return tuple(_read_bound(text) for text in texts)


def _read_bound(text: str) -> Affine:
    for sign, factor in ((">=", 1), ("<=", -1)):
        left, found, right = text.replace(" ", "").partition(sign)
        if found:
            return (parse_affine(left) - parse_affine(right)) * factor
    raise ValueError(f"not an inequality with >= or <=: {text!r}")


def dialect_of(context: Context) -> Dialect:
    """A dialect in which every name of a context is declared as it is."""
    definitions = (*context.recurrence, *context.abbreviations)
    terms = [part for one in definitions for part in (one.head, one.body)] + [loss.on for loss in context.losses]
    symbols = {one.name: one for term in terms for one in walk(term) if isinstance(one, Symbol)}
    symbols |= {loss.name: loss.head for loss in context.losses}
    sizes = sorted({size for one in symbols.values() for size in one.size if isinstance(size, str)})
    times = {name for term in terms for name in free_times(term)}
    times |= {name for bound in context.assumptions for name in bound.variables}
    declared = {name: Declared(name, one.size, len(one.times)) for name, one in symbols.items()}
    return Dialect(sizes=tuple(sizes), times=tuple(sorted(times)), symbols=declared)
