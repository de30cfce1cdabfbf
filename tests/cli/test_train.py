"""``hybench train`` and ``hybench batches``: what is trained, resumed, replaced and looked at."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch

from hybench.cli import training
from hybench.config.config_file import read_config
from hybench.encoders.loading import load_encoder
from hybench.runs.events import EventLog, read_events
from hybench.runs.run import Run
from tests.cli.program import BUDGET, TRAIN, names_in, next_command, refused, works


def _events(run: Path, kind: str) -> list[dict[str, object]]:
    found = read_events(run / "events.jsonl")
    assert found.torn == 0
    return [event for event in found.events if event["event"] == kind]


def test_hybrid(copied: Path) -> None:
    done = works(*TRAIN)
    assert done.out == ""
    run = copied / "runs" / "hybrid-s0"
    assert len(_events(run, "step")) == 8
    assert len(_events(run, "validation")) == 2
    assert "hybrid-s0: 8 steps, 128 pairs in" in done.err
    assert next_command(done) == ["eval", "hybrid-s0", "--data", "toy"]
    assert works(*next_command(done)).out


def test_distill_trains_its_teacher_once(copied: Path) -> None:
    arguments = (*TRAIN, "--strategy", "distill")
    first = works(*arguments)
    assert "the English teacher: 8 steps" in first.err
    assert next_command(first)[1] == "distill-mse-s0"
    second = works(*arguments, "--objective", "kl", "--name", "again")
    assert "the English teacher" not in second.err
    [event] = _events(copied / "runs" / "again", "teacher")
    assert event["trained"] is True
    assert names_in(copied / "runs") == ["again", "bm25", "distill-mse-s0", "hybrid", "mono"]


def test_distill_from_a_teacher_that_is_there(copied: Path) -> None:
    works(*TRAIN, "--strategy", "distill", "--teacher", "runs/mono/model")
    [event] = _events(copied / "runs" / "distill-mse-s0", "teacher")
    assert (event["model"], event["trained"]) == ("runs/mono/model", False)


def test_an_alarm_is_said_even_when_quiet(copied: Path) -> None:
    encoder = load_encoder("runs/mono/model", "cpu")
    [weight] = encoder.model.parameters()
    torch.nn.init.ones_(weight)  # a teacher that gives every text the same vector
    encoder.save(Path("constant"))
    done = works("--quiet", *TRAIN, "--strategy", "distill", "--teacher", "./constant")
    [alarm] = _events(copied / "runs" / "distill-mse-s0", "alarm")
    assert done.err == f"warning: distill-mse-s0: step {alarm['step']}: {alarm['text']}.\n"


def test_the_next_command_works_from_other_folders(copied: Path) -> None:
    (copied / "my sets").symlink_to(copied / "data")
    done = works(*TRAIN, "--data-dir", "my sets", "--runs-dir", "mine")
    assert "--data-dir 'my sets' --runs-dir mine" in done.err
    assert names_in(copied / "mine") == ["hybrid-s0"]


def test_a_path_as_the_name_is_that_folder(copied: Path) -> None:
    done = works(*TRAIN, "--name", "elsewhere/first")
    assert read_config(copied / "elsewhere" / "first" / "config.toml").steps == 8
    assert works(*next_command(done)).out


def test_dry_run_writes_no_run(copied: Path) -> None:
    done = works(*TRAIN, "--dry-run", "--strategy", "distill", "--name", "planned")
    assert done.out.startswith("8 steps of 16 pairs from 60 pairs in 3 languages;")
    assert "as much again for the teacher" in done.out
    [_, *encoder] = done.out.splitlines()
    assert [line.partition(":")[0] for line in encoder] == [
        "encoder", "query texts", "passage texts"
    ]  # fmt: skip
    assert "planned" not in names_in(copied / "runs")
    before = Run(copied / "runs" / "mono").events_file.read_bytes()
    works(*TRAIN, "--dry-run", "--force", "--name", "mono")
    works(*TRAIN, "--dry-run", "--resume", "--name", "mono", "--alpha", "1")
    assert Run(copied / "runs" / "mono").events_file.read_bytes() == before


@pytest.mark.parametrize(
    ("code", "arguments", "says"),
    [
        (1, ("--name", "mono"), "Run mono already exists (runs/mono)."),
        (2, ("--strategy", "distill", "--teacher", "nowhere/at-all"), "nowhere/at-all"),
        (2, ("--validation", "sentences"), "--validation sentences has no dev split."),
        (2, ("--processes", "0"), "--processes is 0."),
        (2, ("--resume", "--name", "none"), "No run 'none' in runs."),
    ],
)
def test_dry_run_refuses_what_the_training_would(
    here: Path, code: int, arguments: tuple[str, ...], says: str
) -> None:
    for flags in ((), ("--dry-run",)):
        assert says in refused(code, *TRAIN, *arguments, *flags)
    assert "hybrid-s0" not in names_in(here / "runs")


def test_dry_run_says_how_large_batches_are(here: Path) -> None:
    assert "8 steps of 16 pairs from" in works(*TRAIN, "--dry-run", "--name", "planned").out
    large = (*TRAIN, "--dry-run", "--name", "planned", "--batch-size", "512")
    said = works(*large).out
    assert said.startswith("8 steps of 60 pairs (the data has too few for 512) from 60 pairs")


def test_a_run_that_is_there(copied: Path) -> None:
    arguments = (*TRAIN, "--name", "mono", "--seed", "7")
    said = refused(1, *arguments)
    assert "Run mono already exists (runs/mono)." in said
    assert "--resume" in said
    assert "--force" in said
    assert read_config(copied / "runs" / "mono" / "config.toml").seed == 0
    works(*arguments, "--force")
    assert read_config(copied / "runs" / "mono" / "config.toml").seed == 7
    assert names_in(copied / "runs" / "mono") == [
        "checkpoints",
        "config.toml",
        "environment.json",
        "events.jsonl",
        "model",
        "model.json",
    ]


@pytest.mark.parametrize(
    "mistake",
    [
        ("--data", "nosuch"),
        ("--encoder", "./nowhere"),
        ("--validation", "sentences"),
        ("--languages", "en", "--alpha", "0"),
        ("--strategy", "distill", "--teacher", "./nowhere"),
    ],
)
def test_force_deletes_nothing_before_all_is_well(mistake: tuple[str, ...], copied: Path) -> None:
    refused(2, *TRAIN, "--name", "mono", "--force", *mistake)
    assert (copied / "runs" / "mono" / "model").is_dir()
    assert names_in(copied / "runs" / "mono" / "results")


def test_force_deletes_no_folder_of_something_else(copied: Path) -> None:
    (copied / "runs" / "thesis").mkdir()
    (copied / "runs" / "thesis" / "thesis.tex").write_text("years of work")
    for force in ((), ("--force",)):
        assert "is not a run" in refused(1, *TRAIN, "--name", "thesis", *force)
    assert names_in(copied / "runs" / "thesis") == ["thesis.tex"]


def test_after_a_mistake_the_same_name_is_free(copied: Path) -> None:
    named = (*TRAIN, "--name", "new")
    refused(2, *named, "--languages", "en", "--alpha", "0")
    refused(2, *named, "--strategy", "distill", "--teacher", "./nowhere")
    refused(2, *named, "--encoder", "./nowhere")
    works(*named)
    refused(2, *named, "--name", "newer", "--encoder", "./nowhere")
    assert "newer" not in names_in(copied / "runs")
    works(*named, "--name", "newer", "--force")


def test_resuming_what_may_be_at_work_elsewhere_is_warned_of(copied: Path) -> None:
    shutil.copytree("other/unfinished", "runs/unfinished")
    run = Run(Path("runs/unfinished"))
    EventLog(run.events_file).append("alarm", step=1, kind="collapse", text="x")
    (run.path / ".lock").write_text("1 another-machine")
    warning = "unfinished may be training on another machine"
    assert warning in works("train", "--resume", "--name", "unfinished").err
    assert warning not in works("train", "--resume", "--name", "unfinished").err


def test_resume_wants_the_same_config(copied: Path) -> None:
    resume = ("train", "--resume", "--name", "mono")
    assert "begun with steps = 8, not 9" in refused(2, *resume, "--steps", "9")
    assert "No run 'nosuch' in runs." in refused(2, "train", "--resume", "--name", "nosuch")
    assert "is not a training run" in refused(2, "train", "--resume", "--name", "bm25")
    done = works(*resume, "--steps", "8")
    assert next_command(done)[:2] == ["eval", "mono"]
    (copied / "runs" / "mono" / "config.toml").write_text("alpha =")
    assert "cannot be read as TOML" in refused(1, *resume)


def test_resume_after_the_checkpoint_was_damaged(copied: Path) -> None:
    [last] = (copied / "runs" / "mono" / "checkpoints").glob("step-8/model.safetensors")
    last.write_bytes(last.read_bytes()[:-1])
    said = refused(1, "train", "--resume", "--name", "mono")
    assert "runs/mono/checkpoints/step-8/model.safetensors is damaged" in said
    assert "Delete runs/mono/checkpoints/step-8" in said


def test_a_config_file(copied: Path) -> None:
    (copied / "arm.toml").write_text('data = ["toy"]\nalpha = 1.0\nsteps = 999\n')
    works("train", "--config", "arm.toml", *BUDGET, "--steps", "2", "--name", "from-file")
    config = read_config(copied / "runs" / "from-file" / "config.toml")
    assert (config.alpha, config.steps) == (1.0, 2)
    (copied / "arm.toml").write_text("alpha = ")
    assert "cannot be read as TOML" in refused(2, "train", "--config", "arm.toml")
    (copied / "arm.toml").write_text("alfa = 1\n")
    assert "unknown field alfa" in refused(2, "train", "--config", "arm.toml")
    (copied / "arm.toml").write_text('alpha = "high"\n')
    assert "alpha is 'high'" in refused(2, "train", "--config", "arm.toml")
    assert "There is no other.toml" in refused(2, "train", "--config", "other.toml")


def test_examples_instead_of_steps(copied: Path) -> None:
    told = ("train", "--data", "toy", *BUDGET, "--examples", "100", "--name", "told")
    said = works(*told, "--dry-run").out
    assert said.startswith("7 steps of 16 pairs from 60 pairs")
    assert "told: 7 steps, 112 pairs in" in works(*told).err
    config = read_config(copied / "runs" / "told" / "config.toml")
    assert (config.examples, config.steps) == (100, 7)
    resume = ("train", "--resume", "--name", "told")
    for flags in ((), ("--examples", "100"), ("--config", "runs/told/config.toml")):
        works(*resume, *flags)
    assert "begun with examples = 100, not 99" in refused(2, *resume, "--examples", "99")
    assert "begun with steps = 600, not 7" in refused(2, *resume, "--steps", "7")
    # A config is gone on with, or told anew, either way.
    again = ("train", "--config", "runs/told/config.toml", "--name", "again", "--force")
    for flags, length in (
        ((), (100, 7)),
        (("--steps", "3"), (None, 3)),
        (("--examples", "33"), (33, 3)),
    ):
        works(*again, *flags)
        config = read_config(copied / "runs" / "again" / "config.toml")
        assert (config.examples, config.steps) == length


def test_steps_and_examples_at_once(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    both = "--steps and --examples are both given.\n  Omit one"
    assert both in refused(2, *TRAIN, "--examples", "100", "--name", "new")
    assert both in refused(2, "batches", "--data", "toy", "--steps", "3", "--examples", "100")
    assert "--examples is 0." in refused(2, "train", "--data", "toy", "--examples", "0")
    monkeypatch.setenv("HYBENCH_TRAIN_EXAMPLES", "100")
    assert both in refused(2, *TRAIN, "--name", "new")
    assert names_in(here / "runs") == ["bm25", "hybrid", "mono"]


def test_a_log_shows_signs_of_life(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "dev score" not in works(*TRAIN, "--name", "short").err
    monkeypatch.setattr(training, "_SAY_EVERY", 0.0)
    said = works(*TRAIN, "--name", "long").err.splitlines()
    assert [line.split(",")[0] for line in said if "dev score" in line] == [
        "long: step 4 of 8",
        "long: step 8 of 8",
    ]
