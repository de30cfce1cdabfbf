"""Sets of the hub that hybench knows, in small files of their exact layout."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from hybench.data.dataset import Dataset
from hybench.data.preparation import prepare
from hybench.data.sources.hub.pinned import HubSet, Pinned
from hybench.data.sources.miracl_hn import MIRACL_HN, MiraclHn
from hybench.data.sources.miracl_mteb import MIRACL_MTEB, MiraclMteb
from hybench.data.sources.mr_tydi import MR_TYDI, MrTydi
from hybench.data.sources.nano_miracl import NANO_MIRACL, NanoMiracl
from hybench.data.sources.webfaq import WEBFAQ, Webfaq
from hybench.errors import DataError, UsageError
from hybench.values.languages import MIRACL_LANGUAGES
from tests.data.conftest import Web, serve_folder, write_lines
from tests.data.sources.hub.conftest import Tables, corpus, qrels, queries, write_hub

KINDS = ((MIRACL_HN, MiraclHn), (MIRACL_MTEB, MiraclMteb), (MR_TYDI, MrTydi), (WEBFAQ, Webfaq))


def prepared(source: Pinned, tmp_path: Path) -> Dataset:
    return prepare(source, tmp_path / "data").dataset


def uncounted(monkeypatch: pytest.MonkeyPatch, kind: type[Pinned]) -> None:
    """Read sets that are smaller than the published ones."""
    monkeypatch.setattr(kind, "of", replace(kind.of, relevant={}))


@pytest.mark.parametrize("kind", [MiraclHn, MiraclMteb])
def test_miracl_of_mteb(
    kind: type[Pinned], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables: dict[str, dict[str, pl.DataFrame]] = {}
    for code in ("sw", "yo"):
        tables |= {
            f"{code}-corpus": {"dev": corpus(f"{code} one", f"{code} two")},
            f"{code}-queries": {"dev": queries("one?", "two?")},
            f"{code}-qrels": {"dev": qrels(("q1", "p1", 1), ("q2", "p2", 1))},
        }
    place = write_hub(tmp_path / "set", tables)
    with pytest.raises(DataError, match=r"has 2 relevant judgements in yo \(dev\).* are 144"):
        prepared(kind(("yo",), place), tmp_path)
    uncounted(monkeypatch, kind)
    data = prepared(kind(("sw", "yor"), place), tmp_path)
    assert data.name == f"{kind.of.name}-sw-yo"
    assert data.info.counts["splits"] == {"dev": {"sw": 2, "yo": 2}}
    assert (data.info.settings, data.info.metrics) == (("mono",), ("nDCG@10", "R@100"))
    assert data.passages("yo").row(0) == ("p1", "T p1", "yo one", "p1")


def mr_tydi(*train: tuple[str, str, int]) -> Tables:
    return {
        "swahili-corpus": {"train": corpus("one", "two", "three")},
        "swahili-queries": {"train": queries("a?"), "dev": queries("b?", first=2),
                            "test": queries("c?", first=3)},
        "swahili-qrels": {"train": qrels(*train), "dev": qrels(("q2", "p2", 1)),
                          "test": qrels(("q3", "p3", 1))},
    }  # fmt: skip


def test_mr_tydi_names_its_languages_in_english(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = write_hub(tmp_path / "set", mr_tydi(("q1", "p1", 1), ("q1", "p2", 0)))
    counts = {"sw": {"train": 1, "dev": 1, "test": 1}}
    monkeypatch.setattr(MrTydi, "of", replace(MR_TYDI, relevant=counts))
    data = prepared(MrTydi(("sw",), place), tmp_path)
    assert data.info.counts["splits"] == {"train": {"sw": 1}, "dev": {"sw": 1}, "test": {"sw": 1}}
    assert data.pairs("sw")["pair_id"].to_list() == ["sw:q1:p1"]
    assert prepared(MrTydi(("sw",), place, ("test",)), tmp_path / "b").splits == ("test",)
    # If the mirror judged its negatives as relevant, they would become training pairs.
    wrong = write_hub(tmp_path / "wrong", mr_tydi(("q1", "p1", 1), ("q1", "p2", 1)))
    with pytest.raises(DataError, match=r"has 2 .* in sw \(train\); published are 1"):
        prepared(MrTydi(("sw",), wrong), tmp_path / "c")
    assert not list((tmp_path / "c" / "data").glob("*/dataset.json"))


def test_nano_miracl_has_a_split_for_each_language(tmp_path: Path) -> None:
    codes = ("sw", "yo")
    tables = {
        "corpus": {code: corpus(f"{code} one", f"{code} two") for code in codes},
        "queries": {code: queries(f"{code} one?") for code in codes},
        "qrels": {code: qrels(("q1", "p2", 1)).drop("score") for code in codes},
        "bm25": {code: pl.DataFrame({"query-id": ["q1"]}) for code in codes},
    }
    place = write_hub(tmp_path / "set", tables)
    data = prepared(NanoMiracl(codes, place), tmp_path)
    assert data.info.counts["splits"] == {"test": {"sw": 1, "yo": 1}}
    assert data.queries("yo")["text"].to_list() == ["yo one?"]
    assert data.qrels("yo").rows() == [("q1", "yo", "p2", 1)]
    assert set(data.info.inputs) >= {"corpus/yo-00000-of-00001.parquet"}


def test_webfaq_is_in_json_lines(tmp_path: Path) -> None:
    place = tmp_path / "set"
    record = {"_id": "a1", "title": "", "text": "an answer"}
    write_lines(place / "ara" / "corpus.jsonl", record, {**record, "_id": "a2"})
    for split, number in (("train", 1), ("test", 2)):
        write_lines(place / "ara" / f"{split}.jsonl", {"_id": f"q{number}", "text": "?"})
        row = {"query-id": f"q{number}", "corpus-id": f"a{number}", "score": 1.0}
        write_lines(place / "ara" / f"qrels-{split}.jsonl", row)
    configs = {
        "ara-corpus": {"corpus": "ara/corpus.jsonl"},
        "ara-queries": {"train": "ara/train.jsonl", "test": "ara/test.jsonl"},
        "ara-qrels": {"train": "ara/qrels-train.jsonl", "test": "ara/qrels-test.jsonl"},
    }
    lines = ["---", "configs:"]
    for name, files in configs.items():
        lines += [f"- config_name: {name}", "  data_files:"]
        for split, path in files.items():
            lines += [f"  - split: {split}", f"    path: {path}"]
    (place / "README.md").write_text("\n".join([*lines, "---", ""]))
    data = prepared(Webfaq(("ar",), place), tmp_path)
    assert data.splits == ("train", "test")
    assert data.pairs("ar").row(0) == ("ar:q1:a1", "q:ar:q1", "ar:a1", "?", "an answer")


def test_it_is_read_at_the_pinned_commit(
    hub: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = {
        "yo-corpus": {"dev": corpus("one")},
        "yo-queries": {"dev": queries("one?")},
        "yo-qrels": {"dev": qrels(("q1", "p1", 1))},
    }
    serve_folder(hub, write_hub(tmp_path / "set", tables), MIRACL_HN.revision)
    uncounted(monkeypatch, MiraclHn)
    info = MiraclHn(("yo",)).describe(lambda _: None)
    assert info.revision == f"{MIRACL_HN.repository}@{MIRACL_HN.revision}"
    asked = f"/api/datasets/{MIRACL_HN.repository}/revision/{MIRACL_HN.revision}"
    assert any(path.partition("?")[0] == asked for path in hub.asked)


def test_what_is_known_of_them() -> None:
    for known, kind in KINDS:
        assert kind.of == known
        assert len(known.revision) == 40
        assert set(known.relevant) <= set(known.languages)
    assert tuple(MIRACL_HN.languages) == MIRACL_LANGUAGES
    # Where the pool of hard negatives is the whole corpus, so are the judgements.
    same = [code for code in MIRACL_LANGUAGES if _dev(MIRACL_HN, code) == _dev(MIRACL_MTEB, code)]
    assert {"bn", "sw", "yo"} < set(same)
    assert "ar" not in same
    assert NANO_MIRACL.by_split


def _dev(of: HubSet, code: str) -> int:
    return of.relevant[code]["dev"]


def test_large_sets_want_languages() -> None:
    for kind in (MiraclMteb, MrTydi, Webfaq):
        with pytest.raises(UsageError, match="too large to prepare in all its languages"):
            kind()
    assert MiraclHn().languages == MIRACL_LANGUAGES
    with pytest.raises(UsageError, match="no language xx here"):
        MrTydi(("xx",))
    with pytest.raises(UsageError, match="--splits"):
        MiraclHn(("yo",), splits=("test",))
