"""Arms of a study that are derived from others."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

import hybench
from hybench.concurrency.progress import Stop
from hybench.derived.options import DeriveOptions
from hybench.errors import UsageError
from hybench.runs.run import Run, list_results
from hybench.studies.cell import Place, work_on
from hybench.studies.derived import derive_cell, is_derived, making
from hybench.studies.done import evaluations
from hybench.studies.plan import Study, read_study
from hybench.studies.states import cell_states, left_out
from hybench.studies.worker import CellRequest, _work
from tests.builders import Toy, toy_dataset

STUDY = """
name = "arms"
[train]
data = ["toy"]
dimension = 8
steps = 2
batch_size = 8
[arms.mono]
alpha = 1.0
[arms.cross]
alpha = 0.0
[arms.base]
steps = 0
[arms.shifted]
derive = "shift"
from = "mono"
data = "toy"
strength = 0.5
[arms.centred]
derive = "center"
from = "base"
data = "toy"
[arms.merged]
derive = "merge"
from = "mono"
with = ["cross:3"]
how = "dare"
base = "base"
draw-seed = 4
[grid]
seed = [0, 1]
[eval]
data = ["toy"]
settings = ["mono"]
[[hypothesis]]
arms = ["shifted", "mono"]
setting = "mono"
"""


def read(folder: Path, text: str = STUDY) -> Study:
    file = folder / "arms.toml"
    file.write_text(text, encoding="utf-8")
    return read_study(file)


def test_a_derived_arm_has_a_run_for_each_run_that_it_is_made_of(tmp_path: Path) -> None:
    study = read(tmp_path)
    assert study.arms == ("mono", "cross", "base", "shifted", "centred", "merged")
    cells = {cell.name: cell for cell in study.derived}
    assert set(cells) == {"shifted-s0", "shifted-s1", "centred", "merged-s0", "merged-s1"}
    assert (cells["shifted-s1"].start, cells["shifted-s1"].seed) == ("mono-s1", 1)
    assert cells["shifted-s0"].options == DeriveOptions("shift", data="toy", strength=0.5)
    assert (cells["centred"].start, cells["centred"].seed) == ("base", None)
    merged = cells["merged-s1"]
    assert merged.options.others == ("cross-s1:3.0",)
    assert (merged.options.base, merged.options.draw_seed) == ("base", 4)
    assert making(merged.to_json(), "the cell") == ("mono-s1", merged.options)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('from = "mono"\ndata', "data", "names no arm"),
        ('from = "mono"\ndata', 'from = "hybrid"\ndata', "'hybrid', which is no arm that is"),
        ('from = "base"', 'from = "shifted"', "'shifted', which is no arm that is"),
        ("strength = 0.5", "alpha = 0.5", "has no field alpha"),
        ("strength = 0.5", 'how = "ties"', "--how is given"),
        ('with = ["cross:3"]', 'with = ["cross:x"]', "is no weight"),
    ],
)
def test_derived_arms_that_do_not_fit_are_refused(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    assert old in STUDY
    with pytest.raises(UsageError, match=said):
        read(tmp_path, STUDY.replace(old, new, 1))


def test_runs_are_made_of_the_models_that_are_there(tmp_path: Path) -> None:
    toy_dataset(tmp_path / "data")
    study, folder = read(tmp_path), tmp_path / "runs" / "arms"
    place = Place(folder, tmp_path / "data")
    evaluated = evaluations(study.data, study.settings, place.data_dir)
    trained = [cell for cell in study.cells if cell.name in {"mono-s0", "cross-s0", "base"}]
    [shifted, merged] = [cell for cell in study.derived if cell.name in {"shifted-s0", "merged-s0"}]

    def never() -> bool:
        return False

    def tell(_: object) -> None:
        """Nothing."""

    for cell in trained:
        work_on(cell.name, cell.configs, place, (), "cpu", never, tell, {})
    for made in (shifted, merged):
        make = partial(
            derive_cell, made.name, made.start, made.options, folder, place.data_dir, "cpu", tell
        )
        seconds: dict[str, float] = {}
        work_on(made.name, (), place, evaluated, "cpu", never, tell, seconds, make=make)
        assert set(seconds) == {"derive", "eval toy"}
        assert is_derived(Run(folder / made.name), made.start, made.options)
    states = cell_states(study, folder, place.data_dir)
    assert (states["shifted-s0"], states["merged-s0"]) == ("done", "done")
    assert (states["shifted-s1"], states["centred"]) == ("waiting", "waiting")
    compared = hybench.compare([folder / "shifted-s0", folder / "merged-s0"])
    assert "shifted" in repr(compared)
    # Another model of the parent makes another run of it.
    weights = next((folder / "mono-s0" / "model").glob("*.safetensors"))
    weights.write_bytes(next((folder / "cross-s0" / "model").glob("*.safetensors")).read_bytes())
    (folder / "mono-s0" / "model.json").unlink()
    assert cell_states(study, folder, place.data_dir)["shifted-s0"] == "begun"
    other = DeriveOptions("shift", data="toy", strength=0.25)
    with pytest.raises(UsageError, match="other options than the study's"):
        is_derived(Run(folder / "shifted-s0"), shifted.start, other)


def test_a_set_with_languages_that_the_statistics_lack_is_left_out(
    tmp_path: Path,
) -> None:
    toy_dataset(tmp_path / "data")
    toy_dataset(tmp_path / "data", Toy(languages=("en", "yo"), name="small"))
    text = STUDY.replace('data = "toy"\nstrength = 0.5', 'data = "small"').replace(
        'data = ["toy"]\nsettings', 'data = ["small", "toy"]\nsettings'
    )
    study, folder = read(tmp_path, text), tmp_path / "runs" / "arms"
    [said] = left_out(study, tmp_path / "data")
    assert said == "Not evaluated on toy, for their statistics lack its de: shifted."
    request = CellRequest(
        name="shifted-s0",
        configs=(),
        folder=str(folder),
        data_dir=str(tmp_path / "data"),
        data=("small", "toy"),
        settings=("mono",),
        device="cpu",
        threads=1,
        keep=("vectors", "models"),
        derived=next(cell for cell in study.derived if cell.name == "shifted-s0").to_json(),
    )
    place = Place(folder, tmp_path / "data")
    [mono] = [cell for cell in study.cells if cell.name == "mono-s0"]
    work_on(mono.name, mono.configs, place, (), "cpu", lambda: False, lambda _: None, {})
    _work(request, Stop(), lambda _: None, {})
    assert list_results(Run(folder / "shifted-s0")) == ("small",)
    assert cell_states(study, folder, place.data_dir)["shifted-s0"] == "done"
