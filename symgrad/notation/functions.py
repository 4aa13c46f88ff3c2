"""Functions and operations with their argument: tanh(x), f'(x), \\exp, e^x, diag, trace, det, softmax, sums and means.

What acts entry by entry is refused on a square matrix where it could be a function of the matrix as well (exp, log).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from symgrad.kernel.term import (
    SCALAR,
    Determinant,
    Diagonal,
    DiagonalPart,
    Entrywise,
    Inverse,
    Magnitude,
    Ones,
    Product,
    Scale,
    Size,
    Softmax,
    Term,
    Trace,
    Transpose,
    product,
)

from . import operators, resolve
from .dialect import FUNCTIONS, MAGNITUDES, OF_MATRICES, OPERATIONS, REFUSED_WORDS, TIME_FENCES, UNKNOWN_WORDS
from .names import Scope, is_time, subscript_word, undeclared, written_name
from .nodes import Command, Content, Fence, Group, Item, Literal, Name, Operator, Ratio, Script, only_item
from .problem import MisreadError
from .scripts import scripted
from .values import Value, fixed, made, show

Items = Sequence[Item]
_GREEDY = frozenset({"sum", "lim", "sup", "max", "min"})


def function_of(name: Name, scope: Scope) -> str:
    """The function that a name stands for, or ""."""
    dialect = scope.dialect
    if name.text in dialect.functions:
        return dialect.bound_functions.get(name.text, name.text)
    if name.text in dialect.symbols or written_name(name) in dialect.symbols:
        return ""
    return FUNCTIONS.get(name.text, "") if not subscript_word(name) else ""


def _operation_of(name: Name, scope: Scope) -> str:
    full = written_name(name)
    return "" if full in scope.dialect.symbols or operators.is_greedy(name) else OPERATIONS.get(full, "")


def takes_argument(name: Name, scope: Scope) -> bool:
    return bool(function_of(name, scope) or _operation_of(name, scope)) or (name.text == "max" and not name.scripts)


def refusal(name: Name, scope: Scope) -> str:
    """Why a name that is no symbol cannot be read; "" if it may be a symbol."""
    text = name.text
    if text in scope.dialect.symbols or text in scope.reals or written_name(name) in scope.dialect.symbols:
        return ""
    if text in REFUSED_WORDS:
        return f"{REFUSED_WORDS[text]} is not read"
    if text in UNKNOWN_WORDS:
        return f"I do not know the function {text}; if it acts entrywise, declare it: % symgrad: {text} : function"
    if text in FUNCTIONS and len(text) > 1 and text != "sigma":
        return f"a subscript has no place on the function {text}"
    if text in ("top", "infty", "prime", "forall", "exists") or text in _GREEDY:
        return f"\\{text} has no place here"
    if name.font == "text":
        return undeclared(text, written_name(name), scope) if len(text) < 3 else f"{text} is not declared"
    return ""


def application(items: Items, place: int, scope: Scope) -> tuple[Value, int]:
    """A function or operation with its argument: f(x), f'(x), \\tanh^2 x, \\log \\det A, \\max(0, x)."""
    name = items[place]
    assert isinstance(name, Name)
    if name.text == "max":
        return _positive_part(items, place, scope), place + 2
    argument, outer, after = _argument(items, place, scope)
    function = function_of(name, scope)
    if function:
        value = _entrywise(name, function, argument, scope)
        inner = tuple(script for script in name.scripts if script.mark == "^" and not _is_mark(script))
        if any(_is_negative(script) for script in inner):
            raise MisreadError(name.at, f"{name.text}^{{-1}} is ambiguous: the inverse function or one over it")
    else:
        value = _operation(name, _operation_of(name, scope), argument, scope)
        inner = tuple(script for script in name.scripts if script.mark != "_")
    return scripted(value, (*inner, *outer), scope, f"{name.text}(...)"), after


def _is_negative(script: Script) -> bool:
    chain = script.content.chains[0]
    return chain.sides[0] is not None and chain.sides[0].runs[0].sign == "-"


def _is_mark(script: Script) -> bool:
    """Whether a superscript is no power: a prime, or the sign that a function acts entrywise."""
    match only_item(script.content):
        case Name(text="prime") | Operator(text="odot"):
            return True
        case _:
            return False


def _argument(items: Items, place: int, scope: Scope) -> tuple[Term, tuple[Script, ...], int]:
    """The argument of a function, the scripts behind its bracket, and the place after it."""
    name = items[place]
    if place + 1 >= len(items) or isinstance(items[place + 1], Operator):
        raise MisreadError(name.at, f"{getattr(name, 'text', '')} needs an argument in brackets")
    following = items[place + 1]
    match following:
        case Fence(opening="(" | "[" | "{"):
            if len(following.content.chains) > 1:
                raise MisreadError(following.at, "a function of several arguments is not read")
            return resolve.content_term(following.content, scope, following.at), following.scripts, place + 2
        case Name() if takes_argument(following, scope):
            value, after = application(items, place + 1, scope)
            return fixed(value, following.at), (), after
        case Name() if operators.is_greedy(following):
            return fixed(resolve.run_factor(items[place + 1 :], scope).value, following.at), (), len(items)
        case Name() | Group() | Fence() | Ratio() | Command() if place + 2 == len(items):
            return fixed(resolve.run_factor((following,), scope).value, following.at), (), place + 2
        case _:
            word = getattr(name, "text", "")
            raise MisreadError(following.at, f"how far does {word} reach? put its argument in brackets")


