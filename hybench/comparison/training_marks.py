"""Which scores are of models that were trained on the set's training data: marks and notes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hybench.comparison.model import LANGUAGE, Cell, Comparison, Row
from hybench.evaluation.contamination import Overlap
from hybench.evaluation.results import ResultsInfo
from hybench.origins.model import Origin, united
from hybench.origins.seen import STATUSES, EvaluatedSet, Seen, Status, foremost, seen
from hybench.origins.tracing import origin_of
from hybench.runs.derived import sets_of
from hybench.runs.run import BM25, Run
from hybench.values.weights import set_names
from hybench.wording.amounts import listed

TRAINED, TAUGHT = "†", "‡"
MARKS: Mapping[Status, str] = {"trained": TRAINED, "taught": TAUGHT}
"""The marks of statuses; the others have none."""

WORDS: Mapping[Status, str] = {
    "trained": "trained on the set's training data",
    "taught": "taught by a model that was trained on the set's training data",
}
"""What the marks say, after "was"."""


@dataclass(frozen=True)
class Model:
    """A model whose scores are shown.

    Attributes:
        label: its name in the table.
        origin: what it comes from.
        held_out: languages of which no query or relevant passage is known to be among its own
            training texts.
    """

    label: str
    origin: Origin
    held_out: frozenset[str]


@dataclass(frozen=True)
class RowMarks:
    """The marks of a row.

    Attributes:
        row: of the row's name, if the models that are ever marked share it here.
        cells: by column, otherwise.
    """

    row: str
    cells: tuple[str, ...]


def model_of(label: str, runs: Sequence[Run], infos: Sequence[ResultsInfo | None]) -> Model | None:
    """What is known of the training of an arm; None for BM25.

    Args:
        label: its name.
        runs: at least one.
        infos: the manifests of their results.
    """
    if all(run.read_config().get("kind") == BM25 for run in runs):
        return None
    origin = united([origin_of(run) for run in runs])
    trained = [name for run in runs for name in sets_of(run.read_config())]
    compared = {Path(name).name for name in set_names(trained)}
    held_out = [_held_out(info) for info in infos if info is not None]
    if not held_out or any(each.name not in compared for each in origin.sets):
        return Model(label, origin, frozenset())  # sets of a run that it began with were not
    return Model(label, origin, frozenset.intersection(*held_out))


def _held_out(info: ResultsInfo) -> frozenset[str]:
    """Languages of which no query or relevant passage is among the model's own training texts, as
    far as these were compared.

    Empty if its training texts were not at hand when it was evaluated.
    """
    if info.trained_queries is None:
        return frozenset()
    overlap = info.overlap or Overlap(info.trained_queries)
    return frozenset(info.query_languages) - overlap.languages


def findings(origin: Origin, tested: EvaluatedSet, languages: Sequence[str]) -> dict[str, Seen]:
    """What is known of a model and a set, by language."""
    return {language: seen(origin, tested, language) for language in languages}


def with_statuses(rows: Sequence[Row], found: Sequence[Mapping[str, Seen]]) -> tuple[Row, ...]:
    """The rows with the status of each cell.

    Args:
        rows: of a table.
        found: by column, the findings by language; empty for what is no model.
    """

    def marked(cell: Cell | None, row: Row, by_language: Mapping[str, Seen]) -> Cell | None:
        statuses = [by_language[each].status for each in row.languages if each in by_language]
        return cell and replace(cell, seen=foremost(statuses))

    return tuple(
        replace(
            row,
            cells=tuple(
                marked(cell, row, each) for cell, each in zip(row.cells, found, strict=True)
            ),
        )
        for row in rows
    )


def row_marks(comparison: Comparison) -> tuple[RowMarks, ...]:
    """The marks by row: of the row where all models share it, of cells where they do not.

    None at all where every model has the same in every language: a note says it.
    """
    columns = range(len(comparison.columns))
    blank = RowMarks("", ("",) * len(columns))
    marks = [
        [MARKS.get(cell.seen, "") if cell else None for cell in row.cells]
        for row in comparison.rows
    ]
    of_languages = [
        each for each, row in zip(marks, comparison.rows, strict=True) if row.kind == LANGUAGE
    ]
    marked = [at for at in columns if any(each[at] for each in of_languages)]
    different = {each[at] for each in of_languages for at in marked} - {None}
    if len(different) < 2 and len(marked) == _models(comparison):
        return (blank,) * len(comparison.rows)
    found = []
    for each in marks:
        shared = {each[at] for at in marked} - {None}
        if len(shared) == 1 and len(marked) == _models(comparison):
            found.append(replace(blank, row=shared.pop() or ""))
        else:
            found.append(RowMarks("", tuple(mark or "" for mark in each)))
    return tuple(found)


def language_marks(model: Model, tested: EvaluatedSet, languages: Sequence[str]) -> dict[str, str]:
    """The marks of languages in the table of one model; none if all have the same."""
    found = findings(model.origin, tested, languages)
    marks = {language: MARKS.get(each.status, "") for language, each in found.items()}
    return marks if len(set(marks.values())) > 1 else {}


def _models(comparison: Comparison) -> int:
    """The number of columns that are models: not those, such as BM25, that nothing was taught."""
    return sum(column.is_model for column in comparison.columns)


def training_notes(
    models: Sequence[Model], tested: EvaluatedSet, languages: Sequence[str], *, several: bool = True
) -> list[str]:
    """Notes on which models were trained on the set's training data, and which were not.

    Args:
        models: whose scores are shown.
        tested: the set.
        languages: of the rows.
        several: whether rows cover several languages.
    """
    groups: dict[_Claim, list[str]] = {}
    marks = set()
    for model in models:
        found = findings(model.origin, tested, languages)
        marks |= {MARKS.get(each.status, "") for each in found.values()}
        for claim in _claims(found, model.held_out):
            groups.setdefault(claim, []).append(model.label)
    ordered = sorted(groups.items(), key=lambda each: STATUSES.index(each[0].status))
    notes = []
    for claim, labels in ordered:
        sign = MARKS.get(claim.status, "") if len(marks) > 1 else ""
        names = "all models" if len(labels) == len(models) > 2 else listed(labels)
        notes.append(f"{sign} {_sentence(claim, names, languages, tested)}".lstrip())
    if several and len(marks) > 1:
        notes.append("A row of several languages is marked if one of them is.")
    return notes


@dataclass(frozen=True)
class _Claim:
    """What a note says of some models.

    Attributes:
        status: the finding.
        languages: in which it is.
        who: the model that it rests on; empty for the models themselves.
        data: that this model was trained on.
    """

    status: Status
    languages: tuple[str, ...]
    who: str = ""
    data: tuple[str, ...] = ()


def _claims(found: Mapping[str, Seen], held_out: frozenset[str]) -> list[_Claim]:
    """What there is to say of a model, by what it rests on."""
    none = tuple(each for each in found if found[each].status == "no" and each in held_out)
    claims = [_Claim("no", none)] if none else []
    for status in STATUSES[:-1]:
        by_model: dict[str, dict[str, set[str]]] = {}
        for language, each in found.items():
            for reason in each.because if each.status == status else ():
                by_model.setdefault(reason.who, {}).setdefault(reason.what, set()).add(language)
        for who, data in by_model.items():
            together = set().union(*data.values())
            there = tuple(each for each in found if each in together)
            claims.append(_Claim(status, there, who, tuple(what for what in data if what)))
    return claims


def _places(there: Sequence[str], languages: Sequence[str]) -> str:
    if len(there) == len(languages) > 1:
        return "in all languages here"
    return f"in {' '.join(there)}"


def _sentence(claim: _Claim, names: str, languages: Sequence[str], tested: EvaluatedSet) -> str:
    where = _places(claim.languages, languages)
    if claim.status == "no":
        return f"Zero-shot {where}, by what is known: {names}."
    data = listed(claim.data, most=4)
    why = f"{claim.who}: {data}" if claim.who and data else claim.who or data
    what = {
        "trained": "Trained on",
        "taught": "Taught by a model that was trained on",
        "unknown": "Not known whether trained on",
    }[claim.status]
    return f"{what} training data of {tested.title} {where}: {names} ({why})."
