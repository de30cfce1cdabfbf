"""A set of three languages in which everything awkward happens, and its runs."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from hybench.data.dataset import Dataset
from tests.indexes.fakes import FrameSource, passages, prepared, qrels, queries

LANGUAGES = ("en", "sw", "yo")
WORDS = ("sun", "moon", "rain", "river", "stone", "bird")


def tiny_source(depth: int | None = None) -> FrameSource:
    """Six facts in three languages; passage ids are the same in all, and equal to query ids."""
    tables: dict[str, dict[str, pl.DataFrame]] = {"passages": {}, "queries": {}, "qrels": {}}
    for language in LANGUAGES:
        # The word shared by all languages is what a cross-lingual retriever can go by.
        texts = {
            f"{place}#0": f"{word} {language}{word} {language}" for place, word in enumerate(WORDS)
        }
        extra = {f"x{place}": f"{language} {WORDS[place % 6]}" for place in range(12)}
        tables["passages"][language] = passages(texts | extra)
        asked = queries({f"{place}#0": f"{word} {language}" for place, word in enumerate(WORDS)})
        never = queries({"unjudged": f"{language} bird"})
        other = queries({"dev": f"{language} moon"}, split="dev")
        tables["queries"][language] = pl.concat([asked, never, other])
        rows = [
            (f"{place}#0", other_language, f"{place}#0", 1 + (language == other_language))
            for place in range(5)
            for other_language in LANGUAGES
        ]
        rows += [
            ("0#0", language, "1#0", 0),
            ("5#0", language, "5#0", 0),
            ("dev", language, "x1", 1),
        ]
        tables["qrels"][language] = qrels(*rows)
    return FrameSource(tables, depth=depth)


def tiny_dataset(root: Path, depth: int | None = None) -> Dataset:
    """The set, prepared."""
    return prepared(root / "data", tiny_source(depth))
