"""Bitext mining: the sentences of two languages, paired by margin, with a threshold from dev."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import polars as pl

from hybench.concurrency.progress import Progress, ProgressCallback, ignore
from hybench.data.dataset import Dataset
from hybench.encoders.languages import check_told
from hybench.errors import UsageError
from hybench.indexes.encoding import TextEncoder, encode_checked
from hybench.metrics.margin import NEIGHBOURS, MiningScore, Vectors, best_threshold, margins, mine
from hybench.metrics.margin import score_mined as scored
from hybench.values.checks import within
from hybench.values.languages import check_languages
from hybench.values.typed import check_types


@dataclass(frozen=True)
class BitextOptions:
    """What is mined, and where its threshold is from.

    Attributes:
        split: whose sentences are mined; None for the set's own, test if there is one.
        threshold_split: the split on which the threshold has the highest F1.
        languages: codes; None for all of the set's.
        neighbours: k of the margin.
    """

    split: str | None = None
    threshold_split: str = "dev"
    languages: tuple[str, ...] | None = None
    neighbours: int = NEIGHBOURS

    def __post_init__(self) -> None:
        """Check the values."""
        check_types(self)
        within("--neighbours", self.neighbours, 1, 10**6)


@dataclass(frozen=True)
class BitextRow:
    """What was mined from two languages.

    Attributes:
        languages: both.
        sentences: of the two, those that were mined.
        translations: pairs of them that are translations.
        score: at the threshold of the other split.
    """

    languages: tuple[str, str]
    sentences: tuple[int, int]
    translations: int
    score: MiningScore


@dataclass(frozen=True)
class _Sentences:
    """The sentences of a language and split: their sources, and their vectors."""

    sources: tuple[str, ...]
    vectors: Vectors

    def translations(self, other: _Sentences) -> list[tuple[int, int]]:
        """Rows of both that have one source."""
        there: dict[str, list[int]] = {}
        for row, source in enumerate(other.sources):
            there.setdefault(source, []).append(row)
        return [
            (row, match)
            for row, source in enumerate(self.sources)
            for match in there.get(source, ())
        ]


def mine_bitext(
    dataset: Dataset,
    encoder: TextEncoder,
    options: BitextOptions | None = None,
    progress: ProgressCallback = ignore,
) -> list[BitextRow]:
    """Mine a set's queries of every two languages; queries of one source are translations.

    All are encoded as queries. Unlike BUCC's collections, where a few percent of the sentences have
    a translation, nearly all of a parallel set have one, so that thresholds and F1 are higher.

    Args:
        dataset: with queries in two languages or more.
        encoder: the model.
        options: what to mine; None for the defaults.
        progress: called with the sentences encoded and the pairs of languages mined.

    Raises:
        UsageError: the set has no such split or language, only one language, or the threshold is
            from the split that is mined.
        DataError: a table is damaged, or the model gives NaN or infinity.
    """
    options = options or BitextOptions()
    split = dataset.evaluation_split(options.split)
    tuning = dataset.evaluation_split(options.threshold_split)
    if split == tuning:
        raise UsageError(
            f"--threshold-split is {tuning}, the split that is mined.",
            "Choose another: a threshold that is chosen on the test is no result.",
        )
    known = dataset.table_languages("queries")
    languages = sorted(
        known
        if options.languages is None
        else check_languages(options.languages, known, "--languages")
    )
    if len(languages) < 2:
        raise UsageError(f"{dataset.name} has queries in {len(languages)} language.", "Use two.")
    check_told(encoder.languages, languages)
    mined = _encoded(dataset, encoder, languages, split, progress)
    tuned = _encoded(dataset, encoder, languages, tuning, progress)
    pairs = list(combinations(languages, 2))
    rows = []
    for done, (one, other) in enumerate(pairs, 1):
        known_pairs = tuned[one].translations(tuned[other])
        gold = mined[one].translations(mined[other])
        if not known_pairs or not gold:
            raise UsageError(
                f"{one} and {other} have no query in common in {dataset.name}.",
                "Use a parallel set, or name --languages that share queries.",
            )
        found = mine(margins(tuned[one].vectors, tuned[other].vectors, options.neighbours))
        threshold = best_threshold(found, known_pairs).threshold
        found = mine(margins(mined[one].vectors, mined[other].vectors, options.neighbours))
        sizes = (len(mined[one].sources), len(mined[other].sources))
        rows.append(BitextRow((one, other), sizes, len(gold), scored(found, gold, threshold)))
        progress(Progress("mine", done, len(pairs), "pairs of languages"))
    return rows


def _encoded(
    dataset: Dataset,
    encoder: TextEncoder,
    languages: Sequence[str],
    split: str,
    progress: ProgressCallback,
) -> dict[str, _Sentences]:
    found = {}
    for done, language in enumerate(languages, 1):
        queries = dataset.queries(language, split).select("source_id", pl.col("text"))
        vectors = encode_checked(encoder, queries["text"].to_list(), "query", language)
        found[language] = _Sentences(tuple(queries["source_id"]), vectors)
        progress(Progress(f"encode {split}", done, len(languages), "languages"))
    return found
