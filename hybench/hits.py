"""Search a run's indexes for any text, in any of the indexed languages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hybench.data.dataset import Dataset
from hybench.data.texts import passage_texts
from hybench.errors import StateError, UsageError
from hybench.indexes.exact.search import Pool
from hybench.indexes.model import check_has_model, load_model_of
from hybench.indexes.reader import LanguageIndex, model_sha256, open_index
from hybench.runs.run import Run
from hybench.values.checks import within
from hybench.values.languages import stored_codes
from hybench.wording.commands import DATA_DIR, RUNS_DIR, command, named

if TYPE_CHECKING:
    from hybench.encoders.encoder import Encoder

MOST_HITS = 10_000
"""Most hits per query."""


@dataclass(frozen=True)
class Hit:
    """A hit: a passage with its rank and score.

    Attributes:
        rank: from 1.
        language: code of its language.
        id: its passage_id.
        score: cosine of the angle between the query's vector and its own.
        text: title and text.
    """

    rank: int
    language: str
    id: str
    score: float
    text: str


@dataclass(frozen=True)
class TextSearch:
    """Exact search for texts over a run's indexes of a set, as evaluation does it.

    Attributes:
        dataset: the set.
        encoder: the run's model.
        pool: the vectors of the languages that are searched.
        indexes: the indexes of these languages, in the pool's order.
    """

    dataset: Dataset
    encoder: Encoder
    pool: Pool
    indexes: tuple[LanguageIndex, ...]

    @classmethod
    def open(
        cls,
        run: Run,
        dataset: Dataset,
        languages: Sequence[str] = (),
        device: str = "cpu",
        encoder: Encoder | None = None,
        memory: int | None = None,
    ) -> TextSearch:
        """Open a run's model and indexes.

        Args:
            run: the run.
            dataset: a set that it has indexed.
            languages: codes of the passages' languages; empty for all that are indexed.
            device: where queries are encoded: auto, cpu, cuda or cuda:N.
            encoder: the run's model, if it is already loaded.
            memory: bytes that a search may hold; None for half of the machine's.

        Raises:
            UsageError: the run is of a kind without a model, or a code is not a language's.
            StateError: the run has no model, or no up-to-date index of a language.
            DataError: the model cannot be loaded.
        """
        check_has_model(run)
        digest = model_sha256(run)
        chosen = _chosen(run, dataset, languages)
        indexes = [open_index(run, dataset, each, digest) for each in chosen]
        pool = Pool([index.part for index in indexes], memory=memory)
        by_language = {index.language: index for index in indexes}
        loaded = encoder or load_model_of(run, device)
        return cls(dataset, loaded, pool, tuple(by_language[each] for each in pool.languages))

    def hits(self, text: str, k: int = 10, language: str | None = None) -> tuple[Hit, ...]:
        """The k best passages for a query, best first; fewer if the pool is smaller.

        Args:
            text: the query.
            k: how many.
            language: code of the query's language, for a model whose vectors depend on it.

        Raises:
            UsageError: the text is empty, k is out of range, or the language matters and is not one
                that the model takes.
            DataError: the model returns NaN or infinity, or a table of the set is damaged.
        """
        from hybench.indexes.encoding import encode_checked

        if not text.strip():
            raise UsageError("There is no text to search for.", "Give a question or some words.")
        within("-k", k, 1, MOST_HITS)
        vectors = encode_checked(self.encoder, [text], "query", language)
        result, _ = self.pool.search(np.asarray(vectors, np.float32), k)
        places = [
            (*self._passage(int(row)), float(score))
            for row, score in zip(result.rows[0], result.scores[0], strict=True)
            if row >= 0
        ]
        ids: dict[str, set[str]] = {}
        for lang, passage, _ in places:
            ids.setdefault(lang, set()).add(passage)
        texts = passage_texts(self.dataset, ids)
        return tuple(
            Hit(rank, lang, passage, score, texts.get((lang, passage), passage))
            for rank, (lang, passage, score) in enumerate(places, 1)
        )

    def _passage(self, row: int) -> tuple[str, str]:
        """The language and id of a row of the pool."""
        part = int(np.searchsorted(self.pool.starts, row, side="right")) - 1
        index = self.indexes[part]
        return index.language, str(index.ids[row - int(self.pool.starts[part])])


def indexed_languages(run: Run, dataset: str) -> tuple[str, ...]:
    """The languages of a set that a run has indexed, sorted."""
    folder = run.index(dataset, "any").parent
    return tuple(sorted(path.parent.name for path in folder.glob("[!.]*/manifest.json")))


def _chosen(run: Run, dataset: Dataset, languages: Sequence[str]) -> tuple[str, ...]:
    """The languages to search.

    Raises:
        UsageError: a code is not a language's.
        StateError: a language is not indexed, or nothing is.
    """
    there = set(dataset.table_languages("passages"))
    known = tuple(code for code in indexed_languages(run, dataset.name) if code in there)
    wanted = stored_codes(languages) or known
    if not known or not set(wanted) <= set(known):
        index = command("index", named(run.path, RUNS_DIR), "--data", named(dataset.path, DATA_DIR))
        missing = " ".join(code for code in wanted if code not in known) or "any language"
        raise StateError(
            f"Run {run.name} has no index of {dataset.name} ({missing}).",
            f"Index it: {index}. Indexed: {' '.join(known) or 'none'}.",
        )
    return tuple(dict.fromkeys(wanted))
