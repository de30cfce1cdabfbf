"""Several processes train what one does: the same batches, the same weights but for rounding."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hybench.errors import TrainingError, UsageError
from hybench.runs.events import Event, read_events
from hybench.runs.run import Run
from hybench.training.distributed.group import ALONE, BUCKET, ProcessGroup, _buckets
from hybench.training.distributed.place import Place, joined
from hybench.training.train import train
from tests.training.conftest import BUDGET, NEGATIVES, SCORED
from tests.waiting import HANG

pytestmark = [pytest.mark.process, pytest.mark.slow]

SIZES = (3,)

# Validated at the end alone. Of the toy set's texts some have the same words in another order, so
# that their vectors tie but for rounding: which of several steps is the best would depend on it.
ONCE = replace(BUDGET, validate_every=12)
ARMS: dict[str, dict[str, Any]] = {
    "hybrid": {},
    "by example": {"mixing": "example", "alpha": 0.3},
    "lazy": {"optimizer": "lazy-adamw", "alpha": 0.0},
    "mse": {"strategy": "distill", "contrastive_weight": 0.5},
    "margin-mse": {"strategy": "distill", "objective": "margin-mse"},
    "kl": {"strategy": "distill", "objective": "kl"},
    "cosine": {
        "strategy": "distill",
        "objective": "cosine",
        "distillation_weight": 0.8,
        "contrastive_weight": 0.2,
    },
    "scaled": {
        "strategy": "distill",
        "objective": "kl",
        "teacher_temperature": 0.2,
        "distillation_scale": "temperature-squared",
    },
    "negatives": {"hard_negatives": (NEGATIVES,), "optimizer": "lazy-adamw"},
    "negatives in chunks": {
        "hard_negatives": (NEGATIVES,),
        "strategy": "distill",
        "objective": "kl",
        "contrastive_weight": 0.5,
        "encoder": "tiny",
        "chunk_size": 3,
        "learning_rate": 1e-3,
    },
    "scored": {"strategy": "distill", "objective": "margin-mse", "teacher_scores": (SCORED,)},
    "chunks": {"chunk_size": 3, "accumulation": 2},
    "tiny": {"encoder": "tiny", "optimizer": "lazy-adamw", "learning_rate": 1e-3},
    # Fewer pairs than processes: one has no part of its own.
    "two pairs": {"batch_size": 2, "clip": 0.1},
}


def _without_dropout(patch: pytest.MonkeyPatch) -> None:
    from torch import nn

    def never_train(module: Any, mode: bool = True) -> Any:
        for part in module.modules():
            part.training = False
        return module

    patch.setattr(nn.Module, "train", never_train)


def work(rank: int, size: int, port: int, root: Path, data_root: Path) -> None:
    """Train every arm as one of several processes."""
    from torch.distributed import TCPStore  # type: ignore[attr-defined]

    _without_dropout(pytest.MonkeyPatch())
    store = TCPStore("127.0.0.1", port, is_master=False)
    with joined(Place(rank, size, rank, size), "cpu", store) as group:
        for name, changes in ARMS.items():
            run = Run(root / f"{size}" / name)
            events = train(replace(ONCE, **changes), run, data_root, device="cpu", group=group)
            last = list(events)[-1]["event"]
            assert last == ("done" if group.leads else "validation")
        with pytest.raises(TrainingError, match=f"weights of the {size} processes differ"):
            _differ(group)
    # A thread that lives on can abort the process when it ends.
    assert not [name for name in _threads() if "gloo" in name]


def _threads() -> list[str]:
    """Names of this process's threads, Python's and others."""
    return [file.read_text() for file in Path("/proc/self/task").glob("*/comm")]


def _differ(group: ProcessGroup) -> None:
    import torch

    group.check_same([torch.tensor([1.0, 2.0])], 1)
    group.check_same([torch.tensor([1.0, 2.0 + group.rank])], 2)


@pytest.fixture(scope="module")
def trained(
    tmp_path_factory: pytest.TempPathFactory,
    data_root: Path,
    popen: type[subprocess.Popen[Any]],
) -> Path:
    """Every arm, trained in one process and in several, in a folder for each number of them."""
    from torch.distributed import TCPStore  # type: ignore[attr-defined]

    root = tmp_path_factory.mktemp("runs")
    with pytest.MonkeyPatch.context() as patch:
        _without_dropout(patch)
        for name, changes in ARMS.items():
            list(train(replace(ONCE, **changes), Run(root / "1" / name), data_root, device="cpu"))
    for size in SIZES:
        store = TCPStore("127.0.0.1", 0, is_master=True, wait_for_workers=False)
        program = (
            "from pathlib import Path; from tests.training.distributed.test_group import work\n"
            f"work({{}}, {size}, {store.port}, Path({str(root)!r}), Path({str(data_root)!r}))\n"
        )
        workers = [
            popen([sys.executable, "-c", program.format(rank)], cwd=Path(__file__).parents[3])
            for rank in range(size)
        ]
        try:
            assert [worker.wait(HANG) for worker in workers] == [0] * size
        finally:
            for worker in workers:
                worker.kill()
                worker.wait()
    return root


def steps(run: Path) -> list[Event]:
    return [event for event in read_events(run / "events.jsonl").events if event["event"] == "step"]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("arm", ARMS)
def test_weights_are_those_of_one_process(size: int, arm: str, trained: Path) -> None:
    from safetensors.numpy import load_file

    one, several = (
        load_file(trained / number / arm / "checkpoints" / "step-12" / "model.safetensors")
        for number in ("1", f"{size}")
    )
    assert one.keys() == several.keys()
    # All together: a transformer has weights whose gradient is nothing but rounding (biases of
    # keys), which Adam scales up.
    ours, theirs = (np.concatenate([each[name].ravel() for name in one]) for each in (several, one))
    assert np.linalg.norm(ours - theirs) <= 1e-4 * np.linalg.norm(theirs)
    # Something was learned: the comparison is not one of initial weights.
    first = steps(trained / "1" / arm)[0]["loss"]
    assert any(event["loss"] < first for event in steps(trained / "1" / arm))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("arm", ARMS)
def test_batches_are_those_of_one_process(size: int, arm: str, trained: Path) -> None:
    one, several = (steps(trained / number / arm) for number in ("1", f"{size}"))
    names = ("step", "batch_kind", "examples", "tokens", "lr")
    assert [[event[name] for name in names] for event in several] == [
        [event[name] for name in names] for event in one
    ]
    for ours, theirs in zip(several, one, strict=True):
        assert ours["loss"] == pytest.approx(theirs["loss"], rel=1e-3)
        assert ours["grad_norm"] == pytest.approx(theirs["grad_norm"], rel=1e-3)


@pytest.mark.parametrize("size", SIZES)
def test_one_process_writes_and_says_how_many_there_were(size: int, trained: Path) -> None:
    for arm in ARMS:
        one, several = (
            read_events(trained / number / arm / "events.jsonl").events
            for number in ("1", f"{size}")
        )
        assert [event["event"] for event in several] == [event["event"] for event in one]
        [start] = [event for event in several if event["event"] == "start"]
        assert start["processes"] == size
        assert (trained / f"{size}" / arm / "model" / "modules.json").is_file()


def test_a_process_on_its_own_tells_nobody() -> None:
    import torch

    vectors = torch.ones(3, 2, requires_grad=True)
    assert ALONE.leads
    assert ALONE.gathered(vectors, 3) is vectors
    assert ALONE.part(np.arange(5)).tolist() == [0, 1, 2, 3, 4]
    assert ALONE.broadcast("so") == "so"
    assert ALONE.any(True)
    assert not ALONE.any(False)
    with ALONE.leader_first():
        ALONE.add_gradients([vectors])
        ALONE.check_same([vectors], 1)


def test_every_row_is_in_one_part_and_no_part_is_empty() -> None:
    parts = [ProcessGroup(rank, 4).part(np.arange(10, 20)).tolist() for rank in range(4)]
    assert parts == [[10, 11, 12], [13, 14, 15], [16, 17], [18, 19]]
    few = [ProcessGroup(rank, 4).part(np.arange(10, 12)).tolist() for rank in range(4)]
    assert few == [[10], [11], [10], [10]]


def test_gradients_are_added_up_some_at_a_time() -> None:
    import torch

    sizes = (BUCKET - 1, 1, 1, 3 * BUCKET, 2)
    given = [torch.empty(size, device="meta") for size in sizes]
    assert [[len(one) for one in bucket] for bucket in _buckets(given)] == [
        [BUCKET - 1, 1],
        [1],
        [3 * BUCKET],
        [2],
    ]


TOLD = {
    "RANK": "3",
    "WORLD_SIZE": "4",
    "LOCAL_RANK": "1",
    "LOCAL_WORLD_SIZE": "2",
    "MASTER_ADDR": "here",
    "MASTER_PORT": "1",
}


def test_the_place_that_torchrun_tells() -> None:
    assert Place.from_environment(TOLD) == Place(3, 4, 1, 2)
    assert Place.from_environment({}) is None
    assert Place.from_environment({**TOLD, "WORLD_SIZE": "1"}) is None


@pytest.mark.parametrize("name", TOLD)
def test_a_place_that_is_not_whole_is_refused(name: str) -> None:
    wrong = {**TOLD, name: ""} if name.startswith("MASTER") else {**TOLD, name: "some"}
    with pytest.raises(UsageError, match="WORLD_SIZE is "):
        Place.from_environment(wrong)


def test_each_process_has_a_gpu_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    place = Place(3, 4, 1, 2)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert place.device("auto") == place.device("cuda") == "cuda:1"
    assert place.device("cpu") == "cpu"
    with pytest.raises(UsageError, match="cuda:0 is a single GPU"):
        place.device("cuda:0")
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    with pytest.raises(UsageError, match="2 processes, but 1 GPU"):
        place.device("auto")
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    assert place.device("auto") == "cpu"
    with pytest.raises(UsageError, match="2 processes, but 0 GPUs"):
        place.device("cuda")
