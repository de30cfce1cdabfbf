"""One optimiser step: from batches to an updated student and its metrics."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hybench.config.train import TrainConfig
from hybench.encoders.arithmetic import Work, arithmetic
from hybench.encoders.encoder import Encoder
from hybench.encoders.precision import autocast
from hybench.encoders.prompts import TextKind
from hybench.encoders.tokens import Tokens
from hybench.objectives import OBJECTIVES, TaughtBatch
from hybench.sampling import Batch, generator
from hybench.training.batches import batch_sampler
from hybench.training.corpus import PairTexts
from hybench.training.distillation import distillation
from hybench.training.distributed.group import ALONE, ProcessGroup
from hybench.training.exposure import Exposure, exposure
from hybench.training.gradient_cache import embed_in_chunks
from hybench.training.lists.beside import (
    TokenisedLists,
    beside,
    compared,
    contrastive_of,
    scored_loss,
    scores_of,
)
from hybench.training.lists.model import Drawn
from hybench.training.optim.groups import RATE_FACTOR, weight_groups
from hybench.training.optim.lazy_adamw import LazyAdamW
from hybench.training.optim.loss_scale import gradient_scaler
from hybench.training.optim.schedule import learning_rate
from hybench.training.optim.sparse_embedding import use_sparse_gradients
from hybench.training.optim.step import Stepper, clip_gradients
from hybench.training.teacher_vectors import TeacherVectors
from hybench.training.validation import ValidationSet

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Task:
    """Everything that a training works on, made from a config by `hybench.training.train`.

    Attributes:
        config: a resolved config.
        encoder: the student, its weights as at step 0.
        texts: the training pairs.
        tokens: their tokens, by kind.
        teacher: the teacher's vectors, if the strategy has a teacher.
        held_out: validation sets, of the process that validates; without any, the last weights are
            the result.
        group: the processes that train together.
        lists: hard negatives, or lists with a teacher's scores; None without.
    """

    config: TrainConfig
    encoder: Encoder
    texts: PairTexts
    tokens: dict[TextKind, Tokens]
    teacher: TeacherVectors | None
    held_out: Sequence[ValidationSet]
    group: ProcessGroup = ALONE
    lists: TokenisedLists | None = None


@dataclass(frozen=True)
class StepResult:
    """The numbers of one optimiser step.

    Attributes:
        loss: mean over its batches; without a finite one the step was not taken.
        losses: mean by kind of batch.
        learning_rate: of the step.
        gradient_norm: before clipping; without a finite one the step was not taken.
        loss_scale: factor of the loss with fp16, which avoids gradients of 0; else 1.
        examples: pairs in its batches.
        beside: texts of lists embedded beside them.
        tokens: tokens of their queries and passages, and of these texts.
        squares: sum of the squares of the tokens of each text.
        scores: products of a query's and a passage's vector: of each batch, queries times passages.
    """

    loss: float
    losses: dict[str, float]
    learning_rate: float
    gradient_norm: float
    loss_scale: float
    examples: int
    beside: int
    tokens: int
    squares: int
    scores: int

    @property
    def batch_kind(self) -> str:
        """The kind of its batches, ``mixed`` if there were several."""
        return next(iter(self.losses)) if len(self.losses) == 1 else "mixed"


class Learner:
    """A student, its optimiser and its batches."""

    def __init__(self, task: Task) -> None:
        import torch

        self._task = task
        self._config = task.config
        self._group = task.group
        self._objective = OBJECTIVES[task.config.objective]
        self.model: torch.nn.Module = task.encoder.model
        self._sampler = batch_sampler(task.config, task.texts)
        lazy = task.config.optimizer == "lazy-adamw"
        if task.encoder.device.type != "mps":  # which has no sparse gradients
            use_sparse_gradients(self.model, every_table=lazy)
        self._weights = [weight for weight in self.model.parameters() if weight.requires_grad]
        self.optimizer = torch.optim.AdamW(
            weight_groups(task.encoder.model, task.config.layer_decay),
            weight_decay=task.config.weight_decay,
            fused=True,
        )
        self._stepper = Stepper(
            self.optimizer,
            LazyAdamW(self.model, self.optimizer, task.config.steps) if lazy else None,
        )
        self.scaler = gradient_scaler(task.config.precision, task.encoder.device)
        self._arithmetic = arithmetic(task.encoder.model)

    @property
    def parameters(self) -> int:
        """Number of trained weights."""
        return sum(weight.numel() for weight in self._weights)

    def step(self, number: int) -> StepResult:
        """Take optimiser step `number`, from 1; not without a finite loss and gradient."""
        import torch

        config = self._config
        # Dropout depends only on the seed, the step and the process: a resumed run has the same.
        path = ("dropout", number, self._group.rank)[: 2 if self._group.leads else 3]
        torch.manual_seed(int(generator(config.seed, *path).integers(2**62)))
        rate = learning_rate(config, number)
        for group in self.optimizer.param_groups:
            group["lr"] = rate * group[RATE_FACTOR]
        self.optimizer.zero_grad(set_to_none=True)
        losses: list[float] = []
        by_kind: dict[str, list[float]] = {}
        examples = more = scores = 0
        work = Work()
        for part in range(config.accumulation):
            batch = self._sampler.batch((number - 1) * config.accumulation + part)
            queries, passages = self._tokens(batch)
            drawn, negatives = None, None
            lists = beside(self._task.lists, batch, config)
            vectors = self._embed(queries, passages, len(batch), last=lists is None)
            if lists is not None:
                drawn = lists.drawn
                negatives = drawn, lists.embed(self._task.encoder, config, self._group)
                work += lists.work
                more += lists.work.texts
            loss = self._loss(batch, *vectors, negatives)
            self.scaler.scale(loss / config.accumulation).backward()  # type: ignore[no-untyped-call]
            losses.append(loss.item())
            by_kind.setdefault(batch.kind, []).append(losses[-1])
            examples += len(batch)
            scores += scores_of(config, batch, drawn)
            work += Work.of(queries.lengths) + Work.of(passages.lengths)
        self._group.add_gradients(self._weights)
        scale = self.scaler.get_scale()
        self.scaler.unscale_(self.optimizer)
        norm = clip_gradients(self._weights, config.clip)
        mean = sum(losses) / len(losses)
        if math.isfinite(mean) and math.isfinite(norm):
            self._stepper.step()
        self.scaler.update()
        means = {kind: sum(values) / len(values) for kind, values in by_kind.items()}
        return StepResult(
            mean, means, rate, norm, scale, examples, more, work.tokens, work.squares, scores
        )

    def operations(self, work: Work, scores: int) -> int:
        """Floating-point operations of training on texts whose vectors had so many scores."""
        config = self._config
        again = 0 < config.chunk_size < config.batch_size or bool(config.gradient_checkpointing)
        return self._arithmetic.training(work, scores, again=again)

    def exposure(self, steps: int) -> Exposure:
        """The exposure of the student in the first `steps` steps."""
        config, lists = self._config, self._task.lists

        def against(batch: Batch) -> int:
            drawn = None if lists is None else lists.lists.draw(batch, config.seed)
            return compared(config, batch, drawn)

        return exposure(self._sampler, steps * config.accumulation, against)

    def decide(self, alphas: Sequence[tuple[int, float]]) -> None:
        """Draw the batches that follow by what validations decided, see `LoopState.alphas`."""
        self._sampler.decide(alphas)

    def settle(self) -> None:
        """Apply deferred updates of the weights."""
        self._stepper.settle()

    def check_same(self, step: int) -> None:
        """Check that all processes have the same weights.

        Raises:
            TrainingError: they differ, or another process has ended.
        """
        self._group.check_same(self._weights, step)

    def _tokens(self, batch: Batch) -> tuple[Tokens, Tokens]:
        """The queries and the passages of a batch."""
        query_rows, passage_rows = self._task.texts.batch_rows(batch)
        tokens = self._task.tokens
        return tokens["query"].take(query_rows), tokens["passage"].take(passage_rows)

    def _embed(
        self, queries: Tokens, passages: Tokens, rows: int, *, last: bool
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Vectors float32 [rows, d] of a batch's queries and passages; each process of the group
        embeds its part. `last`: nothing else is embedded before the backward pass.
        """
        if self._group.size > 1:
            own = self._group.part(np.arange(rows))
            queries, passages = queries.take(own), passages.take(own)
        chunk = self._config.chunk_size
        if 0 < chunk < len(queries):
            vectors = embed_in_chunks(self._forward, queries, passages, chunk, keep_last=last)
        else:
            vectors = self._forward(queries, passages)
        query_vectors, passage_vectors = vectors
        gathered = self._group.gathered
        return gathered(query_vectors, rows), gathered(passage_vectors, rows)

    def _forward(self, queries: Tokens, passages: Tokens) -> tuple[torch.Tensor, torch.Tensor]:
        """Vectors float32 [b, d] of queries and of passages, in the config's precision."""
        encoder = self._task.encoder
        with autocast(self._config.precision, encoder.device):
            query_vectors, passage_vectors = encoder.embed_both(queries, passages)
        return query_vectors.float(), passage_vectors.float()

    def _loss(
        self,
        batch: Batch,
        queries: torch.Tensor,
        passages: torch.Tensor,
        negatives: tuple[Drawn, torch.Tensor] | None,
    ) -> torch.Tensor:
        """Loss of a batch with the vectors float32 [b, d] of its queries and passages, and those
        [m, d] of the entries of lists beside it.
        """
        import torch

        config, task = self._config, self._task
        if config.teacher_scores:
            return scored_loss(config, queries, passages, negatives)
        if task.teacher is None:
            return contrastive_of(config, queries, passages, negatives)
        taught = task.teacher.of_batch(batch, task.texts)
        teacher_queries, teacher_passages = (
            torch.from_numpy(vectors).to(task.encoder.device) for vectors in taught
        )
        taught_batch = TaughtBatch(
            queries,
            passages,
            teacher_queries,
            teacher_passages,
            config.temperature,
            config.teacher_temperature,
        )
        return distillation(
            config,
            self._objective,
            taught_batch,
            lambda: contrastive_of(config, queries, passages, negatives),
        )
