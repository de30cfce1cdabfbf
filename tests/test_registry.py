"""What other packages add: found by name, loaded when asked for, told of where it is broken."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hybench.data.sources import SOURCES
from hybench.encoders.kinds import ENCODERS
from hybench.encoders.named import is_checkpoint
from hybench.errors import UsageError
from hybench.objectives import OBJECTIVES, Objective
from hybench.registry import Registry
from tests.plugins.conftest import Project


def install(folder: Path, name: str, *entries: str, **modules: str) -> None:
    """A distribution as pip leaves it, with entry points and modules."""
    own = folder / f"{name}-1.dist-info"
    own.mkdir(parents=True)
    (own / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
    (own / "entry_points.txt").write_text("\n".join(entries) + "\n")
    for module, text in modules.items():
        (folder / f"{module}.py").write_text(text)


@pytest.fixture
def objectives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Registry[Objective]:
    """The objectives, with four of another package's, of which one is good."""
    install(
        tmp_path, "lab",
        "[hybench.objectives]", "good = lab_good:objective", "absent = lab_absent:objective",
        "number = lab_good:number", "kl = lab_good:objective", "broken = lab_broken:objective",
        lab_good="from hybench.objectives import Objective\n"
        "objective = Objective('Nothing.', lambda batch: batch.scores.sum())\nnumber = 7\n",
        lab_broken="raise ValueError('no GPU\\nand more')",
    )  # fmt: skip
    monkeypatch.syspath_prepend(tmp_path)
    return Registry("objective", "hybench.objectives", "OBJECTIVE", "hybench.objectives", Objective)


def test_built_in_items_come_first_and_cannot_be_replaced(
    objectives: Registry[Objective],
) -> None:
    assert objectives.names == (
        "cosine",
        "kl",
        "margin-mse",
        "mse",
        "absent",
        "broken",
        "good",
        "number",
    )
    assert objectives["kl"] is OBJECTIVES["kl"]
    assert objectives["good"].help == "Nothing."
    assert "good" in objectives
    assert "best" not in objectives
    assert objectives.loadable().keys() == {"cosine", "kl", "margin-mse", "mse", "good"}


@pytest.mark.parametrize(
    ("name", "what", "do"),
    [
        (
            "best",
            "There is no objective 'best'.",
            "Choose one of: cosine kl margin-mse mse absent",
        ),
        ("absent", "of the package lab cannot be loaded: No module named", "uninstall lab"),
        ("broken", "of the package lab cannot be loaded: no GPU", "uninstall lab"),
        ("number", "of the package lab is of type int.", "an object of type Objective"),
    ],
)
def test_what_cannot_be_had_is_told_in_a_line(
    objectives: Registry[Objective], name: str, what: str, do: str
) -> None:
    with pytest.raises(UsageError) as raised:
        objectives[name]
    assert what in raised.value.what
    assert do in raised.value.do
    assert "\n" not in raised.value.what + raised.value.do


def test_names_of_built_in_items_look_at_no_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.metadata.entry_points", None)
    for registry in (
        Registry("objective", "hybench.objectives", "OBJECTIVE", "none", Objective),
        Registry("encoder", "hybench.encoders.kinds", "ENCODER", "none", object),
    ):
        assert all(name in registry and registry[name] for name in registry.built_in)


@pytest.mark.parametrize("registry", [SOURCES, ENCODERS, OBJECTIVES], ids=lambda each: each.kind)
def test_every_built_in_item_loads_and_says_what_it_is(registry: Registry[Any]) -> None:
    assert registry.built_in
    for name in registry.built_in:
        assert registry[name].help.endswith(".")


def test_any_other_encoder_is_a_checkpoint() -> None:
    assert not is_checkpoint("static")
    assert is_checkpoint("some/checkpoint")


@pytest.mark.process
def test_a_broken_package_is_told_where_it_is_asked_for(tmp_path: Path) -> None:
    packages = tmp_path / "packages"
    install(
        packages, "lab",
        "[hybench.sources]", "wiki = lab_broken:source",
        "[hybench.objectives]", "wiki = lab_broken:objective",
        "[hybench.encoders]", "wiki = lab_broken:encoder",
        lab_broken="raise ValueError('no GPU')",
    )  # fmt: skip
    project = Project(tmp_path, packages)
    shown = " ".join(project.run("prepare", "--help").split())
    assert "wiki The source 'wiki' of the package lab" in shown
    assert "error: The source 'wiki' of the package lab cannot be loaded: no GPU\n" in project.run(
        "prepare", "wiki", code=2
    )
    assert "static 512, tiny 64, checkpoints 100" in " ".join(
        project.run("train", "--help").split()
    )
    for flags in (("--encoder", "wiki"), ("--strategy", "distill", "--objective", "wiki")):
        said = project.run("train", "--data", "none", *flags, code=2)
        assert f"The {flags[-2][2:]} 'wiki' of the package lab cannot be loaded: no GPU" in said
