"""Functions, roots, powers, softmax, determinants, norms, sizes as numbers: what each is read as, or why it is not."""

from __future__ import annotations

import pytest

from symgrad.kernel.affine import affine
from symgrad.kernel.term import (
    SCALAR,
    Determinant,
    Entrywise,
    EntrywisePower,
    Hadamard,
    Inverse,
    Ones,
    Power,
    Product,
    Scale,
    Softmax,
    Symbol,
    Trace,
    Transpose,
    number,
)
from symgrad.notation.dialect import Declared, Dialect
from symgrad.notation.problem import ReadError
from symgrad.notation.read import read_term
from symgrad.notation.write import latex, plain

N = ("n", 1)
U, V, S, R = Symbol("u", N), Symbol("v", N), Symbol("s", SCALAR), Symbol("r", SCALAR)
A, X, Q = Symbol("A", ("n", "n")), Symbol("X", ("n", "m")), Symbol("Q", ("m", "d"))
DIALECT = Dialect(
    sizes=("n", "m", "d"),
    times=("t", "k"),
    functions=("phi",),
    symbols={one.name: Declared(one.name, one.size) for one in (U, V, S, R, A, X, Q)},
)
ONES = Ones(N)
COUNT = Product((Transpose(ONES), ONES))


def of(function, term):
    return Entrywise(function, term)


READ = [
    (r"\exp(v)", of("exp", V)),
    (r"\exp v", of("exp", V)),
    (r"e^{-s}", of("exp", Scale(number(-1), S))),
    (r"e^{v_i}", of("exp", Product((Transpose(read_term(r"\mathbf{e}_{n,i}", DIALECT)), V)))),
    (r"\log s", of("log", S)),
    (r"\ln(s)", of("log", S)),
    (r"\sqrt{s}", of("sqrt", S)),
    (r"\sqrt{v}^2", EntrywisePower(of("sqrt", V), 2)),
    (r"\sin(v)", of("sin", V)),
    (r"\operatorname{ReLU}(v)", of("relu", V)),
    (r"\operatorname{relu}'(v)", of("relu'", V)),
    (r"\max(0, v)", of("relu", V)),
    (r"\max\{s, 0\}", of("relu", S)),
    (r"\max(0, s) \, v", Scale(of("relu", S), V)),
    (r"\operatorname{softplus}(v)", of("softplus", V)),
    (r"\operatorname{GELU}(v)", of("gelu", V)),
    (r"\operatorname{swish}(v)", of("silu", V)),
    (r"\operatorname{normcdf}(v)", of("normal_cdf", V)),
    (r"\tanh''(v)", of("tanh''", V)),
    (r"\phi''(v)", of("phi''", V)),
    (r"\exp(X)", of("exp", X)),
    (r"\exp^{\odot}(A)", of("exp", A)),
    (r"\operatorname{softmax}(v)", Softmax(V)),
    (r"\operatorname{softmax}(X)", Transpose(Softmax(Transpose(X)))),
    (r"\operatorname{colsoftmax}(X)", Softmax(X)),
    (r"\log\operatorname{softmax}(v)", of("log", Softmax(V))),
    (r"\operatorname{logsoftmax}(v)", of("log", Softmax(V))),
    (r"\operatorname{logsumexp}(v)", of("log", Product((Transpose(ONES), of("exp", V))))),
    (r"\det A", Determinant(A)),
    (r"\log\det(A)", of("log", Determinant(A))),
    (r"\log \sqrt{s}", of("log", of("sqrt", S))),
    (r"\log \frac{s}{r}", of("log", Scale(S, Inverse(R)))),
    (r"u \oslash v", Hadamard((U, of("reciprocal", V)))),
    (r"v^{\odot -1}", of("reciprocal", V)),
    (r"s^{-1/2}", Inverse(of("sqrt", S))),
    (r"s^{-\frac{3}{2}}", Inverse(Power(of("sqrt", S), affine(3)))),
    (r"s^{1/2}", of("sqrt", S)),
    (r"s^{-2}", Inverse(Power(S, affine(2)))),
    (r"v^{-1/2}", of("reciprocal", of("sqrt", V))),
    (r"n", COUNT),
    (r"1^\top v", Product((Transpose(ONES), V))),
    (r"A 1 1^\top v", Product((A, ONES, Transpose(ONES), V))),
    (r"A 11^\top v", Product((A, ONES, Transpose(ONES), V))),
    (r"\frac{1}{n} s", Scale(Inverse(COUNT), S)),
    (r"\frac{s}{\sqrt{n}}", Scale(S, Inverse(of("sqrt", COUNT)))),
    (r"\operatorname{sum}(v)", Product((Transpose(ONES), V))),
    (r"\operatorname{sum}(X)", Product((Transpose(ONES), X, Ones(("m", 1))))),
    (r"\operatorname{mean}(v)", Scale(Inverse(COUNT), Product((Transpose(ONES), V)))),
    (r"\|A\|_F^2", Trace(Product((Transpose(A), A)))),
    (r"\|X\|_F", of("sqrt", Trace(Product((Transpose(X), X))))),
]
REFUSED = [
    (r"\exp(A)", "exp of A (an n x n matrix) is ambiguous: of each entry, or of the matrix as a whole?"),
    (r"\log A", "log of A (an n x n matrix) is ambiguous"),
    (r"\sqrt{A}", "sqrt of A (an n x n matrix) is ambiguous"),
    (r"\sqrt[3]{s}", "a root other than the square root is not read"),
    (r"e^{v}", r"e to the power of v (an n x 1 vector); write \exp(...) for that of each entry"),
    (r"e^{t}", "t is a time; it cannot stand as a factor"),
    (r"e", "e is not declared"),
    (r"e^\top", "e is not declared"),
    (r"\log_2 s", "a subscript has no place on the function log"),
    (r"\log s r", "how far does log reach?"),
    (r"\log \det A s", "how far does det reach?"),
    (r"\phi'''(v)", "a third derivative of a function is not read"),
    (r"\tan(v)", "I do not know the function tan"),
    (r"\exp^{-1}(v)", "ambiguous: the inverse function or one over it"),
    (r"\max(s, r)", r"\max without a variable is read only as \max(0, x)"),
    (r"\max(0, 0)", r"\max without a variable is read only as \max(0, x)"),
    (r"\max", r"\max without a variable is read only as \max(0, x)"),
    (r"\operatorname{logsumexp}(X)", "logsumexp of an n x m matrix is not read, only of a column"),
    (r"\operatorname{softmax}(u, v)", "a function of several arguments is not read"),
    (r"\det X", "not square"),
    (r"|A|", r"|...| of an n x n matrix; write \|...\| for its norm; \det(...) for its determinant"),
    (r"u \oslash v \odot u", "what is divided by what?"),
    (r"u \oslash v \oslash u", "what is divided by what?"),
    (r"\frac{u}{v}", "a division by an n x 1 vector"),
    (r"v^{-1}", "which is not square"),
    (r"v^{-2}", r"such a power is not read of v (an n x 1 vector); one over each entry is \odot -1"),
    (r"A^{-1/2}", "such a power is not read of A (an n x n matrix)"),
    (r"s^{1/3}", "only halves are read"),
    (r"s^{-k}", "a negative power of symbolic length is not read"),
    (r"n_t s", "n is a size; it cannot stand as a factor"),
    (r"t s", "t is a time; it cannot stand as a factor"),
    (r"d s", "d is a size here: is this a multiple of it, or a differential?"),
    (r"\|A\|_G", r"the norm \|...\|_G of an n x n matrix is not read"),
    (r"log(s)", r"log is read as letters side by side; write \log"),
]


