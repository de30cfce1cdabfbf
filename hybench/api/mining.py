"""``hybench.mine``: hard negatives of a set's training queries."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hybench.api.asked_model import run_or_model
from hybench.api.holding import holding_with_model
from hybench.api.naming import DataName, FolderName, RunName, the_dataset, the_folder, the_options
from hybench.api.shown import Shown
from hybench.concurrency.progress import ProgressCallback, ignore
from hybench.data.dataset import Dataset
from hybench.encoders.precision import FP32
from hybench.errors import StateError, UsageError
from hybench.evaluation.bm25.baseline import Bm25Options
from hybench.files.documents import sha256_json
from hybench.mining.options import MineOptions
from hybench.negatives.folder import NEGATIVES, Negatives, NegativesInfo
from hybench.runs.models import ModelOptions
from hybench.runs.run import BM25
from hybench.values.names import check_name
from hybench.wording.commands import DATA_DIR, RUNS_DIR
from hybench.wording.text_table import Entry, Line, Sheet

if TYPE_CHECKING:
    import polars as pl

    from hybench.mining.estimate import MineEstimate
    from hybench.mining.mine import Mining

_COLUMNS = ("queries", "negatives", "short", "answers", "held_out", "margin", "score",
            "translations")  # fmt: skip


@dataclass(frozen=True, repr=False)
class Mined(Shown):
    """Mined negatives.

    Attributes:
        negatives: the folder, opened.
        unchanged: whether they were there already.
    """

    negatives: Negatives
    unchanged: bool = False

    def to_frame(self) -> pl.DataFrame:
        """A row per query and negative: query_language, and the columns of `folder.SCHEMA`.

        Raises:
            DataError: a file is missing or damaged.
        """
        import polars as pl

        return pl.concat(
            self.negatives.rows(language).select(pl.lit(language).alias("query_language"), pl.all())
            for language in self.negatives.languages
        )

    def sheets(self) -> tuple[Sheet, ...]:
        """One table, a line per language of the queries."""
        return (negatives_sheet(self.negatives.info),)


def negatives_sheet(info: NegativesInfo) -> Sheet:
    """How many negatives there are by language, and why other hits are none."""
    lines = [
        Line(tuple(map(Entry, (language, *(f"{counts.get(name, 0):,}" for name in _COLUMNS)))))
        for language, counts in sorted(info.counts.items())
    ]
    header = ("lang", "queries", "negatives", "short of", "answers", "held out", "margin", "score",
              "translations")  # fmt: skip
    title = f"{info.name} · negatives of {info.dataset}, mined by {info.miner}"
    return Sheet(title, header, 1, tuple(lines))


def mine(
    run: RunName,
    data: DataName,
    options: MineOptions | None = None,
    *,
    bm25: Bm25Options | None = None,
    model: ModelOptions | None = None,
    device: str = "auto",
    data_dir: FolderName = DATA_DIR,
    runs_dir: FolderName = RUNS_DIR,
    progress: ProgressCallback = ignore,
) -> Mined:
    """Mine hard negatives for the training queries of a set; a mining that was ended goes on.

    Args:
        run: whose ranking, ``bm25``, or a model as it is, which becomes a run.
        data: the set.
        options: what is mined, and which hits are negatives; None for the defaults.
        bm25: BM25's parameters; its other fields are not used.
        model: how a model is used that is mined with as it is.
        device: where texts are encoded: auto, cpu, cuda or cuda:N.
        data_dir: folder of the sets, where the negatives go, too.
        runs_dir: folder of the runs.
        progress: called as the work goes on.

    Raises:
        UsageError: there is no such run, set, language, teacher or device, or the set has no
            training pairs.
        StateError: there are other negatives of that name, or another process works on them.
        DataError: a model gives NaN or infinity, or a file is damaged.
    """
    options = the_options(options, MineOptions)
    dataset = the_dataset(data, data_dir)
    with _mining(run, dataset, options, bm25, model, device, runs_dir, progress) as mining:
        name = mining.info.name
        path = the_folder(data_dir) / name
        if (path / NEGATIVES).is_file() and not options.force:
            there = Negatives.open(path)
            if there.info.request != mining.info.request:
                raise StateError(
                    f"Negatives {name} are there, mined otherwise or from other data.",
                    "Choose another --name, or replace them with --force.",
                )
            return Mined(there, unchanged=True)
        if (path / "dataset.json").is_file():
            raise UsageError(f"--name {name} is a data set.", "Choose another.")
        return Mined(mining.mine(path))


def plan_mining(
    run: RunName,
    data: DataName,
    options: MineOptions | None = None,
    *,
    bm25: Bm25Options | None = None,
    model: ModelOptions | None = None,
    device: str = "auto",
    data_dir: FolderName = DATA_DIR,
    runs_dir: FolderName = RUNS_DIR,
) -> MineEstimate:
    """What `mine` would take, from a sample of the texts; nothing is written.

    Arguments and errors are those of `mine`.
    """
    from hybench.encoders.loading import load_encoder
    from hybench.indexes.model import load_model_as_it_is, load_model_of
    from hybench.mining.estimate import estimate_mining
    from hybench.mining.mine import mined_languages

    options = the_options(options, MineOptions)
    dataset = the_dataset(data, data_dir)
    languages = mined_languages(dataset, options)
    teacher = None
    if options.score_with is not None:
        teacher = load_encoder(options.score_with, device)
    if run == BM25:
        words = the_options(bm25, Bm25Options)
        return estimate_mining(dataset, languages, options, words, teacher)
    opened, asked = run_or_model(run, model, runs_dir)
    if asked is None:
        encoder = load_model_of(opened, device)
    else:
        encoder, _ = load_model_as_it_is(asked.model, asked.options, device)
    return estimate_mining(dataset, languages, options, encoder, teacher)


@contextmanager
def _mining(
    run: RunName,
    dataset: Dataset,
    options: MineOptions,
    bm25: Bm25Options | None,
    model: ModelOptions | None,
    device: str,
    runs_dir: FolderName,
    progress: ProgressCallback,
) -> Iterator[Mining]:
    """What a mining works with; the run is held meanwhile."""
    from hybench.encoders.identity import encoder_digest
    from hybench.encoders.loading import load_encoder
    from hybench.encoders.sharing import Loading
    from hybench.indexes.encoding_crew import encoding_crew
    from hybench.indexes.model import loading_of
    from hybench.indexes.options import IndexOptions
    from hybench.indexes.reader import model_sha256
    from hybench.indexes.search_crew import search_crew
    from hybench.mining.mine import Mining, mined_languages
    from hybench.mining.miners import Bm25Miner, DenseMiner
    from hybench.mining.pool import read_passages

    languages = mined_languages(dataset, options)
    teacher = None
    if options.score_with is not None:
        teacher = load_encoder(options.score_with, device)

    def info(miner: str, digest: str) -> NegativesInfo:
        return NegativesInfo(
            name=options.name or check_name(f"{dataset.name}-by-{miner}", "--name"),
            dataset=dataset.name,
            fingerprint=dataset.info.fingerprint,
            miner=miner,
            miner_digest=digest,
            options=options.deciding,
            teacher=options.score_with or "",
            teacher_digest="" if teacher is None else encoder_digest(teacher),
        )

    if run == BM25:
        if model is not None and any(model.given):
            raise UsageError("BM25 has no model.", "Omit the options of a model.")
        words = the_options(bm25, Bm25Options)
        found = read_passages(dataset, languages, options.passages)
        ranking = Bm25Miner(words, found.pools, found.starts, progress)
        of = info(BM25, sha256_json(words.config))
        yield Mining(dataset, found, ranking, None, of, options, teacher, progress=progress)
        return
    opened, asked = run_or_model(run, model, runs_dir)
    with ExitStack() as stack:
        encoder = stack.enter_context(holding_with_model(opened, device, FP32, asked))
        found = read_passages(dataset, languages, options.passages)
        on = str(encoder.device)
        indexing = IndexOptions(
            exact=True,
            processes=options.processes,
            device=on,
            engine=options.engine,
            address=options.address,
            memory=options.memory,
            exchange=options.exchange,
        )
        texts = stack.enter_context(encoding_crew(opened, encoder, loading_of(opened), indexing))
        scorer = None
        if teacher is not None and options.score_with is not None:
            of_teacher = Loading(options.score_with)
            scorer = stack.enter_context(encoding_crew(opened, teacher, of_teacher, indexing))
        # Searched on the CPU, as one process does.
        crew = stack.enter_context(search_crew(opened, replace(indexing, device="cpu")))
        dense = DenseMiner(
            opened,
            texts,
            dataset,
            found.pools,
            found.starts,
            indexing,
            crew,
            progress,
        )
        of = info(opened.name, model_sha256(opened))
        yield Mining(dataset, found, dense, encoder, of, options, teacher, scorer, progress)
