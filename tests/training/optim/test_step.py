"""Sparse gradients, their clipping and their steps, beside dense ones computed by torch."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn.functional import embedding_bag

from hybench.config.train import TrainConfig
from hybench.errors import UsageError
from hybench.training.learner import Learner
from hybench.training.optim.lazy_adamw import LazyAdamW
from hybench.training.optim.sparse_embedding import use_sparse_gradients
from hybench.training.optim.step import Stepper, clip_gradients
from tests.training.conftest import BUDGET, make_task

ROWS, DIMENSION = 2500, 8
"""More touched rows than are stepped at once."""


def random_bags(seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Token ids int32 [n] with repetitions, and the starts int32 [40] of bags; two are empty."""
    random = np.random.default_rng(seed)
    lengths = random.integers(1, 90, 40)
    lengths[[3, 39]] = 0
    ids = random.choice(ROWS, lengths.sum()).astype(np.int32)
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]]).astype(np.int32)
    return torch.from_numpy(ids), torch.from_numpy(starts)


def static_model(weights: torch.Tensor) -> Any:
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer, models

    return StaticEmbedding(Tokenizer(models.BPE()), embedding_weights=weights.clone())


def table(seed: int = 0) -> torch.Tensor:
    return torch.randn(ROWS, DIMENSION, generator=torch.Generator().manual_seed(seed))


def test_a_bag_has_torchs_vectors_and_its_gradient_as_touched_rows() -> None:
    dense = table().requires_grad_()
    model = static_model(table())
    use_sparse_gradients(model, every_table=False)
    weight = model.embedding.weight
    for seed in range(2):  # the second gradient is added to the first
        ids, starts = random_bags(seed)
        expected = embedding_bag(ids, dense, starts, mode="mean")
        vectors = model({"input_ids": ids, "offsets": starts})["sentence_embedding"]
        assert torch.equal(vectors, expected)
        target = torch.randn(expected.shape, generator=torch.Generator().manual_seed(seed))
        torch.autograd.backward(vectors, target)
        torch.autograd.backward(expected, target)
        assert weight.grad is not None
        assert weight.grad.is_sparse
        if seed == 0:
            assert weight.grad._indices()[0].tolist() == sorted(set(ids.tolist()))
    assert dense.grad is not None
    torch.testing.assert_close(weight.grad.to_dense(), dense.grad, atol=1e-6, rtol=1e-5)


def sparse(gradient: torch.Tensor, twice: bool = False) -> torch.Tensor:
    """The rows of a gradient that are not 0; each as two halves where asked."""
    rows = gradient.abs().sum(1).nonzero()[:, 0]
    if twice:
        rows = torch.cat([rows, rows])
    values = gradient[rows] / (2 if twice else 1)
    return torch.sparse_coo_tensor(rows[None], values, gradient.shape, check_invariants=True)


def gradients(step: int) -> torch.Tensor:
    """A gradient [ROWS, DIMENSION] of which about half the rows are 0."""
    random = torch.Generator().manual_seed(100 + step)
    kept = torch.rand(ROWS, 1, generator=random) < 0.5
    return torch.randn(ROWS, DIMENSION, generator=random) * kept


@pytest.mark.parametrize("most", [0.0, 0.5, 1e9])
@pytest.mark.parametrize("twice", [False, True])
def test_clipping_sparse_gradients_is_clipping_dense_ones(most: float, twice: bool) -> None:
    dense, other = table().requires_grad_(), torch.ones(3, requires_grad=True)
    dense.grad, other.grad = gradients(0), torch.full((3,), 2.0)
    expected = torch.nn.utils.clip_grad_norm_([dense, other], most or float("inf"))
    weight, bias = table().requires_grad_(), torch.ones(3, requires_grad=True)
    unused = torch.ones(3, requires_grad=True)
    weight.grad, bias.grad = sparse(gradients(0), twice), torch.full((3,), 2.0)
    norm = clip_gradients([weight, bias, unused], most)
    assert norm == pytest.approx(float(expected), rel=1e-5)
    torch.testing.assert_close(weight.grad.to_dense(), dense.grad)
    torch.testing.assert_close(bias.grad, other.grad)


def adamw(weight: torch.Tensor) -> torch.optim.AdamW:
    return torch.optim.AdamW([weight], lr=0.1, weight_decay=0.3, fused=True)


def test_adamw_of_sparse_gradients_is_torchs() -> None:
    dense, weight = table().requires_grad_(), table().requires_grad_()
    expected, ours = adamw(dense), adamw(weight)
    stepper = Stepper(ours, None)
    for step in range(4):
        dense.grad, weight.grad = gradients(step), sparse(gradients(step))
        expected.step()
        stepper.step()
        assert [weight.grad] == [None]
        assert torch.equal(weight, dense)
    for name, value in expected.state[dense].items():
        assert torch.equal(ours.state[weight][name], value)


def scarce(step: int) -> torch.Tensor:
    """`gradients`, of which every fifth row has none after the third step."""
    gradient = gradients(step)
    if step > 2:
        gradient[::5] = 0
    return gradient


