"""Rows for the rules of products and sums with symbolic bounds."""

from __future__ import annotations

from dataclasses import replace

from symgrad.kernel.term import Identity, Zero

from .build import COLUMN, Row, T, W, add, assumed, g, h, model, prod, product, slope, total

STEPS = prod("r", "1", "k", product(T(W), slope("t+r")))
LATER = prod("r", "2", "k", product(T(W), slope("t+r")))
SHORTER = prod("r", "1", "k-1", product(T(W), slope("t+r")))
FIRST, LAST = product(T(W), slope("t+1")), product(T(W), slope("t+k"))
SUM = total("r", "1", "k", h("r"))

first = Row("peel_first", STEPS, product(FIRST, LATER), assuming=("k-1",))
first_of_sum = Row("peel_first", SUM, add(h("1"), total("r", "2", "k", h("r"))), assuming=("k-1",))
first_back = Row("peel_first", product(FIRST, LATER, g), product(STEPS, g), STEPS, assuming=("k-1",), reverse=True)
first_nested = Row(
    "peel_first",
    total("j", "1", "k", product(prod("r", "1", "j", slope("r")), g)),
    total("j", "1", "k", product(slope("1"), prod("r", "2", "j", slope("r")), g)),
    prod("r", "1", "j", slope("r")),
)
last = Row("peel_last", STEPS, product(SHORTER, LAST), assuming=("k-1",))
last_of_sum = Row("peel_last", SUM, add(total("r", "1", "k-1", h("r")), h("k")), assuming=("k-1",))
last_before_start = Row(
    "peel_last",
    prod("r", "-k", "0", slope("r")),
    product(prod("r", "-k", "-1", slope("r")), slope("0")),
    assuming=("k",),
)
middle = Row(
    "split",
    STEPS,
    product(prod("r", "1", "j", product(T(W), slope("t+r"))), prod("r", "j+1", "k", product(T(W), slope("t+r")))),
    assuming=("j", "k-j"),
    arguments=(("middle", "j"),),
)
middle_of_sum = Row(
    "split",
    SUM,
    add(total("r", "1", "j", h("r")), total("r", "j+1", "k", h("r"))),
    assuming=("j", "k-j"),
    arguments=(("middle", "j"),),
)
none = Row("empty", prod("r", "k+1", "k", slope("r")), Identity("n"))
none_of_sum = Row("empty", total("r", "1", "j", h("r")), Zero(COLUMN), assuming=("-j",))

ACCEPTED = {name: row for name, row in list(globals().items()) if isinstance(row, Row)}

REFUSED: dict[str, Row] = {
    "first of none": replace(first, assuming=("k",)),
    "first, bound kept": replace(first, after=product(FIRST, STEPS)),
    "first, off by one": replace(first, after=product(product(T(W), slope("t+2")), LATER)),
    "first at the end": replace(first, after=product(LATER, FIRST)),
    "first, factors swapped": replace(first, after=product(slope("t+1"), T(W), LATER)),
    "first, transpose dropped": replace(first, after=product(W, slope("t+1"), LATER)),
    "first of a plain product": replace(first, before=product(W, W), after=product(W, W)),
    "first of a sum, off by one": replace(first_of_sum, after=add(h("0"), total("r", "2", "k", h("r")))),
    "first, nested in a longer range": replace(
        first_nested,
        before=total("j", "0", "k", first_nested.before.body),  # type: ignore[attr-defined]
        after=total("j", "0", "k", first_nested.after.body),  # type: ignore[attr-defined]
    ),
    "first of none, backwards": replace(first_back, assuming=()),
    "last of none": replace(last, assuming=("k",)),
    "last, bound kept": replace(last, after=product(STEPS, LAST)),
    "last, off by one": replace(last, after=product(SHORTER, product(T(W), slope("t+k-1")))),
    "last in front": replace(last, after=product(LAST, SHORTER)),
    "last, too many taken": replace(last, after=product(prod("r", "1", "k-2", product(T(W), slope("t+r"))), LAST)),
    "last of none before the start": replace(last_before_start, assuming=("k+1",)),
    "last of a sum, sign": replace(last_of_sum, after=add(total("r", "1", "k-1", h("r")), product(T(W), h("k")))),
    "split past the end": replace(middle, assuming=("j",)),
    "split before the start": replace(middle, assuming=("k-j",)),
    "split, a factor twice": replace(
        middle,
        after=product(
            prod("r", "1", "j", product(T(W), slope("t+r"))), prod("r", "j", "k", product(T(W), slope("t+r")))
        ),
    ),
    "split, parts swapped": replace(
        middle,
        after=product(
            prod("r", "j+1", "k", product(T(W), slope("t+r"))), prod("r", "1", "j", product(T(W), slope("t+r")))
        ),
    ),
    "split nowhere": replace(middle, arguments=()),
    "split elsewhere": replace(middle, arguments=(("middle", "j+1"),), assuming=("j", "k-j-1")),
    "not empty": replace(none, before=prod("r", "k", "k", slope("r"))),
    "perhaps not empty": replace(none_of_sum, assuming=("1-j",)),
    "empty product is not 0": replace(none, after=Zero(("n", "n"))),
    "empty sum is not the one": replace(none_of_sum, after=h("1")),
    "empty, but a hypothesis does not say so": replace(
        none_of_sum, assuming=(), context=model(hypotheses=(assumed(h("1"), "=", Zero(COLUMN)),))
    ),
}
