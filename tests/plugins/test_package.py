"""A package of a stranger's adds one of each: a source, an encoder, an objective, a metric."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from hybench.data.sources import SOURCES
from tests.plugins.conftest import PACKAGE, Project

pytestmark = [pytest.mark.process, pytest.mark.slow, pytest.mark.usefixtures("forked")]

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "extending.md"
BUDGET = (
    *("--data", "terms", "--encoder", "projected", "--dimension", 16, "--vocabulary", 400),
    *("--batch-size", 8, "--steps", 4, "--validate-every", 0, "--checkpoint-every", 0),
    *("--device", "cpu"),
)


def glossary(folder: Path) -> Path:
    """Forty terms in two languages."""
    file = folder / "terms.tsv"
    lines = [
        f"{number:02}\t{language}\t{word} {number}\tWhat {word} {number} is in {language}."
        for number in range(40)
        for language, word in (("en", "term"), ("sw", "neno"))
    ]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def test_what_a_package_adds_is_shown(project: Project) -> None:
    listed = " ".join(project.run("prepare", "--help").split())
    assert "glossary A glossary: terms and their definitions" in listed
    assert "glossary: A glossary: terms and their" in project.run("prepare", "--list")
    shown = re.sub(r"\s+", " ", project.run("train", "--help"))
    assert "--objective <cosine|kl|margin-mse|mse|score-mse>" in shown
    assert (
        "projected: narrow token embeddings and a projection. Else a checkpoint's directory"
        in shown
    )
    assert "the teacher's scores of all pairs in the batch." in shown
    assert "static 512, tiny 64, projected 256, checkpoints 100" in shown
    said = project.run("train", "--objective", "magic", code=2)
    assert "--objective is 'magic'.\n  Choose one of: cosine kl margin-mse mse score-mse." in said
    said = project.run("prepare", "wikipedia", code=2)
    assert f"Choose one of: {' '.join(SOURCES.built_in)} glossary." in said
    said = project.run("train", "--encoder", "projected", "--dimension", 10, code=2)
    assert "--dimension is 10." in said


def test_a_sources_options_are_set_as_others_are(project: Project) -> None:
    settings = project.folder / "hybench.toml"
    settings.write_text("[prepare.glossary]\nheld-out = 5\n", encoding="utf-8")
    show = ("config", "show", "prepare", "glossary", "--json")
    variable = {"HYBENCH_PREPARE_GLOSSARY_HELD_OUT": "8"}
    for variables, value, layer in ((None, 5, "file"), (variable, 8, "environment")):
        options = json.loads(project.run(*show, variables=variables))["options"]
        [held_out] = [each for each in options if each["option"] == "--held-out"]
        assert (held_out["value"], held_out["source"]) == (value, layer)
    said = project.run("status", code=2, variables={"HYBENCH_PREPARE_GLOSSARY_HELD": "8"})
    assert "Did you mean HYBENCH_PREPARE_GLOSSARY_HELD_OUT?" in said
    settings.write_text("[prepare.glossary]\nheld-out = 1\n", encoding="utf-8")
    said = project.run("prepare", "glossary", glossary(project.folder), code=2)
    assert "hybench.toml: [prepare.glossary] held-out: --held-out is 1." in said


def test_prepare_train_and_evaluate(project: Project) -> None:
    said = project.run("prepare", "glossary", glossary(project.folder))
    assert "data/terms: 80 passages, 20 queries, 60 pairs in 2 languages." in said
    distill = ("--strategy", "distill", "--objective", "score-mse")
    project.run("train", *BUDGET, "--name", "hybrid")
    teacher = ("--teacher", "runs/hybrid/model")
    project.run("train", *BUDGET, *distill, *teacher)
    assert (project.folder / "runs" / "distill-score-mse-projected-s0").is_dir()
    project.run("train", *BUDGET, *distill, *teacher, "--chunk-size", 3, "--name", "chunks")
    project.run("train", *BUDGET, *distill, *teacher, "--processes", 2, "--name", "two")
    losses = {
        name: json.loads(project.run("status", f"runs/{name}", "--json"))["runs"][0]["loss"]
        for name in ("distill-score-mse-projected-s0", "chunks", "two")
    }
    [first, *others] = losses.values()
    assert others == pytest.approx([first] * 2, rel=1e-4)
    project.run("eval", "distill-score-mse-projected-s0", "--data", "terms")
    added = ("--data", "terms", "--metrics", "RBP,RBP@10")
    said = project.run("eval", "distill-score-mse-projected-s0", *added)
    assert "RBP, RBP@10: from the ranks that the results of" in said
    said = project.run("compare", "runs", "--metric", "RBP@10")
    assert "terms (test) · mono · RBP@10 ×100" in said
    said = project.run("eval", "hybrid", "--data", "terms", "--metrics", "RBQ", code=2)
    assert "Choose one of: AP Completion P R RR Rprec Success nDCG RBP;" in said


def test_the_guide_shows_the_package() -> None:
    blocks = re.findall(r"```(?:python|toml)\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.S)
    files = [PACKAGE / "pyproject.toml", *sorted((PACKAGE / "hybench_lab").glob("[!_]*.py"))]
    assert [file.name for file in files if file.read_text(encoding="utf-8") not in blocks] == []
