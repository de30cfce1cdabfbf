"""The settings of evaluation (LAReQA, arXiv 2004.05484): which queries search which passages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from hybench.data.dataset import Dataset
from hybench.errors import UsageError
from hybench.values.languages import check_languages

ALL = "all"
"""The corpus language of a pool of all languages."""


@dataclass(frozen=True)
class Search:
    """One search: the queries of one language in one pool.

    Attributes:
        setting: mono, cross or multi.
        query_lang: code of the queries' language.
        corpus_lang: code of the passages' language, or ``all``.
        passage_langs: codes of the pool's languages.
    """

    setting: str
    query_lang: str
    corpus_lang: str
    passage_langs: tuple[str, ...]

    def __str__(self) -> str:
        """Such as ``cross sw in en``."""
        return f"{self.setting} {self.query_lang} in {self.corpus_lang}"

    def columns(self) -> list[pl.Expr]:
        """The columns that name the search in every table."""
        names = ("setting", "query_lang", "corpus_lang")
        return [pl.lit(getattr(self, name)).alias(name) for name in names]


def choose_settings(dataset: Dataset, settings: Sequence[str] | None) -> tuple[str, ...]:
    """The settings to evaluate, in the order mono, cross, multi; None for all of the set.

    Raises:
        UsageError: the set does not support one, or supports none.
    """
    possible = dataset.info.settings
    if not possible:
        raise UsageError(
            f"Data set {dataset.name} has no query with a relevant passage to evaluate on.",
            "Judge some passages as relevant, 1 or more, and prepare the set again.",
        )
    unknown = sorted(set(settings or ()) - set(possible))
    if unknown:
        raise UsageError(
            f"--settings: data set {dataset.name} does not support {', '.join(unknown)}.",
            f"Choose from: {' '.join(possible)}.",
        )
    return tuple(one for one in possible if settings is None or one in settings)


def plan_searches(
    dataset: Dataset,
    split: str,
    settings: Sequence[str] | None = None,
    languages: Sequence[str] | None = None,
) -> tuple[Search, ...]:
    """The searches that settings ask for.

    - ``mono``: queries and passages of the same language;
    - ``cross``: every ordered pair of two different languages;
    - ``multi``: the queries of each language in one pool of all the set's passages.

    Args:
        dataset: the set.
        split: the queries' split.
        settings: which settings, None for all of the set's.
        languages: the queries' languages, None for all that have queries in the split.

    Raises:
        UsageError: a setting or language is not in the set.
    """
    pools = dataset.table_languages("passages")
    asked = tuple(sorted(dataset.info.counts.get("splits", {}).get(split, {})))
    if languages is not None:
        asked = check_languages(languages, asked, "--languages")
    searches: list[Search] = []
    for setting in choose_settings(dataset, settings):
        if setting == "multi":
            searches += [Search(setting, query_lang, ALL, pools) for query_lang in asked]
            continue
        # By pool, so that only one pool at a time is open.
        searches += [
            Search(setting, query_lang, corpus_lang, (corpus_lang,))
            for corpus_lang in pools
            for query_lang in asked
            if (corpus_lang == query_lang) == (setting == "mono")
        ]
    return tuple(searches)
