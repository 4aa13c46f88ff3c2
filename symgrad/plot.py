"""Measured curves for the sheet: both sides of a claim on a random network, for k = 0, 1, 2, ...

Numbers for a picture, never for a verdict. Which curves a sheet has stands in a TOML file beside it; see `read_plot`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import ceil, floor, isfinite, log10
from typing import Any, Literal, get_args

from .kernel.certificate import Context, Statement
from .kernel.term import Gradient, Held, Symbol, Term, map_parts
from .network import Network, Settings

Colour = Literal["fading", "growing", "kept", "whole"]
FLOOR = 1e-12
_LIMITS = {"size": (1, 200), "steps": (1, 500), "seed": (0, 2**32)}
_KEYS = {"claim", "label", "bound", "colour", "norms", "fills", "spread", "inputs", "hold"}


class PlotError(ValueError):
    """Settings of a plot that cannot be used; the message says which."""


@dataclass(frozen=True, slots=True)
class Experiment:
    """One network and the two sides of a claim about it; the right side is drawn where it has a label."""

    label: str
    colour: Colour
    context: Context
    claim: Statement
    bound_label: str = ""
    settings: Settings = field(default_factory=Settings)


@dataclass(frozen=True, slots=True)
class Series:
    """A curve over k = 0, 1, 2, ...; dashed if it is a bound."""

    label: str
    colour: Colour
    dashed: bool
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Plot:
    """Curves over k with a logarithmic axis from 10^low to 10^high."""

    series: tuple[Series, ...]
    steps: int
    low: int
    high: int
    size: int
    seed: int
    caption: str

    @property
    def decades(self) -> tuple[int, ...]:
        """Exponents to mark on the axis."""
        stride = max(1, ceil((self.high - self.low) / 7))
        return tuple(power for power in range(self.low, self.high + 1) if power % stride == 0)


def measure(
    experiments: Sequence[Experiment], *, size: int = 20, steps: int = 60, seed: int = 105, caption: str = ""
) -> Plot:
    """The curves of each experiment. Raises UnmeasurableError for a term that has no value on a random network."""
    series = [one for experiment in experiments for one in _curves(experiment, size, steps, seed)]
    seen = [value for one in series for value in one.values if value > 0 and isfinite(value)]
    low = max(floor(log10(min(seen, default=1.0))), round(log10(FLOOR)))
    high = max(ceil(log10(max(seen, default=1.0)) + 0.05), low + 1)
    return Plot(tuple(series), steps, low, high, size, seed, caption)


def _curves(experiment: Experiment, size: int, steps: int, seed: int) -> list[Series]:
    network = Network(experiment.context, experiment.settings, size, steps + 1, seed)
    sides = [(experiment.claim.left, experiment.label, False)]
    if experiment.bound_label:
        sides.append((experiment.claim.right, experiment.bound_label, True))
    return [Series(label, experiment.colour, dashed, network.curve(term, steps)) for term, label, dashed in sides]


def read_plot(text: str, claims: Mapping[str, tuple[Context, Statement]]) -> Plot:
    """Measure what a TOML text asks for: `size`, `steps`, `seed`, `caption` and tables `[[curve]]`.

    A curve names the `claim` whose left side it draws, its `label` and `colour`; `bound` is the label of the right side
    where that is drawn too; `hold` names states whose paths are left out of its derivatives; `norms`, `fills`, `spread`
    and `inputs` are the settings of the network. Raises PlotError.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PlotError(f"not TOML: {error}") from None
    curves = data.pop("curve", [])
    if unknown := sorted(set(data) - {*_LIMITS, "caption"}):
        raise PlotError(f"unknown setting {unknown[0]!r}")
    if not isinstance(curves, list) or not curves:
        raise PlotError("no [[curve]] is given")
    numbers = {name: _whole(name, data[name]) for name in _LIMITS if name in data}
    return measure([_experiment(one, claims) for one in curves], **numbers, caption=str(data.get("caption", "")))


def _whole(name: str, value: object) -> int:
    low, high = _LIMITS[name]
    if not isinstance(value, int) or not low <= value <= high:
        raise PlotError(f"{name} is a whole number from {low} to {high}, not {value!r}")
    return value


def _experiment(entry: Any, claims: Mapping[str, tuple[Context, Statement]]) -> Experiment:
    if not isinstance(entry, dict) or set(entry) - _KEYS or not {"claim", "label"} <= set(entry):
        raise PlotError(f"a curve needs claim and label, and may have {', '.join(sorted(_KEYS - {'claim', 'label'}))}")
    if entry["claim"] not in claims:
        raise PlotError(f"no claim {entry['claim']!r}; there are {', '.join(sorted(claims))}")
    colour = next((one for one in get_args(Colour) if one == entry.get("colour", "whole")), None)
    if colour is None:
        raise PlotError(f"colour is one of {', '.join(get_args(Colour))}, not {entry['colour']!r}")
    scales = {name: _real(name, entry[name]) for name in ("spread", "inputs") if name in entry}
    tables = {name: _table(name, entry.get(name, {})) for name in ("norms", "fills")}
    context, claim = claims[entry["claim"]]
    settings = Settings(tables["norms"], tables["fills"], **scales)
    held = Statement(_holding(claim.left, _names(entry.get("hold", []))), claim.relation, claim.right)
    return Experiment(str(entry["label"]), colour, context, held, str(entry.get("bound", "")), settings)


def _names(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise PlotError(f"hold is a list of names, not {value!r}")
    return tuple(value)


def _holding(term: Term, names: tuple[str, ...]) -> Term:
    """The term with these states held fixed in its derivatives, from the earlier node to just before the later one."""
    match term:
        case Gradient(of=Symbol(times=(end,)), wrt=Symbol(times=(start,))):
            return replace(term, held=(*term.held, *(Held(name, start, end - 1) for name in names)))
        case _:
            return map_parts(term, lambda part: _holding(part, names))


def _table(name: str, value: object) -> dict[str, float]:
    if not isinstance(value, dict):
        raise PlotError(f"{name} is a table of numbers, not {value!r}")
    return {key: _real(f"{name}.{key}", one) for key, one in value.items()}


def _real(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise PlotError(f"{name} is a number, not {value!r}")
    return float(value)
