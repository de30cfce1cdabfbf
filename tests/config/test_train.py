"""Configs: every field checked, a round trip through TOML, one default per encoder."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest
import tomli_w

from hybench.config.config_file import read_config
from hybench.config.train import TrainConfig
from hybench.errors import DataError, UsageError


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("alpha", 1.5, "--alpha is 1.5"),
        ("alpha", float("nan"), "--alpha is nan"),
        ("strategy", "magic", "--strategy is 'magic'"),
        ("objective", "l1", "--objective"),
        ("mixing", "token", "--mixing"),
        ("schedule", "step", "--schedule"),
        ("precision", "fp8", "--precision"),
        ("steps", -1, "--steps is -1"),
        ("batch_size", 1, "--batch-size is 1"),
        ("accumulation", 0, "--accumulation"),
        ("temperature", 1e-5, "--temperature"),
        ("learning_rate", -1.0, "--learning-rate"),
        ("warmup", 2.0, "--warmup"),
        ("seed", -1, "--seed"),
        ("vocabulary", 3, "--vocabulary"),
        ("patience", -1, "--patience"),
        ("contrastive_weight", -0.1, "--contrastive-weight"),
        ("query_length", 8, "--query-length and --passage-length"),
        ("teacher", "some/model", "--teacher is given"),
    ],
)
def test_a_wrong_value_names_its_flag(field: str, value: object, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        TrainConfig(**{field: value})  # type: ignore[arg-type]
    assert said in caught.value.what
    assert caught.value.do


def test_every_field_says_what_it_is() -> None:
    assert all(item.metadata["help"].endswith(".") for item in fields(TrainConfig))


@pytest.mark.parametrize("encoder", ["static", "tiny", "checkpoint"])
def test_a_resolved_config_survives_toml(tmp_path: Path, encoder: str, checkpoint: Path) -> None:
    name = encoder if encoder != "checkpoint" else str(checkpoint)
    config = TrainConfig(data=("a", "b"), languages=("yo",), encoder=name).resolved()
    assert config.learning_rate > 0
    assert config.batch_size == {"static": 512, "tiny": 64}.get(encoder, 100)
    assert config.query_prefix == {"static": "", "tiny": "query: "}.get(encoder)
    assert config.passage_length == {"static": 256, "tiny": 256}.get(encoder)
    file = tmp_path / "config.toml"
    file.write_text(tomli_w.dumps(config.to_toml()), encoding="utf-8")
    assert read_config(file) == config
    assert read_config(file).digest() == config.digest()


def test_the_papers_learning_rate_holds_for_checkpoints(checkpoint: Path) -> None:
    assert TrainConfig(encoder=str(checkpoint)).resolved().learning_rate == 3e-5


def test_whole_numbers_pass_for_floats(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('data = ["a"]\nalpha = 1\n', encoding="utf-8")
    assert read_config(file).alpha == 1.0


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ("aplha = 1", UsageError, "unknown field aplha"),
        ("steps = 'many'", UsageError, "steps is 'many'"),
        ("steps = true", UsageError, "steps is True"),
        ("data = 'atlas'", UsageError, "data is 'atlas'"),
        ("steps =", DataError, "cannot be read as TOML"),
    ],
)
def test_a_wrong_file_is_refused(
    tmp_path: Path, text: str, error: type[Exception], said: str
) -> None:
    file = tmp_path / "config.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(error, match=said):
        read_config(file)


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There is no"):
        read_config(tmp_path / "none.toml")


def test_languages_are_named_by_any_code() -> None:
    asked = {"languages": ["swh_Latn", "yor"], "scarce": ["yor_Latn"], "pivot": "eng"}
    config = TrainConfig.from_toml(asked, "study.toml")
    assert (config.languages, config.scarce, config.pivot) == (("sw", "yo"), ("yo",), "en")
    assert TrainConfig.from_toml(config.to_toml(), "config.toml") == config
    with pytest.raises(UsageError, match="--languages names yo twice"):
        TrainConfig.from_toml({"languages": ["yor", "yo"]}, "study.toml").resolved()
