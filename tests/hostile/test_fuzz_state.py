"""Any bytes in the files of a run or data set: they are read, or refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybench.comparison.gather import CompareOptions, gather
from hybench.config.config_file import read_config
from hybench.data.dataset import Dataset
from hybench.data.schema import TABLES
from hybench.encoders.loading import load_encoder
from hybench.evaluation.results import ResultsInfo
from hybench.files.checksums import damaged_files
from hybench.indexes.manifest import read_manifest
from hybench.runs.events import EventLog, read_events
from hybench.runs.run import Run
from hybench.training.checkpoint import LoopState, load_checkpoint, save_checkpoint
from tests.builders import toy_dataset
from tests.hostile.fuzz import VALUES, either, fuzzing, refuse, spoilt, spoilt_json


@fuzzing()
@given(data=st.data())
def test_configs(data: st.DataObject, workshop: Path) -> None:
    whole = (workshop / "runs" / "mono" / "config.toml").read_bytes()
    either(read_config, "config.toml", data.draw(spoilt(whole)))


@fuzzing()
@given(data=st.data())
def test_configs_of_other_values(data: st.DataObject) -> None:
    import tomli_w

    from hybench.config.train import TrainConfig

    values = {**TrainConfig().to_toml()}
    values[data.draw(st.sampled_from(sorted(values)))] = data.draw(
        st.integers(-(2**62), 2**62) | st.floats() | st.text(max_size=5) | st.booleans()
    )
    refuse(lambda: TrainConfig.from_toml(values, "config.toml").resolved().digest())
    either(read_config, "config.toml", tomli_w.dumps(values).encode("utf-8", "replace"))


def _open_all(folder: Path) -> None:
    dataset = Dataset.open(folder)
    for table in TABLES:
        for language in dataset.table_languages(table):
            getattr(dataset, table)(language)
    for split in dataset.splits:
        dataset.evaluation_split(split)
    assert dataset.info.origin
    assert dataset.info.fingerprint


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return toy_dataset(tmp_path_factory.mktemp("data")).path


def _with(folder: Path, name: str, data: bytes, into: Path) -> Path:
    """A copy of a folder in which one file holds these bytes."""
    copy = into / folder.name
    shutil.copytree(folder, copy)
    (copy / name).write_bytes(data)
    return copy


@pytest.mark.parametrize("name", ["dataset.json", "qrels/en.parquet"])
@fuzzing(0.5)
@given(data=st.data())
def test_data_sets(name: str, data: st.DataObject, toy: Path) -> None:
    whole = (toy / name).read_bytes()
    strategy = spoilt(whole)
    if name.endswith("json"):
        strategy |= spoilt_json(json.loads(whole))
    with TemporaryDirectory() as folder:
        copy = _with(toy, name, data.draw(strategy), Path(folder))
        refuse(lambda: _open_all(copy))


@fuzzing(0.5)
@given(data=st.data())
def test_tables_whose_manifest_was_forged(data: st.DataObject, toy: Path) -> None:
    """A stranger's data set has the right checksums of the wrong bytes."""
    from hybench.files.checksums import sha256_file

    whole = (toy / "qrels" / "en.parquet").read_bytes()
    with TemporaryDirectory() as folder:
        copy = _with(toy, "qrels/en.parquet", data.draw(spoilt(whole)), Path(folder))
        manifest = json.loads((copy / "dataset.json").read_text())
        manifest["files"]["qrels/en.parquet"] = sha256_file(copy / "qrels" / "en.parquet")
        (copy / "dataset.json").write_text(json.dumps(manifest))
        refuse(lambda: _open_all(copy))


def _json(whole: bytes) -> st.SearchStrategy[bytes]:
    return spoilt(whole) | spoilt_json(json.loads(whole))


@fuzzing()
@given(data=st.data())
def test_index_manifests(data: st.DataObject, workshop: Path) -> None:
    whole = (workshop / "runs/mono/index/toy/de/manifest.json").read_bytes()
    either(lambda path: read_manifest(path.parent), "manifest.json", data.draw(_json(whole)))


@fuzzing()
@given(data=st.data())
def test_manifests_of_files(data: st.DataObject, workshop: Path) -> None:
    whole = (workshop / "runs" / "mono" / "model.json").read_bytes()
    either(damaged_files, "model.json", data.draw(_json(whole)))


