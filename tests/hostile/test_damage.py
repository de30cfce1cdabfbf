"""Files that were cut or changed, and files that belong to something else: each is named."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from hybench.errors import DataError
from hybench.files.documents import read_json, write_json
from hybench.runs.run import Run
from hybench.training.train import train
from tests.builders import Toy, toy_dataset
from tests.cli.program import BUDGET, TRAIN, hybench, refused, works
from tests.hostile.conftest import flip

EVAL = ("eval", "mono", "--data", "toy")
CHECK = ("--check", "runs/mono", "--check", "data/toy")


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


@pytest.mark.parametrize("damage", [flip, cut, Path.unlink])
@pytest.mark.parametrize(
    ("file", "command"),
    [
        ("data/toy/pairs/de.parquet", (*TRAIN, "--name", "new")),
        ("data/toy/passages/yo.parquet", ("eval", "bm25", "--data", "toy")),
        ("data/toy/queries/en.parquet", EVAL),
        ("data/toy/qrels/en.parquet", EVAL),
        ("runs/mono/model/model.safetensors", EVAL),
        ("runs/mono/index/toy/de/vectors.npy", EVAL),
        ("runs/mono/index/toy/de/ids.parquet", ("index", "mono", "--data", "toy")),
        ("runs/mono/results/toy.parquet", ("compare", "runs", "--data", "toy")),
        ("runs/mono/checkpoints/step-8/model.safetensors", ("train", "--resume", "--name", "mono")),
    ],
)
def test_a_damaged_file_is_named(
    damage: object, file: str, command: tuple[str, ...], copied: Path
) -> None:
    assert callable(damage)
    damage(copied / file)
    said = refused(1, *command)
    assert file in said
    done = hybench("info", *CHECK)
    assert done.code == 1
    assert done.out == f"{file}\n"
    assert "1 file missing or damaged" in done.err


@pytest.mark.parametrize("damage", [flip, cut, Path.unlink])
def test_a_damaged_optimizer_is_named(damage: Callable[[Path], object], copied: Path) -> None:
    """Of a training that was stopped: a finished one has none."""
    config, stopped = Run(copied / "runs" / "mono").train_config(), Run(copied / "runs" / "stopped")
    list(train(config, stopped, copied / "data", device="cpu", stop=lambda: True))
    file = "runs/stopped/checkpoints/step-1/optimizer.safetensors"
    damage(copied / file)
    assert file in refused(1, "train", "--resume", "--name", "stopped")
    assert hybench("info", "--check", "runs/stopped").out == f"{file}\n"


def test_every_byte_of_a_table_counts(copied: Path) -> None:
    file = copied / "data" / "toy" / "qrels" / "en.parquet"
    whole = file.read_bytes()
    for share in (0, 0.1, 0.3, 0.5, 0.7, 0.9, 1):
        flip(file, share)
        assert "data/toy/qrels/en.parquet cannot be read" in refused(1, *EVAL)
        file.write_bytes(whole)
    works(*EVAL)


@pytest.mark.parametrize(
    ("file", "command"),
    [
        ("data/toy/dataset.json", EVAL),
        ("runs/mono/config.toml", EVAL),
        ("runs/mono/model.json", EVAL),
        ("runs/mono/index/toy/de/manifest.json", EVAL),
        ("runs/mono/results/toy.json", ("compare", "runs", "--data", "toy")),
        ("runs/mono/checkpoints/step-8/state.json", ("train", "--resume", "--name", "mono")),
    ],
)
@pytest.mark.parametrize("content", [b"{", b"\xff\xfe", b"[" * 100_000, b"\x00" * 50])
def test_a_damaged_manifest_is_named(
    content: bytes, file: str, command: tuple[str, ...], copied: Path
) -> None:
    (copied / file).write_bytes(content)
    assert file in refused(1, *command)


@pytest.mark.parametrize(
    ("file", "command"),
    [
        ("data/toy/dataset.json", EVAL),
        ("runs/mono/results/toy.json", ("compare", "runs", "--data", "toy")),
        ("runs/mono/checkpoints/step-8", ("train", "--resume", "--name", "mono")),
    ],
)
@pytest.mark.parametrize("content", ["{}", '{"format": 1}', '{"format": 1, "name": "toy"}'])
def test_a_manifest_that_lacks_something_is_named(
    content: str, file: str, command: tuple[str, ...], copied: Path
) -> None:
    manifest = copied / file / "state.json" if "step" in file else copied / file
    manifest.write_text(content)
    assert file in refused(1, *command)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "../../elsewhere"), ("name", 3), ("languages", "de"), ("languages", ["../de"]),
        ("counts", {"passages": {"../../de": 1}}), ("counts", {"passages": 3}),
        ("counts", {"passages": {"de": "many"}}), ("depth", "all"), ("files", ["de"]),
        ("settings", ["mono", "crozs"]),
        ("languages", ["Documents"]), ("counts", {"passages": {"Documents": 1}}),
    ],
)  # fmt: skip
def test_a_manifest_that_was_forged_is_refused(field: str, value: object, copied: Path) -> None:
    manifest = copied / "data" / "toy" / "dataset.json"
    write_json(manifest, {**read_json(manifest), field: value})
    assert "data/toy/dataset.json" in refused(1, *EVAL)


def test_a_count_that_was_forged_is_refused(copied: Path) -> None:
    manifest = copied / "data" / "toy" / "dataset.json"
    value = read_json(manifest)
    value["counts"]["passages"]["de"] += 10
    write_json(manifest, value)
    said = refused(1, "index", "mono", "--data", "toy", "--force")
    assert "passages/de.parquet cannot be read: it has 84 rows" in said


@pytest.mark.parametrize(
    ("counts", "what"),
    [
        ({"passages": {"de": 84, "en": 84}}, "its files do not match its counts"),
        ({"passages": {"de": 84, "en": 84, "yo": 84, "sw": 84}}, "its files do not match"),
        ({"splits": {"dev": {"de": 12, "en": 12, "yo": 12}}}, "its splits do not match"),
        ({"splits": {}}, "its splits do not match its counts"),
    ],
)
def test_counts_of_other_tables_are_refused(
    counts: dict[str, object], what: str, copied: Path
) -> None:
    manifest = copied / "data" / "toy" / "dataset.json"
    value = read_json(manifest)
    write_json(manifest, value | {"counts": value["counts"] | counts})
    assert what in refused(1, *EVAL)
    assert hybench("info", *CHECK).out == "data/toy/dataset.json\n"


def test_splits_that_were_forged_are_found(copied: Path) -> None:
    manifest = copied / "data" / "toy" / "dataset.json"
    value = read_json(manifest)
    splits = value["counts"]["splits"]
    splits["dev"]["de"] -= 1
    splits["test"]["de"] += 1
    write_json(manifest, value)
    assert hybench("info", *CHECK).out == "data/toy/queries/de.parquet\n"


@pytest.mark.parametrize(
    "name", ["data/toy/dataset.json", "runs/mono/results/toy.json", "runs/mono/model.json"]
)
def test_no_flip_of_a_manifest_passes(name: str, copied: Path) -> None:
    manifest = copied / name
    whole = manifest.read_bytes()
    value = read_json(manifest)
    for at in range(len(whole)):
        changed = bytearray(whole)
        changed[at] ^= 1 << (at % 8)
        manifest.write_bytes(changed)
        with suppress(DataError):
            assert read_json(manifest) == value  # white space, or the words that name the checksum


def test_a_config_that_was_edited_is_refused(copied: Path) -> None:
    run = Run(copied / "runs" / "mono")
    values, text = run.read_config(), run.config_file.read_text()
    run.config_file.write_text(text.replace("alpha = 1.0", "alpha = 0.5"))
    told = hybench("compare", "runs", "--data", "toy")
    left_out = "Left out mono: runs/mono/config.toml was changed after it was written"
    assert left_out in told.err
    assert "mono (X-X)" not in told.out
    assert "runs/mono/config.toml was changed after it was written" in refused(
        1, "compare", "runs/mono"
    )
    run.write_config(values | {"alpha": 0.5})  # its own checksum is right
    said = refused(1, "compare", "runs", "--data", "toy")
    assert "runs/mono/config.toml is not the one that the run's results were made with" in said
    assert "runs/mono/config.toml was changed after its training" in refused(1, *EVAL)
    assert hybench("info", *CHECK).out == "runs/mono/config.toml\n"


def test_a_table_without_a_checksum_is_refused(copied: Path) -> None:
    manifest = copied / "runs" / "mono" / "results" / "toy.json"
    value = read_json(manifest)
    del value["files"]["../results/toy.parquet"]
    write_json(manifest, value)
    assert "runs/mono/results/toy.parquet cannot be read" in refused(
        1, "compare", "runs", "--data", "toy"
    )


def test_runs_of_builds_that_sealed_nothing_can_be_compared(copied: Path) -> None:
    right = works("compare", "runs", "--data", "toy").out
    for manifest in (copied / "runs" / "mono").rglob("*.json"):
        if "model" not in manifest.parts:
            manifest.write_text(json.dumps(read_json(manifest)))
    assert works("compare", "runs", "--data", "toy").out == right
    told = works("info", "--check", "runs/mono").err
    assert "8 files without checksums, from an older build: runs/mono/checkpoints/" in told


def test_an_index_of_another_model_is_made_again(copied: Path) -> None:
    for language in ("de", "en", "yo"):
        place = Path("index") / "toy" / language
        shutil.rmtree(copied / "runs" / "mono" / place)
        shutil.copytree(copied / "runs" / "hybrid" / place, copied / "runs" / "mono" / place)
    assert "252 passages" in works(*EVAL).err


def test_results_of_another_index_are_refused(copied: Path) -> None:
    for name in ("toy.json", "toy.parquet"):
        place = Path("results") / name
        shutil.copy(copied / "runs" / "hybrid" / place, copied / "runs" / "mono" / place)
    said = refused(1, "compare", "runs", "--data", "toy")
    assert "The results of run mono on toy are of another model than its index." in said
    assert "hybench eval mono --data toy" in said
    works(*EVAL)
    works("compare", "runs", "--data", "toy")


def test_tables_of_other_results_are_refused(copied: Path) -> None:
    results = Path("results") / "toy.parquet"
    shutil.copy(copied / "runs" / "hybrid" / results, copied / "runs" / "mono" / results)
    assert "runs/mono/results/toy.parquet" in refused(1, "compare", "runs", "--data", "toy")


def test_a_checkpoint_of_another_config_is_refused(copied: Path) -> None:
    mono, hybrid = (copied / "runs" / name / "checkpoints" for name in ("mono", "hybrid"))
    shutil.rmtree(mono)
    shutil.copytree(hybrid, mono)
    said = refused(1, "train", "--resume", "--name", "mono")
    assert "checkpoints/step-8 was made with another config" in said


def test_a_config_that_was_changed_is_refused(copied: Path) -> None:
    run = Run(copied / "runs" / "mono")
    values = run.read_config()
    run.write_config(values | {"seed": 1})
    assert "was made with another config" in refused(1, "train", "--resume", "--name", "mono")
    run.write_config(values | {"seed": "one"})
    assert "seed is 'one'" in refused(2, "train", "--resume", "--name", "mono")


def test_a_corpus_that_changed_after_indexing_is_encoded_again(copied: Path) -> None:
    shutil.rmtree(copied / "data" / "toy")
    toy_dataset(copied / "data", Toy(train=40))
    assert "192 passages" in works(*EVAL).err


def test_a_data_set_that_changed_under_a_training_is_refused(copied: Path) -> None:
    options = ("--data", "toy", *BUDGET, "--name", "mine")
    works("train", *options, "--steps", "8")
    shutil.rmtree(copied / "data" / "toy")
    toy_dataset(copied / "data", Toy(train=40))
    said = refused(1, "train", "--resume", "--name", "mine")
    assert "Data set toy has changed since run mine was started." in said


def test_a_damaged_checkpoint_can_be_deleted(copied: Path) -> None:
    step = copied / "runs" / "mono" / "checkpoints" / "step-8"
    before = (copied / "runs" / "mono" / "model.json").read_text()
    flip(step / "model.safetensors")
    assert f"Delete runs/mono/checkpoints/{step.name}" in refused(
        1, "train", "--resume", "--name", "mono"
    )
    shutil.rmtree(step)
    works("train", "--resume", "--name", "mono")
    assert (copied / "runs" / "mono" / "model.json").read_text() == before


def test_info_checks_whole_runs_and_sets(here: Path) -> None:
    done = works("info", *CHECK)
    assert done.out == ""
    assert "data/toy: 13 files checked." in done.err
    assert "nowhere is not a data set, nor a run" in refused(2, "info", "--check", "nowhere")
    assert json.loads(works("info", "--json").out)["hybench"]
