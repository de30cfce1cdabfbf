"""Gradient caching: the gradient of the whole batch, in the memory of a chunk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.autograd.graph import saved_tensors_hooks

from hybench.encoders.precision import autocast
from hybench.encoders.tokens import Tokens
from hybench.runs.run import Run
from hybench.training.contrastive import contrastive
from hybench.training.estimate import estimate
from hybench.training.gradient_cache import embed_in_chunks
from hybench.training.learner import Learner, Task
from hybench.training.train import resume_config, train
from tests.training.conftest import BUDGET, NEGATIVES, SCORED, make_task, run_to_the_end

OBJECTIVES: dict[str, dict[str, Any]] = {
    "contrastive": {},
    "negatives": {"hard_negatives": (NEGATIVES,), "negatives_per_query": 2},
    "scored": {
        "strategy": "distill",
        "objective": "kl",
        "teacher_scores": (SCORED,),
        "contrastive_weight": 0.5,
    },
    "mse": {"strategy": "distill"},
    "margin-mse": {"strategy": "distill", "objective": "margin-mse"},
    "kl": {"strategy": "distill", "objective": "kl", "contrastive_weight": 0.5},
}


def gradient(weights: list[torch.nn.Parameter]) -> torch.Tensor:
    found = [weight.grad for weight in weights]
    return torch.cat([value.flatten() for value in found if value is not None])


def step_gradient(task: Task) -> tuple[float, torch.Tensor]:
    """Loss and gradient of the first step, as the backward pass leaves it."""
    learner = Learner(task)
    weights = list(learner.model.parameters())
    sums = [torch.zeros_like(weight) for weight in weights]
    for weight, total in zip(weights, sums, strict=True):
        weight.register_hook(partial(_add, total))  # type: ignore[no-untyped-call]
    loss = learner.step(1).loss
    return loss, torch.cat([total.flatten() for total in sums])


def _add(total: torch.Tensor, gradient: torch.Tensor) -> None:
    total += gradient.to_dense()


def assert_equal_to(value: torch.Tensor, expected: torch.Tensor, relative: float) -> None:
    assert expected.norm() > 0
    assert (value - expected).norm() <= relative * expected.norm()


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("encoder", ["static", "tiny"])
def test_the_gradient_is_that_of_the_whole_batch(
    tmp_path: Path, data_root: Path, encoder: str, objective: str
) -> None:
    found = []
    for size in (0, 5):
        task = make_task(
            data_root,
            tmp_path,
            encoder=encoder,
            accumulation=2,
            chunk_size=size,
            clip=0.0,
            **OBJECTIVES[objective],
        )
        task.encoder.model.eval()  # no dropout
        found.append(step_gradient(task))
    (loss, whole), (loss_in_chunks, in_chunks) = found
    assert loss_in_chunks == pytest.approx(loss, rel=1e-6)
    assert_equal_to(in_chunks, whole, 1e-5)


def batch_tokens(task: Task) -> tuple[Tokens, Tokens]:
    rows = torch.randperm(60, generator=torch.Generator().manual_seed(0))[:23].numpy()
    return task.tokens["query"].take(rows), task.tokens["passage"].take(rows)


@pytest.mark.parametrize("keep_last", [False, True])
@pytest.mark.parametrize("precision", ["fp32", "bf16", "fp16"])
def test_a_chunk_has_the_same_dropout_both_times(
    tmp_path: Path, data_root: Path, precision: str, keep_last: bool
) -> None:
    task = make_task(data_root, tmp_path, encoder="tiny")
    model = task.encoder.model.train()
    weights = list(model.parameters())
    calls: list[tuple[int, Tokens, Tokens]] = []

    def embed(queries: Tokens, passages: Tokens) -> tuple[torch.Tensor, torch.Tensor]:
        calls.append((torch.initial_seed(), queries, passages))
        with autocast(precision, task.encoder.device):
            vectors = task.encoder.embed_both(queries, passages)
        return vectors[0].float(), vectors[1].float()

    torch.manual_seed(1)
    tokens = batch_tokens(task)
    vectors = embed_in_chunks(embed, *tokens, 7, keep_last=keep_last)
    loss = contrastive(*vectors, 0.1)
    loss.backward()  # type: ignore[no-untyped-call]
    in_chunks = gradient(weights)

    seeds = [seed for seed, _, _ in calls]
    assert [len(queries) for _, queries, _ in calls[:4]] == [2, 7, 7, 7]
    assert len(set(seeds[:4])) == 4
    assert sorted(seeds[4:]) == sorted(seeds[: 3 if keep_last else 4])
    # Within a chunk, queries and passages have similar lengths.
    embedded = zip(*((queries, passages) for _, queries, passages in calls[:4]), strict=True)
    for parts_of_side, whole in zip(embedded, tokens, strict=True):
        lengths = np.concatenate([part.lengths for part in parts_of_side])
        assert lengths.tolist() == sorted(whole.lengths)
    # The direct gradient under the same seeds: all activations of all chunks at once.
    model.zero_grad()
    parts = []
    for seed, queries, passages in calls[:4]:
        torch.manual_seed(seed)
        parts.append(embed(queries, passages))
    back = [np.argsort(np.argsort(side.lengths, kind="stable")) for side in tokens]
    direct = [
        torch.cat(side)[torch.from_numpy(rows)]
        for side, rows in zip(zip(*parts, strict=True), back, strict=True)
    ]
    expected = contrastive(direct[0], direct[1], 0.1)
    expected.backward()  # type: ignore[no-untyped-call]
    assert loss.item() == pytest.approx(expected.item(), rel=1e-6)
    assert_equal_to(in_chunks, gradient(weights), 1e-5)
    # Other masks are another gradient: dropout was on.
    torch.manual_seed(2)
    model.zero_grad()
    other = contrastive(*embed(*tokens), 0.1)
    other.backward()  # type: ignore[no-untyped-call]
    assert (in_chunks - gradient(weights)).norm() > 0.01 * in_chunks.norm()


def test_activations_are_kept_of_the_last_chunk_at_most(tmp_path: Path, data_root: Path) -> None:
    task = make_task(data_root, tmp_path, encoder="tiny")
    queries, passages = batch_tokens(task)
    kept: list[int] = []

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        kept.append(tensor.nbytes)
        return tensor

    def bytes_of(embed: Callable[[], object]) -> int:
        kept.clear()
        with saved_tensors_hooks(pack, lambda tensor: tensor):
            embed()
        return sum(kept)

    both = task.encoder.embed_both
    longest = [
        side.take(np.argsort(side.lengths, kind="stable")[-7:]) for side in batch_tokens(task)
    ]
    whole = bytes_of(lambda: both(queries, passages))
    one = bytes_of(lambda: both(*longest))
    none_kept = bytes_of(lambda: embed_in_chunks(both, queries, passages, 7))
    last_kept = bytes_of(lambda: embed_in_chunks(both, queries, passages, 7, keep_last=True))
    assert none_kept < whole / 100
    assert none_kept < last_kept <= one + none_kept


@pytest.mark.parametrize("objective", ["contrastive", "negatives"])
def test_a_step_embeds_every_chunk_twice_but_the_last(
    tmp_path: Path, data_root: Path, objective: str
) -> None:
    changes = {"accumulation": 2, "chunk_size": 5, **OBJECTIVES[objective]}
    task = make_task(data_root, tmp_path, **changes)
    passes: list[int] = []
    learner = Learner(task)
    learner.model.register_forward_pre_hook(lambda *_: passes.append(1))
    step = learner.step(1)
    batches = 2 * 2 * 4  # each of two batches of 16 has four chunks
    if step.beside:
        # The lists come last, whose chunks are counted by the texts of both batches.
        assert objective == "negatives"
        chunks = len(passes) + 2 - batches
        assert chunks % 2 == 0
        assert step.beside / 5 <= chunks / 2 < step.beside / 5 + 2
    else:
        assert objective == "contrastive"
        assert len(passes) == batches - 2


def test_a_chunk_as_large_as_the_batch_changes_nothing(tmp_path: Path, data_root: Path) -> None:
    found = []
    for size in (0, 16, 100):
        task = make_task(data_root, tmp_path, encoder="tiny", chunk_size=size)
        task.encoder.model.train()
        found.append(step_gradient(task)[1])
    assert (found[0] == found[1]).all()
    assert (found[0] == found[2]).all()


def test_a_training_in_chunks_resumes_exactly(tmp_path: Path, data_root: Path) -> None:
    changes: dict[str, Any] = {
        "encoder": "tiny",
        "chunk_size": 9,
        "accumulation": 2,
        "precision": "bf16",
        "steps": 4,
        "validate_every": 0,
    }
    run_to_the_end(tmp_path / "whole", data_root, **changes)
    run = Run(tmp_path / "cut")
    list(train(replace(BUDGET, **changes), run, data_root, device="cpu", stop=lambda: True))
    list(train(resume_config(run), run, data_root, device="cpu", resume=True))
    weights = [(tmp_path / name / "model").rglob("*.safetensors") for name in ("whole", "cut")]
    left, right = ([file.read_bytes() for file in sorted(files)] for files in weights)
    assert left == right


def test_an_estimate_embeds_in_chunks_too(tmp_path: Path, data_root: Path) -> None:
    plan = estimate(replace(BUDGET, chunk_size=5), Run(tmp_path / "run"), data_root, "cpu")
    assert plan.step_pairs == (16, 16)
    assert plan.seconds > 0
