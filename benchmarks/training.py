"""The sides of the training benchmarks: hybench's loop, a bare one, sentence-transformers' Trainer.

All train the same weights on the same batches with the same settings; the losses of their first
steps, dropout being off, are compared. A step is timed from the end of the one before.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from multiprocessing import current_process
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.harness import Check, Options, Side, Timing, Work, measure

if TYPE_CHECKING:
    import torch

    from hybench.config.train import TrainConfig
    from hybench.sampling import Batch
    from hybench.training.learner import Task

REAL_TEXT = Path(__file__).parents[2] / "shared" / "data"
PACKAGES = ("accelerate", "sentence-transformers", "tokenizers", "transformers")
COMPARED = 3
"""First steps whose losses are compared."""

_UNTIMED = 3
"""Steps that begin a round: a Trainer starts its workers, caches fill."""


@dataclass(frozen=True)
class Setting:
    """The setting of a training benchmark, the same for all sides.

    Attributes:
        folder: of the prepared sets; the sides write their runs and vocabularies there.
        config: resolved, with a constant learning rate and neither validations nor checkpoints.
        steps: timed steps of a round.
    """

    folder: Path
    config: TrainConfig
    steps: int


def make_setting(folder: Path, options: Options, steps: int, **fields: Any) -> Setting:
    """Prepare the data: XQuAD-R and NTREX if they exist, else the Atlas.

    Args:
        folder: an empty one.
        options: quick ones take the Atlas in three languages and two steps.
        steps: timed steps of a round.
        fields: of the config.
    """
    from hybench.config.train import TrainConfig
    from hybench.data.preparation import prepare
    from hybench.data.sources.atlas.source import Atlas
    from hybench.data.sources.ntrex import Ntrex
    from hybench.data.sources.xquad_r import XquadR

    if options.quick:
        prepared = [prepare(Atlas(languages=("en", "ja", "yo")), folder)]
    elif REAL_TEXT.is_dir():
        questions = XquadR(from_dir=REAL_TEXT / "xquad-r", split_articles=True)
        prepared = [
            prepare(questions, folder),
            prepare(Ntrex(from_dir=REAL_TEXT / "ntrex"), folder),
        ]
    else:
        prepared = [prepare(Atlas(), folder)]
    config = TrainConfig(
        data=tuple(each.dataset.name for each in prepared),
        steps=10**6,
        schedule="constant",
        warmup=0.0,
        validate_every=0,
        checkpoint_every=0,
        **fields,
    )
    return Setting(folder, config.resolved(), 2 if options.quick else steps)


def make_task(setting: Setting, dropout: bool) -> Task:
    """The student, the pairs and their tokens, as `hybench.training.train` makes them."""
    import torch

    from hybench.data.dataset import open_datasets
    from hybench.training.corpus import read_pair_texts, tokenize_pairs
    from hybench.training.learner import Task
    from hybench.training.student import make_student

    config = setting.config
    datasets = open_datasets(config.data, setting.folder)
    texts = read_pair_texts(datasets, config)
    encoder = make_student(config, datasets, setting.folder / ".cache", "cpu")
    if not dropout:
        for module in encoder.model.modules():
            if isinstance(module, torch.nn.Dropout):
                module.p = 0.0
    return Task(config, encoder, texts, tokenize_pairs(texts.texts, encoder), None, [])


def first_batches(task: Task, count: int) -> list[Batch]:
    """The batches of the first steps."""
    from hybench.training.batches import batch_sampler

    sampler = batch_sampler(task.config, task.texts)
    return [sampler.batch(number) for number in range(count)]


def _rounds(ends: Callable[[int], Sequence[float]], losses: Sequence[float], count: int) -> Work:
    """Rounds of `count` timed steps.

    Args:
        ends: takes so many steps and gives the times when they ended.
        losses: of the first steps, without dropout.
        count: timed steps of a round.
    """
    seconds: list[float] = []

    def work() -> tuple[Sequence[float], list[float]]:
        times = ends(_UNTIMED + count)
        seconds.extend(np.diff(times[_UNTIMED - 1 :]).tolist())
        return losses, seconds

    return work


def _ends(steps: Iterator[object]) -> Callable[[int], Sequence[float]]:
    next(steps)
    return lambda count: [time.perf_counter() for _ in islice(steps, count)]


def hybench_steps(setting: Setting) -> Work:
    """`hybench.training.loop.Loop`, with its sampler, its alarms and its event log."""
    from hybench.runs.events import EventLog
    from hybench.runs.run import Run
    from hybench.training.loop import Loop
    from hybench.training.train import never

    def events(dropout: bool) -> Iterator[Any]:
        with TemporaryDirectory(dir=setting.folder) as folder:
            run = Run(Path(folder))
            task = make_task(setting, dropout)
            yield from Loop(task, run, EventLog(run.events_file), never).events()

    losses = [event["loss"] for event in islice(events(dropout=False), COMPARED)]
    return _rounds(_ends(events(dropout=True)), losses, setting.steps)


def bare_steps(setting: Setting) -> Work:
    """A loop in plain PyTorch, whose batches are made in advance."""
    import torch
    from torch.nn.functional import cross_entropy, normalize

    config = setting.config

    def steps(dropout: bool) -> Iterator[float]:
        task = make_task(setting, dropout)
        network: Any = task.encoder.model[0]
        embed, inputs = _bare_encoder(task)
        batches = [inputs(batch) for batch in first_batches(task, _UNTIMED + setting.steps)]
        weights = list(network.parameters())
        optimizer = torch.optim.AdamW(
            weights, lr=config.learning_rate, weight_decay=config.weight_decay, fused=True
        )
        network.train()
        while True:
            for batch in batches:
                optimizer.zero_grad()
                queries, passages = (normalize(vectors, dim=1) for vectors in embed(batch))
                scores = queries @ passages.T / config.temperature
                loss = cross_entropy(scores, torch.arange(len(scores)))
                loss.backward()  # type: ignore[no-untyped-call]
                torch.nn.utils.clip_grad_norm_(weights, config.clip)
                optimizer.step()
                yield loss.item()

    losses = list(islice(steps(dropout=False), COMPARED))
    return _rounds(_ends(steps(dropout=True)), losses, setting.steps)


def _bare_encoder(
    task: Task,
) -> tuple[Callable[[Any], Sequence[torch.Tensor]], Callable[[Batch], Any]]:
    """The embedding of a batch's queries and passages into vectors [b, d] each, and its input."""
    import torch
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding

    from hybench.encoders.tokens import Tokens

    network: Any = task.encoder.model[0]

    def tokens(batch: Batch) -> list[Tokens]:
        queries, passages = task.texts.batch_rows(batch)
        return [task.tokens["query"].take(queries), task.tokens["passage"].take(passages)]

    def bags(batch: Batch) -> list[torch.Tensor]:
        both = Tokens.concatenate(tokens(batch))
        return [torch.from_numpy(both.ids), torch.from_numpy(both.offsets[:-1].astype(np.int32))]

    def padded(batch: Batch) -> list[list[torch.Tensor]]:
        return [[torch.from_numpy(array) for array in each.padded(0)] for each in tokens(batch)]

    def means(batch: list[list[torch.Tensor]]) -> list[torch.Tensor]:
        vectors = []
        for ids, mask in batch:
            states = network.model(input_ids=ids, attention_mask=mask)[0]
            vectors.append((states * mask[:, :, None]).sum(1) / mask.sum(1, keepdim=True))
        return vectors

    if isinstance(network, StaticEmbedding):
        return (lambda batch: network.embedding(*batch).chunk(2)), bags
    return means, padded


