"""A glossary as a source: terms are queries, their definitions the passages that answer them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from hybench.concurrency.progress import ProgressCallback
from hybench.data.download import hash_files
from hybench.data.lines import fail_line, read_lines
from hybench.data.manifest import DatasetInfo
from hybench.data.sources import SourceKind
from hybench.data.writer import DatasetWriter
from hybench.errors import UsageError
from hybench.values.checks import within
from hybench.values.languages import check_languages
from hybench.values.options import languages_option, option

COLUMNS = ["id", "language", "term", "definition"]


@dataclass(frozen=True)
class Glossary:
    """A table of terms and definitions; an id is the same in all languages.

    Attributes:
        file: lines of id, language, term and definition, separated by tabs.
        languages: codes to prepare, None for all that the file has.
        held_out: one id in so many is a test query in all its languages; the others are training
            pairs.
    """

    file: Path = option("Lines of id, language, term, definition, with tabs.", argument="FILE")
    languages: tuple[str, ...] | None = languages_option()
    held_out: int = option("One term in so many is a test query.", 4)

    def __post_init__(self) -> None:
        within("--held-out", self.held_out, 2, 10**6)

    def _rows(self) -> pl.DataFrame:
        if not self.file.is_file():
            raise UsageError(f"There is no file {self.file}.", "Check the path.")
        rows = []
        for number, line in read_lines(self.file):
            row = line.rstrip("\n").split("\t")
            if len(row) != len(COLUMNS):
                fail_line(self.file, number, f"has {len(row)} columns", "Give it four.")
            rows.append(row)
        table = pl.DataFrame(rows, COLUMNS, orient="row")
        known = table["language"].unique().to_list()
        chosen = check_languages(self.languages or known, known, "--languages")
        return table.filter(pl.col("language").is_in(list(chosen)))

    def describe(self, progress: ProgressCallback) -> DatasetInfo:
        """See `hybench.data.preparation.Source`."""
        languages = tuple(sorted(self._rows()["language"].unique()))
        return DatasetInfo(
            name=self.file.stem,
            source="glossary",
            revision="local file",
            licence="not stated",
            languages=languages,
            settings=("mono", "cross", "multi") if len(languages) > 1 else ("mono",),
            metrics=("nDCG@10", "R@10"),
            depth=None,
            options={"held_out": self.held_out},
            inputs=hash_files({self.file.name: self.file}, progress),
        )

    def write(self, writer: DatasetWriter, progress: ProgressCallback) -> None:
        """See `hybench.data.preparation.Source`."""
        table = self._rows()
        tested = table["id"].unique().sort().gather_every(self.held_out).implode()
        key = pl.col("id")
        for (language,), rows in table.group_by("language", maintain_order=True):
            passages = rows.select(
                passage_id=key, title=pl.col("term"), text=pl.col("definition"), source_id=key
            )
            queries = rows.filter(key.is_in(tested)).select(
                query_id=key, text=pl.col("term"), source_id=key, split=pl.lit("test")
            )
            pairs = rows.filter(~key.is_in(tested)).select(
                pair_id=key,
                query_source_id=pl.format("term {}", key),
                source_id=key,
                query=pl.col("term"),
                passage=pl.col("definition"),
            )
            answers = table.filter(key.is_in(queries["query_id"].implode())).select(
                query_id=key,
                passage_lang=pl.col("language"),
                passage_id=key,
                relevance=pl.lit(1, pl.Int32),
            )
            writer.write("passages", str(language), passages)
            writer.write("queries", str(language), queries)
            writer.write("qrels", str(language), answers)
            writer.write("pairs", str(language), pairs)


SOURCE = SourceKind("A glossary: terms and their definitions, in parallel.", Glossary)
