"""Published scores: the table in the package, and the means of imported runs.

``published.csv`` has a row for each data set, split, setting, metric, system and source, and a
column for each language; ``mean`` is an average that was published as such. It holds only facts,
copied verbatim; ``python -m tools.published_scores`` makes it.
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import lru_cache
from importlib import resources
from typing import Any, NoReturn

from hybench.errors import DataError, UsageError
from hybench.files.documents import read_json
from hybench.runs.run import Run
from hybench.values.checks import one_of
from hybench.values.languages import stored_codes
from hybench.values.typed import from_json

MEAN = "mean"
"""Takes a language's place where an average was published."""

MEANS_FORMAT = 1

_KEYS = ("dataset", "split", "setting", "metric", "system", "source")


@dataclass(frozen=True)
class Published:
    """The scores of one system in one source: means over the queries of each language.

    Attributes:
        dataset: its published name: ``miracl``, ``xquad-r``, ``mlqa-r``.
        split: of the queries.
        setting: mono, cross or multi.
        metric: as ir_measures names it.
        system: the evaluated system.
        source: where the scores were published.
        values: by query language; under `MEAN` an average over all of them.
    """

    dataset: str
    split: str
    setting: str
    metric: str
    system: str
    source: str
    values: dict[str, float]

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that have a value, sorted."""
        return tuple(sorted(set(self.values) - {MEAN}))


Rows = tuple[Published, ...]


@lru_cache
def published_table() -> tuple[Published, ...]:
    """The table in the package, in its order."""
    text = (resources.files(__package__) / "published.csv").read_text(encoding="utf-8")
    return tuple(
        Published(
            **{key: row.pop(key) for key in _KEYS},
            values={language: float(value) for language, value in row.items() if value},
        )
        for row in csv.DictReader(text.splitlines())
    )


def read_means(run: Run) -> tuple[Published, ...] | None:
    """The means of an imported run that has no values per query; None for any other run.

    The same metric of a set in several files is one row, with the first file's values.

    Raises:
        DataError: the file is not what importing writes.
    """
    rows = stored_means(run)
    if rows is None:
        return None
    found: dict[tuple[str, ...], Published] = {}
    for row in rows:
        key = (row.dataset, row.split, row.setting, row.metric, row.system)
        first = found.setdefault(key, row)
        if set(row.values) - set(first.values):
            source = f"{first.source}; {row.source}"
            found[key] = replace(first, source=source, values=row.values | first.values)
    return tuple(found.values())


def stored_means(run: Run) -> tuple[Published, ...] | None:
    """The means of an imported run by file; None for any other run.

    Raises:
        DataError: the file is not what importing writes.
    """
    path, again = run.means, "Import it again, with --force."
    if not path.is_file():
        return None
    value = read_json(path)
    scores = value.get("scores")
    if value.get("format") != MEANS_FORMAT or not isinstance(scores, list):
        raise DataError(f"{path} has another layout than {MEANS_FORMAT}.", again)
    found = tuple(from_json(Published, each, path, again) for each in scores)
    if not all(math.isfinite(value) for each in found for value in each.values.values()):
        raise DataError(f"{path}: a score is not a number.", again)
    return found


def select(
    table: Iterable[Published],
    dataset: str | None = None,
    systems: Sequence[str] = (),
    languages: Sequence[str] = (),
    metric: str | None = None,
) -> tuple[Published, ...]:
    """The requested rows; names are compared without case.

    Args:
        table: to select from.
        dataset: data set, ``@split`` or not; None for all.
        systems: parts of names, any of which a system must have; empty for all.
        languages: codes, or `MEAN`, to keep; empty for all.
        metric: as ir_measures names it, or as MTEB does (``ndcg_at_10``); None for all.

    Raises:
        UsageError: nothing is left; the message lists what there is.
    """
    rows = tuple(table)
    if dataset is not None:
        rows = _of_dataset(rows, dataset)
    if metric is not None:
        rows = _in_metric(rows, metric)
    if systems:
        rows = _of_systems(rows, systems)
    return _in_languages(rows, stored_codes(languages)) if languages else rows


def _of_dataset(rows: Rows, dataset: str) -> Rows:
    name, _, split = dataset.casefold().partition("@")
    found = tuple(row for row in rows if row.dataset == name and split in {"", row.split})
    return found or _refuse("--dataset", dataset, (f"{row.dataset}@{row.split}" for row in rows))


def _in_metric(rows: Rows, metric: str) -> Rows:
    wanted = (mteb_metric(metric) or metric).casefold()
    found = tuple(row for row in rows if row.metric.casefold() == wanted)
    return found or _refuse("--metric", metric, (row.metric for row in rows))


def _refuse(flag: str, name: str, known: Iterable[str]) -> NoReturn:
    choices = " ".join(dict.fromkeys(known))
    raise UsageError(f"{flag}: no published scores of {name!r}.", f"Choose: {choices}.")


def _of_systems(rows: Rows, systems: Sequence[str]) -> Rows:
    parts = {system: system.casefold() for system in systems}
    for system, part in parts.items():
        if not any(part in row.system.casefold() for row in rows):
            raise _unknown("--system", system, {row.system for row in rows})
    return tuple(
        row for row in rows if any(part in row.system.casefold() for part in parts.values())
    )


def _in_languages(rows: Rows, languages: Sequence[str]) -> Rows:
    known = {language for row in rows for language in row.values}
    for language in languages:
        if language not in known:
            raise UsageError(
                f"--languages: no scores in {language!r} here.",
                f"Known: {' '.join(sorted(known))}.",
            )
    kept = (
        replace(row, values={code: row.values[code] for code in row.values if code in languages})
        for row in rows
    )
    return tuple(row for row in kept if row.values)


def find_system(name: str, table: Iterable[Published]) -> str:
    """The one system that a name matches: in full, as its beginning, or as a part.

    Raises:
        UsageError: it matches none, or several.
    """
    systems = sorted({row.system for row in table})
    wanted = name.casefold()
    for fits in (str.__eq__, str.startswith, str.__contains__):
        found = [system for system in systems if fits(system.casefold(), wanted)]
        if len(found) == 1:
            return found[0]
        if found:
            raise UsageError(
                f"--published: {name!r} matches {len(found)} systems.",
                f"Choose one: {', '.join(found)}.",
            )
    raise _unknown("--published", name, systems)


def _unknown(flag: str, name: str, systems: Iterable[str]) -> UsageError:
    by_name = {system.casefold(): system for system in systems}
    by_name |= {folded.partition(":")[2]: system for folded, system in by_name.items()}
    close = [by_name[each] for each in get_close_matches(name.casefold(), by_name, 5, 0.5)]
    near = f" Similar names: {', '.join(dict.fromkeys(close))}." if close else ""
    return UsageError(
        f"{flag}: no system {name!r} in the table of published scores.",
        f"hybench published lists them.{near}",
    )


_MTEB_NAMES = {"ndcg": "nDCG", "recall": "R", "precision": "P", "map": "AP", "mrr": "RR"}


def mteb_metric(name: str) -> str | None:
    """MTEB's name of a metric as ir_measures writes it: ``recall_at_100`` is ``R@100``."""
    stem, at, cutoff = name.casefold().partition("_at_")
    if not at or stem not in _MTEB_NAMES or not cutoff.isdecimal():
        return None
    return f"{_MTEB_NAMES[stem]}@{int(cutoff)}"


RECORD = ("dataset", "split", "setting", "metric", "system", "language", "value", "source")
"""The fields of `published_records`."""


def published_document(rows: Sequence[Published], shape: str) -> str:
    """The values as ``json`` or ``csv``.

    Raises:
        UsageError: there is no such format.
    """
    one_of("--format", shape, ("json", "csv"))
    if shape == "json":
        scores = {"format": 1, "scores": published_records(rows)}
        return json.dumps(scores, ensure_ascii=False, indent=2) + "\n"
    text = io.StringIO()
    writer = csv.DictWriter(text, RECORD, lineterminator="\n")
    writer.writeheader()
    writer.writerows(published_records(rows))
    return text.getvalue()


def published_records(rows: Sequence[Published]) -> list[dict[str, Any]]:
    """A record per value, in the metric's own unit, not ×100."""
    return [
        {name: getattr(row, name, None) for name in RECORD} | {"language": language, "value": value}
        for row in rows
        for language, value in row.values.items()
    ]
