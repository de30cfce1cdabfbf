"""Makes ``hybench/importing/published.csv`` of a long table of published scores.

``python -m tools.published_scores [LONG.csv]``; LONG.csv has the columns dataset, system, lang,
metric, value and source, with names as their sources have them. Values are copied as they stand.
"""

from __future__ import annotations

import csv
import re
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LONG = ROOT.parent / "shared" / "data" / "published" / "published.csv"
WIDE = ROOT / "hybench" / "importing" / "published.csv"

DATASETS = {
    "miracl-dev": ("miracl", "dev"),
    "xquad-r": ("xquad-r", "test"),
    "mlqa-r": ("mlqa-r", "test"),
}
"""Name in the long table to data set and split."""

METRICS = {
    "ndcg_at_10": ("mono", "nDCG@10"),
    "recall_at_100": ("mono", "R@100"),
    "map_monolingual": ("mono", "AP"),
    "map_crosslingual": ("cross", "AP"),
    "map_multilingual": ("multi", "AP"),
    "max_rank_distance": ("multi", "RankDistance"),
}
"""Name in the long table to setting and metric."""

KEYS = ("dataset", "split", "setting", "metric", "system", "source")
MEAN = "mean"


def short_source(source: str, language: str) -> str:
    """The source without what is said elsewhere: the language, and where a copy was kept."""
    source = re.sub(r"; stored copy [^)]*| \(stored copy [^)]*\)", "", source)
    return source.removesuffix(f".{language}")


def widen(rows: Iterable[dict[str, str]]) -> tuple[list[str], list[dict[str, str]]]:
    """One row by data set, setting, metric, system and source, with a column by language.

    Returns:
        The columns, and the rows sorted.
    """
    wide: dict[tuple[str, ...], dict[str, str]] = defaultdict(dict)
    for row in rows:
        setting, metric = METRICS[row["metric"]]
        source = short_source(row["source"], row["lang"])
        cells = wide[*DATASETS[row["dataset"]], setting, metric, row["system"], source]
        if row["lang"] in cells:
            raise SystemExit(f"Two values of one source: {row}")
        cells[row["lang"]] = row["value"]
    languages = sorted({language for cells in wide.values() for language in cells} - {MEAN})
    made = [dict(zip(KEYS, key, strict=True)) | cells for key, cells in sorted(wide.items())]
    return [*KEYS, *languages, MEAN], made


def main() -> None:
    """Read the long table, write the wide one."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else LONG
    with path.open(encoding="utf-8", newline="") as file:
        columns, rows = widen(csv.DictReader(file))
    with WIDE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
