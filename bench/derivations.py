"""What is measured of `symgrad check`: texts of five relations each, half of them with a mistake, in many letters.

And the same relations as Python, for SymPy's parser to read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from functools import partial
from random import Random

from symgrad.kernel.term import EntrywisePower, Hadamard, Number, Product, Scale, Sum, Symbol, Term, Transpose
from symgrad.notation.read import read_document

LETTERS = {
    "state": ("h", "s", "a", "y", "q", "r"),
    "weight": ("W", "A", "M", "R", "V"),
    "input": ("x", "u", "v"),
    "reads": ("U", "B", "C", "P"),
    "shift": ("b", "c", "d"),
    "loss": ("L", "E", "J"),
    "size": ("n", "p", "l"),
    "other": ("m", "w"),
    "now": ("t", "j"),
    "last": ("tau", "T", "N"),
}
HEADER = r"""% symgrad: size <size>, <other>
% symgrad: time <now>, <last>, k
% symgrad: <weight> : <size> x <size>
% symgrad: <reads> : <size> x <other>
% symgrad: <state>[<now>], <shift> : <size>
% symgrad: <input>[<now>] : <other>
% symgrad: <state>[<now>] = <function>(<weight> <state>[<now>-1] + <reads> <input>[<now>] + <shift>)
% symgrad: <loss> : scalar
% symgrad: <loss> depends on <state>[<last>]
% symgrad: assume k >= 0
"""
CHAIN = r"""\begin{align*}
  \nabla_{<state>_{t-2}} <loss>
    &= (\nabla_{<state>_{t-2}} <state>_{t-1}) \nabla_{<state>_{t-1}} <loss> \\
    &= <weight>^\top \operatorname{diag}(<slope t-1>) \nabla_{<state>_{t-1}} <loss> \\
    &= <weight>^\top \operatorname{diag}(<slope t-1>) (\nabla_{<state>_{t-1}} <state>_t) \nabla_{<state>_t} <loss> \\
    &= <weight>^\top \operatorname{diag}(<slope t-1>) <weight>^\top \operatorname{diag}(<slope t>)
       \nabla_{<state>_t} <loss> \\
    &= <weight>^\top \bigl( (<slope t-1>) \odot <weight>^\top ( (<slope t>) \odot \nabla_{<state>_t} <loss> ) \bigr)
\end{align*}
"""
LIST = r"""\begin{gather*}
  \nabla_{<state>_{t-1}} <state>_t = <weight>^\top \operatorname{diag}(<slope t>) \\
  \nabla_{<input>_t} <state>_t = <reads>^\top \operatorname{diag}(<slope t>) \\
  \nabla_{<state>_{t-1}} <loss> = <weight>^\top \bigl( (<slope t>) \odot \nabla_{<state>_t} <loss> \bigr) \\
  \nabla_{<input>_t} <loss> = <reads>^\top \bigl( (<slope t>) \odot \nabla_{<state>_t} <loss> \bigr) \\
  \nabla_{<input>_{t-1}} <loss> = <reads>^\top \operatorname{diag}(<slope t-1>) \nabla_{<state>_{t-1}} <loss>
\end{gather*}
"""
DEPTH = r"""\begin{align*}
  \nabla_{<state>_{T-1}} <loss> &= <weight>^\top \operatorname{diag}(<slope T>) \nabla_{<state>_T} <loss> \\
  \nabla_{<state>_{T-k}} <state>_T &= \prod_{i=1}^k <weight>^\top \operatorname{diag}(<slope T-k+i>) \\
  \nabla_{<state>_{T-k}} <loss> &= (\nabla_{<state>_{T-k}} <state>_T) \nabla_{<state>_T} <loss> \\
    &= \Bigl[ \prod_{i=1}^k <weight>^\top \operatorname{diag}(<slope T-k+i>) \Bigr] \nabla_{<state>_T} <loss> \\
  \|\nabla_{<state>_{T-k}} <state>_T\| &\le \|<weight>\|^k
