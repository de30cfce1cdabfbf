"""The files of an evaluation: rankings, ranks of the relevant, metric values and manifest."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import polars as pl

from hybench.data.dataset import Dataset
from hybench.encoders.precision import FP32
from hybench.errors import DataError, StateError
from hybench.evaluation.contamination import Overlap
from hybench.files.atomic import replacing_file, staged
from hybench.files.checksums import file_of, sha256_file, sha256_once
from hybench.files.documents import read_json, write_json
from hybench.files.tables import Schema, TableWriter, read_table, scan_table, write_table
from hybench.files.together import manifest_now, replacing_together, settle
from hybench.origins.known import benchmark_named
from hybench.origins.seen import EvaluatedSet
from hybench.runs.cost import Cost
from hybench.runs.run import CONFIG, Run, list_results
from hybench.values.typed import from_json
from hybench.wording.commands import eval_command

FORMAT = 1

_SEARCH = {
    "setting": pl.String(),
    "query_lang": pl.String(),
    "corpus_lang": pl.String(),
    "query_id": pl.String(),
}
RANKINGS: dict[str, pl.DataType] = _SEARCH | {
    "rank": pl.Int32(),
    "passage_lang": pl.String(),
    "passage_id": pl.String(),
    "score": pl.Float32(),
}
"""The best hits of each query, rank from 1."""
RELEVANT: dict[str, pl.DataType] = _SEARCH | {
    "passage_lang": pl.String(),
    "passage_id": pl.String(),
    "relevance": pl.Int32(),
    "rank": pl.Int32(),
    "score": pl.Float32(),
}
"""Every relevant passage of each query; rank and score are null where it was not retrieved."""
RESULTS: dict[str, pl.DataType] = _SEARCH | {
    "source_id": pl.String(),
    "metric": pl.String(),
    "value": pl.Float64(),
}
"""One value per query and metric; ``source_id`` is the same for translations of one query."""


@dataclass(frozen=True)
class ResultsInfo:
    """The manifest of results; it is written last, so that complete results have one.

    Attributes:
        dataset: the set's name.
        fingerprint: the set's `DatasetInfo.fingerprint`.
        benchmark: the test set that it is, in the tables of `hybench.origins`; empty if it is in
            none, None in results of older builds.
        split: the queries' split.
        settings: of mono, cross, multi.
        query_languages: codes.
        metrics: names, the primary one first.
        depth: hits of a ranking that count or were retrieved, None for all.
        searched: hits searched if the cut-off of a metric is deeper than `depth`; ranks of relevant
            passages are known down to it, and other metrics end at `depth`.
        ranking_depth: hits per query that were written; the cross setting may keep fewer.
        missing_rank: the rank of a relevant passage in RankDistance if it was not found; None
            without the setting multi, or if the pool is unknown.
        search: ``exact``, ``ann``, ``bm25`` or ``imported``.
        recall: of approximate search, recall@100 against exact search by language.
        model_sha256: digest of the model, empty for BM25.
        precision: that vectors were computed in.
        pools: passages by corpus language.
        queries: queries searched, all settings together.
        distinct_queries: queries by language, each counted once.
        trained_queries: those of them that the model was trained on, matched by text, by language,
            languages with none omitted; None if its training data are unknown.
        overlap: these, and near duplicates and passages; None in results of older builds, too.
        cut: shares of texts longer than the model takes, by kind and language, of a sample.
        seconds: wall-clock seconds of the evaluation, indexing not included.
        costs: of ``queries``, which are encoded, and of ``search``, the rest; empty in results of
            older builds.
        version: of hybench.
        files: SHA-256 of the tables and of the run's config by their path relative to the manifest.
        format: version of this layout.
    """

    dataset: str
    fingerprint: str
    split: str
    settings: tuple[str, ...]
    query_languages: tuple[str, ...]
    metrics: tuple[str, ...]
    depth: int | None
    ranking_depth: int
    search: str
    benchmark: str | None = None
    searched: int | None = None
    missing_rank: int | None = None
    recall: dict[str, float] = field(default_factory=dict)
    model_sha256: str = ""
    precision: str = FP32
    pools: dict[str, int] = field(default_factory=dict)
    queries: int = 0
    distinct_queries: dict[str, int] = field(default_factory=dict)
    trained_queries: dict[str, int] | None = None
    overlap: Overlap | None = None
    cut: dict[str, float] = field(default_factory=dict)
    seconds: float = 0.0
    costs: dict[str, Cost] = field(default_factory=dict)
    version: str = ""
    files: dict[str, str] = field(default_factory=dict)
    format: int = FORMAT

    @property
    def tested(self) -> EvaluatedSet:
        """The set, for what is known of its training data."""
        named = benchmark_named(self.dataset) if self.benchmark is None else self.benchmark
        return EvaluatedSet(self.dataset, named)

    @property
    def reach(self) -> float:
        """Depth down to which ranks of relevant passages are known; infinity for the whole pool."""
        return float("inf") if self.depth is None else max(self.depth, self.searched or 0)

    @property
    def shallow(self) -> bool:
        """Whether RankDistance rests on fewer hits than the set's rankings have."""
        return self.depth is not None and (self.missing_rank or 0) > self.depth + 1

    @classmethod
    def read(cls, file: Path) -> ResultsInfo:
        """Read the JSON.

        Raises:
            DataError: it is of another layout or was changed by hand.
        """
        value = read_json(manifest_now(file))
        if value.get("format") != FORMAT:
            raise DataError(f"{file} has another layout than {FORMAT}.", "Evaluate the run again.")
        return from_json(cls, value, file, "Evaluate the run again.")

    def checked(self, table: Path) -> Path:
        """The path of one of the results' tables, after a check of its checksum.

        Raises:
            DataError: it is missing or damaged.
        """
        try:
            found = file_of(table, self.files.get(_relative(table), ""))
        except OSError as error:
            raise _unreadable(table, error.strerror or error) from error
        if found is None:
            raise _unreadable(table, "its checksum is not the one in the results' manifest")
        return found

    def check_config(self, run: Run) -> None:
        """Check that the run's config is the one that the results were made with.

        Raises:
            DataError: it was changed since. Results of builds that did not record it pass.
        """
        known = self.files.get(_CONFIG)
        if known is not None and sha256_once(run.config_file) != known:
            raise DataError(
                f"{run.config_file} is not the one that the run's results were made with: its "
                "checksum differs.",
                "Undo the change; another config needs another run.",
            )


