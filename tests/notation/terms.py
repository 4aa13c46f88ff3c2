"""Random well-shaped terms, of the kind that the language prints, and the dialects that they are printed in."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from symgrad.kernel.affine import Affine, affine
from symgrad.kernel.term import (
    SCALAR,
    Basis,
    ComponentSum,
    Determinant,
    Diagonal,
    DiagonalPart,
    Entrywise,
    EntrywisePower,
    Extremum,
    Gradient,
    Hadamard,
    Held,
    Identity,
    IndexedSum,
    Inverse,
    Limit,
    Magnitude,
    Number,
    Ones,
    OrderedProduct,
    Power,
    Product,
    Scale,
    Shape,
    Softmax,
    Sum,
    Symbol,
    Term,
    Trace,
    Transpose,
    Zero,
)
from symgrad.notation.dialect import FUNCTIONS, Declared, Dialect

from . import quick as st

SYMBOLS = (
    Declared("W", ("n", "n")),
    Declared("A", ("n", "n"), font="mathbf"),
    Declared("U", ("n", "m")),
    Declared("W_hh", ("n", "n"), font="mathbf"),
    Declared("D", ("n", "n"), 1),
    Declared("P", ("n", "n"), 2),
    Declared("c", ("n", "n"), 0, ("k", "tau")),
    Declared("h", ("n", 1), 1, font="mathbf"),
    Declared("i", ("n", 1), 1),
    Declared("chat", ("n", 1), 1),
    Declared("x", ("m", 1), 1, font="boldsymbol"),
    Declared("b", ("n", 1)),
    Declared("b_e", ("n", 1)),
    Declared("delta", ("n", 1), 1),
    Declared("L", SCALAR, font="mathcal"),
    Declared("w", SCALAR),
    Declared("gamma", SCALAR),
    Declared("q", SCALAR, 1),
)
TIMES = ("t", "tau", "k")
COMPONENTS = {"p_": "n", "l_": "n", "r_": "m"}
SHAPES: tuple[Shape, ...] = (SCALAR, ("n", 1), ("m", 1), (1, "n"), ("n", "n"), ("n", "m"), ("m", "n"))


def dialect(**changes: object) -> Dialect:
    return Dialect(
        sizes=("n", "m"),
        times=TIMES,
        symbols={one.name: one for one in SYMBOLS},
        **changes,  # type: ignore[arg-type]
    )


DIALECTS = (
    dialect(),
    dialect(time_style="_", transpose="T"),
    dialect(time_style="(", layout="jacobian"),
    dialect(time_style="<", layout="mixed", transpose="T"),
    dialect(time_style="_", layout="columns"),
    dialect(fractions=True),
    dialect(time_style="_", layout="columns", fractions=True),
    dialect(hold=(Held("h", affine("tau") - affine("k"), affine("tau") - 1),)),
)


@st.composite
def times(draw: st.DrawFn, names: tuple[str, ...] = TIMES) -> Affine:
    total = Affine((), draw(st.integers(-2, 3)))
    for name in draw(st.lists(st.sampled_from(names), max_size=3, unique=True)):
        total = total + affine(name) * draw(st.sampled_from((1, -1, 1, -1, 2, -3)))
    return total


@st.composite
def exponents(draw: st.DrawFn, names: tuple[str, ...]) -> Affine:
    variable = draw(st.sampled_from(("", *names)))
    return affine(draw(st.integers(0, 4))) + (affine(variable) if variable else 0)


@st.composite
def symbols(draw: st.DrawFn, shape: Shape, names: tuple[str, ...]) -> Term:
    fitting = [one for one in SYMBOLS if one.size == shape]
    if not fitting and shape[0] == shape[1]:
        return draw(constants(shape))
    if not fitting:
        return Transpose(draw(symbols((shape[1], shape[0]), names)))
    one = draw(st.sampled_from(fitting))
    at = tuple(draw(times(names)) for _ in range(one.arity))
    if one.implicit:
        at = tuple(affine(name) for name in one.implicit) if draw(st.booleans()) else (affine("k") + 1, affine("t"))
    return Symbol(one.name, one.size, at)


@st.composite
def constants(draw: st.DrawFn, shape: Shape) -> Term:
    choices: list[Term] = [Zero(shape), Ones(shape)]
    if shape == SCALAR:
        value = Fraction(draw(st.integers(-3, 3)), draw(st.sampled_from((1, 1, 2, 10))))
        choices += [Number(value)] * 4
    if shape[0] == shape[1]:
        choices.append(Identity(shape[0]))
    if shape[1] == 1 != shape[0]:
        choices += [Basis(affine(index), size) for index, size in COMPONENTS.items() if size == shape[0]]
    return draw(st.sampled_from(choices))


@st.composite
def terms(draw: st.DrawFn, shape: Shape, depth: int = 4, names: tuple[str, ...] = TIMES) -> Term:
    """A term of the shape whose free times are among `names`."""
    if depth == 0 or draw(st.integers(0, 5)) == 0:
        return draw(st.one_of(symbols(shape, names), constants(shape)))
    makers = [_sum, _scale, _hadamard, _transpose, _entrywise, _entrywise_power, _indexed_sum, _limit, _softmax]
    makers += [_component_sum]
    if shape != SCALAR:
        makers += [_product, _product]
    if shape[0] == shape[1]:
        makers += [_power, _ordered_product, _inverse]
    if shape == SCALAR:
        makers += [_magnitude, _magnitude, _extremum, _inner_product, _trace, _entry, _entry, _determinant, _size]
    elif shape[0] == shape[1]:
        makers += [_diagonal, _gradient, _hessian]
    elif shape[1] == 1:
        makers += [_diagonal_part, _gradient]
    return draw(draw(st.sampled_from(makers))(shape, depth - 1, names))


@st.composite
def _sum(draw: st.DrawFn, shape: Shape, depth: int, names: tuple[str, ...]) -> Term:
    return Sum(tuple(draw(terms(shape, depth, names)) for _ in range(draw(st.integers(2, 3)))))


@st.composite
def _scale(draw: st.DrawFn, shape: Shape, depth: int, names: tuple[str, ...]) -> Term:
    plain = st.sampled_from([Number(Fraction(value)) for value in range(-3, 4)])
    return Scale(draw(st.one_of(plain, terms(SCALAR, depth, names))), draw(terms(shape, depth, names)))


@st.composite
def _hadamard(draw: st.DrawFn, shape: Shape, depth: int, names: tuple[str, ...]) -> Term:
    return Hadamard(tuple(draw(terms(shape, depth, names)) for _ in range(draw(st.integers(2, 3)))))


@st.composite
def _product(draw: st.DrawFn, shape: Shape, depth: int, names: tuple[str, ...]) -> Term:
    """The factors are no scalars: a scalar factor is a Scale."""
    sizes = [shape[0], *draw(st.lists(st.sampled_from(("n", "m")), min_size=1, max_size=2)), shape[1]]
    return Product(tuple(draw(terms(pair, depth, names)) for pair in pairwise(sizes)))


@st.composite
def _inner_product(draw: st.DrawFn, shape: Shape, depth: int, names: tuple[str, ...]) -> Term:
    return Product((draw(terms((1, "n"), depth, names)), draw(terms(("n", 1), depth, names))))


@st.composite
def _transpose(draw: st.DrawFn, shape: Shape, depth: int, names: tuple[str, ...]) -> Term:
    return Transpose(draw(terms((shape[1], shape[0]), depth, names)))


@st.composite
def _inverse(draw: st.DrawFn, shape: Shape, depth: int, names: tuple[str, ...]) -> Term:
    return Inverse(draw(terms(shape, depth, names)))


@st.composite
def _entrywise(draw: st.DrawFn, shape: Shape, depth: int, names: tuple[str, ...]) -> Term:
    names_of = (*FUNCTIONS.values(), "tanh'", "sigmoid'", "tanh''", "exp'", "gelu''", "reciprocal")
    function = draw(st.sampled_from(names_of))
    return Entrywise(function, draw(terms(shape, depth, names)))


@st.composite
def _entrywise_power(draw: st.DrawFn, shape: Shape, depth: int, names: tuple[str, ...]) -> Term:
    return EntrywisePower(draw(terms(shape, depth, names)), draw(st.integers(0, 3)))


@st.composite
def _power(draw: st.DrawFn, shape: Shape, depth: int, names: tuple[str, ...]) -> Term:
    return Power(draw(terms(shape, depth, names)), draw(exponents(names)))


@st.composite
def _diagonal(draw: st.DrawFn, shape: Shape, depth: int, names: tuple[str, ...]) -> Term:
    return Diagonal(draw(terms((shape[0], 1), depth, names)))


@st.composite
def _diagonal_part(draw: st.DrawFn, shape: Shape, depth: int, names: tuple[str, ...]) -> Term:
    return DiagonalPart(draw(terms((shape[0], shape[0]), depth, names)))


@st.composite
def _trace(draw: st.DrawFn, shape: Shape, depth: int, names: tuple[str, ...]) -> Term:
    return Trace(draw(terms(("n", "n"), depth, names)))


@st.composite
def _determinant(draw: st.DrawFn, shape: Shape, depth: int, names: tuple[str, ...]) -> Term:
    return Determinant(draw(terms(("n", "n"), depth, names)))


@st.composite
def _softmax(draw: st.DrawFn, shape: Shape, depth: int, names: tuple[str, ...]) -> Term:
    body = draw(terms(shape, depth, names))
    return Softmax(body) if draw(st.booleans()) else Transpose(Softmax(Transpose(body)))


@st.composite
def _size(draw: st.DrawFn, shape: Shape, depth: int, names: tuple[str, ...]) -> Term:
    ones = Ones((draw(st.sampled_from(("n", "m"))), 1))
    return Product((Transpose(ones), ones))


@st.composite
def _magnitude(draw: st.DrawFn, shape: Shape, depth: int, names: tuple[str, ...]) -> Term:
    kind = draw(
        st.sampled_from(("spectral_norm", "least_singular_value", "spectral_radius", "largest_entry", "smallest_entry"))
    )
    match kind:
        case "spectral_norm":
            return Magnitude(kind, draw(terms(draw(st.sampled_from(SHAPES)), depth, names)))
        case "largest_entry" | "smallest_entry":
            return Magnitude(kind, draw(terms(("n", 1), depth, names)))
        case _:
            return Magnitude(kind, draw(terms(("n", "n"), depth, names)))


@st.composite
def _extremum(draw: st.DrawFn, shape: Shape, depth: int, names: tuple[str, ...]) -> Term:
    variable = Symbol("y", SCALAR)
    body = Magnitude("spectral_norm", Entrywise("tanh", variable))
    chosen = draw(st.sampled_from((body, Power(body, affine("k")), Sum((Number(Fraction(1)), variable)), variable)))
    return Extremum(draw(st.sampled_from(("sup", "max"))), "y", chosen)


@st.composite
def _ordered_product(draw: st.DrawFn, shape: Shape, depth: int, names: tuple[str, ...]) -> Term:
    index = draw(st.sampled_from(("i", "j")))
    lower, upper = draw(times(names)), draw(times(names))
    return OrderedProduct(index, lower, upper, draw(terms(shape, depth, _bound(names, index))))


@st.composite
def _indexed_sum(draw: st.DrawFn, shape: Shape, depth: int, names: tuple[str, ...]) -> Term:
    index = draw(st.sampled_from(("i", "j")))
    lower, upper = draw(times(names)), draw(times(names))
    return IndexedSum(index, lower, upper, draw(terms(shape, depth, _bound(names, index))))


@st.composite
def _component_sum(draw: st.DrawFn, shape: Shape, depth: int, names: tuple[str, ...]) -> Term:
    index = draw(st.sampled_from(sorted(COMPONENTS)))
    return ComponentSum(index, COMPONENTS[index], draw(terms(shape, depth, names)))


@st.composite
def _entry(draw: st.DrawFn, shape: Shape, depth: int, names: tuple[str, ...]) -> Term:
    i, j = (draw(st.sampled_from(sorted(COMPONENTS))) for _ in range(2))
    size, other = COMPONENTS[i], COMPONENTS[j]
    if draw(st.booleans()):
        return Product((Transpose(Basis(affine(i), size)), draw(terms((size, 1), depth, names))))
    body = draw(terms((size, other), depth, names))
    return Product((Transpose(Basis(affine(i), size)), body, Basis(affine(j), other)))


@st.composite
def _limit(draw: st.DrawFn, shape: Shape, depth: int, names: tuple[str, ...]) -> Term:
    index = draw(st.sampled_from(("k", "j")))
    return Limit(index, draw(terms(shape, depth, _bound(names, index))))


def _bound(names: tuple[str, ...], index: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*names, index)))


@st.composite
def _gradient(draw: st.DrawFn, shape: Shape, depth: int, names: tuple[str, ...]) -> Term:
    of = draw(terms((shape[1], 1), min(depth, 1), names))
    wrt = draw(symbols((shape[0], 1), names))
    assert isinstance(wrt, Symbol)
    direct = draw(st.booleans())
    held = draw(st.lists(helds(names), max_size=2)) if not direct else []
    return Gradient(of, wrt, tuple(held), direct)


@st.composite
def _hessian(draw: st.DrawFn, shape: Shape, depth: int, names: tuple[str, ...]) -> Term:
    of = draw(terms(SCALAR, min(depth, 1), names))
    first, second = (draw(symbols((shape[0], 1), names)) for _ in range(2))
    assert isinstance(first, Symbol)
    assert isinstance(second, Symbol)
    return Gradient(Gradient(of, first), first if draw(st.booleans()) else second)


@st.composite
def helds(draw: st.DrawFn, names: tuple[str, ...]) -> Held:
    lower = draw(times(names))
    return Held(draw(st.sampled_from(("h", "i", "x"))), lower, lower + affine("k") * draw(st.integers(0, 1)))
