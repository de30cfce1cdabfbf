"""The sheets of one run's scores."""

from __future__ import annotations

import polars as pl

from hybench.comparison.score_sheets import language_sheet, matrix_sheet
from hybench.evaluation.heat_maps import heat_map


def test_language_sheet() -> None:
    frame = pl.DataFrame(
        {
            "language": ["en", "sw", "yo"],
            "n": [1000, 20, 5],
            "nDCG@10": [0.5, 0.25, None],
            "RankDistance": [100.0, 200.5, 50.0],
        }
    )
    sheet = language_sheet("atlas", frame)
    assert sheet.header == ("lang", "n", "nDCG@10 ×100", "RankDistance")
    assert [[entry.text for entry in line.entries] for line in sheet.lines] == [
        ["en", "1,000", "50.0", "100.0"],
        ["sw", "20", "25.0", "200.5"],
        ["yo", "5", "—", "50.0"],
        ["AVG 2/3", "1,020", "37.5", "150.2"],
    ]
    assert [line.ruled for line in sheet.lines] == [False, False, False, True]
    assert len(language_sheet("atlas", frame[:1]).lines) == 1


def test_matrix_sheet() -> None:
    frame = pl.DataFrame(
        {
            "setting": "cross",
            "metric": "nDCG@10",
            "query_lang": ["sw", "en", "en", "sw"],
            "corpus_lang": ["en", "sw", "yo", "yo"],
            "value": [0.1, 0.2, 0.4, 0.3],
        }
    )
    sheet = matrix_sheet("atlas · hybrid", heat_map([frame], "nDCG@10"), "nDCG@10")
    assert sheet.title == "atlas · hybrid · nDCG@10 ×100"
    assert sheet.header == ("query \\ passage", "en", "sw", "yo", "AVG")
    assert [[entry.text for entry in line.entries] for line in sheet.lines] == [
        ["en", "", "20.0", "40.0", "30.0"],
        ["sw", "10.0", "", "30.0", "20.0"],
        ["AVG", "10.0", "20.0", "35.0", "25.0"],
    ]
