"""``hybench batches``: what the student and the teacher read, and why a batch is small."""

from __future__ import annotations

from pathlib import Path

from tests.cli.program import BUDGET, hybench, next_command, refused, works
from tests.data.conftest import write_lines

BATCHES = ("batches", "--data", "toy", "--count", "1", "--show", "3")


def test_a_teacher_reads_the_english_texts_of_the_same_pairs(here: Path) -> None:
    taught = ("--strategy", "distill", "--alpha", "0", "--batch-size", "8")
    lines = works(*BATCHES, *taught).out.splitlines()
    assert (
        lines[2].endswith("passage                                      ") or "teacher" in lines[2]
    )
    assert lines[2].split()[-4:] == ["teacher's", "query", "teacher's", "passage"]
    shown = [[text.strip() for text in line.split("  ") if text.strip()] for line in lines[4:7]]
    assert all(len(row) == 7 for row in shown)
    english = works(
        *BATCHES, "--alpha", "1", "--languages", "en", "--batch-size", "200", "--show", "99"
    )
    texts = {
        row[0]: (row[2], row[4])
        for line in english.out.splitlines()
        if len(row := [text.strip() for text in line.split("  ") if text.strip()]) == 5
    }
    for pair, _, _, _, _, query, passage in shown:
        assert texts[pair] == (query, passage)
    assert "teacher" not in works(*BATCHES, "--batch-size", "8").out


def test_why_a_batch_is_smaller_than_asked(here: Path) -> None:
    small = ("--alpha", "1", "--languages", "yo", "--batch-size", "500")
    said = " ".join(works(*BATCHES, *small).out.split())
    size = said.partition("toy · ")[2].partition(" pairs")[0]
    assert f"note: {size} pairs instead of 500: toy has {size} pairs in yo for mono batches" in said
    said = " ".join(works(*BATCHES, *small, "--summary").out.split())
    assert "note: 1 batch smaller than 500 pairs." in said
    assert "instead of 500" in said
    assert "instead of" not in works(*BATCHES, *small[:-1], "8").out


def chained(folder: Path, count: int, ring: int) -> None:
    """Pairs in rings, each of which shares its query or its passage with the next."""
    lines = [
        {
            "_id": f"p{number}",
            "query": {"sw": f"swali {number // ring} {(number + 1) % ring // 2}"},
            "passage": {"sw": f"jibu {number // ring} {number % ring // 2}"},
        }
        for number in range(count)
    ]
    write_lines(folder / "pairs.jsonl", *lines)


def test_pairs_of_one_passage_leave_nothing_to_train(empty: Path) -> None:
    chained(empty / "mine", 2, ring=40)
    for _ in range(2):  # also where the set is there already
        said = hybench("prepare", "jsonl", "mine").err
        assert "There are none: this set alone is not enough to train on." in said
        assert "Next: hybench train" not in said
    said = refused(2, "batches", "--data", "mine", "--alpha", "1")
    assert "any two pairs of a language share a query or a passage" in said
    assert "no language has two distinct pairs" not in said


def test_every_second_pair_of_a_ring_is_in_a_batch(empty: Path) -> None:
    chained(empty / "mine", 40, ring=8)
    done = works("prepare", "jsonl", "mine")
    assert "A batch can hold about 20 of these pairs, the others share a query" in done.err
    assert next_command(done)[0] == "train"
    full = works("batches", "--data", "mine", "--alpha", "1", "--batch-size", "7", "--count", "40")
    assert full.out.count("7 pairs\n") == 40
    shown = works("batches", "--data", "mine", "--alpha", "1", "--batch-size", "32").out
    said = " ".join(shown.split())
    assert "pairs instead of 32: mine has 40 pairs in sw for mono batches, and pairs that" in said
    assert "share a query or a passage are never in one batch: it can have about 20." in said


def test_a_summary_shows_how_often_each_pair_is_seen(empty: Path) -> None:
    chained(empty / "mine", 40, ring=8)
    works("prepare", "jsonl", "mine")
    asked = ("--data", "mine", "--alpha", "1", "--batch-size", "5", "--count", "80")
    shown = works("batches", *asked, "--summary").out.splitlines()
    [row] = [line.split() for line in shown if line.startswith("mine  mono sw")]
    assert row == ["mine", "mono", "sw", "80", "100.0%", "40", "10", "10", "10", "10.00", "0%"]


def test_batches(here: Path) -> None:
    done = works("batches", "--data", "toy", *BUDGET, "--alpha", "1", "--count", "2", "--show", "3")
    assert done.out.count("· mono · toy · 16 pairs") == 2
    assert len([line for line in done.out.splitlines() if line.startswith("f0")]) == 6
    assert "Next: hybench train" in done.err
    told = ("--alpha", "0", "--examples", "500", "--summary")
    summary = works("batches", "--data", "toy", *BUDGET, *told)
    assert "1 cross; 1 from toy; 16 pairs" in summary.out
    assert [line[:2] for line in summary.out.splitlines()[4:7]] == ["de", "en", "yo"]


def test_batches_out_of_range(here: Path) -> None:
    assert "--count" in refused(2, "batches", "--data", "toy", "--count", "0")
    assert "--first" in refused(2, "batches", "--data", "toy", "--first", "-1")
    assert "no training pairs" in refused(2, "batches", "--data", "silent")