def falling(steps: int) -> list[float]:
    return [0.1 * (1 - step / steps) for step in range(steps)]


def lazily(
    steps: int, cut: int = 0, read_at: tuple[int, ...] = ()
) -> tuple[torch.nn.EmbeddingBag, Stepper]:
    """A table after lazy steps; after `cut` of them, everything is made anew from its state."""

    def make(weights: torch.Tensor) -> tuple[torch.nn.EmbeddingBag, torch.optim.AdamW, Stepper]:
        bag = torch.nn.EmbeddingBag.from_pretrained(weights, freeze=False)
        optimizer = adamw(bag.weight)
        return bag, optimizer, Stepper(optimizer, LazyAdamW(bag, optimizer, steps))

    bag, optimizer, stepper = make(table())
    for step, rate in enumerate(falling(steps)):
        optimizer.param_groups[0]["lr"] = rate
        gradient = sparse(scarce(step))
        bag(gradient._indices())  # rows are read before they have a gradient
        bag.weight.grad = gradient
        stepper.step()
        if step in read_at:
            stepper.settle()
        if step + 1 == cut:
            saved = {name: value.clone() for name, value in optimizer.state[bag.weight].items()}
            bag, optimizer, stepper = make(bag.weight.detach().clone())
            groups = optimizer.state_dict()["param_groups"]
            optimizer.load_state_dict({"state": {0: saved}, "param_groups": groups})
    return bag, stepper


def test_lazy_adamw_is_adamw_whenever_a_row_is_read() -> None:
    steps = 400
    dense = table().requires_grad_()
    expected = adamw(dense)
    for step, rate in enumerate(falling(steps)):
        expected.param_groups[0]["lr"] = rate
        dense.grad = scarce(step)
        expected.step()
    bag, stepper = lazily(steps, read_at=(20, 21, 300))
    with torch.no_grad():
        late = (bag.weight - dense).abs().amax(1) > 1e-3
        assert 200 < int(late.sum()) < 2000
        rows = torch.arange(0, ROWS, 7)
        torch.testing.assert_close(bag(rows[:, None]), dense[rows], atol=2e-5, rtol=1e-4)
        stepper.settle()
    torch.testing.assert_close(bag.weight, dense, atol=2e-5, rtol=1e-4)


def test_lazy_adamw_goes_on_to_the_same_bits() -> None:
    whole, stepper = lazily(40)
    cut, other = lazily(40, cut=17)
    assert torch.equal(whole.weight, cut.weight)
    stepper.settle()
    other.settle()
    assert torch.equal(whole.weight, cut.weight)
    weights = whole.weight.detach().clone()
    stepper.settle()
    assert torch.equal(whole.weight, weights)


@pytest.mark.parametrize("changes", [{}, {"accumulation": 2}, {"chunk_size": 5}])
def test_a_learner_with_adamw_computes_what_plain_torch_does(
    tmp_path: Path, data_root: Path, changes: dict[str, Any]
) -> None:
    ours = Learner(make_task(data_root, tmp_path, optimizer="adamw", **changes))
    plain = Learner(make_task(data_root, tmp_path, optimizer="adamw", **changes))
    bag = plain.model[0].embedding  # type: ignore[index]
    del bag.forward  # its class's own: dense gradients
    for step in range(1, 6):
        left, right = ours.step(step), plain.step(step)
        assert left.loss == pytest.approx(right.loss, abs=1e-5)
        assert left.gradient_norm == pytest.approx(right.gradient_norm, rel=1e-4)


@pytest.mark.parametrize("encoder", ["static", "tiny"])
def test_a_learner_with_lazy_adamw_computes_what_adamw_does(
    tmp_path: Path, data_root: Path, encoder: str
) -> None:
    def make(optimizer: str) -> Learner:
        changes = {"encoder": encoder, "batch_size": 4, "learning_rate": 1e-3}
        task = make_task(data_root, tmp_path, optimizer=optimizer, steps=40, **changes)
        task.encoder.model.eval()
        return Learner(task)

    lazy, dense = make("lazy-adamw"), make("adamw")
    for step in range(1, 41):
        left, right = lazy.step(step), dense.step(step)
        assert left.loss == pytest.approx(right.loss, abs=2e-4)
    pairs = list(zip(lazy.model.parameters(), dense.model.parameters(), strict=True))
    assert not all(torch.allclose(ours, theirs, atol=1e-4) for ours, theirs in pairs)
    lazy.settle()
    for ours, theirs in pairs:
        torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=1e-3)


def test_the_optimizer_is_the_encoders_own_unless_named(checkpoint: Path) -> None:
    for encoder in ("static", "tiny", str(checkpoint)):
        assert replace(BUDGET, encoder=encoder).resolved().optimizer == "adamw"
    assert TrainConfig(optimizer="lazy-adamw").resolved().optimizer == "lazy-adamw"
    with pytest.raises(UsageError, match="--optimizer is 'sgd'"):
        TrainConfig(optimizer="sgd")
