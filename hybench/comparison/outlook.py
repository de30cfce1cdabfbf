"""What is known of a difference by now, and what more seeds or queries would find."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hybench.comparison.differences import ArmsOfRow
from hybench.comparison.gather import CompareOptions, Gathered
from hybench.comparison.language_groups import Group, row_groups
from hybench.comparison.model import LANGUAGE
from hybench.comparison.rows import row_estimates, shared_languages
from hybench.comparison.sentences import two_digits
from hybench.comparison.table import pair_setting, question_of
from hybench.comparison.units import metric_style
from hybench.statistics.power import (
    MOST_SEEDS,
    detectable_difference,
    needed_seeds,
    needed_sources,
    planned_estimate,
)
from hybench.statistics.seeds import relative_noise
from hybench.wording.amounts import counted


@dataclass(frozen=True)
class Outlook:
    """A difference of two arms by now, in the metric's unit, without a test.

    Attributes:
        arms: labels of the two.
        setting: mono, cross or multi.
        row: its label.
        metric: its name.
        seeds: of the arms that were trained, as they are now.
        sources: source queries in the row.
        value: the first minus the second.
        low: lower end of its 95 % interval, of a single look; None where there is none.
        high: upper end of it.
        margin: differences smaller than this do not matter.
        detectable: what would be found with 80 % power now; None without an interval.
        seeds_known: whether chance in training is part of it.
        needed_seeds: of each arm, with which the margin would be found; None if no number up to
            `MOST_SEEDS` suffices, or chance in training is not known.
        needed_sources: with which it would be found, with the seeds that there are; None if no
            number suffices.
        planned: seeds of each trained arm when their study is finished; 0 without a study.
        decides: what would be found then; None where it is not known.
    """

    arms: tuple[str, str]
    setting: str
    row: str
    metric: str
    seeds: tuple[int, ...]
    sources: int
    value: float
    low: float | None = None
    high: float | None = None
    margin: float = 0.0
    detectable: float | None = None
    seeds_known: bool = False
    needed_seeds: int | None = None
    needed_sources: int | None = None
    planned: int = 0
    decides: float | None = None

    @property
    def difference(self) -> str:
        """``hybrid − mono on LOW: +1.2 [-0.4, +2.8]``."""
        style = metric_style(self.metric)
        first, second = self.arms
        value = f"{first} − {second} on {self.row}: {style.text(self.value, signed=True)}"
        return value if self.low is None else f"{value} {style.interval(self.low, self.high)}"

    @property
    def what_more_finds(self) -> str:
        """``2 more seeds, or 400 more queries, would find a difference of 1 point``."""
        if self.detectable is None:
            return "too few queries differ for an interval"
        style = metric_style(self.metric)
        if self.margin <= 0:
            return f"a difference of {style.size(self.detectable, '.3g')} would be found now"
        margin = f"a difference of {style.size(self.margin)}"
        if self.detectable <= self.margin:
            return f"{margin} would be found now"
        ways = [self._more_seeds] if self.needed_seeds is not None else []
        if self.needed_sources is not None:
            more = two_digits(max(1, self.needed_sources - self.sources))
            ways.append(counted(more, "more queries"))
        unknown = "" if self.seeds_known else "; one seed tells nothing of chance in training"
        if ways:
            comma = "," if len(ways) > 1 else ""
            return f"{', or '.join(ways)}{comma} would find {margin}{unknown}"
        return f"neither more queries nor {MOST_SEEDS} seeds, alone, would find {margin}{unknown}"

    @property
    def _more_seeds(self) -> str:
        needed = self.needed_seeds or 0
        if len(set(self.seeds)) == 1:
            return counted(needed - self.seeds[0], "more seeds")
        return f"{counted(needed, 'seeds')} of each arm"

    @property
    def what_study_decides(self) -> str:
        """``with all 3 seeds, differences of 1.4 points``; empty where that is not known."""
        if self.decides is None:
            return ""
        style = metric_style(self.metric)
        size = style.size(self.decides, f".{style.decimals}f")
        return f"with all {counted(self.planned, 'seeds')} it finds differences of {size}"


@dataclass(frozen=True)
class Asked:
    """Two arms, by their labels, in a setting and some rows.

    Attributes:
        first: the first arm's.
        second: the second's.
        setting: mono, cross or multi.
        rows: labels; empty for the averages.
        claim: what a hypothesis says of them.
        delta: its margin, in the tables' unit; None for the metric's own.
    """

    first: str
    second: str
    setting: str
    rows: tuple[str, ...] = ()
    claim: str = ""
    delta: float | None = None


def outlooks(
    gathered: Gathered,
    options: CompareOptions,
    asked: Sequence[Asked],
    planned: Mapping[Path, int],
) -> tuple[tuple[Asked, Outlook], ...]:
    """What is known of differences by now, in the order in which they are asked for.

    Differences that have no value yet are left out.

    Args:
        gathered: of all that are compared: chance in training is pooled over their arms.
        options: that they were gathered by.
        asked: what of them.
        planned: runs that an arm is to have, by the folders of its runs.

    Raises:
        UsageError, StateError: as `pair_setting`.
    """
    found = []
    for setting in dict.fromkeys(each.setting for each in asked):
        rows = _Rows(gathered, setting, options, planned)
        found += [
            (each, outlook)
            for each in asked
            if each.setting == setting
            for outlook in rows.outlooks(each)
        ]
    return tuple(sorted(found, key=lambda pair: asked.index(pair[0])))


class _Rows:
    """The rows of a setting."""

    def __init__(
        self,
        gathered: Gathered,
        setting: str,
        options: CompareOptions,
        planned: Mapping[Path, int],
    ) -> None:
        self._gathered, self._setting, self._options = gathered, setting, options
        self._planned = planned
        self._paired, _ = pair_setting(gathered, setting, options)
        self._seeds = question_of(gathered.arms, None, gathered.metric, options).seeds
        shared = shared_languages(self._paired)
        self._noise = relative_noise([self._paired[name] for name in shared], self._seeds)
        self._averages = row_groups(list(self._paired), shared, {}, {})
        self._languages = [Group(LANGUAGE, name, (name,), 1) for name in self._paired]
        self._rows: dict[str, ArmsOfRow] = {}

    def outlooks(self, asked: Asked) -> list[Outlook]:
        """Those that are asked for in this setting and have a value."""
        places = [self._column(name) for name in (asked.first, asked.second)]
        if None in places:
            return []
        first, second = (place for place in places if place is not None)
        usual = self._averages or self._languages[:1]  # a language alone is its own average
        groups = [
            group
            for group in (*self._averages, *self._languages)
            if (group.label.partition(" ")[0] in asked.rows if asked.rows else group in usual)
        ]
        found = (self._outlook(group, (first, second), asked.delta) for group in groups)
        return [each for each in found if each is not None]

    def _column(self, label: str) -> int | None:
        arms = enumerate(self._gathered.arms)
        return next((at for at, arm in arms if arm.label == label), None)

    def _row(self, group: Group) -> ArmsOfRow:
        if group.label not in self._rows:
            row = row_estimates(group, self._paired, self._seeds, self._noise)
            self._rows[group.label] = row
        return self._rows[group.label]

    def _outlook(
        self, group: Group, places: tuple[int, int], delta: float | None
    ) -> Outlook | None:
        arms, metric = self._gathered.arms, self._gathered.metric
        if any(at not in self._paired[name].arms for name in group.languages for at in places):
            return None
        row = self._row(group)
        value = sum(
            (1, -1)[at] * self._paired[name].means()[place] / len(group.languages)
            for name in group.languages
            for at, place in enumerate(places)
        )
        margin = self._options.margin(metric)
        if delta is not None:
            margin = delta / metric_style(metric).factor
        trained = [arms[place] for place in places if place in self._seeds]
        seeds = tuple(len(arm.members) for arm in trained)
        labels = (arms[places[0]].label, arms[places[1]].label)
        sources = len(row.scores.sources)
        runs = [arm.members[0].run.path for arm in trained]
        planned = min((self._planned.get(path, 0) for path in runs), default=0)
        known = (labels, self._setting, group.label, metric, seeds, sources, value)
        estimate = row.with_interval(*places)
        if estimate is None:
            return Outlook(*known, margin=margin, planned=planned)
        low, high = estimate.interval()
        detectable, chance = detectable_difference(estimate), row.spread.chance(*places)
        decides = None
        if planned >= 2 and planned > min(seeds):
            then = planned_estimate(estimate, row.spread, places, planned)
            decides = None if then is None else detectable_difference(then)
        elif planned:
            decides = detectable
        return Outlook(
            *known,
            low=low,
            high=high,
            margin=margin,
            detectable=detectable,
            seeds_known=chance is not None or not trained,
            needed_seeds=needed_seeds(estimate, row.spread, places, margin),
            needed_sources=needed_sources(sources, estimate, margin, chance),
            planned=planned,
            decides=decides,
        )
