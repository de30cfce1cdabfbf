"""The texts of passages, by id, for display."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import polars as pl

from hybench.data.dataset import Dataset
from hybench.data.schema import passage_text_expression


def passage_texts(
    dataset: Dataset, ids: Mapping[str, Collection[str]]
) -> dict[tuple[str, str], str]:
    """Titles and texts of passages by language and id; missing ones are omitted.

    Args:
        dataset: the set.
        ids: the ids of the passages, by language.

    Raises:
        DataError: a table of the set is missing or damaged.
    """
    by_id: dict[tuple[str, str], str] = {}
    for language in ids.keys() & {*dataset.table_languages("passages")}:
        rows = dataset.scan("passages", language).filter(
            pl.col("passage_id").is_in(sorted(ids[language]))
        )
        texts = rows.select("passage_id", passage_text_expression().alias("text")).collect()
        by_id |= {(language, name): text for name, text in texts.iter_rows()}
    return by_id
