"""Single entries in formulas: what they are read as, how they are written, and what is refused."""

from __future__ import annotations

import pytest

from symgrad.kernel.affine import affine
from symgrad.kernel.term import (
    COMPONENT,
    SCALAR,
    Basis,
    ComponentSum,
    Gradient,
    Identity,
    Product,
    Symbol,
    Term,
    Transpose,
)
from symgrad.notation.dialect import Declared, Dialect
from symgrad.notation.problem import ReadError
from symgrad.notation.read import read_document, read_statement, read_term
from symgrad.notation.write import latex, mathml, plain

SYMBOLS = (
    Declared("W", ("n", "n")),
    Declared("W_hh", ("n", "n")),
    Declared("U", ("n", "m")),
    Declared("h", ("n", 1), 1),
    Declared("x", ("m", 1), 1),
    Declared("b", ("n", 1)),
    Declared("v", ("n", 1)),
    Declared("L", SCALAR),
)
GATES = (
    Declared("i", ("n", 1), 1),
    Declared("delta", ("n", 1), 1),
    Declared("W_i", ("n", "n")),
    Declared("b_i", ("n", 1)),
)


def dialect(*more: Declared, **changes: object) -> Dialect:
    symbols = {one.name: one for one in (*SYMBOLS, *more)}
    given = {"sizes": ("n", "m"), "times": ("t", "k"), "time_style": "_", **changes}
    return Dialect(symbols=symbols, **given)  # type: ignore[arg-type]


PLAIN = dialect()
GATED = dialect(*GATES, components=("i", "j"))


def unit(index: str, size: str = "n") -> Basis:
    return Basis(affine(index + COMPONENT), size)


def entry(body: Term, i: str, j: str = "") -> Product:
    rows, columns = map(str, body.shape)
    return Product((Transpose(unit(i, rows)), body, *([unit(j, columns)] if j else [])))


W, U, V, B = (
    Symbol(name, size) for name, size in (("W", ("n", "n")), ("U", ("n", "m")), ("v", ("n", 1)), ("b", ("n", 1)))
)
H = Symbol("h", ("n", 1), (affine("t"),))


@pytest.mark.parametrize(
    ("written", "term"),
    [
        (r"v_i", entry(V, "i")),
        (r"h_{t,i}", entry(H, "i")),
        (r"h^{[t]}_i", entry(H, "i")),
        (r"h_i^{(t)}", entry(H, "i")),
        (r"W_{ij}", entry(W, "i", "j")),
        (r"\frac{\partial L}{\partial W_{ij}}", entry(Gradient(Symbol("L", SCALAR), W), "i", "j")),
        (r"W_{i,j}", entry(W, "i", "j")),
        (r"w_{ji}", entry(W, "j", "i")),
        (r"U_{ij}", entry(U, "i", "j")),
        (r"W_{hh,ij}", entry(Symbol("W_hh", ("n", "n")), "i", "j")),
        (r"(W^\top)_{ij}", entry(Transpose(W), "i", "j")),
        (r"[W v]_i", entry(Product((W, V)), "i")),
        (r"e_i^\top W e_j", Product((Transpose(unit("i")), W, unit("j")))),
        (r"\mathbf e_{n,i}", unit("i")),
        (r"\sum_j W_{ij} v_j", None),
        (r"\sum_{j=1}^n W_{ij} v_j", None),
        (r"\sum_{1 \le j \le n} W_{ij} v_j", None),
        (r"\sum_{j \in [n]} W_{ij} v_j", None),
        (r"\sum_{k=1}^n v_k", ComponentSum("k_", "n", entry(V, "k"))),
    ],
)
def test_is_read_as(written: str, term: Term | None) -> None:
    found = read_term(written, PLAIN)
    if term is None:
        assert isinstance(found, ComponentSum)
        assert (found.index, found.rows) == ("j_", "n")
    else:
        assert found == term


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (
            r"\frac{\partial h_{t,i}}{\partial h_{t-1,j}} = (1-h_{t,i}^2) w_{ij}",
            "(∂ h_i[t])/(∂ h_j[t-1]) = (1 - h_i[t]^2) W_ij",
        ),
        (
            r"h_{t,i} = \tanh\Bigl(\sum_j W_{ij} h_{t-1,j} + \sum_j U_{ij} x_{t,j} + b_i\Bigr)",
            "h_i[t] = tanh(∑_{j=1}^n W_ij h_j[t-1] + ∑_{j=1}^m U_ij x_j[t] + b_i)",
        ),
        (
            r"\frac{\partial L}{\partial h_{t-1,j}} = "
            r"\sum_i \frac{\partial L}{\partial h_{t,i}} \frac{\partial h_{t,i}}{\partial h_{t-1,j}}",
            "(∂ L)/(∂ h_j[t-1]) = ∑_{i=1}^n (∂ L)/(∂ h_i[t]) (∂ h_i[t])/(∂ h_j[t-1])",
        ),
        (r"\sum_j \delta_{ij} v_j = v_i", "∑_{j=1}^n [I_n]_ij v_j = v_i"),
        (r"\delta_{ij} \delta_{jl} v_l = v_i", "[I_n]_ij [I_n]_jl v_l = v_i"),
        (r"\sum_{i,j} W_{ij} = \sum_{j} \sum_i W_{ij}", "∑_{i=1}^n ∑_{j=1}^n W_ij = ∑_{j=1}^n ∑_{i=1}^n W_ij"),
        (r"v_i^2 = v_i v_i", "v_i^2 = v_i v_i"),
        (r"\tanh(W v)_i = v_i", "[tanh(W v)]_i = v_i"),
    ],
)
@pytest.mark.parametrize("layout", ["gradient", "jacobian", "mixed", "columns"])
def test_a_statement_is_read_and_written(written: str, shown: str, layout: str) -> None:
    spoken = dialect(layout=layout)
    statement = read_statement(written, spoken)
    assert plain(statement, spoken) == shown
    assert read_statement(latex(statement, spoken), spoken) == statement
    assert mathml(statement, spoken)


