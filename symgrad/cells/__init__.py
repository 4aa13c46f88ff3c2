"""Recurrent cells: each is its textbook equations, in textbook order."""

from .cell import Cell, Update
from .lstm import lstm
from .vanilla import vanilla_rnn

CELLS = {"rnn": vanilla_rnn, "lstm": lstm}

__all__ = ["CELLS", "Cell", "Update", "lstm", "vanilla_rnn"]
