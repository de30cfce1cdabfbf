"""Evaluated runs with event logs, environments and results in three settings, of random scores."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from hybench.files.documents import write_json
from hybench.runs.events import EventLog
from hybench.runs.run import Run
from tests.comparison.conftest import MakeRun, Row, make_run

__all__ = ["make_run"]

ARMS = ("mono", "cross", "hybrid", "hybrid+kl", "distill-mse", "distill-kl")

MakeArms = Callable[..., list[Run]]


def random_rows(languages: Sequence[str], shift: float, seed: int) -> list[Row]:
    """Scores of ten queries by language, and of four by pair of languages, around .5 + shift."""
    generator = np.random.default_rng(seed)

    def values(count: int, add: float) -> list[float]:
        drawn = generator.normal(0.5 + add, 0.1, count)
        return [float(value) for value in np.clip(drawn, 0, 1).round(6)]

    rows: list[Row] = []
    for at, language in enumerate(languages):
        # The arm gains in some languages and loses in others.
        for setting, corpus in (("mono", language), ("multi", "all")):
            for number, value in enumerate(values(10, shift * (1 - at % 3))):
                rows.append((setting, language, corpus, f"q{number}", "nDCG@10", value))
        for other in languages:
            if other != language:
                for number, value in enumerate(values(4, shift)):
                    rows.append(("cross", language, other, f"q{number}", "nDCG@10", value))
    return rows


@pytest.fixture
def make_arms(make_run: MakeRun) -> MakeArms:
    """Write a run for every name, see `arms_by`."""
    return arms_by(make_run)


def arms_by(make_run: MakeRun) -> MakeArms:
    """A function that writes a run for every name, ``-s1`` being its seed.

    The first arm is X-X, the last taught.
    """

    def make(names: Sequence[str], languages: Sequence[str] = ("de", "sw", "yo")) -> list[Run]:
        runs = []
        arms = list(dict.fromkeys(re.sub(r"-s\d$", "", name) for name in names))
        for number, name in enumerate(names):
            arm, seed = re.sub(r"-s\d$", "", name), int((re.findall(r"-s(\d)$", name) or "0")[0])
            at = arms.index(arm)
            config: dict[str, Any] = {"alpha": 1.0 if at == 0 else 1.0 / (at + 1), "seed": seed}
            if at and at == len(arms) - 1:
                config |= {"strategy": "distill", "objective": "kl"}
            rows = random_rows(languages, 0.4 * at / len(arms), number)
            run = make_run(name, rows, config=config)
            write_json(
                run.environment_file,
                {
                    "versions": {"hybench": "0.1.0", "python": "3.11.7", "torch": "2.13.0"},
                    "device": "cpu" if at == 0 else "cuda (H200)",
                    "git": "a150f60da67ac8937a3620b309220fa4b69fa63a",
                    "argv": ["hybench", "train", "--data", "atlas", "--name", name],
                },
            )
            log = EventLog(run.events_file, clock=lambda: 0.0)
            if config.get("strategy") == "distill":
                log.append("teacher", model="m", trained=True, seconds=5.25, examples=3000)
            log.append(
                "done",
                step=600,
                examples=76800 + number,
                tokens=2_340_000,
                seconds=8.04,
                memory_mb=990.6,
            )
            runs.append(run)
        return runs

    return make
