"""What is known of differences by now and what more would find, and what is left of a study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hybench.tui.draw.text import ago, width_of, wrap
from hybench.tui.model.scores import Scores

if TYPE_CHECKING:
    from hybench.comparison.looks import PlannedRuns
    from hybench.comparison.outlook import Asked, Outlook
    from hybench.studies.remaining import Remaining

Paragraphs = list[tuple[str, str]]
"""Paragraphs and their tones."""

MOST_ARMS = 16
"""Arms whose outlook is computed; of more, the first."""

NO_MARKS = "95 % intervals of one look, and what would be found with 80 % power. Nothing is tested."


@dataclass(frozen=True)
class StudyOutlook:
    """The outlook of a comparison.

    Attributes:
        scores: the comparison.
        arms: the outlook of arms against the reference, by column.
        claims: of a study's hypotheses.
    """

    scores: Scores
    arms: Mapping[int, tuple[Outlook, ...]]
    claims: tuple[tuple[Asked, Outlook], ...]


def read_outlook(scores: Scores) -> StudyOutlook:
    """Estimate what is known of the differences of a comparison by now; this reads the results.

    Raises:
        HybenchError: as of `hybench.comparison.outlook.outlooks`.
    """
    from hybench.comparison.gather import gather
    from hybench.comparison.outlook import Asked, outlooks

    table = scores.comparison
    if table.baseline is None:
        return StudyOutlook(scores, {}, ())
    labels = [column.label for column in table.columns]
    columns = [at for at in range(len(labels)) if at != table.baseline][:MOST_ARMS]
    asked = [Asked(labels[at], labels[table.baseline], table.setting) for at in columns]
    planned: dict[Path, int] = {}
    claims: list[Asked] = []
    if scores.request.group_seeds:
        for each in scores.planned:
            planned |= each.runs_of_arm
            claims += _claims(scores, each)
    gathered = scores.gathered
    if gathered is None:
        gathered = gather([run for arm in scores.arms for run in arm], scores.options)
    found = outlooks(gathered, scores.options, [*asked, *claims], planned)
    arms = {
        at: tuple(outlook for which, outlook in found if which is own)
        for at, own in zip(columns, asked, strict=True)
    }
    own = [pair for pair in found if any(pair[0] is claim for claim in claims)]
    return StudyOutlook(scores, arms, tuple(own))


def _claims(scores: Scores, planned: PlannedRuns) -> list[Asked]:
    """What a study's hypotheses ask of these results."""
    from hybench.comparison.hypotheses import Hypothesis
    from hybench.comparison.outlook import Asked
    from hybench.comparison.units import metric_style
    from hybench.files.documents import read_json
    from hybench.runs.run import STUDY

    values = read_json(planned.folder / STUDY)
    data = next(iter(values.get("data", ())), "")
    asked = []
    for at, value in enumerate(values.get("hypotheses", ()), start=1):
        claim = Hypothesis.read(value, f"{planned.folder / STUDY}: hypothesis {at}")
        metric = claim.metric or scores.metrics[0]
        of_these = (claim.data or data, metric) == (scores.key, scores.comparison.metric)
        if not of_these or claim.setting not in scores.settings:
            continue
        style = metric_style(metric)
        margin = style.margin if claim.delta is None else claim.delta / style.factor
        words = claim.words(style, margin)
        for first, second in _columns(scores, planned, claim.arms):
            asked.append(Asked(first, second, claim.setting, (claim.row,), words, claim.delta))
    return asked


def _columns(scores: Scores, planned: PlannedRuns, arms: tuple[str, str]) -> list[tuple[str, str]]:
    """Labels of two arms of a study, at each point of its grid at which both are compared."""
    points: dict[Any, dict[str, str]] = {}
    for column, runs in zip(scores.comparison.columns, scores.arms, strict=True):
        for run in runs:
            cell = planned.cells.get(run.name) if run.path.parent == planned.folder else None
            if cell is not None:
                point = tuple((k, str(v)) for k, v in cell.items() if k not in {"arm", "seed"})
                points.setdefault(point, {}).setdefault(str(cell["arm"]), column.label)
    return [
        (labels[arms[0]], labels[arms[1]])
        for labels in points.values()
        if arms[0] in labels and arms[1] in labels
    ]


def arm_sentences(found: StudyOutlook | None, scores: Scores, column: int) -> list[str]:
    """The outlook of an arm in sentences; empty while there is none of this comparison."""
    if found is None or found.scores is not scores:
        return []
    return [sentence(each) for each in found.arms.get(column, ())]


def sentence(outlook: Outlook) -> str:
    """A difference, what more would find, and what its study will."""
    parts = (outlook.difference, outlook.what_more_finds, outlook.what_study_decides)
    return "; ".join(part for part in parts if part) + "."


