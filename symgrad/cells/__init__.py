"""Recurrent cells: each is its textbook equations, in textbook order."""

from .cell import Cell, Update
from .gru import gru, gru_cho
from .lstm import lstm, lstm_peepholes
from .vanilla import linear_rnn, residual_rnn, rnn_output, vanilla_rnn

CELLS = {
    "rnn": vanilla_rnn,
    "rnn-output": rnn_output,
    "residual": residual_rnn,
    "linear": linear_rnn,
    "lstm": lstm,
    "lstm-peepholes": lstm_peepholes,
    "gru": gru,
    "gru-cho": gru_cho,
}

__all__ = [
    "CELLS",
    "Cell",
    "Update",
    "gru",
    "gru_cho",
    "linear_rnn",
    "lstm",
    "lstm_peepholes",
    "residual_rnn",
    "rnn_output",
    "vanilla_rnn",
]