def trainer_steps(setting: Setting, workers: int) -> Work:
    """sentence-transformers' Trainer, without evaluation, saving and logging.

    Args:
        setting: what to train.
        workers: processes that load data; the Trainer tokenises in them.
    """
    from datasets import Dataset
    from sentence_transformers import (
        SentenceTransformerTrainer,
        SentenceTransformerTrainingArguments,
    )
    from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss
    from transformers import TrainerCallback

    config = setting.config
    current_process().daemon = False  # a daemon may have no workers

    class Ends(TrainerCallback):
        def __init__(self) -> None:
            self.times: list[float] = []

        def on_step_end(self, *_: Any, **__: Any) -> None:
            self.times.append(time.perf_counter())

    def trainer(task: Task, count: int, logging: str) -> Any:
        batches = first_batches(task, count)
        rows = [task.texts.batch_rows(batch) for batch in batches]
        columns = {
            kind: [task.texts.texts[kind][row] for row in np.concatenate(chosen).tolist()]  # type: ignore[index]
            for kind, chosen in zip(("query", "passage"), zip(*rows, strict=True), strict=True)
        }
        ends = np.cumsum([len(batch) for batch in batches])[:-1]
        in_order = [part.tolist() for part in np.split(np.arange(len(columns["query"])), ends)]
        arguments = SentenceTransformerTrainingArguments(
            output_dir=str(setting.folder / "trainer"),
            max_steps=count,
            per_device_train_batch_size=config.batch_size,
            batch_sampler=lambda *_, **__: in_order,  # type: ignore[arg-type]
            learning_rate=config.learning_rate,
            lr_scheduler_type="constant",
            weight_decay=config.weight_decay,
            max_grad_norm=config.clip,
            optim="adamw_torch_fused",
            prompts={"query": config.query_prefix or "", "passage": config.passage_prefix or ""},
            dataloader_num_workers=workers,
            use_cpu=True,
            eval_strategy="no",
            save_strategy="no",
            logging_strategy=logging,
            logging_steps=1,
            report_to="none",
            disable_tqdm=True,
        )
        loss = MultipleNegativesRankingLoss(task.encoder.model, scale=1 / config.temperature)
        return SentenceTransformerTrainer(
            model=task.encoder.model,
            args=arguments,
            train_dataset=Dataset.from_dict(columns),
            loss=loss,
        )

    first = trainer(make_task(setting, dropout=False), COMPARED, "steps")
    first.train()
    losses = [entry["loss"] for entry in first.state.log_history if "loss" in entry]
    task = make_task(setting, dropout=True)

    def ends(count: int) -> list[float]:
        called = Ends()
        current = trainer(task, count, "no")
        current.add_callback(called)
        current.train()
        return called.times

    return _rounds(ends, losses, setting.steps)


