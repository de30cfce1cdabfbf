"""Entries of lists from files of teachers' scores, matched to the pairs of the training sets.

A query is found by its text, in the language of that text, or by its id, in all languages that its
pair has: a teacher's scores are of what texts say, as in Translate-Distill (arXiv 2401.04810). A
passage is its text, or the passage of that id in the query's language. Texts are compared after
`hybench.data.folding.folded`. The score of a pair is that of its own passage, by id, or by text in
any of its languages; a query without it has no list.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from hybench.data.dataset import Dataset
from hybench.data.schema import passage_text_expression
from hybench.errors import UsageError
from hybench.files.checksums import sha256_file
from hybench.negatives.answers import query_code, text_code
from hybench.negatives.folder import NEGATIVES
from hybench.negatives.score_files import read_scores
from hybench.training.lists.entries import ENTRIES, Entries, Source, mined_entries
from hybench.values.names import folder_named

_OWN = ("pair_id", "query_language")


def scored_entries(
    names: Sequence[str], scale: str | None, datasets: Sequence[Dataset], root: Path
) -> Entries:
    """The entries of files of teachers' scores, averaged over the files.

    Before they are averaged, each file's scores are brought to the scale: ``raw`` leaves them as
    they are, ``minmax`` maps those that are used to 0 to 1, ``standard`` gives them mean 0 and
    standard deviation 1. A passage counts where all files score it.

    Args:
        names: paths of files; or names or folders of mined negatives that were scored.
        scale: raw, minmax or standard; None is raw for one file, minmax for several.
        datasets: the training sets.
        root: folder of mined negatives.

    Raises:
        UsageError: something is not there, or was mined without scores.
        StateError: negatives were mined from another version of a set.
        DataError: a file is damaged, or has no layout that is read.
    """
    chosen = scale or ("raw" if len(names) == 1 else "minmax")
    known = [_Known.of(dataset) for dataset in datasets]
    read = [_read(name, datasets, known, root) for name in names]
    scaled = [_scaled(entries.frames, chosen) for entries in read]
    frames, sources = [], [source for entries in read for source in entries.sources]
    unshared = 0
    for each in zip(*scaled, strict=True):
        frame, lost = _averaged(each)
        frames.append(frame)
        unshared += lost
    if unshared:
        sources = [_counting(source, unshared) for source in sources]
    return Entries(tuple(frames), tuple(sources))


def _counting(source: Source, unshared: int) -> Source:
    counts = source.counts | {"unshared": unshared}
    return replace(source, counts=counts)


def _read(name: str, datasets: Sequence[Dataset], known: Sequence[_Known], root: Path) -> Entries:
    if (folder_named(name, root) / NEGATIVES).is_file():
        mined = mined_entries([name], datasets, root)
        if any(frame["teacher_score"].null_count() for frame in mined.frames):
            raise UsageError(
                f"--teacher-scores: no teacher has scored the negatives {name}.",
                "Mine them with --score-with TEACHER, or use them as --hard-negatives.",
            )
        return mined
    path = Path(name)
    matching = [_Matching(each) for each in known]
    for records in read_scores(path):
        for each in matching:
            each.add(records)
    frames = tuple(each.entries() for each in matching)
    counts = {
        "entries": sum(frame.height for frame in frames),
        "queries": sum(frame.n_unique(_OWN) for frame in frames if frame.height),
        "unknown_queries": _unknown(matching),
        "unscored_pairs": sum(each.unscored for each in matching),
        "unknown_passages": sum(each.unknown_passages for each in matching),
    }
    if not counts["entries"]:
        raise UsageError(
            f"--teacher-scores: {name} has no list for any query of "
            f"{', '.join(dataset.name for dataset in datasets)}: {counts['unknown_queries']:,} "
            f"queries are unknown, {counts['unscored_pairs']:,} lack a score of their own passage, "
            f"{counts['unknown_passages']:,} passages have no known text.",
            "Give the scores of these sets' queries, by their ids or texts.",
        )
    return Entries(frames, (Source(name, sha256_file(path), counts),))


def _unknown(matching: Sequence[_Matching]) -> int:
    """Queries of a file that no set has."""
    asked = pl.concat(each.asked for each in matching).group_by("asked").agg(pl.col("known").any())
    return int((~asked["known"]).sum())


@dataclass(frozen=True)
class _Known:
    """What a training set's queries and passages are called.

    Attributes:
        texts: pair_id, query_language and code (of the query's text).
        ids: pair_id, query_language and query_id; an id of several queries is left out.
        own: pair_id and code (of its passage's text, in any language).
        own_ids: pair_id and passage_id.
        passages: query_language, passage_id, source_id and passage.
    """

    texts: pl.DataFrame
    ids: pl.DataFrame
    own: pl.DataFrame
    own_ids: pl.DataFrame
    passages: pl.DataFrame

    @classmethod
    def of(cls, dataset: Dataset) -> _Known:
        languages = dataset.table_languages("pairs")
        pairs = pl.concat(
            dataset.pairs(language).select(pl.all(), query_language=pl.lit(language))
            for language in languages
        )
        # q:7, q:sw:7 and p:7 name what upstream calls 7.
        plain = pl.col("query_source_id").str.replace(r"^q:(?:[a-z]{2,3}(?:-[A-Za-z]+)?:)?", "")
        names = [pl.col("pair_id"), pl.col("query_source_id"), plain]
        ids = pl.concat(
            pairs.select(*_OWN, "query_source_id", query_id=name) for name in names
        ).unique()
        single = pl.col("query_source_id").n_unique().over("query_id") == 1
        passage_ids = [
            pl.col("source_id"),
            pl.col("source_id").str.replace(r"^p:", ""),
            pl.col("source_id").str.replace(r"^[a-z]{2,3}(?:-[A-Za-z]+)?:", ""),
        ]
        passages = [
            pairs.select("query_language", "source_id", "passage", passage_id=name)
            for name in passage_ids
        ]
        corpus = [
            dataset.passages(language).select(
                "source_id",
                "passage_id",
                query_language=pl.lit(language),
                passage=passage_text_expression(),
            )
            for language in languages
        ]
        columns = ("query_language", "passage_id", "source_id", "passage")
        return cls(
            pairs.select(*_OWN, code=query_code("query")).unique(),
            ids.filter(single).select(*_OWN, "query_id").unique(),
            pairs.select("pair_id", code=text_code("passage")).unique(),
            pl.concat(pairs.select("pair_id", passage_id=name) for name in passage_ids).unique(),
            pl.concat(frame.select(columns) for frame in (*corpus, *passages)).unique(
                ["query_language", "passage_id"], keep="first", maintain_order=True
            ),
        )


@dataclass
class _Matching:
    """Rows of a file that are of a training set's pairs, collected."""

    known: _Known
    unknown_passages: int = 0
    unscored: int = 0
    _found: list[pl.DataFrame] = field(default_factory=list)
    _asked: list[pl.DataFrame] = field(default_factory=list)

    @property
    def asked(self) -> pl.DataFrame:
        """Each query of the file (asked), and whether it is a pair's (known)."""
        return pl.concat(self._asked)

    def add(self, records: pl.DataFrame) -> None:
        """Take the rows that are of the set's queries (`score_files.RECORDS`)."""
        rows = records.with_row_index("row").with_columns(
            asked_code=query_code("query"), code=text_code("passage")
        )
        by_text = rows.join(self.known.texts, left_on="asked_code", right_on="code")
        by_id = rows.filter(pl.col("query").is_null()).join(self.known.ids, on="query_id")
        matched = pl.concat([by_text.select(by_id.columns), by_id])
        asked = pl.coalesce("query", "query_id")
        found = pl.col("row").is_in(matched["row"].implode())
        self._asked.append(
            rows.select(asked=asked, known=found).group_by("asked").agg(pl.col("known").any())
        )
        given = matched.filter(pl.col("passage").is_not_null()).with_columns(
            # Its text says what it is; its id may be of another namespace.
            **{name: pl.lit(None, pl.String) for name in ("passage_id", "source_id", "language")}
        )
        named = matched.filter(pl.col("passage").is_null()).drop("passage", "code")
        with_text = named.join(
            self.known.passages, on=["query_language", "passage_id"], how="left"
        ).with_columns(code=text_code("passage"), language=pl.col("query_language"))
        lost = with_text["passage"].is_null()
        self.unknown_passages += named.n_unique("row") - with_text.filter(~lost).n_unique("row")
        columns = [*_OWN, "language", "passage_id", "source_id", "passage", "code", "score"]
        self._found += [given.select(columns), with_text.filter(~lost).select(columns)]

    def entries(self) -> pl.DataFrame:
        """The lists (`ENTRIES`); queries whose own passage has no score have none."""
        rows = pl.concat(self._found).filter(pl.col("score").is_not_null())
        own_text = rows.join(self.known.own, on=["pair_id", "code"], how="semi")
        own_id = rows.join(self.known.own_ids, on=["pair_id", "passage_id"], how="semi")
        positive = (
            pl.concat([own_text, own_id]).group_by(_OWN).agg(teacher_positive=pl.col("score").max())
        )
        others = rows.join(self.known.own, on=["pair_id", "code"], how="anti").join(
            self.known.own_ids, on=["pair_id", "passage_id"], how="anti", nulls_equal=False
        )
        once = others.sort("score", descending=True, maintain_order=True).unique(
            [*_OWN, "code"], keep="first", maintain_order=True
        )
        self.unscored = rows.join(positive, on=_OWN, how="anti").n_unique(_OWN)
        listed = once.join(positive, on=_OWN, maintain_order="left")
        return listed.with_columns(teacher_score="score").select(
            pl.col(name).cast(kind) for name, kind in ENTRIES.items()
        )


def _scaled(frames: Sequence[pl.DataFrame], scale: str) -> list[pl.DataFrame]:
    """Entries with their scores on a scale, that of all sets together."""
    if scale == "raw":
        return [*frames]
    every = pl.concat(
        series
        for frame in frames
        for series in (
            frame["teacher_score"],
            frame.unique(_OWN)["teacher_positive"].alias("teacher_score"),
        )
    ).cast(pl.Float64)
    low, spread = every.min(), (every.max() or 0) - (every.min() or 0)  # type: ignore[operator]
    if scale == "standard":
        low, spread = every.mean(), every.std(ddof=0)
    columns = ("teacher_score", "teacher_positive")
    return [
        frame.with_columns((pl.col(name) - low) / (spread or 1.0) for name in columns)
        for frame in frames
    ]


def _averaged(frames: Sequence[pl.DataFrame]) -> tuple[pl.DataFrame, int]:
    """The means of scores of several files, and how many passages not all of them score."""
    if len(frames) == 1:
        return frames[0], 0
    key = [*_OWN, "passage"]
    every = pl.concat(frame.unique(key, keep="first", maintain_order=True) for frame in frames)
    means = every.group_by(key, maintain_order=True).agg(
        pl.col("language", "passage_id", "source_id").drop_nulls().first(),
        pl.col("teacher_score", "teacher_positive").mean(),
        files=pl.len(),
    )
    shared = means.filter(pl.col("files") == len(frames)).sort(
        "teacher_score", descending=True, maintain_order=True
    )
    entries = shared.select(pl.col(name).cast(kind) for name, kind in ENTRIES.items())
    return entries, means.height - shared.height
