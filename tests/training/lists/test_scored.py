"""Teachers' scores from files: matched to pairs, averaged, and trained on."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import torch
from sentence_transformers.sentence_transformer.losses import DistillKLDivLoss, MarginMSELoss

from hybench.data.dataset import Dataset
from hybench.data.frames import Frames
from hybench.data.preparation import prepare
from hybench.errors import DataError, UsageError
from hybench.runs.events import Event
from hybench.runs.run import Run
from hybench.training.learner import Learner
from hybench.training.lists.entries import Entries
from hybench.training.lists.scored import scored_entries
from hybench.training.train import resume_config, train
from tests.training.conftest import BUDGET, NEGATIVES, SCORED, make_task, run_to_the_end

TAUGHT: dict[str, Any] = {"strategy": "distill", "teacher_scores": (SCORED,)}

PAIRS = [
    ("en", "7:1", "q:7", "p:1", "Who is it?", "The king."),
    ("yo", "7:1", "q:7", "p:1", "Ta ni?", "Ọba."),
    ("en", "8:2", "q:8", "p:2", "What is it?", "A bird."),
    ("yo", "8:2", "q:8", "p:2", "Kí ni?", "Ẹyẹ."),
    ("en", "9:3", "q:9", "p:3", "Where is it?", "At home."),
]
PASSAGES = [
    ("en", "4", "", "A stone.", "p:4"),
    ("yo", "4", "", "Òkúta.", "p:4"),
    ("en", "5", "", "A river.", "p:5"),
]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """Two questions in two languages, one in one; ids as mMARCO has them."""
    names = ("language", "pair_id", "query_source_id", "source_id", "query", "passage")
    frames = Frames(
        "small",
        pairs=pl.DataFrame(PAIRS, names, orient="row"),
        passages=pl.DataFrame(
            PASSAGES, ["language", "passage_id", "title", "text", "source_id"], orient="row"
        ),
    )
    return prepare(frames, tmp_path_factory.mktemp("sets")).dataset


def lines(path: Path, *values: Any) -> str:
    path.write_text("".join(json.dumps(value) + "\n" for value in values), encoding="utf-8")
    return str(path)


def entries(dataset: Dataset, names: Sequence[str], scale: str | None = None) -> Entries:
    return scored_entries(names, scale, [dataset], dataset.path.parent)


def rows(found: Entries) -> dict[tuple[str, str], list[tuple[str, float, float]]]:
    lists: dict[tuple[str, str], list[tuple[str, float, float]]] = {}
    [frame] = found.frames
    for row in frame.iter_rows(named=True):
        entry = (row["passage"], round(row["teacher_score"], 4), round(row["teacher_positive"], 4))
        lists.setdefault((row["query_language"], row["pair_id"]), []).append(entry)
    return lists


def test_ids_hold_in_every_language_of_a_pair(tmp_path: Path, small: Dataset) -> None:
    file = lines(
        tmp_path / "engeng.jsonl",
        [7, [4, 0.5], [1, 2.0], [5, 1.0], [3, -1.0], [77, 9.0]],
        [8, [4, 1.0]],
        [70, [1, 1.0]],
    )
    found = entries(small, [file])
    assert rows(found) == {
        ("en", "7:1"): [("A river.", 1.0, 2.0), ("A stone.", 0.5, 2.0), ("At home.", -1.0, 2.0)],
        ("yo", "7:1"): [("Òkúta.", 0.5, 2.0)],
    }
    [source] = found.sources
    assert source.counts == {
        "entries": 4, "queries": 2, "unknown_queries": 1, "unscored_pairs": 2,
        "unknown_passages": 1,
    }  # fmt: skip


def test_texts_hold_in_their_language(tmp_path: Path, small: Dataset) -> None:
    file = lines(
        tmp_path / "faq.jsonl",
        {"query": "WHO is  it?", "positives": ["the KING."], "negatives": ["Mine.", "mine."],
         "scores": [0.9, 0.2, 0.3]},
        {"query": "Ta ni?", "positives": ["The king."], "negatives": ["Omi."], "scores": [0.7, 0]},
        {"query": "Kí ni?", "positives": ["Another."], "negatives": ["Omi."], "scores": [0.7, 0]},
        {"query": "Who else?", "positives": ["?"], "negatives": ["Omi."], "scores": [0.7, 0]},
    )  # fmt: skip
    found = entries(small, [file])
    assert rows(found) == {
        ("en", "7:1"): [("mine.", 0.3, 0.9)],
        ("yo", "7:1"): [("Omi.", 0.0, 0.7)],  # its own passage, in another of its languages
    }
    [source] = found.sources
    assert (source.counts["unknown_queries"], source.counts["unscored_pairs"]) == (1, 1)


def test_files_are_averaged_on_one_scale(tmp_path: Path, small: Dataset) -> None:
    one = lines(tmp_path / "one.jsonl", [7, [1, 10.0], [4, 0.0], [5, 5.0]])
    other = lines(tmp_path / "other.jsonl", [7, [1, 0.9], [4, 0.5], [3, 0.1]])
    means = {("en", "7:1"): [("A stone.", 0.25, 1.0)], ("yo", "7:1"): [("Òkúta.", 0.25, 1.0)]}
    found = entries(small, [one, other])
    assert rows(found) == means == rows(entries(small, [one, other], "minmax"))
    assert [source.counts["unshared"] for source in found.sources] == [2, 2]
    raw = rows(entries(small, [one, other], "raw"))
    assert raw["en", "7:1"] == [("A stone.", 0.25, 5.45)]
    used = np.array([10, 10, 0, 0, 5.0])  # of both languages, the own passages, too
    standard = rows(entries(small, [one], "standard"))
    [river, stone] = standard["en", "7:1"]
    for row, score in ((river, 5.0), (stone, 0.0)):
        assert row[1] == pytest.approx((score - used.mean()) / used.std(), abs=1e-3)


def test_an_id_of_two_questions_is_none(tmp_path: Path) -> None:
    names = ("language", "pair_id", "query_source_id", "source_id", "query", "passage")
    pairs = [
        ("sw", "sw:7:1", "q:sw:7", "sw:1", "Nani?", "Mfalme."),
        ("yo", "yo:7:1", "q:yo:7", "yo:1", "Ta ni?", "Ọba."),
        ("yo", "yo:7:2", "q:yo:7", "yo:2", "Ta ni?", "Ayaba."),
        ("yo", "yo:8:2", "q:yo:8", "yo:2", "Kí ni?", "Ayaba."),
    ]
    frames = Frames("apart", pairs=pl.DataFrame(pairs, names, orient="row"))
    dataset = prepare(frames, tmp_path).dataset
    file = lines(tmp_path / "f.jsonl", [7, [1, 1.0], [2, 0.5]], [8, [2, 1.0], [1, 0.5]])
    assert rows(entries(dataset, [file])) == {("yo", "yo:8:2"): [("Ọba.", 0.5, 1.0)]}


def test_a_file_of_other_data_is_refused_in_one_line(tmp_path: Path, small: Dataset) -> None:
    other = lines(tmp_path / "other.jsonl", [70, [1, 1.0]], [7, [99, 1.0]])
    with pytest.raises(UsageError, match="has no list for any query of small: 1 queries are unkn"):
        entries(small, [other])
    with pytest.raises(DataError, match="line 1: no query or query_id"):
        entries(small, [lines(tmp_path / "wrong.jsonl", {"text": "?"})])
    with pytest.raises(UsageError, match="there is no file"):
        entries(small, [str(tmp_path / "nosuch")])


def test_negatives_without_scores_are_refused(data_root: Path) -> None:
    dataset = Dataset.open(data_root / "toy")
    with pytest.raises(UsageError, match=f"no teacher has scored the negatives {NEGATIVES}"):
        entries(dataset, [NEGATIVES])
    assert entries(dataset, [SCORED]).frames[0].height


@pytest.mark.parametrize("objective", ["kl", "margin-mse"])
def test_the_loss_of_a_step_is_the_librarys(
    tmp_path: Path, data_root: Path, objective: str
) -> None:
    task = make_task(
        data_root, tmp_path, objective=objective, negatives_per_query=3, alpha=0.0, **TAUGHT
    )
    learner = Learner(task)
    batch = learner._sampler.batch(0)
    assert task.lists is not None
    drawn = task.lists.lists.draw(batch, 0)
    assert drawn is not None
    assert (drawn.columns >= 0).all()
    queries, passages = learner._tokens(batch)
    with torch.no_grad():
        asked, answers = task.encoder.embed_both(queries, passages)
        negatives = task.encoder.embed(task.lists.tokens.take(drawn.texts))
    columns = [negatives[drawn.columns[:, place]] for place in range(3)]
    inner = lambda one, other: (one * other).sum(-1)  # noqa: E731
    labels = torch.from_numpy(drawn.scores)
    temperature = task.config.temperature
    model: Any = None
    if objective == "kl":
        theirs: Any = DistillKLDivLoss(model, inner, temperature=temperature)
        scale = temperature**2
    else:
        theirs, scale = MarginMSELoss(model, inner), 1.0
    expected = theirs.compute_loss_from_embeddings([asked, answers, *columns], labels).item()
    result = learner.step(1)
    assert result.loss * scale == pytest.approx(expected, rel=1e-5)
    assert result.scores == 16 * 4
    assert learner.exposure(1).negatives == 3


def test_a_training_on_scores_resumes_to_the_bit(tmp_path: Path, data_root: Path) -> None:
    given = {"objective": "kl", "validate_every": 0, "steps": 6, "alpha": 0.0, **TAUGHT}
    given |= {"accumulation": 2}
    whole = run_to_the_end(tmp_path / "whole", data_root, **given)
    assert not [event for event in whole if event["event"] == "teacher"]
    run, steps = Run(tmp_path / "cut"), 0

    def three() -> bool:
        return steps == 3

    for event in train(replace(BUDGET, **given), run, data_root, device="cpu", stop=three):
        steps = event["step"] if event["event"] == "step" else steps
    *_, done = train(resume_config(run), run, data_root, device="cpu", resume=True)
    left, right = (
        [file.read_bytes() for file in sorted((tmp_path / name / "model").rglob("*.safetensors"))]
        for name in ("whole", "cut")
    )
    assert left == right
    assert done["exposure"] == whole[-1]["exposure"]


def test_only_pairs_with_lists_are_trained_on(tmp_path: Path, data_root: Path) -> None:
    dataset = Dataset.open(data_root / "toy")
    rows = dataset.pairs("de").head(20)
    file = lines(
        tmp_path / "de.jsonl",
        *(
            {"query": query, "pos": [passage], "neg": ["Ein Vogel."], "scores": [1.0, 0.0]}
            for query, passage in rows.select("query", "passage").rows()
        ),
    )
    given = {"strategy": "distill", "objective": "margin-mse", "teacher_scores": (file,)}
    task = make_task(data_root, tmp_path, **given)
    [table] = task.texts.tables
    assert set(table.pair_ids) == set(rows["pair_id"])
    assert table.present.all()  # in all languages: the German list is that of a translation, too
    assert task.lists is not None
    drawn = task.lists.lists.draw(Learner(task)._sampler.batch(0), 0)
    assert drawn is not None
    assert (drawn.columns == 0).sum() == len(drawn.columns)


def test_what_a_file_lacks_is_told(
    tmp_path: Path, data_root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from hybench.cli.training import _Show

    dataset = Dataset.open(data_root / "toy")
    texts = dataset.pairs("en").select("query", "passage").rows()
    file = lines(
        tmp_path / "en.jsonl",
        {"query": "Who else?", "pos": ["?"], "neg": ["A bird."], "scores": [1.0, 0.0]},
        *(
            {"query": query, "pos": [passage], "neg": ["A bird."], "scores": [1.0, 0.0]}
            for query, passage in texts
        ),
    )
    given = {"strategy": "distill", "objective": "kl", "teacher_scores": (file,), "steps": 1}
    shutil.copytree(data_root / "toy", tmp_path / "data" / "toy")
    events: list[Event] = run_to_the_end(tmp_path / "run", tmp_path / "data", **given)
    show = _Show("run", lambda _: None)
    for event in events:
        show(event)
    said = capsys.readouterr().err
    assert f"run: {file}: 60 passages of 60 queries" in said
    assert "not used: 1 queries that no training pair has." in said
