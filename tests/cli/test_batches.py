"""``hybench batches``: what the student and the teacher read, and why a batch is small."""

from __future__ import annotations

from pathlib import Path

from tests.cli.program import works

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