def test_a_derivative_of_one_entry_by_another_is_the_same_in_every_layout() -> None:
    written = r"\frac{\partial h_{t,i}}{\partial h_{t-1,j}}"
    one, *others = (
        read_term(written, dialect(layout=layout)) for layout in ("gradient", "jacobian", "mixed", "columns")
    )
    assert isinstance(one, Product)
    assert (one.factors[0], one.factors[-1]) == (Transpose(unit("j")), unit("i"))
    assert others == [one] * 3


def test_a_declared_name_comes_first() -> None:
    assert read_term(r"W_i", GATED) == Symbol("W_i", ("n", "n"))
    assert read_term(r"b_i", GATED) == Symbol("b_i", ("n", 1))
    assert read_term(r"b_j", GATED) == entry(B, "j")
    assert read_term(r"i_t", GATED) == Symbol("i", ("n", 1), (affine("t"),))
    assert read_term(r"i_{t,i}", GATED) == entry(Symbol("i", ("n", 1), (affine("t"),)), "i")
    assert read_term(r"\delta_{t,i}", GATED) == entry(Symbol("delta", ("n", 1), (affine("t"),)), "i")
    found = read_term(r"\sum_i i_{t,i}", dialect(*GATES))
    assert isinstance(found, ComponentSum)


def test_an_entry_whose_name_is_taken_is_written_apart() -> None:
    assert latex(entry(W, "i", "j"), GATED) == r"W_{ij}"
    assert latex(entry(W, "alpha", "j"), GATED) == r"W_{\alpha j}"
    assert latex(entry(B, "i"), GATED) == r"[b]_{i}"
    assert latex(Transpose(entry(W, "i", "j")), GATED) == r"(W_{ij})^{\top}"
    for term in (entry(B, "i"), entry(W, "i", "j"), Transpose(entry(W, "i", "j")), unit("j")):
        assert read_term(latex(term, GATED), GATED) == term


def test_a_unit_vector_shows_its_size_where_nothing_beside_it_does() -> None:
    between = Product((Transpose(unit("i")), W, W, unit("j")))
    assert latex(between, PLAIN) == r"\mathbf{e}_{i}^{\top} W W \mathbf{e}_{j}"
    assert latex(Product((unit("i"), Transpose(unit("j")))), PLAIN) == r"\mathbf{e}_{n,i} \mathbf{e}_{n,j}^{\top}"
    taken = dialect(Declared("e", ("n", 1), 1))
    assert latex(unit("i"), taken) == r"\mathrm{unit}_{n,i}"
    for term in (between, unit("i"), Product((unit("i"), Transpose(unit("j"))))):
        assert all(read_term(latex(term, one), one) == term for one in (PLAIN, taken))


