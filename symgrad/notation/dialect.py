"""One table of how things are spelt, and the `Dialect`: what a text declares and how it writes it.

A new way to write a name, a function, a time or a transpose is a row here. Reading and writing both use these rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from symgrad.kernel.certificate import Relation
from symgrad.kernel.term import Held, MagnitudeKind, Shape

Layout = Literal["gradient", "jacobian", "mixed", "columns"]
"""What a derivative of y by x is: the gradient (dim x, dim y); the Jacobian; the gradient as \\nabla_x y and the
Jacobian as a fraction; the same, but the fraction of a scalar y is the gradient too, a column."""
TimeStyle = Literal["[", "(", "<", "_"]


def words(text: str) -> list[str]:
    return text.split()


_LOWER = "αβγδεζηθικλμνξοπρςστυφχψω"
_LOWER_NAMES = words(
    "alpha beta gamma delta varepsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho varsigma sigma tau "
    "upsilon varphi chi psi omega"
)
GREEK: Mapping[str, str] = {
    **{name: letter for name, letter in zip(_LOWER_NAMES, _LOWER, strict=True) if name != "omicron"},
    "epsilon": "ϵ", "vartheta": "ϑ", "varpi": "ϖ", "varrho": "ϱ", "phi": "ϕ", "ell": "ℓ",
    "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ", "Upsilon": "Υ",
    "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω",
}  # fmt: skip

FONTS: Mapping[str, str] = {
    "mathbf": "mathbf", "boldsymbol": "boldsymbol", "bm": "boldsymbol", "pmb": "boldsymbol", "symbf": "mathbf",
    "mathbb": "mathbb", "mathcal": "mathcal", "mathscr": "mathcal", "mathfrak": "mathfrak", "mathrm": "mathrm",
    "mathsf": "mathsf", "mathtt": "mathtt", "mathit": "", "mathnormal": "", "vec": "vec", "mathbfit": "boldsymbol",
}  # fmt: skip
"""Font commands with an argument, and the one that they are written back with."""

FONT_SWITCHES: Mapping[str, str] = {
    "bf": "mathbf", "rm": "mathrm", "it": "", "cal": "mathcal", "sf": "mathsf", "boldmath": "boldsymbol",
}  # fmt: skip
PROSE = frozenset({"text", "textrm", "textnormal", "textit", "textsf", "textbf", "mbox", "hbox"})
WORD_COMMANDS = PROSE | {"operatorname", "mathop", "mathrm", "mathsf", "mathtt", "mathit"}
"""Commands whose argument of several letters is one word; of these `PROSE` may hold several words."""

TEXT_FONTS: Mapping[str, str] = {"textbf": "mathbf", "textit": "", "textsf": "mathsf"}
"""What a font command of prose does to a single letter."""
CONDITIONS = frozenset(words("if when whenever where for provided assuming with given unless while as under iff s.t."))
"""Words that start a condition on the claim beside them."""
DEFINING_SIGNS = dict.fromkeys(("defeq", "colonequals", "coloneq", "eqdef"), "coloneqq")
DEFINING = frozenset(words("def defn delta triangle vartriangle"))
"""What stands above a sign of equality that defines."""

ACCENTS: Mapping[str, str] = {
    "tilde": "tilde", "widetilde": "tilde", "hat": "hat", "widehat": "hat", "bar": "bar", "overline": "bar",
    "dot": "dot", "ddot": "ddot", "check": "check",
}  # fmt: skip

SPACING = frozenset({" ", "\n"}).union(
    words(
        ", ; : ! > / quad qquad enspace thinspace medspace thickspace negthinspace displaystyle textstyle scriptstyle "
        "scriptscriptstyle limits nolimits hfill hfil relax strut mathstrut big Big bigg Bigg bigm Bigm mathopen "
        "mathclose allowbreak nobreak small qedhere qed blacksquare"
    )
)
SPACING_WITH_ARGUMENT = frozenset({"phantom", "hphantom", "vphantom", "hspace", "vspace", "mspace"})

DELIMITERS: Mapping[str, str] = {
    "lVert": "||<", "rVert": "||>", "Vert": "||", "|": "||", "lvert": "|<", "rvert": "|>", "vert": "|", "mid": "|",
    "{": "{", "}": "}", "lbrace": "{", "rbrace": "}", "lbrack": "[", "rbrack": "]", "langle": "<", "rangle": ">",
}  # fmt: skip

RELATIONS: Mapping[str, Relation] = {
    "=": "=", "le": "<=", "leq": "<=", "leqslant": "<=", "ge": ">=", "geq": ">=", "geqslant": ">=",
    "<": "<", ">": ">", "lt": "<", "gt": ">",
}  # fmt: skip
ASCII_RELATIONS: Mapping[str, str] = {"<=": "le", ">=": "ge", ":=": "coloneqq", "->": "to"}
UNJUDGED = frozenset(
    words(
        "to rightarrow longrightarrow in notin ne neq approx sim simeq equiv propto cong ll gg subset subseteq mapsto "
        "implies iff Rightarrow Leftrightarrow Longrightarrow leftarrow therefore coloneqq triangleq lesssim gtrsim "
        "doteq prec colon"
    )
)
"""Signs that stand between two sides but are no relation that can be proved."""
IMPLYING = frozenset(words("implies iff Rightarrow Longrightarrow Leftrightarrow therefore"))

OPERATORS: Mapping[str, str] = {
    "cdot": "cdot", "times": "times", "odot": "odot", "circ": "odot", "ast": "odot", "*": "odot",
    "otimes": "otimes", "oplus": "oplus", "/": "/", "ominus": "ominus", "oslash": "oslash", "star": "star",
    "bullet": "cdot", "wedge": "wedge", "cup": "cup", "cap": "cap", "pm": "pm", "mp": "mp", "div": "/",
    "backslash": "backslash", "setminus": "backslash",
}  # fmt: skip

WORDS = words(
    "nabla partial prod sum max min sup inf lim limsup liminf tanh sinh cosh exp log ln sin cos tan coth det dim ker "
    "infty top intercal prime Re Im hbar imath jmath forall exists Pr arg gcd deg dagger Box bot sec csc cot arctan "
    "arcsin arccos varnothing emptyset"
)
NAMES: Mapping[str, str] = {**{name: name for name in (*GREEK, *WORDS)}, "emptyset": "varnothing"}

FUNCTIONS: Mapping[str, str] = {
    "tanh": "tanh", "sigmoid": "sigmoid", "sigm": "sigmoid", "sigma": "sigmoid", "logistic": "sigmoid",
    "exp": "exp", "log": "log", "ln": "log", "sin": "sin", "cos": "cos", "sqrt": "sqrt", "relu": "relu", "ReLU": "relu",
    "step": "step", "softplus": "softplus", "gelu": "gelu", "GELU": "gelu", "silu": "silu", "SiLU": "silu",
    "swish": "silu", "normcdf": "normal_cdf", "normpdf": "normal_density",
}  # fmt: skip
"""Spellings of the functions known without declaration; `sigma` gives way to a declared name."""
WRITTEN: Mapping[str, str] = {
    "relu": "ReLU", "gelu": "GELU", "silu": "SiLU", "normal_cdf": "normcdf", "normal_density": "normpdf",
}  # fmt: skip
"""How functions are written that are not written as they are called."""
RESERVED: Mapping[str, str] = {"step": "the slope of ReLU", "reciprocal": "one over its argument"}
"""Names of functions that a text might mean otherwise."""
OF_MATRICES = frozenset({"exp", "log", "sqrt", "sin", "cos"})
"""Functions that a square matrix has as a whole as well; of each entry of one they are marked so."""

OPERATIONS: Mapping[str, str] = {
    "diag": "diag", "Diag": "diag", "diagpart": "diagpart", "tr": "trace", "Tr": "trace", "trace": "trace",
    "rho": "spectral_radius", "specrad": "spectral_radius", "sigma_min": "least_singular_value",
    "sigmamin": "least_singular_value", "sigma_max": "spectral_norm", "det": "determinant", "softmax": "softmax",
    "colsoftmax": "softmax of columns", "logsoftmax": "log softmax", "logsumexp": "log of sum", "sum": "sum",
    "mean": "mean",
}  # fmt: skip
"""Words that apply to a bracket and are no entrywise function; Greek ones give way to a declared name."""

MAGNITUDES: Mapping[str, MagnitudeKind] = {
    "spectral_radius": "spectral_radius",
    "least_singular_value": "least_singular_value",
    "spectral_norm": "spectral_norm",
}
REFUSED_WORDS: Mapping[str, str] = {
    "vec": "stacking a matrix into a vector (vec)",
    "inf": "an infimum", "limsup": "an upper limit", "liminf": "a lower limit", "argmax": "a place of a maximum",
}  # fmt: skip
UNKNOWN_WORDS = frozenset(words("sech tan sinh cosh coth arctan arcsin arccos sign"))
"""Functions that nothing is known of, until they are declared."""
BARE_WORDS = (UNKNOWN_WORDS | FUNCTIONS.keys() | OPERATIONS.keys() | frozenset(words("max min sup lim vec"))) - {
    "sigma", "rho", "step", "sum", "mean",
}  # fmt: skip
"""Words that are sometimes typed without a backslash."""
TRANSPOSES = frozenset({"T", "top", "intercal", "t"})
"""What may stand as a superscript for a transpose; `t` only in an upright or sans-serif font."""

TIME_FENCES: Mapping[str, tuple[str, str]] = {"[": ("[", "]"), "(": ("(", ")"), "<": ("<", ">")}
ACCENT_MARKS: Mapping[str, str] = {
    "tilde": "~", "hat": "^", "bar": "¯", "dot": "˙", "ddot": "¨", "check": "ˇ",
}  # fmt: skip
COMBINING: Mapping[str, str] = {
    "tilde": "\u0303", "hat": "\u0302", "bar": "\u0304", "dot": "\u0307", "ddot": "\u0308", "check": "\u030c",
}  # fmt: skip


TWIN = "__whole"
"""What the name ends in that a letter has without a time, where it is declared with one as well: L and L[t]."""


@dataclass(frozen=True, slots=True)
class Declared:
    """A name of the text. `arity` is how many times it is written with; `implicit` are those it has but does not show.

    `font` is the font its letter is written in.
    """

    name: str
    size: Shape
    arity: int = 0
    implicit: tuple[str, ...] = ()
    font: str = ""


@dataclass(frozen=True, slots=True)
class Dialect:
    """What is declared at one place of a text, and how the text writes it.

    `times` and `sizes` are in the order of their declaration. `transpose` is "T" or "top". `hold` is what derivatives
    hold fixed unless they say otherwise. `bound_functions` are the functions that a condition sets to a known one, as
    f = tanh does. `fonts` gives a font to names that are not declared with one. `components` are indices of entries,
    `lettered` names such as W_{xi}, with Latin letters below that spell a Greek one; `twofold` are those of them that
    the text writes with the Greek letter as well.
    With `fractions`, derivatives are written as fractions where the layout allows either. `differentials` are the names
    such as dX of differentials, `any_factor` that of the factor C in what the differential of a vector or matrix says.
    """

    sizes: tuple[str, ...] = ()
    times: tuple[str, ...] = ()
    symbols: Mapping[str, Declared] = field(default_factory=dict)
    functions: tuple[str, ...] = ()
    bound_functions: Mapping[str, str] = field(default_factory=dict)
    time_style: TimeStyle = "["
    layout: Layout = "gradient"
    transpose: str = "top"
    hold: tuple[Held, ...] = ()
    fonts: Mapping[str, str] = field(default_factory=dict)
    components: tuple[str, ...] = ()
    lettered: frozenset[str] = frozenset()
    twofold: frozenset[str] = frozenset()
    fractions: bool = False
    differentials: frozenset[str] = frozenset()
    any_factor: str = ""

    def key(self, name: str, timed: bool) -> str:
        """The name under which a letter is declared that is written with or without a time."""
        old = self.symbols.get(name)
        return name if old is None or bool(old.arity) == timed else f"{name}{TWIN}"

    def with_symbol(self, declared: Declared) -> Dialect:
        return replace(self, symbols={**self.symbols, declared.name: declared})

    def declares(self, name: str) -> bool:
        """Whether the name stands for anything: a symbol, a function, a size or a time."""
        return name in self.symbols or name in self.functions or name in self.sizes or name in self.times

    def turns(self, nabla: bool, scalar: bool) -> bool:
        """Whether a derivative, written with nabla or as a fraction, of a scalar or a vector, is the Jacobian."""
        match self.layout:
            case "gradient":
                return False
            case "jacobian":
                return True
            case "mixed":
                return not nabla
            case "columns":
                return not nabla and not scalar

    def font(self, name: str) -> str:
        if name in self.symbols and self.symbols[name].font:
            return self.symbols[name].font
        return self.fonts.get(name, self.fonts.get(name.partition("_")[0], ""))


def split_name(name: str) -> tuple[str, str, str]:
    """The letter, accent and subscript of a name: "W_hh" is W with hh, "chat_f" is c with a hat and f."""
    letter, _, below = name.partition("_")
    for accent in ("tilde", "hat", "bar", "ddot", "dot", "check"):
        base = letter.removesuffix(accent)
        if base != letter and (len(base) == 1 or base in GREEK):
            return base, accent, below
    return letter, "", below
