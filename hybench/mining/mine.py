"""The mining stage: the negatives of a set's training queries, language by language.

Each language's file is written into a working folder beside the result as soon as it is complete. A
mining that was ended there goes on with the next language, and ends with the same files.
"""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl

from hybench.concurrency.progress import Progress, ProgressCallback, ignore
from hybench.data.dataset import Dataset
from hybench.encoders.encoder import Encoder
from hybench.errors import HybenchError, UsageError
from hybench.files.atomic import remove_folder, replacing_file, replacing_folder
from hybench.files.checksums import sha256_file
from hybench.files.documents import read_json, write_json
from hybench.files.locks import holding
from hybench.files.tables import write_table
from hybench.indexes.encoding import TextEncoder, encode_checked
from hybench.indexes.exact.keys import Floats, Rows
from hybench.indexes.exact.results import Wanted
from hybench.mining.miners import Asking, Found, Miner
from hybench.mining.options import MineOptions
from hybench.mining.pool import Passages, positives
from hybench.mining.selection import REASONS, select_negatives
from hybench.negatives.folder import NEGATIVES, SCHEMA, Negatives, NegativesInfo
from hybench.runs.metering import Meter
from hybench.values.languages import check_languages

AT_ONCE = 4096
"""Queries encoded and searched for at a time."""

_DONE = "{}.json"


