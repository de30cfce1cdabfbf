from __future__ import annotations

import gzip
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from hybench.data import lines
from hybench.errors import DataError, HybenchError, UsageError
from hybench.importing import trec_reading
from hybench.importing.trec_reading import evaluate_trec, read_qrels, read_run
from hybench.metrics import ranks
from tests.metrics.test_scoring import JUDGED, NAMES, RUNS, Qrels, Run, trec_eval


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for all examples of a test."""
    return tmp_path_factory.mktemp("trec")


def outcome(path: Path, *, qrels: bool = False) -> pl.DataFrame | str:
    """What reading comes to: rows, or the error's words."""
    try:
        return read_qrels(path) if qrels else read_run(path)
    except HybenchError as error:
        return str(error)


def by_lines(path: Path, *, qrels: bool = False) -> pl.DataFrame | str:
    """The same where no block goes to Polars."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trec_reading, "_read_regular", lambda block, form: None)
        return outcome(path, qrels=qrels)


def assert_same(one: pl.DataFrame | str, other: pl.DataFrame | str) -> None:
    if isinstance(one, pl.DataFrame) and isinstance(other, pl.DataFrame):
        assert_frame_equal(one, other, check_exact=True)
    else:
        assert isinstance(one, str)
        assert one == other


# What takes part in the structure of a file, whole lines and pieces of them.
PIECES = st.sampled_from(
    [
        b"q Q0 d 1 0.5 t\n",
        b"q Q0 e 2 0.25 t\n",
        b"p\tQ0\td\t1\t7\tt\n",
        b"q Q0 f 1 .5 t\r\n",
        b"q Q0 g 1 2.5 t x\n",
        b"q Q0 h 1 2.5\n",
        b"q  h 1 2.5 t\n",
        b'"q" Q0 "d" 1 .5 t\n',
        b'q" 0 "d 1\n',
        b"q 0 e -3\n",
        b"q 0 e 01\r\n",
        *(bytes([byte]) for byte in b' \t\r\n\v\x00\x1c".#,aqd019-+e_'),
        b"\xef\xbb\xbf",
        "\u00a0".encode(),
        "日".encode(),
        b"\xff",
        b"nan",
        b"1e39",
        b"2147483648",
    ]
)


@given(
    st.lists(PIECES, min_size=1, max_size=14).map(b"".join),
    st.booleans(),
    st.sampled_from([8, 2**20]),
)
@settings(max_examples=400, deadline=None)
def test_blocks_and_lines_read_alike(folder: Path, text: bytes, qrels: bool, block: int) -> None:
    file = folder / "any"
    file.write_bytes(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "BLOCK", block)
        patch.setattr(trec_reading, "_CACHED", block // 4)
        assert_same(outcome(file, qrels=qrels), by_lines(file, qrels=qrels))


def test_a_byte_order_mark_within_a_file_is_part_of_an_id(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "BLOCK", 16)
    file = tmp_path / "a.run"
    file.write_bytes("\ufeffq Q0 d 1 0.5 t\n\ufeffq Q0 d 1 0.5 t\n".encode())
    assert read_run(file)["query_id"].to_list() == ["q", "\ufeffq"]


NUMBERS = st.text("0123456789+-.eEinfaty_x\u0661\uff11", min_size=1, max_size=8).map(str.encode)


@given(
    NUMBERS
    | st.integers(-(2**33), 2**33).map(lambda value: str(value).encode())
    | st.floats().map(lambda value: str(value).encode()),
    st.booleans(),
)
@settings(max_examples=300, deadline=None)
def test_numbers_are_read_alike(folder: Path, number: bytes, qrels: bool) -> None:
    file = folder / "number"
    file.write_bytes(b"q 0 d %s\n" % number if qrels else b"q Q0 d 1 %s t\n" % number)
    assert_same(outcome(file, qrels=qrels), by_lines(file, qrels=qrels))


@st.composite
def written_runs(draw: st.DrawFn) -> tuple[Run, Qrels, list[str]]:
    """A run, judgements, and the run's lines: in any order, or query after query."""
    run, qrels = draw(RUNS), draw(JUDGED)

    def name(passage_id: str) -> str:
        """The id without white space and NUL, where C's strings end."""
        return "-".join(passage_id.split()) or "-"

    named = {query: {name(one): hits[one] for one in hits} for query, hits in run.items()}
    judged = {query: {name(one): rows[one] for one in rows} for query, rows in qrels.items()}
    rows = [
        f"{query} Q0 {one} 0 {score!r} t"
        for query, hits in named.items()
        for one, score in hits.items()
    ]
    if draw(st.booleans()):
        rows = draw(st.permutations(rows))
    return named, judged, rows


