"""Tests a study's hypotheses on the results of its runs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from hybench.comparison.arms import Arm
from hybench.comparison.differences import raw_p
from hybench.comparison.gather import CompareOptions, Gathered, gather
from hybench.comparison.hypotheses import (
    Hypotheses,
    Hypothesis,
    HypothesisOutcome,
    Point,
    TestedHypothesis,
)
from hybench.comparison.language_groups import AVG, LOW_LABEL
from hybench.comparison.model import LOW, MEAN, Difference, Row
from hybench.comparison.rows import Rows, build_rows
from hybench.comparison.scores import available
from hybench.comparison.selection import readable_runs
from hybench.comparison.table import pair_setting, question_of
from hybench.comparison.units import MetricStyle, metric_style
from hybench.files.documents import read_json
from hybench.runs.run import BM25, STUDY, Run, list_results
from hybench.statistics.paired_tests import ALPHA, holm


def study_of(runs: Sequence[Run]) -> Path | None:
    """The folder of the study of these runs; None if they are of none, or of several."""
    folders = {run.path.absolute().parent for run in runs}
    folder = next(iter(folders)) if len(folders) == 1 else None
    return folder if folder is not None and (folder / STUDY).is_file() else None


def hypotheses_of(
    folder: Path, options: CompareOptions, shown: Sequence[Run] | None = None
) -> Hypotheses | None:
    """Test a study's hypotheses.

    Args:
        folder: of its runs.
        options: draws and their seed.
        shown: keep the grid points of these runs, corrected over all; None keeps all.

    Returns:
        None if it has no hypotheses.

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
    sets = [str(name) for name in study.get("data", ())]
    data = sets[0] if sets else ""
    if len(sets) > 1:  # tables of the others show the hypotheses, too
        named = [replace(each, data=each.data or data) for each in named]
    tests = _Tests(folder, study["cells"], options)
    found = [
        tests.test(hypothesis, point, hypothesis.data or data)
        for hypothesis in named
        for point in tests.points
    ]
    late = bool(study.get("late", False))
    all_of_them = Hypotheses(str(study["name"]), _corrected(found), late, options.draws)
    if shown is None:
        return all_of_them
    return all_of_them.at(tests.points_of({run.name for run in shown}))


def _corrected(found: Sequence[TestedHypothesis]) -> tuple[TestedHypothesis, ...]:
    adjusted = iter(holm([each.p for each in found if each.p is not None]))
    corrected = []
    for each in found:
        if each.p is None or each.difference is None:
            corrected.append(each)
            continue
        p_holm = next(adjusted)
        few = each.difference.outcome == "too-few" and each.hypothesis.direction != "equivalent"
        outcome: HypothesisOutcome = (
            "shown" if p_holm <= ALPHA else "too few queries" if few else "not shown"
        )
        corrected.append(replace(each, p_holm=p_holm, found=outcome))
    return tuple(corrected)


class _Tests:
    """Rows of a study's arms, read once per point, data set, metric and setting."""

    def __init__(
        self, folder: Path, cells: Mapping[str, Mapping[str, Any]], options: CompareOptions
    ) -> None:
        self._options = options
        self._runs: dict[Point, dict[str, list[Run]]] = {}
        for name, values in cells.items():
            point = tuple((k, _plain(v)) for k, v in values.items() if k not in {"arm", "seed"})
            if values["arm"] != BM25:  # which belongs to no arm of a hypothesis
                arms = self._runs.setdefault(point, {})
                arms.setdefault(str(values["arm"]), []).append(Run(folder / name))
        self._gathered: dict[tuple[Point, str, str], Gathered | None] = {}
        self._rows: dict[tuple[Point, str, str, str], Rows] = {}

    @property
    def points(self) -> list[Point]:
        """The grid's points, in order."""
        return list(self._runs)

    def points_of(self, names: Collection[str]) -> list[Point]:
        """The points of these runs."""
        return [
            point
            for point, arms in self._runs.items()
            if any(run.name in names for runs in arms.values() for run in runs)
        ]

    def test(self, hypothesis: Hypothesis, point: Point, data: str) -> TestedHypothesis:
        """One test, not corrected."""
        gathered = self._gather(hypothesis, point, data)
        if gathered is None or (hypothesis.setting, gathered.metric) not in available(
            gathered.results
        ):
            metric = hypothesis.metric if gathered is None else gathered.metric
            margin = replace(self._options, delta=hypothesis.delta).margin(metric)
            return TestedHypothesis(hypothesis, point, metric, margin=margin)
        metric = gathered.metric
        options = replace(
            self._options, data=data, metric=metric, delta=hypothesis.delta, languages=()
        )
        none = TestedHypothesis(hypothesis, point, metric, margin=options.margin(metric))
        key = (point, data, metric, hypothesis.setting)
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
        question = question_of(gathered.arms, None, metric, options)
        difference = rows.arms[at].difference(first, second, question)
        return replace(
            none,
            sources=rows.rows[at].sources,
            values=(cells[0].value, cells[1].value),
            difference=difference,
            p=_p(hypothesis, difference, metric_style(metric)),
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
            runs, _ = readable_runs(runs)  # the comparison itself names the others
            options = replace(
                self._options, data=data, metric=hypothesis.metric or None, group_seeds=True
            )
            self._gathered[key] = gather(runs, options) if runs else None
        return self._gathered[key]

    def _column(self, arms: Sequence[Arm], point: Point, name: str) -> int | None:
        """Position of a study's arm among the gathered ones."""
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
