"""What is measured of parameters, whole gradients and layers, each beside the libraries that might do the same."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from bench.alternatives import Race
from bench.measure import Result, duration, growth, typical

LAYERS = Path(__file__).resolve().parents[1] / "derivations" / "library" / "layers"
LENGTHS = (10, 100, 1_000)
# The loss is the sum of one at every step, and the length a symbol.
EVERY_STEP = r"""
% symgrad: use rnn
% symgrad: start 1
% symgrad: \ell[t] : scalar
% symgrad: \ell[t] depends on h[t]
% symgrad: let L = \sum_{t=1}^{\tau} \ell[t]
% symgrad: let D[t] = \operatorname{diag}(1 - h[t]^2)
\[ \nabla_W L = \sum_{t=1}^{\tau} \sum_{s=t}^{\tau} D_t \Bigl[\prod_{j=t+1}^{s} W^\top D_j\Bigr]
   (\nabla_{h_s} \ell_s) h_{t-1}^\top \]
"""


def parameters(repeats: int, race: Race) -> Iterator[Result]:
    """A gradient by the weights that all steps share: its closed form for every length, and written out for 1,000."""
    yield from proof("gradient of an RNN by W, for every length: proof", EVERY_STEP, "any_length", repeats, race)
    found = typical(lambda: whole_gradient("rnn", 1_000), max(3, repeats // 2))
    what = "gradient of an RNN by all parameters, length 1,000"
    yield Result(what, duration(found), "under 1 s", found < 1)
    yield from race.beside("rnn:1000", found)


def whole_gradients(repeats: int, race: Race) -> Iterator[Result]:
    """Gradients by all nodes and parameters as shared graphs, with every equation, and the exponent of the length."""
    for cell in ("gru", "lstm"):
        found = [typical(partial(whole_gradient, cell, k), max(3, repeats // 2)) for k in LENGTHS]
        exponent = growth(LENGTHS, found)
        what = f"gradient of {cell.upper()} by all parameters, k = 10, 100, 1,000"
        yield Result(what, f"k^{exponent:.2f} ({', '.join(map(duration, found))})", "at most k^1.3", exponent <= 1.3)
        yield from race.growing(cell, LENGTHS)


def layers(repeats: int, race: Race) -> Iterator[Result]:
    """Attention by its queries and batch normalization by its input, as texts: read, proved and checked."""
    cases = (("attention", "attention-whole", "attention"), ("batch normalization", "batch-norm-input", "batch_norm"))
    for name, file, case in cases:
        text = (LAYERS / f"{file}.tex").read_text("utf-8")
        yield from proof(f"gradient of {name}: proof", text, case, repeats, race)


def proof(what: str, text: str, case: str, repeats: int, race: Race) -> Iterator[Result]:
    """The one claim of a text read, proved and checked, and what the others say to the same case."""
    prove_text(text)  # loads everything
    found = typical(lambda: prove_text(text), max(3, repeats // 2))
    yield Result(what, duration(found), "under 1 s", found < 1)
    yield from race.beside(case, found)


def prove_text(text: str) -> None:
    from symgrad.engine.prove import prove
    from symgrad.notation.read import read_document

    (claim,) = read_document(text).claims
    for link in claim.readings[0].statements:
        assert prove(link.statement, link.context or claim.readings[0].context).proved


def whole_gradient(cell: str, length: int) -> None:
    """Every equation of the graph. An RNN has a loss at every step, a GRU and an LSTM have one of the last state."""
    from symgrad import cells
    from symgrad.engine.run import run_gradients

    made = {"rnn": cells.vanilla_rnn, "gru": cells.gru, "lstm": cells.lstm}[cell]()
    found = run_gradients(made, "h", length, step_loss="l" if cell == "rnn" else None)
    assert sum(1 for _ in found.assignments()) >= length
    assert all(terms for _, terms in found.parameters())
