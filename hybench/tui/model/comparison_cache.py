"""What is being compared, and the comparisons that were made: what tabs 2 to 5 look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from hybench.tui.model.outlook import StudyOutlook, read_outlook
from hybench.tui.model.scores import ComparisonRequest, Scores, stamped
from hybench.wording.error_messages import what_and_do

MOST_ANSWERS = 16
"""Comparisons that are kept, so that going back and forth costs nothing."""


@dataclass
class ComparisonCache:
    """The choices, without runs, and the comparison that they ask for.

    Attributes:
        choices: what was chosen with keys; it names no runs.
        scores: the last comparison; None before there is one.
        error: why there is no comparison.
        busy: whether one is being made.
        outlook: what more would tell of `scores`; of others before while it is being read.
        outlook_error: why there is none.
        changed: a sentence if the reference has changed without being chosen; the app shows it and
            empties it.
    """

    choices: ComparisonRequest = field(default_factory=lambda: ComparisonRequest(()))
    scores: Scores | None = None
    error: str = ""
    busy: bool = False
    outlook: StudyOutlook | None = None
    outlook_error: str = ""
    changed: str = ""
    _asked: ComparisonRequest | None = None
    _foreseen: Scores | None = None
    _reference: tuple[str, str] = ("", "")
    _answers: dict[ComparisonRequest, Scores] = field(default_factory=dict)

    def choose(self, **changed: str | bool) -> None:
        """Change choices, by the names of `ComparisonRequest`'s fields."""
        self.choices = replace(self.choices, **changed)  # type: ignore[arg-type]
        self.error = ""

    def next_request(
        self, marked: Sequence[Path], every: Sequence[Path]
    ) -> ComparisonRequest | None:
        """The comparison to make now; None if it is there or being made, or if there are no runs.

        Args:
            marked: marked runs; if empty, all are compared.
            every: all runs.
        """
        runs = stamped(marked or every)
        request = replace(self.choices, runs=runs)
        if not runs:
            self.scores, self._asked, self.error = None, None, ""
            return None
        if self.busy or request == self._asked:
            return None
        self._asked = request
        if request in self._answers:
            self._show(self._answers[request])
            return None
        self.busy = True
        return request

    def keep(self, request: ComparisonRequest, scores: Scores) -> None:
        """Keep a comparison."""
        self.busy = False
        self._show(scores)
        # Of those that are not shown, the values of all queries would fill the memory.
        self._answers[request] = replace(scores, gathered=None)
        while len(self._answers) > MOST_ANSWERS:
            del self._answers[next(iter(self._answers))]

    def next_outlook(self) -> Scores | None:
        """The comparison whose outlook is to be read now; None if it is there or being read."""
        if self.scores is None or self.scores is self._foreseen:
            return None
        self._foreseen, self.outlook_error = self.scores, ""
        return self.scores

    def read_outlook(self, scores: Scores) -> None:
        """Read the outlook of a comparison, in a thread; it is kept if that is still shown then."""
        found, error = None, ""
        try:
            found = read_outlook(scores)
        except Exception as failed:  # noqa: BLE001 - shown in the outlook's place
            error = " ".join(what_and_do(failed))
        if scores is self.scores:
            self.outlook, self.outlook_error = found, error

    def _show(self, scores: Scores) -> None:
        self.scores, self.error = scores, ""
        now, asked = scores.reference_label, scores.request.reference
        if now is None:
            return  # an arm alone: nothing is measured from it
        (was, asked_before), self._reference = self._reference, (now, asked)
        lacks = "" if scores.reference or not asked else f"{asked} is not among these runs: "
        if was and was != now and (lacks or asked == asked_before):
            why = scores.comparison.baseline_why
            self.changed = f"{lacks}the reference is now {now} ({why}), no longer {was}."

    def fail(self, request: ComparisonRequest, error: str) -> None:
        """There is no such comparison; where another of the same runs is shown, it stays, and the
        choice is taken back. Results and metric that were remembered may be gone by now: others
        are compared then.
        """
        self.busy = False
        last = None if self.scores is None else self.scores.request
        if last is not None and last.runs == request.runs and last != request:
            self.choices, self._asked = replace(last, runs=()), last
        elif last is None and (request.key or request.metric):
            self.choices = replace(self.choices, key="", metric="")
        else:
            self.scores, self.error = None, error