@fuzzing()
@given(data=st.data())
def test_results(data: st.DataObject, workshop: Path) -> None:
    whole = (workshop / "runs" / "mono" / "results" / "toy.json").read_bytes()
    either(ResultsInfo.read, "toy.json", data.draw(_json(whole)))


@fuzzing(0.3)
@given(data=st.data())
def test_runs_that_are_compared(data: st.DataObject, workshop: Path) -> None:
    run = workshop / "runs" / "mono"
    name = data.draw(st.sampled_from(["results/toy.json", "config.toml"]))
    whole = (run / name).read_bytes()
    content = data.draw(_json(whole) if name.endswith("json") else spoilt(whole))
    with TemporaryDirectory() as folder:
        copy = Run(_with(run, name, content, Path(folder)))
        refuse(
            lambda: gather([copy, Run(workshop / "runs" / "hybrid")], CompareOptions(data="toy"))
        )


@pytest.mark.parametrize("name", ["state.json", "model.safetensors", "optimizer.safetensors"])
@fuzzing(0.5)
@given(data=st.data())
def test_checkpoints(name: str, data: st.DataObject, workshop: Path) -> None:
    import torch

    from hybench.encoders.loading import load_encoder

    model = load_encoder(workshop / "runs" / "mono" / "model", "cpu").model
    optimizer = torch.optim.AdamW(model.parameters())
    for weight in model.parameters():
        weight.grad = torch.ones_like(weight)
    optimizer.step()
    with TemporaryDirectory() as source, TemporaryDirectory() as folder:
        step = save_checkpoint(Path(source), model, optimizer, LoopState(step=8), "config", 1)
        whole = (step / name).read_bytes()
        content = data.draw(_json(whole) if name == "state.json" else spoilt(whole))
        _with(step, name, content, Path(folder))
        refuse(lambda: load_checkpoint(Path(folder), model, optimizer, "config"))


FILES = ("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json")


@pytest.mark.parametrize("name", FILES)
@fuzzing(0.4)
@given(data=st.data())
def test_models_of_strangers(name: str, data: st.DataObject, checkpoint: Path) -> None:
    whole = (checkpoint / name).read_bytes()
    content = data.draw(_json(whole) if name.endswith("json") else spoilt(whole[:2000]))
    if not name.endswith("json") and data.draw(st.booleans()):
        content += whole[2000:]
    with TemporaryDirectory() as folder:
        copy = _with(checkpoint, name, content, Path(folder))
        refuse(lambda: load_encoder(copy, "cpu"))


def _events(path: Path, *splits: int) -> tuple[list[Any], int]:
    """The events and the torn lines of reads up to each of some sizes of the growing file."""
    data = path.read_bytes()
    events: list[Any] = []
    offset = torn = 0
    for size in (*sorted(splits), len(data)):
        path.write_bytes(data[:size])
        read = read_events(path, offset)
        events += read.events
        torn += read.torn
        offset = read.offset
    return events, torn


LINES = b'{"event": "a", "time": 1.0, "x": [1, NaN]}\n{"event": "b"}\n\n{"event": 3}\n[]\n{"event"'


@fuzzing(3)
@given(spoilt(LINES), st.lists(st.integers(0, 500), max_size=5))
def test_event_logs(data: bytes, splits: list[int]) -> None:
    """Whatever a log holds, reading it as it grows gives what reading it at once does."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "events.jsonl"
        path.write_bytes(data)
        whole = _events(path)
        path.write_bytes(data)
        grown = _events(path, *(min(size, len(data)) for size in splits))
        assert repr(whole) == repr(grown)
        assert all(isinstance(event["event"], str) for event in whole[0])
        before = len(whole[0])
        EventLog(path).append("next")
        read = read_events(path)
        assert read.events[-1]["event"] == "next"
        assert len(read.events) - before in {1, 2}  # a last line that lacked its end alone
        shrunk = read_events(path, read.offset + 1000)
        assert repr(shrunk.events) == repr(read.events)


@fuzzing()
@given(st.dictionaries(st.text(max_size=5), VALUES, max_size=4))
def test_whatever_is_told_comes_back(values: dict[str, Any]) -> None:
    values = {key: value for key, value in values.items() if key not in {"event", "time", "self"}}
    with TemporaryDirectory() as folder:
        path = Path(folder) / "events.jsonl"
        told = EventLog(path).append("x", **values)
        [read] = read_events(path).events
    assert repr(read) == repr(told)
