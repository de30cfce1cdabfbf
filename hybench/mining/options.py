"""What is mined, and which hits are negatives."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from hybench.concurrency.processes import MOST_PROCESSES
from hybench.errors import UsageError
from hybench.values.checks import one_of, within
from hybench.values.names import check_name
from hybench.values.typed import check_types
from hybench.workers.ray_cluster import check_engine

Across = Literal["same", "other", "any"]
ACROSS: tuple[str, ...] = get_args(Across)

Passages = Literal["corpus", "pairs"]
PASSAGES: tuple[str, ...] = get_args(Passages)


@dataclass(frozen=True)
class MineOptions:
    """What is mined, and which hits are negatives.

    Attributes:
        negatives: languages of a query's negatives: its own (``same``), all ``other``, or ``any``.
        count: negatives per query; fewer where not so many hits are left.
        depth: hits of each query that are looked at, of which some are none.
        skip_top: of the hits that could be negatives, the best ones to leave out.
        relative_margin: a negative scores at most positive - relative_margin · |positive|; .05 is
            the 95 % of the positive of NV-Retriever (arXiv 2407.15831, TopK-PercPos). Below 0,
            hits that score above the positive are negatives, too.
        absolute_margin: a negative scores at most positive - absolute_margin; None for no such
            rule.
        max_score: highest score of a negative; None for no such rule.
        min_score: lowest score of a negative; None for no such rule.
        passages: where negatives come from: the set's ``corpus`` and the passages of its training
            pairs, or these ``pairs`` alone.
        languages: codes of the queries' and of the negatives' languages; None for all with pairs.
        score_with: directory or hub id of a teacher whose scores go beside; None for no teacher.
        name: of the negatives; None for one after set and miner.
        force: replace negatives of that name.
        processes: that encode texts, and share an exact search that is long enough; the negatives
            are those of one.
        memory: bytes that a search may hold; None for half of the machine's.
        engine: where they are: ``local``, or ``ray``: on a Ray cluster.
        address: of the cluster; empty for ``RAY_ADDRESS``, or a new Ray on this machine.
        exchange: URL through which the cluster's files go, where its machines share no folders.
    """

    negatives: str = "same"
    count: int = 8
    depth: int = 100
    skip_top: int = 0
    relative_margin: float = 0.05
    absolute_margin: float | None = None
    max_score: float | None = None
    min_score: float | None = None
    passages: str = "corpus"
    languages: tuple[str, ...] | None = None
    score_with: str | None = None
    name: str | None = None
    force: bool = False
    processes: int = 1
    memory: int | None = None
    engine: str = "local"
    address: str = ""
    exchange: str = ""

    def __post_init__(self) -> None:
        """Check the values."""
        check_types(self)
        one_of("--negatives", self.negatives, ACROSS)
        one_of("--passages", self.passages, PASSAGES)
        within("--count", self.count, 1, 10_000)
        within("--depth", self.depth, 1, 10_000)
        within("--skip-top", self.skip_top, 0, 10_000)
        if self.skip_top + self.count > self.depth:
            raise UsageError(
                f"--depth is {self.depth}: too few hits for {self.count} negatives after the "
                f"first {self.skip_top}.",
                f"Give {self.skip_top + self.count} or more.",
            )
        if not self.relative_margin <= 1:
            raise UsageError(
                f"--relative-margin is {self.relative_margin}.",
                "Give a share of the positive's score, such as 0.05.",
            )
        within("--processes", self.processes, 1, MOST_PROCESSES)
        check_engine(self.engine, self.exchange)
        if self.memory is not None:
            within("--memory", self.memory, 1)
        if self.name is not None:
            check_name(self.name, "--name")

    @property
    def deciding(self) -> dict[str, Any]:
        """The options that decide which negatives there are."""
        left_out = {
            *("score_with", "name", "force", "processes", "memory"),
            *("engine", "address", "exchange"),
        }
        values = {name: value for name, value in asdict(self).items() if name not in left_out}
        return {name: list(each) if isinstance(each, tuple) else each
                for name, each in values.items()}  # fmt: skip
