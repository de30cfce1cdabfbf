"""What a training gained: an arm against the model that it began with, where that is in the table.

The model is a run of kind model (``hybench eval MODEL``) whose files have the digest that the
training recorded, or a training of no steps with the same start. A derived run begins with the run
that it was made of; a merge, with the first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hybench.comparison.arms import Arm
from hybench.comparison.differences import Question, RowOfArms, correct
from hybench.comparison.marks import marked
from hybench.comparison.members import Member
from hybench.comparison.model import Comparison, Outcome, Pair, Row
from hybench.comparison.pairs import averages
from hybench.comparison.sentences import difference_sentence, outcome_counts, place
from hybench.comparison.units import metric_style
from hybench.runs.derived import START_FIELDS, parents_of
from hybench.runs.events import first_event
from hybench.runs.models import encoder_word
from hybench.runs.run import MODEL, TRAIN
from hybench.wording.text_table import Entry

_IN_FULL = 2
"""At most so many gains have a sentence each."""

_SAME_USE = ("query_prefix", "passage_prefix", "query_length", "passage_length", "pooling")
"""Fields that decide how texts are treated: of several runs of one model, that with the same."""


def find_starts(arms: Sequence[Arm]) -> dict[int, int]:
    """The arm that is the model which another began with, by position of the other.

    Only trained or derived arms whose start is among the arms are in it.
    """
    models = {at: arm.members[0] for at, arm in enumerate(arms) if is_start(arm.members[0])}
    found = {}
    for at, arm in enumerate(arms):
        if arm.members[0].derived:
            if (parent := _first_parent(arm.members[0], arms)) is not None:
                found[at] = parent
        elif arm.trained:
            own = [place for place, each in models.items() if _began_with(arm.members[0], each)]
            if own:
                found[at] = min(own, key=lambda place: _unlike(arm.config, models[place].config))
    return found


def _first_parent(member: Member, arms: Sequence[Arm]) -> int | None:
    """The arm that has the run which a derived run was made of; None if none has it."""
    parent = parents_of(member.config)[0]
    for at, arm in enumerate(arms):
        if any(
            each.run.name == parent.name and each.config == parent.config for each in arm.members
        ):
            return at
    return None


def is_start(member: Member) -> bool:
    """Whether a run is of a model before any training."""
    kind = member.config.get("kind", TRAIN)
    return kind == MODEL or (kind == TRAIN and member.config.get("steps") == 0)


def _began_with(trained: Member, start: Member) -> bool:
    begun = _start_digest(trained)
    if start.config.get("kind") == MODEL:
        if trained.value("init") or trained.config.get("layers"):
            return False
        if begun is not None:
            return bool(begun) and begun == start.config.get("digest")
        return encoder_word(str(trained.config.get("encoder"))) == start.config.get("encoder")
    same = all(trained.value(name) == start.value(name) for name in START_FIELDS)
    # Without a digest, its weights were drawn here: another seed has others.
    return same and bool(begun) and begun == _start_digest(start)


def _start_digest(member: Member) -> str | None:
    """Digest of the checkpoint that a training, or the first of a chain, began with; None if its
    log does not say.
    """
    log = member.run.events_file
    chained = first_event(log, "initial") if member.config.get("init") else {}
    digest = chained.get("digest") or first_event(log, "encoder").get("digest")
    return digest if isinstance(digest, str) else None


def _unlike(one: Mapping[str, Any], other: Mapping[str, Any]) -> int:
    """In how many ways two runs treat texts otherwise."""
    return sum((one.get(name) or None) != (other.get(name) or None) for name in _SAME_USE)


def compare_with_starts(
    rows: Sequence[Row],
    arms: Sequence[RowOfArms],
    starts: Mapping[int, int],
    question: Question,
) -> tuple[Pair, ...]:
    """Each arm minus the model that it began with, on the averages, corrected as one family.

    Those that began with the baseline are in the table already.

    Args:
        rows: of the table.
        arms: of each row.
        starts: of `find_starts`.
        question: what to compute.
    """
    places = [
        (row, arm, start)
        for row in averages(rows)
        for arm, start in starts.items()
        if start != question.baseline
        and rows[row].cells[arm] is not None
        and rows[row].cells[start] is not None
    ]
    found = [arms[row].difference(arm, start, question) for row, arm, start in places]
    corrected = correct(found, question.metric)
    return tuple(
        Pair(*place, difference) for place, difference in zip(places, corrected, strict=True)
    )


def gains_caption(comparison: Comparison) -> str:
    """Caption of the lines of gains; empty without any."""
    if not comparison.gains:
        return ""
    starts = dict.fromkeys(comparison.columns[gain.second].label for gain in comparison.gains)
    return (
        f"gain: over the model that the arm began with ({', '.join(starts)}), all "
        f"{len(comparison.gains)} corrected together."
    )


def gain_sentences(comparison: Comparison) -> tuple[str, ...]:
    """What the arms gained, in one paragraph: a few in full, more counted; empty without any."""
    if len(comparison.gains) > _IN_FULL:
        told = [_counted(comparison, row) for row in _rows(comparison)]
    else:
        told = [
            difference_sentence(
                comparison, comparison.rows[gain.row], gain.first, gain.second, gain.difference
            )
            for gain in comparison.gains
        ]
    return (" ".join(["Against the model that an arm began with:", *told]),) if told else ()


def _counted(comparison: Comparison, row: int) -> str:
    """Of the arms' gains in a row of averages: how many are better than their start, and so on."""
    by_start: dict[str, list[tuple[str, Outcome | None]]] = {}
    for gain in comparison.gains:
        if gain.row == row:
            labels = [comparison.columns[at].label for at in (gain.first, gain.second)]
            by_start.setdefault(labels[1], []).append((labels[0], gain.difference.outcome))
    told = [outcome_counts(comparison, found, start) for start, found in by_start.items()]
    return f"{place(comparison.rows[row])}, {'; '.join(told)}."


def _rows(comparison: Comparison) -> list[int]:
    """The rows of averages that have gains, in order."""
    return list(dict.fromkeys(gain.row for gain in comparison.gains))


def gain_entries(comparison: Comparison) -> Iterator[tuple[tuple[Entry, ...], bool]]:
    """A line for each average: what the arms gained, and whether a rule is above it."""
    style = metric_style(comparison.metric)
    rows = _rows(comparison)
    for row in rows:
        entries = [Entry("")] * len(comparison.columns)
        for gain in comparison.gains:
            if gain.row == row:
                mark, tone = marked(gain.difference, style)
                text = style.text(gain.difference.value, signed=True)
                entries[gain.first] = Entry(text, tone, mark)
        label = "gain" if len(rows) == 1 else f"gain {comparison.rows[row].label}"
        yield (Entry(label), Entry(""), *entries), row == rows[0]


def gain_record(comparison: Comparison, row: int, column: int) -> dict[str, Any]:
    """An arm's gain in a row of averages, by columns of CSV; empty without one."""
    for gain in comparison.gains:
        if (gain.row, gain.first) == (row, column):
            found = gain.difference
            return {
                "start": comparison.columns[gain.second].label,
                "gain": found.value,
                "gain_low": found.low,
                "gain_high": found.high,
                "gain_p_holm": found.p_holm,
            }
    return {}
