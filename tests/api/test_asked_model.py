"""Models as they are, through Python: a run is made of one, and taken wherever runs are."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import hybench
from hybench.api.comparing import RunsCompared
from hybench.api.evaluating import plan_evaluation
from hybench.encoders.checkpoint import locate
from hybench.errors import StateError, UsageError
from hybench.files.documents import read_json
from hybench.indexes.model import load_model_of
from hybench.runs.events import read_events
from hybench.runs.models import ModelConfig
from hybench.runs.run import MODEL, Run
from hybench.runs.status import StatusBoard


@pytest.fixture(scope="module")
def shop(toys: Path, checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A set, and two models: one evaluated as it is, and one trained from it. Not to be changed."""
    root = tmp_path_factory.mktemp("shop")
    shutil.copytree(toys, root / "data")
    shutil.copytree(checkpoint, root / "models" / "base")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        options = hybench.EvalOptions(settings=("mono", "multi"))
        hybench.evaluate("models/base", "toy", options, model=hybench.ModelOptions(query_length=32))
        config = hybench.TrainConfig(
            data=("toy",), encoder="models/base", query_length=32, steps=3, batch_size=8
        )
        for seed in (0, 1):
            trained = hybench.train(replace(config, seed=seed))
            hybench.evaluate(trained, "toy", options)
    return root


