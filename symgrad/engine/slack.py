"""By what one scalar is larger than another, written so that it is seen to be at least 0."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from ..kernel.affine import Affine, affine
from ..kernel.domains import nonnegative
from ..kernel.rules import Setting
from ..kernel.term import (
    SCALAR,
    Identity,
    Number,
    OrderedProduct,
    Power,
    Product,
    Scale,
    Sum,
    Term,
    free_times,
    number,
    product,
    scale,
)
from .tidy import tidy
from .trail import form

Factors = dict[Term, Affine]


@dataclass(frozen=True, slots=True)
class Monomial:
    """A rational times a product of scalars to powers."""

    value: Fraction
    factors: Factors

    def times(self, other: Monomial) -> Monomial:
        total = dict(self.factors)
        for base, exponent in other.factors.items():
            total[base] = total.get(base, Affine()) + exponent
        return Monomial(self.value * other.value, total)

    def term(self) -> Term:
        powers = [base if exponent == affine(1) else Power(base, exponent) for base, exponent in self.factors.items()]
        return scale(self.value, product(*powers)) if powers else number(self.value)


MAX_FACTORS = 10
ONE = Monomial(Fraction(1), {})


def gap(setting: Setting, upper: Term, lower: Term) -> Term | None:
    """A term for upper - lower that is seen to be at least 0; None if there is none to be seen."""
    whole = tidy(Sum((upper, scale(-1, lower))))
    if nonnegative(setting, whole):
        return whole
    names: dict[object, Term] = {}
    rows = [*_monomials(setting, upper, names), *_scaled(_monomials(setting, lower, names), -1)]
    pieces = _paired(setting, _collected(rows))
    return None if pieces is None else _together(pieces)


def multiplied_out(setting: Setting, term: Term) -> Term:
    """A scalar as a sum of products, like products gathered."""
    return _together([one.term() for one in _collected(_monomials(setting, term, {}))])


def _monomials(setting: Setting, term: Term, names: dict[object, Term]) -> list[Monomial]:
    """A scalar multiplied out. `names` holds one term for all that have the same normal form."""
    match term:
        case Number(value=value):
            return [Monomial(value, {})] if value else []
        case Identity():
            return [ONE]
        case Sum():
            return [row for one in term.terms for row in _monomials(setting, one, names)]
        case Product(factors=factors) if all(one.shape == SCALAR for one in factors):
            return _multiplied(setting, factors, names)
        case Scale(scalar=scalar, body=body):
            return _multiplied(setting, (scalar, body), names)
        case OrderedProduct(body=body) if term.index not in free_times(body) and setting.holds(
            term.upper - term.lower + 1
        ):
            return _monomials(setting, Power(body, term.upper - term.lower + 1), names)
        case Power(body=body, exponent=exponent):
            inner = _monomials(setting, body, names)
            if len(inner) == 1 and inner[0].value == 1 and all(one == affine(1) for one in inner[0].factors.values()):
                return [Monomial(Fraction(1), dict.fromkeys(inner[0].factors, exponent))]
            return [Monomial(Fraction(1), {_named(setting, body, names): exponent})]
        case _:
            return [Monomial(Fraction(1), {_named(setting, term, names): affine(1)})]


def _multiplied(setting: Setting, factors: Iterable[Term], names: dict[object, Term]) -> list[Monomial]:
    rows = [ONE]
    for one in factors:
        rows = [row.times(other) for row in rows for other in _monomials(setting, one, names)]
    return rows


def _named(setting: Setting, term: Term, names: dict[object, Term]) -> Term:
    normal = form(setting.context, term)
    key: object = term if normal is None else frozenset(normal.items())
    return names.setdefault(key, term)


def _scaled(rows: Iterable[Monomial], value: int) -> Iterator[Monomial]:
    return (replace(one, value=one.value * value) for one in rows)


def _collected(rows: Iterable[Monomial]) -> list[Monomial]:
    total: dict[frozenset[tuple[Term, Affine]], Monomial] = {}
    for one in rows:
        kept = {base: exponent for base, exponent in one.factors.items() if exponent != Affine()}
        key = frozenset(kept.items())
        before = total[key].value if key in total else Fraction(0)
        total[key] = Monomial(before + one.value, kept)
    return [one for one in total.values() if one.value]


def _paired(setting: Setting, rows: list[Monomial]) -> list[Term] | None:
    """Every negative monomial is taken from a larger positive one; what is left over is positive."""
    positive = [one for one in rows if one.value > 0]
    pieces: list[Term] = []
    for one in rows:
        need = -one.value
        for place, other in enumerate(positive):
            share = min(need, other.value)
            piece = _difference(setting, other, one) if share > 0 else None
            if piece is not None:
                pieces.append(scale(share, piece))
                positive[place] = replace(other, value=other.value - share)
                need -= share
        if need > 0:
            return None
    rest = [one.term() for one in positive if one.value]
    return [*pieces, *rest] if all(nonnegative(setting, one) for one in rest) else None


def _difference(setting: Setting, larger: Monomial, smaller: Monomial) -> Term | None:
    """The difference of two products, as what is common to both times a difference that is seen to be at least 0."""
    common: Factors = {}
    for base, exponent in larger.factors.items():
        other = smaller.factors.get(base, Affine())
        least = exponent if setting.holds(other - exponent) else other if setting.holds(exponent - other) else Affine()
        common[base] = least
    sides = [_rest(one, common) for one in (larger, smaller)]
    difference = _below_one(sides[1]) if sides[0] == number(1) else tidy(Sum((sides[0], scale(-1, sides[1]))))
    shared = replace(ONE, factors={base: exponent for base, exponent in common.items() if exponent != Affine()}).term()
    found = difference if shared == number(1) else product(shared, difference)
    return found if nonnegative(setting, found) else None


def _below_one(term: Term) -> Term:
    """1 - b c = (1 - b) + b (1 - c), for any number of factors."""
    scalars = term.factors if isinstance(term, Product) and term.factors[0].shape == SCALAR else (term,)
    factors = [part for one in scalars for part in _repeated(one)]
    before: list[Term] = []
    pieces: list[Term] = []
    for one in factors:
        pieces.append(product(*before, Sum((number(1), scale(-1, one)))))
        before.append(one)
    return _together(pieces)


def _together(terms: list[Term]) -> Term:
    """A sum in which every summand stays as it is, so that its sign can be seen."""
    return Sum(tuple(terms)) if len(terms) > 1 else terms[0] if terms else number(0)


def _repeated(term: Term) -> list[Term]:
    """A short power as its factors."""
    times = term.exponent.constant if isinstance(term, Power) and term.exponent.is_constant else 1
    return [term.body] * times if isinstance(term, Power) and 1 < times <= MAX_FACTORS else [term]


def _rest(one: Monomial, common: Factors) -> Term:
    left = {base: exponent - common.get(base, Affine()) for base, exponent in one.factors.items()}
    return Monomial(Fraction(1), {base: exponent for base, exponent in left.items() if exponent != Affine()}).term()
