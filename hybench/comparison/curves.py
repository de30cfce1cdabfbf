"""Scores against a dial of the study: alpha, the data in the scarce languages, or the budget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hybench.comparison.arms import ENOUGH_SEEDS
from hybench.comparison.curve_lines import Setting, dial_lines, dial_text
from hybench.comparison.differences import ArmsOfRow
from hybench.comparison.gather import DIALS, CompareOptions, Gathered, gather
from hybench.comparison.language_groups import row_groups
from hybench.comparison.published_columns import split_imported
from hybench.comparison.rows import shared_languages
from hybench.comparison.scores import load_scores
from hybench.comparison.table import shown_settings
from hybench.comparison.units import metric_style
from hybench.errors import StateError
from hybench.runs.run import Run
from hybench.statistics.clusters import RowScores, row_scores
from hybench.statistics.pairing import Paired, pair
from hybench.statistics.seeds import SeedSpread
from hybench.values.languages import check_languages
from hybench.wording.amounts import listed


@dataclass(frozen=True)
class Point:
    """One arm at one setting of the dial.

    Attributes:
        x: the dial, a config field's value; for ``examples``, the number shown if a training was
            given steps.
        value: mean over queries and seeds; over languages, the mean of the languages' means.
        low: lower end of its 95 % interval, over source queries and seeds.
        high: upper end.
        seeds: distinct seeds.
        runs: names of its runs.
    """

    x: float
    value: float
    low: float
    high: float
    seeds: int
    runs: tuple[str, ...]


@dataclass(frozen=True)
class CurveLine:
    """One arm, its points by ascending `Point.x`."""

    arm: str
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Curve:
    """One picture: a line per arm.

    Attributes:
        dataset: the data set.
        split: its split.
        setting: mono, cross or multi.
        metric: of `Point.value`.
        field: the config field that is the dial: ``alpha``, ``share``, ``steps`` or ``examples``.
        label: of the languages: a code, ``AVG``, a group's name.
        languages: query languages averaged over, sorted.
        lines: by arm.
        notes: caveats, in plain sentences.
    """

    dataset: str
    split: str
    setting: str
    metric: str
    field: str
    label: str
    languages: tuple[str, ...]
    lines: tuple[CurveLine, ...]
    notes: tuple[str, ...] = ()


def curves(runs: Sequence[Run], options: CompareOptions | None = None) -> tuple[Curve, ...]:
    """Scores against the dials in which the runs differ.

    A line is made of runs that differ only by seed and the dial (`dial_lines`): hybrid trainings
    for alpha, any for the others. There is a picture for the mean over languages, for the
    low-resource ones, for those with a reduced share of training data, and for every requested
    group.

    Args:
        runs: of a study; runs in no line are skipped.
        options: `CompareOptions.curve` is the dial, None for every one.

    Raises:
        UsageError: a choice in the options does not exist here, or one must be made.
        StateError: no runs differ by the requested dial, or as in `compare`.
        DataError: a config or results file is not what hybench writes.
    """
    options = options or CompareOptions()
    gathered = gather(split_imported(runs)[0], options)
    dials = DIALS if options.curve is None else (options.curve,)
    found = [curve for dial in dials for curve in _of_dial(gathered, dial, options)]
    if options.curve is not None and not found:
        raise StateError(
            f"No two runs with results of {gathered.key} differ in {options.curve} alone.",
            f"Train arms that do, or name more runs: hybench train --{options.curve} VALUE.",
        )
    return tuple(found)


def _of_dial(gathered: Gathered, dial: str, options: CompareOptions) -> list[Curve]:
    lines = dial_lines(gathered, dial, asked=options.curve == dial)
    if not lines:
        return []
    return [
        curve
        for setting in shown_settings(gathered, options)
        for curve in _of_setting(gathered, dial, lines, setting, options)
    ]


def _of_setting(
    gathered: Gathered,
    dial: str,
    lines: Mapping[str, tuple[Setting, ...]],
    setting: str,
    options: CompareOptions,
) -> list[Curve]:
    settings = [each for line in lines.values() for each in line]
    arm_of_run = {place: arm for arm, each in enumerate(settings) for place in each.places}
    results = [frame if at in arm_of_run else None for at, frame in enumerate(gathered.results)]
    scores = load_scores(results, setting, gathered.metric)
    paired, notes = pair(scores, arm_of_run, gathered.names)
    if options.languages:
        keep = check_languages(options.languages, paired, "--languages")
        paired = {language: paired[language] for language in keep}
    wanted = _languages(paired, settings, options)
    notes = [*gathered.notes, *notes, *_seed_notes(dial, lines)]
    return [
        Curve(
            dataset=gathered.info.dataset,
            split=gathered.info.split,
            setting=setting,
            metric=gathered.metric,
            field=dial,
            label=label,
            languages=languages,
            lines=_drawn_lines(
                lines,
                [paired[name] for name in languages],
                metric_style(gathered.metric).share,
            ),
            notes=tuple(dict.fromkeys(notes)),
        )
        for label, languages in wanted.items()
    ]


def _languages(
    paired: Mapping[str, Paired], settings: Sequence[Setting], options: CompareOptions
) -> dict[str, tuple[str, ...]]:
    """The languages of each picture, by its label: those that every point has."""
    shared = shared_languages(paired)
    groups = row_groups(list(paired), shared, options.groups, {})
    scarce = {code for each in settings for code in each.members[0].value("scarce") or ()}
    alone = [code for code in shared if code in scarce or len(shared) == 1]
    return {group.label: group.languages for group in groups} | {code: (code,) for code in alone}


def _drawn_lines(
    lines: Mapping[str, tuple[Setting, ...]], languages: Sequence[Paired], share: bool
) -> tuple[CurveLine, ...]:
    settings = [(name, setting) for name, line in lines.items() for setting in line]
    scores = row_scores(languages)
    points: dict[str, list[Point]] = {name: [] for name in lines}
    for arm in scores.arms:
        name, setting = settings[arm]
        spread = _spread_at(setting.x, scores, [setting for _, setting in settings])
        points[name].append(_point(setting, scores, arm, spread, share))
    return tuple(CurveLine(name, tuple(found)) for name, found in points.items() if found)


def _spread_at(x: float, scores: RowScores, settings: Sequence[Setting]) -> SeedSpread:
    """The variance of seeds at a point of the dial: it is larger with less data.

    Only arms at the same point have a similar one; if there is only one arm, all points are used.
    """
    seeds = {arm: settings[arm].seeds for arm in scores.arms}
    alike = {arm: of_arm for arm, of_arm in seeds.items() if settings[arm].x == x}
    return SeedSpread.of(scores, alike if len(alike) > 1 else seeds)


def _point(setting: Setting, scores: RowScores, arm: int, spread: SeedSpread, share: bool) -> Point:
    estimate = ArmsOfRow(scores, spread).estimate(arm)
    value = float(scores.differences(scores.arms.index(arm)).sum())
    low, high = (value, value) if estimate is None else estimate.interval()
    if share:  # Student's t has no bounds
        low, high = max(0.0, low), min(1.0, high)
    names = tuple(member.run.name for member in setting.members)
    return Point(setting.x, value, low, high, len(set(setting.seeds)), names)


def _seed_notes(dial: str, lines: Mapping[str, tuple[Setting, ...]]) -> list[str]:
    few = [
        f"{name} at {dial_text(dial, setting.x)}"
        for name, line in lines.items()
        for setting in line
        if len(setting.places) < ENOUGH_SEEDS
    ]
    if not few:
        return []
    return [
        f"Fewer than {ENOUGH_SEEDS} seeds: {listed(few)}; with one, intervals know queries alone."
    ]