# functions


def _entrywise(name: Name, function: str, argument: Term, scope: Scope) -> Term:
    primes = [script for script in name.scripts if script.mark == "'" or _is_raised_prime(script)]
    if len(primes) > 2:
        raise MisreadError(primes[2].at, "a third derivative of a function is not read")
    if any(script.mark == "_" for script in name.scripts):
        raise MisreadError(name.at, f"a subscript has no place on the function {name.text}")
    says_entrywise = any(_is_mark(script) and not _is_raised_prime(script) for script in name.scripts)
    if function in OF_MATRICES and name.text not in scope.dialect.functions and not says_entrywise:
        refuse_matrix(name.at, name.text, argument)
    return Entrywise(function + "'" * len(primes), argument)


def refuse_matrix(at: int, word: str, argument: Term) -> None:
    """Refuse a function that a square matrix has as a whole as well."""
    if is_twofold(argument):
        readings = f"of each entry, or of the matrix as a whole? write \\operatorname{{{word}}}^{{\\odot}}(...)"
        raise MisreadError(at, f"{word} of ", argument, f" is ambiguous: {readings} for the first")


def is_twofold(argument: Term) -> bool:
    """Whether a function of the argument could be meant of each entry, or of the matrix as a whole."""
    return argument.shape[0] == argument.shape[1] != 1


def _is_raised_prime(script: Script) -> bool:
    inner = only_item(script.content)
    return script.mark == "^" and isinstance(inner, Name) and inner.text == "prime"


def exponential(name: Name, scope: Scope) -> Term | None:
    """e^x, if e is declared as nothing else; None for any other name, and for e at a time."""
    if name.text != "e" or scope.dialect.declares("e") or scope.is_component("e"):
        return None
    match name.scripts:
        case (Script(mark="^") as script,) if not _is_time_above(script.content, scope):
            exponent = resolve.content_term(script.content, scope, script.at)
        case _:
            return None
    if exponent.shape != SCALAR:
        raise MisreadError(name.at, "e to the power of ", exponent, "; write \\exp(...) for that of each entry")
    return Entrywise("exp", exponent)


def _is_time_above(content: Content, scope: Scope) -> bool:
    inner = only_item(content)
    if isinstance(inner, Fence):
        return (inner.opening, inner.closing) in TIME_FENCES.values() and is_time(inner.content, scope)
    return isinstance(inner, Name) and inner.text in ("top", "T", "prime")


def root(item: Command, scope: Scope) -> Value:
    """The square root of each entry."""
    body = resolve.content_term(item.content, scope, item.at)
    refuse_matrix(item.at, "sqrt", body)
    return scripted(Entrywise("sqrt", body), item.scripts, scope, "a root")


def _positive_part(items: Items, place: int, scope: Scope) -> Value:
    """\\max(0, x), the positive part of each entry."""
    name, following = items[place], items[place + 1] if place + 1 < len(items) else None
    parts = following.content.chains if isinstance(following, Fence) and following.opening in "([{" else ()
    zeros = [isinstance(one := only_item(Content((part,))), Literal) and one.value == 0 for part in parts]
    if following is None or sorted(zeros) != [False, True]:
        raise MisreadError(name.at, "\\max without a variable is read only as \\max(0, x)")
    body = resolve.content_term(Content((parts[zeros.index(False)],)), scope, following.at)
    return scripted(Entrywise("relu", body), following.scripts, scope, "max(0, ...)")


# operations


def size_number(size: Size) -> Term:
    """A size as a number: the ones of that size, added up."""
    return Product((Transpose(Ones((size, 1))), Ones((size, 1))))


def _sum(term: Term) -> Term:
    """The sum of all entries."""
    rows, columns = term.shape
    left = (Transpose(Ones((rows, 1))),) if rows != 1 else ()
    right = (Ones((columns, 1)),) if columns != 1 else ()
    return product(*left, term, *right)


def _mean(term: Term) -> Term:
    """The sum of all entries over how many they are."""
    total = _sum(term)
    for size in term.shape:
        total = total if size == 1 else Scale(Inverse(size_number(size)), total)
    return total


def _softmax(term: Term) -> Term:
    """Of a column; of each row of a matrix."""
    return Softmax(term) if term.shape[1] == 1 else Transpose(Softmax(Transpose(term)))


_OPERATIONS: Mapping[str, Callable[[Term], Term]] = {
    "diag": lambda term: Diagonal(term) if term.shape[1] == 1 else DiagonalPart(term),
    "diagpart": DiagonalPart,
    "trace": Trace,
    "determinant": Determinant,
    "softmax": _softmax,
    "softmax of columns": Softmax,
    "log softmax": lambda term: Entrywise("log", _softmax(term)),
    "log of sum": lambda term: Entrywise("log", _sum(Entrywise("exp", term))),
    "sum": _sum,
    "mean": _mean,
}


def _operation(name: Name, operation: str, argument: Term, scope: Scope) -> Term:
    if any(script.mark == "'" for script in name.scripts):
        raise MisreadError(name.at, f"a prime has no place on {name.text}")
    if operation == "log of sum" and argument.shape[1] != 1:
        raise MisreadError(name.at, f"{name.text} of {show(argument.shape)} is not read, only of a column")
    if operation in MAGNITUDES:
        return made(name.at, lambda: Magnitude(MAGNITUDES[operation], argument))
    return made(name.at, lambda: _OPERATIONS[operation](argument))
