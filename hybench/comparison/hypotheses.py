"""A study's hypotheses, written down before it ran, and their outcomes.

A table has many tests, and a page many tables: choosing from them afterwards selects what chance
made large. So a study file may name its hypotheses. They are tested as one family, over all data
sets, settings, rows and points of the grid together, and everything else is exploratory.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from hybench.comparison.language_groups import AVG
from hybench.comparison.model import Difference
from hybench.comparison.units import MetricStyle, metric_style
from hybench.data.schema import Setting
from hybench.errors import UsageError
from hybench.values.typed import from_toml

Direction = Literal["different", "better", "equivalent"]
"""The claim on the first arm against the second: ``different`` in either direction."""

HypothesisOutcome = Literal["shown", "not shown", "too few queries", "not run"]

Point = tuple[tuple[str, Any], ...]
"""Fields of the grid but the seed, and their values."""


@dataclass(frozen=True)
class Hypothesis:
    """One claim about two arms of a study, tested at every point of its grid.

    Attributes:
        arms: names of the two; the first is claimed to be different, better or equivalent.
        setting: mono, cross or multi.
        row: ``AVG``, ``LOW`` or a language code.
        metric: its name; empty for the data set's own.
        data: the results; empty for the first set that the study evaluates on.
        direction: of the claim.
        delta: of ``equivalent``, in the tables' unit; None for the metric's own margin.
    """

    arms: tuple[str, str]
    setting: Setting
    row: str = AVG
    metric: str = ""
    data: str = ""
    direction: Direction = "different"
    delta: float | None = None

    @classmethod
    def read(cls, value: object, where: str) -> Hypothesis:
        """Read one ``[[hypothesis]]``.

        Raises:
            UsageError: a field is unknown, missing or wrong.
        """
        if not isinstance(value, dict):
            raise UsageError(f"{where} is {value!r}.", "It must be a table: [[hypothesis]].")
        made = from_toml(cls, value, where)
        if made.arms[0] == made.arms[1]:
            raise UsageError(
                f"{where}: arms is {list(made.arms)!r}.", "Name two arms of the study."
            )
        if made.delta is not None and made.direction != "equivalent":
            raise UsageError(f"{where}: delta is of equivalence alone.", "Omit it.")
        return made

    def to_json(self) -> dict[str, Any]:
        """The values that are set, as ``study.json`` holds them."""
        return {
            key: list(value) if isinstance(value, tuple) else value
            for key, value in asdict(self).items()
            if value not in (None, "")
        }

    def words(self, style: MetricStyle, margin: float) -> str:
        """The claim in words."""
        first, second = self.arms
        claims = {
            "different": f"{first} and {second} differ",
            "better": f"{first} is better than {second}",
            "equivalent": f"{first} and {second} differ by less than {style.size(margin)}",
        }
        return claims[self.direction]


@dataclass(frozen=True)
class TestedHypothesis:
    """The outcome of a hypothesis at a point of the grid.

    Attributes:
        hypothesis: the claim.
        point: of the grid.
        metric: that was compared.
        sources: source queries in the row.
        values: means of the two arms; None if they were not run.
        difference: the first minus the second, not corrected; None likewise.
        p: of the hypothesis' own test: one-sided if it has a direction; None likewise.
        p_holm: after Holm's correction over all that could be tested.
        found: the outcome.
        margin: of equivalence, in the metric's unit.
    """

    hypothesis: Hypothesis
    point: Point
    metric: str
    sources: int = 0
    values: tuple[float, float] | None = None
    difference: Difference | None = None
    p: float | None = None
    p_holm: float | None = None
    found: HypothesisOutcome = "not run"
    margin: float = 0.0

    @property
    def words(self) -> str:
        """The claim in words."""
        return self.hypothesis.words(metric_style(self.metric), self.margin)

    @property
    def place(self) -> str:
        """Where it is tested: setting, row and point."""
        at = [f"{name} {value}" for name, value in self.point]
        data = [self.hypothesis.data] if self.hypothesis.data else []
        return ", ".join([*data, self.hypothesis.setting, self.hypothesis.row, *at])


@dataclass(frozen=True)
class Hypotheses:
    """All of a study.

    Attributes:
        study: its name.
        tested: hypothesis by hypothesis, at each point.
        late: whether they were named or changed after the study was begun.
        draws: sign assignments of the tests.
    """

    study: str
    tested: tuple[TestedHypothesis, ...]
    late: bool
    draws: int

    @property
    def tests(self) -> int:
        """How many could be tested, and so are corrected for."""
        return sum(each.p is not None for each in self.tested)

    def at(self, points: Collection[Point]) -> Hypotheses:
        """The tests at some points, with the correction over all."""
        return replace(self, tested=tuple(each for each in self.tested if each.point in points))
