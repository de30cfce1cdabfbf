"""Flags over variables over the nearest file over defaults; what a training makes of it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from hybench.config.config_file import read_config
from hybench.config.train import TrainConfig
from tests.builders import toy_dataset
from tests.cli.program import BUDGET, names_in, next_command, refused, works

SHORT = ("train", "--data", "toy", *BUDGET)


def put(text: str, folder: Path | None = None, name: str = "hybench.toml") -> None:
    """Write a file of settings."""
    ((folder or Path()) / name).write_text(text, encoding="utf-8")


def shown(*command: str) -> dict[str, tuple[Any, str]]:
    """What `config show` says of a command: value and origin by option."""
    document = json.loads(works("config", "show", *command, "--json").out)
    assert document["format"] == 1
    return {each["option"]: (each["value"], each["from"]) for each in document["options"]}


def trained(*arguments: object) -> TrainConfig:
    """The config of a run that is trained as `new`, in two steps unless a layer says otherwise."""
    works(*SHORT, "--name", "new", "--force", *arguments)
    return read_config(Path("runs") / "new" / "config.toml")


# ---- layers


def test_each_layer_wins_over_the_one_below(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown("train")["--steps"] == (600, "default")
    put("[train]\nsteps = 3\n")
    assert shown("train")["--steps"] == (3, "hybench.toml: [train] steps")
    assert trained().steps == 3
    monkeypatch.setenv("HYBENCH_TRAIN_STEPS", "2")
    assert shown("train")["--steps"] == (2, "HYBENCH_TRAIN_STEPS")
    assert trained().steps == 2
    assert trained("--steps", "1").steps == 1


def test_the_nearest_file_wins_whole(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inner = empty / "a" / "b"
    inner.mkdir(parents=True)
    put("[train]\nsteps = 3\nseed = 4\n")
    put("[tool.hybench.train]\nsteps = 5\n", inner.parent, "pyproject.toml")
    monkeypatch.chdir(inner)
    assert shown("train")["--steps"] == (5, "../pyproject.toml: [tool.hybench.train] steps")
    assert shown("train")["--seed"] == (0, "default")
    put("[train]\nsteps = 6\n", inner.parent)
    assert shown("train")["--steps"] == (6, "../hybench.toml: [train] steps")
    put("", inner)
    assert shown("train")["--steps"] == (600, "default")


@pytest.mark.parametrize(
    "other", ["[project]\nname = 'x'\n", "[tool.ruff]\n# not hybench\n", "broken ="]
)
def test_the_pyproject_of_somebody_else_is_passed_over(
    other: str, empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put("[train]\nsteps = 3\n")
    (empty / "a").mkdir()
    put(other, empty / "a", "pyproject.toml")
    monkeypatch.chdir(empty / "a")
    assert shown("train")["--steps"][0] == 3


def test_a_shared_file_that_cannot_be_read_is_said(
    empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put("[tool.hybench]\nquiet = true\n", name="pyproject.toml")
    read = Path.read_bytes

    def refuse(path: Path) -> bytes:
        if path.name == "pyproject.toml":
            raise PermissionError(13, "Permission denied", str(path))
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    done = works("config", "show")
    said = "warning: pyproject.toml cannot be read and is ignored: Permission denied.\n"
    assert done.err.count(said) == 1
    assert "--quiet" not in done.out


def test_what_is_no_file_is_passed_over(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (empty / "hybench.toml").mkdir()
    put("[tool.hybench]\ncolor = 'never'\n", name="pyproject.toml")
    assert shown()["--color"] == ("never", "pyproject.toml: [tool.hybench] color")
    gone = empty / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert works("published", "--json").out


def test_shared_options_stand_above_the_tables(copied: Path) -> None:
    (copied / "data").rename(copied / "sets")
    put('data-dir = "sets"\n[batches]\ndata = "toy"\n[eval]\ndata_dir = "nowhere"\n')
    assert "· toy ·" in works("batches", *BUDGET).out
    assert "No data set 'toy' in nowhere." in refused(2, "eval", "mono", "--data", "toy")
    assert "No data set 'toy' in data." in refused(2, "batches", *BUDGET, "--data-dir", "data")
    put('device = "cpu"\n')
    assert shown("study", "run")["--device"] == (["cpu"], "hybench.toml: device")
    assert shown("index")["--device"] == ("cpu", "hybench.toml: device")


def test_paths_start_at_the_file(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    toy_dataset(empty / "sets")
    put('data-dir = "sets"\nruns-dir = "/elsewhere"\n[demo]\nin = "~/demo"\n')
    (empty / "inner").mkdir()
    monkeypatch.chdir(empty / "inner")
    assert "1 cross" in works("batches", "--data", "toy", *BUDGET, "--alpha", 0, "--summary").out
    assert shown("train")["--data-dir"][0] == "../sets"
    assert shown("train")["--runs-dir"][0] == "/elsewhere"
    assert shown("demo")["--in"][0] == str(Path.home() / "demo")


def test_lists(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put('[batches]\ndata = ["toy"]\nlanguages = ["de", "yo"]\nalpha = 1\nsummary = true\n')
    summary = ("batches", *BUDGET, "--count", "9")
    assert [line[:2] for line in works(*summary).out.splitlines()[4:6]] == ["de", "yo"]
    assert works(*summary, "--languages", "en").out.splitlines()[4].startswith("en ")
    put('[batches]\ndata = "toy"\nlanguages = "de,yo"\nalpha = 1.0\nsummary = true\n')
    assert [line[:2] for line in works(*summary).out.splitlines()[4:6]] == ["de", "yo"]
    monkeypatch.setenv("HYBENCH_BATCHES_LANGUAGES", "de en")
    assert [line[:2] for line in works(*summary).out.splitlines()[4:6]] == ["de", "en"]


def test_flags_of_the_file_are_turned_off_by_variables(
    here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put("quiet = true\n[batches]\nsummary = true\n", tmp_path)
    monkeypatch.chdir(tmp_path)
    arguments = ("batches", "--data", "toy", "--data-dir", here / "data", *BUDGET)
    done = works(*arguments)
    assert (done.err, "1 from toy" in done.out) == ("", True)
    monkeypatch.setenv("HYBENCH_QUIET", "0")
    monkeypatch.setenv("HYBENCH_BATCHES_SUMMARY", "0")
    done = works(*arguments)
    assert ("Next: " in done.err, "1 from toy" in done.out) == (True, False)


def test_what_must_be_given_may_stand_in_the_file_but_for_arguments(copied: Path) -> None:
    put('[eval]\ndata = "toy"\n')
    assert "mono on toy" in works("eval", "mono").out
    assert "'--data'" in refused(2, "index", "mono")
    assert "'RUN|MODEL'" in refused(2, "eval")
    put('[eval]\nrun = "mono"\n')
    assert "hybench.toml: [eval] run is not a setting." in refused(2, "eval", "--data", "toy")


# ---- train


def test_a_named_config_wins_over_the_file(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put("[train]\nsteps = 3\nalpha = 1.0\nseed = 5\n")
    put("alpha = 0.25\nsteps = 1\n", name="arm.toml")
    config = trained("--config", "arm.toml")
    assert (config.alpha, config.steps, config.seed) == (0.25, 1, 0)
    monkeypatch.setenv("HYBENCH_TRAIN_SEED", "7")
    config = trained("--config", "arm.toml", "--steps", "2")
    assert (config.alpha, config.steps, config.seed) == (0.25, 2, 7)


def test_of_steps_and_examples_this_very_call_decides(copied: Path) -> None:
    put("[train]\nsteps = 3\n")
    assert (trained("--examples", "33").examples, trained().examples) == (33, None)
    put("[train]\nexamples = 33\n")
    assert (trained("--steps", "2").examples, trained().examples) == (None, 33)
    put("[train]\nexamples = 33\nsteps = 3\n")
    assert "--steps and --examples are both given." in refused(2, *SHORT, "--name", "new")


def test_a_config_that_the_file_names_lies_below_its_own_fields(copied: Path) -> None:
    (copied / "arms").mkdir()
    put("alpha = 0.25\nsteps = 1\n", name="arms/arm.toml")
    put('[train]\nconfig = "arms/arm.toml"\nsteps = 2\n')
    config = trained()
    assert (config.alpha, config.steps) == (0.25, 2)
    put("alpha = 0.5\nsteps = 1\n", name="other.toml")
    config = trained("--config", "other.toml")
    assert (config.alpha, config.steps) == (0.5, 1)


def test_a_resumed_run_keeps_its_own_config(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put('[train]\nsteps = 99\nalpha = 0.125\ndata = "no"\nconfig = "no.toml"\nforce = true\n')
    before = (copied / "runs" / "mono" / "config.toml").read_bytes()
    done = works("train", "--resume", "--name", "mono")
    assert next_command(done) == ["eval", "mono", "--data", "toy"]
    assert (copied / "runs" / "mono" / "config.toml").read_bytes() == before
    said = refused(2, "train", "--resume", "--name", "mono", "--alpha", "0.125")
    assert "begun with alpha = 1.0, not 0.125" in said
    monkeypatch.setenv("HYBENCH_TRAIN_STEPS", "9")
    assert "with steps = 8, not 9" in refused(2, "train", "--resume", "--name", "mono")


def test_a_run_that_the_file_named_is_found_again(copied: Path) -> None:
    put('[train]\ndata = "toy"\nalpha = 0.25\nsteps = 2\n')
    works("train", *BUDGET)
    assert "hybrid-0.25-s0" in names_in(copied / "runs")
    assert next_command(works("train", "--resume"))[:2] == ["eval", "hybrid-0.25-s0"]


@pytest.mark.slow
@pytest.mark.process
@pytest.mark.usefixtures("forked")
def test_studies_and_the_demo_are_told_by_themselves_alone(empty: Path) -> None:
    toy_dataset(empty / "data")
    budget = "dimension = 16\nvocabulary = 400\nbatch_size = 8\nsteps = 6\n"
    put(f'[train]\ndata = ["toy"]\n{budget}[arms.mono]\nalpha = 1.0\n', name="small.toml")
    put('[train]\nsteps = 2\nalpha = 9.0\nscarce = ["yo"]\n[demo]\nseed = 3\n')
    works("study", "run", "small.toml")
    config = read_config(Path("runs/small/mono-s0/config.toml"))
    assert (config.steps, config.alpha, config.scarce) == (6, 1.0, ())
    assert shown("demo")["--steps"] == (None, "default")
    assert shown("demo")["--seed"] == (3, "hybench.toml: [demo] seed")


def test_this_suite_is_run_where_no_file_is_near(empty: Path) -> None:
    assert not any(name.startswith("HYBENCH_") for name in os.environ)
    assert json.loads(works("config", "show", "--json").out)["file"] is None
