"""What teachers make of the training texts: in which language, and several of them as one."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file

from hybench.concurrency.progress import Progress
from hybench.data.dataset import Dataset
from hybench.encoders import sharing
from hybench.encoders.encoder import Encoder
from hybench.encoders.loading import load_encoder
from hybench.encoders.sharing import Loading
from hybench.files import array_cache
from hybench.files.locks import holding
from hybench.runs.run import Run
from hybench.training import teacher_vectors as vectors_module
from hybench.training.batches import batch_sampler
from hybench.training.corpus import PairTexts, read_pair_texts
from hybench.training.estimate import estimate
from hybench.training.student import make_student
from hybench.training.teacher_vectors import TeacherVectors, teacher_vectors, together
from hybench.training.train import train
from tests.training.conftest import BUDGET, run_to_the_end


def teacher(data_root: Path, cache: Path, **changes: Any) -> tuple[Encoder, PairTexts]:
    config = replace(BUDGET, strategy="distill", **changes).resolved()
    dataset = Dataset.open(data_root / "toy")
    return make_student(config, [dataset], cache, "cpu"), read_pair_texts([dataset], config)


def test_what_a_teacher_reads(data_root: Path, tmp_path: Path) -> None:
    encoder, texts = teacher(data_root, tmp_path, alpha=0.0)
    batch = batch_sampler(replace(BUDGET, alpha=0.0).resolved(), texts).batch(0)
    for own in (False, True):
        vectors = teacher_vectors(encoder, texts, tmp_path, own=own)
        queries, passages = vectors.of_batch(batch, texts)
        rows = texts.taught_rows(batch, own=own)
        for kind, row, found in zip(("query", "passage"), rows, (queries, passages), strict=True):
            words = [texts.texts[kind][at] for at in row]  # type: ignore[index]
            expected = encoder.encode(words, kind)  # type: ignore[arg-type]
            np.testing.assert_allclose(found, expected, atol=1e-6)
    english, own_rows = texts.taught_rows(batch, own=False), texts.batch_rows(batch)
    assert english[0].tolist() == english[1].tolist()
    assert texts.taught_rows(batch, own=True)[1].tolist() == own_rows[1].tolist()
    assert english[1].tolist() != own_rows[1].tolist()


def test_the_scores_of_several_teachers_are_averaged(data_root: Path, tmp_path: Path) -> None:
    made: list[TeacherVectors] = []
    for seed, dimension in ((1, 16), (2, 24)):
        encoder, texts = teacher(data_root, tmp_path, seed=seed, dimension=dimension)
        made.append(teacher_vectors(encoder, texts, tmp_path))
    both = together(made)
    scores = [each.vectors["query"] @ each.vectors["passage"].T for each in (*made, both)]
    np.testing.assert_allclose(scores[2], (scores[0] + scores[1]) / 2, atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(both.vectors["query"], axis=1), 1, atol=1e-5)
    costs = [each.cost for each in (*made, both)]
    assert costs[2] is not None
    assert costs[2].flops == sum(cost.flops or 0 for cost in costs[:2] if cost)
    assert together(made[:1]) is made[0]


@pytest.mark.slow
def test_two_teachers_that_read_each_language(data_root: Path, tmp_path: Path) -> None:
    """Without English pairs, resumed to the bit."""
    named = []
    for seed in (1, 2):
        run_to_the_end(tmp_path / f"teacher-{seed}", data_root, seed=seed, steps=1)
        named.append(str(tmp_path / f"teacher-{seed}" / "model"))
    changes: dict[str, Any] = {
        "strategy": "distill",
        "objective": "cosine",
        "teacher": named[0],
        "more_teachers": tuple(named[1:]),
        "teacher_reads": "own",
        "languages": ("de", "yo"),
        "distillation_weight": 0.8,
        "contrastive_weight": 0.2,
    }
    events = run_to_the_end(tmp_path / "whole", data_root, **changes)
    [told] = [event for event in events if event["event"] == "teacher"]
    assert told["model"] == named[0]
    assert [each["model"] for each in told["more"]] == named[1:]
    assert told["dimension"] == 32
    config, run = replace(BUDGET, **changes), Run(tmp_path / "parts")
    list(train(config, run, data_root, device="cpu", stop=lambda: True))
    list(train(config, run, data_root, device="cpu", resume=True))
    weights = [load_file(next((tmp_path / name / "model").rglob("model.safetensors")))
               for name in ("whole", "parts")]  # fmt: skip
    assert weights[0].keys() == weights[1].keys()
    for name, value in weights[0].items():
        np.testing.assert_array_equal(value, weights[1][name])
    [origin] = [event["origin"] for event in events if event["event"] == "start"]
    assert origin


def test_a_dry_run_takes_the_options_of_a_teacher(data_root: Path, tmp_path: Path) -> None:
    run_to_the_end(tmp_path / "teacher", data_root, steps=1)
    teacher = str(tmp_path / "teacher" / "model")
    config = replace(BUDGET, strategy="distill", teacher=teacher, teacher_length=8)
    assert estimate(config, Run(tmp_path / "run"), data_root, device="cpu").seconds > 0


@pytest.mark.process
@pytest.mark.slow
def test_processes_make_the_same_vectors(
    data_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, texts = teacher(data_root, tmp_path, encoder="tiny")
    made.save(tmp_path / "model")
    loading, found = Loading(str(tmp_path / "model")), []
    monkeypatch.setattr(sharing, "WORTH", 0)
    for cache, devices in (("one", ()), ("two", ("cpu", "cpu"))):
        encoder = load_encoder(loading.name, "cpu")
        found.append(
            teacher_vectors(encoder, texts, tmp_path / cache, loading=loading, devices=devices)
        )
    for kind, vectors in found[0].vectors.items():
        assert np.array_equal(vectors.view(np.uint32), found[1].vectors[kind].view(np.uint32))
    names = [[each.name for each in (tmp_path / cache).rglob("*.npy")] for cache in ("one", "two")]
    assert sorted(names[0]) == sorted(names[1])


def test_an_interrupted_encoding_goes_on_after_its_last_part(
    data_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vectors_module, "PART", 10)
    encoder, texts = teacher(data_root, tmp_path)
    whole = teacher_vectors(encoder, texts, tmp_path / "whole")
    encode = Encoder.encode
    sizes: list[int] = []
    most = 3

    def counted(self: Encoder, items: Sequence[str], *more: Any) -> Any:
        if len(sizes) == most:
            raise KeyboardInterrupt
        sizes.append(len(items))
        return encode(self, items, *more)

    with monkeypatch.context() as patch:
        patch.setattr(Encoder, "encode", counted)
        with pytest.raises(KeyboardInterrupt):
            teacher_vectors(encoder, texts, tmp_path / "parts")
        assert sizes == [10, 10, 10]
        sizes.clear()
        most = 1000
        told: list[Progress] = []
        found = teacher_vectors(encoder, texts, tmp_path / "parts", told.append)
        rows = len(whole.vectors["query"])
        assert sum(sizes) == 2 * rows - 30
        assert max(each.done for each in told) == told[-1].total == rows
        sizes.clear()
        again = teacher_vectors(encoder, texts, tmp_path / "parts")
        assert not sizes
    for kind, vectors in whole.vectors.items():
        assert len(vectors) == rows
        np.testing.assert_array_equal(found.vectors[kind], vectors)
        np.testing.assert_array_equal(again.vectors[kind], vectors)
    assert whole.cost is not None
    assert found.cost is not None
    assert again.cost == found.cost
    assert found.cost.tokens == whole.cost.tokens


def test_what_another_training_encodes_is_waited_for_last(
    data_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vectors_module, "PART", 10)
    encoder, texts = teacher(data_root, tmp_path)
    whole = teacher_vectors(encoder, texts, tmp_path / "whole")
    other = tmp_path / "shared" / "teacher-vectors"
    shutil.copytree(tmp_path / "whole" / "teacher-vectors", other)
    (folder,) = other.iterdir()
    made = [path.name for path in folder.iterdir() if path.is_dir()]
    names = sorted(made, key=lambda name: (name.startswith("passage"), name))
    taken, others = names[1], [name for name in names if name != names[1]]
    for name in others:
        shutil.rmtree(folder / name)
    hidden = (folder / taken).rename(tmp_path / "hidden")
    order: list[str] = []
    told: list[str] = []
    cached = array_cache.cached_arrays

    def noted(path: Path, *more: Any) -> Any:
        order.append(path.name)
        if path.name == taken:
            (folder / f"{taken}.lock").unlink()  # the other training has made it
            hidden.rename(path)
        return cached(path, *more)

    monkeypatch.setattr(vectors_module, "cached_arrays", noted)
    with holding(folder / f"{taken}.lock", "the cache"):
        found = teacher_vectors(
            encoder, texts, tmp_path / "shared", lambda each: told.append(each.task)
        )
    assert order == [*others, taken]
    assert all("another" not in task for task in told)
    for kind, vectors in whole.vectors.items():
        np.testing.assert_array_equal(found.vectors[kind], vectors)
