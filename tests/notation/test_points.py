"""The points a claim is about, declared, said beside it or presumed; laws of declared functions."""

from __future__ import annotations

import pytest

from symgrad.kernel.certificate import Condition, Law
from symgrad.kernel.term import SCALAR, Entrywise, Symbol
from symgrad.notation.declarations import declare, line_of
from symgrad.notation.problem import MisreadError
from symgrad.notation.read import read_document
from symgrad.notation.setting import Setting
from symgrad.notation.write import plain

BASE = ("size n, m", "time t, k", "A, B : n x n", "X : n x m", "v, y : n", "p[t] : n", "s, r : scalar",
        "phi : function")  # fmt: skip


def declared(*lines: str) -> Setting:
    setting = Setting()
    for line in (*BASE, *lines):
        setting = declare(line_of(line, 0, len(line), {}), setting)
    return setting


def read(claim: str, *lines: str):
    return read_document("".join(f"% symgrad: {line}\n" for line in (*BASE, *lines)) + rf"\[ {claim} \]")


def points(claim: str, *lines: str) -> list[str]:
    """The points that the first relation of a claim is about."""
    document = read(claim, *lines)
    assert not document.all_problems, [str(one) for one in document.all_problems]
    reading = document.claims[0].readings[0]
    context = reading.statements[0].context or reading.context
    return [plain(one, reading.dialect) for one in context.conditions]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("assume v > 0", Condition("positive", Symbol("v", ("n", 1)))),
        ("assume 0 < v", Condition("positive", Symbol("v", ("n", 1)))),
        ("assume v_i > 0", Condition("positive", Symbol("v", ("n", 1)))),
        ("assume X > 0", Condition("positive", Symbol("X", ("n", "m")))),
        ("assume A_{i,j} > 0", Condition("positive", Symbol("A", ("n", "n")))),
        ("assume v positive", Condition("positive", Symbol("v", ("n", 1)))),
        (r"assume s \ne 0", Condition("nonzero", Symbol("s", SCALAR))),
        (r"assume v_i \neq 0", Condition("nonzero", Symbol("v", ("n", 1)))),
        ("assume A invertible", Condition("invertible", Symbol("A", ("n", "n")))),
        ("assume A is nonsingular", Condition("invertible", Symbol("A", ("n", "n")))),
        (r"assume \det A \ne 0", Condition("invertible", Symbol("A", ("n", "n")))),
        (r"assume \det(A) \ne 0", Condition("invertible", Symbol("A", ("n", "n")))),
    ],
)
def test_points_are_assumed(line, expected):
    assert declared(line).conditions == (expected,)


def test_a_vector_that_is_not_zero_has_a_length():
    setting = declared(r"assume v \ne 0")
    assert [plain(one, setting.dialect) for one in setting.conditions] == ["v^T v ≠ 0", "‖v‖ ≠ 0"]
    assert points(r"s = \frac{v^\top A v}{v^\top v}", r"assume v \ne 0") == ["v^T v ≠ 0", "‖v‖ ≠ 0"]


@pytest.mark.parametrize("line", [r"assume v \ge 0", r"assume 0 \le v_i"])
def test_entries_that_are_at_least_0_are_a_hypothesis(line):
    setting = declared(line)
    assert [plain(one, setting.dialect) for one in setting.hypotheses] == ["v ≥ 0"]


def test_a_positive_scalar_is_a_hypothesis():
    setting = declared("assume s > 0")
    assert setting.conditions == ()
    assert [plain(one, setting.dialect) for one in setting.hypotheses] == ["s > 0"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("assume A > 0", "positive entry by entry, or as a form?"),
        (r"assume X \ne 0", r"\ne 0 says that some entry is not 0; give an index to say it of every entry of "),
        (r"assume A \ge 0", "positive entry by entry, or as a form?"),
        (r"assume v \le 0", "a bound compares scalars"),
        (r"assume s \ne r", r"\ne cannot be assumed"),
        ("assume X invertible", "is not square, so it has no inverse"),
        ("assume A = B invertible", "I expected names here that are invertible"),
        ("assume Q invertible", "Q is not declared"),
        ("assume invertible", "I expected names here"),
        ("assume v > 1", "a bound compares scalars"),
    ],
)
def test_points_are_refused(line, reason):
    with pytest.raises(MisreadError) as caught:
        declared(line)
    assert reason in caught.value.message


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        (r"A B = B A \quad \text{for invertible } A", ["A is invertible"]),
        (r"A B = B A \quad \text{where $A$ is invertible}", ["A is invertible"]),
        (r"A B = B A \quad \text{if } \det B \ne 0", ["B is invertible"]),
        (r"s = r \quad \text{where $v > 0$}", ["v > 0 in every entry"]),
        (r"s = r \quad \text{for } r \ne 0", ["r ≠ 0"]),
        (r"s = r \quad \text{for positive $v, y$}", ["v > 0 in every entry", "y > 0 in every entry"]),
    ],
)
def test_points_are_said_beside_a_claim(claim, expected):
    assert points(claim) == expected
    (link,) = read(claim).claims[0].readings[0].statements
    assert [plain(one, read(claim).claims[0].dialect) for one in link.conditions] == expected


