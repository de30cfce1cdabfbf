"""XLM-R base on a GPU, in bf16: training and encoding compared with sentence-transformers.

The weights are random and the shapes real, so nothing is downloaded. Without a GPU only ``--quick``
runs, on the CPU and with a model of toy size: it shows that the code works and measures nothing.
"""

from __future__ import annotations

import itertools
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.harness import Check, Options, Report, Side, Timing, Work, main, measure, speedup
from benchmarks.text import texts, write_set

_SHAPES: dict[bool, dict[str, Any]] = {
    False: {},  # XLM-R base's own
    True: {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
    | {"intermediate_size": 64, "max_position_embeddings": 130},
}
_VOCABULARY = 250_002
_LENGTH = 128


def make_checkpoint(folder: Path, quick: bool) -> Path:
    """A random XLM-R with its own vocabulary, in Hugging Face's layout."""
    import torch
    from transformers import XLMRobertaConfig, XLMRobertaModel

    from hybench.encoders.libraries import quiet_libraries
    from hybench.encoders.vocabulary import train_tokenizer, transformers_tokenizer

    quiet_libraries()
    train_tokenizer(texts(2000, 80, seed=3), 8000, folder / "tokenizer.json")
    tokenizer = transformers_tokenizer(folder / "tokenizer.json", _LENGTH)
    config = XLMRobertaConfig(
        vocab_size=8000 if quick else _VOCABULARY,
        pad_token_id=tokenizer.pad_token_id,
        **_SHAPES[quick],
    )
    torch.manual_seed(0)
    XLMRobertaModel(config, add_pooling_layer=False).save_pretrained(folder / "model")
    tokenizer.save_pretrained(folder / "model")
    return folder / "model"


def _device() -> str:
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def _wait() -> None:
    import torch

    if torch.cuda.is_available():
        torch.cuda.synchronize()


def train_ours(folder: Path, model: Path, batch: int, steps: int) -> Work:
    """hybench's own loop, event log and sampler included; a run is `steps` steps."""
    from hybench.config.train import TrainConfig
    from hybench.runs.run import Run
    from hybench.training.train import train

    config = TrainConfig(
        data=("set",),
        alpha=1.0,
        encoder=str(model),
        batch_size=batch,
        steps=100 * steps,
        precision="bf16",
        query_length=_LENGTH,
        passage_length=_LENGTH,
        validate_every=0,
        checkpoint_every=0,
    )
    events = train(config, Run(folder / "runs" / "gpu"), folder / "data", device=_device())
    stepped = (event for event in events if event["event"] == "step")
    first = next(stepped)

    def work() -> int:
        taken = list(itertools.islice(stepped, steps))
        _wait()
        return int(taken[-1]["tokens"] - first["tokens"])

    return work


def train_theirs(folder: Path, model: Path, batch: int, steps: int) -> Work:
    """sentence-transformers' Trainer with the same loss, precision and optimiser."""
    import json

    from datasets import Dataset
    from sentence_transformers import (
        SentenceTransformer,
        SentenceTransformerTrainer,
        SentenceTransformerTrainingArguments,
    )
    from sentence_transformers.losses import MultipleNegativesRankingLoss

    student = SentenceTransformer(str(model), device=_device())
    student.max_seq_length = _LENGTH
    lines = (folder / "source" / "pairs.jsonl").read_text(encoding="utf-8").splitlines()
    pairs = [json.loads(line) for line in lines]
    columns = {
        "query": ["query: " + pair["query"]["en"] for pair in pairs],
        "passage": ["passage: " + pair["passage"]["en"] for pair in pairs],
    }
    arguments = SentenceTransformerTrainingArguments(
        output_dir=str(folder / "theirs"),
        max_steps=steps,
        per_device_train_batch_size=batch,
        bf16=True,
        use_cpu=_device() == "cpu",
        optim="adamw_torch_fused",
        dataloader_num_workers=2,
        save_strategy="no",
        logging_strategy="no",
        report_to="none",
        disable_tqdm=True,
    )
    loss = MultipleNegativesRankingLoss(student, scale=20.0)

    def work() -> int:
        SentenceTransformerTrainer(
            student, arguments, Dataset.from_dict(columns), loss=loss
        ).train()
        _wait()
        return steps

    return work


def encode_ours(model: Path, count: int) -> Work:
    """hybench's encoder, its weights in bf16."""
    import torch

    from hybench.encoders.loading import load_encoder

    encoder = load_encoder(model, _device())
    encoder.model.to(torch.bfloat16)
    passages = list(texts(count, 60, seed=4))
    return lambda: float(encoder.encode(passages, "passage")[0, 0])


def encode_theirs(model: Path, count: int) -> Work:
    """sentence-transformers' encode at a batch size that fills a GPU."""
    import torch
    from sentence_transformers import SentenceTransformer

    encoder = SentenceTransformer(str(model), device=_device()).to(torch.bfloat16)
    encoder.max_seq_length = _LENGTH
    passages = list(texts(count, 60, seed=4))
    return lambda: float(encoder.encode(passages, batch_size=256)[0, 0])


def matmul_rate() -> float:
    """Floating-point operations per second of a large bf16 product on this device."""
    import torch

    size = 8192 if _device() == "cuda" else 512
    matrix = torch.ones(size, size, dtype=torch.bfloat16, device=_device())
    torch.mm(matrix, matrix)
    _wait()
    begun = time.perf_counter()
    for _ in range(20):
        torch.mm(matrix, matrix)
    _wait()
    return 20 * 2 * size**3 / (time.perf_counter() - begun)


def _weights(model: Path) -> int:
    """Number of weights in products: all but the embeddings."""
    from transformers import AutoModel

    network: Any = AutoModel.from_pretrained(model)
    return sum(
        weight.numel() for name, weight in network.named_parameters() if "embeddings" not in name
    )


def benchmark(options: Options) -> Report:
    """Both kinds of work, ours and theirs."""
    from hybench.data.preparation import prepare
    from hybench.data.sources.jsonl.source import Jsonl

    if _device() == "cpu" and not options.quick:
        raise SystemExit("There is no GPU here: only --quick runs, and measures nothing.")
    batch, steps, count = (8, 2, 64) if options.quick else (128, 50, 20_000)
    timings: dict[str, Timing] = {}
    with TemporaryDirectory() as name:
        folder = Path(name)
        write_set(folder / "source", 2000, 10, words=60)
        prepare(Jsonl(folder / "source"), folder / "data", "set")
        model = make_checkpoint(folder, options.quick)
        training = (folder, model, batch, steps)
        for ours, theirs in (
            (
                Side("train, hybench", train_ours, training),
                Side("train, Trainer", train_theirs, training),
            ),
            (
                Side("encode, hybench", encode_ours, (model, count)),
                Side("encode, encode()", encode_theirs, (model, count)),
            ),
        ):
            timings |= measure([ours, theirs], options.rounds)
        weights = _weights(model)
    rate = matmul_rate()
    trained = timings["train, hybench"]
    # Forward and backward take three products per weight and token, two operations each.
    tokens = trained.result / (options.rounds + 1)
    share = 6 * weights * tokens / trained.median / rate
    amounts = {"train": (steps * batch, "examples/s"), "encode": (count, "passages/s")}
    columns = {}
    for side, timing in timings.items():
        amount, unit = amounts[side.partition(",")[0]]
        columns[side] = {"rate": f"{amount / timing.median:,.0f} {unit}"}
    return Report(
        "XLM-R base shapes, random weights, bf16",
        timings,
        [
            speedup(timings, "train, hybench", "train, Trainer", 1.5),
            speedup(timings, "encode, hybench", "encode, encode()", 1.5),
            Check("train: share of the rate of a large product", share, "≥", 0.0),
        ],
        columns=columns,
    )


if __name__ == "__main__":
    main("gpu", benchmark, ("sentence-transformers", "transformers", "accelerate"), rounds=3)
