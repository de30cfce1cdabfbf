"""What to index, and how."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from hybench.concurrency.processes import MOST_PROCESSES
from hybench.data.dataset import Dataset
from hybench.indexes.approximate.graph import GraphOptions
from hybench.indexes.manifest import IndexManifest
from hybench.indexes.shards import SHARD_ROWS, STORES
from hybench.values.checks import one_of, within
from hybench.values.languages import check_languages
from hybench.values.typed import check_types
from hybench.workers.engine import Workers, make_pool
from hybench.workers.ray_cluster import check_engine


@dataclass(frozen=True)
class IndexOptions:
    """What to index, and how.

    Attributes:
        exact: write only vectors; build no graph.
        languages: codes of the passages' languages, None for all of the set's.
        graph: how the graph is built.
        sample: queries on which the graph's recall is measured.
        force: rebuild indexes that are up to date.
        store: ``f32`` or ``f16``, what vectors are on disk; None for what is there, else ``f32``.
        shard_rows: vectors in a file, at least 1.
        processes: that encode shards; with several, each loads the run's model.
        device: of these: cpu, mps, cuda or cuda:N.
        engine: where they are: ``local``, or ``ray``: on a Ray cluster.
        address: of the cluster; empty for ``RAY_ADDRESS``, or a new Ray on this machine.
        memory: bytes that building a graph and measuring its recall may hold; None for a graph of
            any size, and for half of the machine's when measuring.
        exchange: URL through which the cluster's files go, where its machines share no folders.
    """

    exact: bool = False
    languages: tuple[str, ...] | None = None
    graph: GraphOptions = GraphOptions()  # noqa: RUF009 - frozen
    sample: int = 1000
    force: bool = False
    store: str | None = None
    shard_rows: int = SHARD_ROWS
    processes: int = 1
    device: str = "cpu"
    engine: str = "local"
    address: str = ""
    memory: int | None = None
    exchange: str = ""

    def __post_init__(self) -> None:
        """Check the values."""
        check_types(self)
        within("--sample", self.sample, 1, 10**9)
        within("--processes", self.processes, 1, MOST_PROCESSES)
        within("--shard-rows", self.shard_rows, 1, 10**9)
        check_engine(self.engine, self.exchange)
        if self.memory is not None:
            within("--memory", self.memory, 1)
        if self.store is not None:
            one_of("--store", self.store, STORES)

    def chosen(self, dataset: Dataset) -> tuple[str, ...]:
        """Codes of the languages to index.

        Raises:
            UsageError: a language is not in the set.
        """
        known = dataset.table_languages("passages")
        if self.languages is None:
            return known
        return check_languages(self.languages, known, "--languages")

    def workers(self, module: str) -> Workers:
        """The processes, for requests that a module's workers answer (`make_pool`).

        Raises:
            UsageError: there are fewer GPUs than processes, or Ray, or the library for the
                exchange, is not installed.
            StateError: there is no cluster at the address, or the exchange cannot be written.
        """
        return make_pool(
            module, self.device, self.processes, self.engine, self.address, self.exchange
        )

    @property
    def alone(self) -> bool:
        """Whether this process does the work."""
        return self.processes == 1 and self.engine == "local"

    @property
    def folders_are_shared(self) -> bool:
        """Whether the work is done on machines that have this one's folders of data and runs."""
        return self.engine == "ray" and not self.exchange

    def satisfied(self, manifest: IndexManifest) -> bool:
        """Whether an index with up-to-date vectors has the requested graph."""
        return self.exact or manifest.graph == asdict(self.graph)
