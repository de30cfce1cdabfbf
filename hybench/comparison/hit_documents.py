"""Hits of one run or several for a text, and which of them are judged relevant, as documents.

**json**: a list of hits; **csv**: a line each; **md**: a table. Of one run, a hit has rank,
language, id, score and text; of several, the columns of `CSV_COLUMNS`.
"""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from hybench.wording.text_table import Entry, Line, Sheet, sheet_markdown

if TYPE_CHECKING:
    from hybench.data.dataset import Dataset
    from hybench.hits import Hit

CSV_COLUMNS = ("run", "rank", "score", "language", "id", "relevant", "text")
"""``relevant`` is 1 or 0, and empty if the text is none of the set's queries."""

Place = tuple[str, str]
"""A passage's language and id."""


@dataclass(frozen=True)
class RunHits:
    """What one run found.

    Attributes:
        run: its name.
        hits: the best first.
    """

    run: str
    hits: tuple[Hit, ...]


@dataclass(frozen=True)
class FoundHits:
    """What runs found for one text.

    Attributes:
        query: the text.
        dataset: the set's name.
        runs: of each its hits.
        gold: passages that are judged relevant; None if the text is none of the set's queries.
    """

    query: str
    dataset: str
    runs: tuple[RunHits, ...]
    gold: frozenset[Place] | None = None


def gold_of(dataset: Dataset, text: str) -> frozenset[Place] | None:
    """The passages that are relevant for the set's queries of this text, whatever their case and
    spaces; None where it has no such query.

    Raises:
        DataError: a table of the set is missing or damaged.
    """
    import polars as pl

    wanted = " ".join(unicodedata.normalize("NFC", text).lower().split())
    plain = pl.col("text").str.normalize("NFC").str.to_lowercase().str.replace_all(r"\s+", " ")
    places: set[Place] = set()
    known = False
    for language in dataset.table_languages("queries"):
        queries = dataset.queries(language).filter(plain.str.strip_chars() == wanted)
        if queries.is_empty():
            continue
        known = True
        judged = dataset.qrels(language).filter(
            pl.col("query_id").is_in(queries["query_id"].to_list()) & (pl.col("relevance") > 0)
        )
        places.update(judged.select("passage_lang", "passage_id").iter_rows())
    return frozenset(places) if known else None


def _records(found: FoundHits) -> list[dict[str, Any]]:
    if len(found.runs) == 1:
        return [asdict(hit) for hit in found.runs[0].hits]
    return [
        {
            "run": each.run,
            "rank": hit.rank,
            "score": round(hit.score, 6),
            "language": hit.language,
            "id": hit.id,
            "relevant": None if found.gold is None else (hit.language, hit.id) in found.gold,
            "text": hit.text,
        }
        for each in found.runs
        for hit in each.hits
    ]


def _json(found: FoundHits) -> str:
    return json.dumps(_records(found), ensure_ascii=False, indent=2) + "\n"


def _csv(found: FoundHits) -> str:
    text = io.StringIO()
    one = len(found.runs) == 1
    columns = ("rank", "language", "id", "score", "text") if one else CSV_COLUMNS
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    for record in _records(found):
        good = record.get("relevant")
        writer.writerow(record if good is None else {**record, "relevant": int(good)})
    return text.getvalue()


def _markdown(found: FoundHits) -> str:
    names = " and ".join(each.run for each in found.runs)
    marked = found.gold is not None
    lines = tuple(
        Line(
            (
                *([Entry(each.run)] if len(found.runs) > 1 else ()),
                Entry(str(hit.rank)),
                Entry(hit.language),
                Entry(hit.id),
                Entry(f"{hit.score:.3f}"),
                *([Entry("✓" * ((hit.language, hit.id) in (found.gold or ())))] if marked else ()),
                Entry(hit.text),
            )
        )
        for each in found.runs
        for hit in each.hits
    )
    header = ("#", "lang", "passage", "score", *(["relevant"] if marked else ()), "text")
    several = ("run",) if len(found.runs) > 1 else ()
    columns = (*several, *header)
    title = f"{found.query} · {names} on {found.dataset}"
    return sheet_markdown(Sheet(title, columns, len(columns), lines))


HIT_FORMATS: dict[str, Callable[[FoundHits], str]] = {"md": _markdown, "csv": _csv, "json": _json}
"""The formats of hits."""
