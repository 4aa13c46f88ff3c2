"""Derives the gradients of recurrent networks symbolically and proves every step for every size and depth.

Names are imported when they are first used, so that `import symgrad` is quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOME = {
    "Cell": "cells",
    "Model": "api",
    "Network": "api",
    "Verdict": "verdict",
    "backprop_through_time": "engine.backprop",
    "gru": "cells",
    "gru_cho": "cells",
    "linear_rnn": "cells",
    "lstm": "cells",
    "lstm_peepholes": "cells",
    "residual_rnn": "cells",
    "rnn_output": "cells",
    "run_gradients": "engine.run",
    "unroll": "engine.unroll",
    "vanilla_rnn": "cells",
}
__all__ = [
    "Cell",
    "Model",
    "Network",
    "Verdict",
    "backprop_through_time",
    "gru",
    "gru_cho",
    "linear_rnn",
    "lstm",
    "lstm_peepholes",
    "residual_rnn",
    "rnn_output",
    "run_gradients",
    "unroll",
    "vanilla_rnn",
]

if TYPE_CHECKING:
    from .api import Model, Network
    from .cells import (
        Cell,
        gru,
        gru_cho,
        linear_rnn,
        lstm,
        lstm_peepholes,
        residual_rnn,
        rnn_output,
        vanilla_rnn,
    )
    from .engine.backprop import backprop_through_time
    from .engine.run import run_gradients
    from .engine.unroll import unroll
    from .verdict import Verdict


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'symgrad' has no attribute {name!r}")
    return getattr(import_module(f".{_HOME[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME})
