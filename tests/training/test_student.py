"""Ways of training a checkpoint: adapters, fewer weights, less memory, other starts."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file
from tokenizers import Tokenizer

from hybench.encoders.description import describe
from hybench.encoders.loading import load_encoder
from hybench.errors import StateError, UsageError
from hybench.runs.run import Run
from hybench.training.student import check_start
from hybench.training.train import train
from tests.encoders.formats import xlm_roberta
from tests.training.conftest import BUDGET, run_to_the_end

TEXTS = ["red blue green", "àtijọ́ tuntun ilé", "old new house " * 30]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory, tokenizer_file: Path) -> Path:
    folder = tmp_path_factory.mktemp("base") / "multilingual-e5-small"
    xlm_roberta(folder, tokenizer_file)
    return folder


def weights(run: Path) -> dict[str, Any]:
    return load_file(run / "model" / "model.safetensors")


def trained(path: Path, data_root: Path, base: Path, **changes: Any) -> Path:
    """A short training of the checkpoint; its folder."""
    short = {"steps": 3, "validate_every": 0, "checkpoint_every": 0, "learning_rate": 1e-3}
    run_to_the_end(path, data_root, encoder=str(base), **{**short, **changes})
    return path


def test_an_adapter_is_trained_saved_and_loaded(
    base: Path, data_root: Path, tmp_path: Path
) -> None:
    from sentence_transformers import SentenceTransformer

    run = trained(tmp_path / "lora", data_root, base, lora=2)
    saved = json.loads((run / "model" / "adapter_config.json").read_text(encoding="utf-8"))
    assert saved["base_model_name_or_path"] == str(base)
    assert saved["r"] == 2
    adapter = load_file(run / "model" / "adapter_model.safetensors")
    assert all("lora_" in name for name in adapter)
    after, before = load_encoder(run / "model", "cpu"), load_encoder(base, "cpu")
    told = describe(after)
    assert told.adapter == str(base)
    assert told.query_prefix == "query: "
    plain = SentenceTransformer(str(run / "model"), device="cpu")
    np.testing.assert_allclose(
        after.encode(TEXTS, "passage"), plain.encode_document(TEXTS), atol=1e-5
    )
    moved = np.abs(after.encode(TEXTS, "passage") - before.encode(TEXTS, "passage")).max()
    assert moved > 1e-4
    again = trained(tmp_path / "more", data_root, run / "model")
    other = load_file(again / "model" / "adapter_model.safetensors")
    assert any(not other[name].equal(adapter[name]) for name in adapter)


def test_an_adapter_resumes_to_the_bit(base: Path, data_root: Path, tmp_path: Path) -> None:
    options = {"lora": 2, "steps": 4, "checkpoint_every": 2, "validate_every": 2}
    whole = trained(tmp_path / "whole", data_root, base, **options)
    config = replace(BUDGET, encoder=str(base), learning_rate=1e-3, **options)  # type: ignore[arg-type]
    part = Run(tmp_path / "part")
    seen: list[int] = []

    def stop() -> bool:
        seen.append(1)
        return len(seen) == 3

    list(train(config, part, data_root, device="cpu", stop=stop))
    events = list(train(config, part, data_root, device="cpu", resume=True))
    assert events[-1]["event"] == "done"
    name = "adapter_model.safetensors"
    assert (part.model / name).read_bytes() == (whole / "model" / name).read_bytes()


def test_frozen_weights_stay(base: Path, data_root: Path, tmp_path: Path) -> None:
    run = trained(tmp_path / "frozen", data_root, base, freeze="2")
    before, after = load_file(base / "model.safetensors"), weights(run)
    for name, value in after.items():
        trains = ".layer.2." in name
        assert value.equal(before[name]) != trains, name


def test_activations_computed_again_give_the_same_weights(
    base: Path, data_root: Path, tmp_path: Path
) -> None:
    usual = trained(tmp_path / "usual", data_root, base)
    again = trained(tmp_path / "again", data_root, base, gradient_checkpointing=True)
    for name, value in weights(usual).items():
        np.testing.assert_allclose(weights(again)[name], value, atol=1e-6, err_msg=name)


def test_rates_fall_with_depth(base: Path, data_root: Path, tmp_path: Path) -> None:
    before = load_file(base / "model.safetensors")
    run = trained(tmp_path / "decay", data_root, base, steps=1, warmup=0.0, layer_decay=0.1)
    after = weights(run)

    def moved(part: str) -> float:
        return max(
            float((after[name] - before[name]).abs().max()) for name in after if part in name
        )

    # AdamW's first step is the rate, whatever the gradient.
    assert moved(".layer.2.") == pytest.approx(1e-3, rel=0.1)
    assert moved(".layer.1.") == pytest.approx(1e-4, rel=0.1)
    assert moved("word_embeddings") == pytest.approx(1e-6, rel=0.1)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.torch.jit.script_method:DeprecationWarning")
def test_a_compiled_transformer_gives_the_same_weights(
    base: Path, data_root: Path, tmp_path: Path
) -> None:
    usual = trained(tmp_path / "usual", data_root, base, steps=1)
    compiled = trained(tmp_path / "compiled", data_root, base, steps=1, compile=True)
    for name, value in weights(usual).items():
        np.testing.assert_allclose(weights(compiled)[name], value, atol=1e-4, err_msg=name)


def test_no_steps_leave_the_encoder_as_it_is(base: Path, data_root: Path, tmp_path: Path) -> None:
    run = trained(tmp_path / "none", data_root, base, steps=0)
    before = load_file(base / "model.safetensors")
    assert all(value.equal(before[name]) for name, value in weights(run).items())


def test_a_start_that_changed_is_not_gone_on_with(
    base: Path, data_root: Path, tmp_path: Path, tokenizer_file: Path
) -> None:
    start = tmp_path / "start" / "model"
    xlm_roberta(start, tokenizer_file)
    config = replace(BUDGET, encoder=str(start), steps=4, checkpoint_every=1)
    list(train(config, Run(tmp_path / "run"), data_root, device="cpu", stop=lambda: True))
    file = start / "tokenizer_config.json"
    file.write_text(file.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    with pytest.raises(StateError, match="has changed since run run was started from it"):
        list(train(config, Run(tmp_path / "run"), data_root, device="cpu", resume=True))


def test_a_teacher_is_used_its_own_way_unless_told(
    base: Path, data_root: Path, tmp_path: Path
) -> None:
    def vectors(name: str, **options: Any) -> tuple[dict[str, Any], set[Path]]:
        given = {"strategy": "distill", "objective": "mse", "teacher": str(base), "steps": 1}
        events = run_to_the_end(tmp_path / name, data_root, **{**given, **options})
        [told] = [event for event in events if event["event"] == "teacher"]
        return told["encoder"], set((tmp_path / ".cache" / "teacher-vectors").glob("*/"))

    own, first = vectors("own")
    assert (own["query_prefix"], own["passage_prefix"]) == ("query: ", "passage: ")
    _, same = vectors("same")
    assert same == first
    others: list[dict[str, Any]] = [
        {"teacher_query_prefix": "q: "}, {"teacher_pooling": "cls"}, {"teacher_length": 8}
    ]  # fmt: skip
    for at, options in enumerate(others, 2):
        told, found = vectors(f"other-{at}", **options)
        assert told != own
        assert len(found) == at, options


# model2vec leaves files that it wrote to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_static_embeddings_are_made_from_a_transformer(
    base: Path, data_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    run = tmp_path / "static"
    run_to_the_end(run, data_root, init=str(base), steps=0, dimension=8)
    made = load_encoder(run / "model", "cpu")
    assert made.dimension == 8
    assert describe(made).layers == 0
    [row] = made.tokenize(["red"], "query").ids.tolist()
    table: Any = made.model[0]
    assert table.tokenizer.id_to_token(row) == "red"
    vectors = table.embedding.weight.detach().numpy()
    assert np.linalg.matrix_rank(vectors) == 8
    _are_principal_components(base, table.tokenizer, vectors)
    # Frequent tokens, which come first, weigh less.
    sizes = np.linalg.norm(vectors, axis=1)
    assert sizes[5:100].mean() < sizes[-100:].mean()
    cached = list((tmp_path / "cache" / "hybench" / "encoders").rglob("model.safetensors"))
    assert [load_file(file)["embedding.weight"].equal(weights(run)["embedding.weight"])
            for file in cached] == [True]  # fmt: skip


def _are_principal_components(
    base: Path, tokenizer: Tokenizer, vectors: NDArray[np.float32]
) -> None:
    """Each row is that of its own token: of what the transformer says of it, centred, on the
    components that vary most; but for its length, by which model2vec weighs it.
    """
    transformer: Any = load_encoder(base, "cpu").model[0]
    names = [tokenizer.id_to_token(row) for row in range(len(vectors))]
    pieces = transformer.tokenizer.convert_tokens_to_ids(names)
    ends = transformer.tokenizer("")["input_ids"]
    rows = torch.tensor([[ends[0], piece, ends[-1]] for piece in pieces])
    with torch.inference_mode():
        hidden = transformer.auto_model.eval()(input_ids=rows).last_hidden_state.mean(1).numpy()
    centred = hidden - hidden.mean(0)
    axes = np.linalg.svd(centred, full_matrices=False)[2][: vectors.shape[1]]
    expected = centred @ axes.T
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    found = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    # The sign of a component is anybody's.
    np.testing.assert_allclose(np.abs(found), np.abs(expected), atol=1e-3)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"init": "x", "encoder": "tiny"}, "tiny cannot be made from another model"),
        ({"init": "x", "encoder": "some/model"}, "is a checkpoint itself"),
    ],
)
def test_what_training_cannot_begin_with_is_said(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        check_start(replace(BUDGET, **changes))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"pooling": "cls"}, "--pooling is given, and --encoder static is no checkpoint"),
        ({"freeze": "all"}, "--freeze is 'all'"),
        ({"freeze": "2", "lora": 4, "encoder": "some/model"}, "--freeze and --lora"),
        ({"layer_decay": 0.9, "optimizer": "lazy-adamw"}, "--layer-decay is given with"),
        ({"layer_decay": 0.0}, "--layer-decay is 0"),
        ({"teacher_pooling": "cls"}, "--teacher-pooling is given without --teacher"),
        ({"attention": "paged", "encoder": "some/model"}, "--attention is 'paged'"),
    ],
)
def test_what_does_not_fit_together_is_said(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        replace(BUDGET, **changes)