def study_folders(runs: Sequence[Path], given: Sequence[Path] = ()) -> list[Path]:
    """The folders of the studies that runs belong to, and of those that have no runs yet.

    Args:
        runs: folders of runs.
        given: folders of studies, or of runs and studies.
    """
    from hybench.files.listing import folders_with
    from hybench.runs.run import STUDY

    of_runs = dict.fromkeys(run.parent for run in runs)
    found = [each for each in of_runs if (each / STUDY).is_file()]
    for path in given:
        if path not in of_runs:
            inside = folders_with(path, STUDY)[0].values()
            found += [path] if (path / STUDY).is_file() else inside
    return list(dict.fromkeys(found))


def studies_left(folders: Sequence[Path], now: float) -> list[Remaining]:
    """What is left of studies, by the folders of their runs; of those that can be read.

    Args:
        folders: of runs of studies.
        now: seconds since 1970.
    """
    if not folders:
        return []
    from hybench.errors import HybenchError
    from hybench.studies.remaining import remaining_work

    found = []
    for folder in folders:
        try:
            found.append(remaining_work(folder, now))
        except (HybenchError, OSError):  # its runs say what is wrong
            continue
    return found


def left_sentence(left: Remaining) -> str:
    """How many cells a study has left, and how long they take."""
    if not left.left:
        return f"{left.study}: all {left.cells} cells are done."
    said = f"{left.study}: {left.left} of {left.cells} cells left"
    if left.failed:
        said += f", {left.failed} of them failed"
    if left.seconds is None:
        at_work = f", {left.at_work} at work" if left.at_work else ""
        if left.trials_left and left.trial_seconds is not None:
            together = max(1, left.at_work)
            said += f", {left.trials_left} of them trials, which take about "
            said += ago(left.trial_seconds / together)
        return f"{said}{at_work}; how long one takes is not known before the first is done."
    said += f"; about {ago(left.seconds)} of work at the pace of finished cells"
    if left.at_work > 1:
        said += f", {ago(left.until)} with {left.at_work} at a time as now"
    return said + ("." if left.at_work else "; none is worked on now.")


def outlook_text(
    found: StudyOutlook | None, left: Sequence[Remaining], error: str, width: int
) -> Paragraphs:
    """The whole outlook, section by section.

    Args:
        found: of the comparison; None while it is being made.
        left: of the studies of these runs.
        error: why there is none.
        width: cells across.
    """
    said: Paragraphs = [("Outlook: what is known by now, and what more would tell", "head")]
    if error:
        return [*said, *_left(left, width), ("", ""), (error, "warn")]
    if found is None:
        return [*said, *_left(left, width), ("", ""), ("Comparing…", "quiet")]
    scores = found.scores
    table = scores.comparison
    where = f"{table.dataset} ({table.split}) · {table.setting} · {table.metric}"
    said.append((f"  {where}", "quiet"))
    said += [(f"  {line}", "accent") for line in wrap(table.unfinished, width - 2) if line]
    said += _left(left, width)
    if table.baseline is None:
        return [*said, ("", ""), ("There is nothing to compare yet.", "quiet")]
    said += [("", ""), (f"Against {table.columns[table.baseline].label}", "head")]
    for outlooks in found.arms.values():
        for at, outlook in enumerate(outlooks):
            said += _entry(outlook, width, quiet=at > 0)
    more = len(table.columns) - 1 - len(found.arms)
    if more > 0:
        said.append((f"  {more} more arms: mark fewer runs to see theirs.", "quiet"))
    if found.claims:
        said += [("", ""), ("Hypotheses of the study", "head")]
    for asked, outlook in found.claims:
        said.append((f"  {asked.claim} ({asked.setting}, {outlook.row})", ""))
        said += _entry(outlook, width, quiet=True)
    said += [("", ""), *((f"  {line}", "quiet") for line in wrap(NO_MARKS, width - 2))]
    return said


def _left(left: Sequence[Remaining], width: int) -> Paragraphs:
    lines = [line for each in left for line in wrap(left_sentence(each), width - 2)]
    return (
        [("", ""), ("Left to do", "head"), *((f"  {line}", "") for line in lines)] if left else []
    )


def _entry(outlook: Outlook, width: int, *, quiet: bool) -> Paragraphs:
    """A difference in its line, and below it what more would find."""
    more = "; ".join(part for part in (outlook.what_more_finds, outlook.what_study_decides) if part)
    if width_of(f"  {outlook.difference}; {more}") <= width:
        return [(f"  {outlook.difference}; {more}", "")]
    head = [
        (f"  {line}", "" if quiet else "accent") for line in wrap(outlook.difference, width - 2)
    ]
    return [*head, *((f"    {line}", "quiet") for line in wrap(more, width - 4))]