@given(written_runs(), st.sampled_from(["\n", "\r\n"]), st.booleans(), st.sampled_from([40, 2**20]))
@settings(max_examples=300, deadline=None)
def test_files_evaluate_as_trec_eval_does(
    folder: Path, written: tuple[Run, Qrels, list[str]], end: str, last_end: bool, block: int
) -> None:
    run, qrels, hits = written
    if not hits:
        return
    text = end.join(hits) + (end if last_end else "")
    (folder / "a.run").write_bytes(text.encode())
    judged = [
        f"{query} 0 {one} {value}" for query, made in qrels.items() for one, value in made.items()
    ]
    (folder / "a.qrels").write_bytes(end.join(judged).encode())
    with pytest.MonkeyPatch.context() as patch:
        # Blocks of one or two lines, ranked as they come.
        patch.setattr(lines, "BLOCK", block)
        patch.setattr(ranks, "HITS_AT_ONCE", block // 20)
        values = evaluate_trec(folder / "a.run", folder / "a.qrels", list(NAMES))
    found = {(query, metric): value for query, metric, value in values.iter_rows()}
    assert found == pytest.approx(trec_eval(run, qrels), abs=1e-9)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("q Q0 d 1 0.5 t\n\nq Q0 e 2 0.4\n", "line 3: 5 columns, not 6"),
        ("q Q0 d 1 0.5 t\nq Q0 e 2 0.4\nq Q0 f 3 0.3 t x\n", "line 2: 5 columns, not 6"),
        ("q  d 1 0.5 t\n", "line 1: 5 columns, not 6"),
        ("q Q0 d 1 high t\n", "line 1: 'high' is not a score"),
        ("q Q0 d 1 0.5 t\nq Q0 e 1 nan t\n", "line 2: 'nan' is not a score"),
        ("q Q0 d 1 2 t\nq Q0 e 2 1 t\nq Q0 d 2 1 t\n", "line 3: 'd' occurs twice for query 'q'"),
        ("q Q0 d 1 2 t\np Q0 d 2 1 t\nq Q0 d 2 1 t\n", "line 3: 'd' occurs twice for query 'q'"),
        ("q Q0 d 1 2 t\nq Q0 \udcff 2 1 t\n", "line 2: not UTF-8"),
    ],
)
def test_malformed_runs_name_file_and_line(tmp_path: Path, text: str, said: str) -> None:
    file, qrels = tmp_path / "bad.run", tmp_path / "a.qrels"
    file.write_text(text, encoding="utf-8", errors="surrogateescape")
    qrels.write_text("q 0 d 1\n")
    with pytest.raises(DataError, match=f"bad.run, {said}"):
        read_run(file)
    with pytest.raises(DataError, match=f"bad.run, {said}"):
        evaluate_trec(file, qrels, ["AP"])


def test_malformed_judgements_and_missing_files_are_told(tmp_path: Path) -> None:
    file = tmp_path / "bad.qrels"
    for line, said in (
        (b"q 0 e 1.5\n", r"line 2: '1\.5' is not a relevance"),
        (b"q 0 e 2147483648\n", "line 2: '2147483648' is not a relevance"),
        (b"q 0 d 0\n", "line 2: 'd' occurs twice for query 'q'"),
        (b"q 0 \xff 1\n", "line 2: not UTF-8"),
    ):
        file.write_bytes(b"q 0 d 1\n" + line)
        with pytest.raises(DataError, match=said):
            read_qrels(file)
    with pytest.raises(DataError, match=r"Cannot read .*none\.run"):
        read_run(tmp_path / "none.run")
    file.write_bytes(b"")
    with pytest.raises(DataError, match="is empty"):
        read_qrels(file)


def test_a_metric_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no metric 'MRR'"):
        evaluate_trec(tmp_path / "none", tmp_path / "none", ["MRR"])


def test_packed_runs_are_read(tmp_path: Path) -> None:
    text = b"q Q0 d 1 0.5 t\nq Q0 e 2 0.25 t\n"
    (tmp_path / "a.run").write_bytes(text)
    (tmp_path / "a.run.gz").write_bytes(gzip.compress(text))
    assert read_run(tmp_path / "a.run.gz").equals(read_run(tmp_path / "a.run"))
    (tmp_path / "a.run.gz").write_bytes(gzip.compress(text)[:-9])
    with pytest.raises(DataError, match="cut short"):
        read_run(tmp_path / "a.run.gz")


def test_ids_come_as_they_stand(tmp_path: Path) -> None:
    file = tmp_path / "a.run"
    file.write_bytes('"q" Q0 "d,#" 1 1 t\n日本 Q0 e\u00a0f 1 1e-3 t'.encode())
    assert read_run(file).rows() == [('"q"', '"d,#"', 1.0), ("日本", "e\u00a0f", 0.001)]


def test_hits_of_equal_hash_are_no_repetition(tmp_path: Path) -> None:
    file, qrels = tmp_path / "a.run", tmp_path / "a.qrels"
    file.write_text("q Q0 d 1 0.5 t\nq Q0 e 2 0.25 t\n")
    qrels.write_text("q 0 e 1\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ranks, "_any_twice", lambda hashes: True)
        values = evaluate_trec(file, qrels, ["RR"])
    assert values["value"].to_list() == [0.5]
