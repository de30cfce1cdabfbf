"""What a checkpoint's files say, and which are refused, by name."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from safetensors.torch import load_file, save_file

from hybench.encoders.checkpoint import Checkpoint, locate
from hybench.encoders.families import FAMILIES, family_of
from hybench.encoders.identity import encoder_digest
from hybench.encoders.loading import load_encoder
from hybench.encoders.options import POOLINGS
from hybench.errors import DataError, UsageError
from tests.encoders.formats import labse, plain, xlm_roberta


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory, tokenizer_file: Path) -> Path:
    folder = tmp_path_factory.mktemp("labse") / "LaBSE"
    labse(folder, tokenizer_file)
    return folder


@pytest.fixture
def model(original: Path, tmp_path: Path) -> Path:
    shutil.copytree(original, tmp_path / "model")
    return tmp_path / "model"


def _pickle_dense(model: Path) -> None:
    (model / "2_Dense" / "model.safetensors").rename(model / "2_Dense" / "pytorch_model.bin")


def _activation(model: Path) -> None:
    _change(model / "2_Dense" / "config.json", activation_function="evil.Activation")


def _change(file: Path, **values: object) -> None:
    known = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    file.write_text(json.dumps({**known, **values}), encoding="utf-8")


def _first_module(model: Path, kind: str) -> None:
    file = model / "modules.json"
    listed = json.loads(file.read_text(encoding="utf-8"))
    listed[0]["type"] = kind
    file.write_text(json.dumps(listed), encoding="utf-8")


REFUSED: dict[str, tuple[Callable[[Path], None], str]] = {
    "pickled dense": (_pickle_dense, "2_Dense has no safetensors weights"),
    "remote activation": (_activation, "evil.Activation, which is remote code"),
    "router": (
        lambda model: _first_module(model, "sentence_transformers.models.Router"),
        "is a Router of several encoders",
    ),
    "another library's": (
        lambda model: _first_module(model, "custom_st.Transformer"),
        "has the module custom_st.Transformer",
    ),
    "prompt left out": (
        lambda model: _change(model / "1_Pooling" / "config.json", include_prompt=False),
        "leaves the prompt out of its pooling",
    ),
    "DPR": (lambda model: _change(model / "config.json", model_type="dpr"), "is a half of DPR"),
    "quantised": (
        lambda model: _change(model / "config.json", quantization_config={"quant_method": "awq"}),
        "is quantised",
    ),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_hybench_does_not_take_is_refused_by_name(kind: str, model: Path) -> None:
    spoil, said = REFUSED[kind]
    locate(model)
    spoil(model)
    with pytest.raises(UsageError, match=said):
        locate(model)


@pytest.mark.parametrize("content", ["{", "[]", "[1]", '[{"type": "x"}]', "3"])
def test_a_damaged_list_of_modules_is_said(model: Path, content: str) -> None:
    (model / "modules.json").write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=r"modules\.json"):
        locate(model)


def test_an_adapter_without_its_model_is_said(model: Path, tmp_path: Path) -> None:
    gone = tmp_path / "gone" / "away" / "model"
    _change(model / "adapter_config.json", peft_type="LORA", base_model_name_or_path=str(gone))
    with pytest.raises(UsageError, match="There is no checkpoint"):
        load_encoder(model, "cpu")


def test_the_digest_is_of_what_makes_the_model(model: Path) -> None:
    before = locate(model).digest
    (model / "README.md").write_text("another", encoding="utf-8")
    assert locate(model).digest == before
    _change(model / "1_Pooling" / "config.json", pooling_mode="mean")
    assert locate(model).digest != before


def test_families_are_known_by_the_last_part_of_a_name() -> None:
    def family(name: str) -> str | None:
        found = family_of(Checkpoint(name, Path()))
        return None if found is None else found.name

    assert family("intfloat/multilingual-e5-small") == "E5"
    assert family("intfloat/multilingual-e5-large-instruct") == "E5-instruct"
    assert family("models/E5-base-v2/") == "E5"
    assert family("BAAI/bge-m3@5617a9f") == "BGE-M3"
    assert family("BAAI/bge-small-en-v1.5") == "BGE (English)"
    assert family("Snowflake/snowflake-arctic-embed-l-v2.0") == "Arctic 2"
    assert family("Snowflake/snowflake-arctic-embed-m-v1.5") == "Arctic"
    assert family("Qwen/Qwen3-Embedding-0.6B") == "Qwen3-Embedding"
    assert family("sentence-transformers/LaBSE") == "LaBSE"
    assert family("castorini/mdpr-tied-pft-msmarco") == "mDPR (tied)"
    assert family("sentence-transformers/all-MiniLM-L6-v2") == "MiniLM"
    assert family("FacebookAI/xlm-roberta-base") is None
    assert family("runs/mono/model") is None


def test_every_family_says_how_and_where_from() -> None:
    for family in FAMILIES:
        assert family.pooling in POOLINGS
        assert family.source.startswith(("arXiv ", "https://"))


def test_a_bare_checkpoint_takes_its_familys_pooling(tmp_path: Path, tokenizer_file: Path) -> None:
    xlm_roberta(tmp_path / "mdpr-tied-pft-msmarco", tokenizer_file)
    encoder = load_encoder(tmp_path / "mdpr-tied-pft-msmarco", "cpu")
    assert encoder.origins.pooling == "mDPR (tied): arXiv 2108.08787"
    assert str(encoder.model[1].pooling_mode) == "cls"


def test_no_family_no_pooling_is_said(tmp_path: Path, tokenizer_file: Path) -> None:
    plain(tmp_path / "some", tokenizer_file, "Bert", hidden_size=16, num_hidden_layers=1,
          num_attention_heads=2, intermediate_size=32, max_position_embeddings=64)  # fmt: skip
    assert load_encoder(tmp_path / "some", "cpu").origins.pooling == "assumed: no file says"


def test_weights_that_a_checkpoint_lacks_are_the_same_each_time(
    tmp_path: Path, tokenizer_file: Path
) -> None:
    folder = tmp_path / "xlm-roberta"
    xlm_roberta(folder, tokenizer_file)
    weights = load_file(folder / "model.safetensors")
    kept = {name: each for name, each in weights.items() if not name.startswith("pooler.")}
    save_file(kept, folder / "model.safetensors", {"format": "pt"})  # as masked language models are
    one, other = (load_encoder(str(folder), "cpu") for _ in range(2))
    assert any("pooler" in name for name in one.model.state_dict())
    assert encoder_digest(one) == encoder_digest(other)
