"""The language of declarations: what each line adds to the context of a claim, and what is refused."""

from __future__ import annotations

import pytest

from symgrad.kernel.affine import affine
from symgrad.kernel.certificate import Loss
from symgrad.kernel.term import SCALAR, Held, Symbol
from symgrad.notation.declarations import PROFILES, declare, line_of
from symgrad.notation.problem import MisreadError, ReadError
from symgrad.notation.read import read_document, read_term
from symgrad.notation.setting import Setting
from symgrad.notation.write import plain
from symgrad.serialize import parse_affine

BASE = ("size n, m", "time t, tau, k", "W : n x n", "h[t], b : n", "L : scalar")


def declared(*lines: str, base: tuple[str, ...] = BASE) -> Setting:
    setting = Setting()
    for line in (*base, *lines):
        setting = declare(line_of(line, 0, len(line), {}), setting)
    return setting


def only_reading(*lines: str, claim: str = r"W = W"):
    text = "".join(f"% symgrad: {line}\n" for line in (*BASE, *lines)) + rf"\[ {claim} \]"
    document = read_document(text)
    assert not document.all_problems, [str(one) for one in document.all_problems]
    (reading,) = document.claims[0].readings
    return reading


class TestNames:
    @pytest.mark.parametrize(
        ("line", "name", "size", "arity"),
        [
            ("A : n x m", "A", ("n", "m"), 0),
            (r"A : n \times m", "A", ("n", "m"), 0),
            ("A, v : 3 x n", "v", (3, "n"), 0),
            ("v : n", "v", ("n", 1), 0),
            ("v : 1 x n", "v", (1, "n"), 0),
            ("w : scalar", "w", SCALAR, 0),
            (r"\mathbf{s}[t] : n", "s", ("n", 1), 1),
            ("s^{[t]} : n", "s", ("n", 1), 1),
            ("s_t : n", "s", ("n", 1), 1),
            ("W_hh : n x n", "W_hh", ("n", "n"), 0),
            ("W_{hh} : n x n", "W_hh", ("n", "n"), 0),
            ("W_e[t] : n x n", "W_e", ("n", "n"), 1),
            (r"\tilde{c}[t] : n", "ctilde", ("n", 1), 1),
            ("delta[t] : n", "delta", ("n", 1), 1),
            (r"\delta[t] : n", "delta", ("n", 1), 1),
            ("P[t,k] : n x n", "P", ("n", "n"), 2),
            (r"\mathrm{net}[t] : n", "net", ("n", 1), 1),
        ],
    )
    def test_shapes(self, line, name, size, arity):
        found = declared(line).dialect.symbols[name]
        assert (found.size, found.arity) == (size, arity)

    def test_a_font_in_a_declaration_is_kept(self):
        assert plain(Symbol("s", ("n", 1), (affine("t"),)), declared(r"\mathbf{s}[t] : n").dialect) == "s[t]"
        assert declared(r"\mathbf{s}[t] : n").dialect.font("s") == "mathbf"

    @pytest.mark.parametrize(
        ("line", "reason"),
        [
            ("A : q x n", "q is not declared as a size"),
            ("A : n x n x n", "is not a shape"),
            ("W : n", "W is declared already, as an n x n matrix"),
            ("W : n x m", "W is declared already"),
            ("k : n", "k is declared already, as a time"),
            ("n : scalar", "n is declared already, as a size"),
            ("size W", "W is declared already"),
            ("A B : n", "I expected a name here"),
            ("asume k >= 1", "I cannot read this declaration (did you mean assume?)"),
            ("use rn", "I know no profile 'rn' (did you mean rnn?)"),
            ("use ../rnn", "I know no profile"),
            ("layout rows", "the layout is gradient, jacobian, mixed or columns"),
            ("size 3", "'3' is not a name"),
        ],
    )
    def test_refused(self, line, reason):
        with pytest.raises(MisreadError) as caught:
            declared(line)
        assert reason in caught.value.message

    def test_the_same_twice_is_no_clash(self):
        assert declared("W : n x n").dialect.symbols["W"].size == ("n", "n")


