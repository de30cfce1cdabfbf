from __future__ import annotations

import pytest

from hybench.origins.model import Link, Origin, TrainedSet
from hybench.origins.seen import EvaluatedSet, Reason, seen

MIRACL = EvaluatedSet("miracl", "miracl")
E5, POTION = "intfloat/multilingual-e5-small", "minishlab/potion-multilingual-128M"


def of(*links: Link, sets: tuple[TrainedSet, ...] = ()) -> Origin:
    return Origin(links, sets)


@pytest.mark.parametrize(
    ("origin", "language", "status"),
    [
        (of(), "sw", "no"),
        (of(Link(E5)), "sw", "trained"),
        (of(Link(E5)), "yo", "no"),
        (of(Link(E5, taught=True)), "sw", "taught"),
        (of(Link(POTION)), "sw", "taught"),
        (of(Link(E5, taught=True), Link("own", identified=False)), "sw", "taught"),
        (of(Link("own", identified=False), Link("xlm-roberta-base")), "sw", "unknown"),
        (of(Link("own", identified=False), Link(E5)), "sw", "trained"),
        (of(Link("someone/unheard-of")), "sw", "unknown"),
        (of(Link("BAAI/bge-m3-retromae")), "sw", "no"),
    ],
)
def test_status_of_miracl(origin: Origin, language: str, status: str) -> None:
    assert seen(origin, MIRACL, language).status == status


def test_reasons_name_the_model_and_the_data() -> None:
    assert seen(of(Link(E5)), MIRACL, "sw").because == (
        Reason(E5, "MIRACL train"),
        Reason(E5, "Mr. TyDi train"),
        Reason(E5, "TyDi QA in xP3"),
    )
    assert seen(of(Link(E5)), MIRACL, "yo").because == ()


def test_sets_count_in_the_languages_of_their_pairs() -> None:
    """Mr. TyDi's pairs are MIRACL's training data; a set of no table is its own only."""
    related = of(sets=(TrainedSet("tydi", "mr-tydi", ("sw",)),))
    assert [seen(related, MIRACL, code).status for code in ("sw", "te")] == ["trained", "no"]
    unlike = of(sets=(TrainedSet("xquad-r", "xquad-r", ("en", "zh")),))
    assert seen(unlike, MIRACL, "zh").status == "no"
    assert seen(unlike, EvaluatedSet("mlqa-r", "mlqa-r"), "zh").status == "no"
    mine = of(sets=(TrainedSet("mine", "", ("en",)),))
    assert seen(mine, EvaluatedSet("mine", ""), "en").status == "trained"
    assert seen(mine, EvaluatedSet("other", ""), "en").status == "no"
    assert seen(mine.as_teacher, EvaluatedSet("mine", ""), "en").status == "taught"


def test_of_a_set_in_no_table_only_scratch_is_known() -> None:
    assert seen(of(), EvaluatedSet("mine", ""), "en").status == "no"
    assert seen(of(Link(E5)), EvaluatedSet("mine", ""), "en").status == "unknown"