@pytest.mark.parametrize(
    ("claim", "reason"),
    [
        (r"A B = B A \quad \text{for symmetric } A", "a condition in words, 'for symmetric', is not read"),
        (r"A B = B A \quad \text{where $A$ is symmetric}", "a condition in words, 'is symmetric', is not read"),
        (r"A B = B A \quad \text{if $A$ is not invertible}", "I expected a relation to assume"),
        (r"A B = B A \quad \text{for some invertible } A", "a condition in words, 'for some invertible', is not read"),
    ],
)
def test_other_words_are_refused(claim, reason):
    (problem,) = read(claim).all_problems
    assert reason in problem.message


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        (r"s = \log r", ["r > 0"]),
        (r"s = \sqrt{r}", ["r > 0"]),
        (r"s = \frac{1}{r}", ["r ≠ 0"]),
        (r"s = \frac{1}{n} + e^{r}", []),
        (r"s = \frac{1}{\sqrt{n}}", []),
        (r"s = \frac{1}{1 + e^{-r}}", []),
        (r"v = v \oslash y", ["y ≠ 0 in every entry"]),
        (r"s = \mathbf{1}^\top \log v", ["v > 0 in every entry"]),
        (r"s = \sum_j y_j \log v_j", ["v > 0 in every entry"]),
        (r"A^{-1} = B", ["A is invertible"]),
        (r"(A^{-1})^\top = B^{-1}", ["A is invertible", "B is invertible"]),
        (r"s = \log\det A", ["det(A) > 0"]),
        (r"s = \sum_{i=1}^{k} \mathbf{1}^\top \log p_i", ["p[i] > 0 in every entry for all i"]),
        (r"s = \mathbf{1}^\top \log p_k", ["p[k] > 0 in every entry for all k"]),
        (r"s = \sqrt{v^\top v + r}", ["r > 0"]),
        (r"s = \sqrt{v^\top y + r}", ["v^T y + r > 0"]),
        (r"s = \sum_{i=1}^{k} \frac{1}{1 - r^i}", []),
        (r"s = \frac{1}{1 - r^k}", ["1 - r^k ≠ 0"]),
        (r"s = \sum_j \frac{1}{v_j + y_j}", []),
        (r"v = \operatorname{ReLU}'(y)", ["y ≠ 0 in every entry"]),
        (r"v = \operatorname{ReLU}(y)", []),
        (r"\nabla_y (\mathbf{1}^\top \operatorname{ReLU}(A y)) = v", ["A y ≠ 0 in every entry"]),
        (r"s = \frac{1}{r - r}", []),
        (r"s = \log(-1)", []),
        (r"s = \log(-e^{r})", []),
        (r"v = \log\operatorname{softmax}(y)", []),
    ],
)
def test_a_claim_presumes_that_it_has_a_value(claim, expected):
    assert points(claim) == expected


def test_nothing_is_presumed_that_is_assumed():
    assert points(r"s = \log r + \frac{1}{r}", "assume r > 0") == []
    assert points(r"A^{-1} = B", "assume A invertible") == ["A is invertible"]
    assert points(r"s = \mathbf{1}^\top \log p_k", "assume p[t] > 0") == ["p[t] > 0 in every entry for all t"]


def test_what_a_definition_needs_is_presumed_where_it_is_used():
    lines = (r"let c = \log s", r"let C = A^{-1}")
    assert points("c = r", *lines) == ["s > 0"]
    assert points("B C = B", *lines) == ["A is invertible"]
    assert points("B = B", *lines) == []
    assert points("s = r", r"y = \log v") == ["v > 0 in every entry"]


@pytest.mark.parametrize(
    ("line", "function", "variable"),
    [
        (r"\phi'(x) = \phi(x) (1 - \phi(x))", "phi'", "x"),
        (r"\phi(x) = x \sigma(x)", "phi", "x"),
        (r"\phi(z) = \frac{1}{1 + e^{-z}}", "phi", "z"),
        (r"\phi(v) = v^2 + 1", "phi", "v"),
    ],
)
def test_a_law_is_said_of_a_declared_function(line, function, variable):
    (law,) = declared(line).laws
    assert (law.function, law.variable) == (function, variable)


def test_a_law_may_use_a_letter_that_is_declared_as_something_else():
    (law,) = declared(r"\phi(v) = \tanh(v)").context().laws
    assert law == Law("phi", "v", Entrywise("tanh", Symbol("v", SCALAR)))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (r"\phi(x) = x s", "a law says what phi is of x alone, not of s"),
        (r"\phi(x) = \phi(x) + 1", "phi is defined by itself"),
        (r"\phi(x) = |x|", "a law is read that is made of sums, products, powers and functions"),
        (r"\phi(x_i) = 1", "a law is said of a letter"),
        (r"\phi(k) = 1", "a law is said of a letter"),
        (r"\phi_2(x) = x", "has a script that has no place here"),
        (r"\tanh(x) = x", "I expected a name on the left"),
        (r"\psi(x) = x", "I expected a name on the left"),
    ],
)
def test_a_law_is_refused(line, reason):
    with pytest.raises(MisreadError) as caught:
        declared(line)
    assert reason in caught.value.message


@pytest.mark.parametrize("name", ["step", "reciprocal"])
def test_a_function_that_is_known_by_another_meaning_is_not_declared(name):
    with pytest.raises(MisreadError, match=f"{name} is known already"):
        declared(f"{name} : function")


def test_one_function_has_one_law():
    with pytest.raises(MisreadError, match="a law of phi is declared already"):
        declared(r"\phi(x) = x", r"\phi'(x) = 1")
