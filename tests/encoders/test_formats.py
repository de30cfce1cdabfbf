"""Checkpoints of every family: used their own way, trained in float32, and saved whole."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from hybench.config.train import TrainConfig
from hybench.encoders.description import describe
from hybench.encoders.encoder import Encoder
from hybench.encoders.loading import load_encoder
from hybench.encoders.prompts import TextKind
from hybench.runs.run import Run
from hybench.training.train import train
from tests.encoders.formats import FORMATS, HIDDEN

TEXTS = ["red blue green", "", "àtijọ́ tuntun ilé", "红蓝绿", "old new house " * 30, "?!"]

KINDS: tuple[TextKind, ...] = ("query", "passage")
POOLING = {
    "bge_m3": "cls", "labse": "cls", "arctic": "cls", "qwen3": "lasttoken",
}  # fmt: skip
PROMPTS = {
    "arctic": ("query: ", ""),
    "qwen3": ("Instruct: red blue\nQuery:", ""),
    "gemma": ("task: search | query: ", "title: none | text: "),
    "e5": ("query: ", "passage: "),
}
STORED = {"half": "float16", "brain_float": "bfloat16", "qwen3": "bfloat16", "model2vec": "float16"}


@pytest.fixture(scope="module")
def formats(tmp_path_factory: pytest.TempPathFactory, tokenizer_file: Path) -> Any:
    made: dict[str, Path] = {}

    def make(name: str) -> Path:
        if name not in made:
            folder = tmp_path_factory.mktemp(name) / {"e5": "multilingual-e5-base"}.get(name, name)
            FORMATS[name](folder, tokenizer_file)
            made[name] = folder
        return made[name]

    return make


def plain_vectors(folder: Path, name: str) -> tuple[Any, Any]:
    """What plain sentence-transformers gives, in float32, with the family's prompts."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding

    if name == "model2vec":
        model = SentenceTransformer(modules=[StaticEmbedding.load(str(folder))], device="cpu")
    else:
        model = SentenceTransformer(
            str(folder), device="cpu", model_kwargs={"dtype": torch.float32}
        )
    query, passage = PROMPTS.get(name, ("", ""))
    encode: Any = partial(model.float().encode, TEXTS, normalize_embeddings=True)
    return encode(prompt=query), encode(prompt=passage)


@pytest.mark.parametrize("name", FORMATS)
def test_it_is_used_as_its_authors_use_it(name: str, formats: Any) -> None:
    encoder = load_encoder(formats(name), "cpu")
    for kind, plain in zip(KINDS, plain_vectors(formats(name), name), strict=True):
        np.testing.assert_allclose(encoder.encode(TEXTS, kind), plain, atol=1e-5)
    told = describe(encoder)
    assert told.used == "float32"
    assert told.stored == STORED.get(name, "float32")
    assert told.pooling == POOLING.get(name, "mean")
    assert (told.query_prefix, told.passage_prefix) == PROMPTS.get(name, ("", ""))
    assert told.dimension == (8 if name == "matryoshka" else HIDDEN)
    assert told.truncated == (name == "matryoshka")
    assert told.layers == (0 if name in {"static", "model2vec"} else 3)
    assert told.parameters == sum(weight.numel() for weight in encoder.model.parameters())
    assert told.digest
    assert told.name == str(formats(name))


@pytest.mark.parametrize("name", FORMATS)
def test_what_was_trained_is_saved_whole(
    name: str, formats: Any, toys: Path, tmp_path: Path
) -> None:
    run = Run(tmp_path / "run")
    config = TrainConfig(
        data=("toy",), encoder=str(formats(name)), steps=2, batch_size=8, learning_rate=1e-3,
        warmup=0.0, validate_every=0,
    )  # fmt: skip
    events = list(train(config, run, toys, device="cpu"))
    assert [event["event"] for event in events][:2] == ["encoder", "start"]
    before = load_encoder(formats(name), "cpu")
    after = load_encoder(run.model, "cpu")
    assert describe(after).stored == "float32"
    assert max(_moved(before, after)) == pytest.approx(1e-3, rel=1.0)
    from sentence_transformers import SentenceTransformer

    plain = SentenceTransformer(str(run.model), device="cpu")
    unit = name == "matryoshka"
    encode = {"query": plain.encode_query, "passage": plain.encode_document}
    for kind in KINDS:
        vectors: Any = encode[kind](TEXTS, normalize_embeddings=unit)
        np.testing.assert_allclose(after.encode(TEXTS, kind), vectors, atol=1e-5)
        assert not np.allclose(before.encode(TEXTS, kind), vectors, atol=1e-4)


def _moved(before: Encoder, after: Encoder) -> list[float]:
    """How far the weights moved at most, by weight."""
    states = before.model.state_dict(), after.model.state_dict()
    assert set(states[0]) == set(states[1])
    return [float((states[0][name] - states[1][name]).abs().max()) for name in states[0]]
