"""Times, bounds and relations in plain words: "τ - k + i", "k ≥ 1"."""

from __future__ import annotations

from collections.abc import Mapping

from ..kernel.affine import Affine
from ..kernel.certificate import Relation
from ..notation.dialect import GREEK

RELATIONS: Mapping[Relation, str] = {"=": "=", "<=": "≤", "<": "<", ">=": "≥", ">": ">"}
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


def show_time(value: Affine) -> str:
    """An affine expression with what is added first: tau - k + i is "τ + i - k"."""
    signed = sorted(value.coefficients, key=lambda pair: pair[1] < 0)
    words = [("-" if factor < 0 else "+", _multiple(name, abs(factor))) for name, factor in signed]
    if value.constant or not words:
        words.append(("-" if value.constant < 0 else "+", str(abs(value.constant))))
    text = " ".join(f"{mark} {word}" for mark, word in words)
    return text.removeprefix("+ ") if text.startswith("+") else f"-{text.removeprefix('- ')}"


def _multiple(name: str, factor: int) -> str:
    return f"{factor if factor > 1 else ''}{GREEK.get(name, name)}"


def show_bound(bound: Affine) -> str:
    """An assumed `bound >= 0` with positive words on both sides: k - j >= 0 is "k ≥ j"."""
    above = Affine(tuple(one for one in bound.coefficients if one[1] > 0), max(bound.constant, 0))
    return f"{show_time(above)} ≥ {show_time(above - bound)}"
