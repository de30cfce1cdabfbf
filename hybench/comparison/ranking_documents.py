"""Rankings side by side as sheets and documents.

**json**: ``{"format": 1, "rankings": [...]}``, each with the ``hits`` of every run, and
the ranks of every relevant passage in ``judged`` (null where it was not found). **csv**: one
line per run and hit with the columns of `CSV_COLUMNS`. **md**: the sheets that the terminal shows.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence
from typing import Any

from hybench.comparison.moves import describe_relevant, move_text
from hybench.comparison.rankings import RankedPassage, RankingPair
from hybench.wording.text_table import Entry, Line, Sheet, sheet_markdown

JSON_FORMAT = 1

CSV_COLUMNS = (
    "dataset", "split", "setting", "query_lang", "corpus_lang", "query_id", "run", "rank",
    "passage_lang", "passage_id", "relevant", "text",
)  # fmt: skip
"""``relevant`` is 1 for passages that are judged so, else 0."""


def ranking_sheets(pairs: Sequence[RankingPair], most: int | None = None) -> tuple[Sheet, ...]:
    """A sheet per pair of runs.

    Args:
        pairs: what to show.
        most: ranks; None for all.
    """
    return tuple(_sheet(each, most) for each in pairs)


def _sheet(found: RankingPair, most: int | None) -> Sheet:
    rankings = found.rankings
    before = {(hit.language, hit.id): hit.rank for hit in rankings.left}
    both = len(found.runs) > 1
    pooled = rankings.query[1] == "all"
    lines = []
    for at in range(max(len(rankings.left), len(rankings.right)))[:most]:
        left, right = (
            hits[at] if at < len(hits) else None for hits in (rankings.left, rankings.right)
        )
        moved = ""
        if right is not None and before:
            moved = move_text(before.get((right.language, right.id)), right.rank)
        sides = (_entry(left, pooled), Entry(moved)) if both else ()
        lines.append(Line((Entry(f"{at + 1}"), *sides, _entry(right, pooled))))
    names = (found.runs[0], "", found.runs[1]) if both else found.runs
    against = f" against {found.runs[0]}" if both else ""
    return Sheet(
        f"{found.runs[-1]}{against} · {found.dataset} ({found.split}) · {found.setting} · "
        f"{rankings.query[0]}: {rankings.text}",
        ("#", *names),
        1,
        tuple(lines),
        describe_relevant(rankings.judged, both),
    )


def _entry(hit: RankedPassage | None, pooled: bool) -> Entry:
    if hit is None:
        return Entry("")
    mark = "✓ " if hit.relevant else ""
    return Entry(f"{mark}{hit.language} {hit.text}" if pooled else f"{mark}{hit.text}")


def _records(found: RankingPair) -> list[dict[str, Any]]:
    sides = (found.rankings.left, found.rankings.right)[-len(found.runs) :]
    return [
        {
            "run": run,
            "rank": hit.rank,
            "passage_lang": hit.language,
            "passage_id": hit.id,
            "relevant": int(hit.relevant),
            "text": hit.text,
        }
        for run, hits in zip(found.runs, sides, strict=True)
        for hit in hits
    ]


def _place(found: RankingPair) -> dict[str, Any]:
    language, corpus, query = found.rankings.query
    return {
        "dataset": found.dataset,
        "split": found.split,
        "setting": found.setting,
        "query_lang": language,
        "corpus_lang": corpus,
        "query_id": query,
    }


def _json(pairs: Sequence[RankingPair]) -> str:
    plain = [
        {
            **_place(each),
            "query": each.rankings.text,
            "hits": _records(each),
            "judged": [
                {"passage": name, "ranks": list(ranks)[-len(each.runs) :]}
                for name, *ranks in each.rankings.judged
            ],
        }
        for each in pairs
    ]
    value = {"format": JSON_FORMAT, "rankings": plain}
    return json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def _csv(pairs: Sequence[RankingPair]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, CSV_COLUMNS, lineterminator="\n")
    writer.writeheader()
    for each in pairs:
        place = _place(each)
        writer.writerows({**place, **record} for record in _records(each))
    return text.getvalue()


def _markdown(pairs: Sequence[RankingPair]) -> str:
    return "\n".join(map(sheet_markdown, ranking_sheets(pairs)))


RANKING_FORMATS: dict[str, Callable[[Sequence[RankingPair]], str]] = {
    "md": _markdown,
    "csv": _csv,
    "json": _json,
}
"""The formats of rankings."""
