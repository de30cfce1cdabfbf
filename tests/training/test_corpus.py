"""Which pairs a config trains on, and their tokens."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hybench.config.train import TrainConfig
from hybench.data.dataset import Dataset
from hybench.encoders.encoder import Encoder
from hybench.errors import UsageError
from hybench.sampling import BatchSampler
from hybench.training.corpus import PairTexts, read_pair_texts, tokenize_pairs
from hybench.training.student import make_student
from hybench.training.teacher import english_teacher_config
from tests.builders import Toy, toy_dataset
from tests.training.conftest import BUDGET, run_to_the_end


def present(texts: PairTexts, language: str) -> set[str]:
    """Ids of the pairs that exist in a language."""
    table = texts.tables[0]
    column = table.present[:, table.languages.index(language)]
    return {table.pair_ids[row] for row in np.flatnonzero(column)}


def read(dataset: Dataset, **changes: object) -> PairTexts:
    return read_pair_texts([dataset], TrainConfig(data=("toy",), **changes))  # type: ignore[arg-type]


def test_a_share_is_rounded_up_and_leaves_other_languages_whole(data_root: Path) -> None:
    dataset = Dataset.open(data_root / "toy")
    texts = read(dataset, scarce=("yo",), share=0.01)
    assert len(present(texts, "yo")) == 1
    assert len(present(texts, "de")) == 60
    assert len(present(read(dataset, scarce=("yo", "de"), share=0.1), "de")) == 6
    assert present(read(dataset, scarce=("yo",), share=0.0), "yo") == set()
    assert present(read(dataset, scarce=("yo",)), "yo") == present(read(dataset), "yo")


@given(st.floats(0, 1), st.floats(0, 1), st.integers(0, 5))
@settings(max_examples=25, deadline=None)
def test_a_smaller_share_lies_in_a_larger(
    data_root: Path, one: float, other: float, seed: int
) -> None:
    dataset = Dataset.open(data_root / "toy")
    small, large = (
        present(read(dataset, scarce=("yo",), share=share, seed=seed), "yo")
        for share in sorted((one, other))
    )
    assert small <= large


def test_arms_of_a_seed_share_their_pairs_and_seeds_draw_their_own(data_root: Path) -> None:
    dataset = Dataset.open(data_root / "toy")
    drawn = [
        present(read(dataset, scarce=("yo",), share=0.2, seed=seed, strategy=strategy), "yo")
        for seed in (0, 1)
        for strategy in ("hybrid", "distill")
    ]
    assert drawn[0] == drawn[1]
    assert drawn[2] == drawn[3]
    assert drawn[0] != drawn[2]


@pytest.mark.parametrize("alpha", [0.0, 0.5, 1.0])
def test_batches_hold_no_pair_that_a_share_left_out(data_root: Path, alpha: float) -> None:
    dataset = Dataset.open(data_root / "toy")
    texts = read(dataset, scarce=("yo",), share=0.1)
    sampler = BatchSampler(texts.tables, alpha=alpha, batch_size=16, seed=0)
    languages = texts.tables[0].languages
    kept, seen = present(texts, "yo"), set()
    for number in range(60):
        batch = sampler.batch(number)
        for codes in (batch.query_languages, batch.passage_languages):
            yoruba = batch.pairs[codes == languages.index("yo")]
            seen |= {texts.tables[0].pair_ids[pair] for pair in yoruba}
        rows = texts.batch_rows(batch)
        assert min(map(np.min, rows)) >= 0
    assert seen == kept


def test_a_pivot_makes_hybrid_batches_see_what_a_distillation_sees(tmp_path: Path) -> None:
    dataset = toy_dataset(tmp_path, Toy(missing={"en": frozenset({3, 7})}))
    every, pivoted, distilled = (
        read(dataset, **changes).tables[0].pair_ids
        for changes in ({}, {"pivot": "en"}, {"strategy": "distill"})
    )
    assert len(every) == 60
    assert pivoted == distilled
    assert set(every) - set(pivoted) == {"f003", "f007"}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"scarce": ("fr",)}, "--scarce: fr is not a training language."),
        (
            {"scarce": ("de",), "languages": ("en", "yo")},
            "--scarce: de is not a training language.",
        ),
        ({"pivot": "fr"}, "has no pairs in fr"),
        ({"share": 0.5}, "no language is scarce"),
        ({"share": 1.5}, "--share is 1.5"),
        ({"strategy": "distill", "pivot": "de"}, "a teacher reads en"),
    ],
)
def test_what_makes_no_sense_is_refused(
    data_root: Path, changes: dict[str, object], said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        read(Dataset.open(data_root / "toy"), **changes)


def test_the_teacher_has_all_english_whatever_is_scarce() -> None:
    scarce = replace(BUDGET, strategy="distill", scarce=("yo",), share=0.1)
    assert english_teacher_config(scarce) == english_teacher_config(replace(scarce, share=0.5))
    english = english_teacher_config(replace(scarce, scarce=("en", "yo")))
    assert (english.scarce, english.share) == (("en",), 0.1)


def test_a_run_can_be_trained_on_a_share(tmp_path: Path, data_root: Path) -> None:
    for strategy in ("hybrid", "distill"):
        run = tmp_path / strategy
        events = run_to_the_end(run, data_root, strategy=strategy, scarce=("en",), share=0.1)
        assert events[-1]["event"] == "done"


def test_tokens_are_kept_until_tokenizer_or_texts_change(tmp_path: Path, data_root: Path) -> None:
    dataset = Dataset.open(data_root / "toy")
    texts = read(dataset).texts
    config = BUDGET.resolved()
    encoder = make_student(config, [dataset], tmp_path, "cpu")
    reports: list[int] = []

    def tokens(of: Encoder = encoder, cut: bool = False) -> tuple[np.ndarray, int]:
        given = {kind: items[:-1] for kind, items in texts.items()} if cut else texts
        before = len(reports)
        found = tokenize_pairs(
            given,
            of,
            tmp_path,
            lambda each: reports.append(each.done),
        )
        plain = tokenize_pairs(given, of)
        for kind in given:
            np.testing.assert_array_equal(found[kind].ids, plain[kind].ids)
            np.testing.assert_array_equal(found[kind].offsets, plain[kind].offsets)
        return found["query"].ids, len(reports) - before

    first, made = tokens()
    again, kept = tokens()
    assert made > 0
    assert kept == 0
    np.testing.assert_array_equal(first, again)
    assert tokens(cut=True)[1] > 0
    prefixed = make_student(replace(config, query_prefix="query: "), [dataset], tmp_path, "cpu")
    assert tokens(prefixed)[1] > 0
    damaged = next((tmp_path / "tokens").rglob("ids.npy"))
    damaged.write_bytes(damaged.read_bytes()[:-4] + b"\xff\xff\xff\x7f")
    assert tokens()[1] + tokens(cut=True)[1] + tokens(prefixed)[1] > 0
