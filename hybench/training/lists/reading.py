"""Reads the lists of a training: mined negatives, or files of teachers' scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from hybench.concurrency.progress import ProgressCallback, ignore
from hybench.config.choices import TEACHER_LANGUAGE
from hybench.config.lists import PER_QUERY
from hybench.config.train import TrainConfig
from hybench.data.dataset import Dataset
from hybench.encoders.encoder import Encoder
from hybench.errors import StateError, UsageError
from hybench.negatives.answers import CODES, Answers, passage_codes, read_answers
from hybench.negatives.ragged import Ragged, Rows
from hybench.runs.events import first_event
from hybench.sampling import PairTable
from hybench.training.corpus import PairTexts, Texts, tokenize_pairs
from hybench.training.lists.beside import TokenisedLists
from hybench.training.lists.entries import Entries, Source, mined_entries
from hybench.training.lists.model import QueryLists, TableLists
from hybench.training.lists.scored import scored_entries


@dataclass(frozen=True)
class ReadLists:
    """Lists, the pairs that are trained on with them, and where they are from.

    Attributes:
        texts: the training sets; of scored lists only the pairs that have one.
        lists: the lists.
        sources: what was read.
    """

    texts: PairTexts
    lists: QueryLists
    sources: tuple[Source, ...]

    def to_event(self) -> dict[str, Any]:
        """What was read, for the log."""
        return {
            "per_query": self.lists.per_query,
            "texts": len(self.lists.texts),
            "sources": [source.to_event() for source in self.sources],
        }


def read_lists(
    config: TrainConfig, datasets: Sequence[Dataset], data_root: Path, texts: PairTexts
) -> ReadLists | None:
    """Read the lists that a config names.

    Args:
        config: of the training.
        datasets: the training sets.
        data_root: folder of the sets, and of mined negatives.
        texts: the training pairs.

    Returns:
        None if it names none.

    Raises:
        UsageError: something is not there, or is of other data; or a training set has no lists.
        DataError: a file is damaged, or is no list.
    """
    found = entries_of(config, datasets, data_root)
    if found is None:
        return None
    scored = bool(config.teacher_scores)
    frames = [
        frame.join(
            pl.DataFrame({"pair_id": table.pair_ids}, {"pair_id": pl.String}),
            on="pair_id",
            how="semi",
        )
        for frame, table in zip(found.frames, texts.tables, strict=True)
    ]
    _check_any(frames, datasets, config)
    if scored:
        texts = _with_lists(texts, frames)
    every = pl.concat(frame["passage"] for frame in frames).unique(maintain_order=True)
    tables = tuple(
        _table(frame, table, dataset, every, scored=scored) if frame.height else None
        for frame, table, dataset in zip(frames, texts.tables, datasets, strict=True)
    )
    per_query = config.negatives_per_query or PER_QUERY
    return ReadLists(texts, QueryLists(every.to_list(), tables, per_query), found.sources)


def entries_of(config: TrainConfig, datasets: Sequence[Dataset], data_root: Path) -> Entries | None:
    """The entries of the lists that a config names, of queries in its languages; None without.

    Arguments and errors are those of `read_lists`.
    """
    if config.teacher_scores:
        scale = config.teacher_score_scale
        found = scored_entries(config.teacher_scores, scale, datasets, data_root)
    elif config.hard_negatives:
        found = mined_entries(config.hard_negatives, datasets, data_root)
    else:
        return None
    frames = tuple(_of_languages(frame, config.languages) for frame in found.frames)
    return replace(found, frames=frames)


def tokenize_lists(
    read: ReadLists | None,
    encoder: Encoder,
    cache: Path | None = None,
    progress: ProgressCallback = ignore,
) -> TokenisedLists | None:
    """Lists with the tokens of their texts, tokenised once as passages; None without lists.

    Arguments are those of `hybench.training.corpus.tokenize_pairs`.
    """
    if read is None:
        return None
    texts: Texts = {"passage": [*read.lists.texts]}
    tokens = tokenize_pairs(texts, encoder, cache, progress)
    return TokenisedLists(read.lists, tokens["passage"])


def check_same_lists(read: ReadLists | None, log: Path) -> None:
    """Check that a resumed training has the lists that it was begun with.

    Args:
        read: the lists now.
        log: the training's event log.

    Raises:
        StateError: they have changed.
    """
    begun = first_event(log, "lists").get("sources")
    if read is None or not isinstance(begun, list):
        return
    before = {each.get("name"): each.get("digest") for each in begun if isinstance(each, dict)}
    for source in read.sources:
        if before.get(source.name, source.digest) != source.digest:
            raise StateError(
                f"{source.name} has changed since this run was started.",
                "Restore it, or train under another --name.",
            )


def _of_languages(frame: pl.DataFrame, languages: Sequence[str]) -> pl.DataFrame:
    """The entries whose queries and passages are in the training languages."""
    if not languages:
        return frame
    known = [*languages]
    return frame.filter(
        pl.col("query_language").is_in(known),
        pl.col("language").is_in(known) | pl.col("language").is_null(),
    )


def _check_any(
    frames: Sequence[pl.DataFrame], datasets: Sequence[Dataset], config: TrainConfig
) -> None:
    scored = bool(config.teacher_scores)
    without = [
        dataset.name for frame, dataset in zip(frames, datasets, strict=True) if not frame.height
    ]
    if without and (scored or len(without) == len(datasets)):
        named = config.teacher_scores or config.hard_negatives or ()
        what = "scored lists" if scored else "negatives"
        raise UsageError(
            f"There are no {what} of the pairs of {', '.join(without)} in {', '.join(named)}.",
            "Name those of each training set, in its languages; hybench mine makes them.",
        )


def _with_lists(texts: PairTexts, frames: Sequence[pl.DataFrame]) -> PairTexts:
    """Only the pairs with a list in any language: others teach nothing."""
    tables = []
    for table, frame in zip(texts.tables, frames, strict=True):
        listed = pl.Series(table.pair_ids, dtype=pl.String).is_in(frame["pair_id"].implode())
        tables.append(table.kept(table.rows, listed.to_numpy()))
    return replace(texts, tables=tuple(tables))


def _table(
    frame: pl.DataFrame, table: PairTable, dataset: Dataset, texts: pl.Series, *, scored: bool
) -> TableLists:
    """The lists of one training set.

    Args:
        frame: their entries (`hybench.training.lists.entries.ENTRIES`), at least one.
        table: the training pairs.
        dataset: the set.
        texts: all texts in lists.
        scored: whether a query in a language without a list takes that of another language: a
            teacher's scores are of what texts say.
    """
    width = len(table.languages)
    language = {code: number for number, code in enumerate(table.languages)}
    place = pl.DataFrame({"pair_id": table.pair_ids}, {"pair_id": pl.String})
    number = pl.DataFrame({"passage": texts}).with_row_index("text")
    entries = (
        frame.filter(pl.col("query_language").is_in([*language]))
        .join(place.with_row_index("pair"), on="pair_id", maintain_order="left")
        .join(number, on="passage", maintain_order="left")
        .with_columns(
            cell=pl.col("pair").cast(pl.Int64) * width
            + pl.col("query_language").replace_strict(language, return_dtype=pl.Int64)
        )
        .unique(["cell", "text"], keep="first", maintain_order=True)
    )
    cells, of_entry = np.unique(entries["cell"].to_numpy(), return_inverse=True)
    order = np.argsort(of_entry, kind="stable")
    of = np.full((len(table.pair_ids), width), -1, np.int64)
    of.ravel()[cells] = np.arange(len(cells))
    none = np.empty(0, np.float32)
    positives = scores = none
    if scored:
        scores = entries["teacher_score"].to_numpy()[order]
        positives = np.empty(len(cells), np.float32)
        positives[of_entry[order]] = entries["teacher_positive"].to_numpy()[order]
        of = _filled(of, language.get(TEACHER_LANGUAGE, 0))
    answers = read_answers(dataset)
    return TableLists(
        of,
        Ragged.of(of_entry, entries["text"].to_numpy(), len(cells)),
        scores,
        positives,
        answers,
        answers.places(pl.Series(table.pair_ids, dtype=pl.String)),
        _keys(entries, answers, len(texts)),
    )


def _filled(of: Rows, first: int) -> Rows:
    """Lists, where a language without one has the list of `first`, else of the first language."""
    fallback = of[:, first]
    for column in of.T:
        fallback = np.where(fallback < 0, column, fallback)
    return np.where(of < 0, fallback[:, None], of)


def _keys(entries: pl.DataFrame, answers: Answers, texts: int) -> Ragged:
    """The keys that each of so many texts answers, under all of its ids."""
    known = ["text", "language", "passage_id", "source_id"]
    once = entries.select(*known, "passage").unique(known, maintain_order=True)
    parts = []
    for (language,), rows in once.group_by("language", maintain_order=True):
        named = rows.rename({"passage": "said"}).select(
            "text",
            pl.col("passage_id").fill_null(""),
            pl.col("source_id").fill_null(""),
            pl.col("said"),
        )
        codes = (
            named.rename({"text": "number", "said": "text"})
            .with_columns(passage_codes(str(language or "")))
            .select("number", *CODES)
        )
        keys = answers.of_passages(codes.select(CODES).to_numpy())
        rows_of = np.repeat(codes["number"].to_numpy(), np.diff(keys.starts))
        parts.append(np.stack([rows_of.astype(np.int64), keys.values]))
    pairs = np.unique(np.concatenate(parts, axis=1), axis=1)
    return Ragged.of(pairs[0], pairs[1], texts)
