"""The scope of an evaluation: its queries, the depth of search, and what is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hybench.concurrency.processes import MOST_PROCESSES
from hybench.data.dataset import Dataset
from hybench.data.schema import SETTINGS
from hybench.errors import UsageError
from hybench.evaluation.plan import Plan, plan_queries
from hybench.evaluation.replacing import check_replaces
from hybench.evaluation.results import results_key
from hybench.evaluation.retrieval import Depths
from hybench.evaluation.settings import plan_searches
from hybench.indexes.options import IndexOptions
from hybench.metrics.bias import BIAS_DEPTH, RANK_DISTANCE
from hybench.metrics.measure import parse_metric
from hybench.runs.run import Run
from hybench.values.checks import within
from hybench.values.typed import check_types
from hybench.workers.ray_cluster import check_engine

RANKING_DEPTH = 100
CROSS_RANKING_DEPTH = 10
"""Hits stored in the cross setting, with a ranking per pair of languages."""

MOST_RANKING_ROWS = 20_000_000
ANN_DEPTH = 1000
"""Hits of an approximate search, if the set's metrics use the whole ranking."""


@dataclass(frozen=True)
class EvalOptions:
    """What to evaluate, and how.

    Attributes:
        split: the queries' split, None for the set's own.
        settings: of mono, cross, multi; None for all that the set has.
        languages: codes of the queries' languages, None for all.
        ann: search the usearch graphs instead of exactly; their recall is part of the results.
        ranking_depth: hits per query to write, at least 10 and at most the set's depth. None for
            that depth if it gives at most 20 million rows, else 100.
        whole: write the hits down to a query's last relevant passage, so that its values can be
            computed from them.
        device: where exact products are computed: ``cpu``, ``cuda``.
        force: replace results that cover more than these will, or come from another search.
        data_root: folder of the sets that the run was trained on; None: that of the evaluated set.
        processes: that encode passages which have no index, see `IndexOptions`, and share an exact
            search that is long enough.
        metrics: names for `hybench.metrics.measure.parse_metric`, computed in addition to the set's
            own and those that the results have already.
        engine: where they encode, see `IndexOptions`.
        address: likewise.
        memory: bytes that a search may hold; None for half of the machine's. Vectors that do not
            fit are read once for all queries that do.
        exchange: see `IndexOptions`.
    """

    split: str | None = None
    settings: tuple[str, ...] | None = None
    languages: tuple[str, ...] | None = None
    ann: bool = False
    ranking_depth: int | None = None
    whole: bool = False
    device: str = "cpu"
    force: bool = False
    data_root: Path | None = None
    metrics: tuple[str, ...] = ()
    processes: int = 1
    engine: str = "local"
    address: str = ""
    memory: int | None = None
    exchange: str = ""

    def __post_init__(self) -> None:
        """Check the values."""
        check_types(self)
        within("--processes", self.processes, 1, MOST_PROCESSES)
        check_engine(self.engine, self.exchange)
        if self.memory is not None:
            within("--memory", self.memory, 1)
        if self.ranking_depth is not None and self.ranking_depth < BIAS_DEPTH:
            raise UsageError(
                f"--ranking-depth: {self.ranking_depth} is below {BIAS_DEPTH}.",
                "Language bias needs that many hits: store at least as many.",
            )
        if self.ranking_depth is not None:
            within("--ranking-depth", self.ranking_depth, BIAS_DEPTH, 10**9)


