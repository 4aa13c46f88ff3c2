"""Laws of declared functions: phi(x) = x sigma(x), or of a derivative phi'(x) = phi(x) (1 - phi(x))."""

from __future__ import annotations

from dataclasses import replace

from symgrad.kernel.certificate import Law
from symgrad.kernel.functions import lifted
from symgrad.kernel.term import SCALAR, Entrywise, Symbol, number, walk

from .functions import function_of
from .nodes import Chain, Fence, Name, Side, only_item
from .problem import MisreadError
from .resolve import flattened, resolved
from .setting import Setting
from .values import fixed


def add_law(chain: Chain, setting: Setting) -> Setting | None:
    """The setting with the law that an equation says of a declared function; None if its left side names none."""
    found = _head(chain.sides[0], setting)
    body_side = chain.sides[1]
    if found is None or body_side is None:
        return None
    name, variable = found
    if any(one.function.rstrip("'") == name.text for one in setting.laws):
        raise MisreadError(name.at, f"a law of {name.text} is declared already")
    body = fixed(resolved(body_side, setting.scope().with_real(variable)), body_side.at)
    others = {one.name for one in walk(body) if isinstance(one, Symbol)} - {variable}
    if others:
        raise MisreadError(body_side.at, f"a law says what {name.text} is of {variable} alone, not of {min(others)}")
    if body.shape != SCALAR or lifted(body, number(0), variable) is None:
        raise MisreadError(body_side.at, "a law is read that is made of sums, products, powers and functions")
    function = name.text + "'" * sum(script.mark == "'" for script in name.scripts)
    if any(isinstance(one, Entrywise) and one.function == function for one in walk(body)):
        raise MisreadError(body_side.at, f"{function} is defined by itself")
    return replace(setting, laws=(*setting.laws, Law(function, variable, body)))


def _head(side: Side | None, setting: Setting) -> tuple[Name, str] | None:
    """The declared function on the left and its variable."""
    items = flattened(side.runs[0].items) if side is not None and len(side.runs) == 1 and not side.runs[0].sign else ()
    match items:
        case (Name() as name, Fence(opening="(", scripts=(), content=content)):
            variable = only_item(content)
        case _:
            return None
    if name.text not in setting.dialect.functions:
        return None
    if function_of(name, setting.scope()) != name.text or any(script.mark != "'" for script in name.scripts):
        raise MisreadError(name.at, f"{name.text} is known, or has a script that has no place here")
    if not isinstance(variable, Name) or variable.scripts or setting.scope().is_time(variable.text):
        raise MisreadError(name.at, f"a law is said of a letter, as in {name.text}(x) = ...")
    return name, variable.text
