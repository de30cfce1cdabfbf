from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
import tomli_w

from hybench.config.train import TrainConfig
from hybench.data.manifest import DatasetInfo
from hybench.origins.folders import links_of
from hybench.origins.model import Link, Origin, TrainedSet
from hybench.origins.tracing import origin_of, origin_of_training, trace
from hybench.runs.events import EventLog
from hybench.runs.run import Run

E5 = "intfloat/multilingual-e5-small"


def folder(root: Path, name: str, files: Mapping[str, object]) -> Path:
    made = root / name
    for path, value in files.items():
        (made / path).parent.mkdir(parents=True, exist_ok=True)
        (made / path).write_text(value if isinstance(value, str) else json.dumps(value))
    made.mkdir(parents=True, exist_ok=True)
    return made


@pytest.mark.parametrize(
    ("files", "links"),
    [
        ({}, [Link("tuned", identified=False)]),
        (
            {"README.md": f"---\nbase_model: {E5}\n---\nTuned."},
            [Link("tuned", identified=False), Link(E5)],
        ),
        (
            {"README.md": f"---\nbase_model: [{E5}]\nbase_model_relation: quantized\n---\n"},
            [Link(E5)],
        ),
        (
            {"config.json": {"_name_or_path": "nreimers/MiniLM-L6-H384-uncased"}},
            [Link("tuned", identified=False), Link("nreimers/MiniLM-L6-H384-uncased")],
        ),
        ({"config.json": {"_name_or_path": "/home/me/x"}}, [Link("tuned", identified=False)]),
        (
            {"adapter_config.json": {"base_model_name_or_path": E5}},
            [Link("tuned", identified=False), Link(E5)],
        ),
        ({"README.md": "---\n[broken"}, [Link("tuned", identified=False)]),
    ],
)
def test_a_folder_says_what_it_began_with(
    files: Mapping[str, object], links: list[Link], tmp_path: Path
) -> None:
    assert list(links_of(folder(tmp_path, "tuned", files))) == links


def test_the_hubs_cache_and_known_weights_name_a_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cached = "models--intfloat--multilingual-e5-small/snapshots/abc"
    assert links_of(folder(tmp_path, cached, {})) == (Link(E5),)
    copy = folder(tmp_path, "copy", {"model.safetensors": "weights"})
    assert links_of(copy) == (Link("copy", identified=False),)
    digest = "9ca9e7ca4c9cdbb1f2f9b7bd7f8f3b8c"
    monkeypatch.setattr("hybench.origins.folders.find_file", lambda size: {digest: E5})
    monkeypatch.setattr("hybench.origins.folders.sha256_once", lambda path: digest)
    assert links_of(copy) == (Link(E5),)


def run(root: Path, name: str, config: TrainConfig, **start: object) -> Run:
    made = Run(root / "runs" / name)
    made.model.mkdir(parents=True)
    made.config_file.write_text(tomli_w.dumps(config.to_toml()))
    EventLog(made.events_file).append("start", step=0, **start)
    return made


def test_a_run_inherits_from_its_encoder_and_its_teacher(tmp_path: Path) -> None:
    """Through runs too: what a run's model was trained on is traced further."""
    told = [{"name": "miracl-yo", "fingerprint": "f", "pairs": 3, "languages": ["sw"]}]
    first = run(tmp_path, "first", TrainConfig(data=("miracl-yo",), encoder=E5), data=told)
    learned = TrainedSet("miracl-yo", "miracl", ("sw",))
    assert origin_of(first) == Origin((Link(E5),), (learned,))
    config = TrainConfig(
        data=("atlas",), encoder=str(first.model), strategy="distill", teacher="xlm-roberta-base"
    )
    second = origin_of(run(tmp_path, "second", config, data=[]))
    assert second == Origin(
        (Link(E5), Link("xlm-roberta-base", taught=True)),
        (learned, TrainedSet("atlas", "atlas", ())),
    )
    scratch = TrainConfig(data=("atlas",), strategy="distill", teacher=str(first.model))
    assert origin_of(run(tmp_path, "third", scratch, data=[])) == Origin(
        (Link(E5, taught=True),),
        (
            TrainedSet("miracl-yo", "miracl", ("sw",), taught=True),
            TrainedSet("atlas", "atlas", ()),
        ),
    )


def test_what_a_training_recorded_counts(tmp_path: Path) -> None:
    recorded = {"links": [{"name": E5}], "sets": []}
    made = run(tmp_path, "run", TrainConfig(data=("atlas",), encoder="/gone"), origin=recorded)
    assert origin_of(made) == Origin((Link(E5),))


def test_of_bm25_there_is_nothing_to_know_and_of_imported_runs_nothing_is(tmp_path: Path) -> None:
    for kind, expected in (("bm25", Origin()), ("imported", Origin((Link("r", False),)))):
        made = Run(tmp_path / kind / "r")
        made.path.mkdir(parents=True)
        made.config_file.write_text(f'kind = "{kind}"\n')
        assert origin_of(made) == expected


def test_an_id_that_is_in_no_table_stays_a_name() -> None:
    assert trace("someone/unheard-of") == Origin((Link("someone/unheard-of"),))


def test_a_training_knows_its_sets_by_their_sources() -> None:
    def info(name: str, source: str, revision: str = "1") -> DatasetInfo:
        return DatasetInfo(name, source, revision, "", ("sw",), ("mono",), ("nDCG@10",), None)

    mine = info("mine", "miracl")
    hub = info("other", "hub", "mteb/MIRACLRetrieval@abc")
    parallel = info("sib-200", "parallel")
    origin = origin_of_training(
        {"encoder": "static", "init": E5}, [(each, ["sw"]) for each in (mine, hub, parallel)]
    )
    assert origin.links == (Link(E5, taught=True),)
    assert [each.benchmark for each in origin.sets] == ["miracl", "miracl", "flores"]
