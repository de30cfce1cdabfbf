"""Passages as people read them, by their ids."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import polars as pl

from hybench.data.dataset import Dataset
from hybench.data.schema import passage_text_expression


def passage_texts(
    dataset: Dataset, ids: Mapping[str, Collection[str]]
) -> dict[tuple[str, str], str]:
    """Titles and texts of passages by language and id, of those that are there.

    Args:
        dataset: the set.
        ids: of the passages wanted, by language.

    Raises:
        DataError: a table of the set is missing or damaged.
    """
    found: dict[tuple[str, str], str] = {}
    for language in ids.keys() & {*dataset.table_languages("passages")}:
        rows = dataset.scan("passages", language).filter(
            pl.col("passage_id").is_in(sorted(ids[language]))
        )
        texts = rows.select("passage_id", passage_text_expression().alias("text")).collect()
        found |= {(language, name): text for name, text in texts.iter_rows()}
    return found
