"""A path that does harm to the process that opens it, and a list that tells what is taken from it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from pathlib import PosixPath
from typing import Any, overload


class Trouble(PosixPath):
    def open(self, *given: Any, **named: Any) -> Any:
        match self.name:
            case "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            case "leave":
                os._exit(3)
            case "loop":
                while True:
                    pass
            case "fault":
                raise KeyError("fault")
            case "sleep":
                time.sleep(1)
        return super().open(*given, **named)


class Counted(Sequence[Any]):
    def __init__(self, of: Sequence[Any]) -> None:
        self.of = of
        self.furthest = 0

    @overload
    def __getitem__(self, place: int) -> Any: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Any]: ...
    def __getitem__(self, place: int | slice) -> Any:
        if isinstance(place, int):
            self.furthest = max(self.furthest, place)
        return self.of[place]

    def __len__(self) -> int:
        return len(self.of)