class TestEquations:
    def test_a_model(self):
        (model,) = declared(r"h[t] = \tanh(W h[t-1] + b)").recurrence
        assert model.head == Symbol("h", ("n", 1), (affine("t"),))

    @pytest.mark.parametrize(
        ("line", "reason"),
        [
            (r"h[t] = \tanh(W h[k-1] + b)", "the right side depends on k"),
            (r"h[t-1] = \tanh(b)", "define h at a plain time"),
            (r"g[t] = \tanh(b)", "g is not declared"),
            (r"W = 2 I + h[t] b^T", "the right side depends on t, the left side does not"),
            (r"W' = 2 I", "this script has no place on W here; assume what is no equation of a model"),
            (r"h[t] = W", "shapes do not fit: an n x 1 vector = an n x n matrix"),
            (r"h[t] = Wh[t-1]", "Wh is not declared (did you mean W h?)"),
        ],
    )
    def test_a_model_is_refused(self, line, reason):
        with pytest.raises(MisreadError) as caught:
            declared(line)
        assert reason in caught.value.message

    def test_a_model_twice_is_refused(self):
        with pytest.raises(MisreadError, match="h is defined already"):
            declared(r"h[t] = \tanh(b)", r"h[t] = \tanh(b)")

    def test_an_abbreviation_of_a_time(self):
        (let,) = declared(r"let D[t] = \operatorname{diag}(1 - h[t]^2)").abbreviations
        assert (let.head.size, let.head.times) == (("n", "n"), (affine("t"),))

    def test_an_abbreviation_has_the_times_of_its_body_and_does_not_show_them(self):
        setting = declared(r"let c = \nabla_{h[tau-k]} h[tau]")
        (let,) = setting.abbreviations
        assert let.head == Symbol("c", ("n", "n"), (affine("k"), affine("tau")))
        assert plain(let.head, setting.dialect) == "c"

    def test_an_abbreviation_of_itself_is_refused(self):
        with pytest.raises(MisreadError, match="c is not declared"):
            declared("let c = W c")
        with pytest.raises(MisreadError, match="c is defined by itself"):
            declared("c : n x n", "let c = W c")

    def test_a_loss(self):
        (loss,) = declared("L depends on h[tau]").losses
        assert loss == Loss("L", Symbol("h", ("n", 1), (affine("tau"),)))

    def test_what_is_held(self):
        held = declared("hold h[tau-k], ..., h[tau-1]").dialect.hold
        assert held == (Held("h", parse_affine("tau-k"), parse_affine("tau-1")),)
        assert declared("hold h[tau-1]", "hold nothing").dialect.hold == ()


class TestAssumptions:
    @pytest.mark.parametrize(
        ("line", "expected"),
        [
            ("assume k >= 1", ["k-1"]),
            ("assume k > 1", ["k-2"]),
            ("assume 1 <= k <= tau", ["k-1", "-k+tau"]),
            (r"assume k \le tau", ["-k+tau"]),
            ("assume k = 2", ["-k+2", "k-2"]),
            ("assume k >= 0, t >= 1", ["k", "t-1"]),
        ],
    )
    def test_between_times(self, line, expected):
        assert [str(one) for one in declared(line).assumptions] == expected

    @pytest.mark.parametrize(
        ("line", "expected", "forall"),
        [
            (r"assume \|W\| < 1", "‖W‖ < 1", ()),
            ("assume W = 2 I", "W = 2 I", ()),
            ("assume h[t] = 0", "h[t] = 0", ("t",)),
            ("assume h[t+1] = W h[t]", "h[t+1] = W h[t]", ("t",)),
            ("assume h[k] = 0", "h[k] = 0", ()),
            (r"assume h[t] = \tfrac12 \mathbf{1}", "h[t] = 1/2 1", ("t",)),
        ],
    )
    def test_of_anything_else(self, line, expected, forall):
        reading = only_reading(line, claim=r"W^k = W")
        (hypothesis,) = reading.context.hypotheses
        assert plain(hypothesis.statement, reading.dialect) == expected
        assert hypothesis.forall == forall

    def test_a_time_of_the_claim_is_no_arbitrary_time(self):
        (hypothesis,) = only_reading("assume h[t] = 0", claim="h_{t+1} = b").context.hypotheses
        assert hypothesis.forall == ()

    @pytest.mark.parametrize("line", ["assume k", r"assume k \ne 1", r"assume W \approx 1", "assume W = b"])
    def test_refused(self, line):
        with pytest.raises(MisreadError):
            declared(line)


