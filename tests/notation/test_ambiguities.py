"""How each ambiguity of the notation is settled, and what is refused rather than guessed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from symgrad.kernel.affine import affine
from symgrad.kernel.term import (
    SCALAR,
    Diagonal,
    DiagonalPart,
    Entrywise,
    EntrywisePower,
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
    Sum,
    Symbol,
    Transpose,
    Zero,
    number,
)
from symgrad.notation.dialect import Declared, Dialect
from symgrad.notation.grammar import parse
from symgrad.notation.names import Scope
from symgrad.notation.problem import ReadError
from symgrad.notation.read import read_statement, read_term
from symgrad.notation.resolve import resolved
from symgrad.notation.write import plain

NAMES = {
    "W": Declared("W", ("n", "n")),
    "A": Declared("A", ("n", "n")),
    "B": Declared("B", ("n", "n")),
    "W_hh": Declared("W_hh", ("n", "n")),
    "U": Declared("U", ("n", "m")),
    "P": Declared("P", ("n", "n"), 1),
    "h": Declared("h", ("n", 1), 1),
    "i": Declared("i", ("n", 1), 1),
    "v": Declared("v", ("n", 1)),
    "b_e": Declared("b_e", ("n", 1)),
    "s": Declared("s", SCALAR),
    "L": Declared("L", SCALAR),
    "delta": Declared("delta", ("n", 1), 1),
}
DIALECT = Dialect(sizes=("n", "m"), times=("t", "tau", "k"), symbols=NAMES, functions=("f",))
W, A, B, U = (Symbol(name, NAMES[name].size) for name in ("W", "A", "B", "U"))
V, S, L = Symbol("v", ("n", 1)), Symbol("s", SCALAR), Symbol("L", SCALAR)


def h(time, name="h"):
    return Symbol(name, ("n", 1), (affine(time),))


H = h("t")
P = Symbol("P", ("n", "n"), (affine("i"),))
P_DOWN = Symbol("P", ("n", "n"), (affine("k") - affine("i") + 1,))
EARLIER = Symbol("h", ("n", 1), (affine("t") - 1,))
MINUS = number(-1)
X = Symbol("x", SCALAR)

READ = [
    # powers
    (r"v^2", EntrywisePower(V, 2)),
    (r"W^2", Power(W, affine(2))),
    (r"s^k", Power(S, affine("k"))),
    (r"\tanh(v)^2", EntrywisePower(Entrywise("tanh", V), 2)),
    (r"\tanh^2(v)", EntrywisePower(Entrywise("tanh", V), 2)),
    (r"v^{\circ 2}", EntrywisePower(V, 2)),
    (r"W^{\odot 2}", EntrywisePower(W, 2)),
    (r"W^12", Scale(number(2), Power(W, affine(1)))),
    # times
    (r"h_t", H),
    (r"h^{[t]}", H),
    (r"h^{(t)}", H),
    (r"h^{<t>}", H),
    (r"h^{\langle t\rangle}", H),
    (r"\mathbf h^{[t]^2}", EntrywisePower(H, 2)),
    (r"\mathbf h^{[t] 2}", EntrywisePower(H, 2)),
    (r"{\mathbf h^{[t]}}^T", Transpose(H)),
    (r"\mathbf h^{{[t]}^T}", Transpose(H)),
    (r"\mathbf h^{[t]\top}", Transpose(H)),
    (r"h_t^T", Transpose(H)),
    (r"h^{[t]}{}^2", EntrywisePower(H, 2)),
    (r"h_{t-1}", EARLIER),
    # transposes
    (r"W^T", Transpose(W)),
    (r"W^\top", Transpose(W)),
    (r"W^{\mathsf T}", Transpose(W)),
    (r"W^{\mathrm T}", Transpose(W)),
    (r"W^{\text{T}}", Transpose(W)),
    (r"W^\mathsf{T}", Transpose(W)),
    (r"W^\intercal", Transpose(W)),
    (r"W'", Transpose(W)),
    (r"W^{-1}", Inverse(W)),
    (r"W^{-T}", Transpose(Inverse(W))),
    (r"(W^T)^k", Power(Transpose(W), affine("k"))),
    # functions
    (r"\sigma'(v)", Entrywise("sigmoid'", V)),
    (r"\sigma^\prime(v)", Entrywise("sigmoid'", V)),
    (r"f(v)", Entrywise("f", V)),
    (r"\tanh v", Entrywise("tanh", V)),
    (r"\operatorname{diag}(v)", Diagonal(V)),
    (r"\operatorname{diag}(W)", DiagonalPart(W)),
    (r"\sigma_{\min}(W)", Magnitude("least_singular_value", W)),
    (r"\sigma_{\max}(W)", Magnitude("spectral_norm", W)),
    (r"\rho(W)", Magnitude("spectral_radius", W)),
    # names
    (r"W_{hh}", Symbol("W_hh", ("n", "n"))),
    (r"b_e", Symbol("b_e", ("n", 1))),
    (r"i_t", h("t", "i")),
    (r"\mathbf{AB}", Product((A, B))),
    # products
    (r"A B \odot W", Hadamard((Product((A, B)), W))),
    (r"A \cdot v \circ v", Hadamard((Product((A, V)), V))),
    (r"A s v", Scale(S, Product((A, V)))),
    (r"2 A B", Scale(number(2), Product((A, B)))),
    (r"-2 v", Scale(number(-2), V)),
    (r"-(2 v)", Scale(MINUS, Scale(number(2), V))),
    (r"\tfrac12 v", Scale(Number(number(1).value / 2), V)),
    (r"0.5 v", Scale(Number(number(1).value / 2), V)),
    (r"1/2", Number(number(1).value / 2)),
    (r"\frac{1}{s}", Inverse(S)),
    # ones, zeros, identity
    (r"1 - h_t^2", Sum((Ones(("n", 1)), Scale(MINUS, EntrywisePower(H, 2))))),
    (r"\mathbb{1} - v", Sum((Ones(("n", 1)), Scale(MINUS, V)))),
    (r"1 - s", Sum((Number(number(1).value), Scale(MINUS, S)))),
    (r"v - 1", Sum((V, Scale(MINUS, Ones(("n", 1)))))),
    (r"W - \mathbf I", Sum((W, Scale(MINUS, Identity("n"))))),
    (r"W + 2 I", Sum((W, Scale(number(2), Identity("n"))))),
    (r"I_n", Identity("n")),
    (r"I U", Product((Identity("n"), U))),
    (r"\mathbf 1^T v", Product((Transpose(Ones(("n", 1))), V))),
    (r"0_{n\times m}", Zero(("n", "m"))),
    # products and sums with bounds
    (
        r"\prod_{i=1}^k A W^i v",
        Product((OrderedProduct("i", affine(1), affine("k"), Product((A, Power(W, affine("i"))))), V)),
    ),
    (
        r"\left[\prod_{i=1}^k A W^i\right] B",
        Product((OrderedProduct("i", affine(1), affine("k"), Product((A, Power(W, affine("i"))))), B)),
    ),
    (
        r"\left[\prod_{i=1}^k A W^i B\right]^T",
        Transpose(OrderedProduct("i", affine(1), affine("k"), Product((A, Power(W, affine("i")), B)))),
    ),
    (
        r"\left(\prod_{i=1}^k W^i v\right)",
        Product((OrderedProduct("i", affine(1), affine("k"), Power(W, affine("i"))), V)),
    ),
    (r"\prod_{1 \le j < k} W^j", OrderedProduct("j", affine(1), affine("k") - 1, Power(W, affine("j")))),
    (r"\sum_{j=1}^k W^j A", IndexedSum("j", affine(1), affine("k"), Product((Power(W, affine("j")), A)))),
    (r"\sum_{j=1}^k W^j \odot A", IndexedSum("j", affine(1), affine("k"), Hadamard((Power(W, affine("j")), A)))),
    (r"\lim_{k\to\infty} W^k", Limit("k", Power(W, affine("k")))),
    (r"\prod_{i=1}^k \operatorname{diag}(i_i)", OrderedProduct("i", affine(1), affine("k"), Diagonal(h("i", "i")))),
    (r"\prod_{i=1}^k {\rm diag}(i_i)", OrderedProduct("i", affine(1), affine("k"), Diagonal(h("i", "i")))),
    # dots
    (r"P_1 P_2 \cdots P_k", OrderedProduct("i", affine(1), affine("k"), P)),
    (r"P_1 \cdots P_k", OrderedProduct("i", affine(1), affine("k"), P)),
    (r"W P_{1} \dotsm W P_{k} A", Product((OrderedProduct("i", affine(1), affine("k"), Product((W, P))), A))),
    (r"P_{k} \cdots P_1", OrderedProduct("i", affine(1), affine("k"), P_DOWN)),
    # magnitudes
    (r"\|v\|", Magnitude("spectral_norm", V)),
    (r"\lVert v \rVert_2", Magnitude("spectral_norm", V)),
    (r"\|v\|_\infty", Magnitude("largest_entry", V)),
    (r"|s|", Magnitude("spectral_norm", S)),
    (r"\max_j |v_j|", Magnitude("largest_entry", V)),
    (r"\max_{1\le j\le n} |v_j|", Magnitude("largest_entry", V)),
    (r"\min_j | h_j^{[t]} |", Magnitude("smallest_entry", H)),
    (r"\min_j | h_{t,j} |", Magnitude("smallest_entry", H)),
    (r"\max_j \left| [A v]_j \right|", Magnitude("largest_entry", Product((A, V)))),
    # derivatives
    (r"\nabla_{h_t} L", Gradient(L, H)),
    (r"\frac{\partial L}{\partial h_t}", Gradient(L, H)),
    (r"{\partial L \over \partial h_t}", Gradient(L, H)),
    (r"\frac{dL}{dh_t}", Gradient(L, H)),
    (r"\tilde\nabla_{h_t} h_{t+1}", Gradient(Symbol("h", ("n", 1), (affine("t") + 1,)), H, (), True)),
    (r"\nabla_v (A v) \cdot v", Product((Gradient(Product((A, V)), V), V))),
    (
        r"\left. \nabla_{v} L \right|_{h_{t-k}, \ldots, h_{t-1}}",
        Gradient(L, V, (Held("h", affine("t") - affine("k"), affine("t") - 1),)),
    ),
    (r"\left.\frac{\partial L}{\partial v}\right|_{h_t}", Gradient(L, V, (Held("h", affine("t"), affine("t")),))),
]
REFUSED = [
    (r"\prod_{i=1}^k A W^i B", "in each factor of the product, or behind it?"),
    (r"\prod_{i=1}^k A W^i \operatorname{diag}(v) v", "in each factor of the product, or behind it?"),
    (r"v'", "v' is ambiguous: a prime means transpose on a matrix and derivative on a function; v is a vector"),
    (r"\delta_t'", "delta[t]' is ambiguous: a prime means transpose"),
    (r"h_t^{(2)}", "h has a time below already; this finds no place"),
    (r"h", "h needs a time, as in h[t]"),
    (r"h_{i}", "i is not declared as a time"),
    (r"k W", "k is a time; it cannot stand as a factor"),
    (r"W_{ij}", "W_ij is not declared, and W has no times; the indices of an entry are declared"),
    (r"v v", "shapes do not fit: v (an n x 1 vector) times v (an n x 1 vector) (did you mean \\odot, or a transpose?)"),
    (r"v W", "shapes do not fit: v (an n x 1 vector) times W (an n x n matrix)"),
    (r"W + v", "shapes do not fit: W (an n x n matrix) plus v (an n x 1 vector)"),
    (r"W + 1", "write I for the identity matrix"),
    (r"Q v", "Q is not declared"),
    (r"\topp W", "I do not know the command \\topp (did you mean \\top?)"),
    (r"v^k", "its power must be a whole number"),
    (r"U^2", "U (an n x m matrix) has no powers"),
    (r"W^{v}", "an exponent is a number or a time"),
    (r"2^{-k}", "a negative power"),
    (r"|W|", "write \\|...\\| for its norm"),
    (r"\tanh A v", "put its argument in brackets"),
    (r"\tanh^{-1}(v)", "ambiguous"),
    (r"\nabla_v L^T", "put brackets"),
    (r"\nabla_v A v", "this is a derivative of A (an n x n matrix)"),
    (r"\frac{\partial}{\partial v} s v", "how far does the derivative reach?"),
    (r"L(v)", "L is a scalar, not a function"),
    (r"\prod_{s=1}^k s W^s", "s is an index here"),
    (r"\nabla L", "needs the name that it is taken by"),
    (r"\frac{\partial v}{\partial W}", "a derivative of an n x 1 vector by an n x n matrix is not read"),
    (r"\prod_{j=1}^k A B", "mentions j"),
    (r"\prod_j A_j", "needs an index and bounds"),
    (r"\max_j v_j", "v_j is not declared"),
    (r"\max_{1\le j\le m} |v_j|", "the bound is not the number of entries"),
    (r"\max_x s", "does not occur"),
    (r"{A + B} v", "braces do not print"),
    (r"{A B}^2", "braces do not print"),
    (r"2 3 v", "two numbers side by side"),
    (r"[v, v]", "stacked vectors"),
    (r"A \otimes B", "\\otimes is not read"),
    (r"A \cdot", "needs a factor on both sides"),
    (r"(A", "( is never closed"),
    (r"A)", ") closes nothing"),
    (r"(A]", "( is closed by ]"),
    (r"A + ", "more was expected"),
    (r"\|A", "\\| is never closed"),
    (r"I", "the size of I is not known here"),
    (r"I_q", "q is not declared as a size"),
    (r"Wx", "x is not declared"),
    (r"\text{softmax} v A", "how far does softmax reach?"),
    (r"h^{[t]}_{t}", "a time below already"),
    (r"W^a^b", "two superscripts"),
    (r"\left. \nabla_{v} L \right|_{v}", "cannot be held"),
    (r"2^T v", "2 is a number and has no transpose"),
    (r"tanh(v)", r"tanh is read as letters side by side; write \tanh"),
    (r"A diag(v)", r"write \operatorname{diag}"),
    (r"P_1 P_3 \cdots P_k", "dots are not read here"),
    (r"P_{t} \cdots P_\tau", "do the times rise or fall over these dots?"),
    (r"W \cdots W", "dots are not read here"),
    (r"W + \cdots", "write out what they stand for"),
    (r"\partial L / \partial v", r"as in \frac{\partial y}{\partial x}"),
]


@pytest.mark.parametrize(("text", "term"), READ, ids=[text for text, _ in READ])
def test_is_read_as(text, term):
    assert read_term(text, DIALECT) == term


@pytest.mark.parametrize(("text", "reason"), REFUSED, ids=[text for text, _ in REFUSED])
def test_is_refused(text, reason):
    with pytest.raises(ReadError) as caught:
        read_term(text, DIALECT)
    assert reason in str(caught.value)


def test_the_last_time_tells_whether_times_rise():
    scope = Scope(DIALECT, latest="tau")
    (chain,) = parse(r"P_{t} \cdots P_\tau", 0, 19, {}).chains
    assert chain.sides[0] is not None
    found = resolved(chain.sides[0], scope)
    assert (found.lower, found.upper) == (affine(1), affine("tau") - affine("t") + 1)


def test_a_group_in_a_time_is_multiplied():
    assert read_term(r"h_{2(t+1)}", DIALECT).times == (affine("t") * 2 + 2,)
    assert read_term(r"h_{(2)(3)}", DIALECT).times == (affine(6),)


def test_a_declared_time_t_makes_w_to_the_t_ambiguous():
    dialect = Dialect(sizes=("n",), times=("T",), symbols={"W": NAMES["W"]})
    with pytest.raises(ReadError, match="ambiguous: T is declared"):
        read_term("W^T", dialect)
    assert read_term(r"W^\top", dialect) == Transpose(W)


def test_a_declared_sigma_is_no_function():
    dialect = Dialect(sizes=("n",), symbols={"sigma": Declared("sigma", SCALAR), "v": NAMES["v"]})
    assert read_term(r"\sigma (v + v)", dialect) == Scale(Symbol("sigma", SCALAR), Sum((V, V)))
    with pytest.raises(ReadError, match="sigma is a scalar, not a function"):
        read_term(r"\sigma (v)", dialect)


def test_sup_binds_its_variable_whatever_else_is_called_so():
    dialect = Dialect(sizes=("m",), times=("t",), symbols={"x": Declared("x", ("m", 1), 1)})
    found = read_term(r"\sup_x |\tanh(x)|", dialect)
    assert found.body == Magnitude("spectral_norm", Entrywise("tanh", X))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (r"W \le A", "a bound compares scalars, such as norms or entries, not W (an n x n matrix)"),
        (r"W = v", "shapes do not fit: W (an n x n matrix) = v (an n x 1 vector)"),
        (r"W \approx A", "no relation that can be proved"),
        (r"W \in A", "no relation that can be proved"),
        (r"W = ", "nothing stands on the right of this relation"),
        (r"W", "I expected two sides"),
    ],
)
def test_a_relation_is_refused(text, reason):
    with pytest.raises(ReadError) as caught:
        read_statement(text, DIALECT)
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    ("layout", "vector", "scalar"),
    [
        ("gradient", "∇_{h[t]} h[t+1]", "∇_{h[t]} L"),
        ("jacobian", "(∇_{h[t]} h[t+1])^T", "(∇_{h[t]} L)^T"),
        ("mixed", "(∇_{h[t]} h[t+1])^T", "(∇_{h[t]} L)^T"),
        ("columns", "(∇_{h[t]} h[t+1])^T", "∇_{h[t]} L"),
    ],
)
def test_a_fraction_is_laid_out_as_declared(layout, vector, scalar):
    names = {"h": Declared("h", ("n", 1), 1), "L": Declared("L", SCALAR)}
    dialect = Dialect(sizes=("n",), times=("t",), symbols=names, layout=layout)
    for of, expected in (("h_{t+1}", vector), ("L", scalar)):
        found = read_term(rf"\frac{{\partial {of}}}{{\partial h_t}}", dialect)
        turned = read_term(rf"\left(\frac{{\partial {of}}}{{\partial h_t}}\right)^\top", dialect)
        assert plain(found, replace(dialect, layout="gradient")) == expected
        assert isinstance(turned, Gradient) == expected.endswith("^T")
        nabla = read_term(rf"\nabla_{{h_t}} {of}", dialect)
        assert isinstance(nabla, Transpose) == (layout == "jacobian")
