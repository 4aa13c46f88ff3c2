"""Cells: their equations, their recurrences for the kernel, and what is refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sympy
from sympy import MatrixExpr

from symgrad.cells import CELLS, Cell, Update, lstm, vanilla_rnn
from symgrad.cells.cell import CellError, Read, T
from symgrad.engine.unroll import consumers, predecessors
from symgrad.expressions.build import entrywise, hadamard, matrix, product, signal, time, total, vector
from symgrad.kernel import term as kernel
from symgrad.kernel.affine import affine
from symgrad.kernel.certificate import Context, Definition
from symgrad.kernel.model import check_model
from symgrad.kernel.term import ShapeError, substitute_times

h, s, x = signal("h", "n"), signal("s", "n"), signal("x", "m")
W, U, b = matrix("W", "n", "n"), matrix("U", "n", "m"), vector("b", "n")


@pytest.mark.parametrize("make", CELLS.values(), ids=CELLS)
def test_a_cell_is_its_recurrence(make: Callable[[], Cell]) -> None:
    cell = make()
    assert Cell.from_recurrence(cell.name, cell.recurrence) == cell
    check_model(Context(recurrence=cell.recurrence))


def test_the_equations_read_as_on_the_sheet() -> None:
    assert str(vanilla_rnn()) == "h[t] = tanh(W*h[t - 1] + U*x[t] + b)"
    assert str(lstm()).splitlines() == [
        "e[t] = sigmoid(W_e*h[t - 1] + U_e*x[t] + b_e)",
        "i[t] = sigmoid(W_i*h[t - 1] + U_i*x[t] + b_i)",
        "o[t] = sigmoid(W_o*h[t - 1] + U_o*x[t] + b_o)",
        "z[t] = tanh(W_z*h[t - 1] + U_z*x[t] + b_z)",
        "s[t] = HadamardProduct(e[t], s[t - 1]) + HadamardProduct(i[t], z[t])",
        "h[t] = HadamardProduct(o[t], tanh(s[t]))",
    ]


def test_the_recurrence_of_the_vanilla_network() -> None:
    state, t = [kernel.Symbol("h", ("n", 1), (affine("t") - lag,)) for lag in (0, 1)], affine("t")
    terms = (
        kernel.Product((kernel.Symbol("W", ("n", "n")), state[1])),
        kernel.Product((kernel.Symbol("U", ("n", "m")), kernel.Symbol("x", ("m", 1), (t,)))),
        kernel.Symbol("b", ("n", 1)),
    )
    assert vanilla_rnn().recurrence == (Definition(state[0], kernel.Entrywise("tanh", kernel.Sum(terms))),)


def test_sizes_are_names_or_numbers() -> None:
    cell = lstm(4, "d")
    assert cell.update("h").head.shape == (4, 1)
    assert cell.recurrence[0].body.shape == (4, 1)
    with pytest.raises(ValueError, match="size"):
        vanilla_rnn(0)


def test_who_reads_whom() -> None:
    assert consumers(lstm(), "s") == (Read("s", 1), Read("h", 0))
    assert consumers(lstm(), "h") == tuple(Read(gate, 1) for gate in "eioz")
    assert consumers(lstm(), "x") == tuple(Read(gate, 0) for gate in "eioz")
    assert predecessors(lstm(), "h") == (Read("o", 0), Read("s", 0))
    assert predecessors(vanilla_rnn(), "h") == (Read("h", 1), Read("x", 0))


def test_another_time_variable_and_other_inputs_are_read() -> None:
    tau = {"t": affine("tau")}
    moved = [Definition(substitute_times(one.head, tau), substitute_times(one.body, tau)) for one in lstm().recurrence]
    assert Cell.from_recurrence("lstm", moved) == lstm()


def test_a_step_is_computed_in_an_order_that_works_whatever_order_is_written() -> None:
    cell = lstm()
    turned = Cell("turned", cell.inputs, tuple(reversed(cell.updates)))
    assert turned.names == ("h", "s", "z", "o", "i", "e")
    order = turned.order()
    assert order.index("h") > order.index("s") > order.index("e")


def cell_of(*updates: tuple[sympy.Basic, MatrixExpr]) -> Cell:
    return Cell("test", (x,), tuple(Update(*one) for one in updates))


REFUSED: dict[str, tuple[tuple[tuple[sympy.Basic, MatrixExpr], ...], type[Exception], str]] = {
    "future": (((h[T], product(W, h[T + 1])),), CellError, "later than the time"),
    "itself": (((h[T], entrywise("tanh", h[T])),), CellError, "depend on each other"),
    "each other": (((h[T], s[T]), (s[T], h[T])), CellError, "h, s depend on each other"),
    "undeclared": (((h[T], hadamard(s[T - 1], b)),), CellError, "s is neither an input"),
    "twice": (((h[T], b), (h[T], h[T - 1])), CellError, "two equations"),
    "shape of a product": (((h[T], product(U, h[T - 1])),), ShapeError, "n x m times an n x 1"),
    "shape of a sum": (((h[T], total(product(W, h[T - 1]), x[T])),), ShapeError, "n x 1 and an m x 1"),
    "shape of the head": (((h[T], x[T]),), CellError, r"h\[t\] is n x 1, but its equation is m x 1"),
    "shape of an argument": (((h[T], product(signal("h", "m")[T - 1].T, x[T])),), CellError, "1 x 1|shape"),
    "other size": (((h[T], product(U, signal("h", "m")[T - 1])),), CellError, "does not have the shape of h"),
    "head not at t": (((h[T + 1], b),), CellError, "not at time t"),
    "another variable": (((h[T], h[time("tau")]),), CellError, "constant l"),
    "two times": (((h[T], h[T - 1, T]),), CellError, "constant l"),
}


@pytest.mark.parametrize(("updates", "error", "message"), REFUSED.values(), ids=REFUSED)
def test_refused(updates: tuple[tuple[sympy.Basic, MatrixExpr], ...], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        cell_of(*updates)


def test_a_definition_at_a_shifted_time_is_refused() -> None:
    head = kernel.Symbol("h", ("n", 1), (affine("t") + 1,))
    with pytest.raises(CellError, match="not a name at one time variable"):
        Cell.from_recurrence("shifted", [Definition(head, kernel.Symbol("b", ("n", 1)))])


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(CellError, match="no equation for q; it has e, i, o, z, s, h"):
        lstm().update("q")


def test_scalar_cells_and_longer_lags() -> None:
    y = signal("y", 1)
    cell = Cell("scalar", (), (Update(y[T], total(entrywise("tanh", y[T - 1]), y[T - 2])),))
    assert Cell.from_recurrence("scalar", cell.recurrence).recurrence == cell.recurrence
    assert predecessors(cell, "y") == (Read("y", 1), Read("y", 2))
