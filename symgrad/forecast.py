"""What is known of a model's gradients k steps back, as data and as text: bounds, whether they are attained, and what
becomes of the gradients as k grows.

Nothing is told that the kernel has not accepted or that no instance confirms.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from .engine.long_run import Fact
from .engine.outlook import Answer, Outlook, outlook, products_of
from .engine.sharpness import Sharp
from .engine.trail import StuckError
from .engine.witnesses import Witness
from .instances import counterexample
from .instances.counterexample import Counterexample
from .judge import proved
from .kernel.affine import affine
from .kernel.certificate import Context, Hypothesis, Statement
from .kernel.term import Number, Term
from .notation.dialect import Dialect
from .notation.write import latex, plain
from .serialize import dumps
from .verdict import Inline, Remark, Verdict

Data = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Forecast:
    """A product of Jacobians with its outlook, or with the reason why there is none."""

    written: Term
    dialect: Dialect
    outlook: Outlook | None
    reason: str = ""

    def __str__(self) -> str:
        return "\n".join(_lines(self.data()))

    def data(self) -> Data:
        """JSON data: every statement as plain text and as LaTeX."""
        found: Data = {"gradient": _said(self.written, self.dialect), "reason": self.reason}
        return found if self.outlook is None else found | _Teller(self.dialect).outlook(self.outlook)

    def write_evidence(self, folder: Path, name: str) -> None:
        """Write every certificate and instance that the forecast rests on, for `symgrad verify`."""
        folder.mkdir(parents=True, exist_ok=True)
        for place, text in enumerate(self._evidence(), 1):
            (folder / f"{name}-{place}.json").write_text(text, encoding="utf-8")

    def _evidence(self) -> Iterator[str]:
        for fact in self.outlook.facts if self.outlook is not None else ():
            if fact.attempt.certificate is not None:
                yield dumps(fact.attempt.certificate)
        for instance in self.outlook.instances if self.outlook is not None else ():
            yield counterexample.dumps(instance)


def forecasts(context: Context, dialect: Dialect, of: Term | None = None) -> Iterator[Forecast]:
    """The forecast of one term; without one, of the gradients k steps back of all states that read their last value."""
    if of is None:
        context = replace(context, assumptions=(*context.assumptions, affine("k")))
    for written in products_of(context) if of is None else (of,):
        try:
            yield Forecast(written, dialect, outlook(context, written))
        except StuckError as error:
            yield Forecast(written, dialect, None, str(error))


def foreseen(written: Term, context: Context, dialect: Dialect) -> Verdict:
    """The last bound from above as a verdict, or else the closed form, with all else that is known as remarks."""
    try:
        if context.start is not None:
            raise StuckError("with a first step no gradient is far back: ask where none is declared")
        known = outlook(context, written)
        main = known.above[-1].whole if known.above else known.closed
        if main is None:
            raise StuckError("there is no closed form for all k, and no bound")
    except (StuckError, RecursionError) as error:
        return Verdict("undecided", reason=str(error) or "nested too deeply", tried=("bounding one step",))
    others = (one.attempt.certificate for one in known.facts if one is not main)
    return replace(
        proved(main.attempt, main.statement, dialect),
        also=tuple(dict.fromkeys(one for one in others if one is not None)),
        remarks=tuple(Remark(tuple(_joined(*one))) for one in _remarks(known, main)),
    )


Words = str | Term | Statement | tuple[Hypothesis, ...]


def _remarks(known: Outlook, main: Fact) -> Iterator[tuple[Words, ...]]:
    """Everything but the main statement, a sentence each."""
    sharp = known.sharp
    if sharp.fact is not None and sharp.ratio is not None and sharp.regime is not None:
        yield "This is attained: ", sharp.fact.statement, " where ", sharp.regime.context.hypotheses, "."
    elif sharp.word == "attained":
        yield ("This is attained.",)
    elif sharp.fact is not None:
        yield "This is not attained: ", sharp.fact.statement, " from one step on."
    for one in (*known.above, *known.below):
        if one.whole is not main:
            yield "Also, ", one.whole.statement, "."
    for answer in known.answers:
        condition: tuple[Words, ...] = (" if ", answer.condition) if answer.condition else ()
        rest: tuple[Words, ...] = (": ", answer.fact.statement) if answer.fact is not None else ()
        yield f"{answer.word.capitalize()}", *condition, *rest, "."
        for witness in answer.witnesses:
            yield f"It {witness.word} where ", witness.assumed, ": ", witness.fact.statement, "."


def _joined(*words: Words) -> Iterator[Inline]:
    """The words, with assumptions written one after another."""
    for one in words:
        if not isinstance(one, tuple):
            yield one
            continue
        for place, each in enumerate(one):
            yield from (", ", each.statement) if place else (each.statement,)
            yield " for all " + ", ".join(each.forall) if each.forall else ""


def _said(thing: Term | Statement, dialect: Dialect) -> Data:
    return {"plain": plain(thing, dialect), "latex": latex(thing, dialect)}


@dataclass(frozen=True, slots=True)
class _Teller:
    """Writes an outlook as data, in the letters of a dialect."""

    dialect: Dialect

    def outlook(self, found: Outlook) -> Data:
        sides = (("above", found.above), ("below", found.below))
        return {
            "closed_form": None if found.closed is None else self.said(found.closed.statement),
            "bounds": [
                {"from": side, "uniform": one.uniform, **self.said(one.whole.statement)}
                for side, bounds in sides
                for one in bounds
            ],
            "sharp": self.sharp(found.sharp),
            "answers": [self.answer(one) for one in found.answers],
        }

    def said(self, thing: Term | Statement) -> Data:
        return _said(thing, self.dialect)

    def assumed(self, one: Hypothesis) -> Data:
        return self.said(one.statement) | {"for_all": list(one.forall)}

    def sharp(self, found: Sharp) -> Data:
        told: Data = {"word": found.word}
        if found.fact is not None:
            told["statement"] = self.said(found.fact.statement)
        if found.ratio is not None and not isinstance(found.ratio.statement.left, Number):
            told["ratio"] = self.said(found.ratio.statement)
        if found.regime is not None:
            told["assumed"] = [self.assumed(one) for one in found.regime.context.hypotheses]
        return told | _instance(found.instance)

    def answer(self, found: Answer) -> Data:
        told: Data = {"word": found.word, "condition": [self.assumed(one) for one in found.condition]}
        if found.fact is not None:
            told["statement"] = self.said(found.fact.statement)
        if found.possible is not None:
            told["possible"] = self.said(found.possible.statement)
        return told | ({"witnesses": [self.witness(one) for one in found.witnesses]} if found.witnesses else {})

    def witness(self, found: Witness) -> Data:
        told: Data = {"word": found.word, "assumed": [self.assumed(one) for one in found.assumed]}
        told["statement"] = self.said(found.fact.statement)
        if found.ratio is not None:
            told["ratio"] = self.said(found.ratio.statement)
        return told | _instance(found.instance)


def _instance(found: Counterexample | None) -> Data:
    """The sizes and values of an instance, as text."""
    if found is None:
        return {}
    rows = {name: "; ".join(" ".join(map(str, row)) for row in rows) for name, rows in found.values.items()}
    return {"instance": {"sizes": dict(found.sizes), "values": rows}}


def _lines(told: Mapping[str, Any]) -> Iterator[str]:
    if told["reason"]:
        yield f"undecided: {told['gradient']['plain']}: {told['reason']}"
        return
    closed = told["closed_form"]
    yield f"{told['gradient']['plain']} has no closed form for all k" if closed is None else closed["plain"]
    last = max((place for place, one in enumerate(told["bounds"]) if one["from"] == "above"), default=-1)
    for place, one in enumerate(told["bounds"]):
        yield "  " + one["plain"]
        if place == last and one["uniform"]:
            yield from _sharp_lines(told["sharp"])
    for answer in told["answers"]:
        yield from _answer_lines(answer)
    if not told["answers"]:
        yield "  undecided as k grows: no bound of one step is seen to be on one side of 1"


def _sharp_lines(told: Mapping[str, Any]) -> Iterator[str]:
    match told:
        case {"word": "attained", "assumed": assumed, "statement": statement}:
            ratio = f", {told['ratio']['plain']}" if "ratio" in told else ""
            yield f"    attained: {statement['plain']}{ratio}, where {_listed(assumed)}"
        case {"word": "attained", "instance": instance}:
            yield f"    attained: {_valued(instance)}"
        case {"word": "not attained", "statement": statement}:
            yield f"    not attained: {statement['plain']} for k >= 1"
        case _:
            yield "    not known whether it is attained"


def _answer_lines(told: Mapping[str, Any]) -> Iterator[str]:
    condition = f" if {_listed(told['condition'])}" if told["condition"] else ""
    statement = f": {told['statement']['plain']}" if "statement" in told else ":"
    yield f"  {told['word']}{condition}{statement}"
    for one in told.get("witnesses", ()):
        ratio = f", {one['ratio']['plain']}" if "ratio" in one else ""
        such = f", such as {_valued(one['instance'])}" if "instance" in one else ""
        yield f"    {one['word']} where {_listed(one['assumed'])}{such}: {one['statement']['plain']}{ratio}"


def _listed(assumed: Iterable[Mapping[str, Any]]) -> str:
    """What is said once, and then what is said of every time."""
    times: dict[str, list[str]] = {}
    for one in assumed:
        times.setdefault(", ".join(one["for_all"]), []).append(one["plain"])
    return ", ".join(", ".join(times[key]) + f" for all {key}" * bool(key) for key in sorted(times))


def _valued(instance: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} = [{rows}]" for name, rows in instance["values"].items())
