"""What a study was run to conclude, written down before it ran, and what became of it.

A table has many tests, and a page many tables: whoever picks from them afterwards picks what chance
made large. So a study file may name its hypotheses. They are tested as one family, over all data
sets, settings, rows and points of the grid together, and everything else is exploratory.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal, cast, get_args

from hybench.compare.arms import Arm
from hybench.compare.comparison import LOW, MEAN, Difference, MetricStyle, Row, metric_style
from hybench.compare.differences import raw_p
from hybench.compare.gather import CompareOptions, Gathered, gather
from hybench.compare.groups import AVG, LOW_LABEL
from hybench.compare.load import available
from hybench.compare.rows import Rows, build_rows
from hybench.compare.statistics import ALPHA, holm
from hybench.compare.table import pair_setting, question_of
from hybench.data.schema import SETTINGS
from hybench.errors import UsageError
from hybench.runs import STUDY, Run, list_results
from hybench.storage import read_json

Direction = Literal["different", "better", "equivalent"]
"""What a hypothesis says of its first arm against the second: ``different`` either way."""

Found = Literal["shown", "not shown", "too few queries", "not run"]

Point = tuple[tuple[str, Any], ...]
"""Fields of the grid but the seed, and their values."""


@dataclass(frozen=True)
class Hypothesis:
    """One claim about two arms of a study, asked at every point of its grid.

    Attributes:
        arms: names of the two, of which the first is said to be different, better or equivalent.
        setting: mono, cross or multi.
        row: ``AVG``, ``LOW`` or a language code.
        metric: its name; empty for the data set's own.
        data: the results; empty for the first set that the study evaluates on.
        direction: what is claimed.
        delta: of ``equivalent``, in the tables' unit; None for the metric's own margin.
    """

    arms: tuple[str, str]
    setting: str
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
        known = [field.name for field in fields(cls)]
        unknown = sorted(set(value) - set(known))
        if unknown:
            raise UsageError(
                f"{where}: unknown {', '.join(unknown)}.", f"It may have: {' '.join(known)}."
            )
        arms = value.get("arms")
        if not (isinstance(arms, list) and len(arms) == 2 and len({*map(str, arms)}) == 2):
            raise UsageError(f"{where}: arms is {arms!r}.", "Name two arms of the study.")
        delta = value.get("delta")
        if delta is not None and (isinstance(delta, bool) or not isinstance(delta, (int, float))):
            raise UsageError(f"{where}: delta is {delta!r}.", "It must be a number.")
        texts = {}
        for name, choices in (
            ("setting", SETTINGS), ("direction", get_args(Direction)),
            ("row", ()), ("metric", ()), ("data", ()),
        ):  # fmt: skip
            text = value.get(name, getattr(cls, name, None))
            if not isinstance(text, str) or (choices and text not in choices):
                allowed = f"Choose one of: {' '.join(choices)}." if choices else "It is a string."
                raise UsageError(f"{where}: {name} is {text!r}.", allowed)
            texts[name] = text
        own = None if delta is None else float(delta)
        direction = cast("Direction", texts.pop("direction"))
        if own is not None and direction != "equivalent":
            raise UsageError(f"{where}: delta is of equivalence alone.", "Omit it.")
        return cls((str(arms[0]), str(arms[1])), direction=direction, delta=own, **texts)

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
        told = {
            "different": f"{first} and {second} differ",
            "better": f"{first} is better than {second}",
            "equivalent": f"{first} and {second} differ by less than {style.size(margin)}",
        }
        return told[self.direction]


@dataclass(frozen=True)
class Tested:
    """What became of a hypothesis at a point of the grid.

    Attributes:
        hypothesis: it.
        point: where.
        metric: that was compared.
        sources: source queries in the row.
        values: means of the two arms; None where they were not run.
        difference: the first minus the second, not corrected; None likewise.
        p: of the hypothesis' own test: one-sided where it has a side; None likewise.
        p_holm: after Holm's correction over all that could be tested.
        found: what it comes to.
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
    found: Found = "not run"
    margin: float = 0.0

    @property
    def words(self) -> str:
        """The claim in words."""
        return self.hypothesis.words(metric_style(self.metric), self.margin)

    @property
    def place(self) -> str:
        """Where it is asked: setting, row and point."""
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
    tested: tuple[Tested, ...]
    late: bool
    draws: int

    @property
    def tests(self) -> int:
        """How many could be tested, and so are corrected for."""
        return sum(each.p is not None for each in self.tested)

    def where(self, wanted: Mapping[str, Any]) -> Hypotheses:
        """Those at points with these values, corrected over all as before."""
        kept = tuple(
            each
            for each in self.tested
            if all(dict(each.point).get(name, value) == value for name, value in wanted.items())
        )
        return replace(self, tested=kept)


def study_of(runs: Sequence[Run]) -> Path | None:
    """The folder of the one study that runs are of; None where they are of none, or of several."""
    folders = {run.path.absolute().parent for run in runs}
    folder = next(iter(folders)) if len(folders) == 1 else None
    return folder if folder is not None and (folder / STUDY).is_file() else None


