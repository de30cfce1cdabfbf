"""Imports TREC runs of other systems: their rankings, scored query by query like ours."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from hybench.concurrency.progress import Progress, ProgressCallback, ignore
from hybench.data.dataset import Dataset
from hybench.data.schema import SETTINGS
from hybench.errors import DataError
from hybench.evaluation.plan import Plan
from hybench.evaluation.results import (
    RANKINGS,
    RELEVANT,
    ResultsInfo,
    replacing_results,
    replacing_table,
    results_key,
    write_results,
)
from hybench.evaluation.retrieval import Retrieved
from hybench.evaluation.scope import deeper_cutoff, metric_ends
from hybench.evaluation.settings import ALL
from hybench.evaluation.table_rows import TableRows, table_rows
from hybench.files.checksums import sha256_file
from hybench.files.documents import sha256_json
from hybench.importing.new_run import refuse_replacing, start_import
from hybench.importing.trec_files import TrecFile, plan_of_qrels, plan_of_set
from hybench.importing.trec_reading import read_run
from hybench.metrics.bias import missing_rank
from hybench.metrics.measure import parse_metric
from hybench.metrics.scoring import rank_hits
from hybench.runs.run import IMPORTED, Run
from hybench.values.names import check_name
from hybench.version import __version__

METRICS = ("nDCG@10", "R@100", "AP")
"""Default metrics for rankings of sets that are not prepared here."""


@dataclass(frozen=True)
class ImportOptions:
    """The data set and queries of imported rankings.

    Attributes:
        dataset: the prepared set that was searched; its judgements and metrics are used. None: the
            files' own judgements.
        name: of the set if none is prepared.
        split: of the queries; None for the set's own, or test.
        metrics: in addition to a prepared set's own; empty for `METRICS` if none is prepared.
        keep: refuse to replace existing results.
    """

    dataset: Dataset | None = None
    name: str = ""
    split: str | None = None
    metrics: tuple[str, ...] = ()
    keep: bool = False


@dataclass(frozen=True)
class Imported:
    """The result of an import.

    Attributes:
        key: the results' name.
        info: their manifest.
        values: the table `RESULTS`.
        missing: judged queries without a hit, which score 0, by search; searches with none omitted.
        unknown: queries of the files that are not judged in the set, and were omitted, by search.
        shallow: searches whose rankings are less deep than the set asks for, and lack relevant
            passages.
    """

    key: str
    info: ResultsInfo
    values: pl.DataFrame
    missing: dict[str, int] = field(default_factory=dict)
    unknown: dict[str, int] = field(default_factory=dict)
    shallow: tuple[str, ...] = ()


def import_trec(
    run: Run,
    files: Sequence[TrecFile],
    options: ImportOptions,
    progress: ProgressCallback = ignore,
) -> Imported:
    """Make a run's results from TREC runs: rankings, and every query's values by our metrics.

    Queries without a hit score 0 (``-c``). Hits are ordered as in trec_eval, whatever the ranks in
    their files; hits below the set's depth do not count.

    Args:
        run: the run to make, or an imported one to add to.
        files: at least one, with judgements of their own unless `options` has a set.
        options: their data set and queries.
        progress: called after each file.

    Raises:
        UsageError: the set has no such split, setting or language, or a name cannot be used.
        StateError: a run of that name was made otherwise, has results that `keep` protects, or its
            folder cannot be written.
        DataError: a file cannot be read, or has none of the judged queries.
    """
    began = time.perf_counter()
    begun = start_import(run, "trec")
    work = _Work.of(files, options)
    if options.keep:
        refuse_replacing(run, run.results_info(work.key), f"results on {work.key}")
    with replacing_results(run, work.key):
        reads = _read_all(run, work, files, progress)
        table = pl.concat(read.rows.values for read in reads)
        table = table.sort("setting", "query_lang", "corpus_lang", maintain_order=True)
        seconds = round(time.perf_counter() - began, 3)
        checksums = {str(file.run): sha256_file(file.run) for file in files}
        begun.write_config()
        info = write_results(run, work.key, table, work.info(reads, seconds))
    begun.log(results=work.key, files=checksums)
    return Imported(
        work.key,
        info,
        table,
        {str(read.file.search): read.missing for read in reads if read.missing},
        {str(read.file.search): read.unknown for read in reads if read.unknown},
        tuple(str(read.file.search) for read in reads if read.shallow),
    )


def _read_all(
    run: Run, work: _Work, files: Sequence[TrecFile], progress: ProgressCallback
) -> list[_Read]:
    """Read the files one by one, and write the tables of hits and of relevant passages."""
    reads = []
    with (
        replacing_table(run.rankings(work.key), RANKINGS) as rankings,
        replacing_table(run.relevant(work.key), RELEVANT) as relevant,
    ):
        for number, file in enumerate(files):
            read = work.read(number, file)
            rankings.write(read.rows.rankings)
            relevant.write(read.rows.relevant)
            reads.append(read)
            progress(Progress("import", number + 1, len(files), "files", str(file.search)))
    return reads


@dataclass(frozen=True)
class _Read:
    """The result of reading one file."""

    file: TrecFile
    rows: TableRows
    deepest: int
    missing: int
    unknown: int
    shallow: bool


@dataclass(frozen=True)
class _Work:
    """The import's settings, known before any run file is read."""

    key: str
    name: str
    split: str
    fingerprint: str
    metrics: tuple[str, ...]
    own: tuple[str, ...]
    depth: int | None
    searched: int | None
    sizes: dict[str, int]
    plan: Plan

    @classmethod
    def of(cls, files: Sequence[TrecFile], options: ImportOptions) -> _Work:
        dataset = options.dataset
        if dataset is None:
            metrics = tuple(dict.fromkeys(options.metrics or METRICS))
            for metric in metrics:
                parse_metric(metric)
            digests = {str(file.search): sha256_file(file.judgements) for file in files}
            plan = plan_of_qrels(files)
            name, split = check_name(options.name, "--dataset"), options.split or "test"
            fingerprint = sha256_json({"qrels": digests})
            return cls(name, name, split, fingerprint, metrics, (), None, None, {}, plan)
        key, split = results_key(dataset, options.split)
        info = dataset.info
        metrics = tuple(dict.fromkeys((*info.metrics, *options.metrics)))
        return cls(
            key, dataset.name, split, info.fingerprint, metrics, info.metrics, info.depth,
            deeper_cutoff(options.metrics, info.metrics, info.depth), info.counts["passages"],
            plan_of_set(dataset, split, files),
        )  # fmt: skip

    @property
    def ends(self) -> dict[str, int]:
        """See `metric_ends`."""
        return metric_ends(self.metrics, self.own, self.depth) if self.searched else {}

    @property
    def missing(self) -> int | None:
        """The rank of a missing passage in the pool of all languages; None if unknown."""
        return missing_rank(self.depth, sum(self.sizes.values())) if self.sizes else None

    def pool(self, file: TrecFile) -> int:
        """Number of passages in a file's pool; 0 if unknown."""
        whole = file.search.corpus_lang == ALL
        return sum(self.sizes.values()) if whole else self.sizes.get(file.search.corpus_lang, 0)

    def info(self, reads: Sequence[_Read], seconds: float) -> ResultsInfo:
        """The results' manifest, without checksums."""
        searches = [read.file.search for read in reads]
        settings = {search.setting for search in searches}
        deepest = max(read.deepest for read in reads)
        depth = self.depth
        if any(read.shallow for read in reads) or not self.sizes:
            depth = min(deepest, self.depth or deepest)
        return ResultsInfo(
            dataset=self.name,
            fingerprint=self.fingerprint,
            split=self.split,
            settings=tuple(setting for setting in SETTINGS if setting in settings),
            query_languages=tuple(sorted({search.query_lang for search in searches})),
            metrics=self.metrics,
            depth=depth,
            searched=self.searched,
            ranking_depth=deepest,
            missing_rank=self.missing if "multi" in settings else None,
            search=IMPORTED,
            pools={
                read.file.search.corpus_lang: size
                for read in reads
                if (size := self.pool(read.file))
            },
            queries=self.plan.total,
            distinct_queries=self.plan.by_language,
            seconds=seconds,
            version=__version__,
        )

    def read(self, number: int, file: TrecFile) -> _Read:
        """Read a file's hits and score the queries of its search."""
        judged = self.plan.judged.filter(pl.col("search") == number)
        asked = self.plan.queries.with_row_index("query").select(
            "query_id", pl.col("query").cast(pl.Int64)
        )[judged["query"].unique().sort()]
        ranked = rank_hits(read_run(file.run))
        queries = ranked.select(pl.col("query_id").unique())
        unknown = queries.join(asked, on="query_id", how="anti").height
        joined = ranked.join(asked, on="query_id").sort("query", "rank")
        hits = file.split_ids(joined)
        missing = asked.height - hits["query"].n_unique()
        if not hits.height:
            raise DataError(
                f"{file.run}: none of its queries is judged in {self.name} ({self.split}) for "
                f"{file.search}.",
                "Check that it is a run of this set, split and language.",
            )
        reach = self.searched or self.depth
        if reach is not None:
            hits = hits.filter(pl.col("rank") <= reach)
        deepest = int(hits.select(pl.col("rank").max()).item())
        found = _found(hits, judged, number)
        rows = table_rows(
            self.plan, found, self.metrics,
            dict.fromkeys(SETTINGS, deepest), self.missing or deepest + 1,
            ends=self.ends,
        )  # fmt: skip
        pool = self.pool(file)
        enough = min(size for size in (reach, pool) if size) if reach or pool else 0
        # Hits below the last relevant passage do not count.
        lost = found.judged.filter(pl.col("relevance") > 0)["rank"].null_count()
        return _Read(file, rows, deepest, missing, unknown, bool(lost) and deepest < enough)


def _found(hits: pl.DataFrame, judged: pl.DataFrame, number: int) -> Retrieved:
    """Hits with query, passage_lang, passage_id, rank and score, in evaluation's form."""
    place = ["passage_lang", "passage_id"]
    passages = hits.select(place).unique(maintain_order=True)
    rows = passages.with_columns(row=pl.int_range(pl.len(), dtype=pl.Int64))
    found = hits.join(rows, on=place, maintain_order="left").select(
        pl.lit(number, dtype=pl.Int64).alias("search"),
        "query",
        "row",
        pl.col("rank").cast(pl.Int32),
        pl.col("score").cast(pl.Float32),
    )
    ranks = hits.select(
        "query", *place, pl.col("rank").cast(pl.Int32), pl.col("score").cast(pl.Float32)
    )
    on = ["query", *place]
    return Retrieved(passages, found, judged.join(ranks, on=on, how="left", maintain_order="left"))
