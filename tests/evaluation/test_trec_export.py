from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
import pytrec_eval

from hybench.errors import DataError
from hybench.evaluation.evaluate import evaluate
from hybench.evaluation.results import read_results
from hybench.evaluation.trec_export import export_trec, write_qrels, write_run
from hybench.importing.trec_reading import evaluate_trec, read_qrels, read_run
from tests.evaluation.tiny import tiny_dataset
from tests.indexes.fakes import HashedWords, run_with_model


def test_exported_files_evaluate_to_our_values(tmp_path: Path) -> None:
    dataset, run = tiny_dataset(tmp_path), run_with_model(tmp_path)
    evaluate(run, dataset, HashedWords())
    results = read_results(run, "tiny")
    files = export_trec(results, dataset, tmp_path / "trec")
    assert len(files) == 2 * (3 + 6 + 3)
    names = {"nDCG@10": "ndcg_cut_10", "R@10": "recall_10", "AP": "map"}
    for file, judgements in zip(files[::2], files[1::2], strict=True):
        setting, languages = file.stem.removeprefix("tiny.").split(".")
        query_lang, corpus_lang = languages.split("-")
        with file.open() as one, judgements.open() as other:
            qrels = pytrec_eval.parse_qrel(other)
            values = pytrec_eval.RelevanceEvaluator(qrels, set(names.values())).evaluate(
                pytrec_eval.parse_run(one)
            )
        own = results.values.filter(
            setting=setting, query_lang=query_lang, corpus_lang=corpus_lang
        ).filter(pl.col("metric").is_in(list(names)))
        assert own.height == 3 * len(qrels)
        for query_id, metric, value in own.select("query_id", "metric", "value").iter_rows():
            assert values[query_id][names[metric]] == pytest.approx(value, abs=1e-9)


def test_rankings_come_back_in_their_order(tmp_path: Path) -> None:
    dataset, run = tiny_dataset(tmp_path), run_with_model(tmp_path)
    evaluate(run, dataset, HashedWords())
    files = export_trec(read_results(run, "tiny"), dataset, tmp_path / "trec")
    file = next(one for one in files if one.name == "tiny.multi.sw-all.run")
    first = file.read_text().splitlines()[0].split()
    assert first[1] == "Q0"
    assert first[2].partition("/")[0] in {"en", "sw", "yo"}
    assert (first[3], first[5]) == ("1", "run")
    metrics = ["nDCG@10", "AP"]
    values = evaluate_trec(file, file.with_suffix(".qrels"), metrics)
    own = read_results(run, "tiny").values.filter(setting="multi", query_lang="sw")
    rows = own.select("query_id", "metric", "value").iter_rows()
    expected = {(query_id, metric): value for query_id, metric, value in rows}
    for query_id, metric, value in values.iter_rows():
        assert value == pytest.approx(expected[query_id, metric], abs=1e-9)


def test_scores_survive_as_float32(tmp_path: Path) -> None:
    scores = [1 / 3, 1e-9, 123456.789, -2.5e-7, 0.0]
    hits = pl.DataFrame(
        {"query_id": "q", "passage_id": list("abcde"), "rank": range(1, 6), "score": scores}
    )
    write_run(tmp_path / "a.run", hits, "my run")
    back = read_run(tmp_path / "a.run")
    assert (back["score"].cast(pl.Float32) == hits["score"].cast(pl.Float32)).all()
    assert (tmp_path / "a.run").read_text().splitlines()[0].endswith(" my_run")


def test_judgements_come_back(tmp_path: Path) -> None:
    judged = pl.DataFrame(
        {"query_id": ["q", "é#0"], "passage_id": ["10020#0", "日本"], "relevance": [0, 2]},
        schema_overrides={"relevance": pl.Int32},
    )
    write_qrels(tmp_path / "a.qrels", judged)
    assert read_qrels(tmp_path / "a.qrels").equals(judged)


def test_ids_with_white_space_are_refused(tmp_path: Path) -> None:
    judged = pl.DataFrame({"query_id": ["q"], "passage_id": ["a b"], "relevance": [1]})
    with pytest.raises(DataError, match="'a b' cannot be written to a TREC file"):
        write_qrels(tmp_path / "a.qrels", judged)
    assert list(tmp_path.iterdir()) == []
