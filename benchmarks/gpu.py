"""XLM-R base and multilingual-e5-small on a GPU, in bf16, compared with sentence-transformers.

The weights are random and the shapes real, so nothing is downloaded. Without a GPU only ``--quick``
runs, on the CPU and with a model of toy size: it shows that the code works and measures nothing.
"""

from __future__ import annotations

import itertools
import time
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.gpu_checks import checks
from benchmarks.harness import Check, Options, Report, Side, Timing, Work, main, measure, speedup
from benchmarks.text import texts, write_set

SHAPES: dict[str, dict[str, Any]] = {
    "XLM-R base": {},
    "mE5-small": {"hidden_size": 384, "num_hidden_layers": 12, "num_attention_heads": 12}
    | {"intermediate_size": 1536},
}
_QUICK = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2} | {
    "intermediate_size": 64,
    "max_position_embeddings": 130,
}
_VOCABULARY = 250_002
_LENGTH = 128
SIZES = {False: (128, 40, 20_000), True: (8, 2, 64)}
"""Pairs of a batch, steps and passages of a run; small ones for ``--quick``."""


def make_checkpoint(folder: Path, shape: dict[str, Any], quick: bool) -> Path:
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
        **(_QUICK if quick else shape),
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


def train_ours(folder: Path, model: Path, batch: int, steps: int, attention: str) -> Work:
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
        attention=attention,
        query_length=_LENGTH,
        passage_length=_LENGTH,
        validate_every=0,
        checkpoint_every=0,
    )
    events = train(
        config,
        Run(folder / "runs" / f"{model.parent.name}-{attention}"),
        folder / "data",
        device=_device(),
    )
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
        dataloader_num_workers=0,  # spawned ones import for seconds, as its own warning says
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


def encode_ours(model: Path, count: int, attention: str) -> Work:
    """hybench's encoder in bf16, as `--precision bf16` has it."""
    from hybench.encoders.loading import load_encoder
    from hybench.encoders.options import EncoderOptions

    encoder = load_encoder(model, _device(), EncoderOptions(attention=attention))
    encoder.use_precision("bf16")
    passages = list(texts(count, 60, seed=4))
    return lambda: float(encoder.encode(passages, "passage")[0, 0])


def encode_ahead(model: Path, count: int) -> Work:
    """The same in eight parts, each tokenised while the device has the one before."""
    from hybench.encoders.ahead import encode_parts
    from hybench.encoders.loading import load_encoder

    encoder = load_encoder(model, _device())
    encoder.use_precision("bf16")
    passages = list(texts(count, 60, seed=4))
    size = count // 8

    def work() -> float:
        parts = (passages[at : at + size] for at in range(0, count, size))
        made = encode_parts(encoder, parts, "passage", lambda _: None)
        return float(sum(vectors[0, 0] for vectors in made))

    return work


def tokenize_ours(model: Path, count: int) -> Work:
    """Tokenising alone."""
    from hybench.encoders.loading import load_encoder

    encoder = load_encoder(model, _device())
    passages = list(texts(count, 60, seed=4))
    return lambda: len(encoder.tokenize(passages, "passage").ids)


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


def attentions() -> dict[str, str]:
    """What is measured: padded batches, and packed ones where flash-attn is installed.

    With flash-attn, transformers takes the padding out before the products of attention and gives
    the texts' lengths instead.
    """
    packed = find_spec("flash_attn") is not None and _device() == "cuda"
    return {"padded": "sdpa"} | ({"packed": "flash"} if packed else {})


def sides_of(name: str, folder: Path, model: Path, options: Options) -> list[list[Side]]:
    """Both kinds of work on one shape: each of ours, and theirs."""
    batch, steps, count = SIZES[options.quick]
    training = (folder, model, batch, steps)
    return [
        [
            *(
                Side(f"{name}, train, {how}", train_ours, (*training, attention))
                for how, attention in attentions().items()
            ),
            Side(f"{name}, train, Trainer", train_theirs, training),
        ],
        [
            *(
                Side(f"{name}, encode, {how}", encode_ours, (model, count, attention))
                for how, attention in attentions().items()
            ),
            Side(f"{name}, encode, ahead", encode_ahead, (model, count)),
            Side(f"{name}, encode, tokens alone", tokenize_ours, (model, count)),
            Side(f"{name}, encode, encode()", encode_theirs, (model, count)),
        ],
    ]


def benchmark(options: Options) -> Report:
    """Both kinds of work on each shape, ours and theirs, and what must hold on a GPU."""
    from hybench.data.preparation import prepare
    from hybench.data.sources.jsonl.source import Jsonl

    if _device() == "cpu" and not options.quick:
        raise SystemExit("There is no GPU here: only --quick runs, and measures nothing.")
    batch, steps, count = SIZES[options.quick]
    amounts = {"train": (steps * batch, "pairs/s"), "encode": (count, "passages/s")}
    timings: dict[str, Timing] = {}
    columns: dict[str, dict[str, str]] = {}
    found: list[Check] = []
    rate = matmul_rate()
    with TemporaryDirectory() as place:
        folder = Path(place)
        write_set(folder / "source", 2000, 10, words=60)
        prepare(Jsonl(folder / "source"), folder / "data", "set")
        for name, shape in SHAPES.items():
            (folder / name).mkdir()
            model = make_checkpoint(folder / name, shape, options.quick)
            for sides in sides_of(name, folder, model, options):
                timings |= measure(sides, options.rounds)
            found += _compared(name, timings)
            trained = timings[f"{name}, train, padded"]
            # Forward and backward take three products per weight and token, two operations each.
            tokens = trained.result / (options.rounds + 1)
            share = 6 * _weights(model) * tokens / trained.median / rate
            what = f"{name}, train: share of the rate of a large product"
            found.append(Check(what, share, "≥", 0.0))
            encoded, tokens_alone = (
                timings[f"{name}, encode, {how}"].median for how in ("padded", "tokens alone")
            )
            what = f"{name}, encode: share of the time that tokenising takes"
            found.append(Check(what, tokens_alone / encoded, "≥", 0.0))
        for side, timing in timings.items():
            amount, unit = amounts[side.split(", ")[1]]
            columns[side] = {"rate": f"{amount / timing.median:,.0f} {unit}"}
        found += checks(folder, model, _device(), quick=options.quick)
    return Report(
        "XLM-R base and multilingual-e5-small shapes, random weights, bf16",
        timings,
        found,
        columns=columns,
    )


def _compared(name: str, timings: dict[str, Timing]) -> list[Check]:
    """Ours over theirs."""
    return [
        speedup(timings, f"{name}, {work}, {how}", f"{name}, {work}, {theirs}", 1.5)
        for work, theirs in (("train", "Trainer"), ("encode", "encode()"))
        for how in (*attentions(), *(["ahead"] if work == "encode" else []))
    ]


if __name__ == "__main__":
    main("gpu", benchmark, ("sentence-transformers", "transformers", "accelerate"), rounds=3)
