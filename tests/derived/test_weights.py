"""Weights of real networks: adapters, 16 bits, and how texts are cut."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hybench
from hybench import DeriveOptions, ModelOptions, TrainConfig
from hybench.encoders.loading import load_encoder
from hybench.runs.run import Run
from tests.encoders.formats import plain

TEXTS = ["red blue house", "alt neu", "ilé pupa " * 40]


@pytest.fixture
def shop(toys: Path, checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A set and a checkpoint, in the working directory."""
    shutil.copytree(toys, tmp_path / "data")
    shutil.copytree(checkpoint, tmp_path / "base")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def state(run: Run) -> dict[str, Any]:
    model = load_encoder(run.model, "cpu").model
    return {name: value.double().numpy() for name, value in model.state_dict().items()}


def test_an_adapter_is_added_to_its_weights_before_they_are_merged(shop: Path) -> None:
    pytest.importorskip("peft")
    config = TrainConfig(
        data=("toy",), encoder="base", lora=2, steps=3, batch_size=8, query_length=16
    )
    one = hybench.train(config, name="one").run
    two = hybench.train(TrainConfig(**{**vars(config), "alpha": 0.0, "seed": 1}), name="two").run
    merged = hybench.derive("merged", "one", DeriveOptions("merge", others=("two",))).run
    found = state(merged)
    name = next(each for each in found if each.endswith("query.weight"))
    whole = []
    for run in (one, two):
        own = state(run)
        stem = name.removesuffix(".weight")
        product = own[f"{stem}.lora_B.default.weight"] @ own[f"{stem}.lora_A.default.weight"]
        whole.append(own[f"{stem}.base_layer.weight"] + 2 * product)
    assert np.abs(whole[0] - whole[1]).max() > 1e-6
    np.testing.assert_allclose(found[name], (whole[0] + whole[1]) / 2, atol=1e-7)
    assert not [each for each in found if "lora" in each]
    assert not (merged.model / "adapter_config.json").exists()
    shifted = hybench.derive("alone", "one", DeriveOptions("shift", data="toy", strength=0.0)).run
    before, after = (load_encoder(run.model, "cpu") for run in (one, shifted))
    expected = before.encode(TEXTS, "query")
    np.testing.assert_allclose(after.encode(TEXTS, "query", language="yo"), expected, atol=1e-6)


def test_16_bits_become_float32_and_lengths_stay(shop: Path, tokenizer_file: Path) -> None:
    from sentence_transformers import SentenceTransformer

    more = {
        "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2,
        "intermediate_size": 32, "max_position_embeddings": 80,
    }  # fmt: skip
    plain(shop / "half", tokenizer_file, "XLMRoberta", "float16", **more)
    hybench.evaluate(
        "half",
        "toy",
        hybench.EvalOptions(settings=("mono",)),
        model=ModelOptions(query_length=8, passage_length=12),
    )
    run = hybench.derive("centred", "half", DeriveOptions("center", data="toy")).run
    encoder = load_encoder(run.model, "cpu")
    assert {str(weight.dtype) for weight in encoder.model.parameters()} == {"torch.float32"}
    assert (encoder.length("query"), encoder.length("passage")) == (8, 12)
    outside = SentenceTransformer(str(run.model), device="cpu").encode(TEXTS, task="yo")
    ours = encoder.encode(TEXTS, "passage", language="yo")
    np.testing.assert_allclose(outside, ours, atol=1e-5)