\end{align*}
"""
SLOPES = {r"\tanh": "1 - <state>_{<when>}^2", r"\sigma": r"<state>_{<when>} \odot (1 - <state>_{<when>})"}
WRONG_SLOPES = {r"\tanh": "1 - <state>_{<when>}", r"\sigma": "1 - <state>_{<when>}^2"}
BODIES = (CHAIN, LIST, DEPTH)
MISTAKES = (
    (r"<weight>^\top", "<weight>"),
    (r"<weight>^\top \operatorname{diag}(<slope t>)", r"\operatorname{diag}(<slope t>) <weight>^\top"),
    ("<slope t>", "<slope t-1>"),
    ("<slope T>", "<slope T-1>"),
    ("<slope t>", "<wrong slope t>"),
    ("<slope t-1>", "<wrong slope t-1>"),
    ("i=1", "i=0"),
    ("^k <", "^{k-1} <"),
    ("T-k+i", "T-i+1"),
    (r"\le", r"\ge"),
)


def texts(count: int, seed: int) -> Iterator[str]:
    """So many texts, every other one wrong in one place."""
    for place in range(count):
        random = Random(f"{seed}/{place}")
        body = random.choice(BODIES)
        yield _lettered(_wrong(body, random) if place % 2 else body, random)


def _wrong(body: str, random: Random) -> str:
    """The body with one mistake."""
    places = [(old, new, found.start()) for old, new in MISTAKES for found in re.finditer(re.escape(old), body)]
    old, new, start = random.choice(places)
    return body[:start] + new + body[start + len(old) :]


def _lettered(body: str, random: Random) -> str:
    """A text with letters and a function of its own, and the declarations for them."""
    chosen = {name: random.choice(letters) for name, letters in LETTERS.items()}
    chosen["function"] = function = random.choice(tuple(SLOPES)) if r"\|" not in body else r"\tanh"
    header = _filled(HEADER, chosen)
    if len(chosen["last"]) > 1:
        chosen["last"] = rf"{{\{chosen['last']}}}"
    for mark, slopes in (("<slope ", SLOPES), ("<wrong slope ", WRONG_SLOPES)):
        body = re.sub(rf"{mark}([^>]*)>", partial(_slope, slopes[function]), body)
    body = re.sub(r"(?<=[_{])[tT]\b", lambda found: "<now>" if found[0] == "t" else "<last>", body)
    return header + _filled(body, chosen)


def _slope(form: str, found: re.Match[str]) -> str:
    return form.replace("<when>", found[1])


def _filled(text: str, chosen: Mapping[str, str]) -> str:
    return re.sub(r"<(\w+)>", lambda found: chosen[found[1]], text)


def relations(text: str) -> list[tuple[Term, Term]]:
    """Both sides of every relation of a text."""
    readings = [claim.readings[0] for claim in read_document(text).claims]
    return [(one.statement.left, one.statement.right) for reading in readings for one in reading.statements]


def as_python(thing: object) -> str:
    """A term in the syntax that SymPy's parser reads: operators where Python has them, calls for everything else."""
    match thing:
        case Number(value):
            return f"({value})"
        case Symbol(name, _, times):
            return "v_" + re.sub(r"\W", "_", "_".join((name, *map(str, times))))
        case Sum(terms):
            return f"({' + '.join(map(as_python, terms))})"
        case Product(factors) | Hadamard(factors):
            return f"({'*'.join(map(as_python, factors))})"
        case Scale(scalar, body):
            return f"{as_python(scalar)}*{as_python(body)}"
        case EntrywisePower(body, exponent):
            return f"{as_python(body)}**{exponent}"
        case Transpose(body):
            return f"T_({as_python(body)})"
        case Term():
            parts = (getattr(thing, one.name) for one in fields(thing) if one.init)
            return f"{type(thing).__name__}_({', '.join(map(as_python, parts))})"
        case _:
            return "v_" + re.sub(r"\W", "_", str(thing))
