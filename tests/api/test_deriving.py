"""Derived runs, through Python: made, evaluated, searched and compared like any other."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import hybench
from hybench import DeriveOptions, EvalOptions, TrainConfig
from hybench.api.comparing import RunsCompared
from hybench.derived.derive import DeriveReport
from hybench.encoders.loading import load_encoder
from hybench.errors import StateError, UsageError
from hybench.evaluation.results import read_results
from hybench.indexes.model import load_model_of
from hybench.origins.tracing import origin_of
from hybench.runs.events import last_events, read_events
from hybench.runs.run import DERIVED, Run
from hybench.runs.status import StatusBoard
from tests.builders import Toy, toy_dataset

CONFIG: dict[str, Any] = {"data": ("toy",), "dimension": 16, "steps": 3, "batch_size": 8}
TEXTS = ["red blue house", "alt neu", "ilé"]


@pytest.fixture(scope="module")
def shop(toys: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two sets, trained runs mono-s0, cross-s0, mono-s1 and base. Not to be changed."""
    root = tmp_path_factory.mktemp("shop")
    shutil.copytree(toys, root / "data")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        toy_dataset(root / "data", Toy(languages=("de", "en"), name="two"))
        for name, alpha, seed in (("mono-s0", 1, 0), ("cross-s0", 0, 0), ("mono-s1", 1, 1)):
            hybench.train(TrainConfig(**CONFIG, alpha=alpha, seed=seed), name=name)
        hybench.train(TrainConfig(**{**CONFIG, "steps": 0}, alpha=1, seed=0), name="base")
        derived("shift-mono-s0", "mono-s0", "shift", data="sentences")
        derived("merged-s0", "mono-s0", "merge", others=("cross-s0:3",))
        for name in ("mono-s0", "mono-s1", "shift-mono-s0", "merged-s0"):
            hybench.evaluate(name, "toy", EvalOptions(settings=("mono", "multi")))
    return root


