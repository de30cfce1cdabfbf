"""Which pairs conflict: by ids as ever, and by texts, against a search of all pairs of pairs."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hybench.concurrency.progress import ProgressCallback
from hybench.data.conflicts import read_pair_rows
from hybench.data.dataset import Dataset
from hybench.data.manifest import DatasetInfo
from hybench.data.preparation import prepare
from hybench.data.schema import TABLES
from hybench.data.writer import DatasetWriter

Row = tuple[str, str, str, str, str]


class Pairs:
    """A source of training pairs, given by language."""

    def __init__(self, rows: dict[str, list[Row]]) -> None:
        self.rows = rows

    def describe(self, progress: ProgressCallback) -> DatasetInfo:
        return DatasetInfo("p", "p", "1", "CC0", tuple(self.rows), (), (), None)

    def write(self, writer: DatasetWriter, progress: ProgressCallback) -> None:
        for language, rows in self.rows.items():
            writer.write("pairs", language, pl.DataFrame(rows, TABLES["pairs"], orient="row"))


def made(root: Path, **rows: list[Row]) -> Dataset:
    return prepare(Pairs(rows), root, force=True).dataset


def own(number: int, query: str, passage: str) -> Row:
    return (f"{number}", f"q:{number}", f"p:{number}", query, passage)


def together(dataset: Dataset) -> set[frozenset[str]]:
    found = read_pair_rows(dataset, dataset.table_languages("pairs"))
    groups: dict[int, set[str]] = {}
    for name, group in zip(found.pair_ids, found.groups().tolist(), strict=True):
        groups.setdefault(group, set()).add(name)
    return {frozenset(names) for names in groups.values() if len(names) > 1}


def test_pairs_with_the_same_text_conflict(tmp_path: Path) -> None:
    passages = [own(1, "one?", "A b."), own(2, "two?", "a  B.")]
    queries = [own(3, "THREE?", "c"), own(4, "three?", "d")]
    prepared = prepare(Pairs({"sw": [*passages, *queries, own(5, "five?", "e")]}), tmp_path)
    assert together(prepared.dataset) == {frozenset("12"), frozenset("34")}
    assert prepared.repeated_texts == 4


def test_a_text_in_one_language_keeps_translations_apart_too(tmp_path: Path) -> None:
    dataset = made(
        tmp_path,
        en=[own(1, "one?", "same"), own(2, "two?", "Same")],
        yo=[own(1, "kan?", "a"), own(2, "meji?", "b"), own(3, "meta?", "same")],
    )
    assert together(dataset) == {frozenset("123")}
    assert read_pair_rows(dataset, ("yo",)).groups().tolist() == [0, 1, 2]


def test_a_query_and_a_passage_of_one_text_do_not_conflict(tmp_path: Path) -> None:
    dataset = made(tmp_path, en=[own(1, "same", "a"), own(2, "b", "same")])
    assert together(dataset) == set()


def test_pairs_that_ids_tell_already_are_not_counted(tmp_path: Path) -> None:
    known = [("1", "q", "p:1", "one?", "a"), ("2", "q", "p:2", "one?", "b"), own(3, "c?", "c")]
    prepared = prepare(Pairs({"en": known}), tmp_path)
    assert prepared.repeated_texts == 0
    assert together(prepared.dataset) == {frozenset("12")}
    more = prepare(Pairs({"en": [*known, own(4, "ONE?", "d")]}), tmp_path, force=True)
    assert more.repeated_texts == 3


TEXTS = st.sampled_from(["a", "A", "b", "c", "d e", "d\u3000E", "f", "g"])
IDS = st.sampled_from("xyzuvw")
PAIRS = st.lists(st.tuples(IDS, IDS, TEXTS, TEXTS), min_size=2, max_size=9)


@given(one=PAIRS, other=PAIRS)
@settings(max_examples=60, deadline=None)
def test_conflicts_are_what_two_pairs_share_and_groups_their_components(
    one: list[tuple[str, ...]],
    other: list[tuple[str, ...]],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    rows = {"en": [(str(n), *row) for n, row in enumerate(one)]}
    rows["yo"] = [(str(n), *row) for n, row in enumerate(other)]
    dataset = made(tmp_path_factory.mktemp("pairs"), **rows)  # type: ignore[arg-type]
    held: dict[str, set[object]] = {}
    for number, query_id, source_id, query, passage in [*rows["en"], *rows["yo"]]:
        texts = (("q", query), ("p", passage))
        plain = {(kind, text.lower().replace("\u3000", " ")) for kind, text in texts}
        held.setdefault(number, set()).update({query_id, source_id, *plain})
    found = read_pair_rows(dataset, ("en", "yo"))
    things: dict[str, set[int]] = {name: set() for name in held}
    for pair, thing in zip(found.shared().pair, found.shared().thing, strict=True):
        things[found.pair_ids[int(pair)]].add(int(thing))
    for first, second in combinations(held, 2):
        assert bool(things[first] & things[second]) == bool(held[first] & held[second])
    groups = {frozenset({name}) for name in held}
    for _ in held:
        for left, right in combinations(groups, 2):
            if any(held[a] & held[b] for a in left for b in right):
                groups = groups - {left, right} | {left | right}
                break
    assert together(dataset) == {group for group in groups if len(group) > 1}
