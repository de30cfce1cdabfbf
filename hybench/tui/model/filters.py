"""What a filter of runs says: ``alpha<.5 seed:0 state:live lr>1e-4 /hyb.*kl/ words``."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hybench.errors import UsageError
from hybench.runs.status import AT_WORK
from hybench.tui.model.arms import field_name, value_text
from hybench.tui.model.run_view import RunView

_TEST = re.compile(r"(!?)([A-Za-z_]\w*)(<=|>=|<|>|=|:)(.*)")

_NUMBER = {"<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge}

_OF_STATUS = ("step", "loss", "score", "age", "rate", "left")

HOW = "Write words, /regex/, field:value, field<number or !word, with spaces between."

Test = Callable[[RunView], bool]


@dataclass(frozen=True)
class RunFilter:
    """A filter as it was written.

    Attributes:
        text: with all of its terms; a run must pass each.
        tests: of the terms that are whole.
        wrong: what is wrong with the others; empty for nothing.
    """

    text: str
    tests: tuple[Test, ...] = ()
    wrong: str = ""

    @classmethod
    def read(cls, text: str) -> RunFilter:
        """Read a filter; a term that is not whole yet lets all runs through."""
        tests, wrong = [], ""
        for term in text.split():
            try:
                tests.append(_test(term))
            except UsageError as error:
                wrong = f"{error.what} {error.do}"
        return cls(text, tuple(tests), wrong)

    def passes(self, view: RunView) -> bool:
        """Whether it lets a run through."""
        return all(test(view) for test in self.tests)


def _test(term: str) -> Test:
    if term.startswith("!") and len(term) > 1:
        other = _test(term[1:])
        return lambda view: not other(view)
    if len(term) > 2 and term[0] == term[-1] == "/":
        try:
            pattern = re.compile(term[1:-1], re.IGNORECASE)
        except re.error as error:
            raise UsageError(f"{term} is no regular expression: {error}.", HOW) from error
        return lambda view: pattern.search(view.name) is not None
    match = _TEST.fullmatch(term)
    if match is None:
        return lambda view: term.casefold() in words_of(view)
    _, name, sign, wanted = match.groups()
    field = field_name(name.casefold())
    if sign in _NUMBER:
        return _compared(term, field, _NUMBER[sign], wanted)
    if not wanted:
        raise UsageError(f"{term} says no value.", HOW)
    return lambda view: _matches(field, wanted.casefold(), view)


def _compared(term: str, field: str, compare: Callable[[float, float], bool], wanted: str) -> Test:
    try:
        limit = float(wanted)
    except ValueError:
        raise UsageError(f"{term} compares with no number.", HOW) from None

    def test(view: RunView) -> bool:
        value = value_of(view, field)
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        return number and compare(float(value), limit)

    return test


def _matches(field: str, wanted: str, view: RunView) -> bool:
    """Whether a field has a value: numbers by what they are, texts by a part of them."""
    if field == "state":
        return wanted in view.status.state or (wanted == "live" and view.status.state in AT_WORK)
    if field in {"name", "run"}:
        return wanted in view.name.casefold()
    if field == "tag":
        return wanted in map(str.casefold, view.notes.tags)
    value = value_of(view, field)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            return float(value) == float(wanted)
        except ValueError:
            return False
    return value is not None and wanted in value_text(value).casefold()


def value_of(view: RunView, field: str) -> Any:
    """A config field of a run, or what its status says under that name; None for neither."""
    status = view.status
    if field in _OF_STATUS and field not in view.config:
        return {
            "step": status.step, "loss": status.loss, "score": status.score, "age": status.age,
            "rate": status.steps_per_second, "left": status.seconds_left,
        }[field]  # fmt: skip
    return view.config.get(field)


def words_of(view: RunView) -> str:
    """What the words of a filter are looked for in."""
    return f"{view.name} {view.status.state} {' '.join(view.badges)} {view.notes}".casefold()