@pytest.fixture
def there(shop: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The shop as the working directory, for what changes nothing in it."""
    monkeypatch.chdir(shop)
    return shop


@pytest.fixture
def copied(shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the shop as the working directory."""
    shutil.copytree(shop, tmp_path / "shop")
    monkeypatch.chdir(tmp_path / "shop")
    return tmp_path / "shop"


def derived(name: str, start: str, method: str, **options: Any) -> Run:
    return hybench.derive(name, start, DeriveOptions(method, **options)).run


def table(run: Run) -> NDArray[np.float32]:
    weights: Any = load_encoder(run.model, "cpu").model.state_dict()
    found: NDArray[np.float32] = weights["0.embedding.weight"].numpy()
    return found


def test_vectors_are_the_formula_and_plain_sentence_transformers(there: Path) -> None:
    from sentence_transformers import SentenceTransformer

    run, start = Run(Path("runs/shift-mono-s0")), Run(Path("runs/mono-s0"))
    before, after = load_model_of(start, "cpu"), load_model_of(run, "cpu")
    sets = hybench.Dataset.open(Path("data/sentences"))
    means = {
        code: before.encode(sets.pairs(code)["passage"].to_list(), "passage").mean(axis=0)
        for code in ("de", "en", "yo")
    }
    middle = np.mean([*means.values()], axis=0)
    plain = SentenceTransformer(str(run.model), device="cpu")
    for language, mean in means.items():
        expected = before.encode(TEXTS, "query") - (mean - middle)
        expected /= np.linalg.norm(expected, axis=1, keepdims=True)
        ours = after.encode(TEXTS, "query", language=language)
        np.testing.assert_allclose(ours, expected, atol=1e-6)
        np.testing.assert_allclose(plain.encode(TEXTS, task=language), ours, atol=1e-6)
    with pytest.raises(ValueError, match="task=None"):
        plain.encode(TEXTS)


def test_the_language_of_a_text_must_be_said(there: Path) -> None:
    run = Run(Path("runs/shift-mono-s0"))
    with pytest.raises(UsageError, match="depend on the language of a text, which is not said"):
        hybench.search("red blue", run, "toy")
    with pytest.raises(UsageError, match="it has none of fr"):
        hybench.search("red blue", run, "toy", query_language="fr")
    hits = hybench.search("red blue green", run, "toy", query_language="EN", k=3).hits
    vector = load_model_of(run, "cpu").encode(["red blue green"], "query", language="en")[0]
    own = load_model_of(run, "cpu").encode([hits[0].text], "passage", language=hits[0].language)
    assert hits[0].score == pytest.approx(float(own[0] @ vector), abs=1e-5)


def test_a_set_with_another_language_is_refused_before_any_work(copied: Path) -> None:
    run = derived("two", "mono-s0", "center", data="two")
    with pytest.raises(UsageError, match="it has none of yo"):
        hybench.evaluate(run, "toy")
    with pytest.raises(UsageError, match="it has none of yo"):
        hybench.index(run, "toy")
    assert not (run.path / "index").exists()
    some = hybench.IndexOptions(exact=True, languages=("de", "en"))
    assert len(hybench.index(run, "toy", some).reports) == 2


def test_passages_alone_are_shifted_as_published(copied: Path) -> None:
    run = derived("one", "mono-s0", "shift", data="toy", toward="en", sides="passages")
    before, after = load_model_of(Run(Path("runs/mono-s0")), "cpu"), load_model_of(run, "cpu")
    queries = after.encode(TEXTS, "query", language="yo")
    np.testing.assert_allclose(queries, before.encode(TEXTS, "query"), atol=1e-6)
    english = after.encode(TEXTS, "passage", language="en")
    np.testing.assert_allclose(english, before.encode(TEXTS, "passage"), atol=1e-6)
    yoruba = after.encode(TEXTS, "passage", language="yo")
    assert np.abs(yoruba - english).max() > 1e-3
    hybench.evaluate(run, "toy", EvalOptions(settings=("multi",)))


def test_a_map_of_all_texts_needs_no_language(copied: Path) -> None:
    run = derived("white", "mono-s0", "whiten", data="toy", by="all")
    assert load_model_of(run, "cpu").encode(TEXTS, "query").shape == (3, 16)
    again = derived("twice", "white", "center", data="toy")
    assert set(load_model_of(again, "cpu").languages) == {"de", "en", "yo"}
    with pytest.raises(UsageError, match="depend on the language of a text already"):
        derived("thrice", "twice", "center", data="toy")
    config = TrainConfig(**CONFIG, encoder=str(again.model))
    with pytest.raises(UsageError, match="derive from the result"):
        hybench.train(config, name="onwards")


def test_procrustes_keeps_angles_within_a_language(copied: Path) -> None:
    run = derived("turned", "mono-s0", "procrustes", data="toy")
    before, after = load_model_of(Run(Path("runs/mono-s0")), "cpu"), load_model_of(run, "cpu")
    one, two = before.encode(TEXTS, "passage"), after.encode(TEXTS, "passage", language="yo")
    np.testing.assert_allclose(one @ one.T, two @ two.T, atol=1e-5)
    assert np.abs(one - two).max() > 1e-3


def test_a_merge_is_the_mean_of_the_weights(there: Path) -> None:
    one, two = (table(Run(Path(f"runs/{name}"))) for name in ("mono-s0", "cross-s0"))
    merged = table(Run(Path("runs/merged-s0")))
    np.testing.assert_allclose(merged, (one + 3 * two) / 4, atol=1e-7)


def test_a_merge_of_changes_finds_the_start(copied: Path) -> None:
    base = table(Run(Path("runs/base")))
    options: dict[str, Any] = {"others": ("cross-s0",), "how": "dare", "density": 0.5}
    found = derived("dare", "mono-s0", "merge", **options)
    np.testing.assert_array_equal(
        table(found), table(derived("again", "mono-s0", "merge", **options))
    )
    given = derived("given", "mono-s0", "merge", base="base", **options)
    np.testing.assert_array_equal(table(found), table(given))
    # Half of each one's changes are dropped, and so a quarter of the weights has no change.
    assert np.isclose(table(found), base, atol=1e-7).mean() == pytest.approx(0.25, abs=0.05)
    # Seed 1 began with other random weights.
    with pytest.raises(UsageError, match="did not begin with one model: seed differs"):
        derived("far", "mono-s0", "merge", others=("mono-s1",), how="ties")


def test_other_architectures_are_refused_by_name(copied: Path) -> None:
    hybench.train(TrainConfig(**{**CONFIG, "dimension": 8}), name="small")
    with pytest.raises(UsageError, match=r"mono-s0 and small cannot be merged: .* \(.*16\) .*8\)"):
        derived("odd", "mono-s0", "merge", others=("small",))
    with pytest.raises(UsageError, match=r"one is .*Router"):
        derived("odd", "mono-s0", "merge", others=("shift-mono-s0",))


def test_sets_without_pairs_and_taken_names_are_refused(there: Path) -> None:
    with pytest.raises(UsageError, match="silent has no training pairs"):
        derived("new", "mono-s0", "center", data="silent")
    with pytest.raises(StateError, match="Run merged-s0 exists"):
        derived("merged-s0", "mono-s0", "center", data="toy")
    with pytest.raises(UsageError, match="cannot be derived from itself"):
        derived("mono-s0", "mono-s0", "center", data="toy")
    assert not Path("runs/new/config.toml").exists()


def test_equal_parents_and_options_give_equal_files(copied: Path) -> None:
    first, second = (derived(name, "mono-s0", "whiten", data="toy") for name in ("one", "two"))
    files = sorted(path.relative_to(first.model) for path in first.model.rglob("*.safetensors"))
    assert len(files) == 4
    for file in files:
        assert (first.model / file).read_bytes() == (second.model / file).read_bytes()
    forced = hybench.derive("one", "mono-s0", DeriveOptions("center", data="toy"), force=True)
    assert forced.run.read_config()["method"] == "center"
    assert isinstance(forced.report, DeriveReport)


def test_what_a_run_was_made_of_is_kept(there: Path) -> None:
    run, start = Run(Path("runs/shift-mono-s0")), Run(Path("runs/mono-s0"))
    config = run.read_config()
    [parent] = config["parents"]
    assert (config["kind"], config["method"], config["data"]) == (DERIVED, "shift", ["sentences"])
    assert (parent["name"], parent["config"]) == ("mono-s0", start.read_config())
    events = read_events(run.events_file).events
    assert [each["event"] for each in events] == ["derived", "start", "done"]
    assert events[0]["counts"] == {"de": 60, "en": 60, "yo": 60}
    before = last_events(start.events_file, ("done",))["done"]
    assert events[2]["seconds"] == pytest.approx(before["seconds"] + events[2]["own"]["seconds"])
    assert events[2]["examples"] == before["examples"]
    merged = last_events(Run(Path("runs/merged-s0")).events_file, ("done",))["done"]
    assert merged["examples"] == 2 * before["examples"]
    sets = {each.name: each.languages for each in origin_of(run).sets}
    assert sets == dict.fromkeys(("toy", "sentences"), ("de", "en", "yo"))
    [status] = [each for each in StatusBoard([run.path]).look() if each.name == run.name]
    assert (status.kind, status.state) == ("derived", "done")


def test_results_know_what_parents_were_trained_on(there: Path) -> None:
    mono, shifted, merged = (
        read_results(Run(Path(f"runs/{name}")), "toy").info.overlap
        for name in ("mono-s0", "shift-mono-s0", "merged-s0")
    )
    assert mono == shifted == merged
    assert mono is not None


def test_a_derived_run_is_an_arm_with_its_gain(copied: Path) -> None:
    derived("shift-mono-s1", "mono-s1", "shift", data="sentences")
    hybench.evaluate("shift-mono-s1", "toy", EvalOptions(settings=("mono", "multi")))
    compared = hybench.compare(
        "runs", hybench.CompareOptions(data="toy", group_seeds=True, setting="multi", draws=200)
    )
    assert isinstance(compared, RunsCompared)
    [comparison] = compared.found.comparisons
    columns = {column.label: at for at, column in enumerate(comparison.columns)}
    assert set(columns) == {"mono", "shift-mono", "merged-s0"}
    assert {len(column.runs) for column in comparison.columns} == {1, 2}
    gains = {gain.first: gain.second for gain in comparison.gains}
    assert gains.get(columns["merged-s0"], columns["mono"]) == columns["mono"]
    spent = {label: comparison.costs[at].train_seconds or 0 for label, at in columns.items()}
    assert spent["merged-s0"] > spent["mono"] / 2 > 0
    assert "shift-mono" in repr(compared)
