"""The first sentence: hybrid batches or distillation?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hybench.comparison.gather import CompareOptions
from hybench.comparison.model import LOW, MEAN, Comparison, Difference, Pair
from hybench.comparison.table import compare
from hybench.comparison.verdict import headline
from tests.comparison.conftest import MakeRun, mono
from tests.comparison.told import BASE, difference, row, table

ASKED = "Hybrid batches or distillation? "
NONE = difference("undecided", low=None, high=None)


def _table(labels: str, *pairs: Pair, **given: object) -> Comparison:
    """Two averages of arms of these names, which all undecidedly differ from mono."""
    named = labels.split()
    rows = [
        row(kind, label, languages, *[difference("undecided")] * (len(named) - 1))
        for kind, label, languages in ((MEAN, "AVG", "en sw yo"), (LOW, "LOW", "sw yo"))
    ]
    return table(*rows, labels=named, pairs=pairs, **given)  # type: ignore[arg-type]


def test_one_pair() -> None:
    """With a sentence for each average; the pair may stand either way round."""
    worse = difference("worse", value=-0.01, low=-0.02, high=-0.001)
    found = _table(
        "mono distill hybrid", Pair(0, 1, 2, worse), Pair(0, 0, 1, BASE), Pair(1, 1, 2, NONE)
    )
    assert headline(found)[0] == (
        f"{ASKED}On average over 3 languages, hybrid is better than distill (52.3 against 52.3, "
        "+1.0 [+0.1, +2.0] uncorrected, corrected p = 0.004). On the low-resource languages "
        "(sw yo), hybrid is not told apart from distill (52.3 against 52.3, -2.2, corrected "
        "p = 0.410)."
    )
    assert headline(found)[1].startswith("Undecided whether distill is better or worse than mono")


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (BASE, "is better than"),
        (difference("worse"), "is worse than"),
        (difference("equivalent"), "is no further than 1 point from"),
        (difference("identical"), "is identical to"),
        (difference("undecided"), "is not told apart from"),
        (difference("too-few"), "is not told apart, for too few queries differ, from"),
    ],
)
def test_every_outcome(found: Difference, words: str) -> None:
    said = headline(_table("mono hybrid distill", Pair(0, 1, 2, found)))[0]
    assert said.startswith(f"{ASKED}On average over 3 languages, hybrid {words} distill (52.3 ")
    turned = headline(_table("mono distill hybrid", Pair(0, 1, 2, found.turned())))[0]
    assert turned == said


def test_two_pairs() -> None:
    said = headline(
        _table("mono hybrid1 hybrid2 distill", Pair(0, 1, 3, BASE), Pair(0, 2, 3, NONE))
    )[0]
    assert said == (
        f"{ASKED}On average over 3 languages, hybrid1 is better than distill (52.3 against 52.3, "
        "+2.2 [+1.1, +3.3] uncorrected, corrected p = 0.004). On average over 3 languages, "
        "hybrid2 is not told apart from distill (52.3 against 52.3, +2.2, corrected p = 0.410)."
    )


def test_more_than_four_pairs_are_counted() -> None:
    pairs = [
        Pair(0, 1, 4, BASE), Pair(0, 2, 4, BASE), Pair(0, 3, 4, difference("equivalent")),
        Pair(0, 1, 5, NONE), Pair(0, 2, 5, difference("worse")), Pair(0, 3, 5, NONE),
    ]  # fmt: skip
    labels = "mono hybrid1 hybrid2 hybrid3 distill1 distill2"
    said = headline(_table(labels, *pairs))[0]
    assert said == (
        f"{ASKED}On average over 3 languages, of 6 pairs the hybrid arm is better than the "
        "distilled arm in 2, worse than the distilled arm in 1, no further than 1 point from the "
        "distilled arm in 1, not told apart from the distilled arm in 2."
    )
    few = headline(_table(labels, *pairs, seeds=[3, 3, 2, 3, 3, 3]))[0]
    assert few.startswith(f"{ASKED}On average over 3 languages (two seeds of hybrid2), of 6 pairs ")


def test_what_weakens_it_stands_in_it() -> None:
    found = _table(
        "mono hybrid distill", Pair(0, 1, 2, BASE), seeds=[3, 2, 2],
        weakened=[("searched approximately",), (), ("trained on 12 of 119 queries",)],
    )  # fmt: skip
    rows = tuple(replace(each, asked=500) for each in found.rows)
    said = headline(replace(found, rows=rows))[0]
    weak = (
        "119 of 500 queries, which all runs have; two seeds; distill trained on 12 of 119 queries"
    )
    assert said.startswith(f"{ASKED}On average over 3 languages ({weak}), hybrid is better than ")


def test_nothing_asked_nothing_answered() -> None:
    """Without one of them, or where the only other sentence says it."""
    assert not headline(_table("mono hybrid arm2", Pair(0, 1, 2, BASE)))[0].startswith("Hybrid b")
    two = table(row(MEAN, "AVG", "sw yo", BASE), labels=["distill", "hybrid"],
                pairs=[Pair(0, 0, 1, BASE.turned())])  # fmt: skip
    (said,) = headline(two)
    assert said.startswith("hybrid is better than distill on average")


@pytest.mark.parametrize("baseline", [None, "bm25"])
def test_of_runs(baseline: str | None, make_run: MakeRun) -> None:
    """Whichever arm is the baseline, the question comes first."""
    random = np.random.default_rng(0)
    base = random.uniform(0.3, 0.6, 80)
    configs = {
        "bm25": {"kind": "bm25"}, "hybrid": {}, "distill": {"strategy": "distill", "teacher": "x"},
    }  # fmt: skip
    runs = [
        make_run(name, mono({"en": list(base + shift + random.normal(0, 0.02, 80))}), config=config)
        for (name, config), shift in zip(configs.items(), (0.0, 0.1, 0.15), strict=True)
    ]
    (found,) = compare(runs, CompareOptions(draws=2000, baseline=baseline))
    assert [column.way for column in found.columns] == ["", "hybrid", "distill"]
    first = headline(found)[0]
    assert first.startswith(f"{ASKED}On en (one seed), hybrid is worse than distill (")
    assert first.endswith("corrected p < 0.001).")
    (alone,) = compare(runs[1:], CompareOptions(draws=2000))
    assert headline(alone)[0].startswith("distill is better than hybrid on en (one seed): ")
