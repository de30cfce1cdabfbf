"""``hybench config show``, and what is not a setting."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hybench.tui.launch import read_keys
from tests.cli.program import BUDGET, hybench, names_in, next_command, refused, works
from tests.cli.test_layers import put, shown

# ---- mistakes


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[trian]\nsteps = 1", "hybench.toml: trian is not a setting.\n  Did you mean train?"),
        (
            "[train]\nstep = 1",
            "hybench.toml: [train] step is not a setting.\n  Did you mean steps?",
        ),
        ("[train]\nhelp = true", "[train] help is not a setting.\n  See hybench train --help."),
        ("[study.walk]\njobs = 1", "[study] walk is not a setting.\n  See hybench study --help."),
        (
            "connectivity = 8",
            "connectivity is not a setting.\n  It is an option of single commands:",
        ),
        ("connectivity = 8", "move it to [index]."),
        ('[prepare]\nsplits = "dev"', "[prepare.hub] or [prepare.miracl] or [prepare.miracl-hn]."),
        ("train = 1", "train is 1.\n  It must be a table"),
        ("[train]\nsteps = '1'", "[train] steps is '1'.\n  It must be a whole number."),
        ("[train]\nsteps = 1.5", "[train] steps is 1.5.\n  It must be a whole number."),
        ("[train]\nsteps = true", "[train] steps is True.\n  It must be a whole number."),
        ("[train]\nsteps = [1]", "[train] steps is [1].\n  It must be a whole number."),
        ("[train]\nalpha = 'x'", "[train] alpha is 'x'.\n  It must be a number."),
        ("[train]\ndata = [1]", "data is [1].\n  It must be text in quotes or a list of"),
        ("[train]\nencoder = 1", "[train] encoder is 1.\n  It must be text in quotes."),
        ("data-dir = 1", "hybench.toml: data-dir is 1.\n  It must be a path in quotes."),
        ("[train]\nforce = 'yes'", "[train] force is 'yes'.\n  It must be true or false."),
        ("[train.steps]\na = 1", "[train] steps is {'a': 1}.\n  It must be a whole number."),
        ("[train]\nlog_every = 1\nlog-every = 2", "[train] log-every is set twice."),
        ("[train]\nsteps =", "hybench.toml cannot be read as TOML"),
        (f"a = {'[' * 9999}", "hybench.toml cannot be read as TOML"),
    ],
)
def test_a_mistake_is_told_with_its_place_by_every_command(
    text: str, says: str, empty: Path
) -> None:
    put(text)
    for command in (("status",), ("config", "show")):
        assert says in refused(2, *command)


def test_mistakes_in_pyproject(empty: Path) -> None:
    for text, says in (
        ("[tool.hybench]\nstep = 1", "pyproject.toml: [tool.hybench] step is not a setting."),
        ("connectivity = 8", "move it to [tool.hybench.index]."),
        ("train.steps = 'x'", "pyproject.toml: [tool.hybench.train] steps is 'x'."),
    ):
        put(text if text[0] == "[" else f"[tool.hybench]\n{text}", name="pyproject.toml")
        assert says in refused(2, "status")
    put("tool.hybench = 1", name="pyproject.toml")
    assert "pyproject.toml: tool.hybench is 1.\n  It must be a table." in refused(2, "status")
    put("[tool.hybench", name="pyproject.toml")
    assert "pyproject.toml cannot be read as TOML" in refused(2, "status")


def test_a_value_that_will_not_do_names_its_place(here: Path, tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path)
        put("[train]\nsteps = -3\n[eval]\nb = 3\n")
        train = ("train", "--data", "toy", "--data-dir", here / "data", *BUDGET)
        said = refused(2, *train)
        assert said.startswith("error: hybench.toml: [train] steps: --steps is -3.\n")
        assert refused(2, *train, "--steps", "-1").startswith("error: --steps is -1.\n")
        put('color = "blue"')
        assert (
            "hybench.toml: color is 'blue'.\n  It must be one of auto, always, never."
            in refused(2, "info")
        )


@pytest.mark.parametrize("text", ["broken =", "[trian]\n"])
def test_no_file_stops_help_or_version(text: str, empty: Path) -> None:
    put(text)
    for arguments in (("--version",), ("--help",), ("train", "-h"), ("config", "show", "--help")):
        assert works(*arguments).out
    done = hybench()
    assert (done.code, "error:" in done.err, "Commands:" in done.err) == (2, False, True)


def test_no_file_stops_completion(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put("broken =")
    monkeypatch.setenv("_HYBENCH_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", "hybench publ")
    monkeypatch.setenv("COMP_CWORD", "1")
    assert hybench().out.split() == ["published"]


# ---- config show


def test_config_show_of_a_command(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put("[study.run]\njobs = 2\n")
    monkeypatch.setenv("HYBENCH_STUDY_RUN_THREADS", "1")
    done = works("config", "show", "study", "run")
    assert done.out.endswith("\nnote: The nearest file is hybench.toml.\n")
    lines = [line.split() for line in done.out.splitlines()]
    assert lines[0] == ["settings", "of", "hybench", "study", "run"]
    assert lines[2] == ["option", "value", "from"]
    assert lines[4] == ["--jobs", "2", "hybench.toml:", "[study.run]", "jobs"]
    assert lines[5] == ["--threads", "1", "HYBENCH_STUDY_RUN_THREADS"]
    assert lines[6] == ["--device", "—", "default"]
    assert next_command(done) == ["study", "run", "--help"]
    assert names_in(empty) == ["hybench.toml"]
    assert shown("eval")["--data"] == (None, "must be given")
    learning_rate = next(
        line for line in works("config", "show", "train").out.splitlines() if "--learning" in line
    )
    assert "static 0.02, tiny 0.001, checkpoints 3e-05" in learning_rate


def test_config_show_of_all_shows_what_is_no_default(
    empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = works("config", "show")
    assert "There is no hybench.toml" in done.out
    assert "--" not in done.out
    put('data_dir = "sets"\n[batches]\nsteps = 3\n')
    monkeypatch.setenv("HYBENCH_TRAIN_STEPS", "many")
    done = works("--color", "never", "config", "show")
    assert [line.split()[:3] for line in done.out.splitlines()[4:-2]] == [
        ["(all)", "--color", "never"],
        ["(all)", "--data-dir", "sets"],
        ["train", "--steps", "many"],
        ["batches", "--steps", "3"],
    ]
    assert "flag" in done.out.splitlines()[4]
    assert next_command(done) == ["config", "show", "train"]
    document = json.loads(works("config", "show", "--json").out)
    assert document["file"] == "hybench.toml"
    assert {
        "command": "train",
        "option": "--data-dir",
        "value": "sets",
        "source": "file",
        "from": "hybench.toml: data_dir",
    } in document["options"]
    assert all(each["source"] != "default" for each in document["options"])


def test_config_show_of_what_is_no_command(empty: Path) -> None:
    assert "hybench has no command 'trian'." in refused(2, "config", "show", "trian")
    said = refused(2, "config", "show", "train", "steps")
    assert "hybench train has no command 'steps'.\n  Omit it." in said
    assert "Choose one of: run status." in refused(2, "config", "show", "study", "walk")


# ---- [tui.keys]


def test_keys_come_from_the_same_file(empty: Path) -> None:
    put('[tool.hybench.tui.keys]\nquit = "x"\n', name="pyproject.toml")
    (empty / "inner").mkdir()
    assert read_keys(empty / "inner") == {"quit": "x"}
    assert shown("tui")["--every"] == (1.0, "default")
    put('[tui]\nevery = 2\n[tui.keys]\nquit = "z"\n')
    assert read_keys(empty / "inner") == {"quit": "z"}
    assert shown("tui")["--every"] == (2.0, "hybench.toml: [tui] every")