@dataclass(frozen=True)
class Scope:
    """The scope of an evaluation.

    Attributes:
        key: the results' name.
        split: the queries' split.
        plan: which queries count in which search.
        metrics: what to compute, the primary metric first.
        ends: see `metric_ends`; empty if rankings end there anyway.
        depth: hits of a ranking that count, None for all of them.
        searched: hits to search if a metric's cut-off is deeper than that; else None.
        kept: hits per query to write, by setting.
        ann: whether graphs are searched.
        pools: passages of the largest pool, by setting.
        whole: whether hits are written to a query's last relevant passage.
    """

    key: str
    split: str
    plan: Plan
    metrics: tuple[str, ...]
    ends: dict[str, int]
    depth: int | None
    searched: int | None
    kept: dict[str, int]
    ann: bool
    pools: dict[str, int]
    whole: bool

    @classmethod
    def of(cls, dataset: Dataset, options: EvalOptions) -> Scope:
        """The scope that the options ask for.

        Raises:
            UsageError: a split, setting or language is not in the set, none of the requested
                queries is judged, or a metric is unknown.
        """
        metrics = tuple(dict.fromkeys((*dataset.info.metrics, *options.metrics)))
        key, split = results_key(dataset, options.split)
        searches = plan_searches(dataset, split, options.settings, options.languages)
        depth = search_depth(dataset, options)
        plan = plan_queries(dataset, split, searches)
        if not plan.total:
            raise UsageError(
                f"No requested query of {dataset.name} ({split}) is judged.",
                "Choose other --settings, --languages or --split.",
            )
        kept = _ranking_depths(options.ranking_depth, depth, plan.total)
        sizes = dataset.info.counts["passages"].values()
        pools = {name: max(sizes) for name in SETTINGS} | {"multi": sum(sizes)}
        searched = deeper_cutoff(options.metrics, dataset.info.metrics, depth)
        ends = metric_ends(metrics, dataset.info.metrics, depth) if searched else {}
        return cls(
            key, split, plan, metrics, ends, depth, searched, kept, options.ann, pools,
            options.whole,
        )  # fmt: skip

    @property
    def depths(self) -> Depths:
        """How deep to search."""
        if self.depth is None:
            return Depths(self.pools if self.whole else self.kept, ranks=True)
        return Depths(dict.fromkeys(self.kept, self.searched or self.depth), ranks=False)

    @property
    def settings(self) -> tuple[str, ...]:
        """Of mono, cross, multi."""
        return tuple(dict.fromkeys(search.setting for search in self.plan.searches))

    @property
    def languages(self) -> tuple[str, ...]:
        """Codes of the queries' languages."""
        return tuple(sorted({search.query_lang for search in self.plan.searches}))

    def check(self, run: Run, dataset: Dataset, search: str, model: str) -> None:
        """Check that existing results may be replaced; see `check_replaces`."""
        check_replaces(
            run, self.key, (dataset.info.fingerprint, model),
            search=search, settings=self.settings, languages=self.languages,
        )  # fmt: skip

    @property
    def indexing(self) -> IndexOptions:
        """Options for indexing passages without an up-to-date index."""
        pools = {one for search in self.plan.searches for one in search.passage_langs}
        return IndexOptions(exact=not self.ann, languages=tuple(sorted(pools)))


def search_depth(dataset: Dataset, options: EvalOptions) -> int | None:
    """Hits of a ranking that count, None for all of them."""
    return ANN_DEPTH if dataset.info.depth is None and options.ann else dataset.info.depth


def deeper_cutoff(metrics: Sequence[str], own: Sequence[str], depth: int | None) -> int | None:
    """The deepest cut-off of additional metrics, if rankings end above it.

    Raises:
        UsageError: a metric is unknown.
    """
    cutoffs = [parse_metric(name).cutoff or 0 for name in metrics if name not in own]
    deepest = max(cutoffs, default=0)
    return deepest if depth is not None and deepest > depth else None


def metric_ends(metrics: Sequence[str], own: Sequence[str], depth: int | None) -> dict[str, int]:
    """Depths at which rankings end for metrics, so that no value depends on other metrics.

    They end at the set's depth, except for additional metrics with a cut-off.
    """
    if depth is None:
        return {}
    ending = [name for name in metrics if name in own or parse_metric(name).cutoff is None]
    return dict.fromkeys([*ending, RANK_DISTANCE], depth)


def _ranking_depths(asked: int | None, depth: int | None, queries: int) -> dict[str, int]:
    """Hits to store per query, by setting."""
    if asked is not None:
        return dict.fromkeys(SETTINGS, asked if depth is None else min(asked, depth))
    if depth is not None and depth * queries <= MOST_RANKING_ROWS:
        return dict.fromkeys(SETTINGS, depth)
    whole = RANKING_DEPTH if depth is None else min(RANKING_DEPTH, depth)
    return {"mono": whole, "cross": min(CROSS_RANKING_DEPTH, whole), "multi": whole}
