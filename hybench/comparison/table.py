"""Compares runs by their results: values, differences to a baseline, and their tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hybench.comparison.arms import Arm, arm_notes
from hybench.comparison.differences import Question
from hybench.comparison.gains import compare_with_starts, find_starts
from hybench.comparison.gather import CompareOptions, Gathered, gather
from hybench.comparison.language_groups import by_script, by_training
from hybench.comparison.model import Bias, Column, Comparison, Pair, Row
from hybench.comparison.pairs import MOST_ARMS, MOST_LETTERS, compare_pairs, letters
from hybench.comparison.published_columns import add_published, split_imported
from hybench.comparison.rows import build_rows, count_records, draw_notes
from hybench.comparison.scores import available, load_scores
from hybench.comparison.training_marks import findings, training_notes, with_statuses
from hybench.comparison.units import BIAS_METRICS, metric_style
from hybench.data.schema import SETTINGS
from hybench.errors import StateError, UsageError
from hybench.metrics.measure import parse_metric
from hybench.origins.seen import Seen
from hybench.runs.run import BM25, Run
from hybench.statistics.paired_tests import ALPHA
from hybench.statistics.pairing import Paired, pair
from hybench.values.languages import check_languages
from hybench.wording.commands import eval_command, eval_each_command


def compare(runs: Sequence[Run], options: CompareOptions | None = None) -> tuple[Comparison, ...]:
    """Compare runs on one data set: one table per setting.

    Args:
        runs: at least one; those without results of the data set are shown as not run.
        options: what to compare.

    Raises:
        UsageError: a choice in the options does not exist here, or one must be made.
        StateError: no run has the results, or they were made on different texts.
        DataError: a config or results file is not what hybench writes.
    """
    return compare_and_keep(runs, options or CompareOptions())[0]


def compare_and_keep(
    runs: Sequence[Run], options: CompareOptions
) -> tuple[tuple[Comparison, ...], Gathered]:
    """As `compare`; also what was read for it, of which more can be asked."""
    runs, means = split_imported(runs)
    gathered = gather(runs, options)
    sections = [
        _section(gathered, setting, options) for setting in shown_settings(gathered, options)
    ]
    return add_published(sections, gathered.pools, options.published, means), gathered


def shown_settings(gathered: Gathered, options: CompareOptions) -> list[str]:
    """The settings to show: each in which any run has the metric, or the requested one.

    Raises:
        UsageError: no setting has the metric, or the requested one lacks it.
    """
    pairs = available(gathered.results)
    metric, key = gathered.metric, gathered.key
    settings = [setting for setting in SETTINGS if (setting, metric) in pairs]
    if not settings:
        extra = [name for name in BIAS_METRICS if ("multi", name) in pairs]
        known = " ".join(dict.fromkeys([*gathered.metrics, *extra]))
        raise UsageError(
            f"--metric: no {metric} in the results of {key}.",
            f"Choose: {known}.{_how_to_add(gathered)}",
        )
    if options.setting is not None and options.setting not in settings:
        raise UsageError(
            f"--setting: no {metric} of {options.setting} in the results of {key}.",
            f"There is: {' '.join(settings)}.",
        )
    return [options.setting] if options.setting else settings


def _how_to_add(gathered: Gathered) -> str:
    """The command that adds the metric to the results, if there is such a metric; else empty."""
    try:
        parse_metric(gathered.metric)
    except UsageError:
        return ""
    runs = [
        run.path
        for run, info in zip(gathered.runs, gathered.infos, strict=True)
        if info is not None
    ]
    return f" Or add it: {eval_each_command(gathered.key, runs, gathered.metric)}"


def find_baseline(
    arms: Sequence[Arm], present: set[int], name: str | None
) -> tuple[int | None, str]:
    """The position of the arm that differences are measured from, and why.

    Args:
        arms: all of them.
        present: positions of those with results.
        name: the one that is asked for, by its label or one of its runs.

    Returns:
        The position, None if fewer than two have results; and words for a sentence.

    Raises:
        UsageError: no arm answers to the name.
    """
    if name is not None:
        for at, arm in enumerate(arms):
            if arm.answers_to(name):
                return at, "as asked for"
        labels = " ".join(arm.label for arm in arms)
        raise UsageError(f"--baseline: no run {name!r} here.", f"Choose one of: {labels}.")
    if len(present) < 2:
        return None, ""
    monolingual = [at for at in sorted(present) if arms[at].members[0].monolingual]
    if len({arms[at].members[0].method for at in monolingual}) == 1:
        what = "arm" if len(arms[monolingual[0]].members) > 1 else "run"
        first = "first " if len(monolingual) > 1 else ""  # its other seeds are separate arms
        return monolingual[0], f"the {first}monolingual {what}"
    neural = [at for at in sorted(present) if arms[at].config.get("kind") != BM25]
    return (neural or sorted(present))[0], "the first"


def pair_setting(
    gathered: Gathered, setting: str, options: CompareOptions
) -> tuple[dict[str, Paired], list[str]]:
    """The scores of a setting in the requested languages, and notes.

    Raises:
        UsageError: a language has no results.
        StateError: the runs share no query.
    """
    paired, notes = _paired(gathered, setting, gathered.metric)
    if options.languages:
        keep = check_languages(options.languages, paired, "--languages")
        paired = {language: paired[language] for language in keep}
    if not paired:
        raise StateError(
            f"The runs share no query in {setting}.",
            f"Evaluate them on the same queries: {eval_command(gathered.key)}.",
        )
    return paired, notes


def question_of(
    arms: Sequence[Arm], baseline: int | None, metric: str, options: CompareOptions
) -> Question:
    """What to compute from the arms' scores, by the options."""
    return Question(
        metric,
        baseline,
        {at: arm.seed_list for at, arm in enumerate(arms) if arm.trained},
        options.margin(metric),
        options.draws,
        options.seed,
    )


