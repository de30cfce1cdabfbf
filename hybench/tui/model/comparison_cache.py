"""What is being compared, and the comparisons that were made: what tabs 2 to 5 look at."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from hybench.tui.model.outlook import StudyOutlook, read_outlook
from hybench.tui.model.scores import ComparisonRequest, Scores, stamped
from hybench.wording.error_messages import what_and_do

MOST_ANSWERS = 16
"""Comparisons that are kept, so that going back and forth costs nothing."""

REST = 4
"""As many times as long as the last comparison took, nothing is compared again because other
results have come: of a study's fifty arms one takes ten seconds, and a cell is done as often.
"""


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
        clock: seconds, from any time on.
    """

    choices: ComparisonRequest = field(default_factory=lambda: ComparisonRequest(()))
    scores: Scores | None = None
    error: str = ""
    busy: bool = False
    outlook: StudyOutlook | None = None
    outlook_error: str = ""
    changed: str = ""
    clock: Callable[[], float] = time.monotonic
    _begun: float = 0.0
    _rests_until: float = -math.inf
    _of_marked: bool = False
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
        if self._only_newer(request, bool(marked)) and self.clock() < self._rests_until:
            return None
        self._asked, self._of_marked = request, bool(marked)
        if request in self._answers:
            self._show(self._answers[request])
            return None
        self.busy, self._begun = True, self.clock()
        return request

    def _only_newer(self, request: ComparisonRequest, of_marked: bool) -> bool:
        """Whether a request differs from the last in what there is, not in what was chosen."""
        last = self._asked
        if last is None or of_marked != self._of_marked:
            return False
        if replace(request, runs=()) != replace(last, runs=()):
            return False
        return not of_marked or [run for run, _ in request.runs] == [run for run, _ in last.runs]

    def _end(self) -> None:
        self.busy, now = False, self.clock()
        self._rests_until = now + REST * (now - self._begun)

    def keep(self, request: ComparisonRequest, scores: Scores) -> None:
        """Keep a comparison."""
        self._end()
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
        self._end()
        last = None if self.scores is None else self.scores.request
        if last is not None and last.runs == request.runs and last != request:
            self.choices, self._asked = replace(last, runs=()), last
        elif last is None and (request.key or request.metric):
            self.choices = replace(self.choices, key="", metric="")
        else:
            self.scores, self.error = None, error
