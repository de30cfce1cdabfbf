from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from hybench.data.dataset import Dataset
from hybench.data.lines import Problems
from hybench.data.preparation import Prepared, prepare
from hybench.data.sources.parallel import Parallel, reading
from hybench.errors import DataError, UsageError
from hybench.evaluation.evaluate import evaluate
from tests.data.conftest import write_lines
from tests.indexes.fakes import HashedWords, run_with_model


def made(place: Path, **options: Any) -> Prepared:
    return prepare(Parallel(place, **options), place.parent / "data", force=True)


def prepared(place: Path, **options: Any) -> Dataset:
    return made(place, **options).dataset


def texts(data: Dataset, table: str = "pairs", column: str = "query") -> dict[str, dict[str, str]]:
    """The texts of a table by language and id."""
    key = {"pairs": "pair_id", "queries": "query_id", "passages": "passage_id"}[table]
    return {
        code: dict(getattr(data, table)(code).select(key, column).iter_rows())
        for code in data.table_languages(table)
    }


def sib(folder: Path, *languages: str, **splits: list[int]) -> Path:
    """SIB-200's files: index_id, category, text, quoted as pandas quotes."""
    for language in languages:
        for split, ids in splits.items():
            path = folder / language / f"{split}.tsv"
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file, delimiter="\t", lineterminator="\n")
                writer.writerow(["index_id", "category", "text"])
                writer.writerows([[n, "sports", f'{language[:3]} "{n}"'] for n in ids])
    return folder


def test_sib_200_is_joined_by_id_and_keeps_its_splits(tmp_path: Path) -> None:
    place = sib(
        tmp_path / "sib", "eng_Latn", "yor_Latn", "swh_Latn", train=[7, 3], dev=[5], test=[9]
    )
    (place / "yor_Latn" / "train.tsv").write_text("index_id\tcategory\ttext\n3\tx\tyor 3\n")
    data = prepared(place)
    assert (data.name, data.splits, data.info.settings) == ("sib", ("dev", "test"), ("cross",))
    assert texts(data) == {
        "en": {"train:3": 'eng "3"', "train:7": 'eng "7"'},
        "sw": {"train:3": 'swh "3"', "train:7": 'swh "7"'},
        "yo": {"train:3": "yor 3"},
    }
    assert texts(data)["en"] == texts(data, column="passage")["en"]
    sources = data.pairs("en").select("query_source_id", "source_id").rows()
    assert sources == [("s:train:3", "s:train:3"), ("s:train:7", "s:train:7")]
    assert texts(data, "queries", "text") == texts(data, "passages", "text")
    assert data.queries("yo").select("query_id", "source_id", "split").rows() == [
        ("dev:5", "s:dev:5", "dev"),
        ("test:9", "s:test:9", "test"),
    ]
    judged = data.qrels("yo").sort("query_id", "passage_lang")
    assert judged.rows() == [
        (key, code, key, 1) for key in ("dev:5", "test:9") for code in ("en", "sw")
    ]