def _section(gathered: Gathered, setting: str, options: CompareOptions) -> Comparison:
    arms, metric = gathered.arms, gathered.metric
    paired, pair_notes = pair_setting(gathered, setting, options)
    present = {arm for scores in paired.values() for arm in scores.arms}
    baseline, why = find_baseline(arms, present, options.baseline)
    question = question_of(arms, baseline, metric, options)
    found = by_training(arms, paired) | (by_script(paired) if options.scripts else {})
    built = build_rows(paired, len(arms), question, options.groups, found)
    rows = with_statuses(built.rows, _findings(gathered, list(paired)))
    trained = [at for at in sorted(present) if at in question.seeds]
    pairs = compare_pairs(built.rows, built.arms, trained, question)
    gains = compare_with_starts(built.rows, built.arms, find_starts(arms), question)
    of_pairs = [(built.rows[pair.row].label, pair.difference) for pair in pairs]
    on_draws = draw_notes(of_pairs, "two arms share a letter", options.draws)
    known = [model for model in gathered.models if model is not None]
    seen = training_notes(
        known, gathered.info.tested, list(paired), several=len(rows) > len(paired)
    )
    notes = [*gathered.notes, *pair_notes, *built.notes, *on_draws, *arm_notes(arms), *seen]
    if len(trained) > MOST_ARMS:
        notes.append(
            f"{len(trained)} trained arms are not compared with each other, at most {MOST_ARMS} "
            "are: name fewer, or select some with --where and --group-seeds."
        )
    lettered = tuple(_lettered(row, at, pairs, metric) for at, row in enumerate(rows))
    notes += [
        f"{row.label}: which arms are not told apart takes more than {MOST_LETTERS} letters; "
        "--json lists all pairs."
        for at, row in enumerate(lettered)
        if any(pair.row == at for pair in pairs)
        and not any(cell.letters for cell in row.cells if cell)
    ]
    if baseline is not None and baseline not in present:
        notes.insert(0, f"The baseline {arms[baseline].label} was not run here: nothing is tested.")
    return Comparison(
        dataset=gathered.info.dataset,
        split=gathered.info.split,
        setting=setting,
        metric=metric,
        columns=tuple(
            Column(
                arm.label,
                tuple(member.run.name for member in arm.members),
                arm.seeds,
                arm.way,
                gathered.weakened[at],
                model is not None,
                tuple(link.name for link in model.origin.links) if model else (),
            )
            for at, (arm, model) in enumerate(zip(arms, gathered.models, strict=True))
        ),
        baseline=baseline,
        baseline_why=why,
        rows=lettered,
        records=count_records(built.rows, len(arms), baseline, metric),
        bias=_bias(gathered, options.languages) if setting == "multi" else (),
        notes=tuple(dict.fromkeys(notes)),
        tests=built.tests,
        draws=options.draws,
        seed=options.seed,
        alpha=ALPHA,
        margin=question.margin,
        pairs=pairs,
        budgets=tuple(arm.budget for arm in arms),
        gains=gains,
        costs=gathered.costs,
    )


def _findings(gathered: Gathered, languages: Sequence[str]) -> list[dict[str, Seen]]:
    """By arm, what is known of its training on this set's training data, by language."""
    tested = gathered.info.tested
    return [findings(model.origin, tested, languages) if model else {} for model in gathered.models]


def _lettered(row: Row, at: int, pairs: Sequence[Pair], metric: str) -> Row:
    """The row with the letters of its compared arms."""
    of_row = [pair for pair in pairs if pair.row == at]
    sign = -1 if metric_style(metric).lower_is_better else 1
    values = {
        column: sign * cell.value
        for column in {side for pair in of_row for side in (pair.first, pair.second)}
        if (cell := row.cells[column]) is not None
    }
    if not values:
        return row
    found = letters(of_row, values)
    cells = [
        replace(cell, letters=found.get(column, "")) if cell else None
        for column, cell in enumerate(row.cells)
    ]
    return replace(row, cells=tuple(cells))


def _paired(gathered: Gathered, setting: str, metric: str) -> tuple[dict[str, Paired], list[str]]:
    if (setting, metric) not in gathered.paired:
        scores = load_scores(gathered.results, setting, metric)
        gathered.paired[setting, metric] = pair(scores, gathered.arm_of_run, gathered.names)
    return gathered.paired[setting, metric]


def _bias(gathered: Gathered, languages: tuple[str, ...]) -> tuple[Bias, ...]:
    found = []
    for metric in BIAS_METRICS:
        if metric == gathered.metric:
            continue
        paired, _ = _paired(gathered, "multi", metric)
        if languages:
            paired = {language: paired[language] for language in languages if language in paired}
        if paired:
            found.append(_macro(metric, paired, len(gathered.arms)))
    return tuple(found)


def _macro(metric: str, paired: dict[str, Paired], arms: int) -> Bias:
    present = {arm for of_language in paired.values() for arm in of_language.arms}
    shared = [name for name, each in paired.items() if present <= set(each.arms)]
    means = [paired[language].means() for language in shared]
    values = tuple(
        sum(mean[arm] for mean in means) / len(means) if means and arm in present else None
        for arm in range(arms)
    )
    return Bias(metric, tuple(shared), values)
