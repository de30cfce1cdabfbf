from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from hybench.data.bitext import next_sentences, same_sentences


def sentences(sizes: list[int], lacking: frozenset[int] = frozenset()) -> pl.DataFrame:
    """Documents of some sizes; the text of a sentence is its number."""
    rows = [(document, place) for document, size in enumerate(sizes) for place in range(size)]
    return pl.DataFrame(
        [
            (f"k{at}", f"s{at}", document, place, None if at in lacking else str(at))
            for at, (document, place) in enumerate(rows)
        ],
        {
            "key": pl.String,
            "source_id": pl.String,
            "document": pl.Int64,
            "place": pl.Int64,
            "text": pl.String,
        },
        orient="row",
    )


@given(sizes=st.lists(st.integers(1, 9), max_size=5), stride=st.integers(1, 4))
def test_queries_have_a_successor_in_their_document(sizes: list[int], stride: int) -> None:
    table = sentences(sizes)
    documents = table["document"].to_list()
    pairs = next_sentences(table, stride)
    chosen = [int(text) for text in pairs["query"]]
    assert pairs["passage"].to_list() == [str(index + 1) for index in chosen]
    assert pairs["source_id"].to_list() == [f"s{index + 1}" for index in chosen]
    assert all(documents[index] == documents[index + 1] for index in chosen)
    assert len(chosen) == sum(-(-(size - 1) // stride) for size in sizes)
    if stride > 1:
        assert len({at for index in chosen for at in (index, index + 1)}) == 2 * len(chosen)


def test_a_missing_sentence_is_in_no_pair_and_moves_no_other() -> None:
    table = sentences([6], frozenset({2}))
    assert next_sentences(table, 2)["pair_id"].to_list() == ["k0", "k4"]
    same = same_sentences(table)
    assert same["pair_id"].to_list() == ["k0", "k1", "k3", "k4", "k5"]
    assert same.row(2, named=True) == {
        "source_id": "s3", "pair_id": "k3", "query_source_id": "s3", "query": "3", "passage": "3",
    }  # fmt: skip
