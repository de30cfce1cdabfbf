"""Write a data set, with the same checks for every source."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack, closing
from pathlib import Path

import polars as pl

from hybench.data.lines import CONTROL, Problems
from hybench.data.repeats import IdHashes, repeated_ids
from hybench.data.schema import TABLES
from hybench.errors import DataError
from hybench.files.checksums import sha256_file
from hybench.files.tables import TableWriter, scan_table

KEYS = {"passages": "passage_id", "queries": "query_id", "pairs": "pair_id"}
"""The id column of tables whose ids are unique within a language."""


class DatasetWriter:
    """Writes the tables of one set into a folder, and checks them together.

    A source calls `write` once per table and language; the passages of a large corpus may come as
    an iterable of frames, of which one is held in memory at a time.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.counts: dict[str, dict[str, int]] = {table: {} for table in TABLES}
        self.left_out = Problems()
        """Faults of the source's lines that were skipped."""
        self.settings: tuple[str, ...] | None = None
        """Settings that apply to what was written; None for those that the source described."""
        self._repeated: dict[tuple[str, str], list[str]] = {}

    def write(
        self, table: str, language: str, frames: pl.DataFrame | Iterable[pl.DataFrame]
    ) -> None:
        """Write all rows of one table in one language; without rows no file is written.

        Args:
            table: a name in `TABLES`.
            language: ISO 639-1 code of the rows.
            frames: the rows, with at least the table's columns.

        Raises:
            DataError: a row has an empty id, or one with a character of `lines.CONTROL`.
        """
        path = self.folder / table / f"{language}.parquet"
        rows = 0
        key, hashes = KEYS.get(table), IdHashes(self.folder)
        sink: TableWriter | None = None
        with closing(hashes), ExitStack() as opened:
            for frame in [frames] if isinstance(frames, pl.DataFrame) else frames:
                if frame.is_empty():
                    continue
                if key is not None:
                    _check_ids(frame[key], f"{table} ({language})")
                    hashes.add(frame[key])
                if sink is None:
                    path.parent.mkdir(parents=True, exist_ok=True)
                    sink = TableWriter(path, TABLES[table])
                    opened.callback(sink.close)
                sink.write(frame)
                rows += frame.height
            suspects = hashes.repeated()
        if rows:
            self.counts[table][language] = rows
        if key is not None and rows:
            self._repeated[table, language] = repeated_ids(path, key, suspects)

    def repeated(self, table: str, language: str) -> list[str]:
        """The ids that several written rows have, sorted."""
        return self._repeated.get((table, language), [])

    def _scan(self, table: str, language: str) -> pl.LazyFrame:
        return scan_table(self.folder / table / f"{language}.parquet")

    def check(self) -> None:
        """Check the tables together.

        Raises:
            DataError: nothing was written, an id repeats or is empty, or a judgement names a query
                or passage that does not exist.
        """
        if not any(self.counts.values()):
            raise DataError("The source is empty.", "Check the folder, languages and splits.")
        for (table, language), repeated in self._repeated.items():
            if repeated:
                raise DataError(
                    f"{table} ({language}): {KEYS[table]} {repeated[0]!r} is in more than one row.",
                    "Ids must be unique within a language: remove or rename the repeats.",
                )
        for language in self.counts["qrels"]:
            self._check_qrels(language)

    def _check_qrels(self, language: str) -> None:
        qrels = self._scan("qrels", language)
        if language not in self.counts["queries"]:
            raise DataError(
                f"qrels ({language}): there are judgements but no queries.", "Add the queries."
            )
        queries = self._scan("queries", language).select("query_id")
        stray = qrels.join(queries, on="query_id", how="anti").select("query_id").head(1).collect()
        if stray.height:
            raise DataError(
                f"qrels ({language}): query {stray.item()!r} is judged but not among the queries.",
                "Topics and qrels must be of the same split and version.",
            )
        for (passage_lang,) in (
            qrels.select("passage_lang").unique().sort("passage_lang").collect().iter_rows()
        ):
            judged = qrels.filter(pl.col("passage_lang") == passage_lang).select(
                "query_id", "passage_id"
            )
            if passage_lang not in self.counts["passages"]:
                lost = judged.head(1).collect()
            else:
                # Streamed, and the corpus joined with the judgements: it may not fit in memory.
                wanted = judged.select("passage_id").unique().collect()
                pool = self._scan("passages", passage_lang).select("passage_id")
                present = pool.join(wanted.lazy(), on="passage_id", how="semi").collect(
                    engine="streaming"
                )
                lost = judged.join(present.lazy(), on="passage_id", how="anti").head(1).collect()
            if lost.height:
                query_id, passage_id = lost.row(0)
                raise DataError(
                    f"qrels ({language}): passage {passage_id!r}, judged for query {query_id!r}, "
                    f"is not in the {passage_lang} corpus.",
                    "The corpus is incomplete or of another version: fetch all its files again.",
                )

    def file_digests(self) -> dict[str, str]:
        """SHA-256 of every table file by its relative path, sorted."""
        files = sorted(self.folder.rglob("*.parquet"))
        return {file.relative_to(self.folder).as_posix(): sha256_file(file) for file in files}

    def split_counts(self) -> dict[str, dict[str, int]]:
        """Queries by split and language."""
        counts: dict[str, dict[str, int]] = {}
        for language in self.counts["queries"]:
            rows = self._scan("queries", language).group_by("split").len().sort("split").collect()
            for split, number in rows.iter_rows():
                counts.setdefault(split, {})[language] = number
        return counts


def _check_ids(ids: pl.Series, where: str) -> None:
    if ids.is_null().any() or (ids == "").any():
        raise DataError(f"{where}: a row has an empty {ids.name}.", "Give it an id.")
    unfit = ids.filter(ids.str.contains(CONTROL.pattern))
    if len(unfit):
        raise DataError(
            f"{where}: {ids.name} {unfit[0]!r} has a control or invisible character.",
            "Change the id: the field's file formats cannot represent it.",
        )