@pytest.mark.parametrize(("text", "expected"), READ, ids=[row[0] for row in READ])
def test_reads(text, expected):
    assert read_term(text, DIALECT) == expected


@pytest.mark.parametrize(("text", "reason"), REFUSED, ids=[row[0] for row in REFUSED])
def test_refuses(text, reason):
    with pytest.raises(ReadError) as caught:
        read_term(text, DIALECT)
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    ("text", "written", "told"),
    [
        (r"\sqrt{s + r}", r"\sqrt{s + r}", "√(s + r)"),
        (r"s^{-1}", r"\tfrac{1}{s}", "(1/s)"),
        (r"\frac{s}{r}", r"\tfrac{s}{r}", "s/r"),
        (r"-\frac{2}{n} v", r"-\tfrac{2}{n} v", "-2/n v"),
        (r"\mathbf{1}^\top \mathbf{1}_n", "n", "n"),
        (r"\exp^{\odot}(A)", r"\exp^{\odot}(A)", "exp^⊙(A)"),
        (r"\operatorname{softmax}(X)", r"\operatorname{softmax}(X)", "softmax(X)"),
        (r"\operatorname{relu}(v)", r"\operatorname{ReLU}(v)", "ReLU(v)"),
    ],
)
def test_is_written_as_people_write_it(text, written, told):
    term = read_term(text, DIALECT)
    assert latex(term, DIALECT) == written
    assert plain(term, DIALECT) == told


def test_a_function_that_is_declared_to_act_entrywise_does_so_on_a_square_matrix():
    dialect = Dialect(sizes=("n",), functions=("exp",), symbols={"A": Declared("A", ("n", "n"))})
    assert read_term(r"\exp(A)", dialect) == of("exp", A)
    assert latex(of("exp", A), dialect) == r"\exp(A)"


def test_a_declared_e_is_no_base_of_powers():
    dialect = Dialect(sizes=("n",), times=("t",), symbols={"e": Declared("e", N, 1)})
    assert read_term(r"e^{[t]}", dialect) == Symbol("e", N, (affine("t"),))
    with pytest.raises(ReadError, match="e needs a time"):
        read_term(r"e^{2}", dialect)
