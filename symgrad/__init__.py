"""Derives the gradients of recurrent networks symbolically and proves every step for every size and depth.

Names are imported when they are first used, so that `import symgrad` is quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOME = {
    "Cell": "cells",
    "Network": "api",
    "Verdict": "verdict",
    "backprop_through_time": "engine.backprop",
    "lstm": "cells",
    "unroll": "engine.unroll",
    "vanilla_rnn": "cells",
}
__all__ = ["Cell", "Network", "Verdict", "backprop_through_time", "lstm", "unroll", "vanilla_rnn"]

if TYPE_CHECKING:
    from .api import Network
    from .cells import Cell, lstm, vanilla_rnn
    from .engine.backprop import backprop_through_time
    from .engine.unroll import unroll
    from .verdict import Verdict


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'symgrad' has no attribute {name!r}")
    return getattr(import_module(f".{_HOME[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME})