class TestProfiles:
    @pytest.mark.parametrize("path", sorted(PROFILES.glob("*.tex")), ids=lambda path: path.stem)
    def test_every_profile_is_a_model_with_a_loss(self, path):
        setting = declared(f"use {path.stem}", base=())
        defined = {one.head.name: one.head.shape for one in setting.recurrence}
        assert setting.losses or defined["L"] == SCALAR
        assert {one.on.name for one in setting.losses} <= defined.keys()

    def test_a_profile_may_be_used_twice(self):
        assert len(declared("use rnn", "use rnn", base=()).recurrence) == 1


class TestReadings:
    TEXT = "".join(f"% symgrad: {line}\n" for line in (*BASE, "L depends on h[tau]"))

    def test_each_reading_has_its_own_declarations(self):
        document = read_document(
            self.TEXT
            + "% symgrad: title Two readings\n"
            + "% symgrad: reading open: unknown c : n x n\n"
            + "% symgrad: reading shared expect refuted: let c = W\n"
            + "% symgrad: reading shared: assume k >= 1\n"
            + r"\[ \nabla_{h_{\tau-k}} L = c \nabla_{h_\tau} L \]"
        )
        (claim,) = document.claims
        assert (claim.title, [one.name for one in claim.readings]) == ("Two readings", ["open", "shared"])
        first, second = claim.readings
        assert first.unknown == Symbol("c", ("n", "n"), (affine("k"), affine("tau")))
        assert (first.expect, second.expect) == ("proved", "refuted")
        assert second.unknown is None and len(second.context.abbreviations) == 1
        assert [str(one) for one in second.context.assumptions] == ["k-1"]

    def test_readings_and_expectations_belong_to_one_display(self):
        document = read_document(self.TEXT + "% symgrad: expect refuted\n" + r"\[ W = W \] \[ W = W \]")
        assert [one.readings[0].expect for one in document.claims] == ["refuted", "proved"]

    @pytest.mark.parametrize(
        ("line", "reason"),
        [
            ("expect wrong", "expect proved, refuted or undecided"),
            ("reading x let c = W", "write: reading NAME: DECLARATION"),
            ("end", "end without begin"),
            ("begin", "begin without end"),
            ("title Alone", "no display comes after this"),
        ],
    )
    def test_refused(self, line, reason):
        document = read_document(self.TEXT + f"% symgrad: {line}\n")
        assert any(reason in one.message for one in document.problems)

    def test_declarations_of_a_scope_end_with_it(self):
        document = read_document(
            self.TEXT + "% symgrad: begin\n% symgrad: h : n x n\n" + r"\[ h = W \]"
            "\n% symgrad: end\n" + r"\[ h_t = b \] \[ h = W \]"
        )
        assert [len(one.problems) for one in document.claims] == [0, 0, 1]

    def test_skip(self):
        assert read_document(self.TEXT + "% symgrad: skip\n" + r"\[ W = Q \]").claims == ()

    def test_a_model_may_be_displayed(self):
        document = read_document(self.TEXT + "% symgrad: model\n" + r"\[ h_t = \tanh(W h_{t-1} + b) \] \[ W = W \]")
        (claim,) = document.claims
        assert [one.head.name for one in claim.readings[0].context.recurrence] == ["h"]

    def test_a_definition_in_the_text_is_an_abbreviation(self):
        document = read_document(self.TEXT + r"\[ D_t := \operatorname{diag}(1 - h_t^2) \] \[ D_{t+1} = W \]")
        (claim,) = document.claims
        assert [one.head.name for one in claim.readings[0].context.abbreviations] == ["D"]


def test_a_term_may_be_read_as_declarations_write_it():
    dialect = declared().dialect
    found = read_term("W^T h[tau-k]^2", dialect, ascii_names=True)
    assert plain(found, dialect) == "W^T h[τ-k]^2"
    with pytest.raises(ReadError):
        read_term("W^T h[tau-k]^2", dialect)


def test_nothing_is_judged_after_a_declaration_that_could_not_be_read():
    text = (
        "% symgrad: use rnn\n\\[ W = W \\]\n% symgrad: begin\n% symgrad: assume |W| < 1\n\\[ \\|W\\| < 1 \\]\n"
        "% symgrad: end\n\\[ W = W \\]\n"
    )
    document = read_document(text)
    assert [len(claim.readings) for claim in document.claims] == [1, 0, 1]
    assert "the declaration in line 4, which could not be read, might matter" in str(document.claims[1].problems[0])