_CONFIG = f"../{CONFIG}"


def _relative(table: Path) -> str:
    """The path of a table relative to its manifest in ``results/``."""
    return f"../{table.parent.name}/{table.name}"


def _unreadable(table: Path, reason: object) -> DataError:
    return DataError(f"{table} cannot be read: {reason}.", "Evaluate the run again.")


def results_key(dataset: Dataset, split: str | None) -> tuple[str, str]:
    """The name of the results, ``set`` or ``set@split`` if not the set's own, and the split.

    Raises:
        UsageError: the set has no such split.
    """
    evaluated = dataset.evaluation_split(split)
    own = dataset.evaluation_split()
    return (dataset.name if evaluated == own else f"{dataset.name}@{evaluated}"), evaluated


@contextmanager
def replacing_table(path: Path, schema: Schema) -> Iterator[TableWriter]:
    """Yield a writer of the results' table `path`, for the next `write_results`."""
    with replacing_file(staged(path)) as temporary:
        writer = TableWriter(temporary, schema)
        try:
            yield writer
        finally:
            writer.close()


def _tables(run: Run, key: str) -> tuple[Path, Path, Path]:
    return run.results(key), run.rankings(key), run.relevant(key)


def replacing_results(run: Run, key: str) -> AbstractContextManager[None]:
    """Replace results atomically within: a failure or a kill leaves the old or the new ones."""
    return replacing_together(_tables(run, key), run.results_info(key))


def write_results(run: Run, key: str, results: pl.DataFrame, info: ResultsInfo) -> ResultsInfo:
    """Replace the old results by the metric values and the tables of `replacing_table`.

    Args:
        run: the run.
        key: the results' name.
        results: the table `RESULTS`.
        info: their manifest; its checksums are those of tables that stay.

    Returns:
        The manifest with the checksums of all.
    """
    with replacing_file(staged(run.results(key))) as temporary:
        write_table(temporary, results.select(*RESULTS))
    files = {_relative(table): staged(table) for table in _tables(run, key)}
    found = {name: sha256_file(new) for name, new in files.items() if new.is_file()}
    config = {_CONFIG: sha256_file(run.config_file)}
    info = replace(info, files=config | info.files | found)
    write_json(staged(run.results_info(key)), asdict(info))
    settle(_tables(run, key), run.results_info(key))
    return info


@dataclass(frozen=True)
class Results:
    """The results of a run on a set, opened.

    Attributes:
        run: the run.
        key: the results' name, see `results_key`.
        info: their manifest.
        values: the table `RESULTS`.
    """

    run: Run
    key: str
    info: ResultsInfo
    values: pl.DataFrame

    def rankings(self) -> pl.LazyFrame:
        """The table `RANKINGS`, lazily.

        Raises:
            DataError: it is missing or damaged.
        """
        return scan_table(self.info.checked(self.run.rankings(self.key)))

    def relevant(self) -> pl.LazyFrame:
        """The table `RELEVANT`, lazily.

        Raises:
            DataError: it is missing or damaged.
        """
        return scan_table(self.info.checked(self.run.relevant(self.key)))


def read_results(run: Run, key: str) -> Results:
    """Open the results of that name.

    Raises:
        StateError: there are none.
        DataError: they cannot be read.
    """
    file = run.results_info(key)
    if not file.is_file():
        others = " ".join(list_results(run))
        raise StateError(
            f"Run {run.name} has no results on {key}.",
            f"Evaluate it: {eval_command(key, run.path)}."
            + (f" It has results on: {others}." if others else ""),
        )
    info = ResultsInfo.read(file)
    try:
        return Results(run, key, info, read_table(info.checked(run.results(key))))
    except (pl.exceptions.PolarsError, OSError) as error:
        raise _unreadable(run.results(key), error) from error