@pytest.fixture
def there(shop: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The shop as the working directory, for what changes nothing in it."""
    monkeypatch.chdir(shop)
    return shop


@pytest.fixture
def taken(shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the shop's set and models, without runs, as the working directory."""
    for name in ("data", "models"):
        shutil.copytree(shop / name, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_run_says_what_the_model_is_and_how_it_is_used(there: Path) -> None:
    run = Run(there / "runs" / "base")
    assert run.kind == MODEL
    config = ModelConfig.read(run)
    assert config.encoder == str(there / "models" / "base")
    assert config.digest == locate(there / "models" / "base").digest
    assert (config.query_prefix, config.query_length, config.revision) == ("", 32, "")
    assert run.read_config()["hybench"] == hybench.__version__
    assert "torch" in read_json(run.environment_file)["versions"]
    [said] = read_events(run.events_file).events
    assert (said["event"], said["digest"]) == ("encoder", config.digest)
    assert not run.model.exists()  # it is not copied


def test_its_vectors_are_those_of_the_model_so_used(there: Path) -> None:
    from hybench.encoders.loading import load_encoder
    from hybench.encoders.options import EncoderOptions

    texts = ["rot blau grün", "ilé odò"]
    plain = load_encoder("models/base", "cpu", EncoderOptions(query_length=32))
    ours = load_model_of(Run(there / "runs" / "base"), "cpu")
    np.testing.assert_array_equal(ours.encode(texts, "query"), plain.encode(texts, "query"))
    assert ours.length("query") == 32


def test_search_and_status_take_it(there: Path) -> None:
    assert len(hybench.search("rot blau grün", "base", "toy", k=3).hits) == 3
    [status] = [one for one in StatusBoard([there / "runs"]).look() if one.name == "base"]
    assert (status.kind, status.state, status.steps) == (MODEL, "done", None)


def test_gains_over_the_baseline_are_in_the_table_already(there: Path) -> None:
    options = hybench.CompareOptions(data="toy", setting="mono", group_seeds=True)
    found = hybench.compare("runs", options, runs_dir=there / "runs")
    assert isinstance(found, RunsCompared)
    [table] = found.found.comparisons
    labels = [column.label for column in table.columns]
    base, arm = labels.index("base"), 1 - labels.index("base")
    assert (table.columns[base].seeds, table.columns[arm].seeds) == (0, 2)
    assert table.baseline == base
    assert table.gains == ()


def test_gains_are_differences_on_the_averages(there: Path) -> None:
    shutil.copytree(there / "runs", there / "three", dirs_exist_ok=True)
    options = hybench.CompareOptions(data="toy", setting="mono", group_seeds=True, baseline="words")
    hybench.evaluate(
        "bm25", "toy", bm25=hybench.Bm25Options(name="words"), runs_dir=there / "three"
    )
    found = hybench.compare(there / "three", options)
    assert isinstance(found, RunsCompared)
    [table] = found.found.comparisons
    labels = [column.label for column in table.columns]
    [gain] = table.gains
    assert labels[gain.second] == "base"
    row = table.rows[gain.row]
    assert row.label == "AVG"
    cells = [row.cells[at] for at in (gain.first, gain.second)]
    values = [cell.value for cell in cells if cell is not None]
    assert gain.difference.value == pytest.approx(values[0] - values[1])
    assert gain.difference.p_holm >= gain.difference.p
    text = repr(found)
    assert "| gain |" in text
    assert "Against the model that an arm began with: " in text
    assert "gain: over the model that the arm began with (base)" in text
    frame = found.to_frame().filter(pl.col("start") == "base")
    assert frame["language"].to_list() == ["AVG"]
    assert frame["gain"].to_list() == [gain.difference.value]
    for shape in ("latex", "html", "json"):
        assert "gain" in found.document(shape)


def test_the_same_model_goes_on_with_the_same_run(taken: Path) -> None:
    mono = hybench.EvalOptions(settings=("mono",), languages=("yo",))
    first = hybench.evaluate("models/base", "toy", mono)
    again = hybench.evaluate(taken / "models" / "base", "toy@dev", mono)
    by_name = hybench.evaluate("base", "toy", hybench.EvalOptions(metrics=("RR@10",)))
    assert {first.run.name, again.run.name, by_name.run.name} == {"base"}
    assert sorted(path.name for path in (taken / "runs").glob("[!.]*")) == ["base"]


def test_a_model_that_has_changed_is_refused(taken: Path) -> None:
    mono = hybench.EvalOptions(settings=("mono",), languages=("yo",))
    hybench.evaluate("models/base", "toy", mono)
    weights = taken / "models" / "base" / "model.safetensors"
    changed = bytearray(weights.read_bytes())
    changed[-1] ^= 1
    weights.write_bytes(changed)
    for name in ("models/base", "base"):
        with pytest.raises(StateError, match="has changed since run base was made of it"):
            hybench.evaluate(name, "toy@dev", mono)
    with pytest.raises(StateError, match="has changed"):
        hybench.search("rot", "base", "toy")
    other = hybench.evaluate("models/base", "toy", mono, model=hybench.ModelOptions(name="b2"))
    assert other.run.name == "b2"
    shutil.rmtree(taken / "models" / "base")
    with pytest.raises(UsageError, match="There is no checkpoint"):
        hybench.search("rot", "base", "toy")


def test_other_options_are_another_run(taken: Path) -> None:
    mono = hybench.EvalOptions(settings=("mono",), languages=("yo",))
    hybench.evaluate("models/base", "toy", mono)
    asked = hybench.ModelOptions(query_prefix="query: ")
    with pytest.raises(StateError, match="--query-prefix: run base was made with ''"):
        hybench.evaluate("models/base", "toy", mono, model=asked)
    named = hybench.ModelOptions(name="prefixed", query_prefix="query: ")
    found = hybench.evaluate("models/base", "toy", mono, model=named)
    assert ModelConfig.read(found.run).query_prefix == "query: "


def test_another_model_of_the_same_name_is_refused(taken: Path) -> None:
    mono = hybench.EvalOptions(settings=("mono",), languages=("yo",))
    hybench.evaluate("models/base", "toy", mono)
    shutil.copytree(taken / "models", taken / "others")
    with pytest.raises(StateError, match="Run base is of "):
        hybench.evaluate("others/base", "toy", mono)


def test_options_of_models_are_not_for_runs(here: Path) -> None:
    with pytest.raises(UsageError, match="--passage-length is given, and run mono is not"):
        hybench.evaluate("mono", "toy", model=hybench.ModelOptions(passage_length=8))
    with pytest.raises(UsageError, match="No run 'nothing' in runs"):
        hybench.evaluate("runs/nothing", "toy")


def test_a_plan_writes_nothing(taken: Path) -> None:
    plan = plan_evaluation("models/base", "toy")
    assert plan is not None
    assert plan.passages > 0
    assert not (taken / "runs").exists()
