"""Random kernel terms of every kind, well-shaped by construction (hypothesis strategies)."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import strategies as st

from symgrad.kernel import term as kernel
from symgrad.kernel.affine import affine
from symgrad.kernel.term import SCALAR, Shape, Term

SIZES = st.sampled_from(["n", "m", 1, 2, 3])
TIMES = st.builds(
    lambda tau, k, i, constant: affine("tau") * tau + affine("k") * k + affine("i") * i + constant,
    *[st.integers(-2, 2)] * 4,
)
NATURAL = st.builds(lambda k, constant: affine("k") * k + constant, st.integers(0, 2), st.integers(0, 3))
NUMBERS = st.builds(Fraction, st.integers(-4, 4), st.integers(1, 4)).map(kernel.Number)
FUNCTIONS = st.sampled_from(["tanh", "sigmoid", "tanh'", "sigmoid'", "exp", "phi"])


def leaves(shape: Shape) -> st.SearchStrategy[Term]:
    """Symbols, constants and, for scalars, numbers."""
    letter = "xyL" if shape == SCALAR else ("bhs" if shape[1] == 1 else "WUV")
    found: list[st.SearchStrategy[Term]] = [
        st.sampled_from(letter).map(lambda name: kernel.Symbol(name, shape)),
        st.builds(
            lambda name, times: kernel.Symbol(name, shape, tuple(times)),
            st.sampled_from(letter),
            st.lists(TIMES, min_size=1, max_size=2),
        ),
        st.just(kernel.Ones(shape)),
        st.just(kernel.Zero(shape)),
    ]
    if shape == SCALAR:
        found.append(NUMBERS)
    if shape[0] == shape[1]:
        found.append(st.just(kernel.Identity(shape[0])))
    if shape[1] == 1 != shape[0]:
        found.append(st.sampled_from(["p_", "q_"]).map(lambda name: kernel.Basis(affine(name), shape[0])))
    return st.one_of(found)


@st.composite
def terms(draw: st.DrawFn, shape: Shape, depth: int = 3) -> Term:
    """A random term of the given shape."""
    if depth == 0:
        return draw(leaves(shape))
    kinds = [_leaf, _sum, _scale, _product, _hadamard, _transpose, _entrywise, _softmax, _power, _sum_over, _limit]
    if shape[0] == shape[1]:
        kinds += [_inverse, _matrix_power, _ordered]
        kinds += [_diagonal] if shape != SCALAR else [_diagonal, _trace, _determinant, _magnitude, _extremum]
    if shape[1] == 1:
        kinds += [_diagonal_part]
    kinds += [_gradient, _component_sum]
    return draw(draw(st.sampled_from(kinds))(shape, depth - 1))


def _leaf(shape: Shape, depth: int) -> st.SearchStrategy[Term]:
    return leaves(shape)


def _many(shape: Shape, depth: int) -> st.SearchStrategy[tuple[Term, ...]]:
    return st.lists(terms(shape, depth), min_size=2, max_size=3).map(tuple)


def _sum(shape: Shape, depth: int) -> st.SearchStrategy[Term]:
    return _many(shape, depth).map(kernel.Sum)


def _hadamard(shape: Shape, depth: int) -> st.SearchStrategy[Term]:
    return _many(shape, depth).map(kernel.Hadamard)


def _scale(shape: Shape, depth: int) -> st.SearchStrategy[Term]:
    return st.builds(kernel.Scale, terms(SCALAR, depth), terms(shape, depth))


def _product(shape: Shape, depth: int) -> st.SearchStrategy[Term]:
    def of(inner: kernel.Size) -> st.SearchStrategy[Term]:
        pair = st.tuples(terms((shape[0], inner), depth), terms((inner, shape[1]), depth))
        return pair.map(kernel.Product)

    return SIZES.flatmap(of)


def _component_sum(shape: Shape, depth: int) -> st.SearchStrategy[Term]:
    size = st.sampled_from(["n", "m", 2])
    return st.builds(lambda rows, body: kernel.ComponentSum(f"l{rows}_", rows, body), size, terms(shape, depth))


def _transpose(shape: Shape, depth: int) -> st.SearchStrategy[Term]:
    return terms((shape[1], shape[0]), depth).map(kernel.Transpose)


def _entrywise(shape: Shape, depth: int) -> st.SearchStrategy[Term]:
    return st.builds(kernel.Entrywise, FUNCTIONS, terms(shape, depth))


def _power(shape: Shape, depth: int) -> st.SearchStrategy[Term]:
    return st.builds(kernel.EntrywisePower, terms(shape, depth), st.integers(0, 3))


def _matrix_power(shape: Shape, depth: int) -> st.SearchStrategy[Term]:
    return st.builds(kernel.Power, terms(shape, depth), NATURAL)


def _inverse(shape: Shape, depth: int) -> st.SearchStrategy[Term]:
    return terms(shape, depth).map(kernel.Inverse)


def _ordered(shape: Shape, depth: int) -> st.SearchStrategy[Term]:
    return st.builds(kernel.OrderedProduct, st.sampled_from("ij"), TIMES, TIMES, terms(shape, depth))


def _sum_over(shape: Shape, depth: int) -> st.SearchStrategy[Term]:
    return st.builds(kernel.IndexedSum, st.sampled_from("ij"), TIMES, TIMES, terms(shape, depth))


def _limit(shape: Shape, depth: int) -> st.SearchStrategy[Term]:
    return st.builds(kernel.Limit, st.just("k"), terms(shape, depth))


def _diagonal(shape: Shape, depth: int) -> st.SearchStrategy[Term]:
    return terms((shape[0], 1), depth).map(kernel.Diagonal)


def _diagonal_part(shape: Shape, depth: int) -> st.SearchStrategy[Term]:
    return terms((shape[0], shape[0]), depth).map(kernel.DiagonalPart)


def _trace(shape: Shape, depth: int) -> st.SearchStrategy[Term]:
    return SIZES.flatmap(lambda size: terms((size, size), depth)).map(kernel.Trace)


def _determinant(shape: Shape, depth: int) -> st.SearchStrategy[Term]:
    return SIZES.flatmap(lambda size: terms((size, size), depth)).map(kernel.Determinant)


def _softmax(shape: Shape, depth: int) -> st.SearchStrategy[Term]:
    return terms(shape, depth).map(kernel.Softmax)


def _magnitude(shape: Shape, depth: int) -> st.SearchStrategy[Term]:
    square = st.sampled_from(["least_singular_value", "spectral_radius"])
    shapes = st.tuples(SIZES, SIZES)
    return st.one_of(
        st.builds(kernel.Magnitude, st.just("spectral_norm"), shapes.flatmap(lambda s: terms(s, depth))),
        st.builds(kernel.Magnitude, square, SIZES.flatmap(lambda s: terms((s, s), depth))),
        st.builds(kernel.Magnitude, st.just("largest_entry"), SIZES.flatmap(lambda s: terms((s, 1), depth))),
    )


def _extremum(shape: Shape, depth: int) -> st.SearchStrategy[Term]:
    return st.builds(kernel.Extremum, st.sampled_from(["sup", "max"]), st.sampled_from("xy"), terms(SCALAR, depth))


def _gradient(shape: Shape, depth: int) -> st.SearchStrategy[Term]:
    wrt = st.builds(lambda time: kernel.Symbol("s", (shape[0], 1), (time,)), TIMES)
    held = st.lists(st.builds(kernel.Held, st.just("h"), TIMES, TIMES), max_size=2).map(tuple)
    return st.builds(kernel.Gradient, terms((shape[1], 1), depth), wrt, held, st.booleans())


ANY_TERM = st.tuples(SIZES, SIZES).flatmap(terms)
