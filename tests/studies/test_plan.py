"""Study files: what they come to, and what is said of those that are wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from hybench.errors import UsageError
from hybench.studies.cells import make_cells
from hybench.studies.plan import read_study
from tests.studies.conftest import STUDY, refused, study_of


def test_a_grid_is_every_arm_at_every_point_for_every_seed(tmp_path: Path) -> None:
    study = study_of(
        tmp_path,
        seed="seed = [0, 1]\nshare = [0.05, 1.0]\nalpha = [0.0, 0.5]",
        dimension='dimension = 16\nscarce = ["yo"]',
        alpha="",
    )
    assert len(study.cells) == 2 * 2 * 2 * 2
    first = study.cells[0]
    assert first.name == "mono-share0.05-a0-s0"
    assert first.point == (("share", 0.05), ("alpha", 0.0))
    assert (first.config.share, first.config.alpha, first.config.seed) == (0.05, 0.0, 0)
    assert [cell.config.seed for cell in study.cells] == [0] * 8 + [1] * 8
    assert study.arms == ("mono", "kl")


def test_cells_share_what_train_says_and_arms_change_it(tmp_path: Path) -> None:
    study = study_of(tmp_path)
    assert {cell.config.steps for cell in study.cells} == {6}
    assert {cell.config.strategy for cell in study.cells if cell.arm == "kl"} == {"distill"}
    assert {cell.config.alpha for cell in study.cells if cell.arm == "mono"} == {1.0}
    assert all(cell.config == cell.config.resolved() for cell in study.cells)


def test_a_dash_is_an_underscore_in_every_table(tmp_path: Path) -> None:
    text = """
    name = "dashes"
    [train]
    data = ["toy"]
    batch-size = 4
    [arms.long-name]
    query-length = 9
    passage_length = 9
    [grid]
    learning-rate = [0.1, 0.2]
    [eval]
    data = ["toy"]
    """
    study = study_of(tmp_path, text)
    assert [cell.config.learning_rate for cell in study.cells] == [0.1, 0.2]
    assert {(cell.arm, cell.config.batch_size) for cell in study.cells} == {("long-name", 4)}
    assert {cell.config.query_length for cell in study.cells} == {9}
    assert study.cells[0].name == "long-name-learningrate0.1-s0"
    for table, key in (("train", "batch_size = 8"), ("grid", "learning_rate = [1.0]")):
        with pytest.raises(UsageError) as caught:
            study_of(tmp_path, text.replace(f"[{table}]", f"[{table}]\n{key}"))
        name = key.partition(" ")[0]
        assert caught.value.what.endswith(f"[{table}] {name.replace('_', '-')} is set twice.")
        assert name in caught.value.do


HYPOTHESIS = """
[[hypothesis]]
arms = ["mono", "kl"]
setting = "mono"
direction = "better"
"""


def test_hypotheses_are_read_with_the_study(tmp_path: Path) -> None:
    study = study_of(tmp_path, STUDY + HYPOTHESIS)
    (named,) = study.hypotheses
    assert (named.arms, named.row, named.direction) == (("mono", "kl"), "AVG", "better")
    assert study_of(tmp_path).hypotheses == ()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"kl"', '"kll"', "hypothesis 1: there is no arm kll.Known: mono kl."),
        ("direction", "side", "hypothesis 1: unknown field side"),
        (
            'setting = "mono"',
            "",
            "setting is missing.It must be one of mono, cross, multi.",
        ),
        ("[[hypothesis]]", "[hypothesis]", "Write it as [[hypothesis]]."),
        ("[[hypothesis]]", HYPOTHESIS + "[[hypothesis]]", "hypothesis 2 is given twice"),
    ],
)
def test_a_wrong_hypothesis_is_refused_in_one_line(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    assert said in refused(tmp_path, STUDY + HYPOTHESIS.replace(old, new, 1))


def test_an_arm_of_no_steps_is_one_run_at_every_point(tmp_path: Path) -> None:
    text = STUDY.replace("[arms.kl]", "[arms.base]\nsteps = 0\n[arms.kl]")
    text = text.replace("seed = [0]", "seed = [3, 4]\nalpha = [0.5, 1.0]").replace(
        "alpha = 1.0\n", ""
    )
    study = study_of(tmp_path, text.replace("steps = 6", "examples = 48"))
    base = {cell.name: cell.config for cell in study.cells if cell.arm == "base"}
    assert list(base) == ["base-a0.5", "base-a1"]
    assert {(each.steps, each.examples, each.seed) for each in base.values()} == {(0, None, 3)}
    assert len(study.cells) == 2 + 2 * 2 * 2


def test_steps_can_be_an_axis_beside_an_arm_of_none() -> None:
    arms = {"base": {"steps": 0}, "a": {}}
    cells = make_cells({}, arms, {"steps": [5, 9], "seed": [0, 1]}, "f")
    assert [(cell.name, cell.config.steps) for cell in cells] == [
        ("base-steps5", 0),
        ("a-steps5-s0", 5),
        ("base-steps9", 0),
        ("a-steps9-s0", 9),
        ("a-steps5-s1", 5),
        ("a-steps9-s1", 9),
    ]
    with pytest.raises(UsageError, match=r"steps is in \[grid\] and in \[arms.a\]"):
        make_cells({}, {"a": {"steps": 3}}, {"steps": [5]}, "f")


def test_training_sets_can_be_an_axis() -> None:
    cells = make_cells({}, {"a": {}}, {"data": [["x"], ["x", "y"]]}, "f")
    assert [cell.name for cell in cells] == ["a-x-s0", "a-x+y-s0"]
    assert cells[1].config.data == ("x", "y")


def test_without_eval_the_first_training_set_is_evaluated(tmp_path: Path) -> None:
    text = STUDY[: STUDY.index("[eval]")]
    assert study_of(tmp_path, text).data == ("toy",)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('name = "small"', 'nam = "small"', "unknown nam"),
        ('name = "small"', 'name = "../up"', "cannot be a folder's name"),
        ("steps = 6", "steps = -1", "small.toml [arms.mono]: --steps is -1"),
        ("steps = 6", "steps = 6\nexamples = 9", "[arms.mono]: steps and examples are both given"),
        ("steps = 6", "stepps = 6", "small.toml [train]: unknown field stepps"),
        ("seed = [0]", "seed = 3", "must be a list"),
        ("seed = [0]", "seed = []", "must be a list"),
        ("seed = [0]", "sed = [0]", "[grid] has no field sed"),
        ("seed = [0]", "seed = [0, 0]", "two cells are called mono-s0"),
        ("seed = [0]", "alpha = [0.5]", "alpha is in [grid] and in [arms.mono]"),
        ("seed = [0]", "steps = [5]", "steps is in [grid] and in [train]"),
        ("bm25 = true", "bm25 = 1", "bm25 is 1"),
        (
            "bm25 = true",
            'settings = ["solo"]',
            "settings is ['solo'].It must be a list of one of mono, cross,",
        ),
        (
            "bm25 = true",
            "depth = 3",
            "[eval]: unknown field depth.Known: bm25 data precision ",
        ),
        ('[eval]\ndata = ["toy"]', '[eval]\ndata = "toy"', "must be a list of strings"),
        ("[arms.kl]", "[arms.'a/b']", "cannot be a folder's name"),
        ("alpha = 1.0", 'alpha = "1"', "small.toml [arms.mono]: alpha is '1'"),
        ("[train]", "[other]", "unknown other"),
        ("steps = 6", "steps = ", "cannot be read as TOML"),
    ],
)
def test_a_wrong_study_is_refused_in_one_line(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    assert old in STUDY
    assert said in refused(tmp_path, STUDY.replace(old, new))


def test_a_study_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There is no"):
        read_study(tmp_path / "none.toml")


@pytest.mark.parametrize("file", sorted(Path("studies").glob("*.toml")), ids=lambda f: f.stem)
def test_the_studies_of_the_project_can_be_read(file: Path) -> None:
    study = read_study(file)
    assert study.name == file.stem
    assert len(study.cells) >= 9