def test_a_delta_is_written_where_nothing_else_can_be_meant() -> None:
    only = Dialect(sizes=("n",), symbols={"v": Declared("v", ("n", 1))})
    term = entry(Identity("n"), "i", "j")
    assert latex(term, only) == r"\delta_{ij}"
    assert read_term(r"\delta_{ij}", only) == term
    assert "delta" not in latex(term, PLAIN)


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        (r"W_{12}", "W_12 is not declared, and W has no times; the indices of an entry are declared"),
        (r"h_{t,1}", "h needs 1 time, not 2"),
        (r"h_{ti}", "i is not declared as a time"),
        (r"h_i", "i is not declared as a time"),
        (r"W_i", "an entry of an n x n matrix has two indices, not i"),
        (r"v_{ij}", "an entry of an n x 1 vector has one index, not i, j"),
        (r"W_{ijl}", "so i, j, l has no place below it"),
        (r"L_i", "entries of a scalar are not read"),
        (r"W_{tj}", "the indices of an entry are declared"),
        (r"W_{nj}", "the indices of an entry are declared"),
        (r"W_{vj}", "the indices of an entry are declared"),
        (r"W_{ij}^\top", "this script on an entry is ambiguous"),
        (r"W^{-1}_{ij}", "this script on an entry is ambiguous"),
        (r"(W)^\top_{ij}", "put brackets around the first"),
        (r"\|W\|_i", "the norm"),
        (r"i v", "i is not declared"),
        (r"\sum_j j v_j", "j is an index here; it cannot stand as a factor"),
        (r"\sum_{j=1}^m W_{ij} v_j", "how far does the sum over j run? it counts m and n entries"),
        (r"\sum_j 1", "how far does the sum over j run? write its bounds"),
        (r"\sum_j U_{ij} v_j", "how far does the sum over j run? it counts m and n entries"),
        (r"\sum_{j=2}^n v_j", "a sum over the entries of a vector starts at 1"),
        (r"\sum_{m=1}^n v_m", "the sum runs to the size n; I expected the name of an index here"),
        (r"\sum_{k=1}^n h_k", "k is not declared as a time"),
        (r"\sum_{k=1}^n h_{t-k,k}", "k is not declared as a time"),
        (r"\sum_t v_t", "needs an index and bounds"),
        (r"\sum_{j \ne i} v_j", "needs an index and bounds"),
        (r"\prod_{j=1}^n v_j", "n is not declared as a time"),
        (r"\delta_{ij}", "what a \\delta_{ij} here counts the entries of is not told"),
        (r"\frac{\partial h_t}{\partial h_{t-1,j}}", "the derivative of an n x 1 vector by one entry is not read"),
        (
            r"\left.\frac{\partial h_{t,i}}{\partial h_{t-2,j}}\right|_{h_{t-1,l}}",
            "a single entry of h[t-1] has no place here",
        ),
    ],
)
def test_is_refused(written: str, reason: str) -> None:
    with pytest.raises(ReadError) as caught:
        read_term(written, PLAIN)
    assert reason in str(caught.value)


def test_a_time_and_an_index_of_one_name_are_refused() -> None:
    with pytest.raises(ReadError, match="i is a time and the index of an entry in one claim"):
        read_statement(r"v_i h_{i,j} = 0", dialect(times=("t", "i"), components=("i",)))


DECLARED = "% symgrad: size n\n% symgrad: time t\n% symgrad: W : n x n\n% symgrad: i[t], v : n\n"


def problems(text: str) -> str:
    return "\n".join(str(one) for one in read_document(DECLARED + text).problems)


def test_indices_are_declared() -> None:
    formula = r"\[ W_{ij} = 0 \]"
    (claim,) = read_document(DECLARED + formula).claims
    assert "the indices of an entry are declared" in str(claim.problems)
    (claim,) = read_document(f"{DECLARED}% symgrad: index i, j\n{formula}").claims
    assert claim.readings
    assert "t is declared already, as a time" in problems("% symgrad: index t")
    assert "j is declared already, as an index" in problems("% symgrad: index j\n% symgrad: time j")
    assert "n is declared already, as a size" in problems("% symgrad: index j, n")
    assert "depend on the index j" in problems("% symgrad: let s = v_j")


WHOLE = DECLARED.replace("i[t], v : n", "h[t], v : n") + "% symgrad: index i, j, l\n"


@pytest.mark.parametrize(
    ("definition", "claim", "body"),
    [
        (r"g_i := [W v]_i", "g_l = 0", "W v"),
        (r"g_{t,i} := h_{t,i}", "g_{t,l} = 0", "h[t]"),
        (r"M_{ij} := (W^\top)_{ij}", "M_{jl} = 0", "W^T"),
        (r"M_{ij} := (W^\top)_{ji}", "M_{jl} = 0", "∑_{α=1}^n ∑_{β=1}^n [W^T]_βα e_{n, α} e_{n, β}^T"),
        (r"g_i := v_i^2", "g_l = 0", "∑_{α=1}^n v_α^2 e_{n, α}"),
        (r"g_i := \sum_j W_{ij}", "g_l = 0", "∑_{α=1}^n [∑_{j=1}^n W_αj] e_{n, α}"),
    ],
)
def test_a_definition_by_entries_defines_the_whole(definition: str, claim: str, body: str) -> None:
    (found,) = read_document(f"{WHOLE}\\[ {definition} \\]\n\\[ {claim} \\]").claims
    (reading,) = found.readings
    (short,) = reading.context.abbreviations
    assert plain(short.body, reading.dialect) == body


@pytest.mark.parametrize("definition", [r"g_i := W_{ij}", r"g_i := v_j", r"M_{ij} := v_i"])
def test_a_definition_by_entries_has_the_same_indices_on_both_sides(definition: str) -> None:
    document = read_document(f"{WHOLE}\\[ {definition} \\]\n\\[ v_l = 0 \\]")
    assert "would depend on the index" in "".join(str(one) for one in document.all_problems)
