"""What the charts of tab 1 show: their series, and the runs or arms whose curves are drawn."""

from __future__ import annotations

from dataclasses import dataclass

from hybench.tui.model.history import History


@dataclass(frozen=True)
class Panel:
    """One chart: its name in commands, its title, and its series by what they are called beside a
    run's name.
    """

    name: str
    title: str
    series: tuple[tuple[str, str], ...]
    smooth: bool = True


PANELS = (
    Panel("loss", "loss", (("", "loss"),)),
    Panel("score", "dev score", (("", "score"),), smooth=False),
    Panel(
        "loss-by-batch",
        "loss by batch",
        (("mono", "loss_mono"), ("cross", "loss_cross"), ("mixed", "loss_mixed")),
    ),
    Panel("lr", "learning rate", (("", "lr"),), smooth=False),
    Panel("gradient-norm", "gradient norm", (("", "grad_norm"),)),
    Panel("rate", "pairs/s", (("", "examples_per_second"),)),
    Panel("memory", "memory MB", (("", "memory_mb"),), smooth=False),
)


@dataclass(frozen=True)
class Shown:
    """A run whose curves are drawn, or the seeds of an arm, of which the mean is.

    Attributes:
        name: whose.
        histories: of its runs.
        number: of its colour.
        shade: of that.
        front: whether it lies above the others.
    """

    name: str
    histories: tuple[History, ...]
    number: int
    shade: int = 0
    front: bool = False
