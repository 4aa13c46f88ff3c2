"""Values of functions by those of the sigmoid, where tanh(x) and sigmoid(-x), say, stand in one equation."""

from __future__ import annotations

from ..kernel.certificate import Context
from ..kernel.normal import FUNCTIONS
from ..kernel.term import Entrywise, Symbol, Term, scale
from .expand import outside_gradients
from .trail import StuckError, Trail, same


def by_sigmoid(context: Context, *trails: Trail) -> None:
    """Write every tanh as a sigmoid, and of sigmoid(x) and sigmoid(-x) only one. Raises StuckError without any."""
    if not any(_values(one.current) for one in trails):
        raise StuckError("no value of a function stands outside derivatives")
    for one in trails:
        for value in _values(one.current):
            if value.function.endswith("'"):
                one.apply("entrywise_derivative", value)
    for one in trails:
        for name in [value for value in _values(one.current) if value.function == "tanh"]:
            one.apply("function_identity", name)
    kept: list[Term] = []
    for one in trails:
        for value in _values(one.current):
            if any(same(context, value.body, scale(-1, other)) for other in kept):
                one.apply("function_identity", value)
            elif not any(same(context, value.body, other) for other in kept):
                kept.append(value.body)


def _values(term: Term) -> list[Entrywise]:
    """What is a value or slope of tanh or sigmoid at states or other names, each once."""
    known = (*FUNCTIONS, *(f"{name}'" for name in FUNCTIONS))
    found = (one for one in outside_gradients(term) if isinstance(one, Entrywise) and one.function in known)
    return [one for one in dict.fromkeys(found) if any(isinstance(inner, Symbol) for inner in outside_gradients(one))]
