"""Options for running a study."""

from __future__ import annotations

from dataclasses import dataclass

from hybench.concurrency.processes import MOST_PROCESSES, MOST_THREADS
from hybench.studies.local_processes import threads_per_job
from hybench.values.checks import one_of, within
from hybench.values.typed import check_types
from hybench.workers.ray_cluster import ENGINES


@dataclass(frozen=True)
class StudyOptions:
    """Options for running a study.

    Attributes:
        jobs: cells at a time; 0 for one, on Ray for all that the cluster has room for.
        devices: auto, cpu, cuda or cuda:N; assigned to the jobs in turn.
        engine: ``local``, or ``ray``: on a Ray cluster.
        address: of the cluster; empty for ``RAY_ADDRESS``, or a new Ray on this machine.
        threads: of each cell; 0 divides this machine's cores, on Ray it is one.
        allow_unequal: run it even if the arms' budgets are not equal; that is recorded.
        report_to: experiment trackers that get the events of the trainings, too: ``tensorboard``,
            ``trackio``, ``wandb``.
    """

    jobs: int = 0
    devices: tuple[str, ...] = ("auto",)
    engine: str = "local"
    address: str = ""
    threads: int = 0
    allow_unequal: bool = False
    report_to: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check each value by itself.

        Raises:
            UsageError: naming the flag, the value and what is allowed.
        """
        check_types(self)
        within("--jobs", self.jobs, 0, MOST_PROCESSES)
        within("--threads", self.threads, 0, MOST_THREADS)
        one_of("--engine", self.engine, ENGINES)

    @property
    def threads_of_each(self) -> int:
        """Threads of each cell."""
        shared = 1 if self.engine == "ray" else threads_per_job(max(1, self.jobs))
        return self.threads or shared
