"""Results of MTEB as a run: means by language, which a comparison shows as published scores.

The layout is that of ``mteb`` from 1.11 on (checked with files of 1.18 and 2.12): ``task_name``,
``dataset_revision``, ``mteb_version``, and ``scores`` with a list by split, each entry of which has
``hf_subset`` and the metrics (``ndcg_at_10`` and so on) as shares of 1.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from hybench.data.lines import parse_object
from hybench.errors import DataError, UsageError
from hybench.files.checksums import sha256_file
from hybench.files.documents import write_json
from hybench.importing.new_run import replacing, start_import
from hybench.importing.published import MEANS_FORMAT, Published, mteb_metric, stored_means
from hybench.runs.run import Run
from hybench.values.languages import MIRACL_LANGUAGES, stored_code
from hybench.values.names import check_name

WHOLE_POOLS = ("bn", "sw", "yo")
"""Languages whose pool of hard negatives is all of MIRACL's: 297,265, 131,924 and 49,043 passages
by MTEB's own statistics of both versions of the task, and every dev query."""

HARD_NEGATIVES = "miracl-hard-negatives"
"""The set of the task in other languages: about 250 passages per query, at most 1,000 queries."""

_MIRACL = dict.fromkeys(MIRACL_LANGUAGES, "miracl")
_HARD = dict.fromkeys(MIRACL_LANGUAGES, HARD_NEGATIVES) | dict.fromkeys(WHOLE_POOLS, "miracl")
TASKS: dict[str, tuple[str, dict[str, str]]] = {
    "MIRACLRetrieval": ("dev", _MIRACL),
    "MIRACLRetrievalHardNegatives": ("dev", _HARD),
    "MIRACLRetrievalHardNegatives.v2": ("dev", _HARD),
}
"""Supported tasks of MTEB: the split, and the set by language. If several tasks are of one set, the
first counts."""

OTHER_TASKS = {
    "MIRACLReranking": "re-ranks given passages, and searches nothing",
    "XQuADRetrieval": "searches whole paragraphs, not XQuAD-R's sentences",
}
"""Tasks that look like one of our sets, and why they differ."""

_FORMAT = "mteb"
_MAIN = "nDCG@10"

_ROUNDING = 1e-9
"""A share this far beyond 0 or 1 is that number, rounded."""

_UNDEFINED = {"nan", "inf", "infinity"}
"""NaN and infinity as texts in JSON, but for sign and case."""


@dataclass(frozen=True)
class MtebResult:
    """The contents of a result file.

    Attributes:
        task: MTEB's name of it.
        rows: a row by set and metric; MIRACL's before those of its hard negatives, a set's main
            metric first.
        undefined: languages in which a metric has no value, by metric.
    """

    task: str
    rows: tuple[Published, ...]
    undefined: dict[str, tuple[str, ...]]


def default_name(path: Path) -> str | None:
    """The model's folder in MTEB's layout, ``ORGANISATION__MODEL/REVISION/TASK.json``."""
    return next((part for part in reversed(path.resolve().parent.parts) if "__" in part), None)


def read_mteb(path: Path, system: str) -> MtebResult:
    """Read a result file.

    Args:
        path: the JSON.
        system: the name of the evaluated system.

    Raises:
        DataError: it is not an MTEB result, or its task is not one of our sets.
    """
    value = _read(path)
    task, scores = value.get("task_name"), value.get("scores")
    if not isinstance(task, str) or not isinstance(scores, dict):
        raise _wrong(path, "it has no task_name and scores")
    if task not in TASKS:
        why = f": it {OTHER_TASKS[task]}" if task in OTHER_TASKS else ""
        raise DataError(
            f"{path} is of {task[:80]!r}, which is not a set of hybench{why}.",
            f"Known tasks: {' '.join(TASKS)}. For any other, import its rankings: hybench import "
            "trec.",
        )
    split, subsets = TASKS[task]
    entries = scores.get(split)
    if not isinstance(entries, list) or not entries:
        raise _wrong(path, f"it has no scores of {split}")
    told = ", ".join(
        f"{label} {str(value[key])[:60]}"
        for key, label in (("dataset_revision", "dataset revision"), ("mteb_version", "mteb"))
        if isinstance(value.get(key), str)
    )
    source = f"{path.name} of {task}" + (f" ({told})" if told else "")
    found = _by_metric(path, entries, subsets)
    by_metric = {
        name: {code: value for code, value in values.items() if value is not None}
        for name, values in found.items()
    }
    if _MAIN not in found:
        raise _wrong(path, "it has no ndcg_at_10")
    if not by_metric[_MAIN]:
        raise _wrong(path, "its ndcg_at_10 is undefined in every language")
    rows = []
    for dataset in dict.fromkeys(("miracl", *subsets.values())):
        for name in sorted(by_metric, key=lambda name: (name != _MAIN, name)):
            values = {c: value for c, value in by_metric[name].items() if subsets[c] == dataset}
            if values:
                rows.append(Published(dataset, split, "mono", name, system, source, values))
    undefined = {
        name: tuple(code for code, value in values.items() if value is None)
        for name, values in found.items()
        if None in values.values()
    }
    return MtebResult(task, tuple(rows), undefined)


