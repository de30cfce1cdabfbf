"""Fewer layers, frozen ones, and rates that fall with depth."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hybench.encoders.encoder import Encoder
from hybench.encoders.kinds.static import static_model
from hybench.encoders.layers import depths, freeze, layers_of
from hybench.encoders.loading import load_encoder
from hybench.encoders.options import EncoderOptions
from hybench.errors import UsageError
from hybench.training.optim.groups import RATE_FACTOR, weight_groups
from tests.encoders.formats import FORMATS

TRANSFORMERS = ("xlm_roberta", "modern_bert", "qwen3", "gemma", "mt5")


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory, tokenizer_file: Path) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("formats")
    for name in TRANSFORMERS:
        FORMATS[name](root / name, tokenizer_file)
    return {name: root / name for name in TRANSFORMERS}


@pytest.mark.parametrize("name", TRANSFORMERS)
def test_the_first_layers_are_kept_and_saved(
    name: str, folders: dict[str, Path], tmp_path: Path
) -> None:
    whole = load_encoder(folders[name], "cpu")
    cut = load_encoder(folders[name], "cpu", EncoderOptions(layers=2))
    assert [len(layers_of(each.model) or ()) for each in (whole, cut)] == [3, 2]
    kept = dict(whole.model.named_parameters())
    for weight_name, weight in cut.model.named_parameters():
        assert (kept[weight_name] == weight).all()
    cut.save(tmp_path / "cut")
    again = load_encoder(tmp_path / "cut", "cpu")
    assert len(layers_of(again.model) or ()) == 2
    for kind in ("query", "passage"):
        np.testing.assert_allclose(
            again.encode(["red blue"], kind), cut.encode(["red blue"], kind), atol=1e-6
        )


def test_more_layers_than_there_are_is_refused(folders: dict[str, Path]) -> None:
    with pytest.raises(UsageError, match="--layers is 4, but the encoder has 3"):
        load_encoder(folders["mt5"], "cpu", EncoderOptions(layers=4))


@pytest.mark.parametrize("name", TRANSFORMERS)
def test_frozen_weights_and_depths(name: str, folders: dict[str, Path]) -> None:
    encoder = load_encoder(folders[name], "cpu")
    deep = depths(encoder.model)
    layers = layers_of(encoder.model)
    assert layers is not None
    for at, layer in enumerate(layers):
        assert {deep[weight] for weight in layer.parameters()} == {2 - at}
    first = next(iter(encoder.model.parameters()))
    assert deep[first] == 3
    freeze(encoder.model, "2")
    trained = {weight for weight in encoder.model.parameters() if weight.requires_grad}
    assert trained
    assert {deep[weight] for weight in trained} <= {0, 3}
    assert all(weight in trained for weight in layers[2].parameters())
    assert first not in trained


def test_rates_fall_with_depth(folders: dict[str, Path]) -> None:
    model = load_encoder(folders["xlm_roberta"], "cpu").model
    groups = weight_groups(model, 0.5)
    assert sorted(group[RATE_FACTOR] for group in groups) == [0.125, 0.25, 0.5, 1.0]
    every = [weight for group in groups for weight in group["params"]]
    assert len(every) == len(list(model.parameters()))
    [one] = weight_groups(model, None)
    assert one[RATE_FACTOR] == 1.0


@pytest.mark.parametrize("what", ["embeddings", "1"])
def test_static_embeddings_have_no_layers(what: str, tokenizer_file: Path) -> None:
    encoder = Encoder(static_model(tokenizer_file, 16, 40, 1))
    with pytest.raises(UsageError, match="--freeze counts layers, and the encoder has none"):
        freeze(encoder.model, what)


def test_all_that_is_frozen_is_refused(folders: dict[str, Path]) -> None:
    model = load_encoder(folders["xlm_roberta"], "cpu").model
    with pytest.raises(UsageError, match="leaves nothing of the encoder to train"):
        freeze(model, "3")
    with pytest.raises(UsageError, match="--freeze is 4, but the encoder has 3 layers"):
        freeze(model, "4")