def test_accuracy_of_bitext_mining_is_r_at_1(tmp_path: Path) -> None:
    place = tmp_path / "some"
    words = ["sun", "moon", "rain", "river", "stone", "bird"]
    write_lines(place / "test.en", *words)
    noise = [words[at // 2] for at in range(len(words))]
    write_lines(place / "test.de", *(f"{a} {b} {b}" for a, b in zip(words, noise, strict=True)))
    data, run, encoder = prepared(place), run_with_model(tmp_path), HashedWords(1024)
    values = evaluate(run, data, encoder).values.filter(metric="R@1")
    vectors = {
        code: encoder.encode(data.passages(code)["text"].to_list(), "passage")
        for code in ("en", "de")
    }
    measured = {}
    for code, other in (("en", "de"), ("de", "en")):
        scores = vectors[code] @ vectors[other].T
        expected = np.mean(scores.argmax(axis=1) == np.arange(len(words)))
        measured[code] = expected
        assert values.filter(query_lang=code, corpus_lang=other)["value"].mean() == expected
    assert set(values["setting"]) == {"cross"}
    assert measured == pytest.approx({"en": 4 / 6, "de": 1 / 6})


def test_moses_files_are_aligned_by_line(tmp_path: Path) -> None:
    place = tmp_path / "moses"
    write_lines(place / "News.en-yo.en", "one", "two", "", "three", "four")
    write_lines(place / "News.en-yo.yo", "ení", "èjì", "", " ", "ẹ̀rin")
    write_lines(place / "Bible.en-sw.en.gz", "one", "two")
    write_lines(place / "Bible.en-sw.sw.gz", "moja", "mbili")
    (place / "README").write_text("not data")
    (place / "News.en-yo.ids").write_text("not data either")
    done = made(place)
    assert texts(done.dataset) == {
        "en": {
            "Bible.en-sw:1": "one", "Bible.en-sw:2": "two",
            "News.en-yo:1": "one", "News.en-yo:2": "two", "News.en-yo:5": "four",
        },
        "sw": {"Bible.en-sw:1": "moja", "Bible.en-sw:2": "mbili"},
        "yo": {"News.en-yo:1": "ení", "News.en-yo:2": "èjì", "News.en-yo:5": "ẹ̀rin"},
    }  # fmt: skip
    [told] = done.left_out.lines
    assert told.endswith("News.en-yo.en, line 4: has no translation.")
    assert done.dataset.info.settings == ()
    only = prepared(place, languages=("en", "yor"))
    assert set(only.pairs("en")["pair_id"]) == {"News.en-yo:1", "News.en-yo:2", "News.en-yo:5"}


def test_next_sentences_stay_in_their_document(tmp_path: Path, monkeypatch: Any) -> None:
    place = tmp_path / "doc"
    english = ["a1", "a2", "a3", "a4", "a5", "", "b1", "b2"]
    write_lines(place / "train.en", *english)
    write_lines(place / "train.de", *(text.upper() for text in english))
    expected = {"train:1": "a2", "train:3": "a4", "train:7": "b2"}
    for rows in (1, 2, 3, 100):
        monkeypatch.setattr(reading, "ROWS", rows)
        data = prepared(place, pairs="next")
        assert texts(data, column="passage")["en"] == expected
    assert data.pairs("de").row(0) == ("train:1", "s:train:1", "s:train:2", "A1", "A2")
    closer = prepared(place, pairs="next", stride=1)
    assert closer.pairs("en")["pair_id"].to_list() == [f"train:{n}" for n in (1, 2, 3, 4, 7)]


def test_sentences_with_ids_follow_each_other_if_their_ids_do(tmp_path: Path) -> None:
    place = sib(tmp_path / "sib", "eng_Latn", "yor_Latn", train=[8, 4, 3, 10, 9])
    data = prepared(place, pairs="next")
    assert texts(data, column="passage")["yo"] == {"train:3": 'yor "4"', "train:8": 'yor "9"'}
    for code in ("eng", "yor"):
        path = place / f"{code}_Latn" / "train.tsv"
        path.write_text(path.read_text().replace("10\t", "x10\t"))
    assert "train:x10" in texts(prepared(place))["yo"]
    with pytest.raises(UsageError, match="has the id 'x10', which is not a whole number"):
        prepared(place, pairs="next")


def test_flores_200_has_its_language_before_its_split(tmp_path: Path) -> None:
    place = tmp_path / "flores"
    for code in ("eng_Latn", "yor_Latn"):
        write_lines(place / "dev" / f"{code}.dev", f"{code} 1")
        write_lines(place / "devtest" / f"{code}.devtest", f"{code} 2")
    data = prepared(place)
    assert texts(data, "queries", "text")["yo"] == {
        "dev:1": "yor_Latn 1",
        "devtest:1": "yor_Latn 2",
    }
    assert data.queries("en")["split"].to_list() == ["dev", "test"]


def test_json_lines_with_a_translation(tmp_path: Path) -> None:
    place = tmp_path / "lafand"
    rows = [{"translation": {"en": "one", "yor": "ení"}}, {"translation": {"en": "two"}}]
    write_lines(place / "en-yor" / "train.json", *rows)
    write_lines(place / "en-yor" / "dev.json", {"id": "d4", "en": "three", "yo": "ẹ̀ta"})
    write_lines(place / "test.json", {"en": "four of us", "id": "kami berempat"})
    done = made(place)
    assert texts(done.dataset)["yo"] == {"en-yor/train:1": "ení"}
    passages = texts(done.dataset, "passages", "text")
    assert passages["en"] == {"en-yor/dev:1": "three", "test:1": "four of us"}
    assert passages["id"] == {"test:1": "kami berempat"}
    assert done.left_out.count == 1


@pytest.mark.parametrize("nested", [True, False])
def test_parquet_of_the_hub(tmp_path: Path, nested: bool) -> None:
    place = tmp_path / "hub" / "en-pt-br"
    place.mkdir(parents=True)
    if nested:
        rows = [{"translation": {"en": "one", "pt-BR": "um"}}]
        frame = pl.DataFrame(
            rows, {"translation": pl.Struct({"en": pl.String, "pt-BR": pl.String})}
        )
    else:
        frame = pl.DataFrame({"english": ["one"], "non_english": ["um"]})
    frame.write_parquet(place / "train-00000-of-00001.parquet")
    data = prepared(place.parent)
    assert texts(data)["pt-BR"] == {"en-pt-br/train-00000-of-00001:1": "um"}


def test_tsv_with_and_without_a_header(tmp_path: Path) -> None:
    place = tmp_path / "tsv"
    place.mkdir()
    content = 'OK\tOK\nsay "no"\tdire "non"\n'
    (place / "TED-en-fr-train.tsv.gz").write_bytes(gzip.compress(content.encode()))
    (place / "mine.tsv").write_text('id\ten\tfr\tyo\n7\tone\t"un ""1"""\t\n8\ttwo\tdeux\tèjì\n')
    data = prepared(place)
    assert texts(data)["fr"] == {
        "TED-en-fr-train:1": "OK", "TED-en-fr-train:2": 'dire "non"',
        "mine:2": 'un "1"', "mine:3": "deux",
    }  # fmt: skip
    assert texts(data)["yo"] == {"mine:3": "èjì"}
    one = prepared(place / "mine.tsv", unnamed="test")
    assert (one.name, one.splits, "pairs" in one.info.counts) == ("mine", ("test",), False)
    # What only two languages have is judged in these.
    assert set(one.qrels("en")["passage_lang"]) == {"fr", "yo"}
    assert one.qrels("en").height == 3


def test_splits_are_chosen(tmp_path: Path) -> None:
    place = sib(tmp_path / "sib", "eng_Latn", "yor_Latn", train=[1], dev=[2], test=[3])
    only = prepared(place, splits=("test",))
    assert only.passages("en")["passage_id"].to_list() == ["test:3"]
    assert "pairs" not in only.info.counts
    train = prepared(place, splits=("train",))
    assert (train.info.settings, train.info.metrics) == ((), ())


@pytest.mark.parametrize(
    ("files", "kind", "told"),
    [
        ({"a.en": "1\n2\n", "a.de": "1\n"}, DataError, r"a\.en has 2 lines, a\.de has 1"),
        ({"a.en": "1\n"}, DataError, r"a\.en has no translation beside it"),
        ({"a.en": "1\n", "a.en.txt": "1\n"}, DataError, "are the same part in en"),
        ({"a.tsv": "one\tun\n"}, DataError, "neither its columns"),
        ({"a.tsv": "en\teng\n1\t2\n"}, DataError, "two columns are one language"),
        ({"a.en-de.tsv": "one\teins\ntwo\n"}, DataError, "line 2: has 1 columns, not 2"),
        ({"a.json": "[]\n"}, DataError, "line 1: not a JSON object"),
        ({"a.json": '{"en": "1", "de": "1"}\n{"en": 2}\n'}, DataError, "line 2: 'en' is not a str"),
        ({"a.parquet": "no"}, DataError, "is not a Parquet file"),
        (
            {"en.tsv": "id\ttext\n1\ta\n1\tb\n", "de.tsv": "id\ttext\n1\ta\n"},
            DataError,
            "of line 2",
        ),
        ({"README.md": "?"}, UsageError, "has no parallel files"),
    ],
)
def test_what_is_wrong_with_files_is_told(
    files: dict[str, str], kind: type[Exception], told: str, tmp_path: Path
) -> None:
    place = tmp_path / "files"
    place.mkdir()
    for name, content in files.items():
        (place / name).write_text(content)
    with pytest.raises(kind, match=told):
        prepared(place)


def test_wrong_options_are_the_users_mistake(tmp_path: Path) -> None:
    place = sib(tmp_path / "sib", "eng_Latn", "yor_Latn", train=[1])
    for options, told in (
        ({"languages": ("en", "de")}, "no language de here"),
        ({"languages": ("en",)}, "no file of .* has two of en"),
        ({"splits": ("dev",)}, "has no dev"),
        ({"splits": ("other",)}, "--splits"),
        ({"pairs": "other"}, "--pairs"),
        ({"stride": 3}, "--stride is for --pairs next"),
    ):
        with pytest.raises(UsageError, match=told):
            prepared(place, **options)
    with pytest.raises(UsageError, match="there is no folder"):
        prepared(tmp_path / "nowhere")


def test_blocks_count_what_is_left_out_once(tmp_path: Path) -> None:
    place = tmp_path / "three"
    place.mkdir()
    (place / "a.tsv").write_text("en\tde\tfr\n1\t\t\n2\t2\t2\n")
    assert made(place).left_out.count == 1
    assert Problems().count == 0


def test_real_sib_200(shared_data: Path, tmp_path: Path) -> None:
    some = ("ar", "en", "ko", "sw", "yo", "zh")
    data = prepare(Parallel(shared_data / "sib-200", some), tmp_path / "data").dataset
    assert data.info.languages == some
    assert set(data.info.counts["pairs"].values()) == {701}
    assert {split: set(rows.values()) for split, rows in data.info.counts["splits"].items()} == {
        "dev": {99}, "test": {204},
    }  # fmt: skip
    assert '"' in "".join(data.pairs("ar")["query"])
    assert not any(text.startswith('"') and '""' in text for text in data.pairs("ar")["query"])


def test_real_lafand_mt(shared_data: Path, tmp_path: Path) -> None:
    folder = shared_data / "lafand-mt"
    data = prepare(Parallel(folder), tmp_path / "data").dataset
    assert data.info.counts["pairs"] == {"en": 6644, "yo": 6644}
    assert data.info.counts["splits"] == {
        "dev": {"en": 1544, "yo": 1544}, "test": {"en": 1558, "yo": 1558},
    }  # fmt: skip
    first = json.loads((folder / "en-yor" / "train.json").read_text().splitlines()[0])
    assert data.pairs("yo")["query"][0] == first["translation"]["yor"].strip()