def peers(setting: Setting) -> list[Side]:
    """The others: a bare loop, and the Trainer that tokenises in its process or in workers."""
    return [
        Side("bare loop", bare_steps, (setting,)),
        Side("Trainer", trainer_steps, (setting, 0)),
        Side("Trainer, 1 worker", trainer_steps, (setting, 1)),
    ]


def steps_of(sides: Sequence[Side], rounds: int) -> dict[str, Timing]:
    """The result of `measure`, with the seconds of all timed steps in place of the rounds'."""
    # As the hybench command sets it, for all: with OpenMP's default, threads wait for one another
    # many times as long where anything else runs beside.
    alike = [replace(side, environment={"GOMP_SPINCOUNT": "1000"}) for side in sides]
    timings = measure(alike, rounds)
    return {
        name: replace(timing, seconds=tuple(timing.result[1]), result=timing.result[0])
        for name, timing in timings.items()
    }


def faster_trainer(timings: Mapping[str, Timing]) -> str:
    """The name of the Trainer's side with the fastest number of workers."""
    names = [name for name in timings if name.startswith("Trainer")]
    return min(names, key=lambda name: timings[name].median)


def same_losses(timings: Mapping[str, Timing], sides: Sequence[str]) -> Check:
    """Whether sides had the same losses in their first steps."""
    losses = np.array([timings[name].result for name in sides])
    value = float(np.ptp(losses, axis=0).max())
    return Check(f"losses of {len(losses[0])} steps: largest difference", value, "≤", 1e-4)