def hypotheses_of(folder: Path, options: CompareOptions) -> Hypotheses | None:
    """Test what a study names.

    Args:
        folder: of its runs.
        options: draws and their seed.

    Returns:
        None where it names nothing.

    Raises:
        UsageError: a metric is not in the results.
        DataError: a config or results file is not what hybench writes.
    """
    study = read_json(folder / STUDY)
    named = [
        Hypothesis.read(value, f"{folder / STUDY}: hypothesis {at}")
        for at, value in enumerate(study.get("hypotheses", ()), start=1)
    ]
    if not named:
        return None
    data = str(next(iter(study.get("data", ())), ""))
    tests = _Tests(folder, study["cells"], options)
    found = [
        tests.test(hypothesis, point, hypothesis.data or data)
        for hypothesis in named
        for point in tests.points
    ]
    return Hypotheses(
        str(study["name"]), _corrected(found), bool(study.get("late", False)), options.draws
    )


def _corrected(found: Sequence[Tested]) -> tuple[Tested, ...]:
    adjusted = iter(holm([each.p for each in found if each.p is not None]))
    told = []
    for each in found:
        if each.p is None or each.difference is None:
            told.append(each)
            continue
        p_holm = next(adjusted)
        few = each.difference.outcome == "too-few" and each.hypothesis.direction != "equivalent"
        outcome: Found = "shown" if p_holm <= ALPHA else "too few queries" if few else "not shown"
        told.append(replace(each, p_holm=p_holm, found=outcome))
    return tuple(told)


class _Tests:
    """Rows of a study's arms, read once for each point, data set, metric and setting."""

    def __init__(
        self, folder: Path, cells: Mapping[str, Mapping[str, Any]], options: CompareOptions
    ) -> None:
        self._options = options
        self._runs: dict[Point, dict[str, list[Run]]] = {}
        for name, values in cells.items():
            point = tuple((k, _plain(v)) for k, v in values.items() if k not in {"arm", "seed"})
            if "seed" in values:  # BM25 is of no arm
                arms = self._runs.setdefault(point, {})
                arms.setdefault(str(values["arm"]), []).append(Run(folder / name))
        self._gathered: dict[tuple[Point, str, str], Gathered | None] = {}
        self._rows: dict[tuple[Point, str, str, str], Rows] = {}

    @property
    def points(self) -> list[Point]:
        """Of the grid, in its order."""
        return list(self._runs)

    def test(self, hypothesis: Hypothesis, point: Point, data: str) -> Tested:
        """One test, not corrected."""
        gathered = self._gather(hypothesis, point, data)
        if gathered is None or (hypothesis.setting, gathered.metric) not in available(
            gathered.results
        ):
            return Tested(hypothesis, point, hypothesis.metric)
        metric = gathered.metric
        none = Tested(hypothesis, point, metric)
        key = (point, data, metric, hypothesis.setting)
        options = replace(
            self._options, data=data, metric=metric, delta=hypothesis.delta, languages=()
        )
        if key not in self._rows:
            paired, _ = pair_setting(gathered, hypothesis.setting, options)
            question = question_of(gathered.arms, None, metric, options)
            self._rows[key] = build_rows(paired, len(gathered.arms), question)
        rows = self._rows[key]
        columns = [self._column(gathered.arms, point, arm) for arm in hypothesis.arms]
        at = _row_at(rows.rows, hypothesis.row)
        if at is None or None in columns:
            return none
        first, second = (column for column in columns if column is not None)
        cells = (rows.rows[at].cells[first], rows.rows[at].cells[second])
        if cells[0] is None or cells[1] is None:
            return none
        margin = options.margin(metric)
        question = question_of(gathered.arms, None, metric, options)
        difference = rows.arms[at].difference(first, second, question)
        return replace(
            none,
            sources=rows.rows[at].sources,
            values=(cells[0].value, cells[1].value),
            difference=difference,
            p=_p(hypothesis, difference, metric_style(metric)),
            margin=margin,
        )

    def _gather(self, hypothesis: Hypothesis, point: Point, data: str) -> Gathered | None:
        key = (point, data, hypothesis.metric)
        if key not in self._gathered:
            runs = [
                run
                for of_arm in self._runs[point].values()
                for run in of_arm
                if data in list_results(run)
            ]
            options = replace(
                self._options, data=data, metric=hypothesis.metric or None, group_seeds=True
            )
            self._gathered[key] = gather(runs, options) if runs else None
        return self._gathered[key]

    def _column(self, arms: Sequence[Arm], point: Point, name: str) -> int | None:
        """Position of a study's arm among those gathered."""
        runs = {run.name for run in self._runs[point].get(name, ())}
        return next(
            (at for at, arm in enumerate(arms) if runs & {each.run.name for each in arm.members}),
            None,
        )


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _row_at(rows: Sequence[Row], name: str) -> int | None:
    """The row of that name; a language alone is its own average."""
    if name == AVG and len(rows) == 1:
        return 0
    kind = {AVG: MEAN, LOW_LABEL: LOW}.get(name)
    return next((at for at, row in enumerate(rows) if row.kind == kind or row.label == name), None)


def _p(hypothesis: Hypothesis, difference: Difference, style: MetricStyle) -> float:
    """p of a hypothesis' own test."""
    if hypothesis.direction == "equivalent":
        return difference.p_equivalence
    both = raw_p(difference)
    if hypothesis.direction == "different":
        return both
    better = (difference.value > 0) != style.lower_is_better
    return both / 2 if better else 1 - both / 2
