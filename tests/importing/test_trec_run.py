"""TREC files become runs whose values are those that our own evaluation gives."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
import pytrec_eval
from polars.testing import assert_frame_equal

from hybench.comparison.gather import CompareOptions
from hybench.comparison.table import compare
from hybench.data.dataset import Dataset
from hybench.errors import DataError, StateError, UsageError
from hybench.evaluation.evaluate import evaluate
from hybench.evaluation.results import read_results
from hybench.evaluation.scope import EvalOptions
from hybench.evaluation.trec_export import export_trec, write_run
from hybench.files.documents import read_json, write_json
from hybench.importing.trec_files import TrecFile, find_files
from hybench.importing.trec_run import ImportOptions, import_trec
from hybench.runs.events import read_events
from hybench.runs.run import Run, manifests
from hybench.runs.status import RunWatch
from tests.evaluation.tiny import tiny_dataset
from tests.indexes.fakes import HashedWords, run_with_model

KEYS = ["setting", "query_lang", "corpus_lang", "query_id", "metric"]
NAMES = "tiny.{setting}.{lang}-{corpus}"


def exported(root: Path, depth: int | None = None, kept: int = 100) -> tuple[Dataset, Run, Path]:
    """A set, an evaluated run, and its TREC files."""
    dataset, run = tiny_dataset(root, depth), run_with_model(root)
    evaluate(run, dataset, HashedWords(), EvalOptions(ranking_depth=kept))
    export_trec(read_results(run, "tiny"), dataset, root / "trec")
    return dataset, run, root / "trec"


def files(folder: Path, qrels: bool = False) -> tuple[TrecFile, ...]:
    judged = f"{folder}/{NAMES}.qrels" if qrels else None
    return find_files(f"{folder}/{NAMES}.run", judged, "mono", None)


@pytest.mark.parametrize("qrels", [False, True])
def test_a_round_trip_changes_no_value(qrels: bool, tmp_path: Path) -> None:
    dataset, run, folder = exported(tmp_path)
    other = Run(tmp_path / "theirs")
    found = import_trec(other, files(folder, qrels), ImportOptions(dataset))
    ours, theirs = (read_results(one, "tiny") for one in (run, other))
    assert theirs.values.sort(KEYS).equals(ours.values.sort(KEYS))
    for one, another in (
        (ours.rankings(), theirs.rankings()),
        (ours.relevant(), theirs.relevant()),
    ):
        keys = [*KEYS[:4], "passage_lang", "passage_id"]
        assert another.sort(keys).collect().equals(one.sort(keys).collect())
    assert found.missing == {}
    assert found.unknown == {}
    assert found.shallow == ()
    assert theirs.info.pools == ours.info.pools
    assert theirs.info.depth == ours.info.depth
    for comparison in compare([run, other], CompareOptions(draws=100)):
        for row in comparison.rows:
            [difference] = [cell.difference for cell in row.cells if cell and cell.difference]
            assert difference.value == 0
            assert difference.p == 1
        assert not any("Unequal query sets" in note for note in comparison.notes)


def test_it_is_a_run_like_any_other(tmp_path: Path) -> None:
    dataset, _, folder = exported(tmp_path)
    run = Run(tmp_path / "theirs")
    import_trec(run, files(folder), ImportOptions(dataset))
    assert RunWatch(run).look().state == "done"
    assert RunWatch(run).look().kind == "imported"
    assert [path.name for path in manifests(run.path)] == ["tiny.json"]
    [event] = read_events(run.events_file).events
    assert event["event"] == "imported"
    assert event["results"] == "tiny"
    assert len(event["files"]) == 12
    # Again, and from other files: the results are replaced.
    import_trec(run, files(folder)[:1], ImportOptions(dataset))
    assert read_results(run, "tiny").info.settings == ("mono",)


def test_queries_that_are_missing_score_0_and_are_counted(tmp_path: Path) -> None:
    dataset, run, folder = exported(tmp_path)
    path = folder / "tiny.mono.sw-sw.run"
    lines = path.read_text().splitlines()
    kept = [line for line in lines if not line.startswith("2#0 ")]
    path.write_text("\n".join([*kept, "nobody Q0 x1 1 0.5 t", "dev Q0 x1 1 0.5 t"]))
    [file] = [one for one in files(folder) if one.run == path]
    other = Run(tmp_path / "theirs")
    found = import_trec(other, [file], ImportOptions(dataset))
    assert found.missing == {"mono sw in sw": 1}
    assert found.unknown == {"mono sw in sw": 2}
    values = found.values.filter(query_id="2#0")
    assert values.height == 3
    assert values["value"].to_list() == [0, 0, 0]
    own = read_results(run, "tiny").values.filter(setting="mono", query_lang="sw")
    assert found.values.height == own.height


def test_a_run_of_something_else_is_refused(tmp_path: Path) -> None:
    dataset, _, folder = exported(tmp_path)
    path = folder / "tiny.mono.sw-sw.run"
    path.write_text("nobody Q0 x1 1 0.5 t\n")
    [file] = [one for one in files(folder) if one.run == path]
    other = Run(tmp_path / "theirs")
    with pytest.raises(DataError, match=r"none of its queries is judged in tiny \(test\)"):
        import_trec(other, [file], ImportOptions(dataset))
    assert not other.config_file.exists()
    assert not list(other.path.rglob("*.json"))


def test_shallow_rankings_are_told(tmp_path: Path) -> None:
    dataset, run, folder = exported(tmp_path, kept=10)
    other = Run(tmp_path / "theirs")
    found = import_trec(other, files(folder), ImportOptions(dataset))
    # In a language alone, ten hits reach every relevant passage.
    assert found.shallow == tuple(f"multi {language} in all" for language in ("en", "sw", "yo"))
    assert found.info.depth == 10
    # What their files do not hold ranks below all 54 passages of the pool.
    relevant = read_results(other, "tiny").relevant().collect().filter(setting="multi")
    ranks = pl.col("rank").cast(pl.Float64).fill_null(55.0)
    distances = relevant.group_by("query_lang", "query_id").agg(value=ranks.max() - ranks.min())
    values = found.values.filter(metric="RankDistance").select(distances.columns)
    assert_frame_equal(values, distances, check_row_order=False)
    assert relevant["rank"].null_count() > 0
    notes = compare([run, other], CompareOptions(draws=100, setting="mono"))[0].notes
    assert "Different depths of ranking: run full, theirs 10." in notes


def test_hits_below_the_depth_of_the_set_do_not_count(tmp_path: Path) -> None:
    dataset = tiny_dataset(tmp_path, depth=12)
    ranked = [f"x{place}" for place in range(12)] + ["0#0"]
    hits = pl.DataFrame(
        {"query_id": "0#0", "passage_id": ranked, "rank": 0, "score": range(13, 0, -1)}
    )
    write_run(tmp_path / "a.run", hits, "t")
    found = import_trec(
        Run(tmp_path / "theirs"),
        find_files(f"{tmp_path}/a.run", None, "mono", ("en",)),
        ImportOptions(dataset),
    )
    values = found.values.filter(query_id="0#0", metric="AP")
    assert values["value"].to_list() == [0]
    assert found.shallow == ()
    assert found.info.depth == 12


RUN = "q1 Q0 a 1 0.5 t\nq1 Q0 b 9 0.5 t\nq1 Q0 c 2 0.75 t\nq2 Q0 a 1 1 t\nq4 Q0 a 1 1 t\n"
QRELS = "q1 0 a 1\nq1 0 b 2\nq1 0 d 1\nq2 0 a 0\nq3 0 a 1\n"


def without_set(root: Path, name: str = "theirs", run: str = RUN, **options: object) -> Run:
    (root / "a.run").write_text(run)
    (root / "a.qrels").write_text(QRELS)
    own = Run(root / name)
    found = find_files(f"{root}/a.run", f"{root}/a.qrels", "mono", ("yo",))
    import_trec(own, found, ImportOptions(name="mine", **options))  # type: ignore[arg-type]
    return own


def test_judgements_without_a_set(tmp_path: Path) -> None:
    metrics = {"nDCG@10": "ndcg_cut_10", "AP": "map", "R@5": "recall_5"}
    results = read_results(without_set(tmp_path, metrics=tuple(metrics)), "mine")
    judged = pytrec_eval.parse_qrel(QRELS.splitlines())
    theirs = pytrec_eval.RelevanceEvaluator(judged, set(metrics.values())).evaluate(
        pytrec_eval.parse_run(RUN.splitlines())
    )
    assert results.values.height == 9
    for query_id, metric, value in results.values.select("query_id", "metric", "value").rows():
        expected = theirs[query_id][metrics[metric]] if query_id in theirs else 0  # -c
        assert value == pytest.approx(expected, abs=1e-9)
    assert results.info.depth == 3
    assert results.info.split == "test"
    ranked = results.rankings().filter(pl.col("query_id") == "q1").collect()
    assert ranked["passage_id"].to_list() == ["c", "b", "a"]


def test_imports_by_the_same_judgements_compare(tmp_path: Path) -> None:
    one, other = without_set(tmp_path, "one"), without_set(tmp_path, "other", "q1 Q0 b 1 1 t\n")
    [comparison] = compare([one, other], CompareOptions(draws=100))
    assert comparison.rows[0].queries == 3
    with pytest.raises(DataError, match="none of its queries"):
        without_set(tmp_path, "third", "q9 Q0 b 1 1 t\n")
    manifest = other.results_info("mine")
    write_json(manifest, read_json(manifest) | {"fingerprint": "0"})
    with pytest.raises(StateError, match="different versions of mine"):
        compare([one, other], CompareOptions(draws=100))


def test_names_and_metrics_that_cannot_be(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no metric 'MAP'"):
        without_set(tmp_path, metrics=("MAP",))
    taken = run_with_model(tmp_path, "taken")
    with pytest.raises(StateError, match="taken exists and was not imported from trec"):
        without_set(tmp_path, taken.name)


def test_metrics_may_be_named_beside_a_sets_own_and_look_deeper(tmp_path: Path) -> None:
    dataset, run = tiny_dataset(tmp_path, depth=4), run_with_model(tmp_path)
    metrics = ("R@9", "RR", "RR@2")
    evaluate(run, dataset, HashedWords(), EvalOptions(metrics=metrics, whole=True))
    export_trec(read_results(run, "tiny"), dataset, tmp_path / "trec")
    other = Run(tmp_path / "theirs")
    found = import_trec(other, files(tmp_path / "trec"), ImportOptions(dataset, metrics=metrics))
    ours, theirs = (read_results(one, "tiny") for one in (run, other))
    assert found.info.metrics == ours.info.metrics == ("nDCG@10", "R@10", "AP", *metrics)
    assert (found.info.depth, found.info.searched) == (4, 9)
    assert theirs.values.sort(KEYS).equals(ours.values.sort(KEYS))