@dataclass(frozen=True)
class Mining:
    """What a mining works with.

    Attributes:
        dataset: the set.
        passages: what is searched in.
        miner: ranks them.
        encoder: the miner's model; None for BM25.
        info: the manifest, without counts, costs and files.
        options: what is mined.
        teacher: scores the negatives; None for no scores.
        scorer: encodes for the teacher; None for the teacher itself.
        progress: called during the work.
    """

    dataset: Dataset
    passages: Passages
    miner: Miner
    encoder: Encoder | None
    info: NegativesInfo
    options: MineOptions
    teacher: Encoder | None = None
    scorer: TextEncoder | None = None
    progress: ProgressCallback = ignore

    def mine(self, path: Path) -> Negatives:
        """Mine into the folder `path`, or go on with a mining that was ended.

        Raises:
            StateError: the folder cannot be written, or another process mines into it.
            DataError: the model gives NaN or infinity, or a file is damaged.
        """
        work = path.with_name(f".{path.name}.mining")
        with holding(path.with_name(f".{path.name}.lock"), f"the negatives {path.name}"):
            done = self._begun(work)
            for language in self.passages.pools:
                if language not in done:
                    self._mine(work, language)
            self._finish(work, path)
        return Negatives.open(path)

    def _begun(self, work: Path) -> set[str]:
        """The languages that are complete in the working folder; it is made anew for another
        request.
        """
        request = {"request": self.info.request}
        try:
            same = read_json(work / NEGATIVES) == request
        except HybenchError:
            same = False
        if not same:
            if work.exists():
                remove_folder(work)
            write_json(work / NEGATIVES, request)
        return {
            language
            for language in self.passages.pools
            if (work / _DONE.format(language)).is_file()
        }

    def _mine(self, work: Path, language: str) -> None:
        meter = Meter(*(one for one in (self.encoder, self.teacher) if one is not None))
        pairs = self.dataset.pairs(language).select("pair_id", "query", "passage")
        rows, counts = [pl.DataFrame(schema=SCHEMA)], dict.fromkeys(REASONS, 0)
        parts = [pairs.slice(start, AT_ONCE) for start in range(0, pairs.height, AT_ONCE)]
        searched = searched_languages(language, tuple(self.passages.pools), self.options.negatives)
        asked = [
            Asking(part["query"].to_list(), self._wanted(part["pair_id"], {language, *searched}))
            for part in parts
        ]
        searches = self.miner.search(asked, language, searched, self.options.depth)
        for number, (part, each) in enumerate(zip(parts, asked, strict=True)):
            self.progress(Progress(f"mine {language}", number * AT_ONCE, pairs.height, "queries"))
            table, found = self._mine_part(language, part, each.wanted, next(searches))
            rows.append(table)
            counts = {name: counts[name] + found[name] for name in REASONS}
        table = pl.concat(rows)
        with replacing_file(work / f"{language}.parquet") as temporary:
            write_table(temporary, table)
        enough = table.group_by("pair_id").len().filter(pl.col("len") >= self.options.count).height
        own = {"queries": pairs.height, "negatives": table.height, "short": pairs.height - enough}
        write_json(
            work / _DONE.format(language), {"counts": own | counts, "costs": [asdict(meter.cost())]}
        )

    def _mine_part(
        self, language: str, pairs: pl.DataFrame, wanted: Wanted, found: Found
    ) -> tuple[pl.DataFrame, dict[str, int]]:
        passages, options = self.passages, self.options
        against = self._positive(pairs.height, language, wanted, found.wanted)
        places = passages.answers.places(pairs["pair_id"])
        selected = select_negatives(passages, places, found, against, options)
        hits = selected.hits
        margin = pl.col("positive_score") - pl.col("score")
        chosen = self._every[hits["row"].to_numpy()]
        table = hits.with_columns(
            margin=margin,
            relative_margin=margin / pl.col("positive_score").abs(),
            pair_id=pairs["pair_id"].gather(hits["query"]),
        ).hstack(chosen)
        scored = self._taught(language, pairs, hits["query"].to_numpy(), chosen)
        return table.with_columns(**scored).select(
            pl.col(name).cast(kind) for name, kind in SCHEMA.items()
        ), selected.counts

    @cached_property
    def _every(self) -> pl.DataFrame:
        """All passages, by row."""
        return pl.concat(
            pool.passages.select(
                "passage_id",
                "source_id",
                pl.lit(language).alias("language"),
                passage="text",
            )
            for language, pool in self.passages.pools.items()
        )

    @cached_property
    def _positives(self) -> pl.DataFrame:
        """Where the passages of each query are: pair_id (of the query), language and row."""
        at = positives(self.dataset, tuple(self.passages.pools), self.passages.pools)
        start = pl.col("language").replace_strict(dict(self.passages.starts), return_dtype=pl.Int64)
        answers = self.passages.answers
        keys = pl.DataFrame(
            {
                "pair_id": answers.pair_ids.gather(
                    np.repeat(np.arange(len(answers.pair_ids)), np.diff(answers.pair_keys.starts))
                ),
                "key": answers.pair_keys.values,
            }
        )
        with_key = at.with_columns(row=pl.col("place") + start).join(keys, on="pair_id")
        return with_key.drop("pair_id").join(keys, on="key").unique(["pair_id", "language", "row"])

    def _wanted(self, pair_ids: pl.Series, languages: set[str]) -> Wanted:
        """The queries' own passages in some languages."""
        asked = pair_ids.to_frame().with_row_index("query")
        own = self._positives.filter(pl.col("language").is_in(sorted(languages)))
        found = asked.join(own, on="pair_id").sort("query", "row")
        return Wanted(
            found["query"].cast(pl.Int64).to_numpy(), found["row"].cast(pl.Int64).to_numpy()
        )

    def _positive(self, queries: int, language: str, wanted: Wanted, scores: Floats) -> Floats:
        """The lowest score of each query's passages by language, float32 [q, languages]; that of
        the query's language where a language has none.
        """
        starts = np.array([*self.passages.starts.values()])
        column = np.searchsorted(starts, wanted.rows, side="right") - 1
        lowest = np.full((queries, len(starts)), np.inf, np.float32)
        np.fmin.at(lowest, (wanted.queries, column), scores)
        lowest[np.isinf(lowest)] = np.nan
        own = lowest[:, [*self.passages.pools].index(language)]
        return np.where(np.isnan(lowest), own[:, None], lowest)

    def _taught(
        self, language: str, pairs: pl.DataFrame, queries: Rows, negatives: pl.DataFrame
    ) -> dict[str, pl.Series | pl.Expr]:
        """The teacher's scores of negatives and positives; nulls without a teacher."""
        teacher = self.scorer or self.teacher
        if teacher is None:
            none = pl.lit(None, pl.Float32)
            return {"teacher_score": none, "teacher_positive": none}
        asked = encode_checked(teacher, pairs["query"].to_list(), "query", language)
        own = encode_checked(teacher, pairs["passage"].to_list(), "passage", language)
        scores = np.empty(negatives.height, np.float32)
        for code in sorted(set(negatives["language"])):
            at = np.flatnonzero((negatives["language"] == code).to_numpy())
            texts = negatives["passage"].gather(at)
            once = texts.unique(maintain_order=True)
            place = dict(zip(once, range(len(once)), strict=True))
            others = encode_checked(teacher, once.to_list(), "passage", code)
            rows = np.array([place[text] for text in texts], np.int64)
            scores[at] = np.einsum("ij,ij->i", asked[queries[at]], others[rows])
        best = np.einsum("ij,ij->i", asked, own)
        return {"teacher_score": pl.Series(scores), "teacher_positive": pl.Series(best[queries])}

    def _finish(self, work: Path, path: Path) -> None:
        languages = [*self.passages.pools]
        done = {language: read_json(work / _DONE.format(language)) for language in languages}
        with replacing_folder(path, NEGATIVES) as folder:
            files = {}
            for language in languages:
                file = folder / f"{language}.parquet"
                os.link(work / file.name, file)
                files[file.name] = sha256_file(file)
            info = replace(
                self.info,
                counts={language: done[language]["counts"] for language in languages},
                costs={language: done[language]["costs"] for language in languages},
                files=files,
            )
            write_json(folder / NEGATIVES, info.to_json())
        remove_folder(work)


def searched_languages(
    language: str, languages: tuple[str, ...], negatives: str
) -> tuple[str, ...]:
    """The languages that a query's negatives may be in."""
    if negatives == "same":
        return (language,)
    return tuple(each for each in languages if negatives == "any" or each != language)


def mined_languages(dataset: Dataset, options: MineOptions) -> tuple[str, ...]:
    """The languages whose pairs' queries are mined for, sorted.

    Raises:
        UsageError: the set has no pairs, or none in a language; or only one, and negatives are to
            be in others.
    """
    known = dataset.table_languages("pairs")
    if not known:
        raise UsageError(
            f"Data set {dataset.name} has no training pairs to mine negatives for.",
            "Name a set with pairs: hybench prepare --list.",
        )
    chosen = known
    if options.languages is not None:
        chosen = check_languages(options.languages, known, "--languages")
    if len(chosen) == 1 and options.negatives == "other":
        raise UsageError(
            f"--negatives other: {chosen[0]} is the only language.",
            "Use --negatives same, or more languages.",
        )
    return chosen