def _read(path: Path) -> dict[str, Any]:
    try:
        return parse_object(path.read_bytes().decode("utf-8"))
    except OSError as error:
        raise DataError(
            f"Cannot read {path}: {error.strerror or error}.", "Check the path and its permissions."
        ) from error
    except ValueError as error:
        reason = "not UTF-8" if isinstance(error, UnicodeError) else str(error)
        raise _wrong(path, reason) from error


def _by_metric(
    path: Path, entries: list[Any], subsets: Collection[str]
) -> dict[str, dict[str, float | None]]:
    """Values by metric and language; None if undefined: null, or not a number."""
    found: dict[str, dict[str, float | None]] = {}
    for entry in entries:
        subset = entry.get("hf_subset") if isinstance(entry, dict) else None
        language = stored_code(subset) if isinstance(subset, str) else ""
        if language not in subsets:
            raise _wrong(path, f"it has a subset {str(subset)[:40]!r}")
        for key, value in entry.items():
            metric = mteb_metric(key)
            if metric is None:
                continue
            if language in found.setdefault(metric, {}):
                raise _wrong(path, f"it has {language} twice")
            try:
                found[metric][language] = _share(value)
            except ValueError as error:
                raise _wrong(path, f"{key} of {language} is {error}") from None
    return found


def _share(value: object) -> float | None:
    """A share of 1, None if it is undefined.

    Raises:
        ValueError: it is neither.
    """
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return None
    if isinstance(value, str) and value.strip().lstrip("+-").casefold() in _UNDEFINED:
        return None
    if type(value) not in {int, float} or not -_ROUNDING <= value <= 1 + _ROUNDING:  # type: ignore[operator]
        raise ValueError(f"{str(value)[:40]}, not a share of 1")
    return min(1.0, max(0.0, float(value)))  # type: ignore[arg-type]


def _wrong(path: Path, reason: str) -> DataError:
    return DataError(
        f"{path} is not an MTEB result: {reason}.",
        "It must be a TASK.json as mteb 1.11 or later writes it.",
    )


def import_mteb(path: Path, run: Run, keep: bool = False) -> MtebResult:
    """Make a run from an MTEB result: its means, as there are no values per query.

    Args:
        path: the JSON.
        run: the run to make, or an imported one to add the task to; its name is the system's.
        keep: refuse to replace means of the same task.

    Raises:
        StateError: a run of that name was made otherwise, or has means that `keep` protects.
        DataError: see `read_mteb`.
    """
    begun = start_import(run, _FORMAT)
    result = read_mteb(path, run.name)
    try:
        there = stored_means(run) or ()
    except DataError as error:
        if keep:
            raise replacing(run, "damaged means") from error
        there = ()
    others = [row for row in there if _task(row) != result.task]
    if keep and len(others) < len(there):
        raise replacing(run, f"means of {result.task}")
    rows = sorted((*others, *result.rows), key=lambda row: list(TASKS).index(_task(row)))
    scores = [asdict(row) for row in rows]
    write_json(run.means, {"format": MEANS_FORMAT, "scores": scores})
    begun.write_config()
    sets = " ".join(dict.fromkeys(row.dataset for row in result.rows))
    begun.log(results=sets, files={path.name: sha256_file(path)})
    return result


def _task(row: Published) -> str:
    """The task of a row, from its source."""
    source = row.source + " ("
    return next((task for task in TASKS if f" of {task} (" in source), next(iter(TASKS)))


def check_named(name: str | None, path: Path) -> str:
    """The run's name: the one given, else the model's folder.

    Raises:
        UsageError: there is neither, or it cannot be a folder's.
    """
    found = name or default_name(path)
    if found is None:
        raise UsageError(
            f"{path} does not say which model it is of.", "Name the run: --name MODEL."
        )
    return check_name(found, "--name")
